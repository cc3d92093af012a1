/* Convolution with a kernel that does not separate, by the definition. */
#ifndef RGQ_NUM_DIRECT_H
#define RGQ_NUM_DIRECT_H

#include "num/blur.h"

typedef struct rgq_direct rgq_direct;

/**
 * @brief Prepare the weights that are not 0 and the windows.
 *
 * @param[out] out    caller frees it with rgq_direct_free(); NULL on failure
 * @param[in]  n      voxels along x, y, z, each >= 1
 * @param[in]  image  passed rgq_kernel_image_check(); copied
 * @return RGQ_OK; RGQ_E_NOMEM
 * Memory: as many slices as the kernel has, with their borders, once and for boxes in several
 *         threads once more each, those together half a volume at most.
 */
rgq_status rgq_direct_create(rgq_direct **out, const int n[3], const rgq_kernel_image *image,
                             rgq_border border, rgq_error *err);

/** NULL is allowed. */
void rgq_direct_free(rgq_direct *direct);

/** Weights that are not 0: multiplications and additions for each voxel. */
size_t rgq_direct_taps(const rgq_direct *direct);

/**
 * @brief out(x) = sum over d of weight(d) in(x - d); `turned`: in(x + d).
 *
 * Slice after slice through a rolling window, so that `out` may be `in`. Single precision, the
 * planes of the kernel summed apart; the same bits for any number of threads. Subnormal numbers
 * count as 0. `after` as rgq_fir_run().
 * Threads: one call at a time for one `direct`.
 */
void rgq_direct_run(rgq_direct *direct, float *out, const float *in, bool turned,
                    rgq_blur_after *after);

/** The same in place on a box, each n at most that of the volume, with the border rule at its
 *  own sides. Serial; may be called by several threads. */
void rgq_direct_run_box(const rgq_direct *direct, float *box, const int n[3]);

#endif
