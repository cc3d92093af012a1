#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "num/fit.h"
#include "num/stats.h"
#include "rgdquant/ordinal.h"
#include "validation/sample.h"

#include "core/banned.h"

enum {
    PREDICTORS = RGQ_ODDS_PREDICTORS_MAX,
    GRADES = RGQ_ODDS_GRADES_MAX,
    PARAMETERS = PREDICTORS + GRADES - 1,
    ITERATIONS_MAX = 60
};

/* A slope of 30 for one standard deviation of its predictor: grades are told apart without
 * error, and the estimate would go on growing. */
static const double slope_max = 30.0;

/* Parameters are the thresholds, then the slopes of standardised predictors. */
typedef struct odds {
    size_t n;
    int p;      /* predictors */
    int q;      /* thresholds */
    int size;   /* p + q */
    double *x;  /* standardised, n rows of p */
    int *grade; /* 0 .. q of each row */
    int value[GRADES];
    double count[GRADES];
    double mean[PREDICTORS], sd[PREDICTORS];
} odds;

static void odds_release(odds *o)
{
    rgq_free(o->x);
    rgq_free(o->grade);
}

/* The logistic function, its density and the slope of that, at a threshold that may be
 * infinite. */
typedef struct logistic {
    double f, density, slope;
} logistic;

static logistic logistic_at(double t)
{
    const double e = exp(-fabs(t));
    const double f = t > 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
    const double density = e / ((1.0 + e) * (1.0 + e));

    return (logistic){f, density, density * (1.0 - 2.0 * f)};
}

/* A row seen by the likelihood: share of its grade, P = F(above) - F(below), and how both
 * thresholds move with the parameters (all others leave the row alone). */
typedef struct row_terms {
    double share;
    logistic a, b;
    int n;
    int index[PREDICTORS + 2];
    double above[PREDICTORS + 2], below[PREDICTORS + 2];
} row_terms;

static void set_terms(row_terms *t, const odds *o, const double *parameter, size_t i)
{
    const int k = o->grade[i];
    const double *x = o->x + i * (size_t)o->p;
    double eta = 0.0;

    t->n = 0;
    if (k < o->q) {
        t->above[t->n] = 1.0;
        t->below[t->n] = 0.0;
        t->index[t->n++] = k;
    }
    if (k > 0) {
        t->above[t->n] = 0.0;
        t->below[t->n] = 1.0;
        t->index[t->n++] = k - 1;
    }
    for (int j = 0; j < o->p; j++) {
        eta += parameter[o->q + j] * x[j];
        t->above[t->n] = t->below[t->n] = -x[j];
        t->index[t->n++] = o->q + j;
    }
    const double above = k < o->q ? parameter[k] - eta : (double)INFINITY;
    const double below = k > 0 ? parameter[k - 1] - eta : -(double)INFINITY;
    t->a = logistic_at(above);
    t->b = logistic_at(below);
    /* Of two large values the difference of the complements. */
    t->share = below > 0.0 ? logistic_at(-below).f - logistic_at(-above).f : t->a.f - t->b.f;
}

/* Gradient of the log of the share by the parameter that stands at place r of the row. */
static double first_derivative(const row_terms *t, int r)
{
    return (t->a.density * t->above[r] - t->b.density * t->below[r]) / t->share;
}

/* Minus the second derivatives of a row, added up. */
static void add_information(double *information, const row_terms *t, int size)
{
    for (int r = 0; r < t->n; r++)
        for (int c = 0; c < t->n; c++)
            information[t->index[r] * size + t->index[c]] +=
                first_derivative(t, r) * first_derivative(t, c) -
                (t->a.slope * t->above[r] * t->above[c] -
                 t->b.slope * t->below[r] * t->below[c]) /
                    t->share;
}

/* Log likelihood of the sample; if asked for, its gradient and minus its second derivatives.
 * -INFINITY where thresholds cross. */
static double likelihood(double *gradient, double *information, const odds *o,
                         const double *parameter)
{
    double sum = 0.0;

    if (gradient != NULL) {
        memset(gradient, 0, PARAMETERS * sizeof *gradient);
        memset(information, 0, (size_t)(o->size * o->size) * sizeof *information);
    }
    for (size_t i = 0; i < o->n; i++) {
        row_terms t;
        set_terms(&t, o, parameter, i);
        if (!(t.share > 0.0))
            return -(double)INFINITY;
        sum += log(t.share);
        if (gradient == NULL)
            continue;
        for (int r = 0; r < t.n; r++)
            gradient[t.index[r]] += first_derivative(&t, r);
        add_information(information, &t, o->size);
    }
    return sum;
}

static rgq_status separated(int iterations, rgq_error *err)
{
    return RGQ_RAISE(
        err, RGQ_E_NUMERIC,
        "separation: the predictors tell grades apart without error, so the "
        "estimates of proportional odds are infinite (seen after %d steps); report "
        "the ranges of the grades instead",
        iterations);
}

/* Move along `step`, halved until the likelihood does not fall. Returns the largest relative
 * move of a parameter. */
static double move(double *parameter, double *best, const double *step, const odds *o)
{
    double trial[PARAMETERS] = {0.0};
    double part = 1.0;
    double reached = 0.0;
    double largest = 0.0;

    for (int halved = 0; halved < 40; halved++) {
        for (int u = 0; u < o->size; u++)
            trial[u] = parameter[u] + part * step[u];
        reached = likelihood(NULL, NULL, o, trial);
        if (reached >= *best - 1e-12 * fabs(*best))
            break;
        part *= 0.5;
    }
    for (int u = 0; u < o->size; u++) {
        largest = fmax(largest, fabs(trial[u] - parameter[u]) / (1.0 + fabs(trial[u])));
        parameter[u] = trial[u];
    }
    *best = reached;
    return largest;
}

/* Newton's method; the likelihood is concave. */
static rgq_status climb(double *parameter, double *best, int *iterations, const odds *o,
                        rgq_error *err)
{
    double step[PARAMETERS];
    double information[PARAMETERS * PARAMETERS];

    *best = likelihood(NULL, NULL, o, parameter);
    for (*iterations = 1; *iterations <= ITERATIONS_MAX; (*iterations)++) {
        (void)likelihood(step, information, o, parameter); /* the gradient, then the step */
        if (!rgq_cholesky_solve(information, o->size, step, 1))
            return separated(*iterations, err);
        const double largest = move(parameter, best, step, o);
        for (int u = o->q; u < o->size; u++)
            if (fabs(parameter[u]) > slope_max)
                return separated(*iterations, err);
        if (largest < 1e-11)
            return RGQ_OK;
    }
    return separated(ITERATIONS_MAX, err);
}

static int compare_int(const void *a, const void *b)
{
    const int x = *(const int *)a;
    const int y = *(const int *)b;

    return (x > y) - (x < y);
}

static rgq_status find_grades(odds *o, const int *score, rgq_error *err)
{
    int *const sorted = o->grade;

    memcpy(sorted, score, o->n * sizeof *sorted);
    qsort(sorted, o->n, sizeof *sorted, compare_int);
    o->q = -1;
    for (size_t i = 0; i < o->n; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1]) {
            if (o->q + 1 == GRADES)
                return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                                 "more than %d different scores: proportional odds is for few "
                                 "grades",
                                 GRADES);
            o->value[++o->q] = sorted[i];
        }
        o->count[o->q] += 1.0;
    }
    if (o->q == 0)
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "the score is %d in all %zu rows: two grades or more are needed",
                         sorted[0], o->n);
    for (size_t i = 0; i < o->n; i++)
        for (o->grade[i] = 0; o->value[o->grade[i]] != score[i];)
            o->grade[i]++;
    return RGQ_OK;
}

/* Refuse a predictor that follows from those before it: Cholesky of their correlations. */
static rgq_status check_independent(const odds *o, rgq_error *err)
{
    double l[PREDICTORS][PREDICTORS] = {{0.0}};

    for (int j = 0; j < o->p; j++)
        for (int k = 0; k <= j; k++) {
            double sum = 0.0;
            for (size_t i = 0; i < o->n; i++)
                sum += o->x[i * (size_t)o->p + (size_t)j] * o->x[i * (size_t)o->p + (size_t)k];
            sum /= (double)o->n;
            for (int m = 0; m < k; m++)
                sum -= l[j][m] * l[k][m];
            if (k < j)
                l[j][k] = sum / l[k][k];
            else if (sum > 1e-10)
                l[j][j] = sqrt(sum);
            else
                return RGQ_RAISE(err, RGQ_E_NUMERIC,
                                 "predictor %d follows from those before it: leave it out",
                                 j + 1);
        }
    return RGQ_OK;
}

static rgq_status standardise(odds *o, const double *predictors, rgq_error *err)
{
    const size_t p = (size_t)o->p;

    for (size_t j = 0; j < p; j++) {
        double squares = 0.0;
        o->mean[j] = 0.0;
        for (size_t i = 0; i < o->n; i++)
            o->mean[j] += predictors[i * p + j] / (double)o->n;
        for (size_t i = 0; i < o->n; i++) {
            const double d = predictors[i * p + j] - o->mean[j];
            squares += d * d;
        }
        o->sd[j] = sqrt(squares / (double)o->n);
        if (!(o->sd[j] > 1e-13 * fabs(o->mean[j])))
            return RGQ_RAISE(err, RGQ_E_NUMERIC,
                             "predictor %zu is %g in all %zu rows: a constant predicts nothing",
                             j + 1, o->mean[j], o->n);
        for (size_t i = 0; i < o->n; i++)
            o->x[i * p + j] = (predictors[i * p + j] - o->mean[j]) / o->sd[j];
    }
    return check_independent(o, err);
}

/* Inverse of the information, or the sandwich around the scores of patients. */
static rgq_status covariance_of(double *out, const odds *o, const double *parameter,
                                const rgq_clusters *clusters, rgq_error *err)
{
    double gradient[PARAMETERS];
    double bread[PARAMETERS * PARAMETERS];
    double meat[PARAMETERS * PARAMETERS] = {0.0};
    const int s = o->size;

    (void)likelihood(gradient, bread, o, parameter);
    memset(out, 0, (size_t)(s * s) * sizeof *out);
    for (int u = 0; u < s; u++)
        out[u * s + u] = 1.0;
    if (!rgq_cholesky_solve(bread, s, out, s))
        return separated(ITERATIONS_MAX, err);
    if (clusters == NULL)
        return RGQ_OK;
    const double g_all = (double)clusters->n;
    for (size_t g = 0; g < clusters->n; g++) {
        double score[PARAMETERS] = {0.0};
        for (size_t k = clusters->start[g]; k < clusters->start[g + 1]; k++) {
            row_terms t;
            set_terms(&t, o, parameter, clusters->row[k]);
            for (int r = 0; r < t.n; r++)
                score[t.index[r]] += first_derivative(&t, r);
        }
        for (int u = 0; u < s; u++)
            for (int v = 0; v < s; v++)
                meat[u * s + v] += score[u] * score[v] * g_all / (g_all - 1.0);
    }
    memcpy(bread, out, (size_t)(s * s) * sizeof *out);
    memset(out, 0, (size_t)(s * s) * sizeof *out);
    for (int u = 0; u < s; u++)
        for (int v = 0; v < s; v++)
            for (int a = 0; a < s; a++)
                for (int b = 0; b < s; b++)
                    out[u * s + v] += bread[u * s + a] * meat[a * s + b] * bread[b * s + v];
    return RGQ_OK;
}

/* c'b and its error for a combination c of the parameters. */
static void set_stat(rgq_stat *out, const odds *o, const double *parameter,
                     const double *covariance, const double *c, size_t n_clusters)
{
    double value = 0.0;
    double variance = 0.0;

    for (int u = 0; u < o->size; u++) {
        value += c[u] * parameter[u];
        for (int v = 0; v < o->size; v++)
            variance += c[u] * c[v] * covariance[u * o->size + v];
    }
    rgq_stat_by_t(out, value, sqrt(variance),
                  n_clusters > 0 ? (double)(n_clusters - 1) : (double)INFINITY);
    out->n_clusters = n_clusters;
    out->interval_by =
        n_clusters > 0 ? "sandwich over patients, t(G - 1)" : "normal, observed information";
    out->p_by = n_clusters > 0 ? "t(G - 1)" : "normal (Wald)";
}

/* Back to predictors as they were given: slope / sd, threshold + sum slope mean / sd. */
static void set_model(rgq_odds_model *out, const odds *o, const double *parameter,
                      const double *covariance, size_t n_clusters)
{
    double c[PARAMETERS];

    out->n_predictors = o->p;
    out->n_thresholds = o->q;
    for (int j = 0; j < o->p; j++) {
        memset(c, 0, sizeof c);
        c[o->q + j] = 1.0 / o->sd[j];
        set_stat(&out->slope[j], o, parameter, covariance, c, n_clusters);
    }
    for (int k = 0; k < o->q; k++) {
        memset(c, 0, sizeof c);
        c[k] = 1.0;
        for (int j = 0; j < o->p; j++)
            c[o->q + j] = o->mean[j] / o->sd[j];
        set_stat(&out->threshold[k], o, parameter, covariance, c, n_clusters);
    }
    for (int k = 0; k <= o->q; k++) {
        out->grade[k] = o->value[k];
        out->null_deviance -= 2.0 * o->count[k] * log(o->count[k] / (double)o->n);
    }
    out->p_model = rgq_chi2_tail(out->null_deviance - out->deviance, (double)o->p);
}

static rgq_status prepare(odds *o, const double *predictors, const int *score, rgq_error *err)
{
    if (o->p < 1 || o->p > PREDICTORS)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d predictors: 1 to %d are possible", o->p,
                         PREDICTORS);
    if (o->n < 3)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%zu rows: proportional odds needs 3 or more",
                         o->n);
    const size_t p = (size_t)o->p;
    for (size_t i = 0; i < o->n * p; i++)
        if (!(fabs(predictors[i]) <= 1e100))
            return RGQ_RAISE(err, RGQ_E_NUMERIC,
                             "row %zu of %zu: predictor %zu is missing or not a usable number; "
                             "leave the row out",
                             i / p + 1, o->n, i % p + 1);
    RGQ_PASS(err, rgq_alloc(&o->x, o->n * p, sizeof *o->x, err));
    RGQ_PASS(err, rgq_alloc(&o->grade, o->n, sizeof *o->grade, err));
    RGQ_PASS(err, find_grades(o, score, err));
    o->size = o->p + o->q;
    if (o->n <= (size_t)o->size)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%zu rows: %d thresholds and %d slopes need %d or more", o->n, o->q,
                         o->p, o->size + 1);
    RGQ_PASS(err, standardise(o, predictors, err));
    return RGQ_OK;
}

rgq_status rgq_odds_fit(rgq_odds_model *out, const rgq_odds_data *data,
                        const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t n = data->n;
    const int *const cluster = data->cluster;
    odds o = {.n = n, .p = data->n_predictors};
    rgq_clusters clusters = {0, NULL, NULL};
    rgq_odds_model found = {.n_predictors = data->n_predictors};
    double parameter[PARAMETERS] = {0.0};
    double covariance[PARAMETERS * PARAMETERS];
    double best = 0.0;
    double below = 0.0;

    for (int k = 0; k < PREDICTORS; k++)
        found.slope[k] = rgq_stat_empty(n, opts);
    for (int k = 0; k < GRADES - 1; k++)
        found.threshold[k] = rgq_stat_empty(n, opts);
    RGQ_TRY(err, rgq_check_opts(opts, err));
    RGQ_TRY(err, prepare(&o, data->predictors, data->score, err));
    if (cluster != NULL) {
        RGQ_TRY(err, rgq_clusters_make(&clusters, cluster, n, err));
        RGQ_TRY(err, rgq_check_clusters(&clusters, 3, err));
    }
    for (int k = 0; k < o.q; k++) {
        below += o.count[k];
        parameter[k] = log(below / ((double)n - below));
    }
    RGQ_TRY(err, climb(parameter, &best, &found.iterations, &o, err));
    RGQ_TRY(err,
            covariance_of(covariance, &o, parameter, cluster != NULL ? &clusters : NULL, err));
    found.deviance = -2.0 * best;
    set_model(&found, &o, parameter, covariance, clusters.n);
    *out = found;
out:
    rgq_clusters_release(&clusters);
    odds_release(&o);
    return st;
}
