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
    double maximum;       /**< of the component with the seed, else of the search region */
    double background;    /**< local background mean (a50, percent-max with a seed), else NaN */
    double background_sd; /**< NaN if not measured */
    int n_components;     /**< before --min-volume-ml; 1 with a seed and for a50 */
    int n_kept;
    double dropped_ml;
} rgq_segment_report;

/**
 * @brief Segment frame 0 of a volume.
 *
 * A voxel belongs to the segment if it lies in the search region (opts->within by a weight of
 * at least 0.5, opts->sphere_mm by its centre) and its value is >= the threshold:
 *
 * - "fixed:T": T in the volume's unit.
 * - "percent-max:P": P % of the maximum, 0.1 <= P <= 100. With a seed it is the maximum of the
 *   component that holds the seed at that very threshold, found by iteration; where there is
 *   none (a hotter neighbour joins in), the higher candidate is taken, with a warning.
 * - "a50": half-way between the maximum and the local background. It is about one lesion: the
 *   component with the seed, else the one with the maximum of the search region. The local
 *   background is the mean of the voxels whose centre lies 5 to 15 mm from the nearest voxel
 *   centre of the lesion and which are below the threshold; the search region does not limit
 *   it. Starting at 50 % of the maximum, lesion, background and threshold are found in turn
 *   until the lesion does not change (at most 50 rounds, then a warning).
 *
 * A threshold within two standard deviations of the local background is warned of: the region
 * may have run out of the lesion.
 *
 * @param[out] out     one region "segment", or with opts->components one a component:
 *                     "lesion-1", "lesion-2", ... by falling maximum (ties: the lower voxel
 *                     index); caller frees it; NULL on failure
 * @param[out] report  may be NULL; untouched on failure
 * @return RGQ_OK; RGQ_E_ARGUMENT (bad spec or option, seed outside the grid or the search
 *         region or below the threshold, empty search region, more than RGQ_REGIONS_MAX
 *         components); RGQ_E_NUMERIC (a voxel is not finite); RGQ_E_NOTFOUND (nothing reaches
 *         the threshold, nothing is as large as min_volume_ml, a50 has no background);
 *         RGQ_E_GEOMETRY (opts->within lies on another grid; a50 on axes that are not
 *         perpendicular); RGQ_E_NOMEM
 *
 * Cost: O(voxels) time; 5 bytes a voxel and 8 a voxel of the largest component.
 * Threads: serial, same bits always.
 * @see test: tests/unit/roi/test_segment.c
 */
RGQ_API RGQ_MUST_CHECK rgq_status rgq_segment(rgq_regions **out, const rgq_volume *volume,
                                              const char *spec, const rgq_segment_opts *opts,
                                              rgq_segment_report *report, const rgq_log *log,
                                              rgq_error *err);

#ifdef __cplusplus
}
#endif

#endif
