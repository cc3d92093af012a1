/* Index, prediction and confidence of each region. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "surrogate/parts.h"
#include "surrogate/phrases.h"
#include "surrogate/rules.h"

/* Columns of the measures table that are needed here. */
typedef struct columns {
    int region, label, unit, mean, peak, low, high;
    int volume;  /* -1: not there */
    int measure; /* of the model; -1: not there */
} columns;

/* One row, and all that is asked of it. */
typedef struct region {
    const rgq_tracer *tracer;
    const rgq_surrogate_opts *opts;
    const rgq_table *table;
    const columns *c;
    int row;
    bool is_background;
    bool has_index;
    bool is_predicted;
} region;

static rgq_status find_columns(columns *out, const rgq_table *table,
                               const rgq_surrogate_opts *opts, rgq_error *err)
{
    const struct {
        const char *name;
        int *at;
    } needed[] = {
        {"region", &out->region},
        {"label", &out->label},
        {"unit", &out->unit},
        {"tbr_mean", &out->mean},
        {"tbr_peak", &out->peak},
        {"tbr_mean_ci_low", &out->low},
        {"tbr_mean_ci_high", &out->high},
    };

    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        *needed[i].at = rgq_table_find(table, needed[i].name);
        if (*needed[i].at < 0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the measures table has no column '%s'; give the table of "
                             "rgdquant measure",
                             needed[i].name);
    }
    out->volume = rgq_table_find(table, "volume_ml");
    out->measure = opts->model != NULL ? rgq_table_find(table, opts->model->measure) : -1;
    return RGQ_OK;
}

static double real_at(const region *r, int column)
{
    return column >= 0 && rgq_table_has(r->table, r->row, column)
               ? rgq_table_real(r->table, r->row, column)
               : (double)NAN;
}

/* The background may be given by name or by label, the name first, as in rgq_measure(). */
static bool is_background(const rgq_table *table, int row, const columns *c,
                          const char *background)
{
    char label[32];

    if (background == NULL)
        return false;
    for (int r = 0; r < rgq_table_n_rows(table); r++)
        if (strcmp(rgq_table_text(table, r, c->region), background) == 0)
            return strcmp(rgq_table_text(table, row, c->region), background) == 0;
    return strcmp(rgq_table_format(table, row, c->label, label, sizeof label), background) == 0;
}

/* ---- the index ---- */

/* Why a region has no index, or NULL if it has one. */
static const char *why_no_index(const region *r)
{
    if (r->opts->background == NULL)
        return SAY_NO_BACKGROUND;
    if (r->is_background)
        return SAY_IS_BACKGROUND;
    return rgq_table_has(r->table, r->row, r->c->mean) ? NULL : SAY_NO_RATIO;
}

static bool has_interval(const region *r)
{
    return isfinite(real_at(r, r->c->low)) && isfinite(real_at(r, r->c->high));
}

static rgq_status add_interval(rgq_json *index, const region *r, rgq_error *err)
{
    rgq_json *interval = NULL;

    if (!has_interval(r))
        return rgq_json_set_null(index, "interval", err);
    RGQ_PASS(err, rgq_json_add_object(&interval, index, "interval", err));
    RGQ_PASS(err, rgq_json_set_real(interval, "low", real_at(r, r->c->low), err));
    RGQ_PASS(err, rgq_json_set_real(interval, "high", real_at(r, r->c->high), err));
    return rgq_json_set_text(interval, "of", SAY_INTERVAL_OF, err);
}

static rgq_status add_index(rgq_json *node, const region *r, rgq_error *err)
{
    rgq_json *index = NULL;
    char formed[400];

    (void)snprintf(formed, sizeof formed, SAY_INDEX_FORMED, r->opts->background,
                   r->opts->background);
    RGQ_PASS(err, rgq_json_add_object(&index, node, "index", err));
    RGQ_PASS(err, rgq_json_set_real(index, "value", real_at(r, r->c->mean), err));
    RGQ_PASS(err, add_interval(index, r, err));
    RGQ_PASS(err, rgq_json_set_real(index, "peak", real_at(r, r->c->peak), err));
    RGQ_PASS(err, rgq_json_set_text(index, "formed", formed, err));
    RGQ_PASS(err, rgq_json_set_text(index, "uptake_unit",
                                    rgq_table_text(r->table, r->row, r->c->unit), err));
    return rgq_json_set_text(index, "partial_volume", rgq_surrogate_partial_volume(r->opts),
                             err);
}

/* ---- the prediction ---- */

static rgq_status refuse(rgq_json *node, const char *reason, rgq_error *err)
{
    rgq_json *calibrated = NULL;

    RGQ_PASS(err, rgq_json_add_object(&calibrated, node, "calibrated", err));
    return rgq_json_set_text(calibrated, "refused", reason, err);
}

static bool is_ratio(const char *measure)
{
    return strncmp(measure, "tbr_", 4) == 0 || strcmp(measure, "cov") == 0;
}

/* The first drug that holds a site of the tracer, or NULL. */
static const rgq_surrogate_drug *competitor(const region *r)
{
    for (int i = 0; i < r->opts->n_drugs; i++)
        if (rgq_surrogate_shared_target(r->opts, r->tracer, &r->opts->drug[i]) != NULL &&
            !rgq_surrogate_is_washed_out(&r->opts->drug[i]))
            return &r->opts->drug[i];
    return NULL;
}

static void predict(rgq_uptake_prediction *out, const region *r)
{
    const rgq_uptake_model *model = r->opts->model;
    const double level = r->opts->confidence > 0.0 ? r->opts->confidence : 0.95;
    const rgq_uptake_query query = {
        .measure = model->measure,
        .unit = is_ratio(model->measure) ? "1" : rgq_table_text(r->table, r->row, r->c->unit),
        .tracer = r->tracer->id,
        .partial_volume = rgq_surrogate_partial_volume(r->opts),
        .uptake = real_at(r, r->c->measure),
        .volume_ml = real_at(r, r->c->volume),
        .uptake_time_min = r->opts->uptake_time_min};

    const rgq_surrogate_drug *drug = competitor(r);

    *out = (rgq_uptake_prediction){.refused = true};
    if (r->is_background)
        (void)snprintf(out->reason, sizeof out->reason, SAY_MODEL_ON_BACKGROUND);
    else if (drug != NULL)
        (void)snprintf(out->reason, sizeof out->reason, SAY_MODEL_ON_DRUG, drug->agent->name);
    else if (!isfinite(query.uptake))
        (void)snprintf(out->reason, sizeof out->reason, SAY_MODEL_NO_MEASURE, model->measure);
    else
        rgq_uptake_model_predict(out, model, &query, level);
}

static rgq_status add_prediction(rgq_json *node, region *r, rgq_error *err)
{
    rgq_uptake_prediction p;
    rgq_json *calibrated = NULL;
    rgq_json *interval = NULL;

    if (r->opts->model == NULL)
        return refuse(node, SAY_NO_CALIBRATION, err);
    predict(&p, r);
    if (p.refused)
        return refuse(node, p.reason, err);
    r->is_predicted = true;
    RGQ_PASS(err, rgq_json_add_object(&calibrated, node, "calibrated", err));
    RGQ_PASS(err, rgq_json_set_text(calibrated, "score", r->opts->model->score, err));
    RGQ_PASS(err, rgq_json_set_real(calibrated, "predicted", p.score, err));
    RGQ_PASS(err, rgq_json_add_object(&interval, calibrated, "interval", err));
    RGQ_PASS(err, rgq_json_set_real(interval, "low", p.low, err));
    RGQ_PASS(err, rgq_json_set_real(interval, "high", p.high, err));
    RGQ_PASS(err, rgq_json_set_real(calibrated, "level", p.confidence, err));
    return rgq_json_set_text(calibrated, "of", SAY_PREDICTION_OF, err);
}

/* ---- confidence ---- */

static bool has_level(const rgq_tracer *tracer, const char *begins)
{
    for (int i = 0; i < tracer->n_targets; i++)
        if (strncmp(tracer->target[i].evidence_level, begins, strlen(begins)) == 0)
            return true;
    return false;
}

static void gather(rgq_confidence_facts *facts, const region *r)
{
    const rgq_surrogate_opts *o = r->opts;
    const double volume = real_at(r, r->c->volume);
    const bool corrected = strcmp(rgq_surrogate_partial_volume(o), SAY_NOT_CORRECTED) != 0;
    bool *holds = facts->holds;

    holds[RGQ_RULE_CALIBRATED] =
        r->is_predicted && !o->model->forced && o->model->n_patients >= RGQ_UPTAKE_PATIENTS_MIN;
    holds[RGQ_RULE_CLASS_LEVEL] = has_level(r->tracer, "class-level");
    holds[RGQ_RULE_LOWER] = !holds[RGQ_RULE_CLASS_LEVEL] &&
                            (has_level(r->tracer, "lower") || has_level(r->tracer, "small"));
    holds[RGQ_RULE_NO_INDEX] = !r->has_index;
    holds[RGQ_RULE_DRUG] = competitor(r) != NULL;
    holds[RGQ_RULE_NOT_ABOVE] = r->has_index && has_interval(r) && real_at(r, r->c->low) <= 1.0;
    holds[RGQ_RULE_NOT_IN_HUMANS] = !r->tracer->used_in_humans;
    holds[RGQ_RULE_NO_REFERENCE] = r->tracer->reference_tissue[0] == '\0';
    holds[RGQ_RULE_SMALL] = !corrected && !(volume >= RGQ_SMALL_LESION_ML);
    holds[RGQ_RULE_TIME_UNKNOWN] = !isfinite(o->uptake_time_min);
    holds[RGQ_RULE_TIME_OUTSIDE] =
        rgq_surrogate_outside_window(r->tracer, o->uptake_time_min) != 0;
    holds[RGQ_RULE_NO_INTERVAL] = r->has_index && !has_interval(r);
    holds[RGQ_RULE_TARGETS] = r->tracer->n_targets > 1;
}

static rgq_status add_confidence(rgq_json *node, const region *r, rgq_error *err)
{
    rgq_confidence_facts facts = {{false}};
    rgq_json *confidence = NULL;
    rgq_json *array = NULL;
    rgq_json *rule = NULL;

    gather(&facts, r);
    RGQ_PASS(err, rgq_json_add_object(&confidence, node, "confidence", err));
    RGQ_PASS(err, rgq_json_set_text(confidence, "word",
                                    rgq_confidence_word(rgq_confidence_of(&facts)), err));
    RGQ_PASS(err, rgq_json_add_array(&array, confidence, "rules", err));
    for (int i = 0; i < RGQ_CONFIDENCE_RULES; i++) {
        if (!facts.holds[i])
            continue;
        RGQ_PASS(err, rgq_json_add_object(&rule, array, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(rule, "id", rgq_confidence_rule_at(i)->id, err));
        RGQ_PASS(err, rgq_json_set_text(rule, "when", rgq_confidence_rule_at(i)->when, err));
    }
    return RGQ_OK;
}

/* ---- regions ---- */

static rgq_status add_label(rgq_json *node, const region *r, rgq_error *err)
{
    if (!rgq_table_has(r->table, r->row, r->c->label))
        return rgq_json_set_null(node, "label", err);
    return rgq_json_set_int(node, "label", (long long)real_at(r, r->c->label), err);
}

static rgq_status add_region(rgq_json *node, region *r, rgq_error *err)
{
    const char *missing = NULL;

    r->is_background = is_background(r->table, r->row, r->c, r->opts->background);
    missing = why_no_index(r);
    r->has_index = missing == NULL;
    RGQ_PASS(err, rgq_json_set_text(node, "region",
                                    rgq_table_text(r->table, r->row, r->c->region), err));
    RGQ_PASS(err, add_label(node, r, err));
    if (r->has_index) {
        RGQ_PASS(err, add_index(node, r, err));
    } else {
        RGQ_PASS(err, rgq_json_set_null(node, "index", err));
        RGQ_PASS(err, rgq_json_set_text(node, "index_missing", missing, err));
    }
    RGQ_PASS(err, add_prediction(node, r, err));
    return add_confidence(node, r, err);
}

rgq_status rgq_surrogate_add_regions(rgq_json *root, const rgq_tracer *tracer,
                                     const rgq_table *table, const rgq_surrogate_opts *opts,
                                     rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;
    columns c = {0};

    RGQ_PASS(err, find_columns(&c, table, opts, err));
    RGQ_PASS(err, rgq_json_add_array(&array, root, "regions", err));
    for (int row = 0; row < rgq_table_n_rows(table); row++) {
        region r = {.tracer = tracer, .opts = opts, .table = table, .c = &c, .row = row};
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, add_region(node, &r, err));
    }
    return RGQ_OK;
}
