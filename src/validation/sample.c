#include "validation/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "num/rng.h"
#include "num/stats.h"

#include "core/banned.h"

typedef struct id_row {
    int id;
    size_t row;
} id_row;

static int compare_ids(const void *a, const void *b)
{
    const id_row *p = a;
    const id_row *q = b;

    if (p->id != q->id)
        return p->id < q->id ? -1 : 1;
    return (p->row > q->row) - (p->row < q->row);
}

static void group_rows(rgq_clusters *out, id_row *items, size_t n_rows)
{
    qsort(items, n_rows, sizeof *items, compare_ids);
    for (size_t i = 0; i < n_rows; i++) {
        if (i == 0 || items[i].id != items[i - 1].id)
            out->start[out->n++] = i;
        out->row[i] = items[i].row;
    }
    out->start[out->n] = n_rows;
}

rgq_status rgq_clusters_make(rgq_clusters *out, const int *id, size_t n_rows, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_clusters made = {0, NULL, NULL};
    id_row *items = NULL;

    *out = made;
    RGQ_TRY(err, rgq_alloc(&made.start, n_rows + 1, sizeof *made.start, err));
    RGQ_TRY(err, rgq_alloc(&made.row, n_rows, sizeof *made.row, err));
    RGQ_TRY(err, rgq_alloc(&items, n_rows, sizeof *items, err));
    for (size_t i = 0; i < n_rows; i++)
        items[i] = (id_row){id != NULL ? id[i] : 0, i};
    if (id != NULL) {
        group_rows(&made, items, n_rows);
    } else {
        made.n = n_rows;
        for (size_t i = 0; i < n_rows; i++)
            made.start[i] = made.row[i] = i;
        made.start[n_rows] = n_rows;
    }
    *out = made;
    made = (rgq_clusters){0, NULL, NULL};
out:
    rgq_free(items);
    rgq_clusters_release(&made);
    return st;
}

void rgq_clusters_release(rgq_clusters *clusters)
{
    rgq_free(clusters->start);
    rgq_free(clusters->row);
    *clusters = (rgq_clusters){0, NULL, NULL};
}

rgq_stat rgq_stat_empty(size_t n, const rgq_stat_opts *opts)
{
    const double none = (double)NAN;

    return (rgq_stat){.value = none,
                      .se = none,
                      .low = none,
                      .high = none,
                      .confidence = opts->confidence,
                      .p = none,
                      .dof = none,
                      .n = n,
                      .interval_by = "",
                      .p_by = "",
                      .note = ""};
}

void rgq_stat_by_t(rgq_stat *out, double value, double se, double dof)
{
    const double t = rgq_t_quantile(0.5 + 0.5 * out->confidence, dof);

    out->value = value;
    out->se = se;
    out->dof = dof;
    out->low = value - t * se;
    out->high = value + t * se;
    if (se > 0.0)
        out->p = rgq_t_two_sided(value / se, dof);
}

rgq_status rgq_check_opts(const rgq_stat_opts *opts, rgq_error *err)
{
    if (!(opts->confidence > 0.0 && opts->confidence < 1.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "confidence is %g: it must lie above 0 and below 1", opts->confidence);
    if (opts->permutations < 99 || opts->permutations > 10000000)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%zu permutations: 99 to 10000000 are possible",
                         opts->permutations);
    if (opts->resamples < 99 || opts->resamples > 1000000)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%zu bootstrap samples: 99 to 1000000 are possible", opts->resamples);
    return RGQ_OK;
}

rgq_status rgq_check_column(const double *values, size_t n, const char *name, rgq_error *err)
{
    const double most = 1e100; /* squares and their products stay finite */

    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i]))
            return RGQ_RAISE(err, RGQ_E_NUMERIC,
                             "row %zu of %zu: %s is missing or not a number; leave the row out",
                             i + 1, n, name);
        if (fabs(values[i]) > most)
            return RGQ_RAISE(err, RGQ_E_NUMERIC, "row %zu of %zu: %s is %g; %g is the most",
                             i + 1, n, name, values[i], most);
    }
    return RGQ_OK;
}

rgq_status rgq_check_pairs(const rgq_pairs *pairs, size_t least, const char *what,
                           rgq_error *err)
{
    if (pairs->n < least)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%zu row%s: %s needs %zu or more", pairs->n,
                         pairs->n == 1 ? "" : "s", what, least);
    RGQ_PASS(err, rgq_check_column(pairs->x, pairs->n, "x", err));
    RGQ_PASS(err, rgq_check_column(pairs->y, pairs->n, "y", err));
    return RGQ_OK;
}

rgq_status rgq_check_varies(const double *values, size_t n, const char *name, rgq_error *err)
{
    for (size_t i = 1; i < n; i++)
        if (values[i] > values[0] || values[i] < values[0])
            return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_NUMERIC,
                     "%s is %g in all %zu rows: nothing can be related to a constant column",
                     name, values[0], n);
}

rgq_status rgq_check_clusters(const rgq_clusters *clusters, size_t least, rgq_error *err)
{
    if (clusters->n >= least)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "%zu patient%s: leaving out one at a time needs %zu or more", clusters->n,
                     clusters->n == 1 ? "" : "s", least);
}

double rgq_mean(const double *values, size_t n)
{
    double sum = 0.0;
    double rest = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    sum /= (double)n;
    for (size_t i = 0; i < n; i++) /* takes out what rounding left */
        rest += values[i] - sum;
    return sum + rest / (double)n;
}

static int compare_ranked(const void *a, const void *b)
{
    const rgq_ranked *p = a;
    const rgq_ranked *q = b;

    if (p->value < q->value)
        return -1;
    if (p->value > q->value)
        return 1;
    return (p->row > q->row) - (p->row < q->row);
}

static void sort_rows(rgq_ranked *sorted, const double *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sorted[i] = (rgq_ranked){values[i], i};
    qsort(sorted, n, sizeof *sorted, compare_ranked);
}

/* End of the group of equal values that begins at `from`. */
static size_t group_end(const rgq_ranked *sorted, size_t from, size_t n)
{
    size_t end = from + 1;

    while (end < n && !(sorted[end].value > sorted[from].value))
        end++;
    return end;
}

size_t rgq_midranks(double *ranks, const double *values, size_t n, rgq_ranked *sorted)
{
    size_t tied = 0;

    sort_rows(sorted, values, n);
    for (size_t from = 0, end = 0; from < n; from = end) {
        end = group_end(sorted, from, n);
        for (size_t i = from; i < end; i++)
            ranks[sorted[i].row] = 0.5 * (double)(from + 1 + end);
        if (end - from > 1)
            tied += end - from;
    }
    return tied;
}

rgq_ties rgq_count_ties(const double *values, size_t n, rgq_ranked *sorted)
{
    rgq_ties ties = {0.0, 0.0, 0.0};

    sort_rows(sorted, values, n);
    for (size_t from = 0, end = 0; from < n; from = end) {
        end = group_end(sorted, from, n);
        const double t = (double)(end - from);
        ties.pairs += t * (t - 1.0);
        ties.triples += t * (t - 1.0) * (t - 2.0);
        ties.weighted += t * (t - 1.0) * (2.0 * t + 5.0);
    }
    return ties;
}
