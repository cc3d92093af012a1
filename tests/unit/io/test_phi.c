/* What can identify a person: found, named, never shown. */
#include "io/phi.h"

#include "io_check.h"
#include "rgdquant/scan_file.h"

static rgq_phi phi;

static void begin(void)
{
    folder_begin();
    phi = (rgq_phi){.count = 0};
}

static void end(void)
{
    folder_end();
}

/* 1 filled, 0 empty, -1 not listed */
static int state_of(const char *name)
{
    for (int i = 0; i < phi.count; i++)
        if (strcmp(phi.item[i].name, name) == 0)
            return phi.item[i].filled ? 1 : 0;
    return -1;
}

START_TEST(headers_with_free_text)
{
    for (int version = 1; version <= 2; version++)
        for (int big = 0; big < 2; big++) {
            maker m = make_header(version, big == 1);
            put_floats(&m, 12);
            memcpy(m.bytes + (version == 1 ? 148 : 240), "Doe", 3);
            save(at("s.nii"), m.bytes, m.length);
            MUST(rgq_phi_scan(&phi, at("s.nii"), err));
            ck_assert_int_eq(state_of("descrip"), 1);
            ck_assert_int_eq(state_of("aux_file"), 0);
            ck_assert_int_eq(state_of("db_name"), version == 1 ? 0 : -1);
        }
    maker m = make_header(1, false);
    memset(m.bytes + 344, 0, 4); /* Analyze 7.5 */
    memcpy(m.bytes + 283, "4711", 4);
    save_gz(at("a.hdr"), m.bytes, 348);
    MUST(rgq_phi_scan(&phi, at("a.hdr"), err));
    ck_assert_int_eq(state_of("patient_id"), 1);
    ck_assert_int_eq(state_of("exp_date"), 0);
}
END_TEST

START_TEST(side_files)
{
    maker m = make_header(1, false);
    put_floats(&m, 12);
    save(at("s.nii.gz"), m.bytes, m.length);
    save_text(at("s.json"), "{\"PatientName\": \"Doe\", \"PatientID\": \"n/a\", \"StudyID\": 4,"
                            "\"InstitutionName\": \"\", \"AccessionNumber\": null}");
    MUST(rgq_phi_scan(&phi, at("s.nii.gz"), err));
    ck_assert_int_eq(state_of("PatientName"), 1);
    ck_assert_int_eq(state_of("PatientID"), 0);
    ck_assert_int_eq(state_of("StudyID"), 1);
    ck_assert_int_eq(state_of("InstitutionName"), 0);
    ck_assert_int_eq(state_of("AccessionNumber"), -1);
    save_text(at("s.json"), "{");
    REFUSED(rgq_phi_scan(&phi, at("s.nii.gz"), err), RGQ_E_FORMAT, "s.json");
}
END_TEST

START_TEST(words_of_the_path)
{
    static const struct {
        const char *name;
        bool person, date, number;
    } cases[] = {
        {"scan.nii", false, false, false},        {"Doe_Jane.nii", true, false, false},
        {"DOE_JANE.nii", true, false, false},     {"pet_20200131.nii", false, true, false},
        {"pet_20201331.nii", false, false, true}, {"0012345.nii", false, false, true},
        {"Pet_frame12.nii", false, false, false},
    };
    for (int i = 0; i < ROWS(cases); i++) {
        int before[3];
        maker m = make_header(1, false);
        save(at(cases[i].name), m.bytes, m.length);
        save(at("x.nii"), m.bytes, m.length); /* the folder's own words */
        MUST(rgq_phi_scan(&phi, at("x.nii"), err));
        before[0] = state_of("words that look like a name");
        before[1] = state_of("a word that looks like a date");
        before[2] = state_of("a number of 6 digits or more");
        MUST(rgq_phi_scan(&phi, at(cases[i].name), err));
        if (before[0] < 0)
            ck_assert_int_eq(state_of("words that look like a name") == 1, cases[i].person);
        if (before[1] < 0)
            ck_assert_int_eq(state_of("a word that looks like a date") == 1, cases[i].date);
        if (before[2] < 0)
            ck_assert_int_eq(state_of("a number of 6 digits or more") == 1, cases[i].number);
    }
}
END_TEST

/* A series of our own: anonymous, and without what its scan did not know. */
START_TEST(dicom)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){2, 2, 2}, (const double[3]){2, 2, 3},
                                        (const double[3]){0, 0, 0});
    rgq_scan scan = {0};

    MUST(rgq_volume_create(&scan.volume, &grid, 1, RGQ_UNIT_BQ_ML, err));
    rgq_fact_text_set(&scan.facts.decay_correction, "START", "t");
    rgq_fact_set(&scan.facts.injected_activity_bq, 1e8, "t");
    MUST(rgq_scan_write_dicom(at("d"), &scan, NULL, err));
    rgq_scan_release(&scan);
    MUST(rgq_phi_scan(&phi, at("d"), err));
    ck_assert_int_eq(state_of("PatientName"), 1);
    ck_assert_int_eq(state_of("PatientBirthDate"), 0);
    ck_assert_int_eq(state_of("SeriesInstanceUID"), 1);
    ck_assert_int_eq(state_of("PatientWeight is missing: --weight-kg"), 0);
    ck_assert_int_eq(state_of("RadionuclideTotalDose is missing: --activity-mbq"), -1);
    ck_assert_int_eq(state_of("RadiopharmaceuticalStartDateTime is missing: --injection-time"),
                     0);
    char command[600];
    (void)snprintf(command, sizeof command, "rm -r '%s'", at("d"));
    ck_assert_int_eq(system(command), 0);
    REFUSED(rgq_phi_scan(&phi, folder, err), RGQ_E_FORMAT, "no DICOM file");
    REFUSED(rgq_phi_scan(&phi, at("absent"), err), RGQ_E_IO, "absent");
}
END_TEST

RGQ_CHECK_MAIN("io phi", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, headers_with_free_text); tcase_add_test(tc, side_files);
               tcase_add_test(tc, words_of_the_path); tcase_add_test(tc, dicom))
