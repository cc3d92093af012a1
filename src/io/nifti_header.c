#include "io/nifti_header.h"

#include <math.h>
#include <nifti2_io.h>
#include <string.h>

#include "core/banned.h"
#include "io/analyze.h"
#include "io/nifti.h"
#include "rgdquant/volume.h"

typedef struct voxel_type {
    int code;
    int bytes; /* 0: known, but not read */
    const char *name;
} voxel_type;

static const voxel_type types[] = {
    {NIFTI_TYPE_UINT8, 1, "uint8"},           {NIFTI_TYPE_INT8, 1, "int8"},
    {NIFTI_TYPE_INT16, 2, "int16"},           {NIFTI_TYPE_UINT16, 2, "uint16"},
    {NIFTI_TYPE_INT32, 4, "int32"},           {NIFTI_TYPE_UINT32, 4, "uint32"},
    {NIFTI_TYPE_INT64, 8, "int64"},           {NIFTI_TYPE_UINT64, 8, "uint64"},
    {NIFTI_TYPE_FLOAT32, 4, "float32"},       {NIFTI_TYPE_FLOAT64, 8, "float64"},
    {DT_BINARY, 0, "binary (1 bit)"},         {NIFTI_TYPE_COMPLEX64, 0, "complex64"},
    {NIFTI_TYPE_RGB24, 0, "RGB24"},           {NIFTI_TYPE_FLOAT128, 0, "float128"},
    {NIFTI_TYPE_COMPLEX128, 0, "complex128"}, {NIFTI_TYPE_COMPLEX256, 0, "complex256"},
    {NIFTI_TYPE_RGBA32, 0, "RGBA32"},
};

static const voxel_type *type_of(int code)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i].code == code)
            return &types[i];
    return NULL;
}

const char *rgq_nifti_type_name(int datatype)
{
    const voxel_type *type = type_of(datatype);
    return type != NULL && type->bytes > 0 ? type->name : NULL;
}

/* 1, 2, or 0 if the first number is neither header length in either byte order. */
static int version_of(const unsigned char *bytes, size_t length, bool *swapped)
{
    int32_t size = 0;

    if (length < sizeof(nifti_1_header))
        return 0;
    memcpy(&size, bytes, sizeof size);
    *swapped = size != 348 && size != 540;
    if (*swapped)
        nifti_swap_4bytes(1, &size);
    if (size == 348)
        return 1;
    return size == 540 && length >= sizeof(nifti_2_header) ? 2 : 0;
}

bool rgq_nifti_is(const unsigned char *bytes, size_t length)
{
    bool swapped = false;
    return version_of(bytes, length, &swapped) != 0;
}

/* NIfTI-2 has every field of NIfTI-1 in a type that is at least as wide. */
static nifti_2_header widen(const nifti_1_header *h)
{
    nifti_2_header w;

    memset(&w, 0, sizeof w);
    w.sizeof_hdr = 348;
    w.datatype = h->datatype;
    w.bitpix = h->bitpix;
    for (int i = 0; i < 8; i++) {
        w.dim[i] = h->dim[i];
        w.pixdim[i] = (double)h->pixdim[i];
    }
    w.scl_slope = (double)h->scl_slope;
    w.scl_inter = (double)h->scl_inter;
    w.qform_code = h->qform_code;
    w.sform_code = h->sform_code;
    w.quatern_b = (double)h->quatern_b;
    w.quatern_c = (double)h->quatern_c;
    w.quatern_d = (double)h->quatern_d;
    w.qoffset_x = (double)h->qoffset_x;
    w.qoffset_y = (double)h->qoffset_y;
    w.qoffset_z = (double)h->qoffset_z;
    for (int i = 0; i < 4; i++) {
        w.srow_x[i] = (double)h->srow_x[i];
        w.srow_y[i] = (double)h->srow_y[i];
        w.srow_z[i] = (double)h->srow_z[i];
    }
    w.xyzt_units = (unsigned char)h->xyzt_units;
    return w;
}

/* What these bytes of Analyze 7.5 do not say. scl_slope is where SPM keeps its factor, and
 * scl_inter where SPM2 keeps its offset. */
static void forget_nifti(nifti_2_header *h)
{
    h->datatype = (int16_t)rgq_analyze_datatype(h->datatype);
    h->qform_code = h->sform_code = 0;
    h->xyzt_units = 0;
    if (!isfinite(h->scl_inter))
        h->scl_inter = 0.0;
    for (int i = 3; i < 8; i++) /* written so where there is one */
        h->dim[i] = h->dim[i] == 0 ? 1 : h->dim[i];
}

/* Four bytes after the header say whether an extension follows; files without them are found.
 */
static rgq_status need_offset(uint64_t *out, double found, bool pair, double header_bytes,
                              rgq_error *err)
{
    const double least = pair ? 0.0 : header_bytes;

    if (!pair && found == 0.0) /* some writers leave it out; there is one place it can mean */
        found = header_bytes + 4.0;
    if (!(found >= least) || found > 1e15 || found != floor(found))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "vox_offset is %g, a whole number >= %g was needed",
                         found, least);
    *out = (uint64_t)found;
    return RGQ_OK;
}

/* Into one layout; magic and offset of the voxels are read on the way. */
static rgq_status load(nifti_2_header *h, rgq_nifti_header *out, const unsigned char *bytes,
                       size_t length, rgq_error *err)
{
    out->version = version_of(bytes, length, &out->swapped);
    if (out->version == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "no NIfTI header: it begins with its own length, 348 or 540");
    if (out->version == 2) {
        memcpy(h, bytes, sizeof *h);
        if (out->swapped)
            nifti_swap_as_nifti2(h);
        out->pair = memcmp(h->magic, "ni2", 4) == 0;
        if (!out->pair && memcmp(h->magic, "n+2", 4) != 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "a NIfTI-2 header without its magic word n+2");
        if (memcmp(h->magic + 4, "\r\n\032\n", 4) != 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "line ends were converted in this NIfTI-2 file; copy it again as "
                             "binary");
        return need_offset(&out->vox_offset, (double)h->vox_offset, out->pair, 540.0, err);
    }
    nifti_1_header h1;
    memcpy(&h1, bytes, sizeof h1);
    if (out->swapped)
        nifti_swap_as_nifti1(&h1);
    out->pair = memcmp(h1.magic, "ni1", 4) == 0;
    out->analyze = !out->pair && memcmp(h1.magic, "n+1", 4) != 0;
    out->pair = out->pair || out->analyze;
    *h = widen(&h1);
    if (out->analyze)
        forget_nifti(h);
    return need_offset(&out->vox_offset, (double)h1.vox_offset, out->pair, 348.0, err);
}

static rgq_status take_type(rgq_nifti_header *out, const nifti_2_header *h, rgq_error *err)
{
    const voxel_type *type = type_of(h->datatype);

    if (type == NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "datatype %d is none of NIfTI", (int)h->datatype);
    if (type->bytes == 0)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the voxels are %s; whole numbers of 8 to 64 bits, float32 and "
                         "float64 are read",
                         type->name);
    if (h->bitpix != 0 && h->bitpix != 8 * type->bytes)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "bitpix is %d, but %s has %d bits", (int)h->bitpix,
                         type->name, 8 * type->bytes);
    out->datatype = type->code;
    out->bytes = type->bytes;
    out->scaled = isfinite(h->scl_slope) && h->scl_slope != 0.0;
    out->slope = out->scaled ? h->scl_slope : 1.0;
    out->inter = out->scaled ? h->scl_inter : 0.0;
    if (!isfinite(out->inter))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "scl_inter is not finite while scl_slope is %g",
                         out->slope);
    if (out->slope == 1.0 && out->inter == 0.0)
        out->scaled = false;
    return RGQ_OK;
}

static rgq_status take_dims(rgq_nifti_header *out, const nifti_2_header *h, rgq_error *err)
{
    int64_t dim[8] = {0, 1, 1, 1, 1, 1, 1, 1};

    if (h->dim[0] < 1 || h->dim[0] > 7)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "dim[0] is %lld, 1 to 7 was needed",
                         (long long)h->dim[0]);
    for (int i = 1; i <= h->dim[0]; i++) {
        const int64_t most = i <= 3 ? RGQ_GRID_SIDE_MAX : RGQ_FRAMES_MAX;
        if (i > 3 && h->dim[i] == 0) /* counted in dim[0], but not there */
            continue;
        if (h->dim[i] < 1 || h->dim[i] > most)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "dim[%d] is %lld, 1 to %lld was needed", i,
                             (long long)h->dim[i], (long long)most);
        dim[i] = h->dim[i];
    }
    if (dim[5] > 1 || dim[6] > 1 || dim[7] > 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "%lld x %lld x %lld x %lld values in each voxel; one axis beyond "
                         "space, the frames in dim[4], is read",
                         (long long)dim[4], (long long)dim[5], (long long)dim[6],
                         (long long)dim[7]);
    out->n_frames = (int)dim[4];
    out->data_bytes = (uint64_t)out->n_frames * (uint64_t)out->bytes;
    for (int i = 0; i < 3; i++) {
        out->grid.n[i] = (int)dim[i + 1];
        out->data_bytes *= (uint64_t)dim[i + 1]; /* < 2^61: no overflow within the limits */
    }
    return RGQ_OK;
}

static bool all_finite(const double *values, int count)
{
    for (int i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static rgq_status from_quaternion(double affine[3][4], const nifti_2_header *h, rgq_error *err)
{
    const double q[3] = {h->quatern_b, h->quatern_c, h->quatern_d};
    const double at[3] = {h->qoffset_x, h->qoffset_y, h->qoffset_z};
    const double square = q[0] * q[0] + q[1] * q[1] + q[2] * q[2];

    if (!all_finite(q, 3) || !all_finite(at, 3) || square > 1.001)
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the qform is no rotation: quaternion (%g, %g, %g), offset (%g, %g, "
                         "%g) mm",
                         q[0], q[1], q[2], at[0], at[1], at[2]);
    const nifti_dmat44 m = nifti_quatern_to_dmat44(
        q[0], q[1], q[2], at[0], at[1], at[2], fabs(h->pixdim[1]), fabs(h->pixdim[2]),
        fabs(h->pixdim[3]), h->pixdim[0] < 0.0 ? -1.0 : 1.0);
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++)
            affine[r][c] = m.m[r][c];
    return RGQ_OK;
}

/* What a header can say of frames of one length. A step of 1 is what programs write that know
 * none. */
static void take_step(rgq_nifti_header *out, const nifti_2_header *h)
{
    const int unit = h->xyzt_units & 0x38;
    const double step = h->pixdim[4];
    const double s = unit == NIFTI_UNITS_SEC    ? 1.0
                     : unit == NIFTI_UNITS_MSEC ? 1e-3
                     : unit == NIFTI_UNITS_USEC ? 1e-6
                                                : (double)NAN;

    out->step_s = (double)NAN;
    if (out->n_frames < 2 || isnan(s) || !(step > 0.0 && step < 1e9) || step == 1.0)
        return;
    out->step_s = step * s;
}

static rgq_status need_pixdim(const nifti_2_header *h, rgq_error *err)
{
    for (int i = 1; i <= 3; i++)
        if (!isfinite(h->pixdim[i]) || h->pixdim[i] == 0.0)
            return RGQ_RAISE(err, RGQ_E_GEOMETRY, "pixdim[%d] is %g, a voxel needs a size", i,
                             h->pixdim[i]);
    return RGQ_OK;
}

/* Code 0 (unknown) is written by many programs that mean mm. */
static double unit_mm(int xyzt_units, const rgq_log *log)
{
    switch (xyzt_units & 7) {
    case NIFTI_UNITS_METER:
        return 1000.0;
    case NIFTI_UNITS_MICRON:
        return 0.001;
    case NIFTI_UNITS_MM:
    case NIFTI_UNITS_UNKNOWN:
        return 1.0;
    default:
        RGQ_WARN(log, "unit code %d of the voxel positions is none of NIfTI; mm is assumed",
                 xyzt_units & 7);
        return 1.0;
    }
}

/* Analyze 7.5 has its own rules, and a factor that has to be told: it is SPM's alone. */
static rgq_status place_analyze(rgq_nifti_header *out, const nifti_2_header *h,
                                const unsigned char *bytes, const rgq_log *log, rgq_error *err)
{
    RGQ_PASS(err, need_pixdim(h, err));
    RGQ_PASS(err, rgq_analyze_place(&out->grid, bytes, out->swapped, &h->pixdim[1], log, err));
    if (out->scaled)
        RGQ_WARN(log,
                 "values are stored * %g + %g, the scale factor and the offset SPM keeps in an "
                 "Analyze header",
                 out->slope, out->inter);
    return rgq_grid_check(&out->grid, err);
}

static void take_sform(double affine[3][4], const nifti_2_header *h)
{
    for (int c = 0; c < 4; c++) {
        affine[0][c] = h->srow_x[c];
        affine[1][c] = h->srow_y[c];
        affine[2][c] = h->srow_z[c];
    }
}

/* A code, but no axes: some programs leave the rows empty. */
static bool has_sform(const nifti_2_header *h, const rgq_log *log)
{
    double sum = 0.0;

    if (h->sform_code <= 0)
        return false;
    for (int c = 0; c < 3; c++)
        sum += fabs(h->srow_x[c]) + fabs(h->srow_y[c]) + fabs(h->srow_z[c]);
    if (sum == 0.0)
        RGQ_WARN(log, "the sform (code %d) has no axes, all its rows are 0; %s", h->sform_code,
                 h->qform_code > 0 ? "the qform is used" : "it is left out");
    return sum != 0.0;
}

/* How far apart the two put a corner of the grid, and which of them counts. */
static void compare_forms(const rgq_grid *grid, const nifti_2_header *h, double mm,
                          const rgq_log *log)
{
    double other[3][4];
    double farthest = 0.0;
    double spacing[3];

    if (h->qform_code <= 0 || from_quaternion(other, h, NULL) != RGQ_OK)
        return;
    for (int corner = 0; corner < 8; corner++) {
        double square = 0.0;
        for (int r = 0; r < 3; r++) {
            double apart = grid->affine[r][3] - other[r][3];
            for (int c = 0; c < 3; c++)
                if ((corner >> c & 1) != 0)
                    apart += (grid->n[c] - 1) * (grid->affine[r][c] - other[r][c]);
            square += apart * apart;
        }
        farthest = fmax(farthest, sqrt(square));
    }
    rgq_grid_spacing_mm(grid, spacing);
    if (farthest > 0.1 * fmin(spacing[0], fmin(spacing[1], spacing[2])))
        RGQ_WARN(
            log,
            "sform (code %d) and qform (code %d) put voxels up to %.3g mm apart; the sform "
            "is used",
            h->sform_code, h->qform_code, farthest * mm);
}

static rgq_status take_place(rgq_nifti_header *out, const nifti_2_header *h, const rgq_log *log,
                             rgq_error *err)
{
    double(*affine)[4] = out->grid.affine;
    const double mm = unit_mm(h->xyzt_units, log);

    if (has_sform(h, log)) {
        take_sform(affine, h);
        compare_forms(&out->grid, h, mm, log);
    } else {
        RGQ_PASS(err, need_pixdim(h, err));
        if (h->qform_code > 0) {
            RGQ_PASS(err, from_quaternion(affine, h, err));
        } else {
            for (int i = 0; i < 3; i++)
                affine[i][i] = fabs(h->pixdim[i + 1]);
            RGQ_WARN(log, "the file has neither sform nor qform: voxel sizes are known, but "
                          "left and right, front and back are assumed (RAS)");
        }
    }
    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 4; c++)
            affine[r][c] *= mm;
    return rgq_grid_check(&out->grid, err);
}

rgq_status rgq_nifti_header_parse(rgq_nifti_header *out, const unsigned char *bytes,
                                  size_t length, const rgq_log *log, rgq_error *err)
{
    nifti_2_header h;

    memset(&h, 0, sizeof h);
    *out = (rgq_nifti_header){0};
    RGQ_PASS(err, load(&h, out, bytes, length, err));
    RGQ_PASS(err, take_type(out, &h, err));
    RGQ_PASS(err, take_dims(out, &h, err));
    take_step(out, &h);
    if (!out->analyze && (h.scl_slope == 0.0 || !isfinite(h.scl_slope)) &&
        isfinite(h.scl_inter) && h.scl_inter != 0.0)
        RGQ_WARN(
            log,
            "scl_inter is %g, but scl_slope is %g, which means that values are not scaled; "
            "neither is applied",
            h.scl_inter, h.scl_slope);
    if (out->analyze)
        return place_analyze(out, &h, bytes, log, err);
    return take_place(out, &h, log, err);
}
