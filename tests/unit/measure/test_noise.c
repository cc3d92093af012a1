/* measure/noise.c: sums over pairs, known correlations, Fieller's interval, coverage. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "measure/noise.h"
#include "rgq_check.h"

enum { N = 36, COUNT = N * N * N };

/* splitmix64 and Box-Muller, of the test's own. */
static unsigned long long seed_of_test;

static double uniform(void)
{
    seed_of_test += 0x9E3779B97F4A7C15ULL;
    unsigned long long z = seed_of_test;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    z ^= z >> 31;
    return ((double)(z >> 11) + 0.5) / 9007199254740992.0;
}

static double gauss(void)
{
    const double radius = sqrt(-2.0 * log(uniform()));
    return radius * cos(6.283185307179586 * uniform());
}

static double field[COUNT];

/* White noise of variance 1 after a periodic Gaussian of sd `sigma` voxels, variance 1 again.
 */
static void make_noise(double sigma)
{
    double kernel[32];
    const int reach = (int)(3.5 * sigma) + 1;
    double squares = 0.0;

    for (int i = 0; i < COUNT; i++)
        field[i] = gauss();
    if (sigma <= 0.0)
        return;
    for (int k = -reach; k <= reach; k++) {
        kernel[k + reach] = exp(-0.5 * k * k / (sigma * sigma));
        squares += kernel[k + reach] * kernel[k + reach];
    }
    for (int axis = 0; axis < 3; axis++) {
        const int stride = axis == 0 ? 1 : axis == 1 ? N : N * N;
        for (int first = 0; first < COUNT; first++) {
            double line[N + 64]; /* one line, with its ends repeated */
            if (first / stride % N != 0)
                continue;
            for (int c = -reach; c < N + reach; c++)
                line[c + reach] = field[first + (c + N) % N * stride];
            for (int c = 0; c < N; c++) {
                double s = 0.0;
                for (int k = 0; k <= 2 * reach; k++)
                    s += kernel[k] * line[c + k];
                field[first + c * stride] = s / sqrt(squares);
            }
        }
    }
}

static rgq_grid make_grid(void)
{
    return rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 2, 2},
                         (const double[3]){0, 0, 0});
}

/* Two balls: "bg" of radius rb, "les" of radius rl (voxels), apart. */
static rgq_regions *two_balls(double rb, double rl)
{
    static uint8_t bg[COUNT];
    static uint8_t les[COUNT];
    const rgq_grid grid = make_grid();
    rgq_regions *set = NULL;

    for (int i = 0; i < COUNT; i++) {
        const double x = i % N;
        const double y = i / N % N - 17.0;
        const double z = i / (N * N) - 17.0;
        bg[i] = (x - 10) * (x - 10) + y * y + z * z <= rb * rb;
        les[i] = (x - 29) * (x - 29) + y * y + z * z <= rl * rl;
    }
    MUST(rgq_regions_create(&set, &grid, err));
    MUST(rgq_regions_add_mask(set, "bg", 1, bg, err));
    MUST(rgq_regions_add_mask(set, "les", 2, les, err));
    return set;
}

static double rho_of(const rgq_noise *noise, int axis, int lag)
{
    return lag <= noise->n_lags[axis] ? noise->rho[axis][lag] : 0.0;
}

/* Every pair of voxels of two fractional, overlapping regions. */
START_TEST(pairs_agree_with_the_double_sum)
{
    enum { S = 7 };
    const rgq_grid grid = rgq_grid_make((const int[3]){S, S, S}, (const double[3]){2, 2, 2},
                                        (const double[3]){0, 0, 0});
    static const int centre[3][2] = {{2, 4}, {1, 5}, {3, 3}};
    float w[2][S * S * S];
    rgq_regions *set = NULL;
    rgq_noise noise = {.rho = {{1.0, 0.6, 0.2}, {1.0, 0.3}, {1.0, 0.8, 0.5, 0.1}},
                       .n_lags = {2, 1, 3}};
    double got = 0.0;

    seed_of_test = 5;
    MUST(rgq_regions_create(&set, &grid, err));
    for (int r = 0; r < 2; r++) {
        for (int i = 0; i < S * S * S; i++) {
            const int d = abs(i % S - centre[_i][r]) + abs(i / S % S - centre[_i][r]) +
                          abs(i / (S * S) - centre[_i][r]);
            w[r][i] = d <= 3 ? (float)uniform() : 0.0f;
        }
        MUST(rgq_regions_add(set, r == 0 ? "a" : "b", r + 1, w[r], err));
    }
    for (int power = 1; power <= 2; power++) {
        double want = 0.0;
        double sum[2] = {0.0, 0.0};
        for (int i = 0; i < S * S * S; i++) {
            sum[0] += (double)w[0][i];
            sum[1] += (double)w[1][i];
            for (int j = 0; j < S * S * S; j++) {
                const double rho = rho_of(&noise, 0, abs(i % S - j % S)) *
                                   rho_of(&noise, 1, abs(i / S % S - j / S % S)) *
                                   rho_of(&noise, 2, abs(i / (S * S) - j / (S * S)));
                want += (double)w[0][i] * (double)w[1][j] * pow(rho, power);
            }
        }
        want /= sum[0] * sum[1];
        MUST(rgq_noise_pairs(&got, &noise, rgq_regions_at(set, 0), rgq_regions_at(set, 1),
                             power, err));
        ck_assert_double_eq_tol(got, want, 1e-14);
        MUST(rgq_noise_pairs(&got, &noise, rgq_regions_at(set, 1), rgq_regions_at(set, 0),
                             power, err));
        ck_assert_double_eq_tol(got, want, 1e-14);
    }
    TORTURE(
        rgq_noise_pairs(&got, &noise, rgq_regions_at(set, 0), rgq_regions_at(set, 1), 1, err),
        (void)0, 4);
    rgq_regions_free(set);
}
END_TEST

/* Far apart: no covariance. Uncorrelated: 1/n. */
START_TEST(pairs_by_hand)
{
    rgq_regions *set = two_balls(5, 3);
    rgq_noise noise = {.rho = {{1.0}, {1.0}, {1.0}}};
    double got = 1.0;

    MUST(rgq_noise_pairs(&got, &noise, rgq_regions_at(set, 0), rgq_regions_at(set, 1), 1, err));
    ck_assert(got == 0.0);
    MUST(rgq_noise_pairs(&got, &noise, rgq_regions_at(set, 0), rgq_regions_at(set, 0), 1, err));
    ck_assert_double_eq_tol(got * 515.0, 1.0, 1e-12); /* 515 lattice points in a radius of 5 */
    rgq_regions_free(set);
}
END_TEST

/* Variance 1 and, for a Gaussian of sd s, rho(l) = exp(-l^2 / 4 s^2), whose sum is 2 s
 * sqrt(pi); mean over ten images. */
START_TEST(known_correlation_is_found)
{
    static const double sigma[3] = {0.0, 1.0, 1.5};
    const rgq_grid grid = make_grid();
    rgq_regions *set = two_balls(9, 3);
    float values[COUNT];
    double variance = 0.0;
    double length = 0.0;
    rgq_noise_budget budget;
    rgq_noise noise;

    seed_of_test = 77;
    for (int trial = 0; trial < 10; trial++) {
        make_noise(sigma[_i]);
        for (int i = 0; i < COUNT; i++)
            values[i] = (float)(5.0 + field[i]);
        MUST(rgq_noise_measure(&noise, &budget, values, &grid, rgq_regions_at(set, 0), err));
        ck_assert(noise.known && budget.known);
        variance += budget.variance / 10.0;
        for (int a = 0; a < 3; a++)
            length += budget.correlation_mm[a] / 30.0;
    }
    const double want = sigma[_i] > 0.0 ? 2.0 * 2.0 * sigma[_i] * sqrt(3.14159265358979) : 2.0;
    /* ten images of some 30 independent samples each (s = 1.5): sd of the mean variance 5 %;
     * the cut at the first negative lag keeps a little chance correlation, +10 to +15 % */
    ck_assert_double_eq_tol(variance, 1.0, 0.15);
    ck_assert_double_gt(length, 0.85 * want);
    ck_assert_double_lt(length, 1.25 * want);
    rgq_regions_free(set);
}
END_TEST

/* A small background knows its mean from few samples, and deviations from it are too small by
 * Var(mean): without the correction the variance here comes out at 0.82. Mean over 80 images.
 */
START_TEST(small_background_is_not_biased)
{
    const rgq_grid grid = make_grid();
    rgq_regions *set = two_balls(5, 3);
    float values[COUNT];
    double variance = 0.0;
    rgq_noise_budget budget;
    rgq_noise noise;

    seed_of_test = 4711;
    for (int trial = 0; trial < 80; trial++) {
        make_noise(1.5);
        for (int i = 0; i < COUNT; i++)
            values[i] = (float)(5.0 + field[i]);
        MUST(rgq_noise_measure(&noise, &budget, values, &grid, rgq_regions_at(set, 0), err));
        variance += budget.variance / 80.0;
    }
    /* some 20 degrees of freedom an image: sd of the mean 4 % */
    ck_assert_double_gt(variance, 0.95);
    ck_assert_double_lt(variance, 1.12);
    rgq_regions_free(set);
}
END_TEST

START_TEST(small_and_silent_backgrounds)
{
    const rgq_grid grid = make_grid();
    rgq_regions *set = two_balls(1, 3); /* 7 voxels */
    float values[COUNT];
    rgq_noise_budget budget;
    rgq_noise noise;
    double factor = 0.0;

    for (int i = 0; i < COUNT; i++)
        values[i] = 2.0f;
    MUST(rgq_noise_measure(&noise, &budget, values, &grid, rgq_regions_at(set, 0), err));
    ck_assert(!noise.known && !budget.known && isnan(budget.variance));
    ck_assert_msg(strstr(budget.method, "7 voxels") != NULL, "%s", budget.method);
    MUST(rgq_noise_measure(&noise, &budget, values, &grid, rgq_regions_at(set, 1), err));
    ck_assert(noise.known && noise.variance == 0.0 && noise.mean == 2.0);
    MUST(rgq_noise_pairs(&factor, &noise, rgq_regions_at(set, 0), rgq_regions_at(set, 0), 1,
                         err));
    ck_assert_double_eq_tol(factor, 1.0 / 7.0, 1e-14);
    for (int i = 0; i < COUNT; i++) /* one long wave: fewer than two samples */
        values[i] = (float)(2.0 + sin(0.05 * (i % N)) * cos(0.04 * (i / N % N)));
    MUST(rgq_noise_measure(&noise, &budget, values, &grid, rgq_regions_at(set, 1), err));
    ck_assert_msg(!noise.known || budget.effective_n < 8.0, "%g", budget.effective_n);
    rgq_regions_free(set);
}
END_TEST

/* One slice thick: the third axis takes the correlation of the others. */
START_TEST(thin_background_borrows_the_correlation)
{
    const rgq_grid grid = make_grid();
    rgq_regions *set = NULL;
    static uint8_t slice[COUNT];
    float values[COUNT];
    rgq_noise_budget budget;
    rgq_noise noise;

    seed_of_test = 3;
    make_noise(1.5);
    for (int i = 0; i < COUNT; i++) {
        values[i] = (float)(5.0 + field[i]);
        slice[i] = i / (N * N) == 17;
    }
    MUST(rgq_regions_create(&set, &grid, err));
    MUST(rgq_regions_add_mask(set, "slice", 1, slice, err));
    MUST(rgq_noise_measure(&noise, &budget, values, &grid, rgq_regions_at(set, 0), err));
    ck_assert(noise.known);
    ck_assert(budget.correlation_mm[2] >= budget.correlation_mm[0] - 1e-9);
    ck_assert(budget.correlation_mm[2] >= budget.correlation_mm[1] - 1e-9);
    TORTURE(rgq_noise_measure(&noise, &budget, values, &grid, rgq_regions_at(set, 0), err),
            (void)0, 4);
    rgq_regions_free(set);
}
END_TEST

/* The ends solve (m - R b)^2 = t^2 (Vm - 2 R C + R^2 Vb): Fieller's definition. */
START_TEST(fieller_by_its_definition)
{
    static const double row[][5] = {{6, 2, 0.04, 0.01, 0.0},
                                    {6, 2, 0.04, 0.2, 0.0},
                                    {6, 2, 0.5, 0.1, 0.1},
                                    {-1, 2, 0.5, 0.1, -0.1},
                                    {0, 3, 0.1, 0.3, 0.02}};
    double ci[2];

    for (int i = 0; i < ROWS(row); i++) {
        const double *p = row[i];
        ck_assert(rgq_ratio_interval(ci, (rgq_estimate){p[0], p[2]}, (rgq_estimate){p[1], p[3]},
                                     p[4], 1.96));
        ck_assert(ci[0] < p[0] / p[1] && p[0] / p[1] < ci[1]);
        for (int e = 0; e < 2; e++) {
            const double left = (p[0] - ci[e] * p[1]) * (p[0] - ci[e] * p[1]);
            const double right = 1.96 * 1.96 * (p[2] - 2 * ci[e] * p[4] + ci[e] * ci[e] * p[3]);
            ck_assert_double_eq_tol(left, right, 1e-12 * (1.0 + left));
        }
    }
    /* a background that may be 0, or is below */
    ck_assert(!rgq_ratio_interval(ci, (rgq_estimate){6, 1}, (rgq_estimate){2, 1.1}, 0, 1.96));
    ck_assert(isnan(ci[0]) && isnan(ci[1]));
    ck_assert(!rgq_ratio_interval(ci, (rgq_estimate){6, 1}, (rgq_estimate){-2, 0}, 0, 1.96));
    /* without noise: the ratio; a region against itself: 1 */
    ck_assert(rgq_ratio_interval(ci, (rgq_estimate){6, 0}, (rgq_estimate){2, 0}, 0, 1.96));
    ck_assert(ci[0] == 3.0 && ci[1] == 3.0);
    ck_assert(rgq_ratio_interval(ci, (rgq_estimate){2, 0.1}, (rgq_estimate){2, 0.1}, 0.1, 2));
    ck_assert_double_eq_tol(ci[0], 1.0, 1e-7); /* the root of a rounding */
    ck_assert_double_eq_tol(ci[1], 1.0, 1e-7);
}
END_TEST

/* Noise of correlated images, a lesion of four times the background: how often the 95 %
 * interval holds the true ratio. Same seeds always, so the bounds (90 to 98 %, asked of the
 * method) only have to leave room for the drift of last bits. RGQ_LONG=1 runs more images and
 * sizes. */
START_TEST(intervals_cover)
{
    static const double row[][3] = {/* sd of the blur, background, lesion [voxels] */
                                    {1.5, 9, 3},
                                    {0.0, 6, 2},
                                    {1.5, 5, 3},
                                    {1.0, 7, 5}};
    const bool is_long = getenv("RGQ_LONG") != NULL;
    const int trials = is_long ? 1000 : row[_i][0] > 0.0 ? 80 : 200;
    const double target = 4.0;
    rgq_regions *set = NULL;
    rgq_volume *volume = NULL;
    const rgq_grid grid = make_grid();
    int covered = 0;
    int missing = 0;

    if (_i >= 2 && !is_long)
        return;
    set = two_balls(row[_i][1], row[_i][2]);
    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_SUV_BW, err));
    static bool hot[COUNT];
    for (int i = 0; i < COUNT; i++) {
        const int d[3] = {i % N - 29, i / N % N - 17, i / (N * N) - 17};
        hot[i] = d[0] * d[0] + d[1] * d[1] + d[2] * d[2] <= row[_i][2] * row[_i][2];
    }
    rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    opts.background = "bg";
    opts.noise = RGQ_NOISE_UNIFORM;
    seed_of_test = 2024;
    for (int trial = 0; trial < trials; trial++) {
        rgq_table *table = NULL;
        make_noise(row[_i][0]);
        for (int i = 0; i < COUNT; i++)
            rgq_volume_data(volume, 0)[i] = (float)((hot[i] ? target : 1.0) + 0.2 * field[i]);
        MUST(rgq_measure(&table, volume, set, &opts, NULL, NULL, err));
        const double lo = rgq_table_real(table, 1, rgq_table_find(table, "tbr_mean_ci_low"));
        const double hi = rgq_table_real(table, 1, rgq_table_find(table, "tbr_mean_ci_high"));
        missing += isnan(lo);
        covered += lo <= target && target <= hi;
        rgq_table_free(table);
    }
    const double share = (double)covered / (trials - missing);
    if (is_long)
        printf("blur %g, background %g, lesion %g: %d of %d intervals cover, %d missing\n",
               row[_i][0], row[_i][1], row[_i][2], covered, trials, missing);
    ck_assert_int_le(missing, trials / 50);
    ck_assert_msg(share >= 0.90 && share <= 0.98, "%g", share);
    rgq_volume_free(volume);
    rgq_regions_free(set);
}
END_TEST

RGQ_CHECK_MAIN("measure.noise", tcase_add_loop_test(tc, pairs_agree_with_the_double_sum, 0, 3);
               tcase_add_test(tc, pairs_by_hand);
               tcase_add_loop_test(tc, known_correlation_is_found, 0, 3);
               tcase_add_test(tc, small_background_is_not_biased);
               tcase_add_test(tc, small_and_silent_backgrounds);
               tcase_add_test(tc, thin_background_borrows_the_correlation);
               tcase_add_test(tc, fieller_by_its_definition);
               tcase_add_loop_test(tc, intervals_cover, 0, 4))
