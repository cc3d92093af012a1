/* h * m_j of every region that reaches a place, a slice of a small tile at a time: regional
 * methods need no image of a blurred region, and a region costs only where it is or reaches. */
#ifndef RGQ_PVC_TILES_H
#define RGQ_PVC_TILES_H

#include "num/kernel.h"
#include "pvc/parts.h"
#include "rgdquant/convolution.h"

/**
 * One slice of a tile. The blurred masks of one voxel lie side by side: `channels` floats for
 * each of the `count` voxels, x fastest.
 *
 * Of a label map the last active part has no channel: it is h * 1 less all the others.
 */
typedef struct rgq_tile {
    int lo[3];
    int n[3];             /**< n[2] is 1 */
    size_t count;         /**< voxels */
    int n_active;         /**< parts that reach the tile */
    const int *part;      /**< n_active */
    int channels;         /**< label map: n_active - 1; masks: n_active */
    const float *blurred; /**< count x channels */
    const float *whole;   /**< count: h * 1; NULL where that is 1 */
    /** Label map: index into `part` of each voxel, a row every `local_step` entries; else NULL
     */
    const uint16_t *local;
    size_t local_step;
    const float *weight; /**< masks: m of the active parts, count x n_active; else NULL */
    float *scratch;      /**< rgq_tile_scratch() floats for whoever runs */
} rgq_tile;

typedef struct rgq_tiles_job {
    rgq_taps taps[3]; /**< along x, y, z; radius 0 changes nothing */
    rgq_border border;
    /** Adds a slice to `local`, (n_active + 2)^2 doubles that are zero at the first slice. */
    void (*run)(void *context, const rgq_tile *tile, double *local);
    /** Adds what came together to `sum` once the tile is done. */
    void (*end)(void *context, const rgq_tile *tile, const double *local, double *sum);
    void *context;
    size_t n_sums;
    double *sum; /**< out: n_sums, of all tiles */
} rgq_tiles_job;

/**
 * @brief Run a job on all tiles of the grid. `run` and `end` are called by several threads.
 *
 * The masks are convolved as a whole volume would be, with the border rule at its sides, to the
 * last digits of a float. Along x a run of equal labels is a difference of two sums of taps;
 * along y and z the loops are those of the separable filter, all channels together, through a
 * rolling window of slices that stays in the level 2 cache.
 *
 * Memory: some MB a thread.
 * Cost: for each part that reaches a tile about 0.8 of the blur of its voxels along two axes.
 * Threads: same bits for any number of threads.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_tiles_run(const rgq_parts *parts, rgq_tiles_job *job,
                                                rgq_error *err);

/** Floats of rgq_tile.scratch: two for each part or voxel of the slice. */
static inline size_t rgq_tile_scratch(const rgq_tile *tile)
{
    return 2 * ((size_t)tile->n_active + tile->count);
}

/** `run` and `end` of the sums of m_i (h * m_j) over all voxels: sum[i * n_parts + j]; the
 *  context is a pointer to n_parts. */
void rgq_tile_products(void *context, const rgq_tile *tile, double *local);
void rgq_tile_products_end(void *context, const rgq_tile *tile, const double *local,
                           double *sum);

#endif
