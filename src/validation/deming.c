#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "validation/line.h"

#include "core/banned.h"

/* Parts: slope, intercept. */
static bool deming_of(double *out, const double *const *columns, size_t n, void *user)
{
    const double q = *(const double *)user;

    if (n < 2)
        return false;
    const rgq_moments2 m = rgq_moments2_of(columns[0], columns[1], n);
    const double d = m.yy - q * m.xx;
    const double root = sqrt(d * d + 4.0 * q * m.xy * m.xy);
    /* The form without cancellation of the two. */
    out[0] = d >= 0.0 ? (d + root) / (2.0 * m.xy) : 2.0 * q * m.xy / (root - d);
    out[1] = m.mean_y - out[0] * m.mean_x;
    return isfinite(out[0]) && fabs(m.xy) > 0.0;
}

static rgq_status errors_of(rgq_stat *slope, rgq_stat *intercept, const double parts[2],
                            const rgq_resampling *plan, double dof, rgq_error *err)
{
    double se[RGQ_PARTS_MAX] = {0.0};

    RGQ_PASS(err, rgq_jackknife(se, plan, err));
    rgq_stat_by_t(slope, parts[0], se[0], dof);
    rgq_stat_by_t(intercept, parts[1], se[1], dof);
    return RGQ_OK;
}

static rgq_status deming(rgq_line *line, const rgq_pairs *pairs, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_clusters rows = {0, NULL, NULL};
    rgq_clusters patients = {0, NULL, NULL};
    double parts[RGQ_PARTS_MAX] = {0.0};
    rgq_resampling plan = {.column = {pairs->x, pairs->y, NULL},
                           .n_columns = 2,
                           .n = pairs->n,
                           .clusters = &rows,
                           .statistic = deming_of,
                           .user = &line->error_ratio,
                           .n_parts = 2};

    if (!deming_of(parts, plan.column, pairs->n, plan.user))
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "x and y are not correlated at all: Deming's line is not defined");
    RGQ_TRY(err, rgq_clusters_make(&rows, NULL, pairs->n, err));
    RGQ_TRY(err, errors_of(&line->naive_slope, &line->naive_intercept, parts, &plan,
                           (double)pairs->n - 2.0, err));
    line->naive_slope.interval_by = line->naive_intercept.interval_by =
        "leaving out one row at a time, t(n - 2)";
    line->slope = line->naive_slope;
    line->intercept = line->naive_intercept;
    if (pairs->cluster != NULL) {
        RGQ_TRY(err, rgq_clusters_make(&patients, pairs->cluster, pairs->n, err));
        RGQ_TRY(err, rgq_check_clusters(&patients, 3, err));
        plan.clusters = &patients;
        RGQ_TRY(err, errors_of(&line->slope, &line->intercept, parts, &plan,
                               (double)patients.n - 1.0, err));
        line->slope.n_clusters = line->intercept.n_clusters = patients.n;
        line->slope.interval_by = line->intercept.interval_by =
            "leaving out one patient at a time, t(G - 1)";
    }
    line->covariance[0] = line->intercept.se * line->intercept.se;
    line->covariance[2] = line->slope.se * line->slope.se;
out:
    rgq_clusters_release(&patients);
    rgq_clusters_release(&rows);
    return st;
}

rgq_status rgq_line_deming(rgq_line *out, const rgq_pairs *pairs, double error_ratio,
                           const rgq_stat_opts *opts, rgq_error *err)
{
    if (!(error_ratio > 0.0 && isfinite(error_ratio)))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "ratio of error variances is %g: it must be a number above 0",
                         error_ratio);
    RGQ_PASS(err, rgq_line_check(pairs, opts, err));
    RGQ_PASS(err, rgq_check_varies(pairs->y, pairs->n, "y", err));
    rgq_line line = rgq_line_empty("Deming", pairs->n, opts);
    line.error_ratio = error_ratio;
    RGQ_PASS(err, deming(&line, pairs, err));
    *out = line;
    return RGQ_OK;
}

static rgq_status mean_square(double *out, const rgq_pairs *repeats, const char *name,
                              rgq_error *err)
{
    double sum = 0.0;

    if (repeats->n == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "no repeated measurement of %s", name);
    RGQ_PASS(err, rgq_check_column(repeats->x, repeats->n, name, err));
    RGQ_PASS(err, rgq_check_column(repeats->y, repeats->n, name, err));
    for (size_t i = 0; i < repeats->n; i++)
        sum += (repeats->x[i] - repeats->y[i]) * (repeats->x[i] - repeats->y[i]);
    if (!(sum > 0.0))
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "the %zu repeated measurements of %s never differ: their error is not "
                         "known",
                         repeats->n, name);
    *out = sum / (double)repeats->n;
    return RGQ_OK;
}

rgq_status rgq_error_ratio(double *out, const rgq_pairs *of_x, const rgq_pairs *of_y,
                           rgq_error *err)
{
    double x = 0.0;
    double y = 0.0;

    RGQ_PASS(err, mean_square(&x, of_x, "x", err));
    RGQ_PASS(err, mean_square(&y, of_y, "y", err));
    *out = y / x;
    return RGQ_OK;
}
