#include "volume/contour.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "volume/shape.h"

static const double FLAT = 0.1;      /* voxels a contour may leave its plane by */
static const double ON_SLICE = 0.05; /* slices between a contour and the slice it lies on */
static const double SNAP = 1e-6;     /* voxels: what doubles lose, not what a file rounds */
static const double BRIDGE = 1.5;    /* times the usual distance: a wider gap is none to fill */
static const double BRIDGE_MM = 10.0;
static const double FAR_MM = 1e5;

/* A contour in index coordinates; u and v run in its plane. */
typedef struct flat_contour {
    double (*uv)[2];
    size_t n;
    double w; /* its place along the third axis, in slices */
} flat_contour;

/* Contours of one plane: [first, first + n) of the sorted list. */
typedef struct plane {
    double w;
    size_t first, n;
} plane;

/* Everything in index coordinates, axes renamed: u, v in the plane, w across. */
typedef struct work {
    int axis[3]; /* of the grid: u, v, w */
    int side[3]; /* voxels along them */
    double step_mm[3];
    flat_contour *contour;
    size_t n_contours;
    double (*points)[2]; /* of all contours */
    plane *planes;
    size_t n_planes;
    int lo[2], hi[2]; /* columns and rows that can hold a voxel; hi < lo: none */
    size_t n_u, n_v;  /* how many columns and rows these are */
    double usual;     /* usual distance of planes, in slices; 0 for one plane */
    bool on_slices;   /* every plane lies on a slice */
} work;

static void release(work *w)
{
    rgq_free(w->contour);
    rgq_free(w->points);
    rgq_free(w->planes);
}

static double snap(double index)
{
    const double whole = nearbyint(index);
    return fabs(index - whole) <= SNAP ? whole : index;
}

/* Largest extent of one contour along each axis of the grid. */
static rgq_status measure_flatness(double worst[3], const rgq_grid *grid,
                                   const rgq_contour *contour, size_t n, rgq_error *err)
{
    worst[0] = worst[1] = worst[2] = 0.0;
    for (size_t c = 0; c < n; c++) {
        double lo[3] = {(double)INFINITY, (double)INFINITY, (double)INFINITY};
        double hi[3] = {-(double)INFINITY, -(double)INFINITY, -(double)INFINITY};
        if (contour[c].n < 3)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "contour %zu has %zu points; at least 3 were needed", c + 1,
                             contour[c].n);
        for (size_t p = 0; p < contour[c].n; p++) {
            double index[3];
            const double *mm = contour[c].point_mm[p];
            for (int a = 0; a < 3; a++)
                if (!(fabs(mm[a]) <= FAR_MM))
                    return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                                     "contour %zu has a point at %g mm; within 100 m was "
                                     "needed",
                                     c + 1, mm[a]);
            rgq_grid_to_index(grid, mm, index);
            for (int a = 0; a < 3; a++) {
                lo[a] = fmin(lo[a], index[a]);
                hi[a] = fmax(hi[a], index[a]);
            }
        }
        for (int a = 0; a < 3; a++)
            worst[a] = fmax(worst[a], hi[a] - lo[a]);
    }
    return RGQ_OK;
}

static rgq_status choose_axis(work *w, const rgq_grid *grid, const rgq_contour *contour,
                              size_t n, rgq_error *err)
{
    double worst[3];
    double spacing_mm[3];
    int across = 2;

    RGQ_PASS(err, measure_flatness(worst, grid, contour, n, err));
    while (across >= 0 && !(worst[across] <= FLAT))
        across--;
    if (across < 0)
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the contours are not parallel to the slices: they run through up to "
                         "%.3g slices (%.3g and %.3g voxels along the other axes; allowed %g); "
                         "contours drawn on this scan were needed",
                         worst[2], worst[0], worst[1], FLAT);
    rgq_grid_spacing_mm(grid, spacing_mm);
    w->axis[0] = across == 0 ? 1 : 0;
    w->axis[1] = across == 2 ? 1 : 2;
    w->axis[2] = across;
    for (int a = 0; a < 3; a++) {
        w->side[a] = grid->n[w->axis[a]];
        w->step_mm[a] = spacing_mm[w->axis[a]];
    }
    return RGQ_OK;
}

static rgq_status to_index(work *w, const rgq_grid *grid, const rgq_contour *contour, size_t n,
                           rgq_error *err)
{
    size_t total = 0;

    for (size_t c = 0; c < n; c++)
        total += contour[c].n;
    RGQ_PASS(err, rgq_alloc(&w->contour, n, sizeof *w->contour, err));
    RGQ_PASS(err, rgq_alloc(&w->points, total, sizeof *w->points, err));
    w->n_contours = n;
    total = 0;
    for (size_t c = 0; c < n; c++) {
        flat_contour *to = &w->contour[c];
        *to = (flat_contour){w->points + total, contour[c].n, 0.0};
        for (size_t p = 0; p < to->n; p++) {
            double index[3];
            rgq_grid_to_index(grid, contour[c].point_mm[p], index);
            to->uv[p][0] = snap(index[w->axis[0]]);
            to->uv[p][1] = snap(index[w->axis[1]]);
            to->w += index[w->axis[2]] / (double)to->n;
        }
        total += to->n;
    }
    return RGQ_OK;
}

/* By plane; equal contours come to stand side by side. */
static int compare_contours(const void *a, const void *b)
{
    const flat_contour *x = a;
    const flat_contour *y = b;

    if (x->w != y->w)
        return x->w < y->w ? -1 : 1;
    if (x->n != y->n)
        return x->n < y->n ? -1 : 1;
    return memcmp(x->uv, y->uv, x->n * sizeof *x->uv);
}

static size_t drop_doubles(work *w)
{
    size_t kept = 1;

    for (size_t c = 1; c < w->n_contours; c++)
        if (compare_contours(&w->contour[kept - 1], &w->contour[c]) != 0)
            w->contour[kept++] = w->contour[c];
    const size_t doubled = w->n_contours - kept;
    w->n_contours = kept;
    return doubled;
}

static int compare_reals(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static rgq_status find_planes(work *w, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *gap = NULL;
    plane *planes = NULL;

    RGQ_TRY(err, rgq_alloc(&planes, w->n_contours, sizeof *planes, err));
    w->planes = planes;
    RGQ_TRY(err, rgq_alloc(&gap, w->n_contours, sizeof *gap, err));
    w->on_slices = true;
    for (size_t c = 0; c < w->n_contours; c++) {
        const bool any = w->n_planes > 0;
        plane *last = planes + (any ? w->n_planes - 1 : 0);
        const double whole = nearbyint(w->contour[c].w);
        const bool on_slice = fabs(w->contour[c].w - whole) <= ON_SLICE;
        if (any && (w->contour[c].w - last->w <= ON_SLICE || (on_slice && last->w == whole))) {
            last->n++;
            continue;
        }
        if (any)
            gap[w->n_planes - 1] = w->contour[c].w - last->w;
        planes[w->n_planes++] = (plane){on_slice ? whole : w->contour[c].w, c, 1};
        w->on_slices = w->on_slices && on_slice;
    }
    if (w->n_planes > 1) {
        qsort(gap, w->n_planes - 1, sizeof *gap, compare_reals);
        w->usual = gap[(w->n_planes - 2) / 2];
    }
out:
    rgq_free(gap);
    return st;
}

/* Columns and rows that the points span, cut to the grid. */
static void find_extent(work *w)
{
    double lo[2] = {(double)INFINITY, (double)INFINITY};
    double hi[2] = {-(double)INFINITY, -(double)INFINITY};

    for (size_t c = 0; c < w->n_contours; c++)
        for (size_t p = 0; p < w->contour[c].n; p++)
            for (int a = 0; a < 2; a++) {
                lo[a] = fmin(lo[a], w->contour[c].uv[p][a]);
                hi[a] = fmax(hi[a], w->contour[c].uv[p][a]);
            }
    for (int a = 0; a < 2; a++) {
        w->lo[a] = (int)fmin(fmax(ceil(lo[a]), 0.0), w->side[a]);
        w->hi[a] = (int)fmax(fmin(floor(hi[a]), w->side[a] - 1.0), -1.0);
    }
    w->n_u = w->hi[0] < w->lo[0] ? 0 : (size_t)w->hi[0] - (size_t)w->lo[0] + 1;
    w->n_v = w->hi[1] < w->lo[1] ? 0 : (size_t)w->hi[1] - (size_t)w->lo[1] + 1;
}

/* Turn over the column from which the voxels to the left of each crossing change sides. */
static void cross_edge(uint8_t *turn, const work *w, const double a[2], const double b[2])
{
    const size_t width = w->n_u + 1;
    const double *low = a[1] < b[1] ? a : b;
    const double *high = a[1] < b[1] ? b : a;
    const int first = (int)fmin(fmax(ceil(low[1]), w->lo[1]), w->hi[1] + 1.0);

    /* rows low <= v < high: the lower end belongs to the edge, the upper one does not */
    for (int v = first; v < high[1] && v <= w->hi[1]; v++) {
        const double t = (v - low[1]) / (high[1] - low[1]);
        const double u = snap(low[0] + t * (high[0] - low[0]));
        /* columns < u lie left of the crossing */
        const double left = fmin(fmax(ceil(u) - w->lo[0], 0.0), (double)(width - 1));
        turn[((size_t)v - (size_t)w->lo[1]) * width + (size_t)left] ^= 1;
    }
}

/* Fill mask (hi - lo + 1 each way) from the contours of one plane; `turn` has one column more.
 */
static void fill_plane(uint8_t *mask, uint8_t *turn, const work *w, const plane *p)
{
    const size_t n_u = w->n_u;
    const size_t n_v = w->n_v;

    memset(turn, 0, (n_u + 1) * n_v);
    for (size_t c = p->first; c < p->first + p->n; c++) {
        const flat_contour *contour = &w->contour[c];
        for (size_t i = 0; i < contour->n; i++)
            cross_edge(turn, w, contour->uv[i], contour->uv[i + 1 < contour->n ? i + 1 : 0]);
    }
    for (size_t v = 0; v < n_v; v++) {
        uint8_t inside = 0;
        for (size_t u = n_u; u-- > 0;) {
            inside ^= turn[v * (n_u + 1) + u + 1];
            mask[v * n_u + u] = inside;
        }
    }
}

/* Which planes make slice `k`: one (b == a) or two with b's share t; false if none does. */
static bool planes_of_slice(size_t *a, size_t *b, double *t, const work *w, int k)
{
    const plane *p = w->planes;
    const double bridge =
        fmin(BRIDGE * w->usual, fmax(BRIDGE, BRIDGE_MM / w->step_mm[2])) + ON_SLICE;
    size_t after = 0;
    size_t end = w->n_planes;

    while (after < end) { /* the first plane at or beyond the slice */
        const size_t middle = after + (end - after) / 2;
        if (p[middle].w < k)
            after = middle + 1;
        else
            end = middle;
    }
    *a = *b = after;
    *t = 0.0;
    if (after < w->n_planes && p[after].w == k)
        return true;
    if (after > 0 && after < w->n_planes && p[after].w - p[after - 1].w <= bridge) {
        *a = after - 1;
        *t = (k - p[*a].w) / (p[*b].w - p[*a].w);
        return true;
    }
    if (w->on_slices)
        return false;
    /* the ends of a stack stand for a slab of the usual thickness; one plane alone for a slice
     */
    const double half = 0.5 * (w->usual > 0.0 ? fmin(w->usual, bridge) : 1.0);
    if (after < w->n_planes && p[after].w - k <= half)
        return true;
    if (after > 0 && k - p[after - 1].w < half) {
        *a = *b = after - 1;
        return true;
    }
    return false;
}

static size_t offset_of(const rgq_contour_fill *out, const work *w, size_t u, size_t v,
                        size_t k)
{
    size_t at[3];

    at[w->axis[0]] = u;
    at[w->axis[1]] = v;
    at[w->axis[2]] = k;
    return (at[2] * (size_t)out->n[1] + at[1]) * (size_t)out->n[0] + at[0];
}

/* Memory for one slice and its neighbours. */
typedef struct slice_work {
    uint8_t *turn;
    uint8_t *mask[3]; /* plane a, plane b, result */
    rgq_shape shape;
} slice_work;

static rgq_status fill_slices(rgq_contour_fill *out, const work *w, slice_work *s,
                              rgq_error *err)
{
    const size_t n_u = w->n_u;
    const size_t n_v = w->n_v;
    const int first = out->lo[w->axis[2]];

    for (int k = first; k < first + out->n[w->axis[2]]; k++) {
        size_t a = 0;
        size_t b = 0;
        double t = 0.0;
        if (!planes_of_slice(&a, &b, &t, w, k))
            continue;
        uint8_t *mask = s->mask[0];
        fill_plane(mask, s->turn, w, &w->planes[a]);
        if (b != a) {
            fill_plane(s->mask[1], s->turn, w, &w->planes[b]);
            mask = s->mask[2];
            RGQ_PASS(err, rgq_shape_between(mask, &s->shape, s->mask[0], s->mask[1], t, err));
        }
        out->n_interpolated += w->planes[a].w != k;
        for (size_t v = 0; v < n_v; v++)
            for (size_t u = 0; u < n_u; u++)
                if (mask[v * n_u + u] != 0)
                    out->weight[offset_of(out, w, u, v, (size_t)(k - first))] = 1.0F;
    }
    return RGQ_OK;
}

/* First and last slice that any plane can reach, cut to the grid; false if there is none. */
static bool slice_range(int range[2], const work *w)
{
    const double reach = w->on_slices ? 0.0 : 0.5 * fmax(w->usual, 1.0);
    const double lo = fmax(ceil(w->planes[0].w - reach), 0.0);
    const double hi = fmin(floor(w->planes[w->n_planes - 1].w + reach), w->side[2] - 1.0);

    if (!(lo <= hi))
        return false;
    range[0] = (int)lo;
    range[1] = (int)hi;
    return true;
}

static rgq_status fill_box(rgq_contour_fill *out, const work *w, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    slice_work s = {.turn = NULL};
    int range[2];

    if (w->n_u == 0 || w->n_v == 0 || !slice_range(range, w))
        return RGQ_OK;
    const int lo[3] = {w->lo[0], w->lo[1], range[0]};
    const int hi[3] = {w->hi[0], w->hi[1], range[1]};
    for (int a = 0; a < 3; a++) {
        out->lo[w->axis[a]] = lo[a];
        out->n[w->axis[a]] = hi[a] - lo[a] + 1;
    }
    const size_t n_u = w->n_u;
    const size_t n_v = w->n_v;
    RGQ_TRY(err, rgq_alloc(&out->weight, n_u * n_v * (size_t)out->n[w->axis[2]],
                           sizeof *out->weight, err));
    RGQ_TRY(err, rgq_alloc(&s.turn, (n_u + 1) * n_v, 1, err));
    for (int i = 0; i < 3; i++)
        RGQ_TRY(err, rgq_alloc(&s.mask[i], n_u * n_v, 1, err));
    RGQ_TRY(err, rgq_shape_init(&s.shape, n_u, n_v, w->step_mm, err));
    RGQ_TRY(err, fill_slices(out, w, &s, err));
out:
    rgq_shape_release(&s.shape);
    rgq_free(s.turn);
    for (int i = 0; i < 3; i++)
        rgq_free(s.mask[i]);
    return st;
}

static void count_planes(rgq_contour_fill *out, const work *w)
{
    out->axis = "ijk"[w->axis[2]];
    out->n_planes = w->n_planes;
    for (size_t p = 0; p < w->n_planes; p++) {
        const double at = w->planes[p].w;
        out->n_outside += at < -0.5 || at > w->side[2] - 0.5;
        out->n_off_slice += at != nearbyint(at);
    }
}

rgq_status rgq_contours_fill(rgq_contour_fill *out, const rgq_grid *grid,
                             const rgq_contour *contour, size_t n, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_contour_fill fill = {.weight = NULL};
    work w = {.n_contours = 0};

    RGQ_PASS(err, rgq_grid_check(grid, err));
    if (n == 0)
        return RGQ_OK;
    RGQ_TRY(err, choose_axis(&w, grid, contour, n, err));
    RGQ_TRY(err, to_index(&w, grid, contour, n, err));
    qsort(w.contour, n, sizeof *w.contour, compare_contours);
    fill.n_doubled = drop_doubles(&w);
    RGQ_TRY(err, find_planes(&w, err));
    find_extent(&w);
    count_planes(&fill, &w);
    RGQ_TRY(err, fill_box(&fill, &w, err));
    *out = fill;
    fill.weight = NULL;
out:
    release(&w);
    rgq_contour_fill_release(&fill);
    return st;
}

void rgq_contour_fill_release(rgq_contour_fill *fill)
{
    rgq_free(fill->weight);
    *fill = (rgq_contour_fill){.weight = NULL};
}
