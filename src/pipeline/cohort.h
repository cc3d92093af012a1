/* What is compared: the pairs of a join as numbers, patients as clusters. */
#ifndef RGQ_PIPELINE_COHORT_H
#define RGQ_PIPELINE_COHORT_H

#include <stdbool.h>

#include "pipeline/join.h"
#include "rgdquant/statistic.h"

/** Names of columns; NULL: not used. */
typedef struct rgq_cohort_columns {
    const char *x, *y;
    const char *cluster;  /**< patient; any words */
    const char *size;     /**< what the partial correlation holds fixed */
    const char *time;     /**< injection to scan [min] */
    const char *positive; /**< truth of the ROC curve */
} rgq_cohort_columns;

/** Pairs with x, y and patient. Release with rgq_cohort_release(). */
typedef struct rgq_cohort {
    size_t n;
    double *x, *y;
    double *size;     /**< NaN where it is missing; NULL: no such column */
    double *time;     /**< likewise */
    int *cluster;     /**< ids from 1, in the order patients first appear; NULL likewise */
    int *positive;    /**< 1, 0, -1 missing; NULL likewise */
    size_t *pair;     /**< which pair of the join */
    size_t n_missing; /**< pairs left out, for want of x, y or patient */
    size_t *missing;
    size_t n_patients; /**< 0 without `cluster` */
} rgq_cohort;

/**
 * @brief Numbers of the columns, without the pairs that lack one.
 *
 * x and `size` are looked for in the left table first, y and `positive` in the right one.
 *
 * @return RGQ_OK; RGQ_E_NOTFOUND (no such column); RGQ_E_FORMAT (a word for a number; two
 *         tables that give one pair different patients); RGQ_E_NOMEM. Release it in any case.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_cohort_make(rgq_cohort *out, const rgq_join *join,
                                                  const rgq_cohort_columns *columns,
                                                  rgq_error *err);
RGQ_API void rgq_cohort_release(rgq_cohort *cohort);

/** Its x, y and patients, borrowed. */
RGQ_API rgq_pairs rgq_cohort_pairs(const rgq_cohort *cohort);

#endif
