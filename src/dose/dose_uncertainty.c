#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "rgdquant/dose.h"

/* Part of an edge that blur leaves inside a sphere: how fast counts of a region grow with its
 * volume, over the counts of the same volume in the middle of it. */
static double edge_share(double radius_mm, double fwhm_mm)
{
    const double sigma = fwhm_mm / (2.0 * sqrt(2.0 * M_LN2));
    const double a = 2.0 * radius_mm / (sqrt(2.0) * sigma);

    return erf(a) - 2.0 * sigma / (sqrt(2.0 * M_PI) * radius_mm) * -expm1(-a * a);
}

static void add(rgq_dose_uncertainty *out, const char *name, double relative_sd)
{
    rgq_budget_row *row = &out->row[out->n++];

    rgq_text_copy(row->name, sizeof row->name, name);
    row->relative_sd = relative_sd;
    row->share = copysign(relative_sd * relative_sd, relative_sd);
}

static void unknown(rgq_dose_uncertainty *out, const char *name)
{
    const size_t used = strlen(out->unknown);

    (void)snprintf(out->unknown + used, sizeof out->unknown - used, "%s%s",
                   used > 0 ? ", " : "", name);
}

static void add_known(rgq_dose_uncertainty *out, const char *name, double relative_sd)
{
    if (isnan(relative_sd))
        unknown(out, name);
    else
        add(out, name, relative_sd);
}

/* What depends on the volume: counts with their recovery, S, and that they do so together. */
static void add_volume(rgq_dose_uncertainty *out, const rgq_dose_measurement *m)
{
    if (isnan(m->volume_ml) || isnan(m->voxel_mm) || isnan(m->fwhm_mm)) {
        unknown(out, "volume");
        return;
    }
    const double diameter = cbrt(6.0 * m->volume_ml * 1000.0 / M_PI);
    const double edge = m->fwhm_mm * m->fwhm_mm / (24.0 * M_LN2);
    const double u_diameter = sqrt(m->voxel_mm * m->voxel_mm / 6.0 + edge);
    const double u = 3.0 * u_diameter / diameter;
    double counts = 0.0;

    out->volume_relative_sd = u;
    if (m->fwhm_mm > 0.0) {
        double slope = 0.0;
        if (!isnan(m->recovery_b1_ml)) {
            const double x = pow(m->volume_ml / m->recovery_b1_ml, m->recovery_b2);
            out->recovery = x / (1.0 + x);
            slope = m->recovery_b2 / (1.0 + x);
        }
        counts = edge_share(0.5 * diameter, m->fwhm_mm) / (2.0 * out->recovery) - slope;
    }
    add(out, "volume, by counts and recovery", fabs(counts) * u);
    add(out, "volume, by S", fabs(m->s_exponent) * u);
    const double both = -2.0 * counts * m->s_exponent * u * u;
    add(out, "volume, covariance of the two", copysign(sqrt(fabs(both)), both));
}

static bool in_range(const rgq_dose_measurement *m)
{
    const double parts[] = {
        m->tiac_relative_sd, m->calibration_relative_sd, m->recovery_relative_sd,
        m->mc_relative_sd,   m->method_relative_sd,      m->fwhm_mm,
        m->s_exponent};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (parts[i] < 0.0 || isinf(parts[i]))
            return false;
    return !(m->volume_ml <= 0.0) && !(m->voxel_mm <= 0.0) && !(m->recovery_b1_ml <= 0.0) &&
           !(m->recovery_b2 <= 0.0) && !isnan(m->s_exponent);
}

rgq_status rgq_dose_uncertainty_of(rgq_dose_uncertainty *out, const rgq_dose_measurement *known,
                                   rgq_error *err)
{
    rgq_dose_uncertainty made = {.recovery = 1.0};
    double variance = 0.0;

    if (!in_range(known))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "uncertainty of a dose: relative SDs and the resolution must be 0 or "
                         "more, volume (%g mL), voxel (%g mm) and recovery above 0",
                         known->volume_ml, known->voxel_mm);
    add_known(&made, "time-integrated activity", known->tiac_relative_sd);
    add_known(&made, "calibration", known->calibration_relative_sd);
    add_volume(&made, known);
    if (!isnan(known->recovery_b1_ml))
        add_known(&made, "recovery", known->recovery_relative_sd);
    add_known(&made, "Monte Carlo", known->mc_relative_sd);
    add_known(&made, "method", known->method_relative_sd);
    for (int i = 0; i < made.n; i++)
        variance += made.row[i].share;
    made.relative_sd = sqrt(fmax(0.0, variance));
    for (int i = 0; i < made.n; i++)
        made.row[i].share = variance > 0.0 ? made.row[i].share / variance : 0.0;
    *out = made;
    return RGQ_OK;
}
