/* rgdquant segment SCAN OUT.nii.gz SPEC */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/results.h"
#include "cli/scan_opts.h"
#include "cli/segment_words.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "measure/moments.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/segment.h"
#include "rgdquant/tracer.h"

typedef struct segment_opts {
    const char *path;
    const char *out;
    const char *spec;
    rgq_segment_words words;
    rgq_reals sphere_mm;
    rgq_reals box_mm;
    const char *background;
    const char *background_region;
    rgq_reals background_value;
    const char *inside;
    const char *outside;
    double psf_mm;
    const char *tracer;
    int frame;
    rgq_scan_opts scan;
} segment_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(segment_opts, path, "SCAN", NULL,
                 "the scan: a DICOM folder or file, or a NIfTI file"),
    RGQ_ARGUMENT(segment_opts, out, "OUT", NULL,
                 "label map, .nii or .nii.gz; the names go to OUT's name with .tsv, the record "
                 "to .run.json"),
    RGQ_ARGUMENT(
        segment_opts, spec, "SPEC", NULL,
        "the method, e.g. fixed:4, percent-max:41, a50, gradient; all are listed below"),
    RGQ_SEGMENT_OPTIONS(segment_opts, words, ""),
    RGQ_REALS(segment_opts, sphere_mm, "sphere-mm", "X,Y,Z,R", "", -1e6, 1e6, 4, 4,
              "look only inside this sphere: centre and radius [mm]"),
    RGQ_REALS(segment_opts, box_mm, "box-mm", "X,Y,Z,X,Y,Z", "", -1e6, 1e6, 6, 6,
              "look only between these two opposite corners [mm]"),
    RGQ_TEXT(
        segment_opts, background, "background", "MASK", "",
        "regions to take the background from (a50, nestle, schaefer and the markers) or the "
        "reference (percist); default: a shell about the lesion"),
    RGQ_TEXT(segment_opts, background_region, "background-region", "NAME", "",
             "the one region of --background; default: the reference tissue of --tracer, else "
             "all regions of the file"),
    RGQ_REALS(segment_opts, background_value, "background-value", "MEAN[,SD]", "", -1e9, 1e9, 1,
              2, "the background itself, in the unit of the values"),
    RGQ_TEXT(segment_opts, inside, "inside", "MASK", "",
             "gradient, walker: what is lesion, instead of a threshold"),
    RGQ_TEXT(segment_opts, outside, "outside", "MASK", "",
             "gradient, walker: what is not, instead of a distance"),
    RGQ_REAL(segment_opts, psf_mm, "psf-mm", "mm", "5", 0.1, 100,
             "FWHM of the scan: the local background begins so far from the lesion"),
    RGQ_TEXT(segment_opts, tracer, "tracer", "ID", "",
             "what was injected, for warnings and --background-region; default: the header's "
             "name; 'rgdquant tracer list' shows the ids"),
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

    context->exit_code = 2;
    RGQ_PASS(err, rgq_segment_check(o->spec, err));
    const char *ending = rgq_nifti_ending(o->out);
    if (ending == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%.200s: name the label map .nii or .nii.gz",
                         o->out);
    if (o->sphere_mm.count == 4 && o->sphere_mm.value[3] <= 0.0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--sphere-mm: a radius of %g mm; more than 0 was needed",
                         o->sphere_mm.value[3]);
    if (o->background_value.count == 2 && o->background_value.value[1] < 0.0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--background-value: a standard deviation of %g; 0 or more was needed",
                         o->background_value.value[1]);
    if (o->background != NULL && o->background_value.count > 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--background and --background-value: give one of them");
    if (o->background_region != NULL && o->background == NULL)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "--background-region '%.60s': name the file it is in with --background",
            o->background_region);
    if (strncmp(o->spec, "percist", 7) == 0 && o->background == NULL &&
        o->background_value.count == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "percist needs a reference region, which is not guessed from the "
                         "image; give one with --background FILE and --background-region NAME "
                         "(or --background-value MEAN,SD)");
    RGQ_PASS(err, rgq_segment_words_check(&o->words, err));
    context->exit_code = 0;
    return rgq_outputs_check(o->out, ending, beside, context->shared.force, err);
}

/* The files of regions a run may need. */
typedef struct masks {
    rgq_regions *within;
    rgq_regions *exclude;
    rgq_regions *background;
    rgq_regions *inside;
    rgq_regions *outside;
} masks;

static void release_masks(masks *m)
{
    rgq_regions_free(m->within);
    rgq_regions_free(m->exclude);
    rgq_regions_free(m->background);
    rgq_regions_free(m->inside);
    rgq_regions_free(m->outside);
}

static rgq_status open_masks(masks *m, const rgq_context *context, const segment_opts *o,
                             const rgq_scan *scan, rgq_error *err)
{
    const struct {
        rgq_regions **to;
        const char *path;
    } file[] = {{&m->within, o->words.within},
                {&m->exclude, o->words.exclude},
                {&m->background, o->background},
                {&m->inside, o->inside},
                {&m->outside, o->outside}};

    for (size_t i = 0; i < sizeof file / sizeof file[0]; i++)
        if (file[i].path != NULL)
            RGQ_PASS(err,
                     rgq_regions_open(file[i].to, context, file[i].path, scan, o->path, err));
    return RGQ_OK;
}

static rgq_segment_opts library_opts(const segment_opts *o, const masks *m)
{
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    rgq_segment_words_take(&opts, &o->words);
    opts.has_sphere = o->sphere_mm.count == 4;
    memcpy(opts.sphere_mm, o->sphere_mm.value, sizeof opts.sphere_mm);
    opts.has_box = o->box_mm.count == 6;
    memcpy(opts.box_mm, o->box_mm.value, sizeof opts.box_mm);
    opts.within = m->within;
    opts.exclude = m->exclude;
    opts.background = m->background;
    opts.background_region = o->background_region;
    if (o->background_value.count > 0)
        opts.background_value = o->background_value.value[0];
    if (o->background_value.count > 1)
        opts.background_value_sd = o->background_value.value[1];
    opts.inside = m->inside;
    opts.outside = m->outside;
    opts.psf_mm = o->psf_mm;
    return opts;
}

/* The tracer's name, from --tracer or the header, and its reference tissue where the background
 * file has a region of that name. */
static rgq_status use_tracer(rgq_segment_opts *opts, rgq_tracer *tracer, rgq_context *context,
                             const segment_opts *o, const rgq_scan *scan, rgq_error *err)
{
    char folder[RGQ_PATH_MAX];

    if (o->tracer == NULL) {
        const rgq_fact_text *named = &scan->facts.radiopharmaceutical;
        opts->tracer = named->known ? named->value : NULL;
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_context_data_path(folder, sizeof folder, context, "tracers", err));
    RGQ_PASS(err, rgq_context_word(context, rgq_tracer_find(tracer, folder, o->tracer, err)));
    opts->tracer = tracer->id;
    if (opts->background == NULL || opts->background_region != NULL ||
        tracer->reference_tissue[0] == '\0')
        return RGQ_OK;
    if (rgq_regions_find(opts->background, tracer->reference_tissue) != NULL) {
        opts->background_region = tracer->reference_tissue;
        RGQ_INFO(&context->log, "background: region '%s', the reference tissue of %s",
                 tracer->reference_tissue, tracer->id);
    }
    return RGQ_OK;
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

static rgq_status describe_growth(rgq_json *node, const rgq_segment_report *report,
                                  rgq_error *err)
{
    rgq_json *steps = NULL;

    RGQ_PASS(err, rgq_json_set_bool(node, "leaked", report->leaked, err));
    RGQ_PASS(err, rgq_json_add_array(&steps, node, "steps", err));
    for (int i = 0; i < report->n_steps; i++) {
        const rgq_segment_step *step = &report->step[i];
        rgq_json *row = NULL;
        RGQ_PASS(err, rgq_json_add_object(&row, steps, NULL, err));
        RGQ_PASS(err, rgq_json_set_real(row, "threshold", step->threshold, err));
        RGQ_PASS(err, rgq_json_set_real(row, "volume_ml", step->volume_ml, err));
        RGQ_PASS(err, rgq_json_set_real(row, "contrast_per_mm", step->contrast, err));
    }
    return RGQ_OK;
}

static rgq_status describe_classes(rgq_json *node, const rgq_segment_report *report,
                                   rgq_error *err)
{
    rgq_json *classes = NULL;

    RGQ_PASS(err, rgq_json_add_array(&classes, node, "classes", err));
    for (int i = 0; i < report->n_classes; i++) {
        rgq_json *row = NULL;
        RGQ_PASS(err, rgq_json_add_object(&row, classes, NULL, err));
        RGQ_PASS(err, rgq_json_set_real(row, "share", report->klass[i].share, err));
        RGQ_PASS(err, rgq_json_set_real(row, "mean", report->klass[i].mean, err));
        RGQ_PASS(err, rgq_json_set_real(row, "sd", report->klass[i].sd, err));
    }
    return RGQ_OK;
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
    RGQ_PASS(err, rgq_json_set_real(node, "contour", report->contour, err));
    RGQ_PASS(err, rgq_json_set_int(node, "components", report->n_components, err));
    RGQ_PASS(err, rgq_json_set_int(node, "kept", report->n_kept, err));
    RGQ_PASS(err, rgq_json_set_real(node, "dropped_ml", report->dropped_ml, err));
    RGQ_PASS(err, rgq_json_set_int(node, "rounds", report->rounds, err));
    RGQ_PASS(err, rgq_json_set_real(node, "residual", report->residual, err));
    if (report->n_steps > 0)
        RGQ_PASS(err, describe_growth(node, report, err));
    return report->n_classes > 0 ? describe_classes(node, report, err) : RGQ_OK;
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
                         .more = {{o->words.within, "mask to look in"},
                                  {o->words.exclude, "mask to leave out"},
                                  {o->background, "background"},
                                  {o->inside, "mask of the inside"},
                                  {o->outside, "mask of the outside"}}};
    const rgq_segment_method *method = rgq_segment_method_of(o->spec);

    (void)snprintf(description, sizeof description, "rgdquant segment %.40s", o->spec);
    const rgq_write_opts write = {.force = context->shared.force, .description = description};
    RGQ_TRY(err, rgq_run_record(&record, context, &run, err));
    RGQ_TRY(err, rgq_record_step(&step, record, "segment", err));
    RGQ_TRY(err, describe(step, report, rgq_volume_unit(scan->volume), err));
    if (method != NULL && method->cite != NULL)
        RGQ_TRY(err, rgq_record_cite(record, method->cite, err));
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
    masks m = {.within = NULL};
    rgq_regions *regions = NULL;
    rgq_table *table = NULL;
    rgq_segment_report report;
    rgq_tracer tracer;

    RGQ_TRY(err, check_words(context, o, err));
    RGQ_TRY(err, rgq_scan_open(&scan, &plan, context, o->path, &o->scan, err));
    RGQ_TRY(err, rgq_frame_choose(context, o->frame, rgq_volume_n_frames(scan.volume), err));
    if (o->frame > 0)
        RGQ_TRY(err, rgq_volume_extract(&frame, scan.volume, o->frame, err));
    const rgq_volume *volume = frame != NULL ? frame : scan.volume;
    RGQ_TRY(err, open_masks(&m, context, o, &scan, err));
    rgq_segment_opts wanted = library_opts(o, &m);
    RGQ_TRY(err, use_tracer(&wanted, &tracer, context, o, &scan, err));
    RGQ_TRY(err, rgq_segment(&regions, volume, o->spec, &wanted, &report, &context->log, err));
    RGQ_TRY(err, make_table(&table, volume, regions, report.threshold, err));
    RGQ_TRY(err, write_files(context, o, &scan, &plan, regions, &report, err));
    RGQ_TRY(err, print_result(context, table, &report, rgq_volume_unit(volume), err));
out:
    rgq_table_free(table);
    rgq_regions_free(regions);
    release_masks(&m);
    rgq_volume_free(frame);
    rgq_scan_release(&scan);
    return st;
}

static const char *const cites[] = {"Black2004",    "Boellaard2015", "Dempster1977",
                                    "Grady2005",    "Grady2006",     "Hojjatoleslami1998",
                                    "Meyer1994",    "Nestle2005",    "Otsu1979",
                                    "Schaefer2008", "Wahl2009",      NULL};

const rgq_command rgq_cmd_segment = {
    .name = "segment",
    .group = "Regions and measures",
    .summary = "find regions: thresholds, growth, watershed, random walker, mixtures",
    .description =
        "One threshold for the search region; with --seed-mm the component of the seed:\n"
        "\n"
        "  fixed:T         T in the unit of the values (see --unit)\n"
        "  percent-max:P   P % of the maximum (of the seed's component at that threshold)\n"
        "  percent-peak:P  P % of the peak, the highest mean over a sphere of 1 mL\n"
        "  percist[:F,K]   F x mean + K x SD of --background (1.5 and 2, for the liver)\n"
        "  otsu[:N]        the hottest of N classes (2)\n"
        "  gmm[:K]         mixture of K normal distributions (3), by EM\n"
        "\n"
        "About one lesion, that with the seed or the maximum of the search region:\n"
        "\n"
        "  a50             half-way between the local background and the maximum; refused\n"
        "                  within two standard deviations of the background\n"
        "  nestle          0.15 x mean of what is above 70 % of the maximum + background\n"
        "  schaefer:A,B    A x that mean + B x background; A and B are your scanner's\n"
        "  black           0.307 x mean of the lesion + 0.588, repeated; SUVbw only\n"
        "  grow[:TOL]      growth from the maximum down to (1 - TOL) of it (0.6), ended\n"
        "                  before it leaks; the step with the steepest surface is taken\n"
        "  gradient        watershed of the gradient between markers inside and outside\n"
        "  walker[:BETA]   random walker between the same markers (300)\n"
        "\n"
        "Without --background the local background is a shell of 10 mm, beginning --psf-mm\n"
        "outside the contour at 41 % of the maximum, without other lesions. A threshold "
        "within\n"
        "two standard deviations of it is warned of: the region may have run out of the\n"
        "lesion. percent-max, percent-peak, nestle, schaefer, black and percist were\n"
        "calibrated for FDG; with another tracer that is warned of.\n"
        "\n"
        "What was found is then opened, closed, smoothed, filled, eroded, dilated, in this\n"
        "order, parted at saddles (--split), and with --components made one region for each\n"
        "connected part: lesion-1, lesion-2, ... by falling maximum. It never leaves the\n"
        "search region: --sphere-mm, --box-mm, --within, and not --exclude.",
    .examples =
        "rgdquant segment pet.nii.gz lesions.nii.gz fixed:4 --components --min-volume-ml 0.5\n"
        "rgdquant segment pet.nii.gz lesion.nii.gz a50 --seed-mm -42,10,115.5\n"
        "rgdquant segment pet.nii.gz lesion.nii.gz walker --seed-mm -42,10,115.5 --psf-mm 6\n"
        "rgdquant segment pet.nii.gz hot.nii.gz percent-max:41 --sphere-mm -42,10,115,30\n"
        "rgdquant segment pet.nii.gz all.nii.gz fixed:2.5 --exclude organs.nii.gz \\\n"
        "    --exclude-margin-mm 6 --components --split --min-volume-ml 0.5",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(segment_opts),
    .run = run,
};
