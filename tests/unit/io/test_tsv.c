/* Tables: the strict reader, and what rgq_table_write leaves behind. */
#include "io/tsv.h"

#include <sys/stat.h>

#include "core/json.h"
#include "io_check.h"
#include "rgdquant/scan_file.h"

static rgq_tsv tsv;

static void begin(void)
{
    folder_begin();
    tsv = (rgq_tsv){0, 0, NULL, NULL};
}

static void end(void)
{
    rgq_tsv_release(&tsv);
    folder_end();
}

static void parse(const char *text)
{
    rgq_tsv_release(&tsv);
    MUST(rgq_tsv_parse(&tsv, text, strlen(text), "t.tsv", err));
}

START_TEST(cells)
{
    parse("index\tname\n1\tleft kidney\n2\t\"quoted\"\n");
    ck_assert_int_eq(tsv.n_columns, 2);
    ck_assert_int_eq(tsv.n_rows, 2);
    ck_assert_str_eq(rgq_tsv_column(&tsv, 1), "name");
    ck_assert_str_eq(rgq_tsv_cell(&tsv, 0, 1), "left kidney");
    ck_assert_str_eq(rgq_tsv_cell(&tsv, 1, 1), "\"quoted\""); /* quotes mean nothing */
    ck_assert_int_eq(rgq_tsv_find(&tsv, "name"), 1);
    ck_assert_int_eq(rgq_tsv_find(&tsv, "Name"), -1);
}
END_TEST

START_TEST(line_ends_marks_and_blanks)
{
    static const char *const same[] = {
        "a\tb\n1\t\n\t2\n",     "a\tb\r\n1\t\r\n\t2\r\n",       "a\tb\n1\t\n\t2",
        "a\tb\n1\t\n\t2\n\n\n", "\357\273\277a\tb\n1\t\n\t2\n",
    };
    for (int i = 0; i < ROWS(same); i++) {
        parse(same[i]);
        ck_assert_int_eq(tsv.n_rows, 2);
        ck_assert_str_eq(rgq_tsv_column(&tsv, 0), "a");
        ck_assert_str_eq(rgq_tsv_column(&tsv, 1), "b");
        ck_assert_str_eq(rgq_tsv_cell(&tsv, 0, 0), "1");
        ck_assert_str_eq(rgq_tsv_cell(&tsv, 0, 1), "");
        ck_assert_str_eq(rgq_tsv_cell(&tsv, 1, 0), "");
        ck_assert_str_eq(rgq_tsv_cell(&tsv, 1, 1), "2");
    }
    parse("only");
    ck_assert_int_eq(tsv.n_rows, 0);
    ck_assert_str_eq(rgq_tsv_column(&tsv, 0), "only");
}
END_TEST

START_TEST(refused)
{
    static const struct {
        const char *text;
        size_t length;
        const char *words;
    } cases[] = {
        {"", 0, "empty"},
        {"\n\r\n", 3, "empty"},
        {"a\tb\n1\n", 6, "line 2: 1 cells, the header has 2"},
        {"a\tb\n1\t2\n\n3\t4", 11, "line 3: 1 cells"},
        {"a\tb\n1\t2\t3\n", 10, "line 2: 3 cells"},
        {"a\ta\n", 4, "two columns are named 'a'"},
        {"a\t\n1\t2\n", 7, "column 2 has no name"},
        {"a\0b\n", 4, "NUL"},
    };
    for (int i = 0; i < ROWS(cases); i++)
        REFUSED(rgq_tsv_parse(&tsv, cases[i].text, cases[i].length, "t.tsv", err), RGQ_E_FORMAT,
                cases[i].words);
    static char wide[8200];
    memset(wide, '\t', sizeof wide);
    REFUSED(rgq_tsv_parse(&tsv, wide, sizeof wide, "t.tsv", err), RGQ_E_FORMAT, "columns");
    REFUSED(rgq_tsv_read(&tsv, at("none.tsv"), err), RGQ_E_IO, "none.tsv");
    ck_assert_ptr_null(tsv.cell);
}
END_TEST

START_TEST(reader_without_memory)
{
    save_text(at("m.tsv"), "a\tb\n1\t2\n");
    const char *path = at("m.tsv");
    TORTURE(
        rgq_tsv_read(&tsv, path, err),
        {
            ck_assert(torture_st == RGQ_OK || tsv.cell == NULL);
            rgq_tsv_release(&tsv);
        },
        2);
}
END_TEST

static const rgq_column columns[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, "name of the region"},
    {"n_voxels", RGQ_COLUMN_INT, "1", "voxels"},
    {"volume_ml", RGQ_COLUMN_REAL, "mL", NULL},
};

static rgq_table *make_table(void)
{
    rgq_table *table = NULL;
    MUST(rgq_table_create(&table, columns, ROWS(columns), err));
    MUST(rgq_table_add_row(table, err));
    MUST(rgq_table_set_text(table, "region", "a\tb\nc", err));
    rgq_table_set_int(table, "n_voxels", 12);
    rgq_table_set_real(table, "volume_ml", 0.1);
    MUST(rgq_table_add_row(table, err));
    return table;
}

START_TEST(table_and_companion)
{
    rgq_table *table = make_table();
    char text[1024] = "";
    rgq_json *json = NULL;

    MUST(rgq_table_write(at("t.tsv"), table, "{\"Sources\": [1]}", false, err));
    (void)load(at("t.tsv"), (unsigned char *)text, sizeof text - 1);
    ck_assert_str_eq(text, "region\tn_voxels\tvolume_ml\na b c\t12\t0.1\nn/a\tn/a\tn/a\n");
    MUST(rgq_tsv_read(&tsv, at("t.tsv"), err)); /* what it writes it reads */
    MUST(rgq_json_load(&json, at("t.json"), err));
    const rgq_json *entry = rgq_json_get(json, "region");
    ck_assert_str_eq(rgq_json_text(rgq_json_get(entry, "Description"), ""),
                     "name of the region");
    ck_assert_ptr_null(rgq_json_get(entry, "Units"));
    ck_assert_str_eq(rgq_json_text(rgq_json_get(rgq_json_get(json, "volume_ml"), "Units"), ""),
                     "mL");
    ck_assert_uint_eq(rgq_json_count(rgq_json_get(json, "Sources")), 1);
    rgq_json_free(json);
    rgq_table_free(table);
}
END_TEST

START_TEST(table_refused)
{
    rgq_table *table = make_table();
    REFUSED(rgq_table_write(at("t.csv"), table, NULL, false, err), RGQ_E_ARGUMENT, ".tsv");
    REFUSED(rgq_table_write(at("t.tsv"), table, "[]", false, err), RGQ_E_ARGUMENT, "object");
    REFUSED(rgq_table_write(at("t.tsv"), table, "{", false, err), RGQ_E_FORMAT, "line 1");
    ck_assert_int_eq(count_files(), 0);
    save_text(at("t.tsv"), "kept");
    REFUSED(rgq_table_write(at("t.tsv"), table, NULL, false, err), RGQ_E_IO, "--force");
    save_text(at("u.json"), "kept");
    REFUSED(rgq_table_write(at("u.tsv"), table, NULL, false, err), RGQ_E_IO, "--force");
    ck_assert_int_eq(count_files(), 2);
    MUST(rgq_table_write(at("t.tsv"), table, NULL, true, err));
    ck_assert_int_eq(mkdir(at("v.tsv"), 0700), 0); /* the table fails: no companion stays */
    REFUSED(rgq_table_write(at("v.tsv"), table, NULL, true, err), RGQ_E_IO, "folder");
    ck_assert_int_eq(rmdir(at("v.tsv")), 0);
    ck_assert_int_eq(count_files(), 3);
    rgq_table_free(table);
}
END_TEST

START_TEST(writer_without_memory)
{
    rgq_table *table = make_table();
    const char *path = at("m.tsv");
    TORTURE(rgq_table_write(path, table, "{\"a\": 1}", false, err),
            ck_assert_int_eq(count_files(), torture_st == RGQ_OK ? 2 : 0), 1);
    rgq_table_free(table);
}
END_TEST

RGQ_CHECK_MAIN("io tsv", tcase_add_checked_fixture(tc, begin, end); tcase_add_test(tc, cells);
               tcase_add_test(tc, line_ends_marks_and_blanks); tcase_add_test(tc, refused);
               tcase_add_test(tc, reader_without_memory);
               tcase_add_test(tc, table_and_companion); tcase_add_test(tc, table_refused);
               tcase_add_test(tc, writer_without_memory))
