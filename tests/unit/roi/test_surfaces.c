/* Watershed and walker against definitions, what is done to a segment afterwards, where it may
 * lie, and the same bits for any number of threads. */
#include "num/threads.h"
#include "roi/segment_method.h"
#include "roi/walker.h"
#include "scene.h"

/* gradient and walker on a noisy blurred ball: the volume within the voxels of a third of a
 * layer; given markers are obeyed. */
START_TEST(surfaces_are_found)
{
    static const char *const spec[] = {"gradient", "walker"};
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report;
    rgq_segment_opts opts = with_seed(40, 40, 40);

    add_ball(volume, middle_mm, 12.0, 5.0);
    add_noise(volume, 0.2, 7);
    opts.psf_mm = 6.0;
    MUST(rgq_segment(&regions, volume, spec[_i], &opts, &report, NULL, err));
    const double want = 4.0 / 3.0 * 3.14159265358979 * 12.0 * 12.0 * 12.0 / 8.0;
    const double layer = 4.0 * 3.14159265358979 * 12.0 * 12.0 / 4.0;
    ck_assert_double_eq_tol(voxels(rgq_regions_at(regions, 0)), want, layer / 3.0);
    ck_assert(isnan(report.threshold));
    if (_i == 1)
        ck_assert(report.residual <= 1e-4 && report.rounds > 0);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(given_markers_are_obeyed)
{
    static const char *const spec[] = {"gradient", "walker"};
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_regions *inside = NULL;
    rgq_regions *outside = NULL;
    rgq_segment_opts opts = with_seed(40, 40, 40);
    uint8_t *mask = NULL;

    add_ball(volume, middle_mm, 12.0, 5.0);
    MUST(rgq_alloc(&mask, COUNT, 1, err));
    MUST(rgq_regions_create(&inside, rgq_volume_grid(volume), err));
    MUST(rgq_regions_create(&outside, rgq_volume_grid(volume), err));
    for (int i = 0; i < COUNT; i++)
        mask[i] = distance_mm(i, middle_mm) < 4.0;
    MUST(rgq_regions_add_mask(inside, "in", 1, mask, err));
    for (int i = 0; i < COUNT; i++)
        mask[i] = i % N < 17 || distance_mm(i, middle_mm) > 20.0;
    MUST(rgq_regions_add_mask(outside, "out", 1, mask, err));
    opts.inside = inside;
    opts.outside = outside;
    MUST(rgq_segment(&regions, volume, spec[_i], &opts, NULL, NULL, err));
    const rgq_region *found = rgq_regions_at(regions, 0);
    for (int i = 0; i < COUNT; i++) {
        if (distance_mm(i, middle_mm) < 4.0)
            ck_assert(is_in(found, i));
        if (mask[i] != 0)
            ck_assert(!is_in(found, i));
    }
    rgq_regions_free(regions);
    rgq_regions_free(inside);
    rgq_regions_free(outside);
    rgq_free(mask);
    rgq_volume_free(volume);
}
END_TEST

/* The walker's probabilities against sweeps over the definition until nothing moves. */
START_TEST(walker_agrees_with_relaxation)
{
    enum { S = 7, V = S * S * S };
    static double want[V];
    float got[V];
    float values[V];
    uint8_t label[V] = {0};
    const rgq_walk walk = {.n = {S, S, S},
                           .spacing_mm = {2.0, 3.0, 4.0},
                           .beta = 20.0,
                           .scale = 2.0,
                           .prior = 0.05,
                           .cold = 1.0,
                           .hot = 3.0,
                           .relative = 1e-5};
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, 3, err));
    for (int i = 0; i < V; i++)
        values[i] = (float)(0.5 + 3.0 * rgq_rng_uniform(rng));
    rgq_rng_free(rng);
    label[V / 2] = RGQ_MARK_INSIDE;
    label[0] = label[V - 1] = RGQ_MARK_OUTSIDE;
    MUST(rgq_walk_solve(got, values, label, &walk, NULL, err));
    for (int i = 0; i < V; i++)
        want[i] = label[i] == RGQ_MARK_INSIDE;
    for (int sweep = 0; sweep < 5000; sweep++)
        for (int i = 0; i < V; i++) {
            const int at[3] = {i % S, i / S % S, i / (S * S)};
            const int stride[3] = {1, S, S * S};
            double sum = 0.0;
            double weight = walk.prior;
            if (label[i] != RGQ_MARK_NONE)
                continue;
            sum = walk.prior * fmin(fmax(((double)values[i] - 1.0) / 2.0, 0.0), 1.0);
            for (int s = 0; s < 6; s++) {
                const int a = s / 2;
                if (s % 2 == 0 ? at[a] == 0 : at[a] == S - 1)
                    continue;
                const int j = s % 2 == 0 ? i - stride[a] : i + stride[a];
                const double d = ((double)values[i] - (double)values[j]) / 2.0;
                const double near = walk.spacing_mm[0] / walk.spacing_mm[a];
                const double w = near * near * fmax(exp(-20.0 * d * d), 1e-6);
                sum += w * want[j];
                weight += w;
            }
            want[i] = sum / weight;
        }
    for (int i = 0; i < V; i++) /* a residual of 1e-5, and anchors of 0.05 at least */
        ck_assert_double_eq_tol((double)got[i], want[i], 1e-3);
}
END_TEST

/* Two balls that touch are one component, and two lesions when parted. */
START_TEST(touching_lesions_are_parted)
{
    rgq_volume *volume = scene(0.5f);
    rgq_regions *regions = NULL;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    add_ball(volume, (const double[3]){28, 40, 40}, 10.0, 6.0);
    add_ball(volume, (const double[3]){50, 40, 40}, 9.0, 5.0);
    opts.components = true;
    MUST(rgq_segment(&regions, volume, "fixed:2.5", &opts, NULL, NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 1);
    const int whole = voxels(rgq_regions_at(regions, 0));
    rgq_regions_free(regions);
    opts.split_depth = 0.2;
    MUST(rgq_segment(&regions, volume, "fixed:2.5", &opts, NULL, NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 2);
    const rgq_region *a = rgq_regions_at(regions, 0);
    const rgq_region *b = rgq_regions_at(regions, 1);
    ck_assert_int_eq(voxels(a) + voxels(b), whole);
    ck_assert(is_in(a, (20 * N + 20) * N + 14) && is_in(b, (20 * N + 20) * N + 25));
    rgq_regions_free(regions);
    opts = with_seed(50, 40, 40); /* the seed keeps its own */
    opts.split_depth = 0.2;
    MUST(rgq_segment(&regions, volume, "fixed:2.5", &opts, NULL, NULL, err));
    ck_assert(is_in(rgq_regions_at(regions, 0), (20 * N + 20) * N + 25));
    ck_assert(!is_in(rgq_regions_at(regions, 0), (20 * N + 20) * N + 14));
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(box_and_exclusion_limit_the_search)
{
    rgq_volume *volume = scene(3.0f);
    rgq_regions *regions = NULL;
    rgq_regions *organs = NULL;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;
    uint8_t *mask = NULL;

    opts.has_box = true; /* corners in any order; its faces belong to it */
    memcpy(opts.box_mm, (const double[6]){30, 20, 20, 20, 26, 21.9}, sizeof opts.box_mm);
    MUST(rgq_segment(&regions, volume, "fixed:1", &opts, NULL, NULL, err));
    ck_assert_int_eq(voxels(rgq_regions_at(regions, 0)), 6 * 4 * 1);
    rgq_regions_free(regions);
    MUST(rgq_alloc(&mask, COUNT, 1, err));
    for (int i = 0; i < COUNT; i++)
        mask[i] = i % N < 12; /* the first 12 columns; the box begins at column 10 */
    MUST(rgq_regions_create(&organs, rgq_volume_grid(volume), err));
    MUST(rgq_regions_add_mask(organs, "organ", 1, mask, err));
    opts.exclude = organs;
    MUST(rgq_segment(&regions, volume, "fixed:1", &opts, NULL, NULL, err));
    ck_assert_int_eq(voxels(rgq_regions_at(regions, 0)), 4 * 4 * 1);
    rgq_regions_free(regions);
    opts.exclude_margin_mm = 4.0; /* two columns more */
    opts.dilate_mm = 20.0;        /* which does not bring it out of the search region */
    MUST(rgq_segment(&regions, volume, "fixed:1", &opts, NULL, NULL, err));
    ck_assert_int_eq(voxels(rgq_regions_at(regions, 0)), 2 * 4 * 1);
    rgq_regions_free(regions);
    opts.exclude_margin_mm = 12.0;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, NULL, NULL, err), RGQ_E_ARGUMENT,
            "the box and what is excluded");
    opts.exclude = NULL;
    opts.box_mm[0] = opts.box_mm[3] = 500.0;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, NULL, NULL, err), RGQ_E_ARGUMENT,
            "holds no voxel of the scan, which reaches from (0, 0, 0) to (78, 78, 78)");
    rgq_regions_free(organs);
    rgq_free(mask);
    rgq_volume_free(volume);
}
END_TEST

/* Every method: the same bits for one thread and three, and torture. */
START_TEST(threads_and_torture)
{
    static const char *const spec[] = {"fixed:3", "percent-peak:50", "a50",    "nestle",
                                       "grow",    "otsu:3",          "walker", "gradient",
                                       "gmm"};
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report[2];
    rgq_segment_opts opts = with_seed(40, 40, 40);
    int count[2];

    add_ball(volume, middle_mm, 9.0, 5.0);
    add_noise(volume, 0.2, 11);
    opts.close_mm = 2.0;
    opts.split_depth = 0.5;
    for (int t = 0; t < 2; t++) {
        memset(&report[t], 0, sizeof report[t]);
        rgq_threads_set(t == 0 ? 1 : 3);
        MUST(rgq_segment(&regions, volume, spec[_i], &opts, &report[t], NULL, err));
        count[t] = voxels(rgq_regions_at(regions, 0));
        rgq_regions_free(regions);
    }
    ck_assert_int_eq(count[0], count[1]);
    ck_assert(report[0].threshold == report[1].threshold || isnan(report[0].threshold));
    ck_assert(report[0].residual == report[1].residual || isnan(report[0].residual));
    ck_assert(report[0].background == report[1].background || isnan(report[0].background));
    rgq_threads_set(1);
    TORTURE(rgq_segment(&regions, volume, spec[_i], &opts, NULL, NULL, err),
            rgq_regions_free(regions), 8);
    rgq_volume_free(volume);
}
END_TEST

RGQ_CHECK_MAIN("roi.surfaces", tcase_add_loop_test(tc, surfaces_are_found, 0, 2);
               tcase_add_loop_test(tc, given_markers_are_obeyed, 0, 2);
               tcase_add_test(tc, walker_agrees_with_relaxation);
               tcase_add_test(tc, touching_lesions_are_parted);
               tcase_add_test(tc, box_and_exclusion_limit_the_search);
               tcase_add_loop_test(tc, threads_and_torture, 0, 9))
