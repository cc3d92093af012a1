/* a50, nestle, schaefer, black: a threshold that follows from the lesion and its background. */
#include <math.h>

#include "core/banned.h"
#include "roi/segment_method.h"

enum { ROUNDS_MAX = 50 };

/* Mean of the component in the flood. */
static double mean_of(const rgq_segmentation *job)
{
    double sum = 0.0;

    for (size_t k = 0; k < job->flood.count; k++)
        sum += (double)job->values[job->flood.at[k]];
    return sum / (double)job->flood.count;
}

/* Mean of the voxels of the component in the flood that reach 70 % of its maximum. */
static double mean_of_core(const rgq_segmentation *job)
{
    const double from = 0.7 * (double)job->flood.peak;
    double sum = 0.0;
    size_t count = 0;

    for (size_t k = 0; k < job->flood.count; k++) {
        const double value = (double)job->values[job->flood.at[k]];
        if (value >= from) {
            sum += value;
            count++;
        }
    }
    return sum / (double)count;
}

/* The threshold that the component in the flood asks for. */
static double next_threshold(const rgq_segmentation *job, double background)
{
    switch (job->spec.rule) {
    case RGQ_RULE_NESTLE:
        return 0.15 * mean_of_core(job) + background;
    case RGQ_RULE_SCHAEFER:
        return job->spec.value[0] * mean_of_core(job) + job->spec.value[1] * background;
    case RGQ_RULE_BLACK:
        return 0.307 * mean_of(job) + 0.588;
    case RGQ_RULE_A50:
    case RGQ_RULE_FIXED:
    case RGQ_RULE_PERCENT_MAX:
    case RGQ_RULE_PERCENT_PEAK:
    case RGQ_RULE_PERCIST:
    case RGQ_RULE_OTSU:
    case RGQ_RULE_GROW:
    case RGQ_RULE_GRADIENT:
    case RGQ_RULE_WALKER:
    case RGQ_RULE_GMM:
        break;
    }
    return 0.5 * ((double)job->flood.peak + background); /* a50 */
}

static rgq_status grow(const rgq_lesion *lesion, rgq_segmentation *job, double threshold,
                       rgq_error *err)
{
    if (threshold > lesion->maximum)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "%s asks for a threshold of %.6g, above the lesion's maximum of %.6g "
                         "(background %.6g)",
                         job->report.method, threshold, lesion->maximum,
                         lesion->background.mean);
    job->report.threshold = threshold;
    return rgq_lesion_grow(lesion, job, threshold, err);
}

/* The background about the component in the flood, unless one was given. */
static rgq_status renew_background(rgq_lesion *lesion, rgq_segmentation *job, bool given,
                                   rgq_error *err)
{
    rgq_shell shell;

    if (given || job->spec.rule == RGQ_RULE_BLACK)
        return RGQ_OK;
    RGQ_PASS(err, rgq_shell_measure(&shell, &job->flood, job->report.threshold,
                                    job->opts->psf_mm, err));
    if (shell.count > 0) /* else the last one stays */
        lesion->background = shell;
    return RGQ_OK;
}

/* Threshold and component in turn, until the component does not change. Two that take turns
 * end in the higher threshold of the two. */
static rgq_status settle(rgq_lesion *lesion, rgq_segmentation *job, rgq_error *err)
{
    const bool given = job->opts->background != NULL || isfinite(job->opts->background_value);
    double before = (double)NAN;

    RGQ_PASS(err, grow(lesion, job, next_threshold(job, lesion->background.mean), err));
    for (int round = 1; round <= ROUNDS_MAX; round++) {
        const size_t count = job->flood.count;
        const double last = job->report.threshold;
        job->report.rounds = round;
        RGQ_PASS(err, renew_background(lesion, job, given, err));
        const double next = next_threshold(job, lesion->background.mean);
        RGQ_PASS(err, grow(lesion, job, next, err));
        /* components of one start at two thresholds are nested: the same size, the same set */
        if (job->flood.count == count)
            return RGQ_OK;
        if (next == before) {
            RGQ_WARN(job->log,
                     "the threshold of %s takes turns between %.6g and %.6g; the higher one "
                     "was taken",
                     job->report.method, last, next);
            return last > next ? grow(lesion, job, last, err) : RGQ_OK;
        }
        before = last;
    }
    RGQ_WARN(job->log,
             "the threshold of %s did not settle within %d rounds; the last two were %.6g and "
             "%.6g, and the last was taken",
             job->report.method, (int)ROUNDS_MAX, before, job->report.threshold);
    return RGQ_OK;
}

/* A component at half-way between background and noise is no lesion. */
static rgq_status check_contrast(const rgq_lesion *lesion, const rgq_segmentation *job,
                                 rgq_error *err)
{
    const rgq_shell *b = &lesion->background;
    const double threshold = 0.5 * (lesion->maximum + b->mean);

    if (threshold > b->mean + 2.0 * b->sd)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "the lesion does not stand out at (%g, %g, %g) mm: half-way between its "
                     "maximum %.6g and the background %.6g is %.6g, within two standard "
                     "deviations (%.6g) of the background; use %s",
                     lesion->seed_mm[0], lesion->seed_mm[1], lesion->seed_mm[2],
                     lesion->maximum, b->mean, threshold, b->sd,
                     job->opts->has_seed ? "fixed:T, or give the background"
                                         : "fixed:T, or name the lesion with --seed-mm");
}

rgq_status rgq_segment_adaptive(rgq_segmentation *job, rgq_error *err)
{
    const rgq_unit unit = rgq_volume_unit(job->volume);
    rgq_lesion lesion;

    if (job->spec.rule == RGQ_RULE_BLACK && unit != RGQ_UNIT_SUV_BW)
        return RGQ_RAISE(err, RGQ_E_UNIT,
                         "black is a formula for FDG in SUVbw (T = 0.307 x mean + 0.588); the "
                         "values are in %s. Convert them (--unit suvbw), or use another method",
                         rgq_unit_name(unit));
    RGQ_PASS(err, rgq_lesion_survey(&lesion, job, err));
    if (job->spec.rule == RGQ_RULE_A50) {
        RGQ_PASS(err, check_contrast(&lesion, job, err));
        RGQ_PASS(err, grow(&lesion, job, 0.5 * (lesion.maximum + lesion.background.mean), err));
    } else {
        RGQ_PASS(err, settle(&lesion, job, err));
    }
    lesion.maximum = (double)job->flood.peak;
    rgq_lesion_report(&lesion, job);
    rgq_segment_take(job);
    rgq_lesion_warn(&lesion, job, job->report.threshold);
    return rgq_lesion_check_seed(&lesion, job, err);
}
