#include "study/ledger.h"

#include <math.h>

#include "study_folder.h"

static rgq_study make_study(void)
{
    rgq_study study = {.cases = NULL};
    rgq_case *one = NULL;
    MUST(rgq_study_add(&one, &study, "b", "b.nii", NULL, err));
    MUST(rgq_study_add(&one, &study, "a", "a.nii", "x/a", err));
    MUST(rgq_study_add(&one, &study, "c", "c.nii", NULL, err));
    return study;
}

static void make_outcomes(rgq_case_outcome outcome[3])
{
    outcome[0] = (rgq_case_outcome){
        .status = RGQ_CASE_FAILED, .reason = "no weight\there", .seconds = 0.126, .peak_mb = 1};
    outcome[1] =
        (rgq_case_outcome){.status = RGQ_CASE_DONE, .seconds = 12.0, .peak_mb = 100.04};
    outcome[2] = (rgq_case_outcome){.status = RGQ_CASE_TIMEOUT,
                                    .reason = "long",
                                    .seconds = (double)NAN,
                                    .peak_mb = (double)NAN};
}

START_TEST(rows_stand_in_the_order_of_the_cases)
{
    rgq_study study = make_study();
    rgq_case_outcome outcome[3];
    char *text = NULL;
    size_t length = 0;

    begin();
    make_outcomes(outcome);
    MUST(rgq_ledger_write(outcome, &study, folder, err));
    MUST(rgq_file_read(&text, &length, in_folder("cases.tsv"), 10000, err));
    ck_assert_str_eq(text, "case\tstatus\treason\tseconds\tpeak_mb\toutput\n"
                           "b\tfailed\tno weight here\t0.13\t1\tn/a\n"
                           "a\tdone\tn/a\t12\t100\tx/a\n"
                           "c\ttimeout\tlong\tn/a\tn/a\tn/a\n");
    rgq_free(text);
    ck_assert(rgq_path_exists(in_folder("cases.json")));
    rgq_study_release(&study);
    end();
}
END_TEST

START_TEST(what_was_written_is_read)
{
    rgq_study study = make_study();
    rgq_case_outcome outcome[3];
    rgq_case_outcome again[3];
    rgq_case *one = NULL;
    rgq_study other = {.cases = NULL};

    begin();
    make_outcomes(outcome);
    MUST(rgq_ledger_write(outcome, &study, folder, err));
    rgq_ledger_read(again, &study, folder);
    ck_assert_int_eq(again[0].status, RGQ_CASE_FAILED);
    ck_assert_str_eq(again[0].reason, "no weight here");
    ck_assert_int_eq(again[1].status, RGQ_CASE_DONE);
    ck_assert_str_eq(again[1].reason, "");
    ck_assert_double_eq_tol(again[1].seconds, 12.0, 1e-12);
    ck_assert_int_eq(again[2].status, RGQ_CASE_TIMEOUT);
    ck_assert(isnan(again[2].seconds));
    /* another order, a case that was not there */
    MUST(rgq_study_add(&one, &other, "new", "n", NULL, err));
    MUST(rgq_study_add(&one, &other, "c", "c", NULL, err));
    MUST(rgq_study_add(&one, &other, "b", "b", NULL, err));
    rgq_ledger_read(again, &other, folder);
    ck_assert_int_eq(again[0].status, RGQ_CASE_SKIPPED);
    ck_assert_int_eq(again[1].status, RGQ_CASE_TIMEOUT);
    ck_assert_int_eq(again[2].status, RGQ_CASE_FAILED);
    rgq_study_release(&other);
    rgq_study_release(&study);
    end();
}
END_TEST

START_TEST(a_table_that_is_none_is_no_table)
{
    rgq_study study = make_study();
    rgq_case_outcome outcome[3];

    begin();
    rgq_ledger_read(outcome, &study, folder);
    ck_assert_int_eq(outcome[1].status, RGQ_CASE_SKIPPED);
    put("cases.tsv", "case\tstatus\nb\tdone\n");
    rgq_ledger_read(outcome, &study, folder);
    ck_assert_int_eq(outcome[0].status, RGQ_CASE_SKIPPED);
    put("cases.tsv", "case\tstatus\treason\tseconds\tpeak_mb\toutput\n"
                     "b\tperfect\tn/a\t-3\tmuch\tb\n");
    rgq_ledger_read(outcome, &study, folder);
    ck_assert_int_eq(outcome[0].status, RGQ_CASE_SKIPPED);
    ck_assert(isnan(outcome[0].seconds) && isnan(outcome[0].peak_mb));
    rgq_study_release(&study);
    end();
}
END_TEST

/* Tasks of an array write one row each, in any order. */
START_TEST(one_row_leaves_the_others)
{
    rgq_study study = make_study();
    rgq_case_outcome outcome[3];
    rgq_case_outcome mine[3];

    begin();
    shell("mkdir logs");
    make_outcomes(outcome);
    for (int i = 2; i >= 0; i--) {
        for (int k = 0; k < 3; k++)
            mine[k] = (rgq_case_outcome){.seconds = (double)NAN, .peak_mb = (double)NAN};
        mine[i] = outcome[i];
        MUST(rgq_ledger_write_one(mine, i, &study, folder, err));
    }
    rgq_ledger_read(mine, &study, folder);
    ck_assert_int_eq(mine[0].status, RGQ_CASE_FAILED);
    ck_assert_int_eq(mine[1].status, RGQ_CASE_DONE);
    ck_assert_int_eq(mine[2].status, RGQ_CASE_TIMEOUT);
    rgq_study_release(&study);
    end();
}
END_TEST

START_TEST(memory_that_cannot_be_had)
{
    rgq_study study = make_study();
    rgq_case_outcome outcome[3];

    begin();
    make_outcomes(outcome);
    TORTURE(rgq_ledger_write(outcome, &study, folder, err), (void)0, 8);
    rgq_study_release(&study);
    end();
}
END_TEST

int main(void)
{
    RGQ_CHECK_RUN("ledger", tcase_add_test(tc, rows_stand_in_the_order_of_the_cases);
                  tcase_add_test(tc, what_was_written_is_read);
                  tcase_add_test(tc, a_table_that_is_none_is_no_table);
                  tcase_add_test(tc, one_row_leaves_the_others);
                  tcase_add_test(tc, memory_that_cannot_be_had));
}
