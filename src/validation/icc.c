#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "rgdquant/agreement.h"
#include "validation/sample.h"

#include "core/banned.h"

static rgq_status mean_squares(rgq_icc *out, const double *values, size_t n, size_t k,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *row = NULL;
    double *column = NULL;
    const double all = rgq_mean(values, n * k);
    double rows = 0.0;
    double columns = 0.0;
    double rest = 0.0;

    RGQ_TRY(err, rgq_alloc(&row, n, sizeof *row, err));
    RGQ_TRY(err, rgq_alloc(&column, k, sizeof *column, err));
    for (size_t i = 0; i < n * k; i++) {
        row[i / k] += (values[i] - all) / (double)k;
        column[i % k] += (values[i] - all) / (double)n;
    }
    for (size_t i = 0; i < n; i++)
        rows += (double)k * row[i] * row[i];
    for (size_t c = 0; c < k; c++)
        columns += (double)n * column[c] * column[c];
    for (size_t i = 0; i < n * k; i++) {
        const double e = values[i] - all - row[i / k] - column[i % k];
        rest += e * e;
    }
    out->ms_rows = rows / (double)(n - 1);
    out->ms_columns = columns / (double)(k - 1);
    out->ms_error = rest / (double)((n - 1) * (k - 1));
    /* What rounding leaves of an error that is 0. */
    if (rest < 1e-28 * (rows + columns + (double)n * all * all))
        out->ms_error = 0.0;
out:
    rgq_free(column);
    rgq_free(row);
    return st;
}

static void consistency(rgq_icc *out, double n, double k)
{
    rgq_stat *const s = &out->consistency;
    const double r = out->ms_rows;
    const double e = out->ms_error;
    const double dof = (n - 1.0) * (k - 1.0);
    const double upper = 0.5 + 0.5 * s->confidence;

    s->value = (r - e) / (r + (k - 1.0) * e);
    s->interval_by = "F (Shrout and Fleiss)";
    s->p_by = "F of rows over error";
    if (!(e > 0.0)) {
        s->note = "no error at all: no interval";
        return;
    }
    const double low = r / e / rgq_f_quantile(upper, n - 1.0, dof);
    const double high = r / e * rgq_f_quantile(upper, dof, n - 1.0);
    s->low = (low - 1.0) / (low + k - 1.0);
    s->high = (high - 1.0) / (high + k - 1.0);
    s->p = rgq_f_tail(r / e, n - 1.0, dof);
}

static void agreement(rgq_icc *out, double n, double k)
{
    rgq_stat *const s = &out->agreement;
    const double r = out->ms_rows;
    const double c = out->ms_columns;
    const double e = out->ms_error;
    const double upper = 0.5 + 0.5 * s->confidence;
    const double rho = (r - e) / (r + (k - 1.0) * e + k * (c - e) / n);

    s->value = rho;
    s->interval_by = "F with Satterthwaite's degrees of freedom (McGraw and Wong)";
    s->p_by = "F of rows over error";
    if (e > 0.0)
        s->p = rgq_f_tail(r / e, n - 1.0, (n - 1.0) * (k - 1.0));
    const double a = k * rho / (n * (1.0 - rho));
    const double b = 1.0 + k * rho * (n - 1.0) / (n * (1.0 - rho));
    const double mixed = a * c + b * e;
    const double parts = a * c * a * c / (k - 1.0) + b * e * b * e / ((n - 1.0) * (k - 1.0));
    const double v = mixed * mixed / parts;
    if (!(rho < 1.0) || !(v > 0.0) || !isfinite(v)) {
        s->note = "no interval: the variances it is made of are 0";
        return;
    }
    s->dof = v;
    const double f1 = rgq_f_quantile(upper, n - 1.0, v);
    const double f2 = rgq_f_quantile(upper, v, n - 1.0);
    const double rest = k * c + (k * n - k - n) * e;
    s->low = n * (r - f1 * e) / (f1 * rest + n * r);
    s->high = n * (f2 * r - e) / (rest + n * f2 * r);
}

rgq_status rgq_icc_two_way(rgq_icc *out, const double *values, size_t n, size_t k,
                           const rgq_stat_opts *opts, rgq_error *err)
{
    const rgq_stat nothing = rgq_stat_empty(n, opts);
    rgq_icc found = {.agreement = nothing, .consistency = nothing};

    RGQ_PASS(err, rgq_check_opts(opts, err));
    if (n < 3 || k < 2)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%zu rows of %zu measurements: an intraclass correlation needs 3 rows "
                         "of 2 or more",
                         n, k);
    RGQ_PASS(err, rgq_check_column(values, n * k, "the value", err));
    RGQ_PASS(err, rgq_check_varies(values, n * k, "every measurement", err));
    RGQ_PASS(err, mean_squares(&found, values, n, k, err));
    consistency(&found, (double)n, (double)k);
    agreement(&found, (double)n, (double)k);
    *out = found;
    return RGQ_OK;
}
