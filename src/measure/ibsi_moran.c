/* Moran's I and Geary's C: sums over all pairs of voxels, weighted by 1 / distance. The weight
 * depends on the step from one to the other alone: for each step between rows the weights along
 * x are formed once, and rows are multiplied with rows. */
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "measure/ibsi_mesh.h"

enum { LANES = 8, PARALLEL_MIN = 1000 /* voxels that are worth waking threads for */ };
typedef double ibsi_lanes __attribute__((vector_size(64), aligned(8), may_alias));

/* A row of voxels: 1 in the mask, value - mean, its square. */
typedef struct ibsi_line {
    const double *m;
    const double *x;
    const double *x2;
} ibsi_line;

#define PAIRS_ROWS pairs_base
#define PAIRS_TARGET
#include "measure/ibsi_pairs.inc.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define PAIRS_ROWS   pairs_avx2
#define PAIRS_TARGET __attribute__((target("avx2")))
#include "measure/ibsi_pairs.inc.h"

#define PAIRS_ROWS   pairs_avx512
#define PAIRS_TARGET __attribute__((target("avx512f")))
#include "measure/ibsi_pairs.inc.h"
#endif

typedef void (*pairs_rows)(ibsi_lanes sum[3], const double *w, const ibsi_line *a, size_t n_a,
                           const ibsi_line *b, size_t n_b);

/* A row of voxels of the region: x from `first`, `n` of them, the rest up to a multiple of
 * LANES zero. */
typedef struct row {
    int y, z;
    int first;
    int n;
    size_t at; /* in the arrays below */
} row;

typedef struct rows {
    row *row;
    int n_rows;
    int *index; /* of row (y, z) in `row`, or -1 */
    double *m;  /* 1 in the mask */
    double *x;  /* value - mean */
    double *x2; /* its square */
    const ibsi_roi *roi;
    pairs_rows pairs;
} rows;

static void rows_release(rows *r)
{
    rgq_free(r->row);
    rgq_free(r->index);
    rgq_free(r->m);
    rgq_free(r->x);
    rgq_free(r->x2);
}

static pairs_rows choose_pairs(void)
{
#if defined(__x86_64__) && defined(__GNUC__)
    if (__builtin_cpu_supports("avx512f"))
        return pairs_avx512;
    if (__builtin_cpu_supports("avx2"))
        return pairs_avx2;
#endif
    return pairs_base;
}

static size_t padded(int n)
{
    return ((size_t)n + LANES - 1) / LANES * LANES;
}

/* The rows as they follow in the list of voxels; returns the length of the arrays. */
static size_t find_rows(rows *r)
{
    const size_t n_x = (size_t)r->roi->n[0];
    size_t length = 0;

    for (size_t k = 0; k < r->roi->count; k++) {
        const size_t at = r->roi->voxel[k];
        const int x = (int)(at % n_x);
        int *index = &r->index[at / n_x];
        if (*index < 0) {
            *index = r->n_rows;
            r->row[r->n_rows++] = (row){.y = (int)(at / n_x % (size_t)r->roi->n[1]),
                                        .z = (int)(at / n_x / (size_t)r->roi->n[1]),
                                        .first = x};
        }
        r->row[*index].n = x - r->row[*index].first + 1;
    }
    for (int k = 0; k < r->n_rows; k++) {
        r->row[k].at = length;
        length += padded(r->row[k].n);
    }
    return length;
}

static rgq_status rows_init(rows *r, const ibsi_roi *roi, rgq_error *err)
{
    const size_t n_yz = (size_t)roi->n[1] * (size_t)roi->n[2];

    *r = (rows){.roi = roi, .pairs = choose_pairs()};
    RGQ_PASS(err, rgq_alloc(&r->row, n_yz, sizeof *r->row, err));
    RGQ_PASS(err, rgq_alloc(&r->index, n_yz, sizeof *r->index, err));
    for (size_t k = 0; k < n_yz; k++)
        r->index[k] = -1;
    const size_t length = find_rows(r);
    RGQ_PASS(err, rgq_alloc(&r->m, length, sizeof *r->m, err));
    RGQ_PASS(err, rgq_alloc(&r->x, length, sizeof *r->x, err));
    RGQ_PASS(err, rgq_alloc(&r->x2, length, sizeof *r->x2, err));
    for (size_t k = 0; k < roi->count; k++) {
        const size_t n_x = (size_t)roi->n[0];
        const row *own = &r->row[r->index[roi->voxel[k] / n_x]];
        const size_t at = own->at + roi->voxel[k] % n_x - (size_t)own->first;
        const double d = (double)roi->value[k] - roi->mean;
        r->m[at] = 1.0;
        r->x[at] = d;
        r->x2[at] = d * d;
    }
    return RGQ_OK;
}

/* Sums over the pairs of a row and another. */
static void add_pairs(ibsi_lanes sum[3], const rows *r, const row *a, const row *b,
                      const double *weight, int reach)
{
    const ibsi_line line_a = {r->m + a->at, r->x + a->at, r->x2 + a->at};
    const ibsi_line line_b = {r->m + b->at, r->x + b->at, r->x2 + b->at};

    r->pairs(sum, weight + reach + b->first - a->first, &line_a, (size_t)a->n, &line_b,
             padded(b->n));
}

static void fill_weights(double *weight, const double mm[3], int dy, int dz, int reach)
{
    const double across2 = dy * mm[1] * dy * mm[1] + dz * mm[2] * dz * mm[2];

    for (int dx = -reach; dx <= reach + LANES; dx++) {
        const double d2 = dx * mm[0] * dx * mm[0] + across2;
        weight[dx + reach] = d2 > 0.0 ? 1.0 / sqrt(d2) : 0.0;
    }
}

/* One step (dy, dz) between rows; of a step and its opposite only one is taken. */
static void add_step(double out[3], const rows *r, int dy, int dz, double *weight)
{
    ibsi_lanes sum[3] = {{0.0}, {0.0}, {0.0}};
    const int reach = r->roi->n[0];
    bool filled = false;

    for (int k = 0; k < r->n_rows; k++) {
        const row *a = &r->row[k];
        const int y = a->y + dy;
        const int z = a->z + dz;
        if (y < 0 || y >= r->roi->n[1] || z >= r->roi->n[2])
            continue;
        const int other = r->index[(size_t)z * (size_t)r->roi->n[1] + (size_t)y];
        if (other < 0)
            continue;
        if (!filled) /* a scattered region has few rows a step apart, or none */
            fill_weights(weight, r->roi->spacing_mm, dy, dz, reach);
        filled = true;
        add_pairs(sum, r, a, &r->row[other], weight, reach);
    }
    for (int k = 0; k < 3; k++)
        for (int lane = 0; lane < LANES; lane++)
            out[k] += sum[k][lane];
}

rgq_status ibsi_autocorrelation(double out[2], const ibsi_roi *roi, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rows r = {.row = NULL};
    double *weight = NULL;   /* a row of weights a step, so that threads do not share one */
    double(*part)[3] = NULL; /* of each step */
    double sum[3] = {0.0, 0.0, 0.0};
    double square = 0.0;
    const int n_y = roi->n[1];
    const int n_z = roi->n[2];
    const int n_steps = n_z * (2 * n_y - 1);
    const size_t length = 2 * (size_t)roi->n[0] + 1 + LANES;

    if (roi->count < 2 || !(roi->sorted[0] < roi->sorted[roi->count - 1]))
        return RGQ_OK;
    RGQ_TRY(err, rows_init(&r, roi, err));
    RGQ_TRY(err, rgq_alloc(&weight, (size_t)n_z * length, sizeof *weight, err));
    RGQ_TRY(err, rgq_alloc(&part, (size_t)n_steps, sizeof *part, err));
#pragma omp parallel for schedule(static, 1) if (roi->count >= PARALLEL_MIN)
    for (int dz = 0; dz < n_z; dz++)
        for (int dy = 1 - n_y; dy < n_y; dy++)
            if (dz > 0 || dy >= 0)
                add_step(part[dz * (2 * n_y - 1) + dy + n_y - 1], &r, dy, dz,
                         weight + (size_t)dz * length);
    for (int s = 0; s < n_steps; s++) {
        /* within a row each pair was met from both ends, between rows from one */
        const double times = s == n_y - 1 ? 1.0 : 2.0;
        for (int k = 0; k < 3; k++)
            sum[k] += times * part[s][k];
    }
    for (size_t k = 0; k < roi->count; k++) {
        const double d = (double)roi->value[k] - roi->mean;
        square += d * d;
    }
    const double n = (double)roi->count;
    out[0] = n / sum[0] * sum[1] / square;
    out[1] = (n - 1.0) / sum[0] * (sum[2] - sum[1]) / square;
out:
    rgq_free(weight);
    rgq_free(part);
    rows_release(&r);
    return st;
}
