/* Blurs that know the regions: what of h * image stays in its region, what goes into others. */
#ifndef RGQ_PVC_REGIONAL_H
#define RGQ_PVC_REGIONAL_H

#include <stddef.h>

#include "num/blur.h"
#include "pvc/parts.h"

typedef struct rgq_regional rgq_regional;

/**
 * @brief Prepare for the parts of a volume.
 *
 * The volume is cut into tiles. On each of them the parts that are there are blurred one by one
 * by rgq_blur_box(), so that a region costs only where it lies, and nothing of the size of the
 * volume is held. A tile that one part fills, as far as the kernel reaches, costs one blur of
 * the image, or none.
 *
 * @param[out] out    caller frees it with rgq_regional_free(); NULL on failure
 * @param[in]  parts  borrowed
 * @param[in]  blur   borrowed; its kernel adds up to 1
 * @param[in]  n      voxels of the volume
 * @param[in]  border that of the blur
 * Memory: for each thread some 5 tiles of 64 x 32 x 32 voxels with the reach of the kernel.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regional_create(rgq_regional **out,
                                                      const rgq_parts *parts,
                                                      const rgq_blur *blur, const int n[3],
                                                      rgq_border border, rgq_error *err);
RGQ_API void rgq_regional_free(rgq_regional *regional);

/** What a job needs of the arrays below. */
typedef enum rgq_regional_want {
    RGQ_REGIONAL_INNER = 1,
    RGQ_REGIONAL_OUTER = 2,
    RGQ_REGIONAL_RECOVERY = 4,
    RGQ_REGIONAL_INVERSE = 8
} rgq_regional_want;

/** A piece of a row of voxels; arrays that were not asked for are NULL. */
typedef struct rgq_regional_row {
    size_t at; /**< index of the first voxel in the volume */
    size_t count;
    const float *inner;    /**< sum over parts of m_i (h * (m_i image)) */
    const float *outer;    /**< sum over parts of (1 - m_i) (h * (m_i image)) */
    const float *recovery; /**< sum over parts of m_i (h * m_i) */
    /** Sum over parts of m_i / (h * m_i); parts whose h * m_i is not above RGQ_REGIONAL_LEAST
     *  are left out, and one of them makes the voxel count as guarded. */
    const float *inverse;
} rgq_regional_row;

/** Smallest divisor: h * m_i of 1 is known to some 1e-7. */
static const float RGQ_REGIONAL_LEAST = 1e-6F;

typedef struct rgq_regional_job {
    const float *image; /**< whole volume; may be NULL without INNER and OUTER */
    unsigned want;      /**< of rgq_regional_want, or-ed */
    /** Called once for every row of every tile, by several threads at once; may add to two
     *  sums, whose order does not depend on the number of threads. It must not change `image`.
     */
    void (*run)(void *context, const rgq_regional_row *row, double sum[2]);
    void *context;
    double sum[2];  /**< out */
    double guarded; /**< out: voxels, see `inverse` */
} rgq_regional_job;

/** Threads: same bits for any number of threads. Allocates nothing. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regional_run(rgq_regional *regional,
                                                   rgq_regional_job *job, rgq_error *err);

/**
 * @brief Blur within the regions: out = inner / recovery, which keeps constants.
 *
 * Where recovery is too small to divide by, the voxel keeps its value.
 *
 * @param[out]    out    whole volume, not `image`; NULL: only `after` is wanted
 * @param[in,out] after  as for rgq_blur_run(), piece by piece; may be NULL
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_regional_blur(rgq_regional *regional, float *out,
                                                    const float *image, rgq_blur_after *after,
                                                    rgq_error *err);

#endif
