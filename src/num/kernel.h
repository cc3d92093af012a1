/* Discrete kernels. */
#ifndef RGQ_NUM_KERNEL_H
#define RGQ_NUM_KERNEL_H

#include "rgdquant/error.h"

enum {
    RGQ_RADIUS_MAX = 4096, /**< widest kernel: a standard deviation of 1024 voxels */
    RGQ_ITK_RADIUS_MAX = 32
};

/** One symmetric kernel: `half[0]` weighs the voxel itself, `half[k]` the two at distance k. */
typedef struct rgq_taps {
    int radius;         /**< 0: the kernel that changes nothing */
    const double *half; /**< radius + 1 weights; half[0] + 2 sum half[k] = 1 */
} rgq_taps;

/** Radius of the Gaussian kernel: ceil(4 sigma), 0 for sigma = 0.
 *  @param[in] sigma  standard deviation [voxels], 0 .. RGQ_RADIUS_MAX / 4 */
RGQ_API int rgq_gauss_radius(double sigma);

/**
 * @brief Taps of a Gaussian whose width is right after it was sampled and cut off.
 *
 * half[k] is proportional to exp(-k^2 / (2 s^2)), k = 0 .. radius, normalised to a sum of 1; s
 * is such that the second moment 2 sum k^2 half[k] equals sigma^2 (relative 1e-12), so that the
 * variances of kernels add up however coarse the voxels are. A kernel of radius 1 is
 * [a, 1 - 2a, a] with 2a = sigma^2. All taps are positive.
 *
 * A Gaussian has 6.3e-5 of its weight beyond 4 sigma. What is cut off, and what widening s
 * for it moves, changes no tap by more than 4e-4 of the largest.
 *
 * @param[out] half    rgq_gauss_radius(sigma) + 1 weights
 * @param[in]  sigma   as for rgq_gauss_radius()
 * Cost: about 60 radius exponentials.
 */
RGQ_API void rgq_gauss_taps(double *half, double sigma);

/**
 * @brief Taps of ITK's discrete Gaussian with its defaults, which PETPVC leaves as they are.
 *
 * T(k) = exp(-t) I_k(t), t = sigma^2, the discrete analogue of the Gaussian; taken from the
 * middle outwards, at least to k = 1, until they add up to 0.99 or the radius is 32, then
 * normalised. What was cut off makes the kernel narrower than asked for: by 4.9 % for 6 mm FWHM
 * at 2 mm voxels, by 1.5 % for 8 mm; beyond a standard deviation of 12.4 voxels the limit of
 * the radius cuts more and more.
 *
 * T is computed by downward recursion normalised to sum T = 1; ITK's approximations differ from
 * it by 2e-7.
 *
 * @param[out] half   the taps; those beyond the radius are 0
 * @param[in]  sigma  standard deviation [voxels], 0 .. RGQ_RADIUS_MAX / 4
 * @return the radius: 0 for sigma = 0, else 1 .. RGQ_ITK_RADIUS_MAX
 * @see cite:Lindeberg1990
 */
RGQ_API int rgq_itk_taps(double half[RGQ_ITK_RADIUS_MAX + 1], double sigma);

/** Root of the second moment of taps in single precision, as the loops use them [voxels]. */
RGQ_API double rgq_taps_sigma(rgq_taps taps);

#endif
