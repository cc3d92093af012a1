/* What was asked for: a method and its numbers. */
#ifndef RGQ_ROI_SPEC_H
#define RGQ_ROI_SPEC_H

#include "rgdquant/segment.h"

typedef enum rgq_rule {
    RGQ_RULE_FIXED,
    RGQ_RULE_PERCENT_MAX,
    RGQ_RULE_PERCENT_PEAK,
    RGQ_RULE_A50,
    RGQ_RULE_NESTLE,
    RGQ_RULE_SCHAEFER,
    RGQ_RULE_BLACK,
    RGQ_RULE_PERCIST,
    RGQ_RULE_OTSU,
    RGQ_RULE_GROW,
    RGQ_RULE_GRADIENT,
    RGQ_RULE_WALKER,
    RGQ_RULE_GMM
} rgq_rule;

/** A spec, taken apart. */
typedef struct rgq_spec {
    rgq_rule rule;
    const rgq_segment_method *method; /**< static */
    double value[2];                  /**< its numbers as typed, or the defaults */
} rgq_spec;

/** @return RGQ_OK; RGQ_E_ARGUMENT, with the forms there are in the message */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_spec_parse(rgq_spec *out, const char *text,
                                                 rgq_error *err);

#endif
