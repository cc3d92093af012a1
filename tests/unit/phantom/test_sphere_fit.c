/* phantom/sphere_fit.c: the profile against a convolution by hand; max, mean and A50 volume of
 * voxels against the profile. */
#include <math.h>

#include "num/conv.h"
#include "phantom/sphere_fit.h"
#include "phantom/view.h"
#include "rgq_check.h"

static const double pi = 3.14159265358979323846;
static const double sigma_per_fwhm = 0.42466090014400953;

/* Gaussian over shells of radius t = lo .. hi about a point at r, which lie in the ball wholly,
 * or by a cap. */
static double shells(double lo, double hi, bool caps, double r, double radius, double sigma)
{
    enum { N = 20000 };
    double sum = 0.0;

    for (int i = 0; i < N; i++) {
        const double t = lo + (hi - lo) * (i + 0.5) / N;
        const double part =
            caps ? 0.5 * (1.0 - (t * t + r * r - radius * radius) / (2.0 * r * t)) : 1.0;
        sum += part * t * t * exp(-t * t / (2.0 * sigma * sigma));
    }
    return sum * (hi - lo) / N * 4.0 * pi / pow(2.0 * pi * sigma * sigma, 1.5);
}

static double by_shells(double r, double radius, double sigma)
{
    double sum = 0.0;

    if (r < radius)
        sum += shells(0.0, radius - r, false, r, radius, sigma);
    if (r > 0.0)
        sum += shells(fabs(radius - r), radius + r, true, r, radius, sigma);
    return sum;
}

START_TEST(profile)
{
    static const double rows[][3] = {{0.0, 5.0, 2.5},  {1e-5, 5.0, 2.5},  {1e-3, 5.0, 2.5},
                                     {3.0, 5.0, 2.5},  {5.0, 5.0, 2.5},   {9.0, 5.0, 2.5},
                                     {0.0, 18.5, 3.0}, {18.5, 18.5, 3.0}, {20.0, 18.5, 0.5}};
    for (int i = 0; i < ROWS(rows); i++)
        /* midpoint rule, 20 000 shells of a smooth integrand: about 1e-8 */
        ck_assert_double_eq_tol(rgq_blurred_ball(rows[i][0], rows[i][1], rows[i][2]),
                                by_shells(rows[i][0], rows[i][1], rows[i][2]), 1e-6);
}
END_TEST

/* A ball of 13 mm in voxels of a fortieth of that, blurred by 6 mm on the voxels. */
enum { HALF = 56, SIDE = 2 * HALF + 1 };

static double analytic_mean(double radius, double sigma)
{
    enum { N = 20000 };
    double sum = 0.0;

    for (int i = 0; i < N; i++) {
        const double r = radius * (i + 0.5) / N;
        sum += rgq_blurred_ball(r, radius, sigma) * r * r;
    }
    return 3.0 * sum / N * radius / (radius * radius * radius);
}

/* Volume where the profile is above half of its maximum. */
static double analytic_a50(double radius, double sigma)
{
    const double half = 0.5 * rgq_blurred_ball(0.0, radius, sigma);
    double lo = 0.0;
    double hi = radius + 5.0 * sigma;

    for (int i = 0; i < 80; i++) {
        const double mid = 0.5 * (lo + hi);
        if (rgq_blurred_ball(mid, radius, sigma) > half)
            lo = mid;
        else
            hi = mid;
    }
    return 4.0 / 3.0 * pi * lo * lo * lo;
}

START_TEST(closed_forms)
{
    const double diameter = 13.0;
    const double h = diameter / 40.0;
    const double sigma = 6.0 * sigma_per_fwhm;
    const int n[3] = {SIDE, SIDE, SIDE};
    const double spacing[3] = {h, h, h};
    const double zero[3] = {0.0, 0.0, 0.0};
    const double in_voxels[3] = {sigma / h, sigma / h, sigma / h};
    rgq_view view = {.grid = rgq_grid_make(n, spacing, zero), .step = {h, h, h}, .det = 1.0};
    const double centre[3] = {HALF * h, HALF * h, HALF * h};

    MUST(rgq_alloc(&view.value, (size_t)SIDE * SIDE * SIDE, sizeof(float), err));
    size_t at = 0;
    for (int k = -HALF; k <= HALF; k++)
        for (int j = -HALF; j <= HALF; j++)
            for (int i = -HALF; i <= HALF; i++)
                view.value[at++] =
                    h * sqrt((double)(i * i + j * j + k * k)) <= 0.5 * diameter ? 1.0f : 0.0f;
    MUST(
        rgq_conv_gaussian(view.value, n, in_voxels, RGQ_BORDER_ZERO, RGQ_CONV_AUTO, NULL, err));
    const rgq_roi ball = rgq_view_ball(&view, centre, 0.5 * diameter);
    double count = 0.0;
    for (size_t i = 0; i < at; i++)
        count += (double)view.value[i] >= 0.5 * ball.max ? 1.0 : 0.0;
    const double want_max = rgq_blurred_ball(0.0, 0.5 * diameter, sigma);
    const double want_mean = analytic_mean(0.5 * diameter, sigma);
    const double want_a50 = analytic_a50(0.5 * diameter, sigma);
    ck_assert_double_eq_tol(ball.max / want_max, 1.0, 0.005);
    ck_assert_double_eq_tol(ball.mean / want_mean, 1.0, 0.005);
    ck_assert_double_eq_tol(count * h * h * h / want_a50, 1.0, 0.005);
    rgq_view_release(&view);
}
END_TEST

RGQ_CHECK_MAIN("phantom.sphere_fit", tcase_add_test(tc, profile);
               tcase_add_test(tc, closed_forms))
