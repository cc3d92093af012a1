/**
 * @file suv.h
 * @brief From stored values to Bq/mL and SUVbw, every input recorded with its origin.
 *
 * Place in the pipeline: scan -> volume -> [CALIBRATE] -> filter/PVC -> regions -> ...
 */
#ifndef RGDQUANT_SUV_H
#define RGDQUANT_SUV_H

#include <math.h>

#include "rgdquant/log.h"
#include "rgdquant/scan.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Facts the user gives instead of the header's; NaN / NULL = not given. */
typedef struct rgq_scan_overrides {
    double weight_kg;
    double height_cm;
    const char *sex;
    double activity_mbq;
    const char *activity_time; /**< ISO; the activity is decayed from here to the injection */
    const char *injection_time;
    double half_life_s;
    const char *units;              /**< bqml|kbqml|counts|gml|cm2ml */
    const char *decay_corrected_to; /**< injection|scan|none */
} rgq_scan_overrides;

#define RGQ_SCAN_OVERRIDES_INIT                                                                \
    {                                                                                          \
        (double)NAN, (double)NAN, NULL, (double)NAN, NULL, NULL, (double)NAN, NULL, NULL       \
    }

/** Put the overrides into the facts; each replaced value is told to the log. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_override(rgq_scan *scan,
                                                    const rgq_scan_overrides *overrides,
                                                    const rgq_log *log, rgq_error *err);

enum { RGQ_SUV_STEPS_MAX = 24, RGQ_SUV_TEXT_MAX = 200 };

/** One value that went into the factor, in the order of use. */
typedef struct rgq_suv_input {
    char name[40];
    double value; /**< NaN where `text` says it */
    char unit[16];
    char text[64];
    char origin[RGQ_SUV_TEXT_MAX];
} rgq_suv_input;

/** How stored values become a unit, or why they cannot. */
typedef struct rgq_suv_plan {
    rgq_unit from;  /**< unit of the stored values */
    rgq_unit to;    /**< unit reached */
    bool per_slice; /**< decay differs from slice to slice (DecayCorrection NONE) */
    double factor;  /**< stored value x factor = value in `to`; of the first slice */
    char rule[48];  /**< "BQML, decay to START", "GML is SUVbw", ... */
    rgq_suv_input input[RGQ_SUV_STEPS_MAX];
    int n_inputs;
    char
        refused[RGQ_MESSAGE_MAX]; /**< why SUVbw could not be reached, and what would supply it;
                                       "" if it was */
} rgq_suv_plan;

/**
 * @brief Decide how the stored values become `wanted`, and record why.
 *
 * SUVbw = C * weight / D, with C in Bq/mL, the weight in g and D the administered activity in
 * Bq at the time the values are corrected to. Decay rules of DICOM (0054,1102): ADMIN (D as it
 * is), START (D decayed from the injection to the start of the scan), NONE (each slice decayed
 * back from its own acquisition, with the decay during the frame).
 *
 * @param[in] wanted  RGQ_UNIT_SUV_BW, RGQ_UNIT_BQ_ML or RGQ_UNIT_NATIVE
 * @return RGQ_OK with plan->to == wanted; RGQ_E_MISSING with plan->refused set if a fact is
 *         lacking; RGQ_E_UNIT; RGQ_E_UNSUPPORTED. Nothing is guessed.
 * @see cite:IBSISUV2026
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_suv_plan_make(rgq_suv_plan *plan, const rgq_scan *scan,
                                                    rgq_unit wanted, const rgq_log *log,
                                                    rgq_error *err);

/**
 * @brief The best unit that can be reached without a guess: SUVbw, else Bq/mL, else native.
 *
 * plan->refused says why SUVbw was not reached. Fails only on bad input (NaN, overflow).
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_suv_plan_best(rgq_suv_plan *plan, const rgq_scan *scan,
                                                    const rgq_log *log, rgq_error *err);

/** Multiply the voxels as planned and set the unit. In place; RGQ_E_NUMERIC if a result is not
 *  finite. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_suv_apply(rgq_scan *scan, const rgq_suv_plan *plan,
                                                rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
