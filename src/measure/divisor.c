#include "measure/divisor.h"

#include <math.h>
#include <stdio.h>

#include "core/banned.h"

static void warn_of_mean(const rgq_divisor *divisor, const rgq_log *log)
{
    if (!(divisor->moments.weight > 0.0))
        RGQ_WARN(log, "the background '%s' is empty: ratios are n/a", divisor->region->name);
    else if (!(divisor->moments.mean > 0.0))
        RGQ_WARN(log,
                 "the background '%s' has a mean of %.6g: ratios need one above 0, and are n/a",
                 divisor->region->name, divisor->moments.mean);
}

rgq_status rgq_divisor_measure(rgq_divisor *out, rgq_noise_budget *budget, const float *values,
                               const rgq_grid *grid, const rgq_region *region,
                               const rgq_log *log, rgq_error *err)
{
    const double none = (double)NAN;

    *out = (rgq_divisor){.region = region};
    *budget = (rgq_noise_budget){false, none, {none, none, none}, none, ""};
    if (region == NULL) {
        (void)snprintf(budget->method, sizeof budget->method,
                       "not estimated: no background region was named");
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_moments_measure(&out->moments, values, grid, region, err));
    warn_of_mean(out, log);
    RGQ_PASS(err, rgq_noise_measure(&out->noise, budget, values, grid, region, err));
    if (!out->noise.known) {
        if (out->moments.weight > 0.0)
            RGQ_WARN(log, "no intervals of the ratios to '%s': %s", region->name,
                     budget->method);
        return RGQ_OK;
    }
    return rgq_noise_pairs(&out->factor, &out->noise, region, region, 1, err);
}
