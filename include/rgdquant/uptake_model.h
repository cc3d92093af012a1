/**
 * @file uptake_model.h
 * @brief A calibration of tracer-target uptake against an IHC score: `model.json`.
 *
 * Place in the pipeline: validate --save-model -> [MODEL] -> surrogate --calibration
 *
 * score = intercept + slope * uptake, fitted over lesions of several patients. Predictions are
 * for one new lesion of a new patient, and refused outside the range the model was fitted on.
 */
#ifndef RGDQUANT_UPTAKE_MODEL_H
#define RGDQUANT_UPTAKE_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_UPTAKE_PATIENTS_MIN = 20 /**< behind a model that is not forced */ };

typedef struct rgq_uptake_range {
    bool known;
    double low, high;
} rgq_uptake_range;

typedef struct rgq_uptake_model {
    char measure[32]; /**< column of the measures table, e.g. "tbr_mean" */
    char unit[24];    /**< of the measure, e.g. "1", "SUVbw" */
    char score[64];   /**< column of the IHC table, e.g. "h_score" */
    char method[32];  /**< "least squares", "random intercept" */
    int n_lesions, n_patients;
    bool forced; /**< fewer than 20 patients, by --force */
    double intercept, slope;
    double covariance[3];    /**< of intercept, of both, of slope; clustered by patient */
    double sd_between;       /**< of patients' intercepts [score]; 0 without clusters */
    double sd_within;        /**< of lesions about them [score] */
    double dof;              /**< of the prediction's t */
    char tracer[48];         /**< id; "" = not stated, every prediction is refused then */
    char partial_volume[96]; /**< state as surrogate.json words it, e.g. "not corrected" */
    rgq_uptake_range uptake;
    rgq_uptake_range volume_ml;       /**< of the lesions */
    rgq_uptake_range uptake_time_min; /**< injection to scan */
    char data_sha256[65];             /**< of the tables it was fitted to */
} rgq_uptake_model;

/** What a lesion brings to a prediction; NaN / NULL = not known. */
typedef struct rgq_uptake_query {
    const char *measure, *unit, *tracer, *partial_volume;
    double uptake, volume_ml, uptake_time_min;
} rgq_uptake_query;

typedef struct rgq_uptake_prediction {
    bool refused;
    char reason[400]; /**< why, if refused */
    double score, low,
        high; /**< with the prediction interval of `confidence`; NaN if refused */
    double confidence;
} rgq_uptake_prediction;

/**
 * @brief Predict the score of one lesion.
 *
 * score = intercept + slope * uptake, and for one new lesion of a new patient
 *
 *     score +- t(dof) * sqrt(v00 + 2 x v01 + x^2 v11 + sd_between^2 + sd_within^2)
 *
 * with v the covariance of the coefficients and x the uptake. It is the interval of the lesion,
 * not of the mean line; it is not cut at the ends of the score's scale.
 *
 * Refused (not an error) outside the model's range of uptake, of volume or of uptake time, for
 * another tracer, measure, unit or state of partial-volume correction, and where one of them is
 * not known on either side; `reason` tells which, the first in that order. The ends of a range
 * belong to it.
 *
 * @param[in] confidence  of the interval, inside 0..1, e.g. 0.95
 */
RGQ_API void rgq_uptake_model_predict(rgq_uptake_prediction *out, const rgq_uptake_model *model,
                                      const rgq_uptake_query *query, double confidence);

/** JSON text of a model; caller releases it with rgq_free(), NULL on failure. What is not known
 *  (a range, tracer, partial_volume, data_sha256) is absent. rgq_uptake_model_parse() reads the
 * same numbers.
 *  @return RGQ_OK; RGQ_E_FORMAT for a model that could not be read back; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_uptake_model_json(char **out,
                                                        const rgq_uptake_model *model,
                                                        rgq_error *err);

/**
 * @brief The strict reader of model.json.
 *
 * Refused: an unknown key, a missing one, a text that is too long, a covariance that is none, a
 * standard deviation below 0, no spread at all, degrees of freedom that are not positive, more
 * patients than lesions, fewer than 20 patients in a model that is not `forced`, a range whose
 * ends are not in order.
 *
 * @param[in] name  stands for the file in messages
 * @return RGQ_OK; RGQ_E_FORMAT; RGQ_E_NOMEM; `out` is untouched on failure
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_uptake_model_parse(rgq_uptake_model *out,
                                                         const char *text, size_t length,
                                                         const char *name, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
