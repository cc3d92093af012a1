/* dose/dose_volume.c: DVH, gEUD, EUD, BED and protraction in closed form. */
#include <math.h>
#include <string.h>

#include "rgdquant/dose.h"
#include "rgq_check.h"

enum { SIDE = 10 };

/* Voxel i of 1000 has i + 1 Gy; the region is all of it. */
static void ramp(rgq_volume **map, rgq_regions **regions)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){SIDE, SIDE, SIDE},
                                        (const double[3]){2, 2, 2}, (const double[3]){0, 0, 0});
    static uint8_t mask[SIDE * SIDE * SIDE];

    MUST(rgq_volume_create(map, &grid, 1, RGQ_UNIT_NATIVE, err));
    MUST(rgq_regions_create(regions, &grid, err));
    for (int i = 0; i < SIDE * SIDE * SIDE; i++) {
        rgq_volume_data(*map, 0)[(i * 7) % 1000] = (float)(i + 1);
        mask[i] = 1;
    }
    MUST(rgq_regions_add_mask(*regions, "all", 1, mask, err));
}

/* 1 .. 1000 Gy: mean 500.5, D95 the 951st from the top, V(901) a tenth, gEUD(1) the mean,
 * gEUD(2) by the sum of squares, gEUD to infinity the highest. */
START_TEST(volumes)
{
    rgq_volume *map = NULL;
    rgq_regions *regions = NULL;
    rgq_dose_voxels v;

    ramp(&map, &regions);
    const rgq_region *region = rgq_regions_at(regions, 0);
    MUST(rgq_dose_voxels_of(&v, map, region, rgq_regions_grid(regions), err));
    ck_assert_double_eq_tol(rgq_dose_mean(&v), 500.5, 1e-9);
    ck_assert_double_eq_tol(v.volume_ml, 8.0, 1e-9);
    ck_assert_double_eq_tol(rgq_dose_at_volume(&v, 95.0), 51.0, 1e-9);
    ck_assert_double_eq_tol(rgq_dose_at_volume(&v, 50.0), 501.0, 1e-9);
    ck_assert_double_eq_tol(rgq_dose_at_volume(&v, 100.0), 1.0, 1e-9);
    ck_assert_double_eq_tol(rgq_dose_at_volume(&v, 0.0), 1000.0, 1e-9);
    ck_assert_double_eq_tol(rgq_dose_volume_share(&v, 901.0), 0.1, 1e-9);
    ck_assert_double_eq_tol(rgq_dose_volume_share(&v, 0.0), 1.0, 1e-9);
    ck_assert_double_eq_tol(rgq_dose_volume_share(&v, 1000.5), 0.0, 1e-9);
    ck_assert_double_eq_tol(rgq_dose_geud(&v, 1.0), 500.5, 1e-9);
    ck_assert_double_eq_tol(rgq_dose_geud(&v, 2.0), sqrt(1001.0 * 2001.0 / 6.0), 1e-8);
    ck_assert_double_eq_tol(rgq_dose_geud(&v, 1e4) / 1000.0, 1.0, 1e-3);
    ck_assert_double_eq_tol(rgq_dose_geud(&v, -1e4), 1.0, 1e-3);
    /* a geometric series: mean of exp(-a D) */
    const double a = 0.01;
    const double mean = exp(-a) * -expm1(-1000 * a) / -expm1(-a) / 1000.0;
    ck_assert_double_eq_tol(rgq_dose_eud(&v, a), -log(mean) / a, 1e-8);
    ck_assert_double_eq_tol(rgq_dose_eud(&v, 1e-9) / 500.5, 1.0, 1e-4);
    rgq_dose_voxels_release(&v);
    rgq_volume_data(map, 0)[5] = NAN;
    REFUSED(rgq_dose_voxels_of(&v, map, region, rgq_regions_grid(regions), err), RGQ_E_NUMERIC,
            "'all'");
    const rgq_grid moved =
        rgq_grid_make((const int[3]){SIDE, SIDE, SIDE}, (const double[3]){2, 2, 3},
                      (const double[3]){0, 0, 0});
    REFUSED(rgq_dose_voxels_of(&v, map, region, &moved, err), RGQ_E_GEOMETRY, "");
    rgq_volume_data(map, 0)[5] = 1;
    TORTURE(rgq_dose_voxels_of(&v, map, region, rgq_regions_grid(regions), err),
            rgq_dose_voxels_release(&v), 3);
    rgq_regions_free(regions);
    rgq_volume_free(map);
}
END_TEST

/* An even dose: every equivalent dose is that dose. */
START_TEST(even_dose)
{
    double gy[4] = {3, 3, 3, 3}, share[4] = {.1, .2, .3, .4};
    const rgq_dose_voxels v = {4, gy, share, 1.0};
    double zero[1] = {0}, one[1] = {1};
    const rgq_dose_voxels none = {1, zero, one, 1.0};

    ck_assert_double_eq_tol(rgq_dose_geud(&v, -10.0), 3.0, 1e-12);
    ck_assert_double_eq_tol(rgq_dose_geud(&v, 8.0), 3.0, 1e-12);
    ck_assert_double_eq_tol(rgq_dose_eud(&v, 0.3), 3.0, 1e-12);
    ck_assert(rgq_dose_geud(&none, -2.0) == 0.0 && rgq_dose_eud(&none, 0.3) == 0.0);
    gy[0] = 0.0;
    ck_assert(rgq_dose_geud(&v, -2.0) == 0.0);
}
END_TEST

/* G by two nested sums of trapezoids over 40 half-lives. */
static double by_trapezoids(const rgq_rate_phase *p, int n, double repair)
{
    const double dt = 0.01, mu = log(2.0) / repair;
    double inner = 0.0, dose = 0.0, sum = 0.0, before = 0.0;

    for (int i = 0; i < n; i++)
        before += p[i].amplitude;
    double last = 0.0;
    for (int k = 1; k < 80000; k++) {
        double rate = 0.0;
        for (int i = 0; i < n; i++)
            rate += p[i].amplitude * exp2(-k * dt / p[i].half_life_h);
        inner = (inner + 0.5 * dt * before) * exp(-mu * dt) + 0.5 * dt * rate;
        dose += 0.5 * dt * (before + rate);
        sum += 0.5 * dt * (last + rate * inner);
        last = rate * inner;
        before = rate;
    }
    return 2.0 * sum / (dose * dose);
}

/* One phase is the known factor; two phases and an uptake phase are the integral (1e-4: step of
 * 0.01 h); a dose given at once is 1. */
START_TEST(protraction)
{
    const rgq_rate_phase one = {3.0, 50.0};
    const rgq_rate_phase two[] = {{2.0, 5.0}, {1.0, 40.0}};
    const rgq_rate_phase uptake[] = {{1.0, 20.0}, {-1.0, 2.0}};
    const rgq_rate_phase brief = {1.0, 1e-6};
    double g;

    MUST(rgq_lea_catcheside(&g, &one, 1, 2.8, err));
    ck_assert_double_eq_tol(g, 2.8 / 52.8, 1e-14);
    ck_assert_double_eq_tol(rgq_bed_mono(20.0, 2.5, 2.8, 50.0), 20.0 * (1.0 + g * 20.0 / 2.5),
                            1e-12);
    MUST(rgq_lea_catcheside(&g, two, 2, 2.8, err));
    ck_assert_double_eq_tol(g / by_trapezoids(two, 2, 2.8), 1.0, 1e-4);
    MUST(rgq_lea_catcheside(&g, uptake, 2, 1.5, err));
    ck_assert_double_eq_tol(g / by_trapezoids(uptake, 2, 1.5), 1.0, 1e-4);
    MUST(rgq_lea_catcheside(&g, &brief, 1, 2.8, err));
    ck_assert_double_eq_tol(g, 1.0, 1e-6);
    const rgq_rate_phase negative[] = {{1.0, 2.0}, {-0.5, 20.0}};
    REFUSED(rgq_lea_catcheside(&g, negative, 2, 1.0, err), RGQ_E_ARGUMENT, "below 0");
    const rgq_rate_phase bad = {1.0, 0.0};
    REFUSED(rgq_lea_catcheside(&g, &bad, 1, 1.0, err), RGQ_E_ARGUMENT, "phase 1");
    REFUSED(rgq_lea_catcheside(&g, &one, 0, 1.0, err), RGQ_E_ARGUMENT, "0 phases");
}
END_TEST

RGQ_CHECK_MAIN("dose_volume", tcase_add_test(tc, volumes); tcase_add_test(tc, even_dose);
               tcase_add_test(tc, protraction))
