#include "rgdquant/scan.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "rgq_check.h"

START_TEST(test_real)
{
    rgq_fact fact = {0};

    rgq_fact_set(&fact, (double)NAN, "a");
    rgq_fact_set(&fact, (double)INFINITY, "a");
    ck_assert(!fact.known);
    rgq_fact_set(&fact, 70.0, "(0010,1030)");
    ck_assert(fact.known);
    ck_assert_double_eq(fact.value, 70.0);
    rgq_fact_set(&fact, (double)NAN, "b"); /* nothing better is known: it stays */
    ck_assert_str_eq(fact.origin, "(0010,1030)");
}
END_TEST

START_TEST(test_text)
{
    rgq_fact_text fact = {0};
    char longer[3 * RGQ_FACT_TEXT_MAX];

    rgq_fact_text_set(&fact, "   ", "a");
    ck_assert(!fact.known);
    rgq_fact_text_set(&fact, "  FDG  ", "a");
    ck_assert_str_eq(fact.value, "FDG");
    rgq_fact_text_set(&fact, "\033[2Jred\tblue\n\177", "a");
    ck_assert_str_eq(fact.value, "?[2Jred?blue??");
    rgq_fact_text_set(&fact, "αvβ3", "a"); /* UTF-8 is left alone */
    ck_assert_str_eq(fact.value, "αvβ3");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    rgq_fact_text_set(&fact, longer, longer);
    ck_assert_uint_eq(strlen(fact.value), RGQ_FACT_TEXT_MAX - 1);
    ck_assert_uint_eq(strlen(fact.origin), RGQ_ORIGIN_MAX - 1);
}
END_TEST

/* Distances stay to the last bit, the day goes, durations stay. */
START_TEST(test_forget_clock)
{
    const double day = 15000.0 * 86400.0;

    for (int dated = 0; dated < 2; dated++) {
        const rgq_grid grid = rgq_grid_make((const int[3]){1, 1, 1}, (const double[3]){1, 1, 1},
                                            (const double[3]){0, 0, 0});
        rgq_scan scan = {0};
        rgq_scan_facts *f = &scan.facts;
        MUST(rgq_volume_create(&scan.volume, &grid, 1, RGQ_UNIT_NATIVE, err));
        MUST(rgq_alloc(&scan.slice_time, 1, sizeof *scan.slice_time, err));
        scan.slice_time[0] = (rgq_slice_time){day + 1800.25, 60.0, 30.0};
        /* 23:30 on the day before, or on a day nobody knows */
        rgq_fact_set(&f->injection_time_s, dated == 1 ? day - 1800.0 : 84600.0, "a");
        rgq_fact_set(&f->injection_date_known, dated, "a");
        rgq_fact_set(&f->acquisition_time_s, day + 1800.25, "b");
        rgq_fact_set(&f->series_time_s, day + 1700.0, "b");
        rgq_fact_set(&f->decay_reference_s, day + 1700.0, "b");
        rgq_fact_set(&f->frame_reference_s, 30.0, "b");
        rgq_scan_forget_clock(&scan);
        ck_assert_double_eq(f->injection_time_s.value, dated == 1 ? 86400.0 : 0.0);
        ck_assert_double_eq(fmod(f->acquisition_time_s.value, 86400.0), 3600.25);
        ck_assert_double_eq(f->acquisition_time_s.value, 86400.0 + 3600.25);
        ck_assert_double_eq(f->series_time_s.value, 86400.0 + 3500.0);
        ck_assert_double_eq(f->decay_reference_s.value, 86400.0 + 3500.0);
        ck_assert_double_eq(scan.slice_time[0].acquisition_s, 86400.0 + 3600.25);
        ck_assert_double_eq(scan.slice_time[0].duration_s, 60.0);
        ck_assert_double_eq(scan.slice_time[0].reference_s, 30.0);
        ck_assert_double_eq(f->frame_reference_s.value, 30.0);
        f->injection_time_s.known = false; /* nothing to count from: the time of day stays */
        rgq_scan_forget_clock(&scan);
        ck_assert_double_eq(f->acquisition_time_s.value, 3600.25);
        rgq_scan_release(&scan);
    }
    ck_assert(rgq_fact_is_clock("injection_time_s"));
    ck_assert(rgq_fact_is_clock("time_zero_s"));
    ck_assert(rgq_fact_is_clock("decay_reference_s"));
    ck_assert(!rgq_fact_is_clock("frame_reference_s"));
    ck_assert(!rgq_fact_is_clock("half_life_s"));
    rgq_scan empty = {0};
    rgq_scan_forget_clock(&empty);
}
END_TEST

START_TEST(test_release_twice)
{
    rgq_scan scan = {0};

    rgq_scan_release(&scan);
    MUST(rgq_alloc(&scan.slice_time, 4, sizeof *scan.slice_time, err));
    scan.n_files = 3;
    rgq_scan_release(&scan);
    rgq_scan_release(&scan);
    ck_assert_ptr_null(scan.slice_time);
    ck_assert_int_eq(scan.n_files, 0);
}
END_TEST

RGQ_CHECK_MAIN("volume.scan", tcase_add_test(tc, test_real); tcase_add_test(tc, test_text);
               tcase_add_test(tc, test_forget_clock); tcase_add_test(tc, test_release_twice))
