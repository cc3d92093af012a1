#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "dose/radial_parts.h"

static const double energy_max_mev = 4.0;
static const double margin = 1.15; /* of the range: some meet no hard collision */

typedef struct tally {
    double bin[RGQ_RADIAL_BINS + 1]; /* the last: beyond */
    double per_last;                 /* 1 / the last distance [1 / (g/cm2)] */
} tally;

static void deposit(void *context, const double at[3], double mev)
{
    tally *t = context;
    const double r = sqrt(at[0] * at[0] + at[1] * at[1] + at[2] * at[2]);

    t->bin[rgq_radial_bin(r * t->per_last)] += mev;
}

/* A kind of particle: a beta branch or a line. */
typedef struct emission {
    const rgq_beta_spectrum *beta; /* NULL: a line */
    double energy_mev, yield;
} emission;

static rgq_status list_emissions(emission **out, int *n, const rgq_spectrum *s,
                                 double *largest_mev, double *emitted_mev, rgq_error *err)
{
    RGQ_PASS(err, rgq_alloc(out, (size_t)(s->n_betas + s->n_electrons) + 1, sizeof **out, err));
    *n = 0;
    for (int i = 0; i < s->n_betas; i++)
        (*out)[(*n)++] = (emission){&s->beta[i], s->beta[i].mean_mev, s->beta[i].yield};
    for (int i = 0; i < s->n_electrons; i++)
        (*out)[(*n)++] = (emission){NULL, s->electron[i].energy_mev, s->electron[i].yield};
    *largest_mev = 0.0;
    *emitted_mev = 0.0;
    for (int i = 0; i < *n; i++) {
        const emission *e = &(*out)[i];
        *largest_mev = fmax(*largest_mev, e->beta != NULL ? e->beta->end_mev : e->energy_mev);
        *emitted_mev += e->energy_mev * e->yield;
    }
    if (*largest_mev > energy_max_mev)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s emits electrons of %g MeV; tables end at %g MeV", s->nuclide,
                         *largest_mev, energy_max_mev);
    return RGQ_OK;
}

typedef struct job {
    const rgq_electron_tables *tables;
    const rgq_kernel_opts *opts;
    const emission *list;
    int n;
    double emitted_mev;
} job;

/* Histories of each kind in proportion to its energy, at least 1 a batch; a history carries
 * the decays it stands for. */
static void follow_kind(const job *j, const emission *e, tally *into, tally *own,
                        rgq_stream *random)
{
    const double share = e->energy_mev * e->yield / j->emitted_mev;
    const long long n = (long long)(share * (double)j->opts->histories) / RGQ_RADIAL_BATCHES;
    const long long count = n < 1 ? 1 : n;
    double sum = 0.0;

    for (int b = 0; b <= RGQ_RADIAL_BINS; b++)
        own->bin[b] = 0.0;
    for (long long i = 0; i < count; i++) {
        rgq_moving_electron p = {.direction = {0.0, 0.0, 1.0}, .energy_mev = e->energy_mev};
        if (e->beta != NULL) {
            p.energy_mev = rgq_beta_energy(e->beta, rgq_radial_stratum(i, count, random));
            p.positron = e->beta->positron;
        }
        sum += p.energy_mev;
        rgq_electron_follow(j->tables, &p, random, deposit, own);
    }
    /* so that the kind leaves its energy exactly */
    const double weight = sum > 0.0 ? e->energy_mev * e->yield / sum : 0.0;
    for (int b = 0; b <= RGQ_RADIAL_BINS; b++)
        into->bin[b] += weight * own->bin[b];
}

static void run_batch(const job *j, tally *into, int batch)
{
    tally own = {.per_last = into->per_last};
    rgq_stream random;

    rgq_stream_seed(&random, j->opts->seed, (uint64_t)batch);
    for (int k = 0; k < j->n; k++)
        if (j->list[k].yield > 0.0 && j->list[k].energy_mev > 0.0)
            follow_kind(j, &j->list[k], into, &own, &random);
}

static void run(rgq_radial_kernel *k, const job *j, tally *batch, const rgq_log *log)
{
    enum { ROUND = 8 };
    const double last = 0.1 * k->radius_mm[k->n];

    for (int first = 0; first < RGQ_RADIAL_BATCHES; first += ROUND) {
#pragma omp parallel for schedule(dynamic, 1)
        for (int b = first; b < first + ROUND; b++) {
            batch[b].per_last = 1.0 / last;
            run_batch(j, &batch[b], b);
        }
        rgq_log_progress(log, "following electrons",
                         (double)(first + ROUND) / RGQ_RADIAL_BATCHES);
    }
    for (int i = 0; i < k->n; i++) {
        double sum = 0.0;
        for (int b = 0; b < RGQ_RADIAL_BATCHES; b++)
            sum += batch[b].bin[i];
        k->within_mev[i + 1] = k->within_mev[i] + sum / RGQ_RADIAL_BATCHES;
    }
}

rgq_status rgq_electron_kernel(rgq_radial_kernel **out, const rgq_spectrum *spectrum,
                               const rgq_kernel_opts *opts, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_radial_kernel *k = NULL;
    rgq_electron_tables *tables = NULL;
    emission *list = NULL;
    tally *batch = NULL;
    job j = {.opts = opts};
    double largest_mev;

    *out = NULL;
    if (opts->histories < 1000 || opts->histories > 1000000000)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a kernel of %lld histories; 1000 to 1000000000 are needed",
                         opts->histories);
    RGQ_TRY(err, list_emissions(&list, &j.n, spectrum, &largest_mev, &j.emitted_mev, err));
    /* refuses a medium that has no tables */
    RGQ_TRY(err, rgq_electron_tables_make(&tables, opts->material, &opts->electron, err));
    const double last_g_cm2 =
        largest_mev > 0.0 ? rgq_electron_range(opts->material, largest_mev, false) : 1e-4;
    RGQ_TRY(err, rgq_radial_create(&k, RGQ_RADIAL_BINS, 10.0 * margin * last_g_cm2, err));
    RGQ_TRY(err, rgq_radial_kernel_key(k->key, spectrum, opts, false, err));
    k->emitted_mev = j.emitted_mev;
    if (j.emitted_mev > 0.0) {
        RGQ_TRY(err, rgq_alloc(&batch, RGQ_RADIAL_BATCHES, sizeof *batch, err));
        k->histories = opts->histories;
        j.tables = tables;
        j.list = list;
        run(k, &j, batch, log);
    }
    *out = k;
    k = NULL;
out:
    rgq_free(batch);
    rgq_free(list);
    rgq_electron_tables_free(tables);
    rgq_radial_kernel_free(k);
    return st;
}
