#include <math.h>
#include <string.h>

#include "kernels.h"
#include "num/denormal.h"
#include "rgq_check.h"

/* ---- the definition ---- */

static const int shapes[][3] = {{1, 1, 1}, {2, 1, 3}, {7, 5, 1}, {19, 14, 11}, {24, 6, 9}};

static void check_definition(const int n[3], kind k, rgq_border border, rgq_conv_path path)
{
    const rgq_kernel_image image = kernel_of(k);
    const rgq_blur_spec spec = spec_of(n, k, border, path, &image);
    const size_t count = count_of(n);
    rgq_blur *blur = NULL;

    fill(source, count, 3);
    MUST(rgq_blur_create(&blur, &spec, err));
    ck_assert_int_eq(rgq_blur_report(blur)->path, path);
    define(source, n, &image, border, false);
    for (size_t i = 0; i < count; i++)
        voxels[i] = (float)NAN; /* what is there must not matter */
    MUST(rgq_blur_run(blur, voxels, source, NULL, err));
    /* 2e-6 of values up to 1.5 and weights that add up to 1 at most, in single precision; the
     * definition's own weights are rounded to it */
    ck_assert_double_le(difference_from_truth(voxels, count), 3e-6);
    memcpy(other, source, count * sizeof *other);
    MUST(rgq_blur_run(blur, other, other, NULL, err));
    ck_assert(memcmp(voxels, other, count * sizeof *other) == 0);
    MUST(rgq_blur_run(blur, other, source, NULL, err)); /* again: nothing was left behind */
    ck_assert(memcmp(voxels, other, count * sizeof *other) == 0);
    define(source, n, &image, border, true);
    MUST(rgq_blur_run_turned(blur, other, source, NULL, err));
    ck_assert_double_le(difference_from_truth(other, count), 3e-6);
    rgq_blur_free(blur);
}

START_TEST(every_kernel_border_and_path_is_the_definition)
{
    for (int s = 0; s < ROWS(shapes); s++)
        for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
            for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++)
                check_definition(shapes[s], (kind)_i, b, p);
}
END_TEST

START_TEST(paths_agree)
{
    const int n[3] = {31, 26, 22};
    const size_t count = count_of(n);
    const rgq_kernel_image image = kernel_of((kind)_i);
    rgq_blur *blur = NULL;
    double largest = 0.0;

    fill(source, count, 4);
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)source[i]));
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++) {
        rgq_blur_spec spec = spec_of(n, (kind)_i, b, RGQ_CONV_FIR, &image);
        MUST(rgq_blur_create(&blur, &spec, err));
        MUST(rgq_blur_run(blur, voxels, source, NULL, err));
        rgq_blur_free(blur);
        spec.path = RGQ_CONV_FFT;
        MUST(rgq_blur_create(&blur, &spec, err));
        MUST(rgq_blur_run(blur, other, source, NULL, err));
        rgq_blur_free(blur);
        /* asked for: 1e-5 of the maximum */
        ck_assert_double_le(difference(voxels, other, count), 2e-6 * largest);
    }
}
END_TEST

/* ---- width ---- */

/* Root of the second moment of the response to an impulse along an axis, over voxels that the
 * kernel reaches: rounding of a transform farther out would count with its distance. */
static double measured_sigma(const int n[3], const int radius[3], int axis)
{
    double sum = 0.0;
    double moment = 0.0;

    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++) {
                const double at[3] = {(double)x, (double)y, (double)z};
                const double d = at[axis] - (double)(n[axis] / 2);
                const double v = (double)voxels[(z * n[1] + y) * n[0] + x];
                if (abs(x - n[0] / 2) > radius[0] || abs(y - n[1] / 2) > radius[1] ||
                    abs(z - n[2] / 2) > radius[2])
                    continue;
                sum += v;
                moment += d * d * v;
            }
    return sqrt(moment / sum);
}

static void blur_impulse(int radius[3], const int n[3], const double sigma[3],
                         rgq_kernel_kind kernel, rgq_conv_path path)
{
    const rgq_blur_spec spec = {.n = {n[0], n[1], n[2]},
                                .sigma = {sigma[0], sigma[1], sigma[2]},
                                .kernel = kernel,
                                .border = RGQ_BORDER_ZERO,
                                .path = path};
    rgq_blur *blur = NULL;

    memset(voxels, 0, sizeof voxels);
    voxels[(n[2] / 2 * n[1] + n[1] / 2) * n[0] + n[0] / 2] = 1.0F;
    MUST(rgq_blur_create(&blur, &spec, err));
    MUST(rgq_blur_run(blur, voxels, voxels, NULL, err));
    memcpy(radius, rgq_blur_report(blur)->radius, sizeof rgq_blur_report(blur)->radius);
    rgq_blur_free(blur);
}

START_TEST(width_is_what_was_asked_for)
{
    static const double wide[][3] = {{0.1, 0.2123, 0.3}, {0.5, 0.85, 1.274}, {2.0, 3.4, 4.2}};
    const int n[3] = {35, 37, 41};
    int radius[3];

    for (int w = 0; w < ROWS(wide); w++)
        for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
            blur_impulse(radius, n, wide[w], RGQ_KERNEL_EXACT, p);
            for (int i = 0; i < 3; i++) /* asked for: 0.1 % */
                ck_assert_double_le(fabs(measured_sigma(n, radius, i) / wide[w][i] - 1.0),
                                    2e-4);
        }
}
END_TEST

/* What PETPVC with ITK 5.2.1 was seen to do to an impulse: voxel and FWHM in mm, error of the
 * width in percent. */
static const struct {
    double voxel_mm, fwhm_mm, error;
} itk_widths[] = {{2.0, 6.0, -4.9}, {2.0, 8.0, -1.5}, {1.0, 6.0, -2.1}, {1.0, 16.0, -2.8}};

START_TEST(itk_kernel_is_too_narrow_by_known_amounts)
{
    const int n[3] = {39, 41, 37};
    int radius[3];

    for (int i = 0; i < ROWS(itk_widths); i++) {
        const double s = itk_widths[i].fwhm_mm / itk_widths[i].voxel_mm / 2.3548200450309493;
        const double sigma[3] = {s, s, s};
        blur_impulse(radius, n, sigma, RGQ_KERNEL_ITK, RGQ_CONV_FIR);
        for (int axis = 0; axis < 3; axis++) { /* figures are given to 0.1 % */
            const double error = 100.0 * (measured_sigma(n, radius, axis) / s - 1.0);
            ck_assert_double_le(fabs(error - itk_widths[i].error), 0.05);
        }
    }
}
END_TEST

START_TEST(report_says_what_is_used)
{
    const int n[3] = {20, 21, 22};
    const rgq_kernel_image image = kernel_of(PRODUCT);
    rgq_blur_spec spec = spec_of(n, ITK, RGQ_BORDER_ZERO, RGQ_CONV_AUTO, NULL);
    rgq_blur *blur = NULL;

    MUST(rgq_blur_create(&blur, &spec, err));
    ck_assert_int_eq(rgq_blur_report(blur)->path, RGQ_CONV_FIR);
    ck_assert_int_eq(rgq_blur_report(blur)->radius[0], 3);
    ck_assert_double_eq_tol(rgq_blur_report(blur)->sigma[0] / 1.274, 0.9509, 1e-4);
    rgq_blur_free(blur);
    spec = spec_of(n, PRODUCT, RGQ_BORDER_ZERO, RGQ_CONV_AUTO, &image);
    MUST(rgq_blur_create(&blur, &spec, err));
    ck_assert_int_eq(rgq_blur_report(blur)->radius[2], 2);
    ck_assert_double_eq_tol(rgq_blur_taps(blur)[1].half[1], 0.1, 1e-7);
    /* second moment of 0.05 0.2 0.5 0.2 0.05 by hand: 0.8 */
    ck_assert_double_eq_tol(rgq_blur_report(blur)->sigma[0], sqrt(0.8), 1e-6);
    rgq_blur_free(blur);
}
END_TEST

/* ---- ones ---- */

START_TEST(ones_are_a_blur_of_ones)
{
    const int n[3] = {11, 4, 9};
    const size_t count = count_of(n);
    const rgq_kernel_image image = kernel_of((kind)_i);
    rgq_blur *blur = NULL;

    for (size_t i = 0; i < count; i++)
        source[i] = 1.0F;
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++) {
        const rgq_blur_spec spec = spec_of(n, (kind)_i, b, RGQ_CONV_FIR, &image);
        MUST(rgq_blur_create(&blur, &spec, err));
        for (int turned = 0; turned < 2; turned++) {
            define(source, n, &image, b, turned == 1);
            for (size_t at = 0; at < count; at += 17) /* pieces that begin and end anywhere */
                rgq_blur_ones(blur, turned == 1, voxels + at, at,
                              count - at < 17 ? count - at : 17);
            ck_assert_double_le(difference_from_truth(voxels, count), 1e-6);
        }
        rgq_blur_free(blur);
    }
}
END_TEST

/* ---- subnormals, refusals, memory ---- */

START_TEST(subnormals_are_flushed_and_the_mode_is_put_back)
{
    const int n[3] = {16, 12, 10};
    const rgq_blur_spec spec = spec_of(n, EXACT, RGQ_BORDER_REPLICATE, RGQ_CONV_FIR, NULL);
    volatile float small = 1e-38F;
    rgq_blur *blur = NULL;

    MUST(rgq_blur_create(&blur, &spec, err));
    for (size_t i = 0; i < count_of(n); i++)
        source[i] = 1e-39F;
    MUST(rgq_blur_run(blur, voxels, source, NULL, err));
#if defined(__SSE2__)
    for (size_t i = 0; i < count_of(n); i++)
        ck_assert(voxels[i] == 0.0F);
    const unsigned before = rgq_denormal_flush();
    ck_assert(small * 0.01F == 0.0F);
    rgq_denormal_restore(before);
#endif
    ck_assert(small * 0.01F > 0.0F);
    rgq_blur_free(blur);
}
END_TEST

START_TEST(nonsense_is_refused)
{
    const int n[3] = {6, 5, 4};
    const int whole[3] = {6, 5, 4};
    const int lo[3] = {0, 1, 0};
    rgq_kernel_image image = kernel_of(CROOKED);
    rgq_blur_spec spec = spec_of(n, CROOKED, RGQ_BORDER_ZERO, RGQ_CONV_AUTO, &image);
    rgq_blur *blur = NULL;

    image.n[1] = 4;
    REFUSED(rgq_blur_create(&blur, &spec, err), RGQ_E_ARGUMENT, "5 x 4 x 7 voxels");
    image.n[1] = 3;
    weights[8] = (float)NAN;
    REFUSED(rgq_blur_create(&blur, &spec, err), RGQ_E_ARGUMENT, "weight 8");
    ck_assert_ptr_null(blur);
    weights[8] = 0.1F;
    spec.kernel = (rgq_kernel_kind)2;
    REFUSED(rgq_blur_create(&blur, &spec, err), RGQ_E_ARGUMENT, "kernel 2");
    spec.kernel = RGQ_KERNEL_EXACT;
    spec.n[2] = 0;
    REFUSED(rgq_blur_create(&blur, &spec, err), RGQ_E_ARGUMENT, "0 voxels along axis 2");
    spec.n[2] = 4;
    MUST(rgq_blur_create(&blur, &spec, err));
    fill(voxels, 120, 1);
    fill(other, 120, 1);
    REFUSED(rgq_blur_box(blur, voxels, lo, whole, err), RGQ_E_ARGUMENT, "axis 1, which has 5");
    ck_assert(memcmp(voxels, other, 120 * sizeof *voxels) == 0);
    rgq_blur_free(blur);
}
END_TEST

static rgq_status make_and_run(rgq_blur **blur, const rgq_blur_spec *spec, rgq_error *err)
{
    const rgq_status st = rgq_blur_create(blur, spec, err);

    return st == RGQ_OK ? rgq_blur_run(*blur, voxels, source, NULL, err) : st;
}

START_TEST(failed_allocations_are_reported)
{
    const int n[3] = {8, 9, 10};
    const rgq_kernel_image image = kernel_of((kind)_i);
    rgq_blur *blur = NULL;

    for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
        const rgq_blur_spec spec = spec_of(n, (kind)_i, RGQ_BORDER_ZERO, p, &image);
        TORTURE(
            make_and_run(&blur, &spec, err),
            {
                rgq_blur_free(blur);
                blur = NULL;
            },
            12);
    }
}
END_TEST

/* A box must not allocate: it runs inside parallel regions of others. */
START_TEST(a_run_allocates_nothing)
{
    const int n[3] = {20, 18, 16};
    const int lo[3] = {2, 3, 4};
    const int box_n[3] = {9, 8, 7};
    const rgq_kernel_image image = kernel_of((kind)_i);
    const rgq_blur_spec spec = spec_of(n, (kind)_i, RGQ_BORDER_PERIODIC, RGQ_CONV_FIR, &image);
    rgq_blur *blur = NULL;

    MUST(rgq_blur_create(&blur, &spec, err));
    rgq_alloc_fail_after(0);
    const rgq_status run = rgq_blur_run(blur, voxels, source, NULL, NULL);
    const rgq_status box = rgq_blur_box(blur, voxels, lo, box_n, NULL);
    rgq_alloc_fail_after(-1);
    ck_assert_int_eq(run, RGQ_OK);
    ck_assert_int_eq(box, RGQ_OK);
    rgq_blur_free(blur);
}
END_TEST

RGQ_CHECK_MAIN("blur", tcase_add_loop_test(tc, every_kernel_border_and_path_is_the_definition,
                                           0, N_KINDS);
               tcase_add_loop_test(tc, paths_agree, 0, N_KINDS);
               tcase_add_test(tc, width_is_what_was_asked_for);
               tcase_add_test(tc, itk_kernel_is_too_narrow_by_known_amounts);
               tcase_add_test(tc, report_says_what_is_used);
               tcase_add_loop_test(tc, ones_are_a_blur_of_ones, 0, N_KINDS);
               tcase_add_test(tc, subnormals_are_flushed_and_the_mode_is_put_back);
               tcase_add_test(tc, nonsense_is_refused);
               tcase_add_loop_test(tc, failed_allocations_are_reported, 0, N_KINDS);
               tcase_add_loop_test(tc, a_run_allocates_nothing, 0, N_KINDS))
