#include "roi/components.h"

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

rgq_status rgq_flood_fill(rgq_flood *flood, double threshold, size_t start, rgq_error *err)
{
    const size_t nx = (size_t)flood->grid->n[0];
    const size_t ny = (size_t)flood->grid->n[1];

    flood->count = 0;
    if (flood->state[start] != RGQ_VOXEL_OPEN || (double)flood->values[start] < threshold)
        return RGQ_OK;
    RGQ_PASS(err, take(flood, start, err));
    for (size_t k = 0; k < flood->count; k++) { /* the list is the queue */
        const size_t i = flood->at[k];
        const int here[3] = {(int)(i % nx), (int)(i / nx % ny), (int)(i / (nx * ny))};
        for (int s = 0; s < flood->n_steps; s++) {
            const int *d = flood->step[s];
            const int to[3] = {here[0] + d[0], here[1] + d[1], here[2] + d[2]};
            if (!is_inside(flood->grid, to))
                continue;
            const size_t j = rgq_flood_index(flood->grid, to);
            if (flood->state[j] == RGQ_VOXEL_OPEN && (double)flood->values[j] >= threshold)
                RGQ_PASS(err, take(flood, j, err));
        }
    }
    return RGQ_OK;
}

void rgq_flood_undo(rgq_flood *flood)
{
    for (size_t k = 0; k < flood->count; k++)
        flood->state[flood->at[k]] = RGQ_VOXEL_OPEN;
    flood->count = 0;
}
