/* Regions to divide by, made from the regions that are divided. */
#include "roi/background.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "roi/ball.h"
#include "roi/box.h"
#include "roi/shell.h"

/* A background before it is put into the set. */
typedef struct draft {
    char name[RGQ_REGION_NAME_MAX];
    rgq_box box;
    float *weight; /* over the box; NULL: empty */
    bool leaves;   /* part of it would lie outside the scan */
} draft;

static double volume_ml(const draft *d, const rgq_grid *grid)
{
    double sum = 0.0;

    for (size_t i = 0; d->weight != NULL && i < rgq_box_count(&d->box); i++)
        sum += (double)d->weight[i];
    return sum * rgq_grid_voxel_ml(grid);
}

/* ---- what other regions have of it ---- */

/* Part that a box and a region's box have in common; false if none. */
static bool common(rgq_box *out, const rgq_box *box, const rgq_region *region)
{
    for (int a = 0; a < 3; a++) {
        const int lo = box->lo[a] > region->lo[a] ? box->lo[a] : region->lo[a];
        const int end = box->lo[a] + box->n[a];
        const int region_end = region->lo[a] + region->n[a];
        out->lo[a] = lo;
        out->n[a] = (end < region_end ? end : region_end) - lo;
        if (out->n[a] <= 0)
            return false;
    }
    return true;
}

/* Index in `box` of the first voxel of row (y, z) of `part`. */
static size_t row_in(const rgq_box *box, const rgq_box *part, int y, int z)
{
    const size_t row = (size_t)(part->lo[2] + z - box->lo[2]) * (size_t)box->n[1] +
                       (size_t)(part->lo[1] + y - box->lo[1]);

    return row * (size_t)box->n[0] + (size_t)(part->lo[0] - box->lo[0]);
}

static rgq_box box_of(const rgq_region *region)
{
    rgq_box box;

    memcpy(box.lo, region->lo, sizeof box.lo);
    memcpy(box.n, region->n, sizeof box.n);
    return box;
}

/* Has the region a weight of at least 0.5 wherever these weights have? */
static bool holds(const rgq_region *region, const rgq_box *box, const float *weight)
{
    rgq_box part;
    const rgq_box whole = box_of(region);
    size_t wanted = 0;
    size_t held = 0;

    if (weight == NULL || !common(&part, box, region))
        return false;
    for (size_t i = 0; i < rgq_box_count(box); i++)
        wanted += weight[i] >= 0.5f;
    for (int z = 0; z < part.n[2]; z++)
        for (int y = 0; y < part.n[1]; y++) {
            const float *w = weight + row_in(box, &part, y, z);
            const float *r = region->weight + row_in(&whole, &part, y, z);
            for (int x = 0; x < part.n[0]; x++)
                held += w[x] >= 0.5f && r[x] >= 0.5f;
        }
    return wanted > 0 && held == wanted;
}

/* Weights of the draft become 0 where the region has any; true if one was not. */
static bool take_out(draft *d, const rgq_region *region)
{
    rgq_box part;
    const rgq_box whole = box_of(region);
    bool any = false;

    if (d->weight == NULL || !common(&part, &d->box, region))
        return false;
    for (int z = 0; z < part.n[2]; z++)
        for (int y = 0; y < part.n[1]; y++) {
            float *w = d->weight + row_in(&d->box, &part, y, z);
            const float *r = region->weight + row_in(&whole, &part, y, z);
            for (int x = 0; x < part.n[0]; x++)
                if (r[x] > 0.0f && w[x] > 0.0f) {
                    w[x] = 0.0f;
                    any = true;
                }
        }
    return any;
}

static const char *const outlines[] = {"midline",
                                       "mid sagittal plane",
                                       "midsagittal plane",
                                       "falx",
                                       "body",
                                       "body outline",
                                       "outline",
                                       "external",
                                       "torso",
                                       "whole body",
                                       "skin"};

enum { N_OUTLINES = sizeof outlines / sizeof outlines[0] };

static bool is_outline(const rgq_region *region)
{
    for (int k = 0; k < N_OUTLINES; k++)
        if (rgq_background_is_named(region, outlines[k]))
            return true;
    return false;
}

static void tell(const draft *d, double whole_ml, double left_ml, const char *others,
                 const rgq_log *log)
{
    if (d->leaves)
        RGQ_WARN(log, "the background '%s' leaves the scan: %.4g mL of it are left", d->name,
                 left_ml);
    if (others[0] == '\0')
        return;
    if (left_ml < 0.5 * whole_ml)
        RGQ_WARN(log,
                 "of the background '%s' %.4g of %.4g mL are left without other regions (%s)",
                 d->name, left_ml, whole_ml, others);
    else
        RGQ_INFO(log,
                 "of the background '%s' %.4g of %.4g mL are left without other regions (%s)",
                 d->name, left_ml, whole_ml, others);
}

/* What the making of all backgrounds shares. */
typedef struct maker {
    const rgq_regions *regions;
    const rgq_grid *grid;
    rgq_background_spec spec; /* with the plane, once it is known */
    bool *outline;            /* of each region: it is no lesion */
    bool *inside;             /* scratch, of each region: it is taken out of this draft */
    const rgq_log *log;
} maker;

/* Is `other` what the background, as drawn, or its region lies in, an organ? It holds one of
 * them whole, is many times as large, and is not called a lesion. */
static bool is_about(const rgq_region *other, const draft *d, const maker *m,
                     const rgq_region *self)
{
    const rgq_box own = self != NULL ? box_of(self) : (rgq_box){{0, 0, 0}, {0, 0, 0}};
    const double of_ml =
        self != NULL ? rgq_region_volume_ml(self, m->grid) : volume_ml(d, m->grid);

    if (rgq_background_is_lesion(other) ||
        rgq_region_volume_ml(other, m->grid) < RGQ_BACKGROUND_ORGAN_RATIO * of_ml)
        return false;
    return holds(other, &d->box, d->weight) ||
           (self != NULL && holds(other, &own, self->weight));
}

/* Take the regions out of the draft; `self` is the one it belongs to, or NULL. */
static void keep_out(draft *d, const maker *m, const rgq_region *self)
{
    const int n = rgq_regions_count(m->regions);
    char others[160] = "";
    rgq_box part;

    for (int i = 0; i < n; i++) { /* all are judged by the background as drawn */
        const rgq_region *other = rgq_regions_at(m->regions, i);
        m->inside[i] = other != self && !m->outline[i] && common(&part, &d->box, other);
        if (m->inside[i] && is_about(other, d, m, self)) {
            m->inside[i] = false;
            RGQ_INFO(m->log, "the background '%s' lies in '%s', which is not taken out of it",
                     d->name, other->name);
        }
    }
    if (self != NULL)
        (void)take_out(d, self);
    const double whole_ml = volume_ml(d, m->grid);
    for (int i = 0; i < n; i++) {
        const rgq_region *other = rgq_regions_at(m->regions, i);
        const size_t used = strlen(others);
        if (m->inside[i] && take_out(d, other) && used < sizeof others - 48)
            (void)snprintf(others + used, sizeof others - used, "%s%.40s", used > 0 ? ", " : "",
                           other->name);
    }
    tell(d, whole_ml, volume_ml(d, m->grid), others, m->log);
}

/* ---- shapes ---- */

static rgq_status draw_sphere(draft *d, const maker *m, rgq_error *err)
{
    const rgq_background_spec *spec = &m->spec;
    const double radius_mm = spec->radius_mm;
    const rgq_ball ball = {{spec->centre_mm[0], spec->centre_mm[1], spec->centre_mm[2]},
                           radius_mm};
    const double pi = 3.14159265358979323846;

    const rgq_status st =
        rgq_ball_weigh(&d->weight, d->box.lo, d->box.n, &ball, m->grid, true, err);
    if (st == RGQ_E_GEOMETRY)
        rgq_error_prefix(err, "the background: ");
    if (st != RGQ_OK)
        return st;
    const double full_ml = 4e-3 / 3.0 * pi * radius_mm * radius_mm * radius_mm;
    d->leaves = volume_ml(d, m->grid) < (1.0 - 1e-4) * full_ml; /* weights are floats */
    return RGQ_OK;
}

/* Voxels of the region: by half, or, where none has so much, by any. */
static void mark_region(uint8_t *mark, const rgq_box *box, const rgq_region *region)
{
    const size_t count = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];
    const rgq_box whole = box_of(region);
    float most = 0.0f;

    for (size_t i = 0; i < count; i++)
        most = region->weight[i] > most ? region->weight[i] : most;
    const float least = most >= 0.5f ? 0.5f : most;
    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            uint8_t *to = mark + row_in(box, &whole, y, z);
            const float *w = region->weight + row_in(&whole, &whole, y, z);
            for (int x = 0; x < region->n[0]; x++)
                to[x] = w[x] >= least;
        }
}

/* Would voxels within the outer radius lie beyond the grid? */
static bool reaches_out(const rgq_region *region, const rgq_grid *grid, double outer_mm)
{
    double spacing_mm[3];

    rgq_grid_spacing_mm(grid, spacing_mm);
    for (int a = 0; a < 3; a++) {
        const double reach = floor(outer_mm / spacing_mm[a] * (1.0 + 1e-6));
        if (region->lo[a] - reach < 0.0 ||
            region->lo[a] + region->n[a] - 1.0 + reach > grid->n[a] - 1.0)
            return true;
    }
    return false;
}

static rgq_status draw_shell(draft *d, const maker *m, const rgq_region *region, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_box core = box_of(region);
    uint8_t *mark = NULL;
    float *d2 = NULL;
    double spacing_mm[3];
    float limit[2];

    rgq_grid_spacing_mm(m->grid, spacing_mm);
    rgq_shell_limits(limit, m->spec.inner_mm, m->spec.outer_mm);
    d->box = rgq_box_grow(&core, m->grid, m->spec.outer_mm);
    d->leaves = reaches_out(region, m->grid, m->spec.outer_mm);
    const size_t count = rgq_box_count(&d->box);
    RGQ_TRY(err, rgq_alloc(&mark, count, 1, err));
    RGQ_TRY(err, rgq_alloc(&d2, count, sizeof *d2, err));
    mark_region(mark, &d->box, region);
    RGQ_TRY(err, rgq_box_distance2(d2, mark, d->box.n, spacing_mm, err));
    for (size_t i = 0; i < count; i++)
        d2[i] = d2[i] >= limit[0] && d2[i] <= limit[1] ? 1.0f : 0.0f;
    d->weight = d2;
    d2 = NULL;
out:
    rgq_free(d2);
    rgq_free(mark);
    return st;
}

/* Where the centre of voxel `at` comes from, as an index. */
static void reflect(double out[3], const maker *m, const double at[3])
{
    double mm[3];

    rgq_grid_to_world(m->grid, at, mm);
    mm[0] = 2.0 * m->spec.plane_mm - mm[0];
    rgq_grid_to_index(m->grid, mm, out);
}

/* Weight of a region between its voxels, 0 outside its box. */
static double weight_at(const rgq_region *region, const double index[3])
{
    const rgq_box box = box_of(region);
    double from[3];
    double sum = 0.0;

    for (int a = 0; a < 3; a++)
        from[a] = floor(index[a]);
    for (int corner = 0; corner < 8; corner++) {
        double share = 1.0;
        rgq_box one = {{0, 0, 0}, {1, 1, 1}};
        bool in = true;
        for (int a = 0; a < 3; a++) {
            const double at = from[a] + (corner >> a & 1);
            share *= 1.0 - fabs(index[a] - at);
            in = in && at >= region->lo[a] && at < region->lo[a] + region->n[a];
            one.lo[a] = in ? (int)at : 0;
        }
        if (in)
            sum += share * (double)region->weight[row_in(&box, &one, 0, 0)];
    }
    /* what a last bit of a position makes of 0 and 1 */
    return sum < 1e-6 ? 0.0 : sum > 1.0 - 1e-6 ? 1.0 : sum;
}

/* Voxels that the reflection can touch, as far as the grid goes; tells whether it goes on. */
static bool find_mirrored(rgq_box *box, const maker *m, const rgq_region *region)
{
    double lo[3] = {(double)INFINITY, (double)INFINITY, (double)INFINITY};
    double hi[3] = {-(double)INFINITY, -(double)INFINITY, -(double)INFINITY};
    bool leaves = false;

    for (int corner = 0; corner < 8; corner++) {
        double at[3];
        double to[3];
        for (int a = 0; a < 3; a++)
            at[a] = (corner >> a & 1) != 0 ? region->lo[a] + region->n[a] : region->lo[a] - 1;
        reflect(to, m, at);
        for (int a = 0; a < 3; a++) {
            lo[a] = fmin(lo[a], to[a]);
            hi[a] = fmax(hi[a], to[a]);
        }
    }
    for (int a = 0; a < 3; a++) {
        /* the ends themselves have no weight any more */
        const double first = floor(lo[a] + 1e-6) + 1.0;
        const double last = ceil(hi[a] - 1e-6) - 1.0;
        const double from = fmax(first, 0.0);
        const double to = fmin(last, m->grid->n[a] - 1.0);
        leaves = leaves || first < 0.0 || last > m->grid->n[a] - 1.0;
        box->lo[a] = from <= to ? (int)from : 0;
        box->n[a] = from <= to ? (int)to - (int)from + 1 : 0;
    }
    return leaves;
}

static rgq_status draw_mirror(draft *d, const maker *m, const rgq_region *region,
                              rgq_error *err)
{
    const bool leaves = find_mirrored(&d->box, m, region);
    size_t i = 0;

    if (rgq_box_count(&d->box) > 0) {
        RGQ_PASS(err, rgq_alloc(&d->weight, rgq_box_count(&d->box), sizeof *d->weight, err));
        for (int z = 0; z < d->box.n[2]; z++)
            for (int y = 0; y < d->box.n[1]; y++)
                for (int x = 0; x < d->box.n[0]; x++, i++) {
                    double from[3];
                    reflect(from, m,
                            (const double[3]){d->box.lo[0] + x, d->box.lo[1] + y,
                                              d->box.lo[2] + z});
                    d->weight[i] = (float)weight_at(region, from);
                }
    }
    d->leaves =
        leaves && volume_ml(d, m->grid) < (1.0 - 1e-4) * rgq_region_volume_ml(region, m->grid);
    return RGQ_OK;
}

/* ---- the plane between left and right ---- */

static double centroid_x_mm(const rgq_region *region, const rgq_grid *grid)
{
    double sum = 0.0;
    double moment = 0.0;
    size_t i = 0;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++)
            for (int x = 0; x < region->n[0]; x++, i++) {
                const double at[3] = {region->lo[0] + x, region->lo[1] + y, region->lo[2] + z};
                double mm[3];
                rgq_grid_to_world(grid, at, mm);
                sum += (double)region->weight[i];
                moment += (double)region->weight[i] * mm[0];
            }
    return moment / sum;
}

static rgq_status find_plane(maker *m, rgq_error *err)
{
    if (m->spec.kind != RGQ_BACKGROUND_MIRROR || isfinite(m->spec.plane_mm))
        return RGQ_OK;
    for (int k = 0; k < N_OUTLINES; k++)
        for (int i = 0; i < rgq_regions_count(m->regions); i++) {
            const rgq_region *region = rgq_regions_at(m->regions, i);
            if (!rgq_background_is_named(region, outlines[k]) || region->n[0] == 0)
                continue;
            m->spec.plane_mm = centroid_x_mm(region, m->grid);
            RGQ_INFO(m->log,
                     "background: the mid-sagittal plane is x = %.6g mm, through the centroid "
                     "of the region '%s'",
                     m->spec.plane_mm, region->name);
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_MISSING,
                     "background 'mirror': where the mid-sagittal plane lies is not guessed; "
                     "give its position, e.g. mirror:0 for x = 0 mm (x counts to the right), "
                     "or a region named midline or body");
}

/* ---- regions of the set ---- */

static void list_names(char *out, size_t size, const rgq_regions *regions)
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; i < rgq_regions_count(regions); i++) {
        if (used + 48 > size) {
            (void)snprintf(out + used, size - used, ", ...");
            return;
        }
        (void)snprintf(out + used, size - used, "%s%.40s", used > 0 ? ", " : "",
                       rgq_regions_at(regions, i)->name);
        used = strlen(out);
    }
}

static rgq_status find_reference(const rgq_region **out, const rgq_regions *regions,
                                 const rgq_background_tracer *tracer, const rgq_log *log,
                                 rgq_error *err)
{
    char names[320];

    if (tracer == NULL || tracer->id == NULL || tracer->id[0] == '\0')
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "background 'reference' is the reference tissue of the tracer, which "
                         "is not known; name it with --tracer ID");
    if (tracer->tissue == NULL || tracer->tissue[0] == '\0')
        return RGQ_RAISE(
            err, RGQ_E_MISSING,
            "background 'reference': no reference tissue is established for %.60s; "
            "name a region, or give sphere:X,Y,Z,R, shell:INNER,OUTER or mirror:X",
            tracer->id);
    RGQ_PASS(err, rgq_background_tissue(out, regions, tracer->tissue, err));
    if (*out == NULL) {
        list_names(names, sizeof names, regions);
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "background 'reference': there is no region named as %.60s, the "
                         "reference tissue of %.60s; there are: %s",
                         tracer->tissue, tracer->id, names);
    }
    RGQ_INFO(log, "background: region '%s', the reference tissue (%s) of %s", (*out)->name,
             tracer->tissue, tracer->id);
    return RGQ_OK;
}

static rgq_status find_region(const rgq_region **out, const maker *m,
                              const rgq_background_tracer *tracer, rgq_error *err)
{
    char names[320];

    if (m->spec.kind == RGQ_BACKGROUND_REFERENCE)
        return find_reference(out, m->regions, tracer, m->log, err);
    *out = rgq_regions_find(m->regions, m->spec.name);
    if (*out != NULL)
        return RGQ_OK;
    list_names(names, sizeof names, m->regions);
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "there is no region '%.60s' to take as background; the regions are: %s",
                     m->spec.name, names);
}

/* ---- all of it ---- */

static rgq_status add_made(rgq_regions *made, const maker *m, const rgq_region *self,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    draft d = {.box = {{0, 0, 0}, {0, 0, 0}}};
    static const int none[3] = {0, 0, 0};

    rgq_background_name(d.name, &m->spec, self != NULL ? self->name : "");
    if (self == NULL)
        RGQ_TRY(err, draw_sphere(&d, m, err));
    else if (self->n[0] > 0 && m->spec.kind == RGQ_BACKGROUND_SHELL)
        RGQ_TRY(err, draw_shell(&d, m, self, err));
    else if (self->n[0] > 0)
        RGQ_TRY(err, draw_mirror(&d, m, self, err));
    keep_out(&d, m, self);
    RGQ_TRY(err, rgq_regions_add_box(made, d.name, rgq_regions_count(made) + 1,
                                     d.weight != NULL ? d.box.lo : none,
                                     d.weight != NULL ? d.box.n : none, d.weight, err));
out:
    rgq_free(d.weight);
    return st;
}

static rgq_status make_all(rgq_regions *made, const maker *m,
                           const rgq_background_tracer *tracer, rgq_error *err)
{
    const rgq_region *region = NULL;

    if (m->spec.kind == RGQ_BACKGROUND_REGION || m->spec.kind == RGQ_BACKGROUND_REFERENCE) {
        RGQ_PASS(err, find_region(&region, m, tracer, err));
        return rgq_regions_add_box(made, region->name, 1, region->lo, region->n, region->weight,
                                   err);
    }
    RGQ_PASS(err, rgq_roi_check_axes(m->grid, err));
    if (!rgq_background_is_own(&m->spec))
        return add_made(made, m, NULL, err);
    for (int i = 0; i < rgq_regions_count(m->regions); i++)
        RGQ_PASS(err, add_made(made, m, rgq_regions_at(m->regions, i), err));
    return RGQ_OK;
}

rgq_status rgq_background_make(rgq_regions **out, const rgq_regions *regions,
                               const rgq_background_spec *spec,
                               const rgq_background_tracer *tracer, const rgq_log *log,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *made = NULL;
    const int n = rgq_regions_count(regions);
    maker m = {
        .regions = regions, .grid = rgq_regions_grid(regions), .spec = *spec, .log = log};

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&m.outline, (size_t)n + 1, sizeof *m.outline, err));
    RGQ_TRY(err, rgq_alloc(&m.inside, (size_t)n + 1, sizeof *m.inside, err));
    for (int i = 0; i < n; i++)
        m.outline[i] = is_outline(rgq_regions_at(regions, i));
    RGQ_TRY(err, rgq_regions_create(&made, m.grid, err));
    RGQ_TRY(err, find_plane(&m, err));
    RGQ_TRY(err, make_all(made, &m, tracer, err));
    *out = made;
    made = NULL;
out:
    rgq_regions_free(made);
    rgq_free(m.inside);
    rgq_free(m.outline);
    return st;
}
