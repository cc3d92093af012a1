/* calibration.json: what a scan of a cylinder of known activity gives. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"
#include "core/timestamp.h"
#include "rgdquant/calibration.h"
#include "rgdquant/tracer.h"

/* Not beyond what any scanner or collimator gives: catches a factor written in other units. */
#define QUANTITY_MIN 1e-6
#define QUANTITY_MAX 1e9

/* A quantity that may be there. */
typedef struct quantity_row {
    const char *key;
    const char *unit;
    double lo;
    double hi;
} quantity_row;

static const quantity_row factor_row = {"calibration_factor", "1", QUANTITY_MIN, QUANTITY_MAX};
static const quantity_row sensitivity_row = {"sensitivity", "cps/MBq", QUANTITY_MIN,
                                             QUANTITY_MAX};

/* {"value", "uncertainty", "unit"}; leaves both untouched if there is none. */
static rgq_status read_quantity(double *value, double *uncertainty, const rgq_json *root,
                                const quantity_row *row, const char *name, rgq_error *err)
{
    static const char *const keys[] = {"value", "uncertainty", "unit", NULL};
    const rgq_json *node = rgq_json_get(root, row->key);
    const char *stated = NULL;
    char where[160];

    if (node == NULL)
        return RGQ_OK;
    (void)snprintf(where, sizeof where, "%.96s: %s", name, row->key);
    if (!rgq_json_is_object(node))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s is no object: {\"value\": ..., \"unit\": \"%s\"} is needed", where,
                         row->unit);
    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_real(value, node, "value", row->lo, row->hi, where, err));
    RGQ_PASS(err, rgq_json_need_text(&stated, node, "unit", where, err));
    if (strcmp(stated, row->unit) != 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the unit is '%.24s', '%s' is needed", where,
                         stated, row->unit);
    if (rgq_json_get(node, "uncertainty") != NULL)
        RGQ_PASS(err, rgq_json_need_real(uncertainty, node, "uncertainty", 0.0, row->hi, where,
                                         err));
    return RGQ_OK;
}

static rgq_status read_date(double *time_s, const rgq_json *root, const char *name,
                            rgq_error *err)
{
    char with_time[64];
    const char *date = NULL;

    RGQ_PASS(err, rgq_json_need_text(&date, root, "date", name, err));
    (void)snprintf(with_time, sizeof with_time, "%.40s%s", date,
                   strlen(date) == 10 ? "T00:00:00" : "");
    if (strlen(date) > 40 || rgq_time_from_iso(time_s, with_time, NULL) != RGQ_OK)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: the date '%.40s' is none: YYYY-MM-DD or YYYY-MM-DDThh:mm:ss is "
                         "needed",
                         name, date);
    return RGQ_OK;
}

static rgq_status read_text(char *to, size_t size, const rgq_json *root, const char *key,
                            const char *name, rgq_error *err)
{
    const char *text = NULL;

    if (rgq_json_get(root, key) == NULL)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_need_text(&text, root, key, name, err));
    if (strlen(text) >= size)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: '%s' has %zu bytes, %zu are allowed", name,
                         key, strlen(text), size - 1);
    rgq_text_copy(to, size, text);
    return RGQ_OK;
}

static rgq_status read_root(rgq_calibration *c, const rgq_json *root, const char *name,
                            rgq_error *err)
{
    static const char *const keys[] = {"format",      "date",    "calibration_factor",
                                       "sensitivity", "nuclide", "scanner",
                                       "note",        NULL};
    double format = 0.0;
    char nuclide[64] = "";

    if (!rgq_json_is_object(root))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: an object is needed", name);
    RGQ_PASS(err, rgq_json_only(root, keys, name, err));
    RGQ_PASS(err, rgq_json_need_real(&format, root, "format", 1.0, 1.0, name, err));
    RGQ_PASS(err, read_date(&c->time_s, root, name, err));
    RGQ_PASS(err,
             read_quantity(&c->factor, &c->factor_uncertainty, root, &factor_row, name, err));
    RGQ_PASS(err, read_quantity(&c->sensitivity_cps_per_mbq, &c->sensitivity_uncertainty, root,
                                &sensitivity_row, name, err));
    if (isnan(c->factor) && isnan(c->sensitivity_cps_per_mbq))
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: neither 'calibration_factor' nor 'sensitivity' is there", name);
    RGQ_PASS(err, read_text(nuclide, sizeof nuclide, root, "nuclide", name, err));
    if (nuclide[0] != '\0' && !rgq_nuclide_canonical(c->nuclide, nuclide))
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the nuclide '%.32s' is not known", name,
                         nuclide);
    RGQ_PASS(err, read_text(c->scanner, sizeof c->scanner, root, "scanner", name, err));
    return read_text(c->note, sizeof c->note, root, "note", name, err);
}

static rgq_status take_root(rgq_calibration *out, const rgq_json *root, const char *name,
                            rgq_error *err)
{
    rgq_calibration c = {.factor = (double)NAN,
                         .factor_uncertainty = (double)NAN,
                         .sensitivity_cps_per_mbq = (double)NAN,
                         .sensitivity_uncertainty = (double)NAN};

    RGQ_PASS(err, read_root(&c, root, name, err));
    *out = c;
    return RGQ_OK;
}

rgq_status rgq_calibration_parse(rgq_calibration *out, const char *text, size_t length,
                                 const char *name, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    RGQ_TRY(err, rgq_json_parse(&root, text, length, name, err));
    RGQ_TRY(err, take_root(out, root, name, err));
out:
    rgq_json_free(root);
    return st;
}

rgq_status rgq_calibration_load(rgq_calibration *out, const char *path, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_json *root = NULL;

    RGQ_TRY(err, rgq_json_load(&root, path, err));
    RGQ_TRY(err, take_root(out, root, path, err));
out:
    rgq_json_free(root);
    return st;
}

double rgq_calibration_percent(const rgq_calibration *calibration)
{
    const double part[2] = {calibration->factor_uncertainty / calibration->factor,
                            calibration->sensitivity_uncertainty /
                                calibration->sensitivity_cps_per_mbq};
    double squares = 0.0;

    for (int i = 0; i < 2; i++)
        if (isfinite(part[i]))
            squares += part[i] * part[i];
    return 100.0 * sqrt(squares);
}
