/* A set on a part of a grid moves onto the whole of it. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "rgdquant/regions.h"

static const double TOLERANCE = 0.01; /* voxels */

/* Voxel v of the old grid along axis a is voxel at[to[a]] = first[to[a]] + step[a] * v. */
typedef struct placing {
    int to[3];
    int step[3]; /* 1 or -1 */
    int first[3];
} placing;

/* False if the axes are not those of the grid, in some order. */
static bool find_placing(placing *p, const rgq_grid *old, const rgq_grid *grid)
{
    double zero_mm[3];
    double zero[3];
    bool taken[3] = {false, false, false};

    rgq_grid_to_world(old, (const double[3]){0.0, 0.0, 0.0}, zero_mm);
    rgq_grid_to_index(grid, zero_mm, zero);
    for (int a = 0; a < 3; a++) {
        const double one[3] = {a == 0 ? 1.0 : 0.0, a == 1 ? 1.0 : 0.0, a == 2 ? 1.0 : 0.0};
        double step_mm[3];
        double step[3];
        int to = 0;
        rgq_grid_to_world(old, one, step_mm);
        rgq_grid_to_index(grid, step_mm, step);
        for (int c = 1; c < 3; c++)
            if (fabs(step[c] - zero[c]) > fabs(step[to] - zero[to]))
                to = c;
        if (taken[to])
            return false;
        taken[to] = true;
        p->to[a] = to;
        p->step[a] = step[to] < zero[to] ? -1 : 1;
    }
    for (int c = 0; c < 3; c++) {
        if (!(fabs(zero[c]) < 1e6))
            return false;
        p->first[c] = (int)nearbyint(zero[c]);
    }
    return true;
}

/* Is every corner of the box of a region where the placing puts it? */
static bool fits(const placing *p, const rgq_region *region, const rgq_grid *old,
                 const rgq_grid *grid)
{
    for (int corner = 0; corner < 8; corner++) {
        double from[3];
        double mm[3];
        double index[3];
        for (int a = 0; a < 3; a++)
            from[a] = region->lo[a] + ((corner >> a & 1) != 0 ? region->n[a] - 1 : 0);
        rgq_grid_to_world(old, from, mm);
        rgq_grid_to_index(grid, mm, index);
        for (int a = 0; a < 3; a++) {
            const double want = p->first[p->to[a]] + p->step[a] * from[a];
            if (!(fabs(index[p->to[a]] - want) <= TOLERANCE))
                return false;
        }
    }
    return true;
}

/* Box of the region on the grid; false if it leaves it. */
static bool place_box(int lo[3], int n[3], const placing *p, const rgq_region *region,
                      const rgq_grid *grid)
{
    bool inside = true;

    for (int a = 0; a < 3; a++) {
        const int c = p->to[a];
        const int one = p->first[c] + p->step[a] * region->lo[a];
        const int other = one + p->step[a] * (region->n[a] - 1);
        lo[c] = one < other ? one : other;
        n[c] = region->n[a];
        inside = inside && lo[c] >= 0 && lo[c] <= grid->n[c] - n[c];
    }
    return inside;
}

static void copy_weights(float *to, const placing *p, const rgq_region *region, const int n[3])
{
    ptrdiff_t stride[3];
    ptrdiff_t step[3];
    ptrdiff_t start = 0;
    const float *from = region->weight;

    stride[0] = 1;
    stride[1] = n[0];
    stride[2] = (ptrdiff_t)n[0] * n[1];
    for (int a = 0; a < 3; a++) {
        step[a] = p->step[a] * stride[p->to[a]];
        start += p->step[a] < 0 ? (region->n[a] - 1) * stride[p->to[a]] : 0;
    }
    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++)
            for (int x = 0; x < region->n[0]; x++)
                to[start + x * step[0] + y * step[1] + z * step[2]] = *from++;
}

static rgq_status place_region(rgq_regions *fresh, const rgq_region *region, const placing *p,
                               const rgq_grid *old, rgq_error *err)
{
    const rgq_grid *grid = rgq_regions_grid(fresh);
    rgq_status st = RGQ_OK;
    float *weight = NULL;
    int lo[3] = {0, 0, 0};
    int n[3] = {0, 0, 0};

    if (region->n[0] > 0) {
        if (!fits(p, region, old, grid))
            return rgq_grid_compare(grid, old, -1.0, err);
        if (!place_box(lo, n, p, region, grid))
            return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                             "region '%.60s' reaches voxel (%d, %d, %d) to (%d, %d, %d) of the "
                             "scan, which has %d x %d x %d",
                             region->name, lo[0], lo[1], lo[2], lo[0] + n[0] - 1,
                             lo[1] + n[1] - 1, lo[2] + n[2] - 1, grid->n[0], grid->n[1],
                             grid->n[2]);
        RGQ_TRY(err, rgq_alloc(&weight, (size_t)n[0] * (size_t)n[1] * (size_t)n[2],
                               sizeof *weight, err));
        copy_weights(weight, p, region, n);
    }
    RGQ_TRY(err, rgq_regions_add_box(fresh, region->name, region->label, lo, n, weight, err));
out:
    rgq_free(weight);
    return st;
}

rgq_status rgq_regions_place(rgq_regions **set, const rgq_grid *grid, bool *changed,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *fresh = NULL;
    placing p;
    rgq_error why = RGQ_ERROR_INIT;

    st = rgq_regions_reorient(set, grid, changed, &why);
    if (st == RGQ_OK)
        return RGQ_OK;
    if (st != RGQ_E_GEOMETRY || !find_placing(&p, rgq_regions_grid(*set), grid)) {
        (void)rgq_raise(err, st, __func__, __LINE__, "%s", why.message);
        return st;
    }
    RGQ_TRY(err, rgq_regions_create(&fresh, grid, err));
    for (int i = 0; i < rgq_regions_count(*set); i++)
        RGQ_TRY(err,
                place_region(fresh, rgq_regions_at(*set, i), &p, rgq_regions_grid(*set), err));
    rgq_regions_free(*set);
    *set = fresh;
    fresh = NULL;
    if (changed != NULL)
        *changed = true;
out:
    rgq_regions_free(fresh);
    return st;
}
