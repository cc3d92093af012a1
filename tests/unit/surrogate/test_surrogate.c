#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "rgdquant/surrogate.h"
#include "rgq_check.h"

#define SHIPPED RGQ_SOURCE_DIR "/tracers"

/* The columns of the measures table that matter here, and one that does not. */
static const rgq_column measured[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, NULL},
    {"label", RGQ_COLUMN_INT, NULL, NULL},
    {"n_voxels", RGQ_COLUMN_INT, NULL, NULL},
    {"unit", RGQ_COLUMN_TEXT, NULL, NULL},
    {"tbr_mean", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_peak", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_mean_ci_low", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_mean_ci_high", RGQ_COLUMN_REAL, NULL, NULL},
};

static void add_row(rgq_table *table, const char *region, int label, const double tbr[4])
{
    MUST(rgq_table_add_row(table, err));
    MUST(rgq_table_set_text(table, "region", region, err));
    rgq_table_set_int(table, "label", label);
    MUST(rgq_table_set_text(table, "unit", "SUVbw", err));
    rgq_table_set_real(table, "tbr_mean", tbr[0]);
    rgq_table_set_real(table, "tbr_peak", tbr[1]);
    rgq_table_set_real(table, "tbr_mean_ci_low", tbr[2]);
    rgq_table_set_real(table, "tbr_mean_ci_high", tbr[3]);
}

/* A lesion, a lesion without interval, an empty region, and the background. */
static rgq_table *make_measures(void)
{
    const double nan = (double)NAN;
    rgq_table *table = NULL;

    MUST(rgq_table_create(&table, measured, ROWS(measured), err));
    add_row(table, "lesion", 1, (double[4]){3.25, 4.5, 3.0, 3.5});
    add_row(table, "small", 2, (double[4]){1.5, 1.75, nan, nan});
    add_row(table, "empty", 3, (double[4]){nan, nan, nan, nan});
    add_row(table, "muscle", 4, (double[4]){1.0, 1.0, 0.9, 1.1});
    return table;
}

static rgq_json *surrogate_of(const char *id, const rgq_surrogate_opts *opts)
{
    rgq_table *table = make_measures();
    rgq_tracer tracer;
    rgq_json *root = NULL;
    char *text = NULL;

    MUST(rgq_tracer_find(&tracer, SHIPPED, id, err));
    MUST(rgq_surrogate_json(&text, &tracer, table, opts, err));
    MUST(rgq_json_parse(&root, text, strlen(text), "surrogate.json", err));
    rgq_free(text);
    rgq_table_free(table);
    return root;
}

static const char *text_of(const rgq_json *node, const char *key)
{
    return rgq_json_text(rgq_json_get(node, key), "(none)");
}

static const rgq_json *region_of(const rgq_json *root, size_t i)
{
    return rgq_json_at(rgq_json_get(root, "regions"), i);
}

/* Some item of a list has `words` in its member `key`. */
static bool says(const rgq_json *root, const char *list, const char *key, const char *words)
{
    const rgq_json *array = rgq_json_get(root, list);

    for (size_t i = 0; i < rgq_json_count(array); i++)
        if (strstr(text_of(rgq_json_at(array, i), key), words) != NULL)
            return true;
    return false;
}

static const rgq_surrogate_opts with_muscle = {.background = "muscle", .uptake_time_min = 60.0};

START_TEST(the_index_is_the_ratio_of_the_measures)
{
    rgq_json *root = surrogate_of("18F-fluciclatide", &with_muscle);
    const rgq_json *index = rgq_json_get(region_of(root, 0), "index");
    const rgq_json *interval = rgq_json_get(index, "interval");

    /* exact: the values are copied and written to read back as the same double */
    ck_assert(rgq_json_number(rgq_json_get(index, "value"), 0) == 3.25);
    ck_assert(rgq_json_number(rgq_json_get(index, "peak"), 0) == 4.5);
    ck_assert(rgq_json_number(rgq_json_get(interval, "low"), 0) == 3.0);
    ck_assert(rgq_json_number(rgq_json_get(interval, "high"), 0) == 3.5);
    ck_assert_str_eq(text_of(index, "uptake_unit"), "SUVbw");
    ck_assert_str_eq(text_of(index, "partial_volume"), "not corrected");
    ck_assert_ptr_nonnull(strstr(text_of(index, "formed"), "mean of 'muscle'"));
    index = rgq_json_get(region_of(root, 1), "index");
    ck_assert(rgq_json_number(rgq_json_get(index, "value"), 0) == 1.5);
    ck_assert(rgq_json_is_null(rgq_json_get(index, "interval")));
    rgq_json_free(root);
}
END_TEST

START_TEST(a_region_without_ratio_says_why)
{
    rgq_json *root = surrogate_of("18F-fluciclatide", &with_muscle);

    ck_assert(rgq_json_is_null(rgq_json_get(region_of(root, 2), "index")));
    ck_assert_ptr_nonnull(strstr(text_of(region_of(root, 2), "index_missing"), "no voxel"));
    ck_assert(rgq_json_is_null(rgq_json_get(region_of(root, 3), "index")));
    ck_assert_ptr_nonnull(
        strstr(text_of(region_of(root, 3), "index_missing"), "is the background"));
    rgq_json_free(root);
}
END_TEST

START_TEST(the_background_may_be_a_label)
{
    const rgq_surrogate_opts opts = {.background = "4", .uptake_time_min = 60.0};
    rgq_json *root = surrogate_of("18F-fluciclatide", &opts);

    ck_assert(rgq_json_is_object(rgq_json_get(region_of(root, 0), "index")));
    ck_assert_ptr_nonnull(
        strstr(text_of(region_of(root, 3), "index_missing"), "is the background"));
    rgq_json_free(root);
}
END_TEST

START_TEST(without_background_no_region_has_an_index)
{
    const rgq_surrogate_opts opts = {.uptake_time_min = 60.0};
    rgq_json *root = surrogate_of("18F-fluciclatide", &opts);

    ck_assert_uint_eq(rgq_json_count(rgq_json_get(root, "regions")), 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert(rgq_json_is_null(rgq_json_get(region_of(root, i), "index")));
        ck_assert_ptr_nonnull(
            strstr(text_of(region_of(root, i), "index_missing"), "--background"));
    }
    ck_assert(rgq_json_is_null(rgq_json_get(root, "background")));
    ck_assert(says(root, "not_computed", "what", "index"));
    rgq_json_free(root);
}
END_TEST

START_TEST(the_file_has_the_members_of_the_contract)
{
    static const char *const members[] = {
        "statement",      "tracer",  "targets",     "uptake_time_min", "background",
        "partial_volume", "drugs",   "regions",     "calibrated",      "confidence",
        "context",        "caveats", "not_computed"};
    rgq_json *root = surrogate_of("18F-fluciclatide", &with_muscle);

    ck_assert_uint_eq(rgq_json_count(root), (size_t)ROWS(members));
    for (int i = 0; i < ROWS(members); i++) {
        const char *key = NULL;
        ck_assert_ptr_nonnull(rgq_json_member(root, (size_t)i, &key));
        ck_assert_str_eq(key, members[i]);
    }
    ck_assert_str_eq(text_of(root, "statement"),
                     "tracer-target uptake; not an expression level; research use");
    ck_assert_str_eq(text_of(rgq_json_get(root, "calibrated"), "refused"),
                     "no calibration given");
    ck_assert_str_eq(text_of(rgq_json_get(region_of(root, 0), "calibrated"), "refused"),
                     "no calibration given");
    ck_assert_uint_eq(rgq_json_count(rgq_json_get(root, "targets")), 2);
    ck_assert_str_eq(text_of(rgq_json_at(rgq_json_get(root, "targets"), 1), "integrin"),
                     "αvβ5");
    ck_assert(says(root, "not_computed", "what", "expression level"));
    ck_assert(says(root, "not_computed", "what", "context"));
    ck_assert(says(root, "not_computed", "what", "share of each integrin"));
    rgq_json_free(root);
}
END_TEST

START_TEST(the_caveats_of_the_tracer_are_all_there)
{
    rgq_json *root = surrogate_of("18F-fluciclatide", &with_muscle);
    rgq_tracer tracer;

    MUST(rgq_tracer_find(&tracer, SHIPPED, "18F-fluciclatide", err));
    for (int i = 0; i < tracer.n_caveats; i++)
        ck_assert(says(root, "caveats", "text", tracer.caveat[i].text));
    ck_assert(says(root, "caveats", "text", "need not mean angiogenesis"));
    ck_assert(says(root, "caveats", "text", "'muscle' was chosen by the user"));
    rgq_json_free(root);
}
END_TEST

START_TEST(rwy_is_never_called_an_rgd_tracer)
{
    rgq_json *root = surrogate_of("99mTc-RWY", &with_muscle);

    ck_assert(!rgq_json_bool(rgq_json_get(rgq_json_get(root, "tracer"), "rgd"), true));
    ck_assert_ptr_null(
        strstr(text_of(rgq_json_at(rgq_json_get(root, "targets"), 0), "integrin"), "αvβ3"));
    ck_assert(says(root, "caveats", "text", "not an RGD tracer"));
    /* α6β1 and α6β4: the peptide addresses the subunit */
    ck_assert(says(root, "not_computed", "what", "share of each integrin"));
    rgq_json_free(root);
}
END_TEST

static const struct {
    double minutes;
    const char *words; /* NULL: no word on the time of this scan */
} times[] = {
    {30.0, NULL},
    {45.0, NULL},
    {60.0, NULL},
    {29.0, "29.0 min after injection; published imaging began at 30"},
    {90.0, "was over at 60 min"},
    {(double)NAN, "is unknown"},
};

START_TEST(an_uptake_time_outside_the_published_one_is_told)
{
    const rgq_surrogate_opts opts = {.background = "muscle",
                                     .uptake_time_min = times[_i].minutes};
    rgq_json *root = surrogate_of("99mTc-RWY", &opts); /* published: 30 to 60 min */

    ck_assert_int_eq(says(root, "caveats", "text", "The scan began") ||
                         says(root, "caveats", "text", "time from injection to scan"),
                     times[_i].words != NULL);
    if (times[_i].words != NULL)
        ck_assert(says(root, "caveats", "text", times[_i].words));
    rgq_json_free(root);
}
END_TEST

START_TEST(options_are_repeated_in_the_file)
{
    const rgq_surrogate_opts opts = {.background = "muscle",
                                     .partial_volume = "RL, 10 iterations, 6 mm",
                                     .tissue = "breast",
                                     .uptake_time_min = 60.0};
    rgq_json *root = surrogate_of("68Ga-NOTA-RGD", &opts);

    ck_assert_str_eq(text_of(root, "partial_volume"), "RL, 10 iterations, 6 mm");
    ck_assert(says(root, "not_computed", "why", "table of integrins was not given"));
    rgq_json_free(root);
}
END_TEST

START_TEST(a_table_of_another_kind_is_refused)
{
    rgq_table *table = NULL;
    rgq_tracer tracer = {.id = "x"};
    char untouched[] = "x";
    char *text = untouched;

    MUST(rgq_table_create(&table, measured, 4, err));
    REFUSED(rgq_surrogate_json(&text, &tracer, table, &with_muscle, err), RGQ_E_ARGUMENT,
            "no column 'tbr_mean'");
    ck_assert_ptr_null(text);
    rgq_table_free(table);
}
END_TEST

START_TEST(no_region_gives_an_empty_list)
{
    rgq_table *table = NULL;
    rgq_tracer tracer = {.id = "x"};
    char *text = NULL;

    MUST(rgq_table_create(&table, measured, ROWS(measured), err));
    MUST(rgq_surrogate_json(&text, &tracer, table, &with_muscle, err));
    ck_assert_ptr_nonnull(strstr(text, "\"regions\": []"));
    rgq_free(text);
    rgq_table_free(table);
}
END_TEST

START_TEST(lost_memory_is_reported)
{
    rgq_table *table = make_measures();
    rgq_tracer tracer;
    char *text = NULL;

    MUST(rgq_tracer_find(&tracer, SHIPPED, "18F-fluciclatide", err));
    TORTURE(rgq_surrogate_json(&text, &tracer, table, &with_muscle, err),
            (rgq_free(text), text = NULL), 1);
    rgq_table_free(table);
}
END_TEST

RGQ_CHECK_MAIN("surrogate", tcase_add_test(tc, the_index_is_the_ratio_of_the_measures);
               tcase_add_test(tc, a_region_without_ratio_says_why);
               tcase_add_test(tc, the_background_may_be_a_label);
               tcase_add_test(tc, without_background_no_region_has_an_index);
               tcase_add_test(tc, the_file_has_the_members_of_the_contract);
               tcase_add_test(tc, the_caveats_of_the_tracer_are_all_there);
               tcase_add_test(tc, rwy_is_never_called_an_rgd_tracer);
               tcase_add_loop_test(tc, an_uptake_time_outside_the_published_one_is_told, 0,
                                   ROWS(times));
               tcase_add_test(tc, options_are_repeated_in_the_file);
               tcase_add_test(tc, a_table_of_another_kind_is_refused);
               tcase_add_test(tc, no_region_gives_an_empty_list);
               tcase_add_test(tc, lost_memory_is_reported))
