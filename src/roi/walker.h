/* The random walker on a box of voxels. */
#ifndef RGQ_ROI_WALKER_H
#define RGQ_ROI_WALKER_H

#include <stdint.h>

#include "num/lattice.h"

typedef struct rgq_walk {
    int n[3];
    double spacing_mm[3];
    double beta;
    double scale;    /**< difference of values that counts as 1, > 0 */
    double prior;    /**< weight of a voxel's own value, beside 1 between equal neighbours */
    double cold;     /**< value that is outside by itself */
    double hot;      /**< value that is inside by itself, > cold */
    double relative; /**< residual to reach */
} rgq_walk;

/**
 * @brief Probability to reach an inside marker before an outside one.
 *
 * Neighbours (faces) are coupled by exp(-beta (difference / scale)^2) / spacing^2, at least
 * 1e-6 of that between equals, in units of the weight between equals of the nearest kind.
 * Beside them each voxel is coupled to the markers themselves by `prior`, to the inside by the
 * part of it that its value lies between cold and hot.
 *
 * @param[out] probability  one a voxel
 * @param[in]  values       one a voxel, finite
 * @param[in]  label        RGQ_MARK_NONE, RGQ_MARK_INSIDE or RGQ_MARK_OUTSIDE; both markers
 *                          must be there
 * @return as rgq_lattice_solve()
 * @see cite:Grady2006, cite:Grady2005
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_walk_solve(float *probability, const float *values,
                                                 const uint8_t *label, const rgq_walk *walk,
                                                 rgq_lattice_report *report, rgq_error *err);

#endif
