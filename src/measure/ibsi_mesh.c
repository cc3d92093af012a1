#include "measure/ibsi_mesh.h"

#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

enum { CONFIGURATIONS = 256, EDGES = 12, POLYGON_MAX = EDGES };

/* What the triangles of a cube with these corners inside add, in mm about its corner 0. */
typedef struct configuration {
    double volume; /* sum of a . (b x c) / 6 */
    double area;
    double outward[3]; /* sum of the normals, as long as the areas */
} configuration;

/* A cube: corner c lies at (c & 1, c >> 1 & 1, c >> 2 & 1). Faces are cycles of corners,
 * counter-clockwise from outside. */
static const int face_corner[6][4] = {{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4},
                                      {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}};

/* Edges by their two corners: 3 axes x 4. */
static int edge_of(int a, int b)
{
    const int low = a & b;
    const int along = a ^ b; /* 1, 2 or 4 */

    switch (along) {
    case 1:
        return low >> 1;
    case 2:
        return 4 + ((low & 1) | (low >> 1 & 2));
    default:
        return 8 + (low & 3);
    }
}

static void middle_of(double out[3], int a, int b, const double spacing_mm[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = 0.5 * ((a >> k & 1) + (b >> k & 1)) * spacing_mm[k];
}

static void cross(double out[3], const double a[3], const double b[3])
{
    out[0] = a[1] * b[2] - a[2] * b[1];
    out[1] = a[2] * b[0] - a[0] * b[2];
    out[2] = a[0] * b[1] - a[1] * b[0];
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Normal of a triangle, as long as its area; returns the area. */
static double triangle(double normal[3], const double a[3], const double b[3],
                       const double c[3])
{
    double ab[3];
    double ac[3];

    for (int k = 0; k < 3; k++) {
        ab[k] = b[k] - a[k];
        ac[k] = c[k] - a[k];
    }
    cross(normal, ab, ac);
    for (int k = 0; k < 3; k++)
        normal[k] *= 0.5;
    return sqrt(dot(normal, normal));
}

static void add_triangle(configuration *to, const double a[3], const double b[3],
                         const double c[3])
{
    double normal[3];
    double b_c[3];

    to->area += triangle(normal, a, b, c);
    cross(b_c, b, c);
    to->volume += dot(a, b_c) / 6.0;
    for (int k = 0; k < 3; k++)
        to->outward[k] += normal[k];
}

/* Cut a polygon that may not be plane into a fan of triangles: of its corners the one that
 * gives the largest area, as the usual tables of marching cubes do. */
static void add_polygon(configuration *to, double p[POLYGON_MAX][3], int n,
                        const double spacing_mm[3])
{
    int apex = 0;
    double most = 0.0;

    for (int a = 0; a < n; a++) {
        double area = 0.0;
        for (int k = 1; k + 1 < n; k++) {
            const double *corner[3] = {p[a], p[(a + k) % n], p[(a + k + 1) % n]};
            double cubic[3][3]; /* the choice is that of a cube */
            double normal[3];
            for (int c = 0; c < 3; c++)
                for (int x = 0; x < 3; x++)
                    cubic[c][x] = corner[c][x] / spacing_mm[x];
            area += triangle(normal, cubic[0], cubic[1], cubic[2]);
        }
        if (area > most * (1.0 + 1e-9)) { /* of equals the first */
            most = area;
            apex = a;
        }
    }
    for (int k = 1; k + 1 < n; k++)
        add_triangle(to, p[apex], p[(apex + k) % n], p[(apex + k + 1) % n]);
}

/* On each face the surface runs from an edge that leaves the inside, past the corners outside,
 * to the next that enters it: each crossed edge begins one such line and ends one. */
static void link_edges(int next[EDGES], int mask)
{
    for (int e = 0; e < EDGES; e++)
        next[e] = -1;
    for (int f = 0; f < 6; f++)
        for (int k = 0; k < 4; k++) {
            const int *c = face_corner[f];
            int m = (k + 1) % 4;
            if ((mask >> c[k] & 1) == 0 || (mask >> c[m] & 1) != 0)
                continue;
            while ((mask >> c[(m + 1) % 4] & 1) == 0)
                m = (m + 1) % 4;
            next[edge_of(c[k], c[(k + 1) % 4])] = edge_of(c[m], c[(m + 1) % 4]);
        }
}

static void build(configuration out[CONFIGURATIONS], const double spacing_mm[3])
{
    double middle[EDGES][3];

    for (int a = 0; a < 8; a++)
        for (int k = 0; k < 3; k++)
            if ((a >> k & 1) == 0)
                middle_of(middle[edge_of(a, a | 1 << k)], a, a | 1 << k, spacing_mm);
    for (int mask = 0; mask < CONFIGURATIONS; mask++) {
        int next[EDGES];
        out[mask] = (configuration){.area = 0.0};
        link_edges(next, mask);
        for (int e = 0; e < EDGES; e++) {
            double polygon[POLYGON_MAX][3];
            int n = 0;
            for (int at = e; next[at] >= 0;) {
                const int to = next[at];
                memcpy(polygon[n++], middle[at], sizeof middle[at]);
                next[at] = -1;
                at = to;
            }
            if (n >= 3)
                add_polygon(&out[mask], polygon, n, spacing_mm);
        }
    }
}

/* Volume and area, cube by cube. The volume is that about each cube's own corner and, since the
 * sum of a . (b x c) / 6 is that of x . normal / 3, the corner's place times the normals. */
static void add_cubes(ibsi_mesh *mesh, const ibsi_roi *roi, const configuration *table)
{
    const ptrdiff_t y_step = roi->n[0];
    const ptrdiff_t z_step = y_step * roi->n[1];

    for (int z = 0; z + 1 < roi->n[2]; z++)
        for (int y = 0; y + 1 < roi->n[1]; y++) {
            const uint8_t *m = roi->morph + z * z_step + y * y_step;
            double volume = 0.0;
            double area = 0.0;
            for (int x = 0; x + 1 < roi->n[0]; x++, m++) {
                const int mask = m[0] | m[1] << 1 | m[y_step] << 2 | m[y_step + 1] << 3 |
                                 m[z_step] << 4 | m[z_step + 1] << 5 | m[z_step + y_step] << 6 |
                                 m[z_step + y_step + 1] << 7;
                const configuration *c = &table[mask];
                const double at[3] = {x * roi->spacing_mm[0], y * roi->spacing_mm[1],
                                      z * roi->spacing_mm[2]};
                volume += c->volume + dot(at, c->outward) / 3.0;
                area += c->area;
            }
            mesh->volume_mm3 += volume;
            mesh->area_mm2 += area;
        }
}

/* The vertices of a plane of constant z, in half voxels: the first and last of each row. */
typedef struct plane {
    int32_t *first;
    int32_t *last; /* < first: no vertex */
    int n_rows;
} plane;

static void put(plane *p, int row, int32_t x)
{
    p->first[row] = x < p->first[row] ? x : p->first[row];
    p->last[row] = x > p->last[row] ? x : p->last[row];
}

/* Vertices between neighbours along x and y in the plane of voxels z, or (half) between that
 * and the next. */
static void fill_plane(plane *p, const ibsi_roi *roi, int z, bool half)
{
    const ptrdiff_t y_step = roi->n[0];
    const ptrdiff_t z_step = y_step * roi->n[1];

    for (int row = 0; row < p->n_rows; row++) {
        p->first[row] = INT32_MAX;
        p->last[row] = -1;
    }
    for (int y = 0; y + 1 < roi->n[1]; y++) {
        const uint8_t *m = roi->morph + z * z_step + y * y_step;
        for (int x = 0; x + 1 < roi->n[0]; x++, m++) {
            if (half) {
                if (m[0] != m[z_step])
                    put(p, 2 * y, 2 * x);
                continue;
            }
            if (m[0] != m[1])
                put(p, 2 * y, 2 * x + 1);
            if (m[0] != m[y_step])
                put(p, 2 * y + 1, 2 * x);
        }
    }
}

/* Append a corner of a convex chain (x over y); drops those that it makes no corners any more.
 */
static size_t chain(ibsi_point *out, size_t from, size_t n, ibsi_point p, int sign)
{
    while (n - from >= 2) {
        const int32_t *a = out[n - 2].at;
        const int32_t *b = out[n - 1].at;
        const int64_t turn = (int64_t)(b[0] - a[0]) * (p.at[1] - a[1]) -
                             (int64_t)(p.at[0] - a[0]) * (b[1] - a[1]);
        if (sign * turn > 0)
            break;
        n--;
    }
    out[n] = p;
    return n + 1;
}

/* The corners of the convex hull of a plane's vertices. */
static size_t add_corners(ibsi_point *out, size_t n, const plane *p, int32_t z)
{
    size_t from = n;

    for (int row = 0; row < p->n_rows; row++)
        if (p->last[row] >= p->first[row])
            n = chain(out, from, n, (ibsi_point){{p->last[row], row, z}}, 1);
    from = n;
    for (int row = 0; row < p->n_rows; row++)
        if (p->last[row] > p->first[row])
            n = chain(out, from, n, (ibsi_point){{p->first[row], row, z}}, -1);
    return n;
}

static void measure_sides(ibsi_mesh *mesh, const double spacing_mm[3])
{
    for (int a = 0; a < 3; a++) {
        int32_t lo = INT32_MAX;
        int32_t hi = 0;
        for (size_t i = 0; i < mesh->n_outer; i++) {
            lo = mesh->outer[i].at[a] < lo ? mesh->outer[i].at[a] : lo;
            hi = mesh->outer[i].at[a] > hi ? mesh->outer[i].at[a] : hi;
        }
        mesh->side_mm[a] = 0.5 * (hi - lo) * spacing_mm[a];
    }
}

static rgq_status find_outer(ibsi_mesh *mesh, const ibsi_roi *roi, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    plane p = {.n_rows = 2 * roi->n[1]};

    RGQ_TRY(err, rgq_alloc(&p.first, (size_t)p.n_rows, sizeof *p.first, err));
    RGQ_TRY(err, rgq_alloc(&p.last, (size_t)p.n_rows, sizeof *p.last, err));
    for (int z = 0; z + 1 < roi->n[2]; z++)
        for (int half = 0; half < 2; half++) {
            fill_plane(&p, roi, z, half != 0);
            RGQ_TRY(err, rgq_realloc(&mesh->outer, mesh->n_outer + 2 * (size_t)p.n_rows,
                                     sizeof *mesh->outer, err));
            mesh->n_outer = add_corners(mesh->outer, mesh->n_outer, &p, 2 * z + half);
        }
    measure_sides(mesh, roi->spacing_mm);
out:
    rgq_free(p.first);
    rgq_free(p.last);
    return st;
}

rgq_status ibsi_mesh_init(ibsi_mesh *out, const ibsi_roi *roi, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    configuration *table = NULL;

    *out = (ibsi_mesh){.outer = NULL};
    RGQ_TRY(err, rgq_alloc(&table, CONFIGURATIONS, sizeof *table, err));
    build(table, roi->spacing_mm);
    add_cubes(out, roi, table);
    out->volume_mm3 = fabs(out->volume_mm3);
    RGQ_TRY(err, find_outer(out, roi, err));
out:
    rgq_free(table);
    if (st != RGQ_OK)
        ibsi_mesh_release(out);
    return st;
}

void ibsi_mesh_release(ibsi_mesh *mesh)
{
    rgq_free(mesh->outer);
    *mesh = (ibsi_mesh){.outer = NULL};
}
