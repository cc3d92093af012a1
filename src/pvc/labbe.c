/* Least squares of the image on the blurred masks: cite:Labbe1998.
 *
 * f = sum_j T_j h * m_j + noise, solved by the normal equations
 *   sum_k <h * m_j, h * m_k> T_k = <h * m_j, f>.
 * Every region is taken to be uniform, and every voxel counts the same; other than GTM it also
 * uses what a region spills outside. The condition number that is reported is that of the
 * regressors h * m_j scaled to unit length (the root of that of their correlation matrix), so
 * that it does not depend on how large regions are. */
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "pvc/normal.h"
#include "pvc/transfer.h"

static rgq_status add_up(rgq_pvc_frame *frame, rgq_normal *normal, double *sum, rgq_error *err)
{
    const rgq_taps *taps = rgq_blur_taps(frame->blur);

    if (taps == NULL)
        return rgq_normal_by_slabs(frame, normal, sum, err);
    rgq_tiles_job job = {.taps = {taps[0], taps[1], taps[2]},
                         .border = frame->opts->border,
                         .run = rgq_normal_add,
                         .end = rgq_normal_end,
                         .context = normal,
                         .n_sums = rgq_normal_sums(normal),
                         .sum = sum};
    return rgq_tiles_run(frame->parts, &job, err);
}

/* The inverse of the normal matrix by way of the correlation matrix, which inverts as well. */
static rgq_status prepare(rgq_transfer *t, const double *sum, size_t n_parts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t n = (size_t)t->n;
    double *matrix = NULL;
    double *length = NULL;

    RGQ_TRY(err, rgq_alloc(&matrix, n * n, sizeof *matrix, err));
    RGQ_TRY(err, rgq_alloc(&length, n, sizeof *length, err));
    for (size_t i = 0; i < n; i++)
        length[i] = sqrt(sum[(size_t)t->part[i] * (n_parts + 1)]);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            const size_t a = (size_t)t->part[i];
            const size_t b = (size_t)t->part[j];
            const double both = sum[a * n_parts + b] + (a != b ? sum[b * n_parts + a] : 0.0);
            matrix[i * n + j] = both / (length[i] * length[j]);
        }
    RGQ_TRY(err, rgq_transfer_invert(t, matrix, "labbe", err));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            t->inverse[i * n + j] /= length[i] * length[j];
    t->condition = sqrt(t->condition);
out:
    rgq_free(length);
    rgq_free(matrix);
    return st;
}

static rgq_status solve(rgq_pvc_frame *frame, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_transfer *t = NULL;
    double *sum = NULL;
    double *right = NULL;
    const size_t n = (size_t)rgq_parts_count(frame->parts);
    rgq_normal normal = {.image = frame->data,
                         .side = {frame->grid->n[0], frame->grid->n[1], frame->grid->n[2]},
                         .n_parts = n,
                         .known = frame->labbe != NULL};

    if (!normal.known)
        RGQ_TRY(err, rgq_transfer_create(&t, frame->parts, err));
    RGQ_TRY(err, rgq_alloc(&sum, rgq_normal_sums(&normal), sizeof *sum, err));
    RGQ_TRY(err, rgq_alloc(&right, n, sizeof *right, err));
    RGQ_TRY(err, add_up(frame, &normal, sum, err));
    if (!normal.known) {
        RGQ_TRY(err, prepare(t, sum, n, err));
        frame->labbe = t;
        t = NULL;
    }
    const double *products = sum + (normal.known ? 0 : n * n);
    for (int i = 0; i < frame->labbe->n; i++)
        right[i] = products[frame->labbe->part[i]];
    rgq_transfer_solve(frame->labbe, right, (int)n, frame->value);
out:
    rgq_free(right);
    rgq_free(sum);
    rgq_transfer_free(t);
    return st;
}

rgq_status rgq_pvc_labbe(rgq_pvc_frame *frame, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    float *model = NULL;

    RGQ_TRY(err, solve(frame, err));
    frame->report->condition = frame->labbe->condition;
    RGQ_TRY(err, rgq_alloc(&model, frame->count, sizeof *model, err));
    RGQ_TRY(err, rgq_pvc_model(frame, model, err));
    rgq_pvc_residual(frame, model);
    RGQ_TRY(err, rgq_transfer_noise(frame->labbe, frame, model, true, err));
    rgq_parts_paint(frame->parts, frame->value, frame->data);
out:
    rgq_free(model);
    return st;
}
