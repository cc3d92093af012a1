/* integrins.json, read strictly. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "tracer/quantity.h"
#include "tracer/targets.h"

enum { ITEMS_MAX = 2000, CITE_MAX = 240, WORD_MAX = 640 };

static const char *const ligand_classes[] = {"RGD",       "laminin",        "collagen",
                                             "leukocyte", "other receptor", NULL};
static const char *const directions[] = {"high",        "low",    "up",       "down",
                                         "present",     "absent", "variable", "mixed",
                                         "association", "imaged", NULL};
static const char *const sides[] = {"towards", "against", "both", "neither", NULL};

static const rgq_json *list_of(const rgq_targets *t, const char *key)
{
    return rgq_json_get(t->root, key);
}

static rgq_status text_of(const char **out, const rgq_json *node, const char *key,
                          const char *where, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_need_text(out, node, key, where, err));
    if (**out == '\0' || strlen(*out) > WORD_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' has %zu bytes, needed are 1 to %d", where,
                         key, strlen(*out), WORD_MAX);
    return RGQ_OK;
}

static rgq_status word_of(const char **out, const rgq_json *node, const char *key,
                          const char *const *words, const char *where, rgq_error *err)
{
    char list[200] = "";

    RGQ_PASS(err, text_of(out, node, key, where, err));
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], *out) == 0)
            return RGQ_OK;
        const size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", words[i]);
    }
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is '%.60s', needed is one of: %s", where, key,
                     *out, list);
}

static rgq_status array_of(const rgq_json **out, const rgq_json *node, const char *key,
                           size_t least, const char *where, rgq_error *err)
{
    *out = rgq_json_get(node, key);
    if (!rgq_json_is_array(*out) || rgq_json_count(*out) < least ||
        rgq_json_count(*out) > ITEMS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' must be an array of %zu to %d items",
                         where, key, least, ITEMS_MAX);
    return RGQ_OK;
}

/* Array of texts that are not empty; absent is allowed. */
static rgq_status names_of(const rgq_json **out, const rgq_json *node, const char *key,
                           const char *where, rgq_error *err)
{
    *out = rgq_json_get(node, key);
    if (*out == NULL)
        return RGQ_OK;
    RGQ_PASS(err, array_of(out, node, key, 1, where, err));
    for (size_t i = 0; i < rgq_json_count(*out); i++) {
        const char *name = rgq_json_text(rgq_json_at(*out, i), "");
        if (*name == '\0' || strlen(name) > 80)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: %s[%zu] must be a text of 1 to 80 bytes",
                             where, key, i);
    }
    return RGQ_OK;
}

/* ---- citations ---- */

static rgq_status check_reviews(const rgq_targets *t, const rgq_source_list *sources,
                                const char *where, rgq_error *err)
{
    static const char *const keys[] = {"id", "source", "file", "lines", NULL};
    const rgq_json *list = NULL;
    char deeper[RGQ_WHERE_MAX];
    char source[40];
    const char *text = NULL;
    double lines = 0.0;

    RGQ_PASS(err, array_of(&list, t->root, "reviews", 1, where, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const rgq_json *node = rgq_json_at(list, i);
        (void)rgq_where_join(deeper, where, "reviews", (long)i);
        RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
        RGQ_PASS(err, text_of(&text, node, "id", deeper, err));
        RGQ_PASS(err, text_of(&text, node, "file", deeper, err));
        RGQ_PASS(err, rgq_source_member(source, node, sources, deeper, err));
        RGQ_PASS(err, rgq_json_need_real(&lines, node, "lines", 1.0, 1e6, deeper, err));
    }
    return RGQ_OK;
}

static const rgq_json *review_of(const rgq_targets *t, const char *id, size_t length)
{
    for (size_t i = 0; i < rgq_json_count(list_of(t, "reviews")); i++) {
        const rgq_json *node = rgq_json_at(list_of(t, "reviews"), i);
        const char *name = rgq_json_text(rgq_json_get(node, "id"), "");
        if (strlen(name) == length && strncmp(name, id, length) == 0)
            return node;
    }
    return NULL;
}

/* One number of lines; *at moves behind it. */
static bool read_line(long long *out, const char **at)
{
    char digits[8];
    size_t n = 0;

    for (; isdigit((unsigned char)**at) && n + 1 < sizeof digits; ++*at)
        digits[n++] = **at;
    digits[n] = '\0';
    return n > 0 && rgq_parse_int(out, digits, 1, 1000000, NULL) == RGQ_OK;
}

/* "001:339" or "001:339-341": the review it names, or NULL; *at moves behind it. */
static const rgq_json *read_citation(const rgq_targets *t, const char **at)
{
    const size_t n = strcspn(*at, ":");
    const rgq_json *review = review_of(t, *at, n);
    long long first = 0;
    long long last = 0;

    if (review == NULL || (*at)[n] != ':')
        return NULL;
    *at += n + 1;
    if (!read_line(&first, at))
        return NULL;
    last = first;
    if (**at == '-') {
        ++*at;
        if (!read_line(&last, at))
            return NULL;
    }
    const double lines = rgq_json_number(rgq_json_get(review, "lines"), 0.0);
    return first <= last && (double)last <= lines ? review : NULL;
}

/* Member "cite"; `source` gets the keys of its reviews, each once. */
static rgq_status cite_of(char source[RGQ_TARGET_SOURCE_MAX], const char **out,
                          const rgq_targets *t, const rgq_json *node, const char *where,
                          rgq_error *err)
{
    RGQ_PASS(err, text_of(out, node, "cite", where, err));
    source[0] = '\0';
    for (const char *at = *out;; at += 2) {
        const rgq_json *review = strlen(*out) < CITE_MAX ? read_citation(t, &at) : NULL;
        const bool ends = *at == '\0';
        if (review == NULL || (!ends && strncmp(at, "; ", 2) != 0))
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: 'cite' is '%.120s'; needed is a list as \"001:339; "
                             "002:235-240\" of reviews that are listed and lines they have",
                             where, *out);
        const char *key = rgq_json_text(rgq_json_get(review, "source"), "");
        const size_t used = strlen(source);
        if (strstr(source, key) == NULL)
            (void)snprintf(source + used, RGQ_TARGET_SOURCE_MAX - used, "%s%s",
                           used > 0 ? "; " : "", key);
        if (ends)
            return RGQ_OK;
    }
}

/* ---- integrins ---- */

static rgq_status read_entry(rgq_target_entry *out, const rgq_targets *t, const rgq_json *node,
                             const char *where, rgq_error *err)
{
    static const char *const keys[] = {"id",    "ascii",       "alpha", "beta", "class",
                                       "genes", "other_names", "cite",  NULL};
    const char *alpha = NULL;
    const char *beta = NULL;
    char key[RGQ_TARGET_KEY_MAX];
    char whole[64];

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, text_of(&out->is.id, node, "id", where, err));
    RGQ_PASS(err, text_of(&out->is.ascii, node, "ascii", where, err));
    RGQ_PASS(err, text_of(&alpha, node, "alpha", where, err));
    RGQ_PASS(err, text_of(&beta, node, "beta", where, err));
    RGQ_PASS(err, text_of(&out->is.genes, node, "genes", where, err));
    RGQ_PASS(err, word_of(&out->is.ligand_class, node, "class", ligand_classes, where, err));
    RGQ_PASS(err, names_of(&out->other_names, node, "other_names", where, err));
    RGQ_PASS(err, cite_of(out->source, &out->is.lines, t, node, where, err));
    out->is.source = out->source;
    (void)snprintf(whole, sizeof whole, "%.30s%.30s", alpha, beta);
    if (strcmp(whole, out->is.id) != 0 || !rgq_target_key(key, out->is.id) ||
        strcmp(key, out->is.ascii) != 0 || !rgq_target_split(out->alpha, out->beta, key))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: the id '%.40s' must be its alpha and beta subunit, and its ascii "
                         "form '%.40s' the same in Latin letters",
                         where, out->is.id, out->is.ascii);
    if (!rgq_target_key(key, out->is.genes) || strcmp(key, out->is.ascii) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the genes '%.40s' are not those of %s", where,
                         out->is.genes, out->is.id);
    return RGQ_OK;
}

static rgq_status read_entries(rgq_targets *t, const char *where, rgq_error *err)
{
    const rgq_json *list = NULL;
    char deeper[RGQ_WHERE_MAX];

    RGQ_PASS(err, array_of(&list, t->root, "integrins", 1, where, err));
    RGQ_PASS(err, rgq_alloc(&t->entry, rgq_json_count(list), sizeof *t->entry, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        RGQ_PASS(err, read_entry(&t->entry[i], t, rgq_json_at(list, i),
                                 rgq_where_join(deeper, where, "integrins", (long)i), err));
        for (int k = 0; k < t->n_entries; k++)
            if (strcmp(t->entry[k].is.id, t->entry[i].is.id) == 0)
                return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: %s is listed twice", deeper,
                                 t->entry[i].is.id);
        t->n_entries++;
    }
    return RGQ_OK;
}

static rgq_status check_not_integrins(const rgq_targets *t, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"name", "read_as", "why", "cite", NULL};
    const rgq_json *list = list_of(t, "not_integrins");
    char deeper[RGQ_WHERE_MAX];
    char source[RGQ_TARGET_SOURCE_MAX];
    const char *text = NULL;

    RGQ_PASS(err, array_of(&list, t->root, "not_integrins", 0, where, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const rgq_json *node = rgq_json_at(list, i);
        (void)rgq_where_join(deeper, where, "not_integrins", (long)i);
        RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
        RGQ_PASS(err, text_of(&text, node, "name", deeper, err));
        RGQ_PASS(err, text_of(&text, node, "read_as", deeper, err));
        RGQ_PASS(err, text_of(&text, node, "why", deeper, err));
        RGQ_PASS(err, cite_of(source, &text, t, node, deeper, err));
    }
    return RGQ_OK;
}

static rgq_status check_tissues(const rgq_targets *t, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"ask", "find", NULL};
    const rgq_json *list = NULL;
    const rgq_json *names = NULL;
    char deeper[RGQ_WHERE_MAX];

    RGQ_PASS(err, array_of(&list, t->root, "tissues", 0, where, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const rgq_json *node = rgq_json_at(list, i);
        (void)rgq_where_join(deeper, where, "tissues", (long)i);
        RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
        for (size_t k = 0; k < 2; k++) {
            RGQ_PASS(err, names_of(&names, node, keys[k], deeper, err));
            if (names == NULL)
                return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is not there", deeper, keys[k]);
        }
    }
    return names_of(&names, t->root, "others", where, err);
}

/* ---- rows and drugs ---- */

/* A key that is an integrin, a subunit of one, or listed under "others". */
static bool is_known(const rgq_targets *t, const char *key)
{
    const rgq_json *others = list_of(t, "others");
    char other[RGQ_TARGET_KEY_MAX];

    for (int i = 0; i < t->n_entries; i++)
        if (strcmp(t->entry[i].is.ascii, key) == 0 || strcmp(t->entry[i].alpha, key) == 0 ||
            strcmp(t->entry[i].beta, key) == 0)
            return true;
    for (size_t i = 0; i < rgq_json_count(others); i++)
        if (rgq_target_key(other, rgq_json_text(rgq_json_at(others, i), "")) &&
            strcmp(other, key) == 0)
            return true;
    return false;
}

static rgq_status members_of(rgq_target_members *out, const rgq_targets *t,
                             const rgq_json *node, const char *where, rgq_error *err)
{
    const rgq_json *list = NULL;

    RGQ_PASS(err, array_of(&list, node, "members", 0, where, err));
    if (rgq_json_count(list) > RGQ_TARGET_MEMBERS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'members' has %zu items, at most %d fit",
                         where, rgq_json_count(list), RGQ_TARGET_MEMBERS_MAX);
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const char *name = rgq_json_text(rgq_json_at(list, i), "");
        if (!rgq_target_key(out->key[i], name) || !is_known(t, out->key[i]))
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: members[%zu] '%.40s' is no integrin of the list, no subunit "
                             "of one and not in 'others'",
                             where, i, name);
        out->count++;
    }
    return RGQ_OK;
}

static rgq_status read_row(rgq_target_row *out, const rgq_targets *t, const rgq_json *node,
                           int number, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"row",     "class",       "integrin",  "members",
                                       "tissue",  "compartment", "direction", "side",
                                       "meaning", "contradicts", "cite",      NULL};
    double row = 0.0;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_real(&row, node, "row", number, number, where, err));
    out->is.row = number;
    RGQ_PASS(err, word_of(&out->is.group, node, "class", ligand_classes, where, err));
    RGQ_PASS(err, text_of(&out->is.integrin, node, "integrin", where, err));
    RGQ_PASS(err, members_of(&out->members, t, node, where, err));
    RGQ_PASS(err, text_of(&out->is.tissue, node, "tissue", where, err));
    RGQ_PASS(err, text_of(&out->is.compartment, node, "compartment", where, err));
    RGQ_PASS(err, word_of(&out->is.direction, node, "direction", directions, where, err));
    RGQ_PASS(err, word_of(&out->is.side, node, "side", sides, where, err));
    RGQ_PASS(err, text_of(&out->is.meaning, node, "meaning", where, err));
    RGQ_PASS(err, cite_of(out->source, &out->is.lines, t, node, where, err));
    out->is.source = out->source;
    return RGQ_OK;
}

/* A contradiction has two ends; a row may contradict itself (one source, two statements). */
static rgq_status mark_contradictions(rgq_targets *t, const rgq_json *list, const char *where,
                                      rgq_error *err)
{
    for (int r = 0; r < t->n_rows; r++) {
        const rgq_json *with = rgq_json_get(rgq_json_at(list, (size_t)r), "contradicts");
        for (size_t i = 0; i < rgq_json_count(with); i++) {
            const double row = rgq_json_number(rgq_json_at(with, i), 0.0);
            if (!(row >= 1.0 && row <= t->n_rows) || row != floor(row))
                return RGQ_RAISE(err, RGQ_E_FORMAT,
                                 "%s: findings[%d].contradicts[%zu] must be the number of a "
                                 "row, 1 to %d",
                                 where, r, i, t->n_rows);
            t->row[r].is.contradicted = true;
            t->row[(int)row - 1].is.contradicted = true;
        }
    }
    return RGQ_OK;
}

static rgq_status read_rows(rgq_targets *t, const char *where, rgq_error *err)
{
    const rgq_json *list = NULL;
    char deeper[RGQ_WHERE_MAX];

    RGQ_PASS(err, array_of(&list, t->root, "findings", 1, where, err));
    RGQ_PASS(err, rgq_alloc(&t->row, rgq_json_count(list), sizeof *t->row, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        RGQ_PASS(err, read_row(&t->row[i], t, rgq_json_at(list, i), (int)i + 1,
                               rgq_where_join(deeper, where, "findings", (long)i), err));
        t->n_rows++;
    }
    return mark_contradictions(t, list, where, err);
}

static rgq_status read_half_life(rgq_target_agent *out, const rgq_targets *t,
                                 const rgq_json *agent, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"low", "high", "cite", NULL};
    const rgq_json *node = rgq_json_get(agent, "half_life_h");
    char deeper[RGQ_WHERE_MAX];
    char source[RGQ_TARGET_SOURCE_MAX];
    const char *cite = NULL;

    out->half_life_low_h = (double)NAN;
    out->half_life_high_h = (double)NAN;
    if (node == NULL)
        return RGQ_OK;
    (void)rgq_where_join(deeper, where, "half_life_h", -1);
    RGQ_PASS(err, rgq_json_only(node, keys, deeper, err));
    RGQ_PASS(err,
             rgq_json_need_real(&out->half_life_low_h, node, "low", 1e-3, 1e4, deeper, err));
    RGQ_PASS(err, rgq_json_need_real(&out->half_life_high_h, node, "high", out->half_life_low_h,
                                     1e4, deeper, err));
    return cite_of(source, &cite, t, node, deeper, err);
}

/* What the trials of one agent share. */
static rgq_status read_agent(rgq_target_drug *out, const rgq_targets *t, const rgq_json *node,
                             const char *where, rgq_error *err)
{
    static const char *const keys[] = {"name",    "aliases",     "kind",   "integrin",
                                       "members", "half_life_h", "trials", NULL};

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, text_of(&out->is.name, node, "name", where, err));
    RGQ_PASS(err, names_of(&out->aliases, node, "aliases", where, err));
    RGQ_PASS(err, text_of(&out->is.kind, node, "kind", where, err));
    RGQ_PASS(err, text_of(&out->is.integrin, node, "integrin", where, err));
    RGQ_PASS(err, members_of(&out->members, t, node, where, err));
    return read_half_life(&out->is, t, node, where, err);
}

static rgq_status read_trial(rgq_target_drug *out, const rgq_targets *t, const rgq_json *node,
                             const char *where, rgq_error *err)
{
    static const char *const keys[] = {"trial", "outcome", "cite", NULL};

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, text_of(&out->is.trial, node, "trial", where, err));
    RGQ_PASS(err, text_of(&out->is.outcome, node, "outcome", where, err));
    RGQ_PASS(err, cite_of(out->source, &out->is.lines, t, node, where, err));
    out->is.source = out->source;
    return RGQ_OK;
}

static rgq_status read_drugs(rgq_targets *t, const char *where, rgq_error *err)
{
    const rgq_json *list = NULL;
    const rgq_json *trials = NULL;
    char deeper[RGQ_WHERE_MAX];
    char deepest[RGQ_WHERE_MAX];
    size_t count = 0;

    RGQ_PASS(err, array_of(&list, t->root, "agents", 0, where, err));
    for (size_t i = 0; i < rgq_json_count(list); i++)
        count += rgq_json_count(rgq_json_get(rgq_json_at(list, i), "trials"));
    RGQ_PASS(err, rgq_alloc(&t->drug, count > 0 ? count : 1, sizeof *t->drug, err));
    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const rgq_json *node = rgq_json_at(list, i);
        rgq_target_drug shared = {.members.count = 0};
        (void)rgq_where_join(deeper, where, "agents", (long)i);
        RGQ_PASS(err, read_agent(&shared, t, node, deeper, err));
        RGQ_PASS(err, array_of(&trials, node, "trials", 1, deeper, err));
        for (size_t k = 0; k < rgq_json_count(trials); k++) {
            rgq_target_drug *drug = &t->drug[t->n_drugs];
            *drug = shared;
            (void)rgq_where_join(deepest, deeper, "trials", (long)k);
            RGQ_PASS(err, read_trial(drug, t, rgq_json_at(trials, k), deepest, err));
            t->n_drugs++;
        }
    }
    return RGQ_OK;
}

/* ---- the file ---- */

static rgq_status read_all(rgq_targets *t, const rgq_source_list *sources, const char *where,
                           rgq_error *err)
{
    static const char *const keys[] = {"format",        "reviews", "integrins",
                                       "not_integrins", "tissues", "others",
                                       "findings",      "agents",  NULL};
    double format = 0.0;

    RGQ_PASS(err, rgq_json_only(t->root, keys, where, err));
    RGQ_PASS(err, rgq_json_need_real(&format, t->root, "format", 1.0, 1.0, where, err));
    RGQ_PASS(err, check_reviews(t, sources, where, err));
    RGQ_PASS(err, read_entries(t, where, err));
    RGQ_PASS(err, check_not_integrins(t, where, err));
    RGQ_PASS(err, check_tissues(t, where, err));
    RGQ_PASS(err, read_rows(t, where, err));
    return read_drugs(t, where, err);
}

void rgq_targets_free(rgq_targets *targets)
{
    if (targets == NULL)
        return;
    rgq_json_free(targets->root);
    rgq_free(targets->entry);
    rgq_free(targets->row);
    rgq_free(targets->drug);
    rgq_free(targets);
}

/* Takes `root`, also on failure. */
static rgq_status make(rgq_targets **out, rgq_json *root, const char *file, const char *where,
                       rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_source_list sources = {NULL, NULL};
    rgq_targets *t = NULL;

    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    t->root = root;
    root = NULL;
    RGQ_TRY(err, rgq_source_list_open(&sources, file, NULL, err));
    RGQ_TRY(err, read_all(t, &sources, where, err));
    *out = t;
    t = NULL;
out:
    rgq_json_free(root);
    rgq_source_list_release(&sources);
    rgq_targets_free(t);
    return st;
}

rgq_status rgq_targets_parse(rgq_targets **out, const char *text, size_t length,
                             const char *name, rgq_error *err)
{
    rgq_json *root = NULL;

    *out = NULL;
    RGQ_PASS(err, rgq_json_parse(&root, text, length, name, err));
    return make(out, root, NULL, name, err);
}

rgq_status rgq_targets_load(rgq_targets **out, const char *folder, rgq_error *err)
{
    rgq_json *root = NULL;
    char path[RGQ_PATH_MAX];

    *out = NULL;
    RGQ_PASS(err, rgq_path_join(path, folder, "integrins.json", err));
    RGQ_PASS(err, rgq_json_load(&root, path, err));
    return make(out, root, path, strlen(path) <= 200 ? path : "integrins.json", err);
}
