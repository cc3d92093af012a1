#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/override.h"
#include "core/banned.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "rgdquant/suv.h"

static const double SECONDS_PER_DAY = 86400.0;

static void write_origin(char origin[RGQ_ORIGIN_MAX], const char *option, const char *old_value,
                         const char *old_origin)
{
    if (old_origin == NULL)
        (void)snprintf(origin, RGQ_ORIGIN_MAX, "%s", option);
    else
        (void)snprintf(origin, RGQ_ORIGIN_MAX, "%s (was %.24s of %.48s)", option, old_value,
                       old_origin);
}

static void tell(const rgq_log *log, const char *option, const char *value,
                 const char *old_value, const char *old_origin)
{
    if (old_origin == NULL)
        RGQ_INFO(log, "%s %s: the file states none", option, value);
    else
        RGQ_INFO(log, "%s %s replaces %s of %s", option, value, old_value, old_origin);
}

void rgq_replace_real(rgq_fact *fact, double value, const char *option, double to_si,
                      const rgq_log *log)
{
    char origin[RGQ_ORIGIN_MAX];
    char now[32];
    char was[32] = "";

    (void)snprintf(now, sizeof now, "%.10g", value);
    if (fact->known)
        (void)snprintf(was, sizeof was, "%.10g", fact->value / to_si);
    tell(log, option, now, was, fact->known ? fact->origin : NULL);
    write_origin(origin, option, was, fact->known ? fact->origin : NULL);
    rgq_fact_set(fact, value * to_si, origin);
}

/* `typed` is what the user wrote for `value`. */
static void replace_text(rgq_fact_text *fact, const char *value, const char *typed,
                         const char *option, const rgq_log *log)
{
    char origin[RGQ_ORIGIN_MAX];

    tell(log, option, typed, fact->value, fact->known ? fact->origin : NULL);
    write_origin(origin, option, fact->value, fact->known ? fact->origin : NULL);
    rgq_fact_text_set(fact, value, origin);
}

static rgq_status check_range(double value, double hi, const char *option, rgq_error *err)
{
    if (isnan(value) || (value > 0.0 && value <= hi))
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s %g was given, more than 0 up to %g is needed",
                     option, value, hi);
}

rgq_status rgq_override_time(double *time_s, bool *has_date, const char *text,
                             const char *option, rgq_error *err)
{
    *has_date = rgq_time_from_iso(time_s, text, NULL) == RGQ_OK;
    if (*has_date || rgq_time_from_tm(time_s, text, NULL) == RGQ_OK)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "%s '%.40s' is no time: YYYY-MM-DDThh:mm:ss or hh:mm:ss is needed", option,
                     text);
}

bool rgq_lacks_date(const rgq_scan_facts *facts)
{
    const rgq_fact *const times[] = {&facts->time_zero_s, &facts->acquisition_time_s,
                                     &facts->series_time_s};

    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        if (times[i]->known)
            return fabs(times[i]->value) < 30.0 * SECONDS_PER_DAY; /* in January 1970 */
    return false;
}

rgq_status rgq_override_clock(const rgq_scan_facts *facts, const char *option, rgq_error *err)
{
    if (!facts->time_zero_s.known ||
        strncmp(facts->time_zero_s.origin, "(no TimeZero", 12) != 0)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_MISSING,
                     "%s is a clock time, but the side file states no TimeZero: give a "
                     "--side-file with TimeZero, or with the right InjectionStart",
                     option);
}

static rgq_status override_injection_time(rgq_scan_facts *facts, const char *text,
                                          const rgq_log *log, rgq_error *err)
{
    static const char option[] = "--injection-time";
    char origin[RGQ_ORIGIN_MAX];
    double time_s = 0.0;
    bool has_date = false;

    RGQ_PASS(err, rgq_override_time(&time_s, &has_date, text, option, err));
    RGQ_PASS(err, rgq_override_clock(facts, option, err));
    if (has_date && rgq_lacks_date(facts)) { /* only the time of the day can be compared */
        time_s -= SECONDS_PER_DAY * floor(time_s / SECONDS_PER_DAY);
        has_date = false;
    }
    const bool had = facts->injection_time_s.known;
    const bool comparable = had && has_date && facts->injection_date_known.known &&
                            facts->injection_date_known.value != 0.0;
    if (comparable)
        RGQ_INFO(log, "%s replaces %s, which is %.6g s %s", option,
                 facts->injection_time_s.origin, fabs(facts->injection_time_s.value - time_s),
                 facts->injection_time_s.value < time_s ? "earlier" : "later");
    else if (had)
        RGQ_INFO(log, "%s replaces %s", option, facts->injection_time_s.origin);
    else
        RGQ_INFO(log, "%s: the file states none", option);
    if (comparable)
        (void)snprintf(origin, sizeof origin, "%s (was %+.6g s, %.48s)", option,
                       facts->injection_time_s.value - time_s, facts->injection_time_s.origin);
    else if (had)
        (void)snprintf(origin, sizeof origin, "%s (was %.60s)", option,
                       facts->injection_time_s.origin);
    else
        (void)snprintf(origin, sizeof origin, "%s", option);
    rgq_fact_set(&facts->injection_time_s, time_s, origin);
    rgq_fact_set(&facts->injection_date_known, has_date ? 1.0 : 0.0, option);
    return RGQ_OK;
}

typedef struct choice_row {
    const char *option;
    const char *word; /* as a header writes it */
    rgq_unit tag;     /* of the volume; for units */
} choice_row;

static const choice_row unit_choices[] = {
    {"bqml", "BQML", RGQ_UNIT_BQ_ML},    {"kbqml", "kBq/mL", RGQ_UNIT_NATIVE},
    {"counts", "CNTS", RGQ_UNIT_NATIVE}, {"gml", "GML", RGQ_UNIT_SUV_BW},
    {"cm2ml", "CM2ML", RGQ_UNIT_NATIVE},
};

static const choice_row decay_choices[] = {
    {"injection", "ADMIN", RGQ_UNIT_NATIVE},
    {"scan", "START", RGQ_UNIT_NATIVE},
    {"none", "NONE", RGQ_UNIT_NATIVE},
};

static const choice_row *find_choice(const choice_row *rows, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (rgq_text_equal_nocase(rows[i].option, word))
            return &rows[i];
    return NULL;
}

static rgq_status override_units(rgq_scan_facts *facts, rgq_unit *tag, const char *units,
                                 const rgq_log *log, rgq_error *err)
{
    const choice_row *row =
        find_choice(unit_choices, sizeof unit_choices / sizeof unit_choices[0], units);

    if (row == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--units '%.40s' is none of bqml, kbqml, counts, gml, cm2ml", units);
    replace_text(&facts->units, row->word, row->option, "--units", log);
    *tag = row->tag;
    if (row->tag == RGQ_UNIT_SUV_BW && facts->suv_type.known &&
        !rgq_text_equal_nocase(facts->suv_type.value, "BW"))
        *tag = RGQ_UNIT_NATIVE;
    return RGQ_OK;
}

static rgq_status override_decay(rgq_scan_facts *facts, const char *moment, const rgq_log *log,
                                 rgq_error *err)
{
    const choice_row *row =
        find_choice(decay_choices, sizeof decay_choices / sizeof decay_choices[0], moment);

    if (row == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--decay-corrected-to '%.40s' is none of injection, scan, none",
                         moment);
    replace_text(&facts->decay_correction, row->word, row->option, "--decay-corrected-to", log);
    if (facts->decay_reference_s.known)
        RGQ_INFO(log, "--decay-corrected-to replaces the decay reference of %s",
                 facts->decay_reference_s.origin);
    facts->decay_reference_s = (rgq_fact){0};
    return RGQ_OK;
}

static rgq_status override_sex(rgq_scan_facts *facts, const char *sex, const rgq_log *log,
                               rgq_error *err)
{
    if (strcmp(sex, "M") != 0 && strcmp(sex, "F") != 0 && strcmp(sex, "O") != 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--sex '%.40s' is none of M, F, O", sex);
    replace_text(&facts->sex, sex, sex, "--sex", log);
    return RGQ_OK;
}

static rgq_status override_rule(rgq_scan_facts *facts, const char *rule, const rgq_log *log,
                                rgq_error *err)
{
    static const char *const rules[] = {"auto", "series", "acquisition", "private",
                                        "backcompute"};

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rgq_text_equal_nocase(rule, rules[i])) {
            replace_text(&facts->reference_time, rules[i], rules[i], "--reference-time", log);
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "--reference-time '%.40s' is none of auto, series, acquisition, private, "
                     "backcompute",
                     rule);
}

static rgq_status check_numbers(const rgq_scan_overrides *o, rgq_error *err)
{
    RGQ_PASS(err, check_range(o->weight_kg, 1000.0, "--weight-kg", err));
    RGQ_PASS(err, check_range(o->height_cm, 300.0, "--height-cm", err));
    RGQ_PASS(err, check_range(o->activity_mbq, 1e9, "--activity-mbq", err));
    RGQ_PASS(err, check_range(o->residual_mbq, 1e9, "--residual-mbq", err));
    RGQ_PASS(err, check_range(o->calibration_factor, 1e12, "--calibration-factor", err));
    RGQ_PASS(err,
             check_range(o->sensitivity_cps_per_mbq, 1e12, "--sensitivity-cps-per-mbq", err));
    RGQ_PASS(err, check_range(o->density_g_ml, 30.0, "--density-g-ml", err));
    return check_range(o->half_life_s, 1e12, "--half-life-s", err);
}

static void override_numbers(rgq_scan_facts *facts, const rgq_scan_overrides *o,
                             const rgq_log *log)
{
    if (!isnan(o->weight_kg))
        rgq_replace_real(&facts->weight_kg, o->weight_kg, "--weight-kg", 1.0, log);
    if (!isnan(o->height_cm))
        rgq_replace_real(&facts->height_m, o->height_cm, "--height-cm", 0.01, log);
    if (!isnan(o->activity_mbq))
        rgq_replace_real(&facts->injected_activity_bq, o->activity_mbq, "--activity-mbq", 1e6,
                         log);
    if (!isnan(o->half_life_s))
        rgq_replace_real(&facts->half_life_s, o->half_life_s, "--half-life-s", 1.0, log);
    if (!isnan(o->density_g_ml))
        rgq_replace_real(&facts->density_g_ml, o->density_g_ml, "--density-g-ml", 1.0, log);
}

rgq_status rgq_scan_override(rgq_scan *scan, const rgq_scan_overrides *overrides,
                             const rgq_nuclide *nuclide, const rgq_log *log, rgq_error *err)
{
    rgq_scan_facts facts = scan->facts; /* a copy: a refusal leaves the scan as it was */
    rgq_unit tag = scan->volume != NULL ? rgq_volume_unit(scan->volume) : RGQ_UNIT_NATIVE;

    RGQ_PASS(err, check_numbers(overrides, err));
    override_numbers(&facts, overrides, log);
    if (overrides->sex != NULL)
        RGQ_PASS(err, override_sex(&facts, overrides->sex, log, err));
    if (overrides->units != NULL)
        RGQ_PASS(err, override_units(&facts, &tag, overrides->units, log, err));
    if (overrides->decay_corrected_to != NULL)
        RGQ_PASS(err, override_decay(&facts, overrides->decay_corrected_to, log, err));
    if (overrides->injection_time != NULL)
        RGQ_PASS(err, override_injection_time(&facts, overrides->injection_time, log, err));
    if (overrides->reference_time != NULL)
        RGQ_PASS(err, override_rule(&facts, overrides->reference_time, log, err));
    RGQ_PASS(err, rgq_override_dose(&facts, overrides, nuclide, log, err));
    RGQ_PASS(err, rgq_override_calibration(&facts, overrides, log, err));
    scan->facts = facts;
    if (scan->volume != NULL)
        rgq_volume_set_unit(scan->volume, tag);
    return RGQ_OK;
}
