#include "num/rng.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_version.h>
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"

static const double poisson_mean_max = 1e9; /* GSL counts in unsigned int */

struct rgq_rng {
    gsl_rng gsl; /* its state is ours: gsl_rng_alloc() would abort when memory is short */
};

/* SplitMix64 (Steele, Lea, Flood 2014): one step of the counter and its finaliser. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

rgq_status rgq_rng_create(rgq_rng **out, uint64_t seed, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_rng *rng = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&rng, 1, sizeof *rng, err));
    RGQ_TRY(err, rgq_alloc(&rng->gsl.state, 1, gsl_rng_mt19937->size, err));
    rng->gsl.type = gsl_rng_mt19937;
    rgq_rng_seed(rng, seed, 0);
    *out = rng;
    rng = NULL;
out:
    rgq_rng_free(rng);
    return st;
}

void rgq_rng_free(rgq_rng *rng)
{
    if (rng == NULL)
        return;
    rgq_free(rng->gsl.state);
    rgq_free(rng);
}

void rgq_rng_seed(rgq_rng *rng, uint64_t seed, uint64_t stream)
{
    const uint64_t word = mix(mix(seed) + stream);
    const unsigned long start = (unsigned long)(word >> 32);

    /* GSL takes 0 for its default 4357. */
    gsl_rng_set(&rng->gsl, start != 0 ? start : 1);
}

double rgq_rng_uniform(rgq_rng *rng)
{
    return gsl_rng_uniform(&rng->gsl);
}

double rgq_rng_gaussian(rgq_rng *rng, double sd)
{
    return gsl_ran_gaussian(&rng->gsl, sd);
}

double rgq_rng_poisson(rgq_rng *rng, double mean)
{
    if (!(mean > 0.0))
        return 0.0;
    if (mean > poisson_mean_max)
        return floor(mean + gsl_ran_gaussian(&rng->gsl, sqrt(mean)) + 0.5);
    return (double)gsl_ran_poisson(&rng->gsl, mean);
}

const char *rgq_gsl_version(void)
{
    return gsl_version;
}
