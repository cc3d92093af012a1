/* Random numbers: one generator, an explicit seed, the same numbers on every machine. */
#ifndef RGQ_NUM_RNG_H
#define RGQ_NUM_RNG_H

#include <stdint.h>

#include "rgdquant/error.h"

/** Mersenne twister MT19937 of GSL (period 2^19937 - 1). One object serves one thread at a
 * time; loops in threads take one object a thread and call rgq_rng_seed() for each slice or
 * region, so that the numbers do not depend on who computes what. */
typedef struct rgq_rng rgq_rng;

/** New generator, as after rgq_rng_seed(rng, seed, 0); free with rgq_rng_free().
 *  @return RGQ_OK; RGQ_E_NOMEM (`*out` is NULL) */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_rng_create(rgq_rng **out, uint64_t seed, rgq_error *err);
RGQ_API void rgq_rng_free(rgq_rng *rng);

/**
 * @brief Start anew at sequence `stream` of `seed`.
 *
 * Seed and stream are mixed by two rounds of SplitMix64 into the 32 bits that MT19937 is seeded
 * with: neighbouring seeds and streams give unrelated sequences, and every seed, 0 too, is one
 * of its own. Two of n streams coincide with a probability of n^2 / 2^33.
 * Cost: about 3 us; no allocation.
 */
RGQ_API void rgq_rng_seed(rgq_rng *rng, uint64_t seed, uint64_t stream);

/** Uniform in [0, 1), a multiple of 2^-32. */
RGQ_API double rgq_rng_uniform(rgq_rng *rng);

/** Normal with mean 0 and standard deviation `sd` >= 0 (polar Box-Muller). */
RGQ_API double rgq_rng_gaussian(rgq_rng *rng, double sd);

/**
 * @brief Poisson counts; a whole number >= 0.
 *
 * @param[in] mean  mean <= 0 or NaN gives 0. Above 1e9 the normal distribution of the same mean
 *                  and variance, rounded, stands in (their skewness differs by 3e-5).
 */
RGQ_API double rgq_rng_poisson(rgq_rng *rng, double mean);

/** Version of the GNU Scientific Library, e.g. "2.7.1". */
RGQ_API const char *rgq_gsl_version(void);

#endif
