/* Permutation p-values of rank correlations: all orders, or random ones. */
#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "num/rng.h"
#include "validation/rank_p.h"

#include "core/banned.h"

enum { N_MAX = RGQ_EXACT_ROWS_MAX };

/* For each set of y (a bit a row) how many ways lead to each score. 11! fits in 32 bits. */
typedef struct table {
    rgq_correlation_kind kind;
    int n;
    int offset;             /* score 0 */
    int range;              /* scores -offset .. range - 1 - offset */
    int x[N_MAX], y[N_MAX]; /* whole numbers in the order of the ranks, x ascending */
    uint32_t *ways;         /* 2^n times range */
} table;

/* What the group of rows with this x adds when it takes the y of `taken` after those of
 * `before`. */
static int added_score(const table *t, int x, unsigned before, unsigned taken)
{
    int score = 0;

    for (int j = 0; j < t->n; j++) {
        if ((taken >> j & 1U) == 0)
            continue;
        if (t->kind == RGQ_SPEARMAN)
            score += x * t->y[j];
        for (int i = 0; i < t->n && t->kind == RGQ_KENDALL; i++)
            if ((before >> i & 1U) != 0)
                score += (t->y[j] > t->y[i]) - (t->y[j] < t->y[i]);
    }
    return score;
}

static void move_ways(table *t, unsigned before, unsigned after, int score)
{
    const uint32_t *from = t->ways + (size_t)before * (size_t)t->range;
    uint32_t *to = t->ways + (size_t)after * (size_t)t->range;
    const int first = score < 0 ? -score : 0;
    const int last = score > 0 ? t->range - score : t->range;

    for (int s = first; s < last; s++)
        to[s + score] += from[s];
}

static int bits_of(unsigned set)
{
    int count = 0;

    for (; set != 0; set &= set - 1)
        count++;
    return count;
}

/* The rows [from, to) share one x: every set of `from` y gives way to the sets that have as
 * many more as there are rows. */
static void place_group(table *t, int from, int to)
{
    const unsigned all = (1U << t->n) - 1;

    for (unsigned before = 0; before <= all; before++) {
        if (bits_of(before) != from)
            continue;
        const unsigned rest = all & ~before;
        for (unsigned taken = rest; taken != 0; taken = (taken - 1) & rest)
            if (bits_of(taken) == to - from)
                move_ways(t, before, before | taken, added_score(t, t->x[from], before, taken));
    }
}

static void sort_ints(int *values, int n)
{
    for (int i = 1; i < n; i++)
        for (int k = i; k > 0 && values[k - 1] > values[k]; k--) {
            const int held = values[k];
            values[k] = values[k - 1];
            values[k - 1] = held;
        }
}

/* Midranks as whole numbers: doubled if one of them is not whole. Returns the factor. */
static int whole_ranks(int *out, const double *ranks, int n)
{
    int factor = 1;

    for (int i = 0; i < n; i++)
        if (ranks[i] > floor(ranks[i]))
            factor = 2;
    for (int i = 0; i < n; i++)
        out[i] = (int)((double)factor * ranks[i]);
    sort_ints(out, n);
    return factor;
}

static double share_as_far(const table *t, double centre, double distance)
{
    const uint32_t *ways = t->ways + ((size_t)(1U << t->n) - 1) * (size_t)t->range;
    double all = 0.0;
    double as_far = 0.0;

    for (int s = 0; s < t->range; s++) {
        all += ways[s];
        if (fabs((double)(s - t->offset) - centre) >= distance - 0.25)
            as_far += ways[s];
    }
    return as_far / all;
}

rgq_status rgq_rank_p_exact(double *p, const rgq_rank_sample *sample, rgq_error *err)
{
    const int n = (int)sample->n;
    table t = {.kind = sample->kind, .n = n};
    const int factor = whole_ranks(t.x, sample->rx, n) * whole_ranks(t.y, sample->ry, n);
    double centre = 0.0;
    double score = sample->score;

    if (sample->kind == RGQ_SPEARMAN) {
        t.range = 1;
        for (int i = 0; i < n; i++) /* ascending with ascending gives the largest sum */
            t.range += t.x[i] * t.y[i];
        score *= factor;
        centre = 0.25 * factor * n * (n + 1) * (n + 1);
    } else {
        t.offset = n * (n - 1) / 2;
        t.range = 2 * t.offset + 1;
    }
    RGQ_PASS(err, rgq_alloc(&t.ways, ((size_t)1 << n) * (size_t)t.range, sizeof *t.ways, err));
    t.ways[t.offset] = 1; /* the empty set */
    for (int from = 0, to = 0; from < n; from = to) {
        for (to = from + 1; to < n && t.x[to] == t.x[from]; to++)
            continue;
        place_group(&t, from, to);
    }
    *p = share_as_far(&t, centre, fabs(score - centre));
    rgq_free(t.ways);
    return RGQ_OK;
}

static void shuffle_doubles(double *values, size_t n, rgq_rng *rng)
{
    for (size_t i = n - 1; i > 0; i--) {
        const size_t k = (size_t)(rgq_rng_uniform(rng) * (double)(i + 1));
        const double held = values[i];
        values[i] = values[k];
        values[k] = held;
    }
}

static void shuffle_ranks(size_t *values, size_t n, rgq_rng *rng)
{
    for (size_t i = n - 1; i > 0; i--) {
        const size_t k = (size_t)(rgq_rng_uniform(rng) * (double)(i + 1));
        const size_t held = values[i];
        values[i] = values[k];
        values[k] = held;
    }
}

/* Sums of products of midranks are multiples of 1/4 and exact below 2^51, so equal ones
 * compare equal. */
static size_t count_spearman(const rgq_rank_sample *sample, double *order, size_t permutations,
                             rgq_rng *rng)
{
    const double n = (double)sample->n;
    const double centre = 0.25 * n * (n + 1.0) * (n + 1.0);
    const double distance = fabs(sample->score - centre);
    size_t as_far = 0;

    memcpy(order, sample->ry, sample->n * sizeof *order);
    for (size_t k = 0; k < permutations; k++) {
        double sum = 0.0;
        shuffle_doubles(order, sample->n, rng);
        for (size_t i = 0; i < sample->n; i++)
            sum += sample->rx[i] * order[i];
        as_far += fabs(sum - centre) >= distance;
    }
    return as_far;
}

static size_t count_kendall(const rgq_rank_sample *sample, rgq_concordance *c,
                            size_t permutations, rgq_rng *rng)
{
    size_t as_far = 0;

    for (size_t k = 0; k < permutations; k++) {
        shuffle_ranks(c->dense, c->n, rng);
        as_far += fabs(rgq_concordance_score(c)) >= fabs(sample->score);
    }
    return as_far;
}

rgq_status rgq_rank_p_random(double *p, const rgq_rank_sample *sample, size_t permutations,
                             uint64_t seed, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t n = sample->n;
    rgq_rng *rng = NULL;
    rgq_ranked *sorted = NULL;
    double *order = NULL;
    rgq_concordance c = {.n = 0};
    size_t as_far = 0;

    RGQ_TRY(err, rgq_rng_create(&rng, seed, err));
    RGQ_TRY(err, rgq_alloc(&order, 2 * n, sizeof *order, err));
    if (sample->kind == RGQ_SPEARMAN) {
        as_far = count_spearman(sample, order, permutations, rng);
    } else {
        RGQ_TRY(err, rgq_alloc(&sorted, n, sizeof *sorted, err));
        RGQ_TRY(err, rgq_concordance_make(&c, n, err));
        rgq_concordance_set(&c, sample->rx, sample->ry, n, sorted, order);
        as_far = count_kendall(sample, &c, permutations, rng);
    }
    *p = ((double)as_far + 1.0) / ((double)permutations + 1.0);
out:
    rgq_concordance_release(&c);
    rgq_free(order);
    rgq_free(sorted);
    rgq_rng_free(rng);
    return st;
}
