/* rgdquant regions IN [OUT] */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/results.h"
#include "cli/sphere_list.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "rgdquant/scan_file.h"
#include "roi/resample.h"

typedef struct regions_opts {
    const char *in;
    const char *out;
    const char *like;
    const char *series;
    const char *method;
    const char *edges;
    const char *names;
    const char *rename;
    bool list;
    bool masks;
} regions_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(regions_opts, in, "IN", NULL,
                 "NIfTI label map or 4-D mask, RTSTRUCT, DICOM SEG, a folder that holds one of "
                 "the last two, or a table (.tsv) of spheres"),
    RGQ_ARGUMENT(regions_opts, out, "OUT", "",
                 "label map, .nii or .nii.gz (a 4-D mask where regions overlap or are "
                 "fractional); the names go to OUT's name with .tsv, the record to .run.json"),
    RGQ_TEXT(regions_opts, like, "like", "SCAN", "",
             "put the regions on the voxels of this scan; an RTSTRUCT and a table of spheres "
             "need it"),
    RGQ_TEXT(regions_opts, series, "series", "UID", "",
             "which series, where the folder of --like holds several"),
    RGQ_CHOICE(regions_opts, method, "method", "auto", "auto|nearest|majority|fraction|linear",
               "how voxels that are not those of the scan are resampled; auto: nearest for "
               "regions of whole voxels, linear for fractional ones"),
    RGQ_CHOICE(regions_opts, edges, "edges", "fractional", "fractional|binary",
               "weights of spheres: the exact part of each voxel inside, or 1 where its centre "
               "is inside"),
    RGQ_TEXT(regions_opts, names, "names", "FILE", "",
             "names of the labels: a table (.tsv) with the columns index and name, or an "
             "ITK-SNAP label file"),
    RGQ_TEXT(regions_opts, rename, "rename", "OLD=NEW,...", "",
             "give regions, found by name or label, other names"),
    RGQ_FLAG(regions_opts, list, "list",
             "print label, name, voxels and volume of every region"),
    RGQ_FLAG(regions_opts, masks, "masks", "write a 4-D mask, one region a frame, in any case"),
};

static const rgq_column columns[] = {
    {"label", RGQ_COLUMN_INT, NULL, "its number"},
    {"name", RGQ_COLUMN_TEXT, NULL, "its name"},
    {"n_voxels", RGQ_COLUMN_INT, NULL, "voxels with a weight of at least 0.5"},
    {"volume_ml", RGQ_COLUMN_REAL, "mL", "sum of its weights x volume of a voxel"},
};

static rgq_status check_words(rgq_context *context, const regions_opts *o, rgq_error *err)
{
    static const char *const beside[] = {".tsv", ".run.json", NULL};

    context->exit_code = 2;
    if (o->out == NULL && !o->list)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "nothing to do: name an output, OUT.nii.gz, or add --list");
    if (o->out != NULL && rgq_nifti_ending(o->out) == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%.200s: name the label map .nii or .nii.gz",
                         o->out);
    if (o->like == NULL && rgq_text_ends_with(o->in, ".tsv"))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "spheres have no voxels; name the scan they belong to with --like "
                         "SCAN");
    context->exit_code = 0;
    if (o->out == NULL)
        return RGQ_OK;
    return rgq_outputs_check(o->out, rgq_nifti_ending(o->out), beside, context->shared.force,
                             err);
}

/* ---- onto the scan ---- */

static long long count_voxels(const rgq_region *region)
{
    const size_t count = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];
    long long n = 0;

    for (size_t i = 0; i < count; i++)
        n += region->weight[i] >= 0.5F;
    return n;
}

static rgq_resample_how choose_method(const char *word, const rgq_regions *regions)
{
    if (strcmp(word, "auto") == 0)
        return rgq_regions_is_binary(regions) ? RGQ_RESAMPLE_NEAREST : RGQ_RESAMPLE_LINEAR;
    return word[0] == 'n'   ? RGQ_RESAMPLE_NEAREST
           : word[0] == 'm' ? RGQ_RESAMPLE_MAJORITY
           : word[0] == 'f' ? RGQ_RESAMPLE_FRACTION
                            : RGQ_RESAMPLE_LINEAR;
}

static const char *method_word(rgq_resample_how how)
{
    static const char *const words[] = {"nearest", "fraction", "majority", "linear"};
    return words[how];
}

/* What resampling did to the volumes. */
static void tell_changes(const rgq_context *context, const rgq_regions *before,
                         const rgq_regions *after)
{
    for (int i = 0; i < rgq_regions_count(before); i++) {
        const rgq_region *a = rgq_regions_at(before, i);
        const rgq_region *b = rgq_regions_at(after, i);
        const double was = rgq_region_volume_ml(a, rgq_regions_grid(before));
        const double is = rgq_region_volume_ml(b, rgq_regions_grid(after));
        if (was > 0.0 && is <= 0.0)
            RGQ_WARN(&context->log, "region '%s' has no voxel left of its %.4g mL", a->name,
                     was);
        else if (fabs(is - was) > 0.05 * was)
            RGQ_WARN(&context->log, "region '%s' has %.4g mL on the scan, it had %.4g mL",
                     a->name, is, was);
    }
}

/* Regions of another place altogether are a mistake, not an empty result. */
static rgq_status check_left(const rgq_regions *before, const rgq_regions *after,
                             rgq_error *err)
{
    bool had = false;

    for (int i = 0; i < rgq_regions_count(before); i++) {
        had = had || rgq_regions_at(before, i)->n[0] > 0;
        if (rgq_regions_at(after, i)->n[0] > 0)
            return RGQ_OK;
    }
    if (!had)
        return RGQ_OK;
    const rgq_status st =
        rgq_grid_compare(rgq_regions_grid(after), rgq_regions_grid(before), -1.0, err);
    rgq_error_prefix(err, "no region has a voxel on the scan: ");
    return st;
}

static rgq_status resample(rgq_regions **out, const rgq_context *context, const regions_opts *o,
                           const rgq_grid *grid, const char **how, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *own = NULL;
    const rgq_regions_read_opts opts = {.names = o->names};

    /* what there is to say of the file was said when it was read for the scan */
    RGQ_TRY(err, rgq_regions_read_on(&own, o->in, NULL, &opts, NULL, err));
    const rgq_resample_how method = choose_method(o->method, own);
    *how = method_word(method);
    RGQ_TRY(err, rgq_regions_resample(out, own, grid, method, err));
    RGQ_INFO(&context->log, "resampled onto the scan (%s)", *how);
    st = check_left(own, *out, err);
    if (st != RGQ_OK) {
        rgq_regions_free(*out);
        *out = NULL;
        goto out;
    }
    tell_changes(context, own, *out);
out:
    rgq_regions_free(own);
    return st;
}

/* Without a scan on the file's own grid; else on the scan's, resampled only if need be. `how`
 * is set to what was done. */
static rgq_status read_in(rgq_regions **out, const rgq_context *context, const regions_opts *o,
                          const rgq_scan *scan, const char **how, rgq_error *err)
{
    const rgq_grid *grid = scan->volume != NULL ? rgq_volume_grid(scan->volume) : NULL;
    const rgq_regions_read_opts opts = {
        .names = o->names, .scan = o->like, .frame_uid = scan->frame_uid};
    rgq_error why = RGQ_ERROR_INIT;
    rgq_error no_grid = RGQ_ERROR_INIT;

    *how = "none";
    if (grid != NULL && rgq_text_ends_with(o->in, ".tsv"))
        return rgq_sphere_list_read(out, o->in, grid, o->edges[0] == 'f', err);
    rgq_status st = rgq_regions_read_on(out, o->in, grid, &opts, &context->log, &why);
    if (st == RGQ_E_GEOMETRY && grid != NULL) {
        const rgq_status again = resample(out, context, o, grid, how, &no_grid);
        if (again != RGQ_E_MISSING) { /* an RTSTRUCT has no grid of its own */
            st = again;
            why = no_grid;
        }
    }
    if (st != RGQ_OK)
        (void)rgq_raise(err, st, __func__, __LINE__, "%s", why.message);
    return st;
}

/* ---- names ---- */

static rgq_status rename_one(rgq_regions *regions, char *pair, rgq_error *err)
{
    char *equals = strchr(pair, '=');

    if (equals == NULL || equals == pair || equals[1] == '\0')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--rename '%.60s': OLD=NEW was needed", pair);
    *equals = '\0';
    const rgq_region *region = rgq_regions_find(regions, pair);
    for (int i = 0; i < rgq_regions_count(regions); i++)
        if (rgq_regions_at(regions, i) == region)
            return rgq_regions_rename(regions, i, equals + 1, err);
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "--rename: there is no region '%.60s'; --list shows their names", pair);
}

static rgq_status rename_all(rgq_regions *regions, const char *pairs, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *text = NULL;

    RGQ_TRY(err, rgq_strdup(&text, pairs, err));
    for (char *pair = text; pair != NULL;) {
        char *next = strchr(pair, ',');
        if (next != NULL)
            *next++ = '\0';
        RGQ_TRY(err, rename_one(regions, pair, err));
        pair = next;
    }
out:
    rgq_free(text);
    return st;
}

/* ---- out ---- */

static rgq_status make_table(rgq_table **out, const rgq_regions *regions, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;

    RGQ_TRY(err, rgq_table_create(&table, columns, sizeof columns / sizeof columns[0], err));
    for (int i = 0; i < rgq_regions_count(regions); i++) {
        const rgq_region *region = rgq_regions_at(regions, i);
        RGQ_TRY(err, rgq_table_add_row(table, err));
        rgq_table_set_int(table, "label", region->label);
        RGQ_TRY(err, rgq_table_set_text(table, "name", region->name, err));
        rgq_table_set_int(table, "n_voxels", count_voxels(region));
        rgq_table_set_real(table, "volume_ml",
                           rgq_region_volume_ml(region, rgq_regions_grid(regions)));
    }
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}

static rgq_status print_list(const rgq_context *context, const rgq_regions *regions,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    rgq_json *root = NULL;
    rgq_json *array = NULL;

    RGQ_TRY(err, make_table(&table, regions, err));
    if (!context->shared.json) {
        rgq_table_print(table, context->out);
        goto out;
    }
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_add_array(&array, root, "regions", err));
    RGQ_TRY(err, rgq_table_rows(array, table, err));
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(root);
    rgq_table_free(table);
    return st;
}

/* Regions, names and record. */
static rgq_status write_files(rgq_context *context, const regions_opts *o, const rgq_scan *scan,
                              const rgq_regions *regions, const char *how, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    rgq_json *step = NULL;
    const rgq_run run = {
        .command = "regions", .out = o->out, .more = {{o->in, "regions"}, {o->names, "names"}}};
    const rgq_write_opts write = {.force = context->shared.force,
                                  .description = "rgdquant regions"};

    RGQ_TRY(err, rgq_run_record(&record, context, &run, err));
    if (o->like != NULL)
        RGQ_TRY(err, rgq_record_scan_input(record, o->like, scan->n_files, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "regions", err));
    RGQ_TRY(err, rgq_json_set_int(step, "count", rgq_regions_count(regions), err));
    RGQ_TRY(err, rgq_json_set_text(step, "resampled", how, err));
    if (o->masks)
        RGQ_TRY(err, rgq_regions_write_masks(o->out, regions, &write, err));
    else
        RGQ_TRY(err, rgq_regions_write(o->out, regions, &write, err));
    RGQ_TRY(err, rgq_run_write(record, context, &run, err));
out:
    rgq_record_free(record);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const regions_opts *o = opts;
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    rgq_regions *regions = NULL;
    const char *how = NULL;

    RGQ_TRY(err, check_words(context, o, err));
    if (o->like != NULL) {
        const rgq_scan_read_opts read = {.series_uid = o->series};
        RGQ_TRY(err, rgq_scan_read(&scan, o->like, &read, &context->log, err));
    }
    RGQ_TRY(err, read_in(&regions, context, o, &scan, &how, err));
    if (o->rename != NULL)
        RGQ_TRY(err, rename_all(regions, o->rename, err));
    if (o->out != NULL)
        RGQ_TRY(err, write_files(context, o, &scan, regions, how, err));
    if (o->list)
        RGQ_TRY(err, print_list(context, regions, err));
out:
    rgq_regions_free(regions);
    rgq_scan_release(&scan);
    return st;
}

const rgq_command rgq_cmd_regions = {
    .name = "regions",
    .group = "Regions and measures",
    .summary = "convert, resample, rename and list regions",
    .description =
        "Reads regions in any form and writes a NIfTI label map with a table of names, or a\n"
        "4-D mask where they overlap or are fractional.\n"
        "\n"
        "With --like the regions come onto the voxels of a scan. Contours of an RTSTRUCT take\n"
        "the voxels whose centre lies inside; a contour inside another is a hole. Contours\n"
        "within 0.05 of a slice lie on it; slices between contours are interpolated by the\n"
        "distance to their edges, and that is told. Voxels that are the scan's within 1 % of\n"
        "a voxel are copied; others are resampled:\n"
        "\n"
        "  nearest   the voxel that holds the new centre\n"
        "  majority  where more than half of the new voxel lies inside\n"
        "  fraction  the part of the new voxel that lies inside (a fractional region)\n"
        "  linear    trilinear between the old centres (a fractional region)\n"
        "\n"
        "A table of spheres has the columns name, x_mm, y_mm, z_mm (to the right, front and\n"
        "head) and radius_mm.",
    .examples = "rgdquant regions RS.dcm lesions.nii.gz --like dicom-folder\n"
                "rgdquant regions atlas.nii.gz on-pet.nii.gz --like pet.nii.gz --method "
                "majority\n"
                "rgdquant regions seg.dcm --list\n"
                "rgdquant regions spheres.tsv spheres.nii.gz --like pet.nii.gz --edges binary",
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(regions_opts),
    .run = run,
};
