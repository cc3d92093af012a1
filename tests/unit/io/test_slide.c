/* Slides: every way of storing one, rectangles and clones, sizes of pixels, means over areas,
 * levels, and what is refused. */
#include <png.h>

#include "rgdquant/scan_file.h"
#include "rgdquant/slide_file.h"
#include "slide_make.h"
#include "warned.h"

enum { W = 150, H = 70 };

static rgq_slide *slide;
static uint8_t wanted[4 * W * H], got[4 * W * H];

static void begin(void)
{
    folder_begin();
    slide = NULL;
    warned[0] = '\0';
}

static void end(void)
{
    rgq_slide_close(slide);
    folder_end();
}

static rgq_slide_opts with(double mpp_um, double pixel_um, int page)
{
    return (rgq_slide_opts){mpp_um, pixel_um, page};
}

static const double none = (double)NAN;

static const rgq_ihc_source *open_with(const char *path, rgq_slide_opts opts)
{
    rgq_slide_close(slide);
    warned[0] = '\0';
    MUST(rgq_slide_open(&slide, path, &opts, &listener, err));
    return rgq_slide_source(slide);
}

static const rgq_ihc_source *open_plain(const char *path)
{
    return open_with(path, with(none, none, 0));
}

#define NOT_OPENED(path, opts, want, words)                                                    \
    do {                                                                                       \
        const rgq_slide_opts not_opened = opts;                                                \
        rgq_slide_close(slide);                                                                \
        REFUSED(rgq_slide_open(&slide, path, &not_opened, NULL, err), want, words);            \
        ck_assert_ptr_null(slide);                                                             \
    } while (0)

static void read_all(const rgq_ihc_source *s, uint8_t *rgb)
{
    MUST(s->read(s->user, 0, 0, (int)s->width, (int)s->height, rgb, err));
}

/* Any rectangle is a part of the whole. */
static void check_rectangles(const rgq_ihc_source *s, const uint8_t *whole)
{
    static const int places[][4] = {{0, 0, 1, 1},     {149, 69, 1, 1}, {30, 10, 90, 50},
                                    {100, 0, 50, 70}, {0, 47, 150, 3}, {63, 31, 2, 2}};
    uint8_t part[3 * W * H];

    for (int i = 0; i < ROWS(places); i++) {
        const int *p = places[i];
        MUST(s->read(s->user, p[0], p[1], p[2], p[3], part, err));
        for (int r = 0; r < p[3]; r++)
            ck_assert_mem_eq(part + 3 * r * p[2], whole + 3 * ((p[1] + r) * W + p[0]),
                             3 * (size_t)p[2]);
    }
}

static const struct {
    const char *name;
    int compression;
    bool ycbcr;
} kinds[] = {{"raw", COMPRESSION_NONE, false},
             {"LZW", COMPRESSION_LZW, false},
             {"deflate", COMPRESSION_ADOBE_DEFLATE, false},
             {"deflate", COMPRESSION_DEFLATE, false},
             {"PackBits", COMPRESSION_PACKBITS, false},
             {"Zstandard", COMPRESSION_ZSTD, false},
             {"JPEG", COMPRESSION_JPEG, false},
             {"JPEG", COMPRESSION_JPEG, true}};

START_TEST(every_way_of_storing)
{
    static const char *const modes[] = {"wl", "wb", "wl8", "wb8"};
    picture p = PICTURE(W, H);
    p.compression = kinds[_i].compression;
    p.ycbcr = kinds[_i].ycbcr;
    fill(wanted, &p);
    for (int mode = 0; mode < 4; mode++)
        for (int way = 0; way < 3; way++) {
            p.tile = way == 0 ? 64 : 0;
            p.rows_per_strip = way == 1 ? 16 : 0;
            save_picture(at("a.tif"), &p, wanted, modes[mode]);
            const rgq_ihc_source *s = open_plain(at("a.tif"));
            ck_assert_int_eq(s->width, W);
            ck_assert_int_eq(s->height, H);
            ck_assert_int_eq(s->tile_width, way == 0 ? 64 : W);
            ck_assert_double_nan(s->mpp_um);
            ck_assert_ptr_nonnull(strstr(rgq_slide_get_info(slide).format, kinds[_i].name));
            read_all(s, got);
            for (int i = 0; i < 3 * W * H; i++) /* JPEG at quality 75 */
                ck_assert_int_le(abs(got[i] - wanted[i]),
                                 p.compression == COMPRESSION_JPEG ? 12 : 0);
            check_rectangles(s, got);
        }
}
END_TEST

START_TEST(clones_read_the_same)
{
    picture p = PICTURE(W, H);
    p.tile = 32;
    p.compression = COMPRESSION_LZW;
    fill(wanted, &p);
    save_picture(at("a.tif"), &p, wanted, "w");
    MUST(rgq_png_write(at("a.png"), wanted, W, H, false, err));
    for (int way = 0; way < 2; way++) {
        const rgq_ihc_source *s = open_plain(at(way == 0 ? "a.tif" : "a.png"));
        rgq_ihc_source twin = {.width = 0};
        ck_assert(s->clone != NULL);
        MUST(s->clone(&twin, s->user, err));
        ck_assert_int_eq(twin.width, W);
        check_rectangles(&twin, wanted);
        if (twin.close != NULL)
            twin.close(twin.user);
        check_rectangles(s, wanted);
    }
}
END_TEST

/* A strip too long to be kept, and more than 64 MB of PNG: rows go to a file first. */
START_TEST(long_strips_are_unpacked_once)
{
    enum { WIDE = 30000, HIGH = 760 };
    picture p = PICTURE(WIDE, HIGH);
    p.compression = COMPRESSION_ADOBE_DEFLATE;
    uint8_t *bytes = calloc((size_t)WIDE * HIGH, 3);
    uint8_t part[3 * 20];
    for (size_t y = 0; y < HIGH; y++) /* little that is not 0: quickly packed */
        for (size_t i = 0; i < 60; i++)
            bytes[3 * (y * WIDE + 20111) + i] = (uint8_t)(i + 7 * y);
    save_picture(at("a.tif"), &p, bytes, "w");
    MUST(rgq_png_write(at("a.png"), bytes, WIDE, HIGH, false, err));
    for (int way = 0; way < 2; way++) {
        const rgq_ihc_source *s = open_plain(at(way == 0 ? "a.tif" : "a.png"));
        for (int y = HIGH - 1; y >= 0; y -= 253) {
            MUST(s->read(s->user, 20111, y, 20, 1, part, err));
            ck_assert_mem_eq(part, bytes + 3 * ((size_t)y * WIDE + 20111), sizeof part);
        }
        ck_assert_int_eq(count_files(), 2);
    }
    const char *old = getenv("TMPDIR");
    char *kept = old != NULL ? strdup(old) : NULL;
    ck_assert_int_eq(setenv("TMPDIR", "/nowhere", 1), 0);
    NOT_OPENED(at("a.png"), with(none, none, 0), RGQ_E_IO, "set TMPDIR");
    ck_assert_int_eq(kept != NULL ? setenv("TMPDIR", kept, 1) : unsetenv("TMPDIR"), 0);
    free(kept);
    free(bytes);
}
END_TEST

START_TEST(transparent_is_white)
{
    static const int extras[] = {EXTRASAMPLE_UNASSALPHA, EXTRASAMPLE_ASSOCALPHA,
                                 EXTRASAMPLE_UNSPECIFIED};
    /* by hand: 40 * 0.2 + 255 * 0.8 = 212; 40 + 204 = 244; the fourth is none of ours: 40 */
    static const int partly[] = {212, 244, 40};
    picture p = PICTURE(16, 16);
    p.channels = 4;
    for (int k = 0; k < 3; k++) {
        p.extra = extras[k];
        for (int i = 0; i < 16 * 16; i++) {
            memset(wanted + 4 * i, i == 1 ? 0 : 40, 3);
            wanted[4 * i + 3] = i == 0 ? 255 : i == 1 ? 0 : 51;
        }
        save_picture(at("a.tif"), &p, wanted, "w");
        read_all(open_plain(at("a.tif")), got);
        ck_assert_int_eq(got[0], 40);
        ck_assert_int_eq(got[3], k == 2 ? 0 : 255);
        ck_assert_int_eq(got[6], partly[k]);
    }
}
END_TEST

static void save_png(const char *path, int type, int bits, int interlace, int width, int height,
                     png_bytep *rows)
{
    FILE *file = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    static const png_color colours[4] = {{0, 0, 0}, {200, 100, 50}, {9, 8, 7}, {255, 255, 255}};

    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, bits, type, interlace,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    if (type == PNG_COLOR_TYPE_PALETTE)
        png_set_PLTE(png, info, colours, 4);
    png_set_pHYs(png, info, 2000000, 2000000, PNG_RESOLUTION_METER);
    png_write_info(png, info);
    png_write_image(png, rows);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(kinds_of_png)
{
    uint8_t data[8][64];
    png_bytep rows[8];
    for (int y = 0; y < 8; y++) {
        rows[y] = data[y];
        for (int x = 0; x < 64; x++)
            data[y][x] = (uint8_t)(x * 3 + y * 17);
    }
    for (int interlace = 0; interlace < 2; interlace++) {
        save_png(at("a.png"), PNG_COLOR_TYPE_RGB, 8, interlace, 9, 8, rows);
        const rgq_ihc_source *s = open_plain(at("a.png"));
        ck_assert_double_eq(s->mpp_um, 0.5);
        read_all(s, got);
        for (int y = 0; y < 8; y++)
            ck_assert_mem_eq(got + 27 * y, data[y], 27);
    }
    save_png(at("a.png"), PNG_COLOR_TYPE_RGB, 16, 0, 9, 8, rows);
    read_all(open_plain(at("a.png")), got); /* the upper bytes */
    ck_assert_int_eq(got[1], data[0][2]);
    data[0][3] = 0;
    save_png(at("a.png"), PNG_COLOR_TYPE_RGB_ALPHA, 8, 0, 9, 8, rows);
    read_all(open_plain(at("a.png")), got);
    ck_assert_int_eq(got[0], 255);
    data[0][0] = 0x1b; /* colours 0 1 2 3 */
    save_png(at("a.png"), PNG_COLOR_TYPE_PALETTE, 2, 0, 4, 8, rows);
    read_all(open_plain(at("a.png")), got);
    ck_assert_mem_eq(got, "\0\0\0\310\144\062\011\010\007\377\377\377", 12);
    save_png(at("a.png"), PNG_COLOR_TYPE_GRAY, 8, 0, 9, 8, rows);
    NOT_OPENED(at("a.png"), with(none, none, 0), RGQ_E_UNSUPPORTED, "grey");
}
END_TEST

/* ---- size of a pixel ---- */

static const struct {
    double per_unit;
    int unit;
    const char *description;
    double um;
    const char *origin;
} sizes[] = {
    {20000, RESUNIT_CENTIMETER, NULL, 0.5, "resolution tags"},
    {50800, RESUNIT_INCH, NULL, 0.5, "resolution tags"},
    {72, RESUNIT_INCH, NULL, 0, "not that of a microscope"},
    {20000, RESUNIT_NONE, NULL, 0, NULL},
    {0, 0, "text of a camera", 0, NULL},
    {4, RESUNIT_NONE, "ImageJ=1.53c\nunit=micron\n", 0.25, "ImageJ"},
    {72, RESUNIT_INCH,
     "<?xml version=\"1.0\"?><OME><Image><Pixels PhysicalSizeX=\"0.3\" PhysicalSizeY=\"0.3\" "
     "SizeX=\"150\" SizeY=\"70\" SizeZ=\"1\" SizeC=\"3\" SizeT=\"1\"/></Image></OME>",
     0.3, "OME-XML"},
};

START_TEST(size_of_a_pixel)
{
    picture p = PICTURE(W, H);
    p.per_unit = sizes[_i].per_unit;
    p.unit = sizes[_i].unit;
    p.description = sizes[_i].description;
    fill(wanted, &p);
    save_picture(at("a.tif"), &p, wanted, "w");
    const rgq_ihc_source *s = open_plain(at("a.tif"));
    if (sizes[_i].um > 0) /* tags are of single precision */
        ck_assert_double_eq_tol(s->mpp_um, sizes[_i].um, 1e-6);
    else
        ck_assert_double_nan(s->mpp_um);
    if (sizes[_i].um > 0)
        ck_assert_str_eq(rgq_slide_get_info(slide).um_origin, sizes[_i].origin);
    else if (sizes[_i].origin != NULL)
        ck_assert_ptr_nonnull(strstr(warned, sizes[_i].origin));
    s = open_with(at("a.tif"), with(none, 0.7, 0));
    ck_assert_double_eq(s->mpp_um, 0.7);
}
END_TEST

/* ---- means ---- */

START_TEST(means_by_hand)
{
    picture p = PICTURE(6, 3);
    static const uint8_t line[6] = {0, 90, 30, 200, 100, 50};
    for (int i = 0; i < 3 * 6 * 3; i++)
        wanted[i] = line[i / 3 % 6];
    save_picture(at("a.tif"), &p, wanted, "w");
    const rgq_ihc_source *s = open_with(at("a.tif"), with(3.0, 2.0, 0));
    /* 1.5 pixels each: (0 + 45) / 1.5, (45 + 30) / 1.5, (200 + 50) / 1.5, (50 + 50) / 1.5 */
    ck_assert_int_eq(s->width, 4);
    ck_assert_int_eq(s->height, 2);
    ck_assert_double_eq(s->mpp_um, 3.0);
    ck_assert_double_eq(rgq_slide_get_info(slide).full_per_pixel, 1.5);
    read_all(s, got);
    for (int y = 0; y < 2; y++)
        for (int c = 0; c < 3; c++) {
            ck_assert_int_eq(got[12 * y + c], 30);
            ck_assert_int_eq(got[12 * y + 3 + c], 50);
            ck_assert_int_eq(got[12 * y + 6 + c], 167);
            ck_assert_int_eq(got[12 * y + 9 + c], 67);
        }
}
END_TEST

START_TEST(means_do_not_depend_on_the_rectangle)
{
    static const double ratios[] = {1.3, 2.0, 3.7, 60.0};
    picture p = PICTURE(W, H);
    uint8_t part[3 * W * H];
    p.tile = 32;
    for (int i = 0; i < 3 * W * H; i++)
        wanted[i] = (uint8_t)((unsigned)i * 7919U >> 5);
    save_picture(at("a.tif"), &p, wanted, "w");
    for (int k = 0; k < ROWS(ratios); k++) {
        const rgq_ihc_source *s = open_with(at("a.tif"), with(ratios[k], 1.0, 0));
        const int w = (int)s->width;
        ck_assert_int_eq(w, (int)(W / ratios[k]));
        read_all(s, got);
        for (int y = 0; y < s->height; y++)
            for (int x = 0; x < w; x++) {
                MUST(s->read(s->user, x, y, 1, 1, part, err));
                ck_assert_mem_eq(part, got + 3 * (y * w + x), 3);
            }
        rgq_ihc_source twin;
        MUST(s->clone(&twin, s->user, err));
        read_all(&twin, part);
        ck_assert_mem_eq(part, got, 3 * (size_t)w * (size_t)s->height);
        twin.close(twin.user);
    }
}
END_TEST

/* ---- levels ---- */

/* What OpenSlide takes for a slide of Aperio: 512 x 256 and a quarter of it. */
static void save_aperio(const char *path)
{
    static uint8_t bytes[3 * 512 * 256];
    picture p = PICTURE(512, 256);
    TIFF *file = TIFFOpen(path, "w");
    p.tile = 64;
    p.compression = COMPRESSION_JPEG;
    p.ycbcr = true;
    p.description = "Aperio Image Library v1\r\n512x256 (64x64) JPEG|AppMag = 40|MPP = 0.25";
    memset(bytes, 100, sizeof bytes);
    add_picture(file, &p, bytes);
    p.width = 128;
    p.height = 64;
    memset(bytes, 200, sizeof bytes);
    add_picture(file, &p, bytes);
    TIFFClose(file);
}

START_TEST(levels_of_a_slide)
{
    /* um, level's downsample, width, value: level 0 holds 100, level 1 holds 200 */
    static const struct {
        double mpp, downsample;
        int width, value;
    } cases[] = {{(double)NAN, 1, 512, 100}, {0.25, 1, 512, 100}, {0.5, 1, 256, 100},
                 {0.999, 1, 128, 100},       {1.0, 4, 128, 200},  {2.0, 4, 64, 200}};
    save_aperio(at("a.svs"));
    static uint8_t big[3 * 512 * 256];
    for (int i = 0; i < ROWS(cases); i++) {
        const rgq_ihc_source *s = open_with(at("a.svs"), with(cases[i].mpp, none, 0));
        const rgq_slide_info info = rgq_slide_get_info(slide);
        ck_assert_ptr_nonnull(strstr(info.format, "aperio"));
        ck_assert_double_eq(info.full_um, 0.25);
        ck_assert_double_eq(info.level_downsample, cases[i].downsample);
        ck_assert_int_eq(s->width, cases[i].width);
        read_all(s, big);
        for (int k = 0; k < 3 * (int)s->width * (int)s->height; k++)
            ck_assert_int_le(abs(big[k] - cases[i].value), 1); /* JPEG of a plane */
        rgq_ihc_source twin;
        MUST(s->clone(&twin, s->user, err));
        MUST(twin.read(twin.user, 10, 20, 5, 5, big, err));
        ck_assert_int_le(abs(big[0] - cases[i].value), 1);
        twin.close(twin.user);
    }
    NOT_OPENED(at("a.svs"), with(0.1, none, 0), RGQ_E_ARGUMENT, "finer than the file");
    NOT_OPENED(at("a.svs"), with(none, none, 1), RGQ_E_ARGUMENT, "picture 0 alone");
}
END_TEST

START_TEST(pages)
{
    picture p = PICTURE(16, 16);
    TIFF *file = TIFFOpen(at("a.tif"), "w");
    for (int i = 0; i < 4; i++) {
        memset(wanted, 10 * i, sizeof wanted);
        p.kind = i == 1 ? FILETYPE_REDUCEDIMAGE : 0;
        add_picture(file, &p, wanted);
    }
    TIFFClose(file);
    read_all(open_plain(at("a.tif")), got);
    ck_assert_int_eq(got[0], 0);
    ck_assert_ptr_nonnull(strstr(warned, "3 pictures"));
    read_all(open_with(at("a.tif"), with(none, none, 1)), got);
    ck_assert_int_eq(got[0], 20);
    NOT_OPENED(at("a.tif"), with(none, none, 3), RGQ_E_ARGUMENT, "pictures 0 to 2");
}
END_TEST

/* ---- what is refused ---- */

START_TEST(refusals)
{
    picture p = PICTURE(W, H);
    static const uint8_t zeros[2 * 4 * W * H];
    p.bits = 16;
    save_picture(at("a.tif"), &p, zeros, "w");
    NOT_OPENED(at("a.tif"), with(none, none, 0), RGQ_E_UNSUPPORTED, "16 bits");
    p = (picture)PICTURE(W, H);
    p.channels = 1;
    save_picture(at("a.tif"), &p, zeros, "w");
    NOT_OPENED(at("a.tif"), with(none, none, 0), RGQ_E_UNSUPPORTED, "grey");
    p = (picture)PICTURE(W, H);
    p.photometric = PHOTOMETRIC_CIELAB;
    save_picture(at("a.tif"), &p, zeros, "w");
    NOT_OPENED(at("a.tif"), with(none, none, 0), RGQ_E_UNSUPPORTED, "interpretation 8");
    p = (picture)PICTURE(W, H);
    p.planar = PLANARCONFIG_SEPARATE;
    save_picture(at("a.tif"), &p, zeros, "w");
    NOT_OPENED(at("a.tif"), with(none, none, 0), RGQ_E_UNSUPPORTED, "pixel by pixel");
    p = (picture)PICTURE(W, H);
    save_picture(at("a.tif"), &p, zeros, "w");
    NOT_OPENED(at("a.tif"), with(0.5, none, 0), RGQ_E_MISSING, "--pixel-um");
    NOT_OPENED(at("a.tif"), with(0.5, 0.6, 0), RGQ_E_ARGUMENT, "finer");
    NOT_OPENED(at("a.tif"), with(500, 0.6, 0), RGQ_E_ARGUMENT, "averaged");
    NOT_OPENED(at("a.tif"), with(-1, none, 0), RGQ_E_ARGUMENT, "above 0");
    NOT_OPENED(at("none.tif"), with(none, none, 0), RGQ_E_IO, "No such file");
    NOT_OPENED(folder, with(none, none, 0), RGQ_E_IO, "regular file");
    save_text(at("a.txt"), "no picture at all");
    NOT_OPENED(at("a.txt"), with(none, none, 0), RGQ_E_FORMAT, "no slide");
    save(at("b.txt"), "", 0);
    NOT_OPENED(at("b.txt"), with(none, none, 0), RGQ_E_FORMAT, "no slide");
}
END_TEST

static unsigned char file_bytes[400000];

static size_t load_raw(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    const size_t length = fread(file_bytes, 1, sizeof file_bytes, file);
    ck_assert_int_eq(fclose(file), 0);
    return length;
}

/* Open and read; true if it went. */
static bool reads(const char *path)
{
    const rgq_slide_opts opts = with(none, none, 0);
    rgq_error own = RGQ_ERROR_INIT;
    bool good = true;

    rgq_slide_close(slide);
    if (rgq_slide_open(&slide, path, &opts, NULL, &own) != RGQ_OK) {
        ck_assert_ptr_null(slide);
        return false;
    }
    const rgq_ihc_source *s = rgq_slide_source(slide);
    for (int64_t y = 0; y < s->height && y < H && good; y++)
        good =
            s->read(s->user, 0, y, (int)(s->width < W ? s->width : W), 1, got, &own) == RGQ_OK;
    ck_assert(good || own.message[0] != '\0');
    return good;
}

/* The directory stands in front in what libtiff writes with "w" after a checkpoint; here it is
 * at the end, so a cut file of that kind has none. Cut in the data it is told where. */
START_TEST(truncated)
{
    picture p = PICTURE(W, H);
    TIFF *file = TIFFOpen(at("a.tif"), "w");
    p.tile = 64;
    fill(wanted, &p);
    set_picture(file, &p);
    ck_assert_int_eq(TIFFWriteCheck(file, 1, "test"), 1);
    ck_assert_int_eq(TIFFCheckpointDirectory(file), 1);
    write_tiles(file, &p, wanted);
    ck_assert_int_eq(TIFFRewriteDirectory(file), 1);
    TIFFClose(file);
    const size_t length = load_raw(at("a.tif"));
    for (size_t cut = 0; cut < length; cut += cut < 600 ? 1 : 1777) {
        save(at("b.tif"), file_bytes, cut);
        ck_assert(!reads(at("b.tif")));
    }
    save(at("b.tif"), file_bytes, length);
    ck_assert(reads(at("b.tif")));
    MUST(rgq_png_write(at("a.png"), wanted, W, H, false, err));
    const size_t png_length = load_raw(at("a.png"));
    for (size_t cut = 0; cut + 12 < png_length; cut += 97) { /* the last chunk is empty */
        save(at("b.png"), file_bytes, cut);
        ck_assert(!reads(at("b.png")));
    }
}
END_TEST

START_TEST(turned_bits)
{
    static const int compressions[] = {COMPRESSION_LZW, COMPRESSION_JPEG,
                                       COMPRESSION_ADOBE_DEFLATE};
    for (int k = 0; k < 3; k++) {
        picture p = PICTURE(48, 40);
        p.tile = k == 0 ? 0 : 16;
        p.rows_per_strip = 8;
        p.compression = compressions[k];
        p.ycbcr = k == 1;
        fill(wanted, &p);
        save_picture(at("a.tif"), &p, wanted, "w");
        const size_t length = load_raw(at("a.tif"));
        for (size_t i = 0; i < length; i += 3) {
            file_bytes[i] ^= (unsigned char)(1 << i % 8);
            save(at("b.tif"), file_bytes, length);
            (void)reads(at("b.tif"));
            file_bytes[i] ^= (unsigned char)(1 << i % 8);
        }
    }
}
END_TEST

/* Tiles that were never written take no room; there is no stain where nothing is. */
START_TEST(missing_tiles_are_white)
{
    picture p = PICTURE(W, H);
    TIFF *file = TIFFOpen(at("a.tif"), "w");
    p.tile = 64;
    p.compression = COMPRESSION_LZW;
    set_picture(file, &p);
    memset(wanted, 7, sizeof wanted);
    ck_assert_int_gt(TIFFWriteTile(file, wanted, 64, 0, 0, 0), 0);
    ck_assert_int_eq(TIFFWriteDirectory(file), 1);
    TIFFClose(file);
    read_all(open_plain(at("a.tif")), got);
    ck_assert_int_eq(got[0], 255);
    ck_assert_int_eq(got[3 * 64], 7);
    ck_assert_int_eq(got[3 * 128], 255);
}
END_TEST

START_TEST(lying_sizes)
{
    picture p = PICTURE(400, 400);
    TIFF *file = TIFFOpen(at("a.tif"), "w");
    int turned = 0;
    p.tile = 64;
    set_picture(file, &p);
    ck_assert_int_gt(TIFFWriteTile(file, wanted, 0, 0, 0, 0), 0);
    TIFFClose(file);
    const size_t length = load_raw(at("a.tif"));
    for (size_t i = 0; i + 12 <= length; i++) { /* the entries ImageWidth and ImageLength */
        unsigned char *e = file_bytes + i;
        if (e[0] <= 1 && e[1] == 1 && e[2] >= 3 && e[2] <= 4 && e[4] == 1 && e[8] == 0x90) {
            e[2] = 4;
            e[10] = 0x3d; /* 0x3d0190 = 3 998 096 */
            turned++;
        }
    }
    ck_assert_int_eq(turned, 2);
    save(at("a.tif"), file_bytes, length);
    ck_assert(!reads(at("a.tif")));
}
END_TEST

START_TEST(lost_memory)
{
    picture p = PICTURE(W, H);
    const rgq_slide_opts opts = with(2.0, 1.0, 0);
    rgq_ihc_source twin = {.width = 0};
    p.tile = 64;
    fill(wanted, &p);
    save_picture(at("a.tif"), &p, wanted, "w");
    MUST(rgq_png_write(at("a.png"), wanted, W, H, false, err));
    save_aperio(at("a.svs"));
    const char *paths[] = {at("a.tif"), at("a.png"), at("a.svs")};
    for (int i = 0; i < 3; i++) {
        rgq_slide_close(slide);
        TORTURE(
            rgq_slide_open(&slide, paths[i], &opts, NULL, err),
            {
                ck_assert((torture_st == RGQ_OK) == (slide != NULL));
                rgq_slide_close(slide);
                slide = NULL;
            },
            4);
        const rgq_ihc_source *s = open_with(paths[i], opts);
        TORTURE(
            s->clone(&twin, s->user, err),
            {
                if (torture_st == RGQ_OK && twin.close != NULL)
                    twin.close(twin.user);
            },
            2);
    }
}
END_TEST

RGQ_CHECK_MAIN("io slide", TIFFSetErrorHandler(NULL); TIFFSetWarningHandler(NULL);
               tcase_add_checked_fixture(tc, begin, end);
               tcase_add_loop_test(tc, every_way_of_storing, 0, ROWS(kinds));
               tcase_add_test(tc, clones_read_the_same);
               tcase_add_test(tc, long_strips_are_unpacked_once);
               tcase_add_test(tc, transparent_is_white); tcase_add_test(tc, kinds_of_png);
               tcase_add_loop_test(tc, size_of_a_pixel, 0, ROWS(sizes));
               tcase_add_test(tc, means_by_hand);
               tcase_add_test(tc, means_do_not_depend_on_the_rectangle);
               tcase_add_test(tc, levels_of_a_slide); tcase_add_test(tc, pages);
               tcase_add_test(tc, refusals); tcase_add_test(tc, truncated);
               tcase_add_test(tc, turned_bits); tcase_add_test(tc, missing_tiles_are_white);
               tcase_add_test(tc, lying_sizes); tcase_add_test(tc, lost_memory))
