#include "pipeline/join.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "core/text.h"

/* ---- words ---- */

bool rgq_cell_is_missing(const char *cell)
{
    return cell[0] == '\0' || rgq_text_equal_nocase(cell, "n/a") ||
           rgq_text_equal_nocase(cell, "na") || rgq_text_equal_nocase(cell, "nan");
}

bool rgq_list_word(char *out, size_t size, const char *list, int i)
{
    for (; i > 0; i--) {
        list = strchr(list, ',');
        if (list == NULL)
            return false;
        list++;
    }
    size_t length = strcspn(list, ",");
    while (length > 0 && list[0] == ' ') {
        list++;
        length--;
    }
    while (length > 0 && list[length - 1] == ' ')
        length--;
    if (length >= size)
        length = size - 1;
    memcpy(out, list, length);
    out[length] = '\0';
    return true;
}

static const char *nearest(const rgq_join *join, const char *name)
{
    const char *best = NULL;
    int least = 64;

    for (int s = 0; s < 2; s++)
        for (int c = 0; c < join->side[s].table->n_columns; c++) {
            const char *other = rgq_tsv_column(join->side[s].table, c);
            const int distance = rgq_text_distance(name, other);
            if (distance < least) {
                least = distance;
                best = other;
            }
        }
    return best;
}

static rgq_status no_column(const rgq_join *join, const char *name, int side, rgq_error *err)
{
    const bool both = side < 0 && join->side[0].table != join->side[1].table;
    const char *near = nearest(join, name);

    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "%.120s%s%.120s%s no column '%.60s'; the nearest name is '%.60s'",
                     join->side[side < 0 ? 0 : side].name, both ? " and " : "",
                     both ? join->side[1].name : "", both ? " have" : " has", name,
                     near != NULL ? near : "");
}

/* ---- keys ---- */

static rgq_status find_keys(rgq_join *join, const char *by, rgq_error *err)
{
    char word[128];

    for (int k = 0; rgq_list_word(word, sizeof word, by, k); k++) {
        if (k >= RGQ_JOIN_KEYS_MAX)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--by names more than %d columns",
                             (int)RGQ_JOIN_KEYS_MAX);
        if (word[0] == '\0')
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--by '%.80s' has an empty name", by);
        for (int s = 0; s < 2; s++) {
            join->key[s][k] = rgq_tsv_find(join->side[s].table, word);
            if (join->key[s][k] < 0)
                return no_column(join, word, s, err);
        }
        for (int j = 0; j < k; j++)
            if (join->key[0][j] == join->key[0][k])
                return RGQ_RAISE(err, RGQ_E_ARGUMENT, "--by names the column '%.60s' twice",
                                 word);
        join->n_keys = k + 1;
    }
    return RGQ_OK;
}

/* A row that is looked for by its keys. */
typedef struct keyed {
    const char *key[RGQ_JOIN_KEYS_MAX];
    int n_keys;
    int row;
} keyed;

static int compare_keys(const keyed *a, const keyed *b)
{
    for (int k = 0; k < a->n_keys; k++) {
        const int order = strcmp(a->key[k], b->key[k]);
        if (order != 0)
            return order;
    }
    return 0;
}

static int by_keys(const void *pa, const void *pb)
{
    const keyed *a = pa;
    const keyed *b = pb;
    const int order = compare_keys(a, b);

    return order != 0 ? order : (a->row > b->row) - (a->row < b->row);
}

static bool fill_key(keyed *out, const rgq_join *join, int side, int row)
{
    bool whole = true;

    *out = (keyed){.n_keys = join->n_keys, .row = row};
    for (int k = 0; k < join->n_keys; k++) {
        out->key[k] = rgq_tsv_cell(join->side[side].table, row, join->key[side][k]);
        whole = whole && !rgq_cell_is_missing(out->key[k]);
    }
    return whole;
}

static bool passes(const rgq_join *join, const rgq_join_filter *filter, int row)
{
    return filter == NULL || filter->column < 0 ||
           strcmp(rgq_tsv_cell(join->side[1].table, row, filter->column), filter->value) == 0;
}

static rgq_status refuse_double(const rgq_join *join, int side, const keyed *a, const keyed *b,
                                rgq_error *err)
{
    char key[200] = "";
    size_t used = 0;

    for (int k = 0; k < a->n_keys && used + 2 < sizeof key; k++) {
        rgq_text_copy(key + used, sizeof key - used, k > 0 ? ", " : "");
        used = strlen(key);
        rgq_text_copy(key + used, sizeof key - used, a->key[k]);
        used = strlen(key);
    }
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%.120s: rows %d and %d have the same key '%.120s'; a key must name one "
                     "row: add a column to --by, e.g. --by patient,lesion, or mend the table",
                     join->side[side].name, a->row + 1, b->row + 1, key);
}

/* Rows with whole keys, sorted by them; the rest is alone. */
static rgq_status sort_side(keyed **out, size_t *count, rgq_join *join, int side,
                            const rgq_join_filter *filter, rgq_error *err)
{
    const int n = join->side[side].table->n_rows;
    keyed *list = NULL;

    RGQ_PASS(err, rgq_alloc(&list, (size_t)n + 1, sizeof *list, err));
    *out = list;
    *count = 0;
    for (int r = 0; r < n; r++) {
        if (side == 1 && !passes(join, filter, r))
            continue;
        if (fill_key(&list[*count], join, side, r))
            ++*count;
        else
            join->alone[side][join->n_alone[side]++] = r;
    }
    qsort(list, *count, sizeof *list, by_keys);
    for (size_t i = 1; i < *count; i++)
        if (compare_keys(&list[i - 1], &list[i]) == 0)
            return refuse_double(join, side, &list[i - 1], &list[i], err);
    return RGQ_OK;
}

static rgq_status make_room(rgq_join *join, rgq_error *err)
{
    for (int s = 0; s < 2; s++) {
        const size_t n = (size_t)join->side[s].table->n_rows + 1;
        RGQ_PASS(err, rgq_alloc(&join->row[s], n, sizeof(int), err));
        RGQ_PASS(err, rgq_alloc(&join->alone[s], n, sizeof(int), err));
    }
    return RGQ_OK;
}

static int by_row(const void *pa, const void *pb)
{
    const int a = *(const int *)pa;
    const int b = *(const int *)pb;

    return (a > b) - (a < b);
}

/* The partner of every left row, in the order of the left table. */
static rgq_status merge(rgq_join *join, const keyed *left, size_t n_left, const keyed *right,
                        size_t n_right, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    int *partner = NULL;
    size_t j = 0;

    RGQ_TRY(err,
            rgq_alloc(&partner, (size_t)join->side[0].table->n_rows + 1, sizeof *partner, err));
    for (size_t i = 0; i < n_left; i++) {
        while (j < n_right && compare_keys(&right[j], &left[i]) < 0)
            join->alone[1][join->n_alone[1]++] = right[j++].row;
        if (j < n_right && compare_keys(&right[j], &left[i]) == 0)
            partner[left[i].row] = 1 + right[j++].row;
        else
            join->alone[0][join->n_alone[0]++] = left[i].row;
    }
    while (j < n_right)
        join->alone[1][join->n_alone[1]++] = right[j++].row;
    for (int r = 0; r < join->side[0].table->n_rows; r++) {
        if (partner[r] == 0)
            continue;
        join->row[0][join->n] = r;
        join->row[1][join->n++] = partner[r] - 1;
    }
    for (int s = 0; s < 2; s++)
        qsort(join->alone[s], join->n_alone[s], sizeof(int), by_row);
out:
    rgq_free(partner);
    return st;
}

static rgq_status refuse_nothing(const rgq_join *join, const keyed *left, size_t n_left,
                                 const keyed *right, size_t n_right, const char *by,
                                 rgq_error *err)
{
    if (n_left == 0 || n_right == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%.120s has no row with a key in '%.80s'",
                         join->side[n_left == 0 ? 0 : 1].name, by);
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "no row of %.120s has a partner in %.120s by '%.80s': the first keys are "
                     "'%.60s' and '%.60s'; they must be the same, letter by letter",
                     join->side[0].name, join->side[1].name, by, left[0].key[0],
                     right[0].key[0]);
}

rgq_status rgq_join_make(rgq_join *out, const rgq_join_table *left, const rgq_join_table *right,
                         const char *by, const rgq_join_filter *filter, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    keyed *list[2] = {NULL, NULL};
    size_t count[2] = {0, 0};

    *out = (rgq_join){.side = {*left, *right}};
    RGQ_TRY(err, find_keys(out, by, err));
    RGQ_TRY(err, make_room(out, err));
    for (int s = 0; s < 2; s++)
        RGQ_TRY(err, sort_side(&list[s], &count[s], out, s, filter, err));
    RGQ_TRY(err, merge(out, list[0], count[0], list[1], count[1], err));
    if (out->n == 0) {
        st = refuse_nothing(out, list[0], count[0], list[1], count[1], by, err);
        goto out;
    }
out:
    rgq_free(list[0]);
    rgq_free(list[1]);
    return st;
}

rgq_status rgq_join_single(rgq_join *out, const rgq_join_table *table, const char *by,
                           const rgq_join_filter *filter, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    keyed *list = NULL;
    size_t count = 0;

    *out = (rgq_join){.side = {*table, *table}};
    RGQ_TRY(err, make_room(out, err));
    if (by != NULL) {
        RGQ_TRY(err, find_keys(out, by, err));
        RGQ_TRY(err, sort_side(&list, &count, out, 1, filter, err));
        out->n_alone[1] = 0; /* a pair needs no key here */
    }
    for (int r = 0; r < table->table->n_rows; r++) {
        if (!passes(out, filter, r))
            continue;
        out->row[0][out->n] = r;
        out->row[1][out->n++] = r;
    }
    if (out->n == 0)
        st = RGQ_RAISE(err, RGQ_E_FORMAT, "%.120s has no row", table->name);
out:
    rgq_free(list);
    return st;
}

void rgq_join_release(rgq_join *join)
{
    for (int s = 0; s < 2; s++) {
        rgq_free(join->row[s]);
        rgq_free(join->alone[s]);
        join->row[s] = NULL;
        join->alone[s] = NULL;
        join->n_alone[s] = 0;
    }
    join->n = 0;
}

/* ---- columns ---- */

rgq_status rgq_join_find(rgq_join_column *out, const rgq_join *join, const char *name,
                         int first, rgq_error *err)
{
    for (int k = 0; k < 2; k++) {
        const int side = k == 0 ? first : 1 - first;
        const int column = rgq_tsv_find(join->side[side].table, name);
        if (column < 0)
            continue;
        *out = (rgq_join_column){join, side, column,
                                 rgq_tsv_column(join->side[side].table, column)};
        return RGQ_OK;
    }
    return no_column(join, name, -1, err);
}

bool rgq_join_has(const rgq_join *join, const char *name)
{
    return rgq_tsv_find(join->side[0].table, name) >= 0 ||
           rgq_tsv_find(join->side[1].table, name) >= 0;
}

const char *rgq_join_cell(const rgq_join_column *column, size_t i)
{
    return rgq_tsv_cell(column->join->side[column->side].table,
                        column->join->row[column->side][i], column->column);
}

rgq_status rgq_join_real(double *out, const rgq_join_column *column, size_t i, rgq_error *err)
{
    const char *cell = rgq_join_cell(column, i);

    *out = (double)NAN;
    if (rgq_cell_is_missing(cell))
        return RGQ_OK;
    if (rgq_parse_real(out, cell, -1e300, 1e300, NULL) == RGQ_OK)
        return RGQ_OK;
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%.120s: row %d of '%.60s' is '%.40s'; a number was needed, or n/a",
                     column->join->side[column->side].name,
                     column->join->row[column->side][i] + 1, column->name, cell);
}

rgq_status rgq_join_truth(int *out, const rgq_join_column *column, size_t i, rgq_error *err)
{
    static const char *const words[2][5] = {
        {"0", "no", "false", "negative", "non-responder"},
        {"1", "yes", "true", "positive", "responder"},
    };
    const char *cell = rgq_join_cell(column, i);

    *out = -1;
    if (rgq_cell_is_missing(cell))
        return RGQ_OK;
    for (int truth = 0; truth < 2; truth++)
        for (size_t w = 0; w < 5; w++)
            if (rgq_text_equal_nocase(cell, words[truth][w])) {
                *out = truth;
                return RGQ_OK;
            }
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "%.120s: row %d of '%.60s' is '%.40s'; yes or no was needed (1, true, "
                     "positive, responder; 0, false, negative, non-responder), or n/a",
                     column->join->side[column->side].name,
                     column->join->row[column->side][i] + 1, column->name, cell);
}
