#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "io/scan_unit.h"
#include "io/sidecar.h"
#include "io/sidecar_keys.h"

typedef rgq_sidecar_reader reader;

/* Offsets [s] from TimeZero as the file states them; NaN where it does not. */
typedef struct offsets {
    double scan_start;
    double injection;
    double correction;
    double header_zero; /* of frame starts the image's own header stated, from TimeZero */
} offsets;

static const double DAY_S = 86400.0;

/* Two stated times within this are the same moment: converters round to 10 ms. */
static const double SAME_MOMENT_S = 0.01;

/* "F18" and "Tc99m" as the rest of the program writes nuclides; other forms stay. */
static void hyphenate(rgq_fact_text *nuclide)
{
    char *text = nuclide->value;
    const size_t letters = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    const size_t digits = strspn(text + letters, "0123456789");
    const size_t length = strlen(text);

    if (letters < 1 || letters > 2 || digits < 1 || letters + digits + 1 < length ||
        length + 2 > sizeof nuclide->value)
        return;
    memmove(text + letters + 1, text + letters, length - letters + 1);
    text[letters] = '-';
}

static rgq_status take_words(const reader *r, rgq_error *err)
{
    rgq_scan_facts *f = &r->scan->facts;

    RGQ_PASS(err, rgq_sidecar_take_text(&f->modality, r, "Modality", err));
    RGQ_PASS(err, rgq_sidecar_take_text(&f->manufacturer, r, "Manufacturer", err));
    RGQ_PASS(err, rgq_sidecar_take_text(&f->model, r, "ManufacturersModelName", err));
    RGQ_PASS(err,
             rgq_sidecar_take_text(&f->radiopharmaceutical, r, "Radiopharmaceutical", err));
    RGQ_PASS(err, rgq_sidecar_take_text(&f->radiopharmaceutical, r, "TracerName", err));
    RGQ_PASS(err, rgq_sidecar_take_text(&f->nuclide, r, "Radionuclide", err));
    RGQ_PASS(err, rgq_sidecar_take_text(&f->nuclide, r, "TracerRadionuclide", err));
    RGQ_PASS(err, rgq_sidecar_take_text(&f->sex, r, "PatientSex", err));
    RGQ_PASS(err, rgq_sidecar_take_text(&f->series_uid, r, "SeriesInstanceUID", err));
    RGQ_PASS(err, rgq_sidecar_take_text(&f->suv_type, r, "SUVType", err));
    if (rgq_json_is_text(rgq_sidecar_get(r, "CorrectedImage"))) /* dcm2niix has a list here */
        RGQ_PASS(err, rgq_sidecar_take_text(&f->corrected_image, r, "CorrectedImage", err));
    if (f->nuclide.known)
        hyphenate(&f->nuclide);
    if (rgq_sidecar_get(r, "PatientName") != NULL || rgq_sidecar_get(r, "PatientID") != NULL ||
        rgq_sidecar_get(r, "PatientBirthDate") != NULL)
        r->scan->identifiers_present = true;
    return RGQ_OK;
}

/* In m by DICOM; a number nobody's height has in m and everybody's in cm is told. */
static rgq_status take_height(const reader *r, rgq_error *err)
{
    rgq_fact *fact = &r->scan->facts.height_m;
    double value = (double)NAN;

    if (rgq_sidecar_real(&value, r, "PatientSize", 30.0, 300.0, NULL) != RGQ_OK || isnan(value))
        return rgq_sidecar_take_real(fact, r, "PatientSize", 0.0, 4.0, err);
    RGQ_WARN(r->log, "%s: PatientSize is %g; cm is assumed, m was needed",
             rgq_sidecar_name(r, "PatientSize"), value);
    rgq_fact_set(fact, value / 100.0, "PatientSize (cm assumed)");
    return RGQ_OK;
}

static rgq_status take_numbers(const reader *r, rgq_error *err)
{
    rgq_scan_facts *f = &r->scan->facts;

    RGQ_PASS(err, rgq_sidecar_take_real(&f->weight_kg, r, "PatientWeight", 0.0, 1e7, err));
    RGQ_PASS(err, take_height(r, err));
    RGQ_PASS(err,
             rgq_sidecar_take_real(&f->half_life_s, r, "RadionuclideHalfLife", 0.0, 1e18, err));
    RGQ_PASS(err, rgq_sidecar_take_real(&f->positron_fraction, r,
                                        "RadionuclidePositronFraction", 0.0, 1.0, err));
    RGQ_PASS(err, rgq_sidecar_take_real(&f->dose_calibration_factor, r, "DoseCalibrationFactor",
                                        0.0, 1e30, err));
    RGQ_PASS(err, rgq_sidecar_take_real(&f->philips_suv_factor, r, "PhilipsSUVScaleFactor", 0.0,
                                        1e30, err));
    return rgq_sidecar_take_real(&f->philips_activity_factor, r, "PhilipsActivityScaleFactor",
                                 0.0, 1e30, err);
}

/* DecayCorrectionFactor of PET-BIDS is a list by frame; DecayFactor is the older name. */
static rgq_status take_decay_factor(const reader *r, rgq_error *err)
{
    static const char *const keys[] = {"DecayFactor", "DecayCorrectionFactor"};
    char origin[RGQ_ORIGIN_MAX];

    for (size_t i = 0; i < 2; i++) {
        const rgq_json *node = rgq_sidecar_get(r, keys[i]);
        if (node == NULL)
            continue;
        const rgq_json *first = rgq_json_is_array(node) ? rgq_json_at(node, 0) : node;
        if (!rgq_json_is_number(first))
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: '%s' must be a number or a list of numbers",
                             rgq_sidecar_name(r, keys[i]), keys[i]);
        rgq_fact *fact = &r->scan->facts.decay_factor;
        const double value = rgq_json_number(first, 0.0);
        if (fact->known && fabs(fact->value - value) > 1e-6 * fabs(value))
            RGQ_WARN(r->log, "%s: %s begins with %g, %s with %g; the last is used",
                     rgq_sidecar_name(r, keys[i]), fact->origin, fact->value, keys[i], value);
        rgq_sidecar_origin(origin, r, keys[i]);
        rgq_fact_set(fact, value, origin);
    }
    return RGQ_OK;
}

static rgq_status take_activity(const reader *r, rgq_error *err)
{
    static const struct {
        const char *name;
        double bq;
    } units[] = {{"Bq", 1.0},  {"kBq", 1e3},   {"MBq", 1e6},
                 {"GBq", 1e9}, {"mCi", 3.7e7}, {"uCi", 3.7e4}};
    rgq_fact *fact = &r->scan->facts.injected_activity_bq;
    char origin[RGQ_ORIGIN_MAX];
    double dose = (double)NAN;
    const char *unit = NULL;

    /* dcm2niix writes the DICOM value, Bq; where both are there the BIDS key counts */
    RGQ_PASS(err, rgq_sidecar_take_real(fact, r, "RadionuclideTotalDose", 0.0, 1e15, err));
    if (rgq_sidecar_get(r, "RadionuclideTotalDose") != NULL && fact->known &&
        fact->value > 0.0 && fact->value < 1e4) { /* nobody images with less than 10 kBq */
        RGQ_WARN(r->log,
                 "%s: RadionuclideTotalDose is %g: below 10 kBq, so it is taken for MBq; "
                 "--activity-mbq overrides it",
                 rgq_sidecar_name(r, "RadionuclideTotalDose"), fact->value);
        rgq_fact_set(fact, fact->value * 1e6, "RadionuclideTotalDose, written in MBq");
    }
    RGQ_PASS(err, rgq_sidecar_real(&dose, r, "InjectedRadioactivity", 0.0, 1e15, err));
    if (isnan(dose))
        return RGQ_OK;
    RGQ_PASS(err, rgq_sidecar_text(&unit, r, "InjectedRadioactivityUnits", err));
    if (unit == NULL) /* misspelt so in an example of the specification */
        RGQ_PASS(err, rgq_sidecar_text(&unit, r, "InjectedRadioActivityUnits", err));
    if (unit == NULL)
        RGQ_WARN(r->log, "%s: InjectedRadioactivity has no unit; MBq is assumed",
                 rgq_sidecar_name(r, "InjectedRadioactivity"));
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (rgq_text_equal_nocase(unit != NULL ? unit : "MBq", units[i].name)) {
            const double bq = dose * units[i].bq;
            if (fact->known && fabs(bq - fact->value) > 0.01 * bq)
                RGQ_WARN(r->log,
                         "%s: InjectedRadioactivity is %g MBq, RadionuclideTotalDose %g MBq; "
                         "the first is used",
                         rgq_sidecar_name(r, "InjectedRadioactivity"), bq / 1e6,
                         fact->value / 1e6);
            rgq_sidecar_origin(origin, r, "InjectedRadioactivity");
            rgq_fact_set(fact, bq, origin);
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%s: 'InjectedRadioactivityUnits' is '%.20s', Bq kBq MBq GBq mCi or uCi "
                     "was needed",
                     rgq_sidecar_name(r, "InjectedRadioactivity"), unit);
}

/* ---- times ---- */

/* A time of day, or a date and time, as seconds. Some converters write the hhmmss of DICOM as a
 * number. */
static rgq_status get_clock(double *out, const reader *r, const char *key, rgq_error *err)
{
    const rgq_json *node = rgq_sidecar_get(r, key);
    const char *text = NULL;
    bool utc = false;
    char digits[32];

    *out = (double)NAN;
    if (rgq_json_is_number(node)) {
        (void)snprintf(digits, sizeof digits, "%013.6f", rgq_json_number(node, -1.0));
        text = digits;
    } else {
        RGQ_PASS(err, rgq_sidecar_text(&text, r, key, err));
    }
    if (text == NULL || rgq_time_from_iso(out, text, NULL) == RGQ_OK ||
        rgq_time_from_tm(out, text, NULL) == RGQ_OK ||
        rgq_time_from_dt(out, text, &utc, NULL) == RGQ_OK)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is '%.40s', hh:mm:ss was needed",
                     rgq_sidecar_name(r, key), key, text);
}

/* One value a frame; a lone number will do for one frame. */
static rgq_status get_frames(double *values, int count, const reader *r, const char *key,
                             rgq_error *err)
{
    const rgq_json *node = rgq_sidecar_get(r, key);
    const rgq_sidecar_layer *layer = rgq_sidecar_of(r, key);

    for (int f = 0; f < count; f++)
        values[f] = (double)NAN;
    if (node == NULL)
        return RGQ_OK;
    if (rgq_json_is_number(node) && count == 1)
        return rgq_json_need_real(values, layer->root, key, -1e9, 1e9, layer->name, err);
    if (rgq_json_is_array(node) && rgq_json_count(node) != (size_t)count)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' has %zu entries, the image %d frame%s",
                         layer->name, key, rgq_json_count(node), count, count == 1 ? "" : "s");
    RGQ_PASS(err,
             rgq_json_need_reals(values, (size_t)count, layer->root, key, layer->name, err));
    for (int f = 0; f < count; f++)
        if (fabs(values[f]) > 1e9)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' item %d is %g s", layer->name, key, f,
                             values[f]);
    return RGQ_OK;
}

static rgq_status take_frames(const reader *r, offsets *at, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_volume *volume = r->scan->volume;
    const int count = rgq_volume_n_frames(volume);
    double *start = NULL;
    double *duration = NULL;

    RGQ_TRY(err, rgq_alloc(&start, (size_t)count, sizeof *start, err));
    RGQ_TRY(err, rgq_alloc(&duration, (size_t)count, sizeof *duration, err));
    RGQ_TRY(err, get_frames(start, count, r, "FrameTimesStart", err));
    RGQ_TRY(err, get_frames(duration, count, r, "FrameDuration", err));
    if (isnan(start[0]) && count == 1)
        start[0] = at->scan_start;
    for (int f = 0; f < count; f++) {
        const rgq_frame header = rgq_volume_frame(volume, f);
        if (isnan(start[f]))
            start[f] = header.start_s + at->header_zero;
        if (isnan(duration[f]))
            duration[f] = header.duration_s;
        if (duration[f] < 0.0) {
            st = RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'FrameDuration' item %d is %g s",
                           rgq_sidecar_name(r, "FrameDuration"), f, duration[f]);
            goto out;
        }
        rgq_volume_set_frame(volume, f, (rgq_frame){start[f], duration[f]});
    }
    if (isnan(at->scan_start))
        at->scan_start = start[0];
out:
    rgq_free(start);
    rgq_free(duration);
    return st;
}

/* The day is not in the file: the one nearest to `near_s`. */
static double on_day_of(double time_s, double near_s)
{
    return isnan(near_s) ? time_s : time_s + DAY_S * round((near_s - time_s) / DAY_S);
}

/* What some converters copy from the DICOM header where they do not know InjectionStart: a time
 * of day, or a date whose like the side file has for no other time. */
static rgq_status take_injection_clock(const reader *r, rgq_error *err)
{
    static const char *const keys[] = {"RadiopharmaceuticalStartDateTime",
                                       "RadiopharmaceuticalStartTime"};
    const rgq_fact *scan = &r->scan->facts.acquisition_time_s;
    rgq_fact *fact = &r->scan->facts.injection_time_s;
    char origin[RGQ_ORIGIN_MAX];

    for (size_t i = 0; i < 2 && !fact->known; i++) {
        double time = (double)NAN;
        RGQ_PASS(err, get_clock(&time, r, keys[i], err));
        if (isnan(time))
            continue;
        time = fmod(time, DAY_S);
        if (scan->known) {
            time = on_day_of(time, scan->value);
            time -= time > scan->value ? DAY_S : 0.0;
        }
        rgq_sidecar_origin(origin, r, keys[i]);
        rgq_fact_set(fact, time, origin);
    }
    return RGQ_OK;
}

static rgq_status take_times(const reader *r, offsets *at, rgq_error *err)
{
    rgq_scan_facts *f = &r->scan->facts;
    const char *zero_origin = "TimeZero";
    double zero = (double)NAN;
    double acquisition = (double)NAN;
    double series = (double)NAN;
    const double header_zero = f->time_zero_s.known ? f->time_zero_s.value : (double)NAN;

    RGQ_PASS(err, get_clock(&zero, r, "TimeZero", err));
    zero = on_day_of(zero, header_zero);
    if (!isnan(header_zero - zero))
        at->header_zero = header_zero - zero;
    RGQ_PASS(err, get_clock(&acquisition, r, "AcquisitionTime", err));
    acquisition = on_day_of(acquisition, header_zero);
    RGQ_PASS(err, get_clock(&series, r, "SeriesTime", err));
    RGQ_PASS(err, rgq_sidecar_real(&at->scan_start, r, "ScanStart", -1e9, 1e9, err));
    RGQ_PASS(err, rgq_sidecar_real(&at->injection, r, "InjectionStart", -1e9, 1e9, err));
    RGQ_PASS(err,
             rgq_sidecar_real(&at->correction, r, "ImageDecayCorrectionTime", -1e9, 1e9, err));
    RGQ_PASS(err, take_frames(r, at, err));
    if (isnan(zero) && isnan(header_zero) && isnan(acquisition) && isnan(at->injection)) {
        zero = series; /* dcm2niix since 2026 has no TimeZero and counts from here */
        zero_origin = "SeriesTime (no TimeZero)";
    }
    if (isnan(zero) && isnan(header_zero) && !isnan(at->injection)) {
        zero = 0.0; /* distances do not need the clock; 00:00:00 stands for it */
        zero_origin = "(no TimeZero: offsets only)";
        acquisition = series = (double)NAN;
    }
    if (rgq_text_equal_nocase(rgq_json_text(rgq_sidecar_get(r, "ClockTimes"), ""),
                              RGQ_SIDECAR_NO_CLOCK))
        zero_origin = "(no TimeZero: offsets from the injection)";
    rgq_fact_set(&f->time_zero_s, zero, zero_origin);
    if (isnan(zero))
        zero = header_zero;
    rgq_fact_set(&f->injection_time_s, zero + at->injection, "InjectionStart");
    if (f->injection_time_s.known) /* days count too: both are offsets from one moment */
        rgq_fact_set(&f->injection_date_known, 1.0, "InjectionStart");
    rgq_fact_set(&f->acquisition_time_s, acquisition, "AcquisitionTime");
    if (!isnan(zero + at->scan_start))
        rgq_fact_set(&f->acquisition_time_s, zero + at->scan_start, "ScanStart");
    rgq_fact_set(&f->series_time_s,
                 on_day_of(series, f->acquisition_time_s.known ? f->acquisition_time_s.value
                                                               : (double)NAN),
                 "SeriesTime");
    return isnan(at->injection) ? take_injection_clock(r, err) : RGQ_OK;
}

/* true, false, or a text of these (seen in the wild); *known is false if absent. */
static rgq_status get_bool(bool *out, bool *known, const reader *r, const char *key,
                           rgq_error *err)
{
    const rgq_json *node = rgq_sidecar_get(r, key);
    const char *text = rgq_json_text(node, "");

    *known = node != NULL;
    *out = rgq_json_bool(node, false) || rgq_text_equal_nocase(text, "true");
    if (node == NULL || rgq_json_is_bool(node) || *out || rgq_text_equal_nocase(text, "false"))
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' must be true or false",
                     rgq_sidecar_name(r, key), key);
}

/* Siemens corrects to the series time. Older converters wrote the acquisition time as TimeZero,
 * which is later where a static image is cut from a longer acquisition or a bed comes second.
 * The factor already applied tells; without it the maker does. */
static void prefer_series_time(const reader *r)
{
    rgq_scan_facts *f = &r->scan->facts;
    const double duration = rgq_volume_frame(r->scan->volume, 0).duration_s;

    if (rgq_sidecar_get(r, "AcquisitionTime") == NULL || !f->series_time_s.known ||
        !f->time_zero_s.known || !f->acquisition_time_s.known ||
        !rgq_text_equal_nocase(f->decay_correction.value, "START"))
        return;
    const double late = f->acquisition_time_s.value - f->series_time_s.value;
    if (late <= 1.0 || fabs(f->time_zero_s.value - f->acquisition_time_s.value) >= 1.0)
        return;
    bool from_series = strncmp(f->manufacturer.value, "Siemens", 7) == 0 ||
                       strncmp(f->manufacturer.value, "SIEMENS", 7) == 0;
    const char *why = "scanners of this maker correct to the series time";
    if (f->decay_factor.known && f->half_life_s.known && f->half_life_s.value > 0.0 &&
        f->decay_factor.value > 0.0) {
        const double rate = log(2.0) / f->half_life_s.value;
        const double x = rate * (duration > 0.0 ? duration : 0.0);
        const double inside = x > 1e-9 ? x / -expm1(-x) : 1.0;
        const double found = log(f->decay_factor.value / inside);
        from_series = fabs(found - rate * late) < fabs(found);
        why = "the decay factor says so";
    }
    if (!from_series)
        return;
    RGQ_WARN(r->log,
             "%s: TimeZero is the acquisition time, %g s behind the series time to which the "
             "values are decay-corrected (%s); the series time is used",
             rgq_sidecar_name(r, "TimeZero"), late, why);
    rgq_fact_set(&f->decay_reference_s, f->series_time_s.value,
                 "SeriesTime (TimeZero is AcquisitionTime)");
}

static rgq_status take_decay_rule(const reader *r, const offsets *at, rgq_error *err)
{
    rgq_scan_facts *f = &r->scan->facts;
    bool corrected = false;
    bool known = false;

    RGQ_PASS(err, get_bool(&corrected, &known, r, "ImageDecayCorrected", err));
    if (known && !corrected) {
        rgq_fact_text_set(&f->decay_correction, "NONE", "ImageDecayCorrected");
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_sidecar_take_text(&f->decay_correction, r, "DecayCorrection", err));
    if (!known || isnan(at->correction))
        return RGQ_OK;
    const double zero = f->time_zero_s.known ? f->time_zero_s.value : (double)NAN;
    const bool admin = fabs(at->correction - at->injection) <= SAME_MOMENT_S;
    const bool start = fabs(at->correction - at->scan_start) <= SAME_MOMENT_S;
    rgq_fact_set(&f->decay_reference_s, zero + at->correction, "ImageDecayCorrectionTime");
    /* the time decides; only where it fits both rules does a word that is there */
    if (admin && !(start && f->decay_correction.known))
        rgq_fact_text_set(&f->decay_correction, "ADMIN", "ImageDecayCorrectionTime");
    else if (start && !admin)
        rgq_fact_text_set(&f->decay_correction, "START", "ImageDecayCorrectionTime");
    return RGQ_OK;
}

/* Converters that do not know the injection write 0 for it; so does a scan begun with it. */
static void doubt_injection(const reader *r, const offsets *at)
{
    if (at->injection == 0.0 && at->scan_start == 0.0 &&
        rgq_volume_n_frames(r->scan->volume) == 1)
        RGQ_WARN(
            r->log,
            "%s: InjectionStart and ScanStart are both 0 in a scan of one frame: either it "
            "began with the injection, or a converter did not know the injection and decay "
            "between them is missed; give --injection-time if so",
            rgq_sidecar_name(r, "InjectionStart"));
}

static rgq_status read_all(const reader *r, rgq_error *err)
{
    offsets at = {(double)NAN, (double)NAN, (double)NAN, 0.0};

    for (int i = 0; i < r->n_layers; i++)
        if (!rgq_json_is_object(r->layer[i].root))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a BIDS side file holds one object { ... }",
                             r->layer[i].name);
    RGQ_PASS(err, take_words(r, err));
    RGQ_PASS(err, take_numbers(r, err));
    RGQ_PASS(err, take_decay_factor(r, err));
    RGQ_PASS(err, take_activity(r, err));
    RGQ_PASS(err, take_times(r, &at, err));
    RGQ_PASS(err, take_decay_rule(r, &at, err));
    prefer_series_time(r);
    doubt_injection(r, &at);
    RGQ_PASS(err, rgq_sidecar_take_text(&r->scan->facts.units, r, "Units", err));
    return rgq_scan_take_unit(r->scan, rgq_sidecar_name(r, "Units"), r->log, err);
}

rgq_status rgq_sidecar_parse(rgq_scan *scan, const char *text, size_t length, const char *name,
                             const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    reader r = {.layer = {{NULL, name}}, .n_layers = 1, .scan = scan, .log = log};

    RGQ_TRY(err, rgq_json_parse(&r.layer[0].root, text, length, name, err));
    RGQ_TRY(err, read_all(&r, err));
out:
    rgq_json_free(r.layer[0].root);
    return st;
}

rgq_status rgq_sidecar_read_inherited(rgq_scan *scan, const char *const *paths, int count,
                                      const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    reader r = {.n_layers = 0, .scan = scan, .log = log};

    for (int i = 0; i < count && i < RGQ_SIDECAR_LAYERS_MAX; i++) {
        r.layer[i].name = rgq_path_base(paths[i]); /* folders may be named after people */
        RGQ_TRY(err, rgq_json_load(&r.layer[i].root, paths[i], err));
        r.n_layers = i + 1;
    }
    RGQ_TRY(err, read_all(&r, err));
out:
    for (int i = 0; i < r.n_layers; i++)
        rgq_json_free(r.layer[i].root);
    return st;
}

rgq_status rgq_sidecar_read(rgq_scan *scan, const char *path, const rgq_log *log,
                            rgq_error *err)
{
    RGQ_PASS(err, rgq_sidecar_read_inherited(scan, &path, 1, log, err));
    return RGQ_OK;
}
