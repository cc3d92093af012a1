/* Grey level co-occurrence matrices at Chebyshev distance 1. */
#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ibsi.h"
#include "measure/ibsi_counts.h"

/* Marginal probabilities of one matrix: of a level, of a difference, of a sum. */
typedef struct margins {
    int n_levels;
    double *level;      /* n_levels + 1 */
    double *difference; /* n_levels */
    double *sum;        /* 2 n_levels + 1 */
} margins;

static double entropy(const double *p, int n)
{
    double sum = 0.0;

    for (int i = 0; i < n; i++)
        if (p[i] > 0.0)
            sum -= p[i] * log2(p[i]);
    return sum;
}

/* Features of the differences: out[4..6] average, variance, entropy, out[11..17]. */
static void of_differences(double out[IBSI_GLCM], const double *p, int n)
{
    double average = 0.0;
    double sum[7] = {0.0};
    double variance = 0.0;

    for (int k = 0; k < n; k++)
        average += k * p[k];
    for (int k = 0; k < n; k++) {
        const double k2 = (double)k * k;
        const double part = (double)k / n;
        const double term[7] = {p[k] * k2,
                                p[k] * k,
                                p[k] / (1.0 + k),
                                p[k] / (1.0 + part),
                                p[k] / (1.0 + k2),
                                p[k] / (1.0 + part * part),
                                k > 0 ? p[k] / k2 : 0.0};
        for (int f = 0; f < 7; f++)
            sum[f] += term[f];
        variance += (k - average) * (k - average) * p[k];
    }
    out[4] = average;
    out[5] = variance;
    out[6] = entropy(p, n);
    for (int f = 0; f < 7; f++)
        out[11 + f] = sum[f];
}

/* Features of the sums: out[7..9] average, variance, entropy, out[20..22] of clusters. */
static void of_sums(double out[IBSI_GLCM], const double *p, int n)
{
    double average = 0.0;
    double power[3] = {0.0, 0.0, 0.0};

    for (int k = 2; k <= 2 * n; k++)
        average += k * p[k];
    for (int k = 2; k <= 2 * n; k++) {
        const double d = k - average;
        power[0] += d * d * p[k];
        power[1] += d * d * d * p[k];
        power[2] += d * d * d * d * p[k];
    }
    out[7] = average;
    out[8] = power[0];
    out[9] = entropy(p, 2 * n + 1);
    for (int f = 0; f < 3; f++)
        out[20 + f] = power[f];
}

/* Probabilities of the symmetric matrix; the entries are pairs i <= j, each once. */
static void fill(margins *m, double out[IBSI_GLCM], const ibsi_counts *pairs, int n)
{
    double top = 0.0;
    double sum[3] = {0.0, 0.0, 0.0}; /* entropy, energy, autocorrelation */

    for (int k = 0; k <= n; k++)
        m->level[k] = 0.0;
    for (int k = 0; k < n; k++)
        m->difference[k] = 0.0;
    for (int k = 0; k <= 2 * n; k++)
        m->sum[k] = 0.0;
    for (size_t e = 0; e < pairs->n_entries; e++) {
        const ibsi_count *c = &pairs->entry[e];
        const double both = c->n / pairs->total; /* p_ij + p_ji, or p_ii */
        const double p = c->i == c->j ? both : 0.5 * both;
        top = fmax(top, p);
        sum[0] -= both * log2(p);
        sum[1] += both * p;
        sum[2] += both * c->i * c->j;
        m->level[c->i] += 0.5 * both;
        m->level[c->j] += 0.5 * both;
        m->difference[c->j - c->i] += both;
        m->sum[c->i + c->j] += both;
    }
    out[0] = top;
    out[3] = sum[0];
    out[10] = sum[1];
    out[19] = sum[2];
}

/* One matrix; an empty one has no features. */
static rgq_status read_pairs(double *out, const ibsi_counts *pairs, double voxels,
                             void *context, rgq_error *err)
{
    margins *m = context;
    const int n = m->n_levels;
    double mean = 0.0;
    double variance = 0.0;

    (void)voxels;
    (void)err;
    for (int f = 0; f < IBSI_GLCM; f++)
        out[f] = (double)NAN;
    if (pairs->n_entries == 0)
        return RGQ_OK;
    fill(m, out, pairs, n);
    for (int i = 1; i <= n; i++)
        mean += i * m->level[i];
    for (int i = 1; i <= n; i++)
        variance += (i - mean) * (i - mean) * m->level[i];
    out[1] = mean;
    out[2] = variance;
    of_differences(out, m->difference, n);
    of_sums(out, m->sum, n);
    /* Both entropies of the product of the margins are twice that of one of them. */
    const double joint = out[3];
    const double single = entropy(m->level, n + 1);
    const bool uniform = pairs->n_entries == 1 && pairs->entry[0].i == pairs->entry[0].j;
    out[18] = uniform ? 1.0 : (out[19] - mean * mean) / variance;
    out[23] = uniform ? 1.0 : (joint - 2.0 * single) / single;
    out[24] = sqrt(-expm1(-2.0 * fmax(2.0 * single - joint, 0.0)));
    return RGQ_OK;
}

/* Pairs of levels i <= j. */
static rgq_status add_pairs(ibsi_counts *pairs, const ibsi_roi *roi, int direction, size_t from,
                            size_t to, rgq_error *err)
{
    const ptrdiff_t step = ibsi_step(roi->n, ibsi_direction[direction]);

    for (size_t k = from; k < to; k++) {
        const int32_t *at = roi->level + roi->voxel[k];
        const uint32_t a = (uint32_t)at[0];
        const uint32_t b = (uint32_t)at[step];
        if (b != 0)
            RGQ_PASS(err, ibsi_counts_add(pairs, a < b ? a : b, a < b ? b : a, 1.0, err));
    }
    return RGQ_OK;
}

rgq_status ibsi_glcm(double out[IBSI_DIRECTIONAL * IBSI_GLCM], const ibsi_roi *roi,
                     rgq_error *err)
{
    rgq_status st = RGQ_OK;
    margins m = {.n_levels = roi->n_levels};
    const size_t n = (size_t)roi->n_levels;
    const ibsi_texture texture = {IBSI_GLCM, add_pairs, read_pairs, &m};

    RGQ_TRY(err, rgq_alloc(&m.level, 4 * n + 2, sizeof *m.level, err));
    m.difference = m.level + n + 1;
    m.sum = m.difference + n;
    RGQ_TRY(err, ibsi_aggregate(out, &texture, roi, err));
out:
    rgq_free(m.level);
    return st;
}
