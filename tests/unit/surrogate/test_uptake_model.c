/* The calibration model: its prediction by hand, its refusals, its file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/text.h"
#include "rgdquant/uptake_model.h"
#include "rgq_check.h"

static const rgq_uptake_model base = {.measure = "tbr_mean",
                                      .unit = "1",
                                      .score = "h_score",
                                      .method = "random intercept",
                                      .n_lesions = 60,
                                      .n_patients = 20,
                                      .intercept = 20.0,
                                      .slope = 30.0,
                                      .covariance = {25.0, -3.0, 1.5},
                                      .sd_between = 20.0,
                                      .sd_within = 15.0,
                                      .dof = 18.0,
                                      .tracer = "18F-fluciclatide",
                                      .partial_volume = "not corrected",
                                      .uptake = {true, 1.0, 8.0},
                                      .volume_ml = {true, 0.5, 50.0},
                                      .uptake_time_min = {true, 55.0, 75.0},
                                      .data_sha256 = "0123456789abcdef0123456789abcdef"
                                                     "0123456789abcdef0123456789abcdef"};

static const rgq_uptake_query lesion = {.measure = "tbr_mean",
                                        .unit = "1",
                                        .tracer = "18F-fluciclatide",
                                        .partial_volume = "not corrected",
                                        .uptake = 4.0,
                                        .volume_ml = 5.0,
                                        .uptake_time_min = 60.0};

/* 20 + 30 * 4 = 140; variance 25 - 2*4*3 + 16*1.5 + 400 + 225 = 650; t(18) at 0.975 is
 * 2.10092204024 (tables), so half = 53.5632. Tolerance: digits of the table. */
START_TEST(a_prediction_by_hand)
{
    rgq_uptake_prediction p;

    rgq_uptake_model_predict(&p, &base, &lesion, 0.95);
    ck_assert(!p.refused);
    ck_assert_double_eq_tol(p.score, 140.0, 1e-12);
    ck_assert_double_eq_tol(p.high - p.score, 2.10092204024 * sqrt(650.0), 1e-6);
    ck_assert_double_eq_tol(p.score - p.low, p.high - p.score, 1e-12);
    ck_assert_double_eq(p.confidence, 0.95);
}
END_TEST

/* The interval is that of a lesion, not of the line: it does not shrink to nothing. */
START_TEST(the_interval_never_falls_below_the_spread_of_lesions)
{
    rgq_uptake_model model = base;
    rgq_uptake_prediction p;

    model.covariance[0] = model.covariance[1] = model.covariance[2] = 0.0;
    model.dof = 1e9;
    rgq_uptake_model_predict(&p, &model, &lesion, 0.95);
    ck_assert_double_eq_tol(p.high - p.score, 1.95996398454 * 25.0, 1e-5);
}
END_TEST

/* ---- refusals ---- */

static const struct {
    const char *what;
    rgq_uptake_query query; /* fields that differ from `lesion` */
    const char *says;
} outside[] = {
    {"uptake", {.uptake = 8.5}, "the uptake is 8.5, outside the range"},
    {"uptake", {.uptake = 0.99}, "1 to 8; it is not extrapolated"},
    {"uptake", {.uptake = (double)NAN}, "the uptake is not known of this lesion"},
    {"volume", {.volume_ml = 0.4}, "the size of the lesion is 0.4 mL, outside"},
    {"volume", {.volume_ml = 51.0}, "0.5 to 50 mL"},
    {"volume",
     {.volume_ml = (double)NAN},
     "the size of the lesion is not known of this lesion"},
    {"time", {.uptake_time_min = 90.0}, "injection to scan is 90 min, outside"},
    {"time", {.uptake_time_min = 54.0}, "55 to 75 min"},
    {"time", {.uptake_time_min = (double)NAN}, "injection to scan is not known of this lesion"},
    {"tracer", {.tracer = "68Ga-NOTA-RGD"}, "the tracer is '68Ga-NOTA-RGD' here and '18F-fl"},
    {"tracer", {.tracer = ""}, "the tracer is not known of this lesion"},
    {"measure", {.measure = "mean"}, "the measure is 'mean' here and 'tbr_mean' in the model"},
    {"unit", {.unit = "SUVbw"}, "the unit of the measure is 'SUVbw' here"},
    {"pvc",
     {.partial_volume = "RBV, Gaussian 6 mm"},
     "correction is 'RBV, Gaussian 6 mm' here"},
};

START_TEST(outside_the_model_nothing_is_predicted)
{
    const rgq_uptake_query *change = &outside[_i].query;
    rgq_uptake_query query = lesion;
    rgq_uptake_prediction p;

    query.measure = change->measure != NULL ? change->measure : query.measure;
    query.unit = change->unit != NULL ? change->unit : query.unit;
    query.tracer = change->tracer != NULL ? change->tracer : query.tracer;
    if (change->partial_volume != NULL)
        query.partial_volume = change->partial_volume;
    query.uptake = change->uptake != 0.0 ? change->uptake : query.uptake;
    query.volume_ml = change->volume_ml != 0.0 ? change->volume_ml : query.volume_ml;
    if (change->uptake_time_min != 0.0)
        query.uptake_time_min = change->uptake_time_min;
    rgq_uptake_model_predict(&p, &base, &query, 0.95);
    ck_assert(p.refused);
    ck_assert_msg(strstr(p.reason, outside[_i].says) != NULL, "'%s' lacks '%s'", p.reason,
                  outside[_i].says);
    ck_assert(isnan(p.score) && isnan(p.low) && isnan(p.high));
}
END_TEST

START_TEST(what_the_model_does_not_know_is_refused)
{
    rgq_uptake_model models[] = {base, base, base, base, base};
    rgq_uptake_prediction p;

    models[0].uptake.known = false;
    models[1].volume_ml.known = false;
    models[2].uptake_time_min.known = false;
    models[3].tracer[0] = '\0';
    models[4].partial_volume[0] = '\0';
    for (int i = 0; i < ROWS(models); i++) {
        rgq_uptake_model_predict(&p, &models[i], &lesion, 0.95);
        ck_assert(p.refused);
        ck_assert_ptr_nonnull(strstr(p.reason, "is not known of the model"));
    }
}
END_TEST

START_TEST(the_ends_of_a_range_belong_to_it)
{
    rgq_uptake_query query = lesion;
    rgq_uptake_prediction p;

    query.uptake = 8.0;
    query.volume_ml = 0.5;
    query.uptake_time_min = 75.0;
    rgq_uptake_model_predict(&p, &base, &query, 0.95);
    ck_assert(!p.refused);
}
END_TEST

/* ---- the file ---- */

START_TEST(a_model_reads_back_as_it_was_written)
{
    rgq_uptake_model again = {.n_lesions = 0};
    rgq_uptake_prediction p;
    rgq_uptake_prediction q;
    char *text = NULL;

    MUST(rgq_uptake_model_json(&text, &base, err));
    MUST(rgq_uptake_model_parse(&again, text, strlen(text), "model.json", err));
    ck_assert_str_eq(again.tracer, base.tracer);
    ck_assert_str_eq(again.data_sha256, base.data_sha256);
    ck_assert_int_eq(again.n_patients, 20);
    rgq_uptake_model_predict(&p, &base, &lesion, 0.9);
    rgq_uptake_model_predict(&q, &again, &lesion, 0.9);
    ck_assert(memcmp(&p, &q, sizeof p) == 0);
    rgq_free(text);
}
END_TEST

START_TEST(what_is_not_known_is_absent_and_stays_so)
{
    rgq_uptake_model model = base;
    rgq_uptake_model again = base;
    char *text = NULL;

    model.tracer[0] = model.partial_volume[0] = model.data_sha256[0] = '\0';
    model.volume_ml.known = false;
    model.n_patients = 6;
    model.forced = true;
    MUST(rgq_uptake_model_json(&text, &model, err));
    ck_assert_ptr_null(strstr(text, "tracer"));
    ck_assert_ptr_null(strstr(text, "volume_ml"));
    MUST(rgq_uptake_model_parse(&again, text, strlen(text), "model.json", err));
    ck_assert_str_eq(again.tracer, "");
    ck_assert(!again.volume_ml.known);
    ck_assert(again.forced);
    rgq_free(text);
}
END_TEST

static const struct {
    const char *from;
    const char *to;
    const char *says;
} spoilt[] = {
    {"\"format\": 1", "\"format\": 2", "format"},
    {"\"uptake model\"", "\"psf\"", "needed is 'uptake model'"},
    {"\"slope\"", "\"slop\"", "slop"},
    {"\"method\": \"random intercept\",", "", "method"},
    {"\"score\": \"h_score\"", "\"score\": \"\"", "'score' has 0 bytes"},
    {"\"forced\": false", "\"forced\": 0", "true or false"},
    {"\"n_patients\": 20", "\"n_patients\": 19", "must say \"forced\": true"},
    {"\"n_patients\": 20", "\"n_patients\": 20.5", "whole number"},
    {"\"n_lesions\": 60", "\"n_lesions\": 19", "20 patients and 19 lesions"},
    {"\"n_lesions\": 60", "\"n_lesions\": 2", "n_lesions"},
    {"25", "-25", "which is none"},
    {"-3", "-30", "which is none"},
    {"\"sd_between\": 20", "\"sd_between\": -20", "sd_between"},
    {"\"dof\": 18", "\"dof\": 0", "dof"},
    {"\"low\": 1", "\"low\": 9", "domain.uptake"},
    {"\"data_sha256\": \"0", "\"data_sha256\": \"X", "64 hexadecimal"},
};

START_TEST(a_spoilt_file_is_refused)
{
    rgq_uptake_model model = {.dof = 7.0};
    rgq_text text = RGQ_TEXT_INIT;
    char *whole = NULL;

    MUST(rgq_uptake_model_json(&whole, &base, err));
    const char *at = strstr(whole, spoilt[_i].from);
    ck_assert_msg(at != NULL, "no %s in %s", spoilt[_i].from, whole);
    rgq_text_append(&text, whole, (size_t)(at - whole));
    rgq_text_printf(&text, "%s", spoilt[_i].to);
    rgq_text_printf(&text, "%s", at + strlen(spoilt[_i].from));
    REFUSED(rgq_uptake_model_parse(&model, text.data, text.length, "model.json", err),
            RGQ_E_FORMAT, spoilt[_i].says);
    ck_assert_double_eq(model.dof, 7.0);
    rgq_text_release(&text);
    rgq_free(whole);
}
END_TEST

START_TEST(a_model_that_could_not_be_read_is_not_written)
{
    rgq_uptake_model model = base;
    char *text = NULL;

    model.dof = (double)NAN;
    REFUSED(rgq_uptake_model_json(&text, &model, err), RGQ_E_FORMAT, "dof");
    model = base;
    model.n_patients = 6;
    REFUSED(rgq_uptake_model_json(&text, &model, err), RGQ_E_FORMAT, "forced");
    ck_assert_ptr_null(text);
}
END_TEST

START_TEST(lost_memory_is_reported)
{
    char *text = NULL;

    TORTURE(rgq_uptake_model_json(&text, &base, err), (rgq_free(text), text = NULL), 0);
}
END_TEST

RGQ_CHECK_MAIN("uptake model", tcase_add_test(tc, a_prediction_by_hand);
               tcase_add_test(tc, the_interval_never_falls_below_the_spread_of_lesions);
               tcase_add_loop_test(tc, outside_the_model_nothing_is_predicted, 0,
                                   ROWS(outside));
               tcase_add_test(tc, what_the_model_does_not_know_is_refused);
               tcase_add_test(tc, the_ends_of_a_range_belong_to_it);
               tcase_add_test(tc, a_model_reads_back_as_it_was_written);
               tcase_add_test(tc, what_is_not_known_is_absent_and_stays_so);
               tcase_add_loop_test(tc, a_spoilt_file_is_refused, 0, ROWS(spoilt));
               tcase_add_test(tc, a_model_that_could_not_be_read_is_not_written);
               tcase_add_test(tc, lost_memory_is_reported))
