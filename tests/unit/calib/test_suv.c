#include "calib_scan.h"

#include "calib/decay.h"

START_TEST(test_start)
{
    heard h;
    const rgq_log log = log_of(&h);
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_double_eq_tol(plan.factor, 2.7777812496068244e-4, 1e-17);
    ck_assert_double_eq_tol(plan.factor / factor_by_hand(ONE_HOUR_S), 1.0, 1e-14);
    ck_assert_str_eq(input_of(&plan, "units")->text, "BQML");
    ck_assert_str_eq(input_of(&plan, "decay_correction")->text, "START");
    ck_assert_double_eq(input_of(&plan, "weight")->value, 70.0);
    ck_assert_str_eq(input_of(&plan, "weight")->origin, "(0010,1030) PatientWeight");
    ck_assert_double_eq(input_of(&plan, "injected_activity")->value, ACTIVITY_BQ);
    ck_assert_double_eq(input_of(&plan, "half_life")->value, F18_S);
    ck_assert_double_eq(input_of(&plan, "decay_reference")->value, ONE_HOUR_S);
    ck_assert_str_eq(input_of(&plan, "decay_reference")->text, "series time");
    ck_assert_double_eq_tol(input_of(&plan, "activity_at_reference")->value / 2.52e8, 1.0,
                            1e-2);
    ck_assert_int_eq(h.n_warnings, 0);

    MUST(rgq_suv_apply(&scan, &plan, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_SUV_BW);
    for (size_t i = 0; i < rgq_volume_count(scan.volume); i++)
        VOXEL_IS(rgq_volume_cdata(scan.volume, 0)[i], (float)((double)(i + 1) * plan.factor));
    ck_assert_str_eq(scan.facts.units.value, "SUVbw");
    ck_assert_str_eq(scan.facts.units.origin, "converted from BQML");
    REFUSED(rgq_suv_apply(&scan, &plan, err), RGQ_E_UNIT, "converts Bq/mL");
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_admin)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);

    rgq_fact_text_set(&scan.facts.decay_correction, "ADMIN", "(0054,1102)");
    FACTOR_IS(&scan, NULL, NULL, 70000.0 / ACTIVITY_BQ);
    /* neither half-life nor any time is needed */
    scan.facts.half_life_s.known = scan.facts.injection_time_s.known = false;
    scan.facts.series_time_s.known = scan.facts.acquisition_time_s.known = false;
    FACTOR_IS(&scan, NULL, NULL, 70000.0 / ACTIVITY_BQ);
    rgq_volume_set_unit(scan.volume, RGQ_UNIT_NATIVE);
    rgq_fact_text_set(&scan.facts.units, "kBq/mL", "Units");
    FACTOR_IS(&scan, NULL, NULL, 70000.0e3 / ACTIVITY_BQ);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_admin_against_reference)
{
    heard h;
    const rgq_log log = log_of(&h);
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);

    rgq_fact_text_set(&scan.facts.decay_correction, "ADMIN", "(0054,1102)");
    rgq_fact_set(&scan.facts.decay_reference_s, scan.facts.injection_time_s.value,
                 "(0018,9701)");
    FACTOR_IS(&scan, NULL, &log, 70000.0 / ACTIVITY_BQ);
    ck_assert_int_eq(h.n_warnings, 0);
    rgq_fact_set(&scan.facts.decay_reference_s, scan.facts.series_time_s.value, "(0018,9701)");
    FACTOR_IS(&scan, NULL, &log, 70000.0 / ACTIVITY_BQ);
    ck_assert_int_eq(h.n_warnings, 1);
    ck_assert_ptr_nonnull(strstr(h.text, "is 3600 s after it"));
    rgq_scan_release(&scan);
}
END_TEST

/* Each slice with its own time: C0 = P lambda T/(1 - exp(-lambda T)) exp(lambda (t - t_inj)).
 */
START_TEST(test_none)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 2);
    const double injection_s = scan.facts.injection_time_s.value;
    const double lambda = log(2.0) / F18_S;
    rgq_suv_plan plan;

    rgq_fact_text_set(&scan.facts.decay_correction, "NONE", "(0054,1102)");
    set_slice_times(&scan, injection_s + ONE_HOUR_S, 300.0, 0.0);
    for (int i = 0; i < 6; i++) {
        scan.slice_time[i].acquisition_s += 600.0 * i;
        scan.slice_time[i].duration_s += 60.0 * i;
    }
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    ck_assert(plan.per_slice);
    ck_assert_double_eq(input_of(&plan, "first_slice_acquisition")->value, ONE_HOUR_S);
    MUST(rgq_suv_apply(&scan, &plan, err));
    for (int f = 0; f < 2; f++)
        for (int z = 0; z < 3; z++) {
            const int i = 3 * f + z;
            const double x = lambda * (300.0 + 60.0 * i);
            const double factor = 70000.0 / ACTIVITY_BQ * x / (1.0 - exp(-x)) *
                                  exp(lambda * (ONE_HOUR_S + 600.0 * i));
            if (i == 0) /* 1 - exp(-0.03) has lost two digits here */
                ck_assert_double_eq_tol(plan.factor / factor, 1.0, 1e-13);
            for (size_t v = 0; v < 4; v++) {
                const size_t at = 4 * (size_t)z + v;
                ck_assert_double_eq_tol((double)rgq_volume_cdata(scan.volume, f)[at] /
                                            ((double)(at + 1) * factor),
                                        1.0, 1e-7); /* float */
            }
        }
    ck_assert_str_eq(scan.facts.decay_correction.value, "ADMIN");
    rgq_scan_release(&scan);
}
END_TEST

/* The same phantom stored with START and with NONE gives the same SUV. */
START_TEST(test_none_equals_start)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    rgq_suv_plan start;
    rgq_suv_plan none;

    set_slice_times(&scan, scan.facts.series_time_s.value, 900.0,
                    rgq_decay_mean_time_s(900.0, F18_S));
    MUST(rgq_suv_plan_make(&start, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    rgq_fact_text_set(&scan.facts.decay_correction, "NONE", "(0054,1102)");
    MUST(rgq_suv_plan_make(&none, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    ck_assert_double_eq_tol(none.factor / rgq_decay_frame_gain(900.0, F18_S) / start.factor,
                            1.0, 1e-14);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_none_frames_of_a_nifti)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 2);
    rgq_suv_plan plan;

    rgq_text_copy(scan.format, sizeof scan.format, "NIfTI-1");
    rgq_fact_text_set(&scan.facts.decay_correction, "none", "ImageDecayCorrected");
    rgq_fact_set(&scan.facts.time_zero_s, scan.facts.injection_time_s.value, "TimeZero");
    rgq_volume_set_frame(scan.volume, 0, (rgq_frame){0.0, 60.0});
    rgq_volume_set_frame(scan.volume, 1, (rgq_frame){F18_S, 60.0});
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    MUST(rgq_suv_apply(&scan, &plan, err));
    const double first = (double)rgq_volume_cdata(scan.volume, 0)[0];
    ck_assert_double_eq_tol(first / (70000.0 / ACTIVITY_BQ), rgq_decay_frame_gain(60.0, F18_S),
                            1e-7);
    ck_assert_double_eq_tol((double)rgq_volume_cdata(scan.volume, 1)[0] / first, 2.0, 3e-7);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_gml)
{
    rgq_scan scan = make_scan(RGQ_UNIT_SUV_BW, 1, 1);
    rgq_suv_plan plan;

    scan.facts = (rgq_scan_facts){0}; /* no weight, no activity, no times */
    FACTOR_IS(&scan, NULL, NULL, 1.0);
    rgq_fact_text_set(&scan.facts.units, "GML", "(0054,1001) Units");
    rgq_fact_text_set(&scan.facts.suv_type, "BW", "(0054,1006) SUVType");
    FACTOR_IS(&scan, NULL, NULL, 1.0);
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    ck_assert_str_eq(plan.rule, "SUVbw as stored");
    MUST(rgq_suv_apply(&scan, &plan, err));
    VOXEL_IS(rgq_volume_cdata(scan.volume, 0)[3], 4.0F);
    ck_assert_str_eq(scan.facts.units.value, "GML");
    rgq_fact_text_set(&scan.facts.suv_type, "XYZ", "(0054,1006) SUVType");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err),
            RGQ_E_UNSUPPORTED, "SUV of type XYZ");
    rgq_fact_text_set(&scan.facts.suv_type, "BSA", "(0054,1006) SUVType");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err), RGQ_E_UNSUPPORTED,
            "SUV of type BSA ((0054,1006) SUVType), which is none that comes in GML");
    scan.facts.suv_type.known = false;
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err), RGQ_E_MISSING,
            "give --activity-mbq");
    rgq_scan_release(&scan);
}
END_TEST

static const struct {
    const char *word;
    double scale; /* 0: SUVbw */
} words[] = {{"BQML", 1},     {"Bq/mL", 1}, {"Bq/ml", 1}, {"kBq/mL", 1000}, {"KBQ/CC", 1000},
             {"MBq/mL", 1e6}, {"GML", 0},   {"g/ml", 0},  {"SUV", 0}};

START_TEST(test_unit_words)
{
    rgq_scan scan = make_scan(RGQ_UNIT_NATIVE, 1, 1);
    rgq_suv_plan plan;

    rgq_fact_text_set(&scan.facts.units, words[_i].word, "Units");
    if (words[_i].scale == 0.0) {
        FACTOR_IS(&scan, NULL, NULL, 1.0);
    } else {
        FACTOR_IS(&scan, NULL, NULL, words[_i].scale * factor_by_hand(ONE_HOUR_S));
        MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_BQ_ML, NULL, NULL, err));
        ck_assert_double_eq(plan.factor, words[_i].scale);
        MUST(rgq_suv_apply(&scan, &plan, err));
        ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
        VOXEL_IS(rgq_volume_cdata(scan.volume, 0)[1], (float)(2.0 * words[_i].scale));
    }
    rgq_scan_release(&scan);
}
END_TEST

/* ---- the half-life ---- */

START_TEST(test_half_life_of_the_library)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    rgq_nuclide nuclide = nuclide_of(F18_S);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    rgq_fact_set(&scan.facts.half_life_s, 6588.0, "(0018,1075)");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, &nuclide, &log, err));
    ck_assert_double_eq(input_of(&plan, "half_life")->value, 6588.0);
    ck_assert_int_eq(h.n_warnings, 0); /* 0.03 % */
    rgq_fact_set(&scan.facts.half_life_s, 6500.0, "(0018,1075)");
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, &nuclide, &log, err));
    ck_assert_double_eq(input_of(&plan, "half_life")->value, 6500.0);
    ck_assert_int_eq(h.n_warnings, 1); /* 1.3 % */
    scan.facts.half_life_s.known = false;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, &nuclide, &log, err));
    ck_assert_double_eq(input_of(&plan, "half_life")->value, F18_S);
    ck_assert_str_eq(input_of(&plan, "half_life")->origin, "tracers/isotopes.json F-18");
    FACTOR_IS(&scan, &nuclide, NULL, factor_by_hand(ONE_HOUR_S));
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "give --half-life-s");
    nuclide.half_life_s.known = false;
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, &nuclide, NULL, err),
            RGQ_E_MISSING, "(0018,1075) RadionuclideHalfLife) is absent");
    rgq_fact_set(&scan.facts.half_life_s, -1.0, "(0018,1075)");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "is not above 0");
    rgq_scan_release(&scan);
}
END_TEST

/* ---- refusals ---- */

static void drop_weight(rgq_scan *s)
{
    s->facts.weight_kg.known = false;
}
static void zero_weight(rgq_scan *s)
{
    s->facts.weight_kg.value = 0.0;
}
static void tonnes(rgq_scan *s)
{
    s->facts.weight_kg.value = 7e7;
}
static void minus_weight(rgq_scan *s)
{
    s->facts.weight_kg.value = -1.0;
}
/* The console's two fields exchanged: 1.75 kg and 70 m. */
static void exchange(rgq_scan *s)
{
    s->facts.weight_kg.value = 1.75;
    rgq_fact_set(&s->facts.height_m, 70.0, "(0010,1020) PatientSize");
}
static void drop_activity(rgq_scan *s)
{
    s->facts.injected_activity_bq.known = false;
}
static void zero_activity(rgq_scan *s)
{
    s->facts.injected_activity_bq.value = 0.0;
}
static void minus_activity(rgq_scan *s)
{
    s->facts.injected_activity_bq.value = -1.0;
}
static void drop_injection(rgq_scan *s)
{
    s->facts.injection_time_s.known = false;
}
static void drop_decay(rgq_scan *s)
{
    s->facts.decay_correction.known = false;
}
static void odd_decay(rgq_scan *s)
{
    rgq_fact_text_set(&s->facts.decay_correction, "YES", "(0054,1102)");
}
static void none_without_times(rgq_scan *s)
{
    rgq_fact_text_set(&s->facts.decay_correction, "NONE", "(0054,1102)");
    s->facts.acquisition_time_s.known = false;
}
static void none_without_duration(rgq_scan *s)
{
    rgq_fact_text_set(&s->facts.decay_correction, "NONE", "(0054,1102)");
}

static const struct {
    void (*spoil)(rgq_scan *scan);
    rgq_status status;
    const char *words;
    const char *option;
} refusals[] = {
    {drop_weight, RGQ_E_MISSING, "PatientWeight) is absent", "--weight-kg"},
    {zero_weight, RGQ_E_MISSING, "PatientWeight) is 0", "--weight-kg"},
    {tonnes, RGQ_E_ARGUMENT, "7e+07 kg", "--weight-kg"},
    {minus_weight, RGQ_E_ARGUMENT, "-1 kg", "--weight-kg"},
    {exchange, RGQ_E_ARGUMENT, "1.75 kg ((0010,1030) PatientWeight) with a height of 70 m",
     "--weight-kg and --height-cm"},
    {drop_activity, RGQ_E_MISSING, "RadionuclideTotalDose) is absent", "--activity-mbq"},
    {zero_activity, RGQ_E_MISSING, "RadionuclideTotalDose) is 0", "--activity-mbq"},
    {minus_activity, RGQ_E_ARGUMENT, "-1 Bq", "--activity-mbq"},
    {drop_injection, RGQ_E_MISSING, "StartDateTime is absent", "--injection-time"},
    {drop_decay, RGQ_E_MISSING, "(0054,1102) DecayCorrection is absent",
     "--decay-corrected-to injection|scan|none"},
    {odd_decay, RGQ_E_UNSUPPORTED, "'YES'", "--decay-corrected-to"},
    {none_without_times, RGQ_E_MISSING, "acquisition time", "--side-file"},
    {none_without_duration, RGQ_E_MISSING, "duration of slice 1 of frame 1", ""},
};

START_TEST(test_refusals)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    rgq_suv_plan plan;
    rgq_suv_plan best;

    refusals[_i].spoil(&scan);
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err),
            refusals[_i].status, refusals[_i].words);
    ck_assert_ptr_nonnull(strstr(plan.refused, refusals[_i].option));
    ck_assert_int_eq(plan.to, RGQ_UNIT_BQ_ML);
    ck_assert_double_eq(plan.factor, 1.0);
    ck_assert(!plan.per_slice);
    /* the run goes on in Bq/mL, and says why */
    MUST(rgq_suv_plan_best(&best, &scan, NULL, NULL, err));
    ck_assert_int_eq(best.to, RGQ_UNIT_BQ_ML);
    ck_assert_double_eq(best.factor, 1.0);
    ck_assert_str_eq(best.refused, plan.refused);
    MUST(rgq_suv_apply(&scan, &best, err));
    VOXEL_IS(rgq_volume_cdata(scan.volume, 0)[7], 8.0F);
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_refusal_names_all)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    rgq_suv_plan plan;

    scan.facts.weight_kg.known = scan.facts.injected_activity_bq.known = false;
    scan.facts.half_life_s.known = scan.facts.injection_time_s.known = false;
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_MISSING,
            "give --weight-kg; the injected activity");
    ck_assert_ptr_nonnull(strstr(plan.refused, "--half-life-s; (0018,1078)"));
    ck_assert_ptr_nonnull(strstr(plan.refused, "--injection-time"));
    rgq_scan_release(&scan);
}
END_TEST

static const char *const strange_units[] = {"PROPCNTS", "PROPCPS", "1CM", "CPS", "NONE"};

START_TEST(test_strange_units)
{
    rgq_scan scan = make_scan(RGQ_UNIT_NATIVE, 1, 1);
    rgq_suv_plan plan;

    rgq_fact_text_set(&scan.facts.units, strange_units[_i], "(0054,1001) Units");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err),
            RGQ_E_UNSUPPORTED, strange_units[_i]);
    MUST(rgq_suv_plan_best(&plan, &scan, NULL, NULL, err));
    ck_assert_int_eq(plan.to, RGQ_UNIT_NATIVE);
    ck_assert_ptr_nonnull(strstr(plan.refused, "--units"));
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_no_units)
{
    rgq_scan scan = make_scan(RGQ_UNIT_NATIVE, 1, 1);
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_best(&plan, &scan, NULL, NULL, err));
    ck_assert_int_eq(plan.to, RGQ_UNIT_NATIVE);
    ck_assert_str_eq(plan.refused,
                     "(0054,1001) Units is absent: give --units bqml if the values are Bq/mL");
    MUST(rgq_suv_apply(&scan, &plan, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_NATIVE);
    ck_assert(!scan.facts.units.known);
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_COUNTS, NULL, NULL, err),
            RGQ_E_UNSUPPORTED, "counts is not among the units");
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_native_of_a_known_unit)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_NATIVE, NULL, NULL, err));
    MUST(rgq_suv_apply(&scan, &plan, err));
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_NATIVE);
    VOXEL_IS(rgq_volume_cdata(scan.volume, 0)[1], 2.0F);
    ck_assert_str_eq(scan.facts.units.value, "BQML");
    rgq_scan_release(&scan);
}
END_TEST

START_TEST(test_overflow_leaves_voxels)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    rgq_suv_plan plan;

    rgq_fact_set(&scan.facts.injected_activity_bq, 1e-3, "x");
    rgq_volume_data(scan.volume, 0)[3] = 3e38F;
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err));
    REFUSED(rgq_suv_apply(&scan, &plan, err), RGQ_E_NUMERIC, "1 voxels of frame 1");
    VOXEL_IS(rgq_volume_cdata(scan.volume, 0)[0], 1.0F);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    rgq_fact_set(&scan.facts.injected_activity_bq, 1e-320, "x");
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_NUMERIC,
            "inf");
    REFUSED(rgq_suv_plan_best(&plan, &scan, NULL, NULL, err), RGQ_E_NUMERIC, "inf");
    rgq_scan_release(&scan);
    REFUSED(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, err), RGQ_E_ARGUMENT,
            "no voxels");
}
END_TEST

START_TEST(test_contradictions_warn)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 1, 1);
    heard h;
    rgq_log log = log_of(&h);

    rgq_fact_text_set(&scan.facts.corrected_image, "NORM\\ATTN\\DECY", "(0028,0051)");
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_int_eq(h.n_warnings, 0);
    rgq_fact_text_set(&scan.facts.corrected_image, "NORM", "(0028,0051)");
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S));
    ck_assert_int_eq(h.n_warnings, 2);
    ck_assert_ptr_nonnull(strstr(h.text, "has no DECY"));
    ck_assert_ptr_nonnull(strstr(h.text, "has no ATTN"));
    log = log_of(&h);
    rgq_fact_text_set(&scan.facts.corrected_image, "ATTN\\DECY", "(0028,0051)");
    rgq_fact_set(&scan.facts.weight_kg, 320.0, "(0010,1030)");
    FACTOR_IS(&scan, NULL, &log, factor_by_hand(ONE_HOUR_S) * 320.0 / 70.0);
    ck_assert_ptr_nonnull(strstr(h.text, "is unusual"));
    rgq_scan_release(&scan);
}
END_TEST

/* Nothing that is recorded or logged has a date or a clock time in it. */
START_TEST(test_record_has_no_clock)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    set_slice_times(&scan, scan.facts.acquisition_time_s.value, 300.0, 400.0);
    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_int_eq(h.n_warnings, 1);
    for (int i = 0; i < plan.n_inputs; i++) {
        ck_assert(!(fabs(plan.input[i].value) > 1e9)); /* no seconds since 1970 */
        ck_assert_ptr_null(strstr(plan.input[i].text, "2025"));
        ck_assert_ptr_null(strstr(plan.input[i].origin, "2025"));
    }
    ck_assert_ptr_null(strstr(h.text, "2025"));
    ck_assert_ptr_null(strstr(h.text, "17357")); /* seconds since 1970 */
    rgq_scan_release(&scan);
}
END_TEST

/* Planning and converting take no memory at all. */
START_TEST(test_no_memory_needed)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 2, 1);
    rgq_suv_plan plan;

    rgq_alloc_fail_after(0);
    const rgq_status planned =
        rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, NULL, NULL);
    const rgq_status applied = rgq_suv_apply(&scan, &plan, NULL);
    rgq_alloc_fail_after(-1);
    ck_assert_int_eq(planned, RGQ_OK);
    ck_assert_int_eq(applied, RGQ_OK);
    rgq_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("calib.suv", tcase_add_test(tc, test_start); tcase_add_test(tc, test_admin);
               tcase_add_test(tc, test_admin_against_reference); tcase_add_test(tc, test_none);
               tcase_add_test(tc, test_none_equals_start);
               tcase_add_test(tc, test_none_frames_of_a_nifti); tcase_add_test(tc, test_gml);
               tcase_add_loop_test(tc, test_unit_words, 0, ROWS(words));
               tcase_add_test(tc, test_half_life_of_the_library);
               tcase_add_loop_test(tc, test_refusals, 0, ROWS(refusals));
               tcase_add_test(tc, test_refusal_names_all);
               tcase_add_loop_test(tc, test_strange_units, 0, ROWS(strange_units));
               tcase_add_test(tc, test_no_units);
               tcase_add_test(tc, test_native_of_a_known_unit);
               tcase_add_test(tc, test_overflow_leaves_voxels);
               tcase_add_test(tc, test_contradictions_warn);
               tcase_add_test(tc, test_record_has_no_clock);
               tcase_add_test(tc, test_no_memory_needed))
