/* PNG read from the top, row by row; libpng is behind it (png.c). */
#ifndef RGQ_IO_PNG_ROWS_H
#define RGQ_IO_PNG_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "rgdquant/error.h"

typedef struct rgq_png rgq_png;

typedef struct rgq_png_info {
    int64_t width, height;
    bool grey; /* one sample a pixel, with or without alpha */
    bool palette;
    double pixel_um[2]; /* from pHYs; NaN: not stated */
} rgq_png_info;

/* True if these first bytes of a file are PNG. */
bool rgq_png_is(const unsigned char *bytes, size_t length);

/* `values`: rows are grey values and numbers of the palette as they are stored (16 bits: the
 * upper 8), three times each; else colours on white. An interlaced picture is unpacked as a
 * whole, up to 256 MB. Texts name no path. */
RGQ_MUST_CHECK rgq_status rgq_png_open(rgq_png **out, rgq_png_info *info, const char *path,
                                       bool values, rgq_error *err);

/* The next row, 3 * width bytes; `user` is the rgq_png. */
RGQ_MUST_CHECK rgq_status rgq_png_row(void *user, uint8_t *rgb, rgq_error *err);

void rgq_png_close(rgq_png *png);

/* 8-bit RGB, rows from the top, as the bytes of a PNG file; release with rgq_free(). Bytes
 * depend on the pixels alone. RGQ_E_ARGUMENT (size); RGQ_E_NOMEM */
RGQ_MUST_CHECK rgq_status rgq_png_encode(unsigned char **out, size_t *length,
                                         const unsigned char *rgb, int width, int height,
                                         rgq_error *err);

#endif
