/* dose/tiac_exponential.c: the sd of the integral against the spread of simulated courses.
 * Short set: 1000 courses a model, sd of the sd 2.2 %, 15 % allowed; RGQ_LONG=1: 10 000, 10 %
 * allowed (the linear law of propagation leaves 1 to 3 % of it). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "dose/tiac_shape.h"
#include "num/rng.h"
#include "rgdquant/tiac.h"
#include "rgq_check.h"

enum { N = 12 };

static const double time_h[N] = {0.25, 0.5, 1, 2, 4, 8, 16, 24, 48, 72, 96, 144};

static double spread(rgq_tiac_model model, const double *q, double noise, double *predicted,
                     int trials)
{
    double truth[N];
    double y[N];
    double sd[N];
    const rgq_tiac_points p = {"x", N, time_h, y, sd};
    const rgq_tiac_opts o = {.half_life_h = 159.5, .model = model};
    rgq_tiac_result r;
    rgq_rng *rng = NULL;
    double mean = 0.0;
    double square = 0.0;

    for (int i = 0; i < N; i++) {
        y[i] = truth[i] =
            rgq_tiac_value(NULL, rgq_tiac_shape_of(model), q, time_h[i], log(2.0) / 159.5);
        sd[i] = noise * truth[i];
    }
    MUST(rgq_tiac_fit(&r, &p, &o, err));
    *predicted = r.sd_mbq_h; /* without residuals, so that chi^2 / nu does not widen it */
    MUST(rgq_rng_create(&rng, 20260131, err));
    for (int k = 0; k < trials; k++) {
        for (int i = 0; i < N; i++)
            y[i] = fmax(truth[i] + rgq_rng_gaussian(rng, sd[i]), 0.0);
        MUST(rgq_tiac_fit(&r, &p, &o, err));
        const double d = r.tiac_mbq_h - mean;
        mean += d / (k + 1);
        square += d * (r.tiac_mbq_h - mean);
    }
    rgq_rng_free(rng);
    return sqrt(square / (trials - 1));
}

START_TEST(sd_is_the_spread)
{
    static const struct {
        rgq_tiac_model model;
        double q[6];
        double noise;
    } table[] = {{RGQ_TIAC_MONO, {10, 0.02}, 0.05},
                 {RGQ_TIAC_BI, {10, 0.4, 5, 0.02}, 0.03},
                 {RGQ_TIAC_BI_PHYSICAL, {10, 0.1, 3}, 0.03},
                 {RGQ_TIAC_UPTAKE, {10, 0.02, 0.5}, 0.05}};
    const char *wanted = getenv("RGQ_LONG");
    const int is_long = wanted != NULL && wanted[0] == '1';

    for (int i = 0; i < ROWS(table); i++) {
        double predicted = 0.0;
        const double found = spread(table[i].model, table[i].q, table[i].noise, &predicted,
                                    is_long ? 10000 : 1000);
        if (is_long)
            printf("%s: spread of 10000 courses %.5g MBq h, predicted %.5g, ratio %.4f\n",
                   rgq_tiac_model_name(table[i].model), found, predicted, found / predicted);
        ck_assert_double_eq_tol(found / predicted, 1.0, is_long ? 0.10 : 0.15);
    }
}
END_TEST

RGQ_CHECK_MAIN("tiac_covariance", tcase_add_test(tc, sd_is_the_spread))
