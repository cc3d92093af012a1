/* rgdquant segment SCAN OUT.nii.gz SPEC */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/results.h"
#include "cli/scan_opts.h"
#include "core/banned.h"
#include "core/text.h"
#include "measure/moments.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/segment.h"
#include "roi/search.h"

typedef struct segment_opts {
    const char *path;
    const char *out;
    const char *spec;
    rgq_reals seed_mm;
    rgq_reals sphere_mm;
    const char *within;
    bool components;
    double min_volume_ml;
    const char *connectivity;
    int frame;
    rgq_scan_opts scan;
} segment_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(segment_opts, path, "SCAN", NULL,
                 "the scan: a DICOM folder or file, or a NIfTI file"),
    RGQ_ARGUMENT(segment_opts, out, "OUT", NULL,
                 "label map, .nii or .nii.gz; the names go to OUT's name with .tsv, the record "
                 "to .run.json"),
    RGQ_ARGUMENT(segment_opts, spec, "SPEC", NULL,
                 "fixed:T (in the unit of the values), percent-max:P, or a50"),
    RGQ_REALS(segment_opts, seed_mm, "seed-mm", "X,Y,Z", "", -1e6, 1e6, 3, 3,
              "keep the component that holds this point [mm, x to the right, y to the front, z "
              "to the head], and take its own maximum"),
    RGQ_REALS(segment_opts, sphere_mm, "sphere-mm", "X,Y,Z,R", "", -1e6, 1e6, 4, 4,
              "look only inside this sphere: centre and radius [mm]"),
    RGQ_TEXT(
        segment_opts, within, "within", "MASK", "",
        "look only inside the regions of this NIfTI mask or label map, RTSTRUCT or DICOM SEG"),
    RGQ_FLAG(segment_opts, components, "components",
             "make each connected component a region: lesion-1, lesion-2, ..."),
    RGQ_REAL(segment_opts, min_volume_ml, "min-volume-ml", "mL", "0", 0, 1e6,
             "drop smaller components"),
    RGQ_CHOICE(segment_opts, connectivity, "connectivity", "26", "6|18|26",
               "voxels that touch by faces, also by edges, also by corners"),
    RGQ_INT(segment_opts, frame, "frame", "N", "0", 0, RGQ_FRAMES_MAX - 1,
            "frame to segment, counted from 0"),
    RGQ_SCAN_UNIT_OPTION(segment_opts, scan),
    RGQ_SCAN_OPTIONS(segment_opts, scan),
};

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "name of the region"},
    {"label", RGQ_COLUMN_INT, NULL, "its label in the map"},
    {"n_voxels", RGQ_COLUMN_INT, NULL, "its voxels"},
    {"volume_ml", RGQ_COLUMN_REAL, "mL", "its volume"},
    {"max", RGQ_COLUMN_REAL, NULL, "its largest voxel, in the unit of the column `unit`"},
    {"threshold", RGQ_COLUMN_REAL, NULL, "the threshold, in the unit of the column `unit`"},
    {"unit", RGQ_COLUMN_TEXT, NULL, "unit of the values"},
};

/* What can be found wrong before the scan is read is found then. */
static rgq_status check_words(rgq_context *context, const segment_opts *o, rgq_error *err)
{
    static const char *const beside[] = {".tsv", ".run.json", NULL};
    rgq_spec spec;

    context->exit_code = 2;
    RGQ_PASS(err, rgq_spec_parse(&spec, o->spec, err));
    const char *ending = rgq_nifti_ending(o->out);
    if (ending == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%.200s: name the label map .nii or .nii.gz",
                         o->out);
    if (o->sphere_mm.count == 4 && o->sphere_mm.value[3] <= 0.0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--sphere-mm: a radius of %g mm; more than 0 was needed",
                         o->sphere_mm.value[3]);
    context->exit_code = 0;
    return rgq_outputs_check(o->out, ending, beside, context->shared.force, err);
}

static rgq_segment_opts library_opts(const segment_opts *o, const rgq_regions *within)
{
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    opts.has_seed = o->seed_mm.count == 3;
    memcpy(opts.seed_mm, o->seed_mm.value, sizeof opts.seed_mm);
    opts.has_sphere = o->sphere_mm.count == 4;
    memcpy(opts.sphere_mm, o->sphere_mm.value, sizeof opts.sphere_mm);
    opts.within = within;
    opts.components = o->components;
    opts.connectivity = o->connectivity[0] == '6' ? 6 : o->connectivity[0] == '1' ? 18 : 26;
    opts.min_volume_ml = o->min_volume_ml;
    return opts;
}

static rgq_status make_table(rgq_table **out, const rgq_volume *volume,
                             const rgq_regions *regions, double threshold, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    const rgq_grid *grid = rgq_volume_grid(volume);

    RGQ_TRY(err, rgq_table_create(&table, columns, sizeof columns / sizeof columns[0], err));
    for (int i = 0; i < rgq_regions_count(regions); i++) {
        const rgq_region *region = rgq_regions_at(regions, i);
        rgq_moments m;
        RGQ_TRY(err, rgq_moments_measure(&m, rgq_volume_cdata(volume, 0), grid, region, err));
        RGQ_TRY(err, rgq_table_add_row(table, err));
        RGQ_TRY(err, rgq_table_set_text(table, "region", region->name, err));
        rgq_table_set_int(table, "label", region->label);
        rgq_table_set_int(table, "n_voxels", m.n_voxels);
        rgq_table_set_real(table, "volume_ml", rgq_region_volume_ml(region, grid));
        rgq_table_set_real(table, "max", m.max);
        rgq_table_set_real(table, "threshold", threshold);
        RGQ_TRY(err,
                rgq_table_set_text(table, "unit", rgq_unit_name(rgq_volume_unit(volume)), err));
    }
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}

/* The report as members of an object: of the JSON on stdout and of the record. */
static rgq_status describe(rgq_json *node, const rgq_segment_report *report, rgq_unit unit,
                           rgq_error *err)
{
    RGQ_PASS(err, rgq_json_set_text(node, "method", report->method, err));
    RGQ_PASS(err, rgq_json_set_text(node, "unit", rgq_unit_name(unit), err));
    RGQ_PASS(err, rgq_json_set_real(node, "threshold", report->threshold, err));
    RGQ_PASS(err, rgq_json_set_real(node, "maximum", report->maximum, err));
    RGQ_PASS(err, rgq_json_set_real(node, "background", report->background, err));
    RGQ_PASS(err, rgq_json_set_real(node, "background_sd", report->background_sd, err));
    RGQ_PASS(err, rgq_json_set_int(node, "components", report->n_components, err));
    RGQ_PASS(err, rgq_json_set_int(node, "kept", report->n_kept, err));
    return rgq_json_set_real(node, "dropped_ml", report->dropped_ml, err);
}

static rgq_status print_result(rgq_context *context, const rgq_table *table,
                               const rgq_segment_report *report, rgq_unit unit, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *array = NULL;

    if (!context->shared.json) {
        rgq_table_print(table, context->out);
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, describe(root, report, unit, err));
    RGQ_TRY(err, rgq_json_add_array(&array, root, "rows", err));
    RGQ_TRY(err, rgq_table_rows(array, table, err));
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(root);
    return st;
}

/* Label map, names and record. */
static rgq_status write_files(rgq_context *context, const segment_opts *o, const rgq_scan *scan,
                              const rgq_suv_plan *plan, const rgq_regions *regions,
                              const rgq_segment_report *report, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    rgq_json *step = NULL;
    char description[80];
    const rgq_run run = {.command = "segment",
                         .out = o->out,
                         .scan_path = o->path,
                         .scan = scan,
                         .options = &o->scan,
                         .plan = plan,
                         .more = {{o->within, "mask to look in"}}};

    (void)snprintf(description, sizeof description, "rgdquant segment %.40s", o->spec);
    const rgq_write_opts write = {.force = context->shared.force, .description = description};
    RGQ_TRY(err, rgq_run_record(&record, context, &run, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "segment", err));
    RGQ_TRY(err, describe(step, report, rgq_volume_unit(scan->volume), err));
    RGQ_TRY(err, rgq_regions_write(o->out, regions, &write, err));
    RGQ_TRY(err, rgq_run_write(record, context, &run, err));
out:
    rgq_record_free(record);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const segment_opts *o = opts;
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    rgq_suv_plan plan;
    rgq_volume *frame = NULL;
    rgq_regions *within = NULL;
    rgq_regions *regions = NULL;
    rgq_table *table = NULL;
    rgq_segment_report report;

    RGQ_TRY(err, check_words(context, o, err));
    RGQ_TRY(err, rgq_scan_open(&scan, &plan, context, o->path, &o->scan, err));
    RGQ_TRY(err, rgq_frame_choose(context, o->frame, rgq_volume_n_frames(scan.volume), err));
    if (o->frame > 0)
        RGQ_TRY(err, rgq_volume_extract(&frame, scan.volume, o->frame, err));
    const rgq_volume *volume = frame != NULL ? frame : scan.volume;
    if (o->within != NULL)
        RGQ_TRY(err, rgq_regions_open(&within, context, o->within, &scan, o->path, err));
    const rgq_segment_opts wanted = library_opts(o, within);
    RGQ_TRY(err, rgq_segment(&regions, volume, o->spec, &wanted, &report, &context->log, err));
    RGQ_TRY(err, make_table(&table, volume, regions, report.threshold, err));
    RGQ_TRY(err, write_files(context, o, &scan, &plan, regions, &report, err));
    RGQ_TRY(err, print_result(context, table, &report, rgq_volume_unit(volume), err));
out:
    rgq_table_free(table);
    rgq_regions_free(regions);
    rgq_regions_free(within);
    rgq_volume_free(frame);
    rgq_scan_release(&scan);
    return st;
}

const rgq_command rgq_cmd_segment = {
    .name = "segment",
    .group = "Regions and measures",
    .summary = "find regions by a threshold",
    .description =
        "A voxel belongs to the segment if its value is at least the threshold:\n"
        "\n"
        "  fixed:T        T in the unit of the values (see --unit)\n"
        "  percent-max:P  P % of the maximum in the search region; with --seed-mm of the\n"
        "                 maximum of the component that holds the seed at that threshold\n"
        "  a50            half-way between the maximum and the local background, for the one\n"
        "                 lesion with the seed or the maximum: the background is the mean of\n"
        "                 the voxels 5 to 15 mm from the lesion and below the threshold, "
        "found\n"
        "                 in turn with the lesion until it does not change\n"
        "\n"
        "The label map has one region 'segment', or with --components one a connected\n"
        "component, by falling maximum. A threshold within two standard deviations of the\n"
        "local background is warned of: the region may have run out of the lesion.",
    .examples = "rgdquant segment pet.nii.gz lesions.nii.gz fixed:4 --components "
                "--min-volume-ml 0.5\n"
                "rgdquant segment pet.nii.gz lesion.nii.gz a50 --seed-mm -42,10,115.5\n"
                "rgdquant segment pet.nii.gz hot.nii.gz percent-max:41 --sphere-mm "
                "-42,10,115,30",
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(segment_opts),
    .run = run,
};
