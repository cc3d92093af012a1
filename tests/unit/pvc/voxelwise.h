/* Scans, images and comparisons that the tests of the voxelwise methods share. */
#ifndef RGQ_TEST_PVC_VOXELWISE_H
#define RGQ_TEST_PVC_VOXELWISE_H

#include "direct.h"
#include "num/threads.h"

static const rgq_border borders[] = {RGQ_BORDER_ZERO, RGQ_BORDER_REPLICATE, RGQ_BORDER_MIRROR,
                                     RGQ_BORDER_PERIODIC};

/* 70 x 15 x 36 voxels: two tiles along x and z. */
static inline direct scan(int n_balls, rgq_border border)
{
    direct d;

    direct_grid(&d, (const int[3]){70, 15, 36}, (const double[3]){2.0, 2.5, 3.0});
    memcpy(d.fwhm_mm, (const double[3]){6.0, 7.0, 5.0}, sizeof d.fwhm_mm);
    d.border = border;
    direct_balls(&d, n_balls, 3);
    return d;
}

/* Uniform regions, blurred. */
static inline double *blurred_truth(const direct *d)
{
    double value[DIRECT_PARTS_MAX];

    direct_values(d, value);
    double *s = direct_paint(d, value);
    double *f = direct_blur(d, s);
    free(s);
    return f;
}

/* An image that is no sum of regions, so that misfits show; from `least` on. */
static inline double *image_of(const direct *d, double least)
{
    double *f = blurred_truth(d);
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 11, err));
    for (size_t v = 0; v < d->count; v++)
        f[v] = (double)(float)(f[v] + rgq_rng_uniform(rng) + least);
    rgq_rng_free(rng);
    return f;
}

/* A kernel that does not separate and is not symmetric, in the voxels of scan(). */
static const float skew_weight[9] = {0.0F, 0.05F, 0.0F, 0.1F, 0.3F, 0.3F, 0.0F, 0.1F, 0.15F};

static inline rgq_volume *skew_kernel(void)
{
    rgq_volume *kernel = NULL;
    const rgq_grid grid =
        rgq_grid_make((const int[3]){3, 3, 1}, (const double[3]){2.0, 2.5, 3.0},
                      (const double[3]){0.0, 0.0, 0.0});

    MUST(rgq_volume_create(&kernel, &grid, 1, RGQ_UNIT_BQ_ML, err));
    memcpy(rgq_volume_data(kernel, 0), skew_weight, sizeof skew_weight);
    return kernel;
}

/* Its convolution, sum over k of h(k) s(v - k), for a scan with a periodic border. */
static inline double *skew_blur(const direct *d, const double *s)
{
    double *f = direct_array(d->count);
    const int n_x = d->n[0];
    const int n_y = d->n[1];

    for (size_t v = 0; v < d->count; v++)
        for (int k = 0; k < 9; k++) {
            const int x = ((int)(v % (size_t)n_x) - (k % 3 - 1) + n_x) % n_x;
            const int y = ((int)(v / (size_t)n_x % (size_t)n_y) - (k / 3 - 1) + n_y) % n_y;
            const size_t slice = v / (size_t)(n_x * n_y);
            f[v] += (double)skew_weight[k] *
                    s[(slice * (size_t)n_y + (size_t)y) * (size_t)n_x + (size_t)x];
        }
    return f;
}

static inline double total_of(const rgq_volume *volume)
{
    double s = 0.0;

    for (size_t v = 0; v < rgq_volume_count(volume); v++)
        s += (double)rgq_volume_cdata(volume, 0)[v];
    return s;
}

/* The bits of image and report for one, two and three threads. */
static inline void same_bits(const direct *d, const rgq_pvc_opts *o, const double *f)
{
    rgq_volume *first = NULL;
    rgq_pvc_report first_report = {0};

    for (int threads = 1; threads <= 3; threads++) {
        rgq_volume *volume = direct_volume(d, f);
        rgq_pvc_report report = {0};
        rgq_threads_set(threads);
        MUST(rgq_pvc(volume, d->labels, d->regions, o, &report, NULL, err));
        if (first == NULL) {
            first = volume;
            first_report = report;
            continue;
        }
        ck_assert_mem_eq(rgq_volume_cdata(volume, 0), rgq_volume_cdata(first, 0),
                         d->count * sizeof(float));
        ck_assert_int_eq(report.n_steps, first_report.n_steps);
        for (int i = 0; i < report.n_steps; i++) {
            ck_assert(memcmp(&report.step[i].fit, &first_report.step[i].fit, sizeof(double)) ==
                      0);
            ck_assert(memcmp(&report.step[i].change, &first_report.step[i].change,
                             sizeof(double)) == 0);
        }
        ck_assert_int_eq(report.n_guarded, first_report.n_guarded);
        rgq_pvc_report_release(&report);
        rgq_volume_free(volume);
    }
    rgq_pvc_report_release(&first_report);
    rgq_volume_free(first);
}

#endif
