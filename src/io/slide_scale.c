/* Means over areas. Weights are whole numbers of 1/1024 of a pixel, sums are whole numbers: a
 * pixel is the same whatever rectangle it is read in. */
#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "io/slide_inside.h"

enum { UNITS = 1024, RATIO_MAX = 1024, REACH = 2048 };

typedef struct scale {
    rgq_ihc_source from;
    int64_t width, height;
    double ratio;
    uint8_t *pixels; /* REACH + 2 square */
    uint64_t *sum;   /* a row: 3 * REACH */
    uint32_t *line;  /* likewise, of one row of `from` */
    int64_t *edge;   /* of the columns of a part: REACH + 1 */
} scale;

static rgq_status clone_scale(rgq_ihc_source *out, void *user, rgq_error *err);

/* Left or upper edge of a pixel, in units of a pixel of `from`, which has `side` of them. */
static int64_t edge_of(const scale *s, int64_t i, int64_t side)
{
    const int64_t edge = (int64_t)llround((double)i * s->ratio * UNITS);

    return edge < side * UNITS ? edge : side * UNITS;
}

/* What of pixel i of `from` lies between two edges. */
static uint32_t overlap(int64_t i, int64_t low, int64_t high)
{
    const int64_t a = i * UNITS > low ? i * UNITS : low;
    const int64_t b = (i + 1) * UNITS < high ? (i + 1) * UNITS : high;

    return b > a ? (uint32_t)(b - a) : 0;
}

static int64_t ceil_units(int64_t units)
{
    return (units + UNITS - 1) / UNITS;
}

/* Sums along one row of `from`, of which `row` begins at pixel `left`. */
static void sum_line(const scale *s, const uint8_t *row, int64_t left, int w)
{
    for (int i = 0; i < w; i++) {
        const int64_t low = s->edge[i];
        const int64_t high = s->edge[i + 1];
        uint32_t sum[3] = {0, 0, 0};
        for (int64_t j = low / UNITS; j * UNITS < high; j++) {
            const uint32_t weight = overlap(j, low, high);
            const uint8_t *pixel = row + 3 * (j - left);
            for (int c = 0; c < 3; c++)
                sum[c] += weight * pixel[c];
        }
        for (int c = 0; c < 3; c++)
            s->line[3 * i + c] = sum[c];
    }
}

/* Where s->pixels lie on `from`. */
typedef struct window {
    int64_t left, top, wide;
} window;

/* One row of w means over the rows low .. high (units). */
static void mean_row(const scale *s, const window *at, int64_t low, int64_t high, int w,
                     uint8_t *rgb)
{
    for (int i = 0; i < 3 * w; i++)
        s->sum[i] = 0;
    for (int64_t j = low / UNITS; j * UNITS < high; j++) {
        const uint64_t weight = overlap(j, low, high);
        sum_line(s, s->pixels + 3 * (j - at->top) * at->wide, at->left, w);
        for (int i = 0; i < 3 * w; i++)
            s->sum[i] += weight * s->line[i];
    }
    for (int i = 0; i < w; i++) {
        const uint64_t area = (uint64_t)(high - low) * (uint64_t)(s->edge[i + 1] - s->edge[i]);
        for (int c = 0; c < 3; c++)
            rgb[3 * i + c] = (uint8_t)((s->sum[3 * i + c] + area / 2) / area);
    }
}

/* Columns and rows of the result; at most REACH + 2 pixels of `from` either way. */
typedef struct part {
    int64_t x, y;
    int w, h;
} part;

static rgq_status read_part(scale *s, const part *p, uint8_t *rgb, size_t stride,
                            rgq_error *err)
{
    for (int i = 0; i <= p->w; i++)
        s->edge[i] = edge_of(s, p->x + i, s->from.width);
    const int64_t left = s->edge[0] / UNITS;
    const window at = {left, edge_of(s, p->y, s->from.height) / UNITS,
                       ceil_units(s->edge[p->w]) - left};
    const int64_t high = ceil_units(edge_of(s, p->y + p->h, s->from.height)) - at.top;
    RGQ_PASS(err, s->from.read(s->from.user, at.left, at.top, (int)at.wide, (int)high,
                               s->pixels, err));
    for (int r = 0; r < p->h; r++)
        mean_row(s, &at, edge_of(s, p->y + r, s->from.height),
                 edge_of(s, p->y + r + 1, s->from.height), p->w, rgb + (size_t)r * stride);
    return RGQ_OK;
}

static rgq_status read_scale(void *user, int64_t x, int64_t y, int w, int h, uint8_t *rgb,
                             rgq_error *err)
{
    scale *s = user;
    const int step = (int)(REACH / s->ratio);
    const size_t stride = 3 * (size_t)w;

    for (int b = 0; b < h; b += step)
        for (int a = 0; a < w; a += step)
            RGQ_PASS(err, read_part(s,
                                    &(part){x + a, y + b, w - a < step ? w - a : step,
                                            h - b < step ? h - b : step},
                                    rgb + (size_t)b * stride + 3 * (size_t)a, stride, err));
    return RGQ_OK;
}

static void close_scale(void *user)
{
    scale *s = user;

    if (s == NULL)
        return;
    if (s->from.close != NULL)
        s->from.close(s->from.user);
    rgq_free(s->pixels);
    rgq_free(s->sum);
    rgq_free(s->line);
    rgq_free(s->edge);
    rgq_free(s);
}

static int tile_side(int side, double ratio)
{
    const int scaled = (int)(side / ratio);

    return scaled < 64 ? 64 : scaled;
}

static rgq_status make(rgq_ihc_source *out, scale *s, rgq_error *err)
{
    const size_t side = REACH + 2;

    RGQ_PASS(err, rgq_alloc(&s->pixels, 3 * side, side, err));
    RGQ_PASS(err, rgq_alloc(&s->sum, 3 * side, sizeof *s->sum, err));
    RGQ_PASS(err, rgq_alloc(&s->line, 3 * side, sizeof *s->line, err));
    RGQ_PASS(err, rgq_alloc(&s->edge, side, sizeof *s->edge, err));
    *out = (rgq_ihc_source){.width = s->width,
                            .height = s->height,
                            .mpp_um = s->from.mpp_um * s->ratio,
                            .tile_width = tile_side(s->from.tile_width, s->ratio),
                            .tile_height = tile_side(s->from.tile_height, s->ratio),
                            .read = read_scale,
                            .clone = s->from.clone != NULL ? clone_scale : NULL,
                            .close = close_scale,
                            .user = s};
    return RGQ_OK;
}

static rgq_status clone_scale(rgq_ihc_source *out, void *user, rgq_error *err)
{
    const scale *like = user;
    rgq_ihc_source from = {.width = 0};

    RGQ_PASS(err, like->from.clone(&from, like->from.user, err));
    from.mpp_um = like->from.mpp_um;
    return rgq_scale_source(out, &from, like->ratio, err);
}

rgq_status rgq_scale_source(rgq_ihc_source *out, rgq_ihc_source *from, double ratio,
                            rgq_error *err)
{
    rgq_status st = RGQ_OK;
    scale *s = NULL;

    st = rgq_alloc(&s, 1, sizeof *s, err);
    if (st != RGQ_OK) {
        if (from->close != NULL)
            from->close(from->user);
        *from = (rgq_ihc_source){.width = 0};
        return st;
    }
    s->from = *from;
    *from = (rgq_ihc_source){.width = 0};
    s->ratio = ratio;
    /* a hundredth of a pixel that is missing at the edge is not */
    s->width = (int64_t)floor((double)s->from.width / ratio + 0.01);
    s->height = (int64_t)floor((double)s->from.height / ratio + 0.01);
    if (!(ratio >= 1.0 && ratio <= RATIO_MAX) || s->width < 1 || s->height < 1) {
        st = RGQ_RAISE(err, RGQ_E_ARGUMENT,
                       "%lld x %lld pixels cannot be averaged over %g each; 1 to %d, and "
                       "not more than the slide has, were needed",
                       (long long)s->from.width, (long long)s->from.height, ratio,
                       (int)RATIO_MAX);
        goto out;
    }
    RGQ_TRY(err, make(out, s, err));
    s = NULL;
out:
    close_scale(s);
    return st;
}
