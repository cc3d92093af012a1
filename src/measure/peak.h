/* The mean over a sphere of 1 mL, moved over a region. */
#ifndef RGQ_MEASURE_PEAK_H
#define RGQ_MEASURE_PEAK_H

#include "num/peak_kernel.h"
#include "rgdquant/regions.h"

/**
 * @brief Highest mean over the voxels of a region (weight >= 0.5) whose value is >= `from`.
 *
 * `from` -INFINITY gives peak_global, the maximum of the region peak_local.
 * @param[out] out  NaN if no voxel qualifies
 * Threads: same bits for any thread count.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_peak_find(double *out, const rgq_peak_kernel *kernel,
                                                const float *values, const rgq_grid *grid,
                                                const rgq_region *region, double from,
                                                rgq_error *err);

/** The voxel about which the mean is `peak`, as rgq_peak_find() with `from` -INFINITY gave it:
 *  the first of equals; the nearest below or above to within 1e-9, should sums have been formed
 *  in another order. */
RGQ_API void rgq_peak_locate(int at[3], const rgq_peak_kernel *kernel, const float *values,
                             const rgq_grid *grid, const rgq_region *region, double peak);

#endif
