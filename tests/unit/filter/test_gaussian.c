#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "num/rng.h"
#include "rgdquant/filter.h"
#include "rgq_check.h"

static rgq_volume *make(int nx, int ny, int nz, double spacing_mm, int n_frames)
{
    rgq_volume *volume = NULL;
    const rgq_grid grid =
        rgq_grid_make((int[3]){nx, ny, nz}, (double[3]){spacing_mm, spacing_mm, spacing_mm},
                      (double[3]){0.0, 0.0, 0.0});

    MUST(rgq_volume_create(&volume, &grid, n_frames, RGQ_UNIT_BQ_ML, err));
    return volume;
}

static void fill(rgq_volume *volume, uint64_t seed)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, seed, err));
    for (int f = 0; f < rgq_volume_n_frames(volume); f++) {
        float *data = rgq_volume_data(volume, f);
        for (size_t i = 0; i < rgq_volume_count(volume); i++)
            data[i] = (float)rgq_rng_uniform(rng);
    }
    rgq_rng_free(rng);
}

static double difference(const rgq_volume *a, int frame_a, const rgq_volume *b, int frame_b)
{
    const float *x = rgq_volume_cdata(a, frame_a);
    const float *y = rgq_volume_cdata(b, frame_b);
    double worst = 0.0;

    for (size_t i = 0; i < rgq_volume_count(a); i++)
        worst = fmax(worst, fabs((double)x[i] - (double)y[i]));
    return worst;
}

/* Variance along one axis of the response to an impulse, times 8 ln 2, is the FWHM squared:
 * what the width means, whatever the voxels. */
static double measured_fwhm_mm(const rgq_volume *volume, int axis)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    const float *data = rgq_volume_cdata(volume, 0);
    double spacing_mm[3];
    double sum = 0.0;
    double first = 0.0;
    double second = 0.0;

    rgq_grid_spacing_mm(grid, spacing_mm);
    for (size_t i = 0; i < rgq_volume_count(volume); i++) {
        const size_t nx = (size_t)grid->n[0];
        const size_t ny = (size_t)grid->n[1];
        const size_t at[3] = {i % nx, i / nx % ny, i / nx / ny};
        const double x = (double)at[axis] * spacing_mm[axis];
        sum += (double)data[i];
        first += (double)data[i] * x;
        second += (double)data[i] * x * x;
    }
    return sqrt(8.0 * log(2.0) * (second / sum - first * first / sum / sum));
}

START_TEST(impulse_has_the_width_asked_for)
{
    static const double widths[][3] = {
        {6.0, 6.0, 6.0}, {6.0, 5.0, 3.0}, {1.0, 0.0, 2.0}, {10.0, 4.0, 0.3}};
    const double *fwhm_mm = widths[_i];
    rgq_volume *volume = make(41, 31, 35, 2.0, 1);
    rgq_filter_report report;

    rgq_volume_data(volume, 0)[(17 * 31 + 15) * 41 + 20] = 1000.0F;
    MUST(rgq_filter_gaussian(volume, fwhm_mm, NULL, &report, NULL, err));
    for (int i = 0; i < 3; i++) {
        /* 1e-5 mm: the variance is a difference of sums over floats at up to 80 mm */
        ck_assert_double_eq_tol(measured_fwhm_mm(volume, i), fwhm_mm[i], 2e-5);
        ck_assert_double_eq_tol(report.effective_fwhm_mm[i], fwhm_mm[i], 1e-6);
        ck_assert(report.fwhm_mm[i] == fwhm_mm[i]);
    }
    ck_assert_str_eq(report.name, "gaussian");
    ck_assert_int_eq(report.border, RGQ_BORDER_REPLICATE);
    rgq_volume_free(volume);
}
END_TEST

/* Variances add: 4 mm, then 5 mm, have the second moment of sqrt(41) mm. Shapes differ by where
 * the tails are cut: each of the three kernels is within 6e-4 of its largest tap of the uncut
 * Gaussian along each axis, on an image between 0 and 1 less than 1e-3 in all. */
START_TEST(two_filters_are_one_of_the_summed_squares)
{
    rgq_volume *a = make(40, 36, 30, 2.0, 1);
    rgq_volume *b = NULL;
    const rgq_filter_opts opts = {.border = RGQ_BORDER_PERIODIC, .path = RGQ_CONV_AUTO};
    const double once = sqrt(41.0);

    fill(a, 1);
    MUST(rgq_volume_clone(&b, a, true, err));
    MUST(rgq_filter_gaussian(a, (double[3]){4.0, 4.0, 4.0}, &opts, NULL, NULL, err));
    MUST(rgq_filter_gaussian(a, (double[3]){5.0, 5.0, 5.0}, &opts, NULL, NULL, err));
    MUST(rgq_filter_gaussian(b, (double[3]){once, once, once}, &opts, NULL, NULL, err));
    ck_assert_double_le(difference(a, 0, b, 0), 1e-3);
    rgq_volume_free(a);
    rgq_volume_free(b);
}
END_TEST

START_TEST(frames_are_filtered_apart)
{
    rgq_volume *series = make(12, 11, 10, 3.0, 3);

    fill(series, 2);
    rgq_volume *alone[3] = {NULL, NULL, NULL};
    for (int f = 0; f < 3; f++)
        MUST(rgq_volume_extract(&alone[f], series, f, err));
    MUST(rgq_filter_apply(series, "gaussian:5", NULL, NULL, NULL, err));
    for (int f = 0; f < 3; f++) {
        MUST(rgq_filter_apply(alone[f], "gaussian:5", NULL, NULL, NULL, err));
        ck_assert(difference(series, f, alone[f], 0) == 0.0);
        rgq_volume_free(alone[f]);
    }
    rgq_volume_free(series);
}
END_TEST

START_TEST(spec_means_the_widths)
{
    rgq_volume *a = make(14, 13, 12, 2.5, 1);
    rgq_volume *b = NULL;
    rgq_filter_report report;

    fill(a, 3);
    MUST(rgq_volume_clone(&b, a, true, err));
    MUST(rgq_filter_apply(a, "gaussian:6,5.5,0", NULL, &report, NULL, err));
    MUST(rgq_filter_gaussian(b, (double[3]){6.0, 5.5, 0.0}, NULL, NULL, NULL, err));
    ck_assert(difference(a, 0, b, 0) == 0.0);
    ck_assert(report.fwhm_mm[1] == 5.5);
    ck_assert_int_eq(report.radius[2], 0);
    rgq_volume_free(a);
    rgq_volume_free(b);
}
END_TEST

START_TEST(flipped_and_rotated_grids_are_taken)
{
    rgq_grid grid = {{9, 8, 7},
                     {{0.0, -2.0, 0.0, 5.0}, {0.0, 0.0, 3.0, 1.0}, {-4.0, 0.0, 0.0, 2.0}}};
    rgq_volume *volume = NULL;
    rgq_filter_report report;

    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_BQ_ML, err));
    MUST(rgq_filter_apply(volume, "gaussian:6", NULL, &report, NULL, err));
    ck_assert_int_eq(report.radius[0], 3); /* 6 / 4 / 2.355 * 4 = 2.5 */
    ck_assert_int_eq(report.radius[1], 6);
    ck_assert_int_eq(report.radius[2], 4); /* 3.4 */
    rgq_volume_free(volume);
}
END_TEST

static void keep_line(void *user, rgq_level level, const char *text)
{
    if (level == RGQ_LEVEL_DEBUG)
        return;
    ck_assert_int_eq(level, RGQ_LEVEL_INFO);
    snprintf(user, 400, "%s", text);
}

START_TEST(log_says_what_was_done)
{
    char line[400] = "";
    const rgq_log log = {keep_line, NULL, line};
    const rgq_filter_opts opts = {.border = RGQ_BORDER_MIRROR, .path = RGQ_CONV_FFT};
    rgq_volume *volume = make(8, 8, 8, 2.0, 2);

    MUST(rgq_filter_apply(volume, "gaussian:6", &opts, NULL, &log, err));
    ck_assert_str_eq(line, "gaussian filter: FWHM 6 x 6 x 6 mm (kernels 6.000000 x 6.000000 x "
                           "6.000000 mm, radius 6, 6, 6 voxels), border mirror, path fft, 2 "
                           "frames");
    rgq_volume_free(volume);
}
END_TEST

START_TEST(nonsense_is_refused)
{
    static const struct {
        const char *spec;
        const char *words;
    } specs[] = {
        {"gauss:6", "there is no filter 'gauss'"},
        {"", "there is no filter ''"},
        {"gaussian", "has no number; type e.g. gaussian:6"},
        {"gaussian:", "type gaussian:FWHM"},
        {"gaussian:six", "type gaussian:FWHM"},
        {"gaussian:6,6", "two widths"},
        {"gaussian:6,6,5,4", "type gaussian:FWHM"},
        {"gaussian:-6", "-6 mm; a width is 0 mm or more"},
        {"gaussian:6,6,1e9", "along z"},
        {"gaussian:nan", "type gaussian:FWHM"},
        {"gaussian:6mm", "type gaussian:FWHM"},
    };
    rgq_volume *volume = make(5, 5, 5, 2.0, 1);
    rgq_volume *before = NULL;

    fill(volume, 4);
    MUST(rgq_volume_clone(&before, volume, true, err));
    for (int i = 0; i < ROWS(specs); i++) {
        if (strstr(specs[i].words, "along") == NULL) /* that one depends on the voxels */
            REFUSED(rgq_filter_check(specs[i].spec, NULL, err), RGQ_E_ARGUMENT, specs[i].words);
        REFUSED(rgq_filter_apply(volume, specs[i].spec, NULL, NULL, NULL, err), RGQ_E_ARGUMENT,
                specs[i].words);
    }
    MUST(rgq_filter_check("gaussian:6,6,5", NULL, err));
    REFUSED(rgq_filter_gaussian(volume, (double[3]){6.0, -1.0, 6.0}, NULL, NULL, NULL, err),
            RGQ_E_ARGUMENT, "-1 mm along y");
    ck_assert(difference(volume, 0, before, 0) == 0.0);
    rgq_volume_data(volume, 0)[7] = (float)INFINITY;
    REFUSED(rgq_filter_apply(volume, "gaussian:6", NULL, NULL, NULL, err), RGQ_E_NUMERIC,
            "before the Gaussian filter");
    ck_assert(rgq_volume_data(volume, 0)[8] == rgq_volume_data(before, 0)[8]);
    rgq_volume_free(volume);
    rgq_volume_free(before);
}
END_TEST

START_TEST(overflow_is_found)
{
    rgq_volume *volume = make(5, 5, 5, 2.0, 1);

    for (int i = 0; i < 125; i++)
        rgq_volume_data(volume, 0)[i] =
            FLT_MAX; /* the two sides of the kernel are added first */
    REFUSED(rgq_filter_apply(volume, "gaussian:6", NULL, NULL, NULL, err), RGQ_E_NUMERIC,
            "after the Gaussian filter");
    rgq_volume_free(volume);
}
END_TEST

START_TEST(skewed_grid_is_refused)
{
    rgq_grid grid = {{4, 4, 4},
                     {{2.0, 0.1, 0.0, 0.0}, {0.0, 2.0, 0.0, 0.0}, {0.0, 0.0, 2.0, 0.0}}};
    rgq_volume *volume = NULL;

    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_BQ_ML, err));
    REFUSED(rgq_filter_apply(volume, "gaussian:6", NULL, NULL, NULL, err), RGQ_E_GEOMETRY,
            "not perpendicular");
    rgq_volume_free(volume);
}
END_TEST

START_TEST(failed_allocations_leave_the_voxels)
{
    rgq_volume *volume = make(6, 7, 8, 2.0, 1);
    rgq_volume *before = NULL;

    fill(volume, 5);
    MUST(rgq_volume_clone(&before, volume, true, err));
    TORTURE(rgq_filter_apply(volume, "gaussian:5", NULL, NULL, NULL, err),
            ck_assert((difference(volume, 0, before, 0) == 0.0) == (torture_st != RGQ_OK)), 8);
    rgq_volume_free(volume);
    rgq_volume_free(before);
}
END_TEST

RGQ_CHECK_MAIN("gaussian", tcase_add_loop_test(tc, impulse_has_the_width_asked_for, 0, 4);
               tcase_add_test(tc, two_filters_are_one_of_the_summed_squares);
               tcase_add_test(tc, frames_are_filtered_apart);
               tcase_add_test(tc, spec_means_the_widths);
               tcase_add_test(tc, flipped_and_rotated_grids_are_taken);
               tcase_add_test(tc, log_says_what_was_done);
               tcase_add_test(tc, nonsense_is_refused); tcase_add_test(tc, overflow_is_found);
               tcase_add_test(tc, skewed_grid_is_refused);
               tcase_add_test(tc, failed_allocations_leave_the_voxels))
