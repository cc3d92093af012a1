#include "report/canvas.h"

#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

enum { GLYPH_ROWS = 9, GLYPH_COLUMNS = 5, ADVANCE = 6 };

rgq_status rgq_canvas_create(rgq_canvas *out, int width, int height, rgq_error *err)
{
    *out = (rgq_canvas){NULL, 0, 0};
    if (width < 1 || height < 1 || width > RGQ_CANVAS_SIDE_MAX || height > RGQ_CANVAS_SIDE_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a picture of %d x %d pixels; 1 to %d on a side are drawn", width,
                         height, RGQ_CANVAS_SIDE_MAX);
    const size_t bytes = (size_t)width * (size_t)height * 3;
    RGQ_PASS(err, rgq_alloc(&out->rgb, bytes, 1, err));
    memset(out->rgb, 255, bytes);
    out->width = width;
    out->height = height;
    return RGQ_OK;
}

void rgq_canvas_release(rgq_canvas *canvas)
{
    rgq_free(canvas->rgb);
    *canvas = (rgq_canvas){NULL, 0, 0};
}

static unsigned char *pixel(const rgq_canvas *canvas, int x, int y)
{
    if (x < 0 || y < 0 || x >= canvas->width || y >= canvas->height)
        return NULL;
    return canvas->rgb + ((size_t)y * (size_t)canvas->width + (size_t)x) * 3;
}

void rgq_canvas_set(rgq_canvas *canvas, int x, int y, uint32_t colour)
{
    unsigned char *p = pixel(canvas, x, y);

    if (p == NULL)
        return;
    p[0] = (unsigned char)(colour >> 16 & 255U);
    p[1] = (unsigned char)(colour >> 8 & 255U);
    p[2] = (unsigned char)(colour & 255U);
}

uint32_t rgq_canvas_get(const rgq_canvas *canvas, int x, int y)
{
    const unsigned char *p = pixel(canvas, x, y);
    return p == NULL ? 0xFFFFFFU : (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

void rgq_canvas_fill(rgq_canvas *canvas, int x, int y, int width, int height, uint32_t colour)
{
    for (int j = y; j < y + height; j++)
        for (int i = x; i < x + width; i++)
            rgq_canvas_set(canvas, i, j, colour);
}

void rgq_canvas_frame(rgq_canvas *canvas, int x, int y, int width, int height, uint32_t colour)
{
    rgq_canvas_fill(canvas, x, y, width, 1, colour);
    rgq_canvas_fill(canvas, x, y + height - 1, width, 1, colour);
    rgq_canvas_fill(canvas, x, y, 1, height, colour);
    rgq_canvas_fill(canvas, x + width - 1, y, 1, height, colour);
}

int rgq_canvas_text_width(const char *utf8, int scale)
{
    int letters = 0;

    while (rgq_font_next(&utf8) != 0)
        letters++;
    return letters > 0 ? (letters * ADVANCE - 1) * scale : 0;
}

/* Every set bit of the text as a square that is `grow` pixels larger on each side. */
static void draw_text(rgq_canvas *canvas, int x, int y, int scale, int grow, uint32_t colour,
                      const char *utf8)
{
    for (unsigned code = rgq_font_next(&utf8); code != 0; code = rgq_font_next(&utf8)) {
        const uint8_t *glyph = rgq_font_glyph(code);
        for (int row = 0; row < GLYPH_ROWS; row++)
            for (int column = 0; column < GLYPH_COLUMNS; column++)
                if ((glyph[row] >> (GLYPH_COLUMNS - 1 - column) & 1) != 0)
                    rgq_canvas_fill(canvas, x + column * scale - grow, y + row * scale - grow,
                                    scale + 2 * grow, scale + 2 * grow, colour);
        x += ADVANCE * scale;
    }
}

void rgq_canvas_text(rgq_canvas *canvas, int x, int y, int scale, uint32_t colour,
                     const char *utf8)
{
    draw_text(canvas, x, y, scale, 0, colour, utf8);
}

void rgq_canvas_text_halo(rgq_canvas *canvas, int x, int y, int scale, uint32_t colour,
                          uint32_t halo, const char *utf8)
{
    draw_text(canvas, x, y, scale, scale > 1 ? scale / 2 + 1 : 1, halo, utf8);
    draw_text(canvas, x, y, scale, 0, colour, utf8);
}
