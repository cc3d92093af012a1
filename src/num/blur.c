#include "num/blur.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/denormal.h"
#include "num/fft.h"
#include "num/fir.h"

enum {
    SIDE_MAX = 32767,
    PIECE = 4096 /* voxels that `after` gets at a time from a transform */
};

/* Nanoseconds of one thread, measured by tests/bench: per voxel and axis, fixed and for each
 * step of the radius; per padded voxel of the whole Fourier path, fixed and for each doubling.
 * Only their ratio matters, and that is alike on machines with the same vectors. */
static const double fir_fixed_ns = 0.12;
static const double fir_radius_ns = 0.04;
static const double fft_fixed_ns = 1.0;
static const double fft_doubling_ns = 0.5;

/* Largest padded buffer that AUTO takes, in volumes: a filter has to fit where the scan does.
 */
static const double fft_volumes_max = 1.9;

static double count_of(const int n[3])
{
    return (double)n[0] * (double)n[1] * (double)n[2];
}

static rgq_conv_path cheaper_path(const int n[3], const int radius[3], rgq_border border)
{
    int padded[3];
    double fir_ns = 0.0;

    rgq_fft_padded(padded, n, radius, border);
    for (int i = 0; i < 3; i++)
        if (radius[i] > 0)
            fir_ns += fir_fixed_ns + fir_radius_ns * (double)radius[i];
    fir_ns *= count_of(n);
    const double N = count_of(padded);
    const double fft_ns = N * (fft_fixed_ns + fft_doubling_ns * log2(N));
    return fft_ns < fir_ns && N <= fft_volumes_max * count_of(n) ? RGQ_CONV_FFT : RGQ_CONV_FIR;
}

struct rgq_blur {
    int n[3];
    rgq_border border;
    rgq_conv_report report;
    rgq_taps taps[3];
    double *half[3];
    rgq_fir *fir;
    double (*sums)[2]; /* of the pieces, on the Fourier path */
};

static rgq_status check(const rgq_blur_spec *spec, rgq_error *err)
{
    const double sigma_max = (double)RGQ_RADIUS_MAX / 4.0;

    for (int i = 0; i < 3; i++) {
        if (spec->n[i] < 1 || spec->n[i] > SIDE_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%d voxels along axis %d; a convolution takes 1 to %d", spec->n[i],
                             i, (int)SIDE_MAX);
        if (!(spec->sigma[i] >= 0.0 && spec->sigma[i] <= sigma_max))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a Gaussian with a standard deviation of %g voxels along axis %d; "
                             "0 to %g voxels can be computed",
                             spec->sigma[i], i, sigma_max);
    }
    if ((unsigned)spec->border > RGQ_BORDER_PERIODIC)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no border rule %d", (int)spec->border);
    if ((unsigned)spec->path > RGQ_CONV_FFT)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no convolution path %d",
                         (int)spec->path);
    return RGQ_OK;
}

static size_t voxels_of(const int n[3])
{
    return (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
}

static size_t pieces_of(const rgq_blur *b)
{
    return (voxels_of(b->n) + PIECE - 1) / PIECE;
}

static rgq_status make_taps(rgq_blur *b, const rgq_blur_spec *spec, rgq_error *err)
{
    for (int i = 0; i < 3; i++) {
        const int radius = rgq_gauss_radius(spec->sigma[i]);
        RGQ_PASS(err, rgq_alloc(&b->half[i], (size_t)radius + 1, sizeof(double), err));
        rgq_gauss_taps(b->half[i], spec->sigma[i]);
        b->taps[i] = (rgq_taps){radius, b->half[i]};
        b->report.radius[i] = radius;
        b->report.sigma[i] = rgq_taps_sigma(b->taps[i]);
    }
    return RGQ_OK;
}

rgq_status rgq_blur_create(rgq_blur **out, const rgq_blur_spec *spec, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_blur *b = NULL;

    *out = NULL;
    if (spec->image != NULL || spec->kernel != RGQ_KERNEL_EXACT)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED, "only the exact Gaussian kernel can be used");
    RGQ_PASS(err, check(spec, err));
    RGQ_TRY(err, rgq_alloc(&b, 1, sizeof *b, err));
    memcpy(b->n, spec->n, sizeof b->n);
    b->border = spec->border;
    RGQ_TRY(err, make_taps(b, spec, err));
    b->report.path = spec->path;
    if (spec->path == RGQ_CONV_AUTO)
        b->report.path = cheaper_path(b->n, b->report.radius, b->border);
    RGQ_TRY(err, rgq_fir_create(&b->fir, b->n, b->taps, b->border, err));
    if (b->report.path == RGQ_CONV_FFT)
        RGQ_TRY(err, rgq_alloc(&b->sums, pieces_of(b), sizeof *b->sums, err));
    *out = b;
    b = NULL;
out:
    rgq_blur_free(b);
    return st;
}

void rgq_blur_free(rgq_blur *blur)
{
    if (blur == NULL)
        return;
    for (int i = 0; i < 3; i++)
        rgq_free(blur->half[i]);
    rgq_fir_free(blur->fir);
    rgq_free(blur->sums);
    rgq_free(blur);
}

const rgq_conv_report *rgq_blur_report(const rgq_blur *blur)
{
    return &blur->report;
}

static void run_after(rgq_blur *blur, rgq_blur_after *after, float *out)
{
    const size_t count = voxels_of(blur->n);
    const size_t pieces = pieces_of(blur);

#pragma omp parallel
    {
        const unsigned before = rgq_denormal_flush();
#pragma omp for schedule(static)
        for (size_t p = 0; p < pieces; p++) {
            const size_t at = p * PIECE;
            const size_t left = count - at;
            double sum[2] = {0.0, 0.0};
            after->run(after->context, out + at, at, left < PIECE ? left : PIECE, sum);
            memcpy(blur->sums[p], sum, sizeof sum);
        }
        rgq_denormal_restore(before);
    }
    after->sum[0] = 0.0;
    after->sum[1] = 0.0;
    for (size_t p = 0; p < pieces; p++) {
        after->sum[0] += blur->sums[p][0];
        after->sum[1] += blur->sums[p][1];
    }
}

rgq_status rgq_blur_run(rgq_blur *blur, float *out, const float *in, rgq_blur_after *after,
                        rgq_error *err)
{
    if (blur->report.path != RGQ_CONV_FFT) {
        rgq_fir_run(blur->fir, out, in, after);
        return RGQ_OK;
    }
    if (out != in)
        memcpy(out, in, voxels_of(blur->n) * sizeof *out);
    RGQ_PASS(err, rgq_fft_separable(out, blur->n, blur->taps, blur->border, err));
    if (after != NULL)
        run_after(blur, after, out);
    return RGQ_OK;
}

rgq_status rgq_blur_run_turned(rgq_blur *blur, float *out, const float *in,
                               rgq_blur_after *after, rgq_error *err)
{
    return rgq_blur_run(blur, out, in, after, err);
}

/* One voxel beyond the kernel: a mirrored border then finds zeros where the volume goes on. A
 * periodic axis is taken whole where the box would leave it. */
void rgq_blur_reach(const rgq_blur *blur, const int lo[3], const int n[3], int reach_lo[3],
                    int reach_n[3])
{
    for (int i = 0; i < 3; i++) {
        const int margin = blur->report.radius[i] + 1;
        int first = lo[i] - margin;
        int end = lo[i] + n[i] + margin;
        const bool leaves = first < 0 || end > blur->n[i];
        if (leaves && blur->border == RGQ_BORDER_PERIODIC) {
            first = 0;
            end = blur->n[i];
        }
        first = first < 0 ? 0 : first;
        end = end > blur->n[i] ? blur->n[i] : end;
        reach_lo[i] = first;
        reach_n[i] = end - first;
    }
}

rgq_status rgq_blur_box(const rgq_blur *blur, float *box, const int reach_lo[3],
                        const int reach_n[3], rgq_error *err)
{
    (void)reach_lo;
    (void)err;
    rgq_fir_run_box(blur->fir, box, reach_n);
    return RGQ_OK;
}
