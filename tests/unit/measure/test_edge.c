/* measure/edge.c and ball.c: balls and planes moved by half a voxel, blurred balls. */
#include <math.h>
#include <string.h>

#include "measure/ball.h"
#include "measure/edge.h"
#include "rgq_check.h"

enum { N = 30, COUNT = N * N * N };

static int index_of(int x, int y, int z)
{
    return (z * N + y) * N + x;
}

/* A ball grows and shrinks by the shell of half a voxel, of which the voxels have more outside
 * and less inside; together by 5 to 10 % more. With exact overlaps, and with 0 and 1. */
START_TEST(edge_moves_by_half_a_voxel)
{
    enum { P = 5 };
    static float w[COUNT];
    const rgq_grid grid = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 2, 2},
                                        (const double[3]){0, 0, 0});
    rgq_regions *set = NULL;
    const double radius = 9.0;
    double change[2];

    for (int i = 0; i < COUNT; i++) {
        int hits = 0;
        for (int k = 0; k < P * P * P; k++) {
            const double d[3] = {i % N - 14.6 + (k % P + 0.5) / P - 0.5,
                                 i / N % N - 14.5 + (k / P % P + 0.5) / P - 0.5,
                                 i / (N * N) - 14.3 + (k / (P * P) + 0.5) / P - 0.5};
            hits += d[0] * d[0] + d[1] * d[1] + d[2] * d[2] <= radius * radius;
        }
        w[i] = (float)hits / (P * P * P);
        if (_i == 1)
            w[i] = w[i] >= 0.5f ? 1.0f : 0.0f;
    }
    MUST(rgq_regions_create(&set, &grid, err));
    MUST(rgq_regions_add(set, "ball", 9, w, err));
    const rgq_region *ball = rgq_regions_at(set, 0);
    const double before = rgq_region_volume_ml(ball, &grid) / 0.008;
    for (int out = 0; out < 2; out++) {
        rgq_region moved;
        float *buffer = NULL;
        MUST(rgq_edge_moved(&moved, &buffer, ball, &grid, out == 1, err));
        change[out] = rgq_region_volume_ml(&moved, &grid) / 0.008 - before;
        rgq_free(buffer);
        TORTURE(rgq_edge_moved(&moved, &buffer, ball, &grid, out == 1, err), rgq_free(buffer),
                0);
    }
    const double r = cbrt(before / 4.1887902047863905);
    const double shell =
        4.1887902047863905 * (pow(r + 0.5, 3.0) - pow(r - 0.5, 3.0)); /* analytic */
    ck_assert(change[0] < 0.0 && change[1] > -change[0]);
    ck_assert_double_eq_tol((change[1] - change[0]) / shell, 1.0, 0.10);
    rgq_regions_free(set);
}
END_TEST

/* One row through a corner of each kind of plane. */
START_TEST(edge_of_planes)
{
    static float w[COUNT];
    const int kinds = _i + 1; /* 1: x <= 14; 2: x + y <= 28; 3: x + y + z <= 42 */
    const rgq_grid grid = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 3, 4},
                                        (const double[3]){0, 0, 0});
    rgq_regions *set = NULL;
    double added = 0.0;
    double taken = 0.0;

    for (int i = 0; i < COUNT; i++) {
        const int at[3] = {i % N, i / N % N, i / (N * N)};
        int sum = 0;
        for (int a = 0; a < kinds; a++)
            sum += at[a];
        w[i] = sum <= 14 * kinds ? 1.0f : 0.0f;
    }
    MUST(rgq_regions_create(&set, &grid, err));
    MUST(rgq_regions_add(set, "half", 1, w, err));
    for (int out = 0; out < 2; out++) {
        rgq_region moved;
        float *buffer = NULL;
        MUST(rgq_edge_moved(&moved, &buffer, rgq_regions_at(set, 0), &grid, out == 1, err));
        for (int x = 5; x < 25; x++) { /* along x through (., 14, 14), far from the borders */
            const int at[3] = {x - moved.lo[0], 14 - moved.lo[1], 14 - moved.lo[2]};
            if (at[0] >= moved.n[0])
                continue;
            const float now = buffer[(at[2] * moved.n[1] + at[1]) * moved.n[0] + at[0]];
            const double change = (double)now - (double)w[index_of(x, 14, 14)];
            *(out == 1 ? &added : &taken) += change;
        }
        rgq_free(buffer);
    }
    /* half a voxel along the normal is sqrt(kinds) / 2 along x */
    ck_assert_double_eq_tol(added, 0.5 * sqrt(kinds), 1e-6);
    ck_assert_double_eq_tol(taken, -0.5 * sqrt(kinds), 1e-6);
    rgq_regions_free(set);
}
END_TEST

/* Limits, and one value by brute force over pairs of radii. */
START_TEST(recovery_of_balls)
{
    ck_assert_double_eq_tol(rgq_ball_recovery(10.0, 10.0, 0.0), 1.0, 1e-15);
    ck_assert_double_eq_tol(rgq_ball_recovery(5.0, 10.0, 0.0), 0.125, 1e-15);
    ck_assert_double_eq_tol(rgq_ball_recovery(500.0, 6.2, 6.0), 1.0, 1e-9);
    /* the probe shrinks to a point: erf(a) - 2 a exp(-a^2) / sqrt(pi), a = R / (sigma sqrt 2)
     */
    const double a = 5.0 / (6.0 / 2.3548200450309493 * sqrt(2.0));
    const double centre = erf(a) - 2.0 * a * exp(-a * a) / sqrt(3.14159265358979323846);
    ck_assert_double_eq_tol(rgq_ball_recovery(5.0, 1e-3, 6.0), centre, 1e-5);
    /* balls are interchangeable: what A gives to B, B gives to A */
    ck_assert_double_eq_tol(rgq_ball_recovery(5.0, 8.0, 6.0) * 512.0,
                            rgq_ball_recovery(8.0, 5.0, 6.0) * 125.0, 1e-9);
    /* a large ball loses a layer at its surface: 1 - 3 sigma / (R sqrt(2 pi)) */
    ck_assert_double_eq_tol(rgq_ball_recovery(200.0, 200.0, 6.0),
                            1.0 - 3.0 * 6.0 / 2.3548200450309493 /
                                      (200.0 * sqrt(2.0 * 3.14159265358979323846)),
                            1e-5);
}
END_TEST

RGQ_CHECK_MAIN("measure.edge", tcase_add_loop_test(tc, edge_moves_by_half_a_voxel, 0, 2);
               tcase_add_loop_test(tc, edge_of_planes, 0, 3);
               tcase_add_test(tc, recovery_of_balls))
