#include "rgdquant/segment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "num/conv.h"
#include "roi/morphology.h"
#include "roi/segment_method.h"
#include "roi/watershed.h"

/* One component that was kept or may be. */
typedef struct component {
    int32_t id; /* in the label map, from 1 in the order of finding */
    float peak;
    size_t peak_at;
    size_t count;
} component;

typedef struct components {
    int32_t *label; /* the grid; 0 outside */
    component *item;
    size_t count;
    size_t capacity;
} components;

static void release(components *set)
{
    rgq_free(set->label);
    rgq_free(set->item);
}

/* Put the component found last into the set. */
static rgq_status keep(components *set, const rgq_flood *flood, rgq_error *err)
{
    if (set->count == set->capacity) {
        const size_t capacity = set->capacity > 0 ? 2 * set->capacity : 64;
        RGQ_PASS(err, rgq_realloc(&set->item, capacity, sizeof *set->item, err));
        set->capacity = capacity;
    }
    const int32_t id = (int32_t)(set->count + 1);
    set->item[set->count++] = (component){id, flood->peak, flood->peak_at, flood->count};
    for (size_t k = 0; k < flood->count; k++)
        set->label[flood->at[k]] = id;
    return RGQ_OK;
}

/* Every component of the open voxels, of each hill by itself if there are hills. */
static rgq_status find_all(components *set, rgq_flood *flood, const int32_t *hill,
                           rgq_error *err)
{
    const size_t count = rgq_grid_count(flood->grid);

    for (size_t i = 0; i < count; i++) {
        RGQ_PASS(err, rgq_flood_fill_like(flood, hill, i, err));
        if (flood->count == 0)
            continue;
        if (set->count == INT32_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "more than %d components", INT32_MAX);
        RGQ_PASS(err, keep(set, flood, err));
    }
    return RGQ_OK;
}

static int by_falling_peak(const void *a, const void *b)
{
    const component *p = a;
    const component *q = b;

    if (p->peak != q->peak)
        return p->peak > q->peak ? -1 : 1;
    return p->peak_at < q->peak_at ? -1 : p->peak_at > q->peak_at;
}

/* Drop what is too small, order the rest, and say so in the report. */
static rgq_status sift(components *set, double min_volume_ml, double voxel_ml,
                       rgq_segment_report *report, rgq_error *err)
{
    size_t kept = 0;
    size_t largest = 0;

    report->n_components = (int)set->count;
    report->dropped_ml = 0.0;
    for (size_t i = 0; i < set->count; i++) {
        const double volume_ml = (double)set->item[i].count * voxel_ml;
        largest = set->item[i].count > largest ? set->item[i].count : largest;
        if (volume_ml >= min_volume_ml * (1.0 - 1e-9)) /* as many voxels as make it up */
            set->item[kept++] = set->item[i];
        else
            report->dropped_ml += volume_ml;
    }
    report->n_kept = (int)kept;
    if (kept == 0)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "the largest of %zu components above %.6g has %.6g mL; at least %g mL "
                         "was asked for (--min-volume-ml)",
                         set->count, report->threshold, (double)largest * voxel_ml,
                         min_volume_ml);
    set->count = kept;
    qsort(set->item, set->count, sizeof *set->item, by_falling_peak);
    return RGQ_OK;
}

/* Replace the ids of the label map by ranks (or by 1), 0 for what was dropped. */
static rgq_status renumber(components *set, const rgq_grid *grid, int n_ids, bool apart,
                           rgq_error *err)
{
    int32_t *rank = NULL;
    const size_t count = rgq_grid_count(grid);

    RGQ_PASS(err, rgq_alloc(&rank, (size_t)n_ids + 1, sizeof *rank, err));
    for (size_t i = 0; i < set->count; i++)
        rank[set->item[i].id] = apart ? (int32_t)(i + 1) : 1;
    for (size_t v = 0; v < count; v++)
        set->label[v] = rank[set->label[v]];
    rgq_free(rank);
    return RGQ_OK;
}

static rgq_status make_regions(rgq_regions **out, components *set, const rgq_grid *grid,
                               int n_ids, bool apart, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *regions = NULL;

    if (apart && set->count > RGQ_REGIONS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%zu components are more than the %d regions a file can hold; raise "
                         "the threshold or give --min-volume-ml",
                         set->count, (int)RGQ_REGIONS_MAX);
    RGQ_TRY(err, renumber(set, grid, n_ids, apart, err));
    RGQ_TRY(err, rgq_regions_from_labels(&regions, grid, set->label, err));
    for (int i = 0; i < rgq_regions_count(regions); i++) {
        char name[32] = "segment";
        if (apart)
            (void)snprintf(name, sizeof name, "lesion-%d", i + 1);
        RGQ_TRY(err, rgq_regions_rename(regions, i, name, err));
    }
    *out = regions;
    regions = NULL;
out:
    rgq_regions_free(regions);
    return st;
}

/* ---- what is asked for ---- */

static rgq_status check_least(double value, const char *what, const char *unit, rgq_error *err)
{
    if (value >= 0.0 && isfinite(value))
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s of %g%s; 0 or more was needed", what, value,
                     unit);
}

static rgq_status check_opts(const rgq_segment_opts *opts, rgq_error *err)
{
    const struct {
        double value;
        const char *what;
        const char *unit;
    } least[] = {{opts->min_volume_ml, "a least volume", " mL"},
                 {opts->open_mm, "an opening", " mm"},
                 {opts->close_mm, "a closing", " mm"},
                 {opts->smooth_mm, "a smoothing", " mm"},
                 {opts->erode_mm, "an erosion", " mm"},
                 {opts->dilate_mm, "a dilation", " mm"},
                 {opts->split_depth, "a depth of saddles", ""},
                 {opts->background_value_sd, "a background's standard deviation", ""}};

    for (size_t i = 0; i < sizeof least / sizeof least[0]; i++)
        RGQ_PASS(err, check_least(least[i].value, least[i].what, least[i].unit, err));
    if (opts->split_depth > 1.0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a depth of saddles of %g; it is a fraction of the peak, 0 to 1",
                         opts->split_depth);
    if (!(opts->psf_mm > 0.0) || !isfinite(opts->psf_mm))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a FWHM of the scan of %g mm; more than 0 was needed", opts->psf_mm);
    if (opts->has_seed && (!isfinite(opts->seed_mm[0]) || !isfinite(opts->seed_mm[1]) ||
                           !isfinite(opts->seed_mm[2])))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a seed at (%g, %g, %g) mm", opts->seed_mm[0],
                         opts->seed_mm[1], opts->seed_mm[2]);
    return RGQ_OK;
}

/* ---- the work ---- */

static rgq_status run_method(rgq_segmentation *job, rgq_error *err)
{
    switch (job->spec.rule) {
    case RGQ_RULE_FIXED:
    case RGQ_RULE_PERCENT_MAX:
    case RGQ_RULE_PERCENT_PEAK:
    case RGQ_RULE_PERCIST:
        return rgq_segment_threshold(job, err);
    case RGQ_RULE_A50:
    case RGQ_RULE_NESTLE:
    case RGQ_RULE_SCHAEFER:
    case RGQ_RULE_BLACK:
        return rgq_segment_adaptive(job, err);
    case RGQ_RULE_OTSU:
    case RGQ_RULE_GMM:
        return rgq_segment_classes(job, err);
    case RGQ_RULE_GROW:
        return rgq_segment_grow(job, err);
    case RGQ_RULE_GRADIENT:
        return rgq_segment_gradient(job, err);
    case RGQ_RULE_WALKER:
        break;
    }
    return rgq_segment_walker(job, err);
}

static void warn_of_fdg(const rgq_segmentation *job)
{
    const rgq_segment_method *method = job->spec.method;

    if (!method->for_fdg)
        return;
    if (job->opts->tracer == NULL) {
        RGQ_INFO(job->log, "%s was calibrated for FDG", method->name);
        return;
    }
    if (strstr(job->opts->tracer, "FDG") != NULL || strstr(job->opts->tracer, "fdg") != NULL)
        return;
    RGQ_WARN(
        job->log,
        "%s was calibrated for FDG, not for %.60s: lesions of lower contrast are not what it "
        "was made for (a contour at 41 %% of the maximum leaks where maximum / background "
        "is under 2.44)",
        method->name, job->opts->tracer);
}

/* Openings and the like, which never leave the search region. `search` is its states. */
static rgq_status finish_mask(rgq_segmentation *job, const uint8_t *search, rgq_error *err)
{
    const size_t count = rgq_grid_count(job->grid);

    RGQ_PASS(err, rgq_morph_apply(job->mask, job->grid, job->opts, err));
    for (size_t i = 0; i < count; i++)
        if (search[i] != RGQ_VOXEL_OPEN)
            job->mask[i] = 0;
    if (memchr(job->mask, 1, count) == NULL)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "nothing is left of the segment; open and erode less (--open-mm, "
                         "--erode-mm)");
    return RGQ_OK;
}

/* Numbers of the hills of the mask, of the values smoothed by half the scan's FWHM. */
static rgq_status find_summits(int32_t **out, const rgq_segmentation *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = rgq_grid_count(job->grid);
    int32_t *hill = NULL;
    float *values = NULL;
    double spacing_mm[3];
    double sigma[3];

    RGQ_PASS(err, rgq_roi_check_axes(job->grid, err));
    rgq_grid_spacing_mm(job->grid, spacing_mm);
    for (int a = 0; a < 3; a++)
        sigma[a] = 0.5 * job->opts->psf_mm / 2.3548200450309493 / spacing_mm[a];
    RGQ_TRY(err, rgq_alloc(&hill, count, sizeof *hill, err));
    RGQ_TRY(err, rgq_alloc(&values, count, sizeof *values, err));
    memcpy(values, job->values, count * sizeof *values);
    RGQ_TRY(err, rgq_conv_gaussian(values, job->grid->n, sigma, RGQ_BORDER_REPLICATE,
                                   RGQ_CONV_FIR, NULL, err));
    RGQ_TRY(err, rgq_hills(hill, job->mask, values, job->grid->n, job->opts->split_depth, err));
    *out = hill;
    hill = NULL;
out:
    rgq_free(values);
    rgq_free(hill);
    return st;
}

/* With a seed: the component that holds it, or the one nearest to being so. */
static rgq_status keep_seeded(components *set, const rgq_segmentation *job, rgq_error *err)
{
    size_t seed = 0;
    rgq_flood all = job->flood; /* only its grid and state are looked at */

    RGQ_PASS(err, rgq_search_seed(&seed, &all, job->opts, err));
    if (set->count == 1)
        return RGQ_OK;
    const int32_t id = set->label[seed];
    if (id == 0)
        return RGQ_RAISE(
            err, RGQ_E_NOTFOUND,
            "the segment came apart and none of its %zu parts holds the seed; open "
            "and erode less, or move the seed",
            set->count);
    set->item[0] = set->item[id - 1];
    set->count = 1;
    return RGQ_OK;
}

static rgq_status find_components(components *set, rgq_segmentation *job, const uint8_t *search,
                                  rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = rgq_grid_count(job->grid);
    int32_t *hill = NULL;

    for (size_t i = 0; i < count; i++)
        job->flood.state[i] = job->mask[i] != 0 ? RGQ_VOXEL_OPEN : RGQ_VOXEL_SHUT;
    job->flood.count = 0;
    if (job->opts->split_depth > 0.0)
        RGQ_TRY(err, find_summits(&hill, job, err));
    RGQ_TRY(err, find_all(set, &job->flood, hill, err));
    job->report.n_components = (int)set->count;
    memcpy(job->flood.state, search, count);
    if (job->opts->has_seed)
        RGQ_TRY(err, keep_seeded(set, job, err));
out:
    rgq_free(hill);
    return st;
}

static void tell(const rgq_segmentation *job)
{
    const rgq_segment_report *r = &job->report;
    const char *unit = rgq_unit_name(rgq_volume_unit(job->volume));
    char words[80] = "";

    if (isfinite(r->threshold))
        (void)snprintf(words, sizeof words, " >= %.6g %s", r->threshold, unit);
    RGQ_INFO(job->log, "%s: %d of %d components%s kept (maximum %.6g)", r->method, r->n_kept,
             r->n_components, words, r->maximum);
}

static rgq_status prepare(rgq_segmentation *job, const char *spec, rgq_error *err)
{
    const size_t count = rgq_grid_count(job->grid);

    RGQ_PASS(err, rgq_spec_parse(&job->spec, spec, err));
    RGQ_PASS(err, check_opts(job->opts, err));
    RGQ_PASS(err, rgq_volume_check_finite(job->volume, "the volume to segment", err));
    RGQ_PASS(err,
             rgq_flood_init(&job->flood, job->grid, job->values, job->opts->connectivity, err));
    RGQ_PASS(err, rgq_search_limit(&job->flood, job->opts, err));
    RGQ_PASS(err, rgq_alloc(&job->mask, count, 1, err));
    rgq_text_copy(job->report.method, sizeof job->report.method, spec);
    return RGQ_OK;
}

rgq_status rgq_segment(rgq_regions **out, const rgq_volume *volume, const char *spec,
                       const rgq_segment_opts *opts, rgq_segment_report *report,
                       const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = rgq_volume_grid(volume);
    rgq_segmentation job = {.volume = volume,
                            .grid = grid,
                            .values = rgq_volume_cdata(volume, 0),
                            .opts = opts,
                            .log = log};
    components set = {NULL, NULL, 0, 0};
    uint8_t *search = NULL;

    *out = NULL;
    job.report.threshold = job.report.background = job.report.background_sd = (double)NAN;
    job.report.contour = job.report.residual = (double)NAN;
    RGQ_TRY(err, prepare(&job, spec, err));
    RGQ_TRY(err, rgq_alloc(&search, rgq_grid_count(grid), 1, err));
    memcpy(search, job.flood.state, rgq_grid_count(grid));
    warn_of_fdg(&job);
    RGQ_TRY(err, run_method(&job, err));
    RGQ_TRY(err, finish_mask(&job, search, err));
    RGQ_TRY(err, rgq_alloc(&set.label, rgq_grid_count(grid), sizeof *set.label, err));
    RGQ_TRY(err, find_components(&set, &job, search, err));
    const int n_ids = job.report.n_components;
    RGQ_TRY(err, sift(&set, opts->min_volume_ml, rgq_grid_voxel_ml(grid), &job.report, err));
    RGQ_TRY(err, make_regions(out, &set, grid, n_ids, opts->components, err));
    tell(&job);
    if (report != NULL)
        *report = job.report;
out:
    rgq_flood_release(&job.flood);
    rgq_free(job.mask);
    rgq_free(search);
    release(&set);
    return st;
}
