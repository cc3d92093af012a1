/* What a region is divided by: a background, its moments and its noise. */
#ifndef RGQ_MEASURE_DIVISOR_H
#define RGQ_MEASURE_DIVISOR_H

#include "measure/moments.h"
#include "measure/noise.h"

/** One background; all regions may share it, or each has its own. */
typedef struct rgq_divisor {
    const rgq_region *region; /**< NULL: there is none */
    rgq_moments moments;
    rgq_noise noise;
    double factor; /**< Var(mean) / variance, where the noise is known */
} rgq_divisor;

/**
 * @brief Measure a background; warns where there will be no ratios or no intervals.
 *
 * @param[in]  region  NULL gives a divisor without one
 * @param[out] budget  filled either way; says why there is no noise
 */
RGQ_MUST_CHECK rgq_status rgq_divisor_measure(rgq_divisor *out, rgq_noise_budget *budget,
                                              const float *values, const rgq_grid *grid,
                                              const rgq_region *region, const rgq_log *log,
                                              rgq_error *err);

#endif
