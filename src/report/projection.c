#include "report/projection.h"

#include <math.h>
#include <string.h>

#include "core/banned.h"

/* Cosine between voxel axis `a` and world axis `r`, signed. */
static double cosine(const rgq_grid *grid, int r, int a)
{
    const double length =
        sqrt(grid->affine[0][a] * grid->affine[0][a] + grid->affine[1][a] * grid->affine[1][a] +
             grid->affine[2][a] * grid->affine[2][a]);
    return grid->affine[r][a] / length;
}

/* voxel_axis[r]: the voxel axis that shows world axis r best, each used once. */
static void assign_axes(const rgq_grid *grid, int voxel_axis[3])
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    double best = -1.0;

    for (int k = 0; k < 6; k++) {
        double sum = 0.0;
        for (int r = 0; r < 3; r++)
            sum += fabs(cosine(grid, r, orders[k][r]));
        if (sum > best + 1e-9) { /* a tie goes to the order of the file */
            best = sum;
            memcpy(voxel_axis, orders[k], sizeof orders[k]);
        }
    }
}

rgq_view_axes rgq_view_axes_find(const rgq_grid *grid, rgq_view view)
{
    rgq_view_axes axes = {0};
    int axis[3];
    double spacing_mm[3];
    const int row_world = view == RGQ_VIEW_CORONAL ? 0 : 1;

    assign_axes(grid, axis);
    rgq_grid_spacing_mm(grid, spacing_mm);
    axes.across = axis[row_world];
    axes.through = axis[1 - row_world];
    axes.down = axis[2];
    /* World x grows to the right and y to the front: both begin a row of the picture. */
    axes.across_flips = cosine(grid, row_world, axes.across) > 0.0;
    axes.down_flips = cosine(grid, 2, axes.down) > 0.0;
    axes.width = grid->n[axes.across];
    axes.height = grid->n[axes.down];
    axes.across_mm = spacing_mm[axes.across];
    axes.down_mm = spacing_mm[axes.down];
    return axes;
}

void rgq_project_maximum(float *out, const rgq_volume *volume, int frame,
                         const rgq_view_axes *axes)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    const float *voxels = rgq_volume_cdata(volume, frame);
    const size_t stride[3] = {1, (size_t)grid->n[0], (size_t)grid->n[0] * (size_t)grid->n[1]};
    const int depth = grid->n[axes->through];

#pragma omp parallel for schedule(static)
    for (int v = 0; v < axes->height; v++) {
        const int down = axes->down_flips ? axes->height - 1 - v : v;
        const float *slab = voxels + (size_t)down * stride[axes->down];
        float *row = out + (size_t)v * (size_t)axes->width;
        for (int h = 0; h < axes->width; h++)
            row[h] = -INFINITY;
        for (int d = 0; d < depth; d++) {
            const float *ray = slab + (size_t)d * stride[axes->through];
            for (int h = 0; h < axes->width; h++) {
                const int across = axes->across_flips ? axes->width - 1 - h : h;
                const float value = ray[(size_t)across * stride[axes->across]];
                if (value > row[h])
                    row[h] = value;
            }
        }
    }
}

/* Mark the pixel that voxel `at` of the region falls on, and widen the box to hold it. */
static void mark_pixel(uint8_t *out, int box[4], const rgq_region *region, const int at[3],
                       const rgq_view_axes *axes)
{
    int x = region->lo[axes->across] + at[axes->across];
    int y = region->lo[axes->down] + at[axes->down];

    x = axes->across_flips ? axes->width - 1 - x : x;
    y = axes->down_flips ? axes->height - 1 - y : y;
    out[(size_t)y * (size_t)axes->width + (size_t)x] = 1;
    box[0] = x < box[0] ? x : box[0];
    box[1] = y < box[1] ? y : box[1];
    box[2] = x > box[2] ? x : box[2];
    box[3] = y > box[3] ? y : box[3];
}

bool rgq_project_region(uint8_t *out, int box[4], const rgq_region *region,
                        const rgq_view_axes *axes)
{
    size_t i = 0;
    int at[3];

    memset(out, 0, (size_t)axes->width * (size_t)axes->height);
    box[0] = axes->width;
    box[1] = axes->height;
    box[2] = box[3] = -1;
    for (at[2] = 0; at[2] < region->n[2]; at[2]++)
        for (at[1] = 0; at[1] < region->n[1]; at[1]++)
            for (at[0] = 0; at[0] < region->n[0]; at[0]++)
                if (region->weight[i++] >= 0.5F)
                    mark_pixel(out, box, region, at, axes);
    return box[2] >= 0;
}
