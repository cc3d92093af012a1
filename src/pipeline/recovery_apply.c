#include "pipeline/recovery_apply.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "io/tsv.h"
#include "measure/noise.h"
#include "rgdquant/table.h"

/* ---- the curve ---- */

enum { N_POINT_COLUMNS = 3 };

static const rgq_column point_columns[N_POINT_COLUMNS] = {
    {"diameter_mm", RGQ_COLUMN_REAL, "mm", "diameter of the sphere"},
    {"rc_mean", RGQ_COLUMN_REAL, "1", "recovery coefficient of its mean"},
    {"rc_mean_sd", RGQ_COLUMN_REAL, "1", "standard deviation of it"},
};

static bool is_missing(const char *cell)
{
    return cell[0] == '\0' || strcmp(cell, "n/a") == 0;
}

static rgq_status copy_row(rgq_table *table, const rgq_tsv *tsv, int row, int n_columns,
                           rgq_error *err)
{
    RGQ_PASS(err, rgq_table_add_row(table, err));
    for (int c = 0; c < n_columns; c++) {
        const char *cell = rgq_tsv_cell(tsv, row, rgq_tsv_find(tsv, point_columns[c].name));
        double value = 0.0;
        if (is_missing(cell))
            continue;
        if (rgq_parse_real(&value, cell, -1e9, 1e9, NULL) != RGQ_OK)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "line %d: %s is '%.40s'; a number or n/a was needed", row + 2,
                             point_columns[c].name, cell);
        rgq_table_set_real(table, point_columns[c].name, value);
    }
    return RGQ_OK;
}

static rgq_status fit(rgq_recovery_curve *out, const rgq_tsv *tsv, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    const int n_columns = rgq_tsv_find(tsv, "rc_mean_sd") >= 0 ? 3 : 2;

    for (int c = 0; c < 2; c++)
        if (rgq_tsv_find(tsv, point_columns[c].name) < 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "there is no column %s; diameter_mm and rc_mean were needed, as "
                             "'phantom analyse' writes them",
                             point_columns[c].name);
    RGQ_TRY(err, rgq_table_create(&table, point_columns, n_columns, err));
    for (int row = 0; row < tsv->n_rows; row++)
        RGQ_TRY(err, copy_row(table, tsv, row, n_columns, err));
    RGQ_TRY(err, rgq_recovery_fit(out, table, err));
out:
    rgq_table_free(table);
    return st;
}

rgq_status rgq_recovery_load(rgq_recovery_curve *out, const char *path, rgq_error *err)
{
    rgq_tsv tsv = {0, 0, NULL, NULL};

    RGQ_PASS(err, rgq_tsv_read(&tsv, path, err));
    const rgq_status st = fit(out, &tsv, err);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%.200s: ", path);
    rgq_tsv_release(&tsv);
    return st;
}

/* ---- lesions ---- */

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "name of the lesion"},
    {"label", RGQ_COLUMN_INT, NULL, "its number"},
    {"volume_ml", RGQ_COLUMN_REAL, "mL", "sum of its weights times the volume of a voxel"},
    {"mean", RGQ_COLUMN_REAL, "as in the column unit", "measured mean"},
    {"background", RGQ_COLUMN_REAL, "as in the column unit", "mean of the background region"},
    {"background_sd", RGQ_COLUMN_REAL, "as in the column unit",
     "standard deviation of that mean; 0 if the noise is not known"},
    {"diameter_mm", RGQ_COLUMN_REAL, "mm", "of the sphere of the same volume"},
    {"rc", RGQ_COLUMN_REAL, "1", "recovery coefficient of the curve at that diameter"},
    {"corrected", RGQ_COLUMN_REAL, "as in the column unit",
     "background + (mean - background) / rc"},
    {"ci_low", RGQ_COLUMN_REAL, "as in the column unit", "lower end of the interval"},
    {"ci_high", RGQ_COLUMN_REAL, "as in the column unit", "upper end of the interval"},
    {"sd", RGQ_COLUMN_REAL, "as in the column unit",
     "standard deviation of corrected: the four below in squares"},
    {"sd_noise", RGQ_COLUMN_REAL, "as in the column unit", "of mean and background"},
    {"sd_volume", RGQ_COLUMN_REAL, "as in the column unit",
     "of the volume: half a voxel at its surface, through the curve"},
    {"sd_curve", RGQ_COLUMN_REAL, "as in the column unit", "of the parameters of the curve"},
    {"sd_scatter", RGQ_COLUMN_REAL, "as in the column unit",
     "of the phantom's points about the curve"},
    {"unit", RGQ_COLUMN_TEXT, NULL, "unit of the values"},
    {"frame", RGQ_COLUMN_INT, NULL, "frame of a dynamic scan, from 0"},
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

/* One frame. */
typedef struct frame {
    const rgq_grid *grid;
    float *data;
    const rgq_region *background;
    double background_mean;
    rgq_noise noise;
} frame;

static size_t row_of(const rgq_region *region, const rgq_grid *grid, int y, int z)
{
    return (((size_t)(region->lo[2] + z) * (size_t)grid->n[1]) + (size_t)(region->lo[1] + y)) *
               (size_t)grid->n[0] +
           (size_t)region->lo[0];
}

static double mean_of(const float *data, const rgq_region *region, const rgq_grid *grid)
{
    const float *weight = region->weight;
    double sum = 0.0;
    double weights = 0.0;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            const float *row = data + row_of(region, grid, y, z);
            for (int x = 0; x < region->n[0]; x++, weight++) {
                sum += (double)*weight * (double)row[x];
                weights += (double)*weight;
            }
        }
    return weights > 0.0 ? sum / weights : (double)NAN;
}

/* v becomes b + (v - b) / rc, by the part of the voxel that is the lesion's. */
static void scale(float *data, const rgq_region *region, const rgq_grid *grid,
                  double background, double rc)
{
    const float *weight = region->weight;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            float *row = data + row_of(region, grid, y, z);
            for (int x = 0; x < region->n[0]; x++, weight++) {
                const double v = (double)row[x];
                const double whole = background + (v - background) / rc;
                row[x] = (float)(v + (double)*weight * (whole - v));
            }
        }
}

static rgq_status begin_frame(frame *f, rgq_volume *volume, int index, const rgq_log *log,
                              rgq_error *err)
{
    rgq_noise_budget budget;

    f->data = rgq_volume_data(volume, index);
    f->background_mean = mean_of(f->data, f->background, f->grid);
    RGQ_PASS(err, rgq_noise_measure(&f->noise, &budget, f->data, f->grid, f->background, err));
    if (!f->noise.known)
        RGQ_WARN(log, "rc: the noise is not known, and is not in the intervals: %s",
                 budget.method);
    return RGQ_OK;
}

/* sd of the mean: the background's noise, its variance in proportion to the mean where hotter.
 */
static rgq_status noise_of(double *sd, const frame *f, const rgq_region *region, double mean,
                           rgq_error *err)
{
    double factor = 0.0;
    double hotter = 1.0;

    *sd = 0.0;
    if (!f->noise.known)
        return RGQ_OK;
    RGQ_PASS(err, rgq_noise_pairs(&factor, &f->noise, region, region, 1, err));
    if (f->noise.mean > 0.0 && mean > f->noise.mean)
        hotter = mean / f->noise.mean;
    *sd = sqrt(fmax(0.0, f->noise.variance * hotter * factor));
    return RGQ_OK;
}

static rgq_status describe_lesion(rgq_recovery_lesion *out, const frame *f,
                                  const rgq_region *region, rgq_error *err)
{
    const double radius_per_volume = 3.0 / (4.0 * M_PI);
    double spacing_mm[3];

    rgq_grid_spacing_mm(f->grid, spacing_mm);
    const double voxel_mm = cbrt(spacing_mm[0] * spacing_mm[1] * spacing_mm[2]);
    out->volume_ml = rgq_region_volume_ml(region, f->grid);
    const double radius_mm = cbrt(out->volume_ml * 1000.0 * radius_per_volume);
    out->volume_sd_ml = 4.0 * M_PI * radius_mm * radius_mm * 0.5 * voxel_mm / 1000.0;
    out->mean = mean_of(f->data, region, f->grid);
    out->background = f->background_mean;
    out->background_sd =
        f->noise.known ? sqrt(fmax(0.0, f->noise.variance * f->noise.mean_factor)) : 0.0;
    return noise_of(&out->mean_sd, f, region, out->mean, err);
}

static void set_result(rgq_table *table, const rgq_recovery_result *r)
{
    rgq_table_set_real(table, "diameter_mm", r->diameter_mm);
    rgq_table_set_real(table, "rc", r->rc);
    rgq_table_set_real(table, "corrected", r->corrected);
    rgq_table_set_real(table, "ci_low", r->ci_low);
    rgq_table_set_real(table, "ci_high", r->ci_high);
    rgq_table_set_real(table, "sd", r->sd);
    rgq_table_set_real(table, "sd_noise", r->sd_noise);
    rgq_table_set_real(table, "sd_volume", r->sd_volume);
    rgq_table_set_real(table, "sd_curve", r->sd_curve);
    rgq_table_set_real(table, "sd_scatter", r->sd_scatter);
}

/* What a loop over lesions carries. */
typedef struct sweep {
    rgq_table *table;
    const rgq_recovery_curve *curve;
    const rgq_recovery_how *how;
    const rgq_log *log;
    const char *unit;
    int n_corrected;
    rgq_error last; /* why the last lesion was left */
} sweep;

static rgq_status correct_lesion(sweep *s, frame *f, const rgq_region *region, int index,
                                 rgq_error *err)
{
    rgq_recovery_lesion lesion = {0};
    rgq_recovery_result result;
    rgq_error why = RGQ_ERROR_INIT;

    RGQ_PASS(err, rgq_table_add_row(s->table, err));
    RGQ_PASS(err, rgq_table_set_text(s->table, "region", region->name, err));
    rgq_table_set_int(s->table, "label", region->label);
    RGQ_PASS(err, rgq_table_set_text(s->table, "unit", s->unit, err));
    rgq_table_set_int(s->table, "frame", index);
    if (region->n[0] == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the region '%.60s' has no voxel", region->name);
    RGQ_PASS(err, describe_lesion(&lesion, f, region, err));
    rgq_table_set_real(s->table, "volume_ml", lesion.volume_ml);
    rgq_table_set_real(s->table, "mean", lesion.mean);
    rgq_table_set_real(s->table, "background", lesion.background);
    rgq_table_set_real(s->table, "background_sd", lesion.background_sd);
    const rgq_status st =
        rgq_recovery_correct(&result, s->curve, &lesion, s->how->confidence, &why);
    if (st == RGQ_E_ARGUMENT) {
        s->last = why;
        RGQ_WARN(s->log, "'%.60s' is not corrected: %s", region->name, why.message);
        return RGQ_OK;
    }
    if (st != RGQ_OK)
        return RGQ_RAISE(err, st, "%s", why.message);
    set_result(s->table, &result);
    s->n_corrected++;
    if (s->how->scale)
        scale(f->data, region, f->grid, lesion.background, result.rc);
    return RGQ_OK;
}

/* Which would be scaled twice. */
static rgq_status refuse_shared(const rgq_regions *regions, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    int32_t *labels = NULL;

    RGQ_PASS(err, rgq_alloc(&labels, rgq_grid_count(rgq_regions_grid(regions)), sizeof *labels,
                            err));
    st = rgq_regions_to_labels(labels, regions, err);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "a scan in which lesions are scaled needs regions that share no "
                              "voxel; name a table OUT.tsv instead: ");
    rgq_free(labels);
    return st;
}

static rgq_status correct_all(sweep *s, rgq_volume *volume, const rgq_regions *regions,
                              const rgq_region *background, rgq_error *err)
{
    frame f = {.grid = rgq_volume_grid(volume), .background = background};

    for (int index = 0; index < rgq_volume_n_frames(volume); index++) {
        RGQ_PASS(err, begin_frame(&f, volume, index, s->log, err));
        for (int i = 0; i < rgq_regions_count(regions); i++)
            if (rgq_regions_at(regions, i) != background)
                RGQ_PASS(err, correct_lesion(s, &f, rgq_regions_at(regions, i), index, err));
    }
    if (s->n_corrected > 0)
        return RGQ_OK;
    if (s->last.message[0] == '\0')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "there is no region but the background '%.60s': no lesion to correct",
                         background->name);
    return RGQ_RAISE(err, RGQ_E_ARGUMENT, "no lesion can be corrected: %s", s->last.message);
}

rgq_status rgq_recovery_apply(rgq_table **out, rgq_volume *volume, const rgq_regions *regions,
                              const rgq_recovery_curve *curve, const rgq_recovery_how *how,
                              const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_region *background = rgq_regions_find(regions, how->background);
    sweep s = {.curve = curve,
               .how = how,
               .log = log,
               .unit = rgq_unit_name(rgq_volume_unit(volume)),
               .last = RGQ_ERROR_INIT};

    *out = NULL;
    if (background == NULL || background->n[0] == 0)
        return RGQ_RAISE(
            err, RGQ_E_NOTFOUND,
            "there is no region '%.60s', or it has no voxel; the region around the "
            "lesions was needed",
            how->background);
    if (how->scale)
        RGQ_PASS(err, refuse_shared(regions, err));
    RGQ_TRY(err, rgq_table_create(&s.table, columns, N_COLUMNS, err));
    RGQ_TRY(err, correct_all(&s, volume, regions, background, err));
    *out = s.table;
    s.table = NULL;
out:
    rgq_table_free(s.table);
    return st;
}

rgq_status rgq_recovery_describe(rgq_json *node, const rgq_recovery_curve *curve,
                                 const rgq_recovery_how *how, rgq_error *err)
{
    rgq_json *fitted = NULL;
    const size_t n = (size_t)curve->n_points;

    RGQ_PASS(err, rgq_json_set_text(node, "method", "rc", err));
    RGQ_PASS(err, rgq_json_set_text(node, "background", how->background, err));
    RGQ_PASS(err, rgq_json_set_real(node, "confidence", how->confidence, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "voxels_scaled", how->scale, err));
    RGQ_PASS(err, rgq_json_set_text(node, "volume_sd",
                                    "half a voxel at the surface of the "
                                    "sphere of the same volume",
                                    err));
    RGQ_PASS(err, rgq_json_add_object(&fitted, node, "curve", err));
    RGQ_PASS(err, rgq_json_set_text(fitted, "form", "1 / (1 + (beta / diameter)^gamma)", err));
    RGQ_PASS(err, rgq_json_set_real(fitted, "beta_mm", curve->beta_mm, err));
    RGQ_PASS(err, rgq_json_set_real(fitted, "gamma", curve->gamma, err));
    RGQ_PASS(err, rgq_json_set_real(fitted, "residual_sd", curve->residual_sd, err));
    RGQ_PASS(err, rgq_json_set_reals(fitted, "covariance", curve->covariance[0], 4, err));
    RGQ_PASS(err, rgq_json_set_reals(fitted, "diameter_mm", curve->diameter_mm, n, err));
    return rgq_json_set_reals(fitted, "rc", curve->rc, n, err);
}
