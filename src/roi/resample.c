#include "roi/resample.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"

enum { POINTS_LEAST = 4, POINTS_MOST = 16, POINTS_A_VOXEL = 4 };

/* New voxel indices to old ones: old = shift + step[0] i + step[1] j + step[2] k. */
typedef struct index_map {
    double shift[3];
    double step[3][3];
    int points; /* a side, for means */
} index_map;

static index_map make_map(const rgq_grid *from, const rgq_grid *to)
{
    index_map map = {.points = POINTS_LEAST};
    double mm[3];

    rgq_grid_to_world(to, (const double[3]){0.0, 0.0, 0.0}, mm);
    rgq_grid_to_index(from, mm, map.shift);
    for (int a = 0; a < 3; a++) {
        const double one[3] = {a == 0 ? 1.0 : 0.0, a == 1 ? 1.0 : 0.0, a == 2 ? 1.0 : 0.0};
        rgq_grid_to_world(to, one, mm);
        rgq_grid_to_index(from, mm, map.step[a]);
        for (int c = 0; c < 3; c++) {
            map.step[a][c] -= map.shift[c];
            const double wish = ceil(POINTS_A_VOXEL * fabs(map.step[a][c]));
            if (wish > map.points)
                map.points = wish < POINTS_MOST ? (int)wish : POINTS_MOST;
        }
    }
    return map;
}

static float weight_at(const rgq_region *region, const int at[3])
{
    int v[3];

    for (int a = 0; a < 3; a++) {
        v[a] = at[a] - region->lo[a];
        if (v[a] < 0 || v[a] >= region->n[a])
            return 0.0F;
    }
    return region
        ->weight[((size_t)v[2] * (size_t)region->n[1] + (size_t)v[1]) * (size_t)region->n[0] +
                 (size_t)v[0]];
}

/* What rounding leaves: 1e-9 voxel. */
static float nearest(const rgq_region *region, const double index[3])
{
    int at[3];

    for (int a = 0; a < 3; a++) {
        const double whole = floor(index[a] + 0.5 + 1e-9);
        if (!(fabs(whole) < 1e6))
            return 0.0F;
        at[a] = (int)whole;
    }
    return weight_at(region, at);
}

static float linear(const rgq_region *region, const double index[3])
{
    int base[3];
    double part[3];
    double sum = 0.0;

    for (int a = 0; a < 3; a++) {
        const double whole = floor(index[a] + 1e-9);
        if (!(fabs(whole) < 1e6))
            return 0.0F;
        base[a] = (int)whole;
        part[a] = fmax(index[a] - whole, 0.0);
    }
    for (int corner = 0; corner < 8; corner++) {
        int at[3];
        double share = 1.0;
        for (int a = 0; a < 3; a++) {
            const int up = corner >> a & 1;
            at[a] = base[a] + up;
            share *= up != 0 ? part[a] : 1.0 - part[a];
        }
        if (share > 0.0)
            sum += share * (double)weight_at(region, at);
    }
    return (float)fmin(sum, 1.0);
}

/* Mean over the new voxel about `centre` (in old indices). */
static float mean(const rgq_region *region, const double centre[3], const index_map *map)
{
    const int n = map->points;
    double sum = 0.0;

    for (int k = 0; k < n; k++)
        for (int j = 0; j < n; j++)
            for (int i = 0; i < n; i++) {
                const double f[3] = {(i + 0.5) / n - 0.5, (j + 0.5) / n - 0.5,
                                     (k + 0.5) / n - 0.5};
                double index[3];
                for (int c = 0; c < 3; c++)
                    index[c] = centre[c] + f[0] * map->step[0][c] + f[1] * map->step[1][c] +
                               f[2] * map->step[2][c];
                sum += (double)nearest(region, index);
            }
    return (float)(sum / ((double)n * n * n));
}

static float weigh(const rgq_region *region, const double index[3], const index_map *map,
                   rgq_resample_how how)
{
    switch (how) {
    case RGQ_RESAMPLE_LINEAR:
        return linear(region, index);
    case RGQ_RESAMPLE_FRACTION:
        return mean(region, index, map);
    case RGQ_RESAMPLE_MAJORITY:
        return mean(region, index, map) > 0.5F ? 1.0F : 0.0F;
    case RGQ_RESAMPLE_NEAREST:
        break;
    }
    return nearest(region, index);
}

/* Voxels of the new grid that the region can reach; false if there are none. */
static bool find_box(int lo[3], int n[3], const rgq_region *region, const rgq_grid *from,
                     const rgq_grid *to)
{
    double least[3] = {(double)INFINITY, (double)INFINITY, (double)INFINITY};
    double most[3] = {-(double)INFINITY, -(double)INFINITY, -(double)INFINITY};

    for (int corner = 0; corner < 8; corner++) {
        double old[3];
        double mm[3];
        double index[3];
        for (int a = 0; a < 3; a++) /* linear weights reach one voxel beyond */
            old[a] = (corner >> a & 1) != 0 ? region->lo[a] + region->n[a] : region->lo[a] - 1;
        rgq_grid_to_world(from, old, mm);
        rgq_grid_to_index(to, mm, index);
        for (int a = 0; a < 3; a++) {
            least[a] = fmin(least[a], index[a]);
            most[a] = fmax(most[a], index[a]);
        }
    }
    for (int a = 0; a < 3; a++) {
        const double first = fmax(floor(least[a] - 0.5), 0.0);
        const double last = fmin(ceil(most[a] + 0.5), to->n[a] - 1.0);
        if (!(first <= last))
            return false;
        lo[a] = (int)first;
        n[a] = (int)last - lo[a] + 1;
    }
    return true;
}

static void fill_box(float *weight, const int lo[3], const int n[3], const rgq_region *region,
                     const index_map *map, rgq_resample_how how)
{
#pragma omp parallel for schedule(static)
    for (int z = 0; z < n[2]; z++) {
        float *to = weight + (size_t)z * (size_t)n[0] * (size_t)n[1];
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++) {
                double index[3];
                for (int c = 0; c < 3; c++)
                    index[c] = map->shift[c] + (lo[0] + x) * map->step[0][c] +
                               (lo[1] + y) * map->step[1][c] + (lo[2] + z) * map->step[2][c];
                *to++ = weigh(region, index, map, how);
            }
    }
}

static rgq_status resample_region(rgq_regions *fresh, const rgq_region *region,
                                  const rgq_grid *from, const index_map *map,
                                  rgq_resample_how how, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    float *weight = NULL;
    int lo[3] = {0, 0, 0};
    int n[3] = {0, 0, 0};

    if (region->n[0] > 0 && find_box(lo, n, region, from, rgq_regions_grid(fresh))) {
        RGQ_TRY(err, rgq_alloc(&weight, (size_t)n[0] * (size_t)n[1] * (size_t)n[2],
                               sizeof *weight, err));
        fill_box(weight, lo, n, region, map, how);
    } else {
        for (int a = 0; a < 3; a++)
            lo[a] = n[a] = 0;
    }
    RGQ_TRY(err, rgq_regions_add_box(fresh, region->name, region->label, lo, n, weight, err));
out:
    rgq_free(weight);
    return st;
}

rgq_status rgq_regions_resample(rgq_regions **out, const rgq_regions *set, const rgq_grid *grid,
                                rgq_resample_how how, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *fresh = NULL;
    const rgq_grid *from = rgq_regions_grid(set);

    *out = NULL;
    RGQ_TRY(err, rgq_regions_create(&fresh, grid, err));
    const index_map map = make_map(from, grid);
    for (int i = 0; i < rgq_regions_count(set); i++)
        RGQ_TRY(err, resample_region(fresh, rgq_regions_at(set, i), from, &map, how, err));
    *out = fresh;
    fresh = NULL;
out:
    rgq_regions_free(fresh);
    return st;
}
