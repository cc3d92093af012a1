/* The exact median of a box around each voxel. Small boxes: the least and the greatest of just
 * so many values that the median cannot be among them are dropped, one value joins, and so on,
 * for a strip of voxels at once. Large boxes: the values around a row are ranked once, and the
 * box that slides along the row is a set of ranks. */
#include <assert.h>
#include <omp.h>
#include <stdint.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "filter/rows.h"
#include "num/threads.h"

enum {
    STRIP = 64,     /* voxels that are sorted side by side */
    SMALL_MAX = 63, /* values in a small box */
    KEPT_MAX = SMALL_MAX / 2 + 2,
    DIGIT_BITS = 11,
    DIGITS = 1 << DIGIT_BITS
};

/* Where loops over a strip gain by wider vectors; least and greatest are the same in all. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__SANITIZE_THREAD__)
#define STRIP_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define STRIP_CLONES
#endif

/* Memory of one thread, in this order. */
typedef struct workspace {
    float *rows;
    float *kept;      /* small: KEPT_MAX strips */
    uint32_t *pairs;  /* large: key and element, twice two for each */
    uint32_t *rank;   /* of element column * rows + row */
    uint64_t *in_box; /* a bit for each rank */
} workspace;

/* ---- small boxes ---- */

/* The lesser to `a`, the greater to `b`. */
static inline void order(float *restrict a, float *restrict b)
{
    for (int i = 0; i < STRIP; i++) {
        const float x = a[i];
        const float y = b[i];
        a[i] = x < y ? x : y;
        b[i] = x < y ? y : x;
    }
}

/* Middle of each of STRIP boxes; `from` holds where each of the `count` values lies for the
 * first of them. The result is in kept[0]. */
STRIP_CLONES
static void sort_strip(float kept[][STRIP], const float *const *from, int count)
{
    int n = count / 2 + 2;
    int next = n < count ? n : count;

    n = next;
    for (int i = 0; i < n; i++)
        memcpy(kept[i], from[i], STRIP * sizeof(float));
    while (n > 1) {
        for (int i = 1; i < n; i++)
            order(kept[0], kept[i]);
        for (int i = 1; i < n - 1; i++)
            order(kept[i], kept[n - 1]);
        n--; /* the greatest goes, and the least gives its place to one that waits */
        if (next < count)
            memcpy(kept[0], from[next++], STRIP * sizeof(float));
        else
            memcpy(kept[0], kept[--n], STRIP * sizeof(float));
    }
}

static void small_row(float *out, const rgq_filter_work *work, const workspace *w)
{
    const rgq_filter_rows shape = rgq_filter_rows_of(work);
    const int n = work->grid->n[0];
    const int size = work->size[0];
    const int count = (int)shape.count * size;
    const float *from[SMALL_MAX];
    float last[SMALL_MAX][STRIP];

    assert(count > 0 && count <= SMALL_MAX);
    for (int x = 0; x < n; x += STRIP) {
        const int width = n - x < STRIP ? n - x : STRIP;
        for (int i = 0; i < count; i++) {
            from[i] = w->rows + (size_t)(i / size) * shape.length + (size_t)(x + i % size);
            if (width == STRIP)
                continue;
            memset(last[i], 0, sizeof last[i]); /* the row ends within the strip */
            memcpy(last[i], from[i], (size_t)width * sizeof(float));
            from[i] = last[i];
        }
        sort_strip((float(*)[STRIP])w->kept, from, count);
        memcpy(out + x, w->kept, (size_t)width * sizeof *out);
    }
}

/* ---- large boxes ---- */

/* Whole numbers in the order of the floats. */
static uint32_t key_of(float value)
{
    uint32_t bits = 0;

    memcpy(&bits, &value, sizeof bits);
    return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

static float value_of(uint32_t key)
{
    const uint32_t bits = (key & 0x80000000U) != 0 ? key & 0x7fffffffU : ~key;
    float value = 0.0F;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Pairs of key and element by one digit of the key; equal ones keep their order. */
static void sort_digit(uint32_t *to, const uint32_t *from, size_t count, int shift)
{
    uint32_t begin[DIGITS] = {0};
    uint32_t sum = 0;

    for (size_t i = 0; i < count; i++)
        begin[from[2 * i] >> shift & (DIGITS - 1)]++;
    for (int d = 0; d < DIGITS; d++) {
        const uint32_t n = begin[d];
        begin[d] = sum;
        sum += n;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t at = begin[from[2 * i] >> shift & (DIGITS - 1)]++;
        to[2 * at] = from[2 * i];
        to[2 * at + 1] = from[2 * i + 1];
    }
}

/* Ranks of all values around a row; returns the sorted pairs. */
static const uint32_t *rank_values(const workspace *w, rgq_filter_rows shape)
{
    const size_t count = shape.count * shape.length;
    uint32_t *a = w->pairs;
    uint32_t *b = w->pairs + 2 * count;
    size_t at = 0;

    for (size_t x = 0; x < shape.length; x++)
        for (size_t r = 0; r < shape.count; r++, at++) {
            a[2 * at] = key_of(w->rows[r * shape.length + x]);
            a[2 * at + 1] = (uint32_t)at;
        }
    sort_digit(b, a, count, 0);
    sort_digit(a, b, count, DIGIT_BITS);
    sort_digit(b, a, count, 2 * DIGIT_BITS);
    for (size_t i = 0; i < count; i++)
        w->rank[b[2 * i + 1]] = (uint32_t)i;
    return b;
}

/* The box as a set of ranks: `below` of them stand before word `word`. */
typedef struct rank_box {
    uint64_t *bits;
    size_t word;
    int below;
} rank_box;

static void flip_column(rank_box *box, const uint32_t *rank, size_t count, int change)
{
    for (size_t i = 0; i < count; i++) {
        box->bits[rank[i] / 64] ^= (uint64_t)1 << (rank[i] % 64);
        box->below += rank[i] / 64 < box->word ? change : 0;
    }
}

/* Rank of the element with `target` others before it. */
static size_t find_rank(rank_box *box, int target)
{
    while (box->below > target)
        box->below -= __builtin_popcountll(box->bits[--box->word]);
    for (;;) {
        const int here = __builtin_popcountll(box->bits[box->word]);
        if (box->below + here > target)
            break;
        box->below += here;
        box->word++;
    }
    uint64_t bits = box->bits[box->word];
    for (int i = box->below; i < target; i++)
        bits &= bits - 1;
    return box->word * 64 + (size_t)__builtin_ctzll(bits);
}

static void large_row(float *out, const rgq_filter_work *work, const workspace *w)
{
    const rgq_filter_rows shape = rgq_filter_rows_of(work);
    const size_t count = shape.count * shape.length;
    const size_t size = (size_t)work->size[0];
    const size_t n = (size_t)work->grid->n[0];
    const int target = (int)(shape.count * size / 2);
    const uint32_t *sorted = rank_values(w, shape);
    rank_box box = {w->in_box, 0, 0};

    memset(w->in_box, 0, (count + 63) / 64 * sizeof *w->in_box);
    for (size_t x = 0; x + 1 < size; x++)
        flip_column(&box, w->rank + x * shape.count, shape.count, 1);
    for (size_t x = 0; x < n; x++) {
        flip_column(&box, w->rank + (x + size - 1) * shape.count, shape.count, 1);
        out[x] = value_of(sorted[2 * find_rank(&box, target)]);
        flip_column(&box, w->rank + x * shape.count, shape.count, -1);
    }
}

/* ---- the volume ---- */

/* Memory of all threads in one piece: floats, then 32-bit words, each in whole cache lines. */
typedef struct memory {
    float *block;
    size_t rows;  /* floats, for each thread */
    size_t words; /* after them */
    size_t bits;  /* of in_box, in 32-bit words, and even */
} memory;

static workspace workspace_of(const memory *m, int thread, bool is_small, size_t values)
{
    float *mine = m->block + (m->rows + m->words + m->bits) * (size_t)thread;
    uint32_t *words = (uint32_t *)(void *)(mine + m->rows);

    if (is_small)
        return (workspace){mine, mine + m->rows, NULL, NULL, NULL};
    return (workspace){mine, NULL, words, words + 4 * values,
                       (uint64_t *)(void *)(words + m->words)};
}

static rgq_status run_median(rgq_filter_work *work, float *frame, rgq_error *err)
{
    const int *n = work->grid->n;
    const rgq_filter_rows shape = rgq_filter_rows_of(work);
    const size_t values = shape.count * shape.length;
    const bool is_small = shape.count * (size_t)work->size[0] <= SMALL_MAX;
    const int n_threads = rgq_threads_count();
    memory m = {.rows = rgq_filter_stride(values)};

    m.words = is_small ? (size_t)KEPT_MAX * STRIP : rgq_filter_stride(5 * values);
    m.bits = is_small ? 0 : rgq_filter_stride(2 * (values / 64 + 1));
    RGQ_PASS(err, rgq_alloc(&m.block, (m.rows + m.words + m.bits) * (size_t)n_threads,
                            sizeof *m.block, err));
    memcpy(work->spare[0], frame, work->count * sizeof *frame);
#pragma omp parallel for schedule(static) collapse(2) num_threads(n_threads)
    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++) {
            const workspace w = workspace_of(&m, omp_get_thread_num(), is_small, values);
            float *out = frame + ((size_t)z * (size_t)n[1] + (size_t)y) * (size_t)n[0];
            rgq_filter_rows_fill(w.rows, work, work->spare[0], y, z);
            if (is_small)
                small_row(out, work, &w);
            else
                large_row(out, work, &w);
        }
    rgq_free(m.block);
    return RGQ_OK;
}

rgq_status rgq_filter_prepare_median(rgq_filter_work *work, rgq_error *err)
{
    for (int i = 0; i < 3; i++) {
        const int side = work->spec->voxels[i];
        if (side < 1 || side > RGQ_FILTER_MEDIAN_MAX || side % 2 == 0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "a median over %d voxels; an odd number from 1 to %d was needed",
                             side, (int)RGQ_FILTER_MEDIAN_MAX);
        work->size[i] = side;
        work->report.radius[i] = side / 2;
    }
    work->run = run_median;
    return rgq_filter_need_spares(work, 1, err);
}
