/* segment and measure from words to files: a small scan written here, both commands on it. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "core/file.h"
#include "core/json.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"

#include "core/banned.h"

enum { N = 24, COUNT = N * N * N, WORDS_MAX = 16 };

static char folder[] = "/tmp/rgq-regions-XXXXXX";
static char home[512];

/* Voxels of 3 mm in Bq/mL: 1000, with noise of two levels, and two cubes of 8000 and 5000. */
static void write_scan(void)
{
    rgq_volume *volume = NULL;
    rgq_scan_facts facts = {.units = {.known = true}};
    const rgq_write_opts write = {false, NULL};
    const rgq_grid grid = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){3, 3, 3},
                                        (const double[3]){-30, -20, 100});

    rgq_fact_text_set(&facts.units, "Bq/mL", "test");
    MUST(rgq_volume_create(&volume, &grid, 2, RGQ_UNIT_BQ_ML, err));
    for (int f = 0; f < 2; f++)
        for (int i = 0; i < COUNT; i++)
            rgq_volume_data(volume, f)[i] = (float)(i % 7 < 3 ? 990 : 1010);
    for (int k = 0; k < 64; k++)
        rgq_volume_data(volume, 0)[((8 + k / 16) * N + 8 + k / 4 % 4) * N + 8 + k % 4] = 8000;
    for (int k = 0; k < 27; k++)
        rgq_volume_data(volume, 0)[((17 + k / 9) * N + 17 + k / 3 % 3) * N + 17 + k % 3] = 5000;
    rgq_volume_set_frame(volume, 0, (rgq_frame){0.0, 60.0});
    rgq_volume_set_frame(volume, 1, (rgq_frame){60.0, 60.0});
    MUST(rgq_scan_write_nifti("scan.nii.gz", volume, &facts, &write, err));
    rgq_volume_free(volume);
}

static void enter(void)
{
    ck_assert_ptr_nonnull(getcwd(home, sizeof home));
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    write_scan();
}

static void leave(void)
{
    rgq_names names = {NULL, 0};
    MUST(rgq_folder_list(&names, ".", err));
    for (size_t i = 0; i < names.count; i++)
        (void)unlink(names.name[i]);
    rgq_names_release(&names);
    ck_assert_int_eq(chdir(home), 0);
    (void)rmdir(folder);
}

/* What a run gave: status, exit code, what it printed, what it said. */
typedef struct outcome {
    rgq_status status;
    int exit_code;
    size_t n_warnings;
    char out[8192];
    rgq_error err;
} outcome;

static outcome run(const char *line)
{
    static outcome o;
    char words[512];
    char *argv[WORDS_MAX];
    int argc = 0;
    char *rest = words;
    void *opts = NULL;
    rgq_context context;

    o = (outcome){.err = RGQ_ERROR_INIT};
    (void)snprintf(words, sizeof words, "rgdquant %s", line);
    for (char *w = words; w != NULL && argc < WORDS_MAX; w = rest) {
        rest = strchr(w, ' ');
        if (rest != NULL)
            *rest++ = '\0';
        argv[argc++] = w;
    }
    const rgq_command *command = rgq_command_find(argv[1]);
    ck_assert_ptr_nonnull(command);
    MUST(rgq_alloc(&opts, 1, command->opts_size, err));
    MUST(rgq_context_init(&context, command->name, argc, argv, err));
    context.out = tmpfile();
    context.talk = tmpfile();
    o.status = rgq_opt_parse(command, argc - 1, argv + 1, opts, &context, &o.err);
    if (o.status == RGQ_OK)
        o.status = command->run(&context, opts, &o.err);
    o.exit_code = context.exit_code;
    o.n_warnings = rgq_json_count(context.warnings);
    rewind(context.out);
    o.out[fread(o.out, 1, sizeof o.out - 1, context.out)] = '\0';
    (void)fclose(context.out);
    (void)fclose(context.talk);
    rgq_context_release(&context);
    rgq_free(opts);
    return o;
}

static bool exists(const char *name)
{
    return access(name, F_OK) == 0;
}

START_TEST(segment_then_measure)
{
    outcome o = run("segment scan.nii.gz out.nii.gz fixed:3000 --components --unit bqml");
    ck_assert_msg(o.status == RGQ_OK, "%s", o.err.message);
    ck_assert_str_eq(o.out, "region\tlabel\tn_voxels\tvolume_ml\tmax\tthreshold\tunit\n"
                            "lesion-1\t1\t64\t1.728\t8000\t3000\tBq/mL\n"
                            "lesion-2\t2\t27\t0.729\t5000\t3000\tBq/mL\n");
    ck_assert_uint_eq(o.n_warnings, 1); /* two frames */
    ck_assert(exists("out.nii.gz") && exists("out.tsv") && exists("out.run.json"));

    o = run("measure scan.nii.gz --regions out.nii.gz --frame 0 --background lesion-2 --out "
            "t.tsv");
    ck_assert_msg(o.status == RGQ_OK, "%s", o.err.message);
    ck_assert_str_eq(o.out, "");
    ck_assert_uint_eq(o.n_warnings, 1); /* no SUV */
    ck_assert(exists("t.tsv") && exists("t.json") && exists("t.run.json"));
    rgq_json *companion = NULL;
    MUST(rgq_json_load(&companion, "t.json", err));
    ck_assert_ptr_nonnull(rgq_json_get(rgq_json_get(companion, "tbr_mean"), "Description"));
    const rgq_json *intervals = rgq_json_get(companion, "intervals");
    ck_assert(rgq_json_bool(rgq_json_get(intervals, "noise_known"), false));
    rgq_json_free(companion);

    o = run("measure scan.nii.gz --regions out.nii.gz --frame 0 --background 2");
    ck_assert_msg(strstr(o.out, "\nlesion-1\t1\t64\t1.728\tBq/mL\t8000\t0\t8000\t") != NULL,
                  "%s", o.out);
    ck_assert_msg(strstr(o.out, "\t1.6\t1.6\t") != NULL, "%s", o.out);
}
END_TEST

START_TEST(json_on_stdout)
{
    rgq_json *root = NULL;
    outcome o = run("segment scan.nii.gz one.nii a50 --seed-mm 24,34,154 --json --frame 0");
    ck_assert_msg(o.status == RGQ_OK, "%s", o.err.message);
    MUST(rgq_json_parse(&root, o.out, strlen(o.out), "stdout", err));
    ck_assert(rgq_json_number(rgq_json_get(root, "maximum"), 0.0) == 5000.0);
    ck_assert_double_eq_tol(rgq_json_number(rgq_json_get(root, "background"), 0.0), 1000.0,
                            2.0); /* levels of 990 and 1010, 3 in 7 of the first */
    const rgq_json *row = rgq_json_at(rgq_json_get(root, "rows"), 0);
    ck_assert(rgq_json_number(rgq_json_get(row, "n_voxels"), 0.0) == 27.0);
    ck_assert_str_eq(rgq_json_text(rgq_json_get(row, "region"), ""), "segment");
    rgq_json_free(root);
    o = run("measure scan.nii.gz --regions one.nii --json --frame 1");
    ck_assert_msg(o.status == RGQ_OK, "%s", o.err.message);
    MUST(rgq_json_parse(&root, o.out, strlen(o.out), "stdout", err));
    row = rgq_json_at(rgq_json_get(root, "rows"), 0);
    ck_assert(rgq_json_number(rgq_json_get(row, "max"), 0.0) == 1010.0); /* no lesion there */
    ck_assert(rgq_json_is_null(rgq_json_get(row, "tbr_max")));
    ck_assert_ptr_nonnull(rgq_json_get(root, "intervals"));
    rgq_json_free(root);
}
END_TEST

/* --within, --sphere-mm and the other options reach the library. */
START_TEST(options_arrive)
{
    outcome o = run("segment scan.nii.gz a.nii fixed:3000 --frame 0 --min-volume-ml 1");
    ck_assert_ptr_nonnull(strstr(o.out, "segment\t1\t64\t"));
    o = run("segment scan.nii.gz b.nii percent-max:50 --frame 0 --within a.nii");
    ck_assert_ptr_nonnull(strstr(o.out, "segment\t1\t64\t"));
    o = run("segment scan.nii.gz c.nii percent-max:50 --frame 0 --sphere-mm 24,34,154,9");
    ck_assert_ptr_nonnull(strstr(o.out, "segment\t1\t27\t"));
    o = run("segment scan.nii.gz d.nii fixed:1005 --frame 1 --connectivity 6 --components "
            "--min-volume-ml 0.2");
    ck_assert_ptr_nonnull(strstr(o.out, "lesion-1\t1\t"));
}
END_TEST

START_TEST(refusals_leave_nothing)
{
    static const struct {
        const char *line, *words;
        int exit_code;
    } row[] = {
        {"segment scan.nii.gz x.nii otsu:9", "percent-max:P", 2},
        {"segment scan.nii.gz x.img fixed:3", "name the label map .nii", 2},
        {"segment scan.nii.gz x.nii fixed:3 --sphere-mm 1,2,3,0", "more than 0", 2},
        {"segment scan.nii.gz x.nii fixed:9000", "its maximum is 8000", 0},
        {"segment scan.nii.gz x.nii fixed:3000 --seed-mm 500,0,0", "outside the scan", 0},
        {"segment scan.nii.gz x.nii fixed:3000 --seed-mm 0,0,110", "is 990, below", 0},
        {"segment scan.nii.gz x.nii fixed:3 --frame 2", "frames 0 to 1", 0},
        {"segment none.nii.gz x.nii fixed:3", "none.nii.gz", 0},
        {"segment scan.nii.gz x.nii fixed:3 --within none.nii", "none.nii", 0},
        {"segment scan.nii.gz x.nii fixed:3 --unit suvbw", "weight", 0},
        {"measure scan.nii.gz --regions none.nii --out x.tsv", "none.nii", 0},
        {"measure scan.nii.gz --regions shifted.nii --out x.tsv",
         "--like scan.nii.gz' resamples it: the grids lie up to 1.5 mm apart (allowed 0.03 mm)",
         0},
        {"measure scan.nii.gz --regions a.nii --out x.csv", "name the table .tsv", 2},
        {"measure scan.nii.gz --regions a.nii --out x.tsv --background liver",
         "the regions are: segment", 0},
        {"segment scan.nii.gz a.nii fixed:3000", "--force", 0},
    };
    outcome o = run("segment scan.nii.gz a.nii fixed:3000");
    ck_assert_int_eq(o.status, RGQ_OK);

    rgq_regions *a = NULL;
    rgq_regions *shifted = NULL;
    const rgq_write_opts write = {false, NULL};
    MUST(rgq_regions_read(&a, "a.nii", NULL, err));
    rgq_grid grid = *rgq_regions_grid(a);
    grid.affine[2][3] += 1.5;
    static float weight[COUNT];
    weight[77] = 1.0f;
    MUST(rgq_regions_create(&shifted, &grid, err));
    MUST(rgq_regions_add(shifted, "one", 1, weight, err));
    MUST(rgq_regions_write("shifted.nii", shifted, &write, err));
    rgq_regions_free(a);
    rgq_regions_free(shifted);

    for (int i = 0; i < ROWS(row); i++) {
        o = run(row[i].line);
        ck_assert_msg(o.status != RGQ_OK, "%s", row[i].line);
        ck_assert_msg(strstr(o.err.message, row[i].words) != NULL, "%s: '%s' lacks '%s'",
                      row[i].line, o.err.message, row[i].words);
        ck_assert_int_eq(o.exit_code, row[i].exit_code);
        ck_assert_str_eq(o.out, "");
        static const char *const left[] = {"x.nii", "x.tsv", "x.json", "x.run.json"};
        for (int k = 0; k < ROWS(left); k++)
            ck_assert_msg(!exists(left[k]), "%s left %s", row[i].line, left[k]);
    }
}
END_TEST

/* A label map whose axes run the other way is the same label map. */
START_TEST(other_orientation_gives_the_same_table)
{
    outcome o = run("segment scan.nii.gz a.nii fixed:3000 --components");
    ck_assert_int_eq(o.status, RGQ_OK);
    o = run("measure scan.nii.gz --regions a.nii --frame 0");
    ck_assert_int_eq(o.status, RGQ_OK);
    char want[8192];
    (void)snprintf(want, sizeof want, "%s", o.out);

    rgq_regions *a = NULL;
    const rgq_write_opts write = {false, NULL};
    MUST(rgq_regions_read(&a, "a.nii", NULL, err));
    rgq_grid grid = *rgq_regions_grid(a);
    for (int r = 0; r < 3; r++) { /* y and z change places, x runs backwards */
        const double y = grid.affine[r][1];
        grid.affine[r][1] = grid.affine[r][2];
        grid.affine[r][2] = y;
        grid.affine[r][3] += (N - 1) * grid.affine[r][0];
        grid.affine[r][0] = -grid.affine[r][0];
    }
    bool changed = false;
    MUST(rgq_regions_reorient(&a, &grid, &changed, err));
    ck_assert(changed);
    MUST(rgq_regions_write("b.nii", a, &write, err));
    rgq_regions_free(a);
    o = run("measure scan.nii.gz --regions b.nii --frame 0");
    ck_assert_msg(o.status == RGQ_OK, "%s", o.err.message);
    ck_assert_str_eq(o.out, want);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli.regions");
    TCase *tc = tcase_create("cli.regions");
    tcase_set_timeout(tc, 120);
    tcase_add_checked_fixture(tc, enter, leave);
    tcase_add_test(tc, segment_then_measure);
    tcase_add_test(tc, json_on_stdout);
    tcase_add_test(tc, options_arrive);
    tcase_add_test(tc, refusals_leave_nothing);
    tcase_add_test(tc, other_orientation_gives_the_same_table);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
