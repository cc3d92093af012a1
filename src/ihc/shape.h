/* Which pixels of a row belong to a region. */
#ifndef RGQ_IHC_SHAPE_H
#define RGQ_IHC_SHAPE_H

#include "ihc/pixels.h"
#include "rgdquant/ihc.h"

enum { RGQ_IHC_BUCKET_ROWS = 64 };

typedef struct rgq_ihc_edge {
    double x0, y0, x1, y1; /**< y0 < y1 */
} rgq_ihc_edge;

/** A region made ready: its edges, sorted into buckets of rows that they cross; or a mask. */
typedef struct rgq_ihc_shape {
    int64_t x0, y0, x1, y1; /**< pixels that may belong to it, ends exclusive; may be empty */
    bool whole;             /**< the whole slide */
    const rgq_ihc_runs *mask;
    rgq_ihc_edge *edge;
    size_t n_edges;
    size_t *bucket_first; /**< of rows y0 + 64 b ...; one more than there are buckets */
    int32_t *bucket;      /**< indices of edges */
    size_t bucket_max;    /**< most edges in one */
} rgq_ihc_shape;

/** @param[in] region  NULL: the whole slide. Borrowed.
 *  @return RGQ_OK; RGQ_E_ARGUMENT: rings of less than 3 points, or coordinates that are not
 *          finite; RGQ_E_UNSUPPORTED: more than 2^26 crossings of edges and buckets;
 *          RGQ_E_NOMEM */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_shape_init(rgq_ihc_shape *shape,
                                                     const rgq_ihc_region *region,
                                                     int64_t width, int64_t height,
                                                     rgq_error *err);
RGQ_API void rgq_ihc_shape_release(rgq_ihc_shape *shape);

/** Most spans that a row can have: spans and `room` below must hold so many. */
RGQ_API size_t rgq_ihc_shape_spans_max(const rgq_ihc_shape *shape);

/**
 * @brief The pixels of row y with begin <= x < end that belong to it.
 *
 * @param[out] spans  relative to `begin`, ascending, not empty
 * @param      room   work space
 * @return their number
 */
RGQ_API size_t rgq_ihc_shape_row(rgq_ihc_span *spans, int *room, const rgq_ihc_shape *shape,
                                 int64_t y, int64_t begin, int end);

/** Does pixel (x, y) belong to it? */
RGQ_API bool rgq_ihc_shape_has(const rgq_ihc_shape *shape, int64_t x, int64_t y);

#endif
