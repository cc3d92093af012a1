/* Names of BIDS derivatives, the files behind them, and what is left of an earlier run. */
#include "study/derivative.h"

#include <sys/stat.h>

#include "study_folder.h"

/* Each by hand, after the order of entities of the standard. */
START_TEST(stem_follows_the_order_of_entities)
{
    static const struct {
        const char *name, *tracer, *want;
    } rows[] = {
        {"sub-01", "18F-fluciclatide", "sub-01_trc-18Ffluciclatide"},
        {"sub-01_ses-a", "68Ga-NOTA-RGD", "sub-01_ses-a_trc-68GaNOTARGD"},
        {"sub-01_ses-a_run-2", "X", "sub-01_ses-a_trc-X_run-2"},
        {"sub-01_task-rest_rec-acdyn_run-1", "X", "sub-01_task-rest_trc-X_rec-acdyn_run-1"},
        {"sub-01_trc-FDG_run-1", "X", "sub-01_trc-FDG_run-1"},
        {"sub-01_ses-a_acq-b_ce-c_dir-d", "x-(y)", "sub-01_ses-a_acq-b_ce-c_trc-xy_dir-d"},
        {"sub-01_run-1", NULL, "sub-01_run-1"},
        {"sub-01_run-1", "--", "sub-01_run-1"},
    };
    char stem[RGQ_DERIVATIVE_STEM_MAX];

    for (int i = 0; i < ROWS(rows); i++) {
        rgq_derivative_stem(stem, rows[i].name, rows[i].tracer);
        ck_assert_str_eq(stem, rows[i].want);
    }
}
END_TEST

static rgq_case *add(rgq_study *study, const char *name, const char *subject,
                     const char *session)
{
    rgq_case *one = NULL;
    char output[128];

    (void)snprintf(output, sizeof output, "cases/%s", name);
    MUST(rgq_study_add(&one, study, name, "scan.nii", output, err));
    if (subject != NULL)
        MUST(rgq_strdup(&one->subject, subject, err));
    if (session != NULL)
        MUST(rgq_strdup(&one->session, session, err));
    MUST(rgq_case_set(one, "tracer", "18F-x", err));
    return one;
}

START_TEST(files_have_their_names)
{
    rgq_study study = {.cases = NULL};
    char name[RGQ_PATH_MAX];
    const rgq_case *one = add(&study, "sub-01_ses-a", "sub-01", "ses-a");

    ck_assert(rgq_derivative_name(name, one, "measures.tsv", true));
    ck_assert_str_eq(name, "sub-01/ses-a/pet/sub-01_ses-a_trc-18Fx_desc-uptake_measures.tsv");
    ck_assert(rgq_derivative_name(name, one, "regions.nii.gz", true));
    ck_assert_str_eq(name, "sub-01/ses-a/pet/sub-01_ses-a_trc-18Fx_desc-uptake_dseg.nii.gz");
    ck_assert(rgq_derivative_name(name, one, "regions.nii.gz", false));
    ck_assert_str_eq(name, "sub-01/ses-a/pet/sub-01_ses-a_trc-18Fx_desc-uptake_probseg.nii.gz");
    ck_assert(rgq_derivative_name(name, one, "overview.png", true));
    ck_assert_str_eq(name, "sub-01/figures/sub-01_ses-a_trc-18Fx_desc-uptake_overview.png");
    ck_assert(!rgq_derivative_name(name, one, "core", true));
    one = add(&study, "sub-02", "sub-02", NULL);
    ck_assert(rgq_derivative_name(name, one, "run.json", true));
    ck_assert_str_eq(name, "sub-02/pet/sub-02_trc-18Fx_desc-uptake_run.json");
    one = add(&study, "mine", NULL, NULL);
    ck_assert(!rgq_derivative_name(name, one, "run.json", true));
    rgq_study_release(&study);
}
END_TEST

static void make_result(const char *name)
{
    char line[512];

    (void)snprintf(
        line, sizeof line,
        "mkdir -p out/cases/%s && cd out/cases/%s && printf 'region\\tmean\\nliver\\t1\\n' "
        ">measures.tsv && echo '{}' >measures.json && echo '{}' >run.json && "
        "echo x >report.html && echo x >odd.txt",
        name, name);
    shell(line);
}

static bool same_file(const char *a, const char *b)
{
    struct stat one;
    struct stat two;

    return stat(in_folder(a), &one) == 0 && stat(in_folder(b), &two) == 0 &&
           one.st_ino == two.st_ino;
}

START_TEST(results_are_placed_and_taken_away)
{
    static const char placed[] = "out/sub-01/pet/sub-01_trc-18Fx_desc-uptake_run.json";
    rgq_study study = {.cases = NULL};
    rgq_case_outcome how[2] = {{.status = RGQ_CASE_DONE}, {.status = RGQ_CASE_FAILED}};
    char out[256];

    begin();
    (void)add(&study, "sub-01", "sub-01", NULL);
    (void)add(&study, "sub-02", "sub-02", NULL);
    make_result("sub-01");
    (void)snprintf(out, sizeof out, "%s", in_folder("out"));
    /* of an earlier run with another tracer, and of somebody else */
    shell("mkdir -p out/sub-01/pet out/sub-02/pet && touch "
          "out/sub-01/pet/sub-01_trc-old_desc-uptake_run.json "
          "out/sub-01/pet/sub-01_run-2_trc-old_desc-uptake_run.json "
          "out/sub-02/pet/sub-02_trc-old_desc-uptake_run.json out/sub-02/pet/mine.txt "
          "out/sub-01/pet/.rgq-left");
    for (int turn = 0; turn < 2; turn++) {
        MUST(rgq_study_place(&study, how, NULL, out, NULL, err));
        ck_assert(same_file(placed, "out/cases/sub-01/run.json"));
        ck_assert(rgq_path_exists(in_folder("out/sub-01.html")));
        ck_assert(rgq_path_exists(in_folder("out/dataset_description.json")));
        ck_assert(
            !rgq_path_exists(in_folder("out/sub-01/pet/sub-01_trc-old_desc-uptake_run.json")));
        ck_assert(
            rgq_path_exists(/* another run's */
                            in_folder(
                                "out/sub-01/pet/sub-01_run-2_trc-old_desc-uptake_run.json")));
        ck_assert(
            !rgq_path_exists(in_folder("out/sub-02/pet/sub-02_trc-old_desc-uptake_run.json")));
        ck_assert(rgq_path_exists(in_folder("out/sub-02/pet/mine.txt")));
        ck_assert(!rgq_path_exists(in_folder("out/sub-01/pet/.rgq-left")));
    }
    how[0].status = RGQ_CASE_FAILED;
    MUST(rgq_study_place(&study, how, NULL, out, NULL, err));
    ck_assert(!rgq_path_exists(in_folder(placed)));
    rgq_study_release(&study);
    end();
}
END_TEST

START_TEST(memory_may_run_out)
{
    rgq_study study = {.cases = NULL};
    const rgq_case_outcome how[1] = {{.status = RGQ_CASE_DONE}};
    char out[256];

    begin();
    (void)add(&study, "sub-01", "sub-01", NULL);
    make_result("sub-01");
    (void)snprintf(out, sizeof out, "%s", in_folder("out"));
    TORTURE(rgq_study_place(&study, how, NULL, out, NULL, err), (void)0, 5);
    shell("test -z \"$(find . -name '.rgq-*')\"");
    rgq_study_release(&study);
    end();
}
END_TEST

RGQ_CHECK_MAIN("study derivative", tcase_add_test(tc, stem_follows_the_order_of_entities);
               tcase_add_test(tc, files_have_their_names);
               tcase_add_test(tc, results_are_placed_and_taken_away);
               tcase_add_test(tc, memory_may_run_out))
