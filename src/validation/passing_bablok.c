#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "validation/line.h"

#include "core/banned.h"

/* Slopes of all two rows but identical ones and those of -1; `*below` of them under -1. */
static size_t all_slopes(double *slopes, const rgq_pairs *pairs, size_t *below)
{
    size_t count = 0;

    *below = 0;
    for (size_t i = 0; i < pairs->n; i++)
        for (size_t k = i + 1; k < pairs->n; k++) {
            const double dx = pairs->x[i] - pairs->x[k];
            const double dy = pairs->y[i] - pairs->y[k];
            /* dx of 0: plus or minus infinity by the sign of dy, as published */
            const double slope = fabs(dx) > 0.0 ? dy / dx : copysign((double)INFINITY, dy);
            if (!(fabs(dx) > 0.0 || fabs(dy) > 0.0) || !(slope < -1.0 || slope > -1.0))
                continue;
            *below += slope < -1.0;
            slopes[count++] = slope;
        }
    return count;
}

/* Median of y - slope x. */
static double median_intercept(double *work, const rgq_pairs *pairs, double slope)
{
    for (size_t i = 0; i < pairs->n; i++)
        work[i] = pairs->y[i] - slope * pairs->x[i];
    rgq_sort_double(work, pairs->n);
    return rgq_quantile_double(work, pairs->n, 0.5);
}

/* `sorted` and `count` are of the slopes, `shift` of them below -1. */
static void set_line(rgq_line *line, const rgq_pairs *pairs, const double *sorted, size_t count,
                     size_t shift, double *work)
{
    const double n = (double)pairs->n;
    const double c = rgq_normal_quantile(0.5 + 0.5 * line->slope.confidence) *
                     sqrt(n * (n - 1.0) * (2.0 * n + 5.0) / 18.0);
    const double first = round(0.5 * ((double)count - c));
    const size_t middle = (count - 1) / 2 + shift;
    double slope = sorted[middle];

    if (count % 2 == 0)
        slope = 0.5 * (slope + sorted[middle + 1]);
    line->slope.value = slope;
    line->intercept.value = median_intercept(work, pairs, slope);
    const double from = first + (double)shift; /* counted from 1 */
    const double to = (double)count - first + 1.0 + (double)shift;
    if (first < 1.0 || to > (double)count || !isfinite(sorted[(size_t)from - 1]) ||
        !isfinite(sorted[(size_t)to - 1])) {
        line->slope.note = line->intercept.note = "too few rows for an interval";
        return;
    }
    line->slope.low = sorted[(size_t)from - 1];
    line->slope.high = sorted[(size_t)to - 1];
    line->intercept.low = median_intercept(work, pairs, line->slope.high);
    line->intercept.high = median_intercept(work, pairs, line->slope.low);
}

static rgq_status passing_bablok(rgq_line *line, const rgq_pairs *pairs, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *slopes = NULL;
    double *work = NULL;
    size_t shift = 0;

    RGQ_TRY(err, rgq_alloc(&slopes, pairs->n * (pairs->n - 1) / 2, sizeof *slopes, err));
    RGQ_TRY(err, rgq_alloc(&work, pairs->n, sizeof *work, err));
    const size_t count = all_slopes(slopes, pairs, &shift);
    rgq_sort_double(slopes, count);
    if (count == 0 || count / 2 + shift >= count || !isfinite(slopes[count / 2 + shift])) {
        st = RGQ_RAISE(err, RGQ_E_NUMERIC,
                       "%zu of %zu slopes between rows are below -1: Passing and Bablok's line "
                       "needs an y that rises with x",
                       shift, count);
        goto out;
    }
    set_line(line, pairs, slopes, count, shift, work);
out:
    rgq_free(work);
    rgq_free(slopes);
    return st;
}

rgq_status rgq_line_passing_bablok(rgq_line *out, const rgq_pairs *pairs,
                                   const rgq_stat_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, rgq_line_check(pairs, opts, err));
    if (pairs->n > RGQ_PASSING_BABLOK_MAX)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "%zu rows: Passing and Bablok's line compares each two, and takes %d at "
            "most",
            pairs->n, RGQ_PASSING_BABLOK_MAX);
    rgq_line line = rgq_line_empty("Passing-Bablok", pairs->n, opts);
    line.slope.interval_by = "ranks of the slopes between rows";
    line.intercept.interval_by = "from the ends of the slope's interval";
    if (pairs->cluster != NULL)
        line.slope.note = line.intercept.note =
            "the interval takes rows as independent: too narrow for several lesions a patient";
    RGQ_PASS(err, passing_bablok(&line, pairs, err));
    line.naive_slope = line.slope;
    line.naive_intercept = line.intercept;
    *out = line;
    return RGQ_OK;
}
