#include "roi/threshold.h"

#include <math.h>

#include "core/banned.h"

enum { ROUNDS_MAX = 50 };

/* The component at a threshold; the start must reach it. */
static rgq_status grow(rgq_lesion *lesion, rgq_flood *flood, double threshold, rgq_error *err)
{
    const double value = (double)flood->values[lesion->start];

    rgq_flood_undo(flood);
    if (value < threshold)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the value at the %s (%g, %g, %g) mm is %.6g, below the threshold of "
                         "%.6g; put the seed into the lesion (--seed-mm), or look only around "
                         "it (--sphere-mm, --within)",
                         lesion->seeded ? "seed" : "maximum", lesion->seed_mm[0],
                         lesion->seed_mm[1], lesion->seed_mm[2], value, threshold);
    lesion->threshold = threshold;
    return rgq_flood_fill(flood, threshold, lesion->start, err);
}

static rgq_status settle_fraction(rgq_lesion *lesion, rgq_flood *flood, double fraction,
                                  const rgq_log *log, rgq_error *err)
{
    double maximum = (double)flood->values[lesion->start];
    double before = (double)NAN;

    if (maximum <= 0.0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the value at the %s (%g, %g, %g) mm is %.6g; a fraction of a maximum "
                         "needs a value above 0",
                         lesion->seeded ? "seed" : "maximum", lesion->seed_mm[0],
                         lesion->seed_mm[1], lesion->seed_mm[2], maximum);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        RGQ_PASS(err, grow(lesion, flood, fraction * maximum, err));
        const double found = (double)flood->peak;
        if (found == maximum)
            return RGQ_OK;
        if (found == before)
            break;
        before = maximum;
        maximum = found;
    }
    const double hotter = fmax(maximum, before);
    RGQ_PASS(err, grow(lesion, flood, fraction * hotter, err));
    RGQ_WARN(log,
             "the lesion at the seed (maximum %.6g) joins a hotter one (maximum %.6g) at %g %% "
             "of its own maximum; the threshold %.6g was taken from the hotter one. Look only "
             "around the lesion with --sphere-mm or --within",
             (double)flood->peak, hotter, 100.0 * fraction, lesion->threshold);
    return RGQ_OK;
}

static rgq_status measure_background(rgq_lesion *lesion, const rgq_flood *flood, rgq_error *err)
{
    RGQ_PASS(err, rgq_shell_measure(&lesion->background, flood, lesion->threshold, err));
    if (lesion->background.count == 0)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "no voxel %g to %g mm from the lesion is below %.6g, so that there is "
                         "no local background; use fixed:T or percent-max:P, or look only "
                         "around the lesion (--sphere-mm, --within)",
                         RGQ_SHELL_FROM_MM, RGQ_SHELL_TO_MM, lesion->threshold);
    return RGQ_OK;
}

static rgq_status settle_a50(rgq_lesion *lesion, rgq_flood *flood, const rgq_log *log,
                             rgq_error *err)
{
    RGQ_PASS(err, settle_fraction(lesion, flood, 0.5, log, err));
    for (int round = 0; round < ROUNDS_MAX; round++) {
        const size_t count = flood->count;
        const double last = lesion->threshold;
        RGQ_PASS(err, measure_background(lesion, flood, err));
        const double next = 0.5 * ((double)flood->peak + lesion->background.mean);
        RGQ_PASS(err, grow(lesion, flood, next, err));
        /* components of one start at two thresholds are nested: the same size, the same set */
        if (flood->count == count) {
            RGQ_DEBUG(log, "a50 settled after %d rounds", round + 1);
            return RGQ_OK;
        }
        if (round == ROUNDS_MAX - 1)
            RGQ_WARN(log,
                     "the a50 threshold did not settle within %d rounds; the last two were "
                     "%.6g and %.6g, and the last was taken",
                     (int)ROUNDS_MAX, last, next);
    }
    return RGQ_OK;
}

/* A threshold within the noise of the surroundings lets the component run out into them. */
static void warn_of_leak(const rgq_lesion *lesion, const rgq_flood *flood, const rgq_log *log)
{
    const rgq_shell *b = &lesion->background;

    if (b->count == 0)
        RGQ_WARN(log,
                 "the region has no surroundings below its threshold of %.6g: it may have run "
                 "out of the lesion",
                 lesion->threshold);
    else if (lesion->threshold < b->mean + 2.0 * b->sd)
        RGQ_WARN(log,
                 "the threshold %.6g lies within two standard deviations of the local "
                 "background (%.6g, sd %.6g; maximum %.6g): the region may have run out of the "
                 "lesion",
                 lesion->threshold, b->mean, b->sd, (double)flood->peak);
}

rgq_status rgq_lesion_find(rgq_lesion *lesion, rgq_flood *flood, const rgq_spec *spec,
                           const rgq_log *log, rgq_error *err)
{
    lesion->background = (rgq_shell){(double)NAN, (double)NAN, 0};
    if (spec->rule == RGQ_RULE_FIXED)
        return grow(lesion, flood, spec->value, err);
    if (spec->rule == RGQ_RULE_A50) {
        RGQ_PASS(err, settle_a50(lesion, flood, log, err));
    } else {
        RGQ_PASS(err, settle_fraction(lesion, flood, spec->value, log, err));
        if (!rgq_grid_is_orthogonal(flood->grid)) /* only the warning would need distances */
            return RGQ_OK;
        RGQ_PASS(err, rgq_shell_measure(&lesion->background, flood, lesion->threshold, err));
    }
    warn_of_leak(lesion, flood, log);
    return RGQ_OK;
}
