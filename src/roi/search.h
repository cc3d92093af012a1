/* Where a segmentation looks: sphere, mask, seed; and what was asked for. */
#ifndef RGQ_ROI_SEARCH_H
#define RGQ_ROI_SEARCH_H

#include "rgdquant/segment.h"
#include "roi/components.h"

typedef enum rgq_rule { RGQ_RULE_FIXED, RGQ_RULE_PERCENT_MAX, RGQ_RULE_A50 } rgq_rule;

/** A spec, taken apart. */
typedef struct rgq_spec {
    rgq_rule rule;
    double value; /**< threshold (fixed) or fraction of the maximum (percent-max) */
} rgq_spec;

/** "fixed:T", "percent-max:P", "a50"; RGQ_E_ARGUMENT, with the three forms in the message. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_spec_parse(rgq_spec *out, const char *text,
                                                 rgq_error *err);

/** Shut the voxels outside the sphere and the regions of the options. A voxel is inside by its
 *  centre, and by a weight of at least 0.5.
 *  @return RGQ_OK; RGQ_E_GEOMETRY; RGQ_E_ARGUMENT if nothing is left open */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_search_limit(rgq_flood *flood,
                                                   const rgq_segment_opts *opts,
                                                   rgq_error *err);

/** The voxel that holds the seed; RGQ_E_ARGUMENT if it lies outside the grid or the search. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_search_seed(size_t *out, const rgq_flood *flood,
                                                  const rgq_segment_opts *opts, rgq_error *err);

/** The open voxel with the largest value, the first of equals. One must be open. */
RGQ_API size_t rgq_search_maximum(const rgq_flood *flood);

#endif
