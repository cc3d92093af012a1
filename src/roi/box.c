#include "roi/box.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

size_t rgq_box_count(const rgq_box *box)
{
    return (size_t)box->n[0] * (size_t)box->n[1] * (size_t)box->n[2];
}

size_t rgq_box_row(const rgq_box *box, const rgq_grid *grid, int y, int z)
{
    return rgq_flood_index(grid, (const int[3]){box->lo[0], box->lo[1] + y, box->lo[2] + z});
}

size_t rgq_box_index(const rgq_box *box, const rgq_grid *grid, size_t i)
{
    const size_t nx = (size_t)grid->n[0];
    const size_t ny = (size_t)grid->n[1];
    const size_t x = i % nx - (size_t)box->lo[0];
    const size_t y = i / nx % ny - (size_t)box->lo[1];
    const size_t z = i / (nx * ny) - (size_t)box->lo[2];

    return (z * (size_t)box->n[1] + y) * (size_t)box->n[0] + x;
}

rgq_box rgq_box_grow(const rgq_box *box, const rgq_grid *grid, double mm)
{
    rgq_box out = *box;
    double spacing_mm[3];

    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int a = 0; a < 3; a++) {
        /* a distance of exactly `mm` is reached whatever the last bit says */
        const int reach = (int)fmin(ceil(mm / spacing_mm[a] * (1.0 - 1e-9)), RGQ_GRID_SIDE_MAX);
        const int end = box->lo[a] + box->n[a] + reach;
        out.lo[a] = box->lo[a] > reach ? box->lo[a] - reach : 0;
        out.n[a] = (end < grid->n[a] ? end : grid->n[a]) - out.lo[a];
    }
    return out;
}

rgq_box rgq_box_of_component(const rgq_flood *flood)
{
    const rgq_grid *grid = flood->grid;
    const size_t nx = (size_t)grid->n[0];
    const size_t ny = (size_t)grid->n[1];
    rgq_box box = {{0, 0, 0}, {0, 0, 0}};

    for (size_t k = 0; k < flood->count; k++) {
        const size_t i = flood->at[k];
        const int at[3] = {(int)(i % nx), (int)(i / nx % ny), (int)(i / (nx * ny))};
        for (int a = 0; a < 3; a++) {
            if (box.n[a] == 0) {
                box.lo[a] = at[a];
                box.n[a] = 1;
            } else if (at[a] < box.lo[a]) {
                box.n[a] += box.lo[a] - at[a];
                box.lo[a] = at[a];
            } else if (at[a] >= box.lo[a] + box.n[a]) {
                box.n[a] = at[a] - box.lo[a] + 1;
            }
        }
    }
    return box;
}

/* Widen lo..hi of one axis to hold `from` and `to`. */
static void widen(int *lo, int *hi, int from, int to)
{
    *lo = from < *lo ? from : *lo;
    *hi = to > *hi ? to : *hi;
}

rgq_box rgq_box_of_bytes(const uint8_t *bytes, const rgq_grid *grid, uint8_t value)
{
    int lo[3] = {grid->n[0], grid->n[1], grid->n[2]};
    int hi[3] = {-1, -1, -1};
    rgq_box box = {{0, 0, 0}, {0, 0, 0}};

    for (int z = 0; z < grid->n[2]; z++)
        for (int y = 0; y < grid->n[1]; y++) {
            const uint8_t *row = bytes + rgq_flood_index(grid, (const int[3]){0, y, z});
            const uint8_t *first = memchr(row, value, (size_t)grid->n[0]);
            if (first == NULL)
                continue;
            int last = grid->n[0] - 1;
            while (row[last] != value)
                last--;
            widen(&lo[0], &hi[0], (int)(first - row), last);
            widen(&lo[1], &hi[1], y, y);
            widen(&lo[2], &hi[2], z, z);
        }
    for (int a = 0; a < 3 && hi[0] >= 0; a++) {
        box.lo[a] = lo[a];
        box.n[a] = hi[a] - lo[a] + 1;
    }
    return box;
}

/* ---- distances ---- */

/* Room for one line: the parabolas of the lower envelope and where each begins to be it. */
typedef struct line {
    double *height;
    double *from;
    int *apex;
} line;

/* out(i) = min over k of in(k) + ((k - i) spacing)^2, along one line. */
static void envelope(const line *l, float *first, size_t stride, int n, double spacing_mm)
{
    const double s2 = spacing_mm * spacing_mm;
    int last = -1;

    for (int i = 0; i < n; i++) {
        const double h = (double)first[(size_t)i * stride];
        if (!isfinite(h))
            continue;
        double from = -(double)INFINITY;
        while (last >= 0) {
            const int k = l->apex[last];
            /* where the parabola of i passes below that of k */
            from = 0.5 * ((double)i + (double)k + (h - l->height[last]) / (s2 * (i - k)));
            if (from > l->from[last])
                break;
            last--;
            from = -(double)INFINITY;
        }
        last++;
        l->apex[last] = i;
        l->height[last] = h;
        l->from[last] = from;
    }
    if (last < 0)
        return;
    for (int i = 0, k = 0; i < n; i++) {
        while (k < last && l->from[k + 1] < (double)i)
            k++;
        const double d = (double)(i - l->apex[k]) * spacing_mm;
        first[(size_t)i * stride] = (float)(l->height[k] + d * d);
    }
}

/* All lines along one axis, in runs of lines, each run with a room of its own. */
static void sweep(float *d2, const int n[3], int axis, double spacing_mm, const line *room,
                  int runs)
{
    const size_t stride[3] = {1, (size_t)n[0], (size_t)n[0] * (size_t)n[1]};
    const int b = (axis + 1) % 3;
    const int c = (axis + 2) % 3;
    const size_t lines = (size_t)n[b] * (size_t)n[c];
    const size_t step = lines / (size_t)runs + 1;

#pragma omp parallel for schedule(static)
    for (int run = 0; run < runs; run++) {
        const size_t lo = (size_t)run * step;
        const size_t hi = lo + step < lines ? lo + step : lines;
        for (size_t k = lo; k < hi; k++)
            envelope(&room[run],
                     d2 + k % (size_t)n[b] * stride[b] + k / (size_t)n[b] * stride[c],
                     stride[axis], n[axis], spacing_mm);
    }
}

rgq_status rgq_box_distance2(float *d2, const uint8_t *mark, const int n[3],
                             const double spacing_mm[3], rgq_error *err)
{
    enum { RUNS = 16 };
    rgq_status st = RGQ_OK;
    const size_t count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
    const size_t side = (size_t)(n[0] > n[1] ? n[0] : n[1]);
    const size_t longest = side > (size_t)n[2] ? side : (size_t)n[2];
    double *reals = NULL;
    int *apexes = NULL;
    line room[RUNS];

    RGQ_TRY(err, rgq_alloc(&reals, (size_t)2 * RUNS * longest, sizeof *reals, err));
    RGQ_TRY(err, rgq_alloc(&apexes, (size_t)RUNS * longest, sizeof *apexes, err));
    for (size_t k = 0; k < RUNS; k++)
        room[k] = (line){reals + 2 * k * longest, reals + (2 * k + 1) * longest,
                         apexes + k * longest};
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        d2[i] = mark[i] != 0 ? 0.0f : INFINITY;
    for (int axis = 0; axis < 3; axis++)
        sweep(d2, n, axis, spacing_mm[axis], room, RUNS);
out:
    rgq_free(reals);
    rgq_free(apexes);
    return st;
}
