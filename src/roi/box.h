/* A box of voxels of a grid: where the work on one lesion is done. */
#ifndef RGQ_ROI_BOX_H
#define RGQ_ROI_BOX_H

#include <stdint.h>

#include "roi/components.h"

typedef struct rgq_box {
    int lo[3]; /**< first voxel */
    int n[3];  /**< voxels along each axis; 0 where the box is empty */
} rgq_box;

/** Voxels of the box. */
RGQ_API size_t rgq_box_count(const rgq_box *box);

/** Index in the grid of the first voxel of row (y, z) of the box. */
RGQ_API size_t rgq_box_row(const rgq_box *box, const rgq_grid *grid, int y, int z);

/** Index in the box of voxel `i` of the grid, which must lie in it. */
RGQ_API size_t rgq_box_index(const rgq_box *box, const rgq_grid *grid, size_t i);

/** The box enlarged by `mm` on each side, cut at the grid. */
RGQ_API rgq_box rgq_box_grow(const rgq_box *box, const rgq_grid *grid, double mm);

/** Smallest box about the component found last. */
RGQ_API rgq_box rgq_box_of_component(const rgq_flood *flood);

/** Smallest box about the voxels of the grid whose byte is `value`. */
RGQ_API rgq_box rgq_box_of_bytes(const uint8_t *bytes, const rgq_grid *grid, uint8_t value);

/**
 * @brief Squared distance from every voxel of a box to the nearest marked one.
 *
 * Between voxel centres; exact (lower envelopes of parabolas, an axis after the other).
 *
 * @param[out] d2          rgq_box_count() values [mm^2]; INFINITY if nothing is marked
 * @param[in]  mark        bytes over the box; any but 0 is marked
 * @param[in]  spacing_mm  of a grid with perpendicular axes
 * @return RGQ_OK; RGQ_E_NOMEM
 *
 * Cost: O(voxels). Threads: same bits for any number.
 * @see cite:Felzenszwalb2012
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_box_distance2(float *d2, const uint8_t *mark,
                                                    const int n[3], const double spacing_mm[3],
                                                    rgq_error *err);

#endif
