/* Integrals that need no fit. */
#ifndef RGQ_DOSE_TIAC_SIMPLE_H
#define RGQ_DOSE_TIAC_SIMPLE_H

#include "rgdquant/tiac.h"

/** Weights of the activities in the integral of the trapezoid from 0 to infinity [h]; `tail` is
 *  the part of the last that lies after it. */
void rgq_tiac_trapezoid_weights(double *weight, double *tail, const double *time_h, int n,
                                double physical);

/** TRAPEZOID of `points`; `weight` is room for n. */
void rgq_tiac_trapezoid(rgq_tiac_candidate *out, const rgq_tiac_points *points, double physical,
                        double *weight);

/** HAENSCHEID and MADSEN from point `opts->point`. */
void rgq_tiac_single(rgq_tiac_candidate *out, const rgq_tiac_points *points,
                     const rgq_tiac_opts *opts);

#endif
