/**
 * @file ordinal.h
 * @brief Scores of a few grades: proportional odds, and the ROC curve of a yes or no.
 */
#ifndef RGDQUANT_ORDINAL_H
#define RGDQUANT_ORDINAL_H

#include <stdbool.h>

#include "rgdquant/statistic.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_ODDS_PREDICTORS_MAX = 8, RGQ_ODDS_GRADES_MAX = 12 };

/** What proportional odds is fitted to; the arrays belong to the caller. */
typedef struct rgq_odds_data {
    const double *predictors; /**< n rows of n_predictors columns, row by row */
    int n_predictors;         /**< 1 .. RGQ_ODDS_PREDICTORS_MAX */
    const int *score;   /**< n whole numbers, at most RGQ_ODDS_GRADES_MAX different ones */
    const int *cluster; /**< n ids of patients, or NULL */
    size_t n;
} rgq_odds_data;

/** logit P(score <= grade k) = threshold_k - sum slope_j x_j */
typedef struct rgq_odds_model {
    int n_predictors;
    int n_thresholds;                            /**< grades that occur - 1 */
    rgq_stat slope[RGQ_ODDS_PREDICTORS_MAX];     /**< log odds ratio of a higher score */
    rgq_stat threshold[RGQ_ODDS_GRADES_MAX - 1]; /**< between grades that occur */
    int grade[RGQ_ODDS_GRADES_MAX];              /**< those that occur, rising */
    double deviance;                             /**< -2 log likelihood */
    double null_deviance;                        /**< of the thresholds alone */
    double p_model;                              /**< likelihood ratio test of all slopes */
    int iterations;
} rgq_odds_model;

/**
 * @brief Proportional-odds regression by Newton's method.
 *
 * Standard errors from the observed information, normal. With clusters the sandwich over
 * patients, G / (G - 1) sum s_g s_g', t(G - 1).
 *
 * @param[out] out  untouched on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT (fewer rows than parameters + 1, counts, fewer than 3
 *         patients); RGQ_E_NUMERIC (not a number, one grade only, a constant predictor,
 *         predictors that follow from each other, separation: the grades can be told apart
 *         without error, so the estimates are infinite - the message says so); RGQ_E_NOMEM
 * Cost: O(n (p + grades)^2) an iteration, a dozen of them.
 * @see cite:McCullagh1980
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_odds_fit(rgq_odds_model *out, const rgq_odds_data *data,
                                               const rgq_stat_opts *opts, rgq_error *err);

/** A point of the curve: called positive is marker >= threshold. */
typedef struct rgq_roc_point {
    double threshold; /**< INFINITY at the point (0, 0) */
    double sensitivity, specificity;
} rgq_roc_point;

typedef struct rgq_roc {
    rgq_stat auc;       /**< the first choice: Obuchowski's where clusters are given */
    rgq_stat naive_auc; /**< DeLong's */
    size_t n_positive, n_negative;
    size_t n_points;       /**< of the curve: different markers + 1 */
    rgq_roc_point *points; /**< from (sensitivity 0) to (1); release with rgq_roc_release() */
    rgq_roc_point youden;  /**< largest sensitivity + specificity - 1, the first if several */
} rgq_roc;

/**
 * @brief ROC curve and the area under it.
 *
 * Area: the share of pairs of a positive and a negative in which the positive has the larger
 * marker, ties half. Variance S10 / m + S01 / n of the placement values (DeLong); with clusters
 * from the sums of placement values of a patient's positives and negatives and their covariance
 * (Obuchowski). p: of an area of 1/2. The interval is normal and cut at 0 and 1.
 *
 * @param[in] marker    n values; larger is more positive
 * @param[in] positive  n truths
 * @param[in] cluster   ids of patients, or NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT (fewer than 2 positives or negatives, fewer than 3 patients);
 *         RGQ_E_NUMERIC (not a number); RGQ_E_NOMEM
 * Edge cases: an area of exactly 0 or 1 has no interval by this method; `note` says so.
 * Cost: O(n log n).
 * @see cite:DeLong1988, cite:Obuchowski1997
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_roc_make(rgq_roc *out, const double *marker,
                                               const bool *positive, const int *cluster,
                                               size_t n, const rgq_stat_opts *opts,
                                               rgq_error *err);
RGQ_API void rgq_roc_release(rgq_roc *roc);

#ifdef __cplusplus
}
#endif

#endif
