#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "rgdquant/agreement.h"
#include "validation/sample.h"

#include "core/banned.h"

/* Root of the mean of squared differences over 2, with its chi-squared interval, times
 * `factor`. */
static void set_within(rgq_stat *out, double squares, double factor)
{
    const double n = (double)out->n;
    const double upper = 0.5 + 0.5 * out->confidence;

    out->value = factor * sqrt(squares / (2.0 * n));
    out->dof = n;
    out->low = factor * sqrt(0.5 * squares / rgq_chi2_quantile(upper, n));
    out->high = factor * sqrt(0.5 * squares / rgq_chi2_quantile(1.0 - upper, n));
    out->interval_by = "chi-squared(n)";
}

static void set_percent(rgq_repeatability *out, const rgq_pairs *pairs, double z)
{
    double squares = 0.0;

    for (size_t i = 0; i < pairs->n; i++) {
        if (!(pairs->x[i] > 0.0 && pairs->y[i] > 0.0))
            return;
        const double d = log(pairs->y[i] / pairs->x[i]);
        squares += d * d;
    }
    const double variance = squares / (2.0 * (double)pairs->n);
    const double reach = z * sqrt(2.0 * variance);
    out->percent_low = 100.0 * expm1(-reach);
    out->percent_high = 100.0 * expm1(reach);
    out->cv_within = sqrt(expm1(variance));
}

rgq_status rgq_repeatability_of(rgq_repeatability *out, const rgq_pairs *pairs,
                                const rgq_stat_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, rgq_check_opts(opts, err));
    RGQ_PASS(err, rgq_check_pairs(pairs, 3, "repeatability", err));
    const rgq_stat nothing = rgq_stat_empty(pairs->n, opts);
    rgq_repeatability found = {nothing,     nothing,     nothing,
                               (double)NAN, (double)NAN, (double)NAN};
    const double z = rgq_normal_quantile(0.5 + 0.5 * opts->confidence);
    const double n = (double)pairs->n;
    double squares = 0.0;
    double bias = 0.0;
    double about = 0.0;

    for (size_t i = 0; i < pairs->n; i++) {
        const double d = pairs->y[i] - pairs->x[i];
        squares += d * d;
        bias += d / n;
    }
    for (size_t i = 0; i < pairs->n; i++) {
        const double d = pairs->y[i] - pairs->x[i] - bias;
        about += d * d;
    }
    set_within(&found.sd_within, squares, 1.0);
    set_within(&found.coefficient, squares, sqrt(2.0) * z);
    rgq_stat_by_t(&found.bias, bias, sqrt(about / (n * (n - 1.0))), n - 1.0);
    found.bias.interval_by = "Student's t(n - 1)";
    found.bias.p_by = "paired t";
    set_percent(&found, pairs, z);
    if (pairs->cluster != NULL)
        found.sd_within.note = found.coefficient.note = found.bias.note =
            "the interval takes rows as independent: too narrow for several lesions a patient";
    *out = found;
    return RGQ_OK;
}
