/* Searching the knowledge of integrins. */
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "tracer/nuclide.h"
#include "tracer/targets.h"

enum { LIST_MAX = 400, NAME_MAX_BYTES = 160 };

int rgq_targets_count(const rgq_targets *targets)
{
    return targets->n_entries;
}

const rgq_target *rgq_targets_at(const rgq_targets *targets, int i)
{
    return i >= 0 && i < targets->n_entries ? &targets->entry[i].is : NULL;
}

/* ---- one integrin by name ---- */

static bool is_named(const rgq_target_entry *entry, const char *key)
{
    char other[RGQ_TARGET_KEY_MAX];

    if (strcmp(entry->is.ascii, key) == 0)
        return true;
    for (size_t i = 0; i < rgq_json_count(entry->other_names); i++)
        if (rgq_target_key(other, rgq_json_text(rgq_json_at(entry->other_names, i), "")) &&
            strcmp(other, key) == 0)
            return true;
    return false;
}

/* "α5β1, α4β1" of the integrins with that subunit; how many. */
static int list_with(char out[LIST_MAX], const rgq_targets *targets, const char *subunit)
{
    int count = 0;

    out[0] = '\0';
    for (int i = 0; i < targets->n_entries; i++) {
        const rgq_target_entry *entry = &targets->entry[i];
        if (strcmp(entry->alpha, subunit) != 0 && strcmp(entry->beta, subunit) != 0)
            continue;
        const size_t used = strlen(out);
        (void)snprintf(out + used, LIST_MAX - used, "%s%s", count > 0 ? ", " : "",
                       entry->is.id);
        count++;
    }
    return count;
}

/* "av" as it is printed: "αv". */
static void subunit_name(char out[32], const char *subunit)
{
    static const struct {
        const char *key;
        const char *name;
    } odd[] = {{"aiib", "αIIb"}, {"ae", "αE"}, {"al", "αL"},
               {"am", "αM"},     {"ax", "αX"}, {"ad", "αD"}};

    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++)
        if (strcmp(odd[i].key, subunit) == 0) {
            (void)snprintf(out, 32, "%s", odd[i].name);
            return;
        }
    (void)snprintf(out, 32, "%s%.16s", subunit[0] == 'a' ? "α" : "β", subunit + 1);
}

static rgq_status refuse_pair(const rgq_targets *targets, const char *alpha, const char *beta,
                              rgq_error *err)
{
    char of_alpha[LIST_MAX];
    char of_beta[LIST_MAX];
    char a[32];
    char b[32];

    subunit_name(a, alpha);
    subunit_name(b, beta);
    const bool has_alpha = list_with(of_alpha, targets, alpha) > 0;
    const bool has_beta = list_with(of_beta, targets, beta) > 0;
    if (!has_alpha || !has_beta)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "there is no integrin %s%s: no subunit %s is known; 'rgdquant target "
                         "list' shows the 24 integrins",
                         a, b, !has_alpha ? a : b);
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "there is no integrin %s%s: %s is part of %.160s, and %s of %.240s", a, b,
                     a, of_alpha, b, of_beta);
}

/* A pair that texts write though it is none. */
static const rgq_json *misreading(const rgq_targets *targets, const char *key)
{
    const rgq_json *list = rgq_json_get(targets->root, "not_integrins");
    char other[RGQ_TARGET_KEY_MAX];

    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const rgq_json *node = rgq_json_at(list, i);
        if (rgq_target_key(other, rgq_json_text(rgq_json_get(node, "name"), "")) &&
            strcmp(other, key) == 0)
            return node;
    }
    return NULL;
}

static rgq_status refuse(const rgq_targets *targets, const char *name, rgq_error *err)
{
    char key[RGQ_TARGET_KEY_MAX];
    char alpha[RGQ_TARGET_KEY_MAX];
    char beta[RGQ_TARGET_KEY_MAX];
    char list[LIST_MAX];
    char written[32];

    if (rgq_target_key(key, name) && rgq_target_split(alpha, beta, key)) {
        const rgq_json *wrong = misreading(targets, key);
        const rgq_status st = refuse_pair(targets, alpha, beta, err);
        if (wrong != NULL)
            rgq_error_prefix(err, "where a text says %.60s it means %.40s: ", name,
                             rgq_json_text(rgq_json_get(wrong, "read_as"), ""));
        return st;
    }
    if (key[0] != '\0' && list_with(list, targets, key) > 0) {
        subunit_name(written, key);
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "%s is a subunit, not an integrin; it is part of: %s", written, list);
    }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "'%.60s' names no integrin; write avb3, αvβ3 or ITGAV/ITGB3; 'rgdquant "
                     "target list' shows the 24 integrins",
                     name);
}

rgq_status rgq_targets_find(const rgq_target **out, const rgq_targets *targets,
                            const char *name, rgq_error *err)
{
    char key[RGQ_TARGET_KEY_MAX];

    *out = NULL;
    for (int i = 0; rgq_target_key(key, name) && i < targets->n_entries; i++)
        if (is_named(&targets->entry[i], key)) {
            *out = &targets->entry[i].is;
            return RGQ_OK;
        }
    return refuse(targets, name, err);
}

/* ---- rows ---- */

const rgq_target_finding *rgq_targets_finding(const rgq_targets *targets, const char *integrin,
                                              const char *tissue, int i)
{
    const rgq_json *groups = rgq_json_get(targets->root, "tissues");
    char key[RGQ_TARGET_KEY_MAX] = "";

    if (integrin != NULL && !rgq_target_key(key, integrin))
        return NULL;
    for (int r = 0; r < targets->n_rows; r++) {
        const rgq_target_row *row = &targets->row[r];
        if (integrin != NULL && !rgq_target_is_member(&row->members, key))
            continue;
        if (tissue != NULL && !rgq_target_tissue_is(groups, tissue, row->is.tissue))
            continue;
        if (i-- == 0)
            return &row->is;
    }
    return NULL;
}

const rgq_target_agent *rgq_targets_agent(const rgq_targets *targets, const char *integrin,
                                          int i)
{
    char key[RGQ_TARGET_KEY_MAX] = "";

    if (integrin != NULL && !rgq_target_key(key, integrin))
        return NULL;
    for (int d = 0; d < targets->n_drugs; d++) {
        const rgq_target_drug *drug = &targets->drug[d];
        if (integrin != NULL && !rgq_target_is_member(&drug->members, key))
            continue;
        if (i-- == 0)
            return &drug->is;
    }
    return NULL;
}

/* ---- drugs ---- */

static bool same_drug(const char *a, const char *b)
{
    char x[NAME_MAX_BYTES];
    char y[NAME_MAX_BYTES];

    return rgq_name_squeeze(x, sizeof x, a) && rgq_name_squeeze(y, sizeof y, b) &&
           strcmp(x, y) == 0;
}

static bool is_called(const rgq_target_drug *drug, const char *name)
{
    if (same_drug(drug->is.name, name))
        return true;
    for (size_t i = 0; i < rgq_json_count(drug->aliases); i++)
        if (same_drug(rgq_json_text(rgq_json_at(drug->aliases, i), ""), name))
            return true;
    return false;
}

rgq_status rgq_targets_drug(const rgq_target_agent **out, const rgq_targets *targets,
                            const char *name, rgq_error *err)
{
    const char *nearest = "none";

    *out = NULL;
    for (int d = 0; d < targets->n_drugs; d++) {
        if (is_called(&targets->drug[d], name)) {
            *out = &targets->drug[d].is;
            return RGQ_OK;
        }
        if (d == 0 || rgq_text_distance(targets->drug[d].is.name, name) <
                          rgq_text_distance(nearest, name))
            nearest = targets->drug[d].is.name;
    }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "no drug '%.60s' is known; the nearest is '%s', and 'rgdquant target show "
                     "avb3' lists those that act on an integrin",
                     name, nearest);
}

bool rgq_targets_acts_on(const rgq_targets *targets, const rgq_target_agent *agent,
                         const char *integrin)
{
    char key[RGQ_TARGET_KEY_MAX];

    if (!rgq_target_key(key, integrin))
        return false;
    for (int d = 0; d < targets->n_drugs; d++)
        if (&targets->drug[d].is == agent)
            return rgq_target_is_member(&targets->drug[d].members, key);
    return false;
}
