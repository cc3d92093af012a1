#include "num/direct.h"

#include <omp.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/denormal.h"
#include "num/fir_loops.h"
#include "num/kernel_image.h"
#include "num/threads.h"
#include "num/window.h"

enum {
    LINE = 16, /* floats in a cache line */
    ROWS = 4   /* of a slice that one thread takes at a time */
};

/* A voxel is the sum over taps of weight times the voxel at (dx, dy) in the padded slice of the
 * tap's plane. */
typedef struct tap {
    int dx;
    int dy;
} tap;

/* Taps in the order in which they are summed: plane after plane along z. */
typedef struct taps {
    size_t count;
    size_t *first; /* of each plane; [n[2]] is `count` */
    tap *at;
    float *weight;
} taps;

/* The volume or a box of it, whose slices are padded by the border rule. */
typedef struct shape {
    rgq_axis a[3];
    size_t pitch; /* floats from padded row to padded row */
} shape;

/* Room for one volume or box at a time. */
typedef struct room {
    float *slices; /* of the rolling window */
    int *edges;
    omp_lock_t lock;
} room;

struct rgq_direct {
    shape whole;
    taps straight;
    taps turned;
    size_t plane_max; /* most taps in a plane */
    int *edge;        /* of the three axes of the whole */
    int n_rooms;
    room *rooms;
    float *floats; /* of all rooms */
    int *edges;
    size_t edges_each;
    int n_threads;
    const float **pointers; /* plane_max for each thread */
    double (*sums)[2];      /* of each block of rows, over all slices */
};

/* One convolution. */
typedef struct job {
    const shape *s;
    const taps *t;
    float *out;
    const float *in;
    const float **pointers;
    size_t plane_max;
    const rgq_blur_after *after; /* or NULL */
    double (*sums)[2];
    rgq_fir_loops loops;
} job;

static size_t slice_floats(const shape *s)
{
    return s->pitch * ((size_t)s->a[1].n + 2 * (size_t)s->a[1].radius);
}

static void shape_set(shape *s, const int n[3], int *edge)
{
    for (int i = 0; i < 3; i++) {
        rgq_axis *a = &s->a[i];
        a->n = n[i];
        a->edge = edge;
        rgq_axis_edges(edge, n[i], a->radius, a->border);
        edge += 2 * (size_t)a->radius;
    }
    s->pitch = ((size_t)n[0] + 2 * (size_t)s->a[0].radius + LINE - 1) / LINE * LINE;
}

static rgq_status taps_init(taps *t, const rgq_kernel_image *image, bool turned, rgq_error *err)
{
    const int *n = image->n;
    const size_t plane = (size_t)n[0] * (size_t)n[1];
    const size_t count = plane * (size_t)n[2];
    size_t filled = 0;

    for (size_t i = 0; i < count; i++)
        t->count += image->weight[i] != 0.0F ? 1 : 0;
    RGQ_PASS(err, rgq_alloc(&t->first, (size_t)n[2] + 1, sizeof *t->first, err));
    RGQ_PASS(err, rgq_alloc(&t->at, t->count + 1, sizeof *t->at, err));
    RGQ_PASS(err, rgq_alloc(&t->weight, t->count + 1, sizeof *t->weight, err));
    /* in(x - d): the kernel is read from its end; in(x + d): from its beginning */
    for (size_t i = 0; i < count; i++) {
        const float w = image->weight[turned ? i : count - 1 - i];
        if (i % plane == 0)
            t->first[i / plane] = filled;
        if (w == 0.0F)
            continue;
        t->at[filled] = (tap){(int)(i % (size_t)n[0]), (int)(i % plane / (size_t)n[0])};
        t->weight[filled++] = w;
    }
    t->first[n[2]] = filled;
    return RGQ_OK;
}

static void taps_release(taps *t)
{
    rgq_free(t->first);
    rgq_free(t->at);
    rgq_free(t->weight);
}

/* Windows for boxes in several threads, as long as they take no more than half a volume. */
static rgq_status rooms_init(rgq_direct *d, rgq_error *err)
{
    const shape *s = &d->whole;
    const size_t each = rgq_window_rows(&s->a[2]) * rgq_window_stride(slice_floats(s));
    const size_t half = (size_t)s->a[0].n * (size_t)s->a[1].n * (size_t)s->a[2].n / 2;
    size_t rooms = half / each;

    rooms = rooms < (size_t)d->n_threads ? rooms : (size_t)d->n_threads;
    rooms = rooms > 0 ? rooms : 1;
    RGQ_PASS(err, rgq_alloc(&d->floats, rooms * each, sizeof *d->floats, err));
    RGQ_PASS(err, rgq_alloc(&d->edges, rooms * d->edges_each, sizeof *d->edges, err));
    RGQ_PASS(err, rgq_alloc(&d->rooms, rooms, sizeof *d->rooms, err));
    for (; (size_t)d->n_rooms < rooms; d->n_rooms++) {
        room *r = &d->rooms[d->n_rooms];
        r->slices = d->floats + (size_t)d->n_rooms * each;
        r->edges = d->edges + (size_t)d->n_rooms * d->edges_each;
        omp_init_lock(&r->lock);
    }
    return RGQ_OK;
}

static size_t blocks_of(const shape *s)
{
    return ((size_t)s->a[1].n + ROWS - 1) / ROWS;
}

rgq_status rgq_direct_create(rgq_direct **out, const int n[3], const rgq_kernel_image *image,
                             rgq_border border, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_direct *d = NULL;
    int r[3];

    *out = NULL;
    rgq_kernel_image_radius(image, r);
    RGQ_TRY(err, rgq_alloc(&d, 1, sizeof *d, err));
    d->n_threads = rgq_threads_count();
    d->edges_each = 1;
    for (int i = 0; i < 3; i++) {
        d->whole.a[i].radius = r[i];
        d->whole.a[i].border = border;
        d->edges_each += 2 * (size_t)r[i];
    }
    RGQ_TRY(err, rgq_alloc(&d->edge, d->edges_each, sizeof *d->edge, err));
    shape_set(&d->whole, n, d->edge);
    RGQ_TRY(err, taps_init(&d->straight, image, false, err));
    RGQ_TRY(err, taps_init(&d->turned, image, true, err));
    d->plane_max = (size_t)image->n[0] * (size_t)image->n[1];
    RGQ_TRY(err, rgq_alloc(&d->pointers, (size_t)d->n_threads * d->plane_max,
                           sizeof(const float *), err));
    RGQ_TRY(err, rgq_alloc(&d->sums, blocks_of(&d->whole), sizeof *d->sums, err));
    RGQ_TRY(err, rooms_init(d, err));
    *out = d;
    d = NULL;
out:
    rgq_direct_free(d);
    return st;
}

void rgq_direct_free(rgq_direct *direct)
{
    if (direct == NULL)
        return;
    for (int i = 0; i < direct->n_rooms; i++)
        omp_destroy_lock(&direct->rooms[i].lock);
    rgq_free(direct->rooms);
    rgq_free(direct->floats);
    rgq_free(direct->edges);
    rgq_free(direct->edge);
    rgq_free(direct->pointers);
    rgq_free(direct->sums);
    taps_release(&direct->straight);
    taps_release(&direct->turned);
    rgq_free(direct);
}

size_t rgq_direct_taps(const rgq_direct *direct)
{
    return direct->straight.count;
}

/* Row `y` of a slice, -radius <= y < n + radius, with its borders. */
static void pad_row(const shape *s, float *slot, const float *slice, int y)
{
    const rgq_axis *a = &s->a[1];
    const rgq_axis *x = &s->a[0];
    float *to = slot + (size_t)(y + a->radius) * s->pitch;
    int source = y;

    if (y < 0)
        source = a->edge[y + a->radius];
    else if (y >= a->n)
        source = a->edge[y - a->n + a->radius];
    if (source < 0) {
        memset(to, 0, s->pitch * sizeof *to);
        return;
    }
    const float *from = slice + (size_t)source * (size_t)x->n;
    float *right = to + x->radius + x->n;
    memcpy(to + x->radius, from, (size_t)x->n * sizeof *to);
    for (int k = 0; k < x->radius; k++) {
        to[k] = x->edge[k] < 0 ? 0.0F : from[x->edge[k]];
        right[k] = x->edge[x->radius + k] < 0 ? 0.0F : from[x->edge[x->radius + k]];
    }
}

/* By all threads of the region together. */
static void load_slice(const job *j, float *slot, int z)
{
    const rgq_axis *a = j->s->a;
    const float *slice = j->in + (size_t)z * (size_t)a[0].n * (size_t)a[1].n;

#pragma omp for schedule(static)
    for (int y = -a[1].radius; y < a[1].n + a[1].radius; y++)
        pad_row(j->s, slot, slice, y);
}

/* Row `y` of slice `z` of the result. */
static void sum_row(const job *j, const rgq_window *w, const float **rows, int y, int z)
{
    const rgq_axis *a = j->s->a;
    const size_t width = (size_t)a[0].n;
    float *out = j->out + ((size_t)z * (size_t)a[1].n + (size_t)y) * width;

    memset(out, 0, width * sizeof *out);
    for (int k = -a[2].radius; k <= a[2].radius; k++) {
        const size_t first = j->t->first[k + a[2].radius];
        const size_t count = j->t->first[k + a[2].radius + 1] - first;
        const float *slice = rgq_window_at(w, &a[2], z + k);
        if (count == 0 || slice == w->zero)
            continue;
        for (size_t t = 0; t < count; t++) {
            const tap at = j->t->at[first + t];
            rows[t] = slice + (size_t)(y + at.dy) * j->s->pitch + at.dx;
        }
        j->loops.sum(out, rows, j->t->weight + first, count, width);
    }
}

/* By all threads of the region together. */
static void sum_slice(const job *j, const rgq_window *w, const float **rows, int z)
{
    const rgq_axis *a = j->s->a;
    const size_t blocks = blocks_of(j->s);
    const size_t width = (size_t)a[0].n;

#pragma omp for schedule(static)
    for (size_t b = 0; b < blocks; b++) {
        const int first = (int)b * ROWS;
        const int end = first + ROWS < a[1].n ? first + ROWS : a[1].n;
        for (int y = first; y < end; y++)
            sum_row(j, w, rows, y, z);
        if (j->after == NULL)
            continue;
        const size_t at = ((size_t)z * (size_t)a[1].n + (size_t)first) * width;
        j->after->run(j->after->context, j->out + at, at, (size_t)(end - first) * width,
                      j->sums[b]);
    }
}

static void run_job(const job *j, float *slices, int n_threads)
{
    const rgq_axis *z_axis = &j->s->a[2];
    const int r = z_axis->radius;
    rgq_window w;

    rgq_window_init(&w, z_axis, rgq_window_stride(slice_floats(j->s)), slices);
#pragma omp parallel num_threads(n_threads)
    {
        const unsigned before = rgq_denormal_flush();
        const float **rows = j->pointers + (size_t)omp_get_thread_num() * j->plane_max;
        int loaded = 0;

        if (rgq_window_keeps_ends(z_axis))
            for (int i = 0; i < r; i++) {
                load_slice(j, w.head + (size_t)i * w.stride, i);
                load_slice(j, w.tail + (size_t)i * w.stride, z_axis->n - r + i);
            }
        for (int z = 0; z < z_axis->n; z++) {
            const bool whole = w.slots == z_axis->n;
            const int last = whole || z + r >= z_axis->n ? z_axis->n - 1 : z + r;
            for (; loaded <= last; loaded++)
                load_slice(j, rgq_window_slot(&w, loaded), loaded);
            sum_slice(j, &w, rows, z);
        }
        rgq_denormal_restore(before);
    }
}

void rgq_direct_run(rgq_direct *direct, float *out, const float *in, bool turned,
                    rgq_blur_after *after)
{
    const size_t blocks = blocks_of(&direct->whole);
    job j = {.s = &direct->whole,
             .t = turned ? &direct->turned : &direct->straight,
             .in = in,
             .pointers = direct->pointers,
             .plane_max = direct->plane_max,
             .after = after,
             .sums = direct->sums,
             .loops = rgq_fir_loops_best()};

    j.out = out;
    memset(direct->sums, 0, blocks * sizeof *direct->sums);
    run_job(&j, direct->rooms[0].slices, direct->n_threads);
    if (after == NULL)
        return;
    after->sum[0] = 0.0;
    after->sum[1] = 0.0;
    for (size_t b = 0; b < blocks; b++) {
        after->sum[0] += direct->sums[b][0];
        after->sum[1] += direct->sums[b][1];
    }
}

void rgq_direct_run_box(const rgq_direct *direct, float *box, const int n[3])
{
    const int me = omp_get_thread_num() % direct->n_rooms;
    room *mine = &direct->rooms[me];
    shape s = direct->whole;
    job j = {.s = &s,
             .t = &direct->straight,
             .in = box,
             .pointers = direct->pointers + (size_t)me * direct->plane_max,
             .plane_max = direct->plane_max,
             .loops = rgq_fir_loops_best()};

    j.out = box;
    omp_set_lock(&mine->lock);
    shape_set(&s, n, mine->edges);
    run_job(&j, mine->slices, 1);
    omp_unset_lock(&mine->lock);
}
