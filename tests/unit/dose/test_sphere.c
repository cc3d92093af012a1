/* dose/sphere.c: absorbed fractions and dose factors. */
#include <math.h>
#include <string.h>

#include "dose/sphere.h"
#include "dose_nuclide.h"

static const double grams[] = {0.1, 1.0, 10.0, 100.0, 1000.0};

static double radius_of(double mass_g)
{
    return 10.0 * cbrt(mass_g * 3.0 / (4.0 * M_PI));
}

/* Electrons of one energy in water, 0.1 to 100 g: 2 %, the measured scatter of such figures. */
START_TEST(electrons_of_one_energy)
{
    static const double mev[] = {0.1, 0.4, 1.0, 2.0};
    static const double phi[4][4] = {{.980, .990, .995, .998},
                                     {.827, .917, .960, .982},
                                     {.493, .747, .882, .947},
                                     {.211, .489, .744, .880}};

    for (int i = 0; i < 4; i++) {
        rgq_line line = {mev[i], 1.0};
        const rgq_spectrum s = {.n_electrons = 1, .electron = &line};
        rgq_kernel_opts opts = RGQ_ELECTRON_KERNEL_OPTS_INIT;
        rgq_radial_kernel *k = NULL;
        opts.material = RGQ_MATERIAL_WATER;
        opts.histories = 20000;
        MUST(rgq_electron_kernel(&k, &s, &opts, NULL, err));
        for (int j = 0; j < 4; j++) {
            const double f = rgq_sphere_fraction(k, radius_of(grams[j]));
            ck_assert_msg(fabs(f / phi[i][j] - 1.0) < 0.02, "%g MeV, %g g: %g", mev[i],
                          grams[j], f);
        }
        rgq_radial_kernel_free(k);
    }
}
END_TEST

/* Photons of one energy in water, 1 to 1000 g: 1.5 %. */
START_TEST(photons_of_one_energy)
{
    static const double mev[] = {.03, .1, .2, .5, 1.0};
    static const double phi[5][4] = {{.0761, .1643, .3309, .5646},
                                     {.0125, .0284, .0675, .1645},
                                     {.0140, .0308, .0687, .1544},
                                     {.0154, .0331, .0711, .1508},
                                     {.0144, .0308, .0657, .1376}};

    for (int i = 0; i < 5; i++) {
        rgq_line line = {mev[i], 1.0};
        const rgq_spectrum s = {.n_photons = 1, .photon = &line};
        rgq_kernel_opts opts = RGQ_PHOTON_KERNEL_OPTS_INIT;
        rgq_radial_kernel *k = NULL;
        opts.material = RGQ_MATERIAL_WATER;
        opts.histories = 50000;
        MUST(rgq_photon_kernel(&k, &s, &opts, NULL, err));
        for (int j = 0; j < 4; j++) {
            const double f = rgq_sphere_fraction(k, radius_of(grams[j + 1]));
            ck_assert_msg(fabs(f / phi[i][j] - 1.0) < 0.015, "%g MeV, %g g: %g", mev[i],
                          grams[j + 1], f);
        }
        rgq_radial_kernel_free(k);
    }
}
END_TEST

static void kernels_of(rgq_radial_kernel **electron, rgq_radial_kernel **photon, const char *id)
{
    rgq_spectrum s = spectrum_of(id);
    rgq_kernel_opts opts = RGQ_ELECTRON_KERNEL_OPTS_INIT;

    opts.material = RGQ_MATERIAL_WATER;
    opts.histories = 20000;
    MUST(rgq_electron_kernel(electron, &s, &opts, NULL, err));
    MUST(rgq_photon_kernel(photon, &s, &opts, NULL, err));
    rgq_spectrum_release(&s);
}

/* Dose factors for unit density [mGy / (MBq h)], 1, 10 and 100 g, and the wall of a bladder of
 * 202 ml: 2 % and 12 %. Tc-99m 5 %: its soft electrons are in the totals, not in the lists. */
START_TEST(nuclides)
{
    static const struct {
        const char *id;
        double factor[3], tolerance, wall;
    } rows[] = {{"F-18", {141.3, 15.54, 1.790}, 0.02, .084},
                {"Ga-68", {325.6, 39.34, 4.412}, 0.02, .36},
                {"Lu-177", {82.7, 8.45, .859}, 0.02, .049},
                {"I-131", {109.8, 11.63, 1.262}, 0.02, (double)NAN},
                {"Y-90", {373.6, 46.25, 5.047}, 0.02, (double)NAN},
                {"Tc-99m", {9.98, 1.134, .1423}, 0.05, (double)NAN}};

    for (int i = 0; i < ROWS(rows); i++) {
        rgq_radial_kernel *electron = NULL;
        rgq_radial_kernel *photon = NULL;
        rgq_sphere s;
        kernels_of(&electron, &photon, rows[i].id);
        for (int j = 0; j < 3; j++) {
            MUST(rgq_sphere_dose(&s, grams[j + 1], 1.0, electron, photon, err));
            const double factor = 3600.0 * (s.electron_s + s.photon_s);
            ck_assert_msg(fabs(factor / rows[i].factor[j] - 1.0) < rows[i].tolerance,
                          "%s, %g g: %g mGy/(MBq h)", rows[i].id, grams[j + 1], factor);
        }
        const double wall = rgq_wall_fraction(electron, 202.0, 2.52, 1.0);
        ck_assert_msg(isnan(rows[i].wall) || fabs(wall / rows[i].wall - 1.0) < 0.12, "%s: %g",
                      rows[i].id, wall);
        rgq_radial_kernel_free(electron);
        rgq_radial_kernel_free(photon);
    }
}
END_TEST

/* A kernel that leaves all at one distance has the chord formula as its answer, and a wall
 * thinner than that distance over a large sphere the plane's. */
START_TEST(closed_forms)
{
    double radius[] = {0.0, 0.999, 1.001};
    double within[] = {0.0, 0.0, 2.0};
    rgq_radial_kernel k = {
        .emitted_mev = 2.0, .n = 2, .radius_mm = radius, .within_mev = within};
    rgq_sphere s;

    ck_assert_double_eq_tol(rgq_sphere_fraction(&k, 5.0), 1.0 - 0.75 / 5.0 + 1.0 / 2000.0,
                            1e-6);
    ck_assert_double_eq_tol(rgq_sphere_fraction(&k, 0.4), 0.0, 1e-12); /* r > 2 R */
    /* the density divides distances: 8 g/cm3 and 2 mm are 1 g/cm3 and 16 mm */
    MUST(rgq_sphere_dose(&s, 1.0, 8.0, &k, &k, err));
    ck_assert_double_eq_tol(s.radius_mm, 0.5 * radius_of(1.0), 1e-9);
    ck_assert_double_eq_tol(s.photon_fraction, rgq_sphere_fraction(&k, 4.0 * radius_of(1.0)),
                            1e-12);
    ck_assert_double_eq_tol(s.electron_s, 2.0 * s.electron_fraction * 0.1602176634, 1e-9);
    /* out of a plane, E / 4 a unit of path and area; into a wall of 2 mm over 1 m of sphere */
    ck_assert_double_eq_tol(rgq_wall_fraction(&k, 4.0e6, 2.0, 1.0), 0.5 * 0.5, 2e-3);
    REFUSED(rgq_sphere_dose(&s, 0.0, 1.0, &k, &k, err), RGQ_E_ARGUMENT, "sphere of 0 g");
    REFUSED(rgq_sphere_dose(&s, 1.0, 0.0, &k, &k, err), RGQ_E_ARGUMENT, "0 g/cm3");
    k.emitted_mev = 0.0;
    ck_assert(isnan(rgq_wall_fraction(&k, 100.0, 2.0, 1.0)));
    MUST(rgq_sphere_dose(&s, 1.0, 1.0, &k, &k, err));
    ck_assert(s.electron_fraction == 1.0 && s.photon_fraction == 0.0 && s.electron_s == 0.0);
}
END_TEST

RGQ_CHECK_MAIN("dose.sphere", tcase_add_test(tc, electrons_of_one_energy);
               tcase_add_test(tc, photons_of_one_energy); tcase_add_test(tc, nuclides);
               tcase_add_test(tc, closed_forms))
