/* dose --tracer ID --from-library: published doses, and what their activities give here. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/dose_words.h"
#include "cli/results.h"
#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "pipeline/dose_sources.h"

static const char intestine[] = "walls of the small and large intestine";
static const char urine[] = "urinary bladder contents and voided urine";

typedef struct job {
    rgq_context *context;
    const rgq_dose_words *o;
    rgq_dose_folders folders;
    rgq_tracer *tracer;
    rgq_dose_body body;
    rgq_dose_sources sources;
    rgq_dose_way way;
    rgq_dose_answer answer;
    rgq_table *table;
    rgq_json *root;
    char why_not[RGQ_MESSAGE_MAX]; /* "" if doses were computed */
} job;

static void release(job *j)
{
    rgq_json_free(j->root);
    rgq_table_free(j->table);
    rgq_dose_answer_release(&j->answer);
    rgq_dose_sources_release(&j->sources);
    rgq_dose_body_release(&j->body);
    rgq_free(j->tracer);
}

/* ---- published ---- */

static rgq_status add_quantity(rgq_json *node, const char *target, const rgq_quantity *q,
                               rgq_error *err)
{
    RGQ_PASS(err, rgq_json_set_text(node, "target", target, err));
    RGQ_PASS(err, rgq_json_set_real(node, "value", q->value, err));
    RGQ_PASS(err, rgq_json_set_real(node, "sd", q->uncertainty, err));
    RGQ_PASS(err, rgq_json_set_text(node, "unit", q->unit, err));
    if (q->n > 0)
        RGQ_PASS(err, rgq_json_set_int(node, "n", q->n, err));
    RGQ_PASS(err, rgq_json_set_text(node, "status", q->status, err));
    return rgq_json_set_text(node, "source", q->source, err);
}

static rgq_status add_conditions(rgq_json *node, const char *key, const rgq_dose_conditions *c,
                                 rgq_error *err)
{
    rgq_json *object = NULL;
    const struct {
        const char *key;
        const char *words;
    } rows[] = {{"phantom", c->phantom},
                {"code", c->code},
                {"weights", c->weights},
                {"voiding", c->voiding},
                {"source", c->source}};

    RGQ_PASS(err, rgq_json_add_object(&object, node, key, err));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        RGQ_PASS(err, rows[i].words[0] != '\0'
                          ? rgq_json_set_text(object, rows[i].key, rows[i].words, err)
                          : rgq_json_set_null(object, rows[i].key, err));
    return rgq_json_set_real(object, "voiding_h", c->voiding_h, err);
}

static rgq_status add_numbers(rgq_json *node, const char *key, const rgq_tracer_number *numbers,
                              int n, rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *one = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, node, key, err));
    for (int i = 0; i < n; i++) {
        RGQ_PASS(err, rgq_json_add_object(&one, array, NULL, err));
        RGQ_PASS(err, add_quantity(one, numbers[i].what, &numbers[i].quantity, err));
    }
    return RGQ_OK;
}

static rgq_status add_published(job *j, rgq_error *err)
{
    const rgq_tracer *t = j->tracer;
    rgq_json *node = NULL;
    rgq_json *one = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, j->root, "published", err));
    RGQ_PASS(err, add_numbers(node, "organ_doses", t->organ_dose, t->n_organ_doses, err));
    if (t->effective_dose_usv_per_mbq.known) {
        RGQ_PASS(err, rgq_json_add_object(&one, node, "effective_dose", err));
        RGQ_PASS(err, add_quantity(one, "effective dose", &t->effective_dose_usv_per_mbq, err));
    } else {
        RGQ_PASS(err, rgq_json_set_null(node, "effective_dose", err));
    }
    RGQ_PASS(err, add_conditions(node, "conditions", &t->dose_conditions, err));
    RGQ_PASS(err, add_numbers(node, "time_integrated_activities", t->time_integrated_activity,
                              t->n_time_integrated_activities, err));
    if (t->n_time_integrated_activities > 0)
        RGQ_PASS(err, add_conditions(node, "time_integrated_activity_conditions",
                                     &t->tiac_conditions, err));
    return RGQ_OK;
}

static void print_quantity(FILE *to, const char *target, const rgq_quantity *q)
{
    fprintf(to, "%s\t%.6g\t", target, q->value);
    if (isfinite(q->uncertainty))
        fprintf(to, "%.6g", q->uncertainty);
    else
        fputs("n/a", to);
    fprintf(to, "\t%s\t%s\t%s\n", q->unit, q->status, q->source);
}

static void print_condition(FILE *to, const char *what, const char *words)
{
    fprintf(to, "  %s: %s\n", what, words[0] != '\0' ? words : "not stated");
}

static void print_conditions(FILE *to, const char *title, const rgq_dose_conditions *c)
{
    fprintf(to, "\n%s\n", title);
    print_condition(to, "phantom", c->phantom);
    print_condition(to, "code", c->code);
    print_condition(to, "weights of the effective dose", c->weights);
    print_condition(to, "voiding", c->voiding);
}

static void print_published(const job *j)
{
    const rgq_tracer *t = j->tracer;
    FILE *to = j->context->out;

    fprintf(to, "Published doses of %s\n", t->name);
    if (t->n_organ_doses == 0 && !t->effective_dose_usv_per_mbq.known)
        fprintf(to, "  none is published, or none was verified\n");
    else
        fprintf(to, "target\tvalue\tsd\tunit\tstatus\tsource\n");
    for (int i = 0; i < t->n_organ_doses; i++)
        print_quantity(to, t->organ_dose[i].what, &t->organ_dose[i].quantity);
    if (t->effective_dose_usv_per_mbq.known)
        print_quantity(to, "effective dose", &t->effective_dose_usv_per_mbq);
    if (t->n_organ_doses > 0 || t->effective_dose_usv_per_mbq.known)
        print_conditions(to, "Conditions: other conditions give other doses",
                         &t->dose_conditions);
    if (t->n_time_integrated_activities == 0)
        return;
    fprintf(to, "\nPublished time-integrated activities\nregion\tvalue\tsd\tunit\tstatus"
                "\tsource\n");
    for (int i = 0; i < t->n_time_integrated_activities; i++)
        print_quantity(to, t->time_integrated_activity[i].what,
                       &t->time_integrated_activity[i].quantity);
    print_conditions(to, "Their conditions", &t->tiac_conditions);
}

/* ---- computed ---- */

/* An even concentration in the walls: by their masses. */
static rgq_status share_intestine(job *j, double tiac_h, double sd_h, rgq_error *err)
{
    static const char *const walls[] = {"small intestine", "upper large intestine wall",
                                        "lower large intestine wall"};
    double mass[3] = {0.0, 0.0, 0.0};
    double sum = 0.0;

    RGQ_PASS(err, rgq_dose_body_build(&j->body, &j->context->log, err));
    for (int i = 0; i < 3; i++) {
        const int o =
            j->body.anatomy != NULL ? rgq_anatomy_find(j->body.anatomy, walls[i]) : -1;
        if (o < 0)
            return RGQ_RAISE(err, RGQ_E_NOTFOUND, "%s has no %s", j->body.name, walls[i]);
        mass[i] = j->body.anatomy->organs[o].mass_g;
        sum += mass[i];
    }
    for (int i = 0; i < 3; i++)
        RGQ_PASS(err, rgq_dose_sources_add(&j->sources, walls[i], tiac_h * mass[i] / sum,
                                           sd_h * mass[i] / sum, err));
    RGQ_WARN(&j->context->log,
             "computed: '%s' is shared among small intestine, upper and lower "
             "large intestine by mass",
             intestine);
    return RGQ_OK;
}

static rgq_status take_region(job *j, const rgq_tracer_number *number, rgq_error *err)
{
    const rgq_quantity *q = &number->quantity;

    if (rgq_text_equal_nocase(number->what, intestine))
        return share_intestine(j, q->value, q->uncertainty, err);
    if (!rgq_text_equal_nocase(number->what, urine))
        return rgq_dose_sources_add(&j->sources, number->what, q->value, q->uncertainty, err);
    RGQ_WARN(&j->context->log,
             "computed: '%s' is taken to stay in the bladder, which makes the "
             "dose of its wall an upper bound",
             urine);
    return rgq_dose_sources_add(&j->sources, "urinary bladder contents", q->value,
                                q->uncertainty, err);
}

static rgq_status compute(job *j, rgq_error *err)
{
    const rgq_tracer *t = j->tracer;
    const rgq_dose_request request = {
        .nuclide = t->nuclide,
        .tracers = j->folders.tracers,
        .cache = {j->folders.cache[0] != '\0' ? j->folders.cache : NULL, &j->context->log},
        .way = j->way,
        .half_life_h = (double)NAN,
        .rule = j->o->effective,
        .force = j->context->shared.force};
    rgq_dose_request q = request;

    for (int i = 0; i < t->n_time_integrated_activities; i++)
        RGQ_PASS(err, take_region(j, &t->time_integrated_activity[i], err));
    q.source = j->sources.row;
    q.n_sources = j->sources.n;
    RGQ_PASS(err, rgq_dose_organ_chain(&j->answer, &j->body, &q, err));
    if (j->answer.table->remainder_tiac_h <= 0.0)
        RGQ_WARN(&j->context->log,
                 "computed: regions with %.4g h are published, of at most %.4g h; what was "
                 "elsewhere is not, so that all other doses are lower bounds",
                 j->answer.table->total_tiac_h, j->answer.table->most_tiac_h);
    return RGQ_OK;
}

static rgq_status recompute(job *j, rgq_error *err)
{
    const char *anatomy = j->o->anatomy != NULL ? j->o->anatomy : "stylised-adult-male";

    if (j->tracer->n_time_integrated_activities == 0) {
        (void)snprintf(
            j->why_not, sizeof j->why_not,
            "no time-integrated activities of %s are published, or none was verified; "
            "nothing can be recomputed",
            j->tracer->id);
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_context_word(
                      j->context, rgq_dose_body_parse(&j->body, anatomy, j->o->voxel_mm, err)));
    return compute(j, err);
}

static rgq_status give(job *j, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *computed = NULL;
    const rgq_dose_view view = {.body = &j->body,
                                .way = &j->way,
                                .activity_mbq = j->o->scan_opts.activity_mbq,
                                .alpha_beta_gy = (double)NAN,
                                .effective_half_life_h = (double)NAN,
                                .calibration_relative_sd = (double)NAN,
                                .image_fwhm_mm = (double)NAN,
                                .image_voxel_mm = (double)NAN};

    if (j->answer.table != NULL) {
        /* where part of the activity is not known there is no effective dose of the tracer */
        if (j->answer.table->remainder_tiac_h <= 0.0 && j->o->effective == NULL)
            j->answer.n_effective = 0;
        RGQ_TRY(err, rgq_dose_table_make(&j->table, &j->answer, &view, err));
        rgq_dose_warn(&j->answer, &view, &j->context->log);
        RGQ_TRY(err, rgq_dose_json_make(&computed, &j->answer, &view, j->table,
                                        j->context->warnings, err));
        RGQ_TRY(err, rgq_json_set_copy(j->root, "computed", computed, err));
    } else {
        RGQ_TRY(err, rgq_json_set_null(j->root, "computed", err));
        RGQ_TRY(err, rgq_json_set_text(j->root, "why_not_computed", j->why_not, err));
    }
    if (j->context->shared.json) {
        RGQ_TRY(err, rgq_context_print(j->context, j->root, err));
        goto out;
    }
    print_published(j);
    fprintf(j->context->out, "\nComputed by this program from the published activities\n");
    if (j->table != NULL)
        rgq_table_print(j->table, j->context->out);
    else
        fprintf(j->context->out, "  %s\n", j->why_not);
    fprintf(j->context->out, "\n%s\n", RGQ_DOSE_USE);
out:
    rgq_json_free(computed);
    return st;
}

static rgq_status check_words(const job *j, rgq_error *err)
{
    const rgq_dose_words *o = j->o;

    if (o->tracer == NULL || !o->from_library)
        return rgq_dose_wrong_words(
            j->context, err,
            "--tracer ID and --from-library belong together; doses of a "
            "measurement come from --tiac T.tsv");
    if (o->tiac != NULL || o->scans.count > 0 || o->tiac_map != NULL || o->nuclide != NULL ||
        o->out != NULL)
        return rgq_dose_wrong_words(j->context, err,
                                    "--from-library prints what is published, and takes no "
                                    "--nuclide, --tiac, --tiac-map, --out or scans");
    return RGQ_OK;
}

rgq_status rgq_dose_library(rgq_context *context, const rgq_dose_words *o, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    job j = {.context = context, .o = o};

    RGQ_TRY(err, check_words(&j, err));
    RGQ_TRY(err, rgq_dose_way_of(&j.way, context, o, RGQ_DOSE_MC, err));
    RGQ_TRY(err, rgq_dose_folders_find(&j.folders, context, o, err));
    RGQ_TRY(err, rgq_alloc(&j.tracer, 1, sizeof *j.tracer, err));
    RGQ_TRY(err, rgq_tracer_find(j.tracer, j.folders.tracers, o->tracer, err));
    RGQ_TRY(err, rgq_json_object(&j.root, err));
    RGQ_TRY(err, rgq_json_set_text(j.root, "tracer", j.tracer->id, err));
    RGQ_TRY(err, rgq_json_set_text(j.root, "use", RGQ_DOSE_USE, err));
    RGQ_TRY(err, add_published(&j, err));
    RGQ_TRY(err, recompute(&j, err));
    RGQ_TRY(err, give(&j, err));
out:
    release(&j);
    return st;
}
