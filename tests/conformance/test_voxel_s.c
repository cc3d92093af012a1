/* Voxel S values against a published table (soft tissue of 1.04 g/cm3, voxels of 4.42 mm,
 * Lu-177 and Y-90), which holds betas and photons but no conversion electron. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dose/svalues.h"
#include "dose/voxel_kernel.h"
#include "rgq_check.h"
#include "rgq_reference.h"

enum { REACH = 5, SIDE = REACH + 1 };

static const double voxel_mm = 4.42;
static const double density = 1.04;

/* The figures the files must add up to [MeV], and how far the values may be off, by the sum of
 * the offsets. The table's electrons of Lu-177 carry 3.7 % more than ICRP 107 gives betas; of
 * Y-90 what is 13 mm and more away is bremsstrahlung, which is left out here. */
static const struct {
    const char *id;
    const char *file;
    double sum_mev, sum_tolerance;
    double tolerance[4]; /* self, face, edge, corner or two away */
    double far;          /* all others; 0: not asked for */
} tables[] = {
    {"Lu-177", "177Lu4.42mmsoft.txt", 0.142, 0.05, {.05, .06, .07, .07}, .07},
    {"Y-90", "90Y4.42mmsoft.txt", 0.936, 0.01, {.04, .04, .04, .12}, 0.0},
};

static void read_table(double s[SIDE][SIDE][SIDE], const char *name)
{
    char path[200], line[200];
    int found = 0;

    (void)snprintf(path, sizeof path, "voxel-s/%s", name);
    FILE *file = fopen(reference_path(path), "r");
    ck_assert_msg(file != NULL, "%s cannot be read", path);
    while (fgets(line, sizeof line, file) != NULL) {
        char *end;
        const long i = strtol(line, &end, 10);
        if (end == line)
            continue; /* the two lines of titles */
        const long j = strtol(end, &end, 10);
        const long k = strtol(end, &end, 10);
        ck_assert(i >= 0 && i < SIDE && j >= 0 && j < SIDE && k >= 0 && k < SIDE);
        s[i][j][k] = strtod(end, NULL);
        found++;
    }
    (void)fclose(file);
    ck_assert_int_eq(found, SIDE * SIDE * SIDE);
}

static void make(rgq_voxel_kernel *out[2], const char *id)
{
    const double side[3] = {voxel_mm, voxel_mm, voxel_mm};
    const int most[3] = {REACH, REACH, REACH};
    rgq_kernel_opts opts = RGQ_ELECTRON_KERNEL_OPTS_INIT;
    rgq_radial_kernel *point = NULL;
    rgq_nuclide nuclide;
    rgq_spectrum s;

    MUST(rgq_nuclide_find(&nuclide, RGQ_SOURCE_DIR "/tracers", id, err));
    MUST(rgq_spectrum_make(&s, &nuclide, err));
    s.n_electrons = 0;
    opts.histories = 200000;
    MUST(rgq_electron_kernel(&point, &s, &opts, NULL, err));
    MUST(rgq_voxel_kernel_make(&out[0], point, side, density, most, err));
    rgq_radial_kernel_free(point);
    MUST(rgq_photon_kernel(&point, &s, &opts, NULL, err));
    MUST(rgq_voxel_kernel_make(&out[1], point, side, density, most, err));
    rgq_radial_kernel_free(point);
    rgq_spectrum_release(&s);
}

static double tolerance_of(int table, int i, int j, int k)
{
    const int steps = i + j + k;
    const bool next = i < 2 && j < 2 && k < 2;

    if (!next && steps > 2)
        return tables[table].far;
    return tables[table].tolerance[next ? steps : 3];
}

START_TEST(as_published)
{
    double s[SIDE][SIDE][SIDE];
    rgq_voxel_kernel *k[2] = {NULL, NULL};
    const double grams = density * pow(0.1 * voxel_mm, 3.0);
    double published = 0.0, own = 0.0, worst = 0.0;

    read_table(s, tables[_i].file);
    make(k, tables[_i].id);
    for (int z = 0; z < SIDE; z++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) {
                const double times = (x > 0 ? 2.0 : 1.0) * (y > 0 ? 2.0 : 1.0) *
                                     (z > 0 ? 2.0 : 1.0) * grams / rgq_mgy_per_mev_g;
                const double got = rgq_voxel_s(k[0], x, y, z) + rgq_voxel_s(k[1], x, y, z);
                const double off = got / s[x][y][z] - 1.0;
                const double tolerance = tolerance_of(_i, x, y, z);
                published += times * s[x][y][z];
                own += times * got;
                if (x <= y && y <= z && z < 3)
                    printf("%s (%d,%d,%d): %.3g, published %.3g, %+.1f %%\n", tables[_i].id, x,
                           y, z, got, s[x][y][z], 100.0 * off);
                if (tolerance > 0.0) {
                    worst = fmax(worst, fabs(off));
                    ck_assert_msg(fabs(off) < tolerance, "%s (%d,%d,%d): %g, published %g",
                                  tables[_i].id, x, y, z, got, s[x][y][z]);
                }
            }
    printf("%s: sum x mass %.4f MeV, published %.4f; largest difference %.1f %%\n",
           tables[_i].id, own, published, 100.0 * worst);
    ck_assert_double_eq_tol(published / tables[_i].sum_mev, 1.0, 0.005);
    ck_assert_double_eq_tol(own / tables[_i].sum_mev, 1.0, tables[_i].sum_tolerance);
    rgq_voxel_kernel_free(k[0]);
    rgq_voxel_kernel_free(k[1]);
}
END_TEST

int main(void)
{
    RGQ_NEED_REFERENCE();
    Suite *suite = suite_create("voxel_s");
    TCase *tc = tcase_create("voxel_s");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, as_published, 0, ROWS(tables));
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
