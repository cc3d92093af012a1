/**
 * The picture of a result: coronal and sagittal maximum-intensity projections, dark is high,
 * the outlines of the regions in colours, a scale bar in mm, a scale of grey in the volume's
 * unit.
 *
 * Patient upright, head at the top, radiological convention (the patient's right on the left);
 * letters say so. Pixels are square in mm. Between voxels the projection is interpolated
 * linearly; where a pixel is larger than a voxel, it shows the largest value inside it.
 */
#ifndef RGQ_REPORT_OVERVIEW_H
#define RGQ_REPORT_OVERVIEW_H

#include <math.h>

#include "report/canvas.h"
#include "rgdquant/regions.h"
#include "rgdquant/volume.h"

typedef struct rgq_overview_opts {
    int frame;
    double upper; /**< value shown black; NaN: chosen from the data */
    const char
        *background; /**< name of the region ratios divide by, marked in the list; NULL */
} rgq_overview_opts;

#define RGQ_OVERVIEW_OPTS_INIT                                                                 \
    {                                                                                          \
        0, (double)NAN, NULL                                                                   \
    }

/** What was drawn; for the legend of a report. */
typedef struct rgq_overview_report {
    double upper;      /**< value shown black */
    char rule[96];     /**< how it was chosen, a phrase */
    double px_per_mm;  /**< of the projections */
    int coronal_xy[2]; /**< upper left corner of the coronal projection in the picture */
    int sagittal_xy[2];
    int coronal_size[2]; /**< width and height in pixels */
    int sagittal_size[2];
    double bar_mm; /**< length of the scale bar */
} rgq_overview_report;

/**
 * @brief Draw.
 *
 * @param[out] out      release with rgq_canvas_release(); empty on failure
 * @param[in]  volume   finite
 * @param[in]  regions  on the grid of the volume; NULL = none
 * @param[out] report   may be NULL
 * @return RGQ_OK; RGQ_E_ARGUMENT (frame, upper); RGQ_E_GEOMETRY if the grids differ;
 * RGQ_E_NOMEM
 *
 * Threads: same pixels for any thread count. Cost: two passes over the voxels.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_overview_draw(rgq_canvas *out, const rgq_volume *volume,
                                                    const rgq_regions *regions,
                                                    const rgq_overview_opts *opts,
                                                    rgq_overview_report *report,
                                                    rgq_error *err);

#endif
