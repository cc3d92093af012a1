#include "cli/response_results.h"

#include <math.h>
#include <stdio.h>

#include "cli/findings_json.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "report/pair_plots.h"
#include "report/plot.h"
#include "rgdquant/scan_file.h"

/* ---- the table ---- */

static const rgq_column columns[] = {
    {"row_base", RGQ_COLUMN_INT, NULL, "row of the baseline, from 1 behind the header"},
    {"row_follow", RGQ_COLUMN_INT, NULL, "row of the follow-up, from 1 behind the header"},
    {"patient", RGQ_COLUMN_INT, NULL, "number of the patient, in the order they appear"},
    {"baseline", RGQ_COLUMN_REAL, NULL, "the measure before"},
    {"follow_up", RGQ_COLUMN_REAL, NULL, "the measure after"},
    {"change", RGQ_COLUMN_REAL, NULL, "follow_up - baseline"},
    {"change_percent", RGQ_COLUMN_REAL, "%", "of the baseline; n/a unless that is above 0"},
    {"beyond_repeatability", RGQ_COLUMN_TEXT, NULL,
     "fell, rose or within limits; n/a without a limit"},
    {"responder", RGQ_COLUMN_INT, NULL, "1 yes, 0 no"},
    {"key", RGQ_COLUMN_TEXT, NULL, "cells of the key columns, by --keep-keys"},
};

static rgq_status add_row(rgq_table *table, const rgq_response_results *r, size_t i,
                          rgq_error *err)
{
    const rgq_cohort *c = r->cohort;
    const size_t pair = c->pair[i];
    const char *word = rgq_change_class_name(r->response->verdict[i]);

    RGQ_PASS(err, rgq_table_add_row(table, err));
    rgq_table_set_int(table, "row_base", r->join->row[0][pair] + 1);
    rgq_table_set_int(table, "row_follow", r->join->row[1][pair] + 1);
    if (c->cluster != NULL)
        rgq_table_set_int(table, "patient", c->cluster[i]);
    rgq_table_set_real(table, "baseline", c->x[i]);
    rgq_table_set_real(table, "follow_up", c->y[i]);
    rgq_table_set_real(table, "change", r->response->change[i]);
    rgq_table_set_real(table, "change_percent", r->response->percent[i]);
    if (word[0] != '\0')
        RGQ_PASS(err, rgq_table_set_text(table, "beyond_repeatability", word, err));
    if (c->positive != NULL && c->positive[i] >= 0)
        rgq_table_set_int(table, "responder", c->positive[i]);
    return r->keep_keys ? rgq_key_set(table, r->join, pair, err) : RGQ_OK;
}

rgq_status rgq_response_table(rgq_table **out, const rgq_response_results *results,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    const int n_columns =
        (int)(sizeof columns / sizeof columns[0]) - (results->keep_keys ? 0 : 1);

    *out = NULL;
    RGQ_TRY(err, rgq_table_create(&table, columns, n_columns, err));
    for (size_t i = 0; i < results->cohort->n; i++)
        RGQ_TRY(err, add_row(table, results, i, err));
    *out = table;
    table = NULL;
out:
    rgq_table_free(table);
    return st;
}

/* ---- sentences ---- */

#define SAY(array, err, ...)                                                                   \
    do {                                                                                       \
        char sentence[512];                                                                    \
        (void)snprintf(sentence, sizeof sentence, __VA_ARGS__);                                \
        RGQ_PASS(err, rgq_json_set_text((array), NULL, sentence, err));                        \
    } while (0)

static rgq_status say_change(rgq_json *array, const rgq_response_results *r, rgq_error *err)
{
    const rgq_findings *list = &r->response->found;
    const rgq_found *change = rgq_findings_find(list, "change_mean");
    const rgq_found *percent = rgq_findings_find(list, "change_percent");
    const rgq_found *test = rgq_findings_find(list, "wilcoxon_shift");

    if (list->n_patients > 0)
        SAY(array, err, "%s: %zu regions of %zu patients before and after.", r->measure,
            list->n, list->n_patients);
    else
        SAY(array, err,
            "%s: %zu regions before and after, taken as independent; if some are of one "
            "patient, all intervals are too narrow (--cluster).",
            r->measure, list->n);
    if (change != NULL)
        SAY(array, err, "The mean change is %.4g (%.4g to %.4g), from a mean of %.4g before.",
            change->stat.value, change->stat.low, change->stat.high,
            rgq_findings_find(list, "baseline_mean")->stat.value);
    if (percent != NULL)
        SAY(array, err, "In percent of the baseline that is %.1f (%.1f to %.1f).",
            percent->stat.value, percent->stat.low, percent->stat.high);
    if (test != NULL)
        SAY(array, err, "Wilcoxon's signed ranks: p %.3g, %s.", test->stat.p, test->stat.note);
    return RGQ_OK;
}

static rgq_status say_limits(rgq_json *array, const rgq_response_results *r, rgq_error *err)
{
    const rgq_response_limits *l = r->limits;
    const size_t *n = r->response->n_class;

    if (l->origin[0] == '\0') {
        SAY(array, err,
            "No limit of repeatability is known: which change is more than "
            "repeating the scan gives cannot be said.");
        return RGQ_OK;
    }
    if (isfinite(l->percent_low))
        SAY(array, err,
            "Limits of repeatability (%s): %.1f to %.1f %%. %zu fell below, %zu rose above, "
            "%zu "
            "stayed within, %zu cannot be judged.",
            l->origin, l->percent_low, l->percent_high, n[RGQ_CHANGE_FELL], n[RGQ_CHANGE_ROSE],
            n[RGQ_CHANGE_WITHIN], n[RGQ_CHANGE_UNKNOWN]);
    else
        SAY(array, err,
            "Limits of repeatability (%s): +-%.4g in the unit of the measure. %zu fell below, "
            "%zu rose above, %zu stayed within.",
            l->origin, l->change, n[RGQ_CHANGE_FELL], n[RGQ_CHANGE_ROSE], n[RGQ_CHANGE_WITHIN]);
    if (l->has_repeats)
        SAY(array, err,
            "They rest on %zu lesions measured twice; the coefficient of repeatability is %.4g "
            "(%.4g to %.4g).",
            l->repeats.coefficient.n, l->repeats.coefficient.value, l->repeats.coefficient.low,
            l->repeats.coefficient.high);
    return RGQ_OK;
}

static rgq_status say_one(rgq_json *array, const rgq_findings *list, const char *auc,
                          const char *fisher, const char *what, rgq_error *err)
{
    const rgq_found *a = rgq_findings_find(list, auc);
    const rgq_found *f = rgq_findings_find(list, fisher);

    if (a != NULL && !isfinite(a->stat.low))
        SAY(array, err, "%s: area under the ROC curve %.2f; no interval can be given (%s).",
            what, a->stat.value, a->stat.note);
    else if (a != NULL)
        SAY(array, err,
            "%s: area under the ROC curve %.2f (%.2f to %.2f); 0.5 would be chance%s.", what,
            a->stat.value, a->stat.low, a->stat.high,
            a->stat.low <= 0.5 && a->stat.high >= 0.5 ? ", which the interval holds" : "");
    if (f != NULL)
        SAY(array, err, "%s: Fisher's exact test, p %.3g (%s).", what, f->stat.p, f->stat.note);
    return RGQ_OK;
}

static rgq_status add_sentences(rgq_json *array, const rgq_response_results *r, rgq_error *err)
{
    const rgq_findings *list = &r->response->found;

    RGQ_PASS(err, say_change(array, r, err));
    RGQ_PASS(err, say_limits(array, r, err));
    if (r->cohort->positive != NULL) {
        RGQ_PASS(err, say_one(array, list, "auc_baseline", "fisher_baseline",
                              "Baseline and response", err));
        RGQ_PASS(err, say_one(array, list, "auc_change", "fisher_change", "Change and response",
                              err));
    }
    for (int i = 0; i < list->n_left_out; i++)
        SAY(array, err, "Left out, %s: %.400s.", list->left_out[i].what,
            list->left_out[i].reason);
    return RGQ_OK;
}

/* ---- the document ---- */

static rgq_status add_limits(rgq_json *root, const rgq_response_limits *l, rgq_error *err)
{
    rgq_json *node = NULL;

    if (l->origin[0] == '\0')
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_object(&node, root, "repeatability", err));
    RGQ_PASS(err, rgq_json_set_text(node, "origin", l->origin, err));
    RGQ_PASS(err, rgq_json_set_real(node, "percent_low", l->percent_low, err));
    RGQ_PASS(err, rgq_json_set_real(node, "percent_high", l->percent_high, err));
    if (!l->has_repeats)
        return RGQ_OK;
    const rgq_repeatability *p = &l->repeats;
    RGQ_PASS(err, rgq_json_set_int(node, "lesions", (long long)p->coefficient.n, err));
    RGQ_PASS(err, rgq_json_set_real(node, "sd_within", p->sd_within.value, err));
    RGQ_PASS(err, rgq_json_set_real(node, "cv_within", p->cv_within, err));
    RGQ_PASS(err, rgq_json_set_real(node, "coefficient", p->coefficient.value, err));
    RGQ_PASS(err, rgq_json_set_real(node, "coefficient_low", p->coefficient.low, err));
    RGQ_PASS(err, rgq_json_set_real(node, "coefficient_high", p->coefficient.high, err));
    RGQ_PASS(err, rgq_json_set_real(node, "bias", p->bias.value, err));
    if (p->coefficient.note[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(node, "note", p->coefficient.note, err));
    return RGQ_OK;
}

rgq_status rgq_response_json(rgq_json **out, const rgq_response_results *results,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_join *join = results->join;
    rgq_json *root = NULL;
    rgq_json *node = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, rgq_json_set_int(root, "format", 1, err));
    RGQ_TRY(err, rgq_json_set_text(root, "kind", "response", err));
    RGQ_TRY(err, rgq_json_set_text(root, "measure", results->measure, err));
    RGQ_TRY(err, rgq_json_set_text(root, "by", results->by, err));
    if (results->cluster != NULL)
        RGQ_TRY(err, rgq_json_set_text(root, "cluster", results->cluster, err));
    RGQ_TRY(err, rgq_json_set_real(root, "confidence", results->confidence, err));
    RGQ_TRY(err, rgq_json_add_object(&node, root, "rows", err));
    RGQ_TRY(err, rgq_json_set_int(node, "matched", (long long)join->n, err));
    RGQ_TRY(err, rgq_json_set_int(node, "used", (long long)results->cohort->n, err));
    RGQ_TRY(err,
            rgq_rows_json(node, "base_without_partner", join->alone[0], join->n_alone[0], err));
    RGQ_TRY(err, rgq_rows_json(node, "follow_without_partner", join->alone[1], join->n_alone[1],
                               err));
    RGQ_TRY(err, add_limits(root, results->limits, err));
    RGQ_TRY(err, rgq_findings_json(root, &results->response->found, err));
    RGQ_TRY(err, rgq_json_add_array(&node, root, "sentences", err));
    RGQ_TRY(err, add_sentences(node, results, err));
    *out = root;
    root = NULL;
out:
    rgq_json_free(root);
    return st;
}

/* ---- files ---- */

static rgq_status plot_changes(const char *folder, const rgq_response_results *r,
                               const rgq_log *log, rgq_error *err)
{
    const bool in_percent = isfinite(r->limits->percent_low) || r->limits->origin[0] == '\0';
    char title[200];
    char label[120];
    rgq_error own = RGQ_ERROR_INIT;

    if (!rgq_plot_is_there()) {
        RGQ_WARN(log, "there is no gnuplot: the plot is left out; install gnuplot-nox");
        return RGQ_OK;
    }
    (void)snprintf(title, sizeof title, "change of %.60s, %zu regions", r->measure,
                   r->cohort->n);
    (void)snprintf(label, sizeof label, "change of %.60s%s", r->measure,
                   in_percent ? " [% of the baseline]" : "");
    const rgq_change_plot plot = {
        .title = title,
        .y_label = label,
        .change = in_percent ? r->response->percent : r->response->change,
        .n = r->cohort->n,
        .low = in_percent ? r->limits->percent_low : -r->limits->change,
        .high = in_percent ? r->limits->percent_high : r->limits->change};
    const rgq_status st = rgq_change_plot_write(folder, "change", &plot, &own);
    if (st == RGQ_E_NOMEM)
        return RGQ_RAISE(err, st, "%s", own.message);
    if (st != RGQ_OK)
        RGQ_WARN(log, "a plot is left out: %s", own.message);
    return RGQ_OK;
}

rgq_status rgq_response_write(const char *folder, const rgq_response_results *results,
                              const rgq_json *json, const rgq_table *table, const rgq_log *log,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *extra = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_json_dump(&extra, json, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "response.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, table, extra, false, err));
    RGQ_TRY(err, plot_changes(folder, results, log, err));
out:
    rgq_free(extra);
    return st;
}
