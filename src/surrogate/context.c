/* What reviews say of the targets in a tissue, in both directions. */
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "surrogate/parts.h"
#include "surrogate/phrases.h"

typedef struct question {
    const rgq_targets *targets;
    const char *integrin;
    const char *tissue; /* NULL: any */
} question;

static rgq_status add_finding(rgq_json *array, const rgq_target_finding *f, rgq_error *err)
{
    const char *const pairs[][2] = {
        {"integrin", f->integrin},   {"tissue", f->tissue},   {"compartment", f->compartment},
        {"direction", f->direction}, {"meaning", f->meaning}, {"source", f->source},
        {"lines", f->lines}};
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        RGQ_PASS(err, rgq_json_set_text(node, pairs[i][0], pairs[i][1], err));
    return rgq_json_set_bool(node, "contradicted", f->contradicted, err);
}

/* Rows of one side; `*count` tells how many. */
static rgq_status add_side(int *count, rgq_json *node, const char *key, const question *q,
                           const char *side, rgq_error *err)
{
    const rgq_target_finding *f = NULL;
    rgq_json *array = NULL;

    *count = 0;
    RGQ_PASS(err, rgq_json_add_array(&array, node, key, err));
    for (int i = 0; (f = rgq_targets_finding(q->targets, q->integrin, q->tissue, i)) != NULL;
         i++)
        if (strcmp(f->side, side) == 0) {
            RGQ_PASS(err, add_finding(array, f, err));
            ++*count;
        }
    return RGQ_OK;
}

/* A side that this tissue leaves empty is filled from the others. */
static rgq_status add_elsewhere(rgq_json *node, const char *key, const char *note,
                                const question *q, const char *side, rgq_error *err)
{
    const question anywhere = {q->targets, q->integrin, NULL};
    int count = 0;

    RGQ_PASS(err, add_side(&count, node, key, &anywhere, side, err));
    return count > 0 ? rgq_json_set_text(node, side[0] == 't' ? "towards_note" : "against_note",
                                         note, err)
                     : RGQ_OK;
}

static rgq_status add_target(rgq_json *array, const question *q, const char *written,
                             rgq_error *err)
{
    static const char *const others[] = {"both", "neither"};
    rgq_json *node = NULL;
    char note[240];
    int towards = 0;
    int against = 0;
    int rest = 0;
    int either = 0;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "integrin", written, err));
    RGQ_PASS(err, add_side(&towards, node, "towards", q, "towards", err));
    RGQ_PASS(err, add_side(&against, node, "against", q, "against", err));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        RGQ_PASS(err, add_side(&rest, node, others[i], q, others[i], err));
        either += rest;
    }
    if (towards + against + either == 0) {
        (void)snprintf(note, sizeof note, SAY_NO_ROW, written, q->tissue);
        RGQ_PASS(err, rgq_json_set_text(node, "note", note, err));
    }
    if (towards == 0)
        RGQ_PASS(err,
                 add_elsewhere(node, "towards_elsewhere", SAY_NONE_TOWARDS, q, "towards", err));
    if (against > 0)
        return RGQ_OK;
    return add_elsewhere(node, "against_elsewhere", SAY_NONE_AGAINST, q, "against", err);
}

rgq_status rgq_surrogate_add_context(rgq_json *root, const rgq_tracer *tracer,
                                     const rgq_surrogate_opts *opts, rgq_error *err)
{
    rgq_json *context = NULL;
    rgq_json *array = NULL;

    if (opts->tissue == NULL || opts->targets == NULL)
        return rgq_json_set_null(root, "context", err);
    RGQ_PASS(err, rgq_json_add_object(&context, root, "context", err));
    RGQ_PASS(err, rgq_json_set_text(context, "tissue", opts->tissue, err));
    RGQ_PASS(err, rgq_json_set_text(context, "of", SAY_CONTEXT, err));
    RGQ_PASS(err, rgq_json_add_array(&array, context, "targets", err));
    for (int i = 0; i < tracer->n_targets; i++) {
        const char *written = tracer->target[i].integrin;
        char name[sizeof tracer->target[0].integrin];
        (void)snprintf(name, sizeof name, "%s", written);
        name[strcspn(name, " (,")] = '\0'; /* "α6 (α6β1, α6β4)" */
        const question q = {opts->targets, name, opts->tissue};
        RGQ_PASS(err, add_target(array, &q, written, err));
    }
    return RGQ_OK;
}
