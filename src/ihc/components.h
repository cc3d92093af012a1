/* Connected stained objects of a slide, row by row: vessels. */
#ifndef RGQ_IHC_COMPONENTS_H
#define RGQ_IHC_COMPONENTS_H

#include <stddef.h>
#include <stdint.h>

#include "rgdquant/error.h"

/** An object that has no pixel in the row at hand any more. */
typedef struct rgq_ihc_object {
    int64_t area;           /**< pixels */
    int64_t sum_x, sum_y;   /**< of their columns and rows */
    int64_t x0, y0, x1, y1; /**< box, ends exclusive */
} rgq_ihc_object;

typedef struct rgq_ihc_run_of {
    int64_t begin, end;
    size_t object;
} rgq_ihc_run_of;

/** Objects whose pixels touch by sides or corners, joined by union-find along the border of two
 *  rows; only what reaches the last row is remembered. */
typedef struct rgq_ihc_components {
    float threshold;
    int64_t width, y;
    rgq_ihc_run_of *run[2]; /**< of the row before and this one */
    size_t n_runs;          /**< of the row before */
    rgq_ihc_object *object; /**< those of the row before, then those begun in this one */
    rgq_ihc_object *kept;
    size_t n_objects;
    size_t *parent;
    size_t *renamed;
    void (*finished)(void *user, const rgq_ihc_object *object);
    void *user;
} rgq_ihc_components;

/** Stained is a value >= `threshold`; `finished` and `user` are set by the caller afterwards.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_components_init(rgq_ihc_components *c, int64_t width,
                                                          float threshold, rgq_error *err);
RGQ_API void rgq_ihc_components_release(rgq_ihc_components *c);

/** Take the next row; hands out the objects that it ends, in a fixed order. */
RGQ_API void rgq_ihc_components_row(rgq_ihc_components *c, const float *row);

/** No more rows: hands out the rest. */
RGQ_API void rgq_ihc_components_end(rgq_ihc_components *c);

#endif
