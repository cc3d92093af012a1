#include "roi/ball.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/overlap.h"

/* Voxels that the ball can touch; false if there are none. */
static bool find_box(int lo[3], int n[3], const rgq_ball *b, const rgq_grid *grid)
{
    double centre[3];

    rgq_grid_to_index(grid, b->centre_mm, centre);
    for (int a = 0; a < 3; a++) {
        double zero[3];
        double reach = 0.0;
        /* along each world axis the radius is so many voxels of this axis */
        for (int r = 0; r < 3; r++) {
            double mm[3] = {b->centre_mm[0], b->centre_mm[1], b->centre_mm[2]};
            mm[r] += b->radius_mm;
            rgq_grid_to_index(grid, mm, zero);
            reach += (zero[a] - centre[a]) * (zero[a] - centre[a]);
        }
        const double first = fmax(floor(centre[a] - sqrt(reach) - 0.5), 0.0);
        const double last = fmin(ceil(centre[a] + sqrt(reach) + 0.5), grid->n[a] - 1.0);
        if (!(first <= last))
            return false;
        lo[a] = (int)first;
        n[a] = (int)last - lo[a] + 1;
    }
    return true;
}

static float weigh(const rgq_ball *b, const rgq_grid *grid, const int at[3], bool fractional)
{
    const double index[3] = {at[0], at[1], at[2]};
    double mm[3];

    if (!fractional) {
        rgq_grid_to_world(grid, index, mm);
        const double d = hypot(hypot(mm[0] - b->centre_mm[0], mm[1] - b->centre_mm[1]),
                               mm[2] - b->centre_mm[2]);
        return d <= b->radius_mm ? 1.0F : 0.0F;
    }
    double centre[3];
    double spacing_mm[3];
    double lo[3];
    double hi[3];
    rgq_grid_to_index(grid, b->centre_mm, centre);
    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int a = 0; a < 3; a++) {
        lo[a] = (index[a] - 0.5 - centre[a]) * spacing_mm[a];
        hi[a] = lo[a] + spacing_mm[a];
    }
    const double part = rgq_ball_box_volume(b->radius_mm, lo, hi) /
                        (spacing_mm[0] * spacing_mm[1] * spacing_mm[2]);
    return (float)(part < 1e-7 ? 0.0 : part > 1.0 - 1e-7 ? 1.0 : part);
}

rgq_status rgq_ball_weigh(float **weight, int lo[3], int n[3], const rgq_ball *ball,
                          const rgq_grid *grid, bool fractional, rgq_error *err)
{
    float *w = NULL;

    *weight = NULL;
    if (!find_box(lo, n, ball, grid))
        return RGQ_RAISE(
            err, RGQ_E_GEOMETRY, "the ball of %g mm about (%g, %g, %g) mm lies beyond the scan",
            ball->radius_mm, ball->centre_mm[0], ball->centre_mm[1], ball->centre_mm[2]);
    RGQ_PASS(err, rgq_alloc(&w, (size_t)n[0] * (size_t)n[1] * (size_t)n[2], sizeof *w, err));
    *weight = w;
    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++)
                *w++ = weigh(ball, grid, (const int[3]){lo[0] + x, lo[1] + y, lo[2] + z},
                             fractional);
    return RGQ_OK;
}
