/* The strict loader, third part: how a scan of the phantom is measured. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/text.h"
#include "phantom/load.h"

static const double length_range[2] = {0.0, 1000.0};

static rgq_status read_kind(rgq_phantom_measure *measure, const rgq_json *node,
                            const char *where, rgq_error *err)
{
    static const struct {
        const char *name;
        rgq_analysis_kind kind;
    } kinds[] = {{"spheres", RGQ_ANALYSIS_SPHERES},
                 {"cylinder", RGQ_ANALYSIS_CYLINDER},
                 {"rods", RGQ_ANALYSIS_RODS},
                 {"cold", RGQ_ANALYSIS_COLD}};
    const char *kind = NULL;

    RGQ_PASS(err, rgq_json_need_text(&kind, node, "kind", where, err));
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kind, kinds[i].name) == 0)
            measure->kind = kinds[i].kind;
    if (measure->kind == RGQ_ANALYSIS_NONE)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'kind' is '%.40s'; spheres, cylinder, rods or cold was needed",
                         where, kind);
    return RGQ_OK;
}

/* A length that may be absent: then `out` stays. */
static rgq_status read_length(double *out, const rgq_json *node, const char *key,
                              const char *where, rgq_error *err)
{
    if (rgq_json_get(node, key) == NULL)
        return RGQ_OK;
    return rgq_phantom_read_quantity(out, node, key, "mm", length_range, where, err);
}

static rgq_status read_insert(rgq_phantom *phantom, const rgq_json *node, const char *where,
                              rgq_error *err)
{
    const char *name = NULL;

    phantom->measure.insert = -1;
    if (rgq_json_get(node, "insert") == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_need_text(&name, node, "insert", where, err));
    phantom->measure.insert = rgq_phantom_object_find(phantom, name);
    if (phantom->measure.insert < 0 ||
        isnan(phantom->object[phantom->measure.insert].centre_mm[0]))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'insert' is '%.60s', which is no object of a single solid", where,
                         name);
    return read_length(&phantom->measure.insert_disc_mm, node, "insert_disc", where, err);
}

/* One row: {"diameter_mm": 10, "rc_a50": [0.27, 0.43], "rc_max": [0.34, 0.57]}. */
static rgq_status read_limit_row(rgq_phantom_measure *measure, const rgq_limit *set,
                                 const rgq_json *row, const char *where, rgq_error *err)
{
    static const char *const metrics[] = {"rc_mean", "rc_max", "rc_peak", "rc_a50"};
    static const char *const keys[] = {"diameter_mm", "rc_mean", "rc_max",
                                       "rc_peak",     "rc_a50",  NULL};
    double diameter_mm = 0.0;

    RGQ_PASS(err, rgq_json_only(row, keys, where, err));
    RGQ_PASS(err, rgq_json_need_real(&diameter_mm, row, "diameter_mm", 0.1, length_range[1],
                                     where, err));
    for (size_t m = 0; m < sizeof metrics / sizeof metrics[0]; m++) {
        double range[2];
        if (rgq_json_get(row, metrics[m]) == NULL)
            continue;
        RGQ_PASS(err, rgq_json_need_reals(range, 2, row, metrics[m], where, err));
        if (!(range[0] >= 0.0 && range[0] < range[1] && range[1] <= 10.0))
            return RGQ_RAISE(err, RGQ_E_FORMAT,
                             "%s: '%s' must be [lower, upper] within 0 .. 10", where,
                             metrics[m]);
        if (measure->n_limits == RGQ_PHANTOM_LIMITS_MAX)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: more than %d limits", where,
                             (int)RGQ_PHANTOM_LIMITS_MAX);
        rgq_limit *limit = &measure->limit[measure->n_limits++];
        *limit = *set;
        rgq_text_copy(limit->metric, sizeof limit->metric, metrics[m]);
        limit->diameter_mm = diameter_mm;
        limit->lo = range[0];
        limit->hi = range[1];
    }
    return RGQ_OK;
}

static rgq_status read_limits(rgq_phantom_measure *measure, const rgq_phantom_reader *reader,
                              const rgq_json *array, const char *where, rgq_error *err)
{
    static const char *const keys[] = {"name",   "unit",   "ratio", "status",
                                       "source", "remark", "rows",  NULL};

    if (array != NULL && !rgq_json_is_array(array))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'limits' must be an array", where);
    for (size_t i = 0; i < rgq_json_count(array); i++) {
        const rgq_json *node = rgq_json_at(array, i);
        const rgq_json *rows = rgq_json_get(node, "rows");
        const char *unit = NULL;
        char at[RGQ_WHERE_MAX];
        rgq_limit set = {.ratio = (double)NAN};
        (void)snprintf(at, sizeof at, "%.280s: limits[%zu]", where, i);
        RGQ_PASS(err, rgq_json_only(node, keys, at, err));
        RGQ_PASS(err, rgq_phantom_read_status(NULL, reader, node, at, err));
        RGQ_PASS(err, rgq_phantom_read_name(set.set, sizeof set.set, node, "name", at, err));
        RGQ_PASS(err,
                 rgq_phantom_read_name(set.source, sizeof set.source, node, "source", at, err));
        RGQ_PASS(err, rgq_json_need_text(&unit, node, "unit", at, err));
        if (strcmp(unit, "1") != 0)
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the unit is '%.20s', 1 was needed", at,
                             unit);
        RGQ_PASS(err, rgq_json_need_real(&set.ratio, node, "ratio", 1.0, 1000.0, at, err));
        if (!rgq_json_is_array(rows))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'rows' must be an array", at);
        for (size_t r = 0; r < rgq_json_count(rows); r++)
            RGQ_PASS(err, read_limit_row(measure, &set, rgq_json_at(rows, r), at, err));
    }
    return RGQ_OK;
}

rgq_status rgq_phantom_read_measure(rgq_phantom *phantom, const rgq_phantom_reader *reader,
                                    const rgq_json *node, rgq_error *err)
{
    static const char *const keys[] = {"kind",   "status", "source",      "remark", "wall",
                                       "margin", "insert", "insert_disc", "limits", NULL};
    rgq_phantom_measure *measure = &phantom->measure;
    char where[RGQ_WHERE_MAX];

    measure->insert = -1;
    if (node == NULL)
        return RGQ_OK;
    (void)snprintf(where, sizeof where, "%.200s: analysis", reader->name);
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_phantom_read_status(NULL, reader, node, where, err));
    RGQ_PASS(err, read_kind(measure, node, where, err));
    RGQ_PASS(err, read_length(&measure->wall_mm, node, "wall", where, err));
    RGQ_PASS(err, read_length(&measure->margin_mm, node, "margin", where, err));
    RGQ_PASS(err, read_insert(phantom, node, where, err));
    return read_limits(measure, reader, rgq_json_get(node, "limits"), where, err);
}
