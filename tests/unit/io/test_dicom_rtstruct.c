/* Structure sets by hand: contours to voxels, what is left out, what is refused. */
#include <zlib.h>

#include "dicom_bytes.h"
#include "dicom_case.h"

#include "core/banned.h"

static char folder[RGQ_PATH_MAX];
static char file[RGQ_PATH_MAX];
static heard said;
static dicom_bytes bytes;
static rgq_regions *regions;
static const rgq_log listener = {hear, NULL, &said};

/* 12 x 10 x 6 voxels of 2 x 2 x 3 mm; voxel (0, 0, 0) is at LPS (10, 20, 30). */
static rgq_grid scan_grid(void)
{
    rgq_grid grid = {{12, 10, 6}, {{-2, 0, 0, -10}, {0, -2, 0, -20}, {0, 0, 3, 30}}};
    return grid;
}

static void set_up(void)
{
    make_folder(folder);
    MUST(rgq_path_join(file, folder, "rs.dcm", err));
    memset(&said, 0, sizeof said);
    regions = NULL;
}

static void tear_down(void)
{
    rgq_regions_free(regions);
    drop_folder(folder);
}

static rgq_status read_set(const made_set *set, rgq_error *err)
{
    const rgq_grid grid = scan_grid();
    const rgq_regions_read_opts opts = {.frame_uid = "1.2.3"};
    make_rtstruct(&bytes, set);
    save_object(&bytes, file);
    rgq_regions_free(regions);
    memset(&said, 0, sizeof said);
    return rgq_regions_read_on(&regions, file, &grid, &opts, &listener, err);
}

static int count_voxels(int i)
{
    const rgq_region *region = rgq_regions_at(regions, i);
    int n = 0;
    for (int v = 0; v < region->n[0] * region->n[1] * region->n[2]; v++)
        n += region->weight[v] > 0.0F;
    return n;
}

/* x 13 .. 21: columns 2 .. 5; y 23 .. 29: rows 2 .. 4 */
#define BOX(z)  "13\\23\\" z "\\21\\23\\" z "\\21\\29\\" z "\\13\\29\\" z
#define HOLE(z) "15\\25\\" z "\\17\\25\\" z "\\17\\27\\" z "\\15\\27\\" z

static const made_contour three[] = {{0, "CLOSED_PLANAR", 4, BOX("33")},
                                     {1, "CLOSED_PLANAR", 4, BOX("36")},
                                     {1, "CLOSED_PLANAR", 4, HOLE("36")}};

START_TEST(voxels_and_names)
{
    static const made_set set = {{"liver", "tumour, left"}, {5, 2}, "1.2.3", three, 3, NULL};
    MUST(read_set(&set, err));
    ck_assert_str_eq(said.text, "");
    ck_assert_int_eq(rgq_regions_count(regions), 2);
    const rgq_region *liver = rgq_regions_at(regions, 0);
    ck_assert_str_eq(liver->name, "liver");
    ck_assert_int_eq(liver->label, 5);
    ck_assert_int_eq(count_voxels(0), 12);
    ck_assert_int_eq(liver->lo[0], 2);
    ck_assert_int_eq(liver->lo[1], 2);
    ck_assert_int_eq(liver->lo[2], 1);
    ck_assert_str_eq(rgq_regions_at(regions, 1)->name, "tumour, left");
    ck_assert_int_eq(count_voxels(1), 11); /* the hole holds (3, 3) alone */
    ck_assert_int_eq(rgq_regions_at(regions, 1)->lo[2], 2);
}
END_TEST

START_TEST(as_un_and_in_a_folder)
{
    const rgq_grid grid = scan_grid();
    const made_set set = {{"a", "b"}, {1, 2}, NULL, three, 3, "UN"};
    MUST(read_set(&set, err));
    ck_assert_int_eq(count_voxels(1), 11);
    rgq_regions_free(regions);
    MUST(rgq_regions_read_on(&regions, folder, &grid, NULL, NULL, err));
    ck_assert_int_eq(count_voxels(1), 11);
    char other[RGQ_PATH_MAX];
    rgq_regions *none = NULL;
    MUST(rgq_path_join(other, folder, "sr.dcm", err));
    save_object(&bytes, other);
    REFUSED(rgq_regions_read_on(&none, folder, &grid, NULL, NULL, err), RGQ_E_ARGUMENT,
            "several");
    REFUSED(rgq_regions_read(&none, file, NULL, err), RGQ_E_MISSING, "--like SCAN");
}
END_TEST

START_TEST(names_from_a_file)
{
    const rgq_grid grid = scan_grid();
    const made_set set = {{"a", "b"}, {1, 2}, NULL, three, 3, NULL};
    char names[RGQ_PATH_MAX];
    static const char snap[] = "# ITK-SNAP\n    0     0    0    0        0  0  0    \"Clear\"\n"
                               "    2   255    0    0        1  1  1    \"spleen \"\r\n";
    MUST(read_set(&set, err));
    MUST(rgq_path_join(names, folder, "names.label", err));
    MUST(rgq_file_write(names, snap, sizeof snap - 1, true, err));
    const rgq_regions_read_opts opts = {.names = names};
    rgq_regions_free(regions);
    MUST(rgq_regions_read_on(&regions, file, &grid, &opts, NULL, err));
    ck_assert_str_eq(rgq_regions_at(regions, 0)->name, "a");
    ck_assert_str_eq(rgq_regions_at(regions, 1)->name, "spleen ");
    MUST(rgq_file_write(names, "2 255 0 0 1 1 \"six numbers\"\n", 28, true, err));
    rgq_regions *none = NULL;
    REFUSED(rgq_regions_read_on(&none, file, &grid, &opts, NULL, err), RGQ_E_FORMAT,
            "names no regions");
}
END_TEST

START_TEST(left_out_and_told)
{
    static const made_contour some[] = {
        {0, "CLOSED_PLANAR", 4, BOX("33")},
        {0, "POINT", 1, "13\\23\\33"},
        {0, "OPEN_PLANAR", 3, "1\\2\\33\\3\\4\\33\\5\\6\\33"},
        {0, "CLOSED_PLANAR", 2, "13\\23\\33\\14\\24\\33"},
        {0, "CLOSED_PLANAR", 4, BOX("33")},
        {0, "CLOSED_PLANAR", 4, BOX("90")},
        {1, "POINT", 1, "13\\23\\33"},
        {2, "CLOSED_PLANAR", 3, "12.1\\22.1\\33\\12.9\\22.1\\33\\12.9\\22.9\\33"}};
    const made_set set = {{"a", "marker", "speck"}, {0, 1, 2}, "9.9", some, 8, NULL};
    MUST(read_set(&set, err));
    ck_assert_int_eq(rgq_regions_count(regions), 2);
    ck_assert_int_eq(count_voxels(0), 12);
    ck_assert_int_eq(rgq_regions_at(regions, 0)->label, 1); /* number 0: counted from 1 */
    ck_assert_int_eq(rgq_regions_at(regions, 1)->n[0], 0);
    static const char *const words[] = {"3 of 3 structures name another frame of reference",
                                        "'a': 2 contours that are points",
                                        "'a': 1 contours of fewer than 3",
                                        "'a': 1 contours come twice",
                                        "'a': 1 of 2 contour planes lie beyond",
                                        "'marker' has no closed planar",
                                        "'speck': no voxel centre",
                                        "has number 0"};
    for (int i = 0; i < ROWS(words); i++)
        ck_assert_msg(strstr(said.text, words[i]) != NULL, "'%s' lacks '%s'", said.text,
                      words[i]);
}
END_TEST

START_TEST(between_slices)
{
    static const made_contour two[] = {{0, "CLOSED_PLANAR", 4, BOX("34")},
                                       {0, "CLOSED_PLANAR", 4, BOX("38")}};
    const made_set set = {{"a"}, {1}, NULL, two, 2, NULL};
    MUST(read_set(&set, err)); /* 4 mm apart: 32 .. 40 holds slices 33, 36, 39 */
    ck_assert_int_eq(count_voxels(0), 36);
    ck_assert_ptr_nonnull(strstr(said.text, "3 slices lie between contour planes (2 of 2"));
}
END_TEST

START_TEST(refusals)
{
    static const struct {
        made_contour contour;
        rgq_status status;
        const char *words;
    } rows[] = {
        {{0, "CLOSED_PLANAR", 5, BOX("33")}, RGQ_E_FORMAT, "NumberOfContourPoints is 5"},
        {{0, "CLOSED_PLANAR", 1000000000, BOX("33")}, RGQ_E_FORMAT, "ContourData has 4"},
        {{0, "CLOSED_PLANAR", 4, "1\\2\\3\\4\\5\\6\\7\\8\\9\\10"}, RGQ_E_FORMAT, "multiple"},
        {{0, "CLOSED_PLANAR", 3, "1\\2\\3\\4\\x\\6\\7\\8\\9"}, RGQ_E_FORMAT, "number 5"},
        {{0, "CLOSED_PLANAR", 3, "1\\2\\3\\4\\\\6\\7\\8\\9"}, RGQ_E_FORMAT, "number 5"},
        {{0, "CLOSED_PLANAR", 3, "1\\2\\3\\4\\inf\\6\\7\\8\\9"}, RGQ_E_FORMAT, "number 5"},
        {{0, "CLOSED_PLANAR", 3, "1\\2\\3\\400000\\5\\6\\7\\8\\9"}, RGQ_E_GEOMETRY, "100 m"},
        {{0, "CLOSED_PLANAR", 3, "13\\23\\33\\21\\31\\45\\17\\23\\36"},
         RGQ_E_GEOMETRY,
         "not parallel"},
        {{0, "CLOSED_PLANAR", 4, BOX("500")}, RGQ_E_GEOMETRY, "500) mm, the scan"},
        {{0, "POINT", 1, "1\\2\\3"}, RGQ_E_FORMAT, "closed planar contour"},
    };
    made_set set = {{"a"}, {1}, NULL, &rows[_i].contour, 1, NULL};
    REFUSED(read_set(&set, err), rows[_i].status, rows[_i].words);
    ck_assert_ptr_null(regions);
}
END_TEST

START_TEST(numbers_and_names)
{
    made_set set = {{"a", "b"}, {3, 3}, NULL, three, 3, NULL};
    REFUSED(read_set(&set, err), RGQ_E_FORMAT, "two structures have ROINumber 3");
    set.number[1] = -4;
    REFUSED(read_set(&set, err), RGQ_E_FORMAT, "ROINumber");
    begin_object(&bytes, "1.2.840.10008.5.1.4.1.1.481.3");
    save_object(&bytes, file);
    const rgq_grid grid = scan_grid();
    REFUSED(rgq_regions_read_on(&regions, file, &grid, NULL, NULL, err), RGQ_E_FORMAT,
            "no structure");
    begin_object(&bytes, "1.2.840.10008.5.1.4.1.1.88.33");
    save_object(&bytes, file);
    REFUSED(rgq_regions_read_on(&regions, file, &grid, NULL, NULL, err), RGQ_E_UNSUPPORTED,
            "an RTSTRUCT or a DICOM SEG was needed");
}
END_TEST

/* Any outcome but a crash, a hang or a leak; a refusal has words. */
static rgq_status read_any(void)
{
    const rgq_grid grid = scan_grid();
    rgq_error found = RGQ_ERROR_INIT;
    rgq_regions *some = NULL;
    const rgq_status st = rgq_regions_read_on(&some, file, &grid, NULL, NULL, &found);
    ck_assert((st == RGQ_OK) == (some != NULL));
    if (st != RGQ_OK)
        ck_assert_int_gt((int)strlen(found.message), 10);
    rgq_regions_free(some);
    return st;
}

START_TEST(cut_short)
{
    const made_set set = {{"a", "b"}, {1, 2}, NULL, three, 3, NULL};
    MUST(read_set(&set, err));
    for (size_t keep = 0; keep < bytes.n; keep += 3) {
        MUST(rgq_file_write(file, bytes.byte, keep, true, err));
        ck_assert_msg(read_any() != RGQ_OK, "%zu of %zu bytes were enough", keep, bytes.n);
    }
}
END_TEST

START_TEST(turned_bits)
{
    const made_set set = {{"a", "b"}, {1, 2}, NULL, three, 3, NULL};
    MUST(read_set(&set, err));
    for (size_t bit = 132 * 8 + 3; bit < bytes.n * 8; bit += 7) {
        bytes.byte[bit / 8] ^= (unsigned char)(1U << bit % 8);
        save_object(&bytes, file);
        (void)read_any();
        bytes.byte[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
}
END_TEST

/* A value that claims 4 GB, and sequences a thousand deep. */
START_TEST(hostile_lengths)
{
    begin_object(&bytes, "1.2.840.10008.5.1.4.1.1.481.3");
    begin_sequence(&bytes, 0x3006, 0x0039);
    begin_item(&bytes);
    begin_sequence(&bytes, 0x3006, 0x0040);
    begin_item(&bytes);
    add_tag(&bytes, 0x3006, 0x0050);
    add_bytes(&bytes, "UN\0", 4);
    add_number(&bytes, 0xfffffff0UL, 4);
    save_object(&bytes, file);
    ck_assert_int_ne(read_any(), RGQ_OK);
    for (int undefined = 0; undefined < 2; undefined++) {
        begin_object(&bytes, "1.2.840.10008.5.1.4.1.1.481.3");
        for (int deep = 0; deep < 2500; deep++) {
            add_tag(&bytes, 0x3006, 0x0039);
            add_bytes(&bytes, "SQ\0", 4);
            add_number(&bytes, undefined ? 0xffffffffUL : 0x8000UL, 4);
            add_tag(&bytes, 0xfffe, 0xe000);
            add_number(&bytes, undefined ? 0xffffffffUL : 1UL, 4); /* a lie */
        }
        save_object(&bytes, file);
        const rgq_grid grid = scan_grid();
        REFUSED(rgq_regions_read_on(&regions, file, &grid, NULL, NULL, err), RGQ_E_FORMAT,
                "deeper than 32");
    }
}
END_TEST

/* Deflated: unfolded, bounded, into a temporary file. */
START_TEST(deflated)
{
    static const char uid[] = "1.2.840.10008.5.1.4.1.1.481.3";
    static dicom_bytes whole;
    unsigned char packed[4096];
    const rgq_grid grid = scan_grid();
    const made_set set = {{"a", "b"}, {1, 2}, NULL, three, 3, NULL};
    z_stream z = {0};
    make_rtstruct(&bytes, &set);
    begin_object(&whole, uid); /* how long what stands before the data set is */
    const size_t at = whole.n - (8 + sizeof uid - 1 + 1);
    ck_assert_int_eq(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = bytes.byte + at;
    z.avail_in = (unsigned)(bytes.n - at);
    z.next_out = packed;
    z.avail_out = sizeof packed;
    ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
    begin_file(&whole, uid, "1.2.840.10008.1.2.1.99");
    add_bytes(&whole, packed, z.total_out);
    (void)deflateEnd(&z);
    save_object(&whole, file);
    MUST(rgq_regions_read_on(&regions, file, &grid, NULL, NULL, err));
    ck_assert_int_eq(count_voxels(1), 11);
}
END_TEST

START_TEST(no_memory)
{
    const rgq_grid grid = scan_grid();
    const made_set set = {{"a", "b"}, {1, 2}, NULL, three, 3, NULL};
    MUST(read_set(&set, err));
    rgq_regions_free(regions);
    regions = NULL;
    TORTURE(
        rgq_regions_read_on(&regions, file, &grid, NULL, NULL, err),
        {
            ck_assert((torture_st == RGQ_OK) == (regions != NULL));
            rgq_regions_free(regions);
            regions = NULL;
        },
        20);
}
END_TEST

RGQ_CHECK_MAIN("dicom_rtstruct", tcase_add_checked_fixture(tc, set_up, tear_down);
               tcase_add_test(tc, voxels_and_names); tcase_add_test(tc, as_un_and_in_a_folder);
               tcase_add_test(tc, names_from_a_file); tcase_add_test(tc, left_out_and_told);
               tcase_add_test(tc, between_slices); tcase_add_loop_test(tc, refusals, 0, 10);
               tcase_add_test(tc, numbers_and_names); tcase_add_test(tc, cut_short);
               tcase_add_test(tc, turned_bits); tcase_add_test(tc, hostile_lengths);
               tcase_add_test(tc, deflated); tcase_add_test(tc, no_memory))
