/* Slow direct definitions in double, with every mask as a full image, for the tests of
 * partial-volume correction. */
#ifndef RGQ_TEST_PVC_DIRECT_H
#define RGQ_TEST_PVC_DIRECT_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "num/border.h"
#include "num/kernel.h"
#include "num/rng.h"
#include "rgdquant/pvc.h"
#include "rgq_check.h"

enum { DIRECT_PARTS_MAX = 40 };

/* A small scan: grid, PSF, and all masks (the background first) whole. */
typedef struct direct {
    rgq_grid grid;
    int n[3];
    size_t count;
    double fwhm_mm[3];
    rgq_border border;
    int n_parts;
    double *mask[DIRECT_PARTS_MAX];
    double *blurred[DIRECT_PARTS_MAX];
    rgq_labels *labels;
    rgq_regions *regions;
} direct;

static inline double *direct_array(size_t count)
{
    double *a = calloc(count, sizeof *a);

    ck_assert_ptr_nonnull(a);
    return a;
}

static inline void direct_blur_axis(const direct *d, double *out, const double *in, int axis)
{
    double spacing_mm[3];
    double half[RGQ_RADIUS_MAX + 1] = {1.0};
    const int n = d->n[axis];
    const size_t step[3] = {1, (size_t)d->n[0], (size_t)d->n[0] * (size_t)d->n[1]};

    rgq_grid_spacing_mm(&d->grid, spacing_mm);
    const double sigma = d->fwhm_mm[axis] / 2.3548200450309493 / spacing_mm[axis];
    const int r = rgq_gauss_radius(sigma);
    rgq_gauss_taps(half, sigma);
    for (size_t v = 0; v < d->count; v++) {
        const int at = (int)(v / step[axis] % (size_t)n);
        double s = 0.0;
        for (int k = -r; k <= r; k++) {
            const int from = rgq_border_index(at + k, n, d->border);
            if (from >= 0)
                s += half[k < 0 ? -k : k] *
                     in[v + (size_t)from * step[axis] - (size_t)at * step[axis]];
        }
        out[v] = s;
    }
}

static inline double *direct_blur(const direct *d, const double *in)
{
    double *a = direct_array(d->count);
    double *b = direct_array(d->count);

    direct_blur_axis(d, a, in, 0);
    direct_blur_axis(d, b, a, 1);
    direct_blur_axis(d, a, b, 2);
    free(b);
    return a;
}

static inline double direct_dot(const direct *d, const double *a, const double *b)
{
    double s = 0.0;

    for (size_t v = 0; v < d->count; v++)
        s += a[v] * b[v];
    return s;
}

static inline double direct_sum(const direct *d, const double *a)
{
    double s = 0.0;

    for (size_t v = 0; v < d->count; v++)
        s += a[v];
    return s;
}

/* Gauss-Jordan with pivoting: `x` = a^-1 b, destroying both; n small. */
static inline void direct_solve(double *x, double *a, double *b, int n)
{
    for (int c = 0; c < n; c++) {
        int p = c;
        for (int r = c + 1; r < n; r++)
            if (fabs(a[r * n + c]) > fabs(a[p * n + c]))
                p = r;
        for (int k = 0; k < n; k++) {
            const double t = a[c * n + k];
            a[c * n + k] = a[p * n + k];
            a[p * n + k] = t;
        }
        const double t = b[c];
        b[c] = b[p];
        b[p] = t;
        for (int r = 0; r < n; r++) {
            const double f = r == c ? 0.0 : a[r * n + c] / a[c * n + c];
            for (int k = 0; k < n && r != c; k++)
                a[r * n + k] -= f * a[c * n + k];
            b[r] -= f * b[c];
        }
    }
    for (int c = 0; c < n; c++)
        x[c] = b[c] / a[c * n + c];
}

static inline double direct_mean(const direct *d, int part, const double *image)
{
    return direct_dot(d, d->mask[part], image) / direct_sum(d, d->mask[part]);
}

static inline void direct_gtm(const direct *d, const double *image, double *value)
{
    const int n = d->n_parts;
    double a[DIRECT_PARTS_MAX * DIRECT_PARTS_MAX];
    double t[DIRECT_PARTS_MAX];

    for (int i = 0; i < n; i++) {
        t[i] = direct_mean(d, i, image);
        for (int j = 0; j < n; j++)
            a[i * n + j] = direct_mean(d, i, d->blurred[j]);
    }
    direct_solve(value, a, t, n);
}

static inline void direct_labbe(const direct *d, const double *image, double *value)
{
    const int n = d->n_parts;
    double a[DIRECT_PARTS_MAX * DIRECT_PARTS_MAX];
    double b[DIRECT_PARTS_MAX];

    for (int i = 0; i < n; i++) {
        b[i] = direct_dot(d, d->blurred[i], image);
        for (int j = 0; j < n; j++)
            a[i * n + j] = direct_dot(d, d->blurred[i], d->blurred[j]);
    }
    direct_solve(value, a, b, n);
}

/* s = sum T_i m_i */
static inline double *direct_paint(const direct *d, const double *value)
{
    double *s = direct_array(d->count);

    for (int i = 0; i < d->n_parts; i++)
        for (size_t v = 0; v < d->count; v++)
            s[v] += value[i] * d->mask[i][v];
    return s;
}

/* f s / (h * s); f where the divisor is as good as 0. */
static inline double *direct_yang(const direct *d, const double *image, const double *value)
{
    double *s = direct_paint(d, value);
    double *h = direct_blur(d, s);
    double largest = 0.0;

    for (int i = 0; i < d->n_parts; i++)
        largest = fmax(largest, fabs(value[i]));
    for (size_t v = 0; v < d->count; v++)
        s[v] = fabs(h[v]) >= 1e-6 * largest ? image[v] * s[v] / h[v] : image[v];
    free(h);
    return s;
}

static inline void direct_blur_masks(direct *d)
{
    for (int i = 0; i < d->n_parts; i++) {
        free(d->blurred[i]);
        d->blurred[i] = direct_blur(d, d->mask[i]);
    }
}

static inline void direct_release(direct *d)
{
    for (int i = 0; i < d->n_parts; i++) {
        free(d->mask[i]);
        free(d->blurred[i]);
    }
    rgq_labels_free(d->labels);
    rgq_regions_free(d->regions);
    memset(d, 0, sizeof *d);
}

static inline void direct_grid(direct *d, const int n[3], const double spacing_mm[3])
{
    memset(d, 0, sizeof *d);
    d->grid = rgq_grid_make(n, spacing_mm, (const double[3]){0.0, 0.0, 0.0});
    memcpy(d->n, n, sizeof d->n);
    d->count = rgq_grid_count(&d->grid);
}

/* Balls of 3 to 6 voxels radius about places drawn at random; later ones lie over earlier ones;
 * a few reach the border. label of a ball: 1 + its number. */
static inline void direct_balls(direct *d, int n_balls, uint64_t seed)
{
    rgq_rng *rng = NULL;
    int32_t *label = calloc(d->count, sizeof *label);

    ck_assert_ptr_nonnull(label);
    MUST(rgq_rng_create(&rng, seed, err));
    for (int b = 0; b < n_balls; b++) {
        double c[3];
        for (int a = 0; a < 3; a++)
            c[a] = rgq_rng_uniform(rng) * d->n[a];
        const double r = 3.0 + 3.0 * rgq_rng_uniform(rng);
        for (size_t v = 0; v < d->count; v++) {
            const double x = (double)(v % (size_t)d->n[0]) - c[0];
            const double y = (double)(v / (size_t)d->n[0] % (size_t)d->n[1]) - c[1];
            const double z = (double)(v / ((size_t)d->n[0] * (size_t)d->n[1])) - c[2];
            if (x * x + y * y + z * z <= r * r)
                label[v] = b + 1;
        }
    }
    MUST(rgq_labels_create(&d->labels, &d->grid, label, err));
    d->n_parts = rgq_labels_count(d->labels) + 1;
    for (int i = 0; i < d->n_parts; i++) {
        d->mask[i] = direct_array(d->count);
        for (size_t v = 0; v < d->count; v++)
            d->mask[i][v] = rgq_labels_voxels(d->labels)[v] == i ? 1.0 : 0.0;
    }
    rgq_rng_free(rng);
    free(label);
}

/* The same regions as fractions: the whole masks blurred by one voxel. */
static inline void direct_fractions(direct *d)
{
    const double fwhm_mm[3] = {d->fwhm_mm[0], d->fwhm_mm[1], d->fwhm_mm[2]};
    float *weight = calloc(d->count, sizeof *weight);

    ck_assert_ptr_nonnull(weight);
    for (int a = 0; a < 3; a++)
        d->fwhm_mm[a] = 3.0;
    direct_blur_masks(d);
    memcpy(d->fwhm_mm, fwhm_mm, sizeof d->fwhm_mm);
    MUST(rgq_regions_create(&d->regions, &d->grid, err));
    for (size_t v = 0; v < d->count; v++)
        d->mask[0][v] = 1.0;
    for (int i = 1; i < d->n_parts; i++) {
        for (size_t v = 0; v < d->count; v++) {
            weight[v] = (float)(d->blurred[i][v] < 1e-3 ? 0.0 : d->blurred[i][v] * 0.999);
            d->mask[i][v] = (double)weight[v];
            d->mask[0][v] -= (double)weight[v];
        }
        MUST(rgq_regions_add(d->regions, NULL, i, weight, err));
    }
    rgq_labels_free(d->labels);
    d->labels = NULL;
    free(weight);
}

/* A volume of one frame from an image in double. */
static inline rgq_volume *direct_volume(const direct *d, const double *image)
{
    rgq_volume *volume = NULL;

    MUST(rgq_volume_create(&volume, &d->grid, 1, RGQ_UNIT_BQ_ML, err));
    for (size_t v = 0; v < d->count; v++)
        rgq_volume_data(volume, 0)[v] = (float)image[v];
    return volume;
}

static inline double direct_difference(const direct *d, const rgq_volume *volume,
                                       const double *image)
{
    double worst = 0.0;

    for (size_t v = 0; v < d->count; v++)
        worst = fmax(worst, fabs((double)rgq_volume_cdata(volume, 0)[v] - image[v]));
    return worst;
}

static inline rgq_pvc_opts direct_opts(const direct *d, rgq_pvc_method method)
{
    rgq_pvc_opts o = RGQ_PVC_OPTS_INIT;

    o.method = method;
    o.border = d->border;
    memcpy(o.psf.fwhm_mm, d->fwhm_mm, sizeof o.psf.fwhm_mm);
    return o;
}

/* Values 10, 1, 7, 3, ... of the parts; the background 2. */
static inline void direct_values(const direct *d, double *value)
{
    for (int i = 0; i < d->n_parts; i++)
        value[i] = i == 0 ? 2.0 : 1.0 + (double)(i * 7 % 10);
}

#endif
