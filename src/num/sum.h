/* Sums that do not depend on the number of threads. */
#ifndef RGQ_NUM_SUM_H
#define RGQ_NUM_SUM_H

#include "rgdquant/error.h"

/**
 * @brief Sum of floats in double.
 *
 * The index range is cut into blocks of fixed length that depends on `count` alone; each is
 * summed serially and the partial sums are added in order.
 *
 * Threads: same bits for any thread count. Cost: one pass.
 */
RGQ_API double rgq_sum(const float *values, size_t count);

#endif
