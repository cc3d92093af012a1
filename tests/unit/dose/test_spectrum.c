/* dose/spectrum.c: emissions of every nuclide of the table. */
#include <math.h>
#include <string.h>

#include "dose/spectrum.h"
#include "rgq_check.h"

#define SHIPPED RGQ_SOURCE_DIR "/tracers"

static rgq_spectrum of(const char *id)
{
    rgq_nuclide nuclide;
    rgq_spectrum s;

    MUST(rgq_nuclide_find(&nuclide, SHIPPED, id, err));
    MUST(rgq_spectrum_make(&s, &nuclide, err));
    return s;
}

/* Means by theory against ICRP 107 [keV]: 1 %; 1.5 % for the unique forbidden Y-90. */
START_TEST(mean_energies_by_theory)
{
    static const struct {
        const char *id;
        double mean_kev, tolerance;
    } rows[] = {{"F-18", 249.8, 0.01},  {"Ga-68", 835.8, 0.01}, {"Lu-177", 149.1, 0.01},
                {"I-131", 191.5, 0.01}, {"C-11", 385.6, 0.01},  {"Y-90", 933.0, 0.016}};

    for (int i = 0; i < ROWS(rows); i++) {
        rgq_spectrum s = of(rows[i].id);
        double best = 1.0;
        for (int b = 0; b < s.n_betas; b++)
            best = fmin(best, fabs(1e3 * s.beta[b].theory_mean_mev / rows[i].mean_kev - 1.0));
        ck_assert_msg(best < rows[i].tolerance, "%s: off by %g", rows[i].id, best);
        rgq_spectrum_release(&s);
    }
}
END_TEST

/* What is followed carries the energy of the table: 0.5 %. */
START_TEST(energy_closes)
{
    static const struct {
        const char *id;
        double electron_mev, photon_mev;
    } rows[] = {{"F-18", .24160, .98858},   {"Ga-68", .73794, .94869},
                {"Tc-99m", .01618, .12659}, {"In-111", .03481, .40611},
                {"Lu-177", .14792, .03509}, {"Cu-64", .12475, .18548},
                {"Zr-89", .10194, 1.15808}};

    for (int i = 0; i < ROWS(rows); i++) {
        rgq_spectrum s = of(rows[i].id);
        const double electron = s.electron_mev + s.beta_mev;
        ck_assert_msg(fabs(electron / rows[i].electron_mev - 1.0) < 5e-3, "%s: electrons %g",
                      rows[i].id, electron);
        ck_assert_msg(fabs(s.photon_mev / rows[i].photon_mev - 1.0) < 5e-3, "%s: photons %g",
                      rows[i].id, s.photon_mev);
        rgq_spectrum_release(&s);
    }
}
END_TEST

/* Drawn at even probabilities, a branch has the mean of the table: 0.1 %. */
START_TEST(drawn_mean_is_the_tables)
{
    rgq_spectrum s = of("Ga-68");
    double sum = 0.0;

    for (int i = 0; i < 10000; i++)
        sum += rgq_beta_energy(&s.beta[0], (i + 0.5) / 10000.0);
    ck_assert_double_eq_tol(sum / 10000.0 / s.beta[0].mean_mev, 1.0, 1e-3);
    ck_assert(rgq_beta_energy(&s.beta[0], 0.0) >= 0.0);
    ck_assert(rgq_beta_energy(&s.beta[0], 1.0) <= s.beta[0].end_mev);
    rgq_spectrum_release(&s);
}
END_TEST

START_TEST(every_nuclide_of_the_table_and_torture)
{
    rgq_nuclide_ids ids;
    rgq_nuclide nuclide;
    rgq_spectrum s;

    MUST(rgq_nuclide_list(&ids, SHIPPED, err));
    ck_assert_int_gt(ids.count, 10);
    for (int i = 0; i < ids.count; i++) {
        MUST(rgq_nuclide_find(&nuclide, SHIPPED, ids.id[i], err));
        if (nuclide.n_betas + nuclide.n_photons == 0)
            continue;
        MUST(rgq_spectrum_make(&s, &nuclide, err));
        rgq_spectrum_release(&s);
    }
    MUST(rgq_nuclide_find(&nuclide, SHIPPED, "Lu-177", err));
    TORTURE(rgq_spectrum_make(&s, &nuclide, err), rgq_spectrum_release(&s), 2);
    nuclide.beta[0].mean_energy_kev *= 1.5;
    REFUSED(rgq_spectrum_make(&s, &nuclide, err), RGQ_E_NUMERIC, "by theory");
    nuclide.n_betas = nuclide.n_photons = 0;
    REFUSED(rgq_spectrum_make(&s, &nuclide, err), RGQ_E_NOTFOUND, "emissions of Lu-177");
}
END_TEST

RGQ_CHECK_MAIN("dose.spectrum", tcase_add_test(tc, mean_energies_by_theory);
               tcase_add_test(tc, energy_closes); tcase_add_test(tc, drawn_mean_is_the_tables);
               tcase_add_test(tc, every_nuclide_of_the_table_and_torture))
