/* A picture made small: means of the pixels it covers, to the last digit. */
#include "report/thumbnail.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "io/png_rows.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"

enum { W = 7, H = 4 };

static char path[64];

static void write_picture(void)
{
    unsigned char rgb[3 * W * H];

    for (int i = 0; i < 3 * W * H; i++)
        rgb[i] = (unsigned char)(i * 37 % 251);
    (void)snprintf(path, sizeof path, "thumbnail-%ld.png", (long)getpid());
    MUST(rgq_png_write(path, rgb, W, H, true, err));
}

/* The thumbnail, decoded. */
static void read_back(unsigned char *rgb, int *width, int *height, const unsigned char *png,
                      size_t length)
{
    char name[80];
    rgq_png *file = NULL;
    rgq_png_info info;

    (void)snprintf(name, sizeof name, "small-%s", path);
    MUST(rgq_file_write(name, png, length, true, err));
    MUST(rgq_png_open(&file, &info, name, false, err));
    *width = (int)info.width;
    *height = (int)info.height;
    for (int y = 0; y < *height; y++)
        MUST(rgq_png_row(file, rgb + 3 * (size_t)y * (size_t)*width, err));
    rgq_png_close(file);
    (void)remove(name);
}

START_TEST(pixels_are_means)
{
    unsigned char *png = NULL;
    size_t length = 0;
    unsigned char rgb[3 * W * H];
    int width = 0;
    int height = 0;

    write_picture();
    MUST(rgq_thumbnail_make(&png, &length, path, 3, err));
    read_back(rgb, &width, &height, png, length);
    ck_assert_int_eq(width, 3);
    ck_assert_int_eq(height, 1); /* 4 x 3 / 7 */
    for (int x = 0; x < 3; x++)
        for (int c = 0; c < 3; c++) { /* columns 0-1, 2-3, 4-6 of all four rows */
            const int from = x * W / 3;
            const int to = (x + 1) * W / 3;
            int sum = 0;
            for (int y = 0; y < H; y++)
                for (int i = from; i < to; i++)
                    sum += (3 * (y * W + i) + c) * 37 % 251;
            const int count = H * (to - from);
            ck_assert_int_eq(rgb[3 * x + c], (sum + count / 2) / count);
        }
    rgq_free(png);
    (void)remove(path);
}
END_TEST

START_TEST(small_ones_stay)
{
    unsigned char *png = NULL;
    size_t length = 0;
    unsigned char rgb[3 * W * H];
    int width = 0;
    int height = 0;

    write_picture();
    MUST(rgq_thumbnail_make(&png, &length, path, 100, err));
    read_back(rgb, &width, &height, png, length);
    ck_assert_int_eq(width, W);
    ck_assert_int_eq(height, H);
    for (int i = 0; i < 3 * W * H; i++)
        ck_assert_int_eq(rgb[i], i * 37 % 251);
    rgq_free(png);
    (void)remove(path);
}
END_TEST

START_TEST(refusals)
{
    unsigned char *png = NULL;
    size_t length = 0;

    write_picture();
    REFUSED(rgq_thumbnail_make(&png, &length, "not-there.png", 3, err), RGQ_E_IO, "");
    MUST(rgq_file_write(path, "no picture", 10, true, err));
    REFUSED(rgq_thumbnail_make(&png, &length, path, 3, err), RGQ_E_FORMAT, "");
    ck_assert_ptr_null(png);
    write_picture();
    TORTURE(rgq_thumbnail_make(&png, &length, path, 3, err), rgq_free(png), 3);
    (void)remove(path);
}
END_TEST

RGQ_CHECK_MAIN("report thumbnail", tcase_add_test(tc, pixels_are_means);
               tcase_add_test(tc, small_ones_stay); tcase_add_test(tc, refusals))
