/* Mueller-Gaertner: cite:MullerGartner1992.
 *
 * In the target t (f - sum_j!=t V_j h * m_j) / (h * m_t), with the means V_j of the other parts
 * given (a reference region, another scan) or those of GTM: for t the same as MTC. A voxel of
 * the result is m_t times that, plus sum_j!=t V_j m_j: outside the target the image holds the
 * means that were assumed there, so that it stays one that can be measured (PETPVC leaves 0
 * there). Where h * m_t is too small to divide by, the target adds nothing. The other parts are
 * taken to be uniform; the target is not.
 */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "pvc/regional.h"
#include "pvc/report.h"
#include "pvc/transfer.h"

static rgq_status find_target(int *out, const rgq_pvc_frame *frame, rgq_error *err)
{
    const rgq_parts *parts = frame->parts;
    const char *name = frame->opts->target;
    const int found = name == NULL ? 1 : rgq_parts_find(parts, name);
    rgq_text list = RGQ_TEXT_INIT;

    if (found >= 0) {
        *out = found;
        return RGQ_OK;
    }
    for (int i = 0; i < rgq_parts_count(parts) && i < 12; i++)
        rgq_text_printf(&list, "%s%.40s", i == 0 ? "" : ", ", rgq_parts_name(parts, i));
    rgq_error none = RGQ_ERROR_INIT;
    const rgq_status st = rgq_text_check(&list, &none);
    (void)RGQ_RAISE(
        err, RGQ_E_ARGUMENT, "mg: there is no region '%.60s' to be the target; there are %s%s",
        name, st == RGQ_OK ? list.data : "others", rgq_parts_count(parts) > 12 ? ", ..." : "");
    rgq_text_release(&list);
    return RGQ_E_ARGUMENT;
}

/* Means of all parts but the target, which gets 0; `work` has room for a frame. */
static rgq_status other_means(rgq_pvc_frame *frame, int target, double *mean, float *work,
                              rgq_error *err)
{
    const int n = rgq_parts_count(frame->parts);
    const double *given = frame->opts->values;

    if (given == NULL)
        RGQ_PASS(err, rgq_gtm_solve(frame, work, err));
    for (int i = 0, k = 0; i < n; i++) {
        if (i == target)
            continue;
        mean[i] = given != NULL ? given[k++] : frame->value[i];
        if (rgq_parts_weight(frame->parts, i) > 0.0 && !isfinite(mean[i]))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "mg: the mean of '%.60s' is %g; a finite one was needed",
                             rgq_parts_name(frame->parts, i), mean[i]);
        mean[i] = isfinite(mean[i]) ? mean[i] : 0.0;
    }
    mean[target] = 0.0;
    return RGQ_OK;
}

static void subtract(void *data, float *piece, size_t at, size_t count, double sum[2])
{
    float *from = (float *)data + at;

    for (size_t i = 0; i < count; i++)
        piece[i] = from[i] -= piece[i];
    sum[0] += (double)count;
}

/* data: the residual; others: sum V_j m_j; own: h * m_t; slice: room for one. */
static void correct(rgq_pvc_frame *frame, int target, const float *others, const float *own,
                    float *slice)
{
    const int *n = frame->grid->n;
    const size_t count = (size_t)n[0] * (size_t)n[1];
    double guarded = 0.0;

    for (int z = 0; z < n[2]; z++) {
        const size_t first = (size_t)z * count;
        rgq_parts_fill(frame->parts, target, (const int[3]){0, 0, z},
                       (const int[3]){n[0], n[1], 1}, slice);
        for (size_t i = 0; i < count; i++) {
            const bool enough = own[first + i] > RGQ_REGIONAL_LEAST;
            const float part =
                enough ? slice[i] * (frame->data[first + i] / own[first + i]) : 0.0F;
            frame->data[first + i] = others[first + i] + (slice[i] > 0.0F ? part : 0.0F);
            guarded += !enough && slice[i] > 0.0F ? 1.0 : 0.0;
        }
    }
    rgq_pvc_count_add(&frame->report->n_guarded, guarded);
}

rgq_status rgq_pvc_mg(rgq_pvc_frame *frame, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t slice_count = (size_t)frame->grid->n[0] * (size_t)frame->grid->n[1];
    int target = 0;
    double *mean = NULL;
    float *own = NULL;
    float *others = NULL;
    float *slice = NULL;
    rgq_blur_after after = {.run = subtract, .context = frame->data, .beside = {frame->data}};

    RGQ_TRY(err, find_target(&target, frame, err));
    RGQ_TRY(err, rgq_alloc(&mean, (size_t)rgq_parts_count(frame->parts), sizeof *mean, err));
    RGQ_TRY(err, rgq_alloc(&own, frame->count, sizeof *own, err));
    RGQ_TRY(err, other_means(frame, target, mean, own, err));
    RGQ_TRY(err, rgq_alloc(&others, frame->count, sizeof *others, err));
    RGQ_TRY(err, rgq_alloc(&slice, slice_count, sizeof *slice, err));
    rgq_parts_paint(frame->parts, mean, others);
    RGQ_TRY(err, rgq_blur_run(frame->blur, own, others, &after, err));
    rgq_parts_fill(frame->parts, target, (const int[3]){0, 0, 0}, frame->grid->n, own);
    RGQ_TRY(err, rgq_blur_run(frame->blur, own, own, NULL, err));
    correct(frame, target, others, own, slice);
out:
    rgq_free(mean);
    rgq_free(own);
    rgq_free(others);
    rgq_free(slice);
    return st;
}
