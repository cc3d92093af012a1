/* Products of columns that lie side by side, for normal equations. */
#ifndef RGQ_NUM_GRAM_H
#define RGQ_NUM_GRAM_H

#include <stddef.h>

#include "rgdquant/export.h"

enum { RGQ_GRAM_PAST = 64 };

/**
 * @brief out[j * stride + k] += sum over v of a[v][j] a[v][k] for k <= j < columns.
 *
 * Sums are kept in single precision within one call and added to `out` in double: call it for
 * a thousand rows at a time.
 *
 * @param[in] a  rows x columns, the columns of a row side by side; RGQ_GRAM_PAST floats behind
 *               the last one must be readable
 * The bits are the same on every x86-64 machine.
 */
RGQ_API void rgq_gram_add(double *out, size_t stride, const float *a, size_t rows,
                          size_t columns);

#endif
