#include "rgdquant/ordinal.h"

#include <math.h>
#include <string.h>

#include "num/rng.h"
#include "rgq_check.h"

static const rgq_stat_opts opts = RGQ_STAT_OPTS_INIT;

#define NEAR(got, want) ck_assert_double_le(fabs((got) - (want)), 1e-11 * fabs(want))

/* The fit by its parts. */
static rgq_status fit(rgq_odds_model *out, const double *x, int p, const int *score,
                      const int *cluster, size_t n, rgq_error *err)
{
    const rgq_odds_data data = {x, p, score, cluster, n};

    return rgq_odds_fit(out, &data, &opts, err);
}

enum { N = 40 };

/* Forty lesions of ten patients with two predictors and a score of 0 to 3. */
typedef struct lesions {
    double x[2 * N];
    int score[N];
    int patient[N];
    double marker[N];
    bool positive[N];
} lesions;

static void make_lesions(lesions *l)
{
    for (int i = 0; i < N; i++) {
        const int a = (i * 7) % 4;
        l->score[i] = i % 5 == 0 ? (i * 3) % 4 : i % 7 == 0 && a < 3 ? a + 1 : a;
        l->x[2 * i] = a + 0.3 * ((i * 11) % 7);
        l->x[2 * i + 1] = (i * 5) % 3;
        l->patient[i] = i / 4;
        l->marker[i] = floor(2.0 * l->x[2 * i]);
        l->positive[i] = l->score[i] >= 2;
    }
}

/* Satisfaction of 1681 tenants of Copenhagen (Madsen 1976), R's data set housing; the example
 * of polr() in Venables and Ripley 2002, section 7.3. polr() finds its maximum by differences,
 * hence 1e-6 for values and 1e-5 for errors. */
START_TEST(tenants_of_copenhagen)
{
    static const int count[72] = {21, 21, 28, 34, 22, 36, 10, 11, 36, 61, 23, 17, 43, 35, 40,
                                  26, 18, 54, 13, 9,  10, 8,  8,  12, 6,  7,  9,  18, 6,  7,
                                  15, 13, 13, 7,  5,  11, 14, 19, 37, 17, 23, 40, 3,  5,  23,
                                  78, 46, 43, 48, 45, 86, 15, 25, 62, 20, 23, 20, 10, 22, 24,
                                  7,  10, 21, 57, 23, 13, 31, 21, 13, 5,  6,  13};
    static const double slope[6][2] = {{0.566393738, 0.104652784},  {1.288819111, 0.127156148},
                                       {-0.572350002, 0.119238012}, {-0.366186370, 0.155173336},
                                       {-1.091014659, 0.151486023}, {0.360284004, 0.095535798}};
    static const double threshold[2][2] = {{-0.496135138, 0.124847245},
                                           {0.690708259, 0.125471939}};
    static double x[1681 * 6];
    static int score[1681];
    size_t n = 0;
    rgq_odds_model m;

    for (int cell = 0; cell < 72; cell++)
        for (int k = 0; k < count[cell]; k++, n++) {
            const int influence = cell / 3 % 3;
            const int type = cell / 9 % 4;
            score[n] = cell % 3;
            for (int j = 1; j < 3; j++)
                x[n * 6 + (size_t)j - 1] = influence == j;
            for (int j = 1; j < 4; j++)
                x[n * 6 + (size_t)j + 1] = type == j;
            x[n * 6 + 5] = cell / 36;
        }
    ck_assert_int_eq((int)n, 1681);
    MUST(fit(&m, x, 6, score, NULL, n, err));
    for (int j = 0; j < 6; j++) {
        ck_assert_double_eq_tol(m.slope[j].value, slope[j][0], 1e-6);
        ck_assert_double_eq_tol(m.slope[j].se, slope[j][1], 1e-5);
    }
    for (int k = 0; k < 2; k++) {
        ck_assert_double_eq_tol(m.threshold[k].value, threshold[k][0], 1e-6);
        ck_assert_double_eq_tol(m.threshold[k].se, threshold[k][1], 1e-5);
    }
    NEAR(m.deviance, 3479.14929905895);
    ck_assert(m.n_thresholds == 2 && m.n_predictors == 6 && m.p_model < 1e-30);
}
END_TEST

/* polr() of MASS 7.3-58, as close as its search comes. */
START_TEST(scores_of_lesions)
{
    lesions l;
    rgq_odds_model m;

    make_lesions(&l);
    MUST(fit(&m, l.x, 2, l.score, NULL, N, err));
    ck_assert_double_eq_tol(m.slope[0].value, 2.150974, 1e-6);
    ck_assert_double_eq_tol(m.slope[0].se, 0.450106, 1e-6);
    ck_assert_double_eq_tol(m.slope[1].value, 0.334309, 1e-6);
    ck_assert_double_eq_tol(m.threshold[2].value, 7.733788, 1e-6);
    ck_assert_double_eq_tol(m.deviance, 67.428123702068, 1e-9);
    /* The scale of a predictor, and where grades begin, change nothing else. */
    rgq_odds_model other;
    for (int i = 0; i < N; i++) {
        l.x[2 * i] = 1000.0 - 1e-3 * l.x[2 * i];
        l.score[i] = 10 * l.score[i] - 7;
    }
    MUST(fit(&other, l.x, 2, l.score, NULL, N, err));
    ck_assert_double_eq_tol(-1e-3 * other.slope[0].value, m.slope[0].value, 1e-7);
    ck_assert_double_eq_tol(other.deviance, m.deviance, 1e-9);
    ck_assert(other.grade[0] == -7 && other.grade[3] == 23);
}
END_TEST

/* A single threshold and a yes-or-no predictor: the log odds ratio of the table and its
 * variance 1/a + 1/b + 1/c + 1/d. With every row a patient the sandwich is that of White. */
START_TEST(two_by_two_in_closed_form)
{
    double x[40];
    int score[40];
    rgq_odds_model m;

    for (int i = 0; i < 40; i++) { /* 12 8 / 5 15 */
        x[i] = i >= 20;
        score[i] = (i >= 12 && i < 20) || i >= 25;
    }
    MUST(fit(&m, x, 1, score, NULL, 40, err));
    NEAR(m.slope[0].value, log(12.0 * 15.0 / (8.0 * 5.0)));
    NEAR(m.slope[0].se, sqrt(1.0 / 12 + 1.0 / 8 + 1.0 / 5 + 1.0 / 15));
    NEAR(m.threshold[0].value, log(12.0 / 8.0));
    int id[40];
    for (int i = 0; i < 40; i++)
        id[i] = i;
    rgq_odds_model robust;
    MUST(fit(&robust, x, 1, score, id, 40, err));
    NEAR(robust.slope[0].se, m.slope[0].se * sqrt(40.0 / 39.0)); /* the model is saturated */
    ck_assert(robust.slope[0].dof == 39.0 && robust.slope[0].n_clusters == 40);
}
END_TEST

START_TEST(separation_is_said)
{
    static const double x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    static const double touching[] = {1, 2, 3, 3, 5, 6, 7, 7, 9, 10};
    static const int score[] = {0, 0, 0, 1, 1, 2, 2, 3, 3, 3};
    static const int falling[] = {1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
    rgq_odds_model m;

    memset(&m, 0x5a, sizeof m);
    const rgq_odds_model before = m;
    REFUSED(fit(&m, x, 1, score, NULL, 10, err), RGQ_E_NUMERIC, "separation");
    REFUSED(fit(&m, touching, 1, score, NULL, 10, err), RGQ_E_NUMERIC, "separation");
    REFUSED(fit(&m, x, 1, falling, NULL, 10, err), RGQ_E_NUMERIC, "separation");
    ck_assert(memcmp(&m, &before, sizeof m) == 0);
}
END_TEST

START_TEST(refusals_of_odds)
{
    static const double x[] = {1, 2, 3, 4, 1, 2, 3, 4};
    static const double twice[] = {1, 2, 2, 4, 3, 6, 4, 8, 1, 2, 0, 0, 5, 10, 1, 2};
    static const double flat[] = {2, 2, 2, 2, 2, 2, 2, 2};
    static const double gap[] = {1, 2, 3, (double)NAN, 1, 2, 3, 4};
    static const int score[] = {0, 1, 0, 1, 1, 0, 1, 0};
    static const int same[] = {3, 3, 3, 3, 3, 3, 3, 3};
    static const int two[] = {1, 1, 1, 1, 2, 2, 2, 2};
    int many[14];
    double ramp[14];
    rgq_odds_model m;

    for (int i = 0; i < 14; i++)
        ramp[i] = many[i] = i;
    REFUSED(fit(&m, x, 0, score, NULL, 8, err), RGQ_E_ARGUMENT, "0 predictors");
    REFUSED(fit(&m, x, 9, score, NULL, 8, err), RGQ_E_ARGUMENT, "9 predictors");
    REFUSED(fit(&m, x, 1, score, NULL, 2, err), RGQ_E_ARGUMENT, "2 rows");
    REFUSED(fit(&m, twice, 2, score, NULL, 3, err), RGQ_E_ARGUMENT, "need 4");
    REFUSED(fit(&m, twice, 2, score, NULL, 8, err), RGQ_E_NUMERIC, "predictor 2 follows");
    REFUSED(fit(&m, flat, 1, score, NULL, 8, err), RGQ_E_NUMERIC, "predictor 1 is 2 in all 8");
    REFUSED(fit(&m, gap, 1, score, NULL, 8, err), RGQ_E_NUMERIC, "row 4 of 8");
    REFUSED(fit(&m, x, 1, same, NULL, 8, err), RGQ_E_NUMERIC, "3 in all 8");
    REFUSED(fit(&m, ramp, 1, many, NULL, 14, err), RGQ_E_ARGUMENT, "more than 12");
    REFUSED(fit(&m, x, 1, score, two, 8, err), RGQ_E_ARGUMENT, "2 patients");
}
END_TEST

/* S100B of 113 patients with subarachnoid haemorrhage (Turck and others 2010), sorted, by
 * outcome: the example of pROC, "95% CI: 0.6301-0.8326 (DeLong)"; digits by pROC 1.18. */
START_TEST(s100b_as_in_proc)
{
    static const double poor[41] = {
        0.03, 0.07, 0.07, 0.07, 0.08, 0.09, 0.09, 0.1,  0.1,  0.11, 0.12, 0.13, 0.13, 0.14,
        0.16, 0.22, 0.23, 0.25, 0.26, 0.27, 0.3,  0.32, 0.33, 0.35, 0.41, 0.44, 0.44, 0.48,
        0.49, 0.52, 0.56, 0.58, 0.7,  0.71, 0.71, 0.74, 0.77, 0.82, 0.86, 0.96, 2.07};
    static const double good[72] = {
        0.04, 0.04, 0.04, 0.04, 0.04, 0.05, 0.05, 0.05, 0.06, 0.06, 0.07, 0.07,
        0.07, 0.07, 0.07, 0.07, 0.08, 0.08, 0.08, 0.08, 0.08, 0.08, 0.09, 0.09,
        0.09, 0.09, 0.09, 0.09, 0.1,  0.1,  0.1,  0.1,  0.1,  0.1,  0.1,  0.11,
        0.11, 0.11, 0.11, 0.13, 0.13, 0.13, 0.14, 0.14, 0.14, 0.14, 0.15, 0.15,
        0.15, 0.15, 0.16, 0.16, 0.16, 0.17, 0.17, 0.18, 0.19, 0.19, 0.24, 0.28,
        0.32, 0.33, 0.34, 0.38, 0.43, 0.45, 0.46, 0.47, 0.47, 0.48, 0.5,  0.5};
    double marker[113];
    bool positive[113];
    rgq_roc roc;

    for (int i = 0; i < 113; i++) {
        marker[i] = i < 41 ? poor[i] : good[i - 41];
        positive[i] = i < 41;
    }
    MUST(rgq_roc_make(&roc, marker, positive, NULL, 113, &opts, err));
    NEAR(roc.auc.value, 0.731368563685637);
    NEAR(roc.auc.low, 0.630118211761623);
    NEAR(roc.auc.high, 0.832618915609651);
    NEAR(roc.auc.se, sqrt(0.00266868245717244));
    /* pROC puts thresholds between markers: 0.205 is our 0.22. */
    NEAR(roc.youden.threshold, 0.22);
    NEAR(roc.youden.sensitivity, 0.634146341463415);
    NEAR(roc.youden.specificity, 0.805555555555556);
    ck_assert(roc.n_points == 51 && roc.n_positive == 41 && roc.n_negative == 72);
    ck_assert(roc.points[0].sensitivity == 0.0 && roc.points[50].sensitivity == 1.0);
    NEAR(roc.points[50].specificity + 1.0, 1.0);
    rgq_roc_release(&roc);
}
END_TEST

/* pROC for DeLong, the formulas of Obuchowski 1997 written out in R over all pairs. */
START_TEST(lesions_of_patients)
{
    lesions l;
    rgq_roc roc;

    make_lesions(&l);
    MUST(rgq_roc_make(&roc, l.marker, l.positive, l.patient, N, &opts, err));
    NEAR(roc.auc.value, 0.93483709273183);
    NEAR(roc.naive_auc.se, 0.036327165918792);
    NEAR(roc.auc.se, 0.033470929885089);
    ck_assert(roc.auc.n_clusters == 10 && roc.naive_auc.n_clusters == 0);
    ck_assert(roc.auc.high == 1.0);
    rgq_roc_release(&roc);
    ck_assert(roc.points == NULL);
    /* Each row a patient of its own: DeLong's variance. */
    int own[N];
    for (int i = 0; i < N; i++)
        own[i] = -i;
    MUST(rgq_roc_make(&roc, l.marker, l.positive, own, N, &opts, err));
    NEAR(roc.auc.se, roc.naive_auc.se);
    rgq_roc_release(&roc);
}
END_TEST

/* Area and curve by their definitions, pair by pair and threshold by threshold. */
START_TEST(roc_by_definition)
{
    enum { M = 60 };
    double marker[M];
    bool positive[M];
    double pairs = 0.0;
    double won = 0.0;
    rgq_rng *rng = NULL;
    rgq_roc roc;

    MUST(rgq_rng_create(&rng, 2, err));
    for (int i = 0; i < M; i++) {
        positive[i] = i % 3 == 0;
        marker[i] = floor(6.0 * rgq_rng_uniform(rng)) + positive[i];
    }
    MUST(rgq_roc_make(&roc, marker, positive, NULL, M, &opts, err));
    for (int i = 0; i < M; i++)
        for (int k = 0; k < M; k++)
            if (positive[i] && !positive[k]) {
                pairs += 1.0;
                won += marker[i] > marker[k] ? 1.0 : marker[i] < marker[k] ? 0.0 : 0.5;
            }
    NEAR(roc.auc.value, won / pairs);
    double trapezoids = 0.0;
    for (size_t k = 1; k < roc.n_points; k++) {
        const rgq_roc_point *a = &roc.points[k - 1];
        const rgq_roc_point *b = &roc.points[k];
        double hits = 0.0;
        for (int i = 0; i < M; i++)
            hits += positive[i] && marker[i] >= b->threshold;
        NEAR(b->sensitivity, hits / 20.0);
        trapezoids +=
            0.5 * (a->sensitivity + b->sensitivity) * (a->specificity - b->specificity);
    }
    NEAR(trapezoids, won / pairs);
    rgq_roc_release(&roc);
    rgq_rng_free(rng);
}
END_TEST

START_TEST(a_perfect_curve_has_no_interval)
{
    static const double marker[] = {1, 2, 3, 4, 5};
    static const bool positive[] = {false, false, false, true, true};
    static const int id[] = {1, 2, 2, 3, 3};
    static const bool lone[] = {false, false, false, false, true};
    static const double gap[] = {1, 2, (double)NAN, 4, 5};
    rgq_roc roc;

    MUST(rgq_roc_make(&roc, marker, positive, NULL, 5, &opts, err));
    ck_assert(roc.auc.value == 1.0 && isnan(roc.auc.low) && isnan(roc.auc.p));
    ck_assert_str_ne(roc.auc.note, "");
    ck_assert(roc.youden.threshold == 4.0);
    rgq_roc_release(&roc);
    memset(&roc, 0x5a, sizeof roc);
    const rgq_roc before = roc;
    REFUSED(rgq_roc_make(&roc, marker, lone, NULL, 5, &opts, err), RGQ_E_ARGUMENT,
            "1 positive and 4 negative");
    REFUSED(rgq_roc_make(&roc, gap, positive, NULL, 5, &opts, err), RGQ_E_NUMERIC,
            "row 3 of 5");
    REFUSED(rgq_roc_make(&roc, marker, positive, (const int[]){1, 1, 1, 2, 2}, 5, &opts, err),
            RGQ_E_ARGUMENT, "2 patients");
    ck_assert(memcmp(&roc, &before, sizeof roc) == 0);
    MUST(rgq_roc_make(&roc, marker, positive, id, 5, &opts, err));
    rgq_roc_release(&roc);
}
END_TEST

START_TEST(torture)
{
    lesions l;
    rgq_odds_model m;
    rgq_roc roc = {.points = NULL};

    make_lesions(&l);
    TORTURE(fit(&m, l.x, 2, l.score, l.patient, N, err), (void)0, 4);
    TORTURE(rgq_roc_make(&roc, l.marker, l.positive, l.patient, N, &opts, err),
            if (torture_st == RGQ_OK) rgq_roc_release(&roc), 8);
}
END_TEST

RGQ_CHECK_MAIN("ordinal", tcase_add_test(tc, tenants_of_copenhagen);
               tcase_add_test(tc, scores_of_lesions);
               tcase_add_test(tc, two_by_two_in_closed_form);
               tcase_add_test(tc, separation_is_said); tcase_add_test(tc, refusals_of_odds);
               tcase_add_test(tc, s100b_as_in_proc); tcase_add_test(tc, lesions_of_patients);
               tcase_add_test(tc, roc_by_definition);
               tcase_add_test(tc, a_perfect_curve_has_no_interval); tcase_add_test(tc, torture))
