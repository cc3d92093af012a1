#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "rgdquant/tracer.h"
#include "tracer/quantity.h"

static const rgq_unit_choice minutes[] = {
    {"min", 1.0, "min"}, {"h", 60.0, "min"}, {NULL, 0.0, NULL}};
static const rgq_unit_choice activity[] = {{"MBq", 1.0, "MBq"}, {NULL, 0.0, NULL}};
static const rgq_unit_choice activity_per_kg[] = {{"MBq/kg", 1.0, "MBq/kg"}, {NULL, 0.0, NULL}};
static const rgq_unit_choice effective_dose[] = {
    {"µSv/MBq", 1.0, "µSv/MBq"}, {"mSv/MBq", 1e3, "µSv/MBq"}, {NULL, 0.0, NULL}};
static const rgq_unit_choice organ_dose[] = {
    {"µGy/MBq", 1.0, "µGy/MBq"}, {"mGy/MBq", 1e3, "µGy/MBq"}, {NULL, 0.0, NULL}};
static const rgq_unit_choice observed[] = {
    {"1", 1.0, "1"},         {"percent", 1.0, "percent"}, {"SUV", 1.0, "SUV"},
    {"min", 1.0, "min"},     {"MBq", 1.0, "MBq"},         {"nM", 1.0, "nM"},
    {"%ID/g", 1.0, "%ID/g"}, {"mL/cm3", 1.0, "mL/cm3"},   {"µSv/MBq", 1.0, "µSv/MBq"},
    {NULL, 0.0, NULL}};
static const rgq_unit_choice hours[] = {
    {"h", 1.0, "h"}, {"MBq h/MBq", 1.0, "h"}, {NULL, 0.0, NULL}};

static rgq_status need_bool(bool *out, const rgq_json *node, const char *key, const char *where,
                            rgq_error *err)
{
    const rgq_json *value = rgq_json_get(node, key);

    if (!rgq_json_is_bool(value))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' must be true or false", where, key);
    *out = rgq_json_bool(value, false);
    return RGQ_OK;
}

/* The nuclide as it is to be written; nothing else is guessed from other spellings. */
static rgq_status need_nuclide(const char *id, const char *where, rgq_error *err)
{
    char canonical[16];

    if (!rgq_nuclide_canonical(canonical, id) || strcmp(canonical, id) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: the nuclide '%s' is not one that is known, written as F-18",
                         where, id);
    return RGQ_OK;
}

/* A ligand whose label is not published has neither nuclide nor modality. */
static rgq_status read_label(rgq_tracer *out, const rgq_json *root, const char *where,
                             rgq_error *err)
{
    const rgq_json *others = NULL;

    RGQ_PASS(err, rgq_array_member(&others, root, "other_nuclides", RGQ_TRACER_NUCLIDES_MAX,
                                   where, err));
    if (rgq_json_get(root, "nuclide") == NULL && rgq_json_get(root, "modality") == NULL &&
        others == NULL)
        return RGQ_OK;
    RGQ_PASS(err,
             rgq_text_member(out->nuclide, sizeof out->nuclide, root, "nuclide", where, err));
    RGQ_PASS(err, need_nuclide(out->nuclide, where, err));
    RGQ_PASS(err, rgq_text_member(out->modality, sizeof out->modality, root, "modality", where,
                                  err));
    if (strcmp(out->modality, "PET") != 0 && strcmp(out->modality, "SPECT") != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'modality' is '%s', needed is PET or SPECT",
                         where, out->modality);
    for (size_t i = 0; i < rgq_json_count(others); i++) {
        rgq_text_copy(out->other_nuclide[i], sizeof out->other_nuclide[i],
                      rgq_json_text(rgq_json_at(others, i), ""));
        RGQ_PASS(err, need_nuclide(out->other_nuclide[i], where, err));
    }
    return RGQ_OK;
}

static rgq_status read_head(rgq_tracer *out, const rgq_json *root, const char *where,
                            rgq_error *err)
{
    const rgq_json *aliases = NULL;
    double format = 0.0;

    RGQ_PASS(err, rgq_json_need_real(&format, root, "format", 1.0, 1.0, where, err));
    RGQ_PASS(err, rgq_text_member(out->id, sizeof out->id, root, "id", where, err));
    RGQ_PASS(err, rgq_text_member(out->name, sizeof out->name, root, "name", where, err));
    RGQ_PASS(err,
             rgq_array_member(&aliases, root, "aliases", RGQ_TRACER_ALIASES_MAX, where, err));
    for (size_t i = 0; i < rgq_json_count(aliases); i++) {
        const char *alias = rgq_json_text(rgq_json_at(aliases, i), "");
        if (*alias == '\0' || strlen(alias) >= sizeof out->aliases[0])
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: aliases[%zu] must be a text of 1 to %zu bytes", where, i,
                             sizeof out->aliases[0] - 1);
        rgq_text_copy(out->aliases[i], sizeof out->aliases[i], alias);
    }
    RGQ_PASS(err, read_label(out, root, where, err));
    RGQ_PASS(err, rgq_text_member(out->use, sizeof out->use, root, "use", where, err));
    if (strcmp(out->use, "imaging") != 0 && strcmp(out->use, "therapy") != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'use' is '%s', needed is imaging or therapy",
                         where, out->use);
    return RGQ_OK;
}

static rgq_status read_ligand(rgq_tracer *out, const rgq_json *root,
                              const rgq_source_list *sources, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"class", "rgd", "description", "source", NULL};
    const rgq_json *node = rgq_json_get(root, "ligand");
    char deeper[RGQ_WHERE_MAX];

    (void)rgq_where_join(deeper, where, "ligand", -1);
    RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
    RGQ_PASS(err, rgq_text_member(out->ligand_class, sizeof out->ligand_class, node, "class",
                                  deeper, err));
    RGQ_PASS(err, need_bool(&out->is_rgd, node, "rgd", deeper, err));
    RGQ_PASS(err, rgq_text_member(out->ligand, sizeof out->ligand, node, "description", deeper,
                                  err));
    return rgq_source_member(out->ligand_source, node, sources, deeper, err);
}

static rgq_status read_human_use(rgq_tracer *out, const rgq_json *root,
                                 const rgq_source_list *sources, const char *where,
                                 rgq_error *err)
{
    static const char *const keys[] = {"value", "description", "source", NULL};
    const rgq_json *node = rgq_json_get(root, "used_in_humans");
    char deeper[RGQ_WHERE_MAX];

    if (node == NULL)
        return RGQ_OK;
    out->human_use_known = true;
    (void)rgq_where_join(deeper, where, "used_in_humans", -1);
    RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
    RGQ_PASS(err, need_bool(&out->used_in_humans, node, "value", deeper, err));
    if (!out->used_in_humans)
        return RGQ_OK;
    RGQ_PASS(err, rgq_text_member(out->human_use, sizeof out->human_use, node, "description",
                                  deeper, err));
    return rgq_source_member(out->human_use_source, node, sources, deeper, err);
}

/* The 24 heterodimers there are; copied texts make others. */
static bool is_heterodimer(const char *name)
{
    static const char *const all[] = {"α1β1", "α2β1", "α3β1", "α4β1",  "α5β1",   "α6β1",
                                      "α7β1", "α8β1", "α9β1", "α10β1", "α11β1",  "αvβ1",
                                      "αvβ3", "αvβ5", "αvβ6", "αvβ8",  "αIIbβ3", "α6β4",
                                      "α4β7", "αEβ7", "αLβ2", "αMβ2",  "αXβ2",   "αDβ2"};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i], name) == 0)
            return true;
    return false;
}

static rgq_status read_target_name(rgq_tracer_target *out, const rgq_json *node,
                                   const char *where, rgq_error *err)
{
    out->is_integrin = rgq_json_get(node, "receptor") == NULL;
    if (!out->is_integrin && rgq_json_get(node, "integrin") != NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: either 'integrin' or 'receptor', not both",
                         where);
    RGQ_PASS(err, rgq_text_member(out->integrin, sizeof out->integrin, node,
                                  out->is_integrin ? "integrin" : "receptor", where, err));
    if (out->is_integrin && !is_heterodimer(out->integrin))
        return RGQ_RAISE(
            err, RGQ_E_FORMAT,
            "%s: '%s' is none of the 24 integrins, written as αvβ3; another target "
            "is named by 'receptor'",
            where, out->integrin);
    return RGQ_OK;
}

static rgq_status read_target(rgq_tracer_target *out, const rgq_json *node,
                              const rgq_source_list *sources, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"integrin", "receptor", "role", "evidence_level",
                                       "evidence", "source",   NULL};
    static const char *const levels[] = {"class-level IHC support", "lower", "none", NULL};

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, read_target_name(out, node, where, err));
    RGQ_PASS(err, rgq_text_member(out->role, sizeof out->role, node, "role", where, err));
    RGQ_PASS(err, rgq_choice_member(out->evidence_level, sizeof out->evidence_level, node,
                                    "evidence_level", levels, where, err));
    RGQ_PASS(err, rgq_text_member(out->evidence, sizeof out->evidence, node, "evidence", where,
                                  err));
    return rgq_source_member(out->source, node, sources, where, err);
}

static rgq_status read_targets(rgq_tracer *out, const rgq_json *root,
                               const rgq_source_list *sources, const char *where,
                               rgq_error *err)
{
    const rgq_json *list = NULL;
    char deeper[RGQ_WHERE_MAX];

    RGQ_PASS(err, rgq_array_member(&list, root, "targets", RGQ_TRACER_TARGETS_MAX, where, err));
    if (rgq_json_count(list) == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'targets' must name an integrin at least",
                         where);
    for (size_t i = 0; i < rgq_json_count(list); i++)
        RGQ_PASS(err, read_target(&out->target[out->n_targets++], rgq_json_at(list, i), sources,
                                  rgq_where_join(deeper, where, "targets", (long)i), err));
    return RGQ_OK;
}

static rgq_status read_reference_tissue(rgq_tracer *out, const rgq_json *root,
                                        const rgq_source_list *sources, const char *where,
                                        rgq_error *err)
{
    static const char *const keys[] = {"region", "source", NULL};
    const rgq_json *node = rgq_json_get(root, "reference_tissue");
    char deeper[RGQ_WHERE_MAX];

    if (node == NULL)
        return RGQ_OK;
    (void)rgq_where_join(deeper, where, "reference_tissue", -1);
    RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
    RGQ_PASS(err, rgq_text_member(out->reference_tissue, sizeof out->reference_tissue, node,
                                  "region", deeper, err));
    return rgq_source_member(out->reference_source, node, sources, deeper, err);
}

/* Caveats and the list of what is not published; a rule of the program has no source. */
static rgq_status read_notes(rgq_tracer_note *notes, int *count, const rgq_json *root,
                             const char *key, const rgq_source_list *sources, const char *where,
                             rgq_error *err)
{
    static const char *const keys[] = {"text", "source", NULL};
    const rgq_json *list = NULL;
    char deeper[RGQ_WHERE_MAX];

    RGQ_PASS(err, rgq_array_member(&list, root, key, RGQ_TRACER_NOTES_MAX, where, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const rgq_json *node = rgq_json_at(list, i);
        rgq_tracer_note *note = &notes[i];
        (void)rgq_where_join(deeper, where, key, (long)i);
        RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
        RGQ_PASS(err,
                 rgq_text_member(note->text, sizeof note->text, node, "text", deeper, err));
        if (rgq_json_get(node, "source") != NULL)
            RGQ_PASS(err, rgq_source_member(note->source, node, sources, deeper, err));
        *count += 1;
    }
    return RGQ_OK;
}

typedef struct number_list {
    const char *key;   /* member of the file */
    const char *label; /* member of an item that says what it is */
    const rgq_unit_choice *units;
} number_list;

static rgq_status read_numbers(rgq_tracer_number *numbers, int *count, const rgq_json *root,
                               const number_list *kind, const rgq_source_list *sources,
                               const char *where, rgq_error *err)
{
    const rgq_json *list = NULL;
    char deeper[RGQ_WHERE_MAX];

    RGQ_PASS(err, rgq_array_member(&list, root, kind->key, RGQ_TRACER_NUMBERS_MAX, where, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const rgq_json *node = rgq_json_at(list, i);
        rgq_tracer_number *number = &numbers[i];
        (void)rgq_where_join(deeper, where, kind->key, (long)i);
        RGQ_PASS(err, rgq_quantity_parse(&number->quantity, node, kind->label, kind->units,
                                         sources, deeper, err));
        RGQ_PASS(err, rgq_text_member(number->what, sizeof number->what, node, kind->label,
                                      deeper, err));
        *count += 1;
    }
    return RGQ_OK;
}

static rgq_status optional_text(char *out, size_t size, const rgq_json *node, const char *key,
                                const char *where, rgq_error *err)
{
    if (rgq_json_get(node, key) == NULL)
        return RGQ_OK;
    return rgq_text_member(out, size, node, key, where, err);
}

/* Phantom, code, weights and voiding of a set of dose figures. */
static rgq_status read_conditions(rgq_dose_conditions *out, const rgq_json *root,
                                  const char *key, const rgq_source_list *sources,
                                  const char *where, rgq_error *err)
{
    static const char *const keys[] = {"phantom",   "code",   "weights", "voiding",
                                       "voiding_h", "source", NULL};
    static const char *const weights[] = {"ICRP60", "ICRP103", NULL};
    const rgq_json *node = rgq_json_get(root, key);
    char deeper[RGQ_WHERE_MAX];

    *out = (rgq_dose_conditions){.voiding_h = (double)NAN};
    if (node == NULL)
        return RGQ_OK;
    (void)rgq_where_join(deeper, where, key, -1);
    RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
    RGQ_PASS(err,
             optional_text(out->phantom, sizeof out->phantom, node, "phantom", deeper, err));
    RGQ_PASS(err, optional_text(out->code, sizeof out->code, node, "code", deeper, err));
    RGQ_PASS(err,
             optional_text(out->voiding, sizeof out->voiding, node, "voiding", deeper, err));
    if (rgq_json_get(node, "weights") != NULL)
        RGQ_PASS(err, rgq_choice_member(out->weights, sizeof out->weights, node, "weights",
                                        weights, deeper, err));
    if (rgq_json_get(node, "voiding_h") != NULL)
        RGQ_PASS(err, rgq_json_need_real(&out->voiding_h, node, "voiding_h", 0.01, 48.0, deeper,
                                         err));
    out->known = true;
    return rgq_source_member(out->source, node, sources, deeper, err);
}

static rgq_status read_response(rgq_tracer_response *out, const rgq_json *node,
                                const rgq_source_list *sources, const char *where,
                                rgq_error *err)
{
    static const char *const keys[] = {"setting", "species", "n", "finding", "source", NULL};
    static const char *const species[] = {"human", "mouse", "rat", "nhp", NULL};
    double n = 0.0;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err,
             rgq_text_member(out->setting, sizeof out->setting, node, "setting", where, err));
    if (rgq_json_get(node, "species") != NULL)
        RGQ_PASS(err, rgq_choice_member(out->species, sizeof out->species, node, "species",
                                        species, where, err));
    if (rgq_json_get(node, "n") != NULL)
        RGQ_PASS(err, rgq_json_need_real(&n, node, "n", 1.0, 1e6, where, err));
    out->n = (int)n;
    RGQ_PASS(err,
             rgq_text_member(out->finding, sizeof out->finding, node, "finding", where, err));
    return rgq_source_member(out->source, node, sources, where, err);
}

static rgq_status read_responses(rgq_tracer *out, const rgq_json *root,
                                 const rgq_source_list *sources, const char *where,
                                 rgq_error *err)
{
    const rgq_json *list = NULL;
    char deeper[RGQ_WHERE_MAX];

    RGQ_PASS(err, rgq_array_member(&list, root, "response_studies", RGQ_TRACER_RESPONSES_MAX,
                                   where, err));
    for (size_t i = 0; i < rgq_json_count(list); i++)
        RGQ_PASS(err, read_response(
                          &out->response[out->n_responses++], rgq_json_at(list, i), sources,
                          rgq_where_join(deeper, where, "response_studies", (long)i), err));
    return RGQ_OK;
}

static rgq_status read_window(rgq_tracer *out, const rgq_json *root,
                              const rgq_source_list *sources, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"start", "end", NULL};
    const rgq_json *node = rgq_json_get(root, "uptake_window");
    char deeper[RGQ_WHERE_MAX];

    (void)rgq_where_join(deeper, where, "uptake_window", -1);
    if (node != NULL)
        RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
    RGQ_PASS(err, rgq_quantity_read(&out->uptake_start_min, node, "start", minutes, sources,
                                    deeper, err));
    return rgq_quantity_read(&out->uptake_end_min, node, "end", minutes, sources, deeper, err);
}

static rgq_status read_all_numbers(rgq_tracer *out, const rgq_json *root,
                                   const rgq_source_list *sources, const char *where,
                                   rgq_error *err)
{
    static const number_list organs = {"organ_doses", "organ", organ_dose};
    static const number_list observations = {"observations", "what", observed};
    static const number_list regions = {"time_integrated_activities", "region", hours};

    RGQ_PASS(err, read_window(out, root, sources, where, err));
    RGQ_PASS(err, rgq_quantity_read(&out->injected_activity_mbq, root, "injected_activity",
                                    activity, sources, where, err));
    RGQ_PASS(err, rgq_quantity_read(&out->injected_activity_mbq_per_kg, root,
                                    "injected_activity_per_kg", activity_per_kg, sources, where,
                                    err));
    RGQ_PASS(err, rgq_quantity_read(&out->effective_dose_usv_per_mbq, root, "effective_dose",
                                    effective_dose, sources, where, err));
    RGQ_PASS(err, read_numbers(out->organ_dose, &out->n_organ_doses, root, &organs, sources,
                               where, err));
    RGQ_PASS(err, read_conditions(&out->dose_conditions, root, "dose_conditions", sources,
                                  where, err));
    RGQ_PASS(err,
             read_numbers(out->time_integrated_activity, &out->n_time_integrated_activities,
                          root, &regions, sources, where, err));
    RGQ_PASS(err, read_conditions(&out->tiac_conditions, root,
                                  "time_integrated_activity_conditions", sources, where, err));
    return read_numbers(out->observation, &out->n_observations, root, &observations, sources,
                        where, err);
}

static rgq_status read_tracer(rgq_tracer *out, const rgq_json *root,
                              const rgq_source_list *sources, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"format",
                                       "id",
                                       "name",
                                       "aliases",
                                       "nuclide",
                                       "other_nuclides",
                                       "modality",
                                       "use",
                                       "ligand",
                                       "used_in_humans",
                                       "targets",
                                       "reference_tissue",
                                       "uptake_window",
                                       "injected_activity",
                                       "injected_activity_per_kg",
                                       "effective_dose",
                                       "organ_doses",
                                       "dose_conditions",
                                       "time_integrated_activities",
                                       "time_integrated_activity_conditions",
                                       "response_studies",
                                       "observations",
                                       "caveats",
                                       "not_published",
                                       NULL};

    RGQ_PASS(err, rgq_json_only(root, keys, where, err));
    RGQ_PASS(err, read_head(out, root, where, err));
    RGQ_PASS(err, read_ligand(out, root, sources, where, err));
    RGQ_PASS(err, read_human_use(out, root, sources, where, err));
    RGQ_PASS(err, read_targets(out, root, sources, where, err));
    RGQ_PASS(err, read_reference_tissue(out, root, sources, where, err));
    RGQ_PASS(err, read_all_numbers(out, root, sources, where, err));
    RGQ_PASS(err, read_responses(out, root, sources, where, err));
    RGQ_PASS(err,
             read_notes(out->caveat, &out->n_caveats, root, "caveats", sources, where, err));
    return read_notes(out->not_published, &out->n_not_published, root, "not_published", sources,
                      where, err);
}

static rgq_status check_id(const rgq_tracer *tracer, const char *path, rgq_error *err)
{
    const char *base = rgq_path_base(path);
    const size_t n = strlen(tracer->id);

    if (strncmp(base, tracer->id, n) != 0 || strcmp(base + n, ".json") != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: the id is '%s'; a tracer's file is named <id>.json", base,
                         tracer->id);
    return RGQ_OK;
}

static rgq_status load(rgq_tracer *out, rgq_json *root, const char *path,
                       const rgq_source_list *sources, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tracer *tracer = NULL; /* some 100 kB: too much for a stack that holds others */
    const char *where = strlen(path) <= 200 ? path : rgq_path_base(path);

    RGQ_TRY(err, rgq_alloc(&tracer, 1, sizeof *tracer, err));
    RGQ_TRY(err, read_tracer(tracer, root, sources, where, err));
    RGQ_TRY(err, check_id(tracer, path, err));
    *out = *tracer;
out:
    rgq_free(tracer);
    return st;
}

rgq_status rgq_tracer_load(rgq_tracer *out, const char *path, const char *references_path,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_source_list sources = {NULL, NULL};

    RGQ_TRY(err, rgq_json_load(&root, path, err));
    RGQ_TRY(err, rgq_source_list_open(&sources, path, references_path, err));
    RGQ_TRY(err, load(out, root, path, &sources, err));
out:
    rgq_source_list_release(&sources);
    rgq_json_free(root);
    return st;
}

rgq_status rgq_tracer_parse(rgq_tracer *out, const char *text, size_t length, const char *name,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_source_list sources = {NULL, NULL};

    RGQ_TRY(err, rgq_json_parse(&root, text, length, name, err));
    RGQ_TRY(err, rgq_source_list_open(&sources, NULL, NULL, err));
    RGQ_TRY(err, load(out, root, name, &sources, err));
out:
    rgq_source_list_release(&sources);
    rgq_json_free(root);
    return st;
}
