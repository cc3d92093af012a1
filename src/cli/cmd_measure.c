/* rgdquant measure SCAN --regions LABELS */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/results.h"
#include "cli/scan_opts.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "measure/notes.h"
#include "rgdquant/scan_file.h"

typedef struct measure_opts {
    const char *path;
    const char *regions;
    const char *background;
    const char *noise_model;
    const char *out;
    double confidence;
    int frame;
    rgq_scan_opts scan;
} measure_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(measure_opts, path, "SCAN", NULL,
                 "the scan: a DICOM folder or file, or a NIfTI file"),
    RGQ_TEXT(measure_opts, regions, "regions", "LABELS", NULL,
             "regions on the voxels of the scan: NIfTI label map or 4-D mask, RTSTRUCT, DICOM "
             "SEG, or "
             "a folder that holds one of the last two"),
    RGQ_TEXT(measure_opts, background, "background", "NAME", "",
             "region (name or label) that the target-to-background ratios are formed with"),
    RGQ_INT(measure_opts, frame, "frame", "N", "0", 0, RGQ_FRAMES_MAX - 1,
            "frame to measure, counted from 0"),
    RGQ_TEXT(measure_opts, out, "out", "FILE.tsv", "",
             "write the table there, its columns and the noise budget to FILE.json and the "
             "record of the run to FILE.run.json; default: the table to stdout"),
    RGQ_REAL(measure_opts, confidence, "confidence", NULL, "0.95", 0.5, 0.9999,
             "of the intervals of tbr_mean"),
    RGQ_CHOICE(measure_opts, noise_model, "noise-model", "proportional", "proportional|uniform",
               "variance of a voxel in regions hotter than the background: in proportion to "
               "the mean, or the background's"),
    RGQ_SCAN_UNIT_OPTION(measure_opts, scan),
    RGQ_SCAN_OPTIONS(measure_opts, scan),
};

static rgq_status check_words(rgq_context *context, const measure_opts *o, rgq_error *err)
{
    static const char *const beside[] = {".json", ".run.json", NULL};

    if (o->out == NULL)
        return RGQ_OK;
    if (!rgq_text_ends_with(o->out, ".tsv")) {
        context->exit_code = 2;
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--out %.200s: name the table .tsv", o->out);
    }
    return rgq_outputs_check(o->out, ".tsv", beside, context->shared.force, err);
}

/* {"rows": [...], "peak": ..., "intervals": ...} */
static rgq_status print_json(rgq_context *context, const rgq_table *table, const char *notes,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *array = NULL;
    rgq_json *more = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_add_array(&array, root, "rows", err));
    RGQ_TRY(err, rgq_table_rows(array, table, err));
    RGQ_TRY(err, rgq_json_parse(&more, notes, strlen(notes), "notes", err));
    for (size_t i = 0; i < rgq_json_count(more); i++) {
        const char *key = NULL;
        const rgq_json *value = rgq_json_member(more, i, &key);
        RGQ_TRY(err, rgq_json_set_copy(root, key, value, err));
    }
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(more);
    rgq_json_free(root);
    return st;
}

/* Table, companion and record. */
static rgq_status write_files(rgq_context *context, const measure_opts *o, const rgq_scan *scan,
                              const rgq_suv_plan *plan, const rgq_table *table,
                              const char *notes, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_record *record = NULL;
    rgq_json *step = NULL;
    const rgq_run run = {.command = "measure",
                         .out = o->out,
                         .scan_path = o->path,
                         .scan = scan,
                         .options = &o->scan,
                         .plan = plan,
                         .more = {{o->regions, "regions"}}};

    RGQ_TRY(err, rgq_run_record(&record, context, &run, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "measure", err));
    RGQ_TRY(err, rgq_json_set_int(step, "regions", rgq_table_n_rows(table), err));
    RGQ_TRY(err, rgq_json_set_int(step, "frame", o->frame, err));
    RGQ_TRY(err, rgq_record_cite(record, "Hyndman1996", err));
    if (o->background != NULL)
        RGQ_TRY(err, rgq_record_cite(record, "Fieller1954", err));
    RGQ_TRY(err, rgq_table_write(o->out, table, notes, context->shared.force, err));
    RGQ_TRY(err, rgq_run_write(record, context, &run, err));
out:
    rgq_record_free(record);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const measure_opts *o = opts;
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    rgq_suv_plan plan;
    rgq_regions *regions = NULL;
    rgq_table *table = NULL;
    char *notes = NULL;
    rgq_noise_budget budget;
    const rgq_measure_opts measure = {.background = o->background,
                                      .confidence = o->confidence,
                                      .frame = o->frame,
                                      .noise = strcmp(o->noise_model, "uniform") == 0
                                                   ? RGQ_NOISE_UNIFORM
                                                   : RGQ_NOISE_PROPORTIONAL};

    RGQ_TRY(err, check_words(context, o, err));
    RGQ_TRY(err, rgq_scan_open(&scan, &plan, context, o->path, &o->scan, err));
    RGQ_TRY(err, rgq_frame_choose(context, o->frame, rgq_volume_n_frames(scan.volume), err));
    RGQ_TRY(err, rgq_regions_open(&regions, context, o->regions, &scan, o->path, err));
    if (rgq_regions_count(regions) == 0) {
        st = RGQ_RAISE(err, RGQ_E_FORMAT,
                       "%s holds no region; voxels of 1 and more were needed", o->regions);
        goto out;
    }
    RGQ_TRY(err,
            rgq_measure(&table, scan.volume, regions, &measure, &budget, &context->log, err));
    RGQ_TRY(err, rgq_measure_notes(&notes, &measure, &budget, err));
    if (o->out != NULL)
        RGQ_TRY(err, write_files(context, o, &scan, &plan, table, notes, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(context, table, notes, err));
    else if (o->out == NULL)
        rgq_table_print(table, context->out);
out:
    rgq_free(notes);
    rgq_table_free(table);
    rgq_regions_free(regions);
    rgq_scan_release(&scan);
    return st;
}

static const char *const cites[] = {"Fieller1954", "Hyndman1996", NULL};

const rgq_command rgq_cmd_measure = {
    .name = "measure",
    .group = "Regions and measures",
    .summary = "uptake of every region, as a table",
    .description =
        "One row a region: voxels, volume, mean, sd (population), quartiles (Hyndman-Fan type\n"
        "7), extremes, peaks, total uptake, coefficient of variation; with --background the\n"
        "target-to-background ratios of mean, maximum and peak_global.\n"
        "\n"
        "peak_local is the mean over a sphere of 1 mL about the hottest voxel, peak_global "
        "the\n"
        "highest such mean about any voxel of the region; voxels count by the exact part of\n"
        "them inside the sphere. Weights of a fractional region weigh mean, sd, volume and\n"
        "total; voxels with a weight of at least 0.5 enter the rest.\n"
        "\n"
        "The interval of tbr_mean is for the ratio of the expected means (Fieller): variance\n"
        "and autocorrelation are measured in the background, never in the lesion. It holds\n"
        "noise alone: no partial-volume bias, no error of calibration.\n"
        "\n"
        "Regions must hold voxels of the scan (in any order of the axes; 'regions --like'\n"
        "resamples others); contours of an RTSTRUCT take the voxels whose centre is inside.\n"
        "Values are in --unit, else in SUVbw where the scan has what that needs, else in "
        "Bq/mL, else\n"
        "as stored.",
    .examples = "rgdquant measure pet.nii.gz --regions labels.nii.gz\n"
                "rgdquant measure dicom-folder --regions labels.nii.gz --background liver "
                "--out uptake.tsv\n"
                "rgdquant measure pet.nii.gz --regions labels.nii.gz --unit bqml --json",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(measure_opts),
    .run = run,
};
