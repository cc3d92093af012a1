#include <math.h>
#include <string.h>

#include "kernels.h"
#include "num/threads.h"
#include "rgq_check.h"

/* ---- after ---- */

static unsigned char seen[COUNT_MAX];

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
    rgq_blur_after after = {look, &w, {-1.0, -1.0}, {source, NULL}};

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

static rgq_status box_of_ones(const rgq_blur *blur)
{
    const int lo[3] = {0, 0, 0};
    const int box_n[3] = {31, 26, 22};

    for (size_t i = 0; i < count_of(box_n); i++)
        voxels[i] = 1.0F;
    const rgq_status st = rgq_blur_box(blur, voxels, lo, box_n, NULL);
    ck_assert(st == RGQ_OK || voxels[0] == 1.0F);
    return st;
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

/* So many weights that a box is transformed, in several threads too. */
START_TEST(boxes_of_wide_kernels)
{
    const int n[3] = {31, 26, 22};
    const rgq_kernel_image image = {{25, 21, 19}, weights};
    rgq_blur *blur = NULL;

    fill(weights, count_of(image.n), 78);
    for (size_t i = 0; i < count_of(image.n); i++)
        weights[i] *= 2e-4F; /* they add up to 1 */
    for (rgq_border b = RGQ_BORDER_ZERO; b <= RGQ_BORDER_PERIODIC; b += 3) {
        const rgq_blur_spec spec = spec_of(n, CROOKED, b, RGQ_CONV_FIR, &image);
        MUST(rgq_blur_create(&blur, &spec, err));
        for (int i = 0; i < ROWS(boxes); i += 3)
            check_box(blur, n, i);
        TORTURE(box_of_ones(blur), (void)0, 3);
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

RGQ_CHECK_MAIN("blur_parts", tcase_add_loop_test(tc, after_meets_each_voxel_once_and_adds_alike,
                                                 0, ROWS(watched));
               tcase_add_test(tc, threads_may_change_between_runs);
               tcase_add_loop_test(tc, a_box_is_as_good_as_the_volume, 0, N_KINDS);
               tcase_add_test(tc, boxes_of_wide_kernels);
               tcase_add_loop_test(tc, boxes_in_several_threads, 0, N_KINDS))
