#include "dose/electron.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "dose/photon_data.h"
#include "dose/photon_scatter.h"

enum {
    CELL_BITS = 6, /* cells an octave of energy: 64 */
    CELL_SHIFT = 23 - CELL_BITS,
    OCTAVES = 13, /* 2^-10 .. 2^3 MeV, 1 keV .. 8 MeV */
    CELLS = OCTAVES << CELL_BITS,
    WAITING = 64 /* each has at most half the energy of what set it free */
};

static const double energy_min_mev = 0x1p-10;
static const double energy_max_mev = 4.0;

/* 2 pi r_e^2 m c^2 N_A [MeV cm2 / mol] */
static const double bethe = 0.1535364;

/* What slows electrons down: electrons per molar mass, mean excitation energy, Sternheimer's
 * density effect. */
typedef struct medium {
    int material;
    double z_over_a;
    double excitation_mev;
    double c, x0, x1, a, m;
} medium;

static const medium media[] = {
    {RGQ_MATERIAL_WATER, 0.555087, 75.0e-6, 3.5017, 0.2400, 2.8004, 0.09116, 3.4773},
    {RGQ_MATERIAL_SOFT, 0.551210, 72.3e-6, 3.4354, 0.2211, 2.7799, 0.08926, 3.5110},
};

static const medium *medium_of(int material)
{
    for (size_t i = 0; i < sizeof media / sizeof media[0]; i++)
        if (media[i].material == material)
            return &media[i];
    return NULL;
}

/* tau, gamma and beta^2 of a kinetic energy. */
typedef struct speed {
    double tau, gamma, beta2;
} speed;

static speed speed_of(double energy_mev)
{
    speed s = {.tau = energy_mev / rgq_electron_mass_mev};

    s.gamma = s.tau + 1.0;
    s.beta2 = s.tau * (s.tau + 2.0) / (s.gamma * s.gamma);
    return s;
}

static double density_effect(const medium *of, double tau)
{
    const double x = 0.5 * log10(tau * (tau + 2.0));

    if (x < of->x0)
        return 0.0;
    return 2.0 * M_LN10 * x - of->c + (x < of->x1 ? of->a * pow(of->x1 - x, of->m) : 0.0);
}

double rgq_electron_collision(int material, double energy_mev, bool positron)
{
    const medium *of = medium_of(material);
    const speed s = speed_of(energy_mev);
    const double t2 = s.tau + 2.0;
    const double f =
        positron
            ? 2.0 * M_LN2 -
                  s.beta2 / 12.0 * (23.0 + 14.0 / t2 + 10.0 / (t2 * t2) + 4.0 / (t2 * t2 * t2))
            : (1.0 - s.beta2) * (1.0 + s.tau * s.tau / 8.0 - (2.0 * s.tau + 1.0) * M_LN2);

    assert(of != NULL);
    return bethe * of->z_over_a / s.beta2 *
           (2.0 * log(energy_mev / of->excitation_mev) + log1p(0.5 * s.tau) + f -
            density_effect(of, s.tau));
}

double rgq_electron_radiative(double energy_mev)
{
    return 3.9e-3 + energy_mev * (8.0e-3 + 1.2e-3 * energy_mev);
}

double rgq_electron_range(int material, double energy_mev, bool positron)
{
    static const int n = 2000;
    const double low = log(energy_min_mev);
    const double step = (log(energy_mev) - low) / n;
    double sum = 0.0;

    for (int i = 0; i < n && step > 0.0; i++) {
        const double t = exp(low + (i + 0.5) * step);
        sum += t * step /
               (rgq_electron_collision(material, t, positron) + rgq_electron_radiative(t));
    }
    /* the last keV: the stopping power hardly changes there */
    return sum + fmin(energy_mev, energy_min_mev) /
                     rgq_electron_collision(material, energy_min_mev, positron);
}

/* Moller's cross section by the share e of the energy that is lost, without its constant. */
static double moller(const speed *s, double e)
{
    const double g2 = s->gamma * s->gamma;

    return 1.0 / (e * e) + 1.0 / ((1.0 - e) * (1.0 - e)) + s->tau * s->tau / g2 -
           (2.0 * s->tau + 1.0) / g2 / (e * (1.0 - e));
}

/* Cosine of the way of what has `kept` of an energy after a collision with an electron. */
static double cosine_kept(double energy_mev, double kept_mev)
{
    const double two = 2.0 * rgq_electron_mass_mev;

    return sqrt(kept_mev * (energy_mev + two) / (energy_mev * (kept_mev + two)));
}

/* Hard collisions [cm2/g], the stopping power they make up [MeV cm2/g] and their share of one
 * over the first and the second transport mean free path [cm2/g]. */
typedef struct hard_sums {
    double rate, loss, bend, bend_2;
} hard_sums;

static hard_sums hard_collisions(const medium *of, double energy_mev, double hard_mev)
{
    static const int n = 400;
    const speed s = speed_of(energy_mev);
    const double least = hard_mev / energy_mev;
    const double step = (log(0.5) - log(least)) / n;
    const double factor = bethe * of->z_over_a / (s.beta2 * energy_mev);
    hard_sums sums = {0.0, 0.0, 0.0, 0.0};

    for (int i = 0; i < n && least < 0.5; i++) {
        const double e = least * exp((i + 0.5) * step);
        const double part = factor * moller(&s, e) * e * step;
        sums.rate += part;
        sums.loss += part * e * energy_mev;
        const double mu = cosine_kept(energy_mev, (1.0 - e) * energy_mev);
        sums.bend += part * (1.0 - mu);
        sums.bend_2 += part * 1.5 * (1.0 - mu * mu);
    }
    return sums;
}

static double molar_mass(int z)
{
    static const double grams[] = {
        [1] = 1.008,   [6] = 12.011, [7] = 14.007, [8] = 15.999,  [11] = 22.990, [12] = 24.305,
        [15] = 30.974, [16] = 32.06, [17] = 35.45, [19] = 39.098, [20] = 40.078};

    assert(z > 0 && z <= 20 && grams[z] > 0.0);
    return grams[z];
}

/* One over the first and the second transport mean free path [cm2/g]: integrals over Wentzel's
 * cross section, dm / (m + eta)^2 with m = (1 - cosine) / 2, of 2 m and of 6 m (1 - m). */
static void bending(double out[2], const rgq_material *material, double energy_mev)
{
    static const double alpha = 1.0 / 137.035999;
    static const double radius2_cm2 = 7.940788e-26; /* r_e^2 */
    static const double avogadro = 6.02214076e23;
    const speed s = speed_of(energy_mev);
    const double p2 = s.tau * (s.tau + 2.0);

    out[0] = 0.0;
    out[1] = 0.0;
    for (int i = 0; i < material->n_elements; i++) {
        const double z = material->z[i];
        const double az2 = alpha * alpha * z * z / s.beta2;
        const double eta =
            0.25 * alpha * alpha / (0.885 * 0.885) * cbrt(z * z) / p2 * (1.13 + 3.76 * az2);
        const double atoms_g =
            avogadro * material->mass_fraction[i] / molar_mass(material->z[i]);
        const double strength = atoms_g * M_PI * z * (z + 1.0) * radius2_cm2 / (p2 * s.beta2);
        const double of_m = log1p(1.0 / eta) - 1.0 / (1.0 + eta);
        const double of_m2 = 1.0 - 2.0 * eta * log1p(1.0 / eta) + eta / (1.0 + eta);
        out[0] += strength * 2.0 * of_m;
        out[1] += strength * 6.0 * (of_m - of_m2);
    }
}

typedef struct cell {
    float loss[2]; /* restricted, of e- and e+ */
    float hard;
    float bend[2];
} cell;

struct rgq_electron_tables {
    rgq_electron_opts opts;
    cell at[CELLS + 1];
};

rgq_status rgq_electron_tables_make(rgq_electron_tables **out, int material,
                                    const rgq_electron_opts *opts, rgq_error *err)
{
    const medium *of = medium_of(material);
    rgq_electron_tables *t = NULL;

    *out = NULL;
    if (of == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "electrons in material %d; water (%d) and soft tissue (%d) are known",
                         material, RGQ_MATERIAL_WATER, RGQ_MATERIAL_SOFT);
    if (!(opts->stop_mev >= 0.001 && opts->hard_mev >= opts->stop_mev && opts->step > 0.0 &&
          opts->step <= 0.2 && opts->bend > 0.0 && opts->bend <= 0.3))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "electrons stop at %g MeV, hard collisions from %g MeV, steps of %g "
                         "of the energy and %g of a mean free path; at least 0.001, no less "
                         "than the first, up to 0.2 and up to 0.3 are needed",
                         opts->stop_mev, opts->hard_mev, opts->step, opts->bend);
    RGQ_PASS(err, rgq_alloc(&t, 1, sizeof *t, err));
    t->opts = *opts;
    for (int i = 0; i <= CELLS; i++) {
        const double octave = ldexp(energy_min_mev, i >> CELL_BITS);
        const double energy =
            octave * (1.0 + (i & ((1 << CELL_BITS) - 1)) / (double)(1 << CELL_BITS));
        double bend[2];
        const hard_sums hard = hard_collisions(of, energy, opts->hard_mev);
        for (int p = 0; p < 2; p++)
            t->at[i].loss[p] = (float)(rgq_electron_collision(material, energy, p == 1) +
                                       rgq_electron_radiative(energy) - hard.loss);
        t->at[i].hard = (float)hard.rate;
        bending(bend, rgq_material_at(material), energy);
        t->at[i].bend[0] = (float)(bend[0] - hard.bend);
        t->at[i].bend[1] = (float)(bend[1] - hard.bend_2);
    }
    *out = t;
    return RGQ_OK;
}

void rgq_electron_tables_free(rgq_electron_tables *tables)
{
    rgq_free(tables);
}

/* The exponent and the first bits of the mantissa number the cell, the rest is the place in
 * it: the tables are piecewise linear in energy. */
static const cell *find(const rgq_electron_tables *t, double energy_mev, float *share)
{
    const float energy = (float)energy_mev;
    uint32_t bits;

    memcpy(&bits, &energy, sizeof bits);
    const uint32_t first = UINT32_C(117) << CELL_BITS; /* 2^-10 */
    const uint32_t number = bits >> CELL_SHIFT;
    if (number < first) {
        *share = 0.0F;
        return &t->at[0];
    }
    *share = (float)(bits & ((1U << CELL_SHIFT) - 1U)) / (float)(1U << CELL_SHIFT);
    return &t->at[number - first < CELLS ? number - first : CELLS - 1];
}

static double between(float a, float b, float share)
{
    return (double)(a + share * (b - a));
}

static double uniform(rgq_stream *random)
{
    return (double)rgq_stream_uniform(random);
}

typedef struct walk {
    const rgq_electron_tables *tables;
    rgq_stream *random;
    rgq_electron_deposit deposit;
    void *context;
    rgq_moving_electron waiting[WAITING];
    int n_waiting;
} walk;

/* Straight on, leaving energy at one place of the way. */
static void advance(walk *w, rgq_moving_electron *e, double length, double mev)
{
    const double share = length * uniform(w->random);
    double at[3];

    for (int a = 0; a < 3; a++) {
        at[a] = e->at[a] + share * e->direction[a];
        e->at[a] += length * e->direction[a];
    }
    w->deposit(w->context, at, mev);
}

/* Share of the energy that a hard collision takes: 1/e^2 between its limits, then rejected. */
static double draw_moller(const rgq_moving_electron *e, double least, rgq_stream *random)
{
    const speed s = speed_of(e->energy_mev);
    /* e^2 moller(e) grows with e: most of it at 1/2, where 1 + 1 + ... stands */
    const double most = fmax(1.0, 0.25 * moller(&s, 0.5));

    for (;;) {
        const double q = least / (1.0 - (1.0 - 2.0 * least) * uniform(random));
        if (uniform(random) * most <= q * q * moller(&s, q))
            return q;
    }
}

static void collide(walk *w, rgq_moving_electron *e)
{
    const double least = w->tables->opts.hard_mev / e->energy_mev;

    if (least >= 0.5 || w->n_waiting == WAITING)
        return;
    const double lost = e->energy_mev * draw_moller(e, least, w->random);
    const double kept = e->energy_mev - lost;
    const double mu_lost = cosine_kept(e->energy_mev, lost);
    const double mu_kept = cosine_kept(e->energy_mev, kept);
    rgq_moving_electron *other = &w->waiting[w->n_waiting++];
    *other = *e;
    other->positron = false;
    other->energy_mev = lost;
    /* Opposite azimuths would keep momentum; in a kernel that is the same all around they
     * cannot be told from any two. */
    rgq_photon_turn(other->direction, mu_lost, w->random);
    rgq_photon_turn(e->direction, mu_kept, w->random);
    e->energy_mev = kept;
}

/* Cosine of the angle between the ends of a step, from its length in first and in second
 * transport mean free paths: m = (1 - cosine) / 2 is uniform on each side of b, with the
 * weights and the b that give both moments of it.
 * Salvat's choice: cite:Salvat2019 */
static double draw_bend(double paths, double paths_2, rgq_stream *random)
{
    const double m = 0.5 * (1.0 - exp(-paths));
    const double m2 = m - (1.0 - exp(-paths_2)) / 6.0;
    const double b = fmax(2.0 * m - 3.0 * m2, 0.0) / (1.0 - 2.0 * m);
    const double low = 1.0 - 2.0 * m + b; /* probability to be below b */
    const double u = uniform(random);
    const double drawn = u < low ? u / low * b : b + (u - low) / (1.0 - low) * (1.0 - b);

    return fmax(1.0 - 2.0 * drawn, -1.0);
}

/* One step; false: the particle has ended. */
static bool step(walk *w, rgq_moving_electron *e)
{
    const rgq_electron_opts *o = &w->tables->opts;
    float share;
    const cell *c = find(w->tables, e->energy_mev, &share);

    if (e->energy_mev <= o->stop_mev) {
        w->deposit(w->context, e->at, e->energy_mev);
        return false;
    }
    const double loss = between(c[0].loss[e->positron], c[1].loss[e->positron], share);
    const double rate = between(c[0].hard, c[1].hard, share);
    double length = fmin(o->step * e->energy_mev / loss,
                         o->bend / between(c[0].bend[0], c[1].bend[0], share));
    bool hard = false;
    if (rate > 0.0) {
        const double to_hard = (double)rgq_stream_exponential(w->random) / rate;
        hard = to_hard < length;
        length = hard ? to_hard : length;
    }
    /* stopping power and bending of the middle of the step */
    c = find(w->tables, e->energy_mev - 0.5 * loss * length, &share);
    const double lost = fmin(
        length * between(c[0].loss[e->positron], c[1].loss[e->positron], share), e->energy_mev);
    const double mu = draw_bend(length * between(c[0].bend[0], c[1].bend[0], share),
                                length * between(c[0].bend[1], c[1].bend[1], share), w->random);
    const double hinge = uniform(w->random);
    advance(w, e, hinge * length, hinge * lost);
    rgq_photon_turn(e->direction, mu, w->random);
    advance(w, e, (1.0 - hinge) * length, (1.0 - hinge) * lost);
    e->energy_mev -= lost;
    if (hard)
        collide(w, e);
    return true;
}

void rgq_electron_follow(const rgq_electron_tables *tables, const rgq_moving_electron *start,
                         rgq_stream *random, rgq_electron_deposit deposit, void *context)
{
    walk w; /* those that wait are not read before they are written */
    rgq_moving_electron e = *start;

    w.tables = tables;
    w.random = random;
    w.deposit = deposit;
    w.context = context;
    w.n_waiting = 0;
    e.energy_mev = fmin(e.energy_mev, energy_max_mev);
    for (;;) {
        while (step(&w, &e))
            continue;
        if (w.n_waiting == 0)
            return;
        e = w.waiting[--w.n_waiting];
    }
}
