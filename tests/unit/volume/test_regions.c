/* Regions: label maps in and out, boxes, weights, overlap. */
#include <math.h>
#include <string.h>

#include "rgdquant/regions.h"
#include "rgq_check.h"

enum { NX = 5, NY = 4, NZ = 3, N = NX * NY * NZ };

static rgq_grid small_grid(void)
{
    return rgq_grid_make((const int[3]){NX, NY, NZ}, (const double[3]){2.0, 2.0, 5.0},
                         (const double[3]){0.0, 0.0, 0.0});
}

static size_t at(int x, int y, int z)
{
    return (size_t)((z * NY + y) * NX + x);
}

START_TEST(label_map_goes_in_and_out)
{
    const rgq_grid grid = small_grid();
    rgq_regions *set = NULL;
    int32_t labels[N] = {0};
    int32_t back[N];

    labels[at(1, 1, 1)] = labels[at(3, 2, 1)] = 7;
    labels[at(0, 0, 0)] = labels[at(4, 3, 2)] = 300;
    MUST(rgq_regions_from_labels(&set, &grid, labels, err));
    ck_assert_int_eq(rgq_regions_count(set), 2);
    const rgq_region *seven = rgq_regions_at(set, 0);
    ck_assert_int_eq(seven->label, 7);
    ck_assert_str_eq(seven->name, "7");
    ck_assert_int_eq(seven->lo[0], 1);
    ck_assert_int_eq(seven->n[0], 3);
    ck_assert_int_eq(seven->n[1], 2);
    ck_assert_int_eq(seven->n[2], 1);
    ck_assert_double_eq_tol(rgq_region_volume_ml(seven, &grid), 2 * 0.02, 1e-15);
    ck_assert_ptr_eq(rgq_regions_find(set, "300"), rgq_regions_at(set, 1));
    MUST(rgq_regions_to_labels(back, set, err));
    ck_assert_mem_eq(back, labels, sizeof labels);
    MUST(rgq_regions_rename(set, 0, "liver", err));
    ck_assert_ptr_eq(rgq_regions_find(set, "liver"), seven);
    ck_assert_ptr_eq(rgq_regions_find(set, "7"), seven);
    ck_assert_ptr_null(rgq_regions_find(set, "spleen"));
    ck_assert(rgq_regions_is_binary(set));
    rgq_regions_free(set);
    labels[3] = -1;
    REFUSED(rgq_regions_from_labels(&set, &grid, labels, err), RGQ_E_FORMAT, "-1");
    ck_assert_ptr_null(set);
    labels[3] = 2000000000;
    REFUSED(rgq_regions_from_labels(&set, &grid, labels, err), RGQ_E_FORMAT, "2000000000");
}
END_TEST

START_TEST(weights_may_overlap_and_must_be_fractions)
{
    const rgq_grid grid = small_grid();
    rgq_regions *set = NULL;
    float weight[N] = {0.0f};
    uint8_t mask[N] = {0};
    int32_t labels[N];

    MUST(rgq_regions_create(&set, &grid, err));
    weight[at(2, 2, 1)] = 0.5f;
    weight[at(3, 2, 1)] = 1.0f;
    MUST(rgq_regions_add(set, "a", 1, weight, err));
    mask[at(3, 2, 1)] = 255;
    MUST(rgq_regions_add_mask(set, "b", 2, mask, err));
    ck_assert(!rgq_regions_is_binary(set));
    ck_assert_double_eq_tol(rgq_region_volume_ml(rgq_regions_at(set, 0), &grid), 0.03, 1e-15);
    REFUSED(rgq_regions_to_labels(labels, set, err), RGQ_E_ARGUMENT, "1 and 2 overlap");
    weight[0] = 1.001f;
    REFUSED(rgq_regions_add(set, "c", 3, weight, err), RGQ_E_ARGUMENT, "voxel (0, 0, 0)");
    REFUSED(rgq_regions_add_mask(set, "c", 2, mask, err), RGQ_E_ARGUMENT, "label 2");
    REFUSED(rgq_regions_add_mask(set, "c", 0, mask, err), RGQ_E_ARGUMENT, "label 0");
    ck_assert_int_eq(rgq_regions_count(set), 2);
    memset(mask, 0, sizeof mask);
    MUST(rgq_regions_add_mask(set, NULL, 9, mask, err));
    ck_assert_ptr_null(rgq_regions_at(set, 2)->weight);
    ck_assert(rgq_region_volume_ml(rgq_regions_at(set, 2), &grid) == 0.0);
    rgq_regions_free(set);
}
END_TEST

START_TEST(many_regions_survive_lost_memory)
{
    const rgq_grid grid = small_grid();
    rgq_regions *set = NULL;
    int32_t labels[N];

    for (int i = 0; i < N; i++)
        labels[i] = i / 2;
    TORTURE(rgq_regions_from_labels(&set, &grid, labels, err), rgq_regions_free(set), 20);
}
END_TEST

static float weight_at(const rgq_regions *set, int i, const int index[3])
{
    const rgq_region *r = rgq_regions_at(set, i);
    int d[3];
    for (int a = 0; a < 3; a++) {
        d[a] = index[a] - r->lo[a];
        if (d[a] < 0 || d[a] >= r->n[a])
            return 0.0f;
    }
    return r->weight[(d[2] * r->n[1] + d[1]) * r->n[0] + d[0]];
}

/* All 48 ways to name and turn the axes: each place keeps its weight. */
START_TEST(reorient_keeps_every_place)
{
    static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    rgq_grid old = small_grid();
    rgq_grid grid = small_grid();
    rgq_regions *set = NULL;
    rgq_regions *before = NULL;
    float weight[2][N] = {{0}};
    bool changed = false;

    old.affine[0][1] = 0.4; /* oblique a little: nothing may depend on upright axes */
    old.affine[2][3] = -7.0;
    for (int i = 0; i < 20; i++)
        weight[0][(i * 7 + 13) % N] = (float)(i + 1) / 20.0f;
    double first[3];
    for (int a = 0; a < 3; a++) {
        const int from = order[_i / 8][a];
        const bool flip = (_i >> a & 1) != 0;
        grid.n[a] = old.n[from];
        first[from] = flip ? old.n[from] - 1 : 0;
        for (int r = 0; r < 3; r++)
            grid.affine[r][a] = flip ? -old.affine[r][from] : old.affine[r][from];
    }
    double first_mm[3];
    rgq_grid_to_world(&old, first, first_mm);
    for (int r = 0; r < 3; r++)
        grid.affine[r][3] = first_mm[r] + 0.001; /* headers round */
    for (int k = 0; k < 2; k++) {
        rgq_regions **s = k == 0 ? &set : &before;
        MUST(rgq_regions_create(s, &old, err));
        MUST(rgq_regions_add(*s, "one", 5, weight[0], err));
        MUST(rgq_regions_add(*s, "nothing", 3, weight[1], err));
    }
    MUST(rgq_regions_reorient(&set, &grid, &changed, err));
    ck_assert_int_eq(changed, _i != 0);
    ck_assert_int_eq(rgq_regions_count(set), 2);
    ck_assert_str_eq(rgq_regions_at(set, 0)->name, "one");
    ck_assert_int_eq(rgq_regions_at(set, 0)->label, 5);
    ck_assert_int_eq(rgq_regions_at(set, 1)->n[0], 0);
    MUST(rgq_grid_compare(&grid, rgq_regions_grid(set), -1.0, err));
    for (int i = 0; i < N; i++) {
        const int here[3] = {i % grid.n[0], i / grid.n[0] % grid.n[1],
                             i / (grid.n[0] * grid.n[1])};
        double world_mm[3];
        double index[3];
        rgq_grid_to_world(&grid, (const double[3]){here[0], here[1], here[2]}, world_mm);
        rgq_grid_to_index(&old, world_mm, index);
        const int there[3] = {(int)lround(index[0]), (int)lround(index[1]),
                              (int)lround(index[2])};
        ck_assert(weight_at(set, 0, here) == weight_at(before, 0, there));
    }
    rgq_regions_free(set);
    rgq_regions_free(before);
}
END_TEST

START_TEST(reorient_refuses_other_voxels)
{
    const rgq_grid old = small_grid();
    rgq_grid grid = old;
    rgq_regions *set = NULL;
    float weight[N] = {0.0f, 1.0f};

    MUST(rgq_regions_create(&set, &old, err));
    MUST(rgq_regions_add(set, "one", 5, weight, err));
    const rgq_regions *same = set;
    grid.affine[0][3] = 1.0; /* half a voxel aside */
    REFUSED(rgq_regions_reorient(&set, &grid, NULL, err), RGQ_E_GEOMETRY, "apart");
    grid.affine[0][3] = 0.0;
    grid.n[2]++;
    REFUSED(rgq_regions_reorient(&set, &grid, NULL, err), RGQ_E_GEOMETRY, "differ");
    grid = old;
    grid.affine[0][0] = grid.affine[1][1] = sqrt(2.0); /* turned by 45 degrees */
    grid.affine[0][1] = -sqrt(2.0);
    grid.affine[1][0] = sqrt(2.0);
    REFUSED(rgq_regions_reorient(&set, &grid, NULL, err), RGQ_E_GEOMETRY, "apart");
    ck_assert_ptr_eq(set, same);
    grid = old; /* x from the other end */
    grid.affine[0][0] = -2.0;
    grid.affine[0][3] = 2.0 * (NX - 1);
    TORTURE(rgq_regions_reorient(&set, &grid, NULL, err),
            ck_assert(torture_st == RGQ_OK || set == same), 2);
    ck_assert(weight_at(set, 0, (const int[3]){NX - 2, 0, 0}) == 1.0f);
    rgq_regions_free(set);
}
END_TEST

/* A set on a window of the grid, its slices from the other end, goes to where its voxels lie.
 */
START_TEST(part_is_placed)
{
    const rgq_grid whole = small_grid();
    rgq_regions *set = NULL;
    rgq_grid part = {{2, 2, 2}, {{0.0}}};
    const float weight[8] = {0.25f, 0.5f, 0.0f, 1.0f, 0.0f, 0.0f, 0.0f, 0.75f};
    bool changed = false;

    for (int r = 0; r < 3; r++) {
        for (int a = 0; a < 3; a++)
            part.affine[r][a] = a == 2 ? -whole.affine[r][a] : whole.affine[r][a];
        part.affine[r][3] = whole.affine[r][3] + whole.affine[r][0] + whole.affine[r][2];
    }
    MUST(rgq_regions_create(&set, &part, err));
    MUST(rgq_regions_add_box(set, "one", 5, (const int[3]){0, 0, 0}, (const int[3]){2, 2, 2},
                             weight, err));
    const rgq_regions *same = set;
    REFUSED(rgq_regions_add_box(set, "two", 6, (const int[3]){1, 0, 0}, (const int[3]){2, 2, 2},
                                weight, err),
            RGQ_E_ARGUMENT, "0 to 1 was needed");
    rgq_grid other = whole;
    other.affine[1][3] += 0.3 * whole.affine[1][1];
    REFUSED(rgq_regions_place(&set, &other, &changed, err), RGQ_E_GEOMETRY, "differ");
    other = whole;
    other.affine[0][3] += 2.0 * whole.affine[0][0]; /* column -1 */
    REFUSED(rgq_regions_place(&set, &other, &changed, err), RGQ_E_GEOMETRY,
            "reaches voxel (-1");
    ck_assert_ptr_eq(set, same);
    ck_assert(!changed);
    MUST(rgq_regions_place(&set, &whole, &changed, err));
    ck_assert(changed);
    MUST(rgq_grid_compare(&whole, rgq_regions_grid(set), 0.0, err));
    ck_assert(weight_at(set, 0, (const int[3]){1, 0, 1}) == 0.25f);
    ck_assert(weight_at(set, 0, (const int[3]){2, 0, 1}) == 0.5f);
    ck_assert(weight_at(set, 0, (const int[3]){2, 1, 1}) == 1.0f);
    ck_assert(weight_at(set, 0, (const int[3]){2, 1, 0}) == 0.75f);
    ck_assert(weight_at(set, 0, (const int[3]){1, 1, 0}) == 0.0f);
    rgq_regions_free(set);
}
END_TEST

RGQ_CHECK_MAIN("volume/regions", tcase_add_test(tc, label_map_goes_in_and_out);
               tcase_add_test(tc, part_is_placed);
               tcase_add_test(tc, weights_may_overlap_and_must_be_fractions);
               tcase_add_test(tc, many_regions_survive_lost_memory);
               tcase_add_loop_test(tc, reorient_keeps_every_place, 0, 48);
               tcase_add_test(tc, reorient_refuses_other_voxels))
