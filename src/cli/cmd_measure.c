/* rgdquant measure SCAN --regions LABELS */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/feature_opts.h"
#include "cli/results.h"
#include "cli/scan_opts.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "measure/notes.h"
#include "rgdquant/background.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/tracer.h"

typedef struct measure_opts {
    const char *path;
    const char *regions;
    const char *background;
    const char *tracer;
    const char *unblocked;
    const char *unblocked_regions;
    const char *noise_model;
    const char *out;
    double confidence;
    double psf_mm;
    double calibration_percent;
    int frame;
    rgq_feature_words features;
    rgq_scan_opts scan;
} measure_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(measure_opts, path, "SCAN", NULL,
                 "the scan: a DICOM folder or file, or a NIfTI file"),
    RGQ_TEXT(measure_opts, regions, "regions", "LABELS", NULL,
             "regions on the voxels of the scan: NIfTI label map or 4-D mask, RTSTRUCT, DICOM "
             "SEG, or "
             "a folder that holds one of the last two"),
    RGQ_TEXT(measure_opts, background, "background", "BACKGROUND", "",
             "what the target-to-background ratios are formed with: a region (name or label), "
             "sphere:X,Y,Z,R, shell:INNER,OUTER, mirror[:X] (all in mm) or reference"),
    RGQ_TEXT(measure_opts, tracer, "tracer", "ID", "",
             "with --background reference: what was injected; default: the header's name; "
             "'rgdquant tracer list' shows the ids"),
    RGQ_TEXT(
        measure_opts, unblocked, "unblocked", "SCAN", "",
        "blocking index: SCAN of the command is the blocked scan, this is the unblocked one "
        "of the same subject"),
    RGQ_TEXT(measure_opts, unblocked_regions, "unblocked-regions", "LABELS", "",
             "with --unblocked: its regions, paired by name; default: those of --regions"),
    RGQ_INT(measure_opts, frame, "frame", "N", "0", 0, RGQ_FRAMES_MAX - 1,
            "frame to measure, counted from 0"),
    RGQ_TEXT(measure_opts, out, "out", "FILE.tsv", "",
             "write the table there, its columns and the noise budget to FILE.json and the "
             "record of the run to FILE.run.json; default: the table to stdout"),
    RGQ_REAL(measure_opts, confidence, "confidence", NULL, "0.95", 0.5, 0.9999,
             "of the intervals of mean, peak_global and their ratios"),
    RGQ_CHOICE(measure_opts, noise_model, "noise-model", "proportional", "proportional|uniform",
               "variance of a voxel in regions hotter than the background: in proportion to "
               "the mean, or the background's"),
    RGQ_REAL(measure_opts, psf_mm, "psf-mm", "mm", "0", 0, 1000,
             "full width at half maximum of the scan's PSF, for the partial-volume bias in the "
             "budget; 0: not known"),
    RGQ_REAL(measure_opts, calibration_percent, "calibration-uncertainty-percent", "%", "", 0,
             1000,
             "standard uncertainty of the calibration, for the budget; default: what "
             "--calibration-file states"),
    RGQ_FEATURE_OPTIONS(measure_opts, features),
    RGQ_SCAN_UNIT_OPTION(measure_opts, scan),
    RGQ_SCAN_OPTIONS(measure_opts, scan),
};

static rgq_status check_words(rgq_context *context, const measure_opts *o,
                              rgq_features_opts *features, rgq_background_spec *background,
                              rgq_error *err)
{
    static const char *const beside[] = {".json", ".run.json", NULL};

    context->exit_code = 2;
    RGQ_PASS(err, rgq_feature_words_parse(features, &o->features, err));
    if (o->features.set != NULL && o->background != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--background is for the table of uptake; features have none");
    if (o->unblocked_regions != NULL && o->unblocked == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--unblocked-regions belongs to --unblocked SCAN, which is not there");
    if (o->unblocked != NULL && o->features.set != NULL)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "--unblocked gives the blocking index of the mean; features have none");
    if (o->background != NULL)
        RGQ_PASS(err, rgq_background_parse(background, o->background, err));
    if (o->tracer != NULL &&
        (o->background == NULL || background->kind != RGQ_BACKGROUND_REFERENCE))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--tracer is for --background reference, which is not there");
    context->exit_code = 0;
    features->frame = o->frame;
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

/* What was measured, with what the companion JSON says of it. */
typedef struct results {
    rgq_table *table;
    char *notes;
    rgq_features_opts features; /* with --features */
} results;

/* Table, companion and record. */
static rgq_status write_files(rgq_context *context, const measure_opts *o, const rgq_scan *scan,
                              const rgq_suv_plan *plan, const results *r, rgq_error *err)
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
                         .more = {{o->regions, "regions"},
                                  {o->unblocked, "unblocked scan"},
                                  {o->unblocked_regions, "regions of the unblocked scan"}}};

    RGQ_TRY(err, rgq_run_record(&record, context, &run, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "measure", err));
    RGQ_TRY(err, rgq_json_set_int(step, "regions",
                                  rgq_table_n_rows(r->table) /
                                      (o->features.set != NULL ? rgq_features_count() : 1),
                                  err));
    RGQ_TRY(err, rgq_json_set_int(step, "frame", o->frame, err));
    RGQ_TRY(err, rgq_record_cite(record, "Hyndman1996", err));
    if (o->features.set != NULL) {
        RGQ_TRY(err, rgq_feature_opts_record(step, &r->features, err));
        RGQ_TRY(err, rgq_record_cite(record, "Zwanenburg2020", err));
    }
    if (o->background != NULL) {
        RGQ_TRY(err, rgq_json_set_text(step, "background", o->background, err));
        RGQ_TRY(err, rgq_record_cite(record, "Fieller1954", err));
    }
    RGQ_TRY(err, rgq_table_write(o->out, r->table, r->notes, context->shared.force, err));
    RGQ_TRY(err, rgq_run_write(record, context, &run, err));
out:
    rgq_record_free(record);
    return st;
}

/* The tracer of --tracer, else the one the header names, if it is known. */
static rgq_status find_tracer(rgq_tracer *out, rgq_context *context, const char *id,
                              const rgq_scan *scan, rgq_error *err)
{
    const rgq_fact_text *named = &scan->facts.radiopharmaceutical;
    char folder[RGQ_PATH_MAX];

    *out = (rgq_tracer){.id = ""};
    if (id == NULL && !named->known)
        return RGQ_OK;
    RGQ_PASS(err, rgq_context_data_path(folder, sizeof folder, context, "tracers", err));
    if (id != NULL)
        return rgq_context_word(context, rgq_tracer_find(out, folder, id, err));
    if (rgq_tracer_find(out, folder, named->value, NULL) != RGQ_OK)
        *out = (rgq_tracer){.id = ""};
    return RGQ_OK;
}

static rgq_status make_backgrounds(rgq_regions **out, rgq_context *context,
                                   const measure_opts *o, const rgq_background_spec *spec,
                                   const rgq_scan *scan, const rgq_regions *regions,
                                   rgq_error *err)
{
    rgq_tracer tracer;

    if (o->background == NULL)
        return RGQ_OK;
    if (spec->kind != RGQ_BACKGROUND_REFERENCE)
        return rgq_background_make(out, regions, spec, NULL, &context->log, err);
    RGQ_PASS(err, find_tracer(&tracer, context, o->tracer, scan, err));
    const rgq_background_tracer known = {tracer.id, tracer.reference_tissue};
    return rgq_background_make(out, regions, spec, &known, &context->log, err);
}

static rgq_status measure(results *r, const measure_opts *o, const rgq_scan *scan,
                          const rgq_regions *regions, const rgq_regions *backgrounds,
                          const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_noise_budget *budget = NULL;
    rgq_table *terms = NULL;
    int n_columns = 0;
    const rgq_column *columns = rgq_budget_columns(&n_columns);
    rgq_measure_opts opts = {.backgrounds = backgrounds,
                             .confidence = o->confidence,
                             .frame = o->frame,
                             .noise = strcmp(o->noise_model, "uniform") == 0
                                          ? RGQ_NOISE_UNIFORM
                                          : RGQ_NOISE_PROPORTIONAL,
                             .psf_fwhm_mm = o->psf_mm};

    RGQ_TRY(err, rgq_scan_calibration_percent(&opts.calibration_percent, o->calibration_percent,
                                              &o->scan, err));
    RGQ_TRY(err, rgq_table_create(&terms, columns, n_columns, err));
    opts.terms = terms;
    RGQ_TRY(err, rgq_alloc(&budget, (size_t)rgq_measure_budgets(&opts), sizeof *budget, err));
    RGQ_TRY(err, rgq_measure(&r->table, scan->volume, regions, &opts, budget, log, err));
    RGQ_TRY(err, rgq_measure_notes(&r->notes, &opts, budget, err));
out:
    rgq_table_free(terms);
    rgq_free(budget);
    return st;
}

/* What is known of the unblocked scan stands in its own header and side file: of the options
 * only those of the camera and of the unit are its as well. */
static rgq_scan_opts unblocked_opts(const rgq_scan_opts *blocked)
{
    const double none = (double)NAN;

    return (rgq_scan_opts){.weight_kg = none,
                           .height_cm = none,
                           .activity_mbq = none,
                           .residual_mbq = none,
                           .half_life_s = none,
                           .calibration_factor = blocked->calibration_factor,
                           .sensitivity_cps_per_mbq = blocked->sensitivity_cps_per_mbq,
                           .calibration_file = blocked->calibration_file,
                           .density_g_ml = blocked->density_g_ml,
                           .keep_times = blocked->keep_times,
                           .unit = blocked->unit};
}

static rgq_status blocking_notes(char **out, const measure_opts *o, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *node = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_add_object(&node, root, "intervals", err));
    RGQ_TRY(err,
            rgq_json_set_text(node, "of", "1 - ratio of the expected means of two scans", err));
    RGQ_TRY(err, rgq_json_set_real(node, "confidence", o->confidence, err));
    RGQ_TRY(err, rgq_json_set_text(node, "theorem", "Fieller", err));
    RGQ_TRY(err, rgq_json_set_text(node, "noise_model", o->noise_model, err));
    RGQ_TRY(err, rgq_json_set_text(node, "left_out",
                                   "injected activities and times of the two scans, placing of "
                                   "the regions, partial-volume bias, calibration, biology",
                                   err));
    RGQ_TRY(err, rgq_json_dump(out, root, err));
out:
    rgq_json_free(root);
    return st;
}

/* The blocked scan against --unblocked. */
static rgq_status take_blocking(results *r, rgq_context *context, const measure_opts *o,
                                const rgq_background_spec *spec, const rgq_paired_scan *blocked,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    rgq_suv_plan plan;
    rgq_regions *regions = NULL;
    rgq_regions *backgrounds = NULL;
    const rgq_scan_opts how = unblocked_opts(&o->scan);
    const char *file = o->unblocked_regions != NULL ? o->unblocked_regions : o->regions;
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;

    opts.confidence = o->confidence;
    if (strcmp(o->noise_model, "uniform") == 0)
        opts.noise = RGQ_NOISE_UNIFORM;
    RGQ_TRY(err, rgq_scan_open(&scan, &plan, context, o->unblocked, &how, err));
    RGQ_TRY(err, rgq_regions_open(&regions, context, file, &scan, o->unblocked, err));
    RGQ_TRY(err, make_backgrounds(&backgrounds, context, o, spec, &scan, regions, err));
    const rgq_paired_scan unblocked = {scan.volume, regions, backgrounds, o->frame};
    RGQ_TRY(err, rgq_blocking(&r->table, blocked, &unblocked, &opts, &context->log, err));
    RGQ_TRY(err, blocking_notes(&r->notes, o, err));
out:
    rgq_regions_free(backgrounds);
    rgq_regions_free(regions);
    rgq_scan_release(&scan);
    return st;
}

/* Features, and how the voxels were processed. */
static rgq_status take_features(results *r, const rgq_scan *scan, const rgq_regions *regions,
                                const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *node = NULL;

    RGQ_TRY(err, rgq_features(&r->table, scan->volume, regions, &r->features, log, err));
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_add_object(&node, root, "features", err));
    RGQ_TRY(err,
            rgq_json_set_text(node, "unit", rgq_unit_name(rgq_volume_unit(scan->volume)), err));
    RGQ_TRY(err, rgq_feature_opts_record(node, &r->features, err));
    RGQ_TRY(err, rgq_json_dump(&r->notes, root, err));
out:
    rgq_json_free(root);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const measure_opts *o = opts;
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    rgq_suv_plan plan;
    rgq_regions *regions = NULL;
    rgq_regions *backgrounds = NULL;
    rgq_background_spec spec = {.kind = RGQ_BACKGROUND_REGION};
    results r = {.table = NULL};

    RGQ_TRY(err, check_words(context, o, &r.features, &spec, err));
    RGQ_TRY(err, rgq_scan_open(&scan, &plan, context, o->path, &o->scan, err));
    RGQ_TRY(err, rgq_frame_choose(context, o->frame, rgq_volume_n_frames(scan.volume), err));
    RGQ_TRY(err, rgq_regions_open(&regions, context, o->regions, &scan, o->path, err));
    if (rgq_regions_count(regions) == 0) {
        st = RGQ_RAISE(err, RGQ_E_FORMAT,
                       "%s holds no region; voxels of 1 and more were needed", o->regions);
        goto out;
    }
    RGQ_TRY(err, make_backgrounds(&backgrounds, context, o, &spec, &scan, regions, err));
    const rgq_paired_scan blocked = {scan.volume, regions, backgrounds, o->frame};
    if (o->features.set != NULL)
        RGQ_TRY(err, take_features(&r, &scan, regions, &context->log, err));
    else if (o->unblocked != NULL)
        RGQ_TRY(err, take_blocking(&r, context, o, &spec, &blocked, err));
    else
        RGQ_TRY(err, measure(&r, o, &scan, regions, backgrounds, &context->log, err));
    if (o->out != NULL)
        RGQ_TRY(err, write_files(context, o, &scan, &plan, &r, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(context, r.table, r.notes, err));
    else if (o->out == NULL)
        rgq_table_print(r.table, context->out);
out:
    rgq_free(r.notes);
    rgq_table_free(r.table);
    rgq_regions_free(backgrounds);
    rgq_regions_free(regions);
    rgq_scan_release(&scan);
    return st;
}

static const char *const cites[] = {"Fieller1954", "Hyndman1996", "Zwanenburg2020", NULL};

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
        "--background, for the ratios; the column `background` says which it was:\n"
        "\n"
        "  NAME               a region, by name or label\n"
        "  sphere:X,Y,Z,R     centre and radius [mm], x to the right, y to the front, z to\n"
        "                     the head; voxels count by the exact part of them inside\n"
        "  shell:INNER,OUTER  about each region: voxel centres so many mm away, ends\n"
        "                     included\n"
        "  mirror:X           each region reflected at the mid-sagittal plane at x = X mm;\n"
        "                     without X the plane through the centroid of a region named\n"
        "                     midline or body. It is not guessed from the image\n"
        "  reference          the region named as the reference tissue of --tracer, or by a\n"
        "                     usual synonym; it is not guessed from the image\n"
        "\n"
        "Shell and mirror leave the region itself out, and sphere, shell and mirror every\n"
        "other region - but for the outline of the body, and for the organ it lies in (which\n"
        "holds the region or the background whole, is ten times as large, and is not named a\n"
        "lesion). A background that leaves the scan, or of which less than half is left, is\n"
        "warned of; an empty one makes the ratios n/a.\n"
        "\n"
        "The intervals (mean, peak_global, and by Fieller their ratios) are for the values of\n"
        "the expected blurred image: variance and autocorrelation are measured in the\n"
        "background, never in the lesion. They hold noise alone, and do not undo that the\n"
        "highest peak was chosen. Segmentation edge (half a voxel), calibration and\n"
        "partial-volume bias are terms of their own in the budget of each region: FILE.json\n"
        "and --json.\n"
        "\n"
        "--unblocked gives instead the blocking index of each region, 1 - U_blocked /\n"
        "U_unblocked, U its mean; regions are paired by name, both scans in one unit. With\n"
        "--background, taken in each scan, Fieller's interval from the noise of both. The\n"
        "options for facts of the scan are the blocked one's; only unit, calibration and\n"
        "density hold for both. An unblocked mean of 0 or less gives n/a.\n"
        "\n"
        "Regions must hold voxels of the scan (in any order of the axes; 'regions --like'\n"
        "resamples others); contours of an RTSTRUCT take the voxels whose centre is inside.\n"
        "Values are in --unit, else in SUVbw where the scan has what that needs, else in "
        "Bq/mL, else\n"
        "as stored.\n"
        "\n"
        "--features ibsi prints the 487 features of IBSI 1 instead, one row a region and "
        "feature:\n"
        "morphology, local intensity (spheres by voxel centres), statistics, intensity and\n"
        "intensity-volume histogram, and textures (GLCM, GLRLM, GLSZM, GLDZM, NGTDM, NGLDM; "
        "2-D,\n"
        "2.5-D, 3-D, averaged and merged). Voxels are processed in IBSI's order: "
        "--resample-mm\n"
        "(trilinear, centres of the grids aligned, mask kept from 0.5), --round-values,\n"
        "--resegment and --resegment-sd, --bin-size or --bin-count. Without bins, values that "
        "are\n"
        "whole numbers from 1 are grey levels; of others no histogram or texture is formed.",
    .examples =
        "rgdquant measure pet.nii.gz --regions labels.nii.gz\n"
        "rgdquant measure dicom-folder --regions labels.nii.gz --background liver "
        "--out uptake.tsv\n"
        "rgdquant measure pet.nii.gz --regions lesions.nii.gz --background shell:6,16\n"
        "rgdquant measure pet.nii.gz --regions labels.nii.gz --unit bqml --json\n"
        "rgdquant measure blocked.nii.gz --regions b.nii.gz --unblocked plain.nii.gz \\\n"
        "    --unblocked-regions p.nii.gz --background muscle\n"
        "rgdquant measure pet.nii.gz --regions labels.nii.gz --features ibsi "
        "--resample-mm 3 --resegment 0,inf --bin-size 0.25",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(measure_opts),
    .run = run,
};
