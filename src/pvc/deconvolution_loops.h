/* The innermost loops of Richardson-Lucy and Van Cittert for the vectors this processor has. */
#ifndef RGQ_PVC_DECONVOLUTION_LOOPS_H
#define RGQ_PVC_DECONVOLUTION_LOOPS_H

#include <stddef.h>
#include <stdint.h>

/** Sums are kept in so many lanes, so that vectors do not change the order of an addition. */
enum { RGQ_PVC_LANES = 16 };

/** What each does stands in deconvolution_row.inc.h. */
typedef struct rgq_deconvolution_loops {
    void (*ratio)(float *restrict piece, const float *restrict f, size_t count, float least,
                  float scale, double sum[2]);
    void (*difference)(float *restrict piece, const float *restrict f, size_t count,
                       float scale, double sum[2]);
    void (*multiply)(float *restrict piece, const float *restrict g, size_t count,
                     uint32_t most[2]);
    void (*add)(float *restrict piece, const float *restrict g, size_t count, float a,
                float least, uint32_t most[2]);
} rgq_deconvolution_loops;

rgq_deconvolution_loops rgq_deconvolution_loops_best(void);

#endif
