#include "tracer/quantity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/references.h"
#include "core/text.h"

const char *rgq_where_join(char out[RGQ_WHERE_MAX], const char *where, const char *key,
                           long index)
{
    const char *separator = strstr(where, ".json: ") != NULL ? "." : ": ";

    if (index < 0)
        (void)snprintf(out, RGQ_WHERE_MAX, "%.300s%s%.40s", where, separator, key);
    else
        (void)snprintf(out, RGQ_WHERE_MAX, "%.300s%s%.40s[%ld]", where, separator, key, index);
    return out;
}

rgq_status rgq_source_list_open(rgq_source_list *out, const char *file, const char *own_path,
                                rgq_error *err)
{
    char beside[RGQ_PATH_MAX];

    *out = (rgq_source_list){NULL, NULL};
    RGQ_PASS(err, rgq_references_load(&out->program, err));
    if (own_path == NULL && file != NULL) {
        const int folder = (int)(rgq_path_base(file) - file);
        const int n = snprintf(beside, sizeof beside, "%.*sreferences.json", folder, file);
        if (n > 0 && (size_t)n < sizeof beside && rgq_path_exists(beside))
            own_path = beside;
    }
    return own_path != NULL ? rgq_json_load(&out->own, own_path, err) : RGQ_OK;
}

void rgq_source_list_release(rgq_source_list *list)
{
    rgq_json_free(list->program);
    rgq_json_free(list->own);
    *list = (rgq_source_list){NULL, NULL};
}

rgq_status rgq_text_member(char *out, size_t size, const rgq_json *node, const char *key,
                           const char *where, rgq_error *err)
{
    const char *text = NULL;

    RGQ_PASS(err, rgq_json_need_text(&text, node, key, where, err));
    if (*text == '\0')
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is empty; write a text or leave it out",
                         where, key);
    if (strlen(text) >= size)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' has %zu bytes, at most %zu fit", where,
                         key, strlen(text), size - 1);
    rgq_text_copy(out, size, text);
    return RGQ_OK;
}

static const char *nearest_key(const rgq_json *list, const char *key)
{
    const char *nearest = NULL;

    for (size_t i = 0; i < rgq_json_count(list); i++) {
        const char *name = NULL;
        (void)rgq_json_member(list, i, &name);
        if (nearest == NULL || rgq_text_distance(name, key) < rgq_text_distance(nearest, key))
            nearest = name;
    }
    return nearest != NULL ? nearest : "none";
}

rgq_status rgq_source_member(char out[40], const rgq_json *node, const rgq_source_list *sources,
                             const char *where, rgq_error *err)
{
    char key[40];

    RGQ_PASS(err, rgq_text_member(key, sizeof key, node, "source", where, err));
    if (rgq_json_get(sources->program, key) == NULL && rgq_json_get(sources->own, key) == NULL)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "%s: the source '%s' is not in references.json; the nearest key is "
                         "'%s', and a references.json beside the file may add it",
                         where, key, nearest_key(sources->program, key));
    memcpy(out, key, sizeof key);
    return RGQ_OK;
}

rgq_status rgq_array_member(const rgq_json **out, const rgq_json *node, const char *key,
                            size_t max, const char *where, rgq_error *err)
{
    *out = rgq_json_get(node, key);
    if (*out == NULL)
        return RGQ_OK;
    if (!rgq_json_is_array(*out) || rgq_json_count(*out) > max)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' must be an array of at most %zu items",
                         where, key, max);
    return RGQ_OK;
}

rgq_status rgq_choice_member(char *out, size_t size, const rgq_json *node, const char *key,
                             const char *const *choices, const char *where, rgq_error *err)
{
    char list[160] = "";
    const char *text = NULL;

    RGQ_PASS(err, rgq_json_need_text(&text, node, key, where, err));
    for (size_t i = 0; choices[i] != NULL; i++) {
        if (strcmp(choices[i], text) == 0) {
            rgq_text_copy(out, size, text);
            return RGQ_OK;
        }
        const size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                       choices[i]);
    }
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is '%.60s', needed is one of: %s", where, key,
                     text, list);
}

static rgq_status read_unit(rgq_quantity *out, double *factor, const rgq_json *node,
                            const rgq_unit_choice *units, const char *where, rgq_error *err)
{
    char list[160] = "";
    const char *unit = NULL;

    RGQ_PASS(err, rgq_json_need_text(&unit, node, "unit", where, err));
    for (const rgq_unit_choice *u = units; u->name != NULL; u++) {
        if (strcmp(u->name, unit) == 0) {
            rgq_text_copy(out->unit, sizeof out->unit, u->stored);
            *factor = u->factor;
            return RGQ_OK;
        }
        const size_t used = strlen(list);
        (void)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "", u->name);
    }
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the unit '%.30s' is not taken here, needed is: %s",
                     where, unit, list);
}

rgq_status rgq_quantity_parse(rgq_quantity *out, const rgq_json *node, const char *extra,
                              const rgq_unit_choice *units, const rgq_source_list *sources,
                              const char *where, rgq_error *err)
{
    const char *const keys[] = {"value",   "unit", "source", "status", "sd",
                                "species", "n",    extra,    NULL};
    static const char *const statuses[] = {"verified", "published", "derived", "preclinical",
                                           NULL};
    static const char *const species[] = {"human", "mouse", "rat", "nhp", NULL};
    rgq_quantity q = {.known = true, .uncertainty = (double)NAN};
    double factor = 1.0;
    double n = 0.0;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_real(&q.value, node, "value", 0.0, 1e12, where, err));
    RGQ_PASS(err, read_unit(&q, &factor, node, units, where, err));
    RGQ_PASS(err, rgq_source_member(q.source, node, sources, where, err));
    RGQ_PASS(err, rgq_choice_member(q.status, sizeof q.status, node, "status", statuses, where,
                                    err));
    if (rgq_json_get(node, "sd") != NULL)
        RGQ_PASS(err, rgq_json_need_real(&q.uncertainty, node, "sd", 0.0, 1e12, where, err));
    if (rgq_json_get(node, "species") != NULL)
        RGQ_PASS(err, rgq_choice_member(q.species, sizeof q.species, node, "species", species,
                                        where, err));
    if (rgq_json_get(node, "n") != NULL)
        RGQ_PASS(err, rgq_json_need_real(&n, node, "n", 1.0, 1e6, where, err));
    if (n != floor(n))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'n' is %g, needed is a whole number", where,
                         n);
    q.value *= factor;
    q.uncertainty *= factor;
    q.n = (int)n;
    *out = q;
    return RGQ_OK;
}

rgq_status rgq_quantity_read(rgq_quantity *out, const rgq_json *node, const char *key,
                             const rgq_unit_choice *units, const rgq_source_list *sources,
                             const char *where, rgq_error *err)
{
    char deeper[RGQ_WHERE_MAX];
    const rgq_json *value = rgq_json_get(node, key);

    *out = (rgq_quantity){.known = false, .value = (double)NAN, .uncertainty = (double)NAN};
    if (value == NULL)
        return RGQ_OK;
    return rgq_quantity_parse(out, value, NULL, units, sources,
                              rgq_where_join(deeper, where, key, -1), err);
}
