/* Zones: connected voxels of one grey level. By their size (GLSZM), and by their distance from
 * the border of the region (GLDZM). */
#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ibsi_counts.h"

enum { BY_SIZE, BY_DISTANCE, MARGIN, N_COUNTS };

/* Everything the search of zones needs. */
typedef struct search {
    const ibsi_roi *roi;
    uint8_t *found;     /* 1: the voxel is in a zone already */
    size_t *stack;      /* of voxels whose neighbours are to be looked at */
    int32_t *distance;  /* from the border, in steps through faces; 0 outside */
    ptrdiff_t step[26]; /* to neighbours: 8 in the slice, then the others */
    int n_steps;
    ibsi_counts counts[N_COUNTS];
} search;

static void search_release(search *s)
{
    rgq_free(s->found);
    rgq_free(s->stack);
    rgq_free(s->distance);
    for (int c = 0; c < N_COUNTS; c++)
        ibsi_counts_release(&s->counts[c]);
}

static rgq_status search_init(search *s, const ibsi_roi *roi, rgq_error *err)
{
    const size_t box = (size_t)roi->n[0] * (size_t)roi->n[1] * (size_t)roi->n[2];

    *s = (search){.roi = roi};
    RGQ_PASS(err, rgq_alloc(&s->found, box, 1, err));
    RGQ_PASS(err, rgq_alloc(&s->stack, roi->count, sizeof *s->stack, err));
    RGQ_PASS(err, rgq_alloc(&s->distance, box, sizeof *s->distance, err));
    for (int c = 0; c < N_COUNTS; c++)
        RGQ_PASS(err, ibsi_counts_init(&s->counts[c], err));
    for (size_t d = 0; d < IBSI_DIRECTIONS; d++) {
        s->step[2 * d] = ibsi_step(roi->n, ibsi_direction[d]);
        s->step[2 * d + 1] = -s->step[2 * d];
    }
    return RGQ_OK;
}

/* City-block distance to the nearest voxel outside the region as drawn: two sweeps, one from
 * each corner. The border of the box is outside. */
static void measure_distance(search *s, int n_axes)
{
    const int *n = s->roi->n;
    const ptrdiff_t step[3] = {1, n[0], (ptrdiff_t)n[0] * n[1]};
    const ptrdiff_t box = step[2] * n[2];

    for (ptrdiff_t i = 0; i < box; i++) {
        int32_t least = INT32_MAX - 1;
        for (int a = 0; a < n_axes && s->roi->morph[i] != 0; a++)
            least = s->distance[i - step[a]] < least ? s->distance[i - step[a]] : least;
        s->distance[i] = s->roi->morph[i] != 0 ? least + 1 : 0;
    }
    for (ptrdiff_t i = box - 1; i >= 0; i--)
        for (int a = 0; a < n_axes && s->roi->morph[i] != 0; a++)
            if (s->distance[i + step[a]] + 1 < s->distance[i])
                s->distance[i] = s->distance[i + step[a]] + 1;
}

/* The zone of voxel `seed`, added to both matrices. */
static rgq_status add_zone(search *s, size_t seed, rgq_error *err)
{
    const int32_t level = s->roi->level[seed];
    size_t depth = 1;
    uint32_t size = 0;
    int32_t distance = s->distance[seed];

    s->stack[0] = seed;
    s->found[seed] = 1;
    while (depth > 0) {
        const size_t at = s->stack[--depth];
        size++;
        distance = s->distance[at] < distance ? s->distance[at] : distance;
        for (int k = 0; k < s->n_steps; k++) {
            const size_t to = (size_t)((ptrdiff_t)at + s->step[k]);
            if (s->roi->level[to] != level || s->found[to] != 0)
                continue;
            s->found[to] = 1;
            s->stack[depth++] = to;
        }
    }
    RGQ_PASS(err, ibsi_counts_add(&s->counts[BY_SIZE], (uint32_t)level, size, 1.0, err));
    return ibsi_counts_add(&s->counts[BY_DISTANCE], (uint32_t)level, (uint32_t)distance, 1.0,
                           err);
}

static rgq_status add_zones(search *s, size_t from, size_t to, rgq_error *err)
{
    for (size_t k = from; k < to; k++)
        if (s->found[s->roi->voxel[k]] == 0)
            RGQ_PASS(err, add_zone(s, s->roi->voxel[k], err));
    return RGQ_OK;
}

/* Features of both matrices, which are emptied. */
static rgq_status take(double size[IBSI_ZONES], double distance[IBSI_ZONES], search *s,
                       size_t voxels, rgq_error *err)
{
    double all[IBSI_EMPHASIS];
    double *const out[2] = {size, distance};

    for (int c = BY_SIZE; c <= BY_DISTANCE; c++) {
        RGQ_PASS(err,
                 ibsi_emphasis(all, &s->counts[c], (double)voxels, &s->counts[MARGIN], err));
        for (int f = 0; f < IBSI_ZONES; f++)
            out[c][f] = all[f];
        ibsi_counts_clear(&s->counts[c]);
    }
    return RGQ_OK;
}

static void forget_zones(search *s)
{
    for (size_t k = 0; k < s->roi->count; k++)
        s->found[s->roi->voxel[k]] = 0;
}

static rgq_status by_slices(double *size, double *distance, search *s, rgq_error *err)
{
    ibsi_mean mean[2][IBSI_ZONES] = {{{0.0, 0}}};
    double one[2][IBSI_ZONES];

    for (size_t from = 0, to; from < s->roi->count; from = to) {
        to = ibsi_slice_end(s->roi, from);
        RGQ_PASS(err, add_zones(s, from, to, err));
        RGQ_PASS(err, take(one[0], one[1], s, to - from, err));
        for (int c = 0; c < 2; c++)
            ibsi_mean_add(mean[c], one[c], IBSI_ZONES);
    }
    ibsi_mean_take(size, mean[0], IBSI_ZONES);
    ibsi_mean_take(distance, mean[1], IBSI_ZONES);
    return RGQ_OK;
}

rgq_status ibsi_zones(double size[IBSI_PLAIN * IBSI_ZONES],
                      double distance[IBSI_PLAIN * IBSI_ZONES], const ibsi_roi *roi,
                      rgq_error *err)
{
    rgq_status st = RGQ_OK;
    search s;

    RGQ_TRY(err, search_init(&s, roi, err));
    s.n_steps = 2 * IBSI_IN_PLANE;
    measure_distance(&s, 2);
    RGQ_TRY(err, by_slices(size, distance, &s, err));
    forget_zones(&s);
    RGQ_TRY(err, add_zones(&s, 0, roi->count, err));
    RGQ_TRY(err, take(size + IBSI_ZONES, distance + IBSI_ZONES, &s, roi->count, err));
    forget_zones(&s);
    s.n_steps = 2 * IBSI_DIRECTIONS;
    measure_distance(&s, 3);
    RGQ_TRY(err, add_zones(&s, 0, roi->count, err));
    RGQ_TRY(err, take(size + 2 * (ptrdiff_t)IBSI_ZONES, distance + 2 * (ptrdiff_t)IBSI_ZONES,
                      &s, roi->count, err));
out:
    search_release(&s);
    return st;
}
