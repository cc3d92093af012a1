#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "dose/photon_scatter.h"
#include "dose/radial_parts.h"

static const double cut_mev = 0.005;
/* mean free paths of the hardest line: e^-14 and its build-up leave 1e-4 beyond */
static const double last_paths = 14.0;
static const double energy_max_mev = 3.0;
/* First flights are drawn this much too long and weighted: the far part is known as well. */
static const double stretch = 2.0;
enum { PLACES = 4 }; /* of a later flight that are scored, the last of them the real one */

typedef struct tally {
    double bin[RGQ_RADIAL_BINS + 1]; /* the last: beyond */
    double beyond;                   /* energy of photons that went there */
} tally;

typedef struct job {
    const rgq_photon_material *material;
    const rgq_kernel_opts *opts;
    const rgq_line *line;
    int n;
    double emitted_mev;
    double last_cm; /* at 1 g/cm3 */
} job;

typedef struct photon {
    double at[3]; /* cm at 1 g/cm3 */
    double direction[3];
    double energy_mev;
    double weight;
} photon;

static double total_of(const rgq_photon_coefficients *c)
{
    return (double)(c->photo + c->compton + c->rayleigh + c->pair);
}

/* Distance from the origin of what lies `path` ahead, as a share of the last. */
static double distance(const job *j, const photon *p, double path)
{
    double r2 = 0.0;

    for (int a = 0; a < 3; a++) {
        const double x = p->at[a] + path * p->direction[a];
        r2 += x * x;
    }
    return sqrt(r2) / j->last_cm;
}

/* A flight and its kerma; returns its length. The first has a formula and is not scored. */
static double fly(const job *j, tally *t, photon *p, bool first,
                  const rgq_photon_coefficients *c, rgq_stream *random)
{
    const double total = total_of(c);
    double path = (double)rgq_stream_exponential(random);

    if (first) {
        path *= stretch;
        p->weight = stretch * exp(-path * (1.0 - 1.0 / stretch));
        return path / total;
    }
    const double kerma = p->weight * p->energy_mev * (double)c->transfer / total / PLACES;
    for (int i = 1; i < PLACES; i++) {
        t->bin[rgq_radial_bin(distance(j, p, path / total))] += kerma;
        path = (double)rgq_stream_exponential(random);
    }
    t->bin[rgq_radial_bin(distance(j, p, path / total))] += kerma;
    return path / total;
}

/* What a collision makes of a photon; false: nothing is left to follow. `waiting` takes the
 * second quantum of a pair. */
static bool collide(photon *p, photon *waiting, int *n_waiting, const job *j,
                    const rgq_photon_coefficients *c, rgq_stream *random)
{
    double drawn = (double)rgq_stream_uniform(random) * total_of(c);

    drawn -= (double)c->photo;
    if (drawn < 0.0)
        return false;
    drawn -= (double)c->compton;
    if (drawn < 0.0) {
        p->energy_mev = rgq_photon_compton(p->direction, j->material, p->energy_mev, random);
        return true;
    }
    drawn -= (double)c->pair;
    if (drawn < 0.0) {
        rgq_photon_isotropic(p->direction, random);
        p->energy_mev = rgq_electron_mass_mev;
        waiting[*n_waiting] = *p;
        for (int a = 0; a < 3; a++)
            waiting[*n_waiting].direction[a] = -p->direction[a];
        (*n_waiting)++;
        return true;
    }
    rgq_photon_rayleigh(p->direction, j->material, p->energy_mev, random);
    return true;
}

static void follow(const job *j, tally *t, double energy_mev, rgq_stream *random)
{
    photon waiting[2];
    int n_waiting = 0;
    photon p = {{0.0, 0.0, 0.0}, {0.0, 0.0, 1.0}, energy_mev, 1.0};
    bool first = true;

    for (;;) {
        const rgq_photon_coefficients c = rgq_photon_coefficients_at(j->material, p.energy_mev);
        const double path = fly(j, t, &p, first, &c, random);
        const double r = distance(j, &p, path);
        bool ended = r >= 1.0;
        for (int a = 0; a < 3; a++)
            p.at[a] += path * p.direction[a];
        if (ended) {
            t->beyond += first ? 0.0 : p.weight * p.energy_mev;
        } else {
            ended = !collide(&p, waiting, &n_waiting, j, &c, random);
            if (!ended && p.energy_mev < cut_mev) {
                t->bin[rgq_radial_bin(r)] += p.weight * p.energy_mev;
                ended = true;
            }
        }
        first = false;
        if (!ended)
            continue;
        if (n_waiting == 0)
            return;
        p = waiting[--n_waiting];
    }
}

static void follow_line(const job *j, const rgq_line *line, tally *into, rgq_stream *random)
{
    const double share = line->energy_mev * line->yield / j->emitted_mev;
    const long long n = (long long)(share * (double)j->opts->histories) / RGQ_RADIAL_BATCHES;
    const long long count = n < 1 ? 1 : n;
    const double weight = line->yield / (double)count;
    tally own = {.beyond = 0.0};

    for (long long i = 0; i < count; i++)
        follow(j, &own, line->energy_mev, random);
    for (int b = 0; b <= RGQ_RADIAL_BINS; b++)
        into->bin[b] += weight * own.bin[b];
    into->beyond += weight * own.beyond;
}

static void run(tally *batch, const job *j, const rgq_log *log)
{
    enum { ROUND = 16 };

    for (int first = 0; first < RGQ_RADIAL_BATCHES; first += ROUND) {
#pragma omp parallel for schedule(dynamic, 1)
        for (int b = first; b < first + ROUND; b++) {
            rgq_stream random;
            rgq_stream_seed(&random, j->opts->seed, (uint64_t)b);
            for (int k = 0; k < j->n; k++)
                if (j->line[k].yield > 0.0)
                    follow_line(j, &j->line[k], &batch[b], &random);
        }
        rgq_log_progress(log, "following photons",
                         (double)(first + ROUND) / RGQ_RADIAL_BATCHES);
    }
}

/* Energy per decay that unscattered photons leave between two distances [cm]. */
static double unscattered(const job *j, double from_cm, double to_cm)
{
    double sum = 0.0;

    for (int k = 0; k < j->n; k++) {
        const rgq_photon_coefficients c =
            rgq_photon_coefficients_at(j->material, j->line[k].energy_mev);
        const double total = total_of(&c);
        sum += j->line[k].yield * j->line[k].energy_mev * (double)c.transfer / total *
               (exp(-total * from_cm) - exp(-total * to_cm));
    }
    return sum;
}

static void put_together(rgq_radial_kernel *k, const job *j, const tally *batch)
{
    double bin[RGQ_RADIAL_BINS] = {0.0};
    double scattered = 0.0, beyond = 0.0;

    for (int b = 0; b < RGQ_RADIAL_BATCHES; b++) {
        for (int i = 0; i < RGQ_RADIAL_BINS; i++)
            bin[i] += batch[b].bin[i] / RGQ_RADIAL_BATCHES;
        beyond += batch[b].beyond / RGQ_RADIAL_BATCHES;
    }
    for (int i = 0; i < RGQ_RADIAL_BINS; i++)
        scattered += bin[i];
    const double missing = j->emitted_mev - unscattered(j, 0.0, (double)INFINITY) - beyond;
    const double scale = scattered > 0.0 ? missing / scattered : 0.0;
    for (int i = 0; i < k->n; i++)
        k->within_mev[i + 1] = k->within_mev[i] + scale * bin[i] +
                               unscattered(j, 0.1 * k->radius_mm[i], 0.1 * k->radius_mm[i + 1]);
}

static rgq_status check(const rgq_spectrum *spectrum, const rgq_kernel_opts *opts,
                        rgq_error *err)
{
    if (opts->histories < 1000 || opts->histories > 1000000000)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a kernel of %lld histories; 1000 to 1000000000 are needed",
                         opts->histories);
    if (opts->material <= RGQ_MATERIAL_VOID || opts->material >= RGQ_MATERIALS)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "material %d; 1 to %d are known", opts->material,
                         RGQ_MATERIALS - 1);
    for (int i = 0; i < spectrum->n_photons; i++)
        if (!(spectrum->photon[i].energy_mev <= energy_max_mev))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%s emits photons of %g MeV; tables end at %g MeV",
                             spectrum->nuclide, spectrum->photon[i].energy_mev, energy_max_mev);
    return RGQ_OK;
}

static double last_distance(const job *j)
{
    double least = INFINITY;

    for (int k = 0; k < j->n; k++) {
        const rgq_photon_coefficients c =
            rgq_photon_coefficients_at(j->material, j->line[k].energy_mev);
        least = fmin(least, total_of(&c));
    }
    return last_paths / least;
}

rgq_status rgq_photon_kernel(rgq_radial_kernel **out, const rgq_spectrum *spectrum,
                             const rgq_kernel_opts *opts, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_radial_kernel *k = NULL;
    rgq_photon_data data = {{NULL}};
    tally *batch = NULL;
    job j = {.opts = opts, .line = spectrum->photon, .n = spectrum->n_photons, .last_cm = 0.1};
    bool want[RGQ_MATERIALS] = {false};

    *out = NULL;
    RGQ_PASS(err, check(spectrum, opts, err));
    for (int i = 0; i < j.n; i++)
        j.emitted_mev += j.line[i].energy_mev * j.line[i].yield;
    if (j.emitted_mev > 0.0) {
        want[opts->material] = true;
        RGQ_TRY(err, rgq_photon_data_make(&data, want, err));
        j.material = data.of[opts->material];
        j.last_cm = last_distance(&j);
    }
    RGQ_TRY(err, rgq_radial_create(&k, RGQ_RADIAL_BINS, 10.0 * j.last_cm, err));
    RGQ_TRY(err, rgq_radial_kernel_key(k->key, spectrum, opts, true, err));
    k->emitted_mev = j.emitted_mev;
    if (j.emitted_mev > 0.0) {
        RGQ_TRY(err, rgq_alloc(&batch, RGQ_RADIAL_BATCHES, sizeof *batch, err));
        k->histories = opts->histories;
        run(batch, &j, log);
        put_together(k, &j, batch);
    }
    *out = k;
    k = NULL;
out:
    rgq_free(batch);
    rgq_photon_data_release(&data);
    rgq_radial_kernel_free(k);
    return st;
}
