#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "io/dicom_rtstruct.h"
#include "io/dicom_seg.h"
#include "io/input.h"
#include "io/nifti.h"
#include "io/region_names.h"
#include "io/regions_file.h"
#include "rgdquant/volume.h"

/* Weights of 255ths times a float slope end a little above 1. */
static const float WEIGHT_SLACK = 1e-5F;

/* ---- label map ---- */

/* Programs that store labels with a slope lose up to half a step of it. */
static const float LABEL_SLACK = 0.01F;
static const float MASK_SLACK = 1e-4F;

bool rgq_volume_holds_fractions(const rgq_volume *volume)
{
    const float *data = rgq_volume_cdata(volume, 0);
    bool fractions = false;

    for (size_t i = 0; i < rgq_volume_count(volume); i++) {
        if (data[i] < 0.0F || data[i] > 1.0F + MASK_SLACK)
            return false;
        fractions = fractions || fabsf(data[i] - roundf(data[i])) > MASK_SLACK;
    }
    return fractions;
}

bool rgq_label_of(int32_t *label, float value)
{
    const float whole = roundf(value);

    if (!(fabsf(value - whole) <= LABEL_SLACK) || fabsf(whole) > 16777216.0F)
        return false;
    *label = (int32_t)whole;
    return true;
}

rgq_status rgq_label_refuse(size_t voxel, float value, rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "voxel number %zu holds %g: a label map holds whole numbers, one mask "
                     "weights of 0 to 1",
                     voxel, (double)value);
}

static rgq_status to_labels(int32_t *labels, const rgq_volume *volume, rgq_error *err)
{
    const float *data = rgq_volume_cdata(volume, 0);

    for (size_t i = 0; i < rgq_volume_count(volume); i++) {
        if (!rgq_label_of(&labels[i], data[i]))
            return rgq_label_refuse(i, data[i], err);
    }
    return RGQ_OK;
}

static rgq_status from_label_map(rgq_regions **out, const rgq_volume *volume,
                                 const rgq_region_names *names, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    int32_t *labels = NULL;

    RGQ_TRY(err, rgq_alloc(&labels, rgq_volume_count(volume), sizeof *labels, err));
    RGQ_TRY(err, to_labels(labels, volume, err));
    RGQ_TRY(err, rgq_regions_from_labels(out, rgq_volume_grid(volume), labels, err));
    RGQ_TRY(err, rgq_region_names_apply(*out, names, err));
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
static void name_of_frame(const char **name, int *label, const rgq_region_names *names,
                          int frame, int n_frames)
{
    *name = NULL;
    *label = frame + 1;
    if (names->n_rows == n_frames) {
        *label = names->row[frame].index;
        *name = names->row[frame].name;
        return;
    }
    for (int r = 0; r < names->n_rows; r++)
        if (names->row[r].index == frame + 1)
            *name = names->row[r].name;
}

rgq_status rgq_regions_from_masks(rgq_regions **out, rgq_volume *volume,
                                  const rgq_region_names *names, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const int n_frames = rgq_volume_n_frames(volume);

    RGQ_TRY(err, rgq_regions_create(out, rgq_volume_grid(volume), err));
    for (int f = 0; f < n_frames; f++) {
        const char *name = NULL;
        int label = 0;
        name_of_frame(&name, &label, names, f, n_frames);
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

static rgq_status read_nifti(rgq_regions **out, const char *path, const char *names_path,
                             const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_volume *volume = NULL;
    rgq_regions *regions = NULL;
    rgq_region_names names = {NULL, 0};

    RGQ_TRY(err, rgq_nifti_read(&volume, NULL, path, log, err));
    RGQ_TRY(err, rgq_region_names_load(&names, path, names_path, log, err));
    if (rgq_volume_n_frames(volume) > 1 || rgq_volume_holds_fractions(volume))
        st = rgq_regions_from_masks(&regions, volume, &names, err);
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
    rgq_region_names_release(&names);
    rgq_volume_free(volume);
    rgq_regions_free(regions);
    return st;
}

/* ---- whatever it is ---- */

static rgq_status read_contours(rgq_regions **out, const char *path, const rgq_grid *grid,
                                const rgq_regions_read_opts *opts, const rgq_log *log,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_rtstruct set = {NULL, 0};

    if (grid == NULL)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "an RTSTRUCT has contours and no voxels; name the scan they belong to "
                         "with --like SCAN");
    RGQ_TRY(err, rgq_rtstruct_read(&set, path, err));
    RGQ_TRY(err, rgq_rtstruct_regions(out, &set, grid, opts->frame_uid, log, err));
out:
    rgq_rtstruct_release(&set);
    return st;
}

static rgq_status read_segments(rgq_regions **out, const char *path, const rgq_grid *grid,
                                const rgq_regions_read_opts *opts, const rgq_log *log,
                                rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_seg seg = {.pixels = NULL};

    RGQ_TRY(err, rgq_seg_read(&seg, path, err));
    RGQ_TRY(err, rgq_seg_regions(out, &seg, grid, opts->frame_uid, log, err));
out:
    rgq_seg_release(&seg);
    return st;
}

static bool is_segmentation(const char *uid)
{
    return strcmp(uid, RGQ_DICOM_SEG_UID) == 0 || strcmp(uid, RGQ_DICOM_LABELMAP_UID) == 0;
}

static bool is_regions_class(const char *uid)
{
    return strcmp(uid, RGQ_DICOM_RTSTRUCT_UID) == 0 || is_segmentation(uid);
}

/* SOP class of a DICOM file: from group 0002, else out of the data set. */
static rgq_status class_of(char uid[RGQ_DICOM_UID_MAX], const char *path, rgq_error *err)
{
    rgq_dicom_sniff sniff;
    rgq_dicom_slice slice;
    rgq_dicom_list none = {NULL, 0, 0};

    uid[0] = '\0';
    RGQ_PASS(err, rgq_dicom_sniff_file(&sniff, path, err));
    if (!sniff.is_dicom)
        return RGQ_OK;
    rgq_text_copy(uid, RGQ_DICOM_UID_MAX, sniff.class_uid);
    if (uid[0] != '\0')
        return RGQ_OK;
    const rgq_status st = rgq_dicom_slices_read(&none, &slice, 0, path, &sniff, err);
    rgq_free(none.slice);
    RGQ_PASS(err, st);
    rgq_text_copy(uid, RGQ_DICOM_UID_MAX, slice.class_uid);
    return RGQ_OK;
}

/* The one file of regions in a folder. */
static rgq_status find_in_folder(char out[RGQ_PATH_MAX], const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_names names = {NULL, 0};
    char path[RGQ_PATH_MAX];
    char uid[RGQ_DICOM_UID_MAX];
    size_t n = 0;
    size_t first = 0;

    RGQ_TRY(err, rgq_folder_list(&names, folder, err));
    for (size_t i = 0; i < names.count; i++) {
        RGQ_TRY(err, rgq_path_join(path, folder, names.name[i], err));
        if (class_of(uid, path, NULL) != RGQ_OK || !is_regions_class(uid))
            continue;
        if (n++ == 0) {
            first = i;
            rgq_text_copy(out, RGQ_PATH_MAX, path);
        } else {
            st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                           "%.200s holds several files of regions (%.60s, %.60s, ...); name "
                           "one of them",
                           folder, names.name[first], names.name[i]);
            goto out;
        }
    }
    if (n == 0)
        st = RGQ_RAISE(err, RGQ_E_FORMAT, "%.200s holds no RTSTRUCT and no DICOM SEG", folder);
out:
    rgq_names_release(&names);
    return st;
}

static rgq_status read_dicom(rgq_regions **out, const char *path, const rgq_grid *grid,
                             const rgq_regions_read_opts *opts, const rgq_log *log,
                             rgq_error *err)
{
    char uid[RGQ_DICOM_UID_MAX];
    rgq_status st = class_of(uid, path, err);

    if (st == RGQ_OK && strcmp(uid, RGQ_DICOM_RTSTRUCT_UID) == 0)
        st = read_contours(out, path, grid, opts, log, err);
    else if (st == RGQ_OK && is_segmentation(uid))
        st = read_segments(out, path, grid, opts, log, err);
    else if (st == RGQ_OK)
        st = RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                       "a DICOM file of kind %s; an RTSTRUCT or a DICOM SEG was needed",
                       uid[0] != '\0' ? rgq_dicom_class_name(uid) : "unknown");
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        rgq_error_prefix(err, "%.200s: ", path);
    }
    return st;
}

/* Both grids, and what to type. */
void rgq_regions_explain_mismatch(rgq_error *err, const char *path,
                                  const rgq_regions_read_opts *opts)
{
    rgq_error_prefix(err,
                     "%.120s does not hold the voxels of the scan; 'rgdquant regions %.120s "
                     "OUT.nii.gz --like %.120s' resamples it: ",
                     rgq_path_base(path), path, opts->scan != NULL ? opts->scan : "SCAN");
}

void rgq_regions_tell_moved(const rgq_log *log, const char *path)
{
    RGQ_INFO(log,
             "%s counts the voxels of the scan in another order or holds a part of them; "
             "reordered, no value changed",
             rgq_path_base(path));
}

rgq_status rgq_regions_put_on(rgq_regions **regions, const char *path, const rgq_grid *grid,
                              const rgq_regions_read_opts *opts, const rgq_log *log,
                              rgq_error *err)
{
    bool changed = false;
    const rgq_status st = rgq_regions_place(regions, grid, &changed, err);

    if (st == RGQ_E_GEOMETRY)
        rgq_regions_explain_mismatch(err, path, opts);
    if (changed)
        rgq_regions_tell_moved(log, path);
    return st;
}

/* What cannot be opened is left to the reader of NIfTI, which says why. */
static rgq_status is_dicom(bool *answer, const char *path, rgq_error *err)
{
    rgq_dicom_sniff sniff;
    rgq_error why = RGQ_ERROR_INIT;
    const rgq_status st = rgq_dicom_sniff_file(&sniff, path, &why);

    if (st == RGQ_E_NOMEM)
        return RGQ_RAISE(err, st, "%s", why.message);
    *answer = (st == RGQ_OK || st == RGQ_E_FORMAT) && sniff.is_dicom;
    return RGQ_OK;
}

rgq_status rgq_regions_locate(const char **path, char inside[RGQ_PATH_MAX], bool *dicom,
                              rgq_error *err)
{
    if (rgq_path_is_folder(*path)) {
        RGQ_PASS(err, find_in_folder(inside, *path, err));
        *path = inside;
    }
    return is_dicom(dicom, *path, err);
}

rgq_status rgq_regions_read_on(rgq_regions **out, const char *path, const rgq_grid *grid,
                               const rgq_regions_read_opts *opts, const rgq_log *log,
                               rgq_error *err)
{
    static const rgq_regions_read_opts plain = RGQ_REGIONS_READ_OPTS_INIT;
    rgq_status st = RGQ_OK;
    rgq_regions *regions = NULL;
    rgq_region_names names = {NULL, 0};
    char inside[RGQ_PATH_MAX];
    bool dicom = false;

    *out = NULL;
    if (opts == NULL)
        opts = &plain;
    RGQ_TRY(err, rgq_regions_locate(&path, inside, &dicom, err));
    if (dicom) {
        RGQ_TRY(err, read_dicom(&regions, path, grid, opts, log, err));
        if (opts->names != NULL) {
            RGQ_TRY(err, rgq_region_names_load(&names, path, opts->names, log, err));
            RGQ_TRY(err, rgq_region_names_apply(regions, &names, err));
        }
    } else {
        RGQ_TRY(err, read_nifti(&regions, path, opts->names, log, err));
    }
    if (grid != NULL)
        RGQ_TRY(err, rgq_regions_put_on(&regions, path, grid, opts, log, err));
    *out = regions;
    regions = NULL;
out:
    rgq_region_names_release(&names);
    rgq_regions_free(regions);
    return st;
}

rgq_status rgq_regions_read(rgq_regions **out, const char *path, const rgq_log *log,
                            rgq_error *err)
{
    return rgq_regions_read_on(out, path, NULL, NULL, log, err);
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

/* Image and names, or neither. */
static rgq_status write_both(const char *path, const rgq_regions *regions,
                             const rgq_write_opts *opts, bool masks, rgq_error *err)
{
    static const rgq_write_opts plain = {false, NULL};
    char names[RGQ_PATH_MAX];

    if (opts == NULL)
        opts = &plain;
    RGQ_PASS(err, rgq_path_beside(names, path, ".tsv", err));
    if (!opts->force && rgq_path_exists(names))
        return RGQ_RAISE(err, RGQ_E_IO, "%s exists; add --force to replace it", names);
    if (masks)
        RGQ_PASS(err, write_masks(path, regions, opts, err));
    else
        RGQ_PASS(err, write_image(path, regions, opts, err));
    const rgq_status st = write_names(names, regions, opts->force, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        (void)remove(path); /* half a result is none */
    }
    return st;
}

rgq_status rgq_regions_write(const char *path, const rgq_regions *regions,
                             const rgq_write_opts *opts, rgq_error *err)
{
    return write_both(path, regions, opts, false, err);
}

rgq_status rgq_regions_write_masks(const char *path, const rgq_regions *regions,
                                   const rgq_write_opts *opts, rgq_error *err)
{
    return write_both(path, regions, opts, true, err);
}
