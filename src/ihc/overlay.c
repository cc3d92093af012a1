#include "ihc/overlay.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

/* Sums of bytes of one pixel of the picture fit into 32 bits. */
enum { SHRINK_MAX = 4096 };

/* First row or column of the slide of the i-th pixel of the picture. */
static int64_t first_of(int64_t i, int64_t whole, int small)
{
    return i * whole / small;
}

/* Pixel of the picture that a row or column of the slide belongs to. */
static int64_t pixel_of(int64_t at, int64_t whole, int small)
{
    return ((at + 1) * small - 1) / whole;
}

rgq_status rgq_ihc_painter_init(rgq_ihc_painter *p, rgq_ihc_overlay *out, int64_t width,
                                int64_t height, int n_lanes, int64_t band, rgq_error *err)
{
    rgq_status st = RGQ_OK;

    *p = (rgq_ihc_painter){.out = out, .width = width, .height = height, .n_lanes = n_lanes};
    if (out->width < 1 || out->height < 1 || out->width > width || out->height > height ||
        width / out->width >= SHRINK_MAX || height / out->height >= SHRINK_MAX)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                         "a picture of %d x %d pixels of a slide of %lld x %lld; no more than "
                         "the slide, and a side of more than 1/%d of its, was needed",
                         out->width, out->height, (long long)width, (long long)height,
                         SHRINK_MAX);
    const size_t row = 3 * (size_t)out->width;
    p->capacity = band * out->height / height + 3;
    RGQ_TRY(err, rgq_alloc(&p->column, (size_t)out->width + 1, sizeof *p->column, err));
    RGQ_TRY(err, rgq_alloc(&p->sum, (size_t)p->capacity * row, sizeof *p->sum, err));
    RGQ_TRY(err, rgq_alloc(&p->head, (size_t)n_lanes * row, sizeof *p->head, err));
    RGQ_TRY(err, rgq_alloc(&p->mark, (size_t)out->width * (size_t)out->height, 1, err));
    for (int i = 0; i <= out->width; i++)
        p->column[i] = first_of(i, width, out->width);
out:
    if (st != RGQ_OK)
        rgq_ihc_painter_release(p);
    return st;
}

void rgq_ihc_painter_release(rgq_ihc_painter *p)
{
    rgq_free(p->column);
    rgq_free(p->sum);
    rgq_free(p->head);
    rgq_free(p->mark);
    *p = (rgq_ihc_painter){0};
}

static void add_row(uint32_t *sum, const rgq_ihc_painter *p, const uint8_t *rgb, int64_t x,
                    int width)
{
    int64_t i = pixel_of(x, p->width, p->out->width);
    int64_t at = x;
    const int64_t end = x + width;

    sum += 3 * i;
    for (; at < end; i++, sum += 3) {
        const int64_t stop = p->column[i + 1] < end ? p->column[i + 1] : end;
        uint32_t r = 0;
        uint32_t g = 0;
        uint32_t b = 0;
        for (; at < stop; at++, rgb += 3) {
            r += rgb[0];
            g += rgb[1];
            b += rgb[2];
        }
        sum[0] += r;
        sum[1] += g;
        sum[2] += b;
    }
}

void rgq_ihc_painter_add(rgq_ihc_painter *p, const rgq_ihc_patch *patch)
{
    const size_t row = 3 * (size_t)p->out->width;
    const int64_t first = pixel_of(patch->lane_y, p->height, p->out->height);

    for (int y = 0; y < patch->height; y++) {
        const int64_t j = pixel_of(patch->y + y, p->height, p->out->height);
        uint32_t *sum = patch->lane > 0 && j == first ? p->head + (size_t)patch->lane * row
                                                      : p->sum + (size_t)(j - p->base) * row;
        add_row(sum, p, patch->rgb + 3 * (size_t)y * (size_t)patch->width, patch->x,
                patch->width);
    }
}

static void blend(uint8_t *out, const double mean[3], const double colour[3], double part)
{
    for (int c = 0; c < 3; c++)
        out[c] = (uint8_t)(mean[c] * (1 - part) + colour[c] * part + 0.5);
}

static bool is_tissue(const rgq_ihc_tissue_map *map, int64_t x, int64_t y)
{
    return map->is == NULL || map->is[y / map->block * map->width + x / map->block] != 0;
}

/* The DAB of the mean colour decides: a look at what the eye sees. */
static double dab_of(const rgq_ihc_unmix *u, const double mean[3])
{
    double dab = 0;
    for (int c = 0; c < 3; c++)
        dab += (double)u->inverse[1][c] * (double)u->od[c][(int)(mean[c] + 0.5)];
    return dab;
}

static void paint_row(const rgq_ihc_painter *p, int64_t j, const rgq_ihc_legend *legend)
{
    static const double pale[3] = {255, 255, 255};
    static const double intensity[3][3] = {{255, 235, 0}, {255, 140, 0}, {220, 0, 0}};
    const uint32_t *sum = p->sum + (size_t)(j - p->base) * 3 * (size_t)p->out->width;
    uint8_t *out = p->out->rgb + (size_t)j * 3 * (size_t)p->out->width;
    const int64_t y0 = first_of(j, p->height, p->out->height);
    const int64_t y1 = first_of(j + 1, p->height, p->out->height);

    for (int i = 0; i < p->out->width; i++, sum += 3, out += 3) {
        const double n = (double)((p->column[i + 1] - p->column[i]) * (y1 - y0));
        const double mean[3] = {sum[0] / n, sum[1] / n, sum[2] / n};
        if (!is_tissue(legend->tissue, (p->column[i] + p->column[i + 1]) / 2, (y0 + y1) / 2)) {
            blend(out, mean, pale, 0.6);
            continue;
        }
        const double dab = dab_of(legend->unmix, mean);
        int k = -1;
        while (k < 2 && dab >= (double)legend->limits->intensity[k + 1])
            k++;
        blend(out, mean, k >= 0 ? intensity[k] : mean, 0.5);
    }
}

void rgq_ihc_painter_flush(rgq_ihc_painter *p, int64_t y_begin, int64_t y_end, int lane_rows,
                           const rgq_ihc_legend *legend)
{
    const size_t row = 3 * (size_t)p->out->width;

    for (int lane = 1; lane < p->n_lanes && y_begin + (int64_t)lane * lane_rows < y_end;
         lane++) {
        const int64_t j =
            pixel_of(y_begin + (int64_t)lane * lane_rows, p->height, p->out->height);
        for (size_t i = 0; i < row; i++)
            p->sum[(size_t)(j - p->base) * row + i] += p->head[(size_t)lane * row + i];
    }
    memset(p->head, 0, (size_t)p->n_lanes * row * sizeof *p->head);
    int64_t j = p->base;
    for (; j < p->out->height && first_of(j + 1, p->height, p->out->height) <= y_end; j++)
        paint_row(p, j, legend);
    const size_t done = (size_t)(j - p->base) * row;
    const size_t all = (size_t)p->capacity * row;
    memmove(p->sum, p->sum + done, (all - done) * sizeof *p->sum);
    memset(p->sum + (all - done), 0, done * sizeof *p->sum);
    p->base = j;
}

static void mark(rgq_ihc_painter *p, int64_t i, int64_t j, uint8_t what)
{
    if (i < 0 || j < 0 || i >= p->out->width || j >= p->out->height)
        return;
    uint8_t *at = p->mark + j * p->out->width + i;
    *at = what > *at ? what : *at;
}

void rgq_ihc_painter_nucleus(rgq_ihc_painter *p, int64_t x, int64_t y, double radius)
{
    const int64_t i = pixel_of(x, p->width, p->out->width);
    const int64_t j = pixel_of(y, p->height, p->out->height);
    /* a point of a third of the nucleus, which leaves its rim to be seen */
    const int64_t r = (int64_t)fmin(8, radius / 3 * p->out->width / (double)p->width);

    for (int64_t dj = -r; dj <= r; dj++) {
        for (int64_t di = -r; di <= r; di++)
            mark(p, i + di, j + dj, RGQ_IHC_MARK_NUCLEUS);
    }
}

void rgq_ihc_painter_box(rgq_ihc_painter *p, int64_t x0, int64_t y0, int64_t x1, int64_t y1)
{
    const int64_t i0 = pixel_of(x0, p->width, p->out->width);
    const int64_t i1 = pixel_of(x1 - 1, p->width, p->out->width);
    const int64_t j0 = pixel_of(y0, p->height, p->out->height);
    const int64_t j1 = pixel_of(y1 - 1, p->height, p->out->height);

    for (int64_t i = i0; i <= i1; i++) {
        mark(p, i, j0, RGQ_IHC_MARK_VESSEL);
        mark(p, i, j1, RGQ_IHC_MARK_VESSEL);
    }
    for (int64_t j = j0; j <= j1; j++) {
        mark(p, i0, j, RGQ_IHC_MARK_VESSEL);
        mark(p, i1, j, RGQ_IHC_MARK_VESSEL);
    }
}

void rgq_ihc_painter_finish(rgq_ihc_painter *p)
{
    static const uint8_t colour[3][3] = {{0, 0, 0}, {0, 150, 0}, {0, 60, 255}};
    const size_t pixels = (size_t)p->out->width * (size_t)p->out->height;

    for (size_t i = 0; i < pixels; i++) {
        if (p->mark[i] != RGQ_IHC_MARK_NONE)
            memcpy(p->out->rgb + 3 * i, colour[p->mark[i]], 3);
    }
}
