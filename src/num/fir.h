/* Separable convolution by the definition. */
#ifndef RGQ_NUM_FIR_H
#define RGQ_NUM_FIR_H

#include "num/blur.h"
#include "num/kernel.h"

/** Symmetric kernels along x, then y, then z, prepared for volumes of one size. */
typedef struct rgq_fir rgq_fir;

/**
 * @brief Prepare taps, bands and the buffers of all threads.
 *
 * @param[out] out   caller frees it with rgq_fir_free(); NULL on failure
 * @param[in]  n     voxels along x, y, z, each >= 1
 * @param[in]  taps  along x, y, z; copied; radius 0 leaves the axis alone
 * @return RGQ_OK; RGQ_E_NOMEM
 * Memory: under 1 MB for each thread beside the taps unless a kernel is wider than 100 voxels.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fir_create(rgq_fir **out, const int n[3],
                                                 const rgq_taps taps[3], rgq_border border,
                                                 rgq_error *err);

/** NULL is allowed. */
RGQ_API void rgq_fir_free(rgq_fir *fir);

/**
 * @brief out = h * in, and `after` on each piece of it.
 *
 * Two sweeps: x and y together, a slice at a time through a rolling window of rows, from `in`
 * to `out`; then z, a band of the slice plane at a time through a rolling window of band rows,
 * in place. Each sweep reads and writes the volume once. `after` is called inside the last one,
 * on pieces of some hundred voxels that were just written, while what it reads `beside` is
 * fetched for the next; its sums are kept for each band and added in order.
 *
 * Sums run in single precision from the outermost taps inwards, by multiply and add without
 * fusing: the bits are the same for any number of threads and on every x86-64 machine.
 * Subnormal numbers, below 1.2e-38, count as 0, in `after` too.
 *
 * @param[out]    out    voxels, x fastest; may be `in`, else they do not overlap
 * @param[in,out] after  or NULL
 * Cost: (radius + 1) multiplications and 2 radius additions per voxel and axis.
 * Threads: one call at a time for one `fir`.
 */
RGQ_API void rgq_fir_run(rgq_fir *fir, float *out, const float *in, rgq_blur_after *after);

/** The same in place on a box of n[0] * n[1] * n[2] voxels, each n at most that of the volume,
 *  with the border rule at its own sides. Serial; may be called by several threads. */
RGQ_API void rgq_fir_run_box(const rgq_fir *fir, float *box, const int n[3]);

#endif
