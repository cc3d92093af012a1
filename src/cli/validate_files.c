#include "cli/validate_files.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/findings_json.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/text.h"
#include "pipeline/study_words.h"
#include "pipeline/uptake_model_fit.h"
#include "report/page.h"
#include "report/pair_plots.h"
#include "report/plot.h"
#include "rgdquant/scan_file.h"
#include "rgdquant/version.h"

/* ---- pairs ---- */

static const rgq_column columns[] = {
    {"comparison", RGQ_COLUMN_INT, NULL, "number of the comparison, from 1"},
    {"row_measures", RGQ_COLUMN_INT, NULL, "row of the measures, from 1 behind the header"},
    {"row_ihc", RGQ_COLUMN_INT, NULL, "row of the histology, from 1 behind the header"},
    {"patient", RGQ_COLUMN_INT, NULL, "number of the patient, in the order they appear"},
    {"x", RGQ_COLUMN_REAL, NULL, "the measure"},
    {"y", RGQ_COLUMN_REAL, NULL, "the score"},
    {"size", RGQ_COLUMN_REAL, NULL, "what the partial correlation holds fixed"},
    {"fit", RGQ_COLUMN_REAL, NULL, "y of the line at this x"},
    {"residual", RGQ_COLUMN_REAL, NULL, "y - fit"},
    {"key", RGQ_COLUMN_TEXT, NULL, "cells of the key columns, by --keep-keys"},
};

static rgq_status add_pair(rgq_table *table, const rgq_comparison *c, size_t i, bool keep_keys,
                           rgq_error *err)
{
    const rgq_cohort *cohort = &c->cohort;
    const size_t pair = cohort->pair[i];

    RGQ_PASS(err, rgq_table_add_row(table, err));
    rgq_table_set_int(table, "row_measures", c->join.row[0][pair] + 1);
    rgq_table_set_int(table, "row_ihc", c->join.row[1][pair] + 1);
    if (cohort->cluster != NULL)
        rgq_table_set_int(table, "patient", cohort->cluster[i]);
    rgq_table_set_real(table, "x", cohort->x[i]);
    rgq_table_set_real(table, "y", cohort->y[i]);
    if (cohort->size != NULL)
        rgq_table_set_real(table, "size", cohort->size[i]);
    if (c->validation != NULL && c->validation->has_line) {
        const rgq_uptake_model *m = &c->validation->line;
        const double fit = m->intercept + m->slope * cohort->x[i];
        rgq_table_set_real(table, "fit", fit);
        rgq_table_set_real(table, "residual", cohort->y[i] - fit);
    }
    return keep_keys ? rgq_key_set(table, &c->join, pair, err) : RGQ_OK;
}

rgq_status rgq_validate_pairs(const char *folder, const rgq_validate_results *results,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_table *table = NULL;
    char path[RGQ_PATH_MAX];
    const int n_columns =
        (int)(sizeof columns / sizeof columns[0]) - (results->keep_keys ? 0 : 1);

    RGQ_TRY(err, rgq_table_create(&table, columns, n_columns, err));
    for (size_t k = 0; k < results->study->n; k++) {
        const rgq_comparison *c = &results->study->item[k];
        for (size_t i = 0; i < c->cohort.n; i++) {
            RGQ_TRY(err, add_pair(table, c, i, results->keep_keys, err));
            rgq_table_set_int(table, "comparison", (long long)k + 1);
        }
    }
    RGQ_TRY(err, rgq_path_join(path, folder, "pairs.tsv", err));
    RGQ_TRY(err, rgq_table_write(path, table, NULL, false, err));
out:
    rgq_table_free(table);
    return st;
}

/* ---- plots ---- */

enum { BAND_POINTS = 61 };

static rgq_status plot_scatter(const char *folder, const char *name, const rgq_comparison *c,
                               rgq_error *err)
{
    const rgq_validation *v = c->validation;
    rgq_band_point band[BAND_POINTS];
    char title[200];
    char y_label[200];
    rgq_scatter_plot plot = {.title = title,
                             .x_label = c->x,
                             .y_label = y_label,
                             .x = c->cohort.x,
                             .y = c->cohort.y,
                             .n = c->cohort.n,
                             .band_label = "prediction of one new lesion"};
    double at[3];
    char label[80];

    rgq_cohort_study_caption(title, sizeof title, c, "pearson", "r");
    (void)snprintf(y_label, sizeof y_label, "%.80s%s%.80s", c->y,
                   c->compartment != NULL ? ", " : "",
                   c->compartment != NULL ? c->compartment : "");
    if (v->has_line) {
        const double step = (v->line.uptake.high - v->line.uptake.low) / (BAND_POINTS - 1);
        const double level = v->found.row[0].stat.confidence;
        for (int i = 0; i < BAND_POINTS; i++) {
            const double x = v->line.uptake.low + step * i;
            rgq_uptake_model_band(at, &v->line, x, level);
            band[i] = (rgq_band_point){x, at[0], at[1], at[2]};
        }
        plot.band = band;
        plot.n_band = BAND_POINTS;
        (void)snprintf(label, sizeof label, "%.4g %% prediction%s", 100.0 * level,
                       v->found.n_patients > 0 ? ", new patient" : "");
        plot.band_label = label;
    }
    return rgq_scatter_plot_write(folder, name, &plot, err);
}

static rgq_status plot_limits(const char *folder, const char *name, const rgq_comparison *c,
                              rgq_error *err)
{
    const rgq_bland_altman *b = &c->validation->limits;
    char title[200];
    char x_label[300];
    char y_label[300];

    (void)snprintf(title, sizeof title, "limits of agreement, %zu pairs", c->cohort.n);
    (void)snprintf(x_label, sizeof x_label, "mean of %.120s and %.120s", c->x, c->y);
    (void)snprintf(y_label, sizeof y_label, "%.120s (y) - %.120s (x)", c->y, c->x);
    const rgq_difference_plot plot = {.title = title,
                                      .x_label = x_label,
                                      .y_label = y_label,
                                      .x = c->cohort.x,
                                      .y = c->cohort.y,
                                      .n = c->cohort.n,
                                      .bias = b->bias.value,
                                      .lower = b->lower.value,
                                      .upper = b->upper.value};
    return rgq_difference_plot_write(folder, name, &plot, err);
}

static rgq_status plot_roc(const char *folder, const char *name, const rgq_comparison *c,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_roc *roc = &c->validation->roc;
    double *at = NULL;
    char title[200];

    RGQ_TRY(err, rgq_alloc(&at, 2 * roc->n_points, sizeof *at, err));
    for (size_t i = 0; i < roc->n_points; i++) {
        at[i] = 1.0 - roc->points[i].specificity;
        at[roc->n_points + i] = roc->points[i].sensitivity;
    }
    (void)snprintf(title, sizeof title,
                   "%.60s: area %.2f (%.2f to %.2f), %zu positive, %zu "
                   "negative",
                   c->x, roc->auc.value, roc->auc.low, roc->auc.high, roc->n_positive,
                   roc->n_negative);
    const rgq_roc_plot plot = {title, at, at + roc->n_points, roc->n_points};
    RGQ_TRY(err, rgq_roc_plot_write(folder, name, &plot, err));
out:
    rgq_free(at);
    return st;
}

/* "scatter", "scatter_2", ... */
static const char *plot_name(char out[40], const char *stem, size_t k)
{
    if (k == 0)
        (void)snprintf(out, 40, "%s", stem);
    else
        (void)snprintf(out, 40, "%s_%zu", stem, k + 1);
    return out;
}

static rgq_status plot_all(const char *folder, const rgq_comparison *c, size_t k,
                           rgq_error *err)
{
    char name[40];

    RGQ_PASS(err, plot_scatter(folder, plot_name(name, "scatter", k), c, err));
    if (c->validation->has_limits)
        RGQ_PASS(err, plot_limits(folder, plot_name(name, "bland_altman", k), c, err));
    if (c->validation->has_roc)
        RGQ_PASS(err, plot_roc(folder, plot_name(name, "roc", k), c, err));
    return RGQ_OK;
}

rgq_status rgq_validate_plots(const char *folder, const rgq_cohort_study *study,
                              const rgq_log *log, rgq_error *err)
{
    if (!rgq_plot_is_there()) {
        RGQ_WARN(log, "there is no gnuplot: the plots are left out; install gnuplot-nox");
        return RGQ_OK;
    }
    for (size_t k = 0; k < study->n; k++) {
        rgq_error own = RGQ_ERROR_INIT;
        if (study->item[k].validation == NULL)
            continue;
        const rgq_status st = plot_all(folder, &study->item[k], k, &own);
        if (st == RGQ_E_NOMEM)
            return RGQ_RAISE(err, st, "%s", own.message);
        if (st != RGQ_OK)
            RGQ_WARN(log, "a plot is left out: %s", own.message);
    }
    return RGQ_OK;
}

/* ---- the page ---- */

static const char page_style[] =
    "body{font:15px/1.45 system-ui,sans-serif;color:#202020;margin:2em auto;max-width:64em;"
    "padding:0 1.5em}h1{font-size:1.5em}h2{font-size:1.15em;margin-top:1.8em;border-bottom:1px "
    "solid #ccc}table{border-collapse:collapse;font-size:.88em}th,td{padding:.2em .6em;"
    "text-align:left;border-bottom:1px solid #e4e4e4}td.n{text-align:right;"
    "font-variant-numeric:tabular-nums}img{max-width:48%;margin:.3em}.small{font-size:.9em;"
    "color:#555}";

static void add_sentences(rgq_text *page, const rgq_json *sentences)
{
    rgq_text_printf(page, "<ul>\n");
    for (size_t i = 0; i < rgq_json_count(sentences); i++) {
        rgq_text_printf(page, "<li>");
        rgq_text_append_html(page, rgq_json_text(rgq_json_at(sentences, i), ""));
        rgq_text_printf(page, "</li>\n");
    }
    rgq_text_printf(page, "</ul>\n");
}

static rgq_status add_picture(rgq_text *page, const char *folder, const char *stem, size_t k,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *bytes = NULL;
    size_t length = 0;
    char name[40];
    char file[64];
    char path[RGQ_PATH_MAX];

    (void)snprintf(file, sizeof file, "%s.png", plot_name(name, stem, k));
    RGQ_TRY(err, rgq_path_join(path, folder, file, err));
    if (!rgq_path_exists(path))
        goto out;
    RGQ_TRY(err, rgq_file_read(&bytes, &length, path, (size_t)16 << 20, err));
    rgq_text_printf(page, "<img alt=\"%s\" src=\"data:image/png;base64,", name);
    rgq_text_append_base64(page, (const unsigned char *)bytes, length);
    rgq_text_printf(page, "\">\n");
out:
    rgq_free(bytes);
    return st;
}

static void add_number(rgq_text *page, double value)
{
    if (isfinite(value))
        rgq_text_printf(page, "<td class=\"n\">%.4g</td>", value);
    else
        rgq_text_printf(page, "<td class=\"n\">n/a</td>");
}

static void add_table(rgq_text *page, const rgq_validation *v)
{
    rgq_text_printf(page, "<table><tr><th>statistic</th><th>variant</th><th>value</th><th>low"
                          "</th><th>high</th><th>p</th><th>n</th><th>interval</th><th>note"
                          "</th></tr>\n");
    for (int i = 0; i < v->found.n_rows; i++) {
        const rgq_stat *s = &v->found.row[i].stat;
        rgq_text_printf(page, "<tr><td>%s</td><td>%s</td>", v->found.row[i].statistic,
                        v->found.row[i].variant);
        add_number(page, s->value);
        add_number(page, s->low);
        add_number(page, s->high);
        add_number(page, s->p);
        rgq_text_printf(page, "<td class=\"n\">%zu</td><td>", s->n);
        rgq_text_append_html(page, s->interval_by);
        rgq_text_printf(page, "</td><td>");
        rgq_text_append_html(page, s->note);
        rgq_text_printf(page, "</td></tr>\n");
    }
    rgq_text_printf(page, "</table>\n");
}

static rgq_status add_part(rgq_text *page, const char *folder, const rgq_comparison *c,
                           const rgq_json *node, size_t k, rgq_error *err)
{
    static const char *const stems[] = {"scatter", "bland_altman", "roc"};

    rgq_text_printf(page, "<h2>");
    rgq_text_append_html(page, c->x);
    rgq_text_printf(page, " against ");
    rgq_text_append_html(page, c->y);
    if (c->compartment != NULL) {
        rgq_text_printf(page, ", ");
        rgq_text_append_html(page, c->compartment);
    }
    rgq_text_printf(page, "</h2>\n");
    add_sentences(page, rgq_json_get(node, "sentences"));
    if (c->validation == NULL)
        return RGQ_OK;
    for (size_t i = 0; i < 3; i++)
        RGQ_PASS(err, add_picture(page, folder, stems[i], k, err));
    add_table(page, c->validation);
    return RGQ_OK;
}

rgq_status rgq_validate_page(const char *folder, const rgq_validate_results *results,
                             const rgq_json *json, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text page = RGQ_TEXT_INIT;
    const rgq_json *nodes = rgq_json_get(json, "comparisons");
    char path[RGQ_PATH_MAX];

    rgq_text_printf(&page,
                    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                    "<title>Uptake and histology</title><style>%s</style></head><body>\n"
                    "<h1>Uptake and histology</h1>\n<p class=\"small\">rgdquant %s; research "
                    "use. Intervals are of %.4g %%; rows of a name: the first is the one to "
                    "quote. Every number with its method is in validation.json.</p>\n",
                    page_style, rgq_version(), 100.0 * results->plan->opts.stat.confidence);
    for (size_t k = 0; k < results->study->n; k++)
        RGQ_TRY(err, add_part(&page, folder, &results->study->item[k], rgq_json_at(nodes, k), k,
                              err));
    rgq_text_printf(&page, "</body></html>\n");
    RGQ_TRY(err, rgq_text_check(&page, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "report.html", err));
    RGQ_TRY(err, rgq_file_write(path, page.data, page.length, false, err));
out:
    rgq_text_release(&page);
    return st;
}
