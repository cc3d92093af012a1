/* What a dataset says of a scan beyond the file beside it. */
#include "io/bids.h"

#include <sys/stat.h>

#include "io_check.h"
#include "rgdquant/scan_file.h"
#include "warned.h"

static rgq_scan scan;

static const char *const folders[] = {"sub-01", "sub-01/ses-b", "sub-01/ses-b/pet"};
static const char scan_name[] = "sub-01/ses-b/pet/sub-01_ses-b_task-rest_trc-x_pet.nii";

static void begin(void)
{
    maker m = make_header(1, true);

    folder_begin();
    scan = (rgq_scan){0};
    warned[0] = '\0';
    for (int i = 0; i < ROWS(folders); i++)
        ck_assert_int_eq(mkdir(at(folders[i]), 0700), 0);
    put_floats(&m, 12);
    save(at(scan_name), m.bytes, m.length);
    save_text(at("dataset_description.json"), "{\"Name\": \"x\", \"BIDSVersion\": \"1.9.0\"}");
}

static void empty_folder(const char *path)
{
    char name[600];
    DIR *dir = opendir(path);

    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        (void)snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        (void)unlink(name);
    }
    (void)closedir(dir);
}

static void end(void)
{
    rgq_scan_release(&scan);
    for (int i = ROWS(folders); i-- > 0;) {
        empty_folder(at(folders[i]));
        ck_assert_int_eq(rmdir(at(folders[i])), 0);
    }
    folder_end();
}

static void read_scan(void)
{
    rgq_scan_release(&scan);
    warned[0] = '\0';
    MUST(rgq_scan_read(&scan, at(scan_name), NULL, &listener, err));
}

START_TEST(names)
{
    char label[RGQ_BIDS_LABEL_MAX];
    char stem[256];

    ck_assert(rgq_bids_entity(label, "sub-01_ses-b_pet", "sub"));
    ck_assert_str_eq(label, "01");
    ck_assert(rgq_bids_entity(label, "sub-01_ses-b_pet", "ses"));
    ck_assert_str_eq(label, "b");
    ck_assert(!rgq_bids_entity(label, "sub-01_pet", "ses"));
    ck_assert(!rgq_bids_entity(label, "xsub-01_pet", "sub"));
    ck_assert(!rgq_bids_entity(label, "sub-_pet", "sub"));
    ck_assert(!rgq_bids_entity(label, "", "sub"));
    rgq_bids_stem(stem, sizeof stem, "a.b/sub-01_pet.nii.gz");
    ck_assert_str_eq(stem, "sub-01_pet");
    ck_assert(rgq_bids_applies("pet", "sub-01_task-a_pet"));
    ck_assert(rgq_bids_applies("task-a_pet", "sub-01_task-a_pet"));
    ck_assert(!rgq_bids_applies("task-b_pet", "sub-01_task-a_pet"));
    ck_assert(!rgq_bids_applies("task-a_blood", "sub-01_task-a_pet"));
    ck_assert(!rgq_bids_applies("sub-01_task-a_run-1_pet", "sub-01_task-a_pet"));
}
END_TEST

/* A key counts where it stands nearest to the scan; its origin says that it was inherited. */
START_TEST(inherited)
{
    save_text(at("task-rest_pet.json"),
              "{\"Units\": \"kBq/mL\", \"Manufacturer\": \"root\", \"TracerName\": \"root\"}");
    save_text(at("task-other_pet.json"), "{\"ManufacturersModelName\": \"other\"}");
    save_text(at("sub-01/sub-01_pet.json"), "{\"Units\": \"Bq/mL\", \"TracerName\": \"sub\"}");
    save_text(at("sub-01/ses-b/pet/sub-01_ses-b_task-rest_trc-x_pet.json"),
              "{\"TracerName\": \"near\", \"PatientWeight\": 61}");
    read_scan();
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_str_eq(scan.facts.radiopharmaceutical.value, "near");
    ck_assert_str_eq(scan.facts.radiopharmaceutical.origin, "TracerName");
    ck_assert_str_eq(scan.facts.manufacturer.value, "root");
    ck_assert_str_eq(scan.facts.manufacturer.origin, "Manufacturer (inherited side file)");
    ck_assert_str_eq(scan.facts.units.origin, "Units (inherited side file)");
    ck_assert(!scan.facts.model.known);
    ck_assert_str_eq(warned, "");
    /* what is said to be unknown nearby is not looked for further off */
    save_text(at("sub-01/sub-01_pet.json"), "{\"Manufacturer\": \"n/a\"}");
    read_scan();
    ck_assert(!scan.facts.manufacturer.known);
    save_text(at("sub-01/sub-01_task-rest_pet.json"), "{\"Manufacturer\": \"most\"}");
    read_scan();
    ck_assert_str_eq(scan.facts.manufacturer.value, "most");
    ck_assert_ptr_nonnull(strstr(warned, "2 side files of one folder"));
    save_text(at("sub-01/sub-01_task-rest_pet.json"), "{");
    rgq_scan_release(&scan);
    REFUSED(rgq_scan_read(&scan, at(scan_name), NULL, NULL, err), RGQ_E_FORMAT,
            "sub-01_task-rest_pet.json");
    /* nothing is inherited outside a dataset */
    (void)unlink(at("dataset_description.json"));
    read_scan();
    ck_assert(!scan.facts.manufacturer.known);
    ck_assert_double_eq(scan.facts.weight_kg.value, 61.0);
}
END_TEST

START_TEST(people)
{
    static const struct {
        const char *tsv;
        const char *json;      /* "" = none */
        double weight, height; /* 0 = unknown */
        const char *sex;
        const char *words; /* of a warning, or "" for none */
    } cases[] = {
        {"participant_id\tbody_weight\theight\tsex\nsub-02\t1\t1\tM\nsub-01\t70.5\t1."
         "75\tmale\n",
         "{\"height\": {\"Units\": \"m\"}}", 70.5, 1.75, "M", ""},
        {"participant_id\tweight\theight\tsex\nsub-01\t70\t175\tF\n",
         "{\"height\": {\"Units\": \"cm\"}}", 70, 1.75, "F", ""},
        {"participant_id\tweight\theight\n01\t70\t175\n", "", 70, 1.75, "", "cm is assumed"},
        {"participant_id\tweight\theight\nsub-01\t70\t1.75\n", "", 70, 1.75, "",
         "m is assumed"},
        {"participant_id\tbody_weight\tweight\nsub-01\tn/a\t55\n", "", 55, 0, "", ""},
        {"participant_id\tweight\theight\tsex\nsub-01\tn/a\tn/a\tn/a\n", "", 0, 0, "", ""},
        {"participant_id\tweight\nsub-01\t25\n", "{\"weight\": {\"Units\": \"g\"}}", 0.025, 0,
         "", ""},
        {"participant_id\tweight\tsex\nsub-01\theavy\tx\n", "", 0, 0, "", "no number"},
        {"participant_id\tweight\nsub-01\t0\n", "", 0, 0, "", "no number"},
        {"participant_id\tweight\nsub-01\t12\n", "{\"weight\": {\"Units\": \"stone\"}}", 0, 0,
         "", "stone"},
        {"participant_id\tweight\nsub-03\t70\n", "", 0, 0, "", ""},
        {"participant_id\tweight\nsub-01\t70\t1\n", "", 0, 0, "", "left alone"},
        {"participant_id\tweight\nsub-01\t70\n", "{", 70, 0, "", "left alone"},
        {"", "", 0, 0, "", "left alone"},
        {"participant_id\tsex\nsub-01\t2\n",
         "{\"sex\": {\"Levels\": {\"1\": \"Male\", \"2\": \"Female\"}}}", 0, 0, "F", ""},
        {"participant_id\tsex\nsub-01\t1\n",
         "{\"sex\": {\"Levels\": {\"1\": {\"Description\": \"male\"}}}}", 0, 0, "M", ""},
        {"participant_id\tsex\nsub-01\t2\n", "", 0, 0, "", "left alone"},
    };
    for (int i = 0; i < ROWS(cases); i++) {
        save_text(at("participants.tsv"), cases[i].tsv);
        (void)unlink(at("participants.json"));
        if (cases[i].json[0] != '\0')
            save_text(at("participants.json"), cases[i].json);
        read_scan();
        ck_assert_msg(scan.facts.weight_kg.known == (cases[i].weight > 0), "%d", i);
        ck_assert_double_eq_tol(scan.facts.weight_kg.value, cases[i].weight, 1e-12);
        ck_assert_msg(scan.facts.height_m.known == (cases[i].height > 0), "%d", i);
        ck_assert_double_eq_tol(scan.facts.height_m.value, cases[i].height, 1e-12);
        ck_assert_str_eq(scan.facts.sex.value, cases[i].sex);
        ck_assert_msg(cases[i].words[0] == '\0' ? warned[0] == '\0'
                                                : strstr(warned, cases[i].words) != NULL,
                      "%d: %s", i, warned);
    }
}
END_TEST

/* The side file before the session, the session before the participant. */
START_TEST(nearest_source_of_weight)
{
    save_text(at("participants.tsv"), "participant_id\tweight\tsex\nsub-01\t70\tF\n");
    save_text(at("sub-01/sub-01_sessions.tsv"), "session_id\tweight\nses-a\t71\nses-b\t72\n");
    read_scan();
    ck_assert_double_eq(scan.facts.weight_kg.value, 72.0);
    ck_assert_str_eq(scan.facts.weight_kg.origin, "sessions.tsv, column weight");
    ck_assert_str_eq(scan.facts.sex.origin, "participants.tsv, column sex");
    save_text(at("pet.json"), "{\"PatientWeight\": 73}");
    read_scan();
    ck_assert_double_eq(scan.facts.weight_kg.value, 73.0);
    ck_assert_ptr_nonnull(strstr(warned, "participants.tsv has weight 70 kg"));
    ck_assert_ptr_nonnull(strstr(warned, "says 73 kg and is used"));
    save_text(at("pet.json"), "{\"PatientWeight\": 0}"); /* what nobody entered */
    read_scan();
    ck_assert_double_eq(scan.facts.weight_kg.value, 72.0);
}
END_TEST

START_TEST(lost_memory)
{
    save_text(at("participants.tsv"), "participant_id\tweight\theight\nsub-01\t70\t170\n");
    save_text(at("participants.json"), "{\"height\": {\"Units\": \"cm\"}}");
    save_text(at("pet.json"), "{\"Units\": \"Bq/mL\"}");
    const char *path = at(scan_name);
    TORTURE(
        rgq_scan_read(&scan, path, NULL, NULL, err),
        {
            ck_assert(torture_st == RGQ_OK ? scan.facts.weight_kg.known : scan.volume == NULL);
            rgq_scan_release(&scan);
        },
        8);
}
END_TEST

RGQ_CHECK_MAIN("io bids", tcase_add_checked_fixture(tc, begin, end); tcase_add_test(tc, names);
               tcase_add_test(tc, inherited); tcase_add_test(tc, people);
               tcase_add_test(tc, nearest_source_of_weight); tcase_add_test(tc, lost_memory))
