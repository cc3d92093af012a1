/* The highest mean over a sphere of 1 mL in a whole scan. */
#ifndef RGQ_ROI_PEAK_SEARCH_H
#define RGQ_ROI_PEAK_SEARCH_H

#include "num/peak_kernel.h"
#include "roi/components.h"

/**
 * @brief Highest mean over the sphere about any open voxel of a flood; -INFINITY if none is.
 *
 * A mean is not above the largest value its sphere can hold: of the cells the scan is cut into
 * only those near values above a mean already found are looked at voxel by voxel.
 *
 * @return RGQ_OK; RGQ_E_NOMEM
 * Cost: two passes over the scan and the voxels of those cells x the voxels of the sphere; all
 * of them where nothing in the scan stands out of its noise.
 * Threads: same bits for any thread count.
 */
RGQ_MUST_CHECK rgq_status rgq_peak_search(double *out, const rgq_flood *flood,
                                          const rgq_peak_kernel *kernel, rgq_error *err);

#endif
