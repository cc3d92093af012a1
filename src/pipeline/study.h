/* Several comparisons over the same tables: measures, scores, compartments. */
#ifndef RGQ_PIPELINE_STUDY_H
#define RGQ_PIPELINE_STUDY_H

#include "pipeline/validation.h"

enum { RGQ_STUDY_MAX = 64, RGQ_COMPARTMENTS_MAX = 16, RGQ_COLUMN_NAME_MAX = 128 };

typedef struct rgq_comparison {
    char x[RGQ_COLUMN_NAME_MAX];
    char y[RGQ_COLUMN_NAME_MAX];
    const char *compartment; /**< a cell of the right table, or NULL */
    rgq_join join;
    rgq_cohort cohort;
    rgq_validation *validation; /**< NULL: it could not be made, and `refused` says why */
    char refused[RGQ_MESSAGE_MAX];
} rgq_comparison;

typedef struct rgq_cohort_study {
    rgq_comparison *item;
    size_t n;
} rgq_cohort_study;

/** What is asked for. */
typedef struct rgq_cohort_study_plan {
    rgq_join_table left, right; /**< the same table: rows are pairs already */
    const char *by;             /**< key columns; may be NULL for one table */
    const char *x, *y;          /**< columns, separated by commas */
    const char *compartments;   /**< column of the right table, or NULL */
    rgq_cohort_columns columns; /**< all but x and y */
    rgq_validation_opts opts;
} rgq_cohort_study_plan;

/**
 * @brief Make every comparison: each x with each y in each compartment, in that order.
 *
 * A comparison that these data do not allow is kept with its reason, and fails only where it is
 * the only one, or none can be made. Several get Holm's correction.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT (no name, too many comparisons); what rgq_join_make(),
 *         rgq_cohort_make() and rgq_validation_make() give. Release it in any case.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_cohort_study_make(rgq_cohort_study *out,
                                                        const rgq_cohort_study_plan *plan,
                                                        rgq_error *err);
RGQ_API void rgq_cohort_study_release(rgq_cohort_study *study);

/** The first comparison that could be made; a study has one. */
RGQ_API const rgq_comparison *rgq_cohort_study_first(const rgq_cohort_study *study);

#endif
