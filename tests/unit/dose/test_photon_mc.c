/* dose/photon_mc.c: bodies with an answer. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "dose/material.h"
#include "dose/photon_mc.h"
#include "num/threads.h"
#include "rgq_check.h"

enum { SIDE = 60 };

static rgq_anatomy *ball(double mass_g, double voxel_mm, bool with_density)
{
    const double radius_mm = 10.0 * cbrt(3.0 * mass_g / (4.0 * M_PI));
    rgq_anatomy *body = NULL;
    size_t i = 0;

    MUST(rgq_anatomy_create(&body, "ball", (const int[3]){SIDE, SIDE, SIDE},
                            (const double[3]){voxel_mm, voxel_mm, voxel_mm}, with_density,
                            err));
    body->n_organs = 2;
    (void)snprintf(body->organs[0].name, RGQ_ORGAN_NAME, "ball");
    (void)snprintf(body->organs[1].name, RGQ_ORGAN_NAME, "water");
    for (int z = 0; z < SIDE; z++)
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++, i++) {
                const double half = 0.5 * (SIDE - 1);
                const double r2 =
                    (x - half) * (x - half) + (y - half) * (y - half) + (z - half) * (z - half);
                body->organ[i] = sqrt(r2) * voxel_mm <= radius_mm ? 1 : 2;
                body->material[i] = RGQ_MATERIAL_WATER;
                if (with_density)
                    body->density[i] = 1.0f;
            }
    rgq_anatomy_weigh(body);
    return body;
}

static rgq_photon_result absorbed(const rgq_anatomy *body, double mev, long long histories,
                                  float *voxels)
{
    rgq_line line = {mev, 1.0};
    const rgq_spectrum spectrum = {.n_photons = 1, .photon = &line};
    const rgq_photon_source source = {.organ = 0};
    rgq_photon_opts opts = RGQ_PHOTON_OPTS_INIT;
    rgq_photon_result r;

    opts.histories = histories;
    MUST(rgq_photon_transport(&r, voxels, body, &source, &spectrum, &opts, NULL, err));
    return r;
}

/* Absorbed fractions of spheres of water in water, published for 100 g: 3 %, of which the
 * voxels of the sphere's rim are one and the published digits one. */
START_TEST(spheres_of_water)
{
    static const double mev[] = {.03, .1, .2, .5};
    static const double phi[] = {.3309, .0675, .0687, .0711};
    rgq_anatomy *body = ball(100.0, 4.0, false);

    for (int i = 0; i < ROWS(mev); i++) {
        const rgq_photon_result r = absorbed(body, mev[i], 200000, NULL);
        const double found = r.absorbed_mev[0] / mev[i] * cbrt(100.0 / body->organs[0].mass_g);
        ck_assert_msg(fabs(found / phi[i] - 1.0) < 0.03, "%g MeV: %g, published %g", mev[i],
                      found, phi[i]);
    }
    rgq_anatomy_free(body);
}
END_TEST

/* What is emitted is absorbed or leaves: 0.5 %. Voxels hold what organs hold: 1e-6. */
START_TEST(energy_is_conserved)
{
    rgq_anatomy *body = ball(200.0, 5.0, false);
    const size_t count = rgq_anatomy_count(body);
    float *voxels = NULL;
    double sum = 0.0;

    MUST(rgq_alloc(&voxels, count, sizeof *voxels, err));
    const rgq_photon_result r = absorbed(body, 1.5, 400000, voxels);
    const double all = r.absorbed_mev[0] + r.absorbed_mev[1] + r.escaped_mev;
    ck_assert_msg(fabs(all / 1.5 - 1.0) < 5e-3, "%g of 1.5 MeV", all);
    for (size_t i = 0; i < count; i++)
        sum += (double)voxels[i];
    ck_assert_double_eq_tol(sum / (r.absorbed_mev[0] + r.absorbed_mev[1]), 1.0, 1e-6);
    rgq_free(voxels);
    rgq_anatomy_free(body);
}
END_TEST

/* A thin slab's first collisions in closed form: a point in void beside a plate is not needed;
 * a small ball of lung in void absorbs E mu_tr times the mean chord, exactly so in the limit.
 */
START_TEST(thin_body_absorbs_along_the_chord)
{
    rgq_anatomy *body = ball(2.0, 1.0, false);
    size_t n = 0;

    for (size_t i = 0; i < rgq_anatomy_count(body); i++)
        if (body->organ[i] == 2) {
            body->organ[i] = 0;
            body->material[i] = RGQ_MATERIAL_VOID;
        } else {
            body->material[i] = RGQ_MATERIAL_LUNG;
            n++;
        }
    body->n_organs = 1;
    rgq_anatomy_weigh(body);
    const double radius_cm = cbrt(3.0 * (double)n * 1e-3 / (4.0 * M_PI));
    const rgq_photon_result r = absorbed(body, 0.511, 400000, NULL);
    /* mean way out of a ball from inside it: 3/4 radius; transfer 0.0328 cm2/g x 0.296 g/cm3,
     * and 0.5 % of it is met by scattered photons */
    const double expected = 0.511 * 0.0329 * 0.296 * 0.75 * radius_cm;
    ck_assert_msg(fabs(r.absorbed_mev[0] / expected - 1.0) < 0.03, "%g, %g", r.absorbed_mev[0],
                  expected);
    rgq_anatomy_free(body);
}
END_TEST

/* A map of densities that are those of the materials changes nothing but the noise. */
START_TEST(density_map_of_water)
{
    rgq_anatomy *plain = ball(100.0, 4.0, false);
    rgq_anatomy *dense = ball(100.0, 4.0, true);
    const rgq_photon_result a = absorbed(plain, 0.14, 200000, NULL);
    const rgq_photon_result b = absorbed(dense, 0.14, 200000, NULL);

    ck_assert_double_eq_tol(b.absorbed_mev[0] / a.absorbed_mev[0], 1.0, 1e-5);
    for (size_t i = 0; i < rgq_anatomy_count(dense); i++)
        dense->density[i] = 2.0f;
    rgq_anatomy_weigh(dense);
    const rgq_photon_result c = absorbed(dense, 0.14, 200000, NULL);
    ck_assert_double_gt(c.absorbed_mev[0] / a.absorbed_mev[0], 1.5);
    rgq_anatomy_free(plain);
    rgq_anatomy_free(dense);
}
END_TEST

START_TEST(same_bits_for_any_threads)
{
    rgq_anatomy *body = ball(100.0, 4.0, false);
    const size_t count = rgq_anatomy_count(body);
    float *one = NULL;
    float *many = NULL;

    MUST(rgq_alloc(&one, count, sizeof *one, err));
    MUST(rgq_alloc(&many, count, sizeof *many, err));
    rgq_threads_set(1);
    const rgq_photon_result a = absorbed(body, 1.2, 50000, one);
    rgq_threads_set(3);
    const rgq_photon_result b = absorbed(body, 1.2, 50000, many);
    ck_assert(memcmp(&a, &b, sizeof a) == 0);
    ck_assert(memcmp(one, many, count * sizeof *one) == 0);
    rgq_free(one);
    rgq_free(many);
    rgq_anatomy_free(body);
}
END_TEST

/* The stated SD is that of repeated runs: 16 seeds, a chi-square that holds 99.9 %. */
START_TEST(stated_uncertainty_is_true)
{
    rgq_anatomy *body = ball(100.0, 4.0, false);
    rgq_line line = {0.511, 1.0};
    const rgq_spectrum spectrum = {.n_photons = 1, .photon = &line};
    const rgq_photon_source source = {.organ = 0};
    rgq_photon_opts opts = RGQ_PHOTON_OPTS_INIT;
    double sum = 0.0, square = 0.0, stated = 0.0;

    opts.histories = 20000;
    for (int k = 0; k < 16; k++) {
        rgq_photon_result r;
        opts.seed = 100 + (uint64_t)k;
        MUST(rgq_photon_transport(&r, NULL, body, &source, &spectrum, &opts, NULL, err));
        sum += r.absorbed_mev[0];
        square += r.absorbed_mev[0] * r.absorbed_mev[0];
        stated += r.sd_mev[0] * r.sd_mev[0] / 16.0;
    }
    const double chi2 = (square - sum * sum / 16.0) / stated;
    ck_assert_msg(chi2 > 3.5 && chi2 < 37.7, "chi-square %g of 15", chi2);
    opts.histories = 100000000;
    opts.uncertainty = 0.01;
    rgq_photon_result r;
    MUST(rgq_photon_transport(&r, NULL, body, &source, &spectrum, &opts, NULL, err));
    ck_assert(r.sd_mev[0] < 0.01 * r.absorbed_mev[0] && r.histories < 100000000);
    rgq_anatomy_free(body);
}
END_TEST

/* A source by a map draws where the map says: half the activity each in two far corners. */
START_TEST(source_by_a_map)
{
    rgq_anatomy *body = ball(100.0, 4.0, false);
    const size_t count = rgq_anatomy_count(body);
    rgq_line line = {0.03, 1.0};
    const rgq_spectrum spectrum = {.n_photons = 1, .photon = &line};
    rgq_photon_opts opts = RGQ_PHOTON_OPTS_INIT;
    rgq_photon_result r;
    float *map = NULL;
    float *voxels = NULL;
    double low = 0.0, high = 0.0;

    MUST(rgq_alloc(&map, count, sizeof *map, err));
    MUST(rgq_alloc(&voxels, count, sizeof *voxels, err));
    map[0] = 3.0f;
    map[count - 1] = 1.0f;
    opts.histories = 100000;
    const rgq_photon_source source = {.organ = -1, .activity = map};
    MUST(rgq_photon_transport(&r, voxels, body, &source, &spectrum, &opts, NULL, err));
    for (size_t i = 0; i < count; i++)
        *(i < count / 2 ? &low : &high) += (double)voxels[i];
    ck_assert_double_eq_tol(low / high, 3.0, 0.1);
    map[5] = -1.0f;
    REFUSED(rgq_photon_transport(&r, NULL, body, &source, &spectrum, &opts, NULL, err),
            RGQ_E_ARGUMENT, "activity of -1");
    rgq_free(map);
    rgq_free(voxels);
    rgq_anatomy_free(body);
}
END_TEST

START_TEST(refusals_and_nothing_to_follow)
{
    rgq_anatomy *body = ball(100.0, 4.0, false);
    rgq_line line = {0.1, 1.0};
    rgq_spectrum spectrum = {.n_photons = 1, .photon = &line};
    rgq_photon_source source = {.organ = 7};
    rgq_photon_opts opts = RGQ_PHOTON_OPTS_INIT;
    rgq_photon_result r;

    REFUSED(rgq_photon_transport(&r, NULL, body, &source, &spectrum, &opts, NULL, err),
            RGQ_E_ARGUMENT, "source 7 of a body with 2 organs");
    source.organ = 0;
    opts.histories = 10;
    REFUSED(rgq_photon_transport(&r, NULL, body, &source, &spectrum, &opts, NULL, err),
            RGQ_E_ARGUMENT, "10 histories");
    opts.histories = 1000;
    body->organ[3] = 9;
    REFUSED(rgq_photon_transport(&r, NULL, body, &source, &spectrum, &opts, NULL, err),
            RGQ_E_ARGUMENT, "organ 9");
    body->organ[3] = 2;
    spectrum.n_photons = 0; /* Y-90: no line, no endless loop */
    MUST(rgq_photon_transport(&r, NULL, body, &source, &spectrum, &opts, NULL, err));
    ck_assert(r.absorbed_mev[0] == 0.0 && r.n == 2);
    spectrum.n_photons = 1;
    TORTURE(rgq_photon_transport(&r, NULL, body, &source, &spectrum, &opts, NULL, err), (void)0,
            3);
    rgq_anatomy_free(body);
}
END_TEST

RGQ_CHECK_MAIN("dose.photon_mc", tcase_add_test(tc, spheres_of_water);
               tcase_add_test(tc, energy_is_conserved);
               tcase_add_test(tc, thin_body_absorbs_along_the_chord);
               tcase_add_test(tc, density_map_of_water);
               tcase_add_test(tc, same_bits_for_any_threads);
               tcase_add_test(tc, stated_uncertainty_is_true);
               tcase_add_test(tc, source_by_a_map);
               tcase_add_test(tc, refusals_and_nothing_to_follow))
