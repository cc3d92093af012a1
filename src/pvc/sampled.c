#include "pvc/sampled.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/threads.h"
#include "pvc/parts_inside.h"

enum { SAMPLES_MIN = 30, SAMPLES_MAX = 1000, SEEN_PER_SAMPLE = 8 };

/* Looks at voxels, in all: in proportion to the blurs they come with, within these. */
static const double looks_min = 3e7;
static const double looks_max = 1e8;

typedef struct sampling {
    const rgq_parts *parts;
    const rgq_taps *taps;
    double *sums_of_taps; /* along x: 0, the first, the first two, ... */
    double samples;
} sampling;

static double tap(rgq_taps t, int k)
{
    return t.radius == 0 ? 1.0 : t.half[k < 0 ? -k : k];
}

/* Rows that are looked at: all, or about one in `every`. */
static bool takes(size_t row, uint32_t every)
{
    const uint32_t hash = (uint32_t)row * 2654435761U;

    return (hash ^ hash >> 15) % every == 0;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* A row of labels around x: each run adds the sum of its taps. */
static void look_at_labels(const sampling *s, const uint16_t *row, int x, double weight,
                           double *sum)
{
    const int r = s->taps[0].radius;
    const int end = smaller(x + r + 1, s->parts->n[0]);
    int i = larger(x - r, 0);

    while (i < end) {
        const int first = i;
        const uint16_t label = row[i];
        for (i++; i < end && row[i] == label; i++)
            ;
        sum[label] += weight * (s->sums_of_taps[i - x + r] - s->sums_of_taps[first - x + r]);
    }
}

static void look_at_masks(const sampling *s, const int at[3], int y, int z, double weight,
                          double *sum)
{
    const int r = s->taps[0].radius;

    for (int j = 0; j < s->parts->count; j++) {
        int lo[3];
        int n[3];
        rgq_parts_box(s->parts, j, lo, n);
        if (y < lo[1] || y >= lo[1] + n[1] || z < lo[2] || z >= lo[2] + n[2])
            continue;
        const float *row = rgq_parts_mask_row(s->parts, j, y, z);
        for (int x = larger(at[0] - r, lo[0]); x < smaller(at[0] + r + 1, lo[0] + n[0]); x++)
            sum[j] += weight * tap(s->taps[0], x - at[0]) * (double)row[x - lo[0]];
    }
}

/* sum[j] += m_i(at) (k * m_j)(at) */
static void add_sample(const sampling *s, const int at[3], double mask, double *sum)
{
    const int *n = s->parts->n;
    const uint16_t *voxel = rgq_parts_voxels(s->parts);

    for (int dz = -s->taps[2].radius; dz <= s->taps[2].radius; dz++)
        for (int dy = -s->taps[1].radius; dy <= s->taps[1].radius; dy++) {
            const int y = at[1] + dy;
            const int z = at[2] + dz;
            const double weight = mask * tap(s->taps[2], dz) * tap(s->taps[1], dy);
            if (y < 0 || y >= n[1] || z < 0 || z >= n[2])
                continue;
            if (voxel != NULL)
                look_at_labels(s, voxel + ((size_t)z * (size_t)n[1] + (size_t)y) * (size_t)n[0],
                               at[0], weight, sum);
            else
                look_at_masks(s, at, y, z, weight, sum);
        }
}

static double mask_at(const rgq_parts *p, int i, const int at[3], const int lo[3])
{
    const uint16_t *voxel = rgq_parts_voxels(p);

    if (voxel != NULL)
        return voxel[((size_t)at[2] * (size_t)p->n[1] + (size_t)at[1]) * (size_t)p->n[0] +
                     (size_t)at[0]] == i
                   ? 1.0
                   : 0.0;
    return (double)rgq_parts_mask_row(p, i, at[1], at[2])[at[0] - lo[0]];
}

/* Every `step`-th voxel of part i in one row in `every`; the weight of those taken. */
static double sample_part(const sampling *s, int i, uint32_t every, long long step, double *sum)
{
    double taken = 0.0;
    long long seen = 0;
    int lo[3];
    int n[3];
    int at[3];

    rgq_parts_box(s->parts, i, lo, n);
    for (at[2] = lo[2]; at[2] < lo[2] + n[2]; at[2]++)
        for (at[1] = lo[1]; at[1] < lo[1] + n[1]; at[1]++) {
            if (!takes((size_t)at[2] * (size_t)s->parts->n[1] + (size_t)at[1], every))
                continue;
            for (at[0] = lo[0]; at[0] < lo[0] + n[0]; at[0]++) {
                const double mask = mask_at(s->parts, i, at, lo);
                if (mask > 0.0 && seen++ % step == 0) {
                    add_sample(s, at, mask, sum);
                    taken += mask;
                }
            }
        }
    return taken;
}

static void row_of(const sampling *s, int i, double *sum)
{
    const double weight = rgq_parts_weight(s->parts, i);
    const double rows = floor(weight / (SEEN_PER_SAMPLE * s->samples));
    const uint32_t every = rows < 1.0 ? 1 : rows > 1e6 ? 1000000 : (uint32_t)rows;
    const double step = floor(weight / (double)every / s->samples);
    double taken = sample_part(s, i, every, step < 1.0 ? 1 : (long long)step, sum);

    if (!(taken > 0.0)) /* none of the rows was one of its own */
        taken = sample_part(s, i, 1, (long long)fmax(1.0, floor(weight / s->samples)), sum);
    for (int j = 0; j < s->parts->count; j++)
        sum[j] *= weight / taken;
}

static rgq_status init(sampling *s, int n, rgq_error *err)
{
    const int r = s->taps[0].radius;
    double looks = (double)n * (rgq_parts_voxels(s->parts) != NULL ? 1.0 : 8.0);

    for (int a = 0; a < 3; a++)
        looks *= 2.0 * s->taps[a].radius + 1.0;
    const double all = fmin(fmax(2.0 * (double)s->parts->voxels, looks_min), looks_max);
    s->samples = fmin(fmax(all / looks, SAMPLES_MIN), SAMPLES_MAX);
    RGQ_PASS(err, rgq_alloc(&s->sums_of_taps, 2 * (size_t)r + 2, sizeof *s->sums_of_taps, err));
    for (int k = -r; k <= r; k++)
        s->sums_of_taps[k + r + 1] = s->sums_of_taps[k + r] + tap(s->taps[0], k);
    return RGQ_OK;
}

rgq_status rgq_sampled_products(const rgq_parts *parts, const int *part, int n,
                                const rgq_taps taps[3], double *out, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    sampling s = {.parts = parts, .taps = taps};
    const size_t count = (size_t)parts->count;
    const size_t side = (size_t)n;
    double *sums = NULL;
    const int n_threads = rgq_threads_count();

    RGQ_TRY(err, init(&s, n, err));
    RGQ_TRY(err, rgq_alloc(&sums, (size_t)n_threads * count, sizeof *sums, err));
#pragma omp parallel for schedule(dynamic) num_threads(n_threads)
    for (size_t i = 0; i < side; i++) {
        double *sum = sums + (size_t)omp_get_thread_num() * count;
        memset(sum, 0, count * sizeof *sum);
        row_of(&s, part[i], sum);
        for (size_t j = 0; j < side; j++)
            out[i * side + j] = sum[part[j]];
    }
    for (size_t i = 0; i < side; i++)
        for (size_t j = 0; j < i; j++)
            out[i * side + j] = out[j * side + i] =
                0.5 * (out[i * side + j] + out[j * side + i]);
out:
    rgq_free(sums);
    rgq_free(s.sums_of_taps);
    return st;
}
