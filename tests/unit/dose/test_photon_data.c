/* dose/photon_data.c: coefficients that are printed in tables everywhere. */
#include <math.h>
#include <string.h>

#include "dose/photon_data.h"
#include "rgq_check.h"

static rgq_photon_data tables(void)
{
    rgq_photon_data data;
    bool want[RGQ_MATERIALS];

    for (int m = 0; m < RGQ_MATERIALS; m++)
        want[m] = true;
    MUST(rgq_photon_data_make(&data, want, err));
    return data;
}

/* Mass attenuation of water [cm2/g] of the XCOM tables: 0.5 %, what two evaluations differ by.
 */
START_TEST(attenuation_of_water)
{
    static const double mev[] = {.03, .05, .1, .1405, .208, .3645, .511, 1.0, 1.5, 2.0};
    static const double mu[] = {.3756, .2269, .1707, .1537,  .1352,
                                .1101, .0960, .0707, .05754, .04942};
    rgq_photon_data data = tables();

    for (int i = 0; i < ROWS(mev); i++) {
        const rgq_photon_coefficients c =
            rgq_photon_coefficients_at(data.of[RGQ_MATERIAL_WATER], mev[i]);
        const double all = (double)(c.photo + c.compton + c.rayleigh + c.pair);
        ck_assert_msg(fabs(all / mu[i] - 1.0) < 5e-3, "%g MeV: %g", mev[i], all);
    }
    rgq_photon_data_release(&data);
}
END_TEST

/* Energy transfer of four-component tissue [cm2/g]: 2 %; xraylib's own coefficient is out by up
 * to 37 % at 20 to 80 keV. */
START_TEST(transfer_of_tissue)
{
    static const double mev[] = {.02, .03, .05, .1, .2, .5, 1.0};
    static const double tr[] = {.507, .1438, .0399, .0250, .0294, .0327, .0307};
    rgq_photon_data data = tables();

    for (int i = 0; i < ROWS(mev); i++) {
        const rgq_photon_coefficients c =
            rgq_photon_coefficients_at(data.of[RGQ_MATERIAL_ICRU4], mev[i]);
        ck_assert_msg(fabs((double)c.transfer / tr[i] - 1.0) < 0.02, "%g MeV: %g", mev[i],
                      (double)c.transfer);
    }
    rgq_photon_data_release(&data);
}
END_TEST

/* The splines of xraylib end at 0.8 MeV: across it the tables are smooth, and no coefficient is
 * 0. */
START_TEST(no_gap_where_the_splines_end)
{
    rgq_photon_data data = tables();

    for (int m = RGQ_MATERIAL_VOID + 1; m < RGQ_MATERIALS; m++) {
        const rgq_photon_coefficients below = rgq_photon_coefficients_at(data.of[m], 0.780);
        const rgq_photon_coefficients above = rgq_photon_coefficients_at(data.of[m], 0.800);
        ck_assert(fabsf(above.compton / below.compton - 0.989f) < 0.004f);
        for (int i = 0; i < RGQ_PHOTON_ENERGIES; i++) {
            ck_assert(data.of[m]->at[i].photo > 0.0f && data.of[m]->at[i].compton > 0.0f);
            ck_assert(data.of[m]->at[i].rayleigh > 0.0f && data.of[m]->at[i].transfer > 0.0f);
        }
    }
    rgq_photon_data_release(&data);
}
END_TEST

/* S(x) rises from 0 to 1, the integral of F^2 rises. Fractions of a material are those of 1 g.
 */
START_TEST(functions_of_the_transfer)
{
    rgq_photon_data data = tables();

    for (int m = RGQ_MATERIAL_VOID + 1; m < RGQ_MATERIALS; m++) {
        double sum = 0.0;
        ck_assert(data.of[m]->incoherent[0] == 0.0f);
        ck_assert(data.of[m]->incoherent[RGQ_PHOTON_TRANSFERS - 1] > 0.99f);
        for (int i = 1; i < RGQ_PHOTON_TRANSFERS; i++)
            ck_assert(data.of[m]->coherent[i] >= data.of[m]->coherent[i - 1]);
        for (int k = 0; k < rgq_material_at(m)->n_elements; k++)
            sum += rgq_material_at(m)->mass_fraction[k];
        ck_assert_double_eq_tol(sum, 1.0, 5e-4);
    }
    ck_assert(data.of[RGQ_MATERIAL_VOID] == NULL);
    rgq_photon_data_release(&data);
}
END_TEST

START_TEST(torture)
{
    rgq_photon_data data;
    bool want[RGQ_MATERIALS] = {false};

    want[RGQ_MATERIAL_WATER] = want[RGQ_MATERIAL_LUNG] = true;
    TORTURE(rgq_photon_data_make(&data, want, err), rgq_photon_data_release(&data), 1);
}
END_TEST

RGQ_CHECK_MAIN("dose.photon_data", tcase_add_test(tc, attenuation_of_water);
               tcase_add_test(tc, transfer_of_tissue);
               tcase_add_test(tc, no_gap_where_the_splines_end);
               tcase_add_test(tc, functions_of_the_transfer); tcase_add_test(tc, torture))
