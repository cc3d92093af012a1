#include "pipeline/dose_organs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "dose/sphere.h"
#include "pipeline/dose_sources.h"

static const char bladder[] = "urinary bladder contents";

void rgq_dose_answer_release(rgq_dose_answer *answer)
{
    rgq_spectrum_release(&answer->spectrum);
    rgq_free(answer->table);
    rgq_free(answer->other);
    rgq_free(answer->effective);
    *answer = (rgq_dose_answer){.table = NULL};
}

rgq_status rgq_dose_nuclide(rgq_nuclide *nuclide, rgq_spectrum *spectrum, const char *tracers,
                            const char *name, rgq_error *err)
{
    rgq_nuclide_ids ids;
    rgq_error why = RGQ_ERROR_INIT;
    char list[320] = "";

    const rgq_status st = rgq_nuclide_find(nuclide, tracers, name, &why);
    if (st == RGQ_E_NOTFOUND && rgq_nuclide_list(&ids, tracers, err) == RGQ_OK) {
        for (int i = 0; i < ids.count && strlen(list) < 280; i++) {
            const size_t used = strlen(list);
            (void)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                           ids.id[i]);
        }
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "the nuclide '%.40s' is not known; there are %s",
                         name, list);
    }
    if (st != RGQ_OK)
        return RGQ_RAISE(err, st, "%s", why.message);
    return rgq_spectrum_make(spectrum, nuclide, err);
}

static double half_life_h(const rgq_dose_answer *a)
{
    return a->nuclide.half_life_s.value / 3600.0;
}

/* What was integrated with another half-life is of something else. */
static rgq_status check_half_life(const rgq_dose_answer *a, const rgq_dose_request *q,
                                  rgq_error *err)
{
    if (!isfinite(q->half_life_h) || q->force ||
        fabs(q->half_life_h / half_life_h(a) - 1.0) <= 0.005)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "half-life conflict: the activities were integrated with %.6g h, but %s "
                     "has %.6g h; mend one of them, or add --force to go on",
                     q->half_life_h, a->nuclide.id, half_life_h(a));
}

/* ---- sources ---- */

static rgq_status add_bladder(rgq_dose_sources *all, rgq_dose_answer *out,
                              const rgq_dose_request *q, rgq_error *err)
{
    if (q->n_urine == 0)
        return RGQ_OK;
    for (int i = 0; i < all->n; i++)
        if (rgq_text_equal_nocase(all->row[i].region, bladder) ||
            rgq_text_equal_nocase(all->row[i].region, "bladder") ||
            rgq_text_equal_nocase(all->row[i].region, "urinary bladder"))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the table has a row '%s' and --urine-fraction computes it; leave "
                             "one of them out",
                             all->row[i].region);
    RGQ_PASS(err, rgq_bladder_tiac(&out->bladder_h, q->urine, q->n_urine, half_life_h(out),
                                   q->void_h, err));
    return rgq_dose_sources_add(all, bladder, out->bladder_h, (double)NAN, err);
}

static rgq_status gather(rgq_dose_sources *all, rgq_dose_answer *out, const rgq_dose_request *q,
                         rgq_error *err)
{
    for (int i = 0; i < q->n_sources; i++) {
        const rgq_dose_source *s = &q->source[i];
        RGQ_PASS(err, rgq_dose_sources_add(all, s->region, s->tiac_h, s->sd_h, err));
        all->row[all->n - 1].animal_share = s->animal_share;
    }
    RGQ_PASS(err, add_bladder(all, out, q, err));
    if (all->n == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "no region has a time-integrated activity; give --tiac T.tsv or "
                         "--urine-fraction");
    return RGQ_OK;
}

/* ---- bodies ---- */

/* What organ doses are made from, to be tried before S values are computed. */
typedef struct trial {
    const rgq_dose_sources *all;
    const rgq_dose_opts *opts;
} trial;

static rgq_status try_organs(void *user, const rgq_svalues *s, rgq_error *err)
{
    const trial *t = user;
    rgq_dose_table *table = NULL;

    RGQ_PASS(err, rgq_alloc(&table, 1, sizeof *table, err));
    const rgq_status st = rgq_dose_organs(table, s, t->all->row, t->all->n, t->opts, err);
    rgq_free(table);
    return st;
}

static rgq_status dose_body(rgq_dose_table **table, rgq_dose_answer *out, rgq_dose_body *body,
                            const rgq_dose_sources *all, const rgq_dose_request *q,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_svalues *s = NULL;
    rgq_dose_opts opts = RGQ_DOSE_OPTS_INIT;

    opts.female = body->kind == RGQ_BODY_FEMALE;
    opts.half_life_h = half_life_h(out);
    opts.mass = q->mass;
    opts.n_masses = q->n_masses;
    opts.weights = &out->weights;
    opts.force = q->force;
    trial t = {all, &opts};
    const rgq_dose_question question = {try_organs, &t};
    RGQ_TRY(err,
            rgq_cached_svalues(&s, body, &out->spectrum, &q->way, &q->cache, &question, err));
    out->histories = q->way.engine == RGQ_DOSE_MC ? s->histories : 0;
    RGQ_TRY(err, rgq_alloc(table, 1, sizeof **table, err));
    RGQ_TRY(err, rgq_dose_organs(*table, s, all->row, all->n, &opts, err));
out:
    rgq_svalues_free(s);
    return st;
}

/* The one region of a sphere. */
static rgq_status sphere_tiac(rgq_organ_dose *row, const rgq_dose_sources *all,
                              const rgq_dose_request *q, rgq_error *err)
{
    double variance = 0.0;

    if (q->n_masses > 0 || q->n_urine > 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a sphere has no organs; leave --mass-g and --urine-fraction out");
    for (int i = 0; i < all->n; i++) {
        if (!rgq_text_equal_nocase(all->row[i].region, "sphere") && all->n > 1)
            return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                             "the region '%s' is not in a sphere, which has the one region "
                             "'sphere'",
                             all->row[i].region);
        row->tiac_h += all->row[i].tiac_h;
        variance += all->row[i].sd_h * all->row[i].sd_h;
    }
    row->sd_tiac = sqrt(variance);
    if (isnan(row->sd_tiac))
        row->flags |= RGQ_DOSE_PART_UNKNOWN;
    return RGQ_OK;
}

static rgq_status dose_sphere(rgq_dose_answer *out, const rgq_dose_body *body,
                              const rgq_dose_sources *all, const rgq_dose_request *q,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_kernel_opts of_electrons = RGQ_ELECTRON_KERNEL_OPTS_INIT;
    const rgq_kernel_opts of_photons = RGQ_PHOTON_KERNEL_OPTS_INIT;
    rgq_radial_kernel *electron = NULL;
    rgq_radial_kernel *photon = NULL;
    rgq_sphere sphere;

    RGQ_TRY(err, rgq_alloc(&out->table, 1, sizeof *out->table, err));
    rgq_dose_table *t = out->table;
    rgq_text_copy(t->nuclide, sizeof t->nuclide, out->nuclide.id);
    rgq_text_copy(t->anatomy, sizeof t->anatomy, body->name);
    t->n = 1;
    rgq_organ_dose *row = &t->row[0];
    rgq_text_copy(row->organ, sizeof row->organ, "sphere");
    RGQ_TRY(err, sphere_tiac(row, all, q, err));
    t->total_tiac_h = row->tiac_h;
    t->most_tiac_h = half_life_h(out) / log(2.0);
    if (row->tiac_h > 1.005 * t->most_tiac_h && !q->force)
        RGQ_TRY(err,
                RGQ_RAISE(err, RGQ_E_ARGUMENT,
                          "the time-integrated activity is %.4g h, and no more than half-life "
                          "/ ln 2 = %.4g h of %s are possible (--force takes it as it is)",
                          row->tiac_h, t->most_tiac_h, t->nuclide));
    RGQ_TRY(err,
            rgq_cached_kernel(&electron, &out->spectrum, &of_electrons, false, &q->cache, err));
    RGQ_TRY(err, rgq_cached_kernel(&photon, &out->spectrum, &of_photons, true, &q->cache, err));
    RGQ_TRY(err, rgq_sphere_dose(&sphere, body->mass_g, 1.0, electron, photon, err));
    if (q->way.engine == RGQ_DOSE_LOCAL) { /* all electrons stay, no photon does */
        sphere.photon_s = 0.0;
        sphere.electron_s = sphere.electron_mev * rgq_mgy_per_mev_g / sphere.mass_g;
    }
    const double seconds = 3600.0 * row->tiac_h;
    const double s_per_h = 3600.0 * (sphere.photon_s + sphere.electron_s);
    row->mass_g = sphere.mass_g;
    row->photon = seconds * sphere.photon_s;
    row->mean = row->surface = row->self = s_per_h * row->tiac_h;
    row->sd_tiac *= s_per_h;
out:
    rgq_radial_kernel_free(photon);
    rgq_radial_kernel_free(electron);
    return st;
}

/* ---- effective dose ---- */

static rgq_status add_rule(rgq_dose_answer *out, const char *id, bool asked, bool force,
                           rgq_error *err)
{
    const rgq_weight_rule *rule = rgq_weight_rule_find(&out->weights, id);
    rgq_error why = RGQ_ERROR_INIT;

    if (rule == NULL)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND, "tissue_weights.json has no rule '%.40s'", id);
    const rgq_effective_opts opts = {RGQ_WALL_SURFACE_MIRD, force};
    const rgq_status st =
        rgq_effective_dose_of(&out->effective[out->n_effective], rule, &out->weights,
                              out->table, rule->sex_mean ? out->other : NULL, &opts, &why);
    if (st == RGQ_E_MISSING && !asked) {
        rgq_text_copy(out->no_effective[out->n_no_effective++], RGQ_MESSAGE_MAX, why.message);
        return RGQ_OK;
    }
    if (st != RGQ_OK)
        return RGQ_RAISE(err, st, "%s%s", why.message,
                         st == RGQ_E_MISSING ? " (--force gives a lower bound)" : "");
    out->n_effective++;
    return RGQ_OK;
}

static rgq_status effective(rgq_dose_answer *out, const rgq_dose_request *q, rgq_error *err)
{
    RGQ_PASS(err, rgq_alloc(&out->effective, RGQ_EFFECTIVE_MAX, sizeof *out->effective, err));
    if (q->rule != NULL)
        return add_rule(out, q->rule, true, q->force, err);
    RGQ_PASS(err, add_rule(out, "icrp60", false, q->force, err));
    return add_rule(out, "icrp103", false, q->force, err);
}

/* ---- the chain ---- */

static rgq_status dose_other(rgq_dose_answer *out, const rgq_dose_body *body,
                             const rgq_dose_sources *all, const rgq_dose_request *q,
                             rgq_error *err)
{
    rgq_dose_body other;

    if (!q->sex_mean)
        return RGQ_OK;
    if (body->kind != RGQ_BODY_MALE && body->kind != RGQ_BODY_FEMALE)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the mean of both sexes is for the stylised adults; '%s' is none",
                         body->name);
    RGQ_PASS(err, rgq_dose_body_parse(&other,
                                      body->kind == RGQ_BODY_MALE ? "stylised-adult-female"
                                                                  : "stylised-adult-male",
                                      body->voxel_mm, err));
    const rgq_status st = dose_body(&out->other, out, &other, all, q, err);
    rgq_dose_body_release(&other);
    return st;
}

rgq_status rgq_dose_organ_chain(rgq_dose_answer *out, rgq_dose_body *body,
                                const rgq_dose_request *q, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_dose_sources all = {.row = NULL};

    out->bladder_h = (double)NAN;
    RGQ_TRY(err, rgq_dose_nuclide(&out->nuclide, &out->spectrum, q->tracers, q->nuclide, err));
    RGQ_TRY(err, check_half_life(out, q, err));
    RGQ_TRY(err, rgq_tissue_weights_load(&out->weights, q->tracers, err));
    RGQ_TRY(err, gather(&all, out, q, err));
    if (body->kind == RGQ_BODY_SPHERE) {
        if (q->rule != NULL)
            RGQ_TRY(err, RGQ_RAISE(err, RGQ_E_MISSING,
                                   "a sphere has no effective dose; leave "
                                   "--effective out"));
        RGQ_TRY(err, dose_sphere(out, body, &all, q, err));
        goto out;
    }
    RGQ_TRY(err, dose_body(&out->table, out, body, &all, q, err));
    RGQ_TRY(err, dose_other(out, body, &all, q, err));
    RGQ_TRY(err, effective(out, q, err));
out:
    rgq_dose_sources_release(&all);
    return st;
}
