#include <errno.h>
#include <math.h>
#include <nifti2_io.h>
#include <string.h>
#include <zlib.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "io/nifti.h"
#include "io/samples.h"

/* 348 bytes of header and 4 that say that no extension follows. */
enum { HEADER_BYTES = 352, CHUNK_VOXELS = 1 << 18 };

/* Where each field lies is fixed by nifti1.h; written byte by byte, the file does not depend
 * on the byte order or the padding of this machine. */
enum {
    AT_SIZEOF_HDR = 0,
    AT_REGULAR = 38,
    AT_DIM = 40,
    AT_DATATYPE = 70,
    AT_BITPIX = 72,
    AT_PIXDIM = 76,
    AT_VOX_OFFSET = 108,
    AT_SCL_SLOPE = 112,
    AT_XYZT_UNITS = 123,
    AT_TOFFSET = 136,
    AT_DESCRIP = 148,
    AT_QFORM_CODE = 252,
    AT_SFORM_CODE = 254,
    AT_QUATERN = 256, /* b c d, then the offsets x y z */
    AT_SROW = 280,
    AT_MAGIC = 344,
};

static void put_16(unsigned char *to, int value)
{
    const uint16_t bits = (uint16_t)(int16_t)value;
    to[0] = (unsigned char)(bits & 0xff);
    to[1] = (unsigned char)(bits >> 8);
}

static void put_32(unsigned char *to, uint32_t bits)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(bits >> (8 * i) & 0xff);
}

static void put_real(unsigned char *to, double value)
{
    const float narrow = (float)value;
    uint32_t bits = 0;

    memcpy(&bits, &narrow, sizeof bits);
    put_32(to, bits);
}

/* Item `i` of an array of fields. */
static unsigned char *item(unsigned char *header, int at, int width, int i)
{
    return header + (size_t)at + (size_t)width * (size_t)i;
}

static void put_place(unsigned char *header, const rgq_grid *grid)
{
    nifti_dmat44 m;
    double q[6] = {0};
    double spacing[3];
    double qfac = 1.0;

    memset(&m, 0, sizeof m);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++) {
            m.m[r][c] = grid->affine[r][c];
            put_real(item(header, AT_SROW, 4, 4 * r + c), grid->affine[r][c]);
        }
    m.m[3][3] = 1.0;
    put_16(header + AT_SFORM_CODE, NIFTI_XFORM_SCANNER_ANAT);
    rgq_grid_spacing_mm(grid, spacing);
    if (rgq_grid_is_orthogonal(grid)) {
        nifti_dmat44_to_quatern(m, &q[0], &q[1], &q[2], &q[3], &q[4], &q[5], NULL, NULL, NULL,
                                &qfac);
        for (int i = 0; i < 6; i++)
            put_real(item(header, AT_QUATERN, 4, i), q[i]);
        put_16(header + AT_QFORM_CODE, NIFTI_XFORM_SCANNER_ANAT);
    }
    put_real(header + AT_PIXDIM, qfac);
    for (int i = 0; i < 3; i++)
        put_real(item(header, AT_PIXDIM, 4, i + 1), spacing[i]);
}

/* The header has one duration for all frames, which follow each other; the side file has them
 * all. 0 where that does not fit, up to a microsecond. */
static double common_duration(const rgq_volume *volume)
{
    const rgq_frame first = rgq_volume_frame(volume, 0);

    for (int f = 1; f < rgq_volume_n_frames(volume); f++) {
        const rgq_frame frame = rgq_volume_frame(volume, f);
        if (frame.duration_s != first.duration_s ||
            !(fabs(frame.start_s - first.start_s - f * first.duration_s) < 1e-6))
            return 0.0;
    }
    return isfinite(first.duration_s) ? first.duration_s : 0.0;
}

static void fill_header(unsigned char *header, const rgq_grid *grid,
                        const rgq_nifti_voxels *voxels, int datatype, const char *description)
{
    const int n_frames = voxels->volume != NULL ? rgq_volume_n_frames(voxels->volume) : 1;

    memset(header, 0, HEADER_BYTES);
    put_32(header + AT_SIZEOF_HDR, 348);
    header[AT_REGULAR] = 'r';
    put_16(header + AT_DIM, n_frames > 1 ? 4 : 3);
    for (int i = 0; i < 3; i++)
        put_16(item(header, AT_DIM, 2, i + 1), grid->n[i]);
    put_16(header + AT_DIM + 8, n_frames);
    for (int i = 5; i < 8; i++)
        put_16(item(header, AT_DIM, 2, i), 1);
    put_16(header + AT_DATATYPE, datatype);
    put_16(header + AT_BITPIX, datatype == NIFTI_TYPE_INT16 ? 16 : 32);
    put_place(header, grid);
    if (n_frames > 1 && common_duration(voxels->volume) > 0.0) {
        put_real(header + AT_PIXDIM + 16, common_duration(voxels->volume));
        put_real(header + AT_TOFFSET, rgq_volume_frame(voxels->volume, 0).start_s);
    }
    put_real(header + AT_VOX_OFFSET, HEADER_BYTES);
    put_real(header + AT_SCL_SLOPE, 1.0);
    header[AT_XYZT_UNITS] = NIFTI_UNITS_MM | NIFTI_UNITS_SEC;
    if (description != NULL)
        rgq_text_copy((char *)header + AT_DESCRIP, 80, description);
    memcpy(header + AT_MAGIC, "n+1", 4);
}

/* An output; compressed or not, zlib's mode "T" passes bytes through. */
static rgq_status send(gzFile file, const void *bytes, size_t length, rgq_error *err)
{
    if (length > 0 && gzwrite(file, bytes, (unsigned)length) != (int)length)
        return RGQ_RAISE(err, RGQ_E_IO, "cannot write: %s",
                         errno != 0 ? strerror(errno) : "the medium is full");
    return RGQ_OK;
}

static rgq_status send_floats(gzFile file, const rgq_volume *volume, unsigned char *buffer,
                              rgq_error *err)
{
    const size_t count = rgq_volume_count(volume);

    for (int f = 0; f < rgq_volume_n_frames(volume); f++) {
        const float *from = rgq_volume_cdata(volume, f);
        for (size_t at = 0; at < count; at += CHUNK_VOXELS) {
            const size_t n = count - at < CHUNK_VOXELS ? count - at : CHUNK_VOXELS;
            memcpy(buffer, from + at, n * 4);
            if (!rgq_is_little_endian())
                rgq_samples_swap(buffer, n, 4);
            RGQ_PASS(err, send(file, buffer, n * 4, err));
        }
    }
    return RGQ_OK;
}

static rgq_status send_labels(gzFile file, const int32_t *labels, size_t count, int datatype,
                              unsigned char *buffer, rgq_error *err)
{
    const size_t width = datatype == NIFTI_TYPE_INT16 ? 2 : 4;

    for (size_t at = 0; at < count; at += CHUNK_VOXELS) {
        const size_t n = count - at < CHUNK_VOXELS ? count - at : CHUNK_VOXELS;
        for (size_t i = 0; i < n; i++) {
            if (width == 2)
                put_16(buffer + 2 * i, labels[at + i]);
            else
                put_32(buffer + 4 * i, (uint32_t)labels[at + i]);
        }
        RGQ_PASS(err, send(file, buffer, n * width, err));
    }
    return RGQ_OK;
}

static int type_for_labels(const int32_t *labels, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (labels[i] > INT16_MAX || labels[i] < INT16_MIN)
            return NIFTI_TYPE_INT32;
    return NIFTI_TYPE_INT16;
}

static rgq_status write_to(const char *path, const rgq_grid *grid,
                           const rgq_nifti_voxels *voxels, const char *description,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    unsigned char header[HEADER_BYTES];
    unsigned char *buffer = NULL;
    const size_t count = rgq_grid_count(grid);
    gzFile file = NULL;
    const int datatype =
        voxels->volume != NULL ? NIFTI_TYPE_FLOAT32 : type_for_labels(voxels->labels, count);

    RGQ_TRY(err, rgq_alloc(&buffer, CHUNK_VOXELS, 4, err));
    errno = 0;
    file = gzopen(path, rgq_text_ends_with(path, ".gz") ? "wb1" : "wbT");
    if (file == NULL) {
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot write: %s", strerror(errno));
        goto out;
    }
    (void)gzbuffer(file, 1 << 17);
    fill_header(header, grid, voxels, datatype, description);
    RGQ_TRY(err, send(file, header, sizeof header, err));
    if (voxels->volume != NULL)
        RGQ_TRY(err, send_floats(file, voxels->volume, buffer, err));
    else
        RGQ_TRY(err, send_labels(file, voxels->labels, count, datatype, buffer, err));
out:
    rgq_free(buffer);
    if (file != NULL && gzclose(file) != Z_OK && st == RGQ_OK)
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot write: %s",
                       errno != 0 ? strerror(errno) : "the medium is full");
    return st;
}

rgq_status rgq_nifti_write(const char *path, const rgq_grid *grid,
                           const rgq_nifti_voxels *voxels, const char *description, bool force,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_outfile out = {.pending = false};

    if (!rgq_text_ends_with(path, ".nii") && !rgq_text_ends_with(path, ".nii.gz"))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s: a NIfTI file is named .nii or .nii.gz",
                         path);
    RGQ_TRY(err, rgq_grid_check(grid, err));
    RGQ_TRY(err, rgq_outfile_begin(&out, path, force, err));
    st = write_to(out.temp, grid, voxels, description, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "%s: ", path);
        goto out;
    }
    RGQ_TRY(err, rgq_outfile_commit(&out, err));
out:
    rgq_outfile_abandon(&out);
    return st;
}
