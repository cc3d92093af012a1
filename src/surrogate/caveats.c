/* What must be kept in mind: always, with this tracer, with this scan. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "surrogate/parts.h"
#include "surrogate/phrases.h"

enum { TEXT_MAX = 600 };

static rgq_status add_caveat(rgq_json *array, const char *kind, const char *text,
                             const char *source, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "kind", kind, err));
    RGQ_PASS(err, rgq_json_set_text(node, "text", text, err));
    return *source != '\0' ? rgq_json_set_text(node, "source", source, err) : RGQ_OK;
}

static const struct {
    const char *of_rgd;   /* for ligands of RGD integrins; NULL: not for them */
    const char *of_other; /* for the others; NULL: not for them */
    const char *source;
} mandatory[] = {
    {SAY_ANGIOGENESIS, NULL, "AldayParejo2019"},
    {SAY_COMPARTMENT, SAY_COMPARTMENT, "AldayParejo2019"},
    {SAY_PERFUSION, SAY_PERFUSION, "AldayParejo2019"},
    {SAY_CROSS_BINDING, SAY_CROSS_BINDING_OTHER, "Xiong2021"},
    {SAY_BLOOD_VOLUME, SAY_BLOOD_VOLUME, "Gunn2001"},
    {SAY_MUSCLE, SAY_MUSCLE, "Innis2007"},
    {SAY_PLATELETS, NULL, "AldayParejo2019"},
    {SAY_INFLAMMATION, SAY_INFLAMMATION_OTHER, "AldayParejo2019"},
    {SAY_ACTIVATION, SAY_ACTIVATION, "AldayParejo2019; Su2020"},
    {SAY_NEGATIVE_STUDY, SAY_NEGATIVE_STUDY_OTHER, "GalactoRGD2Lung2021"},
};

/* A peptide that is not RGD may still be for an αv integrin. */
static bool is_for_av(const rgq_tracer *tracer)
{
    for (int i = 0; i < tracer->n_targets; i++)
        if (strstr(tracer->target[i].integrin, "αv") != NULL)
            return true;
    return tracer->is_rgd;
}

static rgq_status add_mandatory(rgq_json *array, const rgq_tracer *tracer,
                                const rgq_surrogate_opts *opts, rgq_error *err)
{
    const bool rgd = is_for_av(tracer);

    for (size_t i = 0; i < sizeof mandatory / sizeof mandatory[0]; i++) {
        const char *text = rgd ? mandatory[i].of_rgd : mandatory[i].of_other;
        if (text != NULL)
            RGQ_PASS(err, add_caveat(array, "always", text, mandatory[i].source, err));
    }
    if (strcmp(rgq_surrogate_partial_volume(opts), SAY_NOT_CORRECTED) != 0)
        return RGQ_OK;
    return add_caveat(array, "always", SAY_PARTIAL_VOLUME_CAVEAT, "Soret2007", err);
}

int rgq_surrogate_outside_window(const rgq_tracer *tracer, double uptake_time_min)
{
    const rgq_quantity *start = &tracer->uptake_start_min;
    const rgq_quantity *end = &tracer->uptake_end_min;

    if (!isfinite(uptake_time_min))
        return 0;
    if (start->known && uptake_time_min < start->value)
        return -1;
    return end->known && uptake_time_min > end->value ? 1 : 0;
}

/* What the uptake time of this scan means for the comparison with published work. */
static rgq_status add_time(rgq_json *array, const rgq_tracer *tracer,
                           const rgq_surrogate_opts *opts, rgq_error *err)
{
    const double t = opts->uptake_time_min;
    const int outside = rgq_surrogate_outside_window(tracer, t);
    char text[TEXT_MAX];

    if (!isfinite(t))
        return add_caveat(array, "scan", SAY_TIME_UNKNOWN, "", err);
    if (outside == 0)
        return RGQ_OK;
    if (outside < 0)
        (void)snprintf(text, sizeof text, SAY_TIME_EARLY, t, tracer->uptake_start_min.value);
    else
        (void)snprintf(text, sizeof text, SAY_TIME_LATE, t, tracer->uptake_end_min.value);
    return add_caveat(
        array, "scan", text,
        outside < 0 ? tracer->uptake_start_min.source : tracer->uptake_end_min.source, err);
}

static rgq_status add_drug(rgq_json *array, const rgq_tracer *tracer,
                           const rgq_surrogate_opts *opts, const rgq_surrogate_drug *drug,
                           rgq_error *err)
{
    const rgq_target_agent *a = drug->agent;
    const bool shared = rgq_surrogate_shared_target(opts, tracer, drug) != NULL;
    const bool has_half_life = isfinite(a->half_life_low_h);
    char text[TEXT_MAX];
    char before[60] = "";
    char passed[160] = "";

    if (isfinite(drug->before_h))
        (void)snprintf(before, sizeof before, SAY_DRUG_BEFORE, drug->before_h);
    if (!has_half_life)
        (void)snprintf(passed, sizeof passed, SAY_DRUG_NO_HALF_LIFE);
    else if (isfinite(drug->before_h))
        (void)snprintf(passed, sizeof passed, SAY_DRUG_HALF_LIFE, a->half_life_low_h,
                       a->half_life_high_h, drug->before_h / a->half_life_high_h,
                       drug->before_h / a->half_life_low_h);
    if (!shared)
        (void)snprintf(text, sizeof text, SAY_DRUG_OTHER, a->name, before, a->integrin);
    else if (rgq_surrogate_is_washed_out(drug))
        (void)snprintf(text, sizeof text, SAY_DRUG_WASHED_OUT, a->name, before, a->integrin,
                       a->half_life_low_h, a->half_life_high_h);
    else
        (void)snprintf(text, sizeof text, SAY_DRUG_COMPETES, a->name, before, a->integrin,
                       passed);
    return add_caveat(array, "scan", text, a->source, err);
}

static rgq_status add_scan(rgq_json *array, const rgq_tracer *tracer,
                           const rgq_surrogate_opts *opts, rgq_error *err)
{
    const rgq_uptake_model *model = opts->model;
    char text[TEXT_MAX];

    RGQ_PASS(err, add_time(array, tracer, opts, err));
    for (int i = 0; i < opts->n_drugs; i++)
        RGQ_PASS(err, add_drug(array, tracer, opts, &opts->drug[i], err));
    if (!tracer->used_in_humans)
        RGQ_PASS(err, add_caveat(array, "scan", SAY_NOT_IN_HUMANS, "", err));
    if (model != NULL && model->forced) {
        (void)snprintf(text, sizeof text, SAY_MODEL_FORCED, model->n_patients,
                       RGQ_UPTAKE_PATIENTS_MIN);
        RGQ_PASS(err, add_caveat(array, "scan", text, "", err));
    }
    if (model != NULL && opts->background != NULL && strncmp(model->measure, "tbr_", 4) == 0) {
        (void)snprintf(text, sizeof text, SAY_MODEL_BACKGROUND, opts->background);
        RGQ_PASS(err, add_caveat(array, "scan", text, "", err));
    }
    if (opts->background == NULL || tracer->reference_tissue[0] != '\0')
        return RGQ_OK;
    (void)snprintf(text, sizeof text, SAY_USER_BACKGROUND, tracer->id, opts->background);
    return add_caveat(array, "scan", text, "", err);
}

rgq_status rgq_surrogate_add_caveats(rgq_json *root, const rgq_tracer *tracer,
                                     const rgq_surrogate_opts *opts, rgq_error *err)
{
    rgq_json *array = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, root, "caveats", err));
    RGQ_PASS(err, add_mandatory(array, tracer, opts, err));
    for (int i = 0; i < tracer->n_caveats; i++)
        RGQ_PASS(err, add_caveat(array, "tracer", tracer->caveat[i].text,
                                 tracer->caveat[i].source, err));
    return add_scan(array, tracer, opts, err);
}
