/* The slices of a series to a scan: grid, voxels, times. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/dicom.h"
#include "io/dicom_file.h"

static rgq_unit unit_of(const rgq_scan_facts *facts)
{
    if (!facts->units.known)
        return RGQ_UNIT_NATIVE;
    if (strcmp(facts->units.value, "BQML") == 0)
        return RGQ_UNIT_BQ_ML;
    if (strcmp(facts->units.value, "GML") == 0 &&
        (!facts->suv_type.known || strcmp(facts->suv_type.value, "BW") == 0))
        return RGQ_UNIT_SUV_BW;
    return RGQ_UNIT_NATIVE;
}

/* The slices of one file, which follow each other in no certain order, read while it is open.
 */
static rgq_status read_voxels(rgq_scan *scan, const rgq_dicom_found *f, const rgq_log *log,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    unsigned char *work = NULL;
    rgq_dicom_pixels *pixels = NULL;
    size_t open_file = SIZE_MAX;
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    const size_t plane = (size_t)grid->n[0] * (size_t)grid->n[1];
    const size_t n_z = (size_t)grid->n[2];

    RGQ_TRY(err, rgq_alloc(&work, plane, 8, err));
    for (size_t i = 0; i < f->list.count; i++) {
        const rgq_dicom_slice *s = &f->list.slice[i];
        float *to = rgq_volume_data(scan->volume, (int)(i / n_z)) + i % n_z * plane;
        if (s->file != open_file) {
            char path[RGQ_PATH_MAX];
            rgq_dicom_pixels_close(pixels);
            pixels = NULL;
            RGQ_TRY(err, rgq_path_join(path, f->folder, f->names.name[s->file], err));
            st = rgq_dicom_pixels_open(&pixels, s, path, err);
            open_file = s->file;
        }
        if (st == RGQ_OK)
            st = rgq_dicom_pixels_read(pixels, to, work, s, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "%s: ", f->names.name[s->file]);
            goto out;
        }
        rgq_log_progress(log, "reading DICOM pixels", (double)(i + 1) / (double)f->list.count);
    }
out:
    rgq_dicom_pixels_close(pixels);
    rgq_free(work);
    return st;
}

static void tell_doubts(const rgq_dicom_found *f, size_t n_z, const rgq_log *log)
{
    size_t shifted = 0;
    size_t no_slope = 0;

    for (size_t i = 0; i < f->list.count; i++) {
        shifted += f->list.slice[i].intercept != 0.0;
        no_slope += f->list.slice[i].slope_missing;
    }
    if (shifted > 0)
        RGQ_WARN(
            log,
            "(0028,1052) RescaleIntercept is not 0 in %zu of %zu slices (%g in the first); "
            "PET demands 0; it was applied",
            shifted, f->list.count, f->list.slice[0].intercept);
    if (no_slope > 0)
        RGQ_WARN(log, "(0028,1053) RescaleSlope is missing in %zu of %zu slices; 1 was taken",
                 no_slope, f->list.count);
    const rgq_dicom_slice *first = &f->list.slice[0];
    if (first->padding_from <= first->padding_to &&
        (first->padding_from != 0.0 || first->padding_to != 0.0 || first->intercept != 0.0))
        RGQ_INFO(log,
                 "(0028,0120) PixelPaddingValue: voxels stored as %g to %g lie outside the "
                 "image and are 0",
                 first->padding_from, first->padding_to);
    const int stated = f->list.slice[0].n_slices_stated;
    if (stated > 0 && (size_t)stated != n_z)
        RGQ_WARN(log,
                 "(0054,0081) NumberOfSlices is %d, the series here has %zu positions: slices "
                 "may lack at its ends",
                 stated, n_z);
}

static const char *format_of(const rgq_dicom_slice *s)
{
    if (s->kind == RGQ_DICOM_NM)
        return "DICOM NM";
    return s->kind == RGQ_DICOM_ENHANCED ? "DICOM Enhanced PET" : "DICOM PET";
}

static rgq_status build_scan(rgq_scan *scan, rgq_dicom_found *f, const rgq_log *log,
                             rgq_error *err)
{
    rgq_grid grid;
    char path[RGQ_PATH_MAX];
    int n_frames = 1;

    RGQ_PASS(err, rgq_dicom_series_arrange(&grid, &n_frames, f->list.slice, f->list.count,
                                           &f->names, log, err));
    tell_doubts(f, (size_t)grid.n[2], log);
    RGQ_PASS(err, rgq_path_join(path, f->folder, f->names.name[f->list.slice[0].file], err));
    RGQ_PASS(err, rgq_dicom_facts_read(scan, &f->list.slice[0], path, log, err));
    RGQ_PASS(err,
             rgq_volume_create(&scan->volume, &grid, n_frames, unit_of(&scan->facts), err));
    RGQ_PASS(err, read_voxels(scan, f, log, err));
    RGQ_PASS(err, rgq_dicom_times_set(scan, f, log, err));
    rgq_text_copy(scan->format, sizeof scan->format, format_of(&f->list.slice[0]));
    for (size_t i = 0; i < f->list.count; i++) {
        scan->identifiers_present |= f->list.slice[i].identifiers;
        scan->n_files += f->list.slice[i].frame == 0;
    }
    return RGQ_OK;
}

rgq_status rgq_dicom_read(rgq_scan *out, const char *path, const char *series_uid,
                          const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    rgq_dicom_found *f = NULL;

    RGQ_TRY(err, rgq_alloc(&f, 1, sizeof *f, err));
    RGQ_TRY(err, rgq_dicom_find(f, path, series_uid, log, err));
    RGQ_TRY(err, build_scan(&scan, f, log, err));
    *out = scan;
    scan = (rgq_scan){0};
out:
    if (f != NULL)
        rgq_dicom_found_release(f);
    rgq_free(f);
    rgq_scan_release(&scan);
    return st;
}
