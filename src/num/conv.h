/* The convolution interface of the library: one call, the cheaper of two ways. */
#ifndef RGQ_NUM_CONV_H
#define RGQ_NUM_CONV_H

#include <stdbool.h>

#include "rgdquant/convolution.h"

/** What was done. */
typedef struct rgq_conv_report {
    rgq_conv_path path;  /**< FIR or FFT */
    int radius[3];       /**< half-width of the kernel along each axis [voxels] */
    double sigma[3];     /**< root of the second moment of the taps used [voxels] */
    int padded[3];       /**< FFT: lengths that are transformed; else 0 */
    bool measured_plans; /**< FFT: all plans were measured by rgq_fft_tune() */
} rgq_conv_report;

/**
 * @brief Gaussian convolution of one frame, in place.
 *
 * Kernels as rgq_gauss_taps() makes them, by rgq_fir_run() or rgq_fft_separable(), which
 * agree to 1e-6 of the largest absolute value in the volume. RGQ_CONV_AUTO takes the one that a
 * cost model with measured constants expects to be faster: FIR up to radii of a hundred voxels
 * and more; the wider the kernel, the more padding a transform needs, unless the border is
 * periodic.
 *
 * @param[in,out] data    n[0] * n[1] * n[2] voxels, x fastest, finite; unchanged on failure
 * @param[in]     n       1 .. 32767 voxels along x, y, z
 * @param[in]     sigma   standard deviation along x, y, z [voxels], 0 .. 1024; 0 leaves the
 * axis alone
 * @param[in]     border  what lies outside; right also where a kernel is wider than the axis
 * @param[out]    report  may be NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOMEM
 *
 * Memory: FIR, a few MB at most; FFT, one volume enlarged by the kernel's width, under AUTO no
 *         more than 1.9 volumes.
 * Threads: same bits for any thread count.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_conv_gaussian(float *data, const int n[3],
                                                    const double sigma[3], rgq_border border,
                                                    rgq_conv_path path, rgq_conv_report *report,
                                                    rgq_error *err);

#endif
