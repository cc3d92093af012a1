/* roi/watershed.c against the definition, and hills by hand. */
#include "roi/watershed.h"

#include <math.h>
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

/* The definition: over all ways from all markers, the one whose highest place is lowest. Found
 * by relaxing all pairs until nothing changes; `twice` tells where two markers are equal. */
static void slow_watershed(uint8_t *label, uint8_t *twice, const float *height, int n_markers)
{
    static float pass[4][COUNT];
    bool changed = true;

    for (int m = 1; m <= n_markers; m++)
        for (int i = 0; i < COUNT; i++)
            pass[m][i] = label[i] == m ? height[i] : INFINITY;
    while (changed) {
        changed = false;
        for (int m = 1; m <= n_markers; m++)
            for (int i = 0; i < COUNT; i++)
                for (int j = 0; j < COUNT; j++) {
                    if (label[i] != 0 || !are_neighbours(i, j) || !(pass[m][j] < INFINITY))
                        continue;
                    const float p = pass[m][j] > height[i] ? pass[m][j] : height[i];
                    if (p < pass[m][i]) {
                        pass[m][i] = p;
                        changed = true;
                    }
                }
    }
    for (int i = 0; i < COUNT; i++) {
        twice[i] = 0;
        if (label[i] != 0)
            continue;
        int best = 1;
        for (int m = 2; m <= n_markers; m++)
            best = pass[m][i] < pass[best][i] ? m : best;
        for (int m = 1; m <= n_markers; m++)
            twice[i] |= m != best && pass[m][i] <= pass[best][i];
        label[i] = (uint8_t)best;
    }
}

START_TEST(flooding_agrees_with_definition)
{
    uint8_t got[COUNT] = {0};
    uint8_t want[COUNT];
    uint8_t twice[COUNT];
    float height[COUNT];
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, (uint64_t)_i, err));
    for (int i = 0; i < COUNT; i++)
        height[i] = (float)rgq_rng_uniform(rng);
    got[5] = got[6] = 1;
    got[COUNT - 20] = 2;
    got[COUNT / 2] = 3;
    memcpy(want, got, sizeof want);
    slow_watershed(want, twice, height, 3);
    MUST(rgq_watershed(got, height, size, err));
    int decided = 0;
    for (int i = 0; i < COUNT; i++) {
        decided += twice[i] == 0;
        ck_assert_int_ne(got[i], 0);
        if (twice[i] == 0)
            ck_assert_int_eq(got[i], want[i]);
    }
    ck_assert_int_gt(decided, COUNT / 10);
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
