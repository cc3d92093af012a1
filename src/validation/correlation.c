#include "rgdquant/correlation.h"

#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "validation/rank_p.h"
#include "validation/sample.h"

#include "core/banned.h"

/* Beyond, random orders take seconds and differ from the approximations by less than their
 * own error. */
static const size_t random_orders_max = 2000;

/* A correlation as a statistic that can be resampled: part 0 is r, part 1 Fisher's z. */
typedef struct work {
    rgq_correlation_kind kind;
    bool is_partial;
    rgq_ranked *sorted;
    double *ranks; /* 3 columns */
    rgq_concordance concordance;
} work;

static rgq_status work_make(work *out, rgq_correlation_kind kind, size_t n, rgq_error *err)
{
    *out = (work){.kind = kind};
    RGQ_PASS(err, rgq_alloc(&out->sorted, n, sizeof *out->sorted, err));
    RGQ_PASS(err, rgq_alloc(&out->ranks, 3 * n, sizeof *out->ranks, err));
    RGQ_PASS(err, rgq_concordance_make(&out->concordance, n, err));
    return RGQ_OK;
}

static void work_release(work *w)
{
    rgq_concordance_release(&w->concordance);
    rgq_free(w->ranks);
    rgq_free(w->sorted);
}

/* What differs from 1 by rounding only is 1. */
static double settle(double r)
{
    return fabs(r) > 1.0 - 1e-14 ? copysign(1.0, r) : r;
}

/* NaN if one of them is constant. */
static double product_moment(const double *x, const double *y, size_t n)
{
    const double mean_x = rgq_mean(x, n);
    const double mean_y = rgq_mean(y, n);
    double xx = 0.0;
    double yy = 0.0;
    double xy = 0.0;

    for (size_t i = 0; i < n; i++) {
        const double dx = x[i] - mean_x;
        const double dy = y[i] - mean_y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    return settle(xy / (sqrt(xx) * sqrt(yy)));
}

static double kendall(work *w, const double *x, const double *y, size_t n)
{
    const double pairs = (double)n * ((double)n - 1.0);

    rgq_concordance_set(&w->concordance, x, y, n, w->sorted, w->ranks);
    const double score = rgq_concordance_score(&w->concordance);
    const rgq_ties tx = rgq_count_ties(x, n, w->sorted);
    const rgq_ties ty = rgq_count_ties(y, n, w->sorted);
    return settle(score / (0.5 * sqrt(pairs - tx.pairs) * sqrt(pairs - ty.pairs)));
}

static double without_third(double xy, double xz, double yz)
{
    const double rest = (1.0 - xz * xz) * (1.0 - yz * yz);

    /* What is left of x or y that follows from z is rounding. */
    return rest > 1e-24 ? settle((xy - xz * yz) / sqrt(rest)) : (double)NAN;
}

static bool correlation_of(double *out, const double *const *columns, size_t n, void *user)
{
    work *w = user;
    const size_t used = w->is_partial ? 3 : 2;
    const double *c[3] = {columns[0], columns[1], columns[0]};

    if (n < used + 1)
        return false;
    if (w->is_partial)
        c[2] = columns[2];
    for (size_t k = 0; k < used && w->kind == RGQ_SPEARMAN; k++) {
        (void)rgq_midranks(w->ranks + k * n, c[k], n, w->sorted);
        c[k] = w->ranks + k * n;
    }
    double r =
        w->kind == RGQ_KENDALL ? kendall(w, c[0], c[1], n) : product_moment(c[0], c[1], n);
    if (w->is_partial)
        r = without_third(r, product_moment(c[0], c[2], n), product_moment(c[1], c[2], n));
    out[0] = r;
    out[1] = atanh(r);
    return !isnan(r);
}

/* Interval tanh(atanh(r) +- quantile * se); with |r| = 1 there is none. */
static void fisher_interval(rgq_stat *out, double se, double dof)
{
    const double z = atanh(out->value);
    const double reach = rgq_t_quantile(0.5 + 0.5 * out->confidence, dof) * se;

    out->dof = dof;
    if (isinf(z)) {
        out->note = "a correlation of 1 or -1: no interval";
    } else if (isfinite(se)) {
        out->se = se;
        out->low = tanh(z - reach);
        out->high = tanh(z + reach);
    }
}

/* `held`: how many variables are held fixed. */
static void naive_interval(rgq_stat *out, rgq_correlation_kind kind, size_t held)
{
    const double n = (double)(out->n - held);
    const double r = out->value;
    const double left = n - (kind == RGQ_KENDALL ? 4.0 : 3.0);
    double variance = 1.0;

    out->interval_by = "Fisher z";
    if (kind == RGQ_SPEARMAN) {
        variance = 1.0 + 0.5 * r * r;
        out->interval_by = "Fisher z, variance of Bonett and Wright";
    } else if (kind == RGQ_KENDALL) {
        variance = 0.437;
        out->interval_by = "Fisher z, variance of Fieller and others";
    }
    if (left > 0.0)
        fisher_interval(out, sqrt(variance / left), (double)INFINITY);
    else
        out->note = "too few rows for an interval";
}

static void p_by_t(rgq_correlation *out, size_t held)
{
    const double r = out->naive.value;
    const double dof = (double)(out->naive.n - 2 - held);

    out->statistic = r * sqrt(dof / (1.0 - r * r));
    out->naive.p = rgq_t_two_sided(out->statistic, dof);
    out->naive.p_by = "Student's t";
}

static rgq_status p_of_ranks(rgq_correlation *out, work *w, const rgq_pairs *pairs,
                             const rgq_stat_opts *opts, rgq_error *err)
{
    const size_t n = pairs->n;
    double *const rx = w->ranks;
    double *const ry = w->ranks + n;
    rgq_rank_sample s = {.kind = w->kind, .rx = rx, .ry = ry, .n = n, .r = out->naive.value};

    if (w->kind == RGQ_KENDALL) {
        rgq_concordance_set(&w->concordance, pairs->x, pairs->y, n, w->sorted, w->ranks);
        s.score = out->statistic = rgq_concordance_score(&w->concordance);
    }
    const rgq_ties ties[2] = {rgq_count_ties(pairs->x, n, w->sorted),
                              rgq_count_ties(pairs->y, n, w->sorted)};
    s.has_ties = ties[0].pairs + ties[1].pairs > 0.0;
    (void)rgq_midranks(rx, pairs->x, n, w->sorted);
    (void)rgq_midranks(ry, pairs->y, n, w->sorted);
    if (w->kind == RGQ_SPEARMAN) {
        out->statistic = 0.0;
        for (size_t i = 0; i < n; i++) {
            out->statistic += (rx[i] - ry[i]) * (rx[i] - ry[i]);
            s.score += rx[i] * ry[i];
        }
    }
    if (opts->p_method == RGQ_P_R || n > random_orders_max)
        return rgq_rank_p_r(&out->naive.p, &out->naive.p_by, &s, ties, err);
    if (n <= RGQ_EXACT_ROWS_MAX) {
        out->naive.p_by = "all orders";
        return rgq_rank_p_exact(&out->naive.p, &s, err);
    }
    out->naive.p_by = "random orders";
    out->naive.seed = opts->seed;
    out->naive.draws = opts->permutations;
    return rgq_rank_p_random(&out->naive.p, &s, opts->permutations, opts->seed, err);
}

static rgq_status over_patients(rgq_correlation *out, const rgq_pairs *pairs,
                                const double *held, const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_clusters clusters = {0, NULL, NULL};
    double se[RGQ_PARTS_MAX] = {0.0};
    work w = {.kind = out->kind};

    RGQ_TRY(err, rgq_clusters_make(&clusters, pairs->cluster, pairs->n, err));
    RGQ_TRY(err, rgq_check_clusters(&clusters, 3, err));
    RGQ_TRY(err, work_make(&w, out->kind, rgq_sample_rows_max(&clusters, pairs->n), err));
    w.is_partial = held != NULL;
    const rgq_resampling plan = {.column = {pairs->x, pairs->y, held},
                                 .n_columns = held != NULL ? 3 : 2,
                                 .n = pairs->n,
                                 .clusters = &clusters,
                                 .statistic = correlation_of,
                                 .user = &w,
                                 .n_parts = 2};
    rgq_stat *const c = &out->clustered;
    c->value = out->bootstrap.value = out->naive.value;
    c->n_clusters = out->bootstrap.n_clusters = clusters.n;
    RGQ_TRY(err, rgq_jackknife(se, &plan, err));
    fisher_interval(c, se[1], (double)(clusters.n - 1));
    c->interval_by = "Fisher z, leaving out one patient at a time, t(G - 1)";
    c->p_by = "z over its standard error, t(G - 1)";
    if (isfinite(c->se) && c->se > 0.0)
        c->p = rgq_t_two_sided(atanh(c->value) / c->se, c->dof);
    else if (!isfinite(atanh(c->value)) || !isfinite(se[1]))
        c->note = "the correlation is 1 or -1, perhaps without one patient: no interval";
    RGQ_TRY(err, rgq_bootstrap(&out->bootstrap, &plan, opts, err));
out:
    work_release(&w);
    rgq_clusters_release(&clusters);
    return st;
}

static rgq_status check_rows(const rgq_pairs *pairs, const double *held, rgq_error *err)
{
    RGQ_PASS(err, rgq_check_pairs(pairs, held != NULL ? 4 : 3, "a correlation", err));
    RGQ_PASS(err, rgq_check_varies(pairs->x, pairs->n, "x", err));
    RGQ_PASS(err, rgq_check_varies(pairs->y, pairs->n, "y", err));
    if (held != NULL) {
        RGQ_PASS(err, rgq_check_column(held, pairs->n, "the variable held fixed", err));
        RGQ_PASS(err, rgq_check_varies(held, pairs->n, "the variable held fixed", err));
    }
    return RGQ_OK;
}

static rgq_status correlate(rgq_correlation *out, const rgq_pairs *pairs, const double *held,
                            rgq_correlation_kind kind, const rgq_stat_opts *opts,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t n = pairs->n;
    const double *const columns[3] = {pairs->x, pairs->y, held != NULL ? held : pairs->x};
    const rgq_stat nothing = rgq_stat_empty(n, opts);
    rgq_correlation found = {kind, (double)NAN, 0, 0, nothing, nothing, nothing};
    double parts[RGQ_PARTS_MAX] = {0.0};
    work w = {.kind = kind};

    RGQ_TRY(err, rgq_check_opts(opts, err));
    RGQ_TRY(err, check_rows(pairs, held, err));
    RGQ_TRY(err, work_make(&w, kind, n, err));
    w.is_partial = held != NULL;
    found.tied_x = rgq_midranks(w.ranks, pairs->x, n, w.sorted);
    found.tied_y = rgq_midranks(w.ranks, pairs->y, n, w.sorted);
    if (!correlation_of(parts, columns, n, &w)) {
        st = RGQ_RAISE(err, RGQ_E_NUMERIC,
                       held != NULL ? "x or y follows from the variable held fixed: nothing of "
                                      "it is left to correlate"
                                    : "x or y does not vary beyond rounding");
        goto out;
    }
    found.naive.value = parts[0];
    naive_interval(&found.naive, kind, held != NULL ? 1 : 0);
    if (kind == RGQ_PEARSON || held != NULL)
        p_by_t(&found, held != NULL ? 1 : 0);
    else
        RGQ_TRY(err, p_of_ranks(&found, &w, pairs, opts, err));
    if (pairs->cluster != NULL)
        RGQ_TRY(err, over_patients(&found, pairs, held, opts, err));
    *out = found;
out:
    work_release(&w);
    return st;
}

rgq_status rgq_correlate(rgq_correlation *out, const rgq_pairs *pairs,
                         rgq_correlation_kind kind, const rgq_stat_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, correlate(out, pairs, NULL, kind, opts, err));
    return RGQ_OK;
}

rgq_status rgq_correlate_partial(rgq_correlation *out, const rgq_pairs *pairs,
                                 const double *held, rgq_correlation_kind kind,
                                 const rgq_stat_opts *opts, rgq_error *err)
{
    if (kind == RGQ_KENDALL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a partial correlation is by Pearson or Spearman, not by Kendall");
    RGQ_PASS(err, correlate(out, pairs, held, kind, opts, err));
    return RGQ_OK;
}
