/* Interfile and TIFF written and read back; what is refused leaves nothing behind. */
#include "io/interfile.h"
#include "io/tiff.h"

#include "io_check.h"
#include "rgdquant/scan_file.h"

static rgq_volume *volume;
static rgq_scan scan;

static void begin(void)
{
    folder_begin();
    volume = NULL;
    scan = (rgq_scan){0};
}

static void end(void)
{
    rgq_volume_free(volume);
    rgq_scan_release(&scan);
    folder_end();
}

/* 4 x 3 x 2 voxels and `n_frames` frames, every voxel another value. */
static void make(const rgq_grid *grid, int n_frames)
{
    rgq_volume_free(volume);
    MUST(rgq_volume_create(&volume, grid, n_frames, RGQ_UNIT_BQ_ML, err));
    for (int f = 0; f < n_frames; f++) {
        rgq_volume_set_frame(volume, f, (rgq_frame){60.5 * f, 60.5});
        for (size_t i = 0; i < rgq_volume_count(volume); i++)
            rgq_volume_data(volume, f)[i] = (float)(0.1 * (double)(i + 1) + 1000.0 * f);
    }
}

static const rgq_grid plain_grid = {
    .n = {4, 3, 2}, .affine = {{2, 0, 0, -10}, {0, 2.5, 0, 20}, {0, 0, 3.3, -30}}};

/* Axes of the volume along world x, y, z and their signs: all 48 ways to lie straight. */
static rgq_grid grid_of(int way)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const double spacing[3] = {2.0, 2.5, 3.3};
    rgq_grid grid = {.n = {4, 3, 2}};

    for (int w = 0; w < 3; w++) {
        const int axis = orders[way / 8][w];
        grid.affine[w][axis] = (way >> w & 1) != 0 ? -spacing[axis] : spacing[axis];
        grid.affine[w][3] = 7.25 * (w + 1);
    }
    return grid;
}

/* Every voxel of `volume` is found in the scan, at its place in the world. */
static void check_same_world(void)
{
    const rgq_grid *from = rgq_volume_grid(volume);
    const rgq_grid *to = rgq_volume_grid(scan.volume);

    ck_assert_uint_eq(rgq_volume_count(scan.volume), rgq_volume_count(volume));
    for (int k = 0; k < from->n[2]; k++)
        for (int j = 0; j < from->n[1]; j++)
            for (int i = 0; i < from->n[0]; i++) {
                double world[3];
                double index[3];
                size_t at_voxel = 0;
                rgq_grid_to_world(from, (const double[3]){i, j, k}, world);
                rgq_grid_to_index(to, world, index);
                for (int a = 2; a >= 0; a--) { /* 1e-9 of a voxel: rounding of a few steps */
                    ck_assert_double_eq_tol(index[a], round(index[a]), 1e-9);
                    at_voxel = at_voxel * (size_t)to->n[a] + (size_t)lround(index[a]);
                }
                const size_t source = (size_t)(i + 4 * (j + 3 * k));
                ck_assert(rgq_volume_cdata(scan.volume, 0)[at_voxel] ==
                          rgq_volume_cdata(volume, 0)[source]);
            }
}

START_TEST(interfile_of_any_straight_grid)
{
    const rgq_grid grid = grid_of(_i);
    make(&grid, 1);
    MUST(rgq_scan_write_interfile(at("a.hv"), volume, NULL, NULL, err));
    MUST(rgq_scan_read(&scan, at("a.hv"), NULL, NULL, err));
    check_same_world();
    char code[4];
    rgq_grid_orientation(rgq_volume_grid(scan.volume), code);
    ck_assert_str_eq(code, "LPI");
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_int_eq(count_files(), 2);
}
END_TEST

START_TEST(tiff_of_any_straight_grid)
{
    const rgq_grid grid = grid_of(_i);
    make(&grid, 1);
    MUST(rgq_scan_write_tiff(at("a.tif"), volume, NULL, NULL, err));
    MUST(rgq_scan_read(&scan, at("a.tif"), NULL, NULL, err));
    MUST(rgq_grid_compare(rgq_volume_grid(scan.volume), &grid, 1e-9, err));
    check_same_world();
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

static void fill_facts(rgq_scan_facts *facts)
{
    *facts = (rgq_scan_facts){0};
    rgq_fact_set(&facts->weight_kg, 70.0, "x");
    rgq_fact_text_set(&facts->modality, "PT", "x");
    rgq_fact_text_set(&facts->series_uid, "1.2.3.identifying", "x");
    rgq_fact_set(&facts->injection_time_s, 1.7e9, "x");
    rgq_fact_set(&facts->injection_date_known, 1.0, "x");
}

/* Frames, unit and facts come back through either format; no identifier is written. */
START_TEST(round_trip_with_facts)
{
    static const char *const names[] = {"\xc3\xa4 b.hv", "c.h33", "d.tif", "e.ome.tiff"};
    static const char *const sides[] = {"\xc3\xa4 b.json", "c.json", "d.json", "e.json"};
    rgq_scan_facts facts;

    fill_facts(&facts);
    make(&plain_grid, 3);
    for (int i = 0; i < 4; i++) {
        const char *path = at(names[i]);
        if (i < 2)
            MUST(rgq_scan_write_interfile(path, volume, &facts, NULL, err));
        else
            MUST(rgq_scan_write_tiff(path, volume, &facts, NULL, err));
        rgq_scan_release(&scan);
        MUST(rgq_scan_read(&scan, path, NULL, NULL, err));
        ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 3);
        check_same_world();
        for (int f = 0; f < 3; f++) {
            const rgq_frame time = rgq_volume_frame(scan.volume, f);
            ck_assert_double_eq_tol(time.start_s, 60.5 * f, 1e-9);
            ck_assert_double_eq(time.duration_s, 60.5);
        }
        ck_assert(rgq_volume_cdata(scan.volume, 2)[0] > 2000.0F);
        ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
        ck_assert_double_eq(scan.facts.weight_kg.value, 70.0);
        unsigned char bytes[16384];
        const char *both[2] = {path, at(sides[i])};
        for (int b = 0; b < 2; b++) {
            const size_t n = load(both[b], bytes, sizeof bytes - 1);
            for (size_t k = 0; k + 11 < n; k++)
                ck_assert(memcmp(bytes + k, "identifying", 11) != 0);
        }
    }
}
END_TEST

START_TEST(bytes_depend_on_the_content_alone)
{
    unsigned char first[8192];
    unsigned char second[8192];

    make(&plain_grid, 2);
    MUST(rgq_scan_write_tiff(at("a.tif"), volume, NULL, NULL, err));
    MUST(rgq_scan_write_tiff(at("b.tif"), volume, NULL, NULL, err));
    const size_t n = load(at("a.tif"), first, sizeof first);
    ck_assert_uint_eq(load(at("b.tif"), second, sizeof second), n);
    ck_assert_mem_eq(first, second, n);
}
END_TEST

START_TEST(oblique_grids)
{
    rgq_grid grid = plain_grid;
    grid.affine[1][0] = 0.3;
    make(&grid, 1);
    REFUSED(rgq_scan_write_interfile(at("a.hv"), volume, NULL, NULL, err), RGQ_E_UNSUPPORTED,
            "oblique");
    ck_assert_int_eq(count_files(), 0);
    MUST(rgq_scan_write_tiff(at("a.tif"), volume, NULL, NULL, err));
    MUST(rgq_scan_read(&scan, at("a.tif"), NULL, NULL, err));
    MUST(rgq_grid_compare(rgq_volume_grid(scan.volume), &grid, 1e-9, err));
}
END_TEST

START_TEST(refusals_leave_nothing)
{
    rgq_scan_facts facts;
    const rgq_write_opts force = {true, NULL};

    fill_facts(&facts);
    make(&plain_grid, 1);
    REFUSED(rgq_scan_write_interfile(at("a.img"), volume, NULL, NULL, err), RGQ_E_ARGUMENT,
            ".hv or .h33");
    REFUSED(rgq_scan_write_tiff(at("a.png"), volume, NULL, NULL, err), RGQ_E_ARGUMENT,
            ".tif or .tiff");
    REFUSED(rgq_scan_write_interfile(at(" a.hv"), volume, NULL, NULL, err), RGQ_E_ARGUMENT,
            "blank");
    REFUSED(rgq_scan_write_interfile(at("a\nb.hv"), volume, NULL, NULL, err), RGQ_E_ARGUMENT,
            "control");
    REFUSED(rgq_scan_write_tiff(at("none/a.tif"), volume, NULL, NULL, err), RGQ_E_IO, "none");
    ck_assert_int_eq(count_files(), 0);
    static const char *const taken[] = {"a.v", "a.hv", "a.json"};
    for (int i = 0; i < 3; i++) {
        save_text(at(taken[i]), "kept");
        REFUSED(rgq_scan_write_interfile(at("a.hv"), volume, &facts, NULL, err), RGQ_E_IO,
                "--force");
        ck_assert_int_eq(count_files(), 1);
        MUST(rgq_scan_write_interfile(at("a.hv"), volume, &facts, &force, err));
        ck_assert_int_eq(count_files(), 3);
        (void)unlink(at("a.v"));
        (void)unlink(at("a.hv"));
        (void)unlink(at("a.json"));
    }
    save_text(at("a.tif"), "kept");
    REFUSED(rgq_scan_write_tiff(at("a.tif"), volume, NULL, NULL, err), RGQ_E_IO, "--force");
    MUST(rgq_scan_write_tiff(at("a.tif"), volume, NULL, &force, err));
    ck_assert_int_eq(count_files(), 1);
}
END_TEST

START_TEST(lost_memory)
{
    rgq_scan_facts facts;
    const rgq_write_opts force = {true, NULL};
    char header[512];
    char picture[512];

    fill_facts(&facts);
    make(&plain_grid, 2);
    (void)snprintf(header, sizeof header, "%s", at("m.hv"));
    (void)snprintf(picture, sizeof picture, "%s", at("m.tif"));
    TORTURE(
        rgq_scan_write_interfile(header, volume, &facts, &force, err),
        { ck_assert_int_eq(count_files(), torture_st == RGQ_OK ? 3 : 0); }, 3);
    (void)unlink(at("m.hv"));
    (void)unlink(at("m.v"));
    (void)unlink(at("m.json"));
    TORTURE(
        rgq_scan_write_tiff(picture, volume, &facts, &force, err),
        { ck_assert_int_eq(count_files(), torture_st == RGQ_OK ? 2 : 0); }, 3);
}
END_TEST

RGQ_CHECK_MAIN("io formats_write", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_loop_test(tc, interfile_of_any_straight_grid, 0, 48);
               tcase_add_loop_test(tc, tiff_of_any_straight_grid, 0, 48);
               tcase_add_test(tc, round_trip_with_facts);
               tcase_add_test(tc, bytes_depend_on_the_content_alone);
               tcase_add_test(tc, oblique_grids); tcase_add_test(tc, refusals_leave_nothing);
               tcase_add_test(tc, lost_memory))
