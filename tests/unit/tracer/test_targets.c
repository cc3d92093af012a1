/* integrins.json: what is shipped, how it is searched, and what the strict loader refuses. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "rgdquant/target.h"
#include "rgq_check.h"

#define SHIPPED RGQ_SOURCE_DIR "/tracers"

static rgq_targets *shipped(void)
{
    rgq_targets *targets = NULL;

    MUST(rgq_targets_load(&targets, SHIPPED, err));
    return targets;
}

static int count_findings(const rgq_targets *t, const char *integrin, const char *tissue)
{
    int n = 0;

    while (rgq_targets_finding(t, integrin, tissue, n) != NULL)
        n++;
    return n;
}

/* ---- the shipped file ---- */

START_TEST(there_are_24_integrins_of_4_classes_and_106_rows)
{
    static const struct {
        const char *name;
        int count;
    } classes[] = {{"RGD", 8}, {"leukocyte", 8}, {"laminin", 4}, {"collagen", 4}};
    rgq_targets *t = shipped();

    ck_assert_int_eq(rgq_targets_count(t), 24);
    ck_assert_ptr_null(rgq_targets_at(t, 24));
    ck_assert_ptr_null(rgq_targets_at(t, -1));
    for (int c = 0; c < ROWS(classes); c++) {
        int n = 0;
        for (int i = 0; i < 24; i++)
            n += strcmp(rgq_targets_at(t, i)->ligand_class, classes[c].name) == 0;
        ck_assert_int_eq(n, classes[c].count);
    }
    ck_assert_int_eq(count_findings(t, NULL, NULL), 106);
    rgq_targets_free(t);
}
END_TEST

START_TEST(every_row_is_whole)
{
    rgq_targets *t = shipped();
    const rgq_target_finding *f = NULL;
    int contradicted = 0;

    for (int i = 0; (f = rgq_targets_finding(t, NULL, NULL, i)) != NULL; i++) {
        ck_assert_int_eq(f->row, i + 1);
        const char *const texts[] = {f->group,       f->integrin,  f->tissue,
                                     f->compartment, f->direction, f->side,
                                     f->meaning,     f->source,    f->lines};
        for (int k = 0; k < ROWS(texts); k++)
            ck_assert_int_gt((int)strlen(texts[k]), 0);
        contradicted += f->contradicted;
    }
    ck_assert_int_gt(contradicted, 20);
    rgq_targets_free(t);
}
END_TEST

START_TEST(contradictions_stand_side_by_side)
{
    rgq_targets *t = shipped();
    bool towards = false;
    bool against = false;
    const rgq_target_finding *f = NULL;

    for (int i = 0; (f = rgq_targets_finding(t, "avb3", "GBM", i)) != NULL; i++) {
        towards = towards || (f->contradicted && strcmp(f->side, "towards") == 0 &&
                              strstr(f->tissue, "CORE") != NULL);
        against = against || (f->contradicted && strcmp(f->side, "against") == 0 &&
                              strstr(f->tissue, "CENTRIC") != NULL);
    }
    ck_assert(towards);
    ck_assert(against);
    rgq_targets_free(t);
}
END_TEST

/* ---- names ---- */

static const struct {
    const char *name;
    const char *id;
} names[] = {
    {"αvβ3", "αvβ3"},        {"avb3", "αvβ3"},           {"AVB3", "αvβ3"},
    {"αVβ3", "αvβ3"},        {"alpha-v beta-3", "αvβ3"}, {"Integrin alphaVbeta3", "αvβ3"},
    {"ITGAV/ITGB3", "αvβ3"}, {"itgav itgb3", "αvβ3"},    {"a5b1", "α5β1"},
    {"a10b1", "α10β1"},      {"aIIbb3", "αIIbβ3"},       {"ITGA2B/ITGB3", "αIIbβ3"},
    {"ITGA2/ITGB1", "α2β1"}, {"a2b1", "α2β1"},           {"VLA-4", "α4β1"},
    {"aEb7", "αEβ7"},        {"ITGAE_ITGB7", "αEβ7"},    {"Vitronectin receptor", "αvβ3"},
};

START_TEST(a_name_is_found_in_every_spelling)
{
    rgq_targets *t = shipped();
    const rgq_target *out = NULL;

    MUST(rgq_targets_find(&out, t, names[_i].name, err));
    ck_assert_str_eq(out->id, names[_i].id);
    rgq_targets_free(t);
}
END_TEST

static const struct {
    const char *name;
    const char *says;
} wrong[] = {
    {"a5b3", "no integrin α5β3: α5 is part of α5β1, and β3 of αvβ3, αIIbβ3"},
    {"α6β6", "no integrin α6β6: α6 is part of α6β1, α6β4, and β6 of αvβ6"},
    {"ITGA6/ITGB3", "no integrin α6β3"},
    {"a4b3", "no integrin α4β3: α4 is part of α4β1, α4β7"},
    {"a12b1", "no subunit α12 is known"},
    {"avb9", "no subunit β9 is known"},
    {"a6", "α6 is a subunit, not an integrin; it is part of: α6β1, α6β4"},
    {"αIIb", "part of: αIIbβ3"},
    {"ITGB2", "part of: αLβ2, αMβ2, αXβ2, αDβ2"},
    {"", "names no integrin"},
    {"γvβ3", "names no integrin"},
    {"vitronectin", "names no integrin"},
    {"avb3avb3avb3avb3avb3avb3", "names no integrin"},
};

START_TEST(what_is_no_integrin_is_refused_by_name)
{
    rgq_targets *t = shipped();
    const rgq_target *out = NULL;

    REFUSED(rgq_targets_find(&out, t, wrong[_i].name, err), RGQ_E_NOTFOUND, wrong[_i].says);
    ck_assert_ptr_null(out);
    rgq_targets_free(t);
}
END_TEST

/* All 18 x 8 pairs: 24 exist, the others are refused. */
START_TEST(of_all_pairs_only_24_exist)
{
    static const char *const alphas[] = {"1",  "2",  "3", "4",   "5", "6", "7", "8", "9",
                                         "10", "11", "v", "IIb", "E", "L", "M", "X", "D"};
    rgq_targets *t = shipped();
    const rgq_target *out = NULL;
    char name[32];
    int found = 0;

    for (int a = 0; a < ROWS(alphas); a++)
        for (int b = 1; b <= 8; b++) {
            rgq_error why = RGQ_ERROR_INIT;
            (void)snprintf(name, sizeof name, "a%sb%d", alphas[a], b);
            if (rgq_targets_find(&out, t, name, &why) == RGQ_OK)
                found++;
            else
                ck_assert_ptr_nonnull(strstr(why.message, "there is no integrin"));
        }
    ck_assert_int_eq(found, 24);
    rgq_targets_free(t);
}
END_TEST

/* ---- tissues ---- */

static const struct {
    const char *integrin;
    const char *tissue;
    int count;
} asked[] = {
    {"avb3", "glioblastoma", 4},
    {"αvβ3", "GBM", 4},
    {"avb3", "high-grade glioma", 4},
    {"avb3", "thyroid", 0},
    {"avb6", "colorectal cancer", 4},
    {"avb6", "CRC", 4},
    {"a2b1", "NSCLC", 3},
    {NULL, "renal cell carcinoma", 4},
    {"avb3", "", 0},
    {"α7", "esophagus", 1},
    {"CXCR4", "kidney", 3},
    /* a subunit and its heterodimers find each other */
    {"a6b4", "glioblastoma", 3},
    {"a6", "squamous cell carcinoma", 1},
};

START_TEST(tissues_are_found_by_synonyms)
{
    rgq_targets *t = shipped();

    ck_assert_int_eq(count_findings(t, asked[_i].integrin, asked[_i].tissue), asked[_i].count);
    rgq_targets_free(t);
}
END_TEST

/* ---- drugs ---- */

START_TEST(cilengitide_acts_on_avb3_and_avb5_for_hours)
{
    rgq_targets *t = shipped();
    const rgq_target_agent *a = NULL;

    MUST(rgq_targets_drug(&a, t, "EMD-121974", err));
    ck_assert_str_eq(a->name, "cilengitide");
    ck_assert_double_eq(a->half_life_low_h, 2.0);
    ck_assert_double_eq(a->half_life_high_h, 4.0);
    ck_assert(rgq_targets_acts_on(t, a, "αvβ3"));
    ck_assert(rgq_targets_acts_on(t, a, "avb5"));
    ck_assert(rgq_targets_acts_on(t, a, "αv"));
    ck_assert(!rgq_targets_acts_on(t, a, "αvβ6"));
    ck_assert(!rgq_targets_acts_on(t, a, "α6"));
    MUST(rgq_targets_drug(&a, t, "abituzumab", err));
    ck_assert(rgq_targets_acts_on(t, a, "αvβ6"));
    ck_assert(isnan(a->half_life_low_h));
    REFUSED(rgq_targets_drug(&a, t, "cilengitid", err), RGQ_E_NOTFOUND,
            "the nearest is 'cilengitide'");
    ck_assert_ptr_null(a);
    rgq_targets_free(t);
}
END_TEST

START_TEST(agents_of_an_integrin_come_with_their_outcome)
{
    rgq_targets *t = shipped();
    const rgq_target_agent *a = NULL;
    int n = 0;
    bool centric = false;

    for (; (a = rgq_targets_agent(t, "avb3", n)) != NULL; n++) {
        ck_assert_int_gt((int)strlen(a->outcome), 0);
        ck_assert_int_gt((int)strlen(a->lines), 0);
        centric = centric || strstr(a->trial, "CENTRIC") != NULL;
    }
    ck_assert(centric);
    ck_assert_int_gt(n, 20);
    for (n = 0; rgq_targets_agent(t, NULL, n) != NULL;)
        n++;
    ck_assert_int_eq(n, 52);
    rgq_targets_free(t);
}
END_TEST

/* ---- the strict loader ---- */

static const struct {
    const char *from; /* first place of the shipped file that is changed */
    const char *to;
    rgq_status status;
    const char *says;
} spoilt[] = {
    {"\"tissues\"", "\"tissue\"", RGQ_E_FORMAT, "tissue"},
    {"\"compartment\":", "\"place\":", RGQ_E_FORMAT, "findings[0]"},
    {"\"direction\": \"high\"", "\"direction\": \"tall\"", RGQ_E_FORMAT, "'tall'"},
    {"\"side\": \"towards\"", "\"side\": \"for\"", RGQ_E_FORMAT, "'for'"},
    {"\"row\": 2,", "\"row\": 3,", RGQ_E_FORMAT, "findings[1]"},
    {"\"cite\": \"000:114\"", "\"cite\": \"000:871\"", RGQ_E_FORMAT, "000:871"},
    {"\"cite\": \"000:114\"", "\"cite\": \"000:14-3\"", RGQ_E_FORMAT, "000:14-3"},
    {"\"cite\": \"000:114\"", "\"cite\": \"009:114\"", RGQ_E_FORMAT, "009:114"},
    {"\"cite\": \"000:114\"", "\"cite\": \"000:11; \"", RGQ_E_FORMAT, "lines they have"},
    {"\"cite\": \"000:114\"", "\"cite\": \"000:11x\"", RGQ_E_FORMAT, "lines they have"},
    {"\"contradicts\": [17]", "\"contradicts\": [107]", RGQ_E_FORMAT, "1 to 106"},
    {"\"members\": [\"αvβ3\"]", "\"members\": [\"α5β3\"]", RGQ_E_FORMAT, "'α5β3'"},
    {"\"Xiong2021\"", "\"Xiong2012\"", RGQ_E_NOTFOUND, "Xiong2012"},
    {"\"ascii\": \"avb1\"", "\"ascii\": \"avb3\"", RGQ_E_FORMAT, "Latin"},
    {"\"id\": \"αvβ3\", \"ascii\": \"avb3\"", "\"id\": \"αvβ5\", \"ascii\": \"avb5\"",
     RGQ_E_FORMAT, "alpha and beta subunit"},
    {"\"genes\": \"ITGAV/ITGB1\"", "\"genes\": \"ITGAV/ITGB3\"", RGQ_E_FORMAT, "genes"},
    {"\"class\": \"RGD\"", "\"class\": \"rgd\"", RGQ_E_FORMAT, "'rgd'"},
    {"\"low\": 2", "\"low\": 20", RGQ_E_FORMAT, "half_life_h"},
    {"\"outcome\": \"No activity; ", "\"outcome\": \"\", \"x\": \"", RGQ_E_FORMAT, "trials"},
    {"\"format\": 1", "\"format\": 2", RGQ_E_FORMAT, "format"},
};

/* The shipped text with its first `from` replaced by `to`; the caller frees it. */
static void spoil(rgq_text *out, const char *from, const char *to)
{
    char *text = NULL;
    size_t length = 0;

    MUST(rgq_file_read(&text, &length, SHIPPED "/integrins.json", 1 << 20, err));
    const char *at = strstr(text, from);
    ck_assert_msg(at != NULL, "the file has no %s", from);
    rgq_text_append(out, text, (size_t)(at - text));
    rgq_text_printf(out, "%s", to);
    rgq_text_append(out, at + strlen(from), strlen(at + strlen(from)));
    rgq_free(text);
}

START_TEST(a_spoilt_file_is_refused_with_its_place)
{
    rgq_targets *t = NULL;
    rgq_text text = RGQ_TEXT_INIT;

    spoil(&text, spoilt[_i].from, spoilt[_i].to);
    REFUSED(rgq_targets_parse(&t, text.data, text.length, "integrins.json", err),
            spoilt[_i].status, spoilt[_i].says);
    ck_assert_ptr_null(t);
    rgq_text_release(&text);
}
END_TEST

START_TEST(lost_memory_is_reported)
{
    rgq_targets *t = NULL;

    TORTURE(rgq_targets_load(&t, SHIPPED, err), (rgq_targets_free(t), t = NULL), 5);
}
END_TEST

RGQ_CHECK_MAIN("targets", tcase_add_test(tc, there_are_24_integrins_of_4_classes_and_106_rows);
               tcase_add_test(tc, every_row_is_whole);
               tcase_add_test(tc, contradictions_stand_side_by_side);
               tcase_add_loop_test(tc, a_name_is_found_in_every_spelling, 0, ROWS(names));
               tcase_add_loop_test(tc, what_is_no_integrin_is_refused_by_name, 0, ROWS(wrong));
               tcase_add_test(tc, of_all_pairs_only_24_exist);
               tcase_add_loop_test(tc, tissues_are_found_by_synonyms, 0, ROWS(asked));
               tcase_add_test(tc, cilengitide_acts_on_avb3_and_avb5_for_hours);
               tcase_add_test(tc, agents_of_an_integrin_come_with_their_outcome);
               tcase_add_loop_test(tc, a_spoilt_file_is_refused_with_its_place, 0,
                                   ROWS(spoilt));
               tcase_add_test(tc, lost_memory_is_reported))
