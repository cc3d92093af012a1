#include "calib/decay.h"

#include <math.h>

#include "core/banned.h"

static const double LN_2 = 0.69314718055994530942;

double rgq_decay_constant_per_s(double half_life_s)
{
    return LN_2 / half_life_s;
}

rgq_status rgq_decay_factor(double *out, double elapsed_s, double half_life_s, rgq_error *err)
{
    if (!(half_life_s > 0.0) || !isfinite(half_life_s))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a half-life of %g s was given, > 0 is needed",
                         half_life_s);
    if (!isfinite(elapsed_s))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the time of decay is not finite");
    const double factor = exp(-LN_2 * (elapsed_s / half_life_s));
    if (!(factor > 0.0) || !isfinite(factor))
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "the decay factor over %g s at a half-life of %g s is %g", elapsed_s,
                         half_life_s, factor);
    *out = factor;
    return RGQ_OK;
}

double rgq_decay_frame_gain(double duration_s, double half_life_s)
{
    const double x = LN_2 * (duration_s / half_life_s);
    return x > 0.0 ? x / -expm1(-x) : 1.0;
}

double rgq_decay_mean_time_s(double duration_s, double half_life_s)
{
    const double x = LN_2 * (duration_s / half_life_s);

    /* The logarithm of a number near 1 has lost the digits of x; the series has not. Its next
     * term, x^6/181440, is below 1e-16 of the first one here. */
    if (x < 0.01)
        return duration_s * (0.5 - x / 24.0 + x * x * x / 2880.0);
    return log(x / -expm1(-x)) * (half_life_s / LN_2);
}
