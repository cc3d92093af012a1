#include <stdlib.h>
#include <string.h>

#include "rgdquant/labels.h"
#include "rgq_check.h"

static rgq_grid grid_of(int nx, int ny, int nz)
{
    return rgq_grid_make((const int[3]){nx, ny, nz}, (const double[3]){2.0, 2.0, 2.0},
                         (const double[3]){0.0, 0.0, 0.0});
}

/* 4 x 3 x 2 voxels with the labels 7 and 300, 300 in two corners. */
static const int32_t two[24] = {0, 0, 0, 0, 0, 7, 7, 0, 0, 0, 0,   300,
                                0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 300, 0};

START_TEST(regions_boxes_and_counts)
{
    const rgq_grid grid = grid_of(4, 3, 2);
    rgq_labels *l = NULL;

    MUST(rgq_labels_create(&l, &grid, two, err));
    ck_assert_int_eq(rgq_labels_count(l), 2);
    const rgq_label *a = rgq_labels_at(l, 0);
    const rgq_label *b = rgq_labels_at(l, 1);
    ck_assert_int_eq(a->label, 7);
    ck_assert_str_eq(a->name, "7");
    ck_assert_uint_eq(a->count, 3);
    ck_assert_mem_eq(a->lo, ((const int[3]){0, 1, 0}), sizeof a->lo);
    ck_assert_mem_eq(a->n, ((const int[3]){3, 1, 2}), sizeof a->n);
    ck_assert_int_eq(b->label, 300);
    ck_assert_uint_eq(b->count, 2);
    ck_assert_mem_eq(b->lo, ((const int[3]){2, 2, 0}), sizeof b->lo);
    ck_assert_mem_eq(b->n, ((const int[3]){2, 1, 2}), sizeof b->n);
    for (int v = 0; v < 24; v++)
        ck_assert_int_eq(rgq_labels_voxels(l)[v], two[v] == 0 ? 0 : two[v] == 7 ? 1 : 2);
    MUST(rgq_grid_compare(rgq_labels_grid(l), &grid, 0.0, err));
    rgq_labels_free(l);
    rgq_labels_free(NULL);
}
END_TEST

START_TEST(names)
{
    const rgq_grid grid = grid_of(4, 3, 2);
    rgq_labels *l = NULL;
    char many[RGQ_REGION_NAME_MAX + 1];

    MUST(rgq_labels_create(&l, &grid, two, err));
    MUST(rgq_labels_rename(l, 0, "300", err));
    ck_assert_int_eq(rgq_labels_find(l, "300"), 0); /* a name goes before a number */
    ck_assert_int_eq(rgq_labels_find(l, "7"), 0);
    MUST(rgq_labels_rename(l, 0, "lesion", err));
    ck_assert_int_eq(rgq_labels_find(l, "lesion"), 0);
    ck_assert_int_eq(rgq_labels_find(l, "300"), 1);
    ck_assert_int_eq(rgq_labels_find(l, "30"), -1);
    memset(many, 'x', sizeof many - 1);
    many[sizeof many - 1] = '\0';
    REFUSED(rgq_labels_rename(l, 0, many, err), RGQ_E_ARGUMENT, "128 bytes");
    ck_assert_str_eq(rgq_labels_at(l, 0)->name, "lesion");
    rgq_labels_free(l);
}
END_TEST

START_TEST(numbers_that_are_no_labels)
{
    const rgq_grid grid = grid_of(4, 3, 2);
    int32_t bad[24] = {0};
    rgq_labels *l = NULL;

    bad[5] = -2;
    REFUSED(rgq_labels_create(&l, &grid, bad, err), RGQ_E_FORMAT, "number 5 has the label -2");
    ck_assert_ptr_null(l);
    bad[5] = RGQ_LABEL_MAX + 1;
    REFUSED(rgq_labels_create(&l, &grid, bad, err), RGQ_E_FORMAT, "1048577");
    bad[5] = RGQ_LABEL_MAX;
    MUST(rgq_labels_create(&l, &grid, bad, err));
    ck_assert_int_eq(rgq_labels_at(l, 0)->label, RGQ_LABEL_MAX);
    rgq_labels_free(l);
    bad[5] = 0; /* an empty map is a map */
    MUST(rgq_labels_create(&l, &grid, bad, err));
    ck_assert_int_eq(rgq_labels_count(l), 0);
    ck_assert_int_eq(rgq_labels_find(l, "1"), -1);
    rgq_labels_free(l);
}
END_TEST

/* One more region than two bytes can number. */
START_TEST(too_many_regions)
{
    const rgq_grid grid = grid_of(256, 257, 1);
    const size_t count = 256 * 257;
    int32_t *label = calloc(count, sizeof *label);
    rgq_labels *l = NULL;

    ck_assert_ptr_nonnull(label);
    for (size_t v = 0; v < RGQ_REGIONS_MAX; v++)
        label[v] = (int32_t)v + 1;
    MUST(rgq_labels_create(&l, &grid, label, err));
    ck_assert_int_eq(rgq_labels_count(l), RGQ_REGIONS_MAX);
    ck_assert_int_eq(rgq_labels_voxels(l)[RGQ_REGIONS_MAX - 1], RGQ_REGIONS_MAX);
    rgq_labels_free(l);
    label[RGQ_REGIONS_MAX] = RGQ_REGIONS_MAX + 1;
    REFUSED(rgq_labels_create(&l, &grid, label, err), RGQ_E_FORMAT, "65536 labels");
    ck_assert_ptr_null(l);
    free(label);
}
END_TEST

START_TEST(from_regions)
{
    const rgq_grid grid = grid_of(4, 3, 2);
    const int lo[3] = {1, 1, 0};
    const int n[3] = {2, 1, 1};
    rgq_regions *r = NULL;
    rgq_labels *l = NULL;

    MUST(rgq_regions_create(&r, &grid, err));
    MUST(rgq_regions_add_box(r, "second", 9, (const int[3]){3, 2, 1}, (const int[3]){1, 1, 1},
                             &(const float){1.0F}, err));
    MUST(rgq_regions_add_box(r, "first", 4, lo, n, (const float[2]){1.0F, 1.0F}, err));
    MUST(rgq_labels_from_regions(&l, r, err));
    ck_assert_int_eq(rgq_labels_count(l), 2);
    ck_assert_str_eq(rgq_labels_at(l, 0)->name, "first");
    ck_assert_int_eq(rgq_labels_at(l, 1)->label, 9);
    ck_assert_str_eq(rgq_labels_at(l, 1)->name, "second");
    rgq_labels_free(l);
    MUST(rgq_regions_add_box(r, "third", 5, lo, n, (const float[2]){0.0F, 1.0F}, err));
    REFUSED(rgq_labels_from_regions(&l, r, err), RGQ_E_ARGUMENT, "labels 4 and 5");
    ck_assert_ptr_null(l);
    rgq_regions_free(r);
    MUST(rgq_regions_create(&r, &grid, err));
    MUST(rgq_regions_add_box(r, "part", 5, lo, n, (const float[2]){0.5F, 1.0F}, err));
    REFUSED(rgq_labels_from_regions(&l, r, err), RGQ_E_ARGUMENT, "'part' has the weight 0.5");
    ck_assert_ptr_null(l);
    rgq_regions_free(r);
}
END_TEST

START_TEST(torture)
{
    const rgq_grid grid = grid_of(4, 3, 2);
    rgq_regions *r = NULL;
    rgq_labels *l = NULL;

    TORTURE(rgq_labels_create(&l, &grid, two, err), rgq_labels_free(l), 3);
    MUST(rgq_regions_from_labels(&r, &grid, two, err));
    TORTURE(rgq_labels_from_regions(&l, r, err), rgq_labels_free(l), 4);
    rgq_regions_free(r);
}
END_TEST

RGQ_CHECK_MAIN("labels", tcase_add_test(tc, regions_boxes_and_counts);
               tcase_add_test(tc, names); tcase_add_test(tc, numbers_that_are_no_labels);
               tcase_add_test(tc, too_many_regions); tcase_add_test(tc, from_regions);
               tcase_add_test(tc, torture))
