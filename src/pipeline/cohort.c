#include "pipeline/cohort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

/* ---- patients ---- */

typedef struct named {
    const char *name;
    size_t at;
} named;

static int by_name(const void *pa, const void *pb)
{
    const named *a = pa;
    const named *b = pb;
    const int order = strcmp(a->name, b->name);

    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

/* Ids from 1 in the order of first appearance. */
static rgq_status number_patients(rgq_cohort *c, const rgq_join_column *column, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    named *list = NULL;
    size_t *first = NULL;

    RGQ_TRY(err, rgq_alloc(&list, c->n + 1, sizeof *list, err));
    RGQ_TRY(err, rgq_alloc(&first, c->n + 1, sizeof *first, err));
    for (size_t i = 0; i < c->n; i++)
        list[i] = (named){rgq_join_cell(column, c->pair[i]), i};
    qsort(list, c->n, sizeof *list, by_name);
    for (size_t i = 0; i < c->n; i++)
        first[list[i].at] = i > 0 && strcmp(list[i].name, list[i - 1].name) == 0
                                ? first[list[i - 1].at]
                                : list[i].at;
    for (size_t i = 0; i < c->n; i++)
        c->cluster[i] = first[i] == i ? (int)++c->n_patients : c->cluster[first[i]];
out:
    rgq_free(list);
    rgq_free(first);
    return st;
}

/* Both tables may name the patient; they must agree. */
static rgq_status check_patients(const rgq_join *join, const char *name, rgq_error *err)
{
    rgq_join_column one;
    rgq_join_column other;

    if (rgq_tsv_find(join->side[0].table, name) < 0 ||
        rgq_tsv_find(join->side[1].table, name) < 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_join_find(&one, join, name, 0, err));
    RGQ_PASS(err, rgq_join_find(&other, join, name, 1, err));
    for (size_t i = 0; i < join->n; i++)
        if (strcmp(rgq_join_cell(&one, i), rgq_join_cell(&other, i)) != 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "row %d of %.120s and row %d of %.120s are one pair, but '%.60s' "
                             "is '%.40s' and '%.40s'; add it to --by or mend a table",
                             join->row[0][i] + 1, join->side[0].name, join->row[1][i] + 1,
                             join->side[1].name, name, rgq_join_cell(&one, i),
                             rgq_join_cell(&other, i));
    return RGQ_OK;
}

/* ---- columns ---- */

static rgq_status make_room(rgq_cohort *c, size_t n, const rgq_cohort_columns *columns,
                            rgq_error *err)
{
    RGQ_PASS(err, rgq_alloc(&c->x, n, sizeof *c->x, err));
    RGQ_PASS(err, rgq_alloc(&c->y, n, sizeof *c->y, err));
    RGQ_PASS(err, rgq_alloc(&c->pair, n, sizeof *c->pair, err));
    RGQ_PASS(err, rgq_alloc(&c->missing, n, sizeof *c->missing, err));
    if (columns->cluster != NULL)
        RGQ_PASS(err, rgq_alloc(&c->cluster, n, sizeof *c->cluster, err));
    if (columns->size != NULL)
        RGQ_PASS(err, rgq_alloc(&c->size, n, sizeof *c->size, err));
    if (columns->time != NULL)
        RGQ_PASS(err, rgq_alloc(&c->time, n, sizeof *c->time, err));
    if (columns->positive != NULL)
        RGQ_PASS(err, rgq_alloc(&c->positive, n, sizeof *c->positive, err));
    return RGQ_OK;
}

static rgq_status keep_complete(rgq_cohort *c, const rgq_join *join,
                                const rgq_cohort_columns *columns, rgq_error *err)
{
    rgq_join_column x;
    rgq_join_column y;
    rgq_join_column patient = {NULL, 0, 0, NULL};
    double at[2] = {0.0, 0.0};

    RGQ_PASS(err, rgq_join_find(&x, join, columns->x, 0, err));
    RGQ_PASS(err, rgq_join_find(&y, join, columns->y, 1, err));
    if (columns->cluster != NULL)
        RGQ_PASS(err, rgq_join_find(&patient, join, columns->cluster, 0, err));
    for (size_t i = 0; i < join->n; i++) {
        RGQ_PASS(err, rgq_join_real(&at[0], &x, i, err));
        RGQ_PASS(err, rgq_join_real(&at[1], &y, i, err));
        if (isnan(at[0]) || isnan(at[1]) ||
            (columns->cluster != NULL && rgq_cell_is_missing(rgq_join_cell(&patient, i)))) {
            c->missing[c->n_missing++] = i;
            continue;
        }
        c->x[c->n] = at[0];
        c->y[c->n] = at[1];
        c->pair[c->n++] = i;
    }
    return columns->cluster != NULL ? number_patients(c, &patient, err) : RGQ_OK;
}

static rgq_status fill_reals(double *out, const rgq_cohort *c, const rgq_join *join,
                             const char *name, rgq_error *err)
{
    rgq_join_column column;

    RGQ_PASS(err, rgq_join_find(&column, join, name, 0, err));
    for (size_t i = 0; i < c->n; i++)
        RGQ_PASS(err, rgq_join_real(&out[i], &column, c->pair[i], err));
    return RGQ_OK;
}

static rgq_status fill_truths(rgq_cohort *c, const rgq_join *join, const char *name,
                              rgq_error *err)
{
    rgq_join_column column;

    RGQ_PASS(err, rgq_join_find(&column, join, name, 1, err));
    for (size_t i = 0; i < c->n; i++)
        RGQ_PASS(err, rgq_join_truth(&c->positive[i], &column, c->pair[i], err));
    return RGQ_OK;
}

rgq_status rgq_cohort_make(rgq_cohort *out, const rgq_join *join,
                           const rgq_cohort_columns *columns, rgq_error *err)
{
    *out = (rgq_cohort){.n = 0};
    RGQ_PASS(err, make_room(out, join->n, columns, err));
    if (columns->cluster != NULL)
        RGQ_PASS(err, check_patients(join, columns->cluster, err));
    RGQ_PASS(err, keep_complete(out, join, columns, err));
    if (columns->size != NULL)
        RGQ_PASS(err, fill_reals(out->size, out, join, columns->size, err));
    if (columns->time != NULL)
        RGQ_PASS(err, fill_reals(out->time, out, join, columns->time, err));
    if (columns->positive != NULL)
        RGQ_PASS(err, fill_truths(out, join, columns->positive, err));
    return RGQ_OK;
}

void rgq_cohort_release(rgq_cohort *cohort)
{
    rgq_free(cohort->x);
    rgq_free(cohort->y);
    rgq_free(cohort->size);
    rgq_free(cohort->time);
    rgq_free(cohort->cluster);
    rgq_free(cohort->positive);
    rgq_free(cohort->pair);
    rgq_free(cohort->missing);
    *cohort = (rgq_cohort){.n = 0};
}

rgq_pairs rgq_cohort_pairs(const rgq_cohort *cohort)
{
    return (rgq_pairs){cohort->x, cohort->y, cohort->cluster, cohort->n};
}
