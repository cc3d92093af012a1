/* rgdquant filter SCAN OUT SPEC */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/plans.h"
#include "cli/results.h"
#include "core/banned.h"
#include "pipeline/kernel_file.h"
#include "rgdquant/filter.h"
#include "rgdquant/scan_file.h"

typedef struct filter_opts {
    const char *scan;
    const char *out;
    const char *spec;
    const char *border;
    const char *path;
    rgq_reals psf_mm;
    const char *psf_file;
    const char *plans;
    const char *side_file;
    const char *series;
    bool keep_times;
} filter_opts;

/* What a run works with. */
typedef struct job {
    const filter_opts *o;
    rgq_filter_spec spec;
    rgq_filter_opts filter;
    char plans[RGQ_PATH_MAX]; /* file that FFTW was given; "" for none */
} job;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(filter_opts, scan, "SCAN", NULL,
                 "the scan: a DICOM folder or file, or a NIfTI file"),
    RGQ_ARGUMENT(filter_opts, out, "OUT", NULL, "the filtered scan: .nii or .nii.gz"),
    RGQ_ARGUMENT(filter_opts, spec, "SPEC", NULL,
                 "gaussian:FWHM, match:FWHM, butterworth:FC,N, hann:FC, metz:FWHM,POWER, "
                 "wiener:FWHM,NSR, mean:N, median:N, log:SIGMA or kernel:FILE; see above"),
    RGQ_CHOICE(filter_opts, border, "border", "replicate", "zero|replicate|mirror|periodic",
               "what lies outside the image"),
    RGQ_CHOICE(filter_opts, path, "path", "auto", "auto|fir|fft",
               "how to compute it; the results agree to 1e-6 of the maximum"),
    RGQ_REALS(filter_opts, psf_mm, "psf-mm", "F|X,Y,Z", "", 0, 1000, 1, 3,
              "match: full width at half maximum of the scanner's resolution"),
    RGQ_TEXT(filter_opts, psf_file, "psf-file", "FILE", "",
             "match: instead of --psf-mm, the psf.json of a phantom ('rgdquant pvc --help') or "
             "the NIfTI image of a measured kernel"),
    RGQ_TEXT(filter_opts, plans, "plans", "FILE", "",
             "file of 'rgdquant tune', or none; default: that of the user's cache folder"),
    RGQ_TEXT(filter_opts, side_file, "side-file", "FILE.json", "",
             "BIDS PET side file, instead of the one beside the image"),
    RGQ_TEXT(filter_opts, series, "series", "UID", "",
             "which DICOM series, where the folder holds several"),
    RGQ_FLAG(filter_opts, keep_times, "keep-times",
             "keep times of day in the side file; else they count from the injection"),
};

/* Widths out of a psf.json, or of a measured kernel. */
static rgq_status read_psf(double fwhm_mm[3], const char *path, const rgq_log *log,
                           rgq_error *err)
{
    rgq_psf_file psf = {.image = NULL};
    rgq_status st = rgq_psf_read(&psf, path, log, err);

    if (st == RGQ_OK)
        st = rgq_psf_file_widths(fwhm_mm, &psf, err);
    if (st == RGQ_OK && psf.image != NULL)
        RGQ_INFO(log, "the kernel has a FWHM of %.6g x %.6g x %.6g mm by its second moments",
                 fwhm_mm[0], fwhm_mm[1], fwhm_mm[2]);
    rgq_psf_file_release(&psf);
    return st;
}

static rgq_status take_psf(rgq_filter_opts *filter, const rgq_filter_spec *spec,
                           const filter_opts *o, rgq_context *context, rgq_error *err)
{
    const rgq_reals *psf_mm = &o->psf_mm;

    if (psf_mm->count == 0 && o->psf_file == NULL)
        return RGQ_OK;
    if (spec->kind != RGQ_FILTER_MATCH)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT, "--%s belongs to match:FWHM; a %s filter does not ask for it",
            psf_mm->count > 0 ? "psf-mm" : "psf-file", rgq_filter_name(spec->kind));
    if (psf_mm->count > 0 && o->psf_file != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--psf-mm and --psf-file were both given; one of them was needed");
    if (o->psf_file != NULL) {
        const rgq_status st = read_psf(filter->psf_fwhm_mm, o->psf_file, &context->log, err);
        if (st != RGQ_OK && st != RGQ_E_ARGUMENT)
            context->exit_code = 0; /* the file is wrong, not the words: 1 */
        return st;
    }
    if (psf_mm->count == 2)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--psf-mm has 2 numbers; 1 for all axes or 3, X,Y,Z, were needed");
    for (int i = 0; i < 3; i++)
        filter->psf_fwhm_mm[i] = psf_mm->value[psf_mm->count == 3 ? i : 0];
    return RGQ_OK;
}

/* What can be found wrong before a scan is read and filtered is found then. */
static rgq_status check_words(rgq_filter_spec *spec, rgq_filter_opts *filter,
                              rgq_context *context, const filter_opts *o, rgq_error *err)
{
    context->exit_code = 2;
    RGQ_PASS(err, rgq_filter_parse(spec, o->spec, err));
    RGQ_PASS(err, rgq_border_parse(&filter->border, o->border, err));
    RGQ_PASS(err, rgq_conv_path_parse(&filter->path, o->path, err));
    RGQ_PASS(err, take_psf(filter, spec, o, context, err));
    RGQ_PASS(err, rgq_filter_check(o->spec, filter, err));
    const rgq_status st = rgq_scan_outputs_check(o->out, context->shared.force, err);
    if (st != RGQ_E_ARGUMENT)
        context->exit_code = 0;
    return st;
}

static rgq_status write_files(rgq_record **record, const rgq_context *context, const job *j,
                              const rgq_scan *scan, const rgq_filter_report *report,
                              rgq_error *err)
{
    const filter_opts *o = j->o;
    const char *kernel = j->spec.kind == RGQ_FILTER_KERNEL ? j->spec.kernel_path : NULL;
    char description[80];
    const rgq_run run = {
        .command = "filter",
        .out = o->out,
        .scan_path = o->scan,
        .scan = scan,
        .more = {{o->side_file, "side file"}, {kernel, "kernel"}, {o->psf_file, "psf"}}};

    (void)snprintf(description, sizeof description, "rgdquant filter %.50s",
                   kernel != NULL ? "kernel" : o->spec); /* a path may name a person */
    const rgq_write_opts write = {context->shared.force, description};
    RGQ_PASS(err, rgq_run_record(record, context, &run, err));
    RGQ_PASS(err, rgq_record_filter(*record, o->spec, report, err));
    if (strcmp(report->plans, "measured") == 0)
        RGQ_PASS(err, rgq_record_data_file(*record, j->plans, "fft-plans.json", err));
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
    job j = {.o = o, .filter = RGQ_FILTER_OPTS_INIT};
    rgq_volume *kernel = NULL;
    rgq_filter_report report;
    rgq_record *record = NULL;
    rgq_scan scan = {0};

    RGQ_TRY(err, check_words(&j.spec, &j.filter, context, o, err));
    RGQ_TRY(err, rgq_plans_load(j.plans, context, o->plans, err));
    RGQ_TRY(err, rgq_kernel_file_read(&kernel, &j.spec, err));
    j.filter.kernel = kernel;
    RGQ_TRY(err, rgq_scan_read(&scan, o->scan, &read, &context->log, err));
    if (!o->keep_times)
        rgq_scan_forget_clock(&scan);
    RGQ_TRY(err, rgq_filter_run(scan.volume, &j.spec, &j.filter, &report, &context->log, err));
    if (j.spec.kind == RGQ_FILTER_LOG)
        scan.facts.units.known = false; /* of what was read, which this is no more */
    RGQ_TRY(err, write_files(&record, context, &j, &scan, &report, err));
    if (context->shared.json)
        RGQ_TRY(err, print_json(context, o, record, err));
out:
    rgq_volume_free(kernel);
    rgq_scan_release(&scan);
    rgq_record_free(record);
    return st;
}

static const char *const cites[] = {"Frigo2005", NULL};

const rgq_command rgq_cmd_filter = {
    .name = "filter",
    .group = "Scan",
    .summary = "smooth, sharpen or filter a scan: Gaussian, Butterworth, median and others",
    .description =
        "Reads a scan, filters every frame and writes NIfTI with a side file and a record\n"
        "of the run (OUT's name with .run.json). The unit of the voxels stays, but for log.\n"
        "Widths are full widths at half maximum (FWHM) in mm, one for all axes or X,Y,Z;\n"
        "f is the frequency and FC a cut-off in cycles/cm; G = exp(-2 pi^2 s^2 f^2) is the\n"
        "transfer function of a Gaussian of that FWHM, s its standard deviation.\n"
        "\n"
        "  gaussian:FWHM     the kernel is cut off at 4 s and then has exactly the variance\n"
        "                    asked for: widths add in squares however coarse the voxels are\n"
        "  match:FWHM        the Gaussian that brings a scanner of resolution --psf-mm to\n"
        "                    FWHM, sqrt(FWHM^2 - PSF^2) along each axis\n"
        "  butterworth:FC,N  gain 1 / sqrt(1 + (f/FC)^(2 N)): 0.707 at FC. Programs that\n"
        "                    call 2 N the order, or leave out the root, need other numbers\n"
        "  hann:FC           gain (1 + cos(pi f/FC)) / 2, 0 from FC on\n"
        "  metz:FWHM,POWER   gain (1 - (1 - G^2)^POWER) / G\n"
        "  wiener:FWHM,NSR   gain G / (G^2 + NSR), NSR the ratio of noise to signal power;\n"
        "                    a constant is scaled by 1 / (1 + NSR)\n"
        "  mean:N, median:N  of a box of N voxels along each axis, or of X,Y,Z; odd numbers\n"
        "  log:SIGMA         Laplacian of Gaussian as IBSI-2 defines it, sigma in mm: second\n"
        "                    derivatives by the voxel side (the cube root of the voxel volume\n"
        "                    where sides differ), samples cut off at 4 sigma\n"
        "  kernel:FILE       convolution with the weights of an image of odd size and the\n"
        "                    voxels of the scan, its middle voxel the centre; not normalised\n"
        "\n"
        "Voxels outside the image are taken from --border: nothing, the nearest voxel, the\n"
        "image mirrored about its edge voxel (d c b | a b c d), or the image repeated. --path\n"
        "fir computes sums of neighbours, fft a Fourier transform of the padded image; auto\n"
        "takes the faster. butterworth, hann, metz and wiener are gains over frequencies and\n"
        "exist by fft alone: exact with a periodic border, else the image is continued by the\n"
        "border rule as far as an edge changes a voxel by a thousandth, at most half the "
        "image.\n"
        "Anisotropic voxels are respected; a grid whose axes are not perpendicular is refused\n"
        "where mm along the axes are meant.",
    .examples = "rgdquant filter pet.nii.gz smooth.nii.gz gaussian:6\n"
                "rgdquant filter dicom-folder smooth.nii.gz gaussian:6,6,5 --border mirror\n"
                "rgdquant filter spect.nii.gz smooth.nii.gz butterworth:0.5,5\n"
                "rgdquant filter pet.nii.gz seven.nii.gz match:7 --psf-mm 4.6,4.6,5",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(filter_opts),
    .run = run,
};
