/* Volumes, frames, scans and facts. */
#include <math.h>
#include <string.h>

#include "rgdquant/scan.h"
#include "rgdquant/volume.h"
#include "rgq_check.h"

static rgq_grid small_grid(void)
{
    return rgq_grid_make((const int[3]){4, 3, 2}, (const double[3]){1.0, 1.0, 1.0},
                         (const double[3]){0.0, 0.0, 0.0});
}

START_TEST(frames_are_apart_and_start_unknown)
{
    const rgq_grid grid = small_grid();
    rgq_volume *volume = NULL;
    rgq_volume *one = NULL;

    MUST(rgq_volume_create(&volume, &grid, 3, RGQ_UNIT_BQ_ML, err));
    ck_assert_uint_eq(rgq_volume_count(volume), 24);
    ck_assert_int_eq(rgq_volume_n_frames(volume), 3);
    ck_assert(isnan(rgq_volume_frame(volume, 2).start_s));
    ck_assert_ptr_eq(rgq_volume_data(volume, 1), rgq_volume_data(volume, 0) + 24);
    rgq_volume_data(volume, 2)[23] = 5.0f;
    rgq_volume_set_frame(volume, 2, (rgq_frame){60.0, 10.0});
    MUST(rgq_volume_extract(&one, volume, 2, err));
    ck_assert_int_eq(rgq_volume_n_frames(one), 1);
    ck_assert(rgq_volume_cdata(one, 0)[23] == 5.0f);
    ck_assert(rgq_volume_frame(one, 0).start_s == 60.0);
    rgq_volume_free(one);
    one = volume;
    REFUSED(rgq_volume_extract(&one, volume, 3, err), RGQ_E_ARGUMENT, "0 to 2");
    ck_assert_ptr_null(one);
    rgq_volume_free(volume);
    rgq_volume_free(NULL);
}
END_TEST

START_TEST(bad_sizes_are_refused)
{
    rgq_grid grid = small_grid();
    rgq_volume *volume = (rgq_volume *)1;

    REFUSED(rgq_volume_create(&volume, &grid, 0, RGQ_UNIT_NATIVE, err), RGQ_E_ARGUMENT,
            "0 frames");
    ck_assert_ptr_null(volume);
    grid.n[0] = grid.n[1] = grid.n[2] = RGQ_GRID_SIDE_MAX;
    REFUSED(rgq_volume_create(&volume, &grid, RGQ_FRAMES_MAX, RGQ_UNIT_NATIVE, err),
            RGQ_E_NOMEM, "");
    ck_assert_ptr_null(volume);
}
END_TEST

START_TEST(non_finite_voxels_are_counted_and_placed)
{
    const rgq_grid grid = small_grid();
    rgq_volume *volume = NULL;

    MUST(rgq_volume_create(&volume, &grid, 2, RGQ_UNIT_BQ_ML, err));
    MUST(rgq_volume_check_finite(volume, "at the start", err));
    rgq_volume_data(volume, 1)[1 + 4 * 2 + 12 * 1] = NAN;
    rgq_volume_data(volume, 1)[23] = -INFINITY;
    REFUSED(rgq_volume_check_finite(volume, "after the test", err), RGQ_E_NUMERIC,
            "2 of 48 voxels are not finite after the test, the first at voxel (1, 2, 1) of "
            "frame 1");
    rgq_volume_free(volume);
}
END_TEST

START_TEST(clones_survive_lost_memory)
{
    const rgq_grid grid = small_grid();
    rgq_volume *volume = NULL;
    rgq_volume *copy = NULL;

    MUST(rgq_volume_create(&volume, &grid, 2, RGQ_UNIT_SUV_BW, err));
    rgq_volume_data(volume, 1)[7] = 3.0f;
    TORTURE(
        rgq_volume_clone(&copy, volume, true, err),
        if (torture_st == RGQ_OK) {
            ck_assert(rgq_volume_cdata(copy, 1)[7] == 3.0f);
            ck_assert_int_eq(rgq_volume_unit(copy), RGQ_UNIT_SUV_BW);
        } else { ck_assert_ptr_null(copy); } rgq_volume_free(copy),
        3);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(facts_are_trimmed_and_never_nan)
{
    rgq_scan scan = {0};

    rgq_fact_set(&scan.facts.weight_kg, (double)NAN, "test");
    ck_assert(!scan.facts.weight_kg.known);
    rgq_fact_set(&scan.facts.weight_kg, 70.0, "(0010,1030) PatientWeight");
    ck_assert(scan.facts.weight_kg.known && scan.facts.weight_kg.value == 70.0);
    rgq_fact_text_set(&scan.facts.units, "  BQML  ", "(0054,1001)");
    ck_assert_str_eq(scan.facts.units.value, "BQML");
    rgq_fact_text_set(&scan.facts.sex, "   ", "x");
    ck_assert(!scan.facts.sex.known);
    rgq_scan_release(&scan);
    ck_assert(!scan.facts.weight_kg.known);
}
END_TEST

RGQ_CHECK_MAIN("volume/volume", tcase_add_test(tc, frames_are_apart_and_start_unknown);
               tcase_add_test(tc, bad_sizes_are_refused);
               tcase_add_test(tc, non_finite_voxels_are_counted_and_placed);
               tcase_add_test(tc, clones_survive_lost_memory);
               tcase_add_test(tc, facts_are_trimmed_and_never_nan))
