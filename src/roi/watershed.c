#include "roi/watershed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

/* A way from a basin to a voxel beside it. */
typedef struct shore {
    float level;    /* the highest place on the way */
    uint32_t order; /* of being found; equal levels: the first */
    size_t at;
    uint8_t basin;
} shore;

typedef struct heap {
    shore *item;
    size_t count;
    size_t capacity;
    uint32_t next;
} heap;

static int comes_before(const shore *a, const shore *b)
{
    return a->level < b->level || (a->level <= b->level && a->order < b->order);
}

static void swap(shore *a, shore *b)
{
    const shore t = *a;
    *a = *b;
    *b = t;
}

static rgq_status push(heap *h, float level, size_t at, uint8_t basin, rgq_error *err)
{
    if (h->count == h->capacity) {
        const size_t capacity = h->capacity > 0 ? 2 * h->capacity : 1024;
        RGQ_PASS(err, rgq_realloc(&h->item, capacity, sizeof *h->item, err));
        h->capacity = capacity;
    }
    size_t i = h->count++;
    h->item[i] = (shore){level, h->next++, at, basin};
    while (i > 0 && comes_before(&h->item[i], &h->item[(i - 1) / 2])) {
        swap(&h->item[i], &h->item[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    return RGQ_OK;
}

static shore pop(heap *h)
{
    const shore first = h->item[0];
    size_t i = 0;

    h->item[0] = h->item[--h->count];
    for (;;) {
        const size_t left = 2 * i + 1;
        size_t least = i;
        if (left < h->count && comes_before(&h->item[left], &h->item[least]))
            least = left;
        if (left + 1 < h->count && comes_before(&h->item[left + 1], &h->item[least]))
            least = left + 1;
        if (least == i)
            return first;
        swap(&h->item[i], &h->item[least]);
        i = least;
    }
}

/* Up to six neighbours of voxel i; returns how many. */
static int neighbours(size_t out[6], const int n[3], size_t i)
{
    const size_t stride[3] = {1, (size_t)n[0], (size_t)n[0] * (size_t)n[1]};
    int count = 0;

    for (int a = 0; a < 3; a++) {
        const size_t x = i / stride[a] % (size_t)n[a];
        if (x > 0)
            out[count++] = i - stride[a];
        if (x + 1 < (size_t)n[a])
            out[count++] = i + stride[a];
    }
    return count;
}

/* Ways from voxel i, which the water has reached at `level`, where they are lower than those
 * known. */
static rgq_status look_about(heap *h, float *lowest, const uint8_t *label, const float *height,
                             const int n[3], const shore *from, rgq_error *err)
{
    size_t next[6];
    const int k_max = neighbours(next, n, from->at);

    for (int k = 0; k < k_max; k++) {
        const size_t j = next[k];
        const float level = height[j] > from->level ? height[j] : from->level;
        if (label[j] != 0 || level >= lowest[j])
            continue;
        lowest[j] = level;
        RGQ_PASS(err, push(h, level, j, from->basin, err));
    }
    return RGQ_OK;
}

rgq_status rgq_watershed(uint8_t *label, const float *height, const int n[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
    heap h = {NULL, 0, 0, 0};
    float *lowest = NULL; /* level of the lowest way to each voxel so far */

    RGQ_TRY(err, rgq_alloc(&lowest, count, sizeof *lowest, err));
    for (size_t i = 0; i < count; i++)
        lowest[i] = INFINITY;
    for (size_t i = 0; i < count; i++)
        if (label[i] != 0) {
            const shore from = {height[i], 0, i, label[i]};
            RGQ_TRY(err, look_about(&h, lowest, label, height, n, &from, err));
        }
    while (h.count > 0) {
        const shore way = pop(&h);
        if (label[way.at] != 0)
            continue; /* a lower way came first */
        label[way.at] = way.basin;
        RGQ_TRY(err, look_about(&h, lowest, label, height, n, &way, err));
    }
out:
    rgq_free(lowest);
    rgq_free(h.item);
    return st;
}

/* ---- hills ---- */

typedef struct voxel {
    float value;
    size_t at;
} voxel;

static int by_falling_value(const void *a, const void *b)
{
    const voxel *p = a;
    const voxel *q = b;

    if (p->value != q->value)
        return p->value > q->value ? -1 : 1;
    return p->at < q->at ? -1 : p->at > q->at;
}

/* The hills so far: each knows the one it was joined to (itself, if none) and its peak. */
typedef struct hills {
    int32_t *joined;
    float *peak;
    int32_t count;
} hills;

static int32_t root_of(hills *h, int32_t k)
{
    while (h->joined[k] != k) {
        h->joined[k] = h->joined[h->joined[k]]; /* shorter for the next */
        k = h->joined[k];
    }
    return k;
}

/* Two hills meet at a saddle: the lower one is joined to the other, or stays. */
static void meet(hills *h, int32_t a, int32_t b, float saddle, double depth)
{
    /* of equal peaks the older hill is the higher */
    const int32_t high = h->peak[a] > h->peak[b] || (h->peak[a] >= h->peak[b] && a < b) ? a : b;
    const int32_t low = high == a ? b : a;

    if ((double)h->peak[low] - (double)saddle < depth * (double)h->peak[low])
        h->joined[low] = high;
}

/* Up to 26 neighbours that touch voxel i; returns how many. */
static int touching(size_t out[26], const int n[3], size_t i)
{
    const int at[3] = {(int)(i % (size_t)n[0]), (int)(i / (size_t)n[0] % (size_t)n[1]),
                       (int)(i / ((size_t)n[0] * (size_t)n[1]))};
    int count = 0;

    for (int k = 0; k < 27; k++) {
        const int x = at[0] + k % 3 - 1;
        const int y = at[1] + k / 3 % 3 - 1;
        const int z = at[2] + k / 9 - 1;
        if (k == 13 || x < 0 || y < 0 || z < 0 || x >= n[0] || y >= n[1] || z >= n[2])
            continue;
        out[count++] = ((size_t)z * (size_t)n[1] + (size_t)y) * (size_t)n[0] + (size_t)x;
    }
    return count;
}

/* One voxel comes out of the water. */
static void emerge(hills *h, int32_t *hill, const float *value, const int n[3], size_t i,
                   double depth)
{
    size_t next[26];
    const int k_max = touching(next, n, i);
    size_t best = i;

    for (int k = 0; k < k_max; k++)
        if (hill[next[k]] != 0 && (best == i || value[next[k]] > value[best]))
            best = next[k];
    if (best == i) {
        h->count++;
        h->joined[h->count] = h->count;
        h->peak[h->count] = value[i];
        hill[i] = h->count;
        return;
    }
    hill[i] = hill[best];
    for (int k = 0; k < k_max; k++) {
        if (hill[next[k]] == 0)
            continue;
        const int32_t a = root_of(h, hill[i]);
        const int32_t b = root_of(h, hill[next[k]]);
        if (a != b)
            meet(h, a, b, value[i], depth);
    }
}

rgq_status rgq_hills(int32_t *hill, const uint8_t *mask, const float *value, const int n[3],
                     double depth, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
    hills h = {NULL, NULL, 0};
    voxel *order = NULL;
    size_t m = 0;

    for (size_t i = 0; i < count; i++)
        m += mask[i] != 0;
    memset(hill, 0, count * sizeof *hill);
    if (m == 0)
        return RGQ_OK;
    if (m > INT32_MAX - 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%zu voxels are too many to part", m);
    RGQ_TRY(err, rgq_alloc(&order, m, sizeof *order, err));
    RGQ_TRY(err, rgq_alloc(&h.joined, m + 1, sizeof *h.joined, err));
    RGQ_TRY(err, rgq_alloc(&h.peak, m + 1, sizeof *h.peak, err));
    m = 0;
    for (size_t i = 0; i < count; i++)
        if (mask[i] != 0)
            order[m++] = (voxel){value[i], i};
    qsort(order, m, sizeof *order, by_falling_value);
    for (size_t k = 0; k < m; k++)
        emerge(&h, hill, value, n, order[k].at, depth);
    for (size_t k = 0; k < m; k++)
        hill[order[k].at] = root_of(&h, hill[order[k].at]);
out:
    rgq_free(h.peak);
    rgq_free(h.joined);
    rgq_free(order);
    return st;
}
