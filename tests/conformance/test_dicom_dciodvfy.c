/* The validator of dicom3tools finds no error in any file of a written series: static, dynamic,
 * oblique, SUV, with many facts and with none. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/file.h"
#include "rgdquant/scan_file.h"
#include "rgq_check.h"

#include "core/banned.h"

static void check_file(const char *path)
{
    char command[RGQ_PATH_MAX + 64];
    char line[1024];
    int lines = 0;
    (void)snprintf(command, sizeof command, "dciodvfy -new '%s' 2>&1", path);
    FILE *report = popen(command, "r");
    ck_assert_ptr_nonnull(report);
    while (fgets(line, sizeof line, report) != NULL) {
        lines++;
        ck_assert_msg(strstr(line, "Error") == NULL, "%s: %s", path, line);
    }
    (void)pclose(report);
    ck_assert_int_gt(lines, 0);
}

/* Write, validate each file, remove. */
static void check_series(const rgq_scan *scan, size_t images)
{
    char folder[] = "/tmp/rgq-dciodvfy-XXXXXX";
    char path[RGQ_PATH_MAX];
    rgq_names names;

    ck_assert_ptr_nonnull(mkdtemp(folder));
    MUST(rgq_scan_write_dicom(folder, scan, NULL, err));
    MUST(rgq_folder_list(&names, folder, err));
    ck_assert_uint_eq(names.count, images);
    for (size_t i = 0; i < names.count; i++) {
        MUST(rgq_path_join(path, folder, names.name[i], err));
        check_file(path);
        (void)unlink(path);
    }
    rgq_names_release(&names);
    ck_assert_int_eq(rmdir(folder), 0);
}

static void make_scan(rgq_scan *scan, int n_frames, rgq_unit unit)
{
    rgq_grid grid = rgq_grid_make_centred((const int[3]){6, 5, 3}, (const double[3]){2, 2, 3},
                                          (const double[3]){0, 0, 0});
    const double c = cos(0.3);
    const double s = sin(0.3);
    for (int i = 0; i < 3; i++) { /* turn the axes about x */
        const double y = grid.affine[1][i];
        const double z = grid.affine[2][i];
        grid.affine[1][i] = c * y - s * z;
        grid.affine[2][i] = s * y + c * z;
    }
    *scan = (rgq_scan){0};
    MUST(rgq_volume_create(&scan->volume, &grid, n_frames, unit, err));
    for (int f = 0; f < n_frames; f++)
        for (size_t i = 0; i < rgq_volume_count(scan->volume); i++)
            rgq_volume_data(scan->volume, f)[i] = (float)i * 1.7F - 20.0F;
}

static void add_facts(rgq_scan *scan, const char *decay, const char *nuclide)
{
    rgq_fact_text_set(&scan->facts.decay_correction, decay, "test");
    rgq_fact_text_set(&scan->facts.corrected_image, "DECY\\ATTN\\SCAT\\DTIM\\RAN\\NORM\\DCAL",
                      "test");
    rgq_fact_text_set(&scan->facts.manufacturer, "Maker", "test");
    rgq_fact_text_set(&scan->facts.radiopharmaceutical, "99mTc-RWY", "test");
    rgq_fact_text_set(&scan->facts.nuclide, nuclide, "test");
    rgq_fact_text_set(&scan->facts.sex, "M", "test");
    rgq_fact_set(&scan->facts.weight_kg, 70.0, "test");
    rgq_fact_set(&scan->facts.height_m, 1.7, "test");
    rgq_fact_set(&scan->facts.injected_activity_bq, 3.7e8, "test");
    rgq_fact_set(&scan->facts.half_life_s, 6586.2, "test");
    rgq_fact_set(&scan->facts.injection_time_s, 1709283600.0, "test");
    rgq_fact_set(&scan->facts.injection_date_known, 1.0, "test");
    rgq_fact_set(&scan->facts.time_zero_s, 1709283600.0, "test");
    for (int f = 0; f < rgq_volume_n_frames(scan->volume); f++)
        rgq_volume_set_frame(scan->volume, f, (rgq_frame){60.0 * f, 60.0});
}

static const struct {
    int n_frames;
    rgq_unit unit;
    const char *decay; /* NULL: no facts at all */
    const char *nuclide;
} rows[] = {
    {1, RGQ_UNIT_BQ_ML, "START", "F-18"},  {3, RGQ_UNIT_BQ_ML, "ADMIN", "Ga-68"},
    {1, RGQ_UNIT_BQ_ML, "NONE", "Tc-99m"}, {1, RGQ_UNIT_SUV_BW, "START", "Xx-99"},
    {1, RGQ_UNIT_SUV_BW, NULL, NULL},
};

START_TEST(test_no_error)
{
    rgq_scan scan;
    make_scan(&scan, rows[_i].n_frames, rows[_i].unit);
    if (rows[_i].decay != NULL)
        add_facts(&scan, rows[_i].decay, rows[_i].nuclide);
    check_series(&scan, 3U * (size_t)rows[_i].n_frames);
    rgq_scan_release(&scan);
}
END_TEST

int main(void)
{
    if (system("command -v dciodvfy >/dev/null 2>&1") != 0) { /* NOLINT(cert-env33-c) */
        (void)printf("skipped: the program dciodvfy (package dicom3tools) is not installed\n");
        return 77;
    }
    RGQ_CHECK_RUN("dicom_dciodvfy", tcase_add_loop_test(tc, test_no_error, 0, ROWS(rows)));
}
