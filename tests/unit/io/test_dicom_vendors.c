/* What scanners, archives and anonymisers really write, and what must not pass for a scan. */
#include "dicom_case.h"
#include "dicom_make.h"

#include "core/banned.h"

static char folder[RGQ_PATH_MAX];
static char path[RGQ_PATH_MAX];

static void set_up(void)
{
    make_folder(folder);
    MUST(rgq_path_join(path, folder, "one.dcm", err));
}

static void tear_down(void)
{
    drop_folder(folder);
}

static void path_of(char out[RGQ_PATH_MAX], const char *name)
{
    MUST(rgq_path_join(out, folder, name, err));
}

static void refused(const char *place, rgq_status want, const char *words)
{
    rgq_scan scan = {0};
    REFUSED(rgq_dicom_read(&scan, place, NULL, NULL, err), want, words);
    ck_assert_ptr_null(scan.volume);
    ck_assert_ptr_null(scan.slice_time);
}

static void read_heard(rgq_scan *scan, heard *h)
{
    const rgq_log log = {hear, NULL, h};
    *h = (heard){""};
    *scan = (rgq_scan){0};
    MUST(rgq_dicom_read(scan, folder, NULL, &log, err));
}

static void says(const heard *h, const char *words)
{
    ck_assert_msg(strstr(h->text, words) != NULL, "'%s' is not in: %s", words, h->text);
}

static void patch_all(int n, unsigned group, unsigned element, const char *value)
{
    char one[RGQ_PATH_MAX];
    for (int i = 1; i <= n; i++) {
        image_path(one, folder, i);
        patch(one, group, element, 0, value);
    }
}

static void insert_all(int n, const unsigned before[2], unsigned group, unsigned element,
                       const char vr[2], const char *value)
{
    char one[RGQ_PATH_MAX];
    for (int i = 1; i <= n; i++) {
        image_path(one, folder, i);
        insert(one, before, group, element, vr, value);
    }
}

/* The last 16-bit number of a file, which is its last pixel. */
static void set_last_pixel(const char *file, int value)
{
    char *bytes = NULL;
    size_t size = 0;
    read_bytes(&bytes, &size, file);
    bytes[size - 2] = (char)(value & 255);
    bytes[size - 1] = (char)(value >> 8);
    MUST(rgq_file_write(file, bytes, size, true, err));
    rgq_free(bytes);
}

/* ---- classic PET ---- */

/* A copy in another file is left out; an image that only claims to be one is not. */
START_TEST(test_copies)
{
    char one[RGQ_PATH_MAX];
    char copy[RGQ_PATH_MAX];
    rgq_scan once;
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 3, 2);
    read_heard(&once, &h);
    ck_assert_ptr_null(strstr(h.text, "twice"));
    for (int i = 1; i <= 6; i += 2) {
        char name[32];
        image_path(one, folder, i);
        (void)snprintf(name, sizeof name, "copy%d", i);
        path_of(copy, name);
        copy_file(one, copy, SIZE_MAX);
    }
    read_heard(&scan, &h);
    says(&h, "2:3 images are stored twice, with the same SOPInstanceUID, times and voxels");
    ck_assert_int_eq(scan.n_files, 6);
    for (int t = 0; t < 2; t++)
        ck_assert_int_eq(memcmp(rgq_volume_cdata(scan.volume, t),
                                rgq_volume_cdata(once.volume, t),
                                rgq_volume_count(once.volume) * sizeof(float)),
                         0);
    rgq_scan_release(&scan);
    rgq_scan_release(&once);
    set_last_pixel(copy, 7);
    refused(folder, RGQ_E_GEOMETRY, "a slice is there twice");
}
END_TEST

/* Phases of a cycle have an image index each, like frames in time. */
START_TEST(test_gated)
{
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 3, 2);
    patch_all(6, 0x54, 0x1000, "GATED\\IMAGE");
    refused(folder, RGQ_E_UNSUPPORTED, "the images are gated: 2 phases of a cycle lie at each");
    drop_folder(folder);
    set_up();
    make_series(folder, 5, 4, 3, 1); /* one phase is a volume */
    patch_all(3, 0x54, 0x1000, "GATED\\IMAGE");
    read_heard(&scan, &h);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 1);
    rgq_scan_release(&scan);
}
END_TEST

/* The time of the first frame in all: the frames begin where other times put them, or their
 * starts are unknown. */
START_TEST(test_starts)
{
    const unsigned before[2] = {0x54, 0x1000};
    const bool has_reference = _i == 0;
    const bool has_trigger = _i == 1;
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 3, 3);
    patch_all(9, 0x08, 0x32, "100000");
    if (!has_reference)
        patch_all(9, 0x54, 0x1300, "");
    for (int i = 1; has_trigger && i <= 9; i++) {
        char one[RGQ_PATH_MAX];
        image_path(one, folder, i);
        insert(one, before, 0x18, 0x1060, "DS", i <= 3 ? "0" : i <= 6 ? "120000" : "240000");
    }
    read_heard(&scan, &h);
    says(&h, "2:(0008,0032) AcquisitionTime does not grow from frame to frame");
    says(&h, has_reference ? "FrameReferenceTime puts them"
             : has_trigger ? "TriggerTime puts them"
                           : "is unknown");
    ck_assert_double_eq_tol(rgq_volume_frame(scan.volume, 0).start_s, 3600.0, 1e-5);
    for (int t = 1; t < 3; t++) {
        const double start_s = rgq_volume_frame(scan.volume, t).start_s;
        if (has_reference || has_trigger) {
            /* reference times are written to 1 ms, and mean times of equal frames cancel */
            ck_assert_double_eq_tol(start_s, 3600.0 + 120.0 * t, 2e-3);
            ck_assert_double_eq_tol(scan.slice_time[3 * t].acquisition_s -
                                        scan.slice_time[0].acquisition_s,
                                    120.0 * t, 2e-3);
        } else {
            ck_assert(isnan(start_s));
        }
    }
    rgq_scan_release(&scan);
}
END_TEST

/* Past midnight, with no date but that of the series. */
START_TEST(test_midnight)
{
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 3, 1);
    patch_all(3, 0x08, 0x22, "");
    patch_all(3, 0x08, 0x31, "235800");
    patch_all(3, 0x08, 0x32, "000300");
    read_heard(&scan, &h);
    ck_assert_double_eq(scan.slice_time[0].acquisition_s - scan.facts.series_time_s.value,
                        300.0);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_padding)
{
    const unsigned before[2] = {0x28, 0x1052};
    char one[RGQ_PATH_MAX];
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 3, 1);
    image_path(one, folder, 2);
    read_heard(&scan, &h);
    const size_t last = 2 * 20 - 1;
    ck_assert(rgq_volume_cdata(scan.volume, 0)[last] != 0.0F);
    const float kept = rgq_volume_cdata(scan.volume, 0)[last - 1];
    rgq_scan_release(&scan);
    set_last_pixel(one, 0x4241);
    insert_all(3, before, 0x28, 0x120, "SS", "AB"); /* the number 0x4241 */
    read_heard(&scan, &h);
    says(&h, "PixelPaddingValue: voxels stored as 16961 to 16961 lie outside the image");
    ck_assert(rgq_volume_cdata(scan.volume, 0)[last] == 0.0F);
    ck_assert(rgq_volume_cdata(scan.volume, 0)[last - 1] == kept);
    rgq_scan_release(&scan);
}
END_TEST

/* A writer that scales by the largest voxel gives an empty slice the slope 0. */
START_TEST(test_empty_slice)
{
    char one[RGQ_PATH_MAX];
    char *bytes = NULL;
    size_t size = 0;
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 3, 1);
    image_path(one, folder, 2);
    patch(one, 0x28, 0x1053, 0, "0");
    refused(folder, RGQ_E_FORMAT, "IM_00002.dcm: (0028,1053) RescaleSlope is 0");
    read_bytes(&bytes, &size, one);
    memset(bytes + size - 40, 0, 40);
    MUST(rgq_file_write(one, bytes, size, true, err));
    rgq_free(bytes);
    read_heard(&scan, &h);
    for (size_t i = 20; i < 40; i++)
        ck_assert(rgq_volume_cdata(scan.volume, 0)[i] == 0.0F);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_palette)
{
    const unsigned before[2] = {0x28, 0x10};
    make_series(folder, 5, 4, 3, 1);
    for (int i = 1; i <= 3; i++) {
        char one[RGQ_PATH_MAX];
        char *bytes = NULL;
        size_t size = 0;
        size_t length = 0;
        image_path(one, folder, i);
        read_bytes(&bytes, &size, one);
        find_value(bytes, size, 0x28, 0x04, 0, &length)[-6] = 3; /* (0028,0003): unused */
        MUST(rgq_file_write(one, bytes, size, true, err));
        rgq_free(bytes);
    }
    insert_all(3, before, 0x28, 0x04, "CS", "PALETTE COLOR");
    refused(folder, RGQ_E_UNSUPPORTED, "PhotometricInterpretation is PALETTE COLOR");
}
END_TEST

/* A localizer in the series is left out, whatever its size and place. */
START_TEST(test_views)
{
    char one[RGQ_PATH_MAX];
    char view[RGQ_PATH_MAX];
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 3, 1);
    image_path(one, folder, 1);
    path_of(view, "view");
    copy_file(one, view, SIZE_MAX);
    patch(view, 0x08, 0x18, 0, "1.2.3");
    patch(view, 0x20, 0x37, 0, "1\\0\\0\\0\\0\\-1");
    refused(folder, RGQ_E_GEOMETRY, "mixes orientations");
    patch(view, 0x08, 0x08, 0, "A\\S\\LOCALIZER");
    read_heard(&scan, &h);
    says(&h, "2:1 image of the series ignored: (0008,0008) ImageType calls it a localizer");
    ck_assert_int_eq(scan.n_files, 3);
    rgq_scan_release(&scan);
}
END_TEST

/* A table instead of a slope. */
START_TEST(test_table_of_values)
{
    const unsigned before[2] = {0x28, 0x1052};
    char one[RGQ_PATH_MAX];
    make_series(folder, 5, 4, 3, 1);
    for (int i = 1; i <= 3; i++) {
        image_path(one, folder, i);
        patch(one, 0x28, 0x1053, 0, "");
        insert(one, before, 0x28, 0x3000, "LO", ""); /* empty: only that it is there counts */
    }
    refused(folder, RGQ_E_UNSUPPORTED, "(0028,3000) ModalityLUTSequence: a table");
}
END_TEST

/* A value that is no number must not look like one that is absent. */
START_TEST(test_unreadable)
{
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 3, 1);
    patch_all(3, 0x10, 0x1030, "71,5");
    patch_all(3, 0x18, 0x1074, "370 MBq");
    read_heard(&scan, &h);
    says(&h, "2:(0010,1030) PatientWeight is there but is no number");
    says(&h, "2:(0018,1074) RadionuclideTotalDose is there but is no number");
    ck_assert(!scan.facts.weight_kg.known && !scan.facts.injected_activity_bq.known);
    rgq_scan_release(&scan);
}
END_TEST

/* The DICOMDIR of an export stands for its folder. */
START_TEST(test_directory)
{
    char one[RGQ_PATH_MAX];
    char directory[RGQ_PATH_MAX];
    rgq_scan scan = {0};
    make_series(folder, 5, 4, 3, 1);
    image_path(one, folder, 1);
    path_of(directory, "DICOMDIR");
    copy_file(one, directory, SIZE_MAX);
    patch(directory, 0x02, 0x02, 0, "1.2.840.10008.1.3.10");
    MUST(rgq_dicom_read(&scan, directory, NULL, NULL, err));
    ck_assert_int_eq(scan.n_files, 3);
    rgq_scan_release(&scan);
}
END_TEST

/* ---- Enhanced PET ---- */

START_TEST(test_enhanced_gated)
{
    made m = MADE_INIT;
    m.n[3] = 2;
    m.is_gated = true;
    m.has_no_times = _i == 1; /* with temporal position indices, which tell the phases apart */
    ck_assert_int_eq(make_enhanced(path, &m), 0);
    refused(folder, RGQ_E_UNSUPPORTED, "the images are gated: 2 phases of a cycle");
}
END_TEST

static void check_order(const rgq_scan *scan, const made *m)
{
    for (int t = 0; t < m->n[3]; t++)
        for (size_t i = 0; i < rgq_volume_count(scan->volume); i++) {
            const int at = (int)i;
            const double want =
                made_value(m, at % m->n[0], at / m->n[0] % m->n[1], at / m->n[0] / m->n[1], t);
            /* whole numbers below 2^24 */
            ck_assert_double_eq((double)rgq_volume_cdata(scan->volume, t)[i], want);
        }
}

/* Each frame has its own slope, also where it is not in the group made for it; and the same
 * groups in an object that calls itself classic PET. */
START_TEST(test_loose_slopes)
{
    made m = MADE_INIT;
    rgq_scan scan;
    heard h;
    m.n[3] = 2;
    m.is_legacy = m.is_loose = _i == 0;
    ck_assert_int_eq(make_enhanced(path, &m), 0);
    if (_i == 1) {
        patch(path, 0x02, 0x02, 0, "1.2.840.10008.5.1.4.1.1.128");
        patch(path, 0x08, 0x16, 0, "1.2.840.10008.5.1.4.1.1.128");
    }
    read_heard(&scan, &h);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 2);
    check_order(&scan, &m);
    ck_assert_str_eq(scan.facts.units.value, "BQML");
    rgq_scan_release(&scan);
}
END_TEST

/* ---- NM ---- */

/* A study: projections, a planar image and a map of attenuation beside the reconstruction. */
START_TEST(test_study)
{
    static const char *const types[] = {"ORIGINAL\\PRIMARY\\TOMO\\EMISSION",
                                        "ORIGINAL\\PRIMARY\\WHOLE BODY\\EMISSION",
                                        "DERIVED\\PRIMARY\\RECON TOMO\\TRANSMISSION"};
    made m = MADE_INIT;
    rgq_scan scan;
    heard h;
    for (int i = 0; i < 3; i++) {
        char name[32];
        char other[RGQ_PATH_MAX];
        made b = MADE_INIT;
        b.image_type = types[i];
        (void)snprintf(name, sizeof name, "a%d.dcm", i);
        path_of(other, name);
        ck_assert_int_eq(make_nm(other, &b), 0);
        if (i == 2)
            refused(other, RGQ_E_UNSUPPORTED, "RECON TOMO of TRANSMISSION: a map of att");
    }
    refused(folder, RGQ_E_UNSUPPORTED, "a0.dcm: (0008,0008) ImageType is TOMO");
    ck_assert_int_eq(make_nm(path, &m), 0);
    read_heard(&scan, &h);
    says(&h, "3 Nuclear Medicine files ignored, no volume: a0.dcm");
    ck_assert_int_eq(scan.n_files, 1);
    check_order(&scan, &m);
    rgq_scan_release(&scan);
}
END_TEST

/* More windows than one are no fault where they make one volume. */
START_TEST(test_windows)
{
    made m = MADE_INIT;
    rgq_scan scan;
    heard h;
    m.n_windows = 2;
    ck_assert_int_eq(make_nm(path, &m), 0);
    refused(folder, RGQ_E_UNSUPPORTED,
            "(0054,0011) NumberOfEnergyWindows is 2 and nothing tells their slices apart");
    m.has_vector = true;
    ck_assert_int_eq(make_nm(path, &m), 0);
    read_heard(&scan, &h);
    check_order(&scan, &m);
    rgq_scan_release(&scan);
    m.n_sets = 2;
    ck_assert_int_eq(make_nm(path, &m), 0);
    refused(folder, RGQ_E_UNSUPPORTED, "several volumes in one file; export each as a file");
    patch_u16(path, 0x54, 0x11, 1);
    refused(folder, RGQ_E_FORMAT, "(0054,0080) SliceVector names slice 1 more than once");
    m.n_windows = 0;
    ck_assert_int_eq(make_nm(path, &m), 0);
    refused(folder, RGQ_E_FORMAT, "(0054,0080) SliceVector names slice 1 more than once");
}
END_TEST

/* Old cameras leave out where the volume lies: its values are as good. */
START_TEST(test_no_place)
{
    made m = MADE_INIT;
    rgq_scan scan;
    heard h;
    m.has_no_place = true;
    m.has_no_direction = _i == 1;
    m.between_mm = -4.0;
    ck_assert_int_eq(make_nm(path, &m), 0);
    read_heard(&scan, &h);
    says(&h, "2:(0020,0032) ImagePositionPatient is missing");
    ck_assert_int_eq(m.has_no_direction, strstr(h.text, "check left and right") != NULL);
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    for (int c = 0; c < 3; c++) {
        double middle_mm = grid->affine[c][3];
        for (int j = 0; j < 3; j++)
            middle_mm += grid->affine[c][j] * 0.5 * (grid->n[j] - 1);
        ck_assert_double_eq_tol(middle_mm, 0.0, 1e-9);
    }
    ck_assert_double_eq_tol(grid->affine[0][0], -2.5, 1e-12);
    ck_assert_double_eq_tol(grid->affine[1][1], -3.0, 1e-12);
    ck_assert_double_eq_tol(grid->affine[2][2], 4.0, 1e-12);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_lost_memory)
{
    char one[RGQ_PATH_MAX];
    char copy[RGQ_PATH_MAX];
    rgq_scan scan = {0};
    make_series(folder, 3, 2, 2, 1);
    image_path(one, folder, 1);
    path_of(copy, "copy");
    copy_file(one, copy, SIZE_MAX);
    TORTURE(rgq_dicom_read(&scan, folder, NULL, NULL, err),
            ck_assert((scan.volume == NULL) == (torture_st != RGQ_OK)), 5);
    rgq_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("dicom_vendors", tcase_add_checked_fixture(tc, set_up, tear_down);
               tcase_add_test(tc, test_copies); tcase_add_test(tc, test_gated);
               tcase_add_loop_test(tc, test_starts, 0, 3); tcase_add_test(tc, test_midnight);
               tcase_add_test(tc, test_padding); tcase_add_test(tc, test_empty_slice);
               tcase_add_test(tc, test_palette); tcase_add_test(tc, test_views);
               tcase_add_test(tc, test_table_of_values); tcase_add_test(tc, test_unreadable);
               tcase_add_test(tc, test_directory);
               tcase_add_loop_test(tc, test_enhanced_gated, 0, 2);
               tcase_add_loop_test(tc, test_loose_slopes, 0, 2); tcase_add_test(tc, test_study);
               tcase_add_test(tc, test_windows); tcase_add_loop_test(tc, test_no_place, 0, 2);
               tcase_add_test(tc, test_lost_memory))
