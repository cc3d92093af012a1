/* roi/peak_search.c: the cells that are passed over hold no peak. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/threads.h"
#include "rgq_check.h"
#include "roi/peak_search.h"

enum { NX = 53, NY = 37, NZ = 30, COUNT = NX * NY * NZ };

/* Noise, lone hot voxels that lead astray, and (kind 1 and 2) blobs of which the cooler but
 * broader one has the peak; in kind 2 its middle is shut. */
static void draw(float *values, uint8_t *state, int kind)
{
    for (int i = 0; i < COUNT; i++) {
        const double x = i % NX - 40.0;
        const double y = i / NX % NY - 20.0;
        const double z = i / (NX * NY) - 9.0;
        const double r2 = x * x + y * y + z * z;
        values[i] = (float)(i * 7919 % 1013) / 1013.0f - 0.25f;
        if (kind > 0)
            values[i] += 5.0f * (float)exp(-r2 / 18.0);
        if (i % 6011 == 17)
            values[i] = 20.0f;
        state[i] = kind == 2 && r2 < 30.0 ? RGQ_VOXEL_SHUT : RGQ_VOXEL_OPEN;
    }
}

START_TEST(is_the_highest_of_all)
{
    const double thick[3] = {3.1, 2.0, 13.5};
    const rgq_grid grid =
        rgq_grid_make((const int[3]){NX, NY, NZ}, (const double[3]){2.0, 2.5, thick[_i / 3]},
                      (const double[3]){0, 0, 0});
    float *values = malloc(COUNT * sizeof *values);
    rgq_flood flood;
    rgq_peak_kernel kernel;
    double found = 0.0;
    double direct = -(double)INFINITY;

    ck_assert_ptr_nonnull(values);
    MUST(rgq_flood_init(&flood, &grid, values, 6, err));
    MUST(rgq_peak_kernel_init(&kernel, &grid, rgq_peak_radius_mm(), err));
    draw(values, flood.state, _i % 3);
    for (int i = 0; i < COUNT; i++)
        if (flood.state[i] == RGQ_VOXEL_OPEN)
            direct =
                fmax(direct, rgq_peak_at(&kernel, values, &grid,
                                         (const int[3]){i % NX, i / NX % NY, i / (NX * NY)}));
    for (int threads = 1; threads <= 3; threads++) {
        rgq_threads_set(threads);
        MUST(rgq_peak_search(&found, &flood, &kernel, err));
        ck_assert(found == direct);
    }
    TORTURE(rgq_peak_search(&found, &flood, &kernel, err), (void)0, 1);
    memset(flood.state, RGQ_VOXEL_SHUT, COUNT);
    MUST(rgq_peak_search(&found, &flood, &kernel, err));
    ck_assert(isinf(found) && found < 0.0);
    rgq_peak_kernel_release(&kernel);
    rgq_flood_release(&flood);
    free(values);
}
END_TEST

RGQ_CHECK_MAIN("roi.peak_search", tcase_add_loop_test(tc, is_the_highest_of_all, 0, 9))
