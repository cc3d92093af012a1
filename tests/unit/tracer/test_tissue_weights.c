/* tracer/tissue_weights.c: the shipped rules, and what is no rule. */
#include <math.h>
#include <string.h>

#include "rgdquant/tissue_weights.h"
#include "rgq_check.h"

static rgq_tissue_weights weights;

/* All weights of a rule of the ICRP sum to 1 (rounding). */
START_TEST(shipped_rules)
{
    static const char *const ids[] = {"icrp60", "ICRP103"};

    MUST(rgq_tissue_weights_load(&weights, RGQ_SOURCE_DIR "/tracers", err));
    ck_assert_int_eq(weights.n_rules, 3);
    for (int i = 0; i < ROWS(ids); i++) {
        const rgq_weight_rule *rule = rgq_weight_rule_find(&weights, ids[i]);
        double sum = rule->remainder_weight;
        for (int t = 0; t < rule->n_tissues; t++)
            sum += rule->tissue[t].weight;
        ck_assert_double_eq_tol(sum, 1.0, 1e-12);
    }
    ck_assert(rgq_weight_rule_find(&weights, "icrp26") == NULL);
    ck_assert(rgq_weight_rule_find(&weights, "icrp60")->remainder_split);
    ck_assert(rgq_weight_rule_find(&weights, "icrp103")->sex_mean);
    ck_assert_str_eq(rgq_stand_in_find(&weights, "Red Marrow")->of, "skeleton");
    ck_assert(rgq_stand_in_find(&weights, "liver") == NULL);
}
END_TEST

#define RULE(tissue, remainder)                                                                \
    "{\"format\":1,\"rules\":[{\"id\":\"a\",\"name\":\"b\",\"source\":\"c\",\"tissues\":"      \
    "[" tissue "],\"remainder\":" remainder "}],\"stand_ins\":[]}"
#define TISSUE "{\"name\":\"l\",\"weight\":1,\"mean\":\"parts\",\"organs\":[[\"liver\",1]]}"
#define REST   "{\"weight\":0,\"mean\":\"mass\",\"of\":1,\"organs\":[\"brain\"]}"

START_TEST(what_is_no_rule)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"{\"format\":2,\"rules\":[]}", "format"},
        {"{\"format\":1,\"rules\":[],\"wights\":1}", "wights"},
        {RULE("{\"name\":\"l\",\"weight\":2,\"mean\":\"parts\",\"organs\":[[\"liver\",1]]}",
              REST),
         "weight"},
        {RULE("{\"name\":\"l\",\"weight\":1,\"mean\":\"most\",\"organs\":[[\"liver\",1]]}",
              REST),
         "most"},
        {RULE("{\"name\":\"l\",\"weight\":1,\"mean\":\"sex\",\"organs\":[[\"liver\",1]]}",
              REST),
         "male then female"},
        {RULE("{\"name\":\"l\",\"weight\":1,\"mean\":\"parts\",\"organs\":[[\"liver\",0]]}",
              REST),
         "share"},
        {RULE("{\"name\":\"l\",\"weight\":1,\"mean\":\"parts\",\"organs\":[]}", REST), "pairs"},
        {RULE(TISSUE, "{\"weight\":0,\"mean\":\"sum\",\"of\":1,\"organs\":[\"brain\"]}"),
         "sum"},
        {RULE(TISSUE, "{\"weight\":0,\"mean\":\"mass\",\"of\":1,\"organs\":[]}"), "organs"},
        {RULE("", REST), "tissues"},
    };

    weights.n_rules = 77;
    for (int i = 0; i < ROWS(rows); i++)
        REFUSED(rgq_tissue_weights_parse(&weights, rows[i].text, strlen(rows[i].text), "w.json",
                                         err),
                RGQ_E_FORMAT, rows[i].words);
    ck_assert_int_eq(weights.n_rules, 77);
    const char *good = RULE(TISSUE, REST);
    MUST(rgq_tissue_weights_parse(&weights, good, strlen(good), "w.json", err));
    ck_assert_int_eq(weights.n_rules, 1);
    REFUSED(rgq_tissue_weights_load(&weights, "/nowhere", err), RGQ_E_IO, "nowhere");
}
END_TEST

START_TEST(torture)
{
    const char *good = RULE(TISSUE, REST);

    TORTURE(rgq_tissue_weights_parse(&weights, good, strlen(good), "w.json", err), (void)0, 1);
}
END_TEST

RGQ_CHECK_MAIN("tissue_weights", tcase_add_test(tc, shipped_rules);
               tcase_add_test(tc, what_is_no_rule); tcase_add_test(tc, torture))
