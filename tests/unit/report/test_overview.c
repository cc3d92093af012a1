#include "report/overview.h"

#include <string.h>

#include "num/threads.h"
#include "report/projection.h"
#include "rgq_check.h"

/* LPS grid as a scanner makes it: 20 x 16 x 30 voxels of 4 x 4 x 5 mm. */
static rgq_grid scanner_grid(void)
{
    return (rgq_grid){.n = {20, 16, 30},
                      .affine = {{-4, 0, 0, 38}, {0, -4, 0, 30}, {0, 0, 5, -70}}};
}

static rgq_volume *hot_voxel(const rgq_grid *grid, int i, int j, int k)
{
    rgq_volume *volume = NULL;
    MUST(rgq_volume_create(&volume, grid, 1, RGQ_UNIT_SUV_BW, err));
    rgq_volume_data(volume, 0)[i + grid->n[0] * (j + grid->n[1] * k)] = 10.0F;
    return volume;
}

static rgq_regions *cube_region(const rgq_grid *grid, const int lo[3], const int hi[3])
{
    rgq_regions *regions = NULL;
    uint8_t *mask = NULL;
    MUST(rgq_regions_create(&regions, grid, err));
    MUST(rgq_alloc(&mask, rgq_grid_count(grid), 1, err));
    for (int k = lo[2]; k <= hi[2]; k++)
        for (int j = lo[1]; j <= hi[1]; j++)
            for (int i = lo[0]; i <= hi[0]; i++)
                mask[i + grid->n[0] * (j + grid->n[1] * k)] = 1;
    MUST(rgq_regions_add_mask(regions, "cube", 3, mask, err));
    rgq_free(mask);
    return regions;
}

/* Middle of the pixels of one voxel of a projection. */
static uint32_t pixel_of(const rgq_canvas *c, const int xy[2], const int size[2], int column,
                         int columns, int row, int rows)
{
    const int x = xy[0] + (2 * column + 1) * size[0] / (2 * columns);
    const int y = xy[1] + (2 * row + 1) * size[1] / (2 * rows);
    return rgq_canvas_get(c, x, y);
}

START_TEST(hot_voxel_is_dark)
{
    const rgq_grid grid = scanner_grid();
    rgq_volume *volume = hot_voxel(&grid, 4, 2, 25); /* x falls to the right: 4 is column 4 */
    rgq_overview_opts opts = RGQ_OVERVIEW_OPTS_INIT;
    rgq_overview_report r;
    rgq_canvas c;

    opts.upper = 10.0;
    MUST(rgq_overview_draw(&c, volume, NULL, &opts, &r, err));
    for (int row = 0; row < 30; row++)
        for (int column = 0; column < 20; column++) {
            const uint32_t grey =
                pixel_of(&c, r.coronal_xy, r.coronal_size, column, 20, row, 30) & 255U;
            if (column == 4 && row == 4) /* slice 25 of 30 from below */
                ck_assert_uint_lt(grey, 40);
            else if (abs(column - 4) > 1 || abs(row - 4) > 1)
                ck_assert_uint_eq(grey, 255);
        }
    ck_assert_uint_lt(pixel_of(&c, r.sagittal_xy, r.sagittal_size, 2, 16, 4, 30) & 255U, 40);
    /* pixels are square in mm */
    ck_assert_int_eq(r.coronal_size[0], (int)lround(80.0 * r.px_per_mm));
    ck_assert_int_eq(r.coronal_size[1], (int)lround(150.0 * r.px_per_mm));
    ck_assert_int_eq(r.sagittal_size[0], (int)lround(64.0 * r.px_per_mm));
    ck_assert_double_eq_tol(r.bar_mm, 20.0, 1e-12); /* 40 % of 80 mm is 32 mm */
    rgq_canvas_release(&c);
    rgq_volume_free(volume);
}
END_TEST

/* Ink of the bar: as many pixels as its mm say. */
START_TEST(scale_bar_has_its_length)
{
    const rgq_grid grid = scanner_grid();
    rgq_volume *volume = hot_voxel(&grid, 4, 2, 25);
    rgq_overview_opts opts = RGQ_OVERVIEW_OPTS_INIT;
    rgq_overview_report r;
    rgq_canvas c;
    int longest = 0;

    MUST(rgq_overview_draw(&c, volume, NULL, &opts, &r, err));
    for (int y = r.coronal_xy[1] + r.coronal_size[1] + 5; y < c.height; y++) {
        int run = 0;
        for (int x = 0; x < c.width; x++) {
            run = rgq_canvas_get(&c, x, y) == 0x202020U ? run + 1 : 0;
            longest = run > longest ? run : longest;
        }
    }
    ck_assert_int_eq(longest, (int)lround(r.bar_mm * r.px_per_mm));
    rgq_canvas_release(&c);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(outline_goes_round_the_region)
{
    const rgq_grid grid = scanner_grid();
    rgq_volume *volume = hot_voxel(&grid, 10, 8, 15);
    rgq_regions *regions =
        cube_region(&grid, (const int[3]){9, 7, 14}, (const int[3]){11, 9, 16});
    rgq_overview_opts opts = RGQ_OVERVIEW_OPTS_INIT;
    rgq_overview_report r;
    rgq_canvas c;
    const uint32_t colour = 0xD55E00U;

    MUST(rgq_overview_draw(&c, volume, regions, &opts, &r, err));
    const int y = r.coronal_xy[1] + 29 * r.coronal_size[1] / 60; /* middle of row 14 */
    const double voxel_px = r.coronal_size[0] / 20.0;
    int left = -1;
    for (int x = r.coronal_xy[0]; left < 0 && x < r.coronal_xy[0] + r.coronal_size[0]; x++)
        if (rgq_canvas_get(&c, x, y) == colour)
            left = x - r.coronal_xy[0];
    /* the line is two pixels wide and lies outside the voxels 9..11 */
    ck_assert_double_eq_tol(left + 2.0, 9.0 * voxel_px, 1.5);
    ck_assert_uint_ne(rgq_canvas_get(&c, r.coronal_xy[0] + (int)(10.5 * voxel_px), y), colour);
    ck_assert_double_eq_tol(r.upper, 10.0, 1e-12);
    rgq_canvas_release(&c);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

/* A voxel smaller than a pixel is not lost. */
START_TEST(large_images_keep_small_lesions)
{
    const rgq_grid grid =
        rgq_grid_make((const int[3]){3000, 2, 1500}, (const double[3]){0.5, 0.5, 0.5},
                      (const double[3]){0.0, 0.0, 0.0});
    rgq_volume *volume = hot_voxel(&grid, 1234, 1, 777);
    rgq_overview_opts opts = RGQ_OVERVIEW_OPTS_INIT;
    rgq_overview_report r;
    rgq_canvas c;

    opts.upper = 10.0;
    MUST(rgq_overview_draw(&c, volume, NULL, &opts, &r, err));
    ck_assert_int_le(c.width, 1600);
    int dark = 0;
    for (int y = r.coronal_xy[1]; y < r.coronal_xy[1] + r.coronal_size[1]; y++)
        for (int x = r.coronal_xy[0]; x < r.coronal_xy[0] + r.coronal_size[0]; x++)
            dark += rgq_canvas_get(&c, x, y) == 0U;
    ck_assert_int_ge(dark, 1);
    ck_assert_int_le(dark, 4);
    rgq_canvas_release(&c);
    rgq_volume_free(volume);
}
END_TEST

static rgq_volume *waves(const rgq_grid *grid)
{
    rgq_volume *volume = hot_voxel(grid, 0, 0, 0);
    for (size_t i = 0; i < rgq_grid_count(grid); i++)
        rgq_volume_data(volume, 0)[i] = 3.0F + 2.0F * sinf((float)i * 0.37F);
    return volume;
}

START_TEST(threads_do_not_matter)
{
    const rgq_grid grid = scanner_grid();
    rgq_volume *volume = waves(&grid);
    rgq_regions *regions =
        cube_region(&grid, (const int[3]){2, 3, 4}, (const int[3]){9, 9, 20});
    const rgq_overview_opts opts = RGQ_OVERVIEW_OPTS_INIT;
    rgq_canvas c[2];

    for (int t = 0; t < 2; t++) {
        rgq_threads_set(t + 1);
        MUST(rgq_overview_draw(&c[t], volume, regions, &opts, NULL, err));
    }
    ck_assert_int_eq(c[0].width, c[1].width);
    ck_assert_int_eq(c[0].height, c[1].height);
    ck_assert_int_eq(memcmp(c[0].rgb, c[1].rgb, (size_t)c[0].width * (size_t)c[0].height * 3),
                     0);
    rgq_canvas_release(&c[0]);
    rgq_canvas_release(&c[1]);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(edge_cases)
{
    const rgq_grid one =
        rgq_grid_make((const int[3]){1, 1, 1}, (const double[3]){1.0, 1.0, 1.0},
                      (const double[3]){0.0, 0.0, 0.0});
    const rgq_grid grid = scanner_grid();
    rgq_overview_opts opts = RGQ_OVERVIEW_OPTS_INIT;
    rgq_overview_report r;
    rgq_volume *volume = NULL;
    rgq_regions *none = NULL;
    rgq_canvas c;

    MUST(rgq_volume_create(&volume, &one, 1, RGQ_UNIT_BQ_ML, err)); /* a zero everywhere */
    MUST(rgq_regions_create(&none, &one, err));
    MUST(rgq_overview_draw(&c, volume, none, &opts, &r, err));
    ck_assert_double_eq_tol(r.upper, 1.0, 1e-12);
    rgq_canvas_release(&c);
    rgq_volume_data(volume, 0)[0] = -5.0F;
    MUST(rgq_overview_draw(&c, volume, NULL, &opts, &r, err));
    rgq_canvas_release(&c);

    opts.frame = 1;
    REFUSED(rgq_overview_draw(&c, volume, NULL, &opts, NULL, err), RGQ_E_ARGUMENT, "frame 1");
    opts.frame = 0;
    opts.upper = 0.0;
    REFUSED(rgq_overview_draw(&c, volume, NULL, &opts, NULL, err), RGQ_E_ARGUMENT, "above 0");
    ck_assert_ptr_null(c.rgb);
    opts.upper = 5.0;
    rgq_volume *other = waves(&grid);
    REFUSED(rgq_overview_draw(&c, other, none, &opts, NULL, err), RGQ_E_GEOMETRY, "mm");
    rgq_volume_free(other);
    rgq_volume_free(volume);
    rgq_regions_free(none);
}
END_TEST

/* Many regions with long names: the list ends in a number, nothing is written outside. */
START_TEST(many_regions)
{
    const rgq_grid grid = scanner_grid();
    rgq_volume *volume = waves(&grid);
    rgq_regions *regions = NULL;
    rgq_canvas c;
    uint8_t *mask = NULL;
    char name[RGQ_REGION_NAME_MAX];
    rgq_overview_opts opts = RGQ_OVERVIEW_OPTS_INIT;

    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    MUST(rgq_regions_create(&regions, &grid, err));
    MUST(rgq_alloc(&mask, rgq_grid_count(&grid), 1, err));
    for (int r = 0; r < 60; r++) {
        memset(mask, 0, rgq_grid_count(&grid));
        mask[r * 100] = 1;
        MUST(rgq_regions_add_mask(regions, name, r + 1, mask, err));
    }
    opts.background = "60";
    MUST(rgq_overview_draw(&c, volume, regions, &opts, NULL, err));
    ck_assert_int_le(c.height, 1600);
    rgq_canvas_release(&c);
    rgq_free(mask);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(torture)
{
    const rgq_grid grid = scanner_grid();
    rgq_volume *volume = waves(&grid);
    rgq_regions *regions =
        cube_region(&grid, (const int[3]){2, 3, 4}, (const int[3]){9, 9, 20});
    const rgq_overview_opts opts = RGQ_OVERVIEW_OPTS_INIT;
    rgq_canvas c;

    TORTURE(
        rgq_overview_draw(&c, volume, regions, &opts, NULL, err),
        {
            if (torture_st != RGQ_OK)
                ck_assert_ptr_null(c.rgb);
            rgq_canvas_release(&c);
        },
        7);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

RGQ_CHECK_MAIN("overview", tcase_add_test(tc, hot_voxel_is_dark);
               tcase_add_test(tc, scale_bar_has_its_length);
               tcase_add_test(tc, outline_goes_round_the_region);
               tcase_add_test(tc, large_images_keep_small_lesions);
               tcase_add_test(tc, threads_do_not_matter); tcase_add_test(tc, edge_cases);
               tcase_add_test(tc, many_regions); tcase_add_test(tc, torture))
