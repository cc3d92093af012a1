/* Pages of a TIFF file; libtiff is behind it and nowhere else. Private to tiff*.c. */
#ifndef RGQ_IO_TIFF_PAGES_H
#define RGQ_IO_TIFF_PAGES_H

#include "io/samples.h"
#include "rgdquant/log.h"
#include "rgdquant/volume.h"

enum { RGQ_TIFF_PAGES_MAX = 1 << 20, RGQ_TIFF_NOTE_MAX = 200 };

struct tiff; /* libtiff's TIFF */

/* TIFFOpen; what libtiff has to say goes to `note` (RGQ_TIFF_NOTE_MAX bytes, as long as the
 * handle lives) and nowhere else. `most`: bytes of one request of memory; 0 = any. */
struct tiff *rgq_tiff_open_quietly(const char *path, const char *mode, char *note,
                                   uint64_t most);

typedef struct rgq_tiff rgq_tiff;

/* What all pages have in common, and what the first says of itself. */
typedef struct rgq_tiff_info {
    int width;
    int height;
    int n_pages;
    int channels; /* 1, or 3 for RGB */
    rgq_sample sample;
    const char *description;   /* of the first page, valid as long as the handle; or NULL */
    double pixels_per_unit[2]; /* the resolution tags; 0 where absent */
} rgq_tiff_info;

/* Walk all pages once and hold what they claim against the length of the file. */
RGQ_MUST_CHECK rgq_status rgq_tiff_open(rgq_tiff **out, const char *path, const rgq_log *log,
                                        rgq_error *err);
void rgq_tiff_close(rgq_tiff *tiff);

rgq_tiff_info rgq_tiff_get_info(const rgq_tiff *tiff);

/* True if a page has an ASCII tag with something in it. */
bool rgq_tiff_has_words(rgq_tiff *tiff, int page, uint32_t tag);

/* width * height voxels of page `page`, rows from the top. */
RGQ_MUST_CHECK rgq_status rgq_tiff_page(rgq_tiff *tiff, float *to, int page, rgq_error *err);

/* All slices of all frames as float32 pages. */
RGQ_MUST_CHECK rgq_status rgq_tiff_write_pages(const char *path, const rgq_volume *volume,
                                               const char *description, rgq_error *err);

#endif
