#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "report/page.h"

enum { DEEPEST = 8, COLUMNS_MAX = 12 };

static void append_value(rgq_text *text, const rgq_json *node, int depth);

/* "half_life_s" reads better as "half life s" */
static void append_key(rgq_text *text, const char *key)
{
    for (const char *c = key; *c != '\0'; c++) {
        const char letter[2] = {(char)(*c == '_' ? ' ' : *c), '\0'};
        rgq_text_append_html(text, letter);
    }
}

static void append_scalar(rgq_text *text, const rgq_json *node)
{
    if (rgq_json_is_text(node))
        rgq_text_append_html(text, rgq_json_text(node, ""));
    else if (rgq_json_is_number(node))
        rgq_text_printf(text, "%.6g", rgq_json_number(node, 0.0));
    else if (rgq_json_is_bool(node))
        rgq_text_printf(text, "%s", rgq_json_bool(node, false) ? "yes" : "no");
    else
        rgq_text_printf(text, "n/a");
}

static bool is_scalar(const rgq_json *node)
{
    return !rgq_json_is_object(node) && !rgq_json_is_array(node);
}

/* The keys of all rows, in the order they turn up; false if there are too many for a table. */
static bool collect_keys(const char **keys, size_t *n, const rgq_json *rows)
{
    *n = 0;
    for (size_t r = 0; r < rgq_json_count(rows); r++) {
        const rgq_json *row = rgq_json_at(rows, r);
        if (!rgq_json_is_object(row))
            return false;
        for (size_t i = 0; i < rgq_json_count(row); i++) {
            const char *key = NULL;
            size_t k = 0;
            (void)rgq_json_member(row, i, &key);
            while (k < *n && strcmp(keys[k], key) != 0)
                k++;
            if (k == COLUMNS_MAX)
                return false;
            if (k == *n)
                keys[(*n)++] = key;
        }
    }
    return *n > 0;
}

static void append_table(rgq_text *text, const rgq_json *rows, const char *const *keys,
                         size_t n, int depth)
{
    rgq_text_printf(text, "<table><tr>");
    for (size_t k = 0; k < n; k++) {
        rgq_text_printf(text, "<th>");
        append_key(text, keys[k]);
        rgq_text_printf(text, "</th>");
    }
    rgq_text_printf(text, "</tr>\n");
    for (size_t r = 0; r < rgq_json_count(rows); r++) {
        rgq_text_printf(text, "<tr>");
        for (size_t k = 0; k < n; k++) {
            const rgq_json *cell = rgq_json_get(rgq_json_at(rows, r), keys[k]);
            rgq_text_printf(text, rgq_json_is_number(cell) ? "<td class=\"n\">" : "<td>");
            if (cell != NULL)
                append_value(text, cell, depth + 1);
            rgq_text_printf(text, "</td>");
        }
        rgq_text_printf(text, "</tr>\n");
    }
    rgq_text_printf(text, "</table>\n");
}

static void append_array(rgq_text *text, const rgq_json *node, int depth)
{
    const char *keys[COLUMNS_MAX];
    size_t n = 0;
    bool plain = true;

    if (rgq_json_count(node) == 0) {
        rgq_text_printf(text, "none");
        return;
    }
    if (collect_keys(keys, &n, node)) {
        append_table(text, node, keys, n, depth);
        return;
    }
    for (size_t i = 0; i < rgq_json_count(node); i++)
        plain = plain && rgq_json_is_number(rgq_json_at(node, i));
    rgq_text_printf(text, plain ? "" : "<ul>\n");
    for (size_t i = 0; i < rgq_json_count(node); i++) {
        rgq_text_printf(text, plain ? (i > 0 ? ", " : "") : "<li>");
        append_value(text, rgq_json_at(node, i), depth + 1);
        rgq_text_printf(text, plain ? "" : "</li>\n");
    }
    rgq_text_printf(text, plain ? "" : "</ul>\n");
}

static void append_object(rgq_text *text, const rgq_json *node, int depth)
{
    rgq_text_printf(text, "<dl>\n");
    for (size_t i = 0; i < rgq_json_count(node); i++) {
        const char *key = NULL;
        const rgq_json *value = rgq_json_member(node, i, &key);
        rgq_text_printf(text, "<dt>");
        append_key(text, key);
        rgq_text_printf(text, "</dt><dd>");
        append_value(text, value, depth + 1);
        rgq_text_printf(text, "</dd>\n");
    }
    rgq_text_printf(text, "</dl>\n");
}

static void append_value(rgq_text *text, const rgq_json *node, int depth)
{
    if (is_scalar(node))
        append_scalar(text, node);
    else if (depth > DEEPEST)
        rgq_text_printf(text, "...");
    else if (rgq_json_is_array(node))
        append_array(text, node, depth);
    else
        append_object(text, node, depth);
}

void rgq_text_append_json_html(rgq_text *text, const rgq_json *node)
{
    append_value(text, node, 0);
}
