/* surrogate.json as a whole. */
#include "rgdquant/surrogate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/json.h"
#include "surrogate/parts.h"
#include "surrogate/phrases.h"

const char *rgq_surrogate_partial_volume(const rgq_surrogate_opts *opts)
{
    return opts->partial_volume != NULL ? opts->partial_volume : SAY_NOT_CORRECTED;
}

static rgq_status add_tracer(rgq_json *root, const rgq_tracer *tracer, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "tracer", err));
    RGQ_PASS(err, rgq_json_set_text(node, "id", tracer->id, err));
    RGQ_PASS(err, rgq_json_set_text(node, "name", tracer->name, err));
    RGQ_PASS(err, rgq_json_set_text(node, "nuclide", tracer->nuclide, err));
    RGQ_PASS(err, rgq_json_set_text(node, "modality", tracer->modality, err));
    RGQ_PASS(err, rgq_json_set_text(node, "ligand_class", tracer->ligand_class, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "rgd", tracer->is_rgd, err));
    return rgq_json_set_bool(node, "used_in_humans", tracer->used_in_humans, err);
}

static rgq_status add_targets(rgq_json *root, const rgq_tracer *tracer, rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, root, "targets", err));
    for (int i = 0; i < tracer->n_targets; i++) {
        const rgq_tracer_target *target = &tracer->target[i];
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(node, "integrin", target->integrin, err));
        RGQ_PASS(err, rgq_json_set_text(node, "role", target->role, err));
        RGQ_PASS(err, rgq_json_set_text(node, "evidence_level", target->evidence_level, err));
        RGQ_PASS(err, rgq_json_set_text(node, "evidence", target->evidence, err));
        RGQ_PASS(err, rgq_json_set_text(node, "source", target->source, err));
    }
    return RGQ_OK;
}

static rgq_status add_drugs(rgq_json *root, const rgq_tracer *tracer,
                            const rgq_surrogate_opts *opts, rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, root, "drugs", err));
    for (int i = 0; i < opts->n_drugs; i++) {
        const rgq_surrogate_drug *drug = &opts->drug[i];
        const char *shared = rgq_surrogate_shared_target(opts, tracer, drug);
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err, rgq_json_set_text(node, "name", drug->agent->name, err));
        RGQ_PASS(err, rgq_json_set_text(node, "kind", drug->agent->kind, err));
        RGQ_PASS(err, rgq_json_set_text(node, "acts_on", drug->agent->integrin, err));
        RGQ_PASS(err, rgq_json_set_real(node, "before_injection_h", drug->before_h, err));
        RGQ_PASS(err,
                 rgq_json_set_bool(node, "competes",
                                   shared != NULL && !rgq_surrogate_is_washed_out(drug), err));
        RGQ_PASS(err, rgq_json_set_text(node, "source", drug->agent->source, err));
    }
    return RGQ_OK;
}

static rgq_status add_range(rgq_json *node, const char *key, const rgq_uptake_range *range,
                            rgq_error *err)
{
    const double ends[] = {range->low, range->high};

    return range->known ? rgq_json_set_reals(node, key, ends, 2, err)
                        : rgq_json_set_null(node, key, err);
}

static rgq_status add_calibration(rgq_json *root, const rgq_surrogate_opts *opts,
                                  rgq_error *err)
{
    const rgq_uptake_model *m = opts->model;
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, root, "calibrated", err));
    if (m == NULL)
        return rgq_json_set_text(node, "refused", SAY_NO_CALIBRATION, err);
    RGQ_PASS(err, rgq_json_set_text(node, "measure", m->measure, err));
    RGQ_PASS(err, rgq_json_set_text(node, "unit", m->unit, err));
    RGQ_PASS(err, rgq_json_set_text(node, "score", m->score, err));
    RGQ_PASS(err, rgq_json_set_text(node, "method", m->method, err));
    RGQ_PASS(err, rgq_json_set_text(node, "tracer", m->tracer, err));
    RGQ_PASS(err, rgq_json_set_text(node, "partial_volume", m->partial_volume, err));
    RGQ_PASS(err, rgq_json_set_int(node, "n_patients", m->n_patients, err));
    RGQ_PASS(err, rgq_json_set_int(node, "n_lesions", m->n_lesions, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "forced", m->forced, err));
    RGQ_PASS(err, add_range(node, "uptake_range", &m->uptake, err));
    RGQ_PASS(err, add_range(node, "volume_ml_range", &m->volume_ml, err));
    RGQ_PASS(err, add_range(node, "uptake_time_min_range", &m->uptake_time_min, err));
    return rgq_json_set_text(node, "data_sha256", m->data_sha256, err);
}

/* ---- what was left out ---- */

static rgq_status leave_out(rgq_json *array, const char *what, const char *why, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "what", what, err));
    return rgq_json_set_text(node, "why", why, err);
}

static rgq_status leave_out_scores(rgq_json *array, const rgq_json *root,
                                   const rgq_surrogate_opts *opts, rgq_error *err)
{
    const rgq_json *regions = rgq_json_get(root, "regions");
    const int count = (int)rgq_json_count(regions);
    int refused = 0;
    char why[160];

    if (opts->model == NULL)
        return leave_out(array, SAY_OUT_SCORE, SAY_WHY_SCORE, err);
    for (size_t i = 0; i < rgq_json_count(regions); i++) {
        const rgq_json *node = rgq_json_get(rgq_json_at(regions, i), "calibrated");
        refused += rgq_json_get(node, "refused") != NULL;
    }
    if (refused == 0)
        return RGQ_OK;
    (void)snprintf(why, sizeof why, SAY_WHY_SCORE_REFUSED, refused, count);
    return leave_out(array, SAY_OUT_SCORE, why, err);
}

static rgq_status add_not_computed(rgq_json *root, const rgq_tracer *tracer,
                                   const rgq_surrogate_opts *opts, rgq_error *err)
{
    const bool window = tracer->uptake_start_min.known || tracer->uptake_end_min.known;
    rgq_json *array = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, root, "not_computed", err));
    if (opts->background == NULL)
        RGQ_PASS(err, leave_out(array, SAY_OUT_INDEX, SAY_NO_BACKGROUND, err));
    RGQ_PASS(err, leave_out(array, SAY_OUT_LEVEL,
                            opts->model != NULL ? SAY_WHY_LEVEL_MODEL : SAY_WHY_LEVEL, err));
    RGQ_PASS(err, leave_out_scores(array, root, opts, err));
    if (opts->tissue == NULL)
        RGQ_PASS(err, leave_out(array, SAY_OUT_CONTEXT, SAY_WHY_CONTEXT, err));
    else if (opts->targets == NULL)
        RGQ_PASS(err, leave_out(array, SAY_OUT_CONTEXT, SAY_WHY_NO_KNOWLEDGE, err));
    if (tracer->n_targets > 1)
        RGQ_PASS(err, leave_out(array, SAY_OUT_SHARE, SAY_WHY_SHARE, err));
    if (!window)
        RGQ_PASS(err, leave_out(array, SAY_OUT_WINDOW, SAY_WHY_WINDOW, err));
    RGQ_PASS(err, leave_out(array, SAY_OUT_COMPARTMENT, SAY_WHY_COMPARTMENT, err));
    RGQ_PASS(err, leave_out(array, SAY_OUT_SPECIFIC, SAY_WHY_SPECIFIC, err));
    RGQ_PASS(err, leave_out(array, SAY_OUT_RESPONSE, SAY_WHY_RESPONSE, err));
    return leave_out(array, SAY_OUT_BINDING, SAY_WHY_BINDING, err);
}

static rgq_status fill(rgq_json *root, const rgq_tracer *tracer, const rgq_table *measures,
                       const rgq_surrogate_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_set_text(root, "statement", SAY_STATEMENT, err));
    RGQ_PASS(err, add_tracer(root, tracer, err));
    RGQ_PASS(err, add_targets(root, tracer, err));
    RGQ_PASS(err, rgq_json_set_real(root, "uptake_time_min", opts->uptake_time_min, err));
    RGQ_PASS(err, opts->background != NULL
                      ? rgq_json_set_text(root, "background", opts->background, err)
                      : rgq_json_set_null(root, "background", err));
    RGQ_PASS(err, rgq_json_set_text(root, "partial_volume", rgq_surrogate_partial_volume(opts),
                                    err));
    RGQ_PASS(err, add_drugs(root, tracer, opts, err));
    RGQ_PASS(err, rgq_surrogate_add_regions(root, tracer, measures, opts, err));
    RGQ_PASS(err, add_calibration(root, opts, err));
    RGQ_PASS(err, rgq_json_set_text(root, "confidence", SAY_CONFIDENCE, err));
    RGQ_PASS(err, rgq_surrogate_add_context(root, tracer, opts, err));
    RGQ_PASS(err, rgq_surrogate_add_caveats(root, tracer, opts, err));
    return add_not_computed(root, tracer, opts, err);
}

rgq_status rgq_surrogate_json(char **out_json, const rgq_tracer *tracer,
                              const rgq_table *measures, const rgq_surrogate_opts *opts,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    *out_json = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, fill(root, tracer, measures, opts, err));
    RGQ_TRY(err, rgq_json_dump(out_json, root, err));
out:
    rgq_json_free(root);
    return st;
}
