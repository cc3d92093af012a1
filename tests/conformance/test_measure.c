/* Measures of other people's scans: published values, and the order-independence of regions. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgdquant/measure.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/segment.h"
#include "rgdquant/suv.h"
#include "rgq_check.h"

#include "core/banned.h"

typedef struct measured {
    rgq_scan scan;
    rgq_regions *regions;
    rgq_table *table;
} measured;

static const char *reference(char *path, size_t size, const char *name)
{
    (void)snprintf(path, size, "%s/%s", getenv("RGQ_REFERENCE_DATA"), name);
    return path;
}

static measured measure(const char *scan, const char *mask)
{
    measured m = {.regions = NULL};
    rgq_suv_plan plan;
    const rgq_measure_opts opts = RGQ_MEASURE_OPTS_INIT;
    char path[1024];

    MUST(rgq_scan_read(&m.scan, reference(path, sizeof path, scan), NULL, NULL, err));
    MUST(rgq_suv_plan_best(&plan, &m.scan, NULL, NULL, err));
    MUST(rgq_suv_apply(&m.scan, &plan, err));
    MUST(rgq_regions_read(&m.regions, reference(path, sizeof path, mask), NULL, err));
    MUST(rgq_regions_reorient(&m.regions, rgq_volume_grid(m.scan.volume), NULL, err));
    MUST(rgq_measure(&m.table, m.scan.volume, m.regions, &opts, NULL, NULL, err));
    return m;
}

static void release(measured *m)
{
    rgq_table_free(m->table);
    rgq_regions_free(m->regions);
    rgq_scan_release(&m->scan);
}

static double real(const measured *m, const char *column)
{
    return rgq_table_real(m->table, 0, rgq_table_find(m->table, column));
}

/* Two patients with sarcoma, as DICOM and as NIfTI; values of the data's description, 6
 * decimals: half a unit of the last, and 1e-6 for the float of the NIfTI. */
START_TEST(sarcoma)
{
    static const struct {
        const char *scan, *mask;
        double voxels, mean, max, min, sd, median, volume_ml;
    } row[] = {
        {"sts-pet/STS_002-nifti/PET_image.nii.gz", "sts-pet/STS_002-nifti/PET_mask.nii.gz", 555,
         7.369624, 21.675747, 0.694655, 5.687262, 5.354791, 54.277130},
        {"sts-pet/STS_002-dicom/PET/image", "sts-pet/STS_002-nifti/PET_mask.nii.gz", 555,
         7.369624, 21.675747, 0.694655, 5.687262, 5.354791, 54.277130},
        {"sts-pet/STS_003-nifti/PET_image.nii.gz", "sts-pet/STS_003-nifti/PET_mask.nii.gz", 817,
         5.816285, 10.265303, 0.340631, 2.233799, 6.288415, 79.899847},
        {"sts-pet/STS_003-dicom/PET/image", "sts-pet/STS_003-nifti/PET_mask.nii.gz", 817,
         5.816285, 10.265303, 0.340631, 2.233799, 6.288415, 79.899847},
    };
    measured m = measure(row[_i].scan, row[_i].mask);

    ck_assert(real(&m, "n_voxels") == row[_i].voxels);
    ck_assert_double_eq_tol(real(&m, "mean"), row[_i].mean, 1.5e-6);
    ck_assert_double_eq_tol(real(&m, "max"), row[_i].max, 1.5e-6);
    ck_assert_double_eq_tol(real(&m, "min"), row[_i].min, 1.5e-6);
    ck_assert_double_eq_tol(real(&m, "sd"), row[_i].sd, 1.5e-6);
    ck_assert_double_eq_tol(real(&m, "median"), row[_i].median, 1.5e-6);
    ck_assert_double_eq_tol(real(&m, "volume_ml"), row[_i].volume_ml, 1.5e-6);
    /* a sphere cannot be hotter than the hottest voxel, nor colder than the mean here */
    ck_assert_double_gt(real(&m, "peak_global"), real(&m, "peak_local") - 1e-12);
    ck_assert_double_lt(real(&m, "peak_global"), real(&m, "max"));
    ck_assert_double_gt(real(&m, "peak_local"), real(&m, "mean"));
    release(&m);
}
END_TEST

/* Digital reference objects: 0.20, 1.00, 4.00 to two decimals. */
START_TEST(digital_reference_objects)
{
    static const char *const name[] = {"DRO_0_0", "DRO_1_0", "DRO_2_0", "DRO_3_1", "DRO_5_0"};
    char scan[64];
    char mask[64];

    (void)snprintf(scan, sizeof scan, "suv-dro/%s/PT", name[_i]);
    (void)snprintf(mask, sizeof mask, "suv-dro/%s/mask/DRO_mask.nii.gz", name[_i]);
    measured m = measure(scan, mask);
    ck_assert_int_eq(rgq_volume_unit(m.scan.volume), RGQ_UNIT_SUV_BW);
    ck_assert_double_eq_tol(real(&m, "min"), 0.20, 0.005);
    ck_assert_double_eq_tol(real(&m, "median"), 1.00, 0.005);
    ck_assert_double_eq_tol(real(&m, "max"), 4.00, 0.005);
    release(&m);
}
END_TEST

/* IBSI-1 digital phantom, first-order values that are defined as here: mean 2.15, variance 3.05
 * (population), median 1, minimum 1, coefficient of variation 0.812. */
START_TEST(ibsi_digital_phantom)
{
    measured m = measure("ibsi-1-digital-phantom/image/phantom.nii.gz",
                         "ibsi-1-digital-phantom/mask/mask.nii.gz");

    ck_assert(real(&m, "n_voxels") == 74.0);
    ck_assert_double_eq_tol(real(&m, "mean"), 2.15, 0.005);
    ck_assert_double_eq_tol(real(&m, "sd") * real(&m, "sd"), 3.05, 0.005);
    ck_assert(real(&m, "median") == 1.0 && real(&m, "min") == 1.0 && real(&m, "max") == 6.0);
    ck_assert_double_eq_tol(real(&m, "p75") - real(&m, "p25"), 3.0, 1e-12);
    ck_assert_double_eq_tol(real(&m, "cov"), 0.812, 0.0005);
    ck_assert_double_eq_tol(real(&m, "volume_ml") * 1000.0, 592.0, 1e-9);
    release(&m);
}
END_TEST

/* The six spheres of a NEMA image-quality phantom above a quarter of the contrast. */
START_TEST(nema_spheres_are_found)
{
    rgq_scan scan = {0};
    rgq_regions *regions = NULL;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;
    char path[1024];

    MUST(rgq_scan_read(&scan, reference(path, sizeof path, "nema-iq/pet_recon_2"), NULL, NULL,
                       err));
    opts.components = true;
    opts.min_volume_ml = 0.3;
    MUST(rgq_segment(&regions, scan.volume, "fixed:5000", &opts, NULL, NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 6);
    rgq_regions_free(regions);
    rgq_scan_release(&scan);
}
END_TEST

int main(void)
{
    if (getenv("RGQ_REFERENCE_DATA") == NULL) {
        (void)printf(
            "skipped: RGQ_REFERENCE_DATA does not name the folder of reference data\n");
        return 77;
    }
    RGQ_CHECK_RUN("conformance.measure", tcase_add_loop_test(tc, sarcoma, 0, 4);
                  tcase_add_loop_test(tc, digital_reference_objects, 0, 5);
                  tcase_add_test(tc, ibsi_digital_phantom);
                  tcase_add_test(tc, nema_spheres_are_found));
}
