#include "cli/tracer_page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/references.h"
#include "core/text.h"

const char *rgq_tracer_nuclides_of(char *out, size_t size, const rgq_tracer *t)
{
    size_t used = (size_t)snprintf(out, size, "%s", t->nuclide[0] != '\0' ? t->nuclide : "n/a");

    for (int i = 0; i < RGQ_TRACER_NUCLIDES_MAX && t->other_nuclide[i][0] != '\0'; i++)
        if (used < size)
            used += (size_t)snprintf(out + used, size - used, ", %s", t->other_nuclide[i]);
    return out;
}

const char *rgq_tracer_human_use_of(const rgq_tracer *t)
{
    if (!t->human_use_known)
        return "not published";
    return t->used_in_humans ? "yes" : "no";
}

/* A page in both forms: each line of text has its twin in the JSON tree. */
typedef struct page {
    rgq_text text;
    rgq_json *root;
} page;

static void text_quantity(rgq_text *to, const char *label, const rgq_quantity *q)
{
    if (!q->known) {
        rgq_text_printf(to, "  %s: not published (no verified figure)\n", label);
        return;
    }
    /* ten digits: 67.71 min is 4062.6 s, not 4062.5999999999995 */
    rgq_text_printf(to, "  %s: %.10g", label, q->value);
    if (isfinite(q->uncertainty))
        rgq_text_printf(to, " ± %.10g", q->uncertainty);
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
        rgq_text_printf(&p->text, "  %s (%s); evidence level: %s\n    %s (%s)\n",
                        target->integrin, target->role, target->evidence_level,
                        target->evidence, target->source);
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(node, target->is_integrin ? "integrin" : "receptor",
                                        target->integrin, err));
        RGQ_PASS(err, rgq_json_set_text(node, "role", target->role, err));
        RGQ_PASS(err, rgq_json_set_text(node, "evidence_level", target->evidence_level, err));
        RGQ_PASS(err, rgq_json_set_text(node, "evidence", target->evidence, err));
        RGQ_PASS(err, rgq_json_set_text(node, "source", target->source, err));
    }
    return RGQ_OK;
}

static rgq_status head_to_json(rgq_json *root, const rgq_tracer *t, rgq_error *err)
{
    rgq_json *others = NULL;

    RGQ_PASS(err, rgq_json_set_text(root, "id", t->id, err));
    RGQ_PASS(err, rgq_json_set_text(root, "name", t->name, err));
    if (t->nuclide[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(root, "nuclide", t->nuclide, err));
    else
        RGQ_PASS(err, rgq_json_set_null(root, "nuclide", err));
    RGQ_PASS(err, rgq_json_add_array(&others, root, "other_nuclides", err));
    for (int i = 0; i < RGQ_TRACER_NUCLIDES_MAX && t->other_nuclide[i][0] != '\0'; i++)
        RGQ_PASS(err, rgq_json_set_text(others, NULL, t->other_nuclide[i], err));
    if (t->modality[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(root, "modality", t->modality, err));
    else
        RGQ_PASS(err, rgq_json_set_null(root, "modality", err));
    RGQ_PASS(err, rgq_json_set_text(root, "use", t->use, err));
    RGQ_PASS(err, rgq_json_set_text(root, "ligand_class", t->ligand_class, err));
    RGQ_PASS(err, rgq_json_set_text(root, "ligand", t->ligand, err));
    RGQ_PASS(err, rgq_json_set_bool(root, "rgd", t->is_rgd, err));
    if (t->human_use_known)
        RGQ_PASS(err, rgq_json_set_bool(root, "used_in_humans", t->used_in_humans, err));
    else
        RGQ_PASS(err, rgq_json_set_null(root, "used_in_humans", err));
    return rgq_json_set_text(root, "human_use", t->human_use, err);
}

static rgq_status show_head(page *p, const rgq_tracer *t, rgq_error *err)
{
    char nuclides[80];

    rgq_text_printf(&p->text, "%s   %s\n", t->id, t->name);
    if (t->nuclide[0] != '\0')
        rgq_text_printf(&p->text, "%s, %s, %s\n", t->modality,
                        rgq_tracer_nuclides_of(nuclides, sizeof nuclides, t), t->use);
    else
        rgq_text_printf(&p->text, "a ligand; radionuclide: not published; %s\n", t->use);
    rgq_text_printf(&p->text, "ligand: %s\n  %s (%s)\n", t->ligand_class, t->ligand,
                    t->ligand_source);
    rgq_text_printf(&p->text, "an RGD tracer: %s\n", t->is_rgd ? "yes" : "no");
    rgq_text_printf(&p->text, "used in humans: %s\n", rgq_tracer_human_use_of(t));
    if (t->used_in_humans)
        rgq_text_printf(&p->text, "  %s (%s)\n", t->human_use, t->human_use_source);
    return head_to_json(p->root, t, err);
}

static rgq_status conditions_text(page *p, const char *key, const char *word, rgq_json *node,
                                  const char *value, rgq_error *err)
{
    rgq_text_printf(&p->text, "  %s: %s\n", word, value[0] != '\0' ? value : "not published");
    if (value[0] == '\0')
        return rgq_json_set_null(node, key, err);
    return rgq_json_set_text(node, key, value, err);
}

/* How the figures above came about: without it they are not comparable. */
static rgq_status show_conditions(page *p, const char *key, const rgq_dose_conditions *c,
                                  bool of_effective_dose, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, p->root, key, err));
    RGQ_PASS(err, conditions_text(p, "phantom", "phantom", node, c->phantom, err));
    RGQ_PASS(err, conditions_text(p, "code", "code", node, c->code, err));
    if (of_effective_dose)
        RGQ_PASS(err, conditions_text(p, "weights", "tissue weights", node, c->weights, err));
    RGQ_PASS(err, conditions_text(p, "voiding", "bladder voiding", node, c->voiding, err));
    if (isfinite(c->voiding_h))
        RGQ_PASS(err, rgq_json_set_real(node, "voiding_h", c->voiding_h, err));
    if (c->source[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(node, "source", c->source, err));
    return RGQ_OK;
}

static rgq_status show_doses(page *p, const rgq_tracer *t, rgq_error *err)
{
    RGQ_PASS(err, show_numbers(p, "organ_doses", "Absorbed doses", t->organ_dose,
                               t->n_organ_doses, err));
    if (t->n_organ_doses > 0 || t->effective_dose_usv_per_mbq.known) {
        rgq_text_printf(&p->text, "\nConditions of the doses\n");
        RGQ_PASS(err, show_conditions(p, "dose_conditions", &t->dose_conditions, true, err));
    }
    RGQ_PASS(err,
             show_numbers(p, "time_integrated_activities",
                          "Time-integrated activities per administered activity",
                          t->time_integrated_activity, t->n_time_integrated_activities, err));
    if (t->n_time_integrated_activities == 0)
        return RGQ_OK;
    rgq_text_printf(&p->text, "\nConditions of the time-integrated activities\n");
    return show_conditions(p, "time_integrated_activity_conditions", &t->tiac_conditions, false,
                           err);
}

static rgq_status show_responses(page *p, const rgq_tracer *t, rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, p->root, "response_studies", err));
    rgq_text_printf(&p->text, "\nStudies of treatment\n");
    if (t->n_responses == 0)
        rgq_text_printf(&p->text, "  not published\n");
    for (int i = 0; i < t->n_responses; i++) {
        const rgq_tracer_response *r = &t->response[i];
        rgq_text_printf(&p->text, "  %s (%s", r->setting,
                        r->species[0] != '\0' ? r->species : "subjects not verified");
        if (r->n > 0)
            rgq_text_printf(&p->text, ", n = %d", r->n);
        rgq_text_printf(&p->text, ")\n    %s (%s)\n", r->finding, r->source);
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(node, "setting", r->setting, err));
        if (r->species[0] != '\0')
            RGQ_PASS(err, rgq_json_set_text(node, "species", r->species, err));
        if (r->n > 0)
            RGQ_PASS(err, rgq_json_set_int(node, "n", r->n, err));
        RGQ_PASS(err, rgq_json_set_text(node, "finding", r->finding, err));
        RGQ_PASS(err, rgq_json_set_text(node, "source", r->source, err));
    }
    return RGQ_OK;
}

static rgq_status show_given(page *p, const rgq_tracer *t, const rgq_nuclide *n, rgq_error *err)
{
    rgq_text_printf(&p->text, "\nNumbers (status, source)\n");
    if (n != NULL)
        RGQ_PASS(err, show_quantity(p, "half_life", "half-life", &n->half_life_s, err));
    if (n != NULL && n->positron_fraction.known)
        RGQ_PASS(err, show_quantity(p, "positron_fraction", "positrons per decay",
                                    &n->positron_fraction, err));
    RGQ_PASS(err, show_quantity(p, "injected_activity", "injected activity",
                                &t->injected_activity_mbq, err));
    RGQ_PASS(err,
             show_quantity(p, "injected_activity_per_kg", "injected activity per body weight",
                           &t->injected_activity_mbq_per_kg, err));
    RGQ_PASS(err, show_quantity(p, "uptake_start", "uptake window, from", &t->uptake_start_min,
                                err));
    RGQ_PASS(err,
             show_quantity(p, "uptake_end", "uptake window, until", &t->uptake_end_min, err));
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
    RGQ_PASS(err, show_doses(p, t, err));
    RGQ_PASS(err, show_responses(p, t, err));
    RGQ_PASS(err, show_numbers(p, "observations", "Published observations", t->observation,
                               t->n_observations, err));
    RGQ_PASS(err, show_notes(p, "caveats", "To be kept in mind with every result", t->caveat,
                             t->n_caveats, err));
    RGQ_PASS(err, show_notes(p, "not_published", "Not published, or not verified",
                             t->not_published, t->n_not_published, err));
    RGQ_PASS(err, show_sources(p, err));
    return rgq_text_check(&p->text, err);
}

rgq_status rgq_tracer_show(rgq_context *context, const char *folder, const char *id,
                           rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tracer *t = NULL;
    rgq_nuclide n;
    page p = {RGQ_TEXT_INIT, NULL};
    char *text = NULL;

    RGQ_TRY(err, rgq_alloc(&t, 1, sizeof *t, err));
    RGQ_TRY(err, rgq_context_word(context, rgq_tracer_find(t, folder, id, err)));
    if (t->nuclide[0] != '\0')
        RGQ_TRY(err, rgq_nuclide_find(&n, folder, t->nuclide, err));
    RGQ_TRY(err, fill_page(&p, t, t->nuclide[0] != '\0' ? &n : NULL, err));
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
