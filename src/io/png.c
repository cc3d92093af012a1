#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
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
static bool encode(png_structp png, png_infop info, FILE *file, const unsigned char *rgb,
                   int width, int height)
{
    if (setjmp(png_jmpbuf(png)) != 0)
        return false;
    png_init_io(png, file);
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
    bool good = file != NULL && encode(png, info, file, rgb, width, height);
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
