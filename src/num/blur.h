/* A convolution that is prepared once and run many times: partial-volume correction, series. */
#ifndef RGQ_NUM_BLUR_H
#define RGQ_NUM_BLUR_H

#include <stddef.h>

#include "num/conv.h"
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

/** @param[out] out  caller frees it with rgq_blur_free(); NULL on failure
 *  @return RGQ_OK; RGQ_E_ARGUMENT as rgq_conv_gaussian(); RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blur_create(rgq_blur **out, const rgq_blur_spec *spec,
                                                  rgq_error *err);
RGQ_API void rgq_blur_free(rgq_blur *blur);
RGQ_API const rgq_conv_report *rgq_blur_report(const rgq_blur *blur);

/**
 * @brief Something done with every finished piece of the result while it is in the cache.
 *
 * `run` gets `count` voxels of the result from index `at` on, may change them, and may add to
 * its two sums. Each voxel is given once. Pieces and the order in which their sums are added do
 * not depend on the number of threads; `run` is called by several threads at once.
 */
typedef struct rgq_blur_after {
    void (*run)(void *context, float *piece, size_t at, size_t count, double sum[2]);
    void *context;
    double sum[2]; /**< out */
} rgq_blur_after;

/** out = h * in. `out` may be `in`, else they do not overlap. `after` may be NULL. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blur_run(rgq_blur *blur, float *out, const float *in,
                                               rgq_blur_after *after, rgq_error *err);

/** The same with the kernel turned over (h'): the same for a Gaussian. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blur_run_turned(rgq_blur *blur, float *out,
                                                      const float *in, rgq_blur_after *after,
                                                      rgq_error *err);

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
 *                      rgq_blur_reach() gives, x fastest; zero outside the inner box
 * Threads: may be called by several threads for one `blur`; the work inside is then serial.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_blur_box(const rgq_blur *blur, float *box,
                                               const int reach_lo[3], const int reach_n[3],
                                               rgq_error *err);

#endif
