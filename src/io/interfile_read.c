#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "io/input.h"
#include "io/interfile.h"
#include "io/interfile_header.h"

enum { HEADER_BYTES_MAX = 1 << 20 };

bool rgq_interfile_is(const unsigned char *bytes, size_t length)
{
    static const char magic[] = "interfile";
    size_t at = length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (at < length && (bytes[at] == ' ' || (bytes[at] >= '\t' && bytes[at] <= '\r')))
        at++;
    if (at < length && bytes[at] == '!')
        at++;
    for (size_t i = 0; i < sizeof magic - 1; i++)
        if (at + i >= length || (bytes[at + i] | 0x20) != (unsigned char)magic[i])
            return false;
    at += sizeof magic - 1;
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t'))
        at++;
    return at + 1 < length && bytes[at] == ':' && bytes[at + 1] == '=';
}

/* The text in front, up to 1 MiB; voxels may follow in the same file. */
static rgq_status read_text(char **out, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_input in = {NULL, 0, false};
    char *text = NULL;
    size_t length = 0;

    RGQ_TRY(err, rgq_input_open(&in, path, err));
    RGQ_TRY(err, rgq_alloc(&text, HEADER_BYTES_MAX + 1, 1, err));
    RGQ_TRY(err, rgq_input_some(&in, text, HEADER_BYTES_MAX, &length, err));
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        memcpy(text, "   ", 3);
    text[length] = '\0';
    *out = text;
    text = NULL;
out:
    rgq_free(text);
    rgq_input_close(&in);
    return st;
}

static rgq_status check_length(const rgq_input *in, const rgq_interfile_header *h,
                               const rgq_interfile_keys *keys, const rgq_log *log,
                               rgq_error *err)
{
    /* frames with places of their own may lie in any order; each is held against the length
     * when it is read */
    const bool apart = rgq_interfile_get(keys, "dataoffsetinbytes", 2) != NULL;
    const uint64_t need = (apart ? 0 : h->offset) + h->data_bytes; /* 2^60 + 2^62 at most */

    if (need > in->most)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "the header claims %d x %d x %d x %d voxels of %s from byte %llu on, "
                         "%llu bytes; the data file cannot hold more than %llu, it is "
                         "truncated or the header is damaged",
                         h->grid.n[0], h->grid.n[1], h->grid.n[2], h->n_frames,
                         rgq_sample_name(h->how.sample), (unsigned long long)h->offset,
                         (unsigned long long)need, (unsigned long long)in->most);
    if (!in->packed && need < in->most && !apart)
        RGQ_WARN(log, "the data file has %llu bytes more than the header accounts for",
                 (unsigned long long)(in->most - need));
    return RGQ_OK;
}

/* The factor of each frame, where the header has them. */
static rgq_status scale_of(double *slope, const rgq_interfile_keys *keys, int frame,
                           rgq_error *err)
{
    static const double range[2] = {-1e30, 1e30};

    RGQ_PASS(err,
             rgq_interfile_get_real(slope, keys, "imagescalingfactor", frame + 1, range, err));
    return RGQ_OK;
}

/* STIR states where each frame begins; the first is in the header already. */
static rgq_status go_to_frame(rgq_input *in, const rgq_interfile_keys *keys, int frame,
                              rgq_error *err)
{
    long long offset = -1;

    RGQ_PASS(err, rgq_interfile_get_int(&offset, keys, "dataoffsetinbytes", frame + 1,
                                        (const long long[2]){0, (long long)1 << 60}, err));
    return offset >= 0 ? rgq_input_seek(in, (uint64_t)offset, err) : RGQ_OK;
}

static rgq_status read_voxels(rgq_volume *volume, rgq_input *in, const rgq_interfile_header *h,
                              const rgq_interfile_keys *keys, const rgq_log *log,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_sample_reader reader = {in, h->how, NULL, 0, h->data_bytes};
    const bool scaled = rgq_interfile_get(keys, "rescaleslope", 1) == NULL &&
                        rgq_interfile_get(keys, "imagescalingfactor", 1) != NULL;
    bool finite = true;

    RGQ_TRY(err, rgq_alloc(&reader.raw, RGQ_SAMPLES_CHUNK_BYTES, 1, err));
    RGQ_TRY(err, rgq_input_seek(in, h->offset, err));
    for (int f = 0; f < h->n_frames; f++) {
        if (f > 0)
            RGQ_TRY(err, go_to_frame(in, keys, f, err));
        if (scaled)
            RGQ_TRY(err, scale_of(&reader.how.slope, keys, f, err));
        RGQ_TRY(err, rgq_sample_reader_read(&reader, rgq_volume_data(volume, f),
                                            rgq_volume_count(volume), &finite, err));
        rgq_log_progress(log, "reading", (double)(f + 1) / h->n_frames);
    }
    RGQ_TRY(err, rgq_input_end(in, err));
    if (!finite)
        RGQ_TRY(err, rgq_volume_check_finite(volume, "in the file", err));
out:
    rgq_free(reader.raw);
    return st;
}

/* Folder of the header, name of the data. */
static rgq_status find_data(char *out, const char *path, const rgq_interfile_header *h,
                            rgq_error *err)
{
    const size_t folder = (size_t)(rgq_path_base(path) - path);
    const char *name = h->data_name[0] != '\0' ? h->data_name : path + folder;
    const int n = snprintf(out, RGQ_PATH_MAX, "%.*s%s", (int)folder, path, name);

    if (n < 0 || n >= RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path of the data file is too long");
    if (!rgq_path_exists(out))
        return RGQ_RAISE(err, RGQ_E_IO, "its data file '%.200s' was not found beside it", name);
    return RGQ_OK;
}

static rgq_status read_all(rgq_scan *scan, const char *path, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char data[RGQ_PATH_MAX];
    char *text = NULL;
    rgq_interfile_keys keys = {NULL, 0};
    rgq_interfile_header h;
    rgq_input in = {NULL, 0, false};

    RGQ_TRY(err, read_text(&text, path, err));
    RGQ_TRY(err, rgq_interfile_keys_parse(&keys, text, err));
    RGQ_TRY(err, rgq_interfile_header_take(&h, &keys, log, err));
    RGQ_TRY(err, find_data(data, path, &h, err));
    RGQ_TRY(err, rgq_input_open(&in, data, err));
    RGQ_TRY(err, check_length(&in, &h, &keys, log, err));
    RGQ_TRY(err, rgq_volume_create(&scan->volume, &h.grid, h.n_frames, RGQ_UNIT_NATIVE, err));
    RGQ_TRY(err, read_voxels(scan->volume, &in, &h, &keys, log, err));
    RGQ_TRY(err, rgq_interfile_facts_take(scan, &keys, log, err));
    (void)snprintf(scan->format, sizeof scan->format, "Interfile");
    scan->n_files = h.data_name[0] != '\0' ? 2 : 1;
out:
    rgq_input_close(&in);
    rgq_interfile_keys_release(&keys);
    rgq_free(text);
    return st;
}

rgq_status rgq_interfile_read(rgq_scan *scan, const char *path, const rgq_log *log,
                              rgq_error *err)
{
    const rgq_status st = read_all(scan, path, log, err);

    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", path);
    return st;
}
