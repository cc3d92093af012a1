/* How much of an uptake a blocking dose takes away: two scans, region by region. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "measure/divisor.h"
#include "num/stats.h"

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "name of the region, by which the scans are paired"},
    {"label", RGQ_COLUMN_INT, NULL, "label in the blocked scan, else in the unblocked one"},
    {"unit", RGQ_COLUMN_TEXT, NULL, "unit of the means"},
    {"n_voxels_blocked", RGQ_COLUMN_INT, NULL, "voxels with a weight of at least 0.5"},
    {"n_voxels_unblocked", RGQ_COLUMN_INT, NULL, "voxels with a weight of at least 0.5"},
    {"mean_blocked", RGQ_COLUMN_REAL, NULL, "weighted mean, in the unit of the column `unit`"},
    {"mean_unblocked", RGQ_COLUMN_REAL, NULL,
     "weighted mean, in the unit of the column `unit`"},
    {"blocking_index", RGQ_COLUMN_REAL, "1", "1 - mean_blocked / mean_unblocked (a fraction)"},
    {"blocking_index_ci_low", RGQ_COLUMN_REAL, "1",
     "lower end of its interval, from the noise of both backgrounds"},
    {"blocking_index_ci_high", RGQ_COLUMN_REAL, "1", "upper end of its interval"},
    {"background_blocked", RGQ_COLUMN_TEXT, NULL, "region the noise was measured in"},
    {"background_unblocked", RGQ_COLUMN_TEXT, NULL, "region the noise was measured in"},
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

const rgq_column *rgq_blocking_columns(int *count)
{
    *count = N_COLUMNS;
    return columns;
}

/* One scan of the two, and what is made of it once. */
typedef struct side {
    const rgq_paired_scan *scan;
    const rgq_grid *grid;
    const float *values;
    const char *which;
    rgq_divisor shared;
    bool own; /* each region has a background of its own */
} side;

/* The mean of a region in one scan. */
typedef struct uptake {
    rgq_moments m;
    double variance; /* of the mean; NaN: not known */
    double dof;
    const char *background; /* NULL: none */
} uptake;

typedef struct session {
    side blocked, unblocked;
    double confidence;
    rgq_noise_model noise;
    const char *unit;
    const rgq_log *log;
} session;

static rgq_status check_side(const side *s, rgq_error *err)
{
    const rgq_paired_scan *scan = s->scan;
    const int n_frames = rgq_volume_n_frames(scan->volume);
    const int n = rgq_regions_count(scan->regions);

    if (scan->frame < 0 || scan->frame >= n_frames)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "frame %d of the %s scan with frames 0 to %d",
                         scan->frame, s->which, n_frames - 1);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (strcmp(rgq_regions_at(scan->regions, i)->name,
                       rgq_regions_at(scan->regions, j)->name) == 0)
                return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                                 "two regions of the %s scan are called '%.60s'; regions are "
                                 "paired by name",
                                 s->which, rgq_regions_at(scan->regions, i)->name);
    if (scan->backgrounds != NULL && rgq_regions_count(scan->backgrounds) != 1 &&
        rgq_regions_count(scan->backgrounds) != n)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%d backgrounds for %d regions of the %s scan; one for all or one for "
                         "each was needed",
                         rgq_regions_count(scan->backgrounds), n, s->which);
    RGQ_PASS(err, rgq_grid_compare(s->grid, rgq_regions_grid(scan->regions), -1.0, err));
    if (scan->backgrounds != NULL)
        RGQ_PASS(err,
                 rgq_grid_compare(s->grid, rgq_regions_grid(scan->backgrounds), -1.0, err));
    return rgq_volume_check_finite(scan->volume, "the volume to measure", err);
}

static rgq_status prepare_side(side *s, const rgq_paired_scan *scan, const char *which,
                               const rgq_log *log, rgq_error *err)
{
    rgq_noise_budget budget;

    *s = (side){.scan = scan, .grid = rgq_volume_grid(scan->volume), .which = which};
    RGQ_PASS(err, check_side(s, err));
    s->values = rgq_volume_cdata(scan->volume, scan->frame);
    s->own = scan->backgrounds != NULL && rgq_regions_count(scan->backgrounds) > 1;
    if (scan->backgrounds == NULL || s->own)
        return RGQ_OK;
    return rgq_divisor_measure(&s->shared, &budget, s->values, s->grid,
                               rgq_regions_at(scan->backgrounds, 0), log, err);
}

static int index_of(const rgq_regions *regions, const char *name)
{
    for (int i = 0; i < rgq_regions_count(regions); i++)
        if (strcmp(rgq_regions_at(regions, i)->name, name) == 0)
            return i;
    return -1;
}

/* Mean and its variance: the background's noise, carried to the region by the model. */
static rgq_status measure_side(uptake *out, const side *s, int i, const session *all,
                               rgq_error *err)
{
    const rgq_region *region = rgq_regions_at(s->scan->regions, i);
    rgq_divisor by = s->shared;
    rgq_noise_budget budget;
    double factor = 0.0;

    *out = (uptake){.variance = (double)NAN, .dof = (double)NAN};
    RGQ_PASS(err, rgq_moments_measure(&out->m, s->values, s->grid, region, err));
    if (s->own)
        RGQ_PASS(err,
                 rgq_divisor_measure(&by, &budget, s->values, s->grid,
                                     rgq_regions_at(s->scan->backgrounds, i), all->log, err));
    out->background = by.region != NULL ? by.region->name : NULL;
    if (by.region == NULL || !by.noise.known || !(out->m.weight > 0.0))
        return RGQ_OK;
    RGQ_PASS(err, rgq_noise_pairs(&factor, &by.noise, region, region, 1, err));
    const bool scaled = all->noise == RGQ_NOISE_PROPORTIONAL && by.moments.mean > 0.0;
    const double hotter = scaled ? fmax(out->m.mean / by.moments.mean, 1.0) : 1.0;
    out->variance = hotter * by.noise.variance * factor;
    out->dof = by.noise.dof;
    return RGQ_OK;
}

/* Degrees of freedom of a sum of two variances (Welch and Satterthwaite). */
static double joint_dof(double a, double dof_a, double b, double dof_b)
{
    const double spread = a * a / dof_a + b * b / dof_b;

    return spread > 0.0 ? (a + b) * (a + b) / spread : (double)INFINITY;
}

static void set_index(rgq_table *table, const session *s, const char *name, const uptake *b,
                      const uptake *u)
{
    double ci[2];

    if (!(b->m.weight > 0.0) || !(u->m.weight > 0.0)) {
        RGQ_WARN(s->log, "region '%s' is empty in the %s scan: no blocking index", name,
                 b->m.weight > 0.0 ? "unblocked" : "blocked");
        return;
    }
    if (!(u->m.mean > 0.0)) {
        RGQ_WARN(
            s->log,
            "region '%s' has a mean of %.6g in the unblocked scan: the blocking index needs "
            "one above 0, and is n/a",
            name, u->m.mean);
        return;
    }
    const double ratio = b->m.mean / u->m.mean;
    rgq_table_set_real(table, "blocking_index", 1.0 - ratio);
    if (!isfinite(b->variance) || !isfinite(u->variance))
        return;
    const double dof = joint_dof(b->variance, b->dof, ratio * ratio * u->variance, u->dof);
    const double t = rgq_t_quantile(0.5 + 0.5 * s->confidence, dof);
    const rgq_estimate above = {b->m.mean, b->variance};
    const rgq_estimate below = {u->m.mean, u->variance};
    if (!rgq_ratio_interval(ci, above, below, 0.0, t)) {
        RGQ_WARN(
            s->log,
            "no interval for the blocking index of '%s': its mean of %.6g in the unblocked "
            "scan is not clearly above 0",
            name, u->m.mean);
        return;
    }
    rgq_table_set_real(table, "blocking_index_ci_low", 1.0 - ci[1]);
    rgq_table_set_real(table, "blocking_index_ci_high", 1.0 - ci[0]);
}

static rgq_status set_side(rgq_table *table, const uptake *of, bool blocked, rgq_error *err)
{
    rgq_table_set_int(table, blocked ? "n_voxels_blocked" : "n_voxels_unblocked",
                      of->m.n_voxels);
    rgq_table_set_real(table, blocked ? "mean_blocked" : "mean_unblocked", of->m.mean);
    if (of->background == NULL)
        return RGQ_OK;
    return rgq_table_set_text(table, blocked ? "background_blocked" : "background_unblocked",
                              of->background, err);
}

/* A row; either index may be -1, then the pair is incomplete. */
static rgq_status add_pair(rgq_table *table, const session *s, int i, int j, rgq_error *err)
{
    const rgq_region *region = i >= 0 ? rgq_regions_at(s->blocked.scan->regions, i)
                                      : rgq_regions_at(s->unblocked.scan->regions, j);
    uptake b;
    uptake u;

    RGQ_PASS(err, rgq_table_add_row(table, err));
    RGQ_PASS(err, rgq_table_set_text(table, "region", region->name, err));
    RGQ_PASS(err, rgq_table_set_text(table, "unit", s->unit, err));
    rgq_table_set_int(table, "label", region->label);
    if (i >= 0) {
        RGQ_PASS(err, measure_side(&b, &s->blocked, i, s, err));
        RGQ_PASS(err, set_side(table, &b, true, err));
    }
    if (j >= 0) {
        RGQ_PASS(err, measure_side(&u, &s->unblocked, j, s, err));
        RGQ_PASS(err, set_side(table, &u, false, err));
    }
    if (i >= 0 && j >= 0)
        set_index(table, s, region->name, &b, &u);
    else
        RGQ_WARN(s->log, "region '%s' is only in the %s scan: no blocking index", region->name,
                 i >= 0 ? "blocked" : "unblocked");
    return RGQ_OK;
}

static rgq_status add_pairs(rgq_table *table, const session *s, rgq_error *err)
{
    const rgq_regions *blocked = s->blocked.scan->regions;
    const rgq_regions *unblocked = s->unblocked.scan->regions;
    int pairs = 0;

    for (int i = 0; i < rgq_regions_count(blocked); i++) {
        const int j = index_of(unblocked, rgq_regions_at(blocked, i)->name);
        pairs += j >= 0;
        RGQ_PASS(err, add_pair(table, s, i, j, err));
    }
    for (int j = 0; j < rgq_regions_count(unblocked); j++)
        if (index_of(blocked, rgq_regions_at(unblocked, j)->name) < 0)
            RGQ_PASS(err, add_pair(table, s, -1, j, err));
    if (pairs > 0)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "no region of the blocked scan has the name of one of the unblocked scan; "
                     "regions are paired by name ('rgdquant regions --rename' changes it)");
}

rgq_status rgq_blocking(rgq_table **out, const rgq_paired_scan *blocked,
                        const rgq_paired_scan *unblocked, const rgq_measure_opts *opts,
                        const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    const rgq_unit unit = rgq_volume_unit(blocked->volume);
    session s = {.confidence = opts->confidence,
                 .noise = opts->noise,
                 .unit = rgq_unit_name(unit),
                 .log = log};

    *out = NULL;
    if (!(opts->confidence > 0.0 && opts->confidence < 1.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a confidence of %g; a value between 0 and 1 was needed, e.g. 0.95",
                         opts->confidence);
    if (unit != rgq_volume_unit(unblocked->volume))
        return RGQ_RAISE(err, RGQ_E_UNIT,
                         "the blocked scan is in %s, the unblocked one in %s; one unit was "
                         "needed: --unit names one that both can reach",
                         s.unit, rgq_unit_name(rgq_volume_unit(unblocked->volume)));
    RGQ_PASS(err, prepare_side(&s.blocked, blocked, "blocked", log, err));
    RGQ_PASS(err, prepare_side(&s.unblocked, unblocked, "unblocked", log, err));
    RGQ_TRY(err, rgq_table_create(&table, columns, N_COLUMNS, err));
    RGQ_TRY(err, add_pairs(table, &s, err));
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}
