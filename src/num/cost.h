/* What a convolution is expected to cost on each path. */
#ifndef RGQ_NUM_COST_H
#define RGQ_NUM_COST_H

#include <stddef.h>

#include "rgdquant/convolution.h"
#include "rgdquant/export.h"

/** Largest buffer of a transform that AUTO takes, in volumes: a filter has to fit where the
 * scan does. */
#define RGQ_CONV_VOLUMES_MAX 1.9

/**
 * @brief The path that is expected to be faster.
 *
 * A product of profiles is summed up to radii of a hundred voxels and more, since a transform
 * needs padding that grows with the kernel; without padding (RGQ_BORDER_PERIODIC) up to about
 * 65. A kernel that does not separate is summed up to some 250 weights. Constants were measured
 * with AVX-512 at 64x64x64, 192x192x128 and 400x400x300.
 *
 * @param[in] radius  half-widths of the kernel along x, y, z
 * @param[in] taps    0 for a product of three symmetric profiles; else how many weights of the
 *                    kernel are not 0
 * @param[in] volumes_max  largest buffer of the Fourier path, in volumes of n
 */
RGQ_API rgq_conv_path rgq_conv_cheaper(const int n[3], const int radius[3], rgq_border border,
                                       size_t taps, double volumes_max);

#endif
