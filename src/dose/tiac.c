#include "rgdquant/tiac.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "dose/tiac_check.h"
#include "dose/tiac_exponential.h"
#include "dose/tiac_simple.h"

static const double LN2 = 0.69314718055994530942;
/* A mono-exponential that leaves more of few points than this describes something else. */
static const double MONO_LEAVES = 0.1;

static const struct {
    rgq_tiac_model model;
    const char *name;
} names[] = {
#define RGQ_X(id, word) {id, word},
    RGQ_TIAC_MODEL_LIST(RGQ_X)
#undef RGQ_X
};

const char *rgq_tiac_model_name(rgq_tiac_model model)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i].model == model)
            return names[i].name;
    return "?";
}

rgq_status rgq_tiac_model_parse(rgq_tiac_model *out, const char *word, rgq_error *err)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].name, word) == 0) {
            *out = names[i].model;
            return RGQ_OK;
        }
    return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                     "there is no model '%.40s': auto, mono, uptake, bi-physical, bi, tri, "
                     "trapezoid, haenscheid, madsen and average are known",
                     word);
}

/* ---- what is asked for, and whether the points allow it ---- */

static rgq_status check_points(const rgq_tiac_points *p, rgq_error *err)
{
    RGQ_PASS(err, rgq_tiac_check_times(p->name, p->time_h, p->n, err));
    for (int i = 0; i < p->n; i++) {
        if (!isfinite(p->activity_mbq[i]))
            return RGQ_RAISE(err, RGQ_E_NUMERIC, "%s: the activity at %g h is not finite",
                             p->name, p->time_h[i]);
        if (p->activity_mbq[i] < 0.0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%s: the activity at %g h is %g MBq; 0 or more is needed", p->name,
                             p->time_h[i], p->activity_mbq[i]);
        if (p->sd_mbq != NULL && (!isfinite(p->sd_mbq[i]) || !(p->sd_mbq[i] > 0.0)))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "%s: the sd at %g h is %g MBq; more than 0 is needed", p->name,
                             p->time_h[i], p->sd_mbq[i]);
    }
    return RGQ_OK;
}

static rgq_status check_opts(const rgq_tiac_points *p, const rgq_tiac_opts *o, rgq_error *err)
{
    const rgq_tiac_shape *shape = rgq_tiac_shape_of(o->model);
    const bool single = o->model == RGQ_TIAC_HAENSCHEID || o->model == RGQ_TIAC_MADSEN;

    if (!(o->half_life_h > 0.0) || !isfinite(o->half_life_h))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the physical half-life is %g h; more than 0 is needed",
                         o->half_life_h);
    if (shape != NULL && p->n < shape->n_parameters)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s: %d point%s for the %d parameters of model %s; at least %d points "
                         "are needed, or --model trapezoid",
                         p->name, p->n, p->n == 1 ? "" : "s", shape->n_parameters,
                         rgq_tiac_model_name(o->model), shape->n_parameters);
    if (o->model == RGQ_TIAC_AVERAGE && p->n < 5)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%s: %d points; model averaging needs at least 5, as an AICc needs 3 "
                         "more points than parameters",
                         p->name, p->n);
    if (single && (o->point < 0 || o->point >= p->n))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s: point %d was asked for; there are %d",
                         p->name, o->point, p->n);
    if (single && !(p->time_h[o->point] > 0.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%s: a single point must lie after 0 h", p->name);
    if (o->model == RGQ_TIAC_MADSEN &&
        !(o->effective_half_life_h > 0.0 && o->effective_half_life_h <= o->half_life_h))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "model madsen needs an effective half-life above 0 and at most the "
                         "physical one of %g h; it is %g h",
                         o->half_life_h, o->effective_half_life_h);
    return RGQ_OK;
}

/* ---- candidates ---- */

static rgq_status fit_all(rgq_tiac_result *r, const rgq_tiac_points *p, double physical,
                          rgq_error *err)
{
    static const rgq_tiac_model models[] = {RGQ_TIAC_MONO, RGQ_TIAC_UPTAKE,
                                            RGQ_TIAC_BI_PHYSICAL, RGQ_TIAC_BI, RGQ_TIAC_TRI};

    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        RGQ_PASS(err, rgq_tiac_fit_shape(&r->candidate[r->n_candidates++],
                                         rgq_tiac_shape_of(models[i]), p, physical, err));
    return RGQ_OK;
}

static void weigh(rgq_tiac_result *r, double least)
{
    double sum = 0.0;

    for (int i = 0; i < r->n_candidates; i++) {
        rgq_tiac_candidate *c = &r->candidate[i];
        c->weight = isfinite(c->aicc) && c->determined ? exp(0.5 * (least - c->aicc)) : 0.0;
        sum += c->weight;
    }
    for (int i = 0; i < r->n_candidates; i++)
        r->candidate[i].weight /= sum > 0.0 ? sum : 1.0;
}

/* Index of the least AICc, and the weights; -1 where there is none. */
static int find_least(rgq_tiac_result *r, int n)
{
    int best = -1;

    for (int i = 0; i < r->n_candidates; i++) {
        rgq_tiac_candidate *c = &r->candidate[i];
        if (!c->fitted || !c->determined)
            continue;
        if (!isfinite(c->aicc)) {
            if (rgq_tiac_shape_of(c->model) != NULL)
                (void)snprintf(c->why_not, sizeof c->why_not,
                               "%d points; an AICc of %d parameters needs %d", n,
                               c->n_parameters, c->n_parameters + 3);
        } else if (best < 0 || c->aicc < r->candidate[best].aicc) {
            best = i;
        }
    }
    if (best >= 0)
        weigh(r, r->candidate[best].aicc);
    return best;
}

static int find_model(const rgq_tiac_result *r, rgq_tiac_model model)
{
    for (int i = 0; i < r->n_candidates; i++)
        if (r->candidate[i].model == model)
            return i;
    return -1;
}

static bool describes(const rgq_tiac_candidate *mono, const rgq_tiac_points *p, double physical)
{
    const rgq_tiac_shape *shape = rgq_tiac_shape_of(RGQ_TIAC_MONO);
    double left = 0.0;
    double all = 0.0;

    for (int i = 0; i < p->n && mono->fitted; i++) {
        const double r = p->activity_mbq[i] -
                         rgq_tiac_value(NULL, shape, mono->parameter, p->time_h[i], physical);
        left += r * r;
        all += p->activity_mbq[i] * p->activity_mbq[i];
    }
    return mono->fitted && left <= MONO_LEAVES * MONO_LEAVES * all;
}

static void choose(rgq_tiac_result *r, const rgq_tiac_points *p, double physical)
{
    r->chosen = find_least(r, p->n);
    if (r->chosen >= 0) {
        (void)snprintf(r->reason, sizeof r->reason, "least AICc");
        return;
    }
    const int mono = find_model(r, RGQ_TIAC_MONO);
    if (describes(&r->candidate[mono], p, physical)) {
        r->chosen = mono;
        (void)snprintf(r->reason, sizeof r->reason,
                       "%d points: too few for an AICc, mono describes them", p->n);
        return;
    }
    r->chosen = find_model(r, RGQ_TIAC_TRAPEZOID);
    (void)snprintf(r->reason, sizeof r->reason,
                   p->n >= 5 ? "%d points that determine no model: trapezoid"
                   : p->n == 1
                       ? "%d point: physical decay before and after"
                       : "%d points: too few for an AICc, mono leaves over 10 %% of them: "
                         "trapezoid",
                   p->n);
}

static void take(rgq_tiac_result *r)
{
    const rgq_tiac_candidate *c = &r->candidate[r->chosen];

    r->model = c->model;
    r->tiac_mbq_h = c->tiac_mbq_h;
    r->sd_mbq_h = c->sd_mbq_h;
    r->tail_fraction = c->tail_fraction;
    r->aicc = c->aicc;
}

static void average(rgq_tiac_result *r)
{
    r->chosen = -1;
    r->model = RGQ_TIAC_AVERAGE;
    r->aicc = (double)NAN;
    r->tiac_mbq_h = 0.0;
    r->sd_mbq_h = 0.0;
    double tail = 0.0;
    for (int i = 0; i < r->n_candidates; i++) {
        const rgq_tiac_candidate *c = &r->candidate[i];
        if (c->weight > 0.0) {
            r->tiac_mbq_h += c->weight * c->tiac_mbq_h;
            tail += c->weight * c->tiac_mbq_h * c->tail_fraction;
        }
    }
    for (int i = 0; i < r->n_candidates; i++) {
        const rgq_tiac_candidate *c = &r->candidate[i];
        if (c->weight > 0.0)
            r->sd_mbq_h += c->weight * hypot(c->sd_mbq_h, c->tiac_mbq_h - r->tiac_mbq_h);
    }
    r->tail_fraction = tail / r->tiac_mbq_h;
    (void)snprintf(r->reason, sizeof r->reason, "mean by Akaike weights");
}

/* ---- the ways ---- */

static rgq_status fit_named(rgq_tiac_result *r, const rgq_tiac_points *p,
                            const rgq_tiac_opts *o, double physical, rgq_error *err)
{
    rgq_tiac_candidate *c = &r->candidate[r->n_candidates++];

    RGQ_PASS(err, rgq_tiac_fit_shape(c, rgq_tiac_shape_of(o->model), p, physical, err));
    if (!c->fitted)
        return RGQ_RAISE(err, RGQ_E_NUMERIC, "%s: model %s cannot be fitted: %s", p->name,
                         rgq_tiac_model_name(o->model), c->why_not);
    (void)snprintf(r->reason, sizeof r->reason, "asked for");
    return RGQ_OK;
}

static void no_activity(rgq_tiac_result *r)
{
    r->n_candidates = 1;
    r->chosen = 0;
    r->candidate[0] = rgq_tiac_blank(RGQ_TIAC_TRAPEZOID, 0);
    r->candidate[0].fitted = r->candidate[0].determined = true;
    r->candidate[0].tiac_mbq_h = r->candidate[0].tail_fraction = 0.0;
    (void)snprintf(r->reason, sizeof r->reason, "no activity at any time");
}

static bool is_empty(const rgq_tiac_points *p)
{
    for (int i = 0; i < p->n; i++)
        if (p->activity_mbq[i] > 0.0)
            return false;
    return true;
}

static rgq_status fit(rgq_tiac_result *r, const rgq_tiac_points *p, const rgq_tiac_opts *o,
                      double *weight, rgq_error *err)
{
    const double physical = LN2 / o->half_life_h;

    if (is_empty(p)) {
        no_activity(r);
    } else if (o->model == RGQ_TIAC_HAENSCHEID || o->model == RGQ_TIAC_MADSEN) {
        rgq_tiac_single(&r->candidate[r->n_candidates++], p, o);
        (void)snprintf(r->reason, sizeof r->reason, "asked for, from the point at %g h",
                       p->time_h[o->point]);
    } else if (o->model == RGQ_TIAC_TRAPEZOID) {
        rgq_tiac_trapezoid(&r->candidate[r->n_candidates++], p, physical, weight);
        (void)snprintf(r->reason, sizeof r->reason, "asked for");
    } else if (rgq_tiac_shape_of(o->model) != NULL) {
        RGQ_PASS(err, fit_named(r, p, o, physical, err));
    } else {
        RGQ_PASS(err, fit_all(r, p, physical, err));
        rgq_tiac_trapezoid(&r->candidate[r->n_candidates++], p, physical, weight);
        choose(r, p, physical);
        if (o->model == RGQ_TIAC_AVERAGE) {
            if (!isfinite(r->candidate[r->chosen].aicc))
                return RGQ_RAISE(err, RGQ_E_NUMERIC,
                                 "%s: the points determine no model, so there is nothing to "
                                 "average; --model trapezoid needs none",
                                 p->name);
            average(r);
            return RGQ_OK;
        }
    }
    take(r);
    return RGQ_OK;
}

rgq_status rgq_tiac_fit(rgq_tiac_result *out, const rgq_tiac_points *points,
                        const rgq_tiac_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *weight = NULL;
    rgq_tiac_result result = {.n_candidates = 0};

    RGQ_PASS(err, check_points(points, err));
    RGQ_PASS(err, check_opts(points, opts, err));
    RGQ_TRY(err, rgq_alloc(&weight, (size_t)points->n, sizeof *weight, err));
    RGQ_TRY(err, fit(&result, points, opts, weight, err));
    *out = result;
out:
    rgq_free(weight);
    return st;
}

/* ---- the table ---- */

const rgq_column *rgq_tiac_columns(int *count)
{
    static const rgq_column columns[] = {
        {"region", RGQ_COLUMN_TEXT, NULL, "Name of the source region."},
        {"model", RGQ_COLUMN_TEXT, NULL,
         "Model that was integrated; see `tiac` for the others."},
        {"tiac_h", RGQ_COLUMN_REAL, "h",
         "Time-integrated activity from administration to infinity, MBq h per MBq "
         "administered; "
         "MBq h where `per_mbq_administered` is false."},
        {"sd_h", RGQ_COLUMN_REAL, "h",
         "Standard deviation of tiac_h from the fit, or from the sd of the points."},
        {"tail_fraction", RGQ_COLUMN_REAL, NULL,
         "Part of tiac_h after the last point: an assumption, not a measurement."},
        {"aicc", RGQ_COLUMN_REAL, NULL,
         "Corrected Akaike criterion of the model; n/a with fewer than p + 3 points."},
    };

    *count = (int)(sizeof columns / sizeof columns[0]);
    return columns;
}

rgq_status rgq_tiac_add_row(rgq_table *table, const char *region, const rgq_tiac_result *result,
                            double per_mbq, rgq_error *err)
{
    RGQ_PASS(err, rgq_table_add_row(table, err));
    RGQ_PASS(err, rgq_table_set_text(table, "region", region, err));
    RGQ_PASS(err, rgq_table_set_text(table, "model", rgq_tiac_model_name(result->model), err));
    rgq_table_set_real(table, "tiac_h", result->tiac_mbq_h / per_mbq);
    rgq_table_set_real(table, "sd_h", result->sd_mbq_h / per_mbq);
    rgq_table_set_real(table, "tail_fraction", result->tail_fraction);
    rgq_table_set_real(table, "aicc", result->aicc);
    return RGQ_OK;
}
