/* measure/blocking.c: by hand, intervals by simulation, pairs, refusals, torture. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "num/rng.h"
#include "rgdquant/measure.h"
#include "rgq_check.h"

enum { N = 20, COUNT = N * N * N };

typedef struct scene {
    rgq_volume *volume;
    rgq_regions *regions;
    rgq_regions *background;
} scene;

static const rgq_grid *grid(void)
{
    static rgq_grid g;
    g = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 2, 2},
                      (const double[3]){0, 0, 0});
    return &g;
}

/* Two cubes of 6^3 voxels with the values a and b, 1 elsewhere; the background is a slab. */
static scene make_scene(const char *first, const char *second, double a, double b)
{
    scene s = {NULL, NULL, NULL};
    static uint8_t mask[3][COUNT];

    memset(mask, 0, sizeof mask);
    MUST(rgq_volume_create(&s.volume, grid(), 1, RGQ_UNIT_SUV_BW, err));
    for (int i = 0; i < COUNT; i++) {
        const int x = i % N;
        const int y = i / N % N;
        const int z = i / (N * N);
        const bool in = y >= 2 && y < 8 && z >= 10 && z < 16;
        mask[0][i] = in && x >= 2 && x < 8;
        mask[1][i] = in && x >= 12 && x < 18;
        mask[2][i] = z < 8;
        rgq_volume_data(s.volume, 0)[i] = (float)(mask[0][i] ? a : mask[1][i] ? b : 1.0);
    }
    MUST(rgq_regions_create(&s.regions, grid(), err));
    MUST(rgq_regions_add_mask(s.regions, first, 1, mask[0], err));
    MUST(rgq_regions_add_mask(s.regions, second, 2, mask[1], err));
    MUST(rgq_regions_create(&s.background, grid(), err));
    MUST(rgq_regions_add_mask(s.background, "slab", 1, mask[2], err));
    return s;
}

static void release(scene *s)
{
    rgq_volume_free(s->volume);
    rgq_regions_free(s->regions);
    rgq_regions_free(s->background);
}

static rgq_paired_scan scan_of(const scene *s)
{
    return (rgq_paired_scan){s->volume, s->regions, s->background, 0};
}

static double real(const rgq_table *table, int row, const char *column)
{
    return rgq_table_real(table, row, rgq_table_find(table, column));
}

static const char *text(const rgq_table *table, int row, const char *column)
{
    return rgq_table_text(table, row, rgq_table_find(table, column));
}

START_TEST(by_hand)
{
    scene b = make_scene("tumour", "only here", 2.0, 3.0);
    scene u = make_scene("only there", "tumour", 4.0, 8.0);
    const rgq_paired_scan blocked = scan_of(&b);
    rgq_paired_scan unblocked = scan_of(&u);
    const rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    rgq_table *table = NULL;

    MUST(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err));
    ck_assert_int_eq(rgq_table_n_rows(table), 3);
    ck_assert_str_eq(text(table, 0, "region"), "tumour");
    ck_assert_str_eq(text(table, 0, "unit"), "SUVbw");
    ck_assert_str_eq(text(table, 0, "background_unblocked"), "slab");
    ck_assert(real(table, 0, "mean_blocked") == 2.0 && real(table, 0, "mean_unblocked") == 8.0);
    ck_assert(real(table, 0, "blocking_index") == 0.75);
    /* no noise: no width */
    ck_assert(real(table, 0, "blocking_index_ci_low") == 0.75);
    ck_assert(real(table, 0, "blocking_index_ci_high") == 0.75);
    ck_assert_str_eq(text(table, 1, "region"), "only here");
    ck_assert_str_eq(text(table, 2, "region"), "only there");
    ck_assert(real(table, 1, "mean_blocked") == 3.0 && isnan(real(table, 1, "mean_unblocked")));
    ck_assert(real(table, 2, "mean_unblocked") == 4.0 && isnan(real(table, 2, "mean_blocked")));
    ck_assert(isnan(real(table, 1, "blocking_index")) &&
              isnan(real(table, 2, "blocking_index")));
    rgq_table_free(table);
    unblocked.backgrounds = NULL; /* an index without an interval */
    MUST(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err));
    ck_assert(real(table, 0, "blocking_index") == 0.75 &&
              isnan(real(table, 0, "blocking_index_ci_low")));
    rgq_table_free(table);
    release(&b);
    release(&u);
}
END_TEST

/* White noise of sd 0.5 in both scans: the interval of 95 % holds 1 - 1.5 / 3 in 300 trials as
 * often as a binomial lets it (0.95 +- 3.5 sd of 1.26 %). */
START_TEST(intervals_cover)
{
    scene b = make_scene("tumour", "x", 1.5, 1.0);
    scene u = make_scene("tumour", "y", 3.0, 1.0);
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    const rgq_paired_scan blocked = scan_of(&b);
    const rgq_paired_scan unblocked = scan_of(&u);
    static float clean[2][COUNT];
    enum { TRIALS = 300 };
    int covered = 0;
    double width = 0.0;
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 7, err));
    opts.noise = RGQ_NOISE_UNIFORM;
    memcpy(clean[0], rgq_volume_cdata(b.volume, 0), sizeof clean[0]);
    memcpy(clean[1], rgq_volume_cdata(u.volume, 0), sizeof clean[1]);
    for (int trial = 0; trial < TRIALS; trial++) {
        rgq_table *table = NULL;
        for (int i = 0; i < COUNT; i++) {
            rgq_volume_data(b.volume, 0)[i] = clean[0][i] + (float)rgq_rng_gaussian(rng, 0.5);
            rgq_volume_data(u.volume, 0)[i] = clean[1][i] + (float)rgq_rng_gaussian(rng, 0.5);
        }
        MUST(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err));
        const double low = real(table, 0, "blocking_index_ci_low");
        const double high = real(table, 0, "blocking_index_ci_high");
        covered += low <= 0.5 && 0.5 <= high;
        width += (high - low) / TRIALS;
        rgq_table_free(table);
    }
    ck_assert_msg(covered >= 0.906 * TRIALS && covered <= 0.994 * TRIALS, "%d", covered);
    rgq_rng_free(rng);
    /* 2 x 1.96 sd of a ratio of means of 216 voxels: 0.5 / sqrt(216) x sqrt(1 + 0.25) / 3 */
    ck_assert_double_eq_tol(width, 2 * 1.96 * 0.5 / sqrt(216.0) * sqrt(1.25) / 3.0, 0.005);
    release(&b);
    release(&u);
}
END_TEST

START_TEST(no_index_without_uptake)
{
    static const double mean[] = {0.0, -2.0};
    scene b = make_scene("tumour", "x", 1.5, 1.0);
    scene u = make_scene("tumour", "x", mean[_i], 1.0);
    const rgq_paired_scan blocked = scan_of(&b);
    const rgq_paired_scan unblocked = scan_of(&u);
    const rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    rgq_table *table = NULL;

    MUST(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err));
    ck_assert(isnan(real(table, 0, "blocking_index")) &&
              isnan(real(table, 0, "blocking_index_ci_low")));
    ck_assert(real(table, 0, "mean_unblocked") == mean[_i]);
    ck_assert(real(table, 1, "blocking_index") == 0.0);
    rgq_table_free(table);
    release(&b);
    release(&u);
}
END_TEST

START_TEST(refusals)
{
    scene b = make_scene("a", "b", 2.0, 3.0);
    scene u = make_scene("c", "d", 4.0, 8.0);
    scene twins = make_scene("a", "a", 4.0, 8.0);
    rgq_paired_scan blocked = scan_of(&b);
    rgq_paired_scan unblocked = scan_of(&u);
    const rgq_paired_scan twice = scan_of(&twins);
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    rgq_table *table = NULL;

    REFUSED(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err), RGQ_E_NOTFOUND,
            "no region of the blocked scan has the name");
    REFUSED(rgq_blocking(&table, &blocked, &twice, &opts, NULL, err), RGQ_E_ARGUMENT,
            "two regions of the unblocked scan are called 'a'");
    unblocked.frame = 1;
    REFUSED(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err), RGQ_E_ARGUMENT,
            "frame 1 of the unblocked scan");
    unblocked.frame = 0;
    static const uint8_t mask[COUNT] = {1};
    MUST(rgq_regions_add_mask(b.regions, "e", 3, mask, err));
    blocked.backgrounds = u.regions;
    REFUSED(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err), RGQ_E_ARGUMENT,
            "2 backgrounds for 3 regions of the blocked scan");
    opts.confidence = 1.0;
    REFUSED(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err), RGQ_E_ARGUMENT,
            "confidence");
    opts.confidence = 0.95;
    rgq_volume_set_unit(u.volume, RGQ_UNIT_BQ_ML);
    REFUSED(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err), RGQ_E_UNIT,
            "the blocked scan is in SUVbw, the unblocked one in Bq/mL");
    ck_assert_ptr_null(table);
    release(&b);
    release(&u);
    release(&twins);
}
END_TEST

START_TEST(torture)
{
    scene b = make_scene("a", "b", 2.0, 3.0);
    scene u = make_scene("b", "d", 4.0, 8.0);
    const rgq_paired_scan blocked = scan_of(&b);
    const rgq_paired_scan unblocked = scan_of(&u);
    const rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    rgq_table *table = NULL;

    TORTURE(rgq_blocking(&table, &blocked, &unblocked, &opts, NULL, err), rgq_table_free(table),
            10);
    release(&b);
    release(&u);
}
END_TEST

RGQ_CHECK_MAIN("measure.blocking", tcase_add_test(tc, by_hand);
               tcase_add_test(tc, intervals_cover);
               tcase_add_loop_test(tc, no_index_without_uptake, 0, 2);
               tcase_add_test(tc, refusals); tcase_add_test(tc, torture))
