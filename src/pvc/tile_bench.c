#include "pvc/tile_bench.h"

#include <stdint.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/threads.h"

enum {
    SIDE_XY = 32,
    SIDE_Z = 64,
    STRIP_MIN = 4,
    LINE = 16,            /* floats in a cache line */
    RING_FLOATS = 1 << 17 /* of the window: half a level 2 cache of 1 MB */
};

void rgq_tile_side(rgq_tile_engine *e, int axis)
{
    const int least = axis == 2 ? SIDE_Z : SIDE_XY;
    const int wanted = (2 * e->radius[axis] + 15) / 16 * 16;
    const int side = wanted > least ? wanted : least;

    e->tile[axis] = side < e->parts->n[axis] ? side : e->parts->n[axis];
}

int rgq_tile_strip(const rgq_tile_engine *e, int channels)
{
    const int slices = 2 * e->radius[2] + 2;
    const double each = (double)slices * (double)e->tile[1] * (channels > 0 ? channels : 1);
    const double fit = (double)RING_FLOATS / each;
    int wide = e->tile[0];

    while (wide > STRIP_MIN && (double)wide > fit)
        wide = (wide + 1) / 2;
    return wide;
}

rgq_status rgq_tile_sums_of_taps(rgq_tile_engine *e, rgq_error *err)
{
    const int r = e->radius[0];
    double sum = 0.0;

    RGQ_PASS(err, rgq_alloc(&e->sums_of_taps, 2 * (size_t)r + 2, sizeof *e->sums_of_taps, err));
    for (int k = 0; k <= 2 * r; k++) {
        sum += (double)e->half[0][k < r ? r - k : k - r];
        e->sums_of_taps[k + 1] = (float)sum;
    }
    return RGQ_OK;
}

static size_t round_up(size_t n)
{
    return (n + LINE - 1) / LINE * LINE;
}

/* Floats of the pieces a thread needs. */
typedef struct sizes {
    size_t plane, ring, out, voxels, weight, line, scratch;
} sizes;

static sizes sizes_of(const rgq_tile_engine *e)
{
    const bool labels = rgq_parts_voxels(e->parts) != NULL;
    const size_t channels = (size_t)e->most_active;
    size_t row = 0;

    /* fewer channels make wider strips */
    for (int c = 1; c <= e->most_active; c++) {
        const size_t here = (size_t)rgq_tile_strip(e, c) * (size_t)c;
        row = here > row ? here : row;
    }
    const size_t voxels = (size_t)e->tile[0] * (size_t)e->tile[1];
    return (sizes){.plane = round_up(row * (size_t)(e->tile[1] + 2 * e->radius[1])),
                   .ring = round_up(row * (size_t)e->tile[1] * (size_t)(2 * e->radius[2] + 2)),
                   .out = round_up(2 * row * (size_t)e->tile[1] + 64),
                   .voxels = round_up(voxels),
                   .weight = labels ? 0 : round_up(row * (size_t)e->tile[1]),
                   .line = round_up((size_t)(e->tile[0] + 2 * e->radius[0])),
                   .scratch = round_up(2 * (voxels + channels))};
}

static size_t halo_of(const rgq_tile_engine *e)
{
    size_t count = 1;

    for (int a = 0; a < 3; a++)
        count *= (size_t)(e->tile[a] + 2 * e->radius[a]);
    return count;
}

static size_t rows_of(const rgq_tile_engine *e)
{
    const int r = e->radius[1] > e->radius[2] ? e->radius[1] : e->radius[2];

    return 2 * (size_t)r + 2;
}

rgq_status rgq_tile_buffers_init(rgq_tile_buffers *m, rgq_tile_engine *e, int active,
                                 rgq_error *err)
{
    const size_t t = (size_t)e->n_threads;
    const size_t parts = (size_t)e->parts->count;
    const sizes s = sizes_of(e);

    e->floats_each =
        active == 0 ? 0 : s.plane + s.ring + s.out + s.voxels + s.weight + s.line + s.scratch;
    e->doubles_each = active == 0 ? 0 : ((size_t)active + 2) * ((size_t)active + 2);
    e->shorts_each = rgq_parts_voxels(e->parts) != NULL ? halo_of(e) : 0;
    e->ints_each = 2 * parts;
    for (int a = 0; a < 3; a++)
        e->ints_each += (size_t)(e->tile[a] + 2 * e->radius[a]);
    RGQ_PASS(err, rgq_alloc(&m->floats, t * e->floats_each + LINE, sizeof *m->floats, err));
    const size_t past = (uintptr_t)m->floats / sizeof *m->floats % LINE;
    m->aligned = m->floats + (LINE - past) % LINE;
    RGQ_PASS(err, rgq_alloc(&m->shorts, t * e->shorts_each + 1, sizeof *m->shorts, err));
    RGQ_PASS(err, rgq_alloc(&m->ints, t * e->ints_each, sizeof *m->ints, err));
    RGQ_PASS(err, rgq_alloc(&m->sizes, t * parts, sizeof *m->sizes, err));
    RGQ_PASS(err, rgq_alloc(&m->doubles, t * e->doubles_each + 1, sizeof *m->doubles, err));
    RGQ_PASS(err, rgq_alloc(&m->pointers, t * rows_of(e), sizeof *m->pointers, err));
    return RGQ_OK;
}

void rgq_tile_buffers_free(rgq_tile_buffers *m)
{
    rgq_free(m->floats);
    rgq_free(m->shorts);
    rgq_free(m->ints);
    rgq_free(m->sizes);
    rgq_free(m->doubles);
    rgq_free(m->pointers);
    *m = (rgq_tile_buffers){.floats = NULL};
}

rgq_tile_bench rgq_tile_bench_of(const rgq_tile_engine *e, const rgq_tile_buffers *m, size_t me)
{
    const size_t parts = (size_t)e->parts->count;
    const sizes s = sizes_of(e);
    rgq_tile_bench b = {.n_active = 0};

    b.active = m->ints + me * e->ints_each;
    b.local_of = b.active + parts;
    b.map[0] = b.local_of + parts;
    b.map[1] = b.map[0] + e->tile[0] + 2 * e->radius[0];
    b.map[2] = b.map[1] + e->tile[1] + 2 * e->radius[1];
    b.extent = m->sizes + me * parts;
    b.rows = m->pointers + me * rows_of(e);
    b.local = m->doubles + me * e->doubles_each;
    b.halo = e->shorts_each > 0 ? m->shorts + me * e->shorts_each : NULL;
    if (e->floats_each > 0) {
        b.plane = m->aligned + me * e->floats_each;
        b.ring = b.plane + s.plane;
        b.out = b.ring + s.ring;
        b.whole = b.out + s.out;
        b.weight = b.whole + s.voxels;
        b.line = b.weight + s.weight;
        b.scratch = b.line + s.line;
    }
    return b;
}
