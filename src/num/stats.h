/* Order statistics, and the distributions that tests and intervals are made of. */
#ifndef RGQ_NUM_STATS_H
#define RGQ_NUM_STATS_H

#include "rgdquant/error.h"

/** Sort ascending, in place; no value may be NaN. Cost: O(n log n). */
RGQ_API void rgq_sort_float(float *values, size_t count);
RGQ_API void rgq_sort_double(double *values, size_t count);

/**
 * @brief Quantile of a sorted sample, Hyndman-Fan type 7.
 *
 * h = (count - 1) p; the value is interpolated between the floor(h)-th and the next, counted
 * from 0. It is what R, NumPy and most spreadsheets give by default.
 *
 * @param[in] sorted  ascending, see rgq_sort_float()
 * @param[in] p       0..1 (0.5: the median); outside it is taken for the nearer end
 * @return the quantile; NaN for an empty sample
 */
RGQ_API double rgq_quantile_float(const float *sorted, size_t count, double p);
RGQ_API double rgq_quantile_double(const double *sorted, size_t count, double p);

/**
 * @brief Several quantiles of an unsorted sample, with the values rgq_quantile_float() has
 * after sorting it.
 *
 * @param[in]     p       `n` levels, ascending
 * @param[in,out] values  `count` values, none NaN; left in another order
 * Cost: O(count) for each level; no worse than a sort.
 */
RGQ_API void rgq_quantiles_float(double *out, const double *p, int n, float *values,
                                 size_t count);

/** x with P(X <= x) = p for the standard normal distribution; NaN unless 0 < p < 1. */
RGQ_API double rgq_normal_quantile(double p);

/** The same for Student's t with `dof` > 0 degrees of freedom, which need not be whole; an
 *  infinite `dof` is the normal distribution. NaN unless 0 < p < 1 and dof > 0. */
RGQ_API double rgq_t_quantile(double p, double dof);

/** P(X > x) of the standard normal distribution; relative error 1e-15, also far out. */
RGQ_API double rgq_normal_tail(double x);

/** P(|T| > |t|) of Student's t, `dof` as above; relative error 1e-13. NaN for a NaN or dof <=
 * 0. */
RGQ_API double rgq_t_two_sided(double t, double dof);

/** P(X > x) of chi-squared and of F; 1 for x <= 0, NaN for a NaN or degrees of freedom <= 0. */
RGQ_API double rgq_chi2_tail(double x, double dof);
RGQ_API double rgq_f_tail(double f, double dof1, double dof2);

/** P(X <= x) of the beta distribution: the regularised incomplete beta function I_x(a, b). */
RGQ_API double rgq_beta_below(double x, double a, double b);

/** x with P(X <= x) = p, by bisection of the above to the last digits; NaN unless 0 < p < 1 and
 *  the parameters are above 0 (and finite for chi-squared). */
RGQ_API double rgq_chi2_quantile(double p, double dof);
RGQ_API double rgq_beta_quantile(double p, double a, double b);
RGQ_API double rgq_f_quantile(double p, double dof1, double dof2);

/** ln of the binomial coefficient n over k; 0 for k outside 0 < k < n. */
RGQ_API double rgq_log_choose(double n, double k);

#endif
