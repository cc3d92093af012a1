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
    char reason[256];        /**< why, if refused */
    double score, low, high; /**< with the prediction interval of `confidence` */
    double confidence;
} rgq_uptake_prediction;

/** Predict one lesion. Refused (not an error) outside uptake, volume or uptake-time range, for
 *  another tracer, measure, unit or state of partial-volume correction, or where one of them is
 *  not known on either side. */
RGQ_API void rgq_uptake_model_predict(rgq_uptake_prediction *out, const rgq_uptake_model *model,
                                      const rgq_uptake_query *query, double confidence);

/** JSON text of a model, caller releases with rgq_free(); and the strict reader of it. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_uptake_model_json(char **out,
                                                        const rgq_uptake_model *model,
                                                        rgq_error *err);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_uptake_model_parse(rgq_uptake_model *out,
                                                         const char *text, size_t length,
                                                         const char *name, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
