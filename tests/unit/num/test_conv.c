#include "num/conv.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "num/border.h"
#include "num/cost.h"
#include "num/fft.h"
#include "num/fir.h"
#include "num/kernel.h"
#include "num/rng.h"
#include "num/sum.h"
#include "num/threads.h"
#include "rgq_check.h"

enum { COUNT_MAX = 64 * 1024 };

static float voxels[COUNT_MAX];
static float other[COUNT_MAX];
static double truth[COUNT_MAX];
static double half[3][RGQ_RADIUS_MAX + 1];

static size_t count_of(const int n[3])
{
    return (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
}

static void fill(float *to, size_t count, uint64_t seed)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, seed, err));
    for (size_t i = 0; i < count; i++)
        to[i] = (float)(2.0 * rgq_rng_uniform(rng) - 0.5);
    rgq_rng_free(rng);
}

/* Largest difference; an assertion for each voxel would take the time of the test. */
static double difference(const float *a, const float *b, size_t count)
{
    double worst = 0.0;

    for (size_t i = 0; i < count; i++)
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
    return worst;
}

static double difference_from_truth(const float *a, size_t count)
{
    double worst = 0.0;

    for (size_t i = 0; i < count; i++)
        worst = fmax(worst, fabs((double)a[i] - truth[i]));
    return worst;
}

/* Position i of an axis by the words of convolution.h, walked step by step. */
static int walk(int i, int n, rgq_border border)
{
    int at = 0;
    int step = 1;

    if (border == RGQ_BORDER_ZERO)
        return i < 0 || i >= n ? -1 : i;
    for (int left = i < 0 ? -i : i; left > 0; left--) {
        if (i < 0 && border == RGQ_BORDER_REPLICATE)
            continue;
        if (i < 0 && border == RGQ_BORDER_PERIODIC) {
            at = at == 0 ? n - 1 : at - 1;
            continue;
        }
        if (at + step >= n || at + step < 0) { /* mirror: same to either side of voxel 0 */
            if (border == RGQ_BORDER_REPLICATE)
                continue;
            if (border == RGQ_BORDER_PERIODIC) {
                at = 0;
                continue;
            }
            step = -step;
        }
        if (at + step >= 0 && at + step < n)
            at += step;
    }
    return at;
}

/* The definition: a sum over the whole kernel for each voxel, in double. */
static void define(double *out, const float *in, const int n[3], const double sigma[3],
                   rgq_border border)
{
    int r[3];

    for (int i = 0; i < 3; i++) {
        r[i] = rgq_gauss_radius(sigma[i]);
        rgq_gauss_taps(half[i], sigma[i]);
    }
    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++) {
                double sum = 0.0;
                for (int k = -r[2]; k <= r[2]; k++)
                    for (int j = -r[1]; j <= r[1]; j++)
                        for (int i = -r[0]; i <= r[0]; i++) {
                            const int fx = walk(x + i, n[0], border);
                            const int fy = walk(y + j, n[1], border);
                            const int fz = walk(z + k, n[2], border);
                            if (fx < 0 || fy < 0 || fz < 0)
                                continue;
                            sum +=
                                half[0][abs(i)] * half[1][abs(j)] * half[2][abs(k)] *
                                (double)
                                    in[((size_t)fz * (size_t)n[1] + (size_t)fy) * (size_t)n[0] +
                                       (size_t)fx];
                        }
                out[((size_t)z * (size_t)n[1] + (size_t)y) * (size_t)n[0] + (size_t)x] = sum;
            }
}

static const struct {
    int n[3];
    double sigma[3];
} cases[] = {
    {{1, 1, 1}, {1.0, 1.0, 1.0}},     {{2, 3, 1}, {0.8, 0.6, 1.1}},
    {{1, 7, 1}, {0.4, 1.3, 0.0}},     {{5, 1, 4}, {1.9, 0.7, 0.9}},
    {{3, 2, 2}, {2.3, 2.1, 1.7}},     {{17, 13, 11}, {1.274, 1.274, 1.274}},
    {{33, 9, 10}, {0.9, 0.0, 0.5}},   {{16, 16, 16}, {0.0, 0.7, 0.0}},
    {{40, 12, 7}, {0.2, 0.24, 0.26}}, {{70, 21, 9}, {0.6, 1.1, 0.4}},
    {{9, 14, 30}, {0.0, 0.0, 1.6}},   {{130, 4, 5}, {1.1, 0.3, 0.3}},
};

START_TEST(both_paths_give_the_definition)
{
    const int *n = cases[_i].n;
    const size_t count = count_of(n);

    fill(other, count, 5);
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++) {
        define(truth, other, n, cases[_i].sigma, b);
        for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
            rgq_conv_report report;
            memcpy(voxels, other, count * sizeof *voxels);
            MUST(rgq_conv_gaussian(voxels, n, cases[_i].sigma, b, p, &report, err));
            /* 1e-6 of values up to 1.5: single precision, up to 20 additions for each axis */
            ck_assert_double_le(difference_from_truth(voxels, count), 1.5e-6);
            ck_assert_int_eq(report.path, p);
        }
    }
}
END_TEST

START_TEST(border_rule_is_what_a_walk_finds)
{
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
        for (int n = 1; n < 6; n++)
            for (int i = -20; i < 25; i++)
                ck_assert_msg(rgq_border_index(i, n, b) == walk(i, n, b),
                              "%s: position %d of %d came from %d, not %d", rgq_border_name(b),
                              i, n, rgq_border_index(i, n, b), walk(i, n, b));
    /* d c b | a b c d | c b a */
    ck_assert_int_eq(rgq_border_index(-3, 4, RGQ_BORDER_MIRROR), 3);
    ck_assert_int_eq(rgq_border_index(4, 4, RGQ_BORDER_MIRROR), 2);
}
END_TEST

/* Larger shapes than the definition has time for, where windows roll: wide rows, several bands,
 * lines much longer than the kernel, odd and even lengths. */
static const struct {
    int n[3];
    double sigma[3];
} rolling[] = {
    {{61, 53, 19}, {1.3, 1.3, 1.3}},  {{16, 256, 16}, {0.7, 9.0, 1.1}},
    {{7, 9, 1000}, {0.5, 1.1, 13.0}}, {{4000, 3, 5}, {20.0, 0.5, 0.9}},
    {{33, 17, 18}, {8.0, 8.0, 5.0}},  {{2, 2, 16001}, {0.9, 0.3, 5.0}},
};

START_TEST(fir_and_fft_agree)
{
    const int *n = rolling[_i].n;
    const size_t count = count_of(n);

    ck_assert_uint_le(count, COUNT_MAX);
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++) {
        fill(voxels, count, 6);
        fill(other, count, 6);
        MUST(rgq_conv_gaussian(voxels, n, rolling[_i].sigma, b, RGQ_CONV_FIR, NULL, err));
        MUST(rgq_conv_gaussian(other, n, rolling[_i].sigma, b, RGQ_CONV_FFT, NULL, err));
        /* 1e-6 of the largest value, 1.5 */
        ck_assert_double_le(difference(voxels, other, count), 1.5e-6);
    }
}
END_TEST

static void check_threads(const int n[3], const double sigma[3], rgq_border border,
                          rgq_conv_path path)
{
    const size_t count = count_of(n);

    rgq_threads_set(1);
    fill(voxels, count, 7);
    MUST(rgq_conv_gaussian(voxels, n, sigma, border, path, NULL, err));
    for (int threads = 2; threads <= 4; threads++) {
        rgq_threads_set(threads);
        fill(other, count, 7);
        MUST(rgq_conv_gaussian(other, n, sigma, border, path, NULL, err));
        ck_assert_msg(memcmp(voxels, other, count * sizeof *voxels) == 0,
                      "%s, %s: %d threads differ from one", rgq_border_name(border),
                      rgq_conv_path_name(path), threads);
    }
}

START_TEST(threads_do_not_change_a_bit)
{
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
        check_threads(rolling[_i].n, rolling[_i].sigma, b, RGQ_CONV_FIR);
    /* borders are filled in before the transform: one will do */
    check_threads(rolling[_i].n, rolling[_i].sigma, RGQ_BORDER_MIRROR, RGQ_CONV_FFT);
}
END_TEST

/* An impulse comes out as the product of the taps. */
START_TEST(impulse_gives_the_taps)
{
    const int n[3] = {23, 19, 17};
    const double sigma[3] = {1.274, 0.9, 0.2};

    for (int i = 0; i < 3; i++)
        rgq_gauss_taps(half[i], sigma[i]);
    for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
        memset(voxels, 0, sizeof voxels);
        voxels[(8 * 19 + 9) * 23 + 11] = 1.0F;
        MUST(rgq_conv_gaussian(voxels, n, sigma, RGQ_BORDER_ZERO, p, NULL, err));
        for (int z = 0; z < 17; z++)
            for (int y = 0; y < 19; y++)
                for (int x = 0; x < 23; x++) {
                    const int d[3] = {abs(x - 11), abs(y - 9), abs(z - 8)};
                    double want = 1.0;
                    for (int i = 0; i < 3; i++)
                        want *= d[i] > rgq_gauss_radius(sigma[i]) ? 0.0 : half[i][d[i]];
                    truth[(z * 19 + y) * 23 + x] = want;
                }
        /* a few roundings of numbers up to 1 */
        ck_assert_double_le(difference_from_truth(voxels, count_of(n)), 3e-7);
    }
}
END_TEST

START_TEST(periodic_border_keeps_the_sum)
{
    const int n[3] = {31, 20, 25};
    const double sigma[3] = {2.5, 0.7, 11.0}; /* the last is wider than the axis */
    const size_t count = count_of(n);

    for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
        fill(voxels, count, 8);
        const double before = rgq_sum(voxels, count);
        MUST(rgq_conv_gaussian(voxels, n, sigma, RGQ_BORDER_PERIODIC, p, NULL, err));
        /* three kernels whose single-precision sums are 1 within 1e-7 each */
        ck_assert_double_le(fabs(rgq_sum(voxels, count) / before - 1.0), 1e-6);
    }
}
END_TEST

START_TEST(constant_stays_constant)
{
    const int n[3] = {12, 30, 9};
    const double sigma[3] = {4.0, 1.2, 3.0};
    const size_t count = count_of(n);

    for (rgq_border b = RGQ_BORDER_REPLICATE; b <= RGQ_BORDER_PERIODIC; b++)
        for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
            for (size_t i = 0; i < count; i++)
                voxels[i] = 7.0F;
            MUST(rgq_conv_gaussian(voxels, n, sigma, b, p, NULL, err));
            for (size_t i = 0; i < count; i++)
                truth[i] = 7.0;
            ck_assert_double_le(difference_from_truth(voxels, count), 7e-6);
        }
}
END_TEST

/* One axis after the other, in any order, is all at once; by roundings only. */
START_TEST(axes_are_independent)
{
    const int n[3] = {21, 33, 14};
    const double sigma[3] = {1.1, 2.2, 0.7};
    const size_t count = count_of(n);

    fill(voxels, count, 9);
    fill(other, count, 9);
    MUST(rgq_conv_gaussian(voxels, n, sigma, RGQ_BORDER_MIRROR, RGQ_CONV_FIR, NULL, err));
    for (int i = 2; i >= 0; i--) {
        double one[3] = {0.0, 0.0, 0.0};
        one[i] = sigma[i];
        MUST(rgq_conv_gaussian(other, n, one, RGQ_BORDER_MIRROR, RGQ_CONV_FIR, NULL, err));
    }
    ck_assert_double_le(difference(voxels, other, count), 1e-6);
}
END_TEST

START_TEST(convolution_is_linear)
{
    const int n[3] = {19, 22, 10};
    const double sigma[3] = {1.274, 1.274, 1.0};
    const size_t count = count_of(n);
    static float mixed[COUNT_MAX];

    fill(voxels, count, 10);
    fill(other, count, 11);
    for (size_t i = 0; i < count; i++)
        mixed[i] = 2.0F * voxels[i] - 3.0F * other[i];
    MUST(rgq_conv_gaussian(voxels, n, sigma, RGQ_BORDER_REPLICATE, RGQ_CONV_FIR, NULL, err));
    MUST(rgq_conv_gaussian(other, n, sigma, RGQ_BORDER_REPLICATE, RGQ_CONV_FIR, NULL, err));
    MUST(rgq_conv_gaussian(mixed, n, sigma, RGQ_BORDER_REPLICATE, RGQ_CONV_FIR, NULL, err));
    for (size_t i = 0; i < count; i++)
        truth[i] = 2.0 * (double)voxels[i] - 3.0 * (double)other[i];
    /* roundings of numbers up to 7.5 */
    ck_assert_double_le(difference_from_truth(mixed, count), 5e-6);
}
END_TEST

START_TEST(zero_width_changes_nothing)
{
    const int n[3] = {9, 8, 7};
    const double sigma[3] = {0.0, 0.0, 0.0};
    rgq_conv_report report;

    fill(voxels, count_of(n), 12);
    fill(other, count_of(n), 12);
    MUST(rgq_conv_gaussian(voxels, n, sigma, RGQ_BORDER_ZERO, RGQ_CONV_AUTO, &report, err));
    ck_assert(memcmp(voxels, other, count_of(n) * sizeof *voxels) == 0);
    ck_assert_int_eq(report.path, RGQ_CONV_FIR);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(report.radius[i], 0);
        ck_assert(report.sigma[i] == 0.0);
    }
}
END_TEST

START_TEST(cost_model_takes_fft_for_wide_kernels)
{
    const int n[3] = {40, 40, 40};
    const double narrow[3] = {1.274, 1.274, 1.274};
    const double wide[3] = {100.0, 100.0, 100.0};
    rgq_conv_report report;

    fill(voxels, count_of(n), 13);
    MUST(
        rgq_conv_gaussian(voxels, n, narrow, RGQ_BORDER_PERIODIC, RGQ_CONV_AUTO, &report, err));
    ck_assert_int_eq(report.path, RGQ_CONV_FIR);
    ck_assert_int_eq(report.radius[0], 6);
    ck_assert_double_eq_tol(report.sigma[0], 1.274, 1e-7);
    MUST(rgq_conv_gaussian(voxels, n, wide, RGQ_BORDER_PERIODIC, RGQ_CONV_AUTO, &report, err));
    ck_assert_int_eq(report.path, RGQ_CONV_FFT);
    ck_assert_int_eq(report.radius[0], 400);
}
END_TEST

/* What was measured: milliseconds of one thread, summed and transformed. */
static const struct {
    int n[3];
    int radius;
    rgq_border border;
    size_t taps;
    rgq_conv_path want;
} measured[] = {
    {{192, 192, 128}, 6, RGQ_BORDER_REPLICATE, 0, RGQ_CONV_FIR},   /* 4.5, 48 */
    {{192, 192, 128}, 24, RGQ_BORDER_REPLICATE, 0, RGQ_CONV_FIR},  /* 13, 54 */
    {{192, 192, 128}, 48, RGQ_BORDER_REPLICATE, 0, RGQ_CONV_FIR},  /* 27, 86 */
    {{400, 400, 300}, 12, RGQ_BORDER_ZERO, 0, RGQ_CONV_FIR},       /* 72, 500 */
    {{400, 400, 300}, 100, RGQ_BORDER_REPLICATE, 0, RGQ_CONV_FIR}, /* 503, 846 */
    {{400, 400, 300}, 100, RGQ_BORDER_PERIODIC, 0, RGQ_CONV_FFT},  /* 599, 372 */
    {{192, 192, 128}, 1, RGQ_BORDER_REPLICATE, 27, RGQ_CONV_FIR},  /* 6.6, 48 */
    {{192, 192, 128}, 2, RGQ_BORDER_REPLICATE, 125, RGQ_CONV_FIR}, /* 17, 49 */
    {{192, 192, 128}, 4, RGQ_BORDER_REPLICATE, 729, RGQ_CONV_FFT}, /* 91, 36 */
    {{64, 64, 64}, 8, RGQ_BORDER_REPLICATE, 4913, RGQ_CONV_FFT},   /* 41, 2.5 */
};

START_TEST(cost_model_picks_what_was_faster)
{
    for (int i = 0; i < ROWS(measured); i++) {
        const int r = measured[i].radius;
        const int radius[3] = {r, r, r};
        ck_assert_msg(rgq_conv_cheaper(measured[i].n, radius, measured[i].border,
                                       measured[i].taps, 10.0) == measured[i].want,
                      "row %d", i);
    }
    /* no room for the padding */
    const int radius[3] = {8, 8, 8};
    ck_assert_int_eq(rgq_conv_cheaper(measured[9].n, radius, RGQ_BORDER_ZERO, 4913, 1.1),
                     RGQ_CONV_FIR);
}
END_TEST

START_TEST(padded_lengths)
{
    const int n[3] = {192, 400, 31};
    const int radius[3] = {6, 6, 0};
    int padded[3];

    rgq_fft_padded(padded, n, radius, RGQ_BORDER_REPLICATE);
    ck_assert_int_eq(padded[0], 210); /* 204 = 4 * 3 * 17 */
    ck_assert_int_eq(padded[1], 420); /* 412 = 4 * 103 */
    ck_assert_int_eq(padded[2], 32);
    rgq_fft_padded(padded, n, radius, RGQ_BORDER_PERIODIC);
    ck_assert_int_eq(padded[0], 192);
    ck_assert_int_eq(padded[1], 400);
    rgq_fft_padded(padded, n, radius, RGQ_BORDER_ZERO);
    ck_assert_int_eq(padded[0], 200); /* 198 = 2 * 9 * 11 */
}
END_TEST

START_TEST(names_of_borders_and_paths)
{
    rgq_border border = RGQ_BORDER_MIRROR;
    rgq_conv_path path = RGQ_CONV_FFT;

    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++) {
        MUST(rgq_border_parse(&border, rgq_border_name(b), err));
        ck_assert_int_eq(border, b);
    }
    for (rgq_conv_path p = RGQ_CONV_AUTO; p <= RGQ_CONV_FFT; p++) {
        MUST(rgq_conv_path_parse(&path, rgq_conv_path_name(p), err));
        ck_assert_int_eq(path, p);
    }
    REFUSED(rgq_border_parse(&border, "wrap", err), RGQ_E_ARGUMENT, "periodic");
    REFUSED(rgq_conv_path_parse(&path, "", err), RGQ_E_ARGUMENT, "fft");
    ck_assert_int_eq(border, RGQ_BORDER_PERIODIC);
    ck_assert_int_eq(path, RGQ_CONV_FFT);
    ck_assert_str_eq(rgq_border_name((rgq_border)9), "?");
    ck_assert_str_eq(rgq_conv_path_name((rgq_conv_path)9), "?");
}
END_TEST

START_TEST(nonsense_is_refused)
{
    const int n[3] = {4, 4, 4};
    const int none[3] = {4, 0, 4};
    const double sigma[3] = {1.0, 1.0, 1.0};
    const double bad[][3] = {{1.0, -0.1, 1.0}, {1.0, 1.0, 1025.0}, {(double)NAN, 1.0, 1.0}};

    fill(voxels, 64, 14);
    fill(other, 64, 14);
    REFUSED(rgq_conv_gaussian(voxels, none, sigma, RGQ_BORDER_ZERO, RGQ_CONV_FIR, NULL, err),
            RGQ_E_ARGUMENT, "0 voxels along axis 1");
    for (int i = 0; i < ROWS(bad); i++)
        REFUSED(rgq_conv_gaussian(voxels, n, bad[i], RGQ_BORDER_ZERO, RGQ_CONV_FIR, NULL, err),
                RGQ_E_ARGUMENT, "0 to 1024 voxels");
    REFUSED(rgq_conv_gaussian(voxels, n, sigma, (rgq_border)4, RGQ_CONV_FIR, NULL, err),
            RGQ_E_ARGUMENT, "border rule 4");
    REFUSED(rgq_conv_gaussian(voxels, n, sigma, RGQ_BORDER_ZERO, (rgq_conv_path)3, NULL, err),
            RGQ_E_ARGUMENT, "path 3");
    ck_assert(memcmp(voxels, other, 64 * sizeof *voxels) == 0);
}
END_TEST

START_TEST(failed_allocations_leave_the_voxels)
{
    const int n[3] = {8, 9, 10};
    const double sigma[3] = {1.0, 1.0, 1.0};
    const size_t bytes = count_of(n) * sizeof *voxels;

    for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
        fill(voxels, count_of(n), 15);
        fill(other, count_of(n), 15);
        TORTURE(rgq_conv_gaussian(voxels, n, sigma, RGQ_BORDER_MIRROR, p, NULL, err),
                ck_assert((memcmp(voxels, other, bytes) == 0) == (torture_st != RGQ_OK)), 8);
    }
}
END_TEST

RGQ_CHECK_MAIN(
    "conv", tcase_add_loop_test(tc, both_paths_give_the_definition, 0, ROWS(cases));
    tcase_add_test(tc, border_rule_is_what_a_walk_finds);
    tcase_add_loop_test(tc, fir_and_fft_agree, 0, ROWS(rolling));
    tcase_add_loop_test(tc, threads_do_not_change_a_bit, 0, ROWS(rolling));
    tcase_add_test(tc, impulse_gives_the_taps);
    tcase_add_test(tc, periodic_border_keeps_the_sum);
    tcase_add_test(tc, constant_stays_constant); tcase_add_test(tc, axes_are_independent);
    tcase_add_test(tc, convolution_is_linear); tcase_add_test(tc, zero_width_changes_nothing);
    tcase_add_test(tc, cost_model_takes_fft_for_wide_kernels);
    tcase_add_test(tc, cost_model_picks_what_was_faster); tcase_add_test(tc, padded_lengths);
    tcase_add_test(tc, names_of_borders_and_paths); tcase_add_test(tc, nonsense_is_refused);
    tcase_add_test(tc, failed_allocations_leave_the_voxels))
