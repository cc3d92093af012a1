#include "pvc/normal.h"

#include <string.h>

#include "core/banned.h"
#include "num/clones.h"
#include "num/gram.h"

enum { ROWS_MAX = 256 }; /* sums in single precision go no further */

size_t rgq_normal_sums(const rgq_normal *normal)
{
    return normal->n_parts + (normal->known ? 0 : normal->n_parts * normal->n_parts);
}

static void cut_out(const rgq_normal *normal, const rgq_tile *t, float *to)
{
    const size_t nx = (size_t)normal->side[0];
    const size_t ny = (size_t)normal->side[1];

    for (int y = 0; y < t->n[1]; y++)
        memcpy(to + (size_t)y * (size_t)t->n[0],
               normal->image + ((size_t)t->lo[2] * ny + (size_t)(t->lo[1] + y)) * nx +
                   (size_t)t->lo[0],
               (size_t)t->n[0] * sizeof *to);
}

/* out[k] += sum over v of scale[v] a[v][k] */
RGQ_CLONES static void add_scaled_rows(float *restrict out, const float *restrict a,
                                       const float *restrict scale, size_t rows, size_t columns)
{
    for (size_t v = 0; v < rows; v++)
        for (size_t k = 0; k < columns; k++)
            out[k] += scale[v] * a[v * columns + k];
}

RGQ_CLONES static void add_rows(float *restrict out, const float *restrict a, size_t rows,
                                size_t columns)
{
    for (size_t v = 0; v < rows; v++)
        for (size_t k = 0; k < columns; k++)
            out[k] += a[v * columns + k];
}

RGQ_CLONES static double product(const float *a, const float *b, size_t n)
{
    double s[8] = {0.0};
    size_t v = 0;

    for (; v + 8 <= n; v += 8)
        for (size_t k = 0; k < 8; k++)
            s[k] += (double)a[v + k] * (b != NULL ? (double)b[v + k] : 1.0);
    for (; v < n; v++)
        s[0] += (double)a[v] * (b != NULL ? (double)b[v] : 1.0);
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* Products of all channels with one image (NULL: with 1), in single precision by chunks. */
static void add_image(const rgq_tile *t, const float *image, float *work, double *out)
{
    const size_t c = (size_t)t->channels;

    for (size_t from = 0; from < t->count && c > 0; from += ROWS_MAX) {
        const size_t n = t->count - from < ROWS_MAX ? t->count - from : ROWS_MAX;
        memset(work, 0, c * sizeof *work);
        if (image != NULL)
            add_scaled_rows(work, t->blurred + from * c, image + from, n, c);
        else
            add_rows(work, t->blurred + from * c, n, c);
        for (size_t k = 0; k < c; k++)
            out[k] += (double)work[k];
    }
}

void rgq_normal_add(void *context, const rgq_tile *tile, double *local)
{
    const rgq_normal *normal = context;
    const size_t c = (size_t)tile->channels;
    const size_t side = (size_t)tile->n_active + 2;
    double *of_whole = local + c * side;
    double *of_image = local + (c + 1) * side;
    float *image = tile->scratch;
    float *work = tile->scratch + tile->count;

    for (size_t from = 0; from < tile->count && !normal->known; from += ROWS_MAX) {
        const size_t n = tile->count - from < ROWS_MAX ? tile->count - from : ROWS_MAX;
        rgq_gram_add(local, side, tile->blurred + from * c, n, c);
    }
    cut_out(normal, tile, image);
    add_image(tile, image, work, of_image);
    if (tile->channels == tile->n_active)
        return;
    of_image[c] += product(image, tile->whole, tile->count);
    if (normal->known)
        return;
    add_image(tile, tile->whole, work, of_whole);
    of_whole[c] += tile->whole != NULL ? product(tile->whole, tile->whole, tile->count)
                                       : (double)tile->count;
}

/* The part without a channel is h * 1 less the others: w - sum c. */
static void end_closed(const rgq_tile *t, const double *local, size_t n, double *sum)
{
    const size_t c = (size_t)t->channels;
    const size_t side = (size_t)t->n_active + 2;
    const double *of_whole = local + c * side;
    double *row = sum + (size_t)t->part[c] * n;
    double square = of_whole[c];

    for (size_t k = 0; k < c; k++) {
        double others = 0.0;
        for (size_t j = 0; j < c; j++)
            others += j < k ? local[k * side + j] : local[j * side + k];
        row[t->part[k]] += of_whole[k] - others;
        square -= 2.0 * of_whole[k] - others;
    }
    row[t->part[c]] += square;
}

void rgq_normal_end(void *context, const rgq_tile *tile, const double *local, double *sum)
{
    const rgq_normal *normal = context;
    const size_t n = normal->n_parts;
    const size_t c = (size_t)tile->channels;
    const size_t side = (size_t)tile->n_active + 2;
    const double *of_image = local + (c + 1) * side;
    double rest = of_image[c];

    if (!normal->known) {
        for (size_t j = 0; j < c; j++)
            for (size_t k = 0; k <= j; k++)
                sum[(size_t)tile->part[j] * n + (size_t)tile->part[k]] += local[j * side + k];
        if (tile->channels < tile->n_active)
            end_closed(tile, local, n, sum);
        sum += n * n;
    }
    for (size_t k = 0; k < c; k++) {
        sum[tile->part[k]] += of_image[k];
        rest -= of_image[k];
    }
    if (tile->channels < tile->n_active)
        sum[tile->part[c]] += rest;
}
