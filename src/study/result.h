/* The result of a case on disk: does it stand, is it what would be made now, away with it. */
#ifndef RGQ_STUDY_RESULT_H
#define RGQ_STUDY_RESULT_H

#include "rgdquant/study.h"

/** True if the folder holds a run.json (it is the last word of a result that is whole). */
bool rgq_result_stands(const rgq_case *one, const char *out_dir);

/**
 * @brief Would running the case again give the same result?
 *
 * Compared with its run.json: the program (version, commit, libraries), SHA-256 of every input
 * and data file; with logs/<case>.options: SHA-256 of the options (run.json has no dates).
 *
 * @param[out] why  if false: what is new, for the log; static text
 */
bool rgq_result_is_current(const rgq_case *one, const rgq_study_opts *opts, const char **why);

/** Note the options a case is run with. Called before it starts, when no result stands. */
RGQ_MUST_CHECK rgq_status rgq_result_note_options(const rgq_case *one,
                                                  const rgq_study_opts *opts, rgq_error *err);

/** Remove the result: it is gone at once, whatever happens meanwhile. */
RGQ_MUST_CHECK rgq_status rgq_result_remove(const rgq_case *one, const char *out_dir,
                                            rgq_error *err);

/** Remove temporary files and folders (.rgq-*) that ended processes left in OUT_DIR, in logs
 *  and beside the outputs. Nobody may be working there. */
void rgq_results_sweep(const rgq_study *study, const char *out_dir);

/** The same of one folder. */
void rgq_folder_sweep(const char *folder);

/** Make OUT_DIR/<folders of relative>, all of them; `itself` = the last one, too. */
RGQ_MUST_CHECK rgq_status rgq_folders_make(const char *out_dir, const char *relative,
                                           bool itself, rgq_error *err);

#endif
