/* The word of confidence: every rule flips it; and what is said of drugs and tissues. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/json.h"
#include "core/text.h"
#include "rgdquant/surrogate.h"
#include "rgq_check.h"

#define SHIPPED RGQ_SOURCE_DIR "/tracers"

static const rgq_column measured[] = {
    {"region", RGQ_COLUMN_TEXT, NULL, NULL},
    {"label", RGQ_COLUMN_INT, NULL, NULL},
    {"volume_ml", RGQ_COLUMN_REAL, NULL, NULL},
    {"unit", RGQ_COLUMN_TEXT, NULL, NULL},
    {"tbr_mean", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_peak", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_mean_ci_low", RGQ_COLUMN_REAL, NULL, NULL},
    {"tbr_mean_ci_high", RGQ_COLUMN_REAL, NULL, NULL},
};

/* One lesion with everything in its favour: class-level evidence, one target, people, a
 * reference tissue, inside the window, large, well above the background. Tests spoil one fact.
 */
typedef struct lesion {
    rgq_tracer tracer;
    rgq_targets *targets;
    rgq_uptake_model model;
    rgq_surrogate_opts opts;
    double volume_ml, low, high;
} lesion;

static void good_lesion(lesion *l)
{
    rgq_tracer *t = &l->tracer;

    *l = (lesion){.volume_ml = 10.0, .low = 3.0, .high = 3.5};
    rgq_text_copy(t->id, sizeof t->id, "18F-x");
    rgq_text_copy(t->reference_tissue, sizeof t->reference_tissue, "muscle");
    rgq_text_copy(t->target[0].integrin, sizeof t->target[0].integrin, "αvβ3");
    rgq_text_copy(t->target[0].evidence_level, sizeof t->target[0].evidence_level,
                  "class-level IHC support");
    t->n_targets = 1;
    t->is_rgd = true;
    t->used_in_humans = true;
    t->uptake_start_min = (rgq_quantity){.known = true, .value = 45.0};
    t->uptake_end_min = (rgq_quantity){.known = true, .value = 90.0};
    MUST(rgq_targets_load(&l->targets, SHIPPED, err));
    l->model = (rgq_uptake_model){.measure = "tbr_mean",
                                  .unit = "1",
                                  .score = "h_score",
                                  .n_lesions = 40,
                                  .n_patients = 20,
                                  .slope = 10.0,
                                  .sd_within = 1.0,
                                  .dof = 18.0,
                                  .tracer = "18F-x",
                                  .partial_volume = "not corrected",
                                  .uptake = {true, 1.0, 8.0},
                                  .volume_ml = {true, 1.0, 50.0},
                                  .uptake_time_min = {true, 40.0, 100.0}};
    l->opts = (rgq_surrogate_opts){
        .background = "muscle", .uptake_time_min = 60.0, .targets = l->targets};
}

static rgq_json *report_of(const lesion *l)
{
    rgq_table *table = NULL;
    rgq_json *root = NULL;
    char *text = NULL;

    MUST(rgq_table_create(&table, measured, ROWS(measured), err));
    MUST(rgq_table_add_row(table, err));
    MUST(rgq_table_set_text(table, "region", "lesion", err));
    MUST(rgq_table_set_text(table, "unit", "SUVbw", err));
    rgq_table_set_real(table, "volume_ml", l->volume_ml);
    rgq_table_set_real(table, "tbr_mean", 3.25);
    rgq_table_set_real(table, "tbr_peak", 4.0);
    rgq_table_set_real(table, "tbr_mean_ci_low", l->low);
    rgq_table_set_real(table, "tbr_mean_ci_high", l->high);
    MUST(rgq_surrogate_json(&text, &l->tracer, table, &l->opts, err));
    MUST(rgq_json_parse(&root, text, strlen(text), "surrogate.json", err));
    rgq_free(text);
    rgq_table_free(table);
    return root;
}

static const rgq_json *region_of(const rgq_json *root)
{
    return rgq_json_at(rgq_json_get(root, "regions"), 0);
}

static const char *word_of(const rgq_json *root)
{
    const rgq_json *confidence = rgq_json_get(region_of(root), "confidence");
    return rgq_json_text(rgq_json_get(confidence, "word"), "(none)");
}

static bool rule_holds(const rgq_json *root, const char *id)
{
    const rgq_json *rules = rgq_json_get(rgq_json_get(region_of(root), "confidence"), "rules");

    for (size_t i = 0; i < rgq_json_count(rules); i++)
        if (strcmp(rgq_json_text(rgq_json_get(rgq_json_at(rules, i), "id"), ""), id) == 0)
            return true;
    return false;
}

static void give_drug(lesion *l, const char *words)
{
    MUST(rgq_surrogate_drugs_parse(l->opts.drug, &l->opts.n_drugs, l->targets, words, err));
}

static void set_evidence(lesion *l, const char *level)
{
    rgq_text_copy(l->tracer.target[0].evidence_level, sizeof l->tracer.target[0].evidence_level,
                  level);
}

static void with_model(lesion *l)
{
    l->opts.model = &l->model;
}
static void with_evidence(lesion *l)
{
    set_evidence(l, "class-level IHC support");
}
static void without_evidence(lesion *l)
{
    set_evidence(l, "none");
}
static void with_lower(lesion *l)
{
    set_evidence(l, "lower");
}
static void without_background(lesion *l)
{
    l->opts.background = NULL;
}
static void with_drug(lesion *l)
{
    give_drug(l, "cilengitide:2h");
}
static void at_background(lesion *l)
{
    l->low = 0.9;
}
static void in_animals(lesion *l)
{
    l->tracer.used_in_humans = false;
}
static void without_reference(lesion *l)
{
    l->tracer.reference_tissue[0] = '\0';
}
static void smaller(lesion *l)
{
    l->volume_ml = 4.1;
}
static void at_no_time(lesion *l)
{
    l->opts.uptake_time_min = (double)NAN;
}
static void too_late(lesion *l)
{
    l->opts.uptake_time_min = 95.0;
}
static void without_interval(lesion *l)
{
    l->low = (double)NAN;
}
static void with_two_targets(lesion *l)
{
    l->tracer.target[1] = l->tracer.target[0];
    l->tracer.n_targets = 2;
}

/* The rule, what the case is before, what makes the rule hold, and both words. */
static const struct {
    const char *id;
    void (*before)(lesion *l);
    void (*spoil)(lesion *l);
    const char *from;
    const char *to;
} flips[] = {
    {"S1", NULL, with_model, "moderate", "good"},
    {"S2", without_evidence, with_evidence, "none", "moderate"},
    {"S3", without_evidence, with_lower, "none", "low"},
    {"C1", NULL, without_background, "moderate", "none"},
    {"C2", NULL, with_drug, "moderate", "very low"},
    {"C3", NULL, at_background, "moderate", "very low"},
    {"C4", NULL, in_animals, "moderate", "very low"},
    {"C5", with_model, without_reference, "good", "moderate"},
    {"D1", NULL, smaller, "moderate", "low"},
    {"D2", NULL, at_no_time, "moderate", "low"},
    {"D3", NULL, too_late, "moderate", "low"},
    {"D4", NULL, without_interval, "moderate", "low"},
    {"D5", NULL, with_two_targets, "moderate", "low"},
};

START_TEST(each_rule_flips_the_word)
{
    lesion l;

    ck_assert_int_eq(ROWS(flips), RGQ_CONFIDENCE_RULES);
    ck_assert_str_eq(rgq_confidence_rule_at(_i)->id, flips[_i].id);
    good_lesion(&l);
    if (flips[_i].before != NULL)
        flips[_i].before(&l);
    rgq_json *before = report_of(&l);
    ck_assert_str_eq(word_of(before), flips[_i].from);
    ck_assert(!rule_holds(before, flips[_i].id));
    flips[_i].spoil(&l);
    rgq_json *after = report_of(&l);
    ck_assert_str_eq(word_of(after), flips[_i].to);
    ck_assert(rule_holds(after, flips[_i].id));
    rgq_json_free(before);
    rgq_json_free(after);
    rgq_targets_free(l.targets);
}
END_TEST

START_TEST(the_table_of_rules_can_be_read)
{
    for (int i = 0; i < RGQ_CONFIDENCE_RULES; i++) {
        const rgq_confidence_rule *rule = rgq_confidence_rule_at(i);
        ck_assert_int_gt((int)strlen(rule->when), 10);
        ck_assert_int_gt((int)strlen(rule->why), 10);
    }
    ck_assert_ptr_null(rgq_confidence_rule_at(RGQ_CONFIDENCE_RULES));
    ck_assert_ptr_null(rgq_confidence_rule_at(-1));
}
END_TEST

START_TEST(steps_add_up_and_end_at_none)
{
    lesion l;

    good_lesion(&l);
    smaller(&l);
    without_interval(&l);
    rgq_json *two = report_of(&l);
    ck_assert_str_eq(word_of(two), "very low");
    with_two_targets(&l);
    at_no_time(&l);
    rgq_json *four = report_of(&l);
    ck_assert_str_eq(word_of(four), "none");
    rgq_json_free(two);
    rgq_json_free(four);
    rgq_targets_free(l.targets);
}
END_TEST

/* ---- calibration ---- */

START_TEST(a_prediction_stands_with_its_interval)
{
    lesion l;

    good_lesion(&l);
    with_model(&l);
    rgq_json *root = report_of(&l);
    const rgq_json *calibrated = rgq_json_get(region_of(root), "calibrated");
    ck_assert_double_eq_tol(rgq_json_number(rgq_json_get(calibrated, "predicted"), 0), 32.5,
                            1e-12);
    ck_assert(rgq_json_is_number(rgq_json_get(rgq_json_get(calibrated, "interval"), "low")));
    ck_assert_double_eq(rgq_json_number(rgq_json_get(calibrated, "level"), 0), 0.95);
    rgq_json_free(root);
    rgq_targets_free(l.targets);
}
END_TEST

START_TEST(a_drug_on_board_or_another_size_refuses_the_prediction)
{
    lesion l;

    good_lesion(&l);
    with_model(&l);
    with_drug(&l);
    rgq_json *root = report_of(&l);
    const rgq_json *refused =
        rgq_json_get(rgq_json_get(region_of(root), "calibrated"), "refused");
    ck_assert_ptr_nonnull(strstr(rgq_json_text(refused, ""), "cilengitide was on board"));
    rgq_json_free(root);
    l.opts.n_drugs = 0;
    l.volume_ml = 0.5;
    root = report_of(&l);
    refused = rgq_json_get(rgq_json_get(region_of(root), "calibrated"), "refused");
    ck_assert_ptr_nonnull(strstr(rgq_json_text(refused, ""), "outside the range"));
    ck_assert(!rule_holds(root, "S1"));
    rgq_json_free(root);
    rgq_targets_free(l.targets);
}
END_TEST

START_TEST(a_forced_model_does_not_raise_the_word)
{
    lesion l;

    good_lesion(&l);
    with_model(&l);
    l.model.forced = true;
    l.model.n_patients = 8;
    rgq_json *root = report_of(&l);
    ck_assert(!rule_holds(root, "S1"));
    ck_assert_str_eq(word_of(root), "moderate");
    rgq_json_free(root);
    rgq_targets_free(l.targets);
}
END_TEST

/* ---- drugs ---- */

static const struct {
    const char *words;
    const char *says; /* in a caveat */
    bool competes;
} drugs[] = {
    {"cilengitide:2h", "0.5 to 1 half-lives have passed", true},
    {"cilengitide:120min", "given 2 h before", true},
    {"cilengitide", "competes for the site", true},
    {"cilengitide:20h", "at least five have passed", false},
    {"cilengitide:19h", "competes for the site", true},
    {"abituzumab:21d", "half-life is not given in the reviews", true},
    {"volociximab:1h", "not a known target of this tracer", false},
};

START_TEST(a_drug_is_told_by_what_it_shares_with_the_tracer)
{
    lesion l;
    bool said = false;

    good_lesion(&l);
    give_drug(&l, drugs[_i].words);
    rgq_json *root = report_of(&l);
    const rgq_json *caveats = rgq_json_get(root, "caveats");
    for (size_t i = 0; i < rgq_json_count(caveats); i++)
        said = said || strstr(rgq_json_text(rgq_json_get(rgq_json_at(caveats, i), "text"), ""),
                              drugs[_i].says) != NULL;
    ck_assert(said);
    ck_assert(rule_holds(root, "C2") == drugs[_i].competes);
    rgq_json_free(root);
    rgq_targets_free(l.targets);
}
END_TEST

static const struct {
    const char *words;
    rgq_status status;
    const char *says;
} bad_drugs[] = {
    {"aspirin:2h", RGQ_E_NOTFOUND, "no drug 'aspirin' is known"},
    {"cilengitide:2", RGQ_E_ARGUMENT, "'2' is no time"},
    {"cilengitide:h", RGQ_E_ARGUMENT, "'h' is no time"},
    {"cilengitide:-2h", RGQ_E_ARGUMENT, "'-2h' is no time"},
    {"cilengitide:2.2.2h", RGQ_E_ARGUMENT, "is no time"},
    {"", RGQ_E_ARGUMENT, "no list of drugs"},
    {"cilengitide:2h,", RGQ_E_ARGUMENT, "no list of drugs"},
    {"17E6,17E6,17E6,17E6,17E6,17E6,17E6,17E6,17E6", RGQ_E_ARGUMENT, "1 to 8"},
};

START_TEST(a_drug_that_is_none_is_refused)
{
    rgq_targets *targets = NULL;
    rgq_surrogate_drug out[RGQ_SURROGATE_DRUGS_MAX];
    int count = 7;

    MUST(rgq_targets_load(&targets, SHIPPED, err));
    REFUSED(rgq_surrogate_drugs_parse(out, &count, targets, bad_drugs[_i].words, err),
            bad_drugs[_i].status, bad_drugs[_i].says);
    ck_assert_int_eq(count, 0);
    rgq_targets_free(targets);
}
END_TEST

/* ---- context and caveats ---- */

START_TEST(both_directions_are_shown)
{
    static const char *const tissues[] = {"glioblastoma", "pancreas", "thyroid"};
    lesion l;

    good_lesion(&l);
    for (int i = 0; i < ROWS(tissues); i++) {
        l.opts.tissue = tissues[i];
        rgq_json *root = report_of(&l);
        const rgq_json *target =
            rgq_json_at(rgq_json_get(rgq_json_get(root, "context"), "targets"), 0);
        ck_assert_uint_gt(rgq_json_count(rgq_json_get(target, "towards")) +
                              rgq_json_count(rgq_json_get(target, "towards_elsewhere")),
                          0);
        ck_assert_uint_gt(rgq_json_count(rgq_json_get(target, "against")) +
                              rgq_json_count(rgq_json_get(target, "against_elsewhere")),
                          0);
        ck_assert((rgq_json_get(target, "note") != NULL) == (i == 2));
        rgq_json_free(root);
    }
    rgq_targets_free(l.targets);
}
END_TEST

START_TEST(the_mandatory_caveats_stand_with_their_source)
{
    static const char *const needed[] = {"need not mean angiogenesis",
                                         "Vessels, tumour cells",
                                         "EPR",
                                         "αvβ5, αvβ6",
                                         "in the blood of the region",
                                         "Muscle",
                                         "αIIbβ3",
                                         "inflammation",
                                         "internalisation",
                                         "73 specimens"};
    lesion l;

    good_lesion(&l);
    rgq_json *root = report_of(&l);
    const rgq_json *caveats = rgq_json_get(root, "caveats");
    for (int i = 0; i < ROWS(needed); i++) {
        bool said = false;
        for (size_t k = 0; k < rgq_json_count(caveats); k++) {
            const rgq_json *node = rgq_json_at(caveats, k);
            said = said ||
                   (strstr(rgq_json_text(rgq_json_get(node, "text"), ""), needed[i]) != NULL &&
                    rgq_json_get(node, "source") != NULL);
        }
        ck_assert_msg(said, "no caveat with a source says '%s'", needed[i]);
    }
    rgq_json_free(root);
    rgq_targets_free(l.targets);
}
END_TEST

RGQ_CHECK_MAIN("confidence", tcase_add_loop_test(tc, each_rule_flips_the_word, 0, ROWS(flips));
               tcase_add_test(tc, the_table_of_rules_can_be_read);
               tcase_add_test(tc, steps_add_up_and_end_at_none);
               tcase_add_test(tc, a_prediction_stands_with_its_interval);
               tcase_add_test(tc, a_drug_on_board_or_another_size_refuses_the_prediction);
               tcase_add_test(tc, a_forced_model_does_not_raise_the_word);
               tcase_add_loop_test(tc, a_drug_is_told_by_what_it_shares_with_the_tracer, 0,
                                   ROWS(drugs));
               tcase_add_loop_test(tc, a_drug_that_is_none_is_refused, 0, ROWS(bad_drugs));
               tcase_add_test(tc, both_directions_are_shown);
               tcase_add_test(tc, the_mandatory_caveats_stand_with_their_source))
