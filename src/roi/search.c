#include "roi/search.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"

rgq_status rgq_spec_parse(rgq_spec *out, const char *text, rgq_error *err)
{
    static const char fixed[] = "fixed:";
    static const char percent[] = "percent-max:";
    rgq_error why = RGQ_ERROR_INIT;
    double value = 0.0;

    if (strcmp(text, "a50") == 0) {
        *out = (rgq_spec){RGQ_RULE_A50, 0.5};
        return RGQ_OK;
    }
    if (strncmp(text, fixed, strlen(fixed)) == 0) {
        if (rgq_parse_real(&value, text + strlen(fixed), -1e30, 1e30, &why) == RGQ_OK) {
            *out = (rgq_spec){RGQ_RULE_FIXED, value};
            return RGQ_OK;
        }
    } else if (strncmp(text, percent, strlen(percent)) == 0) {
        if (rgq_parse_real(&value, text + strlen(percent), 0.1, 100.0, &why) == RGQ_OK) {
            *out = (rgq_spec){RGQ_RULE_PERCENT_MAX, value / 100.0};
            return RGQ_OK;
        }
    }
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "a rule of '%.60s'%s%s; one of these was needed: fixed:T (a value in the "
                     "unit of the scan), percent-max:P (0.1 to 100), a50",
                     text, why.status != RGQ_OK ? ": " : "", why.message);
}

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

static void mark_region(uint8_t *state, const rgq_grid *grid, const rgq_region *region)
{
    const float *weight = region->weight;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            uint8_t *row =
                state + rgq_flood_index(grid, (const int[3]){region->lo[0], region->lo[1] + y,
                                                             region->lo[2] + z});
            for (int x = 0; x < region->n[0]; x++)
                if (*weight++ >= 0.5f && row[x] == RGQ_VOXEL_OPEN)
                    row[x] = RGQ_VOXEL_TAKEN;
        }
}

/* What a region marks stays open, the rest is shut. */
static void limit_to_regions(rgq_flood *flood, const rgq_regions *within)
{
    const size_t count = rgq_grid_count(flood->grid);

    for (int i = 0; i < rgq_regions_count(within); i++)
        mark_region(flood->state, flood->grid, rgq_regions_at(within, i));
    for (size_t v = 0; v < count; v++)
        flood->state[v] = flood->state[v] == RGQ_VOXEL_TAKEN ? RGQ_VOXEL_OPEN : RGQ_VOXEL_SHUT;
}

rgq_status rgq_search_limit(rgq_flood *flood, const rgq_segment_opts *opts, rgq_error *err)
{
    const double *s = opts->sphere_mm;

    if (opts->has_sphere) {
        if (!isfinite(s[0]) || !isfinite(s[1]) || !isfinite(s[2]) || !isfinite(s[3]) ||
            s[3] <= 0.0)
            return RGQ_RAISE(
                err, RGQ_E_ARGUMENT,
                "a sphere at (%g, %g, %g) mm of radius %g mm; finite numbers and a "
                "radius above 0 were needed",
                s[0], s[1], s[2], s[3]);
        limit_to_sphere(flood, s);
    }
    if (opts->within != NULL) {
        const rgq_status st =
            rgq_grid_compare(flood->grid, rgq_regions_grid(opts->within), -1.0, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "the mask to look in does not lie on the scan: ");
            return st;
        }
        limit_to_regions(flood, opts->within);
    }
    if (memchr(flood->state, RGQ_VOXEL_OPEN, rgq_grid_count(flood->grid)) == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the search region (%s) holds no voxel of the scan",
                         !opts->has_sphere      ? "the mask"
                         : opts->within == NULL ? "the sphere"
                                                : "the sphere and the mask");
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
    const size_t count = rgq_grid_count(flood->grid);
    size_t best = count;

    for (size_t i = 0; i < count; i++)
        if (flood->state[i] == RGQ_VOXEL_OPEN &&
            (best == count || flood->values[i] > flood->values[best]))
            best = i;
    return best;
}
