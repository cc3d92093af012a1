/* All statistics of one comparison of uptake with histology, as a list. */
#ifndef RGQ_PIPELINE_VALIDATION_H
#define RGQ_PIPELINE_VALIDATION_H

#include <stdbool.h>

#include "pipeline/cohort.h"
#include "pipeline/findings.h"
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

typedef struct rgq_validation {
    rgq_findings found;    /**< the statistics, and those these data do not allow */
    size_t tied_x, tied_y; /**< rows that share their value with another one */
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
 * What one statistic cannot do with these data goes to `found.left_out`; what none can, fails.
 *
 * @return RGQ_OK; RGQ_E_ARGUMENT (fewer than 3 pairs, fewer than 3 patients); RGQ_E_NUMERIC (a
 *         constant column); RGQ_E_NOMEM. Release with rgq_validation_release() in any case.
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_validation_make(rgq_validation *out,
                                                      const rgq_cohort *cohort,
                                                      const rgq_validation_opts *opts,
                                                      rgq_error *err);
RGQ_API void rgq_validation_release(rgq_validation *validation);

/** Holm's correction over several comparisons, each statistic and variant for itself. An item
 *  may be NULL (that comparison could not be made). */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_validation_holm(rgq_validation *const *item, size_t count,
                                                      rgq_error *err);

#endif
