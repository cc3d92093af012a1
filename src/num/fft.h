/* Convolution by the Fourier transform. */
#ifndef RGQ_NUM_FFT_H
#define RGQ_NUM_FFT_H

#include "num/kernel.h"
#include "rgdquant/convolution.h"

/** Version of FFTW, e.g. "fftw-3.3.10-sse2-avx". */
RGQ_API const char *rgq_fft_version(void);

/**
 * @brief Lengths a transform of an axis is padded to.
 *
 * The kernel's reach is added at both ends (at one for RGQ_BORDER_ZERO, nothing for a periodic
 * axis whose length has no prime factor above 7), then the next number without a prime factor
 * above 7 is taken; the first axis is made even where it is padded at all.
 */
RGQ_API void rgq_fft_padded(int padded[3], const int n[3], const int radius[3],
                            rgq_border border);

/**
 * @brief What rgq_fir_separable() computes, by one real transform forth and back.
 *
 * Single precision, in place in one padded buffer that is filled as the border rule says; the
 * transfer function is the product of those of the three tap sets, in double. Plans are
 * FFTW_ESTIMATE, so that they, and the bits, are the same in every run and for any number of
 * threads.
 *
 * @param[in,out] data  n[0] * n[1] * n[2] voxels, x fastest; unchanged on failure
 * @return RGQ_OK; RGQ_E_NOMEM
 * Memory: the padded volume. Cost: O(N log N) for N padded voxels.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_separable(float *data, const int n[3],
                                                    const rgq_taps taps[3], rgq_border border,
                                                    rgq_error *err);

#endif
