#include "num/blur.h"

#include <stdbool.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/cost.h"
#include "num/denormal.h"
#include "num/direct.h"
#include "num/fft.h"
#include "num/fir.h"
#include "num/kernel.h"
#include "num/kernel_image.h"
#include "num/ones.h"

enum {
    SIDE_MAX = 32767,
    PIECE = 4096,        /* voxels that `after` gets at a time from a transform */
    BOX_VOLUMES_MAX = 64 /* of the transform of a box: small, and worth it */
};

struct rgq_blur {
    int n[3];
    rgq_border border;
    rgq_conv_report report;
    rgq_taps taps[3]; /* where the kernel separates */
    double *half[3];
    rgq_ones *ones;
    rgq_fir *fir;           /* where the kernel separates, else NULL */
    rgq_direct *direct;     /* where it does not, else NULL */
    rgq_fft *fft;           /* on the Fourier path, else NULL */
    double (*sums)[2];      /* of its pieces */
    rgq_kernel_image image; /* a copy, where the kernel does not separate */
    float *weight;          /* of `image` */
};

static rgq_status check(const rgq_blur_spec *spec, rgq_error *err)
{
    const double sigma_max = (double)RGQ_RADIUS_MAX / 4.0;

    for (int i = 0; i < 3; i++) {
        if (spec->n[i] < 1 || spec->n[i] > SIDE_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%d voxels along axis %d; a convolution takes 1 to %d", spec->n[i],
                             i, (int)SIDE_MAX);
        if (spec->image == NULL && !(spec->sigma[i] >= 0.0 && spec->sigma[i] <= sigma_max))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a Gaussian with a standard deviation of %g voxels along axis %d; "
                             "0 to %g voxels can be computed",
                             spec->sigma[i], i, sigma_max);
    }
    if (spec->image != NULL)
        RGQ_PASS(err, rgq_kernel_image_check(spec->image, err));
    if ((unsigned)spec->border > RGQ_BORDER_PERIODIC)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no border rule %d", (int)spec->border);
    if ((unsigned)spec->path > RGQ_CONV_FFT)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no convolution path %d",
                         (int)spec->path);
    if ((unsigned)spec->kernel > RGQ_KERNEL_ITK)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no kernel %d", (int)spec->kernel);
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

static rgq_status make_gaussian(rgq_blur *b, const rgq_blur_spec *spec, rgq_error *err)
{
    const bool itk = spec->kernel == RGQ_KERNEL_ITK;

    for (int i = 0; i < 3; i++) {
        int radius = itk ? RGQ_ITK_RADIUS_MAX : rgq_gauss_radius(spec->sigma[i]);
        RGQ_PASS(err, rgq_alloc(&b->half[i], (size_t)radius + 1, sizeof(double), err));
        if (itk)
            radius = rgq_itk_taps(b->half[i], spec->sigma[i]);
        else
            rgq_gauss_taps(b->half[i], spec->sigma[i]);
        b->taps[i] = (rgq_taps){radius, b->half[i]};
        b->report.radius[i] = radius;
        b->report.sigma[i] = rgq_taps_sigma(b->taps[i]);
    }
    return RGQ_OK;
}

/* `*separates` tells whether there are taps. */
static rgq_status make_image(rgq_blur *b, const rgq_kernel_image *image, bool *separates,
                             rgq_error *err)
{
    rgq_kernel_image_radius(image, b->report.radius);
    rgq_kernel_image_sigma(image, b->report.sigma);
    for (int i = 0; i < 3; i++) {
        const size_t taps = (size_t)b->report.radius[i] + 1;
        RGQ_PASS(err, rgq_alloc(&b->half[i], taps, sizeof(double), err));
        b->taps[i] = (rgq_taps){b->report.radius[i], b->half[i]};
    }
    *separates = rgq_kernel_image_separates(image, b->half);
    return RGQ_OK;
}

static rgq_status copy_image(rgq_blur *b, const rgq_kernel_image *image, rgq_error *err)
{
    const size_t count = voxels_of(image->n);

    RGQ_PASS(err, rgq_alloc(&b->weight, count, sizeof *b->weight, err));
    memcpy(b->weight, image->weight, count * sizeof *b->weight);
    memcpy(b->image.n, image->n, sizeof b->image.n);
    b->image.weight = b->weight;
    return RGQ_OK;
}

/* A transform for volumes of n voxels, with the kernel of `b`. */
static rgq_status make_fft(rgq_fft **out, const rgq_blur *b, const int n[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fft *fft = NULL;
    rgq_fft_layout layout = {.border = b->border};

    *out = NULL;
    for (int i = 0; i < 3; i++) {
        layout.n[i] = n[i];
        layout.reach[i] = b->report.radius[i];
    }
    RGQ_TRY(err, rgq_fft_create(&fft, &layout, err));
    if (b->fir != NULL)
        RGQ_TRY(err, rgq_fft_set_separable(fft, b->taps, err));
    else
        RGQ_TRY(err, rgq_fft_set_image(fft, b->image.n, b->image.weight, err));
    *out = fft;
    fft = NULL;
out:
    rgq_fft_free(fft);
    return st;
}

static rgq_status make_engines(rgq_blur *b, const rgq_blur_spec *spec, bool separates,
                               rgq_error *err)
{
    const rgq_taps *taps = separates ? b->taps : NULL;
    size_t weights = 0;

    RGQ_PASS(err, rgq_ones_create(&b->ones, b->n, taps, spec->image, b->border, err));
    if (separates) {
        RGQ_PASS(err, rgq_fir_create(&b->fir, b->n, b->taps, b->border, err));
    } else {
        RGQ_PASS(err, copy_image(b, spec->image, err));
        RGQ_PASS(err, rgq_direct_create(&b->direct, b->n, spec->image, b->border, err));
        weights = rgq_direct_taps(b->direct);
    }
    b->report.path = spec->path;
    if (spec->path == RGQ_CONV_AUTO)
        b->report.path =
            rgq_conv_cheaper(b->n, b->report.radius, b->border, weights, RGQ_CONV_VOLUMES_MAX);
    if (b->report.path == RGQ_CONV_FFT) {
        RGQ_PASS(err, make_fft(&b->fft, b, b->n, err));
        const rgq_fft_report made = rgq_fft_describe(b->fft);
        memcpy(b->report.padded, made.padded, sizeof b->report.padded);
        b->report.measured_plans = made.from_wisdom;
        RGQ_PASS(err, rgq_alloc(&b->sums, pieces_of(b), sizeof *b->sums, err));
    }
    return RGQ_OK;
}

rgq_status rgq_blur_create(rgq_blur **out, const rgq_blur_spec *spec, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_blur *b = NULL;
    bool separates = true;

    *out = NULL;
    RGQ_PASS(err, check(spec, err));
    RGQ_TRY(err, rgq_alloc(&b, 1, sizeof *b, err));
    memcpy(b->n, spec->n, sizeof b->n);
    b->border = spec->border;
    if (spec->image != NULL)
        RGQ_TRY(err, make_image(b, spec->image, &separates, err));
    else
        RGQ_TRY(err, make_gaussian(b, spec, err));
    RGQ_TRY(err, make_engines(b, spec, separates, err));
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
    rgq_ones_free(blur->ones);
    rgq_fir_free(blur->fir);
    rgq_direct_free(blur->direct);
    rgq_fft_free(blur->fft);
    rgq_free(blur->weight);
    rgq_free(blur->sums);
    rgq_free(blur);
}

const rgq_conv_report *rgq_blur_report(const rgq_blur *blur)
{
    return &blur->report;
}

const rgq_taps *rgq_blur_taps(const rgq_blur *blur)
{
    return blur->fir != NULL ? blur->taps : NULL;
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

static rgq_status run(rgq_blur *blur, float *out, const float *in, bool turned,
                      rgq_blur_after *after, rgq_error *err)
{
    (void)err; /* nothing can fail any more */
    if (blur->fft != NULL) {
        rgq_fft_run(blur->fft, out, in, turned);
        if (after != NULL)
            run_after(blur, after, out);
    } else if (blur->fir != NULL) {
        rgq_fir_run(blur->fir, out, in, after);
    } else {
        rgq_direct_run(blur->direct, out, in, turned, after);
    }
    return RGQ_OK;
}

rgq_status rgq_blur_run(rgq_blur *blur, float *out, const float *in, rgq_blur_after *after,
                        rgq_error *err)
{
    return run(blur, out, in, false, after, err);
}

rgq_status rgq_blur_run_turned(rgq_blur *blur, float *out, const float *in,
                               rgq_blur_after *after, rgq_error *err)
{
    return run(blur, out, in, true, after, err);
}

void rgq_blur_ones(const rgq_blur *blur, bool turned, float *out, size_t at, size_t count)
{
    rgq_ones_fill(blur->ones, turned, out, at, count);
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

static rgq_status transform_box(const rgq_blur *blur, float *box, const int n[3],
                                rgq_error *err)
{
    rgq_fft *fft = NULL;

    RGQ_PASS(err, make_fft(&fft, blur, n, err));
    rgq_fft_run(fft, box, box, false);
    rgq_fft_free(fft);
    return RGQ_OK;
}

rgq_status rgq_blur_box(const rgq_blur *blur, float *box, const int reach_lo[3],
                        const int reach_n[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;

    for (int i = 0; i < 3; i++)
        if (reach_n[i] < 1 || reach_lo[i] < 0 || reach_n[i] > blur->n[i] - reach_lo[i])
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a box of %d voxels from voxel %d on along axis %d, which has %d",
                             reach_n[i], reach_lo[i], i, blur->n[i]);
    if (blur->fir != NULL) {
        rgq_fir_run_box(blur->fir, box, reach_n);
        return RGQ_OK;
    }
    const size_t taps = rgq_direct_taps(blur->direct);
    if (rgq_conv_cheaper(reach_n, blur->report.radius, blur->border, taps, BOX_VOLUMES_MAX) !=
        RGQ_CONV_FFT) {
        rgq_direct_run_box(blur->direct, box, reach_n);
        return RGQ_OK;
    }
    /* it allocates, which several threads must not do at once */
#pragma omp critical(rgq_blur_transform_box)
    st = transform_box(blur, box, reach_n, err);
    return st;
}
