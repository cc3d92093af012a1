#include "report/projection.h"

#include <math.h>
#include <string.h>

#include "rgq_check.h"

enum { SIDES = 3 };

/* A grid whose voxel axis a runs along world axis to[a], falling where flip[a]; turned about z
 * by `turn_deg`. */
static rgq_grid make_grid(const int to[3], const bool flip[3], double turn_deg)
{
    static const int n[3] = {3, 4, 5};
    static const double spacing_mm[3] = {2.0, 3.0, 4.0};
    rgq_grid grid = {.n = {n[0], n[1], n[2]}};
    const double c = cos(turn_deg * 3.14159265358979 / 180.0);
    const double s = sin(turn_deg * 3.14159265358979 / 180.0);

    for (int a = 0; a < SIDES; a++) {
        double step[3] = {0.0, 0.0, 0.0};
        step[to[a]] = flip[a] ? -spacing_mm[a] : spacing_mm[a];
        grid.affine[0][a] = c * step[0] - s * step[1];
        grid.affine[1][a] = s * step[0] + c * step[1];
        grid.affine[2][a] = step[2];
    }
    for (int r = 0; r < SIDES; r++)
        grid.affine[r][3] = 10.0 * (r + 1);
    return grid;
}

/* Slow definition: columns count from the rightmost (coronal) or foremost (sagittal) voxel,
 * rows from the highest, all by world position along the unturned axes. */
static void expected_pixel(int xy[2], const rgq_grid *flat, const int at[3], rgq_view view)
{
    const int world[2] = {view == RGQ_VIEW_CORONAL ? 0 : 1, 2};

    for (int k = 0; k < 2; k++) {
        double here_mm = 0.0;
        double highest_mm = 0.0;
        double step_mm = 0.0;
        for (int a = 0; a < SIDES; a++) {
            here_mm += flat->affine[world[k]][a] * at[a];
            highest_mm += fmax(flat->affine[world[k]][a], 0.0) * (flat->n[a] - 1);
            step_mm = fmax(step_mm, fabs(flat->affine[world[k]][a]));
        }
        xy[k] = (int)lround((highest_mm - here_mm) / step_mm);
    }
}

static void check_voxel(const rgq_grid *grid, const rgq_grid *flat, const int at[3],
                        rgq_view view)
{
    rgq_volume *volume = NULL;
    float picture[64];
    int want[2];

    MUST(rgq_volume_create(&volume, grid, 1, RGQ_UNIT_SUV_BW, err));
    rgq_volume_data(volume, 0)[at[0] + grid->n[0] * (at[1] + grid->n[1] * at[2])] = 7.0F;
    const rgq_view_axes axes = rgq_view_axes_find(grid, view);
    rgq_project_maximum(picture, volume, 0, &axes);
    expected_pixel(want, flat, at, view);
    for (int y = 0; y < axes.height; y++)
        for (int x = 0; x < axes.width; x++)
            ck_assert_msg((picture[y * axes.width + x] == 7.0F) ==
                              (x == want[0] && y == want[1]),
                          "voxel %d,%d,%d: pixel %d,%d", at[0], at[1], at[2], x, y);
    rgq_volume_free(volume);
}

/* Every voxel of every orientation, straight and turned by 25 degrees. */
START_TEST(every_voxel_lands_right)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int k = 0; k < 6 * 8 * 2; k++) {
        const int *to = orders[k / 16];
        const bool flip[3] = {(k & 1) != 0, (k & 2) != 0, (k & 4) != 0};
        const rgq_grid flat = make_grid(to, flip, 0.0);
        const rgq_grid grid = make_grid(to, flip, (k & 8) != 0 ? 25.0 : 0.0);
        int at[3];
        for (at[2] = 0; at[2] < grid.n[2]; at[2]++)
            for (at[1] = 0; at[1] < grid.n[1]; at[1]++)
                for (at[0] = 0; at[0] < grid.n[0]; at[0]++) {
                    check_voxel(&grid, &flat, at, RGQ_VIEW_CORONAL);
                    check_voxel(&grid, &flat, at, RGQ_VIEW_SAGITTAL);
                }
    }
}
END_TEST

/* Where two voxel axes are nearest to the same world axis, each still gets its own. */
START_TEST(no_axis_is_used_twice)
{
    rgq_grid grid =
        make_grid((const int[3]){0, 1, 2}, (const bool[3]){false, false, false}, 0.0);
    grid.affine[1][0] = 1.9;  /* x leans on y by 43 degrees */
    grid.affine[0][1] = -3.2; /* y leans over x, beyond 45 degrees */
    MUST(rgq_grid_check(&grid, err));
    const rgq_view_axes c = rgq_view_axes_find(&grid, RGQ_VIEW_CORONAL);
    const rgq_view_axes s = rgq_view_axes_find(&grid, RGQ_VIEW_SAGITTAL);
    ck_assert_int_eq(c.across + c.down + c.through, 3);
    ck_assert_int_ne(c.across, s.across);
    ck_assert_int_eq(c.across, s.through);
    ck_assert_int_eq(c.down, 2);
}
END_TEST

/* Negative values survive; the shadow is where the weights are. */
START_TEST(values_and_shadows)
{
    const rgq_grid grid =
        make_grid((const int[3]){0, 1, 2}, (const bool[3]){true, true, false}, 0.0);
    rgq_volume *volume = NULL;
    rgq_regions *regions = NULL;
    float picture[64];
    float weight[60] = {0};
    uint8_t shadow[64];
    int box[4];

    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_SUV_BW, err));
    for (size_t i = 0; i < 60; i++)
        rgq_volume_data(volume, 0)[i] = -1.0F - (float)i;
    const rgq_view_axes axes = rgq_view_axes_find(&grid, RGQ_VIEW_CORONAL);
    rgq_project_maximum(picture, volume, 0, &axes);
    ck_assert(picture[4 * 3] == -1.0F); /* lowest slice is the last row; x falls to the left */
    weight[0 + 3 * (1 + 4 * 4)] = 0.5F; /* voxel 0,1,4: right edge, top */
    weight[1 + 3 * (3 + 4 * 4)] = 0.49F;
    MUST(rgq_regions_create(&regions, &grid, err));
    MUST(rgq_regions_add(regions, "r", 1, weight, err));
    ck_assert(rgq_project_region(shadow, box, rgq_regions_at(regions, 0), &axes));
    ck_assert_int_eq(box[0], 0);
    ck_assert_int_eq(box[1], 0);
    ck_assert_int_eq(box[2], 0);
    ck_assert_int_eq(box[3], 0);
    ck_assert_uint_eq(shadow[0], 1);
    ck_assert_uint_eq(shadow[1], 0);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

RGQ_CHECK_MAIN("projection", tcase_add_test(tc, every_voxel_lands_right);
               tcase_add_test(tc, no_axis_is_used_twice);
               tcase_add_test(tc, values_and_shadows))
