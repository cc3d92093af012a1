/* Facts of the user in place of the file's: what the parts of the override share. */
#ifndef RGQ_CALIB_OVERRIDE_H
#define RGQ_CALIB_OVERRIDE_H

#include "rgdquant/suv.h"

/** "--option", or with what it replaced behind it; clock times stay out of it. `to_si`: what
 * one unit of the option is in the unit of the fact (1 cm = 0.01 m). */
void rgq_replace_real(rgq_fact *fact, double value, const char *option, double to_si,
                      const rgq_log *log);

/** A date and time, or a time of the day alone (then `*has_date` is false). */
RGQ_MUST_CHECK rgq_status rgq_override_time(double *time_s, bool *has_date, const char *text,
                                            const char *option, rgq_error *err);

/** True if the scan's own clock has times of the day only. */
bool rgq_lacks_date(const rgq_scan_facts *facts);

/** A side file may state distances only; then no clock time can be set against them. */
RGQ_MUST_CHECK rgq_status rgq_override_clock(const rgq_scan_facts *facts, const char *option,
                                             rgq_error *err);

/** Activity and residue, each decayed from its assay to the injection, and their difference. */
RGQ_MUST_CHECK rgq_status rgq_override_dose(rgq_scan_facts *facts, const rgq_scan_overrides *o,
                                            const rgq_nuclide *nuclide, const rgq_log *log,
                                            rgq_error *err);

/** Calibration factor and sensitivity, from options and from a calibration.json. */
RGQ_MUST_CHECK rgq_status rgq_override_calibration(rgq_scan_facts *facts,
                                                   const rgq_scan_overrides *o,
                                                   const rgq_log *log, rgq_error *err);

#endif
