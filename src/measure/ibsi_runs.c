/* Grey level run length matrices. */
#include "core/banned.h"
#include "measure/ibsi.h"
#include "measure/ibsi_counts.h"

/* Runs that begin in those voxels: pairs of level and length. */
static rgq_status add_runs(ibsi_counts *runs, const ibsi_roi *roi, int direction, size_t from,
                           size_t to, rgq_error *err)
{
    const ptrdiff_t step = ibsi_step(roi->n, ibsi_direction[direction]);

    for (size_t k = from; k < to; k++) {
        const int32_t *at = roi->level + roi->voxel[k];
        const int32_t level = *at;
        uint32_t length = 1;
        if (at[-step] == level)
            continue;
        for (at += step; *at == level; at += step)
            length++;
        RGQ_PASS(err, ibsi_counts_add(runs, (uint32_t)level, length, 1.0, err));
    }
    return RGQ_OK;
}

static rgq_status read_runs(double *out, const ibsi_counts *runs, double voxels, void *context,
                            rgq_error *err)
{
    double all[IBSI_EMPHASIS];

    for (int f = 0; f < IBSI_EMPHASIS; f++)
        all[f] = (double)NAN;
    RGQ_PASS(err, ibsi_emphasis(all, runs, voxels, context, err));
    for (int f = 0; f < IBSI_RUNS; f++)
        out[f] = all[f];
    return RGQ_OK;
}

rgq_status ibsi_runs(double out[IBSI_DIRECTIONAL * IBSI_RUNS], const ibsi_roi *roi,
                     rgq_error *err)
{
    rgq_status st = RGQ_OK;
    ibsi_counts margin = {.entry = NULL};
    const ibsi_texture texture = {IBSI_RUNS, add_runs, read_runs, &margin};

    RGQ_TRY(err, ibsi_counts_init(&margin, err));
    RGQ_TRY(err, ibsi_aggregate(out, &texture, roi, err));
out:
    ibsi_counts_release(&margin);
    return st;
}
