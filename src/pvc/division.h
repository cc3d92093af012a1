/* Yang's division, g = f s / (h * s). */
#ifndef RGQ_PVC_DIVISION_H
#define RGQ_PVC_DIVISION_H

#include "pvc/frame.h"

/** Divisors of a smaller size than this are not divided by: f is kept there.
 *  1e-6 of the largest |T|; not below the smallest number that is not subnormal. */
float rgq_pvc_divisor_min(const double *value, int n);

enum { RGQ_PVC_CHUNK = 1024 };

/** One stretch of it: `model` is h * s at first; g and f - h * s are returned in place of the
 *  two. @return voxels that were guarded */
size_t rgq_pvc_divide_chunk(float *g, float *model, const float *source, size_t n, float least);

/** data = data * s / model and model = data - model, with s = sum T_i m_i, T = frame->value and
 *  model = h * s before; what was guarded is added to the report. One pass. */
RGQ_MUST_CHECK rgq_status rgq_pvc_divide(rgq_pvc_frame *frame, float *model, rgq_error *err);

#endif
