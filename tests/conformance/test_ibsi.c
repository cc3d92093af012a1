/* IBSI 1: the digital phantom against its reference values, tag by tag, and real PET lesions.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/parse.h"
#include "rgdquant/features.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"

#include "core/banned.h"

static const char *reference(char *path, size_t size, const char *name)
{
    (void)snprintf(path, size, "%s/%s", getenv("RGQ_REFERENCE_DATA"), name);
    return path;
}

static rgq_table *features_of(const char *scan_name, const char *mask_name,
                              const rgq_features_opts *opts)
{
    char path[1024];
    rgq_scan scan = {0};
    rgq_regions *regions = NULL;
    rgq_table *table = NULL;

    MUST(rgq_scan_read(&scan, reference(path, sizeof path, scan_name), NULL, NULL, err));
    MUST(rgq_regions_read(&regions, reference(path, sizeof path, mask_name), NULL, err));
    MUST(rgq_regions_reorient(&regions, rgq_volume_grid(scan.volume), NULL, err));
    MUST(rgq_features(&table, scan.volume, regions, opts, NULL, err));
    rgq_regions_free(regions);
    rgq_scan_release(&scan);
    return table;
}

static double feature(const rgq_table *table, const char *tag, bool *offered)
{
    for (int row = 0; row < rgq_table_n_rows(table); row++)
        if (strcmp(rgq_table_text(table, row, 1), tag) == 0) {
            *offered = true;
            return rgq_table_real(table, row, 2);
        }
    *offered = false;
    return (double)NAN;
}

/* Rounded to three significant digits, as the table is printed. */
static double as_printed(double value)
{
    char text[64];
    double rounded = 0.0;

    (void)snprintf(text, sizeof text, "%.3g", value);
    MUST(rgq_parse_real(&rounded, text, -1e300, 1e300, err));
    return rounded;
}

/* One line "value;tolerance;tag". A tolerance of 0 asks for the printed digits. */
typedef struct tally {
    int computed, without_reference, not_offered, wrong;
} tally;

static void check_line(tally *sum, const rgq_table *table, char *line)
{
    char *tolerance_text = strchr(line, ';');
    char *tag = tolerance_text != NULL ? strchr(tolerance_text + 1, ';') : NULL;
    double want = 0.0;
    double tolerance = 0.0;
    bool offered = false;

    ck_assert_ptr_nonnull(tag);
    *tolerance_text++ = '\0';
    *tag++ = '\0';
    const double got = feature(table, tag, &offered);
    const char *verdict = "computed";
    if (!offered) {
        verdict = "not offered";
        sum->not_offered++;
    } else if (line[0] == '\0') {
        verdict = isnan(got) ? "n/a" : "computed, no reference value";
        sum->without_reference++;
        sum->wrong += isnan(got);
    } else {
        MUST(rgq_parse_real(&want, line, -1e300, 1e300, err));
        MUST(rgq_parse_real(&tolerance, tolerance_text, 0.0, 1e300, err));
        sum->computed++;
        if (!(fabs(as_printed(got) - want) <= tolerance * (1.0 + 1e-9) + 1e-12)) {
            verdict = "computed, WRONG";
            sum->wrong++;
        }
    }
    (void)printf("%s\t%s\t%.6g\t%s\t%s\n", tag, verdict, got, line, tolerance_text);
}

/* Prints for each tag whether it is computed, its value, the reference and the tolerance. */
START_TEST(digital_phantom)
{
    rgq_features_opts opts = RGQ_FEATURES_OPTS_INIT;
    char path[1024];
    char *text = NULL;
    size_t size = 0;
    tally sum = {0, 0, 0, 0};

    if (_i == 1)
        opts.bin_size = 1.0; /* which, with 6 bins, is said to change nothing */
    if (_i == 2)
        opts.bin_count = 6;
    MUST(rgq_file_read(
        &text, &size,
        reference(path, sizeof path, "ibsi-1-digital-phantom/reference_values.csv"), 1 << 20,
        err));
    rgq_table *table = features_of("ibsi-1-digital-phantom/image/phantom.nii.gz",
                                   "ibsi-1-digital-phantom/mask/mask.nii.gz", &opts);
    (void)printf("tag\tverdict\tvalue\treference\ttolerance\n");
    int n = -1; /* the first line names the columns */
    for (char *line = text; *line != '\0'; n++) {
        char *end = line + strcspn(line, "\r\n");
        char *next = end + strspn(end, "\r\n");
        *end = '\0';
        if (n >= 0)
            check_line(&sum, table, line);
        line = next;
    }
    (void)printf("%d tags: %d computed and compared, %d without a reference value, %d not "
                 "offered, %d wrong\n",
                 n, sum.computed, sum.without_reference, sum.not_offered, sum.wrong);
    ck_assert_int_eq(n, rgq_features_count());
    ck_assert_int_eq(sum.computed, 482);
    ck_assert_int_eq(sum.not_offered, 0);
    ck_assert_int_eq(sum.wrong, 0);
    rgq_free(text);
    rgq_table_free(table);
}
END_TEST

/* Two sarcomas as IBSI 1 processed its PET patients: 3 mm, SUV from 0, bins of 0.25. The DICOM
 * series and the NIfTI file agree to 3e-6 in their voxels, and so do features that no level
 * decides on; a voxel may change its level. */
START_TEST(sarcoma_in_two_formats)
{
    static const char *const patient[] = {"STS_002", "STS_003"};
    char nifti[64];
    char dicom[64];
    char mask[64];
    bool offered = false;
    rgq_features_opts opts = RGQ_FEATURES_OPTS_INIT;

    opts.low = 0.0;
    opts.bin_size = 0.25;
    for (int a = 0; a < 3; a++)
        opts.resample_mm[a] = 3.0;
    (void)snprintf(nifti, sizeof nifti, "sts-pet/%s-nifti/PET_image.nii.gz", patient[_i]);
    (void)snprintf(dicom, sizeof dicom, "sts-pet/%s-dicom/PET/image", patient[_i]);
    (void)snprintf(mask, sizeof mask, "sts-pet/%s-nifti/PET_mask.nii.gz", patient[_i]);
    rgq_table *a = features_of(nifti, mask, &opts);
    rgq_table *b = features_of(dicom, mask, &opts);
    for (int row = 0; row < rgq_table_n_rows(a); row++) {
        const char *tag = rgq_table_text(a, row, 1);
        const double x = rgq_table_real(a, row, 2);
        const double y = feature(b, tag, &offered);
        const bool by_level = strncmp(tag, "morph", 5) != 0 && strncmp(tag, "stat", 4) != 0 &&
                              strncmp(tag, "loc", 3) != 0;
        ck_assert_msg(isfinite(x) && fabs(x - y) <= (by_level ? 2e-2 : 2e-5) * fabs(x) + 1e-9,
                      "%s: %.9g and %.9g", tag, x, y);
    }
    /* a mesh of some hundred voxels loses at its corners, but not much */
    const double volume = feature(a, "morph_volume", &offered);
    ck_assert_double_lt(volume, feature(a, "morph_vol_approx", &offered));
    ck_assert_double_gt(volume, 0.98 * feature(a, "morph_vol_approx", &offered));
    rgq_table_free(a);
    rgq_table_free(b);
}
END_TEST

int main(void)
{
    if (getenv("RGQ_REFERENCE_DATA") == NULL) {
        (void)printf(
            "skipped: RGQ_REFERENCE_DATA does not name the folder of reference data\n");
        return 77;
    }
    RGQ_CHECK_RUN("conformance.ibsi", tcase_add_loop_test(tc, digital_phantom, 0, 3);
                  tcase_add_loop_test(tc, sarcoma_in_two_formats, 0, 2));
}
