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

#ifdef __cplusplus
}
#endif

#endif
