#include "core/json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"

const char *rgq_json_version(void)
{
    return jansson_version_str();
}

/* ---- read ---- */

/* Jansson iterates only over a mutable object although it changes nothing. */
static json_t *mutable_view(const rgq_json *node)
{
    union {
        const json_t *is_const;
        json_t *is_mutable;
    } view = {.is_const = node};
    return view.is_mutable;
}

static bool is_too_deep(const rgq_json *node, int depth)
{
    const char *key = NULL;
    json_t *value = NULL;

    if (depth > RGQ_JSON_MAX_DEPTH)
        return true;
    for (size_t i = 0; i < json_array_size(node); i++)
        if (is_too_deep(json_array_get(node, i), depth + 1))
            return true;
    json_object_foreach(mutable_view(node), key, value)
    {
        if (is_too_deep(value, depth + 1))
            return true;
    }
    return false;
}

rgq_status rgq_json_parse(rgq_json **out, const char *text, size_t length, const char *name,
                          rgq_error *err)
{
    json_error_t why;

    *out = NULL;
    if (length > RGQ_JSON_MAX_BYTES)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s is larger than %d bytes", name,
                         (int)RGQ_JSON_MAX_BYTES);
    /* a UTF-8 byte order mark is common in files edited on Windows */
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        length -= 3;
    }
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    if (root == NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s, line %d column %d: %s", name, why.line,
                         why.column, why.text);
    if (is_too_deep(root, 0)) {
        json_decref(root);
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: more than %d levels of nesting", name,
                         (int)RGQ_JSON_MAX_DEPTH);
    }
    *out = root;
    return RGQ_OK;
}

rgq_status rgq_json_load(rgq_json **out, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *text = NULL;
    size_t length = 0;

    *out = NULL;
    RGQ_TRY(err, rgq_file_read(&text, &length, path, RGQ_JSON_MAX_BYTES, err));
    RGQ_TRY(err, rgq_json_parse(out, text, length, path, err));
out:
    rgq_free(text);
    return st;
}

void rgq_json_free(rgq_json *root)
{
    json_decref(root);
}

bool rgq_json_is_object(const rgq_json *node)
{
    return json_is_object(node);
}

bool rgq_json_is_array(const rgq_json *node)
{
    return json_is_array(node);
}

bool rgq_json_is_text(const rgq_json *node)
{
    return json_is_string(node);
}

bool rgq_json_is_number(const rgq_json *node)
{
    return json_is_number(node);
}

bool rgq_json_is_bool(const rgq_json *node)
{
    return json_is_boolean(node);
}

bool rgq_json_is_null(const rgq_json *node)
{
    return json_is_null(node);
}

const rgq_json *rgq_json_get(const rgq_json *node, const char *key)
{
    return json_is_object(node) ? json_object_get(node, key) : NULL;
}

size_t rgq_json_count(const rgq_json *node)
{
    return json_is_object(node) ? json_object_size(node) : json_array_size(node);
}

const rgq_json *rgq_json_at(const rgq_json *node, size_t i)
{
    return json_array_get(node, i);
}

const rgq_json *rgq_json_member(const rgq_json *node, size_t i, const char **key)
{
    *key = NULL;
    if (!json_is_object(node))
        return NULL;
    json_t *object = mutable_view(node);
    void *at = json_object_iter(object);
    for (; at != NULL && i > 0; i--)
        at = json_object_iter_next(object, at);
    if (at == NULL)
        return NULL;
    *key = json_object_iter_key(at);
    return json_object_iter_value(at);
}

const char *rgq_json_text(const rgq_json *node, const char *fallback)
{
    return json_is_string(node) ? json_string_value(node) : fallback;
}

double rgq_json_number(const rgq_json *node, double fallback)
{
    return json_is_number(node) ? json_number_value(node) : fallback;
}

bool rgq_json_bool(const rgq_json *node, bool fallback)
{
    return json_is_boolean(node) ? json_is_true(node) : fallback;
}

static const char *kind_of(const rgq_json *node)
{
    if (node == NULL)
        return "nothing";
    switch (json_typeof(node)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    case JSON_NULL:
        return "null";
    }
    return "something else";
}

static rgq_status wrong_kind(const rgq_json *found, const char *key, const char *where,
                             const char *needed, rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' must be %s, found %s", where, key, needed,
                     kind_of(found));
}

rgq_status rgq_json_need_text(const char **out, const rgq_json *node, const char *key,
                              const char *where, rgq_error *err)
{
    const rgq_json *value = rgq_json_get(node, key);

    if (!json_is_string(value))
        return wrong_kind(value, key, where, "a text", err);
    *out = json_string_value(value);
    return RGQ_OK;
}

rgq_status rgq_json_need_real(double *out, const rgq_json *node, const char *key, double lo,
                              double hi, const char *where, rgq_error *err)
{
    const rgq_json *value = rgq_json_get(node, key);

    if (!json_is_number(value))
        return wrong_kind(value, key, where, "a number", err);
    const double number = json_number_value(value);
    if (!isfinite(number) || number < lo || number > hi)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is %g, outside %g .. %g", where, key,
                         number, lo, hi);
    *out = number;
    return RGQ_OK;
}

rgq_status rgq_json_need_reals(double *out, size_t count, const rgq_json *node, const char *key,
                               const char *where, rgq_error *err)
{
    const rgq_json *array = rgq_json_get(node, key);

    if (!json_is_array(array) || json_array_size(array) != count)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' must be an array of %zu numbers", where,
                         key, count);
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(array, i);
        if (!json_is_number(item) || !isfinite(json_number_value(item)))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' item %zu is %s, not a finite number",
                             where, key, i, kind_of(item));
        out[i] = json_number_value(item);
    }
    return RGQ_OK;
}

rgq_status rgq_json_only(const rgq_json *node, const char *const *keys, const char *where,
                         rgq_error *err)
{
    const char *key = NULL;
    json_t *value = NULL;

    if (!json_is_object(node))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s must be an object, found %s", where,
                         kind_of(node));
    json_object_foreach(mutable_view(node), key, value)
    {
        const char *nearest = keys[0];
        bool known = false;
        for (size_t i = 0; keys[i] != NULL; i++) {
            known = known || strcmp(keys[i], key) == 0;
            if (rgq_text_distance(keys[i], key) < rgq_text_distance(nearest, key))
                nearest = keys[i];
        }
        if (!known)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: unknown key '%s'; the nearest known is '%s'", where, key,
                             nearest != NULL ? nearest : "none");
    }
    return RGQ_OK;
}

/* ---- build ---- */

static rgq_status no_memory(rgq_error *err)
{
    return RGQ_RAISE(err, RGQ_E_NOMEM, "no memory for a JSON value");
}

rgq_status rgq_json_object(rgq_json **out, rgq_error *err)
{
    *out = json_object();
    return *out != NULL ? RGQ_OK : no_memory(err);
}

rgq_status rgq_json_array(rgq_json **out, rgq_error *err)
{
    *out = json_array();
    return *out != NULL ? RGQ_OK : no_memory(err);
}

/* Takes over the reference to `value`, whatever happens. */
static rgq_status put(rgq_json *node, const char *key, json_t *value, rgq_error *err)
{
    const int bad = key != NULL ? json_object_set_new(node, key, value)
                                : json_array_append_new(node, value);
    return bad == 0 ? RGQ_OK : no_memory(err);
}

rgq_status rgq_json_set_text(rgq_json *node, const char *key, const char *value, rgq_error *err)
{
    json_t *text = json_string(value);
    if (text == NULL) /* bytes that are not UTF-8 come from old headers */
        text = json_string("(not UTF-8)");
    return put(node, key, text, err);
}

rgq_status rgq_json_set_real(rgq_json *node, const char *key, double value, rgq_error *err)
{
    return put(node, key, isfinite(value) ? json_real(value) : json_null(), err);
}

rgq_status rgq_json_set_int(rgq_json *node, const char *key, long long value, rgq_error *err)
{
    return put(node, key, json_integer(value), err);
}

rgq_status rgq_json_set_bool(rgq_json *node, const char *key, bool value, rgq_error *err)
{
    return put(node, key, json_boolean(value), err);
}

rgq_status rgq_json_set_null(rgq_json *node, const char *key, rgq_error *err)
{
    return put(node, key, json_null(), err);
}

rgq_status rgq_json_set_reals(rgq_json *node, const char *key, const double *values,
                              size_t count, rgq_error *err)
{
    rgq_json *array = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, node, key, err));
    for (size_t i = 0; i < count; i++)
        RGQ_PASS(err, rgq_json_set_real(array, NULL, values[i], err));
    return RGQ_OK;
}

rgq_status rgq_json_add_object(rgq_json **out, rgq_json *node, const char *key, rgq_error *err)
{
    json_t *object = json_object();
    RGQ_PASS(err, put(node, key, object, err));
    *out = object;
    return RGQ_OK;
}

rgq_status rgq_json_add_array(rgq_json **out, rgq_json *node, const char *key, rgq_error *err)
{
    json_t *array = json_array();
    RGQ_PASS(err, put(node, key, array, err));
    *out = array;
    return RGQ_OK;
}

rgq_status rgq_json_set_copy(rgq_json *node, const char *key, const rgq_json *value,
                             rgq_error *err)
{
    return put(node, key, json_deep_copy(value), err);
}

/* ---- write ---- */

static void dump_node(rgq_text *to, const rgq_json *node, int indent);

static void dump_text(rgq_text *to, const char *value)
{
    rgq_text_append(to, "\"", 1);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            rgq_text_printf(to, "\\%c", *c);
        else if (*c == '\n')
            rgq_text_append(to, "\\n", 2);
        else if ((unsigned char)*c < 0x20)
            rgq_text_printf(to, "\\u%04x", (unsigned)(unsigned char)*c);
        else
            rgq_text_append(to, c, 1);
    }
    rgq_text_append(to, "\"", 1);
}

static void dump_real(rgq_text *to, double value)
{
    char buffer[RGQ_REAL_TEXT_MAX];
    rgq_text_printf(to, "%s", rgq_format_real(value, buffer));
}

static bool is_flat(const rgq_json *array)
{
    const size_t count = json_array_size(array);
    for (size_t i = 0; i < count; i++)
        if (!json_is_number(json_array_get(array, i)) &&
            !(json_is_string(json_array_get(array, i)) && count <= 8))
            return false;
    return true;
}

static void dump_array(rgq_text *to, const rgq_json *array, int indent)
{
    const size_t count = json_array_size(array);
    const bool flat = is_flat(array);

    rgq_text_append(to, "[", 1);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            rgq_text_append(to, flat ? ", " : ",", flat ? 2 : 1);
        if (!flat)
            rgq_text_printf(to, "\n%*s", indent + 2, "");
        dump_node(to, json_array_get(array, i), indent + 2);
    }
    if (!flat)
        rgq_text_printf(to, "\n%*s", indent, "");
    rgq_text_append(to, "]", 1);
}

static void dump_object(rgq_text *to, const rgq_json *object, int indent)
{
    const char *key = NULL;
    json_t *value = NULL;
    bool first = true;

    if (json_object_size(object) == 0) {
        rgq_text_append(to, "{}", 2);
        return;
    }
    rgq_text_append(to, "{", 1);
    json_object_foreach(mutable_view(object), key, value)
    {
        rgq_text_printf(to, "%s\n%*s", first ? "" : ",", indent + 2, "");
        dump_text(to, key);
        rgq_text_append(to, ": ", 2);
        dump_node(to, value, indent + 2);
        first = false;
    }
    rgq_text_printf(to, "\n%*s}", indent, "");
}

static void dump_node(rgq_text *to, const rgq_json *node, int indent)
{
    switch (json_typeof(node)) {
    case JSON_OBJECT:
        dump_object(to, node, indent);
        break;
    case JSON_ARRAY:
        dump_array(to, node, indent);
        break;
    case JSON_STRING:
        dump_text(to, json_string_value(node));
        break;
    case JSON_INTEGER:
        rgq_text_printf(to, "%lld", (long long)json_integer_value(node));
        break;
    case JSON_REAL:
        dump_real(to, json_real_value(node));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        rgq_text_printf(to, "%s", json_is_true(node) ? "true" : "false");
        break;
    case JSON_NULL:
        rgq_text_append(to, "null", 4);
        break;
    }
}

rgq_status rgq_json_dump(char **out, const rgq_json *root, rgq_error *err)
{
    rgq_text text = RGQ_TEXT_INIT;

    *out = NULL;
    dump_node(&text, root, 0);
    rgq_text_append(&text, "\n", 1);
    const rgq_status st = rgq_text_check(&text, err);
    if (st != RGQ_OK)
        rgq_text_release(&text);
    else
        *out = text.data;
    return st;
}

rgq_status rgq_json_write(const rgq_json *root, const char *path, bool force, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *text = NULL;

    RGQ_TRY(err, rgq_json_dump(&text, root, err));
    RGQ_TRY(err, rgq_file_write(path, text, strlen(text), force, err));
out:
    rgq_free(text);
    return st;
}
