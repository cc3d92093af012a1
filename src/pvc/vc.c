/* Reblurred Van Cittert.
 *
 * g <- g + a h' * (f - h * g) converges for 0 < a < 2 / max |H|^2, H the transfer function: a
 * kernel without negative weights has max |H| = 1. Where the fit gets worse nevertheless (a
 * measured kernel with negative weights, borders), the run is stopped. It is linear: values
 * below 0 stay, and noise makes more of them; with RGQ_NEGATIVES_ZERO they are set to 0 after
 * each iteration, as PETPVC does. Counts are kept with a periodic border unless they are set to
 * 0.
 */
#include <math.h>

#include "pvc/deconvolution.h"

#include "core/banned.h"

static void vc_compare(void *context, float *piece, size_t at, size_t count, double sum[2])
{
    const rgq_deconvolution *d = context;

    d->loops.difference(piece, d->observed + at, count, d->scale, sum);
}

static void vc_update(void *context, float *piece, size_t at, size_t count, double sum[2])
{
    rgq_deconvolution *d = context;
    uint32_t most[2] = {0, 0};

    d->loops.add(piece, d->estimate + at, count, d->relaxation, d->clip ? 0.0F : -HUGE_VALF,
                 most);
    rgq_deconvolution_keep(d, piece, at, count, most);
    sum[0] += (double)count;
}

static float largest(const float *data, size_t count)
{
    float most = 0.0F;

#pragma omp parallel for schedule(static) reduction(max : most)
    for (size_t i = 0; i < count; i++)
        most = fabsf(data[i]) > most ? fabsf(data[i]) : most;
    return most;
}

rgq_status rgq_pvc_vc(rgq_pvc_frame *frame, rgq_error *err)
{
    const rgq_deconvolution_rule rule = {vc_compare, vc_update, false};

    return rgq_pvc_deconvolve(frame, &rule, largest(frame->data, frame->count), err);
}
