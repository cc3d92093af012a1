#include "num/stats.h"

#include <math.h>
#include <string.h>

#include "num/rng.h"
#include "rgq_check.h"

/* Type 7 by hand: h = 3 p for four values. */
START_TEST(quantiles_of_four_values)
{
    static const struct {
        double p, want;
    } rows[] = {{0.0, 1.0},  {0.25, 1.75}, {0.5, 3.0},  {0.75, 5.5},
                {1.0, 10.0}, {0.1, 1.3},   {-0.5, 1.0}, {1.5, 10.0}};
    double d[] = {10.0, 2.0, 1.0, 4.0};
    float f[] = {4.0F, 10.0F, 1.0F, 2.0F};

    rgq_sort_double(d, 4);
    rgq_sort_float(f, 4);
    for (int i = 0; i < ROWS(rows); i++) { /* 1e-14: a few roundings of numbers up to 10 */
        ck_assert_double_eq_tol(rgq_quantile_double(d, 4, rows[i].p), rows[i].want, 1e-14);
        ck_assert_double_eq_tol(rgq_quantile_float(f, 4, rows[i].p), rows[i].want, 1e-14);
    }
}
END_TEST

START_TEST(quantiles_of_one_value_and_of_none)
{
    const double one = 7.5;
    const float onef = 7.5F;

    for (int i = 0; i <= 4; i++) {
        ck_assert(rgq_quantile_double(&one, 1, 0.25 * i) == 7.5);
        ck_assert(rgq_quantile_float(&onef, 1, 0.25 * i) == 7.5);
    }
    ck_assert(isnan(rgq_quantile_double(NULL, 0, 0.5)));
    ck_assert(isnan(rgq_quantile_float(NULL, 0, 0.5)));
    rgq_sort_float(NULL, 0);
    rgq_sort_double(NULL, 0);
}
END_TEST

/* Against the sorted sample: rising, falling, many alike, two values, an organ pipe, a mixture.
 */
START_TEST(selection_agrees_with_sorting)
{
    enum { N = 1500, LEVELS = 7 };
    static const double p[LEVELS] = {0.0, 0.01, 0.25, 0.5, 0.75, 0.75, 1.0};
    static const int size[] = {1, 2, 3, 24, 25, 26, 400, 1023, N};
    float sample[N];
    float sorted[N];
    double got[LEVELS];

    for (size_t k = 0; k < sizeof size / sizeof size[0]; k++) {
        for (int i = 0; i < size[k]; i++) {
            const int kind[6] = {i, -i, i % 7, i % 2, i < N / 2 ? i : N - i, i * 7919 % 1013};
            sample[i] = sorted[i] = (float)kind[_i];
        }
        rgq_sort_float(sorted, (size_t)size[k]);
        rgq_quantiles_float(got, p, LEVELS, sample, (size_t)size[k]);
        for (int l = 0; l < LEVELS; l++)
            ck_assert(got[l] == rgq_quantile_float(sorted, (size_t)size[k], p[l]));
        rgq_sort_float(sample, (size_t)size[k]); /* nothing was lost */
        ck_assert_mem_eq(sample, sorted, (size_t)size[k] * sizeof *sample);
    }
    rgq_quantiles_float(got, p, 1, NULL, 0);
    ck_assert(isnan(got[0]));
}
END_TEST

START_TEST(sorting_orders_and_keeps_every_value)
{
    enum { N = 5000 };
    static float f[N];
    static double d[N];
    rgq_rng *rng = NULL;
    double before = 0.0;
    double after = 0.0;

    MUST(rgq_rng_create(&rng, 11, err));
    for (int i = 0; i < N; i++) {
        d[i] = floor(200.0 * rgq_rng_uniform(rng)) - 100.0; /* ties, both signs, exact sums */
        f[i] = (float)d[i];
        before += d[i];
    }
    rgq_sort_float(f, N);
    rgq_sort_double(d, N);
    for (int i = 0; i < N; i++) {
        ck_assert(i == 0 || (f[i] >= f[i - 1] && d[i] >= d[i - 1]));
        ck_assert((double)f[i] == d[i]);
        after += d[i];
    }
    ck_assert(before == after);
    rgq_rng_free(rng);
}
END_TEST

/* Closed forms: dof 1: tan(pi (p - 1/2)); dof 2: (2p - 1) / sqrt(2 p (1 - p)); and values of
 * the tables in every statistics book. */
START_TEST(student_quantiles)
{
    static const double ps[] = {1e-9, 1e-4, 0.025, 0.2, 0.4999, 0.5, 0.6, 0.9, 0.975, 0.999};

    for (int i = 0; i < ROWS(ps); i++) {
        const double p = ps[i];
        const double one = tan(acos(-1.0) * (p - 0.5));
        const double two = (2.0 * p - 1.0) / sqrt(2.0 * p * (1.0 - p));
        /* 1e-7: the library's distribution function near p = 1/2 and in the far tail */
        ck_assert_double_le(fabs(rgq_t_quantile(p, 1.0) - one), 1e-7 * fabs(one) + 1e-10);
        ck_assert_double_le(fabs(rgq_t_quantile(p, 2.0) - two), 1e-7 * fabs(two) + 1e-10);
        ck_assert_double_le(fabs(rgq_t_quantile(p, 7.3) + rgq_t_quantile(1.0 - p, 7.3)),
                            1e-6 * fabs(rgq_t_quantile(p, 7.3)) + 1e-12);
    }
    ck_assert_double_eq_tol(rgq_t_quantile(0.975, 10.0), 2.2281388520, 1e-9);
    ck_assert_double_eq_tol(rgq_t_quantile(0.975, 50.0), 2.0085591121, 1e-8);
    ck_assert_double_eq_tol(rgq_t_quantile(0.975, 1e7), 1.95996422, 1e-6);
    ck_assert(rgq_t_quantile(0.975, (double)INFINITY) == rgq_normal_quantile(0.975));
}
END_TEST

START_TEST(normal_quantiles)
{
    ck_assert_double_eq_tol(rgq_normal_quantile(0.975), 1.959963984540054, 1e-12);
    ck_assert_double_eq_tol(rgq_normal_quantile(0.5), 0.0, 1e-15);
    ck_assert_double_eq_tol(rgq_normal_quantile(0.001), -3.090232306167813, 1e-12);
}
END_TEST

START_TEST(probabilities_outside_give_nan)
{
    static const double ps[] = {-0.1, 0.0, 1.0, 1.1};

    for (int i = 0; i < ROWS(ps); i++) {
        ck_assert(isnan(rgq_normal_quantile(ps[i])));
        ck_assert(isnan(rgq_t_quantile(ps[i], 5.0)));
    }
    ck_assert(isnan(rgq_normal_quantile((double)NAN)));
    ck_assert(isnan(rgq_t_quantile((double)NAN, 5.0)));
    ck_assert(isnan(rgq_t_quantile(0.5, 0.0)));
    ck_assert(isnan(rgq_t_quantile(0.5, -1.0)));
    ck_assert(isinf(rgq_t_quantile(1e-12, 0.01)));
}
END_TEST

/* R 4.2.2: qf, qchisq, qbeta, pf, pchisq, pbeta, pt, pnorm. */
START_TEST(distributions_as_in_r)
{
    const double rows[][2] = {{rgq_f_quantile(0.975, 3.5, 7.25), 5.54917986297385},
                              {rgq_chi2_quantile(0.025, 10.0), 3.24697278023684},
                              {rgq_chi2_quantile(0.999, 200.0), 267.540527822757},
                              {rgq_beta_quantile(0.05, 2.0, 3.5), 0.0857274942148952},
                              {rgq_beta_quantile(0.975, 0.5, 20.0), 0.119407023955036},
                              {rgq_f_tail(2.5, 3.0, 8.0), 0.133484535021578},
                              {rgq_chi2_tail(12.0, 5.0), 0.0347877805062419},
                              {rgq_beta_below(0.3, 2.0, 5.0), 0.579825},
                              {rgq_t_two_sided(-3.3, 7.7), 0.0114575037786827},
                              {rgq_normal_tail(10.0), 7.61985302416053e-24},
                              {rgq_t_quantile(0.975, 4.7319087), 2.61501056829758},
                              {exp(rgq_log_choose(10.0, 3.0)), 120.0}};

    for (int i = 0; i < ROWS(rows); i++) /* 1e-12: the digits R was asked for are 15 */
        ck_assert_double_le(fabs(rows[i][0] - rows[i][1]), 1e-12 * rows[i][1]);
    ck_assert(rgq_f_tail(0.0, 1.0, 1.0) == 1.0 && rgq_chi2_tail(-1.0, 2.0) == 1.0);
    ck_assert(rgq_beta_below(0.0, 1.0, 1.0) == 0.0 && rgq_beta_below(1.0, 1.0, 1.0) == 1.0);
    ck_assert(rgq_t_two_sided((double)INFINITY, 3.0) == 0.0);
    ck_assert(rgq_t_two_sided(1.0, (double)INFINITY) == 2.0 * rgq_normal_tail(1.0));
    ck_assert(rgq_log_choose(5.0, 5.0) == 0.0 && rgq_log_choose(5.0, -1.0) == 0.0);
    ck_assert(isnan(rgq_f_quantile(0.0, 1.0, 1.0)) && isnan(rgq_chi2_quantile(0.5, 0.0)));
    ck_assert(isnan(rgq_beta_quantile(1.0, 1.0, 1.0)) && isnan(rgq_f_tail(1.0, 0.0, 1.0)));
    ck_assert(isnan(rgq_t_two_sided((double)NAN, 1.0)) && isnan(rgq_chi2_tail(1.0, -1.0)));
    ck_assert(isnan(rgq_beta_below(0.5, 0.0, 1.0)));
}
END_TEST

RGQ_CHECK_MAIN("stats", tcase_add_test(tc, quantiles_of_four_values);
               tcase_add_test(tc, quantiles_of_one_value_and_of_none);
               tcase_add_loop_test(tc, selection_agrees_with_sorting, 0, 6);
               tcase_add_test(tc, sorting_orders_and_keeps_every_value);
               tcase_add_test(tc, student_quantiles); tcase_add_test(tc, normal_quantiles);
               tcase_add_test(tc, probabilities_outside_give_nan);
               tcase_add_test(tc, distributions_as_in_r))
