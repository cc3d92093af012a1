#include "cli/validate_results.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/findings_json.h"
#include "cli/results.h"
#include "cli/validate_files.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "pipeline/study_words.h"
#include "rgdquant/scan_file.h"

/* ---- the table of statistics ---- */

static const rgq_column columns[] = {
    {"comparison", RGQ_COLUMN_INT, NULL, "number of the comparison, from 1"},
    {"x", RGQ_COLUMN_TEXT, NULL, "column of the measures"},
    {"y", RGQ_COLUMN_TEXT, NULL, "column of the histology"},
    {"compartment", RGQ_COLUMN_TEXT, NULL, "part of the tissue the rows were taken of"},
    {"statistic", RGQ_COLUMN_TEXT, NULL, "name; the first row of a name is the one to quote"},
    {"variant", RGQ_COLUMN_TEXT, NULL,
     "clustered: over patients; naive: rows as independent; bootstrap: patients drawn; "
     "permutation: random orders; exact"},
    {"value", RGQ_COLUMN_REAL, NULL, "estimate"},
    {"low", RGQ_COLUMN_REAL, NULL, "lower end of the interval"},
    {"high", RGQ_COLUMN_REAL, NULL, "upper end of the interval"},
    {"confidence", RGQ_COLUMN_REAL, NULL, "of the interval"},
    {"se", RGQ_COLUMN_REAL, NULL, "standard error, on the scale the interval is made on"},
    {"dof", RGQ_COLUMN_REAL, NULL, "degrees of freedom behind the interval"},
    {"p", RGQ_COLUMN_REAL, NULL, "two-sided, of the value being 0 (ROC area: 0.5)"},
    {"p_holm", RGQ_COLUMN_REAL, NULL, "the same by Holm's correction over all comparisons"},
    {"n", RGQ_COLUMN_INT, NULL, "pairs"},
    {"n_patients", RGQ_COLUMN_INT, NULL, "patients; n/a: pairs taken as independent"},
    {"interval_by", RGQ_COLUMN_TEXT, NULL, "method of the interval"},
    {"p_by", RGQ_COLUMN_TEXT, NULL, "method of p"},
    {"seed", RGQ_COLUMN_INT, NULL, "of random numbers; n/a: none were drawn"},
    {"draws", RGQ_COLUMN_INT, NULL, "samples these made"},
    {"note", RGQ_COLUMN_TEXT, NULL, "what must be known to read it"},
};

static rgq_status set_words(rgq_table *table, const char *column, const char *words,
                            rgq_error *err)
{
    return words != NULL && words[0] != '\0' ? rgq_table_set_text(table, column, words, err)
                                             : RGQ_OK;
}

static rgq_status add_row(rgq_table *table, const rgq_comparison *c, size_t number,
                          const rgq_found *row, rgq_error *err)
{
    const rgq_stat *s = &row->stat;

    RGQ_PASS(err, rgq_table_add_row(table, err));
    rgq_table_set_int(table, "comparison", (long long)number);
    RGQ_PASS(err, rgq_table_set_text(table, "x", c->x, err));
    RGQ_PASS(err, rgq_table_set_text(table, "y", c->y, err));
    RGQ_PASS(err, set_words(table, "compartment", c->compartment, err));
    RGQ_PASS(err, rgq_table_set_text(table, "statistic", row->statistic, err));
    RGQ_PASS(err, rgq_table_set_text(table, "variant", row->variant, err));
    rgq_table_set_real(table, "value", s->value);
    rgq_table_set_real(table, "low", s->low);
    rgq_table_set_real(table, "high", s->high);
    if (isfinite(s->low) || isfinite(s->high))
        rgq_table_set_real(table, "confidence", s->confidence);
    rgq_table_set_real(table, "se", s->se);
    rgq_table_set_real(table, "dof", s->dof);
    rgq_table_set_real(table, "p", s->p);
    rgq_table_set_real(table, "p_holm", row->p_holm);
    rgq_table_set_int(table, "n", (long long)s->n);
    if (s->n_clusters > 0)
        rgq_table_set_int(table, "n_patients", (long long)s->n_clusters);
    RGQ_PASS(err, set_words(table, "interval_by", s->interval_by, err));
    RGQ_PASS(err, set_words(table, "p_by", s->p_by, err));
    if (s->draws > 0) {
        rgq_table_set_int(table, "seed", (long long)s->seed);
        rgq_table_set_int(table, "draws", (long long)s->draws);
    }
    return set_words(table, "note", s->note, err);
}

rgq_status rgq_validate_table(rgq_table **out, const rgq_cohort_study *study, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;

    *out = NULL;
    RGQ_TRY(err,
            rgq_table_create(&table, columns, (int)(sizeof columns / sizeof columns[0]), err));
    for (size_t k = 0; k < study->n; k++) {
        const rgq_validation *v = study->item[k].validation;
        for (int i = 0; v != NULL && i < v->found.n_rows; i++)
            RGQ_TRY(err, add_row(table, &study->item[k], k + 1, &v->found.row[i], err));
    }
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}

/* ---- the document ---- */

static rgq_status set_text(rgq_json *node, const char *key, const char *value, rgq_error *err)
{
    return value != NULL && value[0] != '\0' ? rgq_json_set_text(node, key, value, err)
                                             : RGQ_OK;
}

/* Which rows took part; as numbers from 1 behind the header, since keys may name a person. */
static rgq_status add_pairing(rgq_json *root, const rgq_comparison *c, rgq_error *err)
{
    rgq_json *node = NULL;
    rgq_json *array = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "rows", err));
    RGQ_PASS(err, rgq_json_set_int(node, "matched", (long long)c->join.n, err));
    RGQ_PASS(err, rgq_json_set_int(node, "used", (long long)c->cohort.n, err));
    RGQ_PASS(err, rgq_rows_json(node, "measures_without_partner", c->join.alone[0],
                                c->join.n_alone[0], err));
    RGQ_PASS(err, rgq_rows_json(node, "ihc_without_partner", c->join.alone[1],
                                c->join.n_alone[1], err));
    RGQ_PASS(err, rgq_json_add_array(&array, node, "without_value", err));
    for (size_t i = 0; i < c->cohort.n_missing; i++)
        RGQ_PASS(err,
                 rgq_json_set_int(array, NULL, c->join.row[0][c->cohort.missing[i]] + 1, err));
    return RGQ_OK;
}

static rgq_status add_curve(rgq_json *root, const rgq_validation *v, rgq_error *err)
{
    rgq_json *node = NULL;
    rgq_json *points = NULL;

    if (!v->has_roc)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_object(&node, root, "roc", err));
    RGQ_PASS(err, rgq_json_set_int(node, "n_positive", (long long)v->roc.n_positive, err));
    RGQ_PASS(err, rgq_json_set_int(node, "n_negative", (long long)v->roc.n_negative, err));
    RGQ_PASS(err,
             rgq_json_set_text(node, "point", "[threshold, sensitivity, specificity]", err));
    RGQ_PASS(err, rgq_json_add_array(&points, node, "points", err));
    for (size_t i = 0; i < v->roc.n_points; i++) {
        const rgq_roc_point *p = &v->roc.points[i];
        const double at[3] = {p->threshold, p->sensitivity, p->specificity};
        RGQ_PASS(err, rgq_json_set_reals(points, NULL, at, 3, err));
    }
    return RGQ_OK;
}

static rgq_status add_comparison(rgq_json *array, const rgq_validate_results *r, size_t k,
                                 rgq_error *err)
{
    const rgq_comparison *c = &r->study->item[k];
    rgq_json *node = NULL;
    rgq_json *words = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "x", c->x, err));
    RGQ_PASS(err, rgq_json_set_text(node, "y", c->y, err));
    RGQ_PASS(err, set_text(node, "compartment", c->compartment, err));
    RGQ_PASS(err, rgq_json_set_int(node, "n", (long long)c->cohort.n, err));
    if (c->cohort.n_patients > 0)
        RGQ_PASS(err,
                 rgq_json_set_int(node, "n_patients", (long long)c->cohort.n_patients, err));
    RGQ_PASS(err, add_pairing(node, c, err));
    RGQ_PASS(err, rgq_json_add_array(&words, node, "sentences", err));
    RGQ_PASS(err, rgq_cohort_study_sentences(words, c, r->study->n, err));
    if (c->validation == NULL)
        return rgq_json_set_text(node, "refused", c->refused, err);
    RGQ_PASS(err, rgq_findings_json(node, &c->validation->found, err));
    return add_curve(node, c->validation, err);
}

rgq_status rgq_validate_json(rgq_json **out, const rgq_validate_results *results,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_cohort_study_plan *plan = results->plan;
    rgq_json *root = NULL;
    rgq_json *array = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_int(root, "format", 1, err));
    RGQ_TRY(err, rgq_json_set_text(root, "kind", "validation", err));
    RGQ_TRY(err, set_text(root, "by", plan->by, err));
    RGQ_TRY(err, set_text(root, "cluster", plan->columns.cluster, err));
    RGQ_TRY(err, set_text(root, "size", plan->columns.size, err));
    RGQ_TRY(err, rgq_json_set_real(root, "confidence", plan->opts.stat.confidence, err));
    RGQ_TRY(err, rgq_json_set_text(root, "p_method", results->p_method, err));
    RGQ_TRY(err, rgq_json_set_int(root, "seed", (long long)plan->opts.stat.seed, err));
    RGQ_TRY(err, rgq_json_set_text(root, "several_comparisons",
                                   results->study->n > 1 ? "Holm" : "one comparison", err));
    RGQ_TRY(err, rgq_json_add_array(&array, root, "comparisons", err));
    for (size_t k = 0; k < results->study->n; k++)
        RGQ_TRY(err, add_comparison(array, results, k, err));
    *out = root;
    root = NULL;
out:
    rgq_json_free(root);
    return st;
}

/* ---- all of it ---- */

rgq_status rgq_validate_write(const char *folder, const rgq_validate_results *results,
                              const rgq_json *json, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    char *extra = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_validate_table(&table, results->study, err));
    RGQ_TRY(err, rgq_json_dump(&extra, json, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "validation.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, table, extra, false, err));
    RGQ_TRY(err, rgq_validate_pairs(folder, results, err));
    RGQ_TRY(err, rgq_validate_plots(folder, results->study, log, err));
    RGQ_TRY(err, rgq_validate_page(folder, results, json, err));
out:
    rgq_free(extra);
    rgq_table_free(table);
    return st;
}
