/* Slides from TIFF, tile by tile; with tiff.c the only files that know libtiff. A handle of
 * libtiff is for one thread: a clone opens the file again. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <tiffio.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "io/slide_inside.h"
#include "io/tiff_pages.h"
#include "io/tiff_text.h"

enum {
    PIECE_BYTES_MAX = 64 << 20,
    STRIPS_BYTES_MAX = 96 << 20, /* of a handle that keeps a row of rectangles */
    STRIPS_ROWS = 1088,
    PAGES_MAX = 65536
};

/* What the directory of a picture says. */
typedef struct layout {
    uint32_t width, height;
    uint32_t piece_width, piece_height;
    uint16_t channels;
    uint16_t compression;
    uint16_t photometric;
    uint16_t extra; /* what the fourth sample is */
    bool tiled;
} layout;

typedef struct slide_tiff {
    TIFF *file;
    uint64_t file_bytes;
    uint64_t offset; /* of the directory of the picture */
    layout l;
    bool mask;
    rgq_pieces pieces;
    uint32_t row; /* scanlines: the next one */
    uint8_t *line;
    char note[RGQ_TIFF_NOTE_MAX];
    char path[RGQ_PATH_MAX];
} slide_tiff;

static void close_tiff(void *user)
{
    slide_tiff *t = user;

    if (t == NULL)
        return;
    if (t->file != NULL)
        TIFFClose(t->file);
    rgq_pieces_release(&t->pieces);
    rgq_free(t->line);
    rgq_free(t);
}

static rgq_status damaged(const slide_tiff *t, const char *what, int64_t x, int64_t y,
                          rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT, "the %s at pixel %lld, %lld: %.160s", what,
                     (long long)x, (long long)y,
                     t->note[0] != '\0' ? t->note : "its data are damaged or truncated");
}

/* ---- what a directory says ---- */

/* Most bytes that one byte of the file can become; 0: a compression that is not read. */
static uint64_t factor_of(uint16_t compression)
{
    switch (compression) {
    case COMPRESSION_NONE:
        return 1;
    case COMPRESSION_PACKBITS:
        return 64;
    case COMPRESSION_LZW:
        return 2731;
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
        return 1032;
    case COMPRESSION_JPEG:
        return 1024; /* six blocks of a bit for DC and one for AC are 768 bytes at 4:2:0 */
    case COMPRESSION_ZSTD:
        return 43691;
    default:
        return 0;
    }
}

static const char *compression_name(uint16_t compression)
{
    switch (compression) {
    case COMPRESSION_NONE:
        return "raw";
    case COMPRESSION_PACKBITS:
        return "PackBits";
    case COMPRESSION_LZW:
        return "LZW";
    case COMPRESSION_JPEG:
        return "JPEG";
    case COMPRESSION_ZSTD:
        return "Zstandard";
    default:
        return "deflate";
    }
}

static rgq_status check_samples(const layout *l, TIFF *file, bool mask, rgq_error *err)
{
    uint16_t bits = 1;
    uint16_t format = SAMPLEFORMAT_UINT;
    uint16_t planar = PLANARCONFIG_CONTIG;

    (void)TIFFGetFieldDefaulted(file, TIFFTAG_BITSPERSAMPLE, &bits);
    (void)TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLEFORMAT, &format);
    (void)TIFFGetFieldDefaulted(file, TIFFTAG_PLANARCONFIG, &planar);
    if (bits != 8 || (format != SAMPLEFORMAT_UINT && format != SAMPLEFORMAT_VOID))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "samples of %u bits%s; 8 bits were needed: convert the picture", bits,
                         format == SAMPLEFORMAT_IEEEFP ? ", float" : "");
    if (l->channels == 1 && !mask)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "one sample a pixel (%s); a stain needs red, green and blue",
                         l->photometric == PHOTOMETRIC_PALETTE ? "a palette of colours"
                                                               : "a grey picture");
    if (planar != PLANARCONFIG_CONTIG && l->channels > 1)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "red, green and blue lie in planes of their own (planar "
                         "configuration 2); write them pixel by pixel");
    const bool colour = l->photometric == PHOTOMETRIC_RGB ||
                        (l->photometric == PHOTOMETRIC_YCBCR && l->channels == 3 &&
                         l->compression == COMPRESSION_JPEG);
    if (!(l->channels == 1 || ((l->channels == 3 || l->channels == 4) && colour)))
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "%u samples a pixel, photometric interpretation %u; RGB with or "
                         "without alpha, or YCbCr in JPEG, were needed",
                         l->channels, l->photometric);
    return RGQ_OK;
}

static rgq_status take_pieces(layout *l, TIFF *file, rgq_error *err)
{
    l->tiled = TIFFIsTiled(file) != 0;
    if (l->tiled) {
        (void)TIFFGetField(file, TIFFTAG_TILEWIDTH, &l->piece_width);
        (void)TIFFGetField(file, TIFFTAG_TILELENGTH, &l->piece_height);
    } else {
        l->piece_width = l->width;
        l->piece_height = l->height;
        (void)TIFFGetFieldDefaulted(file, TIFFTAG_ROWSPERSTRIP, &l->piece_height);
        if (l->piece_height > l->height)
            l->piece_height = l->height;
    }
    const uint64_t bytes = (uint64_t)l->piece_width * l->piece_height * l->channels;
    if (l->piece_width < 1 || l->piece_height < 1 || l->piece_width > RGQ_SLIDE_SIDE_MAX ||
        l->piece_height > RGQ_SLIDE_SIDE_MAX || (l->tiled && bytes > PIECE_BYTES_MAX))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s of %u x %u pixels; 1 to %d MB were needed",
                         l->tiled ? "tiles" : "strips", l->piece_width, l->piece_height,
                         PIECE_BYTES_MAX >> 20);
    const tmsize_t says = l->tiled ? TIFFTileSize(file) : TIFFScanlineSize(file);
    const uint64_t need = l->tiled ? bytes : (uint64_t)l->width * l->channels;
    if (says < 0 || (uint64_t)says != need)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "a %s of %lld bytes; %llu were needed",
                         l->tiled ? "tile" : "row", (long long)says, (unsigned long long)need);
    return RGQ_OK;
}

static rgq_status take_layout(layout *l, TIFF *file, bool mask, rgq_error *err)
{
    uint16_t n_extra = 0;
    const uint16_t *extra = NULL;

    *l = (layout){.channels = 1, .compression = COMPRESSION_NONE};
    (void)TIFFGetField(file, TIFFTAG_IMAGEWIDTH, &l->width);
    (void)TIFFGetField(file, TIFFTAG_IMAGELENGTH, &l->height);
    (void)TIFFGetFieldDefaulted(file, TIFFTAG_SAMPLESPERPIXEL, &l->channels);
    (void)TIFFGetFieldDefaulted(file, TIFFTAG_COMPRESSION, &l->compression);
    l->photometric = PHOTOMETRIC_MINISBLACK;
    (void)TIFFGetField(file, TIFFTAG_PHOTOMETRIC, &l->photometric);
    if (TIFFGetFieldDefaulted(file, TIFFTAG_EXTRASAMPLES, &n_extra, &extra) == 1 && n_extra > 0)
        l->extra = extra[0];
    if (l->width < 1 || l->height < 1 || l->width > RGQ_SLIDE_SIDE_MAX ||
        l->height > RGQ_SLIDE_SIDE_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "a picture of %u x %u pixels; 1 to %d were needed",
                         l->width, l->height, (int)RGQ_SLIDE_SIDE_MAX);
    if (factor_of(l->compression) == 0 || TIFFIsCODECConfigured(l->compression) == 0) {
        const TIFFCodec *codec = TIFFFindCODEC(l->compression);
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "compression %u (%.30s) is not read; none, LZW, deflate, PackBits, "
                         "Zstandard and JPEG are",
                         l->compression, codec != NULL ? codec->name : "unknown");
    }
    RGQ_PASS(err, check_samples(l, file, mask, err));
    /* before any size is asked for: it is that of what is decoded */
    if (l->compression == COMPRESSION_JPEG && l->channels == 3)
        (void)TIFFSetField(file, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    return take_pieces(l, file, err);
}

/* The pixels of all pieces that are there, against the best a compression can do. */
static rgq_status check_claim(const slide_tiff *t, rgq_error *err)
{
    const layout *l = &t->l;
    const uint64_t most = t->file_bytes * factor_of(l->compression) + 1;
    const uint64_t piece = (uint64_t)l->piece_width * l->piece_height * l->channels;
    const uint32_t count = l->tiled ? TIFFNumberOfTiles(t->file) : TIFFNumberOfStrips(t->file);
    const uint64_t needed = (((uint64_t)l->width + l->piece_width - 1) / l->piece_width) *
                            (((uint64_t)l->height + l->piece_height - 1) / l->piece_height);
    uint64_t claimed = 0;

    if (count != needed)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%u tiles or strips; %llu were needed", count,
                         (unsigned long long)needed);
    for (uint32_t i = 0; i < count; i++)
        if (TIFFGetStrileByteCount(t->file, i) > 0)
            claimed += piece;
    if (!l->tiled) { /* the last strip is short */
        const uint64_t whole = (uint64_t)l->width * l->height * l->channels;
        claimed = claimed < whole ? claimed : whole;
    }
    if (claimed > most || count / 16 > t->file_bytes)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%u x %u pixels claim %llu bytes; the file cannot hold more than "
                         "%llu, it is truncated or damaged",
                         l->width, l->height, (unsigned long long)claimed,
                         (unsigned long long)(most - 1));
    return RGQ_OK;
}

/* ---- pictures of the file ---- */

/* Go to picture `page`; small copies do not count. */
static rgq_status find_page(slide_tiff *t, int page, int *n_pages, rgq_error *err)
{
    uint64_t only_copy = 0;
    int directories = 0;

    *n_pages = 0;
    do {
        uint32_t kind = 0;
        if (++directories > PAGES_MAX || (uint64_t)directories > t->file_bytes / 18 + 1)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "the chain of pictures has more than %d: it is circular or "
                             "damaged",
                             directories - 1);
        (void)TIFFGetFieldDefaulted(t->file, TIFFTAG_SUBFILETYPE, &kind);
        if (directories == 1)
            only_copy = TIFFCurrentDirOffset(t->file);
        if ((kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) != 0)
            continue;
        if (*n_pages == page)
            t->offset = TIFFCurrentDirOffset(t->file);
        (*n_pages)++;
    } while (TIFFLastDirectory(t->file) == 0 && TIFFReadDirectory(t->file) != 0);
    if (*n_pages == 0) { /* nothing but small copies: the first is the picture */
        t->offset = only_copy;
        *n_pages = 1;
    }
    if (page >= *n_pages)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--page %d: the file has pictures 0 to %d", page,
                         *n_pages - 1);
    if (TIFFSetSubDirectory(t->file, t->offset) == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "picture %d: %.160s", page,
                         t->note[0] != '\0' ? t->note : "its directory is damaged");
    return RGQ_OK;
}

static void take_um(rgq_slide_base *base, TIFF *file)
{
    const char *text = NULL;
    uint16_t unit = RESUNIT_INCH;
    float per[2] = {0.0F, 0.0F};
    double per_unit[2];
    rgq_tiff_text words;

    (void)TIFFGetField(file, TIFFTAG_XRESOLUTION, &per[0]);
    (void)TIFFGetField(file, TIFFTAG_YRESOLUTION, &per[1]);
    (void)TIFFGetFieldDefaulted(file, TIFFTAG_RESOLUTIONUNIT, &unit);
    (void)TIFFGetField(file, TIFFTAG_IMAGEDESCRIPTION, &text);
    for (int i = 0; i < 2; i++) {
        per_unit[i] = isfinite(per[i]) && per[i] > 0.0F ? (double)per[i] : 0.0;
        if (per_unit[i] > 0.0 && unit != RESUNIT_NONE)
            base->um[i] = (unit == RESUNIT_CENTIMETER ? 1e4 : 25400.0) / per_unit[i];
    }
    base->um_origin = "resolution tags";
    /* a description that is no OME-XML or not ImageJ's is none of ours to refuse */
    if (text == NULL || rgq_tiff_text_parse(&words, text, per_unit, NULL) != RGQ_OK)
        return;
    if ((words.is_ome || words.is_imagej) && isfinite(words.voxel_mm[0]) &&
        isfinite(words.voxel_mm[1])) {
        base->um[0] = 1e3 * words.voxel_mm[0];
        base->um[1] = 1e3 * words.voxel_mm[1];
        base->um_origin = words.is_ome ? "OME-XML" : "ImageJ";
    }
}

/* ---- pixels ---- */

static rgq_status decode(void *user, int64_t column, int64_t row, uint8_t *to, rgq_error *err)
{
    slide_tiff *t = user;
    const layout *l = &t->l;
    const int64_t across = (l->width + l->piece_width - 1) / l->piece_width;
    const uint32_t number = (uint32_t)(row * across + column);
    const size_t rest = l->height - (size_t)row * l->piece_height;
    const size_t rows = l->tiled || rest > l->piece_height ? l->piece_height : rest;
    const tmsize_t need = (tmsize_t)((size_t)l->piece_width * rows * (size_t)l->channels);

    if (TIFFGetStrileByteCount(t->file, number) == 0) { /* left out: nothing was there */
        memset(to, t->mask ? 0 : 255, (size_t)need);
        return RGQ_OK;
    }
    t->note[0] = '\0';
    const tmsize_t got = l->tiled ? TIFFReadEncodedTile(t->file, number, to, need)
                                  : TIFFReadEncodedStrip(t->file, number, to, need);
    if (got != need)
        return damaged(t, l->tiled ? "tile" : "strip", column * l->piece_width,
                       row * l->piece_height, err);
    return RGQ_OK;
}

static rgq_status next_row(void *user, uint8_t *rgb, rgq_error *err)
{
    slide_tiff *t = user;

    t->note[0] = '\0';
    if (TIFFReadScanline(t->file, t->line, t->row, 0) != 1)
        return damaged(t, "row", 0, t->row, err);
    t->row++;
    rgq_pixels_to_rgb(rgb, t->line, t->l.width, t->l.channels,
                      t->l.extra == EXTRASAMPLE_ASSOCALPHA,
                      t->mask || t->l.extra == EXTRASAMPLE_UNSPECIFIED);
    return RGQ_OK;
}

static rgq_status read_tiff(void *user, int64_t x, int64_t y, int w, int h, uint8_t *rgb,
                            rgq_error *err)
{
    slide_tiff *t = user;
    return rgq_pieces_read(&t->pieces, x, y, w, h, rgb, err);
}

static rgq_status clone_tiff(rgq_ihc_source *out, void *user, rgq_error *err);

static rgq_status make_source(rgq_ihc_source *out, slide_tiff *t, rgq_error *err)
{
    const layout *l = &t->l;

    t->pieces = (rgq_pieces){.width = l->width,
                             .height = l->height,
                             .piece_width = (int)l->piece_width,
                             .piece_height = (int)l->piece_height,
                             .channels = l->channels,
                             .premultiplied = l->extra == EXTRASAMPLE_ASSOCALPHA,
                             .ignore_alpha = t->mask || l->extra == EXTRASAMPLE_UNSPECIFIED,
                             .decode = decode,
                             .user = t};
    RGQ_PASS(err, rgq_pieces_init(&t->pieces, l->tiled ? 0 : STRIPS_ROWS, err));
    *out = (rgq_ihc_source){.width = l->width,
                            .height = l->height,
                            .mpp_um = (double)NAN,
                            .tile_width = (int)l->piece_width,
                            .tile_height = (int)l->piece_height,
                            .read = read_tiff,
                            .clone = clone_tiff,
                            .close = close_tiff,
                            .user = t};
    return RGQ_OK;
}

static rgq_status open_file(slide_tiff *t, rgq_error *err)
{
    struct stat info;

    if (stat(t->path, &info) != 0)
        return RGQ_RAISE(err, RGQ_E_IO, "%s", strerror(errno));
    if (!S_ISREG(info.st_mode))
        return RGQ_RAISE(err, RGQ_E_IO, "a regular file was needed");
    t->file_bytes = (uint64_t)info.st_size;
    t->file = rgq_tiff_open_quietly(t->path, "rm", t->note,
                                    2 * t->file_bytes + ((uint64_t)256 << 20));
    if (t->file == NULL)
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "the TIFF is damaged or truncated: it has %llu bytes (libtiff: %.160s)",
            (unsigned long long)t->file_bytes, t->note);
    return RGQ_OK;
}

static rgq_status clone_tiff(rgq_ihc_source *out, void *user, rgq_error *err)
{
    const slide_tiff *like = user;
    rgq_status st = RGQ_OK;
    slide_tiff *t = NULL;
    layout l;

    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    rgq_text_copy(t->path, sizeof t->path, like->path);
    t->offset = like->offset;
    t->mask = like->mask;
    RGQ_TRY(err, open_file(t, err));
    if (TIFFSetSubDirectory(t->file, t->offset) == 0) {
        st = RGQ_RAISE(err, RGQ_E_IO, "the file has changed while it is read");
        goto out;
    }
    RGQ_TRY(err, take_layout(&l, t->file, t->mask, err));
    t->l = l;
    if (l.width != like->l.width || l.height != like->l.height ||
        l.piece_width != like->l.piece_width || l.piece_height != like->l.piece_height ||
        l.channels != like->l.channels || l.tiled != like->l.tiled) {
        st = RGQ_RAISE(err, RGQ_E_IO, "the file has changed while it is read");
        goto out;
    }
    RGQ_TRY(err, make_source(out, t, err));
    t = NULL;
out:
    close_tiff(t);
    return st;
}

/* Strips that are too long to be kept come row by row. */
static rgq_status make_base(rgq_slide_base *out, slide_tiff **t, const rgq_log *log,
                            rgq_error *err)
{
    const layout *l = &(*t)->l;
    const uint64_t row = (uint64_t)l->width * l->channels;
    const uint64_t rows = (uint64_t)STRIPS_ROWS + 2 * (uint64_t)l->piece_height;

    out->full_width = l->width;
    out->full_height = l->height;
    out->downsample = 1.0;
    (void)snprintf(out->format, sizeof out->format, "TIFF, %s %s of %u x %u",
                   compression_name(l->compression), l->tiled ? "tiles" : "strips",
                   l->piece_width, l->piece_height);
    take_um(out, (*t)->file);
    if (l->tiled || rows * row <= STRIPS_BYTES_MAX) {
        RGQ_PASS(err, make_source(&out->source, *t, err));
        *t = NULL;
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_alloc(&(*t)->line, row, 1, err));
    return rgq_spool_rows(&out->source, l->width, l->height, next_row, *t, log, err);
}

rgq_status rgq_slide_tiff_open(rgq_slide_base *out, const char *path, const rgq_slide_ask *ask,
                               const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    slide_tiff *t = NULL;
    uint16_t orientation = ORIENTATION_TOPLEFT;

    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    if (strlen(path) >= sizeof t->path) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT, "the path is too long");
        goto out;
    }
    rgq_text_copy(t->path, sizeof t->path, path);
    t->mask = ask->mask;
    RGQ_TRY(err, open_file(t, err));
    RGQ_TRY(err, find_page(t, ask->page, &out->n_pages, err));
    RGQ_TRY(err, take_layout(&t->l, t->file, ask->mask, err));
    RGQ_TRY(err, check_claim(t, err));
    (void)TIFFGetFieldDefaulted(t->file, TIFFTAG_ORIENTATION, &orientation);
    if (orientation != ORIENTATION_TOPLEFT)
        RGQ_WARN(log,
                 "the file asks to be turned (orientation %u); pixels are taken as they "
                 "are stored",
                 orientation);
    RGQ_TRY(err, make_base(out, &t, log, err));
out:
    close_tiff(t);
    return st;
}
