#include "measure/moments.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/stats.h"

size_t rgq_region_row(const rgq_grid *grid, const rgq_region *region, int y, int z)
{
    return ((size_t)(region->lo[2] + z) * (size_t)grid->n[1] + (size_t)(region->lo[1] + y)) *
               (size_t)grid->n[0] +
           (size_t)region->lo[0];
}

/* Weighted sum of (value - offset)^power; a subtotal each row keeps the rounding small. */
static double weighted_sum(const float *values, const rgq_grid *grid, const rgq_region *region,
                           double offset, int power)
{
    const float *w = region->weight;
    double total = 0.0;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            const float *v = values + rgq_region_row(grid, region, y, z);
            double row = 0.0;
            for (int x = 0; x < region->n[0]; x++) {
                const double d = (double)v[x] - offset;
                row += (double)w[x] * (power == 1 ? d : d * d);
            }
            w += region->n[0];
            total += row;
        }
    return total;
}

static void count_weights(rgq_moments *m, const rgq_region *region)
{
    const size_t count = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];

    for (size_t i = 0; i < count; i++) {
        m->weight += (double)region->weight[i];
        m->n_voxels += region->weight[i] >= 0.5f;
    }
}

static void collect(float *out, const float *values, const rgq_grid *grid,
                    const rgq_region *region)
{
    const float *w = region->weight;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            const float *v = values + rgq_region_row(grid, region, y, z);
            for (int x = 0; x < region->n[0]; x++)
                if (*w++ >= 0.5f)
                    *out++ = v[x];
        }
}

rgq_moments rgq_moments_in(const float *values, const rgq_grid *grid, const rgq_region *region,
                           float *scratch)
{
    enum { N_LEVELS = 5 };
    static const double level[N_LEVELS] = {0.0, 0.25, 0.5, 0.75, 1.0};
    const double none = (double)NAN;
    rgq_moments m = {0, 0.0, none, none, none, none, none, none, none};
    double at[N_LEVELS];

    count_weights(&m, region);
    if (m.weight > 0.0) {
        /* about a first value, so that a large offset costs no digits */
        const double first = (double)values[rgq_region_row(grid, region, 0, 0)];
        m.mean = first + weighted_sum(values, grid, region, first, 1) / m.weight;
        m.sd = sqrt(weighted_sum(values, grid, region, m.mean, 2) / m.weight);
    }
    if (m.n_voxels > 0) {
        collect(scratch, values, grid, region);
        rgq_quantiles_float(at, level, N_LEVELS, scratch, (size_t)m.n_voxels);
        m.min = at[0];
        m.p25 = at[1];
        m.median = at[2];
        m.p75 = at[3];
        m.max = at[4];
    }
    return m;
}

rgq_status rgq_moments_measure(rgq_moments *out, const float *values, const rgq_grid *grid,
                               const rgq_region *region, rgq_error *err)
{
    const size_t count = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];
    float *scratch = NULL;

    if (count > 0)
        RGQ_PASS(err, rgq_alloc(&scratch, count, sizeof *scratch, err));
    *out = rgq_moments_in(values, grid, region, scratch);
    rgq_free(scratch);
    return RGQ_OK;
}
