/* Scans of one subject at several times, each as the activity was when it was taken. */
#ifndef RGQ_CLI_TIAC_SCANS_H
#define RGQ_CLI_TIAC_SCANS_H

#include "cli/opt.h"
#include "cli/scan_opts.h"
#include "cli/tiac_courses.h"
#include "cli/tiac_decay.h"

typedef struct rgq_tiac_scan {
    rgq_scan scan; /* Bq/mL, decay correction undone */
    rgq_suv_plan plan;
    const char *path;
    double *slice_h; /* n_frames x n_z: when each was taken, h after the injection */
} rgq_tiac_scan;

typedef struct rgq_tiac_scans {
    rgq_tiac_scan *at;
    int count;
    double injected_mbq; /* of the scans' facts; NaN: not stated */
} rgq_tiac_scans;

void rgq_tiac_scans_release(rgq_tiac_scans *scans);

/**
 * @brief Read the scans in Bq/mL, find times and physical decay, undo what they were
 *        decay-corrected by.
 *
 * @param[out]    out    zeroed; caller releases it, also on failure
 * @param[in,out] decay  completed with what the scans say
 */
RGQ_MUST_CHECK rgq_status rgq_tiac_scans_open(rgq_tiac_scans *out, rgq_tiac_decay *decay,
                                              rgq_context *context, const rgq_words *paths,
                                              const rgq_scan_opts *opts, rgq_error *err);

/** Activity of every region in every frame. */
RGQ_MUST_CHECK rgq_status rgq_tiac_scans_measure(rgq_courses *out, const rgq_context *context,
                                                 const rgq_tiac_scans *scans,
                                                 const char *regions, rgq_error *err);

/** Time-integrated activity of every voxel [Bq s/mL] on the grid of the first scan; a volume
 *  the caller frees. */
RGQ_MUST_CHECK rgq_status rgq_tiac_scans_voxels(rgq_volume **out, const rgq_tiac_scans *scans,
                                                rgq_tiac_model model, double half_life_h,
                                                rgq_error *err);

/** Frames of all scans. */
int rgq_tiac_scans_n_frames(const rgq_tiac_scans *scans);

#endif
