#include "roi/search.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "roi/morphology.h"

/* Every voxel whose centre lies farther than the radius is shut. */
static void limit_to_sphere(rgq_flood *flood, const double sphere_mm[4])
{
    const rgq_grid *grid = flood->grid;
    const double r2 = sphere_mm[3] * sphere_mm[3] * (1.0 + 1e-12);
    uint8_t *state = flood->state;

    for (int z = 0; z < grid->n[2]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[0]; x++, state++) {
                double d2 = 0.0;
                for (int r = 0; r < 3; r++) {
                    const double d = grid->affine[r][0] * x + grid->affine[r][1] * y +
                                     grid->affine[r][2] * z + grid->affine[r][3] - sphere_mm[r];
                    d2 += d * d;
                }
                if (d2 > r2)
                    *state = RGQ_VOXEL_SHUT;
            }
}

/* The box between two corners; its ends belong to it whatever the last bit says. */
static void limit_to_box(rgq_flood *flood, const double box_mm[6])
{
    const rgq_grid *grid = flood->grid;
    double lo[3];
    double hi[3];
    uint8_t *state = flood->state;

    for (int r = 0; r < 3; r++) {
        lo[r] = fmin(box_mm[r], box_mm[r + 3]) - 1e-9;
        hi[r] = fmax(box_mm[r], box_mm[r + 3]) + 1e-9;
    }
    for (int z = 0; z < grid->n[2]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[0]; x++, state++)
                for (int r = 0; r < 3; r++) {
                    const double mm = grid->affine[r][0] * x + grid->affine[r][1] * y +
                                      grid->affine[r][2] * z + grid->affine[r][3];
                    if (mm < lo[r] || mm > hi[r])
                        *state = RGQ_VOXEL_SHUT;
                }
}

void rgq_search_mark(uint8_t *bytes, const rgq_grid *grid, const rgq_region *region,
                     uint8_t value)
{
    const float *weight = region->weight;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            uint8_t *row =
                bytes + rgq_flood_index(grid, (const int[3]){region->lo[0], region->lo[1] + y,
                                                             region->lo[2] + z});
            for (int x = 0; x < region->n[0]; x++)
                if (*weight++ >= 0.5f)
                    row[x] = value;
        }
}

rgq_status rgq_search_mark_all(uint8_t *bytes, const rgq_grid *grid, const rgq_regions *set,
                               uint8_t value, const char *what, rgq_error *err)
{
    const rgq_status st = rgq_grid_compare(grid, rgq_regions_grid(set), -1.0, err);

    if (st != RGQ_OK) {
        rgq_error_prefix(err, "%s does not lie on the scan: ", what);
        return st;
    }
    for (int i = 0; i < rgq_regions_count(set); i++)
        rgq_search_mark(bytes, grid, rgq_regions_at(set, i), value);
    return RGQ_OK;
}

/* Shut what a set does not mark (inside true) or what it marks and what is near to it. */
static rgq_status limit_by_regions(rgq_flood *flood, const rgq_regions *set, bool inside,
                                   double margin_mm, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = flood->grid;
    const size_t count = rgq_grid_count(grid);
    uint8_t *mark = NULL;

    RGQ_TRY(err, rgq_alloc(&mark, count, 1, err));
    RGQ_TRY(err,
            rgq_search_mark_all(mark, grid, set, 1,
                                inside ? "the mask to look in" : "the mask to exclude", err));
    if (margin_mm > 0.0)
        RGQ_TRY(err, rgq_morph_dilate(mark, grid, margin_mm, err));
    for (size_t v = 0; v < count; v++)
        if ((mark[v] != 0) != inside)
            flood->state[v] = RGQ_VOXEL_SHUT;
out:
    rgq_free(mark);
    return st;
}

bool rgq_search_is_limited(const rgq_segment_opts *opts)
{
    return opts->has_sphere || opts->has_box || opts->within != NULL;
}

static rgq_status check_places(const rgq_segment_opts *opts, rgq_error *err)
{
    const double *s = opts->sphere_mm;
    const double *b = opts->box_mm;

    if (opts->has_sphere && (!isfinite(s[0]) || !isfinite(s[1]) || !isfinite(s[2]) ||
                             !isfinite(s[3]) || s[3] <= 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a sphere at (%g, %g, %g) mm of radius %g mm; finite numbers and a "
                         "radius above 0 were needed",
                         s[0], s[1], s[2], s[3]);
    for (int i = 0; opts->has_box && i < 6; i++)
        if (!isfinite(b[i]))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a corner of the box at %g mm", b[i]);
    if (!(opts->exclude_margin_mm >= 0.0) || !isfinite(opts->exclude_margin_mm))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a margin of %g mm about what is excluded; 0 or more was needed",
                         opts->exclude_margin_mm);
    return RGQ_OK;
}

static rgq_status complain_of_nothing(const rgq_flood *flood, const rgq_segment_opts *opts,
                                      rgq_error *err)
{
    char words[80];
    double lo[3];
    double hi[3];

    (void)snprintf(words, sizeof words, "%s%s%s%s", opts->has_sphere ? " and the sphere" : "",
                   opts->has_box ? " and the box" : "",
                   opts->within != NULL ? " and the mask" : "",
                   opts->exclude != NULL ? " and what is excluded" : "");
    rgq_grid_to_world(flood->grid, (const double[3]){0.0, 0.0, 0.0}, lo);
    rgq_grid_to_world(
        flood->grid,
        (const double[3]){flood->grid->n[0] - 1, flood->grid->n[1] - 1, flood->grid->n[2] - 1},
        hi);
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "the search region (%s) holds no voxel of the scan, which reaches from "
                     "(%g, %g, %g) to (%g, %g, %g) mm",
                     words[0] != '\0' ? words + strlen(" and ") : "the scan", lo[0], lo[1],
                     lo[2], hi[0], hi[1], hi[2]);
}

rgq_status rgq_search_limit(rgq_flood *flood, const rgq_segment_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, check_places(opts, err));
    if (opts->has_sphere)
        limit_to_sphere(flood, opts->sphere_mm);
    if (opts->has_box)
        limit_to_box(flood, opts->box_mm);
    if (opts->within != NULL)
        RGQ_PASS(err, limit_by_regions(flood, opts->within, true, 0.0, err));
    if (opts->exclude != NULL)
        RGQ_PASS(err,
                 limit_by_regions(flood, opts->exclude, false, opts->exclude_margin_mm, err));
    if (memchr(flood->state, RGQ_VOXEL_OPEN, rgq_grid_count(flood->grid)) == NULL)
        return complain_of_nothing(flood, opts, err);
    return RGQ_OK;
}

rgq_status rgq_search_seed(size_t *out, const rgq_flood *flood, const rgq_segment_opts *opts,
                           rgq_error *err)
{
    const rgq_grid *grid = flood->grid;
    const double *seed = opts->seed_mm;
    double index[3];
    int at[3];

    rgq_grid_to_index(grid, seed, index);
    for (int a = 0; a < 3; a++) {
        const double nearest = floor(index[a] + 0.5);
        if (!(nearest >= 0.0 && nearest < (double)grid->n[a])) {
            double lo[3];
            double hi[3];
            rgq_grid_to_world(grid, (const double[3]){0.0, 0.0, 0.0}, lo);
            rgq_grid_to_world(
                grid, (const double[3]){grid->n[0] - 1, grid->n[1] - 1, grid->n[2] - 1}, hi);
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the seed (%g, %g, %g) mm lies outside the scan, which reaches "
                             "from (%g, %g, %g) to (%g, %g, %g) mm (RAS+: x to the right, y to "
                             "the front, z to the head)",
                             seed[0], seed[1], seed[2], lo[0], lo[1], lo[2], hi[0], hi[1],
                             hi[2]);
        }
        at[a] = (int)nearest;
    }
    *out = rgq_flood_index(grid, at);
    if (flood->state[*out] != RGQ_VOXEL_OPEN)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the seed (%g, %g, %g) mm lies outside the sphere or mask to look in",
                         seed[0], seed[1], seed[2]);
    return RGQ_OK;
}

size_t rgq_search_maximum(const rgq_flood *flood)
{
    enum { PARTS = 64 }; /* fixed, so that the first of equals is found by any threads */
    const size_t count = rgq_grid_count(flood->grid);
    size_t found[PARTS];
    size_t best = count;

#pragma omp parallel for schedule(static)
    for (int part = 0; part < PARTS; part++) {
        const size_t end =
            count / PARTS * (size_t)(part + 1) + (part == PARTS - 1 ? count % PARTS : 0);
        float top = -INFINITY;
        found[part] = count;
        for (size_t i = count / PARTS * (size_t)part; i < end; i++)
            if ((flood->values[i] > top || found[part] == count) &&
                flood->state[i] == RGQ_VOXEL_OPEN) {
                found[part] = i;
                top = flood->values[i];
            }
    }
    for (int part = 0; part < PARTS; part++)
        if (found[part] < count &&
            (best == count || flood->values[found[part]] > flood->values[best]))
            best = found[part];
    return best;
}
