/* What parts.c and parts_masks.c share. */
#ifndef RGQ_PVC_PARTS_INSIDE_H
#define RGQ_PVC_PARTS_INSIDE_H

#include <stdbool.h>

#include "pvc/parts.h"

struct rgq_parts {
    const rgq_labels *labels;   /**< or NULL */
    const rgq_regions *regions; /**< or NULL */
    int n[3];
    size_t voxels;     /**< of the grid */
    int count;         /**< with the background */
    double *weight;    /**< count */
    float *background; /**< masks: 1 - sum of the others; NULL for a label map */
};

/** A box within the grid or within another box, which is what x, y, z count in. */
typedef struct rgq_parts_box_of {
    int lo[3];
    int n[3];
} rgq_parts_box_of;

/** An image on a box of the grid; its squares are summed with `squared`. */
typedef struct rgq_parts_image {
    const float *data;
    int lo[3];
    int n[3];
    bool squared;
} rgq_parts_image;

RGQ_MUST_CHECK rgq_status rgq_parts_masks_prepare(rgq_parts *parts, rgq_error *err);
/** Weights of part i of masks in row y of slice z of the grid, from the first voxel of its box
 *  on; both must lie in the box. */
const float *rgq_parts_mask_row(const rgq_parts *parts, int i, int y, int z);
void rgq_parts_masks_fill(const rgq_parts *parts, int i, const int lo[3], const int n[3],
                          float *weight);
RGQ_MUST_CHECK rgq_status rgq_parts_masks_sums(const rgq_parts *parts,
                                               const rgq_parts_image *image, double *sum,
                                               rgq_error *err);
void rgq_parts_masks_paint(const rgq_parts *parts, const double *value, float *image);

#endif
