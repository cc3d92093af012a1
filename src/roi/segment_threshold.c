/* fixed, percent-max, percent-peak, percist: one threshold for the whole search region. */
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/peak_kernel.h"
#include "roi/peak_search.h"
#include "roi/segment_method.h"

enum { ROUNDS_MAX = 50 };

/* Every open voxel that reaches the threshold. */
static void take_all(rgq_segmentation *job, double threshold)
{
    const size_t count = rgq_grid_count(job->grid);

#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        job->mask[i] =
            job->flood.state[i] == RGQ_VOXEL_OPEN && (double)job->values[i] >= threshold;
}

static rgq_status take_everywhere(rgq_segmentation *job, double threshold, rgq_error *err)
{
    const double maximum = (double)job->values[rgq_search_maximum(&job->flood)];

    job->report.threshold = threshold;
    job->report.maximum = maximum;
    if (maximum < threshold)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "no voxel of the search region reaches %.6g; its maximum is %.6g",
                         threshold, maximum);
    take_all(job, threshold);
    return RGQ_OK;
}

/* The component of the seed at a threshold; the seed itself must reach it. */
static rgq_status grow_from_seed(rgq_lesion *lesion, rgq_segmentation *job, double threshold,
                                 rgq_error *err)
{
    const double value = (double)job->values[lesion->seed];

    if (value < threshold)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "the value at the seed (%g, %g, %g) mm is %.6g, below the threshold of "
            "%.6g; put the seed into the lesion (--seed-mm), or look only around "
            "it (--sphere-mm, --within)",
            lesion->seed_mm[0], lesion->seed_mm[1], lesion->seed_mm[2], value, threshold);
    RGQ_PASS(err, rgq_lesion_grow(lesion, job, threshold, err));
    job->report.threshold = threshold;
    lesion->maximum = (double)job->flood.peak;
    return RGQ_OK;
}

/* What the fraction is of: the maximum of the component in the flood, or its highest peak. */
static double top_of(const rgq_segmentation *job, const rgq_peak_kernel *kernel)
{
    const size_t nx = (size_t)job->grid->n[0];
    const size_t ny = (size_t)job->grid->n[1];
    double best = -(double)INFINITY;

    if (kernel == NULL)
        return (double)job->flood.peak;
    for (size_t k = 0; k < job->flood.count; k++) {
        const size_t i = job->flood.at[k];
        const int at[3] = {(int)(i % nx), (int)(i / nx % ny), (int)(i / (nx * ny))};
        best = fmax(best, rgq_peak_at(kernel, job->values, job->grid, at));
    }
    return best;
}

/* The threshold that is the fraction of the top of its own component. Where no threshold agrees
 * with itself (a hotter neighbour joins at the lesion's own fraction and leaves at the
 * neighbour's) the higher of the two is taken. */
static rgq_status settle_fraction(rgq_lesion *lesion, rgq_segmentation *job,
                                  const rgq_peak_kernel *kernel, rgq_error *err)
{
    const double fraction = job->spec.value[0] / 100.0;
    double top = (double)job->values[lesion->seed];
    double before = (double)NAN;

    if (top <= 0.0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the value at the seed (%g, %g, %g) mm is %.6g; a fraction of a "
                         "maximum needs a value above 0",
                         lesion->seed_mm[0], lesion->seed_mm[1], lesion->seed_mm[2], top);
    for (int round = 0; round < ROUNDS_MAX; round++) {
        RGQ_PASS(err, grow_from_seed(lesion, job, fraction * top, err));
        job->report.rounds = round + 1;
        const double found = top_of(job, kernel);
        if (found == top)
            return RGQ_OK;
        if (found == before)
            break;
        before = top;
        top = found;
    }
    const double hotter = fmax(top, before);
    RGQ_PASS(err, grow_from_seed(lesion, job, fraction * hotter, err));
    RGQ_WARN(job->log,
             "the lesion at the seed (maximum %.6g) joins a hotter one (maximum %.6g) at %g %% "
             "of its own maximum; the threshold %.6g was taken from the hotter one. Look only "
             "around the lesion with --sphere-mm or --within",
             (double)job->flood.peak, hotter, 100.0 * fraction, job->report.threshold);
    return RGQ_OK;
}

static rgq_status take_seeded(rgq_lesion *lesion, rgq_segmentation *job,
                              const rgq_peak_kernel *kernel, rgq_error *err)
{
    if (job->spec.rule == RGQ_RULE_FIXED || job->spec.rule == RGQ_RULE_PERCIST) {
        RGQ_PASS(err, grow_from_seed(lesion, job, job->report.threshold, err));
    } else {
        RGQ_PASS(err, settle_fraction(lesion, job, kernel, err));
        RGQ_PASS(err, rgq_background_given(&lesion->background, job, err));
        if (lesion->background.count == 0 && rgq_grid_is_orthogonal(job->grid))
            RGQ_PASS(err, rgq_shell_measure(&lesion->background, &job->flood,
                                            job->report.threshold, job->opts->psf_mm, err));
        if (lesion->background.count > 0 || rgq_grid_is_orthogonal(job->grid))
            rgq_lesion_warn(lesion, job, job->report.threshold);
        job->report.background = lesion->background.mean;
        job->report.background_sd = lesion->background.sd;
    }
    job->report.maximum = lesion->maximum;
    rgq_segment_take(job);
    return RGQ_OK;
}

static rgq_status take_fraction(rgq_segmentation *job, const rgq_peak_kernel *kernel,
                                rgq_error *err)
{
    double top = (double)job->values[rgq_search_maximum(&job->flood)];

    if (kernel != NULL)
        RGQ_PASS(err, rgq_peak_search(&top, &job->flood, kernel, err));
    if (top <= 0.0)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "the %s in the search region is %.6g; %s needs one above 0",
                         kernel != NULL ? "peak" : "maximum", top, job->spec.method->name);
    return take_everywhere(job, job->spec.value[0] / 100.0 * top, err);
}

static rgq_status find_reference(rgq_segmentation *job, rgq_error *err)
{
    rgq_shell reference;

    RGQ_PASS(err, rgq_background_given(&reference, job, err));
    if (reference.count == 0)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "percist needs a reference region, which is not guessed from the "
                         "image; give one with --background FILE and --background-region NAME "
                         "(or --background-value MEAN,SD)");
    job->report.background = reference.mean;
    job->report.background_sd = reference.sd;
    job->report.threshold =
        job->spec.value[0] * reference.mean + job->spec.value[1] * reference.sd;
    RGQ_INFO(job->log, "percist: %g x %.6g + %g x %.6g = %.6g", job->spec.value[0],
             reference.mean, job->spec.value[1], reference.sd, job->report.threshold);
    return RGQ_OK;
}

rgq_status rgq_segment_threshold(rgq_segmentation *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_peak_kernel kernel = {.weight = NULL};
    const rgq_peak_kernel *top = NULL;
    rgq_lesion lesion;

    if (job->spec.rule == RGQ_RULE_PERCENT_PEAK) {
        RGQ_TRY(err, rgq_roi_check_axes(job->grid, err));
        RGQ_TRY(err, rgq_peak_kernel_init(&kernel, job->grid, rgq_peak_radius_mm(), err));
        top = &kernel;
    }
    job->report.threshold = job->spec.value[0]; /* fixed */
    if (job->spec.rule == RGQ_RULE_PERCIST)
        RGQ_TRY(err, find_reference(job, err));
    if (job->opts->has_seed) {
        RGQ_TRY(err, rgq_lesion_start(&lesion, job, err));
        RGQ_TRY(err, take_seeded(&lesion, job, top, err));
    } else if (job->spec.rule == RGQ_RULE_FIXED || job->spec.rule == RGQ_RULE_PERCIST) {
        RGQ_TRY(err, take_everywhere(job, job->report.threshold, err));
    } else {
        RGQ_TRY(err, take_fraction(job, top, err));
    }
out:
    rgq_peak_kernel_release(&kernel);
    return st;
}
