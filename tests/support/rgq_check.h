/* Shared by the unit tests: one main, and the torture of failed allocations. */
#ifndef RGQ_CHECK_H
#define RGQ_CHECK_H

#include <check.h>
#include <stdlib.h>

#include "core/alloc.h"
#include "rgdquant/error.h"

#define ROWS(table) ((int)(sizeof(table) / sizeof((table)[0])))

/* The call must succeed; the message is shown if it does not. `err` is a local rgq_error. */
#define MUST(call)                                                                             \
    do {                                                                                       \
        rgq_error must_err = RGQ_ERROR_INIT;                                                   \
        rgq_error *err = &must_err;                                                            \
        const rgq_status must_st = (call);                                                     \
        ck_assert_msg(must_st == RGQ_OK, "%s: %s", #call, err->message);                       \
    } while (0)

/* The call must be refused with that status and a message that has `words` in it. */
#define REFUSED(call, want, words)                                                             \
    do {                                                                                       \
        rgq_error must_err = RGQ_ERROR_INIT;                                                   \
        rgq_error *err = &must_err;                                                            \
        const rgq_status must_st = (call);                                                     \
        ck_assert_msg(must_st == (want), "%s gave %s: %s", #call, rgq_status_name(must_st),    \
                      err->message);                                                           \
        ck_assert_msg(strstr(err->message, (words)) != NULL, "'%s' lacks '%s'", err->message,  \
                      (words));                                                                \
    } while (0)

/* Make allocation 0, 1, 2, ... fail until `call` succeeds; `after` checks and releases what it
 * gave. At least `least` failures must have been met, so that the loop cannot pass idle. */
#define TORTURE(call, after, least)                                                            \
    do {                                                                                       \
        rgq_status torture_st = RGQ_E_NOMEM;                                                   \
        int torture_n = 0;                                                                     \
        for (; torture_st == RGQ_E_NOMEM; torture_n++) {                                       \
            rgq_error *err = NULL;                                                             \
            rgq_alloc_fail_after(torture_n);                                                   \
            torture_st = (call);                                                               \
            rgq_alloc_fail_after(-1);                                                          \
            (void)err;                                                                         \
            after;                                                                             \
        }                                                                                      \
        ck_assert_int_eq(torture_st, RGQ_OK);                                                  \
        ck_assert_int_gt(torture_n, (least));                                                  \
    } while (0)

/* Run a list of test cases and return from main. */
#define RGQ_CHECK_RUN(name, ...)                                                               \
    do {                                                                                       \
        Suite *suite = suite_create(name);                                                     \
        TCase *tc = tcase_create(name);                                                        \
        tcase_set_timeout(tc, 120);                                                            \
        __VA_ARGS__;                                                                           \
        suite_add_tcase(suite, tc);                                                            \
        SRunner *runner = srunner_create(suite);                                               \
        srunner_run_all(runner, CK_ENV);                                                       \
        const int failed = srunner_ntests_failed(runner);                                      \
        srunner_free(runner);                                                                  \
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;                                      \
    } while (0)

/* int main for a list of test cases. */
#define RGQ_CHECK_MAIN(name, ...)                                                              \
    int main(void)                                                                             \
    {                                                                                          \
        RGQ_CHECK_RUN(name, __VA_ARGS__);                                                      \
    }

#endif
