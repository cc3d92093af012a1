/* Grids: coordinates, checks, comparison. */
#include <math.h>
#include <string.h>

#include "rgdquant/grid.h"
#include "rgq_check.h"

/* 30 degrees about z, spacing 2 x 3 x 4 mm, not at the origin. */
static rgq_grid oblique(void)
{
    const double c = cos(M_PI / 6.0);
    const double s = sin(M_PI / 6.0);
    return (rgq_grid){
        {10, 20, 30},
        {{2.0 * c, -3.0 * s, 0.0, -5.0}, {2.0 * s, 3.0 * c, 0.0, 7.0}, {0.0, 0.0, 4.0, 11.0}}};
}

START_TEST(spacing_volume_and_code_follow_from_the_affine)
{
    const rgq_grid grid = oblique();
    double spacing_mm[3];
    char code[4];

    MUST(rgq_grid_check(&grid, err));
    rgq_grid_spacing_mm(&grid, spacing_mm);
    ck_assert_double_eq_tol(spacing_mm[0], 2.0, 1e-12);
    ck_assert_double_eq_tol(spacing_mm[1], 3.0, 1e-12);
    ck_assert_double_eq_tol(spacing_mm[2], 4.0, 1e-12);
    ck_assert_double_eq_tol(rgq_grid_voxel_ml(&grid), 0.024, 1e-15);
    ck_assert_uint_eq(rgq_grid_count(&grid), 6000);
    ck_assert(rgq_grid_is_orthogonal(&grid));
    rgq_grid_orientation(&grid, code);
    ck_assert_str_eq(code, "RAS");
    rgq_grid flipped = grid;
    for (int r = 0; r < 3; r++) {
        flipped.affine[r][0] = -flipped.affine[r][0];
        flipped.affine[r][1] = -flipped.affine[r][1];
    }
    rgq_grid_orientation(&flipped, code);
    ck_assert_str_eq(code, "LPS");
}
END_TEST

START_TEST(index_and_world_are_inverse)
{
    const rgq_grid grid = oblique();
    for (int i = 0; i < 50; i++) {
        const double index[3] = {0.37 * i, 9.0 - 0.8 * i, 3.0 + 0.11 * i};
        double world_mm[3];
        double back[3];
        rgq_grid_to_world(&grid, index, world_mm);
        rgq_grid_to_index(&grid, world_mm, back);
        for (int a = 0; a < 3; a++)
            ck_assert_double_eq_tol(back[a], index[a], 1e-11);
    }
}
END_TEST

START_TEST(centred_grid_has_its_centre_there)
{
    const int n[3] = {5, 4, 1};
    const double spacing_mm[3] = {2.0, 2.0, 3.0};
    const double centre_mm[3] = {1.0, -1.0, 9.0};
    const rgq_grid grid = rgq_grid_make_centred(n, spacing_mm, centre_mm);
    double world_mm[3];
    rgq_grid_to_world(&grid, (const double[3]){2.0, 1.5, 0.0}, world_mm);
    for (int a = 0; a < 3; a++)
        ck_assert_double_eq_tol(world_mm[a], centre_mm[a], 1e-12);
}
END_TEST

START_TEST(degenerate_grids_are_refused)
{
    rgq_grid grid = oblique();
    grid.n[1] = 0;
    REFUSED(rgq_grid_check(&grid, err), RGQ_E_GEOMETRY, "axis y has 0 voxels");
    grid.n[1] = RGQ_GRID_SIDE_MAX + 1;
    REFUSED(rgq_grid_check(&grid, err), RGQ_E_GEOMETRY, "axis y has 32768");
    grid = oblique();
    grid.affine[1][2] = (double)NAN;
    REFUSED(rgq_grid_check(&grid, err), RGQ_E_GEOMETRY, "affine holds");
    grid = oblique();
    grid.affine[2][2] = 0.0;
    REFUSED(rgq_grid_check(&grid, err), RGQ_E_GEOMETRY, "axis z has a spacing of 0 mm");
    grid = oblique();
    for (int r = 0; r < 3; r++)
        grid.affine[r][1] = grid.affine[r][0];
    REFUSED(rgq_grid_check(&grid, err), RGQ_E_GEOMETRY, "span a volume");
}
END_TEST

START_TEST(sheared_axes_are_seen)
{
    rgq_grid grid = oblique();
    grid.affine[0][2] = 0.5;
    ck_assert(!rgq_grid_is_orthogonal(&grid));
}
END_TEST

START_TEST(comparison_has_a_tolerance_in_mm)
{
    const rgq_grid a = oblique();
    rgq_grid b = a;

    b.affine[0][3] += 0.0199; /* 1 % of the smallest spacing is 0.02 mm */
    MUST(rgq_grid_compare(&a, &b, -1.0, err));
    b.affine[0][3] = a.affine[0][3] + 0.0201;
    REFUSED(rgq_grid_compare(&a, &b, -1.0, err), RGQ_E_GEOMETRY, "0.0201 mm apart");
    MUST(rgq_grid_compare(&a, &b, 0.1, err));
    b = a;
    b.n[2] = 31;
    REFUSED(rgq_grid_compare(&a, &b, 1e6, err), RGQ_E_GEOMETRY, "10x20x31");
    /* a spacing wrong by 0.1 % shifts the far end of 30 slices by 0.12 mm */
    b = a;
    b.affine[2][2] *= 1.001;
    REFUSED(rgq_grid_compare(&a, &b, -1.0, err), RGQ_E_GEOMETRY, "apart");
}
END_TEST

RGQ_CHECK_MAIN("volume/grid",
               tcase_add_test(tc, spacing_volume_and_code_follow_from_the_affine);
               tcase_add_test(tc, index_and_world_are_inverse);
               tcase_add_test(tc, centred_grid_has_its_centre_there);
               tcase_add_test(tc, degenerate_grids_are_refused);
               tcase_add_test(tc, sheared_axes_are_seen);
               tcase_add_test(tc, comparison_has_a_tolerance_in_mm))
