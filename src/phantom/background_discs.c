#include "phantom/background_discs.h"

#include <math.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "phantom/find_spheres.h"

static const double raster_mm = 2.0;
static const double pi = 3.14159265358979323846;

/* Good places of one margin. */
typedef struct places {
    double (*at)[2];
    double *gap; /* to the nearest disc that was taken */
    size_t n, room;
} places;

/* In every slice above half of the level: 1, else 0, by pixel. */
static void fill_mask(unsigned char *mask, const rgq_view *view, const rgq_disc_search *s,
                      double level)
{
    for (int j = 0; j < view->grid.n[1]; j++)
        for (int i = 0; i < view->grid.n[0]; i++) {
            bool inside = true;
            for (int k = 0; k < s->n_slices; k++)
                inside = inside && rgq_view_at(view, i, j, s->slices[k]) > 0.5 * level;
            mask[(size_t)j * (size_t)view->grid.n[0] + (size_t)i] = inside ? 1 : 0;
        }
}

static bool is_inside(const unsigned char *mask, const rgq_view *view, double x, double y)
{
    const double i = floor(x / view->step[0] + 0.5);
    const double j = floor(y / view->step[1] + 0.5);

    if (!(i >= 0.0 && j >= 0.0 && i < view->grid.n[0] && j < view->grid.n[1]))
        return false;
    return mask[(size_t)j * (size_t)view->grid.n[0] + (size_t)i] != 0;
}

/* Points on circles out to the margin, 3 mm apart or nearer. */
static bool fits(const unsigned char *mask, const rgq_disc_search *s, double x, double y,
                 double margin)
{
    const double reach = s->radius_mm + margin;

    for (int a = 0; a < s->n_avoid; a++)
        if (hypot(x - s->avoid_mm[a][0], y - s->avoid_mm[a][1]) < s->avoid_radius_mm[a] + reach)
            return false;
    for (double r = reach; r > 0.0; r -= 3.0) {
        const int steps = (int)ceil(2.0 * pi * r / 3.0);
        for (int t = 0; t < steps; t++)
            if (!is_inside(mask, s->view, x + r * cos(2.0 * pi * t / steps),
                           y + r * sin(2.0 * pi * t / steps)))
                return false;
    }
    return is_inside(mask, s->view, x, y);
}

static void list_places(places *p, const unsigned char *mask, const rgq_disc_search *s,
                        double margin)
{
    const double width = (s->view->grid.n[0] - 1) * s->view->step[0];
    const double height = (s->view->grid.n[1] - 1) * s->view->step[1];

    p->n = 0;
    for (int j = 0; j * raster_mm <= height; j++)
        for (int i = 0; i * raster_mm <= width && p->n < p->room; i++)
            if (fits(mask, s, i * raster_mm, j * raster_mm, margin)) {
                p->at[p->n][0] = i * raster_mm;
                p->at[p->n][1] = j * raster_mm;
                p->gap[p->n++] = (double)INFINITY;
            }
}

/* Farthest-point choice; the first place is the first of the list. */
static void spread(rgq_discs *out, places *p, double margin)
{
    size_t next = 0;

    *out = (rgq_discs){.margin_mm = margin, .spacing_mm = (double)INFINITY};
    while (out->n < RGQ_DISCS_MAX && p->n > 0) {
        out->spacing_mm = fmin(out->spacing_mm, p->gap[next]);
        out->at_mm[out->n][0] = p->at[next][0];
        out->at_mm[out->n][1] = p->at[next][1];
        out->n++;
        const double *taken = out->at_mm[out->n - 1];
        next = 0;
        for (size_t i = 0; i < p->n; i++) {
            p->gap[i] = fmin(p->gap[i], hypot(p->at[i][0] - taken[0], p->at[i][1] - taken[1]));
            next = p->gap[i] > p->gap[next] ? i : next;
        }
        if (!(p->gap[next] > 0.5 * raster_mm))
            break;
    }
}

/* Try margins from wide to narrow; keep the best spread. */
static void choose(rgq_discs *out, places *p, const unsigned char *mask,
                   const rgq_disc_search *s)
{
    for (double margin = 15.0; margin > 4.5; margin -= 1.0) {
        rgq_discs found;
        list_places(p, mask, s, margin);
        if (p->n == 0)
            continue;
        spread(&found, p, margin);
        if (found.n > out->n || (found.n == out->n && found.spacing_mm > out->spacing_mm + 1.0))
            *out = found;
        if (out->n == RGQ_DISCS_MAX && out->spacing_mm >= 0.85 * 2.0 * s->radius_mm)
            return;
    }
}

rgq_status rgq_discs_place(rgq_discs *out, const rgq_disc_search *search, rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const rgq_view *view = search->view;
    const size_t plane = (size_t)view->grid.n[0] * (size_t)view->grid.n[1];
    const double area = (double)plane * view->step[0] * view->step[1];
    places p = {.at = NULL};
    rgq_view blurred = {.value = NULL};
    unsigned char *mask = NULL;
    double level = 0.0;

    *out = (rgq_discs){.n = 0};
    p.room = (size_t)fmin(area / (raster_mm * raster_mm) + 1.0, 1e6);
    RGQ_TRY(err, rgq_alloc(&p.at, p.room, sizeof *p.at, err));
    RGQ_TRY(err, rgq_alloc(&p.gap, p.room, sizeof *p.gap, err));
    RGQ_TRY(err, rgq_alloc(&mask, plane, sizeof *mask, err));
    RGQ_TRY(err, rgq_view_blur(&blurred, view, 5.0, err));
    RGQ_TRY(err, rgq_view_level(&level, &blurred, err));
    fill_mask(mask, &blurred, search, level);
    choose(out, &p, mask, search);
    if (out->n == 0)
        st = RGQ_RAISE(err, RGQ_E_NOTFOUND,
                       "no disc of %g mm fits into the background 5 mm from its edges",
                       2.0 * search->radius_mm);
out:
    rgq_view_release(&blurred);
    rgq_free(p.at);
    rgq_free(p.gap);
    rgq_free(mask);
    return st;
}
