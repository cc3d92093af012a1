/**
 * @file psf.h
 * @brief The point spread function of a scanner, as partial-volume correction takes it.
 */
#ifndef RGDQUANT_PSF_H
#define RGDQUANT_PSF_H

#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A Gaussian, or a measured kernel. A plain struct: set it as you like, the steps check it. */
typedef struct rgq_psf {
    /** Full width at half maximum along the voxel axes x, y, z [mm], each >= 0 (0: no blur
     *  along that axis), not all 0; not looked at where `image` is set. It is the width beyond
     *  that of the voxel: no voxel integration is added. */
    double fwhm_mm[3];
    /** Measured kernel or NULL: odd number of voxels along each axis, its centre in the middle
     *  voxel, spacing of the scan within 1 %, sum > 0 (it is normalised); borrowed. */
    const rgq_volume *image;
} rgq_psf;

#define RGQ_PSF_INIT                                                                           \
    {                                                                                          \
        {0.0, 0.0, 0.0}, NULL                                                                  \
    }

#ifdef __cplusplus
}
#endif

#endif
