/* Maximum-intensity projections with the patient upright, and the shadows of regions on them.
 */
#ifndef RGQ_REPORT_PROJECTION_H
#define RGQ_REPORT_PROJECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "rgdquant/regions.h"
#include "rgdquant/volume.h"

typedef enum rgq_view {
    RGQ_VIEW_CORONAL, /**< from the front: the patient's right is on the left */
    RGQ_VIEW_SAGITTAL /**< from the patient's left: the front is on the left */
} rgq_view;

/** How the picture of a view lies on the voxel axes. Column 0 of the picture is the patient's
 *  right (coronal) or front (sagittal), row 0 is the head. */
typedef struct rgq_view_axes {
    int across;        /**< voxel axis along a row of the picture */
    int down;          /**< voxel axis along a column */
    int through;       /**< voxel axis that is projected */
    bool across_flips; /**< the voxel index falls along a row */
    bool down_flips;   /**< the voxel index falls along a column */
    int width, height; /**< in voxels */
    double across_mm;  /**< spacing along a row */
    double down_mm;
} rgq_view_axes;

/** Each voxel axis is given the world axis it is nearest to; of an oblique grid that is the
 *  assignment with the largest sum of cosines, so that no world axis is used twice. */
RGQ_API rgq_view_axes rgq_view_axes_find(const rgq_grid *grid, rgq_view view);

/**
 * @brief Largest value along each ray.
 *
 * @param[out] out  axes->width * axes->height values, rows from the head, owned by the caller
 * Threads: same bits for any thread count.
 */
RGQ_API void rgq_project_maximum(float *out, const rgq_volume *volume, int frame,
                                 const rgq_view_axes *axes);

/** Shadow of a region: 1 where a voxel with a weight of at least 0.5 lies on the ray; the rest
 *  of the width * height values becomes 0. `box` gets the columns and rows it covers: x0, y0,
 *  x1, y1 (the last ones included); false if it covers none. */
RGQ_API bool rgq_project_region(uint8_t *out, int box[4], const rgq_region *region,
                                const rgq_view_axes *axes);

#endif
