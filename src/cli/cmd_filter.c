/* rgdquant filter SCAN OUT SPEC */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/results.h"
#include "core/banned.h"
#include "rgdquant/filter.h"
#include "rgdquant/scan_file.h"

typedef struct filter_opts {
    const char *scan;
    const char *out;
    const char *spec;
    const char *border;
    const char *path;
    const char *side_file;
    const char *series;
    bool keep_times;
} filter_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(filter_opts, scan, "SCAN", NULL,
                 "the scan: a DICOM folder or file, or a NIfTI file"),
    RGQ_ARGUMENT(filter_opts, out, "OUT", NULL, "the filtered scan: .nii or .nii.gz"),
    RGQ_ARGUMENT(filter_opts, spec, "SPEC", NULL,
                 "gaussian:FWHM or gaussian:X,Y,Z, the full width at half maximum in mm"),
    RGQ_CHOICE(filter_opts, border, "border", "replicate", "zero|replicate|mirror|periodic",
               "what lies outside the image"),
    RGQ_CHOICE(filter_opts, path, "path", "auto", "auto|fir|fft",
               "how to compute it; the results agree to 1e-6 of the maximum"),
    RGQ_TEXT(filter_opts, side_file, "side-file", "FILE.json", "",
             "BIDS PET side file, instead of the one beside the image"),
    RGQ_TEXT(filter_opts, series, "series", "UID", "",
             "which DICOM series, where the folder holds several"),
    RGQ_FLAG(filter_opts, keep_times, "keep-times",
             "keep times of day in the side file; else they count from the injection"),
};

/* What can be found wrong before a scan is read and filtered is found then. */
static rgq_status check_words(rgq_filter_opts *filter, rgq_context *context,
                              const filter_opts *o, rgq_error *err)
{
    context->exit_code = 2;
    RGQ_PASS(err, rgq_filter_check(o->spec, NULL, err));
    RGQ_PASS(err, rgq_border_parse(&filter->border, o->border, err));
    RGQ_PASS(err, rgq_conv_path_parse(&filter->path, o->path, err));
    const rgq_status st = rgq_scan_outputs_check(o->out, context->shared.force, err);
    if (st != RGQ_E_ARGUMENT)
        context->exit_code = 0;
    return st;
}

static rgq_status write_files(rgq_record **record, const rgq_context *context,
                              const filter_opts *o, const rgq_scan *scan,
                              const rgq_filter_report *report, rgq_error *err)
{
    char description[80];
    const rgq_run run = {.command = "filter",
                         .out = o->out,
                         .scan_path = o->scan,
                         .scan = scan,
                         .more = {{o->side_file, "side file"}}};

    (void)snprintf(description, sizeof description, "rgdquant filter %.50s", o->spec);
    const rgq_write_opts write = {context->shared.force, description};
    RGQ_PASS(err, rgq_run_record(record, context, &run, err));
    RGQ_PASS(err, rgq_record_filter(*record, o->spec, report, err));
    if (report->path == RGQ_CONV_FFT)
        RGQ_PASS(err, rgq_record_cite(*record, "Frigo2005", err));
    RGQ_PASS(err, rgq_scan_write_nifti(o->out, scan->volume, &scan->facts, &write, err));
    return rgq_run_write(*record, context, &run, err);
}

/* What was done, as the record has it. */
static rgq_status print_json(const rgq_context *context, const filter_opts *o,
                             const rgq_record *record, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    const rgq_json *steps = rgq_json_get(rgq_record_json(record), "steps");

    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_text(root, "out", o->out, err));
    RGQ_TRY(err, rgq_json_set_copy(root, "filter", rgq_json_at(steps, 0), err));
    RGQ_TRY(err, rgq_context_print(context, root, err));
out:
    rgq_json_free(root);
    return st;
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const filter_opts *o = opts;
    const rgq_scan_read_opts read = {.series_uid = o->series, .side_file = o->side_file};
    rgq_filter_opts filter = RGQ_FILTER_OPTS_INIT;
    rgq_filter_report report;
    rgq_record *record = NULL;
    rgq_scan scan = {0};

    RGQ_TRY(err, check_words(&filter, context, o, err));
    RGQ_TRY(err, rgq_scan_read(&scan, o->scan, &read, &context->log, err));
    if (!o->keep_times)
        rgq_scan_forget_clock(&scan);
    RGQ_TRY(err, rgq_filter_apply(scan.volume, o->spec, &filter, &report, &context->log, err));
    RGQ_TRY(err, write_files(&record, context, o, &scan, &report, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(context, o, record, err));
out:
    rgq_scan_release(&scan);
    rgq_record_free(record);
    return st;
}

static const char *const cites[] = {"Frigo2005", NULL};

const rgq_command rgq_cmd_filter = {
    .name = "filter",
    .group = "Scan",
    .summary = "smooth a scan with a Gaussian of known width",
    .description =
        "Reads a scan, filters every frame and writes NIfTI with a side file and a record\n"
        "of the run (OUT's name with .run.json). The unit of the voxels stays.\n"
        "\n"
        "The width is the full width at half maximum. The kernel is cut off at four standard\n"
        "deviations and then has exactly the variance of the Gaussian asked for, so that\n"
        "widths add in squares however coarse the voxels are. Voxels outside the image are\n"
        "taken from --border: nothing, the nearest voxel, the image mirrored about its edge\n"
        "voxel, or the image repeated. --path fir computes sums of neighbours, fft a Fourier\n"
        "transform of the padded image; auto takes the faster. A grid whose axes are not\n"
        "perpendicular is refused.",
    .examples = "rgdquant filter pet.nii.gz smooth.nii.gz gaussian:6\n"
                "rgdquant filter dicom-folder smooth.nii.gz gaussian:6,6,5 --border mirror",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(filter_opts),
    .run = run,
};
