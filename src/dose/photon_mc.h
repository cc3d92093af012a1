/* Photons through a body: where their energy goes. */
#ifndef RGQ_DOSE_PHOTON_MC_H
#define RGQ_DOSE_PHOTON_MC_H

#include "dose/anatomy.h"
#include "dose/spectrum.h"
#include "rgdquant/log.h"

/** Where photons start. */
typedef struct rgq_photon_source {
    int organ;             /**< everywhere in this organ alike; -1: see the next */
    bool whole_body;       /**< everywhere in the body, in proportion to mass */
    const float *activity; /**< one value a voxel, >= 0; NULL: by the two above */
} rgq_photon_source;

typedef struct rgq_photon_opts {
    long long
        histories; /**< photons to start, at least 1000; the most where `uncertainty` is set */
    double uncertainty; /**< stop once each organ that takes at least a thousandth of the
                             energy is known to this relative SD; 0: start them all */
    uint64_t seed;
    double cut_mev; /**< below it a photon is absorbed where it is */
} rgq_photon_opts;

#define RGQ_PHOTON_OPTS_INIT                                                                   \
    {                                                                                          \
        .histories = 10000000, .seed = 1, .cut_mev = 0.005                                     \
    }

/** Energy that organs absorb, per decay. */
typedef struct rgq_photon_result {
    int n;
    double absorbed_mev[RGQ_ORGANS_MAX];
    double sd_mev[RGQ_ORGANS_MAX]; /**< of absorbed_mev, from the batches */
    double emitted_mev;
    double escaped_mev; /**< left the box; with what is absorbed it makes emitted_mev to the
                           noise of the estimator */
    long long histories;
} rgq_photon_result;

/**
 * @brief Follow photons by Woodcock's method and score collision kerma.
 *
 * Photoelectric absorption, incoherent scattering (Klein-Nishina by composition and rejection
 * with the scattering function), coherent scattering by form factors, pair production with two
 * annihilation quanta. Each tentative collision scores E mu_tr / Sigma, the collision
 * estimator, which knows small organs a quarter better than counting absorptions does.
 * Electrons stay where they arise: above 1 MeV this overstates organs under 10 g by some
 * percent. Bremsstrahlung is left out.
 *
 * @param[out] out        untouched on failure
 * @param[out] voxel_mev  NULL, or one value a voxel: energy per decay [MeV] that it absorbs
 * @param[in]  lines      photon lines; photons start in proportion to their yields
 * @return RGQ_OK; RGQ_E_ARGUMENT (an empty source, an organ that is not there, more than 255
 *         pairs of organ and material); RGQ_E_CANCELLED; RGQ_E_NOMEM. Without a line all is 0.
 *
 * Cost: a byte a voxel (8 more with voxel_mev), some 300 ns a history and core at 511 keV.
 * Threads: same bits for any thread count: batches have their own random numbers and are added
 * in order, voxels add whole numbers.
 * @see cite:Woodcock1965, cite:Nelson1985; test: tests/unit/dose/test_photon_mc.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_photon_transport(rgq_photon_result *out, float *voxel_mev,
                                                       const rgq_anatomy *body,
                                                       const rgq_photon_source *source,
                                                       const rgq_spectrum *spectrum,
                                                       const rgq_photon_opts *opts,
                                                       const rgq_log *log, rgq_error *err);

#endif
