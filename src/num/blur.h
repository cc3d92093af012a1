/* A convolution that is prepared once and run many times: partial-volume correction, series. */
#ifndef RGQ_NUM_BLUR_H
#define RGQ_NUM_BLUR_H

#include <stdbool.h>
#include <stddef.h>

#include "num/conv.h"
#include "num/kernel.h"
#include "rgdquant/convolution.h"

/** A kernel that need not separate: n[0] * n[1] * n[2] weights, x fastest, each n odd, the
 * centre in the middle. */
typedef struct rgq_kernel_image {
    int n[3];
    const float *weight; /**< borrowed; used as it is, not normalised */
} rgq_kernel_image;

typedef struct rgq_blur_spec {
    int n[3];        /**< voxels of the volumes it will be run on */
    double sigma[3]; /**< standard deviation along x, y, z [voxels]; not used with `image` */
    rgq_kernel_kind kernel;
    const rgq_kernel_image *image; /**< or NULL: a Gaussian */
    rgq_border border;
    rgq_conv_path path;
} rgq_blur_spec;

typedef struct rgq_blur rgq_blur;

/**
 * @brief Prepare a convolution for volumes of one size.
 *
 * A Gaussian, and an image that is a product of three symmetric profiles within 1e-6 of its
 * largest weight, goes by the separable sum (num/fir.h); another image by the direct sum
 * (num/direct.h). Both are RGQ_CONV_FIR. RGQ_CONV_AUTO takes what num/cost.h expects to be the
 * faster. The taps of a Gaussian are those of rgq_gauss_taps() or rgq_itk_taps() on every path.
 *
 * @param[out] out  caller frees it with rgq_blur_free(); NULL on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT as rgq_conv_gaussian(), or for an image with an even side or a
 *         weight that is not finite; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blur_create(rgq_blur **out, const rgq_blur_spec *spec,
                                                  rgq_error *err);
RGQ_API void rgq_blur_free(rgq_blur *blur);
RGQ_API const rgq_conv_report *rgq_blur_report(const rgq_blur *blur);
/** The three kernels along x, y, z it is made of; NULL where it does not separate. Belong to
 * the blur. */
RGQ_API const rgq_taps *rgq_blur_taps(const rgq_blur *blur);

/**
 * @brief Something done with every finished piece of the result while it is in the cache.
 *
 * `run` gets `count` voxels of the result from index `at` on, may change them, and may add to
 * its two sums. Each voxel is given once. Pieces and the order in which their sums are added do
 * not depend on the number of threads; `run` is called by several threads at once, with
 * subnormal numbers flushed to 0. A piece is a part of a row up to a few rows; it was just
 * written, so that `run` finds it in the cache. A loop of `run` that adds up needs several sums
 * side by side, or it waits for each addition longer than for the blur.
 */
typedef struct rgq_blur_after {
    void (*run)(void *context, float *piece, size_t at, size_t count, double sum[2]);
    void *context;
    double sum[2]; /**< out */
    /** Volumes that `run` reads or writes at the same voxels, or NULL: the blur has them
     * fetched from memory ahead of it, which takes most of the time of a simple `run`. */
    const float *beside[2];
} rgq_blur_after;

/** out = h * in. `out` may be `in`, else they do not overlap. `after` may be NULL.
 *  Threads: same bits for any number of them, the sums of `after` too; one call at a time for
 *  one `blur`. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blur_run(rgq_blur *blur, float *out, const float *in,
                                               rgq_blur_after *after, rgq_error *err);

/** The same with the kernel turned over (h'): the same for a Gaussian. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blur_run_turned(rgq_blur *blur, float *out,
                                                      const float *in, rgq_blur_after *after,
                                                      rgq_error *err);

/**
 * @brief h * 1, `turned`: h' * 1, for `count` voxels from index `at` on, without a blur.
 *
 * Below the kernel's sum only near the sides of the volume, and only with RGQ_BORDER_ZERO.
 * May be called by several threads, in the `run` of rgq_blur_after too.
 */
RGQ_API void rgq_blur_ones(const rgq_blur *blur, bool turned, float *out, size_t at,
                           size_t count);

/** Box of the voxels that something inside the box (lo, n) can reach, within the volume. */
RGQ_API void rgq_blur_reach(const rgq_blur *blur, const int lo[3], const int n[3],
                            int reach_lo[3], int reach_n[3]);

/**
 * @brief h * in for an image that is zero outside a box: only the box it reaches is computed.
 *
 * The result is what rgq_blur_run() gives there, within 1e-6 of the maximum, with the border
 * rule at the sides of the volume.
 *
 * @param[in,out] box   reach_n[0] * reach_n[1] * reach_n[2] voxels of the box that
 *                      rgq_blur_reach() gives, x fastest; zero outside the inner box. Of an
 *                      image that goes on outside, what lies further than the kernel's radius
 *                      from the sides of this box that are not sides of the volume is right
 * @return RGQ_OK; RGQ_E_ARGUMENT for a box that leaves the volume, RGQ_E_NOMEM (`box`
 * untouched) Threads: serial inside; may be called by several threads for one `blur`, but not
 * beside rgq_blur_run(). Nothing is allocated but for wide kernels that do not separate, whose
 * boxes are transformed, one at a time.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blur_box(const rgq_blur *blur, float *box,
                                               const int reach_lo[3], const int reach_n[3],
                                               rgq_error *err);

#endif
