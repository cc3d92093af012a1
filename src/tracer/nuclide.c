#include "tracer/nuclide.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "rgdquant/tracer.h"
#include "tracer/emission.h"
#include "tracer/quantity.h"

enum { SQUEEZED_MAX = 64, FORMS_MAX = 7 };

typedef struct known_nuclide {
    const char *symbol;
    const char *mass;
    const char *element; /* upper case */
    const char *other;   /* second spelling, or NULL */
    const char *code[2]; /* SRT without the hyphen, SCT; cite:DICOM2022 */
} known_nuclide;

static const known_nuclide known[] = {
    {"C", "11", "CARBON", NULL, {"C105A1", "40565003"}},
    {"N", "13", "NITROGEN", NULL, {"C107A1", "21576001"}},
    {"O", "15", "OXYGEN", NULL, {"CB1038", "129504001"}},
    {"F", "18", "FLUORINE", "FLUOR", {"C111A1", "77004003"}},
    {"Cu", "61", "COPPER", NULL, {"C127A1", "71425003"}},
    {"Cu", "62", "COPPER", NULL, {"C127A5", "422934004"}},
    {"Cu", "64", "COPPER", NULL, {"C127A2", "3932008"}},
    {"Ga", "66", "GALLIUM", "GALIUM", {"C131A1", "79477007"}},
    {"Ga", "67", "GALLIUM", "GALIUM", {"C131A2", NULL}},
    {"Ga", "68", "GALLIUM", "GALIUM", {"C131A3", "35337001"}},
    {"Ge", "68", "GERMANIUM", NULL, {"C128A2", "53315004"}},
    {"Br", "76", "BROMINE", NULL, {"C113A2", "79523006"}},
    {"Rb", "82", "RUBIDIUM", NULL, {"C159A2", "79197006"}},
    {"Y", "86", "YTTRIUM", NULL, {"C162A3", "10738001"}},
    {"Zr", "89", "ZIRCONIUM", NULL, {"C168A4", "63360001"}},
    {"Y", "90", "YTTRIUM", NULL, {"C162A7", "14691008"}},
    {"Tc", "94m", "TECHNETIUM", NULL, {"C163AA", "424079002"}},
    {"Tc", "99m", "TECHNETIUM", NULL, {"C163A8", "72454006"}},
    {"In", "111", "INDIUM", NULL, {"C145A4", "56609000"}},
    {"I", "123", "IODINE", NULL, {"C114A4", "21572004"}},
    {"I", "124", "IODINE", NULL, {"C114A5", "40937006"}},
    {"I", "131", "IODINE", NULL, {"C114B1", "1368003"}},
    {"Tb", "161", "TERBIUM", NULL, {NULL, NULL}},
    {"Lu", "177", "LUTETIUM", NULL, {NULL, NULL}},
    {"Tl", "201", "THALLIUM", NULL, {"C138A9", NULL}},
};

enum { N_KNOWN = sizeof known / sizeof known[0] };

bool rgq_name_squeeze(char *out, size_t size, const char *text)
{
    size_t n = 0;

    for (const char *c = text; *c != '\0'; c++) {
        const unsigned char byte = (unsigned char)*c;
        if (byte < 0x80 && isalnum(byte) == 0)
            continue;
        if (n + 1 >= size) {
            out[0] = '\0';
            return false;
        }
        out[n++] = (char)(byte < 0x80 ? toupper(byte) : byte);
    }
    out[n] = '\0';
    return n > 0;
}

static int forms_of(char forms[FORMS_MAX][SQUEEZED_MAX], const known_nuclide *nuclide)
{
    const char *elements[] = {nuclide->symbol, nuclide->element, nuclide->other};
    char raw[SQUEEZED_MAX];
    int count = 0;

    for (size_t e = 0; e < sizeof elements / sizeof elements[0]; e++) {
        if (elements[e] == NULL)
            continue;
        (void)snprintf(raw, sizeof raw, "%s%s", elements[e], nuclide->mass);
        (void)rgq_name_squeeze(forms[count++], SQUEEZED_MAX, raw);
        (void)snprintf(raw, sizeof raw, "%s%s", nuclide->mass, elements[e]);
        (void)rgq_name_squeeze(forms[count++], SQUEEZED_MAX, raw);
    }
    (void)snprintf(raw, sizeof raw, "%s%s%s", nuclide->element, nuclide->symbol, nuclide->mass);
    (void)rgq_name_squeeze(forms[count++], SQUEEZED_MAX, raw);
    return count;
}

static bool is_written_so(const known_nuclide *nuclide, const char *squeezed)
{
    char forms[FORMS_MAX][SQUEEZED_MAX];
    const int count = forms_of(forms, nuclide);

    for (int i = 0; i < count; i++)
        if (strcmp(forms[i], squeezed) == 0)
            return true;
    for (int i = 0; i < 2; i++)
        if (nuclide->code[i] != NULL && strcmp(nuclide->code[i], squeezed) == 0)
            return true;
    return false;
}

bool rgq_nuclide_canonical(char *out, const char *text)
{
    char squeezed[SQUEEZED_MAX];

    out[0] = '\0';
    if (text == NULL || !rgq_name_squeeze(squeezed, sizeof squeezed, text))
        return false;
    for (int i = 0; i < N_KNOWN; i++) {
        if (!is_written_so(&known[i], squeezed))
            continue;
        (void)snprintf(out, 16, "%s-%s", known[i].symbol, known[i].mass);
        return true;
    }
    return false;
}

bool rgq_nuclide_strip(char *squeezed, const char *nuclide_id)
{
    char forms[FORMS_MAX][SQUEEZED_MAX];
    char id[16];

    for (int k = 0; k < N_KNOWN; k++) {
        (void)snprintf(id, sizeof id, "%s-%s", known[k].symbol, known[k].mass);
        if (strcmp(id, nuclide_id) != 0)
            continue;
        const int count = forms_of(forms, &known[k]);
        for (int i = count - 1; i >= 0; i--) { /* the longer forms hold the shorter ones */
            const size_t n = strlen(forms[i]);
            const size_t length = strlen(squeezed);
            if (length > n && strncmp(squeezed, forms[i], n) == 0) {
                memmove(squeezed, squeezed + n, length - n + 1);
                return true;
            }
            if (length > n && strcmp(squeezed + length - n, forms[i]) == 0) {
                squeezed[length - n] = '\0';
                return true;
            }
        }
    }
    return false;
}

/* ---- the table of isotopes ---- */

static const rgq_unit_choice time_units[] = {{"s", 1.0, "s"},
                                             {"min", 60.0, "s"},
                                             {"h", 3600.0, "s"},
                                             {"d", 86400.0, "s"},
                                             {NULL, 0.0, NULL}};
static const rgq_unit_choice fraction_units[] = {{"1", 1.0, "1"}, {NULL, 0.0, NULL}};
static const rgq_unit_choice energy_units[] = {
    {"MeV", 1.0, "MeV"}, {"keV", 1e-3, "MeV"}, {NULL, 0.0, NULL}};

static rgq_status read_nuclide(rgq_nuclide *out, const rgq_json *node,
                               const rgq_source_list *sources, const char *where,
                               rgq_error *err)
{
    static const char *const keys[] = {"id",
                                       "half_life",
                                       "positron_fraction",
                                       "mean_electron_energy",
                                       "mean_photon_energy",
                                       "photons",
                                       "betas",
                                       "electrons",
                                       NULL};
    char canonical[16];

    *out = (rgq_nuclide){.n_photons = 0};
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_text_member(out->id, sizeof out->id, node, "id", where, err));
    if (!rgq_nuclide_canonical(canonical, out->id) || strcmp(canonical, out->id) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is not a nuclide written as F-18", where,
                         out->id);
    RGQ_PASS(err, rgq_quantity_read(&out->half_life_s, node, "half_life", time_units, sources,
                                    where, err));
    if (!out->half_life_s.known || out->half_life_s.value <= 0.0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: %s needs a 'half_life' > 0", where, out->id);
    RGQ_PASS(err, rgq_quantity_read(&out->positron_fraction, node, "positron_fraction",
                                    fraction_units, sources, where, err));
    RGQ_PASS(err, rgq_quantity_read(&out->mean_electron_energy_mev, node,
                                    "mean_electron_energy", energy_units, sources, where, err));
    RGQ_PASS(err, rgq_quantity_read(&out->mean_photon_energy_mev, node, "mean_photon_energy",
                                    energy_units, sources, where, err));
    return rgq_emissions_read(out, node, sources, where, err);
}

/* Open isotopes.json and find its array; the whole table is checked by its readers. */
static rgq_status open_table(rgq_json **root, const rgq_json **list, char path[RGQ_PATH_MAX],
                             const char *folder, rgq_error *err)
{
    static const char *const keys[] = {"format", "nuclides", NULL};
    double format = 0.0;

    RGQ_PASS(err, rgq_path_join(path, folder, "isotopes.json", err));
    RGQ_PASS(err, rgq_json_load(root, path, err));
    RGQ_PASS(err, rgq_json_only(*root, keys, path, err));
    RGQ_PASS(err, rgq_json_need_real(&format, *root, "format", 1.0, 1.0, path, err));
    *list = rgq_json_get(*root, "nuclides");
    if (!rgq_json_is_array(*list))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'nuclides' must be an array", path);
    return RGQ_OK;
}

static void list_ids(char *out, size_t size, const rgq_json *list)
{
    out[0] = '\0';
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const size_t used = strlen(out);
        (void)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "",
                       rgq_json_text(rgq_json_get(rgq_json_at(list, i), "id"), "?"));
    }
}

rgq_status rgq_nuclide_find(rgq_nuclide *out, const char *folder, const char *name,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    const rgq_json *list = NULL;
    rgq_source_list sources = {NULL, NULL};
    rgq_nuclide found;
    char id[16];
    char path[RGQ_PATH_MAX];
    char where[RGQ_WHERE_MAX];
    char ids[320];

    RGQ_TRY(err, open_table(&root, &list, path, folder, err));
    list_ids(ids, sizeof ids, list);
    if (!rgq_nuclide_canonical(id, name)) {
        st = RGQ_RAISE(err, RGQ_E_NOTFOUND,
                       "'%.60s' is no nuclide that is known; write it as F-18 (known: %s)",
                       name != NULL ? name : "", ids);
        goto out;
    }
    RGQ_TRY(err, rgq_source_list_open(&sources, path, NULL, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const rgq_json *node = rgq_json_at(list, i);
        if (strcmp(rgq_json_text(rgq_json_get(node, "id"), ""), id) != 0)
            continue;
        RGQ_TRY(err, read_nuclide(&found, node, &sources,
                                  rgq_where_join(where, path, "nuclides", (long)i), err));
        *out = found;
        goto out;
    }
    st = RGQ_RAISE(err, RGQ_E_NOTFOUND, "isotopes.json has no %s (it has: %s)", id, ids);
out:
    rgq_source_list_release(&sources);
    rgq_json_free(root);
    return st;
}

rgq_status rgq_nuclide_list(rgq_nuclide_ids *out, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    const rgq_json *list = NULL;
    rgq_nuclide_ids ids = {.count = 0};
    char path[RGQ_PATH_MAX];
    char where[RGQ_WHERE_MAX];

    RGQ_TRY(err, open_table(&root, &list, path, folder, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        if (ids.count == (int)(sizeof ids.id / sizeof ids.id[0])) {
            st = RGQ_RAISE(err, RGQ_E_FORMAT, "%s: more than %d nuclides", path, ids.count);
            goto out;
        }
        RGQ_TRY(err,
                rgq_text_member(ids.id[ids.count++], sizeof ids.id[0], rgq_json_at(list, i),
                                "id", rgq_where_join(where, path, "nuclides", (long)i), err));
    }
    *out = ids;
out:
    rgq_json_free(root);
    return st;
}
