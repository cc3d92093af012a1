/* The shape between two shapes of one plane: by the distances to their edges. */
#ifndef RGQ_VOLUME_SHAPE_H
#define RGQ_VOLUME_SHAPE_H

#include <stdint.h>

#include "rgdquant/error.h"

/** Workspace for masks of n_u x n_v. Zero it; rgq_shape_release() afterwards. */
typedef struct rgq_shape {
    size_t n_u, n_v;
    double step_mm[2];
    double *distance; /* 3 planes with a border of one voxel */
    double *line;     /* 3 lines of the longer side, and one */
    size_t *parabola;
} rgq_shape;

RGQ_MUST_CHECK rgq_status rgq_shape_init(rgq_shape *shape, size_t n_u, size_t n_v,
                                         const double step_mm[2], rgq_error *err);
void rgq_shape_release(rgq_shape *shape);

/**
 * @brief The mask a fraction `t` of the way from `a` to `b`.
 *
 * A voxel is in where (1 - t) d_a + t d_b > 0 with the signed distance d in mm between voxel
 * centres (inside: to the nearest centre outside; outside: minus that to the nearest inside;
 * what lies beyond the masks is outside). Where it is 0 the nearer mask decides, at t = 0.5 the
 * first. If one of the masks is empty the nearer one is taken whole.
 * @see cite:Raya1990
 */
RGQ_MUST_CHECK rgq_status rgq_shape_between(uint8_t *out, rgq_shape *shape, const uint8_t *a,
                                            const uint8_t *b, double t, rgq_error *err);

#endif
