/* Do published dose figures agree with each other and with the decays there are? */
#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "tracer/check.h"

/* Gy g/(MBq h) for 1 MeV per decay */
#define GY_G_PER_MBQ_H_MEV 0.5767835882

typedef struct organ {
    const char *name;
    /* larger of cite:Cristy1987 and cite:ICRP89 (adult), so that a dose is not called too low;
     * 0: a wall, whose contents are the source, or lighter than 20 g */
    double mass_g;
    double w60;  /* cite:ICRP60; gonads halved between ovaries and testes */
    double w103; /* cite:ICRP103; the remainder shared by its 13 tissues */
    bool remainder60;
} organ;

#define REST103 (0.12 / 13.0)

static const organ organs[] = {
    {"red marrow", 1170.0, 0.12, 0.12, false},
    {"colon", 0.0, 0.12, 0.12, false},
    {"upper large intestine wall", 0.0, 0.57 * 0.12, 0.57 * 0.12, false},
    {"lower large intestine wall", 0.0, 0.43 * 0.12, 0.43 * 0.12, false},
    {"lungs", 1200.0, 0.12, 0.12, false},
    {"stomach wall", 0.0, 0.12, 0.12, false},
    {"breasts", 500.0, 0.05, 0.12, false},
    {"ovaries", 0.0, 0.10, 0.04, false},
    {"testes", 39.1, 0.10, 0.04, false},
    {"urinary bladder wall", 0.0, 0.05, 0.04, false},
    {"liver", 1910.0, 0.05, 0.04, false},
    {"oesophagus", 0.0, 0.05, 0.04, false},
    {"thyroid", 20.7, 0.05, 0.04, false},
    {"skin", 3300.0, 0.01, 0.01, false},
    {"bone surface", 0.0, 0.01, 0.01, false},
    {"brain", 1450.0, 0.0, 0.01, true},
    {"salivary glands", 85.0, 0.0, 0.01, false},
    {"adrenals", 0.0, 0.0, REST103, true},
    {"gallbladder wall", 0.0, 0.0, REST103, false},
    {"heart wall", 330.0, 0.0, REST103, false},
    {"kidneys", 310.0, 0.0, REST103, true},
    {"muscle", 29000.0, 0.0, REST103, true},
    {"pancreas", 140.0, 0.0, REST103, true},
    {"small intestine wall", 0.0, 0.0, REST103, true},
    {"spleen", 183.0, 0.0, REST103, true},
    {"thymus", 25.0, 0.0, REST103, true},
    {"uterus", 80.0, 0.0, REST103, true},
};

static const organ *find_organ(const char *name)
{
    for (size_t i = 0; i < sizeof organs / sizeof organs[0]; i++)
        if (rgq_text_equal_nocase(organs[i].name, name))
            return &organs[i];
    return NULL;
}

/* (a) no more decays than there are */
static void check_decays(rgq_tracer_problems *to, const rgq_tracer *t, const rgq_nuclide *n)
{
    const double limit_h = n->half_life_s.value / 3600.0 / log(2.0);
    const double rounding = 1.005;
    double sum_h = 0.0;

    for (int i = 0; i < t->n_time_integrated_activities; i++) {
        const rgq_tracer_number *a = &t->time_integrated_activity[i];
        if (!rgq_text_equal_nocase(a->what, "total body"))
            sum_h += a->quantity.value;
        if (a->quantity.value > limit_h * rounding)
            rgq_complain(to,
                         "time_integrated_activities[%d]: %g h in '%.60s' is more than all "
                         "decays of %s, half-life / ln 2 = %.4g h",
                         i, a->quantity.value, a->what, n->id, limit_h);
    }
    if (sum_h > limit_h * rounding)
        rgq_complain(to,
                     "time_integrated_activities: they sum to %.5g h, more than all decays of "
                     "%s, half-life / ln 2 = %.5g h (a region counted twice?)",
                     sum_h, n->id, limit_h);
}

/* (b) an organ absorbs its own electrons at least */
static void check_self_dose(rgq_tracer_problems *to, const rgq_tracer *t, const rgq_nuclide *n,
                            const rgq_tracer_number *source)
{
    const double kept = 0.85; /* the rest leaves the organ, at most, from 20 g up */
    const organ *o = find_organ(source->what);

    if (o == NULL || o->mass_g <= 0.0 || !n->mean_electron_energy_mev.known)
        return;
    const double self_ugy = 1e6 * kept * source->quantity.value * GY_G_PER_MBQ_H_MEV *
                            n->mean_electron_energy_mev.value / o->mass_g;
    for (int i = 0; i < t->n_organ_doses; i++) {
        const rgq_tracer_number *dose = &t->organ_dose[i];
        const double sd = dose->quantity.uncertainty;
        if (!rgq_text_equal_nocase(dose->what, source->what))
            continue;
        if (self_ugy > dose->quantity.value + (isfinite(sd) ? 2.0 * sd : 0.0))
            rgq_complain(to,
                         "organ_doses[%d]: %g µGy/MBq to the %s is less than the %.4g µGy/MBq "
                         "of its own electrons (%g h in %g g)",
                         i, dose->quantity.value, dose->what, self_ugy, source->quantity.value,
                         o->mass_g);
    }
}

typedef struct weighted {
    double sum_usv;
    double weights;
} weighted;

/* Remainder of ICRP 60: its mean, or half of the weight for an organ above all named ones. */
static void add_remainder60(weighted *w, const rgq_tracer *t, double highest_named)
{
    double sum = 0.0;
    double top = 0.0;
    int n = 0;

    for (int i = 0; i < t->n_organ_doses; i++) {
        const organ *o = find_organ(t->organ_dose[i].what);
        if (o == NULL || !o->remainder60)
            continue;
        sum += t->organ_dose[i].quantity.value;
        top = fmax(top, t->organ_dose[i].quantity.value);
        n++;
    }
    if (n == 0)
        return;
    w->weights += 0.05;
    if (n > 1 && top > highest_named)
        w->sum_usv += 0.025 * top + 0.025 * (sum - top) / (n - 1);
    else
        w->sum_usv += 0.05 * sum / n;
}

static weighted weigh(const rgq_tracer *t, bool icrp60)
{
    weighted w = {0.0, 0.0};
    double highest_named = 0.0;

    for (int i = 0; i < t->n_organ_doses; i++) {
        const organ *o = find_organ(t->organ_dose[i].what);
        if (o == NULL)
            continue;
        const double weight = icrp60 ? o->w60 : o->w103;
        w.sum_usv += weight * t->organ_dose[i].quantity.value;
        w.weights += weight;
        if (o->w60 > 0.0)
            highest_named = fmax(highest_named, t->organ_dose[i].quantity.value);
    }
    if (icrp60)
        add_remainder60(&w, t, highest_named);
    return w;
}

/* What the listed organs give at least, whichever weights were used. */
static double least_usv(const rgq_tracer *t)
{
    double sum = 0.0;

    for (int i = 0; i < t->n_organ_doses; i++) {
        const organ *o = find_organ(t->organ_dose[i].what);
        if (o != NULL)
            sum += fmin(o->w60, o->w103) * t->organ_dose[i].quantity.value;
    }
    return sum;
}

/* (c) the effective dose is the weighted sum of the organ doses */
static void check_weights(rgq_tracer_problems *to, const rgq_tracer *t)
{
    const rgq_quantity *e = &t->effective_dose_usv_per_mbq;
    const char *weights = t->dose_conditions.weights;

    if (!e->known)
        return;
    const double least = least_usv(t);
    if (least > 1.05 * e->value)
        rgq_complain(
            to, "effective_dose: %g µSv/MBq, but the listed organs alone give %.4g µSv/MBq",
            e->value, least);
    if (weights[0] == '\0')
        return;
    const weighted w = weigh(t, strcmp(weights, "ICRP60") == 0);
    if (w.weights < 0.9)
        return;
    const double full_usv = w.sum_usv / w.weights;
    if (fabs(full_usv - e->value) > 0.15 * e->value)
        rgq_complain(to,
                     "effective_dose: %g µSv/MBq, but the organ doses with the weights of %s "
                     "give %.4g µSv/MBq (weights listed: %.2f)",
                     e->value, weights, full_usv, w.weights);
}

void rgq_check_doses(rgq_tracer_problems *to, const rgq_tracer *tracer,
                     const rgq_nuclide *nuclide)
{
    for (int i = 0; i < tracer->n_time_integrated_activities; i++)
        rgq_check_human(to, &tracer->time_integrated_activity[i].quantity,
                        "time_integrated_activities");
    check_weights(to, tracer);
    if (nuclide == NULL)
        return;
    check_decays(to, tracer, nuclide);
    for (int i = 0; i < tracer->n_time_integrated_activities; i++)
        check_self_dose(to, tracer, nuclide, &tracer->time_integrated_activity[i]);
}
