/* Whole files in and out, in a folder of their own. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/pending.h"
#include "rgq_check.h"

static char folder[] = "/tmp/rgq-test-XXXXXX";

static void enter(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

static void leave(void)
{
    char command[128];
    (void)snprintf(command, sizeof command, "chmod -R u+w %s; rm -rf %s", folder, folder);
    ck_assert_int_eq(system(command), 0);
}

static size_t entries(const char *path)
{
    rgq_names names = {NULL, 0};
    MUST(rgq_folder_list(&names, path, err));
    const size_t count = names.count;
    rgq_names_release(&names);
    return count;
}

static bool temporary_left(void)
{
    return system("ls -a . | grep -q rgq-") == 0;
}

/* What a signal leaves undone; the sweep is the last thing its process does with files. */
START_TEST(what_is_unfinished_is_swept)
{
    rgq_outfile file = {.pending = false};
    rgq_outfile done = {.pending = false};
    rgq_outdir dir = {.pending = false};
    char inside[RGQ_PATH_MAX];

    MUST(rgq_outfile_begin(&done, "swept-done", false, err));
    MUST(rgq_outfile_commit(&done, err));
    MUST(rgq_outfile_begin(&file, "swept.nii.gz", false, err));
    MUST(rgq_outdir_begin(&dir, "swept-folder", false, err));
    MUST(rgq_path_join(inside, dir.temp, "a", err));
    MUST(rgq_file_write(inside, "x", 1, false, err));
    ck_assert(temporary_left());
    rgq_pending_sweep();
    ck_assert(!temporary_left());
    ck_assert(rgq_path_exists("swept-done"));
    ck_assert(!rgq_path_exists("swept-folder"));
    ck_assert_int_eq(unlink("swept-done"), 0);
}
END_TEST

START_TEST(a_file_is_whole_or_not_there)
{
    char *text = NULL;
    size_t length = 0;
    rgq_outfile out = {.pending = false};

    MUST(rgq_file_write("a.nii.gz", "hello", 5, false, err));
    REFUSED(rgq_file_write("a.nii.gz", "other", 5, false, err), RGQ_E_IO, "--force");
    MUST(rgq_file_read(&text, &length, "a.nii.gz", 100, err));
    ck_assert_uint_eq(length, 5);
    ck_assert_str_eq(text, "hello");
    rgq_free(text);
    MUST(rgq_file_write("a.nii.gz", "other", 5, true, err));
    MUST(rgq_outfile_begin(&out, "b.nii.gz", false, err));
    ck_assert_ptr_nonnull(strstr(out.temp, ".nii.gz"));
    ck_assert(!rgq_path_exists("b.nii.gz"));
    rgq_outfile_abandon(&out);
    rgq_outfile_abandon(&out);
    ck_assert(!temporary_left());
    ck_assert_uint_eq(entries("."), 1);
}
END_TEST

START_TEST(reading_is_bounded_and_names_the_file)
{
    char *text = (char *)1;
    size_t length = 9;
    MUST(rgq_file_write("big", "0123456789", 10, false, err));
    REFUSED(rgq_file_read(&text, &length, "big", 9, err), RGQ_E_FORMAT, "larger than 9");
    ck_assert_ptr_null(text);
    REFUSED(rgq_file_read(&text, &length, "none", 9, err), RGQ_E_IO, "none: No such file");
    REFUSED(rgq_file_read(&text, &length, ".", 9, err), RGQ_E_IO, "is a folder");
    REFUSED(rgq_file_write("no/such/folder/x", "a", 1, false, err), RGQ_E_IO, "cannot write");
    REFUSED(rgq_file_write(".", "a", 1, true, err), RGQ_E_IO, "file name was needed");
}
END_TEST

START_TEST(a_folder_is_whole_or_not_there)
{
    rgq_outdir out = {.pending = false};
    char path[RGQ_PATH_MAX];

    MUST(rgq_outdir_begin(&out, "result/", false, err));
    MUST(rgq_path_join(path, out.temp, "x", err));
    MUST(rgq_file_write(path, "1", 1, false, err));
    ck_assert(!rgq_path_exists("result"));
    MUST(rgq_outdir_commit(&out, err));
    ck_assert(rgq_path_exists("result/x"));
    REFUSED(rgq_outdir_begin(&out, "result", false, err), RGQ_E_IO, "not empty");

    MUST(rgq_outdir_begin(&out, "result", true, err));
    MUST(rgq_path_join(path, out.temp, "y", err));
    MUST(rgq_file_write(path, "2", 1, false, err));
    MUST(rgq_outdir_commit(&out, err));
    ck_assert_uint_eq(entries("result"), 2);

    MUST(rgq_outdir_begin(&out, "other", false, err));
    MUST(rgq_path_join(path, out.temp, "z", err));
    MUST(rgq_file_write(path, "3", 1, false, err));
    rgq_outdir_abandon(&out);
    ck_assert(!rgq_path_exists("other"));
    ck_assert(!temporary_left());

    MUST(rgq_outdir_begin(&out, "raced", false, err));
    ck_assert_int_eq(mkdir("raced", 0777), 0);
    MUST(rgq_file_write("raced/theirs", "1", 1, false, err));
    REFUSED(rgq_outdir_commit(&out, err), RGQ_E_IO, "meanwhile");
    rgq_outdir_abandon(&out);
    ck_assert(!temporary_left());
    MUST(rgq_file_write("plain", "a", 1, false, err));
    REFUSED(rgq_outdir_begin(&out, "plain", true, err), RGQ_E_IO, "is a file");
}
END_TEST

START_TEST(listing_is_sorted_and_survives_lost_memory)
{
    rgq_names names = {NULL, 0};
    MUST(rgq_file_write("b", "1", 1, false, err));
    MUST(rgq_file_write("a", "1", 1, false, err));
    MUST(rgq_file_write(".hidden", "1", 1, false, err));
    ck_assert_int_eq(mkdir("sub", 0777), 0);
    MUST(rgq_folder_list(&names, ".", err));
    ck_assert_uint_eq(names.count, 2);
    ck_assert_str_eq(names.name[0], "a");
    ck_assert_str_eq(names.name[1], "b");
    rgq_names_release(&names);
    REFUSED(rgq_folder_list(&names, "none", err), RGQ_E_IO, "none");
    TORTURE(rgq_folder_list(&names, ".", err), rgq_names_release(&names), 2);
}
END_TEST

RGQ_CHECK_MAIN("core/file", tcase_add_checked_fixture(tc, enter, leave);
               tcase_add_test(tc, a_file_is_whole_or_not_there);
               tcase_add_test(tc, reading_is_bounded_and_names_the_file);
               tcase_add_test(tc, a_folder_is_whole_or_not_there);
               tcase_add_test(tc, what_is_unfinished_is_swept);
               tcase_add_test(tc, listing_is_sorted_and_survives_lost_memory))
