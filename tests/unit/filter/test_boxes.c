/* Filters over neighbours against their definitions: mean, median, Laplacian of Gaussian, the
 * weights of a file, and the Gaussian that matches a resolution. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "num/border.h"
#include "num/rng.h"
#include "num/threads.h"
#include "rgdquant/filter.h"
#include "rgq_check.h"

static rgq_volume *make(const int n[3], const double spacing_mm[3], int n_frames, uint64_t seed)
{
    rgq_volume *volume = NULL;
    rgq_rng *rng = NULL;
    const rgq_grid grid = rgq_grid_make(n, spacing_mm, (double[3]){0.0, 0.0, 0.0});

    MUST(rgq_volume_create(&volume, &grid, n_frames, RGQ_UNIT_BQ_ML, err));
    MUST(rgq_rng_create(&rng, seed, err));
    for (int f = 0; f < n_frames; f++)
        for (size_t i = 0; i < rgq_volume_count(volume); i++)
            rgq_volume_data(volume, f)[i] = (float)(2.0 * rgq_rng_uniform(rng) - 0.5);
    rgq_rng_free(rng);
    return volume;
}

static double value_at(const rgq_volume *v, int frame, int x, int y, int z, rgq_border border)
{
    const int *n = rgq_volume_grid(v)->n;
    const int fx = rgq_border_index(x, n[0], border);
    const int fy = rgq_border_index(y, n[1], border);
    const int fz = rgq_border_index(z, n[2], border);

    if (fx < 0 || fy < 0 || fz < 0)
        return 0.0;
    return (double)rgq_volume_cdata(
        v, frame)[((size_t)fz * (size_t)n[1] + (size_t)fy) * (size_t)n[0] + (size_t)fx];
}

/* Something of the box around a voxel. */
typedef double (*box_function)(const rgq_volume *in, int frame, const int at[3],
                               const int half[3], rgq_border border, const void *context);

static double error_of(const rgq_volume *got, const rgq_volume *in, const int half[3],
                       rgq_border border, box_function truth, const void *context)
{
    const int *n = rgq_volume_grid(in)->n;
    double worst = 0.0;

    for (int f = 0; f < rgq_volume_n_frames(in); f++)
        for (int z = 0; z < n[2]; z++)
            for (int y = 0; y < n[1]; y++)
                for (int x = 0; x < n[0]; x++)
                    worst = fmax(worst,
                                 fabs(value_at(got, f, x, y, z, RGQ_BORDER_ZERO) -
                                      truth(in, f, (int[3]){x, y, z}, half, border, context)));
    return worst;
}

static double mean_of(const rgq_volume *in, int frame, const int at[3], const int half[3],
                      rgq_border border, const void *context)
{
    double sum = 0.0;
    int count = 0;
    (void)context;

    for (int k = -half[2]; k <= half[2]; k++)
        for (int j = -half[1]; j <= half[1]; j++)
            for (int i = -half[0]; i <= half[0]; i++, count++)
                sum += value_at(in, frame, at[0] + i, at[1] + j, at[2] + k, border);
    return sum / count;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(const rgq_volume *in, int frame, const int at[3], const int half[3],
                        rgq_border border, const void *context)
{
    static double values[10000];
    size_t count = 0;
    (void)context;

    for (int k = -half[2]; k <= half[2]; k++)
        for (int j = -half[1]; j <= half[1]; j++)
            for (int i = -half[0]; i <= half[0]; i++)
                values[count++] = value_at(in, frame, at[0] + i, at[1] + j, at[2] + k, border);
    qsort(values, count, sizeof values[0], compare);
    return values[count / 2];
}

static const double unequal_mm[3] = {2.0, 2.5, 4.0};

static const struct {
    const char *numbers;
    int half[3];
    int n[3];
} boxes[] = {
    {"1", {0, 0, 0}, {5, 4, 3}},       {"3", {1, 1, 1}, {17, 9, 8}},
    {"5", {2, 2, 2}, {67, 5, 4}},      {"3,1,1", {1, 0, 0}, {70, 3, 2}},
    {"1,1,3", {0, 0, 1}, {6, 5, 9}},   {"5,3,1", {2, 1, 0}, {9, 8, 7}},
    {"9", {4, 4, 4}, {5, 3, 2}},       {"7,7,3", {3, 3, 1}, {21, 8, 5}},
    {"7,9,1", {3, 4, 0}, {130, 2, 3}}, {"3", {1, 1, 1}, {1, 1, 1}},
};

START_TEST(mean_is_the_mean)
{
    char spec[32];

    (void)snprintf(spec, sizeof spec, "mean:%s", boxes[_i].numbers);
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
        for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
            rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;
            rgq_filter_report report;
            rgq_volume *volume = make(boxes[_i].n, unequal_mm, 2, 3);
            rgq_volume *before = NULL;
            opts.border = b;
            opts.path = p;
            MUST(rgq_volume_clone(&before, volume, true, err));
            MUST(rgq_filter_apply(volume, spec, &opts, &report, NULL, err));
            /* single precision of values up to 1.5 */
            ck_assert_double_le(error_of(volume, before, boxes[_i].half, b, mean_of, NULL),
                                1.5e-6);
            ck_assert_int_eq(report.path, p);
            for (int i = 0; i < 3; i++) { /* variance of 2r + 1 equal weights: r (r + 1) / 3 */
                const double r = boxes[_i].half[i];
                ck_assert_double_le(
                    fabs(report.effective_fwhm_mm[i] -
                         2.3548200450309493 * unequal_mm[i] * sqrt(r * (r + 1.0) / 3.0)),
                    1e-5);
                ck_assert_int_eq(report.radius[i], boxes[_i].half[i]);
            }
            rgq_volume_free(volume);
            rgq_volume_free(before);
        }
}
END_TEST

START_TEST(median_is_the_middle_value)
{
    char spec[32];

    (void)snprintf(spec, sizeof spec, "median:%s", boxes[_i].numbers);
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
        for (int threads = 1; threads <= 3; threads += 2) {
            rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;
            rgq_volume *volume = make(boxes[_i].n, unequal_mm, 2, 4);
            rgq_volume *before = NULL;
            opts.border = b;
            rgq_threads_set(threads);
            for (size_t i = 0; i < rgq_volume_count(volume); i += 3) /* values that repeat */
                rgq_volume_data(volume, 1)[i] = (float)(i % 5) - 2.0F;
            MUST(rgq_volume_clone(&before, volume, true, err));
            MUST(rgq_filter_apply(volume, spec, &opts, NULL, NULL, err));
            ck_assert_msg(error_of(volume, before, boxes[_i].half, b, median_of, NULL) == 0.0,
                          "%s, border %s", spec, rgq_border_name(b));
            rgq_volume_free(volume);
            rgq_volume_free(before);
        }
}
END_TEST

/* ---- Laplacian of Gaussian ---- */

typedef struct log_truth {
    double sigma_mm;
} log_truth;

/* The formula itself, cut off at 4 sigma; without the correction for constants, which moves
 * weights by less than 1e-4 of what is in the middle. */
static double log_of(const rgq_volume *in, int frame, const int at[3], const int half[3],
                     rgq_border border, const void *context)
{
    const double s = ((const log_truth *)context)->sigma_mm;
    const double side = cbrt(2.0 * 2.5 * 4.0);
    double sum = 0.0;

    for (int k = -half[2]; k <= half[2]; k++)
        for (int j = -half[1]; j <= half[1]; j++)
            for (int i = -half[0]; i <= half[0]; i++) {
                const double r2 = (i * i * 4.0 + j * j * 6.25 + k * k * 16.0) / (s * s);
                const double w = 20.0 * pow(2.0 * acos(-1.0) * s * s, -1.5) * exp(-0.5 * r2) *
                                 (r2 - 3.0) / (s * s) * side * side;
                sum += w * value_at(in, frame, at[0] + i, at[1] + j, at[2] + k, border);
            }
    return sum;
}

START_TEST(laplacian_is_the_formula)
{
    const log_truth truth = {5.0};
    const int n[3] = {17, 13, 9};
    const int half[3] = {10, 8, 5}; /* 4 sigma */

    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
        for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
            rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;
            rgq_filter_report report;
            rgq_volume *volume = make(n, unequal_mm, 1, 6);
            rgq_volume *before = NULL;
            opts.border = b;
            opts.path = p;
            MUST(rgq_volume_clone(&before, volume, true, err));
            MUST(rgq_filter_apply(volume, "log:5", &opts, &report, NULL, err));
            /* of values up to 1.5; the formula's weights sum to -0.0014 where ours are 0 */
            ck_assert_double_le(error_of(volume, before, half, b, log_of, &truth), 2e-3);
            ck_assert_int_eq(report.radius[0], 10);
            ck_assert_int_eq(report.radius[2], 5);
            ck_assert(isnan(report.effective_fwhm_mm[1]));
            rgq_volume_free(volume);
            rgq_volume_free(before);
        }
}
END_TEST

/* A constant has no curvature; x^2 has 2 by the square of a voxel side, but for what was cut
 * off at 4 sigma: 0.3 %. */
START_TEST(laplacian_of_a_parabola_is_its_curvature)
{
    const int n[3] = {41, 31, 31};
    const double mm[3] = {2.0, 2.0, 2.0};
    rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;

    for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
        rgq_volume *volume = make(n, mm, 2, 6);
        opts.path = p;
        for (size_t i = 0; i < rgq_volume_count(volume); i++) {
            const double x = (double)(i % 41) - 20.0;
            rgq_volume_data(volume, 0)[i] = 7.0F;
            rgq_volume_data(volume, 1)[i] = (float)(x * x);
        }
        MUST(rgq_filter_apply(volume, "log:3", &opts, NULL, NULL, err));
        const size_t middle = ((size_t)15 * 31 + 15) * 41 + 20;
        for (size_t i = 0; i < rgq_volume_count(volume); i++)
            ck_assert_double_le(fabs((double)rgq_volume_cdata(volume, 0)[i]), 7e-6);
        ck_assert_double_le(fabs((double)rgq_volume_cdata(volume, 1)[middle] - 2.0), 0.006);
        rgq_volume_free(volume);
    }
}
END_TEST

/* ---- weights of a file ---- */

static double weighted_sum(const rgq_volume *in, int frame, const int at[3], const int half[3],
                           rgq_border border, const void *context)
{
    const rgq_volume *kernel = context;
    double sum = 0.0;

    for (int k = -half[2]; k <= half[2]; k++)
        for (int j = -half[1]; j <= half[1]; j++)
            for (int i = -half[0]; i <= half[0]; i++)
                sum += value_at(kernel, 0, i + half[0], j + half[1], k + half[2],
                                RGQ_BORDER_ZERO) *
                       value_at(in, frame, at[0] - i, at[1] - j, at[2] - k, border);
    return sum;
}

START_TEST(kernel_is_a_convolution)
{
    const int n[3] = {13, 8, 9};
    const int size[3] = {5, 3, 7};
    const int half[3] = {2, 1, 3};
    rgq_volume *kernel = make(size, unequal_mm, 1, 8);

    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
        for (rgq_conv_path p = RGQ_CONV_AUTO; p <= RGQ_CONV_FFT; p++) {
            rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;
            rgq_filter_report report;
            rgq_volume *volume = make(n, unequal_mm, 2, 6);
            rgq_volume *before = NULL;
            opts.border = b;
            opts.path = p;
            opts.kernel = kernel;
            MUST(rgq_volume_clone(&before, volume, true, err));
            MUST(rgq_filter_apply(volume, "kernel:k.nii", &opts, &report, NULL, err));
            /* 105 weights and values up to 1.5 */
            ck_assert_double_le(error_of(volume, before, half, b, weighted_sum, kernel), 3e-5);
            if (p != RGQ_CONV_AUTO)
                ck_assert_int_eq(report.path, p);
            ck_assert_int_eq(report.radius[2], 3);
            ck_assert_int_eq(report.padded[0] > 0, report.path == RGQ_CONV_FFT);
            rgq_volume_free(volume);
            rgq_volume_free(before);
        }
    rgq_volume_free(kernel);
}
END_TEST

/* Kernels that separate, or have few voxels, are summed in another way: their sum counts too.
 */
START_TEST(kernel_of_few_voxels_keeps_its_sum)
{
    static const int sizes[][3] = {{1, 1, 1}, {3, 1, 1}, {1, 3, 1}, {1, 1, 3}, {1, 3, 3}};
    const int n[3] = {6, 5, 7};

    for (int s = 0; s < ROWS(sizes); s++)
        for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
            const int half[3] = {sizes[s][0] / 2, sizes[s][1] / 2, sizes[s][2] / 2};
            rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;
            rgq_volume *kernel = make(sizes[s], unequal_mm, 1, 8);
            rgq_volume *volume = make(n, unequal_mm, 1, 6);
            rgq_volume *before = NULL;
            float *w = rgq_volume_data(kernel, 0);
            for (size_t i = 0; i < rgq_volume_count(kernel); i++) /* 3, 7, 3 along each axis */
                w[i] = (i == rgq_volume_count(kernel) / 2) ? 7.0F : 3.0F;
            if (rgq_volume_count(kernel) == 9)
                w[0] = w[2] = w[6] = w[8] = 9.0F / 7.0F;
            opts.path = p;
            opts.kernel = kernel;
            MUST(rgq_volume_clone(&before, volume, true, err));
            MUST(rgq_filter_apply(volume, "kernel:k.nii", &opts, NULL, NULL, err));
            ck_assert_double_le(
                error_of(volume, before, half, RGQ_BORDER_REPLICATE, weighted_sum, kernel),
                3e-5);
            rgq_volume_free(kernel);
            rgq_volume_free(volume);
            rgq_volume_free(before);
        }
}
END_TEST

START_TEST(kernels_that_do_not_fit_are_refused)
{
    const int n[3] = {9, 8, 7};
    const double other_mm[3] = {2.0, 2.6, 4.0};
    rgq_volume *volume = make(n, unequal_mm, 1, 6);
    rgq_volume *before = NULL;
    rgq_volume *even = make((const int[3]){3, 4, 3}, unequal_mm, 1, 1);
    rgq_volume *coarse = make((const int[3]){3, 3, 3}, other_mm, 1, 1);
    rgq_volume *series = make((const int[3]){3, 3, 3}, unequal_mm, 2, 1);
    rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;

    MUST(rgq_volume_clone(&before, volume, true, err));
    REFUSED(rgq_filter_apply(volume, "kernel:k.nii", &opts, NULL, NULL, err), RGQ_E_MISSING,
            "needs the weights");
    opts.kernel = even;
    REFUSED(rgq_filter_apply(volume, "kernel:k.nii", &opts, NULL, NULL, err), RGQ_E_GEOMETRY,
            "3 x 4 x 3 voxels; odd numbers");
    opts.kernel = coarse;
    REFUSED(rgq_filter_apply(volume, "kernel:k.nii", &opts, NULL, NULL, err), RGQ_E_GEOMETRY,
            "2 x 2.6 x 4 mm, the scan of 2 x 2.5 x 4 mm");
    opts.kernel = series;
    REFUSED(rgq_filter_apply(volume, "kernel:k.nii", &opts, NULL, NULL, err), RGQ_E_ARGUMENT,
            "2 frames; one");
    ck_assert(memcmp(rgq_volume_cdata(volume, 0), rgq_volume_cdata(before, 0),
                     rgq_volume_count(volume) * sizeof(float)) == 0);
    rgq_volume_free(volume);
    rgq_volume_free(before);
    rgq_volume_free(even);
    rgq_volume_free(coarse);
    rgq_volume_free(series);
}
END_TEST

/* ---- match ---- */

/* 3 and 4 make 5: what the scanner lacks of the width asked for. */
START_TEST(match_adds_what_is_missing)
{
    const int n[3] = {24, 20, 18};
    rgq_volume *volume = make(n, unequal_mm, 1, 6);
    rgq_volume *same = NULL;
    rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;
    rgq_filter_report report;

    MUST(rgq_volume_clone(&same, volume, true, err));
    opts.psf_fwhm_mm[0] = 3.0;
    opts.psf_fwhm_mm[1] = 5.0;
    opts.psf_fwhm_mm[2] = 4.0;
    MUST(rgq_filter_apply(volume, "match:5", &opts, &report, NULL, err));
    MUST(rgq_filter_apply(same, "gaussian:4,0,3", NULL, NULL, NULL, err));
    ck_assert(memcmp(rgq_volume_cdata(volume, 0), rgq_volume_cdata(same, 0),
                     rgq_volume_count(volume) * sizeof(float)) == 0);
    ck_assert_double_le(fabs(report.effective_fwhm_mm[0] - 4.0), 1e-5);
    ck_assert_double_eq(report.effective_fwhm_mm[1], 0.0);
    ck_assert_double_eq(report.fwhm_mm[1], 5.0);
    ck_assert_double_eq(report.psf_fwhm_mm[2], 4.0);

    opts.psf_fwhm_mm[1] = 5.1;
    REFUSED(rgq_filter_apply(volume, "match:5", &opts, NULL, NULL, err), RGQ_E_ARGUMENT,
            "5.1 mm along axis 1, and no filter makes it 5 mm");
    REFUSED(rgq_filter_check("match:5", &opts, err), RGQ_E_ARGUMENT, "match to 5.1 mm or more");
    REFUSED(rgq_filter_apply(volume, "match:5", NULL, NULL, NULL, err), RGQ_E_MISSING,
            "--psf-mm");
    ck_assert(memcmp(rgq_volume_cdata(volume, 0), rgq_volume_cdata(same, 0),
                     rgq_volume_count(volume) * sizeof(float)) == 0);
    rgq_volume_free(volume);
    rgq_volume_free(same);
}
END_TEST

/* ---- all of them ---- */

static const char *const all[] = {"gaussian:6", "mean:3",  "median:3", "median:7",
                                  "log:3",      "match:6", "kernel:k"};

START_TEST(failed_allocations_leave_the_voxels)
{
    const int n[3] = {9, 8, 7};
    rgq_volume *kernel = make((const int[3]){3, 3, 3}, unequal_mm, 1, 8);
    rgq_volume *volume = make(n, unequal_mm, 1, 6);
    rgq_volume *before = NULL;
    rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;
    const size_t bytes = rgq_volume_count(volume) * sizeof(float);

    opts.kernel = kernel;
    opts.psf_fwhm_mm[0] = opts.psf_fwhm_mm[1] = opts.psf_fwhm_mm[2] = 4.0;
    MUST(rgq_volume_clone(&before, volume, true, err));
    for (opts.path = RGQ_CONV_FIR; opts.path <= RGQ_CONV_FFT; opts.path++) {
        if (strncmp(all[_i], "median", 6) == 0 && opts.path == RGQ_CONV_FFT)
            continue;
        memcpy(rgq_volume_data(volume, 0), rgq_volume_cdata(before, 0), bytes);
        TORTURE(rgq_filter_apply(volume, all[_i], &opts, NULL, NULL, err),
                ck_assert((memcmp(rgq_volume_cdata(volume, 0), rgq_volume_cdata(before, 0),
                                  bytes) == 0) == (torture_st != RGQ_OK)),
                1);
    }
    rgq_volume_free(kernel);
    rgq_volume_free(volume);
    rgq_volume_free(before);
}
END_TEST

START_TEST(threads_do_not_change_a_bit)
{
    const int n[3] = {33, 18, 17};
    rgq_volume *kernel = make((const int[3]){3, 3, 3}, unequal_mm, 1, 8);
    rgq_volume *one = make(n, unequal_mm, 1, 6);
    rgq_volume *three = make(n, unequal_mm, 1, 6);
    rgq_filter_opts opts = RGQ_FILTER_OPTS_INIT;

    opts.kernel = kernel;
    opts.psf_fwhm_mm[0] = opts.psf_fwhm_mm[1] = opts.psf_fwhm_mm[2] = 4.0;
    rgq_threads_set(1);
    MUST(rgq_filter_apply(one, all[_i], &opts, NULL, NULL, err));
    rgq_threads_set(3);
    MUST(rgq_filter_apply(three, all[_i], &opts, NULL, NULL, err));
    ck_assert(memcmp(rgq_volume_cdata(one, 0), rgq_volume_cdata(three, 0),
                     rgq_volume_count(one) * sizeof(float)) == 0);
    rgq_volume_free(kernel);
    rgq_volume_free(one);
    rgq_volume_free(three);
}
END_TEST

RGQ_CHECK_MAIN("boxes", tcase_add_loop_test(tc, mean_is_the_mean, 0, ROWS(boxes));
               tcase_add_loop_test(tc, median_is_the_middle_value, 0, ROWS(boxes));
               tcase_add_test(tc, laplacian_is_the_formula);
               tcase_add_test(tc, laplacian_of_a_parabola_is_its_curvature);
               tcase_add_test(tc, kernel_is_a_convolution);
               tcase_add_test(tc, kernel_of_few_voxels_keeps_its_sum);
               tcase_add_test(tc, kernels_that_do_not_fit_are_refused);
               tcase_add_test(tc, match_adds_what_is_missing);
               tcase_add_loop_test(tc, failed_allocations_leave_the_voxels, 0, ROWS(all));
               tcase_add_loop_test(tc, threads_do_not_change_a_bit, 0, ROWS(all)))
