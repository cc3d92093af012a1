/* The matrix of a regional method, its inverse, and what noise does to the means. */
#ifndef RGQ_PVC_TRANSFER_H
#define RGQ_PVC_TRANSFER_H

#include "num/kernel.h"
#include "pvc/frame.h"
#include "rgdquant/error.h"

enum { RGQ_TRANSFER_MAX = 4096, RGQ_NOISE_LAGS_MAX = 12 };

/** Parts without a voxel, which only the background can be, are left out of the matrix. */
struct rgq_transfer {
    int n;     /**< rows and columns */
    int *part; /**< n: which part a row belongs to */
    double *inverse;
    double condition;
    /** Covariance of the right-hand sides for noise of variance 1, n x n; NULL until noise was
     *  seen. Made for the first frame that has any, and kept. */
    double *noise;
    double *mean_factor; /**< n: variance of a part's mean for noise of variance 1 */
};

RGQ_MUST_CHECK rgq_status rgq_transfer_create(rgq_transfer **out, const rgq_parts *parts,
                                              rgq_error *err);
/** NULL is allowed. */
RGQ_API void rgq_transfer_free(rgq_transfer *transfer);

/** Invert the n x n `matrix`; `name` stands in the message.
 *  @return RGQ_OK; RGQ_E_NUMERIC where it is singular or nearly so; RGQ_E_NOMEM */
RGQ_MUST_CHECK rgq_status rgq_transfer_invert(rgq_transfer *transfer, const double *matrix,
                                              const char *name, rgq_error *err);

/** value[part] = inverse * right; `right` has n entries. Parts left out become NaN. */
void rgq_transfer_solve(const rgq_transfer *transfer, const double *right, int n_parts,
                        double *value);

/**
 * @brief Noise of the frame and the standard deviations it causes in frame->value.
 *
 * The residual e = f - h * sum T_i m_i is taken for noise, also what of it is misfit, which
 * widens the result. Its variance in part i is v_i = sum m_i e^2 / sum m_i, made larger by
 * 1 / (1 - q_i) where q_i <= 1/2 is the variance of the mean of the part for unit noise (the
 * fit has taken that out). Its autocorrelation rho = rho_x rho_y rho_z is that of e / sd in
 * bricks of 64 x 32 x 32 voxels evenly spread (up to 48 of them), along each axis up to the
 * first lag that is not positive or 12; for a series, of the first frame that has a residual.
 * Both enter as if noise of the variance of a part went into the sums that part does:
 *   cov(b_i, b_j) = sd_i sd_j <a_i, rho * a_j>
 * with a_i = m_i for GTM and h * m_i for Labbe, whose h is applied with a zero border and, if
 * it does not separate, as the Gaussian of the same width. The products are sums over a sample
 * of voxels of each part (pvc/sampled.h): standard deviations are right to some percent. cov(T)
 * = M^-1 cov(b) M^-1'.
 *
 * @param[in] residual  e of the whole frame
 */
RGQ_MUST_CHECK rgq_status rgq_transfer_noise(rgq_transfer *transfer, rgq_pvc_frame *frame,
                                             const float *residual, bool blurred,
                                             rgq_error *err);

/** model = h * sum T_i m_i with T = frame->value. One paint and one blur. */
RGQ_MUST_CHECK rgq_status rgq_pvc_model(rgq_pvc_frame *frame, float *model, rgq_error *err);

/** model = data - model */
void rgq_pvc_residual(const rgq_pvc_frame *frame, float *model);

/** T of GTM into frame->value, h * sum T_i m_i into `model`; value_sd is left for
 *  rgq_transfer_noise(frame->gtm, ...). */
RGQ_MUST_CHECK rgq_status rgq_gtm_solve(rgq_pvc_frame *frame, float *model, rgq_error *err);

#endif
