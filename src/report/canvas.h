/* A picture in memory: rectangles, lines along the axes, and words in a small bitmap font. */
#ifndef RGQ_REPORT_CANVAS_H
#define RGQ_REPORT_CANVAS_H

#include <stdint.h>

#include "rgdquant/error.h"

enum { RGQ_CANVAS_SIDE_MAX = 8192 };

typedef struct rgq_canvas {
    unsigned char *rgb; /**< rows from the top, 3 bytes a pixel */
    int width;
    int height;
} rgq_canvas;

/** White picture; release with rgq_canvas_release(). RGQ_E_ARGUMENT beyond
 *  RGQ_CANVAS_SIDE_MAX. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_canvas_create(rgq_canvas *out, int width, int height,
                                                    rgq_error *err);
RGQ_API void rgq_canvas_release(rgq_canvas *canvas);

/* Everything below is cut at the edges of the picture. Colours are 0xRRGGBB. */

RGQ_API void rgq_canvas_set(rgq_canvas *canvas, int x, int y, uint32_t colour);
RGQ_API uint32_t rgq_canvas_get(const rgq_canvas *canvas, int x, int y);
RGQ_API void rgq_canvas_fill(rgq_canvas *canvas, int x, int y, int width, int height,
                             uint32_t colour);
/** A rectangle's edge, one pixel wide, inside it. */
RGQ_API void rgq_canvas_frame(rgq_canvas *canvas, int x, int y, int width, int height,
                              uint32_t colour);

/** Width in pixels. Capitals are 7 * scale high, tails reach 2 * scale lower, each letter takes
 *  6 * scale across. */
RGQ_API int rgq_canvas_text_width(const char *utf8, int scale);

/** Write words with their upper left corner at (x, y). Letters the font lacks are replaced by
 *  the nearest ASCII one ("α" by "a"), others by '?'. */
RGQ_API void rgq_canvas_text(rgq_canvas *canvas, int x, int y, int scale, uint32_t colour,
                             const char *utf8);

/** The same with an edge of `halo` around each stroke, to be read on any ground. */
RGQ_API void rgq_canvas_text_halo(rgq_canvas *canvas, int x, int y, int scale, uint32_t colour,
                                  uint32_t halo, const char *utf8);

/** 9 rows of a glyph from the top, 2 of them below the line; bit 4 is the leftmost of 5
 *  columns. */
RGQ_API const uint8_t *rgq_font_glyph(unsigned code);

/** Next letter of a UTF-8 text as a printable ASCII code; moves `*text` on. 0 at the end. */
RGQ_API unsigned rgq_font_next(const char **text);

#endif
