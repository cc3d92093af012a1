/* Regions that QuPath exports. Coordinates are pixels of the slide at full size. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"
#include "io/slide_inside.h"

enum { POINTS_MAX = 4000000, WHERE_MAX = 48 };

/* Grows while the document is walked; the pointers of the regions are set at the end. */
typedef struct gather {
    rgq_slide_regions *out;
    double scale;
    double full[2]; /* the slide at full size */
    size_t region_room, n_rings, ring_room, n_points, point_room;
    int n_objects; /* cells, detections, tiles */
    int n_other;   /* points and lines */
} gather;

/* Room for one more of `count`, doubling. */
static rgq_status make_room(void *array, size_t *room, size_t count, size_t size,
                            rgq_error *err)
{
    if (count < *room)
        return RGQ_OK;
    const size_t grown = *room > 0 ? 2 * *room : 64;
    RGQ_PASS(err, rgq_realloc(array, grown, size, err));
    *room = grown;
    return RGQ_OK;
}

/* ---- geometry ---- */

static rgq_status take_point(double xy[2], const rgq_json *node, const char *where, size_t i,
                             rgq_error *err)
{
    for (size_t a = 0; a < 2; a++) {
        xy[a] = rgq_json_number(rgq_json_at(node, a), (double)NAN);
        if (!rgq_json_is_array(node) || !(fabs(xy[a]) <= 1e8))
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: point %zu is no pair [x, y] of pixels within +-1e8", where,
                             i);
    }
    return RGQ_OK;
}

static rgq_status add_ring(gather *g, const rgq_json *ring, const char *where, rgq_error *err)
{
    rgq_slide_regions *r = g->out;
    const size_t begin = g->n_points;
    size_t count = rgq_json_is_array(ring) ? rgq_json_count(ring) : 0;
    double xy[2] = {0.0, 0.0};

    if (count > POINTS_MAX - g->n_points)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "%s: more than %d points in all; simplify the shapes", where,
                         (int)POINTS_MAX);
    for (size_t i = 0; i < count; i++) {
        RGQ_PASS(err, take_point(xy, rgq_json_at(ring, i), where, i, err));
        RGQ_PASS(err, make_room(&r->xy, &g->point_room, g->n_points, 2 * sizeof *r->xy, err));
        r->xy[2 * g->n_points] = g->scale * xy[0];
        r->xy[2 * g->n_points + 1] = g->scale * xy[1];
        g->n_points++;
    }
    /* the last point repeats the first */
    const double *first = r->xy + 2 * begin;
    if (count > 1 && first[0] == g->scale * xy[0] && first[1] == g->scale * xy[1]) {
        g->n_points--;
        count--;
    }
    if (count < 3)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a ring of %zu points; 3 or more were needed",
                         where, count);
    RGQ_PASS(err, make_room(&r->lengths, &g->ring_room, g->n_rings, sizeof *r->lengths, err));
    r->lengths[g->n_rings++] = (int)count;
    return RGQ_OK;
}

static rgq_status add_polygon(gather *g, const rgq_json *rings, const char *where,
                              rgq_error *err)
{
    if (!rgq_json_is_array(rings) || rgq_json_count(rings) == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a polygon without coordinates", where);
    for (size_t i = 0; i < rgq_json_count(rings); i++)
        RGQ_PASS(err, add_ring(g, rgq_json_at(rings, i), where, err));
    return RGQ_OK;
}

static rgq_status add_polygons(gather *g, const rgq_json *polygons, const char *where,
                               rgq_error *err)
{
    if (!rgq_json_is_array(polygons))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: polygons without coordinates", where);
    for (size_t i = 0; i < rgq_json_count(polygons); i++)
        RGQ_PASS(err, add_polygon(g, rgq_json_at(polygons, i), where, err));
    return RGQ_OK;
}

static const char *type_of(const rgq_json *node)
{
    return rgq_json_text(rgq_json_get(node, "type"), "");
}

/* One of the shapes, or one that is no area (then no ring is added). */
static rgq_status add_shape(gather *g, const rgq_json *node, const char *where, rgq_error *err)
{
    static const char *const others[] = {"Point", "MultiPoint", "LineString",
                                         "MultiLineString"};
    const rgq_json *coordinates = rgq_json_get(node, "coordinates");
    const char *type = type_of(node);

    if (strcmp(type, "Polygon") == 0)
        return add_polygon(g, coordinates, where, err);
    if (strcmp(type, "MultiPolygon") == 0)
        return add_polygons(g, coordinates, where, err);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(type, others[i]) == 0)
            return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%s: a geometry of type '%.30s'; Polygon, MultiPolygon or "
                     "GeometryCollection was needed",
                     where, type);
}

static rgq_status add_geometry(gather *g, const rgq_json *node, const char *where,
                               rgq_error *err)
{
    const rgq_json *parts = rgq_json_get(node, "geometries");

    if (strcmp(type_of(node), "GeometryCollection") != 0)
        return add_shape(g, node, where, err);
    if (!rgq_json_is_array(parts))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a collection without geometries", where);
    for (size_t i = 0; i < rgq_json_count(parts); i++)
        RGQ_PASS(err, add_shape(g, rgq_json_at(parts, i), where, err));
    return RGQ_OK;
}

/* ---- features ---- */

static bool is_taken(const rgq_slide_regions *r, const char *name)
{
    for (int i = 0; i < r->count; i++)
        if (strcmp(r->region[i].name, name) == 0)
            return true;
    return false;
}

static void name_region(rgq_slide_regions *r, rgq_ihc_region *region, const char *words)
{
    char name[sizeof region->name];

    if (words == NULL || words[0] == '\0')
        (void)snprintf(name, sizeof name, "region-%d", r->count + 1);
    else
        rgq_text_copy(name, sizeof name, words);
    for (char *c = name; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    rgq_text_copy(region->name, sizeof region->name, name);
    for (int i = 2; is_taken(r, region->name); i++) {
        char shorter[sizeof name - 11];
        rgq_text_copy(shorter, sizeof shorter, name);
        (void)snprintf(region->name, sizeof region->name, "%s-%d", shorter, i);
    }
}

/* Cells, detections and tiles: what QuPath found, not what somebody drew. */
static bool is_object(const rgq_json *feature, const rgq_json *properties)
{
    static const char *const kinds[] = {
        "cell",           "detection",           "tile",           "root",
        "PathCellObject", "PathDetectionObject", "PathTileObject", "PathRootObject"};
    const char *kind = rgq_json_text(rgq_json_get(properties, "objectType"), "");
    const char *old = rgq_json_text(rgq_json_get(feature, "id"), "");

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kind, kinds[i]) == 0 || strcmp(old, kinds[i]) == 0)
            return true;
    return false;
}

/* Does it touch the slide? Points are scaled already. */
static bool touches(const gather *g, size_t begin)
{
    const double *xy = g->out->xy;
    double low[2] = {(double)INFINITY, (double)INFINITY};
    double high[2] = {-(double)INFINITY, -(double)INFINITY};

    for (size_t i = begin; i < g->n_points; i++)
        for (size_t a = 0; a < 2; a++) {
            low[a] = fmin(low[a], xy[2 * i + a]);
            high[a] = fmax(high[a], xy[2 * i + a]);
        }
    return high[0] > 0.0 && high[1] > 0.0 && low[0] < g->full[0] * g->scale &&
           low[1] < g->full[1] * g->scale;
}

static const char *words_for(const rgq_json *properties)
{
    const rgq_json *kind = rgq_json_get(properties, "classification");
    const char *name = rgq_json_text(rgq_json_get(properties, "name"), "");

    if (name[0] != '\0')
        return name;
    /* an object {"name", "color"}, or {"names": [...]} */
    name = rgq_json_text(rgq_json_get(kind, "name"), "");
    if (name[0] != '\0')
        return name;
    return rgq_json_text(rgq_json_at(rgq_json_get(kind, "names"), 0), "");
}

static rgq_status add_region(gather *g, const rgq_json *geometry, const rgq_json *properties,
                             const char *where, rgq_error *err)
{
    rgq_slide_regions *r = g->out;
    const size_t rings = g->n_rings;
    const size_t points = g->n_points;

    RGQ_PASS(err, add_geometry(g, geometry, where, err));
    if (g->n_rings == rings) {
        g->n_other++;
        return RGQ_OK;
    }
    if (r->count >= RGQ_SLIDE_REGIONS_MAX)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED, "more than %d regions",
                         (int)RGQ_SLIDE_REGIONS_MAX);
    RGQ_PASS(err,
             make_room(&r->region, &g->region_room, (size_t)r->count, sizeof *r->region, err));
    rgq_ihc_region *region = &r->region[r->count];
    *region = (rgq_ihc_region){.n_rings = (int)(g->n_rings - rings)};
    name_region(r, region, words_for(properties));
    if (!touches(g, points))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "region '%s' lies outside of the slide, which has %.0f x %.0f pixels; "
                         "are these the regions of another slide?",
                         region->name, g->full[0], g->full[1]);
    r->count++;
    return RGQ_OK;
}

static rgq_status add_feature(gather *g, const rgq_json *node, const char *where,
                              rgq_error *err)
{
    const rgq_json *properties = rgq_json_get(node, "properties");
    const rgq_json *geometry = rgq_json_get(node, "geometry");

    if (strcmp(type_of(node), "Feature") != 0)
        return add_region(g, node, NULL, where, err);
    if (is_object(node, properties)) {
        g->n_objects++;
        return RGQ_OK;
    }
    if (geometry == NULL || rgq_json_is_null(geometry)) {
        g->n_other++;
        return RGQ_OK;
    }
    return add_region(g, geometry, properties, where, err);
}

static rgq_status add_all(gather *g, const rgq_json *root, rgq_error *err)
{
    const rgq_json *list = rgq_json_is_array(root) ? root : rgq_json_get(root, "features");
    char where[WHERE_MAX];

    if (!rgq_json_is_array(root) && strcmp(type_of(root), "FeatureCollection") != 0)
        return add_feature(g, root, "the geometry", err);
    if (!rgq_json_is_array(list))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "a FeatureCollection without features");
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        (void)snprintf(where, sizeof where, "feature %zu", i);
        RGQ_PASS(err, add_feature(g, rgq_json_at(list, i), where, err));
    }
    return RGQ_OK;
}

static void set_pointers(rgq_slide_regions *r)
{
    const int *length = r->lengths;
    const double *xy = r->xy;

    for (int i = 0; i < r->count; i++) {
        rgq_ihc_region *region = &r->region[i];
        region->ring_length = length;
        region->xy = xy;
        for (int k = 0; k < region->n_rings; k++)
            xy += 2 * (size_t)length[k];
        length += region->n_rings;
    }
}

rgq_status rgq_geojson_regions(rgq_slide_regions *out, const char *path,
                               const rgq_slide_info *slide, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    gather g = {.out = out,
                .scale = 1.0 / slide->full_per_pixel,
                .full = {(double)slide->full_width, (double)slide->full_height}};

    RGQ_TRY(err, rgq_json_load(&root, path, err));
    RGQ_TRY(err, add_all(&g, root, err));
    if (g.n_objects > 0)
        RGQ_WARN(log, "%s: %d cells, detections or tiles are left out: regions are annotations",
                 path, g.n_objects);
    if (g.n_other > 0)
        RGQ_WARN(log, "%s: %d points or lines are left out: they have no area", path,
                 g.n_other);
    if (out->count == 0) {
        st = RGQ_RAISE(err, RGQ_E_MISSING,
                       "no region in it: annotations with an area were needed");
        goto out;
    }
    set_pointers(out);
out:
    rgq_json_free(root);
    return st;
}
