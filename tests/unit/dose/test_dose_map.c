/* dose/dose_map.c: a cube that three engines must agree on. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "dose/dose_map.h"
#include "dose/svalues.h"
#include "dose/voxel_kernel.h"
#include "dose_nuclide.h"
#include "num/threads.h"

enum { SIDE = 44, CUBE = 22, COUNT = SIDE * SIDE * SIDE };

static float decays[COUNT];
static float dose[COUNT];
static float other[COUNT];
static float density[COUNT];

static const double voxel_mm = 4.42;

static size_t place(int x, int y, int z)
{
    return ((size_t)z * SIDE + (size_t)y) * SIDE + (size_t)x;
}

/* 1e4 voxels of 1 MBq s in the middle of soft tissue. */
static rgq_dose_field cube(void)
{
    const rgq_dose_field s = {.n = {SIDE, SIDE, SIDE},
                              .voxel_mm = {voxel_mm, voxel_mm, voxel_mm},
                              .activity_mbq_s = decays};
    const int low = (SIDE - CUBE) / 2;

    memset(decays, 0, sizeof decays);
    for (int z = low; z < low + CUBE; z++)
        for (int y = low; y < low + CUBE; y++)
            for (int x = low; x < low + CUBE; x++)
                decays[place(x, y, z)] = 1.0F;
    return s;
}

/* Kernels of the nuclide a test is about, known to 0.3 %: the default takes longer. */
static rgq_radial_kernel *electron_kernel;
static rgq_radial_kernel *photon_kernel;

static rgq_spectrum prepare(const char *id)
{
    rgq_spectrum s = spectrum_of(id);
    rgq_kernel_opts opts = RGQ_ELECTRON_KERNEL_OPTS_INIT;

    opts.histories = 30000;
    MUST(rgq_electron_kernel(&electron_kernel, &s, &opts, NULL, err));
    opts.histories = 60000;
    MUST(rgq_photon_kernel(&photon_kernel, &s, &opts, NULL, err));
    return s;
}

static void tidy(rgq_spectrum *s)
{
    rgq_spectrum_release(s);
    rgq_radial_kernel_free(electron_kernel);
    rgq_radial_kernel_free(photon_kernel);
}

static rgq_dose_map_report run(float *to, const rgq_dose_field *s, const rgq_spectrum *spectrum,
                               rgq_dose_engine engine, rgq_electron_way electrons)
{
    rgq_dose_map_opts opts = RGQ_DOSE_MAP_OPTS_INIT;
    rgq_dose_map_report report;

    opts.engine = engine;
    opts.electrons = electrons;
    opts.photons.histories = 300000;
    opts.electron = electron_kernel;
    opts.photon = spectrum->n_photons > 0 ? photon_kernel : NULL;
    MUST(rgq_dose_map(to, &report, s, spectrum, &opts, NULL, err));
    return report;
}

/* The mean of the 6 x 6 x 6 voxels in the middle. */
static double centre(const float *map)
{
    double sum = 0.0;

    for (int z = SIDE / 2 - 3; z < SIDE / 2 + 3; z++)
        for (int y = SIDE / 2 - 3; y < SIDE / 2 + 3; y++)
            for (int x = SIDE / 2 - 3; x < SIDE / 2 + 3; x++)
                sum += (double)map[place(x, y, z)];
    return sum / 216.0;
}

/* kernel and mc 2 % at the centre (0.5 % of noise there), local their electron part 1 %,
 * energy 0.5 %. */
START_TEST(engines_agree)
{
    static const char *const ids[] = {"Lu-177", "Ga-68"};
    const rgq_dose_field s = cube();

    for (int i = 0; i < ROWS(ids); i++) {
        rgq_spectrum spectrum = prepare(ids[i]);
        const double charged = spectrum.electron_mev + spectrum.beta_mev;
        const rgq_dose_map_report local =
            run(dose, &s, &spectrum, RGQ_DOSE_LOCAL, RGQ_ELECTRONS_AUTO);
        const double electrons = centre(dose);
        const double grams = 1.04 * pow(0.1 * voxel_mm, 3.0);
        ck_assert_double_eq_tol(electrons / (charged * rgq_mgy_per_mev_g / grams), 1.0, 1e-5);
        ck_assert_double_eq_tol(local.absorbed_mev / charged, 1.0, 1e-6);
        const rgq_dose_map_report k =
            run(dose, &s, &spectrum, RGQ_DOSE_KERNEL, RGQ_ELECTRONS_KERNEL);
        const rgq_dose_map_report m =
            run(other, &s, &spectrum, RGQ_DOSE_MC, RGQ_ELECTRONS_KERNEL);
        ck_assert_msg(fabs(centre(other) / centre(dose) - 1.0) < 0.02, "%s: mc %g, kernel %g",
                      ids[i], centre(other), centre(dose));
        ck_assert_double_gt(centre(dose), electrons);
        ck_assert(k.histories == 0 && m.histories >= 300000 && m.sd_mev > 0.0);
        /* what the map takes is what all voxels have by their masses */
        double sum = 0.0;
        for (int v = 0; v < COUNT; v++)
            sum += (double)other[v] * grams / rgq_mgy_per_mev_g / m.decays_mbq_s;
        ck_assert_double_eq_tol(sum / m.absorbed_mev, 1.0, 5e-3);
        spectrum.n_photons = 0;
        spectrum.photon_mev = 0.0;
        run(dose, &s, &spectrum, RGQ_DOSE_KERNEL, RGQ_ELECTRONS_KERNEL);
        ck_assert_double_eq_tol(centre(dose) / electrons, 1.0, 0.01);
        tidy(&spectrum);
    }
}
END_TEST

/* Water as a map of densities, as a body of labels, and tissue without either. */
START_TEST(density_or_labels)
{
    rgq_spectrum spectrum = prepare("F-18");
    rgq_dose_field s = cube();
    rgq_anatomy *body = NULL;

    run(dose, &s, &spectrum, RGQ_DOSE_MC, RGQ_ELECTRONS_LOCAL);
    const double plain = centre(dose);
    for (int i = 0; i < COUNT; i++)
        density[i] = 1.04F;
    s.density_g_cm3 = density;
    run(dose, &s, &spectrum, RGQ_DOSE_MC, RGQ_ELECTRONS_LOCAL);
    ck_assert_double_eq_tol(centre(dose) / plain, 1.0, 1e-4);
    for (int i = 0; i < COUNT; i++)
        density[i] = 1.0F;
    run(dose, &s, &spectrum, RGQ_DOSE_MC, RGQ_ELECTRONS_LOCAL);
    const double by_density = centre(dose);
    MUST(rgq_anatomy_create(&body, "water", s.n, s.voxel_mm, false, err));
    body->n_organs = 1;
    memset(body->organ, 1, COUNT);
    memset(body->material, RGQ_MATERIAL_WATER, COUNT);
    rgq_anatomy_weigh(body);
    s.density_g_cm3 = NULL;
    s.body = body;
    run(dose, &s, &spectrum, RGQ_DOSE_MC, RGQ_ELECTRONS_LOCAL);
    ck_assert_msg(fabs(centre(dose) / by_density - 1.0) < 0.01, "labels %g, densities %g",
                  centre(dose), by_density);
    body->n[0]--;
    REFUSED(rgq_dose_map(dose, NULL, &s, &spectrum, &(rgq_dose_map_opts)RGQ_DOSE_MAP_OPTS_INIT,
                         NULL, err),
            RGQ_E_ARGUMENT, "43 voxels of 4.42 mm along axis 1");
    body->n[0]++;
    rgq_anatomy_free(body);
    tidy(&spectrum);
}
END_TEST

/* Half of the volume of lung: the electron part grows by 1.04 / 0.26, the photon part stays. */
START_TEST(density_scales_electrons_alone)
{
    rgq_spectrum spectrum = prepare("Lu-177");
    rgq_dose_field s = cube();
    rgq_spectrum dark = spectrum;

    dark.n_photons = 0;
    dark.photon_mev = 0.0;
    run(dose, &s, &spectrum, RGQ_DOSE_KERNEL, RGQ_ELECTRONS_KERNEL);
    run(other, &s, &dark, RGQ_DOSE_KERNEL, RGQ_ELECTRONS_KERNEL);
    const double both = centre(dose);
    const double electrons = centre(other);
    for (int i = 0; i < COUNT; i++)
        density[i] = 0.26F;
    density[0] = 0.001F;
    s.density_g_cm3 = density;
    const rgq_dose_map_report r =
        run(dose, &s, &spectrum, RGQ_DOSE_KERNEL, RGQ_ELECTRONS_KERNEL);
    ck_assert_double_eq_tol(centre(dose) / (4.0 * electrons + both - electrons), 1.0, 1e-4);
    ck_assert_uint_eq(r.thin_voxels, 1);
    ck_assert(dose[0] == 0.0F);
    run(dose, &s, &spectrum, RGQ_DOSE_LOCAL, RGQ_ELECTRONS_KERNEL);
    ck_assert_double_eq_tol(centre(dose) / (4.0 * electrons), 1.0, 0.01);
    tidy(&spectrum);
}
END_TEST

/* One decay in one voxel: the map is the voxel S values around it, whatever the sides. */
START_TEST(point_gives_the_kernel)
{
    enum { NX = 13, NY = 9, NZ = 21 };
    rgq_spectrum spectrum = spectrum_of("Ga-68");
    const rgq_dose_field s = {
        .n = {NX, NY, NZ}, .voxel_mm = {2.0, 3.0, 2.5}, .activity_mbq_s = decays};
    const int most[3] = {NX - 1, NY - 1, NZ - 1};
    rgq_dose_map_opts opts = RGQ_DOSE_MAP_OPTS_INIT;
    rgq_kernel_opts fast = RGQ_ELECTRON_KERNEL_OPTS_INIT;
    rgq_radial_kernel *electron = NULL;
    rgq_radial_kernel *photon = NULL;
    rgq_voxel_kernel *e = NULL;
    rgq_voxel_kernel *g = NULL;
    size_t i = 0;

    fast.histories = 20000;
    MUST(rgq_electron_kernel(&electron, &spectrum, &fast, NULL, err));
    MUST(rgq_photon_kernel(&photon, &spectrum, &fast, NULL, err));
    MUST(rgq_voxel_kernel_make(&e, electron, s.voxel_mm, 1.04, most, err));
    MUST(rgq_voxel_kernel_make(&g, photon, s.voxel_mm, 1.04, most, err));
    memset(decays, 0, sizeof decays);
    decays[(6 * NY + 2) * NX + 3] = 10.0F;
    opts.electron = electron;
    opts.photon = photon;
    MUST(rgq_dose_map(dose, NULL, &s, &spectrum, &opts, NULL, err));
    /* single precision: 1e-6 of the largest value */
    const double largest = 10.0 * (rgq_voxel_s(e, 0, 0, 0) + rgq_voxel_s(g, 0, 0, 0));
    for (int z = 0; z < NZ; z++)
        for (int y = 0; y < NY; y++)
            for (int x = 0; x < NX; x++, i++) {
                const double want = 10.0 * (rgq_voxel_s(e, x - 3, y - 2, z - 6) +
                                            rgq_voxel_s(g, x - 3, y - 2, z - 6));
                ck_assert_double_eq_tol((double)dose[i], want, 1e-6 * largest + 1e-4 * want);
            }
    rgq_threads_set(3);
    MUST(rgq_dose_map(other, NULL, &s, &spectrum, &opts, NULL, err));
    ck_assert_mem_eq(dose, other, i * sizeof *dose);
    rgq_spectrum wrong = spectrum_of("F-18");
    REFUSED(rgq_dose_map(dose, NULL, &s, &wrong, &opts, NULL, err), RGQ_E_ARGUMENT,
            "not one of F-18");
    rgq_threads_set(1);
    TORTURE(rgq_dose_map(dose, NULL, &s, &spectrum, &opts, NULL, err), (void)0, 8);
    rgq_voxel_kernel_free(e);
    rgq_voxel_kernel_free(g);
    rgq_radial_kernel_free(electron);
    rgq_radial_kernel_free(photon);
    rgq_spectrum_release(&spectrum);
    rgq_spectrum_release(&wrong);
}
END_TEST

START_TEST(ways_and_refusals)
{
    static const struct {
        const char *id;
        double side_mm;
        rgq_electron_way way;
    } rows[] = {{"F-18", 4.0, RGQ_ELECTRONS_LOCAL},    {"Cu-64", 4.0, RGQ_ELECTRONS_LOCAL},
                {"Tc-99m", 4.0, RGQ_ELECTRONS_LOCAL},  {"In-111", 4.0, RGQ_ELECTRONS_LOCAL},
                {"Lu-177", 4.0, RGQ_ELECTRONS_LOCAL},  {"Ga-68", 4.0, RGQ_ELECTRONS_KERNEL},
                {"Y-90", 4.0, RGQ_ELECTRONS_KERNEL},   {"I-124", 4.0, RGQ_ELECTRONS_KERNEL},
                {"Lu-177", 2.0, RGQ_ELECTRONS_KERNEL}, {"Zr-89", 4.0, RGQ_ELECTRONS_LOCAL}};
    rgq_dose_field s = cube();
    const rgq_dose_map_opts opts = RGQ_DOSE_MAP_OPTS_INIT;

    for (int i = 0; i < ROWS(rows); i++) {
        rgq_spectrum spectrum = spectrum_of(rows[i].id);
        const double side[3] = {rows[i].side_mm, rows[i].side_mm, rows[i].side_mm};
        ck_assert_msg(rgq_electron_way_of(&spectrum, side) == rows[i].way, "%s, %g mm",
                      rows[i].id, rows[i].side_mm);
        rgq_spectrum_release(&spectrum);
    }
    ck_assert_str_eq(rgq_dose_engine_name(RGQ_DOSE_MC), "mc");
    rgq_spectrum spectrum = spectrum_of("Lu-177");
    decays[5] = -1.0F;
    REFUSED(rgq_dose_map(dose, NULL, &s, &spectrum, &opts, NULL, err), RGQ_E_ARGUMENT,
            "voxel 5 has -1 MBq s");
    decays[5] = 0.0F;
    density[7] = 40.0F;
    s.density_g_cm3 = density;
    REFUSED(rgq_dose_map(dose, NULL, &s, &spectrum, &opts, NULL, err), RGQ_E_ARGUMENT,
            "density of 40");
    s.density_g_cm3 = NULL;
    s.voxel_mm[1] = 0.0;
    REFUSED(rgq_dose_map(dose, NULL, &s, &spectrum, &opts, NULL, err), RGQ_E_ARGUMENT,
            "44 voxels of 0 mm");
    s.voxel_mm[1] = voxel_mm;
    memset(decays, 0, sizeof decays);
    for (int engine = 0; engine < 3; engine++) { /* nothing decays: no dose, no error */
        const rgq_dose_map_report r =
            run(dose, &s, &spectrum, (rgq_dose_engine)engine, RGQ_ELECTRONS_AUTO);
        ck_assert(centre(dose) == 0.0 && r.decays_mbq_s == 0.0 && r.absorbed_mev == 0.0);
    }
    rgq_spectrum_release(&spectrum);
}
END_TEST

RGQ_CHECK_MAIN("dose.dose_map", tcase_add_test(tc, engines_agree);
               tcase_add_test(tc, density_or_labels);
               tcase_add_test(tc, density_scales_electrons_alone);
               tcase_add_test(tc, point_gives_the_kernel);
               tcase_add_test(tc, ways_and_refusals))
