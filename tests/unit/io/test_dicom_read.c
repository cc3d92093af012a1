/* Which files make a series, in which order, and what is refused. */
#include "dicom_case.h"

#include "core/banned.h"

static char folder[RGQ_PATH_MAX];

static void set_up(void)
{
    make_folder(folder);
}

static void tear_down(void)
{
    drop_folder(folder);
}

static void path_of(char out[RGQ_PATH_MAX], const char *name)
{
    MUST(rgq_path_join(out, folder, name, err));
}

/* The call must be refused with these words and leave the scan untouched. */
static void refused(const char *path, const char *uid, rgq_status want, const char *words)
{
    rgq_scan scan = {0};
    REFUSED(rgq_dicom_read(&scan, path, uid, NULL, err), want, words);
    ck_assert_ptr_null(scan.volume);
    ck_assert_ptr_null(scan.slice_time);
    ck_assert_int_eq(scan.n_files, 0);
}

static void read_heard(rgq_scan *scan, heard *h)
{
    const rgq_log log = {hear, NULL, h};
    h->text[0] = '\0';
    *scan = (rgq_scan){0};
    MUST(rgq_dicom_read(scan, folder, NULL, &log, err));
}

static void says(const heard *h, const char *words)
{
    ck_assert_msg(strstr(h->text, words) != NULL, "'%s' lacks '%s'", h->text, words);
}

static void same_voxels(const rgq_scan *a, const rgq_scan *b)
{
    for (int f = 0; f < rgq_volume_n_frames(a->volume); f++)
        ck_assert_int_eq(memcmp(rgq_volume_cdata(a->volume, f), rgq_volume_cdata(b->volume, f),
                                rgq_volume_count(a->volume) * sizeof(float)),
                         0);
}

/* Names and instance numbers say nothing about the place of a slice. */
START_TEST(test_shuffled)
{
    rgq_scan before;
    rgq_scan after;
    heard h;
    make_series(folder, 5, 4, 7, 1);
    read_heard(&before, &h);
    for (int i = 1; i <= 7; i++) {
        char from[RGQ_PATH_MAX];
        char to[RGQ_PATH_MAX];
        char name[16];
        image_path(from, folder, i);
        (void)snprintf(name, sizeof name, "%d", i * 5 % 7);
        patch(from, 0x20, 0x13, 0, name);
        path_of(to, name);
        ck_assert_int_eq(rename(from, to), 0);
    }
    read_heard(&after, &h);
    same_voxels(&before, &after);
    MUST(rgq_grid_compare(rgq_volume_grid(before.volume), rgq_volume_grid(after.volume), 1e-9,
                          err));
    rgq_scan_release(&before);
    rgq_scan_release(&after);
}
END_TEST

/* One file stands for its series; another series and other objects beside it are left out. */
START_TEST(test_one_file)
{
    char path[RGQ_PATH_MAX];
    char other[RGQ_PATH_MAX];
    rgq_scan scan = {0};
    make_series(folder, 5, 4, 3, 1);
    image_path(path, folder, 3);
    path_of(other, "other.dcm");
    copy_file(path, other, SIZE_MAX);
    patch(other, 0x20, 0x0e, 0, "1.2.3");
    MUST(rgq_dicom_read(&scan, path, NULL, NULL, err));
    ck_assert_int_eq(scan.n_files, 3);
    rgq_scan_release(&scan);
    MUST(rgq_dicom_read(&scan, other, NULL, NULL, err));
    ck_assert_int_eq(scan.n_files, 1);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_two_series)
{
    char path[RGQ_PATH_MAX];
    char other[RGQ_PATH_MAX];
    rgq_scan scan = {0};
    make_series(folder, 5, 4, 3, 1);
    image_path(path, folder, 1);
    path_of(other, "other.dcm");
    copy_file(path, other, SIZE_MAX);
    patch(other, 0x20, 0x0e, 0, "1.2.3");
    refused(folder, NULL, RGQ_E_ARGUMENT, "--series UID");
    refused(folder, NULL, RGQ_E_ARGUMENT, "1.2.3 (1 slices of 5 x 4, attenuation-corrected)");
    refused(folder, "1.2", RGQ_E_ARGUMENT, "no PET series 1.2 ");
    MUST(rgq_dicom_read(&scan, folder, "1.2.3", NULL, err));
    ck_assert_int_eq(scan.n_files, 1);
    rgq_scan_release(&scan);
}
END_TEST

/* A broken file of another series stops a run only if nobody said which series is meant. */
START_TEST(test_broken_other_series)
{
    char path[RGQ_PATH_MAX];
    char other[RGQ_PATH_MAX];
    char uid[RGQ_FACT_TEXT_MAX];
    rgq_scan scan = {0};
    make_series(folder, 5, 4, 3, 1);
    image_path(path, folder, 1);
    MUST(rgq_dicom_read(&scan, folder, NULL, NULL, err));
    (void)snprintf(uid, sizeof uid, "%s", scan.facts.series_uid.value);
    rgq_scan_release(&scan);
    path_of(other, "other.dcm");
    copy_file(path, other, SIZE_MAX);
    patch(other, 0x20, 0x0e, 0, "1.2.3");
    patch(other, 0x20, 0x32, 0, "");
    refused(folder, NULL, RGQ_E_FORMAT, "other.dcm: (0020,0032)");
    refused(other, NULL, RGQ_E_FORMAT, "other.dcm: (0020,0032)");
    MUST(rgq_dicom_read(&scan, folder, uid, NULL, err));
    ck_assert_int_eq(scan.n_files, 3);
    rgq_scan_release(&scan);
    MUST(rgq_dicom_read(&scan, path, NULL, NULL, err));
    ck_assert_int_eq(scan.n_files, 3);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_missing_slice)
{
    char path[RGQ_PATH_MAX];
    rgq_scan scan = {0};
    make_series(folder, 5, 4, 9, 1);
    MUST(rgq_dicom_read(&scan, folder, NULL, NULL, err));
    rgq_scan_release(&scan);
    image_path(path, folder, 4);
    ck_assert_int_eq(unlink(path), 0);
    refused(folder, NULL, RGQ_E_GEOMETRY, "1 slice is lacking: nothing at ");
    image_path(path, folder, 5);
    ck_assert_int_eq(unlink(path), 0);
    refused(folder, NULL, RGQ_E_GEOMETRY, "2 slices are lacking");
    refused(folder, NULL, RGQ_E_GEOMETRY, "spacing 4 mm");
}
END_TEST

/* A slice that lacks at an end leaves no gap; the stated count tells. */
START_TEST(test_missing_end)
{
    char path[RGQ_PATH_MAX];
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 4, 1);
    image_path(path, folder, 4);
    ck_assert_int_eq(unlink(path), 0);
    read_heard(&scan, &h);
    says(&h, "2:(0054,0081) NumberOfSlices is 4, the series here has 3 positions");
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_duplicate)
{
    char path[RGQ_PATH_MAX];
    char copy[RGQ_PATH_MAX];
    make_series(folder, 5, 4, 3, 1);
    image_path(path, folder, 2);
    path_of(copy, "again.dcm");
    copy_file(path, copy, SIZE_MAX);
    patch(copy, 0x08, 0x18, 0, "1.2.3"); /* or it would be a copy, which is left out */
    refused(folder, NULL, RGQ_E_GEOMETRY, "there twice");
    /* every slice twice with one time: no dynamic series */
    for (int i = 1; i <= 3; i++) {
        char name[16];
        image_path(path, folder, i);
        (void)snprintf(name, sizeof name, "copy%d", i);
        path_of(copy, name);
        copy_file(path, copy, SIZE_MAX);
        patch(copy, 0x08, 0x18, 0, "1.2.3");
    }
    path_of(copy, "again.dcm");
    ck_assert_int_eq(unlink(copy), 0);
    refused(folder, NULL, RGQ_E_GEOMETRY, "no time tells them apart");
}
END_TEST

START_TEST(test_incomplete_frame)
{
    char path[RGQ_PATH_MAX];
    make_series(folder, 5, 4, 3, 2);
    image_path(path, folder, 6);
    ck_assert_int_eq(unlink(path), 0);
    refused(folder, NULL, RGQ_E_GEOMETRY, "a frame is incomplete");
}
END_TEST

static const struct {
    const char *what;
    unsigned group, element;
    const char *value; /* or NULL: number */
    unsigned number;
    rgq_status want;
    const char *words;
} damages[] = {
    {"slope 0", 0x28, 0x1053, "0", 0, RGQ_E_FORMAT, "RescaleSlope is 0"},
    {"slope no number", 0x28, 0x1053, "1e999", 0, RGQ_E_FORMAT, "RescaleSlope is not a finite"},
    {"intercept no number", 0x28, 0x1052, "x", 0, RGQ_E_FORMAT, "RescaleIntercept is not"},
    {"no position", 0x20, 0x32, "", 0, RGQ_E_FORMAT, "ImagePositionPatient is missing"},
    {"two coordinates", 0x20, 0x32, "1\\2", 0, RGQ_E_FORMAT, "ImagePositionPatient is not"},
    {"position far away", 0x20, 0x32, "1e30\\0\\0", 0, RGQ_E_GEOMETRY, "within 100 m"},
    {"no orientation", 0x20, 0x37, "", 0, RGQ_E_FORMAT, "ImageOrientationPatient is missing"},
    {"no directions", 0x20, 0x37, "1\\0\\0\\1\\0\\0", 0, RGQ_E_GEOMETRY, "perpendicular"},
    {"other orientation", 0x20, 0x37, "1\\0\\0\\0\\1\\0", 0, RGQ_E_GEOMETRY,
     "mixes orientations"},
    {"no pixel spacing", 0x28, 0x30, "", 0, RGQ_E_FORMAT, "PixelSpacing is missing"},
    {"spacing 0", 0x28, 0x30, "0\\1", 0, RGQ_E_GEOMETRY, "PixelSpacing has 0 mm"},
    {"other spacing", 0x28, 0x30, "3\\2", 0, RGQ_E_GEOMETRY, "mixes pixel spacings"},
    {"other units", 0x54, 0x1001, "CNTS", 0, RGQ_E_FORMAT, "mixes units"},
    {"other decay", 0x54, 0x1102, "NONE", 0, RGQ_E_FORMAT, "mixes decay corrections"},
    {"no rows", 0x28, 0x10, NULL, 0, RGQ_E_FORMAT, "Rows"},
    {"too many rows", 0x28, 0x10, NULL, 60000, RGQ_E_FORMAT, "Rows"},
    {"more rows than pixels", 0x28, 0x10, NULL, 30000, RGQ_E_FORMAT, "cut short"},
    {"other size", 0x28, 0x10, NULL, 3, RGQ_E_GEOMETRY, "mixes sizes"},
    {"colour", 0x28, 0x02, NULL, 3, RGQ_E_UNSUPPORTED, "SamplesPerPixel is 3"},
    {"12 bits allocated", 0x28, 0x100, NULL, 12, RGQ_E_UNSUPPORTED, "BitsAllocated is 12"},
    {"17 bits stored", 0x28, 0x101, NULL, 17, RGQ_E_FORMAT, "BitsStored"},
    {"high bit 3", 0x28, 0x102, NULL, 3, RGQ_E_FORMAT, "HighBit"},
    {"representation 2", 0x28, 0x103, NULL, 2, RGQ_E_FORMAT, "PixelRepresentation"},
};

START_TEST(test_damaged_header)
{
    char path[RGQ_PATH_MAX];
    make_series(folder, 5, 4, 3, 1);
    image_path(path, folder, 2);
    if (damages[_i].value != NULL)
        patch(path, damages[_i].group, damages[_i].element, 0, damages[_i].value);
    else
        patch_u16(path, damages[_i].group, damages[_i].element, damages[_i].number);
    refused(folder, NULL, damages[_i].want, damages[_i].words);
    refused(folder, NULL, damages[_i].want, "IM_00002.dcm");
}
END_TEST

/* A slice moved sideways or off its place. */
START_TEST(test_uneven)
{
    char path[RGQ_PATH_MAX];
    const rgq_grid grid = rgq_grid_make((const int[3]){5, 4, 4}, (const double[3]){2, 2, 4.125},
                                        (const double[3]){0.125, 0.125, 0.125});
    const rgq_write_opts opts = {true, NULL};
    rgq_scan scan;
    make_scan(&scan, &grid, 1);
    MUST(rgq_scan_write_dicom(folder, &scan, &opts, err));
    image_path(path, folder, 2);
    patch(path, 0x20, 0x32, 0, "-.125\\-.125\\4.6");
    refused(folder, NULL, RGQ_E_GEOMETRY, "spacing is not constant");
    patch(path, 0x20, 0x32, 0, "-.9\\-.125\\4.25");
    refused(folder, NULL, RGQ_E_GEOMETRY, "do not form a block");
    patch(path, 0x20, 0x32, 0, "-.125\\-.125\\4.26"); /* 0.01 of 4.125 mm: rounding */
    rgq_scan_release(&scan);
    MUST(rgq_dicom_read(&scan, folder, NULL, NULL, err));
    rgq_scan_release(&scan);
}
END_TEST

/* Display attributes change no number; an intercept does, and is told. */
START_TEST(test_display_and_intercept)
{
    char path[RGQ_PATH_MAX];
    rgq_scan before;
    rgq_scan after;
    heard h;
    make_series(folder, 5, 4, 3, 1);
    read_heard(&before, &h);
    image_path(path, folder, 1);
    patch(path, 0x28, 0x04, 0, "MONOCHROME1");
    read_heard(&after, &h);
    same_voxels(&before, &after);
    rgq_scan_release(&after);
    patch(path, 0x28, 0x1052, 0, "-7");
    read_heard(&after, &h);
    says(&h, "2:(0028,1052) RescaleIntercept is not 0 in 1 of 3 slices");
    for (size_t i = 0; i < 60; i++)
        ck_assert_double_eq_tol((double)rgq_volume_cdata(after.volume, 0)[i],
                                (double)rgq_volume_cdata(before.volume, 0)[i] -
                                    (i < 20 ? 7.0 : 0.0),
                                1e-5); /* float of numbers near 7 */
    rgq_scan_release(&before);
    rgq_scan_release(&after);
}
END_TEST

/* One image in seven encodings (converted with DCMTK's programs) holds the same voxels:
 * implicit, big endian, without file meta information, run lengths, JPEG lossless, JPEG-LS. */
START_TEST(test_encodings)
{
    static const char *const names[] = {"implicit", "big", "bare", "rle", "jpeg", "jpegls"};
    const char *corpus = RGQ_SOURCE_DIR "/tests/fuzz/corpus/dicom";
    char path[RGQ_PATH_MAX];
    char source[RGQ_PATH_MAX];
    rgq_scan plain;
    rgq_scan other;
    heard h;

    path_of(path, "image");
    (void)snprintf(source, sizeof source, "%s/explicit.dcm", corpus);
    copy_file(source, path, SIZE_MAX);
    read_heard(&plain, &h);
    (void)snprintf(source, sizeof source, "%s/%s.dcm", corpus, names[_i]);
    copy_file(source, path, SIZE_MAX);
    ck_assert(rgq_dicom_is(path));
    read_heard(&other, &h);
    same_voxels(&plain, &other);
    ck_assert_str_eq(other.facts.nuclide.value, "^18^Fluorine");
    ck_assert_double_eq_tol(other.facts.weight_kg.value, 71.5, 1e-12);
    rgq_scan_release(&plain);
    rgq_scan_release(&other);
}
END_TEST

/* The bytes of a 5 x 4 image taken as other kinds of pixels; the slope is the file's. */
static void check_kind(unsigned allocated, unsigned stored, unsigned high, unsigned is_signed,
                       unsigned columns)
{
    char path[RGQ_PATH_MAX];
    char *bytes = NULL;
    size_t size = 0;
    size_t length = 0;
    double slope = 0.0;
    rgq_scan scan = {0};

    make_series(folder, 5, 4, 1, 1);
    image_path(path, folder, 1);
    patch_u16(path, 0x28, 0x100, allocated);
    patch_u16(path, 0x28, 0x101, stored);
    patch_u16(path, 0x28, 0x102, high);
    patch_u16(path, 0x28, 0x103, is_signed);
    patch_u16(path, 0x28, 0x11, columns);
    MUST(rgq_dicom_read(&scan, folder, NULL, NULL, err));
    read_bytes(&bytes, &size, path);
    slope = strtod(find_value(bytes, size, 0x28, 0x1053, 0, &length), NULL);
    const unsigned char *pixels = (const unsigned char *)bytes + size - 40;
    for (size_t i = 0; i < (size_t)columns * 4; i++) {
        unsigned long long bits = 0;
        for (size_t b = 0; b < allocated / 8; b++)
            bits |= (unsigned long long)pixels[i * (allocated / 8) + b] << (8 * b);
        bits = (bits >> (high + 1 - stored)) & ((1ULL << stored) - 1);
        double value = (double)bits;
        if (is_signed && (bits >> (stored - 1)) != 0)
            value -= (double)(1ULL << stored);
        /* one rounding to float */
        ck_assert_double_eq_tol((double)rgq_volume_cdata(scan.volume, 0)[i], value * slope,
                                6e-8 * fabs(value * slope) + 1e-30);
    }
    rgq_free(bytes);
    rgq_scan_release(&scan);
}

START_TEST(test_pixel_kinds)
{
    check_kind(16, 16, 15, 0, 5);
    check_kind(16, 12, 11, 0, 5);
    check_kind(16, 12, 11, 1, 5);
    check_kind(16, 12, 15, 1, 5);
    check_kind(8, 8, 7, 0, 5);
    check_kind(8, 8, 7, 1, 5);
    check_kind(32, 32, 31, 0, 2);
    check_kind(32, 32, 31, 1, 2);
}
END_TEST

/* 5 x 4 pixels of 16 bits taken as 2 x 4 of float. */
START_TEST(test_float_pixels)
{
    char path[RGQ_PATH_MAX];
    char *bytes = NULL;
    size_t size = 0;
    rgq_scan scan = {0};
    static const char head[6] = {(char)0xe0, 0x7f, 0x08, 0x00, 'O', 'F'};
    static const float values[8] = {0.0F, 1.5F, -2.0F, 1e-3F, 7.0F, 8.0F, 9.0F, 1e6F};

    make_series(folder, 5, 4, 1, 1);
    image_path(path, folder, 1);
    patch_u16(path, 0x28, 0x100, 32);
    patch_u16(path, 0x28, 0x101, 32);
    patch_u16(path, 0x28, 0x102, 31);
    patch_u16(path, 0x28, 0x11, 2);
    patch(path, 0x28, 0x1053, 0, "2");
    read_bytes(&bytes, &size, path);
    memcpy(bytes + size - 52, head, sizeof head); /* 12 bytes of head, 40 of pixels */
    memcpy(bytes + size - 40, values, sizeof values);
    MUST(rgq_file_write(path, bytes, size, true, err));
    MUST(rgq_dicom_read(&scan, folder, NULL, NULL, err));
    for (size_t i = 0; i < 8; i++)
        ck_assert(rgq_volume_cdata(scan.volume, 0)[i] == 2.0F * values[i]);
    rgq_scan_release(&scan);
    const float bad = (float)INFINITY;
    memcpy(bytes + size - 40 + 12, &bad, sizeof bad);
    MUST(rgq_file_write(path, bytes, size, true, err));
    refused(folder, NULL, RGQ_E_NUMERIC, "column 1 of row 1 is not finite");
    rgq_free(bytes);
}
END_TEST

/* Private values of two makers: in the first block, in another one, with the creator gone, and
 * in a block of somebody else. */
static const struct {
    const char *ge_creator, *philips_creator;
    unsigned creator, block;
    bool there;
} private_rows[] = {
    {"GEMS_PETD_01", "Philips PET Private Group", 0x10, 0x1000, true},
    {"GEMS_PETD_01", "Philips PET Private Group", 0x11, 0x1100, true},
    {NULL, NULL, 0x10, 0x1000, true},
    {"SOMEBODY ELSE", "SOMEBODY ELSE", 0x10, 0x1000, false},
};

START_TEST(test_private)
{
    static const unsigned patient[2] = {0x10, 0x10};
    static const unsigned pixels[2] = {0x7fe0, 0x10};
    char path[RGQ_PATH_MAX];
    rgq_scan scan;
    heard h;
    const unsigned block = private_rows[_i].block;
    const unsigned creator = private_rows[_i].creator;
    make_series(folder, 5, 4, 1, 1);
    image_path(path, folder, 1);
    if (private_rows[_i].ge_creator != NULL) {
        insert(path, patient, 0x09, creator, "LO", private_rows[_i].ge_creator);
        insert(path, pixels, 0x7053, creator, "LO", private_rows[_i].philips_creator);
    }
    insert(path, patient, 0x09, block + 0x0d, "DT", "20240301100500.00");
    insert(path, pixels, 0x7053, block, "DS", "0.000728");
    insert(path, pixels, 0x7053, block + 9, "DS", "1.25");
    read_heard(&scan, &h);
    const rgq_scan_facts *f = &scan.facts;
    ck_assert(f->ge_scan_time_s.known == private_rows[_i].there);
    ck_assert(f->philips_suv_factor.known == private_rows[_i].there);
    if (private_rows[_i].there) {
        ck_assert_double_eq_tol(f->ge_scan_time_s.value, 1709283600.0 + 3900.0, 1e-5);
        ck_assert_double_eq_tol(f->philips_suv_factor.value, 0.000728, 1e-15);
        ck_assert_double_eq_tol(f->philips_activity_factor.value, 1.25, 1e-15);
    }
    rgq_scan_release(&scan);
}
END_TEST

/* Without AcquisitionDate and AcquisitionTime the one attribute of both counts. */
START_TEST(test_acquisition_date_time)
{
    static const unsigned before[2] = {0x08, 0x30}; /* StudyTime follows it */
    char path[RGQ_PATH_MAX];
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 1, 1);
    image_path(path, folder, 1);
    patch(path, 0x08, 0x22, 0, "");
    patch(path, 0x08, 0x32, 0, "");
    insert(path, before, 0x08, 0x2a, "DT", "20240301101000.5");
    read_heard(&scan, &h);
    ck_assert_double_eq_tol(scan.facts.acquisition_time_s.value, 1709283600.0 + 4200.5, 1e-5);
    ck_assert_double_eq_tol(rgq_volume_frame(scan.volume, 0).start_s, 4200.5, 1e-5);
    rgq_scan_release(&scan);
}
END_TEST

/* Files that are no DICOM, and DICOM of other kinds, stay out and are told. */
START_TEST(test_foreign_files)
{
    char path[RGQ_PATH_MAX];
    char other[RGQ_PATH_MAX];
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 3, 1);
    path_of(other, "readme.txt");
    MUST(rgq_file_write(other, "hello", 5, false, err));
    image_path(path, folder, 1);
    path_of(other, "ct.dcm");
    copy_file(path, other, SIZE_MAX);
    patch(other, 0x02, 0x02, 0, "1.2.840.10008.5.1.4.1.1.2");
    read_heard(&scan, &h);
    says(&h, "1:1 file ignored, not DICOM (readme.txt)");
    says(&h, "1:1 DICOM file ignored: CTImageStorage");
    ck_assert_int_eq(scan.n_files, 3);
    rgq_scan_release(&scan);
    refused(other, NULL, RGQ_E_UNSUPPORTED, "ct.dcm is of kind CTImageStorage");
    path_of(path, "readme.txt");
    refused(path, NULL, RGQ_E_FORMAT, "no DICOM file");
}
END_TEST

START_TEST(test_is)
{
    char path[RGQ_PATH_MAX];
    ck_assert(!rgq_dicom_is(folder));
    ck_assert(!rgq_dicom_is("/nonexistent/path"));
    path_of(path, "text");
    MUST(rgq_file_write(path, "\x08 no data set, but it starts like one", 38, false, err));
    ck_assert(!rgq_dicom_is(path));
    ck_assert(!rgq_dicom_is(folder));
    refused(folder, NULL, RGQ_E_FORMAT, "holds no DICOM file");
    make_series(folder, 5, 4, 1, 1);
    ck_assert(rgq_dicom_is(folder));
    image_path(path, folder, 1);
    ck_assert(rgq_dicom_is(path));
    refused("/nonexistent/path", NULL, RGQ_E_IO, "nonexistent");
    ck_assert_str_eq(rgq_dicom_version(), "3.6.7");
}
END_TEST

/* What the header says of patient and dose in unusual ways. */
START_TEST(test_doubtful_facts)
{
    char path[RGQ_PATH_MAX];
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 1, 1);
    image_path(path, folder, 1);
    patch(path, 0x18, 0x1074, 0, "370");
    patch(path, 0x18, 0x1072, 0, "083000");
    patch(path, 0x10, 0x1030, 0, "0");
    patch(path, 0x10, 0x10, 0, "Doe^Jane");
    patch(path, 0x08, 0x70, 0, "M\xfcll");
    read_heard(&scan, &h);
    says(&h,
         "2:(0018,1074) RadionuclideTotalDose is 370: below 10 kBq, so it is taken for MBq");
    says(&h, "two times of the injection, 1800 s apart: (0018,1078)");
    ck_assert_double_eq_tol(scan.facts.injected_activity_bq.value, 3.7e8, 1e-3);
    ck_assert_str_eq(scan.facts.injected_activity_bq.origin,
                     "(0018,1074) RadionuclideTotalDose, written in MBq");
    ck_assert(scan.facts.weight_kg.known); /* and the plan says that it is 0 */
    ck_assert_double_eq(scan.facts.weight_kg.value, 0.0);
    ck_assert(scan.identifiers_present);
    /* the file says UTF-8, and this is none */
    ck_assert_str_eq(scan.facts.manufacturer.value, "M?ll");
    rgq_scan_release(&scan);
}
END_TEST

/* An injection dated after the scan (dates shifted apart): frames count from the series. */
START_TEST(test_injection_after_scan)
{
    char path[RGQ_PATH_MAX];
    rgq_scan scan;
    heard h;
    make_series(folder, 5, 4, 1, 1);
    image_path(path, folder, 1);
    patch(path, 0x18, 0x1078, 0, "20240302090000");
    read_heard(&scan, &h);
    ck_assert_double_eq_tol(scan.facts.injection_time_s.value, 1709283600.0 + 86400.0, 1e-5);
    ck_assert_double_eq_tol(scan.facts.time_zero_s.value, 1709287200.0, 1e-5);
    ck_assert_double_eq_tol(rgq_volume_frame(scan.volume, 0).start_s, 0.0, 1e-5);
    rgq_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("dicom_read", tcase_add_checked_fixture(tc, set_up, tear_down);
               tcase_add_test(tc, test_shuffled); tcase_add_test(tc, test_one_file);
               tcase_add_test(tc, test_two_series); tcase_add_test(tc, test_missing_slice);
               tcase_add_test(tc, test_missing_end); tcase_add_test(tc, test_duplicate);
               tcase_add_test(tc, test_incomplete_frame);
               tcase_add_loop_test(tc, test_damaged_header, 0, ROWS(damages));
               tcase_add_test(tc, test_uneven); tcase_add_test(tc, test_display_and_intercept);
               tcase_add_loop_test(tc, test_encodings, 0, 6);
               tcase_add_test(tc, test_pixel_kinds); tcase_add_test(tc, test_float_pixels);
               tcase_add_loop_test(tc, test_private, 0, ROWS(private_rows));
               tcase_add_test(tc, test_acquisition_date_time);
               tcase_add_test(tc, test_broken_other_series);
               tcase_add_test(tc, test_foreign_files); tcase_add_test(tc, test_is);
               tcase_add_test(tc, test_doubtful_facts);
               tcase_add_test(tc, test_injection_after_scan))
