/* Slides: every way of storing one, rectangles and clones, sizes of pixels, means over areas,
 * levels. */
#include <png.h>

#include "slide_case.h"

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

RGQ_CHECK_MAIN("io slide", TIFFSetErrorHandler(NULL); TIFFSetWarningHandler(NULL);
               tcase_add_checked_fixture(tc, begin, end);
               tcase_add_loop_test(tc, every_way_of_storing, 0, ROWS(kinds));
               tcase_add_test(tc, clones_read_the_same);
               tcase_add_test(tc, long_strips_are_unpacked_once);
               tcase_add_test(tc, transparent_is_white); tcase_add_test(tc, kinds_of_png);
               tcase_add_loop_test(tc, size_of_a_pixel, 0, ROWS(sizes));
               tcase_add_test(tc, means_by_hand);
               tcase_add_test(tc, means_do_not_depend_on_the_rectangle);
               tcase_add_test(tc, levels_of_a_slide); tcase_add_test(tc, pages))
