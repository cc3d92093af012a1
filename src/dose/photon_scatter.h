/* Directions and energies of scattered photons. */
#ifndef RGQ_DOSE_PHOTON_SCATTER_H
#define RGQ_DOSE_PHOTON_SCATTER_H

#include "dose/photon_data.h"
#include "num/stream_rng.h"

/** A direction, all alike. */
RGQ_API void rgq_photon_isotropic(double direction[3], rgq_stream *random);

/** Scatter incoherently: turn `direction`, return the energy that is left [MeV].
 *  Klein-Nishina by composition and rejection, then S(x).
 *  @see cite:Nelson1985 */
RGQ_API double rgq_photon_compton(double direction[3], const rgq_photon_material *material,
                                  double energy_mev, rgq_stream *random);

/** Scatter coherently: x^2 from the form factors, rejected by (1 + cos^2) / 2. */
RGQ_API void rgq_photon_rayleigh(double direction[3], const rgq_photon_material *material,
                                 double energy_mev, rgq_stream *random);

/** Turn a unit vector by the polar angle of cosine `mu`, any azimuth. */
RGQ_API void rgq_photon_turn(double direction[3], double mu, rgq_stream *random);

#endif
