/* What the files slide*.c share. A format gives a `rgq_slide_base`: a source at one of its
 * levels, to be closed by source.close(source.user). */
#ifndef RGQ_IO_SLIDE_INSIDE_H
#define RGQ_IO_SLIDE_INSIDE_H

#include <stdbool.h>

#include "rgdquant/log.h"
#include "rgdquant/slide_file.h"

typedef struct rgq_slide_base {
    rgq_ihc_source source; /* mpp_um is set by slide.c */
    char format[64];
    int64_t full_width, full_height;
    double um[2]; /* of a pixel at full size, along x and y; NaN: not stated */
    const char *um_origin;
    double downsample; /* of the level the source gives */
    int n_pages;
} rgq_slide_base;

/* A mask is wanted: pictures of one grey value (or number of a colour) a pixel are allowed, and
 * all three of its colours are that value; transparency does not count. */
typedef struct rgq_slide_ask {
    bool mask;
    int page;
} rgq_slide_ask;

void rgq_slide_base_close(rgq_slide_base *base);

/* Formats. Texts of errors do not name the path. */
RGQ_MUST_CHECK rgq_status rgq_slide_tiff_open(rgq_slide_base *out, const char *path,
                                              const rgq_slide_ask *ask, const rgq_log *log,
                                              rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_slide_png_open(rgq_slide_base *out, const char *path,
                                             const rgq_slide_ask *ask, const rgq_log *log,
                                             rgq_error *err);

/* Sizes and size of pixel first (`facts->source` stays empty), then the level. `*out` stays
 * NULL where OpenSlide does not know the file, or it is a plain tiled TIFF: of one level, or no
 * other one is wanted. */
typedef struct rgq_slide_vendor rgq_slide_vendor;
RGQ_MUST_CHECK rgq_status rgq_slide_vendor_open(rgq_slide_vendor **out, rgq_slide_base *facts,
                                                const char *path, bool levels_wanted,
                                                rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_slide_vendor_level(rgq_slide_base *base, rgq_slide_vendor *vendor,
                                                 double downsample, rgq_error *err);
void rgq_slide_vendor_close(rgq_slide_vendor *vendor);

/* ---- pieces: what a file decodes at once, the last ones kept ---- */

typedef struct rgq_pieces {
    int64_t width, height;
    int piece_width, piece_height;
    int channels; /* of what decode() gives: 1, 3 or 4 */
    bool premultiplied;
    bool ignore_alpha;
    /* Piece (column, row), piece_width * piece_height * channels bytes; of the last row of a
     * file in strips only the rows inside. */
    rgq_status (*decode)(void *user, int64_t column, int64_t row, uint8_t *to, rgq_error *err);
    void *user;
    int n_slots;
    int64_t *held;  /* number of the piece in each slot, -1: none */
    uint64_t *used; /* when */
    uint64_t clock;
    uint8_t *bytes; /* n_slots pieces */
    size_t piece_bytes;
} rgq_pieces;

/* Take memory for the slots: as many as hold `rows` rows of strips, or 24 MB of tiles. The
 * fields above n_slots are set. */
RGQ_MUST_CHECK rgq_status rgq_pieces_init(rgq_pieces *p, int rows, rgq_error *err);
void rgq_pieces_release(rgq_pieces *p);
RGQ_MUST_CHECK rgq_status rgq_pieces_read(rgq_pieces *p, int64_t x, int64_t y, int w, int h,
                                          uint8_t *rgb, rgq_error *err);

/* `count` pixels to RGB on white. */
void rgq_pixels_to_rgb(uint8_t *rgb, const uint8_t *from, size_t count, int channels,
                       bool premultiplied, bool ignore_alpha);

/* ---- spool: a picture that comes row by row ---- */

/* A source on rows that `next` gives from the top, each 3 * width bytes. Up to 64 MB stay in
 * memory, more goes to a file without a name. */
RGQ_MUST_CHECK rgq_status rgq_spool_rows(rgq_ihc_source *out, int64_t width, int64_t height,
                                         rgq_status (*next)(void *user, uint8_t *rgb,
                                                            rgq_error *err),
                                         void *user, const rgq_log *log, rgq_error *err);

/* ---- scale ---- */

/* A source of means over ratio x ratio pixels of `from`, which it takes over (also on failure):
 * closing the one closes the other. */
RGQ_MUST_CHECK rgq_status rgq_scale_source(rgq_ihc_source *out, rgq_ihc_source *from,
                                           double ratio, rgq_error *err);

/* ---- regions ---- */

struct rgq_slide_regions {
    int count;
    rgq_ihc_region *region;
    int *lengths;       /* of all rings of all regions */
    double *xy;         /* of all points */
    rgq_ihc_runs *runs; /* of a mask: one a region */
    size_t **first;     /* of each of `runs`: to be freed */
    int32_t **ends;
};

RGQ_MUST_CHECK rgq_status rgq_geojson_regions(rgq_slide_regions *out, const char *path,
                                              const rgq_slide_info *slide, const rgq_log *log,
                                              rgq_error *err);
RGQ_MUST_CHECK rgq_status rgq_mask_regions(rgq_slide_regions *out, const char *path,
                                           const rgq_slide_info *slide, const rgq_log *log,
                                           rgq_error *err);

#endif
