/* NIfTI files of other programs: nibabel's test files and two PET scans of the IBSI data sets.
 * The sums were taken from the bytes with a decoder of a few lines in another language. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgdquant/scan_file.h"
#include "rgq_check.h"

static const char *data_folder;

typedef struct known_file {
    const char *name;
    const char *format;
    int n[4];
    const char *axes;   /* letters of the world directions */
    double affine_x[4]; /* first row */
    double sum, min, max, middle, last;
} known_file;

static const known_file files[] = {
    {"nifti/anatomical.nii",
     "NIfTI-1",
     {33, 41, 25, 1},
     "LAS",
     {-2, 0, 0, 32},
     284166082.0,
     -610.0,
     30393.0,
     11881.0,
     2971.0},
    {"nifti/example_nifti2.nii.gz",
     "NIfTI-2",
     {32, 20, 12, 2},
     "LAS",
     {-2, 0, 0, 117.8551025390625},
     6926802.0,
     46.0,
     757.0,
     439.0,
     457.0},
    {"nifti/functional.nii",
     "NIfTI-1",
     {17, 21, 3, 20},
     "LAS",
     {-4, 0, 0, 32},
     77913290.36292362,
     629.826171875,
     5571.621858656406,
     3989.6590645313263,
     3129.3409598469734},
    {"nifti/standard.nii.gz",
     "NIfTI-1",
     {4, 5, 7, 1},
     "RAS",
     {1, 0, 0, 0},
     7650.0,
     0.0,
     255.0,
     0.0,
     255.0},
    {"sts-pet/STS_002-nifti/PET_image.nii.gz",
     "NIfTI-1",
     {30, 27, 48, 1},
     "LPS",
     {-5.46875, 0, 0, -2.734380006790161},
     24193.158356581698,
     0.0,
     21.67574691772461,
     2.2274091243743896,
     0.0028011633548885584},
};

static void join(char *out, size_t size, const char *name)
{
    (void)snprintf(out, size, "%s/%s", data_folder, name);
}

START_TEST(known_values)
{
    const known_file *k = &files[_i];
    char path[4096];
    char axes[4];
    rgq_scan scan = {0};

    join(path, sizeof path, k->name);
    MUST(rgq_scan_read(&scan, path, NULL, NULL, err));
    ck_assert_str_eq(scan.format, k->format);
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(grid->n[i], k->n[i]);
    ck_assert_int_eq(rgq_volume_n_frames(scan.volume), k->n[3]);
    rgq_grid_orientation(grid, axes);
    ck_assert_str_eq(axes, k->axes);
    for (int c = 0; c < 4; c++) /* the quaternion's float parts cost about 1e-7 of 10 mm */
        ck_assert_double_eq_tol(grid->affine[0][c], k->affine_x[c], 1e-5);
    const size_t count = rgq_volume_count(scan.volume);
    const size_t middle = count * (size_t)k->n[3] / 2;
    double sum = 0.0;
    double min = HUGE_VAL;
    double max = -HUGE_VAL;
    for (int f = 0; f < k->n[3]; f++)
        for (size_t i = 0; i < count; i++) {
            const double v = (double)rgq_volume_cdata(scan.volume, f)[i];
            sum += v;
            min = fmin(min, v);
            max = fmax(max, v);
        }
    /* values are rounded to float: 6e-8 each */
    ck_assert_double_eq_tol(sum, k->sum, 1e-7 * k->sum);
    ck_assert_double_eq_tol(min, k->min, 1e-7 * fabs(k->min) + 1e-30);
    ck_assert_double_eq_tol(max, k->max, 1e-7 * k->max);
    ck_assert_double_eq_tol(
        (double)rgq_volume_cdata(scan.volume, (int)(middle / count))[middle % count], k->middle,
        1e-7 * fabs(k->middle) + 1e-30);
    ck_assert_double_eq_tol((double)rgq_volume_cdata(scan.volume, k->n[3] - 1)[count - 1],
                            k->last, 1e-7 * k->last);
    rgq_scan_release(&scan);
}
END_TEST

/* The published statistics of the mask in the image, population standard deviation. */
static const struct {
    const char *image, *mask;
    int n_voxels;
    double mean, max, sd, ml;
} patients[] = {
    {"sts-pet/STS_002-nifti/PET_image.nii.gz", "sts-pet/STS_002-nifti/PET_mask.nii.gz", 555,
     7.369624, 21.675747, 5.687262, 54.277130},
    {"sts-pet/STS_003-nifti/PET_image.nii.gz", "sts-pet/STS_003-nifti/PET_mask.nii.gz", 817,
     5.816285, 10.265303, 2.233799, 79.899847},
};

START_TEST(mask_on_image)
{
    char path[4096];
    rgq_scan scan = {0};
    rgq_regions *regions = NULL;
    double sum = 0.0;
    double squares = 0.0;
    double max = 0.0;
    int n_voxels = 0;

    join(path, sizeof path, patients[_i].image);
    MUST(rgq_scan_read(&scan, path, NULL, NULL, err));
    join(path, sizeof path, patients[_i].mask);
    MUST(rgq_regions_read(&regions, path, NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 1);
    const rgq_region *region = rgq_regions_at(regions, 0);
    const rgq_grid *grid = rgq_volume_grid(scan.volume);
    MUST(rgq_grid_compare(grid, rgq_regions_grid(regions), -1.0, err));
    const float *weight = region->weight;
    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++)
            for (int x = 0; x < region->n[0]; x++) {
                const size_t at = ((size_t)(region->lo[2] + z) * (size_t)grid->n[1] +
                                   (size_t)(region->lo[1] + y)) *
                                      (size_t)grid->n[0] +
                                  (size_t)(region->lo[0] + x);
                if (*weight++ != 1.0F)
                    continue;
                const double v = (double)rgq_volume_cdata(scan.volume, 0)[at];
                n_voxels++;
                sum += v;
                squares += v * v;
                max = fmax(max, v);
            }
    const double mean = sum / n_voxels;
    ck_assert_int_eq(n_voxels, patients[_i].n_voxels);
    /* one unit of the last published digit: some were cut, not rounded */
    ck_assert_double_eq_tol(mean, patients[_i].mean, 1e-6);
    ck_assert_double_eq_tol(max, patients[_i].max, 1e-6);
    ck_assert_double_eq_tol(sqrt(squares / n_voxels - mean * mean), patients[_i].sd, 1e-6);
    ck_assert_double_eq_tol(rgq_region_volume_ml(region, grid), patients[_i].ml, 1e-6);
    rgq_regions_free(regions);
    rgq_scan_release(&scan);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_loop_test(tc, known_values, 0, ROWS(files));
    tcase_add_loop_test(tc, mask_on_image, 0, ROWS(patients));
}

int main(void)
{
    data_folder = getenv("RGQ_REFERENCE_DATA");
    if (data_folder == NULL) {
        puts("skipped: RGQ_REFERENCE_DATA names no folder");
        return 77;
    }
    RGQ_CHECK_RUN("nifti", add_tests(tc));
}
