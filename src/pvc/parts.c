#include "pvc/parts.h"

#include <omp.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/clones.h"
#include "num/look_up.h"
#include "num/threads.h"
#include "pvc/parts_inside.h"

/* Sums are kept in tables: LANES of them a thread, so that neighbours of one region do not wait
 * for each other's addition, and one a block, so that threads do not change the bits. */
enum { LANES = 8, LANES_PARTS_MAX = 2048, BLOCKS_MAX = 256, TABLE_DOUBLES_MAX = 1 << 20 };

static rgq_status labels_prepare(rgq_parts *p, rgq_error *err)
{
    double inside = 0.0;

    for (int i = 0; i < rgq_labels_count(p->labels); i++) {
        const rgq_label *l = rgq_labels_at(p->labels, i);
        if (l->count == 0)
            return RGQ_RAISE(err, RGQ_E_ARGUMENT, "the region '%.60s' has no voxel", l->name);
        p->weight[1 + i] = (double)l->count;
        inside += (double)l->count;
    }
    p->weight[0] = (double)p->voxels - inside;
    return RGQ_OK;
}

rgq_status rgq_parts_create(rgq_parts **out, const rgq_labels *labels,
                            const rgq_regions *regions, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_parts *p = NULL;
    const rgq_grid *grid = labels != NULL ? rgq_labels_grid(labels) : rgq_regions_grid(regions);
    const int n_regions =
        labels != NULL ? rgq_labels_count(labels) : rgq_regions_count(regions);

    *out = NULL;
    if (n_regions == 0)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "the label map has no region: every voxel is 0, the background; at "
                         "least one label was needed");
    RGQ_TRY(err, rgq_alloc(&p, 1, sizeof *p, err));
    p->labels = labels;
    p->regions = labels != NULL ? NULL : regions;
    memcpy(p->n, grid->n, sizeof p->n);
    p->voxels = rgq_grid_count(grid);
    p->count = n_regions + 1;
    RGQ_TRY(err, rgq_alloc(&p->weight, (size_t)p->count, sizeof *p->weight, err));
    if (labels != NULL)
        RGQ_TRY(err, labels_prepare(p, err));
    else
        RGQ_TRY(err, rgq_parts_masks_prepare(p, err));
    *out = p;
    p = NULL;
out:
    rgq_parts_free(p);
    return st;
}

void rgq_parts_free(rgq_parts *parts)
{
    if (parts == NULL)
        return;
    rgq_free(parts->background);
    rgq_free(parts->weight);
    rgq_free(parts);
}

int rgq_parts_count(const rgq_parts *parts)
{
    return parts->count;
}

const char *rgq_parts_name(const rgq_parts *parts, int i)
{
    if (i == 0)
        return "background";
    return parts->labels != NULL ? rgq_labels_at(parts->labels, i - 1)->name
                                 : rgq_regions_at(parts->regions, i - 1)->name;
}

int rgq_parts_label(const rgq_parts *parts, int i)
{
    if (i == 0)
        return 0;
    return parts->labels != NULL ? rgq_labels_at(parts->labels, i - 1)->label
                                 : rgq_regions_at(parts->regions, i - 1)->label;
}

int rgq_parts_find(const rgq_parts *parts, const char *name)
{
    int found = -1;

    if (parts->labels != NULL) {
        found = rgq_labels_find(parts->labels, name);
    } else {
        const rgq_region *r = rgq_regions_find(parts->regions, name);
        for (int i = 0; r != NULL && i < parts->count - 1; i++)
            if (rgq_regions_at(parts->regions, i) == r)
                found = i;
    }
    if (found >= 0)
        return found + 1;
    return strcmp(name, "background") == 0 || strcmp(name, "0") == 0 ? 0 : -1;
}

double rgq_parts_weight(const rgq_parts *parts, int i)
{
    return parts->weight[i];
}

const uint16_t *rgq_parts_voxels(const rgq_parts *parts)
{
    return parts->labels != NULL ? rgq_labels_voxels(parts->labels) : NULL;
}

void rgq_parts_box(const rgq_parts *parts, int i, int lo[3], int n[3])
{
    for (int a = 0; a < 3; a++) {
        if (i == 0) {
            lo[a] = 0;
            n[a] = parts->n[a];
        } else if (parts->labels != NULL) {
            lo[a] = rgq_labels_at(parts->labels, i - 1)->lo[a];
            n[a] = rgq_labels_at(parts->labels, i - 1)->n[a];
        } else {
            lo[a] = rgq_regions_at(parts->regions, i - 1)->lo[a];
            n[a] = rgq_regions_at(parts->regions, i - 1)->n[a];
        }
    }
}

static const uint16_t *label_row(const rgq_parts *parts, const int lo[3], size_t row, int n_y)
{
    const size_t y = (size_t)lo[1] + row % (size_t)n_y;
    const size_t z = (size_t)lo[2] + row / (size_t)n_y;

    return rgq_labels_voxels(parts->labels) +
           (z * (size_t)parts->n[1] + y) * (size_t)parts->n[0] + (size_t)lo[0];
}

void rgq_parts_fill(const rgq_parts *parts, int i, const int lo[3], const int n[3],
                    float *weight)
{
    const size_t n_x = (size_t)n[0];
    const size_t rows = (size_t)n[1] * (size_t)n[2];

    if (parts->labels == NULL) {
        rgq_parts_masks_fill(parts, i, lo, n, weight);
        return;
    }
#pragma omp parallel for schedule(static)
    for (size_t row = 0; row < rows; row++) {
        const uint16_t *label = label_row(parts, lo, row, n[1]);
        float *to = weight + row * n_x;
        for (size_t x = 0; x < n_x; x++)
            to[x] = label[x] == (uint16_t)i ? 1.0F : 0.0F;
    }
}

/* Are these eight labels one? */
static bool alike(const uint16_t *label)
{
    uint64_t a = 0;
    uint64_t b = 0;

    memcpy(&a, label, sizeof a);
    memcpy(&b, label + 4, sizeof b);
    return a == b && a == label[0] * 0x0001000100010001ULL;
}

/* Tables of sums that a row of voxels is added to. */
typedef struct tables {
    double *sum;
    size_t count; /* parts */
    size_t lanes;
} tables;

/* Eight neighbours; of one region, or of several. */
static inline void sum_eight(tables t, const uint16_t *l, const double *v)
{
    if (alike(l)) {
        t.sum[l[0]] += ((v[0] + v[1]) + (v[2] + v[3])) + ((v[4] + v[5]) + (v[6] + v[7]));
    } else if (t.lanes == LANES) {
        for (size_t k = 0; k < LANES; k++)
            t.sum[k * t.count + l[k]] += v[k];
    } else {
        for (size_t k = 0; k < LANES; k++)
            t.sum[l[k]] += v[k];
    }
}

RGQ_CLONES static void sum_row(tables t, const uint16_t *label, const float *image, size_t n)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        double v[LANES];
        for (size_t k = 0; k < LANES; k++)
            v[k] = (double)image[i + k];
        sum_eight(t, label + i, v);
    }
    for (; i < n; i++)
        t.sum[label[i]] += (double)image[i];
}

RGQ_CLONES static void sum_row_squares(tables t, const uint16_t *label, const float *image,
                                       size_t n)
{
    size_t i = 0;

    for (; i + LANES <= n; i += LANES) {
        double v[LANES];
        for (size_t k = 0; k < LANES; k++)
            v[k] = (double)image[i + k] * (double)image[i + k];
        sum_eight(t, label + i, v);
    }
    for (; i < n; i++)
        t.sum[label[i]] += (double)image[i] * (double)image[i];
}

/* Where an image lies on the grid, and into how many rows and blocks it is cut. */
typedef struct layout {
    const rgq_parts *parts;
    const float *image;
    const int *lo;
    int n_y;
    size_t row; /* voxels of a row */
    size_t rows;
    size_t blocks;
    size_t lanes;
    bool squared;
} layout;

static void sum_block(const layout *w, size_t block, double *lanes_of_thread, double *out)
{
    const size_t count = (size_t)w->parts->count;
    const size_t first = w->rows * block / w->blocks;
    const size_t last = w->rows * (block + 1) / w->blocks;

    memset(lanes_of_thread, 0, w->lanes * count * sizeof *lanes_of_thread);
    const tables t = {lanes_of_thread, count, w->lanes};
    for (size_t row = first; row < last; row++) {
        const uint16_t *label = label_row(w->parts, w->lo, row, w->n_y);
        if (w->squared)
            sum_row_squares(t, label, w->image + row * w->row, w->row);
        else
            sum_row(t, label, w->image + row * w->row, w->row);
    }
    for (size_t i = 0; i < count; i++) {
        double s = 0.0;
        for (size_t k = 0; k < w->lanes; k++)
            s += lanes_of_thread[k * count + i];
        out[i] = s;
    }
}

static rgq_status label_sums(const rgq_parts *parts, const rgq_parts_image *im, double *sum,
                             rgq_error *err)
{
    const int *n = im->n;
    rgq_status st = RGQ_OK;
    const size_t count = (size_t)parts->count;
    const size_t rows = (size_t)n[1] * (size_t)n[2];
    size_t blocks = TABLE_DOUBLES_MAX / count + 1;
    double *block = NULL;
    double *lane = NULL;

    blocks = blocks > BLOCKS_MAX ? BLOCKS_MAX : blocks;
    const layout w = {.parts = parts,
                      .image = im->data,
                      .lo = im->lo,
                      .n_y = n[1],
                      .row = (size_t)n[0],
                      .rows = rows,
                      .blocks = blocks > rows ? rows : blocks,
                      .lanes = count <= LANES_PARTS_MAX ? LANES : 1,
                      .squared = im->squared};
    const int n_threads = rgq_threads_count();
    RGQ_TRY(err, rgq_alloc(&block, w.blocks * count, sizeof *block, err));
    RGQ_TRY(err, rgq_alloc(&lane, (size_t)n_threads * w.lanes * count, sizeof *lane, err));
#pragma omp parallel for schedule(static) num_threads(n_threads)
    for (size_t b = 0; b < w.blocks; b++)
        sum_block(&w, b, lane + (size_t)omp_get_thread_num() * w.lanes * count,
                  block + b * count);
    memset(sum, 0, count * sizeof *sum);
    for (size_t b = 0; b < w.blocks; b++)
        for (size_t i = 0; i < count; i++)
            sum[i] += block[b * count + i];
out:
    rgq_free(lane);
    rgq_free(block);
    return st;
}

static rgq_status sums_of(const rgq_parts *parts, const rgq_parts_image *image, double *sum,
                          rgq_error *err)
{
    return parts->labels != NULL ? label_sums(parts, image, sum, err)
                                 : rgq_parts_masks_sums(parts, image, sum, err);
}

rgq_status rgq_parts_sums_box(const rgq_parts *parts, const float *box, const int lo[3],
                              const int n[3], double *sum, rgq_error *err)
{
    const rgq_parts_image image = {box, {lo[0], lo[1], lo[2]}, {n[0], n[1], n[2]}, false};

    return sums_of(parts, &image, sum, err);
}

rgq_status rgq_parts_sums(const rgq_parts *parts, const float *image, double *sum,
                          rgq_error *err)
{
    return rgq_parts_sums_box(parts, image, (const int[3]){0, 0, 0}, parts->n, sum, err);
}

rgq_status rgq_parts_squares(const rgq_parts *parts, const float *image, double *sum,
                             rgq_error *err)
{
    const rgq_parts_image whole = {
        image, {0, 0, 0}, {parts->n[0], parts->n[1], parts->n[2]}, true};

    return sums_of(parts, &whole, sum, err);
}

/* A table in single precision that fits a stack; larger ones go by the value itself. */
static void paint_labels(const rgq_parts *parts, const double *value, float *image)
{
    enum { TABLE = 1024, PIECE = 4096 };
    const uint16_t *label = rgq_parts_voxels(parts);
    const size_t pieces = (parts->voxels + PIECE - 1) / PIECE;
    float table[TABLE];

    for (int i = 0; i < parts->count && i < TABLE; i++)
        table[i] = (float)value[i];
#pragma omp parallel for schedule(static)
    for (size_t p = 0; p < pieces; p++) {
        const size_t at = p * PIECE;
        const size_t n = parts->voxels - at < PIECE ? parts->voxels - at : PIECE;
        if (parts->count <= TABLE) {
            rgq_look_up(image + at, label + at, n, table, (size_t)parts->count);
            continue;
        }
        for (size_t i = at; i < at + n; i++)
            image[i] = (float)value[label[i]];
    }
}

void rgq_parts_paint(const rgq_parts *parts, const double *value, float *image)
{
    if (parts->labels != NULL)
        paint_labels(parts, value, image);
    else
        rgq_parts_masks_paint(parts, value, image);
}
