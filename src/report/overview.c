#include "report/overview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "core/text.h"
#include "report/projection.h"

enum {
    MARGIN = 28,
    GAP = 36,           /* between the two projections */
    HEADING = 34,       /* line of letters above them */
    PANEL_TALL = 880,   /* wanted height of a projection */
    PANELS_WIDE = 1280, /* both together, at most */
    GREY_BAR = 24,
    GREY_SPACE = 150, /* the grey scale with its numbers */
    LINE = 24,        /* of the list of regions */
    TEXT = 2,         /* scale of the letters */
    LISTED_MAX = 32,  /* regions named in the list */
    NAMED_MAX = 10,   /* with more regions the outlines carry numbers */
    NAME_MAX = 18,    /* letters of a name on the picture */
    FRAME_GREY = 0xB0B0B0,
    INK = 0x202020,
    WHITE = 0xFFFFFF
};

/* Told apart by readers with any colour vision: after Okabe and Ito, without yellow and black.
 */
static const uint32_t colours[] = {0xD55E00, 0x0072B2, 0x009E73, 0xCC79A7,
                                   0xE69F00, 0x56B4E9, 0x7B3FA0, 0x7A6A00};

static uint32_t colour_of(int region)
{
    return colours[(size_t)region % (sizeof colours / sizeof colours[0])];
}

/* One projection and its place in the picture. */
typedef struct panel {
    rgq_view_axes axes;
    float *value;  /* axes.width * axes.height */
    uint8_t *mask; /* the same, for one region at a time */
    int x, y, width, height;
} panel;

/* A label that is already there: others keep clear of it. */
typedef struct placed {
    int x0, y0, x1, y1;
} placed;

typedef struct sheet {
    rgq_canvas *canvas;
    panel panels[2];
    double px_per_mm;
    double upper;
    int columns; /* of the list of regions */
    int rows;
} sheet;

static void release(sheet *s)
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

/* The next of 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten. */
static double round_up(double value)
{
    static const double steps[] = {1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0};
    const double power = pow(10.0, floor(log10(value)));

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (value <= steps[i] * power * (1.0 + 1e-9))
            return steps[i] * power;
    return 10.0 * power;
}

/* Sorted positive values, the hottest last: of the regions their maxima, else the projection.
 */
static size_t gather(float *out, const sheet *s, const rgq_volume *volume, int frame,
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
static rgq_status choose_upper(sheet *s, const rgq_volume *volume, const rgq_regions *regions,
                               const rgq_overview_opts *opts, rgq_overview_report *report,
                               rgq_error *err)
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

static void fit_panels(sheet *s)
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
        panel *at = &s->panels[p];
        at->x = x;
        at->y = MARGIN + HEADING;
        at->width = (int)fmax(1.0, round(at->axes.width * at->axes.across_mm * s->px_per_mm));
        at->height = (int)fmax(1.0, round(at->axes.height * at->axes.down_mm * s->px_per_mm));
        x += at->width + GAP;
    }
}

static int panel_bottom(const sheet *s)
{
    const int a = s->panels[0].y + s->panels[0].height;
    const int b = s->panels[1].y + s->panels[1].height;
    return a > b ? a : b;
}

static rgq_status lay_out(sheet *s, const rgq_regions *regions, rgq_error *err)
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
static double interpolate(const panel *p, double x, double y)
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

static double largest_inside(const panel *p, double x0, double x1, double y0, double y1)
{
    double largest = (double)-INFINITY;

    for (int j = (int)fmax(y0, 0.0); j < (int)fmin(ceil(y1), p->axes.height); j++)
        for (int i = (int)fmax(x0, 0.0); i < (int)fmin(ceil(x1), p->axes.width); i++)
            largest =
                fmax(largest, (double)p->value[(size_t)j * (size_t)p->axes.width + (size_t)i]);
    return largest;
}

static void draw_projection(const sheet *s, const panel *p)
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

/* ---- outlines ---- */

static double mask_at(const panel *p, int i, int j)
{
    if (i < 0 || j < 0 || i >= p->axes.width || j >= p->axes.height)
        return 0.0;
    return p->mask[(size_t)j * (size_t)p->axes.width + (size_t)i];
}

/* Is the pixel in the shadow? The 0/1 shadow is interpolated linearly and cut at one half,
 * which rounds the corners of the voxels. */
static bool is_inside(const panel *p, int px, int py)
{
    const double x = (px + 0.5) * p->axes.width / p->width - 0.5;
    const double y = (py + 0.5) * p->axes.height / p->height - 0.5;
    const int i = (int)floor(x);
    const int j = (int)floor(y);
    const double fx = x - i;
    const double fy = y - j;

    if (px < 0 || py < 0 || px >= p->width || py >= p->height)
        return false;
    return (1.0 - fy) * ((1.0 - fx) * mask_at(p, i, j) + fx * mask_at(p, i + 1, j)) +
               fy * ((1.0 - fx) * mask_at(p, i, j + 1) + fx * mask_at(p, i + 1, j + 1)) >=
           0.5;
}

/* The line lies just outside the shadow, so that what is measured stays in sight. */
static void draw_outline(const sheet *s, const panel *p, const int box[4], uint32_t colour)
{
    static const int ring[8][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1},
                                   {2, 0}, {-2, 0}, {0, 2}, {0, -2}};
    const int x0 = (int)((double)box[0] * p->width / p->axes.width) - 4;
    const int y0 = (int)((double)box[1] * p->height / p->axes.height) - 4;
    const int x1 = (int)((double)(box[2] + 1) * p->width / p->axes.width) + 4;
    const int y1 = (int)((double)(box[3] + 1) * p->height / p->axes.height) + 4;

    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            bool edge = false;
            if (x < 0 || y < 0 || x >= p->width || y >= p->height || is_inside(p, x, y))
                continue;
            for (int k = 0; k < 8 && !edge; k++)
                edge = is_inside(p, x + ring[k][0], y + ring[k][1]);
            if (edge)
                rgq_canvas_set(s->canvas, p->x + x, p->y + y, colour);
        }
}

static bool is_free(const placed *label, int n, const placed *at, const panel *p)
{
    if (at->x0 < p->x || at->y0 < p->y || at->x1 > p->x + p->width || at->y1 > p->y + p->height)
        return false;
    for (int i = 0; i < n; i++)
        if (at->x0 < label[i].x1 && label[i].x0 < at->x1 && at->y0 < label[i].y1 &&
            label[i].y0 < at->y1)
            return false;
    return true;
}

/* Right of the region, left, above, below, and further away, until nothing is covered. */
static placed find_place(const placed *label, int n, const panel *p, const int box[4],
                         const char *words)
{
    const int wide = rgq_canvas_text_width(words, TEXT);
    const int tall = 7 * TEXT;
    const double sx = (double)p->width / p->axes.width;
    const double sy = (double)p->height / p->axes.height;
    const int x0 = p->x + (int)(box[0] * sx);
    const int x1 = p->x + (int)((box[2] + 1) * sx);
    const int y0 = p->y + (int)(box[1] * sy);
    const int y1 = p->y + (int)((box[3] + 1) * sy);
    const int mid_x = (x0 + x1 - wide) / 2;
    const int mid_y = (y0 + y1 - tall) / 2;

    for (int away = 9; away < 160; away += 11) {
        const int spots[8][2] = {{x1 + away, mid_y},
                                 {x0 - away - wide, mid_y},
                                 {mid_x, y0 - away - tall},
                                 {mid_x, y1 + away},
                                 {x1 + away, y0 - away},
                                 {x1 + away, y1 + away - tall},
                                 {x0 - away - wide, y0 - away},
                                 {x0 - away - wide, y1 + away - tall}};
        for (int k = 0; k < 8; k++) {
            const placed at = {spots[k][0] - 2, spots[k][1] - 2, spots[k][0] + wide + 2,
                               spots[k][1] + tall + 2};
            if (is_free(label, n, &at, p))
                return at;
        }
    }
    return (placed){0, 0, 0, 0}; /* the list has the name all the same */
}

/* A name for the picture: short, or the label number where there are many. */
static void short_name(char *out, size_t size, const rgq_region *region, int n_regions)
{
    if (n_regions > NAMED_MAX || strlen(region->name) > NAME_MAX)
        (void)snprintf(out, size, "%d", region->label);
    else
        (void)snprintf(out, size, "%s", region->name);
}

static rgq_status draw_regions(const sheet *s, const panel *p, const rgq_regions *regions,
                               rgq_error *err)
{
    const int count = rgq_regions_count(regions);
    placed *label = NULL;
    int n = 0;

    if (count == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&label, (size_t)count, sizeof *label, err));
    for (int r = 0; r < count; r++) { /* outlines first: no label is cut by one */
        int box[4];
        if (rgq_project_region(p->mask, box, rgq_regions_at(regions, r), &p->axes))
            draw_outline(s, p, box, colour_of(r));
    }
    for (int r = 0; r < count; r++) {
        const rgq_region *region = rgq_regions_at(regions, r);
        char words[RGQ_REGION_NAME_MAX];
        int box[4];
        if (!rgq_project_region(p->mask, box, region, &p->axes))
            continue;
        short_name(words, sizeof words, region, count);
        const placed at = find_place(label, n, p, box, words);
        if (at.x1 == 0)
            continue;
        label[n++] = at;
        rgq_canvas_text_halo(s->canvas, at.x0 + 2, at.y0 + 2, TEXT, colour_of(r), WHITE, words);
    }
    rgq_free(label);
    return RGQ_OK;
}

/* ---- words and scales ---- */

static void draw_heading(const sheet *s, const panel *p, const char *left, const char *title,
                         const char *right)
{
    const int y = p->y - HEADING + 8;
    const int wide = rgq_canvas_text_width(title, TEXT);

    rgq_canvas_text(s->canvas, p->x, y, TEXT, INK, left);
    rgq_canvas_text(s->canvas, p->x + p->width - rgq_canvas_text_width(right, TEXT), y, TEXT,
                    INK, right);
    if (wide + 60 < p->width)
        rgq_canvas_text(s->canvas, p->x + (p->width - wide) / 2, y, TEXT, INK, title);
}

static void draw_grey_scale(const sheet *s, const char *unit)
{
    const panel *last = &s->panels[1];
    const int x = last->x + last->width + 40;
    const int y = last->y + LINE + 12;
    const int tall = last->height < 360 ? last->height - 40 : 320;

    rgq_canvas_text(s->canvas, x, last->y - 4, TEXT, INK, unit);
    for (int i = 0; i < tall; i++) {
        const uint32_t grey = grey_of(s->upper * (tall - 0.5 - i) / tall, s->upper);
        rgq_canvas_fill(s->canvas, x, y + i, GREY_BAR, 1, grey << 16 | grey << 8 | grey);
    }
    rgq_canvas_frame(s->canvas, x - 1, y - 1, GREY_BAR + 2, tall + 2, INK);
    for (int tick = 0; tick <= 4; tick++) {
        char words[32];
        const int at = y + (int)lround((4.0 - tick) / 4.0 * (tall - 1));
        (void)snprintf(words, sizeof words, "%.4g", s->upper * tick / 4.0);
        rgq_canvas_fill(s->canvas, x + GREY_BAR + 1, at, 6, 1, INK);
        rgq_canvas_text(s->canvas, x + GREY_BAR + 12, at - 7, TEXT, INK, words);
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

static double draw_scale_bar(const sheet *s, int y)
{
    const panel *p = &s->panels[0];
    const double bar_mm = choose_bar_mm(p->axes.width * p->axes.across_mm);
    const int length = (int)lround(bar_mm * s->px_per_mm);
    char words[40];

    rgq_canvas_fill(s->canvas, p->x, y + 5, length, 4, INK);
    rgq_canvas_fill(s->canvas, p->x, y, 2, 14, INK);
    rgq_canvas_fill(s->canvas, p->x + length - 2, y, 2, 14, INK);
    (void)snprintf(words, sizeof words, "%g mm", bar_mm);
    rgq_canvas_text(s->canvas, p->x + length + 14, y, TEXT, INK, words);
    return bar_mm;
}

static void draw_list(const sheet *s, const rgq_regions *regions, const char *background, int y)
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
            rgq_canvas_text(s->canvas, x + 26, at, TEXT, INK, words);
            return;
        }
        (void)snprintf(name, sizeof name, "%d", region->label);
        (void)snprintf(words, sizeof words, "%s %s%s", name,
                       strcmp(name, region->name) == 0 ? "" : region->name,
                       region == divisor ? " (background)" : "");
        rgq_text_copy(name, (size_t)((wide - 40) / (6 * TEXT)), words);
        rgq_canvas_fill(s->canvas, x, at, 16, 14, colour_of(r));
        rgq_canvas_text(s->canvas, x + 26, at, TEXT, INK, name);
    }
}

static void draw_words(const sheet *s, const rgq_volume *volume, const rgq_regions *regions,
                       const rgq_overview_opts *opts, rgq_overview_report *report)
{
    char words[160];
    int y = panel_bottom(s) + 18;

    draw_heading(s, &s->panels[0], "R", "CORONAL", "L");
    draw_heading(s, &s->panels[1], "A", "SAGITTAL", "P");
    draw_grey_scale(s, rgq_unit_name(rgq_volume_unit(volume)));
    report->bar_mm = draw_scale_bar(s, y);
    y += 34;
    (void)snprintf(words, sizeof words, "Maximum-intensity projections, window 0 to %.4g %s",
                   s->upper, rgq_unit_name(rgq_volume_unit(volume)));
    rgq_canvas_text(s->canvas, MARGIN, y, TEXT, INK, words);
    rgq_canvas_text(s->canvas, MARGIN, y + LINE, TEXT, INK,
                    "R right, L left, A front, P back of the patient; head at the top");
    if (regions != NULL && rgq_regions_count(regions) > 0)
        draw_list(s, regions, opts->background, y + 2 * LINE + 10);
}

static rgq_status project(sheet *s, const rgq_volume *volume, int frame, rgq_error *err)
{
    for (int p = 0; p < 2; p++) {
        panel *at = &s->panels[p];
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
    sheet s = {.canvas = &canvas};
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
            RGQ_TRY(err, draw_regions(&s, &s.panels[p], regions, err));
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
