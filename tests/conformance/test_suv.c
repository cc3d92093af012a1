/* SUVbw against objects and headers of other people: the digital reference objects of the IBSI
 * (min 0.20, median 1.00, max 4.00 inside their mask, to two decimals), header values of real
 * series with the factor another program makes of them, a clinical series that is SUVbw
 * already, and a phantom that names no unit. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/parse.h"
#include "core/timestamp.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/suv.h"
#include "rgq_check.h"

#include "core/banned.h"

static const char *data_folder;
static int n_warnings;

static void count_warnings(void *user, rgq_level level, const char *text)
{
    (void)user;
    if (level != RGQ_LEVEL_WARNING)
        return;
    n_warnings++;
    (void)fprintf(stderr, "warning: %s\n", text);
}

static const rgq_log counting = {count_warnings, NULL, NULL};

static rgq_scan read_scan(const char *name)
{
    char path[1024];
    rgq_scan scan = {0};

    (void)snprintf(path, sizeof path, "%s/%s", data_folder, name);
    MUST(rgq_scan_read(&scan, path, NULL, NULL, err));
    return scan;
}

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a;
    const float y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Voxels of frame 0 inside the only region of a mask, sorted; *count of them. Free it. */
static float *sorted_values(const rgq_scan *scan, const char *mask, size_t *count)
{
    char path[1024];
    rgq_regions *regions = NULL;
    float *values = NULL;

    (void)snprintf(path, sizeof path, "%s/%s", data_folder, mask);
    MUST(rgq_regions_read(&regions, path, NULL, err));
    const rgq_grid *grid = rgq_volume_grid(scan->volume);
    MUST(rgq_grid_compare(grid, rgq_regions_grid(regions), -1.0, err));
    const rgq_region *region = rgq_regions_at(regions, 0);
    const float *weight = region->weight;
    MUST(rgq_alloc(&values, rgq_grid_count(grid), sizeof *values, err));
    *count = 0;
    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++)
            for (int x = 0; x < region->n[0]; x++) {
                const size_t row = (size_t)(region->lo[2] + z) * (size_t)grid->n[1] +
                                   (size_t)(region->lo[1] + y);
                const size_t at = row * (size_t)grid->n[0] + (size_t)(region->lo[0] + x);
                if (*weight++ == 1.0F)
                    values[(*count)++] = rgq_volume_cdata(scan->volume, 0)[at];
            }
    qsort(values, *count, sizeof *values, compare_floats);
    rgq_regions_free(regions);
    return values;
}

static const struct {
    const char *name;
    const char *rule;
} objects[] = {
    {"DRO_0_0", "START"}, {"DRO_1_0", "START"}, {"DRO_2_0", "SUVbw as stored"},
    {"DRO_3_1", "ADMIN"}, {"DRO_5_0", "START"},
};

START_TEST(test_reference_object)
{
    char name[128];
    char mask[128];
    rgq_suv_plan plan;
    size_t count = 0;

    (void)snprintf(name, sizeof name, "suv-dro/%s/PT", objects[_i].name);
    rgq_scan scan = read_scan(name);
    n_warnings = 0;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &counting, err));
    ck_assert_int_eq(n_warnings, 0);
    ck_assert_ptr_nonnull(strstr(plan.rule, objects[_i].rule));
    MUST(rgq_suv_apply(&scan, &plan, err));
    (void)snprintf(mask, sizeof mask, "suv-dro/%s/mask/DRO_mask.nii.gz", objects[_i].name);
    float *values = sorted_values(&scan, mask, &count);
    /* "a precision of two decimal digits" */
    ck_assert_double_eq_tol((double)values[0], 0.20, 0.005);
    ck_assert_double_eq_tol((double)values[count / 2], 1.00, 0.005);
    ck_assert_double_eq_tol((double)values[count - 1], 4.00, 0.005);
    rgq_free(values);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_clinical_gml)
{
    rgq_scan scan = read_scan("sts-pet/STS_002-dicom/PET/image");
    rgq_suv_plan plan;
    size_t count = 0;

    MUST(rgq_suv_plan_best(&plan, &scan, NULL, NULL, err));
    ck_assert_int_eq(plan.to, RGQ_UNIT_SUV_BW);
    ck_assert_double_eq(plan.factor, 1.0);
    MUST(rgq_suv_apply(&scan, &plan, err));
    float *values = sorted_values(&scan, "sts-pet/STS_002-nifti/PET_mask.nii.gz", &count);
    ck_assert_uint_eq(count, 555);
    ck_assert_double_eq_tol((double)values[554], 21.675747, 3e-6);
    rgq_free(values);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_phantom_without_units)
{
    rgq_scan scan = read_scan("nema-iq/pet_recon_2");
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_best(&plan, &scan, NULL, NULL, err));
    ck_assert_int_eq(plan.to, RGQ_UNIT_NATIVE);
    ck_assert_ptr_nonnull(strstr(plan.refused, "(0054,1001) Units is absent"));
    ck_assert_ptr_nonnull(strstr(plan.refused, "--units bqml"));
    rgq_scan_release(&scan);
}
END_TEST

/* ---- header values ---- */

static double clock_of(const rgq_json *header, const char *date, const char *time)
{
    double day_s = 0.0;
    double time_s = 0.0;
    MUST(rgq_time_from_da(&day_s, rgq_json_text(rgq_json_get(header, date), ""), err));
    MUST(rgq_time_from_tm(&time_s, rgq_json_text(rgq_json_get(header, time), ""), err));
    return day_s + time_s;
}

static void real_fact(rgq_fact *fact, const rgq_json *header, const char *key, double to_si)
{
    rgq_fact_set(fact, to_si * rgq_json_number(rgq_json_get(header, key), (double)NAN), key);
}

static void text_fact(rgq_fact_text *fact, const rgq_json *header, const char *key)
{
    rgq_fact_text_set(fact, rgq_json_text(rgq_json_get(header, key), ""), key);
}

/* One slice for each instance, as the reader of DICOM would fill it. */
static rgq_scan scan_of_headers(const rgq_json *headers)
{
    const int n_slices = (int)rgq_json_count(headers);
    const rgq_json *first = rgq_json_at(headers, 0);
    const int n[3] = {1, 1, n_slices};
    const double spacing_mm[3] = {1, 1, 1};
    const double origin_mm[3] = {0, 0, 0};
    const rgq_grid grid = rgq_grid_make(n, spacing_mm, origin_mm);
    rgq_scan scan = {0};
    rgq_scan_facts *f = &scan.facts;

    MUST(rgq_volume_create(&scan.volume, &grid, 1, RGQ_UNIT_BQ_ML, err));
    MUST(rgq_alloc(&scan.slice_time, (size_t)n_slices, sizeof *scan.slice_time, err));
    (void)snprintf(scan.format, sizeof scan.format, "DICOM PET");
    text_fact(&f->units, first, "Units");
    if (strcmp(f->units.value, "BQML") != 0)
        rgq_volume_set_unit(scan.volume, RGQ_UNIT_NATIVE);
    double factor = 0.0;
    const rgq_json *group = rgq_json_get(first, "PhilipsPETPrivateGroup");
    if (rgq_parse_real(&factor, rgq_json_text(rgq_json_get(group, "SUVScaleFactor"), ""), 0.0,
                       1e30, NULL) == RGQ_OK)
        rgq_fact_set(&f->philips_suv_factor, factor, "(7053,1000)");
    text_fact(&f->decay_correction, first, "DecayCorrection");
    real_fact(&f->weight_kg, first, "PatientWeight", 1.0);
    real_fact(&f->injected_activity_bq, first, "RadionuclideTotalDose", 1.0);
    real_fact(&f->half_life_s, first, "RadionuclideHalfLife", 1.0);
    rgq_fact_set(&f->series_time_s, clock_of(first, "SeriesDate", "SeriesTime"), "SeriesTime");
    rgq_fact_set(&f->injection_time_s,
                 clock_of(first, "SeriesDate", "RadiopharmaceuticalStartTime"),
                 "RadiopharmaceuticalStartTime");
    for (int z = 0; z < n_slices; z++) {
        const rgq_json *header = rgq_json_at(headers, (size_t)z);
        scan.slice_time[z].acquisition_s =
            clock_of(header, "AcquisitionDate", "AcquisitionTime");
        scan.slice_time[z].duration_s =
            1e-3 * rgq_json_number(rgq_json_get(header, "ActualFrameDuration"), 0.0);
        scan.slice_time[z].reference_s =
            1e-3 * rgq_json_number(rgq_json_get(header, "FrameReferenceTime"), 0.0);
    }
    return scan;
}

static const struct {
    const char *file;
    double factor;
} known[] = {
    {"suv-headers/SIEMENS-instances.json", 0.00042748316187197236},
    {"suv-headers/GE_MEDICAL_AND_BQML-instances.json", 0.0005367387681819742},
    {"suv-headers/PHILIPS_CNTS_AND_SUV-instances.json", 0.000728},
};

START_TEST(test_header_values)
{
    char path[1024];
    rgq_json *headers = NULL;
    rgq_suv_plan plan;

    (void)snprintf(path, sizeof path, "%s/%s", data_folder, known[_i].file);
    MUST(rgq_json_load(&headers, path, err));
    ck_assert_uint_eq(rgq_json_count(headers), 3);
    rgq_scan scan = scan_of_headers(headers);
    n_warnings = 0;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &counting, err));
    ck_assert_int_eq(n_warnings, 0);
    /* their times have microseconds: a clock of 1.6e9 s is good to 2.4e-7 s, 3e-11 of decay */
    ck_assert_double_eq_tol(plan.factor / known[_i].factor, 1.0, 1e-10);
    rgq_json_free(headers);
    rgq_scan_release(&scan);
}
END_TEST

int main(void)
{
    data_folder = getenv("RGQ_REFERENCE_DATA");
    if (data_folder == NULL) {
        printf("skipped: RGQ_REFERENCE_DATA names no folder of reference data\n");
        return 77;
    }
    RGQ_CHECK_RUN(
        "conformance.suv", tcase_add_loop_test(tc, test_reference_object, 0, ROWS(objects));
        tcase_add_test(tc, test_clinical_gml); tcase_add_test(tc, test_phantom_without_units);
        tcase_add_loop_test(tc, test_header_values, 0, ROWS(known)));
}
