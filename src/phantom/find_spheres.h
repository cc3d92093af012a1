/* Finds a circle of spheres in a scan. */
#ifndef RGQ_PHANTOM_FIND_SPHERES_H
#define RGQ_PHANTOM_FIND_SPHERES_H

#include "phantom/placement.h"

enum { RGQ_SPHERES_MAX = 16 };

/**
 * @brief Find where the spheres of a phantom lie.
 *
 * Works on the scan blurred by 8 mm. Blobs are local extremes above (hot) or below (cold) the
 * background; each pair of blobs is laid on each pair of spheres, either way round. A position
 * is scored by what each sphere then holds beyond the background, to 6 mm about it: the cube
 * root of that grows as the diameter, whatever the blur is. The best must agree with the
 * diameters to a cosine of 0.95, and every sphere must hold something.
 *
 * The axis of the phantom is taken along the last axis of the view, the spheres in one plane.
 *
 * @param[in]  objects  indices of n spheres of known diameter, 3 .. RGQ_SPHERES_MAX
 * @param[in]  sign     +1 hot, -1 cold
 * @param[out] score    the cosine; may be NULL
 * @return RGQ_OK; RGQ_E_NOTFOUND with the best that was seen and what to type; RGQ_E_NOMEM
 */
RGQ_MUST_CHECK rgq_status rgq_find_spheres(rgq_placement *out, double *score,
                                           const rgq_view *view, const rgq_phantom *phantom,
                                           const int *objects, int n, double sign,
                                           rgq_error *err);

/** Lay the phantom on positions of its spheres: least squares over rotation about the axis and
 *  shift; the handedness stays that of `place`. `weight` of each sphere, not all 0. */
void rgq_placement_refine(rgq_placement *place, const rgq_phantom *phantom, const int *objects,
                          int n, const double (*at_mm)[3], const double *weight);

/** Level of the filled part: the median of what is not air. 0 if there is nothing. */
RGQ_MUST_CHECK rgq_status rgq_view_level(double *out, const rgq_view *view, rgq_error *err);

/** Copy of the view, blurred; release it. */
RGQ_MUST_CHECK rgq_status rgq_view_blur(rgq_view *out, const rgq_view *view, double fwhm_mm,
                                        rgq_error *err);

#endif
