/* A slide in memory, painted with known stains. */
#ifndef PICTURE_H
#define PICTURE_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "num/rng.h"
#include "rgdquant/ihc.h"
#include "rgq_check.h"

typedef struct picture {
    int width, height;
    uint8_t *rgb;
    int fail_after; /* reads that pass before one fails; < 0: all pass */
} picture;

static inline rgq_status picture_read(void *user, int64_t x, int64_t y, int w, int h,
                                      uint8_t *rgb, rgq_error *err)
{
    picture *p = user;

    if (x < 0 || y < 0 || w < 1 || h < 1 || x + w > p->width || y + h > p->height)
        return RGQ_RAISE(err, RGQ_E_ARGUMENT, "a rectangle outside the slide");
    if (p->fail_after == 0)
        return RGQ_RAISE(err, RGQ_E_IO, "the tile cannot be read");
    p->fail_after--;
    for (int row = 0; row < h; row++)
        memcpy(rgb + 3 * (size_t)row * (size_t)w,
               p->rgb + 3 * ((size_t)(y + row) * (size_t)p->width + (size_t)x), 3 * (size_t)w);
    return RGQ_OK;
}

static inline rgq_status picture_clone(rgq_ihc_source *out, void *user, rgq_error *err);

static inline rgq_ihc_source picture_source(picture *p, double mpp_um)
{
    return (rgq_ihc_source){.width = p->width,
                            .height = p->height,
                            .mpp_um = mpp_um,
                            .tile_width = 64,
                            .tile_height = 64,
                            .read = picture_read,
                            .clone = picture_clone,
                            .user = p};
}

static inline rgq_status picture_clone(rgq_ihc_source *out, void *user, rgq_error *err)
{
    (void)err;
    *out = picture_source(user, (double)NAN);
    return RGQ_OK;
}

static inline picture picture_make(int width, int height)
{
    picture p = {width, height, malloc(3 * (size_t)width * (size_t)height), -1};
    memset(p.rgb, 255, 3 * (size_t)width * (size_t)height);
    return p;
}

static inline uint8_t *picture_at(const picture *p, int x, int y)
{
    return p->rgb + 3 * ((size_t)y * (size_t)p->width + (size_t)x);
}

/* The colour that so much of two stains makes, of the vectors of `s` as they are. */
static inline void picture_stain(const picture *p, int x, int y, const rgq_stains *s,
                                 const double od[2])
{
    for (int c = 0; c < 3; c++) {
        const double sum = od[0] * s->od[0][c] + od[1] * s->od[1][c];
        picture_at(p, x, y)[c] = (uint8_t)(255 * pow(10, -sum) + 0.5);
    }
}

static inline double table_value(const rgq_table *t, int row, const char *column)
{
    const int c = rgq_table_find(t, column);
    char text[64];
    ck_assert_msg(c >= 0, "no column %s", column);
    if (!rgq_table_has(t, row, c))
        return (double)NAN;
    const char *cell = rgq_table_format(t, row, c, text, sizeof text);
    return strtod(cell, NULL);
}

static inline rgq_ihc_opts options(const char *stains)
{
    rgq_ihc_opts opts = RGQ_IHC_OPTS_INIT;
    MUST(rgq_stains_find(&opts.stains, stains, err));
    opts.stains.normalise = false; /* as they are painted */
    return opts;
}

static inline void fill(const picture *p, const int box[4], const rgq_stains *s, double h,
                        double dab)
{
    for (int y = box[1]; y < box[3]; y++) {
        for (int x = box[0]; x < box[2]; x++)
            picture_stain(p, x, y, s, (double[2]){h, dab});
    }
}

static inline rgq_table *measure(picture *p, double mpp_um, const rgq_ihc_regions *regions,
                                 const rgq_ihc_opts *opts, rgq_ihc_report *report)
{
    const rgq_ihc_source source = picture_source(p, mpp_um);
    rgq_table *table = NULL;
    MUST(rgq_ihc_measure(&table, report, &source, regions, opts, NULL, err));
    return table;
}

static inline void expect(const rgq_table *t, int row, const char *column, double want,
                          double tol)
{
    const double got = table_value(t, row, column);
    ck_assert_msg(fabs(got - want) <= tol, "%s is %.9g, not %.9g", column, got, want);
}

/* A disc of nucleus or a ring of vessel, in tissue of little hematoxylin. */
static inline void paint(const picture *p, const rgq_stains *s, const double at[2],
                         double inner, double outer, const double od[2])
{
    for (int y = (int)(at[1] - outer); y <= (int)(at[1] + outer); y++) {
        for (int x = (int)(at[0] - outer); x <= (int)(at[0] + outer); x++) {
            const double r = hypot(x + 0.5 - at[0], y + 0.5 - at[1]);
            if (r >= inner && r <= outer && x >= 0 && y >= 0 && x < p->width && y < p->height)
                picture_stain(p, x, y, s, od);
        }
    }
}

typedef struct said {
    int n;
    char text[8][400];
} said;

static inline void hear(void *user, rgq_level level, const char *text)
{
    said *s = user;
    if (level == RGQ_LEVEL_WARNING && s->n < 8)
        (void)snprintf(s->text[s->n++], sizeof s->text[0], "%s", text);
}

static inline bool was_said(const said *s, const char *words)
{
    for (int i = 0; i < s->n; i++) {
        if (strstr(s->text[i], words) != NULL)
            return true;
    }
    return false;
}

#endif
