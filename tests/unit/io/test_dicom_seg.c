/* Segmentations by hand: bits to voxels, fractions, sparse and overlapping frames, refusals. */
#include "dicom_bytes.h"
#include "dicom_case.h"

#include "core/banned.h"

static char folder[RGQ_PATH_MAX];
static char file[RGQ_PATH_MAX];
static heard said;
static dicom_bytes bytes;
static rgq_regions *regions;
static const rgq_log listener = {hear, NULL, &said};

static void set_up(void)
{
    make_folder(folder);
    MUST(rgq_path_join(file, folder, "seg.dcm", err));
    memset(&said, 0, sizeof said);
    regions = NULL;
}

static void tear_down(void)
{
    rgq_regions_free(regions);
    drop_folder(folder);
}

static rgq_status read_seg(const made_seg *seg, const rgq_grid *grid, rgq_error *err)
{
    const rgq_regions_read_opts opts = {.frame_uid = "1.2.3.4", .scan = "scan"};
    make_seg(&bytes, seg);
    save_object(&bytes, file);
    rgq_regions_free(regions);
    return rgq_regions_read_on(&regions, file, grid, &opts, &listener, err);
}

static float weight_at(int i, int x, int y, int z)
{
    const rgq_region *r = rgq_regions_at(regions, i);
    const int at[3] = {x - r->lo[0], y - r->lo[1], z - r->lo[2]};
    for (int a = 0; a < 3; a++)
        if (at[a] < 0 || at[a] >= r->n[a])
            return 0.0F;
    return r->weight[(at[2] * r->n[1] + at[1]) * r->n[0] + at[0]];
}

static float sum_of(int i)
{
    const rgq_region *r = rgq_regions_at(regions, i);
    float sum = 0.0F;
    for (int v = 0; v < r->n[0] * r->n[1] * r->n[2]; v++)
        sum += r->weight[v];
    return sum;
}

/* 5 x 3 pixels: frames of 15 bits that do not end on a byte. Pixel p of all frames is set where
 * the list has it. */
static unsigned char packed[16];

static void set_bits(const int *at, int n)
{
    memset(packed, 0, sizeof packed);
    for (int i = 0; i < n; i++)
        packed[at[i] / 8] |= (unsigned char)(1U << at[i] % 8);
}

static const int one_two_two[] = {1, 2, 2};
static const double heights[] = {60.0, 54.0, 60.0}; /* slices 3 apart would leave one empty */

static made_seg plain_seg(void)
{
    made_seg s = {.type = "BINARY",
                  .rows = 3,
                  .columns = 5,
                  .n_segments = 2,
                  .n_frames = 3,
                  .segment = one_two_two,
                  .z_mm = heights,
                  .between = "3",
                  .pixels = packed,
                  .n_bytes = 6};
    return s;
}

/* Frame 0: (1, 0) and (4, 2); frame 1: (0, 0); frame 2: (1, 0) and (2, 1). */
static const int some_bits[] = {1, 14, 15, 31, 37};

START_TEST(bits_and_slices)
{
    const made_seg s = plain_seg();
    set_bits(some_bits, 5);
    MUST(read_seg(&s, NULL, err));
    const rgq_grid *grid = rgq_regions_grid(regions);
    ck_assert_int_eq(grid->n[0], 5);
    ck_assert_int_eq(grid->n[1], 3);
    ck_assert_int_eq(grid->n[2], 3); /* 54, 57 (no frame), 60 */
    ck_assert_double_eq_tol(grid->affine[0][0], -2.0, 1e-12);
    ck_assert_double_eq_tol(grid->affine[0][3], -10.0, 1e-12);
    ck_assert_double_eq_tol(grid->affine[1][3], -20.0, 1e-12);
    ck_assert_double_eq_tol(grid->affine[2][3], 54.0, 1e-12);
    ck_assert_double_eq_tol(grid->affine[2][2], 3.0, 1e-12);
    ck_assert_int_eq(rgq_regions_count(regions), 2);
    ck_assert_str_eq(rgq_regions_at(regions, 1)->name, "part 2");
    ck_assert(sum_of(0) == 2.0F && sum_of(1) == 3.0F);
    ck_assert(weight_at(0, 1, 0, 2) == 1.0F && weight_at(0, 4, 2, 2) == 1.0F);
    ck_assert(weight_at(1, 0, 0, 0) == 1.0F && weight_at(1, 2, 1, 2) == 1.0F);
    ck_assert(weight_at(1, 1, 0, 2) == 1.0F); /* overlaps part 1 */
    ck_assert_str_eq(said.text, "");
}
END_TEST

/* The step: what is stated, else the smallest distance, else (one slice) the thickness. */
START_TEST(spacing_of_slices)
{
    made_seg s = plain_seg();
    static const double uneven[] = {60.0, 53.5, 66.0};
    static const double one[] = {60.0, 60.0, 60.0};
    static const int three_parts[] = {1, 2, 3};
    set_bits(some_bits, 5);
    s.between = NULL;
    MUST(read_seg(&s, NULL, err));
    ck_assert_int_eq(rgq_regions_grid(regions)->n[2], 2);
    s.between = "4"; /* contradicts the positions: not taken */
    MUST(read_seg(&s, NULL, err));
    ck_assert_int_eq(rgq_regions_grid(regions)->n[2], 2);
    s.between = NULL;
    s.n_segments = 3;
    s.segment = three_parts;
    s.z_mm = one;
    MUST(read_seg(&s, NULL, err));
    ck_assert_double_eq_tol(rgq_regions_grid(regions)->affine[2][2], 3.0, 1e-12);
    s.z_mm = uneven;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_GEOMETRY, "not multiples of one distance");
}
END_TEST

START_TEST(onto_a_scan)
{
    made_seg s = plain_seg();
    rgq_grid scan = {{9, 9, 9}, {{-2, 0, 0, -6}, {0, -2, 0, -18}, {0, 0, 3, 48}}};
    set_bits(some_bits, 5);
    s.between = NULL; /* 6 mm by the frames; the scan has 3 */
    MUST(read_seg(&s, &scan, err));
    MUST(rgq_grid_compare(&scan, rgq_regions_grid(regions), 0.0, err));
    ck_assert(sum_of(0) == 2.0F && sum_of(1) == 3.0F);
    ck_assert(weight_at(1, 2, 1, 2) == 1.0F); /* pixel (0, 0) at LPS (10, 20, 54) */
    ck_assert(weight_at(0, 6, 3, 4) == 1.0F);
    scan.affine[2][3] = 49.0; /* a third of a slice off */
    REFUSED(read_seg(&s, &scan, err), RGQ_E_GEOMETRY, "--like scan' resamples it");
    scan.affine[2][3] = 57.0; /* the lower frame lies below it */
    REFUSED(read_seg(&s, &scan, err), RGQ_E_GEOMETRY, "reaches voxel");
}
END_TEST

START_TEST(fractions)
{
    static const unsigned char values[15] = {0, 100, 200, 50, 1};
    static const int first[] = {1};
    made_seg s = plain_seg();
    s.type = "FRACTIONAL";
    s.fraction_max = 200;
    s.n_frames = 1;
    s.segment = first;
    s.pixels = values;
    s.n_bytes = sizeof values;
    MUST(read_seg(&s, NULL, err));
    ck_assert(weight_at(0, 1, 0, 0) == 0.5F && weight_at(0, 2, 0, 0) == 1.0F);
    ck_assert(weight_at(0, 4, 0, 0) == 1.0F / 200.0F);
    ck_assert_int_eq(rgq_regions_at(regions, 1)->n[0], 0);
    ck_assert_ptr_nonnull(strstr(said.text, "segment 2 ('part 2') is empty"));
    s.fraction_max = 150;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_FORMAT, "value of 200");
    s.fraction_max = 300;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_FORMAT, "MaximumFractionalValue");
}
END_TEST

/* Two frames of bytes; the frames name no segment. */
START_TEST(label_map)
{
    static unsigned char values[30] = {0, 1, 2, 2, 0, [15 + 14] = 2};
    static const int first[] = {1, 1};
    made_seg s = plain_seg();
    s.type = "LABELMAP";
    s.class_uid = "1.2.840.10008.5.1.4.1.1.66.7";
    s.n_frames = 2;
    s.segment = first;
    s.pixels = values;
    s.n_bytes = sizeof values;
    MUST(read_seg(&s, NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 2);
    ck_assert_str_eq(rgq_regions_at(regions, 1)->name, "part 2");
    ck_assert(sum_of(0) == 1.0F && sum_of(1) == 3.0F);
    ck_assert(weight_at(0, 1, 0, 2) == 1.0F && weight_at(1, 3, 0, 2) == 1.0F);
    ck_assert(weight_at(1, 4, 2, 0) == 1.0F); /* the second frame lies at 54 mm */
    ck_assert_str_eq(said.text, "");
    values[1] = 0;
    MUST(read_seg(&s, NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 1);
    ck_assert_int_eq(rgq_regions_at(regions, 0)->label, 2);
    ck_assert_ptr_nonnull(strstr(said.text, "segment 1 ('part 1') is empty"));
    values[1] = 3;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_FORMAT, "holds the number 3");
    values[1] = 1;
    s.n_bytes = 28;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_FORMAT, "need 30");
    s.n_bytes = sizeof values;
    s.segment = (const int[]){1, 1};
    s.z_mm = (const double[]){60.0, 60.0};
    REFUSED(read_seg(&s, NULL, err), RGQ_E_FORMAT, "at the same place");
}
END_TEST

START_TEST(refusals)
{
    made_seg s = plain_seg();
    static const int not_there[] = {1, 2, 7};
    static const int twice[] = {1, 2, 1};
    set_bits(some_bits, 5);
    s.type = "LABEL";
    REFUSED(read_seg(&s, NULL, err), RGQ_E_UNSUPPORTED, "LABELMAP can be read");
    s = plain_seg();
    s.segment = not_there;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_FORMAT, "frame 3: segment 7 is not listed");
    s.segment = twice;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_FORMAT, "show segment 1 at the same place");
    s = plain_seg();
    s.stated_frames = 4;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_FORMAT, "need 8"); /* 60 bits are 8 bytes, 6 there */
    s.n_bytes = 8;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_FORMAT, "3 frames are described");
    s = plain_seg();
    s.rows = 32767;
    s.columns = 32767;
    s.claim = 0xfffffff0UL; /* 4 GB in a file of 2 KB */
    ck_assert_int_eq(read_seg(&s, NULL, NULL), RGQ_E_FORMAT);
    s = plain_seg();
    static const double far[] = {60.0, 63.0, 90000.0};
    s.between = NULL;
    s.z_mm = far;
    REFUSED(read_seg(&s, NULL, err), RGQ_E_GEOMETRY, "multiples");
}
END_TEST

static rgq_status read_any(void)
{
    rgq_error found = RGQ_ERROR_INIT;
    rgq_regions *some = NULL;
    const rgq_status st = rgq_regions_read(&some, file, NULL, &found);
    ck_assert((st == RGQ_OK) == (some != NULL));
    if (st != RGQ_OK)
        ck_assert_int_gt((int)strlen(found.message), 10);
    rgq_regions_free(some);
    return st;
}

START_TEST(cut_and_turned)
{
    const made_seg s = plain_seg();
    set_bits(some_bits, 5);
    MUST(read_seg(&s, NULL, err));
    for (size_t keep = 0; keep < bytes.n; keep += keep < 200 ? 7 : 5) {
        MUST(rgq_file_write(file, bytes.byte, keep, true, err));
        ck_assert_msg(read_any() != RGQ_OK, "%zu of %zu bytes were enough", keep, bytes.n);
    }
    for (size_t bit = 132 * 8 + 1; bit < bytes.n * 8; bit += 5) {
        bytes.byte[bit / 8] ^= (unsigned char)(1U << bit % 8);
        save_object(&bytes, file);
        (void)read_any();
        bytes.byte[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
}
END_TEST

START_TEST(no_memory)
{
    const made_seg s = plain_seg();
    const rgq_grid scan = {{9, 9, 9}, {{-2, 0, 0, -6}, {0, -2, 0, -18}, {0, 0, 3, 48}}};
    set_bits(some_bits, 5);
    MUST(read_seg(&s, &scan, err));
    rgq_regions_free(regions);
    regions = NULL;
    TORTURE(
        rgq_regions_read_on(&regions, file, &scan, NULL, NULL, err),
        {
            ck_assert((torture_st == RGQ_OK) == (regions != NULL));
            rgq_regions_free(regions);
            regions = NULL;
        },
        12);
}
END_TEST

RGQ_CHECK_MAIN("dicom_seg", tcase_add_checked_fixture(tc, set_up, tear_down);
               tcase_add_test(tc, bits_and_slices); tcase_add_test(tc, spacing_of_slices);
               tcase_add_test(tc, onto_a_scan); tcase_add_test(tc, fractions);
               tcase_add_test(tc, label_map); tcase_add_test(tc, refusals);
               tcase_add_test(tc, cut_and_turned); tcase_add_test(tc, no_memory))
