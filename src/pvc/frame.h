/* What every method gets: one frame, what is known about it, and where to say what was done. */
#ifndef RGQ_PVC_FRAME_H
#define RGQ_PVC_FRAME_H

#include "num/blur.h"
#include "pvc/parts.h"
#include "rgdquant/pvc.h"

typedef struct rgq_transfer rgq_transfer; /* matrix of GTM or Labbe and its inverse; gtm.h */

/** One frame under correction. Made by pvc.c, which frees all of it. */
typedef struct rgq_pvc_frame {
    const rgq_pvc_opts *opts;
    const rgq_grid *grid;
    size_t count;           /**< voxels */
    float *data;            /**< in: observed; out: corrected */
    const rgq_parts *parts; /**< NULL for RL and VC alone */
    rgq_blur *blur;
    rgq_transfer *gtm;   /**< NULL until rgq_gtm_prepare() made it; kept for later frames */
    rgq_transfer *labbe; /**< the same for Labbe */
    int index;           /**< of the frame */
    int n_frames;
    bool then;              /**< running as the second of a combination */
    int iterations;         /**< resolved from the options */
    const double *observed; /**< parts: means of the frame as it came; NaN without a voxel */
    double *value;    /**< parts: corrected means; NaN at first; GTM and Labbe fill them */
    double *value_sd; /**< their standard deviations; NaN at first */
    rgq_pvc_report *report;
    const rgq_log *log;
} rgq_pvc_frame;

/** A method: corrects frame->data in place. */
typedef rgq_status rgq_pvc_run(rgq_pvc_frame *frame, rgq_error *err);

RGQ_API rgq_pvc_run rgq_pvc_rl, rgq_pvc_vc, rgq_pvc_gtm, rgq_pvc_labbe, rgq_pvc_rbv,
    rgq_pvc_mtc, rgq_pvc_iy, rgq_pvc_mg, rgq_pvc_stc;

/** T of GTM for the frame's data into frame->value and value_sd (the data stay as they are).
 * Used by RBV, MTC, MG. `frame->gtm` is made at the first call. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_gtm_values(rgq_pvc_frame *frame, rgq_error *err);

/** Note an iteration in the report, tell the log, and say whether the tolerance is reached.
 *  @return RGQ_E_NUMERIC where fit or change is not finite: names the method and iteration */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_pvc_step_note(rgq_pvc_frame *frame, int iteration,
                                                    double fit, double change, bool *stop,
                                                    rgq_error *err);

#endif
