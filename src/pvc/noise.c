/* Noise of a frame from what a regional model leaves, and what it does to the means. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "pvc/sampled.h"
#include "pvc/transfer.h"

enum { BRICK_X = 64, BRICK_YZ = 32, BRICKS_MAX = 48, SAMPLE_BLOCKS = 16 };

/* Autocorrelation along one axis, up to the last lag that is positive. */
typedef struct correlation {
    double rho[RGQ_NOISE_LAGS_MAX + 1];
    int lags;
} correlation;

/* A box of the residual over the standard deviation of its place. */
typedef struct brick {
    int lo[3];
    int n[3];
    float *e;
    float *work;
} brick;

/* Brick `i` of `count`, spread over the volume by a golden-ratio sequence along each axis. */
static void place_brick(brick *b, const int n[3], int i, int count)
{
    static const double steps[3] = {0.8191725133961645, 0.6710436067037893, 0.5497004779019703};
    static const int side[3] = {BRICK_X, BRICK_YZ, BRICK_YZ};

    for (int a = 0; a < 3; a++) {
        const double at = fmod(0.5 + steps[a] * i, 1.0);
        b->n[a] = side[a] < n[a] ? side[a] : n[a];
        b->lo[a] = count == 1 ? (n[a] - b->n[a]) / 2 : (int)(at * (n[a] - b->n[a] + 1));
    }
}

static void fill_brick(const rgq_pvc_frame *frame, const float *residual, const double *sd,
                       brick *b)
{
    const size_t nx = (size_t)frame->grid->n[0];
    const size_t ny = (size_t)frame->grid->n[1];
    const size_t count = (size_t)b->n[0] * (size_t)b->n[1] * (size_t)b->n[2];
    float *sum = b->work + count;

    memset(sum, 0, count * sizeof *sum);
    for (int i = 0; i < rgq_parts_count(frame->parts); i++) {
        int lo[3];
        int n[3];
        bool meets = true;
        rgq_parts_box(frame->parts, i, lo, n);
        for (int a = 0; a < 3; a++)
            meets = meets && lo[a] < b->lo[a] + b->n[a] && b->lo[a] < lo[a] + n[a];
        if (!meets)
            continue;
        rgq_parts_fill(frame->parts, i, b->lo, b->n, b->work);
        for (size_t v = 0; v < count; v++)
            sum[v] += (float)sd[i] * b->work[v];
    }
    for (size_t v = 0; v < count; v++) {
        const size_t x = v % (size_t)b->n[0] + (size_t)b->lo[0];
        const size_t y = v / (size_t)b->n[0] % (size_t)b->n[1] + (size_t)b->lo[1];
        const size_t z = v / ((size_t)b->n[0] * (size_t)b->n[1]) + (size_t)b->lo[2];
        b->e[v] = sum[v] > 0.0F ? residual[(z * ny + y) * nx + x] / sum[v] : 0.0F;
    }
}

/* Products of a row with the row or the voxels `step` further. */
static double row_product(const float *e, size_t step, size_t n)
{
    double s[8] = {0.0};
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; k++)
            s[k] += (double)e[i + k] * (double)e[i + k + step];
    for (; i < n; i++)
        s[0] += (double)e[i] * (double)e[i + step];
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* Sums of products at lags 0 .. of each axis, and how many. */
typedef struct products {
    double sum[3][RGQ_NOISE_LAGS_MAX + 1];
    double pairs[3][RGQ_NOISE_LAGS_MAX + 1];
} products;

static void add_row(products *p, const float *e, const int n[3], size_t row)
{
    const size_t nx = (size_t)n[0];
    const int y = (int)(row % (size_t)n[1]);
    const int z = (int)(row / (size_t)n[1]);
    const size_t step[3] = {1, nx, nx * (size_t)n[1]};
    const float *here = e + row * nx;

    for (int a = 0; a < 3; a++)
        for (int l = 0; l <= RGQ_NOISE_LAGS_MAX; l++) {
            size_t count = nx;
            if (a == 0)
                count = l < n[0] ? nx - (size_t)l : 0;
            else if ((a == 1 ? y : z) + l >= n[a])
                count = 0;
            if (count == 0)
                break;
            p->sum[a][l] += row_product(here, (size_t)l * step[a], count);
            p->pairs[a][l] += (double)count;
        }
}

static void divide_products(correlation out[3], const products *all)
{
    for (int a = 0; a < 3; a++) {
        const double c0 = all->sum[a][0] / all->pairs[a][0];
        out[a].rho[0] = 1.0;
        out[a].lags = 0;
        for (int l = 1; l <= RGQ_NOISE_LAGS_MAX && all->pairs[a][l] > 0.0; l++) {
            const double rho = all->sum[a][l] / all->pairs[a][l] / c0;
            if (!(rho > 0.0))
                break;
            out[a].rho[l] = fmin(rho, 1.0);
            out[a].lags = l;
        }
    }
}

/* Bricks one after the other, the rows of each in parallel blocks. */
static rgq_status correlate(correlation out[3], const rgq_pvc_frame *frame,
                            const float *residual, const double *sd, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t room = (size_t)BRICK_X * BRICK_YZ * BRICK_YZ;
    const int count = (int)(frame->count / room) + 1;
    const int bricks = count < BRICKS_MAX ? count : BRICKS_MAX;
    products *part = NULL;
    products all = {.sum = {{0.0}}};
    brick b = {.e = NULL};

    RGQ_TRY(err, rgq_alloc(&part, SAMPLE_BLOCKS, sizeof *part, err));
    RGQ_TRY(err, rgq_alloc(&b.e, room, sizeof *b.e, err));
    RGQ_TRY(err, rgq_alloc(&b.work, 2 * room, sizeof *b.work, err));
    for (int i = 0; i < bricks; i++) {
        place_brick(&b, frame->grid->n, i, bricks);
        fill_brick(frame, residual, sd, &b);
        const size_t rows = (size_t)b.n[1] * (size_t)b.n[2];
#pragma omp parallel for schedule(static)
        for (size_t k = 0; k < SAMPLE_BLOCKS; k++)
            for (size_t r = rows * k / SAMPLE_BLOCKS; r < rows * (k + 1) / SAMPLE_BLOCKS; r++)
                add_row(&part[k], b.e, b.n, r);
    }
    for (size_t k = 0; k < SAMPLE_BLOCKS; k++)
        for (int a = 0; a < 3; a++)
            for (int l = 0; l <= RGQ_NOISE_LAGS_MAX; l++) {
                all.sum[a][l] += part[k].sum[a][l];
                all.pairs[a][l] += part[k].pairs[a][l];
            }
    divide_products(out, &all);
out:
    rgq_free(b.work);
    rgq_free(b.e);
    rgq_free(part);
    return st;
}

/* Two symmetric kernels one after the other; `out` may be neither. */
static int convolve_half(double *out, const double *a, int ra, const double *b, int rb)
{
    for (int k = 0; k <= ra + rb; k++) {
        out[k] = 0.0;
        for (int i = -ra; i <= ra; i++) {
            const int j = k - i < 0 ? i - k : k - i;
            if (j <= rb)
                out[k] += a[i < 0 ? -i : i] * b[j];
        }
    }
    return ra + rb;
}

static int radius_of_psf(const rgq_blur *blur, int axis)
{
    const rgq_taps *taps = rgq_blur_taps(blur);

    return taps != NULL ? taps[axis].radius
                        : rgq_gauss_radius(rgq_blur_report(blur)->sigma[axis]);
}

static rgq_status psf_half(double **out, const rgq_blur *blur, int axis, rgq_error *err)
{
    const rgq_taps *taps = rgq_blur_taps(blur);
    const int r = radius_of_psf(blur, axis);

    RGQ_PASS(err, rgq_alloc(out, (size_t)r + 1, sizeof **out, err));
    if (r == 0)
        (*out)[0] = 1.0;
    else if (taps != NULL)
        memcpy(*out, taps[axis].half, ((size_t)r + 1) * sizeof **out);
    else
        rgq_gauss_taps(*out, rgq_blur_report(blur)->sigma[axis]);
    return RGQ_OK;
}

/* rho, or h * rho * h, of one axis. */
static rgq_status kernel_of(double **out, int *radius, const correlation *c,
                            const rgq_blur *blur, int axis, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *h = NULL;
    double *once = NULL;
    const int r = blur != NULL ? radius_of_psf(blur, axis) : 0;

    RGQ_TRY(err, rgq_alloc(out, (size_t)(2 * r + c->lags) + 1, sizeof **out, err));
    *radius = c->lags;
    if (blur == NULL) {
        memcpy(*out, c->rho, ((size_t)c->lags + 1) * sizeof **out);
        goto out;
    }
    RGQ_TRY(err, psf_half(&h, blur, axis, err));
    RGQ_TRY(err, rgq_alloc(&once, (size_t)(r + c->lags) + 1, sizeof *once, err));
    (void)convolve_half(once, h, r, c->rho, c->lags);
    *radius = convolve_half(*out, once, r + c->lags, h, r);
out:
    rgq_free(h);
    rgq_free(once);
    return st;
}

/* The matrix <a_i, rho * a_j>. */
static rgq_status make_noise(rgq_transfer *t, const rgq_pvc_frame *frame,
                             const correlation c[3], const rgq_blur *blur, double *out,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *half[3] = {NULL, NULL, NULL};
    rgq_taps taps[3] = {{0, NULL}};

    for (int a = 0; a < 3; a++) {
        RGQ_TRY(err, kernel_of(&half[a], &taps[a].radius, &c[a], blur, a, err));
        taps[a].half = half[a];
    }
    RGQ_TRY(err, rgq_sampled_products(frame->parts, t->part, t->n, taps, out, err));
out:
    for (int a = 0; a < 3; a++)
        rgq_free(half[a]);
    return st;
}

/* Variance of the residual in each row's part, and its correlation if that is wanted; `*any`
 * tells whether there is a residual at all. */
static rgq_status look_at(rgq_transfer *t, const rgq_pvc_frame *frame, const float *residual,
                          double *variance, correlation c[3], bool *any, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const int n_parts = rgq_parts_count(frame->parts);
    double *sum = NULL;

    *any = false;
    RGQ_TRY(err, rgq_alloc(&sum, (size_t)n_parts, sizeof *sum, err));
    RGQ_TRY(err, rgq_parts_squares(frame->parts, residual, sum, err));
    for (int i = 0; i < n_parts; i++) {
        const double weight = rgq_parts_weight(frame->parts, i);
        sum[i] = weight > 0.0 ? sum[i] / weight : 0.0;
        *any = *any || sum[i] > 0.0;
    }
    for (int i = 0; i < t->n; i++)
        variance[i] = sum[t->part[i]];
    if (*any && t->noise == NULL) {
        for (int i = 0; i < n_parts; i++)
            sum[i] = sqrt(sum[i]);
        RGQ_TRY(err, correlate(c, frame, residual, sum, err));
    }
out:
    rgq_free(sum);
    return st;
}

static rgq_status prepare(rgq_transfer *t, const rgq_pvc_frame *frame, const correlation c[3],
                          bool blurred, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t n = (size_t)t->n;
    double *noise = NULL;
    double *factor = NULL;

    RGQ_TRY(err, rgq_alloc(&noise, n * n, sizeof *noise, err));
    RGQ_TRY(err, rgq_alloc(&factor, n, sizeof *factor, err));
    RGQ_TRY(err, make_noise(t, frame, c, NULL, noise, err));
    for (size_t i = 0; i < n; i++) {
        const double weight = rgq_parts_weight(frame->parts, t->part[i]);
        factor[i] = fmin(noise[i * n + i] / (weight * weight), 0.5);
    }
    if (blurred)
        RGQ_TRY(err, make_noise(t, frame, c, frame->blur, noise, err));
    t->noise = noise;
    t->mean_factor = factor;
    noise = NULL;
    factor = NULL;
out:
    rgq_free(noise);
    rgq_free(factor);
    return st;
}

/* Variance of T_i: row i of the inverse on both sides of the covariance. */
static double variance_of(const rgq_transfer *t, const double *inverse_row, const double *sd)
{
    const size_t n = (size_t)t->n;
    double total = 0.0;

    for (size_t j = 0; j < n; j++)
        for (size_t k = 0; k < n; k++)
            total += inverse_row[j] * inverse_row[k] * sd[j] * sd[k] * t->noise[j * n + k];
    return total;
}

rgq_status rgq_transfer_noise(rgq_transfer *transfer, rgq_pvc_frame *frame,
                              const float *residual, bool blurred, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t n = (size_t)transfer->n;
    correlation c[3] = {{{0.0}, 0}};
    double *sd = NULL;
    bool any = false;

    RGQ_TRY(err, rgq_alloc(&sd, n, sizeof *sd, err));
    RGQ_TRY(err, look_at(transfer, frame, residual, sd, c, &any, err));
    if (any && transfer->noise == NULL)
        RGQ_TRY(err, prepare(transfer, frame, c, blurred, err));
    for (size_t i = 0; i < n && any; i++) {
        const double weight = rgq_parts_weight(frame->parts, transfer->part[i]);
        sd[i] = sqrt(sd[i] / (1.0 - transfer->mean_factor[i]));
        if (!blurred) /* GTM solves for means, Labbe for sums */
            sd[i] /= weight;
    }
    for (size_t i = 0; i < n; i++)
        frame->value_sd[transfer->part[i]] =
            any ? sqrt(fmax(0.0, variance_of(transfer, transfer->inverse + i * n, sd))) : 0.0;
out:
    rgq_free(sd);
    return st;
}
