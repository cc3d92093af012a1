#include "rgdquant/agreement.h"

#include <math.h>
#include <string.h>

#include "rgq_check.h"

/* Peak expiratory flow [l/min] of 17 people: Wright meter twice, mini meter once. Bland and
 * Altman 1986, Lancet i:307; the group of each is ours. */
enum { N = 17 };
static const double wright[N] = {494, 395, 516, 434, 476, 557, 413, 442, 650,
                                 433, 417, 656, 267, 478, 178, 423, 427};
static const double wright_again[N] = {490, 397, 512, 401, 470, 611, 415, 431, 638,
                                       429, 420, 633, 275, 492, 165, 372, 421};
static const double mini[N] = {512, 430, 520, 428, 500, 600, 364, 380, 658,
                               445, 432, 626, 260, 477, 259, 350, 451};
static const int group[N] = {0, 0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 5, 6};

static const rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;

#define NEAR(got, want) ck_assert_double_le(fabs((got) - (want)), 1e-11 * fabs(want))

/* The paper: mean difference -2.1 the other way round, standard deviation 38.8. More digits by
 * R 4.2.2: t.test() and the formula of the limits. */
START_TEST(peak_flow_of_bland_and_altman)
{
    const rgq_pairs pairs = {wright, mini, NULL, N};
    rgq_bland_altman b;

    MUST(rgq_agreement_limits(&b, &pairs, &opts, err));
    NEAR(b.bias.value, 2.1176470588235294);
    NEAR(b.sd, 38.765129873607);
    NEAR(b.bias.low, -17.813543578998);
    NEAR(b.bias.high, 22.048837696645);
    NEAR(b.bias.p, 0.82464767353038);
    NEAR(b.lower.value, -73.860611349465);
    NEAR(b.lower.low, -108.61625902166);
    NEAR(b.lower.high, -39.104963677266);
    NEAR(b.upper.value, 78.095905467112);
    NEAR(b.trend.value, -0.028687445152549);
    ck_assert(isnan(b.sd_between) && isnan(b.lower.p));
}
END_TEST

/* R: anova() of the differences by group, and all of it without one group after the other. */
START_TEST(limits_with_several_rows_a_patient)
{
    double y[N];
    const rgq_pairs pairs = {wright, mini, group, N};
    const rgq_pairs shifted = {wright, y, group, N};
    rgq_bland_altman b;

    MUST(rgq_agreement_limits(&b, &pairs, &opts, err));
    NEAR(b.lower.value, -87.8638775366946);
    NEAR(b.upper.value, 92.0991716543417);
    NEAR(b.sd, 45.9097847232301);
    NEAR(b.bias.se, 4.9975183214207);
    NEAR(b.lower.se, 25.7682307108565);
    NEAR(b.upper.se, 25.9007805820282);
    ck_assert(b.sd_between == 0.0 && b.sd_within == b.sd);
    ck_assert(b.bias.n_clusters == 7 && b.bias.dof == 6.0);
    /* Patients differ by 40 times their number as well: the same in R. */
    for (int i = 0; i < N; i++)
        y[i] = mini[i] + 40.0 * group[i];
    MUST(rgq_agreement_limits(&b, &shifted, &opts, err));
    NEAR(b.sd_between, 68.16385621989);
    NEAR(b.sd_within, 45.9097847232301);
    NEAR(b.upper.value, 276.134235295152);
    /* Only patients differ: by 10 times their number. */
    for (int i = 0; i < N; i++)
        y[i] = wright[i] + 10.0 * group[i];
    MUST(rgq_agreement_limits(&b, &shifted, &opts, err));
    ck_assert_double_lt(b.sd_within, 1e-12);
    ck_assert_double_gt(b.sd_between, 10.0);
}
END_TEST

START_TEST(equal_columns_have_limits_of_zero)
{
    static const double flat[] = {3, 3, 3, 3};
    const rgq_pairs same = {wright, wright, NULL, N};
    const rgq_pairs constant = {flat, flat, NULL, 4};
    rgq_bland_altman b;

    MUST(rgq_agreement_limits(&b, &same, &opts, err));
    ck_assert(b.bias.value == 0.0 && b.lower.value == 0.0 && b.upper.high == 0.0);
    MUST(rgq_agreement_limits(&b, &constant, &opts, err));
    ck_assert(isnan(b.trend.value) && strstr(b.trend.note, "do not vary") != NULL);
}
END_TEST

/* Shrout and Fleiss 1979, table 2: four judges, six targets; ICC(2,1) 0.29, ICC(3,1) 0.71.
 * More digits and the intervals by psych 2.2.9, ICC(). */
START_TEST(four_judges_of_shrout_and_fleiss)
{
    static const double judged[24] = {9, 2, 5, 8, 6,  1, 3, 2, 8, 4, 6, 8,
                                      7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7};
    rgq_icc icc;

    MUST(rgq_icc_two_way(&icc, judged, 6, 4, &opts, err));
    NEAR(icc.agreement.value, 0.28976377952756);
    NEAR(icc.agreement.low, 0.018786513374712);
    NEAR(icc.agreement.high, 0.76108436964895);
    NEAR(icc.consistency.value, 0.71484071484071);
    NEAR(icc.consistency.low, 0.342464765033925);
    NEAR(icc.consistency.high, 0.94585825995536);
    NEAR(icc.consistency.p, 0.00013456651648434);
    ck_assert_double_eq_tol(icc.ms_rows, 11.24, 0.005); /* the paper's table 3 */
    ck_assert_double_eq_tol(icc.ms_columns, 32.49, 0.005);
    ck_assert_double_eq_tol(icc.ms_error, 1.02, 0.005);
}
END_TEST

START_TEST(icc_without_error)
{
    static const double offset[] = {1, 3, 2, 4, 5, 7, 9, 11}; /* the second is 2 more */
    rgq_icc icc;

    MUST(rgq_icc_two_way(&icc, offset, 4, 2, &opts, err));
    ck_assert(icc.consistency.value == 1.0 && isnan(icc.consistency.low));
    ck_assert(icc.agreement.value < 1.0);
    ck_assert_str_ne(icc.consistency.note, "");
}
END_TEST

static void make_scores(double x[40], double y[40], int patient[40])
{
    for (int i = 0; i < 40; i++) {
        x[i] = (i * 7) % 4;
        y[i] = i % 5 == 0 ? (i * 3) % 4 : i % 7 == 0 ? fmin(3.0, x[i] + 1.0) : x[i];
        patient[i] = i / 4;
    }
}

/* psych 2.2.9, cohen.kappa(), for values and errors; p from the gradient of kappa at
 * independence by differences in R, hence 1e-7 of p. The last by the definition. */
START_TEST(kappa_of_four_grades)
{
    static const double want[3][3] = {{0.9, 0.05547897499654, 5.7735752896701e-23},
                                      {0.94, 0.033824783813057, 1.4537282876387e-16},
                                      {0.97, 0.01737306104289, 7.8135960918603e-10}};
    double x[40];
    double y[40];
    int patient[40];
    rgq_pairs pairs = {x, y, NULL, 40};
    rgq_stat k;

    make_scores(x, y, patient);
    for (int w = 0; w < 3; w++) {
        MUST(rgq_kappa(&k, &pairs, 4, (rgq_kappa_weights)w, &opts, err));
        NEAR(k.value, want[w][0]);
        NEAR(k.se, want[w][1]);
        ck_assert_double_le(fabs(k.p - want[w][2]), 1e-7 * want[w][2]);
        ck_assert(k.high == 1.0);
    }
    pairs.cluster = patient;
    MUST(rgq_kappa(&k, &pairs, 4, RGQ_KAPPA_QUADRATIC, &opts, err));
    NEAR(k.se, 0.01527957709523);
    ck_assert(k.n_clusters == 10 && k.dof == 9.0);
}
END_TEST

/* Two by two by hand: 20 5 / 10 15: p_o 0.7, p_e 0.5, kappa 0.4. */
START_TEST(kappa_by_hand)
{
    double x[50];
    double y[50];
    const rgq_pairs pairs = {x, y, NULL, 50};
    rgq_stat k;

    for (int i = 0; i < 50; i++) {
        x[i] = i < 25 ? 0.0 : 1.0;
        y[i] = i < 20 || (i >= 25 && i < 35) ? 0.0 : 1.0;
    }
    MUST(rgq_kappa(&k, &pairs, 2, RGQ_KAPPA_UNWEIGHTED, &opts, err));
    NEAR(k.value, 0.4);
    MUST(rgq_kappa(&k, &pairs, 2, RGQ_KAPPA_LINEAR, &opts, err));
    NEAR(k.value, 0.4); /* of two grades all weights are the same */
}
END_TEST

/* R: qchisq() and the formulas. */
START_TEST(repeatability_of_the_wright_meter)
{
    const rgq_pairs pairs = {wright, wright_again, NULL, N};
    const rgq_pairs patients = {wright, wright_again, group, N};
    const double negative[] = {-1, 2, 3};
    const rgq_pairs changes = {negative, wright, NULL, 3};
    rgq_repeatability r;

    MUST(rgq_repeatability_of(&r, &pairs, &opts, err));
    NEAR(r.sd_within.value, 15.306669057867); /* the paper: 15.3 */
    NEAR(r.sd_within.low, 11.485934584231);
    NEAR(r.sd_within.high, 22.94690092738);
    NEAR(r.coefficient.value, 42.427142370705);
    NEAR(r.percent_low, -9.2519049910494);
    NEAR(r.percent_high, 10.195150642156);
    NEAR(r.cv_within, 0.035035795687691);
    ck_assert_str_eq(r.coefficient.note, "");
    MUST(rgq_repeatability_of(&r, &patients, &opts, err));
    ck_assert(strstr(r.coefficient.note, "independent") != NULL);
    MUST(rgq_repeatability_of(&r, &changes, &opts, err));
    ck_assert(isnan(r.percent_low) && isnan(r.cv_within) && r.sd_within.value > 0.0);
}
END_TEST

START_TEST(refusals)
{
    static const double half[] = {0, 1, 1.5};
    static const double grades[] = {0, 1, 2};
    static const double one[] = {1, 1, 1};
    static const double gap[] = {0, (double)NAN, 1};
    static const int two[] = {1, 1, 2};
    const rgq_pairs few = {wright, mini, NULL, 2};
    const rgq_pairs missing = {wright, gap, NULL, 3};
    const rgq_pairs patients = {wright, mini, two, 3};
    const rgq_pairs broken = {grades, half, NULL, 3};
    const rgq_pairs single = {one, one, NULL, 3};
    rgq_bland_altman b;
    rgq_icc icc;
    rgq_stat k;
    rgq_repeatability r;

    memset(&k, 0x5a, sizeof k);
    const rgq_stat before = k;
    REFUSED(rgq_agreement_limits(&b, &few, &opts, err), RGQ_E_ARGUMENT, "2 rows");
    REFUSED(rgq_agreement_limits(&b, &missing, &opts, err), RGQ_E_NUMERIC, "row 2 of 3: y");
    REFUSED(rgq_agreement_limits(&b, &patients, &opts, err), RGQ_E_ARGUMENT, "2 patients");
    REFUSED(rgq_icc_two_way(&icc, wright, 2, 4, &opts, err), RGQ_E_ARGUMENT, "2 rows of 4");
    REFUSED(rgq_icc_two_way(&icc, gap, 3, 1, &opts, err), RGQ_E_ARGUMENT, "3 rows of 1");
    REFUSED(rgq_icc_two_way(&icc, (const double[]){4, 4, 4, 4, 4, 4}, 3, 2, &opts, err),
            RGQ_E_NUMERIC, "is 4 in all 6");
    REFUSED(rgq_kappa(&k, &broken, 3, RGQ_KAPPA_LINEAR, &opts, err), RGQ_E_ARGUMENT,
            "row 3 of 3: score y is 1.5");
    REFUSED(rgq_kappa(&k, &broken, 1, RGQ_KAPPA_LINEAR, &opts, err), RGQ_E_ARGUMENT, "1 categ");
    REFUSED(rgq_kappa(&k, &single, 3, RGQ_KAPPA_LINEAR, &opts, err), RGQ_E_NUMERIC,
            "1 in all 3 rows");
    REFUSED(rgq_repeatability_of(&r, &few, &opts, err), RGQ_E_ARGUMENT, "2 rows");
    REFUSED(rgq_repeatability_of(&r, &missing, &opts, err), RGQ_E_NUMERIC, "row 2");
    ck_assert(memcmp(&k, &before, sizeof k) == 0);
}
END_TEST

START_TEST(torture)
{
    double x[40];
    double y[40];
    int patient[40];
    const rgq_pairs pairs = {wright, mini, group, N};
    const rgq_pairs scores = {x, y, patient, 40};
    rgq_bland_altman b;
    rgq_icc icc;
    rgq_stat k;

    make_scores(x, y, patient);
    TORTURE(rgq_agreement_limits(&b, &pairs, &opts, err), (void)0, 6);
    TORTURE(rgq_icc_two_way(&icc, wright, 8, 2, &opts, err), (void)0, 1);
    TORTURE(rgq_kappa(&k, &scores, 4, RGQ_KAPPA_LINEAR, &opts, err), (void)0, 3);
}
END_TEST

RGQ_CHECK_MAIN("agreement", tcase_add_test(tc, peak_flow_of_bland_and_altman);
               tcase_add_test(tc, limits_with_several_rows_a_patient);
               tcase_add_test(tc, equal_columns_have_limits_of_zero);
               tcase_add_test(tc, four_judges_of_shrout_and_fleiss);
               tcase_add_test(tc, icc_without_error); tcase_add_test(tc, kappa_of_four_grades);
               tcase_add_test(tc, kappa_by_hand);
               tcase_add_test(tc, repeatability_of_the_wright_meter);
               tcase_add_test(tc, refusals); tcase_add_test(tc, torture))
