/* Cut, flipped and made-up files: one clear refusal or a scan, never a crash. */
#include <unistd.h>

#include "dicom_case.h"
#include "io/dicom_file.h"

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

/* Read whatever stands there; a refusal must have words and leave nothing behind. */
static rgq_status read_any(void)
{
    rgq_scan scan = {0};
    rgq_error found = RGQ_ERROR_INIT;
    const rgq_status st = rgq_dicom_read(&scan, folder, NULL, NULL, &found);
    if (st == RGQ_OK) {
        ck_assert_ptr_nonnull(scan.volume);
        MUST(rgq_grid_check(rgq_volume_grid(scan.volume), err));
    } else {
        ck_assert_ptr_null(scan.volume);
        ck_assert_int_gt((int)strlen(found.message), 10);
        ck_assert_ptr_null(strchr(found.message, '\n'));
    }
    rgq_scan_release(&scan);
    return st;
}

/* The pixels stand last, so that every cut loses some. Lengths below 132 are no DICOM file any
 * more: then the gap they leave is refused. */
START_TEST(test_truncated)
{
    char path[RGQ_PATH_MAX];
    char *bytes = NULL;
    size_t size = 0;
    make_series(folder, 3, 2, 4, 1);
    image_path(path, folder, 2);
    read_bytes(&bytes, &size, path);
    for (size_t keep = 0; keep < size; keep += keep < 400 ? 7 : 13) {
        MUST(rgq_file_write(path, bytes, keep, true, err));
        const rgq_status st = read_any();
        ck_assert_msg(st == (keep < 132 ? RGQ_E_GEOMETRY : RGQ_E_FORMAT),
                      "%zu of %zu bytes gave %s", keep, size, rgq_status_name(st));
    }
    rgq_free(bytes);
}
END_TEST

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8U;
}

START_TEST(test_flipped)
{
    char path[RGQ_PATH_MAX];
    char *bytes = NULL;
    size_t size = 0;
    unsigned state = 20240301U;
    int refused = 0;
    make_series(folder, 3, 2, 1, 1);
    image_path(path, folder, 1);
    read_bytes(&bytes, &size, path);
    for (int i = 0; i < 1500; i++) {
        const size_t at = 128 + next_random(&state) % (size - 128);
        const char was = bytes[at];
        bytes[at] = (char)(was ^ (char)(1U << next_random(&state) % 8U));
        MUST(rgq_file_write(path, bytes, size, true, err));
        bytes[at] = was;
        refused += read_any() != RGQ_OK;
    }
    ck_assert_int_gt(refused, 250); /* the flips do reach what is checked */
    rgq_free(bytes);
}
END_TEST

/* A file of nested sequences: a recursive parser would run out of stack. */
START_TEST(test_nested)
{
    enum { DEPTH = 200000 };
    static const unsigned char sequence[8] = {0x08, 0x00, 0x40, 0x11, 0xff, 0xff, 0xff, 0xff};
    static const unsigned char item[8] = {0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff};
    static const unsigned char first[12] = {8, 0, 8, 0, 4, 0, 0, 0, 'A', 'B', 'C', 'D'};
    char path[RGQ_PATH_MAX];
    unsigned char *bytes = NULL;
    const size_t size = 12 + (size_t)DEPTH * 16;
    MUST(rgq_alloc(&bytes, size, 1, err));
    memcpy(bytes, first, 12);
    for (size_t i = 0; i < DEPTH; i++) {
        memcpy(bytes + 12 + 16 * i, sequence, 8);
        memcpy(bytes + 20 + 16 * i, item, 8);
    }
    MUST(rgq_path_join(path, folder, "bomb", err));
    MUST(rgq_file_write(path, bytes, size, false, err));
    rgq_free(bytes);
    rgq_scan scan = {0};
    REFUSED(rgq_dicom_read(&scan, folder, NULL, NULL, err), RGQ_E_FORMAT, "sequence items");
}
END_TEST

/* As deep as is let through. */
START_TEST(test_nested_allowed)
{
    static const unsigned char sequence[4] = {0x08, 0x00, 0x40, 0x11};
    static const unsigned char item[4] = {0xfe, 0xff, 0x00, 0xe0};
    char path[RGQ_PATH_MAX];
    unsigned char bytes[12 + 2000 * 16] = {8, 0, 8, 0, 4, 0, 0, 0, 'A', 'B', 'C', 'D'};
    for (size_t i = 0; i < 2000; i++) {
        unsigned char *at = bytes + 12 + 16 * i;
        memset(at, 0xff, 16);
        memcpy(at, sequence, 4);
        memcpy(at + 8, item, 4);
    }
    MUST(rgq_path_join(path, folder, "deep", err));
    MUST(rgq_file_write(path, bytes, sizeof bytes, false, err));
    ck_assert_int_ne(read_any(), RGQ_OK);
}
END_TEST

/* A tiny compressed file that claims a large image must not make anybody allocate it. */
START_TEST(test_compressed_claim)
{
    char path[RGQ_PATH_MAX];
    make_series(folder, 3, 2, 1, 1);
    image_path(path, folder, 1);
    patch(path, 0x02, 0x10, 0, "1.2.840.10008.1.2.5");
    patch_u16(path, 0x28, 0x10, 30000);
    patch_u16(path, 0x28, 0x11, 30000);
    rgq_scan scan = {0};
    REFUSED(rgq_dicom_read(&scan, folder, NULL, NULL, err), RGQ_E_FORMAT, "IM_00001.dcm");
}
END_TEST

/* The transfer syntax becomes one that needs two letters more. */
static void set_syntax(const char *path, const char *uid)
{
    char *bytes = NULL;
    char *longer = NULL;
    size_t size = 0;
    size_t length = 0;
    read_bytes(&bytes, &size, path);
    char *at = find_value(bytes, size, 0x02, 0x10, 0, &length);
    const size_t head = (size_t)(at - bytes);
    ck_assert_uint_eq(length + 2, strlen(uid));
    MUST(rgq_alloc(&longer, size + 2, 1, err));
    memcpy(longer, bytes, head);
    memcpy(longer + head, uid, length + 2);
    memcpy(longer + head + length + 2, at + length, size - head - length);
    longer[head - 2] = (char)(length + 2);
    longer[140] = (char)(longer[140] + 2); /* length of group 0002 */
    MUST(rgq_file_write(path, longer, size + 2, true, err));
    rgq_free(bytes);
    rgq_free(longer);
}

START_TEST(test_unreadable_syntaxes)
{
    char path[RGQ_PATH_MAX];
    rgq_scan scan = {0};
    make_series(folder, 3, 2, 1, 1);
    image_path(path, folder, 1);
    set_syntax(path, "1.2.840.10008.1.2.1.99");
    REFUSED(rgq_dicom_read(&scan, folder, NULL, NULL, err), RGQ_E_FORMAT,
            "deflated data set is damaged");
    copy_file(RGQ_SOURCE_DIR "/tests/fuzz/corpus/dicom/rle.dcm", path, SIZE_MAX);
    set_syntax(path, "1.2.840.10008.1.2.4.90");
    REFUSED(rgq_dicom_read(&scan, folder, NULL, NULL, err), RGQ_E_UNSUPPORTED, "JPEG 2000");
}
END_TEST

/* libFuzzer found it: DCMTK never leaves a TEM marker before the frame header. Without the
 * check this test ends by the alarm. */
START_TEST(test_jpeg_marker_that_hangs_dcmtk)
{
    char path[RGQ_PATH_MAX];
    rgq_scan scan = {0};

    (void)snprintf(path, sizeof path, "%.4000s/image", folder);
    copy_file(RGQ_SOURCE_DIR "/tests/fuzz/corpus/dicom/jpeg-tem.dcm", path, SIZE_MAX);
    (void)alarm(20);
    REFUSED(rgq_dicom_read(&scan, path, NULL, NULL, err), RGQ_E_FORMAT,
            "marker FF01 at byte 20 of a fragment");
    (void)alarm(0);
}
END_TEST

START_TEST(test_jpeg_markers)
{
    static const unsigned char good[] = {0xff, 0xd8, 0xff, 0xe0, 0, 3, 1, 0xff, 0xc3, 0, 11, 8};
    static const unsigned char tem[] = {0xff, 0xd8, 0xff, 0x01, 0xff, 0xc3, 0, 11, 8};
    static const unsigned char later[] = {0xff, 0xd8, 0xff, 0xc3, 0, 3, 8, 0xff, 0x01, 0, 0, 0};
    static const unsigned char past[] = {0xff, 0xe0, 0xff, 0xff, 0xff, 0x01, 0, 0};

    MUST(rgq_dicom_jpeg_check(good, sizeof good, err));
    MUST(rgq_dicom_jpeg_check(later, sizeof later, err)); /* behind the frame header */
    MUST(rgq_dicom_jpeg_check(past, sizeof past, err));   /* a length beyond the end */
    MUST(rgq_dicom_jpeg_check(good, 0, err));
    REFUSED(rgq_dicom_jpeg_check(tem, sizeof tem, err), RGQ_E_FORMAT, "byte 2");
    MUST(rgq_dicom_jpeg_check(tem, 6, err)); /* too short for DCMTK to look at */
}
END_TEST

RGQ_CHECK_MAIN("dicom_hostile", tcase_add_checked_fixture(tc, set_up, tear_down);
               tcase_add_test(tc, test_truncated); tcase_add_test(tc, test_flipped);
               tcase_add_test(tc, test_nested); tcase_add_test(tc, test_nested_allowed);
               tcase_add_test(tc, test_compressed_claim);
               tcase_add_test(tc, test_unreadable_syntaxes);
               tcase_add_test(tc, test_jpeg_marker_that_hangs_dcmtk);
               tcase_add_test(tc, test_jpeg_markers))
