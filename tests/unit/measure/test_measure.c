/* measure/measure.c: the table by hand, refusals, edges, threads, torture. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "measure/notes.h"
#include "num/threads.h"
#include "rgdquant/measure.h"
#include "rgq_check.h"

enum { N = 16, COUNT = N * N * N };

typedef struct scene {
    rgq_volume *volume;
    rgq_regions *regions;
} scene;

static int index_of(int x, int y, int z)
{
    return (z * N + y) * N + x;
}

/* Voxels of 2 x 3 x 4 mm (24 uL) in two frames; background 2, a cube of 3^3 voxels of 8, one of
 * them 10, and regions: lesion (the cube), bg (a slab), empty, one voxel at the corner. Frame 1
 * holds twice of all. */
static scene make_scene(void)
{
    scene s = {NULL, NULL};
    const rgq_grid grid = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 3, 4},
                                        (const double[3]){-9, 4, 2});
    uint8_t mask[4][COUNT] = {{0}};

    MUST(rgq_volume_create(&s.volume, &grid, 2, RGQ_UNIT_SUV_BW, err));
    float *v = rgq_volume_data(s.volume, 0);
    for (int i = 0; i < COUNT; i++) {
        v[i] = 2.0f;
        mask[1][i] = i / (N * N) < 4;
    }
    for (int k = 0; k < 27; k++) {
        const int i = index_of(8 + k % 3, 8 + k / 3 % 3, 8 + k / 9);
        v[i] = 8.0f;
        mask[0][i] = 1;
    }
    v[index_of(9, 9, 9)] = 10.0f;
    mask[3][COUNT - 1] = 1;
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(s.volume, 1)[i] = 2.0f * v[i];
    MUST(rgq_regions_create(&s.regions, &grid, err));
    MUST(rgq_regions_add_mask(s.regions, "lesion", 7, mask[0], err));
    MUST(rgq_regions_add_mask(s.regions, "bg", 2, mask[1], err));
    MUST(rgq_regions_add_mask(s.regions, "nothing", 3, mask[2], err));
    MUST(rgq_regions_add_mask(s.regions, NULL, 4, mask[3], err));
    return s;
}

static void release(scene *s)
{
    rgq_volume_free(s->volume);
    rgq_regions_free(s->regions);
}

static double real(const rgq_table *table, int row, const char *column)
{
    return rgq_table_real(table, row, rgq_table_find(table, column));
}

static const char *cell(const rgq_table *table, int row, const char *column)
{
    static char buffer[64];
    return rgq_table_format(table, row, rgq_table_find(table, column), buffer, sizeof buffer);
}

START_TEST(columns_of_the_contract)
{
    static const char want[] =
        "region label n_voxels volume_ml unit mean sd min p25 median p75 max peak_local "
        "peak_global total cov background background_mean background_sd tbr_mean tbr_max "
        "tbr_peak tbr_mean_ci_low tbr_mean_ci_high mean_ci_low mean_ci_high peak_ci_low "
        "peak_ci_high tbr_peak_ci_low tbr_peak_ci_high ";
    char got[512] = "";
    int count = 0;
    const rgq_column *columns = rgq_measure_columns(&count);

    for (int i = 0; i < count; i++) {
        ck_assert_int_gt((int)strlen(columns[i].description), 10);
        (void)strncat(strncat(got, columns[i].name, 64), " ", 2);
    }
    ck_assert_str_eq(got, want);
}
END_TEST

START_TEST(table_by_hand)
{
    scene s = make_scene();
    rgq_table *table = NULL;
    rgq_noise_budget budget;
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;

    opts.background = "bg";
    opts.frame = _i;
    const double k = _i == 0 ? 1.0 : 2.0;
    MUST(rgq_measure(&table, s.volume, s.regions, &opts, &budget, NULL, err));
    ck_assert_int_eq(rgq_table_n_rows(table), 4);
    ck_assert_str_eq(cell(table, 0, "region"), "lesion");
    ck_assert_str_eq(cell(table, 0, "label"), "7");
    ck_assert_str_eq(cell(table, 0, "n_voxels"), "27");
    ck_assert_str_eq(cell(table, 0, "unit"), "SUVbw");
    ck_assert_str_eq(cell(table, 0, "background"), "bg");
    const double mean = (26 * 8.0 + 10.0) / 27.0;
    const double sd = sqrt((26 * 64.0 + 100.0) / 27.0 - mean * mean);
    const struct {
        const char *column;
        double want;
    } row[] = {{"volume_ml", 27 * 0.024},
               {"mean", k * mean},
               {"sd", k * sd},
               {"min", k * 8},
               {"p25", k * 8},
               {"median", k * 8},
               {"p75", k * 8},
               {"max", k * 10},
               {"cov", sd / mean},
               {"total", k * mean * 27 * 0.024},
               {"background_mean", k * 2},
               {"background_sd", 0},
               {"tbr_mean", mean / 2},
               {"tbr_max", 5},
               {"tbr_mean_ci_low", mean / 2},
               {"tbr_mean_ci_high", mean / 2}};
    for (int i = 0; i < ROWS(row); i++) /* tolerance: order of summation */
        ck_assert_double_eq_tol(real(table, 0, row[i].column), row[i].want, 1e-12);
    const double peak = real(table, 0, "peak_local");
    ck_assert(peak > k * 2 && peak < k * 8); /* the sphere holds 42 voxels: part background */
    ck_assert(real(table, 0, "peak_global") == peak); /* symmetric about the hottest */
    ck_assert_double_eq_tol(real(table, 0, "tbr_peak"), peak / (k * 2), 1e-12);
    ck_assert(budget.known && budget.variance == 0.0);
    rgq_table_free(table);
    release(&s);
}
END_TEST

START_TEST(background_row_empty_row_and_corner)
{
    scene s = make_scene();
    rgq_table *table = NULL;
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;

    opts.background = "2"; /* by its label */
    MUST(rgq_measure(&table, s.volume, s.regions, &opts, NULL, NULL, err));
    ck_assert(real(table, 1, "tbr_mean") == 1.0 && real(table, 1, "tbr_mean_ci_low") == 1.0);
    ck_assert_str_eq(cell(table, 2, "region"), "nothing");
    ck_assert_str_eq(cell(table, 2, "n_voxels"), "0");
    static const char *const missing[] = {
        "volume_ml", "mean",        "sd",         "min",      "median",
        "max",       "cov",         "peak_local", "total",    "tbr_mean",
        "p25",       "peak_global", "tbr_max",    "tbr_peak", "tbr_mean_ci_low"};
    for (int i = 0; i < ROWS(missing); i++)
        ck_assert_str_eq(cell(table, 2, missing[i]), "n/a");
    ck_assert_str_eq(cell(table, 3, "region"), "4"); /* no name: the label */
    ck_assert_str_eq(cell(table, 3, "n_voxels"), "1");
    ck_assert(real(table, 3, "sd") == 0.0 && real(table, 3, "p25") == 2.0);
    ck_assert_double_eq_tol(real(table, 3, "peak_local"), 2.0, 1e-12); /* renormalised */
    rgq_table_free(table);

    opts.background = NULL;
    MUST(rgq_measure(&table, s.volume, s.regions, &opts, NULL, NULL, err));
    ck_assert_str_eq(cell(table, 0, "background"), "n/a");
    ck_assert_str_eq(cell(table, 0, "tbr_mean"), "n/a");
    ck_assert_str_eq(cell(table, 0, "tbr_mean_ci_high"), "n/a");
    rgq_table_free(table);
    release(&s);
}
END_TEST

START_TEST(background_of_no_use)
{
    scene s = make_scene();
    rgq_table *table = NULL;
    rgq_noise_budget budget;
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;

    opts.background = "nothing";
    MUST(rgq_measure(&table, s.volume, s.regions, &opts, &budget, NULL, err));
    ck_assert_str_eq(cell(table, 0, "tbr_mean"), "n/a");
    ck_assert(!budget.known);
    rgq_table_free(table);
    opts.background = "4"; /* one voxel: a ratio without an interval */
    MUST(rgq_measure(&table, s.volume, s.regions, &opts, &budget, NULL, err));
    ck_assert(real(table, 0, "tbr_max") == 5.0);
    ck_assert_str_eq(cell(table, 0, "tbr_mean_ci_low"), "n/a");
    ck_assert_msg(strstr(budget.method, "1 voxels") != NULL, "%s", budget.method);
    rgq_table_free(table);
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(s.volume, 0)[i] -= 2.0f; /* background 0 */
    opts.background = "bg";
    MUST(rgq_measure(&table, s.volume, s.regions, &opts, &budget, NULL, err));
    ck_assert_str_eq(cell(table, 0, "tbr_max"), "n/a");
    ck_assert_str_eq(cell(table, 1, "cov"), "n/a"); /* mean 0 */
    ck_assert(real(table, 0, "background_mean") == 0.0);
    rgq_table_free(table);
    release(&s);
}
END_TEST

/* Noise in the background: the interval is about the ratio, wider for the proportional model,
 * and does not change with the spread inside the lesion. */
START_TEST(interval_follows_the_background_alone)
{
    scene s = make_scene();
    rgq_table *table = NULL;
    rgq_noise_budget budget;
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    double width[3];
    float *v = rgq_volume_data(s.volume, 0);

    opts.background = "bg";
    for (int i = 0; i < 4 * N * N; i++)
        v[i] = 2.0f + 0.2f * ((float)(i * 7919 % 1009) / 504.5f - 1.0f);
    for (int k = 0; k < 3; k++) {
        opts.noise = k == 0 ? RGQ_NOISE_UNIFORM : RGQ_NOISE_PROPORTIONAL;
        if (k == 2) { /* the same mean, a wild spread */
            v[index_of(8, 8, 8)] = 16.0f;
            v[index_of(8, 8, 9)] = 0.0f;
        }
        MUST(rgq_measure(&table, s.volume, s.regions, &opts, &budget, NULL, err));
        const double ratio = real(table, 0, "tbr_mean");
        const double lo = real(table, 0, "tbr_mean_ci_low");
        const double hi = real(table, 0, "tbr_mean_ci_high");
        ck_assert(lo < ratio && ratio < hi);
        width[k] = hi - lo;
        rgq_table_free(table);
    }
    ck_assert(budget.known && budget.effective_n > 50.0);
    ck_assert_double_gt(width[1], 1.5 * width[0]);
    ck_assert_double_eq_tol(width[2], width[1], 1e-9);
    release(&s);
}
END_TEST

/* Doubling a voxel's weight by splitting the region in two overlapping ones changes nothing:
 * a fractional region of weight 1/2 throughout has the mean of the binary one, half the volume.
 */
START_TEST(fractional_region)
{
    scene s = make_scene();
    rgq_table *table = NULL;
    static float half[COUNT];
    const rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;

    for (int k = 0; k < 27; k++)
        half[index_of(8 + k % 3, 8 + k / 3 % 3, 8 + k / 9)] = 0.5f;
    MUST(rgq_regions_add(s.regions, "half", 9, half, err));
    MUST(rgq_measure(&table, s.volume, s.regions, &opts, NULL, NULL, err));
    static const char *const same[] = {"mean", "sd", "median", "max", "peak_global", "cov"};
    for (int i = 0; i < ROWS(same); i++)
        ck_assert_double_eq_tol(real(table, 4, same[i]), real(table, 0, same[i]), 1e-12);
    ck_assert_double_eq_tol(2 * real(table, 4, "volume_ml"), real(table, 0, "volume_ml"),
                            1e-12);
    ck_assert_double_eq_tol(2 * real(table, 4, "total"), real(table, 0, "total"), 1e-12);
    ck_assert_str_eq(cell(table, 4, "n_voxels"), "27");
    rgq_table_free(table);
    release(&s);
}
END_TEST

START_TEST(refusals)
{
    scene s = make_scene();
    rgq_table *table = NULL;
    rgq_noise_budget budget = {.effective_n = -3.0};
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    rgq_regions *elsewhere = NULL;
    rgq_grid grid = *rgq_volume_grid(s.volume);

    opts.frame = 2;
    REFUSED(rgq_measure(&table, s.volume, s.regions, &opts, &budget, NULL, err), RGQ_E_ARGUMENT,
            "frames 0 to 1");
    opts = (rgq_measure_opts)RGQ_MEASURE_OPTS_INIT;
    opts.confidence = 1.0;
    REFUSED(rgq_measure(&table, s.volume, s.regions, &opts, &budget, NULL, err), RGQ_E_ARGUMENT,
            "confidence");
    opts.confidence = 0.95;
    opts.background = "liver";
    REFUSED(rgq_measure(&table, s.volume, s.regions, &opts, &budget, NULL, err), RGQ_E_NOTFOUND,
            "lesion, bg, nothing, 4");
    opts.background = NULL;
    grid.affine[0][3] += 0.03; /* 1.5 % of a voxel */
    MUST(rgq_regions_create(&elsewhere, &grid, err));
    REFUSED(rgq_measure(&table, s.volume, elsewhere, &opts, &budget, NULL, err), RGQ_E_GEOMETRY,
            "apart");
    rgq_regions_free(elsewhere);
    grid.affine[0][3] -= 0.02; /* 0.5 % */
    MUST(rgq_regions_create(&elsewhere, &grid, err));
    MUST(rgq_measure(&table, s.volume, elsewhere, &opts, NULL, NULL, err));
    ck_assert_int_eq(rgq_table_n_rows(table), 0);
    rgq_table_free(table);
    rgq_regions_free(elsewhere);
    rgq_volume_data(s.volume, 0)[5] = INFINITY;
    REFUSED(rgq_measure(&table, s.volume, s.regions, &opts, &budget, NULL, err), RGQ_E_NUMERIC,
            "");
    ck_assert_ptr_null(table);
    ck_assert(budget.effective_n == -3.0);
    release(&s);
}
END_TEST

START_TEST(sheared_grid_is_refused)
{
    rgq_grid grid = rgq_grid_make((const int[3]){4, 4, 4}, (const double[3]){2, 2, 2},
                                  (const double[3]){0, 0, 0});
    rgq_volume *volume = NULL;
    rgq_regions *regions = NULL;
    rgq_table *table = NULL;
    const rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;

    grid.affine[0][2] = 0.4;
    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_NATIVE, err));
    MUST(rgq_regions_create(&regions, &grid, err));
    REFUSED(rgq_measure(&table, volume, regions, &opts, NULL, NULL, err), RGQ_E_GEOMETRY,
            "perpendicular");
    rgq_volume_free(volume);
    rgq_regions_free(regions);
}
END_TEST

static void noisy(const scene *s)
{
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(s->volume, 0)[i] += (float)(i * 7919 % 1009) / 1009.0f;
}

/* Backgrounds of their own: every row is that of a run with this background for all. */
START_TEST(each_by_its_own)
{
    scene s = make_scene();
    static const char *const name[] = {"bg", "nothing", "4", "lesion"};
    rgq_regions *made = NULL;
    rgq_table *table = NULL;
    rgq_table *by_name = NULL;
    rgq_noise_budget budget[4];
    rgq_noise_budget one;
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    rgq_measure_opts plain = RGQ_MEASURE_OPTS_INIT;
    char *text = NULL;
    char a[64];
    char b[64];

    noisy(&s);
    MUST(rgq_regions_create(&made, rgq_regions_grid(s.regions), err));
    for (int i = 0; i < 4; i++) {
        const rgq_region *r = rgq_regions_find(s.regions, name[i]);
        MUST(rgq_regions_add_box(made, name[i], i + 1, r->lo, r->n, r->weight, err));
    }
    opts.backgrounds = made;
    ck_assert_int_eq(rgq_measure_budgets(&opts), 4);
    MUST(rgq_measure(&table, s.volume, s.regions, &opts, budget, NULL, err));
    for (int i = 0; i < 4; i++) {
        plain.background = name[i];
        MUST(rgq_measure(&by_name, s.volume, s.regions, &plain, &one, NULL, err));
        for (int c = 0; c < rgq_table_n_columns(table); c++)
            ck_assert_str_eq(rgq_table_format(table, i, c, a, sizeof a),
                             rgq_table_format(by_name, i, c, b, sizeof b));
        ck_assert_str_eq(budget[i].method, one.method);
        rgq_table_free(by_name);
    }
    MUST(rgq_measure_notes(&text, &opts, budget, err));
    ck_assert(strstr(text, "\"backgrounds\"") != NULL && strstr(text, "nothing") != NULL);
    rgq_free(text);
    rgq_table_free(table);
    rgq_regions_free(made);
    release(&s);
}
END_TEST

START_TEST(backgrounds_refused)
{
    scene s = make_scene();
    rgq_regions *made = NULL;
    rgq_table *table = NULL;
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    const rgq_region *bg = rgq_regions_find(s.regions, "bg");

    MUST(rgq_regions_create(&made, rgq_regions_grid(s.regions), err));
    opts.backgrounds = made;
    for (int i = 0; i < 2; i++) {
        REFUSED(rgq_measure(&table, s.volume, s.regions, &opts, NULL, NULL, err),
                RGQ_E_ARGUMENT, i == 0 ? "0 backgrounds for 4" : "2 backgrounds for 4");
        MUST(rgq_regions_add_box(made, "b", 2 * i + 1, bg->lo, bg->n, bg->weight, err));
        if (i == 0)
            MUST(rgq_regions_add_box(made, "b", 2, bg->lo, bg->n, bg->weight, err));
    }
    opts.background = "bg";
    REFUSED(rgq_measure(&table, s.volume, s.regions, &opts, NULL, NULL, err), RGQ_E_ARGUMENT,
            "one of the two");
    rgq_regions_free(made);
    release(&s);
}
END_TEST

START_TEST(same_bits_for_any_threads)
{
    scene s = make_scene();
    rgq_table *table[2] = {NULL, NULL};
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    char a[64];
    char b[64];

    noisy(&s);
    opts.background = "bg";
    for (int t = 0; t < 2; t++) {
        rgq_threads_set(t + 1);
        MUST(rgq_measure(&table[t], s.volume, s.regions, &opts, NULL, NULL, err));
    }
    for (int row = 0; row < 4; row++)
        for (int c = 0; c < rgq_table_n_columns(table[0]); c++)
            ck_assert_str_eq(rgq_table_format(table[0], row, c, a, sizeof a),
                             rgq_table_format(table[1], row, c, b, sizeof b));
    rgq_table_free(table[0]);
    rgq_table_free(table[1]);
    release(&s);
}
END_TEST

START_TEST(torture)
{
    scene s = make_scene();
    rgq_table *table = NULL;
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;

    noisy(&s);
    opts.background = "bg";
    TORTURE(rgq_measure(&table, s.volume, s.regions, &opts, NULL, NULL, err),
            rgq_table_free(table), 30);
    release(&s);
}
END_TEST

START_TEST(notes_say_what_the_intervals_are)
{
    const rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    rgq_noise_budget budget = {true, 0.25, {5.0, 5.0, 6.0}, 12.5, "a sentence"};
    char *text = NULL;

    MUST(rgq_measure_notes(&text, &opts, &budget, err));
    static const char *const words[] = {"\"confidence\": 0.95", "a sentence",     "12.5",
                                        "proportional",         "partial-volume", "6.2035"};
    for (int i = 0; i < ROWS(words); i++)
        ck_assert_msg(strstr(text, words[i]) != NULL, "%s lacks %s", text, words[i]);
    rgq_free(text);
    TORTURE(rgq_measure_notes(&text, &opts, &budget, err), rgq_free(text), 2);
}
END_TEST

RGQ_CHECK_MAIN("measure.measure", tcase_add_test(tc, columns_of_the_contract);
               tcase_add_loop_test(tc, table_by_hand, 0, 2);
               tcase_add_test(tc, background_row_empty_row_and_corner);
               tcase_add_test(tc, background_of_no_use);
               tcase_add_test(tc, interval_follows_the_background_alone);
               tcase_add_test(tc, fractional_region); tcase_add_test(tc, refusals);
               tcase_add_test(tc, sheared_grid_is_refused); tcase_add_test(tc, each_by_its_own);
               tcase_add_test(tc, backgrounds_refused);
               tcase_add_test(tc, same_bits_for_any_threads); tcase_add_test(tc, torture);
               tcase_add_test(tc, notes_say_what_the_intervals_are))
