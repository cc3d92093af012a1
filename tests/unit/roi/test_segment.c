/* roi/segment.c: rules, search, seeds, ordering, refusals. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgdquant/segment.h"
#include "rgq_check.h"

enum { N = 40 };

typedef struct heard {
    int warnings;
    char last[640];
} heard;

static void hear(void *user, rgq_level level, const char *text)
{
    heard *h = user;
    if (level != RGQ_LEVEL_WARNING)
        return;
    h->warnings++;
    (void)snprintf(h->last, sizeof h->last, "%s", text);
}

/* N^3 voxels of 2 mm (8 uL), voxel (0,0,0) at the origin, filled with `background`. */
static rgq_volume *scene(float background)
{
    rgq_volume *volume = NULL;
    const rgq_grid grid = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 2, 2},
                                        (const double[3]){0, 0, 0});
    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_SUV_BW, err));
    for (int i = 0; i < N * N * N; i++)
        rgq_volume_data(volume, 0)[i] = background;
    return volume;
}

static float *voxel(rgq_volume *volume, int x, int y, int z)
{
    return rgq_volume_data(volume, 0) + (z * N + y) * N + x;
}

/* Cube of `side` voxels from (x, y, z). */
static void put_cube(rgq_volume *volume, int x, int y, int z, int side, float value)
{
    for (int k = 0; k < side * side * side; k++)
        *voxel(volume, x + k % side, y + k / side % side, z + k / (side * side)) = value;
}

static int region_voxels(const rgq_region *region)
{
    int n = 0;
    for (int i = 0; i < region->n[0] * region->n[1] * region->n[2]; i++)
        n += region->weight[i] >= 0.5f;
    return n;
}

static rgq_segment_opts with_seed(double x, double y, double z)
{
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;
    opts.has_seed = true;
    opts.seed_mm[0] = x;
    opts.seed_mm[1] = y;
    opts.seed_mm[2] = z;
    return opts;
}

/* Two cubes of 64 and 27 voxels in one volume, all rules. */
START_TEST(rules_by_hand)
{
    static const struct {
        const char *spec;
        int voxels;
        double threshold;
    } row[] = {
        {"fixed:4", 64 + 27, 4.0}, {"fixed:4.5", 64, 4.5},    {"fixed:8", 64, 8.0},
        {"percent-max:50", 91, 4}, {"percent-max:51", 64, 0}, {"percent-max:100", 64, 8.0},
        {"a50", 64, 4.5},          {"fixed:1", N * N * N, 1}, {"percent-max:41", 91, 3.28}};
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report;
    const rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    put_cube(volume, 10, 10, 10, 4, 8.0f);
    put_cube(volume, 28, 28, 28, 3, 4.0f);
    MUST(rgq_segment(&regions, volume, row[_i].spec, &opts, &report, NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 1);
    const rgq_region *region = rgq_regions_at(regions, 0);
    ck_assert_str_eq(region->name, "segment");
    ck_assert_int_eq(region->label, 1);
    ck_assert_int_eq(region_voxels(region), row[_i].voxels);
    if (row[_i].threshold > 0.0)
        ck_assert_double_eq_tol(report.threshold, row[_i].threshold, 1e-12);
    ck_assert_str_eq(report.method, row[_i].spec);
    ck_assert(report.maximum == 8.0);
    if (strcmp(row[_i].spec, "a50") == 0)
        ck_assert(report.background == 1.0 && report.background_sd == 0.0);
    else
        ck_assert(isnan(report.background));
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

/* Components by falling maximum, equal maxima by index, small ones dropped. */
START_TEST(components_are_ordered)
{
    rgq_volume *volume = scene(0.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    put_cube(volume, 2, 2, 2, 3, 5.0f);
    put_cube(volume, 20, 20, 20, 4, 9.0f);
    put_cube(volume, 2, 2, 30, 2, 5.0f);
    put_cube(volume, 30, 2, 2, 1, 7.0f);
    opts.components = true;
    opts.min_volume_ml = 8 * 0.008; /* exactly 8 voxels stay */
    MUST(rgq_segment(&regions, volume, "fixed:5", &opts, &report, NULL, err));
    ck_assert_int_eq(rgq_regions_count(regions), 3);
    ck_assert_int_eq(report.n_components, 4);
    ck_assert_int_eq(report.n_kept, 3);
    ck_assert_double_eq_tol(report.dropped_ml, 0.008, 1e-15);
    static const int voxels[3] = {64, 27, 8};
    static const char *const name[3] = {"lesion-1", "lesion-2", "lesion-3"};
    for (int i = 0; i < 3; i++) {
        const rgq_region *region = rgq_regions_at(regions, i);
        ck_assert_int_eq(region_voxels(region), voxels[i]);
        ck_assert_str_eq(region->name, name[i]);
        ck_assert_int_eq(region->label, i + 1);
    }
    rgq_regions_free(regions);
    opts.components = false;
    MUST(rgq_segment(&regions, volume, "fixed:5", &opts, &report, NULL, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)), 64 + 27 + 8);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

/* The seed picks its own component, its own maximum and its own threshold. */
START_TEST(seed_takes_its_own_maximum)
{
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report;
    const rgq_segment_opts opts = with_seed(58.4, 58.0, 57.6); /* rounds to voxel 29 */

    put_cube(volume, 10, 10, 10, 4, 8.0f);
    put_cube(volume, 28, 28, 28, 3, 3.0f);
    *voxel(volume, 30, 30, 30) = 4.0f; /* the hottest of the seed's cube, off the seed */
    MUST(rgq_segment(&regions, volume, "percent-max:50", &opts, &report, NULL, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)), 27);
    ck_assert(report.maximum == 4.0 && report.threshold == 2.0);
    ck_assert(report.background == 1.0); /* measured for the warning of a leak */
    rgq_regions_free(regions);
    MUST(rgq_segment(&regions, volume, "a50", &opts, &report, NULL, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)), 27);
    ck_assert(report.threshold == 2.5);
    rgq_regions_free(regions);
    MUST(rgq_segment(&regions, volume, "fixed:3.5", &(rgq_segment_opts)RGQ_SEGMENT_OPTS_INIT,
                     &report, NULL, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)), 65);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

/* A dim lesion on a bridge to a hot one: no fraction agrees with itself, and it is said. */
START_TEST(hotter_neighbour_is_warned_of)
{
    rgq_volume *volume = scene(0.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report;
    const rgq_segment_opts opts = with_seed(20, 20, 20);
    heard h = {0, ""};
    const rgq_log log = {hear, NULL, &h};

    put_cube(volume, 10, 10, 10, 3, 6.0f);
    for (int x = 13; x < 20; x++)
        *voxel(volume, x, 10, 10) = 3.0f;
    put_cube(volume, 20, 10, 10, 3, 10.0f);
    MUST(rgq_segment(&regions, volume, "percent-max:40", &opts, &report, &log, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)), 27);
    ck_assert_double_eq_tol(report.threshold, 4.0, 1e-12);
    ck_assert_int_ge(h.warnings, 1);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

/* a50 on a blurred sphere: half-way is where the edge was, so that the volume is kept; the
 * background of 2 makes 50 % of the maximum too low a threshold. */
START_TEST(a50_keeps_the_volume_of_a_blurred_sphere)
{
    rgq_volume *volume = scene(0.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    /* erf edge of sd 2 mm about a radius of 14 mm: the exact blur of a plane, near enough */
    for (int k = 0; k < N * N * N; k++) {
        const double d[3] = {2.0 * (k % N) - 39.3, 2.0 * (k / N % N) - 40.2,
                             2.0 * (k / (N * N)) - 39.6};
        const double r = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        rgq_volume_data(volume, 0)[k] = (float)(2.0 + 4.0 * erfc((r - 14.0) / 2.0));
    }
    MUST(rgq_segment(&regions, volume, "a50", &opts, &report, NULL, err));
    const double want_ml = 4.0 / 3.0 * 3.14159265358979 * 14.0 * 14.0 * 14.0 / 1000.0;
    /* 1.5 %: one voxel of 8 uL is 0.07 %; lattice noise of a 7-voxel radius, and the shell
     * from 5 mm still holds a little of the edge */
    ck_assert_double_eq_tol(0.008 * region_voxels(rgq_regions_at(regions, 0)), want_ml,
                            0.015 * want_ml);
    ck_assert_double_eq_tol(report.threshold, 6.0, 0.05);
    ck_assert_double_eq_tol(report.background, 2.0, 0.1);
    const double a50_ml = 0.008 * region_voxels(rgq_regions_at(regions, 0));
    rgq_regions_free(regions);
    MUST(rgq_segment(&regions, volume, "percent-max:50", &opts, &report, NULL, err));
    ck_assert_double_gt(0.008 * region_voxels(rgq_regions_at(regions, 0)), 1.05 * a50_ml);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(leak_is_warned_of)
{
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_opts opts = with_seed(40, 40, 40);
    heard h = {0, ""};
    const rgq_log log = {hear, NULL, &h};

    for (int k = 0; k < N * N * N; k++) /* noise of sd 0.29 about 1 */
        rgq_volume_data(volume, 0)[k] = 0.5f + (float)(k * 7919 % 1009) / 1009.0f;
    put_cube(volume, 19, 19, 19, 3, 3.0f);
    MUST(rgq_segment(&regions, volume, "percent-max:45", &opts, NULL, &log, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)) >= 27, 1);
    ck_assert_int_ge(h.warnings, 1);
    ck_assert_msg(strstr(h.last, "two standard deviations") != NULL, "%s", h.last);
    rgq_regions_free(regions);
    h.warnings = 0;
    MUST(rgq_segment(&regions, volume, "percent-max:60", &opts, NULL, &log, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)), 27);
    ck_assert_int_eq(h.warnings, 0);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(sphere_and_mask_limit_the_search)
{
    rgq_volume *volume = scene(0.0f);
    rgq_regions *regions = NULL;
    rgq_regions *within = NULL;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;
    uint8_t *mask = NULL;

    put_cube(volume, 10, 10, 10, 4, 8.0f);
    put_cube(volume, 28, 28, 28, 3, 4.0f);
    opts.has_sphere = true;
    memcpy(opts.sphere_mm, (const double[4]){58, 58, 58, 20}, sizeof opts.sphere_mm);
    MUST(rgq_segment(&regions, volume, "percent-max:50", &opts, NULL, NULL, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)), 27);
    rgq_regions_free(regions);
    opts.sphere_mm[3] = 2.0; /* the centre and six neighbours at exactly the radius */
    MUST(rgq_segment(&regions, volume, "percent-max:50", &opts, NULL, NULL, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)), 7);
    rgq_regions_free(regions);

    MUST(rgq_alloc(&mask, N * N * N, 1, err));
    for (int k = 0; k < 8; k++) /* the first 8 voxels of the row (10..17, 11, 11) */
        mask[(11 * N + 11) * N + 10 + k] = 1;
    MUST(rgq_regions_create(&within, rgq_volume_grid(volume), err));
    MUST(rgq_regions_add_mask(within, "here", 3, mask, err));
    opts.has_sphere = false;
    opts.within = within;
    MUST(rgq_segment(&regions, volume, "percent-max:50", &opts, NULL, NULL, err));
    ck_assert_int_eq(region_voxels(rgq_regions_at(regions, 0)), 4);
    rgq_regions_free(regions);
    opts.has_sphere = true;
    REFUSED(rgq_segment(&regions, volume, "percent-max:50", &opts, NULL, NULL, err),
            RGQ_E_ARGUMENT, "the sphere and the mask");
    opts = with_seed(58, 58, 58);
    opts.within = within;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, NULL, NULL, err), RGQ_E_ARGUMENT,
            "outside the sphere or mask");
    ck_assert_ptr_null(regions);
    rgq_regions_free(within);
    rgq_free(mask);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(bad_input_is_refused)
{
    static const char *const spec[] = {
        "",          "fixed",         "fixed:",          "fixed:x",
        "fixed:nan", "percent-max:0", "percent-max:101", "percent-max:",
        "a50:3",     "otsu:1",        "fixed:1 2",       "otsu:2.5",
        "schaefer",  "schaefer:0.5",  "schaefer:1,2,3",  "grow:1",
        "walker:-1", "gmm:9",         "percist:1",       "fixed:1,2"};
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;
    rgq_segment_report report = {.n_kept = -7};

    for (int i = 0; i < ROWS(spec); i++)
        REFUSED(rgq_segment(&regions, volume, spec[i], &opts, &report, NULL, err),
                RGQ_E_ARGUMENT, "percent-max:P");
    REFUSED(rgq_segment(&regions, volume, "fixed:1.5", &opts, &report, NULL, err),
            RGQ_E_NOTFOUND, "its maximum is 1");
    opts.connectivity = 4;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, &report, NULL, err), RGQ_E_ARGUMENT,
            "6, 18 or 26");
    opts.connectivity = 6;
    opts.min_volume_ml = -1.0;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, &report, NULL, err), RGQ_E_ARGUMENT,
            "least volume");
    opts.min_volume_ml = 1000.0;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, &report, NULL, err), RGQ_E_NOTFOUND,
            "has 512 mL");
    opts = with_seed(-3, 0, 0);
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, &report, NULL, err), RGQ_E_ARGUMENT,
            "outside the scan");
    opts = with_seed(10, 10, 10);
    REFUSED(rgq_segment(&regions, volume, "fixed:2.5", &opts, &report, NULL, err),
            RGQ_E_ARGUMENT, "(10, 10, 10) mm is 1, below the threshold of 2.5");
    opts.seed_mm[0] = (double)NAN;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, &report, NULL, err), RGQ_E_ARGUMENT,
            "seed");
    opts = (rgq_segment_opts)RGQ_SEGMENT_OPTS_INIT;
    opts.has_sphere = true;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, &report, NULL, err), RGQ_E_ARGUMENT,
            "radius");
    opts.has_sphere = false;
    REFUSED(rgq_segment(&regions, volume, "a50", &opts, &report, NULL, err), RGQ_E_NOTFOUND,
            "no local background");
    *voxel(volume, 3, 2, 1) = NAN;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, &report, NULL, err), RGQ_E_NUMERIC,
            "");
    ck_assert_ptr_null(regions);
    ck_assert_int_eq(report.n_kept, -7);
    rgq_volume_free(volume);
    volume = scene(-1.0f);
    REFUSED(rgq_segment(&regions, volume, "percent-max:50", &opts, NULL, NULL, err),
            RGQ_E_NOTFOUND, "above 0");
    REFUSED(rgq_segment(&regions, volume, "a50", &opts, NULL, NULL, err), RGQ_E_ARGUMENT,
            "above 0");
    rgq_volume_free(volume);
}
END_TEST

START_TEST(mask_of_another_grid_is_refused)
{
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_regions *within = NULL;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;
    rgq_grid grid = *rgq_volume_grid(volume);

    grid.affine[1][3] += 0.5;
    MUST(rgq_regions_create(&within, &grid, err));
    opts.within = within;
    REFUSED(rgq_segment(&regions, volume, "fixed:1", &opts, NULL, NULL, err), RGQ_E_GEOMETRY,
            "does not lie on the scan");
    rgq_regions_free(within);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(torture)
{
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    put_cube(volume, 10, 10, 10, 4, 8.0f);
    put_cube(volume, 28, 28, 28, 3, 4.0f);
    opts.components = true;
    TORTURE(rgq_segment(&regions, volume, "fixed:3", &opts, NULL, NULL, err),
            rgq_regions_free(regions), 6);
    TORTURE(rgq_segment(&regions, volume, "a50", &opts, NULL, NULL, err),
            rgq_regions_free(regions), 6);
    rgq_volume_free(volume);
}
END_TEST

RGQ_CHECK_MAIN("roi.segment", tcase_add_loop_test(tc, rules_by_hand, 0, 9);
               tcase_add_test(tc, components_are_ordered);
               tcase_add_test(tc, seed_takes_its_own_maximum);
               tcase_add_test(tc, hotter_neighbour_is_warned_of);
               tcase_add_test(tc, a50_keeps_the_volume_of_a_blurred_sphere);
               tcase_add_test(tc, leak_is_warned_of);
               tcase_add_test(tc, sphere_and_mask_limit_the_search);
               tcase_add_test(tc, bad_input_is_refused);
               tcase_add_test(tc, mask_of_another_grid_is_refused); tcase_add_test(tc, torture))
