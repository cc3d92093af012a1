#include "cli/results.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "rgdquant/scan_file.h"

rgq_status rgq_regions_open(rgq_regions **out, const rgq_context *context, const char *path,
                            const rgq_scan *scan, const char *scan_path, rgq_error *err)
{
    const rgq_regions_read_opts opts = {.scan = scan_path, .frame_uid = scan->frame_uid};

    return rgq_regions_read_on(out, path, rgq_volume_grid(scan->volume), &opts, &context->log,
                               err);
}

void rgq_table_print(const rgq_table *table, FILE *to)
{
    const int n_columns = rgq_table_n_columns(table);
    char buffer[64];

    for (int c = 0; c < n_columns; c++)
        fprintf(to, "%s%c", rgq_table_column(table, c)->name, c + 1 < n_columns ? '\t' : '\n');
    for (int r = 0; r < rgq_table_n_rows(table); r++)
        for (int c = 0; c < n_columns; c++) {
            const char *cell = rgq_table_format(table, r, c, buffer, sizeof buffer);
            for (; *cell != '\0'; cell++) /* a name out of a file may hold a tab */
                fputc((unsigned char)*cell < 0x20 ? ' ' : *cell, to);
            fputc(c + 1 < n_columns ? '\t' : '\n', to);
        }
}

static rgq_status add_cell(rgq_json *object, const rgq_table *table, int row, int column,
                           rgq_error *err)
{
    const rgq_column *c = rgq_table_column(table, column);

    if (!rgq_table_has(table, row, column))
        return rgq_json_set_null(object, c->name, err);
    if (c->kind == RGQ_COLUMN_TEXT)
        return rgq_json_set_text(object, c->name, rgq_table_text(table, row, column), err);
    const double value = rgq_table_real(table, row, column);
    if (c->kind == RGQ_COLUMN_INT)
        return rgq_json_set_int(object, c->name, (long long)value, err);
    return rgq_json_set_real(object, c->name, value, err);
}

rgq_status rgq_table_rows(rgq_json *array, const rgq_table *table, rgq_error *err)
{
    for (int r = 0; r < rgq_table_n_rows(table); r++) {
        rgq_json *object = NULL;
        RGQ_PASS(err, rgq_json_add_object(&object, array, NULL, err));
        for (int c = 0; c < rgq_table_n_columns(table); c++)
            RGQ_PASS(err, add_cell(object, table, r, c, err));
    }
    return RGQ_OK;
}

static rgq_status refuse_existing(const char *path, bool force, rgq_error *err)
{
    if (!force && rgq_path_exists(path))
        return RGQ_RAISE(err, RGQ_E_IO, "%s exists; add --force to replace it", path);
    return RGQ_OK;
}

rgq_status rgq_outputs_check(const char *out, const char *ending, const char *const *beside,
                             bool force, rgq_error *err)
{
    const size_t stem = strlen(out) - strlen(ending);
    char path[RGQ_PATH_MAX];

    if (strlen(out) >= RGQ_PATH_MAX - 32)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", out);
    RGQ_PASS(err, refuse_existing(out, force, err));
    for (; *beside != NULL; beside++) {
        (void)snprintf(path, sizeof path, "%.*s%s", (int)stem, out, *beside);
        RGQ_PASS(err, refuse_existing(path, force, err));
    }
    return RGQ_OK;
}

const char *rgq_nifti_ending(const char *path)
{
    static const char *const endings[] = {".nii.gz", ".nii"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (rgq_text_ends_with(path, endings[i]) && strlen(path) > strlen(endings[i]))
            return endings[i];
    return NULL;
}

rgq_status rgq_scan_outputs_check(const char *out, bool force, rgq_error *err)
{
    static const char *const beside[] = {".json", ".run.json", NULL};
    const char *ending = rgq_nifti_ending(out);

    if (ending == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "OUT is '%.80s': a name that ends in .nii or .nii.gz is needed", out);
    return rgq_outputs_check(out, ending, beside, force, err);
}

/* ---- the record of a run ---- */

/* The table of nuclides, if a half-life was taken from it. */
static rgq_status record_nuclides(rgq_record *record, const rgq_context *context,
                                  const rgq_suv_plan *plan, rgq_error *err)
{
    static const char name[] = "tracers/isotopes.json";
    char folder[RGQ_PATH_MAX];
    char path[RGQ_PATH_MAX];

    for (int i = 0; i < plan->n_inputs; i++) {
        if (strncmp(plan->input[i].origin, name, sizeof name - 1) != 0)
            continue;
        RGQ_PASS(err, rgq_context_data_path(folder, sizeof folder, context, "tracers", err));
        RGQ_PASS(err, rgq_path_join(path, folder, "isotopes.json", err));
        return rgq_record_data_file(record, path, name, err);
    }
    return RGQ_OK;
}

static rgq_status record_input(rgq_record *record, const char *path, const char *role,
                               rgq_error *err)
{
    return path != NULL ? rgq_record_input(record, path, role, err) : RGQ_OK;
}

static rgq_status record_inputs(rgq_record *record, const rgq_context *context,
                                const rgq_run *run, rgq_error *err)
{
    if (run->scan_path != NULL)
        RGQ_PASS(err, rgq_record_scan_input(record, run->scan_path, run->scan->n_files, err));
    for (size_t i = 0; i < sizeof run->more / sizeof run->more[0]; i++)
        RGQ_PASS(err, record_input(record, run->more[i].path, run->more[i].role, err));
    if (run->options != NULL) {
        RGQ_PASS(err, record_input(record, run->options->side_file, "side file", err));
        RGQ_PASS(err, record_input(record, run->options->calibration_file, "calibration", err));
    }
    return record_input(record, context->shared.config, "config", err);
}

rgq_status rgq_run_record(rgq_record **out, const rgq_context *context, const rgq_run *run,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_record_create(&record, run->command, err));
    RGQ_TRY(err, record_inputs(record, context, run, err));
    RGQ_TRY(err, rgq_record_output(record, run->out, err));
    if (run->scan_path != NULL)
        RGQ_TRY(err, rgq_record_facts(record, &run->scan->facts, err));
    if (run->plan != NULL) {
        RGQ_TRY(err, record_nuclides(record, context, run->plan, err));
        RGQ_TRY(err, rgq_record_plan(record, run->plan, err));
    }
    *out = record;
    record = NULL;
out:
    rgq_record_free(record);
    return st;
}

rgq_status rgq_run_write(rgq_record *record, const rgq_context *context, const rgq_run *run,
                         rgq_error *err)
{
    const rgq_record_source source = {.argc = context->argc,
                                      .argv = context->argv,
                                      .options = context->options,
                                      .warnings = context->warnings,
                                      .began_s = context->began_s};

    RGQ_PASS(err, rgq_record_close(record, &source, err));
    return rgq_record_write_beside(record, run->out, context->shared.force, err);
}

/* ---- frames ---- */

rgq_status rgq_frame_choose(const rgq_context *context, int frame, int n_frames, rgq_error *err)
{
    if (frame >= n_frames)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--frame %d: the scan has frames 0 to %d", frame,
                         n_frames - 1);
    if (n_frames > 1 && !rgq_context_given(context, "frame"))
        RGQ_WARN(&context->log, "the scan has %d frames; frame 0 is taken (--frame N)",
                 n_frames);
    return RGQ_OK;
}
