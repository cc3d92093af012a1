#include "cli/tiac_notes.h"

#include <math.h>

#include "core/banned.h"
#include "core/text.h"

static const double LN2 = 0.69314718055994530942;

double rgq_tiac_limit_h(const rgq_tiac_decay *decay)
{
    return decay->half_life_s / 3600.0 / LN2;
}

static bool holds_others(const char *name)
{
    static const char *const names[] = {"total body", "whole body", "body", "total_body",
                                        "whole_body"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (rgq_text_equal_nocase(name, names[i]))
            return true;
    return false;
}

double rgq_tiac_sum_h(const rgq_tiac_findings *found)
{
    double sum = 0.0;

    for (int i = 0; i < found->courses->count; i++)
        if (!holds_others(found->courses->course[i].name))
            sum += found->result[i].tiac_mbq_h;
    return sum / found->administered_mbq;
}

static rgq_status add_candidate(rgq_json *list, const rgq_tiac_candidate *c, double per_mbq,
                                rgq_error *err)
{
    rgq_json *node = NULL;
    const size_t p = (size_t)c->n_parameters;

    RGQ_PASS(err, rgq_json_add_object(&node, list, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "model", rgq_tiac_model_name(c->model), err));
    RGQ_PASS(err, rgq_json_set_bool(node, "fitted", c->fitted, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "determined", c->determined, err));
    if (c->why_not[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(node, "why_not", c->why_not, err));
    RGQ_PASS(err, rgq_json_set_real(node, "tiac_h", c->tiac_mbq_h / per_mbq, err));
    RGQ_PASS(err, rgq_json_set_real(node, "sd_h", c->sd_mbq_h / per_mbq, err));
    RGQ_PASS(err, rgq_json_set_real(node, "tail_fraction", c->tail_fraction, err));
    RGQ_PASS(err, rgq_json_set_real(node, "rss", c->rss, err));
    RGQ_PASS(err, rgq_json_set_real(node, "aicc", c->aicc, err));
    RGQ_PASS(err, rgq_json_set_real(node, "akaike_weight", c->weight, err));
    RGQ_PASS(err, rgq_json_set_int(node, "n_parameters", c->n_parameters, err));
    if (p == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_json_set_reals(node, "parameters", c->parameter, p, err));
    return rgq_json_set_reals(node, "covariance", c->covariance, p * p, err);
}

static rgq_status add_points(rgq_json *node, const rgq_course *c, rgq_error *err)
{
    const size_t n = (size_t)c->n;
    rgq_json *points = NULL;

    RGQ_PASS(err, rgq_json_add_object(&points, node, "points", err));
    RGQ_PASS(err, rgq_json_set_reals(points, "time_h", c->time_h, n, err));
    RGQ_PASS(err, rgq_json_set_reals(points, "activity_mbq", c->activity_mbq, n, err));
    return isfinite(c->sd_mbq[0]) ? rgq_json_set_reals(points, "sd_mbq", c->sd_mbq, n, err)
                                  : RGQ_OK;
}

static rgq_status add_region(rgq_json *list, const rgq_course *course, const rgq_tiac_result *r,
                             double per_mbq, rgq_error *err)
{
    rgq_json *node = NULL;
    rgq_json *candidates = NULL;

    RGQ_PASS(err, rgq_json_add_object(&node, list, NULL, err));
    RGQ_PASS(err, rgq_json_set_text(node, "region", course->name, err));
    RGQ_PASS(err, rgq_json_set_text(node, "model", rgq_tiac_model_name(r->model), err));
    RGQ_PASS(err, rgq_json_set_text(node, "reason", r->reason, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "tail_flagged", r->tail_fraction > RGQ_TIAC_TAIL_FLAG,
                                    err));
    RGQ_PASS(err, add_points(node, course, err));
    RGQ_PASS(err, rgq_json_add_array(&candidates, node, "candidates", err));
    for (int i = 0; i < r->n_candidates; i++)
        RGQ_PASS(err, add_candidate(candidates, &r->candidate[i], per_mbq, err));
    return RGQ_OK;
}

rgq_status rgq_tiac_notes(rgq_json *root, const rgq_tiac_findings *found, rgq_error *err)
{
    rgq_json *node = NULL;
    rgq_json *regions = NULL;
    const bool per_mbq = isfinite(found->administered_mbq);

    RGQ_PASS(err, rgq_json_add_object(&node, root, "tiac", err));
    if (found->decay->nuclide[0] != '\0')
        RGQ_PASS(err, rgq_json_set_text(node, "nuclide", found->decay->nuclide, err));
    RGQ_PASS(err,
             rgq_json_set_real(node, "half_life_h", found->decay->half_life_s / 3600.0, err));
    RGQ_PASS(err, rgq_json_set_text(node, "half_life_origin", found->decay->origin, err));
    RGQ_PASS(err, rgq_json_set_bool(node, "per_mbq_administered", per_mbq, err));
    RGQ_PASS(err, rgq_json_set_text(node, "unit", per_mbq ? "MBq h/MBq" : "MBq h", err));
    if (per_mbq) {
        RGQ_PASS(err,
                 rgq_json_set_real(node, "administered_mbq", found->administered_mbq, err));
        RGQ_PASS(err, rgq_json_set_real(node, "sum_h", found->sum_h, err));
    }
    RGQ_PASS(err, rgq_json_set_real(node, "limit_h", rgq_tiac_limit_h(found->decay), err));
    if (found->undone != NULL)
        RGQ_PASS(err, rgq_json_set_text(node, "decay_correction_undone", found->undone, err));
    RGQ_PASS(err, rgq_json_add_array(&regions, node, "regions", err));
    for (int i = 0; i < found->courses->count; i++)
        RGQ_PASS(err, add_region(regions, &found->courses->course[i], &found->result[i],
                                 per_mbq ? found->administered_mbq : 1.0, err));
    return RGQ_OK;
}
