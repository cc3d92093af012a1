/* rgdquant compare A B */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/tsv.h"
#include "rgdquant/scan_file.h"

typedef struct compare_opts {
    const char *a;
    const char *b;
    double relative;
    double absolute;
} compare_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(compare_opts, a, "A", NULL, "a scan, or a table .tsv"),
    RGQ_ARGUMENT(compare_opts, b, "B", NULL, "what it is compared with, of the same kind"),
    RGQ_REAL(compare_opts, relative, "rtol", NULL, "0", 0, 1,
             "relative difference allowed, of the value in B"),
    RGQ_REAL(compare_opts, absolute, "atol", NULL, "0", 0, 1e30,
             "absolute difference allowed, added to it"),
};

/* Where a difference was largest: x y z frame of a voxel, or row and column of a cell, from 0.
 */
typedef struct extreme {
    double value;
    double a, b;
    int at[4];
} extreme;

/* What is said at the end. */
typedef struct findings {
    const compare_opts *opts;
    const char *kind; /* "volume" or "table" */
    rgq_json *notes;  /* texts: what differs besides numbers */
    char line[RGQ_MESSAGE_MAX];
    bool different;
    size_t n_compared;
    size_t n_outside;
    extreme absolute;
    extreme relative;
} findings;

/* A difference that no tolerance covers; its words are in f->line. */
static rgq_status add_note(findings *f, rgq_error *err)
{
    f->different = true;
    return rgq_json_set_text(f->notes, NULL, f->line, err);
}

#define NOTE(f, err, ...)                                                                      \
    ((void)snprintf((f)->line, sizeof(f)->line, __VA_ARGS__), add_note((f), (err)))

static void judge(findings *f, double a, double b, const int at[4])
{
    const double difference = fabs(a - b);
    const double scale = fmax(fabs(a), fabs(b));

    f->n_compared++;
    if (difference == 0.0)
        return;
    if (difference > f->absolute.value)
        f->absolute = (extreme){difference, a, b, {at[0], at[1], at[2], at[3]}};
    if (difference / scale > f->relative.value)
        f->relative = (extreme){difference / scale, a, b, {at[0], at[1], at[2], at[3]}};
    if (difference > f->opts->absolute + f->opts->relative * fabs(b)) {
        f->n_outside++;
        f->different = true;
    }
}

/* ---- volumes ---- */

static void compare_voxels(findings *f, const rgq_volume *a, const rgq_volume *b)
{
    const int *n = rgq_volume_grid(a)->n;

    for (int t = 0; t < rgq_volume_n_frames(a); t++) {
        const float *va = rgq_volume_cdata(a, t);
        const float *vb = rgq_volume_cdata(b, t);
        for (int z = 0; z < n[2]; z++)
            for (int y = 0; y < n[1]; y++)
                for (int x = 0; x < n[0]; x++)
                    judge(f, (double)*va++, (double)*vb++, (const int[4]){x, y, z, t});
    }
}

static bool times_differ(double a, double b)
{
    return isfinite(a) && isfinite(b) && fabs(a - b) > 1e-3;
}

static rgq_status compare_frames(findings *f, const rgq_volume *a, const rgq_volume *b,
                                 rgq_error *err)
{
    for (int t = 0; t < rgq_volume_n_frames(a); t++) {
        const rgq_frame fa = rgq_volume_frame(a, t);
        const rgq_frame fb = rgq_volume_frame(b, t);
        if (times_differ(fa.duration_s, fb.duration_s))
            RGQ_PASS(err, NOTE(f, err, "duration of frame %d: %g s, %g s", t, fa.duration_s,
                               fb.duration_s));
        /* starts count from a zero that formats choose differently: from the first frame on */
        if (times_differ(fa.start_s - rgq_volume_frame(a, 0).start_s,
                         fb.start_s - rgq_volume_frame(b, 0).start_s))
            RGQ_PASS(err, NOTE(f, err, "start of frame %d after the first: %g s, %g s", t,
                               fa.start_s - rgq_volume_frame(a, 0).start_s,
                               fb.start_s - rgq_volume_frame(b, 0).start_s));
    }
    return RGQ_OK;
}

static rgq_status compare_units(findings *f, const rgq_context *context, rgq_unit a, rgq_unit b,
                                rgq_error *err)
{
    if (a == b)
        return RGQ_OK;
    if (a == RGQ_UNIT_NATIVE || b == RGQ_UNIT_NATIVE) {
        RGQ_WARN(&context->log,
                 "%s states no unit, the other is in %s; the numbers are compared",
                 a == RGQ_UNIT_NATIVE ? "A" : "B", rgq_unit_name(a == RGQ_UNIT_NATIVE ? b : a));
        return RGQ_OK;
    }
    return NOTE(f, err, "unit: %s, %s", rgq_unit_name(a), rgq_unit_name(b));
}

static rgq_status compare_volumes(findings *f, const rgq_context *context, const rgq_volume *a,
                                  const rgq_volume *b, rgq_error *err)
{
    const rgq_grid *ga = rgq_volume_grid(a);
    const rgq_grid *gb = rgq_volume_grid(b);
    rgq_error why = RGQ_ERROR_INIT;

    f->kind = "volume";
    RGQ_PASS(err, compare_units(f, context, rgq_volume_unit(a), rgq_volume_unit(b), err));
    if (rgq_grid_compare(ga, gb, -1.0, &why) != RGQ_OK)
        RGQ_PASS(err, NOTE(f, err, "geometry: %.600s", why.message));
    if (rgq_volume_n_frames(a) != rgq_volume_n_frames(b))
        RGQ_PASS(err, NOTE(f, err, "number of frames: %d, %d", rgq_volume_n_frames(a),
                           rgq_volume_n_frames(b)));
    if (memcmp(ga->n, gb->n, sizeof ga->n) != 0 ||
        rgq_volume_n_frames(a) != rgq_volume_n_frames(b))
        return RGQ_OK; /* no voxel has a partner */
    RGQ_PASS(err, compare_frames(f, a, b, err));
    compare_voxels(f, a, b);
    return RGQ_OK;
}

static rgq_status compare_scans(findings *f, const rgq_context *context, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_scan a = {0};
    rgq_scan b = {0};

    RGQ_TRY(err, rgq_scan_read(&a, f->opts->a, NULL, &context->log, err));
    RGQ_TRY(err, rgq_scan_read(&b, f->opts->b, NULL, &context->log, err));
    RGQ_TRY(err, compare_volumes(f, context, a.volume, b.volume, err));
out:
    rgq_scan_release(&a);
    rgq_scan_release(&b);
    return st;
}

/* ---- tables ---- */

enum { NOTES_MAX = 20 };

static rgq_status compare_cells(findings *f, const char *a, const char *b, int row, int column,
                                const char *name, rgq_error *err)
{
    double number_a = 0.0;
    double number_b = 0.0;

    if (rgq_parse_real(&number_a, a, -HUGE_VAL, HUGE_VAL, NULL) == RGQ_OK &&
        rgq_parse_real(&number_b, b, -HUGE_VAL, HUGE_VAL, NULL) == RGQ_OK) {
        judge(f, number_a, number_b, (const int[4]){row, column, 0, 0});
        return RGQ_OK;
    }
    f->n_compared++;
    if (strcmp(a, b) == 0)
        return RGQ_OK;
    f->n_outside++;
    f->different = true;
    if (rgq_json_count(f->notes) >= NOTES_MAX)
        return RGQ_OK;
    return NOTE(f, err, "row %d, column %s: '%.60s', '%.60s'", row + 1, name, a, b);
}

static rgq_status compare_tables(findings *f, const rgq_tsv *a, const rgq_tsv *b,
                                 rgq_error *err)
{
    f->kind = "table";
    if (a->n_rows != b->n_rows)
        RGQ_PASS(err, NOTE(f, err, "number of rows: %d, %d", a->n_rows, b->n_rows));
    for (int c = 0; c < b->n_columns; c++)
        if (rgq_tsv_find(a, rgq_tsv_column(b, c)) < 0)
            RGQ_PASS(err, NOTE(f, err, "column %s is in B only", rgq_tsv_column(b, c)));
    for (int c = 0; c < a->n_columns; c++) {
        const char *name = rgq_tsv_column(a, c);
        const int cb = rgq_tsv_find(b, name);
        if (cb < 0)
            RGQ_PASS(err, NOTE(f, err, "column %s is in A only", name));
        for (int r = 0; cb >= 0 && r < a->n_rows && r < b->n_rows; r++)
            RGQ_PASS(err, compare_cells(f, rgq_tsv_cell(a, r, c), rgq_tsv_cell(b, r, cb), r, c,
                                        name, err));
    }
    return RGQ_OK;
}

static rgq_status print(const rgq_context *context, const findings *f, const rgq_tsv *table,
                        rgq_error *err);

static rgq_status compare_table_files(findings *f, const rgq_context *context, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tsv a = {0, 0, NULL, NULL};
    rgq_tsv b = {0, 0, NULL, NULL};

    RGQ_TRY(err, rgq_tsv_read(&a, f->opts->a, err));
    RGQ_TRY(err, rgq_tsv_read(&b, f->opts->b, err));
    RGQ_TRY(err, compare_tables(f, &a, &b, err));
    RGQ_TRY(err, print(context, f, &a, err));
out:
    rgq_tsv_release(&a);
    rgq_tsv_release(&b);
    return st;
}

/* ---- output ---- */

static void print_extreme(const rgq_context *context, const char *what, const extreme *e,
                          const rgq_tsv *table)
{
    char value[RGQ_REAL_TEXT_MAX];
    char a[RGQ_REAL_TEXT_MAX];
    char b[RGQ_REAL_TEXT_MAX];

    (void)rgq_format_real(e->value, value);
    if (e->value == 0.0) {
        fprintf(context->out, "%s\t0\n", what);
        return;
    }
    fprintf(context->out, "%s\t%s\tA %s\tB %s\t", what, value, rgq_format_real(e->a, a),
            rgq_format_real(e->b, b));
    if (table != NULL)
        fprintf(context->out, "row %d, column %s\n", e->at[0] + 1,
                rgq_tsv_column(table, e->at[1]));
    else
        fprintf(context->out, "voxel %d %d %d, frame %d\n", e->at[0], e->at[1], e->at[2],
                e->at[3]);
}

static void print_text(const rgq_context *context, const findings *f, const rgq_tsv *table)
{
    fprintf(context->out, "compared\t%zu %s\n", f->n_compared,
            table != NULL ? "cells" : "voxels");
    for (size_t i = 0; i < rgq_json_count(f->notes); i++)
        fprintf(context->out, "differs\t%s\n", rgq_json_text(rgq_json_at(f->notes, i), ""));
    print_extreme(context, "largest absolute difference", &f->absolute, table);
    print_extreme(context, "largest relative difference", &f->relative, table);
    fprintf(context->out, "outside the tolerance\t%zu\n", f->n_outside);
    fprintf(context->out, "result\t%s\n", f->different ? "different" : "same");
}

static rgq_status add_extreme(rgq_json *root, const char *key, const extreme *e,
                              const rgq_tsv *table, rgq_error *err)
{
    rgq_json *entry = NULL;

    RGQ_PASS(err, rgq_json_add_object(&entry, root, key, err));
    RGQ_PASS(err, rgq_json_set_real(entry, "value", e->value, err));
    if (e->value == 0.0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_set_real(entry, "a", e->a, err));
    RGQ_PASS(err, rgq_json_set_real(entry, "b", e->b, err));
    if (table != NULL) {
        RGQ_PASS(err, rgq_json_set_int(entry, "row", e->at[0] + 1, err));
        return rgq_json_set_text(entry, "column", rgq_tsv_column(table, e->at[1]), err);
    }
    RGQ_PASS(err, rgq_json_set_reals(entry, "voxel",
                                     (const double[3]){e->at[0], e->at[1], e->at[2]}, 3, err));
    return rgq_json_set_int(entry, "frame", e->at[3], err);
}

static rgq_status print_json(const rgq_context *context, const findings *f,
                             const rgq_tsv *table, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "kind", f->kind, err));
    RGQ_TRY(err, rgq_json_set_bool(root, "same", !f->different, err));
    RGQ_TRY(err, rgq_json_set_real(root, "rtol", f->opts->relative, err));
    RGQ_TRY(err, rgq_json_set_real(root, "atol", f->opts->absolute, err));
    RGQ_TRY(err, rgq_json_set_int(root, "n_compared", (long long)f->n_compared, err));
    RGQ_TRY(err, rgq_json_set_int(root, "n_outside", (long long)f->n_outside, err));
    RGQ_TRY(err, add_extreme(root, "largest_absolute", &f->absolute, table, err));
    RGQ_TRY(err, add_extreme(root, "largest_relative", &f->relative, table, err));
    RGQ_TRY(err, rgq_json_set_copy(root, "differences", f->notes, err));
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(root);
    return st;
}

static rgq_status print(const rgq_context *context, const findings *f, const rgq_tsv *table,
                        rgq_error *err)
{
    if (context->shared.json)
        return print_json(context, f, table, err);
    print_text(context, f, table);
    return RGQ_OK;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    findings f = {.opts = opts};
    const bool table_a = rgq_text_ends_with(f.opts->a, ".tsv");
    const bool table_b = rgq_text_ends_with(f.opts->b, ".tsv");

    if (table_a != table_b) {
        context->exit_code = 2;
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s is a table, %s is not: a table is compared with a table",
                         table_a ? f.opts->a : f.opts->b, table_a ? f.opts->b : f.opts->a);
    }
    RGQ_TRY(err, rgq_json_array(&f.notes, err));
    if (table_a) {
        RGQ_TRY(err, compare_table_files(&f, context, err));
    } else {
        RGQ_TRY(err, compare_scans(&f, context, err));
        RGQ_TRY(err, print(context, &f, NULL, err));
    }
    context->exit_code = f.different ? 3 : 0;
out:
    rgq_json_free(f.notes);
    return st;
}

const rgq_command rgq_cmd_compare = {
    .name = "compare",
    .group = "Check",
    .summary = "tell how two scans or two tables differ",
    .description =
        "Scans are compared voxel by voxel, with geometry, unit and frames; tables cell by "
        "cell,\n"
        "columns by name. Two numbers a and b agree if |a - b| <= atol + rtol |b|. A relative\n"
        "difference is counted of the larger of the two. A file that states no unit is "
        "compared\n"
        "as numbers, with a warning.\n"
        "\n"
        "Exit code 0 if they agree, 3 if they differ, 1 if one cannot be read.",
    .examples = "rgdquant compare a.nii.gz b.nii.gz --rtol 1e-5\n"
                "rgdquant compare before/measures.tsv after/measures.tsv --rtol 1e-6",
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(compare_opts),
    .run = run,
};
