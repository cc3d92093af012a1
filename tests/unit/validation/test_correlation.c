#include "rgdquant/correlation.h"

#include <math.h>
#include <string.h>

#include "cars.h"
#include "num/rng.h"
#include "rgq_check.h"
#include "validation/rank_p.h"

/* Anscombe 1973: x of the first three sets, of the fourth; y of all. */
static const double x123[11] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
static const double x4[11] = {8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8};
static const double y_of[4][11] = {
    {8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68},
    {9.14, 8.14, 8.74, 8.77, 9.26, 8.1, 6.13, 3.1, 9.13, 7.26, 4.74},
    {7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73},
    {6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.5, 5.56, 7.91, 6.89}};

static rgq_correlation correlate(const double *x, const double *y, size_t n,
                                 rgq_correlation_kind kind, rgq_p_method method)
{
    rgq_correlation c;
    rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;
    const rgq_pairs pairs = {x, y, NULL, n};

    opts.p_method = method;
    MUST(rgq_correlate(&c, &pairs, kind, &opts, err));
    return c;
}

/* cor.test() of R 4.2.2 for Anscombe's sets (Spearman by its series and by t with ties, Kendall
 * exact and normal with ties). 1e-12: roundings of 11 values; p 1e-11. */
START_TEST(four_sets_of_anscombe_as_in_r)
{
    static const double want[4][3][2] = {{{0.8164205163448399, 0.002169628873078792},
                                          {0.8181818181818182, 0.003734470553318561},
                                          {0.6363636363636364, 0.005707170915504323}},
                                         {{0.8162365060002429, 0.002178816236910791},
                                          {0.6909090909090909, 0.02305887420901616},
                                          {0.5636363636363636, 0.01654050424883757}},
                                         {{0.8162867394895982, 0.002176305279228026},
                                          {0.990909090909091, 0.0},
                                          {0.9636363636363636, 5.511463845309095e-07}},
                                         {{0.8165214368885029, 0.00216460234719722},
                                          {0.5, 0.1173068030142382},
                                          {0.4264014327112208, 0.1138462980066581}}};

    for (int set = 0; set < 4; set++)
        for (int kind = 0; kind < 3; kind++) {
            const rgq_correlation c = correlate(set < 3 ? x123 : x4, y_of[set], 11,
                                                (rgq_correlation_kind)kind, RGQ_P_R);
            ck_assert_double_eq_tol(c.naive.value, want[set][kind][0], 1e-12);
            ck_assert_double_eq_tol(c.naive.p, want[set][kind][1], 1e-11);
            ck_assert_int_eq((int)c.naive.n, 11);
        }
}
END_TEST

/* Hollander and Wolfe 1973, page 187: lightness and panel score of tuna; the example of R's
 * cor.test(), here with the digits R 4.2.2 gives. n = 9: both ways of p are exact. */
START_TEST(tuna_of_hollander_and_wolfe)
{
    static const double x[] = {44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1};
    static const double y[] = {2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8};
    static const double want[3][3] = {{0.571181557563829, 0.108173054349494, 1.8410826380},
                                      {0.6, 0.0967978395061728, 48.0},
                                      {0.444444444444444, 0.11943893298060, 16.0}};

    for (int method = 0; method < 2; method++)
        for (int kind = 0; kind < 3; kind++) {
            const rgq_correlation c =
                correlate(x, y, 9, (rgq_correlation_kind)kind, (rgq_p_method)method);
            ck_assert_double_eq_tol(c.naive.value, want[kind][0], 1e-12);
            ck_assert_double_eq_tol(c.naive.p, want[kind][1], 1e-12);
            ck_assert_double_eq_tol(c.statistic, want[kind][2], 1e-9);
        }
    const rgq_correlation r = correlate(x, y, 9, RGQ_PEARSON, RGQ_P_EXACT);
    ck_assert_double_eq_tol(r.naive.low, -0.149742633036757, 1e-12);
    ck_assert_double_eq_tol(r.naive.high, 0.895579461838739, 1e-12);
}
END_TEST

/* 12 ways of 11! are at least as far out: 0.00329926, where R's series says 0.00373447. */
START_TEST(exact_p_of_eleven_rows)
{
    const rgq_correlation c = correlate(x123, y_of[0], 11, RGQ_SPEARMAN, RGQ_P_EXACT);

    ck_assert_double_eq_tol(c.naive.p, 0.00329926246592913, 1e-14);
    /* The fourth set: one x apart, so y's place of it decides, 2 of 11. */
    ck_assert_double_eq_tol(correlate(x4, y_of[3], 11, RGQ_SPEARMAN, RGQ_P_EXACT).naive.p,
                            2.0 / 11.0, 1e-14);
    ck_assert_double_eq_tol(correlate(x4, y_of[3], 11, RGQ_KENDALL, RGQ_P_EXACT).naive.p,
                            2.0 / 11.0, 1e-14);
}
END_TEST

/* Nine rows with ties of three on both sides. R 4.2.2: t and the normal with all its terms. */
START_TEST(ties_of_three_as_in_r)
{
    static const double x[] = {1, 2, 2, 3, 3, 3, 4, 5, 5};
    static const double y[] = {2, 1, 2, 2, 4, 3, 3, 5, 4};

    ck_assert_double_eq_tol(correlate(x, y, 9, RGQ_SPEARMAN, RGQ_P_R).naive.p,
                            0.00677696650974008, 1e-15);
    ck_assert_double_eq_tol(correlate(x, y, 9, RGQ_KENDALL, RGQ_P_R).naive.p,
                            0.0147322571024864, 1e-15);
}
END_TEST

/* The formulas of Bonett and Wright 2000 in R, for Anscombe's first set. */
START_TEST(intervals_of_rank_correlations)
{
    const rgq_correlation s = correlate(x123, y_of[0], 11, RGQ_SPEARMAN, RGQ_P_EXACT);
    const rgq_correlation k = correlate(x123, y_of[0], 11, RGQ_KENDALL, RGQ_P_EXACT);

    ck_assert_double_eq_tol(s.naive.low, 0.337020487069828, 1e-12);
    ck_assert_double_eq_tol(s.naive.high, 0.960463634363089, 1e-12);
    ck_assert_double_eq_tol(k.naive.low, 0.256471489260947, 1e-12);
    ck_assert_double_eq_tol(k.naive.high, 0.845953858152975, 1e-12);
}
END_TEST

static int sign_of(double v)
{
    return (v > 0.0) - (v < 0.0);
}

static double slow_score(rgq_correlation_kind kind, const double *x, const double *y, int n)
{
    double score = 0.0;

    for (int i = 0; i < n; i++) {
        if (kind == RGQ_SPEARMAN)
            score += x[i] * y[i] - 0.25 * (n + 1.0) * (n + 1.0);
        for (int k = 0; k < i && kind == RGQ_KENDALL; k++)
            score += sign_of(x[i] - x[k]) * sign_of(y[i] - y[k]);
    }
    return score;
}

/* Visit all orders (Heap's algorithm) and count those as far out as `limit`. */
static long count_orders(rgq_correlation_kind kind, const double *x, double *y, int k, int n,
                         double limit)
{
    long count = 0;

    if (k == 1)
        return fabs(slow_score(kind, x, y, n)) >= limit - 1e-9;
    for (int i = 0; i < k; i++) {
        count += count_orders(kind, x, y, k - 1, n, limit);
        const int other = k % 2 == 0 ? i : 0;
        const double held = y[other];
        y[other] = y[k - 1];
        y[k - 1] = held;
    }
    return count;
}

START_TEST(exact_p_is_the_share_of_all_orders)
{
    static const double xs[][7] = {{1, 2, 3, 4, 5, 6, 7},
                                   {1, 2, 2, 3, 3, 3, 4},
                                   {1, 1, 1, 1, 2, 2, 2},
                                   {7, 1, 3, 3, 2, 9, 1},
                                   {5, 4, 4, 4, 4, 4, 1}};
    static const double ys[][7] = {{2, 1, 4, 3, 7, 5, 6},
                                   {2, 1, 2, 2, 4, 3, 3},
                                   {0, 0, 1, 0, 1, 1, 1},
                                   {1, 2, 2, 1, 2, 3, 3},
                                   {1, 2, 3, 4, 5, 6, 7}};

    for (int row = 0; row < ROWS(xs); row++)
        for (int kind = RGQ_SPEARMAN; kind <= RGQ_KENDALL; kind++) {
            rgq_ranked sorted[7];
            double x[7];
            double y[7];
            (void)rgq_midranks(x, xs[row], 7, sorted);
            (void)rgq_midranks(y, ys[row], 7, sorted);
            const double limit = fabs(slow_score((rgq_correlation_kind)kind, x, y, 7));
            const long count = count_orders((rgq_correlation_kind)kind, x, y, 7, 7, limit);
            ck_assert_double_eq_tol(
                correlate(xs[row], ys[row], 7, (rgq_correlation_kind)kind, RGQ_P_EXACT).naive.p,
                (double)count / 5040.0, 1e-14);
        }
}
END_TEST

START_TEST(concordance_counts_pairs)
{
    enum { N = 60 };
    double x[N];
    double y[N];
    double ranks[2 * N];
    rgq_ranked sorted[N];
    rgq_rng *rng = NULL;
    rgq_concordance c;

    MUST(rgq_rng_create(&rng, 5, err));
    MUST(rgq_concordance_make(&c, N, err));
    for (size_t n = 2; n <= N; n += 7) {
        for (size_t i = 0; i < n; i++) {
            x[i] = floor(rgq_rng_uniform(rng) * (n % 2 == 0 ? 6.0 : 1e6));
            y[i] = floor(rgq_rng_uniform(rng) * 9.0);
        }
        rgq_concordance_set(&c, x, y, n, sorted, ranks);
        ck_assert(rgq_concordance_score(&c) == slow_score(RGQ_KENDALL, x, y, (int)n));
    }
    rgq_concordance_release(&c);
    rgq_rng_free(rng);
}
END_TEST

/* Random orders estimate what enumeration gives: 19999 of them have a standard error of 0.0004
 * at p = 0.0033 and of 0.002 at 0.1; five of those. Equal seeds, equal p. */
START_TEST(random_orders_come_near_all_orders)
{
    for (int kind = RGQ_SPEARMAN; kind <= RGQ_KENDALL; kind++)
        for (int set = 0; set < 4; set++) {
            const double *x = set < 3 ? x123 : x4;
            rgq_ranked sorted[11];
            double rx[11];
            double ry[11];
            double exact = 0.0;
            double random = 0.0;
            double again = 0.0;
            (void)rgq_midranks(rx, x, 11, sorted);
            (void)rgq_midranks(ry, y_of[set], 11, sorted);
            rgq_rank_sample s = {(rgq_correlation_kind)kind, rx, ry, 11, false, 0.0, 0.0};
            for (int i = 0; i < 11 && kind == RGQ_SPEARMAN; i++)
                s.score += rx[i] * ry[i];
            if (kind == RGQ_KENDALL)
                s.score = slow_score(RGQ_KENDALL, rx, ry, 11);
            MUST(rgq_rank_p_exact(&exact, &s, err));
            MUST(rgq_rank_p_random(&random, &s, 19999, 3, err));
            MUST(rgq_rank_p_random(&again, &s, 19999, 3, err));
            ck_assert(random == again);
            ck_assert_double_eq_tol(random, exact,
                                    5.0 * sqrt(exact * (1.0 - exact) / 19999.0) + 1e-4);
        }
}
END_TEST

/* R 4.2.2: cor.test() of mtcars, all with ties. */
START_TEST(cars_as_in_r)
{
    const rgq_correlation r = correlate(car_weight, car_mpg, N_CARS, RGQ_PEARSON, RGQ_P_R);
    const rgq_correlation s = correlate(car_weight, car_mpg, N_CARS, RGQ_SPEARMAN, RGQ_P_R);
    const rgq_correlation k = correlate(car_weight, car_mpg, N_CARS, RGQ_KENDALL, RGQ_P_R);
    const rgq_correlation m = correlate(car_weight, car_mpg, N_CARS, RGQ_KENDALL, RGQ_P_EXACT);

    ck_assert_double_eq_tol(r.naive.p, 1.29395870135052e-10, 1e-20);
    ck_assert_double_eq_tol(r.naive.low, -0.933826413284994, 1e-12);
    ck_assert_double_eq_tol(r.naive.high, -0.744087196460113, 1e-12);
    ck_assert_double_eq_tol(s.naive.value, -0.886422033270298, 1e-12);
    ck_assert_double_eq_tol(s.naive.p, 1.48759485812743e-11, 1e-21);
    ck_assert_double_eq_tol(k.naive.value, -0.727832149528431, 1e-12);
    ck_assert_double_eq_tol(k.naive.p, 6.70577040559586e-09, 1e-18);
    ck_assert_str_eq(m.naive.p_by, "random orders");
    ck_assert(m.naive.p == 1.0 / 20000.0 && m.naive.draws == 19999 && m.naive.seed == 1);
    ck_assert(k.tied_x == 5 && k.tied_y == 14);
}
END_TEST

/* The definition written out in R: leave out the cars of one number of carburettors. */
START_TEST(leaving_out_one_cluster)
{
    static const double want[3][4] = {
        {0.0903675817483248, -0.914742040061611, -0.797328029066166, 2.68068190014235e-05},
        {0.257333279497877, -0.968434844887854, -0.631241640484925, 0.00280397437221011},
        {0.189018548826676, -0.887491917139265, -0.412163160769873, 0.00451766442386768}};
    const rgq_pairs pairs = {car_weight, car_mpg, car_carburettors, N_CARS};
    const rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;

    for (int kind = 0; kind < 3; kind++) {
        rgq_correlation c;
        rgq_correlation again;
        MUST(rgq_correlate(&c, &pairs, (rgq_correlation_kind)kind, &opts, err));
        ck_assert_double_eq_tol(c.clustered.se, want[kind][0], 1e-12);
        ck_assert_double_eq_tol(c.clustered.low, want[kind][1], 1e-11);
        ck_assert_double_eq_tol(c.clustered.high, want[kind][2], 1e-11);
        ck_assert_double_eq_tol(c.clustered.p, want[kind][3], 1e-12);
        ck_assert(c.clustered.n_clusters == 6 && c.clustered.dof == 5.0);
        ck_assert(c.clustered.value == c.naive.value && c.bootstrap.value == c.naive.value);
        ck_assert(c.bootstrap.low < c.naive.value && c.naive.value < c.bootstrap.high);
        ck_assert(c.bootstrap.seed == 1 && c.bootstrap.draws == 1999);
        MUST(rgq_correlate(&again, &pairs, (rgq_correlation_kind)kind, &opts, err));
        ck_assert(again.bootstrap.low == c.bootstrap.low);
    }
}
END_TEST

/* R: the correlation of what lm(wt ~ hp) and lm(mpg ~ hp) leave. */
START_TEST(partial_correlation_of_residuals)
{
    const rgq_pairs pairs = {car_weight, car_mpg, car_carburettors, N_CARS};
    const rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;
    rgq_correlation c;

    MUST(rgq_correlate_partial(&c, &pairs, car_power, RGQ_PEARSON, &opts, err));
    ck_assert_double_eq_tol(c.naive.value, -0.751204904961865, 1e-12);
    ck_assert_double_eq_tol(c.statistic, -6.12869521981041, 1e-11);
    ck_assert_double_eq_tol(c.naive.p, 1.11964713620005e-06, 1e-17);
    ck_assert_double_eq_tol(c.naive.low, -0.873132767123425, 1e-12);
    ck_assert_double_eq_tol(c.naive.high, -0.540821844914525, 1e-12);
    ck_assert(c.clustered.low < c.naive.value && c.clustered.high > c.naive.value);
    MUST(rgq_correlate_partial(&c, &pairs, car_power, RGQ_SPEARMAN, &opts, err));
    ck_assert_double_eq_tol(c.naive.value, -0.68441516084191, 1e-12);
    REFUSED(rgq_correlate_partial(&c, &pairs, car_power, RGQ_KENDALL, &opts, err),
            RGQ_E_ARGUMENT, "Kendall");
    REFUSED(rgq_correlate_partial(&c, &pairs, car_weight, RGQ_PEARSON, &opts, err),
            RGQ_E_NUMERIC, "held fixed");
}
END_TEST

START_TEST(a_perfect_correlation_has_no_interval)
{
    static const double x[] = {1, 2, 3, 4, 5};

    for (int kind = 0; kind < 3; kind++) {
        const rgq_correlation c = correlate(x, x, 5, (rgq_correlation_kind)kind, RGQ_P_EXACT);
        ck_assert(c.naive.value == 1.0);
        ck_assert(isnan(c.naive.low) && isnan(c.naive.high));
        ck_assert_str_ne(c.naive.note, "");
        ck_assert_double_eq_tol(c.naive.p, kind == RGQ_PEARSON ? 0.0 : 2.0 / 120.0, 1e-15);
    }
    const rgq_correlation three =
        correlate(x, (const double[]){1, 3, 2}, 3, RGQ_PEARSON, RGQ_P_EXACT);
    ck_assert(isnan(three.naive.low));
    ck_assert_double_eq_tol(three.naive.p, 2.0 / 3.0, 1e-12); /* r = 1/2, dof 1: Cauchy */
}
END_TEST

/* Level 5 % at rho = 0 whatever n. 84 for rho 0.3, alpha 0.05, power 0.8 is the exact sample
 * size of G*Power (Faul 2009); the powers by a double integral over chi and normal in R. */
START_TEST(power_and_least_n)
{
    static const size_t n[] = {4, 5, 12, 50, 4000};

    for (int i = 0; i < ROWS(n); i++)
        ck_assert_double_eq_tol(rgq_correlation_power(n[i], 0.0, 0.05), 0.05, 1e-9);
    ck_assert_double_eq_tol(rgq_correlation_power(4, 0.9, 0.05), 0.435990872366492, 1e-9);
    ck_assert_double_eq_tol(rgq_correlation_power(20, -0.5, 0.05), 0.641656317206308, 1e-9);
    ck_assert_double_eq_tol(rgq_correlation_power(84, 0.3, 0.05), 0.800338953427093, 1e-9);
    ck_assert_double_eq_tol(rgq_correlation_power(83, 0.3, 0.05), 0.795504881031927, 1e-9);
    ck_assert_int_eq((int)rgq_correlation_min_n(0.3, 0.8, 0.05), 84);
    ck_assert_int_eq((int)rgq_correlation_min_n(-0.5, 0.8, 0.05), 29);
    ck_assert(rgq_correlation_min_n(0.0, 0.8, 0.05) == 0);
    ck_assert(rgq_correlation_min_n(0.3, 0.04, 0.05) == 0);
    ck_assert(rgq_correlation_min_n(1e-4, 0.8, 0.05) == 0);
    ck_assert(isnan(rgq_correlation_power(3, 0.5, 0.05)));
    ck_assert(isnan(rgq_correlation_power(30, 1.0, 0.05)));
}
END_TEST

START_TEST(holm_as_in_r)
{
    static const double p[] = {0.01, 0.04, 0.03, 0.005, 0.5};
    static const double want[] = {0.040, 0.090, 0.090, 0.025, 0.500};
    double out[5];
    double gap[3] = {0.02, (double)NAN, 0.01};

    MUST(rgq_holm(out, p, 5, err));
    for (int i = 0; i < 5; i++)
        ck_assert_double_eq_tol(out[i], want[i], 1e-15);
    MUST(rgq_holm(gap, gap, 3, err));
    ck_assert(gap[0] == 0.02 && isnan(gap[1]) && gap[2] == 0.02);
    REFUSED(rgq_holm(out, p, 0, err), RGQ_E_ARGUMENT, "no p-value");
    REFUSED(rgq_holm(out, (const double[]){0.1, 1.5}, 2, err), RGQ_E_ARGUMENT, "p-value 2");
    TORTURE(rgq_holm(out, p, 5, err), (void)0, 1);
}
END_TEST

START_TEST(refusals_leave_the_output)
{
    static const double flat[] = {2, 2, 2, 2};
    static const double gap[] = {1, 2, (double)NAN, 3};
    static const double huge[] = {1, 2, 1e200, 3};
    static const int two[] = {7, 7, 9, 9};
    static const int apart[] = {1, 2, 3, 3}; /* without 3 two rows are left */
    const rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;
    rgq_stat_opts bad = opts;
    rgq_correlation c;
    rgq_correlation before;
    const rgq_pairs few = {x123, y_of[0], NULL, 2};
    const rgq_pairs constant = {x123, flat, NULL, 4};
    const rgq_pairs missing = {gap, x123, NULL, 4};
    const rgq_pairs large = {x123, huge, NULL, 4};
    const rgq_pairs patients = {x123, y_of[0], two, 4};
    const rgq_pairs alone = {x123, y_of[0], apart, 4};

    memset(&c, 0x5a, sizeof c);
    before = c;
    for (int k = 0; k < 3; k++) {
        const rgq_correlation_kind kind = (rgq_correlation_kind)k;
        REFUSED(rgq_correlate(&c, &few, kind, &opts, err), RGQ_E_ARGUMENT, "2 rows");
        REFUSED(rgq_correlate(&c, &constant, kind, &opts, err), RGQ_E_NUMERIC,
                "y is 2 in all 4");
        REFUSED(rgq_correlate(&c, &missing, kind, &opts, err), RGQ_E_NUMERIC, "row 3 of 4: x");
        REFUSED(rgq_correlate(&c, &large, kind, &opts, err), RGQ_E_NUMERIC, "row 3 of 4: y is");
        REFUSED(rgq_correlate(&c, &patients, kind, &opts, err), RGQ_E_ARGUMENT, "2 patients");
        REFUSED(rgq_correlate(&c, &alone, kind, &opts, err), RGQ_E_NUMERIC, "patient 3 of 3");
    }
    bad.confidence = 1.0;
    REFUSED(rgq_correlate(&c, &constant, RGQ_PEARSON, &bad, err), RGQ_E_ARGUMENT, "confidence");
    bad = opts;
    bad.permutations = 5;
    REFUSED(rgq_correlate(&c, &constant, RGQ_PEARSON, &bad, err), RGQ_E_ARGUMENT, "5 permut");
    bad = opts;
    bad.resamples = 5;
    REFUSED(rgq_correlate(&c, &constant, RGQ_PEARSON, &bad, err), RGQ_E_ARGUMENT, "5 boot");
    ck_assert(memcmp(&c, &before, sizeof c) == 0);
}
END_TEST

START_TEST(torture)
{
    const rgq_pairs pairs = {car_weight, car_mpg, car_carburettors, N_CARS};
    const rgq_pairs short_one = {x123, y_of[0], NULL, 11};
    rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;
    rgq_correlation c;

    opts.permutations = opts.resamples = 99;
    for (int kind = 0; kind < 3; kind++) {
        TORTURE(rgq_correlate(&c, &pairs, (rgq_correlation_kind)kind, &opts, err), (void)0, 10);
        TORTURE(rgq_correlate(&c, &short_one, (rgq_correlation_kind)kind, &opts, err), (void)0,
                4);
        opts.p_method = RGQ_P_R;
        TORTURE(rgq_correlate(&c, &short_one, (rgq_correlation_kind)kind, &opts, err), (void)0,
                4);
        opts.p_method = RGQ_P_EXACT;
    }
}
END_TEST

RGQ_CHECK_MAIN("correlation", tcase_add_test(tc, four_sets_of_anscombe_as_in_r);
               tcase_add_test(tc, tuna_of_hollander_and_wolfe);
               tcase_add_test(tc, exact_p_of_eleven_rows);
               tcase_add_test(tc, ties_of_three_as_in_r);
               tcase_add_test(tc, intervals_of_rank_correlations);
               tcase_add_test(tc, exact_p_is_the_share_of_all_orders);
               tcase_add_test(tc, concordance_counts_pairs);
               tcase_add_test(tc, random_orders_come_near_all_orders);
               tcase_add_test(tc, cars_as_in_r); tcase_add_test(tc, leaving_out_one_cluster);
               tcase_add_test(tc, partial_correlation_of_residuals);
               tcase_add_test(tc, a_perfect_correlation_has_no_interval);
               tcase_add_test(tc, power_and_least_n); tcase_add_test(tc, holm_as_in_r);
               tcase_add_test(tc, refusals_leave_the_output); tcase_add_test(tc, torture))
