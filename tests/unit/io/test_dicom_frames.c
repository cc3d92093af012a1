/* Enhanced PET, NM tomograms, folders below the one given, and the ways pixels are packed. */
#include <sys/stat.h>

#include "dicom_case.h"
#include "dicom_make.h"

#include "core/banned.h"

static char folder[RGQ_PATH_MAX];
static char path[RGQ_PATH_MAX]; /* of the only file */

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
}

static void read_heard(rgq_scan *scan, heard *h)
{
    const rgq_log log = {hear, NULL, h};
    *h = (heard){""};
    MUST(rgq_dicom_read(scan, folder, NULL, &log, err));
}

static void says(const heard *h, const char *words)
{
    ck_assert_msg(strstr(h->text, words) != NULL, "'%s' is not in: %s", words, h->text);
}

/* Every voxel tells its place in the object; the grid must put it there. `step_mm`: signed
 * distance from slice to slice along the normal; `scale`: value over stored number. The number
 * of a slice in the volume grows with its position, whatever the order in the file. */
static void check_places(const rgq_scan *scan, const made *m, double step_mm, double scale)
{
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    const double *o = m->direction;
    const double normal[3] = {o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5],
                              o[0] * o[4] - o[1] * o[3]};
    for (int c = 0; c < 3; c++)
        ck_assert_int_eq(grid->n[c], m->n[c]);
    ck_assert_int_eq(rgq_volume_n_frames(scan->volume), m->n[3]);
    for (int t = 0; t < m->n[3]; t++)
        for (size_t i = 0; i < rgq_volume_count(scan->volume); i++) {
            const double got = (double)rgq_volume_cdata(scan->volume, t)[i] / scale;
            const int at = (int)lround(got / 6.0) - 1 - t * (int)rgq_volume_count(scan->volume);
            const int voxel[3] = {at % m->n[0], at / m->n[0] % m->n[1], at / m->n[0] / m->n[1]};
            const int index[3] = {(int)i % m->n[0], (int)i / m->n[0] % m->n[1],
                                  (int)i / m->n[0] / m->n[1]};
            /* floats of 24 bits hold these numbers to 1e-7 */
            ck_assert_double_eq_tol(got, made_value(m, voxel[0], voxel[1], voxel[2], t),
                                    1e-6 * got);
            for (int c = 0; c < 3; c++) {
                const double sign = c < 2 ? -1.0 : 1.0;
                const double lps = m->origin_mm[c] + voxel[0] * m->spacing_mm[0] * o[c] +
                                   voxel[1] * m->spacing_mm[1] * o[3 + c] +
                                   voxel[2] * step_mm * normal[c];
                double here = grid->affine[c][3];
                for (int j = 0; j < 3; j++)
                    here += grid->affine[c][j] * index[j];
                ck_assert_double_eq_tol(here, sign * lps, 1e-4); /* DS: 8 digits */
            }
        }
}

/* ---- Enhanced PET ---- */

static const struct {
    bool is_legacy, is_mapped, has_no_times, lies;
    int nt;
    int pixel_kind;
} enhanced[] = {
    {false, false, false, false, 1, 0}, {false, false, false, true, 3, 0},
    {false, true, false, false, 1, 1},  {false, true, false, true, 3, 2},
    {true, false, false, false, 3, 0},  {false, false, true, false, 3, 3},
    {false, false, false, false, 2, 4},
};

START_TEST(test_enhanced)
{
    made m = MADE_INIT;
    rgq_scan scan = {0};
    heard h;
    const double s = sqrt(0.5);
    const double oblique[6] = {s, s, 0.0, 0.0, 0.0, -1.0};
    m.is_legacy = enhanced[_i].is_legacy;
    m.is_mapped = enhanced[_i].is_mapped;
    m.has_no_times = enhanced[_i].has_no_times;
    m.lies_in_index = enhanced[_i].lies;
    m.n[3] = enhanced[_i].nt;
    m.pixel_kind = enhanced[_i].pixel_kind;
    m.dose = 3.7e8;
    memcpy(m.direction, oblique, sizeof oblique);
    ck_assert_int_eq(make_enhanced(path, &m), 0);
    read_heard(&scan, &h);
    check_places(&scan, &m, m.spacing_mm[2], 1.0);
    ck_assert_str_eq(scan.format, "DICOM Enhanced PET");
    ck_assert_int_eq(scan.n_files, 1);
    ck_assert_str_eq(scan.facts.units.value, "BQML");
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_str_eq(scan.facts.decay_correction.value, "START");
    ck_assert_double_eq(scan.facts.injected_activity_bq.value, 3.7e8);
    ck_assert_double_eq(scan.facts.half_life_s.value, 6586.2);
    ck_assert_double_eq(scan.facts.weight_kg.value, 70.0);
    ck_assert(scan.facts.decay_reference_s.known == !m.is_legacy);
    if (!m.is_legacy)
        ck_assert_double_eq(scan.facts.series_time_s.value - scan.facts.decay_reference_s.value,
                            10.0);
    for (int t = 0; t < m.n[3] && !m.has_no_times; t++) {
        const rgq_slice_time *at = &scan.slice_time[(size_t)t * (size_t)m.n[2]];
        ck_assert_double_eq(at->acquisition_s - scan.facts.series_time_s.value, 60.0 * t);
        ck_assert_double_eq(at->duration_s, 60.0);
        ck_assert_double_eq(at->reference_s, 60.0 * t + 30.0);
        ck_assert_double_eq(rgq_volume_frame(scan.volume, t).start_s, 3600.0 + 60.0 * t);
    }
    rgq_scan_release(&scan);
}
END_TEST

/* Two objects of one series at the same
 * places are refused. */
START_TEST(test_enhanced_refusals)
{
    char other[RGQ_PATH_MAX];
    made m = MADE_INIT;
    ck_assert_int_eq(make_enhanced(path, &m), 0);
    path_of(other, "two.dcm");
    copy_file(path, other, SIZE_MAX);
    patch(other, 0x08, 0x18, 0, "2.25.7.9");
    refused(folder, RGQ_E_GEOMETRY, "two slices lie at the same position");
    (void)unlink(other);
    m.n_frames_stated = 4;
    ck_assert_int_eq(make_enhanced(path, &m), 0);
    refused(folder, RGQ_E_FORMAT, "NumberOfFrames is 4, (5200,9230) describes 5 frames");
    m.n_frames_stated = 1 << 20; /* 25 MB claimed */
    ck_assert_int_eq(make_enhanced(path, &m), 0);
    refused(folder, RGQ_E_FORMAT, "NumberOfFrames is not a count");
    m.n_frames_stated = 900000;
    ck_assert_int_eq(make_enhanced(path, &m), 0);
    refused(folder, RGQ_E_FORMAT, "pixel data has 120 bytes");
}
END_TEST

/* ---- NM ---- */

static const struct {
    double between_mm;
    const char *unit_code, *units;
    double slope, scale;
    bool has_vector;
    int pixel_kind;
    const char *stated; /* facts.units */
} nm[] = {
    {4.0, "", "", 0.0, 1.0, false, 1, "CNTS"},
    {-4.0, "", "", 0.0, 1.0, true, 1, "CNTS"},
    {-4.0, "Bq/ml", "", 0.0, 0.5, true, 1, "BQML"},
    {4.0, "MBq/ml", "", 0.0, 0.5, false, 0, "MBq/mL"},
    {0.0, "", "CNTS", 2.0, 2.0, false, 1, "CNTS"},
    {-4.0, "", "BQML", 3.0, 3.0, false, 2, "BQML"},
};

START_TEST(test_nm)
{
    made m = MADE_INIT;
    rgq_scan scan = {0};
    heard h;
    const double sagittal[6] = {0, 1, 0, 0, 0, -1};
    m.between_mm = nm[_i].between_mm;
    m.unit_code = nm[_i].unit_code;
    m.units = nm[_i].units;
    m.slope = nm[_i].slope;
    m.has_vector = nm[_i].has_vector;
    m.pixel_kind = nm[_i].pixel_kind;
    if (_i % 2 == 1)
        memcpy(m.direction, sagittal, sizeof sagittal);
    ck_assert_int_eq(make_nm(path, &m), 0);
    read_heard(&scan, &h);
    check_places(&scan, &m, m.between_mm != 0.0 ? m.between_mm : m.spacing_mm[2], nm[_i].scale);
    ck_assert_str_eq(scan.format, "DICOM NM");
    ck_assert_str_eq(scan.facts.units.value, nm[_i].stated);
    ck_assert_int_eq(rgq_volume_unit(scan.volume),
                     strcmp(nm[_i].stated, "BQML") == 0 ? RGQ_UNIT_BQ_ML : RGQ_UNIT_NATIVE);
    ck_assert_double_eq(scan.facts.injected_activity_bq.value, 3.7e8);
    ck_assert_double_eq(scan.slice_time[0].duration_s, 1200.0);
    ck_assert_double_eq(scan.slice_time[0].acquisition_s - scan.facts.series_time_s.value,
                        300.0);
    says(&h, "energy window 126 to 154 keV");
    ck_assert_int_eq(m.between_mm == 0.0,
                     strstr(h.text, "SpacingBetweenSlices is missing: 4 mm") != NULL);
    rgq_scan_release(&scan);
}
END_TEST

static const struct {
    const char *type, *words;
} planar[] = {
    {"ORIGINAL\\PRIMARY\\TOMO\\EMISSION", "ImageType is TOMO with 5 frames: raw projections"},
    {"ORIGINAL\\PRIMARY\\GATED TOMO", "raw gated projections"},
    {"ORIGINAL\\PRIMARY\\RECON GATED TOMO", "each phase of a cycle"},
    {"ORIGINAL\\PRIMARY\\STATIC", "ImageType is STATIC with 5 frames: a planar image, not a"},
    {"ORIGINAL\\PRIMARY\\WHOLE BODY", "a planar image, not a volume"},
    {"ORIGINAL\\PRIMARY\\DYNAMIC", "not a volume"},
    {"ORIGINAL\\PRIMARY\\GATED", "not a volume"},
    {"ORIGINAL\\PRIMARY", "ImageType is ''"},
};

START_TEST(test_nm_planar)
{
    made m = MADE_INIT;
    m.image_type = planar[_i].type;
    ck_assert_int_eq(make_nm(path, &m), 0);
    refused(folder, RGQ_E_UNSUPPORTED, planar[_i].words);
    refused(path, RGQ_E_UNSUPPORTED, planar[_i].words);
}
END_TEST

/* Two reconstructions in one series: each is a volume when it is named. */
START_TEST(test_nm_by_name)
{
    char other[RGQ_PATH_MAX];
    made m = MADE_INIT;
    rgq_scan scan = {0};
    ck_assert_int_eq(make_nm(path, &m), 0);
    path_of(other, "two.dcm");
    copy_file(path, other, SIZE_MAX);
    patch(other, 0x08, 0x18, 0, "2.25.7.9");
    refused(folder, RGQ_E_ARGUMENT, "several Nuclear Medicine volumes, each a file");
    MUST(rgq_dicom_read(&scan, other, NULL, NULL, err));
    check_places(&scan, &m, 4.0, 1.0);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_nm_claims)
{
    made m = MADE_INIT;
    m.n_frames_stated = 2000;
    ck_assert_int_eq(make_nm(path, &m), 0);
    refused(folder, RGQ_E_FORMAT, "the file is cut short or damaged");
    m.n_frames_stated = 4; /* fewer than are there: the vector says five */
    m.has_vector = true;
    ck_assert_int_eq(make_nm(path, &m), 0);
    refused(folder, RGQ_E_FORMAT, "SliceVector has 5 numbers for 4 frames");
    m = (made)MADE_INIT;
    m.between_mm = 0.0;
    m.spacing_mm[2] = 0.0;
    ck_assert_int_eq(make_nm(path, &m), 0);
    refused(folder, RGQ_E_GEOMETRY, "how far the slices are apart");
}
END_TEST

/* ---- packing ---- */

static const char *const syntaxes[] = {"deflate", "rle", "jpeg", "jpegls", "big", "implicit"};

START_TEST(test_recoded)
{
    char packed[RGQ_PATH_MAX];
    made m = MADE_INIT;
    rgq_scan scan = {0};
    m.pixel_kind = 1;
    m.n[3] = 2;
    ck_assert_int_eq(make_enhanced(path, &m), 0);
    path_of(packed, "packed.dcm");
    ck_assert_int_eq(recode(path, packed, syntaxes[_i]), 0);
    (void)unlink(path);
    MUST(rgq_dicom_read(&scan, folder, NULL, NULL, err));
    check_places(&scan, &m, 4.0, 1.0);
    ck_assert_str_eq(scan.facts.units.value, "BQML");
    rgq_scan_release(&scan);
    m.n[3] = 1;
    m.between_mm = -4.0;
    ck_assert_int_eq(make_nm(path, &m), 0);
    ck_assert_int_eq(recode(path, packed, syntaxes[_i]), 0);
    (void)unlink(path);
    MUST(rgq_dicom_read(&scan, packed, NULL, NULL, err));
    check_places(&scan, &m, -4.0, 1.0);
    rgq_scan_release(&scan);
}
END_TEST

/* ---- folders ---- */

/* A single PET frame that calls itself something else lacks what that has to have. */
START_TEST(test_other_kinds)
{
    make_series(folder, 5, 4, 1, 1);
    image_path(path, folder, 1);
    patch(path, 0x02, 0x02, 0, "1.2.840.10008.5.1.4.1.1.20");
    patch(path, 0x08, 0x16, 0, "1.2.840.10008.5.1.4.1.1.20");
    refused(folder, RGQ_E_UNSUPPORTED, "ImageType is '' in a Nuclear Medicine image");
    patch(path, 0x02, 0x02, 0, "1.2.840.10008.5.1.4.1.1.130");
    patch(path, 0x08, 0x16, 0, "1.2.840.10008.5.1.4.1.1.130");
    refused(folder, RGQ_E_FORMAT, "PerFrameFunctionalGroupsSequence is missing");
    refused(path, RGQ_E_FORMAT, "PerFrameFunctionalGroupsSequence is missing");
}
END_TEST

/* As scanners export: study/series/files, with a DICOMDIR on top. */
START_TEST(test_below)
{
    char below[RGQ_PATH_MAX];
    char deeper[RGQ_PATH_MAX];
    rgq_scan scan = {0};
    path_of(below, "STUDY");
    ck_assert_int_eq(mkdir(below, 0700), 0);
    MUST(rgq_path_join(deeper, below, "SERIES", err));
    make_series(deeper, 5, 4, 3, 1);
    ck_assert(rgq_dicom_is(folder));
    image_path(path, deeper, 1);
    char directory[RGQ_PATH_MAX];
    path_of(directory, "DICOMDIR");
    copy_file(path, directory, SIZE_MAX);
    patch(directory, 0x02, 0x02, 0, "1.2.840.10008.1.3.10");
    MUST(rgq_dicom_read(&scan, folder, NULL, NULL, err));
    ck_assert_int_eq(scan.n_files, 3);
    ck_assert_int_eq(rgq_volume_grid(scan.volume)->n[2], 3);
    rgq_scan_release(&scan);
    drop_folder(deeper);
    ck_assert_int_eq(rmdir(below), 0);
}
END_TEST

/* ---- classic series that are more than one static bed ---- */

/* The second bed two minutes later: still one volume, and each slice keeps its time. */
START_TEST(test_two_beds)
{
    char one[RGQ_PATH_MAX];
    rgq_scan scan = {0};
    make_series(folder, 3, 2, 6, 1);
    for (int i = 4; i <= 6; i++) {
        image_path(one, folder, i);
        patch(one, 0x08, 0x32, 0, "100200");
    }
    MUST(rgq_dicom_read(&scan, folder, NULL, NULL, err));
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 1);
    ck_assert_int_eq(rgq_volume_grid(scan.volume)->n[2], 6);
    for (int k = 0; k < 6; k++)
        ck_assert_double_eq(scan.slice_time[k].acquisition_s - scan.facts.series_time_s.value,
                            k < 3 ? 0.0 : 120.0);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_spect_as_pet)
{
    const rgq_write_opts opts = {true, NULL};
    const rgq_grid grid = oblique_grid(3, 2, 2);
    rgq_scan scan;
    rgq_scan back = {0};
    heard h;
    make_scan(&scan, &grid, 1);
    rgq_fact_text_set(&scan.facts.nuclide, "Tc-99m", "test");
    MUST(rgq_scan_write_dicom(folder, &scan, &opts, err));
    read_heard(&back, &h);
    says(&h, "^99m^Technetium");
    says(&h, "SPECT stored as images of modality PT");
    rgq_scan_release(&scan);
    rgq_scan_release(&back);
    make_series(folder, 3, 2, 2, 1);
    read_heard(&back, &h);
    ck_assert_ptr_null(strstr(h.text, "SPECT"));
    rgq_scan_release(&back);
}
END_TEST

/* ---- hostile ---- */

/* A claim of 43 MB in a deflated file of 1 kB; one of 11 GB in a plain one. */
START_TEST(test_deflated_claim)
{
    made m = MADE_INIT;
    m.n_frames_stated = 900000;
    ck_assert_int_eq(make_nm(path, &m), 0);
    ck_assert_int_eq(recode(path, path, "deflate"), 0);
    refused(folder, RGQ_E_FORMAT, "the file is cut short or damaged");
    m = (made)MADE_INIT;
    ck_assert_int_eq(make_nm(path, &m), 0);
    patch_u16(path, 0x28, 0x10, 65535);
    refused(folder, RGQ_E_FORMAT, "(0028,0010) Rows");
    patch_u16(path, 0x28, 0x10, 32767);
    patch_u16(path, 0x28, 0x11, 32767);
    refused(folder, RGQ_E_FORMAT, "the file is cut short or damaged");
}
END_TEST

static rgq_status read_any(void)
{
    rgq_scan scan = {0};
    rgq_error found = RGQ_ERROR_INIT;
    const rgq_status st = rgq_dicom_read(&scan, folder, NULL, NULL, &found);
    ck_assert((st == RGQ_OK) == (scan.volume != NULL));
    if (st != RGQ_OK)
        ck_assert_int_gt((int)strlen(found.message), 10);
    rgq_scan_release(&scan);
    return st;
}

static void make_kind(const char *to, int kind)
{
    made m = MADE_INIT;
    const made small = {.n = {2, 2, 2, 2}};
    memcpy(m.n, small.n, sizeof m.n);
    if (kind == 1)
        m.n[3] = 1;
    ck_assert_int_eq(kind == 1 ? make_nm(to, &m) : make_enhanced(to, &m), 0);
    if (kind == 2)
        ck_assert_int_eq(recode(to, to, "deflate"), 0);
    if (kind == 3)
        ck_assert_int_eq(recode(to, to, "rle"), 0);
}

/* Kinds: Enhanced, NM, deflated, RLE. A trailing byte or two of RLE may lack unnoticed. */
START_TEST(test_truncated)
{
    char *bytes = NULL;
    size_t size = 0;
    make_kind(path, _i);
    read_bytes(&bytes, &size, path);
    for (size_t keep = 132; keep + 20 < size; keep += 23) {
        MUST(rgq_file_write(path, bytes, keep, true, err));
        const rgq_status st = read_any();
        ck_assert_msg(st != RGQ_OK, "%zu of %zu bytes were read", keep, size);
    }
    rgq_free(bytes);
}
END_TEST

START_TEST(test_flipped)
{
    char *bytes = NULL;
    size_t size = 0;
    unsigned state = 20240301U;
    int n_refused = 0;
    make_kind(path, _i);
    read_bytes(&bytes, &size, path);
    for (int i = 0; i < 600; i++) {
        state = state * 1664525U + 1013904223U;
        const size_t at = 132 + (state >> 8U) % (size - 132);
        const char was = bytes[at];
        bytes[at] = (char)(was ^ (char)(1U << (state >> 5U) % 8U));
        MUST(rgq_file_write(path, bytes, size, true, err));
        bytes[at] = was;
        n_refused += read_any() != RGQ_OK;
    }
    ck_assert_int_gt(n_refused, 50);
    rgq_free(bytes);
}
END_TEST

START_TEST(test_lost_memory)
{
    rgq_scan scan = {0};
    make_kind(path, _i);
    TORTURE(rgq_dicom_read(&scan, folder, NULL, NULL, err),
            ck_assert((scan.volume == NULL) == (torture_st != RGQ_OK)), 5);
    rgq_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("dicom_frames", tcase_add_checked_fixture(tc, set_up, tear_down);
               tcase_add_loop_test(tc, test_enhanced, 0, ROWS(enhanced));
               tcase_add_test(tc, test_enhanced_refusals);
               tcase_add_loop_test(tc, test_nm, 0, ROWS(nm));
               tcase_add_loop_test(tc, test_nm_planar, 0, ROWS(planar));
               tcase_add_test(tc, test_nm_by_name); tcase_add_test(tc, test_nm_claims);
               tcase_add_loop_test(tc, test_recoded, 0, ROWS(syntaxes));
               tcase_add_test(tc, test_other_kinds); tcase_add_test(tc, test_below);
               tcase_add_test(tc, test_two_beds); tcase_add_test(tc, test_spect_as_pet);
               tcase_add_test(tc, test_deflated_claim);
               tcase_add_loop_test(tc, test_truncated, 0, 4);
               tcase_add_loop_test(tc, test_flipped, 0, 4);
               tcase_add_loop_test(tc, test_lost_memory, 0, 4))
