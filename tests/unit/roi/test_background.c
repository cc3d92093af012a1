/* roi/background*.c: the forms, each shape against its direct definition, what is taken out. */
#include <math.h>
#include <string.h>

#include "rgdquant/background.h"
#include "scene.h"

static rgq_regions *empty_set(void)
{
    rgq_regions *set = NULL;
    const rgq_grid grid = rgq_grid_make((const int[3]){N, N, N}, (const double[3]){2, 2, 2},
                                        (const double[3]){0, 0, 0});
    MUST(rgq_regions_create(&set, &grid, err));
    return set;
}

/* Voxels whose centre is at most radius_mm from the centre. */
static void add_mask_ball(rgq_regions *set, const char *name, const double centre_mm[3],
                          double radius_mm)
{
    static uint8_t mask[COUNT];

    for (int i = 0; i < COUNT; i++)
        mask[i] = distance_mm(i, centre_mm) <= radius_mm;
    MUST(rgq_regions_add_mask(set, name, rgq_regions_count(set) + 1, mask, err));
}

static double weight_of(const rgq_region *region, int i)
{
    const int at[3] = {i % N - region->lo[0], i / N % N - region->lo[1],
                       i / (N * N) - region->lo[2]};

    for (int a = 0; a < 3; a++)
        if (at[a] < 0 || at[a] >= region->n[a])
            return 0.0;
    return (double)region
        ->weight[((size_t)at[2] * (size_t)region->n[1] + (size_t)at[1]) * (size_t)region->n[0] +
                 (size_t)at[0]];
}

static rgq_regions *make(const rgq_regions *set, const char *text, heard *h)
{
    rgq_regions *made = NULL;
    rgq_background_spec spec;
    const rgq_log log = {hear, NULL, h};

    MUST(rgq_background_parse(&spec, text, err));
    MUST(rgq_background_make(&made, set, &spec, NULL, &log, err));
    return made;
}

START_TEST(forms)
{
    rgq_background_spec spec;
    char words[RGQ_REGION_NAME_MAX];

    MUST(rgq_background_parse(&spec, "liver", err));
    ck_assert(spec.kind == RGQ_BACKGROUND_REGION && strcmp(spec.name, "liver") == 0);
    MUST(rgq_background_parse(&spec, "spheres", err));
    ck_assert(spec.kind == RGQ_BACKGROUND_REGION);
    MUST(rgq_background_parse(&spec, "sphere:1,-2,3.5,4", err));
    ck_assert(spec.kind == RGQ_BACKGROUND_SPHERE && spec.centre_mm[1] == -2.0 &&
              spec.radius_mm == 4.0 && !rgq_background_is_own(&spec));
    ck_assert_str_eq(rgq_background_words(words, &spec), "sphere 4 mm about 1,-2,3.5 mm");
    MUST(rgq_background_parse(&spec, "shell:0,7.5", err));
    ck_assert(spec.inner_mm == 0.0 && spec.outer_mm == 7.5 && rgq_background_is_own(&spec));
    ck_assert_str_eq(rgq_background_words(words, &spec), "shell 0-7.5 mm of each region");
    MUST(rgq_background_parse(&spec, "mirror", err));
    ck_assert(spec.kind == RGQ_BACKGROUND_MIRROR && isnan(spec.plane_mm));
    MUST(rgq_background_parse(&spec, "mirror:-3", err));
    ck_assert(spec.plane_mm == -3.0);
    MUST(rgq_background_parse(&spec, "reference", err));
    ck_assert(spec.kind == RGQ_BACKGROUND_REFERENCE);
}
END_TEST

START_TEST(slips)
{
    static const char *const text[][2] = {
        {"", "was needed"},
        {"sphere", "sphere:X,Y,Z,R"},
        {"sphere:1,2,3", "sphere:X,Y,Z,R"},
        {"sphere:1,2,3,0", "radius of 0 mm"},
        {"sphere:1,2,1e9,3", "position of 1e+09 mm"},
        {"sphere:1,2,3,4,5", "sphere:X,Y,Z,R"},
        {"shell", "shell:INNER,OUTER"},
        {"shell:6", "shell:INNER,OUTER"},
        {"shell:16,6", "0 <= INNER < OUTER"},
        {"shell:-1,6", "0 <= INNER < OUTER"},
        {"shell:1,1000", "200 mm"},
        {"shell:a,b", "shell:INNER,OUTER"},
        {"mirror:", "mid-sagittal"},
        {"mirror:1,2", "mid-sagittal"},
        {"mirror:nan", "mid-sagittal"},
        {"reference:liver", "nothing behind it"},
    };
    rgq_background_spec spec;

    memset(&spec, 7, sizeof spec);
    const rgq_background_spec before = spec;
    for (int i = 0; i < ROWS(text); i++)
        REFUSED(rgq_background_parse(&spec, text[i][0], err), RGQ_E_ARGUMENT, text[i][1]);
    ck_assert_mem_eq(&spec, &before, sizeof spec);
}
END_TEST

/* Every voxel by its distance to every voxel of the lesion; the other lesion is left out. */
START_TEST(shell_agrees_with_slow_definition)
{
    static const double centre[2][3] = {{30, 30, 30}, {46, 30, 30}};
    rgq_regions *set = empty_set();
    heard h = {0, ""};
    double volume[2] = {0.0, 0.0};

    add_mask_ball(set, "a", centre[0], 5.0);
    add_mask_ball(set, "b", centre[1], 3.0);
    rgq_regions *made = make(set, "shell:6,12", &h);
    ck_assert_int_eq(rgq_regions_count(made), 2);
    ck_assert_str_eq(rgq_regions_at(made, 0)->name, "shell 6-12 mm of a");
    ck_assert_str_eq(rgq_regions_at(made, 1)->name, "shell 6-12 mm of b");
    for (int r = 0; r < 2; r++) {
        const rgq_region *got = rgq_regions_at(made, r);
        for (int i = 0; i < COUNT; i++) {
            double nearest = 1e9;
            for (int j = 0; j < COUNT; j++)
                if (abs(i % N - j % N) <= 7 && abs(i / N % N - j / N % N) <= 7 &&
                    abs(i / (N * N) - j / (N * N)) <= 7 &&
                    weight_of(rgq_regions_at(set, r), j) > 0.0) {
                    const double to[3] = {2.0 * (j % N), 2.0 * (j / N % N),
                                          2.0 * (j / (N * N))};
                    nearest = fmin(nearest, distance_mm(i, to));
                }
            const bool in = nearest > 6.0 - 1e-9 && nearest < 12.0 + 1e-9 &&
                            weight_of(rgq_regions_at(set, 1 - r), i) == 0.0;
            ck_assert_msg(weight_of(got, i) == (in ? 1.0 : 0.0), "voxel %d of %d", i, r);
            volume[r] += in;
        }
        ck_assert(volume[r] > 100.0);
    }
    ck_assert_int_eq(h.warnings, 0);
    rgq_regions_free(made);
    rgq_regions_free(set);
}
END_TEST

/* The organ a lesion lies in, and the body, are not taken out; in masks that overlap and in
 * those that do not. */
START_TEST(what_holds_the_lesion_stays)
{
    static const double centre[3] = {40, 40, 40};
    static uint8_t mask[COUNT];
    rgq_regions *set = empty_set();
    heard h = {0, ""};

    add_mask_ball(set, "lesion", centre, 5.0);
    rgq_regions *alone = make(set, "shell:4,10", &h);
    add_mask_ball(set, "organ", centre, 12.0); /* holds the lesion, ten times as large */
    for (int i = 0; i < COUNT; i++)
        mask[i] = distance_mm(i, centre) > 5.0 && distance_mm(i, centre) < 30.0;
    MUST(rgq_regions_add_mask(set, "liver", 5, mask, err)); /* holds the shell */
    for (int i = 0; i < COUNT; i++)
        mask[i] = i % N < 21; /* neither */
    MUST(rgq_regions_add_mask(set, "Body_Outline", 6, mask, err));
    rgq_regions *made = make(set, "shell:4,10", &h);
    for (int i = 0; i < COUNT; i++)
        ck_assert(weight_of(rgq_regions_at(made, 0), i) ==
                  weight_of(rgq_regions_at(alone, 0), i));
    rgq_regions_free(made);
    MUST(rgq_regions_rename(set, 3, "other", err));
    made = make(set, "shell:4,10", &h);
    for (int i = 0; i < COUNT; i++)
        ck_assert(weight_of(rgq_regions_at(made, 0), i) ==
                  (i % N < 21 ? 0.0 : weight_of(rgq_regions_at(alone, 0), i)));
    ck_assert(strstr(h.all, "without other regions (other)") != NULL);
    rgq_regions_free(made);
    /* a lesion is taken out however large, and what is not much larger than the region */
    static const char *const name[] = {"Tumour_2", "rim"};
    static const double radius_mm[] = {12.0, 8.0};
    for (int k = 0; k < 2; k++) {
        rgq_regions *two = empty_set();
        add_mask_ball(two, "lesion", centre, 5.0);
        add_mask_ball(two, name[k], centre, radius_mm[k]);
        made = make(two, "shell:4,10", &h);
        for (int i = 0; i < COUNT; i++)
            ck_assert(weight_of(rgq_regions_at(made, 0), i) ==
                      (distance_mm(i, centre) <= radius_mm[k]
                           ? 0.0
                           : weight_of(rgq_regions_at(alone, 0), i)));
        rgq_regions_free(made);
        rgq_regions_free(two);
    }
    rgq_regions_free(alone);
    rgq_regions_free(set);
}
END_TEST

START_TEST(sphere_by_its_volume)
{
    static const double centre[3] = {30, 30, 30};
    rgq_regions *set = empty_set();
    heard h = {0, ""};
    const double pi = acos(-1.0);

    rgq_regions *made = make(set, "sphere:41.3,40.2,38.9,7.7", &h);
    ck_assert_int_eq(rgq_regions_count(made), 1);
    const double whole_ml = 4e-3 / 3.0 * pi * 7.7 * 7.7 * 7.7;
    ck_assert_double_eq_tol(
        rgq_region_volume_ml(rgq_regions_at(made, 0), rgq_regions_grid(set)), whole_ml,
        1e-6 * whole_ml); /* weights are floats */
    rgq_regions_free(made);
    ck_assert_int_eq(h.warnings, 0);
    made = make(set, "sphere:-1,40,40,6", &h); /* cut through its middle */
    ck_assert_double_eq_tol(
        rgq_region_volume_ml(rgq_regions_at(made, 0), rgq_regions_grid(set)),
        2e-3 / 3.0 * pi * 216.0, 1e-6);
    ck_assert(h.warnings == 1 && strstr(h.all, "leaves the scan: 0.4524 mL") != NULL);
    rgq_regions_free(made);
    add_mask_ball(set, "lesion", centre, 5.0);
    made = make(set, "sphere:38,30,30,7", &h); /* touches the lesion */
    double left = 0.0;
    for (int i = 0; i < COUNT; i++) {
        const double w = weight_of(rgq_regions_at(made, 0), i);
        ck_assert(w == 0.0 || weight_of(rgq_regions_at(set, 0), i) == 0.0);
        left += w;
    }
    ck_assert(left > 100.0);
    rgq_regions_free(made);
    rgq_regions_free(set);
}
END_TEST

/* Plane on a voxel, between two, and off both: the volume stays, the place is reflected. */
START_TEST(mirror_by_its_definition)
{
    static const double plane[] = {39.0, 40.0, 39.5};
    static const double centre[3] = {22, 30, 40};
    static const double other[3] = {60, 32, 40};
    rgq_regions *set = empty_set();
    heard h = {0, ""};
    char text[64];

    add_mask_ball(set, "a", centre, 5.0);
    add_mask_ball(set, "b", other, 3.0);
    (void)snprintf(text, sizeof text, "mirror:%g", plane[_i]);
    rgq_regions *made = make(set, text, &h);
    const rgq_region *a = rgq_regions_at(set, 0);
    for (int i = 0; i < COUNT; i++) {
        /* linear between the two voxels next to where x comes from */
        const double x = plane[_i] - i % N; /* (2 plane - 2 i) / 2 mm */
        const int x0 = (int)floor(x);
        const int row = i - i % N;
        const double lower = x0 >= 0 && x0 < N ? weight_of(a, row + x0) : 0.0;
        const double upper = x0 + 1 >= 0 && x0 + 1 < N ? weight_of(a, row + x0 + 1) : 0.0;
        const double want = lower + (x - x0) * (upper - lower);
        const bool lesion = weight_of(rgq_regions_at(set, 1), i) > 0.0;
        ck_assert_double_eq_tol(weight_of(rgq_regions_at(made, 0), i), lesion ? 0.0 : want,
                                1e-6);
    }
    (void)snprintf(text, sizeof text, "mirror at x = %g mm of a", plane[_i]);
    ck_assert_str_eq(rgq_regions_at(made, 0)->name, text);
    rgq_regions_free(made);
    rgq_regions_free(set);
}
END_TEST

START_TEST(mirror_leaves_the_scan)
{
    static const double centre[3] = {22, 30, 40};
    rgq_regions *set = empty_set();
    heard h = {0, ""};

    add_mask_ball(set, "a", centre, 5.0);
    rgq_regions *made = make(set, "mirror:10", &h); /* half of it: centre at x = -2 */
    ck_assert(h.warnings > 0 && strstr(h.all, "leaves the scan") != NULL);
    ck_assert_int_gt(rgq_regions_at(made, 0)->n[0], 0);
    rgq_regions_free(made);
    h = (heard){0, ""};
    made = make(set, "mirror:-100", &h);
    ck_assert_int_eq(rgq_regions_at(made, 0)->n[0], 0);
    ck_assert(strstr(h.all, "leaves the scan: 0 mL of it are left") != NULL);
    rgq_regions_free(made);
    h = (heard){0, ""};
    made = make(set, "mirror:22", &h); /* onto itself: nothing is left */
    ck_assert_int_eq(rgq_regions_at(made, 0)->n[0], 0);
    rgq_regions_free(made);
    rgq_regions_free(set);
}
END_TEST

START_TEST(plane_is_given_or_refused)
{
    static const double centre[3] = {22, 30, 40};
    static uint8_t mask[COUNT];
    rgq_regions *set = empty_set();
    rgq_regions *made = NULL;
    rgq_background_spec spec;
    heard h = {0, ""};

    add_mask_ball(set, "a", centre, 5.0);
    MUST(rgq_background_parse(&spec, "mirror", err));
    REFUSED(rgq_background_make(&made, set, &spec, NULL, NULL, err), RGQ_E_MISSING, "mirror:0");
    ck_assert_ptr_null(made);
    for (int i = 0; i < COUNT; i++)
        mask[i] = i % N >= 4 && i % N <= 34; /* centroid at 19 voxels */
    MUST(rgq_regions_add_mask(set, "BODY", 2, mask, err));
    made = make(set, "mirror", &h);
    ck_assert_str_eq(rgq_regions_at(made, 0)->name, "mirror at x = 38 mm of a");
    rgq_regions_free(made);
    for (int i = 0; i < COUNT; i++)
        mask[i] = i % N == 18;
    MUST(rgq_regions_add_mask(set, "midline", 3, mask, err));
    made = make(set, "mirror", &h);
    ck_assert_str_eq(rgq_regions_at(made, 0)->name, "mirror at x = 36 mm of a");
    rgq_regions_free(made);
    rgq_regions_free(set);
}
END_TEST

START_TEST(reference_by_name)
{
    static const struct {
        const char *tissue;
        const char *name[3];
        const char *want; /* NULL: none */
    } row[] = {
        {"blood pool", {"liver", "Aorta", "Blood_Pool"}, "Blood_Pool"},
        {"blood-pool", {"liver", "AORTA", "x"}, "AORTA"},
        {"muscle", {"Gluteus Maximus", "psoas", "fat"}, "Gluteus Maximus"},
        {"liver", {"spleen", "Right Liver Lobe", "liver-lesion"}, "Right Liver Lobe"},
        {"liver", {"lesion-3-liver", "spleen", "kidney"}, NULL},
        {"cerebellum", {"a", "b", "Cerebellum"}, "Cerebellum"},
    };
    static const double centre[3] = {22, 30, 40};

    for (int i = 0; i < ROWS(row); i++) {
        rgq_regions *set = empty_set();
        rgq_regions *made = NULL;
        rgq_background_spec spec;
        const rgq_background_tracer tracer = {"T", row[i].tissue};
        for (int k = 0; k < 3; k++)
            add_mask_ball(set, row[i].name[k], centre, 3.0 + k);
        MUST(rgq_background_parse(&spec, "reference", err));
        if (row[i].want == NULL) {
            REFUSED(rgq_background_make(&made, set, &spec, &tracer, NULL, err), RGQ_E_NOTFOUND,
                    "lesion-3-liver, spleen, kidney");
        } else {
            MUST(rgq_background_make(&made, set, &spec, &tracer, NULL, err));
            ck_assert_str_eq(rgq_regions_at(made, 0)->name, row[i].want);
            const rgq_region *same = rgq_regions_find(set, row[i].want);
            for (int v = 0; v < COUNT; v++)
                ck_assert(weight_of(rgq_regions_at(made, 0), v) == weight_of(same, v));
        }
        rgq_regions_free(made);
        rgq_regions_free(set);
    }
}
END_TEST

START_TEST(refusals)
{
    static const double centre[3] = {22, 30, 40};
    rgq_regions *set = empty_set();
    rgq_regions *made = NULL;
    rgq_background_spec spec;
    const rgq_background_tracer none = {"T", ""};
    const rgq_background_tracer muscle = {"T", "muscle"};

    add_mask_ball(set, "Muscle", centre, 5.0);
    add_mask_ball(set, "muscle", centre, 4.0);
    MUST(rgq_background_parse(&spec, "reference", err));
    REFUSED(rgq_background_make(&made, set, &spec, NULL, NULL, err), RGQ_E_MISSING, "--tracer");
    REFUSED(rgq_background_make(&made, set, &spec, &none, NULL, err), RGQ_E_MISSING,
            "no reference tissue is established for T");
    REFUSED(rgq_background_make(&made, set, &spec, &muscle, NULL, err), RGQ_E_ARGUMENT,
            "two regions");
    MUST(rgq_background_parse(&spec, "lung", err));
    REFUSED(rgq_background_make(&made, set, &spec, NULL, NULL, err), RGQ_E_NOTFOUND,
            "Muscle, muscle");
    MUST(rgq_background_parse(&spec, "sphere:500,0,0,5", err));
    REFUSED(rgq_background_make(&made, set, &spec, NULL, NULL, err), RGQ_E_GEOMETRY,
            "lies beyond the scan");
    ck_assert_ptr_null(made);
    rgq_regions_free(set);
}
END_TEST

START_TEST(edges)
{
    static const double corner[3] = {0, 0, 0};
    static const uint8_t nothing[COUNT] = {0};
    rgq_regions *set = empty_set();
    heard h = {0, ""};

    add_mask_ball(set, "one voxel", corner, 0.5);
    MUST(rgq_regions_add_mask(set, "nothing", 2, nothing, err));
    rgq_regions *made = make(set, "shell:0,2", &h);
    ck_assert(strstr(h.all, "leaves the scan: 0.024 mL") != NULL); /* its three neighbours */
    ck_assert_int_eq(rgq_regions_at(made, 1)->n[0], 0);
    rgq_regions_free(made);
    made = make(set, "shell:0,1", &h); /* thinner than a voxel */
    ck_assert_int_eq(rgq_regions_at(made, 0)->n[0], 0);
    rgq_regions_free(made);
    rgq_regions_free(set);
}
END_TEST

START_TEST(torture)
{
    static const char *const text[] = {"shell:2,6", "mirror:30", "sphere:20,20,20,5", "a"};
    static const double centre[3] = {22, 30, 40};
    rgq_regions *set = empty_set();
    rgq_regions *made = NULL;
    rgq_background_spec spec;

    add_mask_ball(set, "a", centre, 3.0);
    MUST(rgq_background_parse(&spec, text[_i], err));
    TORTURE(rgq_background_make(&made, set, &spec, NULL, NULL, err), rgq_regions_free(made), 4);
    rgq_regions_free(set);
}
END_TEST

RGQ_CHECK_MAIN("roi.background", tcase_add_test(tc, forms); tcase_add_test(tc, slips);
               tcase_add_test(tc, shell_agrees_with_slow_definition);
               tcase_add_test(tc, what_holds_the_lesion_stays);
               tcase_add_test(tc, sphere_by_its_volume);
               tcase_add_loop_test(tc, mirror_by_its_definition, 0, 3);
               tcase_add_test(tc, mirror_leaves_the_scan);
               tcase_add_test(tc, plane_is_given_or_refused);
               tcase_add_test(tc, reference_by_name); tcase_add_test(tc, refusals);
               tcase_add_test(tc, edges); tcase_add_loop_test(tc, torture, 0, 4))
