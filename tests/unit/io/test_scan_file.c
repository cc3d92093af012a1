/* Which reader a path goes to, and what is said of files that none reads. */
#include "io_check.h"
#include "rgdquant/scan_file.h"

static rgq_scan scan;

static void begin(void)
{
    folder_begin();
    scan = (rgq_scan){0};
}

static void end(void)
{
    rgq_scan_release(&scan);
    folder_end();
}

static void save_scan(const char *name)
{
    maker m = make_header(1, true);
    put_floats(&m, 12);
    save(at(name), m.bytes, m.length);
}

START_TEST(side_file_beside_or_named)
{
    save_scan("s.nii");
    MUST(rgq_scan_read(&scan, at("s.nii"), NULL, NULL, err));
    ck_assert_str_eq(scan.format, "NIfTI-1");
    ck_assert_int_eq(scan.n_files, 1);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_NATIVE);
    ck_assert(!scan.facts.weight_kg.known);
    save_text(at("s.json"), "{\"Units\": \"Bq/mL\", \"PatientWeight\": 60}");
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, at("s.nii"), NULL, NULL, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_double_eq(scan.facts.weight_kg.value, 60.0);
    save_text(at("other.json"), "{\"PatientWeight\": 61}");
    const rgq_scan_read_opts opts = {NULL, at("other.json")};
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, at("s.nii"), &opts, NULL, err));
    ck_assert_double_eq(scan.facts.weight_kg.value, 61.0);
    rgq_scan_release(&scan);
    save_text(at("s.json"), "{\"Units\": 1}");
    REFUSED(rgq_scan_read(&scan, at("s.nii"), NULL, NULL, err), RGQ_E_FORMAT, "s.json");
    ck_assert_ptr_null(scan.volume);
}
END_TEST

START_TEST(foreign_content)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *words;
    } cases[] = {
        {"PK\003\004rest", 8, "ZIP"},
        {"%PDF-1.7", 8, "PDF"},
        {"\211PNG\r\n\032\n", 8, "PNG"},
        {"\037\213garbage", 9, "gzip"},
        {"", 0, "empty"},
        {"{\"a\": 1}", 8, "JSON"},
        {"\001\002 x", 4, "'<01><02><20>x'"},
    };
    for (int i = 0; i < ROWS(cases); i++) {
        save(at("what.nii"), cases[i].bytes, cases[i].length);
        REFUSED(rgq_scan_read(&scan, at("what.nii"), NULL, NULL, err), RGQ_E_FORMAT,
                cases[i].words);
        ck_assert_ptr_null(scan.volume);
    }
    REFUSED(rgq_scan_read(&scan, at("absent.nii"), NULL, NULL, err), RGQ_E_IO, "absent.nii");
    REFUSED(rgq_scan_read(&scan, folder, NULL, NULL, err), RGQ_E_FORMAT, "no DICOM file");
}
END_TEST

START_TEST(lost_memory)
{
    save_scan("m.nii");
    save_text(at("m.json"), "{\"Units\": \"Bq/mL\", \"FrameDuration\": [60]}");
    const char *path = at("m.nii");
    TORTURE(
        rgq_scan_read(&scan, path, NULL, NULL, err),
        {
            ck_assert(torture_st == RGQ_OK ? scan.volume != NULL : scan.volume == NULL);
            rgq_scan_release(&scan);
        },
        5);
}
END_TEST

RGQ_CHECK_MAIN("io scan_file", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, side_file_beside_or_named);
               tcase_add_test(tc, foreign_content); tcase_add_test(tc, lost_memory))
