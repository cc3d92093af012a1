/* What a BIDS dataset says of a scan from farther away than the file beside it. */
#ifndef RGQ_PIPELINE_RECORD_DATASET_H
#define RGQ_PIPELINE_RECORD_DATASET_H

#include "core/json.h"
#include "pipeline/redact.h"

/**
 * @brief Add to the entry of a scan: SHA-256 of each side file it inherits, nearest first, and
 *        one of weight, height and sex as the tables of the dataset have them for this
 *        participant (not of the tables: another participant's row is no input).
 *
 * Nothing is added outside a dataset.
 */
RGQ_MUST_CHECK rgq_status rgq_record_dataset(rgq_json *entry, rgq_redactor *redactor,
                                             const char *label, const char *path,
                                             rgq_error *err);

#endif
