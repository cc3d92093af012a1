/* Regions as partial-volume correction takes them: a label map wherever it can be one. */
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/nifti.h"
#include "io/regions_file.h"
#include "rgdquant/labels.h"
#include "rgdquant/volume.h"

enum { CHUNK = 4096 };

_Static_assert(sizeof(float) == sizeof(int32_t), "a label takes the place of a voxel");

/* The voxels become labels where they are, so that a large map is held once. */
static rgq_status labels_in_place(const int32_t **out, rgq_volume *volume, rgq_error *err)
{
    float from[CHUNK];
    int32_t to[CHUNK];
    void *raw = rgq_volume_data(volume, 0);
    char *bytes = raw;
    const size_t count = rgq_volume_count(volume);

    for (size_t at = 0; at < count; at += CHUNK) {
        const size_t n = count - at < CHUNK ? count - at : CHUNK;
        memcpy(from, bytes + at * sizeof *from, n * sizeof *from);
        for (size_t i = 0; i < n; i++) {
            if (!rgq_label_of(&to[i], from[i]))
                return rgq_label_refuse(at + i, from[i], err);
        }
        memcpy(bytes + at * sizeof *to, to, n * sizeof *to);
    }
    *out = raw;
    return RGQ_OK;
}

static rgq_status name_labels(rgq_labels *labels, const rgq_region_names *names, rgq_error *err)
{
    for (int r = 0; r < names->n_rows; r++)
        for (int i = 0; i < rgq_labels_count(labels) && names->row[r].name[0] != '\0'; i++)
            if (rgq_labels_at(labels, i)->label == names->row[r].index)
                RGQ_PASS(err, rgq_labels_rename(labels, i, names->row[r].name, err));
    return RGQ_OK;
}

static rgq_status from_label_map(rgq_labels **out, rgq_volume *volume,
                                 const rgq_region_names *names, rgq_error *err)
{
    const int32_t *number = NULL;

    RGQ_PASS(err, labels_in_place(&number, volume, err));
    RGQ_PASS(err, rgq_labels_create(out, rgq_volume_grid(volume), number, err));
    return name_labels(*out, names, err);
}

static rgq_status read_nifti(rgq_labels **labels, rgq_regions **regions, const char *path,
                             const char *names_path, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_volume *volume = NULL;
    rgq_region_names names = {NULL, 0};

    RGQ_TRY(err, rgq_nifti_read(&volume, NULL, path, log, err));
    RGQ_TRY(err, rgq_region_names_load(&names, path, names_path, log, err));
    if (rgq_volume_n_frames(volume) > 1 || rgq_volume_holds_fractions(volume))
        st = rgq_regions_from_masks(regions, volume, &names, err);
    else
        st = from_label_map(labels, volume, &names, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        rgq_error_prefix(err, "%s: ", path);
    }
out:
    rgq_region_names_release(&names);
    rgq_volume_free(volume);
    return st;
}

static rgq_status place_labels(rgq_labels **labels, const char *path, const rgq_grid *grid,
                               const rgq_regions_read_opts *opts, const rgq_log *log,
                               rgq_error *err)
{
    bool changed = false;
    const rgq_status st = rgq_labels_place(labels, grid, &changed, err);

    if (st == RGQ_E_GEOMETRY)
        rgq_regions_explain_mismatch(err, path, opts);
    if (changed)
        rgq_regions_tell_moved(log, path);
    return st;
}

static rgq_status refuse_none(const rgq_labels *labels, const rgq_regions *regions,
                              const char *path, rgq_error *err)
{
    const int count = labels != NULL ? rgq_labels_count(labels) : rgq_regions_count(regions);

    if (count == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%.200s holds no region; voxels of 1 and more were needed", path);
    return RGQ_OK;
}

rgq_status rgq_labels_read_on(rgq_labels **labels, rgq_regions **regions, const char *path,
                              const rgq_grid *grid, const rgq_regions_read_opts *opts,
                              const rgq_log *log, rgq_error *err)
{
    static const rgq_regions_read_opts plain = RGQ_REGIONS_READ_OPTS_INIT;
    rgq_status st = RGQ_OK;
    rgq_labels *map = NULL;
    rgq_regions *masks = NULL;
    char inside[RGQ_PATH_MAX];
    const char *file = path;
    bool dicom = false;

    *labels = NULL;
    *regions = NULL;
    if (opts == NULL)
        opts = &plain;
    RGQ_TRY(err, rgq_regions_locate(&file, inside, &dicom, err));
    if (dicom) {
        RGQ_TRY(err, rgq_regions_read_on(&masks, file, grid, opts, log, err));
    } else {
        RGQ_TRY(err, read_nifti(&map, &masks, file, opts->names, log, err));
        if (masks != NULL)
            RGQ_TRY(err, rgq_regions_put_on(&masks, file, grid, opts, log, err));
        else
            RGQ_TRY(err, place_labels(&map, file, grid, opts, log, err));
    }
    RGQ_TRY(err, refuse_none(map, masks, path, err));
    if (masks != NULL)
        RGQ_TRY(err, rgq_labels_from_whole(&map, masks, err));
    *labels = map;
    if (map == NULL) {
        *regions = masks;
        masks = NULL;
    }
    map = NULL;
out:
    rgq_labels_free(map);
    rgq_regions_free(masks);
    return st;
}
