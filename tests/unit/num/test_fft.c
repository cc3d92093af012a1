/* The prepared transform against its definitions, its gains against their formulas, and what
 * FFTW remembers. */
#include "num/fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/border.h"
#include "num/rng.h"
#include "num/threads.h"
#include "rgq_check.h"

enum { COUNT_MAX = 64 * 1024, KERNEL_MAX = 2048 };

static float voxels[COUNT_MAX];
static float other[COUNT_MAX];
static float weights[KERNEL_MAX];

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

static double value_at(const float *in, const int n[3], int x, int y, int z, rgq_border border)
{
    const int fx = rgq_border_index(x, n[0], border);
    const int fy = rgq_border_index(y, n[1], border);
    const int fz = rgq_border_index(z, n[2], border);

    if (fx < 0 || fy < 0 || fz < 0)
        return 0.0;
    return (double)in[((size_t)fz * (size_t)n[1] + (size_t)fy) * (size_t)n[0] + (size_t)fx];
}

/* out[i] = sum of weight[k] in[i - k]; turned over: in[i + k]. The largest difference. */
static double error_of_image(const float *got, const float *in, const int n[3],
                             const int size[3], rgq_border border, bool turned)
{
    const int sign = turned ? 1 : -1;
    double worst = 0.0;

    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++) {
                double sum = 0.0;
                size_t w = 0;
                for (int k = -(size[2] / 2); k <= size[2] / 2; k++)
                    for (int j = -(size[1] / 2); j <= size[1] / 2; j++)
                        for (int i = -(size[0] / 2); i <= size[0] / 2; i++, w++)
                            sum +=
                                (double)weights[w] * value_at(in, n, x + sign * i, y + sign * j,
                                                              z + sign * k, border);
                worst = fmax(worst, fabs(sum - (double)*got++));
            }
    return worst;
}

static const struct {
    int n[3];
    int size[3];
} images[] = {
    {{1, 1, 1}, {1, 1, 1}},    {{1, 1, 1}, {3, 5, 3}},   {{5, 4, 3}, {9, 7, 11}},
    {{17, 13, 11}, {5, 3, 7}}, {{34, 9, 10}, {1, 5, 3}}, {{20, 21, 7}, {3, 3, 1}},
};

START_TEST(kernel_image_gives_the_definition)
{
    const int *n = images[_i].n;
    const int *size = images[_i].size;
    rgq_fft *fft = NULL;

    fill(weights, count_of(size), 11);
    fill(other, count_of(n), 12);
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
        for (int way = 0; way < 4; way++) {
            const rgq_fft_layout layout = {{n[0], n[1], n[2]},
                                           {size[0] / 2, size[1] / 2, size[2] / 2},
                                           b,
                                           way >= 2}; /* of periodic axes */
            MUST(rgq_fft_create(&fft, &layout, err));
            MUST(rgq_fft_set_image(fft, size, weights, err));
            rgq_fft_run(fft, voxels, other, way % 2 == 1);
            /* single precision: 1e-6 of what weights up to 1.5 add up to, here below 500 */
            double sum = 0.0;
            for (size_t i = 0; i < count_of(size); i++)
                sum += fabs((double)weights[i]);
            ck_assert_double_le(error_of_image(voxels, other, n, size, b, way % 2 == 1),
                                1e-6 * fmax(1.0, sum));
            rgq_fft_free(fft);
        }
}
END_TEST

/* An eighth of an even kernel is the whole of it, where it wraps round as well. */
START_TEST(even_kernel_is_its_image)
{
    static const int n[3] = {14, 9, 11};
    static const int reach[3] = {5, 2, 9};
    const int size[3] = {2 * reach[0] + 1, 2 * reach[1] + 1, 2 * reach[2] + 1};
    float eighth[6 * 3 * 10];
    rgq_fft *fft = NULL;
    size_t w = 0;

    fill(eighth, (size_t)6 * 3 * 10, 21);
    fill(other, count_of(n), 22);
    for (int k = -reach[2]; k <= reach[2]; k++)
        for (int j = -reach[1]; j <= reach[1]; j++)
            for (int i = -reach[0]; i <= reach[0]; i++)
                weights[w++] = eighth[(abs(k) * 3 + abs(j)) * 6 + abs(i)];
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++) {
        const rgq_fft_layout layout = {
            {n[0], n[1], n[2]}, {reach[0], reach[1], reach[2]}, b, false};
        MUST(rgq_fft_create(&fft, &layout, err));
        MUST(rgq_fft_set_even(fft, reach, eighth, err));
        for (int turned = 0; turned < 2; turned++) {
            rgq_fft_run(fft, voxels, other, turned == 1);
            /* single precision: 1e-6 of the sum of weights up to 1.5 */
            ck_assert_double_le(error_of_image(voxels, other, n, size, b, turned == 1),
                                1e-6 * 1.5 * (double)w);
        }
        rgq_fft_free(fft);
    }
}
END_TEST

/* A Laplacian is the kernel image that its definition makes. */
START_TEST(laplacian_is_the_sum_of_three_products)
{
    static const double flat[3][3] = {{0.6, 0.2, 0.0}, {0.5, 0.2, 0.05}, {0.8, 0.1, 0.0}};
    static const double bent[3][3] = {{-2.0, 1.0, 0.0}, {-1.0, 0.1, 0.4}, {-0.5, 0.25, 0.0}};
    static const int r[3] = {1, 2, 1};
    const int n[3] = {14, 9, 8};
    const int size[3] = {3, 5, 3};
    const rgq_fft_layout layout = {{14, 9, 8}, {1, 2, 1}, RGQ_BORDER_MIRROR, false};
    rgq_fft *fft = NULL;
    rgq_taps f[3];
    rgq_taps b[3];
    size_t w = 0;

    for (int i = 0; i < 3; i++) {
        f[i] = (rgq_taps){r[i], flat[i]};
        b[i] = (rgq_taps){r[i], bent[i]};
    }
    for (int z = -1; z <= 1; z++)
        for (int y = -2; y <= 2; y++)
            for (int x = -1; x <= 1; x++, w++) {
                const int at[3] = {abs(x), abs(y), abs(z)};
                double sum = 0.0;
                for (int axis = 0; axis < 3; axis++) {
                    double product = 1.0;
                    for (int i = 0; i < 3; i++)
                        product *= i == axis ? bent[i][at[i]] : flat[i][at[i]];
                    sum += product;
                }
                weights[w] = (float)sum;
            }
    fill(other, count_of(n), 13);
    MUST(rgq_fft_create(&fft, &layout, err));
    MUST(rgq_fft_set_laplacian(fft, f, b, err));
    rgq_fft_run(fft, voxels, other, false);
    /* weights are rounded to single precision: 1e-6 of a few */
    ck_assert_double_le(error_of_image(voxels, other, n, size, RGQ_BORDER_MIRROR, false), 3e-6);
    rgq_fft_free(fft);
}
END_TEST

/* ---- gains over frequencies ---- */

static double steep(double u, const void *context)
{
    (void)context;
    return 1.0 / sqrt(1.0 + pow(u / 0.02, 10.0));
}

static double kinked(double u, const void *context)
{
    (void)context;
    return u < 0.09 ? 0.5 * (1.0 + cos(acos(-1.0) * sqrt(u) / 0.3)) : 0.0;
}

static double boosting(double u, const void *context)
{
    const double g = exp(-30.0 * u);
    (void)context;
    return g / (g * g + 1e-3);
}

static const struct {
    rgq_fft_gain gain;
    double largest;
} gains[] = {{steep, 1.0}, {kinked, 1.0}, {boosting, 15.9}};

/* A wave comes out times its gain, also between the axes, and where lengths are odd or prime.
 */
START_TEST(wave_is_scaled_by_its_gain)
{
    static const int n[3] = {30, 23, 17};
    static const double scale[3] = {1.0, 0.7, 1.9};
    static const int waves[][3] = {{0, 0, 0},  {1, 0, 0},  {0, 5, 0},   {0, 0, 8},
                                   {15, 0, 0}, {3, 4, -2}, {-7, 11, 5}, {2, -1, 0}};
    const rgq_fft_layout layout = {{30, 23, 17}, {0, 0, 0}, RGQ_BORDER_PERIODIC, true};
    const double turn = 2.0 * acos(-1.0);
    rgq_fft *fft = NULL;

    MUST(rgq_fft_create(&fft, &layout, err));
    MUST(rgq_fft_set_radial(fft, scale, gains[_i].gain, NULL, err));
    ck_assert_double_le(rgq_fft_describe(fft).gain_error, 2e-7);
    for (int w = 0; w < ROWS(waves); w++) {
        double u = 0.0;
        double worst = 0.0;
        size_t at = 0;
        for (int i = 0; i < 3; i++)
            u += pow(scale[i] * (double)waves[w][i] / (double)n[i], 2.0);
        for (int z = 0; z < n[2]; z++)
            for (int y = 0; y < n[1]; y++)
                for (int x = 0; x < n[0]; x++)
                    other[at++] =
                        (float)cos(turn * (waves[w][0] * x / 30.0 + waves[w][1] * y / 23.0 +
                                           waves[w][2] * z / 17.0));
        rgq_fft_run(fft, voxels, other, false);
        const double gain = gains[_i].gain(u, NULL);
        for (size_t i = 0; i < at; i++)
            worst = fmax(worst, fabs((double)voxels[i] - gain * (double)other[i]));
        /* single precision: the last bits of all frequencies are scaled as well */
        ck_assert_double_le(worst, 1e-6 * gains[_i].largest);
    }
    rgq_fft_free(fft);
}
END_TEST

static double not_finite(double u, const void *context)
{
    (void)context;
    return 1.0 / (u - u);
}

START_TEST(gain_that_is_not_finite_is_refused)
{
    const rgq_fft_layout layout = {{6, 6, 6}, {0, 0, 0}, RGQ_BORDER_PERIODIC, true};
    const double one[3] = {1.0, 1.0, 1.0};
    rgq_fft *fft = NULL;

    MUST(rgq_fft_create(&fft, &layout, err));
    MUST(rgq_fft_set_radial(fft, one, steep, NULL, err));
    fill(other, 216, 3);
    rgq_fft_run(fft, voxels, other, false);
    REFUSED(rgq_fft_set_radial(fft, one, not_finite, NULL, err), RGQ_E_NUMERIC,
            "not finite at some frequencies");
    rgq_fft_run(fft, other, other, false); /* the gain it had is still there */
    ck_assert(memcmp(voxels, other, 216 * sizeof *voxels) == 0);
    rgq_fft_free(fft);
}
END_TEST

/* ---- threads, plans, memory ---- */

static void run_once(float *out, const int n[3], int kind, int threads)
{
    const int size[3] = {5, 3, 7};
    const rgq_fft_layout layout = {{n[0], n[1], n[2]}, {2, 1, 3}, RGQ_BORDER_REPLICATE, true};
    rgq_fft *fft = NULL;

    rgq_threads_set(threads);
    MUST(rgq_fft_create(&fft, &layout, err));
    if (kind == 0)
        MUST(rgq_fft_set_image(fft, size, weights, err));
    else
        MUST(rgq_fft_set_radial(fft, (const double[3]){1.0, 1.1, 1.2}, steep, NULL, err));
    fill(out, count_of(n), 7);
    rgq_fft_run(fft, out, out, false);
    rgq_fft_free(fft);
}

static void check_threads(void)
{
    const int n[3] = {61, 40, 19};

    fill(weights, 105, 9);
    for (int kind = 0; kind < 2; kind++) {
        run_once(voxels, n, kind, 1);
        for (int threads = 2; threads <= 4; threads++) {
            run_once(other, n, kind, threads);
            ck_assert_msg(memcmp(voxels, other, count_of(n) * sizeof *voxels) == 0,
                          "kind %d: %d threads differ from one", kind, threads);
        }
    }
}

START_TEST(threads_do_not_change_a_bit)
{
    check_threads();
}
END_TEST

/* Plans that were measured give what estimated ones give, and the same bits from run to run and
 * for any threads; forgotten, they are estimated again. */
START_TEST(measured_plans_are_kept)
{
    const int n[3] = {61, 40, 19};
    const rgq_fft_layout layout = {{61, 40, 19}, {2, 1, 3}, RGQ_BORDER_REPLICATE, true};
    rgq_fft *fft = NULL;
    char *wisdom = NULL;
    double worst = 0.0;
    int padded[3];

    rgq_fft_wisdom_forget();
    fill(weights, 105, 9);
    run_once(voxels, n, 0, 1);
    rgq_fft_padded(padded, n, layout.reach, layout.border);
    for (int i = 0; i < 3; i++)
        MUST(rgq_fft_tune(padded[i], i == 0, RGQ_FFT_MEASURE, err));
    MUST(rgq_fft_create(&fft, &layout, err));
    ck_assert(rgq_fft_describe(fft).from_wisdom);
    rgq_fft_free(fft);
    run_once(other, n, 0, 1);
    for (size_t i = 0; i < count_of(n); i++)
        worst = fmax(worst, fabs((double)voxels[i] - (double)other[i]));
    ck_assert_double_le(worst, 1e-6 * 105.0);
    check_threads();

    run_once(other, n, 0, 1);
    MUST(rgq_fft_wisdom_export(&wisdom, err));
    rgq_fft_wisdom_forget();
    MUST(rgq_fft_create(&fft, &layout, err));
    ck_assert(!rgq_fft_describe(fft).from_wisdom);
    rgq_fft_free(fft);
    MUST(rgq_fft_wisdom_import(wisdom, err));
    MUST(rgq_fft_create(&fft, &layout, err));
    ck_assert(rgq_fft_describe(fft).from_wisdom);
    rgq_fft_free(fft);
    run_once(voxels, n, 0, 2);
    ck_assert(memcmp(voxels, other, count_of(n) * sizeof *voxels) == 0);
    rgq_free(wisdom);
}
END_TEST

START_TEST(nonsense_is_refused)
{
    REFUSED(rgq_fft_wisdom_import("(fftw-3.3 nonsense", err), RGQ_E_FORMAT, "damaged");
    REFUSED(rgq_fft_wisdom_import("", err), RGQ_E_FORMAT, "another processor or version");
    REFUSED(rgq_fft_tune(0, true, RGQ_FFT_MEASURE, err), RGQ_E_ARGUMENT, "0 voxels");
    REFUSED(rgq_fft_tune(1 << 20, false, RGQ_FFT_MEASURE, err), RGQ_E_ARGUMENT, "131072");
}
END_TEST

START_TEST(buffer_holds_no_padding_along_z)
{
    const rgq_fft_layout layout = {{64, 64, 32}, {8, 8, 8}, RGQ_BORDER_REPLICATE, false};
    rgq_fft *fft = NULL;

    rgq_threads_set(1);
    MUST(rgq_fft_create(&fft, &layout, err));
    const rgq_fft_report r = rgq_fft_describe(fft);
    ck_assert_int_eq(r.padded[0], 80);
    ck_assert_int_eq(r.padded[2], 48);
    /* rows of 80 + 2 floats in whole cache lines, 32 slices, and 3 scratches of 80 * 32 floats
     */
    ck_assert_uint_le(r.bytes, 4 * (96 * 80 * 32 + 3 * 80 * 32 + 2 * 16));
    rgq_fft_free(fft);
    ck_assert_int_eq(rgq_fft_smooth(0), 1);
    ck_assert_int_eq(rgq_fft_smooth(121), 125);
}
END_TEST

static rgq_status whole(const int n[3], int kind, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fft *fft = NULL;
    const int size[3] = {3, 3, 3};
    static const double half[2] = {0.5, 0.25};
    const rgq_taps t = {1, half};
    const rgq_taps taps[3] = {t, t, t};
    const rgq_fft_layout layout = {{n[0], n[1], n[2]}, {1, 1, 1}, RGQ_BORDER_ZERO, false};

    RGQ_TRY(err, rgq_fft_create(&fft, &layout, err));
    if (kind == 0)
        RGQ_TRY(err, rgq_fft_set_image(fft, size, weights, err));
    else if (kind == 3)
        RGQ_TRY(err, rgq_fft_set_even(fft, (const int[3]){1, 1, 1}, weights, err));
    else if (kind == 1)
        RGQ_TRY(err, rgq_fft_set_laplacian(fft, taps, taps, err));
    else
        RGQ_TRY(err, rgq_fft_set_radial(fft, (const double[3]){1, 1, 1}, kinked, NULL, err));
out:
    rgq_fft_free(fft);
    return st;
}

START_TEST(failed_allocations_release_all)
{
    const int n[3] = {6, 5, 4};

    TORTURE(whole(n, _i, err), (void)0, 6);
}
END_TEST

RGQ_CHECK_MAIN("fft",
               tcase_add_loop_test(tc, kernel_image_gives_the_definition, 0, ROWS(images));
               tcase_add_test(tc, even_kernel_is_its_image);
               tcase_add_test(tc, laplacian_is_the_sum_of_three_products);
               tcase_add_loop_test(tc, wave_is_scaled_by_its_gain, 0, ROWS(gains));
               tcase_add_test(tc, gain_that_is_not_finite_is_refused);
               tcase_add_test(tc, threads_do_not_change_a_bit);
               tcase_add_test(tc, measured_plans_are_kept);
               tcase_add_test(tc, nonsense_is_refused);
               tcase_add_test(tc, buffer_holds_no_padding_along_z);
               tcase_add_loop_test(tc, failed_allocations_release_all, 0, 4))
