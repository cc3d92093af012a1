/* rgq_phantom_make(): options checked, painted, blurred, noise added. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/conv.h"
#include "num/rng.h"
#include "phantom/paint.h"
#include "phantom/truth.h"

/* What the options and the file together decide, before any voxel is made. */
typedef struct plan {
    int a; /* activity set */
    const rgq_phantom_activity *activity;
    rgq_grid grid;
    double activity_bq;
    double bqml_per_suv;
    double *values; /* [0] outside, [1 + i] object i, Bq/mL */
} plan;

static rgq_status check_opts(const rgq_phantom_opts *opts, rgq_error *err)
{
    for (int a = 0; a < 3; a++) {
        const double voxel = opts->voxel_mm[a];
        if (!(voxel >= 0.1 && voxel <= 100.0) && !(fabs(voxel) <= 0.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a voxel of %g mm; 0.1 to 100 mm are allowed",
                             voxel);
        if (!(opts->psf_mm[a] >= 0.0 && opts->psf_mm[a] <= 100.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a blur of %g mm; 0 to 100 mm are allowed",
                             opts->psf_mm[a]);
    }
    if (!(opts->noise_percent >= 0.0 && opts->noise_percent <= 100.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "noise of %g %%; 0 to 100 %% are allowed",
                         opts->noise_percent);
    if (opts->fractional && (opts->levels < 1 || opts->levels > RGQ_PHANTOM_LEVELS_MAX))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d levels of supersampling; 1 to %d are allowed",
                         opts->levels, (int)RGQ_PHANTOM_LEVELS_MAX);
    return RGQ_OK;
}

/* Axes as scanners write them: x to the left, y to the back, z to the head. */
static rgq_status plan_grid(rgq_grid *out, const rgq_phantom *phantom,
                            const rgq_phantom_opts *opts, rgq_error *err)
{
    double count = 1.0;

    memset(out, 0, sizeof *out);
    for (int a = 0; a < 3; a++) {
        const double voxel = opts->voxel_mm[a] > 0.0 ? opts->voxel_mm[a] : phantom->voxel_mm[a];
        const double n = ceil(phantom->size_mm[a] / voxel - 1e-9);
        const double step = a < 2 ? -voxel : voxel;
        if (n > RGQ_GRID_SIDE_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%g voxels of %g mm along one axis; at most "
                             "%d are possible",
                             n, voxel, (int)RGQ_GRID_SIDE_MAX);
        out->n[a] = (int)n;
        out->affine[a][a] = step;
        out->affine[a][3] = -0.5 * (n - 1.0) * step;
        count *= n;
    }
    if (count > RGQ_PHANTOM_VOXELS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%.0f million voxels; at most %d million are made: take larger voxels",
                         count / 1e6, (int)RGQ_PHANTOM_VOXELS_MAX / 1000000);
    return rgq_grid_check(out, err);
}

/* C = SUV * A / (1000 W): the SUV of an image corrected to the start of the scan. */
static rgq_status plan_dose(plan *p, const rgq_phantom *phantom, const rgq_phantom_opts *opts,
                            rgq_error *err)
{
    const bool has_body = !isnan(phantom->weight_kg);
    const bool asked = !isnan(opts->activity_mbq);

    p->activity_bq = p->bqml_per_suv = (double)NAN;
    if (asked && !has_body)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the phantom '%s' is no body: its file gives concentrations, and an "
                         "injected activity has no meaning: leave it out",
                         phantom->id);
    if (asked && !(opts->activity_mbq >= 1e-3 && opts->activity_mbq <= 1e6))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "an injected activity of %g MBq; 0.001 to 1000000 MBq are allowed",
                         opts->activity_mbq);
    if (!has_body)
        return RGQ_OK;
    if (!(opts->half_life_s > 0.0))
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "the half-life of %s is needed to turn SUV into Bq/mL",
                         p->activity->nuclide);
    p->activity_bq = asked ? 1e6 * opts->activity_mbq : p->activity->activity_bq;
    p->bqml_per_suv = p->activity_bq * exp2(-p->activity->uptake_s / opts->half_life_s) /
                      (1000.0 * phantom->weight_kg);
    if (!(p->bqml_per_suv > 1e-20))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "with a half-life of %g s nothing is left %g s after the injection",
                         opts->half_life_s, p->activity->uptake_s);
    return RGQ_OK;
}

static rgq_status make_plan(plan *p, const rgq_phantom *phantom, const rgq_phantom_opts *opts,
                            rgq_error *err)
{
    RGQ_PASS(err, check_opts(opts, err));
    RGQ_PASS(err, rgq_phantom_activity_find(&p->a, phantom, opts->tracer, err));
    p->activity = &phantom->activity[p->a];
    RGQ_PASS(err, plan_grid(&p->grid, phantom, opts, err));
    RGQ_PASS(err, plan_dose(p, phantom, opts, err));
    RGQ_PASS(err,
             rgq_alloc(&p->values, (size_t)phantom->n_objects + 1, sizeof *p->values, err));
    for (int i = 0; i < phantom->n_objects; i++)
        p->values[i + 1] =
            rgq_phantom_value(phantom, p->a, i) * (p->activity->is_suv ? p->bqml_per_suv : 1.0);
    if (opts->noise_percent > 0.0 && !(p->values[phantom->background + 1] > 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the noise is scaled by the background '%s', which holds no activity",
                         rgq_phantom_background(phantom));
    return RGQ_OK;
}

/* Taps, not FFT: a sum of positive terms cannot become negative. */
static rgq_status blur(rgq_volume *volume, const rgq_phantom_opts *opts, rgq_error *err)
{
    const double sigma_per_fwhm = 1.0 / (2.0 * sqrt(2.0 * log(2.0)));
    const rgq_grid *grid = rgq_volume_grid(volume);
    double spacing_mm[3];
    double sigma[3];
    double widest = 0.0;

    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int a = 0; a < 3; a++) {
        sigma[a] = opts->psf_mm[a] * sigma_per_fwhm / spacing_mm[a];
        widest = fmax(widest, sigma[a]);
    }
    if (!(widest > 0.0))
        return RGQ_OK;
    return rgq_conv_gaussian(rgq_volume_data(volume, 0), grid->n, sigma, RGQ_BORDER_ZERO,
                             RGQ_CONV_FIR, NULL, err);
}

static rgq_status add_noise(rgq_volume *volume, double background_bqml,
                            const rgq_phantom_opts *opts, rgq_error *err)
{
    const double cv = 0.01 * opts->noise_percent;
    const double per_count = cv * cv * background_bqml;
    float *voxel = rgq_volume_data(volume, 0);
    rgq_rng *rng = NULL;

    RGQ_PASS(err, rgq_rng_create(&rng, opts->seed, err));
    for (size_t i = 0; i < rgq_volume_count(volume); i++)
        voxel[i] = (float)(per_count * rgq_rng_poisson(rng, (double)voxel[i] / per_count));
    rgq_rng_free(rng);
    return RGQ_OK;
}

static void describe(rgq_phantom_scan *out, const plan *p, const rgq_phantom *phantom)
{
    const rgq_phantom_activity *activity = p->activity;
    const rgq_frame frame = {isnan(activity->uptake_s) ? 0.0 : activity->uptake_s,
                             activity->duration_s};

    rgq_volume_set_frame(out->volume, 0, frame);
    out->weight_kg = phantom->weight_kg;
    out->height_m = phantom->height_m;
    out->activity_bq = p->activity_bq;
    out->uptake_s = activity->uptake_s;
    out->duration_s = activity->duration_s;
    out->bqml_per_suv = p->bqml_per_suv;
    memcpy(out->tracer, activity->tracer, sizeof out->tracer);
    memcpy(out->nuclide, activity->nuclide, sizeof out->nuclide);
    memcpy(out->modality, activity->modality, sizeof out->modality);
}

static void warn_of_empty(const rgq_regions *regions, const rgq_log *log)
{
    for (int i = 0; i < rgq_regions_count(regions); i++)
        if (rgq_regions_at(regions, i)->n[0] == 0)
            RGQ_WARN(log,
                     "'%s' has no voxel: the voxels are too large for it; smaller ones or "
                     "fractional edges show it",
                     rgq_regions_at(regions, i)->name);
}

rgq_status rgq_phantom_make(rgq_phantom_scan *out, const rgq_phantom *phantom,
                            const rgq_phantom_opts *opts, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    plan p = {.values = NULL};
    rgq_painting painting = {.voxel = NULL};

    *out = (rgq_phantom_scan){.volume = NULL};
    RGQ_TRY(err, make_plan(&p, phantom, opts, err));
    RGQ_TRY(err, rgq_volume_create(&out->volume, &p.grid, 1, RGQ_UNIT_BQ_ML, err));
    RGQ_TRY(err, rgq_painting_make(&painting, phantom, &p.grid,
                                   opts->fractional ? opts->levels : 0, err));
    rgq_painting_fill(rgq_volume_data(out->volume, 0), &painting, p.values);
    RGQ_TRY(err, rgq_painting_regions(&out->regions, &painting, phantom, err));
    RGQ_TRY(err, rgq_truth_make(&out->truth, phantom, out->regions, p.values + 1, p.a,
                                p.bqml_per_suv, err));
    RGQ_TRY(err, blur(out->volume, opts, err));
    if (opts->noise_percent > 0.0)
        RGQ_TRY(err, add_noise(out->volume, p.values[phantom->background + 1], opts, err));
    describe(out, &p, phantom);
    warn_of_empty(out->regions, log);
    RGQ_DEBUG(log, "%zu voxels, %zu of them crossed by a surface", rgq_grid_count(&p.grid),
              painting.n_mixed);
out:
    rgq_painting_release(&painting);
    rgq_free(p.values);
    if (st != RGQ_OK)
        rgq_phantom_scan_release(out);
    return st;
}

void rgq_phantom_scan_release(rgq_phantom_scan *scan)
{
    rgq_volume_free(scan->volume);
    rgq_regions_free(scan->regions);
    rgq_table_free(scan->truth);
    *scan = (rgq_phantom_scan){.volume = NULL};
}
