#include "report/group_page.h"

#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/parse.h"
#include "report/page.h"
#include "report/thumbnail.h"
#include "rgdquant/version.h"

enum { PICTURE_PX = 360, COLUMNS_MAX = 64 };

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;color:#202020;margin:2em auto;max-width:92em;"
    "padding:0 1.5em}h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.15em;"
    "margin-top:1.8em;border-bottom:1px solid #ccc}.small{font-size:.9em;color:#555}"
    "table{border-collapse:collapse;font-size:.92em;margin:.4em 0}"
    "th,td{padding:.25em .7em;text-align:left;vertical-align:top;border-bottom:1px solid "
    "#e4e4e4}th{border-bottom:2px solid #999;font-weight:600}"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".wide{overflow-x:auto}td{overflow-wrap:anywhere}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(15em,1fr));gap:1em}"
    ".card{border:1px solid #ccc;border-top:4px solid #3a7d44;padding:.5em .6em;"
    "break-inside:avoid}.card.odd{border-top-color:#d58a00}.card.failed{border-top-color:"
    "#a33}.card p{margin:.15em 0;overflow-wrap:anywhere}.card img{width:100%;display:block;"
    "margin-top:.4em}.mark{font-size:.9em;background:#fff9ec;padding:.1em .3em}"
    ".failed .mark{background:#fff0ee}.name{font-weight:600}";

void rgq_group_page_begin(rgq_text *page, const char *title, const char *lead)
{
    rgq_text_printf(page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta "
                          "charset=\"utf-8\">\n<meta name=\"viewport\" "
                          "content=\"width=device-width\">\n<title>");
    rgq_text_append_html(page, title);
    rgq_text_printf(page, "</title>\n<style>%s</style>\n</head>\n<body>\n<h1>", style);
    rgq_text_append_html(page, title);
    rgq_text_printf(page, "</h1>\n<p>");
    rgq_text_append_html(page, lead);
    rgq_text_printf(page,
                    "</p>\n<p class=\"small\">rgdquant %s. Tracer-target uptake; not an "
                    "expression level; research use.</p>\n",
                    rgq_version());
}

void rgq_group_page_end(rgq_text *page)
{
    rgq_text_printf(page, "</body>\n</html>\n");
}

static void append_head(rgq_text *page, const char *title, const char *note)
{
    if (title != NULL) {
        rgq_text_printf(page, "<h2>");
        rgq_text_append_html(page, title);
        rgq_text_printf(page, "</h2>\n");
    }
    if (note != NULL) {
        rgq_text_printf(page, "<p class=\"small\">");
        rgq_text_append_html(page, note);
        rgq_text_printf(page, "</p>\n");
    }
}

static bool is_numeric(const rgq_tsv *table, int column)
{
    int numbers = 0;

    for (int row = 0; row < table->n_rows; row++) {
        double value = 0.0;
        const char *cell = rgq_tsv_cell(table, row, column);
        if (strcmp(cell, "n/a") == 0)
            continue;
        if (rgq_parse_real(&value, cell, -1e300, 1e300, NULL) != RGQ_OK)
            return false;
        numbers++;
    }
    return numbers > 0;
}

/* Five digits of a number; the TSV file has all. */
static void append_cell(rgq_text *page, const char *cell, bool is_number)
{
    double value = 0.0;

    if (is_number && strlen(cell) > 7 &&
        rgq_parse_real(&value, cell, -1e300, 1e300, NULL) == RGQ_OK)
        rgq_text_printf(page, "%.5g", value);
    else
        rgq_text_append_html(page, cell);
}

void rgq_group_page_table(rgq_text *page, const char *title, const char *note,
                          const rgq_tsv *table)
{
    bool number[COLUMNS_MAX] = {false};
    const int n = table->n_columns < COLUMNS_MAX ? table->n_columns : COLUMNS_MAX;

    append_head(page, title, note);
    if (table->n_rows == 0)
        return;
    for (int c = 0; c < n; c++)
        number[c] = is_numeric(table, c);
    rgq_text_printf(page, "<div class=\"wide\"><table><tr>");
    for (int c = 0; c < n; c++) {
        rgq_text_printf(page, number[c] ? "<th class=\"n\">" : "<th>");
        rgq_text_append_html(page, rgq_tsv_column(table, c));
        rgq_text_printf(page, "</th>");
    }
    rgq_text_printf(page, "</tr>\n");
    for (int row = 0; row < table->n_rows; row++) {
        rgq_text_printf(page, "<tr>");
        for (int c = 0; c < n; c++) {
            rgq_text_printf(page, number[c] ? "<td class=\"n\">" : "<td>");
            append_cell(page, rgq_tsv_cell(table, row, c), number[c]);
            rgq_text_printf(page, "</td>");
        }
        rgq_text_printf(page, "</tr>\n");
    }
    rgq_text_printf(page, "</table></div>\n");
}

void rgq_group_page_gallery_begin(rgq_text *page, const char *title, const char *note)
{
    append_head(page, title, note);
    rgq_text_printf(page, "<div class=\"cards\">\n");
}

static rgq_status append_picture(rgq_text *page, const rgq_group_card *card, rgq_error *err)
{
    unsigned char *png = NULL;
    size_t length = 0;

    const rgq_status st = rgq_thumbnail_make(&png, &length, card->picture, PICTURE_PX, NULL);
    if (st == RGQ_E_NOMEM)
        return RGQ_RAISE(err, st, "memory for the picture of %s could not be had", card->name);
    if (st != RGQ_OK) {
        rgq_text_printf(page, "<p class=\"mark\">its overview.png cannot be read</p>");
        return RGQ_OK;
    }
    rgq_text_printf(page, "<img alt=\"maximum-intensity projections of ");
    rgq_text_append_html(page, card->name);
    rgq_text_printf(page, "\" src=\"data:image/png;base64,");
    rgq_text_append_base64(page, png, length);
    rgq_text_printf(page, "\">");
    rgq_free(png);
    return RGQ_OK;
}

rgq_status rgq_group_page_card(rgq_text *page, const rgq_group_card *card, rgq_error *err)
{
    rgq_text_printf(page, "<div class=\"card%s\"><p class=\"name\">",
                    card->is_failed         ? " failed"
                    : card->warning != NULL ? " odd"
                                            : "");
    if (card->link != NULL) {
        rgq_text_printf(page, "<a href=\"");
        rgq_text_append_html(page, card->link);
        rgq_text_printf(page, "\">");
    }
    rgq_text_append_html(page, card->name);
    rgq_text_printf(page, "%s</p>", card->link != NULL ? "</a>" : "");
    if (card->line != NULL) {
        rgq_text_printf(page, "<p class=\"small\">");
        rgq_text_append_html(page, card->line);
        rgq_text_printf(page, "</p>");
    }
    if (card->warning != NULL) {
        rgq_text_printf(page, "<p class=\"mark\">");
        rgq_text_append_html(page, card->warning);
        rgq_text_printf(page, "</p>");
    }
    if (card->picture != NULL)
        RGQ_PASS(err, append_picture(page, card, err));
    rgq_text_printf(page, "</div>\n");
    return RGQ_OK;
}

void rgq_group_page_gallery_end(rgq_text *page)
{
    rgq_text_printf(page, "</div>\n");
}
