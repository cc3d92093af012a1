/* From published time-integrated activities to published doses, by our own body and photons.
 *
 * With RGQ_LONG=1 the S values have 1e7 photons a source; without, some 1e5 (1 % where a
 * number is judged), which the tolerances hold. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dose/stylised.h"
#include "dose/svalues.h"
#include "rgdquant/dose.h"
#include "rgq_check.h"

static rgq_tissue_weights weights;
static rgq_dose_table table;

static void run(const char *nuclide_id, const rgq_dose_source *rows, int n)
{
    rgq_photon_opts opts = RGQ_PHOTON_OPTS_INIT;
    rgq_nuclide nuclide;
    rgq_spectrum spectrum;
    rgq_anatomy *body = NULL;
    rgq_svalues *s = NULL;
    double wall[RGQ_ORGANS_MAX];

    for (int i = 0; i < RGQ_ORGANS_MAX; i++)
        wall[i] = 0.084;
    opts.histories = getenv("RGQ_LONG") != NULL ? 10000000 : 40000;
    MUST(rgq_tissue_weights_load(&weights, RGQ_SOURCE_DIR "/tracers", err));
    MUST(rgq_nuclide_find(&nuclide, RGQ_SOURCE_DIR "/tracers", nuclide_id, err));
    MUST(rgq_spectrum_make(&spectrum, &nuclide, err));
    MUST(rgq_stylised_create(&body, RGQ_STYLISED_MALE, getenv("RGQ_LONG") != NULL ? 2.0 : 3.0,
                             err));
    MUST(rgq_svalues_compute(&s, body, &spectrum, wall, &opts, NULL, err));
    const rgq_dose_opts how = {.half_life_h = spectrum.half_life_s / 3600.0,
                               .weights = &weights};
    MUST(rgq_dose_organs(&table, s, rows, n, &how, err));
    rgq_svalues_free(s);
    rgq_anatomy_free(body);
    rgq_spectrum_release(&spectrum);
}

static double effective(const char *rule)
{
    rgq_effective_dose e;

    MUST(rgq_effective_dose_of(&e, rgq_weight_rule_find(&weights, rule), &weights, &table, NULL,
                               &(rgq_effective_opts){RGQ_WALL_SURFACE_MIRD, false}, err));
    return e.msv_per_mbq;
}

static void near(const char *organ, double published, double tolerance)
{
    const rgq_organ_dose *row = rgq_dose_find(&table, organ);

    ck_assert_ptr_nonnull(row);
    ck_assert_msg(fabs(row->surface / published - 1.0) < tolerance, "%s: %.5g, published %.5g",
                  organ, row->surface, published);
}

#define SOURCE(name, hours)                                                                    \
    {                                                                                          \
        name, hours, (double)NAN, (double)NAN                                                  \
    }

/* FDG of ICRP 106 [mGy/MBq]: bladder wall .13, liver .021, effective dose .019 (5 %); brain
 * .038 and heart .067 (5 %). */
START_TEST(fdg)
{
    static const rgq_dose_source rows[] = {SOURCE("brain", .21),
                                           SOURCE("heart wall", .11),
                                           SOURCE("lungs", .079),
                                           SOURCE("liver", .13),
                                           SOURCE("urinary bladder contents", .26),
                                           SOURCE("remainder", 1.7)};

    run("F-18", rows, ROWS(rows));
    near("urinary bladder wall", .13, .05);
    near("liver", .021, .05);
    near("brain", .038, .06);
    near("heart wall", .067, .06);
    ck_assert_double_eq_tol(effective("icrp60") / .019, 1.0, .05);
    /* the mean of the wall is less than half its surface; of the total, photons included */
    ck_assert_double_lt(rgq_dose_find(&table, "urinary bladder wall")->mean, .07);
}
END_TEST

/* Tc-99m HYNIC-annexin V [mGy/MBq]: 5 %, marrow (an upper bound here) apart. */
START_TEST(hynic_annexin)
{
    static const rgq_dose_source rows[] = {
        SOURCE("kidneys", 3.90), SOURCE("liver", 1.03),    SOURCE("red marrow", .78),
        SOURCE("spleen", .36),   SOURCE("testes", .014),   SOURCE("thyroid", .011),
        SOURCE("bladder", .15),  SOURCE("remainder", 1.58)};

    run("Tc-99m", rows, ROWS(rows));
    near("kidneys", .196, .05);
    near("liver", .0169, .05);
    near("spleen", .041, .05);
    near("testes", .0053, .05);
    near("thyroid", .0071, .05);
    near("urinary bladder wall", .0075, .05);
    ck_assert_double_gt(rgq_dose_find(&table, "red marrow")->mean, .0084);
    ck_assert_double_eq_tol(effective("icrp60") / .0110, 1.0, .05);
}
END_TEST

RGQ_CHECK_MAIN("organ_chain", tcase_set_timeout(tc, 1200); tcase_add_test(tc, fdg);
               tcase_add_test(tc, hynic_annexin))
