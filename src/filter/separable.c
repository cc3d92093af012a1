/* Filters that are a product of three kernels, and the Laplacian, which is a sum of three. */
#include <math.h>

#include "core/banned.h"
#include "filter/work.h"
#include "num/cost.h"

static rgq_status run_fir(rgq_filter_work *work, float *frame, rgq_error *err)
{
    (void)err;
    rgq_fir_run(work->fir[0], frame, frame, NULL);
    return RGQ_OK;
}

static rgq_conv_path choose(const rgq_filter_work *work)
{
    const rgq_filter_opts *o = work->opts;

    return o->path != RGQ_CONV_AUTO ? o->path
                                    : rgq_conv_cheaper(work->grid->n, work->report.radius,
                                                       o->border, 0, RGQ_CONV_VOLUMES_MAX);
}

/* The path, what it needs, and what taps[0] say of the width. */
static rgq_status finish(rgq_filter_work *work, rgq_error *err)
{
    rgq_filter_report *r = &work->report;

    for (int i = 0; i < 3; i++) {
        r->radius[i] = work->taps[0][i].radius;
        r->effective_fwhm_mm[i] =
            RGQ_FWHM_PER_SIGMA * rgq_taps_sigma(work->taps[0][i]) * work->spacing_mm[i];
    }
    if (choose(work) == RGQ_CONV_FIR) {
        work->run = run_fir;
        return rgq_fir_create(&work->fir[0], work->grid->n, work->taps[0], work->opts->border,
                              err);
    }
    RGQ_PASS(err, rgq_filter_need_fft(work, false, err));
    return rgq_fft_set_separable(work->fft, work->taps[0], err);
}

rgq_status rgq_filter_prepare_gaussian(rgq_filter_work *work, rgq_error *err)
{
    const rgq_filter_spec *spec = work->spec;
    double width_mm[3];
    double sigma[3];

    for (int i = 0; i < 3; i++) {
        const double psf_mm = work->opts->psf_fwhm_mm[i];
        width_mm[i] = spec->width_mm[i];
        if (spec->kind == RGQ_FILTER_MATCH) {
            width_mm[i] = sqrt((spec->width_mm[i] - psf_mm) * (spec->width_mm[i] + psf_mm));
            work->report.psf_fwhm_mm[i] = psf_mm;
        }
        work->report.fwhm_mm[i] = spec->width_mm[i];
    }
    RGQ_PASS(err, rgq_filter_need_orthogonal(work, err));
    RGQ_PASS(err, rgq_filter_sigma(sigma, work, width_mm, RGQ_FWHM_PER_SIGMA, err));
    for (int i = 0; i < 3; i++) {
        RGQ_PASS(err, rgq_filter_need_taps(work, 0, i, rgq_gauss_radius(sigma[i]), err));
        rgq_gauss_taps(work->half[0][i], sigma[i]);
    }
    return finish(work, err);
}

rgq_status rgq_filter_prepare_mean(rgq_filter_work *work, rgq_error *err)
{
    for (int i = 0; i < 3; i++) {
        const int side = work->spec->voxels[i];
        if (side < 1 || side > RGQ_FILTER_MEAN_MAX || side % 2 == 0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a mean over %d voxels; an odd number from 1 to %d was needed",
                             side, (int)RGQ_FILTER_MEAN_MAX);
        RGQ_PASS(err, rgq_filter_need_taps(work, 0, i, side / 2, err));
        for (int k = 0; k <= side / 2; k++)
            work->half[0][i][k] = 1.0 / (double)side;
    }
    return finish(work, err);
}

/* ---- Laplacian of Gaussian ---- */

/* Samples of the Gaussian of sum 1, and of its second derivative by the axis in voxels. A
 * constant must give zero, which what was cut off takes a ten-thousandth away from: the samples
 * are moved by that together. */
static void log_taps(double *flat, double *bent, int radius, double sigma)
{
    const double square = sigma * sigma;
    double sum = 0.0;
    double rest = 0.0;

    for (int k = radius; k >= 0; k--) {
        const double x = (double)k * (double)k / square;
        flat[k] = exp(-0.5 * x);
        sum += (k == 0 ? 1.0 : 2.0) * flat[k];
    }
    for (int k = radius; k >= 0; k--) {
        const double x = (double)k * (double)k / square;
        bent[k] = exp(-0.5 * x) / (sqrt(2.0 * acos(-1.0)) * sigma) * (x - 1.0) / square;
        rest += (k == 0 ? 1.0 : 2.0) * bent[k];
        flat[k] /= sum;
    }
    for (int k = 0; k <= radius; k++)
        bent[k] -= rest / (2.0 * (double)radius + 1.0);
}

/* Add the voxels of another volume, `context`, to a piece; sum[0] counts them. */
static void add_other(void *context, float *piece, size_t at, size_t count, double sum[2])
{
    const float *const other = (const float *)context + at;

    for (size_t i = 0; i < count; i++)
        piece[i] += other[i];
    sum[0] += (double)count;
}

static rgq_status run_laplacian(rgq_filter_work *work, float *frame, rgq_error *err)
{
    float *const a = work->spare[0];
    float *const b = work->spare[1];
    rgq_blur_after add_a = {.run = add_other, .context = a, .beside = {a, NULL}};
    rgq_blur_after add_b = {.run = add_other, .context = b, .beside = {b, NULL}};
    (void)err;

    rgq_fir_run(work->fir[0], a, frame, NULL);
    rgq_fir_run(work->fir[1], b, frame, &add_a);
    rgq_fir_run(work->fir[2], frame, frame, &add_b);
    return RGQ_OK;
}

static rgq_status laplacian_by_fir(rgq_filter_work *work, rgq_error *err)
{
    for (int axis = 0; axis < 3; axis++) {
        rgq_taps taps[3] = {work->taps[0][0], work->taps[0][1], work->taps[0][2]};
        taps[axis] = work->taps[1][axis];
        RGQ_PASS(err, rgq_fir_create(&work->fir[axis], work->grid->n, taps, work->opts->border,
                                     err));
    }
    work->run = run_laplacian;
    return rgq_filter_need_spares(work, 2, err);
}

rgq_status rgq_filter_prepare_laplacian(rgq_filter_work *work, rgq_error *err)
{
    const double side_mm = cbrt(1000.0 * rgq_grid_voxel_ml(work->grid));
    double sigma[3];

    RGQ_PASS(err, rgq_filter_need_orthogonal(work, err));
    RGQ_PASS(err, rgq_filter_sigma(sigma, work, work->spec->width_mm, 1.0, err));
    for (int i = 0; i < 3; i++) {
        const double unit = side_mm / work->spacing_mm[i];
        const int radius = (int)(4.0 * sigma[i] + 0.5);
        if (!(sigma[i] > 0.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a sigma of 0 mm; above 0 was needed");
        RGQ_PASS(err, rgq_filter_need_taps(work, 0, i, radius, err));
        RGQ_PASS(err, rgq_filter_need_taps(work, 1, i, radius, err));
        log_taps(work->half[0][i], work->half[1][i], radius, sigma[i]);
        for (int k = 0; k <= radius; k++)
            work->half[1][i][k] *= unit * unit;
        work->report.radius[i] = radius;
    }
    RGQ_INFO(work->log,
             "values are per squared voxel side of %.6g mm, as in IBSI-2: divide by %.6g for "
             "mm^2",
             side_mm, side_mm * side_mm);
    if (choose(work) == RGQ_CONV_FIR)
        return laplacian_by_fir(work, err);
    RGQ_PASS(err, rgq_filter_need_fft(work, false, err));
    return rgq_fft_set_laplacian(work->fft, work->taps[0], work->taps[1], err);
}
