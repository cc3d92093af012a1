/* Regions on another grid: by hand, against a slow count of points, invariants. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgq_check.h"
#include "roi/resample.h"

static rgq_regions *from;
static rgq_regions *to;

static void begin(void)
{
    from = to = NULL;
}

static void end(void)
{
    rgq_regions_free(from);
    rgq_regions_free(to);
}

static rgq_grid cube(int n, double step_mm, double first_mm)
{
    return rgq_grid_make((const int[3]){n, n, n}, (const double[3]){step_mm, step_mm, step_mm},
                         (const double[3]){first_mm, first_mm, first_mm});
}

/* One region: voxels lo .. lo + n - 1 along each axis, all of `weight`. */
static void make_box(const rgq_grid *grid, int lo, int n, float weight)
{
    float w[8 * 8 * 8];
    rgq_regions_free(from);
    for (int i = 0; i < n * n * n; i++)
        w[i] = weight;
    MUST(rgq_regions_create(&from, grid, err));
    MUST(rgq_regions_add_box(from, "box", 7, (const int[3]){lo, lo, lo},
                             (const int[3]){n, n, n}, w, err));
}

static void resample(const rgq_grid *grid, rgq_resample_how how)
{
    rgq_regions_free(to);
    MUST(rgq_regions_resample(&to, from, grid, how, err));
    ck_assert_int_eq(rgq_regions_count(to), 1);
    ck_assert_str_eq(rgq_regions_at(to, 0)->name, "box");
    ck_assert_int_eq(rgq_regions_at(to, 0)->label, 7);
}

static float weight_at(const rgq_regions *set, int x, int y, int z)
{
    const rgq_region *r = rgq_regions_at(set, 0);
    const int at[3] = {x - r->lo[0], y - r->lo[1], z - r->lo[2]};
    for (int a = 0; a < 3; a++)
        if (at[a] < 0 || at[a] >= r->n[a])
            return 0.0F;
    return r->weight[(at[2] * r->n[1] + at[1]) * r->n[0] + at[0]];
}

static double volume_ml(const rgq_regions *set)
{
    return rgq_region_volume_ml(rgq_regions_at(set, 0), rgq_regions_grid(set));
}

/* On its own grid nothing changes, whatever the rule. */
START_TEST(same_grid)
{
    const rgq_grid grid = cube(10, 2.0, -9.0);
    make_box(&grid, 3, 4, 1.0F);
    for (int how = RGQ_RESAMPLE_NEAREST; how <= RGQ_RESAMPLE_LINEAR; how++) {
        resample(&grid, (rgq_resample_how)how);
        const rgq_region *a = rgq_regions_at(from, 0);
        const rgq_region *b = rgq_regions_at(to, 0);
        ck_assert_mem_eq(a->lo, b->lo, sizeof a->lo);
        ck_assert_mem_eq(a->n, b->n, sizeof a->n);
        ck_assert_mem_eq(a->weight, b->weight, 64 * sizeof(float));
    }
}
END_TEST

/* Voxels of 4 mm hold 2 x 2 x 2 of 2 mm. Box: old voxels 1 .. 4 = 1 mm .. 9 mm; new voxels end
 * at 4 k - 1: 0.5 of voxel 0 ([-1, 3]), all of 1 ([3, 7]), 0.5 of 2 ([7, 11]) along each axis.
 */
START_TEST(coarser_by_hand)
{
    const rgq_grid fine = cube(10, 2.0, 0.0);
    const rgq_grid coarse = cube(5, 4.0, 1.0);
    make_box(&fine, 1, 4, 1.0F);
    resample(&coarse, RGQ_RESAMPLE_FRACTION);
    ck_assert(weight_at(to, 1, 1, 1) == 1.0F);
    ck_assert(weight_at(to, 0, 1, 1) == 0.5F);
    ck_assert(weight_at(to, 2, 0, 1) == 0.25F);
    ck_assert(weight_at(to, 2, 2, 2) == 0.125F);
    ck_assert(weight_at(to, 3, 1, 1) == 0.0F);
    ck_assert_double_eq_tol(volume_ml(to), volume_ml(from), 1e-9);
    resample(&coarse, RGQ_RESAMPLE_MAJORITY); /* half is not more than half */
    ck_assert_double_eq_tol(volume_ml(to), 0.064, 1e-12);
    resample(&coarse, RGQ_RESAMPLE_NEAREST); /* centres 1, 5, 9 lie on borders: the larger */
    ck_assert(weight_at(to, 0, 0, 0) == 1.0F && weight_at(to, 2, 2, 2) == 0.0F);
    ck_assert_double_eq_tol(volume_ml(to), 8 * 0.064, 1e-12);
    resample(&coarse, RGQ_RESAMPLE_LINEAR); /* half-way between two centres, of 0 and 1 */
    ck_assert(weight_at(to, 0, 1, 1) == 0.5F && weight_at(to, 1, 1, 1) == 1.0F);
    ck_assert(weight_at(to, 2, 2, 2) == 0.125F);
}
END_TEST

START_TEST(finer_and_fractional)
{
    const rgq_grid coarse = cube(6, 4.0, 1.0);
    const rgq_grid fine = cube(12, 2.0, 0.0);
    make_box(&coarse, 2, 2, 0.5F);
    resample(&fine, RGQ_RESAMPLE_NEAREST);
    ck_assert_double_eq_tol(volume_ml(to), volume_ml(from), 1e-9);
    ck_assert(weight_at(to, 4, 4, 4) == 0.5F && weight_at(to, 3, 4, 4) == 0.0F);
    resample(&fine, RGQ_RESAMPLE_LINEAR); /* at 1/4 and 3/4 between the centres */
    ck_assert_double_eq_tol((double)weight_at(to, 3, 5, 5), 0.125, 1e-7);
    ck_assert_double_eq_tol((double)weight_at(to, 4, 5, 5), 0.375, 1e-7);
    ck_assert_double_eq_tol(volume_ml(to), volume_ml(from), 1e-9);
}
END_TEST

/* Turned and shifted grid: nearest by definition, voxel by voxel; a fraction keeps the volume
 * to what the points place a face to: 2.2 / (2 x 5) mm at either end of 12 mm, 3.7 %. */
START_TEST(oblique)
{
    const rgq_grid grid = cube(16, 2.0, -15.0);
    const double c = cos(0.4);
    const double s = sin(0.4);
    const rgq_grid turned = {
        {20, 20, 20},
        {{2.2 * c, -2.2 * s, 0, -15}, {2.2 * s, 2.2 * c, 0, -25}, {0, 0, 2.2, -21}}};
    make_box(&grid, 5, 6, 1.0F);
    resample(&turned, RGQ_RESAMPLE_NEAREST);
    int n = 0;
    for (int z = 0; z < 20; z++)
        for (int y = 0; y < 20; y++)
            for (int x = 0; x < 20; x++) {
                double mm[3];
                double at[3];
                rgq_grid_to_world(&turned, (const double[3]){x, y, z}, mm);
                rgq_grid_to_index(&grid, mm, at);
                const int in = at[0] >= 4.5 && at[0] < 10.5 && at[1] >= 4.5 && at[1] < 10.5 &&
                               at[2] >= 4.5 && at[2] < 10.5;
                ck_assert_int_eq(weight_at(to, x, y, z) > 0.0F, in);
                n += in;
            }
    ck_assert_int_gt(n, 100);
    resample(&turned, RGQ_RESAMPLE_FRACTION);
    ck_assert_double_eq_tol(volume_ml(to), volume_ml(from), 0.037 * volume_ml(from));
}
END_TEST

START_TEST(elsewhere_and_empty)
{
    const rgq_grid grid = cube(10, 2.0, 0.0);
    const rgq_grid far = cube(10, 2.0, 500.0);
    const rgq_grid bad = {{0, 1, 1}, {{0.0}}};
    make_box(&grid, 2, 3, 1.0F);
    resample(&far, RGQ_RESAMPLE_LINEAR);
    ck_assert_int_eq(rgq_regions_at(to, 0)->n[0], 0);
    rgq_regions_free(from);
    MUST(rgq_regions_create(&from, &grid, err));
    MUST(rgq_regions_add_box(from, "box", 7, (const int[3]){0}, (const int[3]){0}, NULL, err));
    resample(&grid, RGQ_RESAMPLE_FRACTION);
    ck_assert_int_eq(rgq_regions_at(to, 0)->n[0], 0);
    rgq_regions *none = NULL;
    REFUSED(rgq_regions_resample(&none, from, &bad, RGQ_RESAMPLE_NEAREST, err), RGQ_E_GEOMETRY,
            "axis x");
    ck_assert_ptr_null(none);
}
END_TEST

START_TEST(no_memory)
{
    const rgq_grid grid = cube(10, 2.0, 0.0);
    make_box(&grid, 2, 3, 1.0F);
    TORTURE(
        rgq_regions_resample(&to, from, &grid, RGQ_RESAMPLE_NEAREST, err),
        {
            ck_assert((torture_st == RGQ_OK) == (to != NULL));
            rgq_regions_free(to);
            to = NULL;
        },
        3);
}
END_TEST

RGQ_CHECK_MAIN("resample", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, same_grid); tcase_add_test(tc, coarser_by_hand);
               tcase_add_test(tc, finer_and_fractional); tcase_add_test(tc, oblique);
               tcase_add_test(tc, elsewhere_and_empty); tcase_add_test(tc, no_memory))
