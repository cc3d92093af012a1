/* Deflated Explicit VR Little Endian: group 0002 as it is, everything after it one raw deflate
 * stream. It is written out before anything looks into it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/dicom_file.h"

enum { BLOCK = 65536 };

/* A temporary file is made of it: more than any scan in one file has. */
static const long long INFLATED_MAX = 4LL << 30;

/* An element of group 0002 with a UID in it, padded to an even length; the bytes it takes. */
static size_t put_uid(unsigned char *at, unsigned char element, const char *uid)
{
    const unsigned char head[6] = {2, 0, element, 0, 'U', 'I'};
    const size_t length = strlen(uid);
    const size_t padded = length + length % 2;

    memcpy(at, head, sizeof head);
    at[6] = (unsigned char)padded;
    for (size_t i = 0; i < length; i++)
        at[8 + i] = (unsigned char)uid[i];
    return 8 + padded;
}

/* Explicit VR Little Endian with the two UIDs a reader needs and no more. */
static void write_meta(FILE *to, const char *class_uid)
{
    static const unsigned char first[16] = {'D', 'I', 'C', 'M', 2, 0, 0, 0, 'U', 'L', 4, 0};
    unsigned char meta[512] = {0}; /* 144 and two UIDs */
    const size_t head = 128 + sizeof first;
    size_t size = head;

    memcpy(meta + 128, first, sizeof first);
    size += put_uid(meta + size, 0x02, class_uid);
    size += put_uid(meta + size, 0x10, "1.2.840.10008.1.2.1");
    meta[head - 4] = (unsigned char)(size - head);
    (void)fwrite(meta, 1, size, to);
}

typedef struct inflater {
    z_stream z;
    unsigned char in[BLOCK], out[BLOCK];
} inflater;

static rgq_status inflate_rest(inflater *w, FILE *from, FILE *to, rgq_error *err)
{
    long long written = 0;
    int end = Z_OK;

    while (end != Z_STREAM_END) {
        if (w->z.avail_in == 0) {
            w->z.next_in = w->in;
            w->z.avail_in = (uInt)fread(w->in, 1, BLOCK, from);
            if (w->z.avail_in == 0)
                return RGQ_RAISE(err, RGQ_E_FORMAT,
                                 "the deflated data set is cut short after %lld bytes",
                                 written);
        }
        w->z.next_out = w->out;
        w->z.avail_out = BLOCK;
        end = inflate(&w->z, Z_NO_FLUSH);
        if (end != Z_OK && end != Z_STREAM_END && end != Z_BUF_ERROR)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "the deflated data set is damaged after %lld bytes", written);
        const size_t got = BLOCK - w->z.avail_out;
        written += (long long)got;
        if (written > INFLATED_MAX)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "the deflated data set unfolds to more than %lld bytes",
                             INFLATED_MAX);
        if (fwrite(w->out, 1, got, to) != got)
            return RGQ_RAISE(err, RGQ_E_IO,
                             "no room for %lld bytes of an inflated data set in the folder for "
                             "temporary files: %s",
                             written, strerror(errno));
    }
    return RGQ_OK;
}

static rgq_status inflate_file(FILE *to, const char *path, const rgq_dicom_sniff *sniff,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    inflater *work = NULL;
    bool is_started = false;
    FILE *from = fopen(path, "rb");

    if (from == NULL)
        return RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
    RGQ_TRY(err, rgq_alloc(&work, 1, sizeof *work, err));
    if (fseeko(from, (off_t)sniff->dataset_at, SEEK_SET) != 0) {
        st = RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
        goto out;
    }
    is_started = inflateInit2(&work->z, -MAX_WBITS) == Z_OK;
    if (!is_started) {
        st = RGQ_RAISE(err, RGQ_E_NOMEM, "memory to inflate a file could not be had");
        goto out;
    }
    write_meta(to, sniff->class_uid);
    RGQ_TRY(err, inflate_rest(work, from, to, err));
out:
    if (is_started)
        (void)inflateEnd(&work->z);
    rgq_free(work);
    (void)fclose(from);
    return st;
}

static rgq_status inflate_to(char out[RGQ_PATH_MAX], const char *path,
                             const rgq_dicom_sniff *sniff, rgq_error *err)
{
    const char *folder = getenv("TMPDIR");

    RGQ_PASS(err, rgq_path_join(out, folder != NULL && folder[0] != '\0' ? folder : "/tmp",
                                "rgdquant-XXXXXX", err));
    const int fd = mkstemp(out);
    FILE *to = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (to == NULL) {
        const rgq_status st = RGQ_RAISE(err, RGQ_E_IO, "a temporary file %s cannot be made: %s",
                                        out, strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
            (void)unlink(out);
        }
        return st;
    }
    rgq_status st = inflate_file(to, path, sniff, err);
    if (fclose(to) != 0 && st == RGQ_OK)
        st = RGQ_RAISE(err, RGQ_E_IO, "%s: %s", out, strerror(errno));
    if (st != RGQ_OK)
        (void)unlink(out);
    return st;
}

rgq_status rgq_dicom_plain(char out[RGQ_PATH_MAX], bool *is_temporary, rgq_dicom_sniff *sniff,
                           const char *path, rgq_error *err)
{
    *is_temporary = false;
    rgq_text_copy(out, RGQ_PATH_MAX, path);
    if (strcmp(sniff->syntax_uid, "1.2.840.10008.1.2.1.99") != 0)
        return RGQ_OK;
    RGQ_PASS(err, inflate_to(out, path, sniff, err));
    *is_temporary = true;
    const rgq_status st = rgq_dicom_sniff_file(sniff, out, err);
    if (st != RGQ_OK)
        rgq_dicom_plain_release(out, true);
    return st;
}

void rgq_dicom_plain_release(const char *plain, bool is_temporary)
{
    if (is_temporary)
        (void)unlink(plain);
}
