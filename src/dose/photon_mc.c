#include "dose/photon_mc.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "dose/photon_scatter.h"
#include "dose/photon_start.h"
#include "num/threads.h"

enum { CELLS_MAX = 255, MIXED = 255, BATCHES_IN_ROUND = 64, TALLIES = RGQ_ORGANS_MAX + 1 };

static const double voxel_unit = 0x1p31; /* of the whole numbers that voxels add, per MeV */
static const double matters = 1e-3;      /* of the energy: organs that `uncertainty` is about */

/* What a voxel is: one of few pairs of organ and material. */
typedef struct cell {
    uint8_t material; /* its place among those in use; 0: void */
    uint8_t tally;    /* organ; RGQ_ORGANS_MAX: none */
} cell;

typedef struct transport {
    const rgq_anatomy *body;
    const rgq_photon_opts *opts;
    rgq_photon_data data;
    const rgq_photon_material *used[RGQ_MATERIALS]; /* those in the body, from 1 on */
    int n_used;
    float heaviest[RGQ_MATERIALS]; /* largest density of each */
    cell cells[CELLS_MAX];
    uint8_t *cell_of; /* of voxels with a layer of void about them: what is just below 0 is
                         cut to 0 and must not be taken for the first voxel */
    int side[3];      /* of that box */
    uint8_t *brick;   /* of 4 x 4 x 4 voxels: their cell where it is one, else MIXED. Steps are
                         long, every look goes elsewhere: the bricks stay in the cache */
    int bricks[3];
    float per_mm[3]; /* voxels in a millimetre */
    rgq_photon_start start;
    int64_t *voxels; /* NULL: not asked for */
} transport;

/* Coefficients of one energy in all materials [1/mm], or per g/cm3 where densities vary. */
typedef struct level {
    float inverse_majorant; /* [mm] */
    float majorant;
    float total[RGQ_MATERIALS];
    float photo[RGQ_MATERIALS];
    float compton[RGQ_MATERIALS]; /* photo included */
    float pair[RGQ_MATERIALS];    /* both included */
    float deposit[RGQ_MATERIALS]; /* E mu_tr / majorant [MeV] */
} level;

typedef struct worker {
    rgq_stream random;
    double absorbed[TALLIES];
    double escaped;
} worker;

typedef struct photon {
    float at[3]; /* in voxels of the padded box */
    double direction[3];
    double energy_mev;
} photon;

static void set_level(level *out, const transport *t, double energy_mev)
{
    const bool varies = t->body->density != NULL;
    float share;
    const int i = rgq_photon_entry(energy_mev, &share);
    float majorant = 0.0f;

    for (int m = 1; m <= t->n_used; m++) {
        const rgq_photon_coefficients *a = &t->used[m]->at[i];
        const rgq_photon_coefficients *b = a + 1;
        /* cm2/g x g/cm3 = 1/cm = 0.1 / mm */
        const float scale = varies ? 0.1f : 0.1f * t->heaviest[m];
        out->photo[m] = scale * (a->photo + share * (b->photo - a->photo));
        out->compton[m] =
            out->photo[m] + scale * (a->compton + share * (b->compton - a->compton));
        out->pair[m] = out->compton[m] + scale * (a->pair + share * (b->pair - a->pair));
        out->total[m] =
            out->pair[m] + scale * (a->rayleigh + share * (b->rayleigh - a->rayleigh));
        out->deposit[m] = scale * (a->transfer + share * (b->transfer - a->transfer));
        const float most = varies ? out->total[m] * t->heaviest[m] : out->total[m];
        majorant = most > majorant ? most : majorant;
    }
    out->majorant = majorant;
    out->inverse_majorant = 1.0f / majorant;
    for (int m = 1; m <= t->n_used; m++)
        out->deposit[m] *= (float)energy_mev * out->inverse_majorant;
}

static void set_step(float step[3], const transport *t, const photon *p)
{
    for (int a = 0; a < 3; a++)
        step[a] = (float)p->direction[a] * t->per_mm[a];
}

static uint8_t find(const transport *t, unsigned x, unsigned y, unsigned z)
{
    const size_t b =
        ((size_t)(z >> 2) * (size_t)t->bricks[1] + (y >> 2)) * (size_t)t->bricks[0] + (x >> 2);

    if (t->brick[b] != MIXED)
        return t->brick[b];
    return t->cell_of[((size_t)z * (size_t)t->side[1] + y) * (size_t)t->side[0] + x];
}

static size_t inner(const transport *t, unsigned x, unsigned y, unsigned z)
{
    const size_t nx = (size_t)t->body->n[0];
    const size_t ny = (size_t)t->body->n[1];

    return ((size_t)(z - 1) * ny + (y - 1)) * nx + (x - 1);
}

static void add_voxel(const transport *t, size_t voxel, float mev)
{
    const int64_t whole = (int64_t)((double)mev * voxel_unit);

#pragma omp atomic
    t->voxels[voxel] += whole;
}

/* A photon too soft to follow is absorbed where it is. */
static void absorb(const transport *t, worker *w, const photon *p, int tally)
{
    w->absorbed[tally] += p->energy_mev;
    if (t->voxels != NULL)
        add_voxel(
            t,
            inner(t, (unsigned)(int)p->at[0], (unsigned)(int)p->at[1], (unsigned)(int)p->at[2]),
            (float)p->energy_mev);
}

/* To the next real collision, in what is `found`; false: the photon left it. */
static bool fly(cell *found, float *drawn, photon *p, const transport *t, worker *w,
                const level *l)
{
    const float *densities = t->body->density;
    const unsigned nx = (unsigned)t->side[0];
    const unsigned ny = (unsigned)t->side[1];
    const unsigned nz = (unsigned)t->side[2];
    float step[3];
    float x = p->at[0];
    float y = p->at[1];
    float z = p->at[2];

    set_step(step, t, p);
    for (;;) {
        const float s = rgq_stream_exponential(&w->random) * l->inverse_majorant;
        x += step[0] * s;
        y += step[1] * s;
        z += step[2] * s;
        const unsigned ix = (unsigned)(int)x;
        const unsigned iy = (unsigned)(int)y;
        const unsigned iz = (unsigned)(int)z;
        if (ix >= nx || iy >= ny || iz >= nz)
            return false;
        const cell c = t->cells[find(t, ix, iy, iz)];
        if (c.material == 0)
            continue;
        const float density = densities != NULL ? densities[inner(t, ix, iy, iz)] : 1.0f;
        const float deposit = l->deposit[c.material] * density;
        w->absorbed[c.tally] += (double)deposit;
        if (t->voxels != NULL)
            add_voxel(t, inner(t, ix, iy, iz), deposit);
        *drawn = rgq_stream_uniform(&w->random) * l->majorant;
        if (*drawn < l->total[c.material] * density) {
            *drawn /= density;
            *found = c;
            p->at[0] = x;
            p->at[1] = y;
            p->at[2] = z;
            return true;
        }
    }
}

/* Two quanta back to back; the pair's own energy is in the kerma. */
static void annihilate(photon *other, photon *p, rgq_stream *random)
{
    rgq_photon_isotropic(p->direction, random);
    p->energy_mev = rgq_electron_mass_mev;
    *other = *p;
    for (int a = 0; a < 3; a++)
        other->direction[a] = -p->direction[a];
}

static void follow(const transport *t, worker *w, photon p)
{
    photon waiting[2];
    int n_waiting = 0;
    level l;
    cell c = {0, RGQ_ORGANS_MAX};
    float drawn;

    set_level(&l, t, p.energy_mev);
    for (;;) {
        bool ended = true;
        if (!fly(&c, &drawn, &p, t, w, &l)) {
            w->escaped += p.energy_mev;
        } else {
            const rgq_photon_material *m = t->used[c.material];
            if (drawn >= l.pair[c.material]) {
                rgq_photon_rayleigh(p.direction, m, p.energy_mev, &w->random);
                ended = false;
            } else if (drawn >= l.compton[c.material]) {
                annihilate(&waiting[n_waiting], &p, &w->random);
                n_waiting++;
                set_level(&l, t, p.energy_mev);
                ended = false;
            } else if (drawn >= l.photo[c.material]) {
                p.energy_mev = rgq_photon_compton(p.direction, m, p.energy_mev, &w->random);
                ended = p.energy_mev < t->opts->cut_mev;
                if (ended)
                    absorb(t, w, &p, c.tally);
                else
                    set_level(&l, t, p.energy_mev);
            }
        }
        if (!ended)
            continue;
        if (n_waiting == 0)
            return;
        p = waiting[--n_waiting];
        set_level(&l, t, p.energy_mev);
    }
}

static void run_batch(const transport *t, worker *w, long long batch, int size)
{
    memset(w->absorbed, 0, sizeof w->absorbed);
    w->escaped = 0.0;
    rgq_stream_seed(&w->random, t->opts->seed, (uint64_t)batch);
    for (int i = 0; i < size; i++) {
        photon p;
        p.energy_mev = rgq_photon_start_at(p.at, &t->start, &w->random);
        for (int a = 0; a < 3; a++)
            p.at[a] += 1.0f; /* the layer */
        rgq_photon_isotropic(p.direction, &w->random);
        follow(t, w, p);
    }
}

/* The entry of a pair of organ and material, made where it is new; -1: no room. */
static int find_cell(transport *t, int known[RGQ_ORGANS_MAX + 1][RGQ_MATERIALS],
                     int used[RGQ_MATERIALS], int *n_cells, int organ, int material)
{
    if (known[organ][material] >= 0)
        return known[organ][material];
    if (*n_cells == CELLS_MAX)
        return -1;
    if (material != RGQ_MATERIAL_VOID && used[material] == 0)
        used[material] = ++t->n_used;
    t->cells[*n_cells] =
        (cell){(uint8_t)used[material], (uint8_t)(organ == 0 ? RGQ_ORGANS_MAX : organ - 1)};
    known[organ][material] = *n_cells;
    return (*n_cells)++;
}

static rgq_status check_voxel(const rgq_anatomy *body, size_t i, rgq_error *err)
{
    const double density = rgq_anatomy_density(body, i);

    if (body->organ[i] > body->n_organs || body->material[i] >= RGQ_MATERIALS)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "voxel %zu is of organ %d and material %d; there are %d and %d", i,
                         body->organ[i], body->material[i], body->n_organs, RGQ_MATERIALS - 1);
    if (!(density >= 0.0 && density < 30.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "voxel %zu has a density of %g g/cm3; 0 to 30 is needed", i, density);
    return RGQ_OK;
}

/* The padded box, and which materials are in it. */
static rgq_status find_cells(transport *t, int used[RGQ_MATERIALS], rgq_error *err)
{
    const rgq_anatomy *body = t->body;
    int known[RGQ_ORGANS_MAX + 1][RGQ_MATERIALS];
    int n_cells = 1; /* 0 is void, as the layer is */
    size_t i = 0;

    memset(known, -1, sizeof known);
    t->cells[0] = (cell){0, RGQ_ORGANS_MAX};
    known[0][RGQ_MATERIAL_VOID] = 0;
    for (int z = 0; z < body->n[2]; z++)
        for (int y = 0; y < body->n[1]; y++) {
            const size_t row =
                ((size_t)(z + 1) * (size_t)t->side[1] + (size_t)(y + 1)) * (size_t)t->side[0] +
                1;
            for (int x = 0; x < body->n[0]; x++, i++) {
                RGQ_PASS(err, check_voxel(body, i, err));
                const int c =
                    find_cell(t, known, used, &n_cells, body->organ[i], body->material[i]);
                if (c < 0)
                    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                                     "a body of more than %d pairs of organ and material",
                                     CELLS_MAX - 1);
                t->cell_of[row + (size_t)x] = (uint8_t)c;
                const float density = (float)rgq_anatomy_density(body, i);
                float *heaviest = &t->heaviest[t->cells[c].material];
                *heaviest = density > *heaviest ? density : *heaviest;
            }
        }
    return RGQ_OK;
}

static void lay_bricks(transport *t)
{
    const size_t nx = (size_t)t->side[0];
    size_t i = 0;

    memset(t->brick, 0, (size_t)t->bricks[0] * (size_t)t->bricks[1] * (size_t)t->bricks[2]);
    for (int z = 0; z < t->side[2]; z++)
        for (int y = 0; y < t->side[1]; y++)
            for (size_t x = 0; x < nx; x++, i++) {
                const size_t b = ((size_t)(z >> 2) * (size_t)t->bricks[1] + (size_t)(y >> 2)) *
                                     (size_t)t->bricks[0] +
                                 (x >> 2);
                const bool first = x % 4 == 0 && y % 4 == 0 && z % 4 == 0;
                if (first)
                    t->brick[b] = t->cell_of[i];
                else if (t->brick[b] != t->cell_of[i])
                    t->brick[b] = MIXED;
            }
}

static rgq_status prepare(transport *t, const rgq_photon_source *source,
                          const rgq_spectrum *spectrum, bool with_voxels, rgq_error *err)
{
    int used[RGQ_MATERIALS] = {0};
    bool want[RGQ_MATERIALS];
    const size_t count = rgq_anatomy_count(t->body);
    size_t padded = 1;
    size_t bricks = 1;

    for (int a = 0; a < 3; a++) {
        t->side[a] = t->body->n[a] + 2;
        padded *= (size_t)t->side[a];
        t->bricks[a] = (t->side[a] + 3) / 4;
        bricks *= (size_t)t->bricks[a];
        t->per_mm[a] = (float)(1.0 / t->body->voxel_mm[a]);
    }
    RGQ_PASS(err, rgq_alloc(&t->cell_of, padded, sizeof *t->cell_of, err));
    RGQ_PASS(err, rgq_alloc(&t->brick, bricks, sizeof *t->brick, err));
    RGQ_PASS(err, find_cells(t, used, err));
    lay_bricks(t);
    if (t->n_used == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a body of nothing but void");
    for (int m = 0; m < RGQ_MATERIALS; m++)
        want[m] = used[m] > 0;
    RGQ_PASS(err, rgq_photon_data_make(&t->data, want, err));
    for (int m = 0; m < RGQ_MATERIALS; m++)
        if (used[m] > 0)
            t->used[used[m]] = t->data.of[m];
    if (with_voxels)
        RGQ_PASS(err, rgq_alloc(&t->voxels, count, sizeof *t->voxels, err));
    return rgq_photon_start_make(&t->start, t->body, source, spectrum, err);
}

/* Sums of the batches and of their squares. */
typedef struct sums {
    double sum[TALLIES], square[TALLIES];
    double escaped;
    long long batches;
    int size; /* histories in a batch */
} sums;

static void add_batch(sums *s, const worker *w)
{
    for (int o = 0; o < TALLIES; o++) {
        s->sum[o] += w->absorbed[o];
        s->square[o] += w->absorbed[o] * w->absorbed[o];
    }
    s->escaped += w->escaped;
    s->batches++;
}

static double sd_of_mean(const sums *s, int o)
{
    const double n = (double)s->batches;
    const double variance = (s->square[o] - s->sum[o] * s->sum[o] / n) / (n - 1.0);

    return n > 1.0 ? sqrt(fmax(variance, 0.0) / n) : (double)NAN;
}

static bool is_known(const transport *t, const sums *s)
{
    double all = 0.0;

    for (int o = 0; o < t->body->n_organs; o++)
        all += s->sum[o];
    for (int o = 0; o < t->body->n_organs; o++)
        if (s->sum[o] > matters * all &&
            sd_of_mean(s, o) > t->opts->uncertainty * s->sum[o] / (double)s->batches)
            return false;
    return true;
}

static rgq_status run(transport *t, sums *s, worker *workers, const rgq_log *log,
                      rgq_error *err)
{
    const long long wanted = (t->opts->histories + s->size - 1) / s->size;

    while (s->batches < wanted) {
        const long long first = s->batches;
        const int n =
            (int)(wanted - first < BATCHES_IN_ROUND ? wanted - first : BATCHES_IN_ROUND);
#pragma omp parallel for schedule(dynamic, 1)
        for (int b = 0; b < n; b++)
            run_batch(t, &workers[b], first + b, s->size);
        for (int b = 0; b < n; b++)
            add_batch(s, &workers[b]);
        if (t->opts->uncertainty > 0.0 && is_known(t, s))
            break;
        rgq_log_progress(log, "following photons", (double)s->batches / (double)wanted);
    }
    rgq_log_progress(log, "following photons", 1.0);
    (void)err;
    return RGQ_OK;
}

static void give(rgq_photon_result *out, float *voxel_mev, const transport *t, const sums *s)
{
    const double per_decay = t->start.yield / ((double)s->batches * s->size);
    const size_t count = rgq_anatomy_count(t->body);

    *out = (rgq_photon_result){.n = t->body->n_organs};
    for (int o = 0; o < out->n; o++) {
        out->absorbed_mev[o] = s->sum[o] * per_decay;
        out->sd_mev[o] = sd_of_mean(s, o) * t->start.yield / s->size;
    }
    out->emitted_mev = t->start.emitted_mev;
    out->escaped_mev = s->escaped * per_decay;
    out->histories = s->batches * s->size;
    if (voxel_mev == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        voxel_mev[i] = (float)((double)t->voxels[i] / voxel_unit * per_decay);
}

rgq_status rgq_photon_transport(rgq_photon_result *out, float *voxel_mev,
                                const rgq_anatomy *body, const rgq_photon_source *source,
                                const rgq_spectrum *spectrum, const rgq_photon_opts *opts,
                                const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    transport t = {.body = body, .opts = opts};
    worker *workers = NULL;
    sums s = {.size = (int)fmin(fmax((double)opts->histories / 256.0, 50.0), 50000.0)};

    if (opts->histories < 1000 || !(opts->cut_mev >= 0.002))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%lld histories with a cut of %g MeV; at least 1000 and 0.002 MeV are "
                         "needed",
                         opts->histories, opts->cut_mev);
    if (spectrum->n_photons == 0) {
        *out = (rgq_photon_result){.n = body->n_organs};
        if (voxel_mev != NULL)
            memset(voxel_mev, 0, rgq_anatomy_count(body) * sizeof *voxel_mev);
        return RGQ_OK;
    }
    RGQ_TRY(err, prepare(&t, source, spectrum, voxel_mev != NULL, err));
    RGQ_TRY(err, rgq_alloc(&workers, BATCHES_IN_ROUND, sizeof *workers, err));
    RGQ_TRY(err, run(&t, &s, workers, log, err));
    give(out, voxel_mev, &t, &s);
out:
    rgq_free(workers);
    rgq_photon_start_release(&t.start);
    rgq_free(t.voxels);
    rgq_free(t.brick);
    rgq_free(t.cell_of);
    rgq_photon_data_release(&t.data);
    return st;
}
