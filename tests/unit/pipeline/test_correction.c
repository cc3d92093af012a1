/* What is told, written and cited of a correction. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/references.h"
#include "pipeline/correction.h"
#include "rgq_check.h"

static char told[512];

static void hear(void *user, rgq_level level, const char *text)
{
    (void)user;
    (void)snprintf(told, sizeof told, "%s%s", level == RGQ_LEVEL_WARNING ? "warning: " : "",
                   text);
}

static const rgq_log listener = {hear, NULL, NULL};

START_TEST(names)
{
    rgq_pvc_opts o = RGQ_PVC_OPTS_INIT;
    char words[RGQ_PVC_WORDS_MAX];

    MUST(rgq_correction_parse(&o.method, &o.then, "IY+vc", err));
    ck_assert_str_eq(rgq_pvc_words(words, &o), "iy+vc");
    MUST(rgq_correction_parse(&o.method, &o.then, "labbe", err));
    ck_assert_str_eq(rgq_pvc_words(words, &o), "labbe");
    ck_assert(rgq_pvc_is_regional(o.method) && !rgq_pvc_is_regional(RGQ_PVC_RBV));
    REFUSED(rgq_correction_parse(&o.method, &o.then, "lab", err), RGQ_E_ARGUMENT,
            "did you mean 'labbe'?");
    REFUSED(rgq_correction_parse(&o.method, &o.then, "rbv+rk", err), RGQ_E_ARGUMENT,
            "did you mean 'rbv+rl'?");
    REFUSED(rgq_correction_parse(&o.method, &o.then, "gtm+rl", err), RGQ_E_ARGUMENT,
            "cannot follow gtm");
    ck_assert_int_eq(o.method, RGQ_PVC_LABBE);
}
END_TEST

/* Every method has papers, and they are in the list. */
START_TEST(papers)
{
    rgq_json *list = NULL;
    char key[48];

    MUST(rgq_references_load(&list, err));
    for (int m = RGQ_PVC_RL; m <= RGQ_PVC_STC; m++) {
        const char *at = rgq_pvc_cite((rgq_pvc_method)m);
        ck_assert_str_ne(at, "");
        for (; *at != '\0'; at += strcspn(at, " "), at += *at == ' ') {
            (void)snprintf(key, sizeof key, "%.*s", (int)strcspn(at, " "), at);
            ck_assert_msg(rgq_json_get(list, key) != NULL, "%s", key);
        }
    }
    ck_assert_str_eq(rgq_pvc_cite(RGQ_PVC_NONE), "");
    rgq_json_free(list);
}
END_TEST

START_TEST(psf_of_another_scan)
{
    rgq_psf_file psf = {.voxel_mm = {2.0, 2.0, 2.0}};
    rgq_grid grid = rgq_grid_make((const int[3]){3, 3, 3}, (const double[3]){2, 2, 2.01},
                                  (const double[3]){0, 0, 0});

    told[0] = '\0';
    rgq_psf_suits(&psf, &grid, &listener);
    ck_assert_str_eq(told, "");
    psf.voxel_mm[2] = 3.0;
    rgq_psf_suits(&psf, &grid, &listener);
    ck_assert_msg(strstr(told, "2 x 2 x 3 mm") != NULL, "%s", told);
    MUST(rgq_volume_create(&psf.image, &grid, 1, RGQ_UNIT_NATIVE, err));
    told[0] = '\0';
    rgq_psf_suits(&psf, &grid, &listener);
    ck_assert_str_eq(told, "");
    grid = rgq_grid_make((const int[3]){3, 3, 3}, (const double[3]){-2, 2, 2},
                         (const double[3]){0, 0, 0});
    rgq_psf_suits(&psf, &grid, &listener);
    ck_assert_msg(strstr(told, "warning: the voxel axes") != NULL, "%s", told);
    rgq_volume_free(psf.image);
}
END_TEST

START_TEST(psf_behind_a_filter)
{
    rgq_psf psf = {{6.0, 6.0, 3.0}, NULL};
    rgq_filter_report filter = {
        .name = "gaussian", .fwhm_mm = {8, 8, 4}, .effective_fwhm_mm = {8, 8, 4}};
    rgq_volume *image = NULL;
    const rgq_grid grid = rgq_grid_make((const int[3]){3, 3, 3}, (const double[3]){2, 2, 2},
                                        (const double[3]){0, 0, 0});

    rgq_psf_filtered(&psf, &filter, &listener); /* 3 4 5 */
    ck_assert_double_eq_tol(psf.fwhm_mm[0], 10.0, 1e-12);
    ck_assert_double_eq_tol(psf.fwhm_mm[2], 5.0, 1e-12);
    ck_assert_msg(strstr(told, "one of 10 x 10 x 5 mm") != NULL, "%s", told);
    (void)snprintf(filter.name, sizeof filter.name, "match");
    filter.fwhm_mm[1] = 12.0;
    rgq_psf_filtered(&psf, &filter, &listener);
    ck_assert(psf.fwhm_mm[1] == 12.0 && psf.fwhm_mm[2] == 4.0);
    (void)snprintf(filter.name, sizeof filter.name, "median");
    rgq_psf_filtered(&psf, &filter, &listener);
    ck_assert(psf.fwhm_mm[1] == 12.0);
    ck_assert_msg(strstr(told, "warning: the PSF is taken as that of the median") != NULL, "%s",
                  told);
    MUST(rgq_volume_create(&image, &grid, 1, RGQ_UNIT_NATIVE, err));
    psf.image = image;
    (void)snprintf(filter.name, sizeof filter.name, "gaussian");
    rgq_psf_filtered(&psf, &filter, &listener);
    ck_assert_msg(strstr(told, "warning: ") != NULL, "%s", told);
    ck_assert(psf.fwhm_mm[1] == 12.0);
    rgq_volume_free(image);
}
END_TEST

/* Two frames of one region and the background; iy then vc, stopped for two reasons. */
static char name[2][RGQ_REGION_NAME_MAX] = {"background", "lesion"};
static int label[2] = {0, 7};
static double volume_ml[2] = {10.0, 0.5};
static rgq_pvc_value value[4] = {
    {1, 0.9, 0.1}, {4, 5, 0.2}, {2, 1.9, 0.1}, {8, 10, (double)NAN}};
static rgq_pvc_step step[5] = {{0, 1, false, 3.0, 0.5},
                               {0, 2, false, 2.0, 0.25},
                               {0, 1, true, 1.0, 0.001},
                               {1, 1, false, 5.0, 0.5},
                               {1, 2, false, 4.0, 0.05}};

static rgq_pvc_report report_by_hand(void)
{
    return (rgq_pvc_report){.n_regions = 2,
                            .n_frames = 2,
                            .name = name,
                            .label = label,
                            .volume_ml = volume_ml,
                            .value = value,
                            .step = step,
                            .n_steps = 5,
                            .condition = 3.5,
                            .path = RGQ_CONV_FIR,
                            .radius = {1, 2, 3},
                            .effective_fwhm_mm = {6, 6, 5}};
}

static double number(const rgq_json *node, const char *key)
{
    return rgq_json_number(rgq_json_get(node, key), (double)NAN);
}

START_TEST(described)
{
    const rgq_pvc_report report = report_by_hand();
    rgq_pvc_opts o = RGQ_PVC_OPTS_INIT;
    rgq_json *node = NULL;
    const rgq_correction c = {&o, NULL, &report, true};

    o.method = RGQ_PVC_IY;
    o.then = RGQ_PVC_VC;
    o.tolerance = 0.1;
    MUST(rgq_json_object(&node, err));
    MUST(rgq_correction_describe(node, &c, err));
    ck_assert_str_eq(rgq_json_text(rgq_json_get(node, "method"), ""), "iy+vc");
    ck_assert_str_eq(rgq_json_text(rgq_json_get(node, "background"), ""),
                     "1 - sum of the masks");
    ck_assert(number(node, "condition_number") == 3.5 && number(node, "relaxation") == 1.0);
    const rgq_json *runs = rgq_json_get(node, "runs");
    ck_assert_uint_eq(rgq_json_count(runs), 3);
    static const struct {
        int frame, iterations;
        const char *method, *stop;
    } want[] = {
        {0, 2, "iy", "iterations"}, {0, 1, "vc", "tolerance"}, {1, 2, "iy", "tolerance"}};
    for (size_t i = 0; i < 3; i++) {
        const rgq_json *run = rgq_json_at(runs, i);
        ck_assert_int_eq((int)number(run, "frame"), want[i].frame);
        ck_assert_int_eq((int)number(run, "iterations"), want[i].iterations);
        ck_assert_str_eq(rgq_json_text(rgq_json_get(run, "method"), ""), want[i].method);
        ck_assert_str_eq(rgq_json_text(rgq_json_get(run, "stopped_by"), ""), want[i].stop);
    }
    const rgq_json *fit = rgq_json_get(rgq_json_at(runs, 2), "data_fit");
    ck_assert(rgq_json_number(rgq_json_at(fit, 1), 0.0) == 4.0);
    rgq_json_free(node);
}
END_TEST

START_TEST(table)
{
    const rgq_pvc_report report = report_by_hand();
    rgq_table *made = NULL;

    MUST(rgq_correction_table(&made, &report, RGQ_UNIT_BQ_ML, err));
    ck_assert_int_eq(rgq_table_n_rows(made), 4);
    ck_assert_str_eq(rgq_table_text(made, 3, rgq_table_find(made, "region")), "lesion");
    ck_assert(rgq_table_real(made, 3, rgq_table_find(made, "label")) == 7.0);
    ck_assert(rgq_table_real(made, 3, rgq_table_find(made, "corrected")) == 10.0);
    ck_assert(!rgq_table_has(made, 3, rgq_table_find(made, "corrected_sd")));
    ck_assert(rgq_table_real(made, 3, rgq_table_find(made, "frame")) == 1.0);
    ck_assert_str_eq(rgq_table_text(made, 0, rgq_table_find(made, "unit")), "Bq/mL");
    rgq_table_free(made);
    TORTURE(rgq_correction_table(&made, &report, RGQ_UNIT_BQ_ML, err), rgq_table_free(made), 3);
}
END_TEST

RGQ_CHECK_MAIN("correction", tcase_add_test(tc, names); tcase_add_test(tc, papers);
               tcase_add_test(tc, psf_of_another_scan); tcase_add_test(tc, psf_behind_a_filter);
               tcase_add_test(tc, described); tcase_add_test(tc, table))
