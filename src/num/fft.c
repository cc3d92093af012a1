#include "num/fft.h"

#include <assert.h>
#include <omp.h>
#include <string.h>

#include "core/alloc.h"
#include "num/border.h"
#include "num/fft_parts.h"
#include "num/threads.h"

#include "core/banned.h"

enum {
    SCRATCHES = 3,
    PAGE = 4096, /* slices this far apart would share the same places of a cache */
};

static bool is_smooth(int n)
{
    static const int primes[] = {2, 3, 5, 7};

    for (int i = 0; i < 4; i++)
        while (n % primes[i] == 0)
            n /= primes[i];
    return n == 1;
}

int rgq_fft_smooth(int n)
{
    n = n < 1 ? 1 : n;
    while (!is_smooth(n))
        n++;
    return n;
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

/* The transform wraps round: the kernel reaches from voxel 0 into the last positions. What is
 * between the two ends does not matter, unless the kernel reaches everywhere. */
static rgq_status axis_init(rgq_fft_axis *a, const rgq_fft_layout *layout, rgq_error *err)
{
    const int half = (a->padded - a->n + 1) / 2;
    const int reach = layout->endless ? half : a->reach;

    RGQ_PASS(err, rgq_alloc(&a->source, (size_t)a->padded, sizeof *a->source, err));
    for (int p = 0; p < a->padded; p++) {
        a->source[p] = -1;
        if (p < a->n + reach)
            a->source[p] = rgq_border_index(p, a->n, layout->border);
        else if (p >= a->padded - reach)
            a->source[p] = rgq_border_index(p - a->padded, a->n, layout->border);
    }
    return RGQ_OK;
}

static rgq_status take_memory(rgq_fft *f, rgq_error *err)
{
    const size_t slack = RGQ_FFT_ALIGNMENT / sizeof *f->block;
    const int longer = f->a[1].padded > f->a[2].padded ? f->a[1].padded : f->a[2].padded;

    f->row = rgq_fft_row_floats(f->a[0].padded);
    f->slice = f->row * (size_t)f->a[1].padded;
    if (f->slice * sizeof *f->block % PAGE == 0)
        f->slice += slack;
    f->n_blocks = (f->a[0].padded / 2 + RGQ_FFT_BLOCK) / RGQ_FFT_BLOCK;
    f->column = 2 * (size_t)RGQ_FFT_BLOCK * (size_t)longer;
    f->n_threads = rgq_threads_count();
    const size_t buffer = f->slice * (size_t)f->a[2].n + slack;
    const size_t work = SCRATCHES * f->column * (size_t)f->n_threads + slack;
    RGQ_PASS(err, rgq_alloc(&f->block, buffer, sizeof *f->block, err));
    RGQ_PASS(err, rgq_alloc(&f->work, work, sizeof *f->work, err));
    f->buffer = rgq_fft_aligned(f->block);
    f->scratch = rgq_fft_aligned(f->work);
    f->bytes = (buffer + work) * sizeof *f->block;
    return RGQ_OK;
}

rgq_status rgq_fft_create(rgq_fft **out, const rgq_fft_layout *layout, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fft *f = NULL;
    int padded[3];

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&f, 1, sizeof *f, err));
    rgq_fft_padded(padded, layout->n, layout->reach, layout->border);
    for (int i = 0; i < 3; i++) {
        if (layout->endless && layout->border == RGQ_BORDER_PERIODIC)
            padded[i] = layout->n[i];
        f->a[i] = (rgq_fft_axis){layout->n[i], padded[i], layout->reach[i], NULL};
        RGQ_TRY(err, axis_init(&f->a[i], layout, err));
    }
    RGQ_TRY(err, take_memory(f, err));
    RGQ_TRY(err, rgq_fft_plan_row(&f->plan[0], padded[0], f->buffer, err));
    for (int i = 1; i < 3; i++)
        RGQ_TRY(err, rgq_fft_plan_columns(&f->plan[i], padded[i], f->scratch,
                                          f->scratch + f->column, err));
    *out = f;
    f = NULL;
out:
    rgq_fft_free(f);
    return st;
}

void rgq_fft_free(rgq_fft *fft)
{
    if (fft == NULL)
        return;
    for (int i = 0; i < 3; i++) {
        rgq_fft_plan_release(&fft->plan[i]);
        rgq_free(fft->a[i].source);
    }
    rgq_fft_gains_release(&fft->gains);
    rgq_free(fft->block);
    rgq_free(fft->work);
    rgq_free(fft);
}

rgq_fft_report rgq_fft_describe(const rgq_fft *fft)
{
    rgq_fft_report report = {.from_wisdom = true,
                             .bytes = fft->bytes + fft->gains.bytes,
                             .gain_error = fft->gains.table_error};

    for (int i = 0; i < 3; i++) {
        report.padded[i] = fft->a[i].padded;
        report.from_wisdom = report.from_wisdom && fft->plan[i].from_wisdom;
    }
    return report;
}

rgq_fft_block rgq_fft_block_at(const rgq_fft *fft, int index)
{
    const int x = index * RGQ_FFT_BLOCK;
    const int left = fft->a[0].padded / 2 + 1 - x;

    return (rgq_fft_block){x, left < RGQ_FFT_BLOCK ? left : RGQ_FFT_BLOCK};
}

float *rgq_fft_scratch(const rgq_fft *fft, int i)
{
    return fft->scratch + fft->column * (size_t)(SCRATCHES * omp_get_thread_num() + i);
}

/* ---- lines of a block: `step` floats from element to element, gathered and put back ---- */

void rgq_fft_gather(float *lines, const float *from, size_t step, const rgq_fft_axis *a,
                    rgq_fft_block at)
{
    const size_t bytes = 2 * (size_t)at.count * sizeof *lines;

    for (int p = 0; p < a->padded; p++) {
        float *to = lines + 2 * (size_t)RGQ_FFT_BLOCK * (size_t)p;
        if (a->source[p] < 0)
            memset(to, 0, bytes);
        else
            memcpy(to, from + step * (size_t)a->source[p], bytes);
    }
}

static void take(float *lines, const float *from, size_t step, int count, rgq_fft_block at)
{
    for (int p = 0; p < count; p++)
        memcpy(lines + 2 * (size_t)RGQ_FFT_BLOCK * (size_t)p, from + step * (size_t)p,
               2 * (size_t)at.count * sizeof *lines);
}

static void put(float *to, size_t step, const float *lines, int count, rgq_fft_block at)
{
    for (int p = 0; p < count; p++)
        memcpy(to + step * (size_t)p, lines + 2 * (size_t)RGQ_FFT_BLOCK * (size_t)p,
               2 * (size_t)at.count * sizeof *to);
}

static void forward(const rgq_fft_plan *plan, float *from, float *to)
{
    fftwf_execute_dft(plan->forward, (fftwf_complex *)from, (fftwf_complex *)to);
}

static void inverse(const rgq_fft_plan *plan, float *from, float *to)
{
    fftwf_execute_dft(plan->inverse, (fftwf_complex *)from, (fftwf_complex *)to);
}

/* ---- the three sweeps: slices forth, lines across slices forth and back, slices back ---- */

static void fill_row(float *to, const float *from, const rgq_fft_axis *x)
{
    memcpy(to, from, (size_t)x->n * sizeof *from);
    for (int p = x->n; p < x->padded; p++)
        to[p] = x->source[p] < 0 ? 0.0F : from[x->source[p]];
}

void rgq_fft_forward_columns(const rgq_fft *fft, float *slice, const rgq_fft_axis *y)
{
    float *a = rgq_fft_scratch(fft, 0);
    float *b = rgq_fft_scratch(fft, 1);

    for (int i = 0; i < fft->n_blocks; i++) {
        const rgq_fft_block at = rgq_fft_block_at(fft, i);
        float *columns = slice + 2 * (size_t)at.x;
        rgq_fft_gather(a, columns, fft->row, y, at);
        forward(&fft->plan[1], a, b);
        put(columns, fft->row, b, y->padded, at);
    }
}

static void forward_slice(const rgq_fft *f, int z, const float *in)
{
    float *slice = f->buffer + f->slice * (size_t)z;

    for (int y = 0; y < f->a[1].n; y++) {
        float *row = slice + f->row * (size_t)y;
        fill_row(row, in + (size_t)f->a[0].n * (size_t)y, &f->a[0]);
        fftwf_execute_dft_r2c(f->plan[0].forward, row, (fftwf_complex *)row);
    }
    rgq_fft_forward_columns(f, slice, &f->a[1]);
}

static void filter_lines(const rgq_fft *f, int y, int block, bool turned)
{
    const rgq_fft_block at = rgq_fft_block_at(f, block);
    float *lines = f->buffer + f->row * (size_t)y + 2 * (size_t)at.x;
    float *a = rgq_fft_scratch(f, 0);
    float *b = rgq_fft_scratch(f, 1);

    rgq_fft_gather(a, lines, f->slice, &f->a[2], at);
    forward(&f->plan[2], a, b);
    if (f->gains.kind == RGQ_FFT_IMAGE)
        rgq_fft_image_apply(f, b, y, at, turned);
    else
        rgq_fft_gains_apply(f, b, y, at);
    inverse(&f->plan[2], b, a);
    put(lines, f->slice, a, f->a[2].n, at);
}

static void inverse_slice(const rgq_fft *f, int z, float *out)
{
    float *slice = f->buffer + f->slice * (size_t)z;
    float *a = rgq_fft_scratch(f, 0);
    float *b = rgq_fft_scratch(f, 1);
    const rgq_fft_axis *y = &f->a[1];

    for (int i = 0; i < f->n_blocks; i++) {
        const rgq_fft_block at = rgq_fft_block_at(f, i);
        float *columns = slice + 2 * (size_t)at.x;
        take(b, columns, f->row, y->padded, at);
        inverse(&f->plan[1], b, a);
        put(columns, f->row, a, y->n, at);
    }
    for (int j = 0; j < y->n; j++) {
        float *row = slice + f->row * (size_t)j;
        fftwf_execute_dft_c2r(f->plan[0].inverse, (fftwf_complex *)row, row);
        memcpy(out + (size_t)f->a[0].n * (size_t)j, row, (size_t)f->a[0].n * sizeof *out);
    }
}

void rgq_fft_run(rgq_fft *fft, float *out, const float *in, bool turned)
{
    const size_t slice = (size_t)fft->a[0].n * (size_t)fft->a[1].n;
    const int n_lines = fft->a[1].padded * fft->n_blocks;

    assert(fft->gains.kind != RGQ_FFT_NO_KERNEL);
#pragma omp parallel num_threads(fft->n_threads)
    {
#pragma omp for schedule(static)
        for (int z = 0; z < fft->a[2].n; z++)
            forward_slice(fft, z, in + slice * (size_t)z);
#pragma omp for schedule(static)
        for (int i = 0; i < n_lines; i++)
            filter_lines(fft, i / fft->n_blocks, i % fft->n_blocks, turned);
#pragma omp for schedule(static)
        for (int z = 0; z < fft->a[2].n; z++)
            inverse_slice(fft, z, out + slice * (size_t)z);
    }
}

rgq_status rgq_fft_separable(float *data, const int n[3], const rgq_taps taps[3],
                             rgq_border border, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fft *fft = NULL;
    const rgq_fft_layout layout = {
        {n[0], n[1], n[2]}, {taps[0].radius, taps[1].radius, taps[2].radius}, border, false};

    RGQ_TRY(err, rgq_fft_create(&fft, &layout, err));
    RGQ_TRY(err, rgq_fft_set_separable(fft, taps, err));
    rgq_fft_run(fft, data, data, false);
out:
    rgq_fft_free(fft);
    return st;
}
