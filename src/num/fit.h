/* Non-linear least squares for a handful of parameters. */
#ifndef RGQ_NUM_FIT_H
#define RGQ_NUM_FIT_H

#include <stdbool.h>

#include "rgdquant/error.h"

enum { RGQ_FIT_PARAMETERS_MAX = 16 };

/** What is fitted. */
typedef struct rgq_fit_problem {
    size_t n; /**< residuals */
    int p;    /**< parameters, 1 .. RGQ_FIT_PARAMETERS_MAX; at most n */
    /** Fill the n residuals at `x`; the same bits whenever `x` is the same. */
    void (*residuals)(double *out, const double *x, void *user);
    void *user;
    const double *lo;   /**< least value of each parameter */
    const double *hi;   /**< and the largest, > lo */
    const double *step; /**< of the central differences of each parameter, > 0 */
} rgq_fit_problem;

/** What was found. */
typedef struct rgq_fit_report {
    double rss; /**< sum of the squared residuals */
    int iterations;
    bool converged;
    /** Standard deviation of each parameter, the residuals taken as independent and of equal
     *  variance; NaN where the data do not determine it. */
    double sd[RGQ_FIT_PARAMETERS_MAX];
} rgq_fit_report;

/**
 * @brief Levenberg-Marquardt with bounds.
 *
 * The normal matrix, scaled by its own diagonal, is solved by Cholesky; its derivatives are
 * central differences. A step that leaves the bounds is cut back to them. It ends when neither
 * the sum of squares nor any parameter moves by more than 1e-10 of itself, or after 200 steps.
 * GSL's fitter is not used: it asks for memory behind the back of the caller and ends the
 * process where there is none.
 *
 * @param[in,out] x       p parameters: where to begin, and the best found
 * @param[out]    report  always filled
 * @return RGQ_OK, also without convergence (report->converged); RGQ_E_ARGUMENT (counts, or a
 *         start outside the bounds); RGQ_E_NUMERIC (a residual at the start is not finite);
 *         RGQ_E_NOMEM
 * Cost: 2 p + 2 calls an iteration; (p + 2) n doubles.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fit_least_squares(double *x, rgq_fit_report *report,
                                                        const rgq_fit_problem *problem,
                                                        rgq_error *err);

/** Solve a symmetric positive definite system in place: `a` (p x p, row-major) becomes its
 *  Cholesky factor, `b` (p x m, row-major) the solution. False if `a` is not such a matrix. */
RGQ_API bool rgq_cholesky_solve(double *a, int p, double *b, int m);

#endif
