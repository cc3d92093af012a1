/* Single-target correction: cite:ErlandssonHutton2014, as cite:Thomas2016 does it for all
 * parts.
 *
 * With g_0 = f, each iteration takes from every voxel what the other parts spill into it and
 * gives back what its own part loses: g <- (f - sum_i (1 - m_i) (h * (m_i g))) / sum_i m_i (h *
 * m_i). No part is taken to be uniform in what it spills out; the loss is that of a uniform
 * one. The image of uniform regions is a fixed point. It is a Jacobi iteration: it converges
 * fast where parts keep most of their counts, and can swing or diverge where two small ones
 * keep less than half; `change` tells. Values below 0 are kept; with RGQ_NEGATIVES_ZERO they
 * become 0 before each iteration, as in PETPVC. Where the divisor is too small the voxel keeps
 * its value.
 */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "pvc/change.h"
#include "pvc/frame.h"
#include "pvc/regional.h"
#include "pvc/report.h"

typedef struct correction {
    const float *observed;
    const float *before;
    float *after;
    rgq_change change;
} correction;

static void correct_row(void *context, const rgq_regional_row *row, double sum[2])
{
    correction *c = context;
    const float *f = c->observed + row->at;
    const float *before = c->before + row->at;
    float *after = c->after + row->at;
    uint32_t change = 0;
    uint32_t most = 0;

    for (size_t x = 0; x < row->count; x++) {
        const float spilled = f[x] - row->outer[x];
        const double misfit = (double)(spilled - row->inner[x]);
        const bool enough = row->recovery[x] > RGQ_REGIONAL_LEAST;
        after[x] = enough ? spilled / row->recovery[x] : before[x];
        const uint32_t moved = rgq_change_bits(after[x] - before[x]);
        const uint32_t is = rgq_change_bits(after[x]);
        change = moved > change ? moved : change;
        most = is > most ? is : most;
        sum[0] += misfit * misfit;
        sum[1] += enough ? 0.0 : 1.0;
    }
    rgq_change_note(&c->change, change, most);
}

static void clip(float *image, size_t count)
{
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        image[i] = image[i] < 0.0F ? 0.0F : image[i];
}

static rgq_status iterate(rgq_pvc_frame *frame, rgq_regional *regional, float *before,
                          float *after, rgq_error *err)
{
    double guarded = 0.0;
    double least = (double)INFINITY;
    double change = 0.0;
    bool stop = false;

    for (int k = 1; k <= frame->iterations && !stop; k++) {
        correction c = {.observed = frame->data, .before = before, .after = after};
        rgq_regional_job job = {.image = before,
                                .want = RGQ_REGIONAL_INNER | RGQ_REGIONAL_OUTER |
                                        RGQ_REGIONAL_RECOVERY,
                                .run = correct_row,
                                .context = &c};
        if (frame->opts->negatives == RGQ_NEGATIVES_ZERO)
            clip(before, frame->count);
        RGQ_PASS(err, rgq_regional_run(regional, &job, err));
        change = rgq_change_of(&c.change);
        least = fmin(least, change);
        RGQ_PASS(err, rgq_pvc_step_note(frame, k, sqrt(job.sum[0] / (double)frame->count),
                                        change, &stop, err));
        guarded = fmax(guarded, job.sum[1]);
        float *last = before;
        before = after;
        after = last;
    }
    if (change > 2.0 * least)
        RGQ_WARN(frame->log,
                 "stc: frame %d does not settle: its iterations changed voxels by %.3g of the "
                 "maximum at least and by %.3g at last; neighbouring parts that keep less than "
                 "half of their counts swing against each other; run fewer iterations, or mtc",
                 frame->index + 1, least, change);
    memcpy(frame->data, before, frame->count * sizeof *before);
    rgq_pvc_count_add(&frame->report->n_guarded, guarded);
    return RGQ_OK;
}

rgq_status rgq_pvc_stc(rgq_pvc_frame *frame, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    float *before = NULL;
    float *after = NULL;
    rgq_regional *regional = NULL;

    RGQ_TRY(err, rgq_alloc(&before, frame->count, sizeof *before, err));
    RGQ_TRY(err, rgq_alloc(&after, frame->count, sizeof *after, err));
    RGQ_TRY(err, rgq_regional_create(&regional, frame->parts, frame->blur, frame->grid->n,
                                     frame->opts->border, err));
    memcpy(before, frame->data, frame->count * sizeof *before);
    RGQ_TRY(err, iterate(frame, regional, before, after, err));
out:
    rgq_regional_free(regional);
    rgq_free(before);
    rgq_free(after);
    return st;
}
