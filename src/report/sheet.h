/* The picture of the overview while it is drawn: two projections and what is known of them. */
#ifndef RGQ_REPORT_SHEET_H
#define RGQ_REPORT_SHEET_H

#include "report/canvas.h"
#include "report/projection.h"

enum { RGQ_SHEET_TEXT = 2 /**< scale of the letters */ };

/** One projection and its place in the picture. */
typedef struct rgq_panel {
    rgq_view_axes axes;
    float *value;  /**< axes.width * axes.height */
    uint8_t *mask; /**< the same, for one region at a time */
    int x, y, width, height;
} rgq_panel;

typedef struct rgq_sheet {
    rgq_canvas *canvas;
    rgq_panel panels[2];
    double px_per_mm;
    double upper;
    int columns; /**< of the list of regions */
    int rows;
} rgq_sheet;

/** Colour of the i-th region. */
uint32_t rgq_sheet_colour(int region);

/** Outlines of the regions' shadows on a projection, and their names or numbers beside them. */
RGQ_MUST_CHECK rgq_status rgq_sheet_draw_regions(const rgq_sheet *sheet, const rgq_panel *panel,
                                                 const rgq_regions *regions, rgq_error *err);

#endif
