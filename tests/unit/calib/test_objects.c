/* Scans like the digital reference objects of the IBSI manual, as a reader would hand them on:
 * each holds SUVbw 0.20, 1.00 and 4.00, stored in another way. Further below, mistakes that
 * other programs have made with such headers. What is stored is worked out with exp() here. */
#include "calib_scan.h"

static const double SUV[3] = {0.20, 1.00, 4.00};

/* Slices 0 to 2 hold 0.20, 1.00, 4.00 SUV, `per_suv[z]` stored for one SUV of slice z. */
static void store(rgq_scan *scan, const double per_suv[3])
{
    for (int z = 0; z < 3; z++)
        for (int i = 0; i < 4; i++)
            rgq_volume_data(scan->volume, 0)[4 * z + i] = (float)(SUV[z] * per_suv[z]);
}

static void store_alike(rgq_scan *scan, double per_suv)
{
    store(scan, (const double[3]){per_suv, per_suv, per_suv});
}

/* Bq/mL that are 1 SUVbw at the start of the scan. */
static double one_suv(double half_life_s, double uptake_s)
{
    return ACTIVITY_BQ * exp(-log(2.0) * uptake_s / half_life_s) / 70000.0;
}

static rgq_scan in_unit(const char *units, const char *type, const char *sex)
{
    rgq_scan scan = make_scan(RGQ_UNIT_NATIVE, 3, 1);

    rgq_fact_text_set(&scan.facts.units, units, "(0054,1001) Units");
    if (type != NULL)
        rgq_fact_text_set(&scan.facts.suv_type, type, "(0054,1006) SUVType");
    rgq_fact_set(&scan.facts.height_m, 1.75, "(0010,1020) PatientSize");
    rgq_fact_text_set(&scan.facts.sex, sex, "(0010,0040) PatientSex");
    return scan;
}

static rgq_scan bqml_start(void)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    store_alike(&scan, one_suv(F18_S, ONE_HOUR_S));
    return scan;
}

static rgq_scan gml_james(void)
{
    rgq_scan scan = in_unit("GML", "LBMJAMES128", "M");
    store_alike(&scan, (1.10 * 70.0 - 128.0 * (70.0 / 175.0) * (70.0 / 175.0)) / 70.0);
    return scan;
}

static rgq_scan gml_ideal_other(void)
{
    rgq_scan scan = in_unit("GML", "IBW", "O");
    store_alike(&scan, 0.5 * (48.0 + 1.06 * 23.0 + 45.5 + 0.91 * 23.0) / 70.0);
    return scan;
}

static rgq_scan cm2ml_surface(void)
{
    rgq_scan scan = in_unit("CM2ML", "BSA", "F");
    store_alike(&scan, 0.007184 * pow(175.0, 0.725) * pow(70.0, 0.425) * 1e4 / 70e3);
    return scan;
}

static rgq_scan counts_suv_factor(void)
{
    rgq_scan scan = in_unit("CNTS", NULL, "M");
    rgq_fact_set(&scan.facts.philips_suv_factor, 0.000728, "(7053,1000)");
    store_alike(&scan, 1.0 / 0.000728);
    return scan;
}

static rgq_scan counts_activity_factor(void)
{
    rgq_scan scan = in_unit("CNTS", NULL, "M");
    rgq_fact_set(&scan.facts.philips_activity_factor, 1.75, "(7053,1009)");
    store_alike(&scan, one_suv(F18_S, ONE_HOUR_S) / 1.75);
    return scan;
}

static rgq_scan admin(void)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    rgq_fact_text_set(&scan.facts.decay_correction, "ADMIN", "(0054,1102)");
    store_alike(&scan, ACTIVITY_BQ / 70000.0);
    return scan;
}

/* Three beds of 180 s, 200 s apart; all corrected to the start of the first, of which only the
 * frame reference times know: the series time is that of a later reconstruction. */
static rgq_scan series_late(void)
{
    rgq_scan scan = bqml_start();
    const double start_s = scan.facts.acquisition_time_s.value;
    const double x = log(2.0) * 180.0 / F18_S;
    const double mean_s = F18_S / log(2.0) * log(x / (1.0 - exp(-x)));

    rgq_fact_set(&scan.facts.series_time_s, start_s + 5400.0, "(0008,0031)");
    set_slice_times(&scan, start_s, 180.0, mean_s);
    for (int z = 0; z < 3; z++) {
        scan.slice_time[z].acquisition_s += 200.0 * z;
        scan.slice_time[z].reference_s += 200.0 * z;
    }
    return scan;
}

static rgq_scan ge_private(void)
{
    rgq_scan scan = bqml_start();
    const double start_s = scan.facts.acquisition_time_s.value;

    rgq_fact_set(&scan.facts.series_time_s, start_s + 7200.0, "(0008,0031)");
    rgq_fact_set(&scan.facts.ge_scan_time_s, start_s, "(0009,100D)");
    rgq_fact_set(&scan.facts.acquisition_time_s, start_s + 20.0, "(0008,0032)");
    set_slice_times(&scan, start_s + 20.0, 180.0, 0.0); /* from the start of the frame */
    return scan;
}

/* GE's scan time after the acquisition: it cannot be true, and it is said. */
static rgq_scan ge_private_late(void)
{
    rgq_scan scan = bqml_start();

    rgq_fact_set(&scan.facts.ge_scan_time_s, scan.facts.acquisition_time_s.value + 600.0,
                 "(0009,100D)");
    return scan;
}

/* Beds 300 s apart, each stored as it was counted. */
static rgq_scan none_of_beds(void)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    const double x = log(2.0) * 240.0 / F18_S;
    double per_suv[3];

    rgq_fact_text_set(&scan.facts.decay_correction, "NONE", "(0054,1102)");
    set_slice_times(&scan, scan.facts.acquisition_time_s.value, 240.0, 0.0);
    for (int z = 0; z < 3; z++) {
        scan.slice_time[z].acquisition_s += 300.0 * z;
        per_suv[z] = one_suv(F18_S, ONE_HOUR_S + 300.0 * z) * (1.0 - exp(-x)) / x;
    }
    store(&scan, per_suv);
    return scan;
}

/* (0018,1072) alone: a time of the day, put on the day of the series by the reader. */
static rgq_scan start_time_only(void)
{
    rgq_scan scan = bqml_start();
    rgq_fact_set(&scan.facts.injection_date_known, 0.0, "(0018,1072)");
    return scan;
}

static rgq_scan over_midnight(void)
{
    rgq_scan scan = bqml_start();
    const double scan_s = clock_of("2025-01-02T00:30:00");

    rgq_fact_set(&scan.facts.series_time_s, scan_s, "(0008,0031)");
    rgq_fact_set(&scan.facts.acquisition_time_s, scan_s, "(0008,0032)");
    rgq_fact_set(&scan.facts.injection_time_s, clock_of("2025-01-02T23:30:00"), "(0018,1072)");
    rgq_fact_set(&scan.facts.injection_date_known, 0.0, "(0018,1072)");
    return scan;
}

static rgq_scan gallium(void)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    rgq_fact_set(&scan.facts.half_life_s, 4057.74, "(0018,1075)");
    store_alike(&scan, one_suv(4057.74, ONE_HOUR_S));
    return scan;
}

/* ---- mistakes met elsewhere ---- */

/* The values of GML carry no decay any more, whatever DecayCorrection says. */
static rgq_scan gml_with_start(void)
{
    rgq_scan scan = in_unit("GML", NULL, "M");
    store_alike(&scan, 1.0);
    return scan;
}

/* An injection on the day before the scan, with its date: a clock of 24 h is not enough. */
static rgq_scan zirconium_days(void)
{
    rgq_scan scan = make_scan(RGQ_UNIT_BQ_ML, 3, 1);
    const double half_life_s = 78.41 * 3600.0;

    rgq_fact_set(&scan.facts.half_life_s, half_life_s, "(0018,1075)");
    rgq_fact_set(&scan.facts.injection_time_s, clock_of("2024-12-27T13:00:00"), "(0018,1078)");
    store_alike(&scan, one_suv(half_life_s, 5.0 * 86400.0 - 7200.0));
    return scan;
}

/* The first slice in the folder is not the first that was acquired. */
static rgq_scan none_upside_down(void)
{
    rgq_scan scan = none_of_beds();
    const rgq_slice_time first = scan.slice_time[0];
    double per_suv[3];
    const double x = log(2.0) * 240.0 / F18_S;

    scan.slice_time[0] = scan.slice_time[2];
    scan.slice_time[2] = first;
    for (int z = 0; z < 3; z++)
        per_suv[z] = one_suv(F18_S, ONE_HOUR_S + 300.0 * (2 - z)) * (1.0 - exp(-x)) / x;
    store(&scan, per_suv);
    return scan;
}

/* Acquisition with a fraction of a second, series without: not "later". */
static rgq_scan fraction_of_a_second(void)
{
    rgq_scan scan = bqml_start();
    rgq_fact_set(&scan.facts.series_time_s, scan.facts.series_time_s.value + 0.5,
                 "(0008,0031)");
    store_alike(&scan, one_suv(F18_S, ONE_HOUR_S + 0.5));
    return scan;
}

static rgq_scan kilobecquerel(void)
{
    rgq_scan scan = in_unit("KBQML", NULL, "M");
    store_alike(&scan, one_suv(F18_S, ONE_HOUR_S) / 1000.0);
    return scan;
}

static rgq_scan grams(void)
{
    rgq_scan scan = bqml_start();
    rgq_fact_set(&scan.facts.weight_kg, 70000.0, "(0010,1030)");
    return scan;
}

static const struct {
    const char *name;
    rgq_scan (*make)(void);
    bool warns;
} objects[] = {
    {"BQML, START", bqml_start, false},
    {"GML, LBMJAMES128", gml_james, false},
    {"GML, IBW, sex O", gml_ideal_other, false},
    {"CM2ML, BSA", cm2ml_surface, false},
    {"CNTS, SUV factor", counts_suv_factor, false},
    {"CNTS, activity factor", counts_activity_factor, false},
    {"ADMIN", admin, false},
    {"series time later", series_late, false},
    {"GE's scan time", ge_private, false},
    {"GE's scan time, late", ge_private_late, true},
    {"NONE, several times", none_of_beds, false},
    {"start time only", start_time_only, false},
    {"over midnight", over_midnight, true},
    {"Ga-68", gallium, false},
    {"GML and START", gml_with_start, false},
    {"days after the injection", zirconium_days, false},
    {"NONE, upside down", none_upside_down, false},
    {"fraction of a second", fraction_of_a_second, false},
    {"kBq/mL", kilobecquerel, false},
    {"weight in g", grams, true},
};

START_TEST(test_object)
{
    rgq_scan scan = objects[_i].make();
    heard h;
    const rgq_log log = log_of(&h);
    rgq_suv_plan plan;

    MUST(rgq_suv_plan_make(&plan, &scan, RGQ_UNIT_SUV_BW, NULL, &log, err));
    ck_assert_msg((h.n_warnings > 0) == objects[_i].warns, "%s: %s", objects[_i].name, h.text);
    MUST(rgq_suv_apply(&scan, &plan, err));
    for (int z = 0; z < 3; z++)
        for (int i = 0; i < 4; i++) /* stored and made as float */
            ck_assert_msg(
                fabs((double)rgq_volume_cdata(scan.volume, 0)[4 * z + i] / SUV[z] - 1.0) < 2e-7,
                "%s: %.9g", objects[_i].name,
                (double)rgq_volume_cdata(scan.volume, 0)[4 * z + i]);
    rgq_scan_release(&scan);
}
END_TEST

/* Back-computation finds the same start for the object whose series time is late, and for the
 * plain one with true frame reference times. */
START_TEST(test_both_rules)
{
    rgq_scan scan = series_late();

    rgq_fact_text_set(&scan.facts.reference_time, "backcompute", "--reference-time");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    rgq_fact_set(&scan.facts.series_time_s, scan.facts.acquisition_time_s.value, "s");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    rgq_fact_text_set(&scan.facts.reference_time, "series", "--reference-time");
    FACTOR_IS(&scan, NULL, NULL, factor_by_hand(ONE_HOUR_S));
    rgq_scan_release(&scan);
}
END_TEST

RGQ_CHECK_MAIN("calib.objects", tcase_add_loop_test(tc, test_object, 0, ROWS(objects));
               tcase_add_test(tc, test_both_rules))
