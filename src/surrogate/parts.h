/* Parts of surrogate.json, each with its file. */
#ifndef RGQ_SURROGATE_PARTS_H
#define RGQ_SURROGATE_PARTS_H

#include "core/json.h"
#include "rgdquant/surrogate.h"

/** State of the correction, never NULL. */
const char *rgq_surrogate_partial_volume(const rgq_surrogate_opts *opts);

/** Outside the tracer's published window? -1 before it, 1 behind it, else 0. */
int rgq_surrogate_outside_window(const rgq_tracer *tracer, double uptake_time_min);

/** The integrin a drug shares with the tracer, or NULL. */
const char *rgq_surrogate_shared_target(const rgq_surrogate_opts *opts,
                                        const rgq_tracer *tracer,
                                        const rgq_surrogate_drug *drug);

/** Have at least five of its longest half-lives passed? False where one is not known. */
bool rgq_surrogate_is_washed_out(const rgq_surrogate_drug *drug);

/** Array `regions`: index, prediction and confidence of each. */
RGQ_MUST_CHECK rgq_status rgq_surrogate_add_regions(rgq_json *root, const rgq_tracer *tracer,
                                                    const rgq_table *table,
                                                    const rgq_surrogate_opts *opts,
                                                    rgq_error *err);

/** Object or null `context`. */
RGQ_MUST_CHECK rgq_status rgq_surrogate_add_context(rgq_json *root, const rgq_tracer *tracer,
                                                    const rgq_surrogate_opts *opts,
                                                    rgq_error *err);

/** Array `caveats`: each a `text` and perhaps a `source`. */
RGQ_MUST_CHECK rgq_status rgq_surrogate_add_caveats(rgq_json *root, const rgq_tracer *tracer,
                                                    const rgq_surrogate_opts *opts,
                                                    rgq_error *err);

#endif
