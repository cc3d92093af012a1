#include "num/window.h"

#include <string.h>

#include "core/banned.h"
#include "num/border.h"

enum { LINE = 16 }; /* floats in a cache line */

void rgq_axis_edges(int *edge, int n, int radius, rgq_border border)
{
    for (int k = 0; k < radius; k++) {
        edge[k] = rgq_border_index(k - radius, n, border);
        edge[radius + k] = rgq_border_index(n + k, n, border);
    }
}

/* Rows may be computed in pairs. A window that holds the whole line answers every border rule
 * by a look-up. */
static int slots_of(const rgq_axis *a)
{
    return 2 * a->radius + 2 < a->n ? 2 * a->radius + 2 : a->n;
}

bool rgq_window_keeps_ends(const rgq_axis *a)
{
    return a->border == RGQ_BORDER_PERIODIC && slots_of(a) < a->n;
}

size_t rgq_window_rows(const rgq_axis *a)
{
    return (size_t)slots_of(a) + 1 + (rgq_window_keeps_ends(a) ? 2 * (size_t)a->radius : 0);
}

size_t rgq_window_stride(size_t width)
{
    return ((width + LINE - 1) / LINE | 1U) * LINE;
}

void rgq_window_init(rgq_window *w, const rgq_axis *a, size_t stride, float *floats)
{
    w->slots = slots_of(a);
    w->stride = stride;
    w->zero = floats;
    memset(w->zero, 0, stride * sizeof *w->zero);
    w->ring = w->zero + stride;
    w->tail = w->ring + (size_t)w->slots * stride;
    w->head = w->tail;
    if (rgq_window_keeps_ends(a))
        w->head += (size_t)a->radius * stride;
}

const float *rgq_window_at(const rgq_window *w, const rgq_axis *a, int i)
{
    if (i >= 0 && i < a->n)
        return rgq_window_slot(w, i);
    if (rgq_window_keeps_ends(a))
        return i < 0 ? w->tail + (size_t)(i + a->radius) * w->stride
                     : w->head + (size_t)(i - a->n) * w->stride;
    const int stand_in = i < 0 ? a->edge[i + a->radius] : a->edge[i - a->n + a->radius];
    return stand_in < 0 ? w->zero : rgq_window_slot(w, stand_in);
}
