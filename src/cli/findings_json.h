/* What `validate` and `response` share: statistics and rows as JSON, keys, talk. */
#ifndef RGQ_CLI_FINDINGS_JSON_H
#define RGQ_CLI_FINDINGS_JSON_H

#include "cli/context.h"
#include "core/json.h"
#include "pipeline/findings.h"
#include "pipeline/join.h"
#include "rgdquant/table.h"

/** Members of `root`: "statistics": {"pearson": {"clustered": {value, low, high, ...}, "naive":
 *  {...}}, ...} and "not_made": [{what, reason}, ...]. What does not apply is absent. */
RGQ_MUST_CHECK rgq_status rgq_findings_json(rgq_json *root, const rgq_findings *list,
                                            rgq_error *err);

/** An array of row numbers, from 1 behind the header: keys may name a person. */
RGQ_MUST_CHECK rgq_status rgq_rows_json(rgq_json *node, const char *key, const int *row,
                                        size_t n, rgq_error *err);

/** Warn of rows, by their numbers. */
void rgq_rows_warn(const rgq_context *context, const char *name, const char *what,
                   const int *row, size_t n);

/** The key cells of a pair into the column "key" of the last row. */
RGQ_MUST_CHECK rgq_status rgq_key_set(rgq_table *table, const rgq_join *join, size_t pair,
                                      rgq_error *err);

/** An array of texts, a line each, as the result. */
void rgq_sentences_print(const rgq_context *context, const rgq_json *sentences);

#endif
