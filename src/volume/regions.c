#include "rgdquant/regions.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

struct rgq_regions {
    rgq_grid grid;
    rgq_region *region;
    int count;
    int capacity;
};

typedef struct index_box {
    int lo[3];
    int hi[3]; /* last voxel; hi < lo: empty */
} index_box;

rgq_status rgq_regions_create(rgq_regions **out, const rgq_grid *grid, rgq_error *err)
{
    *out = NULL;
    RGQ_PASS(err, rgq_grid_check(grid, err));
    RGQ_PASS(err, rgq_alloc(out, 1, sizeof **out, err));
    (*out)->grid = *grid;
    return RGQ_OK;
}

/* The public struct shows the weights as const: they belong to the set. */
static void free_weights(rgq_region *region)
{
    void *memory = NULL;
    memcpy(&memory, &region->weight, sizeof memory);
    rgq_free(memory);
}

void rgq_regions_free(rgq_regions *regions)
{
    if (regions == NULL)
        return;
    for (int i = 0; i < regions->count; i++)
        free_weights(&regions->region[i]);
    rgq_free(regions->region);
    rgq_free(regions);
}

const rgq_grid *rgq_regions_grid(const rgq_regions *regions)
{
    return &regions->grid;
}

int rgq_regions_count(const rgq_regions *regions)
{
    return regions->count;
}

const rgq_region *rgq_regions_at(const rgq_regions *regions, int i)
{
    return &regions->region[i];
}

const rgq_region *rgq_regions_find(const rgq_regions *regions, const char *name)
{
    for (int i = 0; i < regions->count; i++)
        if (strcmp(regions->region[i].name, name) == 0)
            return &regions->region[i];
    for (int i = 0; i < regions->count; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", regions->region[i].label);
        if (strcmp(number, name) == 0)
            return &regions->region[i];
    }
    return NULL;
}

static void box_include(index_box *box, const int at[3])
{
    for (int a = 0; a < 3; a++) {
        if (at[a] < box->lo[a])
            box->lo[a] = at[a];
        if (at[a] > box->hi[a])
            box->hi[a] = at[a];
    }
}

static index_box empty_box(const rgq_grid *grid)
{
    return (index_box){{grid->n[0], grid->n[1], grid->n[2]}, {-1, -1, -1}};
}

static rgq_status check_new(const rgq_regions *set, int label, rgq_error *err)
{
    if (label < 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a region has label %d; 1 or more was needed",
                         label);
    if (set->count >= RGQ_REGIONS_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "more than %d regions", (int)RGQ_REGIONS_MAX);
    for (int i = 0; i < set->count; i++)
        if (set->region[i].label == label)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "two regions have label %d", label);
    return RGQ_OK;
}

/* Room for one more region with weights for `box`; the region is not counted yet. */
static rgq_status prepare(rgq_regions *set, const char *name, int label, const index_box *box,
                          float **weight, rgq_error *err)
{
    *weight = NULL;
    if (set->count == set->capacity) {
        const int capacity = set->capacity > 0 ? 2 * set->capacity : 16;
        RGQ_PASS(err, rgq_realloc(&set->region, (size_t)capacity, sizeof *set->region, err));
        set->capacity = capacity;
    }
    rgq_region *region = &set->region[set->count];
    *region = (rgq_region){.label = label};
    if (name != NULL && name[0] != '\0')
        rgq_text_copy(region->name, sizeof region->name, name);
    else
        (void)snprintf(region->name, sizeof region->name, "%d", label);
    if (box->hi[0] < box->lo[0])
        return RGQ_OK;
    size_t count = 1;
    for (int a = 0; a < 3; a++) {
        region->lo[a] = box->lo[a];
        region->n[a] = box->hi[a] - box->lo[a] + 1;
        count *= (size_t)region->n[a];
    }
    RGQ_PASS(err, rgq_alloc(weight, count, sizeof **weight, err));
    region->weight = *weight;
    return RGQ_OK;
}

/* Offset in the grid of the first voxel of row (y, z) of the box of a region. */
static size_t row_offset(const rgq_grid *grid, const rgq_region *region, int y, int z)
{
    return ((size_t)(region->lo[2] + z) * (size_t)grid->n[1] + (size_t)(region->lo[1] + y)) *
               (size_t)grid->n[0] +
           (size_t)region->lo[0];
}

rgq_status rgq_regions_add(rgq_regions *set, const char *name, int label, const float *weight,
                           rgq_error *err)
{
    const rgq_grid *grid = &set->grid;
    index_box box = empty_box(grid);
    float *copy = NULL;
    size_t i = 0;

    RGQ_PASS(err, check_new(set, label, err));
    for (int z = 0; z < grid->n[2]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[0]; x++, i++) {
                if (!(weight[i] >= 0.0f && weight[i] <= 1.0f))
                    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                                     "region %d has a weight of %g at voxel (%d, %d, %d); 0 to "
                                     "1 was needed",
                                     label, (double)weight[i], x, y, z);
                if (weight[i] > 0.0f)
                    box_include(&box, (const int[3]){x, y, z});
            }
    RGQ_PASS(err, prepare(set, name, label, &box, &copy, err));
    const rgq_region *region = &set->region[set->count];
    for (int z = 0; z < region->n[2] && copy != NULL; z++)
        for (int y = 0; y < region->n[1]; y++) {
            memcpy(copy, weight + row_offset(grid, region, y, z),
                   (size_t)region->n[0] * sizeof *copy);
            copy += region->n[0];
        }
    set->count++;
    return RGQ_OK;
}

static rgq_status check_part(const rgq_grid *grid, int label, const int lo[3], const int n[3],
                             rgq_error *err)
{
    for (int a = 0; a < 3; a++)
        if (lo[a] < 0 || n[a] < 0 || n[a] > grid->n[a] || lo[a] > grid->n[a] - n[a])
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "region %d has voxels %d to %d along axis %c; 0 to %d was needed",
                             label, lo[a], lo[a] + n[a] - 1, "xyz"[a], grid -> n[a] - 1);
    return RGQ_OK;
}

rgq_status rgq_regions_add_box(rgq_regions *set, const char *name, int label, const int lo[3],
                               const int n[3], const float *weight, rgq_error *err)
{
    index_box box = empty_box(&set->grid);
    float *copy = NULL;
    size_t i = 0;

    RGQ_PASS(err, check_new(set, label, err));
    RGQ_PASS(err, check_part(&set->grid, label, lo, n, err));
    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++, i++) {
                if (!(weight[i] >= 0.0f && weight[i] <= 1.0f))
                    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                                     "region %d has a weight of %g at voxel (%d, %d, %d); 0 to "
                                     "1 was needed",
                                     label, (double)weight[i], lo[0] + x, lo[1] + y, lo[2] + z);
                if (weight[i] > 0.0f)
                    box_include(&box, (const int[3]){lo[0] + x, lo[1] + y, lo[2] + z});
            }
    RGQ_PASS(err, prepare(set, name, label, &box, &copy, err));
    const rgq_region *region = &set->region[set->count];
    for (int z = 0; z < region->n[2] && copy != NULL; z++)
        for (int y = 0; y < region->n[1]; y++) {
            const size_t row = (size_t)(region->lo[2] - lo[2] + z) * (size_t)n[1] +
                               (size_t)(region->lo[1] - lo[1] + y);
            memcpy(copy, weight + row * (size_t)n[0] + (size_t)(region->lo[0] - lo[0]),
                   (size_t)region->n[0] * sizeof *copy);
            copy += region->n[0];
        }
    set->count++;
    return RGQ_OK;
}

rgq_status rgq_regions_add_mask(rgq_regions *set, const char *name, int label,
                                const uint8_t *mask, rgq_error *err)
{
    const rgq_grid *grid = &set->grid;
    index_box box = empty_box(grid);
    float *copy = NULL;
    size_t i = 0;

    RGQ_PASS(err, check_new(set, label, err));
    for (int z = 0; z < grid->n[2]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[0]; x++, i++)
                if (mask[i] != 0)
                    box_include(&box, (const int[3]){x, y, z});
    RGQ_PASS(err, prepare(set, name, label, &box, &copy, err));
    const rgq_region *region = &set->region[set->count];
    for (int z = 0; z < region->n[2] && copy != NULL; z++)
        for (int y = 0; y < region->n[1]; y++) {
            const uint8_t *row = mask + row_offset(grid, region, y, z);
            for (int x = 0; x < region->n[0]; x++)
                *copy++ = row[x] != 0 ? 1.0f : 0.0f;
        }
    set->count++;
    return RGQ_OK;
}

rgq_status rgq_regions_rename(rgq_regions *set, int i, const char *name, rgq_error *err)
{
    if (i < 0 || i >= set->count || name[0] == '\0')
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "there is no region number %d to call '%.40s'", i,
                         name);
    rgq_text_copy(set->region[i].name, sizeof set->region[i].name, name);
    return RGQ_OK;
}

/* Segmentation atlases stay under 20,000; the bound keeps a hostile file from asking for
 * memory. */

static rgq_status largest_label(int32_t *largest, const int32_t *labels, size_t count,
                                rgq_error *err)
{
    *largest = 0;
    for (size_t i = 0; i < count; i++) {
        if (labels[i] < 0 || labels[i] > RGQ_LABEL_MAX)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "the label map holds %d; 0 to %d was needed",
                             (int)labels[i], (int)RGQ_LABEL_MAX);
        if (labels[i] > *largest)
            *largest = labels[i];
    }
    return RGQ_OK;
}

/* Fill the weights of the region of label `label` from the label map. */
static void fill_from_labels(const rgq_grid *grid, const rgq_region *region, float *weight,
                             const int32_t *labels)
{
    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            const int32_t *row = labels + row_offset(grid, region, y, z);
            for (int x = 0; x < region->n[0]; x++)
                *weight++ = row[x] == region->label ? 1.0f : 0.0f;
        }
}

rgq_status rgq_regions_from_labels(rgq_regions **out, const rgq_grid *grid,
                                   const int32_t *labels, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regions *set = NULL;
    index_box *boxes = NULL;
    int32_t largest = 0;
    size_t i = 0;

    *out = NULL;
    RGQ_TRY(err, rgq_regions_create(&set, grid, err));
    RGQ_TRY(err, largest_label(&largest, labels, rgq_grid_count(grid), err));
    RGQ_TRY(err, rgq_alloc(&boxes, (size_t)largest + 1, sizeof *boxes, err));
    for (int32_t label = 0; label <= largest; label++)
        boxes[label] = empty_box(grid);
    for (int z = 0; z < grid->n[2]; z++)
        for (int y = 0; y < grid->n[1]; y++)
            for (int x = 0; x < grid->n[0]; x++, i++)
                if (labels[i] > 0)
                    box_include(&boxes[labels[i]], (const int[3]){x, y, z});
    for (int32_t label = 1; label <= largest; label++) {
        float *weight = NULL;
        if (boxes[label].hi[0] < 0)
            continue;
        if (set->count >= RGQ_REGIONS_MAX) {
            st = RGQ_RAISE(err, RGQ_E_FORMAT, "more than %d labels", (int)RGQ_REGIONS_MAX);
            goto out;
        }
        RGQ_TRY(err, prepare(set, NULL, label, &boxes[label], &weight, err));
        fill_from_labels(grid, &set->region[set->count], weight, labels);
        set->count++;
    }
    *out = set;
    set = NULL;
out:
    rgq_free(boxes);
    rgq_regions_free(set);
    return st;
}

rgq_status rgq_regions_to_labels(int32_t *labels, const rgq_regions *set, rgq_error *err)
{
    memset(labels, 0, rgq_grid_count(&set->grid) * sizeof *labels);
    for (int i = 0; i < set->count; i++) {
        const rgq_region *region = &set->region[i];
        const float *weight = region->weight;
        for (int z = 0; z < region->n[2]; z++)
            for (int y = 0; y < region->n[1]; y++) {
                int32_t *row = labels + row_offset(&set->grid, region, y, z);
                for (int x = 0; x < region->n[0]; x++) {
                    if (*weight++ < 0.5f)
                        continue;
                    if (row[x] != 0)
                        return RGQ_RAISE(
                            err, RGQ_E_ARGUMENT,
                            "the regions with labels %d and %d overlap, and a label "
                            "map holds one label a voxel",
                            (int)row[x], region->label);
                    row[x] = region->label;
                }
            }
    }
    return RGQ_OK;
}

bool rgq_regions_is_binary(const rgq_regions *set)
{
    for (int i = 0; i < set->count; i++) {
        const rgq_region *region = &set->region[i];
        const size_t count = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];
        for (size_t v = 0; v < count; v++)
            if (region->weight[v] > 0.0f && region->weight[v] < 1.0f)
                return false;
    }
    return true;
}

double rgq_region_volume_ml(const rgq_region *region, const rgq_grid *grid)
{
    const size_t count = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];
    double sum = 0.0;

    for (size_t v = 0; v < count; v++)
        sum += (double)region->weight[v];
    return sum * rgq_grid_voxel_ml(grid);
}

/* How the axes of one grid run along those of another. */
typedef struct axis_map {
    int from[3];  /* axis of the old grid that becomes axis a */
    bool flip[3]; /* counted from its other end */
} axis_map;

/* The axes of `old` that come nearest to those of `grid`; false if two take the same. */
static bool map_axes(axis_map *map, const rgq_grid *old, const rgq_grid *grid)
{
    double zero_mm[3];
    double zero[3];

    rgq_grid_to_world(grid, (const double[3]){0.0, 0.0, 0.0}, zero_mm);
    rgq_grid_to_index(old, zero_mm, zero);
    for (int a = 0; a < 3; a++) {
        const double one[3] = {a == 0 ? 1.0 : 0.0, a == 1 ? 1.0 : 0.0, a == 2 ? 1.0 : 0.0};
        double step_mm[3];
        double step[3];
        rgq_grid_to_world(grid, one, step_mm);
        rgq_grid_to_index(old, step_mm, step);
        map->from[a] = 0;
        for (int c = 1; c < 3; c++)
            if (fabs(step[c] - zero[c]) > fabs(step[map->from[a]] - zero[map->from[a]]))
                map->from[a] = c;
        map->flip[a] = step[map->from[a]] < zero[map->from[a]];
    }
    return map->from[0] != map->from[1] && map->from[1] != map->from[2] &&
           map->from[0] != map->from[2];
}

/* The old grid with its axes renamed and turned round: the same voxels. */
static rgq_grid apply_map(const axis_map *map, const rgq_grid *old)
{
    rgq_grid grid;
    double first[3];
    double first_mm[3];

    for (int a = 0; a < 3; a++) {
        const int from = map->from[a];
        grid.n[a] = old->n[from];
        first[from] = map->flip[a] ? old->n[from] - 1 : 0;
        for (int r = 0; r < 3; r++)
            grid.affine[r][a] = map->flip[a] ? -old->affine[r][from] : old->affine[r][from];
    }
    rgq_grid_to_world(old, first, first_mm);
    for (int r = 0; r < 3; r++)
        grid.affine[r][3] = first_mm[r];
    return grid;
}

/* Add `old` to `set` in the order of the map. */
static rgq_status add_mapped(rgq_regions *set, const rgq_region *old, const axis_map *map,
                             rgq_error *err)
{
    index_box box;
    float *weight = NULL;
    const ptrdiff_t stride[3] = {1, old->n[0], (ptrdiff_t)old->n[0] * old->n[1]};
    ptrdiff_t step[3];
    ptrdiff_t start = 0;

    for (int a = 0; a < 3; a++) {
        const int from = map->from[a];
        box.lo[a] =
            map->flip[a] ? set->grid.n[a] - old->lo[from] - old->n[from] : old->lo[from];
        box.hi[a] = box.lo[a] + old->n[from] - 1;
        step[a] = map->flip[a] ? -stride[from] : stride[from];
        start += map->flip[a] ? (old->n[from] - 1) * stride[from] : 0;
    }
    RGQ_PASS(err, prepare(set, old->name, old->label, &box, &weight, err));
    const rgq_region *region = &set->region[set->count];
    for (int z = 0; z < region->n[2] && weight != NULL; z++)
        for (int y = 0; y < region->n[1]; y++)
            for (int x = 0; x < region->n[0]; x++)
                *weight++ = old->weight[start + x * step[0] + y * step[1] + z * step[2]];
    set->count++;
    return RGQ_OK;
}

rgq_status rgq_regions_reorient(rgq_regions **set, const rgq_grid *grid, bool *changed,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *old = &(*set)->grid;
    rgq_regions *fresh = NULL;
    axis_map map;

    if (changed != NULL)
        *changed = false;
    if (rgq_grid_compare(grid, old, -1.0, NULL) == RGQ_OK)
        return RGQ_OK;
    RGQ_PASS(err, rgq_grid_check(grid, err));
    const bool mapped = map_axes(&map, old, grid);
    const rgq_grid turned = mapped ? apply_map(&map, old) : *old;
    if (!mapped || rgq_grid_compare(grid, &turned, -1.0, NULL) != RGQ_OK)
        return rgq_grid_compare(grid, old, -1.0, err);
    RGQ_TRY(err, rgq_regions_create(&fresh, grid, err));
    for (int i = 0; i < (*set)->count; i++)
        RGQ_TRY(err, add_mapped(fresh, &(*set)->region[i], &map, err));
    rgq_regions_free(*set);
    *set = fresh;
    fresh = NULL;
    if (changed != NULL)
        *changed = true;
out:
    rgq_regions_free(fresh);
    return st;
}
