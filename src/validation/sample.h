/* Rows, patients and ranks: what the statistics share. */
#ifndef RGQ_VALIDATION_SAMPLE_H
#define RGQ_VALIDATION_SAMPLE_H

#include <stdbool.h>

#include "rgdquant/statistic.h"

/** Rows in the order of their clusters: those of cluster g are row[start[g] .. start[g + 1]).
 */
typedef struct rgq_clusters {
    size_t n; /**< clusters */
    size_t *start;
    size_t *row;
} rgq_clusters;

/** Without ids each row is a cluster of its own. Release with rgq_clusters_release(). */
rgq_status rgq_clusters_make(rgq_clusters *out, const int *id, size_t n_rows, rgq_error *err);
void rgq_clusters_release(rgq_clusters *clusters);

/** A statistic with nothing known about it yet: NaN, 0 and "". */
rgq_stat rgq_stat_empty(size_t n, const rgq_stat_opts *opts);

/** value +- t(dof) se and the p-value of value = 0; `dof` may be infinite. */
void rgq_stat_by_t(rgq_stat *out, double value, double se, double dof);

rgq_status rgq_check_opts(const rgq_stat_opts *opts, rgq_error *err);

/** At least `least` rows, every number finite. */
rgq_status rgq_check_pairs(const rgq_pairs *pairs, size_t least, const char *what,
                           rgq_error *err);
rgq_status rgq_check_column(const double *values, size_t n, const char *name, rgq_error *err);
/** Not all the same. */
rgq_status rgq_check_varies(const double *values, size_t n, const char *name, rgq_error *err);
/** At least `least` patients. */
rgq_status rgq_check_clusters(const rgq_clusters *clusters, size_t least, rgq_error *err);

double rgq_mean(const double *values, size_t n);

/** Memory for ranking up to n values. */
typedef struct rgq_ranked {
    double value;
    size_t row;
} rgq_ranked;

/** Midranks 1 .. n of `values`; equal values share the mean of their ranks. `sorted` has room
 *  for n, and holds them ascending afterwards. @return rows that share their value */
size_t rgq_midranks(double *ranks, const double *values, size_t n, rgq_ranked *sorted);

/** Sums over groups of t equal values: of t (t - 1), t (t - 1)(t - 2), t (t - 1)(2 t + 5). */
typedef struct rgq_ties {
    double pairs, triples, weighted;
} rgq_ties;
rgq_ties rgq_count_ties(const double *values, size_t n, rgq_ranked *sorted);

enum { RGQ_COLUMNS_MAX = 3, RGQ_PARTS_MAX = 4 };

/** A statistic of columns of n values each: fills up to RGQ_PARTS_MAX numbers. False where it
 *  cannot be formed. */
typedef bool (*rgq_statistic_fn)(double *out, const double *const *columns, size_t n,
                                 void *user);

/** What is resampled: the columns, their clusters and the statistic. */
typedef struct rgq_resampling {
    const double *column[RGQ_COLUMNS_MAX];
    int n_columns;
    size_t n;
    const rgq_clusters *clusters;
    rgq_statistic_fn statistic;
    void *user;
    int n_parts;
} rgq_resampling;

/**
 * Delete-one-cluster jackknife: standard errors of the parts, s^2 = (G - 1) / G sum (t_g -
 * t.)^2, t_g the statistic without cluster g and t. their mean. RGQ_E_NUMERIC names the cluster
 * (from 1, ids ascending) without which the statistic cannot be formed.
 */
rgq_status rgq_jackknife(double se[RGQ_PARTS_MAX], const rgq_resampling *plan, rgq_error *err);

/** The most rows a bootstrap sample has, which a statistic must have room for: all clusters as
 *  large as the largest, but no more than 32 n, which is never reached by chance. */
size_t rgq_sample_rows_max(const rgq_clusters *clusters, size_t n);

/** Percentile bootstrap of part 0: clusters drawn with replacement. Samples of which the
 *  statistic cannot be formed are drawn anew; more than half of them: the interval is NaN. */
rgq_status rgq_bootstrap(rgq_stat *out, const rgq_resampling *plan, const rgq_stat_opts *opts,
                         rgq_error *err);

#endif
