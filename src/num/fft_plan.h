/* Plans of FFTW, and what FFTW has learnt about this machine. Only fft*.c include this. */
#ifndef RGQ_NUM_FFT_PLAN_H
#define RGQ_NUM_FFT_PLAN_H

#include <fftw3.h>
#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/error.h"

enum {
    RGQ_FFT_ALIGNMENT = 64, /* bytes; fixed, since FFTW plans by it */
    RGQ_FFT_BLOCK = 16      /* columns that are transformed together: two cache lines */
};

/* Transforms of one length. Rows are real and transformed in place; columns are complex, a
 * block of them at a time from one scratch to another: element i of column c lies at
 * i * RGQ_FFT_BLOCK + c. Plans use one thread: the callers run them in parallel. */
typedef struct rgq_fft_plan {
    fftwf_plan forward;
    fftwf_plan inverse;
    bool from_wisdom; /* both were measured by rgq_fft_tune() */
} rgq_fft_plan;

/** Plans of a row; `row` is an aligned row to plan with, overwritten. Ends in RGQ_E_NOMEM if
 *  FFTW has none. */
RGQ_MUST_CHECK rgq_status rgq_fft_plan_row(rgq_fft_plan *out, int length, float *row,
                                           rgq_error *err);

/** Plans of a block of columns from `a` to `b` and back. */
RGQ_MUST_CHECK rgq_status rgq_fft_plan_columns(rgq_fft_plan *out, int length, float *a,
                                               float *b, rgq_error *err);

void rgq_fft_plan_release(rgq_fft_plan *plan);

/** Floats of a row of `length` voxels or of its spectrum, rounded up to whole cache lines. */
size_t rgq_fft_row_floats(int length);

/** The first float from `block` on that is aligned; up to RGQ_FFT_ALIGNMENT - 1 bytes on. */
float *rgq_fft_aligned(float *block);

#endif
