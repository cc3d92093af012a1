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
#include "rgdquant/target.h"
#include "rgdquant/tracer.h"
#include "rgdquant/unit.h"
#include "rgdquant/uptake_model.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- confidence ---- */

/** How far the index may be read as a rank of the target among lesions of one scan. */
typedef enum rgq_confidence {
    RGQ_CONFIDENCE_NONE,
    RGQ_CONFIDENCE_VERY_LOW,
    RGQ_CONFIDENCE_LOW,
    RGQ_CONFIDENCE_MODERATE,
    RGQ_CONFIDENCE_GOOD
} rgq_confidence;

/** "none", "very low", "low", "moderate", "good". */
RGQ_API const char *rgq_confidence_word(rgq_confidence confidence);

enum { RGQ_CONFIDENCE_RULES = 13 };

typedef enum rgq_rule_kind { RGQ_RULE_START, RGQ_RULE_CAP, RGQ_RULE_STEP } rgq_rule_kind;

/** A line of the published table. The word starts at the highest start that holds ("none" if
 *  none does), goes one down for each step that holds, and ends at the lowest cap that holds.
 */
typedef struct rgq_confidence_rule {
    const char *id; /**< "S1", "C2", "D3" */
    rgq_rule_kind kind;
    rgq_confidence word; /**< of a start or a cap */
    const char *when;
    const char *why;
    const char *source; /**< reference key; "" for a rule of the program */
} rgq_confidence_rule;

/** i-th rule, NULL past the end: the whole table, to be printed. */
RGQ_API const rgq_confidence_rule *rgq_confidence_rule_at(int i);

/* ---- drugs ---- */

enum { RGQ_SURROGATE_DRUGS_MAX = 8 };

/** A drug that was on board. */
typedef struct rgq_surrogate_drug {
    const rgq_target_agent *agent; /**< of the targets */
    double before_h;               /**< last dose to injection of the tracer; NaN if not told */
} rgq_surrogate_drug;

/**
 * @brief "cilengitide:2h" or "cilengitide:2h,abituzumab:7d": the drug and how long before the
 *        tracer's injection its last dose was, in min, h or d; without a time it is not known.
 *
 * @param[out] out    RGQ_SURROGATE_DRUGS_MAX of them
 * @param[out] count  how many
 * @return RGQ_OK; RGQ_E_NOTFOUND for an unknown drug; RGQ_E_ARGUMENT
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_surrogate_drugs_parse(rgq_surrogate_drug *out, int *count,
                                                            const rgq_targets *targets,
                                                            const char *text, rgq_error *err);

/* ---- the report ---- */

typedef struct rgq_surrogate_opts {
    const char *background;        /**< region the index divides by, or NULL */
    const char *partial_volume;    /**< state of the correction; NULL = "not corrected" */
    const char *tissue;            /**< --tissue, or NULL */
    double uptake_time_min;        /**< injection to scan; NaN if unknown */
    const rgq_targets *targets;    /**< for `tissue` and `drug`; NULL: no context */
    const rgq_uptake_model *model; /**< a calibration, or NULL */
    double confidence;             /**< of its prediction interval; 0 = 0.95 */
    rgq_surrogate_drug drug[RGQ_SURROGATE_DRUGS_MAX];
    int n_drugs;
} rgq_surrogate_opts;

/**
 * @brief surrogate.json as text.
 *
 * Members: `statement` (tracer-target uptake; not an expression level; research use), `tracer`,
 * `targets` (integrin, role, evidence_level, evidence, source), `uptake_time_min`,
 * `background`, `partial_volume`, `drugs`, `regions`, `calibrated`, `confidence` (what the word
 * is of), `context`, `caveats` (mandatory ones, those of the tracer, those of this scan) and
 * `not_computed` (what was left out, and why).
 *
 * A region has `region`, `label`, `index`, `calibrated` and `confidence` (`word`, and the
 * `rules` that held). The relative uptake index is mean(region) / mean(background) of the same
 * scan, dimensionless: `value`, `interval` (low, high; as the measures table states it), `peak`
 * (tbr_peak), `formed`, `uptake_unit`, `partial_volume`. Where it cannot be formed `index` is
 * null and `index_missing` says why: no background named, the region is the background, or the
 * table has no ratio for it.
 *
 * `calibrated` of a region is `score` (name of the scale), `predicted`, `interval` (low, high)
 * and `level` where a model was given and the region lies in its domain
 * (rgq_uptake_model_predict()), else `refused` with the reason.
 *
 * `context` is what the reviews say of each target in the tissue: `towards`, `against`, `both`,
 * `neither`. A side that is empty is filled from other tissues (`towards_elsewhere`,
 * `against_elsewhere`), so that both directions are always shown where the table has them.
 *
 * @param[out] out_json  caller releases it with rgq_free(); NULL on failure
 * @param[in]  tracer    what is known of the tracer
 * @param[in]  measures  table of rgq_measure(); must have its columns region, label, unit,
 *                       tbr_mean, tbr_peak, tbr_mean_ci_low, tbr_mean_ci_high; volume_ml and
 * the measure of the model are used if they are there
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
