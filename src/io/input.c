#include "io/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"

/* Deflate makes 258 bytes of 2 bits at best: a factor of 1032. */
static const uint64_t DEFLATE_FACTOR_MAX = 1032;

rgq_status rgq_input_open(rgq_input *in, const char *path, rgq_error *err)
{
    struct stat info;
    unsigned char magic[2] = {0, 0};

    *in = (rgq_input){NULL, 0, false};
    if (stat(path, &info) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return RGQ_RAISE(err, RGQ_E_IO, "a regular file was needed");
    FILE *raw = fopen(path, "rb");
    if (raw == NULL)
        return RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
    const size_t got = fread(magic, 1, sizeof magic, raw);
    (void)fclose(raw);
    in->packed = got == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    in->file = gzopen(path, "rb");
    if (in->file == NULL)
        return RGQ_RAISE(err, errno == 0 ? RGQ_E_NOMEM : RGQ_E_IO, "%s",
                         errno == 0 ? "no memory to decompress" : strerror(errno));
    (void)gzbuffer(in->file, 1 << 17);
    in->most = (uint64_t)info.st_size * (in->packed ? DEFLATE_FACTOR_MAX : 1);
    return RGQ_OK;
}

void rgq_input_close(rgq_input *in)
{
    if (in->file != NULL)
        (void)gzclose(in->file);
    in->file = NULL;
}

rgq_status rgq_input_some(rgq_input *in, void *bytes, size_t size, size_t *length,
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

rgq_status rgq_input_all(rgq_input *in, void *bytes, size_t size, uint64_t done, uint64_t whole,
                         rgq_error *err)
{
    size_t length = 0;

    RGQ_PASS(err, rgq_input_some(in, bytes, size, &length, err));
    if (length < size)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the file ends after %llu of %llu bytes of voxels; it is truncated",
                         (unsigned long long)(done + length), (unsigned long long)whole);
    return RGQ_OK;
}

rgq_status rgq_input_seek(rgq_input *in, uint64_t offset, rgq_error *err)
{
    if (offset > in->most || gzseek(in->file, (z_off_t)offset, SEEK_SET) < 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the file ends before byte %llu, where voxels begin",
                         (unsigned long long)offset);
    return RGQ_OK;
}

/* gzip's checksum is compared where its data end. */
rgq_status rgq_input_end(rgq_input *in, rgq_error *err)
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

rgq_status rgq_input_peek(unsigned char *bytes, size_t *length, size_t size, const char *path,
                          rgq_error *err)
{
    rgq_input in;

    *length = 0;
    rgq_status st = rgq_input_open(&in, path, err);
    if (st == RGQ_OK && rgq_input_some(&in, bytes, size, length, NULL) != RGQ_OK)
        *length = 0; /* begins like gzip but is not: nothing to look at */
    rgq_input_close(&in);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", path);
    return st;
}

bool rgq_path_has_ending(const char *path, const char *ending)
{
    const size_t length = strlen(path);
    const size_t tail = strlen(ending);

    return length >= tail && rgq_text_equal_nocase(path + length - tail, ending);
}

rgq_status rgq_path_beside(char *out, const char *path, const char *ending, rgq_error *err)
{
    static const char *const known[] = {".nii.gz", ".nii",   ".hdr.gz",  ".hdr",      ".img.gz",
                                        ".img",    ".hv.gz", ".hv",      ".h33.gz",   ".h33",
                                        ".v.gz",   ".v",     ".ome.tif", ".ome.tiff", ".tif",
                                        ".tiff",   ".i33"};
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (rgq_path_has_ending(path, known[i])) {
            length -= strlen(known[i]);
            break;
        }
    if (length + strlen(ending) >= RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path %.80s... is too long", path);
    (void)snprintf(out, RGQ_PATH_MAX, "%.*s%s", (int)length, path, ending);
    return RGQ_OK;
}

bool rgq_path_find_beside(char *out, const char *path, const char *ending)
{
    char variant[16];

    for (int i = 0; i < 4; i++) {
        (void)snprintf(variant, sizeof variant, "%s%s", ending, i >= 2 ? ".gz" : "");
        for (char *c = variant; i % 2 == 1 && *c != '\0'; c++)
            if (*c >= 'a' && *c <= 'z')
                *c = (char)(*c - 'a' + 'A');
        if (rgq_path_beside(out, path, variant, NULL) == RGQ_OK && rgq_path_exists(out))
            return true;
    }
    return false;
}
