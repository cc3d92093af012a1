/* p-values of rank correlations as R's cor.test() gives them. */
#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "validation/rank_p.h"

#include "core/banned.h"

/* Limits of cor.test(): rows of the exact Spearman, of its series, and of the exact Kendall. */
static const size_t spearman_exact_max = 9;
static const size_t spearman_series_max = 1290;
static const size_t kendall_exact_max = 49;

/* Upper tail of the sum of squared rank differences at `s` by the Edgeworth series of Best and
 * Roberts (1975), algorithm AS 89; `lower` gives the lower tail. */
static double edgeworth_tail(double s, double n, bool lower)
{
    const double b = 1.0 / n;
    const double x = (6.0 * (s - 1.0) * b / (n * n - 1.0) - 1.0) * sqrt(n - 1.0);
    const double y = x * x;
    const double fourth =
        0.0879 + b * 0.0151 - y * (0.0072 - b * 0.0831 + y * b * (0.0131 - 4.6e-4 * y));
    const double third = -0.0758 + b * (0.1033 + 0.3932 * b) - y * b * fourth;
    const double u = x * b * (0.2274 + b * (0.2531 + 0.1745 * b) + y * third) / exp(0.5 * y);
    const double tail = lower ? rgq_normal_tail(-x) - u : rgq_normal_tail(x) + u;

    return fmin(fmax(tail, 0.0), 1.0);
}

static double spearman_by_series(const rgq_rank_sample *sample)
{
    const double n = (double)sample->n;
    const double mean = (n * n * n - n) / 6.0;
    const double s = round(mean * (1.0 - sample->r));

    return fmin(
        1.0, 2.0 * (s > mean ? edgeworth_tail(s, n, false) : edgeworth_tail(s + 2.0, n, true)));
}

static double spearman_by_t(const rgq_rank_sample *sample)
{
    const double dof = (double)sample->n - 2.0;
    const double rest = 1.0 - sample->r * sample->r;

    return rest > 0.0 ? rgq_t_two_sided(sample->r * sqrt(dof / rest), dof) : 0.0;
}

/* Shares of orders of n with each number of concordant pairs, built up row by row: the k-th
 * row adds 0 .. k - 1 of them, all equally likely. */
static rgq_status kendall_exact(double *p, const rgq_rank_sample *sample, rgq_error *err)
{
    const size_t n = sample->n;
    const size_t pairs = n * (n - 1) / 2;
    rgq_status st = RGQ_OK;
    double *share = NULL;
    double *next = NULL;

    RGQ_TRY(err, rgq_alloc(&share, pairs + 1, sizeof *share, err));
    RGQ_TRY(err, rgq_alloc(&next, pairs + 1, sizeof *next, err));
    share[0] = 1.0;
    for (size_t k = 2; k <= n; k++) {
        for (size_t c = 0; c <= pairs; c++) {
            next[c] = 0.0;
            for (size_t add = 0; add < k && add <= c; add++)
                next[c] += share[c - add] / (double)k;
        }
        double *const held = share;
        share = next;
        next = held;
    }
    /* The distribution is symmetric: the smaller tail, twice. */
    const size_t discordant = (size_t)lround(0.5 * ((double)pairs - fabs(sample->score)));
    double tail = 0.0;
    for (size_t c = 0; c <= discordant; c++)
        tail += share[c];
    *p = fmin(1.0, 2.0 * tail);
out:
    rgq_free(next);
    rgq_free(share);
    return st;
}

/* Score over its standard deviation under ties (Kendall 1970, chapter 4). */
static double kendall_by_normal(const rgq_rank_sample *sample, const rgq_ties ties[2])
{
    const double n = (double)sample->n;
    const double pairs = n * (n - 1.0);
    const double v0 = pairs * (2.0 * n + 5.0) - ties[0].weighted - ties[1].weighted;
    const double v1 = ties[0].pairs * ties[1].pairs / (2.0 * pairs);
    const double v2 = ties[0].triples * ties[1].triples / (9.0 * pairs * (n - 2.0));

    return 2.0 * rgq_normal_tail(fabs(sample->score) / sqrt(v0 / 18.0 + v1 + v2));
}

rgq_status rgq_rank_p_r(double *p, const char **by, const rgq_rank_sample *sample,
                        const rgq_ties ties[2], rgq_error *err)
{
    if (sample->kind == RGQ_SPEARMAN) {
        if (sample->has_ties || sample->n > spearman_series_max) {
            *by = "R: Student's t";
            *p = spearman_by_t(sample);
        } else if (sample->n > spearman_exact_max) {
            *by = "R: Edgeworth series";
            *p = spearman_by_series(sample);
        } else {
            *by = "R: all orders";
            RGQ_PASS(err, rgq_rank_p_exact(p, sample, err));
        }
        return RGQ_OK;
    }
    if (sample->has_ties || sample->n > kendall_exact_max) {
        *by = "R: normal with variance under ties";
        *p = kendall_by_normal(sample, ties);
    } else {
        *by = "R: all orders";
        RGQ_PASS(err, kendall_exact(p, sample, err));
    }
    return RGQ_OK;
}
