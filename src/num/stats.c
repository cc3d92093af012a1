#include "num/stats.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "core/banned.h"

static int compare_float(const void *a, const void *b)
{
    const float x = *(const float *)a;
    const float y = *(const float *)b;

    return (x > y) - (x < y);
}

static int compare_double(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

void rgq_sort_float(float *values, size_t count)
{
    if (count > 1)
        qsort(values, count, sizeof *values, compare_float);
}

void rgq_sort_double(double *values, size_t count)
{
    if (count > 1)
        qsort(values, count, sizeof *values, compare_double);
}

/* Where quantile `p` of `count` values lies: between `*at` and the next, `*part` of the way. */
static void place(size_t count, double p, size_t *at, double *part)
{
    const double h = (double)(count - 1) * fmin(fmax(p, 0.0), 1.0);

    *at = (size_t)h;
    *part = h - floor(h);
    if (*at >= count - 1) {
        *at = count - 1;
        *part = 0.0;
    }
}

double rgq_quantile_float(const float *sorted, size_t count, double p)
{
    size_t at = 0;
    double part = 0.0;

    if (count == 0)
        return (double)NAN;
    place(count, p, &at, &part);
    const double low = (double)sorted[at];
    return part > 0.0 ? low + part * ((double)sorted[at + 1] - low) : low;
}

double rgq_quantile_double(const double *sorted, size_t count, double p)
{
    size_t at = 0;
    double part = 0.0;

    if (count == 0)
        return (double)NAN;
    place(count, p, &at, &part);
    const double low = sorted[at];
    return part > 0.0 ? low + part * (sorted[at + 1] - low) : low;
}

static float middle_of_three(float a, float b, float c)
{
    if (a > b) {
        const float t = a;
        a = b;
        b = t;
    }
    return c < a ? a : c > b ? b : c;
}

/* Reorder values [from, end) so that the k-th is in its place, no larger one before it and no
 * smaller one after it. Hoare's selection; a sort where it makes no headway. */
static void select_float(float *values, size_t from, size_t end, size_t k)
{
    enum { SMALL = 24 };
    size_t allowed = 6 * (end - from); /* steps of selection, before it is a sort's turn */

    while (end - from > SMALL && allowed >= end - from) {
        const float pivot =
            middle_of_three(values[from], values[from + (end - from) / 2], values[end - 1]);
        size_t i = from;
        size_t j = end - 1;
        allowed -= end - from;
        for (;;) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i >= j)
                break;
            const float t = values[i];
            values[i++] = values[j];
            values[j--] = t;
        }
        /* [from, i) <= pivot and (j, end) >= pivot */
        if (k < i)
            end = i;
        else if (k > j)
            from = j + 1;
        else
            return;
    }
    rgq_sort_float(values + from, end - from);
}

void rgq_quantiles_float(double *out, const double *p, int n, float *values, size_t count)
{
    size_t from = 0; /* everything before it is in place, or smaller than what is asked next */

    for (int i = 0; i < n; i++) {
        size_t at = 0;
        double part = 0.0;
        if (count == 0) {
            out[i] = (double)NAN;
            continue;
        }
        place(count, p[i], &at, &part);
        select_float(values, from, count, at);
        from = at;
        const double low = (double)values[at];
        float next = at + 1 < count ? values[at + 1] : values[at];
        for (size_t k = at + 1; k < count && part > 0.0; k++)
            next = values[k] < next ? values[k] : next;
        out[i] = part > 0.0 ? low + part * ((double)next - low) : low;
    }
}

double rgq_normal_quantile(double p)
{
    return p > 0.0 && p < 1.0 ? gsl_cdf_ugaussian_Pinv(p) : (double)NAN;
}

double rgq_normal_tail(double x)
{
    return 0.5 * erfc(x / sqrt(2.0));
}

/* |T| > x means B = dof / (dof + x^2) < its value there, B beta(dof/2, 1/2) distributed. GSL's
 * own function of T is off by 1e-8 for large dof; the complement keeps the digits of a small x.
 */
double rgq_t_two_sided(double t, double dof)
{
    if (isnan(t) || !(dof > 0.0))
        return (double)NAN;
    const double x = fabs(t);
    if (isinf(dof))
        return 2.0 * rgq_normal_tail(x);
    if (isinf(x * x))
        return 0.0;
    if (x * x < dof)
        return gsl_cdf_beta_Q(x * x / (dof + x * x), 0.5, 0.5 * dof);
    return gsl_cdf_beta_P(dof / (dof + x * x), 0.5 * dof, 0.5);
}

/* P(T <= -x) for x >= 0. */
static double t_tail(double x, double dof)
{
    return 0.5 * rgq_t_two_sided(x, dof);
}

/* gsl_cdf_tdist_Pinv() is off by 1e-5 in the far tail and aborts where it does not converge:
 * the distribution function is inverted by bisection instead.
 */
double rgq_t_quantile(double p, double dof)
{
    if (!(p > 0.0 && p < 1.0 && dof > 0.0))
        return (double)NAN;
    if (isinf(dof))
        return rgq_normal_quantile(p);
    const double tail = p < 0.5 ? p : 1.0 - p;
    const double sign = p < 0.5 ? -1.0 : 1.0;
    if (tail >= 0.5)
        return 0.0;
    double low = 0.0;
    double high = 1.0;
    while (t_tail(high, dof) > tail) {
        low = high;
        high *= 2.0;
        if (high > 1e150) /* its square is about to overflow */
            return sign * (double)INFINITY;
    }
    for (int i = 0; i < 200 && high - low > DBL_EPSILON * high; i++) {
        const double middle = low + 0.5 * (high - low);
        if (t_tail(middle, dof) > tail)
            low = middle;
        else
            high = middle;
    }
    return sign * (low + 0.5 * (high - low));
}

double rgq_chi2_tail(double x, double dof)
{
    if (isnan(x) || !(dof > 0.0))
        return (double)NAN;
    return x > 0.0 ? gsl_cdf_chisq_Q(x, dof) : 1.0;
}

double rgq_f_tail(double f, double dof1, double dof2)
{
    if (isnan(f) || !(dof1 > 0.0 && dof2 > 0.0))
        return (double)NAN;
    return f > 0.0 ? gsl_cdf_beta_P(dof2 / (dof2 + dof1 * f), 0.5 * dof2, 0.5 * dof1) : 1.0;
}

double rgq_beta_below(double x, double a, double b)
{
    if (isnan(x) || !(a > 0.0 && b > 0.0))
        return (double)NAN;
    if (x <= 0.0)
        return 0.0;
    return x < 1.0 ? gsl_cdf_beta_P(x, a, b) : 1.0;
}

double rgq_chi2_quantile(double p, double dof)
{
    double low = 0.0;
    double high = 1.0;

    if (!(p > 0.0 && p < 1.0 && dof > 0.0 && isfinite(dof)))
        return (double)NAN;
    while (rgq_chi2_tail(high, dof) > 1.0 - p) {
        low = high;
        high *= 2.0;
    }
    for (int i = 0; i < 200 && high - low > DBL_EPSILON * high; i++) {
        const double middle = low + 0.5 * (high - low);
        if (gsl_cdf_chisq_P(middle, dof) < p)
            low = middle;
        else
            high = middle;
    }
    return low + 0.5 * (high - low);
}

double rgq_beta_quantile(double p, double a, double b)
{
    double low = 0.0;
    double high = 1.0;

    if (!(p > 0.0 && p < 1.0 && a > 0.0 && b > 0.0))
        return (double)NAN;
    for (int i = 0; i < 1100 && high - low > DBL_EPSILON * high; i++) {
        const double middle = low + 0.5 * (high - low);
        if (gsl_cdf_beta_P(middle, a, b) < p)
            low = middle;
        else
            high = middle;
    }
    return low + 0.5 * (high - low);
}

double rgq_f_quantile(double p, double dof1, double dof2)
{
    if (!(p > 0.0 && p < 1.0 && dof1 > 0.0 && dof2 > 0.0))
        return (double)NAN;
    /* 1 / (1 + F dof1 / dof2) is beta(dof2/2, dof1/2) distributed, and falls as F rises. */
    const double b = rgq_beta_quantile(1.0 - p, 0.5 * dof2, 0.5 * dof1);
    return dof2 * (1.0 - b) / (dof1 * b);
}

double rgq_log_choose(double n, double k)
{
    int sign = 0; /* lgamma() would write a global one */

    if (k <= 0.0 || k >= n)
        return 0.0;
    return lgamma_r(n + 1.0, &sign) - lgamma_r(k + 1.0, &sign) - lgamma_r(n - k + 1.0, &sign);
}
