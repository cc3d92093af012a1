#include "dose/dose_map.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "dose/dose_parts.h"
#include "dose/svalues.h"
#include "num/sum.h"

enum { SIDE_MAX = 4096 };

static const double hard_beta_mev = 1.2;
static const double hard_line_mev = 0.5;
static const double hard_beta_yield = 0.01;
static const double fine_voxel_mm = 2.5;

const char *rgq_dose_engine_name(rgq_dose_engine engine)
{
    static const char *const names[] = {"local", "kernel", "mc"};

    assert(engine <= RGQ_DOSE_MC);
    return names[engine];
}

rgq_electron_way rgq_electron_way_of(const rgq_spectrum *spectrum, const double voxel_mm[3])
{
    if (cbrt(voxel_mm[0] * voxel_mm[1] * voxel_mm[2]) < fine_voxel_mm)
        return RGQ_ELECTRONS_KERNEL;
    for (int i = 0; i < spectrum->n_betas; i++)
        if (spectrum->beta[i].end_mev > hard_beta_mev &&
            spectrum->beta[i].yield >= hard_beta_yield)
            return RGQ_ELECTRONS_KERNEL;
    /* a branch without an end point stands as a line at its mean */
    for (int i = 0; i < spectrum->n_electrons; i++)
        if (spectrum->electron[i].energy_mev > hard_line_mev &&
            spectrum->electron[i].yield >= hard_beta_yield)
            return RGQ_ELECTRONS_KERNEL;
    return RGQ_ELECTRONS_LOCAL;
}

static size_t count_of(const rgq_dose_field *s)
{
    return (size_t)s->n[0] * (size_t)s->n[1] * (size_t)s->n[2];
}

static rgq_status check_voxels(const rgq_dose_field *s, double *decays, rgq_error *err)
{
    const size_t count = count_of(s);

    for (size_t i = 0; i < count; i++) {
        const double a = (double)s->activity_mbq_s[i];
        if (!(a >= 0.0) || isinf(a))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "voxel %zu has %g MBq s of decays; a number of at least 0 is "
                             "needed",
                             i, a);
        const double d = s->density_g_cm3 != NULL ? (double)s->density_g_cm3[i] : 1.0;
        if (!(d >= 0.0 && d < 30.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "voxel %zu has a density of %g g/cm3; 0 to 30 is needed", i, d);
    }
    *decays = rgq_sum(s->activity_mbq_s, count);
    return RGQ_OK;
}

static rgq_status check(const rgq_dose_field *s, const rgq_spectrum *spectrum,
                        const rgq_dose_map_opts *opts, double *decays, rgq_error *err)
{
    const double charged = spectrum->electron_mev + spectrum->beta_mev;

    for (int a = 0; a < 3; a++) {
        if (s->n[a] < 1 || s->n[a] > SIDE_MAX ||
            !(s->voxel_mm[a] >= 0.01 && s->voxel_mm[a] <= 1000.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%d voxels of %g mm along one axis; 1 to %d of 0.01 to 1000 mm "
                             "are needed",
                             s->n[a], s->voxel_mm[a], SIDE_MAX);
        if (s->body != NULL && (s->body->n[a] != s->n[a] ||
                                fabs(s->body->voxel_mm[a] / s->voxel_mm[a] - 1.0) > 1e-3))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the body has %d voxels of %g mm along axis %d, the activity %d "
                             "of %g mm; bring both to one grid",
                             s->body->n[a], s->body->voxel_mm[a], a + 1, s->n[a],
                             s->voxel_mm[a]);
    }
    if ((opts->electron != NULL && fabs(opts->electron->emitted_mev - charged) > 1e-6) ||
        (opts->photon != NULL &&
         fabs(opts->photon->emitted_mev - spectrum->photon_mev) > 1e-4 * spectrum->photon_mev))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a kernel given is not one of %s, which emits %g and %g MeV",
                         spectrum->nuclide, charged, spectrum->photon_mev);
    return check_voxels(s, decays, err);
}

/* ---- electrons where they arise ---- */

void rgq_dose_deposit(const rgq_dose_work *w, float *energy_mev, double mev)
{
    const size_t count = count_of(w->source);

    for (size_t i = 0; i < count; i++)
        energy_mev[i] = (float)((double)w->source->activity_mbq_s[i] * mev);
}

/* ---- from energies to doses ---- */

static double density_at(const rgq_dose_work *w, size_t i)
{
    if (w->source->density_g_cm3 != NULL)
        return (double)w->source->density_g_cm3[i];
    /* what photons were followed through is what it weighs */
    return w->source->body != NULL ? rgq_anatomy_density(w->source->body, i) : rgq_dose_density;
}

void rgq_dose_add(rgq_dose_work *w, const float *energy, bool per_own_gram)
{
    const double *h = w->source->voxel_mm;
    const double voxel_ml = h[0] * h[1] * h[2] / 1000.0;
    const size_t count = count_of(w->source);

    w->report.absorbed_mev += rgq_sum(energy, count) / w->decays;
    for (size_t i = 0; i < count; i++) {
        const double own = density_at(w, i);
        const double density = per_own_gram ? own : rgq_dose_density;
        if (own >= rgq_dose_thin && energy[i] > 0.0F)
            w->dose[i] += (float)((double)energy[i] * rgq_mgy_per_mev_g / (density * voxel_ml));
    }
}

static size_t count_thin(const rgq_dose_work *w)
{
    const size_t count = count_of(w->source);
    size_t thin = 0;

    for (size_t i = 0; i < count; i++)
        thin += density_at(w, i) < rgq_dose_thin;
    return thin;
}

/* ---- photons through a body ---- */

/* A body of one organ from densities, or of soft tissue throughout. */
static rgq_status make_body(rgq_anatomy **out, const rgq_dose_field *s, rgq_error *err)
{
    static const double lung_below = 0.6, bone_above = 1.2;
    const size_t count = count_of(s);
    rgq_anatomy *b = NULL;

    RGQ_PASS(err, rgq_anatomy_create(&b, "densities", s->n, s->voxel_mm,
                                     s->density_g_cm3 != NULL, err));
    b->n_organs = 1;
    rgq_text_copy(b->organs[0].name, sizeof b->organs[0].name, "body");
    b->organs[0].wall_of = -1;
    for (size_t i = 0; i < count; i++) {
        const double d =
            s->density_g_cm3 != NULL ? (double)s->density_g_cm3[i] : rgq_dose_density;
        b->organ[i] = d >= rgq_dose_thin;
        b->material[i] = RGQ_MATERIAL_SOFT;
        if (d < rgq_dose_thin)
            b->material[i] = RGQ_MATERIAL_AIR;
        else if (d < lung_below)
            b->material[i] = RGQ_MATERIAL_LUNG;
        else if (d > bone_above)
            b->material[i] = RGQ_MATERIAL_BONE;
        if (b->density != NULL)
            b->density[i] = (float)d;
    }
    rgq_anatomy_weigh(b);
    *out = b;
    return RGQ_OK;
}

static rgq_status follow_photons(rgq_dose_work *w, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = count_of(w->source);
    const rgq_photon_source start = {.organ = -1, .activity = w->source->activity_mbq_s};
    rgq_anatomy *made = NULL;
    rgq_photon_result r = {.n = 0};
    double variance = 0.0;

    if (w->source->body == NULL)
        RGQ_TRY(err, make_body(&made, w->source, err));
    RGQ_TRY(err, rgq_photon_transport(&r, w->energy, made != NULL ? made : w->source->body,
                                      &start, w->spectrum, &w->opts->photons, w->log, err));
    for (size_t i = 0; i < count; i++)
        w->energy[i] *= (float)w->decays;
    rgq_dose_add(w, w->energy, true);
    for (int o = 0; o < r.n; o++)
        variance += r.sd_mev[o] * r.sd_mev[o];
    w->report.sd_mev = sqrt(variance);
    w->report.histories = r.histories;
out:
    rgq_anatomy_free(made);
    return st;
}

static rgq_status run(rgq_dose_work *w, rgq_error *err)
{
    const bool by_kernel = w->report.electrons == RGQ_ELECTRONS_KERNEL;

    if (w->decays <= 0.0)
        return RGQ_OK;
    if (w->opts->engine == RGQ_DOSE_KERNEL)
        return rgq_dose_convolve(w, by_kernel, true, err);
    if (by_kernel)
        RGQ_PASS(err, rgq_dose_convolve(w, true, false, err));
    else {
        rgq_dose_deposit(w, w->energy, w->report.electron_mev);
        rgq_dose_add(w, w->energy, true);
    }
    return w->opts->engine == RGQ_DOSE_MC ? follow_photons(w, err) : RGQ_OK;
}

rgq_status rgq_dose_map(float *dose_mgy, rgq_dose_map_report *report,
                        const rgq_dose_field *source, const rgq_spectrum *spectrum,
                        const rgq_dose_map_opts *opts, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_dose_work w = {
        .source = source, .spectrum = spectrum, .opts = opts, .log = log, .dose = dose_mgy};

    RGQ_PASS(err, check(source, spectrum, opts, &w.decays, err));
    w.report.engine = opts->engine;
    w.report.electrons = opts->electrons;
    if (opts->engine == RGQ_DOSE_LOCAL)
        w.report.electrons = RGQ_ELECTRONS_LOCAL;
    else if (opts->electrons == RGQ_ELECTRONS_AUTO)
        w.report.electrons = rgq_electron_way_of(spectrum, source->voxel_mm);
    w.report.decays_mbq_s = w.decays;
    w.report.electron_mev = spectrum->electron_mev + spectrum->beta_mev;
    w.report.photon_mev = spectrum->photon_mev;
    w.report.thin_voxels = count_thin(&w);
    RGQ_TRY(err, rgq_alloc(&w.energy, count_of(source), sizeof *w.energy, err));
    memset(dose_mgy, 0, count_of(source) * sizeof *dose_mgy);
    RGQ_TRY(err, run(&w, err));
    if (report != NULL)
        *report = w.report;
out:
    rgq_free(w.energy);
    return st;
}
