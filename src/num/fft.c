#include "num/fft.h"

#include <fftw3.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/border.h"
#include "num/threads.h"

enum { ALIGNMENT = 64 }; /* bytes; fixed, since FFTW plans by it */

/* One padded axis. */
typedef struct axis {
    int n;
    int padded;
    int radius;
    int *source;  /* for each padded position: voxel it is filled from, or -1 for zero */
    float *gains; /* transfer function at frequencies 0 .. padded - 1 */
} axis;

const char *rgq_fft_version(void)
{
    return fftwf_version;
}

static bool is_smooth(int n)
{
    static const int primes[] = {2, 3, 5, 7};

    for (int i = 0; i < 4; i++)
        while (n % primes[i] == 0)
            n /= primes[i];
    return n == 1;
}

void rgq_fft_padded(int padded[3], const int n[3], const int radius[3], rgq_border border)
{
    for (int i = 0; i < 3; i++) {
        padded[i] = n[i];
        if ((border == RGQ_BORDER_PERIODIC || radius[i] == 0) && is_smooth(n[i]))
            continue;
        padded[i] += border == RGQ_BORDER_ZERO ? radius[i] : 2 * radius[i];
        while (!is_smooth(padded[i]) || (i == 0 && padded[i] % 2 != 0))
            padded[i]++;
    }
}

/* The transform wraps round: the kernel reaches from voxel 0 into the last positions. */
static void fill_source(axis *a, rgq_border border)
{
    for (int p = 0; p < a->padded; p++) {
        a->source[p] = -1;
        if (p < a->n + a->radius)
            a->source[p] = rgq_border_index(p, a->n, border);
        else if (p >= a->padded - a->radius)
            a->source[p] = rgq_border_index(p - a->padded, a->n, border);
    }
}

/* half[0] + 2 sum half[k] cos(2 pi f k / N), scaled. */
static void fill_gains(axis *a, const double *half, const double *cosines, double scale)
{
    for (int f = 0; f < a->padded; f++) {
        double gain = half[0];
        int at = 0; /* f k modulo N */
        for (int k = 1; k <= a->radius; k++) {
            at = (at + f) % a->padded;
            gain += 2.0 * half[k] * cosines[at];
        }
        a->gains[f] = (float)(gain * scale);
    }
}

static rgq_status axis_init(axis *a, rgq_taps taps, rgq_border border, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    double *cosines = NULL;
    const size_t padded = (size_t)a->padded;
    const double step = 2.0 * acos(-1.0) / (double)a->padded;

    RGQ_TRY(err, rgq_alloc(&a->source, padded, sizeof *a->source, err));
    RGQ_TRY(err, rgq_alloc(&a->gains, padded, sizeof *a->gains, err));
    RGQ_TRY(err, rgq_alloc(&cosines, padded, sizeof *cosines, err));
    for (size_t i = 0; i < padded; i++)
        cosines[i] = cos(step * (double)i);
    fill_source(a, border);
    fill_gains(a, taps.half, cosines, 1.0 / (double)a->padded);
out:
    rgq_free(cosines);
    return st;
}

/* FFTW's planner is not safe in threads and keeps its number of threads in a global: everything
 * that touches it stands under one lock. */
static void make_plans(fftwf_plan plan[2], const axis a[3], float *buffer)
{
    fftwf_complex *spectrum = (fftwf_complex *)buffer;

#pragma omp critical(rgq_fftw_planner)
    {
        fftwf_init_threads();
        fftwf_plan_with_nthreads(rgq_threads_count());
        plan[0] = fftwf_plan_dft_r2c_3d(a[2].padded, a[1].padded, a[0].padded, buffer, spectrum,
                                        FFTW_ESTIMATE);
        plan[1] = fftwf_plan_dft_c2r_3d(a[2].padded, a[1].padded, a[0].padded, spectrum, buffer,
                                        FFTW_ESTIMATE);
    }
}

static void destroy_plans(fftwf_plan plan[2])
{
#pragma omp critical(rgq_fftw_planner)
    {
        for (int i = 0; i < 2; i++)
            if (plan[i] != NULL)
                fftwf_destroy_plan(plan[i]);
    }
}

/* Floats in a row of the buffer: a row of spectrum takes one or two more than one of voxels. */
static size_t row_floats(const axis *x)
{
    return 2 * ((size_t)x->padded / 2 + 1);
}

static void fill_row(float *to, const float *from, const axis *x)
{
    memcpy(to, from, (size_t)x->n * sizeof *from);
    for (int p = x->n; p < x->padded; p++)
        to[p] = x->source[p] < 0 ? 0.0F : from[x->source[p]];
}

static void fill_buffer(float *buffer, const float *data, const axis a[3])
{
    const size_t row = row_floats(&a[0]);

#pragma omp parallel for schedule(static)
    for (int z = 0; z < a[2].padded; z++)
        for (int y = 0; y < a[1].padded; y++) {
            float *to = buffer + ((size_t)z * (size_t)a[1].padded + (size_t)y) * row;
            const int from_z = a[2].source[z];
            const int from_y = a[1].source[y];
            if (from_z < 0 || from_y < 0)
                memset(to, 0, row * sizeof *to);
            else
                fill_row(to,
                         data + ((size_t)from_z * (size_t)a[1].n + (size_t)from_y) *
                                    (size_t)a[0].n,
                         &a[0]);
        }
}

static void apply_gains(float *buffer, const axis a[3])
{
    const size_t row = row_floats(&a[0]);

#pragma omp parallel for schedule(static)
    for (int z = 0; z < a[2].padded; z++)
        for (int y = 0; y < a[1].padded; y++) {
            float *at = buffer + ((size_t)z * (size_t)a[1].padded + (size_t)y) * row;
            const float gain = a[2].gains[z] * a[1].gains[y];
            for (size_t x = 0; x < row / 2; x++) {
                at[2 * x] *= gain * a[0].gains[x];
                at[2 * x + 1] *= gain * a[0].gains[x];
            }
        }
}

static void take_result(float *data, const float *buffer, const axis a[3])
{
    const size_t row = row_floats(&a[0]);

#pragma omp parallel for schedule(static)
    for (int z = 0; z < a[2].n; z++)
        for (int y = 0; y < a[1].n; y++)
            memcpy(data + ((size_t)z * (size_t)a[1].n + (size_t)y) * (size_t)a[0].n,
                   buffer + ((size_t)z * (size_t)a[1].padded + (size_t)y) * row,
                   (size_t)a[0].n * sizeof *data);
}

rgq_status rgq_fft_separable(float *data, const int n[3], const rgq_taps taps[3],
                             rgq_border border, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    axis a[3] = {{0}};
    fftwf_plan plan[2] = {NULL, NULL};
    float *block = NULL;
    const int radius[3] = {taps[0].radius, taps[1].radius, taps[2].radius};
    int padded[3];

    rgq_fft_padded(padded, n, radius, border);
    for (int i = 0; i < 3; i++) {
        a[i] = (axis){n[i], padded[i], radius[i], NULL, NULL};
        RGQ_TRY(err, axis_init(&a[i], taps[i], border, err));
    }
    const size_t count = row_floats(&a[0]) * (size_t)padded[1] * (size_t)padded[2];
    const size_t slack = ALIGNMENT / sizeof *block;
    RGQ_TRY(err, rgq_alloc(&block, count + slack, sizeof *block, err));
    float *buffer = block + (slack - (uintptr_t)block / sizeof *block % slack) % slack;
    make_plans(plan, a, buffer);
    if (plan[0] == NULL || plan[1] == NULL) {
        st = RGQ_RAISE(err, RGQ_E_NOMEM, "FFTW has no plan for %d x %d x %d voxels", padded[0],
                       padded[1], padded[2]);
        goto out;
    }
    fill_buffer(buffer, data, a);
    fftwf_execute(plan[0]);
    apply_gains(buffer, a);
    fftwf_execute(plan[1]);
    take_result(data, buffer, a);
out:
    destroy_plans(plan);
    rgq_free(block);
    for (int i = 0; i < 3; i++) {
        rgq_free(a[i].source);
        rgq_free(a[i].gains);
    }
    return st;
}
