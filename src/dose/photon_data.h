/* Photon cross sections of materials, 2 keV to 3 MeV, and the laws scattering is drawn from. */
#ifndef RGQ_DOSE_PHOTON_DATA_H
#define RGQ_DOSE_PHOTON_DATA_H

#include <stdbool.h>

#include "dose/material.h"
#include "rgdquant/error.h"

enum { RGQ_PHOTON_ENERGIES = 1500, RGQ_PHOTON_TRANSFERS = 4000 };

/** Mass coefficients at one energy [cm2/g]. */
typedef struct rgq_photon_coefficients {
    float photo;    /**< photoelectric absorption */
    float compton;  /**< incoherent scattering by bound electrons */
    float rayleigh; /**< coherent scattering */
    float pair;     /**< pair production */
    float transfer; /**< energy transferred to electrons: what a collision kerma needs */
} rgq_photon_coefficients;

/** Tables of one material. */
typedef struct rgq_photon_material {
    rgq_photon_coefficients at[RGQ_PHOTON_ENERGIES];
    float incoherent[RGQ_PHOTON_TRANSFERS]; /**< S(x) / Z of a mean electron, 0 .. 1 */
    float coherent[RGQ_PHOTON_TRANSFERS];   /**< integral of F(x)^2 over x^2 from 0 */
} rgq_photon_material;

typedef struct rgq_photon_data {
    rgq_photon_material *of[RGQ_MATERIALS]; /**< NULL: not asked for */
} rgq_photon_data;

/**
 * @brief Tables of the materials named, from xraylib.
 *
 * photoelectric, incoherent and coherent cross sections to 0.8 MeV are xraylib's (Kissel,
 * Hubbell); it has none above, where the incoherent one goes on as Klein-Nishina's and the
 * small rest as E^-2. Pair production is that of water after Berger's tables, by Z^2 / A.
 * transfer = photo + incoherent x mean fraction of the energy the electron takes (Klein-Nishina
 * weighted with S(x)) + pair x (1 - 2 m c^2 / E): xraylib's own coefficient of energy
 * absorption is up to 37 % wrong between 15 and 80 keV and is not used.
 *
 * @param[out] out   release with rgq_photon_data_release(); empty on failure
 * @param[in]  want  one flag a material; RGQ_MATERIAL_VOID is passed over
 * @return RGQ_OK; RGQ_E_NUMERIC if xraylib gives none or a wrong one; RGQ_E_NOMEM
 * Cost: some 30 ms and 60 kB a material.
 * @see cite:Schoonjans2011, cite:Berger2010; test: tests/unit/dose/test_photon_data.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_photon_data_make(rgq_photon_data *out,
                                                       const bool want[RGQ_MATERIALS],
                                                       rgq_error *err);
RGQ_API void rgq_photon_data_release(rgq_photon_data *data);

/** Entry of the tables below an energy [MeV] and the share of the way to the next; outside 2
 * keV .. 3 MeV the nearer end. The tables are even in ln E. */
RGQ_API int rgq_photon_entry(double energy_mev, float *share);

/** Coefficients at an energy [MeV], interpolated linearly in ln E. */
RGQ_API rgq_photon_coefficients rgq_photon_coefficients_at(const rgq_photon_material *material,
                                                           double energy_mev);

/** x = sin(theta / 2) / lambda [1/Angstrom] that the last entry of the transfer tables stands
 * for. */
static const double rgq_photon_transfer_max = 40.0;

/** Photon energy [keV] x wavelength [Angstrom]. */
static const double rgq_kev_angstrom = 12.39842;

/** Rest energy of an electron [MeV]. */
static const double rgq_electron_mass_mev = 0.51099895;

#endif
