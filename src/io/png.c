#include <errno.h>
#include <math.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "io/png_rows.h"
#include "io/slide_inside.h"
#include "rgdquant/scan_file.h"

enum { SIDE_MAX = 32767 };

static png_voidp take(png_structp png, png_alloc_size_t size)
{
    (void)png;
    return rgq_alloc_raw(size);
}

static void give_back(png_structp png, png_voidp ptr)
{
    (void)png;
    rgq_free(ptr);
}

/* libpng would print; what went wrong is told by the caller. */
static void fail(png_structp png, png_const_charp text)
{
    (void)text;
    longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

/* Everything between here and the return may be left by longjmp: no local that changes. */
static bool encode(png_structp png, png_infop info, const unsigned char *rgb, int width,
                   int height)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_set_compression_level(png, 6);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < height; y++)
        png_write_row(png, rgb + (size_t)y * (size_t)width * 3);
    png_write_end(png, NULL);
    return true;
}

static rgq_status write_file(const char *path, const unsigned char *rgb, int width, int height,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    png_infop info = NULL;
    png_structp png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, NULL, fail, ignore, NULL,
                                                take, give_back);
    FILE *file = NULL;

    if (png != NULL)
        info = png_create_info_struct(png);
    if (info == NULL) {
        st = RGQ_RAISE(err, RGQ_E_NOMEM, "no memory to encode a PNG image");
        goto out;
    }
    errno = 0;
    file = fopen(path, "wb");
    if (file != NULL)
        png_init_io(png, file);
    bool good = file != NULL && encode(png, info, rgb, width, height);
    if (file != NULL)
        good = fclose(file) == 0 && good;
    if (!good)
        st = errno == 0 || errno == ENOMEM
                 ? RGQ_RAISE(err, RGQ_E_NOMEM, "no memory to encode a PNG image")
                 : RGQ_RAISE(err, RGQ_E_IO, "cannot write: %s", strerror(errno));
out:
    if (png != NULL)
        png_destroy_write_struct(&png, &info);
    return st;
}

rgq_status rgq_png_write(const char *path, const unsigned char *rgb, int width, int height,
                         bool force, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_outfile out = {.pending = false};

    if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s: an image of %d x %d pixels; 1 to %d each was needed", path, width,
                         height, (int)SIDE_MAX);
    RGQ_TRY(err, rgq_outfile_begin(&out, path, force, err));
    st = write_file(out.temp, rgb, width, height, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "%s: ", path);
        goto out;
    }
    RGQ_TRY(err, rgq_outfile_commit(&out, err));
out:
    rgq_outfile_abandon(&out);
    return st;
}

/* ---- into memory ---- */

typedef struct png_bytes {
    unsigned char *data;
    size_t length, capacity;
} png_bytes;

static void append(png_structp png, png_bytep bytes, png_size_t length)
{
    png_bytes *to = png_get_io_ptr(png);

    if (length > to->capacity - to->length) {
        const size_t grown = 2 * to->capacity + length + 4096;
        if (rgq_realloc(&to->data, grown, 1, NULL) != RGQ_OK)
            longjmp(png_jmpbuf(png), 1);
        to->capacity = grown;
    }
    memcpy(to->data + to->length, bytes, length);
    to->length += length;
}

static void flush(png_structp png)
{
    (void)png;
}

rgq_status rgq_png_encode(unsigned char **out, size_t *length, const unsigned char *rgb,
                          int width, int height, rgq_error *err)
{
    png_infop info = NULL;
    png_bytes bytes = {NULL, 0, 0};

    *out = NULL;
    *length = 0;
    if (width < 1 || height < 1 || width > SIDE_MAX || height > SIDE_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "an image of %d x %d pixels; 1 to %d each was needed", width, height,
                         (int)SIDE_MAX);
    png_structp png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, NULL, fail, ignore, NULL,
                                                take, give_back);
    if (png != NULL)
        info = png_create_info_struct(png);
    if (info != NULL)
        png_set_write_fn(png, &bytes, append, flush);
    const bool good = info != NULL && encode(png, info, rgb, width, height);
    if (png != NULL)
        png_destroy_write_struct(&png, &info);
    if (!good) {
        rgq_free(bytes.data);
        return RGQ_RAISE(err, RGQ_E_NOMEM, "no memory to encode a PNG image");
    }
    *out = bytes.data;
    *length = bytes.length;
    return RGQ_OK;
}

/* ---- reading ---- */

enum { WHOLE_BYTES_MAX = 256 << 20 };

struct rgq_png {
    png_structp png;
    png_infop info;
    FILE *file;
    uint64_t file_bytes;
    bool values;
    int channels; /* of what libpng gives */
    int64_t width, height, row;
    uint8_t *line;  /* one row of it */
    uint8_t *whole; /* an interlaced picture */
    char note[100];
};

bool rgq_png_is(const unsigned char *bytes, size_t length)
{
    return length >= 8 && png_sig_cmp(bytes, 0, 8) == 0;
}

static void keep_note(png_structp png, png_const_charp text)
{
    rgq_png *p = png_get_error_ptr(png);

    rgq_text_copy(p->note, sizeof p->note, text);
    longjmp(png_jmpbuf(png), 1);
}

void rgq_png_close(rgq_png *p)
{
    if (p == NULL)
        return;
    if (p->png != NULL)
        png_destroy_read_struct(&p->png, &p->info, NULL);
    if (p->file != NULL)
        (void)fclose(p->file);
    rgq_free(p->line);
    rgq_free(p->whole);
    rgq_free(p);
}

/* Left by longjmp, as all of the next four: no local that changes. */
static bool read_header(rgq_png *p)
{
    if (setjmp(png_jmpbuf(p->png)) != 0)
        return false;
    png_init_io(p->png, p->file);
    png_set_user_limits(p->png, RGQ_SLIDE_SIDE_MAX, RGQ_SLIDE_SIDE_MAX);
    png_set_chunk_cache_max(p->png, 64);
    png_set_chunk_malloc_max(p->png, 8 << 20);
    png_read_info(p->png, p->info);
    return true;
}

static bool set_forms(rgq_png *p)
{
    if (setjmp(png_jmpbuf(p->png)) != 0)
        return false;
    png_set_strip_16(p->png);
    if (p->values)
        png_set_packing(p->png);
    else
        png_set_expand(p->png);
    if (png_get_interlace_type(p->png, p->info) != PNG_INTERLACE_NONE)
        (void)png_set_interlace_handling(p->png);
    png_read_update_info(p->png, p->info);
    p->channels = png_get_channels(p->png, p->info);
    return true;
}

static bool read_whole(rgq_png *p)
{
    if (setjmp(png_jmpbuf(p->png)) != 0)
        return false;
    for (int pass = 0; pass < 7; pass++)
        for (int64_t y = 0; y < p->height; y++)
            png_read_row(p->png, p->whole + (size_t)(y * p->width) * (size_t)p->channels, NULL);
    return true;
}

static bool read_line(rgq_png *p)
{
    if (setjmp(png_jmpbuf(p->png)) != 0)
        return false;
    png_read_row(p->png, p->line, NULL);
    return true;
}

static rgq_status damaged(const rgq_png *p, rgq_error *err)
{
    if (strstr(p->note, "emory") != NULL) /* of libpng or of zlib */
        return RGQ_RAISE(err, RGQ_E_NOMEM, "no memory to decode a PNG image");
    return RGQ_RAISE(err, RGQ_E_FORMAT, "the PNG is damaged or truncated%s%.100s%s",
                     p->note[0] != '\0' ? " (libpng: " : "", p->note,
                     p->note[0] != '\0' ? ")" : "");
}

static void take_info(rgq_png_info *info, rgq_png *p)
{
    const int type = png_get_color_type(p->png, p->info);
    png_uint_32 per_m[2] = {0, 0};
    int unit = PNG_RESOLUTION_UNKNOWN;

    *info = (rgq_png_info){.width = png_get_image_width(p->png, p->info),
                           .height = png_get_image_height(p->png, p->info),
                           .grey = (type & PNG_COLOR_MASK_COLOR) == 0,
                           .palette = type == PNG_COLOR_TYPE_PALETTE,
                           .pixel_um = {(double)NAN, (double)NAN}};
    if (png_get_pHYs(p->png, p->info, &per_m[0], &per_m[1], &unit) != 0 &&
        unit == PNG_RESOLUTION_METER && per_m[0] > 0 && per_m[1] > 0)
        for (int i = 0; i < 2; i++)
            info->pixel_um[i] = 1e6 / (double)per_m[i];
    p->width = info->width;
    p->height = info->height;
}

static rgq_status check_png(const rgq_png *p, rgq_error *err)
{
    const uint64_t bytes = (uint64_t)png_get_rowbytes(p->png, p->info) * (uint64_t)p->height;

    if (bytes > 1032 * p->file_bytes)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%lld x %lld pixels claim %llu bytes; the file cannot hold more than "
                         "%llu, it is truncated or damaged",
                         (long long)p->width, (long long)p->height, (unsigned long long)bytes,
                         (unsigned long long)(1032 * p->file_bytes));
    return RGQ_OK;
}

static rgq_status prepare(rgq_png *p, rgq_png_info *info, rgq_error *err)
{
    if (!read_header(p))
        return damaged(p, err);
    take_info(info, p);
    RGQ_PASS(err, check_png(p, err));
    if (!set_forms(p))
        return damaged(p, err);
    const size_t row = (size_t)p->width * (size_t)p->channels;
    if (p->channels < 1 || p->channels > 4 || png_get_rowbytes(p->png, p->info) != row)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "rows of %zu bytes; %zu were needed",
                         (size_t)png_get_rowbytes(p->png, p->info), row);
    if (png_get_interlace_type(p->png, p->info) == PNG_INTERLACE_NONE)
        return rgq_alloc(&p->line, row, 1, err);
    if (row * (uint64_t)p->height > WHOLE_BYTES_MAX)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "an interlaced picture of %lld x %lld pixels must be unpacked as a "
                         "whole; save it without interlacing",
                         (long long)p->width, (long long)p->height);
    RGQ_PASS(err, rgq_alloc(&p->whole, row, (size_t)p->height, err));
    return read_whole(p) ? RGQ_OK : damaged(p, err);
}

rgq_status rgq_png_open(rgq_png **out, rgq_png_info *info, const char *path, bool values,
                        rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_png *p = NULL;
    struct stat about;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&p, 1, sizeof *p, err));
    p->values = values;
    p->file = fopen(path, "rb");
    if (p->file == NULL || fstat(fileno(p->file), &about) != 0) {
        st = RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
        goto out;
    }
    p->file_bytes = (uint64_t)about.st_size;
    p->png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, p, keep_note, ignore, NULL, take,
                                      give_back);
    if (p->png != NULL)
        p->info = png_create_info_struct(p->png);
    if (p->info == NULL) {
        st = RGQ_RAISE(err, RGQ_E_NOMEM, "no memory to decode a PNG image");
        goto out;
    }
    RGQ_TRY(err, prepare(p, info, err));
    *out = p;
    p = NULL;
out:
    rgq_png_close(p);
    return st;
}

rgq_status rgq_png_row(void *user, uint8_t *rgb, rgq_error *err)
{
    rgq_png *p = user;
    const size_t width = (size_t)p->width;
    const size_t channels = (size_t)p->channels;
    const uint8_t *from = p->line;

    if (p->whole != NULL)
        from = p->whole + (size_t)p->row * width * channels;
    else if (!read_line(p))
        return damaged(p, err);
    p->row++;
    if (channels == 2) { /* grey with alpha, where values are asked for */
        for (size_t i = 0; i < width; i++)
            rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = from[2 * i];
        return RGQ_OK;
    }
    rgq_pixels_to_rgb(rgb, from, width, p->channels, false, p->values);
    return RGQ_OK;
}
