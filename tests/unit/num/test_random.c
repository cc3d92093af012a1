#include "num/rng.h"

#include <math.h>
#include <string.h>

#include "rgq_check.h"

START_TEST(same_seed_gives_the_same_numbers)
{
    rgq_rng *a = NULL;
    rgq_rng *b = NULL;

    MUST(rgq_rng_create(&a, 7, err));
    MUST(rgq_rng_create(&b, 8, err));
    rgq_rng_seed(b, 7, 0);
    for (int i = 0; i < 1000; i++) {
        ck_assert(rgq_rng_uniform(a) == rgq_rng_uniform(b));
        ck_assert(rgq_rng_gaussian(a, 2.0) == rgq_rng_gaussian(b, 2.0));
        ck_assert(rgq_rng_poisson(a, 12.5) == rgq_rng_poisson(b, 12.5));
    }
    rgq_rng_free(a);
    rgq_rng_free(b);
}
END_TEST

/* Pins seed mixing and generator: a phantom made today must come out the same next year. The
 * two numbers were computed apart, from the published definitions of SplitMix64 and MT19937. */
START_TEST(numbers_are_those_of_the_definition)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 1, err));
    ck_assert(rgq_rng_uniform(rng) == 0.6688722020480782);
    ck_assert(rgq_rng_uniform(rng) == 0.3115294612944126);
    rgq_rng_free(rng);
}
END_TEST

START_TEST(seeds_and_streams_differ)
{
    enum { N = 64 };
    double first[2 * N];
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 0, err));
    for (int i = 0; i < N; i++) {
        rgq_rng_seed(rng, (uint64_t)i, 0);
        first[i] = rgq_rng_uniform(rng);
        rgq_rng_seed(rng, 0, (uint64_t)i + 1);
        first[N + i] = rgq_rng_uniform(rng);
    }
    for (int i = 0; i < 2 * N; i++)
        for (int j = 0; j < i; j++)
            ck_assert_msg(first[i] != first[j], "sequences %d and %d are one", i, j);
    rgq_rng_free(rng);
}
END_TEST

/* Mean and variance of n draws within 5 standard errors; kurtosis 3 for the variance's. */
static void check_moments(double sum, double sum_squares, double n, double mean, double var)
{
    const double m = sum / n;
    const double v = sum_squares / n - m * m;

    ck_assert_double_le(fabs(m - mean), 5.0 * sqrt(var / n));
    ck_assert_double_le(fabs(v - var), 5.0 * var * sqrt(3.0 / n) + 5.0 * sqrt(var) / sqrt(n));
}

START_TEST(moments_are_those_of_the_distribution)
{
    static const double means[] = {0.3, 4.0, 40.0, 1e5, 3e9};
    const int n = 50000;
    rgq_rng *rng = NULL;
    double u = 0.0;
    double uu = 0.0;
    double g = 0.0;
    double gg = 0.0;

    MUST(rgq_rng_create(&rng, 20, err));
    for (int i = 0; i < n; i++) {
        const double x = rgq_rng_uniform(rng);
        ck_assert(x >= 0.0 && x < 1.0);
        u += x;
        uu += x * x;
        const double y = rgq_rng_gaussian(rng, 3.0);
        g += y;
        gg += y * y;
    }
    check_moments(u, uu, n, 0.5, 1.0 / 12.0);
    check_moments(g, gg, n, 0.0, 9.0);
    for (int k = 0; k < ROWS(means); k++) {
        double p = 0.0;
        double pp = 0.0;
        for (int i = 0; i < n; i++) {
            const double x = rgq_rng_poisson(rng, means[k]);
            ck_assert(x >= 0.0 && x == floor(x));
            p += x - means[k];
            pp += (x - means[k]) * (x - means[k]);
        }
        check_moments(p, pp, n, 0.0, means[k]);
    }
    rgq_rng_free(rng);
}
END_TEST

START_TEST(poisson_of_nothing_is_nothing)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 3, err));
    ck_assert(rgq_rng_poisson(rng, 0.0) == 0.0);
    ck_assert(rgq_rng_poisson(rng, -4.0) == 0.0);
    ck_assert(rgq_rng_poisson(rng, (double)NAN) == 0.0);
    rgq_rng_free(rng);
}
END_TEST

START_TEST(failed_allocation_is_reported)
{
    rgq_rng *rng = NULL;

    TORTURE(
        rgq_rng_create(&rng, 1, err),
        {
            ck_assert((torture_st == RGQ_OK) == (rng != NULL));
            rgq_rng_free(rng);
        },
        2);
}
END_TEST

RGQ_CHECK_MAIN("random", tcase_add_test(tc, same_seed_gives_the_same_numbers);
               tcase_add_test(tc, numbers_are_those_of_the_definition);
               tcase_add_test(tc, seeds_and_streams_differ);
               tcase_add_test(tc, moments_are_those_of_the_distribution);
               tcase_add_test(tc, poisson_of_nothing_is_nothing);
               tcase_add_test(tc, failed_allocation_is_reported))
