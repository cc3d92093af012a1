/* Result tables. */
#include <math.h>
#include <string.h>

#include "rgdquant/table.h"
#include "rgq_check.h"

static const rgq_column columns[] = {{"region", RGQ_COLUMN_TEXT, NULL, "name"},
                                     {"n", RGQ_COLUMN_INT, NULL, "count"},
                                     {"mean", RGQ_COLUMN_REAL, "SUVbw", "mean"}};

START_TEST(cells_are_missing_until_set)
{
    rgq_table *table = NULL;
    char buffer[64];

    MUST(rgq_table_create(&table, columns, 3, err));
    MUST(rgq_table_add_row(table, err));
    MUST(rgq_table_set_text(table, "region", "le\tsion\n1", err));
    rgq_table_set_int(table, "n", 555);
    rgq_table_set_real(table, "mean", (double)NAN);
    MUST(rgq_table_add_row(table, err));
    rgq_table_set_real(table, "mean", 0.1);
    ck_assert_str_eq(rgq_table_format(table, 0, 0, buffer, sizeof buffer), "le sion 1");
    ck_assert_str_eq(rgq_table_format(table, 0, 1, buffer, sizeof buffer), "555");
    ck_assert_str_eq(rgq_table_format(table, 0, 2, buffer, sizeof buffer), "n/a");
    ck_assert_str_eq(rgq_table_format(table, 1, 0, buffer, sizeof buffer), "n/a");
    ck_assert_str_eq(rgq_table_format(table, 1, 2, buffer, sizeof buffer), "0.1");
    ck_assert_str_eq(rgq_table_text(table, 1, 0), "n/a");
    ck_assert(rgq_table_real(table, 0, 1) == 555.0);
    ck_assert(isnan(rgq_table_real(table, 0, 0)));
    ck_assert(!rgq_table_has(table, 1, 1));
    ck_assert_int_eq(rgq_table_find(table, "mean"), 2);
    ck_assert_int_eq(rgq_table_find(table, "median"), -1);
    rgq_table_free(table);
}
END_TEST

static rgq_status fill(rgq_table **out, rgq_error *err)
{
    RGQ_PASS(err, rgq_table_create(out, columns, 3, err));
    for (int i = 0; i < 40; i++) {
        RGQ_PASS(err, rgq_table_add_row(*out, err));
        RGQ_PASS(err, rgq_table_set_text(*out, "region", "x", err));
    }
    return RGQ_OK;
}

START_TEST(growing_survives_lost_memory)
{
    rgq_table *table = NULL;
    TORTURE(
        fill(&table, err),
        {
            rgq_table_free(table);
            table = NULL;
        },
        40);
}
END_TEST

RGQ_CHECK_MAIN("volume/table", tcase_add_test(tc, cells_are_missing_until_set);
               tcase_add_test(tc, growing_survives_lost_memory))
