/**
 * @file recovery.h
 * @brief Recovery coefficients of a phantom, and the correction of a lesion's mean by them.
 *
 * A recovery coefficient is the part of the true contrast that is measured,
 *   RC(d) = (measured mean - background) / (true - background)
 * of a hot sphere of diameter d. With a background of 0 that is measured / true.
 */
#ifndef RGDQUANT_RECOVERY_H
#define RGDQUANT_RECOVERY_H

#include "rgdquant/table.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_RECOVERY_POINTS_MAX = 64 };

/**
 * RC(d) = 1 / (1 + (beta / d)^gamma), the logistic curve in ln d: beta is the diameter half of
 * whose contrast is measured. The same curve is often written over the volume, 1 - 1 / (1 + (v
 * / b)^c), with c = gamma / 3. It stays below 1: what resolution recovery overshoots at edges
 * goes into `residual_sd`.
 */
typedef struct rgq_recovery_curve {
    int n_points;
    double diameter_mm[RGQ_RECOVERY_POINTS_MAX]; /**< rising */
    double rc[RGQ_RECOVERY_POINTS_MAX];
    double beta_mm;
    double gamma;
    double covariance[2][2]; /**< of beta and gamma */
    double residual_sd;      /**< of rc about the curve, with n_points - 2 degrees of freedom */
} rgq_recovery_curve;

/**
 * @brief Fit the curve to the rows of a table with the columns `diameter_mm`, `rc_mean` and,
 *        where there are standard deviations, `rc_mean_sd`.
 *
 * Least squares, weighted by 1 / sd^2 where every row has a standard deviation above 0. The
 * covariance comes from the residuals, where there are standard deviations only if the
 * residuals are larger than these say. Rows without a diameter or rc_mean are left out.
 *
 * @param[out] out  untouched on failure
 * @return RGQ_OK; RGQ_E_FORMAT (columns absent, fewer than 3 points, all of one diameter,
 *         diameters not positive, rc not above 0 or above 1.5); RGQ_E_NUMERIC (no fit: rc does
 *         not rise with the diameter)
 * @see cite:Gear2018 for recovery by a curve fitted to a phantom, with the covariance of its
 *      parameters and the uncertainty of the volume carried into the result
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_recovery_fit(rgq_recovery_curve *out,
                                                   const rgq_table *table, rgq_error *err);

/** What is known of one lesion. */
typedef struct rgq_recovery_lesion {
    double mean;          /**< measured, any unit */
    double mean_sd;       /**< of its noise; 0 if unknown */
    double background;    /**< around it, same unit */
    double background_sd; /**< of the background's mean */
    double volume_ml;     /**< > 0 */
    double
        volume_sd_ml; /**< half a voxel at the edge is what the caller should give; 0: none */
} rgq_recovery_lesion;

/** The result with its budget: the interval is corrected +- t * sd, t of Student's distribution
 *  with the degrees of freedom by Welch and Satterthwaite: n_points - 2 for curve and scatter
 *  together, infinitely many for noise and volume. */
typedef struct rgq_recovery_result {
    double diameter_mm; /**< of the sphere of the same volume */
    double rc;
    double corrected; /**< background + (mean - background) / rc */
    double ci_low;
    double ci_high;
    double sd;         /**< all four in squares */
    double sd_noise;   /**< of mean and background */
    double sd_volume;  /**< of the volume through the curve */
    double sd_curve;   /**< of the curve's parameters */
    double sd_scatter; /**< of the phantom's points about the curve */
} rgq_recovery_result;

/**
 * @brief Correct one lesion.
 *
 * corrected = background + (mean - background) / rc(d), d the diameter of the sphere of the
 * lesion's volume. Assumed: a compact, uniform lesion in a uniform background, reconstructed
 * and outlined as the phantom's spheres were, and a phantom background that was accounted for
 * in rc. The four errors are taken to be independent; that a larger outline also lowers the
 * mean is not in the budget.
 *
 * @param[out] out         untouched on failure
 * @param[in]  confidence  of the interval, between 0 and 1, e.g. 0.95
 * @return RGQ_OK; RGQ_E_ARGUMENT for a lesion smaller than the smallest or larger than twice
 *         the largest sphere of the phantom (nothing is extrapolated; 0.1 % of the smallest
 *         diameter is let pass), rc below 0.05, or numbers out of their ranges
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_recovery_correct(rgq_recovery_result *out,
                                                       const rgq_recovery_curve *curve,
                                                       const rgq_recovery_lesion *lesion,
                                                       double confidence, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
