#include <math.h>
#include <stdio.h>

#include "calib/decay.h"
#include "calib/kinds.h"
#include "calib/reference.h"
#include "calib/suv_slice.h"
#include "core/banned.h"

rgq_status rgq_suv_slice_factor(double *out, const rgq_scan *scan, const rgq_suv_plan *plan,
                                int frame, int slice, rgq_error *err)
{
    const rgq_slice_time at = rgq_scan_slice_time(scan, frame, slice);
    const bool decays = isfinite(plan->half_life_s);
    double factor = plan->base_factor;
    double left = 1.0;

    if (!isfinite(at.acquisition_s) && decays)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "the acquisition time of slice %d of frame %d is absent, which values "
                         "without decay correction need",
                         slice + 1, frame + 1);
    if (!(at.duration_s >= 0.0) || !isfinite(at.duration_s) ||
        (plan->per_duration && at.duration_s == 0.0))
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "the duration of slice %d of frame %d is absent, which %s need",
                         slice + 1, frame + 1,
                         plan->per_duration ? "counts" : "values without decay correction");
    if (decays) {
        RGQ_PASS(err, rgq_decay_factor(&left, at.acquisition_s - plan->decay_to_time_s,
                                       plan->half_life_s, err));
        factor = factor * rgq_decay_frame_gain(at.duration_s, plan->half_life_s) / left;
    }
    *out = plan->per_duration ? factor / at.duration_s : factor;
    return RGQ_OK;
}

static size_t count_overflow(const float *voxel, size_t count, double factor)
{
    size_t bad = 0;

#pragma omp parallel for schedule(static) reduction(+ : bad)
    for (size_t i = 0; i < count; i++)
        bad += isfinite((float)((double)voxel[i] * factor)) ? 0 : 1;
    return bad;
}

static void multiply(float *voxel, size_t count, double factor)
{
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        voxel[i] = (float)((double)voxel[i] * factor);
}

/* With `write` false the results are only looked at, so that a refusal leaves the voxels. */
static rgq_status scale_slices(rgq_scan *scan, const rgq_suv_plan *plan, bool write,
                               rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    const int n_slices = plan->per_slice ? grid->n[2] : 1;
    const int n_frames = rgq_volume_n_frames(scan->volume);
    const size_t count = rgq_volume_count(scan->volume) / (size_t)n_slices;

    for (int f = 0; f < n_frames; f++)
        for (int z = 0; z < n_slices; z++) {
            float *voxel = rgq_volume_data(scan->volume, f) + count * (size_t)z;
            double factor = plan->factor;
            if (plan->per_slice)
                RGQ_PASS(err, rgq_suv_slice_factor(&factor, scan, plan, f, z, err));
            const size_t bad = write ? 0 : count_overflow(voxel, count, factor);
            if (bad > 0)
                return RGQ_RAISE(err, RGQ_E_NUMERIC,
                                 "%zu voxels of frame %d would not be finite in %s (factor %g)",
                                 bad, f + 1, rgq_unit_name(plan->to), factor);
            if (write)
                multiply(voxel, count, factor);
        }
    return RGQ_OK;
}

static void update_facts(rgq_scan_facts *facts, const rgq_suv_plan *plan)
{
    char origin[RGQ_ORIGIN_MAX];

    if (plan->to == RGQ_UNIT_NATIVE)
        return;
    (void)snprintf(origin, sizeof origin, "converted from %.20s",
                   facts->units.known ? facts->units.value : rgq_unit_name(plan->from));
    rgq_fact_text_set(&facts->units, rgq_unit_name(plan->to), origin);
    if (rgq_suv_kind_of(plan->to) != NULL && rgq_suv_kind_of(plan->to)->dicom_type != NULL)
        rgq_fact_text_set(&facts->suv_type, rgq_suv_kind_of(plan->to)->dicom_type, origin);
    else
        facts->suv_type = (rgq_fact_text){0};
    facts->calibration_factor = (rgq_fact){0};
    if (isfinite(plan->half_life_s))
        rgq_fact_text_set(&facts->decay_correction, "ADMIN",
                          "decayed to the injection (was NONE)");
}

rgq_status rgq_suv_apply(rgq_scan *scan, const rgq_suv_plan *plan, rgq_error *err)
{
    if (scan->volume == NULL || rgq_volume_unit(scan->volume) != plan->from)
        return RGQ_RAISE(err, RGQ_E_UNIT, "the plan converts %s, but the volume is in %s",
                         rgq_unit_name(plan->from),
                         scan->volume == NULL ? "nothing"
                                              : rgq_unit_name(rgq_volume_unit(scan->volume)));
    if (plan->per_slice || plan->factor != 1.0) {
        RGQ_PASS(err, scale_slices(scan, plan, false, err));
        RGQ_PASS(err, scale_slices(scan, plan, true, err));
    }
    if (plan->to != plan->from || plan->factor != 1.0)
        update_facts(&scan->facts, plan);
    rgq_volume_set_unit(scan->volume, plan->to);
    return RGQ_OK;
}
