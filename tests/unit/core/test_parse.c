/* Numbers from text and back. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/parse.h"
#include "rgq_check.h"

static const struct {
    const char *text;
    double value;
} good[] = {{"1", 1.0},        {" 1.5 ", 1.5}, {"-2e3", -2000.0},
            {".5", 0.5},       {"+7", 7.0},    {"0.00006911235598", 0.00006911235598},
            {"1e-320", 1e-320}};

START_TEST(whole_numbers_of_text_are_read)
{
    double value = 0.0;
    MUST(rgq_parse_real(&value, good[_i].text, -1e4, 1e4, err));
    ck_assert(value == good[_i].value);
}
END_TEST

static const char *const bad[] = {"",    " ",  "x",     "1x",  "1,5", "0x10", "inf",
                                  "nan", "1e", "1e999", "--1", "1 2", "1..2"};

START_TEST(anything_else_is_refused_untouched)
{
    double value = 42.0;
    REFUSED(rgq_parse_real(&value, bad[_i], -1e300, 1e300, err), RGQ_E_ARGUMENT, "");
    ck_assert(value == 42.0);
}
END_TEST

START_TEST(range_is_closed)
{
    double value = 0.0;
    long long whole = 0;
    MUST(rgq_parse_real(&value, "2", 2.0, 2.0, err));
    REFUSED(rgq_parse_real(&value, "2.0001", 0.0, 2.0, err), RGQ_E_ARGUMENT, "outside 0 .. 2");
    MUST(rgq_parse_int(&whole, "-9223372036854775808", INT64_MIN, 0, err));
    ck_assert(whole == INT64_MIN);
    REFUSED(rgq_parse_int(&whole, "9223372036854775808", 0, INT64_MAX, err), RGQ_E_ARGUMENT,
            "outside");
    REFUSED(rgq_parse_int(&whole, "1.5", 0, 9, err), RGQ_E_ARGUMENT, "whole");
}
END_TEST

START_TEST(lists_of_numbers)
{
    double v[3] = {0.0};
    int count = 0;
    MUST(rgq_parse_reals(v, &count, 3, "1,-2.5,3e1", ',', err));
    ck_assert_int_eq(count, 3);
    ck_assert(v[0] == 1.0 && v[1] == -2.5 && v[2] == 30.0);
    count = 9;
    REFUSED(rgq_parse_reals(v, &count, 3, "1,2,3,4", ',', err), RGQ_E_ARGUMENT, "more than 3");
    REFUSED(rgq_parse_reals(v, &count, 3, "1,,3", ',', err), RGQ_E_ARGUMENT, "not a number");
    REFUSED(rgq_parse_reals(v, &count, 3, "1,2,", ',', err), RGQ_E_ARGUMENT, "not a number");
    ck_assert_int_eq(count, 9);
}
END_TEST

/* Invariant: text of a double reads back to the same bits, and no shorter %g does for 15+. */
START_TEST(numbers_survive_the_way_out_and_in)
{
    char text[RGQ_REAL_TEXT_MAX];
    uint64_t bits = 0x0123456789abcdefu;
    for (int i = 0; i < 20000; i++) {
        double value = 0.0;
        double back = 0.0;
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        MUST(rgq_parse_real(&back, rgq_format_real(value, text), -HUGE_VAL, HUGE_VAL, err));
        ck_assert_mem_eq(&back, &value, sizeof value);
    }
    ck_assert_str_eq(rgq_format_real(0.1, text), "0.1");
    ck_assert_str_eq(rgq_format_real(-3.0, text), "-3");
    ck_assert_str_eq(rgq_format_real((double)NAN, text), "n/a");
    ck_assert_str_eq(rgq_format_real(-HUGE_VAL, text), "n/a");
}
END_TEST

RGQ_CHECK_MAIN("core/parse",
               tcase_add_loop_test(tc, whole_numbers_of_text_are_read, 0, ROWS(good));
               tcase_add_loop_test(tc, anything_else_is_refused_untouched, 0, ROWS(bad));
               tcase_add_test(tc, range_is_closed); tcase_add_test(tc, lists_of_numbers);
               tcase_add_test(tc, numbers_survive_the_way_out_and_in))
