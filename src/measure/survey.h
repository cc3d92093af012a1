/* What the voxels of every region say, for the rows of a table. */
#ifndef RGQ_MEASURE_SURVEY_H
#define RGQ_MEASURE_SURVEY_H

#include "measure/moments.h"
#include "measure/peak.h"

typedef struct rgq_survey {
    rgq_moments moments;
    rgq_peaks peaks; /**< NaN without a kernel, or without a voxel of weight >= 0.5 */
} rgq_survey;

/**
 * @brief Moments, order statistics and peaks of all regions of a set.
 *
 * @param[out] out     one for each region, in their order; the caller owns them
 * @param[in]  kernel  NULL: no peaks
 * @return RGQ_OK; RGQ_E_NOMEM
 * Cost: the voxels of the boxes x the voxels of the sphere, shared by the threads.
 * Threads: same bits for any thread count.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_survey_regions(rgq_survey *out, const float *values,
                                                     const rgq_grid *grid,
                                                     const rgq_regions *regions,
                                                     const rgq_peak_kernel *kernel,
                                                     rgq_error *err);

#endif
