#include "volume/shape.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"

rgq_status rgq_shape_init(rgq_shape *s, size_t n_u, size_t n_v, const double step_mm[2],
                          rgq_error *err)
{
    rgq_status st = RGQ_OK;
    const size_t longer = (n_u > n_v ? n_u : n_v) + 2;

    *s = (rgq_shape){n_u, n_v, {step_mm[0], step_mm[1]}, NULL, NULL, NULL};
    RGQ_TRY(err, rgq_alloc(&s->distance, 3 * (n_u + 2) * (n_v + 2), sizeof *s->distance, err));
    RGQ_TRY(err, rgq_alloc(&s->line, 3 * longer + 1, sizeof *s->line, err));
    RGQ_TRY(err, rgq_alloc(&s->parabola, longer, sizeof *s->parabola, err));
out:
    if (st != RGQ_OK)
        rgq_shape_release(s);
    return st;
}

void rgq_shape_release(rgq_shape *s)
{
    rgq_free(s->distance);
    rgq_free(s->line);
    rgq_free(s->parabola);
    *s = (rgq_shape){0, 0, {0.0, 0.0}, NULL, NULL, NULL};
}

/* Squared distance along one line: the lower envelope of the parabolas f[q] + (step (x - q))^2
 * (Felzenszwalb & Huttenlocher 2012). `f` is replaced. */
static void envelope(rgq_shape *s, double *f, size_t n, size_t stride, double step)
{
    const size_t longer = (s->n_u > s->n_v ? s->n_u : s->n_v) + 2;
    double *value = s->line;
    double *from = s->line + longer; /* where parabola i begins to be the lowest */
    size_t *at = s->parabola;
    size_t count = 0;

    for (size_t q = 0; q < n; q++) {
        const double height = f[q * stride];
        value[q] = height;
        if (!(height < (double)INFINITY))
            continue;
        double begin = -(double)INFINITY;
        while (count > 0) {
            const size_t p = at[count - 1];
            const double dq = (double)q;
            const double dp = (double)p;
            begin = ((height - value[p]) / (step * step) + dq * dq - dp * dp) / (2 * (dq - dp));
            if (begin > from[count - 1])
                break;
            count--;
            begin = -(double)INFINITY;
        }
        from[count] = begin;
        at[count++] = q;
    }
    for (size_t q = 0, i = 0; q < n && count > 0; q++) {
        while (i + 1 < count && from[i + 1] < (double)q)
            i++;
        const double away = step * ((double)q - (double)at[i]);
        f[q * stride] = away * away + value[at[i]];
    }
}

/* Squared distance [mm^2] of every centre to the nearest one with `wanted`; the masks have a
 * border of one voxel outside. */
static void distances(double *d, rgq_shape *s, const uint8_t *mask, bool wanted)
{
    const size_t width = s->n_u + 2;
    const size_t height = s->n_v + 2;

    for (size_t v = 0; v < height; v++)
        for (size_t u = 0; u < width; u++) {
            const bool within = u > 0 && v > 0 && u <= s->n_u && v <= s->n_v;
            const bool inside = within && mask[(v - 1) * s->n_u + (u - 1)] != 0;
            d[v * width + u] = inside == wanted ? 0.0 : (double)INFINITY;
        }
    for (size_t u = 0; u < width; u++)
        envelope(s, d + u, height, width, s->step_mm[1]);
    for (size_t v = 0; v < height; v++)
        envelope(s, d + v * width, width, 1, s->step_mm[0]);
}

static void signed_distances(double *out, rgq_shape *s, const uint8_t *mask)
{
    const size_t count = (s->n_u + 2) * (s->n_v + 2);
    double *other = s->distance + 2 * count;

    distances(out, s, mask, false);
    distances(other, s, mask, true);
    for (size_t i = 0; i < count; i++)
        out[i] = sqrt(out[i]) - sqrt(other[i]);
}

static bool is_empty(const uint8_t *mask, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (mask[i] != 0)
            return false;
    return true;
}

rgq_status rgq_shape_between(uint8_t *out, rgq_shape *s, const uint8_t *a, const uint8_t *b,
                             double t, rgq_error *err)
{
    const size_t count = s->n_u * s->n_v;
    const uint8_t *nearer = t <= 0.5 ? a : b;
    double *da = s->distance;
    double *db = da + (s->n_u + 2) * (s->n_v + 2);

    if (!(t >= 0.0 && t <= 1.0))
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a share of %g; 0 to 1 was needed", t);
    if (is_empty(a, count) || is_empty(b, count)) {
        memcpy(out, nearer, count);
        return RGQ_OK;
    }
    signed_distances(da, s, a);
    signed_distances(db, s, b);
    for (size_t v = 0; v < s->n_v; v++)
        for (size_t u = 0; u < s->n_u; u++) {
            const size_t i = v * s->n_u + u;
            const size_t j = (v + 1) * (s->n_u + 2) + u + 1;
            const double d = (1.0 - t) * da[j] + t * db[j];
            out[i] = d > 0.0 ? 1 : d < 0.0 ? 0 : nearer[i];
        }
    return RGQ_OK;
}
