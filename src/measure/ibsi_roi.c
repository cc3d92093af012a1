#include "measure/ibsi.h"

#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "measure/peak.h"
#include "num/stats.h"

/* In the order of the box: steps to neighbours in a slice first. */
const int ibsi_direction[IBSI_DIRECTIONS][3] = {
    {1, 0, 0}, {0, 1, 0},  {1, 1, 0}, {-1, 1, 0}, {0, 0, 1},  {1, 0, 1},   {-1, 0, 1},
    {0, 1, 1}, {0, -1, 1}, {1, 1, 1}, {-1, 1, 1}, {1, -1, 1}, {-1, -1, 1},
};

/* What is within this of a weight of 0.5 counts as 0.5. */
static const double weight_slack = 1e-6;

/* Most voxels of a box: a region of a whole scan, interpolated to twice its resolution. */
static const double box_voxels_max = 2147483648.0;

enum { PARALLEL_MIN = 1 << 17 }; /* voxels that are worth waking threads for */

/* One axis of the grid that is interpolated to: centre k lies at start + k step in old voxels.
 */
typedef struct axis {
    int n_old;
    int n;
    double start;
    double step;
    double spacing_mm;
} axis;

/* Old voxel and share of the next for each of some centres. */
typedef struct lookup {
    int *at;
    double *part;
} lookup;

static rgq_status make_axes(axis axes[3], const rgq_grid *grid, const rgq_features_opts *opts,
                            rgq_error *err)
{
    double old_mm[3];

    rgq_grid_spacing_mm(grid, old_mm);
    for (int a = 0; a < 3; a++) {
        axis *x = &axes[a];
        x->n_old = grid->n[a];
        x->n = grid->n[a];
        x->start = 0.0;
        x->step = 1.0;
        x->spacing_mm = old_mm[a];
        if (!(opts->resample_mm[a] > 0.0))
            continue;
        /* rounding up, but not for what the rounding of a spacing leaves */
        const double n = ceil(x->n_old * old_mm[a] / opts->resample_mm[a] - 1e-6);
        if (!(n <= RGQ_GRID_SIDE_MAX))
            return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                             "%d voxels of %g mm interpolated to %g mm are %.0f; at most %d "
                             "along an axis are handled",
                             x->n_old, old_mm[a], opts->resample_mm[a], n,
                             (int)RGQ_GRID_SIDE_MAX);
        x->n = n < 1.0 ? 1 : (int)n;
        x->spacing_mm = opts->resample_mm[a];
        x->step = x->spacing_mm / old_mm[a];
        x->start = 0.5 * (x->n_old - 1 - x->step * (x->n - 1));
    }
    return RGQ_OK;
}

static void lookup_release(lookup tables[3])
{
    for (int a = 0; a < 3; a++) {
        rgq_free(tables[a].at);
        rgq_free(tables[a].part);
        tables[a] = (lookup){.at = NULL};
    }
}

/* For centres lo .. lo + n - 1 of each axis. Beyond the outermost old centres their values go
 * on. */
static rgq_status lookup_init(lookup tables[3], const axis axes[3], const int lo[3],
                              const int n[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;

    for (int a = 0; a < 3; a++) {
        RGQ_TRY(err, rgq_alloc(&tables[a].at, (size_t)n[a], sizeof *tables[a].at, err));
        RGQ_TRY(err, rgq_alloc(&tables[a].part, (size_t)n[a], sizeof *tables[a].part, err));
        for (int k = 0; k < n[a]; k++) {
            const double last = axes[a].n_old - 1;
            const double at =
                fmin(fmax(axes[a].start + (double)(lo[a] + k) * axes[a].step, 0.0), last);
            tables[a].at[k] = (int)fmin(floor(at), fmax(last - 1.0, 0.0));
            tables[a].part[k] = at - tables[a].at[k];
        }
    }
    return RGQ_OK;
out:
    lookup_release(tables);
    return st;
}

static float weight_at(const rgq_region *region, int x, int y, int z)
{
    x -= region->lo[0];
    y -= region->lo[1];
    z -= region->lo[2];
    if (x < 0 || y < 0 || z < 0 || x >= region->n[0] || y >= region->n[1] || z >= region->n[2])
        return 0.0F;
    return region
        ->weight[((size_t)z * (size_t)region->n[1] + (size_t)y) * (size_t)region->n[0] +
                 (size_t)x];
}

static double weight_between(const rgq_region *region, const lookup t[3], const int k[3])
{
    double sum = 0.0;

    for (int corner = 0; corner < 8; corner++) {
        double share = 1.0;
        int at[3];
        for (int a = 0; a < 3; a++) {
            const int up = corner >> a & 1;
            at[a] = t[a].at[k[a]] + up;
            share *= up != 0 ? t[a].part[k[a]] : 1.0 - t[a].part[k[a]];
        }
        if (share > 0.0)
            sum += share * (double)weight_at(region, at[0], at[1], at[2]);
    }
    return sum;
}

/* Row of the image box: a mean of four rows, then of neighbours along x. */
static void value_row(float *out, const float *values, const rgq_grid *grid, const lookup t[3],
                      const int n_yz[3], const int yz[2])
{
    const size_t n_x = (size_t)grid->n[0];
    const int y = t[1].at[yz[0]];
    const int z = t[2].at[yz[1]];
    const double py = t[1].part[yz[0]];
    const double pz = t[2].part[yz[1]];
    const size_t up_y = y + 1 < grid->n[1] ? n_x : 0;
    const size_t up_z = z + 1 < grid->n[2] ? n_x * (size_t)grid->n[1] : 0;
    const float *row = values + ((size_t)z * (size_t)grid->n[1] + (size_t)y) * n_x;

    for (int k = 0; k < n_yz[0]; k++) {
        double side[2];
        for (int s = 0; s < 2; s++) {
            const int x = t[0].at[k] + s < grid->n[0] ? t[0].at[k] + s : t[0].at[k];
            const float *v = row + x;
            side[s] = (1.0 - pz) * ((1.0 - py) * (double)v[0] + py * (double)v[up_y]) +
                      pz * ((1.0 - py) * (double)v[up_z] + py * (double)v[up_z + up_y]);
        }
        out[k] = (float)((1.0 - t[0].part[k]) * side[0] + t[0].part[k] * side[1]);
    }
}

static rgq_status box_count(size_t *count, const int n[3], rgq_error *err)
{
    const double product = (double)n[0] * n[1] * n[2];

    if (product > box_voxels_max)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "a region in a box of %d x %d x %d voxels; at most %.0f are handled, "
                         "interpolate to larger ones",
                         n[0], n[1], n[2], box_voxels_max);
    *count = (size_t)product;
    return RGQ_OK;
}

/* New voxels that the region may reach. */
static void reach(int lo[3], int n[3], const axis axes[3], const rgq_region *region)
{
    for (int a = 0; a < 3; a++) {
        const axis *x = &axes[a];
        double from = floor((region->lo[a] - 1 - x->start) / x->step);
        double to = ceil((region->lo[a] + region->n[a] - x->start) / x->step);
        if (region->lo[a] == 0 || from < 0.0)
            from = 0.0;
        if (region->lo[a] + region->n[a] == x->n_old || to > x->n - 1)
            to = x->n - 1;
        lo[a] = (int)from;
        n[a] = (int)to - lo[a] + 1;
    }
}

static void stretch(int tight[2][3], const int k[3])
{
    for (int a = 0; a < 3; a++) {
        tight[0][a] = k[a] < tight[0][a] ? k[a] : tight[0][a];
        tight[1][a] = k[a] > tight[1][a] ? k[a] : tight[1][a];
    }
}

/* 1 where the interpolated weight is at least 0.5; the tight box of those. */
static size_t draw_mask(uint8_t *mask, int tight[2][3], const rgq_region *region,
                        const lookup t[3], const int n[3])
{
    size_t count = 0;
    size_t i = 0;
    int k[3];

    for (int a = 0; a < 3; a++) {
        tight[0][a] = n[a];
        tight[1][a] = -1;
    }
    for (k[2] = 0; k[2] < n[2]; k[2]++)
        for (k[1] = 0; k[1] < n[1]; k[1]++)
            for (k[0] = 0; k[0] < n[0]; k[0]++, i++) {
                if (weight_between(region, t, k) < 0.5 - weight_slack)
                    continue;
                mask[i] = 1;
                stretch(tight, k);
                count++;
            }
    return count;
}

/* The mask with a border of one voxel about its tight box. */
static rgq_status cut_mask(ibsi_roi *roi, const uint8_t *mask, const int n[3], int tight[2][3],
                           rgq_error *err)
{
    size_t count = 0;

    for (int a = 0; a < 3; a++)
        roi->n[a] = tight[1][a] - tight[0][a] + 3;
    RGQ_PASS(err, box_count(&count, roi->n, err));
    RGQ_PASS(err, rgq_alloc(&roi->morph, count, 1, err));
    for (int z = tight[0][2]; z <= tight[1][2]; z++)
        for (int y = tight[0][1]; y <= tight[1][1]; y++) {
            const size_t from = ((size_t)z * (size_t)n[1] + (size_t)y) * (size_t)n[0];
            const size_t to = ((size_t)(z - tight[0][2] + 1) * (size_t)roi->n[1] +
                               (size_t)(y - tight[0][1] + 1)) *
                              (size_t)roi->n[0];
            memcpy(roi->morph + to + 1, mask + from + tight[0][0], (size_t)roi->n[0] - 2);
        }
    return RGQ_OK;
}

/* The part of the image within the peaks' radius of the region; `lo` is where its box begins.
 */
static rgq_status cut_image(ibsi_roi *roi, const int lo[3], const axis axes[3],
                            const float *values, const rgq_grid *grid, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    lookup t[3] = {{.at = NULL}};
    int from[3];
    size_t count = 0;

    for (int a = 0; a < 3; a++) {
        const double margin = floor(rgq_peak_radius_mm() / roi->spacing_mm[a]);
        const double first = lo[a] + 1 - margin;
        const double last = lo[a] + roi->n[a] - 2 + margin;
        from[a] = first < 0.0 ? 0 : (int)first;
        roi->image.n[a] = (last > axes[a].n - 1 ? axes[a].n - 1 : (int)last) - from[a] + 1;
        roi->at_image[a] = lo[a] - from[a];
    }
    RGQ_TRY(err, box_count(&count, roi->image.n, err));
    RGQ_TRY(err, rgq_alloc(&roi->image.value, count, sizeof *roi->image.value, err));
    RGQ_TRY(err, lookup_init(t, axes, from, roi->image.n, err));
    const int rows = roi->image.n[1] * roi->image.n[2];
#pragma omp parallel for schedule(static) if (count >= PARALLEL_MIN)
    for (int row = 0; row < rows; row++)
        value_row(roi->image.value + (size_t)row * (size_t)roi->image.n[0], values, grid, t,
                  roi->image.n, (const int[2]){row % roi->image.n[1], row / roi->image.n[1]});
out:
    lookup_release(t);
    return st;
}

rgq_status ibsi_roi_init(ibsi_roi *out, const rgq_volume *volume, const rgq_region *region,
                         const rgq_features_opts *opts, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = rgq_volume_grid(volume);
    axis axes[3];
    lookup t[3] = {{.at = NULL}};
    uint8_t *mask = NULL;
    int lo[3];
    int n[3];
    int tight[2][3] = {{0, 0, 0}, {0, 0, 0}};
    size_t count = 0;

    *out = (ibsi_roi){.morph = NULL};
    if (region->weight == NULL)
        return RGQ_OK;
    RGQ_TRY(err, make_axes(axes, grid, opts, err));
    reach(lo, n, axes, region);
    RGQ_TRY(err, box_count(&count, n, err));
    RGQ_TRY(err, rgq_alloc(&mask, count, 1, err));
    RGQ_TRY(err, lookup_init(t, axes, lo, n, err));
    out->n_morph = draw_mask(mask, tight, region, t, n);
    if (out->n_morph == 0)
        goto out;
    RGQ_TRY(err, cut_mask(out, mask, n, tight, err));
    for (int a = 0; a < 3; a++) {
        lo[a] += tight[0][a] - 1;
        out->spacing_mm[a] = axes[a].spacing_mm;
    }
    RGQ_TRY(err, cut_image(out, lo, axes, rgq_volume_cdata(volume, opts->frame), grid, err));
    RGQ_TRY(err, ibsi_roi_intensities(out, opts, region->name, log, err));
out:
    lookup_release(t);
    rgq_free(mask);
    if (st != RGQ_OK)
        ibsi_roi_release(out);
    return st;
}

void ibsi_roi_release(ibsi_roi *roi)
{
    rgq_free(roi->image.value);
    rgq_free(roi->morph);
    rgq_free(roi->level);
    rgq_free(roi->voxel);
    rgq_free(roi->value);
    rgq_free(roi->sorted);
    *roi = (ibsi_roi){.morph = NULL};
}
