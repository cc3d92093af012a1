/* Two tables side by side: rows of the same lesion become one, columns become numbers. */
#ifndef RGQ_PIPELINE_JOIN_H
#define RGQ_PIPELINE_JOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "io/tsv.h"
#include "rgdquant/error.h"

enum { RGQ_JOIN_KEYS_MAX = 8 };

/** A table and what it is called in messages. Borrowed. */
typedef struct rgq_join_table {
    const rgq_tsv *table;
    const char *name;
} rgq_join_table;

/** Rows of a (left) and b (right) that belong together. Rows count from 0 behind the header;
 *  people read them from 1. */
typedef struct rgq_join {
    rgq_join_table side[2]; /**< the same twice: one table that is paired already */
    size_t n;
    int *row[2]; /**< n rows of either side, in the order of the left one */
    size_t n_alone[2];
    int *alone[2]; /**< rows without a partner, or without a key */
    int n_keys;
    int key[2][RGQ_JOIN_KEYS_MAX]; /**< columns */
} rgq_join;

/** Which rows take part; NULL: all. */
typedef struct rgq_join_filter {
    int column;        /**< of the right table; < 0: all rows */
    const char *value; /**< what its cell must be */
} rgq_join_filter;

/**
 * @brief Match rows whose cells are the same, byte for byte, in every key column.
 *
 * A row with a missing key (see rgq_cell_is_missing()) matches nothing.
 *
 * @param[in] by      names of the key columns, separated by commas; both tables have them
 * @param[in] filter  or NULL
 * @return RGQ_OK; RGQ_E_NOTFOUND (a column that is not there: the nearest name is told);
 *         RGQ_E_ARGUMENT (no name, one named twice, more than RGQ_JOIN_KEYS_MAX);
 *         RGQ_E_FORMAT (two rows of one table have the same keys, or nothing matches at all);
 *         RGQ_E_NOMEM
 * Cost: O(n log n). Release with rgq_join_release(), also after a failure.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_join_make(rgq_join *out, const rgq_join_table *left,
                                                const rgq_join_table *right, const char *by,
                                                const rgq_join_filter *filter, rgq_error *err);

/** One table whose rows are pairs already; `by` may be NULL, else its keys must differ. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_join_single(rgq_join *out, const rgq_join_table *table,
                                                  const char *by, const rgq_join_filter *filter,
                                                  rgq_error *err);

RGQ_API void rgq_join_release(rgq_join *join);

/** A column of one of the two tables. */
typedef struct rgq_join_column {
    const rgq_join *join;
    int side, column;
    const char *name;
} rgq_join_column;

/** Find a column, in the table `first` (0 left, 1 right) and then in the other one.
 *  @return RGQ_OK; RGQ_E_NOTFOUND with the nearest name of both */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_join_find(rgq_join_column *out, const rgq_join *join,
                                                const char *name, int first, rgq_error *err);

/** Is there one? No message. */
RGQ_API bool rgq_join_has(const rgq_join *join, const char *name);

/** The cell of pair i. */
RGQ_API const char *rgq_join_cell(const rgq_join_column *column, size_t i);

/** A number; NaN where the cell is missing; RGQ_E_FORMAT with table, row and column for words.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_join_real(double *out, const rgq_join_column *column,
                                                size_t i, rgq_error *err);

/** 1 for yes, true, positive, responder, 1; 0 for no, false, negative, non-responder, 0 (case
 *  does not matter); -1 where it is missing; RGQ_E_FORMAT for other words. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_join_truth(int *out, const rgq_join_column *column,
                                                 size_t i, rgq_error *err);

/** Empty, "n/a", "NA" or "nan". */
RGQ_API bool rgq_cell_is_missing(const char *cell);

/** Words of a list "a,b,c": the i-th into `out`, false past the end. Blanks at either end go.
 */
RGQ_API bool rgq_list_word(char *out, size_t size, const char *list, int i);

#endif
