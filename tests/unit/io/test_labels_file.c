/* Label maps for partial-volume correction: which files become one, where they are put. */
#include "io_check.h"
#include "rgdquant/scan_file.h"

static rgq_labels *labels;
static rgq_regions *regions;
static rgq_grid grid; /* of make_header(): 3 x 2 x 2 */

static void begin(void)
{
    folder_begin();
    labels = NULL;
    regions = NULL;
    grid = rgq_grid_make((const int[3]){3, 2, 2}, (const double[3]){1.5, 2.0, 3.0},
                         (const double[3]){-10.0, 20.0, -30.0});
}

static void let_go(void)
{
    rgq_labels_free(labels);
    rgq_regions_free(regions);
    labels = NULL;
    regions = NULL;
}

static void end(void)
{
    let_go();
    folder_end();
}

static maker map_of(int code, int bits, int n_frames, const double *values)
{
    maker m = make_header(1, false);

    put_type(&m, code, bits);
    put_dim(&m, 0, n_frames > 1 ? 4 : 3);
    put_dim(&m, 4, n_frames);
    for (int i = 0; i < 12 * n_frames; i++)
        put(&m, m.length, (size_t)bits / 8,
            code == 16 ? bits_32(values[i]) : (uint64_t)values[i]);
    return m;
}

static void save_map(const char *name, int code, int bits, int n_frames, const double *values)
{
    const maker m = map_of(code, bits, n_frames, values);
    save(at(name), m.bytes, m.length);
}

static rgq_status read_it(const char *name, rgq_error *err)
{
    let_go();
    return rgq_labels_read_on(&labels, &regions, at(name), &grid, NULL, NULL, err);
}

static const double two_labels[12] = {0, 1, 1, 0, 300, 0, 0, 0, 0, 0, 0, 1};
static const uint16_t two_voxels[12] = {0, 1, 1, 0, 2, 0, 0, 0, 0, 0, 0, 1};

START_TEST(label_map)
{
    static const int types[][2] = {{4, 16}, {16, 32}, {512, 16}};
    for (int t = 0; t < ROWS(types); t++) {
        save_map("m.nii", types[t][0], types[t][1], 1, two_labels);
        MUST(read_it("m.nii", err));
        ck_assert_ptr_null(regions);
        ck_assert_int_eq(rgq_labels_count(labels), 2);
        ck_assert_int_eq(rgq_labels_at(labels, 1)->label, 300);
        ck_assert_mem_eq(rgq_labels_voxels(labels), two_voxels, sizeof two_voxels);
    }
    save_text(at("m.tsv"), "index\tname\n300\tliver\n7\tabsent\n");
    MUST(read_it("m.nii", err));
    ck_assert_int_eq(rgq_labels_find(labels, "liver"), 1);
    ck_assert_int_eq(rgq_labels_find(labels, "absent"), -1);
    ck_assert_int_eq(rgq_labels_find(labels, "1"), 0);
}
END_TEST

/* The same voxels, x and z counted from the other end and the axes in the order z, x, y. */
START_TEST(turned)
{
    maker m = make_header(1, false);
    put_type(&m, 4, 16);
    put_dim(&m, 1, 2);
    put_dim(&m, 2, 3);
    put_dim(&m, 3, 2);
    put_row(&m, 0, 0, -1.5, 0, -7);
    put_row(&m, 1, 0, 0, 2, 20);
    put_row(&m, 2, -3, 0, 0, -27);
    for (int y = 0; y < 2; y++)
        for (int x = 0; x < 3; x++)
            for (int z = 0; z < 2; z++)
                put(&m, m.length, 2, (uint64_t)two_labels[(2 - x) + 3 * (y + 2 * (1 - z))]);
    save(at("t.nii"), m.bytes, m.length);
    MUST(read_it("t.nii", err));
    ck_assert_mem_eq(rgq_labels_voxels(labels), two_voxels, sizeof two_voxels);
    ck_assert_int_eq(rgq_grid_compare(rgq_labels_grid(labels), &grid, -1.0, NULL), RGQ_OK);
    const rgq_label *l = rgq_labels_at(labels, 1);
    ck_assert(l->lo[0] == 1 && l->lo[1] == 1 && l->lo[2] == 0 && l->count == 1);
}
END_TEST

/* The last slice alone. */
START_TEST(part)
{
    maker m = make_header(1, false);
    put_type(&m, 4, 16);
    put_dim(&m, 3, 1);
    put_row(&m, 2, 0, 0, 3, -27);
    for (int i = 6; i < 12; i++)
        put(&m, m.length, 2, (uint64_t)two_labels[i]);
    save(at("p.nii"), m.bytes, m.length);
    MUST(read_it("p.nii", err));
    ck_assert_int_eq(rgq_labels_count(labels), 1);
    ck_assert_uint_eq(rgq_labels_voxels(labels)[11], 1);
    ck_assert_int_eq(rgq_labels_at(labels, 0)->lo[2], 1);
}
END_TEST

START_TEST(masks)
{
    double values[24] = {0};
    values[1] = values[12 + 2] = 1.0;
    save_map("f.nii", 16, 32, 2, values);
    save_text(at("f.tsv"), "index\tname\n5\tfive\n9\tnine\n");
    MUST(read_it("f.nii", err)); /* they share no voxel: a label map */
    ck_assert_ptr_null(regions);
    ck_assert_int_eq(rgq_labels_find(labels, "nine"), 1);
    ck_assert_uint_eq(rgq_labels_voxels(labels)[2], 2);
    values[2] = 1.0;
    save_map("f.nii", 16, 32, 2, values);
    MUST(read_it("f.nii", err)); /* they overlap */
    ck_assert_ptr_null(labels);
    ck_assert_int_eq(rgq_regions_count(regions), 2);
    values[2] = 0.5;
    save_map("f.nii", 16, 32, 2, values);
    MUST(read_it("f.nii", err)); /* fractions */
    ck_assert_ptr_null(labels);
    values[1] = values[2] = 0.0;
    save_map("f.nii", 16, 32, 2, values);
    MUST(read_it("f.nii", err)); /* an empty one must be missed by its name later */
    ck_assert_ptr_null(labels);
    ck_assert_int_eq(rgq_regions_count(regions), 2);
}
END_TEST

START_TEST(refused)
{
    const double none[12] = {0};
    double values[12] = {0, 1.5, 3};

    save_map("n.nii", 4, 16, 1, none);
    REFUSED(read_it("n.nii", err), RGQ_E_FORMAT, "holds no region");
    save_map("n.nii", 16, 32, 1, values);
    REFUSED(read_it("n.nii", err), RGQ_E_FORMAT, "whole numbers");
    values[1] = -1.0;
    save_map("n.nii", 16, 32, 1, values);
    REFUSED(read_it("n.nii", err), RGQ_E_FORMAT, "-1");
    values[1] = 2e6;
    save_map("n.nii", 16, 32, 1, values);
    REFUSED(read_it("n.nii", err), RGQ_E_FORMAT, "2000000");
    REFUSED(read_it("absent.nii", err), RGQ_E_IO, "absent.nii");
    ck_assert_ptr_null(labels);
    ck_assert_ptr_null(regions);
}
END_TEST

START_TEST(other_grid)
{
    rgq_regions_read_opts opts = RGQ_REGIONS_READ_OPTS_INIT;
    rgq_error why = RGQ_ERROR_INIT;

    save_map("m.nii", 4, 16, 1, two_labels);
    opts.scan = "pet.nii";
    grid = rgq_grid_make((const int[3]){3, 2, 2}, (const double[3]){1.5, 2.0, 2.5},
                         (const double[3]){-10.0, 20.0, -30.0});
    ck_assert_int_eq(
        rgq_labels_read_on(&labels, &regions, at("m.nii"), &grid, &opts, NULL, &why),
        RGQ_E_GEOMETRY);
    ck_assert_msg(strstr(why.message, "--like pet.nii' resamples it") != NULL, "%s",
                  why.message);
    /* half a voxel aside; and a region that reaches beyond */
    grid = rgq_grid_make((const int[3]){3, 2, 2}, (const double[3]){1.5, 2.0, 3.0},
                         (const double[3]){-9.25, 20.0, -30.0});
    REFUSED(read_it("m.nii", err), RGQ_E_GEOMETRY, "does not hold the voxels");
    grid = rgq_grid_make((const int[3]){2, 2, 2}, (const double[3]){1.5, 2.0, 3.0},
                         (const double[3]){-10.0, 20.0, -30.0});
    REFUSED(read_it("m.nii", err), RGQ_E_GEOMETRY, "region '1' reaches");
    ck_assert_ptr_null(labels);
}
END_TEST

START_TEST(torture)
{
    double values[24] = {0};
    values[1] = values[12 + 2] = 1.0;
    save_map("m.nii", 4, 16, 1, two_labels);
    TORTURE(read_it("m.nii", err), let_go(), 5);
    save_map("f.nii", 16, 32, 2, values);
    TORTURE(read_it("f.nii", err), let_go(), 8);
    grid.n[0] = 4; /* more of the same voxels: placed */
    TORTURE(read_it("m.nii", err), let_go(), 8);
}
END_TEST

RGQ_CHECK_MAIN("labels_file", tcase_add_checked_fixture(tc, begin, end),
               tcase_add_test(tc, label_map), tcase_add_test(tc, turned),
               tcase_add_test(tc, part), tcase_add_test(tc, masks), tcase_add_test(tc, refused),
               tcase_add_test(tc, other_grid), tcase_add_test(tc, torture))
