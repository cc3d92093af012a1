/* What a Gaussian blur leaves of a ball. */
#ifndef RGQ_MEASURE_BALL_H
#define RGQ_MEASURE_BALL_H

#include "rgdquant/error.h"

/**
 * @brief Part of its contrast that a uniform ball keeps, under a Gaussian, in the mean over a
 *        ball about the same centre.
 *
 * The overlap of the two balls shifted by r, weighted by the Gaussian in three dimensions and
 * integrated over r. With probe == radius it is the recovery of the mean in the true outline.
 *
 * @param[in] radius_mm  of the ball, > 0
 * @param[in] probe_mm   radius of the ball that is averaged over, > 0
 * @param[in] fwhm_mm    of the Gaussian, >= 0 (0: no blur)
 * @return 0..1, to about 1e-8
 */
RGQ_API double rgq_ball_recovery(double radius_mm, double probe_mm, double fwhm_mm);

#endif
