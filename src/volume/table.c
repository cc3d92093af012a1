#include "rgdquant/table.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"

typedef struct cell {
    bool known;
    double real;
    long long whole;
    char *text;
} cell;

struct rgq_table {
    const rgq_column *column;
    int n_columns;
    int n_rows;
    int capacity;
    cell *cells; /* row-major */
};

rgq_status rgq_table_create(rgq_table **out, const rgq_column *columns, int n_columns,
                            rgq_error *err)
{
    *out = NULL;
    if (n_columns < 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a table needs a column");
    RGQ_PASS(err, rgq_alloc(out, 1, sizeof **out, err));
    (*out)->column = columns;
    (*out)->n_columns = n_columns;
    return RGQ_OK;
}

void rgq_table_free(rgq_table *table)
{
    if (table == NULL)
        return;
    for (int i = 0; i < table->n_rows * table->n_columns; i++)
        rgq_free(table->cells[i].text);
    rgq_free(table->cells);
    rgq_free(table);
}

int rgq_table_n_columns(const rgq_table *table)
{
    return table->n_columns;
}

int rgq_table_n_rows(const rgq_table *table)
{
    return table->n_rows;
}

const rgq_column *rgq_table_column(const rgq_table *table, int column)
{
    return &table->column[column];
}

int rgq_table_find(const rgq_table *table, const char *name)
{
    for (int c = 0; c < table->n_columns; c++)
        if (strcmp(table->column[c].name, name) == 0)
            return c;
    return -1;
}

rgq_status rgq_table_add_row(rgq_table *table, rgq_error *err)
{
    if (table->n_rows == table->capacity) {
        const int capacity = table->capacity > 0 ? 2 * table->capacity : 16;
        RGQ_PASS(err, rgq_realloc(&table->cells, (size_t)capacity * (size_t)table->n_columns,
                                  sizeof *table->cells, err));
        table->capacity = capacity;
    }
    for (int c = 0; c < table->n_columns; c++)
        table->cells[table->n_rows * table->n_columns + c] = (cell){.known = false};
    table->n_rows++;
    return RGQ_OK;
}

static const cell *cell_at(const rgq_table *table, int row, int column)
{
    assert(row >= 0 && row < table->n_rows && column >= 0 && column < table->n_columns);
    return &table->cells[row * table->n_columns + column];
}

static cell *last_row_cell(rgq_table *table, const char *column, rgq_column_kind kind)
{
    const int c = rgq_table_find(table, column);

    assert(c >= 0 && table->n_rows > 0 && table->column[c].kind == kind);
    (void)kind;
    return &table->cells[(table->n_rows - 1) * table->n_columns + c];
}

void rgq_table_set_real(rgq_table *table, const char *column, double value)
{
    cell *at = last_row_cell(table, column, RGQ_COLUMN_REAL);
    at->known = isfinite(value);
    at->real = value;
}

void rgq_table_set_int(rgq_table *table, const char *column, long long value)
{
    cell *at = last_row_cell(table, column, RGQ_COLUMN_INT);
    at->known = true;
    at->whole = value;
}

rgq_status rgq_table_set_text(rgq_table *table, const char *column, const char *text,
                              rgq_error *err)
{
    cell *at = last_row_cell(table, column, RGQ_COLUMN_TEXT);
    char *copy = NULL;

    RGQ_PASS(err, rgq_strdup(&copy, text, err));
    for (char *c = copy; *c != '\0'; c++) /* a tab or newline would break the table */
        if ((unsigned char)*c < 0x20)
            *c = ' ';
    rgq_free(at->text);
    at->text = copy;
    at->known = true;
    return RGQ_OK;
}

bool rgq_table_has(const rgq_table *table, int row, int column)
{
    return cell_at(table, row, column)->known;
}

double rgq_table_real(const rgq_table *table, int row, int column)
{
    const cell *at = cell_at(table, row, column);

    if (!at->known || table->column[column].kind == RGQ_COLUMN_TEXT)
        return (double)NAN;
    return table->column[column].kind == RGQ_COLUMN_INT ? (double)at->whole : at->real;
}

const char *rgq_table_text(const rgq_table *table, int row, int column)
{
    const cell *at = cell_at(table, row, column);
    return at->known && at->text != NULL ? at->text : "n/a";
}

const char *rgq_table_format(const rgq_table *table, int row, int column, char *buffer,
                             size_t size)
{
    const cell *at = cell_at(table, row, column);
    char number[RGQ_REAL_TEXT_MAX];

    if (!at->known)
        return "n/a";
    switch (table->column[column].kind) {
    case RGQ_COLUMN_TEXT:
        return at->text;
    case RGQ_COLUMN_INT:
        (void)snprintf(buffer, size, "%lld", at->whole);
        return buffer;
    case RGQ_COLUMN_REAL:
        (void)snprintf(buffer, size, "%s", rgq_format_real(at->real, number));
        return buffer;
    }
    return "n/a";
}
