#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "rgdquant/small_samples.h"
#include "validation/sample.h"

#include "core/banned.h"

/* 2 P(X <= min(k, n - k)), X binomial of n with 1/2, through the beta distribution. */
static double even_binomial(double k, double n)
{
    const double low = fmin(k, n - k);

    return fmin(1.0, 2.0 * rgq_beta_below(0.5, n - low, low + 1.0));
}

rgq_status rgq_proportion(rgq_stat *out, size_t k, size_t n, const rgq_stat_opts *opts,
                          rgq_error *err)
{
    const double a = (double)k;
    const double b = (double)n - (double)k;
    rgq_stat found = rgq_stat_empty(n, opts);

    RGQ_PASS(err, rgq_check_opts(opts, err));
    if (n == 0 || k > n || n > 1000000000)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%zu of %zu: no share of 1 to 1e9 things", k, n);
    const double upper = 0.5 + 0.5 * opts->confidence;
    found.value = a / (a + b);
    found.low = k > 0 ? rgq_beta_quantile(1.0 - upper, a, b + 1.0) : 0.0;
    found.high = k < n ? rgq_beta_quantile(upper, a + 1.0, b) : 1.0;
    found.interval_by = "Clopper and Pearson";
    found.p = even_binomial(a, a + b);
    found.p_by = "exact binomial, of 1/2";
    *out = found;
    return RGQ_OK;
}

rgq_status rgq_sign_test(rgq_stat *out, const double *change, size_t n,
                         const rgq_stat_opts *opts, rgq_error *err)
{
    size_t up = 0;
    size_t down = 0;

    RGQ_PASS(err, rgq_check_opts(opts, err));
    RGQ_PASS(err, rgq_check_column(change, n, "the change", err));
    for (size_t i = 0; i < n; i++) {
        up += change[i] > 0.0;
        down += change[i] < 0.0;
    }
    if (up + down == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "no change other than 0 in %zu rows: no sign to test", n);
    RGQ_PASS(err, rgq_proportion(out, up, up + down, opts, err));
    return RGQ_OK;
}

rgq_status rgq_mcnemar_exact(rgq_stat *out, size_t b, size_t c, const rgq_stat_opts *opts,
                             rgq_error *err)
{
    rgq_stat share;

    RGQ_PASS(err, rgq_check_opts(opts, err));
    if (b > 1000000000 || c > 1000000000 - b)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%zu and %zu pairs that differ: 1e9 is the most",
                         b, c);
    if (b + c == 0) {
        *out = rgq_stat_empty(0, opts);
        out->p = 1.0;
        out->p_by = "exact binomial";
        out->note = "no pair differs";
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_proportion(&share, b, b + c, opts, err));
    share.value = (double)b / (double)c;
    share.low = share.low / (1.0 - share.low);
    share.high = share.high < 1.0 ? share.high / (1.0 - share.high) : (double)INFINITY;
    share.interval_by = "from Clopper and Pearson's of the share";
    share.p_by = "exact binomial";
    *out = share;
    return RGQ_OK;
}

/* Tables of the same margins: the upper left number runs from `low` to `high`. */
typedef struct tables {
    double low, high, seen;
    double *log_ways; /* ln of the number of ways to each of them */
    double *share;    /* for some odds ratio */
    size_t n;
} tables;

static void set_shares(tables *t, double log_odds)
{
    double most = -(double)INFINITY;
    double sum = 0.0;

    for (size_t i = 0; i < t->n; i++) {
        t->share[i] = t->log_ways[i] + log_odds * (t->low + (double)i);
        most = fmax(most, t->share[i]);
    }
    for (size_t i = 0; i < t->n; i++) {
        t->share[i] = exp(t->share[i] - most);
        sum += t->share[i];
    }
    for (size_t i = 0; i < t->n; i++)
        t->share[i] /= sum;
}

typedef enum tail { AT_MOST, AT_LEAST, MEAN } tail;

/* What rises (MEAN, AT_LEAST) or falls (AT_MOST) with the odds ratio. */
static double measure(tables *t, tail which, double log_odds)
{
    double sum = 0.0;

    set_shares(t, log_odds);
    for (size_t i = 0; i < t->n; i++) {
        const double x = t->low + (double)i;
        if (which == MEAN)
            sum += x * t->share[i];
        else if (which == AT_MOST ? x <= t->seen : x >= t->seen)
            sum += t->share[i];
    }
    return sum;
}

/* Odds ratio at which that is `want`. */
static double solve(tables *t, tail which, double want)
{
    const double sign = which == AT_MOST ? -1.0 : 1.0;
    double low = -1.0;
    double high = 1.0;

    while (sign * (measure(t, which, low) - want) > 0.0 && low > -700.0)
        low *= 2.0;
    while (sign * (measure(t, which, high) - want) < 0.0 && high < 700.0)
        high *= 2.0;
    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);
        if (sign * (measure(t, which, middle) - want) < 0.0)
            low = middle;
        else
            high = middle;
    }
    return exp(0.5 * (low + high));
}

static void fisher(rgq_stat *out, tables *t)
{
    const double outside = 0.5 - 0.5 * out->confidence;
    const size_t at = (size_t)(t->seen - t->low);
    double p = 0.0;

    set_shares(t, 0.0);
    for (size_t i = 0; i < t->n; i++)
        if (t->share[i] <= t->share[at] * (1.0 + 1e-7))
            p += t->share[i];
    out->p = fmin(1.0, p);
    out->low = 0.0;
    out->high = (double)INFINITY;
    if (t->n == 1) {
        out->note = "a margin is 0: every odds ratio is possible";
        return;
    }
    if (at == 0)
        out->value = 0.0;
    else if (at == t->n - 1)
        out->value = (double)INFINITY;
    else
        out->value = solve(t, MEAN, t->seen);
    if (at > 0)
        out->low = solve(t, AT_LEAST, outside);
    if (at < t->n - 1)
        out->high = solve(t, AT_MOST, outside);
}

rgq_status rgq_fisher_exact(rgq_stat *out, const size_t table[4], const rgq_stat_opts *opts,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t most = 1000000;
    tables t = {.n = 0};

    RGQ_PASS(err, rgq_check_opts(opts, err));
    size_t sum = 0;
    for (int i = 0; i < 4; i++)
        sum = table[i] <= most && sum <= most ? sum + table[i] : most + 1;
    if (sum == 0 || sum > most)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a table of %zu %zu / %zu %zu: the sum must lie between 1 and %zu",
                         table[0], table[1], table[2], table[3], most);
    rgq_stat found = rgq_stat_empty(sum, opts);
    const double column1 = (double)(table[0] + table[2]);
    const double column2 = (double)(table[1] + table[3]);
    const double row1 = (double)(table[0] + table[1]);
    t.low = fmax(0.0, row1 - column2);
    t.high = fmin(row1, column1);
    t.seen = (double)table[0];
    t.n = (size_t)(t.high - t.low) + 1;
    RGQ_TRY(err, rgq_alloc(&t.log_ways, t.n, sizeof *t.log_ways, err));
    RGQ_TRY(err, rgq_alloc(&t.share, t.n, sizeof *t.share, err));
    for (size_t i = 0; i < t.n; i++) {
        const double x = t.low + (double)i;
        t.log_ways[i] = rgq_log_choose(column1, x) + rgq_log_choose(column2, row1 - x);
    }
    fisher(&found, &t);
    found.interval_by = "exact conditional";
    found.p_by = "tables as likely or less";
    *out = found;
out:
    rgq_free(t.share);
    rgq_free(t.log_ways);
    return st;
}
