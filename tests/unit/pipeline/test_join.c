/* Rows of two tables become pairs, columns become numbers. */
#include <math.h>
#include <string.h>

#include "pipeline/cohort.h"
#include "pipeline/join.h"
#include "rgq_check.h"

static rgq_tsv parse(const char *text)
{
    rgq_tsv table = {.n_columns = 0};

    MUST(rgq_tsv_parse(&table, text, strlen(text), "test.tsv", err));
    return table;
}

typedef struct two {
    rgq_tsv a, b;
    rgq_join_table left, right;
} two;

static void open_two(two *t, const char *a, const char *b)
{
    t->a = parse(a);
    t->b = parse(b);
    t->left = (rgq_join_table){&t->a, "a.tsv"};
    t->right = (rgq_join_table){&t->b, "b.tsv"};
}

static void close_two(two *t)
{
    rgq_tsv_release(&t->a);
    rgq_tsv_release(&t->b);
}

static const char left[] = "p\tl\tx\tv\n"
                           "A\t1\t1.5\t9\n"
                           "B\t1\t2.5\tn/a\n"
                           "A\t2\t3.5\t7\n"
                           "C\tn/a\t4.5\t6\n"
                           "D\t1\t5.5\t5\n";
static const char right[] = "l\tp\ty\tpos\n"
                            "1\tD\t50\tyes\n"
                            "2\tA\tNA\tno\n"
                            "1\tB\t20\tNo\n"
                            "1\tE\t60\t1\n"
                            "1\tA\t10\t\n";

START_TEST(rows_meet_by_two_keys)
{
    two t;
    rgq_join j;

    open_two(&t, left, right);
    MUST(rgq_join_make(&j, &t.left, &t.right, "p, l", NULL, err));
    static const int want[4][2] = {{0, 4}, {1, 2}, {2, 1}, {4, 0}};
    ck_assert_uint_eq(j.n, 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(j.row[0][i], want[i][0]);
        ck_assert_int_eq(j.row[1][i], want[i][1]);
    }
    ck_assert_uint_eq(j.n_alone[0], 1); /* its key is missing */
    ck_assert_int_eq(j.alone[0][0], 3);
    ck_assert_uint_eq(j.n_alone[1], 1);
    ck_assert_int_eq(j.alone[1][0], 3);
    rgq_join_release(&j);
    close_two(&t);
}
END_TEST

START_TEST(a_filter_takes_one_compartment)
{
    two t;
    rgq_join j;
    const rgq_join_filter filter = {1, "vessel"};

    open_two(&t, "l\tx\n1\t1\n2\t2\n",
             "l\tpart\ty\n1\ttumour\t1\n1\tvessel\t2\n2\ttumour\t3\n");
    MUST(rgq_join_make(&j, &t.left, &t.right, "l", &filter, err));
    ck_assert_uint_eq(j.n, 1);
    ck_assert_int_eq(j.row[1][0], 1);
    ck_assert_uint_eq(j.n_alone[1], 0); /* other compartments are not missing partners */
    rgq_join_release(&j);
    REFUSED(rgq_join_make(&j, &t.left, &t.right, "l", NULL, err), RGQ_E_FORMAT,
            "rows 1 and 2 have the same key '1'");
    rgq_join_release(&j);
    close_two(&t);
}
END_TEST

START_TEST(each_refusal_of_keys)
{
    static const struct {
        const char *by;
        rgq_status status;
        const char *words;
    } cases[] = {
        {"lesion", RGQ_E_NOTFOUND, "a.tsv has no column 'lesion'; the nearest name"},
        {"x", RGQ_E_NOTFOUND, "b.tsv has no column 'x'"},
        {"l", RGQ_E_FORMAT, "a.tsv: rows 1 and 2 have the same key '1'"},
        {"l,l", RGQ_E_ARGUMENT, "names the column 'l' twice"},
        {"p,,l", RGQ_E_ARGUMENT, "has an empty name"},
    };
    two t;
    rgq_join j;

    open_two(&t, left, right);
    REFUSED(rgq_join_make(&j, &t.left, &t.right, cases[_i].by, NULL, err), cases[_i].status,
            cases[_i].words);
    rgq_join_release(&j);
    close_two(&t);
}
END_TEST

START_TEST(no_match_shows_the_first_keys)
{
    two t;
    rgq_join j;

    open_two(&t, "l\tx\nL1\t1\n", "l\ty\nl-1\t1\n");
    REFUSED(rgq_join_make(&j, &t.left, &t.right, "l", NULL, err), RGQ_E_FORMAT,
            "the first keys are 'L1' and 'l-1'");
    rgq_join_release(&j);
    close_two(&t);
    open_two(&t, "l\tx\nn/a\t1\n", "l\ty\nl-1\t1\n");
    REFUSED(rgq_join_make(&j, &t.left, &t.right, "l", NULL, err), RGQ_E_FORMAT,
            "a.tsv has no row with a key");
    rgq_join_release(&j);
    close_two(&t);
}
END_TEST

START_TEST(columns_become_numbers)
{
    two t;
    rgq_join j;
    rgq_cohort c;
    const rgq_cohort_columns columns = {
        .x = "x", .y = "y", .cluster = "p", .size = "v", .positive = "pos"};

    open_two(&t, left, right);
    MUST(rgq_join_make(&j, &t.left, &t.right, "p,l", NULL, err));
    MUST(rgq_cohort_make(&c, &j, &columns, err));
    static const double x[] = {1.5, 2.5, 5.5};
    static const double y[] = {10.0, 20.0, 50.0};
    static const int positive[] = {-1, 0, 1};
    ck_assert_uint_eq(c.n, 3); /* A 2 has no y */
    ck_assert_uint_eq(c.n_missing, 1);
    ck_assert_uint_eq(c.missing[0], 2);
    ck_assert_uint_eq(c.n_patients, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert_double_eq(c.x[i], x[i]);
        ck_assert_double_eq(c.y[i], y[i]);
        ck_assert_int_eq(c.cluster[i], i + 1);
        ck_assert_int_eq(c.positive[i], positive[i]);
    }
    ck_assert_double_eq(c.size[0], 9.0);
    ck_assert(isnan(c.size[1]));
    rgq_cohort_release(&c);
    rgq_join_release(&j);
    close_two(&t);
}
END_TEST

START_TEST(each_refusal_of_columns)
{
    static const struct {
        const char *b, *x, *y;
        rgq_status status;
        const char *words;
    } cases[] = {
        {"l\ty\n1\t2\n", "xx", "y", RGQ_E_NOTFOUND, "no column 'xx'; the nearest name is 'x'"},
        {"l\ty\n1\thigh\n", "x", "y", RGQ_E_FORMAT, "row 1 of 'y' is 'high'; a number"},
        {"l\ty\n1\tinf\n", "x", "y", RGQ_E_FORMAT, "row 1 of 'y' is 'inf'"},
        {"l\ty\tp\n1\t2\tB\n", "x", "y", RGQ_E_FORMAT, "'p' is 'A' and 'B'"},
    };
    two t;
    rgq_join j;
    rgq_cohort c;
    const rgq_cohort_columns columns = {.x = cases[_i].x, .y = cases[_i].y, .cluster = "p"};

    open_two(&t, "l\tp\tx\n1\tA\t1\n", cases[_i].b);
    MUST(rgq_join_make(&j, &t.left, &t.right, "l", NULL, err));
    REFUSED(rgq_cohort_make(&c, &j, &columns, err), cases[_i].status, cases[_i].words);
    rgq_cohort_release(&c);
    rgq_join_release(&j);
    close_two(&t);
}
END_TEST

START_TEST(one_table_is_paired_already)
{
    rgq_tsv a = parse("l\tx\ty\n1\t1\t2\nn/a\t3\t4\n");
    rgq_tsv b = parse("l\tx\ty\n1\t1\t2\n1\t3\t4\n");
    const rgq_join_table good = {&a, "a.tsv"};
    const rgq_join_table twice = {&b, "b.tsv"};
    rgq_join j;

    MUST(rgq_join_single(&j, &good, "l", NULL, err));
    ck_assert_uint_eq(j.n, 2);
    ck_assert_uint_eq(j.n_alone[1], 0);
    rgq_join_release(&j);
    MUST(rgq_join_single(&j, &twice, NULL, NULL, err));
    rgq_join_release(&j);
    REFUSED(rgq_join_single(&j, &twice, "l", NULL, err), RGQ_E_FORMAT, "same key");
    rgq_join_release(&j);
    rgq_tsv_release(&a);
    rgq_tsv_release(&b);
}
END_TEST

START_TEST(words_of_a_list)
{
    char word[8];

    ck_assert(rgq_list_word(word, sizeof word, " a b , c", 0));
    ck_assert_str_eq(word, "a b");
    ck_assert(rgq_list_word(word, sizeof word, " a b , c", 1));
    ck_assert_str_eq(word, "c");
    ck_assert(!rgq_list_word(word, sizeof word, " a b , c", 2));
    ck_assert(rgq_list_word(word, sizeof word, "a,", 1));
    ck_assert_str_eq(word, "");
    ck_assert(rgq_list_word(word, sizeof word, "0123456789", 0));
    ck_assert_str_eq(word, "0123456");
}
END_TEST

static rgq_status join_and_gather(two *t, rgq_error *err)
{
    const rgq_cohort_columns columns = {
        .x = "x", .y = "y", .cluster = "p", .size = "v", .positive = "pos"};
    rgq_join j;
    rgq_cohort c = {.n = 0};

    rgq_status st = rgq_join_make(&j, &t->left, &t->right, "p,l", NULL, err);
    if (st == RGQ_OK)
        st = rgq_cohort_make(&c, &j, &columns, err);
    rgq_cohort_release(&c);
    rgq_join_release(&j);
    return st;
}

START_TEST(lost_memory)
{
    two t;

    open_two(&t, left, right);
    TORTURE(join_and_gather(&t, err), (void)0, 12);
    close_two(&t);
}
END_TEST

RGQ_CHECK_MAIN("join", tcase_add_test(tc, rows_meet_by_two_keys);
               tcase_add_test(tc, a_filter_takes_one_compartment);
               tcase_add_loop_test(tc, each_refusal_of_keys, 0, 5);
               tcase_add_test(tc, no_match_shows_the_first_keys);
               tcase_add_test(tc, columns_become_numbers);
               tcase_add_loop_test(tc, each_refusal_of_columns, 0, 4);
               tcase_add_test(tc, one_table_is_paired_already);
               tcase_add_test(tc, words_of_a_list); tcase_add_test(tc, lost_memory))
