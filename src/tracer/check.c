#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "rgdquant/tracer.h"
#include "tracer/check.h"

void rgq_complain(rgq_tracer_problems *to, const char *format, ...)
{
    va_list args;

    if (to->count == RGQ_PROBLEMS_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(to->text[to->count++], sizeof to->text[0], format, args);
    va_end(args);
}

void rgq_check_human(rgq_tracer_problems *to, const rgq_quantity *q, const char *field)
{
    if (!q->known)
        return;
    if (strcmp(q->species, "human") != 0)
        rgq_complain(to, "%s: species is '%s', but this field feeds calculations for humans",
                     field, q->species[0] != '\0' ? q->species : "not stated");
    if (strcmp(q->status, "preclinical") == 0)
        rgq_complain(to, "%s: a preclinical number in a field for humans", field);
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
        rgq_complain(
            to,
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
            rgq_complain(
                to,
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
        rgq_complain(to, "uptake_window: ends at %g min, before it starts at %g min",
                     end->value, start->value);
    if (end->known && end->value > limit_min)
        rgq_complain(to, "uptake_window: ends at %g min, after ten half-lives (%.0f min) of %s",
                     end->value, limit_min, tracer->nuclide);
}

static bool has_label(const rgq_tracer *tracer, const rgq_nuclide *nuclide)
{
    if (strcmp(tracer->nuclide, nuclide->id) == 0)
        return true;
    for (int i = 0; i < RGQ_TRACER_NUCLIDES_MAX && tracer->other_nuclide[i][0] != '\0'; i++)
        if (strcmp(tracer->other_nuclide[i], nuclide->id) == 0)
            return true;
    return false;
}

static bool has_human_numbers(const rgq_tracer *t)
{
    return t->injected_activity_mbq.known || t->injected_activity_mbq_per_kg.known ||
           t->effective_dose_usv_per_mbq.known || t->uptake_start_min.known ||
           t->uptake_end_min.known || t->n_organ_doses > 0 ||
           t->n_time_integrated_activities > 0;
}

static void check_species(rgq_tracer_problems *to, const rgq_tracer *t)
{
    rgq_check_human(to, &t->injected_activity_mbq, "injected_activity");
    rgq_check_human(to, &t->injected_activity_mbq_per_kg, "injected_activity_per_kg");
    rgq_check_human(to, &t->effective_dose_usv_per_mbq, "effective_dose");
    rgq_check_human(to, &t->uptake_start_min, "uptake_window.start");
    rgq_check_human(to, &t->uptake_end_min, "uptake_window.end");
    for (int i = 0; i < t->n_organ_doses; i++)
        rgq_check_human(to, &t->organ_dose[i].quantity, "organ_doses");
    if (!t->used_in_humans && has_human_numbers(t))
        rgq_complain(to, "used_in_humans: not true, but a field for humans holds a number%s",
                     t->effective_dose_usv_per_mbq.known ? " (effective_dose)" : "");
    for (int i = 0; i < t->n_observations; i++) {
        const rgq_quantity *q = &t->observation[i].quantity;
        const bool is_animal = q->species[0] != '\0' && strcmp(q->species, "human") != 0;
        if (is_animal != (strcmp(q->status, "preclinical") == 0))
            rgq_complain(to, "observations[%d]: species '%s' with the status '%s'", i,
                         q->species[0] != '\0' ? q->species : "not stated", q->status);
    }
}

void rgq_tracer_check(rgq_tracer_problems *out, const rgq_tracer *tracer,
                      const rgq_nuclide *nuclide)
{
    *out = (rgq_tracer_problems){.count = 0};
    if (nuclide != NULL && !has_label(tracer, nuclide))
        rgq_complain(out, "nuclide: %s, but it was compared with %s", tracer->nuclide,
                     nuclide->id);
    if (nuclide != NULL && strcmp(tracer->modality, "PET") == 0 &&
        !nuclide->positron_fraction.known)
        rgq_complain(out, "modality: PET, but %s emits no positron that is tabulated",
                     nuclide->id);
    check_species(out, tracer);
    check_effective_dose(out, tracer);
    rgq_check_doses(out, tracer, nuclide);
    if (nuclide == NULL) {
        if (has_human_numbers(tracer))
            rgq_complain(out, "nuclide: none is stated, but a field for humans holds a number");
        return;
    }
    check_organ_doses(out, tracer, nuclide);
    check_window(out, tracer, nuclide);
}

/* Listed energy with the unlisted part against the tabulated mean. */
static void check_closure(rgq_tracer_problems *to, const rgq_nuclide *n, const char *what,
                          double listed_mev, const rgq_quantity *unlisted,
                          const rgq_quantity *mean)
{
    const double tolerance = 0.005;
    const double rest = unlisted->known ? unlisted->value : 0.0;

    if (!mean->known)
        return;
    if (fabs(listed_mev + rest - mean->value) > tolerance * mean->value)
        rgq_complain(to,
                     "%s: %s carry %.5g MeV per decay (%.5g of it unlisted), but the mean "
                     "energy is %.5g MeV: more than 0.5 %% apart",
                     n->id, what, listed_mev + rest, rest, mean->value);
    if (rest > 0.5 * mean->value)
        rgq_complain(to, "%s: %.5g of %.5g MeV of the %s are unlisted, more than half", n->id,
                     rest, mean->value, what);
}

static void check_betas(rgq_tracer_problems *to, const rgq_nuclide *n, double fraction)
{
    double positrons = 0.0;

    for (int i = 0; i < n->n_betas; i++) {
        const rgq_beta *b = &n->beta[i];
        positrons += b->is_positron ? b->yield : 0.0;
        if (isfinite(b->end_point_kev) && b->end_point_kev <= b->mean_energy_kev)
            rgq_complain(to, "%s: betas[%d]: end point %g keV is not above the mean %g keV",
                         n->id, i, b->end_point_kev, b->mean_energy_kev);
    }
    if (n->n_betas > 0 && fabs(positrons - fraction) > 1e-4)
        rgq_complain(to, "%s: the beta+ branches sum to %g, the positron fraction is %g", n->id,
                     positrons, fraction);
}

void rgq_nuclide_check(rgq_tracer_problems *out, const rgq_nuclide *nuclide)
{
    const double fraction =
        nuclide->positron_fraction.known ? nuclide->positron_fraction.value : 0.0;
    double photons_mev = 0.0;
    double electrons_mev = 0.0;

    *out = (rgq_tracer_problems){.count = 0};
    if (nuclide->positron_fraction.known && (fraction <= 0.0 || fraction > 1.0))
        rgq_complain(out, "%s: positron_fraction is %g, outside (0, 1]", nuclide->id, fraction);
    for (int i = 0; i < nuclide->n_photons; i++) {
        const rgq_photon *line = &nuclide->photon[i];
        if (fabs(line->energy_kev - 511.0) < 0.01 && fabs(line->yield - 2.0 * fraction) > 1e-4)
            rgq_complain(out, "%s: annihilation yield %g is not twice the positron fraction %g",
                         nuclide->id, line->yield, fraction);
        photons_mev += 1e-3 * line->energy_kev * line->yield;
    }
    check_betas(out, nuclide, fraction);
    for (int i = 0; i < nuclide->n_betas; i++)
        electrons_mev += 1e-3 * nuclide->beta[i].mean_energy_kev * nuclide->beta[i].yield;
    for (int i = 0; i < nuclide->n_electrons; i++)
        electrons_mev += 1e-3 * nuclide->electron[i].energy_kev * nuclide->electron[i].yield;
    if (nuclide->n_photons > 0)
        check_closure(out, nuclide, "photons", photons_mev, &nuclide->unlisted_photon_mev,
                      &nuclide->mean_photon_energy_mev);
    if (nuclide->n_betas + nuclide->n_electrons > 0)
        check_closure(out, nuclide, "betas and electrons", electrons_mev,
                      &nuclide->unlisted_electron_mev, &nuclide->mean_electron_energy_mev);
}
