#include "dose/sphere.h"

#include <math.h>

#include "core/banned.h"
#include "dose/svalues.h"

/* Chance that a place `r` away, in any direction, from any place in a sphere of radius `a` lies
 * within `b` >= a of its centre: the volume that both spheres share at distance r, over that of
 * the first. */
static double chance(double r, double a, double b)
{
    if (r <= b - a)
        return 1.0;
    if (r >= a + b)
        return 0.0;
    const double lens = M_PI * (a + b - r) * (a + b - r) *
                        (r * r + 2.0 * r * (a + b) - 3.0 * (a - b) * (a - b)) / (12.0 * r);
    return lens / (4.0 / 3.0 * M_PI * a * a * a);
}

/* Energy per decay absorbed within b of the centre, of decays in a sphere of radius a [mm at
 * 1 g/cm3]. Steps are those of the table, cut where they are long against the spheres. */
static double absorbed(const rgq_radial_kernel *k, double a, double b)
{
    enum { PARTS_MAX = 64 };
    double sum = 0.0;

    for (int i = 0; i < k->n && k->radius_mm[i] < a + b; i++) {
        const double from = k->radius_mm[i];
        const double step = k->radius_mm[i + 1] - from;
        const double mev = k->within_mev[i + 1] - k->within_mev[i];
        const int parts = (int)fmin(ceil(step / (0.02 * a)), PARTS_MAX);
        for (int p = 0; p < parts; p++)
            sum += mev / parts * chance(from + (p + 0.5) / parts * step, a, b);
    }
    return sum;
}

double rgq_sphere_fraction(const rgq_radial_kernel *kernel, double radius_mm)
{
    return kernel->emitted_mev > 0.0
               ? absorbed(kernel, radius_mm, radius_mm) / kernel->emitted_mev
               : 0.0;
}

rgq_status rgq_sphere_dose(rgq_sphere *out, double mass_g, double density_g_cm3,
                           const rgq_radial_kernel *electron, const rgq_radial_kernel *photon,
                           rgq_error *err)
{
    if (!(mass_g >= 0.001 && mass_g <= 1e6) || !(density_g_cm3 >= 0.1 && density_g_cm3 <= 20.0))
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "a sphere of %g g and %g g/cm3; 0.001 to 1e6 g and 0.1 to 20 g/cm3 are "
            "needed",
            mass_g, density_g_cm3);
    const double radius_mm = 10.0 * cbrt(mass_g / density_g_cm3 * 3.0 / (4.0 * M_PI));
    rgq_sphere s = {.mass_g = mass_g,
                    .radius_mm = radius_mm,
                    .electron_mev = electron->emitted_mev,
                    .photon_mev = photon->emitted_mev};
    s.electron_fraction = electron->emitted_mev > 0.0
                              ? rgq_sphere_fraction(electron, radius_mm * density_g_cm3)
                              : 1.0;
    s.photon_fraction = rgq_sphere_fraction(photon, radius_mm * density_g_cm3);
    s.electron_s = s.electron_mev * s.electron_fraction * rgq_mgy_per_mev_g / mass_g;
    s.photon_s = s.photon_mev * s.photon_fraction * rgq_mgy_per_mev_g / mass_g;
    *out = s;
    return RGQ_OK;
}

double rgq_wall_fraction(const rgq_radial_kernel *electron, double contents_ml, double wall_mm,
                         double density_g_cm3)
{
    const double radius = 10.0 * cbrt(contents_ml * 3.0 / (4.0 * M_PI));
    const double outer = radius + wall_mm;
    /* volumes in units of the contents' */
    const double wall = pow(outer / radius, 3.0) - 1.0;

    if (!(electron->emitted_mev > 0.0))
        return (double)NAN;
    const double mev = absorbed(electron, radius * density_g_cm3, outer * density_g_cm3) -
                       absorbed(electron, radius * density_g_cm3, radius * density_g_cm3);
    return mev / wall / (0.5 * electron->emitted_mev);
}
