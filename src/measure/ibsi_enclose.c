/* Bodies about a convex hull: box and ellipsoid; and what ellipsoids need. */
#include <stdlib.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ibsi_mesh.h"

/* ---- box ---- */

static int compare_points(const void *a, const void *b)
{
    const double *p = a;
    const double *q = b;

    if (p[0] != q[0])
        return p[0] < q[0] ? -1 : 1;
    return (p[1] > q[1]) - (p[1] < q[1]);
}

static size_t append(double (*out)[2], size_t from, size_t n, const double p[2])
{
    while (n - from >= 2) {
        const double *a = out[n - 2];
        const double *b = out[n - 1];
        if ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0.0)
            break;
        n--;
    }
    out[n][0] = p[0];
    out[n][1] = p[1];
    return n + 1;
}

/* Convex hull in the plane, counter-clockwise; `out` has room for twice the points. */
static size_t hull_2d(double (*out)[2], double (*p)[2], size_t n)
{
    size_t m = 0;

    qsort(p, n, sizeof *p, compare_points);
    for (size_t i = 0; i < n; i++)
        m = append(out, 0, m, p[i]);
    const size_t from = m - 1;
    for (size_t i = n - 1; i-- > 0;)
        m = append(out, from, m, p[i]);
    return m - 1;
}

/* Sides of the smallest rectangle about a convex polygon: one lies on an edge. */
static double smallest_rectangle(double side[2], double (*p)[2], size_t n)
{
    double best = HUGE_VAL;

    for (size_t e = 0; e < n; e++) {
        const double *a = p[e];
        const double *b = p[(e + 1) % n];
        const double length = hypot(b[0] - a[0], b[1] - a[1]);
        double lo = HUGE_VAL;
        double hi = -HUGE_VAL;
        double top = 0.0;
        if (!(length > 0.0))
            continue;
        const double u[2] = {(b[0] - a[0]) / length, (b[1] - a[1]) / length};
        for (size_t i = 0; i < n; i++) {
            const double along = u[0] * (p[i][0] - a[0]) + u[1] * (p[i][1] - a[1]);
            const double across = u[0] * (p[i][1] - a[1]) - u[1] * (p[i][0] - a[0]);
            lo = along < lo ? along : lo;
            hi = along > hi ? along : hi;
            top = across > top ? across : top;
        }
        if ((hi - lo) * top < best) {
            best = (hi - lo) * top;
            side[0] = hi - lo;
            side[1] = top;
        }
    }
    return best;
}

/* Two unit vectors in the plane with that normal, which is made a unit vector too. */
static void make_frame(double n[3], double u[3], double v[3])
{
    const double length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
    int least = 0;

    for (int k = 0; k < 3; k++) {
        n[k] /= length;
        least = fabs(n[k]) < fabs(n[least]) ? k : least;
    }
    for (int k = 0; k < 3; k++)
        u[k] = (k == least ? 1.0 : 0.0) - n[least] * n[k];
    const double u_length = sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
    for (int k = 0; k < 3; k++)
        u[k] /= u_length;
    for (int k = 0; k < 3; k++)
        v[k] = n[(k + 1) % 3] * u[(k + 2) % 3] - n[(k + 2) % 3] * u[(k + 1) % 3];
}

/* Faces of one facet follow each other often enough to be worth the look back. */
static bool is_repeated(const ibsi_hull *hull, size_t f)
{
    for (size_t g = f; g > 0 && f - g < 8; g--) {
        const int64_t *a = hull->face[f].normal;
        const int64_t *b = hull->face[g - 1].normal;
        if (a[0] == b[0] && a[1] == b[1] && a[2] == b[2])
            return true;
    }
    return false;
}

/* What is reused from facet to facet. */
typedef struct box_work {
    uint8_t *side;     /* of each corner: 1 on a face in front, 2 on one behind */
    double (*flat)[2]; /* corners of the outline, in the plane of the facet */
    double (*ring)[2]; /* ... in order */
} box_work;

/* Seen along a normal, the outline of the hull runs through the corners that have faces on both
 * sides. */
static void mark_outline(uint8_t *side, const ibsi_hull *hull, const double n[3],
                         const double spacing_mm[3])
{
    const double scaled[3] = {n[0] / spacing_mm[0], n[1] / spacing_mm[1], n[2] / spacing_mm[2]};

    for (size_t i = 0; i < hull->n_corners; i++)
        side[i] = 0;
    for (size_t f = 0; f < hull->n_faces; f++) {
        const ibsi_face *face = &hull->face[f];
        const double facing = scaled[0] * (double)face->normal[0] +
                              scaled[1] * (double)face->normal[1] +
                              scaled[2] * (double)face->normal[2];
        const double zero = 1e-9 * (fabs(scaled[0] * (double)face->normal[0]) +
                                    fabs(scaled[1] * (double)face->normal[1]) +
                                    fabs(scaled[2] * (double)face->normal[2]));
        const uint8_t mark = (uint8_t)((facing >= -zero ? 1 : 0) | (facing <= zero ? 2 : 0));
        for (int k = 0; k < 3; k++)
            side[face->corner[k]] |= mark;
    }
}

/* The box on facet `f`: its volume, if that is less than `best`, and its sides. */
static double box_on(double side_mm[3], double best, const ibsi_hull *hull, size_t f,
                     const double spacing_mm[3], box_work *w)
{
    double n[3];
    double u[3];
    double v[3];
    double side[2] = {0.0, 0.0};
    double lo = HUGE_VAL;
    double hi = -HUGE_VAL;
    size_t n_flat = 0;

    for (int k = 0; k < 3; k++)
        n[k] = (double)hull->face[f].normal[k] / spacing_mm[k];
    make_frame(n, u, v);
    mark_outline(w->side, hull, n, spacing_mm);
    for (size_t i = 0; i < hull->n_corners; i++) {
        const double *p = hull->corner_mm[i];
        const double h = n[0] * p[0] + n[1] * p[1] + n[2] * p[2];
        lo = h < lo ? h : lo;
        hi = h > hi ? h : hi;
        if (w->side[i] != 3)
            continue;
        w->flat[n_flat][0] = u[0] * p[0] + u[1] * p[1] + u[2] * p[2];
        w->flat[n_flat++][1] = v[0] * p[0] + v[1] * p[1] + v[2] * p[2];
    }
    const size_t m = hull_2d(w->ring, w->flat, n_flat);
    const double volume = (hi - lo) * smallest_rectangle(side, w->ring, m);
    if (!(volume < best))
        return best;
    side_mm[0] = hi - lo;
    side_mm[1] = side[0];
    side_mm[2] = side[1];
    return volume;
}

rgq_status ibsi_hull_box(double side_mm[3], const ibsi_hull *hull, const double spacing_mm[3],
                         rgq_error *err)
{
    rgq_status st = RGQ_OK;
    box_work w = {.side = NULL};
    double best = HUGE_VAL;

    RGQ_TRY(err, rgq_alloc(&w.side, hull->n_corners, 1, err));
    RGQ_TRY(err, rgq_alloc(&w.flat, hull->n_corners, sizeof *w.flat, err));
    RGQ_TRY(err, rgq_alloc(&w.ring, 2 * hull->n_corners, sizeof *w.ring, err));
    for (size_t f = 0; f < hull->n_faces; f++)
        if (!is_repeated(hull, f))
            best = box_on(side_mm, best, hull, f, spacing_mm, &w);
out:
    rgq_free(w.side);
    rgq_free(w.flat);
    rgq_free(w.ring);
    return st;
}

/* ---- ellipsoid ---- */

enum { LIFTED = 4, STEPS_MAX = 100000 };
static const double khachiyan_tolerance = 1e-3;

/* Inverse of a symmetric positive definite matrix by Gauss and Jordan; false if it is none. */
static bool invert(double out[LIFTED][LIFTED], double a[LIFTED][LIFTED])
{
    for (int i = 0; i < LIFTED; i++)
        for (int j = 0; j < LIFTED; j++)
            out[i][j] = i == j ? 1.0 : 0.0;
    for (int p = 0; p < LIFTED; p++) {
        const double pivot = a[p][p];
        if (!(pivot > 0.0))
            return false;
        for (int j = 0; j < LIFTED; j++) {
            a[p][j] /= pivot;
            out[p][j] /= pivot;
        }
        for (int i = 0; i < LIFTED; i++) {
            const double factor = a[i][p];
            if (i == p)
                continue;
            for (int j = 0; j < LIFTED; j++) {
                a[i][j] -= factor * a[p][j];
                out[i][j] -= factor * out[p][j];
            }
        }
    }
    return true;
}

/* Corners about their mean and to its scale, with a 1 as fourth coordinate. */
static double lift(double (*out)[LIFTED], const ibsi_hull *hull)
{
    double mean[3] = {0.0, 0.0, 0.0};
    double scale = 0.0;

    for (size_t i = 0; i < hull->n_corners; i++)
        for (int k = 0; k < 3; k++)
            mean[k] += hull->corner_mm[i][k] / (double)hull->n_corners;
    for (size_t i = 0; i < hull->n_corners; i++)
        for (int k = 0; k < 3; k++)
            scale = fmax(scale, fabs(hull->corner_mm[i][k] - mean[k]));
    for (size_t i = 0; i < hull->n_corners; i++) {
        for (int k = 0; k < 3; k++)
            out[i][k] = (hull->corner_mm[i][k] - mean[k]) / scale;
        out[i][3] = 1.0;
    }
    return scale;
}

static void weigh(double out[LIFTED][LIFTED], double (*q)[LIFTED], const double *u, size_t n)
{
    for (int i = 0; i < LIFTED; i++)
        for (int j = 0; j < LIFTED; j++)
            out[i][j] = 0.0;
    for (size_t p = 0; p < n; p++)
        for (int i = 0; i < LIFTED; i++)
            for (int j = 0; j < LIFTED; j++)
                out[i][j] += u[p] * q[p][i] * q[p][j];
}

/* Weights of the points: each step moves weight to the one that lies farthest outside. */
static void khachiyan(double *u, double (*q)[LIFTED], size_t n)
{
    double x[LIFTED][LIFTED];
    double inverse[LIFTED][LIFTED];

    for (size_t p = 0; p < n; p++)
        u[p] = 1.0 / (double)n;
    for (int step = 0; step < STEPS_MAX; step++) {
        double most = -HUGE_VAL;
        size_t at = 0;
        double moved = 0.0;
        weigh(x, q, u, n);
        if (!invert(inverse, x))
            return;
        for (size_t p = 0; p < n; p++) {
            double m = 0.0;
            for (int i = 0; i < LIFTED; i++)
                for (int j = 0; j < LIFTED; j++)
                    m += q[p][i] * inverse[i][j] * q[p][j];
            if (m > most) {
                most = m;
                at = p;
            }
        }
        const double share = (most - LIFTED) / (LIFTED * (most - 1.0));
        for (size_t p = 0; p < n; p++) {
            const double now = (1.0 - share) * u[p] + (p == at ? share : 0.0);
            moved += (now - u[p]) * (now - u[p]);
            u[p] = now;
        }
        if (sqrt(moved) < khachiyan_tolerance)
            return;
    }
}

rgq_status ibsi_hull_ellipsoid(double semi_mm[3], const ibsi_hull *hull, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t n = hull->n_corners;
    double(*q)[LIFTED] = NULL;
    double *u = NULL;
    double x[LIFTED][LIFTED];
    double covariance[3][3];
    double eigen[3];

    RGQ_TRY(err, rgq_alloc(&q, n, sizeof *q, err));
    RGQ_TRY(err, rgq_alloc(&u, n, sizeof *u, err));
    const double scale = lift(q, hull);
    khachiyan(u, q, n);
    weigh(x, q, u, n);
    /* the ellipsoid is 3 times the weighted covariance */
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            covariance[i][j] = x[i][j] - x[i][3] * x[j][3];
    ibsi_eigenvalues(eigen, covariance);
    for (int k = 0; k < 3; k++)
        semi_mm[k] = scale * sqrt(3.0 * fmax(eigen[k], 0.0));
out:
    rgq_free(q);
    rgq_free(u);
    return st;
}

double ibsi_ellipsoid_area(double a, double b, double c)
{
    const double alpha2 = 1.0 - b * b / (a * a);
    const double beta2 = 1.0 - c * c / (a * a);
    const double product = alpha2 * beta2; /* (alpha beta)^2 */
    const double half = 0.5 * (alpha2 + beta2);
    /* (alpha beta)^n P_n(half / (alpha beta)) is a polynomial in both, without a division that
     * a sphere would make 0 / 0; the recurrence is that of P_n */
    double last = 1.0;
    double now = half;
    double sum = 1.0 - now / 3.0;

    for (int n = 1; n < 20; n++) {
        const double next = ((2 * n + 1) * half * now - n * product * last) / (n + 1);
        last = now;
        now = next;
        sum += now / (1.0 - 4.0 * (n + 1) * (n + 1));
    }
    return 4.0 * 3.14159265358979323846 * a * b * sum;
}

/* Jacobi: turn axes p and q so that m[p][q] vanishes. */
static void rotate(double m[3][3], int p, int q)
{
    if (m[p][q] == 0.0)
        return;
    const double theta = 0.5 * (m[q][q] - m[p][p]) / m[p][q];
    const double t = (theta < 0.0 ? -1.0 : 1.0) / (fabs(theta) + hypot(theta, 1.0));
    const double cosine = 1.0 / hypot(t, 1.0);
    const double sine = t * cosine;

    for (int k = 0; k < 3; k++) {
        const double a = m[k][p];
        const double b = m[k][q];
        m[k][p] = cosine * a - sine * b;
        m[k][q] = sine * a + cosine * b;
    }
    for (int k = 0; k < 3; k++) {
        const double a = m[p][k];
        const double b = m[q][k];
        m[p][k] = cosine * a - sine * b;
        m[q][k] = sine * a + cosine * b;
    }
}

void ibsi_eigenvalues(double out[3], double m[3][3])
{
    static const int swaps[3][2] = {{0, 1}, {1, 2}, {0, 1}};

    for (int sweep = 0; sweep < 30; sweep++) {
        rotate(m, 0, 1);
        rotate(m, 0, 2);
        rotate(m, 1, 2);
    }
    for (int k = 0; k < 3; k++)
        out[k] = m[k][k];
    for (int k = 0; k < 3; k++) {
        const double a = out[swaps[k][0]];
        const double b = out[swaps[k][1]];
        out[swaps[k][0]] = fmax(a, b);
        out[swaps[k][1]] = fmin(a, b);
    }
}
