/* Is there as much activity in the field of view as can be? */
#include <math.h>

#include "calib/planner.h"
#include "calib/suv_slice.h"
#include "core/banned.h"

/* Scanners are calibrated to 5 %; a millionth is kBq for MBq twice. A field of view below 1 mL
 * may hold that little. */
static const double SHARE_MAX = 1.05;
static const double SHARE_MIN = 1e-6;
static const double VIEW_ML_MIN = 1.0;

/* Blocks are fixed, so that the sum has the same bits for any number of threads. */
enum { BLOCKS = 64 };

/* Lanes of their own let the compiler keep them in one register; their order is fixed. */
static double sum_plane(const float *voxel, size_t count)
{
    enum { LANES = 8 };
    double lane[LANES] = {0.0};
    double sum = 0.0;
    size_t i = 0;

    for (; i + LANES <= count; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += (double)voxel[i + k];
    for (; i < count; i++)
        lane[0] += (double)voxel[i];
    for (size_t k = 0; k < LANES; k++)
        sum += lane[k];
    return sum;
}

/* Sum of all voxels of a frame in the unit reached; NaN if a slice has no factor. */
static double sum_frame(const rgq_scan *scan, const rgq_suv_plan *plan, int frame)
{
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    const float *data = rgq_volume_cdata(scan->volume, frame);
    const size_t plane = (size_t)grid->n[0] * (size_t)grid->n[1];
    const int n_slices = grid->n[2];
    double block[BLOCKS];
    double sum = 0.0;

#pragma omp parallel for schedule(static)
    for (int b = 0; b < BLOCKS; b++) {
        const int begin = (int)((long long)n_slices * b / BLOCKS);
        const int end = (int)((long long)n_slices * (b + 1) / BLOCKS);
        block[b] = 0.0;
        for (int z = begin; z < end; z++) {
            double factor = plan->factor;
            if (plan->per_slice &&
                rgq_suv_slice_factor(&factor, scan, plan, frame, z, NULL) != RGQ_OK)
                factor = (double)NAN;
            block[b] += sum_plane(data + plane * (size_t)z, plane) * factor;
        }
    }
    for (int b = 0; b < BLOCKS; b++)
        sum += block[b];
    return sum;
}

void rgq_plan_check_view(rgq_planner *p, double norm)
{
    const rgq_grid *grid = rgq_volume_grid(p->scan->volume);
    const double voxel_ml = rgq_grid_voxel_ml(grid);
    const double view_ml = voxel_ml * (double)rgq_grid_count(grid);
    double share = 0.0;

    for (int f = 0; f < rgq_volume_n_frames(p->scan->volume); f++) {
        const double of_frame = sum_frame(p->scan, p->plan, f) * voxel_ml / norm;
        share = of_frame > share ? of_frame : share;
    }
    if (!isfinite(share))
        return;
    rgq_plan_note(p, "share_in_view", share, "1", "", "sum of the voxels / injected");
    const bool much = share > SHARE_MAX;
    if (!much && !(share < SHARE_MIN && view_ml >= VIEW_ML_MIN))
        return;
    if (p->activity_then_bq > 0.0)
        RGQ_WARN(p->view_log,
                 "the field of view holds %.3g MBq, %s the injected %.3g MBq that are left at "
                 "that time: an error of units or of the dose? (--units, --activity-mbq)",
                 share * p->activity_then_bq / 1e6,
                 much ? "more than" : "less than a millionth of", p->activity_then_bq / 1e6);
    else
        RGQ_WARN(p->view_log,
                 "the field of view holds %.3g times the activity that was injected, %s: an "
                 "error of units? (--units, --weight-kg)",
                 share, much ? "more than all of it" : "less than a millionth of it");
}
