/**
 * @file scan_opts.h
 * @brief Options of every command that reads a scan, and the one way from a path to voxels in a
 *        known unit.
 *
 * A command puts `rgq_scan_opts scan;` into its option struct and RGQ_SCAN_OPTIONS(my_opts,
 * scan) into its table; with RGQ_SCAN_UNIT_OPTION(my_opts, scan) it has --unit as well.
 */
#ifndef RGQ_CLI_SCAN_OPTS_H
#define RGQ_CLI_SCAN_OPTS_H

#include "cli/opt.h"
#include "rgdquant/scan.h"
#include "rgdquant/suv.h"
#include "rgdquant/tracer.h"

/** NaN / NULL = not given. */
typedef struct rgq_scan_opts {
    double weight_kg;
    double height_cm;
    const char *sex;
    double activity_mbq;
    const char *activity_time;
    double residual_mbq;
    const char *residual_time;
    const char *injection_time;
    double half_life_s;
    const char *units;
    const char *decay_corrected_to;
    const char *reference_time;
    double calibration_factor;
    double sensitivity_cps_per_mbq;
    const char *calibration_file;
    double density_g_ml;
    const char *side_file;
    const char *series;
    bool keep_times;
    const char *unit; /**< unit wanted; NULL = the best that can be reached */
} rgq_scan_opts;

/** Rows of the facts a user may state instead of the file; T is the option struct of the
 *  command, `field` its member of type rgq_scan_opts. */
#define RGQ_SCAN_OPTIONS(T, field)                                                             \
    RGQ_REAL(T, field.weight_kg, "weight-kg", "kg", "", 0.001, 1000,                           \
             "body weight at the scan, instead of the file's"),                                \
        RGQ_REAL(T, field.height_cm, "height-cm", "cm", "", 1, 300,                            \
                 "body height, instead of the file's"),                                        \
        RGQ_CHOICE(T, field.sex, "sex", "", "M|F|O", "sex, instead of the file's"),            \
        RGQ_REAL(T, field.activity_mbq, "activity-mbq", "MBq", "", 1e-6, 1e9,                  \
                 "injected activity, instead of the file's; at the injection, or at "          \
                 "--activity-time"),                                                           \
        RGQ_TIME(T, field.activity_time, "activity-time",                                      \
                 "when --activity-mbq was measured, e.g. 2026-01-31T09:30:00 or 09:30:00"),    \
        RGQ_REAL(T, field.residual_mbq, "residual-mbq", "MBq", "", 1e-9, 1e9,                  \
                 "activity left in syringe and line, subtracted from the injected one"),       \
        RGQ_TIME(T, field.residual_time, "residual-time",                                      \
                 "when --residual-mbq was measured; default: when the activity was"),          \
        RGQ_TIME(T, field.injection_time, "injection-time",                                    \
                 "start of the injection, e.g. 2026-01-31T10:00:00 or 10:00:00"),              \
        RGQ_REAL(T, field.half_life_s, "half-life-s", "s", "", 1e-3, 1e12,                     \
                 "physical half-life, instead of the file's"),                                 \
        RGQ_CHOICE(T, field.units, "units", "", "bqml|kbqml|counts|gml|cm2ml",                 \
                   "unit of the values in the file, where it names none or a wrong one"),      \
        RGQ_CHOICE(T, field.decay_corrected_to, "decay-corrected-to", "",                      \
                   "injection|scan|none",                                                      \
                   "moment the values in the file are decay-corrected to"),                    \
        RGQ_CHOICE(T, field.reference_time, "reference-time", "",                              \
                   "auto|series|acquisition|private|backcompute",                              \
                   "where the start that values are corrected to is read from; default auto"), \
        RGQ_REAL(T, field.calibration_factor, "calibration-factor", "", "", 1e-12, 1e12,       \
                 "true over stored activity: multiplies all but values as stored"),            \
        RGQ_REAL(T, field.sensitivity_cps_per_mbq, "sensitivity-cps-per-mbq", "cps/MBq", "",   \
                 1e-12, 1e12, "of a SPECT camera: turns counts into Bq/mL"),                   \
        RGQ_TEXT(T, field.calibration_file, "calibration-file", "FILE.json", "",               \
                 "calibration.json with either of these; 'rgdquant suv --help' shows one"),    \
        RGQ_REAL(T, field.density_g_ml, "density-g-ml", "g/mL", "", 0.01, 30,                  \
                 "density of the tissue, which %ID/g needs"),                                  \
        RGQ_TEXT(T, field.side_file, "side-file", "FILE.json", "",                             \
                 "BIDS PET side file, instead of the one beside the image"),                   \
        RGQ_TEXT(T, field.series, "series", "UID", "",                                         \
                 "which DICOM series, where the folder holds several"),                        \
        RGQ_FLAG(T, field.keep_times, "keep-times",                                            \
                 "keep dates and times of day (and UIDs that are shown); else outputs count "  \
                 "from the injection, 00:00:00")

/** Words of --unit. */
#define RGQ_SCAN_UNITS                                                                         \
    "suvbw|suvlbm-janma|suvlbm-james|suvlbm-morgan|suvbsa|suvibw|bqml|idml|idg|native"

/** Row of --unit. */
#define RGQ_SCAN_UNIT_OPTION(T, field)                                                         \
    RGQ_CHOICE(T, field.unit, "unit", "", RGQ_SCAN_UNITS,                                      \
               "unit to work in; default: SUVbw, else Bq/mL, else as stored")

/** Standard uncertainty of the calibration [%]: `stated` if it is not NaN, else that of
 *  --calibration-file unless an option replaces what the file states; 0: not known. */
RGQ_MUST_CHECK rgq_status rgq_scan_calibration_percent(double *out, double stated,
                                                       const rgq_scan_opts *opts,
                                                       rgq_error *err);

/** The options as the library takes them; the calibration file is left to be loaded. */
rgq_scan_overrides rgq_scan_opts_overrides(const rgq_scan_opts *opts);

/**
 * @brief Read a scan and put the options in place of the file's facts; voxels stay as stored.
 *
 * Clock times are those of the file: whoever writes them calls rgq_scan_forget_clock() first,
 * unless --keep-times was given.
 *
 * @param[out] scan     zeroed scan; caller releases it; holds nothing on failure
 * @param[out] nuclide  what tracers/isotopes.json knows of the scan's nuclide; id "" if nothing
 */
RGQ_MUST_CHECK rgq_status rgq_scan_load(rgq_scan *scan, rgq_nuclide *nuclide,
                                        rgq_context *context, const char *path,
                                        const rgq_scan_opts *opts, rgq_error *err);

/**
 * @brief The same, and convert: to --unit if it was given, else to the best unit that can be
 *        reached, with a warning that says why it is not SUVbw.
 *
 * Clock times then count from the injection (rgq_scan_forget_clock), unless --keep-times.
 *
 * @param[out] scan  zeroed scan; caller releases it; holds nothing on failure
 * @param[out] plan  what was done and from which values; plan->to is the unit of the volume
 * @return RGQ_OK; RGQ_E_MISSING, RGQ_E_ARGUMENT or RGQ_E_UNSUPPORTED if --unit cannot be
 *         reached (the message names the option that would help); whatever reading gives
 */
RGQ_MUST_CHECK rgq_status rgq_scan_open(rgq_scan *scan, rgq_suv_plan *plan,
                                        rgq_context *context, const char *path,
                                        const rgq_scan_opts *opts, rgq_error *err);

#endif
