#include "rgdquant/suv.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "calib/decay.h"
#include "calib/reference.h"
#include "calib/suv_slice.h"
#include "core/banned.h"
#include "core/text.h"

/* A wait of 24 half-lives leaves 6e-8 of the activity: a wrong date, not a scan. */
static const double UPTAKE_HALF_LIVES_MAX = 24.0;
static const double WEIGHT_KG_MAX = 1000.0;
static const double WEIGHT_KG_UNUSUAL = 300.0;
static const double GRAMS_PER_KG = 1000.0;

typedef enum stored_kind {
    STORED_UNKNOWN,
    STORED_CONCENTRATION, /* Bq/mL after `scale` */
    STORED_SUV_BW,
    STORED_OTHER
} stored_kind;

static const struct {
    const char *word; /* compared without case and blanks */
    stored_kind kind;
    double scale; /* to Bq/mL */
} unit_words[] = {
    {"BQML", STORED_CONCENTRATION, 1.0},   {"Bq/mL", STORED_CONCENTRATION, 1.0},
    {"Bq/cc", STORED_CONCENTRATION, 1.0},  {"Bq/cm3", STORED_CONCENTRATION, 1.0},
    {"kBqML", STORED_CONCENTRATION, 1e3},  {"kBq/mL", STORED_CONCENTRATION, 1e3},
    {"kBq/cc", STORED_CONCENTRATION, 1e3}, {"kBq/cm3", STORED_CONCENTRATION, 1e3},
    {"MBq/mL", STORED_CONCENTRATION, 1e6}, {"GML", STORED_SUV_BW, 1.0},
    {"g/mL", STORED_SUV_BW, 1.0},          {"SUV", STORED_SUV_BW, 1.0},
    {"SUVbw", STORED_SUV_BW, 1.0},
};

/* What a plan is made from; `plan->refused` gathers every reason, so that the user can mend all
 * of them at once. */
typedef struct planner {
    rgq_suv_plan *plan;
    const rgq_scan *scan;
    const rgq_nuclide *nuclide;
    const rgq_log *log;
    rgq_status refusal; /* of the first reason */
    double scale;       /* stored value to Bq/mL */
    double weight_g;
    double activity_bq;
    double half_life_s;
} planner;

RGQ_PRINTF(3, 4)
static void refuse(planner *p, rgq_status status, const char *format, ...)
{
    char reason[RGQ_MESSAGE_MAX];
    char *text = p->plan->refused;
    const size_t used = strlen(text);
    va_list args;

    va_start(args, format);
    (void)vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    (void)snprintf(text + used, RGQ_MESSAGE_MAX - used, "%s%s", used > 0 ? "; " : "", reason);
    if (p->refusal == RGQ_OK)
        p->refusal = status;
}

static void record(planner *p, const char *name, double value, const char *unit,
                   const char *text, const char *origin)
{
    rgq_suv_plan *plan = p->plan;

    if (plan->n_inputs >= RGQ_SUV_STEPS_MAX)
        return;
    rgq_suv_input *input = &plan->input[plan->n_inputs++];
    *input = (rgq_suv_input){.value = value};
    rgq_text_copy(input->name, sizeof input->name, name);
    rgq_text_copy(input->unit, sizeof input->unit, unit);
    rgq_text_copy(input->text, sizeof input->text, text);
    rgq_text_copy(input->origin, sizeof input->origin, origin);
}

static void record_text(planner *p, const char *name, const rgq_fact_text *fact)
{
    record(p, name, (double)NAN, "", fact->value, fact->origin);
}

static bool is_dicom(const rgq_scan *scan)
{
    return strncmp(scan->format, "DICOM", 5) == 0;
}

/* What is absent as the user's file would call it, and the option that supplies it. */
static void refuse_absent(planner *p, const char *in_dicom, const char *in_others,
                          const char *option)
{
    refuse(p, RGQ_E_MISSING, "%s is absent: give %s", is_dicom(p->scan) ? in_dicom : in_others,
           option);
}

/* ---- which values are stored ---- */

static stored_kind kind_of_word(const char *word, double *scale)
{
    char packed[RGQ_FACT_TEXT_MAX];
    size_t n = 0;

    for (const char *c = word; *c != '\0' && n + 1 < sizeof packed; c++)
        if (*c != ' ')
            packed[n++] = *c;
    packed[n] = '\0';
    for (size_t i = 0; i < sizeof unit_words / sizeof unit_words[0]; i++)
        if (rgq_text_equal_nocase(packed, unit_words[i].word)) {
            *scale = unit_words[i].scale;
            return unit_words[i].kind;
        }
    return STORED_OTHER;
}

static stored_kind classify(planner *p)
{
    const rgq_scan_facts *facts = &p->scan->facts;
    const rgq_unit tag = rgq_volume_unit(p->scan->volume);
    stored_kind kind = STORED_OTHER;

    p->scale = 1.0;
    if (tag == RGQ_UNIT_BQ_ML)
        kind = STORED_CONCENTRATION;
    else if (tag == RGQ_UNIT_SUV_BW)
        kind = STORED_SUV_BW;
    else if (tag == RGQ_UNIT_NATIVE)
        kind =
            facts->units.known ? kind_of_word(facts->units.value, &p->scale) : STORED_UNKNOWN;
    if (kind == STORED_SUV_BW && facts->suv_type.known &&
        !rgq_text_equal_nocase(facts->suv_type.value, "BW"))
        kind = STORED_OTHER;
    if (facts->units.known)
        record_text(p, "units", &facts->units);
    else
        record(p, "units", (double)NAN, "", rgq_unit_name(tag), "unit of the volume");
    if (kind == STORED_SUV_BW && facts->suv_type.known)
        record_text(p, "suv_type", &facts->suv_type);
    return kind;
}

static void refuse_kind(planner *p, stored_kind kind)
{
    const rgq_scan_facts *facts = &p->scan->facts;
    const char *stored = facts->units.known ? facts->units.value
                                            : rgq_unit_name(rgq_volume_unit(p->scan->volume));

    if (kind == STORED_UNKNOWN)
        refuse_absent(p, "(0054,1001) Units", "the unit of the values (Units in the side file)",
                      "--units bqml if the values are Bq/mL");
    else if (facts->suv_type.known && !rgq_text_equal_nocase(facts->suv_type.value, "BW"))
        refuse(p, RGQ_E_UNSUPPORTED,
               "the values are SUV of type %s (%s), which is not converted: only BQML, and GML "
               "of type BW, are",
               facts->suv_type.value, facts->suv_type.origin);
    else
        refuse(p, RGQ_E_UNSUPPORTED,
               "the unit of the values is %s, which is not converted: give --units bqml or "
               "--units gml if that is what they are",
               stored);
}

/* ---- the facts that SUV needs; each function refuses or records ---- */

static void need_weight(planner *p)
{
    const rgq_fact *weight = &p->scan->facts.weight_kg;

    if (!weight->known || weight->value == 0.0) {
        refuse(p, RGQ_E_MISSING, "the body weight (%s) is %s: give --weight-kg",
               is_dicom(p->scan) ? "(0010,1030) PatientWeight"
                                 : "PatientWeight in the side file",
               weight->known ? "0" : "absent");
        return;
    }
    if (!(weight->value > 0.0) || weight->value > WEIGHT_KG_MAX) {
        refuse(p, RGQ_E_ARGUMENT, "a body weight of %g kg (%s) cannot be%s: give --weight-kg",
               weight->value, weight->origin,
               weight->value > WEIGHT_KG_MAX ? ", it may be in grams" : "");
        return;
    }
    if (weight->value > WEIGHT_KG_UNUSUAL)
        RGQ_WARN(p->log, "a body weight of %g kg (%s) is unusual: is it in kg?", weight->value,
                 weight->origin);
    p->weight_g = weight->value * GRAMS_PER_KG;
    record(p, "weight", weight->value, "kg", "", weight->origin);
}

static void need_activity(planner *p)
{
    const rgq_fact *activity = &p->scan->facts.injected_activity_bq;

    if (!activity->known || activity->value == 0.0) {
        refuse(p, RGQ_E_MISSING, "the injected activity (%s) is %s: give --activity-mbq",
               is_dicom(p->scan) ? "(0018,1074) RadionuclideTotalDose"
                                 : "InjectedRadioactivity",
               activity->known ? "0" : "absent");
        return;
    }
    if (!(activity->value > 0.0)) {
        refuse(p, RGQ_E_ARGUMENT,
               "an injected activity of %g Bq (%s) cannot be: give --activity-mbq",
               activity->value, activity->origin);
        return;
    }
    p->activity_bq = activity->value;
    record(p, "injected_activity", activity->value, "Bq", "", activity->origin);
}

static bool need_half_life(planner *p)
{
    const rgq_fact *stated = &p->scan->facts.half_life_s;
    const rgq_quantity *known = p->nuclide != NULL ? &p->nuclide->half_life_s : NULL;
    const bool in_library = known != NULL && known->known && known->value > 0.0;
    char origin[RGQ_SUV_TEXT_MAX];

    if (stated->known && stated->value > 0.0) {
        p->half_life_s = stated->value;
        record(p, "half_life", stated->value, "s", "", stated->origin);
        if (in_library && fabs(stated->value / known->value - 1.0) > 0.005)
            RGQ_WARN(p->log,
                     "the half-life %g s (%s) differs by %.2g %% from %s of %s, %g s; the "
                     "former is used, as the scanner did",
                     stated->value, stated->origin,
                     100.0 * fabs(stated->value / known->value - 1.0), "tracers/isotopes.json",
                     p->nuclide->id, known->value);
        return true;
    }
    if (in_library) {
        p->half_life_s = known->value;
        (void)snprintf(origin, sizeof origin, "tracers/isotopes.json %s", p->nuclide->id);
        record(p, "half_life", known->value, "s", "", origin);
        RGQ_INFO(p->log, "the file states no half-life: %g s of %s is used", known->value,
                 origin);
        return true;
    }
    refuse(p, RGQ_E_MISSING, "the half-life (%s) is %s and the nuclide %s: give --half-life-s",
           is_dicom(p->scan) ? "(0018,1075) RadionuclideHalfLife" : "of TracerRadionuclide",
           stated->known ? "not above 0" : "absent",
           p->scan->facts.nuclide.known ? p->scan->facts.nuclide.value : "is not named");
    return false;
}

static bool need_injection_time(planner *p)
{
    if (p->scan->facts.injection_time_s.known)
        return true;
    refuse_absent(p, "(0018,1078) RadiopharmaceuticalStartDateTime",
                  "the injection time (InjectionStart and TimeZero)", "--injection-time");
    return false;
}

/* ---- decay ---- */

/* The injection must precede `start_s`, by no absurd time; in a dynamic scan it may lie within
 * the scan. Gives its clock time. */
static bool place_injection(planner *p, const rgq_moment *start, double *injection_s)
{
    const double end_s = rgq_scan_dynamic_end_s(p->scan);
    const double latest_s = end_s > start->clock_s ? end_s : start->clock_s;
    const rgq_moment injection = rgq_injection_place(p->scan, latest_s, p->half_life_s, p->log);
    const double uptake_s = start->clock_s - injection.clock_s;

    if (injection.clock_s > latest_s) {
        refuse(p, RGQ_E_ARGUMENT,
               "the injection (%s) lies %.6g s after the %s (%s): give --injection-time",
               injection.origin, injection.clock_s - latest_s,
               end_s > start->clock_s ? "end of the scan" : "decay reference", start->origin);
        return false;
    }
    if (uptake_s > UPTAKE_HALF_LIVES_MAX * p->half_life_s) {
        refuse(
            p, RGQ_E_ARGUMENT,
            "the injection (%s) lies %.6g s before the scan (%s), more than %g half-lives of "
            "%g s: give --injection-time",
            injection.origin, uptake_s, start->origin, UPTAKE_HALF_LIVES_MAX, p->half_life_s);
        return false;
    }
    record(p, "injection_time", 0.0, "s",
           injection.what[0] != '\0' ? injection.what : "zero of the times here",
           injection.origin);
    *injection_s = injection.clock_s;
    return true;
}

static void plan_admin(planner *p)
{
    const rgq_scan_facts *facts = &p->scan->facts;
    const rgq_fact *half_life = &facts->half_life_s;

    if (facts->decay_reference_s.known && facts->injection_time_s.known && half_life->known &&
        half_life->value > 0.0 && facts->injection_date_known.known &&
        facts->injection_date_known.value != 0.0 &&
        rgq_decay_matters(facts->decay_reference_s.value - facts->injection_time_s.value,
                          half_life->value))
        RGQ_WARN(p->log,
                 "the values are said to be decay-corrected to the injection (%s), but the "
                 "stated decay reference (%s) is %.6g s after it; the former is used",
                 facts->decay_correction.origin, facts->decay_reference_s.origin,
                 facts->decay_reference_s.value - facts->injection_time_s.value);
    p->plan->factor = p->scale * p->weight_g / p->activity_bq;
    rgq_text_copy(p->plan->rule, sizeof p->plan->rule,
                  "Bq/mL corrected to the injection (ADMIN)");
}

static void plan_start(planner *p)
{
    rgq_error why = RGQ_ERROR_INIT;
    rgq_moment start = {0};
    char reason[RGQ_MESSAGE_MAX] = "";
    double injection_s = 0.0;
    double left = 1.0;

    const bool has_half_life = need_half_life(p);
    const bool has_time = need_injection_time(p);
    if (!has_half_life)
        return;
    if (!rgq_decay_reference_find(&start, reason, p->scan, p->half_life_s, p->log)) {
        refuse(p, RGQ_E_MISSING, "%s", reason);
        return;
    }
    if (!has_time || !place_injection(p, &start, &injection_s))
        return;
    const double uptake_s = start.clock_s - injection_s;
    if (rgq_decay_factor(&left, uptake_s, p->half_life_s, &why) != RGQ_OK) {
        refuse(p, why.status, "%s", why.message);
        return;
    }
    record(p, "decay_reference", uptake_s, "s", start.what, start.origin);
    record(p, "activity_at_reference", p->activity_bq * left, "Bq", "",
           "injected_activity decayed to decay_reference");
    p->plan->factor = p->scale * p->weight_g / (p->activity_bq * left);
    rgq_text_copy(p->plan->rule, sizeof p->plan->rule,
                  "Bq/mL corrected to the scan start (START)");
}

/* Every slice must have its times before a voxel is touched. */
static bool check_slices(planner *p)
{
    const int n_slices = rgq_volume_grid(p->scan->volume)->n[2];
    const int n_frames = rgq_volume_n_frames(p->scan->volume);
    double factor = 1.0;

    for (int f = 0; f < n_frames; f++)
        for (int z = 0; z < n_slices; z++) {
            rgq_error why = RGQ_ERROR_INIT;
            if (rgq_suv_slice_factor(&factor, p->scan, p->plan, f, z, &why) != RGQ_OK) {
                refuse(p, why.status, "%s", why.message);
                return false;
            }
            if (f == 0 && z == 0)
                p->plan->factor = factor;
        }
    return true;
}

static void plan_none(planner *p)
{
    rgq_suv_plan *plan = p->plan;
    rgq_moment first = {0};
    double injection_s = 0.0;

    const bool has_half_life = need_half_life(p);
    const bool has_time = need_injection_time(p);
    if (!rgq_scan_first_acquisition(&first, p->scan)) {
        refuse(p, RGQ_E_MISSING,
               "no acquisition time is stated, which values without decay correction need: "
               "give TimeZero and FrameTimesStart in a --side-file");
        return;
    }
    if (!has_half_life || !has_time || !place_injection(p, &first, &injection_s))
        return;
    plan->per_slice = true;
    plan->half_life_s = p->half_life_s;
    plan->decay_to_time_s = injection_s;
    plan->base_factor = p->scale * p->weight_g / p->activity_bq;
    if (!check_slices(p))
        return;
    const rgq_slice_time at = rgq_scan_slice_time(p->scan, 0, 0);
    record(p, "first_slice_acquisition", at.acquisition_s - injection_s, "s", "", first.origin);
    record(p, "first_slice_duration", at.duration_s, "s", "", "frame duration");
    rgq_text_copy(plan->rule, sizeof plan->rule, "Bq/mL not decay-corrected (NONE)");
}

/* Contradictions between what was corrected and what is said to have been. */
static void warn_corrections(planner *p, bool corrected)
{
    const rgq_fact_text *done = &p->scan->facts.corrected_image;

    if (!done->known)
        return;
    if (corrected != (strstr(done->value, "DECY") != NULL))
        RGQ_WARN(p->log, "%s is %s although the list of corrections (%s) has %s DECY",
                 p->scan->facts.decay_correction.origin,
                 corrected ? p->scan->facts.decay_correction.value : "NONE", done->origin,
                 corrected ? "no" : "a");
    if (strstr(done->value, "ATTN") == NULL)
        RGQ_WARN(p->log, "the list of corrections (%s) has no ATTN: SUV is not quantitative",
                 done->origin);
}

static void plan_decay(planner *p)
{
    const rgq_scan_facts *facts = &p->scan->facts;
    const rgq_fact_text *rule = &facts->decay_correction;

    need_weight(p);
    need_activity(p);
    if (!rule->known && facts->decay_reference_s.known) {
        plan_start(p);
        return;
    }
    if (!rule->known) {
        refuse_absent(p, "(0054,1102) DecayCorrection",
                      "what the values are decay-corrected to (ImageDecayCorrectionTime)",
                      "--decay-corrected-to injection|scan|none");
        return;
    }
    record_text(p, "decay_correction", rule);
    const bool is_none = rgq_text_equal_nocase(rule->value, "NONE");
    warn_corrections(p, !is_none);
    if (is_none)
        plan_none(p);
    else if (rgq_text_equal_nocase(rule->value, "START"))
        plan_start(p);
    else if (rgq_text_equal_nocase(rule->value, "ADMIN"))
        plan_admin(p);
    else
        refuse(p, RGQ_E_UNSUPPORTED,
               "the decay correction '%s' (%s) is none of START, ADMIN, NONE: give "
               "--decay-corrected-to injection|scan|none",
               rule->value, rule->origin);
}

/* ---- the plan ---- */

static void plan_suv_bw(planner *p)
{
    const stored_kind kind = classify(p);

    if (kind == STORED_SUV_BW)
        rgq_text_copy(p->plan->rule, sizeof p->plan->rule, "SUVbw as stored");
    else if (kind == STORED_CONCENTRATION)
        plan_decay(p);
    else
        refuse_kind(p, kind);
}

static void plan_bq_ml(planner *p)
{
    const rgq_fact_text *decay = &p->scan->facts.decay_correction;
    const stored_kind kind = classify(p);

    if (kind == STORED_SUV_BW) {
        refuse(p, RGQ_E_UNSUPPORTED,
               "the values are SUVbw, which is not turned back into Bq/mL: take --unit suvbw "
               "or --unit native");
        return;
    }
    if (kind != STORED_CONCENTRATION) {
        refuse_kind(p, kind);
        return;
    }
    p->plan->factor = p->scale;
    rgq_text_copy(p->plan->rule, sizeof p->plan->rule,
                  p->scale == 1.0 ? "Bq/mL as stored" : "Bq/mL from a multiple of it");
    if (decay->known)
        record_text(p, "decay_correction", decay);
}

rgq_status rgq_suv_plan_make(rgq_suv_plan *plan, const rgq_scan *scan, rgq_unit wanted,
                             const rgq_nuclide *nuclide, const rgq_log *log, rgq_error *err)
{
    *plan = (rgq_suv_plan){.factor = 1.0,
                           .base_factor = 1.0,
                           .half_life_s = (double)NAN,
                           .decay_to_time_s = (double)NAN};
    if (scan->volume == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the scan has no voxels");
    planner p = {.plan = plan, .scan = scan, .nuclide = nuclide, .log = log};
    plan->from = rgq_volume_unit(scan->volume);
    plan->to = plan->from;
    if (wanted == RGQ_UNIT_SUV_BW)
        plan_suv_bw(&p);
    else if (wanted == RGQ_UNIT_BQ_ML)
        plan_bq_ml(&p);
    else if (wanted == RGQ_UNIT_NATIVE)
        rgq_text_copy(plan->rule, sizeof plan->rule, "as stored");
    else
        refuse(&p, RGQ_E_UNSUPPORTED,
               "%s is not among the units a scan is converted to: SUVbw, Bq/mL, native",
               rgq_unit_name(wanted));
    if (p.refusal != RGQ_OK) {
        plan->factor = plan->base_factor = 1.0;
        plan->per_slice = false;
        plan->rule[0] = '\0';
        return RGQ_RAISE(err, p.refusal, "%s", plan->refused);
    }
    if (!(plan->factor > 0.0) || !isfinite(plan->factor))
        return RGQ_RAISE(err, RGQ_E_NUMERIC, "the factor to %s is %g", rgq_unit_name(wanted),
                         plan->factor);
    plan->to = wanted;
    return RGQ_OK;
}

rgq_status rgq_suv_plan_best(rgq_suv_plan *plan, const rgq_scan *scan,
                             const rgq_nuclide *nuclide, const rgq_log *log, rgq_error *err)
{
    char refused[RGQ_MESSAGE_MAX];
    rgq_error why = RGQ_ERROR_INIT;

    if (rgq_suv_plan_make(plan, scan, RGQ_UNIT_SUV_BW, nuclide, log, &why) == RGQ_OK)
        return RGQ_OK;
    if (plan->refused[0] == '\0')
        return RGQ_RAISE(err, why.status, "%s", why.message);
    rgq_text_copy(refused, sizeof refused, plan->refused);
    if (rgq_suv_plan_make(plan, scan, RGQ_UNIT_BQ_ML, nuclide, NULL, NULL) != RGQ_OK)
        RGQ_PASS(err, rgq_suv_plan_make(plan, scan, RGQ_UNIT_NATIVE, nuclide, NULL, err));
    rgq_text_copy(plan->refused, sizeof plan->refused, refused);
    return RGQ_OK;
}
