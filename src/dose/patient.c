#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "dose/anatomy.h"
#include "dose/material.h"
#include "rgdquant/dose.h"

static const double same_place_mm = 0.01;

/* Nodes of the density [HU, g/cm3]. */
static const double ramp[][2] = {{-1000, .00121}, {-98, .930},    {0, 1.0},
                                 {23, 1.030},     {100, 1.0762},  {1600, 1.9642},
                                 {3100, 2.8522},  {30000, 18.777}};

double rgq_density_of_hu(double hu)
{
    const size_t n = sizeof ramp / sizeof ramp[0];
    size_t i = 1;

    if (hu <= ramp[0][0])
        return ramp[0][1];
    while (i < n - 1 && hu > ramp[i][0])
        i++;
    const double f = (fmin(hu, ramp[i][0]) - ramp[i - 1][0]) / (ramp[i][0] - ramp[i - 1][0]);
    return ramp[i - 1][1] + f * (ramp[i][1] - ramp[i - 1][1]);
}

static int material_of_hu(double hu)
{
    if (hu < -950.0)
        return RGQ_MATERIAL_AIR;
    if (hu < -200.0)
        return RGQ_MATERIAL_LUNG;
    return hu <= 200.0 ? RGQ_MATERIAL_SOFT : RGQ_MATERIAL_BONE;
}

/* The same borders by density. */
static int material_of_density(double density)
{
    if (density < rgq_density_of_hu(-950.0))
        return RGQ_MATERIAL_AIR;
    if (density < rgq_density_of_hu(-200.0))
        return RGQ_MATERIAL_LUNG;
    return density <= rgq_density_of_hu(200.0) ? RGQ_MATERIAL_SOFT : RGQ_MATERIAL_BONE;
}

static bool is_body(const char *name)
{
    return rgq_text_equal_nocase(name, "body") || rgq_text_equal_nocase(name, "whole body") ||
           rgq_text_equal_nocase(name, "total body");
}

/* Whether `name` begins with or ends in one of the words of lung or bone. */
static int material_of_name(const char *name)
{
    static const char *const lungs[] = {"lung",       "lungs",     "lung left",
                                        "lung right", "left lung", "right lung"};
    static const char *const bones[] = {"bone", "bones", "skeleton", "spine", "cortical bone"};

    for (size_t i = 0; i < sizeof lungs / sizeof lungs[0]; i++)
        if (rgq_text_equal_nocase(name, lungs[i]))
            return RGQ_MATERIAL_LUNG;
    for (size_t i = 0; i < sizeof bones / sizeof bones[0]; i++)
        if (rgq_text_equal_nocase(name, bones[i]))
            return RGQ_MATERIAL_BONE;
    return RGQ_MATERIAL_SOFT;
}

static rgq_status check_map(const rgq_labels *labels, const rgq_volume *map, const char *what,
                            double lo, double hi, rgq_error *err)
{
    if (map == NULL)
        return RGQ_OK;
    const rgq_status st =
        rgq_grid_compare(rgq_labels_grid(labels), rgq_volume_grid(map), same_place_mm, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err,
                         "the %s must lie on the grid of the labels (resample it): ", what);
        rgq_error_push(err, __func__, __LINE__);
        return st;
    }
    const float *v = rgq_volume_cdata(map, 0);
    const size_t n = rgq_volume_count(map);
    for (size_t i = 0; i < n; i++)
        if (!((double)v[i] >= lo && (double)v[i] <= hi))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the %s has a voxel of %g; numbers from %g to %g are needed", what,
                             (double)v[i], lo, hi);
    return RGQ_OK;
}

/* ---- the body by its CT ---- */

enum { OUTSIDE, DENSE, REACHED, FILLED };

typedef struct flood {
    uint8_t *mark;
    size_t *stack;
    int n[3];
} flood;

/* Neighbours along the first `axes` axes that have the mark `from` get `to`. Returns how many
 * voxels the piece has. */
static size_t spread(flood *f, size_t seed, int axes, uint8_t from, uint8_t to)
{
    const size_t step[3] = {1, (size_t)f->n[0], (size_t)f->n[0] * (size_t)f->n[1]};
    size_t depth = 0, size = 0;

    if (f->mark[seed] != from)
        return 0;
    f->mark[seed] = to;
    f->stack[depth++] = seed;
    while (depth > 0) {
        const size_t at = f->stack[--depth];
        size++;
        for (int a = 0; a < axes; a++) {
            const size_t place = at / step[a] % (size_t)f->n[a];
            if (place > 0 && f->mark[at - step[a]] == from) {
                f->mark[at - step[a]] = to;
                f->stack[depth++] = at - step[a];
            }
            if (place + 1 < (size_t)f->n[a] && f->mark[at + step[a]] == from) {
                f->mark[at + step[a]] = to;
                f->stack[depth++] = at + step[a];
            }
        }
    }
    return size;
}

/* Keep the largest piece of DENSE (as REACHED); the rest becomes OUTSIDE. */
static size_t keep_largest(flood *f, size_t count)
{
    size_t best = 0, best_seed = 0;

    for (size_t i = 0; i < count; i++) {
        const size_t size = spread(f, i, 3, DENSE, FILLED);
        if (size > best) {
            best = size;
            best_seed = i;
        }
    }
    if (best > 0)
        (void)spread(f, best_seed, 3, FILLED, REACHED);
    for (size_t i = 0; i < count; i++)
        if (f->mark[i] != REACHED)
            f->mark[i] = OUTSIDE;
    return best;
}

/* What a slice cannot reach from its rim belongs to the body: lungs, bowel gas. */
static void fill_slices(flood *f)
{
    const size_t nx = (size_t)f->n[0];
    const size_t ny = (size_t)f->n[1];

    for (size_t z = 0; z < (size_t)f->n[2]; z++) {
        const size_t base = z * nx * ny;
        for (size_t x = 0; x < nx; x++) {
            (void)spread(f, base + x, 2, OUTSIDE, FILLED);
            (void)spread(f, base + (ny - 1) * nx + x, 2, OUTSIDE, FILLED);
        }
        for (size_t y = 0; y < ny; y++) {
            (void)spread(f, base + y * nx, 2, OUTSIDE, FILLED);
            (void)spread(f, base + y * nx + nx - 1, 2, OUTSIDE, FILLED);
        }
    }
}

/* `mark` becomes FILLED outside the body and something else in it. */
static rgq_status find_body(uint8_t *mark, const rgq_grid *grid, const rgq_volume *ct,
                            double body_hu, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    flood f = {mark, NULL, {grid->n[0], grid->n[1], grid->n[2]}};
    const size_t count = rgq_grid_count(grid);
    const float *hu = rgq_volume_cdata(ct, 0);

    RGQ_TRY(err, rgq_alloc(&f.stack, count, sizeof *f.stack, err));
    for (size_t i = 0; i < count; i++)
        mark[i] = (double)hu[i] > body_hu ? DENSE : OUTSIDE;
    if (keep_largest(&f, count) == 0)
        RGQ_TRY(err,
                RGQ_RAISE(err, RGQ_E_MISSING,
                          "no voxel of the CT is above %g HU; draw a region 'body'", body_hu));
    fill_slices(&f);
out:
    rgq_free(f.stack);
    return st;
}

/* ---- the anatomy ---- */

static rgq_status name_organs(rgq_anatomy *body, const rgq_labels *labels, int *body_region,
                              rgq_error *err)
{
    const int n = rgq_labels_count(labels);

    *body_region = -1;
    if (n >= RGQ_ORGANS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the label map has %d regions; at most %d can be organs of a body", n,
                         RGQ_ORGANS_MAX - 1);
    for (int i = 0; i < n; i++) {
        const char *name = rgq_labels_at(labels, i)->name;
        if (is_body(name))
            *body_region = i;
        if (strlen(name) >= RGQ_ORGAN_NAME)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the name of region '%.60s' is longer than %d bytes", name,
                             RGQ_ORGAN_NAME - 1);
        rgq_text_copy(body->organs[i].name, sizeof body->organs[i].name,
                      is_body(name) ? "remainder" : name);
        body->organs[i].wall_of = -1;
    }
    body->n_organs = n;
    if (*body_region < 0) {
        rgq_text_copy(body->organs[n].name, sizeof body->organs[n].name, "remainder");
        body->organs[n].wall_of = -1;
        body->n_organs = n + 1;
    }
    return RGQ_OK;
}

/* A region "X contents" belongs to the region "X wall". */
static void marry_walls(rgq_anatomy *body)
{
    char name[RGQ_ORGAN_NAME + 16];

    for (int w = 0; w < body->n_organs; w++) {
        const char *wall = body->organs[w].name;
        if (!rgq_text_ends_with(wall, " wall"))
            continue;
        rgq_text_copy(name, sizeof name, wall);
        rgq_text_copy(name + strlen(wall) - 4, sizeof name - strlen(wall), "contents");
        const int c = rgq_anatomy_find(body, name);
        if (c < 0)
            continue;
        body->organs[w].wall_of = c;
        body->organs[c].is_contents = true;
    }
}

typedef struct sources {
    const rgq_labels *labels;
    const float *ct, *density;
    const uint8_t *mark; /* NULL: a region is the body */
    double plain_density;
} sources;

static void fill(rgq_anatomy *body, const sources *from)
{
    const uint16_t *region = rgq_labels_voxels(from->labels);
    const size_t count = rgq_anatomy_count(body);

    for (size_t i = 0; i < count; i++) {
        if (region[i] > 0)
            body->organ[i] = (uint8_t)region[i];
        else if (from->mark != NULL && from->mark[i] != FILLED)
            body->organ[i] = (uint8_t)body->n_organs;
        if (body->organ[i] == 0)
            continue;
        if (from->ct != NULL) {
            body->material[i] = (uint8_t)material_of_hu((double)from->ct[i]);
            body->density[i] = (float)rgq_density_of_hu((double)from->ct[i]);
        } else if (from->density != NULL) {
            body->material[i] = (uint8_t)material_of_density((double)from->density[i]);
            body->density[i] = from->density[i];
        } else {
            const int material = material_of_name(body->organs[body->organ[i] - 1].name);
            body->material[i] = (uint8_t)material;
            body->density[i] = material == RGQ_MATERIAL_SOFT
                                   ? (float)from->plain_density
                                   : (float)rgq_material_at(material)->density_g_cm3;
        }
    }
}

static rgq_status check_input(const rgq_labels *labels, const rgq_volume *ct,
                              const rgq_volume *density, const rgq_patient_opts *opts,
                              rgq_error *err)
{
    if (ct != NULL && density != NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a CT and a map of densities; give one of them");
    if (!(opts->density_g_cm3 > 0.0 && opts->density_g_cm3 <= 25.0) || isnan(opts->body_hu))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a density of %g g/cm3; 0 to 25 is needed",
                         opts->density_g_cm3);
    if (!rgq_grid_is_orthogonal(rgq_labels_grid(labels)))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the axes of the label map are not at right angles; resample it");
    RGQ_PASS(err, check_map(labels, ct, "CT", -32768.0, 32767.0, err));
    return check_map(labels, density, "map of densities", 0.0, 25.0, err);
}

rgq_status rgq_patient_anatomy(rgq_anatomy **out, const rgq_labels *labels,
                               const rgq_volume *ct, const rgq_volume *density,
                               const rgq_patient_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_anatomy *body = NULL;
    uint8_t *mark = NULL;
    const rgq_grid *grid = rgq_labels_grid(labels);
    double spacing[3];
    int body_region;

    *out = NULL;
    RGQ_TRY(err, check_input(labels, ct, density, opts, err));
    rgq_grid_spacing_mm(grid, spacing);
    RGQ_TRY(err, rgq_anatomy_create(&body, "patient", grid->n, spacing, true, err));
    RGQ_TRY(err, name_organs(body, labels, &body_region, err));
    if (body_region < 0 && ct == NULL)
        RGQ_TRY(err, RGQ_RAISE(err, RGQ_E_MISSING,
                               "the label map has no region 'body' and there is no CT: what "
                               "surrounds the organs is not known; add the region, or a CT on "
                               "its grid (LABELS,CT)"));
    if (body_region < 0) {
        RGQ_TRY(err, rgq_alloc(&mark, rgq_grid_count(grid), 1, err));
        RGQ_TRY(err, find_body(mark, grid, ct, opts->body_hu, err));
    }
    const sources from = {.labels = labels,
                          .ct = ct != NULL ? rgq_volume_cdata(ct, 0) : NULL,
                          .density = density != NULL ? rgq_volume_cdata(density, 0) : NULL,
                          .mark = mark,
                          .plain_density = opts->density_g_cm3};
    fill(body, &from);
    marry_walls(body);
    rgq_anatomy_weigh(body);
    *out = body;
    body = NULL;
out:
    rgq_free(mark);
    rgq_anatomy_free(body);
    return st;
}

bool rgq_patient_is_cut(const rgq_anatomy *body)
{
    const size_t slice = (size_t)body->n[0] * (size_t)body->n[1];
    const size_t last = slice * (size_t)(body->n[2] - 1);

    for (size_t i = 0; i < slice; i++)
        if (body->organ[i] != 0 || body->organ[last + i] != 0)
            return true;
    return false;
}
