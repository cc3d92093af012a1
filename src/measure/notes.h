/* What the companion JSON of a table of measures says beyond its columns. */
#ifndef RGQ_MEASURE_NOTES_H
#define RGQ_MEASURE_NOTES_H

#include "rgdquant/measure.h"

/**
 * @brief JSON object with the keys "peak" and "intervals" (confidence, noise model and budget,
 *        what they leave out), for the `extra` of rgq_table_write().
 *
 * @param[out] out     text; release with rgq_free()
 * @param[in]  budget  as rgq_measure() filled it with these options
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_measure_notes(char **out, const rgq_measure_opts *opts,
                                                    const rgq_noise_budget *budget,
                                                    rgq_error *err);

#endif
