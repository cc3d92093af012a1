/* rgdquant tracer list | show ID | check [FOLDER] */
#include <math.h>
#include <string.h>

#include "cli/commands.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/references.h"
#include "core/text.h"
#include "rgdquant/tracer.h"

typedef struct tracer_opts {
    const char *action;
    const char *name;
} tracer_opts;

static const rgq_opt rows[] = {
    RGQ_ARGUMENT(tracer_opts, action, "ACTION", NULL, "list, show or check"),
    RGQ_ARGUMENT(
        tracer_opts, name, "ID|FOLDER", "",
        "show: the tracer; check: a folder of tracer files (default: the shipped one)"),
};

/* ---- list ---- */

static void join_targets(rgq_text *to, const rgq_tracer *t)
{
    for (int i = 0; i < t->n_targets; i++)
        rgq_text_printf(to, "%s%s", i > 0 ? "; " : "", t->target[i].integrin);
}

static rgq_status list_row(rgq_text *table, rgq_json *array, const rgq_tracer *t,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text targets = RGQ_TEXT_INIT;
    rgq_json *row = NULL;

    join_targets(&targets, t);
    RGQ_TRY(err, rgq_text_check(&targets, err));
    rgq_text_printf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t->id, t->nuclide, t->modality,
                    targets.data, t->ligand_class, t->is_rgd ? "yes" : "no",
                    t->used_in_humans ? "yes" : "no");
    RGQ_TRY(err, rgq_json_add_object(&row, array, NULL, err));
    RGQ_TRY(err, rgq_json_set_text(row, "id", t->id, err));
    RGQ_TRY(err, rgq_json_set_text(row, "nuclide", t->nuclide, err));
    RGQ_TRY(err, rgq_json_set_text(row, "modality", t->modality, err));
    RGQ_TRY(err, rgq_json_set_text(row, "targets", targets.data, err));
    RGQ_TRY(err, rgq_json_set_text(row, "ligand_class", t->ligand_class, err));
    RGQ_TRY(err, rgq_json_set_bool(row, "rgd", t->is_rgd, err));
    RGQ_TRY(err, rgq_json_set_bool(row, "used_in_humans", t->used_in_humans, err));
out:
    rgq_text_release(&targets);
    return st;
}

static rgq_status list_tracers(rgq_context *context, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tracer_ids ids;
    rgq_tracer *t = NULL;
    rgq_json *array = NULL;
    rgq_text table = RGQ_TEXT_INIT;
    char *text = NULL;

    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    RGQ_TRY(err, rgq_json_array(&array, err));
    RGQ_TRY(err, rgq_tracer_list(&ids, folder, err));
    rgq_text_printf(&table, "id\tnuclide\tmodality\ttargets\tligand_class\trgd\t"
                            "used_in_humans\n");
    for (int i = 0; i < ids.count; i++) {
        RGQ_TRY(err, rgq_tracer_find(t, folder, ids.id[i], err));
        RGQ_TRY(err, list_row(&table, array, t, err));
    }
    RGQ_TRY(err, rgq_text_check(&table, err));
    if (context->shared.json)
        RGQ_TRY(err, rgq_json_dump(&text, array, err));
    fputs(context->shared.json ? text : table.data, context->out);
out:
    rgq_free(text);
    rgq_text_release(&table);
    rgq_json_free(array);
    rgq_free(t);
    return st;
}

/* ---- show ---- */

/* A page in both forms: each line of text has its twin in the JSON tree. */
typedef struct page {
    rgq_text text;
    rgq_json *root;
} page;

static void text_quantity(rgq_text *to, const char *label, const rgq_quantity *q)
{
    char value[RGQ_REAL_TEXT_MAX];
    char sd[RGQ_REAL_TEXT_MAX];

    if (!q->known) {
        rgq_text_printf(to, "  %s: not given\n", label);
        return;
    }
    rgq_text_printf(to, "  %s: %s", label, rgq_format_real(q->value, value));
    if (isfinite(q->uncertainty))
        rgq_text_printf(to, " ± %s", rgq_format_real(q->uncertainty, sd));
    if (strcmp(q->unit, "1") != 0)
        rgq_text_printf(to, " %s", q->unit);
    rgq_text_printf(to, " (%s, %s", q->status, q->source);
    if (q->species[0] != '\0')
        rgq_text_printf(to, ", %s", q->species);
    if (q->n > 0)
        rgq_text_printf(to, ", n = %d", q->n);
    rgq_text_printf(to, ")\n");
}

static rgq_status json_quantity(rgq_json *node, const char *what, const char *label,
                                const rgq_quantity *q, rgq_error *err)
{
    if (what != NULL)
        RGQ_PASS(err, rgq_json_set_text(node, what, label, err));
    RGQ_PASS(err, rgq_json_set_real(node, "value", q->value, err));
    if (isfinite(q->uncertainty))
        RGQ_PASS(err, rgq_json_set_real(node, "sd", q->uncertainty, err));
    RGQ_PASS(err, rgq_json_set_text(node, "unit", q->unit, err));
    if (q->n > 0)
        RGQ_PASS(err, rgq_json_set_int(node, "n", q->n, err));
    if (q->species[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(node, "species", q->species, err));
    RGQ_PASS(err, rgq_json_set_text(node, "status", q->status, err));
    return rgq_json_set_text(node, "source", q->source, err);
}

static rgq_status show_quantity(page *p, const char *key, const char *label,
                                const rgq_quantity *q, rgq_error *err)
{
    rgq_json *node = NULL;

    text_quantity(&p->text, label, q);
    if (!q->known)
        return rgq_json_set_null(p->root, key, err);
    RGQ_PASS(err, rgq_json_add_object(&node, p->root, key, err));
    return json_quantity(node, NULL, NULL, q, err);
}

static rgq_status show_numbers(page *p, const char *key, const char *title,
                               const rgq_tracer_number *numbers, int count, rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, p->root, key, err));
    if (count > 0)
        rgq_text_printf(&p->text, "\n%s\n", title);
    for (int i = 0; i < count; i++) {
        text_quantity(&p->text, numbers[i].what, &numbers[i].quantity);
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, json_quantity(node, "what", numbers[i].what, &numbers[i].quantity, err));
    }
    return RGQ_OK;
}

static rgq_status show_notes(page *p, const char *key, const char *title,
                             const rgq_tracer_note *notes, int count, rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, p->root, key, err));
    if (count > 0)
        rgq_text_printf(&p->text, "\n%s\n", title);
    for (int i = 0; i < count; i++) {
        const bool cited = notes[i].source[0] != '\0';
        rgq_text_printf(&p->text, "  - %s%s%s%s\n", notes[i].text, cited ? " (" : "",
                        notes[i].source, cited ? ")" : "");
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(node, "text", notes[i].text, err));
        if (cited)
            RGQ_PASS(err, rgq_json_set_text(node, "source", notes[i].source, err));
    }
    return RGQ_OK;
}

static rgq_status show_targets(page *p, const rgq_tracer *t, rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, p->root, "targets", err));
    rgq_text_printf(&p->text, "\nTargets, and whether uptake follows expression\n");
    for (int i = 0; i < t->n_targets; i++) {
        const rgq_tracer_target *target = &t->target[i];
        rgq_text_printf(&p->text, "  %s (%s); evidence: %s\n    %s (%s)\n", target->integrin,
                        target->role, target->evidence_level, target->evidence, target->source);
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(node, "integrin", target->integrin, err));
        RGQ_PASS(err, rgq_json_set_text(node, "role", target->role, err));
        RGQ_PASS(err, rgq_json_set_text(node, "evidence_level", target->evidence_level, err));
        RGQ_PASS(err, rgq_json_set_text(node, "evidence", target->evidence, err));
        RGQ_PASS(err, rgq_json_set_text(node, "source", target->source, err));
    }
    return RGQ_OK;
}

static rgq_status show_head(page *p, const rgq_tracer *t, rgq_error *err)
{
    rgq_text_printf(&p->text, "%s   %s\n%s, %s, %s\n", t->id, t->name, t->modality, t->nuclide,
                    t->use);
    rgq_text_printf(&p->text, "ligand: %s\n  %s (%s)\n", t->ligand_class, t->ligand,
                    t->ligand_source);
    rgq_text_printf(&p->text, "an RGD tracer: %s\n", t->is_rgd ? "yes" : "no");
    if (t->used_in_humans)
        rgq_text_printf(&p->text, "used in humans: yes\n  %s (%s)\n", t->human_use,
                        t->human_use_source);
    else
        rgq_text_printf(&p->text, "used in humans: no\n");
    RGQ_PASS(err, rgq_json_set_text(p->root, "id", t->id, err));
    RGQ_PASS(err, rgq_json_set_text(p->root, "name", t->name, err));
    RGQ_PASS(err, rgq_json_set_text(p->root, "nuclide", t->nuclide, err));
    RGQ_PASS(err, rgq_json_set_text(p->root, "modality", t->modality, err));
    RGQ_PASS(err, rgq_json_set_text(p->root, "use", t->use, err));
    RGQ_PASS(err, rgq_json_set_text(p->root, "ligand_class", t->ligand_class, err));
    RGQ_PASS(err, rgq_json_set_text(p->root, "ligand", t->ligand, err));
    RGQ_PASS(err, rgq_json_set_bool(p->root, "rgd", t->is_rgd, err));
    RGQ_PASS(err, rgq_json_set_bool(p->root, "used_in_humans", t->used_in_humans, err));
    return rgq_json_set_text(p->root, "human_use", t->human_use, err);
}

static rgq_status show_given(page *p, const rgq_tracer *t, const rgq_nuclide *n, rgq_error *err)
{
    rgq_text_printf(&p->text, "\nNumbers (status, source)\n");
    RGQ_PASS(err, show_quantity(p, "half_life", "half-life", &n->half_life_s, err));
    if (n->positron_fraction.known)
        RGQ_PASS(err, show_quantity(p, "positron_fraction", "positrons per decay",
                                    &n->positron_fraction, err));
    RGQ_PASS(err, show_quantity(p, "injected_activity", "injected activity",
                                &t->injected_activity_mbq, err));
    RGQ_PASS(err,
             show_quantity(p, "injected_activity_per_kg", "injected activity per body weight",
                           &t->injected_activity_mbq_per_kg, err));
    RGQ_PASS(err, show_quantity(p, "uptake_start", "imaging from", &t->uptake_start_min, err));
    RGQ_PASS(err, show_quantity(p, "uptake_end", "imaging until", &t->uptake_end_min, err));
    RGQ_PASS(err, show_quantity(p, "effective_dose", "effective dose",
                                &t->effective_dose_usv_per_mbq, err));
    if (t->reference_tissue[0] == '\0') {
        rgq_text_printf(
            &p->text, "  reference tissue: none is established; name one with --background\n");
        return rgq_json_set_null(p->root, "reference_tissue", err);
    }
    rgq_text_printf(&p->text, "  reference tissue: %s (%s)\n", t->reference_tissue,
                    t->reference_source);
    return rgq_json_set_text(p->root, "reference_tissue", t->reference_tissue, err);
}

/* The works whose keys stand anywhere on the page. */
static rgq_status show_sources(page *p, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *references = NULL;
    rgq_json *node = NULL;
    char *line = NULL;

    RGQ_TRY(err, rgq_references_load(&references, err));
    RGQ_TRY(err, rgq_json_add_object(&node, p->root, "sources", err));
    RGQ_TRY(err, rgq_text_check(&p->text, err));
    rgq_text_printf(&p->text, "\nSources\n");
    for (size_t i = 0; i < rgq_json_count(references); i++) { /* in the order of the list */
        const char *key = NULL;
        const rgq_json *entry = rgq_json_member(references, i, &key);
        if (strstr(p->text.data, key) == NULL)
            continue;
        RGQ_TRY(err, rgq_reference_format(&line, entry, err));
        rgq_text_printf(&p->text, "  %s: %s\n", key, line);
        RGQ_TRY(err, rgq_json_set_text(node, key, line, err));
        rgq_free(line);
        line = NULL;
    }
out:
    rgq_free(line);
    rgq_json_free(references);
    return st;
}

static rgq_status fill_page(page *p, const rgq_tracer *t, const rgq_nuclide *n, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_object(&p->root, err));
    RGQ_PASS(err, show_head(p, t, err));
    RGQ_PASS(err, show_targets(p, t, err));
    RGQ_PASS(err, show_given(p, t, n, err));
    RGQ_PASS(err, show_numbers(p, "organ_doses", "Absorbed doses", t->organ_dose,
                               t->n_organ_doses, err));
    RGQ_PASS(err, show_numbers(p, "observations", "Published observations", t->observation,
                               t->n_observations, err));
    RGQ_PASS(err, show_notes(p, "caveats", "To be kept in mind with every result", t->caveat,
                             t->n_caveats, err));
    RGQ_PASS(err, show_notes(p, "not_published", "Not published, or not verified",
                             t->not_published, t->n_not_published, err));
    RGQ_PASS(err, show_sources(p, err));
    return rgq_text_check(&p->text, err);
}

static rgq_status show_tracer(rgq_context *context, const char *folder, const char *id,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tracer *t = NULL;
    rgq_nuclide n;
    page p = {RGQ_TEXT_INIT, NULL};
    char *text = NULL;

    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    RGQ_TRY(err, rgq_context_word(context, rgq_tracer_find(t, folder, id, err)));
    RGQ_TRY(err, rgq_nuclide_find(&n, folder, t->nuclide, err));
    RGQ_TRY(err, fill_page(&p, t, &n, err));
    if (context->shared.json)
        RGQ_TRY(err, rgq_json_dump(&text, p.root, err));
    fputs(context->shared.json ? text : p.text.data, context->out);
out:
    rgq_free(text);
    rgq_text_release(&p.text);
    rgq_json_free(p.root);
    rgq_free(t);
    return st;
}

/* ---- check ---- */

/* Problems as they are found: a line each, or with --json a text each in a list. */
typedef struct findings {
    FILE *to;
    rgq_json *list; /* NULL: lines */
    int count;
} findings;

static rgq_status note(findings *f, const char *file, const char *problem, rgq_error *err)
{
    char text[RGQ_MESSAGE_MAX + 128];

    f->count++;
    (void)snprintf(text, sizeof text, file != NULL ? "%s.json: %s" : "%s%s",
                   file != NULL ? file : "", problem);
    if (f->list != NULL)
        return rgq_json_set_text(f->list, NULL, text, err);
    fprintf(f->to, "%s\n", text);
    return RGQ_OK;
}

static rgq_status note_all(findings *f, const char *file, const rgq_tracer_problems *problems,
                           rgq_error *err)
{
    for (int i = 0; i < problems->count; i++)
        RGQ_PASS(err, note(f, file, problems->text[i], err));
    return RGQ_OK;
}

/* A file that cannot be read is a problem among others: the rest is still looked at. */
static rgq_status check_tracer_file(findings *f, const char *folder, const char *nuclides,
                                    const char *id, rgq_tracer *t, rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    rgq_tracer_problems problems;
    rgq_nuclide n;

    if (rgq_tracer_find(t, folder, id, &why) != RGQ_OK ||
        rgq_nuclide_find(&n, nuclides, t->nuclide, &why) != RGQ_OK)
        return note(f, NULL, why.message, err);
    rgq_tracer_check(&problems, t, &n);
    return note_all(f, id, &problems, err);
}

static rgq_status check_nuclides(findings *f, const char *folder, int *n_nuclides,
                                 rgq_error *err)
{
    rgq_error why = RGQ_ERROR_INIT;
    rgq_nuclide_ids ids;
    rgq_tracer_problems problems;
    rgq_nuclide n;

    *n_nuclides = 0;
    if (rgq_nuclide_list(&ids, folder, &why) != RGQ_OK)
        return note(f, NULL, why.message, err);
    *n_nuclides = ids.count;
    for (int i = 0; i < ids.count; i++) {
        why = (rgq_error)RGQ_ERROR_INIT;
        if (rgq_nuclide_find(&n, folder, ids.id[i], &why) != RGQ_OK) {
            RGQ_PASS(err, note(f, NULL, why.message, err));
            continue;
        }
        rgq_nuclide_check(&problems, &n);
        RGQ_PASS(err, note_all(f, "isotopes", &problems, err));
    }
    return RGQ_OK;
}

static rgq_status check_files(findings *f, const char *folder, const char *shipped,
                              int *n_tracers, int *n_nuclides, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char table[RGQ_PATH_MAX];
    rgq_tracer_ids ids;
    rgq_tracer *t = NULL;

    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    RGQ_TRY(err, rgq_tracer_list(&ids, folder, err));
    RGQ_TRY(err, rgq_path_join(table, folder, "isotopes.json", err));
    const char *nuclides = rgq_path_exists(table) ? folder : shipped;
    RGQ_TRY(err, check_nuclides(f, nuclides, n_nuclides, err));
    for (int i = 0; i < ids.count; i++)
        RGQ_TRY(err, check_tracer_file(f, folder, nuclides, ids.id[i], t, err));
    *n_tracers = ids.count;
out:
    rgq_free(t);
    return st;
}

static rgq_status check_folder(rgq_context *context, const char *folder, const char *shipped,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    findings found = {context->out, NULL, 0};
    int n_tracers = 0;
    int n_nuclides = 0;

    if (context->shared.json) {
        RGQ_TRY(err, rgq_json_object(&root, err));
        RGQ_TRY(err, rgq_json_add_array(&found.list, root, "problems", err));
    }
    RGQ_TRY(err, check_files(&found, folder, shipped, &n_tracers, &n_nuclides, err));
    if (root != NULL) {
        RGQ_TRY(err, rgq_json_set_int(root, "tracers", n_tracers, err));
        RGQ_TRY(err, rgq_json_set_int(root, "nuclides", n_nuclides, err));
        RGQ_TRY(err, rgq_context_print(context, root, err));
    } else if (found.count == 0) {
        fprintf(context->out, "%d tracers and %d nuclides: no problem\n", n_tracers,
                n_nuclides);
    }
    context->exit_code = found.count == 0 ? 0 : 1;
out:
    rgq_json_free(root);
    return st;
}

static rgq_status wrong_words(rgq_context *context, rgq_error *err)
{
    context->exit_code = 2;
    return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                     "needed is one of: rgdquant tracer list | show ID | check [FOLDER]");
}

static rgq_status run(rgq_context *context, const void *opts, rgq_error *err)
{
    const tracer_opts *o = opts;
    const bool is_list = strcmp(o->action, "list") == 0;
    const bool is_show = strcmp(o->action, "show") == 0;
    char shipped[RGQ_PATH_MAX];

    if ((!is_list && !is_show && strcmp(o->action, "check") != 0) ||
        (is_show && o->name == NULL) || (is_list && o->name != NULL))
        return wrong_words(context, err);
    RGQ_PASS(err, rgq_context_data_path(shipped, sizeof shipped, context, "tracers", err));
    if (is_list)
        return list_tracers(context, shipped, err);
    if (is_show)
        return show_tracer(context, shipped, o->name, err);
    return check_folder(context, o->name != NULL ? o->name : shipped, shipped, err);
}

static const char *const cites[] = {"ICRP107", NULL};

const rgq_command rgq_cmd_tracer = {
    .name = "tracer",
    .group = "Knowledge",
    .summary = "what is known of a tracer, with sources, and what is not",
    .description =
        "list   the tracers as a table\n"
        "show   every number with its unit, status and source, the caveats, and what was\n"
        "       looked for but is not published or not verified\n"
        "check  read a folder of tracer files strictly and look for what is implausible\n"
        "       (mGy for \u00b5Gy, animal numbers in fields for humans, ...); a line for each\n"
        "       problem, exit code 1 if there is one",
    .examples = "rgdquant tracer list\nrgdquant tracer show 18F-fluciclatide\n"
                "rgdquant tracer check my-data/tracers",
    .cites = cites,
    .opts = rows,
    .n_opts = RGQ_ROWS(rows),
    .opts_size = sizeof(tracer_opts),
    .run = run,
};
