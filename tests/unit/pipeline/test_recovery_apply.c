/* Recovery coefficients from a file, and lesions corrected by them. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/recovery_apply.h"
#include "rgq_check.h"

enum { SIDE = 24 };

static char path[64];
static char warned[512];
static rgq_recovery_curve curve;
static rgq_volume *volume;
static rgq_regions *regions;
static rgq_table *table;

static void hear(void *user, rgq_level level, const char *text)
{
    (void)user;
    if (level == RGQ_LEVEL_WARNING)
        (void)snprintf(warned, sizeof warned, "%s", text);
}

static const rgq_log listener = {hear, NULL, NULL};

static void save(const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* RC(d) = 1 / (1 + (5 / d)^2) at three diameters, exactly */
static const char exact[] = "diameter_mm\trc_max\trc_mean\n10\t1\t0.8\n15\tx\t0.9\n"
                            "5\t\t0.5\n20\t1\tn/a\n";

static void add(const char *region, int label, const int lo[3], int side)
{
    float weight[SIDE * SIDE * SIDE];
    const size_t count = (size_t)side * (size_t)side * (size_t)side;

    for (size_t i = 0; i < count; i++)
        weight[i] = 1.0F;
    MUST(rgq_regions_add_box(regions, region, label, lo, (const int[3]){side, side, side},
                             weight, err));
}

/* 24^3 voxels of 2 mm: 1 everywhere, a lesion of 4^3 voxels (512 mm^3, 9.93 mm) of 3. */
static void begin(void)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){SIDE, SIDE, SIDE},
                                        (const double[3]){2, 2, 2}, (const double[3]){0});

    (void)snprintf(path, sizeof path, "/tmp/rgq-rc-XXXXXX");
    ck_assert_int_ge(close(mkstemp(path)), 0);
    save(exact);
    MUST(rgq_recovery_load(&curve, path, err));
    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_BQ_ML, err));
    MUST(rgq_regions_create(&regions, &grid, err));
    table = NULL;
    warned[0] = '\0';
    float *data = rgq_volume_data(volume, 0);
    for (int z = 0; z < SIDE; z++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++)
                *data++ = x < 4 && y < 4 && z < 4 ? 3.0F : 1.0F;
    add("lesion", 1, (const int[3]){0, 0, 0}, 4);
    add("around", 2, (const int[3]){8, 8, 8}, 8);
}

static void end(void)
{
    rgq_table_free(table);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
    (void)unlink(path);
}

static double cell(int row, const char *column)
{
    return rgq_table_real(table, row, rgq_table_find(table, column));
}

START_TEST(loaded)
{
    ck_assert_int_eq(curve.n_points, 3);
    ck_assert_double_eq_tol(curve.beta_mm, 5.0, 1e-6);
    ck_assert_double_eq_tol(curve.gamma, 2.0, 1e-6);
}
END_TEST

static const struct {
    const char *text;
    const char *words;
} bad[] = {
    {"diameter_mm\trc_max\n10\t1\n", "no column rc_mean"},
    {"diameter\trc_mean\n10\t1\n", "no column diameter_mm"},
    {"diameter_mm\trc_mean\n10\t0.8\n12\tgood\n", "line 3: rc_mean is 'good'"},
    {"diameter_mm\trc_mean\n10\t0.8\n12\t0.9\n", "2 recovery coefficients"},
};

START_TEST(not_loaded)
{
    rgq_recovery_curve none;
    save(bad[_i].text);
    REFUSED(rgq_recovery_load(&none, path, err), RGQ_E_FORMAT, bad[_i].words);
    REFUSED(rgq_recovery_load(&none, path, err), RGQ_E_FORMAT, path);
}
END_TEST

/* rc = 1 / (1 + (5 / 9.9257)^2) = 0.797613; 1 + 2 / rc = 3.507484 */
START_TEST(by_hand)
{
    const rgq_recovery_how how = {"around", 0.95, true};
    const double d = cbrt(6.0 * 512.0 / M_PI);
    const double rc = 1.0 / (1.0 + 25.0 / (d * d));

    curve.diameter_mm[0] = 5.0;
    MUST(rgq_recovery_apply(&table, volume, regions, &curve, &how, &listener, err));
    ck_assert_int_eq(rgq_table_n_rows(table), 1);
    ck_assert_double_eq_tol(cell(0, "diameter_mm"), d, 1e-9);
    ck_assert_double_eq_tol(cell(0, "rc"), rc, 1e-6);
    ck_assert_double_eq_tol(cell(0, "corrected"), 1.0 + 2.0 / rc, 1e-5);
    ck_assert(cell(0, "mean") == 3.0 && cell(0, "background") == 1.0);
    /* half a voxel at the surface: sd_volume = 2 / rc^2 |dRC/dV| 4 pi r^2 1 mm, and
     * dRC/dV dV = dRC/dd 2 mm x 1 mm / mm = 2 rc^2 50 / d^3 */
    ck_assert_double_eq_tol(cell(0, "sd_volume"), 2.0 * 2.0 * 50.0 / (d * d * d), 1e-4);
    ck_assert(cell(0, "ci_low") < cell(0, "corrected"));
    ck_assert(cell(0, "corrected") < cell(0, "ci_high"));
    const float *data = rgq_volume_cdata(volume, 0);
    ck_assert_double_eq_tol((double)data[0], 1.0 + 2.0 / rc, 1e-5);
    ck_assert(data[5] == 1.0F && data[9 + 9 * SIDE + 9 * SIDE * SIDE] == 1.0F);
}
END_TEST

START_TEST(out_of_range)
{
    const rgq_recovery_how how = {"around", 0.95, false};
    float before = 0.0F;

    add("dot", 5, (const int[3]){20, 20, 20}, 1);
    before = rgq_volume_cdata(volume, 0)[0];
    MUST(rgq_recovery_apply(&table, volume, regions, &curve, &how, &listener, err));
    ck_assert_msg(strstr(warned, "'dot' is not corrected") != NULL, "%s", warned);
    ck_assert(!rgq_table_has(table, 1, rgq_table_find(table, "corrected")));
    ck_assert(rgq_table_has(table, 0, rgq_table_find(table, "corrected")));
    ck_assert(rgq_volume_cdata(volume, 0)[0] == before); /* a table alone: nothing scaled */
}
END_TEST

START_TEST(refused)
{
    rgq_recovery_how how = {"nowhere", 0.95, false};

    REFUSED(rgq_recovery_apply(&table, volume, regions, &curve, &how, NULL, err),
            RGQ_E_NOTFOUND, "'nowhere'");
    how.background = "around";
    curve.diameter_mm[0] = 12.0; /* the lesion is smaller than the smallest sphere */
    REFUSED(rgq_recovery_apply(&table, volume, regions, &curve, &how, NULL, err),
            RGQ_E_ARGUMENT, "no lesion can be corrected");
    add("twin", 9, (const int[3]){1, 1, 1}, 4);
    how.scale = true;
    REFUSED(rgq_recovery_apply(&table, volume, regions, &curve, &how, NULL, err),
            RGQ_E_ARGUMENT, "share no voxel");
    ck_assert_ptr_null(table);
    ck_assert(rgq_volume_cdata(volume, 0)[0] == 3.0F);
}
END_TEST

START_TEST(torture)
{
    const rgq_recovery_how how = {"around", 0.95, false};
    rgq_recovery_curve c;

    TORTURE(rgq_recovery_load(&c, path, err), (void)0, 3);
    TORTURE(rgq_recovery_apply(&table, volume, regions, &curve, &how, NULL, err),
            (rgq_table_free(table), table = NULL), 3);
}
END_TEST

RGQ_CHECK_MAIN("recovery_apply", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, loaded); tcase_add_loop_test(tc, not_loaded, 0, ROWS(bad));
               tcase_add_test(tc, by_hand); tcase_add_test(tc, out_of_range);
               tcase_add_test(tc, refused); tcase_add_test(tc, torture))
