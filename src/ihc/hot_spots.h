/* Where objects lie densest: fields of a fixed area, moved by an eighth of their side. */
#ifndef RGQ_IHC_HOT_SPOTS_H
#define RGQ_IHC_HOT_SPOTS_H

#include "rgdquant/ihc.h"

enum { RGQ_IHC_CELLS_PER_FIELD = 8 };

/** Counts in square cells; a field is 8 x 8 of them. */
typedef struct rgq_ihc_hot_spots {
    double cell_um;
    int64_t nx, ny;  /**< 0: the box is smaller than a field */
    uint32_t *count; /**< nx * ny */
} rgq_ihc_hot_spots;

/** For a box of `width_um` x `height_um`.
 *  @return RGQ_OK; RGQ_E_ARGUMENT: more than 2^26 cells; RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_hot_spots_init(rgq_ihc_hot_spots *h, double width_um,
                                                         double height_um, double field_mm2,
                                                         rgq_error *err);
RGQ_API void rgq_ihc_hot_spots_release(rgq_ihc_hot_spots *h);

/** Count an object at (x, y) of the box [um]. */
RGQ_API void rgq_ihc_hot_spots_add(rgq_ihc_hot_spots *h, double x_um, double y_um);

/**
 * @brief The `n` fullest fields that do not overlap, the fullest first; of equals the first in
 *        reading order.
 *
 * @param[out] mean  objects per field; NaN if there is no field
 * @param[out] found  fields that there was room for, 0..n
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_hot_spots_find(double *mean, int *found,
                                                         const rgq_ihc_hot_spots *h, int n,
                                                         rgq_error *err);

#endif
