#include "io/bids_json.h"

#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"
#include "io/sidecar.h"
#include "rgdquant/version.h"

static const char *skip_blanks(const char *at)
{
    while (*at == ' ')
        at++;
    return at;
}

/* "A. Name; B. Name" */
static rgq_status put_authors(rgq_json *root, const char *text, rgq_error *err)
{
    rgq_json *list = NULL;

    RGQ_PASS(err, rgq_json_add_array(&list, root, "Authors", err));
    for (const char *at = skip_blanks(text); *at != '\0';) {
        char name[200];
        const size_t length = strcspn(at, ";");
        if (length >= sizeof name)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "--authors '%.40s...': names of at most %zu letters, with ; "
                             "between them, were needed",
                             at, sizeof name - 1);
        (void)snprintf(name, sizeof name, "%.*s", (int)length, at);
        for (size_t n = strlen(name); n > 0 && name[n - 1] == ' '; n--)
            name[n - 1] = '\0';
        if (name[0] != '\0')
            RGQ_PASS(err, rgq_json_set_text(list, NULL, name, err));
        at += length;
        at = skip_blanks(at + (*at == ';' ? 1 : 0));
    }
    return RGQ_OK;
}

rgq_status rgq_bids_fill_dataset(rgq_json *root, const rgq_bids_opts *o, rgq_error *err)
{
    rgq_json *list = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_set_text(root, "Name", o->name != NULL ? o->name : "PET", err));
    RGQ_PASS(err, rgq_json_set_text(root, "BIDSVersion", "1.9.0", err));
    RGQ_PASS(err, rgq_json_set_text(root, "DatasetType", "raw", err));
    if (o->authors != NULL)
        RGQ_PASS(err, put_authors(root, o->authors, err));
    RGQ_PASS(err, rgq_json_add_array(&list, root, "GeneratedBy", err));
    RGQ_PASS(err, rgq_json_add_object(&node, list, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "Name", "rgdquant", err));
    return rgq_json_set_text(node, "Version", rgq_version(), err);
}

/* ---- what the user adds ---- */

static rgq_status set_value(rgq_json *root, const char *key, const char *value, rgq_error *err)
{
    double number = 0.0;
    rgq_json *list = NULL;

    if (value[0] == '[') {
        RGQ_PASS(err, rgq_json_parse(&list, value, strlen(value), "--set", err));
        const rgq_status st = rgq_json_set_copy(root, key, list, err);
        rgq_json_free(list);
        return st;
    }
    if (strcmp(value, "true") == 0 || strcmp(value, "false") == 0)
        return rgq_json_set_bool(root, key, value[0] == 't', err);
    if (rgq_parse_real(&number, value, -1e300, 1e300, NULL) == RGQ_OK)
        return rgq_json_set_real(root, key, number, err);
    return rgq_json_set_text(root, key, value, err);
}

static rgq_status apply_settings(rgq_json *root, const char *text, rgq_error *err)
{
    for (const char *at = skip_blanks(text); *at != '\0';) {
        char key[64];
        char value[1024];
        const size_t length = strcspn(at, ";");
        const char *equals = memchr(at, '=', length);
        const size_t key_length = equals != NULL ? (size_t)(equals - at) : 0;
        if (key_length < 1 || key_length >= sizeof key ||
            length - key_length - 1 >= sizeof value || length == key_length + 1)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "--set '%.60s': Key=Value was needed, several with ; between them",
                             at);
        (void)snprintf(key, sizeof key, "%.*s", (int)key_length, at);
        (void)snprintf(value, sizeof value, "%.*s", (int)(length - key_length - 1), equals + 1);
        RGQ_PASS(err, set_value(root, key, value, err));
        at += length;
        at = skip_blanks(at + (*at == ';' ? 1 : 0));
    }
    return RGQ_OK;
}

/* ---- what must be there ---- */

static bool is_known(const rgq_json *root, const char *key)
{
    const rgq_json *node = rgq_json_get(root, key);
    return node != NULL && !rgq_json_is_null(node) &&
           !rgq_text_equal_nocase(rgq_json_text(node, ""), "n/a");
}

/* Numbers and times have no "n/a" in PET-BIDS. */
static rgq_status need_numbers(const rgq_json *root, rgq_error *err)
{
    static const struct {
        const char *key;
        const char *option;
    } needed[] = {
        {"InjectedRadioactivity", "--activity-mbq"},
        {"InjectionStart", "--injection-time"},
        {"TimeZero", "--injection-time"},
        {"ScanStart", "--set ScanStart=..., in s from TimeZero"},
        {"FrameTimesStart", "--set 'FrameTimesStart=[...]', in s from TimeZero"},
        {"FrameDuration", "--set 'FrameDuration=[...]', in s"},
        {"ImageDecayCorrected", "--decay-corrected-to injection|scan|none"},
        {"ImageDecayCorrectionTime", "--decay-corrected-to injection|scan|none"},
    };
    char keys[200] = "";
    char options[300] = "";

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        if (is_known(root, needed[i].key))
            continue;
        size_t n = strlen(keys);
        (void)snprintf(keys + n, sizeof keys - n, "%s%s", n > 0 ? ", " : "", needed[i].key);
        n = strlen(options);
        if (strstr(options, needed[i].option) == NULL)
            (void)snprintf(options + n, sizeof options - n, "%s%s", n > 0 ? ", " : "",
                           needed[i].option);
    }
    if (keys[0] == '\0')
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_MISSING,
                     "PET-BIDS requires %s, and the scan does not say; give %s", keys, options);
}

/* Text may be "n/a"; the user is told which keys are, and how to fill them. */
static void tell_unknown_text(const rgq_json *root, const rgq_log *log)
{
    static const char *const keys[] = {
        "Manufacturer",       "ManufacturersModelName", "TracerName",
        "TracerRadionuclide", "ModeOfAdministration",   "AcquisitionMode",
        "ReconMethodName",    "ReconFilterType",        "AttenuationCorrection"};
    char list[300] = "";

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const size_t n = strlen(list);
        if (!is_known(root, keys[i]))
            (void)snprintf(list + n, sizeof list - n, "%s%s", n > 0 ? ", " : "", keys[i]);
    }
    if (list[0] != '\0')
        RGQ_WARN(log,
                 "n/a stands for %s in the side file; --set Key=Value supplies them, "
                 "several with ; between them",
                 list);
}

/* Labels, units and values of a reconstruction nobody described; a filter of unknown size. */
static rgq_status add_companions(rgq_json *root, rgq_error *err)
{
    const double none = 0.0;
    rgq_json *list = NULL;

    if (rgq_json_get(root, "ReconMethodParameterUnits") == NULL) {
        RGQ_PASS(err, rgq_json_add_array(&list, root, "ReconMethodParameterUnits", err));
        RGQ_PASS(err, rgq_json_set_text(list, NULL, "none", err));
    }
    if (rgq_json_get(root, "ReconMethodParameterValues") == NULL)
        RGQ_PASS(err, rgq_json_set_reals(root, "ReconMethodParameterValues", &none, 1, err));
    if (rgq_json_get(root, "ReconFilterSize") == NULL &&
        strcmp(rgq_json_text(rgq_json_get(root, "ReconFilterType"), ""), "none") != 0)
        RGQ_PASS(err, rgq_json_add_array(&list, root, "ReconFilterSize", err));
    return RGQ_OK;
}

static rgq_status fill(rgq_json *root, const rgq_scan *scan, const rgq_bids_opts *o,
                       rgq_error *err)
{
    if (o->source != NULL)
        RGQ_PASS(err, rgq_bids_carry(root, o->source, scan, err));
    const rgq_json *corrected = rgq_json_get(root, "ImageDecayCorrected");

    if (o->task != NULL)
        RGQ_PASS(err, rgq_json_set_text(root, "TaskName", o->task, err));
    /* required there, too; without a correction it means nothing */
    if (rgq_json_is_bool(corrected) && !rgq_json_bool(corrected, true) &&
        is_known(root, "ScanStart"))
        RGQ_PASS(err, rgq_json_set_copy(root, "ImageDecayCorrectionTime",
                                        rgq_json_get(root, "ScanStart"), err));
    if (o->set != NULL)
        RGQ_PASS(err, apply_settings(root, o->set, err));
    RGQ_PASS(err, add_companions(root, err));
    RGQ_PASS(err, need_numbers(root, err));
    tell_unknown_text(root, o->log);
    return RGQ_OK;
}

rgq_status rgq_bids_side_file(rgq_json **out, const rgq_scan *scan, const rgq_bids_opts *o,
                              rgq_error *err)
{
    rgq_scan_facts facts = scan->facts;

    facts.weight_kg.known = facts.height_m.known = facts.sex.known =
        false; /* participants.tsv */
    RGQ_PASS(err, rgq_sidecar_build(out, scan->volume, &facts, o->description, err));
    const rgq_status st = fill(*out, scan, o, err);
    if (st != RGQ_OK) {
        rgq_json_free(*out);
        *out = NULL;
    }
    return st;
}
