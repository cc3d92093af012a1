/* Regions from label maps and masks, their names, and the way back. */
#include "io_check.h"
#include "rgdquant/scan_file.h"
#include "warned.h"

static rgq_regions *regions;

static void begin(void)
{
    folder_begin();
    regions = NULL;
    warned[0] = '\0';
}

static void end(void)
{
    rgq_regions_free(regions);
    folder_end();
}

static void read_regions(const char *name)
{
    rgq_regions_free(regions);
    MUST(rgq_regions_read(&regions, at(name), &listener, err));
}

/* 12 voxels (3 x 2 x 2) of one type, n_frames of them. */
static void save_map(const char *name, int code, int bits, int n_frames, const double *values)
{
    maker m = make_header(1, false);
    put_type(&m, code, bits);
    put_dim(&m, 0, n_frames > 1 ? 4 : 3);
    put_dim(&m, 4, n_frames);
    for (int i = 0; i < 12 * n_frames; i++)
        put(&m, m.length, (size_t)bits / 8,
            code == 16 ? bits_32(values[i]) : (uint64_t)values[i]);
    save(at(name), m.bytes, m.length);
}

static const double two_labels[12] = {0, 1, 1, 0, 300, 0, 0, 0, 0, 0, 0, 1};

START_TEST(label_map_and_names)
{
    static const int types[][2] = {{4, 16}, {8, 32}, {16, 32}, {1280, 64}};
    for (int t = 0; t < ROWS(types); t++) {
        save_map("m_dseg.nii", types[t][0], types[t][1], 1, two_labels);
        read_regions("m_dseg.nii");
        ck_assert_int_eq(rgq_regions_count(regions), 2);
        const rgq_region *last = rgq_regions_at(regions, 1);
        ck_assert_int_eq(last->label, 300);
        ck_assert_str_eq(last->name, "300");
        ck_assert_int_eq(last->lo[0], 1);
        ck_assert_int_eq(last->lo[1], 1);
        /* 3 voxels of 9 mm^3 */
        ck_assert_double_eq_tol(
            rgq_region_volume_ml(rgq_regions_at(regions, 0), rgq_regions_grid(regions)), 0.027,
            1e-12);
    }
    save_text(at("m_dseg.tsv"), "index\tname\tcolor\n300\tliver\t#ff0000\n7\tabsent\t\n");
    read_regions("m_dseg.nii");
    ck_assert_str_eq(rgq_regions_at(regions, 1)->name, "liver");
    ck_assert_str_eq(rgq_regions_at(regions, 0)->name, "1");
    save_map("n.nii", 4, 16, 1, two_labels);
    save_text(at("n_dseg.tsv"), "name\tindex\nkidney\t1\n");
    read_regions("n.nii");
    ck_assert_str_eq(rgq_regions_at(regions, 0)->name, "kidney");
    save_text(at("n.tsv"), "a\tb\n1\t2\n"); /* another table of that name: told, stepped over */
    read_regions("n.nii");
    ck_assert_ptr_nonnull(strstr(warned, "no columns 'index' and 'name'"));
    ck_assert_str_eq(rgq_regions_at(regions, 0)->name, "kidney");
}
END_TEST

START_TEST(names_of_a_dataset)
{
    save_map("sub-1_desc-a_dseg.nii", 4, 16, 1, two_labels);
    save_text(at("desc-b_dseg.tsv"), "index\tname\n1\tother\n");
    save_text(at("dseg.tsv"), "index\tname\tabbreviation\n1\tliver\tLIV\n300\tn/a\tSPL\n");
    read_regions("sub-1_desc-a_dseg.nii");
    ck_assert_str_eq(rgq_regions_at(regions, 0)->name, "1"); /* no dataset */
    save_text(at("dataset_description.json"), "{}");
    read_regions("sub-1_desc-a_dseg.nii");
    ck_assert_str_eq(rgq_regions_at(regions, 0)->name, "liver");
    ck_assert_str_eq(rgq_regions_at(regions, 1)->name, "SPL");
}
END_TEST

/* Labels and a mask through a slope. */
START_TEST(nearly_whole)
{
    const double labels[12] = {0, 1.9999, 2.0001, 0.003};
    const double mask[12] = {0, 0.99999, 0, 1.00005};

    save_map("l.nii", 16, 32, 1, labels);
    read_regions("l.nii");
    ck_assert_int_eq(rgq_regions_count(regions), 1);
    ck_assert_int_eq(rgq_regions_at(regions, 0)->label, 2);
    ck_assert_int_eq(rgq_regions_at(regions, 0)->n[0], 2);
    save_map("m.nii", 16, 32, 1, mask);
    read_regions("m.nii");
    ck_assert(rgq_regions_is_binary(regions));
    ck_assert_int_eq(rgq_regions_at(regions, 0)->label, 1);
}
END_TEST

START_TEST(four_d_masks)
{
    double values[24] = {0};
    values[1] = 0.25;
    values[2] = values[12 + 2] = 1.0; /* the two overlap */
    save_map("f.nii", 16, 32, 2, values);
    read_regions("f.nii");
    ck_assert_int_eq(rgq_regions_count(regions), 2);
    const rgq_region *first = rgq_regions_at(regions, 0);
    ck_assert_str_eq(first->name, "1");
    ck_assert_int_eq(first->n[0], 2);
    ck_assert_double_eq((double)first->weight[0], 0.25);
    save_text(at("f.tsv"), "index\tname\n5\tfive\n9\tnine\n"); /* a row a frame: in order */
    read_regions("f.nii");
    ck_assert_str_eq(rgq_regions_at(regions, 1)->name, "nine");
    ck_assert_int_eq(rgq_regions_at(regions, 1)->label, 9);
    save_text(at("f.tsv"), "index\tname\n2\ttwo\n"); /* else index is the frame's number */
    read_regions("f.nii");
    ck_assert_str_eq(rgq_regions_at(regions, 0)->name, "1");
    ck_assert_str_eq(rgq_regions_at(regions, 1)->name, "two");
    values[3] = 1.0000001; /* 255/255 after a float slope */
    save_map("f.nii", 16, 32, 2, values);
    read_regions("f.nii");
    ck_assert_double_eq((double)rgq_regions_at(regions, 0)->weight[3], 1.0);
    const double half[12] = {0, 0.5}; /* one mask may come without its fourth axis */
    save_map("h.nii", 16, 32, 1, half);
    read_regions("h.nii");
    ck_assert_int_eq(rgq_regions_count(regions), 1);
    ck_assert_double_eq((double)rgq_regions_at(regions, 0)->weight[0], 0.5);
}
END_TEST

START_TEST(refused)
{
    double values[24] = {0, 1.5, 3};
    rgq_regions *none = NULL;
    save_map("x.nii", 16, 32, 1, values);
    REFUSED(rgq_regions_read(&none, at("x.nii"), NULL, err), RGQ_E_FORMAT, "whole numbers");
    values[1] = -1;
    save_map("x.nii", 16, 32, 1, values);
    REFUSED(rgq_regions_read(&none, at("x.nii"), NULL, err), RGQ_E_FORMAT, "-1");
    values[1] = 3e9;
    save_map("x.nii", 16, 32, 1, values);
    REFUSED(rgq_regions_read(&none, at("x.nii"), NULL, err), RGQ_E_FORMAT, "3e+09");
    values[1] = 2;
    save_map("x.nii", 16, 32, 2, values);
    REFUSED(rgq_regions_read(&none, at("x.nii"), NULL, err), RGQ_E_ARGUMENT, "frame 1");
    save_map("y.nii", 4, 16, 1, two_labels);
    save_text(at("y.tsv"), "index\tname\none\ta\n");
    REFUSED(rgq_regions_read(&none, at("y.nii"), NULL, err), RGQ_E_FORMAT, "line 2");
    ck_assert_ptr_null(none);
}
END_TEST

static rgq_regions *make_regions(bool overlap, float weight, int label)
{
    rgq_regions *made = NULL;
    const rgq_grid grid = rgq_grid_make((const int[3]){3, 2, 2}, (const double[3]){1, 1, 1},
                                        (const double[3]){0, 0, 0});
    float values[12] = {0};

    MUST(rgq_regions_create(&made, &grid, err));
    values[4] = weight;
    MUST(rgq_regions_add(made, "left\tlung", 3, values, err));
    memset(values, 0, sizeof values);
    values[overlap ? 4 : 5] = 1.0F;
    values[11] = 1.0F;
    MUST(rgq_regions_add(made, NULL, label, values, err));
    return made;
}

static const struct {
    bool overlap;
    float weight;
    int label;
    int type; /* of the voxels written */
    int n_dims;
} writes[] = {{false, 1.0F, 7, 4, 3},
              {false, 1.0F, 70000, 8, 3},
              {true, 1.0F, 7, 16, 4},
              {false, 0.5F, 7, 16, 4}};

START_TEST(there_and_back)
{
    rgq_regions *made = make_regions(writes[_i].overlap, writes[_i].weight, writes[_i].label);
    unsigned char bytes[2048];

    MUST(rgq_regions_write(at("w.nii.gz"), made, NULL, err));
    ck_assert_int_eq(count_files(), 2);
    (void)load(at("w.nii.gz"), bytes, sizeof bytes);
    ck_assert_int_eq(bytes[70], writes[_i].type);
    ck_assert_int_eq(bytes[40], writes[_i].n_dims);
    read_regions("w.nii.gz");
    ck_assert_int_eq(rgq_regions_count(regions), 2);
    for (int i = 0; i < 2; i++) {
        const rgq_region *a = rgq_regions_at(made, i);
        const rgq_region *b = rgq_regions_at(regions, i);
        ck_assert_str_eq(b->name, i == 0 ? "left lung" : a->name);
        ck_assert_int_eq(b->label, a->label);
        for (int k = 0; k < 3; k++) {
            ck_assert_int_eq(b->lo[k], a->lo[k]);
            ck_assert_int_eq(b->n[k], a->n[k]);
        }
        ck_assert_mem_eq(a->weight, b->weight,
                         (size_t)(a->n[0] * a->n[1] * a->n[2]) * sizeof(float));
    }
    REFUSED(rgq_regions_write(at("w.nii.gz"), made, NULL, err), RGQ_E_IO, "--force");
    MUST(rgq_regions_write(at("w.nii.gz"), made, &(rgq_write_opts){true, "again"}, err));
    rgq_regions_free(made);
}
END_TEST

START_TEST(one_fractional_region)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){2, 1, 1}, (const double[3]){1, 1, 1},
                                        (const double[3]){0, 0, 0});
    const float weight[2] = {0.25F, 1.0F};
    rgq_regions *made = NULL;
    MUST(rgq_regions_create(&made, &grid, err));
    MUST(rgq_regions_add(made, "lesion", 4, weight, err));
    MUST(rgq_regions_write(at("o.nii"), made, NULL, err));
    read_regions("o.nii");
    ck_assert_int_eq(rgq_regions_count(regions), 1);
    ck_assert_str_eq(rgq_regions_at(regions, 0)->name, "lesion");
    ck_assert_int_eq(rgq_regions_at(regions, 0)->label, 4);
    ck_assert_double_eq((double)rgq_regions_at(regions, 0)->weight[0], 0.25);
    rgq_regions_free(made);
}
END_TEST

START_TEST(no_regions)
{
    const double zeros[12] = {0};
    save_map("z.nii", 4, 16, 1, zeros);
    read_regions("z.nii");
    ck_assert_int_eq(rgq_regions_count(regions), 0);
    MUST(rgq_regions_write(at("y.nii"), regions, NULL, err));
    read_regions("y.nii");
    ck_assert_int_eq(rgq_regions_count(regions), 0);
}
END_TEST

START_TEST(lost_memory)
{
    rgq_regions *made = make_regions(false, 0.5F, 7);
    const char *path = at("m.nii");
    TORTURE(rgq_regions_write(path, made, NULL, err),
            ck_assert_int_eq(count_files(), torture_st == RGQ_OK ? 2 : 0), 4);
    rgq_regions *got = NULL;
    TORTURE(
        rgq_regions_read(&got, path, NULL, err),
        {
            ck_assert(torture_st == RGQ_OK ? got != NULL : got == NULL);
            rgq_regions_free(got);
        },
        5);
    rgq_regions_free(made);
}
END_TEST

RGQ_CHECK_MAIN("io regions_file", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, label_map_and_names); tcase_add_test(tc, names_of_a_dataset);
               tcase_add_test(tc, nearly_whole); tcase_add_test(tc, four_d_masks);
               tcase_add_test(tc, refused);
               tcase_add_loop_test(tc, there_and_back, 0, ROWS(writes));
               tcase_add_test(tc, one_fractional_region); tcase_add_test(tc, no_regions);
               tcase_add_test(tc, lost_memory))
