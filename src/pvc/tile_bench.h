/* Inside of tiles.c: what a thread works with, which parts reach a tile, and the filter along
 * x, which is where masks and labels come in. */
#ifndef RGQ_PVC_TILE_BENCH_H
#define RGQ_PVC_TILE_BENCH_H

#include "num/fir_loops.h"
#include "pvc/parts_inside.h"
#include "pvc/tiles.h"

typedef struct rgq_tile_engine {
    const rgq_parts *parts;
    const rgq_tiles_job *job;
    rgq_fir_loops loops;
    int radius[3];
    float *half[3];
    float *sums_of_taps; /* along x: 0, the first, the first two, ... all 2 radius + 1 */
    double *whole[3];    /* h * 1 along each axis */
    int tile[3];
    int tiles[3]; /* along x, y, z */
    size_t n_tiles;
    int most_active;
    size_t groups;
    int n_threads;
    size_t floats_each;
    size_t shorts_each;
    size_t ints_each;
    size_t doubles_each;
} rgq_tile_engine;

typedef struct rgq_tile_bench {
    int lo[3];
    int n[3];
    int ext[3];  /* with the halo */
    int strip;   /* a tile is worked through in strips along x */
    int strip_n; /* voxels along x */
    int *map[3]; /* voxel of the grid for each place along an axis of the halo; -1: none */
    int inside;  /* places inside .. outside - 1 of a row of the halo are voxels of the grid */
    int outside;
    int n_active;
    int channels;
    int *active;
    int *local_of;  /* part -> 1 + index in `active`; 0: not there */
    size_t *extent; /* voxels of each active part in the tile and its halo */
    uint16_t *halo; /* label maps: index in `active`, or 0xFFFF */
    float *plane;   /* rows of a slice, filtered along x */
    float *ring;    /* slices filtered along x and y */
    float *out;     /* two slices */
    float *whole;
    float *weight;
    float *line;
    float *scratch;
    double *local;
    const float **rows;
} rgq_tile_bench;

typedef struct rgq_tile_buffers {
    float *floats;
    float *aligned; /* `floats` from a cache line on */
    uint16_t *shorts;
    int *ints;
    size_t *sizes;
    double *doubles;
    const float **pointers;
} rgq_tile_buffers;

/** Side of the tiles along an axis. */
void rgq_tile_side(rgq_tile_engine *e, int axis);
/** Width of the strips for that many channels. */
int rgq_tile_strip(const rgq_tile_engine *e, int channels);
RGQ_MUST_CHECK rgq_status rgq_tile_sums_of_taps(rgq_tile_engine *e, rgq_error *err);

/** Buffers of all threads for up to `active` parts; 0: only to find which parts are active. */
RGQ_MUST_CHECK rgq_status rgq_tile_buffers_init(rgq_tile_buffers *m, rgq_tile_engine *e,
                                                int active, rgq_error *err);
void rgq_tile_buffers_free(rgq_tile_buffers *m);
rgq_tile_bench rgq_tile_bench_of(const rgq_tile_engine *e, const rgq_tile_buffers *m,
                                 size_t me);

/** Which parts reach the tile; to be forgotten again. */
void rgq_tile_localise(const rgq_tile_engine *e, rgq_tile_bench *b);
void rgq_tile_forget(rgq_tile_bench *b);

/** Slice z of the halo, all its rows, filtered along x into `plane`. */
void rgq_tile_filter_x(const rgq_tile_engine *e, rgq_tile_bench *b, int z);
/** Masks: weights of slice z of the tile into `weight`. */
void rgq_tile_take_weights(const rgq_tile_engine *e, const rgq_tile_bench *b, int z);

#endif
