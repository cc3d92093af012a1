/* All statistics of one comparison of uptake with histology, as a list. */
#ifndef RGQ_PIPELINE_VALIDATION_H
#define RGQ_PIPELINE_VALIDATION_H

#include <stdbool.h>

#include "pipeline/cohort.h"
#include "rgdquant/agreement.h"
#include "rgdquant/ordinal.h"
#include "rgdquant/uptake_model.h"

typedef enum rgq_ordinal_side {
    RGQ_ORDINAL_NONE,
    RGQ_ORDINAL_Y,   /**< y is a grade 0, 1, 2, ...: proportional odds */
    RGQ_ORDINAL_BOTH /**< x as well: weighted kappa too */
} rgq_ordinal_side;

typedef struct rgq_validation_opts {
    rgq_stat_opts stat;
    rgq_ordinal_side ordinal;
    bool same_unit;     /**< x and y are the same quantity: limits of agreement, ICC */
    bool permute;       /**< a permutation p of Pearson's r as well */
    double error_ratio; /**< of Deming's line; NaN: 1, and said so */
    double threshold;   /**< y at or above it is positive; NaN: `positive` of the cohort */
    double power;       /**< NaN: no sample size */
    double power_r;     /**< the r it is for; NaN: the one that is found */
} rgq_validation_opts;

enum { RGQ_VALIDATION_ROWS_MAX = 96, RGQ_VALIDATION_LEFT_MAX = 16 };

/** A statistic: e.g. "pearson", "clustered". The first of a name is the one to quote. */
typedef struct rgq_validation_row {
    const char *statistic;
    const char *variant; /**< "clustered", "naive", "bootstrap", "permutation", "exact" */
    rgq_stat stat;
    double p_holm; /**< NaN: one comparison only */
} rgq_validation_row;

typedef struct rgq_validation {
    size_t n, n_patients; /**< 0 patients: none named */
    rgq_validation_row row[RGQ_VALIDATION_ROWS_MAX];
    int n_rows;
    struct {
        const char *what;
        char reason[RGQ_MESSAGE_MAX];
    } left_out[RGQ_VALIDATION_LEFT_MAX]; /**< statistics these data do not allow, and why */
    int n_left_out;
    bool has_line, has_limits, has_roc;
    rgq_uptake_model line; /**< for the band, and for model.json */
    rgq_bland_altman limits;
    rgq_roc roc;
    int n_grades; /**< proportional odds */
    int grade[RGQ_ODDS_GRADES_MAX];
} rgq_validation;

/**
 * @brief Everything that can be said of the pairs.
 *
 * What one statistic cannot do with these data goes to `left_out`; what none can, fails.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT (fewer than 3 pairs, fewer than 3 patients); RGQ_E_NUMERIC (a
 *         constant column); RGQ_E_NOMEM. Release with rgq_validation_release() in any case.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_validation_make(rgq_validation *out,
                                                      const rgq_cohort *cohort,
                                                      const rgq_validation_opts *opts,
                                                      rgq_error *err);
RGQ_API void rgq_validation_release(rgq_validation *validation);

/** The first row of that statistic, or NULL. */
RGQ_API const rgq_validation_row *rgq_validation_find(const rgq_validation *validation,
                                                      const char *statistic);

/** Holm's correction over several comparisons, each statistic and variant for itself. An item
 *  may be NULL (that comparison could not be made). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_validation_holm(rgq_validation *const *item, size_t count,
                                                      rgq_error *err);

#endif
