/* report/slice_picture.c: where a voxel and a circle come to lie. report/plot.c: a plot. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "report/plot.h"
#include "report/slice_picture.h"
#include "rgq_check.h"

#include "core/banned.h"

/* 10 x 10 x 3 voxels of 4 mm; one is hot, to the patient's right and in front, whatever the
 * order and the direction of the axes are. */
static rgq_volume *spot(int variant)
{
    const int n[3] = {10, 10, 3};
    const double spacing[3] = {4.0, 4.0, 4.0};
    const double zero[3] = {0.0, 0.0, 0.0};
    rgq_grid grid = rgq_grid_make_centred(n, spacing, zero);
    const double world[3] = {10.0, 14.0, 0.0};
    double index[3];
    rgq_volume *v = NULL;

    if (variant == 1) /* axes to the left and to the back */
        for (int c = 0; c < 4; c++) {
            grid.affine[0][c] = -grid.affine[0][c];
            grid.affine[1][c] = -grid.affine[1][c];
        }
    if (variant == 2) /* first axis to the front, second to the right */
        for (int r = 0; r < 2; r++) {
            const double swap = grid.affine[r][0];
            grid.affine[r][0] = grid.affine[r][1];
            grid.affine[r][1] = swap;
        }
    MUST(rgq_volume_create(&v, &grid, 1, RGQ_UNIT_BQ_ML, err));
    rgq_grid_to_index(&grid, world, index);
    rgq_volume_data(
        v,
        0)[((int)lround(index[2]) * 10 + (int)lround(index[1])) * 10 + (int)lround(index[0])] =
        1.0f;
    return v;
}

START_TEST(right_is_left_and_front_is_up)
{
    rgq_volume *v = spot(_i);
    rgq_canvas canvas;
    const double at[3] = {0.0, 0.0, 1.0};
    const rgq_circle circle = {{10.0, 14.0, 0.0}, 8.0, 0xff0000, ""};

    /* 40 mm are 720 pixels: 18 a mm; x = 10 mm is 10 mm left of the middle */
    MUST(rgq_slice_picture_draw(&canvas, v, 0, at, &circle, 1, err));
    ck_assert_int_eq(canvas.width, 720);
    ck_assert_int_eq(canvas.height, 720);
    ck_assert_uint_eq(rgq_canvas_get(&canvas, 360 - 180, 360 - 252), 0x000000);
    ck_assert_uint_eq(rgq_canvas_get(&canvas, 360 + 180, 360 - 252), 0xffffff);
    ck_assert_uint_eq(rgq_canvas_get(&canvas, 360 - 180, 360 + 252), 0xffffff);
    int red = 0;
    for (int x = 320 - 180 - 144; x < 400 - 180; x++) /* left edge of the circle */
        red += x >= 0 && rgq_canvas_get(&canvas, x, 360 - 252) == 0xff0000 ? 1 : 0;
    ck_assert_int_ge(red, 1);
    rgq_canvas_release(&canvas);
    const double outside[3] = {0.0, 0.0, 20.0};
    REFUSED(rgq_slice_picture_draw(&canvas, v, 0, outside, NULL, 0, err), RGQ_E_GEOMETRY,
            "outside the scan");
    REFUSED(rgq_slice_picture_draw(&canvas, v, 1, at, NULL, 0, err), RGQ_E_ARGUMENT, "frame 1");
    rgq_volume_free(v);
}
END_TEST

START_TEST(plot)
{
    char folder[] = "/tmp/rgq-plot-XXXXXX";
    char path[RGQ_PATH_MAX];

    ck_assert_ptr_nonnull(mkdtemp(folder));
    MUST(rgq_path_join(path, folder, "p.svg", err));
    if (rgq_plot_is_there()) {
        MUST(rgq_plot_write(path, "set terminal svg\nplot x\n", false, err));
        ck_assert(rgq_path_exists(path));
        REFUSED(rgq_plot_write(path, "set terminal svg\nplot x\n", false, err), RGQ_E_IO,
                "exists");
        (void)remove(path);
        REFUSED(rgq_plot_write(path, "nonsense\n", false, err), RGQ_E_IO,
                "ended with an error");
        ck_assert(!rgq_path_exists(path));
    }
    ck_assert_int_eq(setenv("PATH", "/nowhere", 1), 0);
    REFUSED(rgq_plot_write(path, "plot x\n", false, err), RGQ_E_NOTFOUND, "no gnuplot");
    (void)rmdir(folder);
}
END_TEST

RGQ_CHECK_MAIN("report.slice_picture",
               tcase_add_loop_test(tc, right_is_left_and_front_is_up, 0, 3);
               tcase_add_test(tc, plot))
