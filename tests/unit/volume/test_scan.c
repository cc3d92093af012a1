#include <math.h>
#include <string.h>

#include "rgdquant/scan.h"
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
               tcase_add_test(tc, test_release_twice))
