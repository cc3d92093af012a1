/* rgdquant pvc SCAN OUT --method M --psf-mm F */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/plans.h"
#include "cli/pvc_words.h"
#include "cli/results.h"
#include "cli/scan_opts.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "pipeline/correction.h"
#include "pipeline/recovery_apply.h"

typedef struct job {
    rgq_context *context;
    const rgq_pvc_words_opts *o;
    rgq_pvc_opts pvc;
    rgq_psf_file psf;
    double *values;
    int n_values;
    char plans[RGQ_PATH_MAX]; /* file that FFTW was given; "" for none */
    rgq_record *record;
    rgq_scan scan;
    rgq_labels *labels;
    rgq_regions *regions;
    rgq_pvc_report report;
    rgq_correction correction;
    bool rc; /* instead of all that: */
    rgq_recovery_curve curve;
    rgq_recovery_how how;
    rgq_table *table;
    char *notes; /* of the table's companion */
} job;

static void release(job *j)
{
    rgq_free(j->notes);
    rgq_table_free(j->table);
    rgq_pvc_report_release(&j->report);
    rgq_labels_free(j->labels);
    rgq_regions_free(j->regions);
    rgq_scan_release(&j->scan);
    rgq_record_free(j->record);
    rgq_free(j->values);
    rgq_psf_file_release(&j->psf);
}

/* ---- before the scan is read ---- */

static bool is_table(const char *out)
{
    return rgq_text_ends_with(out, ".tsv");
}

/* The name without what tells its kind. */
static int stem_length(const char *path)
{
    const char *ending = is_table(path) ? ".tsv" : rgq_nifti_ending(path);

    return (int)(strlen(path) - (ending != NULL ? strlen(ending) : 0));
}

/* Would the description of the table and the side file of the scan be one file? */
static bool share_json(const rgq_pvc_words_opts *o)
{
    const int length = stem_length(o->out);

    return o->table != NULL && stem_length(o->table) == length &&
           strncmp(o->table, o->out, (size_t)length) == 0;
}

static rgq_status check_table(const job *j, rgq_error *err)
{
    static const char *const beside[] = {".json", NULL};
    const char *table = j->o->table;

    if (table == NULL)
        return RGQ_OK;
    if (!is_table(table) || strlen(table) <= 4) {
        j->context->exit_code = 2;
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--table %.200s: name the table .tsv", table);
    }
    return rgq_outputs_check(table, ".tsv", beside, j->context->shared.force, err);
}

static rgq_status check_outputs(const job *j, rgq_error *err)
{
    static const char *const beside[] = {".json", ".run.json", NULL};
    const rgq_pvc_words_opts *o = j->o;

    if (j->rc && is_table(o->out))
        return rgq_outputs_check(o->out, ".tsv", beside, j->context->shared.force, err);
    const rgq_status st = rgq_scan_outputs_check(o->out, j->context->shared.force, err);
    if (st == RGQ_E_ARGUMENT)
        j->context->exit_code = 2;
    RGQ_PASS(err, st);
    return check_table(j, err);
}

static rgq_status check_words(job *j, rgq_error *err)
{
    const rgq_pvc_opts fresh = RGQ_PVC_OPTS_INIT;

    j->pvc = fresh;
    RGQ_PASS(err,
             rgq_context_word(j->context, rgq_pvc_words_check(&j->pvc, j->context, j->o, err)));
    if (j->o->values != NULL)
        RGQ_PASS(err, rgq_context_word(j->context, rgq_pvc_values(&j->values, &j->n_values,
                                                                  j->o->values, err)));
    j->pvc.values = j->values;
    return check_outputs(j, err);
}

/* A file that holds no usable PSF is told before the scan is read. */
static rgq_status read_psf(job *j, rgq_error *err)
{
    if (j->o->psf_file == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_psf_read(&j->psf, j->o->psf_file, &j->context->log, err));
    j->pvc.psf = j->psf.psf;
    if (j->psf.image != NULL && j->pvc.kernel == RGQ_KERNEL_ITK) {
        j->context->exit_code = 2;
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--kernel itk is a kind of Gaussian, and --psf-file is the image of a "
                         "measured kernel; leave one of them out");
    }
    return rgq_pvc_check(&j->pvc, err);
}

/* ---- scan and regions ---- */

static rgq_status read_scan(job *j, rgq_error *err)
{
    const rgq_pvc_words_opts *o = j->o;
    const rgq_scan_read_opts read = {.series_uid = o->series, .side_file = o->side_file};

    RGQ_PASS(err, rgq_scan_read(&j->scan, o->scan, &read, &j->context->log, err));
    if (!o->keep_times)
        rgq_scan_forget_clock(&j->scan);
    return RGQ_OK;
}

static int count_regions(const job *j)
{
    return j->labels != NULL ? rgq_labels_count(j->labels) : rgq_regions_count(j->regions);
}

static const char *region_name(const job *j, int i)
{
    return j->labels != NULL ? rgq_labels_at(j->labels, i)->name
                             : rgq_regions_at(j->regions, i)->name;
}

/* A region that was named must be there; `what` is the option. */
static rgq_status need_region(const job *j, const char *what, const char *name, rgq_error *err)
{
    char list[320] = "";

    if (j->labels != NULL ? rgq_labels_find(j->labels, name) >= 0
                          : rgq_regions_find(j->regions, name) != NULL)
        return RGQ_OK;
    for (int i = 0; i < count_regions(j); i++) {
        const size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%.60s", i > 0 ? ", " : "",
                       used > 240 ? "..." : region_name(j, i));
        if (used > 240)
            break;
    }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND, "--%s: there is no region '%.60s'; there are: %s",
                     what, name, list);
}

static rgq_status read_regions(job *j, rgq_error *err)
{
    const rgq_regions_read_opts opts = {.scan = j->o->scan, .frame_uid = j->scan.frame_uid};

    if (j->o->regions == NULL)
        return RGQ_OK;
    RGQ_PASS(err,
             rgq_labels_read_on(&j->labels, &j->regions, j->o->regions,
                                rgq_volume_grid(j->scan.volume), &opts, &j->context->log, err));
    if (j->o->target != NULL)
        RGQ_PASS(err, need_region(j, "target", j->o->target, err));
    if (j->values != NULL && j->n_values != count_regions(j))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--values has %d numbers, but there are the background and %d regions "
                         "other than the target: %d numbers were needed",
                         j->n_values, count_regions(j) - 1, count_regions(j));
    return RGQ_OK;
}

/* ---- outputs ---- */

static rgq_status describe_method(const job *j, rgq_json *node, rgq_error *err)
{
    return j->rc ? rgq_recovery_describe(node, &j->curve, &j->how, err)
                 : rgq_correction_describe(node, &j->correction, err);
}

/* What the companion of the table says of the run. */
static rgq_status make_notes(job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *node = NULL;

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_add_object(&node, root, "correction", err));
    RGQ_TRY(err, describe_method(j, node, err));
    RGQ_TRY(err, rgq_json_dump(&j->notes, root, err));
out:
    rgq_json_free(root);
    return st;
}

static rgq_status record_method(const job *j, rgq_error *err)
{
    rgq_json *step = NULL;

    if (!j->rc)
        return rgq_record_pvc(NULL, j->record, &j->correction, err);
    RGQ_PASS(err, rgq_record_step(&step, j->record, "pvc", err));
    RGQ_PASS(err, describe_method(j, step, err));
    return rgq_record_cite(j->record, "Gear2018", err);
}

/* One JSON file for both: what it says of the scan, and of the table. */
static rgq_status join_notes(job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *side = NULL;
    rgq_json *notes = NULL;
    char path[RGQ_PATH_MAX];

    (void)snprintf(path, sizeof path, "%.*s.json", stem_length(j->o->out), j->o->out);
    RGQ_TRY(err, rgq_json_load(&side, path, err));
    RGQ_TRY(err, rgq_json_parse(&notes, j->notes, strlen(j->notes), "the notes", err));
    for (size_t i = 0; i < rgq_json_count(notes); i++) {
        const char *key = NULL;
        const rgq_json *value = rgq_json_member(notes, i, &key);
        RGQ_TRY(err, rgq_json_set_copy(side, key, value, err));
    }
    rgq_free(j->notes);
    j->notes = NULL;
    RGQ_TRY(err, rgq_json_dump(&j->notes, side, err));
out:
    rgq_json_free(notes);
    rgq_json_free(side);
    return st;
}

static rgq_status write_outputs(job *j, rgq_error *err)
{
    const char *table = is_table(j->o->out) ? j->o->out : j->o->table;
    char description[80];
    const bool force = j->context->shared.force;
    const bool one = share_json(j->o);
    const rgq_write_opts write = {force, description};

    (void)snprintf(description, sizeof description, "rgdquant pvc %.50s", j->o->method);
    if (!is_table(j->o->out))
        RGQ_PASS(err,
                 rgq_scan_write_nifti(j->o->out, j->scan.volume, &j->scan.facts, &write, err));
    if (one)
        RGQ_PASS(err, join_notes(j, err));
    return table != NULL ? rgq_table_write(table, j->table, j->notes, force || one, err)
                         : RGQ_OK;
}

/* Half a result is none: what was written is removed where the rest cannot be. */
static void remove_outputs(const job *j)
{
    const char *const paths[] = {j->o->out, j->o->table};
    char path[RGQ_PATH_MAX];

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        if (paths[i] == NULL)
            continue;
        (void)remove(paths[i]);
        (void)snprintf(path, sizeof path, "%.*s.json", stem_length(paths[i]), paths[i]);
        (void)remove(path);
    }
}

/* Outputs and record, or none of them. */
static rgq_status write_all(job *j, rgq_error *err)
{
    const rgq_pvc_words_opts *o = j->o;
    const rgq_run run = {
        .command = "pvc",
        .out = o->out,
        .scan_path = o->scan,
        .scan = &j->scan,
        .more = {{o->regions, "regions"},
                 {j->rc ? o->rc_curve : o->psf_file, j->rc ? "rc curve" : "psf"},
                 {o->side_file, "side file"}}};

    RGQ_PASS(err, rgq_run_record(&j->record, j->context, &run, err));
    if (o->table != NULL)
        RGQ_PASS(err, rgq_record_output(j->record, o->table, err));
    RGQ_PASS(err, record_method(j, err));
    if (j->report.path == RGQ_CONV_FFT && j->plans[0] != '\0')
        RGQ_PASS(err, rgq_record_data_file(j->record, j->plans, "fft-plans.json", err));
    rgq_status st = write_outputs(j, err);
    if (st == RGQ_OK)
        st = rgq_run_write(j->record, j->context, &run, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        remove_outputs(j);
    }
    return st;
}

/* What was done, as the record has it, and the regional values. */
static rgq_status print_json(const job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_json *rows = NULL;
    const rgq_json *steps = rgq_json_get(rgq_record_json(j->record), "steps");

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "out", j->o->out, err));
    RGQ_TRY(err, rgq_json_set_copy(root, "pvc", rgq_json_at(steps, 0), err));
    if (j->table != NULL) {
        RGQ_TRY(err, rgq_json_add_array(&rows, root, "rows", err));
        RGQ_TRY(err, rgq_table_rows(rows, j->table, err));
    }
    RGQ_TRY(err, rgq_context_print(j->context, root, err));
out:
    rgq_json_free(root);
    return st;
}

/* ---- the two ways ---- */

static rgq_status correct(job *j, rgq_error *err)
{
    RGQ_PASS(err, read_regions(j, err));
    j->correction = (rgq_correction){&j->pvc, j->o->psf_file != NULL ? &j->psf : NULL,
                                     &j->report, j->regions != NULL};
    if (j->correction.psf != NULL)
        rgq_psf_suits(&j->psf, rgq_volume_grid(j->scan.volume), &j->context->log);
    RGQ_PASS(err, rgq_plans_load(j->plans, j->context, NULL, err));
    RGQ_PASS(err, rgq_pvc(j->scan.volume, j->labels, j->regions, &j->pvc, &j->report,
                          &j->context->log, err));
    if (j->report.n_regions == 0)
        return RGQ_OK;
    RGQ_PASS(err,
             rgq_correction_table(&j->table, &j->report, rgq_volume_unit(j->scan.volume), err));
    return make_notes(j, err);
}

static rgq_status correct_by_coefficients(job *j, rgq_error *err)
{
    RGQ_PASS(err, rgq_regions_open(&j->regions, j->context, j->o->regions, &j->scan, j->o->scan,
                                   err));
    RGQ_PASS(err, need_region(j, "background", j->o->background, err));
    j->how = (rgq_recovery_how){j->o->background, j->o->confidence, !is_table(j->o->out)};
    RGQ_PASS(err, rgq_recovery_apply(&j->table, j->scan.volume, j->regions, &j->curve, &j->how,
                                     &j->context->log, err));
    return make_notes(j, err);
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    job j = {.context = context, .o = opts, .rc = rgq_pvc_is_rc(opts)};

    RGQ_TRY(err, check_words(&j, err));
    RGQ_TRY(err, j.rc ? rgq_recovery_load(&j.curve, j.o->rc_curve, err) : read_psf(&j, err));
    RGQ_TRY(err, read_scan(&j, err));
    RGQ_TRY(err, j.rc ? correct_by_coefficients(&j, err) : correct(&j, err));
    RGQ_TRY(err, write_all(&j, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(&j, err));
out:
    release(&j);
    return st;
}

static const char *const cites[] = {"Erlandsson2006",
                                    "Erlandsson2012",
                                    "ErlandssonHutton2014",
                                    "Frigo2005",
                                    "Gear2018",
                                    "Labbe1998",
                                    "Lucy1974",
                                    "MullerGartner1992",
                                    "Richardson1972",
                                    "Rousset1998",

                                    "Thomas2011",
                                    "Thomas2016",
                                    "Tohka2008",
                                    NULL};

const rgq_command rgq_cmd_pvc = {
    .name = "pvc",
    .group = "Scan",
    .summary = "correct a scan for the partial-volume effect",
    .description =
        "Reads a scan, corrects every frame for the blur of the scanner, and writes NIfTI "
        "with\n"
        "a side file and a record of the run (OUT's name with .run.json). The unit of the\n"
        "voxels stays. Voxels without a label, or 1 - the sum of the masks, are the "
        "background,\n"
        "which is corrected as a region like the others; with --table it is the first row.\n"
        "\n"
        "rl and vc sharpen the image and need no regions: Richardson-Lucy (no negative "
        "voxels)\n"
        "and reblurred Van Cittert. gtm and labbe estimate the means of all regions at once "
        "and\n"
        "leave these means in OUT. rbv, mtc and iy (iterative Yang) scale or shift every "
        "voxel\n"
        "by such means, so that the texture stays. mg (Mueller-Gaertner) corrects one "
        "--target,\n"
        "stc one region after the other. rl or vc can follow those that leave an image: "
        "rbv+rl.\n"
        "'rgdquant cite pvc' lists the papers. Means of regions assume uptake that is even in\n"
        "each region and regions that are where they are drawn.\n"
        "\n"
        "rc divides the contrast of each lesion by the recovery coefficient of a sphere of "
        "its\n"
        "volume, from --rc-curve (columns diameter_mm rc_mean [rc_mean_sd]): corrected = b +\n"
        "(mean - b) / rc, b the mean of --background, with an interval from noise, volume "
        "(half\n"
        "a voxel at the surface), curve and scatter. OUT is the scan with the voxels of each\n"
        "lesion scaled likewise, or, named .tsv, the table alone: region label volume_ml mean\n"
        "background background_sd diameter_mm rc corrected ci_low ci_high sd sd_noise "
        "sd_volume\n"
        "sd_curve sd_scatter unit frame. Spheres smaller than the smallest or larger than "
        "twice\n"
        "the largest of the curve are left as they are, with a warning.\n"
        "\n"
        "The PSF is the width of the scanner's blur beyond the voxel's: --psf-mm, or "
        "--psf-file\n"
        "with the NIfTI image of a measured kernel (odd sides, centre in the middle voxel,\n"
        "voxels of the scan) or a psf.json of a phantom:\n"
        "\n"
        "    {\"format\": 1,\n"
        "     \"fwhm_mm\": {\"value\": [4.1, 4.1, 4.6], \"unit\": \"mm\", \"uncertainty\": "
        "0.2,\n"
        "                 \"source\": \"NEMA IEC phantom of 2026-01-31\"},\n"
        "     \"voxel_mm\": [2.0, 2.0, 2.0], \"method\": \"edges of six spheres\"}\n"
        "\n"
        "value is one number or three along the voxel axes; uncertainty, voxel_mm and method "
        "may\n"
        "be absent.\n"
        "\n"
        "--table T.tsv: region label volume_ml observed corrected corrected_sd unit frame; "
        "T.json\n"
        "has the condition number, the data-fit curve, the effective width of the kernel and\n"
        "what stopped the iterations (where OUT is T.nii, T.json describes the scan as well).",
    .examples =
        "rgdquant pvc pet.nii.gz rbv.nii.gz --method rbv --psf-mm 6 --regions labels.nii.gz\n"
        "rgdquant pvc pet.nii.gz iy.nii.gz --method iy+vc --psf-file psf.json \\\n"
        "    --regions labels.nii.gz --table means.tsv\n"
        "rgdquant pvc dicom-folder rl.nii.gz --method rl --psf-mm 5,5,6 --tolerance 1e-3 "
        "--verbose",
    .cites = cites,
    .opts = rgq_pvc_rows,
    .n_opts = RGQ_PVC_N_ROWS,
    .opts_size = sizeof(rgq_pvc_words_opts),
    .run = run,
};
