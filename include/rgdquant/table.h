/**
 * @file table.h
 * @brief A result table: described columns, rows of numbers and words.
 *
 * Written as TSV (`n/a` for missing) with a JSON file of the same name that describes every
 * column, see io: rgq_table_write().
 */
#ifndef RGDQUANT_TABLE_H
#define RGDQUANT_TABLE_H

#include <stdbool.h>

#include "rgdquant/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum rgq_column_kind {
    RGQ_COLUMN_TEXT,
    RGQ_COLUMN_INT,
    RGQ_COLUMN_REAL
} rgq_column_kind;

typedef struct rgq_column {
    const char *name; /**< header word, e.g. "volume_ml"; a static string */
    rgq_column_kind kind;
    const char *unit;        /**< unit for the JSON file, or NULL; a static string */
    const char *description; /**< sentence for the JSON file; a static string */
} rgq_column;

typedef struct rgq_table rgq_table;

/** Empty table; `columns` must outlive it (a static array). Free with rgq_table_free(). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_table_create(rgq_table **out, const rgq_column *columns,
                                                   int n_columns, rgq_error *err);

/** Frees the table; NULL is allowed. */
RGQ_API void rgq_table_free(rgq_table *table);

/** Number of columns. */
RGQ_API int rgq_table_n_columns(const rgq_table *table);
/** Number of rows. */
RGQ_API int rgq_table_n_rows(const rgq_table *table);
/** Column `column`, 0 .. n_columns - 1 (not checked); belongs to the table's maker. */
RGQ_API const rgq_column *rgq_table_column(const rgq_table *table, int column);

/** Index of the column of that name, or -1. */
RGQ_API int rgq_table_find(const rgq_table *table, const char *name);

/** Append a row in which every cell is missing. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_table_add_row(rgq_table *table, rgq_error *err);

/** Set a cell of the last row by column name. A name that is not there, or of another kind, is
 * a bug of the program (assert). A NaN makes the cell missing. */
RGQ_API void rgq_table_set_real(rgq_table *table, const char *column, double value);
RGQ_API void rgq_table_set_int(rgq_table *table, const char *column, long long value);
RGQ_API RGQ_MUST_CHECK rgq_status rgq_table_set_text(rgq_table *table, const char *column,
                                                     const char *text, rgq_error *err);

/** Cells by row and column from 0, which must exist. Has it a value? */
RGQ_API bool rgq_table_has(const rgq_table *table, int row, int column);
RGQ_API double rgq_table_real(const rgq_table *table, int row, int column); /**< NaN: missing */
RGQ_API const char *rgq_table_text(const rgq_table *table, int row, int column);

/** Cell as it is written to TSV; numbers in the shortest form that reads back to the same
 *  double. Returns `buffer`, or the text cell itself. */
RGQ_API const char *rgq_table_format(const rgq_table *table, int row, int column, char *buffer,
                                     size_t size);

#ifdef __cplusplus
}
#endif

#endif
