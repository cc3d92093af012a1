/* Exports often hold an image twice: copied into a second folder, or sent again. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/dicom_file.h"

static int by_identity(const void *a, const void *b)
{
    const rgq_dicom_slice *x = a;
    const rgq_dicom_slice *y = b;
    int order = strcmp(x->instance_uid, y->instance_uid);

    if (order == 0)
        order = (x->frame > y->frame) - (x->frame < y->frame);
    for (int c = 0; order == 0 && c < 3; c++)
        order =
            (x->position_mm[c] > y->position_mm[c]) - (x->position_mm[c] < y->position_mm[c]);
    return order != 0 ? order : (x->file > y->file) - (x->file < y->file);
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* Is all that is known before the pixels are read the same? */
static bool same_header(const rgq_dicom_slice *a, const rgq_dicom_slice *b)
{
    bool is_same = a->file != b->file && a->instance_uid[0] != '\0' &&
                   strcmp(a->instance_uid, b->instance_uid) == 0 && a->frame == b->frame &&
                   a->kind == b->kind && a->rows == b->rows && a->columns == b->columns &&
                   strcmp(a->units, b->units) == 0;

    for (int c = 0; c < 3; c++)
        is_same = is_same && a->position_mm[c] == b->position_mm[c];
    for (int c = 0; c < 6; c++)
        is_same = is_same && a->orientation[c] == b->orientation[c];
    return is_same && same(a->acquisition_s, b->acquisition_s) &&
           same(a->reference_s, b->reference_s) && same(a->duration_s, b->duration_s) &&
           same(a->temporal_index, b->temporal_index) && same(a->image_index, b->image_index);
}

static rgq_status read_slice(float *out, void *work, const rgq_dicom_slice *s,
                             const rgq_dicom_found *f, rgq_error *err)
{
    char path[RGQ_PATH_MAX];
    rgq_dicom_pixels *pixels = NULL;

    RGQ_PASS(err, rgq_path_join(path, f->folder, f->names.name[s->file], err));
    rgq_status st = rgq_dicom_pixels_open(&pixels, s, path, err);
    if (st == RGQ_OK)
        st = rgq_dicom_pixels_read(pixels, out, work, s, err);
    rgq_dicom_pixels_close(pixels);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", f->names.name[s->file]);
    return st;
}

static rgq_status same_voxels(bool *is_same, const rgq_dicom_slice *a, const rgq_dicom_slice *b,
                              const rgq_dicom_found *f, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t plane = (size_t)a->rows * (size_t)a->columns;
    float *voxel = NULL;
    unsigned char *work = NULL;

    RGQ_TRY(err, rgq_alloc(&voxel, 2 * plane, sizeof *voxel, err));
    RGQ_TRY(err, rgq_alloc(&work, plane, 8, err));
    RGQ_TRY(err, read_slice(voxel, work, a, f, err));
    RGQ_TRY(err, read_slice(voxel + plane, work, b, f, err));
    *is_same = memcmp(voxel, voxel + plane, plane * sizeof *voxel) == 0;
out:
    rgq_free(voxel);
    rgq_free(work);
    return st;
}

rgq_status rgq_dicom_copies_drop(rgq_dicom_found *f, const rgq_log *log, rgq_error *err)
{
    rgq_dicom_slice *s = f->list.slice;
    size_t kept = 1;
    const char *example[2] = {NULL, NULL};

    qsort(s, f->list.count, sizeof *s, by_identity);
    for (size_t i = 1; i < f->list.count; i++) {
        bool is_copy = same_header(&s[kept - 1], &s[i]);
        if (is_copy)
            RGQ_PASS(err, same_voxels(&is_copy, &s[kept - 1], &s[i], f, err));
        if (is_copy) {
            example[0] = f->names.name[s[kept - 1].file];
            example[1] = f->names.name[s[i].file];
        } else {
            s[kept++] = s[i];
        }
    }
    const size_t n = f->list.count - kept;
    f->list.count = kept;
    if (n > 0)
        RGQ_WARN(log,
                 "%zu image%s stored twice, with the same SOPInstanceUID, times and voxels "
                 "(%s and %s): one of each is taken",
                 n, n == 1 ? " is" : "s are", example[0], example[1]);
    return RGQ_OK;
}
