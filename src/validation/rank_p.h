/* The p-values of rank correlations. */
#ifndef RGQ_VALIDATION_RANK_P_H
#define RGQ_VALIDATION_RANK_P_H

#include "rgdquant/correlation.h"
#include "validation/sample.h"

/** What is known of a sample of ranks. */
typedef struct rgq_rank_sample {
    rgq_correlation_kind kind; /**< Spearman or Kendall */
    const double *rx, *ry;     /**< midranks, n each */
    size_t n;
    bool has_ties;
    double r;     /**< rho or tau-b */
    double score; /**< sum of rx ry of Spearman; concordant - discordant of Kendall */
} rgq_rank_sample;

/**
 * Share of all orders of ry whose score lies at least as far from its mean as the one seen;
 * n <= RGQ_EXACT_ROWS_MAX, ties allowed.
 *
 * Groups of equal rx, in order, take the y that are left: what a group adds to the score
 * depends on the set of y taken before (Kendall) or on the group alone (Spearman), never on the
 * order inside that set. So scores are counted for each of the 2^n sets instead of n! orders.
 */
rgq_status rgq_rank_p_exact(double *p, const rgq_rank_sample *sample, rgq_error *err);

/** (b + 1) / (m + 1), b of m random orders being at least as far out. */
rgq_status rgq_rank_p_random(double *p, const rgq_rank_sample *sample, size_t permutations,
                             uint64_t seed, rgq_error *err);

/** As cor.test() of R 4.2 without further arguments; `*by` says which of its ways. `ties` of x
 *  and y are for Kendall. */
rgq_status rgq_rank_p_r(double *p, const char **by, const rgq_rank_sample *sample,
                        const rgq_ties ties[2], rgq_error *err);

/** Concordant minus discordant pairs, a Fenwick tree over the ranks of y: O(n log n). */
typedef struct rgq_concordance {
    size_t n;
    size_t *end;   /**< of the group of equal x that position i belongs to */
    size_t *dense; /**< rank of y at position i, 1 .. n, equal for equal y */
    size_t *tree;  /**< n + 1 */
} rgq_concordance;

rgq_status rgq_concordance_make(rgq_concordance *out, size_t n, rgq_error *err);
void rgq_concordance_release(rgq_concordance *c);
/** Take in new values, as many as it was made for or fewer; `sorted` has room for them. */
void rgq_concordance_set(rgq_concordance *c, const double *x, const double *y, size_t n,
                         rgq_ranked *sorted, double *ranks);
double rgq_concordance_score(rgq_concordance *c);

#endif
