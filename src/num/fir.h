/* Separable convolution by the definition, in place. */
#ifndef RGQ_NUM_FIR_H
#define RGQ_NUM_FIR_H

#include "num/kernel.h"
#include "rgdquant/convolution.h"

/**
 * @brief Convolve along x, then y, then z with symmetric kernels.
 *
 * Two sweeps over the volume: x and y together, a slice at a time through a rolling window of
 * rows; then z, a band of the slice plane at a time through a rolling window of band rows. Each
 * sweep reads and writes the volume once.
 *
 * Sums run in single precision from the outermost taps inwards, by multiply and add without
 * fusing: the bits are the same for any number of threads and on every x86-64 machine.
 * Subnormal numbers are kept.
 *
 * @param[in,out] data  n[0] * n[1] * n[2] voxels, x fastest; unchanged on failure
 * @param[in]     n     each >= 1
 * @param[in]     taps  along x, y, z; radius 0 leaves the axis alone
 * @return RGQ_OK; RGQ_E_NOMEM
 * Cost: (radius + 1) multiplications and 2 radius additions per voxel and axis; under 1 MB for
 *       each thread beside the taps unless a kernel is wider than 100 voxels.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fir_separable(float *data, const int n[3],
                                                    const rgq_taps taps[3], rgq_border border,
                                                    rgq_error *err);

#endif
