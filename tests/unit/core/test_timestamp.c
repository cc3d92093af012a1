/* Dates and times. Expected seconds were worked out by hand from 1970-01-01. */
#include <string.h>

#include "core/timestamp.h"
#include "rgq_check.h"

START_TEST(known_dates)
{
    double t = 0.0;
    MUST(rgq_time_from_da(&t, "19700101", err));
    ck_assert(t == 0.0);
    MUST(rgq_time_from_da(&t, "20000229", err)); /* 30 years with 7 leap days, + 59 days */
    ck_assert(t == 86400.0 * (30 * 365 + 7 + 59));
    MUST(rgq_time_from_da(&t, "1969.12.31", err));
    ck_assert(t == -86400.0);
    MUST(rgq_time_from_tm(&t, "10", err));
    ck_assert(t == 36000.0);
    MUST(rgq_time_from_tm(&t, "235959.25", err));
    ck_assert(t == 86399.25);
    MUST(rgq_time_from_tm(&t, "10:11:12", err));
    ck_assert(t == 36672.0);
    MUST(rgq_time_from_iso(&t, "1970-01-02 00:00:01", err));
    ck_assert(t == 86401.0);
}
END_TEST

START_TEST(offset_is_applied_only_where_asked)
{
    double t = 0.0;
    bool utc = false;
    MUST(rgq_time_from_dt(&t, "19700101020000.5+0200", &utc, err));
    ck_assert(utc && t == 0.5);
    MUST(rgq_time_from_dt(&t, "19700101020000-0130", NULL, err));
    ck_assert(t == 7200.0);
    MUST(rgq_time_from_dt(&t, "19700103", &utc, err));
    ck_assert(!utc && t == 2 * 86400.0);
}
END_TEST

static const char *const bad_da[] = {"",          "2025",     "20250229",
                                     "20251301",  "20250132", "00000101",
                                     "202501011", "2025-1-1", "2025013a"};
static const char *const bad_tm[] = {"", "1", "24", "1060", "106099", "10111", "10x", "-1"};

START_TEST(dates_that_are_none)
{
    double t = 5.0;
    REFUSED(rgq_time_from_da(&t, bad_da[_i], err), RGQ_E_FORMAT, "DICOM date");
    ck_assert(t == 5.0);
}
END_TEST

START_TEST(times_that_are_none)
{
    double t = 5.0;
    REFUSED(rgq_time_from_tm(&t, bad_tm[_i], err), RGQ_E_FORMAT, "time of day");
    ck_assert(t == 5.0);
}
END_TEST

/* Invariant: what is written reads back, across leap years and before 1970. */
START_TEST(round_trip)
{
    char text[RGQ_TIME_TEXT_MAX];
    for (double t = -4.0e9; t < 1.0e10; t += 86399.5 * 17) {
        double back = 0.0;
        double date = 0.0;
        double time = 0.0;
        MUST(rgq_time_from_iso(&back, rgq_time_format_iso(t, text), err));
        ck_assert_double_eq_tol(back, t, 1e-5);
        MUST(rgq_time_from_da(&date, rgq_time_format_da(t, text), err));
        MUST(rgq_time_from_tm(&time, rgq_time_format_tm(t, text), err));
        ck_assert_double_eq_tol(date + time, t, 1e-5);
    }
    ck_assert_str_eq(rgq_time_format_iso(59.9999999, text), "1970-01-01T00:01:00");
    ck_assert_str_eq(rgq_time_format_tm(0.25, text), "000000.250000");
}
END_TEST

RGQ_CHECK_MAIN("core/timestamp", tcase_add_test(tc, known_dates);
               tcase_add_test(tc, offset_is_applied_only_where_asked);
               tcase_add_loop_test(tc, dates_that_are_none, 0, ROWS(bad_da));
               tcase_add_loop_test(tc, times_that_are_none, 0, ROWS(bad_tm));
               tcase_add_test(tc, round_trip))
