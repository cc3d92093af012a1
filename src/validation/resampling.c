/* Samples without one patient, and samples of patients drawn with replacement. */
#include <math.h>

#include "core/alloc.h"
#include "num/rng.h"
#include "num/stats.h"
#include "validation/sample.h"

#include "core/banned.h"

/* Room for a changed copy of the columns, `rows` long each. */
typedef struct copy {
    double *values;
    const double *column[RGQ_COLUMNS_MAX];
    size_t rows;
} copy;

static rgq_status make_copy(copy *out, const rgq_resampling *plan, size_t rows, rgq_error *err)
{
    *out = (copy){.rows = rows};
    RGQ_PASS(err,
             rgq_alloc(&out->values, rows * (size_t)plan->n_columns, sizeof *out->values, err));
    for (int c = 0; c < plan->n_columns; c++)
        out->column[c] = out->values + (size_t)c * rows;
    return RGQ_OK;
}

/* Append the rows of cluster g; returns how many rows there are now. */
static size_t append(copy *to, size_t n, const rgq_resampling *plan, size_t g)
{
    const rgq_clusters *of = plan->clusters;

    for (size_t i = of->start[g]; i < of->start[g + 1]; i++, n++)
        for (int c = 0; c < plan->n_columns; c++)
            to->values[(size_t)c * to->rows + n] = plan->column[c][of->row[i]];
    return n;
}

static rgq_status leave_out(double *out, copy *to, const rgq_resampling *plan, size_t without,
                            rgq_error *err)
{
    size_t n = 0;

    for (size_t g = 0; g < plan->clusters->n; g++)
        if (g != without)
            n = append(to, n, plan, g);
    if (n == 0 || !plan->statistic(out, to->column, n, plan->user))
        return RGQ_RAISE(
            err, RGQ_E_NUMERIC,
            "without patient %zu of %zu the %zu rows left give no estimate (too few, "
            "or a column is constant): no interval over patients can be formed",
            without + 1, plan->clusters->n, n);
    return RGQ_OK;
}

rgq_status rgq_jackknife(double se[RGQ_PARTS_MAX], const rgq_resampling *plan, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t clusters = plan->clusters->n;
    copy to = {.values = NULL};
    double *parts = NULL;

    RGQ_TRY(err, make_copy(&to, plan, plan->n, err));
    RGQ_TRY(err, rgq_alloc(&parts, clusters * RGQ_PARTS_MAX, sizeof *parts, err));
    for (size_t g = 0; g < clusters; g++)
        RGQ_TRY(err, leave_out(parts + g * RGQ_PARTS_MAX, &to, plan, g, err));
    for (int k = 0; k < plan->n_parts; k++) {
        double mean = 0.0;
        double squares = 0.0;
        for (size_t g = 0; g < clusters; g++)
            mean += parts[g * RGQ_PARTS_MAX + (size_t)k] / (double)clusters;
        for (size_t g = 0; g < clusters; g++) {
            const double d = parts[g * RGQ_PARTS_MAX + (size_t)k] - mean;
            squares += d * d;
        }
        se[k] = sqrt(squares * (double)(clusters - 1) / (double)clusters);
    }
out:
    rgq_free(parts);
    rgq_free(to.values);
    return st;
}

static size_t largest_cluster(const rgq_clusters *clusters)
{
    size_t most = 0;

    for (size_t g = 0; g < clusters->n; g++)
        if (clusters->start[g + 1] - clusters->start[g] > most)
            most = clusters->start[g + 1] - clusters->start[g];
    return most;
}

size_t rgq_sample_rows_max(const rgq_clusters *clusters, size_t n)
{
    const size_t most = largest_cluster(clusters);
    const size_t enough = 32 * n;

    return most > enough / clusters->n ? enough : clusters->n * most;
}

/* Fill `values` with the statistic of so many samples; returns how many could be formed. */
static size_t draw_samples(double *values, copy *to, const rgq_resampling *plan, size_t wanted,
                           rgq_rng *rng)
{
    const size_t clusters = plan->clusters->n;
    size_t formed = 0;

    for (size_t tries = 0; tries < 2 * wanted && formed < wanted; tries++) {
        double parts[RGQ_PARTS_MAX];
        size_t n = 0;
        for (size_t k = 0; k < clusters; k++) {
            const size_t g = (size_t)(rgq_rng_uniform(rng) * (double)clusters);
            const size_t more = plan->clusters->start[g + 1] - plan->clusters->start[g];
            n = n + more <= to->rows ? append(to, n, plan, g) : n;
        }
        if (plan->statistic(parts, to->column, n, plan->user))
            values[formed++] = parts[0];
    }
    return formed;
}

rgq_status rgq_bootstrap(rgq_stat *out, const rgq_resampling *plan, const rgq_stat_opts *opts,
                         rgq_error *err)
{
    rgq_status st = RGQ_OK;
    copy to = {.values = NULL};
    double *values = NULL;
    rgq_rng *rng = NULL;

    RGQ_TRY(err, make_copy(&to, plan, rgq_sample_rows_max(plan->clusters, plan->n), err));
    RGQ_TRY(err, rgq_alloc(&values, opts->resamples, sizeof *values, err));
    RGQ_TRY(err, rgq_rng_create(&rng, opts->seed, err));
    const size_t formed = draw_samples(values, &to, plan, opts->resamples, rng);
    out->seed = opts->seed;
    out->draws = formed;
    out->interval_by = "percentile bootstrap over patients";
    if (formed == opts->resamples) {
        rgq_sort_double(values, formed);
        out->low = rgq_quantile_double(values, formed, 0.5 - 0.5 * opts->confidence);
        out->high = rgq_quantile_double(values, formed, 0.5 + 0.5 * opts->confidence);
    } else {
        out->note = "most samples of patients give no estimate: no interval";
    }
out:
    rgq_rng_free(rng);
    rgq_free(values);
    rgq_free(to.values);
    return st;
}
