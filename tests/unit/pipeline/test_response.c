/* Change between two scans: limits, exact tests, responders. */
#include <math.h>
#include <string.h>

#include "pipeline/response.h"
#include "rgq_check.h"

static const rgq_stat_opts defaults = RGQ_STAT_OPTS_INIT;

static rgq_response_limits percent(double low, double high)
{
    rgq_response_limits limits = rgq_response_no_limits();

    limits.origin = "given";
    limits.percent_low = low;
    limits.percent_high = high;
    return limits;
}

static const rgq_stat *find(const rgq_response *r, const char *name, const char *variant)
{
    for (int i = 0; i < r->found.n_rows; i++)
        if (strcmp(r->found.row[i].statistic, name) == 0 &&
            strcmp(r->found.row[i].variant, variant) == 0)
            return &r->found.row[i].stat;
    ck_abort_msg("%s, %s is not there", name, variant);
    return NULL;
}

/* Five that fall by 1, 2, 3, 4, 5 from 10: mean -3, sd sqrt(2.5); all ranks on one side:
 * p = 2 / 2^5, of the sign test as well. */
START_TEST(changes_by_hand)
{
    double x[] = {10, 10, 10, 10, 10};
    double y[] = {9, 8, 7, 6, 5};
    const rgq_cohort c = {.n = 5, .x = x, .y = y};
    const rgq_response_limits limits = percent(-25.0, 30.0);
    static const double percents[] = {-10, -20, -30, -40, -50};
    rgq_response r;

    MUST(rgq_response_make(&r, &c, &limits, &defaults, err));
    for (int i = 0; i < 5; i++) {
        ck_assert_double_eq(r.change[i], -1.0 - i);
        ck_assert_double_eq_tol(r.percent[i], percents[i], 1e-13);
        ck_assert_int_eq(r.verdict[i], i < 2 ? RGQ_CHANGE_WITHIN : RGQ_CHANGE_FELL);
    }
    const rgq_stat *mean = find(&r, "change_mean", "naive");
    ck_assert_double_eq_tol(mean->value, -3.0, 1e-15);
    ck_assert_double_eq_tol(mean->high, -3.0 + 2.7764451051977987 * sqrt(0.5), 1e-12);
    ck_assert_double_eq(find(&r, "baseline_mean", "naive")->value, 10.0);
    ck_assert_double_eq(find(&r, "wilcoxon_shift", "naive")->p, 0.0625);
    ck_assert_double_eq_tol(find(&r, "share_rising", "naive")->p, 0.0625, 1e-15);
    ck_assert_double_eq_tol(find(&r, "change_percent", "naive")->value,
                            100.0 * (pow(0.9 * 0.8 * 0.7 * 0.6 * 0.5, 0.2) - 1.0), 1e-12);
    ck_assert_double_eq_tol(find(&r, "share_fell_beyond_limit", "naive")->value, 0.6, 1e-15);
    ck_assert(!r.by_patient);
    rgq_response_release(&r);
}
END_TEST

/* Twice the rows of the same patients are no more evidence: the exact p is of the patients. */
START_TEST(rows_of_one_patient_count_once)
{
    double x[] = {10, 10, 10, 10, 10, 20, 20, 20, 20, 20};
    double y[] = {9, 8, 7, 6, 5, 18, 16, 14, 12, 10};
    int patient[] = {1, 2, 3, 4, 5, 1, 2, 3, 4, 5};
    const rgq_cohort c = {.n = 10, .x = x, .y = y, .cluster = patient, .n_patients = 5};
    const rgq_response_limits limits = rgq_response_no_limits();
    rgq_response r;

    MUST(rgq_response_make(&r, &c, &limits, &defaults, err));
    ck_assert(r.by_patient);
    ck_assert_double_eq(find(&r, "wilcoxon_shift", "clustered")->p, 0.0625);
    ck_assert_uint_eq(find(&r, "wilcoxon_shift", "clustered")->n_clusters, 5);
    ck_assert_double_eq_tol(find(&r, "wilcoxon_shift", "naive")->p, 2.0 / 1024.0, 1e-15);
    ck_assert_str_eq(rgq_findings_find(&r.found, "wilcoxon_shift")->variant, "clustered");
    ck_assert_int_eq(r.verdict[0], RGQ_CHANGE_UNKNOWN); /* no limit is known */
    rgq_response_release(&r);
}
END_TEST

/* Responders fell, all of them, and the baselines are mixed. Fisher of 3 and 3: 2 / 20. */
START_TEST(baseline_and_change_are_told_apart)
{
    double x[] = {10, 12, 14, 11, 13, 15};
    double y[] = {5, 6, 7, 11, 13, 15.5};
    int responder[] = {1, 1, 1, 0, 0, 0};
    const rgq_cohort c = {.n = 6, .x = x, .y = y, .positive = responder};
    const rgq_response_limits limits = percent(-30.0, 43.0);
    rgq_response r;

    MUST(rgq_response_make(&r, &c, &limits, &defaults, err));
    ck_assert_double_eq_tol(find(&r, "fisher_change", "naive")->p, 0.1, 1e-12);
    ck_assert_double_eq_tol(find(&r, "fisher_baseline", "naive")->p, 1.0, 1e-12);
    ck_assert_double_eq(find(&r, "auc_change", "naive")->value, 1.0);
    ck_assert(isnan(find(&r, "auc_change", "naive")->low)); /* no interval of an area of 1 */
    ck_assert_double_eq_tol(find(&r, "auc_baseline", "naive")->value, 3.0 / 9.0, 1e-15);
    rgq_response_release(&r);
}
END_TEST

START_TEST(limits_from_test_and_retest)
{
    static const double a[] = {10, 20, 30, 40};
    static const double b[] = {11, 19, 33, 38};
    static const double with_zero[] = {0, 20, 30, 40};
    rgq_response_limits l;

    /* differences 1 -1 3 -2: sd_within = sqrt(15 / 8) */
    MUST(rgq_response_limits_from(&l, &(rgq_pairs){a, b, NULL, 4}, &defaults, err));
    ck_assert(l.has_repeats);
    ck_assert_double_eq_tol(l.repeats.sd_within.value, sqrt(15.0 / 8.0), 1e-13);
    ck_assert_double_lt(l.percent_low, 0.0);
    ck_assert_double_gt(l.percent_high, -l.percent_low); /* of logarithms */
    ck_assert(isnan(l.change));
    MUST(rgq_response_limits_from(&l, &(rgq_pairs){with_zero, b, NULL, 4}, &defaults, err));
    ck_assert(isnan(l.percent_low));
    ck_assert_double_eq(l.change, l.repeats.coefficient.value);
}
END_TEST

START_TEST(what_cannot_be_said_is_told)
{
    double x[] = {0, 2, 4};
    double y[] = {1, 2, 4};
    const rgq_cohort c = {.n = 3, .x = x, .y = y};
    const rgq_response_limits limits = percent(-10.0, 10.0);
    rgq_response r;

    MUST(rgq_response_make(&r, &c, &limits, &defaults, err));
    ck_assert_int_eq(r.verdict[0], RGQ_CHANGE_UNKNOWN);
    ck_assert_int_eq(r.verdict[1], RGQ_CHANGE_WITHIN);
    ck_assert(isnan(r.percent[0]));
    ck_assert_int_eq(r.found.n_left_out, 1);
    ck_assert_ptr_nonnull(strstr(r.found.left_out[0].reason, "values above 0"));
    rgq_response_release(&r);
    const rgq_cohort two = {.n = 2, .x = x, .y = y};
    REFUSED(rgq_response_make(&r, &two, &limits, &defaults, err), RGQ_E_ARGUMENT,
            "2 paired rows");
    rgq_response_release(&r);
}
END_TEST

static rgq_status make_and_release(const rgq_cohort *c, const rgq_response_limits *limits,
                                   rgq_error *err)
{
    rgq_response r;
    const rgq_status st = rgq_response_make(&r, c, limits, &defaults, err);

    rgq_response_release(&r);
    return st;
}

START_TEST(lost_memory)
{
    double x[] = {10, 12, 14, 11, 13, 15};
    double y[] = {5, 6, 7, 11, 13, 15.5};
    int responder[] = {1, 1, 1, 0, 0, 0};
    int patient[] = {1, 2, 3, 4, 5, 5};
    const rgq_cohort c = {
        .n = 6, .x = x, .y = y, .positive = responder, .cluster = patient, .n_patients = 5};
    const rgq_response_limits limits = percent(-30.0, 43.0);

    TORTURE(make_and_release(&c, &limits, err), (void)0, 15);
}
END_TEST

RGQ_CHECK_MAIN("response", tcase_add_test(tc, changes_by_hand);
               tcase_add_test(tc, rows_of_one_patient_count_once);
               tcase_add_test(tc, baseline_and_change_are_told_apart);
               tcase_add_test(tc, limits_from_test_and_retest);
               tcase_add_test(tc, what_cannot_be_said_is_told); tcase_add_test(tc, lost_memory))
