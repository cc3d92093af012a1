/* What is measured in a sphere of a view. */
#ifndef RGQ_PHANTOM_SPHERE_VALUES_H
#define RGQ_PHANTOM_SPHERE_VALUES_H

#include "phantom/view.h"

/** Radius of the ball of 1 mL. */
double rgq_sphere_peak_radius_mm(void);

/** Highest ball of 1 mL (`kernel`) about a voxel centre inside the sphere; about the centre of
 *  the sphere where no voxel's lies inside. */
double rgq_sphere_peak(const rgq_view *view, const rgq_ball_kernel *kernel, const double at[3],
                       double radius);

/** Mean of the voxels whose centre lies inside, as masks elsewhere have them. Parts of voxels
 *  would blur what is a mean over its box already by that box again. Where no centre lies
 * inside there are only `parts`. */
double rgq_sphere_mean(const rgq_view *view, const double at[3], double radius,
                       const rgq_roi *parts);

/** Mean and volume of what is at `level` or above, no farther from the centre than one and a
 *  half radii and 4 mm. */
void rgq_sphere_a50(const rgq_view *view, const double at[3], double radius, double level,
                    double *mean, double *volume_ml);

#endif
