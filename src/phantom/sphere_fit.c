#include "phantom/sphere_fit.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/fit.h"

static const double sigma_per_fwhm = 0.42466090014400953; /* 1 / (2 sqrt(2 ln 2)) */
static const double reach_mm = 10.0;                      /* beyond the wall */
static const double apart_mm = 8.0;                       /* of other objects */

double rgq_blurred_ball(double r_mm, double radius_mm, double sigma_mm)
{
    const double sqrt_pi = 1.77245385090551603;
    const double q = sqrt(2.0) * sigma_mm;
    const double a = radius_mm / q;
    const double z = r_mm / q;

    if (fabs(a - z) > 6.0) /* the edge is 8.5 sigma away: exact to the last bit */
        return a > z ? 1.0 : 0.0;
    if (z < 1e-4) /* the next term is of the order of z^2 */
        return erf(a) - 2.0 * a / sqrt_pi * exp(-a * a);
    return 0.5 * (erf(a - z) + erf(a + z)) -
           0.5 / (sqrt_pi * z) * (exp(-(a - z) * (a - z)) - exp(-(a + z) * (a + z)));
}

/* ---- the model of one sphere on a radial table ---- */

enum { TABLE = 1024, GAUSS = 3 };

typedef struct voxel {
    double at[3]; /* view mm */
    double value;
    double weight; /* of its residual: 1 / root of what is there */
} voxel;

typedef struct sphere {
    const rgq_sphere_fit_opts *opts;
    const voxel *voxels;
    size_t n;
    double reach_mm;         /* no voxel is farther from the centre */
    double offset[GAUSS][3]; /* of the points within a voxel, along each axis */
    double sigma;            /* of the tables; 0: not yet made */
    double hot[TABLE + 2];   /* the ball */
    double cold[TABLE + 2];  /* with its wall */
    double table[TABLE + 2];
} sphere;

static const double gauss_at[GAUSS] = {-0.7745966692414834, 0.0, 0.7745966692414834};
static const double gauss_weight[GAUSS] = {5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0};

static void fill_table(sphere *s, double sigma, double inside, double background)
{
    const double radius = s->opts->radius_mm;

    for (int i = 0; i < TABLE + 2 && fabs(sigma - s->sigma) > 0.0; i++) {
        const double r = s->reach_mm * i / TABLE;
        s->hot[i] = rgq_blurred_ball(r, radius, sigma);
        s->cold[i] = rgq_blurred_ball(r, radius + s->opts->wall_mm, sigma);
    }
    s->sigma = sigma;
    for (int i = 0; i < TABLE + 2; i++)
        s->table[i] = inside * s->hot[i] + background * (1.0 - s->cold[i]);
}

static double look_up(const sphere *s, const double d[3])
{
    const double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    const double at = fmin(r / s->reach_mm * TABLE, (double)TABLE);
    const int i = (int)at;

    return s->table[i] + (at - i) * (s->table[i + 1] - s->table[i]);
}

static double model_at(const sphere *s, const double at[3], const double centre[3])
{
    double sum = 0.0;
    double d[3];

    if (s->opts->point_sampled) {
        for (int a = 0; a < 3; a++)
            d[a] = at[a] - centre[a];
        return look_up(s, d);
    }
    for (int k = 0; k < GAUSS; k++)
        for (int j = 0; j < GAUSS; j++)
            for (int i = 0; i < GAUSS; i++) {
                d[0] = at[0] - centre[0] + s->offset[i][0];
                d[1] = at[1] - centre[1] + s->offset[j][1];
                d[2] = at[2] - centre[2] + s->offset[k][2];
                sum += gauss_weight[i] * gauss_weight[j] * gauss_weight[k] * look_up(s, d);
            }
    return sum;
}

static void subtract_model(double *out, const sphere *s, const double centre[3])
{
    for (size_t i = 0; i < s->n; i++)
        out[i] =
            s->voxels[i].weight * (s->voxels[i].value - model_at(s, s->voxels[i].at, centre));
}

/* ---- the voxels that count ---- */

static bool is_clear(const double at[3], const rgq_phantom *phantom, const rgq_placement *place,
                     int object)
{
    double p[3];

    rgq_placement_invert(place, at, p);
    for (int i = 0; i < phantom->n_objects; i++) {
        if (i == object || strcmp(phantom->object[i].name, phantom->object[object].host) == 0)
            continue;
        if (rgq_phantom_body_depth(&phantom->body[i], p) < apart_mm)
            return false;
    }
    return true;
}

/* Count the voxels, and write them where `out` is not NULL. */
static size_t collect(voxel *out, const rgq_view *view, const rgq_phantom *phantom,
                      const rgq_placement *place, int object, const double centre[3],
                      double reach)
{
    int lo[3];
    int hi[3];
    size_t n = 0;

    for (int a = 0; a < 3; a++) {
        int range[2];
        rgq_view_range(view, a, centre[a], reach, range);
        lo[a] = range[0];
        hi[a] = range[1];
    }
    for (int k = lo[2]; k <= hi[2]; k++)
        for (int j = lo[1]; j <= hi[1]; j++)
            for (int i = lo[0]; i <= hi[0]; i++) {
                const double at[3] = {i * view->step[0], j * view->step[1], k * view->step[2]};
                const double r =
                    hypot(hypot(at[0] - centre[0], at[1] - centre[1]), at[2] - centre[2]);
                if (r > reach || !is_clear(at, phantom, place, object))
                    continue;
                if (out != NULL)
                    out[n] = (voxel){{at[0], at[1], at[2]}, rgq_view_at(view, i, j, k), 1.0};
                n++;
            }
    return n;
}

static rgq_status sphere_init(sphere *s, voxel **voxels, const rgq_view *view,
                              const rgq_phantom *phantom, const rgq_placement *place,
                              int object, const double centre[3],
                              const rgq_sphere_fit_opts *opts, rgq_error *err)
{
    const double reach = opts->radius_mm + opts->wall_mm + reach_mm;

    s->opts = opts;
    s->n = collect(NULL, view, phantom, place, object, centre, reach);
    if (s->n < 20)
        return RGQ_RAISE(err, RGQ_E_NOTFOUND,
                         "%zu voxels lie about '%s'; at least 20 are needed to fit its blur",
                         s->n, phantom->object[object].name);
    RGQ_PASS(err, rgq_alloc(voxels, s->n, sizeof **voxels, err));
    (void)collect(*voxels, view, phantom, place, object, centre, reach);
    s->voxels = *voxels;
    /* the centre may move by 6 mm, and points lie up to a voxel beyond its centre */
    s->reach_mm = reach + 12.0 + view->step[0] + view->step[1] + view->step[2];
    for (int g = 0; g < GAUSS; g++)
        for (int a = 0; a < 3; a++)
            s->offset[g][a] = 0.5 * gauss_at[g] * view->step[a];
    return RGQ_OK;
}

/* ---- one sphere: fwhm, background, centre, and the value inside if it is free ---- */

enum { FWHM, BACKGROUND, X, Y, Z, INSIDE };

static void residuals_one(double *out, const double *x, void *user)
{
    sphere *s = user;
    const double inside = isnan(s->opts->inside) ? x[INSIDE] : s->opts->inside;

    fill_table(s, x[FWHM] * sigma_per_fwhm, inside, x[BACKGROUND]);
    subtract_model(out, s, x + X);
}

/* Background and value inside from the farthest and the nearest voxels. */
static void guess(const sphere *s, const double centre[3], double *inside, double *background)
{
    double sum[2] = {0.0, 0.0};
    double n[2] = {0.0, 0.0};
    double top = 0.0;

    for (size_t i = 0; i < s->n; i++) {
        const double *at = s->voxels[i].at;
        const double r = hypot(hypot(at[0] - centre[0], at[1] - centre[1]), at[2] - centre[2]);
        const int g = r < 0.6 * s->opts->radius_mm                                 ? 0
                      : r > s->opts->radius_mm + s->opts->wall_mm + 0.6 * reach_mm ? 1
                                                                                   : -1;
        top = fmax(top, fabs(s->voxels[i].value));
        if (g < 0)
            continue;
        sum[g] += s->voxels[i].value;
        n[g] += 1.0;
    }
    *inside = n[0] > 0.0 ? sum[0] / n[0] : top;
    *background = n[1] > 0.0 ? sum[1] / n[1] : 0.0;
}

/* Noise of a reconstructed voxel grows as the root of what is there. */
static void weigh(voxel *voxels, sphere *s, const double centre[3], double inside,
                  double background)
{
    fill_table(s, s->opts->fwhm_mm * sigma_per_fwhm, inside, background);
    const double top = fmax(fabs(inside), fabs(background));
    for (size_t i = 0; i < s->n && top > 0.0; i++)
        voxels[i].weight = 1.0 / sqrt(fmax(model_at(s, voxels[i].at, centre) / top, 0.02));
}

rgq_status rgq_sphere_fit_one(rgq_sphere_fit *out, const rgq_view *view,
                              const rgq_phantom *phantom, const rgq_placement *place,
                              int object, const double centre_mm[3],
                              const rgq_sphere_fit_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    voxel *voxels = NULL;
    sphere *s = NULL;
    rgq_fit_report report;
    double x[6] = {opts->fwhm_mm, 0.0, centre_mm[0], centre_mm[1], centre_mm[2], 0.0};

    RGQ_TRY(err, rgq_alloc(&s, 1, sizeof *s, err));
    RGQ_TRY(err, sphere_init(s, &voxels, view, phantom, place, object, centre_mm, opts, err));
    guess(s, centre_mm, &x[INSIDE], &x[BACKGROUND]);
    weigh(voxels, s, centre_mm, x[INSIDE], x[BACKGROUND]);
    const double top = 100.0 * (fabs(x[INSIDE]) + fabs(x[BACKGROUND])) + 1e-30;
    const double tick = 1e-7 * top;
    const double lo[6] = {0.3, -top, x[X] - 6.0, x[Y] - 6.0, x[Z] - 6.0, -top};
    const double hi[6] = {30.0, top, x[X] + 6.0, x[Y] + 6.0, x[Z] + 6.0, top};
    const double step[6] = {1e-3, tick, 1e-3, 1e-3, 1e-3, tick};
    const rgq_fit_problem problem = {.n = s->n,
                                     .p = isnan(opts->inside) ? 6 : 5,
                                     .residuals = residuals_one,
                                     .user = s,
                                     .lo = lo,
                                     .hi = hi,
                                     .step = step};
    RGQ_TRY(err, rgq_fit_least_squares(x, &report, &problem, err));
    *out = (rgq_sphere_fit){.centre_mm = {x[X], x[Y], x[Z]},
                            .fwhm_mm = x[FWHM],
                            .fwhm_sd_mm = report.sd[FWHM],
                            .inside = problem.p == 6 ? x[INSIDE] : opts->inside,
                            .background = x[BACKGROUND],
                            .n_voxels = s->n};
    if (!(x[FWHM] > lo[FWHM] + 0.01 && x[FWHM] < hi[FWHM] - 0.01))
        out->fwhm_mm = out->fwhm_sd_mm = (double)NAN; /* the data do not tell it */
out:
    rgq_free(voxels);
    rgq_free(s);
    return st;
}

/* ---- all spheres: one width, one value inside ---- */

typedef struct group {
    sphere *sphere;
    const rgq_sphere_fit *fit;
    int n;
} group;

static void residuals_all(double *out, const double *x, void *user)
{
    const group *g = user;

    for (int i = 0; i < g->n; i++) {
        fill_table(&g->sphere[i], x[0] * sigma_per_fwhm, x[1], g->fit[i].background);
        subtract_model(out, &g->sphere[i], g->fit[i].centre_mm);
        out += g->sphere[i].n;
    }
}

rgq_status rgq_sphere_fit_all(rgq_sphere_fit *out, const rgq_view *view,
                              const rgq_phantom *phantom, const rgq_placement *place,
                              const int *objects, const rgq_sphere_fit *spheres, int n,
                              const rgq_sphere_fit_opts *opts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    group g = {NULL, spheres, n};
    voxel **voxels = NULL;
    rgq_fit_report report;
    rgq_fit_problem problem = {.p = 2, .residuals = residuals_all, .user = &g};
    double x[2] = {opts[0].fwhm_mm, opts[0].inside};

    RGQ_TRY(err, rgq_alloc(&g.sphere, (size_t)n, sizeof *g.sphere, err));
    RGQ_TRY(err, rgq_alloc(&voxels, (size_t)n, sizeof *voxels, err));
    for (int i = 0; i < n; i++) {
        RGQ_TRY(err, sphere_init(&g.sphere[i], &voxels[i], view, phantom, place, objects[i],
                                 spheres[i].centre_mm, &opts[i], err));
        weigh(voxels[i], &g.sphere[i], spheres[i].centre_mm, opts[0].inside,
              spheres[i].background);
        problem.n += g.sphere[i].n;
    }
    const double top = 100.0 * fabs(x[1]) + 1e-30;
    const double lo[2] = {0.3, -top};
    const double hi[2] = {30.0, top};
    const double step[2] = {1e-3, 1e-7 * top};
    problem.lo = lo;
    problem.hi = hi;
    problem.step = step;
    RGQ_TRY(err, rgq_fit_least_squares(x, &report, &problem, err));
    *out = (rgq_sphere_fit){.centre_mm = {(double)NAN, (double)NAN, (double)NAN},
                            .fwhm_mm = x[0],
                            .fwhm_sd_mm = report.sd[0],
                            .inside = x[1],
                            .background = (double)NAN,
                            .n_voxels = problem.n};
out:
    for (int i = 0; i < n && voxels != NULL; i++)
        rgq_free(voxels[i]);
    rgq_free(voxels);
    rgq_free(g.sphere);
    return st;
}
