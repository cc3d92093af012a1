/* dose/organ_dose.c and bladder.c: hand cases on a small matrix, identities, refusals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "dose/svalues.h"
#include "rgdquant/dose.h"
#include "rgq_check.h"

enum { LIVER, KIDNEYS, CONTENTS, WALL, SKELETON, REST, N };

static double photon[N * N], photon_sd[N * N], electron[N * N], surface[N * N];
static rgq_svalues s;
static rgq_tissue_weights weights;
static rgq_dose_table table;

/* Charged particles of 1 mGy g / (MBq s); photons unlike for every pair. */
static void start(void)
{
    static const char *const names[N] = {
        "liver",    "kidneys",  "urinary bladder contents", "urinary bladder wall",
        "skeleton", "remainder"};
    static const double mass[N] = {2000, 300, 200, 50, 10000, 50000};

    memset(electron, 0, sizeof electron);
    memset(surface, 0, sizeof surface);
    s = (rgq_svalues){.nuclide = "X-1", .anatomy = "box", .n = N};
    for (int h = 0; h < N; h++) {
        (void)snprintf(s.organ[h], sizeof s.organ[h], "%s", names[h]);
        s.mass_g[h] = mass[h];
        electron[h * N + h] = surface[h * N + h] = 1.0 / mass[h];
        for (int t = 0; t < N; t++) {
            photon[h * N + t] = 1e-6 * (1 + 3 * h + 7 * t + h * t);
            photon_sd[h * N + t] = 0.01 * photon[h * N + t];
        }
    }
    surface[CONTENTS * N + WALL] = 0.5 / mass[CONTENTS];
    electron[CONTENTS * N + WALL] = 0.08 * surface[CONTENTS * N + WALL];
    s.photon = photon;
    s.photon_sd = photon_sd;
    s.electron = electron;
    s.electron_surface = surface;
    MUST(rgq_tissue_weights_load(&weights, RGQ_SOURCE_DIR "/tracers", err));
}

static rgq_dose_source source(const char *region, double tiac_h)
{
    rgq_dose_source row = {"", tiac_h, (double)NAN, (double)NAN};

    (void)snprintf(row.region, sizeof row.region, "%s", region);
    return row;
}

static const rgq_organ_dose *dose(const rgq_dose_source *rows, int n, rgq_dose_opts opts,
                                  const char *organ)
{
    opts.weights = &weights;
    MUST(rgq_dose_organs(&table, &s, rows, n, &opts, err));
    const rgq_organ_dose *row = rgq_dose_find(&table, organ);
    ck_assert_ptr_nonnull(row);
    return row;
}

static const rgq_dose_opts plain = RGQ_DOSE_OPTS_INIT;

/* One organ, by hand; walls by both conventions; contents are no target. */
START_TEST(by_hand)
{
    start();
    const rgq_dose_source rows[] = {source("liver", 0.5), source("Bladder", 0.25)};
    const rgq_organ_dose *liver = dose(rows, 2, plain, "liver");
    ck_assert_double_eq_tol(liver->mean / 3600.0,
                            0.5 * (photon[0] + 1.0 / 2000) + 0.25 * photon[CONTENTS * N],
                            1e-15);
    ck_assert_double_eq_tol(liver->self / 3600.0, 0.5 * (photon[0] + 1.0 / 2000), 1e-15);
    const rgq_organ_dose *wall = dose(rows, 2, plain, "urinary bladder wall");
    const double photons = 0.5 * photon[WALL] + 0.25 * photon[CONTENTS * N + WALL];
    ck_assert_double_eq_tol(wall->surface / 3600.0, photons + 0.25 * 0.5 / 200, 1e-15);
    ck_assert_double_eq_tol(wall->mean / 3600.0, photons + 0.25 * 0.5 * 0.08 / 200, 1e-15);
    ck_assert((wall->flags & RGQ_DOSE_WALL) != 0);
    ck_assert_ptr_null(rgq_dose_find(&table, "urinary bladder contents"));
    ck_assert_double_eq_tol(wall->sd_mc / 3600.0,
                            hypot(0.5 * photon_sd[WALL], 0.25 * photon_sd[CONTENTS * N + WALL]),
                            1e-15);
}
END_TEST

/* The remainder by all organs equals the formula with the whole body's S (identity, rounding),
 * and "total body" with its parts equals "remainder" with what they leave. */
START_TEST(remainder_is_the_formula)
{
    start();
    const rgq_dose_source rows[] = {source("liver", 0.5), source("remainder", 1.5)};
    const double got = dose(rows, 2, plain, "kidneys")->photon / 3600.0;
    double body = 0.0, whole = 0.0;

    for (int h = 0; h < N; h++) {
        body += s.mass_g[h];
        whole += s.mass_g[h] * photon[h * N + KIDNEYS];
    }
    const double rest = body - 2000.0;
    const double from_rest =
        whole / body * body / rest - photon[LIVER * N + KIDNEYS] * 2000.0 / rest;
    ck_assert_double_eq_tol(got, 0.5 * photon[LIVER * N + KIDNEYS] + 1.5 * from_rest, 1e-15);
    const double mean = rgq_dose_find(&table, "kidneys")->mean;
    const double wall = rgq_dose_find(&table, "urinary bladder wall")->surface;
    /* an even concentration: electrons of 1.5 h over the mass of the remainder, walls too */
    ck_assert_double_eq_tol((mean - got * 3600.0) / 3600.0, 1.5 / rest, 1e-15);
    ck_assert_double_eq_tol(wall, rgq_dose_find(&table, "urinary bladder wall")->mean, 1e-15);
    const rgq_dose_source total[] = {source("liver", 0.5), source("total body", 2.0)};
    ck_assert_double_eq_tol(dose(total, 2, plain, "kidneys")->mean, mean, 1e-12 * mean);
    ck_assert_double_eq_tol(table.remainder_tiac_h, 1.5, 1e-15);
}
END_TEST

/* Half the mass: electrons twice, own photons 2^(2/3), cross dose as before; others as before.
 */
START_TEST(mass_scaling)
{
    start();
    const rgq_dose_mass mass = {"kidney left", 150.0};
    rgq_dose_opts opts = RGQ_DOSE_OPTS_INIT;
    const rgq_dose_source rows[] = {source("kidneys", 1.0), source("liver", 1.0)};
    const double liver = dose(rows, 2, opts, "liver")->mean;

    opts.mass = &mass;
    opts.n_masses = 1;
    const rgq_organ_dose *row = dose(rows, 2, opts, "kidneys");
    ck_assert_double_eq_tol(row->mean / 3600.0,
                            photon[KIDNEYS * N + KIDNEYS] * cbrt(4.0) + 2.0 / 300 +
                                photon[LIVER * N + KIDNEYS],
                            1e-15);
    ck_assert((row->flags & RGQ_DOSE_MASS_SCALED) != 0 && row->mass_g == 150.0);
    row = rgq_dose_find(&table, "liver");
    ck_assert((row->flags & RGQ_DOSE_MASS_SCALED) == 0 && row->mean == liver);
}
END_TEST

/* A fuller bladder, by hand: both parts from the contents to the wall by the contents' mass. */
START_TEST(fuller_bladder)
{
    start();
    const rgq_dose_mass mass = {"bladder", 400.0};
    rgq_dose_opts opts = RGQ_DOSE_OPTS_INIT;
    const rgq_dose_source row = source("bladder", 1.0);

    opts.mass = &mass;
    opts.n_masses = 1;
    const rgq_organ_dose *wall = dose(&row, 1, opts, "urinary bladder wall");
    ck_assert_double_eq_tol(wall->surface / 3600.0,
                            photon[CONTENTS * N + WALL] / cbrt(4.0) + 0.25 / 200, 1e-15);
    ck_assert((wall->flags & RGQ_DOSE_MASS_SCALED) != 0 && wall->mass_g == 50.0);
}
END_TEST

/* A kidney of 1.5 % of a mouse and 300 / 62550 of a person. */
START_TEST(from_an_animal)
{
    start();
    rgq_dose_source row = source("kidneys", 0.2);
    row.animal_share = 0.015;
    row.sd_h = 0.02;
    const rgq_organ_dose *kidneys = dose(&row, 1, plain, "kidneys");
    const double factor = 300.0 / 62550.0 / 0.015;
    ck_assert_double_eq_tol(kidneys->tiac_h, 0.2 * factor, 1e-15);
    ck_assert_double_eq_tol(rgq_tiac_from_animal(0.2, 300.0 / 62550.0, 0.015), 0.2 * factor,
                            1e-15);
    ck_assert((kidneys->flags & RGQ_DOSE_FROM_ANIMAL) != 0 && table.from_animal);
    ck_assert_double_eq_tol(kidneys->sd_tiac / kidneys->surface, 0.1, 1e-12);
    ck_assert((kidneys->flags & RGQ_DOSE_PART_UNKNOWN) == 0);
    for (int i = 0; i < table.n; i++)
        ck_assert((table.row[i].flags & RGQ_DOSE_FROM_ANIMAL) != 0);
}
END_TEST

/* Marrow: photons as the skeleton's, electrons all in 1120 g; flagged as an upper bound. */
START_TEST(red_marrow)
{
    start();
    const rgq_dose_source row = source("red marrow", 0.5);
    const rgq_organ_dose *marrow = dose(&row, 1, plain, "red marrow");
    ck_assert_double_eq_tol(marrow->mean / 3600.0,
                            0.5 * (1.05 * photon[SKELETON * N + SKELETON] + 1.0 / 1120), 1e-15);
    ck_assert((marrow->flags & RGQ_DOSE_UPPER_BOUND) != 0);
    ck_assert((marrow->flags & RGQ_DOSE_STAND_IN) != 0);
    ck_assert_double_eq_tol(rgq_dose_find(&table, "liver")->mean / 3600.0,
                            0.5 * photon[SKELETON * N + LIVER], 1e-15);
    ck_assert_double_eq_tol(rgq_dose_find(&table, "bone surface")->mean,
                            rgq_dose_find(&table, "skeleton")->mean, 1e-15);
    ck_assert_double_eq_tol(rgq_marrow_tiac_from_blood(1e-4, 1120, 1.0), 0.112, 1e-15);
}
END_TEST

/* Energy: electrons of all organs over the mass of the body is what the total body takes. */
START_TEST(total_body)
{
    start();
    const rgq_dose_source rows[] = {source("liver", 0.5), source("bladder", 0.3),
                                    source("remainder", 1.0)};
    const rgq_organ_dose *row = dose(rows, 3, plain, "total body");
    ck_assert_double_eq_tol((row->mean - row->photon) / 3600.0, 1.8 / 62550.0, 1e-15);
    ck_assert_double_eq_tol(table.total_tiac_h, 1.8, 1e-15);
}
END_TEST

/* The SD by differences: with a total body, more in the liver is less in the remainder. */
START_TEST(spread_of_errors)
{
    start();
    rgq_dose_source rows[] = {source("liver", 0.5), source("total body", 2.0)};
    rows[0].sd_h = 0.02;
    rows[1].sd_h = 0.0;
    const rgq_organ_dose *row = dose(rows, 2, plain, "kidneys");
    const double sd = row->sd_tiac, before = row->surface;
    rows[0].tiac_h = 0.52;
    ck_assert_double_eq_tol(sd / fabs(dose(rows, 2, plain, "kidneys")->surface - before), 1.0,
                            1e-9);
}
END_TEST

/* With marrow of its own the rest of the skeleton takes from the remainder by what it weighs
 * without marrow: 8880 of 61430 g. */
START_TEST(remainder_beside_marrow)
{
    start();
    const rgq_dose_source rows[] = {source("red marrow", 0.5), source("remainder", 1.0)};
    ck_assert_double_eq_tol(dose(rows, 2, plain, "skeleton")->tiac_h, 8880.0 / 61430.0, 1e-12);
}
END_TEST

/* Two rows for one organ are summed and say so; SDs add in squares. */
START_TEST(left_and_right)
{
    start();
    rgq_dose_source rows[] = {source("left kidney", 0.1), source("right kidney", 0.3)};
    rows[0].sd_h = 0.03;
    rows[1].sd_h = 0.04;
    const rgq_organ_dose *row = dose(rows, 2, plain, "kidneys");
    ck_assert_double_eq_tol(row->tiac_h, 0.4, 1e-15);
    ck_assert_double_eq_tol(row->sd_tiac / row->surface, 0.05 / 0.4, 1e-12);
    ck_assert((row->flags & RGQ_DOSE_SUMMED) != 0);
}
END_TEST

START_TEST(refusals)
{
    rgq_dose_opts opts = {.half_life_h = 1.8295, .weights = NULL};
    rgq_dose_source row = source("livr", 1.0);
    const rgq_dose_mass mass = {"liver", -1.0};

    start();
    table.n = 77;
    REFUSED(rgq_dose_organs(&table, &s, &row, 1, &opts, err), RGQ_E_NOTFOUND, "'liver'");
    row = source("red marrow", 1.0);
    REFUSED(rgq_dose_organs(&table, &s, &row, 1, &opts, err), RGQ_E_NOTFOUND, "red marrow");
    row = source("liver", -0.1);
    REFUSED(rgq_dose_organs(&table, &s, &row, 1, &opts, err), RGQ_E_ARGUMENT, "-0.1");
    row = source("liver", (double)NAN);
    REFUSED(rgq_dose_organs(&table, &s, &row, 1, &opts, err), RGQ_E_ARGUMENT, "nan");
    row = source("liver", 2.9);
    REFUSED(rgq_dose_organs(&table, &s, &row, 1, &opts, err), RGQ_E_ARGUMENT, "2.639");
    row.animal_share = 1.5;
    REFUSED(rgq_dose_organs(&table, &s, &row, 1, &opts, err), RGQ_E_ARGUMENT, "animal");
    const rgq_dose_source total[] = {source("liver", 1.0), source("total body", 0.5)};
    REFUSED(rgq_dose_organs(&table, &s, total, 2, &opts, err), RGQ_E_ARGUMENT, "total body");
    opts.mass = &mass;
    opts.n_masses = 1;
    row = source("liver", 1.0);
    REFUSED(rgq_dose_organs(&table, &s, &row, 1, &opts, err), RGQ_E_ARGUMENT, "mass");
    REFUSED(rgq_dose_organs(&table, &s, &row, 0, &opts, err), RGQ_E_ARGUMENT, "no region");
    ck_assert_int_eq(table.n, 77);
    opts.n_masses = 0;
    opts.force = true;
    row = source("liver", 2.9);
    MUST(rgq_dose_organs(&table, &s, &row, 1, &opts, err));
    ck_assert_int_eq(table.n_notes, 1);
    TORTURE(rgq_dose_organs(&table, &s, &row, 1, &opts, err), (void)0, 2);
}
END_TEST

/* A shell of 2.5 mm about 202 mL, by the volume of the sphere. */
START_TEST(wall_thickness)
{
    const double inner = cbrt(202000.0 * 3.0 / (4.0 * M_PI));
    const double wall = 4.0 / 3.0 * M_PI * (pow(inner + 2.5, 3) - pow(inner, 3)) / 1000.0;

    ck_assert_double_eq_tol(wall, 44.5, 0.1);
    ck_assert_double_eq_tol(rgq_wall_thickness_mm(202.0, wall), 2.5, 1e-10);
}
END_TEST

/* Tc-99m, all of it with 69 h, voided every 4 h: .14893 h (1e-4; published .15). Never voided:
 * the closed form; often voided: nothing; two halves are one whole. */
START_TEST(bladder)
{
    const rgq_urine_phase one = {1.0, 69.0};
    const rgq_urine_phase two[] = {{0.5, 69.0}, {0.5, 69.0}};
    double a, b;

    MUST(rgq_bladder_tiac(&a, &one, 1, 6.015, 4.0, err));
    ck_assert_double_eq_tol(a / 0.14893, 1.0, 1e-4);
    MUST(rgq_bladder_tiac(&b, two, 2, 6.015, 4.0, err));
    ck_assert_double_eq_tol(b, a, 1e-15);
    MUST(rgq_bladder_tiac(&b, &one, 1, 6.015, (double)INFINITY, err));
    const double lp = log(2.0) / 6.015, lb = log(2.0) / 69.0;
    ck_assert_double_eq_tol(b, 1.0 / lp - 1.0 / (lp + lb), 1e-13);
    MUST(rgq_bladder_tiac(&b, &one, 1, 6.015, 1e4, err));
    ck_assert_double_eq_tol(b, 1.0 / lp - 1.0 / (lp + lb), 1e-12);
    MUST(rgq_bladder_tiac(&b, &one, 1, 6.015, 1e-3, err));
    ck_assert_double_lt(b, 1e-4);
    REFUSED(rgq_bladder_tiac(&b, &one, 1, 6.015, 0.0, err), RGQ_E_ARGUMENT, "every 0 h");
    REFUSED(rgq_bladder_tiac(&b, &one, 1, -1.0, 1.0, err), RGQ_E_ARGUMENT, "-1");
    const rgq_urine_phase more[] = {{0.7, 1.0}, {0.5, 2.0}};
    REFUSED(rgq_bladder_tiac(&b, more, 2, 1.0, 1.0, err), RGQ_E_ARGUMENT, "1.2");
    const rgq_urine_phase bad = {0.5, 0.0};
    REFUSED(rgq_bladder_tiac(&b, &bad, 1, 1.0, 1.0, err), RGQ_E_ARGUMENT, "phase 1");
}
END_TEST

RGQ_CHECK_MAIN("organ_dose", tcase_add_test(tc, by_hand);
               tcase_add_test(tc, remainder_is_the_formula); tcase_add_test(tc, mass_scaling);
               tcase_add_test(tc, fuller_bladder); tcase_add_test(tc, from_an_animal);
               tcase_add_test(tc, red_marrow); tcase_add_test(tc, total_body);
               tcase_add_test(tc, left_and_right); tcase_add_test(tc, spread_of_errors);
               tcase_add_test(tc, remainder_beside_marrow); tcase_add_test(tc, refusals);
               tcase_add_test(tc, wall_thickness); tcase_add_test(tc, bladder))
