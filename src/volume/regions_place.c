/* A set on a part of a grid moves onto the whole of it. */
#include "core/alloc.h"
#include "core/banned.h"
#include "rgdquant/regions.h"
#include "volume/placing.h"

static void copy_weights(float *to, const rgq_placing *p, const rgq_region *region,
                         const int n[3])
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

static rgq_status place_region(rgq_regions *fresh, const rgq_region *region,
                               const rgq_placing *p, const rgq_grid *old, rgq_error *err)
{
    const rgq_grid *grid = rgq_regions_grid(fresh);
    rgq_status st = RGQ_OK;
    float *weight = NULL;
    int lo[3] = {0, 0, 0};
    int n[3] = {0, 0, 0};

    if (region->n[0] > 0) {
        if (!rgq_placing_fits(p, region->lo, region->n, old, grid))
            return rgq_grid_compare(grid, old, -1.0, err);
        if (!rgq_placing_box(lo, n, p, region->lo, region->n, grid))
            return rgq_placing_refuse(region->name, lo, n, grid, err);
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
    rgq_placing p;
    rgq_error why = RGQ_ERROR_INIT;

    st = rgq_regions_reorient(set, grid, changed, &why);
    if (st == RGQ_OK)
        return RGQ_OK;
    if (st != RGQ_E_GEOMETRY || !rgq_placing_find(&p, rgq_regions_grid(*set), grid)) {
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
