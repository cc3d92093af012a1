/**
 * @file surrogate.h
 * @brief What tracer-target uptake can and cannot say of the integrin.
 *
 * Place in the pipeline: ... -> measures -> [SURROGATE] -> report
 *
 * The word is tracer-target uptake. An expression level is never stated without a calibration.
 */
#ifndef RGDQUANT_SURROGATE_H
#define RGDQUANT_SURROGATE_H

#include "rgdquant/table.h"
#include "rgdquant/tracer.h"
#include "rgdquant/unit.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rgq_surrogate_opts {
    const char *background;     /**< region the index divides by, or NULL */
    const char *partial_volume; /**< state of partial-volume correction: "not corrected", ... */
    const char *tissue;         /**< --tissue, or NULL */
    double uptake_time_min;     /**< injection to scan; NaN if unknown */
} rgq_surrogate_opts;

/**
 * @brief surrogate.json as text: tracer, targets, index of each region, caveats, not_computed.
 *
 * @param[out] out_json  caller releases it with rgq_free(); NULL on failure
 * @param[in]  measures  table of rgq_measure()
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_surrogate_json(char **out_json, const rgq_tracer *tracer,
                                                     const rgq_table *measures,
                                                     const rgq_surrogate_opts *opts,
                                                     rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
