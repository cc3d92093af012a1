/* Kernels that are given as an image, a measured point spread function above all. */
#ifndef RGQ_NUM_KERNEL_IMAGE_H
#define RGQ_NUM_KERNEL_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "num/blur.h"

/** @return RGQ_OK; RGQ_E_ARGUMENT (a side even or out of range, a weight not finite) */
rgq_status rgq_kernel_image_check(const rgq_kernel_image *image, rgq_error *err);

/** Half-widths. */
void rgq_kernel_image_radius(const rgq_kernel_image *image, int radius[3]);

/** Root of the second moment about the centre along each axis [voxels]; 0 where weights below 0
 *  leave none. */
void rgq_kernel_image_sigma(const rgq_kernel_image *image, double sigma[3]);

/**
 * @brief Is the image a product of three symmetric profiles?
 *
 * The profiles are its sums over planes, their two halves averaged; the product must equal each
 * weight within 1e-6 of the largest absolute one.
 *
 * @param[out] half  radius[i] + 1 taps for each axis, whose product is the image: those of one
 * axis, of a radius above 0, add up to the sum of the image, the others to 1. A single voxel is
 * no product: an axis of radius 0 is left alone by what uses the taps.
 */
bool rgq_kernel_image_separates(const rgq_kernel_image *image, double *const half[3]);

/**
 * @brief Sums of the weights from the first corner on.
 *
 * @param[out] table  (n[0] + 1) (n[1] + 1) (n[2] + 1) sums, x fastest: [i, j, k] holds that
 * over x < i, y < j, z < k
 */
void rgq_kernel_image_table(const rgq_kernel_image *image, double *table);

/** Sum of the weights from lo to hi, both included, out of such a table; 0 if hi < lo. */
double rgq_kernel_image_sum(const int n[3], const double *table, const int lo[3],
                            const int hi[3]);

#endif
