/* The slide made smaller and painted with what was found. */
#ifndef RGQ_IHC_OVERLAY_H
#define RGQ_IHC_OVERLAY_H

#include "ihc/pixels.h"
#include "rgdquant/ihc.h"

/** Where tissue is: a byte for each block; NULL: everywhere. */
typedef struct rgq_ihc_tissue_map {
    int block;
    int64_t width, height; /**< in blocks */
    uint8_t *is;
} rgq_ihc_tissue_map;

enum { RGQ_IHC_MARK_NONE, RGQ_IHC_MARK_VESSEL, RGQ_IHC_MARK_NUCLEUS };

/** Sums for rows of the picture that are not complete yet. */
typedef struct rgq_ihc_painter {
    rgq_ihc_overlay *out;
    int64_t width, height; /**< of the slide */
    int64_t *column;       /**< first column of each pixel of the picture, and the end */
    int64_t base;          /**< row of the picture that `sum` begins with */
    int64_t capacity;      /**< its rows */
    uint32_t *sum;
    int n_lanes;
    uint32_t *head; /**< a lane's first row, which it may share with the lane before */
    uint8_t *mark;
} rgq_ihc_painter;

/** @param[in] band  most rows of the slide between two calls of flush()
 *  @return RGQ_OK; RGQ_E_ARGUMENT: a picture larger than the slide, or 4096 times smaller;
 *          RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_painter_init(rgq_ihc_painter *p, rgq_ihc_overlay *out,
                                                       int64_t width, int64_t height,
                                                       int n_lanes, int64_t band,
                                                       rgq_error *err);
RGQ_API void rgq_ihc_painter_release(rgq_ihc_painter *p);

/** Pixels of a lane that begins at row `lane_y` of the slide. */
typedef struct rgq_ihc_patch {
    const uint8_t *rgb;
    int64_t x, y;
    int width, height;
    int lane;
    int64_t lane_y;
} rgq_ihc_patch;

/** Lanes follow each other down the slide; different lanes may be added by different threads.
 */
RGQ_API void rgq_ihc_painter_add(rgq_ihc_painter *p, const rgq_ihc_patch *patch);

/** What colours mean. */
typedef struct rgq_ihc_legend {
    const rgq_ihc_unmix *unmix;
    const rgq_ihc_limits *limits;
    const rgq_ihc_tissue_map *tissue;
} rgq_ihc_legend;

/** All lanes of a band, each of `lane_rows`, are in: paint the rows that end at `y_end` or
 *  before. */
RGQ_API void rgq_ihc_painter_flush(rgq_ihc_painter *p, int64_t y_begin, int64_t y_end,
                                   int lane_rows, const rgq_ihc_legend *legend);

/** Mark a nucleus at a pixel of the slide with that radius, or the frame of a box. */
RGQ_API void rgq_ihc_painter_nucleus(rgq_ihc_painter *p, int64_t x, int64_t y, double radius);
RGQ_API void rgq_ihc_painter_box(rgq_ihc_painter *p, int64_t x0, int64_t y0, int64_t x1,
                                 int64_t y1);

/** Put the marks on top; nothing is added any more. */
RGQ_API void rgq_ihc_painter_finish(rgq_ihc_painter *p);

#endif
