#include "report/page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/references.h"

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;color:#202020;margin:2em auto;max-width:84em;"
    "padding:0 1.5em}"
    "h1{font-size:1.5em;margin-bottom:.2em}h3{font-size:1em;margin:1.2em 0 "
    ".2em}h2{font-size:1.15em;margin-top:1.8em;"
    "border-bottom:1px solid #ccc}"
    "table{border-collapse:collapse;font-size:.92em;margin:.4em 0}"
    "th,td{padding:.25em .7em;text-align:left;vertical-align:top;border-bottom:1px solid "
    "#e4e4e4}"
    "th{border-bottom:2px solid #999;font-weight:600}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}"
    ".wide td:first-child,td.n{white-space:nowrap}.wide td,.wide th{padding:.25em .45em}"
    "td{overflow-wrap:anywhere}td:first-child{overflow-wrap:normal;white-space:nowrap}"
    "figure{margin:1em 0}img{max-width:100%;border:1px solid #ccc}"
    "figcaption,.small{font-size:.9em;color:#555}"
    ".notice{border:2px solid #a33;padding:.6em 1em;background:#fff6f4}"
    ".warn{border-left:5px solid #d58a00;padding:.3em 1em;background:#fff9ec}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1.2em;margin:.3em 0}"
    "dt{color:#555}dd{margin:0}"
    ".wide{overflow-x:auto}code{font-size:.92em;overflow-wrap:anywhere}"
    "ul{margin:.2em 0;padding-left:1.3em}";

void rgq_text_append_base64(rgq_text *text, const unsigned char *bytes, size_t length)
{
    static const char digit[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        const size_t left = length - i;
        const unsigned long group = (unsigned long)bytes[i] << 16 |
                                    (left > 1 ? (unsigned long)bytes[i + 1] << 8 : 0UL) |
                                    (left > 2 ? (unsigned long)bytes[i + 2] : 0UL);
        const char out[4] = {digit[group >> 18 & 63U], digit[group >> 12 & 63U],
                             (char)(left > 1 ? digit[group >> 6 & 63U] : '='),
                             (char)(left > 2 ? digit[group & 63U] : '=')};
        rgq_text_append(text, out, 4);
    }
}

/* ---- the table of measures ---- */

static void append_number(rgq_text *text, double value)
{
    if (isfinite(value)) /* a count of voxels needs no exponent */
        rgq_text_printf(text, fabs(value) < 1e5 || fabs(value) > 1e12 ? "%.5g" : "%.0f", value);
    else
        rgq_text_printf(text, "n/a");
}

static void append_cell(rgq_text *text, const rgq_table *table, int row, int column)
{
    if (rgq_table_column(table, column)->kind == RGQ_COLUMN_TEXT) {
        rgq_text_printf(text, "<td>");
        rgq_text_append_html(text, rgq_table_text(table, row, column));
    } else {
        rgq_text_printf(text, "<td class=\"n\">");
        append_number(text, rgq_table_real(table, row, column));
    }
    rgq_text_printf(text, "</td>");
}

static void append_heading(rgq_text *text, const rgq_column *column)
{
    rgq_text_printf(text, column->kind == RGQ_COLUMN_TEXT ? "<th title=\""
                                                          : "<th class=\"n\" title=\"");
    rgq_text_append_html(text, column->description != NULL ? column->description : "");
    rgq_text_printf(text, "\">");
    rgq_text_append_html(text, column->name);
    rgq_text_printf(text, "</th>");
}

static double real_of(const rgq_table *table, int row, const char *column)
{
    const int c = rgq_table_find(table, column);
    return c >= 0 ? rgq_table_real(table, row, c) : (double)NAN;
}

static void append_interval(rgq_text *text, const rgq_table *table, int row)
{
    const double low = real_of(table, row, "tbr_mean_ci_low");
    const double high = real_of(table, row, "tbr_mean_ci_high");

    rgq_text_printf(text, "<td class=\"n\">");
    if (isfinite(low) && isfinite(high))
        rgq_text_printf(text, "%.4g to %.4g", low, high);
    else
        rgq_text_printf(text, "n/a");
    rgq_text_printf(text, "</td>");
}

/* Does a column of text hold more than one value? */
static bool differs(const rgq_table *table, int column)
{
    for (int r = 1; r < rgq_table_n_rows(table); r++)
        if (rgq_table_has(table, 0, column) && rgq_table_has(table, r, column) &&
            strcmp(rgq_table_text(table, 0, column), rgq_table_text(table, r, column)) != 0)
            return true;
    return false;
}

/* What holds for every row is said once, above the table, so that it fits a page. */
static void append_units(rgq_text *text, const rgq_table *table)
{
    const int unit = rgq_table_find(table, "unit");
    const int background = rgq_table_find(table, "background");

    if (rgq_table_n_rows(table) == 0)
        return;
    rgq_text_printf(text, "<p>Values in ");
    rgq_text_append_html(text, unit >= 0 ? rgq_table_text(table, 0, unit) : "the file's unit");
    if (background >= 0 && differs(table, background)) {
        rgq_text_printf(text, "; ratios (tbr) to the mean of each region's own background, "
                              "named in measures.tsv");
    } else if (background >= 0 && rgq_table_has(table, 0, background)) {
        rgq_text_printf(text, "; ratios (tbr) to the mean of <strong>");
        rgq_text_append_html(text, rgq_table_text(table, 0, background));
        rgq_text_printf(text, "</strong>, ");
        append_number(text, real_of(table, 0, "background_mean"));
    } else {
        rgq_text_printf(text, "; no background was named, so there are no ratios");
    }
    rgq_text_printf(text, ".</p>\n");
}

static void append_main_table(rgq_text *text, const rgq_table *table)
{
    static const char *const names[] = {"region", "n_voxels", "volume_ml",  "mean",
                                        "sd",     "max",      "peak_local", "peak_global",
                                        "total",  "tbr_mean", "tbr_max",    "tbr_peak"};
    const size_t n = sizeof names / sizeof names[0];

    append_units(text, table);
    rgq_text_printf(text, "<div class=\"wide\"><table><tr>");
    for (size_t i = 0; i < n; i++)
        if (rgq_table_find(table, names[i]) >= 0)
            append_heading(text, rgq_table_column(table, rgq_table_find(table, names[i])));
    rgq_text_printf(text, "<th class=\"n\">interval of tbr_mean</th></tr>\n");
    for (int row = 0; row < rgq_table_n_rows(table); row++) {
        rgq_text_printf(text, "<tr>");
        for (size_t i = 0; i < n; i++)
            if (rgq_table_find(table, names[i]) >= 0)
                append_cell(text, table, row, rgq_table_find(table, names[i]));
        append_interval(text, table, row);
        rgq_text_printf(text, "</tr>\n");
    }
    rgq_text_printf(text,
                    "</table></div>\n<p class=\"small\">All columns with every digit are in "
                    "<code>measures.tsv</code>; here five digits are shown.</p>\n"
                    "<details><summary>What the columns mean</summary><dl>");
    for (int c = 0; c < rgq_table_n_columns(table); c++) {
        const rgq_column *column = rgq_table_column(table, c);
        rgq_text_printf(text, "<dt><code>");
        rgq_text_append_html(text, column->name);
        rgq_text_printf(text, "</code></dt><dd>");
        rgq_text_append_html(text, column->description != NULL ? column->description : "");
        if (column->unit != NULL) {
            rgq_text_printf(text, " [");
            rgq_text_append_html(text, column->unit);
            rgq_text_printf(text, "]");
        }
        rgq_text_printf(text, "</dd>\n");
    }
    rgq_text_printf(text, "</dl></details>\n");
}

/* ---- sections ---- */

static void append_list(rgq_text *text, const rgq_json *words)
{
    rgq_text_printf(text, "<ul>\n");
    for (size_t i = 0; i < rgq_json_count(words); i++) {
        rgq_text_printf(text, "<li>");
        rgq_text_append_html(text, rgq_json_text(rgq_json_at(words, i), ""));
        rgq_text_printf(text, "</li>\n");
    }
    rgq_text_printf(text, "</ul>\n");
}

static void append_top(rgq_text *text, const rgq_page *page)
{
    const rgq_json *program = rgq_json_get(page->record, "program");
    const rgq_json *warnings = rgq_json_get(page->record, "warnings");

    rgq_text_printf(text,
                    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>");
    rgq_text_append_html(text, page->title);
    rgq_text_printf(text, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
    rgq_text_append_html(text, page->title);
    rgq_text_printf(text, "</h1>\n<p class=\"small\">rgdquant ");
    rgq_text_append_html(text, rgq_json_text(rgq_json_get(program, "rgdquant"), "?"));
    rgq_text_printf(text, ", commit ");
    rgq_text_append_html(text, rgq_json_text(rgq_json_get(program, "commit"), "unknown"));
    rgq_text_printf(
        text, "</p>\n<p class=\"notice\"><strong>For research use only; not a medical "
              "device.</strong> Not for diagnosis, not for the choice or the control of a "
              "treatment. The numbers below are tracer-target uptake; they are not a level "
              "of integrin expression.</p>\n");
    if (rgq_json_count(warnings) > 0) {
        rgq_text_printf(text, "<div class=\"warn\"><strong>Warnings</strong>\n");
        append_list(text, warnings);
        rgq_text_printf(text, "</div>\n");
    }
}

static void append_picture(rgq_text *text, const rgq_page *page)
{
    if (page->png == NULL)
        return;
    rgq_text_printf(text, "<h2>Overview</h2>\n<figure><img alt=\"");
    rgq_text_append_html(text, page->caption);
    rgq_text_printf(text, "\" src=\"data:image/png;base64,");
    rgq_text_append_base64(text, page->png, page->png_length);
    rgq_text_printf(text, "\">\n<figcaption>");
    rgq_text_append_html(text, page->caption);
    rgq_text_printf(text, "</figcaption></figure>\n");
}

/* Facts as rows: name, value, where it came from. Values of clock times have a key of their own
 * ("s_after_injection"), which is printed with them. */
static void append_facts(rgq_text *text, const rgq_json *header)
{
    rgq_text_printf(text, "<table><tr><th>fact</th><th>value</th><th>origin</th></tr>\n");
    for (size_t i = 0; i < rgq_json_count(header); i++) {
        const char *name = NULL;
        const rgq_json *fact = rgq_json_member(header, i, &name);
        rgq_text_printf(text, "<tr><td>");
        rgq_text_append_html(text, name);
        rgq_text_printf(text, "</td><td>");
        for (size_t k = 0; k < rgq_json_count(fact); k++) {
            const char *key = NULL;
            const rgq_json *value = rgq_json_member(fact, k, &key);
            if (strcmp(key, "origin") == 0)
                continue;
            rgq_text_append_json_html(text, value);
            if (strcmp(key, "value") != 0) {
                rgq_text_printf(text, " (");
                rgq_text_append_html(text, key);
                rgq_text_printf(text, ")");
            }
        }
        rgq_text_printf(text, "</td><td>");
        rgq_text_append_html(text, rgq_json_text(rgq_json_get(fact, "origin"), ""));
        rgq_text_printf(text, "</td></tr>\n");
    }
    rgq_text_printf(text, "</table>\n");
}

static void append_options(rgq_text *text, const rgq_json *options)
{
    rgq_text_printf(text, "<table><tr><th>option</th><th>value</th><th>from</th></tr>\n");
    for (size_t i = 0; i < rgq_json_count(options); i++) {
        const char *name = NULL;
        const rgq_json *option = rgq_json_member(options, i, &name);
        rgq_text_printf(text, "<tr><td>");
        rgq_text_append_html(text, name);
        rgq_text_printf(text, "</td><td>");
        rgq_text_append_json_html(text, rgq_json_get(option, "value"));
        rgq_text_printf(text, "</td><td>");
        rgq_text_append_json_html(text, rgq_json_get(option, "origin"));
        rgq_text_printf(text, "</td></tr>\n");
    }
    rgq_text_printf(text, "</table>\n");
}

static rgq_status append_references(rgq_text *text, const rgq_page *page, rgq_error *err)
{
    const rgq_json *keys = rgq_json_get(page->record, "citations");

    if (rgq_json_count(keys) == 0)
        return RGQ_OK;
    rgq_text_printf(text, "<h2>References</h2>\n<dl>\n");
    for (size_t i = 0; i < rgq_json_count(keys); i++) {
        const char *key = rgq_json_text(rgq_json_at(keys, i), "");
        const rgq_json *entry = rgq_json_get(page->references, key);
        char *line = NULL;
        rgq_text_printf(text, "<dt>");
        rgq_text_append_html(text, key);
        rgq_text_printf(text, "</dt><dd>");
        if (entry != NULL)
            RGQ_PASS(err, rgq_reference_format(&line, entry, err));
        rgq_text_append_html(text, line != NULL ? line : "not in the list of this program");
        rgq_free(line);
        rgq_text_printf(text, "</dd>\n");
    }
    rgq_text_printf(text, "</dl>\n");
    return RGQ_OK;
}

rgq_status rgq_page_make(char **out, const rgq_page *page, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text text = RGQ_TEXT_INIT;
    static const struct {
        const char *key;
        const char *title;
    } parts[] = {{"inputs", "Inputs"}, {"data_files", "Data files"}, {"steps", "Steps"}};

    *out = NULL;
    append_top(&text, page);
    append_picture(&text, page);
    rgq_text_printf(&text, "<h2>Measures</h2>\n");
    append_main_table(&text, page->measures);
    rgq_text_printf(&text, "<h2>Tracer and target</h2>\n");
    rgq_text_append_surrogate(&text, page->surrogate);
    rgq_text_printf(&text, "<h2>What the scan's header says</h2>\n");
    append_facts(&text, rgq_json_get(page->record, "header"));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        rgq_text_printf(&text, "<h2>%s</h2>\n", parts[i].title);
        rgq_text_append_json_html(&text, rgq_json_get(page->record, parts[i].key));
    }
    rgq_text_printf(&text, "<details><summary>All options</summary>\n");
    append_options(&text, rgq_json_get(page->record, "options"));
    rgq_text_printf(&text, "</details>\n");
    RGQ_TRY(err, append_references(&text, page, err));
    rgq_text_printf(&text, "</body>\n</html>\n");
    RGQ_TRY(err, rgq_text_check(&text, err));
    *out = text.data;
    text = (rgq_text)RGQ_TEXT_INIT;
out:
    rgq_text_release(&text);
    return st;
}
