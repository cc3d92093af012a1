#include "num/sweep.h"

#include <string.h>

#include "core/banned.h"

enum { AHEAD = 4 /* rows */ };

static size_t line_floats(const rgq_axis *x)
{
    const size_t floats = (size_t)x->n + 2 * (size_t)x->radius;

    return (floats + RGQ_LINE - 1) / RGQ_LINE * RGQ_LINE;
}

size_t rgq_sweep_floats(const rgq_sweep *s)
{
    const size_t rolling =
        s->across != NULL ? rgq_window_rows(s->across) * rgq_window_stride(s->band) : 0;

    return rolling + (s->x != NULL ? line_floats(s->x) : 0);
}

size_t rgq_sweep_pointers(const rgq_sweep *s)
{
    const size_t rolling = s->across != NULL ? 2 * (size_t)s->across->radius + 2 : 0;

    return rolling + (s->x != NULL ? 2 * (size_t)s->x->radius + 1 : 0);
}

void rgq_sweep_room_init(rgq_sweep_room *room, const rgq_sweep *s, float *floats,
                         const float **pointers)
{
    const rgq_axis *a = s->across;

    *room = (rgq_sweep_room){.line = floats, .line_rows = pointers};
    if (a == NULL)
        return;
    rgq_window_init(&room->rolling, a, rgq_window_stride(s->band), floats);
    room->line = floats + rgq_window_rows(a) * room->rolling.stride;
    room->rows = pointers;
    room->line_rows = pointers + 2 * (size_t)a->radius + 2;
}

/* One row filtered along itself by way of `line`; `to` may be `from`. */
static void filter_line(const rgq_sweep *s, const rgq_sweep_room *room, float *to,
                        const float *from)
{
    const rgq_axis *x = s->x;
    const int r = x->radius;
    float *line = room->line;
    float *right = line + r + x->n;

    for (int k = 0; k < r; k++) {
        line[k] = x->edge[k] < 0 ? 0.0F : from[x->edge[k]];
        right[k] = x->edge[r + k] < 0 ? 0.0F : from[x->edge[r + k]];
    }
    memcpy(line + r, from, (size_t)x->n * sizeof *from);
    for (int k = 0; k <= 2 * r; k++)
        room->line_rows[k] = line + k;
    s->loops.row(to, room->line_rows, x->half, r, 0, (size_t)x->n);
}

/* Rows are computed in bursts between which the next ones would have to be waited for. Inlined,
 * since GCC takes a function that does nothing but prefetch for one that does nothing. */
__attribute__((always_inline)) static inline void fetch(const float *row, size_t width)
{
    for (size_t i = 0; i < width; i += RGQ_LINE)
        __builtin_prefetch(row + i, 0, 2);
}

/* A row that will be written without having been read. */
__attribute__((always_inline)) static inline void fetch_to_write(const float *row, size_t width)
{
    for (size_t i = 0; i < width; i += RGQ_LINE)
        __builtin_prefetch(row + i, 1, 3);
}

static void load(const rgq_sweep *s, const rgq_sweep_room *room, float *slot,
                 const rgq_sweep_band *b, int row)
{
    const float *from = b->in + (size_t)row * b->in_step;

    if (s->x != NULL)
        filter_line(s, room, slot, from);
    else
        memcpy(slot, from, b->width * sizeof *from);
}

static void load_ends(const rgq_sweep *s, const rgq_sweep_room *room, const rgq_sweep_band *b)
{
    const rgq_axis *a = s->across;
    const rgq_window *w = &room->rolling;

    for (int i = 0; i < a->radius; i++) {
        if (b->end + a->radius > a->n)
            load(s, room, w->head + (size_t)i * w->stride, b, i);
        if (b->first < a->radius)
            load(s, room, w->tail + (size_t)i * w->stride, b, a->n - a->radius + i);
    }
}

/* A window that does not hold the whole line begins with what the first row needs. */
static int first_loaded(const rgq_axis *a, const rgq_window *w, int first)
{
    return w->slots == a->n || first < a->radius ? 0 : first - a->radius;
}

/* What rows i + AHEAD and i + AHEAD + 1 of the result will be written to and combined with,
 * while row i, at `out`, is computed. */
__attribute__((always_inline)) static inline void
fetch_ahead(const rgq_sweep_band *band, const rgq_sweep_job *job, const float *out, int i)
{
    const size_t ahead = AHEAD * band->out_step;

    if (i + AHEAD + 1 >= band->end)
        return;
    if (band->out != band->in) {
        fetch_to_write(out + ahead, band->width);
        fetch_to_write(out + ahead + band->out_step, band->width);
    }
    for (int k = 0; k < 2 && job != NULL && job->after != NULL; k++) {
        const float *beside = job->after->beside[k];
        if (beside == NULL)
            continue;
        fetch(beside + (out - job->out) + ahead, band->width);
        fetch(beside + (out - job->out) + ahead + band->out_step, band->width);
    }
}

void rgq_sweep_run_band(const rgq_sweep *s, const rgq_sweep_room *room,
                        const rgq_sweep_band *band, const rgq_sweep_job *job, double sum[2])
{
    const rgq_axis *a = s->across;
    const rgq_window *w = &room->rolling;
    const int r = a->radius;
    const float **newest = room->rows + 2 * (size_t)r;
    float *out = band->out;
    int loaded = first_loaded(a, w, band->first);

    if (rgq_window_keeps_ends(a))
        load_ends(s, room, band);
    for (int k = 2; k < 2 * r + 2; k++)
        room->rows[k] = rgq_window_at(w, a, band->first + k - 2 - r);
    for (int i = band->first; i < band->end; i += 2) {
        const bool pair = i + 1 < band->end;
        const int ahead = i + r + (pair ? 1 : 0); /* farthest row needed */
        const int last = w->slots == a->n || ahead >= a->n ? a->n - 1 : ahead;
        for (; loaded <= last; loaded++) {
            if (loaded + AHEAD < a->n)
                fetch(band->in + (size_t)(loaded + AHEAD) * band->in_step, band->width);
            load(s, room, rgq_window_slot(w, loaded), band, loaded);
        }
        fetch_ahead(band, job, out, i);
        memmove(room->rows, room->rows + 2, 2 * (size_t)r * sizeof *room->rows);
        newest[0] = rgq_window_at(w, a, i + r);
        if (pair) {
            newest[1] = rgq_window_at(w, a, i + r + 1);
            s->loops.pair(out, out + band->out_step, room->rows, a->half, r, band->width);
            rgq_sweep_finish(job, out, band->width, sum);
            rgq_sweep_finish(job, out + band->out_step, band->width, sum);
        } else {
            s->loops.row(out, room->rows, a->half, r, 0, band->width);
            rgq_sweep_finish(job, out, band->width, sum);
        }
        out += pair ? 2 * band->out_step : 0;
    }
}

static void filter_rows(const rgq_sweep *s, const rgq_sweep_room *room,
                        const rgq_sweep_job *job, size_t item, double sum[2])
{
    const size_t first = item * RGQ_BLOCK_ROWS;
    const size_t end =
        first + RGQ_BLOCK_ROWS < s->n_lines ? first + RGQ_BLOCK_ROWS : s->n_lines;

    for (size_t row = first; row < end; row++) {
        float *to = job->out + row * s->row_step;
        const float *from = job->in + row * s->row_step;
        if (s->x != NULL)
            filter_line(s, room, to, from);
        else if (to != from)
            memcpy(to, from, s->width * sizeof *to);
        rgq_sweep_finish(job, to, s->width, sum);
    }
}

void rgq_sweep_run_item(const rgq_sweep *s, const rgq_sweep_room *room,
                        const rgq_sweep_job *job, size_t item, double sum[2])
{
    if (s->across == NULL) {
        filter_rows(s, room, job, item, sum);
        return;
    }
    const size_t n_bands = s->items / s->n_lines;
    const size_t from = item % n_bands * s->band;
    const size_t at = item / n_bands * s->line_step + from;
    const rgq_sweep_band band = {.in = job->in + at,
                                 .out = job->out + at,
                                 .in_step = s->row_step,
                                 .out_step = s->row_step,
                                 .width = s->width - from < s->band ? s->width - from : s->band,
                                 .end = s->across->n};
    rgq_sweep_run_band(s, room, &band, job, sum);
}
