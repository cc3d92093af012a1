/* rgdquant info SCAN */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/blood_print.h"
#include "cli/clock_print.h"
#include "cli/commands.h"
#include "cli/phi_print.h"
#include "cli/plan_print.h"
#include "cli/scan_opts.h"
#include "core/banned.h"

typedef struct info_opts {
    const char *path;
    bool phi;
    rgq_scan_opts scan;
} info_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(info_opts, path, "SCAN", NULL,
                 "DICOM folder or file, NIfTI, Interfile, ECAT 7, TIFF"),
    RGQ_FLAG(
        info_opts, phi, "phi",
        "list elements that can identify a person, by name, and what SUV lacks; no values"),
    RGQ_SCAN_OPTIONS(info_opts, scan),
    RGQ_SCAN_UNIT_OPTION(info_opts, scan),
};

/* The facts as a table, in the order of RGQ_SCAN_FACTS. */
typedef struct fact_row {
    const char *name;
    const char *what;
    size_t at; /* offset in rgq_scan_facts */
    bool is_text;
} fact_row;

static const fact_row fact_rows[] = {
#define RGQ_REAL_ROW(name, what) {#name, what, offsetof(rgq_scan_facts, name), false},
#define RGQ_TEXT_ROW(name, what) {#name, what, offsetof(rgq_scan_facts, name), true},
    RGQ_SCAN_FACTS(RGQ_REAL_ROW, RGQ_TEXT_ROW)
#undef RGQ_REAL_ROW
#undef RGQ_TEXT_ROW
};

enum { N_FACTS = sizeof fact_rows / sizeof fact_rows[0] };

static const rgq_fact *real_of(const rgq_scan_facts *facts, const fact_row *row)
{
    return (const rgq_fact *)(const void *)((const char *)facts + row->at);
}

static const rgq_fact_text *text_of(const rgq_scan_facts *facts, const fact_row *row)
{
    return (const rgq_fact_text *)(const void *)((const char *)facts + row->at);
}

/* What is shown of a scan besides its facts. */
typedef struct overview {
    double spacing_mm[3];
    double tilt_deg; /* largest angle between an axis of the grid and the nearest world axis */
    char orientation[4];
    double minimum;
    double maximum;
} overview;

static double tilt_of(const rgq_grid *grid)
{
    double worst = 0.0;

    for (int a = 0; a < 3; a++) {
        double length = 0.0;
        double largest = 0.0;
        for (int r = 0; r < 3; r++) {
            length = hypot(length, grid->affine[r][a]);
            largest = fmax(largest, fabs(grid->affine[r][a]));
        }
        const double across = sqrt(fmax(0.0, (length - largest) * (length + largest)));
        worst = fmax(worst, atan2(across, largest));
    }
    return worst * 180.0 / 3.14159265358979323846;
}

static overview look_at(const rgq_volume *volume)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    overview view = {.minimum = (double)INFINITY, .maximum = -(double)INFINITY};

    rgq_grid_spacing_mm(grid, view.spacing_mm);
    rgq_grid_orientation(grid, view.orientation);
    view.tilt_deg = tilt_of(grid);
    for (int f = 0; f < rgq_volume_n_frames(volume); f++) {
        const float *data = rgq_volume_cdata(volume, f);
        for (size_t i = 0; i < rgq_volume_count(volume); i++) {
            view.minimum = fmin(view.minimum, (double)data[i]);
            view.maximum = fmax(view.maximum, (double)data[i]);
        }
    }
    return view;
}

/* A direction cosine of 1e-4, as two grids may differ before they count as apart. */
static bool is_oblique(const overview *view)
{
    return view->tilt_deg > 0.0057;
}

static const char *word_of(char shown[RGQ_CLOCK_TEXT_MAX], const fact_row *row,
                           const rgq_fact_text *text, bool keep)
{
    return strcmp(row->name, "series_uid") == 0 ? rgq_uid_show(shown, text->value, keep)
                                                : text->value;
}

/* ---- words ---- */

static void print_grid(const rgq_scan *scan, const overview *view, FILE *to)
{
    const rgq_grid *grid = rgq_volume_grid(scan->volume);

    fprintf(to, "%-26s%s, %d file%s\n", "format", scan->format, scan->n_files,
            scan->n_files == 1 ? "" : "s");
    fprintf(to, "%-26s%d x %d x %d voxels\n", "size", grid->n[0], grid->n[1], grid->n[2]);
    fprintf(to, "%-26s%.6g x %.6g x %.6g mm, %.6g mL\n", "spacing", view->spacing_mm[0],
            view->spacing_mm[1], view->spacing_mm[2], rgq_grid_voxel_ml(grid));
    if (is_oblique(view))
        fprintf(to, "%-26s%s, oblique by %.4g degrees%s\n", "orientation", view->orientation,
                view->tilt_deg, rgq_grid_is_orthogonal(grid) ? "" : ", axes not perpendicular");
    else
        fprintf(to, "%-26s%s, not oblique\n", "orientation", view->orientation);
    fprintf(to, "%-26s%.6g, %.6g, %.6g mm (right, front, head)\n", "first voxel",
            grid->affine[0][3], grid->affine[1][3], grid->affine[2][3]);
}

static void print_frames(const rgq_volume *volume, FILE *to)
{
    const int n = rgq_volume_n_frames(volume);
    const rgq_frame first = rgq_volume_frame(volume, 0);

    fprintf(to, "%-26s%d", "frames", n);
    if (n == 1 && isfinite(first.duration_s))
        fprintf(to, ", %.6g s", first.duration_s);
    if (n == 1 && isfinite(first.start_s))
        fprintf(to, ", starts at %.6g s", first.start_s);
    for (int f = 0; n > 1 && f < n;) { /* runs of equal frames: "6 x 10 s" */
        const rgq_frame at = rgq_volume_frame(volume, f);
        int run = 1;
        while (f + run < n && rgq_volume_frame(volume, f + run).duration_s == at.duration_s)
            run++;
        if (isfinite(at.duration_s))
            fprintf(to, "%s%d x %.6g s from %.6g s", f == 0 ? ": " : ", ", run, at.duration_s,
                    at.start_s);
        f += run;
    }
    fputc('\n', to);
}

static void print_fact(const fact_row *row, const rgq_scan_facts *facts, bool keep, FILE *to)
{
    const rgq_fact *real = real_of(facts, row);
    const rgq_fact_text *text = text_of(facts, row);
    char shown[RGQ_CLOCK_TEXT_MAX];

    if (row->is_text && text->known)
        fprintf(to, "  %-24s%-30s  %s\n", row->name, word_of(shown, row, text, keep),
                text->origin);
    if (row->is_text || !real->known)
        return;
    if (rgq_fact_is_clock(row->name))
        fprintf(to, "  %-24s%-30s  %s\n", row->name,
                rgq_clock_show(shown, facts, real->value, keep), real->origin);
    else
        fprintf(to, "  %-24s%-30.10g  %s\n", row->name, real->value, real->origin);
}

static void print_all(const rgq_scan *scan, const rgq_suv_plan *plan,
                      const rgq_nuclide *nuclide, bool keep, FILE *to)
{
    const overview view = look_at(scan->volume);

    print_grid(scan, &view, to);
    print_frames(scan->volume, to);
    fprintf(to, "%-26s%s, %.6g to %.6g\n", "stored values",
            rgq_unit_name(rgq_volume_unit(scan->volume)), view.minimum, view.maximum);
    fprintf(to, "%-26s%s\n", "tracer",
            scan->facts.radiopharmaceutical.known ? scan->facts.radiopharmaceutical.value
                                                  : "not named");
    if (nuclide->id[0] != '\0')
        fprintf(to, "%-26s%s, half-life %.6g s (tracers/isotopes.json)\n", "nuclide",
                nuclide->id, nuclide->half_life_s.value);
    else
        fprintf(to, "%-26s%s\n", "nuclide",
                scan->facts.nuclide.known ? scan->facts.nuclide.value : "not named");
    fprintf(to, "%-26s%s\n", "identifiers",
            scan->identifiers_present ? "present: name, ID or birth date of the patient is in "
                                        "the file"
                                      : "none found");
    fputs("\nfacts of the file\n", to);
    for (int i = 0; i < N_FACTS; i++)
        print_fact(&fact_rows[i], &scan->facts, keep, to);
    fputs("\nSUV (times from the injection)\n", to);
    rgq_plan_print_lines(plan, to);
}

/* ---- JSON ---- */

static rgq_status record_grid(rgq_json *root, const rgq_volume *volume, const overview *view,
                              rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    const double size[3] = {grid->n[0], grid->n[1], grid->n[2]};
    rgq_json *node = NULL;
    rgq_json *affine = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "grid", err));
    RGQ_PASS(err, rgq_json_set_reals(node, "size", size, 3, err));
    RGQ_PASS(err, rgq_json_set_reals(node, "spacing_mm", view->spacing_mm, 3, err));
    RGQ_PASS(err, rgq_json_set_real(node, "voxel_ml", rgq_grid_voxel_ml(grid), err));
    RGQ_PASS(err, rgq_json_set_text(node, "orientation", view->orientation, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "oblique", is_oblique(view), err));
    RGQ_PASS(err, rgq_json_set_real(node, "tilt_deg", view->tilt_deg, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "orthogonal", rgq_grid_is_orthogonal(grid), err));
    RGQ_PASS(err, rgq_json_add_array(&affine, node, "affine", err));
    for (int r = 0; r < 3; r++)
        RGQ_PASS(err, rgq_json_set_reals(affine, NULL, grid->affine[r], 4, err));
    return RGQ_OK;
}

static rgq_status record_frames(rgq_json *root, const rgq_volume *volume, rgq_error *err)
{
    const int n = rgq_volume_n_frames(volume);
    rgq_json *node = NULL;
    rgq_json *start = NULL;
    rgq_json *duration = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "frames", err));
    RGQ_PASS(err, rgq_json_set_int(node, "count", n, err));
    RGQ_PASS(err, rgq_json_add_array(&start, node, "start_s", err));
    RGQ_PASS(err, rgq_json_add_array(&duration, node, "duration_s", err));
    for (int f = 0; f < n; f++) {
        const rgq_frame at = rgq_volume_frame(volume, f);
        RGQ_PASS(err, rgq_json_set_real(start, NULL, at.start_s, err));
        RGQ_PASS(err, rgq_json_set_real(duration, NULL, at.duration_s, err));
    }
    return RGQ_OK;
}

static rgq_status record_fact(rgq_json *list, const fact_row *row, const rgq_scan_facts *facts,
                              bool keep, rgq_error *err)
{
    const rgq_fact *real = real_of(facts, row);
    const rgq_fact_text *text = text_of(facts, row);
    char shown[RGQ_CLOCK_TEXT_MAX];
    rgq_json *node = NULL;

    if (row->is_text ? !text->known : !real->known)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_object(&node, list, row->name, err));
    if (row->is_text)
        RGQ_PASS(err, rgq_json_set_text(node, "value", word_of(shown, row, text, keep), err));
    else if (rgq_fact_is_clock(row->name))
        RGQ_PASS(err, rgq_clock_record(node, facts, real->value, keep, err));
    else
        RGQ_PASS(err, rgq_json_set_real(node, "value", real->value, err));
    RGQ_PASS(err, rgq_json_set_text(node, "what", row->what, err));
    return rgq_json_set_text(node, "origin", row->is_text ? text->origin : real->origin, err);
}

static rgq_status record_facts(rgq_json *root, const rgq_scan_facts *facts, bool keep,
                               rgq_error *err)
{
    rgq_json *list = NULL;

    RGQ_PASS(err, rgq_json_add_object(&list, root, "facts", err));
    for (int i = 0; i < N_FACTS; i++)
        RGQ_PASS(err, record_fact(list, &fact_rows[i], facts, keep, err));
    return RGQ_OK;
}

static rgq_status record_tracer(rgq_json *root, const rgq_scan_facts *facts,
                                const rgq_nuclide *nuclide, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "tracer", err));
    if (facts->radiopharmaceutical.known)
        RGQ_PASS(err, rgq_json_set_text(node, "name", facts->radiopharmaceutical.value, err));
    else
        RGQ_PASS(err, rgq_json_set_null(node, "name", err));
    if (nuclide->id[0] == '\0')
        return rgq_json_set_null(node, "nuclide", err);
    RGQ_PASS(err, rgq_json_set_text(node, "nuclide", nuclide->id, err));
    return rgq_json_set_real(node, "half_life_s", nuclide->half_life_s.value, err);
}

static rgq_status record_all(rgq_json *root, const rgq_scan *scan, const rgq_suv_plan *plan,
                             const rgq_nuclide *nuclide, bool keep, rgq_error *err)
{
    const overview view = look_at(scan->volume);
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_set_text(root, "format", scan->format, err));
    RGQ_PASS(err, rgq_json_set_int(root, "n_files", scan->n_files, err));
    RGQ_PASS(err, record_grid(root, scan->volume, &view, err));
    RGQ_PASS(err, record_frames(root, scan->volume, err));
    RGQ_PASS(err, rgq_json_add_object(&node, root, "stored", err));
    RGQ_PASS(err, rgq_json_set_text(node, "unit", rgq_unit_name(rgq_volume_unit(scan->volume)),
                                    err));
    RGQ_PASS(err, rgq_json_set_real(node, "minimum", view.minimum, err));
    RGQ_PASS(err, rgq_json_set_real(node, "maximum", view.maximum, err));
    RGQ_PASS(err, record_tracer(root, &scan->facts, nuclide, err));
    RGQ_PASS(err,
             rgq_json_set_bool(root, "identifiers_present", scan->identifiers_present, err));
    RGQ_PASS(err, record_facts(root, &scan->facts, keep, err));
    RGQ_PASS(err, rgq_json_add_object(&node, root, "suv", err));
    return rgq_plan_record(node, plan, err);
}

static rgq_status print_json(const rgq_scan *scan, const rgq_suv_plan *plan,
                             const rgq_nuclide *nuclide, const info_opts *o,
                             const rgq_context *context, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *blood = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, record_all(root, scan, plan, nuclide, o->scan.keep_times, err));
    RGQ_TRY(err, rgq_json_add_array(&blood, root, "blood", err));
    RGQ_TRY(err, rgq_blood_print(context, o->path, blood, err));
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(root);
    return st;
}

/* A refusal is shown, not an end. */
static rgq_status make_plan(rgq_suv_plan *plan, const rgq_scan *scan,
                            const rgq_nuclide *nuclide, const rgq_context *context,
                            const char *unit, rgq_error *err)
{
    rgq_unit wanted = RGQ_UNIT_NATIVE;
    rgq_error why = RGQ_ERROR_INIT;

    if (unit == NULL)
        return rgq_suv_plan_best(plan, scan, nuclide, &context->log, err);
    RGQ_PASS(err, rgq_unit_parse(&wanted, unit, err));
    if (rgq_suv_plan_make(plan, scan, wanted, nuclide, &context->log, &why) == RGQ_OK ||
        plan->refused[0] != '\0')
        return RGQ_OK;
    return RGQ_RAISE(err, why.status, "%s", why.message);
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const info_opts *o = opts;
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    rgq_nuclide nuclide = {0};
    rgq_suv_plan plan;

    if (o->phi)
        return rgq_phi_print(context, o->path, err);
    RGQ_TRY(err, rgq_scan_load(&scan, &nuclide, context, o->path, &o->scan, err));
    RGQ_TRY(err, make_plan(&plan, &scan, nuclide.id[0] != '\0' ? &nuclide : NULL, context,
                           o->scan.unit, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(&scan, &plan, &nuclide, o, context, err));
    else
        print_all(&scan, &plan, &nuclide, o->scan.keep_times, context->out);
    if (!context->shared.json)
        RGQ_TRY(err, rgq_blood_print(context, o->path, NULL, err));
out:
    rgq_scan_release(&scan);
    return st;
}

static const char *const cites[] = {"IBSISUV2026", NULL};

const rgq_command rgq_cmd_info = {
    .name = "info",
    .group = "Scan",
    .summary = "what a scan is, what its file states, what SUV would use and why",
    .description =
        "Geometry, frames, unit, tracer, every fact of the file with the place it came\n"
        "from and what an option replaced, whether the patient can still be identified,\n"
        "and how the values become SUVbw (or --unit): every value used, the rule that won\n"
        "for the moment they are decay-corrected to and what each other rule would have\n"
        "given; or why it is refused and which option would supply what is missing.\n"
        "Options that replace facts may be tried here before the real run.\n"
        "\n"
        "--phi lists names, numbers, dates, free text, private groups and words of the path\n"
        "that can identify a person, and what de-identification took that SUV needs with the\n"
        "option that supplies it. Of a DICOM folder every file is looked at.",
    .examples = "rgdquant info pet/\n"
                "rgdquant info pet.nii.gz --json\n"
                "rgdquant info pet/ --phi\n"
                "rgdquant info pet/ --weight-kg 70 --units bqml",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(info_opts),
    .run = run,
};
