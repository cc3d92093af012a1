/* Which parts reach a tile, and their filter along x. */
#include <stdint.h>
#include <string.h>

#include "core/banned.h"
#include "pvc/tile_bench.h"

enum { NOWHERE = 0xFFFF };

static uint16_t activate(rgq_tile_bench *b, int part)
{
    if (b->local_of[part] == 0) {
        b->active[b->n_active] = part;
        b->extent[b->n_active] = 0;
        b->local_of[part] = ++b->n_active;
    }
    return (uint16_t)(b->local_of[part] - 1);
}

/* End of the run of equal labels that begins at `i`, four at a time. */
static int run_end(const uint16_t *label, int i, int end)
{
    const uint16_t here = label[i];
    const uint64_t four = here * 0x0001000100010001ULL;

    for (i++; i + 4 <= end; i += 4) {
        uint64_t next = 0;
        memcpy(&next, label + i, sizeof next);
        if (next != four)
            break;
    }
    while (i < end && label[i] == here)
        i++;
    return i;
}

static uint16_t localise_run(rgq_tile_bench *b, int part, int length)
{
    const uint16_t index = activate(b, part);

    b->extent[index] += (size_t)length;
    return index;
}

/* Places that a border rule answers for. */
static void localise_ends(rgq_tile_bench *b, const uint16_t *label, uint16_t *to, int first,
                          int end)
{
    for (int x = first; x < end; x++)
        to[x] =
            b->map[0][x] < 0 ? (uint16_t)NOWHERE : localise_run(b, (int)label[b->map[0][x]], 1);
}

/* A row of the halo: labels become indices, a run of the same label at a time. */
static void localise_row(rgq_tile_bench *b, const uint16_t *label, uint16_t *to)
{
    const uint16_t *from = label + b->map[0][b->inside] - b->inside;
    int x = b->inside;

    localise_ends(b, label, to, 0, b->inside);
    while (x < b->outside) {
        const int end = run_end(from, x, b->outside);
        const uint16_t index = localise_run(b, (int)from[x], end - x);
        for (; x < end; x++)
            to[x] = index;
    }
    localise_ends(b, label, to, b->outside, b->ext[0]);
}

static void localise_labels(const rgq_tile_engine *e, rgq_tile_bench *b)
{
    const uint16_t *voxel = rgq_parts_voxels(e->parts);
    const size_t nx = (size_t)e->parts->n[0];
    const size_t ny = (size_t)e->parts->n[1];
    uint16_t *to = b->halo;

    for (int z = 0; z < b->ext[2]; z++)
        for (int y = 0; y < b->ext[1]; y++, to += b->ext[0]) {
            if (b->map[1][y] < 0 || b->map[2][z] < 0)
                memset(to, 0xFF, (size_t)b->ext[0] * sizeof *to);
            else
                localise_row(b, voxel + ((size_t)b->map[2][z] * ny + (size_t)b->map[1][y]) * nx,
                             to);
        }
}

/* The part with most voxels goes last: it will have no channel. */
static void close_last(rgq_tile_bench *b)
{
    const size_t count = (size_t)b->ext[0] * (size_t)b->ext[1] * (size_t)b->ext[2];
    const uint16_t last = (uint16_t)(b->n_active - 1);
    uint16_t most = 0;

    for (int i = 1; i < b->n_active; i++)
        if (b->extent[i] > b->extent[most])
            most = (uint16_t)i;
    if (most == last)
        return;
    const int part = b->active[most];
    b->active[most] = b->active[last];
    b->active[last] = part;
    for (size_t i = 0; i < count; i++)
        b->halo[i] = b->halo[i] == most ? last : b->halo[i] == last ? most : b->halo[i];
}

static bool reaches(const rgq_tile_bench *b, const int lo[3], const int n[3])
{
    for (int a = 0; a < 3; a++) {
        bool any = false;
        for (int i = 0; i < b->ext[a] && !any; i++)
            any = b->map[a][i] >= lo[a] && b->map[a][i] < lo[a] + n[a];
        if (!any)
            return false;
    }
    return true;
}

static void localise_masks(const rgq_tile_engine *e, rgq_tile_bench *b)
{
    for (int part = 0; part < e->parts->count; part++) {
        int lo[3];
        int n[3];
        rgq_parts_box(e->parts, part, lo, n);
        if (reaches(b, lo, n))
            (void)activate(b, part);
    }
}

void rgq_tile_localise(const rgq_tile_engine *e, rgq_tile_bench *b)
{
    b->n_active = 0;
    if (b->halo != NULL) {
        localise_labels(e, b);
        close_last(b);
        b->channels = b->n_active - 1;
    } else {
        localise_masks(e, b);
        b->channels = b->n_active;
    }
}

void rgq_tile_forget(rgq_tile_bench *b)
{
    for (int i = 0; i < b->n_active; i++)
        b->local_of[b->active[i]] = 0;
}

/* A run of one label, first .. end - 1 of the halo's row, adds to the results it reaches: the
 * taps that fall on it, which is a difference of two sums. */
static void add_run(const rgq_tile_engine *e, const rgq_tile_bench *b, float *to, int first,
                    int end)
{
    const float *sums = e->sums_of_taps;
    const int taps = 2 * e->radius[0] + 1;
    const int from = first - taps + 1 > b->strip ? first - taps + 1 : b->strip;
    const int stop = end < b->strip + b->strip_n ? end : b->strip + b->strip_n;
    const size_t step = (size_t)b->channels;

    for (int x = from; x < stop; x++) {
        const float upto = sums[end - x < taps ? end - x : taps];
        const float before = sums[first > x ? first - x : 0];
        to[(size_t)(x - b->strip) * step] += upto - before;
    }
}

static void filter_labels(const rgq_tile_engine *e, rgq_tile_bench *b, int z)
{
    const size_t row = (size_t)b->strip_n * (size_t)b->channels;
    const int stop = b->strip + b->strip_n + 2 * e->radius[0];

    memset(b->plane, 0, row * (size_t)b->ext[1] * sizeof *b->plane);
    for (int y = 0; y < b->ext[1]; y++) {
        const uint16_t *index =
            b->halo + ((size_t)z * (size_t)b->ext[1] + (size_t)y) * (size_t)b->ext[0];
        float *to = b->plane + (size_t)y * row;
        int x = b->strip;
        while (x < stop) {
            const int first = x;
            const uint16_t here = index[x];
            x = run_end(index, x, stop);
            if ((int)here < b->channels)
                add_run(e, b, to + here, first, x);
        }
    }
}

/* Weights of an active part in a row of the halo of the strip; false if there are none. */
static bool mask_line(const rgq_tile_engine *e, const rgq_tile_bench *b, int part, int y, int z)
{
    const int at_y = b->map[1][y];
    const int at_z = b->map[2][z];
    const int n_line = b->strip_n + 2 * e->radius[0];
    int lo[3] = {0, 0, 0};
    int n[3] = {0, 0, 0};

    rgq_parts_box(e->parts, part, lo, n);
    if (at_y < lo[1] || at_y >= lo[1] + n[1] || at_z < lo[2] || at_z >= lo[2] + n[2])
        return false;
    const float *row = rgq_parts_mask_row(e->parts, part, at_y, at_z);
    for (int x = 0; x < n_line; x++) {
        const int at = b->map[0][b->strip + x];
        b->line[x] = at >= lo[0] && at < lo[0] + n[0] ? row[at - lo[0]] : 0.0F;
    }
    return true;
}

static void filter_masks(const rgq_tile_engine *e, rgq_tile_bench *b, int z)
{
    const int r = e->radius[0];
    const size_t step = (size_t)b->channels;
    const size_t row = (size_t)b->strip_n * step;
    const float *half = e->half[0];

    memset(b->plane, 0, row * (size_t)b->ext[1] * sizeof *b->plane);
    for (int y = 0; y < b->ext[1]; y++)
        for (int i = 0; i < b->n_active; i++) {
            float *to = b->plane + (size_t)y * row + (size_t)i;
            if (!mask_line(e, b, b->active[i], y, z))
                continue;
            for (int x = 0; x < b->strip_n; x++) {
                const float *mid = b->line + x + r;
                float s = 0.0F;
                for (int k = r; k > 0; k--)
                    s += half[k] * (mid[-k] + mid[k]);
                to[(size_t)x * step] = s + half[0] * mid[0];
            }
        }
}

void rgq_tile_filter_x(const rgq_tile_engine *e, rgq_tile_bench *b, int z)
{
    if (b->halo != NULL)
        filter_labels(e, b, z);
    else
        filter_masks(e, b, z);
}

void rgq_tile_take_weights(const rgq_tile_engine *e, const rgq_tile_bench *b, int z)
{
    const int *r = e->radius;
    const size_t step = (size_t)b->n_active;

    for (int y = 0; y < b->n[1]; y++)
        for (int i = 0; i < b->n_active; i++) {
            float *to = b->weight + (size_t)y * (size_t)b->strip_n * step + (size_t)i;
            const bool any = mask_line(e, b, b->active[i], y + r[1], z + r[2]);
            for (int x = 0; x < b->strip_n; x++)
                to[(size_t)x * step] = any ? b->line[x + r[0]] : 0.0F;
        }
}
