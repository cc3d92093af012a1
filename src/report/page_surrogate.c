/* The part of the report that says what the numbers mean for the tracer's target. */
#include <math.h>
#include <string.h>

#include "core/banned.h"
#include "report/page.h"

static const char *word(const rgq_json *node, const char *key)
{
    return rgq_json_text(rgq_json_get(node, key), "");
}

static double number(const rgq_json *node, const char *key)
{
    return rgq_json_number(rgq_json_get(node, key), (double)NAN);
}

static void append_row(rgq_text *text, const char *name, const rgq_json *value)
{
    if (value == NULL)
        return;
    rgq_text_printf(text, "<dt>%s</dt><dd>", name);
    rgq_text_append_json_html(text, value);
    rgq_text_printf(text, "</dd>\n");
}

static void append_tracer(rgq_text *text, const rgq_json *surrogate)
{
    const rgq_json *tracer = rgq_json_get(surrogate, "tracer");
    static const struct {
        const char *key;
        const char *name;
    } rows[] = {{"name", "tracer"},       {"nuclide", "nuclide"},
                {"modality", "modality"}, {"ligand_class", "ligand"},
                {"rgd", "an RGD ligand"}, {"used_in_humans", "used in humans"}};

    rgq_text_printf(text, "<dl>\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        append_row(text, rows[i].name, rgq_json_get(tracer, rows[i].key));
    append_row(text, "injection to scan [min]", rgq_json_get(surrogate, "uptake_time_min"));
    append_row(text, "background", rgq_json_get(surrogate, "background"));
    append_row(text, "partial volume", rgq_json_get(surrogate, "partial_volume"));
    append_row(text, "calibration",
               rgq_json_get(rgq_json_get(surrogate, "calibrated"), "refused"));
    append_row(text, "tissue", rgq_json_get(rgq_json_get(surrogate, "context"), "tissue"));
    rgq_text_printf(text, "</dl>\n");
}

static void append_number(rgq_text *text, double value)
{
    if (isfinite(value))
        rgq_text_printf(text, "<td class=\"n\">%.4g</td>", value);
    else
        rgq_text_printf(text, "<td class=\"n\">n/a</td>");
}

static void append_index_row(rgq_text *text, const rgq_json *region)
{
    const rgq_json *index = rgq_json_get(region, "index");
    const rgq_json *interval = rgq_json_get(index, "interval");
    const double low = number(interval, "low");
    const double high = number(interval, "high");

    rgq_text_printf(text, "<tr><td>");
    rgq_text_append_html(text, word(region, "region"));
    rgq_text_printf(text, "</td>");
    append_number(text, number(index, "value"));
    if (isfinite(low) && isfinite(high))
        rgq_text_printf(text, "<td class=\"n\">%.4g to %.4g</td>", low, high);
    else
        rgq_text_printf(text, "<td class=\"n\">n/a</td>");
    append_number(text, number(index, "peak"));
    rgq_text_printf(text, "<td>");
    rgq_text_append_html(text, word(region, "index_missing"));
    rgq_text_printf(text, "</td></tr>\n");
}

/* The sentence is the same for all regions: it is said once. */
static const char *said_once(const rgq_json *regions, const char *member, const char *key)
{
    for (size_t i = 0; i < rgq_json_count(regions); i++) {
        const char *sentence = word(rgq_json_get(rgq_json_at(regions, i), member), key);
        if (sentence[0] != '\0')
            return sentence;
    }
    return "";
}

static void append_indices(rgq_text *text, const rgq_json *regions)
{
    const char *formed = said_once(regions, "index", "formed");

    rgq_text_printf(text, "<h3>Relative uptake index</h3>\n<table><tr><th>region</th>"
                          "<th class=\"n\">index</th><th class=\"n\">interval</th>"
                          "<th class=\"n\">index of the peak</th><th></th></tr>\n");
    for (size_t i = 0; i < rgq_json_count(regions); i++)
        append_index_row(text, rgq_json_at(regions, i));
    rgq_text_printf(text, "</table>\n");
    if (formed[0] == '\0')
        return;
    rgq_text_printf(text, "<p class=\"small\">Index: ");
    rgq_text_append_html(text, formed);
    rgq_text_printf(text,
                    ". The interval is that of the expected blurred ratio, from the noise "
                    "of the scan; partial-volume bias and biology are not in it.</p>\n");
}

static const rgq_json *rules_of(const rgq_json *regions, size_t i)
{
    return rgq_json_get(rgq_json_get(rgq_json_at(regions, i), "confidence"), "rules");
}

/* Did a region before the i-th hold the rule? */
static bool was_listed(const rgq_json *regions, size_t i, const char *id)
{
    for (size_t before = 0; before < i; before++)
        for (size_t k = 0; k < rgq_json_count(rules_of(regions, before)); k++)
            if (strcmp(word(rgq_json_at(rules_of(regions, before), k), "id"), id) == 0)
                return true;
    return false;
}

/* Each rule that holds anywhere, once. */
static void append_rules(rgq_text *text, const rgq_json *regions)
{
    rgq_text_printf(text, "<ul class=\"small\">\n");
    for (size_t i = 0; i < rgq_json_count(regions); i++) {
        for (size_t k = 0; k < rgq_json_count(rules_of(regions, i)); k++) {
            const rgq_json *rule = rgq_json_at(rules_of(regions, i), k);
            if (was_listed(regions, i, word(rule, "id")))
                continue;
            rgq_text_printf(text, "<li>");
            rgq_text_append_html(text, word(rule, "id"));
            rgq_text_printf(text, ": ");
            rgq_text_append_html(text, word(rule, "when"));
            rgq_text_printf(text, "</li>\n");
        }
    }
    rgq_text_printf(text, "</ul>\n");
}

static void append_confidence(rgq_text *text, const rgq_json *surrogate)
{
    const rgq_json *regions = rgq_json_get(surrogate, "regions");

    rgq_text_printf(text, "<h3>Confidence</h3>\n<table><tr><th>region</th><th>confidence</th>"
                          "<th>rules that hold</th></tr>\n");
    for (size_t i = 0; i < rgq_json_count(regions); i++) {
        const rgq_json *region = rgq_json_at(regions, i);
        rgq_text_printf(text, "<tr><td>");
        rgq_text_append_html(text, word(region, "region"));
        rgq_text_printf(text, "</td><td>");
        rgq_text_append_html(text, word(rgq_json_get(region, "confidence"), "word"));
        rgq_text_printf(text, "</td><td>");
        for (size_t k = 0; k < rgq_json_count(rules_of(regions, i)); k++) {
            rgq_text_printf(text, "%s", k > 0 ? " " : "");
            rgq_text_append_html(text, word(rgq_json_at(rules_of(regions, i), k), "id"));
        }
        rgq_text_printf(text, "</td></tr>\n");
    }
    rgq_text_printf(text, "</table>\n");
    append_rules(text, regions);
    rgq_text_printf(text, "<p class=\"small\">");
    rgq_text_append_html(text, word(surrogate, "confidence"));
    rgq_text_printf(text, "</p>\n");
}

static void append_prediction_row(rgq_text *text, const rgq_json *region)
{
    const rgq_json *calibrated = rgq_json_get(region, "calibrated");
    const rgq_json *interval = rgq_json_get(calibrated, "interval");

    rgq_text_printf(text, "<tr><td>");
    rgq_text_append_html(text, word(region, "region"));
    rgq_text_printf(text, "</td>");
    append_number(text, number(calibrated, "predicted"));
    if (interval != NULL)
        rgq_text_printf(text, "<td class=\"n\">%.4g to %.4g</td>", number(interval, "low"),
                        number(interval, "high"));
    else
        rgq_text_printf(text, "<td class=\"n\">n/a</td>");
    rgq_text_printf(text, "<td>");
    rgq_text_append_html(text, word(calibrated, "refused"));
    rgq_text_printf(text, "</td></tr>\n");
}

/* Only where a model was given: without one no score is spoken of. */
static void append_predictions(rgq_text *text, const rgq_json *surrogate)
{
    const rgq_json *model = rgq_json_get(surrogate, "calibrated");
    const rgq_json *regions = rgq_json_get(surrogate, "regions");
    const char *of = said_once(regions, "calibrated", "of");

    if (rgq_json_get(model, "refused") != NULL)
        return;
    rgq_text_printf(text, "<h3>Predicted staining score: ");
    rgq_text_append_html(text, word(model, "score"));
    rgq_text_printf(text, "</h3>\n<table><tr><th>region</th><th class=\"n\">predicted</th>"
                          "<th class=\"n\">prediction interval</th><th>refused</th></tr>\n");
    for (size_t i = 0; i < rgq_json_count(regions); i++)
        append_prediction_row(text, rgq_json_at(regions, i));
    rgq_text_printf(text, "</table>\n<p class=\"small\">");
    rgq_text_append_html(text, of);
    rgq_text_printf(text, "</p>\n");
    rgq_text_append_json_html(text, model);
}

/* ---- what reviews say ---- */

static void append_finding(rgq_text *text, const rgq_json *finding)
{
    static const char *const parts[] = {"tissue", "integrin", "compartment", "direction"};

    rgq_text_printf(text, "<tr>");
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        rgq_text_printf(text, "<td>");
        rgq_text_append_html(text, word(finding, parts[i]));
        rgq_text_printf(text, "</td>");
    }
    rgq_text_printf(text, "<td>");
    rgq_text_append_html(text, word(finding, "meaning"));
    rgq_text_printf(text, rgq_json_bool(rgq_json_get(finding, "contradicted"), false)
                              ? " (contradicted)"
                              : "");
    rgq_text_printf(text, "</td><td>");
    rgq_text_append_html(text, word(finding, "source"));
    rgq_text_printf(text, ", ");
    rgq_text_append_html(text, word(finding, "lines"));
    rgq_text_printf(text, "</td></tr>\n");
}

static void append_side(rgq_text *text, const rgq_json *target, const char *key,
                        const char *title)
{
    const rgq_json *list = rgq_json_get(target, key);

    if (rgq_json_count(list) == 0)
        return;
    rgq_text_printf(text, "<tr><th colspan=\"6\">%s</th></tr>\n", title);
    for (size_t i = 0; i < rgq_json_count(list); i++)
        append_finding(text, rgq_json_at(list, i));
}

static void append_context(rgq_text *text, const rgq_json *context)
{
    static const struct {
        const char *key;
        const char *title;
    } sides[] = {
        {"towards", "Found, raised, or with a worse course where there is more of it"},
        {"towards_elsewhere", "The same in other tissues"},
        {"against", "Low, missing, without meaning or with the opposite meaning"},
        {"against_elsewhere",
         "In other tissues: low, missing, without meaning or with the opposite meaning"},
        {"both", "Both directions in one row"},
        {"neither", "No direction given"}};
    const rgq_json *targets = rgq_json_get(context, "targets");

    if (targets == NULL)
        return;
    rgq_text_printf(text, "<h3>Context: ");
    rgq_text_append_html(text, word(context, "tissue"));
    rgq_text_printf(text, "</h3>\n<p>");
    rgq_text_append_html(text, word(context, "of"));
    rgq_text_printf(text, "</p>\n");
    for (size_t i = 0; i < rgq_json_count(targets); i++) {
        const rgq_json *target = rgq_json_at(targets, i);
        rgq_text_printf(text, "<h4>");
        rgq_text_append_html(text, word(target, "integrin"));
        rgq_text_printf(text, "</h4>\n<p>");
        rgq_text_append_html(text, word(target, "note"));
        rgq_text_printf(text,
                        "</p>\n<table><tr><th>tissue</th><th>integrin</th><th>where</th>"
                        "<th>direction</th><th>meaning</th><th>source, lines</th></tr>\n");
        for (size_t k = 0; k < sizeof sides / sizeof sides[0]; k++)
            append_side(text, target, sides[k].key, sides[k].title);
        rgq_text_printf(text, "</table>\n");
    }
}

/* Sentences with the work they come from. */
static void append_notes(rgq_text *text, const char *title, const rgq_json *notes,
                         const char *first, const char *second)
{
    if (rgq_json_count(notes) == 0)
        return;
    rgq_text_printf(text, "<h3>%s</h3>\n<ul>\n", title);
    for (size_t i = 0; i < rgq_json_count(notes); i++) {
        const rgq_json *note = rgq_json_at(notes, i);
        rgq_text_printf(text, "<li>");
        rgq_text_append_html(text, rgq_json_is_text(note) ? rgq_json_text(note, "")
                                                          : word(note, first));
        if (word(note, second)[0] != '\0') {
            rgq_text_printf(text, second[0] == 's' ? " [" : ": ");
            rgq_text_append_html(text, word(note, second));
            rgq_text_printf(text, second[0] == 's' ? "]" : "");
        }
        rgq_text_printf(text, "</li>\n");
    }
    rgq_text_printf(text, "</ul>\n");
}

void rgq_text_append_surrogate(rgq_text *text, const rgq_json *surrogate)
{
    append_tracer(text, surrogate);
    rgq_text_printf(text, "<h3>Targets</h3>\n");
    rgq_text_append_json_html(text, rgq_json_get(surrogate, "targets"));
    append_indices(text, rgq_json_get(surrogate, "regions"));
    append_confidence(text, surrogate);
    append_predictions(text, surrogate);
    if (rgq_json_count(rgq_json_get(surrogate, "drugs")) > 0) {
        rgq_text_printf(text, "<h3>Drugs on board</h3>\n");
        rgq_text_append_json_html(text, rgq_json_get(surrogate, "drugs"));
    }
    append_context(text, rgq_json_get(surrogate, "context"));
    append_notes(text, "To be kept in mind", rgq_json_get(surrogate, "caveats"), "text",
                 "source");
    append_notes(text, "Not computed", rgq_json_get(surrogate, "not_computed"), "what", "why");
}
