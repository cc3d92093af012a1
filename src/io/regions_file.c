#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/input.h"
#include "io/nifti.h"
#include "io/tsv.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/volume.h"

/* Names beside an image; `index` and `name` are columns of `table`. */
typedef struct name_list {
    rgq_tsv table;
    int index;
    int name;
} name_list;

/* Weights of 255ths times a float slope end a little above 1. */
static const float WEIGHT_SLACK = 1e-5F;

static rgq_status load_names(name_list *out, const char *path, const rgq_log *log,
                             rgq_error *err)
{
    static const char *const endings[] = {".tsv", "_dseg.tsv"};
    char beside[RGQ_PATH_MAX];

    *out = (name_list){.table = {0, 0, NULL, NULL}};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        RGQ_PASS(err, rgq_path_beside(beside, path, endings[i], err));
        if (!rgq_path_exists(beside))
            continue;
        RGQ_PASS(err, rgq_tsv_read(&out->table, beside, err));
        out->index = rgq_tsv_find(&out->table, "index");
        out->name = rgq_tsv_find(&out->table, "name");
        if (out->index >= 0 && out->name >= 0)
            return RGQ_OK;
        RGQ_WARN(log,
                 "%s has no columns 'index' and 'name'; regions are called by their number",
                 beside);
        rgq_tsv_release(&out->table);
    }
    return RGQ_OK;
}

static rgq_status label_of_row(int *label, const name_list *names, int row, rgq_error *err)
{
    long long value = 0;

    if (rgq_parse_int(&value, rgq_tsv_cell(&names->table, row, names->index), 0, INT32_MAX,
                      NULL) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the names beside the regions, line %d: index '%.40s' is not a whole "
                         "number >= 0",
                         row + 2, rgq_tsv_cell(&names->table, row, names->index));
    *label = (int)value;
    return RGQ_OK;
}

static rgq_status rename_labels(rgq_regions *regions, const name_list *names, rgq_error *err)
{
    for (int row = 0; row < names->table.n_rows; row++) {
        int label = 0;
        const char *name = rgq_tsv_cell(&names->table, row, names->name);
        RGQ_PASS(err, label_of_row(&label, names, row, err));
        for (int i = 0; i < rgq_regions_count(regions) && name[0] != '\0'; i++)
            if (rgq_regions_at(regions, i)->label == label)
                RGQ_PASS(err, rgq_regions_rename(regions, i, name, err));
    }
    return RGQ_OK;
}

/* ---- label map ---- */

static bool holds_fractions(const rgq_volume *volume)
{
    const float *data = rgq_volume_cdata(volume, 0);
    bool fractions = false;

    for (size_t i = 0; i < rgq_volume_count(volume); i++) {
        if (data[i] < 0.0F || data[i] > 1.0F + WEIGHT_SLACK)
            return false;
        fractions = fractions || data[i] != floorf(data[i]);
    }
    return fractions;
}

static rgq_status to_labels(int32_t *labels, const rgq_volume *volume, rgq_error *err)
{
    const float *data = rgq_volume_cdata(volume, 0);

    for (size_t i = 0; i < rgq_volume_count(volume); i++) {
        if (data[i] != floorf(data[i]) || fabsf(data[i]) > 16777216.0F)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "voxel number %zu holds %g: a label map holds whole numbers, one "
                             "mask weights of 0 to 1",
                             i, (double)data[i]);
        labels[i] = (int32_t)data[i];
    }
    return RGQ_OK;
}

static rgq_status from_label_map(rgq_regions **out, const rgq_volume *volume,
                                 const name_list *names, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    int32_t *labels = NULL;

    RGQ_TRY(err, rgq_alloc(&labels, rgq_volume_count(volume), sizeof *labels, err));
    RGQ_TRY(err, to_labels(labels, volume, err));
    RGQ_TRY(err, rgq_regions_from_labels(out, rgq_volume_grid(volume), labels, err));
    RGQ_TRY(err, rename_labels(*out, names, err));
out:
    rgq_free(labels);
    return st;
}

/* ---- masks, one a frame ---- */

static void cut_rounding(float *weight, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (weight[i] > 1.0F && weight[i] <= 1.0F + WEIGHT_SLACK)
            weight[i] = 1.0F;
}

/* With a row for every frame the rows are the frames in order; else `index` is the number of
 * the frame, from 1. */
static rgq_status name_of_frame(const char **name, int *label, const name_list *names,
                                int frame, int n_frames, rgq_error *err)
{
    *name = NULL;
    *label = frame + 1;
    if (names->table.n_rows == n_frames) {
        RGQ_PASS(err, label_of_row(label, names, frame, err));
        *name = rgq_tsv_cell(&names->table, frame, names->name);
        return RGQ_OK;
    }
    for (int row = 0; row < names->table.n_rows; row++) {
        int index = 0;
        RGQ_PASS(err, label_of_row(&index, names, row, err));
        if (index == frame + 1)
            *name = rgq_tsv_cell(&names->table, row, names->name);
    }
    return RGQ_OK;
}

static rgq_status from_masks(rgq_regions **out, rgq_volume *volume, const name_list *names,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const int n_frames = rgq_volume_n_frames(volume);

    RGQ_TRY(err, rgq_regions_create(out, rgq_volume_grid(volume), err));
    for (int f = 0; f < n_frames; f++) {
        const char *name = NULL;
        int label = 0;
        RGQ_TRY(err, name_of_frame(&name, &label, names, f, n_frames, err));
        cut_rounding(rgq_volume_data(volume, f), rgq_volume_count(volume));
        st = rgq_regions_add(*out, name, label, rgq_volume_cdata(volume, f), err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "frame %d of the 4-D mask: ", f + 1);
            goto out;
        }
    }
out:
    return st;
}

rgq_status rgq_regions_read(rgq_regions **out, const char *path, const rgq_log *log,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_volume *volume = NULL;
    rgq_regions *regions = NULL;
    name_list names = {.table = {0, 0, NULL, NULL}};

    *out = NULL;
    RGQ_TRY(err, rgq_nifti_read(&volume, NULL, path, log, err));
    RGQ_TRY(err, load_names(&names, path, log, err));
    if (rgq_volume_n_frames(volume) > 1 || holds_fractions(volume))
        st = from_masks(&regions, volume, &names, err);
    else
        st = from_label_map(&regions, volume, &names, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        rgq_error_prefix(err, "%s: ", path);
        goto out;
    }
    *out = regions;
    regions = NULL;
out:
    rgq_tsv_release(&names.table);
    rgq_volume_free(volume);
    rgq_regions_free(regions);
    return st;
}

/* ---- write ---- */

static rgq_status write_names(const char *path, const rgq_regions *regions, bool force,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;

    rgq_text_printf(&text, "index\tname\n");
    for (int i = 0; i < rgq_regions_count(regions); i++) {
        const rgq_region *region = rgq_regions_at(regions, i);
        rgq_text_printf(&text, "%d\t", region->label);
        for (const char *c = region->name; *c != '\0'; c++)
            rgq_text_append(&text, (unsigned char)*c < 0x20 ? " " : c, 1);
        rgq_text_append(&text, "\n", 1);
    }
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_file_write(path, text.data, text.length, force, err));
out:
    rgq_text_release(&text);
    return st;
}

static void paste(float *to, const rgq_region *region, const rgq_grid *grid)
{
    const float *from = region->weight;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            const size_t row =
                (size_t)(region->lo[2] + z) * (size_t)grid->n[1] + (size_t)(region->lo[1] + y);
            memcpy(to + row * (size_t)grid->n[0] + (size_t)region->lo[0], from,
                   (size_t)region->n[0] * sizeof *to);
            from += region->n[0];
        }
}

static rgq_status write_masks(const char *path, const rgq_regions *regions,
                              const rgq_write_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_volume *volume = NULL;
    const rgq_grid *grid = rgq_regions_grid(regions);

    RGQ_TRY(err, rgq_volume_create(&volume, grid, rgq_regions_count(regions), RGQ_UNIT_FRACTION,
                                   err));
    for (int i = 0; i < rgq_regions_count(regions); i++)
        paste(rgq_volume_data(volume, i), rgq_regions_at(regions, i), grid);
    RGQ_TRY(err, rgq_nifti_write(path, grid, &(rgq_nifti_voxels){.volume = volume},
                                 opts->description, opts->force, err));
out:
    rgq_volume_free(volume);
    return st;
}

static rgq_status write_image(const char *path, const rgq_regions *regions,
                              const rgq_write_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    int32_t *labels = NULL;
    const rgq_grid *grid = rgq_regions_grid(regions);

    RGQ_TRY(err, rgq_alloc(&labels, rgq_grid_count(grid), sizeof *labels, err));
    /* regions that overlap have no label map; that is no failure here */
    if (!rgq_regions_is_binary(regions) ||
        rgq_regions_to_labels(labels, regions, NULL) != RGQ_OK) {
        rgq_free(labels);
        return write_masks(path, regions, opts, err);
    }
    RGQ_TRY(err, rgq_nifti_write(path, grid, &(rgq_nifti_voxels){.labels = labels},
                                 opts->description, opts->force, err));
out:
    rgq_free(labels);
    return st;
}

rgq_status rgq_regions_write(const char *path, const rgq_regions *regions,
                             const rgq_write_opts *opts, rgq_error *err)
{
    static const rgq_write_opts plain = {false, NULL};
    char names[RGQ_PATH_MAX];

    if (opts == NULL)
        opts = &plain;
    RGQ_PASS(err, rgq_path_beside(names, path, ".tsv", err));
    if (!opts->force && rgq_path_exists(names))
        return RGQ_RAISE(err, RGQ_E_IO, "%s exists; add --force to replace it", names);
    RGQ_PASS(err, write_image(path, regions, opts, err));
    const rgq_status st = write_names(names, regions, opts->force, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        (void)remove(path); /* half a result is none */
    }
    return st;
}
