/* The thresholds, classes and growth of roi/segment_*.c, each against its definition by hand.
 */
#include "scene.h"

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

RGQ_CHECK_MAIN("roi.methods",
               tcase_add_loop_test(tc, thresholds_agree_with_their_formulas, 0, 4);
               tcase_add_test(tc, given_background_is_taken);
               tcase_add_test(tc, peak_is_a_mean);
               tcase_add_loop_test(tc, classes_by_hand, 0, 4);
               tcase_add_test(tc, growth_step_by_step); tcase_add_test(tc, growth_leaks);
               tcase_add_test(tc, fdg_numbers_say_so);
               tcase_add_test(tc, what_cannot_be_is_refused))
