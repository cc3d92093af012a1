/* Nuclei: responses in closed form, discs that are counted, bands that do not matter. */
#include "ihc/nuclei.h"

#include "num/threads.h"
#include "picture.h"
#include "rgq_check.h"

#include "core/banned.h"

enum { W = 256, H = 192 };

/* Part of a pixel inside a disc, by 8 x 8 points. */
static double covered(double x, double y, double cx, double cy, double r)
{
    int n = 0;
    for (int k = 0; k < 64; k++) {
        const double dx = x + (k % 8 + 0.5) / 8 - cx;
        const double dy = y + (k / 8 + 0.5) / 8 - cy;
        n += dx * dx + dy * dy <= r * r;
    }
    return n / 64.0;
}

static void add_disc(float *plane, double cx, double cy, double r, double od)
{
    for (int i = 0; i < W * H; i++) {
        if (fabs(i % W - cx) > r + 2 || fabs(i / W - cy) > r + 2)
            continue;
        plane[i] += (float)(od * covered(i % W, i / W, cx, cy, r));
    }
}

typedef struct field {
    rgq_ihc_planes planes;
    rgq_ihc_nuclei nuclei;
    uint8_t mark[W * H];
    int count;
} field;

/* Feed the planes `band` rows at a time, as a slide does. */
static void search(field *f, const float *h, const float *dab, double sigma, int band)
{
    const int halo = rgq_ihc_nuclei_halo(sigma);

    MUST(rgq_ihc_planes_init(&f->planes, W, H, 1, band + 2 * halo, err));
    MUST(rgq_ihc_nuclei_init(&f->nuclei, &f->planes, sigma, band + halo, err));
    f->nuclei.least = 0.05F;
    memcpy(f->nuclei.limit, (float[3]){0.2F, 0.4F, 0.6F}, sizeof f->nuclei.limit);
    memset(f->mark, 9, sizeof f->mark);
    for (int y = 0; y < H; y += band) {
        const int end = y + band < H ? y + band : H;
        const size_t at = (size_t)(y - f->planes.base) * W;
        const size_t n = (size_t)(end - y) * W;
        memcpy(f->planes.h + at, h + (size_t)y * W, n * sizeof *h);
        memcpy(f->planes.dab + at, dab + (size_t)y * W, n * sizeof *dab);
        f->planes.end = end;
        rgq_ihc_nuclei_search(&f->nuclei, &f->planes);
        memcpy(f->mark + f->nuclei.mark_base * W, f->nuclei.mark,
               (size_t)(f->nuclei.mark_end - f->nuclei.mark_base) * W);
        rgq_ihc_planes_drop(&f->planes, f->nuclei.done - halo);
    }
    f->count = 0;
    for (int i = 0; i < W * H; i++) {
        ck_assert_int_le(f->mark[i], 4); /* every row was searched */
        f->count += f->mark[i] > 0;
    }
}

static void release(field *f)
{
    rgq_ihc_nuclei_release(&f->nuclei);
    rgq_ihc_planes_release(&f->planes);
}

/* A disc of radius sqrt(2) sigma and OD 1 gives 2/e = 0.7358 at its centre, pixels of a sixth
 * of the radius change it by about 1 %. A plane that rises as x^2 gives -2 sigma^2, without any
 * error but of floats. A flat one gives 0. */
START_TEST(responses_in_closed_form)
{
    static field f;
    static float h[W * H];
    static float dab[W * H];
    const double sigma = 6 / sqrt(2);

    add_disc(h, 100.5, 90.5, 6, 1);
    search(&f, h, dab, sigma, H);
    ck_assert_int_eq(f.count, 1);
    ck_assert_int_eq(f.mark[90 * W + 100], 1);
    ck_assert_double_eq_tol((double)f.nuclei.response[90 * W + 100], 2 / exp(1), 0.01);
    release(&f);
    for (int i = 0; i < W * H; i++)
        h[i] = 1e-3F * (float)((i % W - 100) * (i % W - 100));
    search(&f, h, dab, sigma, H);
    ck_assert_double_eq_tol((double)f.nuclei.response[90 * W + 100], -2e-3 * sigma * sigma,
                            1e-5);
    release(&f);
    for (int i = 0; i < W * H; i++)
        h[i] = 3;
    search(&f, h, dab, sigma, H);
    for (int i = 0; i < W * H; i++) /* 3 x 2^-24 x taps */
        ck_assert_double_eq_tol((double)f.nuclei.response[i], 0, 2e-5);
    release(&f);
}
END_TEST

/* The double sum of the definition, with the edge repeated. */
START_TEST(responses_agree_with_definition)
{
    static field f;
    static float h[W * H];
    static float dab[W * H];
    const double sigma = 2.6;
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 3, err));
    for (int i = 0; i < W * H; i++)
        h[i] = (float)rgq_rng_uniform(rng);
    search(&f, h, dab, sigma, H);
    const int r = f.nuclei.radius;
    for (int i = 0; i < W * H; i += 97) {
        double sum = 0;
        for (int dy = -r; dy <= r; dy++) {
            for (int dx = -r; dx <= r; dx++) {
                const int x = i % W + dx < 0 ? 0 : (i % W + dx >= W ? W - 1 : i % W + dx);
                const int y = i / W + dy < 0 ? 0 : (i / W + dy >= H ? H - 1 : i / W + dy);
                const double k = (double)f.nuclei.g[abs(dx)] * (double)f.nuclei.g2[abs(dy)] +
                                 (double)f.nuclei.g2[abs(dx)] * (double)f.nuclei.g[abs(dy)];
                sum += k * (double)h[y * W + x];
            }
        }
        ck_assert_double_eq_tol((double)f.nuclei.response[i], sum, 1e-5);
    }
    rgq_rng_free(rng);
    release(&f);
}
END_TEST

/* 48 discs on a grid moved by parts of a pixel, touching or not; a quarter each negative, weak,
 * moderate and strong. */
START_TEST(painted_discs_are_counted)
{
    static field f;
    static float h[W * H];
    static float dab[W * H];
    int want[5] = {0};
    int got[5] = {0};

    for (int k = 0; k < 48; k++) {
        const double x = 20 + 28 * (k % 8) + 0.37 * (k % 5);
        const double y = 18 + 28 * (k / 8) + 0.29 * (k % 7);
        const int intensity = k % 4;
        add_disc(h, x, y, 5 + 0.4 * (k % 4), 0.3 + 0.01 * k);
        add_disc(dab, x, y, 9, 0.1 + 0.2 * intensity);
        want[1 + intensity]++;
    }
    search(&f, h, dab, 5.5 / sqrt(2), H);
    for (int i = 0; i < W * H; i++)
        got[f.mark[i]]++;
    for (int k = 1; k <= 4; k++)
        ck_assert_int_eq(got[k], want[k]);
    release(&f);
}
END_TEST

/* A flat top has many equal maxima: one counts. Two discs that touch are two. */
START_TEST(equal_maxima_count_once)
{
    static field f;
    static float h[W * H];
    static float dab[W * H];

    for (int y = 60; y < 70; y++) /* even: its centre lies between four pixels */
        for (int x = 80; x < 90; x++)
            h[y * W + x] = 0.5F;
    add_disc(h, 150, 100, 5, 0.5);
    add_disc(h, 160.4, 100, 5, 0.5);
    search(&f, h, dab, 5 / sqrt(2), H);
    ck_assert_int_eq(f.count, 3);
    release(&f);
}
END_TEST

/* Dense noise with nuclei at every border: any band and any number of threads finds the same.
 */
START_TEST(bands_and_threads_do_not_matter)
{
    static const int band[] = {1, 7, 16, 64, 100};
    static field all;
    static field f;
    static float h[W * H];
    static float dab[W * H];
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 9, err));
    for (int i = 0; i < W * H; i++) {
        h[i] = (float)rgq_rng_uniform(rng);
        dab[i] = 0.8F * (float)rgq_rng_uniform(rng);
    }
    search(&all, h, dab, 2.5, H);
    ck_assert_int_gt(all.count, 300);
    for (int k = 0; k < ROWS(band); k++) {
        rgq_threads_set(1 + k % 3);
        search(&f, h, dab, 2.5, band[k]);
        ck_assert_mem_eq(f.mark, all.mark, sizeof f.mark);
        release(&f);
    }
    release(&all);
    rgq_rng_free(rng);
}
END_TEST

/* Pixels of 4 x 4, fewer at the right and lower edge: 37 x 22 of a ramp x + 100 y. */
START_TEST(coarse_pixels_are_means)
{
    enum { PW = 37, PH = 22, F = 4 };
    rgq_ihc_planes p;
    rgq_ihc_strip strip;

    MUST(rgq_ihc_planes_init(&p, PW, PH, F, 6, err));
    MUST(rgq_ihc_strip_init(&strip, 16, err));
    p.sum = true;
    ck_assert(p.width == 10 && p.height == 6);
    for (int y = 0; y < PH; y += 16) {
        strip.width = PW;
        strip.height = PH - y < 16 ? PH - y : 16;
        for (int i = 0; i < strip.height * PW; i++) {
            const size_t at = (size_t)(i / PW) * RGQ_IHC_WIDTH + (size_t)(i % PW);
            strip.h[at] = (float)(i % PW + 100 * (y + i / PW));
            strip.dab[at] = 1;
        }
        rgq_ihc_planes_add(&p, &strip, 0, y);
    }
    p.end = 6;
    for (int i = 0; i < 60; i++) {
        const int x0 = F * (i % 10);
        const int y0 = F * (i / 10);
        const int x1 = x0 + F < PW ? x0 + F : PW;
        const int y1 = y0 + F < PH ? y0 + F : PH;
        const double want = (x0 + x1 - 1) / 2.0 + 100 * (y0 + y1 - 1) / 2.0;
        ck_assert_double_eq_tol((double)rgq_ihc_planes_row(&p, p.dab, i / 10)[i % 10], 1, 1e-9);
        ck_assert_double_eq_tol((double)rgq_ihc_planes_row(&p, p.h, i / 10)[i % 10], want + 1,
                                1e-3); /* floats up to 2200 x 16 */
    }
    rgq_ihc_planes_drop(&p, 3);
    ck_assert_double_eq_tol((double)rgq_ihc_planes_row(&p, p.h, 4)[0], 1.5 + 1750 + 1, 1e-3);
    rgq_ihc_strip_release(&strip);
    rgq_ihc_planes_release(&p);
}
END_TEST

static rgq_status make(field *f, rgq_error *err)
{
    rgq_status st = rgq_ihc_planes_init(&f->planes, W, H, 2, 96, err);
    if (st == RGQ_OK)
        st = rgq_ihc_nuclei_init(&f->nuclei, &f->planes, 2.5, 96, err);
    return st;
}

START_TEST(torture)
{
    static field f;

    TORTURE(make(&f, err), release(&f), 5);
}
END_TEST

RGQ_CHECK_MAIN("ihc.nuclei", tcase_add_test(tc, responses_in_closed_form);
               tcase_add_test(tc, responses_agree_with_definition);
               tcase_add_test(tc, painted_discs_are_counted);
               tcase_add_test(tc, equal_maxima_count_once);
               tcase_add_test(tc, bands_and_threads_do_not_matter);
               tcase_add_test(tc, coarse_pixels_are_means); tcase_add_test(tc, torture))
