/* How stored values become a unit, for a reader (`info`, `suv --print-factor`). */
#ifndef RGQ_CLI_PLAN_PRINT_H
#define RGQ_CLI_PLAN_PRINT_H

#include <stdio.h>

#include "core/json.h"
#include "rgdquant/suv.h"

/** TSV: a row for the factor, one for each input, one for the factor by each other rule. */
void rgq_plan_print_table(const rgq_suv_plan *plan, FILE *to);

/** The same in words, indented, without a heading. */
void rgq_plan_print_lines(const rgq_suv_plan *plan, FILE *to);

/** Into an object: from, to, rule, factor, per_slice, refused (text or null), inputs
 *  [{name, value and unit, text, origin}], reference_rules [{rule, taken, s_after_injection,
 *  factor, text, origin}]. */
RGQ_MUST_CHECK rgq_status rgq_plan_record(rgq_json *node, const rgq_suv_plan *plan,
                                          rgq_error *err);

#endif
