#include "rgdquant/surrogate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/json.h"

static const char no_calibration[] = "no calibration given";

/* Columns of the measures table that are needed here. */
typedef struct columns {
    int region, label, unit, mean, peak, low, high;
} columns;

static rgq_status find_columns(columns *out, const rgq_table *table, rgq_error *err)
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
    return RGQ_OK;
}

static const char *partial_volume_of(const rgq_surrogate_opts *opts)
{
    return opts->partial_volume != NULL ? opts->partial_volume : "not corrected";
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

static rgq_status add_refusal(rgq_json *node, rgq_error *err)
{
    rgq_json *calibrated = NULL;

    RGQ_PASS(err, rgq_json_add_object(&calibrated, node, "calibrated", err));
    return rgq_json_set_text(calibrated, "refused", no_calibration, err);
}

/* The background may be given by name or by label, the name first, as in rgq_measure(). */
static bool is_background(const rgq_table *table, int row, const columns *c,
                          const char *background)
{
    char label[32];

    for (int r = 0; r < rgq_table_n_rows(table); r++)
        if (strcmp(rgq_table_text(table, r, c->region), background) == 0)
            return strcmp(rgq_table_text(table, row, c->region), background) == 0;
    return strcmp(rgq_table_format(table, row, c->label, label, sizeof label), background) == 0;
}

/* Why a region has no index, or NULL if it has one. */
static const char *why_no_index(const rgq_table *table, int row, const columns *c,
                                const rgq_surrogate_opts *opts)
{
    if (opts->background == NULL)
        return "no background was named; give --background REGION to form a ratio";
    if (is_background(table, row, c, opts->background))
        return "this region is the background";
    if (!rgq_table_has(table, row, c->mean))
        return "the measures have no ratio for this region: it holds no voxel, or the mean of "
               "the background is not positive";
    return NULL;
}

static rgq_status add_interval(rgq_json *index, const rgq_table *table, int row,
                               const columns *c, rgq_error *err)
{
    rgq_json *interval = NULL;

    if (!rgq_table_has(table, row, c->low) || !rgq_table_has(table, row, c->high))
        return rgq_json_set_null(index, "interval", err);
    RGQ_PASS(err, rgq_json_add_object(&interval, index, "interval", err));
    RGQ_PASS(err, rgq_json_set_real(interval, "low", rgq_table_real(table, row, c->low), err));
    RGQ_PASS(err,
             rgq_json_set_real(interval, "high", rgq_table_real(table, row, c->high), err));
    return rgq_json_set_text(interval, "of",
                             "the blurred ratio, from the noise of the scan; partial-volume "
                             "bias and biology are not in it",
                             err);
}

static rgq_status add_index(rgq_json *node, const rgq_table *table, int row, const columns *c,
                            const rgq_surrogate_opts *opts, rgq_error *err)
{
    rgq_json *index = NULL;
    char formed[400];

    (void)snprintf(formed, sizeof formed,
                   "mean of the region / mean of '%.120s', same scan; peak: highest mean over "
                   "1 mL in the region / mean of '%.120s'",
                   opts->background, opts->background);
    RGQ_PASS(err, rgq_json_add_object(&index, node, "index", err));
    RGQ_PASS(err, rgq_json_set_real(index, "value", rgq_table_real(table, row, c->mean), err));
    RGQ_PASS(err, add_interval(index, table, row, c, err));
    RGQ_PASS(err, rgq_json_set_real(index, "peak", rgq_table_real(table, row, c->peak), err));
    RGQ_PASS(err, rgq_json_set_text(index, "formed", formed, err));
    RGQ_PASS(err,
             rgq_json_set_text(index, "uptake_unit", rgq_table_text(table, row, c->unit), err));
    return rgq_json_set_text(index, "partial_volume", partial_volume_of(opts), err);
}

static rgq_status add_label(rgq_json *node, const rgq_table *table, int row, const columns *c,
                            rgq_error *err)
{
    if (!rgq_table_has(table, row, c->label))
        return rgq_json_set_null(node, "label", err);
    return rgq_json_set_int(node, "label", (long long)rgq_table_real(table, row, c->label),
                            err);
}

static rgq_status add_regions(rgq_json *root, const rgq_table *table,
                              const rgq_surrogate_opts *opts, rgq_error *err)
{
    rgq_json *array = NULL;
    rgq_json *node = NULL;
    columns c = {0};

    RGQ_PASS(err, find_columns(&c, table, err));
    RGQ_PASS(err, rgq_json_add_array(&array, root, "regions", err));
    for (int row = 0; row < rgq_table_n_rows(table); row++) {
        const char *missing = why_no_index(table, row, &c, opts);
        RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
        RGQ_PASS(err,
                 rgq_json_set_text(node, "region", rgq_table_text(table, row, c.region), err));
        RGQ_PASS(err, add_label(node, table, row, &c, err));
        if (missing == NULL) {
            RGQ_PASS(err, add_index(node, table, row, &c, opts, err));
        } else {
            RGQ_PASS(err, rgq_json_set_null(node, "index", err));
            RGQ_PASS(err, rgq_json_set_text(node, "index_missing", missing, err));
        }
        RGQ_PASS(err, add_refusal(node, err));
    }
    return RGQ_OK;
}

static rgq_status add_caveat(rgq_json *array, const char *text, const char *source,
                             rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "text", text, err));
    return *source != '\0' ? rgq_json_set_text(node, "source", source, err) : RGQ_OK;
}

/* What the uptake time of this scan means for the comparison with published work. */
static rgq_status add_time_caveat(rgq_json *array, const rgq_tracer *tracer,
                                  const rgq_surrogate_opts *opts, rgq_error *err)
{
    const rgq_quantity *start = &tracer->uptake_start_min;
    const rgq_quantity *end = &tracer->uptake_end_min;
    const double t = opts->uptake_time_min;
    char text[240];

    if (!isfinite(t))
        return add_caveat(array,
                          "The time from injection to scan is unknown: the ratios cannot be "
                          "compared with those of another scan.",
                          "", err);
    if (start->known && t < start->value)
        (void)snprintf(text, sizeof text,
                       "The scan began %.1f min after injection; published imaging began at "
                       "%g min.",
                       t, start->value);
    else if (end->known && t > end->value)
        (void)snprintf(text, sizeof text,
                       "The scan began %.1f min after injection; published imaging was over "
                       "at %g min.",
                       t, end->value);
    else
        return RGQ_OK;
    return add_caveat(array, text, start->known ? start->source : end->source, err);
}

static rgq_status add_caveats(rgq_json *root, const rgq_tracer *tracer,
                              const rgq_surrogate_opts *opts, rgq_error *err)
{
    rgq_json *array = NULL;
    char text[240];

    RGQ_PASS(err, rgq_json_add_array(&array, root, "caveats", err));
    for (int i = 0; i < tracer->n_caveats; i++)
        RGQ_PASS(err, add_caveat(array, tracer->caveat[i].text, tracer->caveat[i].source, err));
    RGQ_PASS(err, add_time_caveat(array, tracer, opts, err));
    if (!tracer->used_in_humans)
        RGQ_PASS(err, add_caveat(array, "This tracer has not been used in humans.", "", err));
    if (opts->background != NULL && tracer->reference_tissue[0] == '\0') {
        (void)snprintf(text, sizeof text,
                       "No reference tissue is established for %s; '%.60s' was chosen by the "
                       "user.",
                       tracer->id, opts->background);
        RGQ_PASS(err, add_caveat(array, text, "", err));
    }
    return RGQ_OK;
}

static rgq_status leave_out(rgq_json *array, const char *what, const char *why, rgq_error *err)
{
    rgq_json *node = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, array, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "what", what, err));
    return rgq_json_set_text(node, "why", why, err);
}

static rgq_status add_not_computed(rgq_json *root, const rgq_tracer *tracer,
                                   const rgq_surrogate_opts *opts, rgq_error *err)
{
    const char *no_context = opts->tissue != NULL
                                 ? "what is known of the integrin in the named tissue is not "
                                   "part of this version"
                                 : "no tissue was named, and this version has no table of "
                                   "tissues";
    rgq_json *array = NULL;

    RGQ_PASS(err, rgq_json_add_array(&array, root, "not_computed", err));
    if (opts->background == NULL)
        RGQ_PASS(err, leave_out(array, "index",
                                "no background was named; give --background REGION", err));
    RGQ_PASS(err, leave_out(array, "expression level",
                            "uptake is not an amount of integrin, and no calibration against "
                            "staining was given",
                            err));
    RGQ_PASS(err, leave_out(array, "predicted staining score",
                            "no calibration given, and this version reads none", err));
    RGQ_PASS(err, leave_out(array, "context", no_context, err));
    if (tracer->n_targets > 1)
        RGQ_PASS(err, leave_out(array, "share of each integrin",
                                "one image of one tracer cannot split its targets", err));
    RGQ_PASS(err, leave_out(array, "response or positivity",
                            "no threshold was verified for this tracer", err));
    return leave_out(array, "binding potential, influx constant",
                     "needs a dynamic scan and an input function", err);
}

static rgq_status fill(rgq_json *root, const rgq_tracer *tracer, const rgq_table *measures,
                       const rgq_surrogate_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_set_text(
                      root, "statement",
                      "tracer-target uptake; not an expression level; research use", err));
    RGQ_PASS(err, add_tracer(root, tracer, err));
    RGQ_PASS(err, add_targets(root, tracer, err));
    RGQ_PASS(err, rgq_json_set_real(root, "uptake_time_min", opts->uptake_time_min, err));
    RGQ_PASS(err, opts->background != NULL
                      ? rgq_json_set_text(root, "background", opts->background, err)
                      : rgq_json_set_null(root, "background", err));
    RGQ_PASS(err, rgq_json_set_text(root, "partial_volume", partial_volume_of(opts), err));
    RGQ_PASS(err, add_regions(root, measures, opts, err));
    RGQ_PASS(err, add_refusal(root, err));
    RGQ_PASS(err, add_caveats(root, tracer, opts, err));
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
