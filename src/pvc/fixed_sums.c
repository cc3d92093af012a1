#include "pvc/fixed_sums.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/clones.h"
#include "num/threads.h"

enum { LANES = 4, PARTS_MAX = 4096, CHUNK = 256, LINE = 8 /* of 64-bit numbers */ };

/* Added to a number below 2^51, it leaves the number rounded in the low bits. */
static const double magic = 6755399441055744.0; /* 1.5 * 2^52 */

struct rgq_fixed_sums {
    const rgq_parts *parts;
    size_t count;
    size_t each; /* numbers of one thread: its lanes, and the count of those too large */
    int n_threads;
    double scale;
    float largest;
    uint64_t *table;
};

rgq_status rgq_fixed_sums_create(rgq_fixed_sums **out, const rgq_parts *parts, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_fixed_sums *s = NULL;
    const size_t count = (size_t)rgq_parts_count(parts);

    *out = NULL;
    if (rgq_parts_voxels(parts) == NULL || count > PARTS_MAX)
        return RGQ_OK;
    RGQ_TRY(err, rgq_alloc(&s, 1, sizeof *s, err));
    s->parts = parts;
    s->count = count;
    s->each = (LANES * count + 1 + LINE) / LINE * LINE + LINE;
    s->n_threads = rgq_threads_count();
    RGQ_TRY(err, rgq_alloc(&s->table, (size_t)s->n_threads * s->each, sizeof *s->table, err));
    *out = s;
    s = NULL;
out:
    rgq_fixed_sums_free(s);
    return st;
}

void rgq_fixed_sums_free(rgq_fixed_sums *sums)
{
    if (sums == NULL)
        return;
    rgq_free(sums->table);
    rgq_free(sums);
}

void rgq_fixed_sums_clear(rgq_fixed_sums *sums, const double *value)
{
    double voxels = 0.0;
    double largest = 0.0;

    for (size_t i = 0; i < sums->count; i++) {
        voxels += rgq_parts_weight(sums->parts, (int)i);
        largest = fmax(largest, fabs(value[i]));
    }
    const double bound = fmin(fmax(256.0 * largest, 1e-30), 1e37);
    sums->largest = (float)bound;
    /* neither a voxel reaches 2^50 nor all of them 2^62; a power of two */
    sums->scale = exp2(floor(log2(fmin(0x1p50, 0x1p62 / fmax(voxels, 1.0)) / bound)));
    memset(sums->table, 0, (size_t)sums->n_threads * sums->each * sizeof *sums->table);
}

RGQ_CLONES static unsigned to_whole(uint64_t *restrict out, const float *restrict image,
                                    size_t n, double scale, float largest)
{
    unsigned over = 0;

    for (size_t i = 0; i < n; i++) {
        const double x = (double)image[i] * scale + magic;
        memcpy(&out[i], &x, sizeof x);
        over += !(fabsf(image[i]) <= largest);
    }
    return over;
}

void rgq_fixed_sums_add(rgq_fixed_sums *sums, const uint16_t *label, const float *image,
                        size_t n)
{
    const size_t me = (size_t)(omp_get_thread_num() % sums->n_threads);
    const size_t count = sums->count;
    uint64_t *table = sums->table + me * sums->each;
    uint64_t whole[CHUNK];

    for (size_t from = 0; from < n; from += CHUNK) {
        const size_t m = n - from < CHUNK ? n - from : CHUNK;
        const uint16_t *l = label + from;
        size_t i = 0;
        table[LANES * count] += to_whole(whole, image + from, m, sums->scale, sums->largest);
        for (; i + LANES <= m; i += LANES)
            for (size_t k = 0; k < LANES; k++)
                table[k * count + l[i + k]] += whole[i + k];
        for (; i < m; i++)
            table[l[i]] += whole[i];
    }
}

bool rgq_fixed_sums_get(const rgq_fixed_sums *sums, double *sum)
{
    uint64_t offset = 0;

    memcpy(&offset, &magic, sizeof offset);
    for (int t = 0; t < sums->n_threads; t++)
        if (sums->table[(size_t)t * sums->each + LANES * sums->count] > 0)
            return false;
    for (size_t i = 0; i < sums->count; i++) {
        uint64_t total = 0;
        int64_t whole = 0;
        for (int t = 0; t < sums->n_threads; t++)
            for (size_t k = 0; k < LANES; k++)
                total += sums->table[(size_t)t * sums->each + k * sums->count + i];
        total -= offset * (uint64_t)rgq_parts_weight(sums->parts, (int)i);
        memcpy(&whole, &total, sizeof whole);
        sum[i] = (double)whole / sums->scale;
    }
    return true;
}
