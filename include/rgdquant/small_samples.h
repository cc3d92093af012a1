/**
 * @file small_samples.h
 * @brief Exact tests for a handful of patients: paired changes, and tables of two by two.
 */
#ifndef RGDQUANT_SMALL_SAMPLES_H
#define RGDQUANT_SMALL_SAMPLES_H

#include "rgdquant/statistic.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Wilcoxon's signed rank test of changes. */
typedef struct rgq_signed_rank {
    rgq_stat
        shift;    /**< Hodges-Lehmann: median of all means of two changes; its p and interval */
    double v;     /**< sum of the ranks of positive changes */
    size_t zeros; /**< changes of 0, left out */
    size_t tied;  /**< changes whose size others share */
} rgq_signed_rank;

/** The exact distribution is used to this many changes, the normal one above. */
enum { RGQ_SIGNED_RANK_EXACT_MAX = 200 };

/**
 * @brief Wilcoxon signed rank, two-sided.
 *
 * Exact p: all 2^n signs of the midranks, by adding one change after the other to the counts of
 * sums; ties do not matter. Zeros are left out (Wilcoxon), as in R. The interval takes the
 * means of two changes from the order that the distribution without ties allows. Above
 * RGQ_SIGNED_RANK_EXACT_MAX normal with the variance under ties, as R without continuity
 * correction.
 *
 * @param[in] change  n differences
 * @return RGQ_OK; RGQ_E_ARGUMENT (no change other than 0); RGQ_E_NUMERIC (not a number);
 *         RGQ_E_NOMEM
 * @see cite:HollanderWolfe1973
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_signed_rank_test(rgq_signed_rank *out,
                                                       const double *change, size_t n,
                                                       const rgq_stat_opts *opts,
                                                       rgq_error *err);

/** Exact sign test: value is the share of positive among the changes that are not 0, with
 *  Clopper and Pearson's interval; p of 1/2. RGQ_E_ARGUMENT if all are 0. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_sign_test(rgq_stat *out, const double *change, size_t n,
                                                const rgq_stat_opts *opts, rgq_error *err);

/** A share of `n` with Clopper and Pearson's interval: quantiles of beta(k, n - k + 1) and
 *  beta(k + 1, n - k). p: exact binomial, of 1/2. RGQ_E_ARGUMENT if n is 0 or k > n. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_proportion(rgq_stat *out, size_t k, size_t n,
                                                 const rgq_stat_opts *opts, rgq_error *err);

/**
 * @brief McNemar's exact test of two yes-or-no readings of the same lesions.
 *
 * Of the b pairs yes-no and the c pairs no-yes: p = min(1, 2 P(X <= min(b, c))), X binomial of
 * b + c with 1/2. value: the odds ratio b / c, its interval from that of the share b / (b + c).
 *
 * @return RGQ_OK, with p = 1 and value NaN if b + c is 0; RGQ_E_ARGUMENT above 10^9
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_mcnemar_exact(rgq_stat *out, size_t b, size_t c,
                                                    const rgq_stat_opts *opts, rgq_error *err);

/**
 * @brief Fisher's exact test of a two by two table.
 *
 * p: the sum of all tables of the same margins that are not more likely than the one seen
 * (within a factor of 1 + 1e-7, as R). value: the conditional maximum likelihood estimate of
 * the odds ratio, with the exact conditional interval: each end leaves (1 - confidence) / 2 in
 * one tail of the noncentral hypergeometric distribution. It is solved to the last digits;
 * fisher.test() of R stops at 1e-4 of the odds ratio or of its inverse.
 *
 * @param[in] table  {a, b, c, d}: first row a b, second row c d; sum 1 .. 10^6
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOMEM. With a margin of 0 p is 1, the odds ratio NaN
 * and the interval 0 .. infinity.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fisher_exact(rgq_stat *out, const size_t table[4],
                                                   const rgq_stat_opts *opts, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
