#include "report/slice_picture.h"

#include <math.h>

#include "core/banned.h"

enum { SIDE = 720 };
static const double pi = 3.14159265358979323846;

/* The slice and its place in the picture. */
typedef struct sheet {
    const rgq_grid *grid;
    const float *value;
    int x, y, z;           /* axes of the grid */
    double flip_x, flip_y; /* +1, or -1 where the axis runs the other way in the picture */
    int slice;
    double spacing[3];
    double px_per_mm;
    int width, height;
} sheet;

static void choose_axes(sheet *s)
{
    const rgq_grid *g = s->grid;

    for (int a = 1; a < 3; a++)
        if (fabs(g->affine[2][a]) / s->spacing[a] > fabs(g->affine[2][s->z]) / s->spacing[s->z])
            s->z = a;
    s->x = s->z == 0 ? 1 : 0;
    s->y = 3 - s->z - s->x;
    if (fabs(g->affine[0][s->y]) / s->spacing[s->y] >
        fabs(g->affine[0][s->x]) / s->spacing[s->x]) {
        const int swap = s->x;
        s->x = s->y;
        s->y = swap;
    }
    /* the patient's right is on the left, the front at the top */
    s->flip_x = g->affine[0][s->x] > 0.0 ? -1.0 : 1.0;
    s->flip_y = g->affine[1][s->y] > 0.0 ? -1.0 : 1.0;
}

static double value_at(const sheet *s, int i, int j)
{
    int at[3] = {0, 0, 0};

    at[s->x] = i;
    at[s->y] = j;
    at[s->z] = s->slice;
    return (double)s->value[((size_t)at[2] * (size_t)s->grid->n[1] + (size_t)at[1]) *
                                (size_t)s->grid->n[0] +
                            (size_t)at[0]];
}

/* Voxel index along one axis of a pixel. */
static double index_of(const sheet *s, int axis, double flip, double pixel)
{
    const double i = (pixel + 0.5) / s->px_per_mm / s->spacing[axis] - 0.5;

    return flip > 0.0 ? i : s->grid->n[axis] - 1 - i;
}

static void paint(rgq_canvas *canvas, const sheet *s)
{
    double top = 0.0;

    for (int j = 0; j < s->grid->n[s->y]; j++)
        for (int i = 0; i < s->grid->n[s->x]; i++)
            top = fmax(top, value_at(s, i, j));
    for (int y = 0; y < s->height; y++)
        for (int x = 0; x < s->width; x++) {
            const int i = (int)lround(index_of(s, s->x, s->flip_x, x));
            const int j = (int)lround(index_of(s, s->y, s->flip_y, y));
            if (i < 0 || j < 0 || i >= s->grid->n[s->x] || j >= s->grid->n[s->y] ||
                !(top > 0.0))
                continue;
            const double part = fmin(fmax(value_at(s, i, j) / top, 0.0), 1.0);
            const uint32_t grey = (uint32_t)lround(255.0 * (1.0 - sqrt(part)));
            rgq_canvas_set(canvas, x, y, grey << 16 | grey << 8 | grey);
        }
}

/* Pixel of a world point. */
static void pixel_of(const sheet *s, const double world_mm[3], double out[2])
{
    const int axis[2] = {s->x, s->y};
    const double flip[2] = {s->flip_x, s->flip_y};
    double index[3];

    rgq_grid_to_index(s->grid, world_mm, index);
    for (int e = 0; e < 2; e++) {
        const int a = axis[e];
        const double i = flip[e] > 0.0 ? index[a] : s->grid->n[a] - 1 - index[a];
        out[e] = (i + 0.5) * s->spacing[a] * s->px_per_mm - 0.5;
    }
}

static void draw_circle(rgq_canvas *canvas, const sheet *s, const rgq_circle *circle)
{
    const double r = circle->radius_mm * s->px_per_mm;
    const int steps = (int)fmin(fmax(8.0 * r, 16.0), 20000.0);
    double c[2];

    pixel_of(s, circle->centre_mm, c);
    if (!(fabs(c[0]) < 1e5 && fabs(c[1]) < 1e5))
        return;
    for (int i = 0; i < steps; i++) {
        const double t = 2.0 * pi * i / steps;
        rgq_canvas_set(canvas, (int)lround(c[0] + r * cos(t)), (int)lround(c[1] + r * sin(t)),
                       circle->colour);
    }
    if (circle->name != NULL && circle->name[0] != '\0')
        rgq_canvas_text_halo(canvas, (int)lround(c[0] + 0.75 * r), (int)lround(c[1] - r) - 8, 1,
                             circle->colour, 0xffffff, circle->name);
}

rgq_status rgq_slice_picture_draw(rgq_canvas *out, const rgq_volume *volume, int frame,
                                  const double point_mm[3], const rgq_circle *circles, int n,
                                  rgq_error *err)
{
    sheet s = {.grid = rgq_volume_grid(volume)};
    double index[3];

    *out = (rgq_canvas){.rgb = NULL};
    if (frame < 0 || frame >= rgq_volume_n_frames(volume))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "frame %d; the scan has frames 0 to %d", frame,
                         rgq_volume_n_frames(volume) - 1);
    s.value = rgq_volume_cdata(volume, frame);
    rgq_grid_spacing_mm(s.grid, s.spacing);
    choose_axes(&s);
    rgq_grid_to_index(s.grid, point_mm, index);
    if (!(index[s.z] > -0.5 && index[s.z] < s.grid->n[s.z] - 0.5))
        return RGQ_RAISE(err, RGQ_E_GEOMETRY,
                         "the slice at (%.1f, %.1f, %.1f) mm lies outside the scan",
                         point_mm[0], point_mm[1], point_mm[2]);
    s.slice = (int)fmin(fmax(floor(index[s.z] + 0.5), 0.0), s.grid->n[s.z] - 1.0);
    const double side[2] = {s.grid->n[s.x] * s.spacing[s.x], s.grid->n[s.y] * s.spacing[s.y]};
    s.px_per_mm = SIDE / fmax(side[0], side[1]);
    s.width = (int)fmax(ceil(side[0] * s.px_per_mm), 1.0);
    s.height = (int)fmax(ceil(side[1] * s.px_per_mm), 1.0);
    RGQ_PASS(err, rgq_canvas_create(out, s.width, s.height, err));
    paint(out, &s);
    for (int i = 0; i < n; i++)
        draw_circle(out, &s, &circles[i]);
    return RGQ_OK;
}
