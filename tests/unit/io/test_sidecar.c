/* BIDS side files: what each key becomes, what is refused, and the way there and back. */
#include "io/sidecar.h"

#include "io_check.h"
#include "warned.h"

static rgq_scan scan;

static void new_scan(int n_frames)
{
    const rgq_grid grid = rgq_grid_make((const int[3]){2, 1, 1}, (const double[3]){1, 1, 1},
                                        (const double[3]){0, 0, 0});
    rgq_scan_release(&scan);
    MUST(rgq_volume_create(&scan.volume, &grid, n_frames, RGQ_UNIT_NATIVE, err));
    for (int f = 0; f < n_frames; f++)
        rgq_volume_data(scan.volume, f)[0] = 2.0F;
    warned[0] = '\0';
}

static void begin(void)
{
    folder_begin();
    new_scan(1);
}

static void end(void)
{
    rgq_scan_release(&scan);
    folder_end();
}

static void parse(const char *text)
{
    MUST(rgq_sidecar_parse(&scan, text, strlen(text), "side.json", &listener, err));
}

#define REFUSED_TEXT(text, words)                                                              \
    REFUSED(rgq_sidecar_parse(&scan, text, strlen(text), "side.json", NULL, err),              \
            RGQ_E_FORMAT, words)

START_TEST(full_pet_bids)
{
    const rgq_scan_facts *f = &scan.facts;
    new_scan(2);
    parse("{\"Manufacturer\": \"Siemens\", \"ManufacturersModelName\": \"Biograph\","
          "\"Units\": \"Bq/mL\", \"TracerName\": \"fluciclatide\","
          "\"TracerRadionuclide\": \"F18\", \"InjectedRadioactivity\": 370.5,"
          "\"InjectedRadioactivityUnits\": \"MBq\", \"TimeZero\": \"10:00:00\","
          "\"ScanStart\": 3600, \"InjectionStart\": -120, \"FrameTimesStart\": [3600, 3900],"
          "\"FrameDuration\": [300, 600], \"ImageDecayCorrected\": true,"
          "\"ImageDecayCorrectionTime\": -120, \"RadionuclideHalfLife\": 6586.2,"
          "\"PatientWeight\": 70, \"PatientSize\": 1.75, \"PatientSex\": \"F\","
          "\"InjectedMass\": \"n/a\", \"SomethingNew\": [1, {\"a\": null}]}");
    ck_assert_str_eq(f->manufacturer.value, "Siemens");
    ck_assert_str_eq(f->model.value, "Biograph");
    ck_assert_str_eq(f->radiopharmaceutical.value, "fluciclatide");
    ck_assert_str_eq(f->nuclide.value, "F-18");
    ck_assert_str_eq(f->nuclide.origin, "TracerRadionuclide");
    ck_assert_str_eq(f->sex.value, "F");
    ck_assert_double_eq(f->injected_activity_bq.value, 370.5e6);
    ck_assert_double_eq(f->half_life_s.value, 6586.2);
    ck_assert_double_eq(f->weight_kg.value, 70.0);
    ck_assert_double_eq(f->height_m.value, 1.75);
    ck_assert_double_eq(f->time_zero_s.value, 36000.0);
    ck_assert_double_eq(f->injection_time_s.value, 35880.0);
    ck_assert_double_eq(f->injection_date_known.value, 1.0);
    ck_assert_double_eq(f->acquisition_time_s.value, 39600.0);
    ck_assert_double_eq(f->decay_reference_s.value, 35880.0);
    ck_assert_str_eq(f->decay_correction.value, "ADMIN");
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).start_s, 3900.0);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 1).duration_s, 600.0);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    ck_assert(!scan.identifiers_present);
    ck_assert_str_eq(warned, "");
}
END_TEST

START_TEST(units)
{
    static const struct {
        const char *word;
        rgq_unit unit;
        double voxel;
        bool warns;
    } cases[] = {
        {"Bq/mL", RGQ_UNIT_BQ_ML, 2, false},
        {"Bq/ml", RGQ_UNIT_BQ_ML, 2, false},
        {"BQML", RGQ_UNIT_BQ_ML, 2, false},
        {"kBq/mL", RGQ_UNIT_BQ_ML, 2e3, true},
        {"MBq/mL", RGQ_UNIT_BQ_ML, 2e6, true},
        {"g/mL", RGQ_UNIT_SUV_BW, 2, false},
        {"SUV", RGQ_UNIT_SUV_BW, 2, false},
        {"SUVbw", RGQ_UNIT_SUV_BW, 2, false},
        {"counts", RGQ_UNIT_COUNTS, 2, false},
        {"%ID/g", RGQ_UNIT_ID_G, 2, false},
        {"SUVlbm-janma", RGQ_UNIT_SUV_LBM_JANMA, 2, false},
        {"furlongs", RGQ_UNIT_NATIVE, 2, true},
        {"n/a", RGQ_UNIT_NATIVE, 2, false},
    };
    for (int i = 0; i < ROWS(cases); i++) {
        char text[128];
        new_scan(1);
        (void)snprintf(text, sizeof text, "{\"Units\": \"%s\"}", cases[i].word);
        parse(text);
        ck_assert_int_eq(rgq_volume_unit(scan.volume), cases[i].unit);
        ck_assert_double_eq((double)rgq_volume_cdata(scan.volume, 0)[0], cases[i].voxel);
        ck_assert_msg((warned[0] != '\0') == cases[i].warns, "%s", cases[i].word);
    }
    new_scan(1);
    parse("{\"Units\": \"g/mL\", \"SUVType\": \"LBM\"}");
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_NATIVE);
    new_scan(1);
    rgq_volume_data(scan.volume, 0)[0] = 1e36F;
    REFUSED(rgq_sidecar_parse(&scan, "{\"Units\": \"kBq/mL\"}", 19, "side.json", NULL, err),
            RGQ_E_NUMERIC, "scaling");
}
END_TEST

START_TEST(activity)
{
    static const struct {
        const char *text;
        double bq;
    } cases[] = {
        {"{\"InjectedRadioactivity\": 5, \"InjectedRadioactivityUnits\": \"mCi\"}", 1.85e8},
        {"{\"InjectedRadioactivity\": 5, \"InjectedRadioActivityUnits\": \"kBq\"}", 5e3},
        {"{\"InjectedRadioactivity\": 5}", 5e6},
        {"{\"RadionuclideTotalDose\": 3.7e8}", 3.7e8},
        {"{\"RadionuclideTotalDose\": 370}", 3.7e8}, /* MBq in the DICOM it came from */
        {"{\"RadionuclideTotalDose\": 0}", 0.0},
        {"{\"InjectedRadioactivity\": \"n/a\", \"RadionuclideTotalDose\": 1e8}", 1e8},
        {"{\"InjectedRadioactivity\": 200, \"InjectedRadioactivityUnits\": \"MBq\","
         "\"RadionuclideTotalDose\": 1e8}",
         2e8},
    };
    for (int i = 0; i < ROWS(cases); i++) {
        new_scan(1);
        parse(cases[i].text);
        ck_assert_double_eq(scan.facts.injected_activity_bq.value, cases[i].bq);
    }
    ck_assert_ptr_nonnull(strstr(warned, "200 MBq"));
    parse("{\"RadionuclideTotalDose\": 370}");
    ck_assert_ptr_nonnull(strstr(warned, "RadionuclideTotalDose is 370: below 10 kBq"));
    /* g is read, so that calib can judge it and an option replace it */
    parse("{\"PatientWeight\": 70000}");
    ck_assert_double_eq(scan.facts.weight_kg.value, 70000.0);
    REFUSED_TEXT("{\"InjectedRadioactivity\": 1, \"InjectedRadioactivityUnits\": \"lb\"}",
                 "lb");
}
END_TEST

START_TEST(decay_rules)
{
    static const struct {
        const char *text;
        const char *rule; /* "" = unknown */
        double reference; /* NaN = unknown */
    } cases[] = {
        {"{\"ImageDecayCorrected\": false}", "NONE", (double)NAN},
        {"{\"ImageDecayCorrected\": \"false\"}", "NONE", (double)NAN},
        {"{\"ImageDecayCorrected\": \"True\"}", "", (double)NAN},
        {"{\"TimeZero\": \"00:01:00\", \"ScanStart\": 50, \"InjectionStart\": 0,"
         "\"ImageDecayCorrected\": true, \"ImageDecayCorrectionTime\": 50}",
         "START", 110},
        {"{\"TimeZero\": \"00:01:00\", \"FrameTimesStart\": [50], \"InjectionStart\": 0,"
         "\"ImageDecayCorrected\": true, \"ImageDecayCorrectionTime\": 50}",
         "START", 110},
        {"{\"TimeZero\": \"00:01:00\", \"ScanStart\": 50, \"InjectionStart\": 0,"
         "\"ImageDecayCorrected\": true, \"ImageDecayCorrectionTime\": 0}",
         "ADMIN", 60},
        {"{\"TimeZero\": \"00:01:00\", \"ScanStart\": 50, \"InjectionStart\": 0,"
         "\"ImageDecayCorrected\": true, \"ImageDecayCorrectionTime\": 20}",
         "", 80},
        {"{\"TimeZero\": \"00:01:00\", \"ScanStart\": 5, \"InjectionStart\": 5,"
         "\"ImageDecayCorrected\": true, \"ImageDecayCorrectionTime\": 5}",
         "ADMIN", 65},
        {"{\"TimeZero\": \"00:01:00\", \"ScanStart\": 5, \"InjectionStart\": 5,"
         "\"DecayCorrection\": \"START\","
         "\"ImageDecayCorrected\": true, \"ImageDecayCorrectionTime\": 5}",
         "START", 65},
        {"{\"DecayCorrection\": \"START\"}", "START", (double)NAN},
    };
    for (int i = 0; i < ROWS(cases); i++) {
        const rgq_scan_facts *f = &scan.facts;
        new_scan(1);
        parse(cases[i].text);
        ck_assert_str_eq(f->decay_correction.value, cases[i].rule);
        ck_assert_int_eq(f->decay_reference_s.known, !isnan(cases[i].reference));
        if (f->decay_reference_s.known)
            ck_assert_double_eq(f->decay_reference_s.value, (double)cases[i].reference);
    }
}
END_TEST

/* Two generations of a converter, and files that leave things out. */
START_TEST(times_of_the_wild)
{
    const rgq_scan_facts *f = &scan.facts;
    new_scan(1);
    parse("{\"SeriesTime\": \"00:10:00.5\", \"ScanStart\": 0, \"FrameDuration\": [600],"
          "\"DecayCorrectionFactor\": [1.5]}");
    ck_assert_double_eq(f->time_zero_s.value, 600.5); /* since 2026 frames count from it */
    ck_assert_str_eq(f->time_zero_s.origin, "SeriesTime (no TimeZero)");
    ck_assert_double_eq(f->acquisition_time_s.value, 600.5);
    ck_assert(!f->injection_time_s.known);
    ck_assert_double_eq(f->series_time_s.value, 600.5);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 0).start_s, 0.0);
    ck_assert_double_eq(f->decay_factor.value, 1.5);
    new_scan(1);
    parse("{\"AcquisitionTime\": \"10:11:12.500000\", \"DecayFactor\": 1.25,"
          "\"FrameTimesStart\": 0, \"FrameDuration\": 60, \"PatientID\": \"x\"}");
    ck_assert_double_eq(f->acquisition_time_s.value, 36672.5);
    ck_assert_double_eq(f->decay_factor.value, 1.25);
    ck_assert_double_eq(rgq_volume_frame(scan.volume, 0).duration_s, 60.0);
    ck_assert(scan.identifiers_present);
    new_scan(1); /* offsets without a clock keep their distances */
    parse("{\"InjectionStart\": 0, \"ScanStart\": 5400, \"AcquisitionTime\": \"10:00:00\"}");
    ck_assert_double_eq(f->acquisition_time_s.value - f->injection_time_s.value, 5400.0);
    ck_assert_str_eq(warned, "");
    new_scan(1);
    parse("{\"TimeZero\": \"10:00:00\", \"InjectionStart\": 0, \"ScanStart\": 0}");
    ck_assert_ptr_nonnull(strstr(warned, "both 0"));
    new_scan(1); /* three days between injection and scan; the series begins near the scan */
    parse("{\"TimeZero\": \"10:00:00\", \"InjectionStart\": 0, \"ScanStart\": 259200,"
          "\"SeriesTime\": \"09:59:00\"}");
    ck_assert_double_eq(f->acquisition_time_s.value - f->injection_time_s.value, 259200.0);
    ck_assert_double_eq(f->series_time_s.value - f->acquisition_time_s.value, -60.0);
}
END_TEST

/* Text, a list of one or DICOM's own words where PET-BIDS has a number or an offset. */
START_TEST(forms_of_the_wild)
{
    static const char *const injections[] = {
        "\"RadiopharmaceuticalStartTime\": \"235000.00\"",
        "\"RadiopharmaceuticalStartTime\": \"23:50:00\"",
        "\"RadiopharmaceuticalStartTime\": 235000.0",
        "\"RadiopharmaceuticalStartDateTime\": \"20200131235000.00\"",
        "\"RadiopharmaceuticalStartDateTime\": \"2020-01-31T23:50:00\"",
    };
    const rgq_scan_facts *f = &scan.facts;
    char text[300];

    for (int i = 0; i < ROWS(injections); i++) {
        new_scan(1);
        (void)snprintf(text, sizeof text, "{\"TimeZero\": \"00:10:00\", \"ScanStart\": 60, %s}",
                       injections[i]);
        parse(text);
        ck_assert_msg(f->acquisition_time_s.value - f->injection_time_s.value == 1260.0, "%d",
                      i);
    }
    new_scan(1); /* the offset counts where both are there */
    parse("{\"TimeZero\": \"10:00:00\", \"InjectionStart\": -60, \"ScanStart\": 0,"
          "\"RadiopharmaceuticalStartTime\": \"080000\"}");
    ck_assert_double_eq(f->acquisition_time_s.value - f->injection_time_s.value, 60.0);
    new_scan(1);
    parse("{\"PatientWeight\": \"70.5\", \"InjectedRadioactivity\": [370],"
          "\"InjectedRadioactivityUnits\": \"MBq\", \"AcquisitionTime\": 91500.0}");
    ck_assert_double_eq(f->weight_kg.value, 70.5);
    ck_assert_double_eq(f->injected_activity_bq.value, 3.7e8);
    ck_assert_double_eq(f->acquisition_time_s.value, 33300.0);
    new_scan(1);
    parse("{\"PatientSize\": 175}");
    ck_assert_double_eq(f->height_m.value, 1.75);
    ck_assert_ptr_nonnull(strstr(warned, "cm is assumed"));
    REFUSED_TEXT("{\"PatientSize\": 17}", "'PatientSize' is 17");
    REFUSED_TEXT("{\"InjectedRadioactivity\": [1, 2]}", "'InjectedRadioactivity'");
}
END_TEST

/* A static image cut from minutes 50 to 70 of a scan: values are corrected to the series time,
 * TimeZero of the older converters is the acquisition time. */
START_TEST(acquisition_time_as_zero)
{
    static const struct {
        const char *maker;
        const char *factor; /* JSON, or "" */
        bool series;
    } cases[] = {
        /* 2^(3000/6586.2) x 0.0631 / (1 - exp(-0.0631)), 1200 s of F-18 */
        {"Siemens", "\"DecayFactor\": [1.4551],", true},
        {"GE", "\"DecayCorrectionFactor\": [1.4551],", true},
        {"Siemens", "\"DecayFactor\": [1.0645],", false},
        {"Siemens", "", true},
        {"GE", "", false},
    };
    for (int i = 0; i < ROWS(cases); i++) {
        char text[512];
        const rgq_scan_facts *f = &scan.facts;
        new_scan(1);
        (void)snprintf(text, sizeof text,
                       "{\"Manufacturer\": \"%s\", %s \"SeriesTime\": \"16:20:15\","
                       "\"AcquisitionTime\": \"17:10:15\", \"DecayCorrection\": \"START\","
                       "\"RadionuclideHalfLife\": 6586.2, \"FrameTimesStart\": [0],"
                       "\"FrameDuration\": [1200], \"TimeZero\": \"17:10:15\","
                       "\"ImageDecayCorrected\": true, \"ImageDecayCorrectionTime\": 0}",
                       cases[i].maker, cases[i].factor);
        parse(text);
        ck_assert_double_eq(f->acquisition_time_s.value, 61815.0);
        ck_assert_double_eq(f->decay_reference_s.value, cases[i].series ? 58815.0 : 61815.0);
        ck_assert_int_eq(strstr(warned, "series time is used") != NULL, cases[i].series);
    }
}
END_TEST

/* Two keys for one fact: the one PET-BIDS names counts, and a difference is told. */
START_TEST(two_names_for_one_fact)
{
    parse("{\"Radionuclide\": \"C11\", \"TracerRadionuclide\": \"F18\","
          "\"TracerName\": \"a\", \"Radiopharmaceutical\": \"a\"}");
    ck_assert_str_eq(scan.facts.nuclide.value, "F-18");
    ck_assert_ptr_nonnull(strstr(warned, "Radionuclide and TracerRadionuclide disagree"));
    new_scan(1);
    parse("{\"DecayFactor\": [1.5], \"DecayCorrectionFactor\": [1.25]}");
    ck_assert_double_eq(scan.facts.decay_factor.value, 1.25);
    ck_assert_str_eq(scan.facts.decay_factor.origin, "DecayCorrectionFactor");
    ck_assert_ptr_nonnull(strstr(warned, "1.5"));
    new_scan(1);
    parse("{\"DecayFactor\": [1.5], \"DecayCorrectionFactor\": [1.5]}");
    ck_assert_str_eq(warned, "");
}
END_TEST

START_TEST(refused)
{
    REFUSED_TEXT("{\"PatientWeight\": \"70 kg\"}", "'PatientWeight' must be a number");
    REFUSED_TEXT("{\"PatientWeight\": -3}", "'PatientWeight' is -3");
    REFUSED_TEXT("{\"Units\": 3}", "'Units' must be a text");
    REFUSED_TEXT("{\"TimeZero\": \"noon\"}", "'TimeZero' is 'noon'");
    REFUSED_TEXT("{\"FrameTimesStart\": [0, 60]}", "2 entries, the image 1 frame");
    REFUSED_TEXT("{\"FrameDuration\": [\"a\"]}", "'FrameDuration' item 0");
    REFUSED_TEXT("{\"FrameDuration\": [-1]}", "-1 s");
    REFUSED_TEXT("{\"FrameDuration\": \"a\"}", "'FrameDuration'");
    REFUSED_TEXT("{\"FrameTimesStart\": [1e300]}", "'FrameTimesStart'");
    REFUSED_TEXT("{\"ImageDecayCorrected\": 1}", "'ImageDecayCorrected' must be true or false");
    REFUSED_TEXT("{\"DecayFactor\": \"x\"}", "'DecayFactor'");
    REFUSED_TEXT("[1]", "one object");
    REFUSED_TEXT("{", "side.json, line 1");
    REFUSED(rgq_sidecar_read(&scan, at("none.json"), NULL, err), RGQ_E_IO, "none.json");
}
END_TEST

static void fill_facts(rgq_scan_facts *f, const char *rule)
{
    /* day 15000 of the clock; fractions of a second on purpose */
    const double day = 15000.0 * 86400.0;
    rgq_fact_text_set(&f->manufacturer, "Maker", "t");
    rgq_fact_text_set(&f->radiopharmaceutical, "NOTA-RGD", "t");
    rgq_fact_text_set(&f->nuclide, "Ga-68", "t");
    rgq_fact_text_set(&f->decay_correction, rule, "t");
    rgq_fact_text_set(&f->corrected_image, "DECY\\ATTN", "t");
    rgq_fact_text_set(&f->series_uid, "1.2.3.4", "t");
    rgq_fact_text_set(&f->sex, "M", "t");
    rgq_fact_set(&f->weight_kg, 81.3, "t");
    rgq_fact_set(&f->height_m, 1.81, "t");
    rgq_fact_set(&f->injected_activity_bq, 187654321.0, "t");
    rgq_fact_set(&f->half_life_s, 4062.6, "t");
    rgq_fact_set(&f->positron_fraction, 0.891, "t");
    rgq_fact_set(&f->injection_time_s, day + 36000.25, "t");
    rgq_fact_set(&f->injection_date_known, 1.0, "t");
    rgq_fact_set(&f->time_zero_s, day + 36000.25, "t");
    rgq_fact_set(&f->acquisition_time_s, day + 36000.25 + 3600.0, "t");
    rgq_fact_set(&f->series_time_s, day + 36000.25 + 3590.0, "t");
    rgq_fact_set(&f->dose_calibration_factor, 1.03, "t");
    rgq_fact_set(&f->decay_factor, 1.25, "t");
}

static const char *const rules[] = {"START", "ADMIN", "NONE"};

START_TEST(there_and_back)
{
    rgq_scan_facts in = {0};
    const rgq_scan_facts *f = &scan.facts;
    char text[4096] = "";

    new_scan(2);
    rgq_volume_set_unit(scan.volume, RGQ_UNIT_BQ_ML);
    for (int i = 0; i < 2; i++)
        rgq_volume_set_frame(scan.volume, i, (rgq_frame){3600.0 + 300.0 * i, 300.0});
    fill_facts(&in, rules[_i]);
    MUST(rgq_sidecar_write(at("s.json"), scan.volume, &in, "a line", false, err));
    (void)load(at("s.json"), (unsigned char *)text, sizeof text - 1);
    ck_assert_ptr_null(strstr(text, "2011")); /* day 15000 is in 2011 */
    ck_assert_ptr_null(strstr(text, "1.2.3.4"));
    ck_assert_ptr_nonnull(strstr(text, "\"TimeZero\": \"10:00:00\""));
    ck_assert_ptr_nonnull(strstr(text, "\"TracerRadionuclide\": \"Ga68\""));
    ck_assert_ptr_nonnull(strstr(text, "\"ModeOfAdministration\": \"n/a\""));
    ck_assert_ptr_nonnull(strstr(text, "\"AttenuationCorrection\": \"corrected\""));
    new_scan(2);
    MUST(rgq_sidecar_read(&scan, at("s.json"), &listener, err));
    ck_assert_str_eq(warned, "");
#define SAME_TEXT(name) ck_assert_str_eq(f->name.value, in.name.value)
#define SAME(name)      ck_assert_double_eq(f->name.value, in.name.value)
    SAME_TEXT(manufacturer);
    SAME_TEXT(radiopharmaceutical);
    SAME_TEXT(nuclide);
    SAME_TEXT(decay_correction);
    SAME_TEXT(corrected_image);
    SAME_TEXT(sex);
    SAME(weight_kg);
    SAME(height_m);
    SAME(half_life_s);
    SAME(positron_fraction);
    SAME(dose_calibration_factor);
    SAME(decay_factor);
    /* MBq in the file: one rounding each way */
    ck_assert_double_eq_tol(f->injected_activity_bq.value, in.injected_activity_bq.value, 1e-6);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_BQ_ML);
    /* the day is gone; every distance is the same, to the rounding of 1e9 s */
    const double shift = in.injection_time_s.value - f->injection_time_s.value;
    ck_assert_double_eq_tol(fmod(shift, 86400.0), 0.0, 1e-6);
    ck_assert_double_eq_tol(in.acquisition_time_s.value - f->acquisition_time_s.value, shift,
                            1e-6);
    ck_assert_double_eq_tol(in.series_time_s.value - f->series_time_s.value, shift, 1e-6);
    for (int i = 0; i < 2; i++) {
        const rgq_frame frame = rgq_volume_frame(scan.volume, i);
        ck_assert_double_eq_tol(frame.start_s + f->time_zero_s.value,
                                3600.0 + 300.0 * i + f->injection_time_s.value, 1e-6);
        ck_assert_double_eq(frame.duration_s, 300.0);
    }
}
END_TEST

START_TEST(written_twice_is_the_same)
{
    rgq_scan_facts in = {0};
    unsigned char first[4096];
    unsigned char second[4096];

    new_scan(1);
    rgq_volume_set_frame(scan.volume, 0, (rgq_frame){3600.0, 300.0});
    fill_facts(&in, rules[_i]);
    MUST(rgq_sidecar_write(at("1.json"), scan.volume, &in, NULL, false, err));
    MUST(rgq_sidecar_read(&scan, at("1.json"), NULL, err));
    MUST(rgq_sidecar_write(at("2.json"), scan.volume, &scan.facts, NULL, false, err));
    const size_t n = load(at("1.json"), first, sizeof first);
    ck_assert_uint_eq(load(at("2.json"), second, sizeof second), n);
    ck_assert_mem_eq(first, second, n);
}
END_TEST

/* On a clock that was set to the injection TimeZero is 00:00:00, and the file says so. */
START_TEST(forgotten_clock)
{
    rgq_scan_facts in = {0};
    char text[4096] = "";
    const rgq_scan_facts *f = &scan.facts;

    for (int dated = 0; dated < 2; dated++) {
        new_scan(1);
        rgq_volume_set_frame(scan.volume, 0, (rgq_frame){-9.5, 300.0});
        fill_facts(&scan.facts, "START");
        const double wait =
            scan.facts.acquisition_time_s.value - scan.facts.injection_time_s.value;
        if (dated == 0) {
            scan.facts.injection_time_s.value =
                fmod(scan.facts.injection_time_s.value, 86400.0);
            scan.facts.injection_date_known.value = 0.0;
        }
        rgq_scan_forget_clock(&scan);
        in = scan.facts;
        const double start = in.time_zero_s.value - 9.5 - in.acquisition_time_s.value;
        MUST(rgq_sidecar_write(at("f.json"), scan.volume, &in, NULL, true, err));
        (void)load(at("f.json"), (unsigned char *)text, sizeof text - 1);
        ck_assert_ptr_nonnull(strstr(text, "\"TimeZero\": \"00:00:00\""));
        ck_assert_ptr_nonnull(strstr(text, "\"InjectionStart\": 0"));
        new_scan(1);
        MUST(rgq_sidecar_read(&scan, at("f.json"), NULL, err));
        ck_assert_double_eq_tol(f->acquisition_time_s.value - f->injection_time_s.value, wait,
                                1e-6);
        ck_assert_double_eq_tol(f->time_zero_s.value +
                                    rgq_volume_frame(scan.volume, 0).start_s -
                                    f->acquisition_time_s.value,
                                start, 1e-6);
        ck_assert_int_eq(strncmp(f->time_zero_s.origin, "(no TimeZero", 12), 0);
    }
}
END_TEST

/* An injection of which only the time of day is known was within the day before the scan. */
START_TEST(injection_without_a_day)
{
    for (int dated = 0; dated < 2; dated++) {
        rgq_scan_facts in = {0};
        const double day = dated * 15000.0 * 86400.0;

        rgq_fact_set(&in.acquisition_time_s, day + 1800.0, "t"); /* 00:30 */
        rgq_fact_set(&in.injection_time_s, 84600.0, "t");        /* 23:30 */
        rgq_fact_set(&in.time_zero_s, day + 1800.0, "t");
        new_scan(1);
        MUST(rgq_sidecar_write(at("n.json"), scan.volume, &in, NULL, true, err));
        MUST(rgq_sidecar_read(&scan, at("n.json"), NULL, err));
        ck_assert_double_eq(
            scan.facts.acquisition_time_s.value - scan.facts.injection_time_s.value, 3600.0);
    }
}
END_TEST

START_TEST(nothing_known)
{
    const rgq_scan_facts in = {0};
    MUST(rgq_sidecar_write(at("e.json"), scan.volume, &in, NULL, false, err));
    MUST(rgq_sidecar_read(&scan, at("e.json"), &listener, err));
    ck_assert(!scan.facts.time_zero_s.known);
    ck_assert(!scan.facts.weight_kg.known);
    ck_assert(!scan.facts.manufacturer.known);
    ck_assert(!scan.facts.decay_correction.known);
    ck_assert_int_eq(rgq_volume_unit(scan.volume), RGQ_UNIT_NATIVE);
    ck_assert_str_eq(warned, "");
    REFUSED(rgq_sidecar_write(at("e.json"), scan.volume, &in, NULL, false, err), RGQ_E_IO,
            "--force");
}
END_TEST

START_TEST(lost_memory)
{
    rgq_scan_facts in = {0};
    fill_facts(&in, "START");
    const char *path = at("m.json");
    TORTURE(rgq_sidecar_write(path, scan.volume, &in, NULL, false, err),
            ck_assert_int_eq(count_files(), torture_st == RGQ_OK ? 1 : 0), 2);
    TORTURE(rgq_sidecar_read(&scan, path, NULL, err), (void)0, 2);
}
END_TEST

RGQ_CHECK_MAIN("io sidecar", tcase_add_checked_fixture(tc, begin, end);
               tcase_add_test(tc, full_pet_bids); tcase_add_test(tc, units);
               tcase_add_test(tc, activity); tcase_add_test(tc, decay_rules);
               tcase_add_test(tc, times_of_the_wild); tcase_add_test(tc, forms_of_the_wild);
               tcase_add_test(tc, acquisition_time_as_zero);
               tcase_add_test(tc, two_names_for_one_fact); tcase_add_test(tc, refused);
               tcase_add_loop_test(tc, there_and_back, 0, ROWS(rules));
               tcase_add_loop_test(tc, written_twice_is_the_same, 0, ROWS(rules));
               tcase_add_test(tc, injection_without_a_day); tcase_add_test(tc, forgotten_clock);
               tcase_add_test(tc, nothing_known); tcase_add_test(tc, lost_memory))
