/* Filling the report of a correction. */
#ifndef RGQ_PVC_REPORT_H
#define RGQ_PVC_REPORT_H

#include "num/blur.h"
#include "pvc/parts.h"
#include "rgdquant/pvc.h"

/** Room and names for the regions (parts may be NULL), and what is known of the blur. */
RGQ_MUST_CHECK rgq_status rgq_pvc_report_init(rgq_pvc_report *report, const rgq_parts *parts,
                                              const rgq_blur *blur, const rgq_grid *grid,
                                              int n_frames, rgq_error *err);

/** Append an iteration. */
RGQ_MUST_CHECK rgq_status rgq_pvc_report_add(rgq_pvc_report *report, const rgq_pvc_step *step,
                                             rgq_error *err);

/** Add to one of the counts of voxels, which stop at INT_MAX. */
RGQ_API void rgq_pvc_count_add(int *count, double voxels);

#endif
