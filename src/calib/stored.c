/* What stored values are: concentration, an uptake, counts that a factor turns into either, or
 * something that nobody can convert. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/planner.h"
#include "core/banned.h"
#include "core/text.h"

static const double BQ_PER_MBQ = 1e6;
static const double FACTORS_APART = 0.01;

typedef enum word_kind { CONCENTRATION, UPTAKE, COUNTS, COUNT_RATE, USELESS } word_kind;

static const struct {
    const char *word; /* compared without case and blanks */
    word_kind kind;
    double scale;     /* to Bq/mL */
    const char *more; /* UPTAKE: its DICOM unit; USELESS: why */
} words[] = {
    {"BQML", CONCENTRATION, 1.0, NULL},
    {"Bq/mL", CONCENTRATION, 1.0, NULL},
    {"Bq/cc", CONCENTRATION, 1.0, NULL},
    {"Bq/cm3", CONCENTRATION, 1.0, NULL},
    {"kBqML", CONCENTRATION, 1e3, NULL},
    {"kBq/mL", CONCENTRATION, 1e3, NULL},
    {"kBq/cc", CONCENTRATION, 1e3, NULL},
    {"kBq/cm3", CONCENTRATION, 1e3, NULL},
    {"MBqML", CONCENTRATION, 1e6, NULL},
    {"MBq/mL", CONCENTRATION, 1e6, NULL},
    {"GML", UPTAKE, 1.0, "GML"},
    {"g/mL", UPTAKE, 1.0, "GML"},
    {"SUV", UPTAKE, 1.0, "GML"},
    {"CM2ML", UPTAKE, 1.0, "CM2ML"},
    {"cm2/mL", UPTAKE, 1.0, "CM2ML"},
    {"CNTS", COUNTS, 1.0, NULL},
    {"counts", COUNTS, 1.0, NULL},
    {"CPS", COUNT_RATE, 1.0, NULL},
    {"PROPCNTS", USELESS, 0.0, "proportional to counts by a factor that is not stated"},
    {"PROPCPS", USELESS, 0.0, "proportional to count rates by a factor that is not stated"},
    {"1CM", USELESS, 0.0, "attenuation coefficients, not activity"},
    {"PCNT", USELESS, 0.0, "per cent of a whole that is not stated"},
};

enum { N_WORDS = sizeof words / sizeof words[0] };

static int find_word(const char *text)
{
    char packed[RGQ_FACT_TEXT_MAX];
    size_t n = 0;

    for (const char *c = text; *c != '\0' && n + 1 < sizeof packed; c++)
        if (*c != ' ')
            packed[n++] = *c;
    packed[n] = '\0';
    for (int i = 0; i < N_WORDS; i++)
        if (rgq_text_equal_nocase(packed, words[i].word))
            return i;
    return -1;
}

static void refuse_unit(rgq_planner *p, int word)
{
    const rgq_fact_text *units = &p->scan->facts.units;

    if (!units->known)
        rgq_plan_refuse_absent(p, "(0054,1001) Units",
                               "the unit of the values (Units in the side file)",
                               p->scan->facts.sensitivity_cps_per_mbq.known
                                   ? "--units counts, which the sensitivity turns into Bq/mL"
                                   : "--units bqml if the values are Bq/mL");
    else if (word >= 0 && words[word].kind == USELESS)
        rgq_plan_refuse(
            p, RGQ_E_UNSUPPORTED,
            "the unit of the values is %s (%s): %s, so it is not converted; give "
            "--units bqml with --calibration-factor if you know the factor to Bq/mL",
            units->value, units->origin, words[word].more);
    else
        rgq_plan_refuse(p, RGQ_E_UNSUPPORTED,
                        "the unit of the values is %s, which is not converted: give --units "
                        "bqml or --units gml if that is what they are",
                        units->value);
}

/* ---- counts ---- */

/* counts / (duration * sensitivity) / volume: a mean over the frame, in Bq/mL. */
static rgq_stored by_sensitivity(rgq_planner *p, bool per_duration)
{
    const rgq_fact *sensitivity = &p->scan->facts.sensitivity_cps_per_mbq;
    const double voxel_ml = rgq_grid_voxel_ml(rgq_volume_grid(p->scan->volume));

    rgq_plan_note(p, "sensitivity", sensitivity->value, "cps/MBq",
                  per_duration ? "counts / duration / sensitivity / voxel volume"
                               : "count rate / sensitivity / voxel volume",
                  sensitivity->origin);
    rgq_plan_note(p, "voxel_volume", voxel_ml, "mL", "", "grid");
    return (rgq_stored){.form = RGQ_STORED_CONCENTRATION,
                        .scale = BQ_PER_MBQ / (sensitivity->value * voxel_ml),
                        .per_duration = per_duration};
}

static bool usable(const rgq_fact *factor)
{
    return factor->known && factor->value > 0.0;
}

/* The scanner put weight, dose and times into its factor to SUVbw; what an option says of them
 * has no effect on it. */
static const rgq_fact *find_replaced(const rgq_scan_facts *f)
{
    const rgq_fact *const facts[] = {&f->weight_kg, &f->injected_activity_bq,
                                     &f->injection_time_s, &f->half_life_s};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        if (facts[i]->known && rgq_is_from_option(facts[i]->origin))
            return facts[i];
    return NULL;
}

/* The factor to SUVbw by way of Bq/mL, for a comparison; NaN if it cannot be had. */
static double suv_by_activity(const rgq_planner *p)
{
    rgq_suv_plan scratch;
    rgq_planner q = rgq_plan_quietly(p, &scratch);
    double norm = 0.0;

    if (!rgq_need_norm(&norm, &q, rgq_suv_kind_of(RGQ_UNIT_SUV_BW)) ||
        !rgq_plan_dose(&q, false))
        return (double)NAN;
    return p->scan->facts.philips_activity_factor.value * norm / q.activity_then_bq;
}

static void compare_factors(const rgq_planner *p)
{
    const double direct = p->scan->facts.philips_suv_factor.value;
    const double other = suv_by_activity(p);

    if (fabs(other / direct - 1.0) > FACTORS_APART)
        RGQ_WARN(p->log,
                 "the scanner's two factors disagree by %.2g %%: (7053,1000) to SUVbw is %.6g, "
                 "(7053,1009) with weight and activity gives %.6g",
                 100.0 * fabs(other / direct - 1.0), direct, other);
}

static rgq_stored by_philips(rgq_planner *p, rgq_unit wanted)
{
    const rgq_scan_facts *f = &p->scan->facts;
    const rgq_fact *suv = &f->philips_suv_factor;
    const rgq_fact *activity = &f->philips_activity_factor;
    const rgq_fact *replaced = find_replaced(f);

    if (usable(suv) && usable(activity) && wanted != RGQ_UNIT_BQ_ML)
        compare_factors(p);
    if (usable(activity) && (!usable(suv) || wanted == RGQ_UNIT_BQ_ML || replaced != NULL)) {
        rgq_plan_note(p, "philips_activity_factor", activity->value, "Bq/mL", "",
                      activity->origin);
        return (rgq_stored){.form = RGQ_STORED_CONCENTRATION, .scale = activity->value};
    }
    if (replaced != NULL)
        RGQ_WARN(p->log, "%s has no effect on SUVbw by the scanner's own factor (7053,1000)",
                 replaced->origin);
    rgq_plan_note(p, "philips_suv_factor", suv->value, "SUVbw", "", suv->origin);
    return (rgq_stored){.form = RGQ_STORED_UPTAKE,
                        .kind = rgq_suv_kind_of(RGQ_UNIT_SUV_BW),
                        .scale = suv->value};
}

static rgq_stored classify_counts(rgq_planner *p, word_kind kind, rgq_unit wanted)
{
    const rgq_scan_facts *f = &p->scan->facts;

    if (usable(&f->sensitivity_cps_per_mbq))
        return by_sensitivity(p, kind == COUNTS);
    if (kind == COUNTS &&
        (usable(&f->philips_suv_factor) || usable(&f->philips_activity_factor)))
        return by_philips(p, wanted);
    if (kind == COUNTS)
        rgq_plan_refuse(p, RGQ_E_MISSING,
                        "the values are counts (%s), and neither Philips's (7053,1000) nor "
                        "(7053,1009) is there with a value above 0: give "
                        "--sensitivity-cps-per-mbq, or --units bqml with --calibration-factor",
                        f->units.value);
    else
        rgq_plan_refuse(p, RGQ_E_UNSUPPORTED,
                        "the values are count rates (%s), which no element of the file turns "
                        "into Bq/mL: give --sensitivity-cps-per-mbq, or --units bqml with "
                        "--calibration-factor",
                        f->units.value);
    return (rgq_stored){.form = RGQ_STORED_REFUSED};
}

/* ---- uptake ---- */

static rgq_stored classify_uptake(rgq_planner *p, const char *dicom_units, rgq_unit wanted)
{
    const rgq_scan_facts *f = &p->scan->facts;
    const char *type = f->suv_type.known ? f->suv_type.value : "";
    const rgq_suv_kind *kind = rgq_suv_kind_stored(dicom_units, type);
    const rgq_fact *replaced = find_replaced(f);

    if (kind == NULL) {
        rgq_plan_refuse(p, RGQ_E_UNSUPPORTED,
                        "the values are SUV of type %s (%s), which is none that comes in %s: "
                        "BW, LBM, LBMJANMA, LBMJAMES128, IBW in GML, BSA in CM2ML",
                        type, f->suv_type.origin, dicom_units);
        return (rgq_stored){.form = RGQ_STORED_REFUSED};
    }
    if (f->suv_type.known)
        rgq_plan_note_text(p, "suv_type", &f->suv_type);
    if (replaced != NULL && wanted != RGQ_UNIT_BQ_ML &&
        (replaced != &f->weight_kg || kind->unit == wanted))
        RGQ_WARN(p->log, "%s has no effect: the values are %s already", replaced->origin,
                 rgq_unit_name(kind->unit));
    return (rgq_stored){
        .form = RGQ_STORED_UPTAKE, .kind = kind, .scale = 1.0, .as_stored = true};
}

static rgq_stored classify_word(rgq_planner *p, rgq_unit wanted)
{
    const rgq_fact_text *units = &p->scan->facts.units;
    const int word = units->known ? find_word(units->value) : -1;

    if (word < 0 || words[word].kind == USELESS) {
        refuse_unit(p, word);
        return (rgq_stored){.form = RGQ_STORED_REFUSED};
    }
    if (words[word].kind == UPTAKE)
        return classify_uptake(p, words[word].more, wanted);
    if (words[word].kind == CONCENTRATION)
        return (rgq_stored){.form = RGQ_STORED_CONCENTRATION,
                            .scale = words[word].scale,
                            .as_stored = words[word].scale == 1.0};
    return classify_counts(p, words[word].kind, wanted);
}

rgq_stored rgq_plan_stored(rgq_planner *p, rgq_unit wanted)
{
    const rgq_scan_facts *f = &p->scan->facts;
    const rgq_unit tag = rgq_volume_unit(p->scan->volume);
    const rgq_suv_kind *kind = rgq_suv_kind_of(tag);

    if (f->units.known)
        rgq_plan_note_text(p, "units", &f->units);
    else
        rgq_plan_note(p, "units", (double)NAN, "", rgq_unit_name(tag), "unit of the volume");
    if (tag == RGQ_UNIT_BQ_ML)
        return (rgq_stored){.form = RGQ_STORED_CONCENTRATION, .scale = 1.0, .as_stored = true};
    if (tag == RGQ_UNIT_SUV_BW) /* g/mL, of whatever type is stated */
        return classify_uptake(p, "GML", wanted);
    if (kind != NULL)
        return (rgq_stored){
            .form = RGQ_STORED_UPTAKE, .kind = kind, .scale = 1.0, .as_stored = true};
    if (tag == RGQ_UNIT_COUNTS)
        return classify_counts(p, COUNTS, wanted);
    return classify_word(p, wanted);
}
