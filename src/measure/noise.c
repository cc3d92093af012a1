#include "measure/noise.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "measure/moments.h"

/* Deviations from the mean over the box of the region; 0 where a voxel does not count. */
typedef struct residue {
    int n[3];
    double *e;
    unsigned char *in;
    long long count;
    double mean;
} residue;

/* Mean products of residues at lags 0 .. n of one axis. */
typedef struct lags {
    double c[RGQ_LAGS_MAX + 1];
    int n; /* -1: the axis is one voxel thick */
} lags;

static void fill_residue(residue *r, const float *values, const rgq_grid *grid,
                         const rgq_region *region)
{
    size_t i = 0;
    double total = 0.0;

    for (int z = 0; z < region->n[2]; z++)
        for (int y = 0; y < region->n[1]; y++) {
            const float *v = values + rgq_region_row(grid, region, y, z);
            double row = 0.0;
            for (int x = 0; x < region->n[0]; x++, i++) {
                if (region->weight[i] < 0.5f)
                    continue;
                r->in[i] = 1;
                r->e[i] = (double)v[x];
                r->count++;
                row += r->e[i];
            }
            total += row;
        }
    r->mean = r->count > 0 ? total / (double)r->count : 0.0;
    for (size_t k = 0; k < i; k++)
        r->e[k] = r->in[k] ? r->e[k] - r->mean : 0.0;
}

static double mean_product(const residue *r, int axis, int lag, long long *pairs)
{
    const size_t stride[3] = {1, (size_t)r->n[0], (size_t)r->n[0] * (size_t)r->n[1]};
    const size_t step = (size_t)lag * stride[axis];
    const int end[3] = {r->n[0] - (axis == 0 ? lag : 0), r->n[1] - (axis == 1 ? lag : 0),
                        r->n[2] - (axis == 2 ? lag : 0)};
    double total = 0.0;
    long long n = 0;

    for (int z = 0; z < end[2]; z++)
        for (int y = 0; y < end[1]; y++) {
            const size_t from = (size_t)z * stride[2] + (size_t)y * stride[1];
            double row = 0.0;
            for (size_t i = from; i < from + (size_t)end[0]; i++) {
                row += r->e[i] * r->e[i + step]; /* 0 where either does not count */
                n += r->in[i] & r->in[i + step];
            }
            total += row;
        }
    *pairs = n;
    return n > 0 ? total / (double)n : 0.0;
}

/* Products as far as they can matter: with the correction added later a lag may turn positive,
 * so the measurement goes on a little past the first that is not. */
static void measure_lags(lags out[3], const residue *r)
{
    for (int a = 0; a < 3; a++) {
        int negative = 0;
        out[a].n = -1;
        for (int l = 1; l <= RGQ_LAGS_MAX && l < r->n[a]; l++) {
            long long pairs = 0;
            const double c = mean_product(r, a, l, &pairs);
            if (pairs < RGQ_NOISE_VOXELS_MIN || negative > 8)
                break;
            negative += c <= 0.0;
            out[a].c[l] = c;
            out[a].n = l;
        }
    }
}

/* Autocorrelation from the products, with Var(mean) = v given back to each. */
static void correlate(rgq_noise *noise, const lags measured[3], double c0, double v)
{
    noise->variance = c0 + v;
    for (int a = 0; a < 3; a++) {
        noise->n_lags[a] = 0;
        noise->rho[a][0] = 1.0;
        for (int l = 1; l <= measured[a].n; l++) {
            const double rho = (measured[a].c[l] + v) / (c0 + v);
            if (rho <= 0.0)
                break;
            noise->rho[a][l] = fmin(rho, 1.0);
            noise->n_lags[a] = l;
        }
    }
}

/* Correlation of an axis at any distance [mm], straight between the lags, 0 past the last. */
static double rho_at(const rgq_noise *noise, int axis, double distance_mm, double spacing_mm)
{
    const double l = distance_mm / spacing_mm;
    const int lo = (int)fmin(floor(l), RGQ_LAGS_MAX);

    if (lo > noise->n_lags[axis])
        return 0.0;
    const double next = lo + 1 <= noise->n_lags[axis] ? noise->rho[axis][lo + 1] : 0.0;
    return noise->rho[axis][lo] + (l - lo) * (next - noise->rho[axis][lo]);
}

static double integral_mm(const rgq_noise *noise, int axis, double spacing_mm)
{
    double sum = 1.0;

    for (int l = 1; l <= noise->n_lags[axis]; l++)
        sum += 2.0 * noise->rho[axis][l];
    return sum * spacing_mm;
}

/* An axis that could not be measured takes the correlation of the one where it is longest. */
static void borrow(rgq_noise *noise, const lags measured[3], const double spacing_mm[3])
{
    int longest = -1;

    for (int a = 0; a < 3; a++)
        if (measured[a].n >= 1 &&
            (longest < 0 || integral_mm(noise, a, spacing_mm[a]) >
                                integral_mm(noise, longest, spacing_mm[longest])))
            longest = a;
    for (int a = 0; a < 3 && longest >= 0; a++)
        for (int l = 1; l <= RGQ_LAGS_MAX && measured[a].n < 1; l++) {
            const double rho = rho_at(noise, longest, l * spacing_mm[a], spacing_mm[longest]);
            if (rho <= 0.0)
                break;
            noise->rho[a][l] = rho;
            noise->n_lags[a] = l;
        }
}

/* Variance, correlation and Var(mean) that agree with each other. */
static rgq_status settle(rgq_noise *noise, const residue *r, const rgq_region *region,
                         const double spacing_mm[3], rgq_error *err)
{
    enum { ROUNDS = 12 };
    lags measured[3];
    double v = 0.0;
    double squares = 0.0;
    long long pairs = 0;

    const double c0 = mean_product(r, 0, 0, &pairs);
    measure_lags(measured, r);
    for (int round = 0; round < ROUNDS; round++) {
        correlate(noise, measured, c0, v);
        borrow(noise, measured, spacing_mm);
        RGQ_PASS(err, rgq_noise_pairs(&noise->mean_factor, noise, region, region, 1, err));
        if (noise->mean_factor >= 0.5) /* fewer than two samples: there is nothing to learn */
            return RGQ_OK;
        /* v = f (c0 + v) solved for v, with the f of this round */
        const double before = v;
        v = c0 * noise->mean_factor / (1.0 - noise->mean_factor);
        if (fabs(v - before) <= 1e-6 * c0) /* far below what the sample can tell */
            break;
    }
    RGQ_PASS(err, rgq_noise_pairs(&squares, noise, region, region, 2, err));
    noise->dof = 1.0 / squares - 1.0;
    noise->known = noise->dof >= 1.0;
    return RGQ_OK;
}

static void describe(rgq_noise_budget *budget, const rgq_noise *noise, long long count,
                     const double spacing_mm[3])
{
    *budget = (rgq_noise_budget){.known = noise->known,
                                 .variance = (double)NAN,
                                 .correlation_mm = {(double)NAN, (double)NAN, (double)NAN},
                                 .effective_n = (double)NAN};
    if (count < RGQ_NOISE_VOXELS_MIN) {
        (void)snprintf(budget->method, sizeof budget->method,
                       "not estimated: the background has %lld voxels, at least %d were needed",
                       count, (int)RGQ_NOISE_VOXELS_MIN);
        return;
    }
    budget->variance = noise->variance;
    if (noise->variance <= 0.0) {
        budget->effective_n = (double)count;
        (void)snprintf(budget->method, sizeof budget->method,
                       "the %lld voxels of the background are all alike: no noise", count);
        return;
    }
    for (int a = 0; a < 3; a++)
        budget->correlation_mm[a] = integral_mm(noise, a, spacing_mm[a]);
    budget->effective_n = 1.0 / noise->mean_factor;
    (void)snprintf(budget->method, sizeof budget->method,
                   noise->known
                       ? "variance and separable autocorrelation of %lld background voxels "
                         "about their mean, to the first lag that is not positive"
                       : "not estimated: the noise of the %lld background voxels is correlated "
                         "so far that they hold fewer than two samples",
                   count);
}

rgq_status rgq_noise_measure(rgq_noise *out, rgq_noise_budget *budget, const float *values,
                             const rgq_grid *grid, const rgq_region *region, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_noise noise = {.known = false, .mean_factor = 1.0};
    residue r = {{region->n[0], region->n[1], region->n[2]}, NULL, NULL, 0, 0.0};
    const size_t count = (size_t)r.n[0] * (size_t)r.n[1] * (size_t)r.n[2];
    double spacing_mm[3];

    rgq_grid_spacing_mm(grid, spacing_mm);
    if (count > 0) {
        RGQ_TRY(err, rgq_alloc(&r.e, count, sizeof *r.e, err));
        RGQ_TRY(err, rgq_alloc(&r.in, count, 1, err));
        fill_residue(&r, values, grid, region);
    }
    noise.mean = r.mean;
    if (r.count >= RGQ_NOISE_VOXELS_MIN) {
        long long pairs = 0;
        for (int a = 0; a < 3; a++)
            noise.rho[a][0] = 1.0;
        if (mean_product(&r, 0, 0, &pairs) > 0.0)
            RGQ_TRY(err, settle(&noise, &r, region, spacing_mm, err));
        else
            noise = (rgq_noise){.known = true,
                                .mean = r.mean,
                                .rho = {{1.0}, {1.0}, {1.0}},
                                .mean_factor = 1.0 / (double)r.count,
                                .dof = (double)INFINITY};
    }
    *out = noise;
    describe(budget, &noise, r.count, spacing_mm);
out:
    rgq_free(r.e);
    rgq_free(r.in);
    return st;
}

/* A box of doubles on the grid. */
typedef struct block {
    int lo[3];
    int n[3];
    double *at;
} block;

static double power_of(double rho, int power)
{
    return power == 1 ? rho : rho * rho;
}

/* One line of a block along the axis of a convolution. */
typedef struct line {
    double *at;
    size_t stride;
    int lo; /* index of its first element on the grid */
    int n;
} line;

/* out(i) = sum over j of in(j) rho(|i - j|). */
static void convolve_line(line out, line in, const double *rho, int reach)
{
    for (int i = 0; i < out.n; i++) {
        const int here = out.lo + i - in.lo; /* as an index of `in` */
        const int first = here - reach > 0 ? here - reach : 0;
        const int last = here + reach < in.n ? here + reach : in.n - 1;
        double s = 0.0;
        for (int m = first; m <= last; m++)
            s += in.at[(size_t)m * in.stride] * rho[m > here ? m - here : here - m];
        out.at[(size_t)i * out.stride] = s;
    }
}

/* Every line along one axis. */
static void convolve_axis(block *out, const block *in, int axis, const rgq_noise *noise,
                          int power)
{
    const int b = axis == 0 ? 1 : 0;
    const int c = axis == 2 ? 1 : 2;
    const size_t si[3] = {1, (size_t)in->n[0], (size_t)in->n[0] * (size_t)in->n[1]};
    const size_t so[3] = {1, (size_t)out->n[0], (size_t)out->n[0] * (size_t)out->n[1]};
    double rho[RGQ_LAGS_MAX + 1] = {0.0};
    line from = {NULL, si[axis], in->lo[axis], in->n[axis]};
    line to = {NULL, so[axis], out->lo[axis], out->n[axis]};

    for (int l = 0; l <= noise->n_lags[axis]; l++)
        rho[l] = power_of(noise->rho[axis][l], power);
    for (int k = 0; k < out->n[c]; k++)
        for (int j = 0; j < out->n[b]; j++) {
            from.at = in->at + (size_t)j * si[b] + (size_t)k * si[c];
            to.at = out->at + (size_t)j * so[b] + (size_t)k * so[c];
            convolve_line(to, from, rho, noise->n_lags[axis]);
        }
}

/* The next block: as `in`, but along `axis` the part of `target` that rho can reach. */
static void next_block(block *out, const block *in, int axis, const rgq_region *target,
                       int reach)
{
    *out = *in;
    out->at = NULL;
    const int lo = in->lo[axis] - reach;
    const int hi = in->lo[axis] + in->n[axis] - 1 + reach;
    const int target_hi = target->lo[axis] + target->n[axis] - 1;
    out->lo[axis] = lo > target->lo[axis] ? lo : target->lo[axis];
    out->n[axis] = (hi < target_hi ? hi : target_hi) - out->lo[axis] + 1;
}

static double sum_weights(const rgq_region *region)
{
    const size_t count = (size_t)region->n[0] * (size_t)region->n[1] * (size_t)region->n[2];
    double sum = 0.0;

    for (size_t i = 0; i < count; i++)
        sum += (double)region->weight[i];
    return sum;
}

static double dot(const block *field, const rgq_region *region)
{
    double total = 0.0;
    const double *f = field->at;

    for (int z = 0; z < field->n[2]; z++)
        for (int y = 0; y < field->n[1]; y++) {
            const size_t row =
                (size_t)(field->lo[2] + z - region->lo[2]) * (size_t)region->n[1] +
                (size_t)(field->lo[1] + y - region->lo[1]);
            const float *w =
                region->weight + row * (size_t)region->n[0] + (field->lo[0] - region->lo[0]);
            double s = 0.0;
            for (int x = 0; x < field->n[0]; x++)
                s += (double)w[x] * *f++;
            total += s;
        }
    return total;
}

/* The part of `from` whose noise can reach `target`; false if there is none. */
static bool part_in_reach(block *out, const rgq_region *from, const rgq_region *target,
                          const rgq_noise *noise)
{
    for (int a = 0; a < 3; a++) {
        const int lo = target->lo[a] - noise->n_lags[a];
        const int hi = target->lo[a] + target->n[a] - 1 + noise->n_lags[a];
        const int end = from->lo[a] + from->n[a] - 1;
        out->lo[a] = lo > from->lo[a] ? lo : from->lo[a];
        out->n[a] = (hi < end ? hi : end) - out->lo[a] + 1;
        if (out->n[a] <= 0)
            return false;
    }
    return true;
}

static void copy_weights(const block *to, const rgq_region *from)
{
    double *w = to->at;

    for (int z = 0; z < to->n[2]; z++)
        for (int y = 0; y < to->n[1]; y++) {
            const size_t row = (size_t)(to->lo[2] + z - from->lo[2]) * (size_t)from->n[1] +
                               (size_t)(to->lo[1] + y - from->lo[1]);
            const float *v =
                from->weight + row * (size_t)from->n[0] + (to->lo[0] - from->lo[0]);
            for (int x = 0; x < to->n[0]; x++)
                *w++ = (double)v[x];
        }
}

rgq_status rgq_noise_pairs(double *out, const rgq_noise *noise, const rgq_region *a,
                           const rgq_region *b, int power, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    block field = {{0, 0, 0}, {0, 0, 0}, NULL};
    block next = {{0, 0, 0}, {0, 0, 0}, NULL};

    *out = 0.0;
    if (a->n[0] == 0 || b->n[0] == 0 || !part_in_reach(&field, b, a, noise))
        return RGQ_OK; /* farther apart than the noise is correlated */
    RGQ_TRY(err,
            rgq_alloc(&field.at, (size_t)field.n[0] * (size_t)field.n[1] * (size_t)field.n[2],
                      sizeof *field.at, err));
    copy_weights(&field, b);
    for (int axis = 0; axis < 3; axis++) {
        next_block(&next, &field, axis, a, noise->n_lags[axis]);
        RGQ_TRY(err,
                rgq_alloc(&next.at, (size_t)next.n[0] * (size_t)next.n[1] * (size_t)next.n[2],
                          sizeof *next.at, err));
        convolve_axis(&next, &field, axis, noise, power);
        rgq_free(field.at);
        field = next;
        next.at = NULL;
    }
    *out = dot(&field, a) / (sum_weights(a) * sum_weights(b));
out:
    rgq_free(field.at);
    rgq_free(next.at);
    return st;
}

bool rgq_ratio_interval(double out[2], rgq_estimate above, rgq_estimate below,
                        double covariance, double t)
{
    const double ratio = above.mean / below.mean;
    const double g = t * t * below.variance / (below.mean * below.mean);

    out[0] = out[1] = (double)NAN;
    if (!(below.mean > 0.0) || !(g < 1.0) || !isfinite(ratio))
        return false;
    /* Fieller 1954: the values R for which above - R below is within t of its own deviation */
    const double shift = below.variance > 0.0 ? g * covariance / below.variance : 0.0;
    const double rest = below.variance > 0.0
                            ? above.variance - covariance * covariance / below.variance
                            : above.variance;
    const double spread =
        above.variance - 2.0 * ratio * covariance + ratio * ratio * below.variance - g * rest;
    const double half = t / below.mean * sqrt(fmax(spread, 0.0));
    out[0] = (ratio - shift - half) / (1.0 - g);
    out[1] = (ratio - shift + half) / (1.0 - g);
    return true;
}
