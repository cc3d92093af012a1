/* grow: the component about the lesion's maximum at a falling threshold, as long as it does not
 * leak; the one with the steepest surface is taken. */
#include <math.h>

#include "core/banned.h"
#include "roi/segment_method.h"

static const double step_fraction = 0.01; /* of the maximum */
static const double core_fraction =
    0.7; /* above, a few voxels of noise may double the volume */
enum { LEAK_FACTOR = 2, LEAK_VOXELS = 27, LEAK_SHOWN = 8 };

/* Mean fall of the value across the faces between the component and the rest [unit/mm]. */
static double contrast_of(const rgq_flood *flood, const double spacing_mm[3])
{
    const rgq_grid *grid = flood->grid;
    const size_t stride[3] = {1, (size_t)grid->n[0], (size_t)grid->n[0] * (size_t)grid->n[1]};
    double fall = 0.0;
    double area = 0.0;

    for (size_t k = 0; k < flood->count; k++) {
        const size_t i = flood->at[k];
        for (int a = 0; a < 3; a++) {
            const int x = (int)(i / stride[a] % (size_t)grid->n[a]);
            const double face_mm2 = spacing_mm[(a + 1) % 3] * spacing_mm[(a + 2) % 3];
            for (int side = 0; side < 2; side++) {
                if (side == 0 ? x == 0 : x == grid->n[a] - 1)
                    continue;
                const size_t j = side == 0 ? i - stride[a] : i + stride[a];
                if (flood->state[j] == RGQ_VOXEL_TAKEN)
                    continue;
                const double d = (double)flood->values[i] - (double)flood->values[j];
                fall += face_mm2 * d / spacing_mm[a];
                area += face_mm2;
            }
        }
    }
    return area > 0.0 ? fall / area : 0.0;
}

/* One step down. True if it is sound, false if the region ran out of the lesion there. */
static rgq_status step_down(bool *sound, const rgq_lesion *lesion, rgq_segmentation *job,
                            double threshold, rgq_error *err)
{
    rgq_segment_report *r = &job->report;
    const double voxel_ml = rgq_grid_voxel_ml(job->grid);
    double spacing_mm[3];
    const double before =
        r->n_steps > 0 ? r->step[r->n_steps - 1].volume_ml / voxel_ml : (double)INFINITY;
    const double most = LEAK_FACTOR * before + LEAK_VOXELS;

    rgq_grid_spacing_mm(job->grid, spacing_mm);
    /* a leak need not be followed to its end to be shown */
    job->flood.limit = isfinite(most) ? (size_t)(LEAK_SHOWN * most) : 0;
    const bool may_leak = threshold < core_fraction * lesion->maximum;
    if (!may_leak)
        job->flood.limit = 0;
    const rgq_status st = rgq_lesion_grow(lesion, job, threshold, err);
    job->flood.limit = 0;
    RGQ_PASS(err, st);
    *sound = !may_leak || (double)job->flood.count <= most;
    r->step[r->n_steps++] =
        (rgq_segment_step){threshold, (double)job->flood.count * voxel_ml,
                           *sound ? contrast_of(&job->flood, spacing_mm) : (double)NAN};
    return RGQ_OK;
}

static void tell_leak(const rgq_segmentation *job)
{
    const rgq_segment_report *r = &job->report;

    if (r->n_steps < 2)
        return;
    const rgq_segment_step *last = &r->step[r->n_steps - 2];
    const rgq_segment_step *leak = &r->step[r->n_steps - 1];
    RGQ_WARN(job->log,
             "the growth leaks: from %.6g mL at %.6g to %.6g mL or more at %.6g; it was ended "
             "before",
             last->volume_ml, last->threshold, leak->volume_ml, leak->threshold);
}

static void tell_steps(const rgq_segmentation *job)
{
    for (int i = 0; i < job->report.n_steps; i++)
        RGQ_DEBUG(job->log, "growth: %.6g mL at %.6g, surface %.6g per mm",
                  job->report.step[i].volume_ml, job->report.step[i].threshold,
                  job->report.step[i].contrast);
}

rgq_status rgq_segment_grow(rgq_segmentation *job, rgq_error *err)
{
    rgq_segment_report *r = &job->report;
    const int n_steps = (int)(job->spec.value[0] / step_fraction + 1e-9);
    rgq_lesion lesion;
    bool sound = true;
    int best = 0;

    RGQ_PASS(err, rgq_lesion_survey(&lesion, job, err));
    for (int k = 1; k <= n_steps && sound; k++) {
        RGQ_PASS(err, step_down(&sound, &lesion, job,
                                (1.0 - k * step_fraction) * lesion.maximum, err));
        if (sound && r->step[r->n_steps - 1].contrast > r->step[best].contrast)
            best = r->n_steps - 1;
    }
    r->leaked = !sound;
    tell_steps(job);
    if (r->leaked)
        tell_leak(job);
    r->rounds = r->n_steps;
    r->threshold = r->step[best].threshold;
    RGQ_PASS(err, rgq_lesion_grow(&lesion, job, r->threshold, err));
    rgq_segment_take(job);
    rgq_lesion_warn(&lesion, job, r->threshold);
    return rgq_lesion_check_seed(&lesion, job, err);
}
