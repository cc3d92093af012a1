/* Electrons and positrons in water and soft tissue: where their energy goes. */
#ifndef RGQ_DOSE_ELECTRON_H
#define RGQ_DOSE_ELECTRON_H

#include <stdbool.h>

#include "dose/material.h"
#include "num/stream_rng.h"
#include "rgdquant/error.h"

/** Lengths are those of density 1 g/cm3 [g/cm2]; at another they are divided by it. Media are
 *  RGQ_MATERIAL_WATER and RGQ_MATERIAL_SOFT. */

/** Collision stopping power [MeV cm2/g], 1 keV to 4 MeV, by Bethe, Berger and Seltzer with mean
 *  excitation energies of 75.0 and 72.3 eV and Sternheimer's density effect. Another medium is
 *  an assertion.
 *  @see cite:ICRU1984, cite:Sternheimer1984; test: tests/unit/dose/test_electron.c */
RGQ_API double rgq_electron_collision(int material, double energy_mev, bool positron);

/** Radiative stopping power of water [MeV cm2/g]: a parabola within 6 % of the tables. */
RGQ_API double rgq_electron_radiative(double energy_mev);

/** Path [g/cm2] to rest in continuous slowing down, from at most 4 MeV. */
RGQ_API double rgq_electron_range(int material, double energy_mev, bool positron);

typedef struct rgq_electron_opts {
    double hard_mev; /**< collisions that give more are drawn one by one, the rest is the
                          restricted stopping power */
    double stop_mev; /**< below it an electron ends where it is (5 keV: 0.8 um of water) */
    double step;     /**< largest share of its energy lost on a step */
    double bend;     /**< largest step in transport mean free paths */
} rgq_electron_opts;

#define RGQ_ELECTRON_OPTS_INIT                                                                 \
    {                                                                                          \
        .hard_mev = 0.010, .stop_mev = 0.005, .step = 0.08, .bend = 0.15                       \
    }

typedef struct rgq_electron_tables rgq_electron_tables;

/** Tables of one set of options. Free with rgq_electron_tables_free().
 *  @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_electron_tables_make(rgq_electron_tables **out,
                                                           int material,
                                                           const rgq_electron_opts *opts,
                                                           rgq_error *err);
RGQ_API void rgq_electron_tables_free(rgq_electron_tables *tables); /**< NULL is allowed */

/** Takes `mev` left at `at` [g/cm2]. */
typedef void (*rgq_electron_deposit)(void *context, const double at[3], double mev);

/** One particle: where it is [g/cm2], where to, with what. */
typedef struct rgq_moving_electron {
    double at[3];
    double direction[3];
    double energy_mev; /**< at most 4 MeV */
    bool positron;
} rgq_moving_electron;

/**
 * @brief Follow a particle and all it sets free until all energy is left somewhere.
 *
 * Condensed history of class II: Moller collisions above hard_mev one by one, the others as a
 * restricted stopping power; directions by the first two transport mean free paths of
 * Wentzel's cross section with Moliere's screening (less what hard collisions bend), applied at
 * a random place of each step. What a
 * particle would radiate is left on the step too: there is no bremsstrahlung. Positrons lose
 * energy by Bhabha's form; their annihilation is a matter of photons.
 *
 * The energies left add up to the energy, to rounding.
 * @see cite:Berger1963
 */
RGQ_API void rgq_electron_follow(const rgq_electron_tables *tables,
                                 const rgq_moving_electron *start, rgq_stream *random,
                                 rgq_electron_deposit deposit, void *context);

#endif
