#include "direct.h"
#include "num/threads.h"
#include "pvc/parts.h"

static direct scan(void)
{
    direct d;

    direct_grid(&d, (const int[3]){37, 20, 11}, (const double[3]){2.0, 2.0, 3.0});
    for (int a = 0; a < 3; a++)
        d.fwhm_mm[a] = 6.0;
    direct_balls(&d, 7, 4);
    return d;
}

static float *noise(size_t count, uint64_t seed)
{
    rgq_rng *rng = NULL;
    float *v = calloc(count, sizeof *v);

    ck_assert_ptr_nonnull(v);
    MUST(rgq_rng_create(&rng, seed, err));
    for (size_t i = 0; i < count; i++)
        v[i] = (float)(rgq_rng_uniform(rng) - 0.3);
    rgq_rng_free(rng);
    return v;
}

/* Everything against full masks; _i 1: fractions. */
START_TEST(parts_are_their_masks)
{
    direct d = scan();
    rgq_parts *p = NULL;
    double sum[DIRECT_PARTS_MAX];
    double value[DIRECT_PARTS_MAX];

    if (_i == 1)
        direct_fractions(&d);
    float *image = noise(d.count, 9);
    float *painted = calloc(d.count, sizeof *painted);
    ck_assert_ptr_nonnull(painted);
    MUST(rgq_parts_create(&p, d.labels, d.regions, err));
    ck_assert_int_eq(rgq_parts_count(p), d.n_parts);
    ck_assert_int_eq(rgq_parts_voxels(p) != NULL, _i == 0);
    ck_assert_str_eq(rgq_parts_name(p, 0), "background");
    ck_assert_int_eq(rgq_parts_label(p, 0), 0);
    ck_assert_int_eq(rgq_parts_find(p, "background"), 0);
    ck_assert_int_eq(rgq_parts_find(p, rgq_parts_name(p, 2)), 2);
    ck_assert_int_eq(rgq_parts_find(p, "nowhere"), -1);

    direct_values(&d, value);
    MUST(rgq_parts_sums(p, image, sum, err));
    for (int i = 0; i < d.n_parts; i++) {
        double want = 0.0;
        for (size_t v = 0; v < d.count; v++)
            want += d.mask[i][v] * (double)image[v];
        ck_assert_double_eq_tol(sum[i], want, 2e-4); /* weights are floats: 1e-7 of 8000 */
        /* 1 - sum of floats may be off by a rounding in each voxel */
        ck_assert_double_eq_tol(rgq_parts_weight(p, i), direct_sum(&d, d.mask[i]), 1e-2);
    }
    MUST(rgq_parts_squares(p, image, sum, err));
    for (int i = 0; i < d.n_parts; i++) {
        double want = 0.0;
        for (size_t v = 0; v < d.count; v++)
            want += d.mask[i][v] * (double)image[v] * (double)image[v];
        ck_assert_double_eq_tol(sum[i], want, 2e-4);
    }
    rgq_parts_paint(p, value, painted);
    double *want = direct_paint(&d, value);
    for (size_t v = 0; v < d.count; v++)
        ck_assert_double_eq_tol((double)painted[v], want[v], 1e-5); /* floats of 10 */
    free(want);
    free(image);
    free(painted);
    rgq_parts_free(p);
    direct_release(&d);
}
END_TEST

START_TEST(boxes)
{
    static const int lo[3] = {5, 3, 2};
    static const int n[3] = {20, 13, 6};
    direct d = scan();
    rgq_parts *p = NULL;
    double sum[DIRECT_PARTS_MAX];

    if (_i == 1)
        direct_fractions(&d);
    const size_t count = (size_t)n[0] * (size_t)n[1] * (size_t)n[2];
    float *box = noise(count, 3);
    float *weight = calloc(count, sizeof *weight);
    ck_assert_ptr_nonnull(weight);
    MUST(rgq_parts_create(&p, d.labels, d.regions, err));
    MUST(rgq_parts_sums_box(p, box, lo, n, sum, err));
    for (int i = 0; i < d.n_parts; i++) {
        double want = 0.0;
        int from[3];
        int size[3];
        rgq_parts_fill(p, i, lo, n, weight);
        rgq_parts_box(p, i, from, size);
        for (size_t v = 0; v < count; v++) {
            const int x = lo[0] + (int)(v % (size_t)n[0]);
            const int y = lo[1] + (int)(v / (size_t)n[0] % (size_t)n[1]);
            const int z = lo[2] + (int)(v / (size_t)n[0] / (size_t)n[1]);
            const double mask =
                d.mask[i]
                      [((size_t)z * (size_t)d.n[1] + (size_t)y) * (size_t)d.n[0] + (size_t)x];
            ck_assert_double_eq_tol((double)weight[v], mask, 1e-5);
            want += mask * (double)box[v];
            if (mask > 1e-4) {
                ck_assert(x >= from[0] && x < from[0] + size[0]);
                ck_assert(z >= from[2] && z < from[2] + size[2]);
            }
        }
        ck_assert_double_eq_tol(sum[i], want, 1e-4);
    }
    free(box);
    free(weight);
    rgq_parts_free(p);
    direct_release(&d);
}
END_TEST

START_TEST(sums_are_the_same_for_any_threads)
{
    direct d = scan();
    rgq_parts *p = NULL;
    double first[DIRECT_PARTS_MAX];
    double sum[DIRECT_PARTS_MAX];

    if (_i == 1)
        direct_fractions(&d);
    float *image = noise(d.count, 9);
    MUST(rgq_parts_create(&p, d.labels, d.regions, err));
    for (int threads = 1; threads <= 3; threads++) {
        rgq_threads_set(threads);
        MUST(rgq_parts_sums(p, image, threads == 1 ? first : sum, err));
        if (threads > 1)
            ck_assert_mem_eq(first, sum, (size_t)d.n_parts * sizeof *sum);
    }
    free(image);
    rgq_parts_free(p);
    direct_release(&d);
}
END_TEST

/* Two masks of one voxel each that together exceed it. */
static rgq_regions *overlapping(const rgq_grid *grid, float weight)
{
    rgq_regions *r = NULL;
    static const int lo[3] = {1, 2, 0};
    static const int n[3] = {1, 1, 1};

    MUST(rgq_regions_create(&r, grid, err));
    MUST(rgq_regions_add_box(r, "a", 1, lo, n, &(const float){0.6F}, err));
    MUST(rgq_regions_add_box(r, "b", 2, lo, n, &weight, err));
    return r;
}

START_TEST(refusals)
{
    direct d;
    rgq_parts *p = NULL;
    rgq_labels *none = NULL;

    direct_grid(&d, (const int[3]){4, 4, 2}, (const double[3]){2.0, 2.0, 2.0});
    int32_t *zero = calloc(d.count, sizeof *zero);
    ck_assert_ptr_nonnull(zero);
    MUST(rgq_labels_create(&none, &d.grid, zero, err));
    REFUSED(rgq_parts_create(&p, none, NULL, err), RGQ_E_ARGUMENT, "no region");
    rgq_regions *r = overlapping(&d.grid, 0.41F);
    REFUSED(rgq_parts_create(&p, NULL, r, err), RGQ_E_ARGUMENT, "1.01 in voxel 1, 2, 0");
    ck_assert_ptr_null(p);
    rgq_regions_free(r);
    r = overlapping(&d.grid, 0.4005F); /* within what masks of 8 or 16 bits add up to */
    MUST(rgq_parts_create(&p, NULL, r, err));
    ck_assert_double_eq_tol(rgq_parts_weight(p, 0), (double)d.count - 1.0, 1e-6);
    rgq_parts_free(p);
    const float nothing = 0.0F;
    MUST(rgq_regions_add_box(r, "empty one", 3, (const int[3]){0, 0, 0},
                             (const int[3]){1, 1, 1}, &nothing, err));
    REFUSED(rgq_parts_create(&p, NULL, r, err), RGQ_E_ARGUMENT, "'empty one' has no voxel");
    rgq_regions_free(r);
    rgq_labels_free(none);
    free(zero);
}
END_TEST

START_TEST(torture)
{
    direct d = scan();
    rgq_parts *p = NULL;

    TORTURE(rgq_parts_create(&p, d.labels, NULL, err), rgq_parts_free(p), 1);
    direct_fractions(&d);
    TORTURE(rgq_parts_create(&p, NULL, d.regions, err), rgq_parts_free(p), 2);
    direct_release(&d);
}
END_TEST

RGQ_CHECK_MAIN("pvc parts", tcase_add_loop_test(tc, parts_are_their_masks, 0, 2);
               tcase_add_loop_test(tc, boxes, 0, 2);
               tcase_add_loop_test(tc, sums_are_the_same_for_any_threads, 0, 2);
               tcase_add_test(tc, refusals); tcase_add_test(tc, torture))
