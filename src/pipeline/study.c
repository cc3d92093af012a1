#include "pipeline/study.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"

/* ---- compartments ---- */

typedef struct compartments {
    int column; /* -1: none */
    const char *value[RGQ_COMPARTMENTS_MAX];
    int count; /* 1 without a column */
} compartments;

static rgq_status find_compartments(compartments *out, const rgq_cohort_study_plan *plan,
                                    rgq_error *err)
{
    const rgq_tsv *table = plan->right.table;
    const rgq_join ends = {.side = {plan->right, plan->right}};
    rgq_join_column column;

    *out = (compartments){.column = -1, .count = 1};
    if (plan->compartments == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_join_find(&column, &ends, plan->compartments, 1, err));
    *out = (compartments){.column = column.column};
    for (int r = 0; r < table->n_rows; r++) {
        const char *cell = rgq_tsv_cell(table, r, column.column);
        int k = 0;
        while (k < out->count && strcmp(out->value[k], cell) != 0)
            k++;
        if (k < out->count || rgq_cell_is_missing(cell))
            continue;
        if (out->count == RGQ_COMPARTMENTS_MAX)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%.120s: '%.60s' has more than %d different words; that is no "
                             "list of compartments",
                             plan->right.name, plan->compartments, (int)RGQ_COMPARTMENTS_MAX);
        out->value[out->count++] = cell;
    }
    if (out->count == 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%.120s: '%.60s' names no compartment",
                         plan->right.name, plan->compartments);
    return RGQ_OK;
}

/* ---- one comparison ---- */

/* What the data are is told apart from what cannot be done with them: the first ends all. */
static rgq_status gather(rgq_comparison *c, const rgq_cohort_study_plan *plan, int column,
                         rgq_error *err)
{
    const rgq_join_filter filter = {column, c->compartment};
    rgq_cohort_columns columns = plan->columns;

    if (plan->left.table == plan->right.table)
        RGQ_PASS(err, rgq_join_single(&c->join, &plan->left, plan->by, &filter, err));
    else
        RGQ_PASS(err,
                 rgq_join_make(&c->join, &plan->left, &plan->right, plan->by, &filter, err));
    columns.x = c->x;
    columns.y = c->y;
    return rgq_cohort_make(&c->cohort, &c->join, &columns, err);
}

/* Which column is x and which y, in front of the library's words. */
static void name_columns(rgq_error *err, const rgq_comparison *c)
{
    rgq_error_prefix(err, "x %.60s, y %.60s%s%.40s, %zu pairs: ", c->x, c->y,
                     c->compartment != NULL ? ", " : "",
                     c->compartment != NULL ? c->compartment : "", c->cohort.n);
}

static rgq_status compare(rgq_comparison *c, const rgq_cohort_study_plan *plan, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;

    RGQ_PASS(err, rgq_alloc(&c->validation, 1, sizeof *c->validation, err));
    const rgq_status st = rgq_validation_make(c->validation, &c->cohort, &plan->opts, &why);
    if (st == RGQ_OK)
        return RGQ_OK;
    name_columns(&why, c);
    rgq_text_copy(c->refused, sizeof c->refused, why.message);
    rgq_validation_release(c->validation);
    rgq_free(c->validation);
    c->validation = NULL;
    return st == RGQ_E_NOMEM ? RGQ_RAISE(err, st, "%s", c->refused) : RGQ_OK;
}

/* ---- all of them ---- */

static rgq_status count_words(int *out, const char *list, const char *option, rgq_error *err)
{
    char word[RGQ_COLUMN_NAME_MAX];

    for (*out = 0; rgq_list_word(word, sizeof word, list, *out); ++*out)
        if (word[0] == '\0')
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s '%.80s' has an empty name", option, list);
    return RGQ_OK;
}

static rgq_status correct(rgq_cohort_study *study, rgq_error *err)
{
    rgq_validation *list[RGQ_STUDY_MAX];

    for (size_t k = 0; k < study->n; k++)
        list[k] = study->item[k].validation;
    return rgq_validation_holm(list, study->n, err);
}

rgq_status rgq_cohort_study_make(rgq_cohort_study *out, const rgq_cohort_study_plan *plan,
                                 rgq_error *err)
{
    compartments parts;
    int n_x = 0;
    int n_y = 0;

    *out = (rgq_cohort_study){.item = NULL};
    RGQ_PASS(err, count_words(&n_x, plan->x, "--x", err));
    RGQ_PASS(err, count_words(&n_y, plan->y, "--y", err));
    RGQ_PASS(err, find_compartments(&parts, plan, err));
    if (n_x > RGQ_STUDY_MAX || n_y > RGQ_STUDY_MAX || n_x * n_y * parts.count > RGQ_STUDY_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%d columns x, %d columns y and %d compartments make more than %d "
                         "comparisons",
                         n_x, n_y, parts.count, (int)RGQ_STUDY_MAX);
    const int n = n_x * n_y * parts.count;
    RGQ_PASS(err, rgq_alloc(&out->item, (size_t)n, sizeof *out->item, err));
    for (int k = 0; k < n; k++) {
        rgq_comparison *const c = &out->item[k];
        out->n++;
        (void)rgq_list_word(c->x, sizeof c->x, plan->x, k / parts.count / n_y);
        (void)rgq_list_word(c->y, sizeof c->y, plan->y, k / parts.count % n_y);
        c->compartment = parts.value[k % parts.count];
        RGQ_PASS(err, gather(c, plan, parts.column, err));
        RGQ_PASS(err, compare(c, plan, err));
    }
    if (rgq_cohort_study_first(out) == NULL)
        return RGQ_RAISE(err, RGQ_E_NUMERIC, "%s", out->item[0].refused);
    return n > 1 ? correct(out, err) : RGQ_OK;
}

void rgq_cohort_study_release(rgq_cohort_study *study)
{
    for (size_t k = 0; k < study->n; k++) {
        rgq_comparison *const c = &study->item[k];
        rgq_join_release(&c->join);
        rgq_cohort_release(&c->cohort);
        if (c->validation != NULL)
            rgq_validation_release(c->validation);
        rgq_free(c->validation);
    }
    rgq_free(study->item);
    *study = (rgq_cohort_study){.item = NULL};
}

const rgq_comparison *rgq_cohort_study_first(const rgq_cohort_study *study)
{
    for (size_t k = 0; k < study->n; k++)
        if (study->item[k].validation != NULL)
            return &study->item[k];
    return NULL;
}
