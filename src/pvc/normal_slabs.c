#include <math.h>
#include <omp.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/gram.h"
#include "num/threads.h"
#include "pvc/normal.h"

enum { GROUPS_MAX = 16, MEMORY_MIN = 1 << 22 };

/* The blurred mask of one part in one slab; `data` NULL where it does not reach. */
typedef struct blurred_box {
    int lo[3];
    int n[3];
    float *data;
} blurred_box;

typedef struct slabs {
    const rgq_pvc_frame *frame;
    rgq_normal *normal;
    int thickness;
    size_t n_parts;
    size_t room; /* floats of the boxes of a slab */
    blurred_box *box;
    float *floats;
    float *planes; /* of each thread */
    double *local;
    int *parts;
    size_t groups;
    double *sums;
    int n_threads;
} slabs;

/* All masks of a slice side by side, and the scratch of a tile. */
static size_t floats_each(const slabs *s)
{
    const size_t plane = (size_t)s->frame->grid->n[0] * (size_t)s->frame->grid->n[1];

    return s->n_parts * plane + RGQ_GRAM_PAST + 2 * (s->n_parts + plane);
}

static size_t count_of(const int n[3])
{
    return (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
}

/* What of part j reaches slices first .. end - 1; false if nothing does. The box goes one
 * voxel further than the kernel on both sides, so that what is missing beyond does not reach
 * the slices themselves. */
static bool box_in(const slabs *s, int j, int first, int end, blurred_box *out)
{
    const rgq_blur *blur = s->frame->blur;
    const int side = s->frame->grid->n[2];
    int lo[3];
    int n[3];

    rgq_parts_box(s->frame->parts, j, lo, n);
    rgq_blur_reach(blur, lo, n, out->lo, out->n);
    if (s->thickness == side)
        return true;
    const int margin = rgq_blur_report(blur)->radius[2] + 1;
    int from = first - margin > 0 ? first - margin : 0;
    int to = end + margin < side ? end + margin : side;
    from = out->lo[2] > from ? out->lo[2] : from;
    to = out->lo[2] + out->n[2] < to ? out->lo[2] + out->n[2] : to;
    if (to <= from || lo[2] >= end + margin || lo[2] + n[2] <= first - margin)
        return false;
    out->lo[2] = from;
    out->n[2] = to - from;
    return true;
}

static double floats_of_slab(const slabs *s, int first, int end)
{
    double total = 0.0;

    for (size_t j = 0; j < s->n_parts; j++) {
        blurred_box b;
        if (box_in(s, (int)j, first, end, &b))
            total += (double)count_of(b.n);
    }
    return total;
}

static void choose_thickness(slabs *s)
{
    const int side = s->frame->grid->n[2];
    const double memory = fmax(1.25 * (double)s->frame->count, (double)MEMORY_MIN);

    s->thickness = side;
    for (;;) {
        double most = 0.0;
        for (int z = 0; z < side; z += s->thickness) {
            const int end = z + s->thickness < side ? z + s->thickness : side;
            most = fmax(most, floats_of_slab(s, z, end));
        }
        s->room = (size_t)most;
        if (most <= memory || s->thickness == 1 ||
            s->frame->opts->border == RGQ_BORDER_PERIODIC)
            return;
        s->thickness = (s->thickness + 1) / 2;
    }
}

static rgq_status blur_slab(slabs *s, int first, int end, rgq_error *err)
{
    float *at = s->floats;

    for (size_t j = 0; j < s->n_parts; j++) {
        blurred_box *b = &s->box[j];
        b->data = NULL;
        if (!box_in(s, (int)j, first, end, b))
            continue;
        b->data = at;
        at += count_of(b->n);
        rgq_parts_fill(s->frame->parts, (int)j, b->lo, b->n, b->data);
        RGQ_PASS(err, rgq_blur_box(s->frame->blur, b->data, b->lo, b->n, err));
    }
    return RGQ_OK;
}

/* The blurred mask in slice z, one of `channels` side by side. */
static void copy_plane(const slabs *s, const blurred_box *b, int z, float *to, size_t channels)
{
    const size_t nx = (size_t)s->frame->grid->n[0];

    for (int y = 0; y < b->n[1]; y++) {
        const float *from =
            b->data + ((size_t)(z - b->lo[2]) * (size_t)b->n[1] + (size_t)y) * (size_t)b->n[0];
        float *row = to + ((size_t)(b->lo[1] + y) * nx + (size_t)b->lo[0]) * channels;
        for (int x = 0; x < b->n[0]; x++)
            row[(size_t)x * channels] = from[x];
    }
}

/* One slice as a tile of its own. */
static void add_plane(slabs *s, int z, double *sum)
{
    const size_t me = (size_t)omp_get_thread_num();
    const int *side = s->frame->grid->n;
    const size_t plane = (size_t)side[0] * (size_t)side[1];
    float *planes = s->planes + me * floats_each(s);
    double *local = s->local + me * (s->n_parts + 2) * (s->n_parts + 2);
    int *parts = s->parts + me * s->n_parts;
    int active = 0;

    for (size_t j = 0; j < s->n_parts; j++)
        if (s->box[j].data != NULL && z >= s->box[j].lo[2] &&
            z < s->box[j].lo[2] + s->box[j].n[2])
            parts[active++] = (int)j;
    memset(planes, 0, plane * (size_t)active * sizeof *planes);
    for (int i = 0; i < active; i++)
        copy_plane(s, &s->box[parts[i]], z, planes + i, (size_t)active);
    memset(local, 0, ((size_t)active + 2) * ((size_t)active + 2) * sizeof *local);
    const rgq_tile tile = {.lo = {0, 0, z},
                           .n = {side[0], side[1], 1},
                           .count = plane,
                           .n_active = active,
                           .part = parts,
                           .channels = active,
                           .blurred = planes,
                           .scratch = planes + s->n_parts * plane + RGQ_GRAM_PAST};
    rgq_normal_add(s->normal, &tile, local);
    rgq_normal_end(s->normal, &tile, local, sum);
}

static void add_slab(slabs *s, int first, int end)
{
    const size_t n = (size_t)(end - first);

#pragma omp parallel for schedule(static) num_threads(s->n_threads)
    for (size_t g = 0; g < s->groups; g++)
        for (size_t i = n * g / s->groups; i < n * (g + 1) / s->groups; i++)
            add_plane(s, first + (int)i, s->sums + g * rgq_normal_sums(s->normal));
}

static rgq_status slabs_init(slabs *s, rgq_error *err)
{
    const size_t threads = (size_t)rgq_threads_count();

    s->n_parts = (size_t)rgq_parts_count(s->frame->parts);
    s->n_threads = (int)threads;
    s->groups = GROUPS_MAX;
    choose_thickness(s);
    RGQ_PASS(err, rgq_alloc(&s->box, s->n_parts, sizeof *s->box, err));
    RGQ_PASS(err, rgq_alloc(&s->floats, s->room, sizeof *s->floats, err));
    RGQ_PASS(err, rgq_alloc(&s->planes, threads * floats_each(s), sizeof *s->planes, err));
    RGQ_PASS(err, rgq_alloc(&s->local, threads * (s->n_parts + 2) * (s->n_parts + 2),
                            sizeof *s->local, err));
    RGQ_PASS(err, rgq_alloc(&s->parts, threads * s->n_parts, sizeof *s->parts, err));
    RGQ_PASS(err,
             rgq_alloc(&s->sums, s->groups * rgq_normal_sums(s->normal), sizeof *s->sums, err));
    return RGQ_OK;
}

rgq_status rgq_normal_by_slabs(const rgq_pvc_frame *frame, rgq_normal *normal, double *sum,
                               rgq_error *err)
{
    rgq_status st = RGQ_OK;
    slabs s = {.frame = frame, .normal = normal};
    const int side = frame->grid->n[2];
    const size_t n_sums = rgq_normal_sums(normal);

    RGQ_TRY(err, slabs_init(&s, err));
    for (int z = 0; z < side; z += s.thickness) {
        const int end = z + s.thickness < side ? z + s.thickness : side;
        RGQ_TRY(err, blur_slab(&s, z, end, err));
        add_slab(&s, z, end);
    }
    memset(sum, 0, n_sums * sizeof *sum);
    for (size_t g = 0; g < s.groups; g++)
        for (size_t i = 0; i < n_sums; i++)
            sum[i] += s.sums[g * n_sums + i];
out:
    rgq_free(s.sums);
    rgq_free(s.parts);
    rgq_free(s.local);
    rgq_free(s.planes);
    rgq_free(s.floats);
    rgq_free(s.box);
    return st;
}
