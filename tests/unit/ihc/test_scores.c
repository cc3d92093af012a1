/* Scores of cells by hand, from their published tables. */
#include "rgdquant/ihc.h"
#include "rgq_check.h"

#include <math.h>

#include "core/banned.h"

/* cells, H-score, Allred, IRS. The proportions: Allred 1/100, 1/10, 1/3, 2/3; IRS 10, 50, 80 %.
 */
static const struct {
    long long n[4];
    double h;
    int allred, irs;
} table[] = {
    {{100, 0, 0, 0}, 0, 0, 0},
    {{999, 1, 0, 0}, 0.1, 2, 1},         /* below 1 %: 1 + weak; 1 x 1 */
    {{99, 1, 0, 0}, 1, 3, 1},            /* 1 %: 2 + 1 */
    {{90, 10, 0, 0}, 10, 3, 2},          /* 10 %: still 2 + 1; 10..50: 2 x 1 */
    {{89, 11, 0, 0}, 11, 4, 2},          /* above 10 %: 3 + 1 */
    {{2, 0, 1, 0}, 200.0 / 3, 5, 4},     /* exactly a third: 3 + moderate; 2 x 2 */
    {{199, 0, 101, 0}, 202.0 / 3, 6, 4}, /* above a third: 4 + 2 */
    {{1, 0, 2, 0}, 400.0 / 3, 6, 6},     /* exactly two thirds: 4 + 2; 51..80: 3 x 2 */
    {{99, 0, 201, 0}, 134, 7, 6},        /* above: 5 + 2 */
    {{50, 0, 0, 50}, 150, 7, 6},         /* 4 + strong; 50 %: 2 x 3 */
    {{20, 0, 0, 80}, 240, 8, 9},         /* 5 + 3; 80 %: 3 x 3 */
    {{19, 0, 0, 81}, 243, 8, 12},        /* above 80 %: 4 x 3 */
    {{0, 0, 0, 7}, 300, 8, 12},
    {{10, 50, 30, 10}, 140, 7, 8}, /* mean (50 + 60 + 30) / 90 = 1.56 -> 2: 5 + 2, 4 x 2 */
    {{0, 1, 1, 0}, 150, 7, 8},     /* mean 1.5 rounds up to 2 */
    {{0, 3, 1, 0}, 125, 6, 4},     /* mean 1.25 -> 1 */
};

START_TEST(scores_by_hand)
{
    const rgq_ihc_cells cells = {
        {table[_i].n[0], table[_i].n[1], table[_i].n[2], table[_i].n[3]}};

    ck_assert_double_eq_tol(rgq_ihc_h_score(&cells), table[_i].h, 1e-12 * (1 + table[_i].h));
    ck_assert_int_eq(rgq_ihc_allred(&cells), table[_i].allred);
    ck_assert_int_eq(rgq_ihc_irs(&cells), table[_i].irs);
}
END_TEST

START_TEST(no_cells_no_score)
{
    const rgq_ihc_cells none = {{0, 0, 0, 0}};

    ck_assert(isnan(rgq_ihc_h_score(&none)));
    ck_assert_int_eq(rgq_ihc_allred(&none), -1);
    ck_assert_int_eq(rgq_ihc_irs(&none), -1);
}
END_TEST

/* A slide has no more cells than this, and no product of counts overflows. */
START_TEST(many_cells)
{
    const rgq_ihc_cells cells = {{0, 0, 0, 1LL << 56}};

    ck_assert_int_eq(rgq_ihc_allred(&cells), 8);
    ck_assert_int_eq(rgq_ihc_irs(&cells), 12);
}
END_TEST

RGQ_CHECK_MAIN("ihc.scores", tcase_add_loop_test(tc, scores_by_hand, 0, ROWS(table));
               tcase_add_test(tc, no_cells_no_score); tcase_add_test(tc, many_cells))
