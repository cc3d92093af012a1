#include "rgdquant/tissue_weights.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/json.h"
#include "core/text.h"

static rgq_status take_name(char *out, size_t size, const char *text, const char *where,
                            rgq_error *err)
{
    if (text == NULL || text[0] == '\0' || strlen(text) >= size)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: a name of 1 to %zu bytes is needed", where,
                         size - 1);
    rgq_text_copy(out, size, text);
    return RGQ_OK;
}

static rgq_status take_parts(rgq_tissue *out, const rgq_json *node, const char *where,
                             rgq_error *err)
{
    const rgq_json *organs = rgq_json_get(node, "organs");
    const size_t n = rgq_json_count(organs);

    if (!rgq_json_is_array(organs) || n < 1 || n > RGQ_TISSUE_PARTS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'organs' must be 1 to %d pairs [organ, share]",
                         where, RGQ_TISSUE_PARTS_MAX);
    for (size_t i = 0; i < n; i++) {
        const rgq_json *pair = rgq_json_at(organs, i);
        const char *name = rgq_json_text(rgq_json_at(pair, 0), NULL);
        out->share[i] = rgq_json_number(rgq_json_at(pair, 1), -1.0);
        RGQ_PASS(err, take_name(out->part[i], sizeof out->part[i], name, where, err));
        if (!(out->share[i] > 0.0 && out->share[i] <= 1.0))
            return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the share of %s must be in (0, 1]", where,
                             name);
    }
    out->n_parts = (int)n;
    return RGQ_OK;
}

static rgq_status take_tissue(rgq_tissue *out, const rgq_json *node, const char *where,
                              rgq_error *err)
{
    static const char *const keys[] = {"name", "weight", "mean", "organs", NULL};
    static const char *const means[] = {"parts", "max", "sex"};
    const char *text = NULL;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_text(&text, node, "name", where, err));
    RGQ_PASS(err, take_name(out->name, sizeof out->name, text, where, err));
    RGQ_PASS(err, rgq_json_need_real(&out->weight, node, "weight", 0.0, 1.0, where, err));
    RGQ_PASS(err, rgq_json_need_text(&text, node, "mean", where, err));
    for (int m = 0; m < 3; m++)
        if (strcmp(text, means[m]) == 0) {
            out->mean = (rgq_tissue_mean)m;
            RGQ_PASS(err, take_parts(out, node, where, err));
            if (out->mean == RGQ_TISSUE_SEX && out->n_parts != 2)
                return RGQ_RAISE(err, RGQ_E_FORMAT,
                                 "%s: 'sex' needs 2 organs, male then female; it has %d", where,
                                 out->n_parts);
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'mean' is '%.20s'; parts, max or sex is needed",
                     where, text);
}

static rgq_status take_remainder(rgq_weight_rule *out, const rgq_json *node, const char *where,
                                 rgq_error *err)
{
    static const char *const keys[] = {"weight", "mean", "of", "split", "organs", NULL};
    static const char *const means[] = {"mass", "plain", "each"};
    const rgq_json *organs = rgq_json_get(node, "organs");
    const size_t n = rgq_json_count(organs);
    const char *text = NULL;
    double of;
    int mean = -1;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err,
             rgq_json_need_real(&out->remainder_weight, node, "weight", 0.0, 1.0, where, err));
    RGQ_PASS(err, rgq_json_need_real(&of, node, "of", 1.0, 100.0, where, err));
    RGQ_PASS(err, rgq_json_need_text(&text, node, "mean", where, err));
    for (int m = 0; m < 3; m++)
        if (strcmp(text, means[m]) == 0)
            mean = m;
    if (mean < 0)
        return RGQ_RAISE(err, RGQ_E_FORMAT,
                         "%s: 'mean' of the remainder is '%.20s'; mass, plain or each is "
                         "needed",
                         where, text);
    if (!rgq_json_is_array(organs) || n < 1 || n > RGQ_TISSUES_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: the remainder must list 1 to %d organs", where,
                         RGQ_TISSUES_MAX);
    for (size_t i = 0; i < n; i++)
        RGQ_PASS(err, take_name(out->remainder[i], sizeof out->remainder[i],
                                rgq_json_text(rgq_json_at(organs, i), NULL), where, err));
    out->n_remainder = (int)n;
    out->remainder_of = (int)of;
    out->remainder_mean = (rgq_remainder_mean)mean;
    out->remainder_split = rgq_json_bool(rgq_json_get(node, "split"), false);
    return RGQ_OK;
}

static rgq_status take_rule(rgq_weight_rule *out, const rgq_json *node, const char *where,
                            rgq_error *err)
{
    static const char *const keys[] = {"id",        "name",     "source", "tissues",
                                       "remainder", "sex_mean", NULL};
    const rgq_json *tissues = rgq_json_get(node, "tissues");
    const size_t n = rgq_json_count(tissues);
    const char *text = NULL;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_text(&text, node, "id", where, err));
    RGQ_PASS(err, take_name(out->id, sizeof out->id, text, where, err));
    RGQ_PASS(err, rgq_json_need_text(&text, node, "name", where, err));
    RGQ_PASS(err, take_name(out->name, sizeof out->name, text, where, err));
    RGQ_PASS(err, rgq_json_need_text(&text, node, "source", where, err));
    RGQ_PASS(err, take_name(out->source, sizeof out->source, text, where, err));
    if (!rgq_json_is_array(tissues) || n < 1 || n > RGQ_TISSUES_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: 'tissues' must list 1 to %d", where,
                         RGQ_TISSUES_MAX);
    for (size_t i = 0; i < n; i++)
        RGQ_PASS(err, take_tissue(&out->tissue[i], rgq_json_at(tissues, i), where, err));
    out->n_tissues = (int)n;
    out->sex_mean = rgq_json_bool(rgq_json_get(node, "sex_mean"), false);
    return take_remainder(out, rgq_json_get(node, "remainder"), where, err);
}

static rgq_status take_stand_in(rgq_stand_in *out, const rgq_json *node, const char *where,
                                rgq_error *err)
{
    static const char *const keys[] = {"organ",  "of",  "factor", "mass_g",
                                       "source", "why", NULL};
    const char *text = NULL;

    RGQ_PASS(err, rgq_json_only(node, keys, where, err));
    RGQ_PASS(err, rgq_json_need_text(&text, node, "organ", where, err));
    RGQ_PASS(err, take_name(out->organ, sizeof out->organ, text, where, err));
    RGQ_PASS(err, rgq_json_need_text(&text, node, "of", where, err));
    RGQ_PASS(err, take_name(out->of, sizeof out->of, text, where, err));
    RGQ_PASS(err, rgq_json_need_text(&text, node, "why", where, err));
    RGQ_PASS(err, take_name(out->why, sizeof out->why, text, where, err));
    RGQ_PASS(err, rgq_json_need_real(&out->factor, node, "factor", 0.1, 10.0, where, err));
    out->mass_g = (double)NAN;
    if (rgq_json_get(node, "mass_g") != NULL)
        RGQ_PASS(err, rgq_json_need_real(&out->mass_g, node, "mass_g", 1.0, 1e5, where, err));
    return RGQ_OK;
}

static rgq_status take_all(rgq_tissue_weights *out, const rgq_json *root, const char *name,
                           rgq_error *err)
{
    static const char *const keys[] = {"format", "rules", "stand_ins", NULL};
    const rgq_json *rules = rgq_json_get(root, "rules");
    const rgq_json *stand_ins = rgq_json_get(root, "stand_ins");
    const size_t max = sizeof out->rule / sizeof out->rule[0];
    double format;
    char where[160];

    RGQ_PASS(err, rgq_json_only(root, keys, name, err));
    RGQ_PASS(err, rgq_json_need_real(&format, root, "format", 1.0, 1.0, name, err));
    if (!rgq_json_is_array(rules) || rgq_json_count(rules) > max ||
        rgq_json_count(stand_ins) > RGQ_STAND_INS_MAX)
        return RGQ_RAISE(err, RGQ_E_FORMAT, "%s: at most %zu rules and %d stand-ins can be had",
                         name, max, RGQ_STAND_INS_MAX);
    for (size_t i = 0; i < rgq_json_count(rules); i++) {
        (void)snprintf(where, sizeof where, "%.100s: rules[%zu]", name, i);
        RGQ_PASS(err, take_rule(&out->rule[i], rgq_json_at(rules, i), where, err));
    }
    out->n_rules = (int)rgq_json_count(rules);
    for (size_t i = 0; i < rgq_json_count(stand_ins); i++) {
        (void)snprintf(where, sizeof where, "%.100s: stand_ins[%zu]", name, i);
        RGQ_PASS(err, take_stand_in(&out->stand_in[i], rgq_json_at(stand_ins, i), where, err));
    }
    out->n_stand_ins = (int)rgq_json_count(stand_ins);
    return RGQ_OK;
}

static rgq_status take_root(rgq_tissue_weights *out, const rgq_json *root, const char *name,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_tissue_weights *found = NULL;

    RGQ_TRY(err, rgq_alloc(&found, 1, sizeof *found, err));
    RGQ_TRY(err, take_all(found, root, name, err));
    *out = *found;
out:
    rgq_free(found);
    return st;
}

rgq_status rgq_tissue_weights_parse(rgq_tissue_weights *out, const char *text, size_t length,
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

rgq_status rgq_tissue_weights_load(rgq_tissue_weights *out, const char *folder, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_text path = RGQ_TEXT_INIT;
    rgq_json *root = NULL;

    rgq_text_printf(&path, "%s/tissue_weights.json", folder);
    RGQ_TRY(err, rgq_text_check(&path, err));
    RGQ_TRY(err, rgq_json_load(&root, path.data, err));
    RGQ_TRY(err, take_root(out, root, path.data, err));
out:
    rgq_json_free(root);
    rgq_text_release(&path);
    return st;
}

const rgq_weight_rule *rgq_weight_rule_find(const rgq_tissue_weights *weights, const char *id)
{
    for (int i = 0; i < weights->n_rules; i++)
        if (rgq_text_equal_nocase(weights->rule[i].id, id))
            return &weights->rule[i];
    return NULL;
}

const rgq_stand_in *rgq_stand_in_find(const rgq_tissue_weights *weights, const char *organ)
{
    for (int i = 0; i < weights->n_stand_ins; i++)
        if (rgq_text_equal_nocase(weights->stand_in[i].organ, organ))
            return &weights->stand_in[i];
    return NULL;
}
