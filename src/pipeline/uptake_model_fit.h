/* A calibration from lesions: the numbers of model.json. */
#ifndef RGQ_PIPELINE_UPTAKE_MODEL_FIT_H
#define RGQ_PIPELINE_UPTAKE_MODEL_FIT_H

#include "rgdquant/statistic.h"
#include "rgdquant/uptake_model.h"

/**
 * @brief Fit score = intercept + slope * uptake for predictions of new patients.
 *
 * Where a patient has several lesions: a random intercept by restricted maximum likelihood,
 * whose variances between and within patients both enter a prediction. Where each patient has
 * one, and without patients: least squares. Degrees of freedom: patients - 2, since it is over
 * patients that a prediction generalises (lesions - 2 without patients, which is too many where
 * lesions belong together).
 *
 * @param[out] out    all numbers, counts, method, and the range of uptake; the words and the
 *                    other ranges are "" and unknown. Untouched on failure.
 * @param[in]  pairs  x uptake, y score, cluster patients or NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT (fewer than 3 rows or patients); RGQ_E_NUMERIC (constant
 *         uptake, no spread about the line); RGQ_E_NOMEM
 * @see cite:Laird1982
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_uptake_model_fit(rgq_uptake_model *out,
                                                       const rgq_pairs *pairs,
                                                       const rgq_stat_opts *opts,
                                                       rgq_error *err);

/** The line and the prediction interval of `confidence` at one uptake, without asking for the
 *  domain: for drawing. out: score, low, high. */
RGQ_API void rgq_uptake_model_band(double out[3], const rgq_uptake_model *model, double uptake,
                                   double confidence);

#endif
