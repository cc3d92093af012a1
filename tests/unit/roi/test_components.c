/* roi/components.c against a slow label propagation and hand-made figures. */
#include <string.h>

#include "rgq_check.h"
#include "roi/components.h"

enum { N = 9, COUNT = N * N * N };

static rgq_grid cube(void)
{
    return rgq_grid_make((const int[3]){N, N, N}, (const double[3]){1, 2, 3},
                         (const double[3]){0, 0, 0});
}

/* A little generator of its own: the test must not lean on the library for its data. */
static unsigned next(unsigned *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 16;
}

/* Slow definition: lower every label to the least of its neighbours until nothing changes. */
static void propagate(int *label, const float *values, double threshold, int differ)
{
    bool changed = true;

    for (int i = 0; i < COUNT; i++)
        label[i] = (double)values[i] >= threshold ? i + 1 : 0;
    while (changed) {
        changed = false;
        for (int i = 0; i < COUNT; i++)
            for (int j = 0; j < COUNT && label[i] > 0; j++) {
                const int dx = abs(i % N - j % N);
                const int dy = abs(i / N % N - j / N % N);
                const int dz = abs(i / (N * N) - j / (N * N));
                if (label[j] == 0 || dx > 1 || dy > 1 || dz > 1 || dx + dy + dz > differ)
                    continue;
                if (label[j] < label[i]) {
                    label[i] = label[j];
                    changed = true;
                }
            }
    }
}

START_TEST(agrees_with_slow_definition)
{
    static const int connectivity[3] = {6, 18, 26};
    float values[COUNT];
    int slow[COUNT];
    const rgq_grid grid = cube();
    rgq_flood flood;
    unsigned state = 7U + (unsigned)_i;

    for (int i = 0; i < COUNT; i++)
        values[i] = (float)(next(&state) % 100);
    const double threshold = 85.0 + 6.0 * (_i / 3);
    propagate(slow, values, threshold, _i % 3 + 1);
    MUST(rgq_flood_init(&flood, &grid, values, connectivity[_i % 3], err));
    int n = 0;
    for (size_t i = 0; i < COUNT; i++) {
        MUST(rgq_flood_fill(&flood, threshold, i, err));
        if (flood.count == 0)
            continue;
        n++;
        size_t members = 0;
        for (int j = 0; j < COUNT; j++)
            members += slow[j] == (int)i + 1;
        ck_assert_uint_eq(members, flood.count);
        for (size_t k = 0; k < flood.count; k++) {
            ck_assert_int_eq(slow[flood.at[k]], (int)i + 1);
            ck_assert(values[flood.at[k]] <= flood.peak);
        }
        ck_assert(values[flood.peak_at] == flood.peak);
    }
    int roots = 0;
    for (int j = 0; j < COUNT; j++)
        roots += slow[j] == j + 1;
    ck_assert_int_eq(n, roots);
    ck_assert_int_gt(n, 1);
    rgq_flood_release(&flood);
}
END_TEST

/* Two voxels that touch by a face, an edge, a corner. */
START_TEST(connectivity_by_hand)
{
    static const int other[3][3] = {{5, 4, 4}, {5, 5, 4}, {5, 5, 5}};
    static const int connectivity[3] = {6, 18, 26};
    const rgq_grid grid = cube();

    for (int o = 0; o < 3; o++)
        for (int c = 0; c < 3; c++) {
            float values[COUNT] = {0.0f};
            rgq_flood flood;
            const size_t a = rgq_flood_index(&grid, (const int[3]){4, 4, 4});
            values[a] = 1.0f;
            values[rgq_flood_index(&grid, other[o])] = 2.0f;
            MUST(rgq_flood_init(&flood, &grid, values, connectivity[c], err));
            MUST(rgq_flood_fill(&flood, 1.0, a, err));
            ck_assert_uint_eq(flood.count, o <= c ? 2 : 1);
            rgq_flood_undo(&flood);
            MUST(rgq_flood_fill(&flood, 1.0, a, err));
            ck_assert_uint_eq(flood.count, o <= c ? 2 : 1);
            rgq_flood_release(&flood);
        }
}
END_TEST

/* The whole grid is one component; the last maximum wins only if it is larger. */
START_TEST(whole_grid_and_ties)
{
    const rgq_grid grid = cube();
    float values[COUNT];
    rgq_flood flood;

    for (int i = 0; i < COUNT; i++)
        values[i] = 1.0f;
    values[500] = values[77] = 3.0f;
    MUST(rgq_flood_init(&flood, &grid, values, 6, err));
    MUST(rgq_flood_fill(&flood, 0.5, COUNT - 1, err));
    ck_assert_uint_eq(flood.count, COUNT);
    ck_assert_uint_eq(flood.peak_at, 77);
    MUST(rgq_flood_fill(&flood, 0.5, 3, err)); /* taken */
    ck_assert_uint_eq(flood.count, 0);
    rgq_flood_release(&flood);
}
END_TEST

START_TEST(refusals_and_torture)
{
    const rgq_grid grid = cube();
    float values[COUNT];
    rgq_flood flood;

    for (int i = 0; i < COUNT; i++)
        values[i] = 1.0f;
    REFUSED(rgq_flood_init(&flood, &grid, values, 8, err), RGQ_E_ARGUMENT, "6, 18 or 26");
    rgq_flood_release(&flood);
    TORTURE((rgq_flood_init(&flood, &grid, values, 6, err) != RGQ_OK
                 ? RGQ_E_NOMEM
                 : rgq_flood_fill(&flood, 0.5, 0, err)),
            rgq_flood_release(&flood), 2);
}
END_TEST

RGQ_CHECK_MAIN("roi.components", tcase_add_loop_test(tc, agrees_with_slow_definition, 0, 9);
               tcase_add_test(tc, connectivity_by_hand);
               tcase_add_test(tc, whole_grid_and_ties);
               tcase_add_test(tc, refusals_and_torture))
