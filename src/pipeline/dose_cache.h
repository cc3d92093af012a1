/* Kernels and S values that were computed before, as text in the user's cache folder. */
#ifndef RGQ_PIPELINE_DOSE_CACHE_H
#define RGQ_PIPELINE_DOSE_CACHE_H

#include "dose/dose_map.h"
#include "dose/svalues.h"
#include "pipeline/dose_body.h"

/** Where the caches are, and who hears of them. */
typedef struct rgq_dose_cache {
    const char *folder; /**< NULL: nothing is kept */
    const rgq_log *log;
} rgq_dose_cache;

/**
 * @brief The point kernel of a nuclide: from the cache, else computed and kept.
 *
 * A cache that is damaged, or of something else, is said and made anew; one that cannot be
 * written is said and done without.
 *
 * @param[out] out  free with rgq_radial_kernel_free(); NULL on failure
 * @return RGQ_OK; whatever computing gives
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_cached_kernel(rgq_radial_kernel **out,
                                                    const rgq_spectrum *spectrum,
                                                    const rgq_kernel_opts *opts, bool photons,
                                                    const rgq_dose_cache *cache,
                                                    rgq_error *err);

/** What S values are computed with. */
typedef struct rgq_dose_way {
    rgq_dose_engine engine;
    rgq_photon_opts photons;
} rgq_dose_way;

/** Asked before minutes are spent: would S values of this body do? Their doses are those of
 *  electrons alone; organs and masses are right. */
typedef struct rgq_dose_question {
    rgq_status (*would_do)(void *user, const rgq_svalues *electrons_only, rgq_error *err);
    void *user;
} rgq_dose_question;

/**
 * @brief The S values of a body, no sphere: from the cache, else computed and kept.
 *
 * RGQ_DOSE_LOCAL has no photons. Its key needs neither the voxels of a stylised adult nor the
 * kernel of its walls, so that a cache is read in milliseconds.
 *
 * @param[out] out       free with rgq_svalues_free(); NULL on failure
 * @param[in]  question  NULL, or asked before anything is computed; its failure is passed on
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_cached_svalues(rgq_svalues **out, rgq_dose_body *body,
                                                     const rgq_spectrum *spectrum,
                                                     const rgq_dose_way *way,
                                                     const rgq_dose_cache *cache,
                                                     const rgq_dose_question *question,
                                                     rgq_error *err);

#endif
