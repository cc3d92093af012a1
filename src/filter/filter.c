#include <math.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "filter/work.h"

static const struct {
    rgq_status (*prepare)(rgq_filter_work *work, rgq_error *err);
    const char *title; /* in messages */
    bool fft_alone;
} kinds[] = {
    [RGQ_FILTER_GAUSSIAN] = {rgq_filter_prepare_gaussian, "Gaussian", false},
    [RGQ_FILTER_MATCH] = {rgq_filter_prepare_gaussian, "matching", false},
    [RGQ_FILTER_BUTTERWORTH] = {rgq_filter_prepare_radial, "Butterworth", true},
    [RGQ_FILTER_HANN] = {rgq_filter_prepare_radial, "Hann", true},
    [RGQ_FILTER_METZ] = {rgq_filter_prepare_radial, "Metz", true},
    [RGQ_FILTER_WIENER] = {rgq_filter_prepare_radial, "Wiener", true},
    [RGQ_FILTER_MEAN] = {rgq_filter_prepare_mean, "mean", false},
    [RGQ_FILTER_MEDIAN] = {rgq_filter_prepare_median, "median", false},
    [RGQ_FILTER_LOG] = {rgq_filter_prepare_laplacian, "Laplacian of Gaussian", false},
    [RGQ_FILTER_KERNEL] = {rgq_filter_prepare_kernel, "kernel", false},
};

/* ---- what the filters share ---- */

rgq_status rgq_filter_need_orthogonal(const rgq_filter_work *work, rgq_error *err)
{
    if (!rgq_grid_is_orthogonal(work->grid))
        return RGQ_RAISE(
            err, RGQ_E_GEOMETRY,
            "the axes of the voxel grid are not perpendicular; a %s filter needs a "
            "grid that is: resample the scan first",
            kinds[work->spec->kind].title);
    return RGQ_OK;
}

rgq_status rgq_filter_sigma(double sigma[3], const rgq_filter_work *work,
                            const double width_mm[3], double per_sigma, rgq_error *err)
{
    static const char axis_name[3] = {'x', 'y', 'z'};

    for (int i = 0; i < 3; i++) {
        const double spacing_mm = work->spacing_mm[i];
        const double widest_mm = (double)RGQ_RADIUS_MAX / 4.0 * per_sigma * spacing_mm;
        if (!(width_mm[i] >= 0.0 && width_mm[i] <= widest_mm))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a %s of %g mm along %c; 0 to %g mm were needed on voxels of "
                             "%g mm",
                             per_sigma == 1.0 ? "sigma" : "FWHM", width_mm[i], axis_name[i],
                             widest_mm, spacing_mm);
        sigma[i] = width_mm[i] / per_sigma / spacing_mm;
    }
    return RGQ_OK;
}

rgq_status rgq_filter_need_taps(rgq_filter_work *work, int which, int axis, int radius,
                                rgq_error *err)
{
    double **half = &work->half[which][axis];

    RGQ_PASS(err, rgq_alloc(half, (size_t)radius + 1, sizeof **half, err));
    work->taps[which][axis] = (rgq_taps){radius, *half};
    return RGQ_OK;
}

rgq_status rgq_filter_need_spares(rgq_filter_work *work, int n, rgq_error *err)
{
    for (int i = 0; i < n; i++)
        RGQ_PASS(err, rgq_alloc(&work->spare[i], work->count, sizeof *work->spare[i], err));
    return RGQ_OK;
}

static void note_fft(rgq_filter_report *report, rgq_fft_report made)
{
    for (int i = 0; i < 3; i++)
        report->padded[i] = made.padded[i];
    rgq_text_copy(report->plans, sizeof report->plans,
                  made.from_wisdom ? "measured" : "estimated");
    report->path = RGQ_CONV_FFT;
}

void rgq_filter_note_conv(rgq_filter_work *work, const rgq_conv_report *conv)
{
    rgq_fft_report made = {.from_wisdom = conv->measured_plans};

    for (int i = 0; i < 3; i++)
        made.padded[i] = conv->padded[i];
    if (conv->path == RGQ_CONV_FFT)
        note_fft(&work->report, made);
}

rgq_status rgq_filter_need_fft(rgq_filter_work *work, bool endless, rgq_error *err)
{
    rgq_filter_report *report = &work->report;
    rgq_fft_layout layout = {.border = work->opts->border, .endless = endless};

    for (int i = 0; i < 3; i++) {
        layout.n[i] = work->grid->n[i];
        layout.reach[i] = report->radius[i];
    }
    RGQ_PASS(err, rgq_fft_create(&work->fft, &layout, err));
    note_fft(report, rgq_fft_describe(work->fft));
    work->run = rgq_filter_run_fft;
    return RGQ_OK;
}

rgq_status rgq_filter_run_fft(rgq_filter_work *work, float *frame, rgq_error *err)
{
    (void)err;
    rgq_fft_run(work->fft, frame, frame, false);
    return RGQ_OK;
}

/* ---- the whole ---- */

static rgq_status check_opts(const rgq_filter_spec *spec, const rgq_filter_opts *o,
                             rgq_error *err)
{
    if ((unsigned)o->border > RGQ_BORDER_PERIODIC)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no border rule %d", (int)o->border);
    if ((unsigned)o->path > RGQ_CONV_FFT)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no convolution path %d", (int)o->path);
    if (kinds[spec->kind].fft_alone && o->path == RGQ_CONV_FIR)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a %s filter is a gain over frequencies and has no taps; --path fft "
                         "or auto computes it",
                         kinds[spec->kind].title);
    if (spec->kind == RGQ_FILTER_MEDIAN && o->path == RGQ_CONV_FFT)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "a median is no convolution: --path fft does not compute it, auto does");
    for (int i = 0; spec->kind == RGQ_FILTER_MATCH && i < 3; i++) {
        const double psf_mm = o->psf_fwhm_mm[i];
        if (isnan(psf_mm))
            return RGQ_RAISE(err, RGQ_E_MISSING,
                             "match:FWHM needs the resolution the scanner has; give its FWHM "
                             "with --psf-mm F or --psf-mm X,Y,Z");
        if (!(psf_mm >= 0.0 && psf_mm <= spec->width_mm[i]))
            return RGQ_RAISE(
                err, RGQ_E_ARGUMENT,
                "the scanner's FWHM is %g mm along axis %d, and no filter makes it "
                "%g mm: match to %g mm or more",
                psf_mm, i, spec->width_mm[i], psf_mm);
    }
    return RGQ_OK;
}

static void tell(const rgq_log *log, const rgq_filter_work *w, int n_frames)
{
    const rgq_filter_report *r = &w->report;
    char widths[200] = "";

    if (r->path == RGQ_CONV_FFT && isfinite(r->fwhm_mm[0]) && kinds[w->spec->kind].fft_alone)
        (void)snprintf(widths, sizeof widths,
                       "blur of FWHM %.6g x %.6g x %.6g mm, effective FWHM %.4g x %.4g x %.4g "
                       "mm, radius %d, %d, %d voxels",
                       r->fwhm_mm[0], r->fwhm_mm[1], r->fwhm_mm[2], r->effective_fwhm_mm[0],
                       r->effective_fwhm_mm[1], r->effective_fwhm_mm[2], r->radius[0],
                       r->radius[1], r->radius[2]);
    else if (isfinite(r->fwhm_mm[0]))
        (void)snprintf(widths, sizeof widths,
                       "FWHM %.6g x %.6g x %.6g mm (kernels %.6f x %.6f x %.6f mm, radius %d, "
                       "%d, %d voxels)",
                       r->fwhm_mm[0], r->fwhm_mm[1], r->fwhm_mm[2], r->effective_fwhm_mm[0],
                       r->effective_fwhm_mm[1], r->effective_fwhm_mm[2], r->radius[0],
                       r->radius[1], r->radius[2]);
    else if (isfinite(r->effective_fwhm_mm[0]))
        (void)snprintf(widths, sizeof widths,
                       "effective FWHM %.4g x %.4g x %.4g mm, radius %d, %d, %d voxels",
                       r->effective_fwhm_mm[0], r->effective_fwhm_mm[1],
                       r->effective_fwhm_mm[2], r->radius[0], r->radius[1], r->radius[2]);
    else
        (void)snprintf(widths, sizeof widths, "radius %d, %d, %d voxels", r->radius[0],
                       r->radius[1], r->radius[2]);
    RGQ_INFO(log, "%s filter: %s, border %s, path %s, %d frame%s", r->name, widths,
             rgq_border_name(r->border), rgq_conv_path_name(r->path), n_frames,
             n_frames == 1 ? "" : "s");
    if (r->path == RGQ_CONV_FFT)
        RGQ_DEBUG(log, "FFT of %d x %d x %d voxels, %s plans", r->padded[0], r->padded[1],
                  r->padded[2], r->plans);
}

static void release(rgq_filter_work *work)
{
    rgq_fft_free(work->fft);
    rgq_blur_free(work->blur);
    for (int i = 0; i < 3; i++) {
        rgq_fir_free(work->fir[i]);
        rgq_free(work->half[0][i]);
        rgq_free(work->half[1][i]);
    }
    for (int i = 0; i < RGQ_FILTER_SPARES; i++)
        rgq_free(work->spare[i]);
}

static void begin_report(rgq_filter_report *report, const rgq_filter_spec *spec,
                         rgq_border border)
{
    *report = (rgq_filter_report){.path = RGQ_CONV_FIR, .border = border};
    rgq_text_copy(report->name, sizeof report->name, rgq_filter_name(spec->kind));
    for (int i = 0; i < 3; i++) {
        report->fwhm_mm[i] = (double)NAN;
        report->effective_fwhm_mm[i] = (double)NAN;
        report->psf_fwhm_mm[i] = (double)NAN;
    }
}

static rgq_status run_frames(rgq_filter_work *work, rgq_volume *volume, rgq_error *err)
{
    const int n_frames = rgq_volume_n_frames(volume);
    char task[40];

    (void)snprintf(task, sizeof task, "%s filter", work->report.name);
    for (int f = 0; f < n_frames; f++) {
        rgq_log_progress(work->log, task, (double)f / (double)n_frames);
        RGQ_PASS(err, work->run(work, rgq_volume_data(volume, f), err));
    }
    rgq_log_progress(work->log, task, 1.0);
    return RGQ_OK;
}

rgq_status rgq_filter_run(rgq_volume *volume, const rgq_filter_spec *spec,
                          const rgq_filter_opts *opts, rgq_filter_report *report,
                          const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_filter_opts o = opts != NULL ? *opts : (rgq_filter_opts)RGQ_FILTER_OPTS_INIT;
    rgq_filter_work work = {.spec = spec,
                            .opts = &o,
                            .grid = rgq_volume_grid(volume),
                            .log = log,
                            .count = rgq_volume_count(volume)};
    char step[60];

    if ((unsigned)spec->kind >= sizeof kinds / sizeof kinds[0])
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no filter %d", (int)spec->kind);
    rgq_grid_spacing_mm(work.grid, work.spacing_mm);
    begin_report(&work.report, spec, o.border);
    RGQ_TRY(err, check_opts(spec, &o, err));
    (void)snprintf(step, sizeof step, "before the %s filter", kinds[spec->kind].title);
    RGQ_TRY(err, rgq_volume_check_finite(volume, step, err));
    RGQ_TRY(err, kinds[spec->kind].prepare(&work, err));
    RGQ_TRY(err, run_frames(&work, volume, err));
    (void)snprintf(step, sizeof step, "after the %s filter", kinds[spec->kind].title);
    RGQ_TRY(err, rgq_volume_check_finite(volume, step, err));
    if (spec->kind == RGQ_FILTER_LOG)
        rgq_volume_set_unit(volume, RGQ_UNIT_NATIVE);
    tell(log, &work, rgq_volume_n_frames(volume));
    if (report != NULL)
        *report = work.report;
out:
    release(&work);
    return st;
}

rgq_status rgq_filter_gaussian(rgq_volume *volume, const double fwhm_mm[3],
                               const rgq_filter_opts *opts, rgq_filter_report *report,
                               const rgq_log *log, rgq_error *err)
{
    const rgq_filter_spec spec = {.kind = RGQ_FILTER_GAUSSIAN,
                                  .width_mm = {fwhm_mm[0], fwhm_mm[1], fwhm_mm[2]}};

    return rgq_filter_run(volume, &spec, opts, report, log, err);
}

rgq_status rgq_filter_check(const char *text, const rgq_filter_opts *opts, rgq_error *err)
{
    rgq_filter_spec spec;

    RGQ_PASS(err, rgq_filter_parse(&spec, text, err));
    return opts != NULL ? check_opts(&spec, opts, err) : RGQ_OK;
}

rgq_status rgq_filter_apply(rgq_volume *volume, const char *text, const rgq_filter_opts *opts,
                            rgq_filter_report *report, const rgq_log *log, rgq_error *err)
{
    rgq_filter_spec spec;

    RGQ_PASS(err, rgq_filter_parse(&spec, text, err));
    return rgq_filter_run(volume, &spec, opts, report, log, err);
}
