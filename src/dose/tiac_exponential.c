#include "dose/tiac_exponential.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/fit.h"

enum { GRID = 24, SPARSE = 4, COLUMNS = GRID + 1, P = RGQ_TIAC_PARAMETERS_MAX };

/* Of the spread of the points: below it residuals are rounding, and models that leave no more
 * are equally good. */
static const double ROUNDING = 1e-9;
/* A rate nearer to the physical one than this part of it is held there. */
static const double AT_BOUND = 1e-7;

typedef struct work {
    const rgq_tiac_shape *shape;
    const rgq_tiac_points *points;
    double physical;
    double scale;  /* largest activity */
    double excess; /* largest l - lp of the grid */
    double rate[COLUMNS];
    double *root;   /* sqrt of the weights; residuals are in units of `scale` without sd */
    double *column; /* COLUMNS x n: root * exp(-rate t); the last is the physical one */
    double *basis;  /* terms x n, at the rates that are tried */
    double gram[COLUMNS * COLUMNS];
    double right[COLUMNS];
    double best; /* sum of squares explained by the start */
    double start[P];
    double left; /* least sum of squares so far */
} work;

static double dot(const double *a, const double *b, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* ---- where to begin: the best of a grid of rates ---- */

static void fill_grid(work *w)
{
    const rgq_tiac_points *p = w->points;
    double gap = p->time_h[p->n - 1];

    for (int i = 0; i < p->n; i++) {
        const double from = i > 0 ? p->time_h[i - 1] : 0.0;
        if (p->time_h[i] > from)
            gap = fmin(gap, p->time_h[i] - from);
    }
    w->excess = fmax(gap > 0.0 ? 10.0 / gap : 0.0, 10.0 * w->physical);
    const double least = 1e-3 * w->physical;
    for (int g = 0; g < GRID; g++)
        w->rate[g] = w->physical + least * pow(w->excess / least, (double)g / (GRID - 1));
    w->rate[GRID] = w->physical;
    for (int g = 0; g < COLUMNS; g++)
        for (int i = 0; i < p->n; i++)
            w->column[g * p->n + i] = w->root[i] * exp(-w->rate[g] * p->time_h[i]);
}

/* Least squares with amplitudes >= 0 of m <= 3 columns: the best of all subsets that has them.
 * Gives the sum of squares explained. */
static double amplitudes(double *out, const double *gram, const double *right, int m)
{
    double best = 0.0;

    memset(out, 0, (size_t)m * sizeof *out);
    for (int set = 1; set < 1 << m; set++) {
        int at[RGQ_TIAC_TERMS_MAX];
        int k = 0;
        double a[9];
        double b[3];
        double explained = 0.0;
        bool sound = true;
        for (int j = 0; j < m; j++)
            if ((set >> j & 1) != 0)
                at[k++] = j;
        for (int i = 0; i < k; i++) {
            b[i] = right[at[i]];
            for (int j = 0; j < k; j++)
                a[i * k + j] = gram[at[i] * m + at[j]];
        }
        if (!rgq_cholesky_solve(a, k, b, 1))
            continue;
        for (int i = 0; i < k; i++) {
            sound = sound && b[i] >= 0.0;
            explained += b[i] * right[at[i]];
        }
        if (!sound || !(explained > best))
            continue;
        best = explained;
        memset(out, 0, (size_t)m * sizeof *out);
        for (int i = 0; i < k; i++)
            out[at[i]] = b[i];
    }
    return best;
}

/* Columns of the grid as a sum of exponentials; faster phases first. */
static void try_sum(work *w, const int *at)
{
    const rgq_tiac_shape *shape = w->shape;
    const int m = shape->n_terms;
    double gram[9] = {0.0};
    double right[3] = {0.0};
    double a[3];

    for (int i = 0; i < m; i++) {
        right[i] = w->right[at[i]];
        for (int j = 0; j < m; j++)
            gram[i * m + j] = w->gram[at[i] * COLUMNS + at[j]];
    }
    const double explained = amplitudes(a, gram, right, m);
    if (!(explained > w->best))
        return;
    w->best = explained;
    for (int i = 0, p = 0; i < m; p += rgq_tiac_term_width(shape->term[i++])) {
        w->start[p] = a[i];
        if (shape->term[i] == RGQ_TERM_FREE)
            w->start[p + 1] = w->rate[at[i]];
    }
}

static void search_sums(work *w)
{
    const int n = w->points->n;
    const int free_terms = w->shape->n_rates;
    int at[3] = {GRID, GRID, GRID};

    for (int i = 0; i < COLUMNS; i++) {
        w->right[i] = 0.0;
        for (int k = 0; k < n; k++)
            w->right[i] += w->column[i * n + k] * w->root[k] * w->points->activity_mbq[k];
        for (int j = 0; j < COLUMNS; j++)
            w->gram[i * COLUMNS + j] =
                dot(w->column + (size_t)i * (size_t)n, w->column + (size_t)j * (size_t)n, n);
    }
    for (at[0] = GRID - 1; at[0] >= 0; at[0]--) {
        if (free_terms == 1) {
            try_sum(w, at);
            continue;
        }
        for (at[1] = at[0] - 1; at[1] >= 0; at[1]--) {
            if (free_terms == 2) {
                try_sum(w, at);
                continue;
            }
            for (at[2] = at[1] - 1; at[2] >= 0; at[2]--)
                try_sum(w, at);
        }
    }
}

static void search_uptake(work *w)
{
    const rgq_tiac_points *p = w->points;

    for (int g = 0; g < GRID; g++)
        for (int u = 0; u < GRID; u++) {
            const double k = w->rate[u];
            double own = 0.0;
            double right = 0.0;
            for (int i = 0; i < p->n; i++) {
                const double c = w->column[g * p->n + i] * -expm1(-k * p->time_h[i]);
                own += c * c;
                right += c * w->root[i] * p->activity_mbq[i];
            }
            if (!(own > 0.0) || !(right * right / own > w->best))
                continue;
            w->best = right * right / own;
            w->start[0] = right / own;
            w->start[1] = w->rate[g];
            w->start[2] = k;
        }
}

/* ---- the fit ---- */

/* Which kind parameter j is: amplitude 'A', rate 'l', rate of uptake 'k'. */
static char kind_of(const rgq_tiac_shape *shape, int j)
{
    for (int i = 0; i < shape->n_terms; i++) {
        const int width = rgq_tiac_term_width(shape->term[i]);
        if (j < width)
            return "Alk"[j];
        j -= width;
    }
    return 'A';
}

/* Rates of x put into q; amplitudes are left. */
static void put_rates(double *q, const double *x, const work *w)
{
    for (int j = 0, r = 0; j < w->shape->n_parameters; j++) {
        const char kind = kind_of(w->shape, j);
        if (kind != 'A')
            q[j] = (kind == 'l' ? w->physical : 0.0) + exp(x[r++]);
    }
}

/* For the rates of q the amplitudes that are least squares; the columns are left in w->basis.
 */
static void put_amplitudes(double *q, work *w)
{
    const rgq_tiac_shape *shape = w->shape;
    const rgq_tiac_points *p = w->points;
    const int m = shape->n_terms;
    double slope[P];
    double gram[9] = {0.0};
    double right[3] = {0.0};
    double a[3];

    for (int i = 0, at = 0; i < m; at += rgq_tiac_term_width(shape->term[i++]))
        q[at] = 1.0;
    for (int k = 0; k < p->n; k++) {
        (void)rgq_tiac_value(slope, shape, q, p->time_h[k], w->physical);
        for (int i = 0, at = 0; i < m; at += rgq_tiac_term_width(shape->term[i++]))
            w->basis[i * p->n + k] = w->root[k] * slope[at];
    }
    for (int i = 0; i < m; i++) {
        right[i] = 0.0;
        for (int k = 0; k < p->n; k++)
            right[i] += w->basis[i * p->n + k] * w->root[k] * p->activity_mbq[k];
        for (int j = 0; j < m; j++)
            gram[i * m + j] = dot(w->basis + (size_t)i * (size_t)p->n,
                                  w->basis + (size_t)j * (size_t)p->n, p->n);
    }
    (void)amplitudes(a, gram, right, m);
    for (int i = 0, at = 0; i < m; at += rgq_tiac_term_width(shape->term[i++]))
        q[at] = a[i];
}

/* Variable projection: the residuals that the best amplitudes leave. */
static void residuals(double *out, const double *x, void *user)
{
    work *w = user;
    const int n = w->points->n;
    double q[P];

    put_rates(q, x, w);
    put_amplitudes(q, w);
    for (int k = 0; k < n; k++) {
        out[k] = -w->root[k] * w->points->activity_mbq[k];
        for (int i = 0, at = 0; i < w->shape->n_terms;
             at += rgq_tiac_term_width(w->shape->term[i++]))
            out[k] += q[at] * w->basis[i * n + k];
    }
}

/* From the rates of w->start, if that leaves less than w->left. */
static rgq_status refine(double *q, bool *converged, work *w, rgq_error *err)
{
    double x[P];
    double lo[P];
    double hi[P];
    double step[P];
    rgq_fit_report report;
    const double least = 1e-12 * w->physical;
    int r = 0;

    for (int j = 0; j < w->shape->n_parameters; j++) {
        const char kind = kind_of(w->shape, j);
        if (kind == 'A')
            continue;
        step[r] = 1e-6;
        lo[r] = kind == 'l' ? log(least) : log(1e-3 / w->points->time_h[w->points->n - 1]);
        hi[r] = log(w->excess);
        x[r] = kind == 'l' ? log(fmax(w->start[j] - w->physical, least)) : log(w->start[j]);
        x[r] = fmin(fmax(x[r], lo[r]), hi[r]);
        r++;
    }
    const rgq_fit_problem problem = {.n = (size_t)w->points->n,
                                     .p = r,
                                     .residuals = residuals,
                                     .user = w,
                                     .lo = lo,
                                     .hi = hi,
                                     .step = step};
    RGQ_PASS(err, rgq_fit_least_squares(x, &report, &problem, err));
    if (!(report.rss < w->left))
        return RGQ_OK;
    w->left = report.rss;
    *converged = report.converged;
    put_rates(q, x, w);
    put_amplitudes(q, w);
    return RGQ_OK;
}

/* Where an amplitude is 0 its rate has no slope, so a search can end beside the best: every
 * SPARSE-th rate of the grid is begun from as well, in all combinations. */
static rgq_status refine_from_all(double *q, bool *converged, work *w, rgq_error *err)
{
    const int m = w->shape->n_rates;
    int at[3] = {0};

    w->left = (double)INFINITY;
    RGQ_PASS(err, refine(q, converged, w, err));
    if (w->shape->n_terms == 1)
        return RGQ_OK;
    for (at[0] = 0; at[0] < GRID; at[0] += SPARSE)
        for (at[1] = 0; at[1] < (m > 1 ? at[0] : 1); at[1] += SPARSE)
            for (at[2] = 0; at[2] < (m > 2 ? at[1] : 1); at[2] += SPARSE) {
                for (int i = 0; i < m; i++)
                    w->start[2 * i + 1] = w->rate[at[i]];
                RGQ_PASS(err, refine(q, converged, w, err));
            }
    return RGQ_OK;
}

/* Faster phases first, whatever the fit made of them. */
static void sort_phases(double *q, const rgq_tiac_shape *shape)
{
    if (shape->model != RGQ_TIAC_BI && shape->model != RGQ_TIAC_TRI)
        return;
    for (int i = 0; i < shape->n_terms; i++)
        for (int j = 0; j + 1 < shape->n_terms; j++)
            if (q[2 * j + 1] < q[2 * j + 3])
                for (int k = 0; k < 2; k++) {
                    const double swap = q[2 * j + k];
                    q[2 * j + k] = q[2 * j + 2 + k];
                    q[2 * j + 2 + k] = swap;
                }
}

/* ---- what the points determine ---- */

/* Parameters at a bound are held there; a term without amplitude has no rates either. */
static int list_free(int *at, const double *q, const work *w)
{
    const rgq_tiac_shape *shape = w->shape;
    int n = 0;

    for (int i = 0, p = 0; i < shape->n_terms; p += rgq_tiac_term_width(shape->term[i++])) {
        if (!(q[p] > ROUNDING * w->scale))
            continue;
        at[n++] = p;
        if (shape->term[i] != RGQ_TERM_PHYSICAL &&
            q[p + 1] - w->physical > AT_BOUND * w->physical)
            at[n++] = p + 1;
        if (shape->term[i] == RGQ_TERM_UPTAKE && q[p + 2] < 0.99 * w->excess)
            at[n++] = p + 2;
    }
    return n;
}

/* (J'WJ)^-1 of the free parameters; false where the points do not determine them. */
static bool invert_normal(double *inverse, const int *at, int m, const double *q, const work *w)
{
    double normal[P * P] = {0.0};
    double size[P];
    double slope[P];

    for (int i = 0; i < w->points->n; i++) {
        (void)rgq_tiac_value(slope, w->shape, q, w->points->time_h[i], w->physical);
        for (int a = 0; a < m; a++)
            for (int b = 0; b < m; b++)
                normal[a * m + b] += w->root[i] * w->root[i] * slope[at[a]] * slope[at[b]];
    }
    for (int a = 0; a < m; a++) {
        size[a] = sqrt(normal[a * m + a]);
        if (!(size[a] > 0.0) || !isfinite(size[a]))
            return false;
    }
    for (int a = 0; a < m; a++)
        for (int b = 0; b < m; b++) {
            normal[a * m + b] /= size[a] * size[b];
            inverse[a * m + b] = a == b ? 1.0 : 0.0;
        }
    if (!rgq_cholesky_solve(normal, m, inverse, m))
        return false;
    for (int a = 0; a < m; a++)
        if (!(inverse[a * m + a] < 1e13))
            return false;
    for (int a = 0; a < m; a++)
        for (int b = 0; b < m; b++)
            inverse[a * m + b] /= size[a] * size[b];
    return true;
}

static void find_covariance(rgq_tiac_candidate *out, const work *w)
{
    const int p = out->n_parameters;
    const int dof = w->points->n - p;
    const double per_dof = dof > 0 ? out->rss / dof : (double)NAN;
    const double factor = w->points->sd_mbq == NULL ? per_dof
                          : dof > 0                 ? fmax(1.0, per_dof)
                                                    : 1.0;
    int at[P];
    double inverse[P * P];
    double slope[P];
    double variance = 0.0;

    const int m = list_free(at, out->parameter, w);
    out->determined = m == 0 || invert_normal(inverse, at, m, out->parameter, w);
    if (!out->determined || !isfinite(factor))
        return;
    memset(out->covariance, 0, sizeof out->covariance);
    (void)rgq_tiac_integral(slope, w->shape, out->parameter, 0.0, w->physical);
    for (int a = 0; a < m; a++)
        for (int b = 0; b < m; b++) {
            const double v = factor * inverse[a * m + b];
            out->covariance[at[a] * p + at[b]] = v;
            variance += slope[at[a]] * v * slope[at[b]];
        }
    out->sd_mbq_h = sqrt(fmax(variance, 0.0));
}

static double find_aicc(double rss, double spread, int n, int p)
{
    const int k = p + 1;

    if (n < p + 3)
        return (double)NAN;
    return n * log(fmax(rss, ROUNDING * ROUNDING * spread) / n) + 2.0 * k +
           2.0 * k * (k + 1.0) / (n - k - 1.0);
}

static void describe(rgq_tiac_candidate *out, const work *w)
{
    const rgq_tiac_points *p = w->points;
    double spread = 0.0;

    out->fitted = true;
    out->rss = 0.0;
    for (int i = 0; i < p->n; i++) {
        const double y = w->root[i] * p->activity_mbq[i];
        const double r = y - w->root[i] * rgq_tiac_value(NULL, w->shape, out->parameter,
                                                         p->time_h[i], w->physical);
        out->rss += r * r;
        spread += y * y;
    }
    out->tiac_mbq_h = rgq_tiac_integral(NULL, w->shape, out->parameter, 0.0, w->physical);
    out->tail_fraction =
        rgq_tiac_integral(NULL, w->shape, out->parameter, p->time_h[p->n - 1], w->physical) /
        out->tiac_mbq_h;
    out->aicc = find_aicc(out->rss, spread, p->n, out->n_parameters);
    find_covariance(out, w);
    if (!out->determined)
        (void)snprintf(out->why_not, sizeof out->why_not,
                       "the points do not determine its parameters");
}

rgq_tiac_candidate rgq_tiac_blank(rgq_tiac_model model, int n_parameters)
{
    rgq_tiac_candidate c = {.model = model,
                            .n_parameters = n_parameters,
                            .rss = (double)NAN,
                            .tiac_mbq_h = (double)NAN,
                            .sd_mbq_h = (double)NAN,
                            .tail_fraction = (double)NAN,
                            .aicc = (double)NAN};

    for (int i = 0; i < P; i++)
        c.parameter[i] = (double)NAN;
    for (int i = 0; i < P * P; i++)
        c.covariance[i] = (double)NAN;
    return c;
}

static rgq_status fit(rgq_tiac_candidate *out, work *w, rgq_error *err)
{
    const rgq_tiac_points *p = w->points;
    bool converged = false;

    for (int i = 0; i < p->n; i++) {
        w->scale = fmax(w->scale, p->activity_mbq[i]);
        w->root[i] = p->sd_mbq != NULL ? 1.0 / p->sd_mbq[i] : 1.0;
    }
    fill_grid(w);
    if (w->shape->model == RGQ_TIAC_UPTAKE)
        search_uptake(w);
    else
        search_sums(w);
    if (!(w->best > 0.0)) {
        (void)snprintf(out->why_not, sizeof out->why_not, "no start that explains the points");
        return RGQ_OK;
    }
    RGQ_PASS(err, refine_from_all(out->parameter, &converged, w, err));
    sort_phases(out->parameter, w->shape);
    describe(out, w);
    if (!converged && out->determined) /* a long flat valley: the best of 200 steps */
        (void)snprintf(out->why_not, sizeof out->why_not, "still gained after 200 steps");
    return RGQ_OK;
}

rgq_status rgq_tiac_fit_shape(rgq_tiac_candidate *out, const rgq_tiac_shape *shape,
                              const rgq_tiac_points *points, double physical, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    work *w = NULL;
    double *memory = NULL;

    *out = rgq_tiac_blank(shape->model, shape->n_parameters);
    if (points->n < shape->n_parameters) {
        (void)snprintf(out->why_not, sizeof out->why_not, "%d point%s for %d parameters",
                       points->n, points->n == 1 ? "" : "s", shape->n_parameters);
        return RGQ_OK;
    }
    RGQ_TRY(err, rgq_alloc(&w, 1, sizeof *w, err));
    RGQ_TRY(err, rgq_alloc(&memory, (size_t)points->n,
                           (COLUMNS + 1 + RGQ_TIAC_TERMS_MAX) * sizeof *memory, err));
    w->shape = shape;
    w->points = points;
    w->physical = physical;
    w->root = memory;
    w->column = memory + points->n;
    w->basis = w->column + (size_t)COLUMNS * (size_t)points->n;
    RGQ_TRY(err, fit(out, w, err));
out:
    rgq_free(memory);
    rgq_free(w);
    return st;
}
