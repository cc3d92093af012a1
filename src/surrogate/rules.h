/* The published rules behind the word of confidence; the table is in rules.c. */
#ifndef RGQ_SURROGATE_RULES_H
#define RGQ_SURROGATE_RULES_H

#include <stdbool.h>

#include "rgdquant/surrogate.h"

/** Places in the table. */
typedef enum rgq_rule {
    RGQ_RULE_CALIBRATED,
    RGQ_RULE_CLASS_LEVEL,
    RGQ_RULE_LOWER,
    RGQ_RULE_NO_INDEX,
    RGQ_RULE_DRUG,
    RGQ_RULE_NOT_ABOVE,
    RGQ_RULE_NOT_IN_HUMANS,
    RGQ_RULE_NO_REFERENCE,
    RGQ_RULE_SMALL,
    RGQ_RULE_TIME_UNKNOWN,
    RGQ_RULE_TIME_OUTSIDE,
    RGQ_RULE_NO_INTERVAL,
    RGQ_RULE_TARGETS
} rgq_rule;

/** Which rules hold of a region. */
typedef struct rgq_confidence_facts {
    bool holds[RGQ_CONFIDENCE_RULES];
} rgq_confidence_facts;

/** Volume of a sphere of 20 mm [mL]: about three times the resolution of clinical scanners. */
#define RGQ_SMALL_LESION_ML 4.2

/** Word of the rules that hold; see rgq_confidence_rule_at(). */
rgq_confidence rgq_confidence_of(const rgq_confidence_facts *facts);

#endif
