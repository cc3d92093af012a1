/* Which voxels are measured, and by what they are divided. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "pipeline/job.h"

static rgq_status read_regions(rgq_regions **out, rgq_job *job, const char *path,
                               const char *role, rgq_error *err)
{
    const rgq_regions_read_opts opts = {.scan = job->opts->scan,
                                        .frame_uid = job->scan.frame_uid};

    RGQ_PASS(err, rgq_record_input(job->record, path, role, err));
    const rgq_status st =
        rgq_regions_read_on(out, path, rgq_volume_grid(job->volume), &opts, &job->log, err);
    if (st == RGQ_E_GEOMETRY)
        rgq_error_prefix(err, "the %s lie on another grid than the scan: ", role);
    return st;
}

static rgq_status record_segment(rgq_job *job, const rgq_segment_opts *how,
                                 const rgq_segment_report *report, rgq_error *err)
{
    rgq_json *step = NULL;

    RGQ_PASS(err, rgq_record_step(&step, job->record, "segment", err));
    RGQ_PASS(err, rgq_json_set_text(step, "spec", job->opts->segment, err));
    RGQ_PASS(err, rgq_json_set_text(step, "method", report->method, err));
    RGQ_PASS(err, rgq_json_set_real(step, "psf_mm", how->psf_mm, err));
    RGQ_PASS(err, rgq_json_set_real(step, "threshold", report->threshold, err));
    RGQ_PASS(err,
             rgq_json_set_text(step, "unit", rgq_unit_name(rgq_volume_unit(job->volume)), err));
    RGQ_PASS(err, rgq_json_set_real(step, "maximum", report->maximum, err));
    RGQ_PASS(err, rgq_json_set_real(step, "background", report->background, err));
    RGQ_PASS(err, rgq_json_set_real(step, "background_sd", report->background_sd, err));
    RGQ_PASS(err, rgq_json_set_int(step, "components", report->n_components, err));
    RGQ_PASS(err, rgq_json_set_int(step, "kept", report->n_kept, err));
    return rgq_json_set_real(step, "dropped_ml", report->dropped_ml, err);
}

/* The reference region of percist is the one to divide by, or the tracer's; what is about one
 * lesion takes its local background. */
static rgq_status use_reference(rgq_segment_opts *how, const rgq_job *job, rgq_error *err)
{
    const rgq_region *region = NULL;
    const bool named =
        job->opts->background != NULL && job->divisor.kind != RGQ_BACKGROUND_REFERENCE;

    if (strncmp(job->opts->segment, "percist", 7) != 0)
        return RGQ_OK;
    if (job->regions != NULL && named && job->divisor.kind == RGQ_BACKGROUND_REGION)
        region = rgq_regions_find(job->regions, job->divisor.name);
    else if (job->regions != NULL && !named && job->tracer.reference_tissue[0] != '\0')
        RGQ_PASS(err, rgq_background_tissue(&region, job->regions, job->tracer.reference_tissue,
                                            err));
    if (region == NULL)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "percist needs a reference region, which is not guessed from the "
                         "image; give --regions LABELS and name one of them with --background");
    how->background = job->regions;
    how->background_region = region->name;
    return RGQ_OK;
}

/* How far a lesion's blur reaches: the largest width of the volume's PSF, if it is known. A
 * measured kernel has none. */
static void use_psf(rgq_segment_opts *how, const rgq_job *job)
{
    rgq_psf psf = job->pvc.psf;

    if (psf.image != NULL || !(psf.fwhm_mm[0] + psf.fwhm_mm[1] + psf.fwhm_mm[2] > 0.0))
        return;
    if (job->opts->pvc == NULL && job->filtered.name[0] != '\0') /* a correction did it */
        rgq_psf_filtered(&psf, &job->filtered, &job->log);
    how->psf_mm = fmax(psf.fwhm_mm[0], fmax(psf.fwhm_mm[1], psf.fwhm_mm[2]));
}

static rgq_status segment(rgq_regions **out, rgq_job *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_quantify_opts *o = job->opts;
    rgq_segment_opts how = o->segmenting;
    rgq_segment_report report = {0};
    rgq_regions *within = NULL;
    rgq_regions *exclude = NULL;

    use_psf(&how, job);
    if (o->within != NULL)
        RGQ_TRY(err, read_regions(&within, job, o->within, "search regions", err));
    if (o->exclude != NULL)
        RGQ_TRY(err, read_regions(&exclude, job, o->exclude, "excluded regions", err));
    how.within = within;
    how.exclude = exclude;
    how.tracer = job->tracer.id;
    RGQ_TRY(err, use_reference(&how, job, err));
    if (rgq_volume_unit(job->volume) != RGQ_UNIT_SUV_BW && strncmp(o->segment, "fixed", 5) == 0)
        RGQ_WARN(&job->log, "the threshold of --segment %s is in %s, not in SUV", o->segment,
                 rgq_unit_name(rgq_volume_unit(job->volume)));
    RGQ_TRY(err, rgq_segment(out, job->volume, o->segment, &how, &report, &job->log, err));
    RGQ_TRY(err, record_segment(job, &how, &report, err));
    const rgq_segment_method *method = rgq_segment_method_of(o->segment);
    if (method != NULL && method->cite != NULL)
        RGQ_TRY(err, rgq_record_cite(job->record, method->cite, err));
out:
    rgq_regions_free(exclude);
    rgq_regions_free(within);
    return st;
}

/* A label that is free in `regions`, at least `wish`. */
static int free_label(const rgq_regions *regions, int wish)
{
    int label = wish;
    for (int i = 0; i < rgq_regions_count(regions); i++)
        if (rgq_regions_at(regions, i)->label >= label)
            label = rgq_regions_at(regions, i)->label + 1;
    return label;
}

/* Append copies of `more` behind the regions of the file. */
static rgq_status join(rgq_regions *regions, const rgq_regions *more, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = rgq_regions_grid(regions);
    float *weight = NULL;

    RGQ_PASS(err, rgq_alloc(&weight, rgq_grid_count(grid), sizeof *weight, err));
    for (int r = 0; r < rgq_regions_count(more); r++) {
        const rgq_region *region = rgq_regions_at(more, r);
        size_t i = 0;
        memset(weight, 0, rgq_grid_count(grid) * sizeof *weight);
        for (int z = region->lo[2]; z < region->lo[2] + region->n[2]; z++)
            for (int y = region->lo[1]; y < region->lo[1] + region->n[1]; y++)
                for (int x = region->lo[0]; x < region->lo[0] + region->n[0]; x++)
                    weight[((size_t)z * (size_t)grid->n[1] + (size_t)y) * (size_t)grid->n[0] +
                           (size_t)x] = region->weight[i++];
        RGQ_TRY(err, rgq_regions_add(regions, region->name, free_label(regions, region->label),
                                     weight, err));
    }
out:
    rgq_free(weight);
    return st;
}

/* ---- background ---- */

/* Without --background: the tracer's reference tissue, if a region is named so. */
static rgq_status use_tissue(const char **why, rgq_job *job, rgq_error *err)
{
    const char *tissue = job->tracer.reference_tissue;
    const rgq_region *region = NULL;
    rgq_background_spec spec = {.kind = RGQ_BACKGROUND_REGION};

    if (tissue[0] == '\0') {
        *why = "none: the tracer file names no reference tissue";
        RGQ_WARN(&job->log,
                 "no ratios to a background: no reference tissue is established for "
                 "%s; name a region with --background",
                 job->tracer.id);
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_background_tissue(&region, job->regions, tissue, err));
    if (region == NULL) {
        *why = "none: no region is named as the reference tissue of the tracer";
        RGQ_WARN(&job->log,
                 "no ratios to a background: there is no region '%s', the reference "
                 "tissue of %s; name one with --background",
                 tissue, job->tracer.id);
        return RGQ_OK;
    }
    *why = "reference tissue of the tracer file";
    rgq_text_copy(spec.name, sizeof spec.name, region->name);
    return rgq_background_make(&job->backgrounds, job->regions, &spec, NULL, &job->log, err);
}

static rgq_status choose_background(rgq_job *job, rgq_error *err)
{
    const rgq_background_tracer tracer = {job->tracer.id, job->tracer.reference_tissue};
    rgq_json *step = NULL;
    const char *why = "--background";

    if (job->opts->background != NULL)
        RGQ_PASS(err, rgq_background_make(&job->backgrounds, job->regions, &job->divisor,
                                          &tracer, &job->log, err));
    else
        RGQ_PASS(err, use_tissue(&why, job, err));
    if (job->backgrounds != NULL && rgq_background_is_own(&job->divisor))
        (void)rgq_background_words(job->background, &job->divisor);
    else if (job->backgrounds != NULL)
        rgq_text_copy(job->background, sizeof job->background,
                      rgq_regions_at(job->backgrounds, 0)->name);
    RGQ_PASS(err, rgq_record_step(&step, job->record, "background", err));
    if (job->backgrounds != NULL)
        RGQ_PASS(err, rgq_json_set_text(step, "region", job->background, err));
    else
        RGQ_PASS(err, rgq_json_set_null(step, "region", err));
    return rgq_json_set_text(step, "chosen_by", why, err);
}

rgq_status rgq_job_given_regions(rgq_job *job, rgq_error *err)
{
    rgq_json *step = NULL;

    if (job->opts->regions == NULL)
        return RGQ_OK;
    RGQ_PASS(err, read_regions(&job->regions, job, job->opts->regions, "regions", err));
    if (rgq_regions_count(job->regions) == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s holds no region; voxels of 1 and more were needed",
                         job->opts->regions);
    RGQ_PASS(err, rgq_record_step(&step, job->record, "regions", err));
    return rgq_json_set_int(step, "count", rgq_regions_count(job->regions), err);
}

rgq_status rgq_job_regions(rgq_job *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *found = NULL;

    if (job->opts->segment != NULL) {
        RGQ_TRY(err, segment(&found, job, err));
        if (job->regions == NULL) {
            job->regions = found;
            found = NULL;
        } else {
            RGQ_TRY(err, join(job->regions, found, err));
        }
    }
    RGQ_TRY(err, choose_background(job, err));
out:
    rgq_regions_free(found);
    return st;
}
