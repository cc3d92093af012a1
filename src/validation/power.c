/* Power of the test of a correlation, by the exact distribution of r. */
#include <math.h>

#include "num/stats.h"
#include "rgdquant/correlation.h"

#include "core/banned.h"

static const size_t n_max = 1000000;

/* 2F1(1/2, 1/2; c; x) for c > 3 and 0 <= x <= 1: terms fall faster than x^k / k^c. */
static double hypergeometric(double c, double x)
{
    double term = 1.0;
    double sum = 1.0;

    for (int k = 0; k < 2000 && term > 1e-17 * sum; k++) {
        term *= (k + 0.5) * (k + 0.5) / ((c + k) * (k + 1.0)) * x;
        sum += term;
    }
    return sum;
}

/* Density of atanh(r) at z (Hotelling 1953, equation 25, times dr/dz = 1 - r^2). */
static double density_of_z(double z, double n, double rho, double log_constant)
{
    const double r = tanh(z);
    const double log_kernel = -(n - 2.0) * log(cosh(z)) /* (1 - r^2)^((n - 2) / 2) */
                              - (n - 1.5) * log1p(-rho * r) + log_constant;

    return exp(log_kernel) * hypergeometric(n - 0.5, 0.5 * (1.0 + rho * r));
}

static double log_gamma(double x)
{
    int sign = 0;

    return lgamma_r(x, &sign);
}

/* P(z_low < atanh r < z_high) by Simpson's rule over what of it is not negligible. */
static double probability(double low, double high, double n, double rho)
{
    const double pi = 3.14159265358979323846;
    const double log_constant = log(n - 2.0) + log_gamma(n - 1.0) - log_gamma(n - 0.5) -
                                0.5 * log(2.0 * pi) + 0.5 * (n - 1.0) * log1p(-rho * rho);
    const double centre = atanh(rho);
    const double sd = 1.0 / sqrt(n - 3.0);
    const double from = fmax(low, centre - 12.0 * sd - 8.0 / n);
    const double to = fmin(high, centre + 12.0 * sd + 8.0 / n);
    enum { STEPS = 2000 };
    double sum = 0.0;

    if (!(to > from))
        return 0.0;
    for (int i = 0; i <= STEPS; i++) {
        const double z = from + (to - from) * i / STEPS;
        const double weight = i == 0 || i == STEPS ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
        sum += weight * density_of_z(z, n, rho, log_constant);
    }
    return sum * (to - from) / (3.0 * STEPS);
}

double rgq_correlation_power(size_t n, double rho, double alpha)
{
    if (n < 4 || !(fabs(rho) < 1.0) || !(alpha > 0.0 && alpha < 1.0))
        return (double)NAN;
    const double dof = (double)n - 2.0;
    const double t = rgq_t_quantile(1.0 - 0.5 * alpha, dof);
    const double critical = asinh(t / sqrt(dof)); /* atanh of the r with that t */
    return 1.0 - probability(-critical, critical, (double)n, rho);
}

size_t rgq_correlation_min_n(double rho, double power, double alpha)
{
    if (!(fabs(rho) > 0.0 && fabs(rho) < 1.0) || !(alpha > 0.0 && power > alpha && power < 1.0))
        return 0;
    size_t low = 3; /* too few */
    size_t high = 4;
    while (rgq_correlation_power(high, rho, alpha) < power) {
        low = high;
        high *= 2;
        if (low > n_max)
            return 0;
    }
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (rgq_correlation_power(middle, rho, alpha) < power)
            low = middle;
        else
            high = middle;
    }
    return high <= n_max ? high : 0;
}
