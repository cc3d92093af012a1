/* Which moment the values are corrected to, and when the injection was, through the factor. */
#include "calib_scan.h"

#include "calib/decay.h"

START_TEST(test_series_later_than_acquisition)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    const double start_s = scan.facts.acquisition_time_s.value;
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    rgq_fact_set(&scan.facts.series_time_s, start_s + 1800.0, "(0008,0031) SeriesTime");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "series time is 1800 s later than the acquisition");
    ck_assert_ptr_nonnull(strstr(plan.refused, "--reference-time acquisition"));

    /* second bed 300 s later, its reference time counted from the start of the first */
    set_slice_times(&scan, start_s, 300.0, rgq_decay_mean_time_s(300.0, F18_S));
    scan.slice_time[1].acquisition_s += 300.0;
    scan.slice_time[1].reference_s += 300.0;
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_int_eq(h.n_warnings, 0);

    rgq_fact_set(&scan.facts.ge_scan_time_s, start_s - 120.0, "(0009,100D)");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_double_eq(input_of(&plan, "decay_reference")->value, ONE_HOUR_S - 120.0);
    ck_assert_str_eq(input_of(&plan, "decay_reference")->origin, "(0009,100D)");
    ck_assert_ptr_nonnull(strstr(h.text,
                                 "GE's scan time is taken; acquisition - frame reference "
                                 "time lies 120 s later"));
    rgq_fact_set(&scan.facts.ge_scan_time_s, start_s + 60.0, "(0009,100D)"); /* later: no use */
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    rgq_scan_release(&scan);
}
END_TEST

/* Where the slices disagree a little, the earliest acquisition decides, wherever it stands. */
START_TEST(test_back_computed_of_the_earliest)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    const double start_s = scan.facts.acquisition_time_s.value;

    scan.facts.series_time_s.known = false;
    set_slice_times(&scan, start_s + 300.0, 300.0, 300.0 + rgq_decay_mean_time_s(300.0, F18_S));
    scan.slice_time[0].reference_s += 20.0;
    scan.slice_time[1].acquisition_s = start_s;
    scan.slice_time[1].reference_s -= 300.0;
    scan.slice_time[2].reference_s += 10.0;
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_back_computed_from_facts)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);

    scan.facts.series_time_s.known = false;
    rgq_volume_set_frame(scan.volume, 0, (rgq_frame){0.0, 300.0});
    rgq_fact_set(&scan.facts.frame_reference_s, 600.0 + rgq_decay_mean_time_s(300.0, F18_S),
                 "(0054,1300)");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S - 600.0));
    rgq_scan_release(&scan);
}
END_TEST

/* A reference time of 0 in a frame of 600 s counts from the start of the frame: the series time
 * stands without a warning, and alone it is not used. */
START_TEST(test_reference_from_frame_start)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    set_slice_times(&scan, scan.facts.acquisition_time_s.value, 600.0, 0.0);
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_int_eq(h.n_warnings, 0);
    ck_assert_ptr_nonnull(strstr(h.text, "less than the mean count-rate time 298.4"));
    scan.facts.series_time_s.known = false;
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "Frame Reference Time 0 s is less");
    /* what the option says is taken */
    rgq_fact_text_set(&scan.facts.decay_correction, "START", "--decay-corrected-to");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_reference_disagrees)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    heard h;
    const rgq_log log = log_of(&h);

    set_slice_times(&scan, scan.facts.acquisition_time_s.value, 300.0, 149.6 + 30.0);
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_int_eq(h.n_warnings, 0); /* 30 s: 0.3 % */
    set_slice_times(&scan, scan.facts.acquisition_time_s.value, 300.0, 149.6 + 120.0);
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_int_eq(h.n_warnings, 1); /* 120 s: 1.3 % */
    ck_assert_ptr_nonnull(strstr(h.text, "series time is taken"));
    ck_assert_ptr_nonnull(strstr(h.text, "would change SUV by 1.3 %"));
    rgq_fact_set(&scan.facts.ge_scan_time_s, scan.facts.series_time_s.value - 600.0,
                 "(0009,100D)");
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_ptr_nonnull(strstr(h.text, "GE's scan time lies 600 s earlier"));
    /* beds corrected each to its own start */
    set_slice_times(&scan, scan.facts.acquisition_time_s.value, 300.0, 149.6);
    scan.slice_time[1].acquisition_s += 900.0;
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_ptr_nonnull(strstr(h.text, "up to 900 s apart"));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_earliest_of_beds)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    const double start_s = scan.facts.series_time_s.value;

    /* the series began before two of three beds, whatever the order of the slices */
    set_slice_times(&scan, start_s + 600.0, 300.0, (double)NAN);
    scan.slice_time[1].acquisition_s = start_s;
    scan.slice_time[2].acquisition_s = start_s + 300.0;
    rgq_fact_set(&scan.facts.acquisition_time_s, start_s + 600.0, "(0008,0032)");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    scan.facts.series_time_s.known = false;
    rgq_fact_text_set(&scan.facts.decay_correction, "START", "--decay-corrected-to");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_stated_reference)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 4);
    rgq_suv_plan plan;

    /* a BIDS side file: time zero at the injection, values corrected to it or to the scan */
    rgq_text_copy(scan.format, sizeof scan.format, "NIfTI-1");
    scan.facts.decay_correction.known = scan.facts.series_time_s.known = false;
    scan.facts.acquisition_time_s.known = false;
    rgq_fact_set(&scan.facts.time_zero_s, scan.facts.injection_time_s.value, "TimeZero");
    for (int f = 0; f < 4; f++)
        rgq_volume_set_frame(scan.volume, f, (rgq_frame){600.0 * f, 600.0});
    rgq_fact_set(&scan.facts.decay_reference_s, scan.facts.injection_time_s.value,
                 "ImageDecayCorrectionTime");
    FACTOR_IS(&scan, NULL, NULL, 70000.0 / ACTIVITY_BQ);
    rgq_fact_set(&scan.facts.decay_reference_s, scan.facts.injection_time_s.value + 1200.0,
                 "ImageDecayCorrectionTime");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(1200.0));
    /* the injection may fall into a dynamic scan, and then the activity "at" its start is
     * larger */
    rgq_fact_set(&scan.facts.decay_reference_s, scan.facts.injection_time_s.value - 30.0,
                 "ImageDecayCorrectionTime");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(-30.0));
    scan.facts.decay_reference_s.known = false;
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "ImageDecayCorrectionTime) is absent: give --decay-corrected-to");
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_series_time_alone)
{
    rgq_suv_plan plan;
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    heard h;
    const rgq_log log = log_of(&h);

    scan.facts.acquisition_time_s.known = false;
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_int_eq(h.n_warnings, 1);
    scan.facts.series_time_s.known = false;
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "give TimeZero and ScanStart");
    rgq_scan_release(&scan);
}
END_TEST

/* ---- the injection ---- */

static const struct {
    double scan_at_s; /* 2025-01-01T00:00 + this */
    double injection_of_day_s;
    double uptake_s;
    const char *words; /* in the log */
} days[] = {
    {39600.0, 36000.0, 3600.0, "day of the scan"},
    {1800.0, 84600.0, 3600.0, "day before the scan"}, /* 23:30, scan at 00:30 */
    {36000.0, 36000.0, 0.0, "day of the scan"},
    {0.0, 86399.0, 1.0, "day before the scan"},
};

START_TEST(test_injection_without_date)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const double midnight_s = clock_of("2025-01-01T00:00:00");
    heard h;
    const rgq_log log = log_of(&h);

    rgq_fact_set(&scan.facts.series_time_s, midnight_s + days[_i].scan_at_s, "s");
    rgq_fact_set(&scan.facts.acquisition_time_s, midnight_s + days[_i].scan_at_s, "a");
    rgq_fact_set(&scan.facts.injection_time_s, days[_i].injection_of_day_s, "(0018,1072)");
    rgq_fact_set(&scan.facts.injection_date_known, 0.0, "(0018,1072)");
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(days[_i].uptake_s));
    ck_assert_msg(strstr(h.text, days[_i].words) != NULL, "%s", h.text);
    ck_assert_int_eq(h.n_warnings, strstr(days[_i].words, "before") != NULL);
    /* a clock without any date (BIDS TimeZero) behaves alike */
    rgq_fact_set(&scan.facts.series_time_s, days[_i].scan_at_s, "s");
    rgq_fact_set(&scan.facts.acquisition_time_s, days[_i].scan_at_s, "a");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(days[_i].uptake_s));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_injection_long_half_life)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    rgq_fact_set(&scan.facts.half_life_s, 78.41 * 3600.0, "(0018,1075)");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, 0);
    rgq_fact_set(&scan.facts.injection_date_known, 0.0, "(0018,1072)");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_ptr_nonnull(strstr(h.text, "days before: give --injection-time"));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_injection_absurd)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const double start_s = scan.facts.series_time_s.value;
    rgq_suv_plan plan;

    rgq_fact_set(&scan.facts.injection_time_s, start_s + 60.0, "(0018,1078)");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_ARGUMENT,
            "lies 60 s after the decay reference");
    ck_assert_ptr_nonnull(strstr(plan.refused, "--injection-time"));
    ck_assert_int_eq(plan.to, RGQ_UNIT_BQ_ML);
    ck_assert_double_eq(plan.factor, 1.0);
    rgq_fact_set(&scan.facts.injection_time_s, start_s - 157410.0, /* 23.9 half-lives */
                 "(0018,1078)");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(157410.0));
    rgq_fact_set(&scan.facts.injection_time_s, start_s - 158730.0, "(0018,1078)");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_ARGUMENT,
            "more than 24 half-lives");
    rgq_scan_release(&scan);
}
END_TEST

/* ---- the rule that is asked for ---- */

static const rgq_suv_other *other_of(const rgq_suv_plan *plan, const char *rule)
{
    for (int i = 0; i < plan->n_others; i++)
        if (strcmp(plan->other[i].rule, rule) == 0)
            return &plan->other[i];
    ck_abort_msg("no rule %s", rule);
    return NULL;
}

/* Injection 10:00, series 11:00, GE 10:58, first acquisition 11:05; the frame reference times
 * lead to 10:59. */
static rgq_scan of_many_times(void)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    const double hour_s = scan.facts.series_time_s.value;

    rgq_fact_set(&scan.facts.acquisition_time_s, hour_s + 300.0, "(0008,0032)");
    set_slice_times(&scan, hour_s + 300.0, 300.0, 360.0 + rgq_decay_mean_time_s(300.0, F18_S));
    rgq_fact_set(&scan.facts.ge_scan_time_s, hour_s - 120.0, "(0009,100D)");
    return scan;
}

static const struct {
    const char *rule;
    double uptake_s;
} asked[] = {{"series", 3600.0},      {"acquisition", 3900.0}, {"private", 3480.0},
             {"backcompute", 3540.0}, {"auto", 3600.0},        {"BackCompute", 3540.0}};

START_TEST(test_asked)
{
    rgq_scan scan = of_many_times();
    rgq_suv_plan plan;

    rgq_fact_text_set(&scan.facts.reference_time, asked[_i].rule, "--reference-time");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    ck_assert_double_eq_tol(plan.factor / factor_by_hand(asked[_i].uptake_s), 1.0, 1e-12);
    ck_assert_double_eq_tol(input_of(&plan, "decay_reference")->value, asked[_i].uptake_s,
                            1e-6);
    ck_assert_str_eq(input_of(&plan, "reference_time")->origin, "--reference-time");
    /* what every rule gives is listed, whichever was taken */
    ck_assert_int_eq(plan.n_others, 4);
    for (int i = 0; i < 4; i++) {
        const rgq_suv_other *other = other_of(&plan, asked[i].rule);
        ck_assert_double_eq_tol(other->reference_s, asked[i].uptake_s, 1e-6);
        ck_assert_double_eq_tol(other->factor / factor_by_hand(asked[i].uptake_s), 1.0, 1e-9);
        ck_assert_int_eq(other->taken, fabs(asked[i].uptake_s - asked[_i].uptake_s) < 1e-3);
    }
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_asked_in_vain)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    rgq_fact_text_set(&scan.facts.reference_time, "private", "--reference-time");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "neither (0009,100D) of GE nor (0071,1022) of Siemens");
    rgq_fact_text_set(&scan.facts.reference_time, "backcompute", "--reference-time");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "no Frame Reference Time");
    /* counted from the start of the frame: not what DICOM means */
    set_slice_times(&scan, scan.facts.acquisition_time_s.value, 600.0, 0.0);
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "less than the mean count-rate time");
    /* a series time after the acquisition is taken if it is asked for, and that is said */
    rgq_fact_set(&scan.facts.series_time_s, scan.facts.series_time_s.value + 600.0, "s");
    rgq_fact_text_set(&scan.facts.reference_time, "series", "--reference-time");
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S + 600.0));
    ck_assert_ptr_nonnull(
        strstr(h.text, "--reference-time series: series time is 600 s later"));
    scan.facts.series_time_s.known = false;
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "the series time is absent");
    rgq_fact_text_set(&scan.facts.reference_time, "acquisition", "--reference-time");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    rgq_scan_release(&scan);
}
END_TEST

/* Siemens's decay correction time stands in for a series time that was changed; a private time
 * of another day was left behind by an anonymiser. */
START_TEST(test_private_times)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const double start_s = scan.facts.acquisition_time_s.value;
    rgq_suv_plan plan;

    rgq_fact_set(&scan.facts.series_time_s, start_s + 3600.0, "(0008,0031)");
    rgq_fact_set(&scan.facts.siemens_decay_time_s, start_s - 60.0, "(0071,1022)");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S - 60.0));
    rgq_fact_set(&scan.facts.ge_scan_time_s, start_s - 30.0, "(0009,100D)");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S - 30.0));
    rgq_fact_set(&scan.facts.ge_scan_time_s, start_s - 40.0 * 86400.0, "(0009,100D)");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S - 60.0));
    scan.facts.siemens_decay_time_s.known = false;
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "another day");
    rgq_scan_release(&scan);
}
END_TEST

/* Series time and GE's both precede the acquisition but differ: the frame reference times tell
 * which of them the values were corrected to. */
START_TEST(test_ge_against_series)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    const double series_s = scan.facts.series_time_s.value;
    heard h;
    rgq_log log = log_of(&h);

    rgq_fact_set(&scan.facts.acquisition_time_s, series_s + 900.0, "(0008,0032)");
    rgq_fact_set(&scan.facts.ge_scan_time_s, series_s + 600.0, "(0009,100D)");
    set_slice_times(&scan, series_s + 900.0, 300.0,
                    300.0 + rgq_decay_mean_time_s(300.0, F18_S));
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S + 600.0));
    ck_assert_ptr_nonnull(strstr(h.text, "GE's scan time is taken; series time lies 600 s"));
    set_slice_times(&scan, series_s + 900.0, 300.0,
                    900.0 + rgq_decay_mean_time_s(300.0, F18_S));
    log = log_of(&h);
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_ptr_nonnull(strstr(h.text, "series time is taken; GE's scan time lies 600 s"));
    /* without them GE's own counts: it is what the scanner wrote as series time */
    set_slice_times(&scan, series_s + 900.0, 300.0, (double)NAN);
    log = log_of(&h);
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S + 600.0));
    ck_assert_ptr_nonnull(strstr(h.text, "GE's scan time is taken; series time lies 600 s"));
    rgq_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("calib.reference", tcase_add_test(tc, test_series_later_than_acquisition);
               tcase_add_test(tc, test_back_computed_of_the_earliest);
               tcase_add_test(tc, test_back_computed_from_facts);
               tcase_add_test(tc, test_reference_from_frame_start);
               tcase_add_test(tc, test_reference_disagrees);
               tcase_add_test(tc, test_earliest_of_beds);
               tcase_add_test(tc, test_stated_reference);
               tcase_add_test(tc, test_series_time_alone);
               tcase_add_loop_test(tc, test_injection_without_date, 0, ROWS(days));
               tcase_add_test(tc, test_injection_long_half_life);
               tcase_add_test(tc, test_injection_absurd);
               tcase_add_loop_test(tc, test_asked, 0, ROWS(asked));
               tcase_add_test(tc, test_asked_in_vain); tcase_add_test(tc, test_private_times);
               tcase_add_test(tc, test_ge_against_series))
