/* Physical decay: between two moments, and during a frame. Times [s], half-lives [s] > 0. */
#ifndef RGQ_CALIB_DECAY_H
#define RGQ_CALIB_DECAY_H

#include "rgdquant/error.h"

/** ln 2 / half-life [1/s]. */
RGQ_API double rgq_decay_constant_per_s(double half_life_s);

/**
 * @brief What is left of an activity: exp(-ln2 elapsed_s / half_life_s).
 *
 * @param[in] elapsed_s  any sign; < 0 looks back and gives a factor > 1
 * @return RGQ_OK; RGQ_E_ARGUMENT if the half-life is not finite and > 0 or the time not finite;
 *         RGQ_E_NUMERIC if the factor is 0 or infinite; `*out` untouched on failure
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_decay_factor(double *out, double elapsed_s,
                                                   double half_life_s, rgq_error *err);

/**
 * @brief From the mean activity during a frame to that at its start: x / (1 - exp(-x)),
 *        x = ln2 duration_s / half_life_s.
 *
 * Written with expm1, so that no digit is lost in short frames. A duration of 0 gives 1.
 * Arguments are not checked; both finite, duration_s >= 0, half_life_s > 0.
 * @see cite:IBSISUV2026
 */
RGQ_API double rgq_decay_frame_gain(double duration_s, double half_life_s);

/**
 * @brief Time after the start of a frame at which the activity equals its mean over the frame
 *        [s]: ln(x / (1 - exp(-x))) / lambda; T/2 - lambda T^2/24 + ... in short frames.
 *
 * Arguments as rgq_decay_frame_gain().
 * @see cite:IBSISUV2026
 */
RGQ_API double rgq_decay_mean_time_s(double duration_s, double half_life_s);

#endif
