/* Organ doses as the table and the JSON that `dose` gives. */
#ifndef RGQ_PIPELINE_DOSE_RESULTS_H
#define RGQ_PIPELINE_DOSE_RESULTS_H

#include "core/json.h"
#include "pipeline/dose_organs.h"
#include "rgdquant/table.h"

/** What stands beside every dose. */
#define RGQ_DOSE_USE "Research use; not for treatment decisions."

/** How doses are to be shown. */
typedef struct rgq_dose_view {
    const rgq_dose_body *body;
    const rgq_dose_way *way;
    double activity_mbq;          /**< NaN: doses per MBq only */
    double alpha_beta_gy;         /**< NaN: no BED */
    double repair_half_life_h;    /**< of BED */
    double effective_half_life_h; /**< of BED; NaN: the physical one */
    double
        calibration_relative_sd; /**< of the image the activities come from; NaN: not known */
    double image_fwhm_mm, image_voxel_mm; /**< its resolution and voxels; NaN: not known */
} rgq_dose_view;

/**
 * @brief doses.tsv: one row a target and engine; walls one a convention, targets of the other
 *        sex after those of the body.
 *
 * @param[out] out  free with rgq_table_free(); NULL on failure
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_table_make(rgq_table **out,
                                                      const rgq_dose_answer *answer,
                                                      const rgq_dose_view *view,
                                                      rgq_error *err);

/** The JSON of the contract. `warnings` is an array of texts that was gathered, or NULL.
 *  @param[out] out  free with rgq_json_free(); NULL on failure */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_json_make(rgq_json **out,
                                                     const rgq_dose_answer *answer,
                                                     const rgq_dose_view *view,
                                                     const rgq_table *table,
                                                     const rgq_json *warnings, rgq_error *err);

/** Warn of all a reader should know: notes of the tables, what stands in, what is missing, what
 *  the engine leaves out. */
RGQ_API void rgq_dose_warn(const rgq_dose_answer *answer, const rgq_dose_view *view,
                           const rgq_log *log);

#endif
