/* Mean, spread and order statistics of a region. */
#ifndef RGQ_MEASURE_MOMENTS_H
#define RGQ_MEASURE_MOMENTS_H

#include "rgdquant/regions.h"

/** What is not to be had is NaN: all of it for an empty region, the order statistics where no
 *  voxel has a weight of at least 0.5. */
typedef struct rgq_moments {
    long long n_voxels; /**< weight >= 0.5 */
    double weight;      /**< sum of the weights */
    double mean;        /**< weighted */
    double sd;          /**< weighted, population */
    double min, p25, median, p75, max;
} rgq_moments;

/** `values`: one frame on `grid`, every voxel finite. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_moments_measure(rgq_moments *out, const float *values,
                                                      const rgq_grid *grid,
                                                      const rgq_region *region, rgq_error *err);

/** The same without allocation; `scratch` has room for every voxel of the box of the region. */
RGQ_API rgq_moments rgq_moments_in(const float *values, const rgq_grid *grid,
                                   const rgq_region *region, float *scratch);

/** First voxel of row (y, z) of the box of a region, as an index of the grid. */
RGQ_API size_t rgq_region_row(const rgq_grid *grid, const rgq_region *region, int y, int z);

#endif
