/* roi/box.c: boxes and distances against direct definitions. */
#include "roi/box.h"

#include <math.h>

#include "num/rng.h"
#include "num/threads.h"
#include "rgq_check.h"

enum { NX = 13, NY = 9, NZ = 7, COUNT = NX * NY * NZ };

static const double spacing_mm[3] = {2.5, 3.0, 4.25};

static double slow_distance2(const uint8_t *mark, int i)
{
    double best = (double)INFINITY;

    for (int j = 0; j < COUNT; j++) {
        if (mark[j] == 0)
            continue;
        const double d[3] = {(i % NX - j % NX) * spacing_mm[0],
                             (i / NX % NY - j / NX % NY) * spacing_mm[1],
                             (i / (NX * NY) - j / (NX * NY)) * spacing_mm[2]};
        best = fmin(best, d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    }
    return best;
}

/* From one marked voxel to nearly all. */
START_TEST(distances_agree_with_definition)
{
    static const double share[] = {0.0015, 0.02, 0.3, 0.95};
    uint8_t mark[COUNT] = {0};
    float d2[COUNT];
    float again[COUNT];
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, (uint64_t)_i, err));
    for (int i = 0; i < COUNT; i++)
        mark[i] = rgq_rng_uniform(rng) < share[_i];
    mark[COUNT / 3] = 1;
    MUST(rgq_box_distance2(d2, mark, (const int[3]){NX, NY, NZ}, spacing_mm, err));
    for (int i = 0; i < COUNT; i++) /* single precision */
        ck_assert_double_eq_tol((double)d2[i], slow_distance2(mark, i),
                                1e-6 * slow_distance2(mark, i) + 1e-9);
    rgq_threads_set(3);
    MUST(rgq_box_distance2(again, mark, (const int[3]){NX, NY, NZ}, spacing_mm, err));
    ck_assert_mem_eq(d2, again, sizeof d2);
    rgq_rng_free(rng);
}
END_TEST

START_TEST(nothing_marked_is_far)
{
    const uint8_t mark[8] = {0};
    float d2[8];

    MUST(rgq_box_distance2(d2, mark, (const int[3]){2, 2, 2}, spacing_mm, err));
    for (int i = 0; i < 8; i++)
        ck_assert(isinf(d2[i]));
    TORTURE(rgq_box_distance2(d2, mark, (const int[3]){2, 2, 2}, spacing_mm, err), (void)0, 1);
}
END_TEST

START_TEST(boxes_by_hand)
{
    const rgq_grid grid =
        rgq_grid_make((const int[3]){NX, NY, NZ}, spacing_mm, (const double[3]){0, 0, 0});
    uint8_t bytes[COUNT] = {0};
    rgq_box box = rgq_box_of_bytes(bytes, &grid, 1);

    ck_assert_uint_eq(rgq_box_count(&box), 0);
    bytes[(2 * NY + 3) * NX + 4] = 1;
    bytes[(5 * NY + 3) * NX + 1] = 1;
    bytes[(4 * NY + 6) * NX + 2] = 2; /* another value */
    box = rgq_box_of_bytes(bytes, &grid, 1);
    ck_assert(box.lo[0] == 1 && box.lo[1] == 3 && box.lo[2] == 2);
    ck_assert(box.n[0] == 4 && box.n[1] == 1 && box.n[2] == 4);
    ck_assert_uint_eq(rgq_box_index(&box, &grid, (5 * NY + 3) * NX + 1), 12);
    ck_assert_uint_eq(rgq_box_row(&box, &grid, 0, 3), (5 * NY + 3) * NX + 1);
    const rgq_box wide = rgq_box_grow(&box, &grid, 6.0); /* 3, 2 and 2 voxels, cut at 0 */
    ck_assert(wide.lo[0] == 0 && wide.lo[1] == 1 && wide.lo[2] == 0);
    ck_assert(wide.n[0] == 8 && wide.n[1] == 5 && wide.n[2] == 7);
    const rgq_box far = rgq_box_grow(&box, &grid, 1e9);
    ck_assert_uint_eq(rgq_box_count(&far), COUNT);
}
END_TEST

RGQ_CHECK_MAIN("roi.box", tcase_add_loop_test(tc, distances_agree_with_definition, 0, 4);
               tcase_add_test(tc, nothing_marked_is_far); tcase_add_test(tc, boxes_by_hand))
