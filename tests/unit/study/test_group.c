/* The table of a group, from results that are written by hand. */
#include <math.h>

#include "study/group_inside.h"
#include "study_folder.h"

static char out[256];

/* A case that is done, with one region "a" and, in `more`, further lines. */
static void result(const char *name, const char *unit, const char *mean, const char *volume,
                   const char *more)
{
    char line[1000];

    (void)snprintf(line, sizeof line,
                   "mkdir -p out/%s && cd out/%s && "
                   "printf 'region\\tvolume_ml\\tunit\\tmean\\na\\t%s\\t%s\\t%s\\n%s' "
                   ">measures.tsv && "
                   "echo '{\"region\": {\"Description\": \"its name\"}, \"unit\": \"SUVbw\"}' "
                   ">measures.json && echo '{\"tracer\": {\"id\": \"T\"}}' >surrogate.json && "
                   "touch run.json",
                   name, name, volume, unit, mean, more);
    shell(line);
}

static void ledger(const char *rows)
{
    char words[2000];

    (void)snprintf(words, sizeof words, "case\tstatus\treason\tseconds\tpeak_mb\toutput\n%s",
                   rows);
    put("out/cases.tsv", words);
}

static void set_up(void)
{
    begin();
    shell("mkdir out");
    (void)snprintf(out, sizeof out, "%s", in_folder("out"));
}

static char *read_all(const char *name)
{
    char *text = NULL;
    size_t length = 0;
    MUST(rgq_file_read(&text, &length, in_folder(name), 1 << 20, err));
    return text;
}

static const char six[] = "c1\tdone\tn/a\t1\t1\tc1\nc2\tdone\tn/a\t1\t1\tc2\n"
                          "c3\tdone\tn/a\t1\t1\tc3\nc4\tdone\tn/a\t1\t1\tc4\n"
                          "c5\tdone\tn/a\t1\t1\tc5\nc6\tdone\tn/a\t1\t1\tc6\n";

/* Means 1 2 3 4 5 and 100: median 3.5, deviations 0.5 0.5 1.5 1.5 2.5 96.5, MAD 1.5;
 * z of 100 is 0.6745 x 96.5 / 1.5 = 43.39. Volumes 7 7 7 7 7 8: MAD 0, mean deviation 1/6,
 * z of 8 is 6 / 1.2533 = 4.79. */
START_TEST(outliers_by_hand)
{
    static const char *const means[] = {"1", "2", "3", "4", "5", "100"};
    rgq_group group = {.n = 0};

    set_up();
    for (int i = 0; i < 6; i++) {
        const char name[] = {'c', (char)('1' + i), '\0'};
        result(name, "SUVbw", means[i], i < 5 ? "7" : "8", "");
    }
    ledger(six);
    MUST(rgq_group_load(&group, out, err));
    MUST(rgq_group_find_outliers(&group, err));
    ck_assert_int_eq(group.n_rows, 6);
    const rgq_group_row *last = &group.row[5];
    /* the constants have four digits */
    ck_assert_double_eq_tol(last->z[RGQ_GROUP_MEAN], 43.393, 0.001);
    ck_assert_double_eq_tol(last->z[RGQ_GROUP_VOLUME], 4.787, 0.001);
    ck_assert_double_eq_tol(last->centre[RGQ_GROUP_MEAN], 3.5, 1e-12);
    for (int i = 0; i < 5; i++) {
        ck_assert(!rgq_group_is_outlier(&group.row[i], RGQ_GROUP_MEAN));
        ck_assert_double_eq_tol(group.row[i].z[RGQ_GROUP_VOLUME], 0.0, 1e-12);
    }
    ck_assert(rgq_group_is_outlier(last, RGQ_GROUP_MEAN));
    ck_assert(rgq_group_is_outlier(last, RGQ_GROUP_VOLUME));
    rgq_group_release(&group);
    end();
}
END_TEST

/* Four cases are too few, and what is the same everywhere has no spread. */
START_TEST(no_flag_without_ground)
{
    rgq_group group = {.n = 0};

    set_up();
    for (int i = 0; i < 6; i++) {
        const char name[] = {'c', (char)('1' + i), '\0'};
        result(name, "SUVbw", "2", "7",
               i < 4 ? i == 3 ? "b\t1\tSUVbw\t50\n" : "b\t1\tSUVbw\t1\n" : "");
    }
    ledger(six);
    MUST(rgq_group_load(&group, out, err));
    MUST(rgq_group_find_outliers(&group, err));
    ck_assert_int_eq(group.n_rows, 10);
    for (int i = 0; i < group.n_rows; i++)
        for (int look = 0; look < RGQ_GROUP_LOOKS; look++)
            ck_assert(isnan(group.row[i].z[look]));
    rgq_group_release(&group);
    end();
}
END_TEST

/* Cells are copied as they stand; a case without a column has n/a there; the order is that of
 * cases.tsv. */
START_TEST(table_to_the_letter)
{
    rgq_group_count count;

    set_up();
    result("sub-02_ses-b", "SUVbw", "0.10000000000000001", "3", "");
    result("x", "SUVbw", "n/a", "1e3", "");
    shell("cd out/x && printf "
          "'region\\tvolume_ml\\tunit\\tmean\\textra\\nb\\t1e3\\tSUVbw\\tn/a\\t5\\n' "
          ">measures.tsv");
    ledger("sub-02_ses-b\tdone\tn/a\t1\t1\tsub-02_ses-b\nbad\tfailed\t<b>why</b>\t1\t1\tn/a\n"
           "x\tdone\tn/a\t1\t1\tx\n");
    MUST(rgq_study_group(&count, out, NULL, err));
    ck_assert_int_eq(count.done, 2);
    ck_assert_int_eq(count.failed, 1);
    ck_assert_int_eq(count.rows, 2);
    char *table = read_all("out/group_measures.tsv");
    ck_assert_str_eq(
        table,
        "subject\tsession\tcase\ttracer\tregion\tvolume_ml\tunit\tmean\textra\trobust_z_mean\t"
        "robust_z_volume_ml\toutlier\n"
        "sub-02\tses-b\tsub-02_ses-b\tT\ta\t3\tSUVbw\t0.10000000000000001\tn/a\tn/a\tn/a\tn/a\n"
        "n/a\tn/a\tx\tT\tb\t1e3\tSUVbw\tn/a\t5\tn/a\tn/a\tn/a\n");
    rgq_free(table);
    char *page = read_all("out/group.html");
    ck_assert_ptr_nonnull(strstr(page, "&lt;b&gt;why&lt;/b&gt;"));
    ck_assert_ptr_null(strstr(page, "<b>why"));
    ck_assert_ptr_nonnull(strstr(page, "overview.png cannot be read")); /* there is none */
    ck_assert_ptr_null(strstr(page, "<script"));
    rgq_free(page);
    rgq_json *root = NULL;
    MUST(rgq_json_load(&root, in_folder("out/group_measures.json"), err));
    ck_assert_int_eq((int)rgq_json_count(root), 12);
    ck_assert_str_eq(
        rgq_json_text(rgq_json_get(rgq_json_get(root, "region"), "Description"), ""),
        "its name");
    rgq_json_free(root);
    end();
}
END_TEST

START_TEST(refusals)
{
    rgq_group_count count;

    set_up();
    REFUSED(rgq_study_group(&count, out, NULL, err), RGQ_E_IO, "cases.tsv");
    put("out/cases.tsv", "case\tstatus\nx\tdone\n");
    REFUSED(rgq_study_group(&count, out, NULL, err), RGQ_E_FORMAT, "no column 'reason'");
    ledger("x\tfailed\twhy\t1\t1\tn/a\n");
    REFUSED(rgq_study_group(&count, out, NULL, err), RGQ_E_MISSING, "none of the 1 cases");
    ledger("x\tdone\tn/a\t1\t1\tx\n");
    REFUSED(rgq_study_group(&count, out, NULL, err), RGQ_E_IO, "case x");
    ledger("x\tdone\tn/a\t1\t1\t../x\n");
    REFUSED(rgq_study_group(&count, out, NULL, err), RGQ_E_FORMAT, "leaves OUT_DIR");
    ledger("x\tdone\tn/a\t1\t1\t/etc\n");
    REFUSED(rgq_study_group(&count, out, NULL, err), RGQ_E_FORMAT, "leaves OUT_DIR");
    result("x", "SUVbw", "1", "1", "");
    result("y", "Bq/mL", "1", "1", "");
    ledger("x\tdone\tn/a\t1\t1\tx\ny\tdone\tn/a\t1\t1\ty\n");
    REFUSED(rgq_study_group(&count, out, NULL, err), RGQ_E_UNIT, "case y in Bq/mL");
    ck_assert(!rgq_path_exists(in_folder("out/group_measures.tsv")));
    ck_assert(!rgq_path_exists(in_folder("out/group.html")));
    end();
}
END_TEST

START_TEST(memory_may_run_out)
{
    rgq_group_count count;

    set_up();
    result("x", "SUVbw", "1", "1", "");
    ledger("x\tdone\tn/a\t1\t1\tx\nb\tfailed\twhy\t1\t1\tn/a\n");
    TORTURE(rgq_study_group(&count, out, NULL, err), (void)0, 20);
    shell("test -z \"$(find . -name '.rgq-*')\"");
    end();
}
END_TEST

RGQ_CHECK_MAIN("study group", tcase_add_test(tc, outliers_by_hand);
               tcase_add_test(tc, no_flag_without_ground);
               tcase_add_test(tc, table_to_the_letter); tcase_add_test(tc, refusals);
               tcase_add_test(tc, memory_may_run_out))
