/* num/fit.c: a line by hand, an exponential of known parameters, bounds, refusals. */
#include <math.h>
#include <string.h>

#include "num/fit.h"
#include "rgq_check.h"

typedef struct points {
    const double *x, *y;
    int n;
} points;

static void line(double *out, const double *p, void *user)
{
    const points *d = user;
    for (int i = 0; i < d->n; i++)
        out[i] = d->y[i] - p[0] - p[1] * d->x[i];
}

static void exponential(double *out, const double *p, void *user)
{
    const points *d = user;
    for (int i = 0; i < d->n; i++)
        out[i] = d->y[i] - p[0] * exp(-p[1] * d->x[i]);
}

static const double lo[2] = {-100.0, -100.0};
static const double hi[2] = {100.0, 100.0};
static const double step[2] = {1e-5, 1e-5};

/* Four points; the line, its residual and the deviations of its parameters by hand:
 * slope 1.4, intercept 0.9, rss 0.2, s^2 = 0.1, Sxx = 5, mean of x 1.5. */
START_TEST(line_by_hand)
{
    static const double x[] = {0, 1, 2, 3};
    static const double y[] = {1, 2, 4, 5};
    points d = {x, y, 4};
    const rgq_fit_problem f = {4, 2, line, &d, lo, hi, step};
    rgq_fit_report report;
    double p[2] = {50.0, -50.0};

    MUST(rgq_fit_least_squares(p, &report, &f, err));
    ck_assert(report.converged);
    ck_assert_double_eq_tol(p[0], 0.9, 1e-8);
    ck_assert_double_eq_tol(p[1], 1.4, 1e-8);
    ck_assert_double_eq_tol(report.rss, 0.2, 1e-10);
    ck_assert_double_eq_tol(report.sd[1], sqrt(0.1 / 5.0), 1e-6);
    ck_assert_double_eq_tol(report.sd[0], sqrt(0.1 * (0.25 + 1.5 * 1.5 / 5.0)), 1e-6);
}
END_TEST

START_TEST(exponential_comes_back)
{
    double x[30];
    double y[30];
    points d = {x, y, 30};
    const rgq_fit_problem f = {30, 2, exponential, &d, lo, hi, step};
    rgq_fit_report report;
    double p[2] = {1.0, 0.1};

    for (int i = 0; i < 30; i++) {
        x[i] = 0.2 * i;
        y[i] = 7.0 * exp(-0.7 * x[i]);
    }
    MUST(rgq_fit_least_squares(p, &report, &f, err));
    ck_assert_double_eq_tol(p[0], 7.0, 1e-6);
    ck_assert_double_eq_tol(p[1], 0.7, 1e-6);

    const double low_hi[2] = {100.0, 0.5}; /* the best lies on the bound */
    const rgq_fit_problem bounded = {30, 2, exponential, &d, lo, low_hi, step};
    p[0] = 1.0;
    p[1] = 0.1;
    MUST(rgq_fit_least_squares(p, &report, &bounded, err));
    ck_assert_double_eq_tol(p[1], 0.5, 1e-9);
}
END_TEST

/* The slope may not exceed 1, though 1.4 would be best: the intercept is then the mean of
 * y - x, 1.5, found at once, as the slope takes no part any more. */
START_TEST(bound_by_hand)
{
    static const double x[] = {0, 1, 2, 3};
    static const double y[] = {1, 2, 4, 5};
    static const double at_most[2] = {100.0, 1.0};
    points d = {x, y, 4};
    const rgq_fit_problem f = {4, 2, line, &d, lo, at_most, step};
    rgq_fit_report report;
    double p[2] = {50.0, -50.0};

    MUST(rgq_fit_least_squares(p, &report, &f, err));
    ck_assert(report.converged);
    ck_assert_double_eq(p[1], 1.0);
    ck_assert_double_eq_tol(p[0], 1.5, 1e-8);
    ck_assert_int_le(report.iterations, 8);
}
END_TEST

START_TEST(refusals)
{
    static const double x[] = {0, 1};
    static const double y[] = {1, (double)NAN};
    points d = {x, y, 2};
    rgq_fit_problem f = {2, 2, line, &d, lo, hi, step};
    rgq_fit_report report;
    double p[2] = {0.0, 0.0};

    REFUSED(rgq_fit_least_squares(p, &report, &f, err), RGQ_E_NUMERIC, "finite");
    f.n = 1;
    REFUSED(rgq_fit_least_squares(p, &report, &f, err), RGQ_E_ARGUMENT, "1 values for 2");
    f.n = 2;
    p[0] = 1000.0;
    REFUSED(rgq_fit_least_squares(p, &report, &f, err), RGQ_E_ARGUMENT, "outside its bounds");
}
END_TEST

START_TEST(cholesky)
{
    double a[4] = {4.0, 2.0, 2.0, 3.0};
    double b[2] = {10.0, 9.0};
    double singular[4] = {1.0, 1.0, 1.0, 1.0};

    ck_assert(rgq_cholesky_solve(a, 2, b, 1));
    ck_assert_double_eq_tol(b[0], 1.5, 1e-12);
    ck_assert_double_eq_tol(b[1], 2.0, 1e-12);
    ck_assert(!rgq_cholesky_solve(singular, 2, b, 1));
}
END_TEST

START_TEST(torture)
{
    static const double x[] = {0, 1, 2};
    static const double y[] = {1, 2, 4};
    points d = {x, y, 3};
    const rgq_fit_problem f = {3, 2, line, &d, lo, hi, step};
    rgq_fit_report report;
    double p[2] = {0.0, 0.0};

    TORTURE(rgq_fit_least_squares(p, &report, &f, err), (void)0, 0);
}
END_TEST

RGQ_CHECK_MAIN("num.fit", tcase_add_test(tc, line_by_hand);
               tcase_add_test(tc, exponential_comes_back); tcase_add_test(tc, bound_by_hand);
               tcase_add_test(tc, refusals); tcase_add_test(tc, cholesky);
               tcase_add_test(tc, torture))
