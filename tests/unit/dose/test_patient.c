/* dose/patient.c: bodies from label maps, CT and densities. */
#include <math.h>
#include <string.h>

#include "dose/material.h"
#include "dose/photon_mc.h"
#include "rgdquant/dose.h"
#include "rgq_check.h"

enum { NX = 24, NY = 20, NZ = 16, COUNT = NX * NY * NZ };

static rgq_grid grid_of(double z_mm)
{
    return rgq_grid_make((const int[3]){NX, NY, NZ}, (const double[3]){8, 8, z_mm},
                         (const double[3]){0, 0, 0});
}

/* An elliptic trunk (1) that holds two boxes, "liver" (2) and "lungs" (3). */
static int where(int x, int y)
{
    if (pow((x - 11.5) / 10.0, 2) + pow((y - 9.5) / 8.0, 2) > 1.0)
        return 0;
    if (x >= 4 && x < 10 && y >= 6 && y < 13)
        return 2;
    return x >= 13 && x < 20 && y >= 6 && y < 13 ? 3 : 1;
}

static rgq_labels *labels(bool with_body, bool with_lungs)
{
    static int32_t voxel[COUNT];
    const rgq_grid grid = grid_of(8);
    rgq_labels *out = NULL;

    for (int i = 0; i < COUNT; i++) {
        const int w = where(i % NX, i / NX % NY);
        voxel[i] = w == 3 && !with_lungs ? 1 : w;
        if (voxel[i] == 1 && !with_body)
            voxel[i] = 0;
    }
    MUST(rgq_labels_create(&out, &grid, voxel, err));
    for (int i = 0; i < rgq_labels_count(out); i++) {
        const int label = rgq_labels_at(out, i)->label;
        MUST(rgq_labels_rename(out, i,
                               label == 1   ? "Body"
                               : label == 2 ? "liver"
                                            : "lungs",
                               err));
    }
    return out;
}

/* Water (0 HU) in the body, `lungs` in the lungs, air outside; a couch below. */
static rgq_volume *ct(double lungs, double z_mm)
{
    const rgq_grid grid = grid_of(z_mm);
    rgq_volume *out = NULL;

    MUST(rgq_volume_create(&out, &grid, 1, RGQ_UNIT_NATIVE, err));
    for (int i = 0; i < COUNT; i++) {
        const int w = where(i % NX, i / NX % NY);
        rgq_volume_data(out, 0)[i] = (float)(w == 0 ? -1000.0 : w == 3 ? lungs : 0.0);
        if (i / NX % NY == NY - 1)
            rgq_volume_data(out, 0)[i] = 50.0F; /* couch */
    }
    return out;
}

static const rgq_patient_opts plain = RGQ_PATIENT_OPTS_INIT;

static rgq_photon_result transport(const rgq_anatomy *body, int organ)
{
    rgq_line line = {0.511, 1.0};
    const rgq_spectrum spectrum = {.n_photons = 1, .photon = &line};
    const rgq_photon_source source = {.organ = organ};
    rgq_photon_opts opts = RGQ_PHOTON_OPTS_INIT;
    rgq_photon_result r;

    opts.histories = 100000;
    MUST(rgq_photon_transport(&r, NULL, body, &source, &spectrum, &opts, NULL, err));
    return r;
}

/* A CT of water gives what the label map gives: same densities, so same bits (1 % is asked). */
START_TEST(water_is_water)
{
    rgq_labels *map = labels(true, false);
    rgq_volume *image = ct(0.0, 8);
    rgq_anatomy *by_labels = NULL, *by_ct = NULL;

    MUST(rgq_patient_anatomy(&by_labels, map, NULL, NULL, &plain, err));
    MUST(rgq_patient_anatomy(&by_ct, map, image, NULL, &plain, err));
    ck_assert_int_eq(by_ct->n_organs, 2);
    ck_assert_str_eq(by_ct->organs[0].name, "remainder");
    const int liver = rgq_anatomy_find(by_ct, "liver");
    ck_assert_double_eq_tol(by_ct->organs[liver].mass_g / by_labels->organs[liver].mass_g, 1.0,
                            1e-6);
    const rgq_photon_result a = transport(by_labels, liver);
    const rgq_photon_result b = transport(by_ct, liver);
    for (int o = 0; o < 2; o++)
        ck_assert_double_eq_tol(a.absorbed_mev[o] / b.absorbed_mev[o], 1.0, 0.01);
    rgq_anatomy_free(by_labels);
    rgq_anatomy_free(by_ct);
    rgq_volume_free(image);
    rgq_labels_free(map);
}
END_TEST

/* Without a region "body" the CT finds it: same voxels, lungs enclosed, the couch left out. */
START_TEST(ct_finds_the_body)
{
    rgq_labels *with = labels(true, true), *without = labels(false, true);
    rgq_labels *liver_only = labels(false, false);
    rgq_volume *image = ct(-750.0, 8);
    rgq_anatomy *a = NULL, *b = NULL, *c = NULL;

    MUST(rgq_patient_anatomy(&a, with, image, NULL, &plain, err));
    MUST(rgq_patient_anatomy(&b, without, image, NULL, &plain, err));
    MUST(rgq_patient_anatomy(&c, liver_only, image, NULL, &plain, err));
    ck_assert(rgq_patient_is_cut(b));
    memset(b->organ, 0, (size_t)NX * NY);
    ck_assert(rgq_patient_is_cut(b));
    memset(b->organ + (size_t)NX * NY * (NZ - 1), 0, (size_t)NX * NY);
    ck_assert(!rgq_patient_is_cut(b));
    rgq_anatomy_free(b);
    MUST(rgq_patient_anatomy(&b, without, image, NULL, &plain, err));
    const int rest = rgq_anatomy_find(b, "remainder");
    ck_assert_int_eq(rest, 2);
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert_int_eq(a->organ[i] != 0, b->organ[i] != 0);
        ck_assert_int_eq(c->organ[i] != 0, b->organ[i] != 0);
        ck_assert_int_eq(a->material[i], b->material[i]);
    }
    const int lungs = rgq_anatomy_find(a, "lungs");
    ck_assert_double_eq_tol(a->organs[lungs].mass_g / a->organs[lungs].volume_ml,
                            rgq_density_of_hu(-750.0), 1e-5);
    rgq_anatomy_free(a);
    rgq_anatomy_free(b);
    rgq_anatomy_free(c);
    rgq_volume_free(image);
    rgq_labels_free(with);
    rgq_labels_free(without);
    rgq_labels_free(liver_only);
}
END_TEST

/* The ramp at its nodes, between them, and materials on either side of the borders. */
START_TEST(ramp)
{
    static const double nodes[][2] = {{-2000, .00121}, {-1000, .00121}, {-98, .930},   {0, 1.0},
                                      {23, 1.030},     {100, 1.0762},   {1600, 1.9642}};
    static const struct {
        double hu;
        int material;
    } rows[] = {{-1000, RGQ_MATERIAL_AIR}, {-900, RGQ_MATERIAL_LUNG}, {-300, RGQ_MATERIAL_LUNG},
                {-100, RGQ_MATERIAL_SOFT}, {60, RGQ_MATERIAL_SOFT},   {800, RGQ_MATERIAL_BONE}};
    rgq_labels *map = labels(true, true);

    for (int i = 0; i < ROWS(nodes); i++)
        ck_assert_double_eq_tol(rgq_density_of_hu(nodes[i][0]), nodes[i][1], 1e-12);
    ck_assert_double_eq_tol(rgq_density_of_hu(60), 1.052, 1e-3); /* liver 1.05 */
    for (double hu = -1100; hu < 3000; hu += 7)
        ck_assert_double_le(rgq_density_of_hu(hu), rgq_density_of_hu(hu + 7));
    for (int i = 0; i < ROWS(rows); i++) {
        rgq_volume *image = ct(rows[i].hu, 8);
        rgq_volume *density = NULL;
        rgq_anatomy *a = NULL, *b = NULL;
        MUST(rgq_volume_clone(&density, image, true, err));
        for (size_t v = 0; v < COUNT; v++)
            rgq_volume_data(density, 0)[v] =
                (float)rgq_density_of_hu((double)rgq_volume_cdata(image, 0)[v]);
        MUST(rgq_patient_anatomy(&a, map, image, NULL, &plain, err));
        MUST(rgq_patient_anatomy(&b, map, NULL, density, &plain, err));
        const size_t at = 15 + NX * 9;
        ck_assert_int_eq(a->material[at], rows[i].material);
        ck_assert_int_eq(memcmp(a->material, b->material, COUNT), 0);
        ck_assert_int_eq(memcmp(a->organ, b->organ, COUNT), 0);
        rgq_anatomy_free(a);
        rgq_anatomy_free(b);
        rgq_volume_free(image);
        rgq_volume_free(density);
    }
    rgq_labels_free(map);
}
END_TEST

/* Without CT a region named lungs is lung; a wall finds its contents. */
START_TEST(names)
{
    rgq_labels *map = labels(true, true);
    rgq_anatomy *body = NULL;

    MUST(rgq_patient_anatomy(&body, map, NULL, NULL, &plain, err));
    ck_assert_int_eq(body->material[15 + NX * 9], RGQ_MATERIAL_LUNG);
    ck_assert_int_eq(body->material[5 + NX * 9], RGQ_MATERIAL_SOFT);
    ck_assert_double_eq_tol(rgq_anatomy_density(body, 5 + NX * 9), 1.0, 1e-9);
    rgq_anatomy_free(body);
    MUST(rgq_labels_rename(map, 1, "urinary bladder contents", err));
    MUST(rgq_labels_rename(map, 2, "urinary bladder wall", err));
    MUST(rgq_patient_anatomy(&body, map, NULL, NULL, &plain, err));
    ck_assert_int_eq(body->organs[2].wall_of, 1);
    ck_assert(body->organs[1].is_contents && !body->organs[2].is_contents);
    rgq_anatomy_free(body);
    rgq_labels_free(map);
}
END_TEST

START_TEST(refusals)
{
    rgq_labels *map = labels(false, true);
    rgq_volume *image = ct(0.0, 8), *other = ct(0.0, 7);
    rgq_anatomy *body = NULL;
    rgq_patient_opts opts = RGQ_PATIENT_OPTS_INIT;

    REFUSED(rgq_patient_anatomy(&body, map, NULL, NULL, &opts, err), RGQ_E_MISSING, "'body'");
    REFUSED(rgq_patient_anatomy(&body, map, other, NULL, &opts, err), RGQ_E_GEOMETRY,
            "grid of the labels");
    REFUSED(rgq_patient_anatomy(&body, map, image, image, &opts, err), RGQ_E_ARGUMENT,
            "one of them");
    REFUSED(rgq_patient_anatomy(&body, map, NULL, other, &opts, err), RGQ_E_GEOMETRY,
            "map of densities");
    opts.body_hu = 5000;
    REFUSED(rgq_patient_anatomy(&body, map, image, NULL, &opts, err), RGQ_E_MISSING, "5000 HU");
    opts.body_hu = -300;
    opts.density_g_cm3 = 0;
    REFUSED(rgq_patient_anatomy(&body, map, image, NULL, &opts, err), RGQ_E_ARGUMENT,
            "0 g/cm3");
    opts.density_g_cm3 = 1;
    rgq_volume_data(image, 0)[7] = NAN;
    REFUSED(rgq_patient_anatomy(&body, map, image, NULL, &opts, err), RGQ_E_ARGUMENT, "nan");
    rgq_volume_data(image, 0)[7] = -1000;
    ck_assert_ptr_null(body);
    TORTURE(rgq_patient_anatomy(&body, map, image, NULL, &opts, err), rgq_anatomy_free(body),
            5);
    rgq_volume_free(image);
    rgq_volume_free(other);
    rgq_labels_free(map);
}
END_TEST

RGQ_CHECK_MAIN("patient", tcase_add_test(tc, water_is_water);
               tcase_add_test(tc, ct_finds_the_body); tcase_add_test(tc, ramp);
               tcase_add_test(tc, names); tcase_add_test(tc, refusals))
