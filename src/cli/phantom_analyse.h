/**
 * @file phantom_analyse.h
 * @brief `phantom analyse`: from a scan to the folder of results.
 */
#ifndef RGQ_CLI_PHANTOM_ANALYSE_H
#define RGQ_CLI_PHANTOM_ANALYSE_H

#include "cli/context.h"
#include "cli/opt.h"
#include "rgdquant/phantom_analysis.h"
#include "rgdquant/scan.h"

/** NaN / NULL = not given. */
typedef struct rgq_phantom_analyse_words {
    const char *scan;
    const char *phantom;
    const char *out;
    double sphere_bqml;
    double background_bqml;
    double ratio;
    const char *activity_time;
    double wall_mm;
    const char *sampled; /**< "box" or "point" */
    rgq_reals place;
    bool mirrored;
    int frame;
    const char *units;
    const char *side_file;
    const char *series;
    double half_life_s;
    const char *date;
} rgq_phantom_analyse_words;

/** Find, measure, write. `folder` holds the phantoms. */
RGQ_MUST_CHECK rgq_status rgq_phantom_analyse_run(rgq_context *context,
                                                  const rgq_phantom_analyse_words *words,
                                                  const char *folder, rgq_error *err);

/** What was measured, on which scan, with what. */
typedef struct rgq_phantom_results {
    const rgq_phantom *phantom;
    const rgq_phantom_analysis *analysis;
    const rgq_analyse_opts *opts;
    const rgq_scan *scan;
    bool is_counts;            /**< the values of the scan are counts */
    double calibration_time_s; /**< of the scan, with its date; NaN: not known */
    double sensitivity_cps_per_mbq, sensitivity_sd; /**< NaN: not known */
} rgq_phantom_results;

/** All that goes into phantom.json beside the columns; free with rgq_json_free(). */
RGQ_MUST_CHECK rgq_status rgq_phantom_results_json(rgq_json **out,
                                                   const rgq_phantom_results *results,
                                                   rgq_error *err);

/** Write the files into a folder that is there. Plots are left out without gnuplot, with a
 *  warning. */
RGQ_MUST_CHECK rgq_status rgq_phantom_results_write(const char *folder,
                                                    const rgq_phantom_results *results,
                                                    const rgq_json *json, const rgq_log *log,
                                                    rgq_error *err);

#endif
