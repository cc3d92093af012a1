/**
 * @file calibration.h
 * @brief How a scanner was calibrated: the typed contents of a calibration.json.
 */
#ifndef RGDQUANT_CALIBRATION_H
#define RGDQUANT_CALIBRATION_H

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a cylinder of known activity gives: calibration.json. NaN / "" = not stated. */
typedef struct rgq_calibration {
    double factor; /**< true over stored activity, > 0 */
    double factor_uncertainty;
    double sensitivity_cps_per_mbq; /**< of a SPECT camera, > 0 */
    double sensitivity_uncertainty;
    double time_s;    /**< day, or day and time, it was measured on [s since 1970-01-01] */
    char nuclide[16]; /**< "Tc-99m" */
    char scanner[96];
    char note[256];
} rgq_calibration;

/**
 * @brief Read a calibration.json, strictly.
 *
 *     {"format": 1, "date": "2026-01-31", "nuclide": "F-18", "scanner": "...", "note": "...",
 *      "calibration_factor": {"value": 1.034, "uncertainty": 0.012, "unit": "1"},
 *      "sensitivity": {"value": 91.2, "uncertainty": 0.8, "unit": "cps/MBq"}}
 *
 * `format` and `date` (a day, or with a time) are needed, and one of `calibration_factor` (true
 * over stored activity) and `sensitivity`; in these `value` and `unit`. An uncertainty is one
 * standard deviation. No other keys.
 *
 * @param[out] out  untouched on failure
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT with the path of keys; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_calibration_load(rgq_calibration *out, const char *path,
                                                       rgq_error *err);

/** The same from memory; `name` stands for the file in messages. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_calibration_parse(rgq_calibration *out, const char *text,
                                                        size_t length, const char *name,
                                                        rgq_error *err);

/** Relative standard uncertainty of what the file states [%]: factor and sensitivity in
 * squares; 0 if it states none. */
RGQ_API double rgq_calibration_percent(const rgq_calibration *calibration);

#ifdef __cplusplus
}
#endif

#endif
