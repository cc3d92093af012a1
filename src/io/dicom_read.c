/* A folder, or one file of it, to a scan: which files, which series, voxels, times. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/dicom.h"
#include "io/dicom_file.h"

enum { KINDS_MAX = 8, SERIES_LISTED = 5 };

/* What lies in the folder. */
typedef struct found_files {
    char folder[RGQ_PATH_MAX];
    rgq_names names;
    rgq_dicom_slice *slice; /* PET images, of any series */
    size_t n_slices, capacity;
    size_t n_foreign; /* not DICOM */
    size_t foreign;   /* index of the first of them */
    char other_uid[KINDS_MAX][RGQ_DICOM_UID_MAX];
    size_t n_other[KINDS_MAX];
    size_t n_kinds;
} found_files;

static void release_files(found_files *f)
{
    rgq_names_release(&f->names);
    rgq_free(f->slice);
    f->slice = NULL;
}

static void count_other(found_files *f, const char *uid)
{
    size_t i = 0;
    while (i < f->n_kinds && strcmp(f->other_uid[i], uid) != 0)
        i++;
    if (i == KINDS_MAX)
        i--; /* the last row counts all further kinds */
    else if (i == f->n_kinds)
        rgq_text_copy(f->other_uid[f->n_kinds++], RGQ_DICOM_UID_MAX, uid);
    f->n_other[i]++;
}

static bool is_pet(const rgq_dicom_slice *s)
{
    return strcmp(s->class_uid, RGQ_DICOM_PET_UID) == 0;
}

/* A damaged file stops the run, unless it is known to belong to a series nobody asked for. */
static rgq_status read_one(found_files *f, size_t i, const char *wanted, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    rgq_dicom_sniff sniff;
    rgq_dicom_slice slice;
    rgq_error found = RGQ_ERROR_INIT;

    RGQ_PASS(err, rgq_path_join(path, f->folder, f->names.name[i], err));
    RGQ_PASS(err, rgq_dicom_sniff_file(&sniff, path, err));
    if (!sniff.is_dicom) {
        if (f->n_foreign++ == 0)
            f->foreign = i;
        return RGQ_OK;
    }
    const rgq_status st = rgq_dicom_slice_read(&slice, path, &found);
    if (st != RGQ_OK && wanted != NULL && slice.series_uid[0] != '\0' &&
        strcmp(slice.series_uid, wanted) != 0)
        return RGQ_OK;
    if (st != RGQ_OK) {
        if (err != NULL)
            *err = found;
        return st;
    }
    if (!is_pet(&slice)) {
        count_other(f, slice.class_uid[0] != '\0' ? slice.class_uid : "without a SOP class");
        return RGQ_OK;
    }
    if (f->n_slices == f->capacity) {
        const size_t grown = f->capacity > 0 ? 2 * f->capacity : 64;
        RGQ_PASS(err, rgq_realloc(&f->slice, grown, sizeof *f->slice, err));
        f->capacity = grown;
    }
    slice.file = i;
    f->slice[f->n_slices++] = slice;
    return RGQ_OK;
}

/* Names no person: a file name may, so it is cleaned of nothing but shown only for errors. */
static rgq_status scan_folder(found_files *f, const char *wanted, const rgq_log *log,
                              rgq_error *err)
{
    RGQ_PASS(err, rgq_folder_list(&f->names, f->folder, err));
    for (size_t i = 0; i < f->names.count; i++) {
        const rgq_status st = read_one(f, i, wanted, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "%s: ", f->names.name[i]);
            rgq_error_push(err, __func__, __LINE__);
            return st;
        }
        rgq_log_progress(log, "reading DICOM headers",
                         (double)(i + 1) / (double)f->names.count);
    }
    if (f->n_foreign > 0)
        RGQ_INFO(log, "%zu file%s ignored, not DICOM (%s%s)", f->n_foreign,
                 f->n_foreign == 1 ? "" : "s", f->names.name[f->foreign],
                 f->n_foreign == 1 ? "" : ", ...");
    for (size_t k = 0; k < f->n_kinds; k++)
        RGQ_INFO(log, "%zu DICOM file%s ignored: %s%s", f->n_other[k],
                 f->n_other[k] == 1 ? "" : "s", rgq_dicom_class_name(f->other_uid[k]),
                 k + 1 == KINDS_MAX ? " and others" : "");
    return RGQ_OK;
}

static bool is_later_work(const char *uid)
{
    static const char *const kinds[] = {
        "1.2.840.10008.5.1.4.1.1.20",    /* NM */
        "1.2.840.10008.5.1.4.1.1.130",   /* Enhanced PET */
        "1.2.840.10008.5.1.4.1.1.128.1", /* Legacy Converted Enhanced PET */
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(uid, kinds[i]) == 0)
            return true;
    return false;
}

static rgq_status refuse_none(const found_files *f, rgq_error *err)
{
    size_t others = 0;

    for (size_t k = 0; k < f->n_kinds; k++) {
        others += f->n_other[k];
        if (is_later_work(f->other_uid[k]))
            return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                             "%s holds %zu image%s of kind %s, which cannot be read; classic "
                             "single-frame PET (%s) is needed",
                             f->folder, f->n_other[k], f->n_other[k] == 1 ? "" : "s",
                             rgq_dicom_class_name(f->other_uid[k]),
                             rgq_dicom_class_name(RGQ_DICOM_PET_UID));
    }
    if (others == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s holds no DICOM file", f->folder);
    return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                     "%s holds no PET image, but %zu DICOM file%s of other kinds (%s%s)",
                     f->folder, others, others == 1 ? "" : "s",
                     rgq_dicom_class_name(f->other_uid[0]), f->n_kinds > 1 ? ", ..." : "");
}

static size_t count_series(const found_files *f, const char *uid)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_slices; i++)
        n += strcmp(f->slice[i].series_uid, uid) == 0;
    return n;
}

static bool is_first_of_series(const found_files *f, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(f->slice[j].series_uid, f->slice[i].series_uid) == 0)
            return false;
    return true;
}

/* "UID (47 slices of 128 x 128); ..." */
static void list_series(rgq_text *text, const found_files *f)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_slices; i++) {
        const rgq_dicom_slice *s = &f->slice[i];
        if (!is_first_of_series(f, i))
            continue;
        if (++n > SERIES_LISTED) {
            rgq_text_printf(text, "; ...");
            return;
        }
        rgq_text_printf(text, "%s%s (%zu slices of %d x %d)", n > 1 ? "; " : "",
                        s->series_uid[0] != '\0' ? s->series_uid : "no UID",
                        count_series(f, s->series_uid), s->columns, s->rows);
    }
}

static rgq_status refuse_choice(const found_files *f, const char *wanted, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text list = RGQ_TEXT_INIT;

    list_series(&list, f);
    RGQ_TRY(err, rgq_text_check(&list, err));
    if (wanted != NULL)
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT, "no PET series %.70s in the folder; there is %s",
                       wanted, list.data);
    else
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                       "several PET series; choose one with --series UID: %s", list.data);
out:
    rgq_text_release(&list);
    return st;
}

/* Keep the slices of one series. */
static rgq_status choose_series(found_files *f, const char *wanted, rgq_error *err)
{
    char uid[RGQ_DICOM_UID_MAX];
    size_t kept = 0;

    if (f->n_slices == 0)
        return refuse_none(f, err);
    const char *pick = wanted != NULL ? wanted : f->slice[0].series_uid;
    const size_t count = count_series(f, pick);
    if (count == 0 || (wanted == NULL && count < f->n_slices))
        return refuse_choice(f, wanted, err);
    rgq_text_copy(uid, sizeof uid, pick);
    for (size_t i = 0; i < f->n_slices; i++)
        if (strcmp(f->slice[i].series_uid, uid) == 0)
            f->slice[kept++] = f->slice[i];
    f->n_slices = kept;
    return RGQ_OK;
}

/* The series of the file the user named, which may be no PET image. */
static rgq_status named_series(char uid[RGQ_DICOM_UID_MAX], const char *path, rgq_error *err)
{
    const char *name = rgq_path_base(path);
    rgq_dicom_slice slice;

    const rgq_status st = rgq_dicom_slice_read(&slice, path, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "%s: ", path);
        rgq_error_push(err, __func__, __LINE__);
        return st;
    }
    rgq_text_copy(uid, RGQ_DICOM_UID_MAX, slice.series_uid);
    if (is_pet(&slice))
        return RGQ_OK;
    if (is_later_work(slice.class_uid))
        return RGQ_RAISE(
            err, RGQ_E_UNSUPPORTED,
            "%s is of kind %s, which cannot be read; classic single-frame PET (%s) "
            "is needed",
            name, rgq_dicom_class_name(slice.class_uid),
            rgq_dicom_class_name(RGQ_DICOM_PET_UID));
    return RGQ_RAISE(
        err, RGQ_E_UNSUPPORTED, "%s is of kind %s; a PET image (%s) is needed", name,
        slice.class_uid[0] != '\0' ? rgq_dicom_class_name(slice.class_uid) : "unknown",
        rgq_dicom_class_name(RGQ_DICOM_PET_UID));
}

static void split_path(char folder[RGQ_PATH_MAX], const char *path)
{
    const size_t length = (size_t)(rgq_path_base(path) - path);
    rgq_text_copy(folder, RGQ_PATH_MAX, length > 0 ? path : ".");
    if (length > 0 && length < RGQ_PATH_MAX)
        folder[length] = '\0';
}

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

static rgq_status read_voxels(rgq_scan *scan, const found_files *f, const rgq_log *log,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    unsigned char *work = NULL;
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    const size_t plane = (size_t)grid->n[0] * (size_t)grid->n[1];
    const size_t n_z = (size_t)grid->n[2];

    RGQ_TRY(err, rgq_alloc(&work, plane, 4, err));
    for (size_t i = 0; i < f->n_slices; i++) {
        char path[RGQ_PATH_MAX];
        const rgq_dicom_slice *s = &f->slice[i];
        float *to = rgq_volume_data(scan->volume, (int)(i / n_z)) + i % n_z * plane;
        RGQ_TRY(err, rgq_path_join(path, f->folder, f->names.name[s->file], err));
        st = rgq_dicom_pixels_read(to, work, s, path, err);
        if (st != RGQ_OK) {
            rgq_error_prefix(err, "%s: ", f->names.name[s->file]);
            goto out;
        }
        rgq_log_progress(log, "reading DICOM pixels", (double)(i + 1) / (double)f->n_slices);
    }
out:
    rgq_free(work);
    return st;
}

/* The clock time that frames count from: the injection where its date is stated. An injection
 * after the scan (dates shifted apart by an anonymiser) is no origin to count from. */
static void set_time_zero(rgq_scan_facts *f)
{
    const rgq_fact *zero = &f->acquisition_time_s;
    if (f->injection_time_s.known && f->injection_date_known.value > 0.0 &&
        !(f->injection_time_s.value > zero->value))
        zero = &f->injection_time_s;
    else if (f->series_time_s.known)
        zero = &f->series_time_s;
    if (zero->known)
        rgq_fact_set(&f->time_zero_s, zero->value, zero->origin);
}

static rgq_status set_times(rgq_scan *scan, const found_files *f, rgq_error *err)
{
    const size_t n_z = (size_t)rgq_volume_grid(scan->volume)->n[2];
    double earliest_s = (double)INFINITY;

    RGQ_PASS(err, rgq_alloc(&scan->slice_time, f->n_slices, sizeof *scan->slice_time, err));
    for (size_t i = 0; i < f->n_slices; i++) {
        const rgq_dicom_slice *s = &f->slice[i];
        scan->slice_time[i] = (rgq_slice_time){s->acquisition_s, s->duration_s, s->reference_s};
        earliest_s = fmin(earliest_s, s->acquisition_s);
    }
    rgq_fact_set(&scan->facts.acquisition_time_s, earliest_s,
                 "(0008,0022) AcquisitionDate and (0008,0032) AcquisitionTime");
    set_time_zero(&scan->facts);
    for (int t = 0; t < rgq_volume_n_frames(scan->volume); t++) {
        rgq_frame frame = {(double)NAN, (double)NAN};
        double start_s = (double)INFINITY;
        for (size_t k = 0; k < n_z; k++) {
            const rgq_slice_time *at = &scan->slice_time[(size_t)t * n_z + k];
            if (at->acquisition_s < start_s) {
                start_s = at->acquisition_s;
                frame.duration_s = at->duration_s;
            }
        }
        if (isfinite(start_s) && scan->facts.time_zero_s.known)
            frame.start_s = start_s - scan->facts.time_zero_s.value;
        rgq_volume_set_frame(scan->volume, t, frame);
    }
    return RGQ_OK;
}

static void tell_doubts(const found_files *f, size_t n_z, const rgq_log *log)
{
    size_t shifted = 0;
    size_t no_slope = 0;

    for (size_t i = 0; i < f->n_slices; i++) {
        shifted += f->slice[i].intercept != 0.0;
        no_slope += f->slice[i].slope_missing;
    }
    if (shifted > 0)
        RGQ_WARN(
            log,
            "(0028,1052) RescaleIntercept is not 0 in %zu of %zu slices (%g in the first); "
            "PET demands 0; it was applied",
            shifted, f->n_slices, f->slice[0].intercept);
    if (no_slope > 0)
        RGQ_WARN(log, "(0028,1053) RescaleSlope is missing in %zu of %zu slices; 1 was taken",
                 no_slope, f->n_slices);
    const int stated = f->slice[0].n_slices_stated;
    if (stated > 0 && (size_t)stated != n_z)
        RGQ_WARN(log,
                 "(0054,0081) NumberOfSlices is %d, the series here has %zu positions: slices "
                 "may lack at its ends",
                 stated, n_z);
}

static rgq_status build_scan(rgq_scan *scan, found_files *f, const rgq_log *log, rgq_error *err)
{
    rgq_grid grid;
    char path[RGQ_PATH_MAX];
    int n_frames = 1;

    RGQ_PASS(err, rgq_dicom_series_arrange(&grid, &n_frames, f->slice, f->n_slices, &f->names,
                                           log, err));
    tell_doubts(f, (size_t)grid.n[2], log);
    RGQ_PASS(err, rgq_path_join(path, f->folder, f->names.name[f->slice[0].file], err));
    RGQ_PASS(err, rgq_dicom_facts_read(scan, path, log, err));
    RGQ_PASS(err,
             rgq_volume_create(&scan->volume, &grid, n_frames, unit_of(&scan->facts), err));
    RGQ_PASS(err, read_voxels(scan, f, log, err));
    RGQ_PASS(err, set_times(scan, f, err));
    rgq_text_copy(scan->format, sizeof scan->format, "DICOM PET");
    scan->n_files = (int)f->n_slices;
    for (size_t i = 0; i < f->n_slices; i++)
        scan->identifiers_present |= f->slice[i].identifiers;
    return RGQ_OK;
}

rgq_status rgq_dicom_read(rgq_scan *out, const char *path, const char *series_uid,
                          const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_scan scan = {0};
    found_files *f = NULL;
    char uid[RGQ_DICOM_UID_MAX];
    const char *wanted = series_uid;

    RGQ_TRY(err, rgq_alloc(&f, 1, sizeof *f, err));
    if (strlen(path) >= RGQ_PATH_MAX) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", path);
        goto out;
    }
    if (rgq_path_is_folder(path)) {
        rgq_text_copy(f->folder, sizeof f->folder, path);
    } else {
        RGQ_TRY(err, named_series(uid, path, err));
        split_path(f->folder, path);
        wanted = series_uid != NULL ? series_uid : uid;
    }
    RGQ_TRY(err, scan_folder(f, wanted, log, err));
    RGQ_TRY(err, choose_series(f, wanted, err));
    RGQ_TRY(err, build_scan(&scan, f, log, err));
    *out = scan;
    scan = (rgq_scan){0};
out:
    if (f != NULL)
        release_files(f);
    rgq_free(f);
    rgq_scan_release(&scan);
    return st;
}
