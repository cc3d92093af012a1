#include "dose/tiac_simple.h"

#include <math.h>

#include "core/banned.h"
#include "dose/tiac_exponential.h"

static const double LN2 = 0.69314718055994530942;

/* Integral of t exp(-l t) over 0 .. h, over h: (1 - exp(-x) (1 + x)) / (l x), x = l h. */
static double ramp(double l, double h)
{
    const double x = l * h;

    if (x < 1e-2) /* the closed form loses digits; the first term left out is x^5 / 840 */
        return h * (0.5 - x / 3.0 + x * x / 8.0 - x * x * x / 30.0 + x * x * x * x / 144.0);
    return (-expm1(-x) - x * exp(-x)) / (l * x);
}

void rgq_tiac_trapezoid_weights(double *weight, double *tail, const double *time_h, int n,
                                double physical)
{
    for (int i = 0; i < n; i++)
        weight[i] = 0.0;
    weight[0] = expm1(physical * time_h[0]) / physical;
    for (int i = 0; i + 1 < n; i++) {
        const double h = time_h[i + 1] - time_h[i];
        const double up = ramp(physical, h);
        weight[i] += -expm1(-physical * h) / physical - up;
        weight[i + 1] += exp(physical * h) * up;
    }
    *tail = 1.0 / physical;
    weight[n - 1] += *tail;
}

void rgq_tiac_trapezoid(rgq_tiac_candidate *out, const rgq_tiac_points *points, double physical,
                        double *weight)
{
    double tail = 0.0;
    double variance = 0.0;

    *out = rgq_tiac_blank(RGQ_TIAC_TRAPEZOID, 0);
    out->fitted = out->determined = true;
    rgq_tiac_trapezoid_weights(weight, &tail, points->time_h, points->n, physical);
    out->tiac_mbq_h = 0.0;
    for (int i = 0; i < points->n; i++) {
        out->tiac_mbq_h += weight[i] * points->activity_mbq[i];
        if (points->sd_mbq != NULL)
            variance += weight[i] * weight[i] * points->sd_mbq[i] * points->sd_mbq[i];
    }
    if (points->sd_mbq != NULL)
        out->sd_mbq_h = sqrt(variance);
    out->tail_fraction = tail * points->activity_mbq[points->n - 1] / out->tiac_mbq_h;
}

void rgq_tiac_single(rgq_tiac_candidate *out, const rgq_tiac_points *points,
                     const rgq_tiac_opts *opts)
{
    const double t = points->time_h[opts->point];
    const double l = LN2 / opts->effective_half_life_h;
    const bool madsen = opts->model == RGQ_TIAC_MADSEN;
    const double per_mbq = madsen ? exp(l * t) / l : 2.0 * t / LN2;

    *out = rgq_tiac_blank(opts->model, 0);
    out->fitted = out->determined = true;
    out->tiac_mbq_h = per_mbq * points->activity_mbq[opts->point];
    if (points->sd_mbq != NULL)
        out->sd_mbq_h = per_mbq * points->sd_mbq[opts->point];
    if (madsen) /* Haenscheid's rule knows no effective half-life */
        out->tail_fraction = exp(-l * t);
}
