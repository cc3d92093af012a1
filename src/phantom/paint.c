#include "phantom/paint.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

enum { MIXED = -2, OUTSIDE = -1 };

/* Objects that can matter in a place, in painting order. */
typedef struct shortlist {
    int count;
    int object[RGQ_PHANTOM_OBJECTS_MAX];
} shortlist;

static void shorten(shortlist *out, const shortlist *in, const rgq_phantom *phantom, int axis,
                    double lo_mm, double hi_mm)
{
    out->count = 0;
    for (int k = 0; k < in->count; k++) {
        const rgq_phantom_body *body = &phantom->body[in->object[k]];
        if (body->hi[axis] >= lo_mm && body->lo[axis] <= hi_mm)
            out->object[out->count++] = in->object[k];
    }
}

/* Object of all points nearer than `reach_mm` to `point`, or MIXED if that may not be one.
 * With no reach, the object of the point. */
static int classify(const rgq_phantom *phantom, const shortlist *list, const double point[3],
                    double reach_mm)
{
    for (int k = list->count - 1; k >= 0; k--) {
        const rgq_phantom_body *body = &phantom->body[list->object[k]];
        if (point[0] + reach_mm < body->lo[0] || point[0] - reach_mm > body->hi[0])
            continue;
        const double depth = rgq_phantom_body_depth(body, point);
        if (depth > reach_mm)
            continue;
        return depth <= -reach_mm ? list->object[k] : MIXED;
    }
    return OUTSIDE;
}

static double half_diagonal_mm(const rgq_grid *grid)
{
    double v[3];
    rgq_grid_spacing_mm(grid, v);
    /* a little more than the distance to the corner, against rounding */
    return 0.5 * hypot(hypot(v[0], v[1]), v[2]) * (1.0 + 1e-9);
}

static void paint_slice(rgq_painting *painting, const rgq_phantom *phantom,
                        const shortlist *all, int z, double reach_mm)
{
    const rgq_grid *grid = &painting->grid;
    shortlist in_slice;
    shortlist in_row;
    double p[3];

    rgq_grid_to_world(grid, (const double[3]){0, 0, z}, p);
    shorten(&in_slice, all, phantom, 2, p[2] - reach_mm, p[2] + reach_mm);
    for (int y = 0; y < grid->n[1]; y++) {
        int32_t *row =
            painting->voxel + ((size_t)z * (size_t)grid->n[1] + (size_t)y) * (size_t)grid->n[0];
        rgq_grid_to_world(grid, (const double[3]){0, y, z}, p);
        shorten(&in_row, &in_slice, phantom, 1, p[1] - reach_mm, p[1] + reach_mm);
        for (int x = 0; x < grid->n[0]; x++) {
            rgq_grid_to_world(grid, (const double[3]){x, y, z}, p);
            row[x] = classify(phantom, &in_row, p, reach_mm) + 1;
        }
    }
}

static void paint_all(rgq_painting *painting, const rgq_phantom *phantom, double reach_mm)
{
    shortlist all = {.count = phantom->n_objects};

    for (int i = 0; i < phantom->n_objects; i++)
        all.object[i] = i;
#pragma omp parallel for schedule(static) default(none) shared(painting, phantom, all, reach_mm)
    for (int z = 0; z < painting->grid.n[2]; z++)
        paint_slice(painting, phantom, &all, z, reach_mm);
}

/* What matters inside one voxel: of each object that can reach it, the solids that can. The
 * others hold no point of the voxel, so that leaving them out changes nothing there. */
typedef struct near_object {
    int object;
    int first; /* in near_list.solid: n_union that add, then n_except that take away */
    int n_union;
    int n_except;
} near_object;

typedef struct near_list {
    int count;
    int n_solids;
    near_object near[RGQ_PHANTOM_OBJECTS_MAX];
    const rgq_solid *solid[RGQ_PHANTOM_SOLIDS_MAX];
} near_list;

static int take_solids(near_list *list, const rgq_solid *solid, int count,
                       const double centre[3], double reach_mm)
{
    int taken = 0;

    for (int i = 0; i < count; i++) {
        if (rgq_solid_depth(&solid[i], centre) > reach_mm)
            continue;
        list->solid[list->n_solids++] = &solid[i];
        taken++;
    }
    return taken;
}

static void find_near(near_list *list, const rgq_phantom *phantom, const double centre[3],
                      double reach_mm)
{
    list->count = 0;
    list->n_solids = 0;
    for (int i = 0; i < phantom->n_objects; i++) {
        const rgq_phantom_body *body = &phantom->body[i];
        near_object *near = &list->near[list->count];
        *near = (near_object){.object = i, .first = list->n_solids};
        near->n_union = take_solids(list, body->solid, body->n_union, centre, reach_mm);
        if (near->n_union == 0)
            continue;
        near->n_except =
            take_solids(list, body->solid + body->n_union, body->n_except, centre, reach_mm);
        list->count++;
    }
}

static double near_depth(const near_list *list, const near_object *near, const double point[3])
{
    const rgq_solid *const *solid = &list->solid[near->first];
    double depth = rgq_solid_depth(solid[0], point);

    for (int i = 1; i < near->n_union; i++)
        depth = fmin(depth, rgq_solid_depth(solid[i], point));
    for (int i = near->n_union; i < near->n_union + near->n_except; i++)
        depth = fmax(depth, -rgq_solid_depth(solid[i], point));
    return depth;
}

/* As classify(), inside the voxel that the list was made for. */
static int classify_near(const near_list *list, const double point[3], double reach_mm)
{
    for (int k = list->count - 1; k >= 0; k--) {
        const double depth = near_depth(list, &list->near[k], point);
        if (depth > reach_mm)
            continue;
        return depth <= -reach_mm ? list->near[k].object : MIXED;
    }
    return OUTSIDE;
}

/* A part of a voxel: its centre, half sides, half diagonal. */
typedef struct cell {
    double centre[3];
    double half[3];
    double reach_mm;
} cell;

static void split(uint16_t *parts, const near_list *list, const cell *whole, int levels)
{
    const int object = classify_near(list, whole->centre, levels > 0 ? whole->reach_mm : 0.0);

    if (object != MIXED) {
        parts[object + 1] = (uint16_t)(parts[object + 1] + (1 << (3 * levels)));
        return;
    }
    cell part = {.reach_mm = 0.5 * whole->reach_mm};
    for (int a = 0; a < 3; a++)
        part.half[a] = 0.5 * whole->half[a];
    for (int corner = 0; corner < 8; corner++) {
        for (int a = 0; a < 3; a++)
            part.centre[a] =
                whole->centre[a] + ((corner >> a & 1) != 0 ? part.half[a] : -part.half[a]);
        split(parts, list, &part, levels - 1);
    }
}

static void split_voxel(const rgq_painting *painting, const rgq_phantom *phantom, size_t voxel,
                        uint16_t *parts, int levels)
{
    const rgq_grid *grid = &painting->grid;
    const size_t n_x = (size_t)grid->n[0];
    const size_t n_y = (size_t)grid->n[1];
    const size_t at[3] = {voxel % n_x, voxel / n_x % n_y, voxel / (n_x * n_y)};
    const double index[3] = {(double)at[0], (double)at[1], (double)at[2]};
    cell whole = {.reach_mm = half_diagonal_mm(grid)};
    near_list list;

    rgq_grid_to_world(grid, index, whole.centre);
    rgq_grid_spacing_mm(grid, whole.half);
    for (int a = 0; a < 3; a++)
        whole.half[a] *= 0.5;
    find_near(&list, phantom, whole.centre, whole.reach_mm);
    split(parts, &list, &whole, levels);
}

/* Number the mixed voxels in order and list where they are. */
static void number_mixed(rgq_painting *painting, size_t *place, size_t count)
{
    size_t m = 0;

    for (size_t i = 0; i < count; i++) {
        if (painting->voxel[i] != MIXED + 1)
            continue;
        painting->voxel[i] = -1 - (int32_t)m;
        place[m++] = i;
    }
}

static rgq_status split_mixed(rgq_painting *painting, const rgq_phantom *phantom, int levels,
                              rgq_error *err)
{
    const size_t count = rgq_grid_count(&painting->grid);
    const size_t width = (size_t)phantom->n_objects + 1;
    rgq_status st = RGQ_OK;
    size_t *place = NULL;
    size_t n_mixed = 0;

    painting->parts_total = 1 << (3 * levels);
    for (size_t i = 0; i < count; i++)
        n_mixed += painting->voxel[i] == MIXED + 1 ? 1 : 0;
    if (n_mixed == 0)
        return RGQ_OK;
    RGQ_TRY(err, rgq_alloc(&place, n_mixed, sizeof *place, err));
    RGQ_TRY(err, rgq_alloc(&painting->parts, n_mixed * width, sizeof *painting->parts, err));
    painting->n_mixed = n_mixed;
    number_mixed(painting, place, count);
#pragma omp parallel for schedule(static) default(none)                                        \
    shared(painting, phantom, place, n_mixed, width, levels)
    for (size_t m = 0; m < n_mixed; m++)
        split_voxel(painting, phantom, place[m], painting->parts + m * width, levels);
out:
    rgq_free(place);
    return st;
}

rgq_status rgq_painting_make(rgq_painting *out, const rgq_phantom *phantom,
                             const rgq_grid *grid, int levels, rgq_error *err)
{
    out->grid = *grid;
    out->n_objects = phantom->n_objects;
    RGQ_PASS(err, rgq_alloc(&out->voxel, rgq_grid_count(grid), sizeof *out->voxel, err));
    paint_all(out, phantom, levels > 0 ? half_diagonal_mm(grid) : 0.0);
    if (levels > 0)
        RGQ_PASS(err, split_mixed(out, phantom, levels, err));
    return RGQ_OK;
}

void rgq_painting_release(rgq_painting *painting)
{
    rgq_free(painting->voxel);
    rgq_free(painting->parts);
    painting->voxel = NULL;
    painting->parts = NULL;
}

static double mean_of_parts(const rgq_painting *painting, size_t m, const double *values)
{
    const size_t width = (size_t)painting->n_objects + 1;
    const uint16_t *parts = painting->parts + m * width;
    double sum = 0.0;

    for (size_t k = 0; k < width; k++)
        sum += parts[k] * values[k];
    return sum / painting->parts_total;
}

void rgq_painting_fill(float *out, const rgq_painting *painting, const double *values)
{
    const size_t count = rgq_grid_count(&painting->grid);

#pragma omp parallel for schedule(static) default(none) shared(out, painting, values, count)
    for (size_t i = 0; i < count; i++) {
        const int32_t at = painting->voxel[i];
        out[i] =
            (float)(at >= 0 ? values[at] : mean_of_parts(painting, (size_t)(-1 - at), values));
    }
}

rgq_status rgq_painting_regions(rgq_regions **out, const rgq_painting *painting,
                                const rgq_phantom *phantom, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    float *weight = NULL;
    double *values = NULL;
    rgq_regions *regions = NULL;

    RGQ_TRY(err, rgq_alloc(&weight, rgq_grid_count(&painting->grid), sizeof *weight, err));
    RGQ_TRY(err, rgq_alloc(&values, (size_t)phantom->n_objects + 1, sizeof *values, err));
    RGQ_TRY(err, rgq_regions_create(&regions, &painting->grid, err));
    for (int i = 0; i < phantom->n_objects; i++) {
        if (phantom->object[i].label == 0)
            continue;
        values[i + 1] = 1.0;
        rgq_painting_fill(weight, painting, values);
        values[i + 1] = 0.0;
        RGQ_TRY(err, rgq_regions_add(regions, phantom->object[i].name, phantom->object[i].label,
                                     weight, err));
    }
    *out = regions;
    regions = NULL;
out:
    rgq_free(weight);
    rgq_free(values);
    rgq_regions_free(regions);
    return st;
}
