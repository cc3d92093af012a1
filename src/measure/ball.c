#include "measure/ball.h"

#include <math.h>

#include "core/banned.h"

/* Volume that two balls share, their centres `r` apart, over that of a ball of `radius` 1. */
static double shared_part(double a, double b, double r)
{
    const double small = fmin(a, b);

    if (r >= a + b)
        return 0.0;
    if (r <= fabs(a - b))
        return small * small * small;
    const double gap = a + b - r;
    return gap * gap * (r * r + 2.0 * r * (a + b) - 3.0 * (a - b) * (a - b)) / (16.0 * r);
}

double rgq_ball_recovery(double radius_mm, double probe_mm, double fwhm_mm)
{
    enum { STEPS = 2000 };
    const double sigma = fwhm_mm / 2.3548200450309493;
    const double volume = probe_mm * probe_mm * probe_mm;
    const double norm =
        0.79788456080286536; /* sqrt(2 / pi): radii of a normal point in space */
    double sum = 0.0;
    double weights = 0.0;

    if (!(sigma > 0.0))
        return shared_part(radius_mm, probe_mm, 0.0) / volume;
    for (int i = 0; i <= STEPS; i++) { /* Simpson to 8 sigma */
        const double u = 8.0 * i / STEPS;
        const double simpson = i == 0 || i == STEPS ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
        const double density = norm * u * u * exp(-0.5 * u * u) * simpson * 8.0 / STEPS / 3.0;
        sum += density * shared_part(radius_mm, probe_mm, sigma * u);
        weights += density;
    }
    return sum / weights / volume;
}
