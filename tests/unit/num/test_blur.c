#include "num/blur.h"

#include <math.h>
#include <string.h>

#include "num/border.h"
#include "num/denormal.h"
#include "num/kernel.h"
#include "num/rng.h"
#include "num/threads.h"
#include "rgq_check.h"

enum { COUNT_MAX = 64 * 1024, WEIGHTS_MAX = 32 * 1024 };

static float voxels[COUNT_MAX];
static float other[COUNT_MAX];
static float source[COUNT_MAX];
static double truth[COUNT_MAX];
static float weights[WEIGHTS_MAX];
static unsigned char seen[COUNT_MAX];

static size_t count_of(const int n[3])
{
    return (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
}

static void fill(float *to, size_t count, uint64_t seed)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, seed, err));
    for (size_t i = 0; i < count; i++)
        to[i] = (float)(2.0 * rgq_rng_uniform(rng) - 0.5);
    rgq_rng_free(rng);
}

static double difference(const float *a, const float *b, size_t count)
{
    double worst = 0.0;

    for (size_t i = 0; i < count; i++)
        worst = fmax(worst, fabs((double)a[i] - (double)b[i]));
    return worst;
}

static double difference_from_truth(const float *a, size_t count)
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
static int profile(double *half, kind k, int axis)
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
static rgq_kernel_image kernel_of(kind k)
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
static void define(const float *in, const int n[3], const rgq_kernel_image *h, rgq_border b,
                   bool turned)
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

static rgq_blur_spec spec_of(const int n[3], kind k, rgq_border border, rgq_conv_path path,
                             const rgq_kernel_image *image)
{
    rgq_blur_spec spec = {.n = {n[0], n[1], n[2]}, .border = border, .path = path};

    if (k == PRODUCT || k == CROOKED)
        spec.image = image;
    else
        memcpy(spec.sigma, sigmas, sizeof spec.sigma);
    spec.kernel = k == ITK ? RGQ_KERNEL_ITK : RGQ_KERNEL_EXACT;
    return spec;
}

/* ---- the definition ---- */

static const int shapes[][3] = {{1, 1, 1}, {2, 1, 3}, {7, 5, 1}, {19, 14, 11}, {24, 6, 9}};

static void check_definition(const int n[3], kind k, rgq_border border, rgq_conv_path path)
{
    const rgq_kernel_image image = kernel_of(k);
    const rgq_blur_spec spec = spec_of(n, k, border, path, &image);
    const size_t count = count_of(n);
    rgq_blur *blur = NULL;

    fill(source, count, 3);
    MUST(rgq_blur_create(&blur, &spec, err));
    ck_assert_int_eq(rgq_blur_report(blur)->path, path);
    define(source, n, &image, border, false);
    for (size_t i = 0; i < count; i++)
        voxels[i] = (float)NAN; /* what is there must not matter */
    MUST(rgq_blur_run(blur, voxels, source, NULL, err));
    /* 2e-6 of values up to 1.5 and weights that add up to 1 at most, in single precision; the
     * definition's own weights are rounded to it */
    ck_assert_double_le(difference_from_truth(voxels, count), 3e-6);
    memcpy(other, source, count * sizeof *other);
    MUST(rgq_blur_run(blur, other, other, NULL, err));
    ck_assert(memcmp(voxels, other, count * sizeof *other) == 0);
    MUST(rgq_blur_run(blur, other, source, NULL, err)); /* again: nothing was left behind */
    ck_assert(memcmp(voxels, other, count * sizeof *other) == 0);
    define(source, n, &image, border, true);
    MUST(rgq_blur_run_turned(blur, other, source, NULL, err));
    ck_assert_double_le(difference_from_truth(other, count), 3e-6);
    rgq_blur_free(blur);
}

START_TEST(every_kernel_border_and_path_is_the_definition)
{
    for (int s = 0; s < ROWS(shapes); s++)
        for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
            for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++)
                check_definition(shapes[s], (kind)_i, b, p);
}
END_TEST

START_TEST(paths_agree)
{
    const int n[3] = {31, 26, 22};
    const size_t count = count_of(n);
    const rgq_kernel_image image = kernel_of((kind)_i);
    rgq_blur *blur = NULL;
    double largest = 0.0;

    fill(source, count, 4);
    for (size_t i = 0; i < count; i++)
        largest = fmax(largest, fabs((double)source[i]));
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++) {
        rgq_blur_spec spec = spec_of(n, (kind)_i, b, RGQ_CONV_FIR, &image);
        MUST(rgq_blur_create(&blur, &spec, err));
        MUST(rgq_blur_run(blur, voxels, source, NULL, err));
        rgq_blur_free(blur);
        spec.path = RGQ_CONV_FFT;
        MUST(rgq_blur_create(&blur, &spec, err));
        MUST(rgq_blur_run(blur, other, source, NULL, err));
        rgq_blur_free(blur);
        /* asked for: 1e-5 of the maximum */
        ck_assert_double_le(difference(voxels, other, count), 2e-6 * largest);
    }
}
END_TEST

/* ---- width ---- */

/* Root of the second moment of the response to an impulse along an axis, over voxels that the
 * kernel reaches: rounding of a transform farther out would count with its distance. */
static double measured_sigma(const int n[3], const int radius[3], int axis)
{
    double sum = 0.0;
    double moment = 0.0;

    for (int z = 0; z < n[2]; z++)
        for (int y = 0; y < n[1]; y++)
            for (int x = 0; x < n[0]; x++) {
                const double at[3] = {(double)x, (double)y, (double)z};
                const double d = at[axis] - (double)(n[axis] / 2);
                const double v = (double)voxels[(z * n[1] + y) * n[0] + x];
                if (abs(x - n[0] / 2) > radius[0] || abs(y - n[1] / 2) > radius[1] ||
                    abs(z - n[2] / 2) > radius[2])
                    continue;
                sum += v;
                moment += d * d * v;
            }
    return sqrt(moment / sum);
}

static void blur_impulse(int radius[3], const int n[3], const double sigma[3],
                         rgq_kernel_kind kernel, rgq_conv_path path)
{
    const rgq_blur_spec spec = {.n = {n[0], n[1], n[2]},
                                .sigma = {sigma[0], sigma[1], sigma[2]},
                                .kernel = kernel,
                                .border = RGQ_BORDER_ZERO,
                                .path = path};
    rgq_blur *blur = NULL;

    memset(voxels, 0, sizeof voxels);
    voxels[(n[2] / 2 * n[1] + n[1] / 2) * n[0] + n[0] / 2] = 1.0F;
    MUST(rgq_blur_create(&blur, &spec, err));
    MUST(rgq_blur_run(blur, voxels, voxels, NULL, err));
    memcpy(radius, rgq_blur_report(blur)->radius, sizeof rgq_blur_report(blur)->radius);
    rgq_blur_free(blur);
}

START_TEST(width_is_what_was_asked_for)
{
    static const double wide[][3] = {{0.1, 0.2123, 0.3}, {0.5, 0.85, 1.274}, {2.0, 3.4, 4.2}};
    const int n[3] = {35, 37, 41};
    int radius[3];

    for (int w = 0; w < ROWS(wide); w++)
        for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
            blur_impulse(radius, n, wide[w], RGQ_KERNEL_EXACT, p);
            for (int i = 0; i < 3; i++) /* asked for: 0.1 % */
                ck_assert_double_le(fabs(measured_sigma(n, radius, i) / wide[w][i] - 1.0),
                                    2e-4);
        }
}
END_TEST

/* What PETPVC with ITK 5.2.1 was seen to do to an impulse: voxel and FWHM in mm, error of the
 * width in percent. */
static const struct {
    double voxel_mm, fwhm_mm, error;
} itk_widths[] = {{2.0, 6.0, -4.9}, {2.0, 8.0, -1.5}, {1.0, 6.0, -2.1}, {1.0, 16.0, -2.8}};

START_TEST(itk_kernel_is_too_narrow_by_known_amounts)
{
    const int n[3] = {39, 41, 37};
    int radius[3];

    for (int i = 0; i < ROWS(itk_widths); i++) {
        const double s = itk_widths[i].fwhm_mm / itk_widths[i].voxel_mm / 2.3548200450309493;
        const double sigma[3] = {s, s, s};
        blur_impulse(radius, n, sigma, RGQ_KERNEL_ITK, RGQ_CONV_FIR);
        for (int axis = 0; axis < 3; axis++) { /* figures are given to 0.1 % */
            const double error = 100.0 * (measured_sigma(n, radius, axis) / s - 1.0);
            ck_assert_double_le(fabs(error - itk_widths[i].error), 0.05);
        }
    }
}
END_TEST

START_TEST(report_says_what_is_used)
{
    const int n[3] = {20, 21, 22};
    const rgq_kernel_image image = kernel_of(PRODUCT);
    rgq_blur_spec spec = spec_of(n, ITK, RGQ_BORDER_ZERO, RGQ_CONV_AUTO, NULL);
    rgq_blur *blur = NULL;

    MUST(rgq_blur_create(&blur, &spec, err));
    ck_assert_int_eq(rgq_blur_report(blur)->path, RGQ_CONV_FIR);
    ck_assert_int_eq(rgq_blur_report(blur)->radius[0], 3);
    ck_assert_double_eq_tol(rgq_blur_report(blur)->sigma[0] / 1.274, 0.9509, 1e-4);
    rgq_blur_free(blur);
    spec = spec_of(n, PRODUCT, RGQ_BORDER_ZERO, RGQ_CONV_AUTO, &image);
    MUST(rgq_blur_create(&blur, &spec, err));
    ck_assert_int_eq(rgq_blur_report(blur)->radius[2], 2);
    /* second moment of 0.05 0.2 0.5 0.2 0.05 by hand: 0.8 */
    ck_assert_double_eq_tol(rgq_blur_report(blur)->sigma[0], sqrt(0.8), 1e-6);
    rgq_blur_free(blur);
}
END_TEST

/* ---- after ---- */

typedef struct watch {
    size_t count;
    bool overlap; /* written by several threads, always true */
} watch;

/* Counts visits, changes the voxels, adds to both sums. */
static void look(void *context, float *piece, size_t at, size_t count, double sum[2])
{
    watch *w = context;

    for (size_t i = 0; i < count; i++) {
        if (at + i >= w->count || seen[at + i]++ != 0)
            w->overlap = true;
        sum[0] += (double)piece[i];
        sum[1] += (double)piece[i] * (double)piece[i];
        piece[i] = 2.0F * piece[i] + 1.0F;
    }
}

static void run_watched(rgq_blur *blur, float *out, const int n[3], double sum[2])
{
    watch w = {count_of(n), false};
    rgq_blur_after after = {look, &w, {-1.0, -1.0}};

    memset(seen, 0, sizeof seen);
    MUST(rgq_blur_run(blur, out, source, &after, err));
    ck_assert(!w.overlap);
    for (size_t i = 0; i < w.count; i++)
        ck_assert(seen[i] == 1);
    memcpy(sum, after.sum, sizeof after.sum);
}

/* Whichever sweep is the last: x, y, z, none; bands and whole rows; both other engines. */
static const struct {
    int n[3];
    double sigma[3];
    kind k;
    rgq_conv_path path;
} watched[] = {
    {{31, 22, 19}, {1.3, 1.1, 0.9}, EXACT, RGQ_CONV_FIR},
    {{31, 22, 19}, {1.3, 1.1, 0.0}, EXACT, RGQ_CONV_FIR},
    {{31, 22, 4}, {1.3, 1.1, 0.0}, EXACT, RGQ_CONV_FIR},
    {{31, 22, 19}, {1.3, 0.0, 0.0}, EXACT, RGQ_CONV_FIR},
    {{31, 22, 19}, {0.0, 0.0, 0.0}, EXACT, RGQ_CONV_FIR},
    {{700, 30, 3}, {0.0, 5.0, 0.0}, EXACT, RGQ_CONV_FIR},
    {{120, 70, 7}, {0.4, 0.0, 3.0}, EXACT, RGQ_CONV_FIR},
    {{31, 22, 19}, {1.3, 1.1, 0.9}, EXACT, RGQ_CONV_FFT},
    {{31, 22, 19}, {0.0, 0.0, 0.0}, CROOKED, RGQ_CONV_FIR},
    {{31, 22, 19}, {0.0, 0.0, 0.0}, CROOKED, RGQ_CONV_FFT},
};

START_TEST(after_meets_each_voxel_once_and_adds_alike)
{
    const int *n = watched[_i].n;
    const size_t count = count_of(n);
    const rgq_kernel_image image = kernel_of(watched[_i].k);
    rgq_blur_spec spec =
        spec_of(n, watched[_i].k, RGQ_BORDER_REPLICATE, watched[_i].path, &image);
    double first[2];
    double sum[2];

    memcpy(spec.sigma, watched[_i].sigma, sizeof spec.sigma);
    fill(source, count, 8);
    for (int threads = 1; threads <= 3; threads++) {
        rgq_blur *blur = NULL;
        rgq_threads_set(threads);
        MUST(rgq_blur_create(&blur, &spec, err));
        MUST(rgq_blur_run(blur, voxels, source, NULL, err));
        run_watched(blur, other, n, threads == 1 ? first : sum);
        ck_assert(threads == 1 || memcmp(first, sum, sizeof sum) == 0);
        double plain = 0.0;
        for (size_t i = 0; i < count; i++) {
            plain += (double)voxels[i];
            voxels[i] = 2.0F * voxels[i] + 1.0F;
        }
        ck_assert(memcmp(voxels, other, count * sizeof *voxels) == 0);
        /* double sums in another order */
        ck_assert_double_le(fabs(first[0] - plain), 1e-12 * (double)count);
        rgq_blur_free(blur);
    }
}
END_TEST

START_TEST(threads_may_change_between_runs)
{
    const int n[3] = {25, 40, 18};
    const rgq_blur_spec spec = spec_of(n, EXACT, RGQ_BORDER_MIRROR, RGQ_CONV_FIR, NULL);
    rgq_blur *blur = NULL;
    double sum[3][2];

    fill(source, count_of(n), 9);
    rgq_threads_set(2);
    MUST(rgq_blur_create(&blur, &spec, err));
    for (int threads = 1; threads <= 3; threads++) {
        rgq_threads_set(threads);
        run_watched(blur, threads == 1 ? voxels : other, n, sum[threads - 1]);
        ck_assert(memcmp(sum[0], sum[threads - 1], sizeof sum[0]) == 0);
        if (threads > 1)
            ck_assert(memcmp(voxels, other, count_of(n) * sizeof *voxels) == 0);
    }
    rgq_blur_free(blur);
}
END_TEST

/* ---- boxes ---- */

static void copy_box(float *box, float *volume, const int n[3], const int lo[3],
                     const int box_n[3], bool into_volume)
{
    for (int z = 0; z < box_n[2]; z++)
        for (int y = 0; y < box_n[1]; y++) {
            float *row = volume + ((z + lo[2]) * n[1] + y + lo[1]) * n[0] + lo[0];
            const size_t bytes = (size_t)box_n[0] * sizeof *row;
            if (into_volume)
                memcpy(row, box, bytes);
            else
                memcpy(box, row, bytes);
            box += box_n[0];
        }
}

static const struct {
    int lo[3], n[3];
} boxes[] = {
    {{12, 10, 9}, {3, 2, 4}}, {{0, 0, 0}, {1, 1, 1}},    {{29, 24, 20}, {2, 2, 2}},
    {{0, 5, 0}, {31, 6, 22}}, {{3, 25, 0}, {4, 1, 2}},   {{14, 0, 19}, {2, 26, 3}},
    {{1, 1, 1}, {1, 1, 1}},   {{0, 0, 0}, {31, 26, 22}}, {{8, 20, 7}, {7, 2, 9}},
};

static void check_box(rgq_blur *blur, const int n[3], int i)
{
    static float box[COUNT_MAX];
    const size_t count = count_of(n);
    int lo[3];
    int box_n[3];

    memset(other, 0, sizeof other);
    fill(box, count_of(boxes[i].n), 20 + (uint64_t)i);
    copy_box(box, other, n, boxes[i].lo, boxes[i].n, true); /* zero outside the box */
    rgq_blur_reach(blur, boxes[i].lo, boxes[i].n, lo, box_n);
    copy_box(box, other, n, lo, box_n, false);
    MUST(rgq_blur_box(blur, box, lo, box_n, err));
    memset(source, 0, sizeof source);
    copy_box(box, source, n, lo, box_n, true); /* and nothing comes out beyond the reach */
    MUST(rgq_blur_run(blur, voxels, other, NULL, err));
    ck_assert_double_le(difference(voxels, source, count), 1.5e-6); /* values up to 1.5 */
}

START_TEST(a_box_is_as_good_as_the_volume)
{
    const int n[3] = {31, 26, 22};
    const rgq_kernel_image image = kernel_of((kind)_i);
    rgq_blur *blur = NULL;

    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++)
        for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
            const rgq_blur_spec spec = spec_of(n, (kind)_i, b, p, &image);
            MUST(rgq_blur_create(&blur, &spec, err));
            for (int i = 0; i < ROWS(boxes); i++)
                check_box(blur, n, i);
            rgq_blur_free(blur);
        }
}
END_TEST

/* Several threads, more than the blur was prepared for, each with boxes of its own. */
START_TEST(boxes_in_several_threads)
{
    enum { N = 24, SIDE = 12 };
    static float many[N][SIDE * SIDE * SIDE];
    static float one[N][SIDE * SIDE * SIDE];
    const int n[3] = {31, 26, 22};
    const int lo[3] = {5, 6, 7};
    const int box_n[3] = {SIDE, SIDE, SIDE};
    const rgq_kernel_image image = kernel_of((kind)_i);
    const rgq_blur_spec spec = spec_of(n, (kind)_i, RGQ_BORDER_MIRROR, RGQ_CONV_FIR, &image);
    rgq_blur *blur = NULL;
    int failed = 0;

    rgq_threads_set(2);
    MUST(rgq_blur_create(&blur, &spec, err));
    for (int i = 0; i < N; i++) {
        fill(many[i], SIDE * SIDE * SIDE, (uint64_t)i);
        memcpy(one[i], many[i], sizeof one[i]);
        MUST(rgq_blur_box(blur, one[i], lo, box_n, err));
    }
#pragma omp parallel for schedule(dynamic) num_threads(4) reduction(+ : failed)
    for (int i = 0; i < N; i++)
        failed += rgq_blur_box(blur, many[i], lo, box_n, NULL) != RGQ_OK;
    ck_assert_int_eq(failed, 0);
    ck_assert(memcmp(many, one, sizeof one) == 0);
    rgq_blur_free(blur);
}
END_TEST

/* ---- ones ---- */

START_TEST(ones_are_a_blur_of_ones)
{
    const int n[3] = {11, 4, 9};
    const size_t count = count_of(n);
    const rgq_kernel_image image = kernel_of((kind)_i);
    rgq_blur *blur = NULL;

    for (size_t i = 0; i < count; i++)
        source[i] = 1.0F;
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b++) {
        const rgq_blur_spec spec = spec_of(n, (kind)_i, b, RGQ_CONV_FIR, &image);
        MUST(rgq_blur_create(&blur, &spec, err));
        for (int turned = 0; turned < 2; turned++) {
            define(source, n, &image, b, turned == 1);
            for (size_t at = 0; at < count; at += 17) /* pieces that begin and end anywhere */
                rgq_blur_ones(blur, turned == 1, voxels + at, at,
                              count - at < 17 ? count - at : 17);
            ck_assert_double_le(difference_from_truth(voxels, count), 1e-6);
        }
        rgq_blur_free(blur);
    }
}
END_TEST

/* ---- subnormals, refusals, memory ---- */

START_TEST(subnormals_are_flushed_and_the_mode_is_put_back)
{
    const int n[3] = {16, 12, 10};
    const rgq_blur_spec spec = spec_of(n, EXACT, RGQ_BORDER_REPLICATE, RGQ_CONV_FIR, NULL);
    volatile float small = 1e-38F;
    rgq_blur *blur = NULL;

    MUST(rgq_blur_create(&blur, &spec, err));
    for (size_t i = 0; i < count_of(n); i++)
        source[i] = 1e-39F;
    MUST(rgq_blur_run(blur, voxels, source, NULL, err));
#if defined(__SSE2__)
    for (size_t i = 0; i < count_of(n); i++)
        ck_assert(voxels[i] == 0.0F);
    const unsigned before = rgq_denormal_flush();
    ck_assert(small * 0.01F == 0.0F);
    rgq_denormal_restore(before);
#endif
    ck_assert(small * 0.01F > 0.0F);
    rgq_blur_free(blur);
}
END_TEST

START_TEST(nonsense_is_refused)
{
    const int n[3] = {6, 5, 4};
    const int whole[3] = {6, 5, 4};
    const int lo[3] = {0, 1, 0};
    rgq_kernel_image image = kernel_of(CROOKED);
    rgq_blur_spec spec = spec_of(n, CROOKED, RGQ_BORDER_ZERO, RGQ_CONV_AUTO, &image);
    rgq_blur *blur = NULL;

    image.n[1] = 4;
    REFUSED(rgq_blur_create(&blur, &spec, err), RGQ_E_ARGUMENT, "5 x 4 x 7 voxels");
    image.n[1] = 3;
    weights[8] = (float)NAN;
    REFUSED(rgq_blur_create(&blur, &spec, err), RGQ_E_ARGUMENT, "weight 8");
    ck_assert_ptr_null(blur);
    weights[8] = 0.1F;
    spec.kernel = (rgq_kernel_kind)2;
    REFUSED(rgq_blur_create(&blur, &spec, err), RGQ_E_ARGUMENT, "kernel 2");
    spec.kernel = RGQ_KERNEL_EXACT;
    spec.n[2] = 0;
    REFUSED(rgq_blur_create(&blur, &spec, err), RGQ_E_ARGUMENT, "0 voxels along axis 2");
    spec.n[2] = 4;
    MUST(rgq_blur_create(&blur, &spec, err));
    fill(voxels, 120, 1);
    fill(other, 120, 1);
    REFUSED(rgq_blur_box(blur, voxels, lo, whole, err), RGQ_E_ARGUMENT, "axis 1, which has 5");
    ck_assert(memcmp(voxels, other, 120 * sizeof *voxels) == 0);
    rgq_blur_free(blur);
}
END_TEST

static rgq_status make_and_run(rgq_blur **blur, const rgq_blur_spec *spec, rgq_error *err)
{
    const rgq_status st = rgq_blur_create(blur, spec, err);

    return st == RGQ_OK ? rgq_blur_run(*blur, voxels, source, NULL, err) : st;
}

START_TEST(failed_allocations_are_reported)
{
    const int n[3] = {8, 9, 10};
    const rgq_kernel_image image = kernel_of((kind)_i);
    rgq_blur *blur = NULL;

    for (rgq_conv_path p = RGQ_CONV_FIR; p <= RGQ_CONV_FFT; p++) {
        const rgq_blur_spec spec = spec_of(n, (kind)_i, RGQ_BORDER_ZERO, p, &image);
        TORTURE(
            make_and_run(&blur, &spec, err),
            {
                rgq_blur_free(blur);
                blur = NULL;
            },
            12);
    }
}
END_TEST

/* A box must not allocate: it runs inside parallel regions of others. */
START_TEST(a_run_allocates_nothing)
{
    const int n[3] = {20, 18, 16};
    const int lo[3] = {2, 3, 4};
    const int box_n[3] = {9, 8, 7};
    const rgq_kernel_image image = kernel_of((kind)_i);
    const rgq_blur_spec spec = spec_of(n, (kind)_i, RGQ_BORDER_PERIODIC, RGQ_CONV_FIR, &image);
    rgq_blur *blur = NULL;

    MUST(rgq_blur_create(&blur, &spec, err));
    rgq_alloc_fail_after(0);
    const rgq_status run = rgq_blur_run(blur, voxels, source, NULL, NULL);
    const rgq_status box = rgq_blur_box(blur, voxels, lo, box_n, NULL);
    rgq_alloc_fail_after(-1);
    ck_assert_int_eq(run, RGQ_OK);
    ck_assert_int_eq(box, RGQ_OK);
    rgq_blur_free(blur);
}
END_TEST

RGQ_CHECK_MAIN("blur", tcase_add_loop_test(tc, every_kernel_border_and_path_is_the_definition,
                                           0, N_KINDS);
               tcase_add_loop_test(tc, paths_agree, 0, N_KINDS);
               tcase_add_test(tc, width_is_what_was_asked_for);
               tcase_add_test(tc, itk_kernel_is_too_narrow_by_known_amounts);
               tcase_add_test(tc, report_says_what_is_used);
               tcase_add_loop_test(tc, after_meets_each_voxel_once_and_adds_alike, 0,
                                   ROWS(watched));
               tcase_add_test(tc, threads_may_change_between_runs);
               tcase_add_loop_test(tc, a_box_is_as_good_as_the_volume, 0, N_KINDS);
               tcase_add_loop_test(tc, boxes_in_several_threads, 0, N_KINDS);
               tcase_add_loop_test(tc, ones_are_a_blur_of_ones, 0, N_KINDS);
               tcase_add_test(tc, subnormals_are_flushed_and_the_mode_is_put_back);
               tcase_add_test(tc, nonsense_is_refused);
               tcase_add_loop_test(tc, failed_allocations_are_reported, 0, N_KINDS);
               tcase_add_loop_test(tc, a_run_allocates_nothing, 0, N_KINDS))
