#include "num/blur.h"

#include <stdbool.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/fft.h"
#include "num/fir.h"

enum { PIECE = 16384 }; /* voxels that `after` gets at a time */

struct rgq_blur {
    int n[3];
    rgq_border border;
    rgq_conv_report report;
    rgq_taps taps[3];
    double *half[3];
};

rgq_status rgq_blur_create(rgq_blur **out, const rgq_blur_spec *spec, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_blur *b = NULL;

    *out = NULL;
    if (spec->image != NULL || spec->kernel != RGQ_KERNEL_EXACT)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED, "only the exact Gaussian kernel can be used");
    RGQ_TRY(err, rgq_alloc(&b, 1, sizeof *b, err));
    memcpy(b->n, spec->n, sizeof b->n);
    b->border = spec->border;
    b->report.path = spec->path == RGQ_CONV_FFT ? RGQ_CONV_FFT : RGQ_CONV_FIR;
    for (int i = 0; i < 3; i++) {
        const int radius = rgq_gauss_radius(spec->sigma[i]);
        RGQ_TRY(err, rgq_alloc(&b->half[i], (size_t)radius + 1, sizeof(double), err));
        rgq_gauss_taps(b->half[i], spec->sigma[i]);
        b->taps[i] = (rgq_taps){radius, b->half[i]};
        b->report.radius[i] = radius;
        b->report.sigma[i] = rgq_taps_sigma(b->taps[i]);
    }
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
    rgq_free(blur);
}

const rgq_conv_report *rgq_blur_report(const rgq_blur *blur)
{
    return &blur->report;
}

static void run_after(rgq_blur_after *after, float *out, size_t count, double (*sums)[2])
{
    const size_t n_pieces = (count + PIECE - 1) / PIECE;

#pragma omp parallel for schedule(static)
    for (size_t p = 0; p < n_pieces; p++) {
        const size_t at = p * PIECE;
        const size_t left = count - at;
        after->run(after->context, out + at, at, left < PIECE ? left : PIECE, sums[p]);
    }
    after->sum[0] = 0.0;
    after->sum[1] = 0.0;
    for (size_t p = 0; p < n_pieces; p++) {
        after->sum[0] += sums[p][0];
        after->sum[1] += sums[p][1];
    }
}

rgq_status rgq_blur_run(rgq_blur *blur, float *out, const float *in, rgq_blur_after *after,
                        rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = (size_t)blur->n[0] * (size_t)blur->n[1] * (size_t)blur->n[2];
    double(*sums)[2] = NULL;

    if (after != NULL)
        RGQ_TRY(err, rgq_alloc(&sums, (count + PIECE - 1) / PIECE, sizeof *sums, err));
    if (out != in)
        memcpy(out, in, count * sizeof *out);
    if (blur->report.path == RGQ_CONV_FFT)
        RGQ_TRY(err, rgq_fft_separable(out, blur->n, blur->taps, blur->border, err));
    else
        RGQ_TRY(err, rgq_fir_separable(out, blur->n, blur->taps, blur->border, err));
    if (after != NULL)
        run_after(after, out, count, sums);
out:
    rgq_free(sums);
    return st;
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
    return rgq_fir_separable(box, reach_n, blur->taps, blur->border, err);
}
