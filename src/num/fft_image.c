#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "num/fft_parts.h"

#include "core/banned.h"

/* An axis of the kernel on an axis of the transform: its voxels stand in `slots` places, one
 * after another, or folded where the transform has fewer; source[p] is the place for position
 * p. */
static rgq_status place(rgq_fft_axis *out, int size, int padded, rgq_error *err)
{
    const int centre = (size - 1) / 2;

    *out = (rgq_fft_axis){size < padded ? size : padded, padded, centre, NULL};
    RGQ_PASS(err, rgq_alloc(&out->source, (size_t)padded, sizeof *out->source, err));
    for (int p = 0; p < padded; p++) {
        const int to = (p + centre) % padded;
        out->source[p] = to < out->n ? to : -1;
    }
    return RGQ_OK;
}

/* Where voxel k of the kernel is added: with source[] above it ends at k - centre, modulo the
 * length of the transform. */
static size_t place_of(const rgq_fft_axis *a, int k)
{
    return (size_t)(k % a->padded);
}

/* Weights of one slice of the kernel into rows of a slice of the buffer's shape; scaled. */
static void add_slice(float *slice, const rgq_fft *fft, const rgq_fft_axis *y,
                      const int size[3], const float *weight)
{
    const int padded = fft->a[0].padded;
    const int centre = (size[0] - 1) / 2;
    const float scale = 1.0F / ((float)padded * (float)y->padded * (float)fft->a[2].padded);

    for (int j = 0; j < size[1]; j++) {
        float *row = slice + fft->row * place_of(y, j);
        for (int i = 0; i < size[0]; i++) {
            int to = (i - centre) % padded;
            to += to < 0 ? padded : 0;
            row[to] += scale * weight[(size_t)j * (size_t)size[0] + (size_t)i];
        }
    }
}

/* Rows, then columns of one slice of the kernel. */
static void transform_slice(const rgq_fft *fft, float *slice, const rgq_fft_axis *y)
{
    for (int j = 0; j < y->n; j++) {
        float *row = slice + fft->row * (size_t)j;
        fftwf_execute_dft_r2c(fft->plan[0].forward, row, (fftwf_complex *)row);
    }
    rgq_fft_forward_columns(fft, slice, y);
}

static rgq_status fill_spectra(rgq_fft_gains *fresh, const rgq_fft *fft, const rgq_fft_axis *y,
                               const int size[3], const float *weight, rgq_error *err)
{
    const size_t slack = RGQ_FFT_ALIGNMENT / sizeof *fresh->image;
    const size_t slices = (size_t)fresh->image_z.n;
    const size_t area = (size_t)size[0] * (size_t)size[1];

    RGQ_PASS(err, rgq_alloc(&fresh->image_block, fft->slice * slices + slack,
                            sizeof *fresh->image, err));
    fresh->image = rgq_fft_aligned(fresh->image_block);
    for (int k = 0; k < size[2]; k++)
        add_slice(fresh->image + fft->slice * place_of(&fresh->image_z, k), fft, y, size,
                  weight + area * (size_t)k);
#pragma omp parallel for schedule(static) num_threads(fft->n_threads)
    for (int k = 0; k < fresh->image_z.n; k++)
        transform_slice(fft, fresh->image + fft->slice * (size_t)k, y);
    return RGQ_OK;
}

rgq_status rgq_fft_set_image(rgq_fft *fft, const int size[3], const float *weight,
                             rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fft_gains fresh = {.kind = RGQ_FFT_IMAGE};
    rgq_fft_axis y = {0};

    for (int i = 0; i < 3; i++)
        assert(size[i] >= 1 && size[i] % 2 == 1 && (size[i] - 1) / 2 <= fft->a[i].reach);
    RGQ_TRY(err, place(&y, size[1], fft->a[1].padded, err));
    RGQ_TRY(err, place(&fresh.image_z, size[2], fft->a[2].padded, err));
    RGQ_TRY(err, fill_spectra(&fresh, fft, &y, size, weight, err));
    fresh.bytes = fft->slice * (size_t)fresh.image_z.n * sizeof *fresh.image;
    rgq_fft_gains_release(&fft->gains);
    fft->gains = fresh;
    fresh = (rgq_fft_gains){.kind = RGQ_FFT_NO_KERNEL};
out:
    rgq_free(y.source);
    rgq_fft_gains_release(&fresh);
    return st;
}

/* One row of an even kernel: weight[|d|] at d modulo the length. */
static void add_even_row(float *row, const float *weight, int reach, int padded, float scale)
{
    row[0] += scale * weight[0];
    for (int i = 1; i <= reach; i++) {
        row[i % padded] += scale * weight[i];
        row[(padded - i % padded) % padded] += scale * weight[i];
    }
}

static void add_even_slice(float *slice, const rgq_fft *fft, const rgq_fft_axis *y,
                           const int reach[3], const float *weight)
{
    const int padded = fft->a[0].padded;
    const float scale = 1.0F / ((float)padded * (float)y->padded * (float)fft->a[2].padded);

    for (int j = -reach[1]; j <= reach[1]; j++) {
        const size_t from = (size_t)(j < 0 ? -j : j) * (size_t)(reach[0] + 1);
        add_even_row(slice + fft->row * place_of(y, j + reach[1]), weight + from, reach[0],
                     padded, scale);
    }
}

rgq_status rgq_fft_set_even(rgq_fft *fft, const int reach[3], const float *weight,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fft_gains fresh = {.kind = RGQ_FFT_IMAGE};
    rgq_fft_axis y = {0};
    const size_t slack = RGQ_FFT_ALIGNMENT / sizeof *fresh.image;
    const size_t area = (size_t)(reach[0] + 1) * (size_t)(reach[1] + 1);
    const int padded = fft->a[2].padded;
    const int n = reach[2] < padded / 2 ? reach[2] + 1 : padded / 2 + 1;

    for (int i = 0; i < 3; i++)
        assert(reach[i] >= 0 && reach[i] <= fft->a[i].reach);
    RGQ_TRY(err, place(&y, 2 * reach[1] + 1, fft->a[1].padded, err));
    fresh.image_z = (rgq_fft_axis){n, padded, reach[2], NULL};
    RGQ_TRY(err, rgq_alloc(&fresh.image_z.source, (size_t)padded, sizeof *y.source, err));
    for (int p = 0; p < padded; p++) {
        const int to = p <= padded - p ? p : padded - p;
        fresh.image_z.source[p] = to < n ? to : -1;
    }
    const size_t slices = fft->slice * (size_t)n;
    RGQ_TRY(err, rgq_alloc(&fresh.image_block, slices + slack, sizeof *fresh.image, err));
    fresh.image = rgq_fft_aligned(fresh.image_block);
#pragma omp parallel for schedule(static) num_threads(fft->n_threads)
    for (int k = 0; k < n; k++) {
        float *slice = fresh.image + fft->slice * (size_t)k;
        /* offsets k, k - padded, k + padded ... of both signs that fall on this slice */
        for (int d = -reach[2]; d <= reach[2]; d++)
            if ((d - k) % padded == 0)
                add_even_slice(slice, fft, &y, reach, weight + area * (size_t)abs(d));
        transform_slice(fft, slice, &y);
    }
    fresh.bytes = slices * sizeof *fresh.image;
    rgq_fft_gains_release(&fft->gains);
    fft->gains = fresh;
    fresh = (rgq_fft_gains){.kind = RGQ_FFT_NO_KERNEL};
out:
    rgq_free(y.source);
    rgq_fft_gains_release(&fresh);
    return st;
}

/* The spectrum of the kernel is finished along z, then multiplied; turned over, a real kernel
 * has the conjugate spectrum. */
void rgq_fft_image_apply(const rgq_fft *fft, float *lines, int y, rgq_fft_block at, bool turned)
{
    const rgq_fft_gains *g = &fft->gains;
    float *a = rgq_fft_scratch(fft, 0);
    float *kernel = rgq_fft_scratch(fft, 2);
    const float sign = turned ? -1.0F : 1.0F;

    rgq_fft_gather(a, g->image + fft->row * (size_t)y + 2 * (size_t)at.x, fft->slice,
                   &g->image_z, at);
    fftwf_execute_dft(fft->plan[2].forward, (fftwf_complex *)a, (fftwf_complex *)kernel);
    for (int z = 0; z < fft->a[2].padded; z++) {
        const size_t from = 2 * (size_t)RGQ_FFT_BLOCK * (size_t)z;
        for (size_t i = from; i < from + 2 * (size_t)at.count; i += 2) {
            const float re = lines[i];
            const float im = lines[i + 1];
            const float h_im = sign * kernel[i + 1];
            lines[i] = re * kernel[i] - im * h_im;
            lines[i + 1] = re * h_im + im * kernel[i];
        }
    }
}
