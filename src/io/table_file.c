#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/json.h"
#include "core/text.h"
#include "rgdquant/scan_file.h"

/* TSV has no quoting, so that a tab or a line end inside a cell becomes a blank; an empty
 * cell is "n/a". */
static void add_cell(rgq_text *text, const char *cell)
{
    if (cell[0] == '\0')
        cell = "n/a";
    for (; *cell != '\0'; cell++)
        rgq_text_append(text, (unsigned char)*cell < 0x20 ? " " : cell, 1);
}

static void build_tsv(rgq_text *text, const rgq_table *table)
{
    const int n_columns = rgq_table_n_columns(table);
    char buffer[64];

    for (int c = 0; c < n_columns; c++)
        rgq_text_printf(text, "%s%s", c > 0 ? "\t" : "", rgq_table_column(table, c)->name);
    rgq_text_append(text, "\n", 1);
    for (int r = 0; r < rgq_table_n_rows(table); r++)
        for (int c = 0; c < n_columns; c++) {
            add_cell(text, rgq_table_format(table, r, c, buffer, sizeof buffer));
            rgq_text_append(text, c + 1 < n_columns ? "\t" : "\n", 1);
        }
}

static rgq_status describe_columns(rgq_json *root, const rgq_table *table, rgq_error *err)
{
    for (int c = 0; c < rgq_table_n_columns(table); c++) {
        const rgq_column *column = rgq_table_column(table, c);
        rgq_json *entry = NULL;
        RGQ_PASS(err, rgq_json_add_object(&entry, root, column->name, err));
        if (column->description != NULL)
            RGQ_PASS(err, rgq_json_set_text(entry, "Description", column->description, err));
        if (column->unit != NULL)
            RGQ_PASS(err, rgq_json_set_text(entry, "Units", column->unit, err));
    }
    return RGQ_OK;
}

static rgq_status merge(rgq_json *root, const char *extra, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *more = NULL;

    RGQ_TRY(err, rgq_json_parse(&more, extra, strlen(extra), "the companion's text", err));
    if (!rgq_json_is_object(more)) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT, "what is merged must be a JSON object");
        goto out;
    }
    for (size_t i = 0; i < rgq_json_count(more); i++) {
        const char *key = NULL;
        const rgq_json *value = rgq_json_member(more, i, &key);
        RGQ_TRY(err, rgq_json_set_copy(root, key, value, err));
    }
out:
    rgq_json_free(more);
    return st;
}

static rgq_status companion(char out[RGQ_PATH_MAX], const char *path, rgq_error *err)
{
    const size_t length = strlen(path);

    if (!rgq_text_ends_with(path, ".tsv") || length + 2 > RGQ_PATH_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%.200s: a table is named .tsv", path);
    (void)snprintf(out, RGQ_PATH_MAX, "%.*s.json", (int)(length - 4), path);
    return RGQ_OK;
}

rgq_status rgq_table_write(const char *path, const rgq_table *table, const char *extra,
                           bool force, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    rgq_json *root = NULL;
    char *json = NULL;
    char json_path[RGQ_PATH_MAX];

    RGQ_TRY(err, companion(json_path, path, err));
    if (!force && rgq_path_exists(path)) {
        st = RGQ_RAISE(err, RGQ_E_IO, "%s exists; add --force to replace it", path);
        goto out;
    }
    build_tsv(&text, table);
    RGQ_TRY(err, rgq_text_check(&text, err));
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, describe_columns(root, table, err));
    if (extra != NULL)
        RGQ_TRY(err, merge(root, extra, err));
    RGQ_TRY(err, rgq_json_dump(&json, root, err));
    RGQ_TRY(err, rgq_file_write(json_path, json, strlen(json), force, err));
    st = rgq_file_write(path, text.data, text.length, force, err);
    if (st != RGQ_OK) {
        rgq_error_push(err, __func__, __LINE__);
        (void)remove(json_path); /* half a result is none */
    }
out:
    rgq_free(json);
    rgq_json_free(root);
    rgq_text_release(&text);
    return st;
}
