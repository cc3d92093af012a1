/* S values: dose to each organ from a decay in each. */
#ifndef RGQ_DOSE_SVALUES_H
#define RGQ_DOSE_SVALUES_H

#include "dose/anatomy.h"
#include "dose/photon_mc.h"
#include "dose/spectrum.h"
#include "rgdquant/log.h"

/** mGy / (MBq s), `[source * n + target]`; photons and electrons apart. */
typedef struct rgq_svalues {
    char nuclide[16];
    char anatomy[RGQ_ORGAN_NAME];
    char key[65]; /**< SHA-256 of all they were computed from */
    int n;        /**< organs: each is source and target */
    char organ[RGQ_ORGANS_MAX][RGQ_ORGAN_NAME];
    double mass_g[RGQ_ORGANS_MAX];
    long long histories; /**< photons a source */
    double *photon;
    double *photon_sd;
    double *electron; /**< charged particles: all absorbed where they arise; a wall takes from
                         its contents what its mean dose holds (the fractions given) */
    double *electron_surface; /**< the same, but a wall takes half the dose of its contents:
                                 that of their surface */
} rgq_svalues;

/** 1 MeV / (g decay) in mGy / (MBq s). */
static const double rgq_mgy_per_mev_g = 0.1602176634;

/** SHA-256 of what a matrix depends on: the body, the emissions, the options and the version of
 * the transport. A cache with another key is of something else.
 *  @return RGQ_OK; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_svalues_key(char out[65], const rgq_anatomy *body,
                                                  const rgq_spectrum *spectrum,
                                                  const double *wall_fraction,
                                                  const rgq_photon_opts *opts, rgq_error *err);

/** The same for a body that is known by a hash (rgq_stylised_key()), so that a cache is found
 *  before the body is built; `walls` says where the fractions of the walls come from. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_svalues_key_of(char out[65], const char *body_hash,
                                                     const char *walls,
                                                     const rgq_spectrum *spectrum,
                                                     const rgq_photon_opts *opts,
                                                     rgq_error *err);

/**
 * @brief One transport a source.
 *
 * @param[out] out            free with rgq_svalues_free(); NULL on failure
 * @param[in]  wall_fraction  one an organ: for a wall the mean dose that electrons of its
 * contents give it, over the dose of the contents' surface (0 .. 1; see rgq_wall_fraction());
 * NaN: none
 * @return as rgq_photon_transport(); an organ without voxels has S values of 0 as a source and
 * NaN as a target Cost: n transports. Threads: same bits for any thread count.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_svalues_compute(rgq_svalues **out,
                                                      const rgq_anatomy *body,
                                                      const rgq_spectrum *spectrum,
                                                      const double *wall_fraction,
                                                      const rgq_photon_opts *opts,
                                                      const rgq_log *log, rgq_error *err);
RGQ_API void rgq_svalues_free(rgq_svalues *s); /**< NULL is allowed */

/** As text, for the cache; ends with the SHA-256 of all before it. Release with rgq_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_svalues_print(char **out, const rgq_svalues *s,
                                                    rgq_error *err);

/** The other way. @return RGQ_OK; RGQ_E_FORMAT if a byte was lost or changed, or if `key` is
 *  another; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_svalues_parse(rgq_svalues **out, const char *text,
                                                    size_t length, const char *key,
                                                    rgq_error *err);

#endif
