#include "num/kernel.h"

#include <math.h>
#include <string.h>

#include "rgq_check.h"

/* In voxels; the first ones have 3 taps, 0.5095 is 2.4 mm FWHM at 2 mm, 1.274 is 6 mm. */
static const double sigmas[] = {1e-6, 0.05, 0.2,  0.25, 0.2501, 0.3,  0.5,   0.5095,
                                0.7,  1.0,  1.27, 3.3,  17.0,   60.0, 300.5, 1024.0};

static double half[RGQ_RADIUS_MAX + 1];

START_TEST(taps_have_the_moments_asked_for)
{
    const double sigma = sigmas[_i];
    const int radius = rgq_gauss_radius(sigma);
    double sum = 0.0;
    double moment = 0.0;

    rgq_gauss_taps(half, sigma);
    for (int k = radius; k > 0; k--) {
        ck_assert_double_gt(half[k], 0.0);
        ck_assert_double_le(half[k], half[k - 1]);
        sum += 2.0 * half[k];
        moment += 2.0 * (double)k * (double)k * half[k];
    }
    sum += half[0];
    ck_assert_double_eq_tol(sum, 1.0, 1e-14);
    /* 1e-11: bisection to the last bit of the shape, sums over up to 8193 taps */
    ck_assert_double_le(fabs(moment / (sigma * sigma) - 1.0), 1e-11);
    const rgq_taps taps = {radius, half};
    /* 2^-24 for each tap in single precision; they do not all err to the same side */
    ck_assert_double_le(fabs(rgq_taps_sigma(taps) / sigma - 1.0), 6e-8);
}
END_TEST

START_TEST(radius_is_four_sigma)
{
    ck_assert_int_eq(rgq_gauss_radius(0.0), 0);
    ck_assert_int_eq(rgq_gauss_radius(0.25), 1);
    ck_assert_int_eq(rgq_gauss_radius(0.26), 2);
    ck_assert_int_eq(rgq_gauss_radius(6.0 / 2.0 / 2.3548200450309493), 6);
    ck_assert_int_eq(rgq_gauss_radius(1024.0), RGQ_RADIUS_MAX);
}
END_TEST

START_TEST(no_width_is_no_change)
{
    rgq_gauss_taps(half, 0.0);
    ck_assert(half[0] == 1.0);
    ck_assert(rgq_taps_sigma((rgq_taps){0, half}) == 0.0);
}
END_TEST

/* The three-tap kernel by hand: sigma^2 = 0.04 is [0.02 0.96 0.02]. */
START_TEST(three_taps_by_hand)
{
    rgq_gauss_taps(half, 0.2);
    ck_assert_double_eq_tol(half[0], 0.96, 1e-15);
    ck_assert_double_eq_tol(half[1], 0.02, 1e-15);
}
END_TEST

/* The documented error: against the Gaussian nobody cut, for the widths that scanners have. */
START_TEST(taps_are_near_the_gaussian)
{
    static const double wide[] = {0.8, 1.274, 2.0, 5.0, 40.0};

    for (int i = 0; i < ROWS(wide); i++) {
        const double top = 1.0 / (wide[i] * sqrt(2.0 * acos(-1.0)));
        rgq_gauss_taps(half, wide[i]);
        for (int k = 0; k <= rgq_gauss_radius(wide[i]); k++) {
            const double x = (double)k / wide[i];
            ck_assert_double_le(fabs(half[k] - top * exp(-0.5 * x * x)), 6e-4 * top);
        }
    }
}
END_TEST

/* exp(-t) I_k(t) by its series; t up to 25, where it still converges without cancelling. */
static double bessel_series(int k, double t)
{
    double term = exp(-t);
    double sum = 0.0;

    for (int i = 1; i <= k; i++)
        term *= 0.5 * t / (double)i;
    for (int m = 0; m < 200; m++) {
        sum += term;
        term *= 0.25 * t * t / ((double)(m + 1) * (double)(m + 1 + k));
    }
    return sum;
}

START_TEST(itk_taps_are_the_discrete_gaussian_cut_at_99_percent)
{
    static const double wide[] = {1e-7, 0.01, 0.2, 0.6, 1.274, 2.0, 5.0};
    double itk[RGQ_ITK_RADIUS_MAX + 1];

    for (int i = 0; i < ROWS(wide); i++) {
        const double t = wide[i] * wide[i];
        const int radius = rgq_itk_taps(itk, wide[i]);
        double sum = bessel_series(0, t);
        for (int k = 1; k <= radius; k++) {
            ck_assert_msg(k == 1 || sum < 0.99, "sigma %g went on to %d", wide[i], k);
            sum += 2.0 * bessel_series(k, t);
        }
        ck_assert_double_ge(sum, 0.99);
        for (int k = 0; k <= RGQ_ITK_RADIUS_MAX; k++) { /* both sum up to 200 terms in double */
            const double want = k <= radius ? bessel_series(k, t) / sum : 0.0;
            ck_assert_double_le(fabs(itk[k] - want), 1e-13);
        }
    }
}
END_TEST

START_TEST(itk_taps_end_at_32)
{
    double itk[RGQ_ITK_RADIUS_MAX + 1];

    ck_assert_int_eq(rgq_itk_taps(itk, 0.0), 0);
    ck_assert(itk[0] == 1.0 && itk[1] == 0.0);
    ck_assert_int_eq(rgq_itk_taps(itk, 12.0), 31);
    for (int i = 13; i <= 1024; i = 2 * i - 2) {
        double sum = 0.0;
        ck_assert_int_eq(rgq_itk_taps(itk, (double)i), RGQ_ITK_RADIUS_MAX);
        for (int k = RGQ_ITK_RADIUS_MAX; k > 0; k--)
            sum += 2.0 * itk[k];
        ck_assert_double_eq_tol(sum + itk[0], 1.0, 1e-14);
    }
    rgq_itk_taps(itk, 1024.0); /* far wider than the limit: all but a box */
    ck_assert_double_eq_tol(itk[0] * 65.0, 1.0, 1e-3);
}
END_TEST

RGQ_CHECK_MAIN("kernel",
               tcase_add_loop_test(tc, taps_have_the_moments_asked_for, 0, ROWS(sigmas));
               tcase_add_test(tc, radius_is_four_sigma);
               tcase_add_test(tc, no_width_is_no_change);
               tcase_add_test(tc, three_taps_by_hand);
               tcase_add_test(tc, taps_are_near_the_gaussian);
               tcase_add_test(tc, itk_taps_are_the_discrete_gaussian_cut_at_99_percent);
               tcase_add_test(tc, itk_taps_end_at_32))
