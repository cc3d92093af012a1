#include "pipeline/dose_cache.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "dose/sphere.h"
#include "dose/svalues_kernel.h"
#include "rgdquant/dose.h"

enum { CACHE_BYTES = 16 * 1024 * 1024 };

/* ---- files ---- */

/* What is kept, and how its text is read and written. */
typedef struct kept {
    const char *what; /* "S values", for the log */
    char path[RGQ_PATH_MAX];
    char key[RGQ_SHA256_TEXT];
} kept;

static void name_file(kept *k, const rgq_dose_cache *cache, const char *kind,
                      const char *nuclide)
{
    char name[64];
    rgq_error why = RGQ_ERROR_INIT;

    k->path[0] = '\0';
    (void)snprintf(name, sizeof name, "%.24s-%.16s-%.16s.txt", kind, nuclide, k->key);
    if (cache->folder == NULL || rgq_path_join(k->path, cache->folder, name, &why) != RGQ_OK)
        k->path[0] = '\0';
}

/* The text of a file that is there; NULL without one. */
static char *read_text(const kept *k, size_t *length, const rgq_log *log)
{
    rgq_error why = RGQ_ERROR_INIT;
    char *text = NULL;

    if (k->path[0] == '\0' || !rgq_path_exists(k->path))
        return NULL;
    if (rgq_file_read(&text, length, k->path, CACHE_BYTES, &why) != RGQ_OK) {
        RGQ_WARN(log, "the cached %s cannot be read and are computed: %s", k->what,
                 why.message);
        return NULL;
    }
    return text;
}

/* A cache is a help and no result: that it cannot be written is said, and no more. */
static void keep_text(const kept *k, const char *text, const rgq_log *log)
{
    rgq_error why = RGQ_ERROR_INIT;

    if (k->path[0] == '\0')
        return;
    if (rgq_path_make_folders(k->path, &why) != RGQ_OK ||
        rgq_file_write(k->path, text, strlen(text), true, &why) != RGQ_OK)
        RGQ_WARN(log, "the %s are not kept for the next run: %s", k->what, why.message);
}

static void say_damaged(const kept *k, const rgq_error *why, const rgq_log *log)
{
    RGQ_WARN(log, "the cached %s are computed anew: %s", k->what, why->message);
}

/* ---- kernels ---- */

rgq_status rgq_cached_kernel(rgq_radial_kernel **out, const rgq_spectrum *spectrum,
                             const rgq_kernel_opts *opts, bool photons,
                             const rgq_dose_cache *cache, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_error why = RGQ_ERROR_INIT;
    kept k = {.what = photons ? "photon kernels" : "electron kernels"};
    rgq_radial_kernel *kernel = NULL;
    char *text = NULL;
    size_t length = 0;

    *out = NULL;
    RGQ_TRY(err, rgq_radial_kernel_key(k.key, spectrum, opts, photons, err));
    name_file(&k, cache, photons ? "photons" : "electrons", spectrum->nuclide);
    text = read_text(&k, &length, cache->log);
    if (text != NULL && rgq_radial_kernel_parse(&kernel, text, length, k.key, &why) != RGQ_OK)
        say_damaged(&k, &why, cache->log);
    if (kernel == NULL) {
        RGQ_TRY(err, photons ? rgq_photon_kernel(&kernel, spectrum, opts, cache->log, err)
                             : rgq_electron_kernel(&kernel, spectrum, opts, cache->log, err));
        rgq_free(text);
        text = NULL;
        RGQ_TRY(err, rgq_radial_kernel_print(&text, kernel, err));
        keep_text(&k, text, cache->log);
    }
    *out = kernel;
    kernel = NULL;
out:
    rgq_free(text);
    rgq_radial_kernel_free(kernel);
    return st;
}

/* ---- S values ---- */

/* Walls as spherical shells of their volume around a sphere of that of their contents. */
static void fill_walls(double *fraction, const rgq_anatomy *body,
                       const rgq_radial_kernel *electron)
{
    for (int o = 0; o < body->n_organs; o++) {
        const int contents = body->organs[o].wall_of;
        fraction[o] = 0.0;
        if (contents < 0 || !(body->organs[contents].volume_ml > 0.0) ||
            !(body->organs[o].volume_ml > 0.0))
            continue;
        const double inner_ml = body->organs[contents].volume_ml;
        const double wall_mm = rgq_wall_thickness_mm(inner_ml, body->organs[o].volume_ml);
        const double share =
            rgq_wall_fraction(electron, inner_ml, wall_mm,
                              body->organs[contents].mass_g / body->organs[contents].volume_ml);
        fraction[o] = isfinite(share) ? share : 0.0;
    }
}

static rgq_status ask(const rgq_dose_question *question, const rgq_dose_body *body,
                      const rgq_spectrum *spectrum, rgq_error *err)
{
    const double no_walls[RGQ_ORGANS_MAX] = {0.0};
    const rgq_photon_opts none = RGQ_PHOTON_OPTS_INIT;
    rgq_spectrum charged = *spectrum;
    rgq_svalues *s = NULL;

    if (question == NULL)
        return RGQ_OK;
    charged.n_photons = 0;
    RGQ_PASS(err, rgq_svalues_compute(&s, body->anatomy, &charged, no_walls, &none, NULL, err));
    const rgq_status st = question->would_do(question->user, s, err);
    rgq_svalues_free(s);
    return st;
}

static rgq_status compute(rgq_svalues **out, rgq_dose_body *body, const rgq_spectrum *spectrum,
                          const rgq_dose_way *way, const rgq_dose_cache *cache, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_kernel_opts electrons = RGQ_ELECTRON_KERNEL_OPTS_INIT;
    const rgq_kernel_opts photons = RGQ_PHOTON_KERNEL_OPTS_INIT;
    rgq_radial_kernel *electron = NULL;
    rgq_radial_kernel *photon = NULL;
    double fraction[RGQ_ORGANS_MAX];

    RGQ_TRY(err, rgq_cached_kernel(&electron, spectrum, &electrons, false, cache, err));
    fill_walls(fraction, body->anatomy, electron);
    RGQ_INFO(cache->log, "S values of %s in %s are computed; the next run finds them",
             spectrum->nuclide, body->name);
    if (way->engine == RGQ_DOSE_KERNEL) {
        if (spectrum->n_photons > 0)
            RGQ_TRY(err, rgq_cached_kernel(&photon, spectrum, &photons, true, cache, err));
        RGQ_TRY(err, rgq_svalues_by_kernel(out, body->anatomy, spectrum, fraction, photon,
                                           cache->log, err));
    } else {
        RGQ_TRY(err, rgq_svalues_compute(out, body->anatomy, spectrum, fraction, &way->photons,
                                         cache->log, err));
    }
out:
    rgq_radial_kernel_free(photon);
    rgq_radial_kernel_free(electron);
    return st;
}

/* What the fractions of walls depend on. */
static rgq_status describe_walls(rgq_text *text, const rgq_spectrum *spectrum,
                                 const rgq_dose_way *way, rgq_error *err)
{
    const rgq_kernel_opts electrons = RGQ_ELECTRON_KERNEL_OPTS_INIT;
    char key[RGQ_SHA256_TEXT];

    RGQ_PASS(err, rgq_radial_kernel_key(key, spectrum, &electrons, false, err));
    rgq_text_printf(text, "shells 1 %s %s\n", key, rgq_dose_engine_name(way->engine));
    if (way->engine == RGQ_DOSE_KERNEL) {
        const rgq_kernel_opts photons = RGQ_PHOTON_KERNEL_OPTS_INIT;
        RGQ_PASS(err, rgq_radial_kernel_key(key, spectrum, &photons, true, err));
        rgq_text_printf(text, "%s\n", key);
    }
    return rgq_text_check(text, err);
}

rgq_status rgq_cached_svalues(rgq_svalues **out, rgq_dose_body *body,
                              const rgq_spectrum *spectrum, const rgq_dose_way *way,
                              const rgq_dose_cache *cache, const rgq_dose_question *question,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_error why = RGQ_ERROR_INIT;
    rgq_spectrum emitted = *spectrum;
    kept k = {.what = "S values"};
    rgq_text walls = RGQ_TEXT_INIT;
    rgq_svalues *s = NULL;
    char hex[RGQ_SHA256_TEXT];
    char *text = NULL;
    size_t length = 0;

    *out = NULL;
    if (way->engine == RGQ_DOSE_LOCAL)
        emitted.n_photons = 0;
    RGQ_TRY(err, rgq_dose_body_key(hex, body, cache->log, err));
    RGQ_TRY(err, describe_walls(&walls, &emitted, way, err));
    RGQ_TRY(err, rgq_svalues_key_of(k.key, hex, walls.data, &emitted, &way->photons, err));
    name_file(&k, cache, body->name, spectrum->nuclide);
    text = read_text(&k, &length, cache->log);
    if (text != NULL && rgq_svalues_parse(&s, text, length, k.key, &why) != RGQ_OK)
        say_damaged(&k, &why, cache->log);
    if (s == NULL) {
        RGQ_TRY(err, rgq_dose_body_build(body, cache->log, err));
        RGQ_TRY(err, ask(question, body, &emitted, err));
        RGQ_TRY(err, compute(&s, body, &emitted, way, cache, err));
        rgq_text_copy(s->key, sizeof s->key, k.key);
        rgq_free(text);
        text = NULL;
        RGQ_TRY(err, rgq_svalues_print(&text, s, err));
        keep_text(&k, text, cache->log);
    }
    *out = s;
    s = NULL;
out:
    rgq_free(text);
    rgq_text_release(&walls);
    rgq_svalues_free(s);
    return st;
}
