/* What a ball and a box, or a disc and a rectangle, have in common, in closed form. */
#ifndef RGQ_NUM_OVERLAP_H
#define RGQ_NUM_OVERLAP_H

#include "rgdquant/error.h"

/**
 * @brief Volume of ball and box, whose faces are perpendicular to the axes.
 *
 * Inclusion-exclusion over the corners of V(a, b, c), the part of the ball about the origin in
 * {x > a, y > b, z > c}. For a, b, c >= 0 the divergence theorem gives
 * V = (r S - a A_x - b A_y - c A_z) / 3 with the area S of the spherical patch (Gauss-Bonnet)
 * and the areas A of the plane ones; the other signs follow by reflection.
 *
 * @param[in] r   radius of the ball about the origin, > 0
 * @param[in] lo  lower corner of the box
 * @param[in] hi  upper corner, hi >= lo
 * @return the volume, 0 .. min(ball, box); error about 1e-14 r^3
 * @see test: tests/unit/num/test_overlap.c
 */
RGQ_API double rgq_ball_box_volume(double r, const double lo[3], const double hi[3]);

/** The same in the plane: area of the disc of radius `r` about the origin and a rectangle;
 *  error about 1e-14 r^2. */
RGQ_API double rgq_disc_box_area(double r, const double lo[2], const double hi[2]);

#endif
