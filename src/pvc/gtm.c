/* Geometric transfer matrix: cite:Rousset1998.
 *
 * Every region is taken to be uniform. Its observed mean is then t_i = sum_j W_ij T_j with
 * W_ij = sum m_i (h * m_j) / sum m_i, the part of region j that is seen in region i; T = W^-1
 * t. The background is a region like the others. What is not uniform inside a region, or lies
 * in the wrong region, goes into the result uncorrected. */
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "pvc/tiles.h"
#include "pvc/transfer.h"

/* sum[i * n + j] = <m_i, h * m_j>, by tiles. */
static rgq_status products_by_tiles(const rgq_pvc_frame *frame, double *sum, size_t n_parts,
                                    rgq_error *err)
{
    const rgq_taps *taps = rgq_blur_taps(frame->blur);
    rgq_tiles_job job = {.taps = {taps[0], taps[1], taps[2]},
                         .border = frame->opts->border,
                         .run = rgq_tile_products,
                         .end = rgq_tile_products_end,
                         .context = &n_parts,
                         .n_sums = n_parts * n_parts,
                         .sum = sum};

    RGQ_PASS(err, rgq_tiles_run(frame->parts, &job, err));
    return RGQ_OK;
}

/* The same for a kernel that does not separate: one blur of the box of each region. */
static rgq_status products_by_boxes(const rgq_pvc_frame *frame, double *sum, size_t n_parts,
                                    rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *row = NULL;
    float *box = NULL;

    RGQ_TRY(err, rgq_alloc(&row, n_parts, sizeof *row, err));
    for (size_t j = 0; j < n_parts; j++) {
        int lo[3];
        int n[3];
        int reach_lo[3];
        int reach_n[3];
        rgq_parts_box(frame->parts, (int)j, lo, n);
        rgq_blur_reach(frame->blur, lo, n, reach_lo, reach_n);
        const size_t count = (size_t)reach_n[0] * (size_t)reach_n[1] * (size_t)reach_n[2];
        RGQ_TRY(err, rgq_alloc(&box, count, sizeof *box, err));
        rgq_parts_fill(frame->parts, (int)j, reach_lo, reach_n, box);
        RGQ_TRY(err, rgq_blur_box(frame->blur, box, reach_lo, reach_n, err));
        RGQ_TRY(err, rgq_parts_sums_box(frame->parts, box, reach_lo, reach_n, row, err));
        for (size_t i = 0; i < n_parts; i++)
            sum[i * n_parts + j] = row[i];
        rgq_free(box);
        box = NULL;
    }
out:
    rgq_free(box);
    rgq_free(row);
    return st;
}

static rgq_status prepare(rgq_pvc_frame *frame, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_transfer *t = NULL;
    double *sum = NULL;
    double *matrix = NULL;
    const size_t n_parts = (size_t)rgq_parts_count(frame->parts);

    RGQ_TRY(err, rgq_transfer_create(&t, frame->parts, err));
    RGQ_TRY(err, rgq_alloc(&sum, n_parts * n_parts, sizeof *sum, err));
    RGQ_TRY(err, rgq_alloc(&matrix, (size_t)t->n * (size_t)t->n, sizeof *matrix, err));
    if (rgq_blur_taps(frame->blur) != NULL)
        RGQ_TRY(err, products_by_tiles(frame, sum, n_parts, err));
    else
        RGQ_TRY(err, products_by_boxes(frame, sum, n_parts, err));
    for (size_t i = 0; i < (size_t)t->n; i++)
        for (size_t j = 0; j < (size_t)t->n; j++)
            matrix[i * (size_t)t->n + j] =
                sum[(size_t)t->part[i] * n_parts + (size_t)t->part[j]] /
                rgq_parts_weight(frame->parts, t->part[i]);
    RGQ_TRY(err, rgq_transfer_invert(t, matrix, "gtm", err));
    frame->gtm = t;
    t = NULL;
out:
    rgq_free(matrix);
    rgq_free(sum);
    rgq_transfer_free(t);
    return st;
}

rgq_status rgq_gtm_solve(rgq_pvc_frame *frame, float *model, rgq_error *err)
{
    double *right = NULL;

    if (frame->gtm == NULL)
        RGQ_PASS(err, prepare(frame, err));
    frame->report->condition = frame->gtm->condition;
    RGQ_PASS(err, rgq_alloc(&right, (size_t)frame->gtm->n, sizeof *right, err));
    for (int i = 0; i < frame->gtm->n; i++)
        right[i] = frame->observed[frame->gtm->part[i]];
    rgq_transfer_solve(frame->gtm, right, rgq_parts_count(frame->parts), frame->value);
    rgq_free(right);
    return rgq_pvc_model(frame, model, err);
}

rgq_status rgq_gtm_values(rgq_pvc_frame *frame, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    float *model = NULL;

    RGQ_TRY(err, rgq_alloc(&model, frame->count, sizeof *model, err));
    RGQ_TRY(err, rgq_gtm_solve(frame, model, err));
    rgq_pvc_residual(frame, model);
    RGQ_TRY(err, rgq_transfer_noise(frame->gtm, frame, model, false, err));
out:
    rgq_free(model);
    return st;
}

rgq_status rgq_pvc_gtm(rgq_pvc_frame *frame, rgq_error *err)
{
    RGQ_PASS(err, rgq_gtm_values(frame, err));
    rgq_parts_paint(frame->parts, frame->value, frame->data);
    return RGQ_OK;
}
