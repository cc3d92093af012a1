/* Which reader a path goes to, and what is said of files that none reads. */
#include "io_check.h"
#include "rgdquant/scan_file.h"
#include "warned.h"

static rgq_scan scan;

static void begin(void)
{
    folder_begin();
    scan = (rgq_scan){0};
    warned[0] = '\0';
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

/* The header of a NIfTI file has room for frames of one length: told, not used. */
START_TEST(frames_of_the_header)
{
    maker m = make_header(1, false);
    put_dim(&m, 0, 4);
    put_dim(&m, 4, 2);
    put_pixdim(&m, 4, 10);
    put(&m, 123, 1, 2 | 8);
    put_floats(&m, 24);
    save(at("s.nii"), m.bytes, m.length);
    MUST(rgq_scan_read(&scan, at("s.nii"), NULL, &listener, err));
    ck_assert(isnan(rgq_volume_frame(scan.volume, 1).start_s));
    ck_assert(isnan(rgq_volume_frame(scan.volume, 1).duration_s));
    ck_assert_ptr_nonnull(strstr(warned, "10 s from frame to frame"));
    warned[0] = '\0';
    rgq_scan_release(&scan);
    save_text(at("s.json"), "{\"FrameTimesStart\": [0, 30], \"FrameDuration\": [30, 60]}");
    MUST(rgq_scan_read(&scan, at("s.nii"), NULL, &listener, err));
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).start_s, 30.0);
    ck_assert_str_eq(warned, "");
}
END_TEST

/* ".img" is the voxels of a NIfTI, Analyze or Interfile pair, or any format at all. */
START_TEST(files_named_img)
{
    static const char header[] =
        "!INTERFILE :=\nname of data file := a.img\nnumber format := float\n"
        "number of bytes per pixel := 4\nimagedata byte order := LITTLEENDIAN\n"
        "matrix size [1] := 2\nmatrix size [2] := 2\nmatrix size [3] := 2\n"
        "scaling factor (mm/pixel) [1] := 2\nscaling factor (mm/pixel) [2] := 2\n"
        "scaling factor (mm/pixel) [3] := 2\n";
    const float values[8] = {1, 2, 3, 4, 5, 6, 7, 8};

    save_text(at("a.hdr"), header);
    save(at("a.img"), values, sizeof values);
    MUST(rgq_scan_read(&scan, at("a.img"), NULL, NULL, err));
    ck_assert_str_eq(scan.format, "Interfile");
    rgq_scan_release(&scan);
    save_text(at("c.img"), header);
    MUST(rgq_scan_read(&scan, at("c.img"), NULL, NULL, err));
    ck_assert_str_eq(scan.format, "Interfile");
    rgq_scan_release(&scan);
    save(at("b.img"), "voxels", 6);
    REFUSED(rgq_scan_read(&scan, at("b.img"), NULL, NULL, err), RGQ_E_IO, "its .hdr file");
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
               tcase_add_test(tc, frames_of_the_header); tcase_add_test(tc, files_named_img);
               tcase_add_test(tc, foreign_content); tcase_add_test(tc, lost_memory))
