/* otsu, gmm: the values sorted into classes, wherever they lie. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "roi/mixture.h"
#include "roi/segment_method.h"

/* Bytes over the grid: the lesion and its shell, for a seed without a search region. */
static rgq_status mark_lesion(uint8_t *use, rgq_lesion *lesion, rgq_segmentation *job,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = job->grid;
    const double reach_mm = job->opts->psf_mm + RGQ_SHELL_THICK_MM;
    const float reach2 = (float)(reach_mm * reach_mm * (1.0 + 1e-6));
    uint8_t *mark = NULL;
    float *d2 = NULL;
    double spacing_mm[3];

    RGQ_TRY(err, rgq_lesion_survey(lesion, job, err));
    RGQ_TRY(err, rgq_roi_check_axes(grid, err));
    rgq_grid_spacing_mm(grid, spacing_mm);
    const rgq_box core = rgq_box_of_component(&job->flood);
    const rgq_box box = rgq_box_grow(&core, grid, reach_mm);
    RGQ_TRY(err, rgq_alloc(&mark, rgq_box_count(&box), 1, err));
    RGQ_TRY(err, rgq_alloc(&d2, rgq_box_count(&box), sizeof *d2, err));
    for (size_t k = 0; k < job->flood.count; k++)
        mark[rgq_box_index(&box, grid, job->flood.at[k])] = 1;
    rgq_flood_undo(&job->flood);
    RGQ_TRY(err, rgq_box_distance2(d2, mark, box.n, spacing_mm, err));
    const float *at = d2;
    for (int z = 0; z < box.n[2]; z++)
        for (int y = 0; y < box.n[1]; y++)
            for (int x = 0; x < box.n[0]; x++) {
                const size_t i = rgq_box_row(&box, grid, y, z) + (size_t)x;
                use[i] = *at++ <= reach2 && job->flood.state[i] == RGQ_VOXEL_OPEN;
            }
out:
    rgq_free(d2);
    rgq_free(mark);
    return st;
}

/* Otsu's classes; those of a mixture start from them. */
static rgq_status fit(rgq_segmentation *job, const rgq_bins *bins, rgq_error *err)
{
    rgq_segment_report *r = &job->report;
    double threshold[RGQ_SEGMENT_CLASSES_MAX];
    rgq_mixture_fit how;

    r->n_classes = (int)job->spec.value[0];
    RGQ_PASS(err, rgq_otsu(threshold, r->klass, r->n_classes, bins, err));
    r->threshold = threshold[r->n_classes - 2];
    if (job->spec.rule == RGQ_RULE_OTSU)
        return RGQ_OK;
    rgq_mixture_run(r->klass, r->n_classes, bins, &how);
    r->rounds = how.rounds;
    if (!how.converged)
        RGQ_WARN(job->log, "the mixture did not settle within %d rounds of EM", how.rounds);
    if (r->klass[r->n_classes - 1].mean <= r->klass[0].mean)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "the %d components of the mixture have fallen together at %.6g",
                         r->n_classes, r->klass[0].mean);
    r->threshold = 0.5 * (r->klass[0].mean + r->klass[r->n_classes - 1].mean);
    return RGQ_OK;
}

/* Voxels that were looked at and belong; with a seed those of its component. */
static rgq_status take(rgq_segmentation *job, const rgq_lesion *lesion, const uint8_t *use,
                       rgq_error *err)
{
    const size_t count = rgq_grid_count(job->grid);

#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < count; i++)
        job->mask[i] = use[i] != 0 && (double)job->values[i] >= job->report.threshold;
    if (!job->opts->has_seed)
        return RGQ_OK;
    for (size_t i = 0; i < count; i++)
        job->flood.state[i] = job->mask[i] != 0 ? RGQ_VOXEL_OPEN : RGQ_VOXEL_SHUT;
    job->flood.count = 0;
    RGQ_PASS(err, rgq_flood_fill(&job->flood, -(double)INFINITY, lesion->start, err));
    memset(job->mask, 0, count);
    rgq_segment_take(job);
    return rgq_lesion_check_seed(lesion, job, err);
}

rgq_status rgq_segment_classes(rgq_segmentation *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = rgq_grid_count(job->grid);
    uint8_t *use = NULL;
    rgq_bins bins = {.value = NULL};
    rgq_lesion lesion = {0};

    RGQ_TRY(err, rgq_alloc(&use, count, 1, err));
    if (job->opts->has_seed && !rgq_search_is_limited(job->opts)) {
        RGQ_TRY(err, mark_lesion(use, &lesion, job, err));
    } else {
        if (job->opts->has_seed)
            RGQ_TRY(err, rgq_lesion_start(&lesion, job, err));
        job->report.maximum = (double)job->values[rgq_search_maximum(&job->flood)];
        for (size_t i = 0; i < count; i++)
            use[i] = job->flood.state[i] == RGQ_VOXEL_OPEN;
    }
    RGQ_TRY(err, rgq_bins_make(&bins, job->values, use, count, err));
    RGQ_TRY(err, fit(job, &bins, err));
    RGQ_TRY(err, take(job, &lesion, use, err));
out:
    rgq_bins_release(&bins);
    rgq_free(use);
    return st;
}
