/**
 * @file study.h
 * @brief A study: many cases, each a run of `quantify` in a process of its own.
 *
 * Place in the pipeline: [study] -> one process a case: scan -> ... -> report -> group tables
 *
 * Cases come from a manifest, a BIDS dataset or a tree of DICOM files. What is wrong with the
 * list is found, all of it, before the first case starts; what is wrong with a case becomes a
 * row of cases.tsv and hurts no other case.
 */
#ifndef RGDQUANT_STUDY_H
#define RGDQUANT_STUDY_H

#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/error.h"
#include "rgdquant/log.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One option of a case: a long option name of `quantify` without dashes, and its value as it
 *  would be typed ("yes" for a flag). */
typedef struct rgq_case_option {
    char *name;
    char *value;
} rgq_case_option;

typedef struct rgq_case {
    char *name;              /**< unique; letters, digits and _ . - (none of . - in front) */
    char *scan;              /**< path */
    char *output;            /**< folder of its results, relative to the study's folder */
    char *subject;           /**< "sub-01"; NULL without BIDS */
    char *session;           /**< "ses-a"; NULL: none */
    bool idle;               /**< not chosen: left as it is, and so is its row of cases.tsv */
    char *refusal;           /**< why it cannot be run (a row that failed), or NULL */
    rgq_case_option *option; /**< tracer, weight-kg, regions, segment, unit, ... */
    int n_options;
} rgq_case;

/** Zero it before use; release it with rgq_study_release(). */
typedef struct rgq_study {
    rgq_case *cases;
    int n_cases;
    int capacity;
    bool is_bids;
} rgq_study;

/** What the value of an option is. */
typedef enum rgq_word_kind {
    RGQ_WORD_VALUE,
    RGQ_WORD_FLAG, /**< "yes" or "no" */
    RGQ_WORD_FILE  /**< path of a file or folder that is read */
} rgq_word_kind;

/** An option a case may have. */
typedef struct rgq_case_word {
    const char *name;
    rgq_word_kind kind;
} rgq_case_word;

/** Everything that is wrong, collected: each is a warning in the log, and rgq_problems_end()
 *  makes one failure of them. Start with `= {.log = log}`. */
typedef struct rgq_problems {
    const rgq_log *log;
    int count;
    char text[RGQ_MESSAGE_MAX - 96]; /**< as many as fit, separated by "; " */
} rgq_problems;

RGQ_API void rgq_problem(rgq_problems *problems, const char *format, ...) RGQ_PRINTF(2, 3);

/** RGQ_OK if there is none; else RGQ_E_ARGUMENT: "<where>: 3 problems: ...; ...". */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_problems_end(const rgq_problems *problems,
                                                   const char *where, rgq_error *err);

/* ---- the list of cases ---- */

/** Append a case without options; `output` NULL = its name. The pointer in `*out` holds until
 *  the next case is added. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_add(rgq_case **out, rgq_study *study,
                                                const char *name, const char *scan,
                                                const char *output, rgq_error *err);
RGQ_API void rgq_study_release(rgq_study *study);

/** Set an option of a case, in place of an earlier value. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_case_set(rgq_case *to, const char *option,
                                               const char *value, rgq_error *err);

/** Note why a case cannot be run: it is not started, and fails with this reason. The first
 *  reason stays. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_case_refuse(rgq_case *to, rgq_error *err,
                                                  const char *format, ...) RGQ_PRINTF(3, 4);

/** Value of an option, or NULL. */
RGQ_API const char *rgq_case_get(const rgq_case *from, const char *option);

/** Set an option of every case that has none of that name. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_template(rgq_study *study, const char *option,
                                                     const char *value, rgq_error *err);

/**
 * @brief Cases of a manifest, a TSV with the columns `case`, `scan`, and any of: `tracer`,
 *        `output`, each option of `known` (`weight_kg` or `weight-kg` is --weight-kg).
 *
 * A cell that is empty or `n/a` gives no option. Paths count from the folder of the manifest.
 * Unknown columns (with the nearest name) and what is wrong with names is told in `problems`;
 * whether files are there, rgq_study_check() tells.
 *
 * @param[out] out  zeroed; caller releases it; holds nothing on failure
 * @return RGQ_OK, also with problems; RGQ_E_IO, RGQ_E_FORMAT: no table; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_from_manifest(rgq_study *out, const char *path,
                                                          const rgq_case_word *known,
                                                          int n_known, rgq_problems *problems,
                                                          rgq_error *err);

/** What of a BIDS dataset is run; all texts are borrowed. All of it becomes cases, so that
 *  cases.tsv is that of the dataset whatever was chosen. */
typedef struct rgq_bids_choice {
    const char *participants; /**< labels, "01,02" or "sub-01 sub-02"; NULL: all */
    const char *sessions;     /**< likewise */
    const char *tracers;      /**< folder of the tracer files */
    const char *tracer;       /**< of all cases, whatever the side files say; or NULL */
    const char *out_dir;      /**< own results are no regions; NULL: none yet */
    bool has_regions;         /**< --regions or --segment: derivatives are not looked at */
} rgq_bids_choice;

/**
 * @brief Cases of a BIDS dataset: each `*_pet.nii[.gz]` in sub-<label>/[ses-<label>/]pet, and,
 *        for a participant and session without any, each PET or SPECT series of DICOM files
 *        below sourcedata/sub-<label>/[ses-<label>/].
 *
 * The name of a case is that of its file without `_pet`; its output is `cases/<name>`. The
 * tracer is that of the library which the side files (TracerName, narrowed down by
 * TracerRadionuclide) or the DICOM header name. Regions are the one `*_dseg.nii[.gz]` in pet/,
 * else in anat/, of the same participant and session in derivatives of the dataset that are not
 * this program's own; entities task, trc, rec and run of a file in pet/ must be those of the
 * scan. A case without a tracer or regions, or with several, is refused with the reason: one
 * row that fails, which hurts no other.
 *
 * @param[out] out  zeroed; caller releases it; holds nothing on failure
 * @return RGQ_OK, also with problems (labels that are not in the dataset); RGQ_E_FORMAT if
 *         `bids_dir` is no dataset; RGQ_E_IO; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_from_bids(rgq_study *out, const char *bids_dir,
                                                      const rgq_bids_choice *choice,
                                                      rgq_problems *problems,
                                                      const rgq_log *log, rgq_error *err);

/** What a tree holds. */
typedef struct rgq_tree_count {
    int series, studies, patients;
} rgq_tree_count;

/**
 * @brief A manifest of the PET and SPECT series in a tree of DICOM exports, to be looked at and
 *        completed.
 *
 * One row a series: case (`p<patient>-s<study>-<series>`, numbers in the order of digests of
 * the header's identifiers, so that they say nothing of a person), scan (a file of the series,
 * or the folder that holds its files and the UID in column `series`), series, tracer (where the
 * header names one of the library, else n/a). The paths are those of the tree: names of folders
 * may name a person, so the table belongs with the scans.
 *
 * @return RGQ_OK; RGQ_E_MISSING if there is no series; RGQ_E_IO; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_list_tree(rgq_tree_count *out, const char *tree,
                                                      const char *tracers, const char *table,
                                                      bool force, const rgq_log *log,
                                                      rgq_error *err);

/**
 * @brief What can be seen to be wrong before a case starts: names that are no good or given
 *        twice, outputs that lie in each other, files that are not there, cases without a
 *        tracer, and units that differ (a group table holds one).
 */
RGQ_API void rgq_study_check(const rgq_study *study, const rgq_case_word *known, int n_known,
                             rgq_problems *problems);

/* ---- running ---- */

typedef enum rgq_case_status {
    RGQ_CASE_SKIPPED, /**< not run yet, or the batch was ended before it came to it */
    RGQ_CASE_DONE,
    RGQ_CASE_FAILED,  /**< it said what is wrong */
    RGQ_CASE_TIMEOUT, /**< it took longer than allowed */
    RGQ_CASE_KILLED   /**< a signal ended it: a crash, or somebody */
} rgq_case_status;

/** "done", ... as in cases.tsv. */
RGQ_API const char *rgq_case_status_name(rgq_case_status status);

typedef struct rgq_case_outcome {
    rgq_case_status status;
    bool ran;         /**< in this run; false: as an earlier one left it */
    char reason[512]; /**< one line; paths and dates replaced; "" if done */
    double seconds;   /**< NaN: not known */
    double peak_mb;   /**< most memory that was resident; NaN: not known */
} rgq_case_outcome;

typedef struct rgq_study_opts {
    const char *out_dir;
    const char *program;        /**< the rgdquant binary */
    const char *data_dir;       /**< folder that holds tracers/, for --resume */
    const char *const *common;  /**< words of every case ("--verbose"), NULL-ended; or NULL */
    const rgq_case_word *known; /**< options a case may have, for --resume */
    int n_known;
    int jobs;      /**< cases at a time, >= 1 */
    int threads;   /**< of each case, >= 1 */
    double mem_mb; /**< address space of one case (RLIMIT_AS); 0 = no limit */
    double time_s; /**< of one case; 0 = no limit */
    bool resume;   /**< only what is missing, failed or out of date */
    bool force;    /**< all anew, replacing results */
    int only;      /**< -1: all; else that case alone (an array task) */
} rgq_study_opts;

#define RGQ_STUDY_OPTS_INIT                                                                    \
    {                                                                                          \
        .jobs = 1, .threads = 1, .only = -1                                                    \
    }

/**
 * @brief Run the cases, each as `program quantify ... --out OUT_DIR/<output>`.
 *
 * A case is a process in a group of its own with the limits of `opts`; it ends with its parent.
 * What it says goes to OUT_DIR/logs/<case>.log. cases.tsv (all cases, in the order of the
 * study) is written under a temporary name and renamed after each case. Result folders are
 * whole or absent; what ended workers left of temporary folders is removed at the beginning
 * and the end. Two batches in one OUT_DIR are refused; with `only` several may run.
 *
 * With `resume` a case is left alone if its result stands, and the program, its options and
 * the SHA-256 of its inputs and data files are those of its run.json.
 *
 * @param[out] outcome  n_cases of them
 * @return RGQ_OK, also with failed cases; RGQ_E_IO: OUT_DIR cannot be written, holds results
 *         (without `resume` and `force`), or another batch works in it; RGQ_E_NOMEM
 *
 * Results are the same for any `jobs` and `threads`. Memory: a few kB a case in this process.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_run(rgq_case_outcome *outcome,
                                                const rgq_study *study,
                                                const rgq_study_opts *opts, const rgq_log *log,
                                                rgq_error *err);

/* ---- what comes after ---- */

/**
 * @brief Results under BIDS names: OUT_DIR becomes a derivative dataset.
 *
 * Of each case that is done: measures, regions, report, picture and record, as
 * sub-<label>/[ses-<label>/]pet/<entities>_desc-uptake_<suffix>.<ending>, linked to (or copied
 * from) the case's folder, each by a rename. Of each case that is not: such files of an earlier
 * run are removed. Then sub-<label>.html, dataset_description.json, README, .bidsignore. Doing
 * it again changes nothing.
 *
 * @param[in] bids_dir  the raw dataset; where OUT_DIR lies in it, DatasetLinks says so
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_place(const rgq_study *study,
                                                  const rgq_case_outcome *outcome,
                                                  const char *bids_dir, const char *out_dir,
                                                  const rgq_log *log, rgq_error *err);

/**
 * @brief rgq_study_place() after an array task (`only`): one process at a time, by the table of
 *        cases as it then stands, so that the last of them leaves all that is done in place.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_place_task(const rgq_study *study,
                                                       const char *bids_dir,
                                                       const char *out_dir, const rgq_log *log,
                                                       rgq_error *err);

/* ---- on a cluster ---- */

typedef struct rgq_submit_opts {
    const char *out_dir;
    const char *array_script; /**< rgdquant-array.sbatch; its words follow it */
    const char *group_script; /**< rgdquant-group.sbatch */
    const char *program;      /**< the rgdquant binary; NULL: this one */
    const char *const *words; /**< of `batch` for every task, NULL-ended, without --only */
    const char *site_words;   /**< for sbatch, separated by blanks; NULL: none */
    int at_a_time;            /**< most tasks at a time; 0: as many as Slurm gives */
    int threads;              /**< cores of a task, >= 1 */
    double mem_mb;            /**< of a task; 0: the site's default */
    double time_s;            /**< of a case; 0: the site's default */
} rgq_submit_opts;

#define RGQ_SUBMIT_OPTS_INIT                                                                   \
    {                                                                                          \
        .threads = 1                                                                           \
    }

/** Job numbers as Slurm gives them. */
typedef struct rgq_submitted {
    char array_job[32];
    char group_job[32];
    int tasks;
} rgq_submitted;

/**
 * @brief Hand a study to Slurm: an array with a task for each case that was chosen, then a job
 *        that merges what is there, whatever became of the tasks.
 *
 * Calls the `sbatch` of PATH, without a shell. Task N runs the program (environment variable
 * RGDQUANT) with `words` and `--resume --only N`. What tasks say goes to
 * OUT_DIR/logs/slurm-<job>_<task>.log. Slurm's limit of time is two minutes longer than that of
 * a case, so that a case that takes too long is told in cases.tsv.
 *
 * @param[out] out  job numbers; array_job is set as soon as there is one
 * @return RGQ_OK; RGQ_E_NOTFOUND without sbatch; RGQ_E_ARGUMENT: no case, too many words;
 *         RGQ_E_IO with what sbatch said; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_submit(rgq_submitted *out, const rgq_study *study,
                                                   const rgq_submit_opts *opts, rgq_error *err);

/** What a group has. */
typedef struct rgq_group_count {
    int done, failed; /**< cases; failed: all that are not done */
    int rows;         /**< of group_measures.tsv */
    int outliers;     /**< rows with a flag */
} rgq_group_count;

/**
 * @brief All results of OUT_DIR in one table and one page: group_measures.tsv, its JSON,
 *        group.html.
 *
 * Rows in the order of cases.tsv, then of the case's own table; cells are the very characters
 * of measures.tsv. Added columns: subject, session (from the case's name), case and tracer in
 * front; robust_z_mean, robust_z_volume_ml, outlier behind. A robust z is 0.6745 (x - median) /
 * MAD over the cases of a region and tracer, from five cases on; above 3.5 it is flagged
 * (cite:IglewiczHoaglin1993). Bytes depend on the results alone.
 *
 * @return RGQ_OK, also with failed cases; RGQ_E_IO without cases.tsv, RGQ_E_UNIT if results are
 *         in several units, RGQ_E_MISSING if none is there, RGQ_E_FORMAT, RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_study_group(rgq_group_count *out, const char *out_dir,
                                                  const rgq_log *log, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
