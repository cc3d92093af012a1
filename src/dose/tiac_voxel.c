/* Every voxel fitted anew: variable projection for LANES voxels side by side. Amplitudes follow
 * from the rates by linear least squares with A >= 0, so only the rates are searched. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "dose/tiac_check.h"
#include "dose/tiac_simple.h"
#include "num/clones.h"

enum { LANES = 16, GRID = 24, STEPS_MAX = 60 };

static const double LN2 = 0.69314718055994530942;

#define RGQ_LANES  _Pragma("omp simd") for (int v = 0; v < LANES; v++)
#define RGQ_INLINE static inline __attribute__((always_inline))

/* What all voxels share. */
typedef struct shared {
    const rgq_tiac_frames *frames;
    int n_rates; /* 1 or 2 */
    double physical;
    double least, most; /* of ln(l - lp) */
    double rate[GRID];
    double excess[GRID]; /* ln(rate - lp) */
    double gram[GRID * GRID];
    double *exponential; /* GRID x n */
} shared;

/* A group of voxels while it is fitted. Sums are over the frames: e are the exponentials, t e
 * their derivatives. */
typedef struct group {
    double y[RGQ_TIAC_FRAMES_MAX][LANES];
    double residual[RGQ_TIAC_FRAMES_MAX][LANES];
    double scale[LANES];
    double yy[LANES];
    double x[2][LANES]; /* ln(l - lp), the best so far */
    double trial[2][LANES];
    double a[2][LANES];      /* amplitudes at x */
    double slope[2][LANES];  /* -1/2 of the gradient of the sum of squares */
    double normal[3][LANES]; /* 00 01 11, amplitudes projected out */
    double rss[LANES];
    double damping[LANES];
    double open[LANES]; /* 1 while the lane moves, else 0 */
} group;

/* fmin() and fmax() keep a NaN away, which costs them a vector instruction. */
RGQ_INLINE double least_of(double a, double b)
{
    return a < b ? a : b;
}

RGQ_INLINE double most_of(double a, double b)
{
    return a > b ? a : b;
}

/* exp(x) for -700 <= x <= 700, to some 2e-16, without a branch or a table: what a compiler
 * turns into vector code. */
RGQ_INLINE double exp_lane(double x)
{
    const double shift = 0x1.8p52;
    const double shifted = x * 1.44269504088896340736 + shift;
    const double n = shifted - shift;
    const double r = (x - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33;
    double p = 1.0 / 6227020800.0;
    uint64_t bits = 0;
    double power = 0.0;

    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits << 52) + 0x3ff0000000000000U;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

/* Sums of the frames at the rates of `x`. */
typedef struct sums {
    double ee[3][LANES]; /* 00 01 11 */
    double ey[2][LANES];
    double te[4][LANES]; /* t e_i e_j: 00 01 10 11 */
    double tt[3][LANES]; /* t^2 e_i e_j */
    double ty[2][LANES];
} sums;

RGQ_INLINE void add_frames(sums *s, const shared *w, const group *g, double x[2][LANES])
{
    double rate[2][LANES];

    memset(s, 0, sizeof *s);
    for (int j = 0; j < 2; j++)
        RGQ_LANES rate[j][v] = w->physical + exp_lane(x[j][v]);
    for (int k = 0; k < w->frames->n; k++) {
        const double t = w->frames->time_h[k];
        const double *y = g->y[k];
        RGQ_LANES
        {
            const double e0 = exp_lane(most_of(-rate[0][v] * t, -700.0));
            const double e1 = exp_lane(most_of(-rate[1][v] * t, -700.0));
            const double d0 = t * e0;
            const double d1 = t * e1;
            s->ee[0][v] += e0 * e0;
            s->ee[1][v] += e0 * e1;
            s->ee[2][v] += e1 * e1;
            s->ey[0][v] += e0 * y[v];
            s->ey[1][v] += e1 * y[v];
            s->te[0][v] += d0 * e0;
            s->te[1][v] += d0 * e1;
            s->te[3][v] += d1 * e1;
            s->tt[0][v] += d0 * d0;
            s->tt[1][v] += d0 * d1;
            s->tt[2][v] += d1 * d1;
            s->ty[0][v] += d0 * y[v];
            s->ty[1][v] += d1 * y[v];
        }
    }
    RGQ_LANES s->te[2][v] = s->te[1][v]; /* t e1 e0 = t e0 e1 */
}

/* Amplitudes >= 0 of two columns; what they explain of the sum of squares. */
RGQ_INLINE double amplitudes(double *a0, double *a1, double g00, double g01, double g11,
                             double b0, double b1)
{
    const double det = g00 * g11 - g01 * g01;
    const double usable = det > 1e-13 * g00 * g11 ? 1.0 / det : 0.0;
    const double both0 = (b0 * g11 - b1 * g01) * usable;
    const double both1 = (b1 * g00 - b0 * g01) * usable;
    const double only0 = g00 > 0.0 ? most_of(b0, 0.0) / g00 : 0.0;
    const double only1 = g11 > 0.0 ? most_of(b1, 0.0) / g11 : 0.0;
    const int two = (both0 > 0.0) & (both1 > 0.0);
    const int first = only0 * b0 >= only1 * b1;

    *a0 = two ? both0 : first ? only0 : 0.0;
    *a1 = two ? both1 : first ? 0.0 : only1;
    return *a0 * b0 + *a1 * b1;
}

/* Take the trial where it is no worse: its amplitudes, its normal matrix and gradient with the
 * amplitudes projected out. */
RGQ_INLINE void judge(group *g, const shared *w, const sums *s, int first_time)
{
    const double second = w->n_rates == 2 ? 1.0 : 0.0;

    RGQ_LANES
    {
        double a0 = 0.0;
        double a1 = 0.0;
        const double explained = amplitudes(&a0, &a1, s->ee[0][v], s->ee[1][v] * second,
                                            s->ee[2][v], s->ey[0][v], s->ey[1][v] * second);
        const double rss = most_of(g->yy[v] - explained, 0.0);
        /* derivatives of the model by x are -u t e */
        const double u0 = a0 * exp_lane(g->trial[0][v]);
        const double u1 = a1 * exp_lane(g->trial[1][v]);
        const double slope0 = -u0 * (s->ty[0][v] - a0 * s->te[0][v] - a1 * s->te[1][v]);
        const double slope1 = -u1 * (s->ty[1][v] - a0 * s->te[2][v] - a1 * s->te[3][v]);
        /* inverse of the normal matrix of the amplitudes that are not held at 0 */
        const double on0 = a0 > 0.0 ? 1.0 : 0.0;
        const double on1 = a1 > 0.0 ? 1.0 : 0.0;
        const double e00 = on0 * s->ee[0][v] + (1.0 - on0);
        const double e11 = on1 * s->ee[2][v] + (1.0 - on1);
        const double e01 = on0 * on1 * s->ee[1][v];
        const double det = e00 * e11 - e01 * e01;
        const double i00 = e11 / det;
        const double i11 = e00 / det;
        const double i01 = -e01 / det;
        const double p00 = on0 * s->te[0][v];
        const double p01 = on1 * s->te[1][v];
        const double p10 = on0 * s->te[2][v];
        const double p11 = on1 * s->te[3][v];
        const double n00 =
            u0 * u0 *
            (s->tt[0][v] - p00 * (i00 * p00 + i01 * p01) - p01 * (i01 * p00 + i11 * p01));
        const double n01 =
            u0 * u1 *
            (s->tt[1][v] - p00 * (i00 * p10 + i01 * p11) - p01 * (i01 * p10 + i11 * p11));
        const double n11 =
            u1 * u1 *
            (s->tt[2][v] - p10 * (i00 * p10 + i01 * p11) - p11 * (i01 * p10 + i11 * p11));
        const int better = first_time | (rss <= g->rss[v]);
        const int open = g->open[v] > 0.0;
        const int taken = better & open;
        const double gained = g->rss[v] - rss;
        const int later = !first_time;
        const int worse = !better;
        const int ends = later & taken & (gained <= 1e-7 * g->rss[v]);
        const int stuck = later & open & worse & (g->damping[v] > 1e8);

        g->open[v] = (ends | stuck | (rss <= 1e-15 * g->yy[v])) ? 0.0 : g->open[v];
        g->damping[v] = taken ? most_of(0.1 * g->damping[v], 1e-9) : 10.0 * g->damping[v];
        g->rss[v] = taken ? rss : g->rss[v];
        g->x[0][v] = taken ? g->trial[0][v] : g->x[0][v];
        g->x[1][v] = taken ? g->trial[1][v] : g->x[1][v];
        g->a[0][v] = taken ? a0 : g->a[0][v];
        g->a[1][v] = taken ? a1 : g->a[1][v];
        g->slope[0][v] = taken ? slope0 : g->slope[0][v];
        g->slope[1][v] = taken ? slope1 : g->slope[1][v];
        g->normal[0][v] = taken ? n00 : g->normal[0][v];
        g->normal[1][v] = taken ? n01 : g->normal[1][v];
        g->normal[2][v] = taken ? n11 : g->normal[2][v];
    }
}

/* The next trial: a damped step, at most 3 in ln(l - lp), within the bounds. */
RGQ_INLINE void propose(group *g, const shared *w)
{
    RGQ_LANES
    {
        const double d = 1.0 + g->damping[v];
        const double n00 = g->normal[0][v] > 0.0 ? g->normal[0][v] * d : 1.0;
        const double n11 = g->normal[2][v] > 0.0 ? g->normal[2][v] * d : 1.0;
        const double n01 = g->normal[1][v];
        const double det = most_of(n00 * n11 - n01 * n01, 1e-12 * n00 * n11);
        const double s0 = (g->slope[0][v] * n11 - g->slope[1][v] * n01) / det;
        const double s1 = (g->slope[1][v] * n00 - g->slope[0][v] * n01) / det;
        const double x0 = g->x[0][v] + least_of(most_of(s0, -3.0), 3.0);
        const double x1 = g->x[1][v] + least_of(most_of(s1, -3.0), 3.0);
        g->trial[0][v] = least_of(most_of(x0, w->least), w->most);
        g->trial[1][v] = least_of(most_of(x1, w->least), w->most);
    }
}

/* The best rates of the grid, into trial. */
RGQ_INLINE void start(group *g, const shared *w)
{
    const int n = w->frames->n;
    double right[GRID][LANES];
    double best[LANES];

    for (int i = 0; i < GRID; i++) {
        const double *e = w->exponential + (size_t)i * (size_t)n;
        RGQ_LANES right[i][v] = 0.0;
        for (int k = 0; k < n; k++)
            RGQ_LANES right[i][v] += e[k] * g->y[k][v];
    }
    RGQ_LANES
    {
        best[v] = -1.0;
        g->trial[0][v] = g->trial[1][v] = 0.0; /* indices, for now */
    }
    for (int i = 0; i < GRID; i++)
        for (int j = 0; j < (w->n_rates == 2 ? i : 1); j++) {
            const double g01 = w->n_rates == 2 ? w->gram[i * GRID + j] : 0.0;
            const double second = w->n_rates == 2 ? 1.0 : 0.0;
            RGQ_LANES
            {
                double a0 = 0.0;
                double a1 = 0.0;
                const double explained =
                    amplitudes(&a0, &a1, w->gram[i * GRID + i], g01, w->gram[j * GRID + j],
                               right[i][v], second * right[j][v]);
                const int better = explained > best[v];
                best[v] = better ? explained : best[v];
                g->trial[0][v] = better ? i : g->trial[0][v];
                g->trial[1][v] = better ? j : g->trial[1][v];
            }
        }
    for (int j = 0; j < 2; j++)
        for (int v = 0; v < LANES; v++)
            g->trial[j][v] = w->excess[(int)g->trial[j][v]];
}

/* Values of the group, each divided by its largest; missing lanes are empty voxels. */
RGQ_INLINE void load(group *g, const shared *w, size_t at, int here)
{
    const rgq_tiac_frames *f = w->frames;

    for (int v = 0; v < LANES; v++)
        g->scale[v] = 0.0;
    for (int k = 0; k < f->n; k++) {
        const double gain = f->gain != NULL ? f->gain[k] : 1.0;
        for (int v = 0; v < LANES; v++) {
            g->y[k][v] = v < here ? gain * (double)f->frame[k][at + (size_t)v] : 0.0;
            g->scale[v] = most_of(g->scale[v], fabs(g->y[k][v]));
        }
    }
    RGQ_LANES
    {
        g->scale[v] = g->scale[v] > 0.0 ? g->scale[v] : 1.0;
        g->yy[v] = 0.0;
    }
    for (int k = 0; k < f->n; k++)
        RGQ_LANES
        {
            g->y[k][v] /= g->scale[v];
            g->yy[v] += g->y[k][v] * g->y[k][v];
        }
}

/* Another start: the phase that has most of the area, and the rate of the grid that the
 * residuals ask for most, which is where their product with the exponential is largest for its
 * length. (A sum of exponentials with weights >= 0 is best where no rate asks for anything.) */
RGQ_INLINE void start_again(group *g, const shared *w)
{
    const int n = w->frames->n;
    double rate[2][LANES];
    double best[LANES];

    for (int j = 0; j < 2; j++)
        RGQ_LANES rate[j][v] = w->physical + exp_lane(g->x[j][v]);
    RGQ_LANES
    {
        const int first = g->a[0][v] * rate[1][v] >= g->a[1][v] * rate[0][v];
        g->trial[0][v] = first ? g->x[0][v] : g->x[1][v];
        g->trial[1][v] = w->excess[0];
        best[v] = 0.0;
    }
    for (int k = 0; k < n; k++) {
        const double t = w->frames->time_h[k];
        RGQ_LANES
        g->residual[k][v] = g->y[k][v] -
                            g->a[0][v] * exp_lane(most_of(-rate[0][v] * t, -700.0)) -
                            g->a[1][v] * exp_lane(most_of(-rate[1][v] * t, -700.0));
    }
    for (int i = 0; i < GRID; i++) {
        const double *e = w->exponential + (size_t)i * (size_t)n;
        const double length = 1.0 / sqrt(w->gram[i * GRID + i]);
        double asks[LANES] = {0.0};
        for (int k = 0; k < n; k++)
            RGQ_LANES asks[v] += e[k] * g->residual[k][v];
        RGQ_LANES
        {
            const int better = asks[v] * length > best[v];
            best[v] = better ? asks[v] * length : best[v];
            g->trial[1][v] = better ? w->excess[i] : g->trial[1][v];
        }
    }
}

/* From trial to the nearest minimum. */
RGQ_INLINE void search(group *g, const shared *w)
{
    sums s;
    double open = 1.0;

    RGQ_LANES
    {
        g->damping[v] = 1e-2;
        g->open[v] = 1.0;
        g->rss[v] = 0.0;
    }
    for (int step = 0; step < STEPS_MAX && open > 0.0; step++) {
        if (step > 0)
            propose(g, w);
        add_frames(&s, w, g, g->trial);
        judge(g, w, &s, step == 0);
        open = 0.0;
        for (int v = 0; v < LANES; v++)
            open += g->open[v];
    }
}

/* There may be several minima, with a small fast phase and without: two starts. */
RGQ_CLONES static void fit_group(float *out, const shared *w, size_t at, int here)
{
    group g;
    double least[LANES];
    double area[LANES];
    const int parts = w->n_rates == 2 ? 2 : 1;

    load(&g, w, at, here);
    for (int part = 0; part < parts; part++) {
        if (part == 0)
            start(&g, w);
        else
            start_again(&g, w);
        search(&g, w);
        RGQ_LANES
        {
            const double sum = g.a[0][v] / (w->physical + exp_lane(g.x[0][v])) +
                               g.a[1][v] / (w->physical + exp_lane(g.x[1][v]));
            const int better = part == 0 || g.rss[v] < least[v];
            least[v] = better ? g.rss[v] : least[v];
            area[v] = better ? sum : area[v];
        }
    }
    for (int v = 0; v < here; v++)
        out[at + (size_t)v] = (float)(g.scale[v] * area[v]);
}

/* ---- all voxels ---- */

static void make_grid(shared *w)
{
    const rgq_tiac_frames *f = w->frames;
    double gap = f->time_h[f->n - 1];

    for (int i = 0; i < f->n; i++) {
        const double from = i > 0 ? f->time_h[i - 1] : 0.0;
        if (f->time_h[i] > from)
            gap = fmin(gap, f->time_h[i] - from);
    }
    const double most = fmax(5.0 / gap, 10.0 * w->physical);
    const double least = 1e-2 * w->physical;
    w->least = log(1e-9 * w->physical);
    w->most = log(2.0 * most);
    for (int i = 0; i < GRID; i++) {
        double *e = w->exponential + (size_t)i * (size_t)f->n;
        w->rate[i] = w->physical + least * pow(most / least, (double)i / (GRID - 1));
        w->excess[i] = log(w->rate[i] - w->physical);
        for (int k = 0; k < f->n; k++)
            e[k] = exp(-w->rate[i] * f->time_h[k]);
    }
    for (int i = 0; i < GRID; i++)
        for (int j = 0; j < GRID; j++) {
            double sum = 0.0;
            for (int k = 0; k < f->n; k++)
                sum += w->exponential[i * f->n + k] * w->exponential[j * f->n + k];
            w->gram[i * GRID + j] = sum;
        }
}

static void fit_all(float *out, const shared *w)
{
    const size_t count = w->frames->count;
    const int64_t groups = (int64_t)((count + LANES - 1) / LANES);

#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < groups; i++) {
        const size_t at = (size_t)i * LANES;
        const size_t left = count - at;
        fit_group(out, w, at, left < LANES ? (int)left : LANES);
    }
}

static void add_trapezoids(float *out, const rgq_tiac_frames *f, const double *weight)
{
    const int64_t count = (int64_t)f->count;

#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < count; i++) {
        double sum = 0.0;
        for (int k = 0; k < f->n; k++)
            sum += weight[k] * (double)f->frame[k][i];
        out[i] = (float)sum;
    }
}

static rgq_status check(const rgq_tiac_frames *f, rgq_tiac_model model, double half_life_h,
                        rgq_error *err)
{
    const int needed = model == RGQ_TIAC_BI ? 4 : model == RGQ_TIAC_MONO ? 2 : 1;

    if (model != RGQ_TIAC_BI && model != RGQ_TIAC_MONO && model != RGQ_TIAC_TRAPEZOID)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "voxels are fitted by mono, bi or trapezoid, not by %s",
                         rgq_tiac_model_name(model));
    if (f->n > RGQ_TIAC_FRAMES_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "%d frames; at most %d are fitted voxel by voxel",
                         f->n, (int)RGQ_TIAC_FRAMES_MAX);
    RGQ_PASS(err, rgq_tiac_check_times("frames", f->time_h, f->n, err));
    if (f->n < needed)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "%d frame%s for the %d parameters of model %s in every voxel; "
                         "trapezoid needs none",
                         f->n, f->n == 1 ? "" : "s", needed, rgq_tiac_model_name(model));
    if (!(half_life_h > 0.0) || !isfinite(half_life_h))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the physical half-life is %g h; more than 0 is needed", half_life_h);
    return RGQ_OK;
}

static rgq_status check_values(const rgq_tiac_frames *f, rgq_error *err)
{
    for (int k = 0; k < f->n; k++)
        for (size_t i = 0; i < f->count; i++)
            if (!isfinite(f->frame[k][i]))
                return RGQ_RAISE(err, RGQ_E_NUMERIC,
                                 "frame %d: voxel %zu is not finite; nothing can be fitted "
                                 "to it",
                                 k, i);
    return RGQ_OK;
}

rgq_status rgq_tiac_voxels(float *out, const rgq_tiac_frames *frames, rgq_tiac_model model,
                           double half_life_h, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    shared *w = NULL;
    double *memory = NULL;
    double tail = 0.0;

    RGQ_PASS(err, check(frames, model, half_life_h, err));
    RGQ_PASS(err, check_values(frames, err));
    const size_t n = (size_t)frames->n;
    RGQ_TRY(err, rgq_alloc(&memory, n, GRID * sizeof *memory, err));
    if (model == RGQ_TIAC_TRAPEZOID) {
        rgq_tiac_trapezoid_weights(memory, &tail, frames->time_h, frames->n, LN2 / half_life_h);
        for (size_t k = 0; k < n && frames->gain != NULL; k++)
            memory[k] *= frames->gain[k];
        add_trapezoids(out, frames, memory);
        goto out;
    }
    RGQ_TRY(err, rgq_alloc(&w, 1, sizeof *w, err));
    w->frames = frames;
    w->n_rates = model == RGQ_TIAC_BI ? 2 : 1;
    w->physical = LN2 / half_life_h;
    w->exponential = memory;
    make_grid(w);
    fit_all(out, w);
out:
    rgq_free(w);
    rgq_free(memory);
    return st;
}
