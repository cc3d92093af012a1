/* Iterative Yang: cite:Erlandsson2012.
 *
 * g = f s / (h * s), s = sum T_i m_i, where T_i are the means of the last g, of f at first. One
 * blur for an iteration whatever the number of regions: the division is done inside its last
 * sweep, and so are the sums of a label map; its values are painted a slice at a time right
 * before that slice is blurred along x and y. What RBV assumes of regions is assumed here as
 * well; where means settle they are those that reproduce themselves, which for uniform regions
 * are the true ones.
 *
 * `fit` of a step is the root mean square of f - h * s, `change` the largest change of a
 * regional mean over the largest mean. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/clones.h"
#include "num/look_up.h"
#include "pvc/division.h"
#include "pvc/fixed_sums.h"
#include "pvc/psf.h"
#include "pvc/report.h"

typedef struct yang {
    rgq_pvc_frame *frame;
    const uint16_t *label; /* or NULL: s is in `source` */
    float *image;          /* s, h * s, g in turn */
    float *source;         /* masks: s */
    float *table;          /* labels: T */
    size_t n_parts;
    rgq_blur *slice;      /* along x and y; NULL where h is not made of lines */
    rgq_blur *column;     /* along z */
    rgq_fixed_sums *sums; /* labels: of g; NULL: by a pass of their own */
    double *sum;
    float least;
    size_t ahead; /* voxels from a piece of the last sweep to the next but one */
    double guarded;
} yang;

/* h * s becomes g. */
RGQ_CLONES static unsigned divide_chunk(float *restrict g, const float *restrict f,
                                        const float *restrict s, size_t n, float least)
{
    unsigned guarded = 0;

    for (size_t i = 0; i < n; i++) {
        const float m = g[i];
        const unsigned small = fabsf(m) < least;
        const float ratio = small ? 1.0F : s[i] / (small ? 1.0F : m);
        g[i] = f[i] * ratio;
        guarded += small;
    }
    return guarded;
}

/* Of a chunk, in sixteen interleaved sums. */
RGQ_CLONES static double misfit(const float *restrict f, const float *restrict m, size_t n)
{
    float lane[16] = {0.0F};
    double sum = 0.0;
    size_t i = 0;

    for (; i + 16 <= n; i += 16)
        for (size_t k = 0; k < 16; k++) {
            const float e = f[i + k] - m[i + k];
            lane[k] += e * e;
        }
    for (; i < n; i++)
        lane[0] += (f[i] - m[i]) * (f[i] - m[i]);
    for (size_t k = 0; k < 16; k++)
        sum += (double)lane[k];
    return sum;
}

/* The last sweep of a blur goes along z, and no processor guesses a step of a slice; the blur
 * itself fetches only floats. */
static void prefetch_labels(const yang *y, size_t at, size_t count)
{
    if (y->label == NULL || at + y->ahead + count > y->frame->count)
        return;
    for (size_t i = 0; i < count; i += 32)
        __builtin_prefetch(y->label + at + y->ahead + i, 0, 2);
}

/* Inside the blur, on what is in the cache; sums: squares of f - h * s, voxels that were not
 * divided. */
static void divide_piece(void *context, float *piece, size_t at, size_t count, double sum[2])
{
    const yang *y = context;
    float looked_up[RGQ_PVC_CHUNK];

    prefetch_labels(y, at, count);
    for (size_t from = 0; from < count; from += RGQ_PVC_CHUNK) {
        const size_t n = count - from < RGQ_PVC_CHUNK ? count - from : RGQ_PVC_CHUNK;
        const float *f = y->frame->data + at + from;
        const float *s = looked_up;
        if (y->label != NULL)
            rgq_look_up(looked_up, y->label + at + from, n, y->table, y->n_parts);
        else
            s = y->source + at + from;
        sum[0] += misfit(f, piece + from, n);
        sum[1] += (double)divide_chunk(piece + from, f, s, n, y->least);
        if (y->sums != NULL)
            rgq_fixed_sums_add(y->sums, y->label + at + from, piece + from, n);
    }
}

/* s of a slice is painted and blurred before it leaves the cache. */
static rgq_status blur_slices(yang *y, rgq_error *err)
{
    const int *n = y->frame->grid->n;
    const size_t plane = (size_t)n[0] * (size_t)n[1];
    int bad = 0;

#pragma omp parallel for schedule(static) reduction(max : bad)
    for (int z = 0; z < n[2]; z++) {
        float *to = y->image + (size_t)z * plane;
        rgq_look_up(to, y->label + (size_t)z * plane, plane, y->table, y->n_parts);
        const rgq_status st = rgq_blur_box(y->slice, to, (const int[3]){0, 0, 0},
                                           (const int[3]){n[0], n[1], 1}, NULL);
        bad = bad > (int)st ? bad : (int)st;
    }
    if (bad != 0)
        return RGQ_RAISE(err, (rgq_status)bad, "a slice could not be blurred");
    return RGQ_OK;
}

static rgq_status iterate(yang *y, double *fit, rgq_error *err)
{
    rgq_pvc_frame *frame = y->frame;
    rgq_blur_after after = {
        .run = divide_piece, .context = y, .beside = {frame->data, y->source}};
    const int n_parts = rgq_parts_count(frame->parts);

    y->least = rgq_pvc_divisor_min(frame->value, n_parts);
    for (int i = 0; i < n_parts; i++)
        y->table[i] = (float)frame->value[i];
    if (y->sums != NULL)
        rgq_fixed_sums_clear(y->sums, frame->value);
    if (y->slice != NULL) {
        RGQ_PASS(err, blur_slices(y, err));
        RGQ_PASS(err, rgq_blur_run(y->column, y->image, y->image, &after, err));
    } else {
        float *source = y->source != NULL ? y->source : y->image;
        rgq_parts_paint(frame->parts, frame->value, source);
        RGQ_PASS(err, rgq_blur_run(frame->blur, y->image, source, &after, err));
    }
    *fit = sqrt(after.sum[0] / (double)frame->count);
    y->guarded = after.sum[1];
    return RGQ_OK;
}

static rgq_status take_means(yang *y, double *change, rgq_error *err)
{
    rgq_pvc_frame *frame = y->frame;
    double moved = 0.0;
    double largest = 0.0;

    if (y->sums == NULL || !rgq_fixed_sums_get(y->sums, y->sum))
        RGQ_PASS(err, rgq_parts_sums(frame->parts, y->image, y->sum, err));
    for (int i = 0; i < rgq_parts_count(frame->parts); i++) {
        const double weight = rgq_parts_weight(frame->parts, i);
        const double mean = weight > 0.0 ? y->sum[i] / weight : 0.0;
        /* a maximum would pass over what is not a number */
        if (!(fabs(mean - frame->value[i]) <= moved))
            moved = fabs(mean - frame->value[i]);
        if (!(fabs(mean) <= largest))
            largest = fabs(mean);
        frame->value[i] = mean;
    }
    *change = moved == 0.0 ? 0.0 : moved / largest;
    return RGQ_OK;
}

/* The two blurs that h is made of, for a label map and a Gaussian by its taps. */
static rgq_status split_blur(yang *y, rgq_error *err)
{
    const rgq_pvc_opts *o = y->frame->opts;
    const int *n = y->frame->grid->n;
    rgq_blur_spec spec = {
        .n = {n[0], n[1], 1}, .kernel = o->kernel, .border = o->border, .path = RGQ_CONV_FIR};
    double sigma[3];

    if (y->label == NULL || o->psf.image != NULL ||
        rgq_blur_report(y->frame->blur)->path != RGQ_CONV_FIR)
        return RGQ_OK;
    rgq_pvc_sigma(sigma, y->frame->grid, &o->psf);
    spec.sigma[0] = sigma[0];
    spec.sigma[1] = sigma[1];
    RGQ_PASS(err, rgq_blur_create(&y->slice, &spec, err));
    spec.n[2] = n[2];
    spec.sigma[0] = spec.sigma[1] = 0.0;
    spec.sigma[2] = sigma[2];
    RGQ_PASS(err, rgq_blur_create(&y->column, &spec, err));
    return RGQ_OK;
}

static rgq_status yang_init(yang *y, rgq_pvc_frame *frame, rgq_error *err)
{
    const size_t n_parts = (size_t)rgq_parts_count(frame->parts);

    y->frame = frame;
    y->n_parts = n_parts;
    y->label = rgq_parts_voxels(frame->parts);
    y->ahead = 2 * (size_t)frame->grid->n[0] * (size_t)frame->grid->n[1];
    RGQ_PASS(err, rgq_alloc(&y->image, frame->count, sizeof *y->image, err));
    if (y->label == NULL)
        RGQ_PASS(err, rgq_alloc(&y->source, frame->count, sizeof *y->source, err));
    else
        RGQ_PASS(err, rgq_fixed_sums_create(&y->sums, frame->parts, err));
    RGQ_PASS(err, rgq_alloc(&y->sum, n_parts, sizeof *y->sum, err));
    RGQ_PASS(err, rgq_alloc(&y->table, n_parts, sizeof *y->table, err));
    RGQ_PASS(err, split_blur(y, err));
    for (size_t i = 0; i < n_parts; i++)
        frame->value[i] = isfinite(frame->observed[i]) ? frame->observed[i] : 0.0;
    return RGQ_OK;
}

rgq_status rgq_pvc_iy(rgq_pvc_frame *frame, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    yang y = {.frame = NULL};
    double fit = 0.0;
    double change = 0.0;
    bool stop = false;

    RGQ_TRY(err, yang_init(&y, frame, err));
    for (int i = 1; i <= frame->iterations && !stop; i++) {
        RGQ_TRY(err, iterate(&y, &fit, err));
        RGQ_TRY(err, take_means(&y, &change, err));
        RGQ_TRY(err, rgq_pvc_step_note(frame, i, fit, change, &stop, err));
    }
    memcpy(frame->data, y.image, frame->count * sizeof *y.image);
    rgq_pvc_count_add(&frame->report->n_guarded, y.guarded);
out:
    rgq_blur_free(y.slice);
    rgq_blur_free(y.column);
    rgq_fixed_sums_free(y.sums);
    rgq_free(y.sum);
    rgq_free(y.table);
    rgq_free(y.source);
    rgq_free(y.image);
    return st;
}
