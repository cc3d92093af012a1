#include "cli/results.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/file.h"
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
