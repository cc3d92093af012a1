#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "rgdquant/small_samples.h"
#include "validation/sample.h"

#include "core/banned.h"

/* All means of two changes are kept for the interval. */
static const size_t changes_max = 5000;

/* Shares of all signs that give each sum of the weights; `share` has room for their sum + 1. */
static void sum_shares(double *share, const size_t *weight, size_t n)
{
    size_t most = 0;

    share[0] = 1.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t s = most + 1; s <= most + weight[i]; s++)
            share[s] = 0.0;
        most += weight[i];
        for (size_t s = most + 1; s-- > 0;)
            share[s] = 0.5 * (share[s] + (s >= weight[i] ? share[s - weight[i]] : 0.0));
    }
}

/* Both tails of a symmetric distribution of sums 0 .. most, from `sum` outwards. */
static double two_tails(const double *share, size_t most, size_t sum)
{
    const size_t low = sum < most - sum ? sum : most - sum;
    double tail = 0.0;

    for (size_t s = 0; s <= low; s++)
        tail += share[s];
    return fmin(1.0, 2.0 * tail);
}

/* Exact: p by doubled midranks, and how many means of two changes lie outside the interval on
 * each side + 1; 0 if even the widest interval is not sure enough. */
static rgq_status exact_test(rgq_signed_rank *out, size_t *place, const double *ranks,
                             rgq_error *err)
{
    const size_t n = out->shift.n;
    const size_t pairs = n * (n + 1) / 2;
    const double outside = 0.5 - 0.5 * out->shift.confidence;
    rgq_status st = RGQ_OK;
    double *share = NULL;
    size_t *weight = NULL;
    double below = 0.0;

    RGQ_TRY(err, rgq_alloc(&share, 2 * pairs + 1, sizeof *share, err));
    RGQ_TRY(err, rgq_alloc(&weight, n, sizeof *weight, err));
    for (size_t i = 0; i < n; i++)
        weight[i] = (size_t)(2.0 * ranks[i]);
    sum_shares(share, weight, n);
    out->shift.p = two_tails(share, 2 * pairs, (size_t)(2.0 * out->v));
    out->shift.p_by = "all signs of the ranks";
    for (size_t i = 0; i < n; i++)
        weight[i] = i + 1;
    sum_shares(share, weight, n);
    *place = 0;
    while (below + share[*place] < outside * (1.0 - 1e-12))
        below += share[(*place)++];
out:
    rgq_free(weight);
    rgq_free(share);
    return st;
}

static void normal_test(rgq_signed_rank *out, size_t *place, rgq_ties ties)
{
    const double n = (double)out->shift.n;
    const double mean = 0.25 * n * (n + 1.0);
    const double variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0;
    /* sum of t^3 - t: t (t - 1)(t - 2) + 3 t (t - 1) */
    const double tied = (ties.triples + 3.0 * ties.pairs) / 48.0;
    const double z = rgq_normal_quantile(0.5 + 0.5 * out->shift.confidence);

    out->shift.p =
        fmin(1.0, 2.0 * rgq_normal_tail(fabs(out->v - mean) / sqrt(variance - tied)));
    out->shift.p_by = "normal with variance under ties";
    *place = (size_t)fmax(0.0, ceil(mean - z * sqrt(variance)));
}

/* Median and interval of the means of two changes. */
static rgq_status estimate(rgq_stat *shift, const double *change, size_t place, rgq_error *err)
{
    const size_t n = shift->n;
    const size_t pairs = n * (n + 1) / 2;
    double *mean = NULL;
    size_t k = 0;

    RGQ_PASS(err, rgq_alloc(&mean, pairs, sizeof *mean, err));
    for (size_t i = 0; i < n; i++)
        for (size_t j = i; j < n; j++)
            mean[k++] = 0.5 * (change[i] + change[j]);
    rgq_sort_double(mean, pairs);
    shift->value = rgq_quantile_double(mean, pairs, 0.5);
    shift->interval_by = "ranks of the means of two changes";
    if (place > 0) {
        shift->low = mean[place - 1];
        shift->high = mean[pairs - place];
    } else {
        shift->note = "too few changes for an interval of this confidence";
    }
    rgq_free(mean);
    return RGQ_OK;
}

static rgq_status test_changes(rgq_signed_rank *out, const double *change, double *work,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_ranked *sorted = NULL;
    const size_t n = out->shift.n;
    double *const size = work;
    double *const rank = work + n;
    size_t place = 0;

    RGQ_TRY(err, rgq_alloc(&sorted, n, sizeof *sorted, err));
    for (size_t i = 0; i < n; i++)
        size[i] = fabs(change[i]);
    out->tied = rgq_midranks(rank, size, n, sorted);
    for (size_t i = 0; i < n; i++)
        out->v += change[i] > 0.0 ? rank[i] : 0.0;
    if (n <= RGQ_SIGNED_RANK_EXACT_MAX)
        RGQ_TRY(err, exact_test(out, &place, rank, err));
    else
        normal_test(out, &place, rgq_count_ties(size, n, sorted));
    RGQ_TRY(err, estimate(&out->shift, change, place, err));
out:
    rgq_free(sorted);
    return st;
}

rgq_status rgq_signed_rank_test(rgq_signed_rank *out, const double *change, size_t n,
                                const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_signed_rank found = {.shift = rgq_stat_empty(0, opts)};
    double *work = NULL; /* changes but zeros, their sizes, their ranks */

    RGQ_TRY(err, rgq_check_opts(opts, err));
    RGQ_TRY(err, rgq_check_column(change, n, "the change", err));
    for (size_t i = 0; i < n; i++)
        found.zeros += !(fabs(change[i]) > 0.0);
    found.shift.n = n - found.zeros;
    if (found.shift.n == 0 || found.shift.n > changes_max) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                       "%zu changes other than 0: the signed rank test takes 1 to %zu",
                       found.shift.n, changes_max);
        goto out;
    }
    RGQ_TRY(err, rgq_alloc(&work, 3 * found.shift.n, sizeof *work, err));
    for (size_t i = 0, k = 0; i < n; i++)
        if (fabs(change[i]) > 0.0)
            work[k++] = change[i];
    RGQ_TRY(err, test_changes(&found, work, work + found.shift.n, err));
    *out = found;
out:
    rgq_free(work);
    return st;
}
