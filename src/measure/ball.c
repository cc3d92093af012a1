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

/* How much of a normal point in space, of deviation 1, lies within x. */
static double within(double x)
{
    return erf(x / sqrt(2.0)) - sqrt(2.0 / M_PI) * x * exp(-0.5 * x * x);
}

double rgq_ball_recovery(double radius_mm, double probe_mm, double fwhm_mm)
{
    enum { STEPS = 400, FARTHEST = 9 };
    const double sigma = fwhm_mm / 2.3548200450309493;
    const double volume = probe_mm * probe_mm * probe_mm;
    const double whole = shared_part(radius_mm, probe_mm, 0.0) / volume;

    if (!(sigma > 0.0))
        return whole;
    /* shifted by less than `from` the smaller lies in the larger; by more than `to` apart */
    const double from = fmin(fabs(radius_mm - probe_mm) / sigma, FARTHEST);
    const double to = fmin((radius_mm + probe_mm) / sigma, FARTHEST);
    const double step = (to - from) / STEPS;
    double sum = 0.0;
    for (int i = 0; i <= STEPS; i++) { /* Simpson */
        const double u = from + step * i;
        const double factor = i == 0 || i == STEPS ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
        sum += factor * u * u * exp(-0.5 * u * u) * shared_part(radius_mm, probe_mm, sigma * u);
    }
    return whole * within(from) + sqrt(2.0 / M_PI) * sum * step / 3.0 / volume;
}
