/* Small dense matrices. */
#ifndef RGQ_NUM_MATRIX_H
#define RGQ_NUM_MATRIX_H

#include <stddef.h>

#include "rgdquant/error.h"

/**
 * @brief Inverse of a square matrix, row by row, and its 2-norm condition number.
 *
 * LU decomposition with partial pivoting. The condition number is the root of the ratio of the
 * eigenvalues of A'A; above 1e7 it is too small by more than a percent, and infinite where the
 * least eigenvalue is not positive.
 *
 * @param[out] inverse    n * n; may be `a`
 * @param[out] condition  may be INFINITY; `inverse` is not set then
 * @return RGQ_OK; RGQ_E_NOMEM
 * Cost: O(n^3).
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_matrix_invert(double *inverse, double *condition,
                                                    const double *a, size_t n, rgq_error *err);

#endif
