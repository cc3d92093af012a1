/* Vectors of stains: inverse, refusals, and their estimate from a mixture. */
#include "ihc/stains.h"

#include "ihc/sample.h"
#include "picture.h"
#include "rgq_check.h"

#include "core/banned.h"

static const char *const names[] = {"h-dab", "h-e", "H-E-DAB"};

/* inverse x vectors is the unit matrix: each stain alone gives 1 of itself and 0 of others.
 * 1e-12: the condition is below 50. */
START_TEST(inverse_separates)
{
    for (int k = 0; k < ROWS(names); k++) {
        for (int normalise = 0; normalise < 2; normalise++) {
            rgq_stains s;
            double inverse[3][3];
            MUST(rgq_stains_find(&s, names[k], err));
            s.normalise = normalise != 0;
            MUST(rgq_stains_invert(inverse, &s, err));
            for (int i = 0; i < 9; i++) {
                double sum = 0;
                for (int c = 0; c < 3; c++)
                    sum += s.od[i / 3][c] * inverse[i % 3][c];
                ck_assert_double_eq_tol(sum, i / 3 == i % 3 ? 1 : 0, 1e-12);
            }
        }
    }
}
END_TEST

/* 0.65^2 + 0.70^2 + 0.29^2 = 0.9966. */
START_TEST(normalised_as_asked)
{
    rgq_stains s;
    double inverse[3][3];

    MUST(rgq_stains_find(&s, "h-dab", err));
    ck_assert(s.normalise);
    ck_assert_str_eq(s.source, "Ruifrok2001");
    MUST(rgq_stains_invert(inverse, &s, err));
    ck_assert_double_eq_tol(s.od[0][0], 0.65 / sqrt(0.9966), 1e-15);
    ck_assert_str_eq(s.name[2], "residual");
    MUST(rgq_stains_find(&s, "h-dab", err));
    s.normalise = false;
    MUST(rgq_stains_invert(inverse, &s, err));
    ck_assert(s.od[0][0] == 0.65);
}
END_TEST

START_TEST(what_cannot_be_separated_is_refused)
{
    rgq_stains good;
    rgq_stains s;
    double inverse[3][3] = {{7}};

    REFUSED(rgq_stains_find(&good, "h-dbb", err), RGQ_E_NOTFOUND, "h-e-dab are built in");
    MUST(rgq_stains_find(&good, "h-dab", err));
    s = good;
    s.count = 1;
    REFUSED(rgq_stains_invert(inverse, &s, err), RGQ_E_ARGUMENT, "1 stains");
    s = good;
    s.od[1][2] = (double)NAN;
    REFUSED(rgq_stains_invert(inverse, &s, err), RGQ_E_ARGUMENT, "component 3");
    s = good;
    memset(s.od[0], 0, sizeof s.od[0]);
    REFUSED(rgq_stains_invert(inverse, &s, err), RGQ_E_ARGUMENT, "length of 0");
    s = good;
    for (int c = 0; c < 3; c++)
        s.od[1][c] = 2 * s.od[0][c] + (c == 0 ? 0.01 : 0);
    REFUSED(rgq_stains_invert(inverse, &s, err), RGQ_E_ARGUMENT, "nearly in a plane");
    s = good;
    (void)strncpy(s.name[0], "eosin", sizeof s.name[0] - 1);
    (void)strncpy(s.name[1], "fast red", sizeof s.name[1] - 1);
    REFUSED(rgq_stains_invert(inverse, &s, err), RGQ_E_ARGUMENT, "must be hematoxylin or dab");
    ck_assert(inverse[0][0] == 7);
}
END_TEST

static rgq_ihc_sample sample_of(const picture *p)
{
    return (rgq_ihc_sample){1, p->width, p->height, p->rgb};
}

/* Pixels of any mixture, 3 % of each stain alone; the vectors are not those of the set. */
static picture mixture(rgq_stains *truth, double share_of_alone)
{
    picture p = picture_make(300, 200);
    rgq_rng *rng = NULL;
    double inverse[3][3];

    *truth = (rgq_stains){.count = 2,
                          .name = {"hematoxylin", "dab"},
                          .od = {{0.60, 0.72, 0.35}, {0.33, 0.50, 0.80}},
                          .normalise = true};
    MUST(rgq_stains_invert(inverse, truth, err));
    MUST(rgq_rng_create(&rng, 5, err));
    for (int i = 0; i < p.width * p.height; i++) {
        double od[2] = {0.2 + 0.5 * rgq_rng_uniform(rng), 0.2 + 0.5 * rgq_rng_uniform(rng)};
        const double u = rgq_rng_uniform(rng);
        if (u < share_of_alone)
            od[1] = 0;
        else if (u > 1 - share_of_alone)
            od[0] = 0;
        picture_stain(&p, i % p.width, i / p.width, truth, od);
    }
    rgq_rng_free(rng);
    return p;
}

/* 8-bit colours: half a step of 255 is 0.3 % at an OD of 0.2, which turns a vector by that
 * much; 0.01 is three times it. */
START_TEST(macenko_recovers_a_mixture)
{
    const double white[3] = {255, 255, 255};
    rgq_stains truth;
    rgq_stains s;
    picture p = mixture(&truth, 0.03);
    const rgq_ihc_sample sample = sample_of(&p);
    double inverse[3][3];

    MUST(rgq_stains_find(&s, "h-dab", err));
    MUST(rgq_ihc_macenko(&s, &sample, white, err));
    ck_assert_str_eq(s.source, "macenko");
    MUST(rgq_stains_invert(inverse, &s, err));
    for (int k = 0; k < 2; k++) {
        for (int c = 0; c < 3; c++)
            ck_assert_double_eq_tol(s.od[k][c], truth.od[k][c], 0.01);
    }
    free(p.rgb);
}
END_TEST

START_TEST(macenko_refuses)
{
    const double white[3] = {255, 255, 255};
    rgq_stains truth;
    rgq_stains s;
    picture p = mixture(&truth, 1); /* hematoxylin alone */
    const rgq_ihc_sample sample = sample_of(&p);

    MUST(rgq_stains_find(&s, "h-e-dab", err));
    REFUSED(rgq_ihc_macenko(&s, &sample, white, err), RGQ_E_ARGUMENT, "there are 3 stains");
    MUST(rgq_stains_find(&s, "h-dab", err));
    REFUSED(rgq_ihc_macenko(&s, &sample, white, err), RGQ_E_MISSING, "one stain only");
    memset(p.rgb, 250, 3 * (size_t)p.width * (size_t)p.height);
    REFUSED(rgq_ihc_macenko(&s, &sample, white, err), RGQ_E_MISSING, "0 of 60000 pixels");
    ck_assert_str_eq(s.source, "Ruifrok2001");
    ck_assert(s.od[0][0] == 0.65);
    free(p.rgb);
}
END_TEST

/* Two values: the first bin is below, all others are equal, so its centre is taken. */
START_TEST(otsu_by_hand)
{
    const float two[4] = {0, 0, 1, 1};
    const float same[3] = {0.5F, 0.5F, 0.5F};

    ck_assert_double_eq_tol(rgq_ihc_otsu(two, 4), 0.5 / 256, 1e-12);
    ck_assert(isnan(rgq_ihc_otsu(same, 3)));
    ck_assert(isnan(rgq_ihc_otsu(same, 0)));
}
END_TEST

/* The definition, bin by bin: sum of the variances within both classes is least. */
START_TEST(otsu_agrees_with_definition)
{
    enum { N = 4000 };
    float v[N];
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, (uint64_t)_i + 1, err));
    for (int i = 0; i < N; i++)
        v[i] = (float)(rgq_rng_uniform(rng) + rgq_rng_uniform(rng) + (i % 3 == 0 ? 1.2 : 0));
    float low = v[0];
    float high = v[0];
    for (int i = 0; i < N; i++) {
        low = fminf(low, v[i]);
        high = fmaxf(high, v[i]);
    }
    const double width = ((double)high - (double)low) / 256;
    double best = (double)INFINITY;
    double want = 0;
    for (int cut = 0; cut < 255; cut++) {
        double n[2] = {0, 0};
        double s[2] = {0, 0};
        double q[2] = {0, 0};
        for (int i = 0; i < N; i++) {
            const int b = (int)fmin(255, ((double)v[i] - (double)low) / width);
            const int side = b > cut;
            n[side]++;
            s[side] += b;
            q[side] += (double)b * b;
        }
        const double within = q[0] - s[0] * s[0] / n[0] + q[1] - s[1] * s[1] / n[1];
        if (within < best) {
            best = within;
            want = (double)low + (cut + 0.5) * width;
        }
    }
    ck_assert_double_eq_tol(rgq_ihc_otsu(v, N), want, 1e-12);
    rgq_rng_free(rng);
}
END_TEST

/* A quarter of glass of 240,238,244 and tissue. Half a per cent of glass is not believed. */
START_TEST(white_is_the_glass)
{
    rgq_stains truth;
    picture p = mixture(&truth, 0.03);
    const rgq_ihc_sample sample = sample_of(&p);
    double white[3] = {1, 2, 3};
    double fraction = 0;

    for (int i = 0; i < 300; i++)
        memcpy(p.rgb + 3 * i, (uint8_t[3]){240, 238, 244}, 3);
    ck_assert(!rgq_ihc_sample_white(white, &fraction, &sample));
    ck_assert(white[0] == 1 && fraction < 0.01);
    for (int i = 0; i < 15000; i++)
        memcpy(p.rgb + 3 * i, (uint8_t[3]){(uint8_t)(239 + i % 3), 238, 244}, 3);
    ck_assert(rgq_ihc_sample_white(white, &fraction, &sample));
    ck_assert(white[0] == 240 && white[1] == 238 && white[2] == 244);
    ck_assert_double_eq_tol(fraction, 0.25, 1e-12);
    for (int i = 15000; i < 45000; i++) /* pale eosin is not glass */
        memcpy(p.rgb + 3 * i, (uint8_t[3]){250, 205, 225}, 3);
    ck_assert(rgq_ihc_sample_white(white, &fraction, &sample));
    ck_assert(white[0] == 240 && white[1] == 238 && white[2] == 244);
    ck_assert_double_eq_tol(fraction, 0.25, 1e-12);
    free(p.rgb);
}
END_TEST

RGQ_CHECK_MAIN("ihc.stains", tcase_add_test(tc, inverse_separates);
               tcase_add_test(tc, normalised_as_asked);
               tcase_add_test(tc, what_cannot_be_separated_is_refused);
               tcase_add_test(tc, macenko_recovers_a_mixture);
               tcase_add_test(tc, macenko_refuses); tcase_add_test(tc, otsu_by_hand);
               tcase_add_loop_test(tc, otsu_agrees_with_definition, 0, 3);
               tcase_add_test(tc, white_is_the_glass))
