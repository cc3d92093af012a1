/* Neighbourhoods at Chebyshev distance 1: grey tone difference (NGTDM) and grey level
 * dependence (NGLDM, coarseness 0). */
#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ibsi_counts.h"

/* Coarseness of a texture without differences. */
static const double coarseness_max = 1e6;

typedef struct tone {
    double *difference; /* sum over the voxels of a level; n_levels + 1 */
    double *voxels;     /* how many have neighbours */
    int *level;         /* those that are present */
} tone;

typedef struct work {
    tone tone;
    ibsi_counts dependence;
    ibsi_counts margin;
} work;

/* Voxels `from` .. `to` - 1 with their first `n_directions` pairs of neighbours. */
static rgq_status collect(work *w, const ibsi_roi *roi, int n_directions, size_t from,
                          size_t to, rgq_error *err)
{
    ptrdiff_t step[IBSI_DIRECTIONS];

    for (int d = 0; d < n_directions; d++)
        step[d] = ibsi_step(roi->n, ibsi_direction[d]);
    for (size_t k = from; k < to; k++) {
        const int32_t *at = roi->level + roi->voxel[k];
        const int32_t level = *at;
        int n = 0;
        uint32_t same = 1;
        int64_t sum = 0;
        for (int d = 0; d < n_directions; d++) {
            const int32_t a = at[step[d]];
            const int32_t b = at[-step[d]];
            n += (a != 0) + (b != 0);
            same += (uint32_t)(a == level) + (uint32_t)(b == level);
            sum += a + b;
        }
        RGQ_PASS(err, ibsi_counts_add(&w->dependence, (uint32_t)level, same, 1.0, err));
        if (n == 0)
            continue;
        w->tone.difference[level] += fabs(level - (double)sum / n);
        w->tone.voxels[level] += 1.0;
    }
    return RGQ_OK;
}

/* The five features, NaN if no voxel has a neighbour; the sums are set back to 0. */
static void take_tone(double out[IBSI_NGTDM], tone *t, int n_levels)
{
    double n = 0.0;
    double all = 0.0;    /* differences */
    double coarse = 0.0; /* sum of p s */
    double sum[4] = {0.0, 0.0, 0.0, 0.0};
    int present = 0;

    for (int i = 1; i <= n_levels; i++) {
        n += t->voxels[i];
        all += t->difference[i];
        if (t->voxels[i] > 0.0)
            t->level[present++] = i;
    }
    for (int a = 0; a < present; a++) {
        const double i = t->level[a];
        const double p = t->voxels[t->level[a]] / n;
        const double s = t->difference[t->level[a]];
        coarse += p * s;
        for (int b = 0; b < a; b++) { /* each pair counts twice */
            const double j = t->level[b];
            const double q = t->voxels[t->level[b]] / n;
            const double d = i - j;
            sum[0] += p * q * d * d;
            sum[1] += fabs(i * p - j * q);
            sum[2] += d * (p * s + q * t->difference[t->level[b]]) / (p + q);
            sum[3] += (p + q) * d * d;
        }
    }
    for (int f = 0; f < IBSI_NGTDM; f++)
        out[f] = present > 0 ? 0.0 : (double)NAN;
    if (present > 0)
        out[0] = fmin(1.0 / coarse, coarseness_max); /* 1/0 is infinite */
    if (present > 1) {
        out[1] = 2.0 * sum[0] / (present * (present - 1.0)) * all / n;
        out[2] = coarse / (2.0 * sum[1]);
        out[3] = 2.0 * sum[2] / n;
        out[4] = all > 0.0 ? 2.0 * sum[3] / all : 0.0;
    }
    for (int i = 0; i <= n_levels; i++)
        t->difference[i] = t->voxels[i] = 0.0;
}

static rgq_status take(double one[IBSI_NGTDM], double two[IBSI_NGLDM], work *w,
                       const ibsi_roi *roi, size_t voxels, rgq_error *err)
{
    take_tone(one, &w->tone, roi->n_levels);
    RGQ_PASS(err, ibsi_emphasis(two, &w->dependence, (double)voxels, &w->margin, err));
    ibsi_counts_clear(&w->dependence);
    return RGQ_OK;
}

static rgq_status by_slices(double *one, double *two, work *w, const ibsi_roi *roi,
                            rgq_error *err)
{
    ibsi_mean mean_one[IBSI_NGTDM] = {{0.0, 0}};
    ibsi_mean mean_two[IBSI_NGLDM] = {{0.0, 0}};
    double a[IBSI_NGTDM];
    double b[IBSI_NGLDM];

    for (size_t from = 0, to; from < roi->count; from = to) {
        to = ibsi_slice_end(roi, from);
        RGQ_PASS(err, collect(w, roi, IBSI_IN_PLANE, from, to, err));
        RGQ_PASS(err, take(a, b, w, roi, to - from, err));
        ibsi_mean_add(mean_one, a, IBSI_NGTDM);
        ibsi_mean_add(mean_two, b, IBSI_NGLDM);
    }
    ibsi_mean_take(one, mean_one, IBSI_NGTDM);
    ibsi_mean_take(two, mean_two, IBSI_NGLDM);
    return RGQ_OK;
}

rgq_status ibsi_neighbours(double tones[IBSI_PLAIN * IBSI_NGTDM],
                           double dependence[IBSI_PLAIN * IBSI_NGLDM], const ibsi_roi *roi,
                           rgq_error *err)
{
    static const int n_directions[IBSI_PLAIN] = {
        [IBSI_25D] = IBSI_IN_PLANE, [IBSI_3D] = IBSI_DIRECTIONS};
    rgq_status st = RGQ_OK;
    work w = {.tone = {.difference = NULL}};
    const size_t n = (size_t)roi->n_levels + 1;

    RGQ_TRY(err, rgq_alloc(&w.tone.difference, n, sizeof *w.tone.difference, err));
    RGQ_TRY(err, rgq_alloc(&w.tone.voxels, n, sizeof *w.tone.voxels, err));
    RGQ_TRY(err, rgq_alloc(&w.tone.level, n, sizeof *w.tone.level, err));
    RGQ_TRY(err, ibsi_counts_init(&w.dependence, err));
    RGQ_TRY(err, ibsi_counts_init(&w.margin, err));
    RGQ_TRY(err, by_slices(tones, dependence, &w, roi, err));
    for (int k = IBSI_25D; k <= IBSI_3D; k++) {
        RGQ_TRY(err, collect(&w, roi, n_directions[k], 0, roi->count, err));
        RGQ_TRY(err, take(tones + k * (ptrdiff_t)IBSI_NGTDM,
                          dependence + k * (ptrdiff_t)IBSI_NGLDM, &w, roi, roi->count, err));
    }
out:
    rgq_free(w.tone.difference);
    rgq_free(w.tone.voxels);
    rgq_free(w.tone.level);
    ibsi_counts_release(&w.dependence);
    ibsi_counts_release(&w.margin);
    return st;
}
