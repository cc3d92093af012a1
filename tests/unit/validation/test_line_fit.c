#include "rgdquant/line_fit.h"

#include <math.h>
#include <string.h>

#include "cars.h"
#include "rgq_check.h"

/* Distance from pituitary to pterygomaxillary fissure [mm] of 27 children at 8, 10, 12 and 14
 * years: Potthoff and Roy 1964, R's data set Orthodont. */
static const double orthodont[27][4] = {
    {26, 25, 29, 31},       {21.5, 22.5, 23, 26.5}, {23, 22.5, 24, 27.5},
    {25.5, 27.5, 26.5, 27}, {20, 23.5, 22.5, 26},   {24.5, 25.5, 27, 28.5},
    {22, 22, 24.5, 26.5},   {24, 21.5, 24.5, 25.5}, {23, 20.5, 31, 26},
    {27.5, 28, 31, 31.5},   {23, 23, 23.5, 25},     {21.5, 23.5, 24, 28},
    {17, 24.5, 26, 29.5},   {22.5, 25.5, 25.5, 26}, {23, 24.5, 26, 30},
    {22, 21.5, 23.5, 25},   {21, 20, 21.5, 23},     {21, 21.5, 24, 25.5},
    {20.5, 24, 24.5, 26},   {23.5, 24.5, 25, 26.5}, {21.5, 23, 22.5, 23.5},
    {20, 21, 21, 22.5},     {21.5, 22.5, 23, 25},   {23, 23, 23.5, 24},
    {20, 21, 22, 21.5},     {16.5, 19, 19, 19.5},   {24.5, 25, 28, 28}};

enum { N_UNEVEN = 27 };

/* Nine patients with two to four lesions each. */
typedef struct uneven {
    double x[N_UNEVEN], y[N_UNEVEN];
    int patient[N_UNEVEN];
    rgq_pairs pairs;
} uneven;

static void make_uneven(uneven *u)
{
    int n = 0;

    for (int i = 0; i < 9; i++)
        for (int k = 0; k < i % 3 + 2; k++, n++) {
            u->patient[n] = i;
            u->x[n] = 5.0 + (i * 7) % 9 * 0.5 + (n * 11) % 7 * 0.3;
            u->y[n] =
                2.0 + 0.8 * u->x[n] + ((i * 5) % 9 - 4) * 0.6 + ((n * 13) % 11 - 5) * 0.15;
        }
    u->pairs = (rgq_pairs){u->x, u->y, u->patient, N_UNEVEN};
}

static const rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;

#define NEAR(got, want) ck_assert_double_le(fabs((got) - (want)), 1e-11 * fabs(want))

/* lm() of R 4.2.2 for Anscombe's first set. */
START_TEST(least_squares_of_anscombe)
{
    static const double x[] = {10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5};
    static const double y[] = {8.04, 6.95, 7.58,  8.81, 8.33, 9.96,
                               7.24, 4.26, 10.84, 4.82, 5.68};
    const rgq_pairs pairs = {x, y, NULL, 11};
    rgq_line l;

    MUST(rgq_line_least_squares(&l, &pairs, &opts, err));
    NEAR(l.slope.value, 0.5000909090909091);
    NEAR(l.intercept.value, 3.000090909090909);
    NEAR(l.r_squared, 0.666542459508775);
    NEAR(l.residual_sd, 1.236603322726321);
    NEAR(l.slope.p, 0.002169628873078792); /* that of the correlation */
    ck_assert(l.slope.low == l.naive_slope.low && l.slope.n_clusters == 0);
}
END_TEST

/* R 4.2.2: lm() for the naive part; for the clustered one the definition by matrices, with
 * (I - H_gg)^(-1/2) of each patient by eigen(), and the degrees of freedom from all n x G
 * vectors. */
START_TEST(least_squares_over_patients)
{
    uneven u;
    rgq_line l;

    make_uneven(&u);
    MUST(rgq_line_least_squares(&l, &u.pairs, &opts, err));
    NEAR(l.naive_slope.value, 1.362850229241);
    NEAR(l.naive_slope.se, 0.2297502842921);
    NEAR(l.naive_slope.low, 0.8896706612354);
    NEAR(l.naive_intercept.high, 1.377358234905);
    NEAR(l.intercept.se, 2.354334818718150);
    NEAR(l.slope.se, 0.281555427888141);
    NEAR(l.covariance[0], 5.542892438628626);
    NEAR(l.covariance[1], -0.643284208277172);
    NEAR(l.covariance[2], 0.0792734589732743);
    NEAR(l.intercept.dof, 4.73190872503373);
    NEAR(l.slope.dof, 4.76400112751956);
    ck_assert(l.slope.n_clusters == 9 && l.slope.value == l.naive_slope.value);
}
END_TEST

/* With each row its own patient the correction CR2 is HC2: e / sqrt(1 - h). */
START_TEST(rows_as_patients_give_hc2)
{
    int id[N_CARS];
    const rgq_pairs pairs = {car_weight, car_mpg, id, N_CARS};
    double variance = 0.0;
    double mean = 0.0;
    double xx = 0.0;
    rgq_line l;

    for (int i = 0; i < N_CARS; i++) {
        id[i] = 1000 - i;
        mean += car_weight[i] / N_CARS;
    }
    MUST(rgq_line_least_squares(&l, &pairs, &opts, err));
    for (int i = 0; i < N_CARS; i++)
        xx += (car_weight[i] - mean) * (car_weight[i] - mean);
    for (int i = 0; i < N_CARS; i++) {
        const double dx = car_weight[i] - mean;
        const double e = car_mpg[i] - l.intercept.value - l.slope.value * car_weight[i];
        variance += dx * dx * e * e / (1.0 - 1.0 / N_CARS - dx * dx / xx) / (xx * xx);
    }
    NEAR(l.slope.se, sqrt(variance));
}
END_TEST

/* Pinheiro and Bates 2000: lme(distance ~ age, random = ~ 1 | Subject) of Orthodont; digits by
 * nlme 3.1 and lmerTest 3.1. With every child seen at the same ages the degrees of freedom of
 * the slope are those within children, 108 - 27 - 1. */
START_TEST(random_intercept_of_orthodont)
{
    double x[108];
    double y[108];
    int child[108];
    const rgq_pairs pairs = {x, y, child, 108};
    rgq_line l;

    for (int i = 0; i < 108; i++) {
        x[i] = 8.0 + 2.0 * (i % 4);
        y[i] = orthodont[i / 4][i % 4];
        child[i] = i / 4;
    }
    MUST(rgq_line_random_intercept(&l, &pairs, &opts, err));
    NEAR(l.intercept.value, 16.761111111111111);
    NEAR(l.slope.value, 0.660185185185185);
    /* nlme stops its search at 1e-9 of the criterion. */
    ck_assert_double_eq_tol(l.intercept.se, 0.8023952205, 1e-9);
    ck_assert_double_eq_tol(l.slope.se, 0.0616059163, 1e-9);
    ck_assert_double_eq_tol(l.sd_between, 2.1147235099, 1e-8);
    ck_assert_double_eq_tol(l.sd_within, 1.43159212659, 1e-8);
    ck_assert_double_eq_tol(l.slope.dof, 80.0, 1e-5);
    ck_assert_double_eq_tol(l.intercept.dof, 105.0253637, 1e-4);
}
END_TEST

/* lmerTest 3.1 of uneven patients: its search ends at 1e-8, its second derivatives are
 * Richardson differences. */
START_TEST(random_intercept_of_uneven_patients)
{
    uneven u;
    rgq_line l;

    make_uneven(&u);
    MUST(rgq_line_random_intercept(&l, &u.pairs, &opts, err));
    ck_assert_double_eq_tol(l.intercept.value, 0.8036340175, 1e-7);
    ck_assert_double_eq_tol(l.slope.value, 0.9461516773, 1e-8);
    ck_assert_double_eq_tol(l.intercept.se, 1.3261803662, 1e-8);
    ck_assert_double_eq_tol(l.slope.se, 0.1493213645, 1e-8);
    ck_assert_double_eq_tol(l.covariance[1], -0.1761488596, 1e-7);
    ck_assert_double_eq_tol(l.sd_between, 1.794840080, 1e-7);
    ck_assert_double_eq_tol(l.sd_within, 0.479630289, 1e-8);
    ck_assert_double_eq_tol(l.intercept.dof, 24.9204726, 1e-5);
    ck_assert_double_eq_tol(l.slope.dof, 20.5488013, 1e-5);
}
END_TEST

/* A patient's mean exactly on the line: nothing between patients, the line of least squares. */
START_TEST(patients_that_do_not_differ)
{
    double x[21];
    double y[21];
    int id[21];
    const rgq_pairs pairs = {x, y, id, 21};
    rgq_line l;
    rgq_line plain;

    for (int i = 0; i < 21; i++) {
        id[i] = i / 3;
        x[i] = i / 3 + 0.25 * (i % 3);
        y[i] = 1.0 + 2.0 * x[i] + (i % 3 == 1 ? -1.0 : 0.5);
    }
    MUST(rgq_line_random_intercept(&l, &pairs, &opts, err));
    MUST(rgq_line_least_squares(&plain, &pairs, &opts, err));
    ck_assert(l.sd_between == 0.0);
    NEAR(l.slope.value, plain.naive_slope.value);
    NEAR(l.slope.se, plain.naive_slope.se);
    ck_assert(l.slope.dof == 19.0);
    ck_assert(strstr(l.slope.note, "no variance between patients") != NULL);
}
END_TEST

/* The closed form and both jackknives written out in R. */
START_TEST(deming)
{
    uneven u;
    rgq_line l;

    make_uneven(&u);
    MUST(rgq_line_deming(&l, &u.pairs, 1.5, &opts, err));
    NEAR(l.slope.value, 1.98584748684147);
    NEAR(l.intercept.value, -7.46106708902997);
    NEAR(l.naive_slope.se, 0.224757584615972);
    NEAR(l.naive_intercept.se, 1.730214268058587);
    NEAR(l.slope.se, 0.257128763124294);
    NEAR(l.intercept.se, 2.089780089415983);
    ck_assert(l.slope.dof == 8.0 && l.naive_slope.dof == 25.0 && l.error_ratio == 1.5);
    /* Errors in x only, and in y only: the two lines of least squares. */
    rgq_line y_on_x;
    rgq_line x_on_y;
    const rgq_pairs turned = {u.y, u.x, NULL, N_UNEVEN};
    MUST(rgq_line_least_squares(&y_on_x, &u.pairs, &opts, err));
    MUST(rgq_line_least_squares(&x_on_y, &turned, &opts, err));
    MUST(rgq_line_deming(&l, &u.pairs, 1e9, &opts, err)); /* 1e-8: 1 / ratio */
    ck_assert_double_eq_tol(l.slope.value, y_on_x.slope.value, 1e-8);
    MUST(rgq_line_deming(&l, &u.pairs, 1e-9, &opts, err));
    ck_assert_double_eq_tol(l.slope.value, 1.0 / x_on_y.slope.value, 1e-8);
    REFUSED(rgq_line_deming(&l, &u.pairs, 0.0, &opts, err), RGQ_E_ARGUMENT, "above 0");
}
END_TEST

START_TEST(error_ratio_of_repeats)
{
    static const double x1[] = {1, 2, 3};
    static const double x2[] = {2, 2, 5}; /* squares 1, 0, 4: mean 5 / 3 */
    static const double y1[] = {1, 4};
    static const double y2[] = {4, 0}; /* 9, 16: mean 12.5 */
    double q = 0.0;

    const rgq_pairs of_x = {x1, x2, NULL, 3};
    const rgq_pairs of_y = {y1, y2, NULL, 2};
    const rgq_pairs none = {x1, x2, NULL, 0};
    const rgq_pairs same = {x1, x1, NULL, 3};
    MUST(rgq_error_ratio(&q, &of_x, &of_y, err));
    NEAR(q, 7.5);
    REFUSED(rgq_error_ratio(&q, &none, &of_y, err), RGQ_E_ARGUMENT, "no repeated");
    REFUSED(rgq_error_ratio(&q, &same, &of_y, err), RGQ_E_NUMERIC, "never differ");
    ck_assert_double_eq_tol(q, 7.5, 1e-12);
}
END_TEST

/* The slopes of all rows sorted in R; then the hand case of three rows on a line and one off
 * it: slopes 1, 1, 1, 3, 4, 7 with x 0 1 2 3, y 0 1 2 9. */
START_TEST(passing_bablok)
{
    static const double x[] = {0, 1, 2, 3};
    static const double y[] = {0, 1, 2, 9};
    static const double down[] = {9, 6, 3, 0};
    const rgq_pairs four = {x, y, NULL, 4};
    const rgq_pairs falling = {x, down, NULL, 4};
    uneven u;
    rgq_line l;

    make_uneven(&u);
    MUST(rgq_line_passing_bablok(&l, &u.pairs, &opts, err));
    NEAR(l.slope.value, 1.90526315789474);
    NEAR(l.slope.low, 1.38064516129032);
    NEAR(l.slope.high, 2.76875);
    NEAR(l.intercept.value, -6.69210526315789);
    NEAR(l.intercept.low, -13.759375);
    NEAR(l.intercept.high, -2.65967741935484);
    ck_assert(strstr(l.slope.note, "independent") != NULL);
    MUST(rgq_line_passing_bablok(&l, &four, &opts, err));
    NEAR(l.slope.value, 2.0);
    NEAR(l.intercept.value, -0.5); /* the median of 0, -1, -2, 3 */
    ck_assert(isnan(l.slope.low) && strstr(l.slope.note, "too few") != NULL);
    REFUSED(rgq_line_passing_bablok(&l, &falling, &opts, err), RGQ_E_NUMERIC, "rises");
}
END_TEST

/* Both directions must give the same line: slope 1 / slope, what least squares does not do. */
START_TEST(passing_bablok_is_symmetric)
{
    uneven u;
    rgq_line l;
    rgq_line turned;

    make_uneven(&u);
    const rgq_pairs other = {u.y, u.x, NULL, N_UNEVEN};
    MUST(rgq_line_passing_bablok(&l, &u.pairs, &opts, err));
    MUST(rgq_line_passing_bablok(&turned, &other, &opts, err));
    NEAR(turned.slope.value, 1.0 / l.slope.value);
}
END_TEST

START_TEST(prediction_of_patients_left_out)
{
    uneven u;
    rgq_prediction_error e;

    make_uneven(&u);
    MUST(rgq_line_prediction_error(&e, &u.pairs, err)); /* R: lm() without each patient */
    NEAR(e.rmse, 1.91088736749815);
    NEAR(e.mae, 1.64253072442288);
    ck_assert_double_eq_tol(e.bias, 0.0076752125394828, 1e-12);
    ck_assert_double_eq_tol(e.q_squared, 0.527594533392, 1e-11);
    ck_assert(e.n == 27 && e.n_clusters == 9);
}
END_TEST

START_TEST(refusals)
{
    static const double x[] = {1, 1, 1, 2};
    static const double y[] = {1, 2, 3, 4};
    static const double z[] = {3, 1, 3, 1};
    static const double flat[] = {5, 5, 5, 5};
    static const int id[] = {1, 2, 3, 4};
    static const int pairs_of[] = {1, 1, 2, 3};
    const rgq_pairs few = {y, y, NULL, 2};
    const rgq_pairs constant = {flat, y, NULL, 4};
    const rgq_pairs lever = {x, y, id, 4};
    const rgq_pairs no_id = {y, z, NULL, 4};
    const rgq_pairs single = {y, z, id, 4};
    const rgq_pairs exact = {y, y, pairs_of, 4};
    const rgq_pairs uncorrelated = {y, (const double[]){1, 2, 2, 1}, NULL, 4};
    rgq_line l;
    rgq_line before;
    rgq_prediction_error e;

    memset(&l, 0x5a, sizeof l);
    before = l;
    REFUSED(rgq_line_least_squares(&l, &few, &opts, err), RGQ_E_ARGUMENT, "2 rows: a line");
    REFUSED(rgq_line_least_squares(&l, &constant, &opts, err), RGQ_E_NUMERIC, "x is 5");
    REFUSED(rgq_line_least_squares(&l, &lever, &opts, err), RGQ_E_NUMERIC, "patient 4 of 4");
    REFUSED(rgq_line_prediction_error(&e, &lever, err), RGQ_E_NUMERIC, "patient 4 of 4");
    REFUSED(rgq_line_random_intercept(&l, &no_id, &opts, err), RGQ_E_ARGUMENT, "which rows");
    REFUSED(rgq_line_random_intercept(&l, &single, &opts, err), RGQ_E_ARGUMENT, "one row");
    REFUSED(rgq_line_random_intercept(&l, &exact, &opts, err), RGQ_E_NUMERIC,
            "without any error");
    REFUSED(rgq_line_deming(&l, &uncorrelated, 1.0, &opts, err), RGQ_E_NUMERIC,
            "not correlated");
    ck_assert(memcmp(&l, &before, sizeof l) == 0);
}
END_TEST

START_TEST(torture)
{
    uneven u;
    rgq_line l;
    rgq_prediction_error e;
    double *big = NULL;

    make_uneven(&u);
    TORTURE(rgq_line_least_squares(&l, &u.pairs, &opts, err), (void)0, 3);
    TORTURE(rgq_line_random_intercept(&l, &u.pairs, &opts, err), (void)0, 3);
    TORTURE(rgq_line_deming(&l, &u.pairs, 1.0, &opts, err), (void)0, 6);
    TORTURE(rgq_line_passing_bablok(&l, &u.pairs, &opts, err), (void)0, 1);
    TORTURE(rgq_line_prediction_error(&e, &u.pairs, err), (void)0, 3);
    MUST(rgq_alloc(&big, RGQ_PASSING_BABLOK_MAX + 1, sizeof *big, err));
    big[0] = 1.0;
    const rgq_pairs many = {big, big, NULL, RGQ_PASSING_BABLOK_MAX + 1};
    REFUSED(rgq_line_passing_bablok(&l, &many, &opts, err), RGQ_E_ARGUMENT, "5001 rows");
    rgq_free(big);
}
END_TEST

RGQ_CHECK_MAIN("line_fit", tcase_add_test(tc, least_squares_of_anscombe);
               tcase_add_test(tc, least_squares_over_patients);
               tcase_add_test(tc, rows_as_patients_give_hc2);
               tcase_add_test(tc, random_intercept_of_orthodont);
               tcase_add_test(tc, random_intercept_of_uneven_patients);
               tcase_add_test(tc, patients_that_do_not_differ); tcase_add_test(tc, deming);
               tcase_add_test(tc, error_ratio_of_repeats); tcase_add_test(tc, passing_bablok);
               tcase_add_test(tc, passing_bablok_is_symmetric);
               tcase_add_test(tc, prediction_of_patients_left_out);
               tcase_add_test(tc, refusals); tcase_add_test(tc, torture))
