/* The uncertainty of each organ dose with its terms, after the guidance of the EANM. */
#ifndef RGQ_PIPELINE_DOSE_BUDGET_H
#define RGQ_PIPELINE_DOSE_BUDGET_H

#include "core/json.h"
#include "pipeline/dose_results.h"

/**
 * @brief Add "uncertainty" to the JSON of doses: one entry for each organ with activity of its
 *        own, with the relative standard deviation, its terms and what was not known.
 *
 * Does nothing if neither calibration nor image is known. Volumes are those of the organs at
 * 1.04 g/mL; electrons dominate self dose, so that S falls as 1 / volume.
 * @see cite:Gear2018
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_budget_add(rgq_json *root,
                                                      const rgq_dose_answer *answer,
                                                      const rgq_dose_view *view,
                                                      rgq_error *err);

#endif
