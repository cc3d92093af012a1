/* A slide on trial: opened, refused, read. Includes what makes one. */
#ifndef IO_SLIDE_CASE_H
#define IO_SLIDE_CASE_H

#include "rgdquant/scan_file.h"
#include "rgdquant/slide_file.h"
#include "slide_make.h"
#include "warned.h"

enum { W = 150, H = 70 };

static rgq_slide *slide;
static uint8_t wanted[4 * W * H], got[4 * W * H];

static void begin(void)
{
    folder_begin();
    slide = NULL;
    warned[0] = '\0';
}

static void end(void)
{
    rgq_slide_close(slide);
    folder_end();
}

static rgq_slide_opts with(double mpp_um, double pixel_um, int page)
{
    return (rgq_slide_opts){mpp_um, pixel_um, page};
}

static const double none = (double)NAN;

__attribute__((unused)) static const rgq_ihc_source *open_with(const char *path,
                                                               rgq_slide_opts opts)
{
    rgq_slide_close(slide);
    warned[0] = '\0';
    MUST(rgq_slide_open(&slide, path, &opts, &listener, err));
    return rgq_slide_source(slide);
}

__attribute__((unused)) static const rgq_ihc_source *open_plain(const char *path)
{
    return open_with(path, with(none, none, 0));
}

#define NOT_OPENED(path, opts, want, words)                                                    \
    do {                                                                                       \
        const rgq_slide_opts not_opened = opts;                                                \
        rgq_slide_close(slide);                                                                \
        REFUSED(rgq_slide_open(&slide, path, &not_opened, NULL, err), want, words);            \
        ck_assert_ptr_null(slide);                                                             \
    } while (0)

__attribute__((unused)) static void read_all(const rgq_ihc_source *s, uint8_t *rgb)
{
    MUST(s->read(s->user, 0, 0, (int)s->width, (int)s->height, rgb, err));
}

/* What OpenSlide takes for a slide of Aperio: 512 x 256 and a quarter of it. */
__attribute__((unused)) static void save_aperio(const char *path)
{
    static uint8_t bytes[3 * 512 * 256];
    picture p = PICTURE(512, 256);
    TIFF *file = TIFFOpen(path, "w");
    p.tile = 64;
    p.compression = COMPRESSION_JPEG;
    p.ycbcr = true;
    p.description = "Aperio Image Library v1\r\n512x256 (64x64) JPEG|AppMag = 40|MPP = 0.25";
    memset(bytes, 100, sizeof bytes);
    add_picture(file, &p, bytes);
    p.width = 128;
    p.height = 64;
    memset(bytes, 200, sizeof bytes);
    add_picture(file, &p, bytes);
    TIFFClose(file);
}

#endif
