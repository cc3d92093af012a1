#include "measure/ibsi_counts.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

enum { FIRST_SLOTS_LOG2 = 10 };

static size_t find_slot(const ibsi_counts *counts, uint32_t i, uint32_t j)
{
    const uint64_t key = (uint64_t)i << 32 | j;
    size_t at = (size_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> counts->shift);

    while (counts->slot[at] != 0) {
        const ibsi_count *e = &counts->entry[counts->slot[at] - 1];
        if (e->i == i && e->j == j)
            break;
        at = (at + 1) & (counts->n_slots - 1);
    }
    return at;
}

rgq_status ibsi_counts_init(ibsi_counts *out, rgq_error *err)
{
    rgq_status st = RGQ_OK;

    *out =
        (ibsi_counts){.n_slots = (size_t)1 << FIRST_SLOTS_LOG2, .shift = 64 - FIRST_SLOTS_LOG2};
    RGQ_TRY(err, rgq_alloc(&out->slot, out->n_slots, sizeof *out->slot, err));
    RGQ_TRY(err, rgq_alloc(&out->entry, out->n_slots / 2, sizeof *out->entry, err));
    return RGQ_OK;
out:
    ibsi_counts_release(out);
    return st;
}

void ibsi_counts_release(ibsi_counts *counts)
{
    rgq_free(counts->entry);
    rgq_free(counts->slot);
    *counts = (ibsi_counts){.entry = NULL};
}

void ibsi_counts_clear(ibsi_counts *counts)
{
    if (counts->n_entries > counts->n_slots / 8) {
        memset(counts->slot, 0, counts->n_slots * sizeof *counts->slot);
    } else {
        /* backwards: an entry's way to its slot may lead over those that came before it */
        for (size_t e = counts->n_entries; e-- > 0;)
            counts->slot[find_slot(counts, counts->entry[e].i, counts->entry[e].j)] = 0;
    }
    counts->n_entries = 0;
    counts->total = 0.0;
}

/* Twice the slots; half of them may be taken. */
static rgq_status grow(ibsi_counts *counts, rgq_error *err)
{
    uint32_t *slot = NULL;
    const size_t n_slots = 2 * counts->n_slots;

    if (n_slots > UINT32_MAX)
        return RGQ_RAISE(err, RGQ_E_NOMEM, "a texture matrix of more than %zu entries",
                         counts->n_entries);
    RGQ_PASS(err, rgq_realloc(&counts->entry, n_slots / 2, sizeof *counts->entry, err));
    RGQ_PASS(err, rgq_alloc(&slot, n_slots, sizeof *slot, err));
    rgq_free(counts->slot);
    counts->slot = slot;
    counts->n_slots = n_slots;
    counts->shift--;
    for (size_t e = 0; e < counts->n_entries; e++)
        slot[find_slot(counts, counts->entry[e].i, counts->entry[e].j)] = (uint32_t)(e + 1);
    return RGQ_OK;
}

rgq_status ibsi_counts_add(ibsi_counts *counts, uint32_t i, uint32_t j, double n,
                           rgq_error *err)
{
    size_t at = find_slot(counts, i, j);

    if (counts->slot[at] == 0) {
        if (counts->n_entries >= counts->n_slots / 2) {
            RGQ_PASS(err, grow(counts, err));
            at = find_slot(counts, i, j);
        }
        counts->entry[counts->n_entries++] = (ibsi_count){.i = i, .j = j};
        counts->slot[at] = (uint32_t)counts->n_entries;
    }
    counts->entry[counts->slot[at] - 1].n += n;
    counts->total += n;
    return RGQ_OK;
}

/* Sums of squares of the row and of the column sums: (0, i) and (1, j) in `margin`. */
static rgq_status sum_margins(double square[2], const ibsi_counts *counts, ibsi_counts *margin,
                              rgq_error *err)
{
    for (size_t e = 0; e < counts->n_entries; e++) {
        const ibsi_count *c = &counts->entry[e];
        RGQ_PASS(err, ibsi_counts_add(margin, 0, c->i, c->n, err));
        RGQ_PASS(err, ibsi_counts_add(margin, 1, c->j, c->n, err));
    }
    for (size_t e = 0; e < margin->n_entries; e++)
        square[margin->entry[e].i] += margin->entry[e].n * margin->entry[e].n;
    ibsi_counts_clear(margin);
    return RGQ_OK;
}

rgq_status ibsi_emphasis(double out[IBSI_EMPHASIS], const ibsi_counts *counts, double voxels,
                         ibsi_counts *margin, rgq_error *err)
{
    const double n = counts->total;
    double square[2] = {0.0, 0.0};
    double sum[12] = {0.0}; /* the eight emphases, the means of i and j, entropy, energy */
    double variance[2] = {0.0, 0.0};

    if (!(n > 0.0))
        return RGQ_OK;
    RGQ_PASS(err, sum_margins(square, counts, margin, err));
    for (size_t e = 0; e < counts->n_entries; e++) {
        const double p = counts->entry[e].n / n;
        const double i = counts->entry[e].i;
        const double j = counts->entry[e].j;
        const double i2 = i * i;
        const double j2 = j * j;
        const double term[12] = {p / j2,      p * j2,      p / i2,       p * i2,
                                 p / i2 / j2, p * i2 / j2, p * j2 / i2,  p * i2 * j2,
                                 p * i,       p * j,       -p * log2(p), p * p};
        for (int k = 0; k < 12; k++)
            sum[k] += term[k];
    }
    for (size_t e = 0; e < counts->n_entries; e++) {
        const double p = counts->entry[e].n / n;
        const double di = counts->entry[e].i - sum[8];
        const double dj = counts->entry[e].j - sum[9];
        variance[0] += p * di * di;
        variance[1] += p * dj * dj;
    }
    for (int k = 0; k < 8; k++)
        out[k] = sum[k];
    out[8] = square[0] / n;
    out[9] = square[0] / (n * n);
    out[10] = square[1] / n;
    out[11] = square[1] / (n * n);
    out[12] = n / voxels;
    out[13] = variance[0];
    out[14] = variance[1];
    out[15] = sum[10];
    out[16] = sum[11];
    return RGQ_OK;
}
