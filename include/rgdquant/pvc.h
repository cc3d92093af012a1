/**
 * @file pvc.h
 * @brief Partial-volume correction.
 *
 * Place in the pipeline: scan -> volume -> calibrate -> filter/[PVC] -> regions -> ...
 *
 * Notation of all methods: f the observed image, h the PSF, * convolution, m_i the regions with
 * m_0 = 1 - sum m_i the background, t_i = sum m_i f / sum m_i the observed and T_i the
 * corrected mean of region i.
 */
#ifndef RGDQUANT_PVC_H
#define RGDQUANT_PVC_H

#include "rgdquant/convolution.h"
#include "rgdquant/labels.h"
#include "rgdquant/log.h"
#include "rgdquant/psf.h"
#include "rgdquant/regions.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rgq_pvc_method {
    RGQ_PVC_NONE, /**< only as the second of a combination: nothing follows */
    RGQ_PVC_RL,   /**< Richardson-Lucy: g <- g (h' * (f / (h * g))), g_0 = f */
    RGQ_PVC_VC,   /**< reblurred Van Cittert: g <- g + a h' * (f - h * g), g_0 = f; stopped with
                       RGQ_E_NUMERIC where f - h * g has doubled */
    RGQ_PVC_GTM,  /**< geometric transfer matrix: t = W T, W_ij = sum m_i (h * m_j) / sum m_i */
    RGQ_PVC_LABBE, /**< least squares of f on h * m_j */
    RGQ_PVC_RBV,   /**< region-based voxelwise: f s / (h * s), s = sum T_i m_i of GTM */
    RGQ_PVC_MTC,   /**< multi-target: (f - sum_j!=i T_j h * m_j) / (h * m_i) in region i */
    RGQ_PVC_IY,    /**< iterative Yang: RBV whose T_i are the means of the last result */
    RGQ_PVC_MG, /**< Mueller-Gaertner: MTC of one target; the means of the others, given or of
                     GTM, are what the image holds outside it */
    RGQ_PVC_STC /**< single-target correction of all parts at once:
                     g <- (f - sum (1 - m_i) (h * (m_i g))) / sum m_i (h * m_i), g_0 = f */
} rgq_pvc_method;

/** What Richardson-Lucy does with voxels below 0. The others are linear in them, or keep them;
 *  with RGQ_NEGATIVES_ZERO, VC and STC set what falls below 0 in an iteration to 0, as PETPVC
 *  does (cite:Thomas2016). Behind another method, RL takes what lies less than 1e-6 of the
 *  maximum below 0 for rounding and for 0. */
typedef enum rgq_negatives { RGQ_NEGATIVES_REFUSE, RGQ_NEGATIVES_ZERO } rgq_negatives;

/** "rl", "rbv", ...; "?" for a number that is none of them. */
RGQ_API const char *rgq_pvc_method_name(rgq_pvc_method method);

/** Does it need regions? All but RL and VC do. */
RGQ_API bool rgq_pvc_needs_regions(rgq_pvc_method method);

/**
 * @brief "rbv", "rl", "iy+vc": a method, and one of RL and VC that is run on its result.
 *
 * RL and VC can follow RBV, MTC, IY, MG and STC, which leave an image. Borders between regions
 * are sharp in it already, so they are run inside the regions: in both places of the formula
 * h * g becomes sum m_i (h * (m_i g)) / sum m_i (h * m_i), which keeps what is uniform.
 * PETPVC's pairs use the same blur, without the second one.
 * @return RGQ_OK; RGQ_E_ARGUMENT with the names there are (`method`, `then` untouched)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_pvc_parse(rgq_pvc_method *method, rgq_pvc_method *then,
                                                const char *text, rgq_error *err);

typedef struct rgq_pvc_opts {
    rgq_pvc_method method;
    rgq_pvc_method then; /**< RGQ_PVC_NONE, RL or VC, run on the result of `method` */
    rgq_psf psf;
    rgq_kernel_kind kernel;
    rgq_border border;
    rgq_conv_path path;
    int iterations;      /**< of RL, VC, IY, STC; 0: 10 for each of them (VC: 30) */
    int then_iterations; /**< of `then`; 0: 10 (VC: 30) */
    double tolerance;    /**< stop when max |change| / max |g| of an iteration falls below it;
                              0: run all iterations */
    double relaxation;   /**< a of VC, 0 < a <= 2 */
    rgq_negatives negatives;
    const char *target; /**< MG: name or label of the target region; NULL: the first */
    /** MG: means of the regions other than the target, in the order of the regions, the
     *  background first; NULL: those of GTM. Borrowed. */
    const double *values;
} rgq_pvc_opts;

#define RGQ_PVC_OPTS_INIT                                                                      \
    {                                                                                          \
        RGQ_PVC_NONE, RGQ_PVC_NONE, RGQ_PSF_INIT, RGQ_KERNEL_EXACT, RGQ_BORDER_REPLICATE,      \
            RGQ_CONV_AUTO, 0, 0, 0.0, 1.0, RGQ_NEGATIVES_REFUSE, NULL, NULL                    \
    }

/** One region in one frame. Values are in the unit of the volume, NaN where a method has none.
 */
typedef struct rgq_pvc_value {
    double observed;  /**< t_i */
    double corrected; /**< T_i of GTM and Labbe; else the mean of the corrected image */
    /** Standard deviation of `corrected` that the noise of the image causes, propagated by the
     *  linear estimator (GTM, Labbe; for RBV and MTC that of GTM); NaN for the others, which
     * need no matrix. The noise comes from the residual f - h * sum T_i m_i and its measured
     * autocorrelation. */
    double corrected_sd;
} rgq_pvc_value;

/** One iteration. */
typedef struct rgq_pvc_step {
    int frame;
    int iteration; /**< from 1 */
    bool then;     /**< of the second method */
    double fit;    /**< root mean square of f - h * g before the update, in the image's unit */
    double change; /**< max |g_new - g_old| / max |g_new| */
} rgq_pvc_step;

/** What was done. Zero it before; release with rgq_pvc_report_release(). */
typedef struct rgq_pvc_report {
    int n_regions; /**< with the background, which is the first; 0 without regions */
    int n_frames;
    char (*name)[RGQ_REGION_NAME_MAX]; /**< n_regions names; [0] is "background" */
    int *label;                        /**< n_regions; [0] is 0 */
    double *volume_ml;                 /**< n_regions */
    rgq_pvc_value *value;              /**< n_frames x n_regions, frame by frame */
    rgq_pvc_step *step;                /**< in the order they ran */
    int n_steps;
    /** 2-norm condition number of the matrix of GTM, or of the regressors of Labbe scaled to
     * unit length; NaN: none */
    double condition;
    rgq_conv_path path;          /**< of the blur of a whole frame */
    int radius[3];               /**< of the kernel [voxels] */
    double effective_fwhm_mm[3]; /**< 2.3548 times the root of the kernel's second moment */
    int n_negative; /**< voxels of the frames below 0 set to 0 (RL); capped at INT_MAX */
    int n_guarded;  /**< voxels where a division was left out since the divisor was 0 or too
                         small; capped at INT_MAX */
} rgq_pvc_report;

/** Frees what the report holds and clears it; a zeroed one is allowed. */
RGQ_API void rgq_pvc_report_release(rgq_pvc_report *report);

/**
 * @brief Correct every frame of a volume, in place.
 *
 * GTM and Labbe leave the corrected mean of its region in every voxel (fractional masks: the
 * sum m_i T_i). MTC leaves background voxels corrected like any region; MG and STC see mg.c,
 * stc.c. Counts of the background are label 0 or 1 - sum of the masks.
 *
 * @param[in,out] volume   finite; the corrected one on success; on failure its voxels are
 *                         undefined
 * @param[in]     labels   label map on the volume's grid, or NULL
 * @param[in]     regions  the same as masks, or NULL; at most one of both; needed by all
 * methods but RL and VC
 * @param[out]    report   zeroed; may be NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT (options; no regions; sum of masks above 1.001; PSF 0 or wider
 *         than the image); RGQ_E_GEOMETRY (other grid, axes not perpendicular); RGQ_E_NUMERIC
 *         (NaN, negative voxels in RL, a singular matrix, or values that are not finite after
 *         iteration N, which the message names); RGQ_E_NOMEM
 *
 * Memory: with a label map at most 4 volumes of one frame altogether, `volume` included,
 *         whatever the number of regions.
 * Threads: same bits for any thread count.
 * @see cite:Richardson1972 cite:Lucy1974 (RL), cite:Tohka2008 (RL, VC on PET), cite:Rousset1998
 *      (GTM), cite:Labbe1998, cite:Thomas2011 (RBV), cite:Erlandsson2012 (MTC, IY, review),
 *      cite:MullerGartner1992, cite:ErlandssonHutton2014 (STC)
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_pvc(rgq_volume *volume, const rgq_labels *labels,
                                          const rgq_regions *regions, const rgq_pvc_opts *opts,
                                          rgq_pvc_report *report, const rgq_log *log,
                                          rgq_error *err);

/** What of the options can be found wrong without a volume. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_pvc_check(const rgq_pvc_opts *opts, rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
