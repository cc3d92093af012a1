/* Outlines of regions on a projection, and their labels. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "report/sheet.h"

enum {
    NAMED_MAX = 10, /* with more regions the outlines carry numbers */
    NAME_MAX = 18,  /* letters of a name on the picture */
    WHITE = 0xFFFFFF
};

/* Told apart by readers with any colour vision: after Okabe and Ito, without yellow and black.
 */
static const uint32_t colours[] = {0xD55E00, 0x0072B2, 0x009E73, 0xCC79A7,
                                   0xE69F00, 0x56B4E9, 0x7B3FA0, 0x7A6A00};

uint32_t rgq_sheet_colour(int region)
{
    return colours[(size_t)region % (sizeof colours / sizeof colours[0])];
}

/* Pixels that are taken: labels keep clear of each other, and of small regions. */
typedef struct placed {
    int x0, y0, x1, y1;
} placed;

static double mask_at(const rgq_panel *p, int i, int j)
{
    if (i < 0 || j < 0 || i >= p->axes.width || j >= p->axes.height)
        return 0.0;
    return p->mask[(size_t)j * (size_t)p->axes.width + (size_t)i];
}

/* Is the pixel in the shadow? The 0/1 shadow is interpolated linearly and cut at one half,
 * which rounds the corners of the voxels. */
static bool is_inside(const rgq_panel *p, int px, int py)
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
static void draw_outline(const rgq_sheet *s, const rgq_panel *p, const int box[4],
                         uint32_t colour)
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

static bool is_free(const placed *label, int n, const placed *at, const rgq_panel *p)
{
    if (at->x0 < p->x || at->y0 < p->y || at->x1 > p->x + p->width || at->y1 > p->y + p->height)
        return false;
    for (int i = 0; i < n; i++)
        if (at->x0 < label[i].x1 && label[i].x0 < at->x1 && at->y0 < label[i].y1 &&
            label[i].y0 < at->y1)
            return false;
    return true;
}

static placed shadow_box(const rgq_panel *p, const int box[4])
{
    const double sx = (double)p->width / p->axes.width;
    const double sy = (double)p->height / p->axes.height;
    return (placed){p->x + (int)(box[0] * sx), p->y + (int)(box[1] * sy),
                    p->x + (int)((box[2] + 1) * sx), p->y + (int)((box[3] + 1) * sy)};
}

/* Right of the region, left, above, below, and further away, until nothing is covered. */
static bool find_place(placed *out, const placed *taken, int n, const rgq_panel *p, placed box,
                       const char *words)
{
    const int wide = rgq_canvas_text_width(words, RGQ_SHEET_TEXT);
    const int tall = 7 * RGQ_SHEET_TEXT;
    const int mid_x = (box.x0 + box.x1 - wide) / 2;
    const int mid_y = (box.y0 + box.y1 - tall) / 2;

    for (int away = 9; away < 160; away += 11) {
        const int left = box.x0 - away - wide;
        const int right = box.x1 + away;
        const int spots[8][2] = {{right, mid_y},
                                 {left, mid_y},
                                 {mid_x, box.y0 - away - tall},
                                 {mid_x, box.y1 + away},
                                 {right, box.y0 - away},
                                 {right, box.y1 + away - tall},
                                 {left, box.y0 - away},
                                 {left, box.y1 + away - tall}};
        for (int k = 0; k < 8; k++) {
            *out = (placed){spots[k][0] - 2, spots[k][1] - 2, spots[k][0] + wide + 2,
                            spots[k][1] + tall + 2};
            if (is_free(taken, n, out, p))
                return true;
        }
    }
    return false;
}

/* A name for the picture: short, or the label number where there are many. */
static void short_name(char *out, size_t size, const rgq_region *region, int n_regions)
{
    if (n_regions > NAMED_MAX || strlen(region->name) > NAME_MAX)
        (void)snprintf(out, size, "%d", region->label);
    else
        (void)snprintf(out, size, "%s", region->name);
}

/* Draw the outlines and gather the boxes of the small shadows: a label would hide them. */
static int draw_outlines(placed *small, const rgq_sheet *s, const rgq_panel *p,
                         const rgq_regions *regions)
{
    int n = 0;

    for (int r = 0; r < rgq_regions_count(regions); r++) {
        int box[4];
        if (!rgq_project_region(p->mask, box, rgq_regions_at(regions, r), &p->axes))
            continue;
        draw_outline(s, p, box, rgq_sheet_colour(r));
        const placed at = shadow_box(p, box);
        if ((double)(at.x1 - at.x0) * (at.y1 - at.y0) < 0.03 * p->width * p->height)
            small[n++] = at;
    }
    return n;
}

rgq_status rgq_sheet_draw_regions(const rgq_sheet *s, const rgq_panel *p,
                                  const rgq_regions *regions, rgq_error *err)
{
    const int count = rgq_regions_count(regions);
    placed *taken = NULL; /* small shadows, then labels */

    if (count == 0)
        return RGQ_OK;
    RGQ_PASS(err, rgq_alloc(&taken, 2 * (size_t)count, sizeof *taken, err));
    const int n_small = draw_outlines(taken, s, p, regions);
    int n = n_small;
    for (int r = 0; r < count; r++) { /* behind all outlines: no label is cut by one */
        const rgq_region *region = rgq_regions_at(regions, r);
        char words[RGQ_REGION_NAME_MAX];
        int box[4];
        placed at;
        if (!rgq_project_region(p->mask, box, region, &p->axes))
            continue;
        short_name(words, sizeof words, region, count);
        const placed around = shadow_box(p, box);
        if (!find_place(&at, taken, n, p, around, words) &&
            !find_place(&at, taken + n_small, n - n_small, p, around, words))
            continue; /* the list has the name all the same */
        taken[n++] = at;
        rgq_canvas_text_halo(s->canvas, at.x0 + 2, at.y0 + 2, RGQ_SHEET_TEXT,
                             rgq_sheet_colour(r), WHITE, words);
    }
    rgq_free(taken);
    return RGQ_OK;
}
