/* Every kind of uptake by numbers worked out by hand, and the facts each needs. */
#include "calib_scan.h"

#include "calib/kinds.h"

/* 70 kg, 175 cm: B = 22.857, (W/H)^2 = 0.16. 150 kg, 160 cm, F: B = 58.594; the formulas of
 * James and Morgan have long turned down there. */
static const struct {
    rgq_unit unit;
    char sex;
    double weight_kg;
    double height_cm;
    double size;
    double tolerance; /* of the digits written out */
} sizes[] = {
    {RGQ_UNIT_SUV_BW, 'F', 70, 175, 70.0, 1e-12},
    {RGQ_UNIT_SUV_LBM_JANMA, 'M', 70, 175, 648900.0 / 11617.142857142857, 1e-9},
    {RGQ_UNIT_SUV_LBM_JANMA, 'F', 70, 175, 45.197015, 1e-6},
    {RGQ_UNIT_SUV_LBM_JANMA, 'F', 150, 160, 60.3, 0.05},
    {RGQ_UNIT_SUV_LBM_JANMA, 'O', 70, 175, (55.857108 + 45.197015) / 2, 1e-6},
    {RGQ_UNIT_SUV_LBM_JAMES, 'M', 70, 175, 77.0 - 20.48, 1e-12},
    {RGQ_UNIT_SUV_LBM_JAMES, 'F', 70, 175, 74.9 - 23.68, 1e-12},
    {RGQ_UNIT_SUV_LBM_JAMES, 'F', 150, 160, 30.4, 0.05},
    {RGQ_UNIT_SUV_LBM_JAMES, 'O', 70, 175, (56.52 + 51.22) / 2, 1e-12},
    {RGQ_UNIT_SUV_LBM_MORGAN, 'M', 70, 175, 77.0 - 19.2, 1e-12},
    {RGQ_UNIT_SUV_LBM_MORGAN, 'F', 70, 175, 74.9 - 23.68, 1e-12},
    {RGQ_UNIT_SUV_LBM_MORGAN, 'M', 120, 175, 75.6, 0.05},
    {RGQ_UNIT_SUV_LBM_JAMES, 'M', 120, 175, 71.8, 0.05},
    {RGQ_UNIT_SUV_BSA, 'F', 70, 175, 1.848143, 1e-6},
    {RGQ_UNIT_SUV_IBW, 'M', 70, 175, 48.0 + 24.38, 1e-12},
    {RGQ_UNIT_SUV_IBW, 'F', 70, 175, 45.5 + 20.93, 1e-12},
    {RGQ_UNIT_SUV_IBW, 'O', 70, 175, (72.38 + 66.43) / 2, 1e-12},
};

static rgq_scan with_body(double weight_kg, double height_cm, char sex)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);

    rgq_fact_set(&scan.facts.weight_kg, weight_kg, "(0010,1030) PatientWeight");
    rgq_fact_set(&scan.facts.height_m, height_cm / 100.0, "(0010,1020) PatientSize");
    rgq_fact_text_set(&scan.facts.sex, (char[2]){sex, '\0'}, "(0010,0040) PatientSex");
    return scan;
}

START_TEST(test_size)
{
    const rgq_suv_kind *kind = rgq_suv_kind_of(sizes[_i].unit);

    ck_assert_double_eq_tol(
        rgq_suv_kind_size(kind, sizes[_i].weight_kg, sizes[_i].height_cm, sizes[_i].sex),
        sizes[_i].size, sizes[_i].tolerance);
}
END_TEST

/* Through a plan: C x size / D, in g (x 1000) or cm2 (x 10000). */
START_TEST(test_plan)
{
    rgq_scan scan = with_body(sizes[_i].weight_kg, sizes[_i].height_cm, sizes[_i].sex);
    const double to_norm = sizes[_i].unit == RGQ_UNIT_SUV_BSA ? 1e4 : 1e3;
    const double expected = factor_by_hand(ONE_HOUR_S) / 70000.0 * sizes[_i].size * to_norm;
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_make(&plan, &scan, sizes[_i].unit, NULL, NULL, err));
    ck_assert_int_eq(plan.to, sizes[_i].unit);
    ck_assert_double_eq_tol(plan.factor / expected, 1.0,
                            1e-12 + sizes[_i].tolerance / sizes[_i].size);
    MUST(rgq_suv_apply(&scan, &plan, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), sizes[_i].unit);
    ck_assert_str_eq(scan.facts.units.value, rgq_unit_name(sizes[_i].unit));
    VOXEL_IS(rgq_volume_cdata(scan.volume, 0)[2], (float)(3.0 * plan.factor));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_percent)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const double per_bq = factor_by_hand(ONE_HOUR_S) / 70000.0;
    rgq_suv_plan plan;

    scan.facts.weight_kg.known = false; /* no body is needed */
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_ID_ML, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor / (100.0 * per_bq), 1.0, 1e-12);
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_ID_G, NULL, NULL, err), RGQ_E_MISSING,
            "give --density-g-ml");
    rgq_fact_set(&scan.facts.density_g_ml, 1.05, "--density-g-ml");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_ID_G, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor / (100.0 / 1.05 * per_bq), 1.0, 1e-12);
    MUST(rgq_suv_apply(&scan, &plan, err));
    ck_assert(!scan.facts.suv_type.known);
    rgq_scan_release(&scan);
}
END_TEST

/* ---- what is refused, and what is said ---- */

static void no_height(rgq_scan *s)
{
    s->facts.height_m.known = false;
}
static void zero_height(rgq_scan *s)
{
    s->facts.height_m.value = 0.0;
}
static void height_in_cm(rgq_scan *s)
{
    s->facts.height_m.value = 175.0;
}
static void no_sex(rgq_scan *s)
{
    s->facts.sex.known = false;
}
static void odd_sex(rgq_scan *s)
{
    rgq_fact_text_set(&s->facts.sex, "W", "(0010,0040) PatientSex");
}
static void no_weight(rgq_scan *s)
{
    s->facts.weight_kg.known = false;
}
static void heavy(rgq_scan *s) /* James: 1.07 x 400 - 148 x 6.25 < 0 */
{
    s->facts.weight_kg.value = 400.0;
    s->facts.height_m.value = 1.60;
}
static void short_body(rgq_scan *s) /* ideal weight by a line through 152 cm */
{
    s->facts.height_m.value = 1.00;
}

static const struct {
    void (*spoil)(rgq_scan *scan);
    rgq_unit unit;
    rgq_status status;
    const char *words;
} refusals[] = {
    {no_height, RGQ_UNIT_SUV_LBM_JANMA, RGQ_E_MISSING, "(0010,1020) PatientSize) is absent"},
    {zero_height, RGQ_UNIT_SUV_BSA, RGQ_E_MISSING, "is 0: give --height-cm"},
    {height_in_cm, RGQ_UNIT_SUV_LBM_JAMES, RGQ_E_ARGUMENT, "175 m"},
    {no_sex, RGQ_UNIT_SUV_LBM_JANMA, RGQ_E_MISSING, "PatientSex is absent: give --sex M|F|O"},
    {odd_sex, RGQ_UNIT_SUV_IBW, RGQ_E_ARGUMENT, "the sex 'W'"},
    {no_weight, RGQ_UNIT_SUV_BSA, RGQ_E_MISSING, "--weight-kg"},
    {heavy, RGQ_UNIT_SUV_LBM_JAMES, RGQ_E_ARGUMENT, "400 kg and 160 cm would be -497 kg"},
    {short_body, RGQ_UNIT_SUV_IBW, RGQ_E_ARGUMENT, "would be -1.82 kg"},
};

START_TEST(test_refusal)
{
    rgq_scan scan = with_body(70, 175, 'F');
    rgq_suv_plan plan;

    refusals[_i].spoil(&scan);
    REFUSED(rgq_suv_plan_make(&plan, &scan, refusals[_i].unit, NULL, NULL, err),
            refusals[_i].status, refusals[_i].words);
    ck_assert_int_eq(plan.to, RGQ_UNIT_BQ_ML);
    rgq_scan_release(&scan);
}
END_TEST

/* Weight, height, sex are asked for only where a formula has them. */
START_TEST(test_facts_not_needed)
{
    rgq_scan scan = with_body(70, 175, 'F');
    rgq_suv_plan plan;

    scan.facts.sex.known = false;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BSA, NULL, NULL, err));
    rgq_fact_text_set(&scan.facts.sex, "f", "participants.tsv");
    scan.facts.weight_kg.known = false;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_IBW, NULL, NULL, err));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_what_is_said)
{
    rgq_scan scan = with_body(150, 160, 'F');
    heard h;
    rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_LBM_JAMES, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, 1);
    ck_assert_ptr_nonnull(strstr(h.text, "30.4 kg lean of 150 kg"));
    log = log_of(&h);
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_LBM_JANMA, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, 0);
    rgq_fact_text_set(&scan.facts.sex, "O", "(0010,0040) PatientSex");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_IBW, NULL, &log, err));
    ck_assert_ptr_nonnull(strstr(h.text, "sex O ((0010,0040) PatientSex): the mean"));
    ck_assert_str_eq(input_of(&plan, "sex")->text, "O: mean of M and F");
    ck_assert_str_eq(input_of(&plan, "ideal_body_weight")->unit, "kg");
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_weight_in_grams)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    scan.facts.weight_kg.value = 70000.0;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_double_eq_tol(plan.factor / factor_by_hand(ONE_HOUR_S), 1.0, 1e-12);
    ck_assert_int_eq(h.n_warnings, 1);
    ck_assert_ptr_nonnull(strstr(h.text, "taken for g (70 kg)"));
    ck_assert_str_eq(input_of(&plan, "weight")->text, "written in g");
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_names)
{
    for (int i = 0; i < RGQ_SUV_KINDS; i++) {
        const rgq_suv_kind *kind = rgq_suv_kind_at(i);
        rgq_unit unit = RGQ_UNIT_NATIVE;
        MUST(rgq_suv_type_parse(&unit, kind->type, err));
        ck_assert_int_eq(unit, kind->unit);
        ck_assert_ptr_eq(rgq_suv_kind_of(unit), kind);
        if (kind->dicom_type != NULL)
            ck_assert_ptr_eq(rgq_suv_kind_stored(kind->dicom_units, kind->dicom_type), kind);
        ck_assert_ptr_eq(rgq_suv_cite(unit), kind->cite);
    }
    rgq_unit unit = RGQ_UNIT_NATIVE;
    REFUSED(rgq_suv_type_parse(&unit, "lbm", err), RGQ_E_NOTFOUND, "lbm-janma");
    ck_assert_int_eq(unit, RGQ_UNIT_NATIVE);
    ck_assert_ptr_null(rgq_suv_cite(RGQ_UNIT_BQ_ML));
    ck_assert_int_eq(rgq_suv_kind_stored("GML", "")->unit, RGQ_UNIT_SUV_BW);
    ck_assert_int_eq(rgq_suv_kind_stored("CM2ML", "")->unit, RGQ_UNIT_SUV_BSA);
    ck_assert_ptr_null(rgq_suv_kind_stored("CM2ML", "BW"));
}
END_TEST

RGQ_CHECK_MAIN("calib.kinds", tcase_add_loop_test(tc, test_size, 0, ROWS(sizes));
               tcase_add_loop_test(tc, test_plan, 0, ROWS(sizes));
               tcase_add_test(tc, test_percent);
               tcase_add_loop_test(tc, test_refusal, 0, ROWS(refusals));
               tcase_add_test(tc, test_facts_not_needed); tcase_add_test(tc, test_what_is_said);
               tcase_add_test(tc, test_weight_in_grams); tcase_add_test(tc, test_names))
