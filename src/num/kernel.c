#include "num/kernel.h"

#include <float.h>
#include <math.h>

#include "core/banned.h"

int rgq_gauss_radius(double sigma)
{
    return (int)ceil(4.0 * sigma);
}

/* Unnormalised samples for the shape parameter `s`; returns their second moment. */
static double sample(double *half, int radius, double s)
{
    double sum = 0.5;
    double moment = 0.0;

    half[0] = 1.0;
    for (int k = 1; k <= radius; k++) {
        const double x = (double)k / s;
        half[k] = exp(-0.5 * x * x);
        sum += half[k];
        moment += (double)k * (double)k * half[k];
    }
    return moment / sum;
}

void rgq_gauss_taps(double *half, double sigma)
{
    const int radius = rgq_gauss_radius(sigma);

    half[0] = 1.0;
    if (radius == 0)
        return;
    if (radius == 1) {
        half[1] = 0.5 * sigma * sigma;
        half[0] = 1.0 - sigma * sigma;
        return;
    }
    /* The moment grows with s from 0 towards radius (radius + 1) / 3 > 5 sigma^2. Sampling and
     * cutting change it by less than a half in either direction for sigma > 1/4. */
    double low = 0.5 * sigma;
    double high = 2.0 * sigma;
    while (high - low > DBL_EPSILON * high) {
        const double s = 0.5 * (low + high);
        if (s <= low || s >= high)
            break;
        if (sample(half, radius, s) < sigma * sigma)
            low = s;
        else
            high = s;
    }
    sample(half, radius, high);
    double sum = half[0];
    for (int k = radius; k > 0; k--)
        sum += 2.0 * half[k];
    for (int k = 0; k <= radius; k++)
        half[k] /= sum;
}

double rgq_taps_sigma(rgq_taps taps)
{
    double sum = (double)(float)taps.half[0];
    double moment = 0.0;

    for (int k = 1; k <= taps.radius; k++) {
        sum += 2.0 * (double)(float)taps.half[k];
        moment += 2.0 * (double)k * (double)k * (double)(float)taps.half[k];
    }
    return sqrt(moment / sum);
}
