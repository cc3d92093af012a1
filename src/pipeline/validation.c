#include "pipeline/validation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "num/rng.h"
#include "pipeline/uptake_model_fit.h"
#include "rgdquant/correlation.h"
#include "rgdquant/line_fit.h"

/* ---- the list ---- */

static void add(rgq_validation *v, const char *statistic, const char *variant,
                const rgq_stat *stat)
{
    rgq_findings_add(&v->found, statistic, variant, stat);
}

static void add_first(rgq_validation *v, const char *statistic, const rgq_stat *stat)
{
    rgq_findings_add_first(&v->found, statistic, stat);
}

static rgq_stat plain(const rgq_validation *v, double value, const char *note)
{
    return rgq_findings_number(&v->found, value, note);
}

#define PART(v, what, call) RGQ_PART(&(v)->found, what, call)

/* ---- correlation ---- */

static void add_correlation(rgq_validation *v, const char *name, const rgq_correlation *c)
{
    if (c->clustered.n_clusters > 0) {
        add(v, name, "clustered", &c->clustered);
        add(v, name, "naive", &c->naive);
        add(v, name, "bootstrap", &c->bootstrap);
    } else {
        add(v, name, "naive", &c->naive);
    }
}

static rgq_status correlate(rgq_validation *v, const char *name, const rgq_pairs *pairs,
                            rgq_correlation_kind kind, const rgq_stat_opts *opts,
                            rgq_error *err)
{
    rgq_correlation c;

    RGQ_PASS(err, rgq_correlate(&c, pairs, kind, opts, err));
    v->tied_x = c.tied_x;
    v->tied_y = c.tied_y;
    add_correlation(v, name, &c);
    return RGQ_OK;
}

static double centred_product(const double *x, const double *y, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

/* (b + 1) / (m + 1): b of m random orders of y give a |r| that is at least as large. */
static rgq_status permute(rgq_validation *v, const rgq_pairs *pairs, const rgq_stat_opts *opts,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_rng *rng = NULL;
    double *x = NULL;
    const size_t n = pairs->n;
    size_t hits = 0;
    double mean = 0.0;

    RGQ_TRY(err, rgq_rng_create(&rng, opts->seed, err));
    RGQ_TRY(err, rgq_alloc(&x, 2 * n, sizeof *x, err));
    double *const y = x + n;
    for (size_t i = 0; i < n; i++)
        mean += pairs->x[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        x[i] = pairs->x[i] - mean;
        y[i] = pairs->y[i];
    }
    /* sums of x y rise with r: x has mean 0, so the mean of y does not matter */
    const double seen = fabs(centred_product(x, y, n));
    const double edge = seen - 1e-12 * seen;
    for (size_t k = 0; k < opts->permutations; k++) {
        for (size_t i = n - 1; i > 0; i--) {
            const size_t j = (size_t)(rgq_rng_uniform(rng) * (double)(i + 1));
            const double kept = y[i];
            y[i] = y[j];
            y[j] = kept;
        }
        hits += fabs(centred_product(x, y, n)) >= edge;
    }
    rgq_stat s = plain(v, v->found.row[0].stat.value, "rows taken as independent");
    s.n_clusters = 0;
    s.p = (double)(hits + 1) / (double)(opts->permutations + 1);
    s.p_by = "random orders of y, (b + 1) / (m + 1)";
    s.seed = opts->seed;
    s.draws = opts->permutations;
    add(v, "pearson", "permutation", &s);
out:
    rgq_free(x);
    rgq_rng_free(rng);
    return st;
}

/* Of the pairs whose size is known. */
static rgq_status partial(rgq_validation *v, const rgq_cohort *c, const rgq_stat_opts *opts,
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *held = NULL;
    int *cluster = NULL;
    size_t n = 0;
    rgq_correlation r;

    RGQ_TRY(err, rgq_alloc(&held, 3 * c->n, sizeof *held, err));
    RGQ_TRY(err, rgq_alloc(&cluster, c->n, sizeof *cluster, err));
    double *const x = held + c->n;
    double *const y = x + c->n;
    for (size_t i = 0; i < c->n; i++) {
        if (isnan(c->size[i]))
            continue;
        held[n] = c->size[i];
        x[n] = c->x[i];
        y[n] = c->y[i];
        cluster[n++] = c->cluster != NULL ? c->cluster[i] : 0;
    }
    const rgq_pairs pairs = {x, y, c->cluster != NULL ? cluster : NULL, n};
    RGQ_TRY(err, rgq_correlate_partial(&r, &pairs, held, RGQ_PEARSON, opts, err));
    add_correlation(v, "partial_pearson", &r);
    RGQ_TRY(err, rgq_correlate_partial(&r, &pairs, held, RGQ_SPEARMAN, opts, err));
    add_correlation(v, "partial_spearman", &r);
out:
    rgq_free(held);
    rgq_free(cluster);
    return st;
}

/* ---- lines ---- */

static void add_line(rgq_validation *v, const char *slope, const char *intercept,
                     const rgq_line *line)
{
    add_first(v, slope, &line->slope);
    if (line->slope.n_clusters > 0 && isfinite(line->naive_slope.value))
        add(v, slope, "naive", &line->naive_slope);
    add_first(v, intercept, &line->intercept);
    if (line->intercept.n_clusters > 0 && isfinite(line->naive_intercept.value))
        add(v, intercept, "naive", &line->naive_intercept);
}

static rgq_status least_squares(rgq_validation *v, const rgq_pairs *pairs,
                                const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_line line;

    RGQ_PASS(err, rgq_line_least_squares(&line, pairs, opts, err));
    add_line(v, "least_squares_slope", "least_squares_intercept", &line);
    rgq_stat s = plain(v, line.r_squared, "");
    add(v, "least_squares_r_squared", "naive", &s);
    s.value = line.residual_sd;
    add(v, "least_squares_residual_sd", "naive", &s);
    return RGQ_OK;
}

static rgq_status random_intercept(rgq_validation *v, const rgq_pairs *pairs,
                                   const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_line line;

    RGQ_PASS(err, rgq_line_random_intercept(&line, pairs, opts, err));
    add_line(v, "random_intercept_slope", "random_intercept_intercept", &line);
    rgq_stat s = plain(v, line.sd_between, "between patients");
    add(v, "random_intercept_sd_between", "clustered", &s);
    s = plain(v, line.sd_within, "within patients");
    add(v, "random_intercept_sd_within", "clustered", &s);
    return RGQ_OK;
}

static rgq_status deming(rgq_validation *v, const rgq_pairs *pairs,
                         const rgq_validation_opts *opts, rgq_error *err)
{
    const bool assumed = isnan(opts->error_ratio);
    rgq_line line;

    RGQ_PASS(err, rgq_line_deming(&line, pairs, assumed ? 1.0 : opts->error_ratio, &opts->stat,
                                  err));
    if (assumed)
        line.slope.note = line.intercept.note =
            "errors of x and y are assumed to have the same variance; --error-ratio states it";
    add_line(v, "deming_slope", "deming_intercept", &line);
    return RGQ_OK;
}

static rgq_status passing_bablok(rgq_validation *v, const rgq_pairs *pairs,
                                 const rgq_validation_opts *opts, rgq_error *err)
{
    rgq_line line;

    RGQ_PASS(err, rgq_line_passing_bablok(&line, pairs, &opts->stat, err));
    if (!opts->same_unit && line.slope.note[0] == '\0')
        line.slope.note = "meant for two measurements of one quantity; x and y are two";
    add(v, "passing_bablok_slope", "naive", &line.slope);
    add(v, "passing_bablok_intercept", "naive", &line.intercept);
    return RGQ_OK;
}

static rgq_status left_out_error(rgq_validation *v, const rgq_pairs *pairs, rgq_error *err)
{
    rgq_prediction_error e;
    const char *note = pairs->cluster != NULL ? "leave one patient out" : "leave one row out";

    RGQ_PASS(err, rgq_line_prediction_error(&e, pairs, err));
    rgq_stat s = plain(v, e.rmse, note);
    const char *variant = pairs->cluster != NULL ? "clustered" : "naive";
    add(v, "left_out_rmse", variant, &s);
    s.value = e.mae;
    add(v, "left_out_mae", variant, &s);
    s.value = e.bias;
    add(v, "left_out_bias", variant, &s);
    s.value = e.q_squared;
    s.note = "1 - squared error / that of the mean of the others; below 0: worse than it";
    add(v, "left_out_q_squared", variant, &s);
    return RGQ_OK;
}

/* ---- agreement ---- */

static rgq_status limits(rgq_validation *v, const rgq_pairs *pairs, const rgq_stat_opts *opts,
                         rgq_error *err)
{
    RGQ_PASS(err, rgq_agreement_limits(&v->limits, pairs, opts, err));
    v->has_limits = true;
    add_first(v, "bland_altman_bias", &v->limits.bias);
    add_first(v, "bland_altman_lower", &v->limits.lower);
    add_first(v, "bland_altman_upper", &v->limits.upper);
    if (isfinite(v->limits.trend.value))
        add_first(v, "bland_altman_trend", &v->limits.trend);
    return RGQ_OK;
}

static rgq_status icc(rgq_validation *v, const rgq_pairs *pairs, const rgq_stat_opts *opts,
                      rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *values = NULL;
    rgq_icc r;

    RGQ_TRY(err, rgq_alloc(&values, 2 * pairs->n, sizeof *values, err));
    for (size_t i = 0; i < pairs->n; i++) {
        values[2 * i] = pairs->x[i];
        values[2 * i + 1] = pairs->y[i];
    }
    RGQ_TRY(err, rgq_icc_two_way(&r, values, pairs->n, 2, opts, err));
    if (pairs->cluster != NULL && r.agreement.note[0] == '\0')
        r.agreement.note = r.consistency.note =
            "rows taken as independent: too narrow where a patient has several";
    add(v, "icc_agreement", "naive", &r.agreement);
    add(v, "icc_consistency", "naive", &r.consistency);
out:
    rgq_free(values);
    return st;
}

/* ---- grades ---- */

static rgq_status check_grades(const double *values, size_t n, const char *name, rgq_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] < 0.0 || values[i] != floor(values[i]) || values[i] >= RGQ_CATEGORIES_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%s of pair %zu is %g; a grade is a whole number 0 to %d", name,
                             i + 1, values[i], RGQ_CATEGORIES_MAX - 1);
    return RGQ_OK;
}

static rgq_status kappas(rgq_validation *v, const rgq_pairs *pairs, const rgq_stat_opts *opts,
                         rgq_error *err)
{
    static const char *const names[] = {"kappa", "kappa_linear", "kappa_quadratic"};
    static const rgq_kappa_weights weights[] = {RGQ_KAPPA_UNWEIGHTED, RGQ_KAPPA_LINEAR,
                                                RGQ_KAPPA_QUADRATIC};
    int categories = 2;
    rgq_stat s;

    RGQ_PASS(err, check_grades(pairs->x, pairs->n, "x", err));
    RGQ_PASS(err, check_grades(pairs->y, pairs->n, "y", err));
    for (size_t i = 0; i < pairs->n; i++) {
        const int top = (int)fmax(pairs->x[i], pairs->y[i]);
        categories = top + 1 > categories ? top + 1 : categories;
    }
    for (int k = 0; k < 3; k++) {
        RGQ_PASS(err, rgq_kappa(&s, pairs, categories, weights[k], opts, err));
        add_first(v, names[k], &s);
    }
    return RGQ_OK;
}

static rgq_status odds(rgq_validation *v, const rgq_pairs *pairs, const rgq_stat_opts *opts,
                       rgq_error *err)
{
    static const char *const names[RGQ_ODDS_GRADES_MAX - 1] = {
        "odds_threshold_1", "odds_threshold_2",  "odds_threshold_3", "odds_threshold_4",
        "odds_threshold_5", "odds_threshold_6",  "odds_threshold_7", "odds_threshold_8",
        "odds_threshold_9", "odds_threshold_10", "odds_threshold_11"};
    rgq_status st = RGQ_OK;
    int *score = NULL;
    rgq_odds_model m;

    RGQ_TRY(err, check_grades(pairs->y, pairs->n, "y", err));
    RGQ_TRY(err, rgq_alloc(&score, pairs->n, sizeof *score, err));
    for (size_t i = 0; i < pairs->n; i++)
        score[i] = (int)pairs->y[i];
    const rgq_odds_data data = {pairs->x, 1, score, pairs->cluster, pairs->n};
    RGQ_TRY(err, rgq_odds_fit(&m, &data, opts, err));
    add_first(v, "odds_slope", &m.slope[0]);
    for (int k = 0; k < m.n_thresholds; k++)
        add_first(v, names[k], &m.threshold[k]);
    rgq_stat s = plain(v, m.null_deviance - m.deviance, "");
    s.p = m.p_model;
    s.p_by = "likelihood ratio, chi-squared";
    s.n_clusters = 0;
    add(v, "odds_likelihood_ratio", "naive", &s);
    v->n_grades = m.n_thresholds + 1;
    memcpy(v->grade, m.grade, sizeof v->grade);
out:
    rgq_free(score);
    return st;
}

/* ---- yes or no ---- */

static rgq_status roc(rgq_validation *v, const rgq_cohort *c, const rgq_validation_opts *opts,
                      rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *marker = NULL;
    bool *positive = NULL;
    int *cluster = NULL;
    size_t n = 0;

    RGQ_TRY(err, rgq_alloc(&marker, c->n, sizeof *marker, err));
    RGQ_TRY(err, rgq_alloc(&positive, c->n, sizeof *positive, err));
    RGQ_TRY(err, rgq_alloc(&cluster, c->n, sizeof *cluster, err));
    for (size_t i = 0; i < c->n; i++) {
        const bool by_threshold = isfinite(opts->threshold);
        if (!by_threshold && c->positive[i] < 0)
            continue;
        marker[n] = c->x[i];
        positive[n] = by_threshold ? c->y[i] >= opts->threshold : c->positive[i] == 1;
        cluster[n++] = c->cluster != NULL ? c->cluster[i] : 0;
    }
    RGQ_TRY(err, rgq_roc_make(&v->roc, marker, positive, c->cluster != NULL ? cluster : NULL, n,
                              &opts->stat, err));
    v->has_roc = true;
    add_first(v, "roc_auc", &v->roc.auc);
    if (v->roc.auc.n_clusters > 0)
        add(v, "roc_auc", "naive", &v->roc.naive_auc);
    rgq_stat s = plain(v, v->roc.youden.threshold,
                       "the largest sensitivity + specificity - 1, chosen on these data: its "
                       "sensitivity and specificity are too good");
    s.n = n;
    add(v, "roc_youden_threshold", "naive", &s);
    s.value = v->roc.youden.sensitivity;
    add(v, "roc_youden_sensitivity", "naive", &s);
    s.value = v->roc.youden.specificity;
    add(v, "roc_youden_specificity", "naive", &s);
out:
    rgq_free(marker);
    rgq_free(positive);
    rgq_free(cluster);
    return st;
}

/* ---- sample size ---- */

static rgq_status sample_size(rgq_validation *v, const rgq_validation_opts *opts,
                              rgq_error *err)
{
    const bool found = isnan(opts->power_r);
    const double r = found ? v->found.row[0].stat.value : opts->power_r;
    const size_t n = rgq_correlation_min_n(r, opts->power, 1.0 - opts->stat.confidence);

    if (n == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "no number of rows up to 1000000 has the power %g for r = %g at the "
                         "level %g",
                         opts->power, r, 1.0 - opts->stat.confidence);
    rgq_stat s = plain(v, (double)n,
                       found ? "for the r of these data, which is itself uncertain; "
                               "independent rows: several of one patient count for less"
                             : "independent rows: several of one patient count for less");
    add(v, "rows_needed", "exact", &s);
    s = plain(v, rgq_correlation_power(v->found.n, r, 1.0 - opts->stat.confidence),
              "of as many independent rows as there are here");
    add(v, "power_here", "exact", &s);
    return RGQ_OK;
}

/* ---- all of it ---- */

static rgq_status make_agreement(rgq_validation *v, const rgq_pairs *pairs,
                                 const rgq_validation_opts *opts, rgq_error *err)
{
    if (opts->same_unit) {
        PART(v, "Bland-Altman", limits(v, pairs, &opts->stat, own));
        PART(v, "ICC", icc(v, pairs, &opts->stat, own));
    }
    if (opts->ordinal == RGQ_ORDINAL_BOTH)
        PART(v, "kappa", kappas(v, pairs, &opts->stat, own));
    if (opts->ordinal != RGQ_ORDINAL_NONE)
        PART(v, "proportional odds", odds(v, pairs, &opts->stat, own));
    return RGQ_OK;
}

static rgq_status make_lines(rgq_validation *v, const rgq_pairs *pairs,
                             const rgq_validation_opts *opts, rgq_error *err)
{
    PART(v, "least squares", least_squares(v, pairs, &opts->stat, own));
    if (pairs->cluster != NULL)
        PART(v, "random intercept", random_intercept(v, pairs, &opts->stat, own));
    PART(v, "Deming", deming(v, pairs, opts, own));
    PART(v, "Passing-Bablok", passing_bablok(v, pairs, opts, own));
    PART(v, "leave-one-out error", left_out_error(v, pairs, own));
    const int before = v->found.n_left_out;
    PART(v, "prediction band", rgq_uptake_model_fit(&v->line, pairs, &opts->stat, own));
    v->has_line = v->found.n_left_out == before;
    return RGQ_OK;
}

rgq_status rgq_validation_make(rgq_validation *out, const rgq_cohort *cohort,
                               const rgq_validation_opts *opts, rgq_error *err)
{
    const rgq_pairs pairs = rgq_cohort_pairs(cohort);
    rgq_validation *const v = out;

    memset(v, 0, sizeof *v);
    v->found.n = cohort->n;
    v->found.n_patients = cohort->n_patients;
    RGQ_PASS(err, correlate(v, "pearson", &pairs, RGQ_PEARSON, &opts->stat, err));
    if (opts->permute)
        RGQ_PASS(err, permute(v, &pairs, &opts->stat, err));
    PART(v, "Spearman", correlate(v, "spearman", &pairs, RGQ_SPEARMAN, &opts->stat, own));
    PART(v, "Kendall", correlate(v, "kendall", &pairs, RGQ_KENDALL, &opts->stat, own));
    if (cohort->size != NULL)
        PART(v, "partial correlation", partial(v, cohort, &opts->stat, own));
    RGQ_PASS(err, make_lines(v, &pairs, opts, err));
    RGQ_PASS(err, make_agreement(v, &pairs, opts, err));
    if (isfinite(opts->threshold) || cohort->positive != NULL)
        PART(v, "ROC", roc(v, cohort, opts, own));
    if (isfinite(opts->power))
        PART(v, "sample size", sample_size(v, opts, own));
    return RGQ_OK;
}

void rgq_validation_release(rgq_validation *validation)
{
    rgq_roc_release(&validation->roc);
    validation->found.n_rows = 0;
    validation->found.n_left_out = 0;
    validation->has_roc = false;
}

/* ---- several comparisons ---- */

static rgq_found *find_same(rgq_validation *v, const rgq_found *like)
{
    for (int i = 0; v != NULL && i < v->found.n_rows; i++)
        if (strcmp(v->found.row[i].statistic, like->statistic) == 0 &&
            strcmp(v->found.row[i].variant, like->variant) == 0)
            return &v->found.row[i];
    return NULL;
}

static rgq_status correct_one(rgq_validation *const *item, size_t count, const rgq_found *like,
                              double *p, rgq_error *err)
{
    for (size_t k = 0; k < count; k++) {
        const rgq_found *row = find_same(item[k], like);
        p[k] = row != NULL ? row->stat.p : (double)NAN;
    }
    RGQ_PASS(err, rgq_holm(p, p, count, err));
    for (size_t k = 0; k < count; k++) {
        rgq_found *row = find_same(item[k], like);
        if (row != NULL)
            row->p_holm = p[k];
    }
    return RGQ_OK;
}

rgq_status rgq_validation_holm(rgq_validation *const *item, size_t count, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *p = NULL;

    RGQ_PASS(err, rgq_alloc(&p, count, sizeof *p, err));
    for (size_t k = 0; k < count; k++)
        for (int i = 0; item[k] != NULL && i < item[k]->found.n_rows; i++)
            if (isnan(item[k]->found.row[i].p_holm) && isfinite(item[k]->found.row[i].stat.p))
                RGQ_TRY(err, correct_one(item, count, &item[k]->found.row[i], p, err));
out:
    rgq_free(p);
    return st;
}
