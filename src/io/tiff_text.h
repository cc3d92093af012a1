/* What the description of a TIFF file says: OME-XML or ImageJ. Private to tiff*.c. */
#ifndef RGQ_IO_TIFF_TEXT_H
#define RGQ_IO_TIFF_TEXT_H

#include <stdbool.h>

#include "rgdquant/volume.h"

typedef struct rgq_tiff_text {
    bool is_ome;
    bool is_imagej;
    int size[5];        /* of x, y, z, channels and time; 0 = not stated */
    bool time_first;    /* neighbouring pages differ in time */
    double voxel_mm[3]; /* NaN = not stated */
    double increment_s; /* between frames; NaN = not stated */
    double slope;       /* value = slope * stored + intercept, ImageJ's calibration of greys */
    double intercept;
    char value_unit[64]; /* as ImageJ names it; "" = not stated */
    bool has_affine;
    double affine[3][4];
} rgq_tiff_text;

/* `text` may be NULL. `pixels_per_unit` are the resolution tags, which ImageJ relies on. */
RGQ_MUST_CHECK rgq_status rgq_tiff_text_parse(rgq_tiff_text *out, const char *text,
                                              const double pixels_per_unit[2], rgq_error *err);

/* Page of each plane, index z + n_z * frame, where OME's TiffData moves it; pages are counted
 * from 0 and are < n_pages. Entries that TiffData does not name stay as they are. */
RGQ_MUST_CHECK rgq_status rgq_tiff_text_place(int *page, const rgq_tiff_text *layout, int n_z,
                                              int n_pages, const char *text, rgq_error *err);

/* Frame times that the text states, into the volume. */
void rgq_tiff_text_times(rgq_volume *volume, const rgq_tiff_text *layout, const char *text);

#endif
