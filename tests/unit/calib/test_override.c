#include "calib_scan.h"

START_TEST(test_replaces_and_records)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;

    rgq_fact_set(&scan.facts.height_m, 1.75, "(0010,1020) PatientSize");
    rgq_fact_text_set(&scan.facts.sex, "M", "(0010,0040) PatientSex");
    o.weight_kg = 71.5;
    o.height_cm = 180.0;
    o.sex = "F";
    o.activity_mbq = 400.0;
    o.half_life_s = 4057.7;
    o.decay_corrected_to = "injection";
    MUST(rgq_scan_override(&scan, &o, NULL, &log, err));
    ck_assert_double_eq(scan.facts.weight_kg.value, 71.5);
    ck_assert_str_eq(scan.facts.weight_kg.origin,
                     "--weight-kg (was 70 of (0010,1030) PatientWeight)");
    ck_assert_double_eq_tol(scan.facts.height_m.value, 1.80, 1e-15);
    ck_assert_str_eq(scan.facts.height_m.origin,
                     "--height-cm (was 175 of (0010,1020) PatientSize)");
    ck_assert_str_eq(scan.facts.sex.value, "F");
    ck_assert_str_eq(scan.facts.sex.origin, "--sex (was M of (0010,0040) PatientSex)");
    ck_assert_double_eq(scan.facts.injected_activity_bq.value, 4e8);
    ck_assert_str_eq(scan.facts.injected_activity_bq.origin,
                     "--activity-mbq (was 368.08 of (0018,1074) RadionuclideTotalDose)");
    ck_assert_double_eq(scan.facts.half_life_s.value, 4057.7);
    ck_assert_str_eq(scan.facts.decay_correction.value, "ADMIN");
    ck_assert_ptr_nonnull(
        strstr(h.text, "--weight-kg 71.5 replaces 70 of (0010,1030) PatientWeight"));
    ck_assert_int_eq(h.n_warnings, 0);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_supplies_what_is_absent)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;

    scan.facts.weight_kg = (rgq_fact){0};
    o.weight_kg = 70.0;
    MUST(rgq_scan_override(&scan, &o, NULL, &log, err));
    ck_assert_str_eq(scan.facts.weight_kg.origin, "--weight-kg");
    ck_assert_ptr_nonnull(strstr(h.text, "--weight-kg 70: the file states none"));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_nothing_given)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;
    const rgq_scan_facts before = scan.facts;
    heard h;
    const rgq_log log = log_of(&h);

    MUST(rgq_scan_override(&scan, &o, NULL, &log, err));
    ck_assert_int_eq(memcmp(&before, &scan.facts, sizeof before), 0);
    ck_assert_str_eq(h.text, "");
    rgq_scan_release(&scan);
}
END_TEST

static const struct {
    const char *option;
    const char *units;
    rgq_unit tag;
} unit_rows[] = {{"bqml", "BQML", RGQ_UNIT_BQ_ML},
                 {"kbqml", "kBq/mL", RGQ_UNIT_NATIVE},
                 {"counts", "CNTS", RGQ_UNIT_NATIVE},
                 {"gml", "GML", RGQ_UNIT_SUV_BW},
                 {"cm2ml", "CM2ML", RGQ_UNIT_NATIVE}};

START_TEST(test_units)
{
    rgq_scan scan = make_scan(RGQ_UNIT_NATIVE, 1, 1);
    rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;

    o.units = unit_rows[_i].option;
    MUST(rgq_scan_override(&scan, &o, NULL, NULL, err));
    ck_assert_str_eq(scan.facts.units.value, unit_rows[_i].units);
    ck_assert_str_eq(scan.facts.units.origin, "--units");
    ck_assert_int_eq(rgq_volume_unit(scan.volume), unit_rows[_i].tag);
    rgq_fact_text_set(&scan.facts.suv_type, "LBM", "(0054,1006)");
    MUST(rgq_scan_override(&scan, &o, NULL, NULL, err));
    ck_assert_int_ne(rgq_volume_unit(scan.volume), RGQ_UNIT_SUV_BW);
    rgq_scan_release(&scan);
}
END_TEST

/* kBq/mL through the override and the plan: the same SUV as Bq/mL of thousandfold values. */
START_TEST(test_kbqml_to_suv)
{
    rgq_scan scan = make_scan(RGQ_UNIT_NATIVE, 1, 1);
    rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;
    rgq_suv_plan plan;

    o.units = "kbqml";
    MUST(rgq_scan_override(&scan, &o, NULL, NULL, err));
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor, 0.27777812496068244, 1e-15);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_decay_reference_is_forgotten)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;

    rgq_fact_set(&scan.facts.decay_reference_s, 1.0, "ImageDecayCorrectionTime");
    o.decay_corrected_to = "scan";
    MUST(rgq_scan_override(&scan, &o, NULL, &log, err));
    ck_assert_str_eq(scan.facts.decay_correction.value, "START");
    ck_assert(!scan.facts.decay_reference_s.known);
    ck_assert_ptr_nonnull(strstr(h.text, "replaces the decay reference of ImageDecay"));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_injection_time)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;

    o.injection_time = "2025-01-01T09:30:00";
    MUST(rgq_scan_override(&scan, &o, NULL, &log, err));
    ck_assert_double_eq(scan.facts.injection_time_s.value, clock_of("2025-01-01T09:30:00"));
    ck_assert_double_eq(scan.facts.injection_date_known.value, 1.0);
    ck_assert_str_eq(
        scan.facts.injection_time_s.origin,
        "--injection-time (was +1800 s, (0018,1078) RadiopharmaceuticalStartDateTime)");
    ck_assert_ptr_nonnull(strstr(h.text, "which is 1800 s later"));
    o.injection_time = "09:15:30";
    MUST(rgq_scan_override(&scan, &o, NULL, &log, err));
    ck_assert_double_eq(scan.facts.injection_time_s.value, 9 * 3600 + 15 * 60 + 30);
    ck_assert_double_eq(scan.facts.injection_date_known.value, 0.0);
    ck_assert_ptr_null(strstr(h.text, "2025")); /* no clock time in the log */
    rgq_scan_release(&scan);
}
END_TEST

/* A side file whose TimeZero has no date: the date of the option cannot be compared. */
START_TEST(test_clock_without_date)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;
    rgq_suv_plan plan;

    scan.facts.series_time_s.known = scan.facts.acquisition_time_s.known = false;
    rgq_fact_set(&scan.facts.time_zero_s, 11 * 3600.0, "TimeZero");
    rgq_fact_set(&scan.facts.acquisition_time_s, 11 * 3600.0, "ScanStart");
    o.injection_time = "2025-01-01T10:00:00";
    o.decay_corrected_to = "scan";
    MUST(rgq_scan_override(&scan, &o, NULL, NULL, err));
    ck_assert_double_eq(scan.facts.injection_time_s.value, 36000.0);
    ck_assert_double_eq(scan.facts.injection_date_known.value, 0.0);
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor, 2.7777812496068244e-4, 1e-17);
    /* distances without any clock */
    rgq_fact_set(&scan.facts.time_zero_s, 0.0, "(no TimeZero: offsets only)");
    REFUSED(rgq_scan_override(&scan, &o, NULL, NULL, err), RGQ_E_MISSING, "no TimeZero");
    o.injection_time = NULL;
    o.activity_time = "10:00:00";
    REFUSED(rgq_scan_override(&scan, &o, NULL, NULL, err), RGQ_E_MISSING, "--activity-time is");
    rgq_scan_release(&scan);
}
END_TEST

static const struct {
    const char *activity_time;
    const char *injection_time;
    double wait_s;
} waits[] = {
    {"2025-01-01T09:30:00", NULL, 1800.0}, {"2024-12-31T10:00:00", NULL, 86400.0},
    {"2025-01-01T10:10:00", NULL, -600.0}, {"09:30:00", NULL, 1800.0},
    {"23:50:00", "00:10:00", 1200.0},      {"2025-01-01T09:30:00", "10:00:00", 1800.0},
};

START_TEST(test_activity_time)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const double decay = exp(-log(2.0) * waits[_i].wait_s / F18_S);
    rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;

    o.activity_mbq = 400.0;
    o.activity_time = waits[_i].activity_time;
    o.injection_time = waits[_i].injection_time;
    MUST(rgq_scan_override(&scan, &o, NULL, NULL, err));
    ck_assert_double_eq_tol(scan.facts.injected_activity_bq.value / (4e8 * decay), 1.0, 1e-13);
    ck_assert_ptr_nonnull(strstr(scan.facts.injected_activity_bq.origin, ", decayed "));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_activity_time_needs)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const rgq_nuclide nuclide = nuclide_of(F18_S);
    rgq_scan_overrides o = RGQ_SCAN_OVERRIDES_INIT;

    o.activity_time = "2025-01-01T09:30:00";
    scan.facts.half_life_s.known = false;
    REFUSED(rgq_scan_override(&scan, &o, NULL, NULL, err), RGQ_E_MISSING, "--half-life-s");
    MUST(rgq_scan_override(&scan, &o, &nuclide, NULL, err));
    ck_assert_double_eq_tol(scan.facts.injected_activity_bq.value,
                            ACTIVITY_BQ * exp(-log(2.0) * 1800.0 / F18_S), 1e-3);
    scan.facts.injection_time_s.known = false;
    REFUSED(rgq_scan_override(&scan, &o, &nuclide, NULL, err), RGQ_E_MISSING,
            "--injection-time");
    scan.facts.injected_activity_bq.known = false;
    REFUSED(rgq_scan_override(&scan, &o, &nuclide, NULL, err), RGQ_E_MISSING, "--activity-mbq");
    rgq_scan_release(&scan);
}
END_TEST

static const struct {
    rgq_scan_overrides o;
    const char *words;
} wrong[] = {
    {{.weight_kg = 0.0,
      .height_cm = (double)NAN,
      .activity_mbq = (double)NAN,
      .half_life_s = (double)NAN},
     "--weight-kg 0"},
    {{.weight_kg = 1001.0,
      .height_cm = (double)NAN,
      .activity_mbq = (double)NAN,
      .half_life_s = (double)NAN},
     "--weight-kg 1001"},
    {{.weight_kg = 60.0,
      .height_cm = -1.0,
      .activity_mbq = (double)NAN,
      .half_life_s = (double)NAN},
     "--height-cm -1"},
    {{.weight_kg = 60.0,
      .height_cm = (double)NAN,
      .activity_mbq = (double)INFINITY,
      .half_life_s = (double)NAN},
     "--activity-mbq inf"},
    {{.weight_kg = 60.0,
      .height_cm = (double)NAN,
      .activity_mbq = (double)NAN,
      .half_life_s = 0.0},
     "--half-life-s 0"},
    {{.weight_kg = 60.0,
      .height_cm = (double)NAN,
      .activity_mbq = (double)NAN,
      .half_life_s = (double)NAN,
      .sex = "X"},
     "--sex 'X'"},
    {{.weight_kg = 60.0,
      .height_cm = (double)NAN,
      .activity_mbq = (double)NAN,
      .half_life_s = (double)NAN,
      .units = "bq"},
     "--units 'bq'"},
    {{.weight_kg = 60.0,
      .height_cm = (double)NAN,
      .activity_mbq = (double)NAN,
      .half_life_s = (double)NAN,
      .decay_corrected_to = "start"},
     "--decay-corrected-to"},
    {{.weight_kg = 60.0,
      .height_cm = (double)NAN,
      .activity_mbq = (double)NAN,
      .half_life_s = (double)NAN,
      .injection_time = "noon"},
     "--injection-time 'noon'"},
    {{.weight_kg = 60.0,
      .height_cm = (double)NAN,
      .activity_mbq = (double)NAN,
      .half_life_s = (double)NAN,
      .activity_time = "25:00"},
     "--activity-time '25:00'"},
};

START_TEST(test_refusals)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const rgq_scan_facts before = scan.facts;

    REFUSED(rgq_scan_override(&scan, &wrong[_i].o, NULL, NULL, err), RGQ_E_ARGUMENT,
            wrong[_i].words);
    ck_assert_int_eq(memcmp(&before, &scan.facts, sizeof before), 0);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    rgq_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("calib.override", tcase_add_test(tc, test_replaces_and_records);
               tcase_add_test(tc, test_supplies_what_is_absent);
               tcase_add_test(tc, test_nothing_given);
               tcase_add_loop_test(tc, test_units, 0, ROWS(unit_rows));
               tcase_add_test(tc, test_kbqml_to_suv);
               tcase_add_test(tc, test_decay_reference_is_forgotten);
               tcase_add_test(tc, test_injection_time);
               tcase_add_test(tc, test_clock_without_date);
               tcase_add_loop_test(tc, test_activity_time, 0, ROWS(waits));
               tcase_add_test(tc, test_activity_time_needs);
               tcase_add_loop_test(tc, test_refusals, 0, ROWS(wrong)))
