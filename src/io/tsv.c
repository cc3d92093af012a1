#include "io/tsv.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"

/* Length of the line at `at`, without its end; *next is where the following one begins. */
static size_t line_length(const char *at, const char *end, const char **next)
{
    const char *stop = memchr(at, '\n', (size_t)(end - at));

    *next = stop != NULL ? stop + 1 : end;
    if (stop == NULL)
        stop = end;
    if (stop > at && stop[-1] == '\r')
        stop--;
    return (size_t)(stop - at);
}

static int count_cells(const char *line, size_t length)
{
    int cells = 1;
    for (size_t i = 0; i < length; i++)
        cells += line[i] == '\t';
    return cells;
}

/* Blank lines at the end are habit of editors, not rows. */
static const char *trim_end(const char *text, const char *end)
{
    while (end > text && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    return end;
}

/* Shape of the table; nothing is allocated before it is known to be a rectangle. */
static rgq_status measure(rgq_tsv *table, const char *text, const char *end, const char *name,
                          rgq_error *err)
{
    const char *next = text;
    int line = 0;

    if (text == end)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the table is empty; a header row was needed",
                         name);
    if (memchr(text, '\0', (size_t)(end - text)) != NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a NUL byte; this is not a text table", name);
    for (const char *at = text; at < end; at = next) {
        const int cells = count_cells(at, line_length(at, end, &next));
        if (++line == 1)
            table->n_columns = cells;
        if (cells != table->n_columns)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s, line %d: %d cells, the header has %d",
                             name, line, cells, table->n_columns);
        if (cells > RGQ_TSV_MAX_COLUMNS)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: %d columns, at most %d are read", name,
                             cells, (int)RGQ_TSV_MAX_COLUMNS);
    }
    table->n_rows = line - 1;
    return RGQ_OK;
}

/* Cut the copy of the text into cells, in place. */
static void cut(rgq_tsv *table, char *text, size_t length)
{
    char *end = text + length;
    char **cell = table->cell;
    const char *next = text;

    for (char *at = text; at < end; at = text + (next - text)) {
        char *line_end = at + line_length(at, end, &next);
        *line_end = '\0';
        *cell++ = at;
        for (char *c = at; c < line_end; c++)
            if (*c == '\t') {
                *c = '\0';
                *cell++ = c + 1;
            }
    }
}

static rgq_status check_header(const rgq_tsv *table, const char *name, rgq_error *err)
{
    for (int c = 0; c < table->n_columns; c++) {
        if (table->cell[c][0] == '\0')
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s, line 1: column %d has no name", name,
                             c + 1);
        if (rgq_tsv_find(table, table->cell[c]) != c)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s, line 1: two columns are named '%.60s'",
                             name, table->cell[c]);
    }
    return RGQ_OK;
}

rgq_status rgq_tsv_parse(rgq_tsv *out, const char *text, size_t length, const char *name,
                         rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tsv table = {0, 0, NULL, NULL};

    *out = table;
    if (length > RGQ_TSV_MAX_BYTES)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s is larger than %d bytes", name,
                         (int)RGQ_TSV_MAX_BYTES);
    const size_t mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    text += mark;
    length = (size_t)(trim_end(text, text + (length - mark)) - text);
    RGQ_TRY(err, measure(&table, text, text + length, name, err));
    RGQ_TRY(err, rgq_alloc(&table.text, length + 1, 1, err));
    RGQ_TRY(err, rgq_alloc(&table.cell, ((size_t)table.n_rows + 1) * (size_t)table.n_columns,
                           sizeof *table.cell, err));
    memcpy(table.text, text, length);
    cut(&table, table.text, length);
    RGQ_TRY(err, check_header(&table, name, err));
    *out = table;
    table = (rgq_tsv){0, 0, NULL, NULL};
out:
    rgq_tsv_release(&table);
    return st;
}

rgq_status rgq_tsv_read(rgq_tsv *out, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *text = NULL;
    size_t length = 0;

    *out = (rgq_tsv){0, 0, NULL, NULL};
    RGQ_TRY(err, rgq_file_read(&text, &length, path, RGQ_TSV_MAX_BYTES, err));
    RGQ_TRY(err, rgq_tsv_parse(out, text, length, path, err));
out:
    rgq_free(text);
    return st;
}

void rgq_tsv_release(rgq_tsv *table)
{
    rgq_free(table->text);
    rgq_free(table->cell);
    *table = (rgq_tsv){0, 0, NULL, NULL};
}

const char *rgq_tsv_column(const rgq_tsv *table, int column)
{
    assert(column >= 0 && column < table->n_columns);
    return table->cell[column];
}

const char *rgq_tsv_cell(const rgq_tsv *table, int row, int column)
{
    assert(row >= 0 && row < table->n_rows && column >= 0 && column < table->n_columns);
    return table->cell[((size_t)row + 1) * (size_t)table->n_columns + (size_t)column];
}

int rgq_tsv_find(const rgq_tsv *table, const char *name)
{
    for (int c = 0; c < table->n_columns; c++)
        if (strcmp(table->cell[c], name) == 0)
            return c;
    return -1;
}
