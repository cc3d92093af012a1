/* Recovery against diameter, and the curve through it. */
#ifndef RGQ_PHANTOM_RECOVERY_CURVE_H
#define RGQ_PHANTOM_RECOVERY_CURVE_H

#include "rgdquant/phantom_analysis.h"

/** One sphere: part of the true contrast that is measured. */
typedef struct rgq_recovery_point {
    double diameter_mm;
    double rc; /* (mean - background) / (true - background) */
    double sd; /* of its noise; 0 or NaN: not known */
} rgq_recovery_point;

/**
 * @brief Make `out->curve` and fit rc = 1 / (1 + (beta / d)^gamma).
 *
 * Points are weighed by 1/sd^2 where every one has an sd. Without a fit beta and gamma stay
 * NaN and the column of the curve is empty.
 */
RGQ_MUST_CHECK rgq_status rgq_recovery_curve_make(rgq_phantom_analysis *out,
                                                  const rgq_recovery_point *points, int n,
                                                  rgq_error *err);

#endif
