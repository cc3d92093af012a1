/* measure/moments.c: hand cases of weights, order statistics and empty regions. */
#include <math.h>
#include <string.h>

#include "measure/moments.h"
#include "rgq_check.h"

enum { NX = 4, NY = 3, NZ = 2, COUNT = NX * NY * NZ };

static const rgq_region *add(rgq_regions **set, const float *weight)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){NX, NY, NZ}, (const double[3]){1, 1, 1},
                                        (const double[3]){0, 0, 0});
    MUST(rgq_regions_create(set, &grid, err));
    MUST(rgq_regions_add(*set, "r", 1, weight, err));
    return rgq_regions_at(*set, 0);
}

/* Values 1..4 in four scattered voxels: mean 2.5, variance 1.25, quartiles 1.75, 2.5, 3.25. */
START_TEST(binary_by_hand)
{
    static const int at[4] = {1, 6, 11, 22};
    float weight[COUNT] = {0.0f};
    float values[COUNT];
    rgq_regions *set = NULL;
    rgq_moments m;

    for (int i = 0; i < COUNT; i++)
        values[i] = 99.0f;
    for (int k = 0; k < 4; k++) {
        weight[at[k]] = 1.0f;
        values[at[k]] = (float)((k * 3 + 2) % 4 + 1);
    }
    const rgq_region *region = add(&set, weight);
    MUST(rgq_moments_measure(&m, values, rgq_regions_grid(set), region, err));
    ck_assert_int_eq(m.n_voxels, 4);
    ck_assert_double_eq_tol(m.mean, 2.5, 1e-15);
    ck_assert_double_eq_tol(m.sd, sqrt(1.25), 1e-15);
    ck_assert(m.min == 1.0 && m.max == 4.0 && m.median == 2.5);
    ck_assert(m.p25 == 1.75 && m.p75 == 3.25);
    TORTURE(rgq_moments_measure(&m, values, rgq_regions_grid(set), region, err), (void)0, 0);
    rgq_regions_free(set);
}
END_TEST

/* Weights 1, 0.5, 0.25 on 2, 4, 8: mean 6/1.75; the last counts in no order statistic. */
START_TEST(fractional_by_hand)
{
    float weight[COUNT] = {0.0f};
    float values[COUNT] = {0.0f};
    rgq_regions *set = NULL;
    rgq_moments m;

    weight[5] = 1.0f;
    weight[6] = 0.5f;
    weight[7] = 0.25f;
    values[5] = 2.0f;
    values[6] = 4.0f;
    values[7] = 8.0f;
    const rgq_region *region = add(&set, weight);
    MUST(rgq_moments_measure(&m, values, rgq_regions_grid(set), region, err));
    const double mean = 6.0 / 1.75;
    const double variance = (4.0 + 0.5 * 16.0 + 0.25 * 64.0) / 1.75 - mean * mean;
    ck_assert_int_eq(m.n_voxels, 2);
    ck_assert_double_eq_tol(m.weight, 1.75, 1e-15);
    ck_assert_double_eq_tol(m.mean, mean, 1e-14);
    ck_assert_double_eq_tol(m.sd, sqrt(variance), 1e-14);
    ck_assert(m.min == 2.0 && m.max == 4.0 && m.median == 3.0);
    rgq_regions_free(set);
}
END_TEST

/* A thin rim below one half: mean and volume, but no voxel to order. Nothing: n/a. */
START_TEST(rim_and_nothing)
{
    float weight[COUNT] = {0.0f};
    float values[COUNT] = {0.0f};
    rgq_regions *set = NULL;
    rgq_moments m;

    const rgq_region *region = add(&set, weight);
    MUST(rgq_moments_measure(&m, values, rgq_regions_grid(set), region, err));
    ck_assert(m.n_voxels == 0 && m.weight == 0.0 && isnan(m.mean) && isnan(m.sd));
    rgq_regions_free(set);
    weight[3] = 0.25f;
    values[3] = 5.0f;
    region = add(&set, weight);
    MUST(rgq_moments_measure(&m, values, rgq_regions_grid(set), region, err));
    ck_assert(m.n_voxels == 0 && m.mean == 5.0 && m.sd == 0.0);
    ck_assert(isnan(m.min) && isnan(m.median) && isnan(m.max));
    rgq_regions_free(set);
}
END_TEST

/* A large offset must not cost the spread: 1e6 + {0, 1}, exact in float. */
START_TEST(large_offset_keeps_the_spread)
{
    float weight[COUNT];
    float values[COUNT];
    rgq_regions *set = NULL;
    rgq_moments m;

    for (int i = 0; i < COUNT; i++) {
        weight[i] = 1.0f;
        values[i] = 1e6f + (float)(i % 2);
    }
    const rgq_region *region = add(&set, weight);
    MUST(rgq_moments_measure(&m, values, rgq_regions_grid(set), region, err));
    ck_assert(m.mean == 1e6 + 0.5);
    ck_assert_double_eq_tol(m.sd, 0.5, 1e-12);
    rgq_regions_free(set);
}
END_TEST

RGQ_CHECK_MAIN("measure.moments", tcase_add_test(tc, binary_by_hand);
               tcase_add_test(tc, fractional_by_hand); tcase_add_test(tc, rim_and_nothing);
               tcase_add_test(tc, large_offset_keeps_the_spread))
