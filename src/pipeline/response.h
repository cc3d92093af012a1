/* Change between two scans: how much, more than repeating gives, and who responded. */
#ifndef RGQ_PIPELINE_RESPONSE_H
#define RGQ_PIPELINE_RESPONSE_H

#include "pipeline/cohort.h"
#include "pipeline/findings.h"
#include "rgdquant/agreement.h"

typedef enum rgq_change_class {
    RGQ_CHANGE_UNKNOWN, /**< no limit, or it cannot be applied (a percentage of 0) */
    RGQ_CHANGE_FELL,
    RGQ_CHANGE_WITHIN,
    RGQ_CHANGE_ROSE
} rgq_change_class;

/** "fell", "within limits", "rose" or "". */
RGQ_API const char *rgq_change_class_name(rgq_change_class change);

/** What repeating the measurement gives; NaN: not known. */
typedef struct rgq_response_limits {
    const char *origin;               /**< static string, "" without limits */
    double percent_low, percent_high; /**< of the baseline; below and above 0 */
    double change;                    /**< +- in the measure's unit, where percent is NaN */
    bool has_repeats;
    rgq_repeatability repeats; /**< from test and retest */
} rgq_response_limits;

/** Nothing known. */
RGQ_API rgq_response_limits rgq_response_no_limits(void);

/** From test (x) and retest (y): percent where all values are above 0, else the coefficient. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_response_limits_from(rgq_response_limits *out,
                                                           const rgq_pairs *test_retest,
                                                           const rgq_stat_opts *opts,
                                                           rgq_error *err);

typedef struct rgq_response {
    rgq_findings found;
    double *change;            /**< follow-up - baseline, of each row of the cohort */
    double *percent;           /**< of the baseline; NaN unless that is above 0 */
    rgq_change_class *verdict; /**< against the limits */
    size_t n_class[4];         /**< rows of each class */
    bool by_patient;           /**< exact tests: the mean of each patient's rows */
} rgq_response;

/**
 * @brief Paired changes of a cohort: x baseline, y follow-up, `positive` the responders.
 *
 * Statistics: means of baseline and follow-up; mean change and geometric mean of the ratio, in
 * percent (over patients where they are given: leaving out one after the other); Wilcoxon's
 * signed ranks and the sign test, exact; shares that fell and rose beyond the limits; for
 * responders, apart, what the baseline and what the change tells (area under the ROC curve,
 * Fisher's exact test). Where a patient has several rows the exact tests are of the patients'
 * means, since rows of one patient do not count separately.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT (fewer than 3 rows); RGQ_E_NUMERIC; RGQ_E_NOMEM. Release it in
 *         any case.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_response_make(rgq_response *out, const rgq_cohort *cohort,
                                                    const rgq_response_limits *limits,
                                                    const rgq_stat_opts *opts, rgq_error *err);
RGQ_API void rgq_response_release(rgq_response *response);

#endif
