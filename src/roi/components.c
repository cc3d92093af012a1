#include "roi/components.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

rgq_status rgq_flood_init(rgq_flood *flood, const rgq_grid *grid, const float *values,
                          int connectivity, rgq_error *err)
{
    /* 6, 18, 26: the neighbour differs in at most 1, 2, 3 coordinates */
    const int differ = connectivity == 6 ? 1 : connectivity == 18 ? 2 : 3;

    *flood = (rgq_flood){.grid = grid, .values = values};
    if (connectivity != 6 && connectivity != 18 && connectivity != 26)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a connectivity of %d; 6, 18 or 26 was needed",
                         connectivity);
    for (int k = 0; k < 27; k++) {
        const int d[3] = {k % 3 - 1, k / 3 % 3 - 1, k / 9 - 1};
        const int n = abs(d[0]) + abs(d[1]) + abs(d[2]);
        if (n > 0 && n <= differ)
            memcpy(flood->step[flood->n_steps++], d, sizeof d);
    }
    RGQ_PASS(err, rgq_alloc(&flood->state, rgq_grid_count(grid), 1, err));
    memset(flood->state, RGQ_VOXEL_OPEN, rgq_grid_count(grid));
    return RGQ_OK;
}

void rgq_flood_release(rgq_flood *flood)
{
    rgq_free(flood->state);
    rgq_free(flood->at);
    flood->state = NULL;
    flood->at = NULL;
}

size_t rgq_flood_index(const rgq_grid *grid, const int at[3])
{
    return ((size_t)at[2] * (size_t)grid->n[1] + (size_t)at[1]) * (size_t)grid->n[0] +
           (size_t)at[0];
}

static rgq_status take(rgq_flood *flood, size_t i, rgq_error *err)
{
    if (flood->count == flood->capacity) {
        const size_t capacity = flood->capacity > 0 ? 2 * flood->capacity : 1024;
        RGQ_PASS(err, rgq_realloc(&flood->at, capacity, sizeof *flood->at, err));
        flood->capacity = capacity;
    }
    flood->state[i] = RGQ_VOXEL_TAKEN;
    flood->at[flood->count++] = i;
    if (flood->count == 1 || flood->values[i] > flood->peak ||
        (flood->values[i] >= flood->peak && i < flood->peak_at)) {
        flood->peak = flood->values[i];
        flood->peak_at = i;
    }
    return RGQ_OK;
}

static bool is_inside(const rgq_grid *grid, const int at[3])
{
    return at[0] >= 0 && at[0] < grid->n[0] && at[1] >= 0 && at[1] < grid->n[1] && at[2] >= 0 &&
           at[2] < grid->n[2];
}

/* Who may join: open voxels that reach the threshold, and carry the label of the start. */
typedef struct gate {
    double threshold;
    const int32_t *label; /* NULL: any */
    int32_t wanted;
} gate;

static bool may_join(const rgq_flood *flood, const gate *g, size_t i)
{
    return flood->state[i] == RGQ_VOXEL_OPEN && (double)flood->values[i] >= g->threshold &&
           (g->label == NULL || g->label[i] == g->wanted);
}

static rgq_status fill(rgq_flood *flood, const gate *g, size_t start, rgq_error *err)
{
    const size_t nx = (size_t)flood->grid->n[0];
    const size_t ny = (size_t)flood->grid->n[1];

    flood->count = 0;
    if (!may_join(flood, g, start))
        return RGQ_OK;
    RGQ_PASS(err, take(flood, start, err));
    for (size_t k = 0; k < flood->count && !rgq_flood_is_cut(flood); k++) { /* the queue */
        const size_t i = flood->at[k];
        const int here[3] = {(int)(i % nx), (int)(i / nx % ny), (int)(i / (nx * ny))};
        for (int s = 0; s < flood->n_steps; s++) {
            const int *d = flood->step[s];
            const int to[3] = {here[0] + d[0], here[1] + d[1], here[2] + d[2]};
            if (!is_inside(flood->grid, to))
                continue;
            const size_t j = rgq_flood_index(flood->grid, to);
            if (may_join(flood, g, j))
                RGQ_PASS(err, take(flood, j, err));
        }
    }
    return RGQ_OK;
}

rgq_status rgq_flood_fill(rgq_flood *flood, double threshold, size_t start, rgq_error *err)
{
    return fill(flood, &(gate){threshold, NULL, 0}, start, err);
}

rgq_status rgq_flood_fill_like(rgq_flood *flood, const int32_t *label, size_t start,
                               rgq_error *err)
{
    return fill(flood, &(gate){-(double)INFINITY, label, label != NULL ? label[start] : 0},
                start, err);
}

bool rgq_flood_is_cut(const rgq_flood *flood)
{
    return flood->limit > 0 && flood->count > flood->limit;
}

void rgq_flood_undo(rgq_flood *flood)
{
    for (size_t k = 0; k < flood->count; k++)
        flood->state[flood->at[k]] = RGQ_VOXEL_OPEN;
    flood->count = 0;
}
