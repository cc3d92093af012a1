#include "io/interfile_header.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/patient_grid.h"

/* Header, keys and listener, so that helpers need few parameters. */
typedef struct taker {
    rgq_interfile_header *out;
    const rgq_interfile_keys *keys;
    const rgq_log *log;
} taker;

static const double ANY[2] = {-1e30, 1e30};

static const char *get(const taker *t, const char *name)
{
    return rgq_interfile_get(t->keys, name, 1);
}

/* ---- what kind of data ---- */

static rgq_status refuse_several(const taker *t, const char *name, const char *what,
                                 rgq_error *err)
{
    long long count = 1;

    RGQ_PASS(err, rgq_interfile_get_int(&count, t->keys, name, 1,
                                        (const long long[2]){0, 1000000}, err));
    if (count > 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the header describes %lld %s; one volume or one time series was "
                         "needed",
                         count, what);
    return RGQ_OK;
}

static rgq_status check_kind(const taker *t, rgq_error *err)
{
    const char *type = get(t, "typeofdata");
    const char *pet = get(t, "petdatatype");
    const char *status = get(t, "processstatus");
    const char *slices = get(t, "sliceorientation");

    if (pet != NULL && !rgq_interfile_word_is(pet, "image"))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "PET data type is '%.40s': not a volume; reconstruct it first", pet);
    if (rgq_interfile_word_is(status, "acquired"))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "process status is 'acquired': projections, not a volume; reconstruct "
                         "them first");
    if (rgq_interfile_word_is(type, "curve") || rgq_interfile_word_is(type, "roi") ||
        rgq_interfile_word_is(type, "gated"))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED, "type of data is '%.40s': not a volume", type);
    if (rgq_interfile_word_is(type, "tomographic") && status == NULL &&
        get(t, "numberofslices") == NULL && get(t, "numberofprojections") != NULL)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the header describes projections, not a volume; reconstruct them "
                         "first");
    if (slices != NULL && !rgq_interfile_word_is(slices, "transverse"))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "slice orientation is '%.40s'; transverse slices are read", slices);
    RGQ_PASS(err, refuse_several(t, "numberofenergywindows", "energy windows", err));
    RGQ_PASS(err, refuse_several(t, "numberoftimegates", "gates", err));
    RGQ_PASS(err,
             refuse_several(t, "numberofimagedatatypes", "kinds of parametric image", err));
    return refuse_several(t, "numberofgates", "gates", err);
}

/* ---- where the voxels are ---- */

static rgq_status take_data_file(const taker *t, rgq_error *err)
{
    static const long long range[2] = {0, (long long)1 << 60};
    const char *name = get(t, "nameofdatafile");
    long long offset = 0;
    long long block = 0;

    RGQ_PASS(err, rgq_interfile_get_int(&offset, t->keys, "dataoffsetinbytes", 1, range, err));
    RGQ_PASS(err, rgq_interfile_get_int(&block, t->keys, "datastartingblock", 1,
                                        (const long long[2]){0, (long long)1 << 40}, err));
    /* blocks of the standard have 2048 bytes; the other key is exact and goes first */
    t->out->offset = offset > 0 ? (uint64_t)offset : (uint64_t)block * 2048;
    if (name == NULL && t->out->offset == 0)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "the header lacks 'name of data file'; add the name of the file of "
                         "voxels that lies beside it");
    if (name == NULL)
        return RGQ_OK;
    const char *stated = name; /* often a path of the machine that wrote the header */
    for (const char *c = name; *c != '\0'; c++)
        if (*c == '/' || *c == '\\')
            name = c + 1;
    if (*name == '\0' || strcmp(name, "..") == 0 || strcmp(name, ".") == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "'name of data file' is '%.200s'; only a file beside the header is "
                         "read: put it there and name it without its folder",
                         stated);
    if (name != stated && !(name == stated + 2 && stated[0] == '.'))
        RGQ_WARN(t->log,
                 "'name of data file' names a folder; '%.100s' beside the header is read",
                 name);
    if (strlen(name) >= sizeof t->out->data_name)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "'name of data file' has %zu bytes", strlen(name));
    rgq_text_copy(t->out->data_name, sizeof t->out->data_name, name);
    return RGQ_OK;
}

/* ---- what a voxel is ---- */

static const struct {
    const char *word;
    int bytes;
    rgq_sample sample;
} formats[] = {
    {"signed integer", 1, RGQ_SAMPLE_INT8},     {"signed integer", 2, RGQ_SAMPLE_INT16},
    {"signed integer", 4, RGQ_SAMPLE_INT32},    {"signed integer", 8, RGQ_SAMPLE_INT64},
    {"unsigned integer", 1, RGQ_SAMPLE_UINT8},  {"unsigned integer", 2, RGQ_SAMPLE_UINT16},
    {"unsigned integer", 4, RGQ_SAMPLE_UINT32}, {"unsigned integer", 8, RGQ_SAMPLE_UINT64},
    {"float", 4, RGQ_SAMPLE_FLOAT32},           {"float", 8, RGQ_SAMPLE_FLOAT64},
    {"short float", 4, RGQ_SAMPLE_FLOAT32},     {"long float", 8, RGQ_SAMPLE_FLOAT64},
    {"double", 8, RGQ_SAMPLE_FLOAT64},          {"short", 2, RGQ_SAMPLE_INT16},
    {"signed short", 2, RGQ_SAMPLE_INT16},      {"unsigned short", 2, RGQ_SAMPLE_UINT16},
    {"unsigned char", 1, RGQ_SAMPLE_UINT8},
};

static rgq_status take_format(const taker *t, rgq_error *err)
{
    const char *word = get(t, "numberformat");
    long long bytes = rgq_interfile_word_is(word, "long float") ? 8 : 4;

    if (word == NULL)
        return RGQ_RAISE(err, RGQ_E_MISSING, "the header lacks 'number format'");
    if (get(t, "numberofbytesperpixel") == NULL && strstr(word, "loat") == NULL)
        return RGQ_RAISE(err, RGQ_E_MISSING, "the header lacks 'number of bytes per pixel'");
    RGQ_PASS(err, rgq_interfile_get_int(&bytes, t->keys, "numberofbytesperpixel", 1,
                                        (const long long[2]){1, 16}, err));
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (formats[i].bytes == bytes && rgq_interfile_word_is(word, formats[i].word)) {
            t->out->how.sample = formats[i].sample;
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                     "number format '%.40s' of %lld bytes is not read; signed or unsigned "
                     "integer of 1, 2, 4 or 8 bytes, short float and long float are",
                     word, bytes);
}

static rgq_status take_order(const taker *t, rgq_error *err)
{
    const char *word = get(t, "imagedatabyteorder");
    const bool little = rgq_interfile_word_is(word, "littleendian");

    if (word != NULL && !little && !rgq_interfile_word_is(word, "bigendian"))
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "imagedata byte order is '%.40s', LITTLEENDIAN or BIGENDIAN was needed", word);
    if (word == NULL && rgq_sample_bytes(t->out->how.sample) > 1)
        RGQ_WARN(t->log, "the header names no imagedata byte order; BIGENDIAN is assumed, as "
                         "Interfile 3.3 says");
    t->out->how.swapped = little != rgq_is_little_endian();
    return RGQ_OK;
}

/* One of the ways to state a factor; two at once would be applied twice somewhere. */
static rgq_status take_scale(const taker *t, rgq_error *err)
{
    const char *quantity = get(t, "quantificationunits");
    double factor = 1.0;
    double calibration = 1.0;

    t->out->how.slope = 1.0;
    if (get(t, "rescaleslope") != NULL) {
        RGQ_PASS(err, rgq_interfile_get_real(&t->out->how.slope, t->keys, "rescaleslope", 1,
                                             ANY, err));
        RGQ_PASS(err, rgq_interfile_get_real(&t->out->how.inter, t->keys, "rescaleintercept", 1,
                                             ANY, err));
    } else if (quantity != NULL && get(t, "imagescalingfactor") == NULL &&
               rgq_parse_real(&factor, quantity, ANY[0], ANY[1], NULL) == RGQ_OK) {
        t->out->how.slope = factor;
    }
    if (t->out->how.slope == 0.0) {
        RGQ_WARN(t->log, "a scaling factor of 0 means that there is none");
        t->out->how.slope = 1.0;
    }
    RGQ_PASS(err,
             rgq_interfile_get_real(&calibration, t->keys, "calibrationfactor", 1, ANY, err));
    if (calibration != 1.0 && calibration > 0.0)
        RGQ_WARN(t->log, "the header's calibration factor %g is not applied", calibration);
    return RGQ_OK;
}

/* ---- grid ---- */

static rgq_status take_counts(const taker *t, rgq_error *err)
{
    static const long long sides[2] = {1, RGQ_GRID_SIDE_MAX};
    static const char *const slice_keys[] = {"numberofslices", "totalnumberofimages",
                                             "numberofimages/energywindow"};
    long long n[3] = {0, 0, 0};
    long long n_frames = 1;
    long long images = 1;

    for (int i = 0; i < 3; i++)
        RGQ_PASS(err, rgq_interfile_get_int(&n[i], t->keys, "matrixsize", i + 1, sides, err));
    RGQ_PASS(err, rgq_interfile_get_int(&n_frames, t->keys, "numberoftimeframes", 1,
                                        (const long long[2]){1, RGQ_FRAMES_MAX}, err));
    for (size_t i = 0; i < 3 && n[2] == 0; i++) {
        RGQ_PASS(err, rgq_interfile_get_int(&n[2], t->keys, slice_keys[i], 1, sides, err));
        if (i > 0 && n[2] % n_frames == 0) /* it counts the slices of every frame */
            n[2] /= n_frames;
    }
    for (int i = 0; i < 3; i++)
        if (n[i] == 0)
            return RGQ_RAISE(err, RGQ_E_MISSING, "the header lacks 'matrix size [%d]'%s", i + 1,
                             i == 2 ? " and 'number of slices'" : "");
    RGQ_PASS(err, rgq_interfile_get_int(&images, t->keys, "matrixsize", 4,
                                        (const long long[2]){1, 1000000}, err));
    if (images > 1 && images != n_frames)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "matrix size [4] is %lld and the number of time frames %lld; a "
                         "fourth axis other than time is not read",
                         images, n_frames);
    t->out->n_frames = (int)n_frames;
    t->out->data_bytes = (uint64_t)n_frames * (uint64_t)rgq_sample_bytes(t->out->how.sample);
    for (int i = 0; i < 3; i++) {
        t->out->grid.n[i] = (int)n[i];
        t->out->data_bytes *= (uint64_t)n[i]; /* < 2^62 within these limits */
    }
    return RGQ_OK;
}

static rgq_status take_spacing(double spacing[3], const taker *t, rgq_error *err)
{
    static const double positive[2] = {1e-6, 1e6};
    static const char *const apart[] = {"centre-centresliceseparation(pixels)",
                                        "center-centersliceseparation(pixels)",
                                        "slicethickness(pixels)"};
    double pixels = 0.0;

    for (int i = 0; i < 3; i++) {
        spacing[i] = 0.0; /* the second spelling is that of Siemens and the HRRT */
        RGQ_PASS(err, rgq_interfile_get_real(&spacing[i], t->keys, "scalefactor(mm/pixel)",
                                             i + 1, positive, err));
        RGQ_PASS(err, rgq_interfile_get_real(&spacing[i], t->keys, "scalingfactor(mm/pixel)",
                                             i + 1, positive, err));
    }
    if (spacing[1] == 0.0 && spacing[0] > 0.0 && t->out->grid.n[0] == t->out->grid.n[1])
        spacing[1] = spacing[0];
    for (size_t i = 0; i < 3 && spacing[2] == 0.0; i++) {
        RGQ_PASS(err, rgq_interfile_get_real(&pixels, t->keys, apart[i], 1, positive, err));
        spacing[2] = pixels * spacing[0];
    }
    for (int i = 0; i < 3; i++)
        if (spacing[i] == 0.0)
            return RGQ_RAISE(err, RGQ_E_MISSING,
                             "the header lacks 'scaling factor (mm/pixel) [%d]', the size of a "
                             "voxel; add the line",
                             i + 1);
    return RGQ_OK;
}

static rgq_status take_position(rgq_patient_position *position, const taker *t, rgq_error *err)
{
    const char *orientation = get(t, "patientorientation");
    const char *rotation = get(t, "patientrotation");
    bool head = rgq_interfile_word_is(orientation, "head in");
    bool supine = rgq_interfile_word_is(rotation, "supine");

    *position = (rgq_patient_position){rgq_interfile_word_is(orientation, "feet in"),
                                       rgq_interfile_word_is(rotation, "prone")};
    /* both in one code, as in DICOM, where Siemens wrote the header */
    if (rgq_interfile_word_is(orientation, "HFDL") ||
        rgq_interfile_word_is(orientation, "HFDR") ||
        rgq_interfile_word_is(orientation, "FFDL") ||
        rgq_interfile_word_is(orientation, "FFDR"))
        return RGQ_RAISE(
            err, RGQ_E_UNSUPPORTED,
            "patient orientation is '%.20s' (decubitus); supine and prone are read",
            orientation);
    for (size_t i = 0; i < 4; i++) {
        static const char *const codes[] = {"HFS", "HFP", "FFS", "FFP"};
        if (!rgq_interfile_word_is(orientation, codes[i]))
            continue;
        *position = (rgq_patient_position){i >= 2, i % 2 == 1};
        head = supine = true;
    }
    if (rgq_interfile_word_is(rotation, "left") || rgq_interfile_word_is(rotation, "right"))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "patient rotation is '%.20s'; supine and prone are read", rotation);
    if ((!head && !position->feet_first) || (!supine && !position->prone))
        RGQ_WARN(t->log, "the header does not say how the patient lies (patient orientation, "
                         "patient rotation); head first and supine is assumed where it is "
                         "silent");
    return RGQ_OK;
}

/* x is the fastest in every dialect; a header that says otherwise is not guessed at. */
static rgq_status check_labels(const taker *t, rgq_error *err)
{
    for (int i = 0; i < 3; i++) {
        const char *label = rgq_interfile_get(t->keys, "matrixaxislabel", i + 1);
        for (int axis = 0; axis < 3; axis++)
            if (axis != i && rgq_interfile_word_is(label, (const char[2]){"xyz"[axis], '\0'}))
                return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                                 "matrix axis label [%d] is '%.20s'; axes in the order x, y, z "
                                 "are read",
                                 i + 1, label);
    }
    return RGQ_OK;
}

static rgq_status take_grid(const taker *t, rgq_error *err)
{
    rgq_patient_position position;
    double spacing[3];
    double first[3];
    bool known = true;

    RGQ_PASS(err, check_labels(t, err));
    RGQ_PASS(err, take_counts(t, err));
    RGQ_PASS(err, take_spacing(spacing, t, err));
    RGQ_PASS(err, take_position(&position, t, err));
    for (int i = 0; i < 3; i++) {
        first[i] = (double)NAN;
        RGQ_PASS(err, rgq_interfile_get_real(&first[i], t->keys, "firstpixeloffset(mm)", i + 1,
                                             (const double[2]){-1e6, 1e6}, err));
        known = known && isfinite(first[i]);
    }
    t->out->grid = rgq_patient_grid(t->out->grid.n, spacing, known ? first : NULL, position);
    return rgq_grid_check(&t->out->grid, err);
}

rgq_status rgq_interfile_header_take(rgq_interfile_header *out, const rgq_interfile_keys *keys,
                                     const rgq_log *log, rgq_error *err)
{
    const taker t = {out, keys, log};

    *out = (rgq_interfile_header){.n_frames = 1};
    RGQ_PASS(err, check_kind(&t, err));
    RGQ_PASS(err, take_data_file(&t, err));
    RGQ_PASS(err, take_format(&t, err));
    RGQ_PASS(err, take_order(&t, err));
    RGQ_PASS(err, take_scale(&t, err));
    return take_grid(&t, err);
}
