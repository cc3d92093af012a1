/**
 * @file validate_results.h
 * @brief The folder `validate` writes: statistics, pairs, plots, report.
 */
#ifndef RGQ_CLI_VALIDATE_RESULTS_H
#define RGQ_CLI_VALIDATE_RESULTS_H

#include "cli/context.h"
#include "pipeline/study.h"
#include "rgdquant/table.h"

/** A study and how it was made. */
typedef struct rgq_validate_results {
    const rgq_cohort_study *study;
    const rgq_cohort_study_plan *plan;
    const char *p_method;
    bool keep_keys; /**< cells of the key columns may be copied */
} rgq_validate_results;

/** One row a statistic; free with rgq_table_free(). */
RGQ_MUST_CHECK rgq_status rgq_validate_table(rgq_table **out, const rgq_cohort_study *study,
                                             rgq_error *err);

/** The document of validation.json, without the columns; free with rgq_json_free(). */
RGQ_MUST_CHECK rgq_status rgq_validate_json(rgq_json **out, const rgq_validate_results *results,
                                            rgq_error *err);

/** validation.tsv, validation.json, pairs.tsv, plots, report.html. */
RGQ_MUST_CHECK rgq_status rgq_validate_write(const char *folder,
                                             const rgq_validate_results *results,
                                             const rgq_json *json, const rgq_log *log,
                                             rgq_error *err);

#endif
