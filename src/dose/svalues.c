#include "dose/svalues.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/hash.h"
#include "core/parse.h"
#include "core/text.h"

/* Raised whenever the transport or its tables change: older caches are made anew. */
static const char version[] = "rgdquant S values 1";

rgq_status rgq_svalues_key_of(char out[65], const char *body_hash, const char *walls,
                              const rgq_spectrum *spectrum, const rgq_photon_opts *opts,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    char hex[RGQ_SHA256_TEXT];

    rgq_text_printf(&text, "%s\n%s\n%lld %.17g %llu %.17g\n", version, body_hash,
                    opts->histories, opts->uncertainty, (unsigned long long)opts->seed,
                    opts->cut_mev);
    for (int i = 0; i < spectrum->n_photons; i++)
        rgq_text_printf(&text, "photon %.17g %.17g\n", spectrum->photon[i].energy_mev,
                        spectrum->photon[i].yield);
    rgq_text_printf(&text, "charged %.17g\n%s", spectrum->electron_mev + spectrum->beta_mev,
                    walls);
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_hash_bytes(hex, text.data, text.length, err));
    rgq_text_copy(out, RGQ_SHA256_TEXT, hex);
out:
    rgq_text_release(&text);
    return st;
}

rgq_status rgq_svalues_key(char out[65], const rgq_anatomy *body, const rgq_spectrum *spectrum,
                           const double *wall_fraction, const rgq_photon_opts *opts,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text walls = RGQ_TEXT_INIT;
    char hex[RGQ_SHA256_TEXT];

    RGQ_TRY(err, rgq_anatomy_hash(hex, body, err));
    for (int o = 0; o < body->n_organs; o++)
        rgq_text_printf(&walls, "wall %.17g\n", wall_fraction[o]);
    RGQ_TRY(err, rgq_text_check(&walls, err));
    RGQ_TRY(err, rgq_svalues_key_of(out, hex, walls.data, spectrum, opts, err));
out:
    rgq_text_release(&walls);
    return st;
}

static rgq_status create(rgq_svalues **out, int n, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_svalues *s = NULL;
    const size_t count = (size_t)n * (size_t)n;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&s, 1, sizeof *s, err));
    s->n = n;
    RGQ_TRY(err, rgq_alloc(&s->photon, count, sizeof *s->photon, err));
    RGQ_TRY(err, rgq_alloc(&s->photon_sd, count, sizeof *s->photon_sd, err));
    RGQ_TRY(err, rgq_alloc(&s->electron, count, sizeof *s->electron, err));
    RGQ_TRY(err, rgq_alloc(&s->electron_surface, count, sizeof *s->electron_surface, err));
    *out = s;
    s = NULL;
out:
    rgq_svalues_free(s);
    return st;
}

void rgq_svalues_free(rgq_svalues *s)
{
    if (s == NULL)
        return;
    rgq_free(s->photon);
    rgq_free(s->photon_sd);
    rgq_free(s->electron);
    rgq_free(s->electron_surface);
    rgq_free(s);
}

/* Progress of one source as a part of that of all. */
typedef struct part {
    const rgq_log *log;
    double from, share;
} part;

static void pass_progress(void *user, const char *task, double fraction)
{
    const part *p = user;

    rgq_log_progress(p->log, task, p->from + fraction * p->share);
}

static void pass_line(void *user, rgq_level level, const char *text)
{
    const part *p = user;

    rgq_log_line(p->log, level, "%s", text);
}

static void fill_photons(rgq_svalues *s, int source, const rgq_photon_result *r)
{
    for (int target = 0; target < s->n; target++) {
        const size_t i = (size_t)source * (size_t)s->n + (size_t)target;
        const double per_mev = rgq_mgy_per_mev_g / s->mass_g[target];
        const bool there = s->mass_g[target] > 0.0;
        s->photon[i] = there ? r->absorbed_mev[target] * per_mev : (double)NAN;
        s->photon_sd[i] = there ? r->sd_mev[target] * per_mev : (double)NAN;
    }
}

static void fill_charged(rgq_svalues *s, const rgq_anatomy *body, const rgq_spectrum *spectrum,
                         const double *wall_fraction)
{
    const double mev = spectrum->electron_mev + spectrum->beta_mev;

    for (int o = 0; o < s->n; o++) {
        const size_t n = (size_t)s->n;
        const int contents = body->organs[o].wall_of;
        if (s->mass_g[o] > 0.0) {
            s->electron[(size_t)o * n + (size_t)o] = mev * rgq_mgy_per_mev_g / s->mass_g[o];
            s->electron_surface[(size_t)o * n + (size_t)o] =
                s->electron[(size_t)o * n + (size_t)o];
        }
        if (contents < 0 || !(s->mass_g[contents] > 0.0))
            continue;
        const size_t i = (size_t)contents * n + (size_t)o;
        const double surface = 0.5 * mev * rgq_mgy_per_mev_g / s->mass_g[contents];
        s->electron_surface[i] = surface;
        s->electron[i] = surface * wall_fraction[o];
    }
}

rgq_status rgq_svalues_compute(rgq_svalues **out, const rgq_anatomy *body,
                               const rgq_spectrum *spectrum, const double *wall_fraction,
                               const rgq_photon_opts *opts, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_svalues *s = NULL;
    part p = {log, 0.0, 1.0 / body->n_organs};
    const rgq_log inner = {pass_line, pass_progress, &p};

    *out = NULL;
    RGQ_TRY(err, create(&s, body->n_organs, err));
    rgq_text_copy(s->nuclide, sizeof s->nuclide, spectrum->nuclide);
    rgq_text_copy(s->anatomy, sizeof s->anatomy, body->id);
    RGQ_TRY(err, rgq_svalues_key(s->key, body, spectrum, wall_fraction, opts, err));
    s->histories = opts->histories;
    for (int o = 0; o < s->n; o++) {
        rgq_text_copy(s->organ[o], sizeof s->organ[o], body->organs[o].name);
        s->mass_g[o] = body->organs[o].mass_g;
    }
    for (int o = 0; o < s->n; o++) {
        const rgq_photon_source source = {.organ = o};
        rgq_photon_opts own = *opts;
        rgq_photon_result r;
        own.seed = opts->seed + (uint64_t)o * UINT64_C(0x9e3779b97f4a7c15);
        p.from = (double)o / s->n;
        if (!(body->organs[o].volume_ml > 0.0)) {
            r = (rgq_photon_result){.n = s->n};
            fill_photons(s, o, &r);
            continue;
        }
        RGQ_TRY(err,
                rgq_photon_transport(&r, NULL, body, &source, spectrum, &own, &inner, err));
        fill_photons(s, o, &r);
    }
    fill_charged(s, body, spectrum, wall_fraction);
    *out = s;
    s = NULL;
out:
    rgq_svalues_free(s);
    return st;
}

rgq_status rgq_svalues_print(char **out, const rgq_svalues *s, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    char hex[RGQ_SHA256_TEXT];

    *out = NULL;
    rgq_text_printf(&text,
                    "%s\nkey\t%s\nnuclide\t%s\nanatomy\t%s\nhistories\t%lld\norgans\t%d\n",
                    version, s->key, s->nuclide, s->anatomy, s->histories, s->n);
    for (int o = 0; o < s->n; o++)
        rgq_text_printf(&text, "%s\t%.17g\n", s->organ[o], s->mass_g[o]);
    for (int i = 0; i < s->n * s->n; i++)
        rgq_text_printf(&text, "%.17g\t%.17g\t%.17g\t%.17g\n", s->photon[i], s->photon_sd[i],
                        s->electron[i], s->electron_surface[i]);
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_hash_bytes(hex, text.data, text.length, err));
    rgq_text_printf(&text, "sha256\t%s\n", hex);
    RGQ_TRY(err, rgq_text_check(&text, err));
    *out = text.data;
    text = (rgq_text)RGQ_TEXT_INIT;
out:
    rgq_text_release(&text);
    return st;
}

/* A walk along lines and tabs of a copy that is cut into words. */
typedef struct reader {
    char *at;
    char *end;
} reader;

static char *next_word(reader *r)
{
    char *word = r->at;

    if (r->at >= r->end)
        return NULL;
    while (r->at < r->end && *r->at != '\t' && *r->at != '\n')
        r->at++;
    if (r->at < r->end)
        *r->at++ = '\0';
    return word;
}

static rgq_status damaged(rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "a table of S values is damaged; it is to be made anew");
}

static rgq_status take(char *out, size_t size, reader *r, const char *name, rgq_error *err)
{
    const char *label = next_word(r);
    const char *word = label != NULL ? next_word(r) : NULL;

    if (word == NULL || strcmp(label, name) != 0 || strlen(word) >= size)
        return damaged(err);
    rgq_text_copy(out, size, word);
    return RGQ_OK;
}

static rgq_status take_number(double *out, reader *r, rgq_error *err)
{
    const char *word = next_word(r);

    if (word == NULL)
        return damaged(err);
    if (strcmp(word, "nan") == 0 || strcmp(word, "-nan") == 0) {
        *out = (double)NAN;
        return RGQ_OK;
    }
    return rgq_parse_real(out, word, -1e300, 1e300, err) == RGQ_OK ? RGQ_OK : damaged(err);
}

/* The last line holds the hash of all before it. */
static rgq_status check_sum(const char *text, size_t length, rgq_error *err)
{
    static const size_t tail = 7 + 64 + 1;
    char hex[RGQ_SHA256_TEXT];

    if (length < tail || memcmp(text + length - tail, "sha256\t", 7) != 0 ||
        text[length - 1] != '\n' || memchr(text, '\0', length) != NULL)
        return damaged(err);
    RGQ_PASS(err, rgq_hash_bytes(hex, text, length - tail, err));
    if (memcmp(hex, text + length - tail + 7, 64) != 0)
        return damaged(err);
    return RGQ_OK;
}

static rgq_status read_body(rgq_svalues *s, reader *r, rgq_error *err)
{
    for (int o = 0; o < s->n; o++) {
        const char *name = next_word(r);
        if (name == NULL || strlen(name) >= sizeof s->organ[o])
            return damaged(err);
        rgq_text_copy(s->organ[o], sizeof s->organ[o], name);
        RGQ_PASS(err, take_number(&s->mass_g[o], r, err));
    }
    for (int i = 0; i < s->n * s->n; i++) {
        RGQ_PASS(err, take_number(&s->photon[i], r, err));
        RGQ_PASS(err, take_number(&s->photon_sd[i], r, err));
        RGQ_PASS(err, take_number(&s->electron[i], r, err));
        RGQ_PASS(err, take_number(&s->electron_surface[i], r, err));
    }
    return RGQ_OK;
}

rgq_status rgq_svalues_parse(rgq_svalues **out, const char *text, size_t length,
                             const char *key, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_svalues *s = NULL;
    char *copy = NULL;
    char found_key[65], nuclide[16], anatomy[RGQ_ORGAN_NAME], number[32];
    long long histories, n;

    *out = NULL;
    RGQ_TRY(err, check_sum(text, length, err));
    RGQ_TRY(err, rgq_alloc(&copy, length + 1, 1, err));
    memcpy(copy, text, length);
    reader r = {copy, copy + length};
    const char *first = next_word(&r);
    if (first == NULL || strcmp(first, version) != 0)
        RGQ_TRY(err, damaged(err));
    RGQ_TRY(err, take(found_key, sizeof found_key, &r, "key", err));
    if (strcmp(found_key, key) != 0)
        RGQ_TRY(err, RGQ_RAISE(err, RGQ_E_FORMAT,
                               "the S values are of another body, nuclide or "
                               "number of histories"));
    RGQ_TRY(err, take(nuclide, sizeof nuclide, &r, "nuclide", err));
    RGQ_TRY(err, take(anatomy, sizeof anatomy, &r, "anatomy", err));
    RGQ_TRY(err, take(number, sizeof number, &r, "histories", err));
    RGQ_TRY(err, rgq_parse_int(&histories, number, 1, 1000000000000000, err));
    RGQ_TRY(err, take(number, sizeof number, &r, "organs", err));
    RGQ_TRY(err, rgq_parse_int(&n, number, 1, RGQ_ORGANS_MAX, err));
    RGQ_TRY(err, create(&s, (int)n, err));
    rgq_text_copy(s->key, sizeof s->key, found_key);
    rgq_text_copy(s->nuclide, sizeof s->nuclide, nuclide);
    rgq_text_copy(s->anatomy, sizeof s->anatomy, anatomy);
    s->histories = histories;
    RGQ_TRY(err, read_body(s, &r, err));
    *out = s;
    s = NULL;
out:
    rgq_free(copy);
    rgq_svalues_free(s);
    return st;
}
