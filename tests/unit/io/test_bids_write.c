/* A raw dataset: what is in it, what is refused, frames and blood on the way there and back. */
#include <sys/stat.h>

#include "io/blood.h"
#include "io/sidecar.h"
#include "io_check.h"
#include "rgdquant/scan_file.h"
#include "warned.h"

static rgq_scan scan;

/* Two frames, 40 and 50 minutes after the injection. */
static void make_scan(void)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){4, 3, 2}, (const double[3]){2, 2, 3},
                                        (const double[3]){0, 0, 0});
    const double injection = 15000.0 * 86400.0 + 36000.25;
    rgq_scan_facts *f = &scan.facts;

    rgq_scan_release(&scan);
    MUST(rgq_volume_create(&scan.volume, &grid, 2, RGQ_UNIT_BQ_ML, err));
    for (int t = 0; t < 2; t++) {
        rgq_volume_set_frame(scan.volume, t, (rgq_frame){2400.0 + 600.0 * t, 300.0});
        for (int i = 0; i < 24; i++)
            rgq_volume_data(scan.volume, t)[i] = (float)(i + 100 * t);
    }
    rgq_fact_text_set(&f->radiopharmaceutical, "68Ga-NOTA/RGD", "t");
    rgq_fact_text_set(&f->nuclide, "^68^Gallium", "t");
    rgq_fact_text_set(&f->decay_correction, "START", "t");
    rgq_fact_text_set(&f->modality, "PT", "t");
    rgq_fact_text_set(&f->sex, "F", "t");
    rgq_fact_set(&f->weight_kg, 61.5, "t");
    rgq_fact_set(&f->injected_activity_bq, 1.5e8, "t");
    rgq_fact_set(&f->half_life_s, 4062.6, "t");
    rgq_fact_set(&f->injection_time_s, injection, "t");
    rgq_fact_set(&f->injection_date_known, 1.0, "t");
    rgq_fact_set(&f->time_zero_s, injection, "t");
    rgq_fact_set(&f->acquisition_time_s, injection + 2400.0, "t");
    rgq_fact_set(&f->series_time_s, injection + 2400.0, "t");
    rgq_scan_forget_clock(&scan);
    warned[0] = '\0';
}

static void begin(void)
{
    folder_begin();
    make_scan();
}

static void remove_all(const char *path)
{
    char command[700];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", path);
    ck_assert_int_eq(system(command), 0);
}

static void end(void)
{
    rgq_scan_release(&scan);
    remove_all(at("d"));
    remove_all(at("dcm"));
    folder_end();
}

static bool is_there(const char *name)
{
    struct stat what;
    return stat(at(name), &what) == 0;
}

START_TEST(frames_and_facts_there_and_back)
{
    char text[4096] = "";
    const rgq_bids_opts opts = {
        .subject = "7", .session = "b", .task = "rest", .log = &listener};

    MUST(rgq_scan_write_bids(at("d"), &scan, &opts, err));
    ck_assert(is_there("d/README"));
    ck_assert(is_there("d/dataset_description.json"));
    ck_assert_ptr_nonnull(strstr(warned, "ModeOfAdministration"));
    (void)load(at("d/participants.tsv"), (unsigned char *)text, sizeof text - 1);
    ck_assert_str_eq(text, "participant_id\tsex\tbody_weight\theight\nsub-7\tF\t61.5\tn/a\n");
    memset(text, 0, sizeof text);
#define STEM "d/sub-7/ses-b/pet/sub-7_ses-b_task-rest_trc-68GaNOTARGD_pet"
    (void)load(at(STEM ".json"), (unsigned char *)text, sizeof text - 1);
    ck_assert_ptr_nonnull(strstr(text, "\"TracerRadionuclide\": \"Ga68\""));
    ck_assert_ptr_nonnull(strstr(text, "\"TimeZero\": \"00:00:00\""));
    ck_assert_ptr_nonnull(strstr(text, "\"TaskName\": \"rest\""));
    ck_assert_ptr_null(strstr(text, "PatientWeight"));
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, at(STEM ".nii.gz"), NULL, &listener, err));
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).start_s, 3000.0);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).duration_s, 300.0);
    ck_assert_double_eq((double)rgq_volume_cdata(scan.volume, 1)[23], 123.0);
    ck_assert_double_eq(scan.facts.weight_kg.value, 61.5);
    ck_assert_str_eq(scan.facts.sex.value, "F");
    ck_assert_str_eq(scan.facts.decay_correction.value, "START");
    ck_assert_double_eq(scan.facts.acquisition_time_s.value - scan.facts.injection_time_s.value,
                        2400.0);
    /* the same frames through DICOM */
    MUST(rgq_scan_write_dicom(at("dcm"), &scan, NULL, err));
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, at("dcm"), NULL, NULL, err));
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    for (int t = 0; t < 2; t++) {
        const rgq_frame frame = rgq_volume_frame(scan.volume, t);
        ck_assert_double_eq_tol(frame.start_s, 2400.0 + 600.0 * t, 1e-3);
        ck_assert_double_eq_tol(frame.duration_s, 300.0, 1e-3);
    }
}
END_TEST

START_TEST(settings_and_blood)
{
    char text[4096] = "";
    rgq_blood blood = rgq_blood_none();
    static const char table[] = "time\tmetabolite_parent_fraction\n0\t1\n60\t0.5\n";
    const rgq_bids_opts opts = {.tracer = "x",
                                .set = "ModeOfAdministration=bolus; InjectedMass=2.5;"
                                       "ReconFilterType=none;Anaesthesia=false;"
                                       "ScatterFraction=[1, 2]",
                                .blood = &blood,
                                .n_blood = 1};

    MUST(rgq_blood_parse(&blood, &(rgq_blood_text){table, sizeof table - 1, NULL, 0, "t"}, NULL,
                         err));
    MUST(rgq_scan_write_bids(at("d"), &scan, &opts, err));
    (void)load(at("d/sub-01/pet/sub-01_trc-x_pet.json"), (unsigned char *)text,
               sizeof text - 1);
    ck_assert_ptr_nonnull(strstr(text, "\"ModeOfAdministration\": \"bolus\""));
    ck_assert_ptr_nonnull(strstr(text, "\"InjectedMass\": 2.5"));
    ck_assert_ptr_nonnull(strstr(text, "\"Anaesthesia\": false"));
    ck_assert_ptr_nonnull(strstr(text, "\"ScatterFraction\": [1, 2]"));
    ck_assert_ptr_null(strstr(text, "ReconFilterSize"));
    ck_assert(is_there("d/sub-01/pet/sub-01_trc-x_recording-manual_blood.tsv"));
    rgq_blood_release(&blood);
    MUST(rgq_blood_read(&blood, at("d/sub-01/pet/sub-01_trc-x_recording-manual_blood.tsv"),
                        NULL, err));
    ck_assert_double_eq(blood.sample[1].parent_fraction, 0.5);
    ck_assert_double_eq(blood.sample[1].time_s, 60.0);
    rgq_blood_release(&blood);
}
END_TEST

START_TEST(refused)
{
#define NO(status, words, ...)                                                                 \
    do {                                                                                       \
        const rgq_bids_opts bad = {__VA_ARGS__};                                               \
        REFUSED(rgq_scan_write_bids(at("d"), &scan, &bad, err), status, words);                \
        ck_assert(!is_there("d"));                                                             \
    } while (0)
    NO(RGQ_E_ARGUMENT, "--subject", .subject = "a_b");
    NO(RGQ_E_ARGUMENT, "--session", .session = "../x");
    NO(RGQ_E_ARGUMENT, "--task", .task = "");
    NO(RGQ_E_ARGUMENT, "Key=Value", .set = "novalue");
    NO(RGQ_E_ARGUMENT, "Key=Value", .set = "a=");
    NO(RGQ_E_FORMAT, "--set", .set = "a=[1");
    scan.facts.injected_activity_bq.known = false;
    NO(RGQ_E_MISSING, "--activity-mbq", .subject = "1");
    make_scan();
    scan.facts.injection_time_s.known = false;
    NO(RGQ_E_MISSING, "--injection-time", .subject = "1");
    make_scan();
    scan.facts.decay_correction.known = false;
    NO(RGQ_E_MISSING, "--decay-corrected-to", .subject = "1");
    make_scan();
    rgq_volume_set_frame(scan.volume, 0, (rgq_frame){2400.0, (double)NAN});
    NO(RGQ_E_MISSING, "FrameDuration", .subject = "1");
    MUST(rgq_scan_write_bids(at("d"), &scan, &(rgq_bids_opts){.set = "FrameDuration=[300,300]"},
                             err));
    REFUSED(rgq_scan_write_bids(at("d"), &scan,
                                &(rgq_bids_opts){.set = "FrameDuration=[300,300]"}, err),
            RGQ_E_IO, "sub-01 has PET in that dataset already");
    REFUSED(rgq_scan_write_bids(
                at("d"), &scan,
                &(rgq_bids_opts){.set = "FrameDuration=[300,300]", .session = "1"}, err),
            RGQ_E_ARGUMENT, "outside of sessions");
}
END_TEST

static void text_is(const char *name, const char *expected)
{
    char text[4096] = "";
    (void)load(at(name), (unsigned char *)text, sizeof text - 1);
    ck_assert_str_eq(text, expected);
}

static rgq_status add(const char *subject, const char *session, rgq_error *err)
{
    const rgq_bids_opts opts = {
        .subject = subject, .session = session, .tracer = "x", .log = &listener};
    return rgq_scan_write_bids(at("d"), &scan, &opts, err);
}

/* A table a lab made: other columns, another order and unit, one participant to come. */
START_TEST(added_to_a_dataset)
{
    ck_assert_int_eq(mkdir(at("d"), 0777), 0);
    save_text(at("d/dataset_description.json"),
              "{\"Name\": \"x\", \"BIDSVersion\": \"1.8.0\"}");
    save_text(at("d/participants.tsv"), "participant_id\tage\theight\tweight\n"
                                        "sub-1\t50\t170\tn/a\n"
                                        "sub-2\t60\t181\t80\n");
    rgq_fact_set(&scan.facts.height_m, 1.62, "t");
    MUST(add("3", NULL, err));
    text_is("d/participants.tsv", "participant_id\tage\theight\tweight\tsex\n"
                                  "sub-1\t50\t170\tn/a\tn/a\n"
                                  "sub-2\t60\t181\t80\tn/a\n"
                                  "sub-3\tn/a\t162\t61.5\tF\n");
    text_is("d/dataset_description.json", "{\"Name\": \"x\", \"BIDSVersion\": \"1.8.0\"}");
    /* what the table says of others is kept, and the scan keeps its own */
    scan.facts.height_m.known = false;
    MUST(add("2", NULL, err));
    ck_assert_ptr_nonnull(strstr(warned, "weight 80 for sub-2, the scan says 61.5"));
    MUST(add("1", NULL, err));
    text_is("d/participants.tsv", "participant_id\tage\theight\tweight\tsex\n"
                                  "sub-1\t50\t170\t61.5\tF\n"
                                  "sub-2\t60\t181\t80\tF\n"
                                  "sub-3\tn/a\t162\t61.5\tF\n");
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, at("d/sub-2/pet/sub-2_trc-x_pet.nii.gz"), NULL, &listener, err));
    ck_assert_double_eq(scan.facts.weight_kg.value, 61.5);
    make_scan();
    REFUSED(add("2", NULL, err), RGQ_E_IO, "sub-2 has PET in that dataset already");
    save_text(at("d/dataset_description.json"), "{\"DatasetType\": \"derivative\"}");
    REFUSED(add("4", NULL, err), RGQ_E_ARGUMENT, "derivative");
    ck_assert(!is_there("d/sub-4"));
}
END_TEST

START_TEST(sessions_keep_their_weight)
{
    MUST(add("1", "a", err));
    rgq_fact_set(&scan.facts.weight_kg, 55.0, "t");
    warned[0] = '\0';
    MUST(add("1", "b", err));
    ck_assert_ptr_null(strstr(warned, "weight"));
    text_is("d/sub-1/sub-1_sessions.tsv",
            "session_id\tbody_weight\theight\nses-a\t61.5\tn/a\nses-b\t55\tn/a\n");
    text_is("d/participants.tsv",
            "participant_id\tsex\tbody_weight\theight\nsub-1\tF\t61.5\tn/a\n");
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, at("d/sub-1/ses-b/pet/sub-1_ses-b_trc-x_pet.nii.gz"), NULL,
                       &listener, err));
    ck_assert_double_eq(scan.facts.weight_kg.value, 55.0);
    make_scan();
    REFUSED(add("1", "b", err), RGQ_E_IO, "sub-1, ses-b has PET");
    REFUSED(add("1", NULL, err), RGQ_E_ARGUMENT, "--session");
}
END_TEST

START_TEST(keys_of_the_source)
{
    char text[4096] = "";
    const rgq_bids_opts opts = {.subject = "1",
                                .tracer = "x",
                                .authors = " A. Smith ;B. Jones;",
                                .source =
                                    "{\"ReconMethodName\": \"OSEM\", \"BodyPart\": \"Chest\","
                                    " \"InjectionEnd\": 45, \"ScatterFraction\": [1, 2],"
                                    " \"PromptRate\": [1, 2, 3], \"Purity\": \"n/a\","
                                    " \"InstitutionName\": \"Planted\"}"};

    MUST(rgq_scan_write_bids(at("d"), &scan, &opts, err));
    (void)load(at("d/sub-1/pet/sub-1_trc-x_pet.json"), (unsigned char *)text, sizeof text - 1);
    ck_assert_ptr_nonnull(strstr(text, "\"ReconMethodName\": \"OSEM\""));
    ck_assert_ptr_nonnull(strstr(text, "\"BodyPart\": \"Chest\""));
    ck_assert_ptr_nonnull(strstr(text, "\"InjectionEnd\": 45"));
    ck_assert_ptr_nonnull(strstr(text, "\"ScatterFraction\": [1, 2]"));
    ck_assert_ptr_null(strstr(text, "PromptRate")); /* of other frames */
    ck_assert_ptr_null(strstr(text, "Purity"));
    ck_assert_ptr_null(strstr(text, "Planted"));
    memset(text, 0, sizeof text);
    (void)load(at("d/dataset_description.json"), (unsigned char *)text, sizeof text - 1);
    ck_assert_ptr_nonnull(strstr(text, "\"Authors\": [\"A. Smith\", \"B. Jones\"]"));
}
END_TEST

START_TEST(nuclides)
{
    static const char *const cases[][2] = {
        {"^68^Gallium", "Ga68"},
        {"F-18", "F18"},
        {"18F", "F18"},
        {"^18^Fluorine", "F18"},
        {"^99m^Technetium", "Tc99m"},
        {"Tc-99m", "Tc99m"},
        {"Tc99m", "Tc99m"},
        {"C-111A1", "F18"},
        {"Zr-89", "Zr89"},
        {"64Cu", "Cu64"},
        {"mystery", "mystery"},
        {"Xx-12", "Xx-12"},
        {"", ""},
    };
    for (int i = 0; i < ROWS(cases); i++) {
        char out[RGQ_FACT_TEXT_MAX];
        rgq_sidecar_nuclide(out, cases[i][0]);
        ck_assert_str_eq(out, cases[i][1]);
    }
}
END_TEST

START_TEST(lost_memory)
{
    const char *path = at("d");
    const rgq_bids_opts opts = {.subject = "1"};
    TORTURE(
        rgq_scan_write_bids(path, &scan, &opts, err),
        {
            if (torture_st != RGQ_OK)
                ck_assert_int_eq(count_files(), 0);
        },
        5);
}
END_TEST

START_TEST(lost_memory_when_added)
{
    MUST(add("1", NULL, err));
    const int before = count_files();
    const rgq_bids_opts opts = {.subject = "2", .tracer = "x"};
    const char *path = at("d");
    TORTURE(
        rgq_scan_write_bids(path, &scan, &opts, err),
        {
            ck_assert_int_eq(count_files(), before);
            if (torture_st != RGQ_OK)
                ck_assert(!is_there("d/sub-2"));
        },
        5);
}
END_TEST

RGQ_CHECK_MAIN("io bids_write", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, frames_and_facts_there_and_back);
               tcase_add_test(tc, settings_and_blood); tcase_add_test(tc, refused);
               tcase_add_test(tc, added_to_a_dataset);
               tcase_add_test(tc, sessions_keep_their_weight);
               tcase_add_test(tc, keys_of_the_source); tcase_add_test(tc, nuclides);
               tcase_add_test(tc, lost_memory); tcase_add_test(tc, lost_memory_when_added))
