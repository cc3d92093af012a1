/* The factor of one slice where slices differ: decay is undone, or counts become rates. */
#ifndef RGQ_CALIB_SUV_SLICE_H
#define RGQ_CALIB_SUV_SLICE_H

#include "rgdquant/suv.h"

/**
 * @brief base_factor x gain of decay during the frame x decay from the acquisition back to
 *        plan->decay_to_time_s, where plan->half_life_s is finite; over the duration with
 *        plan->per_duration.
 *
 * @return RGQ_OK; RGQ_E_MISSING if the slice has no acquisition time or duration; RGQ_E_NUMERIC
 * @see cite:IBSISUV2026
 */
RGQ_MUST_CHECK rgq_status rgq_suv_slice_factor(double *out, const rgq_scan *scan,
                                               const rgq_suv_plan *plan, int frame, int slice,
                                               rgq_error *err);

#endif
