/* What every kind of time course must satisfy. */
#ifndef RGQ_DOSE_TIAC_CHECK_H
#define RGQ_DOSE_TIAC_CHECK_H

#include "rgdquant/error.h"

/** Times [h] finite, >= 0 and rising, 1 .. RGQ_TIAC_POINTS_MAX of them. */
RGQ_MUST_CHECK rgq_status rgq_tiac_check_times(const char *name, const double *time_h, int n,
                                               rgq_error *err);

#endif
