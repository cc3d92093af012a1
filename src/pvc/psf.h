/* The blur of a point spread function on the grid of a scan. */
#ifndef RGQ_PVC_PSF_H
#define RGQ_PVC_PSF_H

#include "num/blur.h"
#include "rgdquant/pvc.h"

/** The normalised kernel image a blur borrows. Zero it; free `weight` after the blur. */
typedef struct rgq_pvc_kernel {
    rgq_kernel_image image;
    float *weight;
} rgq_pvc_kernel;

/**
 * @brief Check the PSF against the grid and prepare the blur.
 *
 * @param[out] out     caller frees it with rgq_blur_free(); NULL on failure
 * @param[out] kernel  must stay where it is as long as the blur lives; freed by the caller on
 *                     failure too
 * @return RGQ_OK; RGQ_E_GEOMETRY (axes not perpendicular; spacing of a kernel image);
 *         RGQ_E_ARGUMENT (wider than the image; an even kernel; sum <= 0); RGQ_E_NUMERIC;
 *         RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_pvc_blur_create(rgq_blur **out, rgq_pvc_kernel *kernel,
                                              const rgq_grid *grid, const rgq_pvc_opts *opts,
                                              rgq_error *err);

/** Standard deviations of a Gaussian PSF along the axes [voxels]. */
void rgq_pvc_sigma(double sigma[3], const rgq_grid *grid, const rgq_psf *psf);

#endif
