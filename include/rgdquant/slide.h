/**
 * @file slide.h
 * @brief Pixels of a microscope slide, and regions drawn on it.
 *
 * Place in the pipeline: file -> [slide] -> IHC.
 *
 * A slide of 20 000 x 20 000 pixels does not fit into memory: pixels come a rectangle at a
 * time.
 */
#ifndef RGDQUANT_SLIDE_H
#define RGDQUANT_SLIDE_H

#include <stddef.h>
#include <stdint.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Side of a slide at most, in pixels; that of a rectangle that is read at once is an int. */
enum { RGQ_SLIDE_SIDE_MAX = 4000000 };

typedef struct rgq_ihc_source rgq_ihc_source;

/**
 * Where pixels come from. One handle is used by one thread at a time; for several threads make
 * a clone for each.
 *
 * A read that is not aligned to the tiles decodes every tile it touches, but the handle keeps
 * the last ones: rectangles that come row by row, from left to right, of at most 1024 rows
 * (with what overlaps), decode each tile once a row of rectangles.
 */
struct rgq_ihc_source {
    int64_t width, height;
    double mpp_um;               /**< side of a pixel [um]; NaN where the file does not say */
    int tile_width, tile_height; /**< piece that the file decodes at once, e.g. 256 x 256; of a
                                      file in strips the width of the slide x some rows */
    /** 8-bit RGB, interleaved, rows of `w` pixels without gaps; the rectangle lies inside.
     * Takes no memory from rgq_alloc(): it may be called inside a parallel region. */
    rgq_status (*read)(void *user, int64_t x, int64_t y, int w, int h, uint8_t *rgb,
                       rgq_error *err);
    /** A handle of its own on the same pixels (may be NULL: there can be only one). Call it
     *  before the parallel region, and close() what it gave. */
    rgq_status (*clone)(rgq_ihc_source *out, void *user, rgq_error *err);
    void (*close)(void *user); /**< of a clone; NULL: nothing to do */
    void *user;
};

/**
 * A mask as runs of pixels, row by row. Pixel (x, y) of the slide belongs to it if the mask's
 * pixel (floor((x + 0.5) * per_pixel[0]), floor((y + 0.5) * per_pixel[1])) does.
 */
typedef struct rgq_ihc_runs {
    int64_t width, height; /**< of the mask */
    double per_pixel[2];   /**< pixels of the mask per pixel of the source, along x and y */
    const size_t *first;   /**< height + 1 entries: index of each row's first run */
    const int32_t *ends;   /**< begin and end (exclusive) of each run, ascending in a row */
} rgq_ihc_runs;

/** A region of the slide: closed rings in pixels of the source (a pixel's centre is at +0.5),
 *  even-odd filled, the last point joined to the first; or a mask. */
typedef struct rgq_ihc_region {
    char name[64];
    int n_rings;
    const int *ring_length;   /**< points of each ring */
    const double *xy;         /**< x, y of all rings behind each other */
    const rgq_ihc_runs *mask; /**< with n_rings 0; else NULL */
} rgq_ihc_region;

/** A picture of the whole slide, as small as it is; the caller holds its memory. */
typedef struct rgq_ihc_overlay {
    int width, height; /**< at least 1; pixel (i, j) stands for the slide's
                            [i, i + 1) * source width / width, and rows likewise */
    uint8_t *rgb;      /**< 3 * width * height bytes */
} rgq_ihc_overlay;

#ifdef __cplusplus
}
#endif

#endif
