/* The facts of a patient and a dose that uptake needs, each judged once. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/planner.h"
#include "core/banned.h"
#include "core/text.h"

static const double WEIGHT_KG_MAX = 1000.0;
static const double WEIGHT_KG_UNUSUAL = 300.0;
static const double GRAMS_PER_KG = 1000.0;
static const double HEIGHT_CM_MAX = 300.0;
/* From here on lean mass by James and Morgan bends down with weight; it turns at 36 (F) and 43
 * to 46 (M) kg/m2. */
static const double BMI_OBESE = 30.0;
static const double DISAGREEMENT = 0.005;

/* Some consoles hold the weight in PatientSize, and the height in PatientWeight. */
static bool looks_exchanged(const rgq_fact *weight, const rgq_fact *height)
{
    return height->known && height->value > HEIGHT_CM_MAX / 100.0 &&
           !rgq_is_from_option(weight->origin) && !rgq_is_from_option(height->origin) &&
           (!weight->known || weight->value < HEIGHT_CM_MAX / 100.0);
}

bool rgq_need_weight(rgq_planner *p)
{
    const rgq_fact *weight = &p->scan->facts.weight_kg;
    const char *text = "";
    double kg = weight->value;

    if (p->weight_kg > 0.0)
        return true;
    if (weight->known && kg > 0.0 && looks_exchanged(weight, &p->scan->facts.height_m)) {
        rgq_plan_refuse(p, RGQ_E_ARGUMENT,
                        "a body weight of %g kg (%s) with a height of %g m (%s) cannot be, "
                        "they may be exchanged: give --weight-kg and --height-cm",
                        kg, weight->origin, p->scan->facts.height_m.value,
                        p->scan->facts.height_m.origin);
        return false;
    }
    if (!weight->known || kg == 0.0) {
        if (looks_exchanged(weight, &p->scan->facts.height_m))
            RGQ_WARN(p->log, "a body height of %g m (%s) cannot be: is it the weight?",
                     p->scan->facts.height_m.value, p->scan->facts.height_m.origin);
        rgq_plan_refuse(p, RGQ_E_MISSING, "the body weight (%s) is %s: give --weight-kg",
                        rgq_plan_is_dicom(p) ? "(0010,1030) PatientWeight"
                                             : "PatientWeight in the side file",
                        weight->known ? "0" : "absent");
        return false;
    }
    if (!(kg > 0.0) || kg > WEIGHT_KG_MAX * GRAMS_PER_KG) {
        rgq_plan_refuse(p, RGQ_E_ARGUMENT,
                        "a body weight of %g kg (%s) cannot be: give --weight-kg", kg,
                        weight->origin);
        return false;
    }
    if (kg > WEIGHT_KG_MAX) { /* nothing that is scanned weighs a tonne */
        RGQ_WARN(p->log,
                 "the body weight (%s) is %g: above %g kg, so it is taken for g (%g kg); "
                 "--weight-kg overrides it",
                 weight->origin, kg, WEIGHT_KG_MAX, kg / GRAMS_PER_KG);
        kg /= GRAMS_PER_KG;
        text = "written in g";
    }
    if (kg > WEIGHT_KG_UNUSUAL)
        RGQ_WARN(p->log, "a body weight of %g kg (%s) is unusual: is it in kg?", kg,
                 weight->origin);
    p->weight_kg = kg;
    rgq_plan_note(p, "weight", kg, "kg", text, weight->origin);
    return true;
}

static bool need_height(rgq_planner *p, double *height_cm)
{
    const rgq_fact *height = &p->scan->facts.height_m;
    const double cm = 100.0 * height->value;

    if (!height->known || cm == 0.0) {
        rgq_plan_refuse(p, RGQ_E_MISSING, "the body height (%s) is %s: give --height-cm",
                        rgq_plan_is_dicom(p) ? "(0010,1020) PatientSize"
                                             : "height of participants.tsv or the side file",
                        height->known ? "0" : "absent");
        return false;
    }
    if (!(cm > 0.0) || cm > HEIGHT_CM_MAX) {
        rgq_plan_refuse(p, RGQ_E_ARGUMENT,
                        "a body height of %g m (%s) cannot be%s: give --height-cm",
                        height->value, height->origin,
                        cm > HEIGHT_CM_MAX ? ", it may be in cm, or be the weight" : "");
        return false;
    }
    rgq_plan_note(p, "height", cm, "cm", "", height->origin);
    *height_cm = cm;
    return true;
}

static bool need_sex(rgq_planner *p, char *sex)
{
    const rgq_fact_text *stated = &p->scan->facts.sex;

    if (!stated->known) {
        rgq_plan_refuse_absent(p, "(0010,0040) PatientSex",
                               "the sex (participants.tsv or the side file)", "--sex M|F|O");
        return false;
    }
    for (const char *c = "MFO"; *c != '\0'; c++)
        if (rgq_text_equal_nocase(stated->value, (char[2]){*c, '\0'}))
            *sex = *c;
    if (*sex == '\0') {
        rgq_plan_refuse(p, RGQ_E_ARGUMENT,
                        "the sex '%.16s' (%s) is none of M, F, O: give --sex M|F|O",
                        stated->value, stated->origin);
        return false;
    }
    if (*sex == 'O')
        RGQ_INFO(p->log, "sex O (%s): the mean of the formulas for M and F is taken",
                 stated->origin);
    rgq_plan_note(p, "sex", (double)NAN, "", *sex == 'O' ? "O: mean of M and F" : stated->value,
                  stated->origin);
    return true;
}

static bool need_density(rgq_planner *p, double *norm)
{
    const rgq_fact *density = &p->scan->facts.density_g_ml;

    if (!density->known || !(density->value > 0.0)) {
        rgq_plan_refuse(p, RGQ_E_MISSING,
                        "%%ID/g needs the density of the tissue: give --density-g-ml "
                        "(1.05 is usual for soft tissue), or take %%ID/mL");
        return false;
    }
    rgq_plan_note(p, "density", density->value, "g/mL", "", density->origin);
    *norm /= density->value;
    return true;
}

static bool measure_body(double *size, rgq_planner *p, const rgq_suv_kind *kind)
{
    double height_cm = (double)NAN;
    char sex = '\0';
    bool known = true;

    if (kind->needs & RGQ_NEEDS_WEIGHT)
        known = rgq_need_weight(p) && known;
    if (kind->needs & RGQ_NEEDS_HEIGHT)
        known = need_height(p, &height_cm) && known;
    if (kind->needs & RGQ_NEEDS_SEX)
        known = need_sex(p, &sex) && known;
    if (!known)
        return false;
    *size = rgq_suv_kind_size(kind, p->weight_kg, height_cm, sex);
    if (kind->unit == RGQ_UNIT_SUV_BW)
        return true;
    if (!(*size > 0.0)) {
        rgq_plan_refuse(p, RGQ_E_ARGUMENT,
                        "%s of %g kg and %g cm would be %.3g %s by %s: give the right "
                        "--weight-kg and --height-cm, or take another kind of SUV",
                        kind->size_name, p->weight_kg, height_cm, *size, kind->size_unit,
                        kind->formula);
        return false;
    }
    const double bmi = p->weight_kg * 1e4 / (height_cm * height_cm);
    if ((kind->unit == RGQ_UNIT_SUV_LBM_JAMES || kind->unit == RGQ_UNIT_SUV_LBM_MORGAN) &&
        bmi > BMI_OBESE)
        RGQ_WARN(p->log,
                 "a body mass index of %.3g kg/m2: the formulas of James and Morgan fail in "
                 "obesity (here %.3g kg lean of %.3g kg); lbm-janma does not",
                 bmi, *size, p->weight_kg);
    rgq_plan_note(p, kind->size_name, *size, kind->size_unit, "", kind->formula);
    return true;
}

bool rgq_need_norm(double *norm, rgq_planner *p, const rgq_suv_kind *kind)
{
    double size = 1.0;

    if (kind->size != NULL && !measure_body(&size, p, kind))
        return false;
    *norm = size * kind->to_norm;
    return (kind->needs & RGQ_NEEDS_DENSITY) == 0 || need_density(p, norm);
}

bool rgq_need_activity(rgq_planner *p)
{
    const rgq_fact *activity = &p->scan->facts.injected_activity_bq;

    if (!activity->known || activity->value == 0.0) {
        rgq_plan_refuse(p, RGQ_E_MISSING,
                        "the injected activity (%s) is %s: give --activity-mbq",
                        rgq_plan_is_dicom(p) ? "(0018,1074) RadionuclideTotalDose"
                                             : "InjectedRadioactivity",
                        activity->known ? "0" : "absent");
        return false;
    }
    if (!(activity->value > 0.0)) {
        rgq_plan_refuse(p, RGQ_E_ARGUMENT,
                        "an injected activity of %g Bq (%s) cannot be: give --activity-mbq",
                        activity->value, activity->origin);
        return false;
    }
    p->activity_bq = activity->value;
    rgq_plan_note(p, "injected_activity", activity->value, "Bq", "", activity->origin);
    return true;
}

static bool positive(const rgq_quantity *quantity)
{
    return quantity->known && quantity->value > 0.0;
}

bool rgq_need_half_life(rgq_planner *p)
{
    const rgq_fact *stated = &p->scan->facts.half_life_s;
    char origin[RGQ_SUV_TEXT_MAX];

    if (stated->known && stated->value > 0.0) {
        p->half_life_s = stated->value;
        rgq_plan_note(p, "half_life", stated->value, "s", "", stated->origin);
        return true;
    }
    if (p->nuclide != NULL && positive(&p->nuclide->half_life_s)) {
        p->half_life_s = p->nuclide->half_life_s.value;
        (void)snprintf(origin, sizeof origin, "tracers/isotopes.json %s", p->nuclide->id);
        rgq_plan_note(p, "half_life", p->half_life_s, "s", "", origin);
        RGQ_INFO(p->log, "the file states no half-life: %g s of %s is used", p->half_life_s,
                 origin);
        return true;
    }
    rgq_plan_refuse(
        p, RGQ_E_MISSING, "the half-life (%s) is %s and the nuclide %s: give --half-life-s",
        rgq_plan_is_dicom(p) ? "(0018,1075) RadionuclideHalfLife" : "of TracerRadionuclide",
        stated->known ? "not above 0" : "absent",
        p->scan->facts.nuclide.known ? p->scan->facts.nuclide.value : "is not named");
    return false;
}

static void compare(const rgq_planner *p, const char *what, const char *unit, const char *use,
                    const rgq_fact *stated, const rgq_quantity *known)
{
    if (!stated->known || !(stated->value > 0.0) || !positive(known))
        return;
    const double off = fabs(stated->value / known->value - 1.0);
    if (off > DISAGREEMENT)
        RGQ_WARN(p->log,
                 "the %s %g%s (%s) differs by %.2g %% from %g%s, what tracers/isotopes.json "
                 "has for %s: is the nuclide of the header the one that was injected? %s",
                 what, stated->value, unit, stated->origin, 100.0 * off, known->value, unit,
                 p->nuclide->id, use);
}

void rgq_check_nuclide(rgq_planner *p)
{
    const rgq_scan_facts *f = &p->scan->facts;

    if (p->nuclide == NULL)
        return;
    compare(p, "half-life", " s", "The former is used, as the scanner did", &f->half_life_s,
            &p->nuclide->half_life_s);
    compare(p, "positron fraction", "", "The values stay as the scanner scaled them",
            &f->positron_fraction, &p->nuclide->positron_fraction);
}

bool rgq_need_injection_time(rgq_planner *p)
{
    if (p->scan->facts.injection_time_s.known)
        return true;
    rgq_plan_refuse_absent(p, "(0018,1078) RadiopharmaceuticalStartDateTime",
                           "the injection time (InjectionStart and TimeZero)",
                           "--injection-time");
    return false;
}
