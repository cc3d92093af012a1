/**
 * @file validate_model.h
 * @brief model.json of `validate --save-model`.
 */
#ifndef RGQ_CLI_VALIDATE_MODEL_H
#define RGQ_CLI_VALIDATE_MODEL_H

#include "cli/context.h"
#include "cli/opt.h"
#include "pipeline/study.h"

/** What the tables do not say of the scans. */
typedef struct rgq_model_words {
    const char *tracer;         /**< id or NULL */
    const char *partial_volume; /**< as surrogate.json words it, or NULL */
    const char *unit;           /**< of the measure, or NULL: from the table */
    rgq_reals uptake_time_min;  /**< one or two numbers, or none */
    const char *tables[2];      /**< paths; the second NULL: one table */
} rgq_model_words;

/**
 * @brief The model of the one comparison, complete.
 *
 * @param[out] out  untouched on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT (several comparisons, no patients); RGQ_E_UNSUPPORTED (fewer
 * than 20 patients without --force); RGQ_E_MISSING (no unit); RGQ_E_NOTFOUND (the tracer);
 * RGQ_E_NUMERIC (no line can be fitted)
 */
RGQ_MUST_CHECK rgq_status rgq_validate_model(rgq_uptake_model *out, const rgq_context *context,
                                             const rgq_cohort_study *study,
                                             const rgq_model_words *words, rgq_error *err);

/** Write it as `folder`/model.json. */
RGQ_MUST_CHECK rgq_status rgq_validate_model_write(const char *folder,
                                                   const rgq_uptake_model *model,
                                                   rgq_error *err);

#endif
