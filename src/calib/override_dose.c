/* What was injected, from assays at other times; and how the scanner was calibrated. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/decay.h"
#include "calib/override.h"
#include "core/banned.h"
#include "core/text.h"

static const double SECONDS_PER_DAY = 86400.0;
static const double CALIBRATION_OLD_S = 366.0 * 86400.0;
static const double BQ_PER_MBQ = 1e6;

/* ---- the dose ---- */

/* What is left of an assay at the injection. Where either has no date, the nearest pair of
 * times counts: at most half a day lies between them. */
static rgq_status decay_assay(double *left, double *wait_s, const rgq_scan_facts *facts,
                              const char *text, const char *option, const rgq_nuclide *nuclide,
                              rgq_error *err)
{
    double time_s = 0.0;
    bool has_date = false;
    const bool in_library =
        nuclide != NULL && nuclide->half_life_s.known && nuclide->half_life_s.value > 0.0;
    const bool stated = facts->half_life_s.known && facts->half_life_s.value > 0.0;

    RGQ_PASS(err, rgq_override_time(&time_s, &has_date, text, option, err));
    RGQ_PASS(err, rgq_override_clock(facts, option, err));
    if (!facts->injection_time_s.known)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "%s needs the injection time, and the file states none: give "
                         "--injection-time",
                         option);
    if (!stated && !in_library)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "%s needs the half-life, and the file states none: give --half-life-s",
                         option);
    *wait_s = facts->injection_time_s.value - time_s;
    if (!has_date || rgq_lacks_date(facts) || !facts->injection_date_known.known ||
        facts->injection_date_known.value == 0.0)
        *wait_s -= SECONDS_PER_DAY * nearbyint(*wait_s / SECONDS_PER_DAY);
    return rgq_decay_factor(
        left, *wait_s, stated ? facts->half_life_s.value : nuclide->half_life_s.value, err);
}

static rgq_status need_some_activity(const rgq_scan_facts *facts, const char *option,
                                     rgq_error *err)
{
    if (facts->injected_activity_bq.known)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_MISSING,
                     "%s needs an activity, and the file states none: give --activity-mbq",
                     option);
}

static rgq_status subtract_residue(rgq_scan_facts *facts, const rgq_scan_overrides *o,
                                   const rgq_nuclide *nuclide, const rgq_log *log,
                                   rgq_error *err)
{
    static const char option[] = "--residual-mbq";
    const char *when = o->residual_time != NULL ? o->residual_time : o->activity_time;
    rgq_fact *activity = &facts->injected_activity_bq;
    char origin[RGQ_ORIGIN_MAX];
    double left = 1.0;
    double wait_s = 0.0;

    RGQ_PASS(err, need_some_activity(facts, option, err));
    if (when != NULL)
        RGQ_PASS(err,
                 decay_assay(&left, &wait_s, facts, when,
                             o->residual_time != NULL ? "--residual-time" : "--activity-time",
                             nuclide, err));
    const double residue_bq = o->residual_mbq * BQ_PER_MBQ * left;
    if (!(residue_bq < activity->value))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s %g is %.6g MBq at the injection, not less than the activity of "
                         "%.6g MBq (%s): nothing would have been injected",
                         option, o->residual_mbq, residue_bq / BQ_PER_MBQ,
                         activity->value / BQ_PER_MBQ, activity->origin);
    RGQ_INFO(log,
             "%s %g: %.6g MBq at the injection (%.6g s after the assay) are subtracted from "
             "%.6g MBq of %s",
             option, o->residual_mbq, residue_bq / BQ_PER_MBQ, wait_s,
             activity->value / BQ_PER_MBQ, activity->origin);
    (void)snprintf(origin, sizeof origin, "%.60s, less %.6g MBq residue", activity->origin,
                   residue_bq / BQ_PER_MBQ);
    rgq_fact_set(activity, activity->value - residue_bq, origin);
    return RGQ_OK;
}

rgq_status rgq_override_dose(rgq_scan_facts *facts, const rgq_scan_overrides *o,
                             const rgq_nuclide *nuclide, const rgq_log *log, rgq_error *err)
{
    rgq_fact *activity = &facts->injected_activity_bq;
    char origin[RGQ_ORIGIN_MAX];
    double left = 1.0;
    double wait_s = 0.0;

    if (o->residual_time != NULL && !(o->residual_mbq > 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--residual-time is given, but not what was measured then: give "
                         "--residual-mbq");
    if (o->activity_time != NULL) {
        RGQ_PASS(err, need_some_activity(facts, "--activity-time", err));
        RGQ_PASS(err, decay_assay(&left, &wait_s, facts, o->activity_time, "--activity-time",
                                  nuclide, err));
        RGQ_INFO(log,
                 "--activity-time: the activity is decayed over %.6g s to the injection, "
                 "factor %.6g",
                 wait_s, left);
        (void)snprintf(origin, sizeof origin, "%.64s, decayed %.6g s", activity->origin,
                       wait_s);
        rgq_fact_set(activity, activity->value * left, origin);
    }
    return o->residual_mbq > 0.0 ? subtract_residue(facts, o, nuclide, log, err) : RGQ_OK;
}

/* ---- calibration ---- */

/* How long before the scan; only a difference leaves this function. */
static void judge_age(const rgq_scan_facts *facts, const rgq_log *log)
{
    const rgq_fact *scan =
        facts->acquisition_time_s.known ? &facts->acquisition_time_s : &facts->series_time_s;
    if (!scan->known || rgq_lacks_date(facts))
        return;
    const double age_s = scan->value - facts->calibration_time_s.value;
    if (age_s < -SECONDS_PER_DAY)
        RGQ_WARN(log, "the calibration is %.0f days younger than the scan",
                 -age_s / SECONDS_PER_DAY);
    else if (age_s > CALIBRATION_OLD_S)
        RGQ_WARN(log, "the calibration is %.0f days older than the scan: repeat it every year",
                 age_s / SECONDS_PER_DAY);
    else
        RGQ_INFO(log, "the calibration is %.0f days older than the scan",
                 fmax(0.0, age_s / SECONDS_PER_DAY));
}

/* A sensitivity holds for the photons it was measured with; a cross-calibration factor may be
 * carried over, but that is said. */
static rgq_status judge_nuclide(const rgq_scan_facts *facts, const rgq_calibration *c,
                                const rgq_log *log, rgq_error *err)
{
    char id[16];

    if (c->nuclide[0] == '\0' || !facts->nuclide.known ||
        !rgq_nuclide_canonical(id, facts->nuclide.value) || strcmp(id, c->nuclide) == 0)
        return RGQ_OK;
    if (!isnan(c->sensitivity_cps_per_mbq))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the sensitivity of --calibration-file was measured with %s, but the "
                         "scan is of %s (%s): calibrate with %s",
                         c->nuclide, id, facts->nuclide.origin, id);
    RGQ_WARN(log, "the factor of --calibration-file was measured with %s, the scan is of %s",
             c->nuclide, id);
    return RGQ_OK;
}

static rgq_status take_file(rgq_scan_facts *facts, const rgq_calibration *c, const rgq_log *log,
                            rgq_error *err)
{
    static const char option[] = "--calibration-file";

    RGQ_PASS(err, judge_nuclide(facts, c, log, err));
    if (c->scanner[0] != '\0' && facts->model.known &&
        !rgq_text_equal_nocase(c->scanner, facts->model.value))
        RGQ_WARN(log, "%s is of the scanner '%s', the scan is of '%s' (%s)", option, c->scanner,
                 facts->model.value, facts->model.origin);
    if (!isnan(c->factor))
        rgq_replace_real(&facts->calibration_factor, c->factor, option, 1.0, log);
    if (!isnan(c->sensitivity_cps_per_mbq))
        rgq_replace_real(&facts->sensitivity_cps_per_mbq, c->sensitivity_cps_per_mbq, option,
                         1.0, log);
    rgq_fact_set(&facts->calibration_time_s, c->time_s, option);
    judge_age(facts, log);
    return RGQ_OK;
}

rgq_status rgq_override_calibration(rgq_scan_facts *facts, const rgq_scan_overrides *o,
                                    const rgq_log *log, rgq_error *err)
{
    if (o->calibration != NULL)
        RGQ_PASS(err, take_file(facts, o->calibration, log, err));
    if (!isnan(o->calibration_factor))
        rgq_replace_real(&facts->calibration_factor, o->calibration_factor,
                         "--calibration-factor", 1.0, log);
    if (!isnan(o->sensitivity_cps_per_mbq))
        rgq_replace_real(&facts->sensitivity_cps_per_mbq, o->sensitivity_cps_per_mbq,
                         "--sensitivity-cps-per-mbq", 1.0, log);
    return RGQ_OK;
}
