/* y = a + b x + u_patient + e by restricted maximum likelihood (Laird and Ware 1982).
 *
 * V of a patient with n rows is e I + s J, e and s the variances within and between, J all
 * ones: along the ones its eigenvalue is d = e + n s, across them e. So all that is needed of a
 * patient are sums. x and y are taken about their means; the line is shifted back at the end.
 */
#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "validation/line.h"

#include "core/banned.h"

typedef struct sums {
    double n, x, y, xx, xy, yy;
} sums;

/* The line for given variances: information matrix, its inverse, estimates. */
typedef struct fit {
    double information[3]; /* X' V^-1 X: 11, 12, 22 */
    double inverse[3];
    double a, b;
} fit;

typedef struct problem {
    const sums *patients;
    size_t n_patients;
    double n_rows;
} problem;

/* Sum of squares of the residuals of a patient, and their sum. */
static void residuals(double *squares, double *sum, const sums *s, const fit *f)
{
    *sum = s->y - f->a * s->n - f->b * s->x;
    *squares = s->yy - 2.0 * f->a * s->y - 2.0 * f->b * s->xy + f->a * f->a * s->n +
               2.0 * f->a * f->b * s->x + f->b * f->b * s->xx;
    *squares = fmax(*squares, *sum * *sum / s->n);
}

static void invert(double out[3], const double m[3])
{
    const double det = m[0] * m[2] - m[1] * m[1];

    out[0] = m[2] / det;
    out[1] = -m[1] / det;
    out[2] = m[0] / det;
}

/* u' m v of a symmetric matrix. */
static double form(const double m[3], const double u[2], const double v[2])
{
    return u[0] * (m[0] * v[0] + m[1] * v[1]) + u[1] * (m[1] * v[0] + m[2] * v[1]);
}

static fit fit_for(const problem *p, double within, double between)
{
    fit f = {{0.0}, {0.0}, 0.0, 0.0};
    double right[2] = {0.0, 0.0};

    for (size_t g = 0; g < p->n_patients; g++) {
        const sums *s = &p->patients[g];
        const double k = between / (within + s->n * between);
        f.information[0] += (s->n - k * s->n * s->n) / within;
        f.information[1] += (s->x - k * s->n * s->x) / within;
        f.information[2] += (s->xx - k * s->x * s->x) / within;
        right[0] += (s->y - k * s->n * s->y) / within;
        right[1] += (s->xy - k * s->x * s->y) / within;
    }
    invert(f.inverse, f.information);
    f.a = f.inverse[0] * right[0] + f.inverse[1] * right[1];
    f.b = f.inverse[1] * right[0] + f.inverse[2] * right[1];
    return f;
}

/* Minus twice the log of the restricted likelihood, profiled over the variance within, at the
 * ratio l = between / within; and its derivative by l. */
static double criterion(double *derivative, double *within, const problem *p, double l)
{
    const fit f = fit_for(p, 1.0, l);
    const double det =
        f.information[0] * f.information[2] - f.information[1] * f.information[1];
    double q = 0.0;
    double logs = log(det);
    double slope_q = 0.0;
    double slope_rest = 0.0;

    for (size_t g = 0; g < p->n_patients; g++) {
        const sums *s = &p->patients[g];
        const double d = 1.0 + s->n * l;
        const double ones[2] = {s->n, s->x};
        double squares = 0.0;
        double sum = 0.0;
        residuals(&squares, &sum, s, &f);
        q += squares - sum * sum * l / d;
        slope_q -= sum * sum / (d * d);
        logs += log(d);
        slope_rest += s->n / d - form(f.inverse, ones, ones) / (d * d);
    }
    *within = q / (p->n_rows - 2.0);
    *derivative = (p->n_rows - 2.0) * slope_q / q + slope_rest;
    return (p->n_rows - 2.0) * log(q) + logs;
}

/* The ratio of the variances; infinite if rows of a patient do not differ about the line. */
static double best_ratio(const problem *p)
{
    double within = 0.0;
    double slope = 0.0;
    double best = 0.0;
    double least = criterion(&slope, &within, p, 0.0);
    const double step = pow(10.0, 0.1);

    for (int k = 0; k < 150; k++) {
        const double l = 1e-6 * pow(10.0, 0.1 * k); /* to 1e9 */
        const double value = criterion(&slope, &within, p, l);
        if (value < least) {
            least = value;
            best = l;
        }
    }
    if (best > 5e8)
        return (double)INFINITY;
    double low = best > 0.0 ? best / step : 0.0;
    double high = best > 0.0 ? best * step : 1e-6;
    (void)criterion(&slope, &within, p, low);
    if (slope >= 0.0)
        return low > 0.0 ? best : 0.0;
    for (int i = 0; i < 100; i++) {
        const double middle = 0.5 * (low + high);
        (void)criterion(&slope, &within, p, middle);
        if (slope < 0.0)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* Parts of a patient's sum of squares across and along the ones, for V^-2. */
static void squared_inverse(double out[3], const sums *s, double within, double d)
{
    const double across = 1.0 / (within * within);
    const double along = 1.0 / (d * d);

    out[0] = along * s->n;
    out[1] = along * s->x;
    out[2] = across * (s->xx - s->x * s->x / s->n) + along * s->x * s->x / s->n;
}

/* Gradient of minus twice the log restricted likelihood by the variances within and between. */
static void gradient(double out[2], const problem *p, double within, double between)
{
    const fit f = fit_for(p, within, between);

    out[0] = out[1] = 0.0;
    for (size_t g = 0; g < p->n_patients; g++) {
        const sums *s = &p->patients[g];
        const double d = within + s->n * between;
        const double ones[2] = {s->n / d, s->x / d};
        double m[3];
        double squares = 0.0;
        double sum = 0.0;
        residuals(&squares, &sum, s, &f);
        squared_inverse(m, s, within, d);
        const double about = squares - sum * sum / s->n;
        out[0] += (s->n - 1.0) / within + 1.0 / d -
                  (m[0] * f.inverse[0] + 2.0 * m[1] * f.inverse[1] + m[2] * f.inverse[2]) -
                  about / (within * within) - sum * sum / (s->n * d * d);
        out[1] += s->n / d - form(f.inverse, ones, ones) - sum * sum / (d * d);
    }
}

/* Satterthwaite: 2 v^2 / var v of v = c' (X' V^-1 X)^-1 c, the covariance of the two variances
 * being twice the inverse of the second derivatives of the criterion. */
static double satterthwaite(const problem *p, double within, double between, const double c[2])
{
    const fit f = fit_for(p, within, between);
    const double u[2] = {f.inverse[0] * c[0] + f.inverse[1] * c[1],
                         f.inverse[1] * c[0] + f.inverse[2] * c[1]};
    const double at[2] = {within, between};
    double slope[2] = {0.0, 0.0};
    double second[2][2];

    for (size_t g = 0; g < p->n_patients; g++) {
        const sums *s = &p->patients[g];
        const double d = within + s->n * between;
        const double ones = (u[0] * s->n + u[1] * s->x) / d;
        double m[3];
        squared_inverse(m, s, within, d);
        slope[0] += form(m, u, u);
        slope[1] += ones * ones;
    }
    for (int k = 0; k < 2; k++) { /* 1e-4: error of 1e-8 by the formula, 1e-12 by rounding */
        const double h = 1e-4 * at[k];
        double up[2];
        double down[2];
        gradient(up, p, within + (k == 0 ? h : 0.0), between + (k == 1 ? h : 0.0));
        gradient(down, p, within - (k == 0 ? h : 0.0), between - (k == 1 ? h : 0.0));
        for (int j = 0; j < 2; j++)
            second[k][j] = (up[j] - down[j]) / (2.0 * h);
    }
    const double m[3] = {second[0][0], 0.5 * (second[0][1] + second[1][0]), second[1][1]};
    double inverse[3];
    invert(inverse, m);
    const double v = form(f.inverse, c, c);
    return 2.0 * v * v / (2.0 * form(inverse, slope, slope));
}

static void set_line(rgq_line *line, const problem *p, const rgq_moments2 *m, double ratio)
{
    double slope = 0.0;
    double within = 0.0;
    const double slope_of[2] = {0.0, 1.0};
    const double intercept_of[2] = {1.0, -m->mean_x};
    double dof[2] = {p->n_rows - 2.0, p->n_rows - 2.0};

    (void)criterion(&slope, &within, p, ratio);
    const double between = ratio * within;
    const fit f = fit_for(p, within, between);
    if (between > 0.0) {
        dof[0] = satterthwaite(p, within, between, intercept_of);
        dof[1] = satterthwaite(p, within, between, slope_of);
    } else {
        line->slope.note = line->intercept.note =
            "no variance between patients is seen: the line of least squares";
    }
    for (int k = 0; k < 2; k++)
        if (!(dof[k] >= 1.0 && dof[k] <= p->n_rows)) {
            dof[k] = fmax(1.0, (double)p->n_patients - 2.0);
            line->slope.note = line->intercept.note =
                "Satterthwaite's degrees of freedom are out of range: patients - 2 instead";
        }
    line->covariance[0] = form(f.inverse, intercept_of, intercept_of);
    line->covariance[1] = form(f.inverse, intercept_of, slope_of);
    line->covariance[2] = form(f.inverse, slope_of, slope_of);
    rgq_stat_by_t(&line->slope, f.b, sqrt(line->covariance[2]), dof[1]);
    rgq_stat_by_t(&line->intercept, m->mean_y + f.a - f.b * m->mean_x,
                  sqrt(line->covariance[0]), dof[0]);
    line->slope.n_clusters = line->intercept.n_clusters = p->n_patients;
    line->slope.interval_by = line->intercept.interval_by = "Satterthwaite's t";
    line->slope.p_by = line->intercept.p_by = "Satterthwaite's t";
    line->sd_within = sqrt(within);
    line->sd_between = sqrt(between);
    line->residual_sd = sqrt(within + between);
}

static void fill_sums(sums *out, const rgq_pairs *pairs, const rgq_clusters *clusters,
                      const rgq_moments2 *m)
{
    for (size_t g = 0; g < clusters->n; g++)
        for (size_t k = clusters->start[g]; k < clusters->start[g + 1]; k++) {
            const double x = pairs->x[clusters->row[k]] - m->mean_x;
            const double y = pairs->y[clusters->row[k]] - m->mean_y;
            sums *const s = &out[g];
            s->n += 1.0;
            s->x += x;
            s->y += y;
            s->xx += x * x;
            s->xy += x * y;
            s->yy += y * y;
        }
}

rgq_status rgq_line_random_intercept(rgq_line *out, const rgq_pairs *pairs,
                                     const rgq_stat_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_clusters clusters = {0, NULL, NULL};
    sums *patients = NULL;

    RGQ_PASS(err, rgq_line_check(pairs, opts, err));
    if (pairs->cluster == NULL)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a random intercept needs to know which rows are of one patient");
    rgq_line line = rgq_line_empty("random intercept", pairs->n, opts);
    RGQ_TRY(err, rgq_clusters_make(&clusters, pairs->cluster, pairs->n, err));
    RGQ_TRY(err, rgq_check_clusters(&clusters, 3, err));
    if (clusters.n == pairs->n) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                       "each of the %zu patients has one row: variance between and within "
                       "patients cannot be told apart",
                       clusters.n);
        goto out;
    }
    RGQ_TRY(err, rgq_alloc(&patients, clusters.n, sizeof *patients, err));
    const rgq_moments2 m = rgq_moments2_of(pairs->x, pairs->y, pairs->n);
    fill_sums(patients, pairs, &clusters, &m);
    const problem p = {patients, clusters.n, (double)pairs->n};
    const double rest = m.yy - m.xy * m.xy / m.xx;
    const double ratio = rest > 1e-14 * m.yy ? best_ratio(&p) : (double)INFINITY;
    if (!isfinite(ratio)) {
        st = RGQ_RAISE(err, RGQ_E_NUMERIC,
                       "the rows of each patient lie on a line without any error: variance "
                       "within patients is 0");
        goto out;
    }
    set_line(&line, &p, &m, ratio);
    *out = line;
out:
    rgq_free(patients);
    rgq_clusters_release(&clusters);
    return st;
}
