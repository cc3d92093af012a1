/* Results under the names of BIDS derivatives. */
#ifndef RGQ_STUDY_DERIVATIVE_H
#define RGQ_STUDY_DERIVATIVE_H

#include "core/file.h"
#include "rgdquant/study.h"

enum { RGQ_DERIVATIVE_STEM_MAX = 320 };

/**
 * @brief Entities of a derivative of a case: those of its name, and trc, the letters and digits
 *        of the tracer's id, where the name has none.
 *
 * The order of entities is the standard's: sub, ses, task, acq, ce, trc, rec, dir, run, ...
 */
RGQ_API void rgq_derivative_stem(char out[RGQ_DERIVATIVE_STEM_MAX], const char *name,
                                 const char *tracer);

/**
 * @brief What a file of a result is called in the dataset, relative to OUT_DIR.
 *
 * @param[in] file  "measures.tsv"; regions.nii.gz is a `dseg`, or a `probseg` where
 *                  `is_label_map` is false
 * @return false for a file that is not placed
 */
RGQ_API bool rgq_derivative_name(char out[RGQ_PATH_MAX], const rgq_case *one, const char *file,
                                 bool is_label_map);

/** dataset_description.json, README and .bidsignore of OUT_DIR. */
RGQ_MUST_CHECK rgq_status rgq_derivative_describe(const char *bids_dir, const char *out_dir,
                                                  rgq_error *err);

/** sub-<label>.html of every participant of the study. */
RGQ_MUST_CHECK rgq_status rgq_subject_pages(const rgq_study *study,
                                            const rgq_case_outcome *outcome,
                                            const char *out_dir, rgq_error *err);

#endif
