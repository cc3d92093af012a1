#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "rgdquant/agreement.h"
#include "validation/sample.h"

#include "core/banned.h"

typedef struct counts {
    int n;
    rgq_kappa_weights weights;
    double share[RGQ_CATEGORIES_MAX][RGQ_CATEGORIES_MAX];
    double row[RGQ_CATEGORIES_MAX], column[RGQ_CATEGORIES_MAX];
} counts;

static double weight(const counts *c, int i, int k)
{
    const double apart = fabs((double)(i - k)) / (double)(c->n - 1);

    switch (c->weights) {
    case RGQ_KAPPA_LINEAR:
        return 1.0 - apart;
    case RGQ_KAPPA_QUADRATIC:
        return 1.0 - apart * apart;
    case RGQ_KAPPA_UNWEIGHTED:
    default:
        return i == k ? 1.0 : 0.0;
    }
}

static void count(counts *c, const double *x, const double *y, size_t n)
{
    for (int i = 0; i < c->n; i++) {
        c->row[i] = c->column[i] = 0.0;
        for (int k = 0; k < c->n; k++)
            c->share[i][k] = 0.0;
    }
    for (size_t r = 0; r < n; r++) {
        const int i = (int)x[r];
        const int k = (int)y[r];
        c->share[i][k] += 1.0 / (double)n;
        c->row[i] += 1.0 / (double)n;
        c->column[k] += 1.0 / (double)n;
    }
}

static void agreements(double *observed, double *expected, const counts *c)
{
    *observed = *expected = 0.0;
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < c->n; k++) {
            *observed += weight(c, i, k) * c->share[i][k];
            *expected += weight(c, i, k) * c->row[i] * c->column[k];
        }
}

static bool kappa_of(double *out, const double *const *columns, size_t n, void *user)
{
    counts *c = user;
    double observed = 0.0;
    double expected = 0.0;

    count(c, columns[0], columns[1], n);
    agreements(&observed, &expected, c);
    out[0] = (observed - expected) / (1.0 - expected);
    return 1.0 - expected > 1e-12;
}

/* Fleiss, Cohen and Everitt 1969: variances for the kappa seen, and for none. */
static void large_sample_variances(double out[2], const counts *c, double n)
{
    double observed = 0.0;
    double expected = 0.0;
    double seen = 0.0;
    double none = 0.0;

    agreements(&observed, &expected, c);
    for (int i = 0; i < c->n; i++)
        for (int k = 0; k < c->n; k++) {
            double of_row = 0.0;
            double of_column = 0.0;
            for (int m = 0; m < c->n; m++) {
                of_row += weight(c, i, m) * c->column[m];
                of_column += weight(c, m, k) * c->row[m];
            }
            const double mean = of_row + of_column;
            const double d = weight(c, i, k) * (1.0 - expected) - mean * (1.0 - observed);
            seen += c->share[i][k] * d * d;
            none +=
                c->row[i] * c->column[k] * (weight(c, i, k) - mean) * (weight(c, i, k) - mean);
        }
    const double rest = 1.0 - expected;
    const double offset = observed * expected - 2.0 * expected + observed;
    out[0] = fmax(0.0, seen - offset * offset) / (n * rest * rest * rest * rest);
    out[1] = fmax(0.0, none - expected * expected) / (n * rest * rest);
}

static rgq_status check_scores(const double *values, size_t n, const char *name, int categories,
                               rgq_error *err)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] < 0.0 || values[i] >= categories || values[i] > floor(values[i]))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "row %zu of %zu: score %s is %g, not one of 0 to %d", i + 1, n,
                             name, values[i], categories - 1);
    return RGQ_OK;
}

static rgq_status over_patients(rgq_stat *out, const rgq_pairs *pairs, counts *c,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_clusters clusters = {0, NULL, NULL};
    double se[RGQ_PARTS_MAX] = {0.0};

    RGQ_TRY(err, rgq_clusters_make(&clusters, pairs->cluster, pairs->n, err));
    RGQ_TRY(err, rgq_check_clusters(&clusters, 3, err));
    const rgq_resampling plan = {.column = {pairs->x, pairs->y, NULL},
                                 .n_columns = 2,
                                 .n = pairs->n,
                                 .clusters = &clusters,
                                 .statistic = kappa_of,
                                 .user = c,
                                 .n_parts = 1};
    RGQ_TRY(err, rgq_jackknife(se, &plan, err));
    rgq_stat_by_t(out, out->value, se[0], (double)(clusters.n - 1));
    out->n_clusters = clusters.n;
    out->interval_by = "leaving out one patient at a time, t(G - 1)";
    out->p_by = "t(G - 1)";
out:
    rgq_clusters_release(&clusters);
    return st;
}

rgq_status rgq_kappa(rgq_stat *out, const rgq_pairs *pairs, int categories,
                     rgq_kappa_weights weights, const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_stat found = rgq_stat_empty(pairs->n, opts);
    counts c = {.n = categories, .weights = weights};
    double parts[RGQ_PARTS_MAX] = {0.0};
    double variance[2] = {0.0};
    const double *const columns[2] = {pairs->x, pairs->y};

    RGQ_PASS(err, rgq_check_opts(opts, err));
    if (categories < 2 || categories > RGQ_CATEGORIES_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d categories: 2 to %d are possible", categories,
                         RGQ_CATEGORIES_MAX);
    RGQ_PASS(err, rgq_check_pairs(pairs, 3, "kappa", err));
    RGQ_PASS(err, check_scores(pairs->x, pairs->n, "x", categories, err));
    RGQ_PASS(err, check_scores(pairs->y, pairs->n, "y", categories, err));
    if (!kappa_of(parts, columns, pairs->n, &c))
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "both scores are %g in all %zu rows: agreement beyond chance is not "
                         "defined",
                         pairs->x[0], pairs->n);
    found.value = parts[0];
    if (pairs->cluster != NULL) {
        RGQ_PASS(err, over_patients(&found, pairs, &c, err));
    } else {
        large_sample_variances(variance, &c, (double)pairs->n);
        rgq_stat_by_t(&found, parts[0], sqrt(variance[0]), (double)INFINITY);
        found.p = rgq_t_two_sided(parts[0] / sqrt(variance[1]), (double)INFINITY);
        found.interval_by = "normal, Fleiss, Cohen and Everitt";
        found.p_by = "normal, variance under no agreement";
        if (!(variance[0] > 0.0))
            found.note = "complete agreement: the interval has no width by this method";
    }
    found.low = fmax(found.low, -1.0);
    found.high = fmin(found.high, 1.0);
    *out = found;
    return RGQ_OK;
}
