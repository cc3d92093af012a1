#include "phantom/recovery_curve.h"

#include <math.h>

#include "core/banned.h"
#include "num/fit.h"

static const rgq_column columns[] = {
    {"diameter_mm", RGQ_COLUMN_REAL, "mm", "Inner diameter of the sphere."},
    {"rc_mean", RGQ_COLUMN_REAL, NULL,
     "Part of the true contrast in the mean over the sphere: (mean - background) / (true - "
     "background), for 'pvc --method rc'. Not the rc_mean of phantom.tsv, which is mean / "
     "true."},
    {"rc_mean_sd", RGQ_COLUMN_REAL, NULL,
     "Its standard deviation by noise: from balls of that size in the background, the variance "
     "in proportion to the mean."},
    {"rc_fit", RGQ_COLUMN_REAL, NULL, "1 / (1 + (beta / d)^gamma) as fitted."},
};

typedef struct data {
    const rgq_recovery_point *points;
    int n;
    bool is_weighed;
} data;

static double curve_at(double diameter_mm, const double *x)
{
    return 1.0 / (1.0 + pow(x[0] / diameter_mm, x[1]));
}

static void residuals(double *out, const double *x, void *user)
{
    const data *d = user;

    for (int i = 0; i < d->n; i++)
        out[i] = (d->points[i].rc - curve_at(d->points[i].diameter_mm, x)) /
                 (d->is_weighed ? d->points[i].sd : 1.0);
}

static rgq_status fit(rgq_phantom_analysis *out, data *d, rgq_error *err)
{
    static const double lo[2] = {1e-3, 0.05};
    static const double hi[2] = {200.0, 20.0};
    static const double step[2] = {1e-4, 1e-4};
    const rgq_fit_problem problem = {.n = (size_t)d->n,
                                     .p = 2,
                                     .residuals = residuals,
                                     .user = d,
                                     .lo = lo,
                                     .hi = hi,
                                     .step = step};
    rgq_fit_report report;
    double x[2] = {8.0, 1.5};

    if (d->n < 3)
        return RGQ_OK;
    RGQ_PASS(err, rgq_fit_least_squares(x, &report, &problem, err));
    if (!report.converged)
        return RGQ_OK;
    out->curve_beta_mm = x[0];
    out->curve_gamma = x[1];
    return RGQ_OK;
}

rgq_status rgq_recovery_curve_make(rgq_phantom_analysis *out, const rgq_recovery_point *points,
                                   int n, rgq_error *err)
{
    data d = {points, n, true};

    for (int i = 0; i < n; i++) {
        d.is_weighed = d.is_weighed && points[i].sd > 1e-6;
        if (!isfinite(points[i].rc))
            return RGQ_OK;
    }
    RGQ_PASS(err, fit(out, &d, err));
    RGQ_PASS(err,
             rgq_table_create(&out->curve, columns, sizeof columns / sizeof columns[0], err));
    const double x[2] = {out->curve_beta_mm, out->curve_gamma};
    for (int i = 0; i < n; i++) {
        RGQ_PASS(err, rgq_table_add_row(out->curve, err));
        rgq_table_set_real(out->curve, "diameter_mm", points[i].diameter_mm);
        rgq_table_set_real(out->curve, "rc_mean", points[i].rc);
        rgq_table_set_real(out->curve, "rc_mean_sd", d.is_weighed ? points[i].sd : (double)NAN);
        rgq_table_set_real(out->curve, "rc_fit", curve_at(points[i].diameter_mm, x));
    }
    return RGQ_OK;
}
