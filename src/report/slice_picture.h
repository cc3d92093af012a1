/* One slice of a scan with circles on it: where regions went. */
#ifndef RGQ_REPORT_SLICE_PICTURE_H
#define RGQ_REPORT_SLICE_PICTURE_H

#include "report/canvas.h"
#include "rgdquant/volume.h"

typedef struct rgq_circle {
    double centre_mm[3]; /* world; where it lies across the slice counts */
    double radius_mm;
    uint32_t colour;
    const char *name; /* beside it; "" or NULL for none */
} rgq_circle;

/**
 * @brief Draw the slice through a point, across the grid's axis nearest to the world's z.
 *
 * Dark is high, black at the highest value of the slice; right of the patient on the left,
 * front at the top. Circles are drawn whether or not they belong to that slice.
 *
 * @param[out] out  release with rgq_canvas_release(); empty on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT (frame); RGQ_E_GEOMETRY if the point lies outside the scan;
 *         RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_slice_picture_draw(rgq_canvas *out,
                                                         const rgq_volume *volume, int frame,
                                                         const double point_mm[3],
                                                         const rgq_circle *circles, int n,
                                                         rgq_error *err);

#endif
