/* Pictures written with libtiff and libpng, to be read back as slides. */
#ifndef IO_SLIDE_MAKE_H
#define IO_SLIDE_MAKE_H

#include <tiffio.h>

#include "io_check.h"

typedef struct picture {
    int width, height, channels;
    int compression; /* COMPRESSION_*; 0 = none */
    int tile;        /* side; 0 = strips */
    int rows_per_strip;
    bool ycbcr;
    int extra;       /* EXTRASAMPLE_* of the fourth channel */
    int bits;        /* 0 = 8 */
    int planar;      /* 0 = contiguous */
    int photometric; /* -1: by the channels */
    double per_unit; /* resolution; 0 = none */
    int unit;
    const char *description;
    uint32_t kind; /* NewSubfileType */
} picture;

#define PICTURE(w, h)                                                                          \
    {                                                                                          \
        .width = (w), .height = (h), .channels = 3, .photometric = -1                          \
    }

/* Smooth enough for JPEG, no two pixels near each other the same. */
__attribute__((unused)) static void fill(uint8_t *bytes, const picture *p)
{
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++)
            for (int c = 0; c < p->channels; c++)
                bytes[(y * p->width + x) * p->channels + c] =
                    (uint8_t)(128.0 + 60.0 * sin(0.07 * x + c) + 50.0 * cos(0.05 * y - c));
}

__attribute__((unused)) static void set_picture(TIFF *file, const picture *p)
{
    const int grey = p->channels == 1;
    TIFFSetField(file, TIFFTAG_SUBFILETYPE, p->kind);
    TIFFSetField(file, TIFFTAG_IMAGEWIDTH, (uint32_t)p->width);
    TIFFSetField(file, TIFFTAG_IMAGELENGTH, (uint32_t)p->height);
    TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, p->bits == 0 ? 8 : p->bits);
    TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, p->channels);
    TIFFSetField(file, TIFFTAG_PLANARCONFIG, p->planar == 0 ? PLANARCONFIG_CONTIG : p->planar);
    TIFFSetField(file, TIFFTAG_COMPRESSION,
                 p->compression == 0 ? COMPRESSION_NONE : p->compression);
    TIFFSetField(file, TIFFTAG_PHOTOMETRIC,
                 p->photometric >= 0 ? p->photometric
                 : p->ycbcr          ? PHOTOMETRIC_YCBCR
                 : grey              ? PHOTOMETRIC_MINISBLACK
                                     : PHOTOMETRIC_RGB);
    if (p->ycbcr)
        TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (p->channels == 4) {
        const uint16_t extra = (uint16_t)p->extra;
        TIFFSetField(file, TIFFTAG_EXTRASAMPLES, 1, &extra);
    }
    if (p->tile > 0) {
        TIFFSetField(file, TIFFTAG_TILEWIDTH, (uint32_t)p->tile);
        TIFFSetField(file, TIFFTAG_TILELENGTH, (uint32_t)p->tile);
    } else {
        TIFFSetField(file, TIFFTAG_ROWSPERSTRIP,
                     (uint32_t)(p->rows_per_strip > 0 ? p->rows_per_strip : p->height));
    }
    if (p->per_unit > 0.0) {
        TIFFSetField(file, TIFFTAG_XRESOLUTION, p->per_unit);
        TIFFSetField(file, TIFFTAG_YRESOLUTION, p->per_unit);
        TIFFSetField(file, TIFFTAG_RESOLUTIONUNIT, p->unit);
    }
    if (p->description != NULL)
        TIFFSetField(file, TIFFTAG_IMAGEDESCRIPTION, p->description);
}

__attribute__((unused)) static void write_tiles(TIFF *file, const picture *p,
                                                const uint8_t *bytes)
{
    const int step = p->tile;
    const size_t pixel = (size_t)p->channels;
    uint8_t *tile = calloc((size_t)step * (size_t)step, pixel);

    for (int y = 0; y < p->height; y += step)
        for (int x = 0; x < p->width; x += step) {
            for (int r = 0; r < step; r++)
                for (int c = 0; c < step; c++) { /* the edge goes on with its last pixels */
                    const int sx = x + c < p->width ? x + c : p->width - 1;
                    const int sy = y + r < p->height ? y + r : p->height - 1;
                    memcpy(tile + (size_t)(r * step + c) * pixel,
                           bytes + (size_t)(sy * p->width + sx) * pixel, pixel);
                }
            ck_assert_int_gt(TIFFWriteTile(file, tile, (uint32_t)x, (uint32_t)y, 0, 0), 0);
        }
    free(tile);
}

__attribute__((unused)) static void add_picture(TIFF *file, const picture *p,
                                                const uint8_t *bytes)
{
    set_picture(file, p);
    if (p->tile > 0) {
        write_tiles(file, p, bytes);
    } else {
        const size_t row = (size_t)(p->width * p->channels * (p->bits == 16 ? 2 : 1));
        uint8_t *line = calloc(row, 1);
        const int planes = p->planar == PLANARCONFIG_SEPARATE ? p->channels : 1;
        for (int s = 0; s < planes; s++)
            for (int y = 0; y < p->height; y++) {
                memcpy(line, bytes + (size_t)y * row, row);
                ck_assert_int_eq(TIFFWriteScanline(file, line, (uint32_t)y, (uint16_t)s), 1);
            }
        free(line);
    }
    ck_assert_int_eq(TIFFWriteDirectory(file), 1);
}

__attribute__((unused)) static void save_picture(const char *path, const picture *p,
                                                 const uint8_t *bytes, const char *mode)
{
    TIFF *file = TIFFOpen(path, mode);

    ck_assert_ptr_nonnull(file);
    add_picture(file, p, bytes);
    TIFFClose(file);
}

#endif
