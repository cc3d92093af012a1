#include "rgdquant/features.h"

#include <stdio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ibsi.h"

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "name the file gives the region, else its label number"},
    {"tag", RGQ_COLUMN_TEXT, NULL, "feature, as in the reference tables of IBSI 1"},
    {"value", RGQ_COLUMN_REAL, NULL,
     "its value; lengths in mm, intensities in the unit of the scan"},
};

enum { N_COLUMNS = sizeof columns / sizeof columns[0] };

const rgq_column *rgq_features_columns(int *count)
{
    *count = N_COLUMNS;
    return columns;
}

static const char *const morph_names[IBSI_MORPH] = {
    "volume",
    "vol_approx",
    "area_mesh",
    "av",
    "comp_1",
    "comp_2",
    "sph_dispr",
    "sphericity",
    "asphericity",
    "com",
    "diam",
    "pca_maj_axis",
    "pca_min_axis",
    "pca_least_axis",
    "pca_elongation",
    "pca_flatness",
    "vol_dens_aabb",
    "area_dens_aabb",
    "vol_dens_ombb",
    "area_dens_ombb",
    "vol_dens_aee",
    "area_dens_aee",
    "vol_dens_mvee",
    "area_dens_mvee",
    "vol_dens_conv_hull",
    "area_dens_conv_hull",
    "integ_int",
    "moran_i",
    "geary_c",
};
static const char *const local_names[IBSI_LOCAL] = {"peak_loc", "peak_glob"};
static const char *const stat_names[IBSI_STAT] = {
    "mean", "var",   "skew", "kurt", "median", "min", "p10",  "p90",    "max",
    "iqr",  "range", "mad",  "rmad", "medad",  "cov", "qcod", "energy", "rms",
};
static const char *const histogram_names[IBSI_HISTOGRAM] = {
    "mean", "var",     "skew",       "kurt",     "median",     "min",      "p10",        "p90",
    "max",  "mode",    "iqr",        "range",    "mad",        "rmad",     "medad",      "cov",
    "qcod", "entropy", "uniformity", "max_grad", "max_grad_g", "min_grad", "min_grad_g",
};
static const char *const volume_names[IBSI_VOLUME_HISTOGRAM] = {
    "v10", "v90", "i10", "i90", "diff_v10_v90", "diff_i10_i90", "auc",
};
static const char *const glcm_names[IBSI_GLCM] = {
    "joint_max",    "joint_avg",         "joint_var",     "joint_entr", "diff_avg",
    "diff_var",     "diff_entr",         "sum_avg",       "sum_var",    "sum_entr",
    "energy",       "contrast",          "dissimilarity", "inv_diff",   "inv_diff_norm",
    "inv_diff_mom", "inv_diff_mom_norm", "inv_var",       "corr",       "auto_corr",
    "clust_tend",   "clust_shade",       "clust_prom",    "info_corr1", "info_corr2",
};
static const char *const run_names[IBSI_RUNS] = {
    "sre",  "lre",       "lgre", "hgre",      "srlge",  "srhge",  "lrlge",  "lrhge",
    "glnu", "glnu_norm", "rlnu", "rlnu_norm", "r_perc", "gl_var", "rl_var", "rl_entr",
};
static const char *const size_names[IBSI_ZONES] = {
    "sze",  "lze",       "lgze", "hgze",      "szlge",  "szhge",  "lzlge",  "lzhge",
    "glnu", "glnu_norm", "zsnu", "zsnu_norm", "z_perc", "gl_var", "zs_var", "zs_entr",
};
static const char *const distance_names[IBSI_ZONES] = {
    "sde",  "lde",       "lgze", "hgze",      "sdlge",  "sdhge",  "ldlge",  "ldhge",
    "glnu", "glnu_norm", "zdnu", "zdnu_norm", "z_perc", "gl_var", "zd_var", "zd_entr",
};
static const char *const tone_names[IBSI_NGTDM] = {"coarseness", "contrast", "busyness",
                                                   "complexity", "strength"};
static const char *const dependence_names[IBSI_NGLDM] = {
    "lde",     "hde",    "lgce",   "hgce",      "ldlge",     "ldhge",
    "hdlge",   "hdhge",  "glnu",   "glnu_norm", "dcnu",      "dcnu_norm",
    "dc_perc", "gl_var", "dc_var", "dc_entr",   "dc_energy",
};

static const char *const whole[] = {""};
static const char *const by_direction[IBSI_DIRECTIONAL] = {
    "_2D_avg", "_2D_comb", "_2_5D_avg", "_2_5D_comb", "_3D_avg", "_3D_comb"};
static const char *const by_slice[IBSI_PLAIN] = {"_2D", "_2_5D", "_3D"};

/* Families in the order of the reference table. */
enum {
    MORPH,
    LOCAL,
    STAT,
    HISTOGRAM,
    VOLUME,
    GLCM,
    RUNS,
    SIZES,
    DISTANCES,
    TONES,
    DEPENDENCE,
    N_FAMILIES
};

typedef struct family {
    const char *prefix;
    const char *const *name;
    const char *const *way;
    int n_names;
    int n_ways;
} family;

static const family families[N_FAMILIES] = {
    [MORPH] = {"morph_", morph_names, whole, IBSI_MORPH, 1},
    [LOCAL] = {"loc_", local_names, whole, IBSI_LOCAL, 1},
    [STAT] = {"stat_", stat_names, whole, IBSI_STAT, 1},
    [HISTOGRAM] = {"ih_", histogram_names, whole, IBSI_HISTOGRAM, 1},
    [VOLUME] = {"ivh_", volume_names, whole, IBSI_VOLUME_HISTOGRAM, 1},
    [GLCM] = {"cm_", glcm_names, by_direction, IBSI_GLCM, IBSI_DIRECTIONAL},
    [RUNS] = {"rlm_", run_names, by_direction, IBSI_RUNS, IBSI_DIRECTIONAL},
    [SIZES] = {"szm_", size_names, by_slice, IBSI_ZONES, IBSI_PLAIN},
    [DISTANCES] = {"dzm_", distance_names, by_slice, IBSI_ZONES, IBSI_PLAIN},
    [TONES] = {"ngt_", tone_names, by_slice, IBSI_NGTDM, IBSI_PLAIN},
    [DEPENDENCE] = {"ngl_", dependence_names, by_slice, IBSI_NGLDM, IBSI_PLAIN},
};

enum {
    N_FEATURES = IBSI_MORPH + IBSI_LOCAL + IBSI_STAT + IBSI_HISTOGRAM + IBSI_VOLUME_HISTOGRAM +
                 IBSI_DIRECTIONAL * (IBSI_GLCM + IBSI_RUNS) +
                 IBSI_PLAIN * (2 * IBSI_ZONES + IBSI_NGTDM + IBSI_NGLDM)
};

int rgq_features_count(void)
{
    return N_FEATURES;
}

const char *rgq_features_tag(int i, char *tag)
{
    const family *f = families;

    while (i >= f->n_names * f->n_ways) {
        i -= f->n_names * f->n_ways;
        f++;
    }
    (void)snprintf(tag, RGQ_FEATURE_TAG_MAX, "%s%s%s", f->prefix, f->name[i % f->n_names],
                   f->way[i / f->n_names]);
    return tag;
}

/* Where the values of a family begin. */
static double *part(double *values, int which)
{
    for (int f = 0; f < which; f++)
        values += (ptrdiff_t)families[f].n_names * families[f].n_ways;
    return values;
}

static bool is_range(double value, double least)
{
    return value >= least && isfinite(value);
}

static rgq_status check_options(const rgq_features_opts *o, int n_frames, rgq_error *err)
{
    const bool spaced = o->resample_mm[0] > 0.0;

    if (o->frame < 0 || o->frame >= n_frames)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "frame %d of a scan with frames 0 to %d",
                         o->frame, n_frames - 1);
    for (int a = 0; a < 3; a++)
        if (!is_range(o->resample_mm[a], 0.0) || (o->resample_mm[a] > 0.0) != spaced)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "voxels of %g x %g x %g mm to interpolate to; three lengths above "
                             "0 were needed",
                             o->resample_mm[0], o->resample_mm[1], o->resample_mm[2]);
    if (!(o->low < o->high))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "re-segmentation from %g to %g; the second must be the larger", o->low,
                         o->high);
    if (!is_range(o->outlier_sd, 0.0) || !is_range(o->bin_size, 0.0) ||
        !is_range(o->volume_bin_size, 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "outliers at %g standard deviations, bins of %g and of %g (for the "
                         "intensity-volume histogram); numbers above 0 were needed, 0 is none",
                         o->outlier_sd, o->bin_size, o->volume_bin_size);
    if (o->bin_count < 0 || o->bin_count > RGQ_FEATURE_LEVELS_MAX || o->volume_bin_count < 0 ||
        o->volume_bin_count > RGQ_FEATURE_BINS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%d bins, %d for the intensity-volume histogram; at most %d and %d "
                         "are handled, 0 is none",
                         o->bin_count, o->volume_bin_count, (int)RGQ_FEATURE_LEVELS_MAX,
                         (int)RGQ_FEATURE_BINS_MAX);
    if ((o->bin_count > 0 && o->bin_size > 0.0) ||
        (o->volume_bin_count > 0 && o->volume_bin_size > 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "bins of a size and a number of bins; one of the two is needed");
    return RGQ_OK;
}

static rgq_status check_input(const rgq_volume *volume, const rgq_regions *regions,
                              const rgq_features_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, check_options(opts, rgq_volume_n_frames(volume), err));
    RGQ_PASS(err,
             rgq_grid_compare(rgq_volume_grid(volume), rgq_regions_grid(regions), -1.0, err));
    if (!rgq_grid_is_orthogonal(rgq_volume_grid(volume)))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the axes of the grid are not perpendicular; features are defined on "
                         "a plain grid, resample the scan");
    return rgq_volume_check_finite(volume, "the volume to take features of", err);
}

static rgq_status fill_histogram(double *values, const ibsi_roi *roi, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    float *scratch = NULL;
    double *bins = NULL;

    RGQ_TRY(err, rgq_alloc(&scratch, roi->count, sizeof *scratch, err));
    RGQ_TRY(err, rgq_alloc(&bins, (size_t)roi->n_levels, sizeof *bins, err));
    ibsi_histogram(part(values, HISTOGRAM), roi, scratch, bins);
out:
    rgq_free(scratch);
    rgq_free(bins);
    return st;
}

static rgq_status fill(double *values, const ibsi_roi *roi, const rgq_volume *volume,
                       const rgq_features_opts *opts, const char *name, const rgq_log *log,
                       rgq_error *err)
{
    RGQ_PASS(err, ibsi_morphology(part(values, MORPH), roi, name, log, err));
    if (roi->count == 0)
        return RGQ_OK;
    RGQ_PASS(err, ibsi_local(part(values, LOCAL), roi, err));
    ibsi_statistics(part(values, STAT), roi);
    ibsi_volume_histogram(part(values, VOLUME), roi, opts, rgq_volume_unit(volume));
    if (roi->level == NULL)
        return RGQ_OK;
    RGQ_PASS(err, fill_histogram(values, roi, err));
    RGQ_PASS(err, ibsi_glcm(part(values, GLCM), roi, err));
    RGQ_PASS(err, ibsi_runs(part(values, RUNS), roi, err));
    RGQ_PASS(err, ibsi_zones(part(values, SIZES), part(values, DISTANCES), roi, err));
    return ibsi_neighbours(part(values, TONES), part(values, DEPENDENCE), roi, err);
}

static rgq_status add_region(rgq_table *table, const rgq_volume *volume,
                             const rgq_region *region, const rgq_features_opts *opts,
                             const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    ibsi_roi roi = {.morph = NULL};
    double values[N_FEATURES];
    char tag[RGQ_FEATURE_TAG_MAX];

    for (int i = 0; i < N_FEATURES; i++)
        values[i] = (double)NAN;
    RGQ_TRY(err, ibsi_roi_init(&roi, volume, region, opts, log, err));
    if (roi.n_morph > 0)
        RGQ_TRY(err, fill(values, &roi, volume, opts, region->name, log, err));
    else
        RGQ_WARN(log, "region '%s' is empty%s", region->name,
                 region->weight != NULL ? ": no weight of 0.5 in it" : "");
    for (int i = 0; i < N_FEATURES; i++) {
        RGQ_TRY(err, rgq_table_add_row(table, err));
        RGQ_TRY(err, rgq_table_set_text(table, "region", region->name, err));
        RGQ_TRY(err, rgq_table_set_text(table, "tag", rgq_features_tag(i, tag), err));
        rgq_table_set_real(table, "value", isfinite(values[i]) ? values[i] : (double)NAN);
    }
out:
    ibsi_roi_release(&roi);
    return st;
}

rgq_status rgq_features(rgq_table **out, const rgq_volume *volume, const rgq_regions *regions,
                        const rgq_features_opts *opts, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    const int n_regions = rgq_regions_count(regions);

    *out = NULL;
    RGQ_TRY(err, check_input(volume, regions, opts, err));
    RGQ_TRY(err, rgq_table_create(&table, columns, N_COLUMNS, err));
    for (int i = 0; i < n_regions; i++) {
        rgq_log_progress(log, "taking features", (double)i / n_regions);
        RGQ_TRY(err, add_region(table, volume, rgq_regions_at(regions, i), opts, log, err));
    }
    rgq_log_progress(log, "taking features", 1.0);
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}
