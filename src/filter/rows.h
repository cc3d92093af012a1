/* The rows around a row: what a filter looks at that is no convolution. */
#ifndef RGQ_FILTER_ROWS_H
#define RGQ_FILTER_ROWS_H

#include "filter/work.h"

/** Rows of one thread: size[1] * size[2] of them, n[0] + size[0] - 1 floats each. */
typedef struct rgq_filter_rows {
    size_t count;
    size_t length;
} rgq_filter_rows;

rgq_filter_rows rgq_filter_rows_of(const rgq_filter_work *work);

/** Copy the rows around row (y, z) of `in`, continued by the border rule; row j of slice k of
 *  the neighbourhood is number k * size[1] + j. */
void rgq_filter_rows_fill(float *to, const rgq_filter_work *work, const float *in, int y,
                          int z);

/** Floats from thread to thread so that each has `floats` and none shares a cache line. */
size_t rgq_filter_stride(size_t floats);

#endif
