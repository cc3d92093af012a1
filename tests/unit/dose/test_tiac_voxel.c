/* dose/tiac_voxel.c: every voxel against the fit of a region, closed forms, threads, refusals,
 * lost memory. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/rng.h"
#include "num/threads.h"
#include "rgdquant/tiac.h"
#include "rgq_check.h"

enum { N = 10, COUNT = 1003 };

static const double HALF_LIFE_H = 159.5;
static const double time_h[N] = {0.2, 1, 2, 4, 8, 24, 48, 96, 120, 168};

typedef struct image {
    float *frame[N];
    const float *shown[N];
    float *out;
    double truth[COUNT];
    rgq_tiac_frames frames;
} image;

static void open_image(image *m, int n)
{
    for (int k = 0; k < n; k++) {
        m->frame[k] = calloc(COUNT, sizeof(float));
        ck_assert_ptr_nonnull(m->frame[k]);
        m->shown[k] = m->frame[k];
    }
    m->out = calloc(COUNT, sizeof(float));
    ck_assert_ptr_nonnull(m->out);
    m->frames = (rgq_tiac_frames){n, COUNT, m->shown, time_h, NULL};
}

static void close_image(image *m)
{
    for (int k = 0; k < m->frames.n; k++)
        free(m->frame[k]);
    free(m->out);
}

/* Two phases of rates apart by 3 to 100, amplitudes over five decades, some of the first 0. */
static void paint(image *m, double noise)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 7, err));
    for (int i = 0; i < COUNT; i++) {
        const double size = pow(10.0, 5.0 * rgq_rng_uniform(rng) - 1.0);
        const double fast = 0.2 * pow(5.0, rgq_rng_uniform(rng));
        const double slow = 0.006 + 0.05 * rgq_rng_uniform(rng);
        const double a = i % 7 == 0 ? 0.0 : size * rgq_rng_uniform(rng);
        m->truth[i] = a / fast + size / slow;
        for (int k = 0; k < m->frames.n; k++) {
            const double y = a * exp(-fast * time_h[k]) + size * exp(-slow * time_h[k]);
            m->frame[k][i] = (float)(y * (1.0 + rgq_rng_gaussian(rng, 1.0) * noise));
        }
    }
    rgq_rng_free(rng);
}

/* Noise-free floats: their rounding of 6e-8 grows in the ill-conditioned fit; 1e-4 for each. */
START_TEST(courses_come_back)
{
    image m;

    open_image(&m, N);
    paint(&m, 0.0);
    MUST(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_BI, HALF_LIFE_H, err));
    for (int i = 0; i < COUNT; i++)
        ck_assert_msg(fabs((double)m.out[i] / m.truth[i] - 1.0) < 1e-4, "voxel %d: %g for %g",
                      i, (double)m.out[i], m.truth[i]);
    close_image(&m);
}
END_TEST

/* Slow definition: with noise each voxel is what the fit of a region gives, which begins at
 * every combination of rates. mono within 1e-3; of bi, which has several minima and flat
 * valleys when the second phase is noise, 19 of 20 (96.8 % of 20 000 were measured). */
START_TEST(voxels_are_fitted_as_regions)
{
    image m;
    int agree = 0;
    static const rgq_tiac_model models[] = {RGQ_TIAC_MONO, RGQ_TIAC_BI};

    open_image(&m, N);
    paint(&m, 0.05);
    for (int j = 0; j < 2; j++) {
        MUST(rgq_tiac_voxels(m.out, &m.frames, models[j], HALF_LIFE_H, err));
        agree = 0;
        for (int i = 0; i < COUNT; i++) {
            double y[N];
            rgq_tiac_result r;
            const rgq_tiac_points p = {"x", N, time_h, y, NULL};
            const rgq_tiac_opts o = {.half_life_h = HALF_LIFE_H, .model = models[j]};
            for (int k = 0; k < N; k++)
                y[k] = fmax((double)m.frame[k][i], 0.0);
            MUST(rgq_tiac_fit(&r, &p, &o, err));
            agree += fabs((double)m.out[i] / r.tiac_mbq_h - 1.0) < 1e-3;
        }
        ck_assert_msg(agree >= (j == 0 ? COUNT : 95 * COUNT / 100), "%d of %d agree", agree,
                      COUNT);
    }
    close_image(&m);
}
END_TEST

/* A gain for each frame, physical decay by the trapezoid, its sign. */
START_TEST(trapezoid_and_gain)
{
    image m;
    double gain[3];
    const double l = log(2.0) / HALF_LIFE_H;

    open_image(&m, 3);
    for (int k = 0; k < 3; k++) {
        gain[k] = exp(-l * time_h[k]);
        for (int i = 0; i < COUNT; i++)
            m.frame[k][i] = (float)(i - 500);
    }
    m.frames.gain = gain;
    MUST(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_TRAPEZOID, HALF_LIFE_H, err));
    for (int i = 0; i < COUNT; i++)
        ck_assert_double_eq_tol((double)m.out[i], (i - 500) / l, 1e-6 * 500 / l);
    MUST(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_MONO, HALF_LIFE_H, err));
    for (int i = 0; i < COUNT; i++)
        ck_assert_double_eq_tol((double)m.out[i], i < 500 ? 0.0 : (i - 500) / l,
                                2e-5 * 500 / l);
    close_image(&m);
}
END_TEST

START_TEST(same_bits_for_any_threads)
{
    image m;
    float *first = calloc(COUNT, sizeof *first);

    ck_assert_ptr_nonnull(first);
    open_image(&m, N);
    paint(&m, 0.3);
    for (int threads = 1; threads <= 5; threads++) {
        rgq_threads_set(threads);
        MUST(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_BI, HALF_LIFE_H, err));
        if (threads == 1)
            memcpy(first, m.out, COUNT * sizeof *first);
        ck_assert_mem_eq((const unsigned char *)first, (const unsigned char *)m.out,
                         COUNT * sizeof *first);
        for (int i = 0; i < COUNT; i++)
            ck_assert(isfinite(m.out[i]) && m.out[i] >= 0.0F);
    }
    free(first);
    close_image(&m);
}
END_TEST

/* Nothing, constants, rising courses, huge and tiny values: finite and not negative. */
START_TEST(strange_voxels)
{
    static const float courses[5][N] = {
        {0},
        {1e30F, 1e30F, 1e30F, 1e30F, 1e30F, 1e30F, 1e30F, 1e30F, 1e30F, 1e30F},
        {0, 1e-30F, 2e-30F, 3e-30F, 4e-30F, 5e-30F, 6e-30F, 7e-30F, 8e-30F, 9e-30F},
        {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
        {0, 0, 0, 1}};
    image m;

    open_image(&m, N);
    for (int i = 0; i < COUNT; i++)
        for (int k = 0; k < N; k++)
            m.frame[k][i] = courses[i % 5][k];
    MUST(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_BI, HALF_LIFE_H, err));
    for (int i = 0; i < COUNT; i++) {
        ck_assert(isfinite(m.out[i]) && m.out[i] >= 0.0F);
        if (i % 5 == 0 || i % 5 == 3)
            ck_assert_double_eq((double)m.out[i], 0.0);
    }
    close_image(&m);
}
END_TEST

START_TEST(refusals)
{
    image m;
    static const double falling[] = {2, 1, 3, 4};

    open_image(&m, 4);
    REFUSED(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_TRI, HALF_LIFE_H, err), RGQ_E_ARGUMENT,
            "not by tri");
    m.frames.n = 3;
    REFUSED(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_BI, HALF_LIFE_H, err), RGQ_E_ARGUMENT,
            "3 frames for the 4 parameters");
    m.frames.n = 4;
    REFUSED(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_BI, 0.0, err), RGQ_E_ARGUMENT,
            "half-life");
    m.frames.time_h = falling;
    REFUSED(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_BI, HALF_LIFE_H, err), RGQ_E_ARGUMENT,
            "do not rise");
    m.frames.time_h = time_h;
    m.frame[2][17] = (float)NAN;
    REFUSED(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_BI, HALF_LIFE_H, err), RGQ_E_NUMERIC,
            "frame 2: voxel 17");
    close_image(&m);
}
END_TEST

START_TEST(lost_memory)
{
    image m;

    open_image(&m, 4);
    TORTURE(rgq_tiac_voxels(m.out, &m.frames, RGQ_TIAC_BI, HALF_LIFE_H, err), (void)0, 1);
    close_image(&m);
}
END_TEST

RGQ_CHECK_MAIN("tiac_voxel", tcase_add_test(tc, courses_come_back);
               tcase_add_test(tc, voxels_are_fitted_as_regions);
               tcase_add_test(tc, trapezoid_and_gain);
               tcase_add_test(tc, same_bits_for_any_threads);
               tcase_add_test(tc, strange_voxels); tcase_add_test(tc, refusals);
               tcase_add_test(tc, lost_memory))
