/* A calibration: its file and what it predicts. */
#include "rgdquant/uptake_model.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"
#include "num/stats.h"
#include "surrogate/phrases.h"

/* ---- prediction ---- */

static bool is_word(const char *text)
{
    return text != NULL && text[0] != '\0';
}

/* Two texts that must be the same; what is wrong with them into `reason`. */
static bool agree(rgq_uptake_prediction *out, const char *what, const char *of_model,
                  const char *of_lesion)
{
    if (is_word(of_model) && is_word(of_lesion) && strcmp(of_model, of_lesion) == 0)
        return true;
    out->refused = true;
    if (is_word(of_model) && is_word(of_lesion))
        (void)snprintf(out->reason, sizeof out->reason, SAY_MODEL_OTHER, what, of_lesion,
                       of_model);
    else
        (void)snprintf(out->reason, sizeof out->reason, SAY_MODEL_UNKNOWN, what,
                       is_word(of_model) ? SAY_OF_LESION : SAY_OF_MODEL);
    return false;
}

static bool inside(rgq_uptake_prediction *out, const char *what, const char *unit,
                   const rgq_uptake_range *range, double value)
{
    if (range->known && isfinite(value) && value >= range->low && value <= range->high)
        return true;
    out->refused = true;
    if (range->known && isfinite(value))
        (void)snprintf(out->reason, sizeof out->reason, SAY_MODEL_OUTSIDE, what, value, unit,
                       range->low, range->high, unit);
    else
        (void)snprintf(out->reason, sizeof out->reason, SAY_MODEL_UNKNOWN, what,
                       range->known ? SAY_OF_LESION : SAY_OF_MODEL);
    return false;
}

void rgq_uptake_model_predict(rgq_uptake_prediction *out, const rgq_uptake_model *model,
                              const rgq_uptake_query *query, double confidence)
{
    const double nan = (double)NAN;
    const double x = query->uptake;
    char unit[sizeof model->unit + 1] = "";

    *out = (rgq_uptake_prediction){
        .score = nan, .low = nan, .high = nan, .confidence = confidence};
    if (strcmp(model->unit, "1") != 0)
        (void)snprintf(unit, sizeof unit, " %s", model->unit);
    if (!inside(out, SAY_UPTAKE, unit, &model->uptake, x) ||
        !inside(out, SAY_VOLUME, " mL", &model->volume_ml, query->volume_ml) ||
        !inside(out, SAY_TIME, " min", &model->uptake_time_min, query->uptake_time_min) ||
        !agree(out, SAY_TRACER, model->tracer, query->tracer) ||
        !agree(out, SAY_MEASURE, model->measure, query->measure) ||
        !agree(out, SAY_UNIT, model->unit, query->unit) ||
        !agree(out, SAY_PARTIAL_VOLUME, model->partial_volume, query->partial_volume))
        return;
    const double *v = model->covariance;
    const double of_line = v[0] + 2.0 * x * v[1] + x * x * v[2];
    const double variance = fmax(of_line, 0.0) + model->sd_between * model->sd_between +
                            model->sd_within * model->sd_within;
    const double half = rgq_t_quantile(0.5 + 0.5 * confidence, model->dof) * sqrt(variance);
    out->score = model->intercept + model->slope * x;
    out->low = out->score - half;
    out->high = out->score + half;
}

/* ---- the file ---- */

static rgq_status check_model(const rgq_uptake_model *m, const char *name, rgq_error *err)
{
    const double *v = m->covariance;

    if (v[0] < 0.0 || v[2] < 0.0 || v[1] * v[1] > v[0] * v[2] * (1.0 + 1e-6) + 1e-300)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'covariance' is %g, %g, %g, which is none: needed are variances "
                         "that are not negative and a correlation within -1 to 1",
                         name, v[0], v[1], v[2]);
    if (!(m->sd_between + m->sd_within > 0.0))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'sd_between' and 'sd_within' are both 0; no measurement lies "
                         "on its line",
                         name);
    if (m->n_patients > m->n_lesions)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: %d patients and %d lesions", name,
                         m->n_patients, m->n_lesions);
    if (m->n_patients < RGQ_UPTAKE_PATIENTS_MIN && !m->forced)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: %d patients; a model of fewer than %d must say \"forced\": true",
                         name, m->n_patients, RGQ_UPTAKE_PATIENTS_MIN);
    return RGQ_OK;
}

static rgq_status need_text(char *out, size_t size, const rgq_json *root, const char *key,
                            const char *name, rgq_error *err)
{
    const char *text = NULL;

    RGQ_PASS(err, rgq_json_need_text(&text, root, key, name, err));
    if (text[0] == '\0' || strlen(text) >= size)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' has %zu bytes, needed are 1 to %zu", name,
                         key, strlen(text), size - 1);
    rgq_text_copy(out, size, text);
    return RGQ_OK;
}

static rgq_status need_count(int *out, const rgq_json *root, const char *key, double least,
                             const char *name, rgq_error *err)
{
    double value = 0.0;

    RGQ_PASS(err, rgq_json_need_real(&value, root, key, least, 1e6, name, err));
    if (value != floor(value))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' is %g, needed is a whole number", name,
                         key, value);
    *out = (int)value;
    return RGQ_OK;
}

static rgq_status read_range(rgq_uptake_range *out, const rgq_json *domain, const char *key,
                             const char *name, rgq_error *err)
{
    static const char *const keys[] = {"low", "high", NULL};
    const rgq_json *node = rgq_json_get(domain, key);
    char where[200];

    *out = (rgq_uptake_range){false, (double)NAN, (double)NAN};
    if (node == NULL)
        return RGQ_OK;
    (void)snprintf(where, sizeof where, "%.120s: domain.%s", name, key);
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_real(&out->low, node, "low", -1e12, 1e12, where, err));
    RGQ_PASS(err, rgq_json_need_real(&out->high, node, "high", out->low, 1e12, where, err));
    out->known = true;
    return RGQ_OK;
}

static rgq_status read_domain(rgq_uptake_model *out, const rgq_json *root, const char *name,
                              rgq_error *err)
{
    static const char *const keys[] = {"uptake", "volume_ml", "uptake_time_min", NULL};
    const rgq_json *domain = rgq_json_get(root, "domain");
    char where[200];

    (void)snprintf(where, sizeof where, "%.120s: domain", name);
    RGQ_PASS(err, rgq_json_only(domain, keys, where, err));
    RGQ_PASS(err, read_range(&out->uptake, domain, "uptake", name, err));
    RGQ_PASS(err, read_range(&out->volume_ml, domain, "volume_ml", name, err));
    return read_range(&out->uptake_time_min, domain, "uptake_time_min", name, err);
}

static rgq_status read_numbers(rgq_uptake_model *out, const rgq_json *root, const char *name,
                               rgq_error *err)
{
    RGQ_PASS(err, need_count(&out->n_lesions, root, "n_lesions", 3, name, err));
    RGQ_PASS(err, need_count(&out->n_patients, root, "n_patients", 1, name, err));
    RGQ_PASS(err,
             rgq_json_need_real(&out->intercept, root, "intercept", -1e12, 1e12, name, err));
    RGQ_PASS(err, rgq_json_need_real(&out->slope, root, "slope", -1e12, 1e12, name, err));
    RGQ_PASS(err, rgq_json_need_reals(out->covariance, 3, root, "covariance", name, err));
    RGQ_PASS(err, rgq_json_need_real(&out->sd_between, root, "sd_between", 0, 1e12, name, err));
    RGQ_PASS(err, rgq_json_need_real(&out->sd_within, root, "sd_within", 0, 1e12, name, err));
    return rgq_json_need_real(&out->dof, root, "dof", 0.5, 1e9, name, err);
}

static bool is_sha256(const char *text)
{
    for (size_t i = 0; i < 64; i++)
        if (!isdigit((unsigned char)text[i]) && (text[i] < 'a' || text[i] > 'f'))
            return false;
    return text[64] == '\0';
}

static rgq_status read_texts(rgq_uptake_model *out, const rgq_json *root, const char *name,
                             rgq_error *err)
{
    const rgq_json *forced = rgq_json_get(root, "forced");

    RGQ_PASS(err, need_text(out->measure, sizeof out->measure, root, "measure", name, err));
    RGQ_PASS(err, need_text(out->unit, sizeof out->unit, root, "unit", name, err));
    RGQ_PASS(err, need_text(out->score, sizeof out->score, root, "score", name, err));
    RGQ_PASS(err, need_text(out->method, sizeof out->method, root, "method", name, err));
    if (rgq_json_get(root, "partial_volume") != NULL)
        RGQ_PASS(err, need_text(out->partial_volume, sizeof out->partial_volume, root,
                                "partial_volume", name, err));
    if (rgq_json_get(root, "tracer") != NULL)
        RGQ_PASS(err, need_text(out->tracer, sizeof out->tracer, root, "tracer", name, err));
    if (!rgq_json_is_bool(forced))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'forced' must be true or false", name);
    out->forced = rgq_json_bool(forced, false);
    if (rgq_json_get(root, "data_sha256") == NULL)
        return RGQ_OK;
    RGQ_PASS(err, need_text(out->data_sha256, sizeof out->data_sha256, root, "data_sha256",
                            name, err));
    if (!is_sha256(out->data_sha256))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'data_sha256' is '%.70s', needed are 64 hexadecimal digits", name,
                         out->data_sha256);
    return RGQ_OK;
}

static rgq_status read_model(rgq_uptake_model *out, const rgq_json *root, const char *name,
                             rgq_error *err)
{
    static const char *const keys[] = {
        "format", "kind",           "measure",    "unit",        "score",
        "method", "n_lesions",      "n_patients", "forced",      "intercept",
        "slope",  "covariance",     "sd_between", "sd_within",   "dof",
        "tracer", "partial_volume", "domain",     "data_sha256", NULL};
    const char *kind = NULL;
    double format = 0.0;

    RGQ_PASS(err, rgq_json_only(root, keys, name, err));
    RGQ_PASS(err, rgq_json_need_real(&format, root, "format", 1.0, 1.0, name, err));
    RGQ_PASS(err, rgq_json_need_text(&kind, root, "kind", name, err));
    if (strcmp(kind, "uptake model") != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'kind' is '%.40s', needed is 'uptake model', as 'rgdquant "
                         "validate --save-model' writes it",
                         name, kind);
    RGQ_PASS(err, read_texts(out, root, name, err));
    RGQ_PASS(err, read_numbers(out, root, name, err));
    RGQ_PASS(err, read_domain(out, root, name, err));
    return check_model(out, name, err);
}

rgq_status rgq_uptake_model_parse(rgq_uptake_model *out, const char *text, size_t length,
                                  const char *name, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_uptake_model model = {.tracer = ""};

    RGQ_TRY(err, rgq_json_parse(&root, text, length, name, err));
    RGQ_TRY(err, read_model(&model, root, name, err));
    *out = model;
out:
    rgq_json_free(root);
    return st;
}

static rgq_status write_range(rgq_json *domain, const char *key, const rgq_uptake_range *range,
                              rgq_error *err)
{
    rgq_json *node = NULL;

    if (!range->known)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_add_object(&node, domain, key, err));
    RGQ_PASS(err, rgq_json_set_real(node, "low", range->low, err));
    return rgq_json_set_real(node, "high", range->high, err);
}

static rgq_status write_numbers(rgq_json *root, const rgq_uptake_model *m, rgq_error *err)
{
    rgq_json *domain = NULL;

    RGQ_PASS(err, rgq_json_set_int(root, "n_lesions", m->n_lesions, err));
    RGQ_PASS(err, rgq_json_set_int(root, "n_patients", m->n_patients, err));
    RGQ_PASS(err, rgq_json_set_bool(root, "forced", m->forced, err));
    RGQ_PASS(err, rgq_json_set_real(root, "intercept", m->intercept, err));
    RGQ_PASS(err, rgq_json_set_real(root, "slope", m->slope, err));
    RGQ_PASS(err, rgq_json_set_reals(root, "covariance", m->covariance, 3, err));
    RGQ_PASS(err, rgq_json_set_real(root, "sd_between", m->sd_between, err));
    RGQ_PASS(err, rgq_json_set_real(root, "sd_within", m->sd_within, err));
    RGQ_PASS(err, rgq_json_set_real(root, "dof", m->dof, err));
    RGQ_PASS(err, rgq_json_add_object(&domain, root, "domain", err));
    RGQ_PASS(err, write_range(domain, "uptake", &m->uptake, err));
    RGQ_PASS(err, write_range(domain, "volume_ml", &m->volume_ml, err));
    return write_range(domain, "uptake_time_min", &m->uptake_time_min, err);
}

static rgq_status write_model(rgq_json *root, const rgq_uptake_model *m, rgq_error *err)
{
    RGQ_PASS(err, rgq_json_set_int(root, "format", 1, err));
    RGQ_PASS(err, rgq_json_set_text(root, "kind", "uptake model", err));
    RGQ_PASS(err, rgq_json_set_text(root, "measure", m->measure, err));
    RGQ_PASS(err, rgq_json_set_text(root, "unit", m->unit, err));
    RGQ_PASS(err, rgq_json_set_text(root, "score", m->score, err));
    RGQ_PASS(err, rgq_json_set_text(root, "method", m->method, err));
    if (m->partial_volume[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(root, "partial_volume", m->partial_volume, err));
    if (m->tracer[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(root, "tracer", m->tracer, err));
    RGQ_PASS(err, write_numbers(root, m, err));
    if (m->data_sha256[0] != '\0')
        return rgq_json_set_text(root, "data_sha256", m->data_sha256, err);
    return RGQ_OK;
}

rgq_status rgq_uptake_model_json(char **out, const rgq_uptake_model *model, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;
    rgq_uptake_model again;

    *out = NULL;
    RGQ_TRY(err, rgq_json_object(&root, err));
    RGQ_TRY(err, write_model(root, model, err));
    RGQ_TRY(err, read_model(&again, root, "the model to write", err));
    RGQ_TRY(err, rgq_json_dump(out, root, err));
out:
    rgq_json_free(root);
    return st;
}
