/**
 * @file segment.h
 * @brief From a volume to a mask and to labelled components.
 *
 * Place in the pipeline: ... -> filter/PVC -> [REGIONS] -> measures -> ...
 */
#ifndef RGDQUANT_SEGMENT_H
#define RGDQUANT_SEGMENT_H

#include "rgdquant/log.h"
#include "rgdquant/regions.h"
#include "rgdquant/volume.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rgq_segment_opts {
    bool has_seed;
    double seed_mm[3]; /**< RAS+ mm; keeps the component that holds the seed, and takes
                            its maximum for percent-max and a50 */
    bool has_sphere;
    double sphere_mm[4];       /**< x, y, z, radius: look only inside */
    const rgq_regions *within; /**< look only inside these regions; NULL = everywhere */
    bool components;           /**< each connected component becomes a region */
    int connectivity;          /**< 6, 18 or 26 */
    double min_volume_ml;      /**< drop smaller components; 0 keeps all */
} rgq_segment_opts;

#define RGQ_SEGMENT_OPTS_INIT                                                                  \
    {                                                                                          \
        false, {0.0, 0.0, 0.0}, false, {0.0, 0.0, 0.0, 0.0}, NULL, false, 26, 0.0              \
    }

/** What was done; for the log, the run record and the companion JSON. */
typedef struct rgq_segment_report {
    char method[24];
    double threshold;     /**< in the unit of the volume */
    double maximum;       /**< found within the search region */
    double background;    /**< local background mean (a50), else NaN */
    double background_sd; /**< NaN if not measured */
    int n_components;     /**< before --min-volume-ml */
    int n_kept;
    double dropped_ml;
} rgq_segment_report;

/**
 * @brief Segment frame 0 of a volume.
 *
 * @param[out] out   one region, or one a component (ordered by falling maximum) with
 *                   opts->components; caller frees it
 * @param[in]  spec  "fixed:T" (>= T in the volume's unit), "percent-max:P" (>= P % of the
 * maximum in the search region), "a50" (half-way between local background and maximum)
 * @return RGQ_OK; RGQ_E_ARGUMENT (bad spec, seed outside the grid or below the threshold, NaN),
 *         RGQ_E_NOTFOUND (nothing is above the threshold), RGQ_E_GEOMETRY, RGQ_E_NOMEM
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_segment(rgq_regions **out, const rgq_volume *volume,
                                              const char *spec, const rgq_segment_opts *opts,
                                              rgq_segment_report *report, const rgq_log *log,
                                              rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
