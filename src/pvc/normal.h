/* Normal equations of the blurred masks. */
#ifndef RGQ_PVC_NORMAL_H
#define RGQ_PVC_NORMAL_H

#include "pvc/frame.h"
#include "pvc/tiles.h"

/** What is summed over the tiles: n x n products of the regressors (each pair in one of its two
 *  places), unless they are known, then n products with the image.
 *  What comes together for a tile lies in rows of n_active + 2: products of the channels, then
 *  those of h * 1 with them (label maps), then those of the image. */
typedef struct rgq_normal {
    const float *image;
    int side[3]; /**< of the grid */
    size_t n_parts;
    bool known;
} rgq_normal;

size_t rgq_normal_sums(const rgq_normal *normal);

/** `run` and `end` of rgq_tiles_job, with an rgq_normal as context. */
void rgq_normal_add(void *context, const rgq_tile *tile, double *local);
void rgq_normal_end(void *context, const rgq_tile *tile, const double *local, double *sum);

/**
 * @brief The sums for a kernel that does not separate, slab by slab along z.
 *
 * Each slab keeps the blurred boxes of all regions that reach it. Periodic borders take the
 * volume as one slab.
 * Memory: 1.25 volumes (16 MB for small ones) and two slices for each region and thread.
 */
RGQ_MUST_CHECK rgq_status rgq_normal_by_slabs(const rgq_pvc_frame *frame, rgq_normal *normal,
                                              double *sum, rgq_error *err);

#endif
