/* The strict loader, second half: what is in the objects, per tracer. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "phantom/load.h"

enum { ACTIVITIES_MAX = 64 };
static const double value_max = 1e9; /* kBq/mL or SUV; bounds what a voxel can become */

/* A number, or {"ratio", "to"} of an object whose own value is a number. */
static rgq_status read_value(double *out, const rgq_phantom *phantom, const rgq_json *values,
                             const char *name, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"ratio", "to", NULL};
    const rgq_json *value = rgq_json_get(values, name);
    const char *to = NULL;
    double ratio = 0.0;

    if (value == NULL)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'values' has none for the object '%s'", where,
                         name);
    if (!rgq_json_is_object(value))
        return rgq_json_need_real(out, values, name, 0.0, value_max, where, err);
    RGQ_PASS(err, rgq_json_only(value, keys, where, err));
    RGQ_PASS(err, rgq_json_need_real(&ratio, value, "ratio", 0.0, 1e6, where, err));
    RGQ_PASS(err, rgq_json_need_text(&to, value, "to", where, err));
    if (rgq_phantom_object_find(phantom, to) < 0 ||
        !rgq_json_is_number(rgq_json_get(values, to)))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: the value of '%s' is a ratio to '%.60s', which is no object with "
                         "a plain number",
                         where, name, to);
    RGQ_PASS(err, rgq_json_need_real(out, values, to, 0.0, value_max, where, err));
    *out *= ratio;
    return RGQ_OK;
}

static rgq_status read_values(double *out, const rgq_phantom *phantom, const rgq_json *node,
                              const char *where, rgq_error *err)
{
    const rgq_json *values = rgq_json_get(node, "values");

    if (!rgq_json_is_object(values))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'values' must be an object: name -> value",
                         where);
    for (size_t i = 0; i < rgq_json_count(values); i++) {
        const char *key = NULL;
        (void)rgq_json_member(values, i, &key);
        if (rgq_phantom_object_find(phantom, key) < 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: 'values' names '%.60s', which is no object", where, key);
    }
    for (int i = 0; i < phantom->n_objects; i++)
        RGQ_PASS(err,
                 read_value(&out[i], phantom, values, phantom->object[i].name, where, err));
    return RGQ_OK;
}

static rgq_status read_unit(bool *is_suv, const rgq_phantom *phantom, const rgq_json *node,
                            const char *where, rgq_error *err)
{
    const char *unit = NULL;

    RGQ_PASS(err, rgq_json_need_text(&unit, node, "unit", where, err));
    *is_suv = strcmp(unit, "SUVbw") == 0;
    if (!*is_suv && strcmp(unit, "kBq/mL") != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'unit' is '%.40s'; SUVbw or kBq/mL was needed",
                         where, unit);
    if (*is_suv && isnan(phantom->weight_kg))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: the unit SUVbw needs the weight of a body; the file has none",
                         where);
    return RGQ_OK;
}

static rgq_status read_modality(rgq_phantom_activity *activity, const rgq_json *node,
                                const char *where, rgq_error *err)
{
    RGQ_PASS(err, rgq_phantom_read_name(activity->modality, sizeof activity->modality, node,
                                        "modality", where, err));
    if (strcmp(activity->modality, "PET") != 0 && strcmp(activity->modality, "SPECT") != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'modality' is '%s'; PET or SPECT was needed",
                         where, activity->modality);
    return RGQ_OK;
}

static rgq_status read_times(rgq_phantom_activity *activity, const rgq_phantom *phantom,
                             const rgq_json *node, const char *where, rgq_error *err)
{
    static const double mbq_range[2] = {1e-3, 1e6};
    static const double start_range[2] = {0.0, 1e5};
    static const double duration_range[2] = {1e-3, 1e4};
    const bool has_body = !isnan(phantom->weight_kg);
    const bool has_dose = rgq_json_get(node, "injected_activity") != NULL ||
                          rgq_json_get(node, "uptake_time") != NULL;

    activity->activity_bq = activity->uptake_s = (double)NAN;
    RGQ_PASS(err, rgq_phantom_read_quantity(&activity->duration_s, node, "duration", "min",
                                            duration_range, where, err));
    activity->duration_s *= 60.0;
    if (has_dose != has_body)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'injected_activity' and 'uptake_time' go with a 'body', and the "
                         "file has %s",
                         where, has_body ? "one" : "none");
    if (!has_body)
        return RGQ_OK;
    RGQ_PASS(err, rgq_phantom_read_quantity(&activity->activity_bq, node, "injected_activity",
                                            "MBq", mbq_range, where, err));
    RGQ_PASS(err, rgq_phantom_read_quantity(&activity->uptake_s, node, "uptake_time", "min",
                                            start_range, where, err));
    activity->activity_bq *= 1e6;
    activity->uptake_s *= 60.0;
    return RGQ_OK;
}

static rgq_status read_activity(rgq_phantom *phantom, const rgq_phantom_reader *reader,
                                const rgq_json *node, int i, rgq_error *err)
{
    static const char *const keys[] = {
        "id",   "nuclide", "modality",          "status",      "source",   "remark",
        "unit", "values",  "injected_activity", "uptake_time", "duration", NULL};
    rgq_phantom_activity *activity = &phantom->activity[i];
    double *values = &phantom->value[(size_t)i * (size_t)phantom->n_objects];
    char where[RGQ_WHERE_MAX];

    (void)snprintf(where, sizeof where, "%.200s: activities[%d]", reader->name, i);
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err,
             rgq_phantom_read_name(activity->id, sizeof activity->id, node, "id", where, err));
    for (int k = 0; k < i; k++)
        if (rgq_text_equal_nocase(phantom->activity[k].id, activity->id))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a second set has the id '%s'", where,
                             activity->id);
    if (strcmp(activity->id, "default") != 0)
        memcpy(activity->tracer, activity->id, sizeof activity->tracer);
    RGQ_PASS(err, rgq_phantom_read_name(activity->nuclide, sizeof activity->nuclide, node,
                                        "nuclide", where, err));
    RGQ_PASS(err, read_modality(activity, node, where, err));
    RGQ_PASS(err, rgq_phantom_read_status(activity->status, reader, node, where, err));
    RGQ_PASS(err, read_unit(&activity->is_suv, phantom, node, where, err));
    RGQ_PASS(err, read_times(activity, phantom, node, where, err));
    RGQ_PASS(err, read_values(values, phantom, node, where, err));
    for (int k = 0; k < phantom->n_objects && !activity->is_suv; k++)
        values[k] *= 1000.0; /* kBq/mL to Bq/mL */
    return RGQ_OK;
}

rgq_status rgq_phantom_read_activities(rgq_phantom *phantom, const rgq_phantom_reader *reader,
                                       const rgq_json *array, rgq_error *err)
{
    const size_t count = rgq_json_count(array);

    if (!rgq_json_is_array(array) || count == 0 || count > ACTIVITIES_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'activities' must be an array of 1 to %d sets",
                         reader->name, (int)ACTIVITIES_MAX);
    RGQ_PASS(err, rgq_alloc(&phantom->activity, count, sizeof *phantom->activity, err));
    RGQ_PASS(err, rgq_alloc(&phantom->value, count * (size_t)phantom->n_objects,
                            sizeof *phantom->value, err));
    phantom->n_activities = (int)count;
    for (size_t i = 0; i < count; i++)
        RGQ_PASS(err, read_activity(phantom, reader, rgq_json_at(array, i), (int)i, err));
    return RGQ_OK;
}
