/* Words of `batch` that are those of each case's `quantify`. */
#ifndef RGQ_CLI_BATCH_WORDS_H
#define RGQ_CLI_BATCH_WORDS_H

#include "cli/opt.h"
#include "rgdquant/study.h"

/** Options a case may have: those of `quantify` but --out and --explain. */
typedef struct rgq_batch_words {
    rgq_case_word word[RGQ_OPTS_MAX];
    int count;
} rgq_batch_words;

void rgq_batch_words_list(rgq_batch_words *out);

/** What was given to `batch` goes to every case that says nothing of it; --unit is binding,
 *  suvbw if it was not given. */
RGQ_MUST_CHECK rgq_status rgq_batch_words_template(rgq_study *study,
                                                   const rgq_batch_words *words,
                                                   const rgq_context *context, rgq_error *err);

/** What `quantify` would refuse before it reads the scan, of every case. */
void rgq_batch_words_check(const rgq_study *study, const rgq_context *context,
                           rgq_problems *problems);

#endif
