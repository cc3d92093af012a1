#include "volume/placing.h"

#include <math.h>

#include "core/banned.h"

static const double TOLERANCE = 0.01; /* voxels */

bool rgq_placing_find(rgq_placing *out, const rgq_grid *old, const rgq_grid *grid)
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
        out->to[a] = to;
        out->step[a] = step[to] < zero[to] ? -1 : 1;
    }
    for (int c = 0; c < 3; c++) {
        if (!(fabs(zero[c]) < 1e6))
            return false;
        out->first[c] = (int)nearbyint(zero[c]);
    }
    return true;
}

bool rgq_placing_fits(const rgq_placing *placing, const int lo[3], const int n[3],
                      const rgq_grid *old, const rgq_grid *grid)
{
    for (int corner = 0; corner < 8; corner++) {
        double from[3];
        double mm[3];
        double index[3];
        for (int a = 0; a < 3; a++)
            from[a] = lo[a] + ((corner >> a & 1) != 0 ? n[a] - 1 : 0);
        rgq_grid_to_world(old, from, mm);
        rgq_grid_to_index(grid, mm, index);
        for (int a = 0; a < 3; a++) {
            const double want = placing->first[placing->to[a]] + placing->step[a] * from[a];
            if (!(fabs(index[placing->to[a]] - want) <= TOLERANCE))
                return false;
        }
    }
    return true;
}

bool rgq_placing_box(int to_lo[3], int to_n[3], const rgq_placing *placing, const int lo[3],
                     const int n[3], const rgq_grid *grid)
{
    bool inside = true;

    for (int a = 0; a < 3; a++) {
        const int c = placing->to[a];
        const int one = placing->first[c] + placing->step[a] * lo[a];
        const int other = one + placing->step[a] * (n[a] - 1);
        to_lo[c] = one < other ? one : other;
        to_n[c] = n[a];
        inside = inside && to_lo[c] >= 0 && to_lo[c] <= grid->n[c] - to_n[c];
    }
    return inside;
}

rgq_status rgq_placing_refuse(const char *name, const int lo[3], const int n[3],
                              const rgq_grid *grid, rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                     "region '%.60s' reaches voxel (%d, %d, %d) to (%d, %d, %d) of the "
                     "scan, which has %d x %d x %d",
                     name, lo[0], lo[1], lo[2], lo[0] + n[0] - 1, lo[1] + n[1] - 1,
                     lo[2] + n[2] - 1, grid->n[0], grid->n[1], grid->n[2]);
}
