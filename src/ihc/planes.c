#include "ihc/planes.h"

#include <string.h>

#include "core/alloc.h"
#include "core/banned.h"
#include "num/clones.h"

rgq_status rgq_ihc_planes_init(rgq_ihc_planes *p, int64_t width, int64_t height, int factor,
                               int64_t capacity, rgq_error *err)
{
    *p = (rgq_ihc_planes){.factor = factor,
                          .width = (width + factor - 1) / factor,
                          .height = (height + factor - 1) / factor,
                          .capacity = capacity};
    const size_t pixels = (size_t)p->width * (size_t)capacity;
    RGQ_PASS(err, rgq_alloc(&p->h, 2 * pixels, sizeof *p->h, err));
    p->dab = p->h + pixels;
    return RGQ_OK;
}

void rgq_ihc_planes_release(rgq_ihc_planes *p)
{
    rgq_free(p->h);
    *p = (rgq_ihc_planes){0};
}

static RGQ_CLONES void add_row(float *restrict sum, const float *restrict row, int n)
{
    for (int i = 0; i < n; i++)
        sum[i] += row[i];
}

/* Means of rows y .. of the strip into one row of a plane. */
static void shrink(float *out, const float *stain, const rgq_ihc_strip *strip, int y,
                   int factor)
{
    const int rows = y + factor < strip->height ? factor : strip->height - y;
    float sum[RGQ_IHC_WIDTH];

    memcpy(sum, stain + (size_t)y * RGQ_IHC_WIDTH, (size_t)strip->width * sizeof *sum);
    for (int k = 1; k < rows; k++)
        add_row(sum, stain + (size_t)(y + k) * RGQ_IHC_WIDTH, strip->width);
    for (int x = 0; x < strip->width; x += factor) {
        const int columns = x + factor < strip->width ? factor : strip->width - x;
        float s = 0;
        for (int k = 0; k < columns; k++)
            s += sum[x + k];
        *out++ = s / (float)(columns * rows);
    }
}

void rgq_ihc_planes_add(rgq_ihc_planes *p, const rgq_ihc_strip *strip, int64_t x, int64_t y)
{
    const int n = (strip->width + p->factor - 1) / p->factor;

    for (int row = 0; row < strip->height; row += p->factor) {
        const size_t at = (size_t)((y + row) / p->factor - p->base) * (size_t)p->width +
                          (size_t)(x / p->factor);
        shrink(p->h + at, strip->h, strip, row, p->factor);
        shrink(p->dab + at, strip->dab, strip, row, p->factor);
        if (p->sum)
            add_row(p->h + at, p->dab + at, n);
    }
}

void rgq_ihc_planes_drop(rgq_ihc_planes *p, int64_t base)
{
    if (base <= p->base)
        return;
    const size_t width = (size_t)p->width;
    const size_t from = (size_t)(base - p->base) * width;
    const size_t kept = base < p->end ? (size_t)(p->end - base) * width : 0;
    memmove(p->h, p->h + from, kept * sizeof *p->h);
    memmove(p->dab, p->dab + from, kept * sizeof *p->dab);
    p->base = base;
}
