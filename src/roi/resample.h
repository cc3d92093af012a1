/**
 * @file resample.h
 * @brief Regions on another grid.
 *
 * Place in the pipeline: ... -> [regions] -> regions -> measure -> ...
 */
#ifndef RGQ_ROI_RESAMPLE_H
#define RGQ_ROI_RESAMPLE_H

#include "rgdquant/regions.h"

typedef enum rgq_resample_how {
    RGQ_RESAMPLE_NEAREST,  /**< weight of the voxel that holds the new centre */
    RGQ_RESAMPLE_FRACTION, /**< mean weight over the new voxel */
    RGQ_RESAMPLE_MAJORITY, /**< 1 where that mean is more than 0.5, else 0 */
    RGQ_RESAMPLE_LINEAR    /**< trilinear between the centres; 0 beyond the region's box */
} rgq_resample_how;

/**
 * @brief Bring every region onto `grid`, wherever that lies.
 *
 * The mean over a voxel is taken at s x s x s points spread evenly in it, s four times the
 * length of the longest of its sides in voxels of the set, at least 4 and at most 16: a plane
 * face is so placed to 1/(2s) of a voxel. A centre on the border of two voxels takes the one
 * with the larger index.
 *
 * @param[out] out  caller frees it with rgq_regions_free(); NULL on failure; the same names and
 *                  labels, empty regions too
 * @return RGQ_OK; RGQ_E_GEOMETRY for a bad grid; RGQ_E_NOMEM
 *
 * Cost: the voxels of each region's box on `grid`, s^3 points each for the means.
 * Threads: same bits for any thread count.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regions_resample(rgq_regions **out,
                                                       const rgq_regions *set,
                                                       const rgq_grid *grid,
                                                       rgq_resample_how how, rgq_error *err);

#endif
