/* Words for the record without what they could betray: paths and dates.
 *
 * A folder of scans is often named after a patient, and a time of day together with a date
 * finds one. So paths are replaced by <input-1>, <output>, ..., dates and clock times by
 * <time>, DICOM UIDs by <uid>, wherever they stand: command line, option values, warnings,
 * origins. */
#ifndef RGQ_PIPELINE_REDACT_H
#define RGQ_PIPELINE_REDACT_H

#include "rgdquant/error.h"

typedef struct rgq_redactor rgq_redactor; /**< paths that are known, with their labels */

RGQ_API RGQ_MUST_CHECK rgq_status rgq_redactor_create(rgq_redactor **out, rgq_error *err);
RGQ_API void rgq_redactor_free(rgq_redactor *redactor);

/** Know a path from here on; `label` ("<input-1>") takes its place. The path's own name without
 *  its folders, and the folder it lies in, are known with it. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_redactor_add(rgq_redactor *redactor, const char *path,
                                                   const char *label, rgq_error *err);

/**
 * @brief Prose (a warning, an origin): known paths inside it, what looks like a path, and dates
 *        and times of day are replaced.
 *
 * @param[out] out  caller releases it with rgq_free(); NULL on failure
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_redact_text(char **out, const rgq_redactor *redactor,
                                                  const char *text, rgq_error *err);

/** One word of the command line or one option value: as rgq_redact_text(), and a word that is
 *  the path of something that exists becomes <path>. `--name=value` is taken apart. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_redact_word(char **out, const rgq_redactor *redactor,
                                                  const char *word, rgq_error *err);

#endif
