/* The table of rules, as `rgdquant target rules` prints it. */
#include "surrogate/rules.h"

#include "core/banned.h"

static const rgq_confidence_rule rules[] = {
    [RGQ_RULE_CALIBRATED] = {"S1", RGQ_RULE_START, RGQ_CONFIDENCE_GOOD,
                             "a calibration of 20 or more patients predicted this lesion",
                             "the user's own staining then stands behind the rank", ""},
    [RGQ_RULE_CLASS_LEVEL] = {"S2", RGQ_RULE_START, RGQ_CONFIDENCE_MODERATE,
                              "a target of the tracer has class-level IHC support",
                              "uptake followed staining in some human series of the class, "
                              "not in others",
                              "AldayParejo2019"},
    [RGQ_RULE_LOWER] = {"S3", RGQ_RULE_START, RGQ_CONFIDENCE_LOW,
                        "the best evidence for a target of the tracer is lower than that",
                        "small series, kinetic measures or binding only", ""},
    [RGQ_RULE_NO_INDEX] = {"C1", RGQ_RULE_CAP, RGQ_CONFIDENCE_NONE,
                           "no index was formed for the region", "there is nothing to rank",
                           ""},
    [RGQ_RULE_DRUG] = {"C2", RGQ_RULE_CAP, RGQ_CONFIDENCE_VERY_LOW,
                       "a drug on board acts on a target of the tracer",
                       "it competes for the site and changes vessels", "AldayParejo2019"},
    [RGQ_RULE_NOT_ABOVE] = {"C3", RGQ_RULE_CAP, RGQ_CONFIDENCE_VERY_LOW,
                            "the interval of the index reaches down to 1 or below",
                            "the region cannot be told from the background", ""},
    [RGQ_RULE_NOT_IN_HUMANS] = {"C4", RGQ_RULE_CAP, RGQ_CONFIDENCE_VERY_LOW,
                                "the tracer has not been used in humans",
                                "animal uptake does not carry over", ""},
    [RGQ_RULE_NO_REFERENCE] = {"C5", RGQ_RULE_CAP, RGQ_CONFIDENCE_MODERATE,
                               "no reference tissue is established for the tracer",
                               "unbound tracer may differ between lesion and background",
                               "Innis2007"},
    [RGQ_RULE_SMALL] = {"D1", RGQ_RULE_STEP, RGQ_CONFIDENCE_NONE,
                        "partial volume is not corrected, and the region is smaller than "
                        "4.2 mL or of unknown size",
                        "small lesions read too low, and by unequal amounts", "Soret2007"},
    [RGQ_RULE_TIME_UNKNOWN] = {"D2", RGQ_RULE_STEP, RGQ_CONFIDENCE_NONE,
                               "the time from injection to scan is unknown",
                               "ratios move with time", ""},
    [RGQ_RULE_TIME_OUTSIDE] = {"D3", RGQ_RULE_STEP, RGQ_CONFIDENCE_NONE,
                               "that time lies outside the published window",
                               "nothing published was imaged then", ""},
    [RGQ_RULE_NO_INTERVAL] = {"D4", RGQ_RULE_STEP, RGQ_CONFIDENCE_NONE,
                              "the index has no interval", "its noise is not known", ""},
    [RGQ_RULE_TARGETS] = {"D5", RGQ_RULE_STEP, RGQ_CONFIDENCE_NONE,
                          "the tracer has more than one target", "the rank is of their sum",
                          ""},
};

_Static_assert(sizeof rules / sizeof rules[0] == RGQ_CONFIDENCE_RULES, "one flag a rule");

const char *rgq_confidence_word(rgq_confidence confidence)
{
    static const char *const words[] = {"none", "very low", "low", "moderate", "good"};
    return words[confidence];
}

const rgq_confidence_rule *rgq_confidence_rule_at(int i)
{
    return i >= 0 && i < RGQ_CONFIDENCE_RULES ? &rules[i] : NULL;
}

rgq_confidence rgq_confidence_of(const rgq_confidence_facts *facts)
{
    int word = RGQ_CONFIDENCE_NONE;
    int cap = RGQ_CONFIDENCE_GOOD;
    int steps = 0;

    for (int i = 0; i < RGQ_CONFIDENCE_RULES; i++) {
        const int of_rule = (int)rules[i].word;
        if (!facts->holds[i])
            continue;
        if (rules[i].kind == RGQ_RULE_START)
            word = of_rule > word ? of_rule : word;
        else if (rules[i].kind == RGQ_RULE_CAP)
            cap = of_rule < cap ? of_rule : cap;
        else
            steps++;
    }
    word = word - steps > RGQ_CONFIDENCE_NONE ? word - steps : RGQ_CONFIDENCE_NONE;
    return (rgq_confidence)(word < cap ? word : cap);
}
