/* Recovery coefficients: the fit finds the curve it was given, the budget is that of small
 * changes, intervals hold what they promise, and nothing is extrapolated. */
#include <math.h>
#include <string.h>

#include "num/rng.h"
#include "rgdquant/recovery.h"
#include "rgq_check.h"

static const rgq_column columns[] = {{"diameter_mm", RGQ_COLUMN_REAL, "mm", "of the sphere"},
                                     {"rc_mean", RGQ_COLUMN_REAL, NULL, "recovery"},
                                     {"rc_mean_sd", RGQ_COLUMN_REAL, NULL, "its noise"}};

/* The spheres of the NEMA image quality phantom. */
static const double nema_mm[] = {10.0, 13.0, 17.0, 22.0, 28.0, 37.0};

static double curve_of(double d_mm, double beta_mm, double gamma)
{
    return 1.0 / (1.0 + pow(beta_mm / d_mm, gamma));
}

static rgq_table *table_of(const double *d_mm, const double *rc, const double *sd, int n)
{
    rgq_table *table = NULL;

    MUST(rgq_table_create(&table, columns, sd != NULL ? 3 : 2, err));
    for (int i = 0; i < n; i++) {
        MUST(rgq_table_add_row(table, err));
        rgq_table_set_real(table, "diameter_mm", d_mm[i]);
        rgq_table_set_real(table, "rc_mean", rc[i]);
        if (sd != NULL)
            rgq_table_set_real(table, "rc_mean_sd", sd[i]);
    }
    return table;
}

static rgq_recovery_curve fit_of(const double *d_mm, const double *rc, const double *sd, int n)
{
    rgq_recovery_curve curve;
    rgq_table *table = table_of(d_mm, rc, sd, n);

    MUST(rgq_recovery_fit(&curve, table, err));
    rgq_table_free(table);
    return curve;
}

static double volume_ml(double d_mm)
{
    return acos(-1.0) / 6.0 * d_mm * d_mm * d_mm / 1000.0;
}

/* Points on a curve give it back, whatever their order; n/a rows are left out. */
START_TEST(fit_finds_the_curve)
{
    static const struct {
        double beta_mm;
        double gamma;
    } rows[] = {{9.0, 3.0}, {12.5, 1.4}, {4.0, 6.0}, {30.0, 2.0}};
    const double d_mm[] = {28.0, 10.0, 37.0, 13.0, (double)NAN, 22.0, 17.0};
    double rc[7];

    for (int i = 0; i < 7; i++)
        rc[i] = curve_of(d_mm[i], rows[_i].beta_mm, rows[_i].gamma);
    const rgq_recovery_curve curve = fit_of(d_mm, rc, NULL, 7);
    ck_assert_int_eq(curve.n_points, 6);
    for (int i = 0; i < 6; i++)
        ck_assert_double_eq_tol(curve.diameter_mm[i], nema_mm[i], 1e-12);
    ck_assert_double_eq_tol(curve.beta_mm / rows[_i].beta_mm, 1.0, 1e-9);
    ck_assert_double_eq_tol(curve.gamma / rows[_i].gamma, 1.0, 1e-9);
    ck_assert_double_lt(curve.residual_sd, 1e-9);
    ck_assert_double_lt(curve.covariance[0][0], 1e-9);
}
END_TEST

/* No pair of parameters beside the fitted one has a smaller sum of squares; weights count. */
START_TEST(fit_is_the_minimum)
{
    const double rc[] = {0.45, 0.52, 0.78, 0.80, 0.93, 1.02};
    const double sd[] = {0.10, 0.05, 0.02, 0.04, 0.03, 0.01};
    const bool weighted = _i == 1;
    const rgq_recovery_curve c = fit_of(nema_mm, rc, weighted ? sd : NULL, 6);
    double sum[9] = {0.0};

    for (int k = 0; k < 9; k++)
        for (int i = 0; i < 6; i++) {
            const double beta_mm = c.beta_mm * (1.0 + 1e-4 * (double)(k % 3 - 1));
            const double gamma = c.gamma * (1.0 + 1e-4 * (double)(k / 3 - 1));
            const double e = rc[i] - curve_of(nema_mm[i], beta_mm, gamma);
            sum[k] += e * e / (weighted ? sd[i] * sd[i] : 1.0);
        }
    for (int k = 0; k < 9; k++)
        if (k != 4)
            ck_assert_double_lt(sum[4], sum[k]);
    ck_assert_double_gt(c.residual_sd, 0.01);
    ck_assert_double_gt(c.covariance[0][0], 0.0);
    ck_assert_double_gt(c.covariance[0][0] * c.covariance[1][1],
                        c.covariance[0][1] * c.covariance[0][1]);
}
END_TEST

/* The covariance is what the fits of many noisy phantoms scatter by. */
START_TEST(covariance_is_that_of_repeated_fits)
{
    enum { REPEATS = 2000 };
    const double sd = 0.01;
    const double sds[] = {0.01, 0.01, 0.01, 0.01, 0.01, 0.01};
    rgq_rng *rng = NULL;
    double sum[2] = {0.0, 0.0};
    double square[3] = {0.0, 0.0, 0.0};
    double rc[6];

    MUST(rgq_rng_create(&rng, 17, err));
    for (int i = 0; i < 6; i++)
        rc[i] = curve_of(nema_mm[i], 9.0, 2.5);
    const rgq_recovery_curve exact = fit_of(nema_mm, rc, sds, 6);
    for (int k = 0; k < REPEATS; k++) {
        double noisy[6];
        for (int i = 0; i < 6; i++)
            noisy[i] = rc[i] + rgq_rng_gaussian(rng, sd);
        const rgq_recovery_curve c = fit_of(nema_mm, noisy, sds, 6);
        const double e[2] = {c.beta_mm - 9.0, c.gamma - 2.5};
        for (int i = 0; i < 2; i++)
            sum[i] += e[i];
        square[0] += e[0] * e[0];
        square[1] += e[0] * e[1];
        square[2] += e[1] * e[1];
    }
    /* 2000 repeats know a variance to 3.2 %; three times that */
    ck_assert_double_eq_tol(square[0] / REPEATS / exact.covariance[0][0], 1.0, 0.1);
    ck_assert_double_eq_tol(square[2] / REPEATS / exact.covariance[1][1], 1.0, 0.1);
    ck_assert_double_eq_tol(square[1] / REPEATS / exact.covariance[0][1], 1.0, 0.3);
    ck_assert_double_lt(fabs(sum[0] / REPEATS), 0.1);
    rgq_rng_free(rng);
}
END_TEST

/* By hand: a sphere of diameter beta recovers half of its contrast. */
START_TEST(half_is_recovered_at_beta)
{
    double rc[6];
    rgq_recovery_result r;

    for (int i = 0; i < 6; i++)
        rc[i] = curve_of(nema_mm[i], 15.0, 3.0);
    const rgq_recovery_curve curve = fit_of(nema_mm, rc, NULL, 6);
    const rgq_recovery_lesion lesion = {.mean = 6.0,
                                        .mean_sd = 0.3,
                                        .background = 2.0,
                                        .background_sd = 0.1,
                                        .volume_ml = volume_ml(15.0)};
    MUST(rgq_recovery_correct(&r, &curve, &lesion, 0.95, err));
    ck_assert_double_eq_tol(r.diameter_mm, 15.0, 1e-9);
    ck_assert_double_eq_tol(r.rc, 0.5, 1e-9);
    ck_assert_double_eq_tol(r.corrected, 10.0, 1e-7);
    ck_assert_double_eq_tol(r.sd_noise, hypot(0.6, 0.1), 1e-9);
    ck_assert_double_eq_tol(r.sd, r.sd_noise, 1e-6);
    /* nothing but noise: the normal distribution */
    ck_assert_double_eq_tol(r.ci_high - r.corrected, 1.959964 * r.sd, 1e-5);
    ck_assert_double_eq_tol(r.corrected - r.ci_low, 1.959964 * r.sd, 1e-5);
}
END_TEST

static double corrected_of(const rgq_recovery_curve *curve, const rgq_recovery_lesion *lesion)
{
    rgq_recovery_result r;

    MUST(rgq_recovery_correct(&r, curve, lesion, 0.95, err));
    return r.corrected;
}

/* Each part of the budget against differences of the result itself. */
START_TEST(budget_is_that_of_small_changes)
{
    const double rc[] = {0.35, 0.50, 0.66, 0.79, 0.88, 0.93};
    const rgq_recovery_curve curve = fit_of(nema_mm, rc, NULL, 6);
    const rgq_recovery_lesion lesion = {5.0, 0.2, 1.0, 0.05, 1.7, 0.3};
    const double h = 1e-6;
    rgq_recovery_result r;

    MUST(rgq_recovery_correct(&r, &curve, &lesion, 0.9, err));
    rgq_recovery_lesion l = lesion;
    l.volume_ml *= 1.0 + h;
    const double by_volume = (corrected_of(&curve, &l) - r.corrected) / (h * lesion.volume_ml);
    ck_assert_double_eq_tol(r.sd_volume / (fabs(by_volume) * 0.3), 1.0, 1e-4);
    rgq_recovery_curve c = curve;
    c.beta_mm *= 1.0 + h;
    const double by_beta = (corrected_of(&c, &lesion) - r.corrected) / (h * curve.beta_mm);
    c = curve;
    c.gamma *= 1.0 + h;
    const double by_gamma = (corrected_of(&c, &lesion) - r.corrected) / (h * curve.gamma);
    const double variance = by_beta * by_beta * curve.covariance[0][0] +
                            2.0 * by_beta * by_gamma * curve.covariance[0][1] +
                            by_gamma * by_gamma * curve.covariance[1][1];
    ck_assert_double_eq_tol(r.sd_curve / sqrt(variance), 1.0, 1e-4);
    ck_assert_double_eq_tol(r.sd_scatter, 4.0 / (r.rc * r.rc) * curve.residual_sd, 1e-9);
    ck_assert_double_eq_tol(r.sd,
                            sqrt(r.sd_noise * r.sd_noise + r.sd_volume * r.sd_volume +
                                 r.sd_curve * r.sd_curve + r.sd_scatter * r.sd_scatter),
                            1e-12);
    ck_assert_double_lt(r.ci_low, r.corrected);
    ck_assert_double_gt(r.ci_high, r.corrected);
}
END_TEST

/* Phantoms whose spheres scatter, lesions that scatter alike with noise and volumes that are
 * not known well: 95 % of the intervals must hold the truth. 4000 cases know that to 0.34 %;
 * the intervals are those of linear error propagation, so 2 % are allowed. */
START_TEST(intervals_hold_the_truth)
{
    enum { REPEATS = 4000 };
    const double beta_mm = 8.0;
    const double gamma = 2.2;
    const double scatter = 0.015;
    rgq_rng *rng = NULL;
    int held = 0;

    MUST(rgq_rng_create(&rng, 23 + (uint64_t)_i, err));
    for (int k = 0; k < REPEATS; k++) {
        double rc[6];
        rgq_recovery_result r;
        for (int i = 0; i < 6; i++)
            rc[i] = curve_of(nema_mm[i], beta_mm, gamma) + rgq_rng_gaussian(rng, scatter);
        const rgq_recovery_curve curve = fit_of(nema_mm, rc, NULL, 6);
        const double d_mm = 12.0 + 20.0 * rgq_rng_uniform(rng);
        const double truth = 10.0;
        const double background = 2.0;
        const double own = curve_of(d_mm, beta_mm, gamma) + rgq_rng_gaussian(rng, scatter);
        rgq_recovery_lesion lesion = {.background = background,
                                      .volume_ml = volume_ml(d_mm),
                                      .mean = background + (truth - background) * own};
        if (_i == 1) {
            lesion.mean_sd = 0.2;
            lesion.background_sd = 0.1;
            lesion.volume_sd_ml = 0.05 * lesion.volume_ml;
            lesion.mean += rgq_rng_gaussian(rng, lesion.mean_sd);
            lesion.background += rgq_rng_gaussian(rng, lesion.background_sd);
            lesion.volume_ml += rgq_rng_gaussian(rng, lesion.volume_sd_ml);
        }
        MUST(rgq_recovery_correct(&r, &curve, &lesion, 0.95, err));
        held += r.ci_low <= truth && truth <= r.ci_high ? 1 : 0;
    }
    ck_assert_double_eq_tol((double)held / REPEATS, 0.95, 0.02);
    rgq_rng_free(rng);
}
END_TEST

START_TEST(tables_are_refused)
{
    static const struct {
        double d_mm[4];
        double rc[4];
        int n;
        rgq_status status;
        const char *words;
    } rows[] = {
        {{10.0, 20.0}, {0.5, 0.8}, 2, RGQ_E_FORMAT, "2 recovery coefficients"},
        {{10.0, 20.0, 30.0}, {0.5, (double)NAN, 0.9}, 3, RGQ_E_FORMAT, "2 recovery"},
        {{10.0, 10.0, 10.0}, {0.5, 0.6, 0.7}, 3, RGQ_E_FORMAT, "of different sizes"},
        {{10.0, 0.0, 30.0}, {0.5, 0.6, 0.7}, 3, RGQ_E_FORMAT, "row 2"},
        {{10.0, 20.0, 30.0}, {0.5, 1.6, 0.7}, 3, RGQ_E_FORMAT, "rc_mean is 1.6"},
        {{10.0, 20.0, 30.0}, {0.5, -0.1, 0.7}, 3, RGQ_E_FORMAT, "rc_mean is -0.1"},
        {{10.0, 20.0, 30.0}, {0.9, 0.6, 0.3}, 3, RGQ_E_NUMERIC, "rise with the diameter"},
    };
    rgq_recovery_curve curve = {.beta_mm = 42.0};
    rgq_table *table = table_of(rows[_i].d_mm, rows[_i].rc, NULL, rows[_i].n);

    REFUSED(rgq_recovery_fit(&curve, table, err), rows[_i].status, rows[_i].words);
    ck_assert_double_eq(curve.beta_mm, 42.0);
    rgq_table_free(table);
}
END_TEST

START_TEST(columns_are_needed)
{
    static const rgq_column other[] = {{"diameter_mm", RGQ_COLUMN_REAL, "mm", "of a sphere"},
                                       {"rc_mean", RGQ_COLUMN_TEXT, NULL, "a word"}};
    rgq_recovery_curve curve;
    rgq_table *table = NULL;

    MUST(rgq_table_create(&table, other, _i + 1, err));
    REFUSED(rgq_recovery_fit(&curve, table, err), RGQ_E_FORMAT, "no column 'rc_mean'");
    rgq_table_free(table);
}
END_TEST

START_TEST(lesions_are_refused)
{
    static const struct {
        double mean;
        double volume_ml;
        double confidence;
        const char *words;
    } rows[] = {
        {5.0, 0.5, 0.95, "nothing is extrapolated"},   /* 9.85 mm */
        {5.0, 215.0, 0.95, "nothing is extrapolated"}, /* 74.3 mm */
        {5.0, 0.0, 0.95, "a positive volume"},
        {5.0, (double)NAN, 0.95, "a positive volume"},
        {(double)NAN, 1.0, 0.95, "finite values"},
        {5.0, 1.0, 1.0, "confidence of 1"},
        {5.0, 1.0, 0.0, "confidence of 0"},
    };
    const double rc[] = {0.35, 0.50, 0.66, 0.79, 0.88, 0.93};
    const rgq_recovery_curve curve = fit_of(nema_mm, rc, NULL, 6);
    const rgq_recovery_lesion lesion = {.mean = rows[_i].mean, .volume_ml = rows[_i].volume_ml};
    rgq_recovery_result r = {.corrected = 42.0};

    REFUSED(rgq_recovery_correct(&r, &curve, &lesion, rows[_i].confidence, err), RGQ_E_ARGUMENT,
            rows[_i].words);
    ck_assert_double_eq(r.corrected, 42.0);
}
END_TEST

START_TEST(spheres_of_the_phantom_pass)
{
    const double rc[] = {0.35, 0.50, 0.66, 0.79, 0.88, 0.93};
    const rgq_recovery_curve curve = fit_of(nema_mm, rc, NULL, 6);
    rgq_recovery_lesion lesion = {.mean = 5.0, .volume_ml = volume_ml(10.0)};

    ck_assert_double_gt(corrected_of(&curve, &lesion), 5.0);
    lesion.volume_ml = volume_ml(73.9);
    ck_assert_double_gt(corrected_of(&curve, &lesion), 5.0);
}
END_TEST

START_TEST(hopeless_recovery_is_refused)
{
    const double rc[] = {0.01, 0.03, 0.07, 0.2, 0.4, 0.7};
    const rgq_recovery_curve curve = fit_of(nema_mm, rc, NULL, 6);
    const rgq_recovery_lesion lesion = {.mean = 5.0, .volume_ml = volume_ml(10.5)};
    rgq_recovery_result r;

    REFUSED(rgq_recovery_correct(&r, &curve, &lesion, 0.95, err), RGQ_E_ARGUMENT,
            "mostly noise");
}
END_TEST

RGQ_CHECK_MAIN("pvc recovery", tcase_add_loop_test(tc, fit_finds_the_curve, 0, 4);
               tcase_add_loop_test(tc, fit_is_the_minimum, 0, 2);
               tcase_add_test(tc, covariance_is_that_of_repeated_fits);
               tcase_add_test(tc, half_is_recovered_at_beta);
               tcase_add_test(tc, budget_is_that_of_small_changes);
               tcase_add_loop_test(tc, intervals_hold_the_truth, 0, 2);
               tcase_add_loop_test(tc, tables_are_refused, 0, 7);
               tcase_add_loop_test(tc, columns_are_needed, 0, 2);
               tcase_add_loop_test(tc, lesions_are_refused, 0, 7);
               tcase_add_test(tc, spheres_of_the_phantom_pass);
               tcase_add_test(tc, hopeless_recovery_is_refused))
