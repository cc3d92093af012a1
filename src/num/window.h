/* A rolling window over the rows of a line, so that a line can be filtered in place. */
#ifndef RGQ_NUM_WINDOW_H
#define RGQ_NUM_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "rgdquant/convolution.h"

/** One axis, and what is the same for all its lines. */
typedef struct rgq_axis {
    int n;
    int radius;
    rgq_border border;
    const float *half; /**< radius + 1 taps, where they are symmetric */
    const int *edge;   /**< 2 radius entries by rgq_axis_edges(); NULL for radius 0 */
} rgq_axis;

/** The rows around the one being computed, as they were before they were overwritten: row i
 * lies in slot i % slots. A row may be anything of a fixed length: a band of a row, a slice. */
typedef struct rgq_window {
    int slots;
    size_t stride; /**< floats from slot to slot */
    float *zero;   /**< a row of zeros */
    float *ring;
    float *tail; /**< rows n - radius .. n - 1: a periodic line needs those at its two ends */
    float *head; /**< rows 0 .. radius - 1 */
} rgq_window;

/** Stand-ins for positions -radius .. -1, then n .. n + radius - 1; -1: zero. */
void rgq_axis_edges(int *edge, int n, int radius, rgq_border border);

/** Are rows of the two ends kept apart? Not where the window holds the whole line. */
bool rgq_window_keeps_ends(const rgq_axis *a);

/** Rows that a window has room for, `zero` among them. */
size_t rgq_window_rows(const rgq_axis *a);

/** Floats from row to row for rows of `width`: an odd number of cache lines, so that the rows
 * of a window fall on different cache sets. */
size_t rgq_window_stride(size_t width);

/** `floats` has room for rgq_window_rows() rows of `stride`. */
void rgq_window_init(rgq_window *w, const rgq_axis *a, size_t stride, float *floats);

static inline float *rgq_window_slot(const rgq_window *w, int i)
{
    return w->ring + (size_t)(i % w->slots) * w->stride;
}

/** Row at position `i`, which may lie outside the line by `radius` at most. */
const float *rgq_window_at(const rgq_window *w, const rgq_axis *a, int i);

#endif
