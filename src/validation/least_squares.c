#include <math.h>

#include "core/alloc.h"
#include "num/stats.h"
#include "validation/line.h"

#include "core/banned.h"

rgq_moments2 rgq_moments2_of(const double *x, const double *y, size_t n)
{
    rgq_moments2 m = {rgq_mean(x, n), rgq_mean(y, n), 0.0, 0.0, 0.0};

    for (size_t i = 0; i < n; i++) {
        const double dx = x[i] - m.mean_x;
        const double dy = y[i] - m.mean_y;
        m.xx += dx * dx;
        m.xy += dx * dy;
        m.yy += dy * dy;
    }
    return m;
}

rgq_line rgq_line_empty(const char *method, size_t n, const rgq_stat_opts *opts)
{
    const double none = (double)NAN;
    const rgq_stat nothing = rgq_stat_empty(n, opts);

    return (rgq_line){.method = method,
                      .intercept = nothing,
                      .slope = nothing,
                      .naive_intercept = nothing,
                      .naive_slope = nothing,
                      .covariance = {none, none, none},
                      .residual_sd = none,
                      .r_squared = none,
                      .sd_between = none,
                      .sd_within = none,
                      .error_ratio = none};
}

rgq_status rgq_line_check(const rgq_pairs *pairs, const rgq_stat_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, rgq_check_opts(opts, err));
    RGQ_PASS(err, rgq_check_pairs(pairs, 3, "a line", err));
    RGQ_PASS(err, rgq_check_varies(pairs->x, pairs->n, "x", err));
    return RGQ_OK;
}

/* One patient in the sandwich, in the basis (1 / sqrt n, dx / sqrt s_xx) in which X'X is the
 * identity: B = X_g in it. */
typedef struct meat {
    double gram[3];   /* B'B: 11, 12, 22 */
    double score[2];  /* B' (I - B B')^(-1/2) e */
    double weight[3]; /* B' (I - B B')^(-1) B = gram (I - gram)^(-1) */
    double root[3];   /* B' (I - B B')^(-1/2) B */
} meat;

/* The symmetric 2 x 2 matrix with the eigenvalues f, the first eigenvector at `angle`. */
static void from_eigenvalues(double out[3], const double f[2], double angle)
{
    const double c = cos(angle);
    const double s = sin(angle);

    out[0] = f[0] * c * c + f[1] * s * s;
    out[1] = (f[0] - f[1]) * c * s;
    out[2] = f[0] * s * s + f[1] * c * c;
}

/* Eigenvalues of m, and the angle of the first eigenvector. */
static double eigenvalues(double out[2], const double m[3])
{
    const double half = 0.5 * (m[0] + m[2]);
    const double radius = hypot(0.5 * (m[0] - m[2]), m[1]);

    out[0] = half + radius;
    out[1] = half - radius;
    return 0.5 * atan2(2.0 * m[1], m[0] - m[2]);
}

/* False if this patient alone determines one of the parameters. */
static bool correct_patient(meat *out, const double raw[2])
{
    double l[2];
    double f[2];
    const double angle = eigenvalues(l, out->gram);

    if (l[0] > 1.0 - 1e-10)
        return false;
    for (int k = 0; k < 2; k++)
        f[k] = 1.0 / sqrt(1.0 - l[k]);
    double shrink[3]; /* B' (I - B B')^(-1/2) = (I - B'B)^(-1/2) B' */
    from_eigenvalues(shrink, f, angle);
    out->score[0] = shrink[0] * raw[0] + shrink[1] * raw[1];
    out->score[1] = shrink[1] * raw[0] + shrink[2] * raw[1];
    for (int k = 0; k < 2; k++)
        f[k] = fmax(l[k], 0.0) / sqrt(1.0 - l[k]);
    from_eigenvalues(out->root, f, angle);
    for (int k = 0; k < 2; k++)
        f[k] = fmax(l[k], 0.0) / (1.0 - l[k]);
    from_eigenvalues(out->weight, f, angle);
    return true;
}

typedef struct sandwich {
    const rgq_pairs *pairs;
    const rgq_clusters *clusters;
    rgq_moments2 m;
    double intercept, slope;
    meat *patients;
} sandwich;

static rgq_status fill_patients(sandwich *s, rgq_error *err)
{
    const double root_n = sqrt((double)s->pairs->n);
    const double root_xx = sqrt(s->m.xx);

    for (size_t g = 0; g < s->clusters->n; g++) {
        meat *p = &s->patients[g];
        double raw[2] = {0.0, 0.0};
        for (size_t k = s->clusters->start[g]; k < s->clusters->start[g + 1]; k++) {
            const size_t i = s->clusters->row[k];
            const double b[2] = {1.0 / root_n, (s->pairs->x[i] - s->m.mean_x) / root_xx};
            const double e =
                s->pairs->y[i] - s->m.mean_y - s->slope * (s->pairs->x[i] - s->m.mean_x);
            p->gram[0] += b[0] * b[0];
            p->gram[1] += b[0] * b[1];
            p->gram[2] += b[1] * b[1];
            raw[0] += b[0] * e;
            raw[1] += b[1] * e;
        }
        if (!correct_patient(p, raw))
            return RGQ_RAISE(err, RGQ_E_NUMERIC,
                             "patient %zu of %zu alone determines the line: without that one x "
                             "is constant, and no error over patients can be given",
                             g + 1, s->clusters->n);
    }
    return RGQ_OK;
}

/* Variance of c'b and Satterthwaite's degrees of freedom: the estimator is a sum of squares
 * (v_g'e)^2, and under independent errors v_g'v_h is d_gh c'W_g c - (R_g c)'(R_h c). */
static void variance_of(double *variance, double *dof, const sandwich *s, const double c[2])
{
    double trace = 0.0;
    double squares = 0.0;

    *variance = 0.0;
    for (size_t g = 0; g < s->clusters->n; g++) {
        const meat *p = &s->patients[g];
        const double along = c[0] * p->score[0] + c[1] * p->score[1];
        const double own = c[0] * c[0] * p->weight[0] + 2.0 * c[0] * c[1] * p->weight[1] +
                           c[1] * c[1] * p->weight[2];
        const double u[2] = {p->root[0] * c[0] + p->root[1] * c[1],
                             p->root[1] * c[0] + p->root[2] * c[1]};
        *variance += along * along;
        trace += own - u[0] * u[0] - u[1] * u[1];
        for (size_t h = 0; h < s->clusters->n; h++) {
            const meat *q = &s->patients[h];
            const double v[2] = {q->root[0] * c[0] + q->root[1] * c[1],
                                 q->root[1] * c[0] + q->root[2] * c[1]};
            const double product = (g == h ? own : 0.0) - u[0] * v[0] - u[1] * v[1];
            squares += product * product;
        }
    }
    *dof = trace * trace / squares;
}

static rgq_status cluster_errors(rgq_line *line, const rgq_pairs *pairs, const rgq_moments2 *m,
                                 rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_clusters clusters = {0, NULL, NULL};
    sandwich s = {.pairs = pairs, .clusters = &clusters, .m = *m};
    const double root_n = sqrt((double)pairs->n);
    const double root_xx = sqrt(m->xx);
    const double slope_of[2] = {0.0, 1.0 / root_xx};
    const double intercept_of[2] = {1.0 / root_n, -m->mean_x / root_xx};
    double variance = 0.0;
    double dof = 0.0;

    RGQ_TRY(err, rgq_clusters_make(&clusters, pairs->cluster, pairs->n, err));
    RGQ_TRY(err, rgq_check_clusters(&clusters, 3, err));
    RGQ_TRY(err, rgq_alloc(&s.patients, clusters.n, sizeof *s.patients, err));
    s.intercept = line->intercept.value;
    s.slope = line->slope.value;
    RGQ_TRY(err, fill_patients(&s, err));
    variance_of(&variance, &dof, &s, slope_of);
    rgq_stat_by_t(&line->slope, s.slope, sqrt(variance), dof);
    line->covariance[2] = variance;
    variance_of(&variance, &dof, &s, intercept_of);
    rgq_stat_by_t(&line->intercept, s.intercept, sqrt(variance), dof);
    line->covariance[0] = variance;
    line->covariance[1] = 0.0;
    for (size_t g = 0; g < clusters.n; g++) {
        const double *score = s.patients[g].score;
        line->covariance[1] +=
            slope_of[1] * score[1] * (intercept_of[0] * score[0] + intercept_of[1] * score[1]);
    }
    line->slope.n_clusters = line->intercept.n_clusters = clusters.n;
    line->slope.interval_by = line->intercept.interval_by =
        "sandwich over patients (CR2), Satterthwaite's t";
out:
    rgq_free(s.patients);
    rgq_clusters_release(&clusters);
    return st;
}

rgq_status rgq_line_least_squares(rgq_line *out, const rgq_pairs *pairs,
                                  const rgq_stat_opts *opts, rgq_error *err)
{
    RGQ_PASS(err, rgq_line_check(pairs, opts, err));
    rgq_line line = rgq_line_empty("least squares", pairs->n, opts);
    const double n = (double)pairs->n;
    const rgq_moments2 m = rgq_moments2_of(pairs->x, pairs->y, pairs->n);
    const double slope = m.xy / m.xx;
    double rest = 0.0;

    for (size_t i = 0; i < pairs->n; i++) {
        const double e = pairs->y[i] - m.mean_y - slope * (pairs->x[i] - m.mean_x);
        rest += e * e;
    }
    const double variance = rest / (n - 2.0);
    line.residual_sd = sqrt(variance);
    line.r_squared = m.yy > 0.0 ? 1.0 - rest / m.yy : (double)NAN;
    line.covariance[0] = variance * (1.0 / n + m.mean_x * m.mean_x / m.xx);
    line.covariance[1] = -variance * m.mean_x / m.xx;
    line.covariance[2] = variance / m.xx;
    rgq_stat_by_t(&line.naive_slope, slope, sqrt(line.covariance[2]), n - 2.0);
    rgq_stat_by_t(&line.naive_intercept, m.mean_y - slope * m.mean_x, sqrt(line.covariance[0]),
                  n - 2.0);
    line.naive_slope.interval_by = line.naive_intercept.interval_by = "Student's t(n - 2)";
    line.naive_slope.p_by = line.naive_intercept.p_by = "Student's t";
    line.slope = line.naive_slope;
    line.intercept = line.naive_intercept;
    if (pairs->cluster != NULL)
        RGQ_PASS(err, cluster_errors(&line, pairs, &m, err));
    *out = line;
    return RGQ_OK;
}

rgq_status rgq_line_prediction_error(rgq_prediction_error *out, const rgq_pairs *pairs,
                                     rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_clusters clusters = {0, NULL, NULL};
    double *others = NULL;
    double squares = 0.0;
    double absolute = 0.0;
    double sum = 0.0;
    double about_mean = 0.0;

    RGQ_TRY(err, rgq_check_pairs(pairs, 3, "a line", err));
    RGQ_TRY(err, rgq_clusters_make(&clusters, pairs->cluster, pairs->n, err));
    RGQ_TRY(err, rgq_check_clusters(&clusters, 3, err));
    RGQ_TRY(err, rgq_alloc(&others, 2 * pairs->n, sizeof *others, err));
    for (size_t g = 0; g < clusters.n; g++) {
        size_t n = 0;
        for (size_t k = 0; k < pairs->n; k++) {
            if (k >= clusters.start[g] && k < clusters.start[g + 1])
                continue;
            others[n] = pairs->x[clusters.row[k]];
            others[pairs->n + n++] = pairs->y[clusters.row[k]];
        }
        const rgq_moments2 m = rgq_moments2_of(others, others + pairs->n, n);
        if (n < 2 || !(m.xx > 0.0)) {
            st = RGQ_RAISE(err, RGQ_E_NUMERIC,
                           "without patient %zu of %zu x is constant: no line to predict with",
                           g + 1, clusters.n);
            goto out;
        }
        for (size_t k = clusters.start[g]; k < clusters.start[g + 1]; k++) {
            const double y = pairs->y[clusters.row[k]];
            const double error =
                m.mean_y + m.xy / m.xx * (pairs->x[clusters.row[k]] - m.mean_x) - y;
            squares += error * error;
            absolute += fabs(error);
            sum += error;
            about_mean += (y - m.mean_y) * (y - m.mean_y);
        }
    }
    const double n = (double)pairs->n;
    *out = (rgq_prediction_error){
        sqrt(squares / n), absolute / n,
        sum / n,           about_mean > 0.0 ? 1.0 - squares / about_mean : (double)NAN,
        pairs->n,          clusters.n};
out:
    rgq_free(others);
    rgq_clusters_release(&clusters);
    return st;
}
