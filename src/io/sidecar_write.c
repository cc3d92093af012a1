#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "io/sidecar.h"

static const double DAY_S = 86400.0;

/* A fact's value, or NaN. */
static double value_of(const rgq_fact *fact)
{
    return fact->known ? fact->value : (double)NAN;
}

/* Of a quantity that cannot be 0: a 0 in a header stands for what nobody entered. */
static double positive_of(const rgq_fact *fact)
{
    return fact->known && fact->value > 0.0 ? fact->value : (double)NAN;
}

static double first_known(double a, double b)
{
    return isnan(a) ? b : a;
}

/* Unknown numbers are left out: no word stands for them in PET-BIDS. */
static rgq_status put_real(rgq_json *root, const char *key, double value, rgq_error *err)
{
    return isfinite(value) ? rgq_json_set_real(root, key, value, err) : RGQ_OK;
}

/* Required text is "n/a" where unknown. */
static rgq_status put_text(rgq_json *root, const char *key, const rgq_fact_text *fact,
                           rgq_error *err)
{
    return rgq_json_set_text(root, key, fact != NULL && fact->known ? fact->value : "n/a", err);
}

static rgq_status put_known(rgq_json *root, const char *key, const rgq_fact_text *fact,
                            rgq_error *err)
{
    return fact->known ? rgq_json_set_text(root, key, fact->value, err) : RGQ_OK;
}

/* Unknown is "n/a"; a way to name a nuclide that nobody knows stays as it is. */
static rgq_status put_nuclide(rgq_json *root, const rgq_fact_text *fact, rgq_error *err)
{
    char text[RGQ_FACT_TEXT_MAX];

    if (!fact->known)
        return put_text(root, "TracerRadionuclide", fact, err);
    rgq_sidecar_nuclide(text, fact->value);
    return rgq_json_set_text(root, "TracerRadionuclide", text, err);
}

static rgq_status put_device(rgq_json *root, const rgq_volume *volume,
                             const rgq_scan_facts *facts, rgq_error *err)
{
    const rgq_unit unit = rgq_volume_unit(volume);

    RGQ_PASS(err, put_known(root, "Modality", &facts->modality, err));
    RGQ_PASS(err, put_text(root, "Manufacturer", &facts->manufacturer, err));
    RGQ_PASS(err, put_text(root, "ManufacturersModelName", &facts->model, err));
    /* the values as they are now; a native volume keeps the word of its source */
    if (unit == RGQ_UNIT_NATIVE)
        RGQ_PASS(err, put_text(root, "Units", &facts->units, err));
    else
        RGQ_PASS(err, rgq_json_set_text(root, "Units", rgq_unit_name(unit), err));
    if (unit == RGQ_UNIT_NATIVE || unit == RGQ_UNIT_SUV_BW)
        RGQ_PASS(err, put_known(root, "SUVType", &facts->suv_type, err));
    RGQ_PASS(err, put_text(root, "TracerName", &facts->radiopharmaceutical, err));
    return put_nuclide(root, &facts->nuclide, err);
}

static rgq_status put_patient_and_dose(rgq_json *root, const rgq_scan_facts *facts,
                                       rgq_error *err)
{
    if (isfinite(positive_of(&facts->injected_activity_bq)))
        RGQ_PASS(err, rgq_json_set_real(root, "InjectedRadioactivity",
                                        facts->injected_activity_bq.value / 1e6, err));
    else
        RGQ_PASS(err, rgq_json_set_text(root, "InjectedRadioactivity", "n/a", err));
    RGQ_PASS(err, rgq_json_set_text(root, "InjectedRadioactivityUnits", "MBq", err));
    for (int i = 0; i < 4; i++) {
        static const char *const keys[] = {"InjectedMass", "InjectedMassUnits",
                                           "SpecificRadioactivity",
                                           "SpecificRadioactivityUnits"};
        RGQ_PASS(err, rgq_json_set_text(root, keys[i], "n/a", err));
    }
    RGQ_PASS(err, rgq_json_set_text(root, "ModeOfAdministration", "n/a", err));
    RGQ_PASS(err, put_real(root, "RadionuclideHalfLife", value_of(&facts->half_life_s), err));
    RGQ_PASS(err, put_real(root, "RadionuclidePositronFraction",
                           value_of(&facts->positron_fraction), err));
    RGQ_PASS(err, put_real(root, "PatientWeight", positive_of(&facts->weight_kg), err));
    RGQ_PASS(err, put_real(root, "PatientSize", positive_of(&facts->height_m), err));
    return put_known(root, "PatientSex", &facts->sex, err);
}

/* Moments on the axis of the clock, as the side file needs them. */
typedef struct moments {
    double zero;  /* whole second: TimeZero has no fraction */
    double shift; /* of the frame starts, from the scan's own zero to that */
    double scan;
    double injection;
    double reference;
} moments;

/* The clock was set to 00:00:00 at the injection, see rgq_scan_forget_clock(). */
static bool clock_forgotten(const rgq_scan_facts *facts)
{
    const double injection = value_of(&facts->injection_time_s);
    return injection == 0.0 || injection == DAY_S;
}

static moments moments_of(const rgq_volume *volume, const rgq_scan_facts *facts)
{
    const double start = rgq_volume_frame(volume, 0).start_s;
    moments m = {.shift = 0.0,
                 .injection = value_of(&facts->injection_time_s),
                 .reference = value_of(&facts->decay_reference_s)};

    m.scan = first_known(value_of(&facts->acquisition_time_s), value_of(&facts->series_time_s));
    /* where no zero is stated, frames count from the injection, else from the scan */
    double zero = first_known(value_of(&facts->time_zero_s), m.injection);
    zero = first_known(zero, m.scan - first_known(start, 0.0));
    m.scan = first_known(m.scan, zero + start);
    /* an injection whose day is not known was on the day before the scan, at the most */
    if (facts->injection_time_s.known && isfinite(m.scan) &&
        value_of(&facts->injection_date_known) != 1.0)
        m.injection = m.scan + fmod(m.injection - m.scan, DAY_S) -
                      (fmod(m.injection - m.scan, DAY_S) > 0.0 ? DAY_S : 0.0);
    m.zero = clock_forgotten(facts) ? m.injection : floor(zero);
    if (isfinite(zero))
        m.shift = zero - m.zero;
    return m;
}

static rgq_status put_clock(rgq_json *root, const char *key, double time_s, bool fraction,
                            rgq_error *err)
{
    char iso[RGQ_TIME_TEXT_MAX];

    if (!isfinite(time_s))
        return RGQ_OK;
    const char *of_day = strchr(rgq_time_format_iso(time_s, iso), 'T');
    if (of_day == NULL)
        return RGQ_OK;
    char text[RGQ_TIME_TEXT_MAX];
    rgq_text_copy(text, fraction ? sizeof text : sizeof "hh:mm:ss", of_day + 1);
    return rgq_json_set_text(root, key, text, err);
}

static rgq_status put_frames(rgq_json *root, const rgq_volume *volume, double shift,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const int count = rgq_volume_n_frames(volume);
    double *start = NULL;
    double *duration = NULL;
    bool starts = true;
    bool durations = true;

    RGQ_TRY(err, rgq_alloc(&start, (size_t)count, sizeof *start, err));
    RGQ_TRY(err, rgq_alloc(&duration, (size_t)count, sizeof *duration, err));
    for (int f = 0; f < count; f++) {
        const rgq_frame frame = rgq_volume_frame(volume, f);
        start[f] = frame.start_s + shift;
        duration[f] = frame.duration_s;
        starts = starts && isfinite(start[f]);
        durations = durations && isfinite(duration[f]);
    }
    if (starts)
        RGQ_TRY(err, rgq_json_set_reals(root, "FrameTimesStart", start, (size_t)count, err));
    if (durations)
        RGQ_TRY(err, rgq_json_set_reals(root, "FrameDuration", duration, (size_t)count, err));
out:
    rgq_free(start);
    rgq_free(duration);
    return st;
}

static rgq_status put_times(rgq_json *root, const rgq_volume *volume, const moments *m,
                            const rgq_scan_facts *facts, rgq_error *err)
{
    if (clock_forgotten(facts)) /* so that a clock time is never set against these */
        RGQ_PASS(err, rgq_json_set_text(root, "ClockTimes", RGQ_SIDECAR_NO_CLOCK, err));
    if (isfinite(m->zero))
        RGQ_PASS(err, put_clock(root, "TimeZero", m->zero, false, err));
    else
        RGQ_PASS(err, rgq_json_set_text(root, "TimeZero", "n/a", err));
    RGQ_PASS(err, put_real(root, "ScanStart", m->scan - m->zero, err));
    RGQ_PASS(err, put_real(root, "InjectionStart", m->injection - m->zero, err));
    RGQ_PASS(err, put_clock(root, "SeriesTime", value_of(&facts->series_time_s), true, err));
    return put_frames(root, volume, m->shift, err);
}

static rgq_status put_decay(rgq_json *root, const moments *m, const rgq_scan_facts *facts,
                            rgq_error *err)
{
    const char *rule = facts->decay_correction.known ? facts->decay_correction.value : "";
    double reference = m->reference;

    if (rgq_text_equal_nocase(rule, "NONE"))
        return rgq_json_set_bool(root, "ImageDecayCorrected", false, err);
    if (rgq_text_equal_nocase(rule, "ADMIN"))
        reference = first_known(m->injection, reference);
    else if (rgq_text_equal_nocase(rule, "START"))
        reference = first_known(reference, m->scan);
    else if (rule[0] == '\0' && isnan(reference))
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_set_bool(root, "ImageDecayCorrected", true, err));
    RGQ_PASS(err, put_real(root, "ImageDecayCorrectionTime", reference - m->zero, err));
    /* where the time is not that of ADMIN or START, the word would be lost */
    return put_known(root, "DecayCorrection", &facts->decay_correction, err);
}

static rgq_status put_reconstruction(rgq_json *root, const rgq_scan_facts *facts,
                                     rgq_error *err)
{
    static const char *const unknown[] = {"AcquisitionMode", "ReconMethodName",
                                          "ReconFilterType"};
    rgq_json *labels = NULL;
    const bool attenuation =
        facts->corrected_image.known && strstr(facts->corrected_image.value, "ATTN") != NULL;

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        RGQ_PASS(err, rgq_json_set_text(root, unknown[i], "n/a", err));
    RGQ_PASS(err, rgq_json_add_array(&labels, root, "ReconMethodParameterLabels", err));
    RGQ_PASS(err, rgq_json_set_text(labels, NULL, "none", err));
    RGQ_PASS(err, rgq_json_set_text(root, "AttenuationCorrection",
                                    attenuation ? "corrected" : "n/a", err));
    RGQ_PASS(err, put_known(root, "CorrectedImage", &facts->corrected_image, err));
    RGQ_PASS(err, put_real(root, "DoseCalibrationFactor",
                           value_of(&facts->dose_calibration_factor), err));
    if (facts->decay_factor.known)
        RGQ_PASS(err, rgq_json_set_reals(root, "DecayCorrectionFactor",
                                         &facts->decay_factor.value, 1, err));
    RGQ_PASS(err, put_real(root, "PhilipsSUVScaleFactor", value_of(&facts->philips_suv_factor),
                           err));
    return put_real(root, "PhilipsActivityScaleFactor",
                    value_of(&facts->philips_activity_factor), err);
}

double rgq_sidecar_shift_s(const rgq_volume *volume, const rgq_scan_facts *facts)
{
    return moments_of(volume, facts).shift;
}

static rgq_status build(rgq_json *root, const rgq_volume *volume, const rgq_scan_facts *facts,
                        const char *description, rgq_error *err)
{
    const moments m = moments_of(volume, facts);

    if (description != NULL)
        RGQ_PASS(err, rgq_json_set_text(root, "Description", description, err));
    RGQ_PASS(err, put_device(root, volume, facts, err));
    RGQ_PASS(err, put_patient_and_dose(root, facts, err));
    RGQ_PASS(err, put_times(root, volume, &m, facts, err));
    RGQ_PASS(err, put_decay(root, &m, facts, err));
    return put_reconstruction(root, facts, err);
}

rgq_status rgq_sidecar_build(rgq_json **out, const rgq_volume *volume,
                             const rgq_scan_facts *facts, const char *description,
                             rgq_error *err)
{
    RGQ_PASS(err, rgq_json_object(out, err));
    const rgq_status st = build(*out, volume, facts, description, err);
    if (st != RGQ_OK) {
        rgq_json_free(*out);
        *out = NULL;
    }
    return st;
}

rgq_status rgq_sidecar_write(const char *path, const rgq_volume *volume,
                             const rgq_scan_facts *facts, const char *description, bool force,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    RGQ_TRY(err, rgq_sidecar_build(&root, volume, facts, description, err));
    RGQ_TRY(err, rgq_json_write(root, path, force, err));
out:
    rgq_json_free(root);
    return st;
}
