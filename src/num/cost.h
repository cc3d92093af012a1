/* What a convolution is expected to cost on each path. */
#ifndef RGQ_NUM_COST_H
#define RGQ_NUM_COST_H

#include <stddef.h>

#include "rgdquant/convolution.h"

/**
 * @brief The path that is expected to be faster.
 *
 * Constants were measured by tests/bench. The Fourier path is taken only where its buffer is
 * below 1.9 volumes.
 *
 * @param[in] radius  half-widths of the kernel along x, y, z
 * @param[in] taps    0 for a product of three symmetric profiles; else how many weights of the
 *                    kernel are not 0
 */
rgq_conv_path rgq_conv_cheaper(const int n[3], const int radius[3], rgq_border border,
                               size_t taps);

#endif
