/* roi/morphology.c against direct definitions. */
#include "roi/morphology.h"

#include <math.h>
#include <string.h>

#include "num/rng.h"
#include "rgq_check.h"

enum { NX = 14, NY = 11, NZ = 9, COUNT = NX * NY * NZ };

static const double spacing_mm[3] = {2.0, 2.5, 3.0};

static rgq_grid grid_of_test(void)
{
    return rgq_grid_make((const int[3]){NX, NY, NZ}, spacing_mm, (const double[3]){5, 6, 7});
}

/* A lump that reaches the edge of the image at x = 0, with grains. */
static void draw(uint8_t *mask, uint64_t seed)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, seed, err));
    for (int i = 0; i < COUNT; i++) {
        const double d[3] = {i % NX - 3.0, i / NX % NY - 5.0, (double)(i / (NX * NY)) - 4.0};
        const double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        mask[i] = r < 4.0 ? rgq_rng_uniform(rng) < 0.9 : rgq_rng_uniform(rng) < 0.02;
    }
    rgq_rng_free(rng);
}

/* Is a voxel of the value at most mm away? */
static bool is_near(const uint8_t *mask, int i, uint8_t value, double mm)
{
    for (int j = 0; j < COUNT; j++) {
        if (mask[j] != value)
            continue;
        const double d[3] = {(i % NX - j % NX) * spacing_mm[0],
                             (i / NX % NY - j / NX % NY) * spacing_mm[1],
                             (i / (NX * NY) - j / (NX * NY)) * spacing_mm[2]};
        if (d[0] * d[0] + d[1] * d[1] + d[2] * d[2] <= mm * mm * (1.0 + 1e-9))
            return true;
    }
    return false;
}

START_TEST(dilation_and_erosion_agree_with_definition)
{
    static const double mm[] = {2.0, 2.5, 5.0, 7.3};
    const rgq_grid grid = grid_of_test();
    uint8_t mask[COUNT];
    uint8_t large[COUNT];
    uint8_t small[COUNT];

    draw(mask, 1);
    memcpy(large, mask, sizeof mask);
    memcpy(small, mask, sizeof mask);
    MUST(rgq_morph_dilate(large, &grid, mm[_i], err));
    MUST(rgq_morph_erode(small, &grid, mm[_i], err));
    for (int i = 0; i < COUNT; i++) {
        ck_assert_int_eq(large[i], is_near(mask, i, 1, mm[_i]));
        ck_assert_int_eq(small[i], mask[i] == 1 && !is_near(mask, i, 0, mm[_i]));
    }
}
END_TEST

/* A block that touches the edge of the image keeps its face there. */
START_TEST(the_edge_of_the_image_is_kept)
{
    const rgq_grid grid = grid_of_test();
    uint8_t mask[COUNT] = {0};

    for (int i = 0; i < COUNT; i++)
        mask[i] = i % NX < 5;
    MUST(rgq_morph_erode(mask, &grid, 2.0, err));
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(mask[i], i % NX < 4);
}
END_TEST

/* Opening lies within the mask, closing holds it, both change nothing a second time. */
START_TEST(opening_and_closing)
{
    const rgq_grid grid = grid_of_test();
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;
    uint8_t mask[COUNT];
    uint8_t once[COUNT];
    uint8_t twice[COUNT];

    draw(mask, 2);
    for (int round = 0; round < 2; round++) {
        opts.open_mm = round == 0 ? 3.1 : 0.0;
        opts.close_mm = round == 0 ? 0.0 : 3.1;
        memcpy(once, mask, sizeof mask);
        MUST(rgq_morph_apply(once, &grid, &opts, err));
        memcpy(twice, once, sizeof mask);
        MUST(rgq_morph_apply(twice, &grid, &opts, err));
        ck_assert_mem_eq(once, twice, sizeof once);
        int changed = 0;
        for (int i = 0; i < COUNT; i++) {
            ck_assert(round == 0 ? once[i] <= mask[i] : once[i] >= mask[i]);
            changed += once[i] != mask[i];
        }
        ck_assert_int_gt(changed, 0);
    }
}
END_TEST

/* A hollow cube is filled, one with a window in a wall is not. */
START_TEST(holes_are_filled)
{
    const rgq_grid grid = grid_of_test();
    uint8_t mask[COUNT] = {0};
    int before = 0;
    int after = 0;

    for (int i = 0; i < COUNT; i++) {
        const int d[3] = {abs(i % NX - 6), abs(i / NX % NY - 5), abs(i / (NX * NY) - 4)};
        const int far = d[0] > d[1] ? d[0] : d[1];
        mask[i] = (far > d[2] ? far : d[2]) == 2;
        before += mask[i];
    }
    ck_assert_int_eq(before, 125 - 27);
    mask[(4 * NY + 5) * NX + 4] = 0; /* the window */
    MUST(rgq_morph_fill_holes(mask, &grid, err));
    for (int i = 0; i < COUNT; i++)
        after += mask[i];
    ck_assert_int_eq(after, before - 1);
    mask[(4 * NY + 5) * NX + 4] = 1;
    MUST(rgq_morph_fill_holes(mask, &grid, err));
    after = 0;
    for (int i = 0; i < COUNT; i++)
        after += mask[i];
    ck_assert_int_eq(after, 125);
}
END_TEST

/* Smoothing keeps a flat face, rounds a corner, drops a single voxel, and is symmetric. */
START_TEST(smoothing)
{
    const rgq_grid grid = grid_of_test();
    uint8_t mask[COUNT] = {0};

    for (int i = 0; i < COUNT; i++)
        mask[i] = i % NX < 7 && i / NX % NY < 6;
    mask[(4 * NY + 9) * NX + 11] = 1;
    MUST(rgq_morph_smooth(mask, &grid, 6.0, err));
    ck_assert_int_eq(mask[(4 * NY + 9) * NX + 11], 0);
    for (int x = 0; x < NX; x++) /* far from the corner */
        ck_assert_int_eq(mask[(4 * NY + 1) * NX + x], x < 7);
    ck_assert_int_eq(mask[(4 * NY + 5) * NX + 6], 0); /* the corner */
    for (int i = 0; i < NX * NY; i++)                 /* nothing changes along z */
        ck_assert_int_eq(mask[i], mask[4 * NX * NY + i]);
}
END_TEST

START_TEST(edge_cases)
{
    rgq_grid grid = grid_of_test();
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;
    uint8_t mask[COUNT] = {0};
    const uint8_t empty[COUNT] = {0};

    opts.open_mm = opts.close_mm = opts.smooth_mm = opts.erode_mm = opts.dilate_mm = 4.0;
    opts.fill_holes = true;
    MUST(rgq_morph_apply(mask, &grid, &opts, err));
    ck_assert_mem_eq(mask, empty, sizeof mask);
    memset(mask, 1, sizeof mask);
    MUST(rgq_morph_apply(mask, &grid, &opts, err)); /* a full image stays full */
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(mask[i], 1);
    draw(mask, 3);
    TORTURE(rgq_morph_apply(mask, &grid, &opts, err), draw(mask, 3), 12);
    grid.affine[0][1] = 1.0; /* a slanted grid */
    REFUSED(rgq_morph_dilate(mask, &grid, 2.0, err), RGQ_E_GEOMETRY, "not perpendicular");
    REFUSED(rgq_morph_smooth(mask, &grid, 2.0, err), RGQ_E_GEOMETRY, "not perpendicular");
}
END_TEST

RGQ_CHECK_MAIN("roi.morphology",
               tcase_add_loop_test(tc, dilation_and_erosion_agree_with_definition, 0, 4);
               tcase_add_test(tc, the_edge_of_the_image_is_kept);
               tcase_add_test(tc, opening_and_closing); tcase_add_test(tc, holes_are_filled);
               tcase_add_test(tc, smoothing); tcase_add_test(tc, edge_cases))
