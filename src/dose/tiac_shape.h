/* The exponential models: their terms, values, derivatives and integrals. Times [h], rates
 * [1/h], natural parameters in the order of rgq_tiac_candidate. */
#ifndef RGQ_DOSE_TIAC_SHAPE_H
#define RGQ_DOSE_TIAC_SHAPE_H

#include "rgdquant/tiac.h"

enum { RGQ_TIAC_TERMS_MAX = 3 };

typedef enum rgq_tiac_term {
    RGQ_TERM_FREE,     /* A exp(-l t): A l */
    RGQ_TERM_PHYSICAL, /* A exp(-lp t): A */
    RGQ_TERM_UPTAKE    /* A (exp(-l t) - exp(-(l + k) t)): A l k */
} rgq_tiac_term;

typedef struct rgq_tiac_shape {
    rgq_tiac_model model;
    int n_terms;
    rgq_tiac_term term[RGQ_TIAC_TERMS_MAX];
    int n_parameters;
    int n_rates; /* l and k of all terms */
} rgq_tiac_shape;

/** Shape of an exponential model; NULL for the others. */
const rgq_tiac_shape *rgq_tiac_shape_of(rgq_tiac_model model);

/** Parameters of a term: 2, 1 or 3. */
int rgq_tiac_term_width(rgq_tiac_term term);

/** Activity at `t`; with `slope` not NULL its derivative by each parameter too. */
double rgq_tiac_value(double *slope, const rgq_tiac_shape *shape, const double *q, double t,
                      double physical);

/** Integral from `t` to infinity; `slope` likewise. */
double rgq_tiac_integral(double *slope, const rgq_tiac_shape *shape, const double *q, double t,
                         double physical);

#endif
