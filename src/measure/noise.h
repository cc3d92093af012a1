/* How noisy the mean of a region is, from what the background shows. */
#ifndef RGQ_MEASURE_NOISE_H
#define RGQ_MEASURE_NOISE_H

#include "rgdquant/measure.h"

enum { RGQ_LAGS_MAX = 32, RGQ_NOISE_VOXELS_MIN = 8 };

/** Second-order statistics of the background. */
typedef struct rgq_noise {
    bool known;
    double mean;                     /**< of the background */
    double variance;                 /**< of a voxel there */
    double rho[3][RGQ_LAGS_MAX + 1]; /**< autocorrelation along each axis; rho[a][0] = 1 */
    int n_lags[3];                   /**< last lag that counts */
    double mean_factor;              /**< Var(mean) / variance: 1 / effective samples */
    double dof;                      /**< degrees of freedom of `variance` */
} rgq_noise;

/**
 * @brief Variance and autocorrelation of the voxels of a region about their mean.
 *
 * Along axis a, c_a(l) is the mean of e_i e_j over the pairs of voxels (weight >= 0.5) l apart;
 * rho_a(l) = (c_a(l) + v) / (c(0) + v) up to the first lag at which it is not positive, at
 * which fewer than 8 pairs are left, or RGQ_LAGS_MAX. v = Var(mean) makes up for the mean
 * having been taken from the same voxels (all covariances come out too low by it); it is found
 * by iteration. In space rho = rho_x rho_y rho_z, which is exact for noise that a separable
 * filter shaped. An axis along which the region is one voxel thick takes the correlation, in
 * mm, of the axis where it reaches farthest. Structure in the region counts as noise and widens
 * the intervals.
 *
 * @param[out] out     known == false if the region has fewer than 8 voxels or fewer than two
 *                     independent samples; budget->method says why
 * @param[out] budget  filled either way
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_noise_measure(rgq_noise *out, rgq_noise_budget *budget,
                                                    const float *values, const rgq_grid *grid,
                                                    const rgq_region *region, rgq_error *err);

/**
 * @brief Sum over i in a, j in b of w_i w_j rho(i - j)^power, divided by the sums of weights.
 *
 * Times the variance it is the covariance of the means of two regions (power 1). The sum over
 * pairs is a separable convolution of one region with rho: O(voxels x lags).
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_noise_pairs(double *out, const rgq_noise *noise,
                                                  const rgq_region *a, const rgq_region *b,
                                                  int power, rgq_error *err);

/** Mean of a region with its variance, for rgq_ratio_interval(). */
typedef struct rgq_estimate {
    double mean;
    double variance; /**< of the mean */
} rgq_estimate;

/**
 * @brief Interval of the ratio of two means that may be correlated, by Fieller's theorem.
 *
 * @param[in]  covariance  of the two means
 * @param[in]  t           quantile, e.g. 1.96
 * @param[out] out         low and high; NaN if `below` is not clearly positive (t standard
 *                         deviations above 0): the interval would then not be finite
 * @return true if there is an interval
 * @see cite:Fieller1954
 */
RGQ_API bool rgq_ratio_interval(double out[2], rgq_estimate above, rgq_estimate below,
                                double covariance, double t);

#endif
