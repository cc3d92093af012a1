#include "rgdquant/measure.h"

#include <math.h>
#include <stdio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "measure/budget.h"
#include "measure/survey.h"

#define UNIT_NOTE "in the unit of the column `unit`"

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "name the file gives the region, else its label number"},
    {"label", RGQ_COLUMN_INT, NULL, "label number of the region"},
    {"n_voxels", RGQ_COLUMN_INT, NULL, "voxels with a weight of at least 0.5"},
    {"volume_ml", RGQ_COLUMN_REAL, "mL", "sum of the weights x volume of a voxel"},
    {"unit", RGQ_COLUMN_TEXT, NULL, "unit of the values of this row"},
    {"mean", RGQ_COLUMN_REAL, NULL, "weighted mean, " UNIT_NOTE},
    {"sd", RGQ_COLUMN_REAL, NULL, "weighted population standard deviation, " UNIT_NOTE},
    {"min", RGQ_COLUMN_REAL, NULL, "least voxel, " UNIT_NOTE},
    {"p25", RGQ_COLUMN_REAL, NULL, "first quartile, Hyndman-Fan type 7, " UNIT_NOTE},
    {"median", RGQ_COLUMN_REAL, NULL, "median, Hyndman-Fan type 7, " UNIT_NOTE},
    {"p75", RGQ_COLUMN_REAL, NULL, "third quartile, Hyndman-Fan type 7, " UNIT_NOTE},
    {"max", RGQ_COLUMN_REAL, NULL, "largest voxel, " UNIT_NOTE},
    {"peak_local", RGQ_COLUMN_REAL, NULL,
     "mean over a sphere of 1 mL about the hottest voxel (of equals the highest peak), exact "
     "overlap with the voxels, " UNIT_NOTE},
    {"peak_global", RGQ_COLUMN_REAL, NULL,
     "highest mean over a sphere of 1 mL about any voxel of the region, " UNIT_NOTE},
    {"total", RGQ_COLUMN_REAL, NULL, "mean x volume_ml: the unit of the column `unit` x mL"},
    {"cov", RGQ_COLUMN_REAL, "1", "coefficient of variation, sd / mean (a fraction)"},
    {"background", RGQ_COLUMN_TEXT, NULL, "region that the ratios are formed with"},
    {"background_mean", RGQ_COLUMN_REAL, NULL, "its weighted mean, " UNIT_NOTE},
    {"background_sd", RGQ_COLUMN_REAL, NULL,
     "its weighted population standard deviation, " UNIT_NOTE},
    {"tbr_mean", RGQ_COLUMN_REAL, "1", "target-to-background ratio: mean / background_mean"},
    {"tbr_max", RGQ_COLUMN_REAL, "1", "max / background_mean"},
    {"tbr_peak", RGQ_COLUMN_REAL, "1", "peak_global / background_mean"},
    {"tbr_mean_ci_low", RGQ_COLUMN_REAL, "1",
     "lower end of the interval of tbr_mean for the expected blurred ratio, from the noise of "
     "the background"},
    {"tbr_mean_ci_high", RGQ_COLUMN_REAL, "1", "upper end of the interval of tbr_mean"},
    {"mean_ci_low", RGQ_COLUMN_REAL, NULL,
     "lower end of the interval of the mean for its expected blurred value, from the noise of "
     "the background, " UNIT_NOTE},
    {"mean_ci_high", RGQ_COLUMN_REAL, NULL,
     "upper end of the interval of the mean, " UNIT_NOTE},
    {"peak_ci_low", RGQ_COLUMN_REAL, NULL,
     "lower end of the interval of peak_global for that of the expected blurred "
     "image, " UNIT_NOTE},
    {"peak_ci_high", RGQ_COLUMN_REAL, NULL,
     "upper end of the interval of peak_global, " UNIT_NOTE},
    {"tbr_peak_ci_low", RGQ_COLUMN_REAL, "1",
     "lower end of the interval of tbr_peak for that of the expected blurred image"},
    {"tbr_peak_ci_high", RGQ_COLUMN_REAL, "1", "upper end of the interval of tbr_peak"},
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

const rgq_column *rgq_measure_columns(int *count)
{
    *count = N_COLUMNS;
    return columns;
}

int rgq_measure_budgets(const rgq_measure_opts *opts)
{
    const int n = opts->backgrounds != NULL ? rgq_regions_count(opts->backgrounds) : 1;
    return n > 1 ? n : 1;
}

/* What all rows share. */
typedef struct session {
    const rgq_grid *grid;
    const float *values;
    const char *unit;
    const rgq_measure_opts *opts;
    rgq_peak_kernel kernel;
    bool has_kernel;
    const rgq_log *log;
} session;

static rgq_status check_input(const rgq_volume *volume, const rgq_regions *regions,
                              const rgq_measure_opts *opts, rgq_error *err)
{
    const int n_frames = rgq_volume_n_frames(volume);

    if (opts->frame < 0 || opts->frame >= n_frames)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "frame %d of a scan with frames 0 to %d",
                         opts->frame, n_frames - 1);
    if (!(opts->confidence > 0.0 && opts->confidence < 1.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a confidence of %g; a value between 0 and 1 was needed, e.g. 0.95",
                         opts->confidence);
    RGQ_PASS(err,
             rgq_grid_compare(rgq_volume_grid(volume), rgq_regions_grid(regions), -1.0, err));
    if (!rgq_grid_is_orthogonal(rgq_volume_grid(volume)))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the axes of the grid are not perpendicular, so that the overlap of a "
                         "sphere with its voxels is not handled; resample the scan to a plain "
                         "grid");
    return rgq_volume_check_finite(volume, "the volume to measure", err);
}

static rgq_status find_background(const rgq_region **out, const rgq_regions *regions,
                                  const char *name, rgq_error *err)
{
    *out = rgq_regions_find(regions, name);
    if (*out == NULL) {
        char known[200] = "";
        size_t used = 0;
        for (int i = 0; i < rgq_regions_count(regions) && used < sizeof known - 32; i++)
            used += (size_t)snprintf(known + used, sizeof known - used, "%s%.24s",
                                     i > 0 ? ", " : "", rgq_regions_at(regions, i)->name);
        return RGQ_RAISE(
            err, RGQ_E_NOTFOUND,
            "there is no region '%.60s' to take as background; the regions are: %s", name,
            known);
    }
    return RGQ_OK;
}

/* Backgrounds made beforehand: one for all, or one a region. */
static rgq_status check_backgrounds(const rgq_regions *regions, const rgq_measure_opts *opts,
                                    rgq_error *err)
{
    const int n_regions = rgq_regions_count(regions);

    if (opts->backgrounds == NULL)
        return RGQ_OK;
    const int n = rgq_regions_count(opts->backgrounds);
    if (opts->background != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a background by name ('%.60s') and one made beforehand; one of the "
                         "two was needed",
                         opts->background);
    if (n != 1 && n != n_regions)
        return RGQ_RAISE(
            err, RGQ_E_ARGUMENT,
            "%d backgrounds for %d regions; one for all or one for each was needed", n,
            n_regions);
    const rgq_status st = rgq_grid_compare(rgq_regions_grid(regions),
                                           rgq_regions_grid(opts->backgrounds), -1.0, err);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "the backgrounds do not lie on the regions' grid: ");
    return st;
}

/* The one background all regions share, or none. */
static rgq_status shared_background(const rgq_region **out, const rgq_regions *regions,
                                    const rgq_measure_opts *opts, rgq_error *err)
{
    *out = NULL;
    if (opts->background != NULL)
        return find_background(out, regions, opts->background, err);
    if (opts->backgrounds != NULL)
        *out = rgq_regions_at(opts->backgrounds, 0);
    return RGQ_OK;
}

/* Without a kernel (voxels too small) the peaks are missing and the rest goes on. */
static rgq_status prepare_kernel(session *s, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    const rgq_status st = rgq_peak_kernel_init(&s->kernel, s->grid, rgq_peak_radius_mm(), &why);

    s->has_kernel = st == RGQ_OK;
    if (st == RGQ_E_UNSUPPORTED)
        RGQ_WARN(s->log, "no peak values: %s", why.message);
    else if (st != RGQ_OK)
        return RGQ_RAISE(err, st, "%s", why.message);
    return RGQ_OK;
}

/* A region, what was found of it, and what it is divided by. */
typedef struct row {
    const rgq_region *region;
    rgq_moments m;
    double peak; /* peak_global; NaN: none */
    const rgq_divisor *by;
} row;

static rgq_status set_ratios(rgq_table *table, const row *of, rgq_error *err)
{
    const rgq_divisor *by = of->by;
    const double background = by->moments.mean;

    if (by->region == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_table_set_text(table, "background", by->region->name, err));
    rgq_table_set_real(table, "background_mean", background);
    rgq_table_set_real(table, "background_sd", by->moments.sd);
    if (!(background > 0.0))
        return RGQ_OK;
    rgq_table_set_real(table, "tbr_mean", of->m.mean / background);
    rgq_table_set_real(table, "tbr_max", of->m.max / background);
    rgq_table_set_real(table, "tbr_peak", of->peak / background);
    return RGQ_OK;
}

static rgq_status set_uncertainty(rgq_table *table, const session *s, const row *of,
                                  rgq_error *err)
{
    const rgq_budget_case c = {.grid = s->grid,
                               .values = s->values,
                               .unit = s->unit,
                               .opts = s->opts,
                               .kernel = s->has_kernel ? &s->kernel : NULL,
                               .region = of->region,
                               .mean = of->m.mean,
                               .peak = of->peak,
                               .by = of->by,
                               .log = s->log};

    return rgq_budget_region(table, &c, err);
}

static rgq_status add_region(rgq_table *table, const session *s, const rgq_region *region,
                             const rgq_survey *found, const rgq_divisor *by, rgq_error *err)
{
    const row of = {region, found->moments, found->peaks.global, by};
    const rgq_moments *m = &of.m;

    RGQ_PASS(err, rgq_table_add_row(table, err));
    RGQ_PASS(err, rgq_table_set_text(table, "region", region->name, err));
    RGQ_PASS(err, rgq_table_set_text(table, "unit", s->unit, err));
    rgq_table_set_int(table, "label", region->label);
    rgq_table_set_int(table, "n_voxels", m->n_voxels);
    if (!(m->weight > 0.0)) {
        RGQ_WARN(s->log, "region '%s' is empty", region->name);
        return RGQ_OK;
    }
    const double volume_ml = m->weight * rgq_grid_voxel_ml(s->grid);
    rgq_table_set_real(table, "volume_ml", volume_ml);
    rgq_table_set_real(table, "mean", m->mean);
    rgq_table_set_real(table, "sd", m->sd);
    rgq_table_set_real(table, "min", m->min);
    rgq_table_set_real(table, "p25", m->p25);
    rgq_table_set_real(table, "median", m->median);
    rgq_table_set_real(table, "p75", m->p75);
    rgq_table_set_real(table, "max", m->max);
    rgq_table_set_real(table, "total", m->mean * volume_ml);
    if (m->mean != 0.0)
        rgq_table_set_real(table, "cov", m->sd / m->mean);
    rgq_table_set_real(table, "peak_local", found->peaks.local);
    rgq_table_set_real(table, "peak_global", found->peaks.global);
    RGQ_PASS(err, set_ratios(table, &of, err));
    return set_uncertainty(table, s, &of, err);
}

/* Each region by its own background, or all by the first. */
static rgq_status add_regions(rgq_table *table, rgq_noise_budget *budget, const session *s,
                              const rgq_regions *regions, const rgq_survey *survey,
                              rgq_error *err)
{
    const rgq_regions *made = s->opts->backgrounds;
    const bool own = made != NULL && rgq_regions_count(made) > 1;
    const int n_regions = rgq_regions_count(regions);
    const rgq_region *background = NULL;
    rgq_divisor by;

    RGQ_PASS(err, shared_background(&background, regions, s->opts, err));
    if (!own)
        RGQ_PASS(err,
                 rgq_divisor_measure(&by, budget, s->values, s->grid, background, s->log, err));
    for (int i = 0; i < n_regions; i++) {
        rgq_log_progress(s->log, "measuring", (double)i / n_regions);
        if (own)
            RGQ_PASS(err, rgq_divisor_measure(&by, &budget[i], s->values, s->grid,
                                              rgq_regions_at(made, i), s->log, err));
        RGQ_PASS(err, add_region(table, s, rgq_regions_at(regions, i), &survey[i], &by, err));
    }
    rgq_log_progress(s->log, "measuring", 1.0);
    return RGQ_OK;
}

rgq_status rgq_measure(rgq_table **out, const rgq_volume *volume, const rgq_regions *regions,
                       const rgq_measure_opts *opts, rgq_noise_budget *budget,
                       const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    rgq_noise_budget *found = NULL;
    rgq_survey *survey = NULL;
    const size_t n_regions = (size_t)rgq_regions_count(regions);
    session s = {.grid = rgq_volume_grid(volume),
                 .unit = rgq_unit_name(rgq_volume_unit(volume)),
                 .opts = opts,
                 .log = log};

    *out = NULL;
    RGQ_TRY(err, check_input(volume, regions, opts, err));
    RGQ_TRY(err, check_backgrounds(regions, opts, err));
    const int n_budgets = rgq_measure_budgets(opts);
    s.values = rgq_volume_cdata(volume, opts->frame);
    RGQ_TRY(err, rgq_alloc(&found, (size_t)n_budgets, sizeof *found, err));
    RGQ_TRY(err, prepare_kernel(&s, err));
    if (n_regions > 0)
        RGQ_TRY(err, rgq_alloc(&survey, n_regions, sizeof *survey, err));
    RGQ_TRY(err, rgq_survey_regions(survey, s.values, s.grid, regions,
                                    s.has_kernel ? &s.kernel : NULL, err));
    RGQ_TRY(err, rgq_table_create(&table, columns, N_COLUMNS, err));
    RGQ_TRY(err, add_regions(table, found, &s, regions, survey, err));
    for (int i = 0; budget != NULL && i < n_budgets; i++)
        budget[i] = found[i];
    *out = table;
    table = NULL;
out:
    rgq_free(found);
    rgq_free(survey);
    rgq_peak_kernel_release(&s.kernel);
    rgq_table_free(table);
    return st;
}
