#include "rgdquant/labels.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "volume/labels_inside.h"

static rgq_status set_name(rgq_label *label, const char *name, rgq_error *err)
{
    if (strlen(name) >= sizeof label->name)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the name '%.40s...' of a region has %zu bytes; at most %d fit", name,
                         strlen(name), (int)RGQ_REGION_NAME_MAX - 1);
    rgq_text_copy(label->name, sizeof label->name, name);
    return RGQ_OK;
}

static rgq_status check_values(int32_t *largest, const int32_t *labels, size_t count,
                               rgq_error *err)
{
    *largest = 0;
    for (size_t i = 0; i < count; i++) {
        if (labels[i] < 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "voxel number %zu has the label %d; labels are 0 (background) and "
                             "positive whole numbers",
                             i, (int)labels[i]);
        if (labels[i] > *largest)
            *largest = labels[i];
    }
    if (*largest > RGQ_LABEL_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "the label %d; labels up to %d can be read",
                         (int)*largest, (int)RGQ_LABEL_MAX);
    return RGQ_OK;
}

/* index_of[label] becomes 1 + index of the region, for labels that occur. */
static rgq_status number_labels(rgq_labels *set, int32_t *index_of, int32_t largest,
                                const int32_t *labels, size_t count, rgq_error *err)
{
    for (size_t i = 0; i < count; i++)
        index_of[labels[i]] = 1;
    for (int32_t label = 1; label <= largest; label++)
        if (index_of[label] != 0)
            index_of[label] = ++set->count;
    index_of[0] = 0;
    if (set->count > RGQ_REGIONS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%d labels; at most %d can be handled", set->count,
                         (int)RGQ_REGIONS_MAX);
    if (set->count == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&set->label, (size_t)set->count, sizeof *set->label, err));
    for (int32_t label = 1; label <= largest; label++) {
        if (index_of[label] == 0)
            continue;
        rgq_label *l = &set->label[index_of[label] - 1];
        l->label = label;
        (void)snprintf(l->name, sizeof l->name, "%d", (int)label);
    }
    return RGQ_OK;
}

static void include(rgq_label *l, const int at[3])
{
    for (int i = 0; i < 3; i++) {
        if (l->count == 0 || at[i] < l->lo[i]) {
            l->n[i] = l->count == 0 ? 1 : l->n[i] + l->lo[i] - at[i];
            l->lo[i] = at[i];
        }
        if (at[i] - l->lo[i] >= l->n[i])
            l->n[i] = at[i] - l->lo[i] + 1;
    }
    l->count++;
}

static void fill(rgq_labels *set, const int32_t *index_of, const int32_t *labels)
{
    const int *n = set->grid.n;
    size_t i = 0;

    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++, i++) {
                set->voxel[i] = (uint16_t)index_of[labels[i]];
                if (set->voxel[i] != 0)
                    include(&set->label[set->voxel[i] - 1], (const int[3]){x, y, z});
            }
}

rgq_status rgq_labels_create(rgq_labels **out, const rgq_grid *grid, const int32_t *labels,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_labels *set = NULL;
    int32_t *index_of = NULL;
    int32_t largest = 0;

    *out = NULL;
    RGQ_PASS(err, rgq_grid_check(grid, err));
    const size_t count = rgq_grid_count(grid);
    RGQ_TRY(err, check_values(&largest, labels, count, err));
    RGQ_TRY(err, rgq_alloc(&set, 1, sizeof *set, err));
    set->grid = *grid;
    RGQ_TRY(err, rgq_alloc(&index_of, (size_t)largest + 1, sizeof *index_of, err));
    RGQ_TRY(err, number_labels(set, index_of, largest, labels, count, err));
    RGQ_TRY(err, rgq_alloc(&set->voxel, count, sizeof *set->voxel, err));
    fill(set, index_of, labels);
    *out = set;
    set = NULL;
out:
    rgq_free(index_of);
    rgq_labels_free(set);
    return st;
}

void rgq_labels_free(rgq_labels *labels)
{
    if (labels == NULL)
        return;
    rgq_free(labels->voxel);
    rgq_free(labels->label);
    rgq_free(labels);
}

const rgq_grid *rgq_labels_grid(const rgq_labels *labels)
{
    return &labels->grid;
}

int rgq_labels_count(const rgq_labels *labels)
{
    return labels->count;
}

const rgq_label *rgq_labels_at(const rgq_labels *labels, int i)
{
    return &labels->label[i];
}

const uint16_t *rgq_labels_voxels(const rgq_labels *labels)
{
    return labels->voxel;
}

int rgq_labels_find(const rgq_labels *labels, const char *name)
{
    for (int i = 0; i < labels->count; i++)
        if (strcmp(labels->label[i].name, name) == 0)
            return i;
    for (int i = 0; i < labels->count; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "%d", labels->label[i].label);
        if (strcmp(number, name) == 0)
            return i;
    }
    return -1;
}

rgq_status rgq_labels_rename(rgq_labels *labels, int i, const char *name, rgq_error *err)
{
    return set_name(&labels->label[i], name, err);
}

static rgq_status refuse_fractions(const rgq_regions *regions, rgq_error *err)
{
    for (int i = 0; i < rgq_regions_count(regions); i++) {
        const rgq_region *r = rgq_regions_at(regions, i);
        const size_t count = (size_t)r->n[0] * (size_t)r->n[1] * (size_t)r->n[2];
        for (size_t v = 0; v < count; v++)
            if (r->weight[v] > 0.0F && r->weight[v] < 1.0F)
                return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                                 "the region '%.60s' has the weight %g in a voxel; a label map "
                                 "holds whole voxels",
                                 r->name, (double)r->weight[v]);
    }
    return RGQ_OK;
}

rgq_status rgq_labels_from_regions(rgq_labels **out, const rgq_regions *regions, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_labels *set = NULL;
    int32_t *voxel = NULL;

    *out = NULL;
    RGQ_TRY(err, refuse_fractions(regions, err));
    RGQ_TRY(err,
            rgq_alloc(&voxel, rgq_grid_count(rgq_regions_grid(regions)), sizeof *voxel, err));
    RGQ_TRY(err, rgq_regions_to_labels(voxel, regions, err));
    RGQ_TRY(err, rgq_labels_create(&set, rgq_regions_grid(regions), voxel, err));
    for (int i = 0; i < rgq_regions_count(regions); i++) {
        const rgq_region *r = rgq_regions_at(regions, i);
        for (int k = 0; k < set->count; k++)
            if (set->label[k].label == r->label)
                rgq_text_copy(set->label[k].name, sizeof set->label[k].name, r->name);
    }
    *out = set;
    set = NULL;
out:
    rgq_free(voxel);
    rgq_labels_free(set);
    return st;
}

rgq_status rgq_labels_from_whole(rgq_labels **out, const rgq_regions *regions, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;

    *out = NULL;
    if (!rgq_regions_is_binary(regions))
        return RGQ_OK;
    for (int i = 0; i < rgq_regions_count(regions); i++)
        if (rgq_regions_at(regions, i)->n[0] == 0)
            return RGQ_OK;
    const rgq_status st = rgq_labels_from_regions(out, regions, &why);
    if (st == RGQ_OK || st == RGQ_E_ARGUMENT)
        return RGQ_OK;
    return RGQ_RAISE(err, st, "%s", why.message);
}
