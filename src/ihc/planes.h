/* The stains in coarser pixels, rolling over the slide: what nuclei and vessels are found in.
 */
#ifndef RGQ_IHC_PLANES_H
#define RGQ_IHC_PLANES_H

#include "ihc/pixels.h"

/** Coarse pixel (i, j) is the mean over columns i * factor .. and rows j * factor .. of the
 *  slide (less at its right and lower edge). Rows `base` .. `end` - 1 are in memory. */
typedef struct rgq_ihc_planes {
    int factor;            /**< a power of two, at most the side of a tissue block */
    int64_t width, height; /**< of the whole slide */
    int64_t base, end;
    int64_t capacity; /**< rows that fit */
    float *h;         /**< hematoxylin, or with DAB added: what nuclei are looked for in */
    float *dab;
    bool sum; /**< `h` is hematoxylin + DAB */
} rgq_ihc_planes;

RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_planes_init(rgq_ihc_planes *p, int64_t width,
                                                      int64_t height, int factor,
                                                      int64_t capacity, rgq_error *err);
RGQ_API void rgq_ihc_planes_release(rgq_ihc_planes *p);

/** Take a strip that begins at pixel (x, y) of the slide, both multiples of the factor; the
 *  rows must fit. Strips do not overlap; threads may add different ones at once. */
RGQ_API void rgq_ihc_planes_add(rgq_ihc_planes *p, const rgq_ihc_strip *strip, int64_t x,
                                int64_t y);

/** Forget the rows before `base`. */
RGQ_API void rgq_ihc_planes_drop(rgq_ihc_planes *p, int64_t base);

/** Row `j` of a plane; beyond the slide its nearest row. */
static inline const float *rgq_ihc_planes_row(const rgq_ihc_planes *p, const float *plane,
                                              int64_t j)
{
    const int64_t row = j < 0 ? 0 : (j >= p->height ? p->height - 1 : j);
    return plane + (size_t)(row - p->base) * (size_t)p->width;
}

#endif
