/* The methods of roi/segment_*.c on small scenes, each against its definition by hand. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "num/rng.h"
#include "num/threads.h"
#include "rgdquant/segment.h"
#include "rgq_check.h"
#include "roi/segment_method.h"
#include "roi/walker.h"

enum { N = 40, COUNT = N * N * N };

typedef struct heard {
    int warnings;
    char all[4000];
} heard;

static void hear(void *user, rgq_level level, const char *text)
{
    heard *h = user;
    const size_t used = strlen(h->all);

    if (level != RGQ_LEVEL_WARNING)
        return;
    h->warnings++;
    (void)snprintf(h->all + used, sizeof h->all - used, "%s\n", text);
}

/* N^3 voxels of 2 mm, voxel (0,0,0) at the origin. */
static rgq_volume *scene(float background)
{
    rgq_volume *volume = NULL;
    const rgq_grid grid = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 2, 2},
                                        (const double[3]){0, 0, 0});
    MUST(rgq_volume_create(&volume, &grid, 1, RGQ_UNIT_SUV_BW, err));
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(volume, 0)[i] = background;
    return volume;
}

static float *voxel(rgq_volume *volume, int x, int y, int z)
{
    return rgq_volume_data(volume, 0) + (z * N + y) * N + x;
}

static double distance_mm(int i, const double centre_mm[3])
{
    const double d[3] = {2.0 * (i % N) - centre_mm[0], 2.0 * (i / N % N) - centre_mm[1],
                         2.0 * (i / (N * N)) - centre_mm[2]};
    return sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
}

/* A ball that adds `height`, its edge blurred by a Gaussian of 6 mm FWHM as a plane would be.
 */
static void add_ball(rgq_volume *volume, const double centre_mm[3], double radius_mm,
                     double height)
{
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(volume, 0)[i] +=
            (float)(0.5 * height * erfc((distance_mm(i, centre_mm) - radius_mm) / 3.603));
}

static void add_noise(rgq_volume *volume, double sd, uint64_t seed)
{
    rgq_rng *rng = NULL;

    MUST(rgq_rng_create(&rng, seed, err));
    for (int i = 0; i < COUNT; i++)
        rgq_volume_data(volume, 0)[i] += (float)rgq_rng_gaussian(rng, sd);
    rgq_rng_free(rng);
}

static const double middle_mm[3] = {39.3, 40.2, 39.6};

static rgq_segment_opts with_seed(double x, double y, double z)
{
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    opts.has_seed = true;
    opts.seed_mm[0] = x;
    opts.seed_mm[1] = y;
    opts.seed_mm[2] = z;
    return opts;
}

static bool is_in(const rgq_region *region, int i)
{
    const int at[3] = {i % N - region->lo[0], i / N % N - region->lo[1],
                       i / (N * N) - region->lo[2]};

    for (int a = 0; a < 3; a++)
        if (at[a] < 0 || at[a] >= region->n[a])
            return false;
    return region->weight[(at[2] * region->n[1] + at[1]) * region->n[0] + at[0]] >= 0.5f;
}

static int voxels(const rgq_region *region)
{
    int n = 0;

    for (int i = 0; i < COUNT; i++)
        n += is_in(region, i);
    return n;
}

/* Voxels that reach the threshold; the scenes have one lesion, so that it is the component. */
static int count_above(const rgq_volume *volume, double threshold)
{
    int n = 0;

    for (int i = 0; i < COUNT; i++)
        n += (double)rgq_volume_cdata(volume, 0)[i] >= threshold;
    return n;
}

static double mean_above(const rgq_volume *volume, double threshold)
{
    double sum = 0.0;

    for (int i = 0; i < COUNT; i++)
        if ((double)rgq_volume_cdata(volume, 0)[i] >= threshold)
            sum += (double)rgq_volume_cdata(volume, 0)[i];
    return sum / count_above(volume, threshold);
}

static double maximum_of(const rgq_volume *volume)
{
    double best = 0.0;

    for (int i = 0; i < COUNT; i++)
        best = fmax(best, (double)rgq_volume_cdata(volume, 0)[i]);
    return best;
}

/* Background by its definition: 5 to 15 mm from the voxels that reach the threshold. */
static double slow_background(const rgq_volume *volume, double threshold)
{
    static int member[COUNT];
    const float *v = rgq_volume_cdata(volume, 0);
    double sum = 0.0;
    int n = 0;
    int n_members = 0;

    for (int i = 0; i < COUNT; i++)
        if ((double)v[i] >= threshold)
            member[n_members++] = i;
    for (int i = 0; i < COUNT; i++) {
        int nearest = 1 << 30;
        for (int k = 0; k < n_members && nearest >= 7; k++) { /* 7 is too near already */
            const int d[3] = {i % N - member[k] % N, i / N % N - member[k] / N % N,
                              i / (N * N) - member[k] / (N * N)};
            const int d2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
            nearest = d2 < nearest ? d2 : nearest;
        }
        if (4 * nearest >= 25 && 4 * nearest <= 225) {
            sum += (double)v[i];
            n++;
        }
    }
    return sum / n;
}

/* a50, nestle, schaefer and black: the threshold agrees with its own definition at the end. */
START_TEST(thresholds_agree_with_their_formulas)
{
    static const char *const spec[] = {"a50", "nestle", "schaefer:0.5,0.4", "black"};
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report;
    const rgq_segment_opts opts = with_seed(40, 40, 40);
    double want = 0.0;

    add_ball(volume, middle_mm, 9.0, 5.0);
    MUST(rgq_segment(&regions, volume, spec[_i], &opts, &report, NULL, err));
    const double maximum = maximum_of(volume);
    const double core = mean_above(volume, 0.7 * maximum);
    if (_i == 0)
        want = 0.5 * (maximum + slow_background(volume, 0.41 * maximum));
    else if (_i == 1)
        want = 0.15 * core + slow_background(volume, report.threshold);
    else if (_i == 2)
        want = 0.5 * core + 0.4 * slow_background(volume, report.threshold);
    else
        want = 0.307 * mean_above(volume, report.threshold) + 0.588;
    ck_assert_double_eq_tol(report.threshold, want, 1e-9); /* order of summation */
    ck_assert_int_eq(voxels(rgq_regions_at(regions, 0)), count_above(volume, want));
    ck_assert(report.maximum == maximum);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

START_TEST(given_background_is_taken)
{
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_regions *places = NULL;
    rgq_segment_report report;
    rgq_segment_opts opts = with_seed(40, 40, 40);
    uint8_t *mask = NULL;

    add_ball(volume, middle_mm, 9.0, 5.0);
    opts.background_value = 2.0;
    opts.background_value_sd = 0.25;
    MUST(rgq_segment(&regions, volume, "a50", &opts, &report, NULL, err));
    ck_assert_double_eq_tol(report.threshold, 0.5 * (2.0 + report.maximum), 1e-12);
    ck_assert(report.background == 2.0 && report.background_sd == 0.25);
    rgq_regions_free(regions);

    MUST(rgq_alloc(&mask, COUNT, 1, err));
    MUST(rgq_regions_create(&places, rgq_volume_grid(volume), err));
    for (int k = 0; k < 2; k++) { /* two voxels each, by hand 1 and 3, and 7 and 7 */
        memset(mask, 0, COUNT);
        mask[k] = mask[k + 100] = 1;
        *voxel(volume, k, 0, 0) = k == 0 ? 1.0f : 0.7f;
        rgq_volume_data(volume, 0)[k + 100] = k == 0 ? 3.0f : 0.7f;
        MUST(rgq_regions_add_mask(places, k == 0 ? "liver" : "muscle", k + 1, mask, err));
    }
    opts = with_seed(40, 40, 40);
    opts.background = places;
    opts.background_region = "liver";
    MUST(rgq_segment(&regions, volume, "percist", &opts, &report, NULL, err));
    ck_assert_double_eq_tol(report.threshold, 1.5 * 2.0 + 2.0 * 1.0, 1e-12);
    rgq_regions_free(regions);
    MUST(rgq_segment(&regions, volume, "percist:1,0.5", &opts, &report, NULL, err));
    ck_assert_double_eq_tol(report.threshold, 2.5, 1e-12);
    rgq_regions_free(regions);
    opts.background_region = NULL; /* both: 1, 3, 0.7, 0.7 */
    MUST(rgq_segment(&regions, volume, "percist:2,0", &opts, &report, NULL, err));
    ck_assert_double_eq_tol(report.threshold, 2.7, 1e-6); /* 0.7 in single precision */
    rgq_regions_free(regions);
    opts.background_region = "spleen";
    REFUSED(rgq_segment(&regions, volume, "percist", &opts, NULL, NULL, err), RGQ_E_NOTFOUND,
            "no region 'spleen'");
    opts = with_seed(40, 40, 40);
    REFUSED(rgq_segment(&regions, volume, "percist", &opts, NULL, NULL, err), RGQ_E_MISSING,
            "not guessed");
    rgq_free(mask);
    rgq_regions_free(places);
    rgq_volume_free(volume);
}
END_TEST

/* percent-peak: the sphere of 1 mL about the middle of a large plateau is the plateau. */
START_TEST(peak_is_a_mean)
{
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report;
    rgq_segment_opts opts = RGQ_SEGMENT_OPTS_INIT;

    for (int i = 0; i < COUNT; i++)
        if (distance_mm(i, middle_mm) < 15.0)
            rgq_volume_data(volume, 0)[i] = 4.0f;
    *voxel(volume, 5, 5, 5) = 9.0f; /* one hot voxel has no peak */
    for (int seeded = 0; seeded < 2; seeded++) {
        MUST(rgq_segment(&regions, volume, "percent-peak:50", &opts, &report, NULL, err));
        ck_assert_double_eq_tol(report.threshold, 2.0, 1e-6);
        rgq_regions_free(regions);
        opts = with_seed(40, 40, 40);
    }
    rgq_volume_free(volume);
}
END_TEST

/* Otsu and the mixture about a seed and in the whole, on two levels: half-way. */
START_TEST(classes_by_hand)
{
    static const char *const spec[] = {"otsu", "otsu:3", "gmm:2", "gmm"};
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report report;
    rgq_segment_opts opts = with_seed(40, 40, 40);

    for (int i = 0; i < COUNT; i++)
        if (distance_mm(i, middle_mm) < 10.0)
            rgq_volume_data(volume, 0)[i] = 5.0f;
        else if (distance_mm(i, middle_mm) < 14.0)
            rgq_volume_data(volume, 0)[i] = 1.5f;
    *voxel(volume, 2, 2, 2) = 20.0f; /* far from the seed: not in its surroundings */
    MUST(rgq_segment(&regions, volume, spec[_i], &opts, &report, NULL, err));
    ck_assert_int_eq(voxels(rgq_regions_at(regions, 0)), count_above(volume, 5.0) - 1);
    ck_assert_int_eq(report.n_classes, _i == 0 || _i == 2 ? 2 : 3);
    ck_assert_double_eq_tol(report.klass[report.n_classes - 1].mean, 5.0, 1e-6);
    rgq_regions_free(regions);
    *voxel(volume, 2, 2, 2) = 1.0f;
    opts.has_seed = false; /* the whole image */
    MUST(rgq_segment(&regions, volume, spec[_i], &opts, &report, NULL, err));
    ck_assert_int_eq(voxels(rgq_regions_at(regions, 0)), count_above(volume, 5.0));
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

/* The steps of a growth: thresholds, volumes by counting, and the steepest taken. */
START_TEST(growth_step_by_step)
{
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_report r;
    const rgq_segment_opts opts = with_seed(40, 40, 40);
    int best = 0;

    add_ball(volume, middle_mm, 12.0, 5.0);
    MUST(rgq_segment(&regions, volume, "grow:0.7", &opts, &r, NULL, err));
    ck_assert_int_eq(r.n_steps, 70);
    ck_assert(!r.leaked);
    for (int k = 0; k < r.n_steps; k++) {
        ck_assert_double_eq_tol(r.step[k].threshold, (1.0 - 0.01 * (k + 1)) * r.maximum, 1e-9);
        ck_assert_double_eq_tol(r.step[k].volume_ml,
                                0.008 * count_above(volume, r.step[k].threshold), 1e-9);
        best = r.step[k].contrast > r.step[best].contrast ? k : best;
    }
    ck_assert(r.threshold == r.step[best].threshold);
    ck_assert_double_eq_tol(r.threshold, 3.5, 0.35); /* the steepest place of a blurred edge */
    /* its contrast by the definition: the mean fall over all faces [1/mm] */
    double fall = 0.0;
    int faces = 0;
    const float *v = rgq_volume_cdata(volume, 0);
    for (int i = 0; i < COUNT; i++) {
        static const int step[3] = {1, N, N * N};
        for (int s = 0; s < 6; s++) {
            const int j = i + (s < 3 ? step[s] : -step[s - 3]);
            if ((double)v[i] < r.threshold || (double)v[j] >= r.threshold)
                continue;
            fall += ((double)v[i] - (double)v[j]) / 2.0;
            faces++;
        }
    }
    ck_assert_double_eq_tol(r.step[best].contrast, fall / faces, 1e-9);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

/* A lesion on a warm plate: at the plate's level the growth leaks, is ended and reported. */
START_TEST(growth_leaks)
{
    rgq_volume *volume = scene(0.5f);
    rgq_regions *regions = NULL;
    rgq_segment_report r;
    const rgq_segment_opts opts = with_seed(40, 40, 40);
    heard h = {0, ""};
    const rgq_log log = {hear, NULL, &h};

    for (int i = 0; i < COUNT; i++)
        if (i / (N * N) < 20)
            rgq_volume_data(volume, 0)[i] = 2.0f;
    add_ball(volume, middle_mm, 9.0, 4.0);
    MUST(rgq_segment(&regions, volume, "grow:0.9", &opts, &r, &log, err));
    ck_assert(r.leaked);
    ck_assert_int_lt(r.n_steps, 90);
    ck_assert(r.step[r.n_steps - 1].volume_ml > 2.0 * r.step[r.n_steps - 2].volume_ml);
    ck_assert(r.threshold > 2.0);
    ck_assert_int_lt(voxels(rgq_regions_at(regions, 0)), 1000);
    ck_assert_msg(strstr(h.all, "the growth leaks") != NULL, "%s", h.all);
    rgq_regions_free(regions);
    rgq_volume_free(volume);
}
END_TEST

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

/* Numbers that are FDG's say so, with another tracer only. */
START_TEST(fdg_numbers_say_so)
{
    static const char *const fdg[] = {"percent-max:41",   "percent-peak:50", "nestle",
                                      "schaefer:0.5,0.4", "black",           "percist"};
    static const char *const own[] = {"fixed:3",  "a50",    "otsu", "grow",
                                      "gradient", "walker", "gmm"};
    rgq_volume *volume = scene(1.0f);
    rgq_regions *regions = NULL;
    rgq_segment_opts opts = with_seed(40, 40, 40);

    add_ball(volume, middle_mm, 12.0, 5.0);
    opts.background_value = 1.0;
    for (int i = 0; i < ROWS(fdg) + ROWS(own); i++) {
        const char *spec = i < ROWS(fdg) ? fdg[i] : own[i - ROWS(fdg)];
        for (int k = 0; k < 3; k++) {
            heard h = {0, ""};
            const rgq_log log = {hear, NULL, &h};
            opts.tracer = k == 0 ? "68Ga-NOTA-RGD" : k == 1 ? "18F-FDG" : NULL;
            MUST(rgq_segment(&regions, volume, spec, &opts, NULL, &log, err));
            ck_assert_msg((strstr(h.all, "calibrated for FDG, not for 68Ga-NOTA-RGD") !=
                           NULL) == (k == 0 && i < ROWS(fdg)),
                          "%s: %s", spec, h.all);
            rgq_regions_free(regions);
        }
    }
    rgq_volume_free(volume);
}
END_TEST

START_TEST(what_cannot_be_is_refused)
{
    static const char *const about_one[] = {"a50",    "nestle", "schaefer:0.5,0.4",
                                            "black",  "grow",   "gradient",
                                            "walker", "gmm",    "otsu"};
    rgq_volume *volume = scene(0.0f);
    rgq_regions *regions = NULL;
    rgq_segment_opts opts = with_seed(4, 4, 4);
    rgq_segment_report report = {.n_kept = -7};

    for (int i = 0; i < COUNT; i++) /* a body with a lesion, air about it */
        if (distance_mm(i, middle_mm) < 30.0)
            rgq_volume_data(volume, 0)[i] = 1.0f;
    add_ball(volume, middle_mm, 9.0, 5.0);
    for (int i = 0; i < ROWS(about_one); i++) {
        REFUSED(rgq_segment(&regions, volume, about_one[i], &opts, &report, NULL, err),
                RGQ_E_ARGUMENT, "lies in air");
        const rgq_segment_opts outside = with_seed(40, 40, 400);
        REFUSED(rgq_segment(&regions, volume, about_one[i], &outside, &report, NULL, err),
                RGQ_E_ARGUMENT, "outside the scan");
    }
    opts = with_seed(40, 40, 40);
    rgq_volume_set_unit(volume, RGQ_UNIT_BQ_ML);
    REFUSED(rgq_segment(&regions, volume, "black", &opts, &report, NULL, err), RGQ_E_UNIT,
            "a formula for FDG in SUVbw");
    opts.background_value = 5.0;
    opts.background_value_sd = 2.0;
    REFUSED(rgq_segment(&regions, volume, "a50", &opts, &report, NULL, err), RGQ_E_NOTFOUND,
            "within two standard deviations");
    opts.background_value = 50.0;
    REFUSED(rgq_segment(&regions, volume, "walker", &opts, &report, NULL, err), RGQ_E_NOTFOUND,
            "nothing stands out");
    opts.background_value = 1.0;
    REFUSED(rgq_segment(&regions, volume, "schaefer:9,9", &opts, &report, NULL, err),
            RGQ_E_NOTFOUND, "above the lesion's maximum");
    opts.erode_mm = 30.0;
    REFUSED(rgq_segment(&regions, volume, "fixed:2", &opts, &report, NULL, err), RGQ_E_NOTFOUND,
            "nothing is left");
    opts.erode_mm = -1.0;
    REFUSED(rgq_segment(&regions, volume, "fixed:2", &opts, &report, NULL, err), RGQ_E_ARGUMENT,
            "an erosion of -1 mm");
    opts.erode_mm = 0.0;
    opts.psf_mm = 0.0;
    REFUSED(rgq_segment(&regions, volume, "fixed:2", &opts, &report, NULL, err), RGQ_E_ARGUMENT,
            "more than 0");
    opts.psf_mm = 5.0;
    opts.split_depth = 2.0;
    REFUSED(rgq_segment(&regions, volume, "fixed:2", &opts, &report, NULL, err), RGQ_E_ARGUMENT,
            "fraction of the peak");
    ck_assert_ptr_null(regions);
    ck_assert_int_eq(report.n_kept, -7);
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

RGQ_CHECK_MAIN(
    "roi.methods", tcase_add_loop_test(tc, thresholds_agree_with_their_formulas, 0, 4);
    tcase_add_test(tc, given_background_is_taken); tcase_add_test(tc, peak_is_a_mean);
    tcase_add_loop_test(tc, classes_by_hand, 0, 4); tcase_add_test(tc, growth_step_by_step);
    tcase_add_test(tc, growth_leaks); tcase_add_loop_test(tc, surfaces_are_found, 0, 2);
    tcase_add_loop_test(tc, given_markers_are_obeyed, 0, 2);
    tcase_add_test(tc, walker_agrees_with_relaxation);
    tcase_add_test(tc, touching_lesions_are_parted);
    tcase_add_test(tc, box_and_exclusion_limit_the_search);
    tcase_add_test(tc, fdg_numbers_say_so); tcase_add_test(tc, what_cannot_be_is_refused);
    tcase_add_loop_test(tc, threads_and_torture, 0, 9))
