/**
 * @file correlation.h
 * @brief Pearson, Spearman and Kendall, with and without patients as clusters.
 */
#ifndef RGDQUANT_CORRELATION_H
#define RGDQUANT_CORRELATION_H

#include "rgdquant/statistic.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rgq_correlation_kind {
    RGQ_PEARSON,  /**< product-moment r */
    RGQ_SPEARMAN, /**< rho: Pearson's r of the midranks */
    RGQ_KENDALL   /**< tau-b: (concordant - discordant) / sqrt(pairs not tied in x * in y) */
} rgq_correlation_kind;

typedef struct rgq_correlation {
    rgq_correlation_kind kind;
    double statistic;   /**< t of Pearson, sum of squared rank differences of Spearman,
                             concordant - discordant of Kendall */
    size_t tied_x;      /**< rows that share their x with another row */
    size_t tied_y;      /**< the same of y */
    rgq_stat naive;     /**< rows taken as independent */
    rgq_stat clustered; /**< leaving out one patient at a time; n_clusters 0: none given */
    rgq_stat bootstrap; /**< patients drawn with replacement, percentiles: for comparison */
} rgq_correlation;

/** Exact p-values by enumeration go to this many rows. */
enum { RGQ_EXACT_ROWS_MAX = 11 };

/**
 * @brief One correlation with its intervals and p-values.
 *
 * naive: tanh(atanh(r) +- z s), with s = 1 / sqrt(n - 3) for Pearson (Fisher),
 * sqrt((1 + r^2 / 2) / (n - 3)) for Spearman and sqrt(0.437 / (n - 4)) for Kendall (Bonett and
 * Wright). p of Pearson by t = r sqrt((n - 2) / (1 - r^2)) with n - 2 degrees of freedom; of
 * the ranks by the share of all orders of y whose |r| is at least the one seen: all n! to
 * n = 11, ties included, and (b + 1) / (m + 1) with b of m random orders above, up to 2000
 * rows; beyond, and with RGQ_P_R, as R's cor.test(): Spearman exact to n = 9, by an Edgeworth
 * series to 1290, by t beyond and with ties; Kendall exact below n = 50, normal beyond and with
 * ties. R doubles one tail.
 *
 * clustered: Fisher's z with the standard error of the delete-one-patient jackknife,
 * s^2 = (G - 1) / G sum (z_g - mean)^2, and Student's t with G - 1 degrees of freedom for
 * interval and p. It needs 3 patients, and keeps its level where the percentile bootstrap over
 * few patients does not.
 *
 * @param[out] out  untouched on failure. Where |r| = 1 or n is too small for an interval, low
 *                  and high are NaN and `note` says so.
 * @return RGQ_OK; RGQ_E_ARGUMENT (n < 3, options out of range, fewer than 3 patients);
 *         RGQ_E_NUMERIC (a value that is not a finite number, a constant column, also without
 *         one of the patients: the message names the row or the patient); RGQ_E_NOMEM
 * Cost: O(n log n) for each patient, permutation and resample; exact p: 3^n, < 0.2 s.
 * @see cite:Bonett2000, cite:Best1975, cite:Phipson2010
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_correlate(rgq_correlation *out, const rgq_pairs *pairs,
                                                rgq_correlation_kind kind,
                                                const rgq_stat_opts *opts, rgq_error *err);

/**
 * @brief Correlation of x and y with a third variable held fixed, e.g. the size of the lesion.
 *
 * r = (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2)(1 - r_yz^2)), of midranks for Spearman; t with
 * n - 3 degrees of freedom, Fisher's interval with 1 / sqrt(n - 4). With clusters as above.
 *
 * @param[in] held  n values of the variable that is held fixed
 * @param[in] kind  Pearson or Spearman
 * @return as rgq_correlate(); n must be 4 or more; RGQ_E_NUMERIC also where x or y follows
 *         from `held` exactly
 */
RGQ_API RGQ_MUST_CHECK rgq_status
rgq_correlate_partial(rgq_correlation *out, const rgq_pairs *pairs, const double *held,
                      rgq_correlation_kind kind, const rgq_stat_opts *opts, rgq_error *err);

/**
 * @brief Power of the two-sided test of r = 0 at level alpha for a true rho.
 *
 * By integration of the exact density of r for two normal variables (Hotelling):
 * f(r) ~ (1 - rho^2)^((n-1)/2) (1 - r^2)^((n-4)/2) (1 - rho r)^(3/2-n)
 *        2F1(1/2, 1/2; n - 1/2; (1 + rho r) / 2). Rows are taken as independent.
 *
 * @return power; NaN unless n >= 4, |rho| < 1 and 0 < alpha < 1
 * @see cite:Hotelling1953
 */
RGQ_API double rgq_correlation_power(size_t n, double rho, double alpha);

/** Least n with that power; 0 if it is above 10^6 or an argument is out of range (power above
 *  alpha and below 1, rho not 0). */
RGQ_API size_t rgq_correlation_min_n(double rho, double power, double alpha);

#ifdef __cplusplus
}
#endif

#endif
