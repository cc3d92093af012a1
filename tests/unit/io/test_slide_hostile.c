/* Slides that are refused, cut, turned, or lie; and memory that cannot be had. */
#include "slide_case.h"

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

/* The directory stands at the end here; a file cut behind one that stands in front is told with
 * what it claims (case ihc-bad-slides). */
START_TEST(truncated)
{
    picture p = PICTURE(W, H);
    TIFF *file = TIFFOpen(at("a.tif"), "w");
    p.tile = 64;
    fill(wanted, &p);
    set_picture(file, &p);
    write_tiles(file, &p, wanted);
    ck_assert_int_eq(TIFFWriteDirectory(file), 1);
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

/* A PNG of 4 million pixels either way in some hundred bytes, its checksum in order. */
START_TEST(lying_png)
{
    static const unsigned char side[4] = {0x00, 0x3d, 0x09, 0x00};
    MUST(rgq_png_write(at("a.png"), wanted, 5, 4, false, err));
    const size_t length = load_raw(at("a.png"));
    memcpy(file_bytes + 16, side, 4);
    memcpy(file_bytes + 20, side, 4);
    const uint32_t sum = (uint32_t)crc32(0, file_bytes + 12, 17);
    for (int i = 0; i < 4; i++)
        file_bytes[29 + i] = (unsigned char)(sum >> (24 - 8 * i));
    save(at("a.png"), file_bytes, length);
    NOT_OPENED(at("a.png"), with(none, none, 0), RGQ_E_FORMAT, "cannot hold more than");
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

RGQ_CHECK_MAIN("io slide hostile", TIFFSetErrorHandler(NULL); TIFFSetWarningHandler(NULL);
               tcase_add_checked_fixture(tc, begin, end); tcase_add_test(tc, refusals);
               tcase_add_test(tc, truncated); tcase_add_test(tc, turned_bits);
               tcase_add_test(tc, missing_tiles_are_white); tcase_add_test(tc, lying_sizes);
               tcase_add_test(tc, lying_png); tcase_add_test(tc, lost_memory))
