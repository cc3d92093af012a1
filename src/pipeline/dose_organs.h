/* The chain of organ doses: nuclide -> emissions -> S values -> organ doses -> effective dose.
 *
 * It reads what it needs (table of nuclides, weights, caches, bodies); src/dose computes. */
#ifndef RGQ_PIPELINE_DOSE_ORGANS_H
#define RGQ_PIPELINE_DOSE_ORGANS_H

#include "dose/spectrum.h"
#include "pipeline/dose_body.h"
#include "pipeline/dose_cache.h"
#include "rgdquant/dose.h"
#include "rgdquant/tissue_weights.h"

enum { RGQ_URINE_PHASES_MAX = 8, RGQ_EFFECTIVE_MAX = 3 };

/** What is asked. */
typedef struct rgq_dose_request {
    const char *nuclide;
    const char *tracers; /**< folder of isotopes.json and tissue_weights.json */
    rgq_dose_cache cache;
    rgq_dose_way way;
    double half_life_h; /**< by which the activities were integrated; NaN: not known */
    const rgq_dose_source *source;
    int n_sources;
    rgq_urine_phase
        urine[RGQ_URINE_PHASES_MAX]; /**< the bladder by its model; n_urine 0: not */
    int n_urine;
    double void_h; /**< INFINITY: never */
    const rgq_dose_mass *mass;
    int n_masses;
    const char *rule; /**< of effective dose; NULL: icrp60 and icrp103, as far as they go */
    bool sex_mean;    /**< the other stylised adult as well */
    bool force;
} rgq_dose_request;

/** What came out. Zero it; release with rgq_dose_answer_release(). */
typedef struct rgq_dose_answer {
    rgq_nuclide nuclide;
    rgq_spectrum spectrum;
    rgq_tissue_weights weights;
    long long histories; /**< photons a source; 0: none were followed */
    double bladder_h;    /**< by the model; NaN: not asked for */
    rgq_dose_table *table;
    rgq_dose_table *other; /**< of the other sex, or NULL */
    rgq_effective_dose *effective;
    int n_effective;
    char no_effective[2][RGQ_MESSAGE_MAX]; /**< why a rule was left out */
    int n_no_effective;
} rgq_dose_answer;

RGQ_API void rgq_dose_answer_release(rgq_dose_answer *answer);

/** Nuclide and its emissions. @return RGQ_OK; RGQ_E_NOTFOUND with those that are known */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_nuclide(rgq_nuclide *nuclide, rgq_spectrum *spectrum,
                                                   const char *tracers, const char *name,
                                                   rgq_error *err);

/**
 * @brief Organ doses in a body.
 *
 * @param[in,out] body  as parsed; its voxels are made if they are needed
 * @return RGQ_OK; RGQ_E_NOTFOUND (nuclide, region, rule); RGQ_E_ARGUMENT; RGQ_E_MISSING (an
 *         effective dose that was asked for by name lacks tissues); whatever the steps give
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_dose_organ_chain(rgq_dose_answer *out,
                                                       rgq_dose_body *body,
                                                       const rgq_dose_request *request,
                                                       rgq_error *err);

#endif
