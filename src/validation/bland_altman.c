#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "rgdquant/agreement.h"
#include "validation/line.h"

#include "core/banned.h"

/* The statistic of a sample with patients: it must know which rows are of one patient. */
typedef struct limits {
    double z; /* quantile of the limits */
    double sd_between, sd_within, sd;
} limits;

/* Columns: x, y, patient's number; rows of one patient stand together.
 * Parts: bias, lower and upper limit, trend. */
static bool limits_over_patients(double *out, const double *const *columns, size_t n,
                                 void *user)
{
    limits *l = user;
    double bias = 0.0;
    double within = 0.0;
    double between = 0.0;
    double sum_squares = 0.0;
    double patients = 0.0;

    for (size_t i = 0; i < n; i++)
        bias += (columns[1][i] - columns[0][i]) / (double)n;
    for (size_t from = 0, to = 0; from < n; from = to) {
        double mean = 0.0;
        for (to = from; to < n && !(columns[2][to] > columns[2][from]); to++)
            mean += columns[1][to] - columns[0][to];
        const double rows = (double)(to - from);
        mean /= rows;
        for (size_t i = from; i < to; i++) {
            const double d = columns[1][i] - columns[0][i] - mean;
            within += d * d;
        }
        between += rows * (mean - bias) * (mean - bias);
        sum_squares += rows * rows;
        patients += 1.0;
    }
    if (patients < 2.0)
        return false;
    const double msb = between / (patients - 1.0);
    const double msw = (double)n > patients ? within / ((double)n - patients) : 0.0;
    const double m0 = ((double)n - sum_squares / (double)n) / (patients - 1.0);
    const double variance_between = fmax(0.0, (msb - msw) / m0);
    l->sd_between = sqrt(variance_between);
    l->sd_within = sqrt(msw);
    l->sd = sqrt(variance_between + msw);
    out[0] = bias;
    out[1] = bias - l->z * l->sd;
    out[2] = bias + l->z * l->sd;
    return true;
}

static rgq_status over_patients(rgq_bland_altman *out, const rgq_pairs *pairs, double z,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_clusters clusters = {0, NULL, NULL};
    double *columns = NULL;
    limits whole = {.z = z};
    limits left = {.z = z};
    double parts[RGQ_PARTS_MAX] = {0.0};
    double se[RGQ_PARTS_MAX] = {0.0};
    const size_t n = pairs->n;

    RGQ_TRY(err, rgq_clusters_make(&clusters, pairs->cluster, n, err));
    RGQ_TRY(err, rgq_check_clusters(&clusters, 3, err));
    RGQ_TRY(err, rgq_alloc(&columns, 3 * n, sizeof *columns, err));
    for (size_t g = 0; g < clusters.n; g++)
        for (size_t k = clusters.start[g]; k < clusters.start[g + 1]; k++) {
            columns[k] = pairs->x[clusters.row[k]];
            columns[n + k] = pairs->y[clusters.row[k]];
            columns[2 * n + k] = (double)g;
        }
    for (size_t k = 0; k < n; k++) /* the columns are in the order of the patients now */
        clusters.row[k] = k;
    const rgq_resampling plan = {.column = {columns, columns + n, columns + 2 * n},
                                 .n_columns = 3,
                                 .n = n,
                                 .clusters = &clusters,
                                 .statistic = limits_over_patients,
                                 .user = &left,
                                 .n_parts = 3};
    (void)limits_over_patients(parts, plan.column, n, &whole);
    RGQ_TRY(err, rgq_jackknife(se, &plan, err));
    rgq_stat *const stat[3] = {&out->bias, &out->lower, &out->upper};
    for (int k = 0; k < 3; k++) {
        rgq_stat_by_t(stat[k], parts[k], se[k], (double)(clusters.n - 1));
        stat[k]->n_clusters = clusters.n;
        stat[k]->interval_by = "leaving out one patient at a time, t(G - 1)";
        stat[k]->p_by = "t(G - 1)";
    }
    out->sd = whole.sd;
    out->sd_between = whole.sd_between;
    out->sd_within = whole.sd_within;
out:
    rgq_free(columns);
    rgq_clusters_release(&clusters);
    return st;
}

static void independent_rows(rgq_bland_altman *out, const double *difference, size_t rows,
                             double z)
{
    const double n = (double)rows;
    const double bias = rgq_mean(difference, rows);
    double squares = 0.0;

    for (size_t i = 0; i < rows; i++)
        squares += (difference[i] - bias) * (difference[i] - bias);
    out->sd = sqrt(squares / (n - 1.0));
    const double of_limit = out->sd * sqrt(1.0 / n + z * z / (2.0 * (n - 1.0)));
    rgq_stat_by_t(&out->bias, bias, out->sd / sqrt(n), n - 1.0);
    rgq_stat_by_t(&out->lower, bias - z * out->sd, of_limit, n - 1.0);
    rgq_stat_by_t(&out->upper, bias + z * out->sd, of_limit, n - 1.0);
    out->bias.interval_by = out->lower.interval_by = out->upper.interval_by =
        "Student's t(n - 1)";
    out->bias.p_by = "paired t";
}

/* Do differences grow with what is measured? */
static rgq_status find_trend(rgq_bland_altman *out, const rgq_pairs *pairs,
                             const double *difference, const double *mean,
                             const rgq_stat_opts *opts, rgq_error *err)
{
    const rgq_pairs over_mean = {mean, difference, pairs->cluster, pairs->n};
    rgq_error local = RGQ_ERROR_INIT;
    rgq_line line;

    /* Where means do not vary, or only one patient's do, there is none, which is no error. */
    const rgq_status st = rgq_line_least_squares(&line, &over_mean, opts, &local);
    if (st == RGQ_OK)
        out->trend = line.slope;
    else if (st == RGQ_E_NUMERIC)
        out->trend.note = "the means of the two do not vary enough for a trend";
    else
        return RGQ_RAISE(err, st, "%s", local.message);
    return RGQ_OK;
}

rgq_status rgq_agreement_limits(rgq_bland_altman *out, const rgq_pairs *pairs,
                                const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *work = NULL;

    RGQ_PASS(err, rgq_check_opts(opts, err));
    RGQ_PASS(err, rgq_check_pairs(pairs, 3, "limits of agreement", err));
    const size_t n = pairs->n;
    const rgq_stat nothing = rgq_stat_empty(n, opts);
    const double z = rgq_normal_quantile(0.5 + 0.5 * opts->confidence);
    rgq_bland_altman found = {.bias = nothing,
                              .lower = nothing,
                              .upper = nothing,
                              .sd_between = (double)NAN,
                              .sd_within = (double)NAN,
                              .trend = nothing};
    RGQ_TRY(err, rgq_alloc(&work, 2 * n, sizeof *work, err));
    for (size_t i = 0; i < n; i++) {
        work[i] = pairs->y[i] - pairs->x[i];
        work[n + i] = 0.5 * (pairs->x[i] + pairs->y[i]);
    }
    if (pairs->cluster != NULL)
        RGQ_TRY(err, over_patients(&found, pairs, z, err));
    else
        independent_rows(&found, work, n, z);
    found.lower.p = found.upper.p = (double)NAN; /* a limit of 0 is no hypothesis */
    found.lower.p_by = found.upper.p_by = "";
    RGQ_TRY(err, find_trend(&found, pairs, work, work + n, opts, err));
    *out = found;
out:
    rgq_free(work);
    return st;
}
