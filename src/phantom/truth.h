/* The table of what is true. */
#ifndef RGQ_PHANTOM_TRUTH_H
#define RGQ_PHANTOM_TRUTH_H

#include "phantom/model.h"

/** One row per truth region; `values` per object in Bq/mL, `bqml_per_suv` NaN without a body,
 *  `a` the activity set. `*out` is NULL on failure. */
RGQ_MUST_CHECK rgq_status rgq_truth_make(rgq_table **out, const rgq_phantom *phantom,
                                         const rgq_regions *regions, const double *values,
                                         int a, double bqml_per_suv, rgq_error *err);

#endif
