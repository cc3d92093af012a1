#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "num/fft_parts.h"

#include "core/banned.h"

enum { MANTISSA_BITS = 23, CELL_BITS_MIN = 5, CELL_BITS_MAX = 12, COEFFICIENTS = 4 };

static const double table_tolerance = 2e-7;

void rgq_fft_gains_release(rgq_fft_gains *gains)
{
    for (int i = 0; i < 3; i++) {
        rgq_free(gains->flat[i]);
        rgq_free(gains->bent[i]);
        rgq_free(gains->u[i]);
    }
    rgq_free(gains->table.cell);
    rgq_free(gains->image_block);
    rgq_free(gains->image_z.source);
    *gains = (rgq_fft_gains){.kind = RGQ_FFT_NO_KERNEL};
}

static double scale_of(const rgq_fft *fft)
{
    return 1.0 /
           ((double)fft->a[0].padded * (double)fft->a[1].padded * (double)fft->a[2].padded);
}

/* ---- products of kernels ---- */

/* scale (half[0] + 2 sum half[k] cos(2 pi f k / N)) at f = 0 .. N - 1. */
static rgq_status transform(float **out, int padded, rgq_taps taps, double scale,
                            rgq_error *err)
{
    double *cosines = NULL;
    const double step = 2.0 * acos(-1.0) / (double)padded;

    RGQ_PASS(err, rgq_alloc(out, (size_t)padded, sizeof **out, err));
    RGQ_PASS(err, rgq_alloc(&cosines, (size_t)padded, sizeof *cosines, err));
    for (int i = 0; i < padded; i++)
        cosines[i] = cos(step * (double)i);
    for (int f = 0; f < padded; f++) {
        double gain = taps.half[0];
        int at = 0; /* f k modulo N */
        for (int k = 1; k <= taps.radius; k++) {
            at = (at + f) % padded;
            gain += 2.0 * taps.half[k] * cosines[at];
        }
        (*out)[f] = (float)(gain * scale);
    }
    rgq_free(cosines);
    return RGQ_OK;
}

static rgq_status set_products(rgq_fft_gains *fresh, const rgq_fft *fft, const rgq_taps flat[3],
                               const rgq_taps bent[3], rgq_error *err)
{
    for (int i = 0; i < 3; i++) {
        const int padded = fft->a[i].padded;
        const double scale = i == 2 ? scale_of(fft) : 1.0;
        assert(flat[i].radius <= fft->a[i].reach);
        RGQ_PASS(err, transform(&fresh->flat[i], padded, flat[i], scale, err));
        if (bent == NULL)
            continue;
        assert(bent[i].radius <= fft->a[i].reach);
        RGQ_PASS(err, transform(&fresh->bent[i], padded, bent[i], scale, err));
    }
    return RGQ_OK;
}

static rgq_status exchange(rgq_fft *fft, rgq_fft_gains *fresh, rgq_status st)
{
    rgq_fft_gains_release(st == RGQ_OK ? &fft->gains : fresh);
    if (st == RGQ_OK)
        fft->gains = *fresh;
    return st;
}

rgq_status rgq_fft_set_separable(rgq_fft *fft, const rgq_taps taps[3], rgq_error *err)
{
    rgq_fft_gains fresh = {.kind = RGQ_FFT_SEPARABLE};

    return exchange(fft, &fresh, set_products(&fresh, fft, taps, NULL, err));
}

rgq_status rgq_fft_set_laplacian(rgq_fft *fft, const rgq_taps flat[3], const rgq_taps bent[3],
                                 rgq_error *err)
{
    rgq_fft_gains fresh = {.kind = RGQ_FFT_LAPLACIAN};

    return exchange(fft, &fresh, set_products(&fresh, fft, flat, bent, err));
}

/* ---- a function of the distance from frequency zero ---- */

static uint32_t bits_of(float u)
{
    uint32_t bits = 0;

    memcpy(&bits, &u, sizeof bits);
    return bits;
}

static float look_up(const rgq_fft_table *t, float u)
{
    const uint32_t bits = bits_of(u);
    const uint32_t number = bits >> t->shift;

    if (number < t->first) /* nothing lies between zero and the lowest frequency */
        return t->at_zero;
    size_t index = (size_t)(number - t->first);
    index = index < t->count ? index : t->count - 1;
    const float place = (float)(bits & ((1U << t->shift) - 1U)) / (float)(1U << t->shift);
    const float *c = t->cell[index];
    return ((c[3] * place + c[2]) * place + c[1]) * place + c[0];
}

/* Where a cell begins. */
static double edge_of(const rgq_fft_table *t, size_t index)
{
    const uint32_t bits = (t->first + (uint32_t)index) << t->shift;
    float u = 0.0F;

    memcpy(&u, &bits, sizeof u);
    return (double)u;
}

/* The cubic through the values at 0, 1/3, 2/3 and 1. */
static void fit_cell(float c[COEFFICIENTS], const double v[COEFFICIENTS], double scale)
{
    const double c1 = -5.5 * v[0] + 9.0 * v[1] - 4.5 * v[2] + v[3];
    const double c2 = 9.0 * v[0] - 22.5 * v[1] + 18.0 * v[2] - 4.5 * v[3];
    const double c3 = -4.5 * v[0] + 13.5 * v[1] - 13.5 * v[2] + 4.5 * v[3];

    c[0] = (float)(scale * v[0]);
    c[1] = (float)(scale * c1);
    c[2] = (float)(scale * c2);
    c[3] = (float)(scale * c3);
}

/* Largest error of the table between the places it was fitted at, of max(1, |gain|). */
static double fill_cells(rgq_fft_table *t, rgq_fft_gain gain, const void *context, double scale)
{
    double worst = 0.0;

    for (size_t i = 0; i < t->count; i++) {
        const double low = edge_of(t, i);
        const double width = edge_of(t, i + 1) - low;
        double v[COEFFICIENTS];
        for (int k = 0; k < COEFFICIENTS; k++)
            v[k] = gain(low + width * (double)k / 3.0, context);
        fit_cell(t->cell[i], v, scale);
        for (int k = 1; k < 6; k += 2) {
            const double x = (double)k / 6.0;
            const float *c = t->cell[i];
            const double want = gain(low + width * x, context);
            const double got =
                (((double)c[3] * x + (double)c[2]) * x + (double)c[1]) * x + (double)c[0];
            const double off = fabs(got / scale - want) / fmax(1.0, fabs(want));
            worst = off <= worst ? worst : off; /* a NaN stays */
        }
    }
    return worst;
}

/* Cells from the lowest frequency that is not zero to the highest. */
static rgq_status make_table(rgq_fft_gains *g, const rgq_fft *fft, double lowest,
                             double highest, rgq_fft_gain gain, const void *context,
                             rgq_error *err)
{
    rgq_fft_table *t = &g->table;
    const double scale = scale_of(fft);

    t->at_zero = (float)(gain(0.0, context) * scale);
    for (int bits = CELL_BITS_MIN; bits <= CELL_BITS_MAX; bits++) {
        t->shift = MANTISSA_BITS - bits;
        t->first = bits_of((float)(lowest * (1.0 - 1e-6))) >> t->shift;
        t->count = (bits_of((float)(highest * (1.0 + 1e-6))) >> t->shift) - t->first + 1;
        rgq_free(t->cell);
        t->cell = NULL;
        RGQ_PASS(err, rgq_alloc(&t->cell, t->count, sizeof *t->cell, err));
        g->table_error = fill_cells(t, gain, context, scale);
        if (g->table_error <= table_tolerance)
            break;
    }
    if (!isfinite(g->table_error) || !isfinite(t->at_zero))
        return RGQ_RAISE(err, RGQ_E_NUMERIC,
                         "the gain of the filter is not finite at some frequencies");
    return RGQ_OK;
}

static rgq_status set_radial(rgq_fft_gains *fresh, const rgq_fft *fft, const double scale[3],
                             rgq_fft_gain gain, const void *context, rgq_error *err)
{
    double lowest = (double)INFINITY;
    double highest = 0.0;

    for (int i = 0; i < 3; i++) {
        const int padded = fft->a[i].padded;
        double top = 0.0;
        RGQ_PASS(err, rgq_alloc(&fresh->u[i], (size_t)padded, sizeof *fresh->u[i], err));
        for (int k = 0; k < padded; k++) {
            const double f = scale[i] * (double)(k <= padded / 2 ? k : k - padded) / padded;
            fresh->u[i][k] = (float)(f * f);
            top = fmax(top, f * f);
        }
        if (padded > 1 && scale[i] > 0.0)
            lowest = fmin(lowest, scale[i] * scale[i] / padded / padded);
        highest += top;
    }
    if (!isfinite(lowest)) /* one voxel: frequency zero is all there is */
        lowest = highest = 1.0;
    return make_table(fresh, fft, lowest, highest, gain, context, err);
}

rgq_status rgq_fft_set_radial(rgq_fft *fft, const double scale[3], rgq_fft_gain gain,
                              const void *context, rgq_error *err)
{
    rgq_fft_gains fresh = {.kind = RGQ_FFT_RADIAL};

    return exchange(fft, &fresh, set_radial(&fresh, fft, scale, gain, context, err));
}

/* ---- multiplying ---- */

static void multiply(float *restrict line, const float *restrict gain, int count)
{
    for (size_t i = 0; i < (size_t)count; i++) {
        line[2 * i] *= gain[i];
        line[2 * i + 1] *= gain[i];
    }
}

static void apply_separable(const rgq_fft *fft, float *lines, int y, rgq_fft_block at)
{
    const rgq_fft_gains *g = &fft->gains;
    float gain[RGQ_FFT_BLOCK];

    for (int z = 0; z < fft->a[2].padded; z++) {
        const float across = g->flat[2][z] * g->flat[1][y];
        for (int i = 0; i < at.count; i++)
            gain[i] = across * g->flat[0][at.x + i];
        multiply(lines + 2 * (size_t)RGQ_FFT_BLOCK * (size_t)z, gain, at.count);
    }
}

static void apply_laplacian(const rgq_fft *fft, float *lines, int y, rgq_fft_block at)
{
    const rgq_fft_gains *g = &fft->gains;
    float plane[RGQ_FFT_BLOCK];
    float flat[RGQ_FFT_BLOCK];
    float gain[RGQ_FFT_BLOCK];

    for (int i = 0; i < at.count; i++) {
        flat[i] = g->flat[0][at.x + i] * g->flat[1][y];
        plane[i] = g->bent[0][at.x + i] * g->flat[1][y] + g->flat[0][at.x + i] * g->bent[1][y];
    }
    for (int z = 0; z < fft->a[2].padded; z++) {
        for (int i = 0; i < at.count; i++)
            gain[i] = plane[i] * g->flat[2][z] + flat[i] * g->bent[2][z];
        multiply(lines + 2 * (size_t)RGQ_FFT_BLOCK * (size_t)z, gain, at.count);
    }
}

/* Frequencies z and padded - z have the same gains. */
static void apply_radial(const rgq_fft *fft, float *lines, int y, rgq_fft_block at)
{
    const rgq_fft_gains *g = &fft->gains;
    const int padded = fft->a[2].padded;
    float gain[RGQ_FFT_BLOCK];

    for (int z = 0; z <= padded / 2; z++) {
        const float across = g->u[2][z] + g->u[1][y];
        for (int i = 0; i < at.count; i++)
            gain[i] = look_up(&g->table, across + g->u[0][at.x + i]);
        multiply(lines + 2 * (size_t)RGQ_FFT_BLOCK * (size_t)z, gain, at.count);
        if (z > 0 && padded - z != z)
            multiply(lines + 2 * (size_t)RGQ_FFT_BLOCK * (size_t)(padded - z), gain, at.count);
    }
}

void rgq_fft_gains_apply(const rgq_fft *fft, float *lines, int y, rgq_fft_block at)
{
    if (fft->gains.kind == RGQ_FFT_RADIAL)
        apply_radial(fft, lines, y, at);
    else if (fft->gains.kind == RGQ_FFT_LAPLACIAN)
        apply_laplacian(fft, lines, y, at);
    else
        apply_separable(fft, lines, y, at);
}
