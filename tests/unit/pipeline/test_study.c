/* Comparisons over tables: what is computed, what is refused, what may be said. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "num/stats.h"
#include "pipeline/study.h"
#include "pipeline/study_words.h"
#include "rgdquant/correlation.h"
#include "rgq_check.h"

static rgq_tsv parse(const char *text)
{
    rgq_tsv table = {.n_columns = 0};

    MUST(rgq_tsv_parse(&table, text, strlen(text), "test.tsv", err));
    return table;
}

static rgq_cohort_study_plan plan_for(const rgq_tsv *table, const char *x, const char *y)
{
    const rgq_join_table side = {table, "p.tsv"};

    return (rgq_cohort_study_plan){.left = side,
                                   .right = side,
                                   .x = x,
                                   .y = y,
                                   .opts = {.stat = {0.95, RGQ_P_EXACT, 999, 199, 1},
                                            .error_ratio = (double)NAN,
                                            .threshold = (double)NAN,
                                            .power = (double)NAN,
                                            .power_r = (double)NAN}};
}

/* All that is said of comparison k, a line each. */
static void say(char *out, size_t size, const rgq_cohort_study *study, size_t k)
{
    rgq_json *array = NULL;
    size_t used = 0;

    MUST(rgq_json_array(&array, err));
    MUST(rgq_cohort_study_sentences(array, &study->item[k], study->n, err));
    out[0] = '\0';
    for (size_t i = 0; i < rgq_json_count(array) && used < size; i++) {
        (void)snprintf(out + used, size - used, "%s\n",
                       rgq_json_text(rgq_json_at(array, i), ""));
        used = strlen(out);
    }
    rgq_json_free(array);
}

static const char patients[] = "patient\tx\ty\tv\tpos\tg\th\n"
                               "A\t1.0\t12\t2\tno\t0\t0\n"
                               "A\t1.5\t11\t3\tno\t0\t1\n"
                               "B\t2.0\t25\t1\tno\t1\t1\n"
                               "B\t2.6\t22\t5\tyes\t1\t1\n"
                               "C\t3.1\t28\t2\tno\t2\t1\n"
                               "C\t3.3\t36\t4\tyes\t2\t2\n"
                               "D\t4.2\t35\t3\tyes\t3\t2\n"
                               "D\t4.0\t47\t6\tyes\t2\t3\n";

START_TEST(every_statistic_is_there)
{
    static const char *const names[] = {"pearson",
                                        "spearman",
                                        "kendall",
                                        "partial_pearson",
                                        "partial_spearman",
                                        "least_squares_slope",
                                        "random_intercept_slope",
                                        "deming_slope",
                                        "passing_bablok_slope",
                                        "left_out_rmse",
                                        "left_out_q_squared",
                                        "bland_altman_bias",
                                        "icc_agreement",
                                        "kappa_quadratic",
                                        "odds_slope",
                                        "roc_auc",
                                        "rows_needed",
                                        "power_here"};
    rgq_tsv table = parse(patients);
    rgq_cohort_study study;
    rgq_cohort_study_plan plan = plan_for(&table, "g", "h");

    plan.columns = (rgq_cohort_columns){.cluster = "patient", .size = "v", .positive = "pos"};
    plan.opts.ordinal = RGQ_ORDINAL_BOTH;
    plan.opts.same_unit = true;
    plan.opts.permute = true;
    plan.opts.power = 0.8;
    MUST(rgq_cohort_study_make(&study, &plan, err));
    const rgq_validation *v = study.item[0].validation;
    for (int i = 0; i < ROWS(names); i++) {
        const rgq_found *row = rgq_findings_find(&v->found, names[i]);
        ck_assert_msg(row != NULL, "%s is not there", names[i]);
        ck_assert_msg(isfinite(row->stat.value), "%s", names[i]);
        ck_assert_uint_gt(row->stat.n, 0);
        ck_assert(isnan(row->p_holm)); /* one comparison */
    }
    ck_assert_str_eq(v->found.row[0].variant, "clustered");
    ck_assert_str_eq(v->found.row[1].variant, "naive");
    ck_assert_str_eq(v->found.row[2].variant, "bootstrap");
    ck_assert_uint_eq(v->found.row[2].stat.seed, 1);
    ck_assert(v->has_limits && v->has_roc && v->has_line);
    rgq_cohort_study_release(&study);
    rgq_tsv_release(&table);
}
END_TEST

/* r of (1 2 3 4, 1 3 2 4) is 0.8; of 24 orders of y those with |r| of 0.8 or more are 8: 1/3.
 * The permutation p of 9999 random orders lies within 4 standard errors, 0.019. */
START_TEST(permutation_p_is_that_of_all_orders)
{
    rgq_tsv table = parse("x\ty\n1\t1\n2\t3\n3\t2\n4\t4\n");
    rgq_cohort_study study;
    rgq_cohort_study_plan plan = plan_for(&table, "x", "y");

    plan.opts.permute = true;
    plan.opts.stat.permutations = 9999;
    MUST(rgq_cohort_study_make(&study, &plan, err));
    const rgq_findings *list = &study.item[0].validation->found;
    ck_assert_str_eq(list->row[1].variant, "permutation");
    ck_assert_double_eq_tol(list->row[1].stat.p, 8.0 / 24.0, 0.019);
    ck_assert_double_eq_tol(rgq_findings_find(list, "spearman")->stat.p, 8.0 / 24.0, 1e-12);
    rgq_cohort_study_release(&study);
    rgq_tsv_release(&table);
}
END_TEST

START_TEST(two_scores_are_corrected_by_holm)
{
    rgq_tsv table = parse("x\ty\tz\n1\t1\t5\n2\t3\t1\n3\t2\t4\n4\t4\t2\n5\t6\t3\n6\t5\t6\n");
    rgq_cohort_study study;
    const rgq_cohort_study_plan plan = plan_for(&table, "x", "y, z");

    MUST(rgq_cohort_study_make(&study, &plan, err));
    ck_assert_uint_eq(study.n, 2);
    const rgq_found *a = rgq_findings_find(&study.item[0].validation->found, "pearson");
    const rgq_found *b = rgq_findings_find(&study.item[1].validation->found, "pearson");
    ck_assert_double_lt(a->stat.p, b->stat.p);
    ck_assert_double_eq_tol(a->p_holm, 2.0 * a->stat.p, 1e-15);
    ck_assert_double_eq_tol(b->p_holm, fmax(b->stat.p, 2.0 * a->stat.p), 1e-15);
    rgq_cohort_study_release(&study);
    rgq_tsv_release(&table);
}
END_TEST

static const char parts[] = "l\tx\tpart\ty\n"
                            "1\t1\ttumour\t1\n2\t2\ttumour\t3\n3\t3\ttumour\t2\n"
                            "4\t4\ttumour\t5\n1\t1\tvessel\t2\n2\t2\tvessel\t2\n"
                            "3\t3\tvessel\t2\n4\t4\tvessel\t2\n1\t1\tstroma\t4\n";

START_TEST(a_compartment_without_an_answer_is_told)
{
    rgq_tsv table = parse(parts);
    rgq_cohort_study study;
    rgq_cohort_study_plan plan = plan_for(&table, "x", "y");
    char words[4096];

    plan.compartments = "part";
    plan.by = "l,part";
    MUST(rgq_cohort_study_make(&study, &plan, err));
    ck_assert_uint_eq(study.n, 3);
    ck_assert_str_eq(study.item[1].compartment, "vessel");
    ck_assert_ptr_nonnull(study.item[0].validation);
    ck_assert_ptr_null(study.item[1].validation);
    ck_assert_ptr_null(study.item[2].validation);
    say(words, sizeof words, &study, 1);
    ck_assert_msg(strstr(words, "Not compared: x x, y y, vessel, 4 pairs: y is 2 in all 4") !=
                      NULL,
                  "%s", words);
    say(words, sizeof words, &study, 2);
    ck_assert_msg(strstr(words, "1 pairs: 1 row") != NULL || strstr(words, "3 or more") != NULL,
                  "%s", words);
    rgq_cohort_study_release(&study);
    rgq_tsv_release(&table);
}
END_TEST

START_TEST(each_refusal)
{
    static const struct {
        const char *text, *x, *y, *parts;
        rgq_status status;
        const char *words;
    } cases[] = {
        {"x\ty\n1\t2\n2\t3\n", "x", "y", NULL, RGQ_E_NUMERIC, "2 pairs: 2 rows"},
        {"x\ty\n1\t2\n1\t3\n1\t4\n", "x", "y", NULL, RGQ_E_NUMERIC, "x is 1 in all 3 rows"},
        {"x\ty\n1\tn/a\n1\t3\n2\t4\n", "x", "y", NULL, RGQ_E_NUMERIC, "2 pairs: 2 rows"},
        {"x\ty\n1\t2\n2\t3\n3\t4\n", "x", "z", NULL, RGQ_E_NOTFOUND, "no column 'z'"},
        {"x\ty\n1\t2\n2\t3\n3\t4\n", "x,", "y", NULL, RGQ_E_ARGUMENT, "--x 'x,' has an empty"},
        {"x\ty\n1\t2\n2\t3\n3\t4\n", "x", "y", "part", RGQ_E_NOTFOUND, "no column 'part'"},
        {"x\ty\n", "x", "y", NULL, RGQ_E_FORMAT, "p.tsv has no row"},
    };
    rgq_tsv table = parse(cases[_i].text);
    rgq_cohort_study study;
    rgq_cohort_study_plan plan = plan_for(&table, cases[_i].x, cases[_i].y);

    plan.compartments = cases[_i].parts;
    REFUSED(rgq_cohort_study_make(&study, &plan, err), cases[_i].status, cases[_i].words);
    rgq_cohort_study_release(&study);
    rgq_tsv_release(&table);
}
END_TEST

/* Six patients with r = 0.75: atanh(0.75) -+ 1.96 / sqrt 3 is 0.973 -+ 1.132. */
START_TEST(six_patients_and_a_wide_interval)
{
    char text[400] = "patient\tx\ty\n";
    rgq_cohort_study study;
    char words[4096];
    /* u and v are orthogonal, of mean 0 and equal length */
    static const double u[] = {-5, -3, -1, 1, 3, 5};
    static const double v[] = {5, -1, -4, -4, -1, 5};

    for (int i = 0; i < 6; i++) {
        char line[80];
        (void)snprintf(line, sizeof line, "P%d\t%.17g\t%.17g\n", i, u[i],
                       0.75 * u[i] / sqrt(70.0) + sqrt(1.0 - 0.75 * 0.75) * v[i] / sqrt(84.0));
        (void)strncat(text, line, sizeof text - strlen(text) - 1);
    }
    rgq_tsv table = parse(text);
    rgq_cohort_study_plan plan = plan_for(&table, "x", "y");
    MUST(rgq_cohort_study_make(&study, &plan, err));
    const rgq_found *r = rgq_findings_find(&study.item[0].validation->found, "pearson");
    const double half = rgq_normal_quantile(0.975) / sqrt(3.0);
    ck_assert_double_eq_tol(r->stat.value, 0.75, 1e-14);
    ck_assert_double_eq_tol(r->stat.low, tanh(atanh(0.75) - half), 1e-13);
    ck_assert_double_eq_tol(r->stat.high, tanh(atanh(0.75) + half), 1e-13);
    say(words, sizeof words, &study, 0);
    ck_assert_msg(strstr(words, "Pearson's r is 0.75; 6 rows: the interval runs from -0.16 to "
                                "0.97.\nThe interval holds 0: these data do not show") != NULL,
                  "%s", words);
    ck_assert_ptr_nonnull(strstr(words, "too wide to tell a weak relation from a strong one"));
    ck_assert_ptr_nonnull(strstr(words, "taken as independent"));
    rgq_cohort_study_release(&study);
    plan.columns.cluster = "patient";
    MUST(rgq_cohort_study_make(&study, &plan, err));
    say(words, sizeof words, &study, 0);
    ck_assert_msg(strstr(words, "6 pairs of 6 patients.\n") != NULL, "%s", words);
    ck_assert_msg(strstr(words, "6 patients: the interval runs from ") != NULL, "%s", words);
    ck_assert_ptr_null(strstr(words, "forgets")); /* each has one lesion */
    rgq_cohort_study_release(&study);
    rgq_tsv_release(&table);
}
END_TEST

/* Nothing that can be said claims an amount of a target, a proof or a cause. */
START_TEST(no_sentence_claims_more)
{
    static const char *const forbidden[] = {
        "expresses", "overexpress", "proves",      "confirms",  "causes ",   "therefore",
        "must be",   "responds to", "significant", "validated", "expression"};
    rgq_tsv table = parse(patients);
    rgq_tsv several = parse(parts);
    rgq_cohort_study study;
    char words[8192];

    for (int k = 0; k < 16; k++) {
        rgq_cohort_study_plan plan = plan_for(&table, "x,g", "y,h");
        if ((k & 1) != 0)
            plan.columns.cluster = "patient";
        if ((k & 2) != 0)
            plan.columns.positive = "pos";
        plan.opts.same_unit = (k & 4) != 0;
        plan.opts.ordinal = (k & 8) != 0 ? RGQ_ORDINAL_BOTH : RGQ_ORDINAL_NONE;
        plan.opts.power = 0.9;
        plan.columns.size = "v";
        if (k == 15) {
            plan = plan_for(&several, "x", "y");
            plan.compartments = "part";
        }
        MUST(rgq_cohort_study_make(&study, &plan, err));
        for (size_t i = 0; i < study.n; i++) {
            say(words, sizeof words, &study, i);
            ck_assert_uint_lt(strlen(words), sizeof words - 1);
            for (int w = 0; w < ROWS(forbidden); w++)
                ck_assert_msg(strstr(words, forbidden[w]) == NULL, "'%s' is in: %s",
                              forbidden[w], words);
            ck_assert_msg(study.item[i].validation == NULL ||
                              strstr(words, "neither is an amount of the target") != NULL,
                          "%s", words);
        }
        rgq_cohort_study_release(&study);
    }
    rgq_tsv_release(&table);
    rgq_tsv_release(&several);
}
END_TEST

static rgq_status make_and_release(const rgq_cohort_study_plan *plan, rgq_error *err)
{
    rgq_cohort_study study;
    const rgq_status st = rgq_cohort_study_make(&study, plan, err);

    rgq_cohort_study_release(&study);
    return st;
}

START_TEST(lost_memory)
{
    rgq_tsv table = parse(patients);
    rgq_cohort_study_plan plan = plan_for(&table, "x", "y,g");

    plan.columns = (rgq_cohort_columns){.cluster = "patient", .size = "v", .positive = "pos"};
    plan.opts.same_unit = true;
    plan.opts.permute = true;
    TORTURE(make_and_release(&plan, err), (void)0, 60);
    rgq_tsv_release(&table);
}
END_TEST

RGQ_CHECK_MAIN("study", tcase_add_test(tc, every_statistic_is_there);
               tcase_add_test(tc, permutation_p_is_that_of_all_orders);
               tcase_add_test(tc, two_scores_are_corrected_by_holm);
               tcase_add_test(tc, a_compartment_without_an_answer_is_told);
               tcase_add_loop_test(tc, each_refusal, 0, 7);
               tcase_add_test(tc, six_patients_and_a_wide_interval);
               tcase_add_test(tc, no_sentence_claims_more); tcase_add_test(tc, lost_memory))
