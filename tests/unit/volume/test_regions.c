/* Regions: label maps in and out, boxes, weights, overlap. */
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

RGQ_CHECK_MAIN("volume/regions", tcase_add_test(tc, label_map_goes_in_and_out);
               tcase_add_test(tc, weights_may_overlap_and_must_be_fractions);
               tcase_add_test(tc, many_regions_survive_lost_memory))
