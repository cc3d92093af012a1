/* What can identify a person: found, named, never shown. */
#include "io/phi.h"

#include "rgdquant/scan_file.h"
#include "tiff_check.h"

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

/* The name stands in the last file of the series only. */
START_TEST(every_file_of_a_series)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){2, 2, 3}, (const double[3]){2, 2, 3},
                                        (const double[3]){0, 0, 0});
    rgq_scan scan = {0};
    rgq_names names;
    char path[RGQ_PATH_MAX];
    unsigned char bytes[8192];

    MUST(rgq_volume_create(&scan.volume, &grid, 1, RGQ_UNIT_BQ_ML, err));
    rgq_fact_text_set(&scan.facts.decay_correction, "ADMIN", "t");
    MUST(rgq_scan_write_dicom(at("d"), &scan, NULL, err));
    rgq_scan_release(&scan);
    MUST(rgq_phi_scan(&phi, at("d"), err));
    ck_assert_int_eq(phi.n_files, 3);
    ck_assert_int_eq(state_of("AccessionNumber"), 0);
    const int count = phi.count;
    /* (0008,0050) SH of length 0 becomes (0008,0051), which is no identifier; a name for it */
    MUST(rgq_folder_list(&names, at("d"), err));
    MUST(rgq_path_join(path, at("d"), names.name[2], err));
    rgq_names_release(&names);
    const size_t length = load(path, bytes, sizeof bytes);
    ck_assert_uint_lt(length, sizeof bytes);
    for (size_t i = 132; i + 8 < length; i++)
        if (memcmp(bytes + i, "\x08\0\x50\0SH\0\0", 8) == 0) {
            memmove(bytes + i + 12, bytes + i + 8, length - i - 8);
            memcpy(bytes + i + 6,
                   "\4\0"
                   "4711",
                   6);
            break;
        }
    save(path, bytes, length + 4);
    MUST(rgq_phi_scan(&phi, at("d"), err));
    ck_assert_int_eq(phi.count, count); /* each element once */
    ck_assert_int_eq(state_of("AccessionNumber"), 1);
    save(path, bytes, 400); /* cut off: said, and the others are looked at */
    MUST(rgq_phi_scan(&phi, at("d"), err));
    ck_assert_int_eq(phi.n_files, 2);
    ck_assert_int_eq(phi.n_damaged, 1);
    char command[600];
    (void)snprintf(command, sizeof command, "rm -r '%s'", at("d"));
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(interfile_keys)
{
    save_text(at("i.hv"), "!INTERFILE :=\n; Doe\nname of data file := Doe_Jane.v\n"
                          "!patient name := Doe\npatient orientation := head_in\n"
                          "Referring Physician:=\nstudy date := 2024:01:01\n"
                          "!END OF INTERFILE :=\n");
    MUST(rgq_phi_scan(&phi, at("i.hv"), err));
    ck_assert_int_eq(state_of("lines of comment"), 1);
    ck_assert_int_eq(state_of("a key with 'patient'"), 1);
    ck_assert_int_eq(state_of("a key with 'physician'"), 0);
    ck_assert_int_eq(state_of("a key with 'studydate'"), 1);
    ck_assert_int_eq(state_of("words that look like a name"), 1);
    save_text(at("i.hv"), "!INTERFILE :=\npatient orientation := head_in\n;\n");
    MUST(rgq_phi_scan(&phi, at("i.hv"), err));
    ck_assert_int_eq(state_of("a key with 'patient'"), -1);
    ck_assert_int_eq(state_of("lines of comment"), -1);
}
END_TEST

START_TEST(ecat_fields)
{
    unsigned char bytes[1024] = "MATRIX72v";

    memcpy(bytes + 182, "Doe", 3);
    bytes[231] = 1;
    save_gz(at("e.v"), bytes, sizeof bytes);
    MUST(rgq_phi_scan(&phi, at("e.v"), err));
    ck_assert_int_eq(state_of("patient_name"), 1);
    ck_assert_int_eq(state_of("patient_birth_date"), 1);
    ck_assert_int_eq(state_of("patient_id"), 0);
    ck_assert_int_eq(state_of("physician_name"), 0);
    save(at("e.v"), bytes, 300); /* a list without the names would look clean */
    REFUSED(rgq_phi_scan(&phi, at("e.v"), err), RGQ_E_FORMAT, "no whole header");
    save_text(at("e.v"), "patient Doe");
    REFUSED(rgq_phi_scan(&phi, at("e.v"), err), RGQ_E_FORMAT, "not known");
}
END_TEST

/* Words of the second page count, too; and what SUV lacks is named. */
START_TEST(tiff_tags)
{
    tiff_maker t = tiff_begin(false, false);
    tiff_page page = TIFF_PAGE_PLAIN;
    static const unsigned char pixels[6] = {1, 2, 3, 4, 5, 6};

    tiff_add(&t, &page, pixels);
    save(at("t.tif"), t.m.bytes, t.m.length);
    MUST(rgq_phi_scan(&phi, at("t.tif"), err));
    ck_assert_int_eq(state_of("ImageDescription"), 0);
    page.description = "Doe";
    tiff_add(&t, &page, pixels);
    save(at("t.tif"), t.m.bytes, t.m.length);
    MUST(rgq_phi_scan(&phi, at("t.tif"), err));
    ck_assert_int_eq(state_of("ImageDescription"), 1);
    ck_assert_int_eq(state_of("Artist"), 0);
    ck_assert_int_eq(state_of("InjectedRadioactivity is missing: --activity-mbq"), -1);
    save_text(at("t.json"), "{\"VoxelSize\": [1, 1, 1], \"PatientWeight\": 0,"
                            "\"Extra\": [{\"Operators-Name\": \"Doe\"}]}");
    MUST(rgq_phi_scan(&phi, at("t.tif"), err));
    ck_assert_int_eq(state_of("InjectedRadioactivity is missing: --activity-mbq"), 0);
    ck_assert_int_eq(state_of("PatientWeight, or body_weight of participants.tsv: --weight-kg"),
                     0);
    ck_assert_int_eq(state_of("a key with 'operator'"), 1);
}
END_TEST

RGQ_CHECK_MAIN("io phi", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, headers_with_free_text); tcase_add_test(tc, side_files);
               tcase_add_test(tc, words_of_the_path); tcase_add_test(tc, dicom);
               tcase_add_test(tc, every_file_of_a_series); tcase_add_test(tc, interfile_keys);
               tcase_add_test(tc, ecat_fields); tcase_add_test(tc, tiff_tags))
