/* With slide_tiff.c the only file that knows libtiff. */
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/tiff.h"
#include "io/tiff_pages.h"

struct rgq_tiff {
    TIFF *file;
    uint64_t file_bytes;
    uint64_t *offset; /* of each page's directory */
    int n_pages;
    int n_reduced; /* pages that are small copies */
    rgq_tiff_info info;
    uint16_t compression;
    char *description;
    unsigned char *buffer; /* one strip or tile */
    size_t buffer_bytes;
    float *values;                /* the same as numbers */
    char note[RGQ_TIFF_NOTE_MAX]; /* what libtiff said last */
    bool warned;
};

/* ---- what libtiff has to say is kept, never printed ---- */

static int keep_note(TIFF *file, void *user, const char *module, const char *format,
                     va_list args) RGQ_PRINTF(4, 0);

static int keep_note(TIFF *file, void *user, const char *module, const char *format,
                     va_list args)
{
    char *note = user;

    const char *name = file != NULL ? TIFFFileName(file) : NULL;
    const size_t length = name != NULL ? strlen(name) : 0;
    char text[1024];

    (void)module;
    (void)vsnprintf(text, sizeof text, format, args);
    /* many of its texts begin with the path, which the caller puts in front as well */
    const bool named =
        length > 0 && strncmp(text, name, length) == 0 && strncmp(text + length, ": ", 2) == 0;
    rgq_text_copy(note, RGQ_TIFF_NOTE_MAX, named ? text + length + 2 : text);
    return 1; /* no other handler is called */
}

static int drop_note(TIFF *file, void *user, const char *module, const char *format,
                     va_list args)
{
    (void)file;
    (void)user;
    (void)module;
    (void)format;
    (void)args;
    return 1;
}

TIFF *rgq_tiff_open_quietly(const char *path, const char *mode, char *note, uint64_t most)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    TIFF *file = NULL;

    note[0] = '\0';
    if (options == NULL)
        return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(options, keep_note, note);
    TIFFOpenOptionsSetWarningHandlerExtR(options, drop_note, NULL);
    if (most > 0)
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)most);
    file = TIFFOpenExt(path, mode, options);
    TIFFOpenOptionsFree(options);
    return file;
}

bool rgq_tiff_is(const unsigned char *bytes, size_t length)
{
    static const unsigned char magic[4][4] = {
        {'I', 'I', 42, 0}, {'M', 'M', 0, 42}, {'I', 'I', 43, 0}, {'M', 'M', 0, 43}};

    for (size_t i = 0; i < 4; i++)
        if (length >= 8 && memcmp(bytes, magic[i], 4) == 0)
            return true;
    return false;
}

const char *rgq_tiff_version(char buffer[RGQ_TIFF_VERSION_MAX])
{
    /* "LIBTIFF, Version 4.5.0", then lines of copyright */
    const char *text = TIFFGetVersion();
    const size_t words = strcspn(text, "0123456789\n");
    const size_t length = strspn(text + words, "0123456789.");

    rgq_text_copy(buffer, length + 1 < RGQ_TIFF_VERSION_MAX ? length + 1 : RGQ_TIFF_VERSION_MAX,
                  text + words);
    return buffer;
}

/* ---- one page ---- */

typedef struct page_tags {
    uint32_t width, height;
    uint16_t channels;
    uint16_t compression;
    uint16_t photometric;
    rgq_sample sample;
    uint64_t bytes; /* decoded */
} page_tags;

static const struct {
    uint16_t format;
    uint16_t bits;
    rgq_sample sample;
} kinds[] = {
    {SAMPLEFORMAT_UINT, 8, RGQ_SAMPLE_UINT8},
    {SAMPLEFORMAT_INT, 8, RGQ_SAMPLE_INT8},
    {SAMPLEFORMAT_UINT, 16, RGQ_SAMPLE_UINT16},
    {SAMPLEFORMAT_INT, 16, RGQ_SAMPLE_INT16},
    {SAMPLEFORMAT_UINT, 32, RGQ_SAMPLE_UINT32},
    {SAMPLEFORMAT_INT, 32, RGQ_SAMPLE_INT32},
    {SAMPLEFORMAT_UINT, 64, RGQ_SAMPLE_UINT64},
    {SAMPLEFORMAT_INT, 64, RGQ_SAMPLE_INT64},
    {SAMPLEFORMAT_IEEEFP, 32, RGQ_SAMPLE_FLOAT32},
    {SAMPLEFORMAT_IEEEFP, 64, RGQ_SAMPLE_FLOAT64},
};

static rgq_status take_sample(page_tags *p, TIFF *file, rgq_error *err)
{
    uint16_t bits = 1;
    uint16_t format = SAMPLEFORMAT_UINT;

    (void)TIFFGetFieldDefaulted(file, TIFFTAG_BITSPERSAMPLE, &bits);
    (void)TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLEFORMAT, &format);
    if (format == SAMPLEFORMAT_VOID)
        format = SAMPLEFORMAT_UINT;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].bits == bits && kinds[i].format == format) {
            p->sample = kinds[i].sample;
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                     "samples of %u bits%s; integers of 8, 16, 32 and 64 bits and float of 32 "
                     "and 64 are read",
                     bits,
                     format == SAMPLEFORMAT_IEEEFP  ? ", float"
                     : format > SAMPLEFORMAT_IEEEFP ? ", complex"
                                                    : "");
}

/* Most bytes that one byte of the file can become; 0: a compression that is not read. */
static uint64_t factor_of(uint16_t compression)
{
    switch (compression) {
    case COMPRESSION_NONE:
        return 1;
    case COMPRESSION_PACKBITS:
        return 64;
    case COMPRESSION_LZW:
        return 2731; /* 4096 bytes from a code of 12 bits */
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
        return 1032;
    case COMPRESSION_ZSTD:
        return 43691; /* 128 KiB from a block of 3 bytes */
    default:
        return 0;
    }
}

static rgq_status check_colour(const page_tags *p, TIFF *file, rgq_error *err)
{
    uint16_t planar = PLANARCONFIG_CONTIG;

    (void)TIFFGetFieldDefaulted(file, TIFFTAG_PLANARCONFIG, &planar);
    if (p->photometric == PHOTOMETRIC_PALETTE)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the picture has a palette of colours; a scan has one value a voxel");
    if (p->channels == 3 && p->photometric == PHOTOMETRIC_RGB && planar == PLANARCONFIG_CONTIG)
        return RGQ_OK;
    if (p->channels != 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "%u samples a pixel (photometric interpretation %u, planar "
                         "configuration %u); a scan has one value a voxel",
                         p->channels, p->photometric, planar);
    return RGQ_OK;
}

static rgq_status take_page(page_tags *p, TIFF *file, rgq_error *err)
{
    *p = (page_tags){.channels = 1, .compression = COMPRESSION_NONE};
    (void)TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &p->width);
    (void)TIFFGetField(file, TIFFTAG_IMAGELENGTH, &p->height);
    (void)TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLESPERPIXEL, &p->channels);
    (void)TIFFGetFieldDefaulted(file, TIFFTAG_COMPRESSION, &p->compression);
    p->photometric = PHOTOMETRIC_MINISBLACK;
    (void)TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &p->photometric);
    if (p->width < 1 || p->height < 1 || p->width > RGQ_GRID_SIDE_MAX ||
        p->height > RGQ_GRID_SIDE_MAX)
        return RGQ_RAISE(err, RGQ_E_GEOMETRY, "a page of %u x %u pixels; 1 to %d were needed",
                         p->width, p->height, (int)RGQ_GRID_SIDE_MAX);
    RGQ_PASS(err, take_sample(p, file, err));
    RGQ_PASS(err, check_colour(p, file, err));
    const TIFFCodec *codec = TIFFFindCODEC(p->compression);
    if (factor_of(p->compression) == 0 || TIFFIsCODECConfigured(p->compression) == 0)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "compression %u (%.30s) is not read; none, LZW, deflate, PackBits and "
                         "Zstandard are",
                         p->compression, codec != NULL ? codec->name : "unknown");
    p->bytes =
        (uint64_t)p->width * p->height * p->channels * (uint64_t)rgq_sample_bytes(p->sample);
    return RGQ_OK;
}

/* ---- the chain of pages ---- */

static rgq_status check_same(const rgq_tiff *t, const page_tags *p, rgq_error *err)
{
    const rgq_tiff_info *first = &t->info;

    if ((int)p->width != first->width || (int)p->height != first->height)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "page %d has %u x %u pixels, the first %d x %d; pages of one size are "
                         "a volume, split the file",
                         t->n_pages + 1, p->width, p->height, first->width, first->height);
    if (p->sample != first->sample || p->channels != first->channels)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "page %d holds %u x %s a pixel, the first %d x %s; pages of one kind "
                         "are a volume",
                         t->n_pages + 1, p->channels, rgq_sample_name(p->sample),
                         first->channels, rgq_sample_name(first->sample));
    return RGQ_OK;
}

static rgq_status take_first(rgq_tiff *t, const page_tags *p, rgq_error *err)
{
    const char *text = NULL;
    float x = 0.0F;
    float y = 0.0F;

    t->compression = p->compression;
    t->info = (rgq_tiff_info){.width = (int)p->width,
                              .height = (int)p->height,
                              .channels = p->channels,
                              .sample = p->sample};
    if (TIFFGetField(t->file, TIFFTAG_XRESOLUTION, &x) == 1 && isfinite(x))
        t->info.pixels_per_unit[0] = (double)x;
    if (TIFFGetField(t->file, TIFFTAG_YRESOLUTION, &y) == 1 && isfinite(y))
        t->info.pixels_per_unit[1] = (double)y;
    if (TIFFGetField(t->file, TIFFTAG_IMAGEDESCRIPTION, &text) == 1 && text != NULL) {
        RGQ_PASS(err, rgq_strdup(&t->description, text, err));
        t->info.description = t->description;
    }
    return RGQ_OK;
}

/* A strip or tile of the current page, against what the file can hold. */
static rgq_status check_portion(rgq_tiff *t, const page_tags *p, uint64_t most, rgq_error *err)
{
    const tmsize_t bytes =
        TIFFIsTiled(t->file) != 0 ? TIFFTileSize(t->file) : TIFFStripSize(t->file);

    if (bytes <= 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "page %d: %.160s", t->n_pages + 1,
                         t->note[0] != '\0' ? t->note : "a strip or tile without a size");
    if ((uint64_t)bytes > most + p->bytes)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "page %d has a strip or tile of %lld bytes, the page %llu",
                         t->n_pages + 1, (long long)bytes, (unsigned long long)p->bytes);
    if ((size_t)bytes > t->buffer_bytes)
        t->buffer_bytes = (size_t)bytes;
    return RGQ_OK;
}

static rgq_status add_page(rgq_tiff *t, uint64_t *claimed, const rgq_log *log, rgq_error *err)
{
    uint32_t kind = 0;
    page_tags p;

    (void)TIFFGetFieldDefaulted(t->file, TIFFTAG_SUBFILETYPE, &kind);
    /* a small copy may stand in front of the picture; a file of nothing else is its picture */
    if ((kind & FILETYPE_REDUCEDIMAGE) != 0 &&
        (t->n_pages > 0 || TIFFLastDirectory(t->file) == 0)) {
        t->n_reduced++;
        return RGQ_OK;
    }
    const rgq_status st = take_page(&p, t->file, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "page %d: ", t->n_pages + 1);
        return st;
    }
    if (t->n_pages == 0)
        RGQ_PASS(err, take_first(t, &p, err));
    RGQ_PASS(err, check_same(t, &p, err));
    if (p.photometric == PHOTOMETRIC_MINISWHITE && !t->warned) {
        RGQ_WARN(log, "the pages are marked as 'white is zero'; the values stay as stored");
        t->warned = true;
    }
    const uint64_t most = t->file_bytes * factor_of(p.compression);
    *claimed += p.bytes; /* < 2^20 pages of < 2^35 bytes */
    if (*claimed > most)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%d pages of %u x %u x %s claim %llu bytes; the file cannot hold more "
                         "than %llu, it is truncated or damaged",
                         t->n_pages + 1, p.width, p.height, rgq_sample_name(p.sample),
                         (unsigned long long)*claimed, (unsigned long long)most);
    RGQ_PASS(err, check_portion(t, &p, most, err));
    t->offset[t->n_pages++] = TIFFCurrentDirOffset(t->file);
    return RGQ_OK;
}

/* The smallest directory of one page has 18 bytes: a longer chain than the file has room for
 * runs in a circle, whatever libtiff itself finds. */
static rgq_status walk(rgq_tiff *t, const rgq_log *log, rgq_error *err)
{
    const uint64_t most = t->file_bytes / 18 + 1;
    uint64_t claimed = 0;
    int capacity = 0;

    for (;;) {
        if ((uint64_t)t->n_pages + (uint64_t)t->n_reduced >= most ||
            t->n_pages >= RGQ_TIFF_PAGES_MAX)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "the chain of pages has more than %d pages: it is circular or "
                             "damaged",
                             t->n_pages);
        if (t->n_pages == capacity) {
            const int grown = capacity > 0 ? 2 * capacity : 64;
            RGQ_PASS(err, rgq_realloc(&t->offset, (size_t)grown, sizeof *t->offset, err));
            capacity = grown;
        }
        RGQ_PASS(err, add_page(t, &claimed, log, err));
        if (TIFFLastDirectory(t->file) != 0)
            break;
        if (TIFFReadDirectory(t->file) == 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "after page %d: %.160s", t->n_pages,
                             t->note[0] != '\0' ? t->note : "the chain of pages is damaged");
    }
    t->info.n_pages = t->n_pages;
    if (t->n_reduced > 0)
        RGQ_WARN(log, "%d page%s marked as reduced cop%s left out", t->n_reduced,
                 t->n_reduced == 1 ? " is" : "s are",
                 t->n_reduced == 1 ? "y: it is" : "ies: they are");
    if (t->info.channels == 3)
        RGQ_WARN(log, "the pages are colour pictures (RGB): the mean of red, green and blue is "
                      "taken; a scan has one value a voxel");
    return RGQ_OK;
}

static rgq_status open_file(rgq_tiff *t, const char *path, const rgq_log *log, rgq_error *err)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return RGQ_RAISE(err, RGQ_E_IO, "a regular file was needed");
    t->file_bytes = (uint64_t)info.st_size;
    /* "m": not mapped; 64 MiB and twice the file is more than any honest list of strips */
    t->file =
        rgq_tiff_open_quietly(path, "rm", t->note, 2 * t->file_bytes + ((uint64_t)64 << 20));
    if (t->file == NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%.160s",
                         t->note[0] != '\0' ? t->note : "no TIFF that can be opened");
    RGQ_PASS(err, walk(t, log, err));
    RGQ_PASS(err, rgq_alloc(&t->buffer, t->buffer_bytes, 1, err));
    return rgq_alloc(&t->values, t->buffer_bytes / (size_t)rgq_sample_bytes(t->info.sample) + 1,
                     sizeof *t->values, err);
}

rgq_status rgq_tiff_open(rgq_tiff **out, const char *path, const rgq_log *log, rgq_error *err)
{
    rgq_tiff *t = NULL;

    *out = NULL;
    RGQ_PASS(err, rgq_alloc(&t, 1, sizeof *t, err));
    const rgq_status st = open_file(t, path, log, err);
    if (st != RGQ_OK)
        rgq_tiff_close(t);
    else
        *out = t;
    return st;
}

void rgq_tiff_close(rgq_tiff *t)
{
    if (t == NULL)
        return;
    if (t->file != NULL)
        TIFFClose(t->file);
    rgq_free(t->offset);
    rgq_free(t->description);
    rgq_free(t->buffer);
    rgq_free(t->values);
    rgq_free(t);
}

rgq_tiff_info rgq_tiff_get_info(const rgq_tiff *t)
{
    return t->info;
}

bool rgq_tiff_has_words(rgq_tiff *t, int page, uint32_t tag)
{
    const char *words = NULL;

    return TIFFSetSubDirectory(t->file, t->offset[page]) != 0 &&
           TIFFGetField(t->file, tag, &words) == 1 && words != NULL &&
           words[strspn(words, " \t\r\n")] != '\0';
}

/* ---- voxels ---- */

/* A rectangle of a strip or tile, decoded in `buffer`, into its place. */
typedef struct portion {
    uint32_t x, y;
    uint32_t columns, rows; /* that lie inside the page */
    uint32_t stride;        /* pixels of a row in the buffer */
} portion;

static void place(rgq_tiff *t, float *to, const portion *part)
{
    static const double third = 1.0 / 3.0;
    const rgq_samples how = {t->info.sample, false, 1.0, 0.0}; /* libtiff swaps bytes */
    const size_t channels = (size_t)t->info.channels;
    const size_t width = (size_t)t->info.width;

    rgq_samples_convert(t->values, t->buffer, (size_t)part->rows * part->stride * channels,
                        &how);
    for (size_t r = 0; r < part->rows; r++) {
        const float *from = t->values + r * part->stride * channels;
        float *row = to + (part->y + r) * width + part->x;
        if (channels == 1)
            memcpy(row, from, part->columns * sizeof *row);
        else
            for (size_t c = 0; c < part->columns; c++)
                row[c] = (float)(((double)from[3 * c] + (double)from[3 * c + 1] +
                                  (double)from[3 * c + 2]) *
                                 third);
    }
}

static rgq_status damaged(const rgq_tiff *t, int page, rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT, "page %d: %.160s", page + 1,
                     t->note[0] != '\0' ? t->note : "its data are damaged or truncated");
}

/* libtiff leaves what it could not decode as it was; an incomplete strip is an error here. */
static rgq_status read_strips(rgq_tiff *t, float *to, int page, rgq_error *err)
{
    const uint32_t height = (uint32_t)t->info.height;
    const uint32_t width = (uint32_t)t->info.width;
    uint32_t rows = height;

    (void)TIFFGetFieldDefaulted(t->file, TIFFTAG_ROWSPERSTRIP, &rows);
    if (rows == 0 || rows > height)
        rows = height;
    const tmsize_t line = TIFFScanlineSize(t->file);
    for (uint32_t y = 0; y < height; y += rows) {
        const uint32_t n = height - y < rows ? height - y : rows;
        const tmsize_t need = line * (tmsize_t)n;
        if (line <= 0 || (size_t)need > t->buffer_bytes ||
            TIFFReadEncodedStrip(t->file, TIFFComputeStrip(t->file, y, 0), t->buffer, need) !=
                need)
            return damaged(t, page, err);
        place(t, to, &(portion){0, y, width, n, width});
    }
    return RGQ_OK;
}

static rgq_status read_tiles(rgq_tiff *t, float *to, int page, rgq_error *err)
{
    const uint32_t height = (uint32_t)t->info.height;
    const uint32_t width = (uint32_t)t->info.width;
    const tmsize_t need = TIFFTileSize(t->file);
    uint32_t w = 0;
    uint32_t h = 0;

    (void)TIFFGetField(t->file, TIFFTAG_TILEWIDTH, &w);
    (void)TIFFGetField(t->file, TIFFTAG_TILELENGTH, &h);
    const uint64_t bytes = (uint64_t)w * h * (uint64_t)t->info.channels *
                           (uint64_t)rgq_sample_bytes(t->info.sample);
    if (w == 0 || h == 0 || need <= 0 || (uint64_t)need != bytes || bytes > t->buffer_bytes)
        return damaged(t, page, err);
    for (uint32_t y = 0; y < height; y += h)
        for (uint32_t x = 0; x < width; x += w) {
            if (TIFFReadEncodedTile(t->file, TIFFComputeTile(t->file, x, y, 0, 0), t->buffer,
                                    need) != need)
                return damaged(t, page, err);
            place(t, to,
                  &(portion){x, y, width - x < w ? width - x : w,
                             height - y < h ? height - y : h, w});
        }
    return RGQ_OK;
}

rgq_status rgq_tiff_page(rgq_tiff *t, float *to, int page, rgq_error *err)
{
    t->note[0] = '\0';
    if (TIFFCurrentDirOffset(t->file) != t->offset[page] &&
        TIFFSetSubDirectory(t->file, t->offset[page]) == 0)
        return damaged(t, page, err);
    return TIFFIsTiled(t->file) != 0 ? read_tiles(t, to, page, err)
                                     : read_strips(t, to, page, err);
}

/* ---- writing ---- */

static bool set_tags(TIFF *file, const rgq_grid *grid, const char *description)
{
    const uint32_t width = (uint32_t)grid->n[0];
    const uint32_t height = (uint32_t)grid->n[1];
    const uint32_t rows = 65536 / (4 * width) > 0 ? 65536 / (4 * width) : 1;

    return TIFFSetField(file, TIFFTAG_IMAGEWIDTH, width) == 1 &&
           TIFFSetField(file, TIFFTAG_IMAGELENGTH, height) == 1 &&
           TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, 32) == 1 &&
           TIFFSetField(file, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_IEEEFP) == 1 &&
           TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, 1) == 1 &&
           TIFFSetField(file, TIFFTAG_COMPRESSION, COMPRESSION_NONE) == 1 &&
           TIFFSetField(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK) == 1 &&
           TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == 1 &&
           TIFFSetField(file, TIFFTAG_ROWSPERSTRIP, rows < height ? rows : height) == 1 &&
           (description == NULL ||
            TIFFSetField(file, TIFFTAG_IMAGEDESCRIPTION, description) == 1);
}

/* libtiff swaps bytes in the buffer it is given: `line` is a copy. */
static bool write_page(TIFF *file, const rgq_grid *grid, const float *from, float *line)
{
    const size_t width = (size_t)grid->n[0];

    for (uint32_t y = 0; y < (uint32_t)grid->n[1]; y++) {
        memcpy(line, from + y * width, width * sizeof *line);
        if (TIFFWriteScanline(file, line, y, 0) != 1)
            return false;
    }
    return TIFFWriteDirectory(file) == 1;
}

rgq_status rgq_tiff_write_pages(const char *path, const rgq_volume *volume,
                                const char *description, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_grid *grid = rgq_volume_grid(volume);
    const size_t slice = (size_t)grid->n[0] * (size_t)grid->n[1];
    const int n_frames = rgq_volume_n_frames(volume);
    const bool big = (double)rgq_volume_count(volume) * n_frames * 4.0 > 4.0e9;
    char note[RGQ_TIFF_NOTE_MAX] = "";
    float *line = NULL;
    bool good = true;
    TIFF *file = NULL;

    RGQ_TRY(err, rgq_alloc(&line, (size_t)grid->n[0], sizeof *line, err));
    file = rgq_tiff_open_quietly(path, big ? "wl8" : "wl", note, 0);
    good = file != NULL;
    for (int f = 0; good && f < n_frames; f++)
        for (int z = 0; good && z < grid->n[2]; z++) {
            good =
                set_tags(file, grid, f == 0 && z == 0 ? description : NULL) &&
                write_page(file, grid, rgq_volume_cdata(volume, f) + (size_t)z * slice, line);
        }
    if (good)
        good = TIFFFlush(file) == 1 && note[0] == '\0';
    if (!good)
        st = RGQ_RAISE(err, RGQ_E_IO, "cannot write: %.160s",
                       note[0] != '\0' ? note : "the medium is full");
out:
    if (file != NULL)
        TIFFClose(file);
    rgq_free(line);
    return st;
}
