/* A kernel convolved with an image of ones: its weight, less what the zero border takes. */
#ifndef RGQ_NUM_ONES_H
#define RGQ_NUM_ONES_H

#include "num/blur.h"
#include "num/kernel.h"

typedef struct rgq_ones rgq_ones;

/**
 * @param[out] out    caller frees it with rgq_ones_free(); NULL on failure
 * @param[in]  taps   the profiles of a kernel that separates, or NULL
 * @param[in]  image  else the kernel
 * @return RGQ_OK; RGQ_E_NOMEM
 * Memory: a row of floats for each axis, or a double for each weight of the image.
 */
rgq_status rgq_ones_create(rgq_ones **out, const int n[3], const rgq_taps *taps,
                           const rgq_kernel_image *image, rgq_border border, rgq_error *err);

/** NULL is allowed. */
void rgq_ones_free(rgq_ones *ones);

/** See rgq_blur_ones(). */
void rgq_ones_fill(const rgq_ones *ones, bool turned, float *out, size_t at, size_t count);

#endif
