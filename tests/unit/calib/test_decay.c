#include <math.h>
#include <string.h>

#include "calib/decay.h"
#include "rgq_check.h"

static const double F18_S = 6586.2;

/* Hand: half a half-life leaves 1/sqrt(2); a look back by one doubles. Tolerance: a few ulp. */
START_TEST(test_factor_closed_form)
{
    double factor = 0.0;

    MUST(rgq_decay_factor(&factor, 0.0, F18_S, err));
    ck_assert_double_eq(factor, 1.0);
    MUST(rgq_decay_factor(&factor, 0.5 * F18_S, F18_S, err));
    ck_assert_double_eq_tol(factor, sqrt(0.5), 1e-15);
    MUST(rgq_decay_factor(&factor, -F18_S, F18_S, err));
    ck_assert_double_eq_tol(factor, 2.0, 1e-15);
    MUST(rgq_decay_factor(&factor, 3600.0, F18_S, err));
    ck_assert_double_eq_tol(factor, 0.6846329195720021, 1e-15);
}
END_TEST

/* Gain and mean time against a midpoint sum of exp over the frame, the slow definition; the sum
 * of 1e5 steps is right to 1e-11. */
START_TEST(test_frame_direct)
{
    static const double durations_s[] = {1.0, 60.0, 300.0, 6586.2, 50000.0};

    for (int d = 0; d < ROWS(durations_s); d++) {
        const double lambda = log(2.0) / F18_S;
        const int steps = 100000;
        double mean = 0.0;
        for (int i = 0; i < steps; i++)
            mean += exp(-lambda * durations_s[d] * (i + 0.5) / steps);
        mean /= steps;
        ck_assert_double_eq_tol(rgq_decay_frame_gain(durations_s[d], F18_S) * mean, 1.0, 1e-9);
        ck_assert_double_eq_tol(exp(-lambda * rgq_decay_mean_time_s(durations_s[d], F18_S)),
                                mean, 1e-9);
    }
}
END_TEST

/* Short frames: gain - 1 = x/2 + x^2/12 and mean time = T/2 - lambda T^2/24 must hold to the
 * last digits, where 1 - exp(-x) has lost them. */
START_TEST(test_frame_short)
{
    for (int e = -12; e <= -2; e++) {
        const double duration_s = pow(10.0, e);
        const double x = log(2.0) * duration_s / F18_S;
        const double gain = rgq_decay_frame_gain(duration_s, F18_S);
        const double mean_s = rgq_decay_mean_time_s(duration_s, F18_S);
        ck_assert_double_eq_tol(gain, 1.0 + x / 2 + x * x / 12, 3e-16);
        ck_assert_double_eq_tol(mean_s / duration_s, 0.5 - x / 24, 1e-15);
    }
    ck_assert_double_eq(rgq_decay_frame_gain(0.0, F18_S), 1.0);
    ck_assert_double_eq(rgq_decay_mean_time_s(0.0, F18_S), 0.0);
}
END_TEST

/* The series and the logarithm meet at x = 0.01: no step larger than the logarithm's own loss
 * of digits (1e-16 / 0.005). */
START_TEST(test_mean_time_continuous)
{
    const double at_s = 0.01 * F18_S / log(2.0);
    const double below = rgq_decay_mean_time_s(at_s * (1.0 - 1e-9), F18_S) / at_s;
    const double above = rgq_decay_mean_time_s(at_s * (1.0 + 1e-9), F18_S) / at_s;

    ck_assert_double_eq_tol(above - below, 2e-9 * (0.5 - 0.01 / 12), 1e-13);
}
END_TEST

/* A frame cut into parts: each part's mean, corrected with its own gain and start, gives the
 * same activity; and the parts' means weighted by duration give the whole's. */
START_TEST(test_frame_split)
{
    static const double parts_s[] = {10.0, 20.0, 70.0, 500.0};
    const double whole_mean = 1.0 / rgq_decay_frame_gain(600.0, F18_S);
    double start_s = 0.0;
    double sum = 0.0;

    for (int i = 0; i < ROWS(parts_s); i++) {
        double at_start = 0.0;
        MUST(rgq_decay_factor(&at_start, start_s, F18_S, err));
        sum += parts_s[i] * at_start / rgq_decay_frame_gain(parts_s[i], F18_S);
        start_s += parts_s[i];
    }
    ck_assert_double_eq_tol(sum / 600.0, whole_mean, 1e-15);
}
END_TEST

START_TEST(test_refusals)
{
    double factor = 7.0;

    REFUSED(rgq_decay_factor(&factor, 1.0, 0.0, err), RGQ_E_ARGUMENT, "half-life of 0 s");
    REFUSED(rgq_decay_factor(&factor, 1.0, -5.0, err), RGQ_E_ARGUMENT, "half-life of -5 s");
    REFUSED(rgq_decay_factor(&factor, 1.0, (double)NAN, err), RGQ_E_ARGUMENT, "half-life");
    REFUSED(rgq_decay_factor(&factor, (double)INFINITY, 1.0, err), RGQ_E_ARGUMENT, "finite");
    REFUSED(rgq_decay_factor(&factor, 1e9, 1.0, err), RGQ_E_NUMERIC, "is 0");
    REFUSED(rgq_decay_factor(&factor, -1e9, 1.0, err), RGQ_E_NUMERIC, "is inf");
    ck_assert_double_eq(factor, 7.0);
}
END_TEST

RGQ_CHECK_MAIN("calib.decay", tcase_add_test(tc, test_factor_closed_form);
               tcase_add_test(tc, test_frame_direct); tcase_add_test(tc, test_frame_short);
               tcase_add_test(tc, test_mean_time_continuous);
               tcase_add_test(tc, test_frame_split); tcase_add_test(tc, test_refusals))
