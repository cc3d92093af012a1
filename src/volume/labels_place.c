/* A label map on a part of a grid, or in another order, moves onto the whole of it. */
#include <stddef.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "volume/labels_inside.h"
#include "volume/placing.h"

/* Every region must be where the placing puts it; their boxes move with it. */
static rgq_status place_boxes(rgq_label *fresh, const rgq_labels *set, const rgq_placing *p,
                              const rgq_grid *grid, rgq_error *err)
{
    for (int i = 0; i < set->count; i++) {
        const rgq_label *l = &set->label[i];
        fresh[i] = *l;
        if (!rgq_placing_fits(p, l->lo, l->n, &set->grid, grid))
            return rgq_grid_compare(grid, &set->grid, -1.0, err);
        if (!rgq_placing_box(fresh[i].lo, fresh[i].n, p, l->lo, l->n, grid))
            return rgq_placing_refuse(l->name, fresh[i].lo, fresh[i].n, grid, err);
    }
    return RGQ_OK;
}

/* Only voxels of regions move, and those lie on the grid. */
static void place_voxels(uint16_t *to, const rgq_labels *set, const rgq_placing *p,
                         const rgq_grid *grid)
{
    const ptrdiff_t stride[3] = {1, grid->n[0], (ptrdiff_t)grid->n[0] * grid->n[1]};
    const uint16_t *from = set->voxel;
    ptrdiff_t step[3];
    ptrdiff_t start = 0;

    for (int a = 0; a < 3; a++) {
        step[a] = p->step[a] * stride[p->to[a]];
        start += p->first[a] * stride[a];
    }
    for (int z = 0; z < set->grid.n[2]; z++)
        for (int y = 0; y < set->grid.n[1]; y++)
            for (int x = 0; x < set->grid.n[0]; x++, from++)
                if (*from != 0)
                    to[start + x * step[0] + y * step[1] + z * step[2]] = *from;
}

rgq_status rgq_labels_place(rgq_labels **set, const rgq_grid *grid, bool *changed,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_labels *old = *set;
    rgq_labels *fresh = NULL;
    rgq_placing p;

    if (changed != NULL)
        *changed = false;
    if (rgq_grid_compare(grid, &old->grid, -1.0, NULL) == RGQ_OK)
        return RGQ_OK;
    RGQ_PASS(err, rgq_grid_check(grid, err));
    if (!rgq_placing_find(&p, &old->grid, grid))
        return rgq_grid_compare(grid, &old->grid, -1.0, err);
    RGQ_TRY(err, rgq_alloc(&fresh, 1, sizeof *fresh, err));
    fresh->grid = *grid;
    fresh->count = old->count;
    if (old->count > 0)
        RGQ_TRY(err, rgq_alloc(&fresh->label, (size_t)old->count, sizeof *fresh->label, err));
    RGQ_TRY(err, place_boxes(fresh->label, old, &p, grid, err));
    RGQ_TRY(err, rgq_alloc(&fresh->voxel, rgq_grid_count(grid), sizeof *fresh->voxel, err));
    place_voxels(fresh->voxel, old, &p, grid);
    *set = fresh;
    fresh = old;
    if (changed != NULL)
        *changed = true;
out:
    rgq_labels_free(fresh);
    return st;
}
