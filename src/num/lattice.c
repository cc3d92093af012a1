#include "num/lattice.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

enum {
    LEVELS_MAX = 16,
    COARSE_ENOUGH = 64,
    COARSE_SWEEPS = 30,
    ALONE = 300000 /* below so many voxels, waking threads costs more than they do */
};

/* Jacobi's step is damped to what smooths best in three dimensions; the correction from the
 * coarser level is stretched, because sums of weights make gathered voxels too stiff. */
static const float damping = 0.7f;
static const float stretch = 1.5f;

/* One level: the lattice and room for a V-cycle. Arrays have a slice of zeros before and
 * behind, so that a neighbour beyond the edge is read, and weighs nothing. */
typedef struct level {
    int n[3];
    size_t stride[3];
    size_t count;
    float *weight[3];
    float *anchor;
    float *inverse; /* of the diagonal; 0 where it is no unknown */
    float *x;
    float *r;
    float *t;
} level;

typedef struct solver {
    level at[LEVELS_MAX];
    int n_levels;
    float *p;
    float *q;
    double *part; /* sums of slices */
} solver;

static rgq_status alloc_padded(float **out, const int n[3], rgq_error *err)
{
    const size_t slice = (size_t)n[0] * (size_t)n[1];

    RGQ_PASS(err, rgq_alloc(out, slice * ((size_t)n[2] + 2), sizeof **out, err));
    *out += slice;
    return RGQ_OK;
}

static void free_padded(float *data, const int n[3])
{
    if (data != NULL)
        rgq_free(data - (size_t)n[0] * (size_t)n[1]);
}

void rgq_lattice_free(rgq_lattice *lattice)
{
    if (lattice == NULL)
        return;
    for (int a = 0; a < 3; a++)
        free_padded(lattice->weight[a], lattice->n);
    free_padded(lattice->anchor, lattice->n);
    free_padded(lattice->b, lattice->n);
    rgq_free(lattice);
}

rgq_status rgq_lattice_create(rgq_lattice **out, const int n[3], rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_lattice *lattice = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&lattice, 1, sizeof *lattice, err));
    memcpy(lattice->n, n, sizeof lattice->n);
    for (int a = 0; a < 3; a++)
        RGQ_TRY(err, alloc_padded(&lattice->weight[a], n, err));
    RGQ_TRY(err, alloc_padded(&lattice->anchor, n, err));
    RGQ_TRY(err, alloc_padded(&lattice->b, n, err));
    *out = lattice;
    lattice = NULL;
out:
    rgq_lattice_free(lattice);
    return st;
}

static void set_size(level *l, const int n[3])
{
    memcpy(l->n, n, sizeof l->n);
    l->stride[0] = 1;
    l->stride[1] = (size_t)n[0];
    l->stride[2] = (size_t)n[0] * (size_t)n[1];
    l->count = l->stride[2] * (size_t)n[2];
}

static rgq_status alloc_work(level *l, rgq_error *err)
{
    RGQ_PASS(err, alloc_padded(&l->inverse, l->n, err));
    RGQ_PASS(err, alloc_padded(&l->x, l->n, err));
    RGQ_PASS(err, alloc_padded(&l->r, l->n, err));
    return alloc_padded(&l->t, l->n, err);
}

static void release(solver *s)
{
    for (int k = 0; k < s->n_levels; k++) {
        level *l = &s->at[k];
        for (int a = 0; a < 3 && k > 0; a++) /* those of level 0 are the lattice's */
            free_padded(l->weight[a], l->n);
        if (k > 0)
            free_padded(l->anchor, l->n);
        free_padded(l->inverse, l->n);
        free_padded(l->x, l->n);
        free_padded(l->r, l->n);
        free_padded(l->t, l->n);
    }
    if (s->n_levels > 0) {
        free_padded(s->p, s->at[0].n);
        free_padded(s->q, s->at[0].n);
    }
    rgq_free(s->part);
}

/* Voxels of `fine` add up in those of `coarse`, eight in one; what couples two of the same one
 * is inner, and vanishes. Rows of the coarse level do not share any voxel of the fine one. */
static void gather(level *coarse, const level *fine)
{
#pragma omp parallel for schedule(static) if (fine->count > ALONE)
    for (int zc = 0; zc < coarse->n[2]; zc++)
        for (int z = 2 * zc; z < 2 * zc + 2 && z < fine->n[2]; z++)
            for (int y = 0; y < fine->n[1]; y++)
                for (int x = 0; x < fine->n[0]; x++) {
                    const size_t i =
                        (size_t)x + (size_t)y * fine->stride[1] + (size_t)z * fine->stride[2];
                    const size_t c = (size_t)(x / 2) + (size_t)(y / 2) * coarse->stride[1] +
                                     (size_t)zc * coarse->stride[2];
                    const int at[3] = {x, y, z};
                    coarse->anchor[c] += fine->anchor[i];
                    for (int a = 0; a < 3; a++)
                        if (at[a] % 2 == 1)
                            coarse->weight[a][c] += fine->weight[a][i];
                }
}

static void invert_diagonal(level *l)
{
    const size_t sx = l->stride[0];
    const size_t sy = l->stride[1];
    const size_t sz = l->stride[2];

#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (size_t i = 0; i < l->count; i++) {
        const float sum = l->weight[0][i] + (l->weight[0] - sx)[i] + l->weight[1][i] +
                          (l->weight[1] - sy)[i] + l->weight[2][i] + (l->weight[2] - sz)[i] +
                          l->anchor[i];
        l->inverse[i] = sum > 0.0f ? 1.0f / sum : 0.0f;
    }
}

static rgq_status add_level(solver *s, const int n[3], rgq_error *err)
{
    level *l = &s->at[s->n_levels++];

    set_size(l, n);
    for (int a = 0; a < 3; a++)
        RGQ_PASS(err, alloc_padded(&l->weight[a], n, err));
    RGQ_PASS(err, alloc_padded(&l->anchor, n, err));
    RGQ_PASS(err, alloc_work(l, err));
    gather(l, l - 1);
    invert_diagonal(l);
    return RGQ_OK;
}

static rgq_status prepare(solver *s, rgq_lattice *lattice, rgq_error *err)
{
    level *fine = &s->at[0];

    s->n_levels = 1;
    set_size(fine, lattice->n);
    memcpy(fine->weight, lattice->weight, sizeof fine->weight);
    fine->anchor = lattice->anchor;
    RGQ_PASS(err, alloc_work(fine, err));
    invert_diagonal(fine);
    while (s->n_levels < LEVELS_MAX && s->at[s->n_levels - 1].count > COARSE_ENOUGH) {
        const int *n = s->at[s->n_levels - 1].n;
        RGQ_PASS(
            err,
            add_level(s, (const int[3]){(n[0] + 1) / 2, (n[1] + 1) / 2, (n[2] + 1) / 2}, err));
    }
    RGQ_PASS(err, alloc_padded(&s->p, fine->n, err));
    RGQ_PASS(err, alloc_padded(&s->q, fine->n, err));
    return rgq_alloc(&s->part, 2 * (size_t)fine->n[2], sizeof *s->part, err);
}

/* out = A in, over the voxels from lo to hi - 1. */
static void multiply(float *restrict out, const float *restrict in, const level *l, size_t lo,
                     size_t hi)
{
    const float *restrict wx = l->weight[0];
    const float *restrict wy = l->weight[1];
    const float *restrict wz = l->weight[2];
    const float *restrict anchor = l->anchor;
    const ptrdiff_t sy = (ptrdiff_t)l->stride[1];
    const ptrdiff_t sz = (ptrdiff_t)l->stride[2];

    for (ptrdiff_t i = (ptrdiff_t)lo; i < (ptrdiff_t)hi; i++) {
        const float v = in[i];
        out[i] = anchor[i] * v + wx[i] * (v - in[i + 1]) + wx[i - 1] * (v - in[i - 1]) +
                 wy[i] * (v - in[i + sy]) + wy[i - sy] * (v - in[i - sy]) +
                 wz[i] * (v - in[i + sz]) + wz[i - sz] * (v - in[i - sz]);
    }
}

/* x += damping D^-1 (r - A x), by way of t */
static void smooth(level *l)
{
#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (int z = 0; z < l->n[2]; z++)
        multiply(l->t, l->x, l, (size_t)z * l->stride[2], (size_t)(z + 1) * l->stride[2]);
#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (size_t i = 0; i < l->count; i++)
        l->x[i] += damping * l->inverse[i] * (l->r[i] - l->t[i]);
}

/* r of the coarser level: sums of the residual r - A x of this one */
static void restrict_residual(level *coarse, level *l)
{
#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (int zc = 0; zc < coarse->n[2]; zc++) {
        const int z_end = 2 * zc + 2 < l->n[2] ? 2 * zc + 2 : l->n[2];
        float *to = coarse->r + (size_t)zc * coarse->stride[2];
        memset(to, 0, coarse->stride[2] * sizeof *to);
        for (int z = 2 * zc; z < z_end; z++) {
            const size_t lo = (size_t)z * l->stride[2];
            multiply(l->t, l->x, l, lo, lo + l->stride[2]);
            for (int y = 0; y < l->n[1]; y++) {
                const size_t row = lo + (size_t)y * l->stride[1];
                float *sum = to + (size_t)(y / 2) * coarse->stride[1];
                for (int x = 0; x < l->n[0]; x++)
                    sum[x / 2] += l->r[row + (size_t)x] - l->t[row + (size_t)x];
            }
        }
    }
}

static void add_correction(level *l, const level *coarse)
{
#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (int z = 0; z < l->n[2]; z++)
        for (int y = 0; y < l->n[1]; y++) {
            const size_t row = (size_t)z * l->stride[2] + (size_t)y * l->stride[1];
            const float *from = coarse->x + (size_t)(z / 2) * coarse->stride[2] +
                                (size_t)(y / 2) * coarse->stride[1];
            for (int x = 0; x < l->n[0]; x++)
                l->x[row + (size_t)x] +=
                    l->inverse[row + (size_t)x] > 0.0f ? stretch * from[x / 2] : 0.0f;
        }
}

static void begin(level *l)
{
#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (size_t i = 0; i < l->count; i++)
        l->x[i] = damping * l->inverse[i] * l->r[i];
}

static double total(const double *part, int n)
{
    double sum = 0.0;

    for (int z = 0; z < n; z++)
        sum += part[z];
    return sum;
}

/* The last step of a cycle, as smooth(); returns r x of level 0. */
static double smooth_last(solver *s)
{
    const level *l = &s->at[0];

#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (int z = 0; z < l->n[2]; z++)
        multiply(l->t, l->x, l, (size_t)z * l->stride[2], (size_t)(z + 1) * l->stride[2]);
#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (int z = 0; z < l->n[2]; z++) {
        const size_t lo = (size_t)z * l->stride[2];
        double sum = 0.0;
        for (size_t i = lo; i < lo + l->stride[2]; i++) {
            l->x[i] += damping * l->inverse[i] * (l->r[i] - l->t[i]);
            sum += (double)l->r[i] * (double)l->x[i];
        }
        s->part[z] = sum;
    }
    return total(s->part, l->n[2]);
}

/* x of level 0 = M^-1 r, with M symmetric and positive; begin() was done there. Returns r x. */
static double cycle(solver *s)
{
    const int last = s->n_levels - 1;

    for (int k = 0; k < last; k++) {
        restrict_residual(&s->at[k + 1], &s->at[k]);
        begin(&s->at[k + 1]);
    }
    for (int sweep = 0; sweep < COARSE_SWEEPS && last > 0; sweep++)
        smooth(&s->at[last]);
    for (int k = last - 1; k >= 0; k--) {
        add_correction(&s->at[k], &s->at[k + 1]);
        if (k > 0)
            smooth(&s->at[k]);
    }
    return smooth_last(s);
}

static double dot(solver *s, const float *a, const float *b)
{
    const level *l = &s->at[0];

#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (int z = 0; z < l->n[2]; z++) {
        const size_t lo = (size_t)z * l->stride[2];
        double sum = 0.0;
        for (size_t i = lo; i < lo + l->stride[2]; i++)
            sum += (double)a[i] * (double)b[i];
        s->part[z] = sum;
    }
    return total(s->part, l->n[2]);
}

/* q = A p; returns p q */
static double advance(solver *s)
{
    const level *l = &s->at[0];

#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (int z = 0; z < l->n[2]; z++) {
        const size_t lo = (size_t)z * l->stride[2];
        double sum = 0.0;
        multiply(s->q, s->p, l, lo, lo + l->stride[2]);
        for (size_t i = lo; i < lo + l->stride[2]; i++)
            sum += (double)s->p[i] * (double)s->q[i];
        s->part[z] = sum;
    }
    return total(s->part, l->n[2]);
}

/* x += alpha p, r -= alpha q, and the first step of the next cycle; returns r r */
static double step(solver *s, float *x, double alpha)
{
    const level *l = &s->at[0];
    const float a = (float)alpha;

#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (int z = 0; z < l->n[2]; z++) {
        const size_t lo = (size_t)z * l->stride[2];
        double sum = 0.0;
        for (size_t i = lo; i < lo + l->stride[2]; i++) {
            x[i] += a * s->p[i];
            l->r[i] -= a * s->q[i];
            l->x[i] = damping * l->inverse[i] * l->r[i];
            sum += (double)l->r[i] * (double)l->r[i];
        }
        s->part[z] = sum;
    }
    return total(s->part, l->n[2]);
}

/* p = z + beta p, z being x of level 0 */
static void turn(solver *s, double beta)
{
    const level *l = &s->at[0];
    const float b = (float)beta;

#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (size_t i = 0; i < l->count; i++)
        s->p[i] = l->x[i] + b * s->p[i];
}

/* r = b - A x from x itself: the recurrence drifts away from it in single precision. Returns
 * r r. */
static double renew_residual(solver *s, const float *x, const float *b)
{
    const level *l = &s->at[0];

    memcpy(s->p, x, l->count * sizeof *x); /* p has room around it */
    (void)advance(s);
#pragma omp parallel for schedule(static) if (l->count > ALONE)
    for (size_t i = 0; i < l->count; i++)
        l->r[i] = b[i] - s->q[i];
    return dot(s, l->r, l->r);
}

/* Rounds of conjugate gradients until |r| is at most `wanted`, from the r of level 0. */
static void iterate(solver *s, float *x, double norm, double wanted, int rounds_max,
                    int *rounds)
{
    double rz_before = 0.0;
    bool first = true;

    begin(&s->at[0]);
    while (norm > wanted && *rounds < rounds_max) {
        const double rz = cycle(s);
        turn(s, first ? 0.0 : rz / rz_before);
        norm = sqrt(step(s, x, rz / advance(s)));
        rz_before = rz;
        first = false;
        ++*rounds;
    }
}

rgq_status rgq_lattice_solve(float *x, rgq_lattice *lattice, double relative, int rounds_max,
                             rgq_lattice_report *report, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    solver s = {.n_levels = 0};
    rgq_lattice_report done = {0, 0.0};

    RGQ_TRY(err, prepare(&s, lattice, err));
    memset(x, 0, s.at[0].count * sizeof *x);
    const double norm_b = sqrt(renew_residual(&s, x, lattice->b));
    double before = (double)INFINITY;
    double norm = norm_b;
    /* begun anew from the true residual as long as that gains digits */
    while (norm > relative * norm_b && norm < 0.5 * before && done.rounds < rounds_max) {
        iterate(&s, x, norm, relative * norm_b, rounds_max, &done.rounds);
        before = norm;
        norm = sqrt(renew_residual(&s, x, lattice->b));
    }
    if (norm_b > 0.0)
        done.residual = norm / norm_b;
    if (report != NULL)
        *report = done;
    if (!(done.residual <= relative)) /* a NaN too */
        st = RGQ_RAISE(err, RGQ_E_NUMERIC,
                       "the linear system did not converge: a relative residual of %.3g after "
                       "%d rounds, %.3g was needed",
                       done.residual, done.rounds, relative);
out:
    release(&s);
    return st;
}
