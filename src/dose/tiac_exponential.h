/* One exponential model fitted to one region. */
#ifndef RGQ_DOSE_TIAC_EXPONENTIAL_H
#define RGQ_DOSE_TIAC_EXPONENTIAL_H

#include "dose/tiac_shape.h"

/**
 * @brief Fit `shape`; the points are sound (rgq_tiac_fit() has looked at them).
 *
 * @param[out] out  always filled; not fitted where there are fewer points than parameters
 * @param[in]  physical  decay constant [1/h]
 * @return RGQ_OK; RGQ_E_NOMEM; RGQ_E_NUMERIC
 */
RGQ_MUST_CHECK rgq_status rgq_tiac_fit_shape(rgq_tiac_candidate *out,
                                             const rgq_tiac_shape *shape,
                                             const rgq_tiac_points *points, double physical,
                                             rgq_error *err);

/** A candidate with nothing known of it. */
rgq_tiac_candidate rgq_tiac_blank(rgq_tiac_model model, int n_parameters);

#endif
