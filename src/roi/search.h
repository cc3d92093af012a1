/* Where a segmentation looks: sphere, box, masks, seed. */
#ifndef RGQ_ROI_SEARCH_H
#define RGQ_ROI_SEARCH_H

#include "rgdquant/segment.h"
#include "roi/components.h"

/** Shut the voxels outside sphere, box and regions of the options, and those of the excluded
 *  regions and their margin. A voxel is inside by its centre, and by a weight of at least 0.5.
 *  @return RGQ_OK; RGQ_E_GEOMETRY; RGQ_E_ARGUMENT if nothing is left open; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_search_limit(rgq_flood *flood,
                                                   const rgq_segment_opts *opts,
                                                   rgq_error *err);

/** True if the options limit the search to a place (excluded regions do not). */
RGQ_API bool rgq_search_is_limited(const rgq_segment_opts *opts);

/** The voxel that holds the seed; RGQ_E_ARGUMENT if it lies outside the grid or the search. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_search_seed(size_t *out, const rgq_flood *flood,
                                                  const rgq_segment_opts *opts, rgq_error *err);

/** The open voxel with the largest value, the first of equals. One must be open. */
RGQ_API size_t rgq_search_maximum(const rgq_flood *flood);

/** Write `value` where a region has a weight of at least 0.5. */
RGQ_API void rgq_search_mark(uint8_t *bytes, const rgq_grid *grid, const rgq_region *region,
                             uint8_t value);

/** The same for all regions of a set, which must lie on the grid; `what` names it in the
 *  message. @return RGQ_OK; RGQ_E_GEOMETRY */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_search_mark_all(uint8_t *bytes, const rgq_grid *grid,
                                                      const rgq_regions *set, uint8_t value,
                                                      const char *what, rgq_error *err);

#endif
