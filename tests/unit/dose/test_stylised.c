/* dose/stylised.c: masses as published, and photon doses against the 1987 tables. */
#include <math.h>
#include <string.h>

#include "dose/photon_mc.h"
#include "dose/stylised.h"
#include "rgq_check.h"

static rgq_anatomy *adult(rgq_sex_of_body sex, double voxel_mm)
{
    rgq_anatomy *body = NULL;

    MUST(rgq_stylised_create(&body, sex, voxel_mm, err));
    return body;
}

/* Published masses [g] of the adult: 3 % (voxels of 2 mm are 1 % of the thinnest wall). */
START_TEST(masses_of_the_adult)
{
    static const struct {
        rgq_stylised_organ organ;
        double grams;
    } rows[] = {
        {RGQ_STYLISED_LIVER, 1910},
        {RGQ_STYLISED_KIDNEYS, 299},
        {RGQ_STYLISED_SPLEEN, 183},
        {RGQ_STYLISED_PANCREAS, 94.3},
        {RGQ_STYLISED_LUNGS, 1000},
        {RGQ_STYLISED_BRAIN, 1420},
        {RGQ_STYLISED_BLADDER_CONTENTS, 211},
        {RGQ_STYLISED_BLADDER_WALL, 47.6},
        {RGQ_STYLISED_STOMACH_WALL, 158},
        {RGQ_STYLISED_STOMACH_CONTENTS, 260},
        {RGQ_STYLISED_LLI_WALL, 167},
        {RGQ_STYLISED_LLI_CONTENTS, 143},
        {RGQ_STYLISED_ULI_CONTENTS, 232},
        {RGQ_STYLISED_SMALL_INTESTINE, 1100},
        {RGQ_STYLISED_HEART_CONTENTS, 454},
        {RGQ_STYLISED_THYROID, 20.7},
        {RGQ_STYLISED_THYMUS, 20.9},
        {RGQ_STYLISED_TESTES, 39.1},
        {RGQ_STYLISED_ADRENALS, 16.3},
        {RGQ_STYLISED_OVARIES, 8.7},
        {RGQ_STYLISED_UTERUS, 79},
        {RGQ_STYLISED_SKIN, 3010},
        {RGQ_STYLISED_BREASTS, 351},
    };
    rgq_anatomy *body = adult(RGQ_STYLISED_MALE, 2.0);
    double all = 0.0;

    for (int i = 0; i < ROWS(rows); i++) {
        const rgq_organ *organ = &body->organs[rows[i].organ];
        ck_assert_msg(fabs(organ->mass_g / rows[i].grams - 1.0) < 0.03, "%s: %g g of %g",
                      organ->name, organ->mass_g, rows[i].grams);
    }
    for (int o = 0; o < body->n_organs; o++)
        all += body->organs[o].mass_g;
    ck_assert_double_eq_tol(all / 73700.0, 1.0, 0.02);
    ck_assert_double_eq_tol(body->organs[RGQ_STYLISED_SKELETON].mass_g / 10000.0, 1.0, 0.05);
    rgq_anatomy_free(body);
}
END_TEST

/* Volumes [mL] of the 15-year-old of the tables: 3 %, the thin gallbladder wall apart. */
START_TEST(volumes_of_the_female)
{
    static const struct {
        rgq_stylised_organ organ;
        double ml;
    } rows[] = {
        {RGQ_STYLISED_LIVER, 1350},     {RGQ_STYLISED_KIDNEYS, 238},
        {RGQ_STYLISED_SPLEEN, 119},     {RGQ_STYLISED_BRAIN, 1350},
        {RGQ_STYLISED_LUNGS, 2200},     {RGQ_STYLISED_PANCREAS, 62.4},
        {RGQ_STYLISED_UTERUS, 76},      {RGQ_STYLISED_THYMUS, 27.3},
        {RGQ_STYLISED_ADRENALS, 10.01}, {RGQ_STYLISED_OVARIES, 10.01},
    };
    rgq_anatomy *body = adult(RGQ_STYLISED_FEMALE, 2.0);

    for (int i = 0; i < ROWS(rows); i++) {
        const rgq_organ *organ = &body->organs[rows[i].organ];
        ck_assert_msg(fabs(organ->volume_ml / rows[i].ml - 1.0) < 0.03, "%s: %g mL of %g",
                      organ->name, organ->volume_ml, rows[i].ml);
    }
    ck_assert(body->organs[RGQ_STYLISED_TESTES].volume_ml == 0.0);
    rgq_anatomy_free(body);
}
END_TEST

static double specific_fraction(const rgq_anatomy *body, int source, int target, double mev)
{
    rgq_line line = {mev, 1.0};
    const rgq_spectrum spectrum = {.n_photons = 1, .photon = &line};
    const rgq_photon_source from = {.organ = source, .whole_body = source < 0};
    rgq_photon_opts opts = RGQ_PHOTON_OPTS_INIT;
    rgq_photon_result r;

    opts.histories = 60000;
    MUST(rgq_photon_transport(&r, NULL, body, &from, &spectrum, &opts, NULL, err));
    return r.absorbed_mev[target] / mev / (body->organs[target].mass_g / 1000.0);
}

/* Specific absorbed fractions [1/kg] at 0.5 MeV of the 1987 report, printed with two digits: 7
 * % to the organ itself, 10 % next door, 4 % from the whole body; the noise here is 1 %. */
START_TEST(specific_absorbed_fractions)
{
    static const struct {
        int source, target;
        double saf, tolerance;
    } rows[] = {
        {RGQ_STYLISED_LIVER, RGQ_STYLISED_LIVER, .087, .07},
        {RGQ_STYLISED_KIDNEYS, RGQ_STYLISED_KIDNEYS, .25, .07},
        {RGQ_STYLISED_LUNGS, RGQ_STYLISED_LUNGS, .052, .07},
        {RGQ_STYLISED_SPLEEN, RGQ_STYLISED_SPLEEN, .45, .07},
        {RGQ_STYLISED_BRAIN, RGQ_STYLISED_BRAIN, .12, .07},
        {RGQ_STYLISED_PANCREAS, RGQ_STYLISED_PANCREAS, .57, .07},
        {RGQ_STYLISED_THYROID, RGQ_STYLISED_THYROID, 1.7, .07},
        {RGQ_STYLISED_BLADDER_CONTENTS, RGQ_STYLISED_BLADDER_WALL, .25, .07},
        {RGQ_STYLISED_LIVER, RGQ_STYLISED_KIDNEYS, .013, .10},
        {RGQ_STYLISED_LIVER, RGQ_STYLISED_LUNGS, .0087, .10},
        {-1, RGQ_STYLISED_LIVER, .0057, .04},
        {-1, RGQ_STYLISED_LUNGS, .0050, .05},
    };
    rgq_anatomy *body = adult(RGQ_STYLISED_MALE, 2.5);

    for (int i = 0; i < ROWS(rows); i++) {
        const double found = specific_fraction(body, rows[i].source, rows[i].target, 0.5);
        ck_assert_msg(fabs(found / rows[i].saf - 1.0) < rows[i].tolerance, "%s <- %d: %g, %g",
                      body->organs[rows[i].target].name, rows[i].source, found, rows[i].saf);
    }
    rgq_anatomy_free(body);
    body = adult(RGQ_STYLISED_FEMALE, 2.5);
    const double kidneys =
        specific_fraction(body, RGQ_STYLISED_KIDNEYS, RGQ_STYLISED_KIDNEYS, 0.5);
    ck_assert_double_eq_tol(kidneys / 0.286, 1.0, 0.07);
    rgq_anatomy_free(body);
}
END_TEST

/* The bladder of the female at 0.5 MeV [1/kg], tables of the adult female with three digits: 7
 * % to the wall, 10 % next door. Wall and neighbours of these tables are those of a bladder
 * that holds 160 g, at 10 keV to 0.5 MeV. Their wall from contents, .403, is not: at all of
 * these energies (1.82, 2.70, 2.62, 1.62, .396, .403) it is that of the 10-year-old's bladder
 * of 103 g, put in the place of this one. It is met with its mass, by the power 2/3 that scales
 * it. */
START_TEST(bladder_of_the_female)
{
    rgq_anatomy *body = adult(RGQ_STYLISED_FEMALE, 2.0);
    const int contents = RGQ_STYLISED_BLADDER_CONTENTS;
    const int wall = RGQ_STYLISED_BLADDER_WALL;

    ck_assert_double_eq_tol(specific_fraction(body, wall, wall, 0.5) / .524, 1.0, .07);
    ck_assert_double_eq_tol(specific_fraction(body, contents, RGQ_STYLISED_UTERUS, 0.5) / .0606,
                            1.0, .10);
    ck_assert_double_eq_tol(
        specific_fraction(body, contents, RGQ_STYLISED_LLI_WALL, 0.5) / .0311, 1.0, .10);
    const double shrunk = cbrt(pow(body->organs[contents].mass_g / 103.0, 2));
    ck_assert_double_eq_tol(shrunk * specific_fraction(body, contents, wall, 0.5) / .403, 1.0,
                            .07);
    rgq_anatomy_free(body);
}
END_TEST

/* Left is left: the liver lies to the right (x < 0), the spleen and the stomach to the left. */
START_TEST(sides_and_words)
{
    rgq_anatomy *body = adult(RGQ_STYLISED_MALE, 10.0);

    ck_assert_int_eq(rgq_stylised_at(RGQ_STYLISED_MALE, -8, 0, 36), 1 + RGQ_STYLISED_LIVER);
    ck_assert_int_eq(rgq_stylised_at(RGQ_STYLISED_MALE, 11, 3, 37), 1 + RGQ_STYLISED_SPLEEN);
    ck_assert_int_eq(rgq_stylised_at(RGQ_STYLISED_MALE, 0, 11, 37), 0);
    ck_assert_int_eq(rgq_anatomy_find(body, "Urinary Bladder Contents"),
                     RGQ_STYLISED_BLADDER_CONTENTS);
    ck_assert_int_eq(body->organs[RGQ_STYLISED_BLADDER_WALL].wall_of,
                     RGQ_STYLISED_BLADDER_CONTENTS);
    ck_assert(body->organs[RGQ_STYLISED_BLADDER_CONTENTS].is_contents);
    rgq_anatomy_free(body);
    REFUSED(rgq_stylised_create(&body, RGQ_STYLISED_MALE, 0.1, err), RGQ_E_ARGUMENT, "0.1 mm");
    TORTURE(rgq_stylised_create(&body, RGQ_STYLISED_MALE, 10.0, err), rgq_anatomy_free(body),
            2);
}
END_TEST

RGQ_CHECK_MAIN("dose.stylised", tcase_add_test(tc, masses_of_the_adult);
               tcase_add_test(tc, volumes_of_the_female);
               tcase_add_test(tc, specific_absorbed_fractions);
               tcase_add_test(tc, bladder_of_the_female); tcase_add_test(tc, sides_and_words))
