#include "measure/peak.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "measure/moments.h"

/* Highest mean over row (y, z) of the box of the region, or `best`. */
static double best_of_row(double best, const rgq_peak_kernel *kernel, const float *values,
                          const rgq_grid *grid, const rgq_region *region, const int yz[2],
                          double from)
{
    const float *weight =
        region->weight +
        ((size_t)yz[1] * (size_t)region->n[1] + (size_t)yz[0]) * (size_t)region->n[0];
    const float *v = values + rgq_region_row(grid, region, yz[0], yz[1]);

    for (int x = 0; x < region->n[0]; x++) {
        if (weight[x] < 0.5f || (double)v[x] < from)
            continue;
        const int at[3] = {region->lo[0] + x, region->lo[1] + yz[0], region->lo[2] + yz[1]};
        best = fmax(best, rgq_peak_at(kernel, values, grid, at));
    }
    return best;
}

rgq_status rgq_peak_find(double *out, const rgq_peak_kernel *kernel, const float *values,
                         const rgq_grid *grid, const rgq_region *region, double from,
                         rgq_error *err)
{
    double *best = NULL;
    const int n_rows = region->n[1] * region->n[2];

    *out = (double)NAN;
    if (n_rows == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&best, (size_t)n_rows, sizeof *best, err));
#pragma omp parallel for schedule(static)
    for (int row = 0; row < n_rows; row++)
        best[row] = best_of_row((double)NAN, kernel, values, grid, region,
                                (const int[2]){row % region->n[1], row / region->n[1]}, from);
    for (int row = 0; row < n_rows; row++)
        *out = fmax(*out, best[row]); /* fmax passes over a NaN */
    rgq_free(best);
    return RGQ_OK;
}

void rgq_peak_locate(int at[3], const rgq_peak_kernel *kernel, const float *values,
                     const rgq_grid *grid, const rgq_region *region, double peak)
{
    const float *weight = region->weight;
    double nearest = (double)INFINITY;

    for (int a = 0; a < 3; a++)
        at[a] = region->lo[a];
    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++)
            for (int x = 0; x < region->n[0]; x++) {
                const int here[3] = {region->lo[0] + x, region->lo[1] + y, region->lo[2] + z};
                if (*weight++ < 0.5f)
                    continue;
                const double off = fabs(rgq_peak_at(kernel, values, grid, here) - peak);
                if (off >= nearest)
                    continue;
                nearest = off;
                for (int a = 0; a < 3; a++)
                    at[a] = here[a];
                if (off == 0.0)
                    return;
            }
}
