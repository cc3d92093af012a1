/* The mean over a sphere of 1 mL, moved over a region. */
#ifndef RGQ_MEASURE_PEAK_H
#define RGQ_MEASURE_PEAK_H

#include "num/peak_kernel.h"
#include "rgdquant/regions.h"

/** Highest means over the sphere; NaN if no voxel qualifies. */
typedef struct rgq_peaks {
    double local;  /**< about the voxels whose value is at least `from` */
    double global; /**< about any voxel */
} rgq_peaks;

/**
 * @brief Highest means about the voxels (weight >= 0.5) of some rows of the box of a region.
 *
 * Row r is the one at y = r % n[1], z = r / n[1] of the box. What the rows of a region give is
 * joined with rgq_peaks_join(), in any order.
 *
 * @param[in] rows  first row, and the row after the last
 * @param[in] from  maximum of the region
 */
RGQ_API rgq_peaks rgq_peaks_of_rows(const rgq_peak_kernel *kernel, const float *values,
                                    const rgq_grid *grid, const rgq_region *region,
                                    const int rows[2], double from);

/** The higher of each. */
RGQ_API rgq_peaks rgq_peaks_join(rgq_peaks a, rgq_peaks b);

/** The voxel about which the mean is `peak`, the global one of rgq_peaks_of_rows():
 *  the first of equals; the nearest below or above to within 1e-9, should sums have been formed
 *  in another order. */
RGQ_API void rgq_peak_locate(int at[3], const rgq_peak_kernel *kernel, const float *values,
                             const rgq_grid *grid, const rgq_region *region, double peak);

#endif
