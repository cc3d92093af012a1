/* cases.tsv: how each case ended, in the order of the study. */
#ifndef RGQ_STUDY_LEDGER_H
#define RGQ_STUDY_LEDGER_H

#include "rgdquant/study.h"

/** What an earlier run wrote of these cases, by name; a case it does not know, and all if there
 *  is no table or none that can be read, are `skipped`. */
void rgq_ledger_read(rgq_case_outcome *outcome, const rgq_study *study, const char *out_dir);

/** Write OUT_DIR/cases.tsv and cases.json under temporary names and rename them. */
RGQ_MUST_CHECK rgq_status rgq_ledger_write(const rgq_case_outcome *outcome,
                                           const rgq_study *study, const char *out_dir,
                                           rgq_error *err);

/** Put the row of case `at` into the table that others write, too: under a lock, all rows but
 *  this one stay as they stand in the file. */
RGQ_MUST_CHECK rgq_status rgq_ledger_write_one(rgq_case_outcome *outcome, int at,
                                               const rgq_study *study, const char *out_dir,
                                               rgq_error *err);

#endif
