/* What a convolution is expected to cost on each path. */
#ifndef RGQ_NUM_COST_H
#define RGQ_NUM_COST_H

#include <stddef.h>

#include "rgdquant/convolution.h"

/** Largest buffer of a transform that AUTO takes, in volumes: a filter has to fit where the
 * scan does. */
#define RGQ_CONV_VOLUMES_MAX 1.9

/**
 * @brief The path that is expected to be faster.
 *
 * Constants were measured by tests/bench.
 *
 * @param[in] radius  half-widths of the kernel along x, y, z
 * @param[in] taps    0 for a product of three symmetric profiles; else how many weights of the
 *                    kernel are not 0
 * @param[in] volumes_max  largest buffer of the Fourier path, in volumes of n
 */
rgq_conv_path rgq_conv_cheaper(const int n[3], const int radius[3], rgq_border border,
                               size_t taps, double volumes_max);

#endif
