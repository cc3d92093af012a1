#include "num/fit.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

enum { P = RGQ_FIT_PARAMETERS_MAX, ITERATIONS_MAX = 200 };

bool rgq_cholesky_solve(double *a, int p, double *b, int m)
{
    for (int i = 0; i < p; i++)
        for (int j = 0; j <= i; j++) {
            double sum = a[i * p + j];
            for (int k = 0; k < j; k++)
                sum -= a[i * p + k] * a[j * p + k];
            if (i == j && !(sum > 0.0))
                return false;
            a[i * p + j] = i == j ? sqrt(sum) : sum / a[j * p + j];
        }
    for (int c = 0; c < m; c++) {
        for (int i = 0; i < p; i++) {
            for (int k = 0; k < i; k++)
                b[i * m + c] -= a[i * p + k] * b[k * m + c];
            b[i * m + c] /= a[i * p + i];
        }
        for (int i = p - 1; i >= 0; i--) {
            for (int k = i + 1; k < p; k++)
                b[i * m + c] -= a[k * p + i] * b[k * m + c];
            b[i * m + c] /= a[i * p + i];
        }
    }
    return true;
}

/* The fit while it runs. */
typedef struct state {
    const rgq_fit_problem *problem;
    double *residual; /* at x */
    double *trial;    /* at a trial, or at x + step */
    double *jacobian; /* p columns of n */
    double normal[P * P];
    double gradient[P];
    double rss;
} state;

static double sum_of_squares(const double *r, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += r[i] * r[i];
    return sum;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Jacobian, normal matrix and gradient at x. */
static void differentiate(state *s, const double *x)
{
    const rgq_fit_problem *f = s->problem;

    for (int j = 0; j < f->p; j++) {
        double *column = s->jacobian + (size_t)j * f->n;
        double at[P];
        memcpy(at, x, (size_t)f->p * sizeof *at);
        at[j] = fmin(x[j] + f->step[j], f->hi[j]);
        const double above = at[j];
        f->residuals(column, at, f->user);
        at[j] = fmax(x[j] - f->step[j], f->lo[j]);
        f->residuals(s->trial, at, f->user);
        const double width = above - at[j];
        for (size_t i = 0; i < f->n; i++)
            column[i] = (column[i] - s->trial[i]) / width;
    }
    for (int j = 0; j < f->p; j++) {
        const double *column = s->jacobian + (size_t)j * f->n;
        s->gradient[j] = dot(column, s->residual, f->n);
        for (int k = 0; k <= j; k++)
            s->normal[j * f->p + k] = s->normal[k * f->p + j] =
                dot(column, s->jacobian + (size_t)k * f->n, f->n);
    }
}

/* A parameter at a bound that the gradient would push over it. */
static bool is_held(const state *s, const double *x, int j)
{
    return (x[j] <= s->problem->lo[j] && s->gradient[j] >= 0.0) ||
           (x[j] >= s->problem->hi[j] && s->gradient[j] <= 0.0);
}

/* The damped step from x, within the bounds; false where the matrix is singular. A parameter
 * that is held at its bound takes no part: else the step of the others would be the one that
 * goes with its own, which is cut off. */
static bool propose(double *to, const state *s, const double *x, double damping)
{
    const rgq_fit_problem *f = s->problem;
    double a[P * P];
    double b[P];

    for (int j = 0; j < f->p; j++) {
        const bool held = is_held(s, x, j);
        for (int k = 0; k < f->p; k++)
            a[j * f->p + k] = held || is_held(s, x, k) ? 0.0 : s->normal[j * f->p + k];
        const double own = a[j * f->p + j];
        a[j * f->p + j] = own > 0.0 ? own * (1.0 + damping) : 1.0;
        b[j] = held ? 0.0 : -s->gradient[j];
    }
    if (!rgq_cholesky_solve(a, f->p, b, 1))
        return false;
    for (int j = 0; j < f->p; j++)
        to[j] = fmin(fmax(x[j] + b[j], f->lo[j]), f->hi[j]);
    return true;
}

static bool is_still(const double *a, const double *b, const rgq_fit_problem *f)
{
    for (int j = 0; j < f->p; j++)
        if (fabs(a[j] - b[j]) > 1e-10 * (fabs(a[j]) + f->step[j]))
            return false;
    return true;
}

/* The step with this damping, if it is no worse; `*ends` if it is hardly any better. */
static bool take_step(bool *ends, state *s, double *x, double damping)
{
    const rgq_fit_problem *f = s->problem;
    double to[P];

    if (!propose(to, s, x, damping))
        return false;
    f->residuals(s->trial, to, f->user);
    const double rss = sum_of_squares(s->trial, f->n);
    if (!(rss <= s->rss))
        return false;
    *ends = s->rss - rss <= 1e-10 * s->rss || is_still(to, x, f);
    double *swap = s->residual;
    s->residual = s->trial;
    s->trial = swap;
    memcpy(x, to, (size_t)f->p * sizeof *x);
    s->rss = rss;
    return true;
}

/* One accepted step; false when there is none to take, which is the end. */
static bool advance(state *s, double *x, double *damping)
{
    bool ends = true;

    differentiate(s, x);
    while (*damping < 1e12) {
        if (take_step(&ends, s, x, *damping)) {
            *damping = fmax(*damping / 10.0, 1e-12);
            return !ends;
        }
        *damping *= 5.0;
    }
    return false;
}

static void find_sd(rgq_fit_report *report, state *s, const double *x)
{
    const rgq_fit_problem *f = s->problem;
    double a[P * P];
    double inverse[P * P] = {0.0};

    differentiate(s, x);
    memcpy(a, s->normal, sizeof a);
    for (int j = 0; j < P; j++)
        report->sd[j] = (double)NAN;
    for (int j = 0; j < f->p; j++)
        inverse[j * f->p + j] = 1.0;
    if (f->n <= (size_t)f->p || !rgq_cholesky_solve(a, f->p, inverse, f->p))
        return;
    for (int j = 0; j < f->p; j++)
        report->sd[j] = sqrt(s->rss / (double)(f->n - (size_t)f->p) * inverse[j * f->p + j]);
}

static rgq_status check_problem(const double *x, const rgq_fit_problem *f, rgq_error *err)
{
    if (f->p < 1 || f->p > P || f->n < (size_t)f->p)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%zu values for %d parameters; as many values as parameters are "
                         "needed, and at most %d parameters",
                         f->n, f->p, (int)P);
    for (int j = 0; j < f->p; j++)
        if (!(x[j] >= f->lo[j] && x[j] <= f->hi[j]))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "parameter %d begins at %g, outside its bounds %g .. %g", j, x[j],
                             f->lo[j], f->hi[j]);
    return RGQ_OK;
}

rgq_status rgq_fit_least_squares(double *x, rgq_fit_report *report,
                                 const rgq_fit_problem *problem, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    state s = {.problem = problem};
    double *memory = NULL;
    double damping = 1e-3;

    *report = (rgq_fit_report){.rss = (double)NAN};
    RGQ_TRY(err, check_problem(x, problem, err));
    RGQ_TRY(err,
            rgq_alloc(&memory, problem->n, ((size_t)problem->p + 2) * sizeof *memory, err));
    s.residual = memory;
    s.trial = memory + problem->n;
    s.jacobian = memory + 2 * problem->n;
    problem->residuals(s.residual, x, problem->user);
    s.rss = sum_of_squares(s.residual, problem->n);
    if (!isfinite(s.rss)) {
        st = RGQ_RAISE(err, RGQ_E_NUMERIC, "the residuals at the start are not finite");
        goto out;
    }
    while (report->iterations < ITERATIONS_MAX && advance(&s, x, &damping))
        report->iterations++;
    report->converged = report->iterations < ITERATIONS_MAX;
    report->rss = s.rss;
    find_sd(report, &s, x);
out:
    rgq_free(memory);
    return st;
}
