#include "roi/peak_search.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"

/* Voxels of a cell along each axis; along x the centres that are done at a time. */
static const int cell_n[3] = {RGQ_PEAK_LANES, 8, 8};

typedef struct cell {
    float largest;  /* of its values */
    float bound;    /* largest value a sphere about one of its voxels can hold */
    size_t hottest; /* open voxel of the largest value */
    double peak;    /* highest mean found in it */
} cell;

typedef struct search {
    const rgq_flood *flood;
    const rgq_peak_kernel *kernel;
    int n[3]; /* cells along each axis */
    size_t n_cells;
    cell *cells;
} search;

/* The voxels of cell `k`: from lo to before end. */
static void cell_box(int lo[3], int end[3], const search *s, size_t k)
{
    const size_t nx = (size_t)s->n[0];
    const size_t ny = (size_t)s->n[1];
    const int at[3] = {(int)(k % nx), (int)(k / nx % ny), (int)(k / (nx * ny))};

    for (int a = 0; a < 3; a++) {
        const int n = s->flood->grid->n[a];
        lo[a] = at[a] * cell_n[a];
        end[a] = lo[a] + cell_n[a] < n ? lo[a] + cell_n[a] : n;
    }
}

static void look_into(search *s, size_t k)
{
    const rgq_flood *flood = s->flood;
    const size_t none = rgq_grid_count(flood->grid);
    cell c = {-INFINITY, -INFINITY, none, -(double)INFINITY};
    float top = -INFINITY;
    int lo[3];
    int end[3];

    cell_box(lo, end, s, k);
    for (int z = lo[2]; z < end[2]; z++)
        for (int y = lo[1]; y < end[1]; y++) {
            const size_t row = rgq_flood_index(flood->grid, (const int[3]){lo[0], y, z});
            for (size_t i = row; i < row + (size_t)(end[0] - lo[0]); i++) {
                const float v = flood->values[i];
                c.largest = v > c.largest ? v : c.largest;
                if ((v > top || c.hottest == none) && flood->state[i] == RGQ_VOXEL_OPEN) {
                    top = v;
                    c.hottest = i;
                }
            }
        }
    s->cells[k] = c;
}

/* The largest value of the cells that a sphere about a voxel of cell `k` can touch. */
static void bound_cell(search *s, size_t k)
{
    const size_t n[2] = {(size_t)s->n[0], (size_t)s->n[1]};
    const int at[3] = {(int)(k % n[0]), (int)(k / n[0] % n[1]), (int)(k / (n[0] * n[1]))};
    int from[3];
    int to[3];
    float bound = -INFINITY;

    for (int a = 0; a < 3; a++) {
        const int reach = (s->kernel->half[a] + cell_n[a] - 1) / cell_n[a];
        from[a] = at[a] > reach ? at[a] - reach : 0;
        to[a] = at[a] + reach < s->n[a] ? at[a] + reach : s->n[a] - 1;
    }
    for (int z = from[2]; z <= to[2]; z++)
        for (int y = from[1]; y <= to[1]; y++)
            for (int x = from[0]; x <= to[0]; x++)
                bound = fmaxf(
                    bound, s->cells[((size_t)z * n[1] + (size_t)y) * n[0] + (size_t)x].largest);
    s->cells[k].bound = bound;
}

/* The mean about the hottest open voxel: a first guess of the peak. */
static void try_hottest(search *s, size_t k)
{
    const rgq_grid *grid = s->flood->grid;
    const size_t i = s->cells[k].hottest;
    const size_t nx = (size_t)grid->n[0];
    const size_t ny = (size_t)grid->n[1];
    const int at[3] = {(int)(i % nx), (int)(i / nx % ny), (int)(i / (nx * ny))};

    s->cells[k].peak = rgq_peak_at(s->kernel, s->flood->values, grid, at);
}

static void try_all(search *s, size_t k)
{
    const rgq_flood *flood = s->flood;
    double best = s->cells[k].peak;
    double mean[RGQ_PEAK_LANES];
    int lo[3];
    int end[3];

    cell_box(lo, end, s, k);
    for (int z = lo[2]; z < end[2]; z++)
        for (int y = lo[1]; y < end[1]; y++) {
            const int at[3] = {lo[0], y, z};
            const uint8_t *state = flood->state + rgq_flood_index(flood->grid, at);
            rgq_peak_block(mean, s->kernel, flood->values, flood->grid, at);
            for (int x = 0; x < end[0] - lo[0]; x++)
                if (state[x] == RGQ_VOXEL_OPEN)
                    best = fmax(best, mean[x]);
        }
    s->cells[k].peak = best;
}

/* What can be above `best` is looked at, by its hottest voxel or by all; the highest mean. */
static double narrow(search *s, double best, void (*look)(search *, size_t))
{
    const size_t none = rgq_grid_count(s->flood->grid);

#pragma omp parallel for schedule(static, 1)
    for (size_t k = 0; k < s->n_cells; k++)
        if (s->cells[k].hottest < none && (double)s->cells[k].bound > best)
            look(s, k);
    for (size_t k = 0; k < s->n_cells; k++)
        best = fmax(best, s->cells[k].peak);
    return best;
}

rgq_status rgq_peak_search(double *out, const rgq_flood *flood, const rgq_peak_kernel *kernel,
                           rgq_error *err)
{
    search s = {.flood = flood, .kernel = kernel, .n_cells = 1};
    size_t hottest = 0;

    for (int a = 0; a < 3; a++) {
        s.n[a] = (flood->grid->n[a] + cell_n[a] - 1) / cell_n[a];
        s.n_cells *= (size_t)s.n[a];
    }
    *out = -(double)INFINITY;
    RGQ_PASS(err, rgq_alloc(&s.cells, s.n_cells, sizeof *s.cells, err));
#pragma omp parallel for schedule(static)
    for (size_t k = 0; k < s.n_cells; k++)
        look_into(&s, k);
#pragma omp parallel for schedule(static)
    for (size_t k = 0; k < s.n_cells; k++)
        bound_cell(&s, k);
    for (size_t k = 1; k < s.n_cells; k++)
        if (s.cells[k].largest > s.cells[hottest].largest)
            hottest = k;
    if (s.cells[hottest].hottest < rgq_grid_count(flood->grid))
        try_hottest(&s, hottest);
    *out = narrow(&s, s.cells[hottest].peak, try_hottest);
    *out = narrow(&s, *out, try_all);
    rgq_free(s.cells);
    return RGQ_OK;
}
