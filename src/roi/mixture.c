#include "roi/mixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/stats.h"

enum { EM_ROUNDS_MAX = 1000 };

void rgq_bins_release(rgq_bins *bins)
{
    rgq_free(bins->value);
    rgq_free(bins->weight);
    *bins = (rgq_bins){.value = NULL};
}

/* Each value a bin of its own, equal ones together. */
static rgq_status few_values(rgq_bins *bins, const float *values, const uint8_t *use,
                             size_t count, rgq_error *err)
{
    float *sorted = NULL;
    size_t n = 0;

    RGQ_PASS(err, rgq_alloc(&sorted, RGQ_BINS_MAX, sizeof *sorted, err));
    for (size_t i = 0; i < count; i++)
        if (use[i] != 0)
            sorted[n++] = values[i];
    rgq_sort_float(sorted, n);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || sorted[i] > sorted[i - 1])
            bins->value[bins->count++] = (double)sorted[i];
        bins->weight[bins->count - 1] += 1.0;
    }
    rgq_free(sorted);
    return RGQ_OK;
}

static void many_values(rgq_bins *bins, const float *values, const uint8_t *use, size_t count,
                        double lo, double hi)
{
    const double scale = RGQ_BINS_MAX / (hi - lo) * (1.0 - 1e-12);

    for (size_t i = 0; i < count; i++)
        if (use[i] != 0) {
            const size_t k = (size_t)(((double)values[i] - lo) * scale);
            bins->value[k] += (double)values[i];
            bins->weight[k] += 1.0;
        }
    for (size_t k = 0; k < RGQ_BINS_MAX; k++)
        if (bins->weight[k] > 0.0) {
            const double weight = bins->weight[k];
            bins->value[bins->count] = bins->value[k] / weight;
            bins->weight[bins->count++] = weight;
        }
}

rgq_status rgq_bins_make(rgq_bins *out, const float *values, const uint8_t *use, size_t count,
                         rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_bins bins = {.value = NULL};
    double lo = (double)INFINITY;
    double hi = -(double)INFINITY;
    size_t used = 0;

    *out = bins;
    for (size_t i = 0; i < count; i++)
        if (use[i] != 0) {
            lo = fmin(lo, (double)values[i]);
            hi = fmax(hi, (double)values[i]);
            used++;
        }
    RGQ_TRY(err, rgq_alloc(&bins.value, RGQ_BINS_MAX, sizeof *bins.value, err));
    RGQ_TRY(err, rgq_alloc(&bins.weight, RGQ_BINS_MAX, sizeof *bins.weight, err));
    if (used <= RGQ_BINS_MAX || hi <= lo) {
        if (hi <= lo) {
            bins.value[0] = lo;
            bins.weight[0] = (double)used;
            bins.count = 1;
        } else {
            RGQ_TRY(err, few_values(&bins, values, use, count, err));
        }
    } else {
        many_values(&bins, values, use, count, lo, hi);
    }
    bins.total = (double)used;
    *out = bins;
    return RGQ_OK;
out:
    rgq_bins_release(&bins);
    return st;
}

/* ---- Otsu ---- */

/* Sums below each bin, so that the mean of a run of bins costs nothing. */
typedef struct sums {
    double *weight;
    double *moment; /* of value - offset */
} sums;

/* weight x mean^2 of bins a .. b - 1: their part of the variance between classes */
static double gain(const sums *s, size_t a, size_t b)
{
    const double w = s->weight[b] - s->weight[a];
    const double m = s->moment[b] - s->moment[a];

    return m * m / w;
}

/* best[k][b]: largest sum of gains of the first b bins in k + 1 classes; from[k][b]: where its
 * last class begins. */
static void choose_ends(double *best, size_t *from, int n_classes, size_t n, const sums *s)
{
    for (size_t b = 1; b <= n; b++)
        best[b] = gain(s, 0, b);
    for (int k = 1; k < n_classes; k++) {
        double *to = best + (size_t)k * (n + 1);
        const double *below = to - (n + 1);
        size_t *at = from + (size_t)k * (n + 1);
#pragma omp parallel for schedule(static)
        for (size_t b = (size_t)k + 1; b <= n; b++) {
            to[b] = -1.0;
            for (size_t a = (size_t)k; a < b; a++) {
                const double sum = below[a] + gain(s, a, b);
                if (sum > to[b]) {
                    to[b] = sum;
                    at[b] = a;
                }
            }
        }
    }
}

static void describe(rgq_segment_class *klass, const rgq_bins *bins, size_t a, size_t b)
{
    double weight = 0.0;
    double sum = 0.0;
    double squares = 0.0;

    for (size_t i = a; i < b; i++) {
        weight += bins->weight[i];
        sum += bins->weight[i] * bins->value[i];
    }
    const double mean = sum / weight;
    for (size_t i = a; i < b; i++)
        squares += bins->weight[i] * (bins->value[i] - mean) * (bins->value[i] - mean);
    *klass = (rgq_segment_class){weight / bins->total, mean, sqrt(squares / weight)};
}

rgq_status rgq_otsu(double *threshold, rgq_segment_class *klass, int n_classes,
                    const rgq_bins *bins, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t n = bins->count;
    sums s = {NULL, NULL};
    double *best = NULL;
    size_t *from = NULL;

    if (n < (size_t)n_classes)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "the search region has %zu different values, too few for %d classes",
                         n, n_classes);
    RGQ_TRY(err, rgq_alloc(&s.weight, n + 1, sizeof *s.weight, err));
    RGQ_TRY(err, rgq_alloc(&s.moment, n + 1, sizeof *s.moment, err));
    RGQ_TRY(err, rgq_alloc(&best, (size_t)n_classes * (n + 1), sizeof *best, err));
    RGQ_TRY(err, rgq_alloc(&from, (size_t)n_classes * (n + 1), sizeof *from, err));
    for (size_t i = 0; i < n; i++) { /* from the lowest, so that no digits are lost */
        s.weight[i + 1] = s.weight[i] + bins->weight[i];
        s.moment[i + 1] = s.moment[i] + bins->weight[i] * (bins->value[i] - bins->value[0]);
    }
    choose_ends(best, from, n_classes, n, &s);
    size_t b = n;
    for (int k = n_classes - 1; k >= 0; k--) {
        const size_t a = k > 0 ? from[(size_t)k * (n + 1) + b] : 0;
        if (k > 0)
            threshold[k - 1] = 0.5 * (bins->value[a - 1] + bins->value[a]);
        if (klass != NULL)
            describe(&klass[k], bins, a, b);
        b = a;
    }
out:
    rgq_free(from);
    rgq_free(best);
    rgq_free(s.moment);
    rgq_free(s.weight);
    return st;
}

/* ---- mixture ---- */

/* Posterior of each class at a value; returns the logarithm of the density there. */
static double posterior(double *p, const rgq_segment_class *klass, int n, double value)
{
    double top = -(double)INFINITY;
    double sum = 0.0;

    for (int k = 0; k < n; k++) {
        const double z = (value - klass[k].mean) / klass[k].sd;
        p[k] = klass[k].share > 1e-12 ? log(klass[k].share / klass[k].sd) - 0.5 * z * z
                                      : -(double)INFINITY;
        top = fmax(top, p[k]);
    }
    for (int k = 0; k < n; k++) { /* relative to the largest: no underflow of them all */
        p[k] = exp(p[k] - top);
        sum += p[k];
    }
    for (int k = 0; k < n; k++)
        p[k] /= sum;
    return top + log(sum) - 0.91893853320467274178; /* log sqrt(2 pi) */
}

/* One round of EM; returns the mean log-likelihood before it. */
static double round_of_em(rgq_segment_class *klass, int n, const rgq_bins *bins, double sd_min)
{
    double weight[RGQ_SEGMENT_CLASSES_MAX] = {0.0};
    double sum[RGQ_SEGMENT_CLASSES_MAX] = {0.0};
    double squares[RGQ_SEGMENT_CLASSES_MAX] = {0.0};
    double p[RGQ_SEGMENT_CLASSES_MAX];
    double likelihood = 0.0;

    for (size_t i = 0; i < bins->count; i++) {
        likelihood += bins->weight[i] * posterior(p, klass, n, bins->value[i]);
        for (int k = 0; k < n; k++) {
            const double w = p[k] * bins->weight[i];
            const double d = bins->value[i] - klass[k].mean; /* about the old mean: no loss */
            weight[k] += w;
            sum[k] += w * d;
            squares[k] += w * d * d;
        }
    }
    double within = 0.0;
    for (int k = 0; k < n; k++) {
        klass[k].share = weight[k] / bins->total;
        if (klass[k].share <= 1e-12)
            continue;
        const double shift = sum[k] / weight[k];
        klass[k].mean += shift;
        within += squares[k] - weight[k] * shift * shift;
    }
    const double sd = fmax(sqrt(fmax(within / bins->total, 0.0)), sd_min);
    for (int k = 0; k < n; k++)
        klass[k].sd = sd;
    return likelihood / bins->total;
}

static int by_mean(const void *a, const void *b)
{
    const rgq_segment_class *p = a;
    const rgq_segment_class *q = b;

    return (p->mean > q->mean) - (p->mean < q->mean);
}

void rgq_mixture_run(rgq_segment_class *klass, int n_classes, const rgq_bins *bins,
                     rgq_mixture_fit *fit)
{
    const double sd_min = 1e-3 * (bins->value[bins->count - 1] - bins->value[0]);
    double before = -(double)INFINITY;

    double within = 0.0;

    *fit = (rgq_mixture_fit){0, false, (double)NAN};
    for (int k = 0; k < n_classes; k++)
        within += klass[k].share * klass[k].sd * klass[k].sd;
    for (int k = 0; k < n_classes; k++)
        klass[k].sd = fmax(sqrt(within), sd_min);
    while (fit->rounds < EM_ROUNDS_MAX && !fit->converged) {
        fit->log_likelihood = round_of_em(klass, n_classes, bins, sd_min);
        fit->converged = fabs(fit->log_likelihood - before) < 1e-9;
        before = fit->log_likelihood;
        fit->rounds++;
    }
    qsort(klass, (size_t)n_classes, sizeof *klass, by_mean);
}
