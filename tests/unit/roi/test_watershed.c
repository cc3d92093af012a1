/* roi/watershed.c against the definition, and hills by hand. */
#include "roi/watershed.h"

#include <stdbool.h>
#include <string.h>

#include "num/rng.h"
#include "rgq_check.h"

enum { NX = 9, NY = 8, NZ = 5, COUNT = NX * NY * NZ };

static const int size[3] = {NX, NY, NZ};

static bool are_neighbours(int i, int j)
{
    return abs(i % NX - j % NX) + abs(i / NX % NY - j / NX % NY) +
               abs(i / (NX * NY) - j / (NX * NY)) ==
           1;
}

/* Of all voxels beside a basin the lowest joins, one at a time; heights differ, so that no
 * order of being reached is needed. It joins the basin that reached it first. */
static void slow_watershed(uint8_t *label, const float *height)
{
    int reached_from[COUNT];

    for (int i = 0; i < COUNT; i++)
        reached_from[i] = -1;
    for (int j = 0; j < COUNT; j++)
        for (int i = 0; i < COUNT && label[j] != 0; i++)
            if (label[i] == 0 && reached_from[i] < 0 && are_neighbours(i, j))
                reached_from[i] = j;
    for (;;) {
        int lowest = -1;
        for (int i = 0; i < COUNT; i++)
            if (label[i] == 0 && reached_from[i] >= 0 &&
                (lowest < 0 || height[i] < height[lowest]))
                lowest = i;
        if (lowest < 0)
            return;
        label[lowest] = label[reached_from[lowest]];
        for (int i = 0; i < COUNT; i++)
            if (label[i] == 0 && reached_from[i] < 0 && are_neighbours(i, lowest))
                reached_from[i] = lowest;
    }
}

START_TEST(flooding_agrees_with_definition)
{
    uint8_t got[COUNT] = {0};
    uint8_t want[COUNT];
    float height[COUNT];
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, (uint64_t)_i, err));
    for (int i = 0; i < COUNT; i++)
        height[i] = (float)rgq_rng_uniform(rng);
    got[5] = got[6] = 1;
    got[COUNT - 20] = 2;
    got[COUNT / 2] = 3;
    memcpy(want, got, sizeof want);
    slow_watershed(want, height);
    MUST(rgq_watershed(got, height, size, err));
    ck_assert_mem_eq(got, want, sizeof got);
    rgq_rng_free(rng);
}
END_TEST

/* A wall between two markers, the whole of which goes to one side. */
START_TEST(a_wall_parts)
{
    uint8_t label[COUNT] = {0};
    float height[COUNT];

    for (int i = 0; i < COUNT; i++)
        height[i] = i % NX == 5 ? 9.0f : 1.0f;
    label[1] = 1;
    label[NX - 1] = 2;
    MUST(rgq_watershed(label, height, size, err));
    for (int i = 0; i < COUNT; i++)
        if (i % NX != 5)
            ck_assert_int_eq(label[i], i % NX < 5 ? 1 : 2);
    memset(label, 0, sizeof label);
    MUST(rgq_watershed(label, height, size, err)); /* no marker: nothing is flooded */
    ck_assert_int_eq(label[0], 0);
    label[1] = 1;
    TORTURE(rgq_watershed(label, height, size, err), (void)0, 1);
}
END_TEST

/* A row 2 5 4 8 7 1: peaks 5 and 8, saddle 4, which lies 20 % below the lower peak. */
START_TEST(hills_by_hand)
{
    const float value[6] = {2, 5, 4, 8, 7, 1};
    const uint8_t mask[6] = {1, 1, 1, 1, 1, 0};
    const int row[3] = {6, 1, 1};
    int32_t hill[6];

    MUST(rgq_hills(hill, mask, value, row, 0.19, err));
    ck_assert(hill[0] == hill[1] && hill[3] == hill[4] && hill[1] != hill[3]);
    ck_assert(hill[2] == hill[3] && hill[5] == 0); /* the saddle goes to the higher neighbour */
    MUST(rgq_hills(hill, mask, value, row, 0.21, err));
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(hill[i], hill[3]);
    TORTURE(rgq_hills(hill, mask, value, row, 0.2, err), (void)0, 3);
    MUST(rgq_hills(hill, (const uint8_t[6]){0}, value, row, 0.2, err));
    for (int i = 0; i < 6; i++)
        ck_assert_int_eq(hill[i], 0);
}
END_TEST

/* Three peaks in a row: the middle one joins the higher of its neighbours first. */
START_TEST(peaks_join_one_after_the_other)
{
    const float value[7] = {9, 3, 6, 5.5f, 8, 2, 4};
    const uint8_t mask[7] = {1, 1, 1, 1, 1, 1, 1};
    int32_t hill[7];

    MUST(rgq_hills(hill, mask, value, (const int[3]){7, 1, 1}, 0.3, err));
    ck_assert(hill[2] == hill[4] && hill[0] != hill[4] && hill[6] != hill[4]);
}
END_TEST

RGQ_CHECK_MAIN("roi.watershed", tcase_add_loop_test(tc, flooding_agrees_with_definition, 0, 5);
               tcase_add_test(tc, a_wall_parts); tcase_add_test(tc, hills_by_hand);
               tcase_add_test(tc, peaks_join_one_after_the_other))
