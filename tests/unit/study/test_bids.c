/* A dataset as cases: names, tracers, regions, choice; whatever allocation fails. */
#include "rgdquant/study.h"

#include "core/text.h"
#include "study_folder.h"

static char root[256];
static rgq_bids_choice choice;
static rgq_study study;

static void set_up(void)
{
    begin();
    shell("mkdir -p raw/sub-01/ses-a/pet raw/sub-01/ses-b/pet raw/sub-02/pet raw/code "
          "raw/derivatives/d/sub-01/ses-a/pet raw/derivatives/ours/sub-02/pet");
    put("raw/dataset_description.json", "{\"Name\": \"x\"}");
    put("raw/derivatives/ours/dataset_description.json",
        "{\"GeneratedBy\": [{\"Name\": \"rgdquant\"}]}");
    put("raw/sub-01/ses-a/pet/sub-01_ses-a_pet.nii.gz", "x");
    put("raw/sub-01/ses-b/pet/sub-01_ses-b_pet.nii", "x");
    put("raw/sub-01/ses-b/pet/sub-01_ses-b_blood.tsv", "x");
    put("raw/sub-02/pet/sub-02_pet.nii", "x");
    /* inherited from the top; the nearer file narrows it down */
    put("raw/pet.json", "{\"TracerName\": \"fluciclatide\", \"TracerRadionuclide\": \"F18\"}");
    put("raw/sub-02/pet/sub-02_pet.json", "{\"TracerName\": \"n/a\"}");
    put("raw/derivatives/d/sub-01/ses-a/pet/sub-01_ses-a_dseg.nii.gz", "x");
    put("raw/derivatives/ours/sub-02/pet/sub-02_dseg.nii.gz", "x");
    (void)snprintf(root, sizeof root, "%s", in_folder("raw"));
    choice = (rgq_bids_choice){.tracers = RGQ_SOURCE_DIR "/tracers"};
    study = (rgq_study){.cases = NULL};
}

static void tear_down(void)
{
    rgq_study_release(&study);
    end();
}

START_TEST(cases_of_a_dataset)
{
    rgq_problems problems = {.log = NULL};

    set_up();
    MUST(rgq_study_from_bids(&study, root, &choice, &problems, NULL, err));
    ck_assert_int_eq(problems.count, 0);
    ck_assert_int_eq(study.n_cases, 3);
    ck_assert(study.is_bids);
    const rgq_case *one = &study.cases[0];
    ck_assert_str_eq(one->name, "sub-01_ses-a");
    ck_assert_str_eq(one->output, "cases/sub-01_ses-a");
    ck_assert_str_eq(one->subject, "sub-01");
    ck_assert_str_eq(one->session, "ses-a");
    ck_assert_str_eq(rgq_case_get(one, "tracer"), "18F-fluciclatide");
    ck_assert(rgq_text_ends_with(rgq_case_get(one, "regions"), "sub-01_ses-a_dseg.nii.gz"));
    ck_assert_ptr_null(one->refusal);
    ck_assert_str_eq(study.cases[1].name, "sub-01_ses-b");
    ck_assert_ptr_nonnull(strstr(study.cases[1].refusal, "no regions"));
    ck_assert_ptr_null(study.cases[2].session);
    ck_assert_str_eq(rgq_case_get(&study.cases[2], "tracer"), "18F-fluciclatide");
    ck_assert_ptr_nonnull(strstr(study.cases[2].refusal, "no regions")); /* ours are none */
    tear_down();
}
END_TEST

START_TEST(some_of_it)
{
    rgq_problems problems = {.log = NULL};

    set_up();
    choice.participants = "sub-01, 02";
    choice.sessions = "b";
    choice.tracer = "68Ga-NOTA-RGD";
    choice.has_regions = true;
    MUST(rgq_study_from_bids(&study, root, &choice, &problems, NULL, err));
    ck_assert_int_eq(study.n_cases, 3);
    ck_assert(study.cases[0].idle);
    ck_assert(!study.cases[1].idle);
    ck_assert(study.cases[2].idle); /* it has no session */
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_null(study.cases[i].refusal);
    rgq_study_release(&study);
    choice.participants = "02";
    choice.sessions = NULL;
    MUST(rgq_study_from_bids(&study, root, &choice, &problems, NULL, err));
    ck_assert(study.cases[0].idle && study.cases[1].idle && !study.cases[2].idle);
    rgq_study_release(&study);
    choice.participants = "1,03";
    MUST(rgq_study_from_bids(&study, root, &choice, &problems, NULL, err));
    ck_assert_int_eq(problems.count, 2);
    ck_assert_ptr_nonnull(strstr(problems.text, "no participant 1"));
    ck_assert_ptr_nonnull(strstr(problems.text, "no participant 03"));
    tear_down();
}
END_TEST

START_TEST(what_the_header_means)
{
    static const struct {
        const char *side, *words;
    } rows[] = {
        {"{\"TracerName\": \"FDG\", \"TracerRadionuclide\": \"F18\"}", "'FDG' with F18"},
        {"{\"TracerName\": \"fluciclatide\", \"TracerRadionuclide\": \"Ga68\"}", "with Ga68"},
        {"[1]", "names no tracer"},
        {"{", "sub-02_pet.json cannot be read"},
    };
    rgq_problems problems = {.log = NULL};

    set_up();
    shell("rm raw/pet.json");
    choice.has_regions = true;
    for (int i = 0; i < ROWS(rows); i++) {
        put("raw/sub-02/pet/sub-02_pet.json", rows[i].side);
        MUST(rgq_study_from_bids(&study, root, &choice, &problems, NULL, err));
        ck_assert_msg(strstr(study.cases[2].refusal, rows[i].words) != NULL, "'%s' lacks '%s'",
                      study.cases[2].refusal, rows[i].words);
        ck_assert_ptr_null(strstr(study.cases[2].refusal, root));
        rgq_study_release(&study);
    }
    tear_down();
}
END_TEST

START_TEST(refusals)
{
    rgq_problems problems = {.log = NULL};

    set_up();
    shell("rm raw/dataset_description.json");
    REFUSED(rgq_study_from_bids(&study, root, &choice, &problems, NULL, err), RGQ_E_FORMAT,
            "is no BIDS dataset");
    ck_assert_int_eq(study.n_cases, 0);
    put("raw/dataset_description.json", "{}");
    shell("rm -r raw/sub-*");
    MUST(rgq_study_from_bids(&study, root, &choice, &problems, NULL, err));
    ck_assert_int_eq(problems.count, 1);
    ck_assert_ptr_nonnull(strstr(problems.text, "no *_pet.nii"));
    tear_down();
}
END_TEST

START_TEST(memory_may_run_out)
{
    rgq_problems problems = {.log = NULL};

    set_up();
    choice.tracers = in_folder("lib");
    shell("mkdir lib && cp " RGQ_SOURCE_DIR "/tracers/18F-fluciclatide.json lib");
    TORTURE(rgq_study_from_bids(&study, root, &choice, &problems, NULL, err),
            rgq_study_release(&study), 30);
    tear_down();
}
END_TEST

RGQ_CHECK_MAIN("study bids", tcase_add_test(tc, cases_of_a_dataset);
               tcase_add_test(tc, some_of_it); tcase_add_test(tc, what_the_header_means);
               tcase_add_test(tc, refusals); tcase_add_test(tc, memory_may_run_out))
