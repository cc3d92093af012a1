#include "dose/electron.h"

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

/* 2 pi r_e^2 m c^2 N_A [MeV cm2 / mol], electrons per molar mass of water */
static const double bethe = 0.1535364;
static const double z_over_a = 0.555087;
static const double excitation_mev = 75e-6;

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

/* Density effect of liquid water. */
static double density_effect(double tau)
{
    static const double c = 3.5017, x0 = 0.24, x1 = 2.8004, a = 0.09116, m = 3.4773;
    const double x = 0.5 * log10(tau * (tau + 2.0));

    if (x < x0)
        return 0.0;
    return 2.0 * M_LN10 * x - c + (x < x1 ? a * pow(x1 - x, m) : 0.0);
}

double rgq_electron_collision(double energy_mev, bool positron)
{
    const speed s = speed_of(energy_mev);
    const double t2 = s.tau + 2.0;
    const double f =
        positron
            ? 2.0 * M_LN2 -
                  s.beta2 / 12.0 * (23.0 + 14.0 / t2 + 10.0 / (t2 * t2) + 4.0 / (t2 * t2 * t2))
            : (1.0 - s.beta2) * (1.0 + s.tau * s.tau / 8.0 - (2.0 * s.tau + 1.0) * M_LN2);

    return bethe * z_over_a / s.beta2 *
           (2.0 * log(energy_mev / excitation_mev) + log1p(0.5 * s.tau) + f -
            density_effect(s.tau));
}

double rgq_electron_radiative(double energy_mev)
{
    return 3.9e-3 + energy_mev * (8.0e-3 + 1.2e-3 * energy_mev);
}

double rgq_electron_range(double energy_mev, bool positron)
{
    static const int n = 2000;
    const double low = log(energy_min_mev);
    const double step = (log(energy_mev) - low) / n;
    double sum = 0.0;

    for (int i = 0; i < n && step > 0.0; i++) {
        const double t = exp(low + (i + 0.5) * step);
        sum += t * step / (rgq_electron_collision(t, positron) + rgq_electron_radiative(t));
    }
    /* the last keV: the stopping power hardly changes there */
    return sum + fmin(energy_mev, energy_min_mev) /
                     rgq_electron_collision(energy_min_mev, positron);
}

/* Moller's cross section by the share e of the energy that is lost, without its constant. */
static double moller(const speed *s, double e)
{
    const double g2 = s->gamma * s->gamma;

    return 1.0 / (e * e) + 1.0 / ((1.0 - e) * (1.0 - e)) + s->tau * s->tau / g2 -
           (2.0 * s->tau + 1.0) / g2 / (e * (1.0 - e));
}

/* Hard collisions [cm2/g] and the stopping power they make up [MeV cm2/g]. */
static void hard_collisions(double *rate, double *loss, double energy_mev, double hard_mev)
{
    static const int n = 400;
    const speed s = speed_of(energy_mev);
    const double least = hard_mev / energy_mev;
    const double step = (log(0.5) - log(least)) / n;
    const double factor = bethe * z_over_a / (s.beta2 * energy_mev);

    *rate = 0.0;
    *loss = 0.0;
    if (least >= 0.5)
        return;
    for (int i = 0; i < n; i++) {
        const double e = least * exp((i + 0.5) * step);
        const double part = factor * moller(&s, e) * e * step;
        *rate += part;
        *loss += part * e * energy_mev;
    }
}

/* One over the first transport mean free path in water [cm2/g]. */
static double bending(double energy_mev)
{
    static const double z[2] = {1.0, 8.0};
    static const double atoms_g[2] = {6.6853e22, 3.3430e22}; /* 0.111894, 0.888106 by mass */
    static const double alpha = 1.0 / 137.035999;
    static const double radius2_cm2 = 7.940788e-26; /* r_e^2 */
    const speed s = speed_of(energy_mev);
    const double p2 = s.tau * (s.tau + 2.0);
    double sum = 0.0;

    for (int i = 0; i < 2; i++) {
        const double az2 = alpha * alpha * z[i] * z[i] / s.beta2;
        const double screening = 0.25 * alpha * alpha / (0.885 * 0.885) * pow(z[i], 2.0 / 3.0) /
                                 p2 * (1.13 + 3.76 * az2);
        const double strength = z[i] * (z[i] + 1.0) * radius2_cm2 / (p2 * s.beta2);
        sum += atoms_g[i] * 2.0 * M_PI * strength *
               (log1p(1.0 / screening) - 1.0 / (1.0 + screening));
    }
    return sum;
}

typedef struct cell {
    float loss[2]; /* restricted, of e- and e+ */
    float hard;
    float bend;
} cell;

struct rgq_electron_tables {
    rgq_electron_opts opts;
    cell at[CELLS + 1];
};

rgq_status rgq_electron_tables_make(rgq_electron_tables **out, const rgq_electron_opts *opts,
                                    rgq_error *err)
{
    rgq_electron_tables *t = NULL;

    *out = NULL;
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
        double rate, loss;
        hard_collisions(&rate, &loss, energy, opts->hard_mev);
        for (int p = 0; p < 2; p++)
            t->at[i].loss[p] = (float)(rgq_electron_collision(energy, p == 1) +
                                       rgq_electron_radiative(energy) - loss);
        t->at[i].hard = (float)rate;
        t->at[i].bend = (float)bending(energy);
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
    const double two = 2.0 * rgq_electron_mass_mev;

    if (least >= 0.5 || w->n_waiting == WAITING)
        return;
    const double lost = e->energy_mev * draw_moller(e, least, w->random);
    const double kept = e->energy_mev - lost;
    const double mu_lost = sqrt(lost * (e->energy_mev + two) / (e->energy_mev * (lost + two)));
    const double mu_kept = sqrt(kept * (e->energy_mev + two) / (e->energy_mev * (kept + two)));
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
                         o->bend / between(c[0].bend, c[1].bend, share));
    bool hard = false;
    if (rate > 0.0) {
        const double to_hard = (double)rgq_stream_exponential(w->random) / rate;
        hard = to_hard < length;
        length = hard ? to_hard : length;
    }
    /* stopping power and bending of the middle of the step */
    c = find(w->tables, e->energy_mev - 0.5 * loss * length, &share);
    const double lost =
        fmin(length * between(c[0].loss[e->positron], c[1].loss[e->positron], share),
             e->energy_mev);
    const double mean = exp(-length * between(c[0].bend, c[1].bend, share));
    const double hinge = uniform(w->random);
    advance(w, e, hinge * length, hinge * lost);
    /* 1 - mu exponential with the mean wanted; steps are too short for its end to matter */
    const double mu = 1.0 - (1.0 - mean) * (double)rgq_stream_exponential(w->random);
    rgq_photon_turn(e->direction, fmax(mu, -1.0), w->random);
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
