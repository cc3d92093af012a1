/* What a comparison allows one to say, in sentences. */
#ifndef RGQ_PIPELINE_STUDY_WORDS_H
#define RGQ_PIPELINE_STUDY_WORDS_H

#include "core/json.h"
#include "pipeline/study.h"

/** Append sentences on one comparison of `n_comparisons` to an array of texts: what n and the
 *  interval allow, and no more. A comparison that could not be made gives its reason. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_cohort_study_sentences(rgq_json *array,
                                                             const rgq_comparison *comparison,
                                                             size_t n_comparisons,
                                                             rgq_error *err);

/** "r 0.72 (0.06 to 0.98), 6 lesions of 6 patients": the line over a plot. */
RGQ_API void rgq_cohort_study_caption(char *out, size_t size, const rgq_comparison *comparison,
                                      const char *statistic, const char *symbol);

#endif
