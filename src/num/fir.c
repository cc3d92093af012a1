#include "num/fir.h"

#include <omp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/border.h"
#include "num/threads.h"

#define FIR_ROW  fir_row_base
#define FIR_PAIR fir_pair_base
#define FIR_TARGET
#define FIR_LANES 4
#include "num/fir_row.inc.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define FIR_ROW    fir_row_avx2
#define FIR_PAIR   fir_pair_avx2
#define FIR_TARGET __attribute__((target("avx2")))
#define FIR_LANES  8
#include "num/fir_row.inc.h"

#define FIR_ROW    fir_row_avx512
#define FIR_PAIR   fir_pair_avx512
#define FIR_TARGET __attribute__((target("avx512f")))
#define FIR_LANES  16
#include "num/fir_row.inc.h"
#endif

typedef struct fir_loops {
    void (*row)(float *restrict out, const float *const *rows, const float *half, int radius,
                size_t from, size_t width);
    void (*pair)(float *restrict out0, float *restrict out1, const float *const *rows,
                 const float *half, int radius, size_t width);
} fir_loops;

enum {
    LINE = 16,       /* floats in a cache line, to which rows are padded */
    BAND_KB = 24,    /* of a band's window: half a level 1 cache */
    WIDE_KB = 256,   /* the same where the kernel is wide: level 2 */
    FUSED_KB = 512,  /* widest window of whole rows before rows are cut into bands */
    BAND_MAX = 4096, /* floats */
    BAND_GOOD = 256, /* memory likes no shorter pieces of rows */
    BAND_MIN = 64,
    PREFETCH_ROWS = 4
};

/* One axis, and what is the same for all its lines. */
typedef struct axis {
    int n;
    int radius;
    rgq_border border;
    float *half; /* radius + 1 taps */
    int *edge;   /* stand-ins for positions -radius .. -1, then n .. n + radius - 1; -1: zero */
} axis;

/* A sweep filters lines of rows along `across`. Row j of line l begins at
 * data + l * line_step + j * row_step and holds `width` floats; it is cut into bands. With `x`
 * the rows, uncut, are filtered along themselves on the way into the window. */
typedef struct sweep {
    fir_loops loops;
    const axis *across;
    const axis *x; /* or NULL */
    float *data;
    size_t n_lines;
    size_t line_step;
    size_t row_step;
    size_t width;
    size_t band;
} sweep;

/* The rows around the one being computed, as they were before they were overwritten: row i lies
 * in slot i % slots. A periodic line needs the rows at its two ends as well. */
typedef struct window {
    int slots;
    size_t stride; /* floats from slot to slot */
    float *zero;   /* a row of zeros */
    float *ring;
    float *tail;             /* rows n - radius .. n - 1 */
    float *head;             /* rows 0 .. radius - 1 */
    float *line;             /* a row with its borders, for filtering along x */
    const float **rows;      /* 2 radius + 2 of `across` */
    const float **line_rows; /* 2 radius + 1 of `x` */
} window;

/* Buffers of all threads. */
typedef struct buffers {
    int n_threads;
    size_t floats_each;
    size_t pointers_each;
    float *floats;
    float *aligned; /* `floats` from a cache line on */
    const float **pointers;
} buffers;

static size_t round_up(size_t value, size_t step)
{
    return (value + step - 1) / step * step;
}

static fir_loops best_loops(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f"))
        return (fir_loops){fir_row_avx512, fir_pair_avx512};
    if (__builtin_cpu_supports("avx2"))
        return (fir_loops){fir_row_avx2, fir_pair_avx2};
#endif
    return (fir_loops){fir_row_base, fir_pair_base};
}

/* Rows are computed in pairs. A window that holds the whole line answers every border rule by a
 * look-up. */
static int slots_of(const axis *a)
{
    return 2 * a->radius + 2 < a->n ? 2 * a->radius + 2 : a->n;
}

static bool keeps_ends(const axis *a)
{
    return a->border == RGQ_BORDER_PERIODIC && slots_of(a) < a->n;
}

static size_t window_rows(const axis *a)
{
    return (size_t)slots_of(a) + 1 + (keeps_ends(a) ? 2 * (size_t)a->radius : 0);
}

/* An odd number of cache lines: the rows of a window then fall on different cache sets. */
static size_t stride_of(size_t width)
{
    return (round_up(width, LINE) / LINE | 1U) * LINE;
}

static size_t line_floats(const axis *x)
{
    return round_up((size_t)x->n + 2 * (size_t)x->radius, LINE);
}

static void window_init(window *w, const sweep *s, float *floats, const float **pointers)
{
    const axis *a = s->across;

    w->slots = slots_of(a);
    w->stride = stride_of(s->band);
    w->zero = floats;
    memset(w->zero, 0, w->stride * sizeof *w->zero);
    w->ring = w->zero + w->stride;
    w->tail = w->ring + (size_t)w->slots * w->stride;
    w->head = w->tail;
    if (keeps_ends(a))
        w->head += (size_t)a->radius * w->stride;
    w->line = floats + window_rows(a) * w->stride;
    w->rows = pointers;
    w->line_rows = pointers + 2 * (size_t)a->radius + 2;
}

/* One row filtered along itself by way of `line`; `to` may be `from`. */
static void filter_line(fir_loops loops, const axis *x, float *line, const float **line_rows,
                        float *to, const float *from)
{
    const int r = x->radius;
    float *right = line + r + x->n;

    for (int k = 0; k < r; k++) {
        line[k] = x->edge[k] < 0 ? 0.0F : from[x->edge[k]];
        right[k] = x->edge[r + k] < 0 ? 0.0F : from[x->edge[r + k]];
    }
    memcpy(line + r, from, (size_t)x->n * sizeof *from);
    for (int k = 0; k <= 2 * r; k++)
        line_rows[k] = line + k;
    loops.row(to, line_rows, x->half, r, 0, (size_t)x->n);
}

/* Rows are computed in bursts between which the next one would have to be waited for. */
static void prefetch(const float *row, size_t width)
{
    for (size_t i = 0; i < width; i += LINE)
        __builtin_prefetch(row + i, 0, 2);
}

static void load(const sweep *s, const window *w, float *slot, const float *from, size_t width)
{
    if (s->x != NULL)
        filter_line(s->loops, s->x, w->line, w->line_rows, slot, from);
    else
        memcpy(slot, from, width * sizeof *from);
}

static float *slot_of(const window *w, int i)
{
    return w->ring + (size_t)(i % w->slots) * w->stride;
}

/* Row at position `i`, which may lie outside the line. */
static const float *row_at(const axis *a, const window *w, int i)
{
    if (i >= 0 && i < a->n)
        return slot_of(w, i);
    if (keeps_ends(a))
        return i < 0 ? w->tail + (size_t)(i + a->radius) * w->stride
                     : w->head + (size_t)(i - a->n) * w->stride;
    const int stand_in = i < 0 ? a->edge[i + a->radius] : a->edge[i - a->n + a->radius];
    return stand_in < 0 ? w->zero : slot_of(w, stand_in);
}

/* One band of one line, in place. */
static void filter_band(const sweep *s, const window *w, float *first, size_t width)
{
    const axis *a = s->across;
    const int r = a->radius;
    const float **newest = w->rows + 2 * (size_t)r;
    int loaded = 0;

    if (keeps_ends(a))
        for (int i = 0; i < r; i++) {
            load(s, w, w->head + (size_t)i * w->stride, first + (size_t)i * s->row_step, width);
            load(s, w, w->tail + (size_t)i * w->stride,
                 first + (size_t)(a->n - r + i) * s->row_step, width);
        }
    for (int k = 2; k < 2 * r + 2; k++)
        w->rows[k] = row_at(a, w, k - 2 - r);
    for (int j = 0; j < a->n; j += 2) {
        const int ahead = j + 1 + r; /* farthest row of the pair */
        const int last = w->slots == a->n || ahead >= a->n ? a->n - 1 : ahead;
        float *out = first + (size_t)j * s->row_step;
        for (; loaded <= last; loaded++) {
            const float *row = first + (size_t)loaded * s->row_step;
            if (loaded + PREFETCH_ROWS < a->n)
                prefetch(row + PREFETCH_ROWS * s->row_step, width);
            load(s, w, slot_of(w, loaded), row, width);
        }
        memmove(w->rows, w->rows + 2, 2 * (size_t)r * sizeof *w->rows);
        newest[0] = row_at(a, w, ahead - 1);
        if (j + 1 < a->n) {
            newest[1] = row_at(a, w, ahead);
            s->loops.pair(out, out + s->row_step, w->rows, a->half, r, width);
        } else {
            s->loops.row(out, w->rows, a->half, r, 0, width);
        }
    }
}

static size_t sweep_floats(const sweep *s)
{
    return window_rows(s->across) * stride_of(s->band) + (s->x != NULL ? line_floats(s->x) : 0);
}

static size_t sweep_pointers(const sweep *s)
{
    return 2 * (size_t)s->across->radius + 2 +
           (s->x != NULL ? 2 * (size_t)s->x->radius + 1 : 0);
}

static void run_sweep(const sweep *s, const buffers *work)
{
    const size_t n_bands = (s->width + s->band - 1) / s->band;
    const size_t items = s->n_lines * n_bands;

#pragma omp parallel num_threads(work->n_threads)
    {
        const size_t me = (size_t)omp_get_thread_num();
        window w;
        window_init(&w, s, work->aligned + me * work->floats_each,
                    work->pointers + me * work->pointers_each);
#pragma omp for schedule(static)
        for (size_t item = 0; item < items; item++) {
            const size_t at = item % n_bands * s->band;
            const size_t width = s->width - at < s->band ? s->width - at : s->band;
            filter_band(s, &w, s->data + item / n_bands * s->line_step + at, width);
        }
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Width of a band: its window in the cache, and a band for each thread at least. */
static size_t band_of(const axis *a, size_t n_lines, size_t width)
{
    const size_t floats_of_kb = 1024 / sizeof(float);
    const size_t rows = window_rows(a);
    const size_t threads = (size_t)rgq_threads_count();
    const size_t share = round_up((width * n_lines + threads - 1) / threads, LINE);
    size_t band = BAND_KB * floats_of_kb / rows;

    if (band < BAND_GOOD)
        band = smaller(BAND_GOOD, WIDE_KB * floats_of_kb / rows);
    band = smaller(smaller(band, BAND_MAX), share) / LINE * LINE;
    return smaller(larger(band, BAND_MIN), width);
}

/* Along x alone, row by row. */
static void sweep_x(const fir_loops loops, const axis *x, float *data, size_t n_rows,
                    const buffers *work)
{
#pragma omp parallel for schedule(static) num_threads(work->n_threads)
    for (size_t j = 0; j < n_rows; j++) {
        const size_t me = (size_t)omp_get_thread_num();
        float *here = data + j * (size_t)x->n;
        filter_line(loops, x, work->aligned + me * work->floats_each,
                    work->pointers + me * work->pointers_each, here, here);
    }
}

/* y, and x with it where the rolling window of whole rows is small enough. */
static sweep slices_sweep(fir_loops loops, const axis a[3], float *data)
{
    const size_t nx = (size_t)a[0].n;
    const size_t nz = (size_t)a[2].n;
    const bool fused =
        a[0].radius > 0 && a[1].radius > 0 &&
        window_rows(&a[1]) * stride_of(nx) <= (size_t)FUSED_KB * 1024 / sizeof *data;

    return (sweep){.loops = loops,
                   .across = &a[1],
                   .x = fused ? &a[0] : NULL,
                   .data = data,
                   .n_lines = nz,
                   .line_step = nx * (size_t)a[1].n,
                   .row_step = nx,
                   .width = nx,
                   .band = fused ? nx : band_of(&a[1], nz, nx)};
}

static sweep columns_sweep(fir_loops loops, const axis a[3], float *data)
{
    const size_t plane = (size_t)a[0].n * (size_t)a[1].n;

    return (sweep){.loops = loops,
                   .across = &a[2],
                   .x = NULL,
                   .data = data,
                   .n_lines = 1,
                   .line_step = 0,
                   .row_step = plane,
                   .width = plane,
                   .band = band_of(&a[2], 1, plane)};
}

/* One set of buffers for all sweeps, so that nothing can fail half way. */
static rgq_status buffers_init(buffers *work, const axis *x, const sweep *slices,
                               const sweep *columns, rgq_error *err)
{
    const size_t threads = (size_t)rgq_threads_count();

    work->n_threads = rgq_threads_count();
    work->floats_each = round_up(
        larger(line_floats(x), larger(sweep_floats(slices), sweep_floats(columns))), LINE);
    work->pointers_each =
        round_up(larger(2 * (size_t)x->radius + 1,
                        larger(sweep_pointers(slices), sweep_pointers(columns))),
                 LINE);
    RGQ_PASS(err, rgq_alloc(&work->floats, threads * work->floats_each + LINE,
                            sizeof *work->floats, err));
    RGQ_PASS(err, rgq_alloc(&work->pointers, threads * work->pointers_each,
                            sizeof(const float *), err));
    const size_t past = (uintptr_t)work->floats / sizeof *work->floats % LINE;
    work->aligned = work->floats + (LINE - past) % LINE;
    return RGQ_OK;
}

static rgq_status axis_init(axis *a, int n, rgq_taps taps, rgq_border border, rgq_error *err)
{
    const int r = taps.radius;

    *a = (axis){n, r, border, NULL, NULL};
    if (r == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&a->half, (size_t)r + 1, sizeof *a->half, err));
    RGQ_PASS(err, rgq_alloc(&a->edge, 2 * (size_t)r, sizeof *a->edge, err));
    for (int k = 0; k <= r; k++)
        a->half[k] = (float)taps.half[k];
    for (int k = 0; k < r; k++) {
        a->edge[k] = rgq_border_index(k - r, n, border);
        a->edge[r + k] = rgq_border_index(n + k, n, border);
    }
    return RGQ_OK;
}

rgq_status rgq_fir_separable(float *data, const int n[3], const rgq_taps taps[3],
                             rgq_border border, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    axis a[3] = {{0}};
    buffers work = {0};
    const fir_loops loops = best_loops();

    for (int i = 0; i < 3; i++)
        RGQ_TRY(err, axis_init(&a[i], n[i], taps[i], border, err));
    const sweep slices = slices_sweep(loops, a, data);
    const sweep columns = columns_sweep(loops, a, data);
    RGQ_TRY(err, buffers_init(&work, &a[0], &slices, &columns, err));
    if (a[0].radius > 0 && slices.x == NULL)
        sweep_x(loops, &a[0], data, (size_t)n[1] * (size_t)n[2], &work);
    if (a[1].radius > 0)
        run_sweep(&slices, &work);
    if (a[2].radius > 0)
        run_sweep(&columns, &work);
out:
    rgq_free(work.pointers);
    rgq_free(work.floats);
    for (int i = 0; i < 3; i++) {
        rgq_free(a[i].half);
        rgq_free(a[i].edge);
    }
    return st;
}
