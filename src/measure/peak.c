#include "measure/peak.h"

#include <math.h>

#include "core/banned.h"
#include "measure/moments.h"

rgq_peaks rgq_peaks_join(rgq_peaks a, rgq_peaks b)
{
    return (rgq_peaks){fmax(a.local, b.local),
                       fmax(a.global, b.global)}; /* passes over a NaN */
}

/* Blocks begin at a voxel that counts, so that a thin region costs little more than its voxels.
 */
static rgq_peaks peaks_of_row(rgq_peaks best, const rgq_peak_kernel *kernel,
                              const float *values, const rgq_grid *grid,
                              const rgq_region *region, const int yz[2], double from)
{
    const float *weight =
        region->weight +
        ((size_t)yz[1] * (size_t)region->n[1] + (size_t)yz[0]) * (size_t)region->n[0];
    const float *v = values + rgq_region_row(grid, region, yz[0], yz[1]);
    double mean[RGQ_PEAK_LANES];
    int block = -RGQ_PEAK_LANES;

    for (int x = 0; x < region->n[0]; x++) {
        if (weight[x] < 0.5f)
            continue;
        if (x >= block + RGQ_PEAK_LANES) {
            block = x;
            rgq_peak_block(mean, kernel, values, grid,
                           (const int[3]){region->lo[0] + x, region->lo[1] + yz[0],
                                          region->lo[2] + yz[1]});
        }
        best.global = fmax(best.global, mean[x - block]);
        if ((double)v[x] >= from)
            best.local = fmax(best.local, mean[x - block]);
    }
    return best;
}

rgq_peaks rgq_peaks_of_rows(const rgq_peak_kernel *kernel, const float *values,
                            const rgq_grid *grid, const rgq_region *region, const int rows[2],
                            double from)
{
    rgq_peaks best = {(double)NAN, (double)NAN};

    for (int row = rows[0]; row < rows[1]; row++)
        best = peaks_of_row(best, kernel, values, grid, region,
                            (const int[2]){row % region->n[1], row / region->n[1]}, from);
    return best;
}

void rgq_peak_locate(int at[3], const rgq_peak_kernel *kernel, const float *values,
                     const rgq_grid *grid, const rgq_region *region, double peak)
{
    const float *weight = region->weight;
    double nearest = (double)INFINITY;
    double mean[RGQ_PEAK_LANES];

    for (int a = 0; a < 3; a++)
        at[a] = region->lo[a];
    for (int row = 0; row < region->n[1] * region->n[2]; row++) {
        int here[3] = {0, region->lo[1] + row % region->n[1],
                       region->lo[2] + row / region->n[1]};
        int block = -RGQ_PEAK_LANES;
        for (int x = 0; x < region->n[0]; x++) {
            if (*weight++ < 0.5f)
                continue;
            here[0] = region->lo[0] + x;
            if (x >= block + RGQ_PEAK_LANES) {
                block = x;
                rgq_peak_block(mean, kernel, values, grid, here);
            }
            const double off = fabs(mean[x - block] - peak);
            if (off >= nearest)
                continue;
            nearest = off;
            for (int a = 0; a < 3; a++)
                at[a] = here[a];
            if (off == 0.0)
                return;
        }
    }
}
