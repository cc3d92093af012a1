/* Reference times that are filled in lead back to the series time. */
#include <unistd.h>

#include "calib/decay.h"
#include "calib/reference.h"
#include "calib_scan.h"
#include "core/file.h"
#include "rgdquant/scan_file.h"

#include "core/banned.h"

/* Where a reader that knows nothing but acquisition, duration and reference time ends up;
 * written out as DICOM defines it. */
static double back_computed_s(const rgq_slice_time *at)
{
    const double x = log(2.0) / F18_S * at->duration_s;
    return at->acquisition_s + log(x / (1.0 - exp(-x))) * F18_S / log(2.0) - at->reference_s;
}

START_TEST(test_static)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    rgq_fact_set(&scan.facts.time_zero_s, clock_of("2025-01-01T10:00:00"), "test");
    rgq_volume_set_frame(scan.volume, 0, (rgq_frame){ONE_HOUR_S, 600.0});
    MUST(rgq_scan_complete_times(&scan, err));
    for (int k = 0; k < 3; k++) {
        ck_assert_double_eq(scan.slice_time[k].acquisition_s, clock_of("2025-01-01T11:00:00"));
        /* by hand: x = 0.0631454; T/2 * (1 - x/12) = 298.42 s up to x^3 */
        ck_assert_double_eq_tol(scan.slice_time[k].reference_s, 298.42, 0.01);
        ck_assert_double_eq_tol(back_computed_s(&scan.slice_time[k]),
                                scan.facts.series_time_s.value, 1e-3);
    }
    rgq_scan_release(&scan);
}
END_TEST

/* Two frames; what is known stays. */
START_TEST(test_dynamic)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 2);
    const double start_s = clock_of("2025-01-01T11:00:00");
    set_slice_times(&scan, start_s, 120.0, (double)NAN);
    scan.slice_time[1].reference_s = 17.0;
    scan.slice_time[2].acquisition_s = start_s + 120.0;
    scan.slice_time[3].duration_s = (double)NAN;
    MUST(rgq_scan_complete_times(&scan, err));
    ck_assert_double_eq_tol(back_computed_s(&scan.slice_time[0]), start_s, 1e-3);
    ck_assert_double_eq(scan.slice_time[1].reference_s, 17.0);
    ck_assert_double_eq_tol(back_computed_s(&scan.slice_time[2]), start_s, 1e-3);
    ck_assert(isnan(scan.slice_time[3].reference_s));
    rgq_scan_release(&scan);
}
END_TEST

/* The decay reference becomes the series time, and known reference times go with it; without
 * either the acquisition is. */
START_TEST(test_series_time)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const double start_s = clock_of("2025-01-01T11:00:00");
    set_slice_times(&scan, start_s, 600.0, 400.0);
    rgq_fact_set(&scan.facts.decay_reference_s, start_s - 100.0, "stated");
    MUST(rgq_scan_complete_times(&scan, err));
    ck_assert_double_eq(scan.facts.series_time_s.value, start_s - 100.0);
    ck_assert_double_eq(scan.slice_time[0].reference_s, 500.0);
    scan.facts.series_time_s.known = false;
    scan.facts.decay_reference_s.known = false;
    set_slice_times(&scan, start_s + 5.0, 600.0, (double)NAN);
    MUST(rgq_scan_complete_times(&scan, err));
    ck_assert_double_eq(scan.facts.series_time_s.value, start_s + 5.0);
    ck_assert_double_eq_tol(back_computed_s(&scan.slice_time[0]), start_s + 5.0, 1e-3);
    rgq_scan_release(&scan);
}
END_TEST

/* No half-life, or no time at all: nothing is made up. */
START_TEST(test_unknown)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    set_slice_times(&scan, clock_of("2025-01-01T11:00:00"), 600.0, (double)NAN);
    scan.facts.half_life_s.known = false;
    MUST(rgq_scan_complete_times(&scan, err));
    ck_assert(isnan(scan.slice_time[0].reference_s));
    rgq_scan_release(&scan);

    scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    scan.facts.series_time_s.known = scan.facts.acquisition_time_s.known = false;
    MUST(rgq_scan_complete_times(&scan, err));
    ck_assert(!scan.facts.series_time_s.known);
    ck_assert(isnan(scan.slice_time[0].reference_s));
    rgq_scan_release(&scan);
}
END_TEST

/* Through a series on disk: times there have microseconds, reference times milliseconds. */
START_TEST(test_through_dicom)
{
    char folder[RGQ_PATH_MAX];
    rgq_names names;
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    rgq_scan back;
    const rgq_write_opts opts = {true, NULL};
    (void)snprintf(folder, sizeof folder, "%s/times-XXXXXX", RGQ_BINARY_DIR);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    rgq_volume_set_frame(scan.volume, 0, (rgq_frame){ONE_HOUR_S, 600.0});
    rgq_fact_set(&scan.facts.time_zero_s, clock_of("2025-01-01T10:00:00"), "test");
    MUST(rgq_scan_complete_times(&scan, err));
    MUST(rgq_scan_write_dicom(folder, &scan, &opts, err));
    MUST(rgq_scan_read(&back, folder, NULL, NULL, err));
    for (int k = 0; k < 3; k++)
        ck_assert_double_eq_tol(back_computed_s(&back.slice_time[k]),
                                back.facts.series_time_s.value, 1e-3);
    rgq_scan_release(&back);
    rgq_scan_release(&scan);
    MUST(rgq_folder_list(&names, folder, err));
    for (size_t i = 0; i < names.count; i++) {
        char path[RGQ_PATH_MAX];
        MUST(rgq_path_join(path, folder, names.name[i], err));
        (void)unlink(path);
    }
    rgq_names_release(&names);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(test_lost_memory)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    TORTURE(rgq_scan_complete_times(&scan, err),
            ck_assert((scan.slice_time == NULL) == (torture_st != RGQ_OK)), 1);
    rgq_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("slice times", tcase_add_test(tc, test_static); tcase_add_test(tc, test_dynamic);
               tcase_add_test(tc, test_series_time); tcase_add_test(tc, test_unknown);
               tcase_add_test(tc, test_through_dicom); tcase_add_test(tc, test_lost_memory))
