/* What Richardson-Lucy and Van Cittert share: the loop, its two blurs, what is reported. */
#ifndef RGQ_PVC_DECONVOLUTION_H
#define RGQ_PVC_DECONVOLUTION_H

#include <stdbool.h>

#include "pvc/change.h"
#include "pvc/deconvolution_loops.h"
#include "pvc/frame.h"

/** What the two hooks of a method get as their context. */
typedef struct rgq_deconvolution {
    rgq_deconvolution_loops loops;
    const float *observed; /**< f */
    const float *estimate; /**< g before the iteration */
    float *copy;           /**< takes g after it as well; or NULL */
    float least;           /**< smallest h * g that is divided by */
    float scale;           /**< 1 / the largest |f| */
    float relaxation;      /**< a of VC */
    bool clip;             /**< VC: estimates below 0 become 0 */
    rgq_change change;
} rgq_deconvolution;

/** A method by its hooks for rgq_blur_run(). */
typedef struct rgq_deconvolution_rule {
    /** Makes of a piece of h * g what is blurred by h'; adds (f - h * g)^2 scale^2 to sum[0]
     * and the divisions it left out to sum[1]. */
    void (*compare)(void *deconvolution, float *piece, size_t at, size_t count, double sum[2]);
    /** Makes of a blurred piece that of the new g and gives it to rgq_deconvolution_keep();
     * adds the voxels done to sum[0]. */
    void (*update)(void *deconvolution, float *piece, size_t at, size_t count, double sum[2]);
    /** May the data fit get worse? If not, the run is stopped when it has doubled. */
    bool free_fit;
} rgq_deconvolution_rule;

/**
 * @brief Iterate on frame->data and leave g there.
 *
 * As the second of a pair the regions are known, and borders between them are sharp already:
 * then h * g is replaced by sum_i m_i (h * (m_i g)) / sum_i m_i (h * m_i), the blur within each
 * region, in both places of the formula. It keeps constants, so that a uniform region stays as
 * it is.
 *
 * @param[in] largest  the largest |f|
 * Memory: 2 volumes beside the frame; in pairs a few tiles more.
 */
RGQ_MUST_CHECK rgq_status rgq_pvc_deconvolve(rgq_pvc_frame *frame,
                                             const rgq_deconvolution_rule *rule, float largest,
                                             rgq_error *err);

/** A piece of the new g is done; most: bits of its largest change and value. */
void rgq_deconvolution_keep(rgq_deconvolution *d, const float *piece, size_t at, size_t count,
                            const uint32_t most[2]);

#endif
