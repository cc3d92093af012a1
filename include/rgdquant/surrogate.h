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
    const char *partial_volume; /**< state of the correction; NULL = "not corrected" */
    const char *tissue;         /**< --tissue, or NULL */
    double uptake_time_min;     /**< injection to scan; NaN if unknown */
} rgq_surrogate_opts;

/**
 * @brief surrogate.json as text.
 *
 * Members: `statement` (tracer-target uptake; not an expression level; research use), `tracer`,
 * `targets` (integrin, role, evidence_level, evidence, source), `uptake_time_min`,
 * `background`, `partial_volume`, `regions`, `calibrated`, `caveats` (those of the tracer and
 * those of this scan) and `not_computed` (what was left out, and why).
 *
 * A region has `region`, `label`, `index` and `calibrated`. The relative uptake index is
 * mean(region) / mean(background) of the same scan, dimensionless: `value`, `interval` (low,
 * high; as the measures table states it), `peak` (tbr_peak), `formed`, `uptake_unit`,
 * `partial_volume`. Where it cannot be formed `index` is null and `index_missing` says why: no
 * background named, the region is the background, or the table has no ratio for it.
 * `calibrated` is always {"refused": reason}: no calibration can be given in this version.
 *
 * @param[out] out_json  caller releases it with rgq_free(); NULL on failure
 * @param[in]  tracer    what is known of the tracer
 * @param[in]  measures  table of rgq_measure(); must have its columns region, label, unit,
 *                       tbr_mean, tbr_peak, tbr_mean_ci_low, tbr_mean_ci_high
 * @param[in]  opts      see above
 * @return RGQ_OK; RGQ_E_ARGUMENT if a column is not there; RGQ_E_NOMEM
 *
 * Edge cases: no region gives an empty array; the file is complete without any background.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_surrogate_json(char **out_json, const rgq_tracer *tracer,
                                                     const rgq_table *measures,
                                                     const rgq_surrogate_opts *opts,
                                                     rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
