#include "dose/svalues_kernel.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "dose/dose_map.h"

typedef struct work {
    const rgq_anatomy *body;
    const rgq_radial_kernel *photon;
    rgq_spectrum photons; /* the emissions without what is charged */
    rgq_svalues *s;
    float *decays, *dose;
    size_t count;
} work;

/* One decay, spread evenly. */
static void spread(work *w, int source)
{
    size_t n = 0;

    for (size_t i = 0; i < w->count; i++)
        n += w->body->organ[i] == source + 1;
    for (size_t i = 0; i < w->count; i++)
        w->decays[i] = w->body->organ[i] == source + 1 ? (float)(1.0 / (double)n) : 0.0F;
}

/* Mean dose of each organ. */
static void gather(work *w, int source)
{
    double sum[RGQ_ORGANS_MAX] = {0.0};
    size_t n[RGQ_ORGANS_MAX] = {0};

    for (size_t i = 0; i < w->count; i++)
        if (w->body->organ[i] > 0) {
            sum[w->body->organ[i] - 1] += (double)w->dose[i];
            n[w->body->organ[i] - 1]++;
        }
    for (int t = 0; t < w->s->n; t++)
        w->s->photon[(size_t)source * (size_t)w->s->n + (size_t)t] =
            n[t] > 0 ? sum[t] / (double)n[t] : (double)NAN;
}

static rgq_status convolve(work *w, int source, rgq_error *err)
{
    rgq_dose_map_opts opts = RGQ_DOSE_MAP_OPTS_INIT;
    rgq_dose_field field = {.activity_mbq_s = w->decays};

    for (int a = 0; a < 3; a++) {
        field.n[a] = w->body->n[a];
        field.voxel_mm[a] = w->body->voxel_mm[a];
    }
    opts.electrons = RGQ_ELECTRONS_LOCAL;
    opts.photon = w->photon;
    spread(w, source);
    RGQ_PASS(err, rgq_dose_map(w->dose, NULL, &field, &w->photons, &opts, NULL, err));
    gather(w, source);
    return RGQ_OK;
}

rgq_status rgq_svalues_by_kernel(rgq_svalues **out, const rgq_anatomy *body,
                                 const rgq_spectrum *spectrum, const double *wall_fraction,
                                 const rgq_radial_kernel *photon, const rgq_log *log,
                                 rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_photon_opts none = RGQ_PHOTON_OPTS_INIT;
    rgq_spectrum charged = *spectrum;
    work w = {.body = body, .photon = photon, .photons = *spectrum};

    *out = NULL;
    charged.n_photons = 0;
    charged.photon_mev = 0.0;
    w.photons.n_electrons = w.photons.n_betas = 0;
    w.photons.electron_mev = w.photons.beta_mev = 0.0;
    w.count = rgq_anatomy_count(body);
    RGQ_TRY(err, rgq_svalues_compute(&w.s, body, &charged, wall_fraction, &none, NULL, err));
    RGQ_TRY(err, rgq_alloc(&w.decays, w.count, sizeof *w.decays, err));
    RGQ_TRY(err, rgq_alloc(&w.dose, w.count, sizeof *w.dose, err));
    for (int source = 0; source < body->n_organs && photon != NULL; source++) {
        rgq_log_progress(log, "photon kernels", (double)source / body->n_organs);
        if (body->organs[source].volume_ml > 0.0)
            RGQ_TRY(err, convolve(&w, source, err));
    }
    rgq_log_progress(log, "photon kernels", 1.0);
    *out = w.s;
    w.s = NULL;
out:
    rgq_free(w.decays);
    rgq_free(w.dose);
    rgq_svalues_free(w.s);
    return st;
}
