/* Plots of pairs: both files appear, and words of a table stay words. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "report/pair_plots.h"
#include "report/plot.h"
#include "rgq_check.h"

static const double x[] = {1, 2, 3, 4};
static const double y[] = {2, 3, 5, 4};

static void must_be_picture(const char *folder, const char *name)
{
    char *bytes = NULL;
    size_t length = 0;
    char path[RGQ_PATH_MAX];
    char file[80];

    (void)snprintf(file, sizeof file, "%s.png", name);
    MUST(rgq_path_join(path, folder, file, err));
    MUST(rgq_file_read(&bytes, &length, path, 1 << 24, err));
    ck_assert_uint_gt(length, 1000);
    ck_assert_mem_eq(bytes, "\x89PNG", 4);
    rgq_free(bytes);
    (void)remove(path);
    (void)snprintf(file, sizeof file, "%s.svg", name);
    MUST(rgq_path_join(path, folder, file, err));
    MUST(rgq_file_read(&bytes, &length, path, 1 << 24, err));
    ck_assert_ptr_nonnull(strstr(bytes, "</svg>"));
    rgq_free(bytes);
    (void)remove(path);
}

START_TEST(each_plot_makes_both_files)
{
    char folder[] = "/tmp/rgq-plots-XXXXXX";
    static const rgq_band_point band[] = {{1, 2, 1, 3}, {4, 5, 3, 7}};
    static const double change[] = {-30, 10, (double)NAN, 5};
    /* a name of a column that would run a command, were it taken for more than a word */
    static const char hostile[] = "x' ; system(\"touch planted\") # `touch planted` \\";
    const rgq_scatter_plot scatter = {"r 0.8", hostile, hostile, x, y, 4, band, 2, hostile};
    const rgq_scatter_plot alone = {"r 0.8", "x", "y", x, y, 4, NULL, 0, NULL};
    const rgq_difference_plot limits = {hostile, "mean", "y - x", x, y, 4, 1.0, -1.0, 3.0};
    const rgq_roc_plot roc = {hostile, (const double[]){0, 0.5, 1}, (const double[]){0, 0.9, 1},
                              3};
    const rgq_change_plot changes = {hostile, "change", change, 4, -25, 30};
    const rgq_change_plot bare = {"t", "change", change, 4, (double)NAN, (double)NAN};

    if (!rgq_plot_is_there()) {
        printf("there is no gnuplot: not tested\n");
        return;
    }
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    MUST(rgq_scatter_plot_write(folder, "a", &scatter, err));
    MUST(rgq_scatter_plot_write(folder, "b", &alone, err));
    MUST(rgq_difference_plot_write(folder, "c", &limits, err));
    MUST(rgq_roc_plot_write(folder, "d", &roc, err));
    MUST(rgq_change_plot_write(folder, "e", &changes, err));
    MUST(rgq_change_plot_write(folder, "f", &bare, err));
    for (char name[2] = "a"; name[0] <= 'f'; name[0]++)
        must_be_picture(folder, name);
    ck_assert(!rgq_path_exists("planted"));
    ck_assert_int_eq(chdir("/"), 0);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing else was made there */
}
END_TEST

RGQ_CHECK_MAIN("pair_plots", tcase_add_test(tc, each_plot_makes_both_files))
