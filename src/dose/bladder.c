#include <math.h>

#include "core/banned.h"
#include "rgdquant/dose.h"

/* One phase of unit fraction: integral of an interval over what all voids leave. */
static double phase(double physical, double biological, double interval)
{
    const double both = physical + biological;

    if (isinf(interval))
        return 1.0 / physical - 1.0 / both;
    const double in = -expm1(-physical * interval) / physical + expm1(-both * interval) / both;
    return in / -expm1(-both * interval);
}

rgq_status rgq_bladder_tiac(double *out_h, const rgq_urine_phase *phases, int n,
                            double physical_half_life_h, double void_interval_h, rgq_error *err)
{
    double fractions = 0.0;
    double sum = 0.0;

    if (n < 1 || !(physical_half_life_h > 0.0) || !(void_interval_h > 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "bladder: %d phases of urine, half-life %g h, voids every %g h; at "
                         "least one and numbers above 0 are needed",
                         n, physical_half_life_h, void_interval_h);
    for (int i = 0; i < n; i++) {
        if (!(phases[i].fraction >= 0.0) || !(phases[i].half_life_h > 0.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "bladder: phase %d has the fraction %g and the half-life %g h; 0 "
                             "or more and above 0 are needed",
                             i + 1, phases[i].fraction, phases[i].half_life_h);
        fractions += phases[i].fraction;
        sum += phases[i].fraction * phase(M_LN2 / physical_half_life_h,
                                          M_LN2 / phases[i].half_life_h, void_interval_h);
    }
    if (fractions > 1.0 + 1e-9)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "bladder: the fractions sum to %g; no more than 1 goes to urine",
                         fractions);
    *out_h = sum;
    return RGQ_OK;
}

double rgq_wall_thickness_mm(double contents_ml, double wall_ml)
{
    const double per_radius = 1000.0 * 3.0 / (4.0 * M_PI);

    return cbrt(per_radius * (contents_ml + wall_ml)) - cbrt(per_radius * contents_ml);
}
