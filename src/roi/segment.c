#include "rgdquant/segment.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "roi/threshold.h"

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

static rgq_status find_all(components *set, rgq_flood *flood, double threshold, rgq_error *err)
{
    const size_t count = rgq_grid_count(flood->grid);

    for (size_t i = 0; i < count; i++) {
        RGQ_PASS(err, rgq_flood_fill(flood, threshold, i, err));
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

/* One lesion: from the seed, or (a50) from the maximum. */
static rgq_status find_one(components *set, rgq_flood *flood, const rgq_spec *spec,
                           const rgq_segment_opts *opts, rgq_segment_report *report,
                           const rgq_log *log, rgq_error *err)
{
    rgq_lesion lesion = {.seeded = opts->has_seed};
    const size_t nx = (size_t)flood->grid->n[0];
    const size_t ny = (size_t)flood->grid->n[1];

    if (opts->has_seed)
        RGQ_PASS(err, rgq_search_seed(&lesion.start, flood, opts, err));
    else
        lesion.start = rgq_search_maximum(flood);
    const size_t y = lesion.start / nx % ny;
    const size_t z = lesion.start / nx / ny;
    const double index[3] = {(double)(lesion.start % nx), (double)y, (double)z};
    rgq_grid_to_world(flood->grid, index, lesion.seed_mm);
    RGQ_PASS(err, rgq_lesion_find(&lesion, flood, spec, log, err));
    report->threshold = lesion.threshold;
    report->maximum = (double)flood->peak;
    report->background = lesion.background.mean;
    report->background_sd = lesion.background.sd;
    return keep(set, flood, err);
}

static rgq_status find_many(components *set, rgq_flood *flood, const rgq_spec *spec,
                            rgq_segment_report *report, rgq_error *err)
{
    const double maximum = (double)flood->values[rgq_search_maximum(flood)];
    const double threshold = spec->rule == RGQ_RULE_FIXED ? spec->value : spec->value * maximum;

    report->threshold = threshold;
    report->maximum = maximum;
    if (spec->rule == RGQ_RULE_PERCENT_MAX && maximum <= 0.0)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "the maximum in the search region is %.6g; percent-max needs one "
                         "above 0",
                         maximum);
    if (maximum < threshold)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "no voxel of the search region reaches %.6g; its maximum is %.6g",
                         threshold, maximum);
    return find_all(set, flood, threshold, err);
}

static rgq_status check_opts(const rgq_segment_opts *opts, rgq_error *err)
{
    if (!(opts->min_volume_ml >= 0.0) || !isfinite(opts->min_volume_ml))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a least volume of %g mL; 0 or more was needed",
                         opts->min_volume_ml);
    if (opts->has_seed && (!isfinite(opts->seed_mm[0]) || !isfinite(opts->seed_mm[1]) ||
                           !isfinite(opts->seed_mm[2])))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a seed at (%g, %g, %g) mm", opts->seed_mm[0],
                         opts->seed_mm[1], opts->seed_mm[2]);
    return RGQ_OK;
}

rgq_status rgq_segment(rgq_regions **out, const rgq_volume *volume, const char *spec_text,
                       const rgq_segment_opts *opts, rgq_segment_report *report,
                       const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = rgq_volume_grid(volume);
    rgq_flood flood = {.state = NULL};
    components set = {NULL, NULL, 0, 0};
    rgq_segment_report done = {.background = (double)NAN, .background_sd = (double)NAN};
    rgq_spec spec;

    *out = NULL;
    RGQ_TRY(err, rgq_spec_parse(&spec, spec_text, err));
    RGQ_TRY(err, check_opts(opts, err));
    RGQ_TRY(err, rgq_volume_check_finite(volume, "the volume to segment", err));
    RGQ_TRY(err,
            rgq_flood_init(&flood, grid, rgq_volume_cdata(volume, 0), opts->connectivity, err));
    RGQ_TRY(err, rgq_search_limit(&flood, opts, err));
    RGQ_TRY(err, rgq_alloc(&set.label, rgq_grid_count(grid), sizeof *set.label, err));
    rgq_text_copy(done.method, sizeof done.method, spec_text);
    if (opts->has_seed || spec.rule == RGQ_RULE_A50)
        RGQ_TRY(err, find_one(&set, &flood, &spec, opts, &done, log, err));
    else
        RGQ_TRY(err, find_many(&set, &flood, &spec, &done, err));
    RGQ_TRY(err, sift(&set, opts->min_volume_ml, rgq_grid_voxel_ml(grid), &done, err));
    RGQ_TRY(err, make_regions(out, &set, grid, done.n_components, opts->components, err));
    RGQ_INFO(log, "%s: %d of %d components >= %.6g %s kept (maximum %.6g)", done.method,
             done.n_kept, done.n_components, done.threshold,
             rgq_unit_name(rgq_volume_unit(volume)), done.maximum);
    if (report != NULL)
        *report = done;
out:
    rgq_flood_release(&flood);
    release(&set);
    return st;
}
