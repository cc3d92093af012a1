/* The decision of --resume: what has changed, and nothing else. */
#include "study/result.h"

#include "pipeline/record.h"
#include "study_folder.h"

static const rgq_case_word known[] = {{"tracer", RGQ_WORD_VALUE},
                                      {"regions", RGQ_WORD_FILE},
                                      {"within", RGQ_WORD_FILE},
                                      {"filter", RGQ_WORD_VALUE},
                                      {"injection-time", RGQ_WORD_VALUE}};

static rgq_study study;
static rgq_study_opts opts;
static char out_dir[256];
static char data_dir[256];

static void make_case(const char *filter, const char *time)
{
    rgq_case *one = NULL;

    MUST(rgq_study_add(&one, &study, "a", in_folder("scan.nii"), "deep/a", err));
    MUST(rgq_case_set(one, "tracer", "T", err));
    MUST(rgq_case_set(one, "regions", in_folder("labels.nii"), err));
    MUST(rgq_case_set(one, "within", in_folder("mask.nii"), err));
    MUST(rgq_case_set(one, "filter", filter, err));
    MUST(rgq_case_set(one, "injection-time", time, err));
}

/* What `quantify` leaves, as far as it matters here. */
static void make_result(void)
{
    rgq_record *record = NULL;
    const rgq_record_source source = {.argc = 0};

    MUST(rgq_record_create(&record, "quantify", err));
    MUST(rgq_record_data_file(record, in_folder("data/tracers/T.json"), "tracers/T.json", err));
    MUST(rgq_record_scan_input(record, in_folder("scan.nii"), 1, err));
    MUST(rgq_record_input(record, in_folder("labels.nii"), "regions", err));
    MUST(rgq_record_input(record, in_folder("mask.nii"), "search regions", err));
    MUST(rgq_record_close(record, &source, err));
    MUST(rgq_folders_make(out_dir, "deep/a", true, err));
    MUST(rgq_folders_make(out_dir, "logs", true, err));
    MUST(rgq_record_write(record, in_folder("out/deep/a/run.json"), true, err));
    MUST(rgq_result_note_options(&study.cases[0], &opts, err));
    rgq_record_free(record);
}

static void set_up(void)
{
    begin();
    put("scan.nii", "voxels");
    put("scan.json", "{\"side\": 1}");
    put("labels.nii", "labels");
    put("mask.nii", "mask");
    shell("mkdir -p data/tracers");
    put("data/tracers/T.json", "{}");
    (void)snprintf(out_dir, sizeof out_dir, "%s", in_folder("out"));
    (void)snprintf(data_dir, sizeof data_dir, "%s", in_folder("data"));
    opts = (rgq_study_opts){
        .out_dir = out_dir, .data_dir = data_dir, .known = known, .n_known = ROWS(known)};
    study = (rgq_study){.cases = NULL};
    make_case("gaussian:5", "10:00:00");
    make_result();
}

static void tear_down(void)
{
    rgq_study_release(&study);
    end();
}

static void expect(const char *words)
{
    const char *why = NULL;
    const bool current = rgq_result_is_current(&study.cases[0], &opts, &why);

    if (words == NULL)
        ck_assert_msg(current && why == NULL, "%s", why);
    else
        ck_assert_msg(!current && strstr(why, words) != NULL, "'%s' lacks '%s'",
                      why != NULL ? why : "up to date", words);
}

START_TEST(nothing_has_changed)
{
    set_up();
    expect(NULL);
    shell("touch scan.nii");
    expect(NULL);
    tear_down();
}
END_TEST

typedef struct change {
    const char *file, *words, *why;
} change;

static const change changes[] = {
    {"scan.nii", "voxelz", "inputs"},
    {"scan.json", "{\"side\": 2}", "inputs"},
    {"labels.nii", "lab", "inputs"},
    {"labels.tsv", "index\tname\n", "inputs"}, /* names that were not there before */
    {"mask.nii", "", "inputs"},
    {"data/tracers/T.json", "{ }", "data file"},
    {"out/deep/a/run.json", "{\"format\": 1}", "run.json"},
    {"out/deep/a/run.json", "{", "run.json"},
    {"out/logs/a.options", "0123", "options"},
};

START_TEST(a_file_has_changed)
{
    set_up();
    put(changes[_i].file, changes[_i].words);
    expect(changes[_i].why);
    tear_down();
}
END_TEST

START_TEST(a_file_is_gone)
{
    set_up();
    shell("rm mask.nii");
    expect("inputs");
    shell("rm -r out/deep");
    expect("no result");
    tear_down();
}
END_TEST

/* run.json has no times of day; they are options all the same. */
START_TEST(an_option_has_changed)
{
    set_up();
    rgq_study_release(&study);
    make_case("gaussian:6", "10:00:00");
    expect("options");
    rgq_study_release(&study);
    make_case("gaussian:5", "10:00:01");
    expect("options");
    rgq_study_release(&study);
    make_case("gaussian:5", "10:00:00");
    expect(NULL);
    MUST(rgq_case_set(&study.cases[0], "unit", "bqml", err));
    expect("options");
    tear_down();
}
END_TEST

START_TEST(a_study_may_be_moved)
{
    set_up();
    shell("mkdir moved && cp scan.nii moved/other.nii && cp scan.json moved/other.json");
    rgq_free(study.cases[0].scan);
    MUST(rgq_strdup(&study.cases[0].scan, in_folder("moved/other.nii"), err));
    shell("mv labels.nii moved");
    MUST(rgq_case_set(&study.cases[0], "regions", in_folder("moved/labels.nii"), err));
    expect(NULL);
    tear_down();
}
END_TEST

START_TEST(another_program)
{
    char *text = NULL;
    size_t length = 0;

    set_up();
    MUST(rgq_file_read(&text, &length, in_folder("out/deep/a/run.json"), 100000, err));
    char *commit = strstr(text, "\"commit\": \"");
    ck_assert_ptr_nonnull(commit);
    commit[11] = commit[11] == '0' ? '1' : '0';
    put("out/deep/a/run.json", text);
    rgq_free(text);
    expect("the program");
    tear_down();
}
END_TEST

START_TEST(a_result_is_removed_and_swept)
{
    set_up();
    ck_assert(rgq_result_stands(&study.cases[0], out_dir));
    MUST(rgq_result_remove(&study.cases[0], out_dir, err));
    ck_assert(!rgq_path_exists(in_folder("out/deep/a")));
    MUST(rgq_result_remove(&study.cases[0], out_dir, err)); /* nothing there: nothing to do */
    shell("mkdir out/deep/.rgq-abcdef && echo x >out/deep/.rgq-abcdef/f");
    shell("echo x >out/.rgq-xyz.tsv && echo y >out/deep/mine");
    rgq_results_sweep(&study, out_dir);
    ck_assert(!rgq_path_exists(in_folder("out/deep/.rgq-abcdef")));
    ck_assert(!rgq_path_exists(in_folder("out/.rgq-xyz.tsv")));
    ck_assert(rgq_path_exists(in_folder("out/deep/mine")));
    tear_down();
}
END_TEST

START_TEST(folders_are_made)
{
    set_up();
    MUST(rgq_folders_make(in_folder("new"), "x/y/z", false, err));
    ck_assert(rgq_path_is_folder(in_folder("new/x/y")));
    ck_assert(!rgq_path_exists(in_folder("new/x/y/z")));
    MUST(rgq_folders_make(in_folder("new"), "x/y/z", true, err));
    ck_assert(rgq_path_is_folder(in_folder("new/x/y/z")));
    REFUSED(rgq_folders_make(in_folder("scan.nii"), "x", true, err), RGQ_E_IO, "cannot make");
    REFUSED(rgq_folders_make(in_folder("no/where"), "x", true, err), RGQ_E_IO, "cannot make");
    tear_down();
}
END_TEST

int main(void)
{
    RGQ_CHECK_RUN("result", tcase_add_test(tc, nothing_has_changed);
                  tcase_add_loop_test(tc, a_file_has_changed, 0, ROWS(changes));
                  tcase_add_test(tc, a_file_is_gone); tcase_add_test(tc, an_option_has_changed);
                  tcase_add_test(tc, a_study_may_be_moved); tcase_add_test(tc, another_program);
                  tcase_add_test(tc, a_result_is_removed_and_swept);
                  tcase_add_test(tc, folders_are_made));
}
