/**
 * @file slide_file.h
 * @brief Microscope slides and regions drawn on them, from files.
 *
 * Place in the pipeline: file -> [slide] -> IHC.
 *
 * Read: TIFF and BigTIFF (tiles or strips; none, LZW, deflate, PackBits, Zstandard, JPEG; 8-bit
 * RGB with or without alpha), PNG, and what OpenSlide knows (SVS, NDPI, MRXS, SCN, BIF, tiled
 * TIFF with levels). Transparent pixels become white. Memory does not grow with the slide; a
 * picture that can only be decoded from its front (PNG, one strip) and has more than 64 MB goes
 * to a nameless file in TMPDIR first.
 */
#ifndef RGDQUANT_SLIDE_FILE_H
#define RGDQUANT_SLIDE_FILE_H

#include <stdbool.h>

#include "rgdquant/log.h"
#include "rgdquant/slide.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rgq_slide rgq_slide;

typedef struct rgq_slide_opts {
    double mpp_um;   /**< wanted side of a pixel [um], >= that of the file; NaN: as it is */
    double pixel_um; /**< side of a pixel of the file at full size [um], instead of what the
                        file says; NaN: what the file says */
    int page;        /**< of a TIFF with several pictures, from 0; small copies do not count */
} rgq_slide_opts;

#define RGQ_SLIDE_OPTS_INIT                                                                    \
    {                                                                                          \
        (double)NAN, (double)NAN, 0                                                            \
    }

/** What a slide says of itself. */
typedef struct rgq_slide_info {
    char format[64];         /**< e.g. "TIFF, JPEG tiles of 256 x 256" */
    int64_t full_width;      /**< pixels at full size */
    int64_t full_height;     /**< likewise */
    double full_um;          /**< side of one [um]; NaN: nobody says */
    char um_origin[32];      /**< who says it: "resolution tags", "--pixel-um", ... */
    double full_per_pixel;   /**< pixels of full size per pixel of the source, >= 1 */
    double level_downsample; /**< of the level that is read, 1 = full size */
    int n_pages;             /**< pictures in the file */
} rgq_slide_info;

/**
 * @brief Open a slide at a chosen size of pixel.
 *
 * With opts->mpp_um pixels are means over the area they cover (fractions of pixels weighted),
 * of the nearest finer level the file has. The pixels at the right and lower edge that are not
 * covered whole are left out.
 *
 * @param[out] out  close with rgq_slide_close(); NULL on failure
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT (damaged, truncated); RGQ_E_UNSUPPORTED (16 bits,
 * grey, a compression); RGQ_E_MISSING (mpp_um, and the file does not say its size of pixel);
 *         RGQ_E_ARGUMENT (finer than the file; no such page); RGQ_E_NOMEM
 *
 * A size of pixel out of 0.05 .. 20 um is not believed (screens and printers write 72 and 300
 * per inch): it counts as not stated, with a warning.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_slide_open(rgq_slide **out, const char *path,
                                                 const rgq_slide_opts *opts, const rgq_log *log,
                                                 rgq_error *err);

/** NULL is allowed; clones of the source must be closed before. */
RGQ_API void rgq_slide_close(rgq_slide *slide);

/** Its pixels; valid as long as the slide. */
RGQ_API const rgq_ihc_source *rgq_slide_source(const rgq_slide *slide);

RGQ_API rgq_slide_info rgq_slide_get_info(const rgq_slide *slide);

/** Version of OpenSlide behind it. */
RGQ_API const char *rgq_slide_library_version(void);

enum { RGQ_SLIDE_REGIONS_MAX = 4096, RGQ_SLIDE_RUNS_MAX = 8000000 };

typedef struct rgq_slide_regions rgq_slide_regions;

/**
 * @brief Regions on a slide, in pixels of its source.
 *
 * GeoJSON as QuPath exports it (pixels of full size): a FeatureCollection, an array of
 * features, one feature or one geometry; Polygon, MultiPolygon and GeometryCollection, holes
 * included. Names: properties.name, else the classification's name, else "region-N"; a second
 * one of the same name becomes "name-2". Cells, detections, tiles, points and lines are left
 * out, with a warning.
 *
 * Or a picture (PNG, TIFF) of the slide's full size or a whole number of times smaller: every
 * grey value above 0 is a region, named by the value ("mask" if there is one only); of colours
 * all that is not black is one.
 *
 * @param[out] out  free with rgq_slide_regions_free(); NULL on failure
 * @return RGQ_OK; RGQ_E_IO; RGQ_E_FORMAT; RGQ_E_GEOMETRY (a mask of another shape, a region
 * that lies wholly outside); RGQ_E_MISSING (no region in it); RGQ_E_UNSUPPORTED (more than
 *         RGQ_SLIDE_REGIONS_MAX regions, RGQ_SLIDE_RUNS_MAX runs of a mask, 64 values);
 *         RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_slide_regions_read(rgq_slide_regions **out,
                                                         const char *path,
                                                         const rgq_slide *slide,
                                                         const rgq_log *log, rgq_error *err);

/** NULL is allowed. */
RGQ_API void rgq_slide_regions_free(rgq_slide_regions *regions);

/** The regions in the order of the file (a mask: by value); `*count` >= 1. Valid as long as
 *  `regions`. */
RGQ_API const rgq_ihc_region *rgq_slide_regions_get(const rgq_slide_regions *regions,
                                                    int *count);

#ifdef __cplusplus
}
#endif

#endif
