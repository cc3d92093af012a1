#include "rgdquant/study.h"
#include "study_folder.h"

static const rgq_case_word known[] = {{"tracer", RGQ_WORD_VALUE},
                                      {"regions", RGQ_WORD_FILE},
                                      {"weight-kg", RGQ_WORD_VALUE},
                                      {"components", RGQ_WORD_FLAG},
                                      {"unit", RGQ_WORD_VALUE}};

static rgq_status read_it(rgq_study *out, rgq_problems *problems, rgq_error *err)
{
    return rgq_study_from_manifest(out, in_folder("cases.tsv"), known, ROWS(known), problems,
                                   err);
}

/* Everything that is said of a table, after the checks. */
static void expect(const char *table, int count, const char *const *words, int n_words)
{
    rgq_study study = {.cases = NULL};
    rgq_problems problems = {.log = NULL};

    put("cases.tsv", table);
    MUST(read_it(&study, &problems, err));
    rgq_study_check(&study, known, ROWS(known), &problems);
    ck_assert_msg(problems.count == count, "%d problems: %s", problems.count, problems.text);
    for (int i = 0; i < n_words; i++)
        ck_assert_msg(strstr(problems.text, words[i]) != NULL, "'%s' lacks '%s'", problems.text,
                      words[i]);
    rgq_study_release(&study);
}

START_TEST(rows_become_cases)
{
    rgq_study study = {.cases = NULL};
    rgq_problems problems = {.log = NULL};

    begin();
    put("cases.tsv", "case\tscan\toutput\tweight_kg\tregions\ttracer\r\n"
                     "a\tx.nii\tn/a\t70\tl.nii\tT\r\n"
                     "b\t/abs/y.nii\tgroup/b\t\tn/a\tT\r\n");
    MUST(read_it(&study, &problems, err));
    ck_assert_int_eq(problems.count, 0);
    ck_assert_int_eq(study.n_cases, 2);
    ck_assert_str_eq(study.cases[0].scan, in_folder("x.nii"));
    ck_assert_str_eq(study.cases[0].output, "a");
    ck_assert_str_eq(rgq_case_get(&study.cases[0], "weight-kg"), "70");
    ck_assert_str_eq(rgq_case_get(&study.cases[0], "regions"), in_folder("l.nii"));
    ck_assert_str_eq(study.cases[1].scan, "/abs/y.nii");
    ck_assert_str_eq(study.cases[1].output, "group/b");
    ck_assert_ptr_null(rgq_case_get(&study.cases[1], "weight-kg"));
    ck_assert_ptr_null(rgq_case_get(&study.cases[1], "regions"));
    /* the template fills gaps and replaces nothing */
    MUST(rgq_study_template(&study, "weight-kg", "80", err));
    ck_assert_str_eq(rgq_case_get(&study.cases[0], "weight-kg"), "70");
    ck_assert_str_eq(rgq_case_get(&study.cases[1], "weight-kg"), "80");
    rgq_study_release(&study);
    ck_assert_ptr_null(study.cases);
    end();
}
END_TEST

START_TEST(columns_are_told_with_the_nearest_name)
{
    static const char *const words[] = {"column 'regoins' is no option",
                                        "did you mean 'regions'", "column 'wieght_kg'",
                                        "did you mean 'weight_kg'"};

    begin();
    put("x.nii", "x");
    expect("case\tscan\ttracer\tregoins\twieght_kg\na\tx.nii\tT\tq\t7\n", 2, words, 4);
    end();
}
END_TEST

START_TEST(everything_is_told_at_once)
{
    static const char *const words[] = {
        "case a: there is no scan", "case a: there is no regions",   "case ../up: no tracer",
        "case '../up': a name has", "case c: components is 'maybe'", "case c is given more"};

    begin();
    put("x.nii", "x");
    expect("case\tscan\ttracer\tregions\tcomponents\n"
           "a\tgone.nii\tT\tgone_too.nii\tyes\n"
           "../up\tx.nii\t\t\tno\n"
           "c\tx.nii\tT\t\tmaybe\n"
           "c\tx.nii\tT\t\t\n",
           6, words, 6);
    end();
}
END_TEST

typedef struct bad_row {
    const char *name, *output, *words;
} bad_row;

static const bad_row bad[] = {
    {"", "n/a", "row 1 has no case"},
    {"-rf", "n/a", "a name has"},
    {".x", "n/a", "a name has"},
    {"a b", "n/a", "a name has"},
    {"a;b", "n/a", "a name has"},
    {"logs", "n/a", "the batch itself uses"},
    {"a", "/etc", "must be a folder inside"},
    {"a", "x/../..", "must be a folder inside"},
    {"a", "x//y", "must be a folder inside"},
    {"a", "x/", "must be a folder inside"},
    {"a", "logs/x", "the batch itself uses"},
};

START_TEST(names_that_are_no_good)
{
    char table[200];

    begin();
    put("x.nii", "x");
    (void)snprintf(table, sizeof table, "case\tscan\ttracer\toutput\n%s\tx.nii\tT\t%s\n%s",
                   bad[_i].name, bad[_i].output,
                   bad[_i].name[0] == '\0' ? "ok\tx.nii\tT\tn/a\n" : "");
    expect(table, 1, &bad[_i].words, 1);
    end();
}
END_TEST

START_TEST(outputs_in_each_other)
{
    static const char *const inside[] = {"output o/p lies in that of the first"};
    static const char *const same[] = {"output o of both is the same"};

    begin();
    put("x.nii", "x");
    expect("case\tscan\ttracer\toutput\na\tx.nii\tT\to\nb\tx.nii\tT\to-q\nc\tx.nii\tT\to/p\n",
           1, inside, 1);
    expect("case\tscan\ttracer\toutput\na\tx.nii\tT\to\nb\tx.nii\tT\to\n", 1, same, 1);
    expect("case\tscan\ttracer\toutput\na\tx.nii\tT\to/a\nb\tx.nii\tT\to/b\n", 0, NULL, 0);
    end();
}
END_TEST

START_TEST(units_must_be_one)
{
    static const char *const words[] = {"case a is in suvbw, case c in bqml"};

    begin();
    put("x.nii", "x");
    expect(
        "case\tscan\ttracer\tunit\na\tx.nii\tT\tsuvbw\nb\tx.nii\tT\tsuvbw\nc\tx.nii\tT\tbqml\n",
        1, words, 1);
    end();
}
END_TEST

START_TEST(tables_that_are_none)
{
    static const char *const scan[] = {"no column 'scan'"};
    static const char *const none[] = {"there is no case"};
    static const char *const twins[] = {"'weight-kg' and 'weight_kg' are the same"};
    rgq_study study = {.cases = NULL};
    rgq_problems problems = {.log = NULL};

    begin();
    put("x.nii", "x");
    expect("case\ttracer\na\tT\n", 2, scan, 1);
    expect("case\tscan\ttracer\n", 1, none, 1);
    expect("case\tscan\ttracer\tweight-kg\tweight_kg\na\tx.nii\tT\t1\t2\n", 1, twins, 1);
    put("cases.tsv", "case\tscan\na\n");
    REFUSED(read_it(&study, &problems, err), RGQ_E_FORMAT, "1 cells, the header has 2");
    ck_assert_ptr_null(study.cases);
    REFUSED(
        rgq_study_from_manifest(&study, "not-there.tsv", known, ROWS(known), &problems, err),
        RGQ_E_IO, "not-there.tsv");
    end();
}
END_TEST

START_TEST(one_failure_of_many_problems)
{
    rgq_problems problems = {.log = NULL};

    MUST(rgq_problems_end(&problems, "cases.tsv", err));
    for (int i = 0; i < 100; i++)
        rgq_problem(&problems, "problem number %d", i);
    REFUSED(
        rgq_problems_end(&problems, "cases.tsv", err), RGQ_E_ARGUMENT,
        "cases.tsv: 100 problems, nothing was started: problem number 0; problem number 1;");
}
END_TEST

START_TEST(memory_that_cannot_be_had)
{
    rgq_study study = {.cases = NULL};
    rgq_problems problems = {.log = NULL};

    begin();
    put("cases.tsv", "case\tscan\ttracer\tweight_kg\na\tx\tT\t70\nb\tx\tT\t71\n");
    TORTURE(read_it(&study, &problems, err), rgq_study_release(&study), 8);
    end();
}
END_TEST

int main(void)
{
    RGQ_CHECK_RUN("manifest", tcase_add_test(tc, rows_become_cases);
                  tcase_add_test(tc, columns_are_told_with_the_nearest_name);
                  tcase_add_test(tc, everything_is_told_at_once);
                  tcase_add_loop_test(tc, names_that_are_no_good, 0, ROWS(bad));
                  tcase_add_test(tc, outputs_in_each_other);
                  tcase_add_test(tc, units_must_be_one);
                  tcase_add_test(tc, tables_that_are_none);
                  tcase_add_test(tc, one_failure_of_many_problems);
                  tcase_add_test(tc, memory_that_cannot_be_had));
}
