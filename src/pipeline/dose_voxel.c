#include "pipeline/dose_voxel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"

enum { DVH_STEPS = 200, PLOTTED_MAX = 12 };

/* ---- the map ---- */

static rgq_status check_grids(const rgq_dose_map_job *job, rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(job->decays);
    double spacing[3];
    rgq_error why = RGQ_ERROR_INIT;

    if (!rgq_grid_is_orthogonal(grid))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the axes of the scan are not at right angles; resample it first");
    rgq_grid_spacing_mm(grid, spacing);
    if (job->ct != NULL &&
        rgq_grid_compare(grid, rgq_volume_grid(job->ct), 0.01 * spacing[0], &why) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the CT is on another grid than the scan: %s; resample it onto the "
                         "voxels of the scan",
                         why.message);
    return RGQ_OK;
}

static rgq_status take_decays(rgq_volume **out, const rgq_dose_map_job *job, rgq_error *err)
{
    const size_t count = rgq_volume_count(job->decays);
    size_t negative = 0;

    RGQ_PASS(err, rgq_volume_check_finite(job->decays, "the time-integrated activity", err));
    RGQ_PASS(err, rgq_volume_clone(out, job->decays, true, err));
    float *value = rgq_volume_data(*out, 0);
    for (size_t i = 0; i < count; i++)
        if (value[i] < 0.0F) {
            value[i] = 0.0F;
            negative++;
        }
    if (negative > 0)
        RGQ_WARN(job->cache.log,
                 "%zu of %zu voxels had a time-integrated activity below 0 and count as 0",
                 negative, count);
    return RGQ_OK;
}

static rgq_status take_density(float **out, const rgq_volume *ct, rgq_error *err)
{
    const float *hu = rgq_volume_cdata(ct, 0);
    const size_t count = rgq_volume_count(ct);

    RGQ_PASS(err, rgq_volume_check_finite(ct, "the CT", err));
    RGQ_PASS(err, rgq_alloc(out, count, sizeof **out, err));
    for (size_t i = 0; i < count; i++)
        (*out)[i] = (float)rgq_density_of_hu((double)hu[i]);
    return RGQ_OK;
}

/* The kernels the engine will ask for, from the cache. */
static rgq_status take_kernels(rgq_radial_kernel **electron, rgq_radial_kernel **photon,
                               const rgq_dose_map_job *job, const double voxel_mm[3],
                               rgq_error *err)
{
    const rgq_kernel_opts electrons = RGQ_ELECTRON_KERNEL_OPTS_INIT;
    const rgq_kernel_opts photons = RGQ_PHOTON_KERNEL_OPTS_INIT;
    const rgq_electron_way way = job->electrons == RGQ_ELECTRONS_AUTO
                                     ? rgq_electron_way_of(job->spectrum, voxel_mm)
                                     : job->electrons;

    if (job->way.engine != RGQ_DOSE_LOCAL && way == RGQ_ELECTRONS_KERNEL)
        RGQ_PASS(err, rgq_cached_kernel(electron, job->spectrum, &electrons, false, &job->cache,
                                        err));
    if (job->way.engine == RGQ_DOSE_KERNEL && job->spectrum->n_photons > 0)
        RGQ_PASS(err,
                 rgq_cached_kernel(photon, job->spectrum, &photons, true, &job->cache, err));
    return RGQ_OK;
}

rgq_status rgq_dose_map_make(rgq_volume **out, rgq_dose_map_report *report,
                             const rgq_dose_map_job *job, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = rgq_volume_grid(job->decays);
    rgq_dose_map_opts opts = RGQ_DOSE_MAP_OPTS_INIT;
    rgq_dose_field field = {.n = {grid->n[0], grid->n[1], grid->n[2]}};
    rgq_radial_kernel *electron = NULL;
    rgq_radial_kernel *photon = NULL;
    rgq_volume *decays = NULL;
    rgq_volume *map = NULL;
    float *density = NULL;

    *out = NULL;
    RGQ_TRY(err, check_grids(job, err));
    RGQ_TRY(err, take_decays(&decays, job, err));
    if (job->ct != NULL)
        RGQ_TRY(err, take_density(&density, job->ct, err));
    rgq_grid_spacing_mm(grid, field.voxel_mm);
    RGQ_TRY(err, take_kernels(&electron, &photon, job, field.voxel_mm, err));
    field.activity_mbq_s = rgq_volume_cdata(decays, 0);
    field.density_g_cm3 = density;
    opts.engine = job->way.engine;
    opts.electrons = job->electrons;
    opts.electron = electron;
    opts.photon = photon;
    opts.photons = job->way.photons;
    RGQ_TRY(err, rgq_volume_clone(&map, decays, false, err));
    rgq_volume_set_unit(map, RGQ_UNIT_NATIVE);
    float *dose = rgq_volume_data(map, 0);
    RGQ_TRY(err, rgq_dose_map(dose, report, &field, job->spectrum, &opts, job->cache.log, err));
    for (size_t i = 0; i < rgq_volume_count(map); i++)
        dose[i] *= 1e-3F; /* mGy to Gy */
    *out = map;
    map = NULL;
out:
    rgq_free(density);
    rgq_volume_free(map);
    rgq_volume_free(decays);
    rgq_radial_kernel_free(photon);
    rgq_radial_kernel_free(electron);
    return st;
}

/* ---- histograms ---- */

static const rgq_column dvh_columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "Region."},
    {"dose", RGQ_COLUMN_REAL, NULL, "Absorbed dose, in the unit of dose.nii.gz."},
    {"volume_percent", RGQ_COLUMN_REAL, "%",
     "Part of the region that takes this dose or more."},
};

static const rgq_column figure_columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "Region."},
    {"volume_ml", RGQ_COLUMN_REAL, "mL", "Its volume."},
    {"unit", RGQ_COLUMN_TEXT, NULL, "Unit of the doses in this row, BED aside."},
    {"mean", RGQ_COLUMN_REAL, NULL, "Mean dose."},
    {"min", RGQ_COLUMN_REAL, NULL, "Lowest dose of a voxel."},
    {"max", RGQ_COLUMN_REAL, NULL, "Highest dose of a voxel."},
    {"d95", RGQ_COLUMN_REAL, NULL, "Least dose of the best covered 95 % of the volume."},
    {"d50", RGQ_COLUMN_REAL, NULL, "The same of 50 %: the median."},
    {"geud", RGQ_COLUMN_REAL, NULL,
     "Generalised equivalent uniform dose, if it was asked for."},
    {"bed_mean_gy", RGQ_COLUMN_REAL, "Gy", "Mean biologically effective dose, if asked for."},
};

static rgq_status add_histogram(rgq_table *dvh, const char *name, const rgq_dose_voxels *v,
                                rgq_error *err)
{
    const double top = v->gy[v->n - 1];

    for (int i = 0; i <= DVH_STEPS; i++) {
        const double dose = top * i / DVH_STEPS;
        RGQ_PASS(err, rgq_table_add_row(dvh, err));
        RGQ_PASS(err, rgq_table_set_text(dvh, "region", name, err));
        rgq_table_set_real(dvh, "dose", dose);
        /* shares sum to 1 but for rounding: all of it takes the least dose */
        rgq_table_set_real(dvh, "volume_percent",
                           dose <= v->gy[0] ? 100.0 : 100.0 * rgq_dose_volume_share(v, dose));
    }
    return RGQ_OK;
}

static double mean_bed(const rgq_dose_voxels *v, const rgq_dvh_view *view)
{
    double sum = 0.0;

    for (size_t i = 0; i < v->n; i++)
        sum +=
            v->share[i] * rgq_bed_mono(v->gy[i] * view->gy, view->alpha_beta_gy,
                                       view->repair_half_life_h, view->effective_half_life_h);
    return sum;
}

static rgq_status add_figures(rgq_table *figures, const char *name, const rgq_dose_voxels *v,
                              const rgq_dvh_view *view, rgq_error *err)
{
    RGQ_PASS(err, rgq_table_add_row(figures, err));
    RGQ_PASS(err, rgq_table_set_text(figures, "region", name, err));
    RGQ_PASS(err, rgq_table_set_text(figures, "unit", view->unit, err));
    rgq_table_set_real(figures, "volume_ml", v->volume_ml);
    rgq_table_set_real(figures, "mean", rgq_dose_mean(v));
    rgq_table_set_real(figures, "min", v->gy[0]);
    rgq_table_set_real(figures, "max", v->gy[v->n - 1]);
    rgq_table_set_real(figures, "d95", rgq_dose_at_volume(v, 95.0));
    rgq_table_set_real(figures, "d50", rgq_dose_at_volume(v, 50.0));
    if (isfinite(view->geud))
        rgq_table_set_real(figures, "geud", rgq_dose_geud(v, view->geud));
    if (isfinite(view->alpha_beta_gy) && isfinite(view->gy))
        rgq_table_set_real(figures, "bed_mean_gy", mean_bed(v, view));
    return RGQ_OK;
}

static rgq_status add_region(rgq_table *dvh, rgq_table *figures, const rgq_volume *map,
                             const rgq_region *region, const rgq_grid *grid,
                             const rgq_dvh_view *view, rgq_error *err)
{
    rgq_dose_voxels v = {.n = 0};

    RGQ_PASS(err, rgq_dose_voxels_of(&v, map, region, grid, err));
    rgq_status st = add_histogram(dvh, region->name, &v, err);
    if (st == RGQ_OK)
        st = add_figures(figures, region->name, &v, view, err);
    rgq_dose_voxels_release(&v);
    return st;
}

/* Without regions: all of it. */
static rgq_status add_all(rgq_table *dvh, rgq_table *figures, const rgq_volume *map,
                          const rgq_dvh_view *view, rgq_error *err)
{
    const rgq_grid *grid = rgq_volume_grid(map);
    const size_t count = rgq_volume_count(map);
    float *ones = NULL;

    RGQ_PASS(err, rgq_alloc(&ones, count, sizeof *ones, err));
    for (size_t i = 0; i < count; i++)
        ones[i] = 1.0F;
    const rgq_region all = {.name = "all voxels",
                            .label = 1,
                            .n = {grid->n[0], grid->n[1], grid->n[2]},
                            .weight = ones};
    const rgq_status st = add_region(dvh, figures, map, &all, grid, view, err);
    rgq_free(ones);
    return st;
}

rgq_status rgq_dvh_make(rgq_table **dvh, rgq_table **figures, const rgq_volume *map,
                        const rgq_regions *regions, const rgq_dvh_view *view, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *a = NULL;
    rgq_table *b = NULL;

    *dvh = *figures = NULL;
    RGQ_TRY(err, rgq_table_create(&a, dvh_columns,
                                  (int)(sizeof dvh_columns / sizeof dvh_columns[0]), err));
    RGQ_TRY(err,
            rgq_table_create(&b, figure_columns,
                             (int)(sizeof figure_columns / sizeof figure_columns[0]), err));
    for (int r = 0; regions != NULL && r < rgq_regions_count(regions); r++)
        RGQ_TRY(err, add_region(a, b, map, rgq_regions_at(regions, r),
                                rgq_regions_grid(regions), view, err));
    if (regions == NULL)
        RGQ_TRY(err, add_all(a, b, map, view, err));
    *dvh = a;
    *figures = b;
    a = b = NULL;
out:
    rgq_table_free(a);
    rgq_table_free(b);
    return st;
}

/* ---- plot ---- */

/* A name of a region between single quotes of gnuplot. */
static void add_title(rgq_text *script, const char *name)
{
    for (; *name != '\0'; name++)
        if (*name == '\'')
            rgq_text_append(script, "''", 2);
        else
            rgq_text_append(script, (unsigned char)*name < 0x20 ? " " : name, 1);
}

void rgq_dvh_script(rgq_text *script, const rgq_table *dvh, const char *unit)
{
    const int rows = rgq_table_n_rows(dvh);
    char dose[RGQ_REAL_TEXT_MAX];
    char volume[RGQ_REAL_TEXT_MAX];
    int n = 0;

    rgq_text_printf(script, "set terminal svg size 640,480 noenhanced\n");
    for (int r = 0; r < rows && n < PLOTTED_MAX; r += DVH_STEPS + 1, n++) {
        rgq_text_printf(script, "$r%d << EOD\n", n);
        for (int i = r; i <= r + DVH_STEPS; i++)
            rgq_text_printf(script, "%s %s\n", rgq_format_real(rgq_table_real(dvh, i, 1), dose),
                            rgq_format_real(rgq_table_real(dvh, i, 2), volume));
        rgq_text_printf(script, "EOD\n");
    }
    rgq_text_printf(script,
                    "set xlabel 'absorbed dose [%s]'\nset ylabel 'volume [%%]'\n"
                    "set title 'Research use; not for treatment decisions'\n"
                    "set yrange [0:100]\nset xrange [0:*]\nset grid\nset key top right\nplot ",
                    unit);
    for (int i = 0; i < n; i++) {
        rgq_text_printf(script, "%s$r%d w l t '", i > 0 ? ", " : "", i);
        add_title(script, rgq_table_text(dvh, i * (DVH_STEPS + 1), 0));
        rgq_text_printf(script, "'");
    }
    rgq_text_printf(script, "\n");
}
