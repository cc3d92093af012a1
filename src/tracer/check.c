#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "rgdquant/tracer.h"

static void complain(rgq_tracer_problems *to, const char *format, ...) RGQ_PRINTF(2, 3);

static void complain(rgq_tracer_problems *to, const char *format, ...)
{
    va_list args;

    if (to->count == RGQ_PROBLEMS_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(to->text[to->count++], sizeof to->text[0], format, args);
    va_end(args);
}

static void need_human(rgq_tracer_problems *to, const rgq_quantity *q, const char *field)
{
    if (!q->known)
        return;
    if (strcmp(q->species, "human") != 0)
        complain(to, "%s: species is '%s', but this field feeds calculations for humans", field,
                 q->species[0] != '\0' ? q->species : "not stated");
    if (strcmp(q->status, "preclinical") == 0)
        complain(to, "%s: a preclinical number in a field for humans", field);
}

/* Range met for peptides: renal tracers with F-18, Ga-68, and Tc-99m. */
static void check_effective_dose(rgq_tracer_problems *to, const rgq_tracer *tracer)
{
    const rgq_quantity *q = &tracer->effective_dose_usv_per_mbq;
    const bool is_tc = strcmp(tracer->nuclide, "Tc-99m") == 0;
    const bool is_short =
        strcmp(tracer->nuclide, "F-18") == 0 || strcmp(tracer->nuclide, "Ga-68") == 0;
    const double lo = is_tc ? 2.0 : 3.0;
    const double hi = is_tc ? 15.0 : 60.0;

    if (q->known && (is_tc || is_short) && (q->value < lo || q->value > hi))
        complain(to,
                 "effective_dose: %g µSv/MBq; peptides with %s lie in %g to %g µSv/MBq (a lost "
                 "'milli' or 'micro'?)",
                 q->value, tracer->nuclide, lo, hi);
}

static void check_organ_doses(rgq_tracer_problems *to, const rgq_tracer *tracer,
                              const rgq_nuclide *nuclide)
{
    const double joule_per_mev = 1.602176634e-13;
    const double lightest_kg = 0.010; /* lighter than any organ that is tabulated singly */

    if (!nuclide->mean_electron_energy_mev.known)
        return;
    /* all decays of 1 MBq, every electron stopped in the organ: an upper bound but for photons,
     * which deposit little in 10 g */
    const double decays = 1e6 * nuclide->half_life_s.value / log(2.0);
    const double bound_ugy =
        1e6 * decays * nuclide->mean_electron_energy_mev.value * joule_per_mev / lightest_kg;
    for (int i = 0; i < tracer->n_organ_doses; i++) {
        const rgq_tracer_number *dose = &tracer->organ_dose[i];
        if (dose->quantity.value > bound_ugy)
            complain(to,
                     "organ_doses[%d]: %g µGy/MBq to '%.60s' is more than all decays of %s in "
                     "10 g give (%.0f µGy/MBq): is it µGy written as mGy?",
                     i, dose->quantity.value, dose->what, tracer->nuclide, bound_ugy);
    }
}

static void check_window(rgq_tracer_problems *to, const rgq_tracer *tracer,
                         const rgq_nuclide *nuclide)
{
    const rgq_quantity *start = &tracer->uptake_start_min;
    const rgq_quantity *end = &tracer->uptake_end_min;
    const double limit_min = 10.0 * nuclide->half_life_s.value / 60.0;

    if (start->known && end->known && end->value < start->value)
        complain(to, "uptake_window: ends at %g min, before it starts at %g min", end->value,
                 start->value);
    if (end->known && end->value > limit_min)
        complain(to, "uptake_window: ends at %g min, after ten half-lives (%.0f min) of %s",
                 end->value, limit_min, tracer->nuclide);
}

void rgq_tracer_check(rgq_tracer_problems *out, const rgq_tracer *tracer,
                      const rgq_nuclide *nuclide)
{
    *out = (rgq_tracer_problems){.count = 0};
    if (strcmp(tracer->nuclide, nuclide->id) != 0)
        complain(out, "nuclide: %s, but it was compared with %s", tracer->nuclide, nuclide->id);
    if (strcmp(tracer->modality, "PET") == 0 && !nuclide->positron_fraction.known)
        complain(out, "modality: PET, but %s emits no positron that is tabulated", nuclide->id);
    need_human(out, &tracer->injected_activity_mbq, "injected_activity");
    need_human(out, &tracer->injected_activity_mbq_per_kg, "injected_activity_per_kg");
    need_human(out, &tracer->effective_dose_usv_per_mbq, "effective_dose");
    need_human(out, &tracer->uptake_start_min, "uptake_window.start");
    need_human(out, &tracer->uptake_end_min, "uptake_window.end");
    for (int i = 0; i < tracer->n_organ_doses; i++)
        need_human(out, &tracer->organ_dose[i].quantity, "organ_doses");
    if (!tracer->used_in_humans && tracer->effective_dose_usv_per_mbq.known)
        complain(out, "effective_dose: stated, but the tracer was not used in humans");
    check_effective_dose(out, tracer);
    check_organ_doses(out, tracer, nuclide);
    check_window(out, tracer, nuclide);
}

void rgq_nuclide_check(rgq_tracer_problems *out, const rgq_nuclide *nuclide)
{
    const double fraction =
        nuclide->positron_fraction.known ? nuclide->positron_fraction.value : 0.0;

    *out = (rgq_tracer_problems){.count = 0};
    if (nuclide->positron_fraction.known && (fraction <= 0.0 || fraction > 1.0))
        complain(out, "%s: positron_fraction is %g, outside (0, 1]", nuclide->id, fraction);
    for (int i = 0; i < nuclide->n_photons; i++) {
        const rgq_photon *line = &nuclide->photon[i];
        if (fabs(line->energy_kev - 511.0) < 0.01 && fabs(line->yield - 2.0 * fraction) > 1e-4)
            complain(out, "%s: annihilation yield %g is not twice the positron fraction %g",
                     nuclide->id, line->yield, fraction);
    }
}
