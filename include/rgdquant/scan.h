/**
 * @file scan.h
 * @brief A scan as it was found: voxels, and every fact the file states, each with its origin.
 *
 * Place in the pipeline: [SCAN] -> volume -> calibrate -> filter/PVC -> regions -> ...
 *
 * Readers (io) fill it and judge nothing; `calib` decides what the facts mean; the command line
 * overrides facts and records what an override replaced.
 */
#ifndef RGDQUANT_SCAN_H
#define RGDQUANT_SCAN_H

#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { RGQ_ORIGIN_MAX = 96, RGQ_FACT_TEXT_MAX = 96 };

/** A number a file or an option states. */
typedef struct rgq_fact {
    bool known;
    double value;                /**< in the unit the name of the field says */
    char origin[RGQ_ORIGIN_MAX]; /**< "(0010,1030) PatientWeight", "--weight-kg", ... */
} rgq_fact;

/** A word a file or an option states; as written, trimmed. */
typedef struct rgq_fact_text {
    bool known;
    char value[RGQ_FACT_TEXT_MAX];
    char origin[RGQ_ORIGIN_MAX];
} rgq_fact_text;

/* Each row: kind, field, what it is. The list makes the struct, the output of `info`, the
 * record in run.json and the copy through `convert`.
 *
 * Times are seconds since 1970-01-01 of the clock the file uses (no time zone is applied: only
 * differences matter). A time whose date is unknown lies on 1970-01-01 and its date_known twin
 * is false; calib then takes the day that makes the injection precede the scan. */
#define RGQ_SCAN_FACTS(REAL, TEXT)                                                             \
    TEXT(modality, "modality, DICOM code (PT, NM)")                                            \
    TEXT(units, "unit of the stored values, as the file writes it (BQML, GML, Bq/mL, ...)")    \
    TEXT(suv_type, "kind of SUV if the values are SUV already (BW, LBM, ...)")                 \
    TEXT(decay_correction, "START, ADMIN or NONE")                                             \
    TEXT(corrected_image, "corrections applied, backslash-separated (DECY, ATTN, ...)")        \
    TEXT(manufacturer, "maker of the scanner")                                                 \
    TEXT(model, "model of the scanner")                                                        \
    TEXT(radiopharmaceutical, "tracer as the file names it")                                   \
    TEXT(nuclide, "radionuclide as the file names or codes it, e.g. F-18")                     \
    TEXT(sex, "patient's sex: M, F or O")                                                      \
    TEXT(series_uid, "identity of the DICOM series")                                           \
    REAL(weight_kg, "body weight [kg]")                                                        \
    REAL(height_m, "body height [m]")                                                          \
    REAL(injected_activity_bq, "administered activity [Bq] at the injection")                  \
    REAL(half_life_s, "physical half-life [s] the scanner used")                               \
    REAL(positron_fraction, "positrons per decay the scanner used")                            \
    REAL(injection_time_s, "start of the administration, clock time [s]")                      \
    REAL(injection_date_known, "1 if injection_time_s includes the date")                      \
    REAL(time_zero_s, "clock time the frame starts of the volume count from [s]")              \
    REAL(series_time_s, "series date and time [s]")                                            \
    REAL(acquisition_time_s, "earliest acquisition date and time [s]")                         \
    REAL(decay_reference_s, "clock time the values are corrected to, if stated [s]")           \
    REAL(frame_reference_s, "DICOM Frame Reference Time of the first frame [s]")               \
    REAL(decay_factor, "DICOM decay factor already applied to the first slice")                \
    REAL(dose_calibration_factor, "DICOM dose calibration factor already applied")             \
    REAL(philips_suv_factor, "(7053,1000), counts to SUVbw")                                   \
    REAL(philips_activity_factor, "(7053,1009), counts to Bq/mL")                              \
    REAL(ge_scan_time_s, "(0009,100D), GE scan date and time [s]")                             \
    REAL(siemens_decay_time_s, "(0071,1022), Siemens decay correction date and time [s]")      \
    TEXT(reference_time, "rule asked for: auto, series, acquisition, private, backcompute")    \
    REAL(calibration_factor, "true over stored activity; not yet applied")                     \
    REAL(sensitivity_cps_per_mbq, "counts per second and MBq of the camera [1/(s MBq)]")       \
    REAL(calibration_time_s, "clock time of the calibration [s]")                              \
    REAL(density_g_ml, "density of the tissue, for %ID/g [g/mL]")

typedef struct rgq_scan_facts {
#define RGQ_REAL_FIELD(name, what) rgq_fact name;
#define RGQ_TEXT_FIELD(name, what) rgq_fact_text name;
    RGQ_SCAN_FACTS(RGQ_REAL_FIELD, RGQ_TEXT_FIELD)
#undef RGQ_REAL_FIELD
#undef RGQ_TEXT_FIELD
} rgq_scan_facts;

/** When one slice of one frame was acquired (beds differ); NaN where unknown. */
typedef struct rgq_slice_time {
    double acquisition_s; /**< clock time [s], as the facts */
    double duration_s;
    double reference_s; /**< DICOM Frame Reference Time [s] */
} rgq_slice_time;

typedef struct rgq_scan {
    rgq_volume *volume; /**< stored values after rescale slope and intercept */
    rgq_scan_facts facts;
    rgq_slice_time *slice_time; /**< n_frames * n_z entries, frame-major, or NULL */
    char format[32];            /**< "DICOM PET", "NIfTI-1", ... */
    int n_files;                /**< files the voxels came from */
    char frame_uid[72];       /**< DICOM frame of reference, "" where unknown; never written */
    bool identifiers_present; /**< patient name, ID or birth date is in the header */
} rgq_scan;

/** Frees what the scan holds and clears it; a zeroed scan is allowed. */
RGQ_API void rgq_scan_release(rgq_scan *scan);

/** True if the fact of that name is a clock time: injection_time_s, time_zero_s, ... */
RGQ_API bool rgq_fact_is_clock(const char *name);

/**
 * @brief Put every clock time on a clock that shows 00:00:00 at the injection.
 *
 * Differences stay what they are, to the last bit for times with a binary fraction. Where the
 * date of the injection is not known, it stays unknown: whole days are taken off so that the
 * scan begins on the day of the injection. Without an injection the time of day stays, as there
 * is nothing to count from, and the date goes. Facts first, so that options with clock times
 * must have been put in before.
 */
RGQ_API void rgq_scan_forget_clock(rgq_scan *scan);

/** Set a fact; a non-finite value or an empty word leaves it unknown. Control characters in a
 *  word become '?': headers are hostile, and words are shown on terminals and in tables. */
RGQ_API void rgq_fact_set(rgq_fact *fact, double value, const char *origin);
/** The same for a word. */
RGQ_API void rgq_fact_text_set(rgq_fact_text *fact, const char *value, const char *origin);

#ifdef __cplusplus
}
#endif

#endif
