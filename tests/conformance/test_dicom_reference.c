/* DICOM PET series of other people: geometry, units, values, facts. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/dicom.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"

#include "core/banned.h"

static rgq_scan read_series(const char *folder)
{
    char path[1024];
    rgq_scan scan = {0};
    (void)snprintf(path, sizeof path, "%s/%s", getenv("RGQ_REFERENCE_DATA"), folder);
    ck_assert_msg(rgq_dicom_is(path), "%s is not seen as DICOM", path);
    MUST(rgq_dicom_read(&scan, path, NULL, NULL, err));
    return scan;
}

static void check_grid(const rgq_scan *scan, int nx, int ny, int nz, double dx, double dz,
                       const double origin[3])
{
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    double spacing[3];

    ck_assert_int_eq(grid->n[0], nx);
    ck_assert_int_eq(grid->n[1], ny);
    ck_assert_int_eq(grid->n[2], nz);
    rgq_grid_spacing_mm(grid, spacing);
    /* the decimals the headers write */
    ck_assert_double_eq_tol(spacing[0], dx, 1e-5);
    ck_assert_double_eq_tol(spacing[1], dx, 1e-5);
    ck_assert_double_eq_tol(spacing[2], dz, 1e-5);
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol(grid->affine[i][3], origin[i], 1e-4);
    char code[4];
    rgq_grid_orientation(grid, code);
    ck_assert_str_eq(code, "LPS");
}

static double largest(const rgq_scan *scan)
{
    const float *v = rgq_volume_cdata(scan->volume, 0);
    double top = 0.0;
    for (size_t i = 0; i < rgq_volume_count(scan->volume); i++)
        top = fmax(top, (double)v[i]);
    return top;
}

/* Instance numbers are absent, so that only positions can order the slices; no Units, no
 * weight, no times. */
START_TEST(test_nema)
{
    rgq_scan scan = read_series("nema-iq/pet_recon_2");
    check_grid(&scan, 192, 192, 89, 2.08333, 2.78,
               (const double[3]){198.95832824707, 198.95832824707, -122.32});
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_NATIVE);
    ck_assert(!scan.facts.units.known);
    ck_assert(!scan.facts.weight_kg.known);
    ck_assert(!scan.facts.time_zero_s.known);
    ck_assert(isnan(rgq_volume_frame(scan.volume, 0).start_s));
    ck_assert_int_eq(scan.n_files, 89);
    ck_assert(scan.identifiers_present);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_dro)
{
    rgq_scan scan = read_series("suv-dro/DRO_0_0/PT");
    check_grid(&scan, 256, 256, 20, 4.0, 4.0, (const double[3]){0.0, 0.0, 0.0});
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert_str_eq(scan.facts.decay_correction.value, "START");
    ck_assert_str_eq(scan.facts.nuclide.value, "^18^Fluorine");
    ck_assert_double_eq_tol(scan.facts.weight_kg.value, 70.0, 1e-12);
    ck_assert_double_eq_tol(scan.facts.injected_activity_bq.value, 368080000.0, 1e-3);
    ck_assert_double_eq_tol(scan.facts.half_life_s.value, 6586.2, 1e-9);
    /* injected an hour before the scan */
    ck_assert_double_eq_tol(rgq_volume_frame(scan.volume, 0).start_s, 3600.0, 1e-6);
    ck_assert_double_eq_tol(rgq_volume_frame(scan.volume, 0).duration_s, 300.0, 1e-9);
    rgq_scan_release(&scan);
}
END_TEST

/* The same object with a slope of its own in every slice (1_0) holds the same values. */
START_TEST(test_dro_slopes)
{
    rgq_scan one = read_series("suv-dro/DRO_0_0/PT");
    rgq_scan many = read_series("suv-dro/DRO_1_0/PT");
    const float *a = rgq_volume_cdata(one.volume, 0);
    const float *b = rgq_volume_cdata(many.volume, 0);
    double worst = 0.0;
    for (size_t i = 0; i < rgq_volume_count(one.volume); i++)
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
    ck_assert_msg(worst < 1.0, "largest difference %g Bq/mL", worst);
    rgq_scan_release(&one);
    rgq_scan_release(&many);
}
END_TEST

START_TEST(test_sts)
{
    rgq_scan scan = read_series("sts-pet/STS_002-dicom/PET/image");
    check_grid(&scan, 30, 27, 48, 5.46875, 3.27,
               (const double[3]){-2.734375, -57.421875, -629.02});
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_SUV_BW);
    ck_assert_str_eq(scan.facts.suv_type.value, "BW");
    /* published maximum of the lesion, which is that of the cropped image */
    ck_assert_double_eq_tol(largest(&scan), 21.675747, 1e-5);
    ck_assert_str_eq(scan.facts.radiopharmaceutical.value, "FDG -- fluorodeoxyglucose");
    /* the injection is dated a day after the scan: frames do not count from there */
    ck_assert_double_eq_tol(rgq_volume_frame(scan.volume, 0).start_s, 0.0, 3600.0);
    rgq_scan_release(&scan);
}
END_TEST

/* The DICOM series and the NIfTI file somebody else made of it: the same voxels at the same
 * places, to 3e-6 (float32 of values with a slope of 14 digits). */
START_TEST(test_sts_nifti)
{
    static const char *const names[] = {"STS_002", "STS_003"};
    char path[1024];
    rgq_scan dicom = {0};
    rgq_scan nifti = {0};
    const char *data = getenv("RGQ_REFERENCE_DATA");
    (void)snprintf(path, sizeof path, "%s/sts-pet/%s-dicom/PET/image", data, names[_i]);
    MUST(rgq_scan_read(&dicom, path, NULL, NULL, err));
    (void)snprintf(path, sizeof path, "%s/sts-pet/%s-nifti/PET_image.nii.gz", data, names[_i]);
    MUST(rgq_scan_read(&nifti, path, NULL, NULL, err));
    const rgq_grid *a = rgq_volume_grid(dicom.volume);
    const rgq_grid *b = rgq_volume_grid(nifti.volume);
    ck_assert_uint_eq(rgq_grid_count(a), rgq_grid_count(b));
    double worst = 0.0;
    for (size_t i = 0; i < rgq_grid_count(a); i++) {
        const size_t row = i / (size_t)a->n[0];
        const size_t ijk[3] = {i % (size_t)a->n[0], row % (size_t)a->n[1],
                               row / (size_t)a->n[1]};
        double index[3] = {(double)ijk[0], (double)ijk[1], (double)ijk[2]};
        double at_mm[3];
        rgq_grid_to_world(a, index, at_mm);
        rgq_grid_to_index(b, at_mm, index);
        size_t j = 0;
        for (int c = 2; c >= 0; c--) {
            const double whole = round(index[c]);
            ck_assert_double_lt(fabs(index[c] - whole), 1e-3); /* voxels; NIfTI has floats */
            ck_assert(whole >= 0.0 && whole < b->n[c]);
            j = j * (size_t)b->n[c] + (size_t)whole;
        }
        const double x = (double)rgq_volume_cdata(dicom.volume, 0)[i];
        const double y = (double)rgq_volume_cdata(nifti.volume, 0)[j];
        worst = fmax(worst, fabs(x - y) / fmax(fabs(y), 1e-3));
    }
    ck_assert_msg(worst < 3e-6, "largest relative difference %g", worst);
    rgq_scan_release(&dicom);
    rgq_scan_release(&nifti);
}
END_TEST

int main(void)
{
    if (getenv("RGQ_REFERENCE_DATA") == NULL) {
        (void)printf(
            "skipped: RGQ_REFERENCE_DATA does not name the folder of reference data\n");
        return 77;
    }
    RGQ_CHECK_RUN("dicom_reference", tcase_add_test(tc, test_nema);
                  tcase_add_test(tc, test_dro); tcase_add_test(tc, test_dro_slopes);
                  tcase_add_test(tc, test_sts); tcase_add_loop_test(tc, test_sts_nifti, 0, 2));
}
