#include "ihc/sample.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"

enum { RECT_ROWS = 16, RECT_COLUMNS = 16, RECT_SIDE = 128, OTSU_BINS = 256 };
enum { WHITE_LEAST = 200, WHITE_SPREAD = 24 };

/* The columns of rectangles; of a file in strips one, since a read decodes the whole width. */
static int choose_size(rgq_ihc_sample *s, const rgq_ihc_source *source,
                       const rgq_ihc_plan *plan)
{
    if (!plan->slide) {
        s->width = (int)source->width;
        s->height = (int)source->height;
        s->n_rects = 1;
        return 1;
    }
    const bool tiles = source->tile_width <= source->width / 4;
    const int columns =
        tiles && source->width >= (int64_t)RECT_COLUMNS * RECT_SIDE ? RECT_COLUMNS : 1;
    const int64_t most =
        columns > 1 ? RECT_SIDE : RGQ_IHC_FIELD_PIXELS / (RECT_ROWS * plan->block);
    s->width = (int)(source->width < most ? source->width : most);
    int64_t height = RGQ_IHC_FIELD_PIXELS / ((int64_t)RECT_ROWS * columns * s->width);
    if (height > source->height / RECT_ROWS)
        height = source->height / RECT_ROWS;
    height = height / plan->block * plan->block;
    if (height > 1024)
        height = 1024;
    s->n_rects = RECT_ROWS * columns;
    if (height < plan->block) { /* a slide that is a ribbon */
        height = source->height < plan->block ? source->height : plan->block;
        s->n_rects = columns;
    }
    s->height = (int)height;
    return columns;
}

/* Begin of the i-th of n pieces of `side`, in the middle of its part, on a whole block. */
static int64_t place(int64_t whole, int side, int i, int n, int block)
{
    const int64_t middle = (2 * (int64_t)i + 1) * whole / (2 * (int64_t)n);
    const int64_t at = (middle - side / 2) / block * block;
    return at < 0 ? 0 : (at + side > whole ? whole - side : at);
}

rgq_status rgq_ihc_sample_read(rgq_ihc_sample *sample, const rgq_ihc_source *source,
                               const rgq_ihc_plan *plan, rgq_error *err)
{
    rgq_status st = RGQ_OK;

    *sample = (rgq_ihc_sample){0};
    const int columns = choose_size(sample, source, plan);
    const int rows = sample->n_rects / columns;
    const size_t bytes = 3 * (size_t)sample->width * (size_t)sample->height;
    RGQ_TRY(err, rgq_alloc(&sample->rgb, (size_t)sample->n_rects, bytes, err));
    for (int i = 0; i < sample->n_rects; i++)
        RGQ_TRY(err, source->read(
                         source->user,
                         place(source->width, sample->width, i % columns, columns, plan->block),
                         place(source->height, sample->height, i / columns, rows, plan->block),
                         sample->width, sample->height, sample->rgb + (size_t)i * bytes, err));
out:
    if (st != RGQ_OK)
        rgq_ihc_sample_release(sample);
    return st;
}

void rgq_ihc_sample_release(rgq_ihc_sample *sample)
{
    rgq_free(sample->rgb);
    *sample = (rgq_ihc_sample){0};
}

static bool is_background(const uint8_t *p)
{
    const int low = p[0] < p[1] ? (p[0] < p[2] ? p[0] : p[2]) : (p[1] < p[2] ? p[1] : p[2]);
    const int high = p[0] > p[1] ? (p[0] > p[2] ? p[0] : p[2]) : (p[1] > p[2] ? p[1] : p[2]);
    return low >= WHITE_LEAST && high - low <= WHITE_SPREAD;
}

static double median_of(const size_t count[256], size_t n)
{
    size_t sum = 0;
    int v = 0;
    for (; v < 255; v++) {
        sum += count[v];
        if (2 * sum >= n)
            break;
    }
    return v;
}

bool rgq_ihc_sample_white(double white[3], double *fraction, const rgq_ihc_sample *s)
{
    const size_t pixels = rgq_ihc_sample_pixels(s);
    size_t count[3][256] = {{0}};
    size_t n = 0;

    for (size_t i = 0; i < pixels; i++) {
        const uint8_t *p = s->rgb + 3 * i;
        if (!is_background(p))
            continue;
        n++;
        for (int c = 0; c < 3; c++)
            count[c][p[c]]++;
    }
    *fraction = (double)n / (double)pixels;
    if (*fraction < 0.01)
        return false;
    for (int c = 0; c < 3; c++)
        white[c] = median_of(count[c], n);
    return true;
}

static size_t take_tissue(float *out, const rgq_ihc_strip *strip, float tissue_od)
{
    rgq_ihc_span run[RGQ_IHC_WIDTH / RGQ_IHC_BLOCK_MIN];
    const int n_runs = rgq_ihc_strip_tissue(run, strip, tissue_od);
    size_t n = 0;

    for (int y = 0; y < strip->height; y++) {
        for (int r = 0; r < n_runs; r++) {
            for (int x = run[r].begin; x < run[r].end; x++)
                out[n++] = strip->dab[(size_t)y * RGQ_IHC_WIDTH + (size_t)x];
        }
    }
    return n;
}

rgq_status rgq_ihc_sample_dab(float **out, size_t *count, const rgq_ihc_sample *s,
                              const rgq_ihc_unmix *u, const rgq_ihc_plan *plan, float tissue_od,
                              rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_ihc_strip strip = {0};
    float *values = NULL;
    size_t n = 0;

    RGQ_TRY(err, rgq_ihc_strip_init(&strip, plan->block, err));
    RGQ_TRY(err, rgq_alloc(&values, rgq_ihc_sample_pixels(s), sizeof *values, err));
    const size_t stride = 3 * (size_t)s->width;
    for (int i = 0; i < s->n_rects; i++) {
        const uint8_t *rect = s->rgb + (size_t)i * stride * (size_t)s->height;
        for (int y = 0; y < s->height; y += plan->block) {
            const int h = s->height - y < plan->block ? s->height - y : plan->block;
            for (int x = 0; x < s->width; x += RGQ_IHC_WIDTH) {
                const int w = s->width - x < RGQ_IHC_WIDTH ? s->width - x : RGQ_IHC_WIDTH;
                rgq_ihc_strip_fill(&strip, u, rect + (size_t)y * stride + 3 * (size_t)x, stride,
                                   w, h);
                n += take_tissue(values + n, &strip, tissue_od);
            }
        }
    }
    *out = values;
    *count = n;
    values = NULL;
out:
    rgq_free(values);
    rgq_ihc_strip_release(&strip);
    return st;
}

double rgq_ihc_otsu(const float *values, size_t count)
{
    double low = (double)INFINITY;
    double high = -(double)INFINITY;
    double bin[OTSU_BINS] = {0};
    double total = 0;

    for (size_t i = 0; i < count; i++) {
        low = fmin(low, (double)values[i]);
        high = fmax(high, (double)values[i]);
    }
    if (!(high > low))
        return (double)NAN;
    const double width = (high - low) / OTSU_BINS;
    for (size_t i = 0; i < count; i++) {
        const int b = (int)(((double)values[i] - low) / width);
        bin[b < OTSU_BINS ? b : OTSU_BINS - 1]++;
    }
    for (int b = 0; b < OTSU_BINS; b++)
        total += bin[b] * b;
    double best = -1;
    int at = 0;
    double below = 0;
    double sum = 0;
    for (int b = 0; b + 1 < OTSU_BINS; b++) {
        below += bin[b];
        sum += bin[b] * b;
        const double above = (double)count - below;
        const double apart = sum / below - (total - sum) / above;
        const double between = below * above * apart * apart;
        if (between > best) {
            best = between;
            at = b;
        }
    }
    return low + (at + 0.5) * width;
}
