#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/pending.h"
#include "io/slide_inside.h"

enum { IN_MEMORY_BYTES = 64 << 20 };

/* Clones share it; the first one closes it. Reading changes nothing in it. */
typedef struct spool {
    int64_t width, height;
    uint8_t *rows;
    int file;
} spool;

static void close_spool(void *user)
{
    spool *s = user;

    if (s == NULL)
        return;
    if (s->file >= 0)
        (void)close(s->file);
    rgq_free(s->rows);
    rgq_free(s);
}

static rgq_status read_at(const spool *s, uint8_t *to, size_t bytes, int64_t offset,
                          rgq_error *err)
{
    while (bytes > 0) {
        const ssize_t n = pread(s->file, to, bytes, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return RGQ_RAISE(err, RGQ_E_IO, "the temporary file of the slide: %s",
                             n < 0 ? strerror(errno) : "it has become shorter");
        to += n;
        offset += n;
        bytes -= (size_t)n;
    }
    return RGQ_OK;
}

static rgq_status read_spool(void *user, int64_t x, int64_t y, int w, int h, uint8_t *rgb,
                             rgq_error *err)
{
    const spool *s = user;
    const size_t bytes = 3 * (size_t)w;

    for (int r = 0; r < h; r++) {
        const int64_t offset = 3 * ((y + r) * s->width + x);
        uint8_t *to = rgb + (size_t)r * bytes;
        if (s->rows != NULL)
            memcpy(to, s->rows + offset, bytes);
        else
            RGQ_PASS(err, read_at(s, to, bytes, offset, err));
    }
    return RGQ_OK;
}

static rgq_status clone_spool(rgq_ihc_source *out, void *user, rgq_error *err)
{
    const spool *s = user;

    (void)err;
    *out = (rgq_ihc_source){.width = s->width,
                            .height = s->height,
                            .mpp_um = 0.0,
                            .tile_width = 256,
                            .tile_height = 256,
                            .read = read_spool,
                            .clone = clone_spool,
                            .close = NULL,
                            .user = user};
    return RGQ_OK;
}

/* A file that is gone from its folder before it is written. */
static rgq_status open_nameless(int *file, rgq_error *err)
{
    const char *folder = getenv("TMPDIR");
    char path[RGQ_PATH_MAX];

    if (folder == NULL || folder[0] == '\0')
        folder = "/tmp";
    RGQ_PASS(err, rgq_path_join(path, folder, "rgdquant-slide-XXXXXX", err));
    rgq_pending_enter();
    *file = mkstemp(path);
    const int why = errno;
    if (*file >= 0)
        (void)unlink(path);
    rgq_pending_leave();
    if (*file < 0)
        return RGQ_RAISE(err, RGQ_E_IO,
                         "no temporary file for the slide in %.200s: %s; set TMPDIR to a "
                         "folder with room",
                         folder, strerror(why));
    return RGQ_OK;
}

static rgq_status write_row(int file, const uint8_t *bytes, size_t length, uint64_t whole,
                            rgq_error *err)
{
    while (length > 0) {
        const ssize_t n = write(file, bytes, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return RGQ_RAISE(err, RGQ_E_IO,
                             "the slide unpacked needs %llu MB of temporary file: %s; set "
                             "TMPDIR to a folder with room",
                             (unsigned long long)(whole / 1000000),
                             n < 0 ? strerror(errno) : "the medium is full");
        bytes += n;
        length -= (size_t)n;
    }
    return RGQ_OK;
}

static rgq_status take_rows(spool *s,
                            rgq_status (*next)(void *user, uint8_t *rgb, rgq_error *err),
                            void *user, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t bytes = 3 * (size_t)s->width;
    uint8_t *row = NULL;

    if (s->rows == NULL)
        RGQ_TRY(err, rgq_alloc(&row, bytes, 1, err));
    for (int64_t y = 0; y < s->height; y++) {
        uint8_t *to = s->rows != NULL ? s->rows + (size_t)y * bytes : row;
        RGQ_TRY(err, next(user, to, err));
        if (s->rows == NULL)
            RGQ_TRY(err, write_row(s->file, row, bytes, bytes * (uint64_t)s->height, err));
        if (y % 256 == 0)
            rgq_log_progress(log, "unpacking", (double)y / (double)s->height);
    }
out:
    rgq_free(row);
    return st;
}

rgq_status rgq_spool_rows(rgq_ihc_source *out, int64_t width, int64_t height,
                          rgq_status (*next)(void *user, uint8_t *rgb, rgq_error *err),
                          void *user, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    spool *s = NULL;

    RGQ_TRY(err, rgq_alloc(&s, 1, sizeof *s, err));
    *s = (spool){width, height, NULL, -1};
    if (3 * width * height <= IN_MEMORY_BYTES)
        RGQ_TRY(err, rgq_alloc(&s->rows, 3 * (size_t)width, (size_t)height, err));
    else
        RGQ_TRY(err, open_nameless(&s->file, err));
    RGQ_TRY(err, take_rows(s, next, user, log, err));
    RGQ_TRY(err, clone_spool(out, s, err));
    out->close = close_spool;
    s = NULL;
out:
    close_spool(s);
    return st;
}
