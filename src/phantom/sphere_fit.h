/* A blurred sphere with a cold wall: its profile in closed form, and the fit of its blur. */
#ifndef RGQ_PHANTOM_SPHERE_FIT_H
#define RGQ_PHANTOM_SPHERE_FIT_H

#include "phantom/model.h"
#include "phantom/placement.h"
#include "phantom/view.h"

/**
 * @brief A unit ball of radius R blurred by an isotropic Gaussian, at the distance r.
 *
 * g(r) = (erf((R - r)/q) + erf((R + r)/q)) / 2
 *        - s / (r sqrt(2 pi)) (exp(-((R - r)/q)^2) - exp(-((R + r)/q)^2)),  q = sqrt(2) s,
 * and at r = 0 its limit erf(R/q) - 2 R / (q sqrt(pi)) exp(-(R/q)^2).
 *
 * @param[in] r_mm      >= 0
 * @param[in] radius_mm > 0
 * @param[in] sigma_mm  > 0
 * @see test: tests/unit/phantom/test_sphere_fit.c, against a numerical convolution
 */
RGQ_API double rgq_blurred_ball(double r_mm, double radius_mm, double sigma_mm);

/** What is fixed in the fit of one sphere. */
typedef struct rgq_sphere_fit_opts {
    double radius_mm;
    double wall_mm;
    bool point_sampled; /* voxels hold the value at their centre, not the mean over the box */
    double inside;      /* value inside before the blur; NaN: fitted too */
    double fwhm_mm;     /* where to begin */
} rgq_sphere_fit_opts;

typedef struct rgq_sphere_fit {
    double centre_mm[3]; /* in the frame of the view */
    double fwhm_mm;
    double fwhm_sd_mm; /* from the residuals, as if they were independent */
    double inside;
    double background;
    size_t n_voxels;
} rgq_sphere_fit;

/**
 * @brief Fit S g(r; R) + B (1 - g(r; R + w)) to the voxels about a sphere.
 *
 * Voxels within R + w + 10 mm of `centre_mm` count, but those nearer than 8 mm to another
 * object than `object` and its host. Each is weighed by the inverse of what the model has there
 * at the start: the variance of a reconstructed voxel grows with its mean. The model is
 * averaged over the box of the voxel (three Gauss-Legendre points an axis), so that the width
 * is that of the blur alone.
 *
 * @return RGQ_OK, with a NaN width where it ran into its bounds of 0.3 and 30 mm;
 *         RGQ_E_NOTFOUND if too few voxels are left; RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_sphere_fit_one(rgq_sphere_fit *out, const rgq_view *view,
                                             const rgq_phantom *phantom,
                                             const rgq_placement *place, int object,
                                             const double centre_mm[3],
                                             const rgq_sphere_fit_opts *opts, rgq_error *err);

/** One width and one value inside for all spheres; centres and backgrounds as fitted before.
 *  `opts[i].inside` of the first begins the search. */
RGQ_MUST_CHECK rgq_status rgq_sphere_fit_all(rgq_sphere_fit *out, const rgq_view *view,
                                             const rgq_phantom *phantom,
                                             const rgq_placement *place, const int *objects,
                                             const rgq_sphere_fit *spheres, int n,
                                             const rgq_sphere_fit_opts *opts, rgq_error *err);

#endif
