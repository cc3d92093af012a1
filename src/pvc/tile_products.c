/* What one region's blurred mask has in every region. */
#include "core/banned.h"
#include "num/clones.h"
#include "pvc/tiles.h"

/* local: n_active rows of channels + 1 sums; the last is that of h * 1. */

RGQ_CLONES static void add_scaled(double *restrict out, double scale, const float *restrict in,
                                  size_t n)
{
    for (size_t k = 0; k < n; k++)
        out[k] += scale * (double)in[k];
}

/* A row of voxels. Neighbours of one region are added in single precision first: a row is
 * short. */
RGQ_CLONES static void add_labels_row(double *restrict out, const uint16_t *local,
                                      const float *restrict c, size_t channels, size_t n,
                                      float *restrict work)
{
    size_t x = 0;

    while (x < n) {
        const size_t first = x;
        const float *here = c + x * channels;
        double *row = out + (size_t)local[x] * (channels + 1);
        for (x++; x < n && local[x] == local[first]; x++)
            ;
        row[channels] += (double)(x - first);
        if (x == first + 1) {
            for (size_t k = 0; k < channels; k++)
                row[k] += (double)here[k];
            continue;
        }
        for (size_t k = 0; k < channels; k++)
            work[k] = here[k] + here[channels + k];
        for (size_t v = 2; v < x - first; v++)
            for (size_t k = 0; k < channels; k++)
                work[k] += here[v * channels + k];
        for (size_t k = 0; k < channels; k++)
            row[k] += (double)work[k];
    }
}

/* What h * 1 lacks to 1, near a border where nothing lies outside. */
static void add_lack(double *out, const uint16_t *local, const float *whole, size_t channels,
                     size_t n)
{
    for (size_t x = 0; x < n; x++)
        out[(size_t)local[x] * (channels + 1) + channels] += (double)whole[x] - 1.0;
}

static double sum_of(const float *v, size_t n)
{
    double s = 0.0;

    for (size_t i = 0; i < n; i++)
        s += (double)v[i];
    return s;
}

static void add_masks(const rgq_tile *t, double *out)
{
    const size_t n = (size_t)t->n_active;

    for (size_t v = 0; v < t->count; v++)
        for (size_t i = 0; i < n; i++) {
            const float weight = t->weight[v * n + i];
            if (weight > 0.0F)
                add_scaled(out + i * (n + 1), (double)weight, t->blurred + v * n, n);
        }
}

void rgq_tile_products(void *context, const rgq_tile *tile, double *local)
{
    const size_t row = (size_t)tile->n[0];
    const size_t channels = (size_t)tile->channels;

    (void)context;
    if (tile->weight != NULL) {
        add_masks(tile, local);
        return;
    }
    if (channels == 0) {
        local[0] +=
            tile->whole != NULL ? sum_of(tile->whole, tile->count) : (double)tile->count;
        return;
    }
    for (int y = 0; y < tile->n[1]; y++) {
        const uint16_t *index = tile->local + (size_t)y * tile->local_step;
        add_labels_row(local, index, tile->blurred + (size_t)y * row * channels, channels, row,
                       tile->scratch);
        if (tile->whole != NULL)
            add_lack(local, index, tile->whole + (size_t)y * row, channels, row);
    }
}

void rgq_tile_products_end(void *context, const rgq_tile *tile, const double *local,
                           double *sum)
{
    const size_t n_parts = *(const size_t *)context;
    const size_t channels = (size_t)tile->channels;

    for (int i = 0; i < tile->n_active; i++) {
        const double *row = local + (size_t)i * (channels + 1);
        double *out = sum + (size_t)tile->part[i] * n_parts;
        double rest = row[channels];
        for (size_t k = 0; k < channels; k++) {
            out[tile->part[k]] += row[k];
            rest -= row[k];
        }
        if (tile->channels < tile->n_active)
            out[tile->part[channels]] += rest;
    }
}
