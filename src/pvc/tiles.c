#include "pvc/tiles.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/border.h"
#include "num/fir_loops.h"
#include "num/threads.h"
#include "pvc/tile_bench.h"

enum {
    GROUPS_MAX = 64, /* of tiles whose sums are kept apart */
    PARTS_FEW = 256  /* room for all of them costs nothing */
};

/* ------------------------------------------------------------------------------- one tile */

static void place(const rgq_tile_engine *e, rgq_tile_bench *b, size_t tile)
{
    const size_t at[3] = {tile % (size_t)e->tiles[0],
                          tile / (size_t)e->tiles[0] % (size_t)e->tiles[1],
                          tile / (size_t)e->tiles[0] / (size_t)e->tiles[1]};

    for (int a = 0; a < 3; a++) {
        const int side = e->parts->n[a];
        b->lo[a] = (int)at[a] * e->tile[a];
        b->n[a] = side - b->lo[a] < e->tile[a] ? side - b->lo[a] : e->tile[a];
        b->ext[a] = b->n[a] + 2 * e->radius[a];
        for (int i = 0; i < b->ext[a]; i++)
            b->map[a][i] = rgq_border_index(b->lo[a] - e->radius[a] + i, side, e->job->border);
    }
    const int before = e->radius[0] - b->lo[0];
    const int end = e->parts->n[0] - b->lo[0] + e->radius[0];
    b->inside = before > 0 ? before : 0;
    b->outside = end < b->ext[0] ? end : b->ext[0];
}

/* Lines of `width` floats one after the other, filtered across: n results from n + 2 r. */
static void across_y(const rgq_tile_engine *e, rgq_tile_bench *b, float *out, size_t width)
{
    const int r = e->radius[1];
    const int n = b->n[1];

    if (r == 0) {
        memcpy(out, b->plane, (size_t)n * width * sizeof *out);
        return;
    }
    for (int j = 0; j < n; j += 2) {
        float *to = out + (size_t)j * width;
        for (int k = 0; k < 2 * r + 2 && j + k < n + 2 * r; k++)
            b->rows[k] = b->plane + (size_t)(j + k) * width;
        if (j + 1 < n)
            e->loops.pair(to, to + width, b->rows, e->half[1], r, width);
        else
            e->loops.row(to, b->rows, e->half[1], r, 0, width);
    }
}

static float *slot_of(const rgq_tile_engine *e, const rgq_tile_bench *b, int z, size_t slice)
{
    return b->ring + (size_t)(z % (2 * e->radius[2] + 2)) * slice;
}

/* Slice z of the halo: filtered along x and y into its place in the window. */
static void load_slice(const rgq_tile_engine *e, rgq_tile_bench *b, int z)
{
    const size_t slice = (size_t)b->strip_n * (size_t)b->n[1] * (size_t)b->channels;

    rgq_tile_filter_x(e, b, z);
    across_y(e, b, slot_of(e, b, z, slice), (size_t)b->strip_n * (size_t)b->channels);
}

/* h * 1 of the slice, unless it is 1 everywhere. */
static const float *whole_of(const rgq_tile_engine *e, const rgq_tile_bench *b, int z)
{
    float *out = b->whole;
    bool one = true;

    if (e->job->border != RGQ_BORDER_ZERO)
        return NULL;
    for (int y = 0; y < b->n[1]; y++) {
        const double yz = e->whole[2][b->lo[2] + z] * e->whole[1][b->lo[1] + y];
        for (int x = 0; x < b->strip_n; x++) {
            const double w = yz * e->whole[0][b->lo[0] + b->strip + x];
            one = one && fabs(w - 1.0) < 1e-7;
            *out++ = (float)w;
        }
    }
    return one ? NULL : b->whole;
}

static rgq_tile slice_of(const rgq_tile_engine *e, const rgq_tile_bench *b, int z,
                         const float *blurred)
{
    rgq_tile t = {.lo = {b->lo[0] + b->strip, b->lo[1], b->lo[2] + z},
                  .n = {b->strip_n, b->n[1], 1},
                  .count = (size_t)b->strip_n * (size_t)b->n[1],
                  .n_active = b->n_active,
                  .part = b->active,
                  .channels = b->channels,
                  .blurred = blurred,
                  .whole = whole_of(e, b, z),
                  .scratch = b->scratch};

    if (b->halo != NULL) {
        const size_t row = (size_t)b->ext[0];
        t.local =
            b->halo +
            ((size_t)(z + e->radius[2]) * (size_t)b->ext[1] + (size_t)e->radius[1]) * row +
            (size_t)(e->radius[0] + b->strip);
        t.local_step = row;
    } else {
        rgq_tile_take_weights(e, b, z);
        t.weight = b->weight;
    }
    return t;
}

/* All slices of a strip, two at a time. */
static void run_strip(const rgq_tile_engine *e, rgq_tile_bench *b)
{
    const int r = e->radius[2];
    const size_t slice = (size_t)b->strip_n * (size_t)b->n[1] * (size_t)b->channels;
    int loaded = 0;

    for (int z = 0; z < b->n[2]; z += 2) {
        const int pair = z + 1 < b->n[2] ? 2 : 1;
        for (; b->channels > 0 && loaded < z + pair + 2 * r; loaded++)
            load_slice(e, b, loaded);
        for (int k = 0; k < 2 * r + pair; k++)
            b->rows[k] = slot_of(e, b, z + k, slice);
        if (b->channels > 0 && r == 0)
            for (int k = 0; k < pair; k++)
                memcpy(b->out + (size_t)k * slice, b->rows[k], slice * sizeof *b->out);
        else if (b->channels > 0 && pair == 2)
            e->loops.pair(b->out, b->out + slice, b->rows, e->half[2], r, slice);
        else if (b->channels > 0)
            e->loops.row(b->out, b->rows, e->half[2], r, 0, slice);
        for (int k = 0; k < pair; k++) {
            const rgq_tile t = slice_of(e, b, z + k, b->out + (size_t)k * slice);
            e->job->run(e->job->context, &t, b->local);
        }
    }
}

static void run_tile(const rgq_tile_engine *e, rgq_tile_bench *b, size_t tile, double *sum)
{
    place(e, b, tile);
    rgq_tile_localise(e, b);
    const size_t side = (size_t)b->n_active + 2;
    const int wide = rgq_tile_strip(e, b->channels);

    memset(b->local, 0, side * side * sizeof *b->local);
    for (b->strip = 0; b->strip < b->n[0]; b->strip += wide) {
        b->strip_n = b->n[0] - b->strip < wide ? b->n[0] - b->strip : wide;
        run_strip(e, b);
    }
    const rgq_tile t = {.n_active = b->n_active,
                        .part = b->active,
                        .channels = b->channels,
                        .scratch = b->scratch};
    e->job->end(e->job->context, &t, b->local, sum);
    rgq_tile_forget(b);
}

/* ------------------------------------------------------------------------------ all tiles */

static rgq_status count_active(rgq_tile_engine *e, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tile_buffers m = {.floats = NULL};
    int most = 1;

    e->most_active = 0;
    RGQ_TRY(err, rgq_tile_buffers_init(&m, e, 0, err));
#pragma omp parallel num_threads(e->n_threads) reduction(max : most)
    {
        rgq_tile_bench b = rgq_tile_bench_of(e, &m, (size_t)omp_get_thread_num());
#pragma omp for schedule(static)
        for (size_t tile = 0; tile < e->n_tiles; tile++) {
            place(e, &b, tile);
            rgq_tile_localise(e, &b);
            most = most > b.n_active ? most : b.n_active;
            rgq_tile_forget(&b);
        }
    }
    e->most_active = most;
out:
    rgq_tile_buffers_free(&m);
    return st;
}

static rgq_status engine_init(rgq_tile_engine *e, rgq_error *err)
{
    const double groups = floor((double)e->parts->voxels / 8.0 / (double)e->job->n_sums);

    e->loops = rgq_fir_loops_best();
    e->n_threads = rgq_threads_count();
    e->groups = groups < 2.0 ? 2 : groups > GROUPS_MAX ? GROUPS_MAX : (size_t)groups;
    e->n_tiles = 1;
    for (int a = 0; a < 3; a++) {
        const int n = e->parts->n[a];
        const int r = e->job->taps[a].radius;
        e->radius[a] = r;
        RGQ_PASS(err, rgq_alloc(&e->half[a], (size_t)r + 1, sizeof *e->half[a], err));
        for (int k = 0; k <= r; k++)
            e->half[a][k] = r == 0 ? 1.0F : (float)e->job->taps[a].half[k];
        RGQ_PASS(err, rgq_alloc(&e->whole[a], (size_t)n, sizeof *e->whole[a], err));
        for (int i = 0; i < n; i++)
            for (int k = -r; k <= r; k++)
                if (rgq_border_index(i + k, n, e->job->border) >= 0)
                    e->whole[a][i] += (double)e->half[a][k < 0 ? -k : k];
        rgq_tile_side(e, a);
        e->tiles[a] = (n + e->tile[a] - 1) / e->tile[a];
        e->n_tiles *= (size_t)e->tiles[a];
    }
    RGQ_PASS(err, rgq_tile_sums_of_taps(e, err));
    e->most_active = e->parts->count;
    if (e->most_active > PARTS_FEW)
        RGQ_PASS(err, count_active(e, err));
    return RGQ_OK;
}

static void engine_release(rgq_tile_engine *e)
{
    for (int a = 0; a < 3; a++) {
        rgq_free(e->half[a]);
        rgq_free(e->whole[a]);
    }
    rgq_free(e->sums_of_taps);
}

rgq_status rgq_tiles_run(const rgq_parts *parts, rgq_tiles_job *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tile_engine e = {.parts = parts, .job = job};
    rgq_tile_buffers m = {.floats = NULL};
    double *sums = NULL;

    RGQ_TRY(err, engine_init(&e, err));
    RGQ_TRY(err, rgq_tile_buffers_init(&m, &e, e.most_active, err));
    RGQ_TRY(err, rgq_alloc(&sums, e.groups * job->n_sums, sizeof *sums, err));
#pragma omp parallel num_threads(e.n_threads)
    {
        rgq_tile_bench b = rgq_tile_bench_of(&e, &m, (size_t)omp_get_thread_num());
#pragma omp for schedule(dynamic)
        for (size_t group = 0; group < e.groups; group++)
            for (size_t tile = e.n_tiles * group / e.groups;
                 tile < e.n_tiles * (group + 1) / e.groups; tile++)
                run_tile(&e, &b, tile, sums + group * job->n_sums);
    }
    memset(job->sum, 0, job->n_sums * sizeof *job->sum);
    for (size_t group = 0; group < e.groups; group++)
        for (size_t i = 0; i < job->n_sums; i++)
            job->sum[i] += sums[group * job->n_sums + i];
out:
    rgq_free(sums);
    rgq_tile_buffers_free(&m);
    engine_release(&e);
    return st;
}
