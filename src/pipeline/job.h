/* The state of one run of the main job, and its steps; see include/rgdquant/quantify.h. */
#ifndef RGQ_PIPELINE_JOB_H
#define RGQ_PIPELINE_JOB_H

#include "core/file.h"
#include "core/json.h"
#include "pipeline/chain.h"
#include "pipeline/correction.h"
#include "pipeline/record.h"
#include "report/overview.h"
#include "rgdquant/background.h"
#include "rgdquant/measure.h"
#include "rgdquant/quantify.h"
#include "rgdquant/segment.h"
#include "rgdquant/surrogate.h"
#include "rgdquant/tracer.h"

typedef struct rgq_job {
    const rgq_quantify_opts *opts;
    const rgq_log *listener; /**< the caller's log */
    rgq_log log;             /**< hears everything, keeps the warnings */
    rgq_json *warnings;
    rgq_json *options; /**< opts->options_json, or NULL */
    rgq_tracer tracer;
    rgq_targets *targets;   /**< NULL: the folder has no table of integrins */
    rgq_uptake_model model; /**< with has_model */
    bool has_model;
    rgq_surrogate_drug drug[RGQ_SURROGATE_DRUGS_MAX];
    int n_drugs;
    rgq_pvc_opts pvc;           /**< with opts->pvc: as it is run, PSF and methods filled in */
    rgq_filter_opts filtering;  /**< opts->filtering, for `match` with the PSF */
    rgq_filter_report filtered; /**< name "": nothing was filtered */
    rgq_psf_file psf;
    rgq_chain chain;

    rgq_record *record;
    rgq_outdir folder;
    rgq_scan scan;
    rgq_suv_plan plan;
    rgq_volume *volume; /**< the frame, in plan.to; `scan` has no voxels any more */
    double uptake_min;  /**< injection to the begin of the frame; NaN */
    rgq_regions *regions;
    char partial_volume[160];             /**< state of the correction, for the results */
    rgq_background_spec divisor;          /**< with opts->background: what it asks for */
    rgq_regions *backgrounds;             /**< what the regions are divided by, or NULL */
    char background[RGQ_REGION_NAME_MAX]; /**< words for them, or "" */
    rgq_table *measures;
    rgq_noise_budget *noise; /**< of each background, `n_noise` of them */
    int n_noise;
    rgq_table *terms;           /**< of the budget, or NULL */
    double calibration_percent; /**< what calibration_file states; 0: nothing */
    rgq_json *surrogate;
    rgq_overview_report overview;
} rgq_job;

/** Check the options, read the tracer file, lay out and check the chain; reads no scan. On
 *  failure release what there is with rgq_job_release(). */
RGQ_MUST_CHECK rgq_status rgq_job_prepare(rgq_job *job, const rgq_quantify_opts *opts,
                                          const rgq_log *log, rgq_error *err);
void rgq_job_release(rgq_job *job);

/** Is `stage` named in opts->keep? */
bool rgq_job_keeps(const rgq_job *job, const char *stage);

/** Write a volume of the chain into the folder if --keep names its stage. */
RGQ_MUST_CHECK rgq_status rgq_job_keep(const rgq_job *job, const char *stage, rgq_error *err);

/** scan, calibrate, filter: job->volume. */
RGQ_MUST_CHECK rgq_status rgq_job_volume(rgq_job *job, rgq_error *err);

/** The regions of the file, if there is one: job->regions. */
RGQ_MUST_CHECK rgq_status rgq_job_given_regions(rgq_job *job, rgq_error *err);

/** pvc: job->volume corrected, job->partial_volume. */
RGQ_MUST_CHECK rgq_status rgq_job_correct(rgq_job *job, rgq_error *err);

/** segment, background: more job->regions, job->background. */
RGQ_MUST_CHECK rgq_status rgq_job_regions(rgq_job *job, rgq_error *err);

/** Read what is known of integrins, the calibration of uptake and the drugs; before the scan.
 */
RGQ_MUST_CHECK rgq_status rgq_job_knowledge(rgq_job *job, rgq_error *err);

/** surrogate: job->surrogate, and its text, which the caller releases. */
RGQ_MUST_CHECK rgq_status rgq_job_relate(char **text, rgq_job *job, rgq_error *err);

#endif
