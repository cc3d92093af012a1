/* roi/shell.c against the direct definition. */
#include <math.h>
#include <string.h>

#include "rgq_check.h"
#include "roi/shell.h"

enum { NX = 17, NY = 15, NZ = 11, COUNT = NX * NY * NZ };

static const double spacing_mm[3] = {2.5, 3.0, 4.0};

/* Every voxel against every member, by the distance of the centres. */
static rgq_shell slow_shell(const rgq_flood *flood, double threshold)
{
    double sum = 0.0;
    double squares = 0.0;
    size_t n = 0;

    for (int i = 0; i < COUNT; i++) {
        double nearest = 1e9;
        for (size_t k = 0; k < flood->count; k++) {
            const int j = (int)flood->at[k];
            const double dx = (i % NX - j % NX) * spacing_mm[0];
            const double dy = (i / NX % NY - j / NX % NY) * spacing_mm[1];
            const double dz = (i / (NX * NY) - j / (NX * NY)) * spacing_mm[2];
            nearest = fmin(nearest, sqrt(dx * dx + dy * dy + dz * dz));
        }
        if (nearest < 5.0 - 1e-6 || nearest > 15.0 + 1e-6 ||
            (double)flood->values[i] >= threshold)
            continue;
        n++;
        sum += (double)flood->values[i];
        squares += (double)flood->values[i] * (double)flood->values[i];
    }
    const double mean = sum / (double)n;
    return (rgq_shell){mean, sqrt(squares / (double)n - mean * mean), n};
}

START_TEST(agrees_with_slow_definition)
{
    const rgq_grid grid =
        rgq_grid_make((const int[3]){NX, NY, NZ}, spacing_mm, (const double[3]){-7, 3, 1});
    static const int at[3][3] = {{8, 7, 5}, {0, 0, 0}, {16, 7, 10}};
    float values[COUNT];
    rgq_flood flood;
    rgq_shell got;

    for (int i = 0; i < COUNT; i++)
        values[i] = (float)(1.0 + 0.01 * (i * 37 % 101));
    const size_t start = rgq_flood_index(&grid, at[_i]);
    values[start] = 9.0f;
    values[start > 0 ? start - 1 : 1] = 8.0f;
    values[400] = 7.0f; /* a neighbour that must not count */
    MUST(rgq_flood_init(&flood, &grid, values, 26, err));
    MUST(rgq_flood_fill(&flood, 5.0, start, err));
    ck_assert_uint_ge(flood.count, 2);
    MUST(rgq_shell_measure(&got, &flood, 5.0, 5.0, err));
    const rgq_shell want = slow_shell(&flood, 5.0);
    ck_assert_uint_eq(got.count, want.count);
    ck_assert_double_eq_tol(got.mean, want.mean, 1e-12); /* order of summation */
    ck_assert_double_eq_tol(got.sd, want.sd, 1e-10);     /* one-pass variance of the test */
    rgq_flood_release(&flood);
}
END_TEST

/* A single voxel of 5 mm: 5..15 mm on the lattice is 1 <= x^2+y^2+z^2 <= 9, 122 voxels. */
START_TEST(counts_by_hand)
{
    enum { SIDE = 9 };
    const rgq_grid grid = rgq_grid_make((const int[3]){SIDE, SIDE, SIDE},
                                        (const double[3]){5, 5, 5}, (const double[3]){0, 0, 0});
    float values[SIDE * SIDE * SIDE];
    rgq_flood flood;
    rgq_shell got;

    for (int i = 0; i < SIDE * SIDE * SIDE; i++)
        values[i] = 2.0f;
    const size_t centre = rgq_flood_index(&grid, (const int[3]){4, 4, 4});
    values[centre] = 10.0f;
    MUST(rgq_flood_init(&flood, &grid, values, 6, err));
    MUST(rgq_flood_fill(&flood, 6.0, centre, err));
    MUST(rgq_shell_measure(&got, &flood, 6.0, 5.0, err));
    ck_assert_uint_eq(got.count, 122);
    ck_assert(got.mean == 2.0 && got.sd == 0.0);
    MUST(rgq_shell_measure(&got, &flood, 2.0, 5.0, err)); /* nothing is below */
    ck_assert_uint_eq(got.count, 0);
    ck_assert(isnan(got.mean));
    TORTURE(rgq_shell_measure(&got, &flood, 6.0, 5.0, err), (void)0, 2);
    rgq_flood_release(&flood);
}
END_TEST

START_TEST(sheared_grid_refused)
{
    rgq_grid grid = rgq_grid_make((const int[3]){3, 3, 3}, (const double[3]){2, 2, 2},
                                  (const double[3]){0, 0, 0});
    float values[27] = {1.0f};
    rgq_flood flood;
    rgq_shell got;

    grid.affine[0][1] = 0.5;
    MUST(rgq_flood_init(&flood, &grid, values, 6, err));
    MUST(rgq_flood_fill(&flood, 0.5, 0, err));
    REFUSED(rgq_shell_measure(&got, &flood, 0.5, 5.0, err), RGQ_E_GEOMETRY, "perpendicular");
    rgq_flood_release(&flood);
}
END_TEST

RGQ_CHECK_MAIN("roi.shell", tcase_add_loop_test(tc, agrees_with_slow_definition, 0, 3);
               tcase_add_test(tc, counts_by_hand); tcase_add_test(tc, sheared_grid_refused))
