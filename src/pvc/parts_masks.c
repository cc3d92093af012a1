/* Parts whose weights are fractions: each region through its box, the background whole. */
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "pvc/parts_inside.h"

/* Masks written in 16 or 8 bits add up to a little more or less than 1. */
static const float sum_max = 1.001F;
static const float background_min = 1e-5F; /* less is rounding: no background there */

/* The part of the region's box that lies in a box (lo, n); false if there is none. */
static bool overlap(const int lo[3], const int n[3], const rgq_region *r, rgq_parts_box_of *out)
{
    for (int a = 0; a < 3; a++) {
        const int first = r->lo[a] > lo[a] ? r->lo[a] : lo[a];
        const int end_r = r->lo[a] + r->n[a];
        const int end = end_r < lo[a] + n[a] ? end_r : lo[a] + n[a];
        if (end <= first)
            return false;
        out->lo[a] = first;
        out->n[a] = end - first;
    }
    return true;
}

static size_t index_in(const int lo[3], const int n[3], int x, int y, int z)
{
    return ((size_t)(z - lo[2]) * (size_t)n[1] + (size_t)(y - lo[1])) * (size_t)n[0] +
           (size_t)(x - lo[0]);
}

static rgq_status check_sum(const rgq_parts *p, rgq_error *err)
{
    for (size_t i = 0; i < p->voxels; i++)
        if (p->background[i] > sum_max) {
            const size_t nx = (size_t)p->n[0];
            const size_t ny = (size_t)p->n[1];
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the masks add up to %.6g in voxel %zu, %zu, %zu; at most %g was "
                             "needed: fractions of one voxel cannot exceed it",
                             (double)p->background[i], i % nx, i / nx % ny, i / nx / ny,
                             (double)sum_max);
        }
    return RGQ_OK;
}

/* Adds the weights of a region to the sums that will become the background. */
static double add_region(rgq_parts *p, const rgq_region *r)
{
    double total = 0.0;

    for (int z = 0; z < r->n[2]; z++)
        for (int y = 0; y < r->n[1]; y++) {
            const float *w =
                r->weight + ((size_t)z * (size_t)r->n[1] + (size_t)y) * (size_t)r->n[0];
            float *to = p->background + index_in((const int[3]){0, 0, 0}, p->n, r->lo[0],
                                                 r->lo[1] + y, r->lo[2] + z);
            for (int x = 0; x < r->n[0]; x++) {
                to[x] += w[x];
                total += (double)w[x];
            }
        }
    return total;
}

rgq_status rgq_parts_masks_prepare(rgq_parts *p, rgq_error *err)
{
    double total = 0.0;

    RGQ_PASS(err, rgq_alloc(&p->background, p->voxels, sizeof *p->background, err));
    for (int i = 0; i < p->count - 1; i++) {
        const rgq_region *r = rgq_regions_at(p->regions, i);
        p->weight[1 + i] = r->weight != NULL ? add_region(p, r) : 0.0;
        if (!(p->weight[1 + i] > 0.0))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the region '%.60s' has no voxel", r->name);
    }
    RGQ_PASS(err, check_sum(p, err));
    for (size_t i = 0; i < p->voxels; i++) {
        const float rest = 1.0F - p->background[i];
        p->background[i] = rest >= background_min ? rest : 0.0F;
        total += (double)p->background[i];
    }
    p->weight[0] = total;
    return RGQ_OK;
}

const float *rgq_parts_mask_row(const rgq_parts *parts, int i, int y, int z)
{
    static const int origin[3] = {0, 0, 0};

    if (i == 0)
        return parts->background + index_in(origin, parts->n, 0, y, z);
    const rgq_region *r = rgq_regions_at(parts->regions, i - 1);
    return r->weight + index_in(r->lo, r->n, r->lo[0], y, z);
}

void rgq_parts_masks_fill(const rgq_parts *parts, int i, const int lo[3], const int n[3],
                          float *weight)
{
    const rgq_region whole = {.n = {parts->n[0], parts->n[1], parts->n[2]},
                              .weight = parts->background};
    const rgq_region *r = i == 0 ? &whole : rgq_regions_at(parts->regions, i - 1);
    rgq_parts_box_of both;

    memset(weight, 0, (size_t)n[0] * (size_t)n[1] * (size_t)n[2] * sizeof *weight);
    if (!overlap(lo, n, r, &both))
        return;
    for (int z = both.lo[2]; z < both.lo[2] + both.n[2]; z++)
        for (int y = both.lo[1]; y < both.lo[1] + both.n[1]; y++)
            memcpy(weight + index_in(lo, n, both.lo[0], y, z),
                   r->weight + index_in(r->lo, r->n, both.lo[0], y, z),
                   (size_t)both.n[0] * sizeof *weight);
}

/* One slice of the product; four sums, since each addition waits for the one before. */
static double slice_product(const rgq_region *r, const rgq_parts_box_of *both,
                            const rgq_parts_image *image, int z)
{
    double s[4] = {0.0, 0.0, 0.0, 0.0};

    for (int y = both->lo[1]; y < both->lo[1] + both->n[1]; y++) {
        const float *w = r->weight + index_in(r->lo, r->n, both->lo[0], y, z);
        const float *v = image->data + index_in(image->lo, image->n, both->lo[0], y, z);
        for (int x = 0; x < both->n[0]; x++) {
            const double value = image->squared ? (double)v[x] * (double)v[x] : (double)v[x];
            s[x % 4] += (double)w[x] * value;
        }
    }
    return (s[0] + s[1]) + (s[2] + s[3]);
}

rgq_status rgq_parts_masks_sums(const rgq_parts *parts, const rgq_parts_image *image,
                                double *sum, rgq_error *err)
{
    const rgq_region whole = {.n = {parts->n[0], parts->n[1], parts->n[2]},
                              .weight = parts->background};
    double *slice = NULL;

    RGQ_PASS(err, rgq_alloc(&slice, (size_t)image->n[2], sizeof *slice, err));
    for (int i = 0; i < parts->count; i++) {
        const rgq_region *r = i == 0 ? &whole : rgq_regions_at(parts->regions, i - 1);
        rgq_parts_box_of both;
        sum[i] = 0.0;
        if (!overlap(image->lo, image->n, r, &both))
            continue;
#pragma omp parallel for schedule(static)
        for (int z = 0; z < both.n[2]; z++)
            slice[z] = slice_product(r, &both, image, both.lo[2] + z);
        for (int z = 0; z < both.n[2]; z++)
            sum[i] += slice[z];
    }
    rgq_free(slice);
    return RGQ_OK;
}

static void add_painted(float *image, const int n[3], const rgq_region *r, double value)
{
#pragma omp parallel for schedule(static)
    for (int z = r->lo[2]; z < r->lo[2] + r->n[2]; z++)
        for (int y = r->lo[1]; y < r->lo[1] + r->n[1]; y++) {
            const float *w = r->weight + index_in(r->lo, r->n, r->lo[0], y, z);
            float *to = image + index_in((const int[3]){0, 0, 0}, n, r->lo[0], y, z);
            for (int x = 0; x < r->n[0]; x++)
                to[x] += (float)value * w[x];
        }
}

/* A background of no voxel may have a value that is not a number: it is not looked at. */
void rgq_parts_masks_paint(const rgq_parts *parts, const double *value, float *image)
{
    const float empty = parts->weight[0] > 0.0 ? (float)value[0] : 0.0F;

#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < parts->voxels; i++)
        image[i] = empty * parts->background[i];
    for (int i = 1; i < parts->count; i++)
        add_painted(image, parts->n, rgq_regions_at(parts->regions, i - 1), value[i]);
}
