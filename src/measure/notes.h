/* What the companion JSON of a table of measures says beyond its columns. */
#ifndef RGQ_MEASURE_NOTES_H
#define RGQ_MEASURE_NOTES_H

#include "core/json.h"
#include "rgdquant/measure.h"

/**
 * @brief JSON object with the keys "peak", "intervals" (confidence, noise model and budget,
 *        what they leave out) and, with opts->terms, "budget", for the `extra` of
 *        rgq_table_write().
 *
 * @param[out] out     text; release with rgq_free()
 * @param[in]  budget  as rgq_measure() filled it with these options
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_measure_notes(char **out, const rgq_measure_opts *opts,
                                                    const rgq_noise_budget *budget,
                                                    rgq_error *err);

/** Add the terms of rgq_measure_opts as an array "budget" to an object: one entry a region with
 *  `region`, `label` and its `terms` {of, term, value, half_range, unit, how,
 *  included_in_interval}; a value that is not known is null. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_measure_terms(rgq_json *node, const rgq_table *terms,
                                                    rgq_error *err);

#endif
