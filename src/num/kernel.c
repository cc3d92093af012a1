#include "num/kernel.h"

#include <float.h>
#include <math.h>
#include <string.h>

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

/* exp(-t) I_k(t) for k <= RGQ_ITK_RADIUS_MAX by Miller's recursion I_k-1 = I_k+1 + 2k/t I_k. */
static void bessel(double value[RGQ_ITK_RADIUS_MAX + 1], double t)
{
    const double large = 1e100;
    double above = 0.0;
    double here = 1.0 / large;
    double sum = 0.0;

    /* 12 standard deviations out, or where a narrow kernel is nothing: below the last bit */
    for (int k = 64 + (int)(12.0 * sqrt(t)); k >= 0; k--) {
        if (k <= RGQ_ITK_RADIUS_MAX)
            value[k] = here;
        sum += k > 0 ? 2.0 * here : here;
        const double below = above + 2.0 * (double)k / t * here;
        above = here;
        here = below;
        if (here > large) {
            here /= large;
            above /= large;
            sum /= large;
            for (int i = k; i <= RGQ_ITK_RADIUS_MAX; i++)
                value[i] /= large;
        }
    }
    for (int k = 0; k <= RGQ_ITK_RADIUS_MAX; k++)
        value[k] /= sum;
}

int rgq_itk_taps(double half[RGQ_ITK_RADIUS_MAX + 1], double sigma)
{
    const double enough = 0.99; /* 1 - ITK's MaximumError */
    const double t = sigma * sigma;
    int radius = 1;

    memset(half, 0, (RGQ_ITK_RADIUS_MAX + 1) * sizeof *half);
    half[0] = 1.0;
    if (sigma == 0.0)
        return 0;
    if (t < 1e-9) { /* two terms of the series are all of it */
        half[1] = 0.5 * t;
        half[0] = 1.0 - t;
        return 1;
    }
    bessel(half, t);
    double sum = half[0] + 2.0 * half[1];
    while (sum < enough && radius < RGQ_ITK_RADIUS_MAX)
        sum += 2.0 * half[++radius];
    for (int k = 0; k <= RGQ_ITK_RADIUS_MAX; k++)
        half[k] = k > radius ? 0.0 : half[k] / sum;
    return radius;
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
