/* Files of other programs in Interfile, ECAT 7 and TIFF. The answers come with the files. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rgdquant/scan_file.h"
#include "rgq_check.h"

static const char *data_folder;
static rgq_scan scan;

static void read_with(const char *name, const char *side_file)
{
    const rgq_scan_read_opts opts = {NULL, side_file};
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/%s", data_folder, name);
    rgq_scan_release(&scan);
    MUST(rgq_scan_read(&scan, path, &opts, NULL, err));
}

static void read_file(const char *name)
{
    read_with(name, NULL);
}

static void end(void)
{
    rgq_scan_release(&scan);
}

static double sum_of(int frame)
{
    const float *data = rgq_volume_cdata(scan.volume, frame);
    double sum = 0.0;

    for (size_t i = 0; i < rgq_volume_count(scan.volume); i++)
        sum += (double)data[i];
    return sum;
}

static double max_of(int frame)
{
    const float *data = rgq_volume_cdata(scan.volume, frame);
    double max = (double)-INFINITY;

    for (size_t i = 0; i < rgq_volume_count(scan.volume); i++)
        max = fmax(max, (double)data[i]);
    return max;
}

START_TEST(stir_image)
{
    read_file("interfile/test_image_3.hv");
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    double spacing[3];
    ck_assert_int_eq(grid->n[0], 97);
    ck_assert_int_eq(grid->n[1], 97);
    ck_assert_int_eq(grid->n[2], 31);
    rgq_grid_spacing_mm(grid, spacing);
    ck_assert_double_eq_tol(spacing[0], 3.1088, 1e-12);
    ck_assert_double_eq_tol(spacing[1], 3.1088, 1e-12);
    ck_assert_double_eq_tol(spacing[2], 3.375, 1e-12);
    ck_assert_double_eq_tol(max_of(0), 0.0749811, 5e-8); /* as many digits as are known */
    ck_assert_double_eq_tol(sum_of(0), 3415.96, 0.01);
}
END_TEST

START_TEST(ecat_of_known_voxels)
{
    static const double means[4] = {4095.0, 12287.0, 20479.0, 28671.0};

    read_file("ecat/synthetic_ecat_integer_16x16x16x4.v.gz");
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), 4);
    ck_assert_uint_eq(rgq_volume_count(scan.volume), 4096);
    for (int f = 0; f < 4; f++) {
        const float *data = rgq_volume_cdata(scan.volume, f);
        for (size_t i = 0; i < 4096; i++) /* whole numbers below 2^15: exact */
            ck_assert_double_eq((double)data[i], 2.0 * (4096.0 * f + (double)i));
        ck_assert_double_eq(sum_of(f) / 4096.0, means[f]);
        ck_assert_double_eq(rgq_volume_frame(scan.volume, f).start_s, 10.0 * f);
        ck_assert_double_eq(rgq_volume_frame(scan.volume, f).duration_s, 10.0);
    }
    /* float32 centimetres */
    ck_assert_double_eq_tol(fabs(rgq_volume_grid(scan.volume)->affine[0][0]), 1.21875, 1e-6);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_str_eq(scan.facts.nuclide.value, "C-11");
    ck_assert(scan.identifiers_present);
}
END_TEST

/* None of the pictures states a size of its voxels. */
START_TEST(tiff_pictures)
{
    static const char *const same[] = {"tiff/shapes_uncompressed.tif",
                                       "tiff/shapes_deflate.tif", "tiff/shapes_lzw.tif"};
    static float first[128 * 72];
    char sizes[] = "/tmp/rgq-sizes-XXXXXX";
    const int fd = mkstemp(sizes);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    ck_assert_ptr_nonnull(file);
    (void)fputs("{\"VoxelSize\": [1, 1, 2]}", file);
    ck_assert_int_eq(fclose(file), 0);
    for (int i = 0; i < 3; i++) {
        read_with(same[i], sizes);
        ck_assert_uint_eq(rgq_volume_count(scan.volume), 128 * 72);
        ck_assert_double_eq_tol(sum_of(0) / (128.0 * 72.0), 213.47, 0.005);
        const float *data = rgq_volume_cdata(scan.volume, 0);
        if (i == 0)
            memcpy(first, data, sizeof first);
        ck_assert_mem_eq(first, data, sizeof first);
    }
    read_with("tiff/z-series.ome.tif", sizes);
    ck_assert_int_eq(rgq_volume_grid(scan.volume)->n[2], 5);
    ck_assert_double_eq_tol(sum_of(0) / (439.0 * 167.0 * 5.0), 47.565, 0.0005);
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/tiff/shapes_multi_size.tif", data_folder);
    rgq_scan_release(&scan);
    const rgq_scan_read_opts opts = {NULL, sizes};
    REFUSED(rgq_scan_read(&scan, path, &opts, NULL, err), RGQ_E_UNSUPPORTED, "page 2 has 64");
    (void)unlink(sizes);
}
END_TEST

int main(void)
{
    data_folder = getenv("RGQ_REFERENCE_DATA");
    if (data_folder == NULL) {
        printf("SKIPPED: RGQ_REFERENCE_DATA names no folder of reference data\n");
        return 77;
    }
    RGQ_CHECK_RUN("formats", tcase_add_checked_fixture(tc, NULL, end);
                  tcase_add_test(tc, stir_image); tcase_add_test(tc, ecat_of_known_voxels);
                  tcase_add_test(tc, tiff_pictures));
}
