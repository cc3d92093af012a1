#include "dose/tiac_shape.h"

#include <math.h>
#include <stddef.h>

#include "core/banned.h"

static const rgq_tiac_shape shapes[] = {
    {RGQ_TIAC_MONO, 1, {RGQ_TERM_FREE}, 2, 1},
    {RGQ_TIAC_UPTAKE, 1, {RGQ_TERM_UPTAKE}, 3, 2},
    {RGQ_TIAC_BI_PHYSICAL, 2, {RGQ_TERM_FREE, RGQ_TERM_PHYSICAL}, 3, 1},
    {RGQ_TIAC_BI, 2, {RGQ_TERM_FREE, RGQ_TERM_FREE}, 4, 2},
    {RGQ_TIAC_TRI, 3, {RGQ_TERM_FREE, RGQ_TERM_FREE, RGQ_TERM_FREE}, 6, 3},
};

const rgq_tiac_shape *rgq_tiac_shape_of(rgq_tiac_model model)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
        if (shapes[i].model == model)
            return &shapes[i];
    return NULL;
}

int rgq_tiac_term_width(rgq_tiac_term term)
{
    return term == RGQ_TERM_FREE ? 2 : term == RGQ_TERM_PHYSICAL ? 1 : 3;
}

static double term_value(double *slope, rgq_tiac_term term, const double *q, double t,
                         double physical)
{
    const double slow = exp(-(term == RGQ_TERM_PHYSICAL ? physical : q[1]) * t);

    if (term != RGQ_TERM_UPTAKE) {
        if (slope != NULL)
            slope[0] = slow;
        if (slope != NULL && term == RGQ_TERM_FREE)
            slope[1] = -t * q[0] * slow;
        return q[0] * slow;
    }
    const double risen = -expm1(-q[2] * t);
    if (slope != NULL) {
        slope[0] = slow * risen;
        slope[1] = -t * q[0] * slow * risen;
        slope[2] = t * q[0] * slow * (1.0 - risen);
    }
    return q[0] * slow * risen;
}

static double term_integral(double *slope, rgq_tiac_term term, const double *q, double t,
                            double physical)
{
    const double l = term == RGQ_TERM_PHYSICAL ? physical : q[1];
    const double all = exp(-l * t) / l;

    if (term != RGQ_TERM_UPTAKE) {
        if (slope != NULL)
            slope[0] = all;
        if (slope != NULL && term == RGQ_TERM_FREE)
            slope[1] = -q[0] * all * (t + 1.0 / l);
        return q[0] * all;
    }
    const double m = l + q[2];
    const double lost = exp(-m * t) / m;
    if (slope != NULL) {
        slope[0] = all - lost;
        slope[1] = -q[0] * (all * (t + 1.0 / l) - lost * (t + 1.0 / m));
        slope[2] = q[0] * lost * (t + 1.0 / m);
    }
    return q[0] * (all - lost);
}

typedef double (*term_function)(double *, rgq_tiac_term, const double *, double, double);

static double add_terms(double *slope, const rgq_tiac_shape *shape, const double *q, double t,
                        double physical, term_function function)
{
    double sum = 0.0;

    for (int i = 0, at = 0; i < shape->n_terms; at += rgq_tiac_term_width(shape->term[i++]))
        sum += function(slope != NULL ? slope + at : NULL, shape->term[i], q + at, t, physical);
    return sum;
}

double rgq_tiac_value(double *slope, const rgq_tiac_shape *shape, const double *q, double t,
                      double physical)
{
    return add_terms(slope, shape, q, t, physical, term_value);
}

double rgq_tiac_integral(double *slope, const rgq_tiac_shape *shape, const double *q, double t,
                         double physical)
{
    return add_terms(slope, shape, q, t, physical, term_integral);
}
