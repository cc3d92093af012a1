#include "ihc/nuclei.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/clones.h"
#include "num/threads.h"

static int radius_for(double sigma)
{
    return (int)ceil(4 * sigma);
}

static int window_for(double sigma)
{
    return (int)fmax(1, floor(sigma / 2 + 0.5));
}

int rgq_ihc_nuclei_halo(double sigma)
{
    return radius_for(sigma) + window_for(sigma);
}

/* g sums to 1. g2 sums to 0, and to -2 sigma^2 against x^2, as the derivative of x^2 asks. */
static void make_kernels(rgq_ihc_nuclei *nuclei, double sigma)
{
    const int n = nuclei->radius;
    const double var = sigma * sigma;
    double sum = 0;
    double sum2 = 0;
    double moment = 0;

    for (int k = -n; k <= n; k++) {
        const double e = exp(-k * k / (2 * var));
        sum += e;
        sum2 += (k * k / var - 1) * e;
    }
    for (int k = -n; k <= n; k++) {
        const double e = exp(-k * k / (2 * var));
        moment += k * k * ((k * k / var - 1) * e - sum2 / sum * e);
    }
    for (int k = 0; k <= n; k++) {
        const double e = exp(-k * k / (2 * var));
        nuclei->g[k] = (float)(e / sum);
        nuclei->g2[k] = (float)(-2 * var / moment * ((k * k / var - 1) * e - sum2 / sum * e));
    }
}

static size_t padded(const rgq_ihc_nuclei *nuclei)
{
    return (size_t)nuclei->width + 2 * (size_t)nuclei->radius;
}

rgq_status rgq_ihc_nuclei_init(rgq_ihc_nuclei *nuclei, const rgq_ihc_planes *planes,
                               double sigma, int64_t capacity, rgq_error *err)
{
    rgq_status st = RGQ_OK;

    *nuclei = (rgq_ihc_nuclei){.radius = radius_for(sigma),
                               .window = window_for(sigma),
                               .disc = (int)floor(sqrt(2) * sigma),
                               .width = planes->width,
                               .height = planes->height,
                               .n_threads = rgq_threads_count()};
    nuclei->capacity = capacity + 2 * (int64_t)nuclei->window;
    const size_t taps = (size_t)nuclei->radius + 1;
    RGQ_TRY(err, rgq_alloc(&nuclei->g, 2 * taps, sizeof *nuclei->g, err));
    nuclei->g2 = nuclei->g + taps;
    make_kernels(nuclei, sigma);
    RGQ_TRY(err, rgq_alloc(&nuclei->response, (size_t)nuclei->width * (size_t)nuclei->capacity,
                           sizeof *nuclei->response, err));
    RGQ_TRY(err,
            rgq_alloc(&nuclei->mark, (size_t)nuclei->width * (size_t)nuclei->capacity, 1, err));
    RGQ_TRY(err, rgq_alloc(&nuclei->room, 2 * padded(nuclei) * (size_t)nuclei->n_threads,
                           sizeof *nuclei->room, err));
out:
    if (st != RGQ_OK)
        rgq_ihc_nuclei_release(nuclei);
    return st;
}

void rgq_ihc_nuclei_release(rgq_ihc_nuclei *nuclei)
{
    rgq_free(nuclei->g);
    rgq_free(nuclei->response);
    rgq_free(nuclei->mark);
    rgq_free(nuclei->room);
    *nuclei = (rgq_ihc_nuclei){0};
}

/* Columns whose sums stay in the nearest cache while the taps go by. */
enum { STRETCH = 512 };

static RGQ_CLONES void add_pair(float *restrict a, float *restrict b, const float *restrict up,
                                const float *restrict down, const float weight[2], int n)
{
    const float g = weight[0];
    const float g2 = weight[1];
    for (int i = 0; i < n; i++) {
        const float v = up[i] + down[i];
        a[i] += g * v;
        b[i] += g2 * v;
    }
}

static RGQ_CLONES void add_both(float *restrict out, const float *a, const float *b,
                                const float weight[2], const ptrdiff_t step[2])
{
    const float g = weight[0];
    const float g2 = weight[1];
    const float *restrict a0 = a - step[0];
    const float *restrict a1 = a + step[0];
    const float *restrict b0 = b - step[0];
    const float *restrict b1 = b + step[0];
    const ptrdiff_t n = step[1];
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] += g2 * (a0[i] + a1[i]) + g * (b0[i] + b1[i]);
}

/* Down the columns of row j: a = g * h, b = g2 * h. */
static void filter_columns(const rgq_ihc_nuclei *nuclei, const rgq_ihc_planes *p, int64_t j,
                           float *a, float *b)
{
    for (int64_t x = 0; x < p->width; x += STRETCH) {
        const int n = (int)(p->width - x < STRETCH ? p->width - x : STRETCH);
        const float *row = rgq_ihc_planes_row(p, p->h, j) + x;
        for (int i = 0; i < n; i++) {
            a[x + i] = nuclei->g[0] * row[i];
            b[x + i] = nuclei->g2[0] * row[i];
        }
        for (int k = 1; k <= nuclei->radius; k++)
            add_pair(a + x, b + x, rgq_ihc_planes_row(p, p->h, j - k) + x,
                     rgq_ihc_planes_row(p, p->h, j + k) + x,
                     (float[2]){nuclei->g[k], nuclei->g2[k]}, n);
    }
}

static void pad(float *row, int64_t width, int radius)
{
    for (int k = 1; k <= radius; k++) {
        row[-k] = row[0];
        row[width - 1 + k] = row[width - 1];
    }
}

static void respond(const rgq_ihc_nuclei *nuclei, const rgq_ihc_planes *p, int64_t j,
                    float *room)
{
    float *out = nuclei->response + (size_t)(j - nuclei->response_base) * (size_t)nuclei->width;
    float *a = room + nuclei->radius;
    float *b = a + padded(nuclei);

    filter_columns(nuclei, p, j, a, b);
    pad(a, nuclei->width, nuclei->radius);
    pad(b, nuclei->width, nuclei->radius);
    for (int64_t x = 0; x < nuclei->width; x += STRETCH) {
        const int64_t rest = nuclei->width - x;
        const ptrdiff_t n = (ptrdiff_t)(rest < STRETCH ? rest : STRETCH);
        for (ptrdiff_t i = 0; i < n; i++)
            out[x + i] = nuclei->g2[0] * a[x + i] + nuclei->g[0] * b[x + i];
        for (int k = 1; k <= nuclei->radius; k++)
            add_both(out + x, a + x, b + x, (float[2]){nuclei->g[k], nuclei->g2[k]},
                     (ptrdiff_t[2]){k, n});
    }
}

static bool is_maximum(const rgq_ihc_nuclei *nuclei, int64_t x, int64_t y)
{
    const float *at =
        nuclei->response + (size_t)(y - nuclei->response_base) * (size_t)nuclei->width + x;
    const float r = *at;

    for (int64_t dy = -nuclei->window; dy <= nuclei->window; dy++) {
        if (y + dy < 0 || y + dy >= nuclei->height)
            continue;
        const float *row = at + dy * nuclei->width;
        for (int64_t dx = -nuclei->window; dx <= nuclei->window; dx++) {
            if (x + dx < 0 || x + dx >= nuclei->width)
                continue;
            const bool earlier = dy < 0 || (dy == 0 && dx < 0);
            if (row[dx] > r || (earlier && row[dx] >= r))
                return false;
        }
    }
    return true;
}

static float dab_of(const rgq_ihc_nuclei *nuclei, const rgq_ihc_planes *p, int64_t x, int64_t y)
{
    const int64_t r = nuclei->disc;
    float sum = 0;
    int n = 0;

    for (int64_t dy = -r; dy <= r; dy++) {
        if (y + dy < 0 || y + dy >= p->height)
            continue;
        const float *row = rgq_ihc_planes_row(p, p->dab, y + dy);
        for (int64_t dx = -r; dx <= r; dx++) {
            if (dx * dx + dy * dy > r * r || x + dx < 0 || x + dx >= p->width)
                continue;
            sum += row[x + dx];
            n++;
        }
    }
    return sum / (float)n;
}

static void mark_row(const rgq_ihc_nuclei *nuclei, const rgq_ihc_planes *p, int64_t y)
{
    const float *row =
        nuclei->response + (size_t)(y - nuclei->response_base) * (size_t)nuclei->width;
    uint8_t *mark = nuclei->mark + (size_t)(y - nuclei->mark_base) * (size_t)nuclei->width;

    memset(mark, 0, (size_t)nuclei->width);
    for (int64_t x = 0; x < nuclei->width; x++) {
        if (row[x] < nuclei->least || !is_maximum(nuclei, x, y))
            continue;
        const float dab = dab_of(nuclei, p, x, y);
        mark[x] = (uint8_t)(1 + (dab >= nuclei->limit[0]) + (dab >= nuclei->limit[1]) +
                            (dab >= nuclei->limit[2]));
    }
}

void rgq_ihc_nuclei_search(rgq_ihc_nuclei *nuclei, const rgq_ihc_planes *p)
{
    const int64_t halo = nuclei->radius + nuclei->window;
    const int64_t ready = p->end >= p->height ? p->height : p->end - halo;

    nuclei->mark_base = nuclei->done;
    nuclei->mark_end = nuclei->done;
    if (ready <= nuclei->done)
        return;
    const int64_t first = nuclei->done > nuclei->window ? nuclei->done - nuclei->window : 0;
    const int64_t last =
        ready + nuclei->window < p->height ? ready + nuclei->window : p->height;
    nuclei->response_base = first;
    nuclei->mark_end = ready;
#pragma omp parallel num_threads(nuclei->n_threads)
    {
        float *room = nuclei->room + (size_t)omp_get_thread_num() * 2 * padded(nuclei);
#pragma omp for schedule(static)
        for (int64_t j = first; j < last; j++)
            respond(nuclei, p, j, room);
#pragma omp for schedule(static)
        for (int64_t j = nuclei->done; j < ready; j++)
            mark_row(nuclei, p, j);
    }
    nuclei->done = ready;
}
