/**
 * @file agreement.h
 * @brief Do two measurements of the same thing agree: limits, ICC, kappa, repeatability.
 */
#ifndef RGDQUANT_AGREEMENT_H
#define RGDQUANT_AGREEMENT_H

#include "rgdquant/statistic.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Limits of agreement of y - x. */
typedef struct rgq_bland_altman {
    rgq_stat bias; /**< mean of y - x */
    rgq_stat lower,
        upper;         /**< bias -+ 1.96 sd (the quantile of `confidence`), intervals of each */
    double sd;         /**< of one difference; with clusters of one of a new patient */
    double sd_between; /**< of patients' biases; NaN without clusters */
    double sd_within;  /**< of lesions about them; NaN without clusters */
    rgq_stat trend;    /**< slope of the differences over the means */
} rgq_bland_altman;

/**
 * @brief Bland and Altman's limits of agreement.
 *
 * Standard error of the bias s / sqrt(n), of a limit s sqrt(1 / n + z^2 / (2 (n - 1))), t with
 * n - 1 degrees of freedom. With clusters the variance of a difference is that between patients
 * and that within them, of one-way analysis of variance, (MSB - MSW) / m0 + MSW with m0 = (n -
 * sum n_g^2 / n) / (G - 1); all intervals then by leaving out one patient at a time, t(G - 1).
 *
 * @param[out] out  untouched on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT (n < 3, fewer than 3 patients); RGQ_E_NUMERIC (not a number);
 *         RGQ_E_NOMEM
 * Edge cases: equal columns give limits of 0; `trend` is NaN where all means are equal.
 * @see cite:BlandAltman1999, cite:BlandAltman2007
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_agreement_limits(rgq_bland_altman *out,
                                                       const rgq_pairs *pairs,
                                                       const rgq_stat_opts *opts,
                                                       rgq_error *err);

/** Intraclass correlations of single measurements. p: of being 0. */
typedef struct rgq_icc {
    rgq_stat agreement;   /**< ICC(2,1): two-way random, absolute agreement */
    rgq_stat consistency; /**< ICC(3,1): two-way mixed, raters' offsets left out */
    double ms_rows, ms_columns, ms_error; /**< mean squares of the two-way analysis */
} rgq_icc;

/**
 * @brief ICC(2,1) and ICC(3,1) of Shrout and Fleiss, intervals of McGraw and Wong.
 *
 * (2,1) = (R - E) / (R + (k - 1) E + k (C - E) / n), (3,1) = (R - E) / (R + (k - 1) E), with
 * mean squares R of rows, C of columns, E of what is left.
 *
 * @param[in] values  n rows (lesions) of k columns (measurements), row by row
 * @return RGQ_OK; RGQ_E_ARGUMENT (n < 3 or k < 2); RGQ_E_NUMERIC (not a number, all values the
 *         same); RGQ_E_NOMEM
 * Edge cases: no error at all (E = 0) gives 1 without an interval for (3,1), with `note`.
 * @see cite:Shrout1979, cite:McGraw1996
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_icc_two_way(rgq_icc *out, const double *values, size_t n,
                                                  size_t k, const rgq_stat_opts *opts,
                                                  rgq_error *err);

typedef enum rgq_kappa_weights {
    RGQ_KAPPA_UNWEIGHTED,
    RGQ_KAPPA_LINEAR,   /**< 1 - |i - k| / (c - 1) */
    RGQ_KAPPA_QUADRATIC /**< 1 - (i - k)^2 / (c - 1)^2 */
} rgq_kappa_weights;

enum { RGQ_CATEGORIES_MAX = 32 };

/**
 * @brief Cohen's kappa of two ordinal scores.
 *
 * kappa = (p_o - p_e) / (1 - p_e) of weighted agreement, interval cut at -1 and 1; standard
 * error for the interval, and that under kappa = 0 for p, by Fleiss, Cohen and Everitt; normal.
 * With clusters by leaving out one patient at a time, t(G - 1).
 *
 * @param[in] pairs       x and y whole numbers 0 .. categories - 1
 * @param[in] categories  2 .. RGQ_CATEGORIES_MAX, those that nobody gave count as well
 * @return RGQ_OK; RGQ_E_ARGUMENT (n < 3, categories, a score that is none of them: the message
 *         names the row); RGQ_E_NUMERIC (agreement expected by chance is complete: one score
 *         only); RGQ_E_NOMEM
 * @see cite:Fleiss1969
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_kappa(rgq_stat *out, const rgq_pairs *pairs,
                                            int categories, rgq_kappa_weights weights,
                                            const rgq_stat_opts *opts, rgq_error *err);

/** What a change must exceed to be more than repeating the measurement gives. */
typedef struct rgq_repeatability {
    rgq_stat sd_within;   /**< of one measurement [unit], sqrt(sum d^2 / (2 n)) */
    rgq_stat coefficient; /**< sqrt(2) z sd_within: 95 % of differences are smaller */
    rgq_stat bias;        /**< mean of second - first, paired t */
    double percent_low;   /**< limits of the change in percent, of logarithms: below 0 */
    double percent_high;  /**< above 0, farther out than the lower; NaN unless all are > 0 */
    double cv_within;     /**< sqrt(exp(s^2) - 1), s of the logarithms; NaN likewise */
} rgq_repeatability;

/**
 * @brief Repeatability from test and retest.
 *
 * Intervals of sd_within and coefficient by chi-squared with n degrees of freedom. Several
 * lesions of a patient make them too narrow: `note` says so where clusters are given.
 *
 * @param[in] pairs  x the first, y the second measurement of a lesion without change
 * @return RGQ_OK; RGQ_E_ARGUMENT (n < 3); RGQ_E_NUMERIC (not a number); RGQ_E_NOMEM
 * @see cite:BlandAltman1999
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_repeatability_of(rgq_repeatability *out,
                                                       const rgq_pairs *pairs,
                                                       const rgq_stat_opts *opts,
                                                       rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
