/* A ball in space as weights on the voxels of a grid. */
#ifndef RGQ_ROI_BALL_H
#define RGQ_ROI_BALL_H

#include "rgdquant/grid.h"

typedef struct rgq_ball {
    double centre_mm[3]; /**< RAS+ mm */
    double radius_mm;    /**< > 0 */
} rgq_ball;

/**
 * @brief Weights of a ball in the box of voxels it can touch, as far as the grid goes.
 *
 * @param[out] weight      n[0]*n[1]*n[2] values; caller frees; NULL if no voxel is touched
 * @param[in]  fractional  the exact part of each voxel inside the ball (the axes must be
 *                         perpendicular), else 1 where the centre is at most the radius away
 * @return RGQ_OK; RGQ_E_GEOMETRY if the ball touches no voxel; RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ball_weigh(float **weight, int lo[3], int n[3],
                                                 const rgq_ball *ball, const rgq_grid *grid,
                                                 bool fractional, rgq_error *err);

#endif
