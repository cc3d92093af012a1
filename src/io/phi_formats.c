/* Headers with words that can identify a person: Interfile, ECAT 7, TIFF; and what SUV lacks in
 * files that are no DICOM. */
#include "io/phi_formats.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/ecat_header.h"
#include "io/input.h"
#include "io/interfile_keys.h"
#include "io/tiff_pages.h"
#include "rgdquant/scan_file.h"

/* ---- names of keys ---- */

enum { NAME_MAX_BYTES = 64, INTERFILE_BYTES_MAX = 1 << 20 };

/* Small letters and digits only: "Patient's Birth-Date" and "patientsbirthdate" are one. */
static void squeeze(char out[NAME_MAX_BYTES], const char *name)
{
    size_t n = 0;

    for (; *name != '\0' && n + 1 < NAME_MAX_BYTES; name++)
        if (isalnum((unsigned char)*name))
            out[n++] = (char)tolower((unsigned char)*name);
    out[n] = '\0';
}

bool rgq_phi_key(rgq_phi_kind *kind, const char **word, const char *name)
{
    static const char *const harmless[] = {"patientorientation", "patientrotation",
                                           "patientposition", "patientorientationcode"};
    static const struct {
        const char *part;
        rgq_phi_kind kind;
    } parts[] = {
        {"patient", RGQ_PHI_PERSON},        {"subjectname", RGQ_PHI_PERSON},
        {"birthdate", RGQ_PHI_PERSON},      {"dateofbirth", RGQ_PHI_PERSON},
        {"accession", RGQ_PHI_PERSON},      {"studyid", RGQ_PHI_PERSON},
        {"admissionid", RGQ_PHI_PERSON},    {"physician", RGQ_PHI_PEOPLE},
        {"operator", RGQ_PHI_PEOPLE},       {"doctor", RGQ_PHI_PEOPLE},
        {"institution", RGQ_PHI_PEOPLE},    {"hospital", RGQ_PHI_PEOPLE},
        {"department", RGQ_PHI_PEOPLE},     {"contactperson", RGQ_PHI_PEOPLE},
        {"facility", RGQ_PHI_PEOPLE},       {"serialnumber", RGQ_PHI_DEVICE},
        {"stationname", RGQ_PHI_DEVICE},    {"comment", RGQ_PHI_TEXT},
        {"description", RGQ_PHI_TEXT},      {"protocol", RGQ_PHI_TEXT},
        {"examtype", RGQ_PHI_TEXT},         {"history", RGQ_PHI_TEXT},
        {"diagnosis", RGQ_PHI_TEXT},        {"studydate", RGQ_PHI_DATE},
        {"studytime", RGQ_PHI_DATE},        {"scandate", RGQ_PHI_DATE},
        {"seriesdate", RGQ_PHI_DATE},       {"acquisitiondate", RGQ_PHI_DATE},
        {"contentdate", RGQ_PHI_DATE},      {"instanceuid", RGQ_PHI_UID},
        {"originalfilename", RGQ_PHI_TEXT},
    };
    char squeezed[NAME_MAX_BYTES];

    squeeze(squeezed, name);
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        if (strcmp(squeezed, harmless[i]) == 0)
            return false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strstr(squeezed, parts[i].part) != NULL) {
            *kind = parts[i].kind;
            *word = parts[i].part;
            return true;
        }
    return false;
}

/* ---- Interfile ---- */

/* Lines that begin with ';' are for people to read. */
static bool has_comment(const char *text)
{
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += strspn(line, "\n\r \t");
        if (*line != ';')
            continue;
        for (const char *c = line; *c != '\0' && *c != '\n'; c++)
            if (isalpha((unsigned char)*c))
                return true;
    }
    return false;
}

/* One line for each kind of key: the name of a key comes from the file and is not repeated. */
static void add_keys(rgq_phi *out, const rgq_interfile_keys *keys)
{
    char name[RGQ_PHI_TEXT_MAX];

    for (size_t i = 0; i < keys->count; i++) {
        rgq_phi_kind kind = RGQ_PHI_TEXT;
        const char *word = NULL;
        if (strcmp(keys->key[i].name, "nameofdatafile") == 0)
            rgq_phi_add_path(out, keys->key[i].value);
        else if (rgq_phi_key(&kind, &word, keys->key[i].name)) {
            (void)snprintf(name, sizeof name, "a key with '%s'", word);
            rgq_phi_add(out, kind, "header", name, *keys->key[i].value != '\0');
        }
    }
}

rgq_status rgq_phi_interfile(rgq_phi *out, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_input in = {NULL, 0, false};
    rgq_interfile_keys keys = {NULL, 0};
    char *text = NULL;
    size_t length = 0;

    RGQ_TRY(err, rgq_input_open(&in, path, err));
    RGQ_TRY(err, rgq_alloc(&text, INTERFILE_BYTES_MAX + 1, 1, err));
    RGQ_TRY(err, rgq_input_some(&in, text, INTERFILE_BYTES_MAX, &length, err));
    text[length] = '\0';
    if (has_comment(text))
        rgq_phi_add(out, RGQ_PHI_TEXT, "header", "lines of comment", true);
    RGQ_TRY(err, rgq_interfile_keys_parse(&keys, text, err));
    add_keys(out, &keys);
out:
    rgq_interfile_keys_release(&keys);
    rgq_free(text);
    rgq_input_close(&in);
    if (st != RGQ_OK)
        rgq_error_prefix(err, "%s: ", path);
    return st;
}

/* ---- ECAT 7 ---- */

static bool is_filled(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length && bytes[i] != '\0'; i++)
        if (bytes[i] > 0x20 && bytes[i] < 0x7f)
            return true;
    return false;
}

static bool is_not_zero(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] != 0)
            return true;
    return false;
}

void rgq_phi_ecat(rgq_phi *out, const unsigned char *bytes)
{
    static const struct {
        size_t at, size;
        const char *name;
        rgq_phi_kind kind;
        bool number;
    } fields[] = {
        {14, 32, "original_file_name", RGQ_PHI_TEXT, false},
        {52, 10, "serial_number", RGQ_PHI_DEVICE, false},
        {62, 4, "scan_start_time", RGQ_PHI_DATE, true},
        {154, 12, "study_type", RGQ_PHI_TEXT, false},
        {166, 16, "patient_id", RGQ_PHI_PERSON, false},
        {182, 32, "patient_name", RGQ_PHI_PERSON, false},
        {216, 4, "patient_age", RGQ_PHI_PERSON, true},
        {220, 4, "patient_height", RGQ_PHI_PERSON, true},
        {224, 4, "patient_weight", RGQ_PHI_PERSON, true},
        {228, 4, "patient_birth_date", RGQ_PHI_PERSON, true},
        {232, 32, "physician_name", RGQ_PHI_PEOPLE, false},
        {264, 32, "operator_name", RGQ_PHI_PEOPLE, false},
        {296, 32, "study_description", RGQ_PHI_TEXT, false},
        {332, 20, "facility_name", RGQ_PHI_PEOPLE, false},
        {434, 10, "user_process_code", RGQ_PHI_TEXT, false},
        {454, 4, "dose_start_time", RGQ_PHI_DATE, true},
    };
    char where[24];

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const unsigned char *at = bytes + fields[i].at;
        (void)snprintf(where, sizeof where, "byte %zu", fields[i].at);
        rgq_phi_add(out, fields[i].kind, where, fields[i].name,
                    fields[i].number ? is_not_zero(at, fields[i].size)
                                     : is_filled(at, fields[i].size));
    }
}

/* ---- TIFF ---- */

rgq_status rgq_phi_tiff(rgq_phi *out, const char *path, rgq_error *err)
{
    static const struct {
        uint32_t tag;
        const char *name;
        rgq_phi_kind kind;
    } tags[] = {
        {269, "DocumentName", RGQ_PHI_TEXT}, {270, "ImageDescription", RGQ_PHI_TEXT},
        {285, "PageName", RGQ_PHI_TEXT},     {306, "DateTime", RGQ_PHI_DATE},
        {315, "Artist", RGQ_PHI_PEOPLE},     {316, "HostComputer", RGQ_PHI_DEVICE},
        {33432, "Copyright", RGQ_PHI_TEXT},
    };
    rgq_tiff *tiff = NULL;
    char where[24];

    const rgq_status st = rgq_tiff_open(&tiff, path, NULL, err);
    if (st != RGQ_OK) {
        rgq_error_prefix(err, "%s: ", path);
        return st;
    }
    const int n_pages = rgq_tiff_get_info(tiff).n_pages;
    for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++) {
        bool filled = false;
        for (int page = 0; page < n_pages && !filled; page++)
            filled = rgq_tiff_has_words(tiff, page, tags[i].tag);
        (void)snprintf(where, sizeof where, "tag %u", (unsigned)tags[i].tag);
        rgq_phi_add(out, tags[i].kind, where, tags[i].name, filled);
    }
    rgq_tiff_close(tiff);
    return RGQ_OK;
}

/* ---- what SUV needs ---- */

static bool has(const rgq_fact *fact)
{
    return fact->known && fact->value > 0.0;
}

void rgq_phi_add_needs(rgq_phi *out, const char *path)
{
    rgq_scan scan = {0};

    if (rgq_scan_read(&scan, path, NULL, NULL, NULL) != RGQ_OK)
        return; /* `info` says why */
    const rgq_scan_facts *f = &scan.facts;
    const struct {
        bool there;
        const char *text;
    } needs[] = {
        {has(&f->weight_kg), "PatientWeight, or body_weight of participants.tsv: --weight-kg"},
        {has(&f->injected_activity_bq), "InjectedRadioactivity is missing: --activity-mbq"},
        {f->injection_time_s.known,
         "InjectionStart, TimeZero: a --side-file, or --injection-time"},
        {has(&f->half_life_s) || f->nuclide.known,
         "TracerRadionuclide or its half-life: --half-life-s"},
        {f->units.known || rgq_volume_unit(scan.volume) != RGQ_UNIT_NATIVE,
         "Units is missing: --units"},
        {f->decay_correction.known || f->decay_reference_s.known,
         "ImageDecayCorrectionTime is missing: --decay-corrected-to"},
        {f->acquisition_time_s.known || f->series_time_s.known || f->time_zero_s.known,
         "TimeZero and ScanStart: a --side-file"},
    };

    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++)
        if (!needs[i].there)
            rgq_phi_add(out, RGQ_PHI_NEEDED, "side file", needs[i].text, false);
    rgq_scan_release(&scan);
}
