/* What stored values are: every SUVType, counts with the factors of a scanner or a camera, and
 * the check of the activity in view. */
#include "calib_scan.h"

#include "calib/decay.h"

/* 70 kg, 175 cm, sex M: what SUVbw is divided by, size over weight; worked out by hand. */
static const struct {
    const char *units;
    const char *type; /* NULL: none */
    rgq_unit unit;
    double ratio;
} types[] = {
    {"GML", NULL, RGQ_UNIT_SUV_BW, 1.0},
    {"GML", "BW", RGQ_UNIT_SUV_BW, 1.0},
    {"GML", "LBM", RGQ_UNIT_SUV_LBM_MORGAN, 57.8 / 70.0},
    {"GML", "LBMJAMES128", RGQ_UNIT_SUV_LBM_JAMES, 56.52 / 70.0},
    {"GML", "LBMJANMA", RGQ_UNIT_SUV_LBM_JANMA, 55.857107722577474 / 70.0},
    {"GML", "IBW", RGQ_UNIT_SUV_IBW, 72.38 / 70.0},
    {"CM2ML", NULL, RGQ_UNIT_SUV_BSA, 18481.430181213465 / 70000.0},
    {"CM2ML", "BSA", RGQ_UNIT_SUV_BSA, 18481.430181213465 / 70000.0},
};

static rgq_scan stored_as(const char *units, const char *type)
{
    rgq_scan scan = make_scan(RGQ_UNIT_NATIVE, 1, 1);

    rgq_fact_text_set(&scan.facts.units, units, "(0054,1001) Units");
    if (type != NULL)
        rgq_fact_text_set(&scan.facts.suv_type, type, "(0054,1006) SUVType");
    rgq_fact_set(&scan.facts.height_m, 1.75, "(0010,1020) PatientSize");
    rgq_fact_text_set(&scan.facts.sex, "M", "(0010,0040) PatientSex");
    return scan;
}

START_TEST(test_types)
{
    rgq_scan scan = stored_as(types[_i].units, types[_i].type);
    const double activity_bq = 70000.0 / factor_by_hand(ONE_HOUR_S);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    /* to SUVbw without dose, half-life or any time, whatever the decay correction is */
    rgq_scan bare = scan;
    bare.facts.injected_activity_bq.known = bare.facts.half_life_s.known = false;
    bare.facts.injection_time_s.known = bare.facts.series_time_s.known = false;
    MUST(rgq_suv_plan_make(&plan, &bare, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_double_eq_tol(plan.factor * types[_i].ratio, 1.0, 1e-12);
    ck_assert_int_eq(h.n_warnings, 0);
    /* to its own kind: as stored, without any fact */
    bare.facts.weight_kg.known = bare.facts.height_m.known = bare.facts.sex.known = false;
    MUST(rgq_suv_plan_make(&plan, &bare, types[_i].unit, NULL, NULL, err));
    ck_assert_double_eq(plan.factor, 1.0);
    /* to another kind, and to %ID/mL: 100 % / norm */
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BSA, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor * types[_i].ratio / (18481.430181213465 / 70000.0), 1.0,
                            1e-12);
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_ID_ML, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor * types[_i].ratio * 700.0, 1.0, 1e-12);
    /* back to Bq/mL at the scan start: SUV x D / norm */
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor / (activity_bq / (70000.0 * types[_i].ratio)), 1.0,
                            1e-12);
    ck_assert_ptr_nonnull(strstr(plan.rule, "back-computed"));
    rgq_scan_release(&scan);
}
END_TEST

/* After the conversion the facts name the kind the voxels are now, so that what is written is
 * read back as the same. */
START_TEST(test_type_follows)
{
    rgq_scan scan = stored_as("GML", "LBM");
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    MUST(rgq_suv_apply(&scan, &plan, err));
    ck_assert_str_eq(scan.facts.suv_type.value, "BW");
    FACTOR_IS(&scan, NULL, NULL, 1.0);
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_LBM_JANMA, NULL, NULL, err));
    MUST(rgq_suv_apply(&scan, &plan, err));
    ck_assert_str_eq(scan.facts.suv_type.value, "LBMJANMA");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_LBM_JANMA, NULL, NULL, err));
    ck_assert_double_eq(plan.factor, 1.0);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_back_computation_needs_a_moment)
{
    rgq_scan scan = stored_as("GML", NULL);
    rgq_suv_plan plan;

    rgq_fact_text_set(&scan.facts.decay_correction, "NONE", "(0054,1102) DecayCorrection");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err), RGQ_E_UNSUPPORTED,
            "give --decay-corrected-to injection|scan");
    rgq_fact_text_set(&scan.facts.decay_correction, "ADMIN", "--decay-corrected-to");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor, ACTIVITY_BQ / 70000.0, 1e-9);
    rgq_scan_release(&scan);
}
END_TEST

/* ---- counts ---- */

START_TEST(test_philips_suv_factor)
{
    rgq_scan scan = stored_as("CNTS", NULL);
    rgq_suv_plan plan;
    heard h;
    const rgq_log log = log_of(&h);

    rgq_fact_set(&scan.facts.philips_suv_factor, 0.000728, "(7053,1000)");
    scan.facts.injected_activity_bq.known = scan.facts.half_life_s.known = false;
    scan.facts.weight_kg.known = scan.facts.injection_time_s.known = false;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_double_eq(plan.factor, 0.000728);
    ck_assert_str_eq(input_of(&plan, "philips_suv_factor")->origin, "(7053,1000)");
    ck_assert_int_eq(h.n_warnings, 0);
    rgq_scan_release(&scan);
    /* other kinds by the ratio of sizes; Bq/mL by the dose */
    scan = stored_as("CNTS", NULL);
    rgq_fact_set(&scan.facts.philips_suv_factor, 0.000728, "(7053,1000)");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_LBM_JAMES, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor, 0.000728 * 56.52 / 70.0, 1e-15);
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor * factor_by_hand(ONE_HOUR_S) / 0.000728, 1.0, 1e-12);
    /* as SUVbw that is stored: the user's weight has no effect on it */
    rgq_scan gml = stored_as("GML", NULL);
    rgq_log more = log_of(&h);
    rgq_fact_set(&gml.facts.weight_kg, 80.0, "--weight-kg");
    MUST(rgq_suv_plan_make(&plan, &gml, RGQ_UNIT_SUV_BW, NULL, &more, err));
    ck_assert_double_eq(plan.factor, 1.0);
    ck_assert_ptr_nonnull(strstr(h.text, "--weight-kg has no effect: the values are SUVbw"));
    more = log_of(&h);
    MUST(rgq_suv_plan_make(&plan, &gml, RGQ_UNIT_SUV_IBW, NULL, &more, err));
    ck_assert_double_eq_tol(plan.factor, 72.38 / 80.0, 1e-15);
    ck_assert_int_eq(h.n_warnings, 0);
    rgq_scan_release(&gml);
    /* an option cannot change what the scanner has put into it */
    rgq_fact_set(&scan.facts.weight_kg, 80.0, "--weight-kg (was 70 of PatientWeight)");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_double_eq(plan.factor, 0.000728);
    ck_assert_ptr_nonnull(
        strstr(h.text, "--weight-kg (was 70 of PatientWeight) has no effect"));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_philips_activity_factor)
{
    rgq_scan scan = stored_as("CNTS", NULL);
    rgq_suv_plan plan;

    rgq_fact_set(&scan.facts.philips_activity_factor, 2.5, "(7053,1009)");
    FACTOR_IS(&scan, NULL, NULL, 2.5 * factor_by_hand(ONE_HOUR_S));
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err));
    ck_assert_double_eq(plan.factor, 2.5);
    /* 0 says that there is no factor */
    rgq_fact_set(&scan.facts.philips_suv_factor, 0.0, "(7053,1000)");
    FACTOR_IS(&scan, NULL, NULL, 2.5 * factor_by_hand(ONE_HOUR_S));
    rgq_fact_set(&scan.facts.philips_activity_factor, 0.0, "(7053,1009)");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "neither Philips's (7053,1000) nor (7053,1009)");
    ck_assert_ptr_nonnull(strstr(plan.refused, "--sensitivity-cps-per-mbq"));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_philips_both)
{
    rgq_scan scan = stored_as("CNTS", NULL);
    const double direct = 2.5 * factor_by_hand(ONE_HOUR_S);
    heard h;
    const rgq_log log = log_of(&h);

    rgq_fact_set(&scan.facts.philips_activity_factor, 2.5, "(7053,1009)");
    rgq_fact_set(&scan.facts.philips_suv_factor, direct * 1.005, "(7053,1000)");
    FACTOR_IS(&scan, NULL, &log, direct * 1.005);
    ck_assert_int_eq(h.n_warnings, 0);
    rgq_fact_set(&scan.facts.philips_suv_factor, direct * 1.25, "(7053,1000)");
    FACTOR_IS(&scan, NULL, &log, direct * 1.25);
    ck_assert_int_eq(h.n_warnings, 1);
    ck_assert_ptr_nonnull(strstr(h.text, "two factors disagree by 20 %"));
    rgq_suv_plan plan;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err));
    ck_assert_double_eq(plan.factor, 2.5); /* not by way of the other factor */
    /* the user's weight counts, and only by way of Bq/mL can it */
    rgq_fact_set(&scan.facts.weight_kg, 80.0, "--weight-kg");
    FACTOR_IS(&scan, NULL, NULL, direct * 80.0 / 70.0);
    rgq_scan_release(&scan);
}
END_TEST

/* 91.2 cps/MBq, frames of 900 and 1800 s, voxels of 8 mm3: 1000 counts in 900 s are
 * 1000/900/91.2 MBq in 0.008 mL = 1.523 MBq/mL. */
START_TEST(test_sensitivity)
{
    rgq_scan scan = make_scan(RGQ_UNIT_NATIVE, 1, 2);
    rgq_suv_plan plan;

    rgq_fact_text_set(&scan.facts.units, "CNTS", "--units");
    rgq_fact_set(&scan.facts.sensitivity_cps_per_mbq, 91.2, "--sensitivity-cps-per-mbq");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err), RGQ_E_MISSING,
            "the duration of slice 1 of frame 1 is absent, which counts need");
    rgq_volume_set_frame(scan.volume, 0, (rgq_frame){0.0, 900.0});
    rgq_volume_set_frame(scan.volume, 1, (rgq_frame){900.0, 1800.0});
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor * 1000.0, 1e9 / 900.0 / 91.2 / 0.008, 1e-3);
    MUST(rgq_suv_apply(&scan, &plan, err));
    const double first = (double)rgq_volume_cdata(scan.volume, 0)[3];
    ck_assert_double_eq_tol(first / (4e6 / 900.0 / 91.2 / 0.008), 1.0, 1e-7);
    ck_assert_double_eq_tol((double)rgq_volume_cdata(scan.volume, 1)[3] / first, 0.5, 1e-7);
    ck_assert_str_eq(scan.facts.decay_correction.value, "START"); /* nothing was undone */
    rgq_scan_release(&scan);
    /* to SUV, not decay-corrected: one slice, 900 s from one hour on, with the gain in it */
    scan = make_scan(RGQ_UNIT_COUNTS, 1, 1);
    rgq_fact_set(&scan.facts.sensitivity_cps_per_mbq, 91.2, "--sensitivity-cps-per-mbq");
    rgq_fact_text_set(&scan.facts.decay_correction, "NONE", "--decay-corrected-to");
    set_slice_times(&scan, scan.facts.acquisition_time_s.value, 900.0, 0.0);
    FACTOR_IS(&scan, NULL, NULL,
              1e6 / 900.0 / 91.2 / 0.008 * factor_by_hand(ONE_HOUR_S) *
                  rgq_decay_frame_gain(900.0, F18_S));
    /* count rates: no duration */
    rgq_volume_set_unit(scan.volume, RGQ_UNIT_NATIVE);
    rgq_fact_text_set(&scan.facts.units, "CPS", "(0054,1001) Units");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err));
    ck_assert(!plan.per_slice);
    ck_assert_double_eq_tol(plan.factor, 1e6 / 91.2 / 0.008, 1e-6);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_calibration_factor)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    rgq_suv_plan plan;
    heard h;
    const rgq_log log = log_of(&h);

    rgq_fact_set(&scan.facts.calibration_factor, 1.034, "--calibration-factor");
    FACTOR_IS(&scan, NULL, NULL, 1.034 * factor_by_hand(ONE_HOUR_S));
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_NATIVE, NULL, &log, err));
    ck_assert_double_eq(plan.factor, 1.0);
    ck_assert_int_eq(h.n_warnings, 1); /* it is not applied */
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err));
    ck_assert_double_eq(plan.factor, 1.034);
    MUST(rgq_suv_apply(&scan, &plan, err));
    VOXEL_IS(rgq_volume_cdata(scan.volume, 0)[0], 1.034F);
    ck_assert(!scan.facts.calibration_factor.known); /* once */
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    rgq_scan_release(&scan);
}
END_TEST

/* ---- the activity in view ---- */

/* 10 mL in 8 voxels, all of one value. */
static rgq_scan of_value(float bq_ml)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    rgq_volume *small = scan.volume;
    const int n[3] = {2, 2, 2};
    const double side_mm = 10.772173450159418; /* 1.25 mL */
    const double spacing_mm[3] = {side_mm, side_mm, side_mm};
    const double origin_mm[3] = {0, 0, 0};
    const rgq_grid grid = rgq_grid_make(n, spacing_mm, origin_mm);

    rgq_volume_free(small);
    scan.volume = NULL;
    MUST(rgq_volume_create(&scan.volume, &grid, 1, RGQ_UNIT_BQ_ML, err));
    for (int i = 0; i < 8; i++)
        rgq_volume_data(scan.volume, 0)[i] = bq_ml;
    return scan;
}

static const struct {
    double share;
    const char *words; /* NULL: silence */
} views[] = {
    {1.04, NULL},
    {1.06, "holds 267 MBq, more than the injected 252 MBq"},
    {1000.0, "more than the injected"},
    {2e-6, NULL},
    {0.9e-6, "less than a millionth of the injected"},
    {0.0, "less than a millionth"},
};

START_TEST(test_view)
{
    const double left_bq = 70000.0 / factor_by_hand(ONE_HOUR_S);
    rgq_scan scan = of_value((float)(views[_i].share * left_bq / 10.0));
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, views[_i].words != NULL);
    if (views[_i].words != NULL)
        ck_assert_msg(strstr(h.text, views[_i].words) != NULL, "%s", h.text);
    ck_assert_double_eq_tol(input_of(&plan, "share_in_view")->value, views[_i].share,
                            1e-6 * views[_i].share + 1e-12);
    /* whatever uptake is normalised by; and of values that are SUV already */
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_ID_ML, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, views[_i].words != NULL ? 2 : 0);
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    MUST(rgq_suv_apply(&scan, &plan, err));
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, views[_i].words != NULL ? 3 : 0);
    /* and turned back to Bq/mL */
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, views[_i].words != NULL ? 4 : 0);
    rgq_scan_release(&scan);
}
END_TEST

/* Bq/mL as they are: against the activity that is left, or against all of it where no moment is
 * known; nothing to compare with without an activity. Without a weight, too. */
START_TEST(test_view_of_concentration)
{
    const double left_bq = 70000.0 / factor_by_hand(ONE_HOUR_S);
    rgq_scan scan = of_value((float)(views[_i].share * left_bq / 10.0));
    const bool much = views[_i].share > 1.05;
    heard h;
    rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, views[_i].words != NULL);
    if (views[_i].words != NULL)
        ck_assert_msg(strstr(h.text, views[_i].words) != NULL, "%s", h.text);
    ck_assert_double_eq_tol(input_of(&plan, "share_in_view")->value, views[_i].share,
                            1e-6 * views[_i].share + 1e-12);
    log = log_of(&h);
    scan.facts.weight_kg.known = false;
    MUST(rgq_suv_plan_best(&plan, &scan, NULL, &log, err));
    ck_assert_int_eq(plan.to, RGQ_UNIT_BQ_ML);
    ck_assert_int_eq(h.n_warnings, views[_i].words != NULL);
    log = log_of(&h);
    scan.facts.decay_correction.known = false;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, &log, err));
    ck_assert_double_eq_tol(input_of(&plan, "share_in_view")->value,
                            views[_i].share * left_bq / ACTIVITY_BQ,
                            1e-6 * views[_i].share + 1e-12);
    if (much && views[_i].share > 2.0)
        ck_assert_int_eq(h.n_warnings, 1);
    log = log_of(&h);
    scan.facts.injected_activity_bq.known = false;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, 0);
    rgq_scan_release(&scan);
}
END_TEST

/* ---- the nuclide ---- */

START_TEST(test_positron_fraction)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    rgq_nuclide nuclide = nuclide_of(F18_S);
    heard h;
    const rgq_log log = log_of(&h);

    nuclide.positron_fraction = (rgq_quantity){.known = true, .value = 0.9673};
    rgq_fact_set(&scan.facts.positron_fraction, 0.97, "(0018,1076)");
    FACTOR_IS(&scan, &nuclide, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_int_eq(h.n_warnings, 0); /* 0.3 % */
    /* a console left at Ga-68 */
    rgq_fact_set(&scan.facts.positron_fraction, 0.891, "(0018,1076)");
    FACTOR_IS(&scan, &nuclide, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_int_eq(h.n_warnings, 1);
    ck_assert_ptr_nonnull(strstr(h.text, "positron fraction 0.891 ((0018,1076)) differs by"));
    rgq_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("calib.stored", tcase_add_loop_test(tc, test_types, 0, ROWS(types));
               tcase_add_test(tc, test_type_follows);
               tcase_add_test(tc, test_back_computation_needs_a_moment);
               tcase_add_test(tc, test_philips_suv_factor);
               tcase_add_test(tc, test_philips_activity_factor);
               tcase_add_test(tc, test_philips_both); tcase_add_test(tc, test_sensitivity);
               tcase_add_test(tc, test_calibration_factor);
               tcase_add_loop_test(tc, test_view, 0, ROWS(views));
               tcase_add_loop_test(tc, test_view_of_concentration, 0, ROWS(views));
               tcase_add_test(tc, test_positron_fraction))
