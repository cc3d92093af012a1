/* The sphere of 1 mL on the voxels of a grid, and the mean over it. */
#ifndef RGQ_NUM_PEAK_KERNEL_H
#define RGQ_NUM_PEAK_KERNEL_H

#include "rgdquant/grid.h"

/** Overlap of the sphere with each voxel around its centre; release it. */
typedef struct rgq_peak_kernel {
    int half[3];     /**< voxels on either side of the centre */
    double *weight;  /**< (2 half + 1)^3 overlap volumes [mm^3], x fastest */
    double *row_sum; /**< sum of each row */
    int *row_half; /**< last voxel of each row with a weight, counted from the centre; -1: none
                    */
} rgq_peak_kernel;

/** Most voxels a kernel may have: below a voxel of about 0.06 mm the peaks take hours. */
enum { RGQ_PEAK_TAPS_MAX = 1 << 22 };

/** (3 / (4 pi))^(1/3) cm = 6.2035 mm: the sphere holds exactly 1 mL. */
RGQ_API double rgq_peak_radius_mm(void);

/**
 * @brief Weights of the sphere for a grid with perpendicular axes, oblique or not.
 *
 * The axes are perpendicular, so that in their own frame the voxels are upright boxes. A voxel
 * farther away than the grid is long is left out: it never lies in the image.
 *
 * @return RGQ_OK; RGQ_E_UNSUPPORTED for more than RGQ_PEAK_TAPS_MAX voxels; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_peak_kernel_init(rgq_peak_kernel *out,
                                                       const rgq_grid *grid, double radius_mm,
                                                       rgq_error *err);
RGQ_API void rgq_peak_kernel_release(rgq_peak_kernel *kernel);

/** Centres that rgq_peak_block() does at a time. */
enum { RGQ_PEAK_LANES = 16 };

/**
 * @brief Weighted means around RGQ_PEAK_LANES voxels, `at` and those after it along x.
 *
 * `at` lies in the image; what lies outside it is left out. Each mean has the bits that
 * rgq_peak_at() gives it; those of centres past the end of the row mean nothing.
 * Cost: rows of the sphere that differ (a quarter of all) x its voxels along x.
 */
RGQ_API void rgq_peak_block(double mean[RGQ_PEAK_LANES], const rgq_peak_kernel *kernel,
                            const float *values, const rgq_grid *grid, const int at[3]);

/** Weighted mean around one voxel; what lies outside the image is left out. */
RGQ_API double rgq_peak_at(const rgq_peak_kernel *kernel, const float *values,
                           const rgq_grid *grid, const int at[3]);

#endif
