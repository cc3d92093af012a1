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
#include "rgdquant/tracer.h"

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

/**
 * @brief Put the overrides into the facts; each replaced value is told to the log.
 *
 * The origin of a fact becomes the option ("--weight-kg (was 71 of (0010,1030)
 * PatientWeight)"). With `units` the tag of the volume follows. With `activity_time` the
 * activity is decayed to the injection, so that the fact keeps its meaning; that needs the
 * injection time and a half-life (override, else header, else `nuclide`). A time without a date
 * ("hh:mm:ss") is allowed. `decay_corrected_to` also forgets a decay reference the file stated.
 *
 * @param[in] nuclide  what the library knows of the scan's nuclide, or NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT for a value out of its range or a time that cannot be read;
 *         RGQ_E_MISSING if the activity cannot be decayed. The scan is as it was on failure.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_override(rgq_scan *scan,
                                                    const rgq_scan_overrides *overrides,
                                                    const rgq_nuclide *nuclide,
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
    rgq_unit from;          /**< unit of the stored values */
    rgq_unit to;            /**< unit reached */
    bool per_slice;         /**< decay differs from slice to slice (DecayCorrection NONE) */
    double factor;          /**< stored value x factor = value in `to`; of the first slice */
    double base_factor;     /**< per_slice: the factor without decay */
    double half_life_s;     /**< per_slice: half-life of the decay; else NaN */
    double decay_to_time_s; /**< per_slice: clock time [s] each slice is decayed back to */
    char rule[48];          /**< "BQML, decay to START", "GML is SUVbw", ... */
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
 * back from its own acquisition, with the decay during the frame). Values that are SUVbw
 * already are taken as they are; neither weight nor activity is needed.
 *
 * The start of the scan (START) is: the decay reference the file states; else the series time
 * if it is not later than the earliest acquisition; else GE's scan time under the same
 * condition; else acquisition + mean count-rate time - frame reference time; else, only if
 * START was said by an option, the earliest acquisition. An injection time without a date is
 * put on the last day on which it precedes the scan.
 *
 * No clock time enters the record or the log: times are offsets from the injection, so that
 * both may be published.
 *
 * @param[out] plan     always filled; on a refusal it has `to` == `from`, factor 1, `refused`
 * @param[in]  wanted   RGQ_UNIT_SUV_BW, RGQ_UNIT_BQ_ML or RGQ_UNIT_NATIVE
 * @param[in]  nuclide  what the library knows of the scan's nuclide, or NULL; supplies the
 *                      half-life if the file has none, and is compared with it if it has
 * @return RGQ_OK with plan->to == wanted; with plan->refused set: RGQ_E_MISSING (a fact is
 *         lacking), RGQ_E_ARGUMENT (a fact is absurd), RGQ_E_UNSUPPORTED (a kind of value that
 *         is not converted); RGQ_E_NUMERIC (overflow). Nothing is guessed.
 * Cost: O(slices x frames).
 * @see cite:IBSISUV2026; tests/unit/calib/test_suv.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_suv_plan_make(rgq_suv_plan *plan, const rgq_scan *scan,
                                                    rgq_unit wanted, const rgq_nuclide *nuclide,
                                                    const rgq_log *log, rgq_error *err);

/**
 * @brief The best unit that can be reached without a guess: SUVbw, else Bq/mL, else native.
 *
 * plan->refused says why SUVbw was not reached ("" if it was). Fails only on overflow. Says
 * nothing to the log of the refusal itself: that is the caller's choice.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_suv_plan_best(rgq_suv_plan *plan, const rgq_scan *scan,
                                                    const rgq_nuclide *nuclide,
                                                    const rgq_log *log, rgq_error *err);

/**
 * @brief Multiply the voxels as planned and set the unit; in place.
 *
 * The facts `units` and (where decay was undone) `decay_correction` are updated to what the
 * voxels are now.
 *
 * @return RGQ_OK; RGQ_E_UNIT if the volume is not in plan->from; RGQ_E_NUMERIC if a result
 *         would not be finite; RGQ_E_MISSING if a slice has no time. The scan is as it was on
 *         failure.
 * Threads: same bits for any thread count.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_suv_apply(rgq_scan *scan, const rgq_suv_plan *plan,
                                                rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
