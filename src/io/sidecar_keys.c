#include "io/sidecar_keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/banned.h"
#include "core/file.h"
#include "core/parse.h"
#include "core/text.h"

const rgq_sidecar_layer *rgq_sidecar_of(const rgq_sidecar_reader *r, const char *key)
{
    for (int i = 0; i < r->n_layers; i++)
        if (rgq_json_get(r->layer[i].root, key) != NULL)
            return &r->layer[i];
    return &r->layer[0];
}

const char *rgq_sidecar_name(const rgq_sidecar_reader *r, const char *key)
{
    return rgq_sidecar_of(r, key)->name;
}

const rgq_json *rgq_sidecar_get(const rgq_sidecar_reader *r, const char *key)
{
    const rgq_json *node = rgq_json_get(rgq_sidecar_of(r, key)->root, key);

    if (rgq_json_is_null(node) || rgq_text_equal_nocase(rgq_json_text(node, ""), "n/a"))
        return NULL;
    return node;
}

/* The number of a text or of a list of one, which some converters write; else NaN. */
static double disguised(const rgq_json *node)
{
    double value = (double)NAN;

    if (rgq_json_is_array(node) && rgq_json_count(node) == 1)
        node = rgq_json_at(node, 0);
    if (rgq_json_is_text(node) &&
        rgq_parse_real(&value, rgq_json_text(node, ""), -1e300, 1e300, NULL) != RGQ_OK)
        value = (double)NAN;
    return rgq_json_is_text(node) ? value : rgq_json_number(node, (double)NAN);
}

rgq_status rgq_sidecar_real(double *out, const rgq_sidecar_reader *r, const char *key,
                            double lo, double hi, rgq_error *err)
{
    const rgq_sidecar_layer *layer = rgq_sidecar_of(r, key);

    *out = (double)NAN;
    const rgq_json *node = rgq_sidecar_get(r, key);
    if (node == NULL)
        return RGQ_OK;
    if (!rgq_json_is_number(node) && disguised(node) >= lo && disguised(node) <= hi) {
        *out = disguised(node);
        return RGQ_OK;
    }
    return rgq_json_need_real(out, layer->root, key, lo, hi, layer->name, err);
}

rgq_status rgq_sidecar_text(const char **out, const rgq_sidecar_reader *r, const char *key,
                            rgq_error *err)
{
    const rgq_sidecar_layer *layer = rgq_sidecar_of(r, key);

    *out = NULL;
    if (rgq_sidecar_get(r, key) == NULL)
        return RGQ_OK;
    return rgq_json_need_text(out, layer->root, key, layer->name, err);
}

void rgq_sidecar_origin(char out[RGQ_ORIGIN_MAX], const rgq_sidecar_reader *r, const char *key)
{
    const rgq_sidecar_layer *layer = rgq_sidecar_of(r, key);

    if (layer == &r->layer[0])
        rgq_text_copy(out, RGQ_ORIGIN_MAX, key);
    else /* a subject's label may stand in the name; the place says as much */
        (void)snprintf(out, RGQ_ORIGIN_MAX, "%.60s (inherited side file)", key);
}

static void tell_difference(const rgq_sidecar_reader *r, const char *key, const char *origin)
{
    RGQ_WARN(r->log, "%s: %s and %s disagree; %s is used", rgq_sidecar_name(r, key), origin,
             key, key);
}

rgq_status rgq_sidecar_take_real(rgq_fact *fact, const rgq_sidecar_reader *r, const char *key,
                                 double lo, double hi, rgq_error *err)
{
    char origin[RGQ_ORIGIN_MAX];
    double value = (double)NAN;

    RGQ_PASS(err, rgq_sidecar_real(&value, r, key, lo, hi, err));
    if (isnan(value))
        return RGQ_OK;
    if (fact->known && fabs(value - fact->value) > 1e-9 * fabs(value))
        tell_difference(r, key, fact->origin);
    rgq_sidecar_origin(origin, r, key);
    rgq_fact_set(fact, value, origin);
    return RGQ_OK;
}

rgq_status rgq_sidecar_take_text(rgq_fact_text *fact, const rgq_sidecar_reader *r,
                                 const char *key, rgq_error *err)
{
    char origin[RGQ_ORIGIN_MAX];
    const char *text = NULL;

    RGQ_PASS(err, rgq_sidecar_text(&text, r, key, err));
    if (text == NULL || text[0] == '\0')
        return RGQ_OK;
    if (fact->known && !rgq_text_equal_nocase(text, fact->value))
        tell_difference(r, key, fact->origin);
    rgq_sidecar_origin(origin, r, key);
    rgq_fact_text_set(fact, text, origin);
    return RGQ_OK;
}
