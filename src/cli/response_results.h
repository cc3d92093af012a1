/**
 * @file response_results.h
 * @brief What `response` writes: a row a region, statistics, a plot.
 */
#ifndef RGQ_CLI_RESPONSE_RESULTS_H
#define RGQ_CLI_RESPONSE_RESULTS_H

#include "cli/context.h"
#include "pipeline/response.h"
#include "rgdquant/table.h"

typedef struct rgq_response_results {
    const rgq_join *join;
    const rgq_cohort *cohort;
    const rgq_response *response;
    const rgq_response_limits *limits;
    const char *measure, *by;
    const char *cluster; /**< or NULL */
    double confidence;
    bool keep_keys; /**< cells of the key columns may be copied */
} rgq_response_results;

/** One row a region; free with rgq_table_free(). */
RGQ_MUST_CHECK rgq_status rgq_response_table(rgq_table **out,
                                             const rgq_response_results *results,
                                             rgq_error *err);

/** Limits, statistics and sentences; free with rgq_json_free(). */
RGQ_MUST_CHECK rgq_status rgq_response_json(rgq_json **out, const rgq_response_results *results,
                                            rgq_error *err);

/** response.tsv, response.json, change.svg and .png. */
RGQ_MUST_CHECK rgq_status rgq_response_write(const char *folder,
                                             const rgq_response_results *results,
                                             const rgq_json *json, const rgq_table *table,
                                             const rgq_log *log, rgq_error *err);

#endif
