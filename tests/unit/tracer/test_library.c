/* What the shipped library says, against the publications, typed by hand. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "rgdquant/tracer.h"
#include "rgq_check.h"

#define SHIPPED RGQ_SOURCE_DIR "/tracers"

enum field { ACTIVITY, ACTIVITY_PER_KG, FROM, UNTIL, EFFECTIVE, ORGAN, TIAC, OBSERVED };

/* Value, unit and source as printed; `what` is the organ, the region, or words of the
 * observation. */
static const struct {
    const char *id;
    enum field field;
    const char *what;
    double value;
    const char *unit;
    const char *source;
    const char *status;
} numbers[] = {
    {"18F-fluciclatide", EFFECTIVE, "", 26, "µSv/MBq", "McParland2008", "derived"},
    {"18F-fluciclatide", ORGAN, "urinary bladder wall", 124, "µGy/MBq", "McParland2008",
     "derived"},
    {"18F-fluciclatide", ORGAN, "kidneys", 102, "µGy/MBq", "McParland2008", "derived"},
    {"18F-fluciclatide", ORGAN, "heart wall", 59, "µGy/MBq", "McParland2008", "derived"},
    {"18F-fluciclatide", OBSERVED, "excreted by the kidneys", 37, "percent", "McParland2008",
     "verified"},
    {"18F-fluciclatide", OBSERVED, "renal malignancies", 6.4, "SUV", "Mena2014", "verified"},
    {"18F-fluciclatide", OBSERVED, "chromophobe", 8.2, "SUV", "Mena2014", "verified"},
    {"99mTc-RWY", ACTIVITY_PER_KG, "", 11.1, "MBq/kg", "NCT04289532", "verified"},
    {"99mTc-RWY", FROM, "", 30, "min", "NCT04289532", "verified"},
    {"99mTc-RWY", UNTIL, "", 60, "min", "NCT04289532", "verified"},
    {"18F-galacto-RGD", ACTIVITY, "", 200, "MBq", "BeerDosimetry2006", "published"},
    {"18F-galacto-RGD", EFFECTIVE, "", 19, "µSv/MBq", "BeerDosimetry2006", "published"},
    {"18F-galacto-RGD", ORGAN, "urinary bladder wall", 220, "µGy/MBq", "BeerDosimetry2006",
     "published"},
    {"18F-galacto-RGD", ORGAN, "kidneys", 30, "µGy/MBq", "BeerDosimetry2006", "published"},
    {"18F-galacto-RGD", ORGAN, "liver", 20, "µGy/MBq", "BeerDosimetry2006", "published"},
    {"18F-galacto-RGD", OBSERVED, "intensity of αvβ3 staining", 0.92, "1", "Beer2006",
     "verified"},
    {"18F-galacto-RGD", OBSERVED, "αvβ3-positive vessels", 0.84, "1", "Beer2006", "verified"},
    {"18F-galacto-RGD", OBSERVED, "SUV of tumours", 3.8, "SUV", "Beer2006", "verified"},
    {"18F-galacto-RGD", OBSERVED, "tumour to blood", 3.4, "1", "Beer2006", "verified"},
    {"18F-galacto-RGD", OBSERVED, "tumour to muscle", 7.7, "1", "Beer2006", "verified"},
    {"18F-galacto-RGD", OBSERVED, "glioblastoma", 1.6, "SUV", "Schnell2009", "verified"},
    {"18F-alfatide", OBSERVED, "area under the ROC curve", 0.75, "1", "GaoS2015", "verified"},
    {"18F-alfatide", OBSERVED, "specificity for lung cancer", 44.4, "percent", "GaoS2015",
     "verified"},
    {"18F-alfatide", OBSERVED, "effective dose measured in people", 19.8, "µSv/MBq", "YuC2015",
     "verified"},
    {"18F-alfatide", OBSERVED, "for men extrapolated from mice", 12.7, "µSv/MBq", "WangSY2015",
     "preclinical"},
    {"18F-alfatide", OBSERVED, "αvβ3 staining, Lewis", 0.595, "1", "Wei2016", "preclinical"},
    {"68Ga-NOTA-PRGD2", OBSERVED, "without voiding", 34.1, "µSv/MBq", "LopezRodriguez2016",
     "verified"},
    {"68Ga-NOTA-PRGD2", OBSERVED, "voiding after 1 h", 20.9, "µSv/MBq", "LopezRodriguez2016",
     "verified"},
    {"99mTc-3PRGD2", ACTIVITY_PER_KG, "", 11.1, "MBq/kg", "Zhu2012", "verified"},
    {"99mTc-3PRGD2", FROM, "", 60, "min", "Zhu2012", "verified"},
    {"99mTc-3PRGD2", UNTIL, "", 240, "min", "Zhu2012", "verified"},
    {"99mTc-3PRGD2", OBSERVED, "1 h, SPECT", 2.78, "1", "Zhu2012", "verified"},
    {"99mTc-3PRGD2", OBSERVED, "sensitivity for bone metastases", 92.1, "percent", "Miao2014",
     "verified"},
    {"99mTc-maraciclatide", TIAC, "urinary bladder contents and voided urine", 3.4, "h",
     "Gibbons2024", "verified"},
    {"99mTc-maraciclatide", TIAC, "walls of the small and large intestine", 0.9, "h",
     "Gibbons2024", "verified"},
    {"99mTc-maraciclatide", TIAC, "liver", 0.8, "h", "Gibbons2024", "verified"},
    {"99mTc-maraciclatide", TIAC, "lungs", 0.4, "h", "Gibbons2024", "verified"},
    {"18F-FPPRGD2", ACTIVITY, "", 351.5, "MBq", "Mittra2011", "verified"},
    {"68Ga-Trivehexin", OBSERVED, "IC50 for αvβ6", 0.047, "nM", "Quigley2021", "verified"},
    {"68Ga-Trivehexin", OBSERVED, "αvβ3 over αvβ6", 57, "1", "Quigley2021", "verified"},
    {"68Ga-Trivehexin", OBSERVED, "α5β1 over αvβ6", 468, "1", "Quigley2021", "verified"},
    {"18F-FP-R01-MG-F2", EFFECTIVE, "", 25.38, "µSv/MBq", "Nakamoto2022", "verified"},
    {"18F-FP-R01-MG-F2", OBSERVED, "normal pancreas", 4.5, "SUV", "Nakamoto2022", "verified"},
    {"68Ga-pentixafor", OBSERVED, "tumour uptake", 16.2, "%ID/g", "Poschenrieder2016",
     "preclinical"},
    {"177Lu-EB-RGD", OBSERVED, "kidneys", 3.2, "1", "Haenscheid2021", "verified"},
    {"ZIGF1R-4551", OBSERVED, "111In-DOTA form: tumour", 1.1, "%ID/g", "Tolmachev2012",
     "preclinical"},
    {"ZIGF1R-4551", OBSERVED, "MCF-7", 6.9, "1", "Mitran2015", "preclinical"},
};

static const rgq_quantity *in_list(const rgq_tracer_number *list, int count, const char *what)
{
    for (int i = 0; i < count; i++)
        if (strstr(list[i].what, what) != NULL)
            return &list[i].quantity;
    return NULL;
}

static const rgq_quantity *find_number(const rgq_tracer *t, enum field field, const char *what)
{
    switch (field) {
    case ACTIVITY:
        return &t->injected_activity_mbq;
    case ACTIVITY_PER_KG:
        return &t->injected_activity_mbq_per_kg;
    case FROM:
        return &t->uptake_start_min;
    case UNTIL:
        return &t->uptake_end_min;
    case EFFECTIVE:
        return &t->effective_dose_usv_per_mbq;
    case ORGAN:
        return in_list(t->organ_dose, t->n_organ_doses, what);
    case TIAC:
        return in_list(t->time_integrated_activity, t->n_time_integrated_activities, what);
    case OBSERVED:
        return in_list(t->observation, t->n_observations, what);
    }
    return NULL;
}

START_TEST(a_number_is_the_published_one)
{
    static rgq_tracer t;

    MUST(rgq_tracer_find(&t, SHIPPED, numbers[_i].id, err));
    const rgq_quantity *q = find_number(&t, numbers[_i].field, numbers[_i].what);
    ck_assert_msg(q != NULL && q->known, "%s: no '%s'", numbers[_i].id, numbers[_i].what);
    /* typed with the same digits; a unit conversion rounds once */
    ck_assert_double_eq_tol(q->value, numbers[_i].value, 1e-12 * numbers[_i].value + 1e-15);
    ck_assert_str_eq(q->unit, numbers[_i].unit);
    ck_assert_str_eq(q->source, numbers[_i].source);
    ck_assert_str_eq(q->status, numbers[_i].status);
    if (numbers[_i].field != OBSERVED)
        ck_assert_str_eq(q->species, "human");
}
END_TEST

/* Every agent of the reviews and the relatives: main nuclide, targets in order with the level
 * of evidence, and whether people were scanned (1 yes, 0 no, -1 nothing verified). */
static const struct {
    const char *id;
    const char *nuclide;
    const char *targets;
    const char *level;
    bool rgd;
    int human;
} agents[] = {
    {"18F-fluciclatide", "F-18", "αvβ3 αvβ5 ", "lower", true, 1},
    {"68Ga-NOTA-RGD", "Ga-68", "αvβ3 ", "class-level IHC support", true, 1},
    {"99mTc-RWY", "Tc-99m", "α6β1 α6β4 ", "none", false, 1},
    {"68Ga-DOTA-A2B1", "Ga-68", "α2β1 ", "none", false, -1},
    {"68Ga-DOTA-SFLAP3", "Ga-68", "αvβ6 ", "lower", true, 1},
    {"68Ga-DOTA-SFITGv6", "Ga-68", "αvβ6 ", "lower", true, -1},
    {"18F-RGD-K5", "F-18", "αvβ3 ", "class-level IHC support", true, 1},
    {"177Lu-EB-RGD", "Lu-177", "αvβ3 ", "none", true, -1},
    {"LXY30", "", "α3β1 ", "none", false, 0},
    {"18F-galacto-RGD", "F-18", "αvβ3 ", "class-level IHC support", true, 1},
    {"18F-alfatide", "F-18", "αvβ3 ", "class-level IHC support", true, 1},
    {"68Ga-NOTA-PRGD2", "Ga-68", "αvβ3 ", "class-level IHC support", true, 1},
    {"99mTc-3PRGD2", "Tc-99m", "αvβ3 ", "lower", true, 1},
    {"99mTc-maraciclatide", "Tc-99m", "αvβ3 αvβ5 ", "lower", true, 1},
    {"18F-FPPRGD2", "F-18", "αvβ3 ", "class-level IHC support", true, 1},
    {"68Ga-Trivehexin", "Ga-68", "αvβ6 ", "lower", true, 1},
    {"18F-FP-R01-MG-F2", "F-18", "αvβ6 ", "lower", false, 1},
    {"68Ga-pentixafor", "Ga-68", "CXCR4 ", "none", false, 1},
    {"ZIGF1R-4551", "In-111", "IGF-1R ", "none", false, 0},
};

START_TEST(an_agent_has_its_targets_and_no_more_evidence_than_there_is)
{
    static rgq_tracer t;
    char targets[128] = "";

    MUST(rgq_tracer_find(&t, SHIPPED, agents[_i].id, err));
    ck_assert_str_eq(t.id, agents[_i].id);
    ck_assert_str_eq(t.nuclide, agents[_i].nuclide);
    for (int i = 0; i < t.n_targets; i++) {
        const size_t used = strlen(targets);
        (void)snprintf(targets + used, sizeof targets - used, "%s ", t.target[i].integrin);
        ck_assert_str_eq(t.target[i].evidence_level, agents[_i].level);
        ck_assert_int_eq(t.target[i].is_integrin, t.target[i].integrin[0] == '\xCE');
    }
    ck_assert_str_eq(targets, agents[_i].targets);
    ck_assert_int_eq(t.is_rgd, agents[_i].rgd);
    ck_assert_int_eq(t.human_use_known ? t.used_in_humans : -1, agents[_i].human);
}
END_TEST

START_TEST(the_library_is_these_agents)
{
    rgq_tracer_ids ids;

    MUST(rgq_tracer_list(&ids, SHIPPED, err));
    ck_assert_int_eq(ids.count, ROWS(agents));
}
END_TEST

/* Figures that exist in memory or in contradiction only: none may stand in a field. */
static const char *const without_dose[] = {
    "68Ga-NOTA-RGD",   "18F-RGD-K5",       "18F-FPPRGD2",  "99mTc-maraciclatide",
    "68Ga-pentixafor", "68Ga-DOTA-A2B1",   "99mTc-RWY",    "68Ga-DOTA-SFITGv6",
    "177Lu-EB-RGD",    "68Ga-DOTA-SFLAP3", "99mTc-3PRGD2", "18F-alfatide",
    "68Ga-NOTA-PRGD2", "68Ga-Trivehexin",  "LXY30",        "ZIGF1R-4551",
};

START_TEST(a_dose_that_was_not_verified_is_absent)
{
    static rgq_tracer t;

    MUST(rgq_tracer_find(&t, SHIPPED, without_dose[_i], err));
    ck_assert(!t.effective_dose_usv_per_mbq.known);
    ck_assert_int_eq(t.n_organ_doses, 0);
    ck_assert_int_ge(t.n_not_published, 3);
}
END_TEST

START_TEST(conditions_and_studies_are_held)
{
    static rgq_tracer t;

    MUST(rgq_tracer_find(&t, SHIPPED, "18F-FP-R01-MG-F2", err));
    ck_assert(t.dose_conditions.known && isnan(t.dose_conditions.voiding_h));
    ck_assert_str_eq(t.dose_conditions.code, "OLINDA/EXM");
    ck_assert_str_eq(t.dose_conditions.weights, "");
    MUST(rgq_tracer_find(&t, SHIPPED, "maraciclatide", err));
    ck_assert(t.tiac_conditions.known && !t.dose_conditions.known);
    MUST(rgq_tracer_find(&t, SHIPPED, "18F-RGD-K5", err));
    ck_assert_int_eq(t.n_responses, 1);
    ck_assert_int_eq(t.response[0].n, 9);
    ck_assert_str_eq(t.response[0].species, "human");
    ck_assert_str_eq(t.response[0].source, "ChenSH2016");
    MUST(rgq_tracer_find(&t, SHIPPED, "177Lu-EB-RGD", err));
    ck_assert_str_eq(t.use, "therapy");
    ck_assert_str_eq(t.response[0].species, "mouse");
}
END_TEST

START_TEST(one_agent_may_have_several_labels)
{
    static rgq_tracer t;

    MUST(rgq_tracer_find(&t, SHIPPED, "ZIGF1R-4551", err));
    ck_assert_str_eq(t.other_nuclide[0], "Tc-99m");
    ck_assert_str_eq(t.other_nuclide[1], "");
    ck_assert(rgq_tracer_is_named(&t, "111In-ZIGF1R:4551"));
    ck_assert(rgq_tracer_is_named(&t, "99mTc-ZIGF1R:4551"));
    ck_assert(!rgq_tracer_is_named(&t, "68Ga-ZIGF1R:4551"));
}
END_TEST

RGQ_CHECK_MAIN(
    "library", tcase_add_loop_test(tc, a_number_is_the_published_one, 0, ROWS(numbers));
    tcase_add_loop_test(tc, an_agent_has_its_targets_and_no_more_evidence_than_there_is, 0,
                        ROWS(agents));
    tcase_add_test(tc, the_library_is_these_agents);
    tcase_add_loop_test(tc, a_dose_that_was_not_verified_is_absent, 0, ROWS(without_dose));
    tcase_add_test(tc, conditions_and_studies_are_held);
    tcase_add_test(tc, one_agent_may_have_several_labels))
