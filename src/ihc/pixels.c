#include "ihc/pixels.h"

#include <math.h>
#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/clones.h"

/* A stain never exceeds it, so that its quantum fits into 32 bits. With the clamp of 1e-6 no
 * channel has an OD above 6. */
static const float STAIN_MAX = 500.0F;

void rgq_ihc_unmix_init(rgq_ihc_unmix *u, const double white[3], const double *h,
                        const double *dab)
{
    for (int c = 0; c < 3; c++) {
        for (int v = 0; v < 256; v++)
            u->od[c][v] = (float)-log10(fmin(fmax(v / white[c], 1e-6), 1));
        u->inverse[0][c] = h != NULL ? (float)h[c] : 0.0F;
        u->inverse[1][c] = dab != NULL ? (float)dab[c] : 0.0F;
    }
}

rgq_status rgq_ihc_strip_init(rgq_ihc_strip *strip, int block, rgq_error *err)
{
    const size_t pixels = (size_t)block * RGQ_IHC_WIDTH;

    *strip = (rgq_ihc_strip){.block = block};
    RGQ_PASS(err, rgq_alloc(&strip->h, 2 * pixels, sizeof *strip->h, err));
    strip->dab = strip->h + pixels;
    return RGQ_OK;
}

void rgq_ihc_strip_release(rgq_ihc_strip *strip)
{
    rgq_free(strip->h);
    strip->h = NULL;
    strip->dab = NULL;
}

typedef struct colours {
    float od[3][RGQ_IHC_WIDTH];
} colours;

/* Look the bytes up; how many pixels are saturated. */
static int look_up(colours *out, const rgq_ihc_unmix *u, const uint8_t *rgb, int n)
{
    int saturated = 0;
    for (int i = 0; i < n; i++, rgb += 3) {
        out->od[0][i] = u->od[0][rgb[0]];
        out->od[1][i] = u->od[1][rgb[1]];
        out->od[2][i] = u->od[2][rgb[2]];
        saturated += (rgb[0] <= RGQ_IHC_SATURATED) | (rgb[1] <= RGQ_IHC_SATURATED) |
                     (rgb[2] <= RGQ_IHC_SATURATED);
    }
    return saturated;
}

static RGQ_CLONES void separate(float *restrict stain, const colours *c, const float *m, int n)
{
    const float *restrict r = c->od[0];
    const float *restrict g = c->od[1];
    const float *restrict b = c->od[2];
    const float m0 = m[0];
    const float m1 = m[1];
    const float m2 = m[2];

    for (int i = 0; i < n; i++) {
        float v = m0 * r[i] + m1 * g[i] + m2 * b[i];
        v = v > 0.0F ? v : 0.0F;
        stain[i] = v < STAIN_MAX ? v : STAIN_MAX;
    }
}

static RGQ_CLONES void add_colours(float *restrict sum, const colours *c, int n)
{
    const float *restrict r = c->od[0];
    const float *restrict g = c->od[1];
    const float *restrict b = c->od[2];
    for (int i = 0; i < n; i++)
        sum[i] += r[i] + g[i] + b[i];
}

void rgq_ihc_strip_fill(rgq_ihc_strip *strip, const rgq_ihc_unmix *u, const uint8_t *rgb,
                        size_t stride, int width, int height)
{
    colours c;
    float columns[RGQ_IHC_WIDTH] = {0}; /* OD of all colours and rows */

    strip->width = width;
    strip->height = height;
    strip->saturated = 0;
    for (int y = 0; y < height; y++) {
        const size_t row = (size_t)y * RGQ_IHC_WIDTH;
        strip->saturated += look_up(&c, u, rgb + (size_t)y * stride, width);
        separate(strip->h + row, &c, u->inverse[0], width);
        separate(strip->dab + row, &c, u->inverse[1], width);
        add_colours(columns, &c, width);
    }
    for (int b = 0; b < rgq_ihc_strip_blocks(strip); b++) {
        const int begin = b * strip->block;
        const int end = begin + strip->block < width ? begin + strip->block : width;
        float sum = 0;
        for (int x = begin; x < end; x++)
            sum += columns[x];
        strip->block_od[b] = sum / (3.0F * (float)(end - begin) * (float)height);
    }
}

static RGQ_CLONES void add_stain(int64_t *sum, const float *stain, int n)
{
    const float quantum = (float)(1 << RGQ_IHC_QUANTUM_LOG2);
    int64_t s = 0;
    for (int i = 0; i < n; i++)
        s += (int64_t)(int32_t)(stain[i] * quantum + 0.5F);
    *sum += s;
}

static RGQ_CLONES void count_row(rgq_ihc_sums *sums, const rgq_ihc_limits *limits,
                                 const float *dab, int n)
{
    const float weak = limits->intensity[0];
    const float moderate = limits->intensity[1];
    const float strong = limits->intensity[2];
    const float positive = limits->positive;
    const float otsu = limits->otsu;
    int count[5] = {0};

    for (int i = 0; i < n; i++) {
        count[0] += dab[i] >= weak;
        count[1] += dab[i] >= moderate;
        count[2] += dab[i] >= strong;
        count[3] += dab[i] >= positive;
        count[4] += dab[i] >= otsu;
    }
    for (int k = 0; k < 3; k++)
        sums->intensity[k] += count[k];
    sums->positive += count[3];
    sums->otsu += count[4];
}

void rgq_ihc_sums_add_row(rgq_ihc_sums *sums, const rgq_ihc_limits *limits, const float *h,
                          const float *dab, int n)
{
    sums->tissue += n;
    add_stain(&sums->h, h, n);
    add_stain(&sums->dab, dab, n);
    count_row(sums, limits, dab, n);
}

void rgq_ihc_sums_add(rgq_ihc_sums *sums, const rgq_ihc_sums *more)
{
    sums->pixels += more->pixels;
    sums->tissue += more->tissue;
    sums->h += more->h;
    sums->dab += more->dab;
    for (int k = 0; k < 3; k++)
        sums->intensity[k] += more->intensity[k];
    sums->positive += more->positive;
    sums->otsu += more->otsu;
}

int rgq_ihc_strip_tissue(rgq_ihc_span *runs, const rgq_ihc_strip *strip, float tissue_od)
{
    int n = 0;
    bool open = false;

    for (int b = 0; b < rgq_ihc_strip_blocks(strip); b++) {
        const int begin = b * strip->block;
        const int end =
            begin + strip->block < strip->width ? begin + strip->block : strip->width;
        const bool is_tissue = strip->block_od[b] >= tissue_od;
        if (is_tissue && !open)
            runs[n++] = (rgq_ihc_span){begin, end};
        else if (is_tissue)
            runs[n - 1].end = end;
        open = is_tissue;
    }
    return n;
}
