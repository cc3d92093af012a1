/* Written NIfTI: each header field is looked up at its offset by a reader of this test. */
#include "io/nifti.h"

#include "io_check.h"
#include "rgdquant/scan_file.h"

static unsigned char bytes[65536];
static size_t length;

static int64_t whole(size_t offset, size_t size)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < size; i++)
        bits |= (uint64_t)bytes[offset + i] << (8 * i);
    return size == 2 ? (int16_t)bits : (int32_t)bits;
}

static double real(size_t offset)
{
    const uint32_t bits = (uint32_t)whole(offset, 4);
    float value = 0;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static rgq_grid oblique(double angle, double shear)
{
    const int n[3] = {4, 3, 2};
    rgq_grid grid = rgq_grid_make(n, (const double[3]){2, 3, 4}, (const double[3]){5, -6, 7});
    grid.affine[0][0] = -2 * cos(angle);
    grid.affine[1][0] = -2 * sin(angle);
    grid.affine[0][1] = 3 * sin(angle);
    grid.affine[1][1] = -3 * cos(angle);
    grid.affine[0][2] = shear;
    return grid;
}

/* Voxel i of frame f is 100 f + i / 8, exact in float. */
static rgq_volume *make_volume(const rgq_grid *grid, int n_frames)
{
    rgq_volume *volume = NULL;
    MUST(rgq_volume_create(&volume, grid, n_frames, RGQ_UNIT_BQ_ML, err));
    for (int f = 0; f < n_frames; f++)
        for (size_t i = 0; i < rgq_volume_count(volume); i++)
            rgq_volume_data(volume, f)[i] = (float)(100.0 * f + (double)i / 8);
    return volume;
}

static void write_volume(const char *path, const rgq_volume *volume, const char *text)
{
    MUST(rgq_nifti_write(path, rgq_volume_grid(volume), &(rgq_nifti_voxels){.volume = volume},
                         text, true, err));
    length = load(path, bytes, sizeof bytes);
}

START_TEST(header_fields)
{
    const rgq_grid grid = oblique(0.4, 0.0);
    rgq_volume *volume = make_volume(&grid, 2);
    for (int f = 0; f < 2; f++)
        rgq_volume_set_frame(volume, f, (rgq_frame){60.0 * f, 60.0});
    write_volume(at("a.nii"), volume, "made by a test");
    ck_assert_uint_eq(length, 352 + 2 * 24 * 4);
    ck_assert_int_eq(whole(0, 4), 348);
    ck_assert_int_eq(bytes[38], 'r');
    const int64_t dim[8] = {4, 4, 3, 2, 2, 1, 1, 1};
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(whole(40 + 2 * i, 2), dim[i]);
    ck_assert_int_eq(whole(70, 2), 16);
    ck_assert_int_eq(whole(72, 2), 32);
    const double pixdim[4] = {2, 3, 4, 60};
    for (size_t i = 0; i < 4; i++)
        ck_assert_double_eq_tol(real(80 + 4 * i), pixdim[i], 1e-6);
    ck_assert_double_eq(fabs(real(76)), 1.0);
    ck_assert_double_eq(real(108), 352.0);
    ck_assert_double_eq(real(112), 1.0);
    ck_assert_double_eq(real(116), 0.0);
    ck_assert_int_eq(bytes[123], 2 | 8);
    ck_assert_str_eq((char *)bytes + 148, "made by a test");
    ck_assert_int_eq(whole(252, 2), 1);
    ck_assert_int_eq(whole(254, 2), 1);
    for (size_t r = 0; r < 3; r++)
        for (size_t c = 0; c < 4; c++)
            ck_assert_double_eq_tol(real(280 + 16 * r + 4 * c), grid.affine[r][c], 1e-6);
    ck_assert_mem_eq(bytes + 344, "n+1", 4);
    ck_assert_int_eq(whole(348, 4), 0);
    ck_assert_double_eq(real(352 + 4 * 24), 100.0);
    ck_assert_double_eq(real(352 + 4 * 47), 100.0 + 23.0 / 8);
    rgq_volume_free(volume);
}
END_TEST

/* The qform alone must place the voxels where the sform does: sform code blanked. */
START_TEST(qform_agrees_with_sform)
{
    for (int flip = 0; flip < 2; flip++) {
        rgq_grid grid = oblique(2.5, 0.0);
        if (flip == 1)
            for (int r = 0; r < 3; r++)
                grid.affine[r][2] = -grid.affine[r][2];
        rgq_volume *volume = make_volume(&grid, 1);
        rgq_volume *again = NULL;
        write_volume(at("q.nii"), volume, NULL);
        ck_assert_int_eq(whole(40, 2), 3);
        bytes[254] = 0;
        save(at("q.nii"), bytes, length);
        MUST(rgq_nifti_read(&again, NULL, at("q.nii"), NULL, err));
        MUST(rgq_grid_compare(&grid, rgq_volume_grid(again), 1e-4, err)); /* float quaternion */
        rgq_volume_free(again);
        rgq_volume_free(volume);
    }
    const rgq_grid sheared = oblique(0.0, 1.0); /* no rotation can say that */
    rgq_volume *volume = make_volume(&sheared, 1);
    write_volume(at("s.nii"), volume, NULL);
    ck_assert_int_eq(whole(252, 2), 0);
    ck_assert_int_eq(whole(254, 2), 1);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(round_trip_bit_exact)
{
    const rgq_grid grid = oblique(0.3, 0.5);
    rgq_volume *volume = make_volume(&grid, 3);
    static const char *const names[] = {"r.nii", "r.nii.gz"};
    for (int i = 0; i < 2; i++) {
        rgq_volume *again = NULL;
        rgq_nifti_facts facts;
        write_volume(at(names[i]), volume, NULL);
        MUST(rgq_nifti_read(&again, &facts, at(names[i]), NULL, err));
        ck_assert_str_eq(facts.format, "NIfTI-1");
        MUST(rgq_grid_compare(&grid, rgq_volume_grid(again), 1e-5, err));
        for (int f = 0; f < 3; f++)
            ck_assert_mem_eq(rgq_volume_cdata(again, f), rgq_volume_cdata(volume, f),
                             24 * sizeof(float));
        rgq_volume_free(again);
    }
    rgq_volume_free(volume);
}
END_TEST

START_TEST(gzip_header_has_no_time)
{
    const rgq_grid grid = oblique(0.0, 0.0);
    rgq_volume *volume = make_volume(&grid, 1);
    unsigned char raw[2][4096];
    size_t size[2];
    for (int i = 0; i < 2; i++) {
        write_volume(at(i == 0 ? "a.nii.gz" : "other-name.nii.gz"), volume, "x");
        FILE *file = fopen(at(i == 0 ? "a.nii.gz" : "other-name.nii.gz"), "rb");
        size[i] = fread(raw[i], 1, sizeof raw[i], file);
        (void)fclose(file);
    }
    ck_assert_int_eq(raw[0][0], 0x1f);
    ck_assert_int_eq(raw[0][3], 0); /* no name, no comment */
    for (int i = 4; i < 8; i++)
        ck_assert_int_eq(raw[0][i], 0); /* MTIME */
    ck_assert_uint_eq(size[0], size[1]);
    ck_assert_mem_eq(raw[0], raw[1], size[0]);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(labels_take_the_smaller_type)
{
    const rgq_grid grid = oblique(0.0, 0.0);
    int32_t labels[24] = {0, 1, 2, 32767};
    const rgq_nifti_voxels voxels = {.labels = labels};
    MUST(rgq_nifti_write(at("l.nii"), &grid, &voxels, NULL, false, err));
    length = load(at("l.nii"), bytes, sizeof bytes);
    ck_assert_int_eq(whole(70, 2), 4);
    ck_assert_int_eq(whole(72, 2), 16);
    ck_assert_uint_eq(length, 352 + 48);
    ck_assert_int_eq(whole(352 + 6, 2), 32767);
    labels[3] = 32768;
    MUST(rgq_nifti_write(at("l.nii"), &grid, &voxels, NULL, true, err));
    length = load(at("l.nii"), bytes, sizeof bytes);
    ck_assert_int_eq(whole(70, 2), 8);
    ck_assert_int_eq(whole(352 + 12, 4), 32768);
}
END_TEST

START_TEST(long_description_is_cut)
{
    const rgq_grid grid = oblique(0.0, 0.0);
    rgq_volume *volume = make_volume(&grid, 1);
    char text[200];
    memset(text, 'd', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    write_volume(at("d.nii"), volume, text);
    ck_assert_uint_eq(strlen((char *)bytes + 148), 79);
    ck_assert_int_eq(bytes[228], 0); /* aux_file stays empty */
    rgq_volume_free(volume);
}
END_TEST

START_TEST(refused)
{
    const rgq_grid grid = oblique(0.0, 0.0);
    rgq_volume *volume = make_volume(&grid, 1);
    const rgq_nifti_voxels voxels = {.volume = volume};
    REFUSED(rgq_nifti_write(at("x.img"), &grid, &voxels, NULL, false, err), RGQ_E_ARGUMENT,
            ".nii.gz");
    save_text(at("x.nii"), "kept");
    REFUSED(rgq_nifti_write(at("x.nii"), &grid, &voxels, NULL, false, err), RGQ_E_IO,
            "--force");
    ck_assert_uint_eq(load(at("x.nii"), bytes, sizeof bytes), 4);
    REFUSED(rgq_nifti_write(at("no/x.nii"), &grid, &voxels, NULL, false, err), RGQ_E_IO,
            "cannot write");
    ck_assert_int_eq(count_files(), 1);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(lost_memory_leaves_no_file)
{
    const rgq_grid grid = oblique(0.0, 0.0);
    rgq_volume *volume = make_volume(&grid, 1);
    const rgq_nifti_voxels voxels = {.volume = volume};
    const char *path = at("m.nii");
    TORTURE(rgq_nifti_write(path, &grid, &voxels, NULL, false, err),
            ck_assert_int_eq(count_files(), torture_st == RGQ_OK ? 1 : 0), 1);
    rgq_volume_free(volume);
}
END_TEST

/* Image and side file: both or none. */
START_TEST(scan_with_side_file)
{
    const rgq_grid grid = oblique(0.2, 0.0);
    rgq_volume *volume = make_volume(&grid, 2);
    rgq_scan scan = {0};
    rgq_scan_facts facts = {0};
    rgq_fact_set(&facts.weight_kg, 71.5, "test");
    MUST(rgq_scan_write_nifti(at("s.nii.gz"), volume, &facts, NULL, err));
    ck_assert_int_eq(count_files(), 2);
    MUST(rgq_scan_read(&scan, at("s.nii.gz"), NULL, NULL, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_double_eq(scan.facts.weight_kg.value, 71.5);
    rgq_scan_release(&scan);
    REFUSED(rgq_scan_write_nifti(at("s.nii"), volume, &facts, NULL, err), RGQ_E_IO, "s.json");
    ck_assert_int_eq(count_files(), 2);
    MUST(rgq_scan_write_nifti(at("s.nii"), volume, NULL, NULL, err)); /* no side file asked */
    ck_assert_int_eq(count_files(), 3);
    const rgq_write_opts force = {true, "again"};
    MUST(rgq_scan_write_nifti(at("s.nii"), volume, &facts, &force, err));
    rgq_volume_free(volume);
}
END_TEST

RGQ_CHECK_MAIN("io nifti_write", tcase_add_checked_fixture(tc, folder_begin, folder_end);
               tcase_add_test(tc, header_fields); tcase_add_test(tc, qform_agrees_with_sform);
               tcase_add_test(tc, round_trip_bit_exact);
               tcase_add_test(tc, gzip_header_has_no_time);
               tcase_add_test(tc, labels_take_the_smaller_type);
               tcase_add_test(tc, long_description_is_cut); tcase_add_test(tc, refused);
               tcase_add_test(tc, lost_memory_leaves_no_file);
               tcase_add_test(tc, scan_with_side_file))
