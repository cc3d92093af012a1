/* Regions from a picture, as runs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "io/input.h"
#include "io/png_rows.h"
#include "io/slide_inside.h"
#include "io/tiff.h"

enum { VALUES_MAX = 64, BAND_BYTES = 8 << 20 };

/* Runs of one value, while they grow. */
typedef struct growing {
    int32_t *ends;
    size_t room, count;
    size_t *first; /* height + 1 */
} growing;

typedef struct mask_maker {
    growing of[256];
    int n_values;
    int64_t width, height;
    size_t n_runs;
} mask_maker;

static void release(mask_maker *m)
{
    for (int v = 0; v < 256; v++) {
        rgq_free(m->of[v].ends);
        rgq_free(m->of[v].first);
    }
    rgq_free(m);
}

/* Grey as it is; of colours all that is not black. */
static int value_of(const uint8_t *rgb)
{
    if (rgb[0] == rgb[1] && rgb[1] == rgb[2])
        return rgb[0];
    return 255;
}

static rgq_status begin_value(mask_maker *m, growing *g, rgq_error *err)
{
    if (++m->n_values > VALUES_MAX)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the mask has more than %d values above 0: smooth edges or a "
                         "photograph; each value is a region",
                         (int)VALUES_MAX);
    return rgq_alloc(&g->first, (size_t)m->height + 1, sizeof *g->first, err);
}

static rgq_status add_run(mask_maker *m, int value, int64_t y, int64_t begin, int64_t end,
                          rgq_error *err)
{
    growing *g = &m->of[value];

    if (g->first == NULL)
        RGQ_PASS(err, begin_value(m, g, err));
    if (++m->n_runs > RGQ_SLIDE_RUNS_MAX)
        return RGQ_RAISE(err, RGQ_E_UNSUPPORTED,
                         "the mask has more than %d runs of pixels; smooth its edges or make "
                         "it smaller",
                         (int)RGQ_SLIDE_RUNS_MAX);
    if (g->count == g->room) {
        const size_t grown = g->room > 0 ? 2 * g->room : 256;
        RGQ_PASS(err, rgq_realloc(&g->ends, grown, 2 * sizeof *g->ends, err));
        g->room = grown;
    }
    g->ends[2 * g->count] = (int32_t)begin;
    g->ends[2 * g->count + 1] = (int32_t)end;
    g->count++;
    g->first[y + 1]++; /* runs of the row; sums follow */
    return RGQ_OK;
}

static rgq_status take_row(mask_maker *m, const uint8_t *rgb, int64_t y, rgq_error *err)
{
    int64_t x = 0;

    while (x < m->width) {
        const int value = value_of(rgb + 3 * x);
        int64_t end = x + 1;
        while (end < m->width && value_of(rgb + 3 * end) == value)
            end++;
        if (value > 0)
            RGQ_PASS(err, add_run(m, value, y, x, end, err));
        x = end;
    }
    return RGQ_OK;
}

static rgq_status take_rows(mask_maker *m, const rgq_ihc_source *source, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t row = 3 * (size_t)m->width;
    const int64_t step = row < BAND_BYTES ? (int64_t)((size_t)BAND_BYTES / row) : 1;
    uint8_t *rgb = NULL;

    RGQ_TRY(err, rgq_alloc(&rgb, (size_t)step, row, err));
    for (int64_t y = 0; y < m->height; y += step) {
        const int h = (int)(m->height - y < step ? m->height - y : step);
        RGQ_TRY(err, source->read(source->user, 0, y, (int)m->width, h, rgb, err));
        for (int r = 0; r < h; r++)
            RGQ_TRY(err, take_row(m, rgb + (size_t)r * row, y + r, err));
    }
out:
    rgq_free(rgb);
    return st;
}

static bool fits(int64_t full, int64_t mask, int64_t k)
{
    return mask == full / k || mask == (full + k - 1) / k;
}

/* The whole number of times the slide is larger, the least that fits both sides; 0: none. */
static int64_t factor_of(const rgq_slide_info *slide, int64_t width, int64_t height)
{
    const int64_t first = slide->full_width / (width + 1);

    for (int64_t k = first > 1 ? first : 1; k <= slide->full_width; k++) {
        if (fits(slide->full_width, width, k) && fits(slide->full_height, height, k))
            return k;
        if ((slide->full_width + k - 1) / k < width)
            break;
    }
    return 0;
}

static rgq_status hand_over(rgq_slide_regions *out, mask_maker *m, const double per_pixel[2],
                            rgq_error *err)
{
    const size_t n = (size_t)m->n_values;

    RGQ_PASS(err, rgq_alloc(&out->region, n, sizeof *out->region, err));
    RGQ_PASS(err, rgq_alloc(&out->runs, n, sizeof *out->runs, err));
    RGQ_PASS(err, rgq_alloc(&out->first, n, sizeof *out->first, err));
    RGQ_PASS(err, rgq_alloc(&out->ends, n, sizeof *out->ends, err));
    for (int v = 1; v < 256; v++) {
        growing *g = &m->of[v];
        if (g->first == NULL)
            continue;
        for (int64_t y = 0; y < m->height; y++)
            g->first[y + 1] += g->first[y];
        const int i = out->count++;
        out->first[i] = g->first;
        out->ends[i] = g->ends;
        *g = (growing){.ends = NULL};
        out->runs[i] = (rgq_ihc_runs){.width = m->width,
                                      .height = m->height,
                                      .per_pixel = {per_pixel[0], per_pixel[1]},
                                      .first = out->first[i],
                                      .ends = out->ends[i]};
        out->region[i].mask = &out->runs[i];
        if (n == 1)
            rgq_text_copy(out->region[i].name, sizeof out->region[i].name, "mask");
        else
            (void)snprintf(out->region[i].name, sizeof out->region[i].name, "%d", v);
    }
    return RGQ_OK;
}

static rgq_status open_mask(rgq_slide_base *base, const char *path, const rgq_log *log,
                            rgq_error *err)
{
    const rgq_slide_ask ask = {.mask = true};
    unsigned char bytes[16];
    size_t length = 0;

    RGQ_PASS(err, rgq_input_peek(bytes, &length, sizeof bytes, path, err));
    if (rgq_tiff_is(bytes, length))
        return rgq_slide_tiff_open(base, path, &ask, log, err);
    if (rgq_png_is(bytes, length))
        return rgq_slide_png_open(base, path, &ask, log, err);
    return RGQ_RAISE(err, RGQ_E_FORMAT,
                     "no regions: GeoJSON, or a mask in PNG or TIFF, was needed");
}

rgq_status rgq_mask_regions(rgq_slide_regions *out, const char *path,
                            const rgq_slide_info *slide, const rgq_log *log, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_slide_base base = {.um = {(double)NAN, (double)NAN}};
    mask_maker *m = NULL;

    RGQ_TRY(err, rgq_alloc(&m, 1, sizeof *m, err));
    RGQ_TRY(err, open_mask(&base, path, log, err));
    m->width = base.source.width;
    m->height = base.source.height;
    const int64_t k = factor_of(slide, m->width, m->height);
    if (k == 0) {
        st = RGQ_RAISE(err, RGQ_E_GEOMETRY,
                       "the mask has %lld x %lld pixels, the slide %lld x %lld; the same or a "
                       "whole number of times fewer was needed",
                       (long long)m->width, (long long)m->height, (long long)slide->full_width,
                       (long long)slide->full_height);
        goto out;
    }
    RGQ_TRY(err, take_rows(m, &base.source, err));
    if (m->n_values == 0) {
        st = RGQ_RAISE(err, RGQ_E_MISSING, "no region in it: the mask has no value above 0");
        goto out;
    }
    const double per_pixel[2] = {slide->full_per_pixel / (double)k,
                                 slide->full_per_pixel / (double)k};
    RGQ_TRY(err, hand_over(out, m, per_pixel, err));
out:
    rgq_slide_base_close(&base);
    if (m != NULL)
        release(m);
    return st;
}
