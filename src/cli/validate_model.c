#include "cli/validate_model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/text.h"
#include "rgdquant/tracer.h"

static rgq_status check_study(const rgq_context *context, const rgq_cohort_study *study,
                              rgq_error *err)
{
    const rgq_comparison *c = &study->item[0];

    if (study->n != 1)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--save-model: there are %zu comparisons; a model is of one measure, "
                         "one score and one compartment",
                         study->n);
    if (c->cohort.n_patients == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--save-model needs to know which rows are of one patient: add "
                         "--cluster COLUMN");
    if (c->cohort.n_patients < RGQ_UPTAKE_PATIENTS_MIN && !context->shared.force)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "--save-model: %zu patients; a calibration needs %d or more, since "
                         "with fewer its interval cannot be trusted; --force writes it all "
                         "the same, marked as forced",
                         c->cohort.n_patients, (int)RGQ_UPTAKE_PATIENTS_MIN);
    for (int i = 0; i < c->validation->found.n_left_out; i++)
        if (strcmp(c->validation->found.left_out[i].what, "prediction band") == 0)
            return RGQ_RAISE(err, RGQ_E_NUMERIC, "--save-model: %s",
                             c->validation->found.left_out[i].reason);
    return RGQ_OK;
}

static bool is_ratio(const char *measure)
{
    return strncmp(measure, "tbr_", 4) == 0 || strcmp(measure, "cov") == 0;
}

static rgq_status find_unit(char *out, size_t size, const rgq_comparison *c, const char *given,
                            rgq_error *err)
{
    rgq_join_column column;
    const char *unit = given;

    if (unit == NULL && is_ratio(c->x))
        unit = "1";
    if (unit == NULL && rgq_join_find(&column, &c->join, "unit", 0, NULL) == RGQ_OK)
        for (size_t i = 0; i < c->cohort.n; i++) {
            const char *cell = rgq_join_cell(&column, c->cohort.pair[i]);
            if (unit != NULL && strcmp(unit, cell) != 0)
                return RGQ_RAISE(err, RGQ_E_FORMAT,
                                 "the column 'unit' holds '%.30s' and '%.30s'; one model is of "
                                 "one unit",
                                 unit, cell);
            unit = cell;
        }
    if (unit == NULL || unit[0] == '\0' || strlen(unit) >= size)
        return RGQ_RAISE(err, RGQ_E_MISSING,
                         "the unit of '%.60s' is not known: --unit SUVbw (or the unit the "
                         "measures are in) is needed for --save-model",
                         c->x);
    rgq_text_copy(out, size, unit);
    return RGQ_OK;
}

/* The id as the tracer's file has it, so that `surrogate` compares like with like. */
static rgq_status find_tracer(char *out, size_t size, const rgq_context *context,
                              const char *name, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tracer *tracer = NULL;
    char folder[RGQ_PATH_MAX];

    if (name == NULL)
        return RGQ_OK;
    RGQ_TRY(err, rgq_alloc(&tracer, 1, sizeof *tracer, err));
    RGQ_TRY(err, rgq_context_data_path(folder, sizeof folder, context, "tracers", err));
    RGQ_TRY(err, rgq_tracer_find(tracer, folder, name, err));
    rgq_text_copy(out, size, tracer->id);
out:
    rgq_free(tracer);
    return st;
}

static rgq_uptake_range range_of(const double *values, size_t n)
{
    rgq_uptake_range range = {false, (double)NAN, (double)NAN};

    for (size_t i = 0; values != NULL && i < n; i++) {
        if (isnan(values[i]))
            return (rgq_uptake_range){false, (double)NAN, (double)NAN};
        range.low = fmin(range.low, values[i]); /* fmin passes over NaN */
        range.high = fmax(range.high, values[i]);
        range.known = true;
    }
    return range;
}

/* One table: its digest; two: that of both digests, one behind the other. */
static rgq_status hash_tables(char out[65], const char *const tables[2], rgq_error *err)
{
    char both[2 * RGQ_SHA256_TEXT];

    RGQ_PASS(err, rgq_hash_file(both, tables[0], err));
    if (tables[1] == NULL) {
        rgq_text_copy(out, 65, both);
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_hash_file(both + RGQ_SHA256_TEXT - 1, tables[1], err));
    return rgq_hash_bytes(out, both, (size_t)2 * (RGQ_SHA256_TEXT - 1), err);
}

static void tell_what_lacks(const rgq_context *context, const rgq_uptake_model *m)
{
    const struct {
        bool known;
        const char *what;
    } parts[] = {{m->tracer[0] != '\0', "the tracer (--tracer)"},
                 {m->partial_volume[0] != '\0', "the partial-volume state (--partial-volume)"},
                 {m->uptake_time_min.known, "the uptake time (--uptake-time-min)"},
                 {m->volume_ml.known, "the volume of every lesion (--size volume_ml)"}};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (!parts[i].known)
            RGQ_WARN(&context->log,
                     "model.json does not know %s: every prediction with it is refused",
                     parts[i].what);
}

rgq_status rgq_validate_model(rgq_uptake_model *out, const rgq_context *context,
                              const rgq_cohort_study *study, const rgq_model_words *words,
                              rgq_error *err)
{
    const rgq_comparison *c = &study->item[0];
    rgq_uptake_model m;

    RGQ_PASS(err, check_study(context, study, err));
    m = c->validation->line;
    if (strlen(c->x) >= sizeof m.measure || strlen(c->y) >= sizeof m.score)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "--save-model: the names '%.40s' and '%.70s' are too long; up to %zu "
                         "and %zu bytes fit",
                         c->x, c->y, sizeof m.measure - 1, sizeof m.score - 1);
    rgq_text_copy(m.measure, sizeof m.measure, c->x);
    rgq_text_copy(m.score, sizeof m.score, c->y);
    RGQ_PASS(err, find_unit(m.unit, sizeof m.unit, c, words->unit, err));
    RGQ_PASS(err, find_tracer(m.tracer, sizeof m.tracer, context, words->tracer, err));
    rgq_text_copy(m.partial_volume, sizeof m.partial_volume,
                  words->partial_volume != NULL ? words->partial_volume : "");
    if (c->cohort.size != NULL && rgq_join_has(&c->join, "volume_ml"))
        m.volume_ml = range_of(c->cohort.size, c->cohort.n);
    m.uptake_time_min = range_of(c->cohort.time, c->cohort.n);
    if (words->uptake_time_min.count > 0)
        m.uptake_time_min =
            range_of(words->uptake_time_min.value, (size_t)words->uptake_time_min.count);
    RGQ_PASS(err, hash_tables(m.data_sha256, words->tables, err));
    tell_what_lacks(context, &m);
    *out = m;
    return RGQ_OK;
}

rgq_status rgq_validate_model_write(const char *folder, const rgq_uptake_model *model,
                                    rgq_error *err)
{
    rgq_status st = RGQ_OK;
    char *text = NULL;
    char path[RGQ_PATH_MAX];

    RGQ_TRY(err, rgq_uptake_model_json(&text, model, err));
    RGQ_TRY(err, rgq_path_join(path, folder, "model.json", err));
    RGQ_TRY(err, rgq_file_write(path, text, strlen(text), false, err));
out:
    rgq_free(text);
    return st;
}
