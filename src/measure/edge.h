/* The edge of a region, moved by half a voxel. */
#ifndef RGQ_MEASURE_EDGE_H
#define RGQ_MEASURE_EDGE_H

#include "rgdquant/regions.h"

/**
 * @brief The region with its surface moved out (or in) by half a voxel, as weights.
 *
 * w' = w + max over the 26 neighbours j of k_j (w_j - w) where that is above 0 (in: w - max
 * k_j (w - w_j)), k = 1/2 across a face, (sqrt 2 - 1)/2 across an edge, (sqrt 3 - sqrt 2)/2
 * across a corner. A plane moves by exactly half a voxel if it is parallel to faces, to face
 * diagonals or to the third kind, by up to 8 % more between these. A ball of 3 to 7 voxels'
 * radius gains 16 to 24 % more than the shell of half a voxel and loses between 11 % less and 1
 * % more, on average of both 6 to 8 % more: a shell of whole voxels at half weight lies on
 * average half a voxel out, not a quarter. What lies outside the image moves nothing. The
 * region grows in voxels of the grid: by half of each spacing.
 *
 * @param[out] out      its box is one voxel larger on every side, cut at the grid; the weights
 *                      belong to `*buffer`
 * @param[out] buffer   free with rgq_free(); NULL for an empty region
 * @return RGQ_OK; RGQ_E_NOMEM
 * Cost: O(26 box).
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_edge_moved(rgq_region *out, float **buffer,
                                                 const rgq_region *region, const rgq_grid *grid,
                                                 bool outwards, rgq_error *err);

#endif
