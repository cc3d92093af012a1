#include "ihc/shape.h"

#include <math.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "core/banned.h"

static const size_t BUCKETED_MAX = (size_t)1 << 26;
/* Far outside any slide: beyond it a corner is cut off, so that differences stay exact. */
static const double FAR = 1e8;

static int64_t clamp_to(double v, int64_t low, int64_t high)
{
    return v < (double)low ? low : (v > (double)high ? high : (int64_t)v);
}

static size_t count_points(const rgq_ihc_region *region)
{
    size_t n = 0;
    for (int r = 0; r < region->n_rings; r++)
        n += (size_t)region->ring_length[r];
    return n;
}

static rgq_status check_rings(const rgq_ihc_region *region, rgq_error *err)
{
    for (int r = 0; r < region->n_rings; r++) {
        if (region->ring_length[r] < 3)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "region '%s': ring %d has %d points; 3 or more were needed",
                             region->name, r + 1, region->ring_length[r]);
    }
    const size_t n = count_points(region);
    for (size_t i = 0; i < 2 * n; i++) {
        if (!(fabs(region->xy[i]) <= FAR))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "region '%s': a coordinate is %g pixels; within +-%g was needed",
                             region->name, region->xy[i], FAR);
    }
    return RGQ_OK;
}

/* First row or column whose centre lies at or behind v. */
static double first_centre(double v)
{
    return ceil(v - 0.5);
}

static void take_edges(rgq_ihc_shape *shape, const rgq_ihc_region *region)
{
    const double *xy = region->xy;

    for (int r = 0; r < region->n_rings; r++) {
        const int n = region->ring_length[r];
        for (int i = 0; i < n; i++) {
            const double *a = xy + 2 * (size_t)i;
            const double *b = xy + 2 * (size_t)((i + 1) % n);
            /* an edge without a centre of a row between its ends crosses none */
            if (first_centre(a[1]) < first_centre(b[1]))
                shape->edge[shape->n_edges++] = (rgq_ihc_edge){a[0], a[1], b[0], b[1]};
            else if (first_centre(b[1]) < first_centre(a[1]))
                shape->edge[shape->n_edges++] = (rgq_ihc_edge){b[0], b[1], a[0], a[1]};
        }
        xy += 2 * (size_t)n;
    }
}

static void find_box(rgq_ihc_shape *shape, int64_t width, int64_t height)
{
    double low[2] = {FAR, FAR};
    double high[2] = {-FAR, -FAR};

    for (size_t i = 0; i < shape->n_edges; i++) {
        const rgq_ihc_edge *e = &shape->edge[i];
        low[0] = fmin(low[0], fmin(e->x0, e->x1));
        high[0] = fmax(high[0], fmax(e->x0, e->x1));
        low[1] = fmin(low[1], e->y0);
        high[1] = fmax(high[1], e->y1);
    }
    shape->x0 = clamp_to(first_centre(low[0]), 0, width);
    shape->x1 = clamp_to(first_centre(high[0]), 0, width);
    shape->y0 = clamp_to(first_centre(low[1]), 0, height);
    shape->y1 = clamp_to(first_centre(high[1]), 0, height);
}

/* Rows begin .. end - 1 of the box whose centres an edge crosses. */
static bool edge_rows(int64_t *begin, int64_t *end, const rgq_ihc_shape *shape,
                      const rgq_ihc_edge *e)
{
    *begin = clamp_to(first_centre(e->y0), shape->y0, shape->y1);
    *end = clamp_to(first_centre(e->y1), shape->y0, shape->y1);
    return *begin < *end;
}

static size_t bucket_of(const rgq_ihc_shape *shape, int64_t y)
{
    return (size_t)((y - shape->y0) / RGQ_IHC_BUCKET_ROWS);
}

/* Counting sort: how many edges each bucket has, where it begins, then the edges. */
static rgq_status fill_buckets(rgq_ihc_shape *shape, rgq_error *err)
{
    const size_t n = bucket_of(shape, shape->y1 - 1) + 1;
    int64_t begin = 0;
    int64_t end = 0;
    size_t total = 0;

    RGQ_PASS(err, rgq_alloc(&shape->bucket_first, n + 2, sizeof *shape->bucket_first, err));
    size_t *first = shape->bucket_first;
    for (size_t i = 0; i < shape->n_edges; i++) {
        if (!edge_rows(&begin, &end, shape, &shape->edge[i]))
            continue;
        total += bucket_of(shape, end - 1) - bucket_of(shape, begin) + 1;
        if (total > BUCKETED_MAX)
            return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                             "its outline has %zu edges that cross more than %zu pieces of %d "
                             "rows; draw it with fewer corners",
                             shape->n_edges, BUCKETED_MAX, RGQ_IHC_BUCKET_ROWS);
        for (size_t b = bucket_of(shape, begin); b <= bucket_of(shape, end - 1); b++)
            first[b + 2]++;
    }
    for (size_t b = 0; b < n; b++) {
        shape->bucket_max = first[b + 2] > shape->bucket_max ? first[b + 2] : shape->bucket_max;
        first[b + 2] += first[b + 1];
    }
    RGQ_PASS(err, rgq_alloc(&shape->bucket, total > 0 ? total : 1, sizeof *shape->bucket, err));
    for (size_t i = 0; i < shape->n_edges; i++) {
        if (!edge_rows(&begin, &end, shape, &shape->edge[i]))
            continue;
        for (size_t b = bucket_of(shape, begin); b <= bucket_of(shape, end - 1); b++)
            shape->bucket[first[b + 1]++] = (int32_t)i;
    }
    return RGQ_OK;
}

static rgq_status init_rings(rgq_ihc_shape *shape, const rgq_ihc_region *region, int64_t width,
                             int64_t height, rgq_error *err)
{
    RGQ_PASS(err, check_rings(region, err));
    const size_t points = count_points(region);
    if (points > INT32_MAX)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED, "its outline has %zu corners", points);
    if (points == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&shape->edge, points, sizeof *shape->edge, err));
    take_edges(shape, region);
    if (shape->n_edges == 0)
        return RGQ_OK;
    find_box(shape, width, height);
    if (shape->x0 >= shape->x1 || shape->y0 >= shape->y1)
        return RGQ_OK;
    return fill_buckets(shape, err);
}

/* Column or row of the mask for one of the slide. */
static int64_t to_mask(int64_t x, double per_pixel)
{
    return (int64_t)floor(((double)x + 0.5) * per_pixel);
}

/* First column of the slide whose mask column is `column` or beyond. */
static int64_t from_mask(int64_t column, double per_pixel)
{
    int64_t x = (int64_t)ceil((double)column / per_pixel - 0.5);
    while (x > 0 && to_mask(x - 1, per_pixel) >= column)
        x--;
    while (to_mask(x, per_pixel) < column)
        x++;
    return x;
}

static rgq_status init_mask(rgq_ihc_shape *shape, const rgq_ihc_runs *mask, int64_t width,
                            int64_t height, rgq_error *err)
{
    for (int k = 0; k < 2; k++) {
        if (!(mask->per_pixel[k] > 1e-6 && mask->per_pixel[k] < 1e6))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "its mask has %g pixels per pixel",
                             mask->per_pixel[k]);
    }
    shape->mask = mask;
    shape->x1 = width;
    shape->y1 = height;
    for (int64_t row = 0; row < mask->height; row++) {
        const size_t runs = mask->first[row + 1] - mask->first[row];
        shape->bucket_max = 2 * runs > shape->bucket_max ? 2 * runs : shape->bucket_max;
    }
    return RGQ_OK;
}

rgq_status rgq_ihc_shape_init(rgq_ihc_shape *shape, const rgq_ihc_region *region, int64_t width,
                              int64_t height, rgq_error *err)
{
    rgq_status st = RGQ_OK;

    *shape = (rgq_ihc_shape){.whole = region == NULL};
    if (region == NULL) {
        shape->x1 = width;
        shape->y1 = height;
        return RGQ_OK;
    }
    if (region->mask != NULL)
        RGQ_TRY(err, init_mask(shape, region->mask, width, height, err));
    else
        RGQ_TRY(err, init_rings(shape, region, width, height, err));
out:
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "region '%s': ", region->name);
        rgq_ihc_shape_release(shape);
    }
    return st;
}

void rgq_ihc_shape_release(rgq_ihc_shape *shape)
{
    rgq_free(shape->edge);
    rgq_free(shape->bucket_first);
    rgq_free(shape->bucket);
    *shape = (rgq_ihc_shape){0};
}

size_t rgq_ihc_shape_spans_max(const rgq_ihc_shape *shape)
{
    return shape->bucket_max + 2;
}

/* First pixel whose centre lies at or behind the crossing of an edge with that of row y. */
static double crossing(const rgq_ihc_edge *e, int64_t y)
{
    const double t = ((double)y + 0.5 - e->y0) / (e->y1 - e->y0);
    return first_centre(e->x0 + t * (e->x1 - e->x0));
}

static bool crosses(const rgq_ihc_edge *e, int64_t y)
{
    const double centre = (double)y + 0.5;
    return e->y0 <= centre && centre < e->y1;
}

static int compare(const void *a, const void *b)
{
    const int x = *(const int *)a;
    const int y = *(const int *)b;
    return (x > y) - (x < y);
}

/* Crossings of row y between begin and begin + end, sorted; those before count as 0. */
static size_t find_crossings(int *at, const rgq_ihc_shape *shape, int64_t y, int64_t begin,
                             int end)
{
    const size_t b = bucket_of(shape, y);
    size_t n = 0;
    bool odd = false;

    for (size_t k = shape->bucket_first[b]; k < shape->bucket_first[b + 1]; k++) {
        const rgq_ihc_edge *e = &shape->edge[shape->bucket[k]];
        if (!crosses(e, y) || fmin(e->x0, e->x1) >= (double)(begin + end))
            continue;
        const double x = fmax(e->x0, e->x1) < (double)begin ? (double)begin : crossing(e, y);
        if (x <= (double)begin)
            odd = !odd;
        else if (x < (double)(begin + end))
            at[n++] = (int)(x - (double)begin);
    }
    if (odd)
        at[n++] = 0;
    qsort(at, n, sizeof *at, compare);
    return n;
}

static size_t put(rgq_ihc_span *spans, size_t n, int begin, int end)
{
    if (begin >= end)
        return n;
    if (n > 0 && spans[n - 1].end == begin)
        spans[n - 1].end = end;
    else
        spans[n++] = (rgq_ihc_span){begin, end};
    return n;
}

static int clip(int64_t x, int end)
{
    return x < 0 ? 0 : (x > end ? end : (int)x);
}

static size_t mask_row(rgq_ihc_span *spans, const rgq_ihc_shape *shape, int64_t y,
                       int64_t begin, int end)
{
    const rgq_ihc_runs *m = shape->mask;
    const int64_t row = to_mask(y, m->per_pixel[1]);
    const int64_t low = to_mask(begin, m->per_pixel[0]);
    const int64_t high = to_mask(begin + end - 1, m->per_pixel[0]);
    size_t n = 0;

    if (row < 0 || row >= m->height)
        return 0;
    for (size_t k = m->first[row]; k < m->first[row + 1]; k++) {
        if (m->ends[2 * k] > high || m->ends[2 * k + 1] <= low)
            continue;
        n = put(spans, n, clip(from_mask(m->ends[2 * k], m->per_pixel[0]) - begin, end),
                clip(from_mask(m->ends[2 * k + 1], m->per_pixel[0]) - begin, end));
    }
    return n;
}

size_t rgq_ihc_shape_row(rgq_ihc_span *spans, int *room, const rgq_ihc_shape *shape, int64_t y,
                         int64_t begin, int end)
{
    if (y < shape->y0 || y >= shape->y1 || begin >= shape->x1 || begin + end <= shape->x0)
        return 0;
    if (shape->whole)
        return put(spans, 0, 0, clip(shape->x1 - begin, end));
    if (shape->mask != NULL)
        return mask_row(spans, shape, y, begin, end);
    const size_t crossings = find_crossings(room, shape, y, begin, end);
    size_t n = 0;
    for (size_t k = 0; k < crossings; k += 2)
        n = put(spans, n, room[k], k + 1 < crossings ? room[k + 1] : end);
    return n;
}

bool rgq_ihc_shape_has(const rgq_ihc_shape *shape, int64_t x, int64_t y)
{
    if (y < shape->y0 || y >= shape->y1 || x < shape->x0 || x >= shape->x1)
        return false;
    if (shape->whole)
        return true;
    bool odd = false;
    if (shape->mask != NULL) {
        const rgq_ihc_runs *m = shape->mask;
        const int64_t row = to_mask(y, m->per_pixel[1]);
        const int64_t column = to_mask(x, m->per_pixel[0]);
        for (size_t k = row < m->height ? m->first[row] : 0;
             row < m->height && k < m->first[row + 1]; k++)
            odd = odd || (m->ends[2 * k] <= column && column < m->ends[2 * k + 1]);
        return odd;
    }
    const size_t b = bucket_of(shape, y);
    for (size_t k = shape->bucket_first[b]; k < shape->bucket_first[b + 1]; k++) {
        const rgq_ihc_edge *e = &shape->edge[shape->bucket[k]];
        if (crosses(e, y) && crossing(e, y) <= (double)x)
            odd = !odd;
    }
    return odd;
}
