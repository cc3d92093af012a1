/**
 * @file line_fit.h
 * @brief Straight lines y = intercept + slope x: four ways to fit, and what they predict.
 */
#ifndef RGDQUANT_LINE_FIT_H
#define RGDQUANT_LINE_FIT_H

#include "rgdquant/statistic.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A fitted line. What a method does not have is NaN. */
typedef struct rgq_line {
    const char *method;           /**< in words, a static string */
    rgq_stat intercept, slope;    /**< the first choice: clustered where clusters are given */
    rgq_stat naive_intercept;     /**< rows taken as independent */
    rgq_stat naive_slope;         /**< the same */
    double covariance[3];         /**< of intercept, of both, of slope, as the first choice */
    double residual_sd;           /**< of y about the line */
    double r_squared;             /**< of least squares */
    double sd_between, sd_within; /**< random intercept: of patients, of lesions about them */
    double error_ratio;           /**< Deming: variance of errors of y / of x */
} rgq_line;

/**
 * @brief Least squares.
 *
 * naive: the usual standard errors, t with n - 2 degrees of freedom. First choice, with
 * clusters: the sandwich with the correction CR2, the residuals of patient g multiplied by
 * (I - H_gg)^(-1/2), and Satterthwaite's degrees of freedom for it under independent errors.
 *
 * @param[out] out  untouched on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT (n < 3, fewer than 3 patients); RGQ_E_NUMERIC (not a number,
 *         constant x, one patient alone determines the slope); RGQ_E_NOMEM
 * Cost: O(n + G^2).
 * @see cite:Pustejovsky2018
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_line_least_squares(rgq_line *out, const rgq_pairs *pairs,
                                                         const rgq_stat_opts *opts,
                                                         rgq_error *err);

/**
 * @brief Deming's line, errors in both variables.
 *
 * slope = (d + sqrt(d^2 + 4 q s_xy^2)) / (2 s_xy), d = s_yy - q s_xx, q the ratio of the
 * variances of the errors, y over x. Standard errors by the jackknife over rows, t with n - 2
 * degrees of freedom (naive), over patients with G - 1 (first choice, with clusters).
 *
 * @param[in] error_ratio  > 0; 1: orthogonal regression. rgq_error_ratio() estimates it.
 * @return as rgq_line_least_squares(); RGQ_E_ARGUMENT for the ratio; RGQ_E_NUMERIC also where x
 *         and y are not correlated at all
 * @see cite:Linnet1993
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_line_deming(rgq_line *out, const rgq_pairs *pairs,
                                                  double error_ratio, const rgq_stat_opts *opts,
                                                  rgq_error *err);

/**
 * @brief Ratio of error variances from repeated measurements: the mean of (y1 - y2)^2 over that
 *        of (x1 - x2)^2.
 *
 * @param[in] of_x  first and second measurement of x; clusters do not matter
 * @param[in] of_y  the same of y, of as many or other lesions
 * @return RGQ_OK; RGQ_E_ARGUMENT (no repeats); RGQ_E_NUMERIC (not a number, or one of the
 *         variables never differs)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_error_ratio(double *out, const rgq_pairs *of_x,
                                                  const rgq_pairs *of_y, rgq_error *err);

/** Passing and Bablok keep a slope for each two rows. */
enum { RGQ_PASSING_BABLOK_MAX = 5000 };

/**
 * @brief Passing and Bablok: the shifted median of the slopes between all two rows.
 *
 * Slopes of identical rows and of exactly -1 are left out; with K slopes below -1 the median is
 * shifted by K. Interval by ranks, C = z sqrt(n (n - 1)(2 n + 5) / 18); intercept the median of
 * y - slope x, its interval from the ends of the slope's. Meant for two methods that measure
 * the same, x and y rising together. The interval takes rows as independent; with clusters
 * `note` says so.
 *
 * @return as rgq_line_least_squares(); RGQ_E_ARGUMENT for more than RGQ_PASSING_BABLOK_MAX
 *         rows; RGQ_E_NUMERIC where x and y fall against each other (the shifted median is not
 *         defined)
 * Cost: O(n^2 log n); 8 bytes for each two rows.
 * @see cite:Passing1983
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_line_passing_bablok(rgq_line *out, const rgq_pairs *pairs,
                                                          const rgq_stat_opts *opts,
                                                          rgq_error *err);

/**
 * @brief y = intercept + slope x + u_patient + e by restricted maximum likelihood.
 *
 * The ratio of the variances of u and e is found by the root of the derivative of the profiled
 * criterion, the rest follows by generalised least squares. Degrees of freedom by Satterthwaite
 * (2 v^2 / var v, with the observed information of both variances). Where patients do not
 * differ, sd_between is 0, the line that of least squares with n - 2, and `note` says so.
 *
 * @return as rgq_line_least_squares(); RGQ_E_ARGUMENT without clusters or where no patient has
 *         two rows
 * Cost: O(n) + a few hundred O(G).
 * @see cite:Laird1982
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_line_random_intercept(rgq_line *out,
                                                            const rgq_pairs *pairs,
                                                            const rgq_stat_opts *opts,
                                                            rgq_error *err);

/** How well lines of least squares predict patients they were not fitted to. */
typedef struct rgq_prediction_error {
    double rmse;       /**< root mean square error, unit of y */
    double mae;        /**< mean absolute error */
    double bias;       /**< mean of predicted - measured */
    double q_squared;  /**< 1 - sum of squared errors / of y about the mean of the other
                          patients;  below 0: worse than that mean */
    size_t n;          /**< predictions */
    size_t n_clusters; /**< patients left out one after the other; rows without clusters */
} rgq_prediction_error;

/**
 * @brief Leave one patient out, fit, predict that patient's rows; all patients in turn.
 * @return RGQ_OK; as rgq_line_least_squares(), the message names the patient without whom no
 *         line can be fitted
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_line_prediction_error(rgq_prediction_error *out,
                                                            const rgq_pairs *pairs,
                                                            rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
