/* Errors, allocation and the log. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "rgdquant/log.h"
#include "rgdquant/unit.h"
#include "rgq_check.h"

START_TEST(first_failure_wins_and_trace_grows)
{
    rgq_error err = RGQ_ERROR_INIT;

    ck_assert_int_eq(RGQ_RAISE(&err, RGQ_E_UNIT, "first %d", 1), RGQ_E_UNIT);
    ck_assert_int_eq(RGQ_RAISE(&err, RGQ_E_IO, "second"), RGQ_E_IO);
    ck_assert_int_eq(err.status, RGQ_E_UNIT);
    ck_assert_str_eq(err.message, "first 1");
    for (int i = 0; i < 3 * RGQ_TRACE_MAX; i++)
        rgq_error_push(&err, "f", i);
    ck_assert_int_eq(err.n_trace, RGQ_TRACE_MAX);
    rgq_error_prefix(&err, "%s: ", "a.dcm");
    ck_assert_str_eq(err.message, "a.dcm: first 1");
    ck_assert_int_eq(RGQ_RAISE(NULL, RGQ_E_IO, "nobody listens"), RGQ_E_IO);
}
END_TEST

START_TEST(message_stays_one_line_and_inside_its_buffer)
{
    rgq_error err = RGQ_ERROR_INIT;
    char big[2 * RGQ_MESSAGE_MAX];

    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    big[3] = '\n';
    big[4] = '\033';
    (void)RGQ_RAISE(&err, RGQ_E_FORMAT, "%s", big);
    ck_assert_uint_eq(strlen(err.message), RGQ_MESSAGE_MAX - 1);
    ck_assert_ptr_null(strpbrk(err.message, "\n\033"));
    rgq_error_prefix(&err, "%s", big);
    ck_assert_uint_eq(strlen(err.message), RGQ_MESSAGE_MAX - 1);
}
END_TEST

START_TEST(every_status_has_a_name)
{
    for (int s = RGQ_OK; s <= RGQ_E_UNSUPPORTED; s++)
        ck_assert_str_ne(rgq_status_name((rgq_status)s), "unknown");
    ck_assert_str_eq(rgq_status_name((rgq_status)99), "unknown");
}
END_TEST

START_TEST(allocation_checks_products_and_injects_failures)
{
    int *p = (int *)1;

    REFUSED(rgq_alloc(&p, SIZE_MAX / 2, 4, err), RGQ_E_NOMEM, "address space");
    ck_assert_ptr_null(p);
    REFUSED(rgq_alloc(&p, 0, 4, err), RGQ_E_ARGUMENT, "no bytes");
    MUST(rgq_alloc(&p, 3, sizeof *p, err));
    ck_assert_int_eq(p[0] | p[1] | p[2], 0);
    p[2] = 7;
    rgq_alloc_fail_after(0);
    int *same = p;
    REFUSED(rgq_realloc(&p, 9, sizeof *p, err), RGQ_E_NOMEM, "36 bytes");
    rgq_alloc_fail_after(-1);
    ck_assert_ptr_eq(p, same);
    MUST(rgq_realloc(&p, 9, sizeof *p, err));
    ck_assert_int_eq(p[2], 7);
    rgq_free(p);
}
END_TEST

static char heard[1024];
static void hear(void *user, rgq_level level, const char *text)
{
    (void)user;
    (void)snprintf(heard, sizeof heard, "%d %s", (int)level, text);
}

START_TEST(log_lines_reach_the_sink_without_escapes)
{
    const rgq_log log = {hear, NULL, NULL};

    RGQ_WARN(&log, "series '%s'", "a\033[2Jb\n");
    ck_assert_str_eq(heard, "2 series 'a?[2Jb?'");
    RGQ_WARN(NULL, "nobody");
    rgq_log_progress(&log, "task", 0.5);
}
END_TEST

START_TEST(units_are_found_by_both_names)
{
    rgq_unit unit = RGQ_UNIT_COUNTS;

    MUST(rgq_unit_parse(&unit, "SUVBW", err));
    ck_assert_int_eq(unit, RGQ_UNIT_SUV_BW);
    MUST(rgq_unit_parse(&unit, "bqml", err));
    ck_assert_int_eq(unit, RGQ_UNIT_BQ_ML);
    REFUSED(rgq_unit_parse(&unit, "sux", err), RGQ_E_NOTFOUND, "suvlbm-janma");
    ck_assert_int_eq(unit, RGQ_UNIT_BQ_ML);
    ck_assert_str_eq(rgq_unit_name(RGQ_UNIT_ID_G), "%ID/g");
    ck_assert_str_eq(rgq_unit_name((rgq_unit)77), "?");
}
END_TEST

START_TEST(sha256_of_known_bytes)
{
    char hex[RGQ_SHA256_TEXT];

    MUST(rgq_hash_bytes(hex, "abc", 3, err)); /* FIPS 180-4, example 1 */
    ck_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    REFUSED(rgq_hash_file(hex, "no/such/file", err), RGQ_E_IO, "no/such/file");
}
END_TEST

RGQ_CHECK_MAIN("core/error", tcase_add_test(tc, first_failure_wins_and_trace_grows);
               tcase_add_test(tc, message_stays_one_line_and_inside_its_buffer);
               tcase_add_test(tc, every_status_has_a_name);
               tcase_add_test(tc, allocation_checks_products_and_injects_failures);
               tcase_add_test(tc, log_lines_reach_the_sink_without_escapes);
               tcase_add_test(tc, units_are_found_by_both_names);
               tcase_add_test(tc, sha256_of_known_bytes))
