/* The innermost loops of convolutions for the vectors this processor has. */
#ifndef RGQ_NUM_FIR_LOOPS_H
#define RGQ_NUM_FIR_LOOPS_H

#include <stddef.h>

/** `row` and `pair` compute, for from (0) <= i < width and radius >= 1,
 *    out[i] = 0 + half[radius] (rows[0][i] + rows[2 radius][i]) + ... + half[0] rows[radius][i]
 *  `pair` also the next row, from rows[1] on; `sum`, for i < width,
 *    out[i] += weight[0] rows[0][i] + weight[1] rows[1][i] + ...
 *  The bits are the same on every processor. `out` overlaps no row. */
typedef struct rgq_fir_loops {
    void (*row)(float *restrict out, const float *const *rows, const float *half, int radius,
                size_t from, size_t width);
    void (*pair)(float *restrict out0, float *restrict out1, const float *const *rows,
                 const float *half, int radius, size_t width);
    void (*sum)(float *restrict out, const float *const *rows, const float *weight,
                size_t n_rows, size_t width);
} rgq_fir_loops;

rgq_fir_loops rgq_fir_loops_best(void);

#endif
