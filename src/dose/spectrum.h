/* What a nuclide emits, ready to be followed through matter. */
#ifndef RGQ_DOSE_SPECTRUM_H
#define RGQ_DOSE_SPECTRUM_H

#include <stdbool.h>

#include "rgdquant/error.h"
#include "rgdquant/tracer.h"

enum { RGQ_BETA_BINS = 1000 };

typedef struct rgq_line {
    double energy_mev;
    double yield; /**< per decay */
} rgq_line;

/** A beta branch by the theory of Fermi, tilted so that the mean is the table's. */
typedef struct rgq_beta_spectrum {
    bool positron;
    double yield;
    double mean_mev;
    double end_mev;
    double theory_mean_mev;        /**< what the theory gives */
    double cdf[RGQ_BETA_BINS + 1]; /**< over equal steps of 0 .. end_mev; from 0 to 1 */
} rgq_beta_spectrum;

typedef struct rgq_spectrum {
    char nuclide[16];
    double half_life_s;
    int n_photons, n_electrons, n_betas;
    rgq_line *photon;
    rgq_line *electron; /**< conversion and Auger electrons */
    rgq_beta_spectrum *beta;
    double photon_mev, electron_mev, beta_mev;   /**< what is listed above gives per decay */
    double table_photon_mev, table_electron_mev; /**< totals of the table; NaN: none */
} rgq_spectrum;

/**
 * @brief Lines and beta spectra of a nuclide.
 *
 * dN/dW ~ p W (W0 - W)^2 F(Z, W) C with F = p^(2g-2) exp(pi eta) |Gamma(g + i eta)|^2 and C =
 * 1, or p^2 + q^2 for a unique first-forbidden branch.
 *
 * @param[out] out  release with rgq_spectrum_release(); empty on failure
 * @return RGQ_OK; RGQ_E_NOTFOUND if the table lists no emission of it; RGQ_E_NUMERIC where mean
 * and end point of a branch cannot belong together (2.5 % between theory and table);
 * RGQ_E_NOMEM
 * @see cite:Evans1955 (Fermi function); test: tests/unit/dose/test_spectrum.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_spectrum_make(rgq_spectrum *out,
                                                    const rgq_nuclide *nuclide, rgq_error *err);
RGQ_API void rgq_spectrum_release(rgq_spectrum *spectrum);

/** Energy [MeV] at probability u, 0 <= u <= 1, of a beta branch. */
RGQ_API double rgq_beta_energy(const rgq_beta_spectrum *beta, double u);

#endif
