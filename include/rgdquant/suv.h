/**
 * @file suv.h
 * @brief From stored values to Bq/mL, every kind of SUV and %ID, every input recorded with its
 *        origin.
 *
 * Place in the pipeline: scan -> volume -> [CALIBRATE] -> filter/PVC -> regions -> ...
 */
#ifndef RGDQUANT_SUV_H
#define RGDQUANT_SUV_H

#include <math.h>

#include "rgdquant/calibration.h"
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
    double residual_mbq;       /**< left in the syringe; subtracted */
    const char *residual_time; /**< ISO; NULL: measured when the activity was */
    const char *injection_time;
    double half_life_s;
    const char *units;              /**< bqml|kbqml|counts|gml|cm2ml */
    const char *decay_corrected_to; /**< injection|scan|none */
    const char *reference_time;     /**< auto|series|acquisition|private|backcompute */
    double calibration_factor;      /**< true over stored activity */
    double sensitivity_cps_per_mbq;
    const rgq_calibration *calibration; /**< or NULL; the two above precede it */
    double density_g_ml;
} rgq_scan_overrides;

#define RGQ_SCAN_OVERRIDES_INIT                                                                \
    {                                                                                          \
        (double)NAN, (double)NAN, NULL, (double)NAN, NULL, (double)NAN, NULL, NULL,            \
            (double)NAN, NULL, NULL, NULL, (double)NAN, (double)NAN, NULL, (double)NAN         \
    }

/**
 * @brief Put the overrides into the facts; each replaced value is told to the log.
 *
 * The origin of a fact becomes the option ("--weight-kg (was 71 of (0010,1030)
 * PatientWeight)"). With `units` the tag of the volume follows. With `activity_time` the
 * activity is decayed to the injection, so that the fact keeps its meaning; what `residual_mbq`
 * leaves there is subtracted. That needs the injection time and a half-life (override, else
 * header, else `nuclide`). A time without a date ("hh:mm:ss") is allowed. `decay_corrected_to`
 * also forgets a decay reference the file stated.
 *
 * @param[in] nuclide  what the library knows of the scan's nuclide, or NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT for a value out of its range, a time that cannot be read, a
 *         residue as large as the activity, or a sensitivity measured with another nuclide;
 *         RGQ_E_MISSING if the activity cannot be decayed.
 *         The scan is as it was on failure.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_scan_override(rgq_scan *scan,
                                                    const rgq_scan_overrides *overrides,
                                                    const rgq_nuclide *nuclide,
                                                    const rgq_log *log, rgq_error *err);

enum { RGQ_SUV_STEPS_MAX = 32, RGQ_SUV_OTHERS_MAX = 6, RGQ_SUV_TEXT_MAX = 200 };

/** One value that went into the factor, in the order of use. */
typedef struct rgq_suv_input {
    char name[40];
    double value; /**< NaN where `text` says it */
    char unit[16];
    char text[64];
    char origin[RGQ_SUV_TEXT_MAX];
} rgq_suv_input;

/** What another rule for the reference time would have given. */
typedef struct rgq_suv_other {
    char rule[16];      /**< as after --reference-time, or "stated" */
    bool taken;         /**< the rule that won */
    double reference_s; /**< the moment [s after the injection]; NaN: not to be had */
    double factor;      /**< plan->factor by this rule; NaN likewise */
    char text[96];      /**< why it was not taken, or what it is */
    char origin[RGQ_ORIGIN_MAX];
} rgq_suv_other;

/** How stored values become a unit, or why they cannot. */
typedef struct rgq_suv_plan {
    rgq_unit from;          /**< unit of the stored values */
    rgq_unit to;            /**< unit reached */
    bool per_slice;         /**< the factor differs from slice to slice: decay is undone
                                 (DecayCorrection NONE), or counts are divided by durations */
    bool per_duration;      /**< per_slice: divide by the duration of the slice [s] */
    double factor;          /**< stored value x factor = value in `to`; of the first slice */
    double base_factor;     /**< per_slice: the factor without decay */
    double half_life_s;     /**< per_slice: half-life of the decay undone; NaN if none is */
    double decay_to_time_s; /**< per_slice: clock time [s] each slice is decayed back to */
    char rule[112];         /**< "Bq/mL corrected to the scan start (START)", ... */
    rgq_suv_input input[RGQ_SUV_STEPS_MAX];
    int n_inputs;
    rgq_suv_other other[RGQ_SUV_OTHERS_MAX]; /**< START only */
    int n_others;
    char
        refused[RGQ_MESSAGE_MAX]; /**< why SUVbw could not be reached, and what would supply it;
                                       "" if it was */
} rgq_suv_plan;

/**
 * @brief Decide how the stored values become `wanted`, and record why.
 *
 * Uptake = C * N / D, with C in Bq/mL, D the administered activity in Bq at the time the values
 * are corrected to, and N what uptake is normalised by: body weight, lean body mass
 * (Janmahasatian, James, Morgan), ideal body weight [g], body surface (Du Bois) [cm2], 100 %
 * (%ID/mL), 100 % over the density (%ID/g). Sex O takes the mean of both sexes.
 *
 * Decay rules of DICOM (0054,1102): ADMIN (D as it is), START (D decayed from the injection to
 * the start of the scan), NONE (each slice decayed back from its own acquisition, with the
 * decay during the frame). Stored uptake (GML, CM2ML of any SUVType) becomes another kind by
 * N/N, without dose and times, and Bq/mL by D/N. Counts need Philips's factor (7053,1000) to
 * SUVbw or (7053,1009) to Bq/mL (either is enough; where an option replaces weight or dose the
 * latter is preferred), or a sensitivity: counts / (duration * sensitivity) / voxel volume. A
 * calibration factor multiplies all but native values.
 *
 * The start of the scan (START) is by `auto`: the decay reference the file states; else the
 * series time if it is not later than the earliest acquisition (a scan time of GE's that
 * differs by 1 % of decay precedes it, unless the frame reference times fit the series time
 * better); else the scan time of GE or Siemens under the same condition; else acquisition +
 * mean count-rate time - frame reference time; else, only if START was said by an option, the
 * earliest acquisition. The fact `reference_time` names another rule. plan->other tells what
 * each would have given; over 1 % of decay between them warns. An injection time without a date
 * is put on the last day on which it precedes the scan.
 *
 * Warnings: half-life or positron fraction over 0.5 % off the library's; more activity in the
 * field of view than was injected (over 105 %), or less than a millionth of it (in 1 mL or
 * more): an error of units; also of Bq/mL as stored, if the injected activity is known. These
 * are no refusals, as scans of phantoms may be cropped and their headers filled in by hand.
 *
 * No clock time enters the record or the log: times are offsets from the injection, so that
 * both may be published.
 *
 * @param[out] plan     always filled; on a refusal it has `to` == `from`, factor 1, `refused`
 * @param[in]  wanted   any unit but counts and fraction
 * @param[in]  nuclide  what the library knows of the scan's nuclide, or NULL; supplies the
 *                      half-life if the file has none, and is compared with it if it has
 * @return RGQ_OK with plan->to == wanted; with plan->refused set: RGQ_E_MISSING (a fact is
 *         lacking), RGQ_E_ARGUMENT (a fact is absurd), RGQ_E_UNSUPPORTED (a kind of value that
 *         is not converted); RGQ_E_NUMERIC (overflow). Nothing is guessed.
 * Cost: one look at each voxel.
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
 * The facts `units`, `suv_type` and (where decay was undone) `decay_correction` are updated to
 * what the voxels are now; a calibration factor that was applied is forgotten.
 *
 * @return RGQ_OK; RGQ_E_UNIT if the volume is not in plan->from; RGQ_E_NUMERIC if a result
 *         would not be finite; RGQ_E_MISSING if a slice has no time. The scan is as it was on
 *         failure.
 * Threads: same bits for any thread count.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_suv_apply(rgq_scan *scan, const rgq_suv_plan *plan,
                                                rgq_error *err);

/** Unit of a word after `suv --type` ("bw", "lbm-janma", ..., "idml", "idg"); RGQ_E_NOTFOUND
 *  lists them, `*out` untouched. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_suv_type_parse(rgq_unit *out, const char *type,
                                                     rgq_error *err);

/** Key of the work behind the formula of a unit, or NULL. */
RGQ_API const char *rgq_suv_cite(rgq_unit unit);

#ifdef __cplusplus
}
#endif

#endif
