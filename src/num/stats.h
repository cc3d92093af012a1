/* Order statistics and the quantiles that intervals are made of. */
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

#endif
