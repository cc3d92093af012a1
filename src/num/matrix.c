#include "num/matrix.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

/* GSL's own allocation would end the program where memory is short: its structures are laid
 * over ours. */
typedef struct work {
    double *lu;
    double *square; /* A'A */
    double *eigen;  /* n eigenvalues, then GSL's 2 n */
    size_t *order;
} work;

static void multiply_transposed(double *out, const double *a, size_t n)
{
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            out[i * n + j] = 0.0;
        for (size_t k = 0; k < n; k++)
            for (size_t j = 0; j < n; j++)
                out[i * n + j] += a[k * n + i] * a[k * n + j];
    }
}

static double condition_of(work *w, const double *a, size_t n)
{
    gsl_matrix_view square = gsl_matrix_view_array(w->square, n, n);
    gsl_vector_view values = gsl_vector_view_array(w->eigen, n);
    gsl_eigen_symm_workspace space = {.size = n, .d = w->eigen + n, .sd = w->eigen + 2 * n};

    multiply_transposed(w->square, a, n);
    gsl_eigen_symm(&square.matrix, &values.vector, &space);
    double least = w->eigen[0];
    double most = w->eigen[0];
    for (size_t i = 1; i < n; i++) {
        least = fmin(least, w->eigen[i]);
        most = fmax(most, w->eigen[i]);
    }
    return least > 0.0 ? sqrt(most / least) : (double)INFINITY;
}

static bool invert(double *inverse, work *w, const double *a, size_t n)
{
    gsl_matrix_view lu = gsl_matrix_view_array(w->lu, n, n);
    gsl_matrix_view out = gsl_matrix_view_array(inverse, n, n);
    gsl_permutation order = {.size = n, .data = w->order};
    int sign = 0;

    memcpy(w->lu, a, n * n * sizeof *a);
    gsl_linalg_LU_decomp(&lu.matrix, &order, &sign);
    for (size_t i = 0; i < n; i++)
        if (w->lu[i * n + i] == 0.0)
            return false;
    gsl_linalg_LU_invert(&lu.matrix, &order, &out.matrix);
    return true;
}

rgq_status rgq_matrix_invert(double *inverse, double *condition, const double *a, size_t n,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    work w = {NULL, NULL, NULL, NULL};

    RGQ_TRY(err, rgq_alloc(&w.lu, n * n, sizeof *w.lu, err));
    RGQ_TRY(err, rgq_alloc(&w.square, n * n, sizeof *w.square, err));
    RGQ_TRY(err, rgq_alloc(&w.eigen, 3 * n, sizeof *w.eigen, err));
    RGQ_TRY(err, rgq_alloc(&w.order, n, sizeof *w.order, err));
    *condition = condition_of(&w, a, n);
    if (isfinite(*condition) && !invert(inverse, &w, a, n))
        *condition = (double)INFINITY;
out:
    rgq_free(w.order);
    rgq_free(w.eigen);
    rgq_free(w.square);
    rgq_free(w.lu);
    return st;
}
