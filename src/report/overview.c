#include "report/overview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "report/projection.h"
#include "report/sheet.h"

enum {
    MARGIN = 28,
    GAP = 36,           /* between the two projections */
    HEADING = 34,       /* line of letters above them */
    PANEL_TALL = 880,   /* wanted height of a projection */
    PANELS_WIDE = 1280, /* both together, at most */
    GREY_BAR = 24,
    GREY_SPACE = 150, /* the grey scale with its numbers */
    LINE = 24,        /* of the list of regions */
    LISTED_MAX = 32,  /* regions named in the list */
    FRAME_GREY = 0xB0B0B0,
    INK = 0x202020
};

static void release(rgq_sheet *s)
{
    for (int p = 0; p < 2; p++) {
        rgq_free(s->panels[p].value);
        rgq_free(s->panels[p].mask);
    }
}

/* ---- window ---- */

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a;
    const float y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The next of 1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten. */
static double round_up(double value)
{
    static const double steps[] = {1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0};
    const double power = pow(10.0, floor(log10(value)));

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (value <= steps[i] * power * (1.0 + 1e-9))
            return steps[i] * power;
    return 10.0 * power;
}

/* Sorted positive values, the hottest last: of the regions their maxima, else the projection.
 */
static size_t gather(float *out, const rgq_sheet *s, const rgq_volume *volume, int frame,
                     const rgq_regions *regions)
{
    const rgq_grid *grid = rgq_volume_grid(volume);
    const float *voxels = rgq_volume_cdata(volume, frame);
    const int count = regions != NULL ? rgq_regions_count(regions) : 0;
    const size_t pixels = (size_t)s->panels[0].axes.width * (size_t)s->panels[0].axes.height;
    size_t n = 0;

    for (int r = 0; r < count; r++) {
        const rgq_region *region = rgq_regions_at(regions, r);
        float largest = 0.0F;
        size_t i = 0;
        for (int z = region->lo[2]; z < region->lo[2] + region->n[2]; z++)
            for (int y = region->lo[1]; y < region->lo[1] + region->n[1]; y++)
                for (int x = region->lo[0]; x < region->lo[0] + region->n[0]; x++) {
                    const size_t at =
                        ((size_t)z * (size_t)grid->n[1] + (size_t)y) * (size_t)grid->n[0] +
                        (size_t)x;
                    if (region->weight[i++] >= 0.5F && voxels[at] > largest)
                        largest = voxels[at];
                }
        if (largest > 0.0F)
            out[n++] = largest;
    }
    for (size_t i = 0; n == 0 && count == 0 && i < pixels; i++)
        if (s->panels[0].value[i] > 0.0F)
            out[n++] = s->panels[0].value[i];
    if (n > 0)
        qsort(out, n, sizeof *out, compare_floats);
    return n;
}

/* The upper quartile of the regions' maxima: a bladder among them does not make the lesions
 * pale. Without regions the 99th percentile of the coronal projection. */
static rgq_status choose_upper(rgq_sheet *s, const rgq_volume *volume,
                               const rgq_regions *regions, const rgq_overview_opts *opts,
                               rgq_overview_report *report, rgq_error *err)
{
    const bool by_region = regions != NULL && rgq_regions_count(regions) > 0;
    const size_t pixels = (size_t)s->panels[0].axes.width * (size_t)s->panels[0].axes.height;
    float *sorted = NULL;

    if (!isnan(opts->upper)) {
        if (!(opts->upper > 0.0) || isinf(opts->upper))
            return RGQ_RAISE(err, RGQ_E_ARGUMENT,
                             "the grey scale cannot end at %g; a value above 0 was needed",
                             opts->upper);
        s->upper = opts->upper;
        (void)snprintf(report->rule, sizeof report->rule, "as asked for");
        return RGQ_OK;
    }
    RGQ_PASS(err, rgq_alloc(&sorted, by_region ? (size_t)rgq_regions_count(regions) : pixels,
                            sizeof *sorted, err));
    const size_t n = gather(sorted, s, volume, opts->frame, regions);
    const size_t above = by_region ? n / 4 : n / 100; /* values beyond the end of the scale */
    const double top = n > 0 ? (double)sorted[n - 1 - above] : 0.0;
    s->upper = top > 1e-30 && top < 1e30 ? round_up(top) : 1.0;
    rgq_free(sorted);
    (void)snprintf(report->rule, sizeof report->rule,
                   by_region ? "upper quartile of the maxima of the regions, rounded up"
                             : "99th percentile of the coronal projection, rounded up");
    return RGQ_OK;
}

/* ---- layout ---- */

static void fit_panels(rgq_sheet *s)
{
    double wide_mm = 0.0;
    double tall_mm = 0.0;

    for (int p = 0; p < 2; p++) {
        const rgq_view_axes *a = &s->panels[p].axes;
        wide_mm += a->width * a->across_mm;
        tall_mm = fmax(tall_mm, a->height * a->down_mm);
    }
    s->px_per_mm = fmin(PANEL_TALL / tall_mm, PANELS_WIDE / wide_mm);
    int x = MARGIN;
    for (int p = 0; p < 2; p++) {
        rgq_panel *at = &s->panels[p];
        at->x = x;
        at->y = MARGIN + HEADING;
        at->width = (int)fmax(1.0, round(at->axes.width * at->axes.across_mm * s->px_per_mm));
        at->height = (int)fmax(1.0, round(at->axes.height * at->axes.down_mm * s->px_per_mm));
        x += at->width + GAP;
    }
}

static int panel_bottom(const rgq_sheet *s)
{
    const int a = s->panels[0].y + s->panels[0].height;
    const int b = s->panels[1].y + s->panels[1].height;
    return a > b ? a : b;
}

static rgq_status lay_out(rgq_sheet *s, const rgq_regions *regions, rgq_error *err)
{
    const int listed = regions != NULL ? rgq_regions_count(regions) : 0;
    int width = s->panels[1].x + s->panels[1].width + GREY_SPACE + MARGIN;

    width = width < 760 ? 760 : width; /* room for the lines below */
    s->columns = (width - 2 * MARGIN) / 340;
    s->columns = s->columns < 1 ? 1 : s->columns;
    const int shown = listed > LISTED_MAX ? LISTED_MAX + 1 : listed;
    s->rows = (shown + s->columns - 1) / s->columns;
    const int height = panel_bottom(s) + 62 + 2 * LINE + s->rows * LINE + MARGIN;
    return rgq_canvas_create(s->canvas, width, height, err);
}

/* ---- projections ---- */

static unsigned char grey_of(double value, double upper)
{
    const double t = fmin(fmax(value / upper, 0.0), 1.0);
    return (unsigned char)lround(255.0 * (1.0 - t));
}

/* Linear between the centres of the voxels, constant outside the outermost. */
static double interpolate(const rgq_panel *p, double x, double y)
{
    const int w = p->axes.width;
    const int h = p->axes.height;
    const double cx = fmin(fmax(x, 0.0), w - 1.0);
    const double cy = fmin(fmax(y, 0.0), h - 1.0);
    const int i = (int)cx < w - 1 ? (int)cx : w - 1;
    const int j = (int)cy < h - 1 ? (int)cy : h - 1;
    const int i1 = i < w - 1 ? i + 1 : i;
    const int j1 = j < h - 1 ? j + 1 : j;
    const double fx = cx - i;
    const double fy = cy - j;
    const float *top = p->value + (size_t)j * (size_t)w;
    const float *low = p->value + (size_t)j1 * (size_t)w;

    return (1.0 - fy) * ((1.0 - fx) * (double)top[i] + fx * (double)top[i1]) +
           fy * ((1.0 - fx) * (double)low[i] + fx * (double)low[i1]);
}

static double largest_inside(const rgq_panel *p, double x0, double x1, double y0, double y1)
{
    double largest = (double)-INFINITY;

    for (int j = (int)fmax(y0, 0.0); j < (int)fmin(ceil(y1), p->axes.height); j++)
        for (int i = (int)fmax(x0, 0.0); i < (int)fmin(ceil(x1), p->axes.width); i++)
            largest =
                fmax(largest, (double)p->value[(size_t)j * (size_t)p->axes.width + (size_t)i]);
    return largest;
}

static void draw_projection(const rgq_sheet *s, const rgq_panel *p)
{
    const double step_x = (double)p->axes.width / p->width; /* voxels a pixel */
    const double step_y = (double)p->axes.height / p->height;
    const bool coarse = step_x > 1.0 || step_y > 1.0;

    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++) {
            const double value =
                coarse ? largest_inside(p, x * step_x, (x + 1) * step_x, y * step_y,
                                        (y + 1) * step_y)
                       : interpolate(p, (x + 0.5) * step_x - 0.5, (y + 0.5) * step_y - 0.5);
            const uint32_t grey = grey_of(value, s->upper);
            rgq_canvas_set(s->canvas, p->x + x, p->y + y, grey << 16 | grey << 8 | grey);
        }
    rgq_canvas_frame(s->canvas, p->x - 1, p->y - 1, p->width + 2, p->height + 2, FRAME_GREY);
}

/* ---- words and scales ---- */

static void draw_heading(const rgq_sheet *s, const rgq_panel *p, const char *left,
                         const char *title, const char *right)
{
    const int y = p->y - HEADING + 8;
    const int wide = rgq_canvas_text_width(title, RGQ_SHEET_TEXT);

    rgq_canvas_text(s->canvas, p->x, y, RGQ_SHEET_TEXT, INK, left);
    rgq_canvas_text(s->canvas, p->x + p->width - rgq_canvas_text_width(right, RGQ_SHEET_TEXT),
                    y, RGQ_SHEET_TEXT, INK, right);
    if (wide + 60 < p->width)
        rgq_canvas_text(s->canvas, p->x + (p->width - wide) / 2, y, RGQ_SHEET_TEXT, INK, title);
}

/* The smallest of 1, 2, 2.5, 5 times a power of ten that gives at most 6 steps. */
static double tick_step(double upper)
{
    static const double steps[] = {1.0, 2.0, 2.5, 5.0, 10.0};
    const double power = pow(10.0, floor(log10(upper / 6.0)));

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (upper / (steps[i] * power) <= 6.0 * (1.0 + 1e-9))
            return steps[i] * power;
    return upper;
}

static void draw_grey_scale(const rgq_sheet *s, const char *unit)
{
    const rgq_panel *last = &s->panels[1];
    const int x = last->x + last->width + 40;
    const int y = last->y + LINE + 12;
    const int tall = last->height < 360 ? last->height - 40 : 320;

    rgq_canvas_text(s->canvas, x, last->y - 4, RGQ_SHEET_TEXT, INK, unit);
    for (int i = 0; i < tall; i++) {
        const uint32_t grey = grey_of(s->upper * (tall - 0.5 - i) / tall, s->upper);
        rgq_canvas_fill(s->canvas, x, y + i, GREY_BAR, 1, grey << 16 | grey << 8 | grey);
    }
    rgq_canvas_frame(s->canvas, x - 1, y - 1, GREY_BAR + 2, tall + 2, INK);
    const double step = tick_step(s->upper);
    for (int tick = 0; tick * step <= s->upper * (1.0 + 1e-9); tick++) {
        char words[32];
        const int at = y + (int)lround((1.0 - tick * step / s->upper) * (tall - 1));
        (void)snprintf(words, sizeof words, "%.6g", tick * step);
        rgq_canvas_fill(s->canvas, x + GREY_BAR + 1, at, 6, 1, INK);
        rgq_canvas_text(s->canvas, x + GREY_BAR + 12, at - 7, RGQ_SHEET_TEXT, INK, words);
    }
}

/* The longest of 1, 2, 5 times a power of ten that takes at most 40 % of the panel. */
static double choose_bar_mm(double panel_mm)
{
    const double most = 0.4 * panel_mm;
    const double power = pow(10.0, floor(log10(most)));

    if (most >= 5.0 * power)
        return 5.0 * power;
    return most >= 2.0 * power ? 2.0 * power : power;
}

static double draw_scale_bar(const rgq_sheet *s, int y)
{
    const rgq_panel *p = &s->panels[0];
    const double bar_mm = choose_bar_mm(p->axes.width * p->axes.across_mm);
    const int length = (int)lround(bar_mm * s->px_per_mm);
    char words[40];

    rgq_canvas_fill(s->canvas, p->x, y + 5, length, 4, INK);
    rgq_canvas_fill(s->canvas, p->x, y, 2, 14, INK);
    rgq_canvas_fill(s->canvas, p->x + length - 2, y, 2, 14, INK);
    (void)snprintf(words, sizeof words, "%g mm", bar_mm);
    rgq_canvas_text(s->canvas, p->x + length + 14, y, RGQ_SHEET_TEXT, INK, words);
    return bar_mm;
}

static void draw_list(const rgq_sheet *s, const rgq_regions *regions, const char *background,
                      int y)
{
    const int count = rgq_regions_count(regions);
    const int wide = (s->canvas->width - 2 * MARGIN) / s->columns;
    const rgq_region *divisor =
        background != NULL ? rgq_regions_find(regions, background) : NULL;

    for (int r = 0; r < count && r <= LISTED_MAX; r++) {
        const rgq_region *region = rgq_regions_at(regions, r);
        const int x = MARGIN + r / s->rows * wide;
        const int at = y + r % s->rows * LINE;
        char words[2 * RGQ_REGION_NAME_MAX + 40];
        char name[RGQ_REGION_NAME_MAX];
        if (r == LISTED_MAX && count > LISTED_MAX + 1) {
            (void)snprintf(words, sizeof words, "and %d more", count - LISTED_MAX);
            rgq_canvas_text(s->canvas, x + 26, at, RGQ_SHEET_TEXT, INK, words);
            return;
        }
        (void)snprintf(name, sizeof name, "%d", region->label);
        (void)snprintf(words, sizeof words, "%s %s%s", name,
                       strcmp(name, region->name) == 0 ? "" : region->name,
                       region == divisor ? " (background)" : "");
        rgq_text_copy(name, (size_t)((wide - 40) / (6 * RGQ_SHEET_TEXT)), words);
        rgq_canvas_fill(s->canvas, x, at, 16, 14, rgq_sheet_colour(r));
        rgq_canvas_text(s->canvas, x + 26, at, RGQ_SHEET_TEXT, INK, name);
    }
}

static void draw_words(const rgq_sheet *s, const rgq_volume *volume, const rgq_regions *regions,
                       const rgq_overview_opts *opts, rgq_overview_report *report)
{
    char words[160];
    int y = panel_bottom(s) + 18;

    draw_heading(s, &s->panels[0], "R", "CORONAL", "L");
    draw_heading(s, &s->panels[1], "A", "SAGITTAL", "P");
    draw_grey_scale(s, rgq_unit_name(rgq_volume_unit(volume)));
    report->bar_mm = draw_scale_bar(s, y);
    y += 34;
    (void)snprintf(words, sizeof words, "Maximum-intensity projections, window 0 to %.6g %s",
                   s->upper, rgq_unit_name(rgq_volume_unit(volume)));
    rgq_canvas_text(s->canvas, MARGIN, y, RGQ_SHEET_TEXT, INK, words);
    rgq_canvas_text(s->canvas, MARGIN, y + LINE, RGQ_SHEET_TEXT, INK,
                    "R right, L left, A front, P back of the patient; head at the top");
    if (regions != NULL && rgq_regions_count(regions) > 0)
        draw_list(s, regions, opts->background, y + 2 * LINE + 10);
}

static rgq_status project(rgq_sheet *s, const rgq_volume *volume, int frame, rgq_error *err)
{
    for (int p = 0; p < 2; p++) {
        rgq_panel *at = &s->panels[p];
        at->axes = rgq_view_axes_find(rgq_volume_grid(volume),
                                      p == 0 ? RGQ_VIEW_CORONAL : RGQ_VIEW_SAGITTAL);
        const size_t count = (size_t)at->axes.width * (size_t)at->axes.height;
        RGQ_PASS(err, rgq_alloc(&at->value, count, sizeof *at->value, err));
        RGQ_PASS(err, rgq_alloc(&at->mask, count, sizeof *at->mask, err));
        rgq_project_maximum(at->value, volume, frame, &at->axes);
    }
    return RGQ_OK;
}

rgq_status rgq_overview_draw(rgq_canvas *out, const rgq_volume *volume,
                             const rgq_regions *regions, const rgq_overview_opts *opts,
                             rgq_overview_report *report, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    rgq_canvas canvas = {NULL, 0, 0};
    rgq_sheet s = {.canvas = &canvas};
    rgq_overview_report said = {0};

    *out = canvas;
    if (opts->frame < 0 || opts->frame >= rgq_volume_n_frames(volume))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "frame %d of a volume of %d frames", opts->frame,
                         rgq_volume_n_frames(volume));
    if (regions != NULL)
        RGQ_PASS(err, rgq_grid_compare(rgq_volume_grid(volume), rgq_regions_grid(regions), -1.0,
                                       err));
    RGQ_TRY(err, project(&s, volume, opts->frame, err));
    RGQ_TRY(err, choose_upper(&s, volume, regions, opts, &said, err));
    fit_panels(&s);
    RGQ_TRY(err, lay_out(&s, regions, err));
    for (int p = 0; p < 2; p++) {
        draw_projection(&s, &s.panels[p]);
        if (regions != NULL)
            RGQ_TRY(err, rgq_sheet_draw_regions(&s, &s.panels[p], regions, err));
    }
    draw_words(&s, volume, regions, opts, &said);
    said.upper = s.upper;
    said.px_per_mm = s.px_per_mm;
    for (int p = 0; p < 2; p++) {
        int *xy = p == 0 ? said.coronal_xy : said.sagittal_xy;
        int *size = p == 0 ? said.coronal_size : said.sagittal_size;
        xy[0] = s.panels[p].x;
        xy[1] = s.panels[p].y;
        size[0] = s.panels[p].width;
        size[1] = s.panels[p].height;
    }
    if (report != NULL)
        *report = said;
    *out = canvas;
    canvas = (rgq_canvas){NULL, 0, 0};
out:
    rgq_canvas_release(&canvas);
    release(&s);
    return st;
}
