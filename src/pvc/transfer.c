#include "pvc/transfer.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/matrix.h"

/* Beyond it the seven digits of the blurred masks decide what comes out. */
static const double condition_max = 1e7;

rgq_status rgq_transfer_create(rgq_transfer **out, const rgq_parts *parts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_transfer *t = NULL;
    const int count = rgq_parts_count(parts);

    *out = NULL;
    if (count > RGQ_TRANSFER_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%d regions; the matrix of a regional method can hold %d, with the "
                         "background",
                         count - 1, (int)RGQ_TRANSFER_MAX);
    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    RGQ_TRY(err, rgq_alloc(&t->part, (size_t)count, sizeof *t->part, err));
    for (int i = 0; i < count; i++)
        if (rgq_parts_weight(parts, i) > 0.0)
            t->part[t->n++] = i;
    RGQ_TRY(err, rgq_alloc(&t->inverse, (size_t)t->n * (size_t)t->n, sizeof *t->inverse, err));
    t->condition = (double)NAN;
    *out = t;
    t = NULL;
out:
    rgq_transfer_free(t);
    return st;
}

void rgq_transfer_free(rgq_transfer *transfer)
{
    if (transfer == NULL)
        return;
    rgq_free(transfer->part);
    rgq_free(transfer->inverse);
    rgq_free(transfer->noise);
    rgq_free(transfer->mean_factor);
    rgq_free(transfer);
}

rgq_status rgq_transfer_invert(rgq_transfer *transfer, const double *matrix, const char *name,
                               rgq_error *err)
{
    RGQ_PASS(err, rgq_matrix_invert(transfer->inverse, &transfer->condition, matrix,
                                    (size_t)transfer->n, err));
    if (!(transfer->condition <= condition_max))
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "the matrix of %s is singular (condition number %.3g, at most %g was "
                         "needed): the PSF blurs two or more regions into the same image; join "
                         "them, or leave out those much smaller than the PSF",
                         name, transfer->condition, condition_max);
    return RGQ_OK;
}

void rgq_transfer_solve(const rgq_transfer *transfer, const double *right, int n_parts,
                        double *value)
{
    const size_t n = (size_t)transfer->n;

    for (int i = 0; i < n_parts; i++)
        value[i] = (double)NAN;
    for (size_t i = 0; i < n; i++) {
        double s = 0.0;
        for (size_t j = 0; j < n; j++)
            s += transfer->inverse[i * n + j] * right[j];
        value[transfer->part[i]] = s;
    }
}

rgq_status rgq_pvc_model(rgq_pvc_frame *frame, float *model, rgq_error *err)
{
    rgq_parts_paint(frame->parts, frame->value, model);
    RGQ_PASS(err, rgq_blur_run(frame->blur, model, model, NULL, err));
    return RGQ_OK;
}

void rgq_pvc_residual(const rgq_pvc_frame *frame, float *model)
{
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < frame->count; i++)
        model[i] = frame->data[i] - model[i];
}
