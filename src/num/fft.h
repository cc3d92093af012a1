/* Convolution by the Fourier transform: a transform that is prepared once for a size and a
 * border rule, and run over as many volumes as there are. */
#ifndef RGQ_NUM_FFT_H
#define RGQ_NUM_FFT_H

#include <stdbool.h>

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

/** The next number from `n` on without a prime factor above 7. */
RGQ_API int rgq_fft_smooth(int n);

/** What a transform is prepared for. */
typedef struct rgq_fft_layout {
    int n[3];     /**< voxels of the volumes, each >= 1 */
    int reach[3]; /**< how far the kernel reaches along each axis [voxels] */
    rgq_border border;
    /** The kernel ends nowhere: a periodic axis is not padded, whatever its length, so that it
     *  wraps round as it should; elsewhere the border rule fills all of the padding, from
     *  either side to the middle. */
    bool endless;
} rgq_fft_layout;

/** What was prepared. */
typedef struct rgq_fft_report {
    int padded[3];     /**< lengths that are transformed */
    bool from_wisdom;  /**< all plans were measured by rgq_fft_tune(), none was estimated */
    size_t bytes;      /**< memory held */
    double gain_error; /**< rgq_fft_set_radial(): see there; else 0 */
} rgq_fft_report;

typedef struct rgq_fft rgq_fft;

/**
 * @brief Prepare a convolution; give it a kernel with one of the four functions below.
 *
 * Rows, columns of slices and lines across slices are transformed apart, by single-threaded
 * plans that run in parallel, so that the bits are the same for any number of threads with
 * every plan. Padding along z exists only while a line is in the cache: the buffer holds n[2]
 * slices of padded[0] x padded[1] voxels. Plans are those of rgq_fft_tune() where FFTW has been
 * given them, else FFTW_ESTIMATE, which plans the same in every run.
 *
 * @param[out] out  caller frees it with rgq_fft_free(); NULL on failure
 * @return RGQ_OK; RGQ_E_NOMEM
 * Memory: the buffer, and for each thread 384 bytes a voxel of the longer padded side.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_create(rgq_fft **out, const rgq_fft_layout *layout,
                                                 rgq_error *err);

/** NULL is allowed. */
RGQ_API void rgq_fft_free(rgq_fft *fft);

RGQ_API rgq_fft_report rgq_fft_describe(const rgq_fft *fft);

/** A product of three symmetric kernels, transformed in double; their radii must not exceed the
 *  reach (an assertion). The taps are not kept. @return RGQ_OK; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_set_separable(rgq_fft *fft, const rgq_taps taps[3],
                                                        rgq_error *err);

/** The sum of three products: bent[0] flat[1] flat[2] + flat[0] bent[1] flat[2] + flat[0]
 *  flat[1] bent[2], a Laplacian. @return RGQ_OK; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_set_laplacian(rgq_fft *fft, const rgq_taps flat[3],
                                                        const rgq_taps bent[3], rgq_error *err);

/** Gain at the sum of squares u = f_x^2 + f_y^2 + f_z^2 of scaled frequencies, u >= 0. */
typedef double (*rgq_fft_gain)(double u, const void *context);

/**
 * @brief A gain that depends on a weighted distance from frequency zero.
 *
 * f_i = scale[i] times the frequency in cycles per voxel: with scale[i] = 1 / spacing, f is in
 * cycles per unit of length on anisotropic voxels.
 *
 * The gain is tabulated over u in cells of equal relative width, a cubic in each; the cells are
 * halved until the largest error at three places of every cell is below 2e-7 of max(1, |gain|),
 * down to 1/4096 of u. rgq_fft_report.gain_error has what was reached. Every filter of
 * rgdquant stays within 1e-6 of its formula.
 *
 * @param[in] scale  each >= 0
 * @return RGQ_OK; RGQ_E_NUMERIC where the gain is not finite; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_set_radial(rgq_fft *fft, const double scale[3],
                                                     rgq_fft_gain gain, const void *context,
                                                     rgq_error *err);

/**
 * @brief An arbitrary kernel: size[0] * size[1] * size[2] weights, x fastest, each size odd,
 *        the centre in the middle, (size - 1) / 2 within the reach (an assertion).
 *
 * out[i] = sum over k of weight[k] in[i - k]. The spectrum is kept for the slices of the kernel
 * alone and completed line by line: size[2] slices of memory instead of the whole.
 *
 * @return RGQ_OK; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_set_image(rgq_fft *fft, const int size[3],
                                                    const float *weight, rgq_error *err);

/**
 * @brief A kernel that is even along every axis, given by one eighth of it.
 *
 * The weight of offset (dx, dy, dz) is weight[|dz|][|dy|][|dx|], x fastest, with reach[0] + 1
 * weights along x. What rgq_fft_set_image() does for the whole, with half the memory and half
 * the time: slices at +z and -z have one spectrum.
 *
 * @param[in] reach  each within the reach of the layout (an assertion); an axis where the whole
 *                   kernel is longer than the transform wraps round
 * @return RGQ_OK; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_set_even(rgq_fft *fft, const int reach[3],
                                                   const float *weight, rgq_error *err);

/**
 * @brief out = kernel * in, in single precision.
 *
 * @param[out] out     n[0] * n[1] * n[2] voxels, x fastest; may be `in`, else no overlap
 * @param[in]  turned  use the kernel turned over: weight[-k]; no difference for symmetric ones
 * Threads: one run at a time for one `fft`; same bits for any thread count.
 */
RGQ_API void rgq_fft_run(rgq_fft *fft, float *out, const float *in, bool turned);

/**
 * @brief What rgq_fir_run() computes, by one real transform forth and back.
 *
 * @param[in,out] data  n[0] * n[1] * n[2] voxels, x fastest; unchanged on failure
 * @return RGQ_OK; RGQ_E_NOMEM
 * Memory: as rgq_fft_create(). Cost: O(N log N) for N padded voxels.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_separable(float *data, const int n[3],
                                                    const rgq_taps taps[3], rgq_border border,
                                                    rgq_error *err);

/* ---- plans that are measured once and kept ---- */

enum { RGQ_FFT_LENGTH_MAX = 1 << 17 };

typedef enum rgq_fft_effort { RGQ_FFT_MEASURE, RGQ_FFT_PATIENT } rgq_fft_effort;

/**
 * @brief Let FFTW try out the transforms of one length and remember the fastest.
 *
 * @param[in] as_row  the real transforms of a row (the x axis), else the complex ones of
 *                    columns (y and z)
 * @return RGQ_OK; RGQ_E_ARGUMENT; RGQ_E_NOMEM
 * Cost: some 0.1 to 1 s; RGQ_FFT_PATIENT a few times that.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_tune(int length, bool as_row, rgq_fft_effort effort,
                                               rgq_error *err);

/** Give FFTW what it had learnt. @return RGQ_OK; RGQ_E_FORMAT if it does not take it */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_wisdom_import(const char *text, rgq_error *err);

/** What FFTW has learnt, as text. @param[out] out  caller frees it with rgq_free() */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_fft_wisdom_export(char **out, rgq_error *err);

/** Forget all of it, in this process. */
RGQ_API void rgq_fft_wisdom_forget(void);

#endif
