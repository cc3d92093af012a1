#include <errno.h>
#include <math.h>
#include <nifti2_io.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "io/nifti.h"
#include "io/nifti_header.h"

enum { CHUNK_BYTES = 1 << 20 };

/* A file on its way in; gzip is undone by zlib, anything else passes through. */
typedef struct input {
    gzFile file;
    uint64_t most; /* bytes it can hold at the very most, whatever its header says */
} input;

/* Deflate makes 258 bytes of 2 bits at best: a factor of 1032. */
static const uint64_t DEFLATE_FACTOR_MAX = 1032;

static rgq_status input_open(input *in, const char *path, rgq_error *err)
{
    struct stat info;
    unsigned char magic[2] = {0, 0};

    *in = (input){NULL, 0};
    if (stat(path, &info) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return RGQ_RAISE(err, RGQ_E_IO, "a regular file was needed");
    FILE *raw = fopen(path, "rb");
    if (raw == NULL)
        return RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
    const size_t got = fread(magic, 1, sizeof magic, raw);
    (void)fclose(raw);
    const bool packed = got == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    in->file = gzopen(path, "rb");
    if (in->file == NULL)
        return RGQ_RAISE(err, errno == 0 ? RGQ_E_NOMEM : RGQ_E_IO, "%s",
                         errno == 0 ? "no memory to decompress" : strerror(errno));
    (void)gzbuffer(in->file, 1 << 17);
    in->most = (uint64_t)info.st_size * (packed ? DEFLATE_FACTOR_MAX : 1);
    return RGQ_OK;
}

static void input_close(input *in)
{
    if (in->file != NULL)
        (void)gzclose(in->file);
    in->file = NULL;
}

/* Up to `size` bytes; fewer at the end of the file. */
static rgq_status input_some(input *in, void *bytes, size_t size, size_t *length,
                             rgq_error *err)
{
    const int n = gzread(in->file, bytes, (unsigned)size);
    int code = Z_OK;

    *length = n > 0 ? (size_t)n : 0;
    const char *why = gzerror(in->file, &code);
    if (code == Z_BUF_ERROR) /* gzip that stops early: the caller sees what is missing */
        return RGQ_OK;
    if (n < 0 || code != Z_OK)
        return RGQ_RAISE(err, code == Z_ERRNO ? RGQ_E_IO : RGQ_E_FORMAT,
                         "damaged gzip data: %.120s", why);
    return RGQ_OK;
}

/* Exactly `size` bytes of the voxels. */
static rgq_status input_all(input *in, void *bytes, size_t size, uint64_t done, uint64_t whole,
                            rgq_error *err)
{
    size_t length = 0;

    RGQ_PASS(err, input_some(in, bytes, size, &length, err));
    if (length < size)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the file ends after %llu of %llu bytes of voxels; it is truncated",
                         (unsigned long long)(done + length), (unsigned long long)whole);
    return RGQ_OK;
}

rgq_status rgq_nifti_peek(unsigned char *bytes, size_t *length, size_t size, const char *path,
                          rgq_error *err)
{
    input in;

    *length = 0;
    rgq_status st = input_open(&in, path, err);
    if (st == RGQ_OK && input_some(&in, bytes, size, length, NULL) != RGQ_OK)
        *length = 0; /* begins like gzip but is not: nothing to look at */
    input_close(&in);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", path);
    return st;
}

static void swap_bytes(unsigned char *raw, size_t count, int bytes)
{
    if (bytes == 2)
        nifti_swap_2bytes((int64_t)count, raw);
    else if (bytes == 4)
        nifti_swap_4bytes((int64_t)count, raw);
    else if (bytes == 8)
        nifti_swap_8bytes((int64_t)count, raw);
}

/* One loop a type: the compiler makes vector code of each. `raw` is aligned for any type. */
#define CONVERT(type)                                                                          \
    do {                                                                                       \
        const type *from = (const type *)(const void *)raw;                                    \
        for (size_t i = 0; i < count; i++)                                                     \
            out[i] = (float)(slope * (double)from[i] + inter);                                 \
    } while (0)

static void convert(float *out, const unsigned char *raw, size_t count,
                    const rgq_nifti_header *h)
{
    const double slope = h->slope;
    const double inter = h->inter;

    switch (h->datatype) {
    case NIFTI_TYPE_UINT8:
        CONVERT(uint8_t);
        break;
    case NIFTI_TYPE_INT8:
        CONVERT(int8_t);
        break;
    case NIFTI_TYPE_UINT16:
        CONVERT(uint16_t);
        break;
    case NIFTI_TYPE_INT16:
        CONVERT(int16_t);
        break;
    case NIFTI_TYPE_UINT32:
        CONVERT(uint32_t);
        break;
    case NIFTI_TYPE_INT32:
        CONVERT(int32_t);
        break;
    case NIFTI_TYPE_UINT64:
        CONVERT(uint64_t);
        break;
    case NIFTI_TYPE_INT64:
        CONVERT(int64_t);
        break;
    case NIFTI_TYPE_FLOAT64:
        CONVERT(double);
        break;
    default: /* float32 */
        if (h->scaled)
            CONVERT(float);
        else
            memcpy(out, raw, count * sizeof *out);
    }
}

static bool is_all_finite(const float *values, size_t count)
{
    int bad = 0;
    for (size_t i = 0; i < count; i++)
        bad |= !isfinite(values[i]);
    return bad == 0;
}

/* `*done` counts the bytes of voxels read so far. */
static rgq_status read_frame(float *to, size_t total, input *in, const rgq_nifti_header *h,
                             unsigned char *raw, uint64_t *done, rgq_error *err)
{
    const size_t chunk = CHUNK_BYTES / (size_t)h->bytes;

    for (size_t at = 0; at < total; at += chunk) {
        const size_t count = total - at < chunk ? total - at : chunk;
        const size_t bytes = count * (size_t)h->bytes;
        RGQ_PASS(err, input_all(in, raw, bytes, *done, h->data_bytes, err));
        *done += bytes;
        if (h->swapped)
            swap_bytes(raw, count, h->bytes);
        convert(to + at, raw, count, h);
    }
    return RGQ_OK;
}

/* gzip's checksum is compared where its data end, which is where the voxels end. */
static rgq_status check_end(input *in, rgq_error *err)
{
    unsigned char rest = 0;
    int code = Z_OK;

    const int n = gzread(in->file, &rest, 1);
    (void)gzerror(in->file, &code);
    if (n < 0 || code != Z_OK)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "damaged gzip data: %s",
                         code == Z_BUF_ERROR ? "the file ends before its checksum"
                                             : "the checksum does not fit the data");
    return RGQ_OK;
}

static rgq_status read_voxels(rgq_volume *volume, input *in, const rgq_nifti_header *h,
                              const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    unsigned char *raw = NULL;
    const size_t count = rgq_volume_count(volume);
    uint64_t done = 0;
    bool finite = true;

    RGQ_TRY(err, rgq_alloc(&raw, CHUNK_BYTES, 1, err));
    for (int f = 0; f < h->n_frames; f++) {
        float *to = rgq_volume_data(volume, f);
        RGQ_TRY(err, read_frame(to, count, in, h, raw, &done, err));
        finite = is_all_finite(to, count) && finite;
        rgq_log_progress(log, "reading", (double)(f + 1) / h->n_frames);
    }
    RGQ_TRY(err, check_end(in, err));
    if (!finite)
        RGQ_TRY(err, rgq_volume_check_finite(volume, "in the file", err));
out:
    rgq_free(raw);
    return st;
}

static rgq_status check_length(const input *in, const rgq_nifti_header *h, rgq_error *err)
{
    const uint64_t need = h->vox_offset + h->data_bytes; /* each is < 2^62 */

    if (need > in->most)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the header claims %d x %d x %d x %d voxels of %s from byte %llu on, "
                         "%llu bytes; the file cannot hold more than %llu, it is truncated or "
                         "its header is damaged",
                         h->grid.n[0], h->grid.n[1], h->grid.n[2], h->n_frames,
                         rgq_nifti_type_name(h->datatype), (unsigned long long)h->vox_offset,
                         (unsigned long long)need, (unsigned long long)in->most);
    return RGQ_OK;
}

static rgq_status read_header(rgq_nifti_header *h, input *in, const rgq_log *log,
                              rgq_error *err)
{
    unsigned char bytes[RGQ_NIFTI_HEADER_MAX];
    size_t length = 0;

    RGQ_PASS(err, input_some(in, bytes, sizeof bytes, &length, err));
    return rgq_nifti_header_parse(h, bytes, length, log, err);
}

/* The other half of a pair: same base, first of the two endings that is there. */
static rgq_status find_half(char *out, const char *path, const char *ending, rgq_error *err)
{
    char packed[8];

    RGQ_PASS(err, rgq_nifti_beside(out, path, ending, err));
    if (rgq_path_exists(out))
        return RGQ_OK;
    (void)snprintf(packed, sizeof packed, "%s.gz", ending);
    RGQ_PASS(err, rgq_nifti_beside(out, path, packed, err));
    if (rgq_path_exists(out))
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_IO, "half of a NIfTI pair; its %s file was not found beside it",
                     ending);
}

static rgq_status read_file(rgq_volume **out, rgq_nifti_facts *facts, const char *path,
                            const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char half[RGQ_PATH_MAX];
    rgq_nifti_header h;
    rgq_volume *volume = NULL;
    input in = {NULL, 0};

    if (rgq_text_ends_with(path, ".img") || rgq_text_ends_with(path, ".img.gz")) {
        RGQ_TRY(err, find_half(half, path, ".hdr", err));
        path = half;
    }
    RGQ_TRY(err, input_open(&in, path, err));
    RGQ_TRY(err, read_header(&h, &in, log, err));
    if (h.pair) {
        char image[RGQ_PATH_MAX];
        input_close(&in);
        RGQ_TRY(err, find_half(image, path, ".img", err));
        RGQ_TRY(err, input_open(&in, image, err));
    }
    RGQ_TRY(err, check_length(&in, &h, err));
    if (gzseek(in.file, (z_off_t)h.vox_offset, SEEK_SET) < 0) {
        st = RGQ_RAISE(err, RGQ_E_FORMAT, "the file ends before byte %llu, where voxels begin",
                       (unsigned long long)h.vox_offset);
        goto out;
    }
    RGQ_TRY(err, rgq_volume_create(&volume, &h.grid, h.n_frames, RGQ_UNIT_NATIVE, err));
    RGQ_TRY(err, read_voxels(volume, &in, &h, log, err));
    *facts = (rgq_nifti_facts){.n_files = h.pair ? 2 : 1,
                               .whole_numbers = !h.scaled && h.datatype != NIFTI_TYPE_FLOAT32 &&
                                                h.datatype != NIFTI_TYPE_FLOAT64};
    (void)snprintf(facts->format, sizeof facts->format, "NIfTI-%d", h.version);
    *out = volume;
    volume = NULL;
out:
    rgq_volume_free(volume);
    input_close(&in);
    return st;
}

rgq_status rgq_nifti_read(rgq_volume **out, rgq_nifti_facts *facts, const char *path,
                          const rgq_log *log, rgq_error *err)
{
    rgq_nifti_facts unused;

    *out = NULL;
    const rgq_status st = read_file(out, facts != NULL ? facts : &unused, path, log, err);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", path);
    return st;
}

rgq_status rgq_nifti_beside(char *out, const char *path, const char *ending, rgq_error *err)
{
    static const char *const known[] = {".nii.gz", ".nii",    ".hdr.gz",
                                        ".hdr",    ".img.gz", ".img"};
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (rgq_text_ends_with(path, known[i])) {
            length -= strlen(known[i]);
            break;
        }
    if (length + strlen(ending) >= RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", path);
    (void)snprintf(out, RGQ_PATH_MAX, "%.*s%s", (int)length, path, ending);
    return RGQ_OK;
}
