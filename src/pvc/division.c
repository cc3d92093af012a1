#include "pvc/division.h"

#include <float.h>
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/clones.h"
#include "num/denormal.h"
#include "num/look_up.h"
#include "pvc/report.h"

float rgq_pvc_divisor_min(const double *value, int n)
{
    double largest = 0.0;

    for (int i = 0; i < n; i++)
        if (isfinite(value[i]))
            largest = fmax(largest, fabs(value[i]));
    return (float)fmax(1e-6 * largest, (double)FLT_MIN);
}

RGQ_CLONES size_t rgq_pvc_divide_chunk(float *g, float *model, const float *source, size_t n,
                                       float least)
{
    unsigned guarded = 0;

    for (size_t i = 0; i < n; i++) {
        const float f = g[i];
        const float m = model[i];
        const unsigned small = fabsf(m) < least;
        const float ratio = small ? 1.0F : source[i] / (small ? 1.0F : m);
        g[i] = f * ratio;
        model[i] = f - m;
        guarded += small;
    }
    return guarded;
}

/* `source` holds s of the voxels, or is NULL for a label map with its table. */
static double divide(rgq_pvc_frame *frame, const float *source, const float *table,
                     float *model)
{
    const uint16_t *label = rgq_parts_voxels(frame->parts);
    const float least = rgq_pvc_divisor_min(frame->value, rgq_parts_count(frame->parts));
    const size_t n_parts = (size_t)rgq_parts_count(frame->parts);
    const size_t pieces = (frame->count + RGQ_PVC_CHUNK - 1) / RGQ_PVC_CHUNK;
    size_t guarded = 0;

#pragma omp parallel reduction(+ : guarded)
    {
        const unsigned before = rgq_denormal_flush();
        float s[RGQ_PVC_CHUNK];
#pragma omp for schedule(static)
        for (size_t p = 0; p < pieces; p++) {
            const size_t at = p * RGQ_PVC_CHUNK;
            const size_t left = frame->count - at;
            const size_t n = left < RGQ_PVC_CHUNK ? left : RGQ_PVC_CHUNK;
            if (source == NULL)
                rgq_look_up(s, label + at, n, table, n_parts);
            guarded += rgq_pvc_divide_chunk(frame->data + at, model + at,
                                            source != NULL ? source + at : s, n, least);
        }
        rgq_denormal_restore(before);
    }
    return (double)guarded;
}

rgq_status rgq_pvc_divide(rgq_pvc_frame *frame, float *model, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const int n_parts = rgq_parts_count(frame->parts);
    float *source = NULL;
    float *table = NULL;

    if (rgq_parts_voxels(frame->parts) == NULL) {
        RGQ_TRY(err, rgq_alloc(&source, frame->count, sizeof *source, err));
        rgq_parts_paint(frame->parts, frame->value, source);
    } else {
        RGQ_TRY(err, rgq_alloc(&table, (size_t)n_parts, sizeof *table, err));
        for (int i = 0; i < n_parts; i++)
            table[i] = (float)frame->value[i];
    }
    rgq_pvc_count_add(&frame->report->n_guarded, divide(frame, source, table, model));
out:
    rgq_free(table);
    rgq_free(source);
    return st;
}
