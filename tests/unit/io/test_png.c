/* PNG: the chunks are walked by hand, the pixels unpacked with zlib and unfiltered here. */
#include "io_check.h"
#include "rgdquant/scan_file.h"

enum { W = 7, H = 5 };

static void make_pixels(unsigned char *rgb)
{
    for (int i = 0; i < W * H * 3; i++)
        rgb[i] = (unsigned char)(i * 37 + i / 11);
}

static uint32_t big(const unsigned char *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int paeth(int a, int b, int c)
{
    const int p = a + b - c;
    const int pa = abs(p - a);
    const int pb = abs(p - b);
    const int pc = abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

/* Undo the five filters of the PNG specification; rows of 1 + 3 W bytes. */
static void unfilter(unsigned char *rgb, const unsigned char *rows)
{
    for (int y = 0; y < H; y++)
        for (int x = 0; x < 3 * W; x++) {
            const unsigned char *row = rows + y * (3 * W + 1);
            const int a = x >= 3 ? rgb[y * 3 * W + x - 3] : 0;
            const int b = y > 0 ? rgb[(y - 1) * 3 * W + x] : 0;
            const int c = x >= 3 && y > 0 ? rgb[(y - 1) * 3 * W + x - 3] : 0;
            const int add[5] = {0, a, b, (a + b) / 2, paeth(a, b, c)};
            ck_assert_int_lt(row[0], 5);
            rgb[y * 3 * W + x] = (unsigned char)(row[1 + x] + add[row[0]]);
        }
}

START_TEST(chunks_and_pixels)
{
    unsigned char rgb[W * H * 3];
    unsigned char back[W * H * 3];
    unsigned char rows[H * (3 * W + 1)];
    unsigned char bytes[4096];
    uLongf unpacked = sizeof rows;
    int n_data = 0;
    bool ended = false;

    make_pixels(rgb);
    MUST(rgq_png_write(at("a.png"), rgb, W, H, false, err));
    const size_t length = load(at("a.png"), bytes, sizeof bytes);
    ck_assert_mem_eq(bytes, "\211PNG\r\n\032\n", 8);
    for (size_t i = 8; i + 12 <= length; i += 12 + big(bytes + i)) {
        const size_t size = big(bytes + i);
        const unsigned char *type = bytes + i + 4;
        ck_assert_uint_eq(crc32(0, type, (uInt)size + 4), big(bytes + i + 8 + size));
        ck_assert_int_ne(memcmp(type, "tIME", 4), 0);
        ck_assert_int_ne(memcmp(type, "tEXt", 4), 0);
        if (memcmp(type, "IHDR", 4) == 0) {
            ck_assert_uint_eq(big(type + 4), W);
            ck_assert_uint_eq(big(type + 8), H);
            ck_assert_int_eq(type[12], 8); /* bits */
            ck_assert_int_eq(type[13], 2); /* RGB */
        }
        if (memcmp(type, "IDAT", 4) == 0 && ++n_data == 1)
            ck_assert_int_eq(uncompress(rows, &unpacked, type + 4, size), Z_OK);
        ended = memcmp(type, "IEND", 4) == 0;
    }
    ck_assert(ended);
    ck_assert_int_eq(n_data, 1);
    ck_assert_uint_eq(unpacked, sizeof rows);
    unfilter(back, rows);
    ck_assert_mem_eq(back, rgb, sizeof rgb);
}
END_TEST

START_TEST(refused)
{
    unsigned char rgb[3] = {1, 2, 3};
    REFUSED(rgq_png_write(at("a.png"), rgb, 0, 1, false, err), RGQ_E_ARGUMENT, "0 x 1");
    REFUSED(rgq_png_write(at("a.png"), rgb, 1, 40000, false, err), RGQ_E_ARGUMENT, "40000");
    MUST(rgq_png_write(at("a.png"), rgb, 1, 1, false, err));
    REFUSED(rgq_png_write(at("a.png"), rgb, 1, 1, false, err), RGQ_E_IO, "--force");
    MUST(rgq_png_write(at("a.png"), rgb, 1, 1, true, err));
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

START_TEST(lost_memory)
{
    unsigned char rgb[W * H * 3];
    make_pixels(rgb);
    const char *path = at("m.png");
    TORTURE(rgq_png_write(path, rgb, W, H, false, err),
            ck_assert_int_eq(count_files(), torture_st == RGQ_OK ? 1 : 0), 2);
}
END_TEST

RGQ_CHECK_MAIN("io png", tcase_add_checked_fixture(tc, folder_begin, folder_end);
               tcase_add_test(tc, chunks_and_pixels); tcase_add_test(tc, refused);
               tcase_add_test(tc, lost_memory))
