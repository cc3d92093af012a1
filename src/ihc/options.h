/* What the options and the source come to. */
#ifndef RGQ_IHC_OPTIONS_H
#define RGQ_IHC_OPTIONS_H

#include "ihc/pixels.h"
#include "rgdquant/ihc.h"

typedef struct rgq_ihc_plan {
    double mpp_um; /**< NaN: not known */
    bool slide;    /**< more than RGQ_IHC_FIELD_PIXELS */
    bool white;    /**< look for the background */
    bool tissue;   /**< only tissue counts */
    int block;     /**< side of a tissue block: the power of two next to 8 um; 16 pixels where
                        their size is not known */
    bool nuclei, vessels;
    int factor;   /**< of the coarse planes; 0 = there are none */
    double sigma; /**< of the Gaussian [coarse pixels] */
    double sigma_um;
    int lane_rows; /**< a multiple of 64 */
} rgq_ihc_plan;

/** Check everything but the stains.
 *  @return RGQ_OK; RGQ_E_ARGUMENT. Warns of what cannot be measured. */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_ihc_plan_make(rgq_ihc_plan *plan,
                                                    const rgq_ihc_source *source,
                                                    const rgq_ihc_opts *opts,
                                                    const rgq_log *log, rgq_error *err);

#endif
