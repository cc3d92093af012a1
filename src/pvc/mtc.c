/* Multi-target correction: cite:Erlandsson2012, cite:Erlandsson2006.
 *
 * In region i (f - sum_j!=i T_j h * m_j) / (h * m_i), with T of GTM. That is
 *   T_i + (f - sum_j T_j h * m_j) / (h * m_i),
 * the region's mean and what of the image the means do not explain, so that one image of means
 * serves all regions. With fractional masks a voxel is sum_i m_i times that. Where h * m_i is
 * too small to divide by, the voxel is T_i. Regions are taken to be uniform in what they spill
 * into others; inside a region the image stays as blurred as it was, and its noise grows by 1 /
 * (h * m_i).
 */
#include <math.h>
#include <stdbool.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "pvc/regional.h"
#include "pvc/report.h"
#include "pvc/tiles.h"
#include "pvc/transfer.h"

typedef struct correction {
    float *data;        /* in: f - h * means; out: corrected */
    const float *means; /* sum T_i m_i */
    size_t n_x;
    size_t n_y;
} correction;

/* ------------------------------------------------------------------ a kernel that separates */

/* h * m of the voxel's own region; the last part has no channel, it is what the others leave.
 */
static float own_of(const rgq_tile *t, size_t voxel, size_t own)
{
    const size_t channels = (size_t)t->channels;
    const float *c = t->blurred + voxel * channels;
    float rest = t->whole != NULL ? t->whole[voxel] : 1.0F;

    if (own < channels)
        return c[own];
    for (size_t k = 0; k < channels; k++)
        rest -= c[k];
    return rest;
}

/* sum m_i / (h * m_i) of a voxel; parts that cannot be divided by are left out and counted. */
static float inverse_of(const rgq_tile *t, size_t voxel, size_t own, double *guarded)
{
    const size_t n = (size_t)t->n_active;
    const float *m = t->weight + voxel * n;
    const float *c = t->blurred + voxel * (size_t)t->channels;
    float sum = 0.0F;
    bool left = false;

    if (t->local != NULL) {
        const float divisor = own_of(t, voxel, own);
        *guarded += divisor > RGQ_REGIONAL_LEAST ? 0.0 : 1.0;
        return divisor > RGQ_REGIONAL_LEAST ? 1.0F / divisor : 0.0F;
    }
    for (size_t i = 0; i < n; i++)
        if (m[i] > 0.0F && c[i] > RGQ_REGIONAL_LEAST)
            sum += m[i] / c[i];
        else
            left = left || m[i] > 0.0F;
    *guarded += left ? 1.0 : 0.0;
    return sum;
}

static void correct_slice(void *context, const rgq_tile *t, double *local)
{
    const correction *c = context;

    for (size_t y = 0; y < (size_t)t->n[1]; y++) {
        const size_t at =
            ((size_t)t->lo[2] * c->n_y + (size_t)t->lo[1] + y) * c->n_x + (size_t)t->lo[0];
        float *data = c->data + at;
        const float *means = c->means + at;
        for (size_t x = 0; x < (size_t)t->n[0]; x++) {
            const size_t own = t->local != NULL ? t->local[y * t->local_step + x] : 0;
            data[x] =
                means[x] + data[x] * inverse_of(t, y * (size_t)t->n[0] + x, own, &local[0]);
        }
    }
}

static void end_tile(void *context, const rgq_tile *tile, const double *local, double *sum)
{
    sum[0] += local[0];
    (void)context;
    (void)tile;
}

static rgq_status correct_by_tiles(rgq_pvc_frame *frame, correction *c, const rgq_taps *taps,
                                   rgq_error *err)
{
    double guarded = 0.0;
    rgq_tiles_job job = {.taps = {taps[0], taps[1], taps[2]},
                         .border = frame->opts->border,
                         .run = correct_slice,
                         .end = end_tile,
                         .context = c,
                         .n_sums = 1,
                         .sum = &guarded};

    RGQ_PASS(err, rgq_tiles_run(frame->parts, &job, err));
    rgq_pvc_count_add(&frame->report->n_guarded, guarded);
    return RGQ_OK;
}

/* ------------------------------------------------------------------------ any other kernel */

static void correct_row(void *context, const rgq_regional_row *row, double sum[2])
{
    const correction *c = context;
    float *data = c->data + row->at;
    const float *means = c->means + row->at;

    for (size_t x = 0; x < row->count; x++)
        data[x] = means[x] + data[x] * row->inverse[x];
    sum[0] += (double)row->count;
}

static rgq_status correct_by_parts(rgq_pvc_frame *frame, correction *c, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regional *regional = NULL;
    rgq_regional_job job = {.want = RGQ_REGIONAL_INVERSE, .run = correct_row, .context = c};

    RGQ_TRY(err, rgq_regional_create(&regional, frame->parts, frame->blur, frame->grid->n,
                                     frame->opts->border, err));
    RGQ_TRY(err, rgq_regional_run(regional, &job, err));
    rgq_pvc_count_add(&frame->report->n_guarded, job.guarded);
out:
    rgq_regional_free(regional);
    return st;
}

/* The background may have no voxel, and then has no mean. */
static rgq_status paint_means(const rgq_pvc_frame *frame, float *image, rgq_error *err)
{
    const int n = rgq_parts_count(frame->parts);
    double *mean = NULL;

    RGQ_PASS(err, rgq_alloc(&mean, (size_t)n, sizeof *mean, err));
    for (int i = 0; i < n; i++)
        mean[i] = isfinite(frame->value[i]) ? frame->value[i] : 0.0;
    rgq_parts_paint(frame->parts, mean, image);
    rgq_free(mean);
    return RGQ_OK;
}

rgq_status rgq_pvc_mtc(rgq_pvc_frame *frame, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_taps *taps = rgq_blur_taps(frame->blur);
    float *model = NULL;

    RGQ_TRY(err, rgq_alloc(&model, frame->count, sizeof *model, err));
    RGQ_TRY(err, rgq_gtm_solve(frame, model, err));
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < frame->count; i++)
        frame->data[i] -= model[i];
    RGQ_TRY(err, rgq_transfer_noise(frame->gtm, frame, frame->data, false, err));
    RGQ_TRY(err, paint_means(frame, model, err));
    correction c = {frame->data, model, (size_t)frame->grid->n[0], (size_t)frame->grid->n[1]};
    if (taps != NULL)
        RGQ_TRY(err, correct_by_tiles(frame, &c, taps, err));
    else
        RGQ_TRY(err, correct_by_parts(frame, &c, err));
out:
    rgq_free(model);
    return st;
}
