#include "pvc/regional.h"

#include <omp.h>
#include <stdbool.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/denormal.h"
#include "num/threads.h"

enum { TILE_X = 64, TILE_YZ = 32 };

/* What one thread works with. */
typedef struct bench {
    float *weight;   /* of one part, in the reach of the tile */
    float *image;    /* the same times the image */
    float *mass;     /* m of one part in the tile */
    float *array[4]; /* inner, outer, recovery, inverse of the tile */
    uint8_t *left;   /* guarded voxels of the tile */
    float *piece;    /* one row, for rgq_regional_blur() */
    int *active;     /* parts in the reach of the tile */
    uint8_t *known;  /* is a part in `active`? */
    int n_active;
} bench;

struct rgq_regional {
    const rgq_parts *parts;
    const rgq_blur *blur;
    bool whole; /* h * 1 is 1 everywhere */
    int n[3];
    int tile[3];
    int tiles[3];
    size_t n_tiles;
    int n_parts;
    int n_threads;
    bench *benches;
    double (*sums)[3]; /* two of the job and the guarded voxels, of each tile */
};

/* Where a tile lies, and what can reach it. */
typedef struct place {
    int lo[3];
    int n[3];
    int reach_lo[3];
    int reach_n[3];
} place;

static size_t product(const int n[3])
{
    return (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
}

static place place_of(const rgq_regional *r, size_t tile)
{
    place p;
    const size_t at[3] = {tile % (size_t)r->tiles[0],
                          tile / (size_t)r->tiles[0] % (size_t)r->tiles[1],
                          tile / (size_t)r->tiles[0] / (size_t)r->tiles[1]};

    for (int a = 0; a < 3; a++) {
        const int left = r->n[a] - (int)at[a] * r->tile[a];
        p.lo[a] = (int)at[a] * r->tile[a];
        p.n[a] = left < r->tile[a] ? left : r->tile[a];
    }
    rgq_blur_reach(r->blur, p.lo, p.n, p.reach_lo, p.reach_n);
    return p;
}

static void cut(rgq_regional *r)
{
    const int *radius = rgq_blur_report(r->blur)->radius;
    const int least[3] = {TILE_X, TILE_YZ, TILE_YZ};

    r->n_tiles = 1;
    for (int a = 0; a < 3; a++) {
        const int wanted = radius[a] > least[a] ? radius[a] : least[a];
        r->tile[a] = wanted < r->n[a] ? wanted : r->n[a];
        r->tiles[a] = (r->n[a] + r->tile[a] - 1) / r->tile[a];
        r->n_tiles *= (size_t)r->tiles[a];
    }
}

static size_t largest_reach(const rgq_regional *r)
{
    size_t largest = 0;

    for (size_t t = 0; t < r->n_tiles; t++) {
        const place p = place_of(r, t);
        const size_t count = product(p.reach_n);
        largest = count > largest ? count : largest;
    }
    return largest;
}

static rgq_status bench_init(bench *b, const rgq_regional *r, size_t reach, rgq_error *err)
{
    const size_t tile = product(r->tile);

    RGQ_PASS(err, rgq_alloc(&b->weight, reach, sizeof *b->weight, err));
    RGQ_PASS(err, rgq_alloc(&b->image, reach, sizeof *b->image, err));
    RGQ_PASS(err, rgq_alloc(&b->mass, tile, sizeof *b->mass, err));
    for (int i = 0; i < 4; i++)
        RGQ_PASS(err, rgq_alloc(&b->array[i], tile, sizeof *b->array[i], err));
    RGQ_PASS(err, rgq_alloc(&b->left, tile, sizeof *b->left, err));
    RGQ_PASS(err, rgq_alloc(&b->piece, (size_t)r->tile[0], sizeof *b->piece, err));
    RGQ_PASS(err, rgq_alloc(&b->active, (size_t)r->n_parts, sizeof *b->active, err));
    RGQ_PASS(err, rgq_alloc(&b->known, (size_t)r->n_parts, sizeof *b->known, err));
    return RGQ_OK;
}

rgq_status rgq_regional_create(rgq_regional **out, const rgq_parts *parts, const rgq_blur *blur,
                               const int n[3], rgq_border border, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_regional *r = NULL;

    *out = NULL;
    RGQ_TRY(err, rgq_alloc(&r, 1, sizeof *r, err));
    r->parts = parts;
    r->blur = blur;
    r->whole = border != RGQ_BORDER_ZERO;
    memcpy(r->n, n, sizeof r->n);
    r->n_parts = rgq_parts_count(parts);
    cut(r);
    RGQ_TRY(err, rgq_alloc(&r->sums, r->n_tiles, sizeof *r->sums, err));
    const size_t threads = (size_t)rgq_threads_count();
    const size_t reach = largest_reach(r);
    RGQ_TRY(err, rgq_alloc(&r->benches, threads, sizeof *r->benches, err));
    for (r->n_threads = 0; (size_t)r->n_threads < threads;) {
        bench *b = &r->benches[r->n_threads++];
        RGQ_TRY(err, bench_init(b, r, reach, err));
    }
    *out = r;
    r = NULL;
out:
    rgq_regional_free(r);
    return st;
}

void rgq_regional_free(rgq_regional *regional)
{
    if (regional == NULL)
        return;
    for (int t = 0; t < regional->n_threads; t++) {
        bench *b = &regional->benches[t];
        rgq_free(b->weight);
        rgq_free(b->image);
        rgq_free(b->mass);
        for (int i = 0; i < 4; i++)
            rgq_free(b->array[i]);
        rgq_free(b->left);
        rgq_free(b->piece);
        rgq_free(b->active);
        rgq_free(b->known);
    }
    rgq_free(regional->benches);
    rgq_free(regional->sums);
    rgq_free(regional);
}

/* -------------------------------------------------------------------- the parts of a tile */

static void activate(bench *b, int part)
{
    if (b->known[part] == 0) {
        b->known[part] = 1;
        b->active[b->n_active++] = part;
    }
}

/* Index in the volume of the first voxel of row y of slice z of a box. */
static size_t row_at(const rgq_regional *r, const int lo[3], int y, int z)
{
    return ((size_t)(lo[2] + z) * (size_t)r->n[1] + (size_t)(lo[1] + y)) * (size_t)r->n[0] +
           (size_t)lo[0];
}

static void find_labels(const rgq_regional *r, bench *b, const int lo[3], const int n[3])
{
    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++) {
            const uint16_t *label = rgq_parts_voxels(r->parts) + row_at(r, lo, y, z);
            int last = -1;
            for (int x = 0; x < n[0]; x++)
                if ((int)label[x] != last) {
                    last = (int)label[x];
                    activate(b, last);
                }
        }
}

static bool meets(const rgq_parts *parts, int i, const int lo[3], const int n[3])
{
    int part_lo[3];
    int part_n[3];

    rgq_parts_box(parts, i, part_lo, part_n);
    for (int a = 0; a < 3; a++)
        if (part_lo[a] >= lo[a] + n[a] || part_lo[a] + part_n[a] <= lo[a])
            return false;
    return true;
}

/* In rising order, so that sums over them do not depend on where a tile begins. */
static void find_parts(const rgq_regional *r, bench *b, const int lo[3], const int n[3])
{
    b->n_active = 0;
    if (rgq_parts_voxels(r->parts) != NULL)
        find_labels(r, b, lo, n);
    else
        for (int i = 0; i < r->n_parts; i++)
            if (meets(r->parts, i, lo, n))
                activate(b, i);
    for (int i = 1; i < b->n_active; i++)
        for (int k = i; k > 0 && b->active[k - 1] > b->active[k]; k--) {
            const int part = b->active[k];
            b->active[k] = b->active[k - 1];
            b->active[k - 1] = part;
        }
    for (int i = 0; i < b->n_active; i++)
        b->known[b->active[i]] = 0;
}

/* Weights of a part in the reach of a tile, and times the image. */
static void fill_part(const rgq_regional *r, bench *b, const place *p, int part,
                      const float *image)
{
    const uint16_t *labels = rgq_parts_voxels(r->parts);
    const size_t n_x = (size_t)p->reach_n[0];
    float *weight = b->weight;
    float *product_to = b->image;

    if (labels == NULL)
        rgq_parts_fill(r->parts, part, p->reach_lo, p->reach_n, b->weight);
    for (int z = 0; z < p->reach_n[2]; z++)
        for (int y = 0; y < p->reach_n[1]; y++, weight += n_x, product_to += n_x) {
            const size_t at = row_at(r, p->reach_lo, y, z);
            for (size_t x = 0; labels != NULL && x < n_x; x++)
                weight[x] = (int)labels[at + x] == part ? 1.0F : 0.0F;
            for (size_t x = 0; image != NULL && x < n_x; x++)
                product_to[x] = weight[x] * image[at + x];
        }
}

/* First voxel of row y of slice z of the tile within an array of its reach. */
static size_t inner_row(const place *p, int y, int z)
{
    const size_t at_z = (size_t)p->lo[2] - (size_t)p->reach_lo[2] + (size_t)z;
    const size_t at_y = (size_t)p->lo[1] - (size_t)p->reach_lo[1] + (size_t)y;

    return (at_z * (size_t)p->reach_n[1] + at_y) * (size_t)p->reach_n[0] +
           (size_t)(p->lo[0] - p->reach_lo[0]);
}

/* Keeps the weights of the tile itself before they are blurred; is the part there at all? */
static bool keep_mass(bench *b, const place *p)
{
    const size_t n_x = (size_t)p->n[0];
    float *to = b->mass;
    float most = 0.0F;

    for (int z = 0; z < p->n[2]; z++)
        for (int y = 0; y < p->n[1]; y++, to += n_x) {
            const float *from = b->weight + inner_row(p, y, z);
            for (size_t x = 0; x < n_x; x++) {
                to[x] = from[x];
                most = from[x] > most ? from[x] : most;
            }
        }
    return most > 0.0F;
}

enum { INNER, OUTER, RECOVERY, INVERSE };

static void add_row(const bench *b, size_t at, const float *m, const float *image,
                    const float *weight, size_t count, unsigned want)
{
    if ((want & RGQ_REGIONAL_INNER) != 0)
        for (size_t x = 0; x < count; x++)
            b->array[INNER][at + x] += m[x] * image[x];
    if ((want & RGQ_REGIONAL_OUTER) != 0)
        for (size_t x = 0; x < count; x++)
            b->array[OUTER][at + x] += (1.0F - m[x]) * image[x];
    if ((want & RGQ_REGIONAL_RECOVERY) != 0)
        for (size_t x = 0; x < count; x++)
            b->array[RECOVERY][at + x] += m[x] * weight[x];
    if ((want & RGQ_REGIONAL_INVERSE) != 0)
        for (size_t x = 0; x < count; x++) {
            const bool enough = weight[x] > RGQ_REGIONAL_LEAST;
            b->array[INVERSE][at + x] += enough ? m[x] / weight[x] : 0.0F;
            b->left[at + x] |= (uint8_t)(!enough && m[x] > 0.0F);
        }
}

/* The part of [lo, lo + n) that lies in the box (in_lo, in_n); false if there is none. */
static bool overlap(int lo[3], int n[3], const int in_lo[3], const int in_n[3])
{
    for (int a = 0; a < 3; a++) {
        const int first = lo[a] > in_lo[a] ? lo[a] : in_lo[a];
        const int end = lo[a] + n[a] < in_lo[a] + in_n[a] ? lo[a] + n[a] : in_lo[a] + in_n[a];
        if (end <= first)
            return false;
        lo[a] = first;
        n[a] = end - first;
    }
    return true;
}

/* Of a tile and its reach what matters for one part: where its box reaches within them. */
static bool narrow(const rgq_regional *r, place *p, int part)
{
    int lo[3];
    int n[3];
    int reach_lo[3];
    int reach_n[3];

    rgq_parts_box(r->parts, part, lo, n);
    if (!overlap(lo, n, p->reach_lo, p->reach_n))
        return false;
    rgq_blur_reach(r->blur, lo, n, reach_lo, reach_n);
    return overlap(p->reach_lo, p->reach_n, reach_lo, reach_n) &&
           overlap(p->lo, p->n, reach_lo, reach_n);
}

/* A part that is not in the tile itself only spills into it. */
static rgq_status add_part(const rgq_regional *r, bench *b, const place *tile, int part,
                           const rgq_regional_job *job)
{
    place p = *tile;
    unsigned want = job->want;

    if (!narrow(r, &p, part))
        return RGQ_OK;
    fill_part(r, b, &p, part, job->image);
    if (!keep_mass(b, &p))
        want &= RGQ_REGIONAL_OUTER;
    if ((want & (RGQ_REGIONAL_INNER | RGQ_REGIONAL_OUTER)) != 0)
        RGQ_PASS(NULL, rgq_blur_box(r->blur, b->image, p.reach_lo, p.reach_n, NULL));
    if ((want & (RGQ_REGIONAL_RECOVERY | RGQ_REGIONAL_INVERSE)) != 0)
        RGQ_PASS(NULL, rgq_blur_box(r->blur, b->weight, p.reach_lo, p.reach_n, NULL));
    for (int z = 0; z < p.n[2] && want != 0; z++)
        for (int y = 0; y < p.n[1]; y++) {
            const size_t from = inner_row(&p, y, z);
            const size_t mass = ((size_t)z * (size_t)p.n[1] + (size_t)y) * (size_t)p.n[0];
            const size_t at = ((size_t)(p.lo[2] - tile->lo[2] + z) * (size_t)tile->n[1] +
                               (size_t)(p.lo[1] - tile->lo[1] + y)) *
                                  (size_t)tile->n[0] +
                              (size_t)(p.lo[0] - tile->lo[0]);
            add_row(b, at, b->mass + mass, b->image + from, b->weight + from, (size_t)p.n[0],
                    want);
        }
    return RGQ_OK;
}

/* Nothing but one part as far as the kernel reaches: what it loses it gets back. */
static rgq_status fill_alone(const rgq_regional *r, bench *b, const place *p,
                             const rgq_regional_job *job)
{
    const size_t count = product(p->n);
    rgq_regional_job inner = *job;

    for (size_t i = 0; i < count; i++)
        b->array[RECOVERY][i] = b->array[INVERSE][i] = 1.0F;
    inner.want &= RGQ_REGIONAL_INNER;
    return inner.want != 0 ? add_part(r, b, p, b->active[0], &inner) : RGQ_OK;
}

static void hand_over(const rgq_regional *r, const bench *b, const place *p,
                      const rgq_regional_job *job, double sum[2])
{
    const size_t n_x = (size_t)p->n[0];
    const unsigned want = job->want;

    for (int z = 0; z < p->n[2]; z++)
        for (int y = 0; y < p->n[1]; y++) {
            const size_t at = ((size_t)z * (size_t)p->n[1] + (size_t)y) * n_x;
            const rgq_regional_row row = {
                .at = row_at(r, p->lo, y, z),
                .count = n_x,
                .inner = (want & RGQ_REGIONAL_INNER) != 0 ? b->array[INNER] + at : NULL,
                .outer = (want & RGQ_REGIONAL_OUTER) != 0 ? b->array[OUTER] + at : NULL,
                .recovery =
                    (want & RGQ_REGIONAL_RECOVERY) != 0 ? b->array[RECOVERY] + at : NULL,
                .inverse = (want & RGQ_REGIONAL_INVERSE) != 0 ? b->array[INVERSE] + at : NULL};
            job->run(job->context, &row, sum);
        }
}

static rgq_status run_tile(const rgq_regional *r, bench *b, size_t tile,
                           const rgq_regional_job *job, double sums[3])
{
    const place p = place_of(r, tile);
    const size_t count = product(p.n);

    for (int i = 0; i < 4; i++)
        memset(b->array[i], 0, count * sizeof *b->array[i]);
    memset(b->left, 0, count);
    find_parts(r, b, p.reach_lo, p.reach_n);
    if (b->n_active == 1 && r->whole) {
        RGQ_PASS(NULL, fill_alone(r, b, &p, job));
    } else {
        for (int i = 0; i < b->n_active; i++)
            RGQ_PASS(NULL, add_part(r, b, &p, b->active[i], job));
    }
    sums[0] = sums[1] = sums[2] = 0.0;
    for (size_t i = 0; i < count; i++)
        sums[2] += (double)b->left[i];
    hand_over(r, b, &p, job, sums);
    return RGQ_OK;
}

rgq_status rgq_regional_run(rgq_regional *regional, rgq_regional_job *job, rgq_error *err)
{
    int failed = RGQ_OK;

#pragma omp parallel num_threads(regional->n_threads)
    {
        const unsigned before = rgq_denormal_flush();
        bench *b = &regional->benches[omp_get_thread_num()];
#pragma omp for schedule(dynamic)
        for (size_t tile = 0; tile < regional->n_tiles; tile++) {
            const rgq_status st = run_tile(regional, b, tile, job, regional->sums[tile]);
            if (st != RGQ_OK) {
#pragma omp atomic write
                failed = (int)st;
            }
        }
        rgq_denormal_restore(before);
    }
    if (failed != RGQ_OK)
        return RGQ_RAISE(err, (rgq_status)failed, "a part of a region could not be blurred: %s",
                         rgq_status_name((rgq_status)failed));
    job->sum[0] = job->sum[1] = job->guarded = 0.0;
    for (size_t tile = 0; tile < regional->n_tiles; tile++) {
        job->sum[0] += regional->sums[tile][0];
        job->sum[1] += regional->sums[tile][1];
        job->guarded += regional->sums[tile][2];
    }
    return RGQ_OK;
}

/* ------------------------------------------------------------------- the blur that stays in */

typedef struct blurring {
    const rgq_regional *regional;
    const float *image;
    float *out;
    const rgq_blur_after *after;
} blurring;

static void blur_row(void *context, const rgq_regional_row *row, double sum[2])
{
    const blurring *b = context;
    float *piece =
        b->out != NULL ? b->out + row->at : b->regional->benches[omp_get_thread_num()].piece;

    for (size_t x = 0; x < row->count; x++)
        piece[x] = row->recovery[x] > RGQ_REGIONAL_LEAST ? row->inner[x] / row->recovery[x]
                                                         : b->image[row->at + x];
    if (b->after != NULL)
        b->after->run(b->after->context, piece, row->at, row->count, sum);
}

rgq_status rgq_regional_blur(rgq_regional *regional, float *out, const float *image,
                             rgq_blur_after *after, rgq_error *err)
{
    blurring b = {.regional = regional, .image = image, .after = after};
    rgq_regional_job job = {.image = image,
                            .want = RGQ_REGIONAL_INNER | RGQ_REGIONAL_RECOVERY,
                            .run = blur_row,
                            .context = &b};

    b.out = out;
    RGQ_PASS(err, rgq_regional_run(regional, &job, err));
    if (after != NULL)
        memcpy(after->sum, job.sum, sizeof after->sum);
    return RGQ_OK;
}
