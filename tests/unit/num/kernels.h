/* Kernels of every kind, and the definition of a convolution, for the tests of the blur. */
#ifndef RGQ_TEST_KERNELS_H
#define RGQ_TEST_KERNELS_H

#include <math.h>
#include <string.h>

#include "num/blur.h"
#include "num/border.h"
#include "num/kernel.h"
#include "num/rng.h"
#include "rgq_check.h"

enum { COUNT_MAX = 64 * 1024, WEIGHTS_MAX = 32 * 1024 };

static float voxels[COUNT_MAX];
static float other[COUNT_MAX];
static float source[COUNT_MAX];
static double truth[COUNT_MAX];
static float weights[WEIGHTS_MAX];

static inline size_t count_of(const int n[3])
{
    return (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
}

static inline void fill(float *to, size_t count, uint64_t seed)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, seed, err));
    for (size_t i = 0; i < count; i++)
        to[i] = (float)(2.0 * rgq_rng_uniform(rng) - 0.5);
    rgq_rng_free(rng);
}

static inline double difference(const float *a, const float *b, size_t count)
{
    double worst = 0.0;

    for (size_t i = 0; i < count; i++)
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
    return worst;
}

static inline double difference_from_truth(const float *a, size_t count)
{
    double worst = 0.0;

    for (size_t i = 0; i < count; i++)
        worst = fmax(worst, fabs((double)a[i] - truth[i]));
    return worst;
}

/* ---- kernels ---- */

typedef enum kind { EXACT, ITK, PRODUCT, CROOKED, N_KINDS } kind;

static const double sigmas[3] = {1.274, 0.7, 0.9};

/* half[|k|] of the Gaussians, or a profile that is none. */
static inline int profile(double *half, kind k, int axis)
{
    static const double table[3][3] = {{0.5, 0.2, 0.05}, {0.6, 0.1, 0.1}, {0.4, 0.3, 0.0}};

    switch (k) {
    case EXACT:
        rgq_gauss_taps(half, sigmas[axis]);
        return rgq_gauss_radius(sigmas[axis]);
    case ITK:
        return rgq_itk_taps(half, sigmas[axis]);
    case PRODUCT:
    case CROOKED:
    case N_KINDS:
    default:
        memcpy(half, table[axis], sizeof table[axis]);
        return 2;
    }
}

/* The kernel in full, in `weights`. The crooked one has no symmetry, zeros, and its centre of
 * weight beside its middle. */
static inline rgq_kernel_image kernel_of(kind k)
{
    double half[3][RGQ_ITK_RADIUS_MAX + 1];
    rgq_kernel_image image = {{5, 3, 7}, weights};
    int r[3] = {2, 1, 3};

    if (k == CROOKED) {
        fill(weights, count_of(image.n), 77);
        for (size_t i = 0; i < count_of(image.n); i++)
            weights[i] = i % 3 == 0 ? 0.0F : weights[i] / 20.0F;
        return image;
    }
    for (int i = 0; i < 3; i++) {
        r[i] = profile(half[i], k, i);
        image.n[i] = 2 * r[i] + 1;
    }
    float *to = weights;
    for (int z = -r[2]; z <= r[2]; z++)
        for (int y = -r[1]; y <= r[1]; y++)
            for (int x = -r[0]; x <= r[0]; x++)
                *to++ = (float)(half[0][abs(x)] * half[1][abs(y)] * half[2][abs(z)]);
    return image;
}

/* out(x) = sum over d of weight(d) in(x - d), `turned`: in(x + d); one voxel at a time. */
static inline void define(const float *in, const int n[3], const rgq_kernel_image *h,
                          rgq_border b, bool turned)
{
    const int sign = turned ? 1 : -1;
    double *out = truth;

    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++) {
                const float *w = h->weight;
                double sum = 0.0;
                for (int k = -(h->n[2] / 2); k <= h->n[2] / 2; k++)
                    for (int j = -(h->n[1] / 2); j <= h->n[1] / 2; j++)
                        for (int i = -(h->n[0] / 2); i <= h->n[0] / 2; i++) {
                            const int fx = rgq_border_index(x + sign * i, n[0], b);
                            const int fy = rgq_border_index(y + sign * j, n[1], b);
                            const int fz = rgq_border_index(z + sign * k, n[2], b);
                            const double weight = (double)*w++;
                            if (fx >= 0 && fy >= 0 && fz >= 0)
                                sum += weight * (double)in[(fz * n[1] + fy) * n[0] + fx];
                        }
                *out++ = sum;
            }
}

static inline rgq_blur_spec spec_of(const int n[3], kind k, rgq_border border,
                                    rgq_conv_path path, const rgq_kernel_image *image)
{
    rgq_blur_spec spec = {.n = {n[0], n[1], n[2]}, .border = border, .path = path};

    if (k == PRODUCT || k == CROOKED)
        spec.image = image;
    else
        memcpy(spec.sigma, sigmas, sizeof spec.sigma);
    spec.kernel = k == ITK ? RGQ_KERNEL_ITK : RGQ_KERNEL_EXACT;
    return spec;
}

#endif
