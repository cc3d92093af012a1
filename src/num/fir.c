#include "num/fir.h"

#include <omp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/denormal.h"
#include "num/sweep.h"
#include "num/threads.h"

enum {
    BAND_KB = 24,    /* of a band's window: half a level 1 cache */
    WIDE_KB = 256,   /* the same where the kernel is wide: level 2 */
    FUSED_KB = 512,  /* widest window of whole rows before rows are cut into bands */
    BAND_MAX = 4096, /* floats */
    BAND_GOOD = 256, /* memory likes no shorter pieces of rows */
    BAND_MIN = 64,
    SHARES = 16,     /* a volume makes bands for so many threads at least */
    FUSED_LINES = 8, /* fewer slices are not swept whole, one thread each */
    N_STAGES = 3
};

/* What is done with one volume or box. */
typedef struct plan {
    rgq_axis a[3];
    int n_sweeps;
    rgq_sweep sweeps[N_STAGES];
} plan;

/* Buffers of all threads. */
typedef struct buffers {
    int n_threads;
    size_t floats_each;
    size_t pointers_each;
    size_t edges_each;
    float *floats;
    float *aligned; /* `floats` from a cache line on */
    const float **pointers;
    int *edges; /* of boxes */
    omp_lock_t *locks;
} buffers;

struct rgq_fir {
    plan whole;
    float *half[3];
    int *edge[3];
    buffers work;
    double (*sums)[2]; /* of the items of the last sweep */
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t round_up(size_t value, size_t step)
{
    return (value + step - 1) / step * step;
}

/* Width of a band: its window in the cache, and enough bands for many threads. It is the same
 * for any number of them, since sums are kept for each band. */
static size_t band_of(const rgq_axis *a, size_t n_lines, size_t width, size_t floats_max)
{
    const size_t floats_of_kb = 1024 / sizeof(float);
    const size_t rows = rgq_window_rows(a);
    const size_t share = round_up((width * n_lines + SHARES - 1) / SHARES, RGQ_LINE);
    size_t band = BAND_KB * floats_of_kb / rows;

    if (band < BAND_GOOD)
        band = smaller(BAND_GOOD, WIDE_KB * floats_of_kb / rows);
    band = smaller(smaller(band, BAND_MAX), share);
    band = smaller(band, floats_max / rows > RGQ_LINE ? floats_max / rows - RGQ_LINE : 0);
    return smaller(larger(band / RGQ_LINE * RGQ_LINE, BAND_MIN), width);
}

static rgq_sweep rows_sweep(rgq_fir_loops loops, const rgq_axis a[3])
{
    const size_t rows = (size_t)a[1].n * (size_t)a[2].n;

    return (rgq_sweep){.loops = loops,
                       .x = a[0].radius > 0 ? &a[0] : NULL,
                       .n_lines = rows,
                       .row_step = (size_t)a[0].n,
                       .width = (size_t)a[0].n,
                       .items = (rows + RGQ_BLOCK_ROWS - 1) / RGQ_BLOCK_ROWS};
}

/* y, and x with it where the rolling window of whole rows is small enough. */
static rgq_sweep slices_sweep(rgq_fir_loops loops, const rgq_axis a[3], size_t floats_max)
{
    const size_t nx = (size_t)a[0].n;
    const size_t fused_floats = (size_t)FUSED_KB * 1024 / sizeof(float);
    rgq_sweep s = {.loops = loops,
                   .across = &a[1],
                   .x = &a[0],
                   .n_lines = (size_t)a[2].n,
                   .line_step = nx * (size_t)a[1].n,
                   .row_step = nx,
                   .width = nx,
                   .band = nx,
                   .items = (size_t)a[2].n};
    const bool fused =
        a[0].radius > 0 && rgq_window_rows(&a[1]) * rgq_window_stride(nx) <= fused_floats &&
        rgq_sweep_floats(&s) <= floats_max && (a[2].n >= FUSED_LINES || floats_max < SIZE_MAX);

    if (fused)
        return s;
    s.x = NULL;
    s.band = band_of(&a[1], s.n_lines, nx, floats_max);
    s.items = s.n_lines * ((nx + s.band - 1) / s.band);
    return s;
}

static rgq_sweep columns_sweep(rgq_fir_loops loops, const rgq_axis a[3], size_t floats_max)
{
    const size_t plane = (size_t)a[0].n * (size_t)a[1].n;
    const size_t band = band_of(&a[2], 1, plane, floats_max);

    return (rgq_sweep){.loops = loops,
                       .across = &a[2],
                       .n_lines = 1,
                       .row_step = plane,
                       .width = plane,
                       .band = band,
                       .items = (plane + band - 1) / band};
}

/* The sweeps for the axes in `p`. A window takes `floats_max` at most, which must hold bands of
 * BAND_MIN floats. */
static void plan_sweeps(plan *p, size_t floats_max)
{
    const rgq_fir_loops loops = rgq_fir_loops_best();
    const rgq_sweep slices = slices_sweep(loops, p->a, floats_max);

    p->n_sweeps = 0;
    if ((p->a[0].radius > 0 && (p->a[1].radius == 0 || slices.x == NULL)) ||
        (p->a[1].radius == 0 && p->a[2].radius == 0))
        p->sweeps[p->n_sweeps++] = rows_sweep(loops, p->a);
    if (p->a[1].radius > 0)
        p->sweeps[p->n_sweeps++] = slices;
    if (p->a[2].radius > 0)
        p->sweeps[p->n_sweeps++] = columns_sweep(loops, p->a, floats_max);
}

static rgq_status axis_init(rgq_fir *fir, int i, int n, rgq_taps taps, rgq_error *err)
{
    rgq_axis *a = &fir->whole.a[i];
    const int r = taps.radius;

    a->n = n;
    a->radius = r;
    if (r == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&fir->half[i], (size_t)r + 1, sizeof *fir->half[i], err));
    RGQ_PASS(err, rgq_alloc(&fir->edge[i], 2 * (size_t)r, sizeof *fir->edge[i], err));
    for (int k = 0; k <= r; k++)
        fir->half[i][k] = (float)taps.half[k];
    rgq_axis_edges(fir->edge[i], n, r, a->border);
    a->half = fir->half[i];
    a->edge = fir->edge[i];
    return RGQ_OK;
}

/* One set of buffers for all sweeps, so that nothing can fail in a run. */
static rgq_status buffers_init(buffers *work, const plan *p, rgq_error *err)
{
    const size_t threads = (size_t)rgq_threads_count();

    work->floats_each = RGQ_LINE;
    work->pointers_each = RGQ_LINE;
    for (int i = 0; i < p->n_sweeps; i++) {
        work->floats_each = larger(work->floats_each, rgq_sweep_floats(&p->sweeps[i]));
        work->pointers_each = larger(work->pointers_each, rgq_sweep_pointers(&p->sweeps[i]));
    }
    /* a box may fuse x and y where the volume does not */
    work->pointers_each = larger(work->pointers_each,
                                 2 * (size_t)p->a[0].radius + 3 + 2 * (size_t)p->a[1].radius);
    work->floats_each = round_up(work->floats_each, RGQ_LINE);
    work->pointers_each = round_up(work->pointers_each, RGQ_LINE);
    for (int i = 0; i < 3; i++)
        work->edges_each += 2 * (size_t)p->a[i].radius;
    work->edges_each = round_up(work->edges_each + 1, RGQ_LINE);
    RGQ_PASS(err, rgq_alloc(&work->floats, threads * work->floats_each + RGQ_LINE,
                            sizeof *work->floats, err));
    RGQ_PASS(err, rgq_alloc(&work->pointers, threads * work->pointers_each,
                            sizeof(const float *), err));
    RGQ_PASS(err,
             rgq_alloc(&work->edges, threads * work->edges_each, sizeof *work->edges, err));
    RGQ_PASS(err, rgq_alloc(&work->locks, threads, sizeof *work->locks, err));
    for (; (size_t)work->n_threads < threads; work->n_threads++)
        omp_init_lock(&work->locks[work->n_threads]);
    const size_t past = (uintptr_t)work->floats / sizeof *work->floats % RGQ_LINE;
    work->aligned = work->floats + (RGQ_LINE - past) % RGQ_LINE;
    return RGQ_OK;
}

rgq_status rgq_fir_create(rgq_fir **out, const int n[3], const rgq_taps taps[3],
                          rgq_border border, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fir *fir = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&fir, 1, sizeof *fir, err));
    for (int i = 0; i < 3; i++) {
        fir->whole.a[i].border = border;
        RGQ_TRY(err, axis_init(fir, i, n[i], taps[i], err));
    }
    plan_sweeps(&fir->whole, SIZE_MAX);
    RGQ_TRY(err, buffers_init(&fir->work, &fir->whole, err));
    RGQ_TRY(err, rgq_alloc(&fir->sums, fir->whole.sweeps[fir->whole.n_sweeps - 1].items,
                           sizeof *fir->sums, err));
    *out = fir;
    fir = NULL;
out:
    rgq_fir_free(fir);
    return st;
}

void rgq_fir_free(rgq_fir *fir)
{
    if (fir == NULL)
        return;
    for (int i = 0; i < fir->work.n_threads; i++)
        omp_destroy_lock(&fir->work.locks[i]);
    rgq_free(fir->work.locks);
    rgq_free(fir->work.edges);
    rgq_free(fir->work.pointers);
    rgq_free(fir->work.floats);
    rgq_free(fir->sums);
    for (int i = 0; i < 3; i++) {
        rgq_free(fir->half[i]);
        rgq_free(fir->edge[i]);
    }
    rgq_free(fir);
}

static void run_sweep(const rgq_sweep *s, const rgq_sweep_job *j, const buffers *work,
                      double (*sums)[2])
{
#pragma omp parallel num_threads(work->n_threads)
    {
        const size_t me = (size_t)omp_get_thread_num();
        const unsigned before = rgq_denormal_flush();
        rgq_sweep_room room;
        rgq_sweep_room_init(&room, s, work->aligned + me * work->floats_each,
                            work->pointers + me * work->pointers_each);
#pragma omp for schedule(static)
        for (size_t item = 0; item < s->items; item++) {
            double sum[2] = {0.0, 0.0};
            rgq_sweep_run_item(s, &room, j, item, sum);
            if (j->after != NULL)
                memcpy(sums[item], sum, sizeof sum);
        }
        rgq_denormal_restore(before);
    }
}

void rgq_fir_run(rgq_fir *fir, float *out, const float *in, rgq_blur_after *after)
{
    const plan *p = &fir->whole;
    const int last = p->n_sweeps - 1;

    for (int i = 0; i <= last; i++) {
        rgq_sweep_job j = {.in = i == 0 ? in : out, .after = i == last ? after : NULL};
        j.out = out;
        run_sweep(&p->sweeps[i], &j, &fir->work, fir->sums);
    }
    if (after == NULL)
        return;
    after->sum[0] = 0.0;
    after->sum[1] = 0.0;
    for (size_t i = 0; i < p->sweeps[last].items; i++) {
        after->sum[0] += fir->sums[i][0];
        after->sum[1] += fir->sums[i][1];
    }
}

void rgq_fir_run_box(const rgq_fir *fir, float *box, const int n[3])
{
    const buffers *work = &fir->work;
    const size_t me = (size_t)(omp_get_thread_num() % work->n_threads);
    rgq_sweep_job j = {.in = box};
    const unsigned before = rgq_denormal_flush();
    plan p = fir->whole;

    j.out = box;
    omp_set_lock(&work->locks[me]);
    int *edge = work->edges + me * work->edges_each;
    for (int i = 0; i < 3; i++) {
        p.a[i].n = n[i];
        p.a[i].edge = edge;
        rgq_axis_edges(edge, n[i], p.a[i].radius, p.a[i].border);
        edge += 2 * (size_t)p.a[i].radius;
    }
    plan_sweeps(&p, work->floats_each);
    for (int i = 0; i < p.n_sweeps; i++) {
        rgq_sweep_room room;
        double sum[2] = {0.0, 0.0};
        rgq_sweep_room_init(&room, &p.sweeps[i], work->aligned + me * work->floats_each,
                            work->pointers + me * work->pointers_each);
        for (size_t item = 0; item < p.sweeps[i].items; item++)
            rgq_sweep_run_item(&p.sweeps[i], &room, &j, item, sum);
    }
    omp_unset_lock(&work->locks[me]);
    rgq_denormal_restore(before);
}
