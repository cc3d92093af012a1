/* Products of masks with widely blurred masks, from a sample of voxels: what the noise of means
 * needs, for a cost that does not grow with the volume. */
#ifndef RGQ_PVC_SAMPLED_H
#define RGQ_PVC_SAMPLED_H

#include "num/kernel.h"
#include "pvc/parts.h"

/**
 * @brief out[i * n + j] = <m_i, k * m_j> for the parts part[0 .. n - 1], made symmetric.
 *
 * Nothing lies outside the volume. Of each part some 30 to 1000 voxels are looked at, fewer for
 * wide kernels, spread evenly over rows that a hash of their number chooses; a part of no more
 * voxels is summed whole.
 *
 * @param[in] taps  along x, y, z; radius 0 changes nothing; half[0] + 2 sum half[k] is any
 * Cost: 3e7 to 1e8 voxels looked at in all, two for each of the volume between these.
 * Threads: same bits for any number of threads.
 */
RGQ_MUST_CHECK rgq_status rgq_sampled_products(const rgq_parts *parts, const int *part, int n,
                                               const rgq_taps taps[3], double *out,
                                               rgq_error *err);

#endif
