/* What is said of time-integrated activities besides the table. */
#ifndef RGQ_CLI_TIAC_NOTES_H
#define RGQ_CLI_TIAC_NOTES_H

#include "cli/tiac_courses.h"
#include "cli/tiac_decay.h"
#include "core/json.h"

/** Everything that was found. */
typedef struct rgq_tiac_findings {
    const rgq_courses *courses;
    const rgq_tiac_result *result; /**< one a course */
    const rgq_tiac_decay *decay;
    double administered_mbq; /**< NaN: not known, values are MBq h */
    double sum_h;            /**< per MBq administered; NaN without it */
    const char *undone;      /**< which decay correction was undone; NULL: none */
} rgq_tiac_findings;

/** Member "tiac" of `root`: half-life, sum and limit, and of every region the points and every
 *  candidate. */
RGQ_MUST_CHECK rgq_status rgq_tiac_notes(rgq_json *root, const rgq_tiac_findings *found,
                                         rgq_error *err);

/** No more decays than were administered: half-life / ln 2 [h]. */
double rgq_tiac_limit_h(const rgq_tiac_decay *decay);

/** Sum over the regions per MBq, those that hold the others left out. */
double rgq_tiac_sum_h(const rgq_tiac_findings *found);

#endif
