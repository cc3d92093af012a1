#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "io/interfile_header.h"

/* ---- frames ---- */

/* With "(sec)" behind it, or without, as Siemens and the HRRT have it. */
static bool is_time_key(const char *name, const char *key)
{
    const size_t length = strlen(key);

    return strncmp(name, key, length) == 0 &&
           (name[length] == '\0' || strcmp(name + length, "(sec)") == 0);
}

/* Keys with the number of a frame, in one walk: there may be thousands of each. */
static rgq_status take_frames(rgq_volume *volume, const rgq_interfile_keys *keys,
                              rgq_error *err)
{
    const int n_frames = rgq_volume_n_frames(volume);

    for (size_t i = 0; i < keys->count; i++) {
        const rgq_interfile_key *key = &keys->key[i];
        const bool duration = is_time_key(key->name, "imageduration");
        const int frame = key->index > 0 ? key->index - 1 : 0;
        double value = 0.0;
        if ((!duration && !is_time_key(key->name, "imagerelativestarttime")) ||
            *key->value == '\0' || frame >= n_frames)
            continue;
        rgq_error why = RGQ_ERROR_INIT;
        if (rgq_parse_real(&value, key->value, duration ? 0.0 : -1e9, 1e9, &why) != RGQ_OK)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "the key '%s [%d]': %s", key->name, frame + 1,
                             why.message);
        rgq_frame time = rgq_volume_frame(volume, frame);
        if (duration)
            time.duration_s = value;
        else
            time.start_s = value;
        rgq_volume_set_frame(volume, frame, time);
    }
    return RGQ_OK;
}

/* ---- times ---- */

/* "2013:11:21", "2013/11/21" or "2013-11-21". */
static double date_of(const char *text)
{
    char digits[16];
    size_t n = 0;
    double seconds = (double)NAN;

    for (; text != NULL && *text != '\0' && n + 1 < sizeof digits; text++)
        if (*text >= '0' && *text <= '9')
            digits[n++] = *text;
    digits[n] = '\0';
    return n == 8 && rgq_time_from_da(&seconds, digits, NULL) == RGQ_OK ? seconds : (double)NAN;
}

/* A key as it is, or with its format behind it, as Siemens has "(yyyy:mm:dd)". */
static const char *get_formatted(const rgq_interfile_keys *keys, const char *name)
{
    const size_t length = strlen(name);

    for (size_t i = keys->count; i-- > 0;) {
        const rgq_interfile_key *key = &keys->key[i];
        if (strncmp(key->name, name, length) == 0 &&
            (key->name[length] == '\0' || key->name[length] == '('))
            return *key->value != '\0' ? key->value : NULL;
    }
    return NULL;
}

/* Seconds of a date and a time of day; NaN without the latter. */
static double get_clock(bool *dated, const rgq_interfile_keys *keys, const char *date_key,
                        const char *time_key, const rgq_log *log)
{
    const char *text = get_formatted(keys, time_key);
    const double date = date_of(get_formatted(keys, date_key));
    double time = 0.0;

    *dated = !isnan(date);
    if (text == NULL)
        return (double)NAN;
    if (rgq_time_from_tm(&time, text, NULL) != RGQ_OK) {
        RGQ_WARN(log, "%s is '%.40s', hh:mm:ss was needed; it is left out", time_key, text);
        return (double)NAN;
    }
    return isnan(date) ? time : time + date;
}

/* As the consoles of Siemens write it. */
static rgq_status take_injection(rgq_scan *scan, const rgq_interfile_keys *keys,
                                 const rgq_log *log, rgq_error *err)
{
    rgq_scan_facts *f = &scan->facts;
    const char *origin = "tracer activity at time of injection (Bq)";
    bool dated = false;
    double activity_bq = 0.0;

    const double time =
        get_clock(&dated, keys, "tracerinjectiondate", "tracerinjectiontime", log);
    rgq_fact_set(&f->injection_time_s, time, "tracer injection time");
    if (f->injection_time_s.known)
        rgq_fact_set(&f->injection_date_known, dated ? 1.0 : 0.0, "tracer injection date");
    RGQ_PASS(err,
             rgq_interfile_get_real(&activity_bq, keys, "traceractivityattimeofinjection(bq)",
                                    1, (const double[2]){-1.0, 1e15}, err));
    if (activity_bq > 0.0)
        rgq_fact_set(&f->injected_activity_bq, activity_bq, origin);
    return RGQ_OK;
}

static void take_clock(rgq_scan *scan, const rgq_interfile_keys *keys, const rgq_log *log)
{
    bool dated = false;
    const double time = get_clock(&dated, keys, "studydate", "studytime", log);

    if (isnan(time))
        return;
    rgq_fact_set(&scan->facts.time_zero_s, time, "study time");
    const double start = rgq_volume_frame(scan->volume, 0).start_s;
    rgq_fact_set(&scan->facts.acquisition_time_s, time + (isfinite(start) ? start : 0.0),
                 "study time");
}

/* ---- words ---- */

static void take_text(rgq_fact_text *fact, const rgq_interfile_keys *keys, const char *name,
                      const char *origin)
{
    const char *value = rgq_interfile_get(keys, name, 1);

    if (value != NULL && !rgq_text_equal_nocase(value, "unknown"))
        rgq_fact_text_set(fact, value, origin);
}

/* "^18^Fluorine" is how STIR writes F-18. */
static void take_nuclide(rgq_fact_text *nuclide)
{
    static const struct {
        const char *name;
        const char *symbol;
    } elements[] = {{"Fluorine", "F"},   {"Carbon", "C"},      {"Nitrogen", "N"},
                    {"Oxygen", "O"},     {"Gallium", "Ga"},    {"Copper", "Cu"},
                    {"Zirconium", "Zr"}, {"Technetium", "Tc"}, {"Lutetium", "Lu"},
                    {"Yttrium", "Y"},    {"Rubidium", "Rb"},   {"Indium", "In"},
                    {"Iodine", "I"},     {"Scandium", "Sc"},   {"Germanium", "Ge"}};
    char mass[16];
    const char *text = nuclide->value;

    if (*text != '^')
        return;
    const size_t length = strcspn(text + 1, "^");
    if (text[1 + length] != '^' || length == 0 || length >= sizeof mass)
        return;
    rgq_text_copy(mass, length + 1, text + 1);
    for (size_t i = 0; i < sizeof elements / sizeof elements[0]; i++)
        if (rgq_text_equal_nocase(text + length + 2, elements[i].name)) {
            (void)snprintf(nuclide->value, sizeof nuclide->value, "%s-%s", elements[i].symbol,
                           mass);
            return;
        }
}

static void take_words(rgq_scan *scan, const rgq_interfile_keys *keys)
{
    static const char *const identifiers[] = {"patientname", "patientid", "patientdob",
                                              "patientdateofbirth"};
    rgq_scan_facts *f = &scan->facts;
    const char *modality = rgq_interfile_get(keys, "imagingmodality", 1);
    const char *units = rgq_interfile_get(keys, "quantificationunits", 1);
    const char *sex = rgq_interfile_get(keys, "patientsex", 1);
    double number = 0.0;

    for (size_t i = 0; i < sizeof identifiers / sizeof identifiers[0]; i++)
        if (rgq_interfile_get(keys, identifiers[i], 1) != NULL)
            scan->identifiers_present = true;
    if (rgq_interfile_word_is(modality, "PET") || rgq_interfile_word_is(modality, "PT") ||
        rgq_interfile_word_is(rgq_interfile_get(keys, "typeofdata", 1), "PET") ||
        (modality == NULL && rgq_interfile_get(keys, "petdatatype", 1) != NULL))
        rgq_fact_text_set(&f->modality, "PT", "imaging modality");
    else if (rgq_interfile_word_is(modality, "nucmed"))
        rgq_fact_text_set(&f->modality, "NM", "imaging modality");
    if (units != NULL && rgq_parse_real(&number, units, -1e300, 1e300, NULL) != RGQ_OK)
        rgq_fact_text_set(&f->units, units, "quantification units");
    if (sex != NULL && strchr("MmFfOo", sex[0]) != NULL)
        rgq_fact_text_set(&f->sex,
                          strchr("Mm", sex[0]) != NULL   ? "M"
                          : strchr("Ff", sex[0]) != NULL ? "F"
                                                         : "O",
                          "patient sex");
    take_text(&f->model, keys, "originatingsystem", "originating system");
    take_text(&f->radiopharmaceutical, keys, "radiopharmaceutical", "radiopharmaceutical");
    take_text(&f->nuclide, keys, "isotopename", "isotope name");
    take_text(&f->nuclide, keys, "radionuclidename", "radionuclide name");
    take_nuclide(&f->nuclide);
}

static rgq_status take_real(rgq_fact *fact, const rgq_interfile_keys *keys, const char *name,
                            const double range[2], const char *origin, rgq_error *err)
{
    double value = (double)NAN;

    RGQ_PASS(err, rgq_interfile_get_real(&value, keys, name, 1, range, err));
    if (value > 0.0) /* STIR writes -1 for what it does not know */
        rgq_fact_set(fact, value, origin);
    return RGQ_OK;
}

rgq_status rgq_interfile_facts_take(rgq_scan *scan, const rgq_interfile_keys *keys,
                                    const rgq_log *log, rgq_error *err)
{
    static const double seconds[2] = {-1.0, 1e18};
    static const double fraction[2] = {-1.0, 1.0};
    rgq_scan_facts *f = &scan->facts;

    RGQ_PASS(err, take_frames(scan->volume, keys, err));
    take_words(scan, keys);
    take_clock(scan, keys, log);
    RGQ_PASS(err, take_injection(scan, keys, log, err));
    RGQ_PASS(err, take_real(&f->half_life_s, keys, "isotopehalflife", seconds,
                            "isotope halflife", err));
    RGQ_PASS(err, take_real(&f->half_life_s, keys, "isotopegammahalflife(sec)", seconds,
                            "isotope gamma halflife (sec)", err));
    RGQ_PASS(err, take_real(&f->half_life_s, keys, "radionuclidehalflife(sec)", seconds,
                            "radionuclide halflife (sec)", err));
    RGQ_PASS(err, take_real(&f->positron_fraction, keys, "isotopebranchingfactor", fraction,
                            "isotope branching factor", err));
    return take_real(&f->positron_fraction, keys, "radionuclidebranchingfactor", fraction,
                     "radionuclide branching factor", err);
}
