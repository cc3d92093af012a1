#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ibsi_mesh.h"

/* The faces as they grow, and what one step needs. */
typedef struct builder {
    const ibsi_point *point;
    ibsi_face *face;
    size_t n_faces;
    size_t room;
    int32_t (*edge)[2]; /* directed edges of the faces that a point sees */
    size_t edge_room;
} builder;

static void set_plane(ibsi_face *face, const ibsi_point *p)
{
    const int32_t *a = p[face->corner[0]].at;
    const int32_t *b = p[face->corner[1]].at;
    const int32_t *c = p[face->corner[2]].at;
    int64_t u[3];
    int64_t v[3];

    for (int k = 0; k < 3; k++) {
        u[k] = b[k] - a[k];
        v[k] = c[k] - a[k];
    }
    face->offset = 0;
    for (int k = 0; k < 3; k++) {
        const int m = (k + 1) % 3;
        const int n = (k + 2) % 3;
        face->normal[k] = u[m] * v[n] - u[n] * v[m];
        face->offset += face->normal[k] * a[k];
    }
}

/* > 0: the point is in front of the face. Coordinates up to 2^17 give products up to 2^53. */
static int64_t height(const ibsi_face *face, const ibsi_point *p)
{
    return face->normal[0] * p->at[0] + face->normal[1] * p->at[1] +
           face->normal[2] * p->at[2] - face->offset;
}

static rgq_status add_face(builder *b, int32_t i, int32_t j, int32_t k, rgq_error *err)
{
    if (b->n_faces == b->room) {
        const size_t room = 2 * b->room + 64;
        RGQ_PASS(err, rgq_realloc(&b->face, room, sizeof *b->face, err));
        b->room = room;
    }
    ibsi_face *face = &b->face[b->n_faces++];
    *face = (ibsi_face){.corner = {i, j, k}};
    set_plane(face, b->point);
    return RGQ_OK;
}

/* Four points that are no plane, the last behind the face of the first three. */
static bool find_tetrahedron(int32_t out[4], const ibsi_point *p, size_t n)
{
    ibsi_face face = {.corner = {0, 0, 0}};
    size_t i = 1;

    while (i < n && p[i].at[0] == p[0].at[0] && p[i].at[1] == p[0].at[1] &&
           p[i].at[2] == p[0].at[2])
        i++;
    if (i >= n)
        return false;
    face.corner[1] = (int32_t)i;
    for (i++; i < n; i++) {
        face.corner[2] = (int32_t)i;
        set_plane(&face, p);
        if (face.normal[0] != 0 || face.normal[1] != 0 || face.normal[2] != 0)
            break;
    }
    for (i = 1; i < n; i++) {
        const int64_t h = height(&face, &p[i]);
        if (h == 0)
            continue;
        out[0] = 0;
        out[1] = face.corner[h < 0 ? 1 : 2];
        out[2] = face.corner[h < 0 ? 2 : 1];
        out[3] = (int32_t)i;
        return true;
    }
    return false;
}

/* Take away the faces that see the point; their edges go to b->edge. */
static rgq_status remove_seen(builder *b, size_t *n_edges, int32_t point, rgq_error *err)
{
    size_t kept = 0;

    *n_edges = 0;
    for (size_t f = 0; f < b->n_faces; f++) {
        const ibsi_face face = b->face[f];
        if (height(&face, &b->point[point]) <= 0) {
            if (kept != f)
                b->face[kept] = face;
            kept++;
            continue;
        }
        if (*n_edges + 3 > b->edge_room) {
            const size_t room = 2 * b->edge_room + 64;
            RGQ_PASS(err, rgq_realloc(&b->edge, room, sizeof *b->edge, err));
            b->edge_room = room;
        }
        for (int k = 0; k < 3; k++) {
            b->edge[*n_edges][0] = face.corner[k];
            b->edge[(*n_edges)++][1] = face.corner[(k + 1) % 3];
        }
    }
    b->n_faces = kept;
    return RGQ_OK;
}

/* Join the point with the horizon: the edges whose other side is not seen. A point in the plane
 * of a face does not see it; the edge between that and a face it sees is never in line with the
 * point, so that no face is flat. */
static rgq_status add_point(builder *b, int32_t point, rgq_error *err)
{
    size_t n_edges = 0;

    RGQ_PASS(err, remove_seen(b, &n_edges, point, err));
    for (size_t e = 0; e < n_edges; e++) {
        bool inside = false;
        for (size_t f = 0; f < n_edges && !inside; f++)
            inside = b->edge[f][0] == b->edge[e][1] && b->edge[f][1] == b->edge[e][0];
        if (!inside)
            RGQ_PASS(err, add_face(b, b->edge[e][0], b->edge[e][1], point, err));
    }
    return RGQ_OK;
}

static rgq_status grow(builder *b, size_t n_points, rgq_error *err)
{
    int32_t first[4] = {0, 0, 0, 0};

    if (!find_tetrahedron(first, b->point, n_points))
        return RGQ_RAISE(err, RGQ_E_NUMERIC, "%zu points of a mesh lie in a plane", n_points);
    RGQ_PASS(err, add_face(b, first[0], first[1], first[2], err));
    RGQ_PASS(err, add_face(b, first[0], first[3], first[1], err));
    RGQ_PASS(err, add_face(b, first[1], first[3], first[2], err));
    RGQ_PASS(err, add_face(b, first[2], first[3], first[0], err));
    /* Points come plane by plane. Far ones first: the hull is soon as large as it gets, and
     * most of the others see no face. */
    for (size_t stride = 64; stride > 0; stride /= 2)
        for (size_t i = 0; i < n_points; i += stride)
            if (stride == 64 || i % (2 * stride) != 0)
                RGQ_PASS(err, add_point(b, (int32_t)i, err));
    return RGQ_OK;
}

/* Corners in mm, each once; volume and area of the faces. */
static rgq_status finish(ibsi_hull *hull, const ibsi_point *points, size_t n_points,
                         const double spacing_mm[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;
    int32_t *place = NULL; /* of a point: 1 a corner; then which */
    const double half[3] = {0.5 * spacing_mm[0], 0.5 * spacing_mm[1], 0.5 * spacing_mm[2]};

    RGQ_TRY(err, rgq_alloc(&place, n_points, sizeof *place, err));
    for (size_t f = 0; f < hull->n_faces; f++) {
        const ibsi_face *face = &hull->face[f];
        const double n[3] = {(double)face->normal[0] * half[1] * half[2],
                             (double)face->normal[1] * half[0] * half[2],
                             (double)face->normal[2] * half[0] * half[1]};
        hull->volume_mm3 += (double)face->offset * half[0] * half[1] * half[2] / 6.0;
        hull->area_mm2 += 0.5 * sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]);
        for (int k = 0; k < 3; k++) {
            hull->n_corners += place[face->corner[k]] == 0;
            place[face->corner[k]] = 1;
        }
    }
    RGQ_TRY(err, rgq_alloc(&hull->corner_mm, hull->n_corners, sizeof *hull->corner_mm, err));
    for (size_t i = 0, c = 0; i < n_points; i++) {
        if (place[i] == 0)
            continue;
        for (int k = 0; k < 3; k++)
            hull->corner_mm[c][k] = points[i].at[k] * half[k];
        place[i] = (int32_t)c++;
    }
    for (size_t f = 0; f < hull->n_faces; f++)
        for (int k = 0; k < 3; k++)
            hull->face[f].corner[k] = place[hull->face[f].corner[k]];
out:
    rgq_free(place);
    return st;
}

rgq_status ibsi_hull_init(ibsi_hull *out, const ibsi_point *points, size_t n_points,
                          const double spacing_mm[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;
    builder b = {.point = points};

    *out = (ibsi_hull){.face = NULL};
    st = grow(&b, n_points, err);
    out->face = b.face;
    out->n_faces = b.n_faces;
    if (st == RGQ_OK)
        st = finish(out, points, n_points, spacing_mm, err);
    rgq_free(b.edge);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        ibsi_hull_release(out);
    }
    return st;
}

void ibsi_hull_release(ibsi_hull *hull)
{
    rgq_free(hull->face);
    rgq_free(hull->corner_mm);
    *hull = (ibsi_hull){.face = NULL};
}

double ibsi_hull_diameter_mm(const ibsi_hull *hull)
{
    double best = 0.0;

    for (size_t i = 0; i < hull->n_corners; i++)
        for (size_t j = 0; j < i; j++) {
            const double *a = hull->corner_mm[i];
            const double *b = hull->corner_mm[j];
            const double d[3] = {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
            best = fmax(best, d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        }
    return sqrt(best);
}
