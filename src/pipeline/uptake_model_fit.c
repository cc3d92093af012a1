#include "pipeline/uptake_model_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "num/stats.h"
#include "rgdquant/line_fit.h"

static int by_value(const void *pa, const void *pb)
{
    const int a = *(const int *)pa;
    const int b = *(const int *)pb;

    return (a > b) - (a < b);
}

/* Different ids among the rows. */
static rgq_status count_patients(size_t *out, const rgq_pairs *pairs, rgq_error *err)
{
    int *id = NULL;

    *out = pairs->n;
    if (pairs->cluster == NULL || pairs->n == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&id, pairs->n, sizeof *id, err));
    memcpy(id, pairs->cluster, pairs->n * sizeof *id);
    qsort(id, pairs->n, sizeof *id, by_value);
    *out = 1;
    for (size_t i = 1; i < pairs->n; i++)
        *out += id[i] != id[i - 1];
    rgq_free(id);
    return RGQ_OK;
}

rgq_status rgq_uptake_model_fit(rgq_uptake_model *out, const rgq_pairs *pairs,
                                const rgq_stat_opts *opts, rgq_error *err)
{
    const double none = (double)NAN;
    const rgq_uptake_range unknown = {false, none, none};
    rgq_uptake_model model = {.volume_ml = unknown, .uptake_time_min = unknown};
    rgq_pairs rows = *pairs;
    rgq_line line;
    size_t n_patients = 0;

    RGQ_PASS(err, count_patients(&n_patients, pairs, err));
    if (n_patients < pairs->n) {
        RGQ_PASS(err, rgq_line_random_intercept(&line, pairs, opts, err));
    } else { /* one row a patient: nothing to tell patients from lesions by */
        rows.cluster = NULL;
        RGQ_PASS(err, rgq_line_least_squares(&line, &rows, opts, err));
        line.sd_between = 0.0;
        line.sd_within = line.residual_sd;
    }
    if (!(line.sd_between + line.sd_within > 0.0) || n_patients < 3)
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "all %zu rows lie on the line: a calibration needs the spread of "
                         "measured scores about it",
                         pairs->n);
    rgq_text_copy(model.method, sizeof model.method, line.method);
    model.n_lesions = (int)pairs->n;
    model.n_patients = (int)n_patients;
    model.forced = n_patients < RGQ_UPTAKE_PATIENTS_MIN;
    model.intercept = line.intercept.value;
    model.slope = line.slope.value;
    memcpy(model.covariance, line.covariance, sizeof model.covariance);
    model.sd_between = line.sd_between;
    model.sd_within = line.sd_within;
    model.dof = (double)n_patients - 2.0;
    model.uptake = (rgq_uptake_range){true, pairs->x[0], pairs->x[0]};
    for (size_t i = 1; i < pairs->n; i++) {
        model.uptake.low = fmin(model.uptake.low, pairs->x[i]);
        model.uptake.high = fmax(model.uptake.high, pairs->x[i]);
    }
    *out = model;
    return RGQ_OK;
}

void rgq_uptake_model_band(double out[3], const rgq_uptake_model *model, double uptake,
                           double confidence)
{
    const double *v = model->covariance;
    const double of_line = v[0] + 2.0 * uptake * v[1] + uptake * uptake * v[2];
    const double variance = fmax(of_line, 0.0) + model->sd_between * model->sd_between +
                            model->sd_within * model->sd_within;
    const double half = rgq_t_quantile(0.5 + 0.5 * confidence, model->dof) * sqrt(variance);

    out[0] = model->intercept + model->slope * uptake;
    out[1] = out[0] - half;
    out[2] = out[0] + half;
}
